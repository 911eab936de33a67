"""Python guests, by componentize-py.

A guest is one file, `guest.py`, with what it imports from its own folder. componentize-py wants a top-level
module for each exported interface that has a resource; those are written here, beside a copy of the guest.
Only that copy and the standard library can be imported, so what was hashed for the cache is all there is.
"""

from __future__ import annotations

import ast
import keyword
import re
import sys
import warnings
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING, Final

from capwit.cli import exits

from . import child
from .errors import BuildError
from .recipe import Recipe, key

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from .child import Progress
    from .encoder import World
    from .wit import WitTree

_DISTRIBUTION: Final = "componentize-py"
# Its failures are assertion errors whose text is for the user, and whose traceback is not.
_CLI: Final = """
import sys
from componentize_py import script
try:
    sys.exit(script())
except AssertionError as error:
    sys.exit(str(error))
"""
_ITS_MODULES: Final = frozenset(
    {
        "wit_world",
        "poll_loop",
        "componentize_py_types",
        "componentize_py_runtime",
        "componentize_py_async_support",
    }
)


def component(source: Path, world: World, *, stub_wasi: bool = False) -> Recipe:
    """Return how to make a component of a Python file.

    Raises:
        BuildError: componentize-py is missing, or the file or what it imports cannot be read.
    """
    _check_name(source)
    guest = _Guest(source, world.wit, world.name, stub_wasi, _collect(source), _installed_version())
    return Recipe(guest.make, key(guest.dependencies()))


@dataclass(frozen=True, slots=True)
class _Guest:
    source: Path
    wit: WitTree
    world: str
    stub_wasi: bool
    modules: Mapping[PurePosixPath, bytes]
    tool_version: str

    def dependencies(self) -> Iterator[str | bytes]:
        yield from (_DISTRIBUTION, self.tool_version, str(self.stub_wasi), self.world, self.source.stem)
        for files in (self.modules, self.wit.files):
            yield str(len(files))
            for path, content in files.items():
                yield from (str(path), content)

    def make(self, out: Path, scratch: Path, progress: Progress | None) -> None:
        self.wit.write(scratch / "wit")
        # The site-packages that componentize-py would add: an empty one.
        (scratch / "venv/lib/site-packages").mkdir(parents=True)

        self._componentize(scratch, progress, "bindings", str(scratch / "bindings"))
        exports = [*_exports(scratch / "bindings" / "wit_world")]
        self._check_classes(exports)

        guest = scratch / "guest"
        for path, content in {**_glue(exports, self.source.stem), **self.modules}.items():
            (guest / path).parent.mkdir(parents=True, exist_ok=True)
            (guest / path).write_bytes(content)
        options = ["--stub-wasi"] if self.stub_wasi else []
        self._componentize(
            scratch,
            progress,
            *["componentize", *options, "-p", str(guest), "-o", str(out), self.source.stem],
        )

    def _componentize(self, scratch: Path, progress: Progress | None, *command: str) -> None:
        finished = child.run(
            [sys.executable, "-P", "-c", _CLI, "-d", str(scratch / "wit"), f"-w={self.world}", *command],
            f"building {self.source.name} with {_DISTRIBUTION} {self.tool_version}",
            progress,
            {"RUST_BACKTRACE": "0", "VIRTUAL_ENV": str(scratch / "venv")},
        )
        if not finished.good:
            told = finished.output.replace(str(scratch / "wit"), str(self.wit.folder))
            # The guest's modules lie in its folder `/0`.
            raise self._failure(told.replace('File "/0/', f'File "{self.source.parent}/'))

    def _failure(self, told: str) -> BuildError:
        """Say what componentize-py's words mean."""
        if "pyfunction_call_import" in told:  # a frame of the stack it shows
            stub = re.search(r"called trapping stub: (\S+)", told)
            return BuildError(
                f"{self.source} calls {stub[1] if stub else 'what its world imports'} while it is imported",
                "call it in a method: the top level of a guest runs when it is built, and holds nothing yet",
            )
        if "panicked at" in told:
            return BuildError(
                f"{_DISTRIBUTION} {self.tool_version} crashed on {self.source.name}:\n{told}",
                "take `map<...>` and lists of a fixed length out of the WIT, if it has any: it knows neither",
                exits.INTERNAL,
            )
        worlds = re.search(r"Available worlds: \[(.*?)\]", told, re.DOTALL)
        if worlds:
            names = re.findall(r'"[^"/]*/([^"@]+)[^"]*"', worlds[1])
            return BuildError(
                f"the WIT in {self.wit.folder} has no world `{self.world}`",
                f"name one that it has: --world {', --world '.join(names)}" if names else "give it one",
            )
        traceback, _, _ = told.partition("\n\nCaused by:")
        if 'File "' not in traceback:
            return BuildError(f"the WIT in {self.wit.folder} is refused:\n{told}", "correct it there")
        missing = re.search(r"^ModuleNotFoundError: No module named '([^'.]+)", traceback, re.MULTILINE)
        if missing:
            return BuildError(
                f"{self.source} imports `{missing[1]}`, which a guest cannot see:\n{traceback}",
                "a guest sees the standard library and its own folder; put a package that is pure Python "
                f"there: pip install --target {self.source.parent} {missing[1]}",
            )
        return BuildError(
            f"{self.source} failed while it was imported:\n{traceback}",
            "correct it there; the top level of a guest runs when it is built, and holds nothing yet",
        )

    def _check_classes(self, exports: list[_Export]) -> None:
        defined = _names(_parse(self.source, self.modules[PurePosixPath(self.source.name)]))
        for export in exports:
            for name in export.classes:
                if name not in defined and "*" not in defined:
                    raise BuildError(
                        f"{self.source} has no class `{name}`, which world `{self.world}` exports",
                        f"define it there: class {name}({export.protocols}.{name}): ...",
                    )


