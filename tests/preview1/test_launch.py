"""What a program is started with: bounded arguments and variables, and settings that these are laid over."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from capwit.bridge import CapError, ErrorKind, GrantError, Host, Policy
from capwit.bridge.launch import MOST_BYTES, MOST_TEXTS
from capwit.caps import ConfigOverlay, DictScope, Launch, MemoryConsole, MemoryDirectory
from capwit.caps.standard import EnvVar, KeyValueScopeClient, SettingAbsent, SettingValue
from capwit.caps.wasi import WasiGrants
from capwit.preview1.abi import Errno

from tests.bridge.support import scenario
from tests.preview1.machine import OUT, PATH, machine
from tests.preview1.support import GUESTS, run
from tests.support.guests import wasi_guest

if TYPE_CHECKING:
    from collections.abc import Sequence


@scenario
async def test_variables_are_laid_over_settings() -> None:
    scope = DictScope({"LANG": "de", "HOME": "/", "a=b": "no name", "": "none", "ZERO": "a\0b", "OK": ""})
    done = await run("launch", env={"LANG": "C"}, environment=scope, stderr=MemoryConsole())
    assert done.out == "env LANG=C\nenv HOME=/\nenv OK=\n"
    assert (await run("launch", environment=scope, stderr=MemoryConsole())).out == (
        "env HOME=/\nenv LANG=de\nenv OK=\n"
    )


@scenario
async def test_settings_over_settings() -> None:
    upper, lower = DictScope({"LANG": "de"}), DictScope({"LANG": "C", "HOME": "/"}, readonly=True)
    scope = KeyValueScopeClient(ConfigOverlay(upper, KeyValueScopeClient(lower)))
    assert (await run("launch", environment=scope, stderr=MemoryConsole())).out == "env HOME=/\nenv LANG=de\n"
    await scope.set("HOME", "/home")
    await scope.remove("LANG")
    assert [await scope.get(name) for name in ("HOME", "LANG", "X")] == [
        SettingValue("/home"), SettingValue("C"), SettingAbsent(),
    ]  # fmt: skip
    assert upper.values == {"HOME": "/home"} and lower.values == {"LANG": "C", "HOME": "/"}


@scenario
async def test_settings_are_a_grant_that_is_narrowed_and_revoked() -> None:
    async with Host() as host:
        module = await host.load_module(wasi_guest(GUESTS / "launch.c"))
        console = MemoryConsole()
        grants = WasiGrants(environment=DictScope({"A": "b"}), stdout=console, stderr=MemoryConsole())
        policies = {"wasi.environment": Policy(deny=("key-value-scope.get",))}
        for denied in (policies, {}):
            async with module.instantiate(grants, policies=denied) as instance:
                if not denied:
                    instance.revoke("wasi.environment")
                with pytest.raises(Exception, match="exited with code 71"):  # EX_OSERR, by its libc
                    await instance.run()
        assert console.text == ""


class Lavish:
    """A launch that another process serves, with more than anybody needs."""

    def __init__(self, texts: int, size: int) -> None:
        self._text = "x" * size
        self._texts = texts

    def args(self) -> Sequence[str]:
        return [self._text] * self._texts

    def env(self) -> Sequence[EnvVar]:
        return [EnvVar("A", self._text)] * self._texts


@pytest.mark.parametrize(
    ("texts", "size", "errno"),
    [
        (MOST_TEXTS, 1, Errno.SUCCESS), (MOST_TEXTS + 1, 1, Errno.TOO_BIG),
        (1, MOST_BYTES - 3, Errno.SUCCESS), (1, MOST_BYTES, Errno.TOO_BIG),
    ],
)  # fmt: skip
@scenario
async def test_more_than_a_program_may_be_started_with(texts: int, size: int, errno: Errno) -> None:
    async with machine(launch=Lavish(texts, size)) as m:
        for name in ("args_sizes_get", "environ_sizes_get"):
            assert await m.call(name, OUT, PATH) is errno


@scenario
async def test_no_more_settings_are_asked_for_than_a_program_may_have() -> None:
    asked = 0

    class Endless:
        def list(self) -> Sequence[str]:
            return [str(number) for number in range(10 * MOST_TEXTS)]

        def get(self, name: str) -> Any:
            nonlocal asked
            asked += 1
            return DictScope({name: "x"}).get(name)

        def set(self, name: str, value: str) -> None:
            raise CapError(ErrorKind.DENIED, "")

        def remove(self, name: str) -> None:
            raise CapError(ErrorKind.DENIED, "")

    async with machine(environment=Endless()) as m:
        assert await m.call("environ_sizes_get", OUT, PATH) is Errno.TOO_BIG
    assert asked == MOST_TEXTS + 1


@pytest.mark.parametrize(
    ("args", "env", "message"),
    [
        (["x"] * (MOST_TEXTS + 1), {}, "args: 4097 arguments, the most is 4096"),
        (["x" * MOST_BYTES], {}, "args: arguments of 1048577 bytes, the most is 1048576"),
        ([], {str(number): "" for number in range(MOST_TEXTS + 1)}, "env: 4097 variables, the most is"),
        ([], {"A": "ä" * (MOST_BYTES // 2)}, "env: variables of 1048579 bytes"),
    ],
)
def test_a_launch_refuses_what_is_too_much(args: list[str], env: dict[str, str], message: str) -> None:
    with pytest.raises(GrantError, match=message):
        Launch(args, env)


# -- Preopens, by number


@scenario
async def test_preopens_have_the_numbers_they_are_given() -> None:
    names = ("/a", "/b", "/c", "/d")
    preopens = {name: MemoryDirectory() for name in names}
    async with machine(preopens=preopens, preopen_fds={"/c": 3, "/a": 5}) as m:
        found = {}
        for fd in range(3, 9):
            if await m.call("fd_prestat_get", fd, OUT) is Errno.SUCCESS:
                assert await m.call("fd_prestat_dir_name", fd, PATH, 2) is Errno.SUCCESS
                found[fd] = (await m.peek(PATH, 2)).decode()
        assert found == {3: "/c", 4: "/b", 5: "/a", 6: "/d"}
        assert await m.open("x", 1, fd=5) == 7


@scenario
async def test_a_number_beyond_a_gap() -> None:
    async with machine(preopens={"/a": MemoryDirectory()}, preopen_fds={"/a": 1000}) as m:
        assert await m.call("fd_prestat_get", 3, OUT) is Errno.BADF
        assert await m.open("x", 1, fd=1000) == 3


@pytest.mark.parametrize(
    ("fds", "message"),
    [
        ({"/a": 3, "/b": 3}, "both '/a' and '/b' are to have 3"),
        ({"/a": 2}, "'/a' cannot have 2"),
        ({"/a": 2**31}, "cannot have"),
        ({"/x": 3}, "there is no preopen '/x'"),
    ],
)
def test_numbers_that_collide(fds: dict[str, int], message: str) -> None:
    with pytest.raises(GrantError, match=message):
        WasiGrants(preopens={"/a": MemoryDirectory(), "/b": MemoryDirectory()}, preopen_fds=fds)
