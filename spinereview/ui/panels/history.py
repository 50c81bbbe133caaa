"""Every act, who and when, the youngest first."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from PySide6.QtCore import QAbstractListModel, QModelIndex, QPersistentModelIndex, QRect, QSize, Qt
from PySide6.QtGui import QColor, QFontMetrics, QPainter
from PySide6.QtWidgets import QListView, QStyledItemDelegate, QStyleOptionViewItem, QVBoxLayout, QWidget

from spinereview.ui.theme import DARK, HINT_PX, SECONDARY_PX, font

_ROLE = Qt.ItemDataRole.UserRole
AT_ONCE = 40
"""Lines that the list takes at a time; it takes more when it is scrolled."""
_Index = QModelIndex | QPersistentModelIndex


@dataclass(frozen=True, slots=True)
class HistoryLine:
    """One event: its sentence, who and when, and whether it has been undone."""

    seq: int
    text: str
    actor: str
    when: str
    undone: bool = False
    note: bool = False


class _Model(QAbstractListModel):
    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.lines: Sequence[HistoryLine] = ()
        self._open = 0

    def rowCount(self, parent: _Index | None = None) -> int:
        return 0 if parent is not None and parent.isValid() else self._open

    def canFetchMore(self, parent: _Index) -> bool:
        return not parent.isValid() and self._open < len(self.lines)

    def fetchMore(self, parent: _Index) -> None:
        last = min(len(self.lines), self._open + AT_ONCE)
        self.beginInsertRows(QModelIndex(), self._open, last - 1)
        self._open = last
        self.endInsertRows()

    def replace(self, lines: Sequence[HistoryLine]) -> None:
        self.beginResetModel()
        self.lines = lines
        self._open = min(len(lines), AT_ONCE)
        self.endResetModel()

    def data(self, index: _Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        line = self.lines[index.row()]
        if role == _ROLE:
            return line
        if role in (Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.ToolTipRole):
            return f"{line.text}\n{line.actor}, {line.when}, #{line.seq}"
        return None


class _Delegate(QStyledItemDelegate):
    def sizeHint(self, option: QStyleOptionViewItem, index: _Index) -> QSize:
        return QSize(120, 28)

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: _Index) -> None:
        line = index.data(_ROLE)
        rect: QRect = option.rect
        words = rect.adjusted(12, 0, -12, 0)
        painter.save()
        painter.setFont(font(HINT_PX))
        painter.setPen(QColor(DARK.low))
        said = f"{line.actor}  {line.when}"
        painter.drawText(words, int(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter), said)
        face = font(SECONDARY_PX)
        face.setStrikeOut(line.undone)
        painter.setFont(face)
        painter.setPen(QColor(DARK.low if line.note or line.undone else DARK.hi))
        room = words.width() - QFontMetrics(font(HINT_PX)).horizontalAdvance(said) - 12
        shown = QFontMetrics(face).elidedText(line.text, Qt.TextElideMode.ElideRight, room)
        painter.drawText(words, int(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter), shown)
        painter.restore()


class HistoryPanel(QWidget):
    """The trail as sentences."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._model = _Model(self)
        self.view = QListView(self)
        self.view.setModel(self._model)
        self.view.setItemDelegate(_Delegate(self.view))
        self.view.setAccessibleName("History")
        self.view.setUniformItemSizes(True)
        self.view.setSelectionMode(QListView.SelectionMode.NoSelection)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(self.view)

    def show_lines(self, lines: Sequence[HistoryLine]) -> None:
        """Show these events, the first on top; a line is asked for when it comes into sight."""
        if lines is not self._model.lines:
            self._model.replace(lines)

    def texts(self) -> tuple[str, ...]:
        """Sentences from top to bottom."""
        return tuple(line.text for line in self._model.lines)
