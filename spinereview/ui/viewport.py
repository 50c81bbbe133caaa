"""One pane with an image: what it shows, and where the mouse is on it. Gestures go to a :class:`~spinereview.ui.tools.Tool`.

Mapping is :mod:`spinereview.imaging.view`, painting :mod:`spinereview.ui.painting`, calipers
:mod:`spinereview.ui.overlay`; this module only joins them. The wheel scrolls, the right button windows, the middle button
pans, Ctrl and the wheel zooms; the left button belongs to the active tool.
"""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QPointF, QRectF, QSize, Qt, Signal
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

from spinereview.domain.imaging import ImageRef
from spinereview.imaging.cross_reference import Segment
from spinereview.imaging.slicing import Orientation, PlaneSet
from spinereview.imaging.view import View, fitted
from spinereview.imaging.volume import Volume
from spinereview.imaging.window import Window, suggested
from spinereview.review.overlay import Caliper
from spinereview.review.spine_overlay import HeightsMark, LevelPlate
from spinereview.ui.base_layer import BaseLayer
from spinereview.ui.lens import draw_lens
from spinereview.ui.overlay import draw_calipers
from spinereview.ui.painting import CornerText
from spinereview.ui.shown import PictureCache, Shown, missing, place_in_volume
from spinereview.ui.spine_drawing import draw_cross_lines, draw_crosshair, draw_spine
from spinereview.ui.stacks import ShownStack
from spinereview.ui.theme import DARK, HEADING_PX, font
from spinereview.ui.tools import Tool

_ARROWS = {
    Qt.Key.Key_Left: (-1, 0),
    Qt.Key.Key_Right: (1, 0),
    Qt.Key.Key_Up: (0, -1),
    Qt.Key.Key_Down: (0, 1),
}


