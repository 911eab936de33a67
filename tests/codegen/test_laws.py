"""Laws of the generator, held over random schemas (`schemas.py`), as many as `batches.py` says."""

from __future__ import annotations

import contextlib
import hashlib
import io
import json
import os
import re
import shutil
import subprocess
import sys
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Final

import pytest
from capwit.cli import exits
from capwit.cli.main import main
from capwit.codegen import Generated, GenerateError, Location
from capwit.codegen.emit import layout
from capwit.codegen.emit.accept import accept
from capwit.codegen.generator import generate_schema
from capwit.codegen.schema.parser import import_roots, parse
from capwit.codegen.schema.request import read
from hypothesis import assume, given, note
from hypothesis import strategies as st

from tests.codegen.batches import batches, by_stem, law, write
from tests.codegen.schemas import grown, schemas

if TYPE_CHECKING:
    from capwit.codegen.schema import nodes

    from tests.codegen.schemas import Schema

ROOT: Final = Path(__file__).parents[2]
CAPNP: Final = shutil.which("capnp")

# What a schema that `capnp` takes may be refused for, as docs/schema.md says.
REFUSALS: Final = [
    r"the (WIT )?name (of a constant )?'\S+' is (also )?that of",
    r"the Python class '\S+' is also that of",
    r"the world or interface '\S+' is also that of",
    r"it inherits (a|two) methods? '\S+'",
    r"it uses \S+, which \$Wit\.skip leaves out",
    r"it has no enumerants, and WIT has no enum without cases",
    r"its type leads to endlessly many brands of",
    r"its type leads to a brand of \S+ that is made of more than 250 types",
    r"a null capability that is \$Wit\.required in a constant is not mapped",
    r"a member that \$Wit\.skip leaves out in a constant is not mapped",
    r"its type nests more than 96 types",
]


@dataclass
class Made:
    """What random schemas gave: modules below `folder`, files by schema, and how many were refused."""

    folder: Path
    requests: list[tuple[bytes, dict[str, str]]] = field(default_factory=list)
    refused: int = 0
    accepted: int = 0


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Made:
    """Holds the first law, and keeps what came of it for the others."""
    made = Made(tmp_path_factory.mktemp("laws"))

    @law(10)
    @given(batches())
    def mapped_or_refused(batch: list[Schema]) -> None:
        folder = tmp_path_factory.mktemp("batch")
        path = write(folder, batch)
        request = parse(path)
        whole = read(request, schema=path)
        roots = by_stem(whole)
        hashes: dict[str, str] = {}
        for each in batch:
            try:
                generated = generate_schema(whole, roots[each.stem], validate=False)
            except GenerateError as error:
                note(repr(each))
                check_refusal(error, folder)
                made.refused += 1
                continue
            try:
                check(generated)
            except Exception:
                note(repr(each))
                raise
            made.accepted += 1
            hashes[each.stem] = digest(generated)
            for name, text in generated.files.items():
                if name.suffix == ".py":
                    (made.folder / name).write_text(text, "utf-8")
        made.requests.append((request, hashes))
        shutil.rmtree(folder)

    mapped_or_refused()
    return made


def check_refusal(error: GenerateError, folder: Path) -> None:
    """It is of a kind that is documented, and names the place and what mends it."""
    assert any(re.match(pattern, error.message) for pattern in REFUSALS), str(error)
    assert error.file.startswith(str(folder))
    assert error.line, str(error)
    assert error.column, str(error)
    assert error.mend, str(error)


def check(generated: Generated) -> None:
    """wit-parser takes the WIT, and Python compiles the bindings."""
    accept(generated.files, generated.worlds, Location(generated.schema))
    for path, text in generated.files.items():
        if path.suffix == ".py":
            compile(text, str(path), "exec", dont_inherit=True)


def digest(generated: Generated) -> str:
    text = "\0".join(f"{path}\0{text}" for path, text in generated.files.items())
    return hashlib.sha256(text.encode()).hexdigest()


def test_most_schemas_are_mapped(made: Made) -> None:
    assert made.accepted > 2 * made.refused, (made.accepted, made.refused)


def test_the_bindings_are_typed(made: Made) -> None:
    path = os.pathsep.join(map(str, [made.folder, ROOT / "codegen", ROOT / "bridge"]))
    command = [
        "-m",
        "mypy",
        "--strict",
        "--cache-dir",
        os.devnull,
        "--explicit-package-bases",
        "--namespace-packages",
    ]
    done = subprocess.run(
        [sys.executable, *command, "."],
        capture_output=True,
        check=False,
        cwd=made.folder,
        env={"MYPYPATH": path, "PATH": ""},
        text=True,
    )
    assert not done.returncode, done.stdout + done.stderr


