"""The list of timepoints and their stacks, with thumbnails."""

from __future__ import annotations

from dataclasses import dataclass

from PySide6.QtCore import QEvent, QModelIndex, QPersistentModelIndex, QPoint, QRect, QSize, Qt, Signal
from PySide6.QtGui import QColor, QFontMetrics, QImage, QPainter
from PySide6.QtWidgets import (
    QAbstractItemView,
    QListWidget,
    QListWidgetItem,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QVBoxLayout,
    QWidget,
)

from spinereview.domain.imaging import Id
from spinereview.ui.theme import BODY_PX, DARK, HINT_PX, SECONDARY_PX, font

THUMBNAIL_PX = 44
_ROLE = Qt.ItemDataRole.UserRole


@dataclass(frozen=True, slots=True)
class SeriesHead:
    """Line of a timepoint: its label and what is said of it on the right."""

    label: str
    detail: str


@dataclass(frozen=True, slots=True)
class SeriesRow:
    """Line of a stack; ``mark`` is a word where something keeps it from being measured, ``brief`` a shorter ``detail``."""

    stack: Id
    title: str
    detail: str
    mark: str = ""
    notes: tuple[str, ...] = ()
    brief: str = ""

    def below(self, room: int) -> str:
        """Second line, with the short words where the long ones have no room (pixels)."""
        lines = [f"{self.mark} · {words}" if self.mark else words for words in (self.detail, self.brief) if words]
        metrics = QFontMetrics(font(SECONDARY_PX))
        return next(
            (line for line in lines if metrics.horizontalAdvance(line) <= room), lines[-1] if lines else self.mark
        )


