"""What each call does, in detail: the same on each kind of directory, and under wasmtime's own WASI."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest
import wasmtime
from capwit.caps import MemoryConsole, MemorySource, SystemEntropy, SystemTimer, SystemWallClock

from tests.bridge.support import scenario
from tests.preview1.kinds import KINDS, Kind
from tests.preview1.support import GUESTS, Done, run, under_wasmtime

if TYPE_CHECKING:
    from pathlib import Path

FAMILIES = {
    path.stem: re.findall(r"^BEHAVIOUR\((\w+)\)", path.read_text(), re.MULTILINE)
    for path in sorted((GUESTS / "behaviours").glob("*.c"))
}
BEHAVIOURS = [name for names in FAMILIES.values() for name in names]

# Where wasmtime 50 does something else: what it says there.
WASMTIME = {
    "advising": "Invalid enum value Advice",  # it ends the guest
    "vectors": "position(fd) == 6",  # it writes the first only, which a host may
    "allocating": "fd_allocate(fd, 0, 100): errno 58",  # not supported
    "syncing": "errno 58",  # the flag SYNC is not supported
    "rights_only_become_less": "errno 58",  # nor are rights
    "without_the_right_to_truncate": "errno 58",
    "what_a_directory_does_not_pass_on_is_not_had": "errno 58",
    "cookies_hold_while_names_come_and_go": "seen[i]",  # its cookies count entries
    "links_are_followed_when_asked": "to-d: errno 32",  # LOOP also where a directory is wanted
    "dangling_links": "path_open l: errno 32",
    "a_file_is_no_directory": 'path_create_directory(fd, "d"): errno 8',  # BADF, but NOTDIR for path_open
    "removing_directories": 'path_remove_directory(ROOT, "d/"): errno 28',
}


@pytest.mark.parametrize("kind", KINDS.values(), ids=KINDS)
@pytest.mark.parametrize("behaviour", BEHAVIOURS)
@scenario
async def test_behaviour(behaviour: str, kind: Kind, tmp_path: Path) -> None:
    done = await run(
        "behaviours",
        behaviour,
        stdin=MemorySource(),
        stderr=MemoryConsole(),
        timer=SystemTimer(),
        wall_clock=SystemWallClock(),
        entropy=SystemEntropy(),
        preopens={"/": kind.make(tmp_path)},
        policies=kind.policies,
    )
    assert done == Done(0, "")


@pytest.mark.parametrize("behaviour", BEHAVIOURS)
def test_wasmtime_has_it(behaviour: str, tmp_path: Path) -> None:
    folder = tmp_path / "folder"
    folder.mkdir()
    try:
        done = under_wasmtime("behaviours", behaviour, folder=folder, scratch=tmp_path, name="/")
    except wasmtime.WasmtimeError as error:
        done = Done(1, str(error))
    if behaviour in WASMTIME:
        assert WASMTIME[behaviour] in done.out
    else:
        assert done == Done(0, "")
