"""What a call carries through a membrane: its capabilities are wrapped on their way, and back."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from capwit.engine.fault import find_fault
from capwit.engine.types import Borrow, Own

from .errors import HandleError

if TYPE_CHECKING:
    from collections.abc import Callable

    from .binding import Method
    from .capability import Client
    from .target import Target


class Crossing:
    """One call's capabilities on their way through a membrane, and back."""

    __slots__ = ("_back", "_lent", "_there")

    def __init__(self, there: Callable[[Target], Target], back: Callable[[Target], Target]) -> None:
        """Cross by `there`, and with the answer by `back`."""
        self._there = there
        self._back = back
        self._lent: list[Client] = []

    def arguments(self, method: Method[Any], arguments: tuple[Any, ...]) -> tuple[Any, ...]:
        """Return arguments as the other side has them; what is lent is so until `end`."""
        return method.map_arguments(arguments, self._argument)

    def _argument(self, type: Own | Borrow, value: Any) -> Any:
        if type.resource.make is None:
            return value
        client = _client(type, value)
        if isinstance(type, Own):
            return client._across(self._there)
        lent = client._loan(self._there)
        self._lent.append(lent)
        return lent

    def result(self, method: Method[Any], result: Any) -> Any:
        """Return what a method answered as this side has it."""
        if method.result is None:
            return result
        try:
            return method.map_result(result, self._result)
        except Exception:
            if find_fault(method.result, result, "result") is None:
                raise
            return result  # it does not fit its type: whoever lowers it says where

    def _result(self, type: Own | Borrow, value: Any) -> Any:
        if type.resource.make is None:
            return value
        try:
            client = _client(type, value)
            if client._lent is not None:  # the answer outlasts the loan
                client = client.keep()
            return client._across(self._back)
        except (TypeError, HandleError):
            return value  # no such capability, or one that is over: whoever lowers it says so

    def end(self) -> None:
        """End what was lent for the call."""
        for client in self._lent:
            client.end_loan()


def _client(type: Own | Borrow, value: Any) -> Client:
    client: Client = value if hasattr(value, "_across") else as_client(type, value)
    return client


def as_client(type: Own | Borrow, value: Any) -> Any:
    """Return a capability as a client of its resource's class."""
    make = type.resource.make
    if make is None or isinstance(value, make):
        return value
    return make(value)
