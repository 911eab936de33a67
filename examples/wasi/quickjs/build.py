"""Build QuickJS as a wasip1 module: `python build.py OUT.wasm`.

Its sources are not in this repository: crates.io's `rquickjs-sys` carries those of QuickJS-NG, had by cargo.
`main.c` is the interpreter around them. Exit code 69 says that they could not be had.
"""

from __future__ import annotations

import subprocess
import sys
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
rquickjs-sys = "=0.14.0"
"""
LIBRARY = ("quickjs.c", "quickjs-libc.c", "libregexp.c", "libunicode.c", "dtoa.c")
# zig's stack is 16 MB of memory; a recursion meets the engine's limit before it fills this one.
FLAGS = (
    "--target=wasm32-wasi", "-Os", "-s", "-w", "-Wl,-z,stack-size=4194304",
    "-D_GNU_SOURCE", "-D_WASI_EMULATED_SIGNAL", "-D_WASI_EMULATED_PROCESS_CLOCKS",
    "-lwasi-emulated-signal", "-lwasi-emulated-process-clocks",
)  # fmt: skip


def sources(folder: Path) -> Path | None:
    """Return a folder with QuickJS's library, or none; no code of the crate is run."""
    (folder / "src").mkdir()
    (folder / "src" / "lib.rs").touch()
    (folder / "Cargo.toml").write_text(CRATE)
    command = ["cargo", "vendor", "--quiet", "vendor"]
    try:
        subprocess.run(command, cwd=folder, check=True, capture_output=True)
    except (OSError, subprocess.CalledProcessError) as error:
        said = getattr(error, "stderr", None) or str(error).encode()
        print(said.decode(errors="replace").strip(), file=sys.stderr)
        return None
    return folder / "vendor" / "rquickjs-sys" / "quickjs"


def main() -> int:
    """Build."""
    out = Path(sys.argv[1])
    with tempfile.TemporaryDirectory() as scratch:
        folder = sources(Path(scratch))
        if folder is None:
            print("no sources of QuickJS. Mend: install cargo, look at the network", file=sys.stderr)
            return UNAVAILABLE
        library = [folder / name for name in LIBRARY]
        compiler = [sys.executable, "-m", "ziglang", "cc", *FLAGS, f"-I{folder}"]
        return subprocess.run([*compiler, *library, HERE / "main.c", "-o", out], check=False).returncode


if __name__ == "__main__":
    sys.exit(main())
