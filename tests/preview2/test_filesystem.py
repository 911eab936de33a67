"""`wasi:filesystem` on directories of every kind: each function, each error code, granted and not."""

from __future__ import annotations

from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any

import pytest
from capwit.bridge import CapError, ErrorKind, Policy
from capwit.caps import HostDirectory, MemoryDirectory, ReadOnlyDirectory, open_flags
from capwit.caps.files import (
    Access,
    AnswerError,
    DirectoryClient,
    FileClient,
    FileError,
    ListAnswerError,
    OpenAnswerError,
    OpenAnswerFile,
    ReadAnswerError,
    StatAnswerError,
    TargetAnswerError,
    WriteAnswerError,
)
from capwit.preview2.signatures import FILE_ERRORS

from tests.bridge.support import scenario
from tests.support.isolation import LEDGER
from tests.support.wasi import Explorer, explorer

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

pytestmark = pytest.mark.usefixtures("interpreter")

IN_ONE_PROCESS = {"test_handles_are_told_in_the_ledger": LEDGER}
EVERY_RUN = {"test_a_grant_that_is_revoked", "test_nothing_leads_out_of_a_directory[out/passwd]"}

# What the code of each test begins with: the first preopen, and flags by short names. The
# bindings have several modules for interfaces called `types`.
BEGIN = """
types = next(m for m in list(globals().values()) if hasattr(m, "DescriptorFlags"))
d, name = preopens.get_directories()[0]
P, O, D = types.PathFlags, types.OpenFlags, types.DescriptorFlags
NO, FOLLOW = P(0), P.SYMLINK_FOLLOW
ANY, RW = O(0), D.READ | D.WRITE

def create(path, text=b"", at=None):
    f = (at or d).open_at(NO, path, O.CREATE, RW)
    f.write(text, 0)
    return f

def names(at):
    return sorted((e.name, e.type.name) for e in iter(at.read_directory().read_directory_entry, None))
"""


@pytest.fixture(params=["memory", "host"])
def directory(request: pytest.FixtureRequest, tmp_path: Path) -> Any:
    return MemoryDirectory() if request.param == "memory" else HostDirectory(tmp_path)


@asynccontextmanager
async def opened(*directories: Any, **given: Any) -> AsyncIterator[Explorer]:
    """An explorer with these preopens: `/0`, `/1` and so on."""
    preopens = {f"/{i}": each for i, each in enumerate(directories)}
    async with explorer(preopens=preopens, **given) as guest:
        await guest.exec(BEGIN)
        yield guest


@scenario
async def test_files(directory: Any) -> None:
    async with opened(directory) as guest:
        code = """
f = create("a", b"hello")
said = [f.read(3, 1), f.read(99, 5), f.read(0, 0), f.write(b"!!", 7), f.read(99, 0), f.stat().size]
f.set_size(4)
said += [f.read(99, 0)[0], f.get_type().name, f.get_flags() == RW, f.stat().link_count]
f.advise(0, 0, types.Advice.SEQUENTIAL)
f.sync()
f.sync_data()
said += [refusal(f.read_directory), refusal(f.open_at, NO, "x", ANY, RW), refusal(d.read, 1, 0)]
said += [refusal(d.write, b"", 0), refusal(d.set_size, 0), refusal(d.advise, 0, 0, types.Advice.NORMAL)]
said += [refusal(d.read_via_stream, 0), refusal(d.append_via_stream)]
d.sync(); d.sync_data()"""
        assert await guest.exec(code) == str(
            [
                *((b"ell", False), (b"", True), (b"", True), 2, (b"hello\0\0!!", False), 9),
                *(b"hell", "REGULAR_FILE", True, 1),
                *("not_directory", "not_directory"),
                *["bad_descriptor"] * 6,
            ]
        )


@scenario
async def test_streams_of_a_file_do_not_move_each_other(directory: Any) -> None:
    async with opened(directory) as guest:
        code = """
f = create("a", b"0123456789")
one, two, w, a = f.read_via_stream(2), f.read_via_stream(8), f.write_via_stream(4), f.append_via_stream()
said = [one.blocking_read(2), two.blocking_read(1), one.read(2)]
w.blocking_write_and_flush(b"x"); a.blocking_write_and_flush(b"A"); w.blocking_write_and_flush(b"y")
f.__exit__(None, None, None)
said += [one.blocking_read(9), refusal(one.read, 1), refusal(one.read, 1), two.skip(9), w.check_write()]
with d.open_at(NO, "a", ANY, D.READ) as f: said += [f.read(99, 0)[0]]"""
        said = [b"23", b"8", b"45", b"6789A", "closed", "closed", 2, 1048576, b"0123xy6789A"]
        assert await guest.exec(code) == str(said)


