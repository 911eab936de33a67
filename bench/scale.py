"""How the generator grows: 100 and 1,000 interfaces of 10 methods, beside `capnp compile -oc++`.

Run it with `python bench/scale.py`. Each size is a process of its own, so that its memory is its own.
"""

from __future__ import annotations

import resource
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Final

METHODS: Final = 10
SIZES: Final = (100, 1000)


def schema(interfaces: int) -> str:
    """Return a schema of that many interfaces; each takes and returns the one before."""
    lines = ["@0xd0c1b2a3f4e59687;"]
    for i in range(interfaces):
        lines.append(f"interface Service{i} {{")
        for m in range(METHODS):
            before = f"Service{max(0, i - 1)}"
            lines.append(
                f"  call{m} @{m} (text :Text, count :UInt32, peer :{before}) -> (data :Data, next :{before});"
            )
        lines.append("}")
    return "\n".join(lines) + "\n"


def run(command: list[str], folder: Path) -> tuple[float, float]:
    """Return the seconds a command takes, and the most MiB that any child of this process has used yet."""
    start = time.perf_counter()
    subprocess.run(command, cwd=folder, check=True, capture_output=True)
    return time.perf_counter() - start, resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024


def main() -> None:
    """Measure each size, smallest first: the memory shown is the largest so far."""
    tool = shutil.which("capnp")
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        for interfaces in SIZES:
            (folder / f"s{interfaces}.capnp").write_text(schema(interfaces))
            generate = [sys.executable, "-m", "capwit.cli.main", "generate", f"s{interfaces}.capnp", "--out"]
            # wit-parser is measured at the small size only: at the large one it takes over a minute.
            ways = [("", ["--no-validate"]), (" and wit-parser", [])]
            for what, options in ways[: 2 if interfaces == SIZES[0] else 1]:
                seconds, memory = run([*generate, f"o{interfaces}{len(options)}", *options], folder)
                each = seconds / interfaces * 1e3
                size = f"{interfaces:>5} interfaces x {METHODS} methods"
                print(f"{size}, capwit{what:<16} {seconds:>7.2f} s  {each:>6.2f} ms each  {memory:>6.0f} MiB")
            if tool:
                seconds, _ = run([tool, "compile", "-oc++:.", f"s{interfaces}.capnp"], folder)
                print(f"{interfaces:>5} interfaces x {METHODS} methods, capnp -oc++       {seconds:>7.2f} s")
    if not tool:
        print("capnp is not installed: apt install capnproto, to see it side by side")


if __name__ == "__main__":
    main()
