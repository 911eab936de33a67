"""Settings and fuel: what a host hands out by name and by number."""

from __future__ import annotations

from typing import TYPE_CHECKING

from capwit.bridge.errors import CapError, ErrorKind

from .standard import KeyValueScopeClient, SettingAbsent, SettingValue

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from .standard import KeyValueScope, Setting


class DictScope:
    """A `KeyValueScope` in memory.

    Attributes:
        values: the settings, by name.
    """

    def __init__(
        self, values: Mapping[str, str] | None = None, *, readonly: bool = False, limit: int = 1024 * 1024
    ) -> None:
        """Start with a copy of `values`; hold up to `limit` characters, names included."""
        self.values = dict(values or {})
        self._readonly = readonly
        self._left = limit - sum(len(name) + len(value) for name, value in self.values.items())

    def get(self, name: str) -> Setting:
        """Return the value of a name, if it has one."""
        value = self.values.get(name)
        return SettingAbsent() if value is None else SettingValue(value)

    def list(self) -> Sequence[str]:
        """Return the names, in order."""
        return sorted(self.values)

    def set(self, name: str, value: str) -> None:
        """Give a name a value.

        Raises:
            CapError: `denied` where the scope is for reading only, `exhausted` where it is full.
        """
        self._check_writable()
        left = self._left + self._size(name) - len(name) - len(value)
        if left < 0:
            raise CapError(ErrorKind.EXHAUSTED, "the scope is full")
        self._left = left
        self.values[name] = value

    def remove(self, name: str) -> None:
        """Take the value of a name away.

        Raises:
            CapError: `denied` where the scope is for reading only.
        """
        self._check_writable()
        self._left += self._size(name)
        self.values.pop(name, None)

    def _size(self, name: str) -> int:
        value = self.values.get(name)
        return 0 if value is None else len(name) + len(value)

    def _check_writable(self) -> None:
        if self._readonly:
            raise CapError(ErrorKind.DENIED, "the scope is for reading only")


class ConfigOverlay:
    """A `KeyValueScope` over another: what the upper one has hides the lower one's, and changes go there."""

    def __init__(self, upper: KeyValueScope, lower: KeyValueScope) -> None:
        """Lay one scope, here or elsewhere, over another."""
        self._upper = KeyValueScopeClient(upper)
        self._lower = KeyValueScopeClient(lower)

    async def get(self, name: str) -> Setting:
        """Return the value of a name, if either scope has it."""
        found = await self._upper.get(name)
        return await self._lower.get(name) if isinstance(found, SettingAbsent) else found

    async def list(self) -> Sequence[str]:
        """Return the names that either scope has, in order."""
        return sorted({*await self._upper.list(), *await self._lower.list()})

    async def set(self, name: str, value: str) -> None:
        """Give a name a value in the upper scope."""
        await self._upper.set(name, value)

    async def remove(self, name: str) -> None:
        """Take the upper scope's value of a name away: that of the lower one shows again."""
        await self._upper.remove(name)


class FuelBudget:
    """A `FuelGrant` of a fixed amount.

    Attributes:
        left: what may still be drawn.
    """

    def __init__(self, amount: int) -> None:
        """Allow `amount` to be drawn in all."""
        self.left = amount

    def take(self, amount: int) -> int:
        """Draw up to `amount`, and return how much that is."""
        granted = min(amount, self.left)
        self.left -= granted
        return granted
