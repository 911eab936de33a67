"""System calls that a process gives up for good: those that reach a file, a network or another process.

Source: https://www.kernel.org/doc/html/latest/userspace-api/seccomp_filter.html
"""

from __future__ import annotations

import ctypes
import errno
import platform
import struct
from typing import Final

# The numbers of each processor's system calls, and the number by which the kernel knows the processor.
_X86: Final = {
    "open": 2, "socket": 41, "connect": 42, "accept": 43, "bind": 49, "listen": 50, "socketpair": 53,
    "fork": 57, "vfork": 58, "execve": 59, "kill": 62, "truncate": 76, "rename": 82, "mkdir": 83,
    "rmdir": 84, "creat": 85, "link": 86, "unlink": 87, "symlink": 88, "chmod": 90, "chown": 92,
    "lchown": 94, "ptrace": 101, "mknod": 133, "chroot": 161, "mount": 165, "umount2": 166,
    "init_module": 175, "tkill": 200, "add_key": 248, "request_key": 249, "keyctl": 250, "openat": 257,
    "mkdirat": 258, "mknodat": 259, "fchownat": 260, "unlinkat": 263, "renameat": 264, "linkat": 265,
    "symlinkat": 266, "fchmodat": 268, "unshare": 272, "accept4": 288, "perf_event_open": 298,
    "open_by_handle_at": 304, "setns": 308, "process_vm_readv": 310, "process_vm_writev": 311,
    "finit_module": 313, "renameat2": 316, "bpf": 321, "execveat": 322, "userfaultfd": 323,
    "seccomp": 317, "clone": 56,
}  # fmt: skip
_ARM: Final = {
    "mknodat": 33, "mkdirat": 34, "unlinkat": 35, "symlinkat": 36, "linkat": 37, "renameat": 38,
    "umount2": 39, "mount": 40, "truncate": 45, "chroot": 51, "fchmodat": 53, "fchownat": 54,
    "openat": 56, "unshare": 97, "init_module": 105, "ptrace": 117, "kill": 129, "tkill": 130,
    "socket": 198, "socketpair": 199, "bind": 200, "listen": 201, "accept": 202, "connect": 203,
    "add_key": 217, "request_key": 218, "keyctl": 219, "clone": 220, "execve": 221,
    "perf_event_open": 241, "accept4": 242, "open_by_handle_at": 265, "setns": 268,
    "process_vm_readv": 270, "process_vm_writev": 271, "finit_module": 273, "renameat2": 276,
    "seccomp": 277, "bpf": 280, "execveat": 281, "userfaultfd": 282,
}  # fmt: skip
_BOTH: Final = {
    "pidfd_send_signal": 424, "io_uring_setup": 425, "open_tree": 428, "move_mount": 429, "fsopen": 430,
    "pidfd_open": 434, "openat2": 437, "pidfd_getfd": 438,
}  # fmt: skip
_CLONE3: Final = 435
_MACHINES: Final = {"x86_64": (0xC000003E, _X86), "aarch64": (0xC00000B7, _ARM)}

_THREAD: Final = 0x10000  # of clone's flags: another thread of this process
_LOAD, _EQUAL, _AT_LEAST, _ANY_BIT, _RETURN = 0x20, 0x15, 0x35, 0x45, 0x06
_ALLOW, _KILL, _ERRNO = 0x7FFF0000, 0x80000000, 0x00050000
_NUMBER, _MACHINE, _FIRST = 0, 4, 16  # where the filter finds a call's number, the processor, an argument
_OTHER_ABI: Final = 0x40000000  # x86's calls with short pointers
_SET_FILTER, _ALL_THREADS = 1, 1


def seal() -> bool:
    """Give them up, in all threads: they fail with EPERM.

    Returns whether that could be: the kernel or the processor may have no way to. What is open stays open,
    memory can be had, and threads can be started. It needs `no_new_privs`.
    """
    machine = _MACHINES.get(platform.machine())
    if machine is None:
        return False
    filter = _filter(*machine)
    code = ctypes.create_string_buffer(filter, len(filter))
    program = struct.pack("@HP", len(filter) // 8, ctypes.addressof(code))
    given = ctypes.create_string_buffer(program, len(program))
    libc = ctypes.CDLL(None, use_errno=True)
    answer = libc.syscall(ctypes.c_long(machine[1]["seccomp"]), _SET_FILTER, _ALL_THREADS, given)
    if answer and ctypes.get_errno() not in (errno.ENOSYS, errno.EINVAL):
        raise OSError(ctypes.get_errno(), "seccomp")
    return not answer


def _filter(machine: int, numbers: dict[str, int]) -> bytes:
    """Return the filter as the kernel has it: code, where to go on if it is so and if not, a value."""
    refused = _ERRNO | errno.EPERM
    steps = [(_LOAD, 0, 0, _MACHINE), (_EQUAL, 1, 0, machine), (_RETURN, 0, 0, _KILL), (_LOAD, 0, 0, _NUMBER)]
    steps += [(_AT_LEAST, 0, 1, _OTHER_ABI), (_RETURN, 0, 0, refused)]
    for name, number in {**numbers, **_BOTH}.items():
        if name != "clone":
            steps += [(_EQUAL, 0, 1, number), (_RETURN, 0, 0, refused)]
    # A process is refused, a thread is not. What clone3 is asked for cannot be seen: libc then asks clone.
    steps += [(_EQUAL, 0, 1, _CLONE3), (_RETURN, 0, 0, _ERRNO | errno.ENOSYS)]
    steps += [(_EQUAL, 0, 3, numbers["clone"]), (_LOAD, 0, 0, _FIRST), (_ANY_BIT, 1, 0, _THREAD)]
    steps += [(_RETURN, 0, 0, refused), (_RETURN, 0, 0, _ALLOW)]
    return b"".join(struct.pack("@HBBI", *step) for step in steps)
