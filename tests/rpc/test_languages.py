"""Clients in other languages, by their own Cap'n Proto libraries: C++ and Rust, of a room in a guest."""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
from pathlib import Path
from typing import TYPE_CHECKING, Final

import pytest

from .far import native
from .serving import ROOT, SCHEMA, Server, program, serving

if TYPE_CHECKING:
    from collections.abc import Iterator

NATIVE: Final = Path(__file__).parent / "native"
CACHE: Final = ROOT / ".cache" / "native"

# What either client does: it joins twice, and leaves twice. That its listener is dropped tells it that the
# guest's destructor has run.
TALK: Final = """\
early 0
names ann bob
said 1
ann heard bob: hi
dropped bob
names ann
refused: true
dropped ann
names
"""


def run(*command: str | Path, **environment: str) -> None:
    done = subprocess.run(
        command, capture_output=True, text=True, check=False, env={**os.environ, **environment}
    )
    assert not done.returncode, done.stderr


def cpp_client() -> Path:
    """Build the client in C++ by Debian's libcapnp-dev, once."""
    for tool in ("capnp", "capnpc-c++", "g++"):
        if shutil.which(tool) is None:
            pytest.skip(f"{tool} is missing. Mend: apt-get install capnproto libcapnp-dev g++")
    if not Path("/usr/include/capnp/ez-rpc.h").is_file():
        pytest.skip("libcapnp-dev is missing. Mend: apt-get install libcapnp-dev")
    source, annotations = NATIVE / "client.c++", ROOT / "codegen" / "capwit" / "wit.capnp"
    content = b"\0".join(each.read_bytes() for each in (source, SCHEMA, annotations))
    folder = CACHE / f"cpp-{hashlib.sha256(content).hexdigest()[:16]}"
    built = folder / "client"
    if not built.is_file():
        folder.mkdir(parents=True, exist_ok=True)
        compile = ["capnp", "compile", f"-I{ROOT / 'codegen'}", f"-oc++:{folder}"]
        run(*compile, f"--src-prefix={SCHEMA.parent}", SCHEMA)
        run(*compile, f"--src-prefix={ROOT / 'codegen'}", annotations)
        part = folder / f"client-{os.getpid()}"
        generated = [folder / "chat.capnp.c++", folder / "capwit" / "wit.capnp.c++"]
        libraries = ["-lcapnp-rpc", "-lcapnp", "-lkj-async", "-lkj"]
        run("g++", "-std=c++17", "-O0", "-I", folder, source, *generated, *libraries, "-o", part)
        part.replace(built)
    return built


@pytest.fixture(scope="module")
def room(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """One room for all clients."""
    with serving(program(tmp_path_factory.mktemp("chat")), "--instances", "shared") as server:
        yield server
        done = server.stop()
        assert (done["code"], done["ledger"]["balance"]) == (0, 0), done


@pytest.mark.parametrize("build", [cpp_client, native])
def test_a_client_passes_capabilities_and_drops_what_lives_in_the_guest(room: Server, build: object) -> None:
    assert callable(build)
    client = build()
    before = {name: len(room.events(name)) for name in ("drop", "release")}
    done = subprocess.run([client, room.address], capture_output=True, text=True, check=False, timeout=60)
    assert (done.stdout, done.returncode) == (TALK, 0), done.stderr
    dropped = [each["interface"] for each in room.events("drop")[before["drop"] :]]
    assert dropped.count("example:chat/chat@0.1.0.listener") >= 2
    released = room.events("release")[before["release"] :]
    assert {each["interface"] for each in released} >= {"example:chat/chat@0.1.0.seat"}
    assert {each["holder"] for each in released} <= {"client", "client-2", "host"}
