"""The same tests with guests in this process, and with guests in processes of their own.

A module that says `IN_ONE_PROCESS` is a suite that holds in both: by the names of its tests, what cannot
hold between processes, and why. `pytest --isolate` runs these suites, and no others, with each guest in a
process of its own. That takes longer to start than most tests run, so an ordinary run does so with those
alone that a suite names in `EVERY_RUN`, by the names of tests, with their parameters or without.
"""

from __future__ import annotations

import asyncio
import gc
from typing import TYPE_CHECKING, Any, Final, TypeVar

import pytest
from capwit.bridge import CapError, ConversionError
from capwit.bridge.loaded import Loaded

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

T = TypeVar("T")

each_isolation = pytest.mark.parametrize("isolation", ["none", "process"], indirect=True)
"""For a test of isolation itself, in every run."""

LEDGER: Final = "handles inside a process are counted there, and are not in the ledger of this one"
RING: Final = "who waits for whom is not known between processes: a ring ends by the wall limit"
AT_ONCE: Final = "what is sent to another process is there at once, also while its call waits for its turn"
OWN_REFERENCE: Final = "a process has references of its own, and keeps them when its host closes its clients"

MISFIT: Final = (ConversionError, CapError)
"""How a call is refused whose arguments do not fit: as `failed`, where it is of another process."""

_PATIENCE: Final = 500  # times 10 ms
_here: Final = Loaded.start


@pytest.fixture(autouse=True)
def isolation(request: pytest.FixtureRequest) -> Iterator[str]:
    """Where the guests of a test are."""
    where = getattr(request, "param", "none")
    with pytest.MonkeyPatch.context() as patch:
        if where == "process":
            from capwit.hosting.isolation import start

            patch.setattr(Loaded, "start", start)
        yield where


def is_isolated() -> bool:
    """Tell whether guests are in processes of their own."""
    return Loaded.start is not _here


async def handles(instance: Any) -> int:
    """Return how many handles an instance's guest holds."""
    return int((await instance.stats()).handles if is_isolated() else instance.handles)


async def eventually(check: Callable[[], T]) -> T:
    """Return what a check does once it holds: what another process lets go of it tells of by messages.

    What this process does has been done when it says so: there the check holds at once.
    """
    for attempt in range(_PATIENCE if is_isolated() else 0):
        try:
            return check()
        except AssertionError:
            if attempt % 20 == 1:
                gc.collect()  # what a failed call was to give, its traceback holds
            await asyncio.sleep(0.01)
    return check()


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Make each test of a suite for guests in processes, or for both."""
    if not hasattr(metafunc.module, "IN_ONE_PROCESS"):
        return
    everywhere = metafunc.config.getoption("--isolate")
    if everywhere or metafunc.definition.name in map(_plain, metafunc.module.EVERY_RUN):
        modes = ["process"] if everywhere else ["none", "process"]
        metafunc.parametrize("isolation", modes, indirect=True)


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave out what does not run this time, and mark what cannot hold."""
    everywhere = config.getoption("--isolate")
    out = [item for item in items if not (_of_a_suite(item) if everywhere else _of_every_run(item))]
    items[:] = [item for item in items if item not in set(out)]
    config.hook.pytest_deselected(items=out)
    for item in items if everywhere else ():
        assert isinstance(item, pytest.Function)
        reason = item.module.IN_ONE_PROCESS.get(_plain(item.name))
        if reason is not None:
            item.add_marker(pytest.mark.xfail(reason=reason, strict=True, run=reason is not RING))


def _of_a_suite(item: pytest.Item) -> bool:
    return isinstance(item, pytest.Function) and hasattr(item.module, "IN_ONE_PROCESS")


def _of_every_run(item: pytest.Item) -> bool:
    """Whether a test is of this process, or one of those that run in processes, too."""
    if not isinstance(item, pytest.Function) or not _of_a_suite(item) or not _is_of_processes(item):
        return True
    name = item.name
    for part in ("process-", "-process", "[process]"):
        name = name.replace(part, "")
    return not {_plain(name), name}.isdisjoint(item.module.EVERY_RUN)


def _is_of_processes(item: pytest.Function) -> bool:
    called = getattr(item, "callspec", None)
    return called is not None and called.params.get("isolation") == "process"


def _plain(name: str) -> str:
    """The name of a test without its parameters."""
    return name.partition("[")[0]
