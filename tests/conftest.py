"""Options of the whole suite."""

from __future__ import annotations

import gc
import os
import signal
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Final

import capwit.testing.running
from hypothesis import settings
from hypothesis.internal.conjecture import providers
from hypothesis.internal.constants_ast import Constants

from tests.support import isolation

if TYPE_CHECKING:
    import pytest

_NO_BYTECODE: Final = sys.dont_write_bytecode


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--isolate",
        action="store_true",
        help="run the suites that hold so, and no others, with guests in processes of their own",
    )
    parser.addoption(
        "--no-lane",
        action="store_true",
        help="run components without the byte lane, as hosts of this process have them: all else is the same",
    )
    parser.addoption(
        "--lane-notes",
        metavar="FOLDER",
        help="note what ledgers tell; with --no-lane, compare it in the tests whose bytes took the lane",
    )


def pytest_collection_finish() -> None:
    """Keep what is there to the end out of collections: each would look at a quarter of a million objects."""
    sys.dont_write_bytecode = _NO_BYTECODE
    gc.collect()
    gc.freeze()


def pytest_configure(config: pytest.Config) -> None:
    # What pytest makes of the tests is kept in any case: making it is most of what collecting them takes.
    sys.dont_write_bytecode = False
    # A shell's background jobs ignore the interrupt, and so would all that tests start and then interrupt.
    signal.signal(signal.SIGINT, signal.default_int_handler)
    os.environ.setdefault(
        "CAPWIT_COMPILE", "quick"
    )  # a dozen guests are Python's interpreter: half a minute each
    # What takes a second takes ten where others have the processor: a test that hangs fails all the same.
    capwit.testing.running.TIMEOUT = 600.0
    settings.register_profile("suite", deadline=None)
    settings.load_profile("suite")
    # Hypothesis draws from the constants of all modules of this project that are loaded, which depends on
    # what the process has run before: no two workers would hold laws over the same examples. It also parses
    # those modules, in the midst of tests; before Python 3.11.8, a finalizer or another thread that parses at
    # the same time, as all do that print a traceback, makes that a SystemError ("recursion depth mismatch").
    none = Constants()
    providers._get_local_constants = lambda: none
    config.pluginmanager.register(isolation)
    config.addinivalue_line("markers", "not_compared(why): with and without the byte lane (both_lanes.py)")
    if config.getoption("--no-lane"):
        from capwit.bridge import Host

        defaults = Host.__init__.__kwdefaults__
        assert defaults is not None
        defaults["lane"] = False
    if notes := config.getoption("--lane-notes"):
        from tests.support.both_lanes import WithLane, WithoutLane

        made = WithoutLane if config.getoption("--no-lane") else WithLane
        config.pluginmanager.register(made(Path(notes)))
