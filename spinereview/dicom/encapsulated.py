"""Encapsulated Pixel Data: where the fragments of each frame lie in the file (PS3.5 A.4).

Only lengths are read here, no fragment. A frame is one fragment or several; which ones is told by the Basic Offset
Table, or follows from the counts, or, where both fail, from the marker that begins a JPEG, JPEG-LS or JPEG 2000 stream.
An Extended Offset Table requires one fragment a frame (PS3.3 C.7.6.3.1.8), so the counts alone are enough there.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass
from itertools import pairwise
from typing import BinaryIO

from spinereview.errors import DicomError

_ITEM = 0xE000FFFE
_SEQUENCE_END = 0xE0DDFFFE
_STREAM_STARTS = (b"\xff\xd8\xff", b"\xff\x4f\xff\x51")
"""Start Of Image of JPEG and JPEG-LS; Start Of Codestream and SIZ of JPEG 2000."""
_MOST_FRAGMENTS = 200_000
"""More than any file has: two a frame of the longest examination."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Fragment:
    """One item of encapsulated Pixel Data: where its value begins in the file, and its length in bytes."""

    offset: int
    length: int


def frame_fragments(file: BinaryIO, *, offset: int, end: int, frames: int) -> tuple[tuple[Fragment, ...], ...]:
    """Fragments of every frame of a file.

    Parameters
    ----------
    file
        Opened for reading bytes.
    offset
        Where the item of the Basic Offset Table begins.
    end
        Length of the file.
    frames
        How many frames the file states.

    Raises
    ------
    DicomError
        ``PIXELS_FRAGMENTS`` where no item is found, or fragments cannot be assigned to frames. A file that breaks off gives
        what is there: frames that are missing have no fragments, a fragment cut short keeps the length it states.
    """
    items, whole = _items(file, offset, end, frames)
    if not items:
        raise DicomError("PIXELS_FRAGMENTS", frames=frames, fragments=0)
    table, fragments = items[0], items[1:]
    if frames == 1:
        return (tuple(fragments),)
    if len(fragments) == frames:
        return tuple((fragment,) for fragment in fragments)
    starts = _table_starts(file, table, fragments, frames) or _marker_starts(file, fragments)
    if len(starts) == frames:
        stops = [*starts[1:], len(fragments)]
        return tuple(tuple(fragments[start:stop]) for start, stop in zip(starts, stops, strict=True))
    if not whole and len(fragments) < frames:
        missing: tuple[tuple[Fragment, ...], ...] = ((),) * (frames - len(fragments))
        return tuple((fragment,) for fragment in fragments) + missing
    raise DicomError("PIXELS_FRAGMENTS", frames=frames, fragments=len(fragments))


def _items(file: BinaryIO, offset: int, end: int, frames: int) -> tuple[list[Fragment], bool]:
    """Every item from ``offset`` on, and whether the sequence ended as it should."""
    items: list[Fragment] = []
    while offset + 8 <= end:
        file.seek(offset)
        tag, length = struct.unpack("<II", file.read(8))
        if tag == _SEQUENCE_END:
            return items, True
        if tag != _ITEM or length == 0xFFFFFFFF:
            return items, False
        if len(items) > _MOST_FRAGMENTS:
            raise DicomError("PIXELS_FRAGMENTS", frames=frames, fragments=len(items))
        items.append(Fragment(offset=offset + 8, length=length))
        offset += 8 + length
    return items, False


def _table_starts(file: BinaryIO, table: Fragment, fragments: list[Fragment], frames: int) -> list[int]:
    """Index of the first fragment of each frame by the Basic Offset Table; empty where it is missing or wrong."""
    if table.length != 4 * frames or not fragments:
        return []
    file.seek(table.offset)
    data = file.read(table.length)
    if len(data) < table.length:
        return []
    index_at = {fragment.offset - fragments[0].offset: index for index, fragment in enumerate(fragments)}
    starts = [index_at.get(value, -1) for value in struct.unpack(f"<{frames}I", data)]
    rising = all(first < second for first, second in pairwise(starts))
    return starts if starts[0] == 0 and rising else []


def _marker_starts(file: BinaryIO, fragments: list[Fragment]) -> list[int]:
    """Index of each fragment that begins a stream."""
    starts = []
    for index, fragment in enumerate(fragments):
        file.seek(fragment.offset)
        if file.read(4).startswith(_STREAM_STARTS):
            starts.append(index)
    return starts if starts and starts[0] == 0 else []
