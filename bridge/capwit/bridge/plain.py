"""Components in WIT of their own, called by the schema that was exported from it, and calling by it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from capwit.engine.fault import find_fault
from capwit.engine.plan import MISFITS, HostFunction
from capwit.engine.steps import BY_GUEST, run_on
from capwit.engine.types import Err, Function, Result, Type

from .binding import CAP_ERROR
from .convert import resources_in
from .errors import CapError, ConversionError, ErrorKind
from .match import compatible, find_mismatch
from .pairs import ALIKE, Pair, Passage, Unpaired, pair, turned
from .table import client_class

if TYPE_CHECKING:
    from collections.abc import Mapping

    from .binding import Method
    from .capability import OwnedCapability
    from .instance import Export, Instance
    from .table import GuestHandle


class _Signature:
    """A function of a component, paired with the method that stands for it."""

    def __init__(self, method: Method[Any], found: Function) -> None:
        """Pair a function, without the parameter that it is called on.

        Raises:
            Unpaired: the method does not stand for it.
        """
        if len(found.params) != len(method.params):
            raise Unpaired(f"it has {len(found.params)} parameters, the bindings {len(method.params)}")
        for ours, theirs in zip(found.params, method.params, strict=True):
            if theirs.label != ("the-self" if ours.label == "self" else ours.label.lower()):
                raise Unpaired(f"its parameter is named {ours.label}, the bindings' {theirs.label}")
        self.method = method
        self.params = [
            pair(ours.type, theirs.type, ours.label)
            for ours, theirs in zip(found.params, method.params, strict=True)
        ]
        self.fails = False
        try:
            self.result = _pair_results(found.result, method.result)
        except Unpaired:
            if not isinstance(found.result, Result) or not answers_errors(found.result):
                raise
            self.fails, self.result = True, _pair_results(found.result.ok, method.result)


def _pair_results(found: Type | None, known: Type | None) -> Pair:
    if (found is None) != (known is None):
        raise Unpaired("result: only one of the two has a value")
    return pair(found, known, "result") if found and known else ALIKE


class Adapted:
    """A function that a component exports, called as a method of what was exported from its WIT.

    Attributes:
        takes_back: the interfaces of which it takes only what its own instance has made.
    """

    def __init__(self, method: Method[Any], found: Function, *, receives: bool) -> None:
        """Adapt a function; whether it `receives` the handle that it is called on.

        Raises:
            Unpaired: the method does not stand for it.
        """
        params = found.params[1:] if receives else found.params
        self._signature = _Signature(method, Function(tuple(params), found.result))
        own = [each for param in params for each in resources_in(param.type) if each.guest]
        self.takes_back = frozenset(
            client_class(known).interface
            for param in method.params
            for known in resources_in(param.type)
            if any(known.name == each.name and compatible(known.interface, each.interface) for each in own)
        )

    async def call(
        self, instance: Instance, export: Export, on: tuple[GuestHandle, ...], arguments: tuple[Any, ...]
    ) -> Any:
        """Call it, maybe `on` a handle; returns the result as the bindings have it.

        Raises:
            CapError: the function has answered so, or a capability is not of this component.
            ConversionError: an argument is not of the bindings' type.
        """
        call = self._call(instance, export, on, arguments)
        # When the caller is gone, what comes out for it is to be released.
        return await (run_on(call) if BY_GUEST.get() else call)

    async def _call(
        self, instance: Instance, export: Export, on: tuple[GuestHandle, ...], arguments: tuple[Any, ...]
    ) -> Any:
        signature = self._signature
        passage = Passage(instance, on)
        try:
            given = self._given(arguments, passage)
            answer = await instance.call_export(export, *on, *given)
            passage.sent()
            if not signature.fails:
                return turned(answer, signature.result.back, passage)
            if isinstance(answer, Err):
                raise CapError(ErrorKind(answer.value["kind"]), answer.value["reason"])
            return turned(answer.value, signature.result.back, passage)
        finally:
            passage.over()

    def _given(self, arguments: tuple[Any, ...], passage: Passage) -> list[Any]:
        signature = self._signature
        try:
            return [
                turned(value, each.there, passage)
                for value, each in zip(arguments, signature.params, strict=True)
            ]
        except MISFITS as error:
            faults = (
                find_fault(param.type, value, param.label)
                for param, value in zip(signature.method.params, arguments, strict=False)
            )
            fault = next(filter(None, faults), f"an argument does not fit: {error}")
            raise ConversionError(f"{signature.method}: {fault}") from None


def adapted_import(host: HostFunction, method: Method[Any], found: Function) -> HostFunction:
    """Return what serves a function that a component imports in WIT of its own, by what serves the method.

    Where the function has no `cap-error` to answer, the instance ends with the method's error.

    Raises:
        Unpaired: the method does not stand for it.
    """
    params = found.params if method.function else found.params[1:]
    signature = _Signature(method, Function(params, found.result))
    catch = host.catch
    assert catch is not None

    def call(store: Any, receiver: OwnedCapability[Any], *arguments: Any) -> Any:
        passage = Passage()
        given = [
            turned(value, each.back, passage) for value, each in zip(arguments, signature.params, strict=True)
        ]
        try:
            result = host.call(store, receiver, *given)
        except Exception as error:
            raise told(store, error) from None
        return later(store, result, passage) if hasattr(result, "__await__") else finished(result, passage)

    async def later(store: Any, result: Any, passage: Passage) -> Any:
        try:
            answer = await result
        except Exception as error:
            raise told(store, error) from None
        return finished(answer, passage)

    def finished(answer: Any, passage: Passage) -> Any:
        try:
            return turned(answer, signature.result.there, passage)
        except MISFITS as error:
            fault = find_fault(method.result, answer, "result") if method.result else None
            raise ConversionError(f"{method}: {fault or error}") from None

    def told(store: Any, error: Exception) -> Exception:
        if signature.fails:
            return error
        failed = catch(store, error)
        why = f"{method} has no error to answer its component, which ends with it: {failed.reason}"
        return CapError(failed.kind, why)

    def caught(store: Any, error: Exception) -> Mapping[str, str]:
        failed = catch(store, error)
        return {"kind": failed.kind.value, "reason": failed.reason}

    return HostFunction(host.label, found, call, caught if signature.fails else None)


def answers_errors(type: Type | None) -> bool:
    """Return whether a function's result is that of generated WIT: `result<.., cap-error>`."""
    if not isinstance(type, Result) or type.err is None:
        return False
    return find_mismatch(Function((), CAP_ERROR), Function((), type.err)) is None
