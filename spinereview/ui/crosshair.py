"""The crosshair: a point of one viewport, shown in every other one of its frame of reference. It is kept nowhere."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QPointF, Qt

from spinereview.errors import Refused
from spinereview.ui.cross_lines import same_space
from spinereview.ui.tools import Point, Tool, within

if TYPE_CHECKING:
    from spinereview.ui.viewport import Viewport
    from spinereview.ui.workbench import Workbench


class CrosshairTool(Tool):
    """Click or drag: the other viewports go to the plane through the point, and mark it there."""

    name = "tool_crosshair"
    shape = Qt.CursorShape.CrossCursor

    def __init__(self, bench: Workbench) -> None:
        self._bench = bench
        self._dragging = False

    def press(self, viewport: Viewport, point: Point, position: QPointF) -> None:
        """Point to a place of the image; beside it there is nothing."""
        shown = viewport.shown
        self._dragging = shown is not None and point == within(shown.planes.size, point)
        if self._dragging:
            self._point(viewport, point)

    def drag(self, viewport: Viewport, point: Point, moved: QPointF) -> None:
        """The others follow."""
        if self._dragging and viewport.shown is not None:
            self._point(viewport, within(viewport.shown.planes.size, point))

    def release(self, viewport: Viewport, point: Point) -> None:
        """What was pointed to stays marked until another plane is shown."""
        self._dragging = False

    def cancel(self) -> bool:
        """Give up the drag."""
        was, self._dragging = self._dragging, False
        return was

    def _point(self, viewport: Viewport, point: Point) -> None:
        shown = viewport.shown
        position = None if shown is None else shown.planes.to_patient(shown.index, *point)
        if shown is None or position is None or shown.stack.stack.frame_of_reference_uid is None:
            self._dragging = False
            self._bench.reading.refused.emit(Refused("UI_CROSSHAIR_NEEDS_POSITION"))
            return
        for pane in self._bench.grid.viewports:
            pane.set_pointed(None)
        viewport.set_pointed(point)
        with self._bench.linking.moving_others():
            for pane in self._bench.grid.visible_viewports:
                if pane is not viewport and pane.shown is not None and same_space(shown, pane.shown):
                    _show(pane, position)


def _show(pane: Viewport, position_mm: tuple[float, float, float]) -> None:
    """Go to the plane through a position and mark it; nothing moves where it was not imaged."""
    shown = pane.shown
    found = None if shown is None else shown.planes.to_plane(position_mm)
    if shown is None or found is None:
        return
    index, point = round(found[0]), (found[1], found[2])
    if not 0 <= index < shown.planes.count or point != within(shown.planes.size, point):
        return
    pane.scroll_to(index)
    pane.set_pointed(point)
    x, y = shown.view.to_screen(*point)
    if not (0 < x < pane.width() and 0 < y < pane.height()):
        pane.set_view(shown.view.centred_on(*point))
