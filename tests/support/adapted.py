"""Components of wasip1 modules, by the adapter that turns one preview's calls into the other's.

The adapter is a WebAssembly module of Bytecode Alliance's, which npm carries in its jco; where it is not on
NODE_PATH, a test is skipped.
"""

from __future__ import annotations

import os
import shutil
from pathlib import Path
from typing import Final

import pytest

from tests.support.guests import made

_JCO: Final = "@bytecodealliance/jco"
_SCRIPT: Final = """
import { readFile, writeFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { pathToFileURL } from "node:url";
const [home, module, adapter, out] = process.argv.slice(1);
const tools = createRequire(home + "/package.json").resolve("@bytecodealliance/jco-transpile/wasm-tools");
const { componentNew } = await import(pathToFileURL(tools));
const adapters = [["wasi_snapshot_preview1", await readFile(adapter)]];
await writeFile(out, await componentNew(await readFile(module), adapters));
"""


def adapted(module: Path) -> Path:
    """Return the component of a wasip1 module that is a command."""
    jco, node = _find_jco(), shutil.which("node")
    if jco is None or node is None:
        pytest.skip(f"there is no adapter of wasip1 modules: npm install {_JCO}, and set NODE_PATH")
    adapter = jco / "lib" / "wasi_snapshot_preview1.command.wasm"
    script: list[str | Path] = [node, "--input-type=module", "-e", _SCRIPT, "--", str(jco), module, adapter]
    return made(f"{module.stem}-component", [module, adapter], lambda out: [*script, out])


def _find_jco() -> Path | None:
    folders = [Path(each) for each in os.environ.get("NODE_PATH", "").split(os.pathsep) if each]
    return next((each / _JCO for each in folders if (each / _JCO / "lib").is_dir()), None)
