"""Rows and cells of the table of lesions, and how they are drawn."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from PySide6.QtCore import (
    QAbstractItemModel,
    QAbstractTableModel,
    QEvent,
    QModelIndex,
    QPersistentModelIndex,
    QPoint,
    QRectF,
    QSize,
    Qt,
    Signal,
)
from PySide6.QtGui import QColor, QFont, QFontMetrics, QMouseEvent, QPainter, QPen
from PySide6.QtWidgets import QStyle, QStyledItemDelegate, QStyleOptionViewItem, QWidget

from spinereview.domain.imaging import Id
from spinereview.domain.table import Table
from spinereview.text import sentence
from spinereview.ui.theme import BODY_PX, DARK, HINT_PX, SECONDARY_PX, font, pixmap

ROW_PX, FRAGMENT_PX, COLUMN_PX, MARK_PX = 42, 26, 58, 13
NARROW_PX = 120
CHEVRON_PX = 72
"""A click on a name left of this opens or closes the fragments of a split lesion."""
ROW_ROLE = Qt.ItemDataRole.UserRole
AnyIndex = QModelIndex | QPersistentModelIndex


class CellTone(StrEnum):
    """How a cell is drawn."""

    VALUE = "VALUE"
    STATE = "STATE"
    MISSING = "MISSING"
    EMPTY = "EMPTY"
    WORSE = "WORSE"


@dataclass(frozen=True, slots=True)
class LesionCell:
    """One lesion at one timepoint, or a sum.

    ``sub`` is a word below it, drawn in ``sub_tone``: parts, a badge of the geometry, how sure it is that it is new.
    """

    text: str
    tone: CellTone
    note: str = ""
    sub: str = ""
    sub_tone: str = "low"


@dataclass(frozen=True, slots=True)
class LesionRow:
    """One lesion, one of its fragments, or the sum where ``lesion`` is None.

    Parameters
    ----------
    detail
        Where it lies, or the first rule that it breaks; then ``site`` is where it lies.
    mark
        ``bad`` or ``warn``: a triangle stands before the detail.
    part
        Letter of the fragment that the row is about.
    expanded
        Whether the fragments are shown; None: it has none.
    """

    lesion: Id | None
    label: str
    detail: str
    hue: str
    cells: tuple[LesionCell, ...]
    detail_missing: bool = False
    note: str = ""
    mark: str = ""
    site: str = ""
    part: str = ""
    expanded: bool | None = None


@dataclass(frozen=True, slots=True)
class LesionTable:
    """What the panel shows.

    ``pinned`` timepoints are always in sight; ``words`` stand in the head below the label of a timepoint.
    """

    timepoints: tuple[tuple[Id, str], ...] = ()
    current: Id | None = None
    rows: tuple[LesionRow, ...] = ()
    pinned: frozenset[Id] = frozenset()
    words: Table[str] = field(default_factory=Table)


class LesionModel(QAbstractTableModel):
    """The table, column 0 the lesion, then a column a timepoint."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.table = LesionTable()

    def rowCount(self, parent: AnyIndex | None = None) -> int:
        """Lesions and the sum."""
        return 0 if parent is not None and parent.isValid() else len(self.table.rows)

    def columnCount(self, parent: AnyIndex | None = None) -> int:
        """The lesion's name and the timepoints."""
        return 0 if parent is not None and parent.isValid() else 1 + len(self.table.timepoints)

    def data(self, index: AnyIndex, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """Text for screen readers, tooltips; the row itself for the delegate."""
        row = self.table.rows[index.row()]
        cell = row.cells[index.column() - 1] if index.column() else None
        if role == ROW_ROLE:
            return row if cell is None else cell
        if role == Qt.ItemDataRole.DisplayRole:
            return f"{row.label} {row.detail}" if cell is None else cell.text
        if role == Qt.ItemDataRole.ToolTipRole:
            return (row.note if cell is None else cell.note) or None
        if role == Qt.ItemDataRole.AccessibleTextRole:
            return self._spoken(row, cell)
        return None

    @staticmethod
    def _spoken(row: LesionRow, cell: LesionCell | None) -> str:
        if cell is None:
            return ", ".join(word for word in (row.label, row.detail, row.site) if word)
        return " ".join(word for word in (f"{row.label}: {cell.text}", cell.sub) if word)

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """Labels of the timepoints."""
        if orientation is not Qt.Orientation.Horizontal:
            return None
        if role == Qt.ItemDataRole.DisplayRole:
            return sentence("UI_HEAD_LESION") if section == 0 else self._head(section)
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

    def _head(self, section: int) -> str:
        timepoint, words = self.table.timepoints[section - 1]
        below = self.table.words.get(timepoint)
        return words if below is None else f"{words}\n{below}"

    def replace(self, table: LesionTable) -> None:
        """Show another table."""
        before = self.table
        heads = (table.timepoints, table.words)
        if len(table.rows) != len(before.rows) or table.timepoints != before.timepoints:
            self.beginResetModel()
            self.table = table
            self.endResetModel()
            return
        self.table = table
        moved = table.current != before.current
        if moved or heads != (before.timepoints, before.words):
            self.headerDataChanged.emit(Qt.Orientation.Horizontal, 0, len(table.timepoints))
        for place, (row, known) in enumerate(zip(table.rows, before.rows, strict=True)):
            if moved or row != known:
                self.dataChanged.emit(self.index(place, 0), self.index(place, len(table.timepoints)))


class LesionDelegate(QStyledItemDelegate):
    """Draws names in two lines with the bar of the role's hue, and values right-aligned."""

    chevron_clicked = Signal(object)
    """The lesion whose fragments are to be shown, or hidden."""

    def editorEvent(
        self, event: QEvent, model: QAbstractItemModel, option: QStyleOptionViewItem, index: AnyIndex
    ) -> bool:
        """A click on the chevron of a name opens the lesion's fragments, or closes them."""
        entry = index.data(ROW_ROLE)
        if (
            event.type() is QEvent.Type.MouseButtonRelease
            and isinstance(event, QMouseEvent)
            and isinstance(entry, LesionRow)
            and entry.expanded is not None
            and event.position().x() - option.rect.left() < CHEVRON_PX
        ):
            self.chevron_clicked.emit(entry.lesion)
        return super().editorEvent(event, model, option, index)

    def sizeHint(self, option: QStyleOptionViewItem, index: AnyIndex) -> QSize:
        """Row height is fixed: nothing jumps."""
        return QSize(COLUMN_PX, ROW_PX)

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: AnyIndex) -> None:
        """One cell."""
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        rect = QRectF(option.rect)
        state: QStyle.StateFlag = option.state
        if state & QStyle.StateFlag.State_Selected:
            painter.fillRect(rect, QColor(DARK.accent_bg))
        entry = index.data(ROW_ROLE)
        if isinstance(entry, LesionRow):
            self._paint_name(painter, rect, entry)
        elif isinstance(entry, LesionCell):
            model = index.model()
            current = (
                isinstance(model, LesionModel) and model.table.timepoints[index.column() - 1][0] == model.table.current
            )
            self._paint_cell(painter, rect, entry, current=current)
        painter.restore()

    @staticmethod
    def _paint_name(painter: QPainter, rect: QRectF, row: LesionRow) -> None:
        if row.hue:
            painter.fillRect(QRectF(rect.left() + 4, rect.top() + 7, 3, rect.height() - 14), QColor(row.hue))
        words = rect.adjusted(32 if row.part else 16, 5, -2, -5)
        head = font(SECONDARY_PX if row.part else BODY_PX, QFont.Weight.Normal if row.part else QFont.Weight.DemiBold)
        painter.setFont(head)
        painter.setPen(QColor(DARK.mid if row.part else DARK.hi))
        side = Qt.AlignmentFlag.AlignTop if row.detail else Qt.AlignmentFlag.AlignVCenter
        painter.drawText(words, int(Qt.AlignmentFlag.AlignLeft | side), row.label)
        beside = words.adjusted(QFontMetrics(head).horizontalAdvance(row.label) + 8, 0, 0, 0)
        if row.expanded is not None:
            name = "chevron-down" if row.expanded else "chevron-right"
            place = QPoint(round(beside.left()) - 4, round(beside.top()) + 1)
            painter.drawPixmap(place, pixmap(name, DARK.mid, MARK_PX, painter.device().devicePixelRatioF()))
            beside.adjust(MARK_PX, 0, 0, 0)
        # In a narrow column the triangle stands for the rule, whose words are in the tooltip and the fields.
        narrow = bool(row.site) and words.width() < NARROW_PX
        site, detail = ("", row.site) if narrow else (row.site, row.detail)
        _elided(painter, beside.adjusted(0, 1, 0, 0), site, DARK.low, Qt.AlignmentFlag.AlignTop)
        if row.mark:
            colour = DARK.bad if row.mark == "bad" else DARK.warn
            place = QPoint(round(words.left()), round(words.bottom()) - MARK_PX)
            painter.drawPixmap(place, pixmap("triangle-alert", colour, MARK_PX, painter.device().devicePixelRatioF()))
            words.adjust(MARK_PX + 4, 0, 0, 0)
        colour = {"bad": DARK.bad, "warn": DARK.warn}.get(row.mark, DARK.warn if row.detail_missing else DARK.low)
        _elided(painter, words, detail, colour, Qt.AlignmentFlag.AlignBottom)

    @staticmethod
    def _paint_cell(painter: QPainter, rect: QRectF, cell: LesionCell, *, current: bool) -> None:
        inner = rect.adjusted(2, 0, -6, 0)
        weight = QFont.Weight.DemiBold if current else QFont.Weight.Normal
        face = font(BODY_PX if cell.tone is CellTone.VALUE else SECONDARY_PX, weight)
        if QFontMetrics(face).horizontalAdvance(cell.text) > inner.width():
            face = font(HINT_PX, weight)
        painter.setFont(face)
        tones = {CellTone.MISSING: DARK.warn, CellTone.EMPTY: DARK.low, CellTone.WORSE: DARK.bad}
        painter.setPen(QColor(tones.get(cell.tone, DARK.hi if current else DARK.mid)))
        if cell.tone is CellTone.MISSING:
            width = min(QFontMetrics(face).horizontalAdvance(cell.text) + 10.0, rect.width() - 2)
            frame = QRectF(inner.right() - width + 4, inner.center().y() - 11, width, 22)
            painter.setPen(QPen(QColor(DARK.warn), 1, Qt.PenStyle.DashLine))
            painter.drawRoundedRect(frame, 4, 4)
            painter.setPen(QColor(DARK.warn))
            painter.drawText(frame, int(Qt.AlignmentFlag.AlignCenter), cell.text)
            return
        if not cell.sub:
            painter.drawText(inner, int(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter), cell.text)
            return
        upper, lower = inner.adjusted(0, 4, 0, -18), inner.adjusted(0, 21, 0, -4)
        painter.drawText(upper, int(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter), cell.text)
        colour = {"warn": DARK.warn, "bad": DARK.bad}.get(cell.sub_tone, DARK.low)
        _elided(painter, lower, cell.sub, colour, Qt.AlignmentFlag.AlignVCenter, Qt.AlignmentFlag.AlignRight)


def _elided(
    painter: QPainter,
    rect: QRectF,
    text: str,
    colour: str,
    along: Qt.AlignmentFlag,
    side: Qt.AlignmentFlag = Qt.AlignmentFlag.AlignLeft,
) -> None:
    """Hint in one line, as much of it as there is room for."""
    face = font(HINT_PX if side is Qt.AlignmentFlag.AlignRight else SECONDARY_PX)
    painter.setFont(face)
    painter.setPen(QColor(colour))
    shown = QFontMetrics(face).elidedText(text, Qt.TextElideMode.ElideRight, max(0, int(rect.width())))
    painter.drawText(rect, int(side | along), shown)