@dataclass(frozen=True, slots=True)
class _Export:
    """Classes that a guest must define, and the module that has their protocols."""

    protocols: str
    classes: tuple[str, ...]
    wanted_in: str | None = None
    """The module that componentize-py looks for them in, where that is not the guest's own."""


def _exports(bindings: Path) -> Iterator[_Export]:
    """Read what a world exports from the bindings that componentize-py has made for it."""
    yield _Export("wit_world", tuple(_protocols(bindings / "__init__.py", with_methods=True)))
    exports = bindings / "exports"
    if exports.is_dir():
        yield _Export("wit_world.exports", tuple(_protocols(exports / "__init__.py", with_methods=True)))
        for file in sorted(exports.glob("[!_]*.py")):
            classes = tuple(_protocols(file, with_methods=False))
            if classes:
                yield _Export(f"wit_world.exports.{file.stem}", classes, file.stem)


def _protocols(file: Path, *, with_methods: bool) -> Iterator[str]:
    for node in ast.parse(file.read_bytes()).body:
        if isinstance(node, ast.ClassDef) and any(
            isinstance(base, ast.Name) and base.id == "Protocol" for base in node.bases
        ):
            has_methods = any(isinstance(part, ast.FunctionDef | ast.AsyncFunctionDef) for part in node.body)
            if has_methods or not with_methods:
                yield node.name


def _glue(exports: list[_Export], guest: str) -> Mapping[PurePosixPath, bytes]:
    """Return the modules that componentize-py wants: each has the guest's classes."""
    return {
        PurePosixPath(f"{export.wanted_in}.py"): f"from {guest} import {', '.join(export.classes)}\n".encode()
        for export in exports
        if export.wanted_in is not None
    }


def _check_name(source: Path) -> None:
    name = source.stem
    if not name.isidentifier() or keyword.iskeyword(name):
        raise BuildError(
            f"{source.name} cannot be imported", "give it a name of letters, digits and underscores"
        )
    if name in sys.stdlib_module_names or name in _ITS_MODULES:
        raise BuildError(
            f"{source.name} has the name of a module that a guest finds first",
            f"rename it: my_{source.name}",
        )


def _collect(source: Path) -> Mapping[PurePosixPath, bytes]:
    """Read a file and what it imports from its own folder; a package comes whole."""
    folder = source.parent
    modules: dict[PurePosixPath, bytes] = {}
    seen: set[str] = {source.stem}
    waiting = [source]
    while waiting:
        path = waiting.pop()
        content = _read(path)
        modules[PurePosixPath(path.relative_to(folder).as_posix())] = content
        if path.suffix == ".py":
            for name in _imports(_parse(path, content)) - seen:
                seen.add(name)
                waiting += _find(folder, name)
    return dict(sorted(modules.items()))


def _find(folder: Path, name: str) -> list[Path]:
    if name in sys.stdlib_module_names or name in _ITS_MODULES:
        return []
    package = folder / name
    if package.is_dir():
        files = [path for path in package.rglob("*") if path.is_file() and "__pycache__" not in path.parts]
        if any(path.suffix == ".py" for path in files):
            return files
    module = folder / f"{name}.py"
    return [module] if module.is_file() else []


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise BuildError(f"{path}: {error.strerror}", "name a file that can be read") from None


def _parse(path: Path, content: bytes) -> ast.Module:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # what the code may mean is not ours to say
            return ast.parse(content, path.name)
    except SyntaxError as error:
        reader = f"Python {sys.version_info.major}.{sys.version_info.minor}"
        message = f"{path}:{error.lineno or 1}:{error.offset or 1}: {error.msg} (as {reader} reads it)"
        raise BuildError(message, "correct the line") from None
    except (ValueError, RecursionError, MemoryError) as error:
        raise BuildError(f"{path} cannot be read as Python: {error}", "name a file of Python") from None


def _imports(module: ast.Module) -> set[str]:
    """Return the top-level names of what a module imports, wherever in it."""
    names: set[str] = set()
    for node in ast.walk(module):
        match node:
            case ast.Import(names=aliases):
                names.update(alias.name.partition(".")[0] for alias in aliases)
            case ast.ImportFrom(module=str(name), level=0):
                names.add(name.partition(".")[0])
            case _:
                pass
    return names


def _names(module: ast.Module) -> set[str]:
    """Return the names a module may define, and `*` if it imports all of another's."""
    names: set[str] = set()
    for node in ast.walk(module):
        match node:
            case ast.ClassDef(name=name) | ast.Name(id=name, ctx=ast.Store()):
                names.add(name)
            case ast.alias(name=name, asname=asname):
                names.add(asname or name)
            case _:
                pass
    return names


def _installed_version() -> str:
    try:
        return version(_DISTRIBUTION)
    except PackageNotFoundError:
        raise BuildError(
            f"{_DISTRIBUTION} is not installed", f"pip install {_DISTRIBUTION}", exits.UNAVAILABLE
        ) from None
