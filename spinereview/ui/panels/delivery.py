"""The page that says what a delivery holds: series with pictures, what may be measured, what was left out."""

from __future__ import annotations

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QRect, QSize, Qt, Signal
from PySide6.QtGui import QColor, QFont, QFontMetrics, QImage, QPainter
from PySide6.QtWidgets import (
    QAbstractItemView,
    QHBoxLayout,
    QLabel,
    QListView,
    QListWidget,
    QListWidgetItem,
    QPushButton,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QVBoxLayout,
    QWidget,
)

from spinereview.domain.imaging import Id
from spinereview.text import sentence
from spinereview.ui.delivery_lines import HeadLine, Line, Note, StackLine, TextLine
from spinereview.ui.panels.fields import ChoiceBox
from spinereview.ui.theme import BODY_PX, DARK, SECONDARY_PX, font
from spinereview.workflow.protocol_files import carried_protocols

THUMBNAIL_PX = 72
PROTOCOL_PX = 400
"""Widest list of protocols: the longest title that the program carries is not cut."""
ROLE_PX = 300
"""Width of the column that says what a stack was made for."""
_EDGE, _GAP, _BETWEEN = 16, 12, 4
_ROLE = Qt.ItemDataRole.UserRole
_WRAPPED = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignTop | Qt.TextFlag.TextWordWrap


class _Delegate(QStyledItemDelegate):
    """Draws the lines; sentences are wrapped, none is cut off."""

    def __init__(self, view: QListWidget) -> None:
        super().__init__(view)
        self._view = view
        self.thumbnails: dict[Id, QImage] = {}

    def sizeHint(self, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex) -> QSize:
        """Height of a line at the width that the list has now."""
        width = max(self._view.viewport().width(), 640)
        line = index.data(_ROLE)
        if isinstance(line, HeadLine):
            return QSize(width, 40)
        if isinstance(line, TextLine):
            return QSize(width, _height(line.note.text, SECONDARY_PX, width - 2 * _EDGE) + 8)
        left, right = _columns(width)
        texts = sum(_height(text, size, left) + _BETWEEN for text, size, _ in _left(line))
        role = sum(_height(text, size, right) + _BETWEEN for text, size, _ in _right(line))
        return QSize(width, max(THUMBNAIL_PX, texts, role) + 2 * _GAP)

    def paint(
        self, painter: QPainter, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex
    ) -> None:
        """One line."""
        line = index.data(_ROLE)
        rect: QRect = option.rect
        painter.save()
        if isinstance(line, HeadLine):
            _paint_head(painter, rect, line)
        elif isinstance(line, TextLine):
            texts = [(line.note.text, SECONDARY_PX, _tone(line.note, DARK.mid))]
            _paint_texts(painter, rect.adjusted(_EDGE, 4, -_EDGE, 0), texts)
        elif isinstance(line, StackLine):
            self._paint_stack(painter, rect, line)
        painter.restore()

    def _paint_stack(self, painter: QPainter, rect: QRect, line: StackLine) -> None:
        frame = QRect(rect.left() + _EDGE, rect.top() + _GAP, THUMBNAIL_PX, THUMBNAIL_PX)
        painter.fillRect(frame, QColor(DARK.ink))
        image = self.thumbnails.get(line.stack)
        if image is not None:
            size = image.size().scaled(frame.size(), Qt.AspectRatioMode.KeepAspectRatio)
            target = QRect(frame.topLeft(), size)
            target.moveCenter(frame.center())
            painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
            painter.drawImage(target, image)
        left, right = _columns(rect.width())
        start = frame.right() + 1 + _EDGE
        _paint_texts(painter, QRect(start, frame.top(), left, rect.height()), _left(line))
        _paint_texts(painter, QRect(start + left + _EDGE, frame.top(), right, rect.height()), _right(line))


_Text = tuple[str, int, str]
"""Words, size, colour."""


