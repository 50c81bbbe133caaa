"""Sums of diameters against the visits, with limits, responses and events; a click makes a visit the current one."""

from __future__ import annotations

from dataclasses import dataclass, field

from PySide6.QtCore import QEvent, QPointF, QRect, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QFont, QFontMetrics, QHelpEvent, QMouseEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QSizePolicy, QToolTip, QVBoxLayout, QWidget

from spinereview.domain.imaging import Id
from spinereview.review.timeline import Timeline
from spinereview.review.timeline_plot import Area, LimitKind, Plot, plot
from spinereview.text import sentence
from spinereview.ui.panels.fold import HEAD_PX, FoldHead
from spinereview.ui.theme import BODY_PX, DARK, HINT_PX, font

HEIGHT_PX = 142
"""Of the drawing, without the head."""
TALL_PX = 760
"""A page that is lower than this keeps the room for its images: the timeline is folded until it is asked for."""
AXIS_PX, WORDS_PX, TOP_PX, BELOW_PX = 52, 158, 16, 62
_CENTRED = int(Qt.AlignmentFlag.AlignHCenter | Qt.AlignmentFlag.AlignVCenter)
_RIGHT = int(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
_LEFT = int(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
_LIMIT_HUES = {LimitKind.RESPONSE: DARK.ok, LimitKind.PROGRESSION: DARK.bad}


@dataclass(frozen=True, slots=True)
class VisitWords:
    """What is written of a visit.

    Parameters
    ----------
    marks
        (letter, tone) of its events.
    below
        Date and highest SINS, a line each.
    words
        All of it as sentences, for the tooltip and for a screen reader.
    """

    label: str
    sum: str = ""
    badge: str = ""
    tone: str = "mid"
    marks: tuple[tuple[str, str], ...] = ()
    below: tuple[str, str] = ("", "")
    words: str = ""


@dataclass(frozen=True, slots=True)
class TimelineView:
    """What the panel shows; ``summary`` stands for it when it is folded, ``notice`` where there is nothing to draw."""

    line: Timeline = field(default_factory=Timeline)
    current: Id | None = None
    visits: tuple[VisitWords, ...] = ()
    limits: tuple[tuple[LimitKind, str], ...] = ()
    summary: str = ""
    notice: str = ""

    @property
    def words(self) -> str:
        """All of it as text."""
        return "\n".join([*(visit.words for visit in self.visits), *(text for _, text in self.limits)])


class _Drawing(QWidget):
    """The drawing itself; it knows nothing but its view."""

    chosen = Signal(object)

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.view = TimelineView()
        self._plot: Plot | None = None
        self.setFixedHeight(HEIGHT_PX)
        self.setMinimumWidth(AXIS_PX + WORDS_PX + 120)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setCursor(Qt.CursorShape.PointingHandCursor)

    def show_view(self, view: TimelineView) -> None:
        self.view, self._plot = view, None
        self.update()

    def plot(self) -> Plot:
        """Places of the marks at the present size."""
        if self._plot is None:
            words = WORDS_PX if self.view.limits else 24
            area = Area(left=AXIS_PX, top=TOP_PX, right=self.width() - words, bottom=self.height() - BELOW_PX)
            self._plot = plot(self.view.line, area)
        return self._plot

    def resizeEvent(self, _event: QEvent) -> None:
        self._plot = None

    def mousePressEvent(self, event: QMouseEvent) -> None:
        visit = self.plot().visit_at(round(event.position().x()))
        if visit is not None and event.button() is Qt.MouseButton.LeftButton:
            self.chosen.emit(visit.timepoint)

    def event(self, event: QEvent) -> bool:
        if event.type() is QEvent.Type.ToolTip and isinstance(event, QHelpEvent):
            visits = [column.visit for column in self.plot().columns]
            visit = self.plot().visit_at(event.pos().x())
            text = "" if visit is None else self.view.visits[visits.index(visit)].words
            QToolTip.showText(event.globalPos(), text, self)
            return True
        return super().event(event)

    def paintEvent(self, _event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.fillRect(self.rect(), QColor(DARK.panel))
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        drawn = self.plot()
        self._paint_axis(painter, drawn)
        self._paint_limits(painter, drawn)
        self._paint_sums(painter, drawn)
        self._paint_visits(painter, drawn)
        if self.view.notice:
            painter.setFont(font(HINT_PX))
            painter.setPen(QColor(DARK.low))
            painter.drawText(QRect(0, 0, self.width(), self.height() - BELOW_PX), _CENTRED, self.view.notice)
        painter.end()

    def _paint_axis(self, painter: QPainter, drawn: Plot) -> None:
        painter.setFont(font(HINT_PX))
        right = drawn.columns[-1].right if drawn.columns else 0
        for value, y in drawn.ticks:
            painter.setPen(QPen(QColor(DARK.line), 1))
            painter.drawLine(QPointF(AXIS_PX, y + 0.5), QPointF(right, y + 0.5))
            painter.setPen(QColor(DARK.low))
            painter.drawText(QRect(0, y - 8, AXIS_PX - 10, 16), _RIGHT, f"{value:f}")

    def _paint_limits(self, painter: QPainter, drawn: Plot) -> None:
        for limit in drawn.limits:
            pen = QPen(QColor(_LIMIT_HUES[limit.kind]), 1.2)
            pen.setDashPattern([3, 3])
            painter.setPen(pen)
            painter.drawLine(QPointF(limit.left, limit.y + 0.5), QPointF(limit.right, limit.y + 0.5))
        said = dict(self.view.limits)
        painter.setFont(font(HINT_PX))
        for word in drawn.words:
            painter.setPen(QColor(_LIMIT_HUES[word.kind]))
            room = QRect(drawn.columns[-1].right + 8, word.y - 8, WORDS_PX - 10, 16)
            painter.drawText(room, _LEFT, said.get(word.kind, ""))

    def _paint_sums(self, painter: QPainter, drawn: Plot) -> None:
        painter.setPen(QPen(QColor(DARK.target), 1.6))
        for one, two in drawn.strokes:
            painter.drawLine(QPointF(one.x, one.y), QPointF(two.x, two.y))
        words = {visit.timepoint: told.sum for visit, told in zip(self.view.line.visits, self.view.visits, strict=True)}
        for point in drawn.points:
            painter.setPen(QPen(QColor(DARK.panel), 2))
            painter.setBrush(QColor(DARK.target) if point.visit.final else QColor(DARK.panel))
            painter.drawEllipse(QPointF(point.x, point.y), 5, 5)
            painter.setPen(QPen(QColor(DARK.target), 1.6))
            painter.drawEllipse(QPointF(point.x, point.y), 3.4, 3.4)
            painter.setBrush(Qt.BrushStyle.NoBrush)
            current = point.visit.timepoint == self.view.current
            painter.setFont(font(BODY_PX, QFont.Weight.DemiBold if current else QFont.Weight.Medium))
            painter.setPen(QColor(DARK.hi if current else DARK.mid))
            y = point.y - 22 if point.above else point.y + 5
            text = words[point.visit.timepoint]
            plate = painter.fontMetrics().horizontalAdvance(text) + 4
            painter.fillRect(QRect(point.x - plate // 2, y + 1, plate, 14), QColor(DARK.panel))
            painter.drawText(QRect(point.x - 40, y, 80, 16), _CENTRED, text)

    def _paint_visits(self, painter: QPainter, drawn: Plot) -> None:
        first = self.height() - 46
        for column, told in zip(drawn.columns, self.view.visits, strict=True):
            current = column.visit.timepoint == self.view.current
            label = font(HINT_PX, QFont.Weight.DemiBold if current else QFont.Weight.Normal)
            badge = font(HINT_PX, QFont.Weight.Bold)
            pieces: list[tuple[str, str, QFont, bool]] = [(told.label, "accent" if current else "mid", label, False)]
            if told.badge:
                pieces.append((told.badge, told.tone, badge, True))
            pieces += [(letter, tone, badge, True) for letter, tone in told.marks]
            widths = [
                QFontMetrics(face).horizontalAdvance(text) + (10 if plate else 0) for text, _, face, plate in pieces
            ]
            x = column.x - (sum(widths) + 5 * (len(pieces) - 1)) // 2
            for (text, tone, face, plate), width in zip(pieces, widths, strict=True):
                room = QRect(x, first, width, 16)
                if plate:
                    painter.setPen(Qt.PenStyle.NoPen)
                    painter.setBrush(QColor(DARK.raised))
                    painter.drawRoundedRect(QRectF(room), 4, 4)
                    painter.setBrush(Qt.BrushStyle.NoBrush)
                painter.setFont(face)
                painter.setPen(QColor(getattr(DARK, tone)))
                painter.drawText(room, _CENTRED, text)
                x += width + 5
            painter.setFont(font(HINT_PX))
            painter.setPen(QColor(DARK.low))
            width = column.right - column.left - 4
            for place, text in enumerate(line for line in told.below if line):
                room = QRect(column.x - width // 2, self.height() - 30 + 14 * place, width, 14)
                short = painter.fontMetrics().elidedText(text, Qt.TextElideMode.ElideRight, width)
                painter.drawText(room, _CENTRED, short)


class TimelinePanel(QWidget):
    """The drawing under its head. What opens and shuts it by itself comes between acts, never while a hand draws."""

    timepoint_chosen = Signal(object)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("panel")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self._by_hand: bool | None = None
        self._folded = True
        self.head = FoldHead(sentence("UI_TIMELINE"), sentence("UI_TIMELINE_NAME"), self)
        self.head.toggled.connect(self._toggle)
        self.drawing = _Drawing(self)
        self.drawing.chosen.connect(self.timepoint_chosen)
        self.drawing.setAccessibleName(sentence("UI_TIMELINE_NAME"))
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self.head)
        column.addWidget(self.drawing)
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)
        self._fold()

    @property
    def shown(self) -> TimelineView:
        """What is shown."""
        return self.drawing.view

    @property
    def folded(self) -> bool:
        """Whether only the head is seen."""
        return self._folded

    def plot(self) -> Plot:
        """Places of the marks in the drawing."""
        return self.drawing.plot()

    def sizeHint(self) -> QSize:
        """As high as what is seen of it."""
        return QSize(400, HEAD_PX + (0 if self._folded else HEIGHT_PX))

    def show_view(self, view: TimelineView) -> None:
        """Show other values, or another current visit."""
        if view == self.shown:
            return
        self.drawing.show_view(view)
        self.drawing.setAccessibleDescription(view.words)
        self._say()

    def settle(self, page_px: int) -> None:
        """Open or shut by what there is to see and the height of the page, unless a hand has decided."""
        folded = self.shown.line.empty or page_px < TALL_PX
        folded = folded if self._by_hand is None else self._by_hand
        if folded is not self._folded:
            self._folded = folded
            self._fold()

    def _toggle(self) -> None:
        self._by_hand = self._folded = not self._folded
        self._fold()

    def _fold(self) -> None:
        self.head.show_folded(folded=self._folded)
        self.drawing.setVisible(not self._folded)
        self._say()
        self.updateGeometry()

    def _say(self) -> None:
        self.head.line.setText(self.shown.summary or self.shown.notice if self._folded else "")
