"""The C header of a world's imports: what includes it is linked, and its structs lie as they must."""

from __future__ import annotations

import asyncio
import re
import subprocess
import sys
from typing import TYPE_CHECKING, Any

import pytest
from capwit.bridge import Host
from capwit.bridge.serve import function_of
from capwit.cli.main import main
from capwit.engine.layout import layout
from capwit.program import load_bindings

if TYPE_CHECKING:
    from pathlib import Path

    from capwit.bridge.binding import Bindings

SCHEMA = """\
@0xd2c7a3f1b4e59877;
using Wit = import "/capwit/wit.capnp";
using Files = import "/capwit/caps/files.capnp";
$Wit.package("demo:header@1.2.3");
struct Point { x @0 :Float64; y @1 :Float32; big @2 :UInt64; name @3 :Text; flag @4 :Bool; default @5 :Int8; }
struct Shape {
  union { none @0 :Void; point @1 :Point; number @2 :Int64; ratio @3 :Float32; list @4 :List(Point); }
}
struct Held { thing @0 :Thing; all @1 :List(Thing); job @2 :Job; int @3 :Shape; }
struct Tree { label @0 :Text; children @1 :List(Tree); }
enum Colour { red @0; green @1; }
interface Base { show @0 (thing :Thing) -> (thing :Thing); }
interface Thing extends(Base) { type @0 (match :Text, import :UInt8) -> (self :Text); }
interface Job {
  scalars @0 (a :Bool, b :Int8, c :UInt16, d :Int32, e :UInt64, f :Float32, g :Float64) -> (a :UInt64);
  texts @1 (a :Text, b :Data, c :List(Text), d :List(List(UInt16))) -> (a :List(Point));
  shapes @2 (shape :Shape, point :Point, colour :Colour) -> (shape :Shape, colour :Colour);
  lend @3 (thing :Thing, job :Job) -> (thing :Thing);
  give @4 (thing :Thing $Wit.transfer, held :Held) -> (held :Held);
  many @5 (a :Text, b :Text, c :Text, d :Text, e :Text, f :Text, g :Text, h :Text, i :Shape) -> ();
  import @6 (type :Text, fn :UInt32) -> stream;
  copy @7 () -> (value :Int8);
  tree @8 (tree :Tree) -> (tree :Tree);
  any @9 (any :Capability) -> (any :Capability);
  drop @10 () -> (ratio :Float32);
}
struct Grants $Wit.grants("worker") {
  job @0 :Job;
  name @1 :Text;
  count @2 :UInt64;
  ratio @3 :Float64;
  spare @4 :Thing $Wit.optional;
  things @5 :List(Thing);
  class @6 :UInt8;
  files @7 :Files.Directory;
  point @8 :Point;
}
"""
# What a call returns in memory: the import's two names, the function, the type of its last parameter.
RESULT = re.compile(r'IMPORT\("(.+)", "(.+)"\) void (\w+)\(.*?(\w+) \*result\);')
NAME = re.compile(r'IMPORT\(".+", ".+"\) \w+ (\w+)\(')
PROGRAM = """\
#include "worker_imports.h"
#include <stdlib.h>
__attribute__((export_name("cabi_realloc")))
void *cabi_realloc(void *old, size_t old_size, size_t align, size_t size) {
    (void)old, (void)old_size, (void)align;
    return malloc(size);
}
"""


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The schema's files, and the header."""
    folder = tmp_path_factory.mktemp("header")
    (folder / "header_case.capnp").write_text(SCHEMA)
    arguments = ["generate", str(folder / "header_case.capnp"), "--out", str(folder), "--guest", "c"]
    assert main([*arguments, "--no-validate"]) == 0
    return folder


def compiled(folder: Path, text: str) -> Path:
    source, built = folder / "guest" / "core.c", folder / "core.wasm"
    source.write_text(text)
    compiler = [
        sys.executable,
        "-m",
        "ziglang",
        "cc",
        "--target=wasm32-wasi",
        "-Os",
        "-Wall",
        "-Wextra",
        "-Werror",
    ]
    done = subprocess.run(  # in that folder: see `guests.made`
        [*compiler, source, "-o", built], capture_output=True, text=True, check=False, cwd=folder
    )
    assert not done.returncode, done.stderr
    return built


def sizes(bindings: Bindings, header: str) -> list[str]:
    """What C is to check: the size and alignment of each result, as the bindings have it."""
    checks = []
    for interface, label, _, type in RESULT.findall(header):
        known = {each.name: each for each in bindings.interfaces if each.interface == interface}
        grants = next((each for each in bindings.grants if each.interface == interface), None)
        host = function_of(known, label)
        result = host.type.result if host else grants.grants[label].type if grants else None
        if result is not None:
            size, align, _ = layout(result)
            checks.append(
                f'_Static_assert(sizeof({type}) == {size} && _Alignof({type}) == {align}, "{label}");'
            )
    return checks


def test_every_import_is_of_its_type(folder: Path) -> None:
    bindings = load_bindings(folder / "header_case.py")
    header = (folder / "guest" / "worker_imports.h").read_text()
    functions = [name for name in NAME.findall(header) if name != "cabi_realloc"]
    assert {"job_many", "job_drop_", "thing_as_base", "get_name", "thing_show"} <= {*functions}
    checks = sizes(bindings, header)
    assert len(checks) > 15
    used = "".join(
        f"    if (argc == {i}) return (int)(size_t)&{name};\n" for i, name in enumerate(functions, 9)
    )
    program = (
        PROGRAM
        + "\n".join(checks)
        + f"\nint main(int argc, char **argv) {{\n    (void)argv;\n{used}    return 0;\n}}\n"
    )
    built = compiled(folder, program)

    async def link() -> Any:
        async with Host() as host:
            module = await host.load_module(built, bindings)
            linked = {(each.module, each.name) for each in module.types.imports if ":" in each.module}
            await module._linked_to(module.bindings())
            return linked

    assert len(asyncio.run(link())) == len(functions)


def test_the_header_is_kept_current(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    header = folder / "guest" / "worker_imports.h"
    text = header.read_text()
    header.write_text("old")
    arguments = ["generate", str(folder / "header_case.capnp"), "--out", str(folder), "--guest", "c"]
    assert main([*arguments, "--no-validate"]) == 0
    assert header.read_text() == text
    assert str(header) in capsys.readouterr().out
