"""One file to one :class:`FileHeader`, or the reason why not.

Reads only the start of the file, up to its pixels. Accepts what PS3.10 wants (preamble, ``DICM``, meta information) and
what sites send all the same: no preamble, no meta information, a transfer syntax that is missing or contradicts the
elements. What is no DICOM at all is told from what is DICOM and damaged.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path
from typing import BinaryIO

from spinereview.dicom.calibration import ImageClass
from spinereview.dicom.decoder import STOPPED, shared
from spinereview.dicom.elements import UNDEFINED, Elements, Encoding, NeedMore, Walked, item_encoding, walk
from spinereview.dicom.frame_headers import first_frame_attributes, frames, is_enhanced
from spinereview.dicom.header import FileHeader, FrameHeader, PixelLayout
from spinereview.dicom.tags import (
    BADGES,
    CAPTURES,
    COMPUTED_MAPS,
    CROSS_SECTIONS,
    DATASET,
    IMAGES,
    META,
    OVERLAY_ROWS,
    OVERLAYS,
    PROJECTION_MODALITIES,
    PROJECTIONS,
    ULTRASOUND,
    ULTRASOUND_MODALITIES,
    tag,
)
from spinereview.errors import DicomError

IMPLICIT_LITTLE_ENDIAN = "1.2.840.10008.1.2"
EXPLICIT_LITTLE_ENDIAN = "1.2.840.10008.1.2.1"
DEFLATED = "1.2.840.10008.1.2.1.99"
EXPLICIT_BIG_ENDIAN = "1.2.840.10008.1.2.2"
_NATIVE = frozenset((IMPLICIT_LITTLE_ENDIAN, EXPLICIT_LITTLE_ENDIAN, DEFLATED, EXPLICIT_BIG_ENDIAN))

_SUBSAMPLED = frozenset(("YBR_FULL_422", "YBR_PARTIAL_422"))
"""Two samples a pixel instead of three (PS3.3 C.7.6.3.1.2)."""

_FIRST_BYTES = 1 << 13
_MOST_BYTES = 1 << 28
"""No header is longer: 10,000 frames of functional groups take about 20 million bytes."""
_INFLATED_BYTES = (1 << 20, 1 << 26)
"""How much of a deflated data set is looked at, first and at most: its header lies at its start."""
_MOST_FRAMES = 50_000
"""More frames than any examination has; a file that states more would cost minutes and memory before it fails."""
PIXEL_DATA = 0x7FE00010
META_LAST = 0x0002FFFF
_KNOWN_VR = frozenset(
    b"AE AS AT CS DA DS DT FD FL IS LO LT OB OF OW PN SH SL SQ SS ST TM UI UL UN US UT OD OL UC UR OV SV UV".split()
)
_IDENTIFYING = tuple(tag(name) for name in ("SOPClassUID", "SOPInstanceUID", "StudyInstanceUID", "SeriesInstanceUID"))


@dataclass(frozen=True, slots=True, kw_only=True)
class Opened:
    """A file whose elements have been walked."""

    meta: Elements | None
    data: Elements
    walked: Walked
    encoding: Encoding
    transfer_syntax_uid: str


def read_elements(path: Path) -> tuple[Elements, str] | None:
    """Elements of a file and its transfer syntax; None where it is no DICOM. For directories of media (DICOMDIR)."""
    opened = open_file(path)
    return None if opened is None else (opened.data, opened.transfer_syntax_uid)


def read_header(path: Path) -> FileHeader | None:
    """Header of one file; None where it is no DICOM.

    Raises
    ------
    DicomError
        The file cannot be read, or is DICOM and damaged: ``FILE_UNREADABLE``, ``HEADER_CUT``, ``HEADER_MALFORMED``,
        ``HEADER_NESTED``, ``HEADER_TOO_LONG``, ``HEADER_STOPPED_DECODER``, ``PIXELS_UNDESCRIBED``, ``FRAMES_INVALID``.
    """
    opened = open_file(path)
    return None if opened is None else header_of(path, path.stat().st_size, opened)


def open_file(path: Path) -> Opened | None:
    """Elements of a file, with how they are written; None where it is no DICOM. Errors as of :func:`read_header`."""
    try:
        with path.open("rb") as file:
            size = path.stat().st_size
            return _locate(file, size)
    except OSError as error:
        raise DicomError("FILE_UNREADABLE", file=path.name, error=error.strerror or error) from error
    except DicomError as error:
        raise DicomError(error.code, **{"file": path.name, **error.arguments}) from error


def _locate(file: BinaryIO, size: int) -> Opened | None:
    length = _FIRST_BYTES
    while True:
        file.seek(0)
        buffer = file.read(length)
        whole = len(buffer) >= size or len(buffer) < length
        try:
            return _parse(buffer, len(buffer) if whole else size, whole=whole)
        except NeedMore:
            if length >= _MOST_BYTES:
                raise DicomError("HEADER_TOO_LONG") from None
            length *= 8


def _parse(buffer: bytes, size: int, *, whole: bool) -> Opened | None:
    try:
        return _parsed(buffer, size, whole=whole)
    except DicomError:
        # Without ``DICM`` it only looked like DICOM at its first bytes.
        if buffer[128:132] == b"DICM":
            raise
        return None


def _parsed(buffer: bytes, size: int, *, whole: bool) -> Opened | None:
    start = 132 if buffer[128:132] == b"DICM" else _start(buffer)
    if start is None:
        return None
    meta: Elements | None = None
    meta_encoding = Encoding(implicit=False)
    if buffer[start : start + 2] == b"\x02\x00":
        meta_encoding = item_encoding(buffer, start, meta_encoding)
        found = walk(buffer, start, size, meta_encoding, META, whole=whole, last=META_LAST)
        if found.cut:
            raise DicomError("HEADER_CUT")
        meta, start = Elements(buffer, found.entries, meta_encoding), found.end
    syntax = meta.code(tag("TransferSyntaxUID")) if meta is not None else ""
    if syntax == DEFLATED:
        if not whole:
            raise NeedMore
        return _of_deflated(buffer[start:], meta)
    return _walked(buffer, start, size, meta, syntax, whole=whole)


def _of_deflated(data: bytes, meta: Elements | None) -> Opened | None:
    """Elements of a deflated data set (PS3.5 A.5): of as little of it as there has to be."""
    inflated = b""
    for limit in _INFLATED_BYTES:
        inflated, more = _inflated(data, limit)
        if not more:
            break
        try:
            return _walked(inflated, 0, _MOST_BYTES, meta, DEFLATED, whole=False)
        except NeedMore:
            continue
    return _walked(inflated, 0, len(inflated), meta, DEFLATED, whole=True)


def _walked(buffer: bytes, start: int, size: int, meta: Elements | None, syntax: str, *, whole: bool) -> Opened | None:
    encoding = _dataset_encoding(buffer, start, syntax)
    walked = walk(buffer, start, size, encoding, DATASET, whole=whole)
    data = Elements(buffer, walked.entries, encoding)
    preamble = syntax == DEFLATED or buffer[128:132] == b"DICM"
    if not preamble and not _plausible(data, meta):
        return None
    return Opened(
        meta=meta,
        data=data,
        walked=walked,
        encoding=encoding,
        transfer_syntax_uid=syntax or _assumed(encoding),
    )


def _start(buffer: bytes) -> int | None:
    """Where the elements begin in a file without ``DICM``: at its start, or behind one stray byte."""
    for start in (0, 1):
        head = buffer[start : start + 8]
        if len(head) < 8 or (start == 1 and buffer[:1] not in (b" ", b"\0")):
            continue
        if head[:2] in (b"\x08\x00", b"\x02\x00", b"\x00\x08") and head[4:6] in _KNOWN_VR:
            return start
        if head[:2] in (b"\x08\x00", b"\x02\x00") and int.from_bytes(head[4:], "little") <= 4096:
            return start
    return None


def _plausible(data: Elements, meta: Elements | None) -> bool:
    """Whether a file without ``DICM`` names itself by a UID, as anything but DICOM would not by chance."""
    named = [data.code(identifying) for identifying in _IDENTIFYING]
    if meta is not None:
        named += [meta.code(identifying) for identifying in META]
    return any(uid.startswith(("1.", "2.")) for uid in named)


def _dataset_encoding(buffer: bytes, start: int, syntax: str) -> Encoding:
    if syntax == IMPLICIT_LITTLE_ENDIAN:
        return item_encoding(buffer, start, Encoding(implicit=True))
    if syntax == EXPLICIT_BIG_ENDIAN:
        return item_encoding(buffer, start, Encoding(implicit=False, big_endian=True))
    if syntax:
        # Encapsulated syntaxes are explicit, little endian (PS3.5 A.4).
        return item_encoding(buffer, start, Encoding(implicit=False))
    if buffer[start + 4 : start + 6] in _KNOWN_VR:
        # A group of a data set is small: read as little endian, a big endian one is 0x0400 or more.
        return Encoding(implicit=False, big_endian=int.from_bytes(buffer[start : start + 2], "little") >= 0x0400)
    return Encoding(implicit=True)


def _assumed(encoding: Encoding) -> str:
    if encoding.implicit:
        return IMPLICIT_LITTLE_ENDIAN
    return EXPLICIT_BIG_ENDIAN if encoding.big_endian else EXPLICIT_LITTLE_ENDIAN


def _inflated(data: bytes, limit: int) -> tuple[bytes, bool]:
    try:
        return shared().inflated(data, limit=limit)
    except DicomError as error:
        raise DicomError("HEADER_STOPPED_DECODER" if error.code in STOPPED else "HEADER_MALFORMED") from error


def header_of(path: Path, size: int, opened: Opened) -> FileHeader:
    """Header of a file whose elements have been walked. Errors as of :func:`read_header`."""
    data, meta = opened.data, opened.meta
    sop_class = data.code(tag("SOPClassUID")) or (meta.code(tag("MediaStorageSOPClassUID")) if meta else "")
    uid, source = data.code(tag("SOPInstanceUID")), "DATASET"
    if not uid:
        uid, source = (meta.code(tag("MediaStorageSOPInstanceUID")) if meta else ""), "META"
    modality = data.code(tag("Modality"))
    pixels, listed = _image(path, size, opened, sop_class, modality)
    return FileHeader(
        path=path,
        size=size,
        sop_class_uid=sop_class,
        sop_uid=uid,
        uid_source=source if uid else "NONE",
        study_uid=data.code(tag("StudyInstanceUID")),
        series_uid=data.code(tag("SeriesInstanceUID")),
        modality=modality,
        patient_id=data.text(tag("PatientID")),
        birth_date=data.code(tag("PatientBirthDate")),
        sex=data.code(tag("PatientSex")),
        study_date=data.code(tag("StudyDate")),
        study_description=data.text(tag("StudyDescription")),
        series_description=data.text(tag("SeriesDescription")),
        series_number=data.integer(tag("SeriesNumber")),
        instance_number=data.integer(tag("InstanceNumber")),
        acquisition_date=data.code(tag("AcquisitionDate")),
        transfer_syntax_uid=opened.transfer_syntax_uid,
        pixels=pixels,
        frames=listed,
        attributes=_attributes(data),
    )


def _attributes(data: Elements) -> tuple[tuple[str, str], ...]:
    """Attributes for badges: of the data set, else of the first frame's functional groups."""
    of_groups = first_frame_attributes(data) if is_enhanced(data) else {}
    named = ((name, data.text(tag(name)) or of_groups.get(name, "")) for name in BADGES)
    overlays = sum(1 for found in OVERLAY_ROWS if found in data)
    told = ((OVERLAYS, str(overlays)),) if overlays else ()
    return (*((name, text) for name, text in named if text), *told)


