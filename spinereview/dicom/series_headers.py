"""Headers of many files, those of one series read by what they have in common: an image differs from the next in little.

A file is read the long way unless its bytes prove that this would come to the same: all elements up to the pixels are
those of files of its series that were read before, in the same order, byte for byte, but for the elements that may differ
from image to image (UID, number, position, times, rescale, window) and those that no header keeps. Anything else, the
slightest surprise included, goes the long way (:mod:`spinereview.dicom.parse`). Nothing outlives the reader.
"""

from __future__ import annotations

import os
from dataclasses import dataclass, replace
from decimal import Decimal
from pathlib import Path

from spinereview.dicom.elements import UNDEFINED, Elements, NeedMore
from spinereview.dicom.file_elements import Deflated, Opened, begin, open_deflated, open_file, walked_inflated
from spinereview.dicom.frame_headers import is_enhanced, same_text, vector_of
from spinereview.dicom.header import FileHeader, FrameHeader, PixelLayout
from spinereview.dicom.parse import header_of
from spinereview.dicom.series_pattern import NUMBER, POSITION, START, UID, Known, Pattern, in_common, known
from spinereview.dicom.tags import BADGES, OVERLAYS, tag
from spinereview.errors import DicomError

_OPEN = os.O_RDONLY | getattr(os, "O_BINARY", 0)
_LEAST_BYTES = 1 << 12
_MOST_BYTES = 1 << 16
_SLACK_BYTES = 512
"""How much longer the header of one image may be than that of another."""
_MOST_SERIES = 16
"""Series that are remembered at once; those of a folder mostly lie one after the other."""
_MOST_LESSONS = 24
"""How often a series is looked at anew before its files are read the long way."""
LONGEST_WAITING = 1 << 22
"""Bytes of a deflated file that may wait in memory while others are read."""
_NO_DAMAGE = frozenset(("CALIBRATION_DETECTOR", "CALIBRATION_UNSTATED"))
"""What is said of the spacing of every sound radiograph; it follows from attributes that are equal throughout."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Waiting:
    """A deflated file whose header can be read when the beginning of its data set has been inflated."""

    path: Path
    size: int
    file: Deflated


class HeaderReader:
    """Reads the headers of a folder's files; remembers a few series that it met, and nothing on the disk."""

    def __init__(self) -> None:
        self._before: dict[str, Known] = {}
        self._patterns: dict[str, Pattern] = {}
        self._lessons: dict[str, int] = {}
        self._bytes = _LEAST_BYTES

    def read(self, path: Path) -> FileHeader | None:
        """Header of one file, equal to that of :func:`spinereview.dicom.parse.read_header`; the same errors."""
        return self._alike(path) or self._long_way(path, open_file(path))

    def begin(self, path: Path) -> FileHeader | Waiting | None:
        """The same, but of a deflated file that is not too long to be kept what has to be inflated for it."""
        header = self._alike(path)
        if header is not None:
            return header
        found = begin(path)
        if isinstance(found, Deflated):
            if len(found.stream) > LONGEST_WAITING:
                return self._long_way(path, open_deflated(path, found))
            return Waiting(path=path, size=len(found.beginning) + len(found.stream), file=found)
        return self._long_way(path, found)

    def end(self, waiting: Waiting, inflated: bytes, *, more: bool) -> FileHeader | None:
        """Header of a deflated file by the first bytes of its data set; ``more``: that there are further ones."""
        buffer = waiting.file.beginning + inflated
        header = self._matched(waiting.path, waiting.size, buffer)
        if header is not None:
            return header
        try:
            opened = walked_inflated(waiting.file, inflated, more=more)
        except (NeedMore, DicomError):
            return self.read(waiting.path)
        return self._long_way(waiting.path, opened)

    def _long_way(self, path: Path, opened: Opened | None) -> FileHeader | None:
        if opened is None:
            return None
        header = header_of(path, path.stat().st_size, opened)
        self._learn(opened, header)
        return header

    def _alike(self, path: Path) -> FileHeader | None:
        if not self._patterns:
            return None
        try:
            buffer, size = _beginning(path, self._bytes)
        except OSError:
            return None
        return self._matched(path, size, buffer)

    def _matched(self, path: Path, size: int, buffer: bytes) -> FileHeader | None:
        for uid, pattern in reversed(self._patterns.items()):
            found = pattern.entries(buffer)
            if found is not None:
                if next(reversed(self._patterns)) != uid:
                    self._patterns[uid] = self._patterns.pop(uid)
                data = pattern.known.opened.data
                own = Elements(buffer, found[0], data.encoding, data.characters)
                return _varied(path, size, pattern, own, found[1:])
        return None

    def _learn(self, opened: Opened, header: FileHeader) -> None:
        """Keep a file of a series, and what it has in common with the one before it."""
        uid = header.series_uid
        lessons = self._lessons.get(uid, 0)
        if not uid or lessons > _MOST_LESSONS or not _usual(opened, header):
            return
        self._lessons[uid] = lessons + 1
        before, new = self._before.pop(uid, None), known(opened, header)
        if new is None:
            return
        self._before[uid] = new
        if before is not None:
            old = self._patterns.get(uid)
            pattern = in_common(before, new, old.varying if old is not None else frozenset())
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
        return os.read(descriptor, length), os.lseek(descriptor, 0, os.SEEK_END)
    finally:
        os.close(descriptor)


