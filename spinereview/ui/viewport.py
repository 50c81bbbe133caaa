"""One pane with an image: what it shows, and where the mouse is on it. Gestures go to a :class:`~spinereview.ui.tools.Tool`.

What is shown is :mod:`spinereview.ui.pane`, mapping :mod:`spinereview.imaging.view`, painting
:mod:`spinereview.ui.painting`, calipers :mod:`spinereview.ui.overlay`; this module only joins them. The wheel scrolls, the
right button windows, the middle button pans, Ctrl and the wheel zooms; the left button belongs to the active tool.
"""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QPoint, QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import (
    QColor,
    QFocusEvent,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QPen,
    QResizeEvent,
    QWheelEvent,
)
from PySide6.QtWidgets import QSizePolicy, QWidget

from spinereview.imaging.volume import Volume
from spinereview.ui.lens import draw_lens
from spinereview.ui.level_offers import draw_offers
from spinereview.ui.outline_drawing import draw_outlines
from spinereview.ui.overlay import draw_calipers
from spinereview.ui.painting import CornerText
from spinereview.ui.pane import Pane
from spinereview.ui.shown import Shown, missing
from spinereview.ui.spine_drawing import draw_cross_lines, draw_crosshair, draw_spine
from spinereview.ui.theme import DARK, HEADING_PX, font
from spinereview.ui.tools import Tool

_ARROWS = {
    Qt.Key.Key_Left: (-1, 0),
    Qt.Key.Key_Right: (1, 0),
    Qt.Key.Key_Up: (0, -1),
    Qt.Key.Key_Down: (0, 1),
}


