"""Painting over images: pictures of planes, halos, corner text, orientation letters, scale bar."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QFont, QFontMetricsF, QImage, QPainter, QPen

from spinereview.imaging.slicing import PlaneSet, direction_letters, opposite
from spinereview.imaging.view import View, scale_bar_mm
from spinereview.ui.halo import HALO, halo_text, stamped
from spinereview.ui.theme import DARK, OVERLAY_PX, font

MARGIN = 10.0
LETTER_ROOM = 14.0
"""Kept free on both sides of the middle, where a letter of orientation stands."""
ABOVE, BELOW = 54.0, -54.0
"""Where a plate lies: below the upper edge, above the lower one, clear of the text of the corners."""
HEAD_ENDS = "  "
"""Between a visit and the title of a series."""
_GREY_OF_EACH, _OPAQUE = np.uint32(0x010101), np.uint32(0xFF000000)
"""Greys as Qt draws them at twice the speed: it need not turn every sample into a colour while it scales."""


@dataclass(frozen=True, slots=True)
class CornerText:
    """Two lines in each corner; the first is brighter, and ``warning`` among them stands out.

    In the first line at the upper left :data:`HEAD_ENDS` parts the visit from the title of the series.
    """

    upper_left: tuple[str, str] = ("", "")
    upper_right: tuple[str, str] = ("", "")
    lower_left: tuple[str, str] = ("", "")
    lower_right: tuple[str, str] = ("", "")
    warning: str = ""


def picture(shades: NDArray[np.uint8]) -> QImage:
    """Picture of a plane's greys, (rows, columns), or colours, (rows, columns, 3); it owns its pixels."""
    rows, columns = shades.shape[:2]
    if shades.ndim == 3:
        colours = np.ascontiguousarray(shades)
        return QImage(colours.data, columns, rows, colours.strides[0], QImage.Format.Format_RGB888).copy()
    image = QImage(columns, rows, QImage.Format.Format_RGB32)
    # Written where they stay, and calculated: a table of 256 greys takes four times as long.
    pixels = np.frombuffer(image.bits(), dtype=np.uint32).reshape(rows, columns)
    np.copyto(pixels, shades)
    pixels *= _GREY_OF_EACH
    pixels |= _OPAQUE
    return image


def draw_picture(painter: QPainter, image: QImage, view: View) -> None:
    """Draw a plane's picture where its view says."""
    left, top = view.to_screen(0, 0)
    right, bottom = view.to_screen(image.width(), image.height())
    painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
    painter.drawImage(QRectF(left, top, right - left, bottom - top), image)


def halo_lines(painter: QPainter, lines: Sequence[tuple[QPointF, QPointF]], colour: str, width: float) -> None:
    """Strokes with a dark halo of about one pixel."""
    for stroke, breadth in ((HALO, width + 2.0), (QColor(colour), width)):
        pen = QPen(stroke, breadth)
        pen.setCapStyle(Qt.PenCapStyle.RoundCap)
        painter.setPen(pen)
        for start, end in lines:
            painter.drawLine(start, end)


def draw_corners(painter: QPainter, texts: CornerText, width: float, height: float) -> None:
    """Text in the four corners; what would run into the letter in the middle is cut short."""
    face = font(OVERLAY_PX)
    metrics = QFontMetricsF(face)
    line = metrics.height() + 1
    rows = {True: (MARGIN + metrics.ascent(), line), False: (height - MARGIN - metrics.descent() - line, line)}
    corners = (
        (texts.upper_left, True, True),
        (texts.upper_right, True, False),
        (texts.lower_left, False, True),
        (texts.lower_right, False, False),
    )
    room = width / 2 - MARGIN - LETTER_ROOM
    # A corner at the bottom with one line keeps it on the lowest row.
    rows_of: list[tuple[str, ...]] = [pair if top or pair[1] else ("", pair[0]) for pair, top, _ in corners]
    head, _, title = texts.upper_left[0].partition(HEAD_ENDS)
    if title and metrics.horizontalAdvance(texts.upper_left[0]) > room:
        # Whose visit it is stands there whole; in a narrow pane the title has a row of its own.
        rows_of[0] = (head, title, texts.upper_left[1])
    for corner, (pair, top, left) in enumerate(corners):
        first, step = rows[top]
        facing = rows_of[corner ^ 1]
        for place, text in enumerate(rows_of[corner]):
            if text:
                # The letter stands on the outer row; on the inner ones a text may pass the middle.
                inner = place > 0 if top else place == 0
                other = facing[place] if place < len(facing) else ""
                beside = width - 3 * MARGIN - metrics.horizontalAdvance(other)
                # Of a title both ends count: series of one name differ at their end.
                cut = Qt.TextElideMode.ElideMiddle if text == title else Qt.TextElideMode.ElideRight
                fitting = metrics.elidedText(text, cut, max(room, beside) if inner else room)
                x = MARGIN if left else width - MARGIN - metrics.horizontalAdvance(fitting)
                colour = DARK.hi if text in (pair[0], head, title) else DARK.mid
                colour = DARK.warn if text == texts.warning else colour
                halo_text(painter, x, first + place * step, fitting, colour, face)


