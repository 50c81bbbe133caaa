"""Headers of many files, those of one series read by what they have in common: an image differs from the next in little.

A file is read the long way unless its bytes prove that this would come to the same: all elements up to the pixels are
those of files of its series that were read before, in the same order, byte for byte, but for the elements that may differ
from image to image (UID, number, position, times, rescale, window) and those that no header keeps. Anything else, the
slightest surprise included, goes the long way (:mod:`spinereview.dicom.parse`). Nothing outlives the reader.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass, replace
from decimal import Decimal
from pathlib import Path

from spinereview.dicom.elements import LONG_LENGTH, UNDEFINED, Elements, Encoding, Entry, walk
from spinereview.dicom.frame_headers import is_enhanced, same_text, vector_of
from spinereview.dicom.header import FileHeader, FrameHeader, PixelLayout
from spinereview.dicom.parse import DEFLATED, META_LAST, PIXEL_DATA, Opened, header_of, open_file
from spinereview.dicom.tags import BADGES, DATASET, META, OVERLAYS, PRIVATE_GROUPS, SPLITTING, tag, tags

_OPEN = os.O_RDONLY | getattr(os, "O_BINARY", 0)
_START = 132
"""First element behind the preamble and ``DICM`` (PS3.10 7.1)."""
_LEAST_BYTES = 1 << 12
_MOST_BYTES = 1 << 16
_SLACK_BYTES = 512
"""How much longer the header of one image may be than that of another."""
_MOST_SERIES = 16
"""Series that are remembered at once; those of a folder mostly lie one after the other."""
_MOST_LESSONS = 24
"""How often a series is looked at anew before its files are read the long way."""
_ALL_TAGS = range(1 << 32)

_UID = tag("SOPInstanceUID")
_NUMBER = tag("InstanceNumber")
_POSITION = tag("ImagePositionPatient")
_RESCALE = {tag("RescaleSlope"): "slope", tag("RescaleIntercept"): "intercept"}
_WINDOW = {tag(name): name for name in ("WindowCenter", "WindowWidth")}
_TIMES = {
    tag(keyword): name
    for keyword, name in SPLITTING
    if keyword in ("AcquisitionNumber", "AcquisitionTime", "ContentTime", "TriggerTime", "TemporalPositionIdentifier")
}
_PER_IMAGE = frozenset((_UID, _NUMBER, _POSITION, *_RESCALE, *_WINDOW, *_TIMES, *tags("MediaStorageSOPInstanceUID")))
_FIXED = (DATASET | META) - _PER_IMAGE
"""What a header is made of and must be equal throughout."""

_NO_DAMAGE = frozenset(("CALIBRATION_DETECTOR", "CALIBRATION_UNSTATED"))
"""What is said of the spacing of every sound radiograph; it follows from attributes that are equal throughout."""

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


@dataclass(frozen=True, slots=True)
class _Step:
    """Bytes that are equal in all files, to the length of an element that is not."""

    run: bytes
    width: int
    to_value: int
    tag: int
    vr: bytes


@dataclass(frozen=True, slots=True)
class _Known:
    """A file that was read the long way: its elements, and its header."""

    elements: tuple[_Element, ...]
    pixels_at: int
    opened: Opened
    header: FileHeader


@dataclass(frozen=True, slots=True)
class _Pattern:
    """What files of a series have in common; ``layouts`` are those that were met, by the first byte of the pixels."""

    steps: tuple[_Step, ...]
    varying: frozenset[int]
    known: _Known
    rescale: Named
    window: Named
    times: Named
    layouts: dict[int, PixelLayout]

    def entries(self, buffer: bytes) -> tuple[dict[int, Entry], int, int] | None:
        """Elements that vary, first byte and length of the pixels; None where the file is another one."""
        found: dict[int, Entry] = {}
        at, whole = _START - 4, len(buffer)
        for step in self.steps:
            if not buffer.startswith(step.run, at):
                return None
            value = at + step.to_value
            length = int.from_bytes(buffer[value - step.width : value], "little")
            if value > whole:
                return None
            if step.tag == PIXEL_DATA:
                return found, value, length
            at = value + length
            if at > whole:
                return None
            if step.tag in _PER_IMAGE:
                found[step.tag] = (step.vr, value, length, at)
        return None


class HeaderReader:
    """Reads the headers of a folder's files; remembers a few series that it met, and nothing on the disk."""

    def __init__(self) -> None:
        self._before: dict[str, tuple[Opened, FileHeader]] = {}
        self._patterns: dict[str, _Pattern] = {}
        self._lessons: dict[str, int] = {}
        self._bytes = _LEAST_BYTES

    def read(self, path: Path) -> FileHeader | None:
        """Header of one file, equal to that of :func:`spinereview.dicom.parse.read_header`; the same errors."""
        if self._patterns:
            header = self._alike(path)
            if header is not None:
                return header
        opened = open_file(path)
        if opened is None:
            return None
        header = header_of(path, path.stat().st_size, opened)
        self._learn(opened, header)
        return header

    def _alike(self, path: Path) -> FileHeader | None:
        try:
            buffer, size = _beginning(path, self._bytes)
        except OSError:
            return None
        for uid, pattern in reversed(self._patterns.items()):
            found = pattern.entries(buffer)
            if found is not None:
                if next(reversed(self._patterns)) != uid:
                    self._patterns[uid] = self._patterns.pop(uid)
                return _varied(path, size, pattern, Elements(buffer, found[0], *_written(pattern)), found[1:])
        return None

    def _learn(self, opened: Opened, header: FileHeader) -> None:
        """Keep a file of a series, and what it has in common with the one before it."""
        uid = header.series_uid
        lessons = self._lessons.get(uid, 0)
        if not uid or lessons > _MOST_LESSONS or not _usual(opened, header):
            return
        self._lessons[uid] = lessons + 1
        before = self._before.pop(uid, None)
        self._before[uid] = (opened, header)
        if before is not None:
            old = self._patterns.get(uid)
            pattern = _common(
                _listed(*before), _listed(opened, header), old.varying if old is not None else frozenset()
            )
            if pattern is not None:
                self._patterns.pop(uid, None)
                self._patterns[uid] = pattern
                self._bytes = min(max(self._bytes, pattern.known.pixels_at + _SLACK_BYTES), _MOST_BYTES)
        if len(self._before) > _MOST_SERIES:
            del self._before[next(iter(self._before))]
        if len(self._patterns) > _MOST_SERIES:
            del self._patterns[next(iter(self._patterns))]


