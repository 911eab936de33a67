"""What may be used by all that is started through one host capability, and what is in use."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from capwit.bridge.errors import CapError, ErrorKind
from capwit.caps.host import HostQuota, HostUsage

if TYPE_CHECKING:
    from collections.abc import Iterator

NO_QUOTA: Final = HostQuota(0, 0, 0, 0, 0)
_USED: Final = {
    "instances": "instances",
    "memory": "bytes of memory",
    "fuel": "fuel",
    "code": "bytes of code",
}


class Budget:
    """A quota, and what is used of it. What is used counts in every budget above, too."""

    def __init__(self, quota: HostQuota = NO_QUOTA, above: Budget | None = None) -> None:
        """Bound what is used by a quota, and by what is `above`."""
        self._quota = quota
        self._above = above
        self._used = dict.fromkeys(_USED, 0)

    def _chain(self) -> Iterator[Budget]:
        budget: Budget | None = self
        while budget is not None:
            yield budget
            budget = budget._above

    def left(self, what: str) -> int | None:
        """Return how much there is left of `instances`, `memory`, `fuel` or `code`; None for no bound."""
        bounds = (
            (bound, each._used[what]) for each in self._chain() if (bound := getattr(each._quota, what))
        )
        return min((bound - used for bound, used in bounds), default=None)

    @property
    def time(self) -> float | None:
        """How many seconds each instance may live; None for no bound."""
        times = [each._quota.time for each in self._chain() if each._quota.time]
        return min(times) / 1e9 if times else None

    @property
    def usage(self) -> HostUsage:
        """What is in use."""
        return HostUsage(**self._used)

    def take(self, what: str, amount: int) -> None:
        """Count an amount as used.

        Raises:
            CapError: there is not so much left (`exhausted`).
        """
        left = self.left(what)
        if left is not None and amount > left:
            raise CapError(
                ErrorKind.EXHAUSTED, f"the quota has {left} {_USED[what]} left, and this takes {amount}"
            )
        for each in self._chain():
            each._used[what] += amount

    def draw(self, amount: int) -> int:
        """Count up to an amount of fuel as used, and return how much that is: a `FuelGrant`'s `take`."""
        left = self.left("fuel")
        drawn = amount if left is None else min(amount, left)
        self.take("fuel", drawn)
        return drawn

    def give(self, what: str, amount: int) -> None:
        """Count an amount as free again."""
        for each in self._chain():
            each._used[what] -= amount