@scenario
async def test_directories(directory: Any) -> None:
    async with opened(directory) as guest:
        code = """
d.create_directory_at("sub")
create("sub/f", b"x"); create("g")
sub = d.open_at(NO, "sub", O.DIRECTORY, D.READ | D.MUTATE_DIRECTORY)
said = [names(d), names(sub), sub.get_type().name, sub.get_flags() == D.READ | D.MUTATE_DIRECTORY]
sub.rename_at("f", d, "moved")
said += [names(d), names(sub)]
d.link_at(NO, "moved", sub, "again")
d.symlink_at("sub/again", "link")
said += [d.readlink_at("link"), d.stat_at(NO, "link").type.name, d.stat_at(FOLLOW, "link").size]
said += [d.stat_at(NO, "moved").link_count]
said += [refusal(d.remove_directory_at, "sub"), refusal(d.unlink_file_at, "sub")]
sub.unlink_file_at("again")
d.remove_directory_at("sub")
said += [names(d), refusal(d.open_at, FOLLOW, "link", ANY, D.READ), refusal(d.readlink_at, "g")]
said += [refusal(d.open_at, NO, "link", ANY, D.READ), refusal(d.link_at, FOLLOW, "g", d, "n")]"""
        assert await guest.exec(code) == str(
            [
                [("g", "REGULAR_FILE"), ("sub", "DIRECTORY")],
                [("f", "REGULAR_FILE")],
                *("DIRECTORY", True),
                [("g", "REGULAR_FILE"), ("moved", "REGULAR_FILE"), ("sub", "DIRECTORY")],
                [],
                *("sub/again", "SYMBOLIC_LINK", 1, 2, "not_empty", "is_directory"),
                [("g", "REGULAR_FILE"), ("link", "SYMBOLIC_LINK"), ("moved", "REGULAR_FILE")],
                *("no_entry", "invalid", "loop", "invalid"),
            ]
        )


@scenario
async def test_a_large_directory_is_listed_whole(directory: Any) -> None:
    async with opened(directory) as guest:
        code = """
for i in range(600): create(str(i)).__exit__(None, None, None)
said = [n for n, _ in names(d)] == sorted(map(str, range(600)))
one, two = d.read_directory(), d.read_directory()
first = one.read_directory_entry().name
said = said, first == two.read_directory_entry().name"""
        assert await guest.exec(code) == "(True, True)"


@scenario
async def test_times(directory: Any) -> None:
    async with opened(directory) as guest:
        code = """
N, At = types.NewTimestamp_NoChange(), lambda s, n: types.NewTimestamp_Timestamp(wall_clock.Datetime(s, n))
f = create("a")
f.set_times(At(5, 6), At(7, 8))
d.set_times_at(NO, "a", N, At(9, 0))
s = f.stat()
said = [(t.seconds, t.nanoseconds) for t in (s.data_access_timestamp, s.data_modification_timestamp)]
d.set_times(types.NewTimestamp_Now(), N)
said += [refusal(f.set_times, N, At(2**63, 0)), d.stat().data_access_timestamp.seconds > 10**9]
f.set_times(N, At(3, 4_000_000_001))
s = f.stat().data_modification_timestamp
said += [refusal(f.set_times, N, At(2**63 - 1, 1_000_000_000)), s.seconds, s.nanoseconds]"""
        assert await guest.exec(code) == str([(5, 6), (9, 0), "overflow", True, "overflow", 7, 1])


@scenario
async def test_which_object_it_is_and_whether_it_has_changed(directory: Any) -> None:
    async with opened(directory, MemoryDirectory()) as guest:
        code = """
f, g = create("a", b"x"), create("b")
again = d.open_at(NO, "a", ANY, D.READ)
said = [f.is_same_object(f), f.is_same_object(again), f.is_same_object(g), d.is_same_object(f)]
other = preopens.get_directories()[1][0]
said += [d.is_same_object(other), other.is_same_object(preopens.get_directories()[1][0])]
h = f.metadata_hash()
said += [h == d.metadata_hash_at(NO, "a"), h == again.metadata_hash(), h == g.metadata_hash()]
f.write(b"longer", 0)
said += [h == f.metadata_hash()]"""
        assert await guest.exec(code) == str(
            [True, True, False, False, False, True, True, True, False, False]
        )


