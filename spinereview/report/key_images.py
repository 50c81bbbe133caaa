"""Which planes of the images show what was measured, and which part of them; the pictures come in as PNG.

Each lesion has one strip: its image of every timepoint at the same scale, so that growth is seen. Each stack on which
heights were measured has the planes that they were drawn on.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Protocol as Shape

from spinereview.domain.anatomy import Level
from spinereview.domain.case import Timepoint
from spinereview.domain.imaging import Id, ImageRef, Stack
from spinereview.domain.lesion import Lesion
from spinereview.domain.measurement import Entered, InSpace, Measurement, OnImage, PointMpx, PointUm
from spinereview.domain.scores import LevelFinding
from spinereview.domain.table import Table
from spinereview.errors import Cancelled, SpineReviewError
from spinereview.report.facts import ReadFacts
from spinereview.review.overlay import Caliper, primitives
from spinereview.review.spine_overlay import HeightsMark, Place, heights_marks

LESION_SIDE_MM, SPINE_SIDE_MM = 90, 120
"""Least side of the region that is shown: enough to know where in the body it lies."""
_LESION_ROOM, _SPINE_ROOM = Decimal("2.2"), Decimal("1.3")
"""Side of the region in lengths of what was drawn."""
_STEP = 10
_ORDER = tuple(Level)


@dataclass(frozen=True, slots=True, kw_only=True)
class PlaneWanted:
    """A plane of a stack: one acquired image, or the plane through points of the patient."""

    stack: Id
    image: ImageRef | None = None
    through_um: tuple[PointUm, ...] = ()


class ShownPlane(Shape):
    """A plane whose samples were read."""

    @property
    def size(self) -> tuple[int, int]:
        """(rows, columns)."""
        ...

    @property
    def spacing(self) -> tuple[Decimal, Decimal]:
        """(down, right) size of a sample: millimetres, or 1 where there are none."""
        ...

    @property
    def calibrated(self) -> bool:
        """Whether lengths on the plane are millimetres."""
        ...

    @property
    def orientation(self) -> str:
        """``NATIVE`` for an acquired image, else the anatomical plane of the reformat."""
        ...

    @property
    def number(self) -> tuple[int, int]:
        """Which plane of how many."""
        ...

    @property
    def letters(self) -> tuple[str, str]:
        """Where the right and the lower edge lie in the patient; empty where that is not known."""
        ...

    @property
    def window(self) -> str:
        """Centre and width of the greys; empty for colours."""
        ...

    @property
    def place(self) -> Place:
        """Where points of the patient lie on it."""
        ...

    def png(self, left: int, top: int, columns: int, rows: int) -> bytes:
        """PNG of a part of it."""
        ...


PlaneOf = Callable[[PlaneWanted], ShownPlane]
"""Reads a plane; raises a :class:`SpineReviewError` where it cannot be shown."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Region:
    """Square part of a plane, in units of its spacing (millimetres, or samples), from its upper left corner."""

    left: Decimal
    top: Decimal
    side: Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class Figure:
    """A part of a plane with what is drawn over it; without a plane, why there is no picture."""

    timepoint: Timepoint
    stack: Stack | None
    plane: ShownPlane | None = None
    region: Region = Region(left=Decimal(0), top=Decimal(0), side=Decimal(1))
    calipers: tuple[Caliper, ...] = ()
    heights: tuple[HeightsMark, ...] = ()
    about: Id | None = None
    missing: SpineReviewError | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Strip:
    """Figures of one lesion through the timepoints, or of the spine at one."""

    lesion: Lesion | None
    figures: tuple[Figure, ...]


def strips(facts: ReadFacts, plane_of: PlaneOf) -> tuple[Strip, ...]:
    """Pictures of every lesion that was drawn, then of the heights at every timepoint."""
    found = [Strip(lesion=lesion, figures=_of_lesion(facts, lesion, plane_of)) for lesion in facts.lesions]
    spine = tuple(figure for timepoint in facts.case.in_order for figure in _of_spine(facts, timepoint, plane_of))
    return tuple(strip for strip in (*found, Strip(lesion=None, figures=spine)) if strip.figures)


def marks(facts: ReadFacts) -> tuple[Measurement, ...]:
    """Everything that was drawn of a lesion or of a vertebra's heights."""
    found: list[Measurement] = []
    for timepoint in facts.case.in_order:
        found += [part for lesion in facts.lesions for part in _parts(lesion, timepoint)]
        found += [mark for level in _levels(facts, timepoint).values() for mark in level.heights.values()]
    return tuple(mark for mark in found if not isinstance(mark.geometry, Entered))


def stacks_drawn_on(facts: ReadFacts) -> frozenset[str]:
    """Stacks that anything was drawn on."""
    found: set[str] = set()
    for mark in marks(facts):
        if isinstance(mark.geometry, OnImage):
            found.add(mark.geometry.image.stack)
        elif isinstance(mark.geometry, InSpace):
            found.update(mark.geometry.stacks)
    return frozenset(found)


def _parts(lesion: Lesion, timepoint: Timepoint) -> tuple[Measurement, ...]:
    finding = lesion.findings.get(timepoint.id)
    return () if finding is None else tuple(finding.parts.values())


def _levels(facts: ReadFacts, timepoint: Timepoint) -> Table[LevelFinding]:
    return facts.read.visit_at(timepoint.id).levels


@dataclass(frozen=True, slots=True, kw_only=True)
class _Whole:
    """A figure before its region is known, and the points that have to be in it."""

    figure: Figure
    points: tuple[PointMpx, ...]


