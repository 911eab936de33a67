"""Names that this machine is asked for: by threads of their own, since a name server may take its time."""

from __future__ import annotations

import asyncio
import ipaddress
import socket
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from concurrent.futures import Future

    from capwit.bridge.addresses import Ip

_MOST_LITERAL: Final = 128  # characters of an address, its zone included
_AT_ONCE: Final = 8  # names that one holder asks for at once: each holds a thread
# The loop's own threads bring files to their disks, and must not be taken up by names that nobody answers.
_THREADS: Final = ThreadPoolExecutor(max_workers=8 * _AT_ONCE, thread_name_prefix="capwit-names")


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
        asked = _THREADS.submit(socket.getaddrinfo, name, port, type=socket.SOCK_STREAM)
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
