"""C programs, granted and not: what they see of the host is what they were given."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

import pytest
from capwit.bridge import Event, Host, Limit, LimitExceeded, Limits, Policy, Trap
from capwit.caps import (
    FixedClock,
    HostDirectory,
    Launch,
    MemoryConsole,
    MemoryDirectory,
    MemorySource,
    ReadOnlyDirectory,
    SeededEntropy,
    SystemTimer,
    make_pipe,
)
from capwit.caps.files import DirectoryClient
from capwit.caps.wasi import WasiGrants

from tests.bridge.support import scenario
from tests.preview1.support import GUESTS, Done, run
from tests.support.guests import wasi_guest

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path


@scenario
async def test_hello() -> None:
    assert await run("hello") == Done(0, "Hello from WASI on capOS\n")


@scenario
async def test_without_an_output_it_says_nothing_and_lives() -> None:
    assert await run("hello", stdout=None) == Done(0, "")


@scenario
async def test_arguments_and_environment() -> None:
    done = await run("launch", "7", "käse", env={"LANG": "C", "EMPTY": ""}, stderr=MemoryConsole())
    assert done == Done(7, "arg 7\narg käse\nenv LANG=C\nenv EMPTY=\n")


@scenario
async def test_without_a_launch_there_are_none() -> None:
    errors = MemoryConsole()
    assert await run("launch", stderr=errors) == Done(0, "")
    assert errors.text == "to stderr\n"


@scenario
async def test_errors_go_where_output_goes_unless_they_are_granted_a_place() -> None:
    assert (await run("launch")).out == "to stderr\n"


@pytest.mark.parametrize("code", [0, 1, 255, 256 + 3])
@scenario
async def test_exit_codes(code: int) -> None:
    assert (await run("host", "exit", str(code))).code == code & 255


@scenario
async def test_abort_is_a_trap() -> None:
    with pytest.raises(Trap, match="unreachable"):
        await run("host", "abort")


@scenario
async def test_standard_input() -> None:
    assert (await run("host", "echo", stdin=MemorySource(b"one\ntwo"))).out == "> one\n> two"
    assert (await run("host", "echo")).out == ""


@scenario
async def test_input_that_comes_later() -> None:
    source, sink = make_pipe()

    async def type_slowly() -> None:
        for line in (b"one\n", b"two\n"):
            await asyncio.sleep(0.01)
            await asyncio.ensure_future(_write(sink, line))
        sink.end()

    typing = asyncio.create_task(type_slowly())
    assert (await run("host", "echo", stdin=source)).out == "> one\n> two\n"
    await typing


async def _write(sink: Any, data: bytes) -> None:
    written = sink.write(data)
    if written is not None:
        await written


@scenario
async def test_clocks() -> None:
    assert (await run("host", "time", wall_clock=FixedClock(12, 34))).out == "12.000000034\n"
    assert "clock_gettime: Function not implemented" in (await run("host", "time")).out


@scenario
async def test_sleeping_leaves_the_loop_to_others() -> None:
    others = 0

    async def count() -> None:
        nonlocal others
        while True:
            others += 1
            await asyncio.sleep(0)

    counting = asyncio.create_task(count())
    assert (await run("host", "sleep", timer=SystemTimer())).out == "slept\n"
    counting.cancel()
    assert others > 10
    assert (await run("host", "sleep")).out == "clock_gettime: Function not implemented\n"


@scenario
async def test_randomness() -> None:
    seeded = (await run("host", "random", entropy=SeededEntropy(42))).out
    assert seeded == SeededEntropy(42).fill(16).hex() + "\n"
    assert "getentropy: " in (await run("host", "random")).out


@scenario
async def test_polling_standard_input() -> None:
    source, sink = make_pipe()
    timer = SystemTimer()
    assert (await run("host", "poll", "20", stdin=source, timer=timer)).out == "ready 0\n"
    asyncio.get_running_loop().call_later(0.01, sink.write, b"x")
    assert (await run("host", "poll", stdin=source, timer=timer)).out == "ready 1\n"
    assert (await run("host", "poll", "0", stdin=source, timer=timer)).out == "ready 1\n"


@scenario
async def test_streams_that_are_no_terminal() -> None:
    assert (await run("host", "isatty", stdin=MemorySource())).out == "0 0 0\n"


@scenario
async def test_a_wall_limit_ends_a_sleeper() -> None:
    with pytest.raises(LimitExceeded) as ended:
        await run("host", "sleep", timer=SystemTimer(), limits=Limits(wall=0.001))
    assert ended.value.limit is Limit.WALL


# -- Files: the same on a folder of the machine and in memory


@pytest.fixture(params=["host", "memory"])
def fresh(request: pytest.FixtureRequest, tmp_path: Path) -> Callable[[], Any]:
    """Return what makes an empty directory."""
    return MemoryDirectory if request.param == "memory" else lambda: HostDirectory(tmp_path)


def session(directory: Any) -> Callable[..., Any]:
    """Return what runs one command of the C program on a directory, named /data."""

    async def command(*args: str, **grants: Any) -> str:
        done = await run("files", *args, preopens={"/data": directory}, **grants)
        assert bool(done.code) == bool(": " in done.out and "  " not in done.out), done
        return done.out

    return command


@scenario
async def test_files(fresh: Callable[[], Any]) -> None:
    do = session(fresh())
    assert await do("append", "/data/a", "hello") == "at 5\n"
    assert await do("append", "/data/a", " world") == "at 11\n"
    assert await do("cp", "/data/a", "/data/b") == ""
    assert await do("cat", "/data/b") == "hello world"
    assert await do("seek", "/data/b") == (
        "end 11\nback 9\nread l\nfirst h, at 10\nbefore the beginning: Invalid argument\n"
    )
    assert await do("cat", "/data/b") == "!el"
    assert await do("mkdir", "/data/d") == ""
    assert await do("mkdir", "/data/d") == "mkdir: File exists\n"
    assert await do("mv", "/data/b", "/data/d/c") == ""
    assert await do("ln", "/data/d/c", "/data/d/e") == ""
    assert await do("symlink", "d/c", "/data/l") == ""
    assert await do("readlink", "/data/l") == "d/c\n"
    assert await do("stat", "/data/l") == "link of 3\n"
    assert await do("cat", "/data/l") == "!el"
    assert await do("ls", "/data") == ".\n..\na\nd\nl\n"
    assert await do("ls", "/data/d") == ".\n..\nc\ne\n"
    assert await do("rmdir", "/data/d") == "rmdir: Directory not empty\n"
    assert await do("rm", "/data/d") in ("unlink: Is a directory\n", "unlink: Operation not permitted\n")
    assert await do("rm", "/data/d/c") == ""
    assert await do("rm", "/data/d/e") == ""
    assert await do("rmdir", "/data/d") == ""
    assert await do("stat", "/data/d") == "stat: No such file or directory\n"
    assert await do("cat", "/data/l") == "open: No such file or directory\n"
    assert await do("touch", "/data/a") == "1 2\n"
    assert await do("write-to-a-reader", "/data/a") == "write: Bad file descriptor\n"
    assert await do("many", "/data/a") == ""


@scenario
async def test_a_large_folder_is_listed_whole(fresh: Callable[[], Any]) -> None:
    directory = fresh()
    client = DirectoryClient(directory)
    for number in range(1_500):
        await client.create_directory(f"a-name-of-some-length-{number:04}")
    listed = (await session(directory)("ls", "/data")).split()
    assert listed == [".", "..", *(f"a-name-of-some-length-{number:04}" for number in range(1_500))]


@scenario
async def test_a_directory_for_reading_only(fresh: Callable[[], Any]) -> None:
    directory = fresh()
    await session(directory)("append", "/data/a", "hello")
    do = session(ReadOnlyDirectory(directory))
    assert await do("cat", "/data/a") == "hello"
    assert await do("append", "/data/a", "x") == "open: Read-only file system\n"
    assert await do("mkdir", "/data/d") == "mkdir: Read-only file system\n"


@scenario
async def test_without_a_folder_there_is_none() -> None:
    done = await run("files", "cat", "/data/a")
    assert done.code == 1 and done.out.startswith("open: ")


@pytest.mark.parametrize(
    "path",
    [
        "/data/../secret",
        "/secret",
        "/data/out",
        "/data/up/secret",
        "/data/./../secret",
        "/data/d/../../secret",
    ],
)
@scenario
async def test_nothing_above_is_reached(path: str, tmp_path: Path) -> None:
    inside = tmp_path / "data"
    inside.mkdir()
    (inside / "d").mkdir()
    (tmp_path / "secret").write_text("secret")
    (inside / "out").symlink_to(tmp_path / "secret")
    (inside / "up").symlink_to("..")
    done = await run("files", "cat", path, preopens={"/data": HostDirectory(inside)})
    assert done.code == 1 and "secret" not in done.out, done


@scenario
async def test_a_revoked_folder_is_gone_at_once() -> None:
    directory, console = MemoryDirectory(), MemoryConsole()
    await session(directory)("append", "/data/a", "hello")
    async with Host() as host:
        module = await host.load_module(wasi_guest(GUESTS / "files.c"))
        grants = WasiGrants(
            launch=Launch(["files", "cat", "/data/a"]), stdout=console, preopens={"/data": directory}
        )
        async with module.instantiate(grants) as instance:
            instance.revoke("wasi.preopens./data")
            with pytest.raises(Exception, match="exited with code 1"):
                await instance.run()
    assert console.text.startswith("open: ")


@scenario
async def test_a_narrowed_folder() -> None:
    directory, console = MemoryDirectory(), MemoryConsole()
    await session(directory)("append", "/data/a", "hello")
    async with Host() as host:
        module = await host.load_module(wasi_guest(GUESTS / "files.c"))
        grants = WasiGrants(
            launch=Launch(["files", "mkdir", "/data/d"]), stdout=console, preopens={"/data": directory}
        )
        policy = Policy(deny=("directory.create-directory",))
        async with module.instantiate(grants, policies={"wasi.preopens./data": policy}) as instance:
            with pytest.raises(Exception, match="exited with code 1"):
                await instance.run()
    assert console.text == "mkdir: Capabilities insufficient\n"


@scenario
async def test_what_is_open_is_told_in_the_ledger() -> None:
    directory = MemoryDirectory()
    await session(directory)("append", "/data/a", "hello")
    async with Host() as host:
        module = await host.load_module(wasi_guest(GUESTS / "files.c"), name="files.wasm")
        grants = WasiGrants(launch=Launch(["files", "many", "/data/a"]), preopens={"/data": directory})
        async with module.instantiate(grants) as instance:
            await instance.run()
            assert instance.handles == 1  # the preopen
        files = [entry for entry in host.ledger if entry.interface == "capwit:files/files@0.1.0.file"]
        assert [entry.event for entry in files] == [Event.MINT, Event.DROP] * 1_000
        assert host.ledger.balance == 0
