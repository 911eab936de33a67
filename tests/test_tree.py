"""Guards of the tree: its layers, its namespace package, and what may be used where."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
from graphlib import TopologicalSorter
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT = Path(__file__).parent.parent
ROOTS = [ROOT / name / "capwit" for name in ("codegen", "bridge", "preview1-adapter")]
PACKAGES = sorted(
    package for root in ROOTS for package in root.glob("*") if (package / "__init__.py").is_file()
)
MODULES = sorted(path for root in ROOTS for path in root.rglob("*.py"))

# What each layer imports of capwit, besides itself.
LAYERS: dict[str, set[str]] = {
    "codegen": set(),
    "engine": set(),
    "bridge": {"engine"},
    "manifest": {"bridge", "engine"},
    "rpc": {"bridge", "engine"},
    "caps": {"bridge"},
    "audit": {"caps", "bridge"},
    "preview2": {"caps", "bridge", "engine"},
    "preview1": {"caps", "bridge", "engine"},
    "testing": {"bridge"},
    "http": {"preview2", "caps", "bridge"},
    "hosting": {"preview2", "rpc", "caps", "bridge", "engine"},
    "program": {"manifest", "hosting", "rpc", "preview1", "preview2", "caps", "bridge", "engine"},
    "cli": {
        "codegen",
        "http",
        "program",
        "manifest",
        "hosting",
        "preview2",
        "rpc",
        "audit",
        "caps",
        "bridge",
        "engine",
    },
}

# What each part of `codegen` imports of the others, for types too: subpackages, and the modules beside them.
CODEGEN: dict[str, set[str]] = {
    "errors": set(),
    "base": set(),
    "schema": {"base", "errors"},
    "model": {"schema", "base"},
    "lower": {"model", "schema", "base", "errors"},
    "emit": {"lower", "model", "schema", "base", "errors"},
    "output": {"errors"},
    "notes": {"model", "output"},
    "generator": {"emit", "lower", "model", "schema", "notes", "output", "errors"},
    "scaffold": {"emit", "base", "output", "errors"},
    "diff": {"generator", "emit", "lower", "schema"},
    "wit_reader": {"base", "errors"},
    "export": {
        "wit_reader",
        "diff",
        "generator",
        "emit",
        "lower",
        "schema",
        "base",
        "output",
        "errors",
    },
    "record": {"output", "errors"},
    "command": {"generator", "scaffold", "notes", "record"},
    "plugin": {"generator", "emit", "schema", "record", "output", "errors"},
    "publish": {"generator", "emit", "output"},
    "__init__": {"generator", "output", "errors"},
}


def shown(path: Path) -> str:
    return str(path.relative_to(ROOT))


class AtRunTime(ast.NodeTransformer):
    """Leaves out what is only for types."""

    def visit_If(self, node: ast.If) -> ast.AST | list[ast.stmt]:
        return node.orelse if ast.unparse(node.test) == "TYPE_CHECKING" else self.generic_visit(node)


def imports(path: Path, *, types: bool = True) -> Iterator[str]:
    """Yield the full names of what a module imports, anywhere in it, `types` of others included."""
    package = path.relative_to(next(root.parent for root in ROOTS if root in path.parents)).parent.parts
    tree = ast.parse(path.read_text())
    for node in ast.walk(tree if types else AtRunTime().visit(tree)):
        match node:
            case ast.Import(names):
                yield from (name.name for name in names)
            case ast.ImportFrom(module, names, level):
                base = [*package[: len(package) - level + 1]] if level else []
                whole = ".".join([*base, *([module] if module else [])])
                yield from (f"{whole}.{name.name}" for name in names)


def arrows(above: str) -> dict[str, set[str]]:
    """What each part of the package `above`, which ends in a dot, imports of the other ones."""
    found: dict[str, set[str]] = {}
    depth = above.count(".")
    for root in ROOTS:
        for path in root.rglob("*.py"):
            parts = path.relative_to(root.parent).with_suffix("").parts
            if ".".join(parts).startswith(above):
                needed = {name.split(".")[depth] for name in imports(path) if name.startswith(above)}
                found.setdefault(parts[depth], set()).update(needed - {parts[depth]})
    return found


def test_every_package_is_a_layer() -> None:
    assert {package.name for package in PACKAGES} == LAYERS.keys()


def test_the_namespace_package_has_no_init() -> None:
    # One would hide the other source roots.
    assert [shown(root / "__init__.py") for root in ROOTS if (root / "__init__.py").exists()] == []


@pytest.mark.parametrize("package", PACKAGES, ids=shown)
def test_every_subpackage_is_typed(package: Path) -> None:
    assert (package / "py.typed").is_file()


def test_dependencies_point_down_only() -> None:
    assert arrows("capwit.") == LAYERS
    TopologicalSorter(LAYERS).prepare()


def test_dependencies_in_codegen_point_down_only() -> None:
    assert arrows("capwit.codegen.") == CODEGEN
    TopologicalSorter(CODEGEN).prepare()


def test_the_guard_sees_every_kind_of_import() -> None:
    path = next(path for path in MODULES if path.name == "app.py")
    found = list(imports(path))
    assert "capwit.engine.store.Store" in found
    assert "capwit.bridge.instance.Instance" in found


def test_no_module_needs_itself_at_run_time() -> None:
    names: dict[str, Path] = {}
    for root in ROOTS:
        for path in root.rglob("*.py"):
            parts = path.relative_to(root.parent).with_suffix("").parts
            names[".".join(parts).removesuffix(".__init__")] = path
    needed = {
        name: {
            each if each in names else each.rpartition(".")[0]  # a module, or what is in one
            for each in imports(path, types=False)
        }
        for name, path in names.items()
    }
    assert "capwit.bridge.errors" in needed["capwit.manifest.wiring"]
    TopologicalSorter(needed).prepare()  # raises a `CycleError` that names it


_TEXTS = (".py", ".md", ".toml", ".wit", ".capnp")


def sources() -> Iterator[Path]:
    for folder in ("codegen", "bridge", "preview1-adapter", "examples", "docs", "wit"):
        yield from (path for path in (ROOT / folder).rglob("*") if path.suffix in _TEXTS)


@pytest.mark.parametrize("name", ["WasiConfig", "define_wasi", "add_wasip2", "wasi_config_new"])
def test_wasmtimes_own_wasi_is_not_used(name: str) -> None:
    assert [shown(path) for path in sources() if re.search(rf"\b{name}\b", path.read_text())] == []


@pytest.mark.parametrize("path", MODULES, ids=shown)
def test_wasmtimes_bindings_are_confined_to_the_engine(path: Path) -> None:
    if "engine" in path.parts:
        return
    assert [name for name in imports(path) if re.match(r"wasmtime\._", name)] == []
    assert not re.search(r"wasmtime\._\w", path.read_text())


@pytest.mark.parametrize("module", ["capwit.bridge", "capwit.bridge.binding", "capwit.caps.standard"])
def test_only_what_runs_guests_imports_wasmtime(module: str) -> None:
    looked_for = ["capwit.bridge", "wasmtime", *(["asyncio"] if module.startswith("capwit.bridge") else [])]
    program = f"import sys, {module}; print([name for name in {looked_for} if name in sys.modules])"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout == "['capwit.bridge']\n"


WRITTEN = [path for path in MODULES if "Written by `capwit generate`" not in path.read_text()[:2000]]


@pytest.mark.parametrize("path", WRITTEN, ids=shown)
def test_a_module_is_one_noun(path: Path) -> None:
    assert len(path.read_text().splitlines()) <= 450


def test_nothing_names_a_machine() -> None:
    for path in sources():
        assert not re.search(r"/(home|root|Users|work)/\w", path.read_text()), shown(path)
