"""Compiling: once, in a child, into a cache that trusts nothing it has not hashed."""

from __future__ import annotations

import asyncio
import gc
import json
import os
import shutil
import sys
import weakref
from typing import TYPE_CHECKING, Any

import pytest
from capwit.engine import compiler as compiling
from capwit.engine.cache import CompileCache, default_folder
from capwit.engine.compiler import Compiler, cache_key
from capwit.engine.errors import LoadError
from capwit.engine.runtime import Runtime

from tests.engine.support import RUN, child, instantiate, link, wasm

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


def component(answer: int, padding: int = 40_000) -> bytes:
    """A component large enough to be compiled in a child, whose `run` gives an answer."""
    text = f"""(component (core module $m
        (memory 1) (data (i32.const 0) "{"x" * padding}")
        (func (export "run") (result i32) (i32.const {answer})))
      (core instance $i (instantiate $m))
      (func (export "run") (result u32) (canon lift (core func $i "run"))))"""
    return wasm(text)


@pytest.fixture(autouse=True)
def importable(monkeypatch: pytest.MonkeyPatch) -> None:
    """The child finds the package where this process has it."""
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join(path for path in sys.path if path))


@pytest.fixture
def runtime() -> Iterator[Runtime]:
    runtime = Runtime()
    yield runtime
    runtime.close()


async def answer(runtime: Runtime, compiled: Any) -> Any:
    guest = await instantiate(link(runtime, compiled))
    try:
        return await guest.call("run", RUN)
    finally:
        await guest.store.close()


def compile_and_run(runtime: Runtime, folder: Path | None, binary: bytes) -> Any:
    async def main() -> Any:
        cache = None if folder is None else CompileCache(folder)
        return await answer(runtime, await Compiler(runtime, cache).compile(binary, "guest"))

    return asyncio.run(main())


def entries(folder: Path) -> list[Path]:
    return sorted(path for path in folder.iterdir() if path.suffix == ".cwasm")


