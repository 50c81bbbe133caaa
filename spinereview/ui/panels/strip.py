"""The spine of the current timepoint, a row a level: score, fracture, lesions; a click goes to the level everywhere."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from PySide6.QtCore import (
    QAbstractTableModel,
    QEvent,
    QItemSelectionModel,
    QModelIndex,
    QPersistentModelIndex,
    QRect,
    Qt,
    Signal,
)
from PySide6.QtGui import QColor, QFont, QKeyEvent, QPainter
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

from spinereview.text import sentence
from spinereview.ui.panels.fold import HEAD_PX, FoldHead
from spinereview.ui.theme import DARK, SECONDARY_PX, font

ROW_PX, COLUMN_HEAD_PX = 20, 22
LEAST_ROWS = 4
_Index = QModelIndex | QPersistentModelIndex
_CENTRE = Qt.AlignmentFlag.AlignVCenter


@dataclass(frozen=True, slots=True)
class StripCell:
    """One value: what is written, its tone, and what it means in words."""

    text: str = ""
    tone: str = "low"
    words: str = ""


@dataclass(frozen=True, slots=True)
class StripRow:
    """One level; ``carries``: there is something to be seen, else the row is dim."""

    level: str
    name: str
    cells: tuple[StripCell, ...]
    carries: bool = False


@dataclass(frozen=True, slots=True)
class StripView:
    """What the strip shows; ``columns`` are the headings of the cells, ``chosen`` the level of the spine panel."""

    timepoint: str = ""
    columns: tuple[str, ...] = ()
    rows: tuple[StripRow, ...] = ()
    chosen: str = ""

    @property
    def empty(self) -> bool:
        """Whether no level carries anything."""
        return not any(row.carries for row in self.rows)


class _Model(QAbstractTableModel):
    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.view = StripView()

    def rowCount(self, parent: _Index | None = None) -> int:
        return 0 if parent is not None and parent.isValid() else len(self.view.rows)

    def columnCount(self, parent: _Index | None = None) -> int:
        return 0 if parent is not None and parent.isValid() else len(self.view.columns) + 1

    def data(self, index: _Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        row = self.view.rows[index.row()]
        cell = row.cells[index.column() - 1] if index.column() else None
        if role == Qt.ItemDataRole.DisplayRole:
            return row.name if cell is None else cell.text
        if role == Qt.ItemDataRole.ToolTipRole:
            return (self._words(row) if cell is None else cell.words) or None
        if role == Qt.ItemDataRole.AccessibleTextRole:
            return self._words(row) if cell is None else f"{row.name}: {cell.words or cell.text}"
        if role == Qt.ItemDataRole.ForegroundRole:
            tone = ("hi" if row.carries else "low") if cell is None else cell.tone
            return QColor(getattr(DARK, tone))
        if role == Qt.ItemDataRole.FontRole:
            strong = row.level == self.view.chosen or (cell is not None and cell.tone in {"warn", "bad"})
            return font(SECONDARY_PX, QFont.Weight.DemiBold if strong else QFont.Weight.Normal)
        return _CENTRE | Qt.AlignmentFlag.AlignLeft if role == Qt.ItemDataRole.TextAlignmentRole else None

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        if orientation is not Qt.Orientation.Horizontal:
            return None
        if role == Qt.ItemDataRole.DisplayRole:
            return sentence("UI_STRIP_LEVEL") if section == 0 else self.view.columns[section - 1]
        return _CENTRE | Qt.AlignmentFlag.AlignLeft if role == Qt.ItemDataRole.TextAlignmentRole else None

    def replace(self, view: StripView) -> None:
        before, same = self.view, [row.level for row in view.rows] == [row.level for row in self.view.rows]
        if not same or view.columns != before.columns:
            self.beginResetModel()
            self.view = view
            self.endResetModel()
            return
        self.view = view
        for place, (old, new) in enumerate(zip(before.rows, view.rows, strict=True)):
            if old != new or view.chosen != before.chosen:
                self.dataChanged.emit(self.index(place, 0), self.index(place, len(view.columns)))

    @staticmethod
    def _words(row: StripRow) -> str:
        told = ". ".join(cell.words for cell in row.cells if cell.words)
        return f"{row.name}: {told}" if told else row.name


class _Delegate(QStyledItemDelegate):
    """Draws a value in its tone on a chosen row too; dots of rows without a value stay faint."""

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: _Index) -> None:
        rect: QRect = option.rect
        state: QStyle.StateFlag = option.state
        if state & QStyle.StateFlag.State_Selected:
            painter.fillRect(rect, QColor(DARK.accent_bg))
        elif state & QStyle.StateFlag.State_MouseOver:
            painter.fillRect(rect, QColor(DARK.hover))
        painter.setFont(index.data(Qt.ItemDataRole.FontRole))
        painter.setPen(index.data(Qt.ItemDataRole.ForegroundRole))
        painter.drawText(rect.adjusted(4, 0, 0, 0), int(_CENTRE | Qt.AlignmentFlag.AlignLeft), index.data())


class _Table(QTableView):
    """Keeps the keys that move through its rows while it has the focus; elsewhere they turn the images."""

    def event(self, event: QEvent) -> bool:
        own = (Qt.Key.Key_Up, Qt.Key.Key_Down, Qt.Key.Key_Home, Qt.Key.Key_End, Qt.Key.Key_Return, Qt.Key.Key_Enter)
        if (
            event.type() is QEvent.Type.ShortcutOverride
            and isinstance(event, QKeyEvent)
            and event.key() in own
            and not event.modifiers()
        ):
            event.accept()
            return True
        return super().event(event)


class SpineStrip(QWidget):
    """Levels from the occiput down; folded away while there is nothing of the spine, unless a hand unfolds it."""

    level_chosen = Signal(str)
    folding = Signal()
    """It has been folded or unfolded."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("panel")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self._by_hand: bool | None = None
        self.head = FoldHead(sentence("UI_STRIP"), sentence("UI_STRIP_NAME"), self)
        self.head.toggled.connect(self._toggle)
        self._model = _Model(self)
        self.table = _Table(self)
        self.table.setModel(self._model)
        self.table.setItemDelegate(_Delegate(self.table))
        self.table.setAccessibleName(sentence("UI_STRIP_NAME"))
        self.table.setShowGrid(False)
        self.table.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.table.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self.table.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.table.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.table.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.table.setMinimumHeight(COLUMN_HEAD_PX + LEAST_ROWS * ROW_PX)
        self.table.verticalHeader().hide()
        self.table.verticalHeader().setMinimumSectionSize(ROW_PX)
        self.table.verticalHeader().setDefaultSectionSize(ROW_PX)
        header = self.table.horizontalHeader()
        header.setFixedHeight(COLUMN_HEAD_PX)
        header.setSectionsClickable(False)
        header.setHighlightSections(False)
        header.setSectionResizeMode(QHeaderView.ResizeMode.Stretch)
        self.table.clicked.connect(self._chosen)
        self.table.activated.connect(self._chosen)
        column = QVBoxLayout(self)
        column.setContentsMargins(4, 0, 4, 0)
        column.setSpacing(0)
        column.addWidget(self.head)
        column.addWidget(self.table, 1)
        self._fold()

    @property
    def shown(self) -> StripView:
        """What is shown."""
        return self._model.view

    @property
    def folded(self) -> bool:
        """Whether only the head is seen."""
        return self._by_hand if self._by_hand is not None else self.shown.empty

    def show_view(self, view: StripView) -> None:
        """Show another timepoint or other values; what comes newly into it is scrolled into sight."""
        before = self.shown
        if view == before:
            return
        self._model.replace(view)
        self.head.line.setText(view.timepoint)
        if view.empty is not before.empty or not before.rows:
            self._fold()
        self._select(view.chosen)
        had = {row.level for row in before.rows if row.carries}
        fresh = [place for place, row in enumerate(view.rows) if row.carries and row.level not in had]
        chosen = [place for place, row in enumerate(view.rows) if row.level == view.chosen]
        if view.chosen != before.chosen and chosen:
            self._reveal(chosen)
        elif fresh and not all(self._in_sight(place) for place in fresh):
            self._reveal([place for place, row in enumerate(view.rows) if row.carries])
            self._reveal(fresh)

    def row_of(self, level: str) -> int:
        """Place of a level's row; raises ``ValueError`` where there is none."""
        return [row.level for row in self.shown.rows].index(level)

    def _reveal(self, places: list[int]) -> None:
        """Bring rows into sight, with the row above the first one, so that one sees where it lies; the first count most."""
        first = self._model.index(max(0, places[0] - 1), 0)
        if all(self._in_sight(place) for place in places):
            return
        self.table.scrollTo(first, QAbstractItemView.ScrollHint.PositionAtTop)

    def _in_sight(self, place: int) -> bool:
        return self.table.viewport().rect().contains(self.table.visualRect(self._model.index(place, 0)))

    def _select(self, level: str) -> None:
        selection = self.table.selectionModel()
        place = next((place for place, row in enumerate(self.shown.rows) if row.level == level), None)
        if place is None:
            selection.clearSelection()
            return
        flags = QItemSelectionModel.SelectionFlag.ClearAndSelect | QItemSelectionModel.SelectionFlag.Rows
        selection.setCurrentIndex(self._model.index(place, 0), flags)

    def _toggle(self) -> None:
        self._by_hand = not self.folded
        self._fold()

    def _fold(self) -> None:
        folded = self.folded
        self.head.show_folded(folded=folded)
        self.table.setVisible(not folded)
        rows = COLUMN_HEAD_PX + ROW_PX * max(1, len(self.shown.rows))
        self.setMaximumHeight(HEAD_PX if folded else HEAD_PX + rows + 4)
        self.folding.emit()

    def _chosen(self, index: QModelIndex) -> None:
        self.level_chosen.emit(self.shown.rows[index.row()].level)
