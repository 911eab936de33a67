"""The program of tests/preview2/guests/program, as a component, in each language that it is written in."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Final

import pytest

from .adapted import adapted
from .guests import FOLDER, made, only_one, python_guest
from .languages import environment

_ROOT: Final = Path(__file__).parents[2]
_SOURCES: Final = _ROOT / "tests" / "preview2" / "guests" / "program"
_BUILD: Final = (sys.executable, "-m", "capwit.cli.main", "build")
_WORLD: Final = """\
package test:program;

world program {
  import wasi:http/outgoing-handler@0.2.12;

  export wasi:cli/run@0.2.12;
  export wasi:http/incoming-handler@0.2.12;
}

package wasi:cli@0.2.12 {
  interface run {
    run: func() -> result;
  }
}
"""
_PACKAGE: Final = "sortedcontainers==2.4.0"
# Of the version that Rust's crate has, which brings WASI's own WIT.
_WORLD_OF_C: Final = """\
package test:program;

world program {
  import wasi:cli/environment@0.2.4;
  import wasi:sockets/tcp-create-socket@0.2.4;
  import wasi:sockets/udp-create-socket@0.2.4;
  import wasi:sockets/instance-network@0.2.4;
  import wasi:sockets/ip-name-lookup@0.2.4;
  import wasi:http/outgoing-handler@0.2.4;

  export wasi:cli/run@0.2.4;
  export wasi:http/incoming-handler@0.2.4;
}
"""
PROGRAMS: Final = ("python", "rust", "c")


def program(language: str) -> Path:
    """Return the component of the program in a language, or skip the test where it cannot be built."""
    match language:
        case "python":
            return _python()
        case "rust":
            return _rust()
        case _:
            return _c()


def _python() -> Path:
    """Return a component without stubs, which imports a package of PyPI's beside it."""
    folder = FOLDER / "program-python"
    folder.mkdir(parents=True, exist_ok=True)
    with only_one(folder):
        if not (folder / "sortedcontainers").is_dir():
            pip = [sys.executable, "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
            done = subprocess.run(
                [*pip, "--no-deps", "--only-binary=:all:", "--target", folder, _PACKAGE],
                capture_output=True,
                text=True,
                check=False,
            )
            if done.returncode:
                pytest.skip(f"pip cannot install {_PACKAGE}: {done.stderr.strip()[-200:]}")
        source = folder / "program.py"
        shutil.copyfile(_SOURCES / "program.py", source)
    return python_guest(source, _wit(), "program")


def _wit() -> Path:
    folder = FOLDER / "program-wit"  # its path is a part of what a built guest is called
    shutil.copytree(_ROOT / "examples" / "http" / "wit" / "deps", folder / "deps", dirs_exist_ok=True)
    (folder / "world.wit").write_text(_WORLD)
    return folder


def _rust() -> Path:
    """Return a command: files and clocks by the standard library and an adapter, the rest by WASI's crate."""
    crate = _SOURCES / "rust"
    _wasi_wit()  # its crates are to be had
    files = sorted(path for path in crate.rglob("*") if path.is_file())
    module = made("program-wasi", files, lambda out: [*_BUILD, crate, "-o", out], None, **environment())
    return adapted(module)


def _c() -> Path:
    """Return a component by wit-bindgen, of WASI's own WIT: that of Rust's crate."""
    folder = FOLDER / "program-wit-c"
    shutil.copytree(_wasi_wit() / "deps", folder / "deps", dirs_exist_ok=True)
    (folder / "world.wit").write_text(_WORLD_OF_C)
    source = _SOURCES / "program.c"
    files = [source, *sorted(folder.rglob("*.wit"))]
    arguments: list[str | Path] = ["--wit", folder, "--world", "program", "-o"]
    return made("program-c", files, lambda out: [*_BUILD, source, *arguments, out], None, **environment())


def _wasi_wit() -> Path:
    cargo = shutil.which("cargo", path=environment()["PATH"])
    if cargo is None:
        pytest.skip("cargo: not found. Mend: install it: it has the crate with WASI's WIT")
    manifest = _SOURCES / "rust" / "Cargo.toml"
    command: list[str | Path] = [
        cargo,
        "metadata",
        "--locked",
        "--format-version=1",
        "--manifest-path",
        manifest,
    ]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        pytest.skip(f"cargo cannot fetch WASI's crate: {done.stderr.strip()[-200:]}")
    packages = {each["name"]: each["manifest_path"] for each in json.loads(done.stdout)["packages"]}
    return Path(packages["wasi"]).with_name("wit")
