"""System calls that a process keeps: those for memory, time, its own threads, and what it has open.

Whatever is not listed is refused, so that a call which a later kernel adds is, too.

Source: https://www.kernel.org/doc/html/latest/userspace-api/seccomp_filter.html
"""

from __future__ import annotations

import ctypes
import errno
import os
import platform
import struct
from typing import Final, TypeAlias

# What is kept, by its number on x86-64 and on arm64, which has no call where another one does the same.
_KEPT: Final[dict[str, tuple[int | None, int | None]]] = {
    # what is open
    "read": (0, 63), "write": (1, 64), "readv": (19, 65), "writev": (20, 66), "close": (3, 57),
    "fcntl": (72, 25), "ioctl": (16, 29), "fstat": (5, 80), "lseek": (8, 62), "dup": (32, 23),
    "pipe2": (293, 59), "eventfd2": (290, 19), "sendto": (44, 206), "recvfrom": (45, 207),
    "sendmsg": (46, 211), "recvmsg": (47, 212), "shutdown": (48, 210), "getsockopt": (55, 209),
    "setsockopt": (54, 208), "getsockname": (51, 204), "getpeername": (52, 205),
    "poll": (7, None), "ppoll": (271, 73), "select": (23, None), "pselect6": (270, 72),
    "epoll_create1": (291, 20), "epoll_ctl": (233, 21), "epoll_wait": (232, None),
    "epoll_pwait": (281, 22), "epoll_pwait2": (441, 441),
    # memory
    "mmap": (9, 222), "munmap": (11, 215), "mprotect": (10, 226), "mremap": (25, 216),
    "madvise": (28, 233), "brk": (12, 214), "membarrier": (324, 283), "memfd_create": (319, 279),
    "ftruncate": (77, 46), "pread64": (17, 67), "pwrite64": (18, 68),
    # threads, and the process itself
    "clone": (56, 220), "futex": (202, 98), "set_robust_list": (273, 99), "rseq": (334, 293),
    "sched_yield": (24, 124), "sched_getaffinity": (204, 123), "getcpu": (309, 168), "gettid": (186, 178),
    "getpid": (39, 172), "getppid": (110, 173), "getuid": (102, 174), "geteuid": (107, 175),
    "getgid": (104, 176), "getegid": (108, 177), "getrusage": (98, 165), "prlimit64": (302, 261),
    "rt_sigaction": (13, 134), "rt_sigprocmask": (14, 135), "rt_sigreturn": (15, 139),
    "sigaltstack": (131, 132), "tgkill": (234, 131), "restart_syscall": (219, 128), "exit": (60, 93),
    "exit_group": (231, 94),
    # time and chance
    "clock_gettime": (228, 113), "clock_getres": (229, 114), "clock_nanosleep": (230, 115),
    "nanosleep": (35, 101), "gettimeofday": (96, 169), "time": (201, None), "times": (100, 153),
    "getrandom": (318, 278),
}  # fmt: skip
_CLONE3: Final = 435
_SECCOMP: Final = (317, 277)
_MACHINES: Final = {"x86_64": (0, 0xC000003E), "aarch64": (1, 0xC00000B7)}

_Words: TypeAlias = dict[str, dict[int, tuple[int, ...]]]
# What is kept for some arguments only, by their 32-bit words: that with number 2 * n begins argument n.
_ONLY: Final[_Words] = {
    # Flags of a thread, as glibc and musl start one: no process, and no namespace.
    "clone": {0: (0x3D0F00, 0x7D0F00)},
    # Copies, flags, seals: not F_SETOWN and F_SETSIG, by which the kernel sends signals to whom one names.
    "fcntl": {2: (0, 1, 2, 3, 4, 1030, 1033, 1034)},
    # FIONREAD, FIONBIO, FIONCLEX, FIOCLEX: not FIOSETOWN, and nothing of devices.
    "ioctl": {2: (0x541B, 0x5421, 0x5450, 0x5451)},
    # Of this process, and to read them: root could set them to more.
    "prlimit64": {0: (0,), 4: (0,), 5: (0,)},
}

_LOAD, _EQUAL, _RETURN = 0x20, 0x15, 0x06
_ALLOW, _KILL, _ERRNO = 0x7FFF0000, 0x80000000, 0x00050000
_NUMBER, _MACHINE, _FIRST = 0, 4, 16  # where the filter finds a call's number, the processor, an argument
_SET_FILTER, _ALL_THREADS = 1, 1


def seal() -> bool:
    """Give up all others, in all threads: they fail with EPERM.

    Returns whether that could be: the kernel or the processor may have no way to. What is open stays open,
    memory can be had, threads can be started, and sent signals. It needs `no_new_privs`.
    """
    found = _MACHINES.get(platform.machine())
    if found is None:
        return False
    column, machine = found
    filter = _filter(column, machine, os.getpid())
    code = ctypes.create_string_buffer(filter, len(filter))
    program = struct.pack("@HP", len(filter) // 8, ctypes.addressof(code))
    given = ctypes.create_string_buffer(program, len(program))
    libc = ctypes.CDLL(None, use_errno=True)
    answer = libc.syscall(ctypes.c_long(_SECCOMP[column]), _SET_FILTER, _ALL_THREADS, given)
    if answer and ctypes.get_errno() not in (errno.ENOSYS, errno.EINVAL):
        raise OSError(ctypes.get_errno(), "seccomp")
    return not answer


def _filter(column: int, machine: int, process: int) -> bytes:
    """Return the filter as the kernel has it: code, where to go on if it is so and if not, a value."""
    allowed, refused = (_RETURN, 0, 0, _ALLOW), (_RETURN, 0, 0, _ERRNO | errno.EPERM)
    only: _Words = {**_ONLY, "tgkill": {0: (process,)}}
    steps = [(_LOAD, 0, 0, _MACHINE), (_EQUAL, 1, 0, machine), (_RETURN, 0, 0, _KILL), (_LOAD, 0, 0, _NUMBER)]
    # What clone3 is asked for cannot be seen: libc then asks clone.
    steps += [(_EQUAL, 0, 1, _CLONE3), (_RETURN, 0, 0, _ERRNO | errno.ENOSYS)]
    for name, numbers in _KEPT.items():
        number = numbers[column]
        if number is None:
            continue
        then = []
        for word, values in only.get(name, {}).items():
            then += [(_LOAD, 0, 0, _FIRST + 4 * word)]
            then += [(_EQUAL, len(values) - at, 0, value) for at, value in enumerate(values)] + [refused]
        then += [allowed]
        steps += [(_EQUAL, 0, len(then), number), *then]
    return b"".join(struct.pack("@HBBI", *step) for step in [*steps, refused])