@scenario
async def test_how_files_are_opened(directory: Any) -> None:
    async with opened(directory) as guest:
        code = """
create("a", b"text")
said = [refusal(d.open_at, NO, "a", O.CREATE | O.EXCLUSIVE, RW), refusal(d.open_at, NO, "b", ANY, RW)]
said += [d.open_at(NO, "a", O.TRUNCATE, RW).stat().size, refusal(d.open_at, NO, "a", O.DIRECTORY, D.READ)]
said += [refusal(d.open_at, NO, "x", O.DIRECTORY | O.CREATE, D.READ)]
said += [refusal(d.open_at, NO, "x", O.DIRECTORY | O.TRUNCATE, D.READ)]
r, w = d.open_at(NO, "a", ANY, D.READ), d.open_at(NO, "a", ANY, D.WRITE)
said += [refusal(r.write, b"x", 0), refusal(r.write_via_stream, 0), refusal(r.set_size, 0)]
said += [refusal(w.read, 1, 0), refusal(w.read_via_stream, 0)]
said += [w.get_flags() == D.WRITE, r.get_flags() == D.READ]
said += [d.open_at(NO, "a", ANY, D(0)).read(1, 0), refusal(d.open_at, NO, ".", ANY, D.WRITE)]"""
        said = ["exist", "no_entry", 0, "not_directory", "invalid", "invalid"]
        said += [
            "bad_descriptor",
            "bad_descriptor",
            "invalid",
            "bad_descriptor",
            "bad_descriptor",
            True,
            True,
        ]
        assert await guest.exec(code) == str([*said, (b"", True), "is_directory"])


@pytest.mark.parametrize(
    ("flag", "expected"),
    [("FILE_INTEGRITY_SYNC", [False]), ("DATA_INTEGRITY_SYNC", [True]), ("REQUESTED_WRITE_SYNC", [])],
)
@scenario
async def test_a_file_whose_writes_are_synchronised(flag: str, expected: list[bool]) -> None:
    synced: list[bool] = []

    class Noted:
        def __init__(self, file: Any) -> None:
            self.file = file

        def __getattr__(self, name: str) -> Any:
            return getattr(self.file, name)

        async def sync(self, data_only: bool) -> Any:
            synced.append(data_only)
            return await self.file.sync(data_only)

    class Directory:
        def __init__(self) -> None:
            self.inner = MemoryDirectory()

        def __getattr__(self, name: str) -> Any:
            return getattr(self.inner, name)

        def open(self, path: str, flags: Any) -> Any:
            return OpenAnswerFile(Noted(self.inner.open(path, flags).value.target.object))  # type: ignore[arg-type, union-attr]

    async with opened(Directory()) as guest:
        code = f"""
f = d.open_at(NO, "a", O.CREATE, RW | D.{flag})
said = f.get_flags() == RW | D.{flag}, f.write(b"x", 0)"""
        assert await guest.exec(code) == "(True, 1)"
        assert synced == expected
        await guest.exec("w = f.append_via_stream(); w.blocking_write_and_flush(b'y'); said = 1")
        assert synced == expected * 2


ESCAPES = ["/", "/etc/passwd", "..", "../x", "a/../..", "out", "out/passwd", "up/x"]


@pytest.mark.parametrize("path", ESCAPES)
@scenario
async def test_nothing_leads_out_of_a_directory(tmp_path: Path, path: str) -> None:
    (tmp_path / "inside" / "a").mkdir(parents=True)
    (tmp_path / "inside" / "out").symlink_to("/etc")
    (tmp_path / "inside" / "up").symlink_to("..")
    async with opened(HostDirectory(tmp_path / "inside")) as guest:
        code = f"""
p = {path!r}
calls = [(d.open_at, FOLLOW, p, ANY, D.READ), (d.stat_at, FOLLOW, p), (d.metadata_hash_at, FOLLOW, p)]
if p != "out":
    calls += [(d.create_directory_at, p), (d.unlink_file_at, p), (d.readlink_at, p)]
    calls += [(d.rename_at, p, d, "new")]
    calls += [(d.link_at, NO, p, d, "n"), (d.rename_at, "a", d, p), (d.open_at, NO, p, O.CREATE, RW)]
said = {{refusal(*call) for call in calls}}"""
        assert await guest.exec(code) == "{'not_permitted'}"
        assert await guest.exec("said = refusal(d.symlink_at, '/etc', 'new'), names(d)[0]") == (
            "('not_permitted', ('a', 'DIRECTORY'))"
        )


