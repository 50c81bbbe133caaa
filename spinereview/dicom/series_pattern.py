"""What the files of one series have in common, byte for byte, and where each of them may differ.

All elements up to the pixels are laid side by side. A pattern is the bytes that are equal in all files that were met, with
places between them whose length and value may be another one: those of an image (UID, number, position, times, rescale,
window), and those that no header keeps. A file either has exactly these bytes, or it is none of the pattern.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal, NamedTuple

from spinereview.dicom.elements import LONG_LENGTH, UNDEFINED, Encoding, Entry, walk
from spinereview.dicom.file_elements import META_LAST, Opened
from spinereview.dicom.header import FileHeader, PixelLayout
from spinereview.dicom.parse import PIXEL_DATA
from spinereview.dicom.tags import DATASET, META, PRIVATE_GROUPS, SPLITTING, tag, tags

START = 132
"""First element behind the preamble and ``DICM`` (PS3.10 7.1)."""
_ALL_TAGS = range(1 << 32)

UID = tag("SOPInstanceUID")
NUMBER = tag("InstanceNumber")
POSITION = tag("ImagePositionPatient")
_RESCALE = {tag("RescaleSlope"): "slope", tag("RescaleIntercept"): "intercept"}
_WINDOW = {tag(name): name for name in ("WindowCenter", "WindowWidth")}
_TIMES = {
    tag(keyword): name
    for keyword, name in SPLITTING
    if keyword in ("AcquisitionNumber", "AcquisitionTime", "ContentTime", "TriggerTime", "TemporalPositionIdentifier")
}
_PER_IMAGE = frozenset((UID, NUMBER, POSITION, *_RESCALE, *_WINDOW, *_TIMES, *tags("MediaStorageSOPInstanceUID")))
_META_LENGTH = tag("FileMetaInformationGroupLength")
_FIXED = (DATASET | META) - _PER_IMAGE
"""What a header is made of and must be equal throughout."""

Named = tuple[tuple[int, str], ...]
"""Tags that may differ within a series, and the names of what they are read into."""


@dataclass(frozen=True, slots=True)
class _Element:
    """An element of the data set or of the meta information: where it begins, and where its value lies."""

    tag: int
    start: int
    entry: Entry
    may_vary: bool

    @property
    def kind(self) -> tuple[int, bytes, bool]:
        return self.tag, self.entry[0], self.entry[2] == UNDEFINED

    @property
    def length_at(self) -> tuple[int, int]:
        """Where the length stands from the first byte, and how many bytes it has (PS3.5 7.1.2, 7.1.3)."""
        vr = self.entry[0]
        if not vr:
            return 4, 4
        return (8, 4) if vr in LONG_LENGTH else (6, 2)


class _Step(NamedTuple):
    """Bytes that are equal in all files, to the length of an element that is not; ``to_value``: from the first of them."""

    run: bytes
    to_value: int
    width: int
    order: Literal["little", "big"]
    tag: int
    vr: bytes


@dataclass(frozen=True, slots=True)
class Known:
    """A file that was read the long way: its elements, and its header."""

    elements: tuple[_Element, ...]
    pixels_at: int
    opened: Opened
    header: FileHeader


@dataclass(frozen=True, slots=True)
class Pattern:
    """What files of a series have in common; ``layouts`` are those that were met, by the first byte of the pixels."""

    steps: tuple[_Step, ...]
    varying: frozenset[int]
    known: Known
    rescale: Named
    window: Named
    times: Named
    layouts: dict[int, PixelLayout]

    def entries(self, buffer: bytes) -> tuple[dict[int, Entry], int, int] | None:
        """Elements that vary, first byte and length of the pixels; None where the file is another one."""
        found: dict[int, Entry] = {}
        at, whole = START - 4, len(buffer)
        for run, to_value, width, order, varying, vr in self.steps:
            if not buffer.startswith(run, at):
                return None
            value = at + to_value
            length = int.from_bytes(buffer[value - width : value], order)
            if value > whole:
                return None
            if varying == PIXEL_DATA:
                return found, value, length
            at = value + length
            if at > whole:
                return None
            if varying in _PER_IMAGE:
                found[varying] = (vr, value, length, at)
        return None


def known(opened: Opened, header: FileHeader) -> Known | None:
    """All elements of a file; None where they do not lie one behind the other, as where one comes twice."""
    meta, pixels = opened.meta, opened.walked.pixels
    if meta is None or pixels is None:
        return None
    buffer = opened.data.buffer
    first = walk(buffer, START, len(buffer), meta.encoding, _ALL_TAGS, last=META_LAST)
    second = walk(buffer, first.end, len(buffer), opened.encoding, _ALL_TAGS)
    elements: list[_Element] = []
    at = START
    for entries, encoding in ((first.entries, meta.encoding), (second.entries, opened.encoding)):
        beginning = at
        for found, entry in entries.items():
            head = entry[1] - at
            if head != (12 if entry[0] in LONG_LENGTH else 8):
                return None
            elements.append(_Element(found, at, entry, _may_vary(found, entry, encoding, at == beginning, header)))
            at = entry[3]
    if (
        second.pixels != pixels
        or pixels[0] != PIXEL_DATA
        or len({element.tag for element in elements}) != len(elements)
    ):
        return None
    return Known(tuple(elements), at, opened, header)


def _may_vary(found: int, entry: Entry, encoding: Encoding, first: bool, header: FileHeader) -> bool:
    """Whether another value of an element, and another length, leave all but that value as it is.

    Without representations, the length of the first element shows how a file is written, and so does that of an element
    without one among others that have one. From the private ones of an MR image the b-value is read.
    """
    if found in _FIXED or entry[2] == UNDEFINED or (first and encoding.implicit) or bool(entry[0]) is encoding.implicit:
        return False
    return header.modality != "MR" or found >> 16 not in PRIVATE_GROUPS


def in_common(one: Known, other: Known, varying: frozenset[int]) -> Pattern | None:
    """What two files have in common; None where another element than those of an image differs."""
    if [element.kind for element in one.elements] != [element.kind for element in other.elements]:
        return None
    left, right = one.opened.data.buffer, other.opened.data.buffer
    differing = {
        here.tag
        for here, there in zip(one.elements, other.elements, strict=True)
        if left[here.start : here.entry[3]] != right[there.start : there.entry[3]]
    }
    if any(element.tag in differing and not element.may_vary for element in other.elements):
        return None
    # It counts the bytes of the others, so it varies with the length of the UID.
    counting = {element.tag for element in other.elements if element.tag == _META_LENGTH and element.may_vary}
    free = frozenset(differing | varying | counting)
    rescale, window, times = (
        tuple((found, name) for found, name in named.items() if found in free) for named in (_RESCALE, _WINDOW, _TIMES)
    )
    return Pattern(tuple(_steps(other, free)), free, other, rescale, window, times, {})


def _steps(known: Known, free: frozenset[int]) -> Iterator[_Step]:
    buffer = known.opened.data.buffer
    at = START - 4
    for element in known.elements:
        if element.tag in free:
            offset, width = element.length_at
            run = buffer[at : element.start + offset]
            yield _Step(run, len(run) + width, width, _order(known, element.tag), element.tag, element.entry[0])
            at = element.entry[3]
    pixels = known.opened.walked.pixels
    if pixels is not None:
        # The length of the pixels is the last of the bytes before them, whatever the encoding; it has four bytes.
        yield _Step(buffer[at : pixels[1] - 4], pixels[1] - at, 4, _order(known, PIXEL_DATA), PIXEL_DATA, b"")


def _order(known: Known, found: int) -> Literal["little", "big"]:
    """Order of the bytes of a length; that of the meta information is fixed (PS3.10 7.1)."""
    return "big" if known.opened.encoding.big_endian and found > META_LAST else "little"
