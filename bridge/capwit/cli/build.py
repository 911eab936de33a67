"""`capwit build`: a guest's source to a module, or with the WIT of its world to a component."""

from __future__ import annotations

import os
import shutil
import sys
import tempfile
import time
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

from capwit.engine.cache import CompileCache, default_folder

from . import exits
from .progress import progress_shown
from .toolchains.encoder import World
from .toolchains.errors import BuildError
from .toolchains.languages import recipe as recipe_of
from .toolchains.wit import WitTree

if TYPE_CHECKING:
    import argparse

    from .toolchains.child import Progress
    from .toolchains.recipe import Recipe

__all__ = ["BuildError", "Built", "add_parser", "build", "run"]

_HELP: Final = """\
Makes a WebAssembly module of a program, or a component of a guest and its world, by its language's own tools.

Without --wit and --world the source is a program for WASI Preview 1 (wasip1): it has a `main`, which
`capwit run` runs. With them it becomes a component, which exports what the world says. What is missing is
named, with what installs it.

  Rust            .rs, or a crate     rustc and cargo with a library for wasm32-wasip1
  C, C++, Zig     .c .cpp .zig        pip install ziglang
  Go              .go, or a package   Go 1.24 or later; programs also by TinyGo (--tinygo)
  C#              a project           the SDK of .NET 8 and its workload for WASI; programs only
  AssemblyScript  .ts                 npm install assemblyscript @assemblyscript/wasi-shim
  Python          .py, components     (componentize-py comes with capwit)
  JavaScript      .js, components     npm install @bytecodealliance/jco

Components are encoded by wasm-tools (cargo install wasm-tools) or jco (npm install @bytecodealliance/jco,
which has the adapter for those that use WASI, too). A C or C++ guest that includes "WORLD.h" gets it from
wit-bindgen (cargo install wit-bindgen-cli), a Go module named `wit_component` its other packages. A Python
guest may import what stands in its folder, and the standard library.
"""

_EXAMPLES: Final = """\
examples:
  capwit build examples/languages/rust/program.rs -o build/program.wasm
  capwit build examples/languages/go/program.go -o build/program.wasm
  capwit generate examples/kv/kv.capnp --out build/kv
  capwit build examples/kv/guest.py --wit build/kv/wit --world app -o build/app.wasm
  capwit build examples/languages/c/component.c --wit build/kv/wit --world app -o build/app.wasm
  capwit build examples/languages/rust/component --wit build/kv/wit --world app -o build/app.wasm

exit codes: 0 built, 2 wrong usage, 65 the source or the WIT is at fault, 69 a tool is missing,
70 a tool broke, 74 the output cannot be written.
"""


@dataclass(frozen=True, slots=True)
class Built:
    """A component that was built."""

    path: Path
    size: int
    """Bytes."""
    seconds: float
    cached: bool
    """Whether it was found in the cache, which then took no build."""


def build(
    source: Path,
    wit: Path | None,
    world: str | None,
    out: Path,
    *,
    stub_wasi: bool = False,
    tinygo: bool = False,
    cache: bool = True,
    progress: Progress | None = None,
) -> Built:
    """Make a module or a component of a guest's source, and put it whole at `out`.

    Args:
        source: A file, or the folder of a crate or a Go package.
        wit: The folder of the WIT package, its dependencies under `deps`; None for a wasip1 program.
        world: The world's name in that package; None for a wasip1 program.
        out: Where it goes; its folder is made.
        stub_wasi: Make every WASI import of a Python guest trap. Its `random` then repeats itself.
        tinygo: Make a Go program by TinyGo.
        cache: Use the user's build cache.
        progress: Told about once a second what is going on.

    Raises:
        BuildError: what it is, and what would mend it.
    """
    started = time.monotonic()
    if out.resolve() == source.resolve() or out.is_dir():
        raise BuildError(f"-o {out} is the source, or a folder", "name the file to write", exits.USAGE)
    if wit is None or world is None:
        if wit is not None or world is not None:
            missing = "--wit" if wit is None else "--world"
            raise BuildError(f"{missing} is missing", "give a component both, a program neither", exits.USAGE)
        recipe = recipe_of(source, None, stub_wasi=stub_wasi, tinygo=tinygo)
    else:
        recipe = recipe_of(source, World(WitTree.read(wit), world), stub_wasi=stub_wasi, tinygo=tinygo)
    builds = _open_cache() if cache and recipe.key is not None else None
    found = builds.find(recipe.key) if builds is not None and recipe.key is not None else None
    if found is not None:
        _install(found, out)
    else:
        _make(recipe, out, builds, progress)
    return Built(out, out.stat().st_size, time.monotonic() - started, found is not None)


def add_parser(subparsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add `build` to a command's parser; the parsed arguments have `run` in them."""
    import argparse

    parser = subparsers.add_parser(
        "build",
        help="make a module or a component of a guest's source",
        description=_HELP,
        epilog=_EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument(
        "source", type=Path, metavar="SOURCE", help="the guest: a file, a crate, a Go package"
    )
    parser.add_argument("--wit", type=Path, metavar="DIR", help="the folder of its WIT package")
    parser.add_argument("--world", metavar="NAME", help="the world it is a guest of")
    parser.add_argument("-o", "--out", type=Path, required=True, metavar="OUT.wasm", help="what to write")
    parser.add_argument(
        "--stub-wasi",
        action="store_true",
        help="make a Python component's WASI imports trap; its `random` then repeats itself",
    )
    parser.add_argument("--tinygo", action="store_true", help="make a Go program by TinyGo")
    parser.add_argument(
        "--no-cache", dest="cache", action="store_false", help="build even if nothing has changed"
    )
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    """Build as the parsed arguments say, and return the exit code.

    Raises:
        BuildError: as `build` does.
    """
    with progress_shown() as progress:
        built = build(
            args.source,
            args.wit,
            args.world,
            args.out,
            stub_wasi=args.stub_wasi,
            tinygo=args.tinygo,
            cache=args.cache,
            progress=progress,
        )
    took = "from the cache" if built.cached else f"in {built.seconds:.1f} s"
    sys.stderr.write(f"{built.path}: {built.size:,} bytes, {took}\n")
    return 0


def _open_cache() -> CompileCache:
    try:
        return CompileCache(default_folder().with_name("builds"))
    except (OSError, RuntimeError) as error:
        raise BuildError(f"the build cache: {error}", "build without it: --no-cache") from None


def _make(recipe: Recipe, out: Path, builds: CompileCache | None, progress: Progress | None) -> None:
    with tempfile.TemporaryDirectory(prefix="capwit-build-") as scratch:
        component = Path(scratch, "component.wasm")
        work = Path(scratch, "work")
        work.mkdir()
        recipe.make(component, work, progress)
        _install(component, out)
        if builds is not None and recipe.key is not None:
            with suppress(OSError):  # the component is made: a full cache does not unmake it
                entry = builds.scratch()
                shutil.copyfile(component, entry)
                builds.store(recipe.key, entry)


def _install(component: Path, out: Path) -> None:
    """Put a file's copy at `out`, whole or not at all."""
    beside = out.with_name(f".{out.name}.{os.getpid()}")
    try:
        out.parent.mkdir(parents=True, exist_ok=True)
        try:
            shutil.copyfile(component, beside)
            beside.replace(out)
        finally:
            beside.unlink(missing_ok=True)
    except OSError as error:
        what = f"{out} cannot be written: {error.strerror}"
        raise BuildError(what, "name another file with -o", exits.OUTPUT) from None
