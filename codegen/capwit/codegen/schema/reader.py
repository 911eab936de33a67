"""pycapnp's reader of a `CodeGeneratorRequest`, opened within bounds, and the schema that it is read by."""

from __future__ import annotations

from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import capnp
from capwit.codegen.errors import GenerateError

if TYPE_CHECKING:
    from collections.abc import Iterator

_NESTING_LIMIT: Final = 512  # pointers: a bound on the reader's recursion, above what the mapping allows
_TRAVERSALS: Final = 8  # how often each word may be read: lists of empty elements cost nothing to send


@contextmanager
def open_request(request: bytes, shown: str) -> Iterator[Any]:
    """pycapnp's reader of a request; whatever is wrong inside is a `GenerateError` of the file `shown`."""
    try:
        schemas = schema_capnp()  # kept while it is used: of two threads that load it, one's is cached
        words = len(request) // 8 * _TRAVERSALS + 1024
        with schemas.CodeGeneratorRequest.from_bytes(request, words, _NESTING_LIMIT) as reader:
            yield reader
    except (capnp.KjException, ValueError) as error:
        message = str(error).partition("\nstack:")[0].rpartition("failed: ")[2]
        raise GenerateError(shown, message=f"it cannot be read: {message}") from None


@cache
def schema_capnp() -> Any:
    """Cap'n Proto's schema of schemas: the module as a whole, which keeps the parser that its types need."""
    included = Path(capnp.__file__).parent
    return capnp.SchemaParser().load(str(included / "schema.capnp"), imports=[str(included.parent)])
