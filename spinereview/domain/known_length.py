"""Calibration by hand: a length that is known, marked by a person on one projection.

What is kept is what the person did, two points and a length; millimetres per pixel follow from them by whole numbers alone,
so that they are the same digit for digit wherever they are derived. Without a known length an image that states no spacing
has no millimetres (PS3.3 10.7.1.3).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from decimal import Decimal
from fractions import Fraction
from math import isqrt

from spinereview.domain.case import Case, Timepoint
from spinereview.domain.checks import require, require_integers
from spinereview.domain.exact import squared_mm_on_image
from spinereview.domain.imaging import Calibration, Id, ImageRef, Stack, StackKind
from spinereview.domain.measurement import PointMpx
from spinereview.domain.table import Table

SMALLEST_LENGTH_MM, LARGEST_LENGTH_MM = Decimal(5), Decimal(2000)
"""Limits of a known length: a marker ball, and the height of a person."""
LENGTH_STEP_MM = Decimal("0.01")
SHORTEST_LINE_MPX = 20_000
"""On 20 pixels an end that is half a pixel off makes every length wrong by 2.5 percent already."""

_PER_MM = 10**12
"""Millimetres per pixel have twelve decimals: over 65,535 pixels they err by less than a ten-millionth of a millimetre."""
_SQUARE = (Decimal(1), Decimal(1))

REPLACEABLE = frozenset({Calibration.NONE, Calibration.UNSTATED, Calibration.DETECTOR, Calibration.MAGNIFICATION})
"""Calibrations that a known length is better than: none of them is a distance that somebody measured in the patient."""
_OBSTACLES = ("PIXELS_NOT_SQUARE", "NO_IDENTITY", "UID_CLASH")
"""Faults of the geometry gate with which one length does not calibrate an image."""


@dataclass(frozen=True, slots=True, kw_only=True)
class KnownLength:
    """Two points of an image, and how far they lie apart in the patient.

    Parameters
    ----------
    length_mm
        5 to 2000 mm, in hundredths.
    marked
        What the length is of, in the person's words: ``"marker ball"``; may be empty.
    author
        Code of the person; when it was marked, the trail says.
    """

    image: ImageRef
    points_mpx: tuple[PointMpx, PointMpx]
    length_mm: Decimal
    marked: str = ""
    author: str = ""

    def __post_init__(self) -> None:
        require_integers("points_mpx", self.points_mpx)
        require(holds=all(len(point) == 2 for point in self.points_mpx), code="POINTS_NOT_2D")
        length = self.length_mm
        fits = length.is_finite() and SMALLEST_LENGTH_MM <= length <= LARGEST_LENGTH_MM
        require(holds=fits and length % LENGTH_STEP_MM == 0, code="KNOWN_LENGTH_INVALID", value=length)
        (x, y), (to_x, to_y) = self.points_mpx
        long_enough = (to_x - x) ** 2 + (to_y - y) ** 2 >= SHORTEST_LINE_MPX**2
        require(holds=long_enough, code="KNOWN_LENGTH_SHORT", value=SHORTEST_LINE_MPX // 1000)

    def spacing_mm(self, stated: tuple[Decimal, Decimal] | None) -> tuple[Decimal, Decimal]:
        """Distance between rows, and between columns, in millimetres.

        Parameters
        ----------
        stated
            What the file states at the detector: only its ratio is kept. None: square pixels.

        Notes
        -----
        Rounded up in the twelfth decimal, so that the marked line itself measures its length, ties included.
        """
        base = stated or _SQUARE
        squared = squared_mm_on_image(*self.points_mpx, base)
        rows, columns = (_root_up(Fraction(side) ** 2 * Fraction(self.length_mm) ** 2 / squared) for side in base)
        return rows, columns

    @property
    def words(self) -> str:
        """Length as it is told: ``"25 mm"``, ``"25 mm (marker ball)"``."""
        length = f"{self.length_mm.normalize():f} mm"
        return f"{length} ({self.marked})" if self.marked else length


def _root_up(value: Fraction) -> Decimal:
    """Square root, rounded up to the twelfth decimal, by whole numbers."""
    scaled = -(-value.numerator * _PER_MM**2 // value.denominator)
    return Decimal(isqrt(scaled - 1) + 1).scaleb(-12)


def obstacle(stack: Stack) -> str:
    """Code of why a stack cannot be calibrated by a known length; empty where it can.

    Images of one stack may have been made at different distances, so that a length on one of them says nothing of another.
    """
    if stack.kind is not StackKind.PROJECTION:
        return "CALIBRATE_PROJECTIONS"
    if stack.calibration not in REPLACEABLE:
        return "CALIBRATED_ALREADY"
    if len(stack.images) > 1:
        return "CALIBRATE_ONE_IMAGE"
    return "CALIBRATE_NOT_SQUARE" if any(code in stack.faults for code in _OBSTACLES) else ""


def calibrated_timepoint(timepoint: Timepoint, known: Mapping[str, KnownLength]) -> Timepoint:
    """A timepoint with the spacing of each stack that a person has calibrated; the same one where there is none."""
    stacks = {key: _calibrated(timepoint.stacks[key], known[key]) for key in timepoint.stacks if key in known}
    return replace(timepoint, stacks=Table({**timepoint.stacks, **stacks})) if stacks else timepoint


def calibrated_case(case: Case, known: Mapping[str, KnownLength]) -> Case:
    """A case as a read sees it; the same one where nothing was calibrated by hand."""
    if not known:
        return case
    points = {key: calibrated_timepoint(timepoint, known) for key, timepoint in case.timepoints.items()}
    return replace(case, timepoints=Table(points))


def _calibrated(stack: Stack, known: KnownLength) -> Stack:
    """The stack itself where it cannot be calibrated: better no millimetres than wrong ones."""
    if obstacle(stack) or (known.image.sop_uid, known.image.frame) not in stack.images:
        return stack
    return replace(
        stack,
        pixel_spacing_mm=known.spacing_mm(stack.pixel_spacing_mm),
        calibration=Calibration.MANUAL,
        calibrated_on=known.words,
        faults=tuple(Id(code) for code in stack.faults if code not in REPLACED_FAULTS),
    )


REPLACED_FAULTS = frozenset(
    {"CALIBRATION_DETECTOR", "CALIBRATION_UNSTATED", "MAGNIFICATION_INVALID", "MAGNIFICATION_ESTIMATED"}
    | {"SPACING_MISSING", "SPACING_ZERO", "SPACING_NEGATIVE", "SPACING_NOT_A_NUMBER"}
)
"""What the gate said of the stated spacing, which is no longer used."""
