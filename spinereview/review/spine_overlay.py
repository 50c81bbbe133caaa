"""What is drawn of the spine over a plane: labels of levels and the six points of a vertebral body, from the visible read.

Both drawers, the window's and the report's, take these. Coordinates are thousandths of a pixel of the shown plane; nothing
here rounds, moves or hides a point.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from spinereview.criteria.fracture.heights import Unit, heights_of
from spinereview.domain.anatomy import Level
from spinereview.domain.case import Case
from spinereview.domain.imaging import Id, ImageRef, Stack
from spinereview.domain.measurement import InSpace, Measurement, OnImage, PointMpx, PointUm
from spinereview.review.levels import level_marks
from spinereview.review.visibility import Visible

Place = Callable[[PointUm], tuple[PointMpx, int] | None]
"""Point of the shown plane that is nearest to a point of the patient, and their distance in micrometres."""

HEIGHTS_REACH_UM = 6_000
"""Six points are shown on planes within this distance of the one they were drawn on."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LevelPlate:
    """Name of a vertebra at its centre."""

    level: Level
    stack: Id
    point: PointMpx
    distance_um: int
    selected: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class HeightsMark:
    """Six points of a vertebral body: anterior, middle, posterior of the superior, then of the inferior endplate.

    ``text`` has the heights in millimetres; the name alone where the image is not calibrated.
    """

    level: Level
    stack: Id
    points: tuple[PointMpx, ...]
    text: str
    selected: bool


def level_plates(visible: Visible, case: Case, stack: Id, place: Place, chosen: Level | None) -> tuple[LevelPlate, ...]:
    """Plates of the labelled levels on a plane, however far from it they lie; the drawer decides how far it shows them."""
    plates: list[LevelPlate] = []
    for mark in level_marks(visible.read, case, stack):
        found = place(mark.point_um)
        if found is not None:
            plates.append(
                LevelPlate(
                    level=mark.level,
                    stack=mark.stack,
                    point=found[0],
                    distance_um=found[1],
                    selected=mark.level is chosen,
                )
            )
    return tuple(plates)


def heights_marks(
    visible: Visible, case: Case, stack: Id, image: ImageRef | None, place: Place, chosen: Level | None
) -> tuple[HeightsMark, ...]:
    """Six-point marks of a stack's vertebrae on a plane: on the acquired image, or on planes near the one drawn on."""
    found = case.find_stack(stack)
    if found is None:
        return ()
    timepoint, own = found
    levels = visible.read.visit_at(timepoint.id).levels
    return tuple(
        mark
        for key, finding in levels.items()
        if (measurement := finding.heights.get(stack)) is not None
        for mark in _mark(Level(key), measurement, own, image, place, chosen)
    )


def heights_text(level: Level, measurement: Measurement, stack: Stack) -> str:
    """``"T8  19.0 / 20.4 / 20.9 mm"``: anterior, middle, posterior."""
    heights = heights_of(measurement, stack)
    if heights is None or heights.unit is not Unit.MM:
        return level.value
    return f"{level.value}  {' / '.join(str(value) for value in heights.all)} mm"


def _mark(
    level: Level, measurement: Measurement, stack: Stack, image: ImageRef | None, place: Place, chosen: Level | None
) -> Iterator[HeightsMark]:
    geometry = measurement.geometry
    points: tuple[PointMpx, ...] = ()
    if isinstance(geometry, OnImage):
        points = geometry.points_mpx if geometry.image == image else ()
    elif isinstance(geometry, InSpace):
        placed = [found for point in geometry.points_um if (found := place(point)) is not None]
        if len(placed) == len(geometry.points_um) and all(far <= HEIGHTS_REACH_UM for _, far in placed):
            points = tuple(point for point, _ in placed)
    if points:
        yield HeightsMark(
            level=level,
            stack=stack.id,
            points=points,
            text=heights_text(level, measurement, stack),
            selected=level is chosen,
        )