def image_class(sop_class: str, modality: str, image_type: tuple[str, ...]) -> ImageClass:
    """What the pixels are.

    A CT localizer (PS3.3 C.8.2.1.1.1) and an MR image projected through a volume (C.8.3.1.1.1) are projections, whatever
    their storage class says: what lies behind each other is shown on one place.
    """
    if sop_class in CAPTURES:
        return ImageClass.CAPTURE
    if sop_class in ULTRASOUND or modality in ULTRASOUND_MODALITIES:
        return ImageClass.ULTRASOUND
    projected = (modality == "CT" and "LOCALIZER" in image_type[2:]) or "PROJECTION IMAGE" in image_type[2:]
    if projected or modality in PROJECTION_MODALITIES or sop_class in PROJECTIONS:
        return ImageClass.PROJECTION
    if sop_class in CROSS_SECTIONS:
        return ImageClass.CROSS_SECTION
    return ImageClass.OTHER


def _image(
    path: Path, size: int, opened: Opened, sop_class: str, modality: str
) -> tuple[PixelLayout | None, tuple[FrameHeader, ...]]:
    data, walked = opened.data, opened.walked
    rows, columns = data.unsigned(tag("Rows")), data.unsigned(tag("Columns"))
    if walked.pixels is None or not rows or not columns or sop_class in COMPUTED_MAPS:
        if walked.cut and (rows or columns or not sop_class or sop_class in IMAGES):
            raise DicomError("HEADER_CUT", file=path.name)
        return None, ()
    found, offset, length = walked.pixels
    if found != PIXEL_DATA:
        return None, ()
    layout = _layout(path, size, opened, (rows, columns), (offset, length))
    kind = image_class(sop_class, modality, data.codes(tag("ImageType")))
    listed = frames(data, kind, layout.frames)
    if _cut(opened, layout, offset, size):
        listed = tuple(replace(frame, faults=(*frame.faults, "PIXELS_CUT")) for frame in listed)
    return layout, listed


