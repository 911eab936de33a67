"""Host bindings for `case:foreign@0.1.0`.

Written by `capwit generate` from schema.capnp; do not edit.
"""
# ruff: noqa

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from capwit.bridge import binding as wit
from capwit.bridge.binding import MaybeAwaitable

wit.check_format(__name__, 1)


@dataclass(frozen=True, slots=True)
class FilesAppendResults:
    """What `append` of `files` returns."""

    end: OutputStreamClient
    written: PollableClient


@dataclass(frozen=True, slots=True)
class Pipe:
    from_: SourceClient | None
    to: OutputStreamClient
    any: wit.AnyClient | None


class Source(Protocol): ...


class OutputStream(Protocol): ...


class Pollable(Protocol): ...


class Connection(Protocol):
    """Of a package that is not known here."""


class Row(Protocol): ...


class Files(Protocol):
    def open(self, name: str) -> MaybeAwaitable[Source]: ...

    def append(self, name: str) -> MaybeAwaitable[FilesAppendResults]: ...

    def copy(
        self,
        from_: SourceClient,
        to: OutputStreamClient,
        over: ConnectionClient,
    ) -> MaybeAwaitable[None]: ...

    def rows(self) -> MaybeAwaitable[Sequence[Row]]: ...


class Job(Protocol):
    def run(self, input: SourceClient) -> MaybeAwaitable[Source]: ...


class SourceClient(wit.Client):
    """`Source`, wherever it lives."""


class OutputStreamClient(wit.Client):
    """`OutputStream`, wherever it lives."""


class PollableClient(wit.Client):
    """`Pollable`, wherever it lives."""


class ConnectionClient(wit.Client):
    """`Connection`, wherever it lives."""


class RowClient(wit.Client):
    """`Row`, wherever it lives."""


class FilesClient(wit.Client):
    """`Files`, wherever it lives."""

    async def open(self, name: str) -> SourceClient:
        return await self._call(_FILES_OPEN, name)

    async def append(self, name: str) -> FilesAppendResults:
        return await self._call(_FILES_APPEND, name)

    async def copy(self, from_: Source, to: OutputStream, over: Connection) -> None:
        await self._call(_FILES_COPY, from_, to, over)

    async def rows(self) -> Sequence[RowClient]:
        return await self._call(_FILES_ROWS)


class JobClient(wit.Client):
    """`Job`, wherever it lives."""

    async def run(self, input: Source) -> SourceClient:
        return await self._call(_JOB_RUN, input)


@dataclass(frozen=True, slots=True, kw_only=True)
class Grants(wit.Grants):
    files: Files
    log: OutputStream
    pipe: Pipe | None = None


# The bridge's tables: WIT names and types.
SOURCE = wit.Interface(
    SourceClient,
    "wasi:io/streams@0.2.0",
    "input-stream",
    0xC529DDE83E9EB35D,
    foreign=True,
)
OUTPUT_STREAM = wit.Interface(
    OutputStreamClient,
    "wasi:io/streams@0.2.0",
    "output-stream",
    0xE5C22236C8C64714,
    foreign=True,
)
POLLABLE = wit.Interface(PollableClient, "wasi:io/poll@0.2.0", "pollable", 0xECBB6542C54E0752, foreign=True)
CONNECTION = wit.Interface(
    ConnectionClient,
    "acme:list/types@1.4.0",
    "connection",
    0xAC0D576D924A6C65,
    foreign=True,
)
ROW = wit.Interface(RowClient, "acme:list/types@1.4.0", "record", 0xCA9BF8A21376554A, foreign=True)
FILES = wit.Interface(FilesClient, "case:foreign/schema@0.1.0", "files", 0xFA1C9F8695EA6B67)
JOB = wit.Interface(
    JobClient,
    "case:foreign/schema@0.1.0",
    "job",
    0xCF84BCAF028D0C65,
    exports=("case:foreign/app-exports-job@0.1.0",),
)
FILES_APPEND_RESULTS = wit.Record(
    (wit.Field("end", OUTPUT_STREAM.own, "end"), wit.Field("written", POLLABLE.own, "written")),
    FilesAppendResults,
    "files-append-results",
)
PIPE = wit.Record(
    (
        wit.Field("from", wit.Option(SOURCE.own), "from_"),
        wit.Field("to", OUTPUT_STREAM.own, "to"),
        wit.Field("any", wit.Option(wit.ANY_CAP.own), "any"),
    ),
    Pipe,
    "pipe",
)
_FILES_OPEN: wit.Method[SourceClient] = FILES.method("open", "open", {"name": wit.STRING}, SOURCE.own)
_FILES_APPEND: wit.Method[FilesAppendResults] = FILES.method(
    "append",
    "append",
    {"name": wit.STRING},
    FILES_APPEND_RESULTS,
)
_FILES_COPY: wit.Method[None] = FILES.method(
    "copy",
    "copy",
    {"from": SOURCE.borrow, "to": OUTPUT_STREAM.borrow, "over": CONNECTION.own},
    None,
)
_FILES_ROWS: wit.Method[Sequence[RowClient]] = FILES.method("rows", "rows", {}, wit.List(ROW.own))
_JOB_RUN: wit.Method[SourceClient] = JOB.method("run", "run", {"input": SOURCE.borrow}, SOURCE.own)
GRANTS = wit.GrantsInterface(
    Grants,
    "case:foreign/app-grants@0.1.0",
    (
        wit.Grant("files", "get-files", FILES.own),
        wit.Grant("log", "get-log", OUTPUT_STREAM.own),
        wit.Grant("pipe", "get-pipe", wit.Option(PIPE)),
    ),
)
BINDINGS = wit.Bindings(
    package="case:foreign@0.1.0",
    interface="schema",
    interfaces=(SOURCE, OUTPUT_STREAM, POLLABLE, CONNECTION, ROW, FILES, JOB),
    grants=(GRANTS,),
    schema=wit.SchemaFile(__name__, "schema.bridge.json", 0xD1E3C9A7B5F24681),
)
