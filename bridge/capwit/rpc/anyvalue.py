"""Values whose type is not told: `AnyPointer` in a message, `AnyValue` in Python.

An `AnyValue` is an encoded message of its own, in which a capability pointer's index is that of
`AnyValue.caps`. pycapnp keeps a message's capabilities out of reach, so both ways go through a message
builder whose memory is ours: there a capability is read, or a message put in its place, by writing the
pointers that lead to it.

Source: https://capnproto.org/encoding.html
"""

from __future__ import annotations

import struct
from itertools import count
from typing import TYPE_CHECKING, Any, Final

import capnp
from capwit.bridge.binding import AnyClient, AnyValue
from capwit.bridge.errors import ConversionError

from .schema import own_schema

if TYPE_CHECKING:
    from collections.abc import Sequence

MOST_WORDS: Final = 1 << 23
DEEPEST: Final = 64  # pointers in each other: what Cap'n Proto takes by default
_MOST_SEGMENTS: Final = 512

_POINTER: Final = struct.Struct("<Q")
_CAPABILITY: Final = struct.Struct("<II")
_STRUCT, _LIST, _OTHER = 0, 1, 3
_BITS: Final = (0, 1, 8, 16, 32, 64, 64)  # of a list's element, by its kind
_POINTERS, _COMPOSITE = 6, 7


def read_any(value: Any, crossing: Any) -> AnyValue:
    """Return one of pycapnp's `AnyPointer`s (None: null) with the capabilities in it."""
    if value is None:
        return AnyValue(b"", [])
    memory: list[bytearray] = []
    builder = capnp._PyCustomMessageBuilder(lambda words: _allocate(memory, max(words, 128)))
    builder.get_root_as_any().set(value)
    message = _framed(builder.get_segments_for_output())
    caps = []
    untold = own_schema().capability
    for number in count():
        _CAPABILITY.pack_into(memory[0], 0, _OTHER, number)  # in the place of the root
        try:
            capability = builder.get_root_as_any().as_interface(untold)
        except capnp.KjException:  # there are no more
            break
        caps.append(crossing.take(capability, AnyClient))
    return AnyValue(message, caps)


