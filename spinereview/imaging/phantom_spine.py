"""The spine of the phantom as numbers: where each vertebra stands, how high it is, and the truth of points and angles.

Vertebrae stand on one another: a body, half a disc, half a disc, the next body. Each leans by its place in the curve, so
lordosis and kyphosis are known, and a body that loses height brings down and tips forward what stands on it. Sizes are
those of an adult, rounded.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from functools import cached_property
from math import atan2, cos, degrees, radians, sin

import numpy as np

from spinereview.domain.anatomy import Level
from spinereview.domain.checks import require
from spinereview.domain.measurement import PointMpx, PointUm
from spinereview.imaging.phantom_grid import PhantomGrid, Point
from spinereview.imaging.phantom_shapes import Frame

Heights = tuple[Decimal, Decimal, Decimal]
"""Anterior, middle and posterior height of a body in millimetres, on the mid-sagittal plane."""

RIM = 0.88
"""Where front and back height are measured, in parts of half the depth from the middle of the body."""
_ROOT, _ROOT_Y_MM = Level.L3, 15.0
_FOLLOWS = (1.0, 0.6, 0.3)
"""How much of the tipping of a collapsed vertebra the next ones above take over: the spine straightens above a gibbus."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Vertebra:
    """A vertebra as it was before any disease.

    Parameters
    ----------
    a_mm, b_mm
        Half of the width and of the depth of its body.
    disc_mm
        Height of the disc below it, in the middle.
    lean_deg
        By how much it leans forward.
    """

    level: Level
    heights_mm: Heights
    a_mm: float
    b_mm: float
    disc_mm: float
    lean_deg: float

    @property
    def thoracic(self) -> bool:
        """Whether it carries ribs."""
        return self.level.value.startswith("T")


def _vertebra(level: Level, heights: str, a_mm: float, b_mm: float, disc_mm: float, lean_deg: float) -> Vertebra:
    front, middle, back = (Decimal(part) for part in heights.split())
    return Vertebra(
        level=level, heights_mm=(front, middle, back), a_mm=a_mm, b_mm=b_mm, disc_mm=disc_mm, lean_deg=lean_deg
    )


