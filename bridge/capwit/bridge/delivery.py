"""Objects of a guest's own, as capabilities.

A component's imports cannot name what it exports. So a guest knows each of its objects by a number, and
the host makes the handles of it; what is called on one, wherever it has gone, is delivered to the guest's
export with that number. When no reference is left, the guest is told so.
"""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Any

from capwit.engine.errors import InstanceEnded, Limit, LimitExceeded, LinkError, ReentranceError
from capwit.engine.plan import HostFunction
from capwit.engine.types import U32, Borrow, Function, Option, Param, Resource, Result

from .binding import CAP_ERROR
from .errors import CapError, ErrorKind, HandleError
from .match import compatible, find_mismatch
from .membrane import unguarded
from .serve import as_cap_error, other_schema
from .table import CapTable
from .target import Origin

if TYPE_CHECKING:
    from collections.abc import Callable

    from capwit.engine.component import Interface as ComponentInterface
    from capwit.engine.store import Store

    from .app import App
    from .binding import Bindings, GuestInterface, Method
    from .capability import Client, OwnedCapability
    from .instance import Export, Instance

_log = logging.getLogger("capwit.bridge")

_RELEASE = Function((Param("object", U32),), None)


class GuestObject:
    """An object of a guest's own, as the target of a capability.

    There is one for a number at a time: it is the capability's identity.
    """

    __slots__ = ("_objects", "guest", "number", "references")

    origin = Origin.EXPORT

    def __init__(self, objects: GuestObjects, guest: GuestInterface, number: int) -> None:
        """Stand for what the guest knows by a number, of one of the interfaces that it implements."""
        self.guest = guest
        self.number = number
        self.references = 0
        self._objects = objects

    @property
    def identity(self) -> object:
        """The object itself."""
        return self

    def invoke(self, method: Method[Any], arguments: tuple[Any, ...]) -> Any:
        """Call the guest."""
        return self._objects.deliver(self, method, arguments)

    def retain(self) -> None:
        """Count a reference."""
        self.references += 1

    def release(self) -> None:
        """Count a reference less; of the last one the guest is told."""
        self.references -= 1
        if self.references == 0:
            self._objects.unreferenced(self)

    async def settle(self) -> None:
        """Wait until the guest has been told."""
        await self._objects.instance.settle()


class GuestObjects:
    """The objects of one instance's own that are capabilities now."""

    def __init__(self, instance: Instance, limit: int) -> None:
        """Begin with none; there may be `limit` of them."""
        self.instance = instance
        self._limit = limit
        self._known: dict[tuple[GuestInterface, int], GuestObject] = {}
        self._unreferenced: dict[GuestObject, None] = {}  # in the order in which it came to that
        self._releasing = False
        self._plans: dict[tuple[GuestInterface, Method[Any] | None], Export] = {}

    def wrap(self, guest: GuestInterface, number: int) -> GuestObject:
        """Return what the guest knows by a number: the same one for as long as there are references to it.

        One whose release has not reached the guest yet stays: the guest will not be told.
        """
        known = self._known.get((guest, number))
        if known is None:
            if len(self._known) >= self._limit:
                raise LimitExceeded(
                    Limit.HANDLES,
                    f"{self.instance.name}: the guest has wrapped {self._limit} objects of its own, its "
                    "limit. Mend: drop some, and return before wrapping more, or give the instance a larger "
                    "`handles`",
                )
            known = self._known[guest, number] = GuestObject(self, guest, number)
        return known

    def number_of(self, guest: GuestInterface, capability: object) -> int | None:
        """Return the number of an object that this guest has wrapped as an interface."""
        if not isinstance(capability, GuestObject):
            return None
        known = self._known.get((guest, capability.number))
        return capability.number if known is capability else None

    def has(self, capability: object) -> bool:
        """Tell whether a capability's identity is an object that this guest has wrapped."""
        return isinstance(capability, GuestObject) and capability._objects is self

    async def deliver(self, object: GuestObject, method: Method[Any], arguments: tuple[Any, ...]) -> Any:
        """Call a method of an object in the guest: at once, or when what runs in there has returned.

        Raises:
            CapError: what the guest answers; `disconnected` where its instance has ended, `exhausted` where
                it runs into a limit, also one that leaves no room for the arguments.
            ReentranceError: the guest waits for the capability that makes this call.
        """
        label = f"{object.guest.interface.name}.{method.label}"
        if self.instance.ended is None and self._known.get((object.guest, object.number)) is not object:
            raise HandleError(f"{label}: the object was released. Mend: `keep()` the client that calls it")
        object.retain()  # so that its number stays its own until it has answered
        try:
            return await self.instance.answer(self._plan(object.guest, method), object.number, *arguments)
        except InstanceEnded as error:
            if error is self.instance.ended:
                _log.warning("%s: %s ended the instance: %s", self.instance.name, label, error)
            raise as_cap_error(label, error) from error
        finally:
            object.release()

    def unreferenced(self, object: GuestObject) -> None:
        """The last reference has gone."""
        self._unreferenced[object] = None
        if not self._releasing:
            self._releasing = self.instance.begin(self._release, "a release")

    async def _release(self) -> None:
        """Tell the guest of the objects that nobody refers to, one after the other.

        One task does it, however many there are: a guest may drop faster than it can be told.
        """
        try:
            while self._unreferenced:
                object = next(iter(self._unreferenced))
                plan = self._plan(object.guest, None)
                await self.instance.call_if(lambda: self._forget(object), plan, object.number)  # noqa: B023
        except ReentranceError:  # the guest waits for who waits for this task: another one tells it later
            self.instance.begin(self._release, "a release")
        except BaseException:
            self._releasing = False
            raise
        else:
            self._releasing = False

    def _forget(self, object: GuestObject) -> bool:
        """Forget an object whose release is about to be told, unless it has been wrapped again meanwhile."""
        del self._unreferenced[object]
        if object.references:
            return False
        del self._known[object.guest, object.number]
        return True

    def _plan(self, guest: GuestInterface, method: Method[Any] | None) -> Export:
        """Return how a method is called in the guest; `None` is the release."""
        plan = self._plans.get((guest, method))
        if plan is None:
            name, exported = _exported(guest, self.instance.app)
            label, type = ("release", _RELEASE) if method is None else _call(method)
            if label not in exported.functions:
                raise CapError(
                    ErrorKind.UNIMPLEMENTED,
                    f"{guest.interface.name}.{method.label if method else label} is not implemented",
                )
            plan = self._plans[guest, method] = self.instance.export_plan(name, label, type)
        return plan


