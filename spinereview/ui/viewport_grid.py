"""One viewport, two side by side, or two rows of two, with one pixel of the window between them; one of them is active."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QGridLayout, QWidget

from spinereview.text import sentence
from spinereview.ui.viewport import Viewport

MOST, ACROSS = 4, 2


class ViewportGrid(QWidget):
    """The panes. Keys and the list of series act on the active one."""

    active_changed = Signal(object)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.viewports = tuple(
            Viewport(sentence("UI_VIEWPORT_NAME", {"number": str(number)}), self) for number in range(1, MOST + 1)
        )
        self._layout = QGridLayout(self)
        self._layout.setContentsMargins(0, 0, 0, 0)
        self._layout.setSpacing(1)
        for place, viewport in enumerate(self.viewports):
            self._layout.addWidget(viewport, *divmod(place, ACROSS))
            viewport.activated.connect(lambda viewport=viewport: self.activate(viewport))
        self.active = self.viewports[0]
        self.show_count(1)

    @property
    def count(self) -> int:
        """How many panes are shown."""
        return sum(not viewport.isHidden() for viewport in self.viewports)

    @property
    def visible_viewports(self) -> tuple[Viewport, ...]:
        """The panes that are shown."""
        return tuple(viewport for viewport in self.viewports if not viewport.isHidden())

    def show_count(self, count: int) -> None:
        """Show the first panes."""
        for place, viewport in enumerate(self.viewports):
            viewport.setHidden(place >= count)
        if self.active.isHidden():
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
