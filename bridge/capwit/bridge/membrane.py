"""Membranes: what a grant is cut by.

A membrane stands between those who were granted a capability and those who implement it. Whatever
passes through is wrapped, both ways, and unwrapped where it returns home; revoking cuts it all at once.
See https://en.wikipedia.org/wiki/Capability-based_security and the caretaker of Redell's thesis.
"""

from __future__ import annotations

from enum import Enum
from functools import partial
from typing import TYPE_CHECKING, Any, Final, TypeVar

from .crossing import Crossing
from .errors import CapError, ErrorKind
from .ledger import Event
from .policy import Gate, Policy
from .target import Behind, Local, Untold

if TYPE_CHECKING:
    from collections.abc import Callable

    from .binding import Method
    from .capability import Client
    from .ledger import Ledger
    from .target import Target
    from .watched import Watched

C = TypeVar("C", bound="Client")


class Side(Enum):
    """Which way a capability has come through a membrane."""

    OUT = "out"  # to those who were granted it
    IN = "in"  # from them


class Membrane:
    """What all handles that come of one grant have in common: it is narrowed, and can be revoked.

    Attributes:
        name: what errors and the ledger call the grant.
        handle: the handle that it was made for, by number; 0 where it was made for a grant.
    """

    __slots__ = ("__weakref__", "_gate", "_ledger", "_over", "_waiting", "handle", "name")

    def __init__(self, name: str, policy: Policy | None = None, ledger: Ledger | None = None) -> None:
        """Make a membrane for one grant; the time that its policy allows runs from now.

        Raises:
            ValueError: the policy's quotas are no numbers, sizes or times.
        """
        self.name = name
        self.handle = 0
        self._ledger = ledger
        self._gate = None if policy is None or policy == _OPEN else Gate(policy, f"the grant `{name}`")
        self._over: str | None = None  # what whoever calls through it is told
        self._waiting: dict[Watched, None] = {}

    @property
    def revoked(self) -> bool:
        """Whether it has been cut, or its time is over."""
        if self._over is None and self._gate is not None and self._gate.is_late:
            self._expire()
        return self._over is not None

    def revoke(self, reason: str = "") -> None:
        """Cut it: every call through it fails from now on, and those that wait end, as `revoked`."""
        self._end("was revoked", reason)

    def _expire(self) -> None:
        assert self._gate is not None
        self._end("has expired", f"it was for {self._gate.policy.expires}")

    def _end(self, what: str, reason: str) -> None:
        if self._over is not None:
            return
        self._over = f"the grant `{self.name}` {what}" + (f": {reason}" if reason else "")
        if self._ledger is not None:
            self._ledger.note(Event.REVOKE, self.name, reason, handle=self.handle)
        for call in list(self._waiting):
            call.stop(self._error())

    def _error(self) -> CapError:
        assert self._over is not None
        return CapError(ErrorKind.REVOKED, self._over)

    # -- What passes through --

    def outward(self, target: Target) -> Target:
        """Return a target of the inside as it is seen from outside."""
        return self._through(target, Side.OUT, home=Side.IN)

    def inward(self, target: Target) -> Target:
        """Return a target of the outside as it is seen from inside."""
        return self._through(target, Side.IN, home=Side.OUT)

    def _through(self, target: Target, side: Side, home: Side) -> Target:
        if isinstance(target, Untold):
            return Untold(self._through(target.inner, side, home), target.interface)
        layers: list[Guarded] = []
        while isinstance(target, Guarded):
            layers.append(target)
            if target.membrane._ledger is None:  # `attenuate` made it before there was one
                target.membrane._ledger = self._ledger
            target = target.inner
        # A capability is wrapped by each membrane at most once, so that no ping-pong makes it grow.
        ours = next((layer for layer in layers if layer.membrane is self), None)
        if ours is None:
            return Guarded(layers[0] if layers else target, self, side)
        if ours.side is side:
            return layers[0]
        for layer in reversed(layers):
            if layer is not ours:
                target = Guarded(target, layer.membrane, layer.side)
        return target

    def guard(self, client: C) -> C:
        """Return a client of a capability of the inside, as it is seen from outside."""
        return client._across(self.outward)

    def admit(self, side: Side, method: Method[Any], arguments: tuple[Any, ...]) -> None:
        """Let a call pass from one side, and count it.

        Raises:
            CapError: it is revoked, or its policy does not allow the call.
        """
        if self.revoked:
            raise self._error()
        gate = self._gate if side is Side.OUT else None
        if gate is None:
            return
        try:
            gate.admit(method, arguments)
        except CapError as error:
            if self._ledger is not None:
                self._ledger.note(Event.DENY, self.name, error.reason, handle=self.handle)
            raise

    def call(self, guarded: Guarded, method: Method[Any], arguments: tuple[Any, ...]) -> Any:
        """Carry a call that was admitted through; returns its result, or an awaitable of it.

        Raises:
            CapError: its answer is more than the policy allows.
        """
        gate = self._gate if guarded.side is Side.OUT else None
        inner = guarded.inner
        crossing: Crossing | None = None
        if method.carries:
            crossing = Crossing(
                *((self.inward, self.outward) if guarded.side is Side.OUT else (self.outward, self.inward))
            )
            arguments = crossing.arguments(method, arguments)
        try:
            if isinstance(inner, Guarded):
                result = inner.membrane.call(inner, method, arguments)
            else:
                result = inner.invoke(method, arguments)
            if hasattr(result, "__await__"):
                waiting = self._wait(result, gate, method, crossing)
                crossing = None
                return waiting
            return self._answer(result, gate, method, crossing)
        finally:
            if crossing is not None:
                crossing.end()

    def pass_by(self, method: Method[Any], call: Callable[..., Any], *arguments: Any) -> Any:
        """Make a call that is neither narrowed nor wrapped, unless it is cut.

        Raises:
            CapError: it is revoked.
        """
        if self._over is not None:
            raise self._error()
        result = call(*arguments)
        if result is None or not hasattr(result, "__await__"):
            return result
        return self._wait(result, None, method, None)

    def _answer(self, result: Any, gate: Gate | None, method: Method[Any], crossing: Crossing | None) -> Any:
        if gate is not None:
            gate.passed(method, result)
        return result if crossing is None else crossing.result(method, result)

    async def _wait(
        self, result: Any, gate: Gate | None, method: Method[Any], crossing: Crossing | None
    ) -> Any:
        if gate is not None:
            gate.in_flight += 1
        try:
            late = None if gate is None or gate.deadline is None else partial(gate.late, method)
            answer = await self.wait(result, late)
            return self._answer(answer, gate, method, crossing)
        finally:
            if gate is not None:
                gate.in_flight -= 1
            if crossing is not None:
                crossing.end()

    async def wait(self, awaitable: Any, late: Callable[[], CapError] | None = None) -> Any:
        """Wait for what is done on the other side, until it is cut; with `late`, no longer than a call may.

        Raises:
            CapError: it was cut meanwhile, or what `late` returns.
        """
        # Half of what this package's import would cost is asyncio, which who waits has already.
        from asyncio import get_running_loop

        from .watched import Watched

        call = Watched(awaitable)
        self._waiting[call] = None
        timers = []
        gate = self._gate
        if gate is not None and (late is not None or gate.expires_at is not None):
            loop = get_running_loop()
            if late is not None:
                assert gate.deadline is not None
                timers.append(loop.call_later(gate.deadline, lambda: call.stop(late())))
            if gate.expires_at is not None:
                timers.append(loop.call_at(gate.expires_at, self._expire))
        try:
            return await call
        finally:
            del self._waiting[call]
            for timer in timers:
                timer.cancel()


