"""Options of the whole suite."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pytest


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--no-lane",
        action="store_true",
        help="run components without the byte lane, as hosts of this process have them: all else is the same",
    )


def pytest_configure(config: pytest.Config) -> None:
    if config.getoption("--no-lane"):
        from capwit.bridge import Host

        defaults = Host.__init__.__kwdefaults__
        assert defaults is not None
        defaults["lane"] = False
