"""Which grant is behind each function, and what a call does without it: for a person, and for `inspect`."""

from __future__ import annotations

from typing import Final

from .abi import SIGNATURES, SNAPSHOTS

# By the beginning of a function's name: its grant, and what happens without.
_BY_PREFIX: Final[tuple[tuple[str, str | None, str], ...]] = (
    ("args_", "args, env", "no arguments"),
    ("environ_", "args, env", "an empty environment"),
    ("clock_", "wasi.timer, wasi.wall_clock", "NOSYS"),
    ("random_", "wasi.entropy", "NOSYS"),
    ("fd_", "wasi.stdin, wasi.stdout, wasi.stderr, wasi.preopens, wasi.sockets", "BADF"),
    ("path_", "wasi.preopens", "BADF"),
    (
        "poll_",
        "wasi.timer, wasi.stdin, wasi.stdout, wasi.stderr, wasi.preopens, wasi.sockets",
        "NOSYS of a clock, BADF",
    ),
    ("proc_", None, "ends the guest, never the host"),
    ("sched_", None, "lets others run"),
    ("sock_", "wasi.sockets", "BADF, or NOTSOCK"),
)


def need_of(module: str, function: str) -> tuple[str | None, str]:
    """Return the grant that a function asks for, and what it does without."""
    if function not in SIGNATURES or function in SNAPSHOTS[module].without:
        return None, f"answers NOSYS: {module} has no such function"
    for prefix, grant, without in _BY_PREFIX:
        if function.startswith(prefix):
            return grant, without
    raise LookupError(function)
