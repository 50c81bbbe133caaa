"""What angles of the spine are given, and their exact geometry: two lines of two stored points each.

Named by geometry, since papers swap "local" and "segmental". Kyphosis is positive, lordosis negative; COBB has no sign.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from enum import StrEnum
from fractions import Fraction

from spinereview.domain.anatomy import Level
from spinereview.domain.checks import require, require_positive, require_text
from spinereview.domain.exact import angle_deg
from spinereview.domain.imaging import Id, Posture, Ref
from spinereview.domain.measurement import PointMpx, PointUm
from spinereview.domain.table import Table

_SQUARE_PIXELS = (Decimal(1), Decimal(1))
_Vector = tuple[Fraction, ...]


class AngleKind(StrEnum):
    """Between which lines.

    VKA: both endplates of the vertebra. MSK: superior endplate of the one above, inferior one of the vertebra. BSK: superior
    endplate of the one above, inferior one of the one below. COBB: the most tilted endplates, coronal.
    """

    VKA = "VKA"
    MSK = "MSK"
    BSK = "BSK"
    COBB = "COBB"


class Side(StrEnum):
    """Side of an image."""

    LEFT = "LEFT"
    RIGHT = "RIGHT"


@dataclass(frozen=True, slots=True, kw_only=True)
class Angle:
    """Two lines at one visit.

    The points are the front and the back of the upper line, then the front and the back of the lower one; of COBB the same
    side of the image first in both lines.

    Parameters
    ----------
    level
        Index vertebra; of COBB the upper end vertebra.
    lower
        Of COBB the lower end vertebra.
    points_mpx, spacing_mm
        On an image, in thousandths of a pixel, (0, 0) the outer corner of the first pixel; distance of rows and of columns,
        None: square pixels of an unknown size.
    points_um
        Or in space, in micrometres (LPS).
    front
        Side of the image that the front of the patient lies on; None: not known, the order of the points stands.
    hidden
        An endplate is hidden by hardware or cement: there is no angle.
    """

    kind: AngleKind
    level: Level
    modality: str
    lower: Level | None = None
    posture: Posture | None = None
    points_mpx: tuple[PointMpx, ...] = ()
    spacing_mm: tuple[Decimal, Decimal] | None = None
    points_um: tuple[PointUm, ...] = ()
    front: Side | None = None
    hidden: bool = False
    ref: Ref = ()

    def __post_init__(self) -> None:
        require_text("modality", self.modality)
        for value in self.spacing_mm or ():
            require_positive("spacing_mm", value)
        cobb = (self.lower is not None) == (self.kind is AngleKind.COBB)
        require(holds=cobb, code="ANGLE_LOWER", name=self.name)
        counts = len(self.points_mpx), len(self.points_um)
        wanted = ((0, 0),) if self.hidden else ((4, 0), (0, 4))
        require(holds=counts in wanted, code="ANGLE_HIDDEN_DRAWN" if self.hidden else "ANGLE_POINTS", name=self.name)
        if not self.hidden:
            fault = self._fault()
            require(holds=not fault, code=fault or "ANGLE_POINTS", name=self.name)

    @property
    def name(self) -> str:
        """Kind and level, like ``"BSK T9"`` or ``"COBB T5-L1"``."""
        return f"{self.kind} {self.level}" + (f"-{self.lower}" if self.lower else "")

    @property
    def exact_deg(self) -> Decimal:
        """Angle to 40 digits; positive: kyphosis."""
        upper, lower = self._lines()
        size = angle_deg(upper, lower)
        if self.kind is AngleKind.COBB:
            return size
        turn = _dot(_cross(upper, lower), _cross(_plus(upper, lower), self._down()))
        return -size if turn < 0 else size

    def _points(self) -> list[_Vector]:
        if self.points_um:
            return [tuple(map(Fraction, point)) for point in self.points_um]
        row_mm, column_mm = (Fraction(value) for value in self.spacing_mm or _SQUARE_PIXELS)
        return [(column * column_mm, row * row_mm, Fraction(0)) for column, row in self.points_mpx]

    def _lines(self) -> tuple[_Vector, _Vector]:
        """Upper and lower line, from the front to the back."""
        points = self._points()
        return _minus(points[1], points[0]), _minus(points[3], points[2])

    def _down(self) -> _Vector:
        """From the middle of the upper line to that of the lower one, twice."""
        points = self._points()
        return _minus(_plus(points[2], points[3]), _plus(points[0], points[1]))

    def _fault(self) -> str:
        """Why four points cannot be those of an angle, as a code; empty where they can."""
        upper, lower = self._lines()
        if not any(upper) or not any(lower):
            return "ANGLE_POINTS_EQUAL"
        if _dot(upper, lower) <= 0:
            return "ANGLE_LINES_OPPOSED"
        back, down = _plus(upper, lower), self._down()
        if not any(_cross(back, down)):
            return "ANGLE_LINES_BESIDE"
        # Down is away from the head: towards the last row of an image, towards smaller z in space (PS3.3 C.7.6.2.1.1).
        if (-down[2] if self.points_um else down[1]) <= 0:
            return "ANGLE_UPSIDE_DOWN"
        if self.kind is AngleKind.COBB or not (self.points_um or self.front):
            return ""
        # LPS: y runs to the back.
        to_the_back = back[1] if self.points_um else back[0] if self.front is Side.LEFT else -back[0]
        return "" if to_the_back > 0 else "ANGLE_BACK_TO_FRONT"


@dataclass(frozen=True, slots=True, kw_only=True)
class AngleVisit:
    """Angles of one timepoint, by any name."""

    timepoint: Id
    label: str = ""
    angles: Table[Angle] = field(default_factory=Table)

    def __post_init__(self) -> None:
        require_text("timepoint", self.timepoint)
        listed = [_key(one) for one in self.angles.values()]
        twice = next((one for one in self.angles.values() if listed.count(_key(one)) > 1), None)
        require(holds=twice is None, code="ANGLE_TWICE", name="" if twice is None else twice.name)

    @property
    def title(self) -> str:
        """Label, or the id where there is none."""
        return self.label or self.timepoint


def _key(one: Angle) -> tuple[object, ...]:
    return one.kind, one.level, one.lower, one.modality, one.posture


@dataclass(frozen=True, slots=True, kw_only=True)
class Input:
    """Visits in order; changes are counted from ``baseline``, and visits before it have none."""

    visits: tuple[AngleVisit, ...] = ()
    baseline: Id | None = None

    def __post_init__(self) -> None:
        names = [visit.timepoint for visit in self.visits]
        require(holds=len(set(names)) == len(names), code="VISIT_TWICE")
        known = self.baseline is None or self.baseline in names
        require(holds=known, code="ANGLE_BASELINE_UNKNOWN", timepoint=self.baseline)


def _plus(a: Sequence[Fraction], b: Sequence[Fraction]) -> _Vector:
    return tuple(x + y for x, y in zip(a, b, strict=True))


def _minus(a: Sequence[Fraction], b: Sequence[Fraction]) -> _Vector:
    return tuple(x - y for x, y in zip(a, b, strict=True))


def _dot(a: _Vector, b: _Vector) -> Fraction:
    return sum((x * y for x, y in zip(a, b, strict=True)), Fraction(0))


def _cross(a: _Vector, b: _Vector) -> _Vector:
    return (a[1] * b[2] - a[2] * b[1], a[2] * b[0] - a[0] * b[2], a[0] * b[1] - a[1] * b[0])