class _Delegate(QStyledItemDelegate):
    """Draws a timepoint's line and a stack's thumbnail with two lines of text."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.thumbnails: dict[Id, QImage] = {}

    def sizeHint(self, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex) -> QSize:
        """Height of a line."""
        entry = index.data(_ROLE)
        return QSize(160, 32 if isinstance(entry, SeriesHead) else THUMBNAIL_PX + 12)

    def paint(
        self, painter: QPainter, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex
    ) -> None:
        """One line."""
        entry = index.data(_ROLE)
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        rect: QRect = option.rect
        state: QStyle.StateFlag = option.state
        if isinstance(entry, SeriesHead):
            self._paint_head(painter, rect, entry)
        elif isinstance(entry, SeriesRow):
            self._paint_row(painter, rect, entry, state)
        painter.restore()

    def _paint_head(self, painter: QPainter, rect: QRect, head: SeriesHead) -> None:
        inner = rect.adjusted(12, 8, -12, 0)
        painter.setFont(font(SECONDARY_PX, font(1).Weight.DemiBold))
        painter.setPen(QColor(DARK.mid))
        painter.drawText(inner, Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft, head.label)
        painter.setFont(font(HINT_PX))
        painter.setPen(QColor(DARK.low))
        painter.drawText(inner, Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignRight, head.detail)

    def _paint_row(self, painter: QPainter, rect: QRect, row: SeriesRow, state: QStyle.StateFlag) -> None:
        inner = rect.adjusted(6, 2, -6, -2)
        surface = DARK.accent_bg if state & QStyle.StateFlag.State_Selected else None
        if surface is None and state & QStyle.StateFlag.State_MouseOver:
            surface = DARK.hover
        if surface is not None:
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(QColor(surface))
            painter.drawRoundedRect(inner, 6, 6)
        frame = QRect(inner.left() + 6, inner.top() + (inner.height() - THUMBNAIL_PX) // 2, THUMBNAIL_PX, THUMBNAIL_PX)
        painter.fillRect(frame, QColor(DARK.ink))
        image = self.thumbnails.get(row.stack)
        if image is not None:
            size = image.size().scaled(frame.size(), Qt.AspectRatioMode.KeepAspectRatio)
            target = QRect(
                frame.center().x() - size.width() // 2,
                frame.center().y() - size.height() // 2,
                size.width(),
                size.height(),
            )
            painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
            painter.drawImage(target, image)
        words = inner.adjusted(THUMBNAIL_PX + 16, 6, -8, -6)
        self._line(painter, words, row.title, DARK.hi, BODY_PX, top=True)
        self._line(
            painter,
            words,
            row.below(words.width()),
            DARK.warn if row.mark else DARK.low,
            SECONDARY_PX,
            top=False,
        )

    @staticmethod
    def _line(painter: QPainter, rect: QRect, text: str, colour: str, size: int, *, top: bool) -> None:
        painter.setFont(font(size))
        painter.setPen(QColor(colour))
        # Series of one name differ at their end: of a name both ends count.
        cut = Qt.TextElideMode.ElideMiddle if top else Qt.TextElideMode.ElideRight
        shown = QFontMetrics(font(size)).elidedText(text, cut, rect.width())
        side = Qt.AlignmentFlag.AlignTop if top else Qt.AlignmentFlag.AlignBottom
        painter.drawText(rect, Qt.AlignmentFlag.AlignLeft | side, shown)


class SeriesPanel(QWidget):
    """Stacks by timepoint; the one that the active viewport shows is selected."""

    chosen = Signal(object)
    """A stack's id: the reader wants to see it in the active viewport."""
    asked = Signal(object)
    """A stack's id: the reader wants to say what it is; by the right button."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("panel")
        self.list = QListWidget(self)
        self.list.setAccessibleName("Series")
        self.list.setMouseTracking(True)
        self.list.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.list.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self._delegate = _Delegate(self.list)
        self.entries: tuple[SeriesHead | SeriesRow, ...] = ()
        """Lines from top to bottom."""
        self.list.setItemDelegate(self._delegate)
        self.list.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        self.list.customContextMenuRequested.connect(self._ask)
        self.list.itemClicked.connect(self._clicked)
        self.list.itemActivated.connect(self._clicked)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 4, 0, 0)
        layout.addWidget(self.list)

    def show_entries(self, entries: tuple[SeriesHead | SeriesRow, ...]) -> None:
        """Show these lines; what was selected stays selected."""
        if entries == self.entries:
            return
        self.entries = entries
        selected = self.selected()
        self.list.clear()
        for entry in entries:
            item = QListWidgetItem(self.list)
            item.setData(_ROLE, entry)
            if isinstance(entry, SeriesHead):
                item.setFlags(Qt.ItemFlag.NoItemFlags)
                item.setText(f"{entry.label} {entry.detail}")
            else:
                item.setText(f"{entry.title}, {entry.detail}")
                lines = (entry.title, entry.detail, entry.mark, *entry.notes)
                item.setToolTip("\n".join(line for line in lines if line))
        if selected is not None:
            self.select(selected)

    def set_thumbnail(self, stack: Id, image: QImage) -> None:
        """Show a picture beside a stack."""
        self._delegate.thumbnails[stack] = image
        self.list.viewport().update()

    def thumbnail(self, stack: Id) -> QImage | None:
        """Picture that is shown beside a stack."""
        return self._delegate.thumbnails.get(stack)

    def select(self, stack: Id) -> None:
        """Mark a stack as the one that is shown."""
        for place in range(self.list.count()):
            entry = self.list.item(place).data(_ROLE)
            if isinstance(entry, SeriesRow) and entry.stack == stack:
                self.list.setCurrentRow(place)

    def selected(self) -> Id | None:
        """The stack that is marked."""
        item = self.list.currentItem()
        entry = item.data(_ROLE) if item is not None else None
        return entry.stack if isinstance(entry, SeriesRow) else None

    def stacks(self) -> tuple[Id, ...]:
        """Stacks from top to bottom."""
        entries = (self.list.item(place).data(_ROLE) for place in range(self.list.count()))
        return tuple(entry.stack for entry in entries if isinstance(entry, SeriesRow))

    def row_of(self, stack: Id) -> QRect:
        """Where a stack's line is, in the list's coordinates."""
        for place in range(self.list.count()):
            entry = self.list.item(place).data(_ROLE)
            if isinstance(entry, SeriesRow) and entry.stack == stack:
                return self.list.visualItemRect(self.list.item(place))
        return QRect()

    def scroll_to(self, stack: Id) -> None:
        """Bring a stack's line into sight."""
        for place in range(self.list.count()):
            entry = self.list.item(place).data(_ROLE)
            if isinstance(entry, SeriesRow) and entry.stack == stack:
                self.list.scrollToItem(self.list.item(place))

    def changeEvent(self, event: QEvent) -> None:
        """Repaint when the type or scale changed."""
        super().changeEvent(event)
        self.update()

    def _ask(self, place: QPoint) -> None:
        item = self.list.itemAt(place)
        entry = item.data(_ROLE) if item is not None else None
        if isinstance(entry, SeriesRow):
            self.asked.emit(entry.stack)

    def _clicked(self, item: QListWidgetItem) -> None:
        entry = item.data(_ROLE)
        if isinstance(entry, SeriesRow):
            self.chosen.emit(entry.stack)