class Viewport(QWidget):
    """A pane that shows planes of one stack."""

    activated = Signal()
    """Somebody clicked into the pane, or it got the focus."""
    plane_changed = Signal()
    """Another plane, stack or orientation is shown."""
    view_changed = Signal()
    """Zoom, pan or window changed."""
    resized = Signal()
    """The pane has another size."""
    scrolled = Signal(bool)
    """Somebody scrolled by wheel or key; with Shift this pane alone."""
    settled = Signal()
    """The pointer or the keys have left the pane: scrolling alone is over."""
    probed = Signal(object)
    """Pointer moved: (column, row) of the plane, or None when it left."""

    def __init__(self, name: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.shown: Shown | None = None
        self.tool: Tool = Tool()
        self.active = False
        self.corner_text = True
        self.empty_text = ""
        self.describe: Callable[[Shown], CornerText] = lambda _shown: CornerText()
        self._last: QPointF | None = None
        self._pointer: QPointF | None = None
        self._pictures = PictureCache()
        self._base = BaseLayer(self._pictures)
        self.setAccessibleName(name)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setMouseTracking(True)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)
        self.setMinimumSize(QSize(240, 200))

    # What is shown

    def show_stack(
        self, stack: ShownStack, volume: Volume | None, orientation: Orientation = Orientation.NATIVE
    ) -> None:
        """Show a stack from its middle plane, the whole plane in sight."""
        planes = stack.planes(orientation)
        self.shown = Shown(
            stack=stack,
            planes=planes,
            index=planes.count // 2,
            window=stack.window or Window(centre=0, width=1),
            view=self._fitted(planes),
            volume=volume,
        )
        self._tell_plane()

    def renew_stack(self, stack: ShownStack) -> None:
        """The same images with other millimetres; the whole plane in sight again."""
        if self.shown is not None:
            self.shown.stack, self.shown.planes = stack, stack.planes(self.shown.planes.orientation)
            self.shown.view, self.shown.fit = self._fitted(self.shown.planes), True
            self._tell_plane()

    def show_nothing(self, text: str) -> None:
        """Empty the pane and say what to do next."""
        self.shown = None
        self.empty_text = text
        self.update()

    def set_volume(self, volume: Volume, *, single: int | None = None) -> None:
        """Samples of the shown stack have arrived; without a suggested window the shown plane gives one.

        Parameters
        ----------
        single
            The volume is this one image alone.
        """
        if self.shown is None:
            return
        self.shown.volume, self.shown.single = volume, single
        self._window_from_values()
        self._pictures.forget()
        self._base.forget()
        self.update()

    def set_orientation(self, orientation: Orientation) -> None:
        """Show other planes of the same stack, from the middle one."""
        if self.shown is not None and self.shown.planes.orientation is not orientation:
            before = self.shown
            self.show_stack(before.stack, before.volume, orientation)
            self.shown.window, self.shown.inverted, self.shown.hung_as = before.window, before.inverted, before.hung_as

    def scroll_to(self, index: int) -> None:
        """Show a plane by its number from 0; beyond the ends the last one."""
        if self.shown is None:
            return
        index = max(0, min(self.shown.planes.count - 1, index))
        if index != self.shown.index:
            self.shown.index = index
            self._tell_plane()

    def scroll_by(self, steps: int, *, alone: bool = False) -> None:
        """Show the plane that lies some steps on, as a person asks for it; panes that are linked follow unless ``alone``."""
        if self.shown is not None:
            self.scroll_to(self.shown.index + steps)
            self.scrolled.emit(alone)

    def set_window(self, window: Window) -> None:
        """Window the images."""
        if self.shown is not None:
            self.shown.window = window
            self._tell_view()

    def invert(self) -> None:
        """Turn black and white over."""
        if self.shown is not None:
            self.shown.inverted = not self.shown.inverted
            self._tell_view()

    def set_view(self, view: View) -> None:
        """Zoom and pan."""
        if self.shown is not None:
            self.shown.view = view
            self.shown.fit = False
            self._tell_view()

    def reset_view(self) -> None:
        """The whole plane, the suggested window."""
        if self.shown is not None:
            planes = self.shown.planes
            self.shown.view = self._fitted(planes)
            self.shown.fit = True
            self.shown.inverted = False
            if self.shown.stack.window is not None:
                self.shown.window = self.shown.stack.window
            self._tell_view()

    def pixel_zoom(self) -> None:
        """One sample of the image is one pixel of the screen, across."""
        if self.shown is not None:
            view = self.shown.view
            factor = 1 / (view.spacing[1] * view.scale * self.devicePixelRatioF())
            self.set_view(view.zoomed(factor, self.width() / 2, self.height() / 2))

    def fitting_scale(self) -> float:
        """Scale at which the whole plane is in sight."""
        assert self.shown is not None
        return self._fitted(self.shown.planes).scale

    def match_scale(self, scale: float) -> None:
        """Show a millimetre as long as another viewport does."""
        if self.shown is not None and abs(self.shown.view.scale - scale) > 1e-9:
            view = self.shown.view
            self.shown.view = view.zoomed(scale / view.scale, self.width() / 2, self.height() / 2)
            self.update()

    def set_calipers(self, calipers: tuple[Caliper, ...]) -> None:
        """Marks of the shown image, made from the read."""
        if self.shown is not None and self.shown.calipers != calipers:
            self.shown.calipers = calipers
            self.update()

    def set_spine(self, plates: tuple[LevelPlate, ...], heights: tuple[HeightsMark, ...]) -> None:
        """Labels and heights on the shown plane, made from the read."""
        if self.shown is not None and (self.shown.plates, self.shown.heights) != (plates, heights):
            self.shown.plates, self.shown.heights = plates, heights
            self.update()

    def set_lines(self, lines: tuple[tuple[Segment, bool], ...]) -> None:
        """Planes of the active viewport as lines, each with whether it is dashed."""
        if self.shown is not None and self.shown.lines != lines:
            self.shown.lines = lines
            self.update()

    def set_pointed(self, point: tuple[float, float] | None) -> None:
        """Mark the point of the shown plane that the crosshair points to in another pane; None takes the mark away."""
        if self.shown is not None and self.shown.pointed != point:
            self.shown.pointed = point
            self.update()

    def set_link_text(self, text: tuple[str, str]) -> None:
        """Say how this pane follows the active one."""
        if self.shown is not None and self.shown.link_text != text:
            self.shown.link_text = text
            self.update()

    def set_active(self, *, active: bool) -> None:
        """Mark this as the pane that keys act on."""
        self.active = active
        self.update()

    def image(self) -> ImageRef | None:
        """The acquired image that is shown; None in a reformat."""
        if self.shown is None or not self.shown.planes.native:
            return None
        return self.shown.stack.image_at(self.shown.index)

    def _window_from_values(self) -> None:
        shown = self.shown
        if shown is None or shown.volume is None or shown.stack.window is not None or shown.window.width > 1:
            return
        place = place_in_volume(shown) if shown.planes.axes[0] == 0 else len(shown.volume) // 2
        if shown.volume.ready[place] and not shown.volume.colour:
            shown.window = suggested(shown.volume.real_values(place))

    def _tell_plane(self) -> None:
        if self.shown is not None:
            self.shown.calipers, self.shown.plates, self.shown.heights = (), (), ()
            self.shown.pointed = None
        self._window_from_values()
        self.plane_changed.emit()
        self.update()

    def _tell_view(self) -> None:
        self.view_changed.emit()
        self.update()

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
        draw_cross_lines(painter, shown.lines, shown.view)
        draw_spine(painter, shown.plates, shown.heights, self.tool.draft(self), shown.view, self.width())
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
            self.setCursor(self.tool.cursor(self, position))
        self.probed.emit(self._plane_point(position))

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """The end of a gesture is one act."""
        if self.shown is not None and event.button() is Qt.MouseButton.LeftButton:
            self.tool.release(self, self._plane_point(event.position()))
            self.update()

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
        """Keep what is in the middle, at the same share of the pane."""
        shown = self.shown
        if shown is not None:
            shown.view = self._fitted(shown.planes) if shown.fit else shown.view.resized(self.width(), self.height())
            self.resized.emit()

    def drag_window(self, moved: QPointF) -> None:
        """Right widens the window, down raises its centre."""
        if self.shown is not None:
            per_pixel = max(0.001, self.shown.window.width / 300)
            self.set_window(self.shown.window.dragged(moved.x(), moved.y(), per_pixel))

    def _fitted(self, planes: PlaneSet) -> View:
        return fitted(planes.size, planes.spacing, self.width(), self.height())

    def _plane_point(self, position: QPointF) -> tuple[float, float]:
        assert self.shown is not None  # asked by every caller
        return self.shown.view.to_plane(position.x(), position.y())