@pytest.fixture
def children(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The components that were compiled in a child."""
    compiled: list[str] = []
    real = Compiler._compile_in_child

    async def note(self: Compiler, source: Path, target: Path, name: str, kind: Any) -> None:
        compiled.append(name)
        await real(self, source, target, name, kind)

    monkeypatch.setattr(Compiler, "_compile_in_child", note)
    return compiled


def test_a_miss_then_hits(runtime: Runtime, tmp_path: Path, children: list[str]) -> None:
    folder = tmp_path / "cache"
    for _ in range(3):
        assert compile_and_run(runtime, folder, component(5)) == 5
    assert len(children) == 1
    assert [path.name for path in folder.iterdir()] == [path.name for path in entries(folder)], (
        "no scratch is left"
    )
    assert folder.stat().st_mode & 0o777 == 0o700
    assert entries(folder)[0].stat().st_mode & 0o077 == 0


def test_each_component_has_its_entry(runtime: Runtime, tmp_path: Path) -> None:
    for number in (1, 2, 3):
        assert compile_and_run(runtime, tmp_path, component(number)) == number
    assert len(entries(tmp_path)) == 3


def test_a_small_component_needs_no_cache(runtime: Runtime, tmp_path: Path, children: list[str]) -> None:
    assert compile_and_run(runtime, tmp_path, component(5, padding=10)) == 5
    assert compile_and_run(runtime, None, component(6)) == 6
    assert children == []
    assert entries(tmp_path) == []


def test_one_compiler_compiles_once(runtime: Runtime, tmp_path: Path, children: list[str]) -> None:
    async def main() -> None:
        compiler = Compiler(runtime, CompileCache(tmp_path))
        first, second = await asyncio.gather(*(compiler.compile(component(5), "guest") for _ in range(2)))
        assert first is second

    asyncio.run(main())
    assert len(children) == 1


def test_what_nobody_has_any_more_is_not_kept(runtime: Runtime) -> None:
    async def main() -> None:
        compiler = Compiler(runtime, None)
        binary = component(5, padding=10)
        first, second = [await compiler.compile(binary, "guest") for _ in range(2)]
        same, gone = first is second, weakref.ref(first)
        assert same
        del first, second
        for _ in range(100):  # the thread that compiled it lets go of it a little later
            if gone() is None:
                break
            gc.collect()
            await asyncio.sleep(0.01)
        assert gone() is None
        assert await answer(runtime, await compiler.compile(binary, "guest")) == 5

    asyncio.run(main())


def flip(path: Path, position: int) -> None:
    data = bytearray(path.read_bytes())
    data[position] ^= 0x10
    path.write_bytes(data)


def flip_each(path: Path) -> Iterator[None]:
    size = path.stat().st_size
    for position in (0, size // 3, size // 2, size - 1):
        flip(path, position)
        yield
        path = entries(path.parent)[0]


def test_a_corrupt_entry_is_refused_and_made_anew(
    runtime: Runtime, tmp_path: Path, children: list[str]
) -> None:
    binary = component(5)
    assert compile_and_run(runtime, tmp_path, binary) == 5
    for rounds, _ in enumerate(flip_each(entries(tmp_path)[0]), start=2):
        assert compile_and_run(runtime, tmp_path, binary) == 5
        assert len(children) == rounds
        assert len(entries(tmp_path)) == 1


def test_code_that_is_compiled_quickly_is_not_taken_for_the_other(
    runtime: Runtime, tmp_path: Path, children: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    for how in ("", "quick", "", "quick"):
        monkeypatch.setenv("CAPWIT_COMPILE", how)
        assert compile_and_run(runtime, tmp_path, component(5)) == 5
    assert (len(children), len(entries(tmp_path))) == (2, 2)


@pytest.mark.parametrize("size", [0, 1, 100])
def test_a_truncated_entry(runtime: Runtime, tmp_path: Path, children: list[str], size: int) -> None:
    binary = component(5)
    compile_and_run(runtime, tmp_path, binary)
    os.truncate(entries(tmp_path)[0], size)
    assert compile_and_run(runtime, tmp_path, binary) == 5
    assert len(children) == 2


def test_an_entry_of_another_component(runtime: Runtime, tmp_path: Path, children: list[str]) -> None:
    """Its content is whole, but it is not what its name says."""
    mine, other = component(5), component(6)
    compile_and_run(runtime, tmp_path, other)
    (path,) = entries(tmp_path)
    path.rename(path.with_name(path.name.replace(cache_key(other), cache_key(mine))))
    assert compile_and_run(runtime, tmp_path, mine) == 5
    assert len(children) == 2


def test_an_entry_of_another_build(runtime: Runtime, tmp_path: Path, children: list[str]) -> None:
    """Hashed well, but not wasmtime's: refused by wasmtime, and made anew."""
    binary = component(5)
    cache = CompileCache(tmp_path)
    scratch = cache.scratch()
    scratch.write_bytes(b"not machine code")
    cache.store(cache_key(binary), scratch)
    assert compile_and_run(runtime, tmp_path, binary) == 5
    assert len(children) == 1


def test_an_entry_that_cannot_be_read(runtime: Runtime, tmp_path: Path, children: list[str]) -> None:
    binary = component(5)
    compile_and_run(runtime, tmp_path, binary)
    (path,) = entries(tmp_path)
    path.unlink()
    path.mkdir()
    with pytest.raises(LoadError, match=r"guest: the compile cache .*Is a directory"):
        compile_and_run(runtime, tmp_path, binary)


@pytest.mark.parametrize("mode", [0o755, 0o770, 0o777, 0o701])
def test_a_folder_open_to_others_is_refused(tmp_path: Path, mode: int) -> None:
    folder = tmp_path / "cache"
    folder.mkdir()
    folder.chmod(mode)
    with pytest.raises(PermissionError, match="chmod 700"):
        CompileCache(folder)


def test_a_file_in_the_place_of_the_folder(tmp_path: Path) -> None:
    (tmp_path / "cache").write_text("")
    with pytest.raises(OSError, match="cache"):
        CompileCache(tmp_path / "cache")


def test_the_folder_follows_xdg(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    assert default_folder() == tmp_path / "capwit" / "compiled"
    monkeypatch.delenv("XDG_CACHE_HOME")
    monkeypatch.setenv("HOME", str(tmp_path))
    assert default_folder() == tmp_path / ".cache" / "capwit" / "compiled"


def test_a_folder_that_went_away(runtime: Runtime, tmp_path: Path) -> None:
    async def main() -> None:
        compiler = Compiler(runtime, CompileCache(tmp_path / "cache"))
        shutil.rmtree(tmp_path / "cache")
        with pytest.raises(LoadError, match=r"guest: .*cache"):
            await compiler.compile(component(5), "guest")

    asyncio.run(main())


BAD = {
    "nothing": b"",
    "text": b"not wasm" * 4000,
    "a core module cut off": wasm('(module (memory 1) (data (i32.const 0) "' + "x" * 40_000 + '"))')[:-50],
    "cut off": component(5)[:-50],
    "header only": b"\0asm\x0d\0\x01\0",
}


@pytest.mark.parametrize("cached", [False, True])
@pytest.mark.parametrize("what", BAD)
def test_what_wasmtime_refuses_is_a_load_error(
    runtime: Runtime, tmp_path: Path, what: str, cached: bool
) -> None:
    if what == "header only":
        return compile_and_run_only(runtime, tmp_path if cached else None, BAD[what])
    with pytest.raises(LoadError, match=r"^guest: wasmtime refuses the (component|module): ") as caught:
        compile_and_run(runtime, tmp_path if cached else None, BAD[what])
    assert "\n" not in str(caught.value)
    assert list(tmp_path.iterdir()) == []
    return None


def compile_and_run_only(runtime: Runtime, folder: Path | None, binary: bytes) -> None:
    cache = None if folder is None else CompileCache(folder)
    asyncio.run(Compiler(runtime, cache).compile(binary, "guest"))


@pytest.mark.parametrize(
    ("program", "said"),
    [
        ("import os, signal; os.kill(os.getpid(), signal.SIGKILL)", "the compiler died (status -9)"),
        ("raise SystemExit(9)", "the compiler died (status 9)"),
        ("raise MemoryError", "MemoryError"),
        (
            "import sys; sys.stderr.write('x' * 10_000_000); raise SystemExit(2)",
            "the compiler died (status 2)",
        ),
        ("import time; time.sleep(60)", "took more than"),
    ],
    ids=["killed", "status", "traceback", "loud", "slow"],
)
def test_a_compiler_that_dies(
    runtime: Runtime, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, program: str, said: str
) -> None:
    fake = tmp_path / "python"
    fake.write_text(f"#!{sys.executable}\n{program}\n")
    fake.chmod(0o755)
    monkeypatch.setattr(sys, "executable", str(fake))
    monkeypatch.setattr(compiling, "_SECONDS", 1)
    folder = tmp_path / "cache"
    with pytest.raises(LoadError) as caught:
        compile_and_run(runtime, folder, component(5))
    assert said in str(caught.value)
    assert "wasmtime refuses" not in str(caught.value)
    assert len(str(caught.value)) < 1000
    assert list(folder.iterdir()) == []


def test_a_compiler_that_writes_nothing(
    runtime: Runtime, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    fake = tmp_path / "python"
    fake.write_text("#!/bin/sh\nexit 0\n")
    fake.chmod(0o755)
    monkeypatch.setattr(sys, "executable", str(fake))
    with pytest.raises(LoadError):
        compile_and_run(runtime, tmp_path / "cache", component(5))
    assert list((tmp_path / "cache").iterdir()) == []


def test_the_loop_goes_on_while_a_component_is_compiled(runtime: Runtime, tmp_path: Path) -> None:
    async def main() -> int:
        compiling = asyncio.create_task(
            Compiler(runtime, CompileCache(tmp_path)).compile(component(5), "guest")
        )
        turns = 0
        while not compiling.done():
            turns += 1
            await asyncio.sleep(0.001)
        await compiling
        return turns

    assert asyncio.run(main()) > 5


def test_two_processes_at_once(tmp_path: Path) -> None:
    (tmp_path / "guest.wasm").write_bytes(component(5))
    arguments = (str(tmp_path / "guest.wasm"), str(tmp_path / "cache"))

    async def main() -> list[Any]:
        return await asyncio.gather(
            *(asyncio.to_thread(child, "tests.engine.compile_case", *arguments) for _ in range(3))
        )

    for done in asyncio.run(main()):
        assert done.returncode == 0, done.stderr
        assert json.loads(done.stdout) == 5
    assert len(entries(tmp_path / "cache")) == 1


def test_old_entries_make_room(runtime: Runtime, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    compile_and_run(runtime, tmp_path, component(1))
    size = entries(tmp_path)[0].stat().st_size
    monkeypatch.setattr("capwit.engine.cache._LIMIT", size * 5 // 2)
    os.utime(entries(tmp_path)[0], (1, 1))
    compile_and_run(runtime, tmp_path, component(2))
    assert compile_and_run(runtime, tmp_path, component(1)) == 1, "used again, and so the youngest"
    for path in entries(tmp_path):
        if path.name.startswith(cache_key(component(2))):
            os.utime(path, (1, 1))
    compile_and_run(runtime, tmp_path, component(3))
    kept = {path.name.split(".")[0] for path in entries(tmp_path)}
    assert kept == {cache_key(component(1)), cache_key(component(3))}
