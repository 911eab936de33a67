"""A guest's handle of a file is all that holds the file open."""

from __future__ import annotations

from pathlib import Path

from capwit.caps import HostDirectory

from tests.bridge.support import grants, guest_of
from tests.caps.support import scenario

OPEN = """
folder = grants.get_folder()
flags = files.OpenFlags(True, True, False, True, False, False, False, True)
held = [folder.open("x", flags).value for _ in range(20)]
"""
DROP = """
for file in held: file.__exit__(None, None, None)
"""


def descriptors() -> int:
    return len(list(Path("/proc/self/fd").iterdir()))


@scenario
async def test_a_file_is_closed_with_its_handle(tmp_path: Path) -> None:
    async with guest_of(grants(folder=HostDirectory(tmp_path))) as guest:
        before = descriptors()
        await guest.exec(OPEN)
        assert descriptors() == before + 20
        await guest.exec(DROP)
        assert descriptors() == before
        await guest.exec(OPEN)
        assert descriptors() == before + 20
        assert guest.instance.handles == 21  # and the folder
    assert descriptors() <= before  # the engine's own have gone, too
