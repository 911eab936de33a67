"""The generator: a Cap'n Proto schema goes in; WIT, Python bindings and a bridge file come out.

    generated = generate(Path("kv.capnp"))
    write(generated.files, Path("out"))

It imports nothing of the runtime.
"""

from capwit.codegen.errors import GenerateError, Location
from capwit.codegen.generator import generate, generate_request
from capwit.codegen.output import Generated, check, write

__all__ = ["GenerateError", "Generated", "Location", "check", "generate", "generate_request", "write"]
