"""Build Lua 5.4 as a wasip1 module: `python build.py OUT.wasm`.

Lua's sources are not in this repository: crates.io's `lua-src` carries them, had by cargo, and so does PyPI's
`lupa`, had by pip. `main.c` is the interpreter around them. Exit code 69 says that neither could be had.
"""

from __future__ import annotations

import re
import subprocess
import sys
import tarfile
import tempfile
from pathlib import Path

HERE = Path(__file__).parent
UNAVAILABLE = 69
CRATE = """\
[package]
name = "sources"
version = "0.0.0"
edition = "2021"
[dependencies]
lua-src = "=547.1.0"
"""
SDIST = "lupa==2.5 --hash=sha256:69c6a89f2b7b08a3040d7ed2a1eeccba37a31ddc92fa199339c53a2ae3c48c34"
# Errors in Lua are longjmp, which is WebAssembly's exceptions. zig's stack is 16 MB of each instance's
# memory; Lua goes 200 calls deep in C at most.
FLAGS = (
    "--target=wasm32-wasi", "-Os", "-s", "-w", "-Wl,-z,stack-size=1048576",
    "-mcpu=generic+exception_handling", "-mllvm", "-wasm-enable-sjlj", "-mllvm", "-wasm-use-legacy-eh=false",
    "-D_WASI_EMULATED_SIGNAL", "-D_WASI_EMULATED_PROCESS_CLOCKS", "-DLUA_TMPNAMBUFSIZE=32",
    "-Dlua_tmpnam(b,e)={e=1;}", "-lwasi-emulated-signal", "-lwasi-emulated-process-clocks",
)  # fmt: skip


def by_cargo(folder: Path) -> None:
    """Have the crate's sources; no code of it is run."""
    (folder / "src").mkdir()
    (folder / "src" / "lib.rs").touch()
    (folder / "Cargo.toml").write_text(CRATE)
    subprocess.run(["cargo", "vendor", "--quiet", "vendor"], cwd=folder, check=True, capture_output=True)


def by_pip(folder: Path) -> None:
    """Have the source distribution, which must be the one that is known: pip runs code of it."""
    (folder / "wanted.txt").write_text(SDIST)
    command = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", "--no-binary", ":all:"]
    subprocess.run([*command, "--dest", folder, "-r", folder / "wanted.txt"], check=True, capture_output=True)
    for archive in folder.glob("*.tar.gz"):
        with tarfile.open(archive) as tar:
            tar.extractall(folder, filter="data")


def sources(folder: Path) -> Path | None:
    """Return a folder with Lua's library, or none."""
    for number, fetch in enumerate((by_cargo, by_pip)):
        place = folder / str(number)
        place.mkdir()
        try:
            fetch(place)
        except (OSError, subprocess.CalledProcessError) as error:
            said = getattr(error, "stderr", None) or str(error).encode()
            print(f"{fetch.__name__}: {said.decode(errors='replace').strip()}", file=sys.stderr)
            continue
        for header in place.rglob("lua.h"):
            if re.search(r"^#define LUA_VERSION_NUM\s+504$", header.read_text(), re.MULTILINE):
                return header.parent
    return None


def main() -> int:
    """Build."""
    out = Path(sys.argv[1])
    with tempfile.TemporaryDirectory() as scratch:
        folder = sources(Path(scratch))
        if folder is None:
            print("Lua's sources cannot be had. Mend: install cargo, look at the network", file=sys.stderr)
            return UNAVAILABLE
        library = [path for path in sorted(folder.glob("l*.c")) if path.stem not in ("lua", "luac", "ltests")]
        compiler = [sys.executable, "-m", "ziglang", "cc", *FLAGS, f"-I{folder}"]
        return subprocess.run([*compiler, *library, HERE / "main.c", "-o", out], check=False).returncode


if __name__ == "__main__":
    sys.exit(main())
