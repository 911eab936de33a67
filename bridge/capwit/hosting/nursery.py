"""The process that children are forked of: it has imported all that a child needs, and does nothing else.

One request at a time: a child's settings, its end of a socket pair and its code are answered by the child's
number and a descriptor of its process; a number is answered by how that child has ended, once it has.
"""

from __future__ import annotations

import atexit
import gc
import json
import os
import signal
import socket
import subprocess
import sys
import threading
from contextlib import suppress
from dataclasses import dataclass
from typing import Any, ClassVar, Final, NoReturn

from capwit.bridge.errors import LoadError

_MOST: Final = 256 * 1024  # bytes of a message
_DEV: Final = ("-X", "dev") if sys.flags.dev_mode else ()  # then its errors are shown
_START: Final = 60.0  # seconds
_BARE: Final = ("-I", "-X", "utf8")  # whatever the locale is, for there is none
# Nothing of the environment and of the user's own folders decides what a child runs.
_BOOT: Final = """
import json, sys
sys.path[:] = json.loads(sys.argv[1])
from capwit.hosting.nursery import main
main(int(sys.argv[2]))
"""


@dataclass(frozen=True, slots=True)
class Child:
    """A child process.

    Attributes:
        pid: its number, which somebody else may have once it has ended.
        descriptor: what stands for it alone; readable once it has ended.
    """

    pid: int
    descriptor: int

    def kill(self) -> None:
        """End it."""
        with suppress(ProcessLookupError):  # it has ended
            signal.pidfd_send_signal(self.descriptor, signal.SIGKILL)


class Nursery:
    """Forks children of a process that is started when it is first needed. Blocks: for threads.

    It ends with this process, and its children with it.
    """

    _shared: ClassVar[Nursery | None] = None
    _starting: ClassVar[threading.Lock] = threading.Lock()

    @classmethod
    def shared(cls) -> Nursery:
        """Return this process's own."""
        with cls._starting:
            if cls._shared is None or not cls._shared.lives:
                cls._shared = cls()
                atexit.register(cls._shared.close)
            return cls._shared

    def __init__(self) -> None:
        """Start it."""
        self._lock = threading.Lock()
        self._control, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        self._control.settimeout(_START)
        quiet = subprocess.DEVNULL
        with theirs:
            self._process = subprocess.Popen(
                [sys.executable, *_DEV, *_BARE, "-c", _BOOT, json.dumps(sys.path), str(theirs.fileno())],
                pass_fds=(theirs.fileno(),),
                stdin=quiet,
                stdout=quiet,
                stderr=None if _DEV else quiet,
                env={},
                start_new_session=True,  # Ctrl-C is ours to pass on
            )

    @property
    def lives(self) -> bool:
        """Whether it can still be asked."""
        return self._process.poll() is None

    def fork(self, settings: dict[str, Any], end: socket.socket, code: bytes) -> Child:
        """Return a new child, which has one end of a socket pair, what it is to run, and nothing else.

        Raises:
            LoadError: there is none to be had.
        """
        try:
            file = open(os.memfd_create("code"), "wb")  # noqa: PTH123, SIM115 - which has no path
        except OSError as error:
            raise LoadError(f"no child process can be started: {error}") from None
        with file:
            file.write(code)
            file.flush()
            answer, [descriptor] = self._ask({"fork": settings}, [end.fileno(), file.fileno()], 1)
        return Child(answer, descriptor)

    def status(self, child: Child) -> int:
        """Return how a child has ended: its exit code, or a signal's number below 0."""
        try:
            status, _ = self._ask({"status": child.pid}, [], 0)
        except LoadError:  # the nursery has ended, and its children with it
            return -signal.SIGKILL
        return status if isinstance(status, int) else -signal.SIGKILL

    def _ask(self, request: dict[str, Any], given: list[int], wanted: int) -> tuple[int, list[int]]:
        try:
            with self._lock:
                socket.send_fds(self._control, [json.dumps(request).encode()], given)
                data, descriptors, _, _ = socket.recv_fds(self._control, _MOST, wanted or 1)
            answer = json.loads(data)
        except (OSError, ValueError) as error:
            self.close()
            raise LoadError(f"no child process can be started: {error or 'its parent has died'}") from None
        if len(descriptors) != wanted:
            raise LoadError(f"no child process can be started: {answer}")
        return answer, descriptors

    def close(self) -> None:
        """End it, and its children."""
        self._control.close()
        self._process.kill()
        self._process.wait()


def main(descriptor: int) -> NoReturn:
    """Answer requests until whoever asks has gone."""
    from . import child  # and with it all that a child needs

    control = socket.socket(fileno=descriptor)
    os.environ.clear()  # Python itself has set LC_CTYPE
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    child.prepare()
    gc.collect()
    gc.freeze()  # what is there stays shared with the children
    while True:
        data, descriptors, _, _ = socket.recv_fds(control, _MOST, 2)
        if not data:
            os._exit(0)
        request = json.loads(data)
        try:
            if "status" in request:
                _, status = os.waitpid(request["status"], 0)
                _answer(control, os.waitstatus_to_exitcode(status), [])
                continue
            pid = os.fork()
            if not pid:
                control.close()
                child.run(request["fork"], *descriptors)
            process = os.pidfd_open(pid)
            _answer(control, pid, [process])
            os.close(process)
        except OSError as error:
            _answer(control, str(error), [])
        for each in descriptors:
            os.close(each)


def _answer(control: socket.socket, answer: int | str, descriptors: list[int]) -> None:
    socket.send_fds(control, [json.dumps(answer).encode()], descriptors)
