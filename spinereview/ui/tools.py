"""What the left mouse button does in a viewport. A tool keeps its gesture; the act at its end goes to whoever owns the read.

A tool never changes a read: at the end of a gesture it calls back with the points, and the read answers with a caliper.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from math import hypot
from typing import TYPE_CHECKING, ClassVar

from PySide6.QtCore import QPointF, Qt

from spinereview.domain.imaging import Id, ImageRef
from spinereview.domain.measurement import MeasurementKind, PointMpx
from spinereview.imaging.calipers import Draw, Gesture, MoveHandle, Spacing, finished, nudged
from spinereview.imaging.view import View, to_mpx
from spinereview.review.overlay import Caliper

if TYPE_CHECKING:
    from spinereview.ui.viewport import Viewport

GRAB_PX = 10.0
"""A handle is taken within this distance, at every zoom."""
Point = tuple[float, float]


class Tool:
    """The pointer: takes handles and selects calipers; base of the other tools."""

    name: ClassVar[str] = "tool_pointer"
    shape: ClassVar[Qt.CursorShape] = Qt.CursorShape.ArrowCursor

    @property
    def magnifies(self) -> bool:
        """Whether the lens is shown: an end of a caliper is being placed."""
        return False

    def calipers(self, shown: tuple[Caliper, ...]) -> tuple[Caliper, ...]:
        """Calipers to draw: those of the read, with the one that is being dragged as it is now."""
        return shown

    def draft(self, viewport: Viewport) -> tuple[tuple[PointMpx, PointMpx], ...]:
        """Lines that are being drawn and are no caliper."""
        return ()

    def press(self, viewport: Viewport, point: Point, position: QPointF) -> None:
        """The left button went down at a plane coordinate."""

    def drag(self, viewport: Viewport, point: Point, moved: QPointF) -> None:
        """The pointer moved with the button down."""

    def release(self, viewport: Viewport, point: Point) -> None:
        """The button came up."""

    def nudge(self, viewport: Viewport, across: int, down: int) -> None:
        """A selected handle shall move by tenths of a millimetre."""

    def cancel(self) -> bool:
        """Give up a gesture; whether there was one."""
        return False

    def cursor(self, viewport: Viewport, position: QPointF) -> Qt.CursorShape:
        """Shape of the pointer at a place."""
        return self.shape


class WindowTool(Tool):
    """Drag: window and level."""

    name = "tool_window"
    shape = Qt.CursorShape.SizeAllCursor

    def drag(self, viewport: Viewport, point: Point, moved: QPointF) -> None:
        """Right widens, down raises the centre."""
        viewport.drag_window(moved)


class PanTool(Tool):
    """Drag: pull the image."""

    name = "tool_pan"
    shape = Qt.CursorShape.OpenHandCursor

    def drag(self, viewport: Viewport, point: Point, moved: QPointF) -> None:
        """The image follows the pointer."""
        if viewport.shown is not None:
            viewport.set_view(viewport.shown.view.panned(moved.x(), moved.y()))


class ZoomTool(Tool):
    """Drag up or down: zoom about the place where the button went down."""

    name = "tool_zoom"
    shape = Qt.CursorShape.SizeVerCursor

    def __init__(self) -> None:
        self._anchor = QPointF()

    def press(self, viewport: Viewport, point: Point, position: QPointF) -> None:
        """Remember the place that stays."""
        self._anchor = position

    def drag(self, viewport: Viewport, point: Point, moved: QPointF) -> None:
        """Up is nearer."""
        if viewport.shown is not None:
            view = viewport.shown.view.zoomed(1.01 ** -moved.y(), self._anchor.x(), self._anchor.y())
            viewport.set_view(view)


@dataclass(frozen=True, slots=True, kw_only=True)
class Desk:
    """What a caliper tool may ask and say; given by the window that holds the read.

    Parameters
    ----------
    may_draw
        Whether a gesture may begin on what a viewport shows; says why not where it may not.
    drawn
        A new caliper: kind, image, points.
    changed
        A caliper of the read has other points.
    selected
        The reader pointed at a lesion's caliper (with the letter of its part), or at none.
    draft
        Caliper to draw for points that are not in the read yet; the caliper it replaces, if any.
    """

    may_draw: Callable[[Viewport], bool]
    drawn: Callable[[MeasurementKind, ImageRef, tuple[PointMpx, ...]], None]
    changed: Callable[[Caliper, tuple[PointMpx, ...]], None]
    selected: Callable[[Id | None, str], None]
    draft: Callable[[Viewport, MeasurementKind, tuple[PointMpx, ...], Caliper | None], Caliper | None]


class CaliperTool(Tool):
    """Takes handles, selects; with a kind it draws new calipers too. It stays active after a measurement."""

    def __init__(self, desk: Desk, kind: MeasurementKind | None) -> None:
        self._desk = desk
        self._kind = kind
        self._gesture: Gesture | None = None
        self._edited: Caliper | None = None
        self._grabbed: tuple[Caliper, int] | None = None
        self._draft: Caliper | None = None
        self._covered: PointMpx | None = None

    @property
    def magnifies(self) -> bool:
        """The lens is shown while an end is dragged."""
        return self._gesture is not None

    @property
    def points(self) -> tuple[PointMpx, ...] | None:
        """Points of the gesture so far."""
        return None if self._gesture is None else self._gesture.points

    def calipers(self, shown: tuple[Caliper, ...]) -> tuple[Caliper, ...]:
        """The caliper that is being dragged stands in for the one of the read."""
        if self._gesture is None or self._draft is None:
            return shown
        return (*(caliper for caliper in shown if caliper is not self._edited), self._draft)

    def press(self, viewport: Viewport, point: Point, position: QPointF) -> None:
        """Take a handle; else begin a new caliper; else select what lies there."""
        shown = viewport.shown
        if shown is None:
            return
        taken = handle_at(shown.calipers, shown.view, position)
        if taken is not None and shown.fused is not None:
            # A caliper belongs to the image below: under a PET it is chosen, and not moved.
            self._desk.selected(taken[0].lesion, _fragment(taken[0]))
            self._grabbed, self._covered = None, to_mpx(*point)
            return
        spacing = shown.stack.stack.pixel_spacing_mm
        if taken is not None and spacing is not None and viewport.image() is not None:
            self._edited, place = taken
            self._grabbed = taken
            self._desk.selected(self._edited.lesion, _fragment(self._edited))
            self._gesture = moving(self._edited, place, self._edited.handles[place], spacing)
            self._draft = None
            return
        found = line_at(shown.calipers, shown.view, position)
        if self._kind is None or found is not None:
            self._grabbed = None
            self._desk.selected(*((None, "") if found is None else (found.lesion, _fragment(found))))
        elif point == within(shown.planes.size, point) and self._desk.may_draw(viewport):
            start = to_mpx(*point)
            self._gesture = Draw(kind=self._kind, start=start, end=start)

    def drag(self, viewport: Viewport, point: Point, moved: QPointF) -> None:
        """The caliper follows, with its millimetres."""
        if self._gesture is None or viewport.shown is None:
            return
        self._gesture = self._gesture.moved(to_mpx(*within(viewport.shown.planes.size, point)))
        self._redraft(viewport)

    def release(self, viewport: Viewport, point: Point) -> None:
        """One act: the new caliper, or the changed one."""
        gesture, edited, image, covered = self._gesture, self._edited, viewport.image(), self._covered
        self.cancel()
        if covered is not None and covered != to_mpx(*point):
            self._desk.may_draw(viewport)  # says why nothing was moved
            return
        spacing = viewport.shown.stack.stack.pixel_spacing_mm if viewport.shown is not None else None
        if gesture is None or image is None or spacing is None:
            return
        if edited is not None:
            if gesture.points != stored_points(edited) and (points := finished(gesture.kind, gesture.points, spacing)):
                self._desk.changed(edited, points)
        elif points := finished(gesture.kind, gesture.points, spacing):
            self._desk.drawn(gesture.kind, image, points)

    def nudge(self, viewport: Viewport, across: int, down: int) -> None:
        """Move the handle that was taken last by a tenth of a millimetre; each step is an act."""
        shown = viewport.shown
        if shown is None or self._grabbed is None or (shown.fused is not None and not self._desk.may_draw(viewport)):
            return
        taken, place = self._grabbed
        same = [one for one in shown.calipers if (one.lesion, one.part) == (taken.lesion, taken.part)]
        caliper = next((one for one in same if place < len(one.handles)), None)
        spacing = shown.stack.stack.pixel_spacing_mm
        if caliper is None or spacing is None:
            return
        target = nudged(caliper.handles[place], across, down, spacing)
        gesture = moving(caliper, place, target, spacing)
        if points := finished(caliper.kind, gesture.points, spacing):
            self._desk.changed(caliper, points)

    def cancel(self) -> bool:
        """Give up the gesture; the read is as it was."""
        was = self._gesture is not None
        self._gesture = self._edited = self._draft = self._covered = None
        return was

    def cursor(self, viewport: Viewport, position: QPointF) -> Qt.CursorShape:
        """A hand over a handle, a cross where a caliper can be drawn."""
        shown = viewport.shown
        if shown is not None and handle_at(shown.calipers, shown.view, position) is not None:
            return Qt.CursorShape.PointingHandCursor
        if shown is not None and line_at(shown.calipers, shown.view, position) is not None:
            return Qt.CursorShape.PointingHandCursor
        return Qt.CursorShape.CrossCursor if self._kind is not None else Qt.CursorShape.ArrowCursor

    def _redraft(self, viewport: Viewport) -> None:
        assert self._gesture is not None  # asked by the caller
        points = self._gesture.points
        self._draft = (
            self._desk.draft(viewport, self._gesture.kind, points, self._edited) if points[0] != points[1] else None
        )


def _fragment(caliper: Caliper) -> str:
    """Letter of the part where its name says it; empty where the caliper is all that was drawn of its lesion."""
    return caliper.part if " " in caliper.label else ""


def within(size: tuple[int, int], point: Point) -> Point:
    """The place of an image of (rows, columns) that is nearest to a plane coordinate: beyond its edge nothing was imaged."""
    return min(max(point[0], 0.0), float(size[1])), min(max(point[1], 0.0), float(size[0]))


def stored_points(caliper: Caliper) -> tuple[PointMpx, ...]:
    """Points of a caliper that are in the read."""
    return caliper.handles[: caliper.stored]


def moving(caliper: Caliper, place: int, target: PointMpx, spacing_mm: Spacing) -> MoveHandle:
    """Gesture on one handle. Only taking a proposed end makes a proposed perpendicular part of the caliper."""
    original = caliper.handles if place >= caliper.stored else stored_points(caliper)
    return MoveHandle(kind=caliper.kind, original=original, handle=place, spacing_mm=spacing_mm, target=target)


def handle_at(calipers: tuple[Caliper, ...], view: View, position: QPointF) -> tuple[Caliper, int] | None:
    """The nearest handle within reach: of the selected caliper first, then of any other."""
    nearest: tuple[bool, float, Caliper, int] | None = None
    for caliper in calipers:
        for place, (column, row) in enumerate(caliper.handles):
            x, y = view.to_screen(column / 1000, row / 1000)
            distance = hypot(position.x() - x, position.y() - y)
            better = nearest is None or (not caliper.selected, distance) < nearest[:2]
            if distance <= GRAB_PX and better:
                nearest = (not caliper.selected, distance, caliper, place)
    return None if nearest is None else (nearest[2], nearest[3])


def line_at(calipers: tuple[Caliper, ...], view: View, position: QPointF) -> Caliper | None:
    """The caliper one of whose lines passes within reach."""
    for caliper in calipers:
        for line in caliper.lines:
            (ax, ay), (bx, by) = (view.to_screen(column / 1000, row / 1000) for column, row in (line.start, line.end))
            length = hypot(bx - ax, by - ay) or 1.0
            along = ((position.x() - ax) * (bx - ax) + (position.y() - ay) * (by - ay)) / length
            beside = abs((position.y() - ay) * (bx - ax) - (position.x() - ax) * (by - ay)) / length
            if 0 <= along <= length and beside <= GRAB_PX / 2:
                return caliper
    return None
