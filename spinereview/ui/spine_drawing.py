"""Draws labels of vertebrae, six-point heights, cross-reference lines and the crosshair with QPainter."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QFont, QFontMetricsF, QPainter, QPen

from spinereview.domain.lesion import LesionRole
from spinereview.imaging.cross_reference import Segment
from spinereview.imaging.view import View
from spinereview.review.spine_overlay import HeightsMark, LevelPlate
from spinereview.ui.painting import halo_lines
from spinereview.ui.theme import DARK, HUES, SECONDARY_PX, font

PLATE_COLOUR = QColor(16, 19, 22, 217)
HALO = QColor(0, 0, 0, 210)
DOT_PX = 3.2
_SIDE_PX = 26.0
CROSS_GAP_PX, CROSS_PX = 6.0, 20.0


def draw_spine(
    painter: QPainter,
    plates: Sequence[LevelPlate],
    heights: Sequence[HeightsMark],
    drafts: Sequence[tuple[tuple[int, int], tuple[int, int]]],
    view: View,
    width: float,
) -> None:
    """Draw everything of the spine over a plane; labels stay within the width of the pane."""
    for plate in plates:
        _draw_plate(painter, plate.level.value, _point(plate.point, view), chosen=plate.selected)
    for mark in heights:
        _draw_heights(painter, mark, view, width)
    for start, end in drafts:
        _line(painter, _point(start, view), _point(end, view), dashed=True)


def draw_cross_lines(painter: QPainter, lines: Sequence[tuple[Segment, bool]], view: View) -> None:
    """Draw planes of another viewport as lines, those of its first and last image dashed."""
    for (start, end), dashed in lines:
        for colour, width in ((HALO, 3.0), (QColor(DARK.accent), 1.0)):
            pen = QPen(colour, width)
            if dashed:
                pen.setDashPattern([4.0 / width, 6.0 / width])
            painter.setPen(pen)
            painter.drawLine(QPointF(*view.to_screen(*start)), QPointF(*view.to_screen(*end)))


def draw_crosshair(painter: QPainter, point: tuple[float, float] | None, view: View) -> None:
    """Draw the point that another viewport points to: a cross with a gap in the middle, so that nothing is covered."""
    if point is None:
        return
    x, y = view.to_screen(*point)
    arms = [
        (QPointF(x + dx * CROSS_GAP_PX, y + dy * CROSS_GAP_PX), QPointF(x + dx * CROSS_PX, y + dy * CROSS_PX))
        for dx, dy in ((1, 0), (-1, 0), (0, 1), (0, -1))
    ]
    halo_lines(painter, arms, DARK.hi, 1.6)


def _draw_plate(painter: QPainter, text: str, at: QPointF, *, chosen: bool) -> None:
    face = font(SECONDARY_PX, QFont.Weight.DemiBold)
    metrics = QFontMetricsF(face)
    box = QRectF(0, 0, metrics.horizontalAdvance(text) + 10, metrics.height() + 4)
    box.moveCenter(at)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(QColor(DARK.accent_bg) if chosen else PLATE_COLOUR)
    painter.drawRoundedRect(box, 3, 3)
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.setFont(face)
    painter.setPen(QColor(DARK.accent if chosen else DARK.mid))
    painter.drawText(box, int(Qt.AlignmentFlag.AlignCenter), text)


def _draw_heights(painter: QPainter, mark: HeightsMark, view: View, width: float) -> None:
    points = [_point(point, view) for point in mark.points]
    for a, b in ((0, 1), (1, 2), (3, 4), (4, 5)):
        _line(painter, points[a], points[b], dashed=False)
    for point in points:
        painter.setPen(QPen(HALO, 3.0))
        painter.drawEllipse(point, DOT_PX, DOT_PX)
        painter.setPen(QPen(QColor(HUES[LesionRole.NON_TARGET]), 1.2))
        painter.setBrush(QColor(HUES[LesionRole.NON_TARGET]))
        painter.drawEllipse(point, DOT_PX, DOT_PX)
        painter.setBrush(Qt.BrushStyle.NoBrush)
    face = font(SECONDARY_PX, QFont.Weight.Bold)
    metrics = QFontMetricsF(face)
    box = QRectF(0, 0, metrics.horizontalAdvance(mark.text) + 16, metrics.height() + 8)
    right = max(point.x() for point in points)
    middle = sum(point.y() for point in points) / len(points)
    left = min(point.x() for point in points)
    beside = right + _SIDE_PX
    if beside + box.width() > width:
        # No room behind the spine: before it, or at the edge.
        beside = max(0.0, min(left - _SIDE_PX - box.width(), width - box.width()))
    box.moveTo(beside, middle - box.height() / 2)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(PLATE_COLOUR)
    painter.drawRoundedRect(box, 4, 4)
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.setFont(face)
    painter.setPen(QColor(HUES[LesionRole.NON_TARGET]))
    painter.drawText(box, int(Qt.AlignmentFlag.AlignCenter), mark.text)


def _line(painter: QPainter, start: QPointF, end: QPointF, *, dashed: bool) -> None:
    for colour, width in ((HALO, 3.2), (QColor(HUES[LesionRole.NON_TARGET]), 1.2)):
        pen = QPen(colour, width)
        if dashed:
            pen.setDashPattern([4.2 / width, 4.2 / width])
        painter.setPen(pen)
        painter.drawLine(start, end)


def _point(point: tuple[int, int], view: View) -> QPointF:
    x, y = view.to_screen(point[0] / 1000, point[1] / 1000)
    return QPointF(x, y)
