"""The official encoder of components, by wasm-tools or by jco; where neither is, a test is skipped."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path
from typing import TYPE_CHECKING, Final

import pytest

if TYPE_CHECKING:
    from capwit.cli.toolchains.wit import WitTree

_JCO: Final = "@bytecodealliance/jco-transpile"
_SCRIPT: Final = """
import { readFile, writeFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { pathToFileURL } from "node:url";
const [home, wit, world, out] = process.argv.slice(1);
const tools = createRequire(home + "/package.json").resolve("@bytecodealliance/jco-transpile/wasm-tools");
const { componentEmbed, componentNew } = await import(pathToFileURL(tools));
try {
  const witSource = await readFile(wit, "utf8");
  await writeFile(out, await componentNew(await componentEmbed({ dummy: true, witSource, world })));
} catch (error) {
  console.error(error.payload ?? error.message);
  process.exit(1);
}
"""


def encoded(wit: WitTree, world: str, folder: Path) -> bytes:
    """Return a component of a world whose exports trap and which imports all that the world does."""
    tool = shutil.which("wasm-tools")
    jco, node = _find_jco(), shutil.which("node")
    if tool:
        wit.write(folder / "wit")
        _run([tool, "component", "embed", "wit", "--dummy", "--world", world, "-o", "core.wasm"], folder)
        _run([tool, "component", "new", "core.wasm", "-o", "component.wasm"], folder)
    elif jco and node:
        (folder / "world.wit").write_text(wit.flatten(), "utf-8")
        script = [node, "--input-type=module", "-e", _SCRIPT, "--", str(jco)]
        _run([*script, "world.wit", world, "component.wasm"], folder)
    else:
        pytest.skip(f"there is no encoder: cargo install wasm-tools, or npm install {_JCO} and set NODE_PATH")
    return (folder / "component.wasm").read_bytes()


def _run(command: list[str], folder: Path) -> None:
    done = subprocess.run(command, capture_output=True, check=False, cwd=folder, text=True)
    assert not done.returncode, done.stderr


def _find_jco() -> Path | None:
    folders = [Path(each) for each in os.environ.get("NODE_PATH", "").split(os.pathsep) if each]
    return next((each / _JCO for each in folders if (each / _JCO).is_dir()), None)
