"""Reading WebAssembly's binary encoding: bytes, LEB128 numbers, names and vectors, all bounded.

Nothing is copied but names: a reader is a window over the one `bytes` of the file, so that skipping
an 18 MB section costs as much as skipping an empty one.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

from capwit.engine.errors import LoadError

U32_BITS: Final = 32
MAX_NAME: Final = 1_000  # bytes
# Labels and extern names go into generated text: what is not of this shape never gets that far.
LABEL: Final = r"(?:[a-z][a-z0-9]*|[A-Z][A-Z0-9]*)(?:-(?:[a-z0-9]+|[A-Z0-9]+))*"
_CONTROL: Final = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]")
EXTERN_NAME: Final = re.compile(r"[!#-\[\]-~]+")  # printable ASCII but the space, `"` and `\`


class DecodeError(LoadError):
    """A component that cannot be read. `offset` is a position in bytes in the file `name`."""

    def __init__(self, name: str, offset: int, message: str) -> None:
        """Make the error of one place in the file."""
        super().__init__(f"{name}: {message} (at byte {offset:#x})")
        self.name = name
        self.offset = offset
        self.message = message


@dataclass(slots=True)
class Source:
    """A file under decoding, and the work it may still cause.

    The binary format can describe types and instances that are exponentially larger than the file;
    each step is paid from `budget`, and what costs more than that is refused.
    """

    data: bytes
    name: str
    budget: int
    serial: int = 0  # of the last resource type

    def error(self, offset: int, message: str) -> DecodeError:
        """The error that points at `offset`."""
        return DecodeError(self.name, offset, message)

    def spend(self, steps: int, offset: int) -> None:
        """Take `steps` from the budget."""
        self.budget -= steps
        if self.budget < 0:
            raise self.error(offset, "takes too much work to read: its types or its instances multiply")


@dataclass(slots=True)
class Reader:
    """A window `position..end` over a source, read from the front."""

    source: Source
    position: int
    end: int

    def __bool__(self) -> bool:
        """Whether anything is left to read."""
        return self.position < self.end

    def error(self, message: str) -> DecodeError:
        """The error that points at the present position."""
        return self.source.error(self.position, message)

    def peek(self) -> int:
        """The next byte, left in place."""
        if self.position >= self.end:
            raise self.error("ends early: the file is cut short or damaged")
        return self.source.data[self.position]

    def byte(self) -> int:
        """The next byte."""
        value = self.peek()
        self.position += 1
        return value

    def u32(self) -> int:
        """The next LEB128 number, at most 32 bits wide."""
        value = shift = 0
        while True:
            byte = self.byte()
            value |= (byte & 0x7F) << shift
            if byte < 0x80:
                break
            shift += 7
            if shift >= U32_BITS:
                raise self.error("a number is longer than 32 bits")
        if value >> U32_BITS:
            raise self.error("a number is longer than 32 bits")
        return value

    def window(self) -> Reader:
        """The next length-prefixed part, as a reader of its own."""
        size = self.u32()
        if size > self.end - self.position:
            raise self.error(f"ends early: {size} bytes announced, {self.end - self.position} left")
        start = self.position
        self.position += size
        return Reader(self.source, start, self.position)

    def text(self) -> str:
        """The next name, any UTF-8 of one line: what is told of names is told line by line."""
        part = self.window()
        if part.end - part.position > MAX_NAME:
            raise part.error(f"a name is longer than {MAX_NAME} bytes")
        try:
            text = self.source.data[part.position : part.end].decode()
        except UnicodeDecodeError:
            raise part.error("a name is not UTF-8") from None
        if _CONTROL.search(text):
            raise part.error(f"a name has a line end or another control character: {text!r:.100}")
        return text

    def label(self) -> str:
        """The next WIT label: `kebab-case`."""
        text = self.text()
        if not re.fullmatch(LABEL, text):
            raise self.error(f"{text!r} is not a label: words of one case, joined by `-`")
        return text

    def extern_name(self) -> str:
        """The next name of an instantiation argument or an instance's export, as its text alone."""
        text = self.text()
        if not EXTERN_NAME.fullmatch(text):
            raise self.error(f"{text!r} is not the name of an import or export")
        return text

    def repeat(self) -> range:
        """The length of the next vector, to be looped over. Its work is paid for here."""
        size = self.u32()
        if size > self.end - self.position:  # an element takes a byte at least
            raise self.error(f"ends early: {size} items announced, {self.end - self.position} bytes left")
        self.source.spend(size, self.position)
        return range(size)
