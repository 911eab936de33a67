"""How the generator grows: 100 and 1,000 interfaces of 10 methods, beside `capnp compile -oc++`.

Run it with `python bench/scale.py`. Each run is a process of its own, so that its memory is its own. With
wit-parser is once more: by wasm-tools where that is installed, else by componentize-py, which is left out at
the large size, because it looks at every type once for each resource.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Final, NamedTuple

METHODS: Final = 10
SIZES: Final = (100, 1000)


class Cost(NamedTuple):
    """What a command took: processor seconds, and the most memory in MiB."""

    seconds: float
    memory: float


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


def run(command: list[str], folder: Path) -> Cost:
    """Return what a command takes, with all that it starts."""
    environment = {**os.environ, "PWD": str(folder)}  # capnp warns where the two differ
    with subprocess.Popen(command, cwd=folder, env=environment, stdout=subprocess.DEVNULL) as child:
        _, status, used = os.wait4(child.pid, 0)
        child.returncode = os.waitstatus_to_exitcode(status)
    if child.returncode:
        raise subprocess.CalledProcessError(child.returncode, command)
    return Cost(used.ru_utime + used.ru_stime, used.ru_maxrss / 1024)


def measure(interfaces: int, folder: Path) -> dict[str, Cost]:
    """Return what each way to generate a schema of that size takes, by its name."""
    name = f"s{interfaces}.capnp"
    (folder / name).write_text(schema(interfaces))
    generate = [sys.executable, "-m", "capwit.cli.main", "generate", name, "--out"]
    costs = {"capwit": run([*generate, f"o{interfaces}", "--no-validate"], folder)}
    if shutil.which("wasm-tools") or interfaces == SIZES[0]:
        costs["capwit and wit-parser"] = run([*generate, f"v{interfaces}"], folder)
    if tool := shutil.which("capnp"):
        costs["capnp -oc++"] = run([tool, "compile", "-oc++:.", name], folder)
    return costs


def main() -> None:
    """Print each way's cost at each size, and how many times the small one the large one is."""
    with tempfile.TemporaryDirectory() as name:
        small, large = (measure(interfaces, Path(name)) for interfaces in SIZES)
    print(f"{'':22}" + "".join(f"{size:>7} x {METHODS} methods     " for size in SIZES) + "growth")
    for way, cost in small.items():
        row = f"{way:22}{cost.seconds:>8.2f} s {cost.memory:>5.0f} MiB       "
        if way in large:
            grown = large[way].seconds / cost.seconds
            row += f"{large[way].seconds:>8.2f} s {large[way].memory:>5.0f} MiB       {grown:>5.1f} x"
        print(row)
    if not shutil.which("capnp"):
        print("capnp is not installed: apt install capnproto, to see it side by side")


if __name__ == "__main__":
    main()