@scenario
async def test_a_link_out_is_not_read(tmp_path: Path) -> None:
    (tmp_path / "out").symlink_to("/etc")
    async with opened(HostDirectory(tmp_path)) as guest:
        assert await guest.exec("said = refusal(d.readlink_at, 'out')") == "not_permitted"


CHANGES = """
calls = [(d.create_directory_at, "n"), (d.unlink_file_at, "a"), (d.remove_directory_at, "s")]
calls += [(d.symlink_at, "a", "n")]
calls += [(d.rename_at, "a", d, "n"), (d.link_at, NO, "a", d, "n"), (d.open_at, NO, "n", O.CREATE, D.READ)]
calls += [(d.open_at, NO, "a", ANY, D.WRITE), (d.open_at, NO, "a", O.TRUNCATE, D.READ)]
calls += [(d.open_at, NO, "s", O.DIRECTORY, D.READ | D.MUTATE_DIRECTORY)]
now = types.NewTimestamp_Now()
calls += [(d.set_times, now, now), (d.set_times_at, NO, "a", now, now)]
f = d.open_at(NO, "a", ANY, D.READ)
calls += [(f.set_times, now, now)]
said = {refusal(*call) for call in calls}
"""


@pytest.mark.parametrize("kind", ["host", "view"])
@scenario
async def test_what_is_for_reading_only(tmp_path: Path, kind: str) -> None:
    whole = HostDirectory(tmp_path)
    client = DirectoryClient(whole)
    await client.open("a", open_flags(write=True, create=True))
    await client.create_directory("s")
    directory = HostDirectory(tmp_path, readonly=True) if kind == "host" else ReadOnlyDirectory(whole)
    async with opened(directory) as guest:
        assert await guest.exec(CHANGES) == "{'read_only'}"
        code = """
s = d.open_at(NO, "s", O.DIRECTORY, D.READ)
said = names(d), d.get_flags() == D.READ, s.get_flags() == D.READ, f.read(9, 0), f.get_flags() == D.READ
said += refusal(s.create_directory_at, "x"), refusal(f.write_via_stream, 0)"""
        assert await guest.exec(code) == str(
            (
                [("a", "REGULAR_FILE"), ("s", "DIRECTORY")],
                *(True, True, (b"", True), True, "read_only", "bad_descriptor"),
            )
        )


class Failing:
    """A directory whose calls all answer one error."""

    def __init__(self, error: FileError) -> None:
        self.error = error

    def access(self) -> Access:
        return Access(True, True)

    def open(self, *_: Any) -> Any:
        return (
            OpenAnswerFile(FileClient(FailingFile(self.error)))
            if _[0] == "f"
            else OpenAnswerError(self.error)
        )

    def stat(self) -> Any:
        return StatAnswerError(self.error)

    def stat_at(self, *_: Any) -> Any:
        return StatAnswerError(self.error)

    def list(self, *_: Any) -> Any:
        return ListAnswerError(self.error)

    def read_link(self, *_: Any) -> Any:
        return TargetAnswerError(self.error)

    def _refuse(self, *_: Any) -> Any:
        return AnswerError(self.error)

    set_times = set_times_at = sync = create_directory = remove_directory = unlink = _refuse
    rename = link = symlink = _refuse


class FailingFile(Failing):
    """A file whose calls do."""

    def read(self, *_: Any) -> Any:
        return ReadAnswerError(self.error)

    def write(self, *_: Any) -> Any:
        return WriteAnswerError(self.error)

    append = write

    def _refuse(self, *_: Any) -> Any:
        return AnswerError(self.error)

    set_size = allocate = advise = _refuse


