"""`outgoing-body`: content that a guest writes.

Source: https://github.com/WebAssembly/WASI/tree/main/proposals/http
"""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING, ClassVar, Final, NoReturn

from capwit.bridge.errors import CapError
from capwit.caps.http import HttpError
from capwit.caps.http_body import make_body
from capwit.caps.http_headers import MOST_SECTION, failure, section_size, sent_behind
from capwit.preview2.errors import WasiError
from capwit.preview2.streams import OutputStream

from .codes import code_of
from .incoming import BodyFailed

if TYPE_CHECKING:
    from capwit.bridge.binding import MaybeAwaitable
    from capwit.caps.http import HttpFailure
    from capwit.caps.http_body import BodyWriter

    from .fields import Fields


class _Sink:
    """The `ByteSink` of content, which says in HTTP's words that there is more than was told."""

    def __init__(self, writer: BodyWriter, wrong: HttpError) -> None:
        self._writer = writer
        self._wrong = wrong

    def write(self, data: bytes) -> MaybeAwaitable[None]:
        try:
            return self._writer.write(data)
        except CapError as error:
            if not self._writer.is_too_long:
                raise
            raise BodyFailed(error, failure(self._wrong, number=self._writer.size)) from None

    def writable(self) -> MaybeAwaitable[int]:
        return self._writer.writable()

    def flush(self) -> MaybeAwaitable[None]:
        return self._writer.flush()

    def end(self) -> None:
        self._writer.end()


WEIGHT: Final = 32
"""As how many handles content counts that is on its way: one for each 8 KiB that it holds."""


class OutgoingBody:
    """Content on its way from a guest. Let go before it is finished, it is not whole.

    Attributes:
        content: what whoever gets the message reads.
    """

    wit_resource: ClassVar = "wasi:http/types.outgoing-body"
    wit_weight: ClassVar = WEIGHT

    def __init__(self, length: int | None, wrong: HttpError, section: HttpError) -> None:
        """Take content of a `length`, if one was told; another one is the error `wrong`.

        Trailers that are too long are the error `section`.
        """
        self.content, self._writer = make_body(length)
        self._wrong = wrong
        self._section = section
        self._taken = False

    def __del__(self) -> None:
        """Leave what is not finished: a stream of it may live on, and lead nowhere."""
        with suppress(RuntimeError):  # the loop is gone, and so is whoever reads
            self.abandon()

    def stream(self) -> OutputStream:
        """Return what the content is written to, once.

        Raises:
            WasiError: it was taken before.
        """
        if self._taken:
            raise WasiError(None)
        self._taken = True
        return OutputStream(_Sink(self._writer, self._wrong))

    def finish(self, trailers: Fields | None) -> None:
        """Say that this is all, and what follows it.

        Raises:
            WasiError: it is not as much as was told, or the trailers are too many.
        """
        size = 0 if trailers is None else section_size(trailers.entries)
        if not self._writer.is_whole:
            self._fail(failure(self._wrong, number=self._writer.size))
        if size > MOST_SECTION:
            self._fail(failure(self._section, number=size))
        self._writer.finish([] if trailers is None else sent_behind(trailers.sent()))

    def abandon(self) -> None:
        """There will be no more. Once it is finished, this does nothing."""
        self._writer.fail(failure(HttpError.HTTP_PROTOCOL_ERROR))

    def _fail(self, why: HttpFailure) -> NoReturn:
        self._writer.fail(why)
        raise WasiError(code_of(why))
