"""A network namespace of a test's own, where addresses and broken links matter."""

from __future__ import annotations

import os
import shutil
import subprocess
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator


def netns_missing() -> str:
    """Why there can be none; nothing if there can."""
    if os.geteuid() or shutil.which("ip") is None:
        return "network namespaces take root, and iproute2"
    done = subprocess.run(["ip", "netns", "list"], capture_output=True, check=False)
    return "" if done.returncode == 0 else f"ip netns: {done.stderr.decode().strip()}"


def ip(*words: str) -> None:
    """Run a command of iproute2."""
    subprocess.run(["ip", *words], check=True, capture_output=True)


@contextmanager
def netns() -> Iterator[tuple[str, str]]:
    """Make one that a link leads to: gives its name, which the far end has with `b`, and our address."""
    name = f"cwout{os.getpid() % 100_000}"
    ours = f"10.{150 + os.getpid() % 50}.{os.getpid() // 50 % 250}.1"
    theirs = ours.removesuffix("1") + "2"
    ip("netns", "add", name)
    try:
        ip("link", "add", f"{name}a", "type", "veth", "peer", "name", f"{name}b", "netns", name)
        ip("addr", "add", f"{ours}/30", "dev", f"{name}a")
        ip("link", "set", f"{name}a", "up")
        ip("-n", name, "addr", "add", f"{theirs}/30", "dev", f"{name}b")
        ip("-n", name, "link", "set", f"{name}b", "up")
        yield name, ours
    finally:
        ip("netns", "delete", name)