def find_guest(bindings: list[Bindings], name: str) -> GuestInterface | None:
    """Return the bindings' interface whose handles are made by importing a WIT interface."""
    return next((each for b in bindings for each in b.guests if compatible(each.imports, name)), None)


def guest_functions(guest: GuestInterface, imported: ComponentInterface, app: App) -> dict[str, HostFunction]:
    """Return what serves an import that makes handles of a guest's own objects.

    Raises:
        LinkError: the component was built from another version of the schema, or does not export where
            these objects are called.
    """
    _check_exports(guest, app)
    interface = guest.interface
    bare = Borrow(Resource(interface.interface, interface.name))  # the reference itself, and no client
    number = Param("object", U32)
    wrap = Function((number,), interface.own)
    served: dict[str, tuple[Function, Function, Callable[..., Any]]] = {  # as the guest sees it, as it runs
        "wrap": (wrap, wrap, _wrap(guest, app.name)),
        "number-of": (
            Function((Param("handle", interface.borrow),), Option(U32)),
            Function((Param("handle", bare),), Option(U32)),
            _number_of(guest),
        ),
    }
    functions = {}
    for label, found in imported.functions.items():
        where = f"{guest.imports}#{label}"
        if label not in served:
            raise other_schema(app.name, where)
        wanted, type, call = served[label]
        mismatch = find_mismatch(wanted, found)
        if mismatch:
            raise other_schema(app.name, where, mismatch)
        functions[label] = HostFunction(where, type, call)
    return functions


def _wrap(guest: GuestInterface, name: str) -> Callable[..., Any]:
    def call(store: Store, number: int) -> Client:
        assert isinstance(store.handles, CapTable)
        objects = store.handles.objects
        if objects is None:
            raise LinkError(
                f"{name}: it calls {guest.imports}#wrap while it is being instantiated, when none of its "
                "exports can be called yet. Mend: call it from an export"
            )
        store.handles.called = 0
        return guest.interface.client._of(objects.wrap(guest, number))

    return call


def _number_of(guest: GuestInterface) -> Callable[..., Any]:
    def call(store: Store, handle: OwnedCapability[Any]) -> int | None:
        assert isinstance(store.handles, CapTable)
        objects = store.handles.objects
        try:
            target = unguarded(handle.target)
        except CapError:  # revoked: it leads nowhere
            target = None
        return None if objects is None else objects.number_of(guest, target)

    return call


def _check_exports(guest: GuestInterface, app: App) -> None:
    """Check where a guest's objects are called. A method that is not there is not implemented."""
    name, exported = _exported(guest, app)
    if "release" not in exported.functions:
        raise _other_export(app, f"{name}#release", "it is not there")
    for label, wanted in [("release", _RELEASE), *map(_call, guest.interface.methods.values())]:
        found = exported.functions.get(label)
        if found is None:
            continue
        first, *others = wanted.params
        if found.params:  # its name does not matter: it gives way to those of the method's own parameters
            first = Param(found.params[0].label, first.type)
        mismatch = find_mismatch(Function((first, *others), wanted.result), found)
        if mismatch:
            raise _other_export(app, f"{name}#{label}", mismatch)


def _exported(guest: GuestInterface, app: App) -> tuple[str, ComponentInterface]:
    """Return where a guest's objects are called."""
    for name, exported in app.exported_interfaces().items():
        if compatible(guest.exports, name):
            return name, exported
    raise LinkError(
        f"{app.name}: it imports {guest.imports}, but does not export {guest.exports}. "
        "Mend: build it for the world that `capwit generate` wrote"
    )


def _call(method: Method[Any]) -> tuple[str, Function]:
    """Return the label and type of the function that a method has become."""
    params = (Param("object", U32), *method.params)
    return f"call-{method.label}", Function(params, Result(method.result, CAP_ERROR))


def _other_export(app: App, exported: str, mismatch: str) -> LinkError:
    return LinkError(
        f"{app.name}: its export {exported} is not that of the bindings: {mismatch}. "
        "Mend: generate the bindings and build the component from the same schema"
    )