def _columns(width: int) -> tuple[int, int]:
    right = min(ROLE_PX, width // 3)
    return width - right - THUMBNAIL_PX - 4 * _EDGE, right


def _left(line: StackLine) -> list[_Text]:
    return [
        (line.title, BODY_PX, DARK.hi),
        (line.facts, SECONDARY_PX, DARK.mid),
        (line.measurable.text, SECONDARY_PX, _tone(line.measurable, DARK.mid)),
        *((note.text, SECONDARY_PX, _tone(note, DARK.low)) for note in line.notes),
    ]


def _right(line: StackLine) -> list[_Text]:
    return [(line.role, BODY_PX, DARK.hi), (line.because, SECONDARY_PX, DARK.low)]


def _tone(note: Note, usual: str) -> str:
    return DARK.warn if note.warns else usual


def _height(text: str, size: int, width: int) -> int:
    return QFontMetrics(font(size)).boundingRect(QRect(0, 0, width, 100_000), int(_WRAPPED), text).height()


def _paint_head(painter: QPainter, rect: QRect, head: HeadLine) -> None:
    inner = rect.adjusted(_EDGE, 12, -_EDGE, 0)
    painter.setFont(font(SECONDARY_PX, QFont.Weight.DemiBold))
    painter.setPen(QColor(DARK.mid))
    painter.drawText(inner, Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft, head.label)
    painter.setFont(font(SECONDARY_PX))
    painter.setPen(QColor(DARK.low))
    painter.drawText(inner, Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignRight, head.detail)


def _paint_texts(painter: QPainter, rect: QRect, texts: list[_Text]) -> None:
    top = rect.top()
    for text, size, colour in texts:
        height = _height(text, size, rect.width())
        painter.setFont(font(size))
        painter.setPen(QColor(colour))
        painter.drawText(QRect(rect.left(), top, rect.width(), height), int(_WRAPPED), text)
        top += height + _BETWEEN


class DeliveryPage(QWidget):
    """What was found, what was left out and why; nothing is opened or written before somebody wants it."""

    opened = Signal()
    """Open what was checked, for reading."""
    another = Signal()
    """Choose another folder."""
    another_file = Signal()
    """Choose a ZIP archive, a DICOMDIR or an image instead."""
    closed = Signal()
    protocol_chosen = Signal(str)
    """Name of the protocol to compare with."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("panel")
        title = QLabel(sentence("UI_DELIVERY_TITLE"), self)
        title.setProperty("role", "outcome")
        self.path_label = QLabel(self)
        self.path_label.setProperty("tone", "low")
        self.summary = QLabel(self)
        self.summary.setProperty("tone", "mid")
        self.protocols = ChoiceBox(self)
        self.protocols.setAccessibleName(sentence("UI_PROTOCOL"))
        self.protocols.setMaximumWidth(PROTOCOL_PX)
        for name, words in carried_protocols():
            self.protocols.addItem(words, name)
        self.protocols.activated.connect(lambda _place: self.protocol_chosen.emit(self.protocols.currentData()))
        self.open_button = QPushButton(sentence("UI_DELIVERY_OPEN"), self)
        self.open_button.setProperty("primary", "true")
        self.open_button.clicked.connect(self.opened)
        self.another_button = QPushButton(sentence("UI_DELIVERY_ANOTHER"), self)
        self.another_button.clicked.connect(self.another)
        self.file_button = QPushButton(sentence("UI_DELIVERY_FILE"), self)
        self.file_button.clicked.connect(self.another_file)
        self.close_button = QPushButton(sentence("UI_DELIVERY_CLOSE"), self)
        self.close_button.clicked.connect(self.closed)
        self.list = QListWidget(self)
        self.list.setAccessibleName(sentence("UI_DELIVERY_TITLE"))
        self.list.setSelectionMode(QAbstractItemView.SelectionMode.NoSelection)
        self.list.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.list.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.list.setResizeMode(QListView.ResizeMode.Adjust)
        self._delegate = _Delegate(self.list)
        self.list.setItemDelegate(self._delegate)
        self._arrange(title)

    def show_lines(self, path: str, summary: str, lines: tuple[Line, ...], *, opens: bool) -> None:
        """Show a delivery; its pictures come later."""
        self.path_label.setText(path)
        self.summary.setText(summary)
        self.open_button.setEnabled(opens)
        self.list.clear()
        for line in lines:
            item = QListWidgetItem(self.list)
            item.setData(_ROLE, line)
            item.setText(_words(line))
            item.setFlags(Qt.ItemFlag.ItemIsEnabled)

    def forget_pictures(self) -> None:
        """Another delivery comes."""
        self._delegate.thumbnails.clear()

    def set_thumbnail(self, stack: Id, image: QImage) -> None:
        """Show a picture beside a stack."""
        self._delegate.thumbnails[stack] = image
        self.list.viewport().update()

    def thumbnail(self, stack: Id) -> QImage | None:
        """Picture that is shown beside a stack."""
        return self._delegate.thumbnails.get(stack)

    def lines(self) -> tuple[Line, ...]:
        """Lines from top to bottom."""
        return tuple(self.list.item(place).data(_ROLE) for place in range(self.list.count()))

    def _arrange(self, title: QLabel) -> None:
        head = QVBoxLayout()
        head.setSpacing(4)
        for widget in (title, self.path_label, self.summary):
            head.addWidget(widget)
        protocol = QLabel(sentence("UI_PROTOCOL"), self)
        protocol.setProperty("tone", "low")
        buttons = QHBoxLayout()
        buttons.setSpacing(8)
        acts = (self.close_button, self.another_button, self.file_button, self.open_button)
        for control in (protocol, self.protocols, *acts):
            buttons.addWidget(control)
        top = QHBoxLayout()
        top.setContentsMargins(_EDGE, 20, _EDGE, 8)
        top.addLayout(head, 1)
        top.addLayout(buttons)
        top.setAlignment(buttons, Qt.AlignmentFlag.AlignTop)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 8)
        column.addLayout(top)
        column.addWidget(self.list, 1)


def _words(line: Line) -> str:
    if isinstance(line, HeadLine):
        return f"{line.label} {line.detail}".strip()
    return line.note.text if isinstance(line, TextLine) else line.words
