"""Where the millimetres of an image come from: the only place that chooses among the spacings that a file may state.

Pixel Spacing (0028,0030) is a distance in the patient on a cross-sectional image. On a projection it may be one at the
detector, one corrected for magnification, or one measured with a fiducial; Imager Pixel Spacing (0018,1164) is always
one at the detector (PS3.3 10.7.1). A screen capture's spacing is that of the paper or the screen, an ultrasound image's
differs from region to region (PS3.3 C.8.5.5): neither gives millimetres here. A spacing that is zero, negative or no
number gives none either, and is never replaced by another one.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum

from spinereview.domain.imaging import Calibration

Spacing = tuple[Decimal, Decimal]

_SMALLEST_STEP_MM = Decimal("1E-9")


class ImageClass(StrEnum):
    """What the pixels of an image are, as far as a spacing is concerned."""

    CROSS_SECTION = "CROSS_SECTION"
    PROJECTION = "PROJECTION"
    CAPTURE = "CAPTURE"
    ULTRASOUND = "ULTRASOUND"
    OTHER = "OTHER"


@dataclass(frozen=True, slots=True, kw_only=True)
class StatedSpacing:
    """What a file states about its spacing: the numbers as read, None in place of a value that is no number."""

    pixel: tuple[Decimal | None, ...] = ()
    imager: tuple[Decimal | None, ...] = ()
    calibration_type: str = ""
    magnification: Decimal | None = None
    aspect: tuple[Decimal | None, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Calibrated:
    """Spacing that was chosen, where it comes from, and the codes of what was found wrong or is to be known."""

    spacing_mm: Spacing | None
    calibration: Calibration
    faults: tuple[str, ...] = ()


def _none(*faults: str) -> Calibrated:
    return Calibrated(spacing_mm=None, calibration=Calibration.NONE, faults=faults)


def checked(values: tuple[Decimal | None, ...]) -> tuple[Spacing | None, str]:
    """Spacing between rows and columns, or the code of why it is none.

    >>> checked((Decimal("0.5"), Decimal("0")))
    (None, 'SPACING_ZERO')
    """
    if not values:
        return None, "SPACING_MISSING"
    if len(values) != 2:
        return None, "SPACING_NOT_A_NUMBER"
    rows, columns = values
    if rows is None or columns is None:
        return None, "SPACING_NOT_A_NUMBER"
    if rows < 0 or columns < 0:
        return None, "SPACING_NEGATIVE"
    if rows == 0 or columns == 0:
        return None, "SPACING_ZERO"
    return (rows, columns), ""


def calibrate(image_class: ImageClass, stated: StatedSpacing) -> Calibrated:
    """Choose the spacing of an image.

    References
    ----------
    PS3.3 10.7.1.1 (cross-sections), 10.7.1.2 and 10.7.1.3 (projections), C.8.6.1 (captures), C.8.5.5 (ultrasound).
    """
    if image_class is ImageClass.PROJECTION:
        return _projection(stated)
    if image_class is ImageClass.CROSS_SECTION:
        spacing, fault = checked(stated.pixel)
        if spacing is None:
            return _none(fault)
        return Calibrated(spacing_mm=spacing, calibration=Calibration.PATIENT)
    return _none(
        {ImageClass.CAPTURE: "CALIBRATION_CAPTURE", ImageClass.ULTRASOUND: "CALIBRATION_ULTRASOUND"}.get(
            image_class, "CALIBRATION_NONE"
        )
    )


def _projection(stated: StatedSpacing) -> Calibrated:
    if not stated.pixel:
        return _detector(stated) if stated.imager else _none("SPACING_MISSING", *_oblong(stated.aspect))
    spacing, fault = checked(stated.pixel)
    if spacing is None:
        return _none(fault)
    if stated.calibration_type == "FIDUCIAL":
        return Calibrated(spacing_mm=spacing, calibration=Calibration.FIDUCIAL)
    if stated.calibration_type == "GEOMETRY":
        return Calibrated(spacing_mm=spacing, calibration=Calibration.GEOMETRY)
    if stated.imager == stated.pixel:
        return _detector(stated)
    return Calibrated(spacing_mm=spacing, calibration=Calibration.UNSTATED, faults=("CALIBRATION_UNSTATED",))


def _oblong(aspect: tuple[Decimal | None, ...]) -> tuple[str, ...]:
    """What Pixel Aspect Ratio (0028,0034) says: one known length does not calibrate oblong pixels."""
    return ("PIXELS_NOT_SQUARE",) if len(aspect) == 2 and aspect[0] != aspect[1] else ()


def _detector(stated: StatedSpacing) -> Calibrated:
    """Spacing at the detector, divided by the magnification where the file estimates one (PS3.3 10.7.1.3)."""
    spacing, fault = checked(stated.imager)
    if spacing is None:
        return _none(fault)
    factor = stated.magnification
    at_detector = Calibrated(spacing_mm=spacing, calibration=Calibration.DETECTOR, faults=("CALIBRATION_DETECTOR",))
    if factor is None:
        return at_detector
    if factor < 1:
        # The detector lies behind the patient: a factor below 1 would say that it stands before him.
        return Calibrated(
            spacing_mm=spacing,
            calibration=Calibration.DETECTOR,
            faults=("CALIBRATION_DETECTOR", "MAGNIFICATION_INVALID"),
        )
    rows, columns = (max((value / factor).quantize(_SMALLEST_STEP_MM), _SMALLEST_STEP_MM) for value in spacing)
    return Calibrated(spacing_mm=(rows, columns), calibration=Calibration.MAGNIFICATION)
