"""Core modules become components: by wasm-tools, or by jco, which carries it for npm.

Neither is a dependency of capwit; where there are both, wasm-tools is used. A module that imports Preview 1
needs an adapter besides, which is a file of jco's package.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final, NamedTuple, TypeAlias, assert_never

from capwit.cli import exits
from capwit.engine.core import decode_module

from . import child
from .errors import BuildError
from .tools import find_package, find_program

if TYPE_CHECKING:
    from .child import Progress
    from .wit import WitTree

_TRANSPILE: Final = "@bytecodealliance/jco-transpile"
_JCO: Final = "@bytecodealliance/jco"
_PREVIEW1: Final = "wasi_snapshot_preview1"
_SCRIPT: Final = """
import { readFile, writeFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { pathToFileURL } from "node:url";
const [home, core, wit, world, adapter, out] = process.argv.slice(1);
const tools = createRequire(home + "/package.json").resolve("@bytecodealliance/jco-transpile/wasm-tools");
const { componentEmbed, componentNew } = await import(pathToFileURL(tools));
try {
  let binary = await readFile(core);
  if (wit) binary = await componentEmbed({ binary, witSource: await readFile(wit, "utf8"), world });
  const adapters = adapter ? [["wasi_snapshot_preview1", await readFile(adapter)]] : [];
  await writeFile(out, await componentNew(binary, adapters));
} catch (error) {
  console.error(error.payload ?? error.message);
  process.exit(1);
}
"""


class World(NamedTuple):
    """What a component is a guest of."""

    wit: WitTree
    name: str


@dataclass(frozen=True, slots=True)
class _WasmTools:
    program: str


@dataclass(frozen=True, slots=True)
class _Jco:
    node: str
    package: Path


Encoder: TypeAlias = _WasmTools | _Jco


def find_encoder(who: str) -> Encoder:
    """Return what makes components of core modules.

    Raises:
        BuildError: there is nothing.
    """
    program = find_program("wasm-tools")
    if program:
        return _WasmTools(program)
    node, package = find_program("node"), find_package(_TRANSPILE)
    if node and package:
        return _Jco(node, package)
    raise BuildError(
        f"{who} needs wasm-tools or jco to become a component, and neither is installed",
        f"cargo install wasm-tools, or npm install {_JCO}",
        exits.UNAVAILABLE,
    )


def encode(
    encoder: Encoder,
    core: Path,
    world: World,
    out: Path,
    progress: Progress | None,
    *,
    embedded: bool = False,
) -> None:
    """Make a component of a core module, which lies in a folder for scratch.

    Args:
        encoder: What makes it.
        core: The module.
        world: The world that it is a guest of.
        out: Where the component goes.
        progress: Told what is going on.
        embedded: The module has the world's types in it already, as wit-bindgen's bindings put them there.

    Raises:
        BuildError: it does not fit the world, or needs an adapter that is not there.
    """
    adapter = _adapter() if _imports_preview1(core) else None
    match encoder:
        case _WasmTools(program):
            if not embedded:
                wit, typed = core.with_name("wit-encoded"), core.with_name("embedded.wasm")
                world.wit.write(wit)
                embed = ["component", "embed", str(wit), f"--world={world.name}", str(core), "-o", str(typed)]
                _run([program, *embed], world, progress)
                core = typed
            adapt = [f"--adapt={_PREVIEW1}={adapter}"] if adapter else []
            _run([program, "component", "new", str(core), *adapt, "-o", str(out)], world, progress)
        case _Jco(node, package):
            text = "" if embedded else str(core.with_name("world.wit"))
            if text:
                Path(text).write_text(world.wit.flatten(), encoding="utf-8")
            script = [node, "--input-type=module", "-e", _SCRIPT, "--", str(package), str(core), text]
            _run([*script, world.name, str(adapter or ""), str(out)], world, progress)
        case _:
            assert_never(encoder)


def _run(command: list[str], world: World, progress: Progress | None) -> None:
    step = f"making a component with {Path(command[0]).name}"
    encoded = child.run(command, step, progress, {"RUST_BACKTRACE": "0"})
    if not encoded.good:
        raise BuildError(
            f"the module cannot be made a component of world `{world.name}`:\n{encoded.output}",
            "correct the WIT, or the names and parameters of the imports and exports held against it",
        )


def _imports_preview1(core: Path) -> bool:
    module = decode_module(core.read_bytes(), core.name)
    return any(each.module == _PREVIEW1 for each in module.imports)


def _adapter() -> Path:
    package = find_package(_JCO)
    adapter = package / "lib" / f"{_PREVIEW1}.reactor.wasm" if package else None
    if adapter is None or not adapter.is_file():
        raise BuildError(
            "the guest uses WASI (files, clocks, streams), and the adapter for that is not installed",
            f"npm install {_JCO} (here, or with NODE_PATH set to it), or use only what the world imports",
            exits.UNAVAILABLE,
        )
    return adapter
