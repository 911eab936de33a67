"""Each folder of `cases/` pins one construct: a schema, and the files that it gives, or the error.

`pytest tests/codegen --bless` writes what is generated as what is expected.
"""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from pathlib import Path, PurePosixPath

import pytest
from capwit.codegen import GenerateError, generate, write

CASES = Path(__file__).with_name("cases")
NAMES = sorted(path.parent.name for path in CASES.glob("*/schema.capnp"))
ROOT = Path(__file__).parents[2]

Files = dict[PurePosixPath, str]


def run(case: str) -> Files:
    """The files of a case, accepted by wit-parser; the packages that are published are not repeated."""
    try:
        generated = generate(Path(case, "schema.capnp"))
    except GenerateError as error:
        return {PurePosixPath("error.txt"): f"{error}\n"}
    published = ("wit/deps/capwit-bridge", "wit/deps/capwit-caps")
    return {
        "expected" / path: text
        for path, text in generated.files.items()
        if not any(path.is_relative_to(folder) for folder in published)
    }


@pytest.mark.parametrize("case", NAMES)
def test_case(case: str, pytestconfig: pytest.Config, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(CASES)
    files = run(case)
    folder = CASES / case
    if pytestconfig.getoption("--bless", default=False):
        shutil.rmtree(folder / "expected", ignore_errors=True)
        (folder / "error.txt").unlink(missing_ok=True)
        write(files, folder)
    found = [*(folder / "expected").rglob("*"), *folder.glob("error.txt")]
    expected = {
        PurePosixPath(path.relative_to(folder)): path.read_text("utf-8")
        for path in found
        if path.is_file() and path.parent.name != "__pycache__"  # of who has imported what is expected
    }
    assert files == expected


def test_every_refusal_names_place_subject_and_mend_and_a_case_that_is_not_one_gives_files() -> None:
    for case in NAMES:
        error = CASES / case / "error.txt"
        assert error.exists() == case.startswith("refused-"), case
        if error.exists():
            told = error.read_text("utf-8")
            assert re.fullmatch(rf"{case}/[^/:]+\.capnp:\d+:\d+: [$\w].*: .+\n  .+\n", told), told


@pytest.fixture(scope="module")
def modules(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """All expected modules in one folder, each with the checks that mypy is to make of it."""
    folder = tmp_path_factory.mktemp("modules")
    for path in sorted(CASES.glob("*/expected/*.py")):
        name = path.parent.parent.name.replace("-", "_") if path.stem == "schema" else path.stem
        text = path.read_text("utf-8")
        (folder / f"{name}.py").write_text(text, "utf-8")
        (folder / f"check_{name}.py").write_text(client_checks(name, text), "utf-8")
    return folder


def client_checks(module: str, text: str) -> str:
    """Functions that pass only if each client is an implementation of its protocol."""
    protocols = re.findall(r"^class (\w+)\([^)]*\bProtocol\)", text, re.MULTILINE)
    clients = re.findall(r"^class (\w+)\((?:wit\.Client|[^)]*Client)\)", text, re.MULTILINE)
    checks = [
        f"def check_{client}(client: m.{client}) -> m.{protocol}:\n    return client\n"
        for protocol, client in zip(protocols, clients, strict=True)
    ]
    return "\n".join([f"import {module} as m\n", *checks])


def test_expected_python_is_typed(modules: Path) -> None:
    roots = [ROOT / "codegen", ROOT / "bridge"]
    command = [sys.executable, "-m", "mypy", "--strict", "--cache-dir", str(modules / "cache"), str(modules)]
    path = ":".join(str(root) for root in [modules, *roots])
    done = subprocess.run(
        [*command, "--explicit-package-bases", "--namespace-packages"],
        capture_output=True,
        check=False,
        cwd=modules,
        env={"MYPYPATH": path, "PATH": ""},
        text=True,
    )
    assert not done.returncode, done.stdout + done.stderr


def test_expected_python_runs(modules: Path) -> None:
    """The tables are in an order that Python can execute, and every reference resolves."""
    names = sorted(path.stem for path in modules.glob("*.py") if not path.stem.startswith("check_"))
    program = """
import importlib, inspect, sys
sys.path.insert(0, sys.argv[1])
for name in sys.argv[2:]:
    module = importlib.import_module(name)
    classes = [each for each in vars(module).values() if inspect.isclass(each) and each.__module__ == name]
    for each in classes:
        inspect.get_annotations(each, eval_str=True)
        for method in filter(inspect.isfunction, vars(each).values()):
            inspect.get_annotations(method, eval_str=True) if not method.__name__.startswith("__") else None
    assert module.BINDINGS.package
"""
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", program, str(modules), *names],
        capture_output=True,
        check=False,
        env={"PYTHONPATH": ":".join(filter(None, sys.path))},
        text=True,
    )
    assert not done.returncode, done.stderr


def test_expected_python_is_formatted(modules: Path) -> None:
    listed = [str(path) for path in modules.glob("*.py") if not path.stem.startswith("check_")]
    command = [
        sys.executable,
        "-m",
        "ruff",
        "format",
        "--no-cache",
        "--diff",
        "--config",
        str(ROOT / "pyproject.toml"),
    ]
    done = subprocess.run([*command, *listed], capture_output=True, check=False, text=True)
    assert not done.returncode, done.stdout
