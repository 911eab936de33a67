"""A real Python guest on WASI: every grant, with it and without it."""

from __future__ import annotations

import time
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any

import pytest
from capwit.bridge import CapError, ErrorKind, GuestExit, InstanceEnded, Limits
from capwit.caps.local import (
    FixedClock,
    Launch,
    MemoryConsole,
    SeededEntropy,
    SystemEntropy,
    SystemTimer,
    SystemWallClock,
)
from capwit.preview2 import WasiGrants

from tests.bridge.support import Guest, grants, guest_of, scenario

if TYPE_CHECKING:
    from collections.abc import AsyncIterator


@asynccontextmanager
async def python(*, limits: Limits | None = None, **given: Any) -> AsyncIterator[Guest]:
    """A Python guest with these WASI grants, and the entropy that it cannot start without."""
    given.setdefault("entropy", SystemEntropy())
    async with guest_of(grants(), WasiGrants(**given), limits=limits) as guest:
        yield guest


# What Python code in the guest raised, if it did.
def caught(code: str) -> str:
    return f"try: {code}\nexcept OSError as error: said = type(error).__name__"


@scenario
async def test_arguments_and_environment() -> None:
    launch = Launch(["program", "a b", "", "ü"], {"LANG": "C", "EMPTY": "", "PATH": "/not/the/hosts"})
    async with python(launch=launch) as guest:
        assert await guest.exec("said = sys.argv") == "['program', 'a b', '', 'ü']"
        assert await guest.exec("said = dict(os.environ)") == str(
            {"LANG": "C", "EMPTY": "", "PATH": "/not/the/hosts"}
        )


@scenario
async def test_no_arguments_and_no_environment() -> None:
    async with python() as guest:
        assert await guest.exec("said = (sys.argv, dict(os.environ))") == "([], {})"


@scenario
async def test_standard_output_and_error() -> None:
    out, err = MemoryConsole(), MemoryConsole()
    async with python(stdout=out, stderr=err) as guest:
        await guest.exec("print('to out ☃', flush=True); print('to err', file=sys.stderr, flush=True)")
    assert (out.text, err.text) == ("to out ☃\n", "to err\n")


@scenario
async def test_standard_error_goes_where_output_goes() -> None:
    out = MemoryConsole()
    async with python(stdout=out) as guest:
        await guest.exec("print('to out', flush=True); print('to err', file=sys.stderr, flush=True)")
    assert out.text == "to out\nto err\n"


@scenario
async def test_a_large_output_is_whole() -> None:
    out = MemoryConsole()
    async with python(stdout=out) as guest:
        await guest.exec("sys.stdout.write('0123456789' * 50_000); sys.stdout.flush()")
    assert out.text == "0123456789" * 50_000


@scenario
async def test_closed_output() -> None:
    async with python() as guest:
        assert await guest.exec(caught("print('x', flush=True)")) == "BrokenPipeError"
        assert await guest.exec("said = 'goes on'") == "goes on"


@scenario
async def test_a_console_that_fails_is_an_error_of_the_guests_write() -> None:
    class Full:
        async def write(self, data: bytes) -> None:
            raise CapError(ErrorKind.OVERLOADED, "full")

    async with python(stdout=Full()) as guest:
        assert await guest.exec(caught("print('x', flush=True)")) == "OSError"


@scenario
async def test_standard_input_is_empty() -> None:
    async with python() as guest:
        assert await guest.exec("said = repr((sys.stdin.read(), sys.stdin.isatty()))") == "('', False)"


@scenario
async def test_a_console_is_no_terminal() -> None:
    async with python(stdout=MemoryConsole()) as guest:
        assert await guest.exec("said = sys.stdout.isatty()") == "False"


@scenario
async def test_time_of_day() -> None:
    async with python(wall_clock=FixedClock(1_000_000_000, 250_000_000)) as guest:
        assert await guest.exec("said = time.time()") == "1000000000.25"
    async with python(wall_clock=SystemWallClock()) as guest:
        assert abs(float(await guest.exec("said = time.time()")) - time.time()) < 5


@scenario
async def test_a_monotonic_clock_and_sleep() -> None:
    async with python(timer=SystemTimer()) as guest:
        before = time.monotonic()
        code = "a = time.monotonic_ns(); time.sleep(0.2); said = time.monotonic_ns() - a"
        assert 200_000_000 <= int(await guest.exec(code)) < 5_000_000_000
        assert time.monotonic() - before >= 0.2


@scenario
async def test_a_clock_is_as_coarse_as_it_is_granted() -> None:
    async with python(timer=SystemTimer(resolution=500_000_000)) as guest:
        assert await guest.exec("said = time.monotonic_ns() % 500_000_000") == "0"
        assert await guest.exec("said = time.clock_getres(time.CLOCK_MONOTONIC)") == "0.5"


