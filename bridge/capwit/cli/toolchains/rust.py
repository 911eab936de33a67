"""Rust guests: a file by rustc, a crate by cargo, for wasip1.

The library for wasip1 comes with rustup (`rustup target add wasm32-wasip1`) and with Debian 13
(`libstd-rust-dev-wasm32`). Debian 12 has its sources, from which cargo builds it, which takes a minute the
first time; that is kept in the user's cache. Every `rustc` of the path is asked, or the one that CAPWIT_RUSTC
names.
"""

from __future__ import annotations

import fcntl
import os
import re
import shutil
import subprocess
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

from capwit.cli import exits
from capwit.engine.cache import default_folder

from . import child
from .encoder import Encoder, World, encode, find_encoder
from .errors import BuildError, refused
from .recipe import Recipe

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from .child import Progress

_TARGET: Final = "wasm32-wasip1"
_FLAGS: Final = ("--edition=2021", "-Copt-level=s", "-Cstrip=symbols", "-Cpanic=abort")
_CRATE: Final = """\
[package]
name = "{name}"
version = "0.0.0"
edition = "2021"
[profile.release]
opt-level = "s"
strip = true
panic = "abort"
"""
_MEND: Final = (
    f"rustup target add {_TARGET}; or Debian 13's libstd-rust-dev-wasm32 and lld; "
    "or Debian 12's rustc-web cargo-web rust-web-src wasi-libc lld-22"
)


def program(source: Path) -> Recipe:
    """Return how to make a wasip1 module of a `.rs` file, or of a crate's folder. Cargo has its own cache.

    Raises:
        BuildError: no compiler has a library for wasip1, or there is no such source.
    """
    return Recipe(_Program(_checked(source), _find_toolchain()).make)


def component(source: Path, world: World) -> Recipe:
    """Return how to make a component of a crate, whose bindings are wit-bindgen's.

    Raises:
        BuildError: a tool is missing, or it is no crate.
    """
    if _checked(source).is_file():
        raise BuildError(
            f"{source} is one file, and a component in Rust is a crate",
            f"name its folder; `capwit generate --guest rust` writes one for world `{world.name}`",
            exits.USAGE,
        )
    return Recipe(_Component(_Program(source, _find_toolchain()), world, find_encoder("a Rust guest")).make)


@dataclass(frozen=True, slots=True)
class _Toolchain:
    """A compiler, and how the library for wasip1 is had."""

    rustc: str
    sources: Path | None
    """Where the library's sources are, if it is to be built."""
    libc: Path | None = None
    linker: str | None = None

    @property
    def cargo(self) -> str:
        beside = Path(self.rustc).with_name("cargo")  # of the same release
        return str(beside) if beside.is_file() else "cargo"

    def environment(self) -> Mapping[str, str]:
        """Return what cargo is told by its environment: the same for all, lest the library be built again."""
        if self.sources is None:
            return {"RUSTC": self.rustc}
        flags = (f"-Clinker={self.linker}", "-Clink-self-contained=no", f"-Lnative={self.libc}")
        return {
            "RUSTC": self.rustc,
            "RUSTC_BOOTSTRAP": "1",  # `build-std` is an option of nightly's
            "CARGO_ENCODED_RUSTFLAGS": "\x1f".join(flags),
        }

    def start(self, kind: str) -> list[str]:
        """Return what is linked in front of a program (`command`) or a `reactor`."""
        return [] if self.sources is None else [f"-Clink-arg={self.libc}/crt1-{kind}.o"]


