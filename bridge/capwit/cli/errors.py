"""What only the command line can say."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

from capwit.bridge.errors import EngineError

if TYPE_CHECKING:
    from collections.abc import Iterator


class UsageError(EngineError):
    """An option that means nothing: the message names it, and what was expected."""


class AddressError(EngineError):
    """An address that cannot be listened at: the message names it."""


class OutputError(EngineError):
    """A file that cannot be written: the message names it."""


@contextmanager
def listened_at(option: str) -> Iterator[None]:
    """Say of what listens inside why it cannot, and by which option it was to.

    Raises:
        AddressError: the address cannot be listened at.
    """
    try:
        yield
    except (OSError, ValueError) as error:  # the latter for what can be no name
        raise AddressError(
            f"{option}: cannot be listened at: {getattr(error, 'strerror', None) or error}. "
            "Mend: name an address of this machine that nobody has, or port 0"
        ) from None
