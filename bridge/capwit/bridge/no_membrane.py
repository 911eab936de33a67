"""What stands in a membrane's place where nobody here may revoke."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .errors import HandleError
from .membrane import Membrane, Side

if TYPE_CHECKING:
    from .target import Target


class NoMembrane(Membrane):
    """A grant on behalf of somebody else, who can revoke it: what passes through stays as it is."""

    __slots__ = ()

    def _through(self, target: Target, side: Side, home: Side) -> Target:
        return target

    def revoke(self, reason: str = "") -> None:
        """Refuse.

        Raises:
            HandleError: it cannot be cut here.
        """
        raise HandleError(f"{self.name} cannot be revoked here. Mend: revoke it where it was granted")
