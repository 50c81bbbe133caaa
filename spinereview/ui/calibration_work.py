"""Calibration by hand in the window: a line along something of known length, then its length; shown and taken away again.

The tool never changes a read: the answer to its question goes through the door. Until then nothing has millimetres.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal
from math import hypot
from typing import TYPE_CHECKING

from PySide6.QtCore import QPointF, Qt

from spinereview.domain.imaging import ImageRef
from spinereview.domain.known_length import SHORTEST_LINE_MPX, obstacle
from spinereview.domain.measurement import PointMpx
from spinereview.domain.read import Lock
from spinereview.errors import Refused
from spinereview.imaging.view import to_mpx
from spinereview.text import sentence
from spinereview.ui.tools import Point, Tool, within

if TYPE_CHECKING:
    from spinereview.ui.viewport import Viewport
    from spinereview.ui.workbench import Workbench

Line = tuple[PointMpx, PointMpx]
_ANSWER = re.compile(r"\s*(\d{1,4}(?:[.,]\d{1,2})?)\s*(?:mm\b)?\s*(.{0,60}?)\s*", re.IGNORECASE)
"""A length, perhaps ``mm``, then what it is of."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CalibrationDesk:
    """What the tool asks and says: whether a line may begin, the line of an image, and the line that was drawn."""

    may_draw: Callable[[Viewport], bool]
    known: Callable[[ImageRef], Line | None]
    drawn: Callable[[Viewport, ImageRef, Line], None]


class CalibrateTool(Tool):
    """Drag along something of known length; the line that calibrates the image is shown while the tool is in the hand."""

    name = "tool_calibrate"
    shape = Qt.CursorShape.CrossCursor

    def __init__(self, desk: CalibrationDesk) -> None:
        self._desk = desk
        self._line: Line | None = None
        self._asked: tuple[ImageRef, Line] | None = None

    @property
    def magnifies(self) -> bool:
        """While an end is being placed."""
        return self._line is not None

    def draft(self, viewport: Viewport) -> tuple[Line, ...]:
        """The line that is being drawn or asked about, else the one that calibrates the image."""
        image = viewport.image()
        if self._line is not None:
            return (self._line,)
        if self._asked is not None and self._asked[0] == image:
            return (self._asked[1],)
        known = None if image is None else self._desk.known(image)
        return () if known is None else (known,)

    def press(self, viewport: Viewport, point: Point, position: QPointF) -> None:
        """Begin a line."""
        shown = viewport.shown
        if shown is not None and point == within(shown.planes.size, point) and self._desk.may_draw(viewport):
            start = to_mpx(*point)
            self._line, self._asked = (start, start), None

    def drag(self, viewport: Viewport, point: Point, moved: QPointF) -> None:
        """The line follows the pointer."""
        if self._line is not None and viewport.shown is not None:
            self._line = (self._line[0], to_mpx(*within(viewport.shown.planes.size, point)))

    def release(self, viewport: Viewport, point: Point) -> None:
        """Ask how long it is."""
        line, self._line, image = self._line, None, viewport.image()
        if line is None or image is None or viewport.shown is None:
            return
        line = (line[0], to_mpx(*within(viewport.shown.planes.size, point)))
        if line[0] != line[1]:
            self._asked = (image, line)
            self._desk.drawn(viewport, image, line)

    def cancel(self) -> bool:
        """Give up the line."""
        was = self._line is not None or self._asked is not None
        self._line = self._asked = None
        return was


class CalibrationWork:
    """The calibration's part of the reading page."""

    def __init__(self, bench: Workbench) -> None:
        self._bench = bench
        self._desk = CalibrationDesk(may_draw=self._may_draw, known=self._known, drawn=self._drawn)

    def tool(self, name: str) -> Tool | None:
        """Tool of an action; None where it is another one."""
        return CalibrateTool(self._desk) if name == CalibrateTool.name else None

    def remove(self, tool: str) -> bool:
        """With the tool in the hand: take the calibration of the shown image away."""
        if tool != CalibrateTool.name:
            return False
        image = self._bench.grid.active.image()
        if image is not None:
            self._bench.reading.remove_calibration(image)
        return True

    def renew(self) -> None:
        """Viewports whose image has other millimetres than before show it with them."""
        for viewport in self._bench.grid.viewports:
            shown = viewport.shown
            if shown is None:
                continue
            stack = self._bench.stack_shown(shown.stack.stack.id)
            if stack is not None and stack is not shown.stack:
                viewport.renew_stack(stack)

    def _may_draw(self, viewport: Viewport) -> bool:
        shown, reading = viewport.shown, self._bench.reading
        if shown is None or self._bench.fusion.refuses_mark(viewport):
            return False
        found = reading.session.case.find_stack(shown.stack.stack.id)
        if found is None:
            return False
        timepoint, stack = found
        because = obstacle(stack)
        if because:
            self._bench.failed.emit(Refused(because, stack=shown.stack.title))
        elif reading.read.lock_of(timepoint.id) is Lock.LOCKED:
            self._bench.failed.emit(Refused("VISIT_LOCKED", timepoint=timepoint.label))
        else:
            return True
        return False

    def _known(self, image: ImageRef) -> Line | None:
        known = self._bench.reading.read.calibrations.get(image.stack)
        return None if known is None or known.image != image else known.points_mpx

    def _drawn(self, viewport: Viewport, image: ImageRef, line: Line) -> None:
        length_px = hypot(line[1][0] - line[0][0], line[1][1] - line[0][1]) / 1000
        if length_px * 1000 < SHORTEST_LINE_MPX:
            viewport.tool.cancel()
            self._bench.failed.emit(Refused("KNOWN_LENGTH_SHORT", value=SHORTEST_LINE_MPX // 1000))
            return
        question = sentence("UI_ASK_KNOWN_LENGTH", {"pixels": f"{length_px:.1f}"})
        self._bench.ask.ask(question, lambda text: self._said(text, viewport, image, line))

    def _said(self, text: str, viewport: Viewport, image: ImageRef, line: Line) -> None:
        answer = _ANSWER.fullmatch(text)
        if answer is None:
            self._bench.failed.emit(Refused("UI_KNOWN_LENGTH_UNREAD", value=text))
        else:
            self._bench.reading.calibrate(image, line, Decimal(answer[1].replace(",", ".")), answer[2])
        viewport.tool.cancel()
        viewport.setFocus()
        viewport.update()
