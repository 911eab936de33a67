"""What the types of WASI's functions are spelled with, in every package: the resources of `wasi:io`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from capwit.engine.types import Borrow, Function, Param, Resource

if TYPE_CHECKING:
    from collections.abc import Mapping

    from capwit.engine.types import Type

ERROR: Final = Resource("wasi:io/error@0.2.0", "error")
POLLABLE: Final = Resource("wasi:io/poll@0.2.0", "pollable")
INPUT: Final = Resource("wasi:io/streams@0.2.0", "input-stream")
OUTPUT: Final = Resource("wasi:io/streams@0.2.0", "output-stream")


def function(result: Type | None = None, /, **params: Type) -> Function:
    """Return a function's type: a parameter `max_results` is `max-results`, and `in_` is `in`."""
    labels = (name.strip("_").replace("_", "-") for name in params)
    return Function(tuple(map(Param, labels, params.values())), result)


def methods(resource: Resource, functions: Mapping[str, Function]) -> dict[str, Function]:
    """Return the types of a resource's methods by their full names; `functions` leave `self` out."""
    own = Param("self", Borrow(resource))
    return {
        f"[method]{resource.name}.{name}": Function((own, *each.params), each.result)
        for name, each in functions.items()
    }