@scenario
async def test_a_guest_that_sleeps_lets_another_run() -> None:
    import asyncio

    timer = SystemTimer()  # whose beginning is theirs
    async with (
        python(timer=timer) as one,
        guest_of(grants(), WasiGrants(entropy=SystemEntropy(), timer=timer), host=one.host) as two,
    ):
        code = "began = time.monotonic_ns(); time.sleep(0.4); said = f'{began} {time.monotonic_ns()}'"
        told = await asyncio.gather(one.exec(code), two.exec(code))
        slept = [tuple(map(int, each.split())) for each in told]
        assert max(began for began, _ in slept) < min(ended for _, ended in slept)  # both at one time


@scenario
async def test_a_sleep_ends_at_the_wall() -> None:
    async with python(timer=SystemTimer(), limits=Limits(wall="200ms")) as guest:
        before = time.monotonic()
        with pytest.raises(InstanceEnded, match=r"wall limit of 0\.2 s"):
            await guest.exec("time.sleep(60)")
        assert time.monotonic() - before < 10


@scenario
async def test_random_numbers() -> None:
    seen = []
    for _ in range(2):
        async with python(entropy=SeededEntropy(7)) as guest:
            seen.append(await guest.exec("said = os.urandom(8).hex()"))
    assert seen[0] == seen[1]
    assert len(seen[0]) == 16
    async with python() as guest:
        assert await guest.exec("said = os.urandom(8).hex()") != seen[0]


@pytest.mark.parametrize(
    ("code", "function", "grant"),
    [
        ("time.time()", "wasi:clocks/wall-clock", "wall_clock"),
        ("time.monotonic()", "wasi:clocks/monotonic-clock", "timer"),
        ("time.sleep(0.01)", "wasi:clocks/monotonic-clock", "timer"),
    ],
)
@scenario
async def test_a_clock_that_is_not_granted_ends_the_guest_and_names_the_grant(
    code: str, function: str, grant: str
) -> None:
    async with python() as guest:
        with pytest.raises(InstanceEnded) as ended:
            await guest.exec(code)
    assert str(ended.value) == (
        f"{function} is not granted. Mend: grant `{grant}` (under [wasi] in the manifest)"
    )


@scenario
async def test_python_cannot_start_without_entropy() -> None:
    with pytest.raises(InstanceEnded, match=r"wasi:random is not granted. Mend: grant `entropy`"):
        async with python(entropy=None) as guest:
            await guest.exec("said = 1")


@pytest.mark.parametrize("source", [b"short", "text", None])
@scenario
async def test_an_entropy_source_that_lies(source: Any) -> None:
    class Lying:
        def fill(self, length: int) -> Any:
            return source

    with pytest.raises(InstanceEnded, match=r"wasi:random: the entropy source gave .* in place of \d+ bytes"):
        async with python(entropy=Lying()) as guest:
            await guest.exec("said = os.urandom(16)")


@pytest.mark.parametrize(
    "code",
    [
        "open('/etc/passwd')",
        "open('new', 'w')",
        "os.listdir('/')",
        "os.listdir('.')",
        "os.mkdir('/x')",
        "os.stat('/')",
        "os.remove('/etc/passwd')",
    ],
)
@scenario
async def test_there_are_no_files(code: str) -> None:
    async with python() as guest:
        assert await guest.exec(caught(code)) == "FileNotFoundError"
        assert await guest.exec("said = 'goes on'") == "goes on"


@pytest.mark.parametrize(
    "code",
    [
        "socket.socket()",
        "socket.socket(socket.AF_INET6)",
        "socket.socket(socket.AF_INET, socket.SOCK_DGRAM)",
        "socket.getaddrinfo(b'localhost', 80)",
    ],
)
@scenario
async def test_there_is_no_network(code: str) -> None:
    async with python() as guest:
        assert await guest.exec(caught(code)) in ("PermissionError", "gaierror")
        assert await guest.exec("said = 'goes on'") == "goes on"


@pytest.mark.parametrize(("code", "expected"), [("os._exit(0)", 0), ("os._exit(3)", 1)])
@scenario
async def test_a_guest_that_exits_ends_alone(code: str, expected: int) -> None:
    # WASI 0.2's stable `exit` knows good and bad only.
    async with python() as guest:
        with pytest.raises(GuestExit) as ended:
            await guest.exec(code)
        assert ended.value.code == expected
        assert guest.instance.handles == 0


@scenario
async def test_an_exception_in_a_capability_that_wasi_cannot_say_is_raised_to_the_caller() -> None:
    class Broken:
        def now(self) -> Any:
            raise OSError("the clock fell off")

        def resolution(self) -> Any:
            raise OSError("the clock fell off")

    async with python(wall_clock=Broken()) as guest:
        with pytest.raises(OSError, match="the clock fell off"):
            await guest.exec("time.time()")
        assert isinstance(guest.instance.ended, InstanceEnded)
