"""What a process can still ask of the system once it is sealed: probed from within."""

from __future__ import annotations

import errno
import json
import os
import platform
import subprocess
import sys
from typing import Any, Final, TypeAlias

import pytest

Numbers: TypeAlias = tuple[int, int | None]
COLUMN: Final = {"x86_64": 0, "aarch64": 1}.get(platform.machine())

# Calls by what is tried, their numbers on x86-64 and on arm64, their arguments in the process.
# Unsealed, each of them works, or fails by anything but EPERM.
REFUSED: Final[dict[str, tuple[Numbers, str]]] = {
    "kill another": ((62, 129), "other, 0"),
    "tgkill another": ((234, 131), "other, other, 0"),
    "rt_sigqueueinfo": ((129, 138), "other, 0, None"),
    "rt_tgsigqueueinfo": ((297, 240), "other, other, 0, None"),
    "fcntl F_SETOWN": ((72, 25), "end, 8, other"),
    "fcntl F_SETSIG": ((72, 25), "end, 10, 9"),
    "ioctl FIOSETOWN": ((16, 29), "end, 0x8901, None"),
    "prlimit64 of another": ((302, 261), "other, 7, None, room"),
    "prlimit64 that sets": ((302, 261), "0, 7, room, None"),
    "prlimit64 that sets, from an even address": ((302, 261), "0, 7, 1 << 32, None"),
    "setpriority of another": ((141, 140), "0, other, 1"),
    "sched_setaffinity of another": ((203, 122), "other, 0, None"),
    "sched_setscheduler of another": ((144, 119), "other, 0, None"),
    "process_madvise": ((440, 440), "-1, None, 0, 0, 0"),
    "unshare": ((272, 97), "1 << 63"),
    "clone of a process": ((56, 220), "0x800, None"),
    "clone of a thread in a namespace": ((56, 220), "0x10010000, None"),
    "openat": ((257, 56), "-100, file, 0"),
    "newfstatat": ((262, 79), "-100, file, room, 0"),
    "statx": ((332, 291), "-100, file, 0, 0, room"),
    "faccessat": ((269, 48), "-100, file, 0"),
    "readlinkat": ((267, 78), "-100, file, room, 100"),
    "fchmodat2": ((452, 452), "-100, file, 0o666, 0"),
    "utimensat": ((280, 88), "-100, file, None, 0"),
    "utime": ((132, None), "file, None"),
    "utimes": ((235, None), "file, None"),
    "futimesat": ((261, None), "-100, file, None"),
    "setxattr": ((188, 5), 'file, b"user.x", b"v", 1, 0'),
    "lsetxattr": ((189, 6), 'file, b"user.x", b"v", 1, 0'),
    "getxattr": ((191, 8), 'file, b"user.x", room, 1'),
    "removexattr": ((197, 14), 'file, b"user.x"'),
    "shmget": ((29, 194), "0, 1 << 62, 0"),
    "semget": ((64, 190), "0, -1, 0"),
    "msgget": ((68, 186), "0x636170, 0"),
    "mq_open": ((240, 180), 'b"none", 0, 0, None'),
    "inotify_init1": ((294, 26), "-1"),
    "prctl": ((157, 167), "1, 0, 0, 0, 0"),
    "a number that no kernel knows": ((9999, 9999), ""),
}  # fmt: skip
KEPT: Final[dict[str, tuple[Numbers, str]]] = {
    "getpid": ((39, 172), ""),
    "tgkill its own": ((234, 131), "os.getpid(), os.getpid(), 0"),
    "prlimit64 its own": ((302, 261), "0, 7, None, room"),
    "fcntl F_GETFL": ((72, 25), "end, 3"),
}
PROBE: Final = """
import ctypes, json, os, socket, sys, threading
from capwit.hosting import sealed

calls, seals = json.loads(sys.argv[1]), sys.argv[2] == "sealed"
libc = ctypes.CDLL(None, use_errno=True)
other, file, room = os.getppid(), b"/nowhere", ctypes.create_string_buffer(4096)
ends = socket.socketpair()
end = ends[0].fileno()
libc.prctl(38, 1, 0, 0, 0)
if seals:
    assert sealed.seal()
answers = {}
for name, (number, arguments) in calls.items():
    given = [ctypes.c_long(each) if isinstance(each, int) else each for each in eval(f"[{arguments}]")]
    answer = libc.syscall(ctypes.c_long(number), *given)
    answers[name] = ctypes.get_errno() if answer == -1 else 0
thread = threading.Thread(target=lambda: answers.update(thread=0))
thread.start()
thread.join()
print(json.dumps(answers), flush=True)
os._exit(0)
"""


def errors_of(calls: dict[str, Any], state: str) -> dict[str, int]:
    """By name what a process of its own is answered: an error's number, or 0."""
    assert COLUMN is not None
    asked = {name: (numbers[COLUMN], arguments) for name, (numbers, arguments) in calls.items()}
    asked = {name: call for name, call in asked.items() if call[0] is not None}
    done = subprocess.run(
        [sys.executable, "-c", PROBE, json.dumps(asked), state], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    answers: dict[str, int] = json.loads(done.stdout)
    assert len(answers) == len(asked) + 1
    return answers


@pytest.mark.skipif(COLUMN is None, reason="there is no filter for this processor")
def test_what_reaches_a_file_another_process_or_what_processes_share_is_refused() -> None:
    answers = errors_of(REFUSED, "sealed")
    assert answers.pop("thread") == 0
    assert {name for name, error in answers.items() if error != errno.EPERM} == set()


@pytest.mark.skipif(COLUMN is None, reason="there is no filter for this processor")
def test_what_a_child_needs_is_kept() -> None:
    answers = errors_of(KEPT, "sealed")
    assert {name: os.strerror(error) for name, error in answers.items() if error} == {}