def draw_orientation(painter: QPainter, planes: PlaneSet, width: float, height: float) -> None:
    """Letters at the four edges: where the screen's sides lie in the patient."""
    if planes.grid.origin_mm is None:
        return
    right, down = planes.directions()
    letters = (
        (direction_letters(right), width - MARGIN, height / 2, 1.0),
        (opposite(direction_letters(right)), MARGIN, height / 2, 0.0),
        (opposite(direction_letters(down)), width / 2, MARGIN, 0.5),
        (direction_letters(down), width / 2, height - MARGIN, 0.5),
    )
    face = font(13, QFont.Weight.DemiBold)
    metrics = QFontMetricsF(face)
    for text, x, y, share in letters:
        baseline = y + metrics.capHeight() / 2
        if y == MARGIN:
            baseline = y + metrics.ascent()
        elif y == height - MARGIN:
            baseline = y - metrics.descent()
        halo_text(painter, x - share * metrics.horizontalAdvance(text), baseline, text, DARK.hi, face)


def draw_notice(painter: QPainter, text: str, width: float, height: float) -> None:
    """What is wrong with the geometry, on a plate at the lower edge, as many lines as it needs."""
    _draw_plate(painter, text, width, height, BELOW)


def draw_banner(painter: QPainter, text: str, width: float, height: float) -> None:
    """What must not be overlooked, on a plate below the text of the upper edge."""
    _draw_plate(painter, text, width, height, ABOVE)


def _draw_plate(painter: QPainter, text: str, width: float, height: float, edge: float) -> None:
    """Text on a plate at a distance from an edge: the upper one, or with a distance below zero the lower one."""
    face = font(OVERLAY_PX)
    # At the lower edge the corners and the letter leave less room.
    room = QRectF(0, 0, min(width - (40 if edge > 0 else 160), 620), height)
    wrap = int(Qt.TextFlag.TextWordWrap | Qt.AlignmentFlag.AlignLeft)
    words = QFontMetricsF(face).boundingRect(room, wrap, text)
    top = edge if edge > 0 else height - words.height() + edge
    plate = QRectF((width - words.width()) / 2 - 10, top, words.width() + 20, words.height() + 10)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(QColor(16, 19, 22, 217))
    painter.drawRoundedRect(plate, 4, 4)
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.setFont(face)
    painter.setPen(QColor(DARK.warn))
    painter.drawText(plate.adjusted(10, 5, -10, -5), wrap, text)


def draw_scale_bar(painter: QPainter, view: View, width: float, height: float) -> None:
    """Ruler at the right edge: its whole length in millimetres is written below it."""
    length_mm = scale_bar_mm(1 / view.scale, height * 0.28)
    if length_mm is None:
        return
    x, top = width - 30.0, height / 2 + 22
    pixels = length_mm * view.scale
    parts = 5 if str(length_mm)[0] in "15" else 4

    def bounds() -> QRectF:
        return QRectF(-8, 0, 8, pixels).adjusted(-4, -4, 4, 4)

    def paint(over: QPainter) -> None:
        lines = [(QPointF(0, 0), QPointF(0, pixels))]
        for tick in range(parts + 1):
            reach = 8.0 if tick in (0, parts) else 4.0
            lines.append((QPointF(-reach, pixels * tick / parts), QPointF(0, pixels * tick / parts)))
        halo_lines(over, lines, DARK.hi, 1.0)

    stamped(painter, QPointF(x, top), bounds, ("ruler", pixels, parts), paint)
    face = font(OVERLAY_PX)
    text = f"{length_mm} mm"
    advance = QFontMetricsF(face).horizontalAdvance(text)
    halo_text(painter, min(x + 6, width - 6) - advance, top + pixels + 15, text, DARK.hi, face)
