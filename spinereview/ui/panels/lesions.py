"""The table of lesions over timepoints: a value, a state, or the most visible thing after the image, what is missing."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from PySide6.QtCore import (
    QAbstractTableModel,
    QItemSelectionModel,
    QModelIndex,
    QPersistentModelIndex,
    QRectF,
    QSize,
    Qt,
    Signal,
)
from PySide6.QtGui import QColor, QFont, QFontMetrics, QPainter, QPen
from PySide6.QtWidgets import (
    QAbstractItemView,
    QHeaderView,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QTableView,
    QVBoxLayout,
    QWidget,
)

from spinereview.domain.imaging import Id
from spinereview.ui.theme import BODY_PX, DARK, SECONDARY_PX, font

ROW_PX = 42
_ROLE = Qt.ItemDataRole.UserRole
_Index = QModelIndex | QPersistentModelIndex


class CellTone(StrEnum):
    """How a cell is drawn."""

    VALUE = "VALUE"
    STATE = "STATE"
    MISSING = "MISSING"
    EMPTY = "EMPTY"


@dataclass(frozen=True, slots=True)
class LesionCell:
    """One lesion at one timepoint, or a sum."""

    text: str
    tone: CellTone
    note: str = ""


@dataclass(frozen=True, slots=True)
class LesionRow:
    """One lesion, or the sum where ``lesion`` is None."""

    lesion: Id | None
    label: str
    detail: str
    hue: str
    cells: tuple[LesionCell, ...]
    detail_missing: bool = False
    note: str = ""


@dataclass(frozen=True, slots=True)
class LesionTable:
    """What the panel shows."""

    timepoints: tuple[tuple[Id, str], ...] = ()
    current: Id | None = None
    rows: tuple[LesionRow, ...] = ()


class _Model(QAbstractTableModel):
    """The table, column 0 the lesion, then a column a timepoint."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.table = LesionTable()

    def rowCount(self, parent: _Index | None = None) -> int:
        """Lesions and the sum."""
        return 0 if parent is not None and parent.isValid() else len(self.table.rows)

    def columnCount(self, parent: _Index | None = None) -> int:
        """The lesion's name and the timepoints."""
        return 0 if parent is not None and parent.isValid() else 1 + len(self.table.timepoints)

    def data(self, index: _Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """Text for screen readers, tooltips; the row itself for the delegate."""
        row = self.table.rows[index.row()]
        cell = row.cells[index.column() - 1] if index.column() else None
        if role == _ROLE:
            return row if cell is None else cell
        if role == Qt.ItemDataRole.DisplayRole:
            return f"{row.label} {row.detail}" if cell is None else cell.text
        if role == Qt.ItemDataRole.ToolTipRole:
            return (row.note if cell is None else cell.note) or None
        if role == Qt.ItemDataRole.AccessibleTextRole:
            return f"{row.label}, {row.detail}" if cell is None else f"{row.label}: {cell.text}"
        return None

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """Labels of the timepoints."""
        if orientation is not Qt.Orientation.Horizontal:
            return None
        if role == Qt.ItemDataRole.DisplayRole:
            return "LESION" if section == 0 else self.table.timepoints[section - 1][1]
        if role == Qt.ItemDataRole.TextAlignmentRole:
            side = Qt.AlignmentFlag.AlignLeft if section == 0 else Qt.AlignmentFlag.AlignRight
            return side | Qt.AlignmentFlag.AlignVCenter
        if (
            role == Qt.ItemDataRole.ForegroundRole
            and section
            and self.table.timepoints[section - 1][0] == self.table.current
        ):
            return QColor(DARK.accent)
        return None

    def replace(self, table: LesionTable) -> None:
        """Show another table."""
        before = self.table
        if len(table.rows) != len(before.rows) or table.timepoints != before.timepoints:
            self.beginResetModel()
            self.table = table
            self.endResetModel()
            return
        self.table = table
        moved = table.current != before.current
        if moved:
            self.headerDataChanged.emit(Qt.Orientation.Horizontal, 0, len(table.timepoints))
        for place, (row, known) in enumerate(zip(table.rows, before.rows, strict=True)):
            if moved or row != known:
                self.dataChanged.emit(self.index(place, 0), self.index(place, len(table.timepoints)))


class _Delegate(QStyledItemDelegate):
    """Draws names in two lines with the bar of the role's hue, and values right-aligned."""

    def sizeHint(self, option: QStyleOptionViewItem, index: _Index) -> QSize:
        """Row height is fixed: nothing jumps."""
        return QSize(60, ROW_PX)

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: _Index) -> None:
        """One cell."""
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        rect = QRectF(option.rect)
        state: QStyle.StateFlag = option.state
        if state & QStyle.StateFlag.State_Selected:
            painter.fillRect(rect, QColor(DARK.accent_bg))
        entry = index.data(_ROLE)
        if isinstance(entry, LesionRow):
            self._paint_name(painter, rect, entry)
        elif isinstance(entry, LesionCell):
            model = index.model()
            current = isinstance(model, _Model) and model.table.timepoints[index.column() - 1][0] == model.table.current
            self._paint_cell(painter, rect, entry, current=current)
        painter.restore()

    @staticmethod
    def _paint_name(painter: QPainter, rect: QRectF, row: LesionRow) -> None:
        if row.hue:
            painter.fillRect(QRectF(rect.left() + 4, rect.top() + 7, 3, rect.height() - 14), QColor(row.hue))
        words = rect.adjusted(16, 5, -2, -5)
        painter.setFont(font(BODY_PX, QFont.Weight.DemiBold))
        painter.setPen(QColor(DARK.hi))
        side = Qt.AlignmentFlag.AlignTop if row.detail else Qt.AlignmentFlag.AlignVCenter
        painter.drawText(words, int(Qt.AlignmentFlag.AlignLeft | side), row.label)
        face = font(SECONDARY_PX)
        painter.setFont(face)
        painter.setPen(QColor(DARK.warn if row.detail_missing else DARK.low))
        shown = QFontMetrics(face).elidedText(row.detail, Qt.TextElideMode.ElideRight, int(words.width()))
        painter.drawText(words, int(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignBottom), shown)

    @staticmethod
    def _paint_cell(painter: QPainter, rect: QRectF, cell: LesionCell, *, current: bool) -> None:
        inner = rect.adjusted(2, 0, -8, 0)
        weight = QFont.Weight.DemiBold if current else QFont.Weight.Normal
        face = font(BODY_PX if cell.tone is CellTone.VALUE else SECONDARY_PX, weight)
        painter.setFont(face)
        colour = {CellTone.MISSING: DARK.warn, CellTone.EMPTY: DARK.low}.get(
            cell.tone, DARK.hi if current else DARK.mid
        )
        painter.setPen(QColor(colour))
        if cell.tone is CellTone.MISSING:
            width = QFontMetrics(face).horizontalAdvance(cell.text) + 12
            frame = QRectF(inner.right() - width + 4, inner.center().y() - 11, width, 22)
            painter.setPen(QPen(QColor(DARK.warn), 1, Qt.PenStyle.DashLine))
            painter.drawRoundedRect(frame, 4, 4)
            painter.setPen(QColor(DARK.warn))
            painter.drawText(frame, int(Qt.AlignmentFlag.AlignCenter), cell.text)
            return
        painter.drawText(inner, int(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter), cell.text)


