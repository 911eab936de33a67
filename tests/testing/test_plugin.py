"""The pytest plugin, as a project that tests its own components meets it."""

from __future__ import annotations

import subprocess
import sys

import pytest

pytest_plugins = ["pytester"]


def test_a_scenario_runs_on_the_fixtures_host(pytester: pytest.Pytester) -> None:
    pytester.makepyfile(
        """
        from capwit.testing import assert_balanced, scenario

        @scenario
        async def test_in_a_scenario(capwit_host):
            assert capwit_host.runtime
            assert_balanced(capwit_host.ledger)

        @scenario
        async def test_without():
            assert False, "was run"
        """
    )
    run = pytester.runpytest_subprocess()
    run.assert_outcomes(passed=1, failed=1)
    run.stdout.fnmatch_lines(["*was run*"])


def test_another_plugins_coroutine_enters_the_host_itself(pytester: pytest.Pytester) -> None:
    pytester.makepyfile(
        """
        import asyncio

        def test_by_hand(capwit_host):
            async def inside():
                async with capwit_host:
                    assert capwit_host.runtime
            asyncio.run(inside())
        """
    )
    pytester.runpytest_subprocess().assert_outcomes(passed=1)


def test_a_forgotten_scenario_is_told(pytester: pytest.Pytester) -> None:
    pytester.makepyfile("async def test_forgotten(capwit_host): ...")
    run = pytester.runpytest_subprocess()
    run.assert_outcomes(failed=1)
    run.stdout.fnmatch_lines(["*Mend: mark it @scenario*"])


def test_a_scenario_that_hangs_fails(pytester: pytest.Pytester) -> None:
    pytester.makepyfile(
        """
        import asyncio
        from capwit.testing import running, scenario

        running.TIMEOUT = 0.05

        @scenario
        async def test_that_hangs():
            await asyncio.Event().wait()
        """
    )
    run = pytester.runpytest_subprocess()
    run.assert_outcomes(failed=1)
    run.stdout.fnmatch_lines(["*TimeoutError*"])


def test_a_run_that_does_not_use_it_pays_nothing_for_it() -> None:
    code = (
        "import sys, capwit.testing.plugin; print('wasmtime' in sys.modules, 'capwit.bridge' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "False False\n"


def test_what_is_not_there_is_said_as_python_does() -> None:
    import capwit.testing

    with pytest.raises(AttributeError, match="has no attribute 'assert_mooved'"):
        capwit.testing.assert_mooved  # noqa: B018 # type: ignore[attr-defined]
