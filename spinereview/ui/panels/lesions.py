"""The table of lesions over timepoints: a value, a state, or the most visible thing after the image, what is missing."""

from __future__ import annotations

from PySide6.QtCore import QItemSelectionModel, QModelIndex, Qt, Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QAbstractItemView, QHeaderView, QLabel, QScrollBar, QTableView, QVBoxLayout, QWidget

from spinereview.domain.imaging import Id
from spinereview.text import sentence
from spinereview.ui.panels.lesion_table import (
    COLUMN_PX,
    FRAGMENT_PX,
    ROW_PX,
    LesionCell,
    LesionDelegate,
    LesionModel,
    LesionRow,
    LesionTable,
)

EMPTY_PX = 72
"""Height of what is said where there is no lesion."""
NAME_PX = 80
"""The column of names is at least this wide; the timepoints share the rest."""


class LesionPanel(QWidget):
    """Lesions by timepoint; a click jumps to the measurement.

    Where not all timepoints have room the pinned ones stay and a bar scrolls through the others.
    """

    jumped = Signal(object, object)
    """(lesion, timepoint or None): a cell was clicked."""
    edited = Signal(object)
    """A lesion's name was double-clicked: its site is to be edited."""
    expanded = Signal(object)
    """The fragments of a lesion are to be shown, or hidden."""
    part_chosen = Signal(object, str)
    """(lesion, letter): a fragment was clicked."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._model = LesionModel(self)
        self.view = QTableView(self)
        self.view.setModel(self._model)
        delegate = LesionDelegate(self.view)
        delegate.chevron_clicked.connect(self.expanded)
        self.view.setItemDelegate(delegate)
        self.view.setAccessibleName(sentence("UI_TAB_LESIONS"))
        self.view.setShowGrid(False)
        self.view.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.view.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self.view.setFocusPolicy(Qt.FocusPolicy.ClickFocus)
        self.view.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.view.verticalHeader().hide()
        self.view.verticalHeader().setDefaultSectionSize(ROW_PX)
        header = self.view.horizontalHeader()
        header.setSectionsClickable(False)
        header.setHighlightSections(False)
        header.setMinimumSectionSize(COLUMN_PX)
        self.view.clicked.connect(self._clicked)
        self.view.doubleClicked.connect(self._double_clicked)
        self.others = QScrollBar(Qt.Orientation.Horizontal, self)
        self.others.setAccessibleName(sentence("UI_OTHER_TIMEPOINTS"))
        self.others.setToolTip(sentence("UI_OTHER_TIMEPOINTS"))
        self.others.hide()
        self.others.valueChanged.connect(lambda _place: self._show_columns())
        self.empty = QLabel(sentence("UI_LESIONS_EMPTY"), self.view)
        self.empty.setWordWrap(True)
        self.empty.setProperty("tone", "low")
        self.empty.setAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignTop)
        self.empty.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(4, 0, 4, 0)
        layout.setSpacing(0)
        layout.addWidget(self.view)
        layout.addWidget(self.others)

    def show_table(self, table: LesionTable, selected: Id | None, part: str = "") -> None:
        """Show this table with a lesion, or one of its fragments, selected."""
        before = self._model.table
        self._model.replace(table)
        self.empty.setVisible(not table.rows)
        header = self.view.horizontalHeader()
        if table.timepoints and len(table.timepoints) != len(before.timepoints):
            header.setSectionResizeMode(0, QHeaderView.ResizeMode.Stretch)
            for column in range(1, len(table.timepoints) + 1):
                header.setSectionResizeMode(column, QHeaderView.ResizeMode.Fixed)
                header.resizeSection(column, COLUMN_PX)
        for place, row in enumerate(table.rows):
            height = FRAGMENT_PX if row.part else ROW_PX
            if self.view.rowHeight(place) != height:
                self.view.setRowHeight(place, height)
        if (before.timepoints, before.pinned) != (table.timepoints, table.pinned):
            self._arrange_columns(latest=True)
        self._select(selected, part)

    def table(self) -> LesionTable:
        """What is shown."""
        return self._model.table

    def cell(self, lesion: Id, timepoint: Id, part: str = "") -> LesionCell:
        """What a cell shows; raises ``KeyError`` where there is none."""
        table = self._model.table
        column = [known for known, _ in table.timepoints].index(timepoint)
        for row in table.rows:
            if (row.lesion, row.part) == (lesion, part):
                return row.cells[column]
        raise KeyError(lesion)

    def row_of(self, lesion: Id) -> int:
        """Row of a lesion, from 0; raises ``KeyError`` where there is none."""
        for place, row in enumerate(self._model.table.rows):
            if row.lesion == lesion:
                return place
        raise KeyError(lesion)

    def in_sight(self) -> tuple[Id, ...]:
        """Timepoints whose columns are shown."""
        table = self._model.table
        return tuple(
            timepoint
            for place, (timepoint, _) in enumerate(table.timepoints)
            if not self.view.isColumnHidden(place + 1)
        )

    def resizeEvent(self, event: QResizeEvent) -> None:
        """As many timepoints as there is room for."""
        super().resizeEvent(event)
        self.empty.setGeometry(12, self.view.horizontalHeader().height() + 8, self.view.width() - 24, EMPTY_PX)
        self._arrange_columns(latest=False)

    def _free_columns(self) -> int:
        """How many timepoints besides the pinned ones have room."""
        room = max(0, (self.width() - 16 - NAME_PX) // COLUMN_PX)
        return max(1, room - len(self._model.table.pinned))

    def _arrange_columns(self, *, latest: bool) -> None:
        """Set the bar for the timepoints that are not pinned; ``latest``: show the last of them."""
        hidden = max(0, len(self._loose()) - self._free_columns())
        self.others.setPageStep(self._free_columns())
        self.others.setRange(0, hidden)
        self.others.setVisible(hidden > 0)
        if latest:
            self.others.setValue(hidden)
        self._show_columns()

    def _show_columns(self) -> None:
        first, loose = self.others.value(), self._loose()
        shown = self._model.table.pinned | set(loose[first : first + self._free_columns()])
        for place, (timepoint, _) in enumerate(self._model.table.timepoints):
            self.view.setColumnHidden(place + 1, timepoint not in shown)

    def _loose(self) -> list[Id]:
        table = self._model.table
        return [timepoint for timepoint, _ in table.timepoints if timepoint not in table.pinned]

    def _select(self, lesion: Id | None, part: str) -> None:
        selection = self.view.selectionModel()
        wanted = [place for place, row in enumerate(self._model.table.rows) if row.lesion is not None]
        found = [place for place in wanted if self._model.table.rows[place].lesion == lesion]
        exact = [place for place in found if self._model.table.rows[place].part == part]
        if not found:
            selection.clearSelection()
            return
        index = self._model.index((exact or found)[0], 0)
        if selection.selectedRows() == [index]:
            return
        flags = QItemSelectionModel.SelectionFlag.ClearAndSelect | QItemSelectionModel.SelectionFlag.Rows
        selection.select(index, flags)

    def _row(self, index: QModelIndex) -> LesionRow:
        return self._model.table.rows[index.row()]

    def _clicked(self, index: QModelIndex) -> None:
        row = self._row(index)
        if row.lesion is None:
            return
        timepoint = self._model.table.timepoints[index.column() - 1][0] if index.column() else None
        self.jumped.emit(row.lesion, timepoint)
        if row.part:
            self.part_chosen.emit(row.lesion, row.part)

    def _double_clicked(self, index: QModelIndex) -> None:
        row = self._row(index)
        if row.lesion is not None and index.column() == 0:
            self.edited.emit(row.lesion)
