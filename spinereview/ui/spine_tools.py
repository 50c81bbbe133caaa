"""Tools for the spine: name a vertebra with one click, draw its endplates with two drags.

A tool never changes a read: it says what was clicked or drawn, in plane coordinates, to whoever owns the read.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from math import hypot
from typing import TYPE_CHECKING

from PySide6.QtCore import QPointF, Qt

from spinereview.imaging.view import View, to_mpx
from spinereview.review.spine_overlay import HeightsMark, LevelPlate
from spinereview.ui.tools import GRAB_PX, Point, Tool, within

if TYPE_CHECKING:
    from spinereview.ui.viewport import Viewport

PointMpx = tuple[int, int]
Endplate = tuple[PointMpx, PointMpx]


@dataclass(frozen=True, slots=True, kw_only=True)
class SpineDesk:
    """What the tools ask and say."""

    clicked: Callable[[Viewport, PointMpx], None]
    plate_moved: Callable[[Viewport, LevelPlate, PointMpx], None]
    may_draw: Callable[[Viewport], bool]
    drawn: Callable[[Viewport, Endplate, Endplate], None]
    moved: Callable[[Viewport, HeightsMark, tuple[PointMpx, ...]], None]


class LevelTool(Tool):
    """Click: the vertebra under the pointer gets its name; a label can be pulled elsewhere."""

    name = "tool_level"
    shape = Qt.CursorShape.CrossCursor

    def __init__(self, desk: SpineDesk) -> None:
        self._desk = desk
        self._taken: LevelPlate | None = None
        self._pressed = False

    def press(self, viewport: Viewport, point: Point, position: QPointF) -> None:
        """Take the label under the pointer, else begin a new one."""
        shown = viewport.shown
        if shown is None:
            return
        plates = [plate for plate in shown.plates if _distance(plate.point, shown.view, position) <= GRAB_PX]
        self._taken = plates[0] if plates else None
        self._pressed = point == within(shown.planes.size, point)

    def release(self, viewport: Viewport, point: Point) -> None:
        """One act."""
        taken, pressed = self._taken, self._pressed
        self.cancel()
        if viewport.shown is None or not pressed:
            return
        target = to_mpx(*within(viewport.shown.planes.size, point))
        if taken is None:
            self._desk.clicked(viewport, target)
        elif target != taken.point:
            self._desk.plate_moved(viewport, taken, target)

    def cancel(self) -> bool:
        """Give up."""
        was = self._pressed
        self._taken, self._pressed = None, False
        return was


class HeightsTool(Tool):
    """Drag along the superior endplate, then along the inferior one; each of the six points can be pulled afterwards."""

    name = "tool_heights"
    shape = Qt.CursorShape.CrossCursor

    def __init__(self, desk: SpineDesk) -> None:
        self._desk = desk
        self._first: Endplate | None = None
        self._line: Endplate | None = None
        self._moving: tuple[HeightsMark, int] | None = None
        self._viewport: Viewport | None = None

    @property
    def magnifies(self) -> bool:
        """While a point is being placed."""
        return self._line is not None or self._moving is not None

    def draft(self, viewport: Viewport) -> tuple[Endplate, ...]:
        """Endplates that are being drawn in a viewport."""
        if viewport is not self._viewport:
            return ()
        return tuple(line for line in (self._first, self._line) if line is not None)

    def press(self, viewport: Viewport, point: Point, position: QPointF) -> None:
        """Take a point under the pointer, else begin an endplate."""
        shown = viewport.shown
        if shown is None:
            return
        if viewport is not self._viewport:
            self.cancel()
        self._viewport = viewport
        near = [
            (_distance(at, shown.view, position), place, mark)
            for mark in shown.heights
            for place, at in enumerate(mark.points)
        ]
        best = min(near, key=lambda one: one[0], default=None)
        if self._first is None and best is not None and best[0] <= GRAB_PX:
            self._moving = (best[2], best[1])
        elif point == within(shown.planes.size, point) and self._desk.may_draw(viewport):
            start = to_mpx(*point)
            self._line = (start, start)

    def drag(self, viewport: Viewport, point: Point, moved: QPointF) -> None:
        """The endplate follows the pointer."""
        if self._line is not None and viewport.shown is not None:
            self._line = (self._line[0], to_mpx(*within(viewport.shown.planes.size, point)))

    def release(self, viewport: Viewport, point: Point) -> None:
        """After the second endplate, or a pulled point, one act."""
        if viewport.shown is None:
            return
        target = to_mpx(*within(viewport.shown.planes.size, point))
        if self._moving is not None:
            mark, place = self._moving
            self.cancel()
            points = (*mark.points[:place], target, *mark.points[place + 1 :])
            if points != mark.points:
                self._desk.moved(viewport, mark, points)
            return
        line, self._line = self._line, None
        if line is None or line[0] == target:
            return
        line = (line[0], target)
        if self._first is None:
            self._first = line
        else:
            first, self._first = self._first, None
            self._desk.drawn(viewport, first, line)

    def cancel(self) -> bool:
        """Give up what was begun."""
        was = self._first is not None or self._line is not None or self._moving is not None
        self._first = self._line = self._moving = self._viewport = None
        return was


def _distance(point: PointMpx, view: View, position: QPointF) -> float:
    x, y = view.to_screen(point[0] / 1000, point[1] / 1000)
    return hypot(position.x() - x, position.y() - y)
