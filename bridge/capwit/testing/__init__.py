"""What tests of one's own components are written with. pytest finds the fixture by itself.

```python
from capwit.testing import assert_moved, scenario

@scenario
async def test_the_courier_hands_over(capwit_host: Host) -> None:
    ...
    assert_moved(capwit_host.ledger, "courier", "recipient", of="parcel")
```
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from .assertions import (
        assert_balanced,
        assert_denied,
        assert_lent,
        assert_moved,
        assert_released,
        assert_revoked,
    )
    from .life import Life, lives
    from .running import scenario

__all__ = [
    "Life",
    "assert_balanced",
    "assert_denied",
    "assert_lent",
    "assert_moved",
    "assert_released",
    "assert_revoked",
    "lives",
    "scenario",
]

_MODULES: Final = {"Life": "life", "lives": "life", "scenario": "running"}


def __getattr__(name: str) -> Any:
    # pytest imports this package in every run, also in those that have nothing to do with capwit: what
    # needs the engine is imported when it is asked for.
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f".{_MODULES.get(name, 'assertions')}", __name__), name)
