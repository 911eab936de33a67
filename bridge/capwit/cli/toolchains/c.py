"""C guests: zig compiles, wasm-tools or jco makes the component.

Neither is a dependency of capwit. zig is on PyPI as `ziglang`; wasm-tools comes by cargo, jco by npm, and
where there are both wasm-tools is used.
"""

from __future__ import annotations

import os
import shutil
import sys
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Final, TypeAlias, assert_never

from capwit.cli import exits

from . import child
from .errors import BuildError
from .recipe import Recipe

if TYPE_CHECKING:
    from .child import Progress
    from .wit import WitTree

_FLAGS: Final = (
    "--target=wasm32-wasi",
    "-mexec-model=reactor",  # no `main`: the world's exports are the way in
    "-Os",
    "-s",
    "-Wall",
    "-Wextra",
    "-Wl,-z,stack-size=262144",  # zig gives 16 MiB, and every instance would pay them
)
_JCO: Final = "@bytecodealliance/jco-transpile"
_JCO_SCRIPT: Final = """
import { readFile, writeFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { pathToFileURL } from "node:url";
const [home, core, wit, world, out] = process.argv.slice(1);
const tools = createRequire(home + "/package.json").resolve("@bytecodealliance/jco-transpile/wasm-tools");
const { componentEmbed, componentNew } = await import(pathToFileURL(tools));
try {
  const witSource = await readFile(wit, "utf8");
  const embedded = await componentEmbed({ binary: await readFile(core), witSource, world });
  await writeFile(out, await componentNew(embedded));
} catch (error) {
  console.error(error.payload ?? error.message);
  process.exit(1);
}
"""


@dataclass(frozen=True, slots=True)
class _WasmTools:
    program: str


@dataclass(frozen=True, slots=True)
class _Jco:
    node: str
    package: Path


_Encoder: TypeAlias = _WasmTools | _Jco


def prepare(source: Path, wit: WitTree, world: str) -> Recipe:
    """Return how to make a component of a C file. zig has a cache of its own, so there is no key.

    Raises:
        BuildError: a tool is missing, or the file is.
    """
    if not source.is_file():
        raise BuildError(f"{source}: there is no such file", "Name a file that can be read.")
    return Recipe(_Guest(source, wit, world, _find_zig(), _find_encoder()).make)


@dataclass(frozen=True, slots=True)
class _Guest:
    source: Path
    wit: WitTree
    world: str
    zig: list[str]
    encoder: _Encoder

    def make(self, out: Path, scratch: Path, progress: Progress | None) -> None:
        core = scratch / "core.wasm"
        compiled = child.run(
            [*self.zig, "cc", *_FLAGS, "-o", str(core), str(self.source.resolve())],
            f"compiling {self.source.name} with zig",
            progress,
            {"ZIG_LOCAL_CACHE_DIR": str(scratch / "zig")},
            scratch,  # zig's cache takes a path for another one when it is run from elsewhere
        )
        if not compiled.good:
            told = compiled.output.replace(str(self.source.resolve()), str(self.source))
            raise BuildError(f"zig refuses {self.source}:\n{told}", "Correct the lines it names.")
        match self.encoder:
            case _WasmTools(program):
                self.wit.write(scratch / "wit")
                embedded = str(scratch / "embedded.wasm")
                wit = str(scratch / "wit")
                component = ["component", "embed", wit, f"--world={self.world}", str(core), "-o", embedded]
                self._encode([program, *component], progress)
                self._encode([program, "component", "new", embedded, "-o", str(out)], progress)
            case _Jco(node, package):
                text = scratch / "world.wit"
                text.write_text(self.wit.flatten(), encoding="utf-8")
                script = [node, "--input-type=module", "-e", _JCO_SCRIPT, "--", str(package)]
                self._encode([*script, str(core), str(text), self.world, str(out)], progress)
            case _:
                assert_never(self.encoder)

    def _encode(self, command: list[str], progress: Progress | None) -> None:
        step = f"making a component of {self.source.name} with {Path(command[0]).name}"
        encoded = child.run(command, step, progress, {"RUST_BACKTRACE": "0"})
        if encoded.good:
            return
        if "wasi_snapshot_preview1" in encoded.output:
            raise BuildError(
                f"{self.source} uses files, clocks or standard streams of the C library:\n{encoded.output}",
                "A C guest has only what its world imports: call that, for instance a console it is granted.",
            )
        raise BuildError(
            f"{self.source} cannot be made a component of world `{self.world}`:\n{encoded.output}",
            "Correct the WIT, or the names and parameters of the imports and exports held against it.",
        )


def _find_zig() -> list[str]:
    if find_spec("ziglang"):
        return [sys.executable, "-P", "-m", "ziglang"]
    program = shutil.which("zig")
    if program:
        return [program]
    raise BuildError("a C guest needs zig, which is not installed", "pip install ziglang", exits.UNAVAILABLE)


def _find_encoder() -> _Encoder:
    program = shutil.which("wasm-tools")
    if program:
        return _WasmTools(program)
    node = shutil.which("node")
    package = _find_jco()
    if node and package:
        return _Jco(node, package)
    raise BuildError(
        "a C guest needs wasm-tools or jco to become a component, and neither is installed",
        f"cargo install wasm-tools, or npm install {_JCO}",
        exits.UNAVAILABLE,
    )


def _find_jco() -> Path | None:
    """Return the folder of jco's package: in this project, in `NODE_PATH`, or beside a `jco` on the path."""
    roots = [folder / "node_modules" for folder in (Path.cwd(), *Path.cwd().parents)]
    roots += [Path(folder) for folder in os.environ.get("NODE_PATH", "").split(os.pathsep) if folder]
    program = shutil.which("jco")
    if program:
        roots += [folder / "node_modules" for folder in Path(program).resolve().parents]
    return next((root / _JCO for root in roots if (root / _JCO / "package.json").is_file()), None)