def write_any(builder: Any, name: str, value: AnyValue, crossing: Any) -> None:
    """Write an `AnyValue` into the field of that name.

    Raises:
        ConversionError: its message is none, or is more than may be sent.
    """
    message, caps = bytes(value.message), value.caps
    if len(message) % 8 or len(message) > MOST_WORDS * 8:
        raise ConversionError("a value's message is cut off, or too long")
    if not message:
        return
    segments = _segments(message)
    if not caps:
        builder._set(name, _read(message, segments))
        return
    if len(segments) > 1:
        raise _broken("it has capabilities, and more than one segment")
    [segment] = segments
    _check(segment, len(caps))
    memory: list[bytearray] = []
    size = 8 + len(caps) + len(segment) // 8
    whole = capnp._PyCustomMessageBuilder(lambda words: _allocate(memory, max(words, size)), size)
    envelope = whole.init_root(own_schema().envelope)
    held = envelope.init("caps", len(caps))
    for number, cap in enumerate(caps):
        held._set(number, crossing.give(cap, AnyClient, own_schema().capability))
    envelope.init("body", len(segment) // 8)
    _embed(memory[0], segment)
    builder._set(name, envelope.as_reader()._get("value"))


def _allocate(memory: list[bytearray], words: int) -> bytearray:
    memory.append(bytearray(words * 8))
    return memory[-1]


def _framed(segments: Sequence[bytes]) -> bytes:
    sizes = [len(segment) // 8 for segment in segments]
    head = struct.pack(f"<{len(sizes) + 1}I", len(sizes) - 1, *sizes)
    return b"".join((head, bytes(-len(head) % 8), *segments))


def _read(message: bytes, segments: Sequence[bytes]) -> Any:
    """Return the root of a message: pycapnp reads such ones only packed, so it is, without any effort."""
    head = message[: len(message) - sum(map(len, segments))]
    chunks = []
    for piece in (head[:8], head[8:], *segments):  # it wants no run across two of these
        for at in range(0, len(piece), 2048):
            chunk = piece[at : at + 2048]
            chunks += [b"\xff", chunk[:8], bytes([len(chunk) // 8 - 1]), chunk[8:]]
    try:
        found = list(capnp.read_multiple_bytes_packed(b"".join(chunks), MOST_WORDS, DEEPEST))
    except (capnp.KjException, RuntimeError) as error:
        raise _broken(str(error).partition("\n")[0].rpartition("failed: ")[2]) from None
    return found[0]


def _segments(message: bytes) -> list[bytes]:
    """Return a message's segments: pycapnp aborts where the first one is empty."""
    [last] = struct.unpack_from("<I", message)
    head = (last + 2) * 4
    if last >= _MOST_SEGMENTS or head > len(message):
        raise _broken("it is cut off")
    sizes = struct.unpack_from(f"<{last + 1}I", message, 4)
    at = head + -head % 8
    if sizes[0] == 0 or len(message) != at + 8 * sum(sizes):
        raise _broken("it is cut off")
    segments = []
    for size in sizes:
        segments.append(message[at : at + 8 * size])
        at += 8 * size
    return segments


def _check(segment: bytes, caps: int) -> None:
    """Check that what a segment's root leads to is a tree: what comes next believes every pointer."""
    size = len(segment) // 8
    left = 4 * size + 64  # words that may still be gone over
    waiting = [(0, 0)]
    while waiting:
        at, depth = waiting.pop()
        [pointer] = _POINTER.unpack_from(segment, at * 8)
        if not pointer:
            continue
        kind, low, high = pointer & 3, (pointer & 0xFFFFFFFF) >> 2, pointer >> 32
        if kind == _OTHER:
            if low or high >= caps:
                raise _broken(f"it names capability {high} of {caps}")
            continue
        start = at + 1 + (low - (1 << 30) if low >> 29 else low)
        if kind == _STRUCT:
            data, pointers = high & 0xFFFF, high >> 16
            words, inside = data + pointers, [range(start + data, start + data + pointers)]
        elif kind == _LIST:
            words, inside = _list(segment, start, high & 7, high >> 3)
        else:
            raise _broken("it has pointers to other segments")
        left -= words + 1
        if start < 0 or start + words > size or left < 0 or depth > DEEPEST:
            raise _broken("its pointers lead astray")
        waiting += [(each, depth + 1) for pointers_ in inside for each in pointers_]


def _list(segment: bytes, start: int, kind: int, length: int) -> tuple[int, list[range]]:
    """Return how many words a list takes, and where there are pointers in it."""
    if kind != _COMPOSITE:
        words = (length * _BITS[kind] + 63) // 64
        inside = [range(start, start + length)] if kind == _POINTERS else []
        return words, inside
    if not 0 <= start < len(segment) // 8:
        raise _broken("its pointers lead astray")
    [tag] = _POINTER.unpack_from(segment, start * 8)
    elements, data, pointers = (tag & 0xFFFFFFFF) >> 2, tag >> 32 & 0xFFFF, tag >> 48
    if tag & 3 or elements * (data + pointers) > length:
        raise _broken("its pointers lead astray")
    firsts = range(start + 1 + data, start + 1 + length, data + pointers) if pointers else range(0)
    return length + 1, [range(first, first + pointers) for first in firsts[:elements]]


def _embed(memory: bytearray, segment: bytes) -> None:
    """Put a message into an envelope's body, and let the envelope's `value` point at its root."""
    _, body, value = 1, 2, 3  # where the envelope has its pointers, in words
    [pointer] = _POINTER.unpack_from(memory, body * 8)
    start = body + 1 + ((pointer & 0xFFFFFFFF) >> 2)
    memory[start * 8 : start * 8 + len(segment)] = segment
    [root] = _POINTER.unpack_from(segment, 0)
    if root and root & 3 != _OTHER:  # its target is told from where the pointer stands
        low = (((root & 0xFFFFFFFF) >> 2) + start - value) & 0x3FFFFFFF
        root = root & ~0xFFFFFFFF | low << 2 | root & 3
    _POINTER.pack_into(memory, value * 8, root)


def _broken(why: str) -> ConversionError:
    return ConversionError(f"a value's message is not well-formed: {why}")
