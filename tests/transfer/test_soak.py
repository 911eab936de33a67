"""A short soak: `make soak` is the long one."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

SOAK = Path(__file__).parents[2] / "bench" / "soak.py"


def test_memory_is_flat_over_instances_handles_and_streams() -> None:
    done = subprocess.run(
        [sys.executable, "-W", "error", str(SOAK), "400", "20000", str(16 << 20)],
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert done.stdout.count("MiB at the end") == 3