def test_the_bindings_are_formatted(made: Made) -> None:
    """But where a name alone leaves no room in its line."""
    modules = [path for path in made.folder.glob("*.py") if widest(path) <= layout.WIDTH]
    assert modules
    command = ["-m", "ruff", "format", "--no-cache", "--diff", "--config", str(ROOT / "pyproject.toml")]
    done = subprocess.run(
        [sys.executable, *command, *map(str, modules)], capture_output=True, check=False, text=True
    )
    assert not done.returncode, done.stdout


def widest(path: Path) -> int:
    return max(map(len, path.read_text("utf-8").split("\n")))


AGAIN: Final = """
import sys, pathlib
from tests.codegen.test_laws import AGAIN, digest, generate_schema, read
from capwit.codegen import GenerateError
for path in sys.argv[1:]:
    whole = read(pathlib.Path(path).read_bytes())
    for id, source in whole.files.items():
        try:
            print(source.path.stem, digest(generate_schema(whole, id, validate=False)))
        except GenerateError:
            pass
"""


def test_another_process_gives_the_same_bytes(made: Made, tmp_path: Path) -> None:
    """Sets and dicts of another process are in another order."""
    paths = []
    for number, (request, _) in enumerate(made.requests):
        paths.append(tmp_path / str(number))
        paths[-1].write_bytes(request)
    environment = {
        **os.environ,
        "PYTHONHASHSEED": "7",
        "PYTHONPATH": os.pathsep.join(filter(None, [str(ROOT), *sys.path])),
    }
    done = subprocess.run(
        [sys.executable, "-c", AGAIN, *map(str, paths)],
        capture_output=True,
        check=False,
        env=environment,
        text=True,
    )
    assert not done.returncode, done.stderr
    again = dict(line.split() for line in done.stdout.splitlines())
    for _, hashes in made.requests:
        for stem, hash in hashes.items():
            assert again[stem] == hash, stem


@pytest.mark.skipif(CAPNP is None, reason="the capnp tool is not installed")
@law(6)
@given(batch=batches())
def test_a_request_of_the_capnp_tool_gives_the_same(
    tmp_path_factory: pytest.TempPathFactory, batch: list[Schema]
) -> None:
    folder = tmp_path_factory.mktemp("batch")
    path = write(folder, batch)
    flags = [f"-I{root}" for root in import_roots()]
    assert CAPNP is not None
    done = subprocess.run(
        [CAPNP, "compile", *flags, "-o-", *[name for each in batch for name in each.texts()]],
        capture_output=True,
        check=False,
        cwd=folder,
    )
    assert not done.returncode, done.stderr
    ours = read(parse(path), schema=path)
    theirs = read(done.stdout)
    for each in batch:
        note(repr(each))
        one, other = (outcome(whole, by_stem(whole)[each.stem]) for whole in (ours, theirs))
        assert one == other
    shutil.rmtree(folder)


def outcome(whole: nodes.Schema, root: int) -> object:
    try:
        return generate_schema(whole, root, validate=False).files
    except GenerateError as error:
        return error.name, error.message.split(" at ")[0].split(" in ")[0]  # files are named otherwise


# What is added, and what that asks for: of the wire, and of components.
BUMPS: Final = {
    "struct": ("minor", "major"),
    "interface": ("minor", "minor"),
    "enum": ("minor", "major"),
}


@law(6)
@given(before=schemas(), data=st.data())
def test_what_is_added_is_told_and_of_the_same_nothing(
    tmp_path_factory: pytest.TempPathFactory, before: Schema, data: st.DataObject
) -> None:
    after, kind = data.draw(grown(before))
    folders = [tmp_path_factory.mktemp(name) for name in ("before", "after")]
    old, new = (each.write(folder) for each, folder in zip((before, after), folders, strict=True))
    code, same = told(old, old)
    assume(code != exits.BAD_INPUT)  # refused: `mapped_or_refused` looks at that
    assert (code, same) == (0, {"bump": "none", "wire": "none", "wit": "none"})
    code, changed = told(old, new)
    note(f"{kind}\n{after!r}")
    wire, component = BUMPS[kind]
    assert changed == {"bump": component, "wire": wire, "wit": component}
    assert code == int(component == "major")


def told(old: Path, new: Path) -> tuple[int, dict[str, str]]:
    """The exit code of `capwit diff`, and what each side asks for."""
    errors = io.StringIO()
    with contextlib.redirect_stdout(io.StringIO()) as output, contextlib.redirect_stderr(errors):
        code = main(["diff", str(old), str(new), "--json"])
    if code == exits.BAD_INPUT:
        return code, {}
    assert output.getvalue(), errors.getvalue()
    text = json.loads(output.getvalue())
    return code, {"bump": text["bump"], "wire": text["wire"]["bump"], "wit": text["wit"]["bump"]}
