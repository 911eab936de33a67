"""What a component exports, by its bindings: resources, and functions of WIT that they were exported from."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, NamedTuple

from capwit.engine.component import Interface as ExportedInterface
from capwit.engine.types import Function, Resource, Result

from .binding import CAP_ERROR
from .errors import LinkError
from .match import compatible, find_mismatch
from .pairs import Unpaired
from .plain import Adapted, answers_errors

if TYPE_CHECKING:
    from collections.abc import Iterator

    from .app import App
    from .binding import Bindings, Interface, Method

# What `capwit export` calls the functions that a component exports in no interface.
_OUTSIDE: Final = "root:component/root"


class Callee(NamedTuple):
    """A function that a component exports, as it is called: in WIT of its own by an adapter."""

    type: Function
    adapted: Adapted | None


def find_exported(app: App, interface: Interface) -> ExportedInterface | None:
    """Return through which of its exports a component implements an interface, if it does."""
    exports = app.exported_interfaces()
    for wanted in (*interface.exports, interface.interface):
        for name, exported in exports.items():
            if compatible(wanted, name) and resource_name(exported, interface.name):
                return exported
    return None


def resource_name(exported: ExportedInterface, name: str) -> str:
    """Return the name of a resource that an interface exports, empty if it does not."""
    return name if isinstance(exported.types.get(name), Resource) else ""


def find_functions(app: App, interface: Interface) -> ExportedInterface | None:
    """Return which of its exports has the functions that an interface stands for, if one does."""
    if not interface.has_functions:
        return None
    for name, exported in app.exported_interfaces().items():
        if compatible(interface.interface, name):
            return exported
    outside = {name: each for name, each in app.component.exports.items() if isinstance(each, Function)}
    if outside and interface.interface == _OUTSIDE:
        return ExportedInterface("", {}, outside)
    return None


def find_callee(
    app: App, exported: ExportedInterface, label: str, method: Method[Any], on: Resource | None
) -> Callee:
    """Return how a method is called: `on` a resource of the guest's own, or on nothing.

    Raises:
        LinkError: it is not what the bindings say.
    """
    key = exported.name, label, method
    callee = app.callees.get(key)
    if callee is None:
        callee = app.callees[key] = _find_callee(app, exported, label, method, on)
    return callee


def _find_callee(
    app: App, exported: ExportedInterface, label: str, method: Method[Any], on: Resource | None
) -> Callee:
    found = exported.functions.get(label)
    wanted = method.type(on) if on else Function(method.params, Result(method.result, CAP_ERROR))
    if found is None:
        mismatch = "the component does not export it"
    else:
        differs = find_mismatch(wanted, found)
        if differs is None:
            return Callee(wanted, None)
        try:
            return Callee(found, Adapted(method, found, receives=on is not None))
        except Unpaired as error:
            mismatch = differs if answers_errors(found.result) else str(error)
    raise LinkError(
        f"{app.name}: {exported.name}#{method}: {mismatch}. "
        "Mend: generate the bindings and build the component from the same schema"
    )


def check_exported(app: App, bindings: Bindings, exported: ExportedInterface) -> None:
    """Check that all that the bindings have of the WIT of an export is there, and as they say.

    Raises:
        LinkError: it is not.
    """
    for interface in bindings.interfaces:
        for label, method, on in _functions(interface, exported):
            find_callee(app, exported, label, method, on)


def _functions(
    interface: Interface, exported: ExportedInterface
) -> Iterator[tuple[str, Method[Any], Resource | None]]:
    name = resource_name(exported, interface.name)
    on = Resource(exported.name, name, guest=True) if name else None
    for label, method in interface.methods.items():
        if method.function:
            yield method.function, method, None
        elif on is not None:
            yield f"[method]{name}.{label}", method, on
