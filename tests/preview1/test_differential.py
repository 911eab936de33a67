"""The same programs under capwit and under wasmtime's own WASI: the same answers on the same folder."""

from __future__ import annotations

from typing import TYPE_CHECKING

from capwit.caps import HostDirectory

from tests.bridge.support import scenario
from tests.preview1.support import run, under_wasmtime

if TYPE_CHECKING:
    from pathlib import Path


SCRIPT = [
    ("append", "/data/a", "hello"),
    ("append", "/data/a", " world"),
    ("cat", "/data/a"),
    ("cat", "/data/a/"),
    ("cat", "/data/"),
    ("cat", "/data"),
    ("cat", "/data/none"),
    ("cat", "/data/none/none"),
    ("cat", "/data/a/none"),
    ("cp", "/data/a", "/data/b"),
    ("cp", "/data/a", "/data/none/b"),
    ("cp", "/data/a", "/data/c/"),
    ("seek", "/data/b"),
    ("write-to-a-reader", "/data/a"),
    ("mkdir", "/data/d"),
    ("mkdir", "/data/d"),
    ("mkdir", "/data/a"),
    ("mkdir", "/data/e/"),
    ("mkdir", "/data/none/d"),
    ("symlink", "a", "/data/l"),
    ("symlink", "none", "/data/dangling"),
    ("symlink", "loop", "/data/loop"),
    ("symlink", "d", "/data/to-d"),
    ("symlink", "a", "/data/l"),
    ("cat", "/data/l"),
    ("cat", "/data/dangling"),
    ("cat", "/data/loop"),
    ("readlink", "/data/l"),
    ("readlink", "/data/a"),
    ("readlink", "/data/none"),
    ("stat", "/data/l"),
    ("stat", "/data/d"),
    ("stat", "/data/d/"),
    ("stat", "/data/a/"),
    ("stat", "/data/to-d"),
    ("ls", "/data"),
    ("ls", "/data/to-d"),
    ("ls", "/data/a"),
    ("ls", "/data/none"),
    ("ln", "/data/a", "/data/d/a"),
    ("ln", "/data/d", "/data/d2"),
    ("ln", "/data/none", "/data/d2"),
    ("ln", "/data/a", "/data/b"),
    ("mv", "/data/a", "/data/d"),
    ("mv", "/data/d", "/data/a"),
    ("mv", "/data/e", "/data/d"),
    ("mv", "/data/d", "/data/e"),
    ("mv", "/data/none", "/data/x"),
    ("mv", "/data/b", "/data/x"),
    ("rm", "/data/none"),
    ("rm", "/data/x"),
    ("rm", "/data/l"),
    ("rm", "/data/dangling"),
    ("rmdir", "/data/e"),
    ("rmdir", "/data/a"),
    ("rmdir", "/data/none"),
    ("rm", "/data/e/a"),
    ("rmdir", "/data/e"),
    ("touch", "/data/a"),
    ("touch", "/data/none"),
    ("cat", "/data/../secret"),
    ("cat", "/etc/passwd"),
    ("cat", "/data/./a"),
    ("cat", "/data/d/../a"),
    ("ls", "/data"),
]


@scenario
async def test_one_history_of_a_folder(tmp_path: Path) -> None:
    ours, theirs = tmp_path / "ours", tmp_path / "theirs"
    ours.mkdir()
    theirs.mkdir()
    differences = {}
    for command in SCRIPT:
        expected = under_wasmtime("files", *command, folder=theirs, scratch=tmp_path)
        done = await run("files", *command, preopens={"/data": HostDirectory(ours)})
        if done != expected:
            differences[command] = (done.out, expected.out)
    assert differences == {}