def _cut(opened: Opened, layout: PixelLayout, offset: int, size: int) -> bool:
    """Whether the file ends before its pixels do, or states too few of them; encapsulated ones show when decoded."""
    if opened.transfer_syntax_uid == DEFLATED:
        return False
    if layout.length is not None and offset + layout.length > size:
        return True
    samples = layout.rows * layout.columns * layout.samples * layout.frames
    if layout.photometric in _SUBSAMPLED:
        samples = samples * 2 // 3
    needed = samples * layout.bits_allocated // 8
    return opened.transfer_syntax_uid in _NATIVE and layout.length is not None and layout.length < needed


def _layout(path: Path, size: int, opened: Opened, shape: tuple[int, int], pixels: tuple[int, int]) -> PixelLayout:
    data = opened.data
    offset, length = pixels
    allocated = data.unsigned(tag("BitsAllocated"))
    if not allocated:
        raise DicomError("PIXELS_UNDESCRIBED", file=path.name)
    stored = data.unsigned(tag("BitsStored")) or allocated
    high = data.unsigned(tag("HighBit"))
    signed = data.unsigned(tag("PixelRepresentation")) == 1
    deflated = opened.transfer_syntax_uid == DEFLATED
    padding = data.signed if signed else data.unsigned
    return PixelLayout(
        rows=shape[0],
        columns=shape[1],
        frames=_frame_count(path, size, opened),
        samples=data.unsigned(tag("SamplesPerPixel")) or 1,
        bits_allocated=allocated,
        bits_stored=stored,
        high_bit=stored - 1 if high is None else high,
        signed=signed,
        photometric=data.code(tag("PhotometricInterpretation")),
        planar=data.unsigned(tag("PlanarConfiguration")) or 0,
        transfer_syntax_uid=opened.transfer_syntax_uid,
        big_endian=opened.encoding.big_endian,
        offset=None if deflated else offset,
        length=None if length == UNDEFINED else length,
        padding_value=padding(tag("PixelPaddingValue")),
        padding_limit=padding(tag("PixelPaddingRangeLimit")),
    )


def _frame_count(path: Path, size: int, opened: Opened) -> int:
    """Number of frames; one that the file has no room for (a frame takes 8 bytes at least) is damage."""
    data = opened.data
    stated = data.code(tag("NumberOfFrames"))
    if not stated:
        return 1
    count = data.integer(tag("NumberOfFrames"))
    most = _MOST_BYTES if opened.transfer_syntax_uid == DEFLATED else size
    if count is None or not 1 <= count <= min(_MOST_FRAMES, max(1, most // 8)):
        raise DicomError("FRAMES_INVALID", file=path.name, value=stated)
    return count