class LesionPanel(QWidget):
    """Lesions by timepoint; a click jumps to the measurement."""

    jumped = Signal(object, object)
    """(lesion, timepoint or None): a cell was clicked."""
    edited = Signal(object)
    """A lesion's name was double-clicked: its site is to be edited."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._model = _Model(self)
        self.view = QTableView(self)
        self.view.setModel(self._model)
        self.view.setItemDelegate(_Delegate(self.view))
        self.view.setAccessibleName("Lesions")
        self.view.setShowGrid(False)
        self.view.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.view.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self.view.setFocusPolicy(Qt.FocusPolicy.ClickFocus)
        self.view.setHorizontalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.view.verticalHeader().hide()
        self.view.verticalHeader().setDefaultSectionSize(ROW_PX)
        header = self.view.horizontalHeader()
        header.setSectionsClickable(False)
        header.setHighlightSections(False)
        header.setMinimumSectionSize(58)
        self.view.clicked.connect(self._clicked)
        self.view.doubleClicked.connect(self._double_clicked)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(4, 0, 4, 0)
        layout.addWidget(self.view)

    def show_table(self, table: LesionTable, selected: Id | None) -> None:
        """Show this table with a lesion selected."""
        columns = len(table.timepoints)
        same_columns = columns == len(self._model.table.timepoints)
        self._model.replace(table)
        header = self.view.horizontalHeader()
        if columns and not same_columns:
            header.setSectionResizeMode(0, QHeaderView.ResizeMode.Stretch)
            for column in range(1, columns + 1):
                header.setSectionResizeMode(column, QHeaderView.ResizeMode.Fixed)
                header.resizeSection(column, 64)
        self._select(selected)

    def table(self) -> LesionTable:
        """What is shown."""
        return self._model.table

    def cell(self, lesion: Id, timepoint: Id) -> LesionCell:
        """What a cell shows; raises ``KeyError`` where there is none."""
        table = self._model.table
        column = [known for known, _ in table.timepoints].index(timepoint)
        for row in table.rows:
            if row.lesion == lesion:
                return row.cells[column]
        raise KeyError(lesion)

    def _select(self, lesion: Id | None) -> None:
        selection = self.view.selectionModel()
        for place, row in enumerate(self._model.table.rows):
            if row.lesion is not None and row.lesion == lesion:
                if selection.selectedRows() == [self._model.index(place, 0)]:
                    return
                flags = QItemSelectionModel.SelectionFlag.ClearAndSelect | QItemSelectionModel.SelectionFlag.Rows
                selection.select(self._model.index(place, 0), flags)
                return
        selection.clearSelection()

    def _clicked(self, index: QModelIndex) -> None:
        row = self._model.table.rows[index.row()]
        if row.lesion is not None:
            timepoint = self._model.table.timepoints[index.column() - 1][0] if index.column() else None
            self.jumped.emit(row.lesion, timepoint)

    def _double_clicked(self, index: QModelIndex) -> None:
        row = self._model.table.rows[index.row()]
        if row.lesion is not None and index.column() == 0:
            self.edited.emit(row.lesion)
