"""What the command line puts behind a program's standard streams, entropy and clocks."""

from __future__ import annotations

import argparse
import dataclasses
import re
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from capwit.manifest import Manifest, Standard, wasi_kind

from .errors import UsageError

if TYPE_CHECKING:
    from capwit.manifest import Source

_STREAMS: Final = ("stdin", "stdout", "stderr")
_SEED: Final = re.compile(r"seed:([0-9]{1,20})")
_FIXED: Final = re.compile(r"fixed:([0-9]{1,10})(?:\.([0-9]{1,9}))?")


def add_options(command: argparse.ArgumentParser) -> None:
    """Add the options."""
    group = command.add_argument_group("what is behind its grants")
    group.add_argument("--stdin", metavar="FILE", help="a file in place of standard input")
    group.add_argument("--stdout", metavar="FILE", help="a file for what the guest prints; it is emptied")
    group.add_argument("--stderr", metavar="FILE", help="a file for its errors")
    group.add_argument(
        "--entropy", type=_entropy, metavar="seed:N|os", help="random bytes of a seed, or the system's"
    )
    group.add_argument(
        "--clock", type=_clock, metavar="fixed:T|real",
        help="clocks that stand still at T seconds since 1970; only sleeping moves the monotonic one",
    )  # fmt: skip


def _entropy(text: str) -> dict[str, Any]:
    """Return the options of the kind `entropy`."""
    seed = _SEED.fullmatch(text)
    if text == "os":
        return {}
    if seed is None or int(seed[1]) >= 1 << 64:
        raise argparse.ArgumentTypeError(f"expected seed:N or os, got {text!r}")
    return {"seed": int(seed[1])}


def _clock(text: str) -> dict[str, dict[str, Any]]:
    """Return the options of the kinds of clock."""
    fixed = _FIXED.fullmatch(text)
    if text == "real":
        return {"timer": {}, "wall_clock": {}}
    if fixed is None:
        raise argparse.ArgumentTypeError(f"expected fixed:T, T in seconds since 1970, or real; got {text!r}")
    at = int(fixed[1]) * 1_000_000_000 + int((fixed[2] or "").ljust(9, "0"))
    return {"timer": {"stepped": True}, "wall_clock": {"fixed": at}}


def redirected(manifest: Manifest, options: argparse.Namespace) -> Manifest:
    """Return the manifest with what the options put behind what it grants: they grant nothing by themselves.

    Raises:
        UsageError: it does not grant what an option is about.
    """
    wasi = dict(manifest.wasi)
    for name in _STREAMS:
        text = getattr(options, name)
        if text is not None:
            # Errors go where output goes, unless they are granted a place: so whoever has that may have one.
            also = ("stdout",) if name == "stderr" else ()
            _check(manifest, f"--{name}", (name, *also))
            wasi[name] = Standard(wasi_kind(name), {"path": _located(f"--{name}", text), "follow": True})
    if options.entropy is not None:
        _check(manifest, "--entropy", ("entropy",))
        wasi["entropy"] = Standard("entropy", options.entropy)
    if options.clock is not None:
        _check(manifest, "--clock", ("timer", "wall_clock"))
        wasi |= {
            name: Standard(name, {**_real(wasi[name]), **given})
            for name, given in options.clock.items()
            if name in wasi
        }
    return dataclasses.replace(manifest, wasi=wasi)


def _real(clock: Source) -> dict[str, Any]:
    """Return the options of a clock of this machine without those that stop it."""
    options = clock.options if isinstance(clock, Standard) else {}
    return {name: value for name, value in options.items() if name not in ("stepped", "fixed")}


def _check(manifest: Manifest, option: str, names: tuple[str, ...]) -> None:
    if not any(name in manifest.wasi for name in names):
        raise UsageError(
            f"{option}: {manifest.path.name} is granted no {' or '.join(names)}, and this only says what is "
            f"behind it. Mend: set `{names[0]} = true` under [wasi]"
        )


def _located(option: str, text: str) -> Path:
    if "\0" in text:
        raise UsageError(f"{option}: {text!r} is no path")
    return Path(text)