VERTEBRAE = (
    _vertebra(Level.S2, "25.0 23.0 21.0", 21, 12.5, 0, 52),
    _vertebra(Level.S1, "30.0 27.5 24.5", 25, 16.0, 1.0, 41),
    _vertebra(Level.L5, "28.5 26.0 24.5", 26, 17.5, 10.5, 20),
    _vertebra(Level.L4, "28.0 25.9 26.5", 25.5, 17.5, 11.5, 7),
    _vertebra(Level.L3, "27.8 25.9 27.6", 24.5, 17.5, 11.0, -2),
    _vertebra(Level.L2, "27.1 25.5 27.5", 23.5, 17.0, 10.0, -9),
    _vertebra(Level.L1, "26.0 24.8 27.0", 22.5, 16.5, 9.0, -13),
    _vertebra(Level.T12, "25.0 23.9 26.0", 21.0, 16.0, 7.5, -14),
    _vertebra(Level.T11, "23.5 22.6 24.5", 19.5, 15.7, 6.5, -11),
    _vertebra(Level.T10, "22.0 21.2 23.0", 17.5, 15.3, 5.5, -7),
    _vertebra(Level.T9, "21.0 20.3 21.9", 16.5, 14.9, 5.0, -2),
    _vertebra(Level.T8, "20.4 19.7 21.2", 15.5, 14.5, 4.5, 3),
    _vertebra(Level.T7, "19.8 19.2 20.6", 15.0, 14.0, 4.5, 8),
    _vertebra(Level.T6, "19.4 18.8 20.1", 14.5, 13.5, 4.5, 13),
    _vertebra(Level.T5, "18.8 18.2 19.4", 14.0, 13.0, 4.5, 18),
)
"""From the feet up."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """A vertebra in its place, with the heights that it has now.

    Parameters
    ----------
    frame
        Its origin is the middle of the body as it was; the inferior endplate never moves in it.
    """

    vertebra: Vertebra
    frame: Frame
    heights_mm: Heights

    @property
    def level(self) -> Level:
        """Its level."""
        return self.vertebra.level

    @property
    def inferior_mm(self) -> Point:
        """Heights w of the inferior endplate: front, middle, back."""
        front, middle, back = (-float(height) / 2 for height in self.vertebra.heights_mm)
        return front, middle, back

    @property
    def superior_mm(self) -> Point:
        """Heights w of the superior endplate."""
        front, middle, back = (
            low + float(height) for low, height in zip(self.inferior_mm, self.heights_mm, strict=True)
        )
        return front, middle, back

    @property
    def collapsed(self) -> bool:
        """Whether it has lost height."""
        return self.heights_mm != self.vertebra.heights_mm

    def endplate(self, *, superior: bool) -> tuple[Point, Point, Point]:
        """Front, middle and back point of an endplate on the mid-sagittal plane."""
        heights = self.superior_mm if superior else self.inferior_mm
        reach = RIM * self.vertebra.b_mm
        return (
            self.frame.point(0, -reach, heights[0]),
            self.frame.point(0, 0, heights[1]),
            self.frame.point(0, reach, heights[2]),
        )

    @property
    def centre_mm(self) -> Point:
        """Middle of the body, where its label stands."""
        return self.frame.point(0, 0, (self.superior_mm[1] + self.inferior_mm[1]) / 2)


@dataclass(frozen=True, slots=True, kw_only=True)
class LevelTruth:
    """What labelling and measuring a vertebra on a series must give.

    Points are on the mid-sagittal plane: anterior, middle and posterior of the superior endplate, then of the inferior one.

    Parameters
    ----------
    slice_index
        Image nearest to the middle of the body, counted as the geometry gate sorts them.
    label_um, label_mpx
        Middle of the body, in space and on that image.
    heights_mm
        Anterior, middle and posterior.
    points_mpx
        On that image; None where the images do not lie in the mid-sagittal plane.
    """

    level: Level
    slice_index: int
    label_um: PointUm
    label_mpx: PointMpx
    heights_mm: Heights
    points_um: tuple[PointUm, ...]
    points_mpx: tuple[PointMpx, ...] | None


@dataclass(frozen=True)
class Spine:
    """Vertebrae in their places, from the feet up."""

    standing: tuple[Standing, ...]

    def at(self, level: Level) -> Standing:
        """Vertebra of a level."""
        return next(one for one in self.standing if one.level is level)

    @cached_property
    def _curve(self) -> tuple[list[float], list[float]]:
        return [one.frame.z_mm for one in self.standing], [one.frame.y_mm for one in self.standing]

    def y_mm(self, z_mm: float) -> float:
        """Middle of the vertebral bodies from front to back at a height."""
        return float(np.interp(z_mm, *self._curve))

    def angle_deg(self, upper: Level, lower: Level) -> float:
        """Angle from the superior endplate of one vertebra to the inferior one of another; kyphosis is positive."""
        return degrees(
            _direction(self.at(upper).endplate(superior=True)) - _direction(self.at(lower).endplate(superior=False))
        )


def spine(collapsed: Mapping[Level, Heights] | None = None) -> Spine:
    """The spine with the heights that some bodies have been left with."""
    left = dict(collapsed or {})
    known = {vertebra.level: vertebra for vertebra in VERTEBRAE}
    for level, heights in left.items():
        fits = level in known and all(0 < now <= of for now, of in zip(heights, known[level].heights_mm, strict=True))
        require(holds=fits, code="PHANTOM_HEIGHTS", level=level)
    root = next(place for place, vertebra in enumerate(VERTEBRAE) if vertebra.level is _ROOT)
    made = [
        Standing(
            vertebra=VERTEBRAE[root],
            frame=_frame(VERTEBRAE[root], _ROOT_Y_MM, 0.0, 0.0),
            heights_mm=_now(VERTEBRAE[root], left),
        )
    ]
    for vertebra in VERTEBRAE[root + 1 :]:
        tipped = sum(share * _tipped(below) for share, below in zip(_FOLLOWS, reversed(made), strict=False))
        made.append(_above(made[-1], vertebra, _now(vertebra, left), tipped))
    below: list[Standing] = [made[0]]
    for vertebra in reversed(VERTEBRAE[:root]):
        below.append(_below(below[-1], vertebra, _now(vertebra, left)))
    return Spine((*reversed(below[1:]), *made))


def level_truth(grid: PhantomGrid, standing: Standing) -> LevelTruth:
    """Truth of a vertebra on a grid; points are rounded to 1/1000 pixel and to micrometres, heights are exact."""
    points = (*standing.endplate(superior=True), *standing.endplate(superior=False))
    centre = standing.centre_mm
    index = grid.index_of(centre)
    within = all(grid.normal[axis] == 0 for axis in (1, 2)) and grid.middle_of(index)[0] == 0
    return LevelTruth(
        level=standing.level,
        slice_index=index,
        label_um=grid.um(centre),
        label_mpx=grid.mpx(centre, index),
        heights_mm=standing.heights_mm,
        points_um=tuple(grid.um(point) for point in points),
        points_mpx=tuple(grid.mpx(point, index) for point in points) if within else None,
    )


def _now(vertebra: Vertebra, left: Mapping[Level, Heights]) -> Heights:
    return left.get(vertebra.level, vertebra.heights_mm)


def _frame(vertebra: Vertebra, y_mm: float, z_mm: float, tipped_deg: float) -> Frame:
    return Frame(y_mm=y_mm, z_mm=z_mm, lean_deg=vertebra.lean_deg + tipped_deg)


def _tipped(standing: Standing) -> float:
    """By how much a collapse has tipped the superior endplate forward."""
    reach = 2 * RIM * standing.vertebra.b_mm
    before, _, back_before = standing.vertebra.heights_mm
    front, _, back = standing.heights_mm
    now = atan2(float(back - back_before / 2 - front + before / 2), reach)
    was = atan2(float(back_before - before) / 2, reach)
    return degrees(now - was)


def _above(lower: Standing, vertebra: Vertebra, heights: Heights, tipped_deg: float) -> Standing:
    front, _, back = lower.superior_mm
    foot = lower.frame.point(0, 0, (front + back) / 2)
    lean = vertebra.lean_deg + tipped_deg
    rise = vertebra.disc_mm
    way = radians((lower.frame.lean_deg + lean) / 2)
    half = float(vertebra.heights_mm[0] + vertebra.heights_mm[2]) / 4
    y = foot[1] - rise * sin(way) - half * sin(radians(lean))
    z = foot[2] + rise * cos(way) + half * cos(radians(lean))
    return Standing(vertebra=vertebra, frame=_frame(vertebra, y, z, tipped_deg), heights_mm=heights)


def _below(upper: Standing, vertebra: Vertebra, heights: Heights) -> Standing:
    front, _, back = upper.inferior_mm
    lost = float(sum(vertebra.heights_mm[k] - heights[k] for k in (0, 2))) / 2
    head = upper.frame.point(0, 0, (front + back) / 2)
    rise = upper.vertebra.disc_mm
    way = radians((upper.frame.lean_deg + vertebra.lean_deg) / 2)
    half = float(vertebra.heights_mm[0] + vertebra.heights_mm[2]) / 4 - lost
    y = head[1] + rise * sin(way) + half * sin(radians(vertebra.lean_deg))
    z = head[2] - rise * cos(way) - half * cos(radians(vertebra.lean_deg))
    return Standing(vertebra=vertebra, frame=_frame(vertebra, y, z, 0.0), heights_mm=heights)


def _direction(plate: tuple[Point, Point, Point]) -> float:
    """Direction from the front to the back of an endplate, upwards positive, in radians."""
    (_, y0, z0), _, (_, y1, z1) = plate
    return atan2(z1 - z0, y1 - y0)