_OPEN: Final = Policy()


class Guarded(Behind):
    """A target on the other side of a membrane."""

    __slots__ = ("membrane", "side")

    def __init__(self, inner: Target, membrane: Membrane, side: Side) -> None:
        """Stand for `inner`, which has come through `membrane`."""
        super().__init__(inner)
        self.membrane = membrane
        self.side = side

    def is_plain_for(self, method: Method[Any]) -> bool:
        """Return whether calls of a method are neither narrowed nor wrapped, but may be cut off."""
        return self.inner.__class__ is Local and self.membrane._gate is None and not method.carries

    def invoke(self, method: Method[Any], arguments: tuple[Any, ...]) -> Any:
        """Call through the membranes, if all of them admit the call.

        Only then do arguments cross: what a call that is refused was to give stays the giver's, as it was.
        """
        if self.is_plain_for(method):
            return self.membrane.pass_by(method, self.inner.invoke, method, arguments)
        layer: Target = self
        while isinstance(layer, Guarded):
            layer.membrane.admit(layer.side, method, arguments)
            layer = layer.inner
        return self.membrane.call(self, method, arguments)


def unguarded(target: Target) -> Target | None:
    """Return what stands behind all membranes, unless it is narrowed.

    Raises:
        CapError: a grant that it came through was revoked.
    """
    while isinstance(target, Guarded):
        if target.membrane.revoked:
            raise target.membrane._error()
        if target.membrane._gate is not None and target.side is Side.OUT:
            return None
        target = target.inner
    return target


def wait_behind(target: Target, awaitable: Any) -> Any:
    """Return an awaitable of what the object behind a target does on its own: it ends when a grant is cut.

    Raises, when it is awaited:
        CapError: a grant that the target came through was revoked meanwhile.
    """
    while isinstance(target, Guarded):
        awaitable = target.membrane.wait(awaitable)
        target = target.inner
    return awaitable


def prepared(target: Target, method: Method[Any]) -> Callable[..., Any]:
    """Return what calls a method as `target.invoke` does, with all looked up that stays the same."""
    if isinstance(target, Guarded) and target.is_plain_for(method):
        assert isinstance(target.inner, Local)
        membrane, call = target.membrane, getattr(target.inner.object, method.attribute)

        def pass_by(*arguments: Any) -> Any:  # as the membrane's own, but a frame that Python enters at once
            if membrane._over is not None:
                raise membrane._error()
            result = call(*arguments)
            if result is None or not hasattr(result, "__await__"):
                return result
            return membrane._wait(result, None, method, None)

        return pass_by
    return lambda *arguments: target.invoke(method, arguments)


def answers_at_once(target: Target, method: Method[Any]) -> bool:
    """Return whether a method of what is behind a target never has to be awaited."""
    while isinstance(target, Guarded):
        target = target.inner
    if not isinstance(target, Local):
        return False
    return getattr(getattr(target.object, method.attribute, None), "never_waits", False) is True


def local_object(target: Target) -> object | None:
    """Return the object of this process behind a target, unless it is narrowed, or lives elsewhere.

    Raises:
        CapError: a grant that it came through was revoked.
    """
    found = unguarded(target)
    return found.object if isinstance(found, Local) else None


def route(target: Target) -> tuple[Any, ...]:
    """Return the way that a target leads: the membranes it passes, the outermost first, then its identity."""
    passed: list[Any] = []
    while isinstance(target, Behind):
        if isinstance(target, Guarded):
            passed.append((target.membrane, target.side))
        target = target.inner
    return (*passed, target.identity)
