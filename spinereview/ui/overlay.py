"""Draws the list of calipers with QPainter: thin lines with a dark halo, handles, and a label that moves off the lesions.

The other drawer is the report's; both take ends from the same primitives.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QFont, QFontMetricsF, QPainter, QPen

from spinereview.imaging.view import View
from spinereview.review.badges import Badge
from spinereview.review.overlay import Caliper, LineKind
from spinereview.text import sentence
from spinereview.ui.theme import DARK, HUES, OVERLAY_PX, SECONDARY_PX, font

LONG_PX, SHORT_PX, HANDLE_PX = 1.6, 1.2, 3.2
LABEL_GAP_PX = 34.0
_HALO = QColor(0, 0, 0, 210)
_PLATE = QColor(16, 19, 22, 217)
_DASHES = [3.0, 3.0]


def draw_calipers(
    painter: QPainter, calipers: Sequence[Caliper], view: View, pane: QRectF, *, labels: bool = True
) -> None:
    """Draw calipers over an image.

    Parameters
    ----------
    pane
        The viewport; labels stay inside it.
    """
    for caliper in calipers:
        _draw_lines(painter, caliper, view)
        if caliper.selected:
            _draw_handles(painter, caliper, view)
    if labels:
        taken = [extent(caliper, view) for caliper in calipers]
        for caliper in reversed(calipers):
            taken.append(_draw_label(painter, caliper, view, pane, taken))


def to_point(point: tuple[int, int], view: View) -> QPointF:
    """Screen position of a stored point."""
    x, y = view.to_screen(point[0] / 1000, point[1] / 1000)
    return QPointF(x, y)


def extent(caliper: Caliper, view: View) -> QRectF:
    """Rectangle of a caliper's lines on the screen, a little wider."""
    points = [to_point(point, view) for line in caliper.lines for point in (line.start, line.end)]
    left, right = min(point.x() for point in points), max(point.x() for point in points)
    top, bottom = min(point.y() for point in points), max(point.y() for point in points)
    return QRectF(left, top, right - left, bottom - top).adjusted(-5, -5, 5, 5)


def badge_text(notes: Iterable[Badge]) -> str:
    """What makes a number trustworthy, in a line."""
    return " · ".join(sentence(note.code, note.args) for note in notes)


def _draw_lines(painter: QPainter, caliper: Caliper, view: View) -> None:
    colour = QColor(HUES[caliper.role])
    for line in caliper.lines:
        width = LONG_PX if line.kind is LineKind.LONG else SHORT_PX
        start, end = to_point(line.start, view), to_point(line.end, view)
        for stroke, breadth in ((_HALO, width + 2.0), (colour, width)):
            pen = QPen(stroke, breadth)
            pen.setCapStyle(Qt.PenCapStyle.FlatCap)
            if caliper.dashed or line.kind is LineKind.PROPOSED:
                # The pattern counts in widths of the pen; both strokes shall dash alike.
                pen.setDashPattern([step * SHORT_PX * 1.4 / breadth for step in _DASHES])
            painter.setPen(pen)
            painter.drawLine(start, end)


def _draw_handles(painter: QPainter, caliper: Caliper, view: View) -> None:
    for place, handle in enumerate(caliper.handles):
        proposed = place >= caliper.stored
        painter.setPen(QPen(_HALO, 3.0))
        painter.setBrush(Qt.BrushStyle.NoBrush)
        point = to_point(handle, view)
        painter.drawEllipse(point, HANDLE_PX, HANDLE_PX)
        painter.setPen(QPen(QColor(HUES[caliper.role]), 1.2))
        painter.setBrush(Qt.BrushStyle.NoBrush if proposed else QColor(HUES[caliper.role]))
        painter.drawEllipse(point, HANDLE_PX, HANDLE_PX)
    painter.setBrush(Qt.BrushStyle.NoBrush)


def _draw_label(painter: QPainter, caliper: Caliper, view: View, pane: QRectF, taken: list[QRectF]) -> QRectF:
    """Plate with the millimetres and the badges beneath; returns the place it took."""
    first_face, second_face = font(SECONDARY_PX, QFont.Weight.Bold), font(OVERLAY_PX)
    first, second = QFontMetricsF(first_face), QFontMetricsF(second_face)
    notes = badge_text(caliper.badges)
    width = max(first.horizontalAdvance(caliper.text), second.horizontalAdvance(notes)) + 16
    height = first.height() + second.height() + 8
    body = extent(caliper, view)
    plate = label_place(body, width, height, pane, taken)
    near = QPointF(
        min(max(plate.left(), body.center().x()), plate.right()),
        min(max(plate.top(), body.center().y()), plate.bottom()),
    )
    pen = QPen(QColor(HUES[caliper.role]), 1.0)
    pen.setDashPattern([1.0, 3.0])
    painter.setPen(pen)
    painter.drawLine(body.center(), near)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(_PLATE)
    painter.drawRoundedRect(plate, 4, 4)
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.setFont(first_face)
    painter.setPen(QColor(HUES[caliper.role]))
    painter.drawText(QPointF(plate.left() + 8, plate.top() + 4 + first.ascent()), caliper.text)
    painter.setFont(second_face)
    warns = any(note.warns for note in caliper.badges)
    painter.setPen(QColor(DARK.warn if warns else DARK.mid))
    painter.drawText(QPointF(plate.left() + 8, plate.top() + 4 + first.height() + second.ascent()), notes)
    return plate


def label_place(body: QRectF, width: float, height: float, pane: QRectF, taken: Sequence[QRectF]) -> QRectF:
    """Place for a label beside a caliper: inside the pane, over no other caliper or label while there is room."""
    right, left = body.right() + LABEL_GAP_PX, body.left() - LABEL_GAP_PX - width
    above, below = body.top() - LABEL_GAP_PX - height, body.bottom() + LABEL_GAP_PX
    middle = body.center().y() - height / 2
    centre = body.center().x() - width / 2
    candidates = [
        QRectF(x, y, width, height)
        for x, y in (
            (right, above + height),
            (right, middle),
            (left, above + height),
            (left, middle),
            (right, below - height),
            (left, below - height),
            (centre, above),
            (centre, below),
            (right, above - height),
            (left, below + height),
        )
    ]
    inner = pane.adjusted(4, 30, -4, -30)
    for candidate in candidates:
        if inner.contains(candidate) and not any(candidate.intersects(other) for other in taken):
            return candidate
    inside = [_moved_inside(candidate, inner) for candidate in candidates]
    return min(inside, key=lambda place: _covered(place, taken))


def _moved_inside(place: QRectF, pane: QRectF) -> QRectF:
    x = max(pane.left(), min(place.left(), pane.right() - place.width()))
    y = max(pane.top(), min(place.top(), pane.bottom() - place.height()))
    return QRectF(x, y, place.width(), place.height())


def _covered(place: QRectF, taken: Sequence[QRectF]) -> float:
    overlaps = (place.intersected(other) for other in taken)
    return sum(overlap.width() * overlap.height() for overlap in overlaps if not overlap.isEmpty())
