"""What capwit costs, beside what a user would pick instead, as one table: `make bench`.

`python bench/run.py [SECTION ...]` measures the sections named, or all. `docs/performance.md` says how to
read the table. Targets are those that the project sets itself; no test asserts them.

A section is an async generator of rows in a module of its own, and a line in `SECTIONS`.
"""

from __future__ import annotations

import argparse
import asyncio
from typing import TYPE_CHECKING, Final

import calls
import far
import generator
import instances
import ledger
import rpc
import served
import starting
import tenants
import values
import wasi
import wasi2
import web
from capwit.engine.runtime import Runtime
from measure import HEAD, Bench

if TYPE_CHECKING:
    from collections.abc import Sequence

    from measure import Section

SECTIONS: Final[dict[str, Section]] = {
    "calls": calls.scalars,
    "values": values.rows,
    "bytes": calls.lists_of_bytes,
    "waiting": calls.waiting,
    "instances": instances.rows,
    "ledger": ledger.rows,
    "rpc": rpc.rows,
    "served": served.rows,
    "far": far.rows,
    "preview1": wasi.rows,
    "preview2": wasi2.rows,
    "http": web.rows,
    "program": wasi.program,
    "tenants": tenants.rows,
    "generator": generator.rows,
    "starting": starting.rows,
}


async def main(sections: Sequence[str]) -> None:
    """Measure sections, and print each row as it comes."""
    print(HEAD)
    for name in sections:
        print(name)
        runtime = Runtime()
        try:
            async for row in SECTIONS[name](Bench(runtime)):
                print(row, flush=True)
        finally:
            runtime.close()


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description="What capwit costs, as one table.")
    parser.add_argument("sections", nargs="*", metavar="SECTION", help=f"of {', '.join(SECTIONS)}; or all")
    chosen = parser.parse_args()
    unknown = set(chosen.sections) - set(SECTIONS)
    if unknown:
        parser.error(f"there is no section {', '.join(sorted(unknown))}: there are {', '.join(SECTIONS)}")
    asyncio.run(main(chosen.sections or list(SECTIONS)))
