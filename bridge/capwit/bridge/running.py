"""What every instance is, whatever it was made of: what it holds, how it begins, how it ends."""

from __future__ import annotations

from abc import ABC, abstractmethod
from functools import partial
from typing import TYPE_CHECKING

from .capset import CapSet, check_held
from .errors import GrantError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from capwit.engine.errors import EngineError
    from capwit.engine.store import Store

    from .binding import Grants
    from .capability import Client
    from .policy import Policy
    from .table import CapTable


class Running(ABC):
    """An instance, wherever it runs, with what it was granted.

    Attributes:
        name: what the ledger calls it.
    """

    def __init__(self, table: CapTable) -> None:
        """Own the table of what it was granted."""
        self.name = table.holder
        self._table = table

    @property
    @abstractmethod
    def ended(self) -> EngineError | None:
        """Why the instance has ended, or None while it lives."""

    @abstractmethod
    async def close(self) -> None:
        """End the instance: everything it holds is released."""

    def when_ended(self, callback: Callable[[], None]) -> None:
        """Call `callback` when it ends, however it does; at once if it has ended."""
        if self.ended is not None:
            callback()
        else:
            self._table.when_ended(callback)

    @property
    def caps(self) -> CapSet:
        """What it was granted, as it has it: what a child is given of it is cut when its parent's is."""
        return CapSet.of(*self._table.grants.values(), membrane=self._table.membrane)

    def holds(self, client: Client) -> bool:
        """Tell whether it holds a capability: its grants, what came of them, live handles, what it exports.

        Raises:
            HandleError: the client's reference is over.
        """
        return self._table.holds(client.target)

    def revoke(self, grant: str, reason: str = "") -> None:
        """Cut what came of one of its grants, whoever holds it by now.

        Raises:
            GrantError: it was not granted.
        """
        granted = {make: grants.granted() for make, grants in self._table.grants.items()}
        of = [make for make, names in granted.items() if grant in names]
        if not of:
            known = ", ".join(sorted(set().union(*granted.values()))) or "nothing"
            raise GrantError(f"{self.name} was not granted {grant!r}: it was granted {known}")
        for make in of:
            self._table.membrane(make, grant).revoke(reason)


class InStore(Running):
    """An instance of this process: it runs in a store."""

    def __init__(self, store: Store, table: CapTable) -> None:
        """Own a store and its table."""
        super().__init__(table)
        self._store = store

    @property
    def ended(self) -> EngineError | None:
        """Why the instance has ended, or None while it lives."""
        return self._store.ended

    @property
    def handles(self) -> int:
        """How many live handles the guest holds."""
        return len(self._table)

    @property
    def fuel_left(self) -> int | None:
        """How much of its fuel is left, or None where it has no limit."""
        store = self._store
        return None if store.limits.fuel is None or store.ended is not None else store.fuel.left

    @property
    def fuel_spared(self) -> int:
        """How much of its fuel was left when it ended."""
        return self._store.fuel.left

    async def close(self) -> None:
        """End the instance: everything it holds is released."""
        await self._store.close()


def fill(
    name: str,
    grants: tuple[Grants, ...],
    policies: Mapping[str, Policy],
    parent: Running | None,
    table: CapTable,
) -> None:
    """Put grants into an empty table, each behind its membrane; `name` is the module's, for messages.

    Raises:
        GrantError: a grant is of another interface, given twice, or not the parent's; or a policy is for
            none of them.
        ValueError: a policy names a method that there is not, or a quota is no number, size or time.
    """
    for grant, policy in policies.items():
        granted = set().union(*(given.granted() for given in grants))
        if grant not in granted:
            known = ", ".join(sorted(granted)) or "none"
            raise GrantError(f"{name}: a policy is for `{grant}`, which is not granted: grants are {known}")
        held = [each for given in grants for each in given.capabilities() if each.grant == grant]
        policy.check(*dict.fromkeys(each.interface for each in held))
        for given in grants:
            if grant in given.granted():
                table.membrane(type(given), grant, policy)
    for given in grants:
        if type(given) in table.grants:
            raise GrantError(f"{name}: two grants of {type(given).__name__} were given")
        if parent is not None:
            check_held(parent, given, name)
        try:
            table.grants[type(given)] = given.guarded(partial(table.membrane, type(given)))
        except GrantError as error:
            raise GrantError(f"{name}: {error}") from None
