"""The tools of examples/wasi: alike on each kind of directory, and what their README shows."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from capwit.bridge import Host
from capwit.caps import Launch, MemoryConsole, MemorySource, ReadOnlyDirectory
from capwit.caps.wasi import WasiGrants

from tests.bridge.support import scenario
from tests.preview1.kinds import KINDS, Kind, put
from tests.preview1.support import EXAMPLES, Done, run
from tests.support.documents import commands, matches, run_command
from tests.support.guests import wasi_guest
from tests.support.languages import interpreter

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path


def shell(directory: Any, kind: Kind | None = None) -> Callable[..., Any]:
    """Return what runs a line of the shell on a directory, named /."""

    async def line(text: str, **grants: Any) -> tuple[Done, str]:
        errors = MemoryConsole()
        grants = {"stderr": errors, "preopens": {"/": directory}, "env": {"NAME": "value"}, **grants}
        policies = None if kind is None else kind.policies
        return await run("tools", "sh", "-c", text, policies=policies, **grants), errors.text

    return line


@pytest.mark.parametrize("kind", KINDS.values(), ids=KINDS)
@scenario
async def test_a_session(kind: Kind, tmp_path: Path) -> None:
    do = shell(kind.make(tmp_path), kind)
    assert await do("echo pear > a; echo apple >> a; sort a; cat a") == (
        Done(0, "apple\npear\npear\napple\n"), "",
    )  # fmt: skip
    assert await do("mkdir d && cp a d; mv a d/b; ls; ls d; wc d/a d/b") == (Done(0, "d\na\nb\n4 4 22\n"), "")
    assert await do("cd d; pwd; cat b | sort | wc; sort -r < b > ../c; cat ../c") == (
        Done(0, "/d\n2 2 11\npear\napple\n"), "",
    )  # fmt: skip
    assert await do("rm d") == (Done(1, ""), "rm: d: Directory not empty\n")
    assert await do("cat none && echo no || echo code $?") == (
        Done(0, "code 1\n"), "cat: none: No such file or directory\n",
    )  # fmt: skip
    assert await do("rm d/a d/b d c; ls; cp none x; exit 3") == (
        Done(3, ""), "cp: none: No such file or directory\n",
    )  # fmt: skip


@scenario
async def test_the_language_of_the_shell(tmp_path: Path) -> None:
    do = shell(KINDS["memory"].make(tmp_path))
    for line, out in (
        ("echo '$NAME' \"$NAME  x\" $NAME$NONE\\ y # not this", "$NAME value  x value y\n"),
        ("echo one;echo two\necho three", "one\ntwo\nthree\n"),
        ("none || echo $?", "127\n"),
        ("echo a && none && echo no; echo $?", "a\n127\n"),
        ("echo '' | cat | cat", "\n"),
        ("", ""),
    ):
        assert (await do(line))[0] == Done(0, out), line
    assert await do("echo 'open") == (Done(2, ""), "sh: a quote is open, or a line too long\n")
    assert await do("cat < none") == (Done(1, ""), "sh: none: No such file or directory\n")
    script = MemorySource(b"echo from stdin > f\ncat f\nexit 4\necho no\n")
    assert await run("tools", "sh", stdin=script, preopens={"/": KINDS["memory"].make(tmp_path)}) == Done(
        4, "from stdin\n"
    )


@pytest.mark.parametrize("kind", KINDS.values(), ids=KINDS)
@scenario
async def test_a_folder_that_is_revoked_in_the_middle(kind: Kind, tmp_path: Path) -> None:
    directory, console, errors = kind.make(tmp_path), MemoryConsole(), MemoryConsole()
    await put(directory, "a", b"content\n")
    lines = [b"cat a; cat a > b; ls\n", b"cat a; ls; mkdir d; mv a c; rm a; echo x > b\n", b"echo $?\n"]

    class Input:
        """Revokes the folder before the second line."""

        def read(self, limit: int) -> bytes:
            if len(lines) == 2:
                instance.revoke("wasi.preopens./")
            return lines.pop(0) if lines else b""

        def readable(self) -> None:
            pass

    async with Host() as host:
        module = await host.load_module(wasi_guest(EXAMPLES / "tools"))
        grants = WasiGrants(
            launch=Launch(["tools", "sh"]), stdin=Input(), stdout=console, stderr=errors,
            preopens={"/": directory},
        )  # fmt: skip
        async with module.instantiate(grants, policies=kind.policies) as instance:
            await instance.run()
        assert host.ledger.balance == 0
    assert console.text == "content\na\nb\n1\n"
    failed = ("cat: a", "ls: .", "mkdir: d", "mv: a", "rm: a", "sh: b")
    assert errors.text == "".join(f"{each}: Capabilities insufficient\n" for each in failed)


@scenario
async def test_a_view_for_reading_only(tmp_path: Path) -> None:
    directory = KINDS["host"].make(tmp_path)
    await put(directory, "a", b"b\na\n")
    await put(directory, "b", b"")
    do = shell(ReadOnlyDirectory(directory))
    assert await do("ls; sort a; wc a") == (Done(0, "a\nb\na\nb\n2 2 4\n"), "")
    for line in ("cp a c", "mv a c", "rm a", "mkdir d", "echo x > a", "echo x >> a"):
        done, errors = await do(line)
        assert done.code == 1 and errors.endswith(": Read-only file system\n"), line
    assert await shell(directory)("ls; cat a") == (Done(0, "a\nb\nb\na\n"), "")


@pytest.mark.parametrize("language", ["lua", "quickjs"])
def test_what_the_readmes_show(language: str, tmp_path: Path) -> None:
    (tmp_path / ".cache").mkdir()
    for name, module in (("tools", wasi_guest(EXAMPLES / "tools")), (language, interpreter(language))):
        (tmp_path / ".cache" / f"{name}.wasm").symlink_to(module)
    document = {"lua": "README.md", "quickjs": "quickjs/README.md"}[language]
    found = commands(f"examples/wasi/{document}")
    assert len(found) >= 6
    for command, shown in found:
        _, printed = run_command(command, tmp_path)
        assert matches(shown, printed), (command, printed)
