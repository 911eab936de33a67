"""What a guest sees of each function of WASI 0.2, under capwit and under wasmtime's own host: the same.

The probes are Python, for the guest that has every function (`tests.support.wasi`): each says what it sees.
"""

from __future__ import annotations

import ast
import json
from contextlib import nullcontext
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import pytest
import wasmtime
import wasmtime.component
from capwit.caps import (
    HostDirectory,
    HostNetwork,
    HostResolver,
    HttpFetch,
    Launch,
    MemoryConsole,
    MemorySource,
    SystemTimer,
    SystemWallClock,
)

from tests.bridge.support import scenario
from tests.support.beside import allow_network, compiled
from tests.support.wasi import CALLERS, explorer, functions_of, held_to, wasi_guest
from tests.support.web import web_server

if TYPE_CHECKING:
    from collections.abc import Sequence

PROBES: Final = Path(__file__).parent / "guests" / "probes"
ARGUMENTS: Final = ["program", "a b", "käse"]
TYPED: Final = b"typed words"

# Where wasmtime 50 says something else, by file, probe and what was looked at: its words, and why not ours.
WASMTIME: Final = {
    # As POSIX and Linux have it: O_DIRECTORY and O_NOFOLLOW on a link; a slash behind a directory's name.
    ("paths", "links", "a link is no directory"): "loop",
    ("paths", "making_and_removing", "remove 'new2/'"): "invalid",
    ("paths", "making_and_removing", "remove 'dl/'"): "invalid",
    ("paths", "making_and_removing", "remove 'empty/..'"): "invalid",
    # The WIT: such addresses are never returned; what is no name is an invalid argument.
    ("datagrams", "names", "name '::ffff:1.2.3.4'"): "([(0, 0, 0, 0, 0, 65535, 258, 772)], None)",
    ("datagrams", "names", "name '*'"): "name_unresolvable",
    ("datagrams", "names", "name 'x..y'"): "name_unresolvable",
    # The WIT: names are returned in the case that they were given in.
    ("web", "changing_fields", "entries"): "[('a', b'1'), ('a', b'3'), ('b', b'2')]",
    # `OPTIONS *` is a request; a fragment is never sent, nor anything but ASCII, nor whose password it is.
    ("web", "requests", "path '*'"): "refused",
    ("web", "requests", "path '/ä'"): "None",
    ("web", "requests", "path '/a#b'"): "None",
    ("web", "requests", "authority 'u@h'"): "None",
    # Trailers are sent; and the errors that the WIT has a name for have it.
    ("web", "asking", "trailers: content"): "38 b\"('POST', '/echo', [], [], 5, b'hello')\" Closed",
    ("web", "asking", "too short: fails"): "HttpProtocolError",
    ("web", "asking", "/cut: cut"): "failed: None",
    ("web", "asking_nobody", "another scheme: fails"): "HttpProtocolError",
}


def probes(file: str) -> list[str]:
    """Return the names of the probes in a file: its functions of one directory."""
    tree = ast.parse((PROBES / f"{file}.py").read_text())
    functions = [each for each in tree.body if isinstance(each, ast.FunctionDef)]
    return [each.name for each in functions if [argument.arg for argument in each.args.args] == ["d"]]


def code(file: str) -> list[str]:
    """Return what the guest is to run, one after the other."""
    texts = [(PROBES / f"{name}.py").read_text() for name in ("prelude", file)]
    return [*texts, f"said = json.dumps(probe({probes(file)!r}))"]


def seen(said: str) -> dict[tuple[str, str], str]:
    return {(probe, what): how for probe, what, how in json.loads(said)}


async def under_capwit(codes: Sequence[str], server: str, folder: Path) -> str:
    given: dict[str, Any] = {
        "launch": Launch(ARGUMENTS, {"SERVER": server}),
        "stdin": MemorySource(TYPED),
        "stdout": MemoryConsole(),
        "stderr": MemoryConsole(),
        "timer": SystemTimer(),
        "wall_clock": SystemWallClock(),
        "network": HostNetwork(["*:*"], ["*:*"]),
        "resolver": HostResolver(["*"]),
        "preopens": {"/data": HostDirectory(folder)},
    }
    async with HttpFetch(["http://*:*", "https://*:*"]) as fetch, explorer(http=fetch, **given) as guest:
        for each in codes:
            said = await guest.exec(each)
    return said


def under_wasmtime(codes: Sequence[str], server: str, folder: Path, scratch: Path) -> str:
    engine, component = compiled(wasi_guest())
    linker = wasmtime.component.Linker(engine)
    linker.add_wasip2()
    linker.add_wasi_http()
    with linker.root() as root, root.add_instance("wasi:cli/exit@0.2.1") as made:
        for name in ("exit", "exit-with-code"):  # the one is unstable, and the guest calls neither
            made.add_func(name, lambda *_: None)
    config = wasmtime.WasiConfig()
    config.argv = ARGUMENTS
    config.env = [("SERVER", server)]
    config.preopen_dir(str(folder), "/data")
    (scratch / "in").write_bytes(TYPED)
    config.stdin_file = str(scratch / "in")
    config.stdout_file = str(scratch / "out")
    config.stderr_file = str(scratch / "err")
    allow_network(config)
    store = wasmtime.Store(engine)
    store.set_wasi(config)
    store.set_wasi_http()
    try:
        instance: Any = linker.instantiate(store, component)
        run: Any = instance.get_func(store, "exec")
        for each in codes:
            said = run(store, each)
            run.post_return(store)
            assert not said.startswith("raised "), said
    finally:
        store.close()
    return str(said)


@pytest.mark.usefixtures("interpreter")
@pytest.mark.parametrize("file", ["files", "paths", "sockets", "datagrams", "others", "web"])
@scenario
async def test_a_guest_sees_the_same(file: str, tmp_path: Path) -> None:
    ours, theirs, scratch = (tmp_path / name for name in ("ours", "theirs", "scratch"))
    for folder in (ours, theirs, scratch):
        folder.mkdir()
    with web_server() as server:
        expected = seen(under_wasmtime(code(file), server, theirs, scratch))
        with held_to(file) if file in CALLERS.values() else nullcontext():
            found = seen(await under_capwit(code(file), server, ours))
    assert not {(probe, what) for probe, what in expected if what == "raised"}
    different = {
        (file, *at): expected.get(at) for at in {**expected, **found} if expected.get(at) != found.get(at)
    }
    assert different == {at: words for at, words in WASMTIME.items() if at[0] == file}, {
        at[1:]: found.get(at[1:]) for at in different
    }


def test_every_function_has_a_guest_that_calls_it() -> None:
    """Those of a file of probes are held to it above; the others where `held_to` names them."""
    assert not functions_of(None)