EACH = """
f = d.open_at(NO, "f", ANY, D.READ)
now = types.NewTimestamp_Now()
calls = [(f.read, 1, 0), (f.write, b"x", 0), (f.set_size, 1), (f.advise, 0, 0, types.Advice.RANDOM)]
calls += [(f.sync,)]
calls += [(f.sync_data,), (f.stat,), (f.get_type,), (f.set_times, now, now), (f.metadata_hash,)]
calls += [(d.sync,), (d.sync_data,), (d.stat,), (d.get_type,), (d.set_times, now, now), (d.metadata_hash,)]
calls += [(d.open_at, NO, "x", ANY, D.READ), (d.stat_at, NO, "x"), (d.set_times_at, NO, "x", now, now)]
calls += [(d.create_directory_at, "x"), (d.remove_directory_at, "x"), (d.unlink_file_at, "x")]
calls += [(d.rename_at, "x", d, "y"), (d.link_at, NO, "x", d, "y"), (d.symlink_at, "x", "y")]
calls += [(d.readlink_at, "x")]
calls += [(d.metadata_hash_at, NO, "x"), (d.read_directory().read_directory_entry,)]
said = {refusal(*call) for call in calls}

def code(call, *arguments):
    try:
        return call(*arguments)
    except Err as error:
        return types.filesystem_error_code(error.value.value).name.lower()

w, a = f.write_via_stream(0), f.append_via_stream()
said |= {code(f.read_via_stream(0).read, 1)}
said |= {code(w.blocking_write_and_flush, b"x"), code(a.blocking_write_and_flush, b"x")}
said = said, d.is_same_object(d)
"""


@scenario
async def test_every_error_of_a_file_system() -> None:
    async with opened(*map(Failing, FileError)) as guest:
        for i, error in enumerate(FileError):
            code = {FileError.TOO_MANY_OPEN: "io", FileError.STALE: "io"}.get(error, error.value)
            said = await guest.exec(f"d = preopens.get_directories()[{i}][0]" + EACH)
            assert said == str(({code.replace("-", "_")}, False))


def test_every_error_that_the_wit_names_is_one_of_a_file_system() -> None:
    assert set(FILE_ERRORS) == {error.value for error in FileError} - {"too-many-open", "stale"}


KINDS = {
    ErrorKind.FAILED: "io",
    ErrorKind.OVERLOADED: "would_block",
    ErrorKind.DISCONNECTED: "pipe",
    ErrorKind.UNIMPLEMENTED: "unsupported",
    ErrorKind.DENIED: "not_permitted",
    ErrorKind.EXHAUSTED: "insufficient_space",
}


@scenario
async def test_errors_of_a_capability_that_are_no_file_systems() -> None:
    class Directory(MemoryDirectory):
        def create_directory(self, path: str) -> Any:
            raise CapError(ErrorKind(path), "why")

    async with opened(Directory()) as guest:
        code = f"said = [refusal(d.create_directory_at, k) for k in {[kind.value for kind in KINDS]}]"
        assert await guest.exec(code) == str(list(KINDS.values()))


@scenario
async def test_a_grant_that_is_revoked() -> None:
    directory = DirectoryClient(MemoryDirectory()).attenuate()
    async with opened(directory) as guest:
        await guest.exec("f, l = create('a', b'x'), d.read_directory()")
        await guest.exec("r, w = f.read_via_stream(0), f.write_via_stream(0)")
        directory.revoke("enough")
        code = """
said = {refusal(d.stat), refusal(f.read, 1, 0), refusal(d.open_at, NO, "a", ANY, D.READ)}
said |= {refusal(d.get_flags), refusal(l.read_directory_entry)}
streams = {refusal(r.read, 1), refusal(w.blocking_write_and_flush, b"x")}
said = said, streams, f.is_same_object(f)"""
        cut = "failed: revoked: the grant `directory` was revoked: enough"
        assert await guest.exec(code) == str(({"not_permitted"}, {cut}, False))


@scenario
async def test_a_grant_that_is_narrowed() -> None:
    directory = DirectoryClient(MemoryDirectory()).attenuate(
        Policy(allow=("directory.open", "node.*", "file.read"))
    )
    async with opened(directory) as guest:
        code = """
f = d.open_at(NO, "a", O.CREATE, RW)
said = d.stat().type.name, refusal(d.create_directory_at, "x"), f.read(1, 0), refusal(f.write, b"x", 0)
said += refusal(d.read_directory().read_directory_entry), refusal(f.append_via_stream().blocking_flush)"""
        assert await guest.exec(code) == str(
            ("DIRECTORY", "not_permitted", (b"", True), "not_permitted", "not_permitted", None)
        )


@scenario
async def test_without_preopens_there_is_nothing() -> None:
    async with explorer() as guest:
        assert await guest.exec("said = preopens.get_directories()") == "[]"


@scenario
async def test_handles_are_told_in_the_ledger() -> None:
    async with opened(MemoryDirectory()) as guest:
        await guest.exec("with create('a') as f: pass")
        told = [(e.event.value, e.cause) for e in guest.host.ledger if e.interface.endswith(".descriptor")]
        assert told == [("grant", "wasi.preopens./0"), ("mint", ""), ("drop", "")]
