"""`args_*` and `environ_*`: what the program was started with."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from capwit.bridge.launch import MOST_BYTES, MOST_TEXTS
from capwit.caps.environment import environment
from capwit.caps.using import answer

from .abi import U32, Errno
from .errors import Refused

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine, Iterable

    from .guest import Guest, Handler


async def _arguments(guest: Guest) -> list[bytes]:
    if guest.arguments is None:
        launch = guest.grants.launch
        guest.arguments = [] if launch is None else _bounded(await answer(launch.args()))
    return guest.arguments


async def _environ(guest: Guest) -> list[bytes]:
    if guest.environ is None:
        guest.environ = _bounded(f"{each.name}={each.value}" for each in await environment(guest.grants))
    return guest.environ


def _bounded(texts: Iterable[str]) -> list[bytes]:
    """Return texts as C has them.

    Raises:
        Refused: they are more than a program may be started with (TOO_BIG).
    """
    found = [_text(text) for text in texts]
    if len(found) > MOST_TEXTS or sum(map(len, found)) > MOST_BYTES:
        raise Refused(Errno.TOO_BIG)
    return found


def _text(text: str) -> bytes:
    """Return a text as C has it.

    Raises:
        Refused: C could not tell where it ends.
    """
    if "\0" in text:
        raise Refused(Errno.INVAL)
    return text.encode("utf-8", "replace") + b"\0"


def _sizes(of: Callable[[Guest], Coroutine[None, None, list[bytes]]]) -> Handler:
    async def sizes(guest: Guest, count_at: int, size_at: int) -> Errno:
        texts = await of(guest)
        guest.write_u32(count_at, len(texts))
        guest.write_u32(size_at, sum(map(len, texts)))
        return Errno.SUCCESS

    return sizes


def _get(of: Callable[[Guest], Coroutine[None, None, list[bytes]]]) -> Handler:
    async def get(guest: Guest, pointers_at: int, texts_at: int) -> Errno:
        texts = await of(guest)
        starts = [texts_at]
        for text in texts:
            starts.append(starts[-1] + len(text))
        guest.check(texts_at, starts[-1] - texts_at)
        guest.write(pointers_at, b"".join(map(U32.pack, starts[:-1])))
        guest.write(texts_at, b"".join(texts))
        return Errno.SUCCESS

    return get


HANDLERS: Final[dict[str, Handler]] = {
    "args_get": _get(_arguments),
    "args_sizes_get": _sizes(_arguments),
    "environ_get": _get(_environ),
    "environ_sizes_get": _sizes(_environ),
}
