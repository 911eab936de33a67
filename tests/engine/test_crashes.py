"""Nothing crashes the process: each case runs in one of its own, and its exit status is looked at."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time

import pytest

from tests.engine.crash_cases import CASES
from tests.engine.support import ROOT, SOURCES, child

MODULE = "tests.engine.crash_cases"
STATUS = {"exit_status": 7}


@pytest.mark.parametrize("name", [name for name in CASES if name != "interrupted_from_outside"])
def test_the_process_survives(name: str) -> None:
    done = child(MODULE, name)
    assert (done.returncode, done.stdout.split()[-1:]) == (STATUS.get(name, 0), ["survived"]), (
        done.stdout[-2000:] + done.stderr[-4000:]
    )
    assert "Fatal Python error" not in done.stderr


@pytest.mark.parametrize("delay", [0.0, 0.003, 0.01, 0.02, 0.05])
def test_the_process_survives_an_interrupt_from_outside(delay: float) -> None:
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join([*SOURCES, str(ROOT)])}
    with subprocess.Popen(
        [sys.executable, "-X", "faulthandler", "-m", MODULE, "interrupted_from_outside"],
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=environment,
    ) as process:  # fmt: skip
        assert process.stdout is not None
        assert process.stdout.readline() == "ready\n"
        time.sleep(delay)
        process.send_signal(signal.SIGINT)
        out, err = process.communicate(timeout=60)
    assert (process.returncode, out) == (0, "survived\n"), err
