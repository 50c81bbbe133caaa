"""What lies around the viewports and tells of the whole case: the spine's strip on the left, the timeline below."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QSplitter, QVBoxLayout, QWidget

from spinereview.domain.anatomy import Level
from spinereview.domain.imaging import Id
from spinereview.ui.panels.strip import SpineStrip
from spinereview.ui.panels.timeline import TimelinePanel

if TYPE_CHECKING:
    from spinereview.ui.workbench import Workbench

LEAST_PX = 180
STRIP_PX = 320


class Overview:
    """The strip and the timeline of the reading page, and the columns that they stand in.

    Parameters
    ----------
    dates
        Date of each timepoint, shown only where days may be seen.
    """

    def __init__(self, bench: Workbench, dates: Mapping[Id, str]) -> None:
        self._bench = bench
        self._dates = dates
        self._locks: object = None
        # Each part is made where it stays: whenever a widget gets another parent, all below it is styled anew.
        self.left = QSplitter(Qt.Orientation.Vertical, bench.columns)
        self.strip = SpineStrip(self.left)
        self.timeline = TimelinePanel(bench)
        self.left.setHandleWidth(1)
        self.left.setChildrenCollapsible(False)
        self.left.setMinimumWidth(LEAST_PX)
        for widget in (bench.series, self.strip):
            self.left.addWidget(widget)
        self.left.setStretchFactor(0, 1)
        self.left.setStretchFactor(1, 1)
        self.centre = _Centre(self, bench)
        self.strip.folding.connect(self.share_left)
        self.strip.level_chosen.connect(self._level_chosen)
        self.timeline.timepoint_chosen.connect(bench.navigation.show_timepoint)

    def refresh(self) -> None:
        """Show the read anew."""
        reading = self._bench.reading
        self.strip.show_view(reading.strip())
        self.timeline.show_view(reading.timeline(self._dates))
        locks = tuple(reading.read.lock_of(timepoint.id) for timepoint in reading.case.in_order)
        if locks != self._locks:
            # A lock is a moment at which images may change their size; a caliper's end is none.
            self._locks = locks
            self.settle()

    def settle(self) -> None:
        """Open or shut the timeline by what there is to see and by the room for it."""
        self.timeline.settle(self.centre.height())

    def share_left(self) -> None:
        """Give the strip the rows that fit into half of the column, when it opens; a hand may move the border later."""
        whole = self.left.height()
        wanted = min(self.strip.maximumHeight(), STRIP_PX, whole // 2) if not self.strip.folded else 0
        self.left.setSizes([whole - wanted, wanted])

    def _level_chosen(self, level: str) -> None:
        reading = self._bench.reading
        reading.choose_level(Level(level))
        # One that is labelled nowhere is chosen to be scored; there is nothing to go to, and nothing wrong in that.
        if any(level in labels for labels in reading.read.level_labels.values()):
            self._bench.spine_work.go_to(Level(level))


class _Centre(QWidget):
    """The viewports over the timeline."""

    def __init__(self, overview: Overview, bench: Workbench) -> None:
        super().__init__(bench.columns)
        self._overview = overview
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(1)
        column.addWidget(bench.grid, 1)
        column.addWidget(overview.timeline)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """The room has changed."""
        super().resizeEvent(event)
        self._overview.settle()
        if event.oldSize().height() != event.size().height():
            self._overview.share_left()
