"""A command: what any program does with its arguments, files, streams, clocks and entropy.

Its twin is command.c, which prints the same. Whatever serves WASI has to make no difference to either.
"""
# The calls of the operating system are what is tried.
# ruff: noqa: PTH102, PTH104, PTH106, PTH108, PTH115, PTH116, PTH123, PTH208, PTH211, SIM115

import errno
import os
import sys
import time

import wit_world.exports
from componentize_py_types import Err
from words import shout

COMMON = ("ENOENT", "EEXIST", "ENOTEMPTY", "EISDIR", "ENOTDIR", "ELOOP", "EINVAL", "EXDEV", "EBADF")


def say(*what: object) -> None:
    """Print a line."""
    print(*what, flush=True)


def fails(what: str, call: object, *arguments: object) -> None:
    """Print how a call fails."""
    try:
        call(*arguments)  # type: ignore[operator]
        say(what, "works")
    except OSError as error:
        name = errno.errorcode.get(error.errno, "?")
        say(what, name if name in COMMON else "refused")


def files(root: str) -> None:
    """Do what is done with files."""
    os.chdir(root)
    os.mkdir("sub")
    with open("sub/a", "wb") as file:
        file.write(b"0123456789")
    with open("sub/a", "r+b") as file:
        file.seek(4)
        file.write(b"xy")
        file.seek(0, os.SEEK_END)
        say("end", file.tell())
        file.seek(2)
        say("read", file.read(5).decode())
        file.truncate(7)
    with open("sub/a", "ab") as file:
        file.write(b"!")
    say("size", os.stat("sub/a").st_size)
    os.rename("sub/a", "b")
    os.link("b", "sub/c")
    os.symlink("sub/c", "link")
    say("link", os.readlink("link"), open("link").read())
    say("list", *sorted(os.listdir(".")))
    os.utime("b", ns=(5_000_000_000, 7_000_000_000))
    say("times", os.stat("b").st_atime_ns // 10**9, os.stat("b").st_mtime_ns // 10**9)
    fails("missing", open, "gone")
    fails("again", os.mkdir, "sub")
    fails("full", os.rmdir, "sub")
    fails("folder", open, "sub", "wb")
    fails("no folder", open, "b/x")
    fails("not a link", os.readlink, "b")
    fails("above", open, "../secret")
    fails("root", open, "/etc/passwd")
    os.symlink("loop", "loop")
    fails("loop", open, "loop")
    for name in ("loop", "link", "sub/c"):
        os.unlink(name)
    os.rmdir("sub")
    large = bytes(range(256)) * 4096
    with open("large", "wb") as file:
        file.write(large)
    with open("large", "rb") as file:
        say("large", file.read() == large)


class Run(wit_world.exports.Run):
    """What the host runs."""

    def run(self) -> None:
        """Run, and fail where an argument says so."""
        say("args", *sys.argv[1:])
        say("env", os.environ.get("COLOUR"), os.environ.get("HOME"))
        if len(sys.argv) > 1:
            files(sys.argv[1])
        start = time.monotonic_ns()
        time.sleep(0.002)
        say("slept", time.monotonic_ns() - start >= 2_000_000, time.time() > 1_600_000_000)
        say("random", len(os.urandom(100)), os.urandom(16) != os.urandom(16))
        for line in sys.stdin:
            say(shout(line.rstrip("\n")))
        print("to the other stream", file=sys.stderr, flush=True)
        if "fail" in sys.argv:
            raise Err(None)