def _beginning(path: Path, length: int) -> tuple[bytes, int]:
    descriptor = os.open(path, _OPEN)
    try:
        return os.read(descriptor, length), os.fstat(descriptor).st_size
    finally:
        os.close(descriptor)


def _written(pattern: _Pattern) -> tuple[Encoding, tuple[str, ...]]:
    data = pattern.known.opened.data
    return data.encoding, data.characters


def _usual(opened: Opened, header: FileHeader) -> bool:
    """Whether a file is one plain image with nothing wrong: the others go the long way, for they are few."""
    meta, frames = opened.meta, header.frames
    return (
        meta is not None
        and bool(meta.code(tag("TransferSyntaxUID")))
        and opened.transfer_syntax_uid != DEFLATED
        and not (meta.encoding.big_endian or opened.encoding.big_endian)
        and opened.data.buffer[_START - 4 : _START] == b"DICM"
        and len(opened.data.buffer) <= _MOST_BYTES
        and header.pixels is not None
        and header.pixels.frames == len(frames) == 1
        and _NO_DAMAGE.issuperset(frames[0].faults)
        and (frames[0].position is not None or _POSITION not in opened.data)
        and header.uid_source == "DATASET"
        and not is_enhanced(opened.data)
    )


def _listed(opened: Opened, header: FileHeader) -> _Known | None:
    """All elements of a file; None where they do not lie one behind the other, as where one comes twice."""
    meta, pixels = opened.meta, opened.walked.pixels
    if meta is None or pixels is None:
        return None
    buffer = opened.data.buffer
    first = walk(buffer, _START, len(buffer), meta.encoding, _ALL_TAGS, last=META_LAST)
    second = walk(buffer, first.end, len(buffer), opened.encoding, _ALL_TAGS)
    elements: list[_Element] = []
    at = _START
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
    return _Known(tuple(elements), at, opened, header)


def _may_vary(found: int, entry: Entry, encoding: Encoding, first: bool, header: FileHeader) -> bool:
    """Whether another value of an element, and another length, leave all but that value as it is.

    Without representations, the length of the first element shows how a file is written, and so does that of an element
    without one among others that have one. From the private ones of an MR image the b-value is read.
    """
    if found in _FIXED or entry[2] == UNDEFINED or (first and encoding.implicit) or bool(entry[0]) is encoding.implicit:
        return False
    return header.modality != "MR" or found >> 16 not in PRIVATE_GROUPS