def _usual(opened: Opened, header: FileHeader) -> bool:
    """Whether a file is one plain image with nothing wrong: the others go the long way, for they are few."""
    meta, frames = opened.meta, header.frames
    return (
        meta is not None
        and bool(meta.code(tag("TransferSyntaxUID")))
        and not meta.encoding.big_endian
        and opened.data.buffer[START - 4 : START] == b"DICM"
        and len(opened.data.buffer) <= _MOST_BYTES
        and header.pixels is not None
        and header.pixels.frames == len(frames) == 1
        and _NO_DAMAGE.issuperset(frames[0].faults)
        and (frames[0].position is not None or POSITION not in opened.data)
        and header.uid_source == "DATASET"
        and not is_enhanced(opened.data)
    )


def _varied(path: Path, size: int, pattern: Pattern, own: Elements, pixels: tuple[int, int]) -> FileHeader | None:
    """Header of a file with elements of its own; None where one of them is missing or wrong."""
    base = pattern.known.header
    uid = own.code(UID) if UID in own else base.sop_uid
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
        instance_number=own.integer(NUMBER) if NUMBER in own else base.instance_number,
        acquisition_date=base.acquisition_date,
        transfer_syntax_uid=base.transfer_syntax_uid,
        pixels=layout,
        frames=(frame,),
        attributes=_attributes(pattern, base.attributes, own),
    )


def _layout(pattern: Pattern, pixels: tuple[int, int], size: int) -> PixelLayout | None:
    """The same layout at another place; None where the length differs, or the file ends before its pixels."""
    layout = pattern.known.header.pixels
    offset, stated = pixels
    length = None if stated == UNDEFINED else stated
    if layout is None or length != layout.length:
        return None
    if layout.offset is None:
        # Deflated: the pixels have no place in the file.
        return layout
    if offset + (length or 0) > size:
        return None
    if offset not in pattern.layouts:
        pattern.layouts[offset] = replace(layout, offset=offset)
    return pattern.layouts[offset]


def _frame(pattern: Pattern, base: FrameHeader, own: Elements) -> FrameHeader | None:
    # A projection has no position, and then no file of its series has one.
    position = vector_of(own.decimals(POSITION)) if POSITION in own else base.position
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


def _split(pattern: Pattern, base: tuple[tuple[str, str], ...], own: Elements) -> tuple[tuple[str, str], ...]:
    if not pattern.times:
        return base
    changed = {name: same_text(own.codes(wanted)) for wanted, name in pattern.times}
    return tuple(sorted((name, value) for name, value in (dict(base) | changed).items() if value))


def _attributes(pattern: Pattern, base: tuple[tuple[str, str], ...], own: Elements) -> tuple[tuple[str, str], ...]:
    """Attributes with the windows of this image, in their usual order."""
    if not pattern.window:
        return base
    named = dict(base) | {name: own.text(wanted) for wanted, name in pattern.window}
    return tuple((name, text) for name in (*BADGES, OVERLAYS) if (text := named.get(name, "")))
