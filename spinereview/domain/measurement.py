"""Three ways a number can exist: drawn on one acquired image, drawn in space, or entered.

Points on an image follow DICOM's SCOORD (PS3.3 C.10.5.1.2): (0, 0) is the outer corner of the first pixel, the centre of
that pixel is (500, 500) in thousandths of a pixel; column first. Points in space are micrometres in the patient's frame
(LPS, PS3.3 C.7.6.2.1.1).
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum

from spinereview.domain.checks import require, require_integers, require_text
from spinereview.domain.imaging import Id, ImageRef

PointMpx = tuple[int, int]
"""(column, row) in thousandths of a pixel, (0, 0) the outer corner of the first pixel."""

PointUm = tuple[int, int, int]
"""(x, y, z) in micrometres, LPS."""


class MeasurementKind(StrEnum):
    """What was drawn."""

    DIAMETER = "DIAMETER"
    BIDIRECTIONAL = "BIDIRECTIONAL"
    HEIGHTS = "HEIGHTS"
    ANGLE = "ANGLE"
    COBB = "COBB"
    OUTLINE = "OUTLINE"
    REGION = "REGION"
    TRANSLATION = "TRANSLATION"
    CRANIOCAUDAL = "CRANIOCAUDAL"
    LEVEL = "LEVEL"
    ARROW = "ARROW"


class Basis(StrEnum):
    """How a measurement came to be the reader's."""

    DRAWN = "DRAWN"
    PROPOSED_CONFIRMED = "PROPOSED_CONFIRMED"
    PROPOSED_EDITED = "PROPOSED_EDITED"
    IMPORTED = "IMPORTED"


class Interpolation(StrEnum):
    """How the plane that was drawn on was made from acquired images."""

    NONE = "NONE"
    LINEAR = "LINEAR"


POINT_COUNTS: dict[MeasurementKind, frozenset[int]] = {
    MeasurementKind.DIAMETER: frozenset({2}),
    # Two points are a long axis whose perpendicular has not been set yet: it has no short axis.
    MeasurementKind.BIDIRECTIONAL: frozenset({2, 4}),
    MeasurementKind.HEIGHTS: frozenset({6}),
    MeasurementKind.ANGLE: frozenset({3}),
    MeasurementKind.COBB: frozenset({4}),
    MeasurementKind.TRANSLATION: frozenset({2}),
    MeasurementKind.CRANIOCAUDAL: frozenset({2}),
    MeasurementKind.LEVEL: frozenset({1}),
    MeasurementKind.ARROW: frozenset({2}),
}
"""How many points each kind has; a kind that is not listed has three or more."""


@dataclass(frozen=True, slots=True, kw_only=True)
class OnImage:
    """Points on one acquired image, in thousandths of a pixel."""

    image: ImageRef
    points_mpx: tuple[PointMpx, ...]

    def __post_init__(self) -> None:
        require_integers("points_mpx", self.points_mpx)
        require(holds=all(len(point) == 2 for point in self.points_mpx), code="POINTS_NOT_2D")


@dataclass(frozen=True, slots=True, kw_only=True)
class InSpace:
    """Points in one frame of reference, in micrometres (LPS).

    ``plane_um`` is the origin and two directions of the plane that was drawn on, None for an extent across images.
    """

    stacks: tuple[Id, ...]
    frame_of_reference_uid: str
    points_um: tuple[PointUm, ...]
    plane_um: tuple[PointUm, ...] | None = None
    interpolation: Interpolation = Interpolation.NONE

    def __post_init__(self) -> None:
        require_text("frame_of_reference_uid", self.frame_of_reference_uid)
        require_integers("points_um", self.points_um)
        require_integers("plane_um", self.plane_um or ())
        require(holds=all(len(point) == 3 for point in self.points_um), code="POINTS_NOT_3D")
        require(holds=self.plane_um is None or len(self.plane_um) == 3, code="POINTS_NOT_3D")


@dataclass(frozen=True, slots=True, kw_only=True)
class Entered:
    """A number without points: a caliper on the skin, an import, a table."""

    value: Decimal
    unit: str
    source: str

    def __post_init__(self) -> None:
        require(holds=self.value.is_finite() and self.value >= 0, code="VALUE_NEGATIVE", value=self.value)
        require_text("unit", self.unit)


Geometry = OnImage | InSpace | Entered


@dataclass(frozen=True, slots=True, kw_only=True)
class Measurement:
    """What was drawn or entered, and what the program had proposed before.

    A bidirectional measurement has its long axis first (points 1 and 2), then its short axis (points 3 and 4); with two
    points its short axis has not been set.
    """

    id: Id
    kind: MeasurementKind
    geometry: Geometry
    basis: Basis = Basis.DRAWN
    proposal: OnImage | InSpace | None = None
    author: str = ""

    def __post_init__(self) -> None:
        require_text("measurement id", self.id)
        if isinstance(self.geometry, Entered):
            return
        drawn = self.geometry.points_mpx if isinstance(self.geometry, OnImage) else self.geometry.points_um
        allowed = POINT_COUNTS.get(self.kind)
        fits = len(drawn) in allowed if allowed is not None else len(drawn) >= 3
        require(holds=fits, code="POINT_COUNT", name=self.kind, value=len(drawn))
        first_two_apart = self.kind is MeasurementKind.LEVEL or drawn[0] != drawn[1]
        require(holds=first_two_apart, code="LENGTH_ZERO", name=self.kind)
