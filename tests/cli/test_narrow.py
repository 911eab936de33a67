"""Grants that a manifest narrows: methods, arguments, quotas, time."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import pytest
from capwit.bridge import CapError, Policy
from capwit.caps import MemoryDirectory, open_flags
from capwit.caps.files import Advice, DirectoryClient, OpenAnswerFile
from capwit.cli import exits
from capwit.manifest.narrow import Narrowing

from tests.bridge.support import scenario
from tests.cli.programs import SANDBOX, guest, write

if TYPE_CHECKING:
    from pathlib import Path

DESK = '[grants.desk]\nfactory = "desks:make"\n'


@pytest.fixture
def run(capwit: Any, tmp_path: Path) -> Any:
    def run(narrow: str, code: str = "pass", wasi: str = SANDBOX) -> Any:
        return capwit("run", write(tmp_path, guest(f"d = grants.get_desk()\n{code}") + DESK + narrow + wasi))

    return run


@pytest.mark.parametrize(
    ("narrow", "calls", "said"),
    [
        (
            'narrow = { allow = ["desk.echo"] }',
            ["d.echo('x')", "d.add(1, 2)"],
            ["hello x", "DENIED desk.add: the grant `desk` does not allow it"],
        ),
        (
            'narrow = { deny = ["desk.add", "item.*"] }',
            ["d.echo('x')", "d.add(1, 2)", "d.make('x').name()"],
            ["hello x", "DENIED desk.add: ", "DENIED item.name: "],
        ),
        ("narrow = { allow = [] }", ["d.echo('x')"], ["DENIED desk.echo: "]),
        (
            "narrow = { calls = 1 }",
            ["d.echo('x')", "d.echo('y')"],
            ["hello x", "EXHAUSTED desk.echo: the grant `desk` has had its 1 calls"],
        ),
        (
            'narrow = { bytes = "20B" }',
            ["d.echo('x')", "d.echo('123456789012')"],
            ["hello x", "EXHAUSTED desk.echo: 18 bytes, and 0 are left of the 20B of"],
        ),
        ('narrow = { expires = "0s" }', ["d.echo('x')"], ["REVOKED the grant `desk` has expired"]),
        (
            'narrow.guards."desk.echo".text = { prefix = "public/", longest = 9 }',
            ["d.echo('public/a')", "d.echo('secret')", "d.echo('public/abc')"],
            ["hello public/a", "DENIED desk.echo: the grant `desk` does not allow it with", "DENIED"],
        ),
        (
            'narrow.guards."desk.add" = { a = { min = 2, max = 3 }, b = { one_of = [5, 7] } }',
            ["d.add(2, 5)", "d.add(3, 7)", "d.add(1, 5)", "d.add(4, 5)", "d.add(2, 6)", "d.echo('x')"],
            ["7", "10", "DENIED", "DENIED", "DENIED", "hello x"],
        ),
        (
            'narrow.guards."desk.echo".text.equals = "this"',
            ["d.echo('this')", "d.echo('that')"],
            ["hello this", "DENIED"],
        ),
    ],
)
def test_a_grant_does_no_more_than_it_says(run: Any, narrow: str, calls: list[str], said: list[str]) -> None:
    done = run(f"{narrow}\n", "\n".join(f"tried(lambda: {call})" for call in calls))
    lines = re.sub(r"`[^`.]+\.desk`", "`desk`", done.out).splitlines()
    assert (done.code, done.err) == (0, "")
    assert len(lines) == len(said)
    for line, expected in zip(lines, said, strict=True):
        assert line.startswith(expected), lines


@pytest.mark.parametrize(
    ("narrow", "said"),
    [
        ("deadline = '50ms'", "EXHAUSTED desk.echo: took longer than the 0.05 s that the grant `desk`"),
        ("expires = '100ms'", "REVOKED the grant `desk` has expired: it was for 100ms"),
        ("in_flight = 0", "OVERLOADED desk.echo: 0 calls wait on the grant `desk`, which is its limit"),
    ],
)  # fmt: skip
def test_a_call_that_waits_is_bounded(capwit: Any, tmp_path: Path, narrow: str, said: str) -> None:
    slow = f'[grants.desk]\nfactory = "desks:slow"\nnarrow = {{ {narrow} }}\n'
    text = guest("tried(lambda: grants.get_desk().echo('x'))") + slow + SANDBOX
    done = capwit("run", write(tmp_path, text))
    assert re.sub(r"`[^`.]+\.desk`", "`desk`", done.out).startswith(said)


@scenario
async def test_fields_and_enums_are_asked_by_their_labels() -> None:
    guards: dict[str, Any] = {
        "directory.open": {"flags.create": {"equals": False}, "path": {"prefix": "public/"}},
        "file.advise": {"advice": {"one_of": ["normal", "random"]}},
    }
    folder = MemoryDirectory()
    folder.create_directory("public")
    folder.open("public/a", open_flags(write=True, create=True))
    interface = DirectoryClient.interface
    client = DirectoryClient(folder).attenuate(Narrowing(Policy(), guards).of([interface]))
    opened = await client.open("public/a", open_flags(read=True))
    assert isinstance(opened, OpenAnswerFile)
    await opened.value.advise(0, 0, Advice.RANDOM)
    for refused in (
        opened.value.advise(0, 0, Advice.NO_REUSE),
        client.open("public/b", open_flags(write=True, create=True)),
        client.open("private", open_flags(read=True)),
    ):
        with pytest.raises(CapError, match="with these arguments"):
            await refused


def test_wasi_grants_are_narrowed_too(run: Any) -> None:
    wasi = "[wasi]\nentropy = true\n[wasi.stdout.narrow]\nbytes = 5\n"
    done = run("", "os.write(1, b'12345')\ntry: os.write(1, b'6')\nexcept OSError as e: sys.exit(3)", wasi)
    assert done.out == "12345"
    assert done.code != 0


@pytest.mark.parametrize(
    ("narrow", "words"),
    [
        ("narrow = 3", "grants.desk.narrow: expected a table of what the grant is narrowed to, got 3"),
        ("narrow = { call = 3 }", "grants.desk.narrow.call: unknown key; known are allow, deny"),
        ('narrow = { allow = "desk.echo" }', "grants.desk.narrow.allow: expected a list of strings"),
        ("narrow = { calls = -1 }", "grants.desk.narrow.calls: expected a whole number, got -1"),
        ("narrow = { calls = 1.5 }", "grants.desk.narrow.calls: expected a whole number, got 1.5"),
        ("narrow = { in_flight = true }", "grants.desk.narrow.in_flight: expected a whole number, got True"),
        ('narrow = { bytes = "much" }', "grants.desk.narrow.bytes: expected a size such as"),
        ('narrow = { deadline = "soon" }', "grants.desk.narrow.deadline: expected a time such as"),
        ('narrow = { expires = "never" }', "grants.desk.narrow.expires: expected a time such as"),
        ("narrow = { guards = 3 }", "grants.desk.narrow.guards: expected a table of guards, got 3"),
        ('narrow.guards."desk.echo" = 3', "grants.desk.narrow.guards.desk.echo: expected a table, got 3"),
        (
            'narrow.guards."desk.echo".text = "public"',
            'grants.desk.narrow.guards."desk.echo".text: expected a table such as { prefix',
        ),
        (
            'narrow.guards."desk.echo".text.regex = "x"',
            '"desk.echo".text.regex: unknown key; known are prefix, equals, one_of, min, max, longest',
        ),
        ('narrow.guards."desk.echo".text.prefix = 3', '"desk.echo".text.prefix: expected a text, got 3'),
        ('narrow.guards."desk.echo".text.one_of = "x"', ".one_of: expected a list of texts or numbers"),
        ('narrow.guards."desk.echo".text.longest = -1', ".longest: expected a whole number, got -1"),
        # What only the program's interfaces can tell.
        (
            'narrow = { allow = ["desk.ecoh"] }',
            "narrow.allow: 'desk.ecoh' is no method of desk, or of what is had through it. Mend: one of desk",
        ),
        ('narrow = { deny = ["worker.exec"] }', "desk.narrow.deny: 'worker.exec' is no method of desk"),
        (
            'narrow.guards."desk.*".text.prefix = "x"',
            'grants.desk.narrow.guards."desk.*": there is no such method. Mend: one of desk.add',
        ),
        (
            'narrow.guards."desk.echo".txt.prefix = "x"',
            'narrow.guards."desk.echo".txt: there is no such parameter. Mend: one of text',
        ),
        (
            'narrow.guards."desk.echo"."text.size".max = 3',
            """narrow.guards."desk.echo".text.size: there is no field 'size'""",
        ),
        (
            'narrow.guards."desk.add".a.max = nan',
            ".a.max: expected a number, got nan",
        ),
        (
            'narrow.guards."desk.add".a.prefix = "x"',
            ".a.prefix: it cannot be asked of this parameter's type. Mend: equals, one_of, min, max",
        ),
    ],
)  # fmt: skip
def test_a_narrowing_that_is_wrong(run: Any, narrow: str, words: str) -> None:
    done = run(f"{narrow}\n")
    assert (done.code, done.out) == (exits.BAD_MANIFEST, "")
    assert "app.toml: " in done.err
    assert words in done.err
    assert done.err.count("\n") == 1


def test_a_field_of_a_parameter_is_guarded(run: Any) -> None:
    code = "i = d.make('x')\nfor label in 'ab':\n    tried(lambda: d.unpack(probe.Parcel(label, None, [])))"
    done = run('narrow.guards."desk.unpack"."parcel.label".equals = "a"\n', code)
    assert done.out.splitlines()[0] == "[]"
    assert done.out.splitlines()[1].startswith("DENIED")
