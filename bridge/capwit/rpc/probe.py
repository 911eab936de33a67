"""Asking a peer whether a capability implements an interface, without calling any of its methods.

Nothing in Cap'n Proto tells what a capability is. But each library answers a call of an interface that an
object has not as `unimplemented`, and C++'s, which pycapnp and capwit stand on, says whether it is the
interface or the method that is missing. So a method is called that no interface has, of a number beyond all.
A library that says the same of both, as Rust's does, is believed: there the first real call fails.
"""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Any, Final

import capnp
from capwit.bridge.errors import CapError, ErrorKind

from .schema import ANY_INTERFACE, schema_node
from .wire import as_cap_error

if TYPE_CHECKING:
    from capwit.bridge.binding import Interface

_METHOD: Final = 1023  # an interface with as many methods is none that anybody has
_NOTHING: Final = ANY_INTERFACE + 2
_NO_INTERFACE: Final = "Requested interface not implemented"


async def check_is(capability: Any, interface: Interface) -> None:
    """Check that pycapnp's client is of an interface, as far as its peer tells.

    Raises:
        CapError: it is none (`unimplemented`); or it cannot be asked, as the error says.
    """
    if not interface.type_id:
        return  # one of which nothing is told
    _, schema = _schema(interface.type_id)
    try:
        await capability.cast_as(schema)._request_helper(f"m{_METHOD}", None, None, None).send()
    except capnp.KjException as error:
        failed = as_cap_error(error)
        if failed.kind is not ErrorKind.UNIMPLEMENTED:
            raise failed from None
        if _NO_INTERFACE in failed.reason:
            raise CapError(ErrorKind.UNIMPLEMENTED, f"it is no {interface}") from None


@cache
def _schema(type_id: int) -> tuple[Any, Any]:
    """Return a loader and, in it, an interface of an id with as many methods as it takes; none has values."""
    loader = capnp.SchemaLoader()
    nothing = schema_node(_NOTHING, "Nothing")
    nothing.init("struct")
    loader.load_dynamic(nothing.as_reader())
    node = schema_node(type_id, "Probe")
    for number, method in enumerate(node.init("interface").init("methods", _METHOD + 1)):
        method.name, method.codeOrder = f"m{number}", number
        method.paramStructType = method.resultStructType = _NOTHING
    return loader, loader.load_dynamic(node.as_reader()).as_interface()
