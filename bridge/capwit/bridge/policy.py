"""How a grant is narrowed: which methods, with which arguments, how much, and for how long."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from inspect import isasyncgenfunction, iscoroutinefunction
from time import monotonic
from typing import TYPE_CHECKING, Any, TypeAlias

from capwit.engine.limits import parse_size, parse_time

from .convert import weigh
from .errors import CapError, ErrorKind

if TYPE_CHECKING:
    from .binding import Interface, Method

# Is given a call's arguments; a false answer, or a `CapError`, denies the call. It answers at once: what
# would have to be awaited denies it, too.
Guard: TypeAlias = Callable[..., object]


@dataclass(frozen=True, slots=True)
class PerMethod:
    """A guard that is made anew for each method of its name: which parameter is which differs.

    Attributes:
        make: returns the guard of one method; a `ValueError` where it cannot be one.
    """

    make: Callable[[Method[Any]], Guard]


@dataclass(frozen=True, slots=True, kw_only=True)
class Policy:
    """What a grant, and whatever is had through it, may be used for. What is None is not narrowed.

    Methods are named by their WIT labels, as errors do: `bucket.get`, `bucket.*` for all that an interface
    has. One that it inherits is named by the interface it comes from, and is among `bucket.*`.

    Attributes:
        allow: the methods that may be called; any other is denied, those of handles had through it too.
        deny: methods that may not be called, whatever `allow` says.
        guards: by method, what is asked before each call of it: plain functions, none that are awaited.
        calls: how many calls may be made.
        bytes: how many bytes of text, data and lists of numbers may pass, both ways together: a number, or
            "64MiB".
        in_flight: how many calls may wait at one time.
        deadline: seconds, or "2s", that a call may wait.
        expires: seconds, or "1h", after which it is revoked: what was passed in through it is cut, too.
    """

    allow: tuple[str, ...] | None = None
    deny: tuple[str, ...] = ()
    guards: Mapping[str, Guard | PerMethod] = field(default_factory=dict)
    calls: int | None = None
    bytes: int | str | None = None
    in_flight: int | None = None
    deadline: float | str | None = None
    expires: float | str | None = None

    def check(self, *interfaces: Interface) -> None:
        """Check that what it names can be reached through one of the interfaces.

        Raises:
            ValueError: a method that there is not, a guard that is a coroutine function, or a quota that is
                no number, size or time.
        """
        known = reachable(*interfaces)
        for name in (*(self.allow or ()), *self.deny, *self.guards):
            if not any(_matches(name, method) for method in known):
                raise ValueError(
                    f"{name!r} is no method of {' or '.join(each.name for each in interfaces) or 'a value'}, "
                    f"or of what is had through it. Mend: one of {', '.join(sorted({*map(str, known)}))}"
                )
        for name, guard in self.guards.items():
            if iscoroutinefunction(guard) or isasyncgenfunction(guard):
                raise ValueError(
                    f"the guard of {name!r} is a coroutine function, which answers too late. "
                    "Mend: a plain function"
                )
        for quota in ("calls", "in_flight"):
            value = getattr(self, quota)
            if value is not None and (type(value) is not int or value < 0):
                raise ValueError(f"{quota}: expected a whole number, got {value!r}")
        Gate(self, "")


def reachable(*interfaces: Interface) -> list[Method[Any]]:
    """Return the methods of interfaces, and of those that a handle of them leads to."""
    found: dict[Method[Any], None] = {}
    seen, left = set(interfaces), list(interfaces)
    while left:
        for method in left.pop().methods.values():
            found[method] = None
            for led in method.leads_to():
                if led not in seen:
                    seen.add(led)
                    left.append(led)
    return list(found)


def _matches(name: str, method: Method[Any]) -> bool:
    if name in ("*", str(method)):
        return True
    interface, dot, rest = name.rpartition(".")
    return rest == "*" and dot == "." and any(each.name == interface for each in method.interface.heirs)


class Gate:
    """A policy at work on one grant: what has been used of it."""

    __slots__ = (
        "_guards",
        "_name",
        "bytes_left",
        "calls_left",
        "deadline",
        "expires_at",
        "in_flight",
        "policy",
    )

    def __init__(self, policy: Policy, name: str) -> None:
        """Open the gate of the grant `name`; its time runs from now.

        Raises:
            ValueError: a quota is no size, or no time.
        """
        self.policy = policy
        self._name = name
        self._guards: dict[Method[Any], tuple[Guard, ...] | None] = {}  # None: it is not allowed
        self.calls_left = policy.calls
        self.in_flight = 0  # calls that wait
        self.bytes_left = None if policy.bytes is None else parse_size(policy.bytes)
        self.deadline = None if policy.deadline is None else parse_time(policy.deadline)
        self.expires_at = None if policy.expires is None else monotonic() + parse_time(policy.expires)

    def admit(self, method: Method[Any], arguments: tuple[Any, ...]) -> None:
        """Let a call pass, and count it.

        Raises:
            CapError: it is denied, or what it would use is used up; the message says which and how much.
        """
        try:
            guards = self._guards[method]
        except KeyError:
            guards = self._guards[method] = self._guards_of(method)
        if guards is None:
            raise CapError(ErrorKind.DENIED, f"{method}: {self._name} does not allow it")
        if not all(self._asks(guard, arguments) for guard in guards):
            raise CapError(ErrorKind.DENIED, f"{method}: {self._name} does not allow it with these arguments")
        policy = self.policy
        if policy.in_flight is not None and self.in_flight >= policy.in_flight:
            raise CapError(
                ErrorKind.OVERLOADED,
                f"{method}: {self.in_flight} calls wait on {self._name}, which is its limit",
            )
        if self.calls_left is not None:
            if self.calls_left == 0:
                raise CapError(
                    ErrorKind.EXHAUSTED, f"{method}: {self._name} has had its {policy.calls} calls"
                )
            self.calls_left -= 1
        if self.bytes_left is not None:
            weight = sum(
                weigh(param.type, argument) for param, argument in zip(method.params, arguments, strict=True)
            )
            self._charge(method, weight)

    def passed(self, method: Method[Any], result: Any) -> None:
        """Count what a call has answered.

        Raises:
            CapError: it is more than is left; the message says how much.
        """
        if self.bytes_left is not None and method.result is not None:
            self._charge(method, weigh(method.result, result))

    @property
    def is_late(self) -> bool:
        """Whether the time that the grant was for is over."""
        return self.expires_at is not None and monotonic() >= self.expires_at

    def late(self, method: Method[Any]) -> CapError:
        """Return the error of a call that has waited too long."""
        return CapError(
            ErrorKind.EXHAUSTED,
            f"{method}: took longer than the {self.deadline:g} s that {self._name} gives a call",
        )

    def _charge(self, method: Method[Any], weight: int) -> None:
        assert self.bytes_left is not None
        if weight > self.bytes_left:
            raise CapError(
                ErrorKind.EXHAUSTED,
                f"{method}: {weight} bytes, and {self.bytes_left} are left of the {self.policy.bytes} "
                f"of {self._name}",
            )
        self.bytes_left -= weight

    def _guards_of(self, method: Method[Any]) -> tuple[Guard, ...] | None:
        policy = self.policy
        if any(_matches(name, method) for name in policy.deny):
            return None
        if policy.allow is not None and not any(_matches(name, method) for name in policy.allow):
            return None
        named = [guard for name, guard in policy.guards.items() if _matches(name, method)]
        try:
            return tuple(guard.make(method) if isinstance(guard, PerMethod) else guard for guard in named)
        except ValueError as error:  # another interface's method of the same name, which no one could foresee
            raise CapError(
                ErrorKind.DENIED, f"{method}: {self._name} has a guard that does not fit it"
            ) from error

    def _asks(self, guard: Guard, arguments: tuple[Any, ...]) -> bool:
        try:
            answer = guard(*arguments)
            if hasattr(answer, "__await__"):  # which is true, whatever it would come to
                if hasattr(answer, "close"):
                    answer.close()
                return False
            return bool(answer)
        except CapError:
            raise
        except Exception as error:
            raise CapError(ErrorKind.DENIED, f"{self._name}: its guard failed") from error
