"""Names that this machine is asked for: by threads of their own, since a name server may take its time."""

from __future__ import annotations

import asyncio
import ipaddress
import socket
import threading
from concurrent.futures import Future
from queue import SimpleQueue
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Callable

    from capwit.bridge.addresses import Ip

_MOST_LITERAL: Final = 128  # characters of an address, its zone included
_AT_ONCE: Final = 8  # names that one holder asks for at once: each holds a thread


class _Threads:
    """Threads that are started as they are needed, and that the end of the process does not wait for.

    The loop's own threads bring files to their disks, and must not be taken up by names that nobody answers;
    and those of an executor are joined before Python ends, which a name server would hold up.
    """

    def __init__(self, most: int) -> None:
        """Have `most` of them."""
        self._most = most
        self._started = 0
        self._starting = threading.Lock()
        self._idle = threading.Semaphore(0)
        self._jobs: SimpleQueue[tuple[Future[Any], Callable[[], Any]]] = SimpleQueue()

    def submit(self, job: Callable[[], Any]) -> Future[Any]:
        """Run a job once there is a thread for it."""
        future: Future[Any] = Future()
        self._jobs.put((future, job))
        with self._starting:
            if not self._idle.acquire(blocking=False) and self._started < self._most:
                self._started += 1
                threading.Thread(target=self._work, name="capwit-names", daemon=True).start()
        return future

    def _work(self) -> None:
        while True:
            future, job = self._jobs.get()
            if future.set_running_or_notify_cancel():
                try:
                    future.set_result(job())
                except BaseException as error:
                    future.set_exception(error)
            del future, job
            self._idle.release()


_THREADS: Final = _Threads(8 * _AT_ONCE)


class Lookups:
    """One holder's share of the threads that ask for names."""

    def __init__(self) -> None:
        """Ask for nothing yet."""
        self._turn = asyncio.Semaphore(_AT_ONCE)

    async def find(self, name: str, port: int | None = None) -> list[str]:
        """Return the addresses of a name, each once; an address is its own.

        Raises:
            OSError: it has none, or nobody answers.
        """
        if literal(name) is not None:
            return [name]
        await self._turn.acquire()
        asked = _THREADS.submit(lambda: socket.getaddrinfo(name, port, type=socket.SOCK_STREAM))
        self._free_after(asked)
        found = await asyncio.wrap_future(asked)
        return list(dict.fromkeys(str(address[0]) for *_, address in found))

    def _free_after(self, asked: Future[Any]) -> None:
        """Let the next one ask when a thread is free, and not when nobody waits for it any more."""
        loop = asyncio.get_running_loop()

        def free(_: object) -> None:
            try:
                loop.call_soon_threadsafe(self._turn.release)
            except RuntimeError:  # the loop is over, and with it all who waited there
                self._turn.release()

        asked.add_done_callback(free)


def literal(name: str) -> Ip | None:
    """Return the address that a text is, if it is one."""
    if len(name) > _MOST_LITERAL:
        return None
    try:
        return ipaddress.ip_address(name)
    except ValueError:
        return None
