"""The viewports of a layout, with one pixel of the window between them; one of them is active."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QGridLayout, QWidget

from spinereview.text import sentence
from spinereview.ui.layouts import MOST, ONE, Layout
from spinereview.ui.viewport import Viewport


class ViewportGrid(QWidget):
    """The panes. Keys and the list of series act on the active one."""

    active_changed = Signal(object)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.viewports = tuple(
            Viewport(sentence("UI_VIEWPORT_NAME", {"number": str(number)}), self) for number in range(1, MOST + 1)
        )
        self._grid = QGridLayout(self)
        self._grid.setContentsMargins(0, 0, 0, 0)
        self._grid.setSpacing(1)
        for viewport in self.viewports:
            viewport.activated.connect(lambda viewport=viewport: self.activate(viewport))
        self.active = self.viewports[0]
        self.layout_shown = ONE
        self.visible_viewports: tuple[Viewport, ...] = (self.active,)
        """The panes that are shown, in the order of the layout."""
        self.show_layout(ONE)

    @property
    def count(self) -> int:
        """How many panes are shown."""
        return self.layout_shown.count

    def show_layout(self, layout: Layout) -> None:
        """Show the first panes, each in its place; where there is room for one, the active one."""
        self.layout_shown = layout
        self.visible_viewports = (self.active,) if layout == ONE else self.viewports[: layout.count]
        for viewport in self.viewports:
            self._grid.removeWidget(viewport)
        for viewport, cell in zip(self.visible_viewports, layout.cells, strict=True):
            self._grid.addWidget(viewport, *cell)
        rows = {row + place for row, _, span, _ in layout.cells for place in range(span)}
        columns = {column + place for _, column, _, span in layout.cells for place in range(span)}
        for place in range(MOST):
            # All of them equal, and none for those that are no part of the layout.
            self._grid.setRowStretch(place, int(place in rows))
            self._grid.setColumnStretch(place, int(place in columns))
        for viewport in self.viewports:
            viewport.setHidden(viewport not in self.visible_viewports)
        if self.active not in self.visible_viewports:
            self.activate(self.viewports[0])
        self._mark()

    def activate(self, viewport: Viewport) -> None:
        """Make a pane the one that keys act on."""
        if viewport is not self.active:
            self.active = viewport
            self.active_changed.emit(viewport)
        self._mark()

    def _mark(self) -> None:
        several = self.count > 1
        for viewport in self.viewports:
            viewport.set_active(active=several and viewport is self.active)