class Viewport(Pane):
    """A pane that shows planes of one stack."""

    activated = Signal()
    """Somebody clicked into the pane, or it got the focus."""
    resized = Signal()
    """The pane has another size."""
    settled = Signal()
    """The pointer or the keys have left the pane: scrolling alone is over."""
    probed = Signal(object)
    """Pointer moved: (column, row) of the plane, or None when it left."""

    def __init__(self, name: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.tool: Tool = Tool()
        self.corner_text = True
        self.describe: Callable[[Shown], CornerText] = lambda _shown: CornerText()
        self._last: QPointF | None = None
        self._pointer: QPointF | None = None
        self._resized = False
        # What lies under a pointer that rests changes with the image.
        self.plane_changed.connect(self._probe)
        self.view_changed.connect(self._probe)
        self.setAccessibleName(name)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setMouseTracking(True)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)
        self.setMinimumSize(QSize(240, 200))

    # Painting

    def paintEvent(self, event: QPaintEvent) -> None:
        """Image, calipers, letters, ring."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        if self.shown is None:
            painter.fillRect(self.rect(), QColor(DARK.ink))
            self._paint_empty(painter)
        else:
            self._paint_shown(painter, self.shown)
        if self.active:
            painter.setPen(QPen(QColor(DARK.accent), 2))
            painter.drawRect(QRectF(self.rect()).adjusted(1, 1, -1, -1))
        painter.end()

    def _paint_shown(self, painter: QPainter, shown: Shown) -> None:
        words = self.describe(shown) if self.corner_text else None
        self._base.draw(painter, shown, self.size(), words)
        draw_outlines(painter, shown.outlines, shown.view, self.width())
        draw_cross_lines(painter, shown.lines, shown.view)
        draw_spine(painter, shown.plates, shown.heights, self.tool.draft(self), shown.view, self.width())
        draw_offers(painter, shown.offers, shown.view, self.size())
        draw_crosshair(painter, shown.pointed, shown.view)
        draw_calipers(painter, self.tool.calipers(shown.calipers), shown.view, QRectF(self.rect()))
        self._paint_magnifier(painter, shown)

    def _paint_empty(self, painter: QPainter) -> None:
        painter.setPen(QColor(DARK.low))
        painter.setFont(font(HEADING_PX))
        painter.drawText(
            self.rect(), int(Qt.AlignmentFlag.AlignCenter) | int(Qt.TextFlag.TextWordWrap), self.empty_text
        )

    def _paint_magnifier(self, painter: QPainter, shown: Shown) -> None:
        """A lens beside the pointer while an end of a caliper is dragged."""
        if self.tool.magnifies and self._pointer is not None and shown.volume is not None and not missing(shown):
            calipers = self.tool.calipers(shown.calipers)
            draw_lens(painter, self._pictures.of(shown), calipers, shown.view, self._pointer)

    # Mouse and keys

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Take the focus; the left button starts the tool."""
        self.activated.emit()
        self._last = self._pointer = event.position()
        if self.shown is not None and event.button() is Qt.MouseButton.LeftButton:
            self._held = self.mapToGlobal(QPoint())
            self.tool.press(self, self._plane_point(event.position()), event.position())
            self.update()

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """The left button drags the tool, the right one windows, the middle one pans."""
        if self.shown is None:
            return
        position, buttons = event.position(), event.buttons()
        self._pointer = position
        moved = position - (self._last or position)
        self._last = position
        if buttons & Qt.MouseButton.LeftButton:
            self.tool.drag(self, self._plane_point(position), moved)
            self.update()
        elif buttons & Qt.MouseButton.RightButton:
            self.drag_window(moved)
        elif buttons & Qt.MouseButton.MiddleButton:
            self.set_view(self.shown.view.panned(moved.x(), moved.y()))
        else:
            # Should the release have gone elsewhere.
            self._let_go()
            self.setCursor(self.tool.cursor(self, position))
        self._probe()

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """The end of a gesture is one act."""
        if event.button() is not Qt.MouseButton.LeftButton:
            return
        if self.shown is not None:
            self.tool.release(self, self._plane_point(event.position()))
            self.update()
        self._let_go()

    def wheelEvent(self, event: QWheelEvent) -> None:
        """Scroll; with Ctrl zoom at the pointer."""
        if self.shown is None:
            return
        alone = bool(event.modifiers() & Qt.KeyboardModifier.ShiftModifier)
        # With Shift some systems turn the wheel sideways.
        turned = event.angleDelta().y() or (event.angleDelta().x() if alone else 0)
        if event.modifiers() & Qt.KeyboardModifier.ControlModifier:
            self.set_view(self.shown.view.zoomed(1.0015**turned, event.position().x(), event.position().y()))
        elif turned:
            self.scroll_by(-1 if turned > 0 else 1, alone=alone)
        event.accept()

    def leaveEvent(self, event: object) -> None:
        """The pointer is elsewhere: nothing is probed."""
        self._pointer = None
        self.probed.emit(None)
        self.settled.emit()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Alt and an arrow moves the selected handle by a tenth of a millimetre."""
        steps = _ARROWS.get(Qt.Key(event.key()))
        if steps is not None and event.modifiers() & Qt.KeyboardModifier.AltModifier and self.shown is not None:
            self.tool.nudge(self, *steps)
            self.update()
        else:
            super().keyPressEvent(event)

    def focusOutEvent(self, event: QFocusEvent) -> None:
        """The keys act elsewhere."""
        super().focusOutEvent(event)
        self.settled.emit()

    def focusInEvent(self, event: QFocusEvent) -> None:
        """The pane with the focus is the active one."""
        super().focusInEvent(event)
        self.activated.emit()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Keep what is in the middle, at the same share of the pane; under a hand that draws nothing moves."""
        shown = self.shown
        if shown is None:
            return
        if self._held is not None:
            corner = self.mapToGlobal(QPoint())
            moved, self._held = corner - self._held, corner
            shown.view = shown.view.held(self.width(), self.height(), moved.x(), moved.y())
            self._resized = True
            return
        shown.view = self._fitted(shown.planes) if shown.fit else shown.view.resized(self.width(), self.height())
        self.resized.emit()

    def _let_go(self) -> None:
        """The hand is off: the pane follows its size again."""
        self._held = None
        if self._resized and self.shown is not None:
            if self.shown.fit:
                self.shown.view = self._fitted(self.shown.planes)
            self.resized.emit()
            self.update()
        self._resized = False

    def drag_window(self, moved: QPointF) -> None:
        """Right widens the window, down raises its centre."""
        if self.shown is not None:
            per_pixel = max(0.001, self.shown.window.width / 300)
            self.set_window(self.shown.window.dragged(moved.x(), moved.y(), per_pixel))

    def show_nothing(self, text: str) -> None:
        """Empty the pane: nothing lies under the pointer."""
        super().show_nothing(text)
        self._probe()

    def set_volume(self, volume: Volume, *, single: int | None = None) -> None:
        """Samples have arrived, also under the pointer."""
        super().set_volume(volume, single=single)
        self._probe()

    def _probe(self) -> None:
        if self._pointer is not None:
            self.probed.emit(self._plane_point(self._pointer) if self.shown is not None else None)

    def _plane_point(self, position: QPointF) -> tuple[float, float]:
        assert self.shown is not None  # asked by every caller
        return self.shown.view.to_plane(position.x(), position.y())
