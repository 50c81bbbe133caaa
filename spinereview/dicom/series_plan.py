"""What a written series says: where its images lie, and every word and UID of its headers.

Numbers are Decimals that a Decimal String holds digit for digit. UIDs that are not given are derived from a seed (PS3.5
B.2), so that equal plans give equal files.
"""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from spinereview.dicom.header import Vector
from spinereview.domain.checks import require, require_positive, require_text
from spinereview.domain.imaging import Calibration

_LONGEST_DECIMAL = 16
"""Bytes of a Decimal String (PS3.5 6.2)."""
MODALITIES = ("CT", "MR", "CR", "DX")
"""Modalities of which a series can be written."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SeriesGeometry:
    """Where the images lie, in LPS millimetres (PS3.3 C.7.6.2.1.1).

    Parameters
    ----------
    origin_mm
        Centre of the first pixel of the first image.
    row_direction, column_direction
        Directions in which the column index, then the row index grows: the two halves of Image Orientation (Patient).
    pixel_spacing_mm
        Between rows, between columns.
    step_mm
        From one image to the next; it need not be perpendicular to them (gantry tilt).
    slice_thickness_mm
        As stated; never used as a distance.
    """

    origin_mm: Vector
    row_direction: Vector
    column_direction: Vector
    pixel_spacing_mm: tuple[Decimal, Decimal]
    step_mm: Vector
    slice_thickness_mm: Decimal

    def __post_init__(self) -> None:
        for value in (*self.pixel_spacing_mm, self.slice_thickness_mm):
            require_positive("spacing", value)
        numbers = (*self.origin_mm, *self.row_direction, *self.column_direction, *self.step_mm, *self.pixel_spacing_mm)
        for number in numbers:
            decimal_string(number)

    def position_mm(self, index: int) -> Vector:
        """Image Position (Patient) of an image, exactly."""
        x, y, z = (start + index * step for start, step in zip(self.origin_mm, self.step_mm, strict=True))
        return x, y, z


@dataclass(frozen=True, slots=True, kw_only=True)
class SeriesPlan:
    """What a series says about itself.

    Parameters
    ----------
    seed
        UIDs that are not given are derived from it: one study, one frame of reference and one series for each seed.
    slopes, intercepts
        One for all images, or one for each.
    window
        Centre and width in real values.
    calibration
        Of a projection: DETECTOR, FIDUCIAL, or NONE for a film without any spacing (CR alone).
    attributes
        Further attributes by keyword, e.g. ``{"ConvolutionKernel": "BONE"}``; they win over what the plan makes.
    """

    modality: str
    seed: str
    geometry: SeriesGeometry
    patient_id: str
    patient_name: str = "Phantom^Spine"
    sex: str = "O"
    birth_date: str = "19600101"
    study_date: str = "20260101"
    study_time: str = "120000"
    study_description: str = "Phantom"
    series_description: str = "Phantom"
    series_number: int = 1
    study_uid: str = ""
    series_uid: str = ""
    frame_of_reference_uid: str = ""
    slopes: tuple[Decimal, ...] = (Decimal(1),)
    intercepts: tuple[Decimal, ...] = (Decimal(0),)
    window: tuple[Decimal, Decimal] = (Decimal(40), Decimal(400))
    bits_stored: int = 16
    padding_value: int | None = None
    calibration: Calibration = Calibration.DETECTOR
    attributes: Mapping[str, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for name in ("seed", "patient_id", "modality"):
            require_text(name, getattr(self, name))
        require(holds=self.modality in MODALITIES, code="PHANTOM_MODALITY", value=self.modality)
        for number in (*self.slopes, *self.intercepts, *self.window):
            decimal_string(number)
        require_positive("window", self.window[1])

    def uid(self, role: str, given: str = "") -> str:
        """The UID given, or the one derived for a role."""
        return given or derived_uid(self.seed, role)


def derived_uid(*parts: object) -> str:
    """A UID that is always the same for the same words, of the UUID-derived root 2.25 (PS3.5 B.2)."""
    return f"2.25.{uuid.uuid5(uuid.NAMESPACE_OID, chr(31).join(map(str, parts))).int}"


def decimal_string(number: Decimal) -> str:
    """A Decimal String (PS3.5 6.2) of exactly this number.

    Raises
    ------
    InvalidValue
        ``DECIMAL_STRING`` where 16 characters cannot hold it.
    """
    text = format(number, "f")
    if "." in text:
        text = text.rstrip("0").rstrip(".")
    require(holds=number.is_finite() and len(text) <= _LONGEST_DECIMAL, code="DECIMAL_STRING", value=number)
    return text
