"""Which of pycapnp's clients are the same capability.

pycapnp does not tell, nor whether one leads back to an object of this process. Both can be told by the C++
object that a client refers to, its hook: Cap'n Proto's RPC has one for each capability of a peer, and gives
back our own where a capability comes home. Where a client keeps it is known of one build of pycapnp, and
checked, so that another one is an error and not a mix-up.
"""

from __future__ import annotations

import ctypes
from functools import cache
from typing import Any, Final

import capnp
from capwit.bridge.errors import LoadError

from .schema import own_schema

_VERSION: Final = "2.2.4"
_HOOK: Final = 32  # bytes into a client: behind Python's head, Cython's table, and the hook's disposer


def hook_of(capability: Any) -> int:
    """Return what identifies pycapnp's client for as long as it lives."""
    _check()
    return _word(id(capability) + _HOOK)


def is_null(capability: Any) -> bool:
    """Return whether pycapnp's client stands for a null, or for what is broken from the start."""
    return _word(hook_of(capability)) == _check()


def _word(address: int) -> int:
    return ctypes.c_uint64.from_address(address).value


@cache
def _check() -> int:
    """Check that clients of the same capability have the same hook, and others another one.

    Returns what the hook of a null begins with: its C++ class.

    Raises:
        LoadError: pycapnp is not the build that capwit knows.
    """
    schema = own_schema().capability
    module = capnp._InterfaceModule(schema, "probe")
    one, other = (module._new_client(module.Server()) for _ in range(2))
    root = capnp._MallocMessageBuilder().get_root_as_any()
    held = root.init_as_list(capnp.lib.capnp._ListSchema(schema), 2)
    held[0] = one
    again, null = held[0], held[1]
    hooks = [_word(id(each) + _HOOK) for each in (one, again, other)]
    if capnp.__version__ != _VERSION or hooks[0] != hooks[1] or hooks[0] == hooks[2]:
        raise LoadError(
            f"RPC needs pycapnp {_VERSION} as its wheels have it, and this is {capnp.__version__}. "
            f"Mend: pip install pycapnp=={_VERSION}"
        )
    return _word(_word(id(null) + _HOOK))
