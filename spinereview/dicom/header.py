"""What one parse of a file's header keeps: enough to group, to judge the geometry, to load without parsing again.

Decimal strings stay :class:`decimal.Decimal`. A value that is absent, empty or not a number is None here; whether that
matters is decided by :mod:`spinereview.dicom.geometry`, never by a default.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path

from spinereview.domain.imaging import Calibration

Vector = tuple[Decimal, Decimal, Decimal]
"""Position or direction in LPS (PS3.3 C.7.6.2.1.1); positions in millimetres."""


Named = tuple[tuple[str, str], ...]
"""Pairs of (attribute, value), each attribute once."""


def value_of(named: Named, attribute: str) -> str:
    """Value of an attribute; empty where it is absent. There are few, so that looking is cheaper than making a table."""
    for name, value in named:
        if name == attribute:
            return value
    return ""


@dataclass(frozen=True, slots=True, kw_only=True)
class PixelLayout:
    """How the samples of a file lie on disk (PS3.3 C.7.6.3).

    Parameters
    ----------
    offset
        Bytes from the start of the file to the value of Pixel Data: to its first sample where it is native, to the item
        of the Basic Offset Table where it is encapsulated. None where the file must be parsed again to reach it (deflated).
    length
        Length of the value in bytes; None where it is undefined (encapsulated).
    """

    rows: int
    columns: int
    frames: int
    samples: int
    bits_allocated: int
    bits_stored: int
    high_bit: int
    signed: bool
    photometric: str
    planar: int
    transfer_syntax_uid: str
    big_endian: bool
    offset: int | None
    length: int | None
    padding_value: int | None = None
    padding_limit: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class FrameHeader:
    """What belongs to one frame: from the file itself, or from the functional groups of an enhanced file (PS3.3 C.7.6.16).

    Parameters
    ----------
    number
        Counts from 1.
    position, orientation
        Image Position (Patient), and the direction of the rows then of the columns; None where absent or no numbers.
    pixel_spacing_mm
        (between rows, between columns), as chosen by ``calibration``; None where it gives no millimetres.
    slope, intercept
        Of this frame: real value = stored x slope + intercept. None where the file states none.
    split
        Values that must be equal within a stack: echo, b-value, acquisition, temporal position, stack id, image type ...
        Pairs of (attribute, value) in a fixed order; absent ones are left out.
    faults
        Codes of what is wrong with this frame alone, e.g. ``"SPACING_ZERO"``.
    """

    number: int
    position: Vector | None
    orientation: tuple[Vector, Vector] | None
    pixel_spacing_mm: tuple[Decimal, Decimal] | None
    calibration: Calibration
    slice_thickness_mm: Decimal | None
    slope: Decimal | None
    intercept: Decimal | None
    frame_of_reference_uid: str | None
    split: Named = ()
    faults: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class FileHeader:
    """One readable DICOM file.

    ``uid_source`` says where ``sop_uid`` comes from: ``"DATASET"``, ``"META"`` (0002,0003), ``"NONE"``, or
    ``"CLASH"``: an image that is no copy of this one has the same UID, so it names neither.
    Patient's Name is read by nobody: it must not reach a file or a report.
    """

    path: Path
    size: int
    sop_class_uid: str
    sop_uid: str
    uid_source: str
    study_uid: str
    series_uid: str
    modality: str
    patient_id: str
    birth_date: str
    sex: str
    study_date: str
    study_description: str
    series_description: str
    series_number: int | None
    instance_number: int | None
    acquisition_date: str
    transfer_syntax_uid: str
    pixels: PixelLayout | None
    frames: tuple[FrameHeader, ...]
    attributes: Named = field(default=())
    """Further attributes by keyword, for badges and suggestions, as :data:`spinereview.dicom.tags.BADGES` lists them:
    ``ConvolutionKernel``, ``WindowCenter``, ``EchoTime``, ``ImageType`` ...; only those present."""
