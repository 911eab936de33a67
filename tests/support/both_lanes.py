"""Two runs of the suite, with the byte lane and without it: all that carries bytes does the same in both.

The first run notes of each test whether its guests' bytes went over the lane, and what its ledgers tell. The
second one, without the lane, has those tests alone, and each fails whose ledgers tell something else. How
often they tell it is for the test to say: how many wait or are served at a time is no two runs' own. Tests
that are marked `not_compared("why")` are in the first run alone.
"""

from __future__ import annotations

import json
import os
import re
import shutil
from typing import TYPE_CHECKING, Any, Final

import pytest
from capwit.bridge.ledger import Ledger
from capwit.engine import plan

if TYPE_CHECKING:
    from collections.abc import Generator
    from pathlib import Path

_WORKER: Final = "PYTEST_XDIST_WORKER"
# What is another one in each run: addresses, ports, times, how much fuel is left, names of folders.
_NUMBER: Final = re.compile(r"\b(0x)?[0-9a-f]*[0-9][0-9a-f]*\b|-gw\d+")


class _Noting:
    """Notes what the ledgers of the test at hand have, and whether bytes went over a lane."""

    def __init__(self) -> None:
        self.events: set[str] = set()
        self.carried = False
        record, carry = Ledger._record, plan._NAMES["carry"]
        assert callable(carry)

        def recorded(ledger: Ledger, event: Any, *told: Any) -> None:
            _, interface, holder, _, _, cause = told
            self.events.add(_NUMBER.sub("#", f"{event.value} {interface} {holder} {cause}"))
            record(ledger, event, *told)

        def carrying(store: Any, side: int) -> None:
            self.carried = True
            carry(store, side)

        Ledger._record = recorded  # type: ignore[assignment, method-assign]
        plan._NAMES["carry"] = carrying

    def begin(self) -> None:
        """Begin with a test."""
        self.events.clear()
        self.carried = False


class WithLane(_Noting):
    """The first run."""

    def __init__(self, folder: Path) -> None:
        super().__init__()
        self._folder = folder
        if _WORKER not in os.environ:  # before there are any workers
            shutil.rmtree(folder, ignore_errors=True)
        self._noted: dict[str, list[str]] = {}

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_call(self, item: pytest.Item) -> Generator[None, object, object]:
        self.begin()
        result = yield
        if self.carried and item.get_closest_marker("not_compared") is None:
            self._noted[item.nodeid] = sorted(self.events)
        return result

    def pytest_sessionfinish(self) -> None:
        if self._noted:
            self._folder.mkdir(parents=True, exist_ok=True)
            worker = os.environ.get(_WORKER, "main")
            (self._folder / f"{worker}.json").write_text(json.dumps(self._noted))


class WithoutLane(_Noting):
    """The second run."""

    def __init__(self, folder: Path) -> None:
        super().__init__()
        self._noted: dict[str, list[str]] = {}
        for each in folder.glob("*.json"):
            self._noted |= json.loads(each.read_text())
        if not self._noted:
            raise pytest.UsageError(f"{folder} has no notes of a run with the lane: `make test` makes them")

    def pytest_collection_modifyitems(self, config: pytest.Config, items: list[pytest.Item]) -> None:
        others = [item for item in items if item.nodeid not in self._noted]
        items[:] = [item for item in items if item.nodeid in self._noted]
        config.hook.pytest_deselected(items=others)

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_call(self, item: pytest.Item) -> Generator[None, object, object]:
        self.begin()
        result = yield
        assert not self.carried
        assert sorted(self.events) == self._noted[item.nodeid], "with the lane, the ledgers tell otherwise"
        return result
