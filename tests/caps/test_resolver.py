"""Names: which may be looked up, and what they give."""

from __future__ import annotations

import asyncio
import socket
import subprocess
import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any

import pytest
from capwit.caps import HostDirectory, HostResolver, value
from capwit.caps.endpoints import ip_of
from capwit.caps.files import AnswerDone
from capwit.caps.net import NetworkError, ResolverClient

from tests.caps.net_support import refusal
from tests.caps.support import scenario

if TYPE_CHECKING:
    from pathlib import Path


async def found(resolver: ResolverClient, name: str) -> list[str]:
    return [str(ip_of(address)) for address in value(await resolver.resolve(name))]


@scenario
async def test_names_with_fixed_addresses() -> None:
    resolver = ResolverClient(
        HostResolver(hosts={"db": ["10.0.0.1", "fd00::1", "10.0.0.1"], "Straße.example": ["::1"]})
    )
    assert await found(resolver, "db") == await found(resolver, "DB.") == ["10.0.0.1", "fd00::1"]
    assert await found(resolver, "straße.EXAMPLE") == ["::1"]
    assert await refusal(resolver.resolve("other")) is NetworkError.ACCESS_DENIED


@scenario
async def test_an_address_is_its_own() -> None:
    resolver = ResolverClient(HostResolver())
    for text, ip in (("10.0.0.1", "10.0.0.1"), ("fd00::1", "fd00::1"), ("::ffff:1.2.3.4", "1.2.3.4")):
        assert await found(resolver, text) == [ip]


@pytest.mark.parametrize(
    "name", ["", ".", "a b", "a..b", "*", "*.example", "a\0", "x" * 64, "a" * 300, "\ud83d", "[::1]"]
)
@scenario
async def test_what_no_name_can_be(name: str) -> None:
    resolver = ResolverClient(HostResolver(["*"]))
    assert await refusal(resolver.resolve(name)) is NetworkError.INVALID_ARGUMENT


def test_a_name_without_end_is_not_read_to_it() -> None:
    with pytest.raises(ValueError, match="got 600,000 characters"):
        HostResolver(["é." * 300_000])


@scenario
async def test_names_that_the_machine_is_asked_for(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[str] = []
    answers: dict[str, Any] = {
        "a.example": [(0, 0, 0, "", (text, 0)) for text in ("1.2.3.4", "::ffff:1.2.3.4", "fe80::1%lo")],
        "none.example": socket.gaierror(socket.EAI_NONAME, ""),
        "later.example": socket.gaierror(socket.EAI_AGAIN, ""),
        "never.example": socket.gaierror(socket.EAI_FAIL, ""),
        "empty.example": [],
    }

    def getaddrinfo(name: str, *_: object, **__: object) -> Any:
        asked.append(name)
        if isinstance(answers[name], Exception):
            raise answers[name]
        return answers[name]

    monkeypatch.setattr(socket, "getaddrinfo", getaddrinfo)
    resolver = ResolverClient(HostResolver(["*.example"]))
    assert await found(resolver, "A.example") == ["1.2.3.4", "fe80::1"]
    for name, error in (
        ("none.example", NetworkError.NAME_UNRESOLVABLE),
        ("later.example", NetworkError.TEMPORARY_RESOLVER_FAILURE),
        ("never.example", NetworkError.PERMANENT_RESOLVER_FAILURE),
        ("empty.example", NetworkError.NAME_UNRESOLVABLE),
        ("example", NetworkError.ACCESS_DENIED),
        ("example.com", NetworkError.ACCESS_DENIED),
    ):
        assert await refusal(resolver.resolve(name)) is error
    assert asked == list(answers)


@scenario
async def test_names_that_nobody_answers_hold_up_nothing_else(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    asked: list[str] = []
    answered = threading.Event()

    def getaddrinfo(name: str, *_: object, **__: object) -> Any:
        asked.append(name)
        answered.wait(20)
        return [(0, 0, 0, "", ("1.2.3.4", 0))]

    monkeypatch.setattr(socket, "getaddrinfo", getaddrinfo)
    # As few threads as a machine of one processor has, and no more names than one resolver may ask for.
    asyncio.get_running_loop().set_default_executor(ThreadPoolExecutor(5))
    resolver = ResolverClient(HostResolver(["*"]))
    try:
        async with asyncio.timeout(10):  # names that hold up others do so for twice that
            for round in range(3):  # whoever gives up leaves the thread as it is
                waiting = [asyncio.create_task(found(resolver, f"{round}{n}.example")) for n in range(8)]
                while len(asked) < 8:  # noqa: ASYNC110 - threads tell no loop
                    await asyncio.sleep(0.01)
                for each in waiting:
                    each.cancel()
                await asyncio.gather(*waiting, return_exceptions=True)
            assert len(asked) == 8
            assert isinstance(await HostDirectory(tmp_path).sync(False), AnswerDone)
            assert await found(ResolverClient(HostResolver()), "10.0.0.1") == ["10.0.0.1"]
        later = asyncio.create_task(found(resolver, "later.example"))
    finally:
        answered.set()
    assert await later == ["1.2.3.4"]


@scenario
async def test_the_machine_knows_itself() -> None:
    assert "127.0.0.1" in await found(ResolverClient(HostResolver(["localhost"])), "localhost")


@pytest.mark.parametrize("given", [{"names": ["a b"]}, {"hosts": {"a b": []}}, {"hosts": {"a": ["b"]}}])
def test_what_is_no_resolver(given: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match=r"expected names|does not appear"):
        HostResolver(**given)


def test_a_name_that_nobody_answers_does_not_hold_the_process_up() -> None:
    script = """
import asyncio, socket, time
from capwit.caps import HostResolver

async def main():
    resolver = HostResolver(["*.example"])
    asking = asyncio.ensure_future(resolver.resolve("slow.example"))
    while not asked:
        await asyncio.sleep(0.001)
    asking.cancel()

asked = []
socket.getaddrinfo = lambda *_, **__: (asked.append(1), time.sleep(600))
asyncio.run(main())
"""
    subprocess.run([sys.executable, "-c", script], check=True, timeout=60)