def _of_lesion(facts: ReadFacts, lesion: Lesion, plane_of: PlaneOf) -> tuple[Figure, ...]:
    """One figure for each image with a mark of the lesion; those with millimetres show equally much of the body."""
    whole = []
    for timepoint in facts.case.in_order:
        geometries = [part.geometry for part in _parts(lesion, timepoint)]
        for image in dict.fromkeys(one.image for one in geometries if isinstance(one, OnImage)):
            calipers = primitives(facts.seen, facts.case, image)
            own = [line for one in calipers if one.lesion == lesion.id for line in one.lines]
            figure = _read(facts, timepoint, PlaneWanted(stack=image.stack, image=image), plane_of)
            points = tuple(end for line in own for end in (line.start, line.end))
            whole.append(_Whole(figure=replace(figure, calipers=calipers, about=lesion.id), points=points))
        if any(isinstance(one, InSpace) for one in geometries):
            across = Figure(timepoint=timepoint, stack=None, missing=SpineReviewError("REPORT_ACROSS_IMAGES"))
            whole.append(_Whole(figure=across, points=()))
    return _cut(whole, LESION_SIDE_MM, _LESION_ROOM)


def _of_spine(facts: ReadFacts, timepoint: Timepoint, plane_of: PlaneOf) -> tuple[Figure, ...]:
    """Planes on which heights were drawn; one plane serves every vertebra whose points lie near it."""
    whole: list[_Whole] = []
    for stack in timepoint.stacks.values():
        shown: set[Level] = set()
        for key, finding in _levels(facts, timepoint).items():
            mark = finding.heights.get(stack.id)
            if mark is None or isinstance(mark.geometry, Entered) or Level(key) in shown:
                continue
            geometry = mark.geometry
            image = geometry.image if isinstance(geometry, OnImage) else None
            through = geometry.points_um if isinstance(geometry, InSpace) else ()
            figure = _read(facts, timepoint, PlaneWanted(stack=stack.id, image=image, through_um=through), plane_of)
            place = _nowhere if figure.plane is None else figure.plane.place
            near = heights_marks(facts.seen, facts.case, stack.id, image, place, None)
            drawn = tuple(sorted(near, key=lambda one: _ORDER.index(one.level)))
            shown |= {Level(key), *(one.level for one in drawn)}
            points = tuple(point for one in drawn for point in one.points)
            whole.append(_Whole(figure=replace(figure, heights=drawn), points=points))
    return _cut(whole, SPINE_SIDE_MM, _SPINE_ROOM)


def _nowhere(_point: PointUm) -> None:
    """Place of any point on a plane that is not there."""


def _read(facts: ReadFacts, timepoint: Timepoint, wanted: PlaneWanted, plane_of: PlaneOf) -> Figure:
    found = facts.case.find_stack(wanted.stack)
    stack = None if found is None else found[1]
    try:
        return Figure(timepoint=timepoint, stack=stack, plane=plane_of(wanted))
    except Cancelled:
        raise
    except SpineReviewError as error:
        return Figure(timepoint=timepoint, stack=stack, missing=error)


def _cut(whole: Sequence[_Whole], least_mm: int, room: Decimal) -> tuple[Figure, ...]:
    """Give each figure its region: as large for all that have millimetres."""
    sides = [_side(one.figure.plane, one.points, least_mm, room) for one in whole if one.figure.plane is not None]
    common = max(sides, default=Decimal(0))
    figures = []
    for one in whole:
        plane = one.figure.plane
        if plane is not None and one.points:
            side = common if plane.calibrated else _side(plane, one.points, least_mm, room)
            figures.append(replace(one.figure, region=_region(plane, one.points, side)))
        elif plane is not None:
            # Nothing of what was drawn lies on the plane: a picture would say that it does.
            figures.append(replace(one.figure, plane=None, missing=SpineReviewError("REPORT_PLANE_NONE")))
        else:
            figures.append(one.figure)
    return tuple(figures)


def _side(plane: ShownPlane, points: Sequence[PointMpx], least_mm: int, room: Decimal) -> Decimal:
    """Side of a square with room around some points: in millimetres, a multiple of ten; in samples without them."""
    (rows, columns), least = plane.size, Decimal(least_mm)
    if not plane.calibrated:
        least = Decimal(max(rows, columns)) / 2
    left, right, top, bottom = _bounds(plane, points)
    side = max(least, max(right - left, bottom - top) * room)
    return -(-side // _STEP) * _STEP


def _bounds(plane: ShownPlane, points: Sequence[PointMpx]) -> tuple[Decimal, Decimal, Decimal, Decimal]:
    down, right = plane.spacing
    xs = [Decimal(column) * right / 1000 for column, _ in points] or [Decimal(0)]
    ys = [Decimal(row) * down / 1000 for _, row in points] or [Decimal(0)]
    return min(xs), max(xs), min(ys), max(ys)


def _region(plane: ShownPlane, points: Sequence[PointMpx], side: Decimal) -> Region:
    """Square around some points, within the image where the image is larger."""
    (rows, columns), (down, right) = plane.size, plane.spacing
    left, far, top, low = _bounds(plane, points)
    return Region(
        left=_within((left + far - side) / 2, columns * right - side),
        top=_within((top + low - side) / 2, rows * down - side),
        side=side,
    )


def _within(start: Decimal, most: Decimal) -> Decimal:
    """Start of an interval that does not reach over its whole; centred where it is longer than the whole."""
    return most / 2 if most < 0 else min(max(start, Decimal(0)), most)
