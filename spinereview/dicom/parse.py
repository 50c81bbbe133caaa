"""Elements of one file to one :class:`FileHeader`: what they say of the images, and how the pixels lie."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from spinereview.dicom.calibration import ImageClass
from spinereview.dicom.elements import UNDEFINED, Elements
from spinereview.dicom.file_elements import (
    DEFLATED,
    EXPLICIT_BIG_ENDIAN,
    EXPLICIT_LITTLE_ENDIAN,
    IMPLICIT_LITTLE_ENDIAN,
    MOST_BYTES,
    Opened,
    open_file,
)
from spinereview.dicom.frame_headers import first_frame_attributes, frames, is_enhanced
from spinereview.dicom.header import FileHeader, FrameHeader, PixelLayout
from spinereview.dicom.tags import (
    BADGES,
    CAPTURES,
    COMPUTED_MAPS,
    CROSS_SECTIONS,
    IMAGES,
    OVERLAY_ROWS,
    OVERLAYS,
    PROJECTION_MODALITIES,
    PROJECTIONS,
    ULTRASOUND,
    ULTRASOUND_MODALITIES,
    tag,
)
from spinereview.errors import DicomError

_NATIVE = frozenset((IMPLICIT_LITTLE_ENDIAN, EXPLICIT_LITTLE_ENDIAN, DEFLATED, EXPLICIT_BIG_ENDIAN))

_SUBSAMPLED = frozenset(("YBR_FULL_422", "YBR_PARTIAL_422"))
"""Two samples a pixel instead of three (PS3.3 C.7.6.3.1.2)."""

_MOST_FRAMES = 50_000
"""More frames than any examination has; a file that states more would cost minutes and memory before it fails."""
PIXEL_DATA = 0x7FE00010


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
    most = MOST_BYTES if opened.transfer_syntax_uid == DEFLATED else size
    if count is None or not 1 <= count <= min(_MOST_FRAMES, max(1, most // 8)):
        raise DicomError("FRAMES_INVALID", file=path.name, value=stated)
    return count
