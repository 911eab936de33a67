"""The front itself: every `wasi:` import of version 0.2 is served, or refuses in its own way."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Final, NoReturn

from capwit.bridge.app import Service
from capwit.bridge.capability import HOST, OwnedCapability
from capwit.bridge.convert import has_handle
from capwit.bridge.errors import CapError, ErrorKind, InstanceEnded, LinkError
from capwit.bridge.ledger import Event
from capwit.bridge.match import find_mismatch
from capwit.bridge.membrane import Guarded, unguarded, wait_behind
from capwit.bridge.target import Local
from capwit.engine.plan import HostFunction
from capwit.engine.types import Borrow, Enum, Err, Function, List, Ok, Option, Resource, Result, Some, Type

from . import cli, clocks, filesystem, http, poll, random, sockets, streams
from .context import Handler, grants_of
from .descriptors import code_of
from .errors import NotGrantedError, WasiError
from .grants import GRANT_OF, WITHOUT, WasiGrants
from .signatures import SIGNATURES

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from capwit.bridge.target import Target
    from capwit.engine.component import Interface
    from capwit.engine.store import Store

_SERVED: Final = re.compile(r"(wasi:[a-z-]+/[a-z-]+)@0\.2\.\d+")
_HANDLERS: Final[dict[str, dict[str, Handler]]] = {
    **poll.HANDLERS,
    **streams.HANDLERS,
    **cli.HANDLERS,
    **filesystem.HANDLERS,
    **clocks.HANDLERS,
    **random.HANDLERS,
    **sockets.HANDLERS,
    **http.HANDLERS,
}
_PREOPENS: Final = "wasi:filesystem/preopens#get-directories"
# What no release of WASI 0.2 has, but tools may be told to use: the functions of an interface, or all of it.
_UNSTABLE: Final = {
    "wasi:clocks/timezone": None,
    "wasi:sockets/network": {"network-error-code"},
    "wasi:http/types": {"[method]response-outparam.send-informational"},
}
# How the error of a capability is told by the calls of an interface that have an error of their own.
_TOLD: Final[dict[str, Callable[[CapError], Any]]] = {
    "wasi:io/streams": lambda error: streams.failed(error).value,
    "wasi:filesystem/types": code_of,
}
# What an interface's own error enum calls a refusal.
_REFUSALS: Final = ("access", "access-denied", "not-permitted")


class Preview2:
    """Serves `wasi:*@0.2.x`. Which 0.2 version a component names does not matter, as semver has it."""

    def claims(self, interface: str) -> bool:
        """Return whether an interface is WASI 0.2."""
        return _SERVED.fullmatch(interface) is not None

    def serve(self, interface: Interface) -> Service:
        """Return what serves an interface: its handlers, and a refusal for every other function."""
        found = _SERVED.fullmatch(interface.name)
        assert found is not None
        known = _HANDLERS.get(found[1], {})
        for label, type in interface.types.items():
            if isinstance(type, Resource) and not type.interface.startswith("wasi:"):
                raise LinkError(
                    f"its import {interface.name} is not WASI's: its {label} is that of {type.interface}"
                )
        unstable = _unstable(found[1], interface)
        if unstable is not None:
            raise LinkError(
                f"its import {unstable} is @unstable in WASI 0.2, and is not served. "
                "Mend: build it without unstable features"
            )
        functions = {
            label: _serve(found[1], label, type, known.get(label))
            for label, type in interface.functions.items()
        }
        resources = {label: type for label, type in interface.types.items() if isinstance(type, Resource)}
        return Service(functions, resources)


def _unstable(name: str, interface: Interface) -> str | None:
    """Return what is imported and no release has, if anything is."""
    if name not in _UNSTABLE:
        return None
    functions = _UNSTABLE[name]
    if functions is None:
        return interface.name
    return next((f"{interface.name}#{label}" for label in interface.functions if label in functions), None)


def _serve(interface: str, label: str, type: Function, handler: Handler | None) -> HostFunction:
    where = f"{interface}#{label}"
    if handler is not None:
        mismatch = find_mismatch(SIGNATURES[interface][label], type)
        if mismatch:
            raise LinkError(f"its import {where} is not WASI's: {mismatch}")
    told = _TOLD.get(interface) if isinstance(type.result, Result) else None
    if handler is None:
        call = _refuse(where, GRANT_OF.get(interface), type)
    else:
        call = _call(handler, where, type, told)

    def catch(_: Store, error: Exception) -> Any:
        if isinstance(error, WasiError):
            return error.value
        if told is not None and isinstance(error, CapError):
            return told(error)
        raise error

    return HostFunction(where, type, call, catch)


def _call(
    handler: Handler, where: str, type: Function, told: Callable[[CapError], Any] | None
) -> Callable[..., Any]:
    gives = any(_is_given(param.type) for param in type.params)

    def refuse(error: CapError) -> NoReturn:
        """Tell a guest that a handle came of a grant that does not allow this (any more)."""
        if told is None:
            raise InstanceEnded(f"{where}: {error}") from error
        raise error

    async def wait(result: Any, targets: list[Target]) -> Any:
        for target in targets:
            result = wait_behind(target, result)
        try:
            return await result
        except CapError as error:
            refuse(error)

    def call(store: Store, *arguments: Any) -> Any:
        try:
            behind = [_behind(argument) for argument in arguments]
        except CapError as error:
            refuse(error)
        if gives:  # what the handler does with it is its own affair by now
            _release(arguments, f"given to {where}")
        result = handler(grants_of(store), *behind)
        if hasattr(result, "__await__"):
            guarded = [target for argument in arguments for target in _guarded(argument)]
            return wait(result, guarded) if guarded else result
        return result

    if type.result is None or not has_handle(type.result):
        return call

    def call_for_a_handle(store: Store, *arguments: Any) -> Any:  # what it comes of is told
        receiver = arguments[0] if arguments and isinstance(arguments[0], OwnedCapability) else None
        store.handles.called = 0 if receiver is None else receiver.handle  # type: ignore[attr-defined]
        result = call(store, *arguments)
        if (
            receiver is not None
            and isinstance(receiver.target, Guarded)
            and isinstance(result, poll.Pollable)
        ):
            return result.behind(receiver.target)
        if where == _PREOPENS:
            causes = [(Event.GRANT, f"{WasiGrants.prefix}preopens.{path}") for _, path in result]
            store.handles.coming += reversed(causes)  # type: ignore[attr-defined]
        return result

    return call_for_a_handle


def _is_given(type: Type) -> bool:
    """Return whether a parameter hands handles over: all that are not lent are."""
    return not isinstance(type, Borrow | List) and has_handle(type)


def _behind(argument: Any) -> Any:
    """Return the objects behind handles, also in lists and results: no other type that is served holds any.

    A handle may have come of a grant (a schema's method that returns a stream), which may be revoked, or
    narrowed: by a policy that cannot see WASI's own methods, and so allows none.

    Raises:
        CapError: it is revoked, or narrowed.
    """
    if isinstance(argument, OwnedCapability):
        found = unguarded(argument.target)
        if found is None:
            raise CapError(ErrorKind.DENIED, f"the {argument.interface} came through a narrowed grant")
        return found.object if isinstance(found, Local) else found
    if isinstance(argument, list):
        return [_behind(item) for item in argument]
    if isinstance(argument, Ok):
        return Ok(_behind(argument.value))
    return argument


def _guarded(argument: Any) -> Iterator[Target]:
    """Yield the targets of handles that came of a grant."""
    if isinstance(argument, OwnedCapability):
        if isinstance(argument.target, Guarded):
            yield argument.target
    elif isinstance(argument, list):
        for item in argument:
            yield from _guarded(item)


def _refuse(where: str, grant: str | None, type: Function) -> Callable[..., Any]:
    """Return the honest answer of a function that is not granted: empty, an error, else a trap."""
    answer = _answer(where, grant, type.result)
    if not any(has_handle(param.type) for param in type.params):
        return answer

    def release(*arguments: Any) -> Any:
        _release(arguments, f"given to {where}, which is not granted")
        return answer()

    return release


def _release(value: Any, why: str) -> None:
    """Release the handles that a guest gave away, wherever in a value they are; lent ones stay its own."""
    match value:
        case OwnedCapability():
            if value.holder == HOST and value.live:
                value.end(Event.RELEASE, why)
        case list() | tuple():
            for item in value:
                _release(item, why)
        case dict():
            _release(tuple(value.values()), why)
        case Some(inner) | Ok(inner) | Err(inner):
            _release(inner, why)
        case _:
            pass


def _answer(where: str, grant: str | None, result: Type | None) -> Callable[..., Any]:
    match result:
        case List():
            return lambda *_: []
        case Option():
            return lambda *_: None
    code = _refusal(result)
    if code is not None:
        return _raising(lambda: WasiError(code))
    return _raising(lambda: NotGrantedError(where, grant))


def _refusal(result: Type | None) -> str | None:
    """Return what a function's own error enum calls a refusal."""
    match result:
        case Result(_, Enum(labels)):
            return next((code for code in _REFUSALS if code in labels), None)
    return None


def without_grant(interface: Interface) -> str:
    """Return, for a person, what the calls of an imported interface do where no grant serves them."""
    known = WITHOUT.get(interface.name.partition("@")[0])
    if known is not None:
        return known
    results = [function.result for function in interface.functions.values()]
    answers = dict.fromkeys(_refusal(result) for result in results)
    named = [answer for answer in answers if answer is not None]
    if not named and any(isinstance(result, List | Option) for result in results):
        return "empty"
    return f"refused: {', '.join(named)}" if named else "a call traps" if results else "nothing to call"


def _raising(make: Callable[[], Exception]) -> Callable[..., Any]:
    def call(*_: Any) -> Any:
        raise make()

    return call