def _common(one: _Known | None, other: _Known | None, varying: frozenset[int]) -> _Pattern | None:
    """What two files have in common; None where another element than those of an image differs."""
    if one is None or other is None:
        return None
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
    free = frozenset(differing | varying)
    rescale, window, times = (
        tuple((found, name) for found, name in named.items() if found in free) for named in (_RESCALE, _WINDOW, _TIMES)
    )
    return _Pattern(tuple(_steps(other, free)), free, other, rescale, window, times, {})


def _steps(known: _Known, free: frozenset[int]) -> Iterator[_Step]:
    buffer = known.opened.data.buffer
    at = _START - 4
    for element in known.elements:
        if element.tag in free:
            offset, width = element.length_at
            run = buffer[at : element.start + offset]
            yield _Step(run, width, len(run) + width, element.tag, element.entry[0])
            at = element.entry[3]
    pixels = known.opened.walked.pixels
    if pixels is not None:
        # The length of the pixels is the last of the bytes before them, whatever the encoding; it has four bytes.
        yield _Step(buffer[at : pixels[1] - 4], 4, pixels[1] - at, PIXEL_DATA, b"")


def _varied(path: Path, size: int, pattern: _Pattern, own: Elements, pixels: tuple[int, int]) -> FileHeader | None:
    """Header of a file with elements of its own; None where one of them is missing or wrong."""
    base = pattern.known.header
    uid = own.code(_UID) if _UID in own else base.sop_uid
    frame = _frame(pattern, base.frames[0], own)
    layout = _layout(pattern, pixels, size)
    if layout is None or frame is None or not uid:
        return None
    return FileHeader(
        path=path,
        size=size,
        sop_class_uid=base.sop_class_uid,
        sop_uid=uid,
        uid_source=base.uid_source,
        study_uid=base.study_uid,
        series_uid=base.series_uid,
        modality=base.modality,
        patient_id=base.patient_id,
        birth_date=base.birth_date,
        sex=base.sex,
        study_date=base.study_date,
        study_description=base.study_description,
        series_description=base.series_description,
        series_number=base.series_number,
        instance_number=own.integer(_NUMBER) if _NUMBER in own else base.instance_number,
        acquisition_date=base.acquisition_date,
        transfer_syntax_uid=base.transfer_syntax_uid,
        pixels=layout,
        frames=(frame,),
        attributes=_attributes(pattern, base.attributes, own),
    )


def _layout(pattern: _Pattern, pixels: tuple[int, int], size: int) -> PixelLayout | None:
    """The same layout at another place; None where the length differs, or the file ends before its pixels."""
    layout = pattern.known.header.pixels
    offset, stated = pixels
    length = None if stated == UNDEFINED else stated
    if layout is None or length != layout.length or offset + (length or 0) > size:
        return None
    if offset not in pattern.layouts:
        pattern.layouts[offset] = replace(layout, offset=offset)
    return pattern.layouts[offset]


def _frame(pattern: _Pattern, base: FrameHeader, own: Elements) -> FrameHeader | None:
    # A projection has no position, and then no file of its series has one.
    position = vector_of(own.decimals(_POSITION)) if _POSITION in own else base.position
    rescale: dict[str, Decimal | None] = {"slope": base.slope, "intercept": base.intercept}
    for wanted, name in pattern.rescale:
        rescale[name] = own.decimal(wanted)
        if not rescale[name] and (name == "slope" or rescale[name] is None):
            return None
    if position is None and base.position is not None:
        return None
    return FrameHeader(
        number=base.number,
        position=position,
        orientation=base.orientation,
        pixel_spacing_mm=base.pixel_spacing_mm,
        calibration=base.calibration,
        slice_thickness_mm=base.slice_thickness_mm,
        slope=rescale["slope"],
        intercept=rescale["intercept"],
        frame_of_reference_uid=base.frame_of_reference_uid,
        split=_split(pattern, base.split, own),
        faults=base.faults,
    )


def _split(pattern: _Pattern, base: tuple[tuple[str, str], ...], own: Elements) -> tuple[tuple[str, str], ...]:
    if not pattern.times:
        return base
    changed = {name: same_text(own.codes(wanted)) for wanted, name in pattern.times}
    return tuple(sorted((name, value) for name, value in (dict(base) | changed).items() if value))


def _attributes(pattern: _Pattern, base: tuple[tuple[str, str], ...], own: Elements) -> tuple[tuple[str, str], ...]:
    """Attributes with the windows of this image, in their usual order."""
    if not pattern.window:
        return base
    named = dict(base) | {name: own.text(wanted) for wanted, name in pattern.window}
    return tuple((name, text) for name in (*BADGES, OVERLAYS) if (text := named.get(name, "")))
