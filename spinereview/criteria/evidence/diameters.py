"""Reported diameters of measurements: from integer points and Decimal spacings, or the reason why there is none.

Without a calibrated spacing there are no millimetres. A number is never taken from an axis that was not drawn as such.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal

from spinereview.domain.assessment import Reason
from spinereview.domain.diameter import diameters
from spinereview.domain.exact import reported_entered
from spinereview.domain.imaging import Calibration, Permission, Ref, Stack
from spinereview.domain.measurement import Entered, InSpace, Measurement, MeasurementKind, OnImage
from spinereview.domain.table import Table

METHOD_RULE = "RECIST 1.1 (Eisenhauer 2009), 3.2"
NODE_RULE = "RECIST 1.1 (Eisenhauer 2009), 3.1.1"
SPACING_RULE = "DICOM PS3.3 10.7.1"

_DIAMETERS = frozenset({MeasurementKind.DIAMETER, MeasurementKind.BIDIRECTIONAL, MeasurementKind.OUTLINE})
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

    def part(self, key: str) -> Place:
        """One part of a finding: a diameter, a fragment."""
        return Place(lesion=self.lesion, ref=(*self.ref, "parts", key))

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

    The long axis is points 1 and 2, the short axis points 3 and 4 of a bidirectional measurement; an outline has its
    longest diameter. A drawn ``DIAMETER`` has no short axis: which axis of a node it was drawn along nobody can know later,
    and a long axis taken for the short one makes nodes pathological. An entered number is the one that counts for the
    lesion.

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
    geometry, kind = measurement.geometry, measurement.kind
    if kind not in _DIAMETERS:
        return place.none("KIND_WITHOUT_DIAMETER", METHOD_RULE, kind=kind.value)
    if isinstance(geometry, Entered):
        return _entered(geometry, unit_mm, place, short_axis=short_axis)
    blocked, warnings = _calibration(geometry, stacks, place)
    if blocked is not None:
        return Reported(problem=blocked)
    drawn = diameters(measurement, _stack_of(geometry, stacks), unit_mm)
    mm = drawn.short_mm if short_axis else drawn.long_mm
    if mm is None:
        return place.none("SHORT_AXIS_MISSING" if short_axis else "KIND_WITHOUT_DIAMETER", NODE_RULE, kind=kind.value)
    if mm == 0:
        return place.none("DIAMETER_ZERO", METHOD_RULE)
    if drawn.long_mm is not None and drawn.short_mm is not None and drawn.short_mm > drawn.long_mm:
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


def _stack_of(geometry: OnImage | InSpace, stacks: Mapping[str, Stack]) -> Stack | None:
    return stacks[geometry.image.stack] if isinstance(geometry, OnImage) else None
