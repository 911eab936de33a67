"""Whatever is done, a directory in memory answers as one of the machine does, and neither leaves itself."""

from __future__ import annotations

import shutil
import tempfile
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from capwit.caps.files import (
    Entry,
    FileError,
    Kind,
    ListAnswerEntries,
    NewTimeAt,
    NewTimeKeep,
    OpenAnswerDirectory,
    OpenAnswerFile,
    StatAnswerStat,
)
from capwit.caps.host_files import HostDirectory
from capwit.caps.memory_files import MemoryDirectory
from capwit.caps.standard import Instant
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.caps.support import flags
from tests.caps.test_escapes import picture

NAMES: Final = ["a", "b", "c", ".", ".."]
paths = st.one_of(
    st.sampled_from(["a", "b", "c", "a/b", "a/b/c", "b/a", "c/", "a/..", "a/../b", "a/b/../c", ".."]),
    st.builds(
        lambda names, head, tail: head + "/".join(names) + tail,
        st.lists(st.sampled_from(NAMES), min_size=1, max_size=4),
        st.sampled_from(["", "", "", "", "/"]),
        st.sampled_from(["", "", "", "/", "//"]),
    ),
)
letters = st.sets(st.sampled_from("rwmcxtdn"), max_size=5).map(lambda chosen: "".join(sorted(chosen)))
offsets = st.integers(0, 40)
data = st.binary(max_size=12)
follow = st.booleans()
which = st.integers(0, 3)  # of what is open
times = st.sampled_from([NewTimeKeep(), NewTimeAt(Instant(7, 500)), NewTimeAt(Instant(10**9, 0))])

# An operation: on a directory or on a file, which of those that are open, its name, its arguments.
on_directories = st.one_of(
    st.tuples(st.just("open"), paths, letters.map(flags)),
    st.tuples(st.just("open"), paths, st.sampled_from(["rwc", "rdm", "rm", "r"]).map(flags)),
    st.tuples(st.just("stat_at"), paths, follow),
    st.tuples(st.just("set_times_at"), paths, follow, times, times),
    st.tuples(st.just("create_directory"), paths),
    st.tuples(st.just("remove_directory"), paths),
    st.tuples(st.just("unlink"), paths),
    st.tuples(st.just("symlink"), paths, paths),
    st.tuples(st.just("read_link"), paths),
    st.tuples(st.just("rename"), paths, which, paths),
    st.tuples(st.just("link"), paths, follow, which, paths),
    st.tuples(st.just("list"), st.just(0), st.just(100)),
    st.tuples(st.just("stat")),
)
on_files = st.one_of(
    st.tuples(st.just("read"), offsets, offsets),
    st.tuples(st.just("write"), offsets, data),
    st.tuples(st.just("append"), data),
    st.tuples(st.just("set_size"), offsets),
    st.tuples(st.just("allocate"), offsets, offsets),
    st.tuples(st.just("set_times"), times, times),
    st.tuples(st.just("stat")),
)
steps = st.one_of(
    st.tuples(st.just("directories"), which, on_directories),
    st.tuples(st.just("files"), which, on_files),
)


@dataclass
class Side:
    """One file system, and what is open in it."""

    root: Any
    directories: list[Any] = field(default_factory=list)
    files: list[Any] = field(default_factory=list)

    def take(self, kind: str, index: int, operation: tuple[Any, ...]) -> Any:
        """Do a step, and return what can be compared of its answer."""
        open = [self.root, *self.directories] if kind == "directories" else self.files
        if not open:
            return None
        method, *arguments = operation
        if method in ("rename", "link"):
            other = [self.root, *self.directories]
            arguments[-2] = other[arguments[-2] % len(other)]
        answer = getattr(open[index % len(open)], method)(*arguments)
        match answer:
            case OpenAnswerFile(file):
                self.files.append(file.target.object)  # type: ignore[attr-defined]
                return OpenAnswerFile, file.target.object.access()  # type: ignore[attr-defined]
            case OpenAnswerDirectory(directory):
                self.directories.append(directory.target.object)  # type: ignore[attr-defined]
                return OpenAnswerDirectory, directory.target.object.access()  # type: ignore[attr-defined]
            case StatAnswerStat(stat):
                return shown(stat)
            case ListAnswerEntries(entries):
                return sorted((entry.name, entry.kind.value) for entry in entries)
            case _:
                return answer


def shown(stat: Any) -> tuple[Any, ...]:
    """Return what two file systems agree about: times only where they were set."""
    set = (Instant(7, 500), Instant(10**9, 0))
    if stat.kind is Kind.DIRECTORY:
        return (stat.kind, stat.links == 0)
    return (stat.kind, stat.links, stat.size, stat.modified if stat.modified in set else None)


def tree(root: Any) -> list[Any]:
    """Return all that is below a directory."""
    found: list[Any] = []
    todo = [("", root)]
    while todo:
        path, directory = todo.pop()
        entries: list[Entry] = sorted(directory.list(0, 1000).value, key=lambda entry: entry.name)
        for entry in entries:
            name = f"{path}/{entry.name}"
            found.append((name, *shown(directory.stat_at(entry.name, False).value)))
            if entry.kind is Kind.DIRECTORY:
                todo.append((name, directory.open(entry.name, flags("rdm")).value.target.object))
            elif entry.kind is Kind.SYMBOLIC_LINK:
                found.append(directory.read_link(entry.name))
            else:
                file = directory.open(entry.name, flags("r")).value.target.object
                found.append(file.read(0, 1000))
    return found


@settings(max_examples=200, deadline=None)
@given(st.lists(steps, max_size=40))
def test_memory_answers_as_the_machine_does(sequence: list[Any]) -> None:
    folder = Path(tempfile.mkdtemp(prefix="capwit-model-"))
    try:
        (folder / "outer").mkdir()
        (folder / "outer" / "file").write_text("outside")
        sides = {"memory": Side(MemoryDirectory())}
        for name in ("openat2", "walk"):
            (folder / "jail" / name).mkdir(parents=True)
            sides[name] = Side(HostDirectory(folder / "jail" / name, openat2=name == "openat2"))
        before = picture(folder)
        for step in sequence:
            answers = {name: side.take(*step) for name, side in sides.items()}
            assert answers["memory"] == answers["openat2"] == answers["walk"], step
        trees = {name: tree(side.root) for name, side in sides.items()}
        assert trees["memory"] == trees["openat2"] == trees["walk"]
        assert picture(folder) == before
        for side in sides.values():
            assert side.root.stat_at("..", True).value is FileError.NOT_PERMITTED
    finally:
        shutil.rmtree(folder)
