"""The generator: a Cap'n Proto schema goes in; WIT, Python bindings and a bridge file come out.

    generated = generate(Path("kv.capnp"))
    write(generated.files, Path("out"))

It imports nothing of the runtime, and its own parts when they are used: the child process that parses a
schema, and is started for each, needs but two of them.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from capwit.codegen.errors import GenerateError, Location
    from capwit.codegen.generator import generate, generate_request
    from capwit.codegen.output import Generated, check, write

__all__ = ["GenerateError", "Generated", "Location", "check", "generate", "generate_request", "write"]

_HOMES: Final = {
    "GenerateError": "errors",
    "Generated": "output",
    "Location": "errors",
    "check": "output",
    "generate": "generator",
    "generate_request": "generator",
    "write": "output",
}


def __getattr__(name: str) -> Any:
    """Imports what is asked for."""
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_HOMES[name]}"), name)
