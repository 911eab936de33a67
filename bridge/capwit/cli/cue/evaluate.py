"""A file of CUE, and those beside it that are of its package, as a table."""

from __future__ import annotations

import asyncio
import json
import shutil
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from capwit.bridge import Host, Limits
from capwit.bridge.errors import EngineError, GuestExit, ManifestError
from capwit.caps import Launch, MemoryConsole, SystemEntropy, SystemTimer, SystemWallClock
from capwit.caps.scripts import MemoryScripts
from capwit.caps.wasi import WasiGrants
from capwit.cli.progress import progress_shown
from capwit.cli.toolchains import go
from capwit.cli.toolchains.errors import BuildError
from capwit.cli.toolchains.recipe import key
from capwit.engine.cache import CompileCache, default_folder

from .evaluator import CueGrants

if TYPE_CHECKING:
    from collections.abc import Mapping

    from capwit.cli.toolchains.child import Progress

_FOLDER: Final = Path(__file__).parent
_GO: Final = ("go.mod", "go.sum", "main.go")
_LIMITS: Final = Limits(memory="1GiB", wall="30s")
_LARGEST: Final = 1 << 20  # bytes of one source
_MOST: Final = 1_000  # sources
_MOST_SAID: Final = 1 << 20  # bytes of what they say together


def evaluate(path: Path) -> dict[str, Any]:
    """Return what a file says.

    Raises:
        BuildError: the evaluator cannot be built: Go is missing, for instance.
        ManifestError: the file cannot be read; or CUE's own errors, with their files and lines.
    """
    sources = _read(path)
    with progress_shown() as progress:
        text = asyncio.run(_run(_built(progress), path, sources, progress))
    try:
        table = json.loads(text)
    except RecursionError:
        raise ManifestError(f"{path}: is nested deeper than a manifest can be") from None
    except ValueError:  # Python reads no number of thousands of digits
        raise ManifestError(f"{path}: says more than a manifest can hold: a number so long") from None
    if not isinstance(table, dict):
        raise ManifestError(f"{path}: is no struct. Mend: give it the keys of a manifest, such as module")
    return table


def _read(path: Path) -> Mapping[str, bytes]:
    """Read a file and the others of its folder that may be of its package."""
    try:
        beside = [
            each for each in sorted(path.parent.glob("*.cue")) if each.is_file() and each.name != path.name
        ]
        sources = {}
        for each in [path, *beside[:_MOST]]:
            with each.open("rb") as file:
                sources[each.name] = file.read(_LARGEST + 1)
            if len(sources[each.name]) > _LARGEST:
                raise ManifestError(f"{each}: is larger than {_LARGEST:,} bytes. Mend: name a manifest")
    except OSError as error:
        raise ManifestError(
            f"{error.filename}: {error.strerror}. Mend: name a file that can be read"
        ) from None
    return sources


def _built(progress: Progress) -> Path:
    """Return the evaluator, from the cache if it is there."""
    sources = [(_FOLDER / name).read_bytes() for name in _GO]
    wanted = key(["cue", *sources])
    try:
        builds = CompileCache(default_folder().with_name("builds"))
    except (OSError, RuntimeError) as error:
        raise BuildError(f"the build cache: {error}", "give it a folder: XDG_CACHE_HOME") from None
    found = builds.find(wanted)
    if found is not None:
        return found
    go.find_go("a manifest in CUE")  # 1.25, as go.mod says
    with tempfile.TemporaryDirectory(prefix="capwit-cue-") as scratch:
        module = Path(scratch, "cue.wasm")
        go.program(_FOLDER).make(module, Path(scratch), progress)
        entry = builds.scratch()
        shutil.copyfile(module, entry)
        return builds.store(wanted, entry)


async def _run(evaluator: Path, path: Path, sources: Mapping[str, bytes], progress: Progress) -> str:
    """Run the evaluator, and return what it prints."""
    out, errors = MemoryConsole(_MOST_SAID + 1), MemoryConsole()
    wasi = WasiGrants(
        launch=Launch(["cue", str(path.parent)]), stdout=out, stderr=errors,
        timer=SystemTimer(), wall_clock=SystemWallClock(), entropy=SystemEntropy(),
    )  # fmt: skip
    grants = CueGrants(source=MemoryScripts(sources, path.name))
    try:
        async with Host(progress=progress) as host:
            module = await host.load_module(evaluator, name="the evaluator of CUE")
            async with module.instantiate(grants, wasi, limits=_LIMITS) as instance:
                await instance.run()
    except GuestExit as exit:
        if exit.code:
            raise ManifestError(f"{path}: CUE says:\n{errors.text.rstrip()}") from None
    except EngineError as error:
        raise ManifestError(f"{path}: it cannot be evaluated: {error}") from None
    if len(out.text.encode()) > _MOST_SAID:
        raise ManifestError(f"{path}: says more than a manifest can hold: {_MOST_SAID:,} bytes as JSON")
    return out.text
