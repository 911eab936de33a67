"""What stands behind the handles of `wasi:filesystem`: files and directories that are open, and listings."""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING, Any, ClassVar, Final

from capwit.bridge.errors import CapError, ErrorKind
from capwit.bridge.target import Behind
from capwit.caps.files import DirectoryClient, FileClient, FileError
from capwit.caps.using import FileRefused, value

from .errors import WasiError
from .signatures import FILE_ERRORS

if TYPE_CHECKING:
    from collections.abc import Iterable

    from capwit.bridge.binding import Method
    from capwit.bridge.target import Target
    from capwit.caps.files import Entry

MUTATES: Final = "mutate-directory"
_MOST_ENTRIES: Final = 256  # asked for at once

# What the WIT has no word for.
_OTHERS: Final = {FileError.TOO_MANY_OPEN: "io", FileError.STALE: "io"}
# What a capability says that is no file system. One that is revoked or narrowed is not there.
_KINDS: Final = {
    ErrorKind.FAILED: "io",
    ErrorKind.OVERLOADED: "would-block",
    ErrorKind.DISCONNECTED: "pipe",
    ErrorKind.UNIMPLEMENTED: "unsupported",
    ErrorKind.REVOKED: "not-permitted",
    ErrorKind.DENIED: "not-permitted",
    ErrorKind.EXHAUSTED: "insufficient-space",
}


def code_of(error: CapError) -> str:
    """Return what `wasi:filesystem` calls an error."""
    if not isinstance(error, FileRefused):
        return _KINDS[error.kind]
    found = _OTHERS.get(error.error) or error.error.value
    assert found in FILE_ERRORS
    return found


class Descriptor(Behind):
    """A file or a directory that a guest has open: the capability itself, and how it was opened.

    Attributes:
        flags: those of WASI's descriptor flags that no capability keeps: how a write is synchronised, and
            whether it was asked for that a directory may be changed.
    """

    wit_resource: ClassVar = "wasi:filesystem/types.descriptor"

    __slots__ = ("_mutable", "client", "flags")

    def __init__(
        self, kind: type[FileClient | DirectoryClient], target: Target, flags: Iterable[str] = (MUTATES,)
    ) -> None:
        """Stand in front of the target of a file or a directory."""
        super().__init__(target)
        self.client = kind._of(target)
        self.flags = frozenset(flags)
        self._mutable: bool | None = None

    @classmethod
    def of(cls, client: FileClient | DirectoryClient) -> Descriptor:
        """Return what host code hands out as a descriptor; the client must live as long."""
        return cls(type(client), client.target)

    def invoke(self, method: Method[Any], arguments: tuple[Any, ...]) -> Any:
        """Call the file or directory."""
        return self.inner.invoke(method, arguments)

    def file(self) -> FileClient:
        """Return the file that it is.

        Raises:
            WasiError: it is a directory (`bad-descriptor`).
        """
        if not isinstance(self.client, FileClient):
            raise WasiError("bad-descriptor")
        return self.client

    def directory(self) -> DirectoryClient:
        """Return the directory that it is.

        Raises:
            WasiError: it is a file (`not-directory`).
        """
        if not isinstance(self.client, DirectoryClient):
            raise WasiError("not-directory")
        return self.client

    async def mutable(self) -> bool:
        """Return whether it may be written, or what is in the directory changed."""
        if self._mutable is None:
            self._mutable = (await self.client.access()).write
        return self._mutable


class Kept:
    """A reference to a target, beside that of the handle it came of: it ends with whoever holds this."""

    def __init__(self, target: Target) -> None:
        """Keep the target."""
        self._target = target
        target.retain()

    def __del__(self) -> None:
        """Let it go."""
        self._target.release()


class EntryStream:
    """The entries of a directory, from its first on."""

    wit_resource: ClassVar = "wasi:filesystem/types.directory-entry-stream"

    def __init__(self, directory: DirectoryClient) -> None:
        """List `directory`."""
        self._directory = directory
        self._kept = Kept(directory.target)
        self._entries: deque[Entry] = deque()
        self._cookie = 0

    async def next(self) -> Entry | None:
        """Return the next entry; None once there are no more."""
        if not self._entries:
            self._entries.extend(value(await self._directory.list(self._cookie, _MOST_ENTRIES)))
            if not self._entries:
                return None
            self._cookie = self._entries[-1].cookie
        return self._entries.popleft()
