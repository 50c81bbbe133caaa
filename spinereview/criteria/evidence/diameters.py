"""Reported diameters of measurements: from integer points and Decimal spacings, or the reason why there is none.

Without a calibrated spacing there are no millimetres. A number is never taken from an axis that was not drawn as such.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction

from spinereview.domain.assessment import Reason
from spinereview.domain.exact import reported_entered, reported_mm, squared_mm_in_space, squared_mm_on_image
from spinereview.domain.imaging import Calibration, Permission, Ref, Stack
from spinereview.domain.measurement import Entered, InSpace, Measurement, MeasurementKind, OnImage
from spinereview.domain.table import Table

METHOD_RULE = "RECIST 1.1 (Eisenhauer 2009), 3.2"
NODE_RULE = "RECIST 1.1 (Eisenhauer 2009), 3.1.1"
SPACING_RULE = "DICOM PS3.3 10.7.1"

_DIAMETERS = frozenset({MeasurementKind.DIAMETER, MeasurementKind.BIDIRECTIONAL})
_DOUBTFUL = {
    Calibration.DETECTOR: "VALUE_CALIBRATION_DETECTOR",
    Calibration.UNSTATED: "VALUE_CALIBRATION_UNSTATED",
    Calibration.MANUAL: "VALUE_CALIBRATION_MANUAL",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Reported:
    """A diameter in reported millimetres, or why there is none, and what casts doubt on it."""

    mm: Decimal | None = None
    problem: Reason | None = None
    warnings: tuple[Reason, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """What a measurement belongs to, for the reasons: a lesion's name and the path in the read."""

    lesion: str
    ref: Ref

    def reason(self, code: str, rule: str, **arguments: str) -> Reason:
        """Reason about this place."""
        return Reason(code=code, args=Table({"lesion": self.lesion, **arguments}), rule=rule, refs=(self.ref,))

    def none(self, code: str, rule: str, **arguments: str) -> Reported:
        """No number, and why."""
        return Reported(problem=self.reason(code, rule, **arguments))


def diameter(
    measurement: Measurement, stacks: Mapping[str, Stack], unit_mm: Decimal, place: Place, *, short_axis: bool
) -> Reported:
    """Longest diameter, or short axis, of a measurement.

    The long axis is points 1 and 2, the short axis points 3 and 4 of a bidirectional measurement. A drawn ``DIAMETER`` has
    no short axis: which axis of a node it was drawn along nobody can know later, and a long axis taken for the short one
    makes nodes pathological. An entered number is the one that counts for the lesion.

    Parameters
    ----------
    stacks
        Stacks of the timepoint.
    unit_mm
        Rounding of reported values.

    References
    ----------
    RECIST 1.1 (Eisenhauer 2009), 3.1.1 and 4.3.2: longest diameter; of lymph nodes the short axis.
    """
    geometry = measurement.geometry
    if measurement.kind not in _DIAMETERS:
        return place.none("KIND_WITHOUT_DIAMETER", METHOD_RULE, kind=measurement.kind.value)
    if isinstance(geometry, Entered):
        return _entered(geometry, unit_mm, place, short_axis=short_axis)
    blocked, warnings = _calibration(geometry, stacks, place)
    if blocked is not None:
        return Reported(problem=blocked)
    axes = _axes_squared_mm(geometry, stacks)
    if short_axis and len(axes) < 2:
        return place.none("SHORT_AXIS_MISSING", NODE_RULE)
    mm = reported_mm(axes[1 if short_axis else 0], unit_mm)
    if mm == 0:
        return place.none("DIAMETER_ZERO", METHOD_RULE)
    if len(axes) == 2 and axes[1] > axes[0]:
        warnings = (*warnings, place.reason("VALUE_SHORT_AXIS_LONGER", NODE_RULE))
    return Reported(mm=mm, warnings=warnings)


def _entered(geometry: Entered, unit_mm: Decimal, place: Place, *, short_axis: bool) -> Reported:
    if geometry.unit != "mm":
        return place.none("ENTERED_VALUE_NOT_MM", METHOD_RULE, unit=geometry.unit)
    mm = reported_entered(geometry.value, unit_mm)
    if mm == 0:
        return place.none("DIAMETER_ZERO", METHOD_RULE)
    warnings = (place.reason("ENTERED_AS_SHORT_AXIS", NODE_RULE),) if short_axis else ()
    return Reported(mm=mm, warnings=warnings)


def _calibration(
    geometry: OnImage | InSpace, stacks: Mapping[str, Stack], place: Place
) -> tuple[Reason | None, tuple[Reason, ...]]:
    """What forbids millimetres here, and what casts doubt on them."""
    names = (geometry.image.stack,) if isinstance(geometry, OnImage) else geometry.stacks
    used = [stacks[name] for name in names if name in stacks]
    if not used or len(used) < len(names):
        return place.reason("VALUE_IMAGE_UNKNOWN", METHOD_RULE), ()
    if any(stack.pixel_spacing_mm is None for stack in used):
        return place.reason("NO_CALIBRATION", SPACING_RULE), ()
    warnings = [
        place.reason(_DOUBTFUL[stack.calibration], SPACING_RULE) for stack in used if stack.calibration in _DOUBTFUL
    ]
    if isinstance(geometry, InSpace):
        if any(Permission.BETWEEN_SLICES not in stack.may_measure for stack in used):
            return place.reason("NO_MM_BETWEEN_SLICES", SPACING_RULE), ()
        warnings.append(place.reason("REFORMATTED_PLANE", METHOD_RULE))
    return None, tuple(warnings)


def _axes_squared_mm(geometry: OnImage | InSpace, stacks: Mapping[str, Stack]) -> list[Fraction]:
    """Squares of the long axis and, where it was drawn, of the short axis."""
    if isinstance(geometry, OnImage):
        spacing_mm = stacks[geometry.image.stack].pixel_spacing_mm
        points = geometry.points_mpx
        pairs = list(zip(points[::2], points[1::2], strict=True))
        return [] if spacing_mm is None else [squared_mm_on_image(a, b, spacing_mm) for a, b in pairs]
    space = geometry.points_um
    return [squared_mm_in_space(a, b) for a, b in zip(space[::2], space[1::2], strict=True)]
