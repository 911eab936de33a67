"""Build a Rust program as a wasip1 module: `python rust.py SOURCE.rs OUT.wasm`.

Rust's library for wasip1 comes with rustup (`rustup target add wasm32-wasip1`) and Debian 13
(`libstd-rust-dev-wasm32`). Debian 12 has its sources, from which cargo builds it, which takes a minute
the first time (`rust/` beside OUT keeps it): `rustc-web cargo-web rust-web-src wasi-libc lld-22`. Every
`rustc` of the path is asked, or the one that CAPWIT_RUSTC names. Exit code 69: none of these is there.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

TARGET = "wasm32-wasip1"
UNAVAILABLE = 69
FLAGS = ("--edition=2021", "-Copt-level=s", "-Cstrip=symbols")
CARGO = """\
[package]
name = "{name}"
version = "0.0.0"
edition = "2021"
[profile.release]
opt-level = "s"
strip = true
panic = "abort"
"""


def answer(*command: str) -> str:
    """Return what a command prints; nothing where it cannot be run."""
    try:
        return subprocess.run(command, capture_output=True, text=True, check=True).stdout.strip()
    except (OSError, subprocess.CalledProcessError):
        return ""


def on_path(pattern: str) -> list[str]:
    """Return what the path has of a name, the first first."""
    folders = [Path(folder) for folder in os.environ.get("PATH", "").split(os.pathsep)]
    return [str(path) for folder in folders for path in sorted(folder.glob(pattern))]


def linker() -> str | None:
    """Return the linker of wasm modules, whatever number it has."""
    found = on_path("wasm-ld*")
    return shutil.which("wasm-ld") or (found[-1] if found else None)


def by_rustc(compiler: list[str], source: Path, out: Path) -> bool:
    """Build with a library that is there; returns whether one is."""
    library = answer(*compiler, f"--target={TARGET}", "--print=target-libdir")
    if not library or not any(Path(library).glob("libstd-*.rlib")):
        return False
    subprocess.run([*compiler, f"--target={TARGET}", *FLAGS, "-o", out, source], check=True)
    return True


def by_cargo(compiler: list[str], source: Path, out: Path) -> bool:
    """Build the library, too, of its sources; returns whether they are there."""
    sysroot = Path(answer(*compiler, "--print=sysroot") or "/nowhere")
    library, libc, wasm_ld = sysroot / "lib/rustlib/src/rust/library", sysroot / "lib/wasm32-wasi", linker()
    if not (library / "vendor").is_dir() or not libc.is_dir() or wasm_ld is None:
        return False
    flags = (
        f"-Clinker={wasm_ld}", "-Clink-self-contained=no", f"-Lnative={libc}",
        f"-Clink-arg={libc / 'crt1-command.o'}",
    )  # fmt: skip
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch)
        (folder / "src").mkdir()
        (folder / "Cargo.toml").write_text(CARGO.format(name=source.stem))
        shutil.copy(source, folder / "src" / "main.rs")
        environment = {
            **os.environ,
            "RUSTC": compiler[0],
            "CARGO_TARGET_DIR": str(out.parent / "rust"),
            "RUSTC_BOOTSTRAP": "1",  # `build-std` is an option of nightly's
            "CARGO_NET_OFFLINE": "true",
            "CARGO_ENCODED_RUSTFLAGS": "\x1f".join(flags),
        }
        beside = Path(compiler[0]).with_name("cargo")  # of the same release
        cargo = str(beside) if beside.is_file() else "cargo"
        build = [cargo, "build", "--quiet", "--release", f"--target={TARGET}"]
        vendored = ('source.crates-io.replace-with="std"', f'source.std.directory="{library / "vendor"}"')
        options = [each for pair in vendored for each in ("--config", pair)]
        subprocess.run(
            [*build, "-Zbuild-std=std,panic_abort", *options], cwd=folder, env=environment, check=True
        )
        shutil.copy(out.parent / "rust" / TARGET / "release" / f"{source.stem}.wasm", out)
    return True


def main() -> int:
    """Build it; returns the exit code."""
    source, out = (Path(path).resolve() for path in sys.argv[1:])
    named = os.environ.get("CAPWIT_RUSTC", "").split()
    compilers = [named] if named else [[path] for path in on_path("rustc")]
    try:
        if any(by(compiler, source, out) for by in (by_rustc, by_cargo) for compiler in compilers):
            return 0
    except subprocess.CalledProcessError as error:
        return error.returncode
    which = " ".join(named) or "rustc"
    sys.stderr.write(
        f"skipped: {which} has no library for {TARGET}. Mend: rustup target add {TARGET}, or Debian 13's "
        "libstd-rust-dev-wasm32, or Debian 12's rustc-web cargo-web rust-web-src wasi-libc lld-22\n"
    )
    return UNAVAILABLE


if __name__ == "__main__":
    raise SystemExit(main())