@dataclass(frozen=True, slots=True)
class _Program:
    source: Path
    toolchain: _Toolchain

    def make(self, out: Path, scratch: Path, progress: Progress | None) -> None:
        """Make a module that is run by its `_start`."""
        self.build(out, scratch, progress, "command")

    def build(self, out: Path, scratch: Path, progress: Progress | None, start: str) -> None:
        """Make a module."""
        if self.source.is_dir():
            self._cargo(self.source.resolve(), out, progress, start)
        elif self.toolchain.sources is None:
            compiler = [self.toolchain.rustc, f"--target={_TARGET}", *_FLAGS]
            done = child.run([*compiler, "-o", str(out), str(self.source)], self._step("rustc"), progress)
            self._check(done)
        else:
            crate = scratch / "crate"
            (crate / "src").mkdir(parents=True)
            name = re.sub(r"\W", "_", self.source.stem)
            (crate / "Cargo.toml").write_text(_CRATE.format(name=name))
            shutil.copy(self.source, crate / "src" / "main.rs")
            self._cargo(crate, out, progress, start)

    def _cargo(self, crate: Path, out: Path, progress: Progress | None, start: str) -> None:
        target = default_folder().with_name("cargo")
        command = [self.toolchain.cargo, "rustc", "--quiet", "--release", f"--target={_TARGET}"]
        command += ["--target-dir", str(target), "--message-format=json-render-diagnostics"]
        command += [] if self.toolchain.sources is None else ["-Zbuild-std=std,panic_abort"]
        command += ["--", *self.toolchain.start(start)]
        with _only_one(target):
            done = child.run(command, self._step("cargo"), progress, self.toolchain.environment(), crate)
            self._check(done, crate)
            shutil.copyfile(self._artifact(done.output), out)

    def _artifact(self, said: str) -> str:
        """Return the module that cargo says it has made: the last one."""
        found: list[str] = re.findall(r'"([^"]+\.wasm)"', said)
        if not found:
            raise BuildError(
                f"{self.source} makes no module",
                'give a program a src/main.rs, a component a src/lib.rs and crate-type = ["cdylib"]',
            )
        return found[-1]

    def _step(self, tool: str) -> str:
        return f"compiling {self.source.name} with {tool}"

    def _check(self, done: child.Finished, crate: Path | None = None) -> None:
        if not done.good:
            lines = [line for line in done.output.splitlines() if not line.startswith('{"reason"')]
            told = "\n".join(lines).replace(f"{crate}/" if crate else "\0", "")
            raise refused("rustc", self.source, told)


@dataclass(frozen=True, slots=True)
class _Component:
    program: _Program
    world: World
    encoder: Encoder

    def make(self, out: Path, scratch: Path, progress: Progress | None) -> None:
        core = scratch / "core.wasm"
        self.program.build(core, scratch, progress, "reactor")
        encode(self.encoder, core, self.world, out, progress, embedded=True)


def _checked(source: Path) -> Path:
    if not (source.is_file() or (source / "Cargo.toml").is_file()):
        raise BuildError(f"{source}: there is no such file or crate", "name a .rs file, or a crate's folder")
    return source


def _find_toolchain() -> _Toolchain:
    named = os.environ.get("CAPWIT_RUSTC")
    compilers = [named] if named else _on_path("rustc")
    for kind in (_ready, _from_sources):
        for compiler in compilers:
            found = kind(compiler)
            if found is not None:
                return found
    which = f"{named} has no" if named else "no rustc of the path has a"
    raise BuildError(f"{which} library for {_TARGET}", _MEND, exits.UNAVAILABLE)


def _ready(rustc: str) -> _Toolchain | None:
    library = _answer(rustc, f"--target={_TARGET}", "--print=target-libdir")
    return _Toolchain(rustc, None) if library and any(Path(library).glob("libstd-*.rlib")) else None


def _from_sources(rustc: str) -> _Toolchain | None:
    sysroot = Path(_answer(rustc, "--print=sysroot") or "/nowhere")
    sources, libc = sysroot / "lib/rustlib/src/rust/library", sysroot / "lib/wasm32-wasi"
    linkers = _on_path("wasm-ld") or sorted(_on_path("wasm-ld-*"))
    if not (sources / "std").is_dir() or not libc.is_dir() or not linkers:
        return None
    return _Toolchain(rustc, sources, libc, linkers[-1])


def _answer(*command: str) -> str:
    """Return what a command prints; nothing where it cannot be run."""
    try:
        return subprocess.run(command, capture_output=True, text=True, check=True).stdout.strip()
    except (OSError, subprocess.CalledProcessError):
        return ""


def _on_path(pattern: str) -> list[str]:
    """Return what the path has of a name, the first first."""
    folders = [Path(folder) for folder in os.environ.get("PATH", "").split(os.pathsep) if folder]
    return [str(path) for folder in folders for path in sorted(folder.glob(pattern))]


@contextmanager
def _only_one(target: Path) -> Iterator[None]:
    """Keep another build from replacing what this one has made, until it is taken."""
    target.mkdir(parents=True, exist_ok=True, mode=0o700)
    with (target / ".capwit-lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield
