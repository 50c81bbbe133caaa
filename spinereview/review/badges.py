"""What makes a number trustworthy, or not: codes for the geometry of the images it was drawn on."""

from __future__ import annotations

from dataclasses import dataclass, field
from decimal import Decimal

from spinereview.domain.imaging import Calibration, Plane, Stack, StackKind
from spinereview.domain.table import Table

THICK_SLICE_MM = Decimal(5)
"""Above this, small lesions are not measurable as they are (RECIST 1.1, 3.1.2 and 3.1.3)."""

OF_PLANE: dict[Plane, str] = {
    Plane.AXIAL: "BADGE_NATIVE_AXIAL",
    Plane.SAGITTAL: "BADGE_NATIVE_SAGITTAL",
    Plane.CORONAL: "BADGE_NATIVE_CORONAL",
    Plane.OBLIQUE: "BADGE_NATIVE_OBLIQUE",
    Plane.UNKNOWN: "BADGE_NATIVE",
}
OF_CALIBRATION: dict[Calibration, str] = {
    Calibration.PATIENT: "BADGE_CALIBRATED",
    Calibration.FIDUCIAL: "BADGE_FIDUCIAL",
    Calibration.GEOMETRY: "BADGE_MAGNIFICATION_CORRECTED",
    Calibration.MAGNIFICATION: "BADGE_MAGNIFICATION_ESTIMATED",
    Calibration.DETECTOR: "BADGE_DETECTOR_PLANE",
    Calibration.UNSTATED: "BADGE_CALIBRATION_UNSTATED",
    Calibration.MANUAL: "BADGE_CALIBRATED_BY_HAND",
    Calibration.NONE: "BADGE_UNCALIBRATED",
}
BY_HAND = "BADGE_CALIBRATED_BY_HAND_ON"
"""Calibrated by hand, on a known length that is named."""
CALIBRATIONS = frozenset({*OF_CALIBRATION.values(), BY_HAND})
TRUSTED = frozenset(
    {*OF_PLANE.values(), "BADGE_PROJECTION", "BADGE_CALIBRATED", "BADGE_FIDUCIAL", "BADGE_MAGNIFICATION_CORRECTED"}
)
"""Badges that say that all is well; every other one is a warning."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Badge:
    """A code of the catalogue with its arguments."""

    code: str
    args: Table[str] = field(default_factory=Table)

    @property
    def warns(self) -> bool:
        """Whether the number is to be taken with care."""
        return self.code not in TRUSTED


def slice_mm(stack: Stack) -> Decimal | None:
    """Effective thickness: the larger of what is stated and the distance of neighbours; None where neither exists."""
    known = [value for value in (stack.slice_thickness_mm, stack.slice_interval_mm) if value is not None]
    return max(known, default=None)


def badges(stack: Stack) -> tuple[Badge, ...]:
    """Badges of every number drawn on an image of a stack: plane, calibration, then what is wrong."""
    flat = stack.kind is StackKind.PROJECTION
    found = [Badge(code="BADGE_PROJECTION" if flat else OF_PLANE[stack.plane])]
    on = Table({"on": stack.calibrated_on}) if stack.calibrated_on else Table[str]()
    code = BY_HAND if stack.calibrated_on else OF_CALIBRATION[stack.calibration]
    found.append(Badge(code=code, args=on))
    thickness = slice_mm(stack)
    if thickness is not None and thickness > THICK_SLICE_MM and not flat:
        found.append(Badge(code="BADGE_THICK_SLICE", args=Table({"mm": f"{thickness.normalize():f}"})))
    if "TILT" in stack.faults:
        found.append(Badge(code="BADGE_TILT"))
    return tuple(found)
