"""Draws outlines of segmentations with QPainter: thin, in one colour that no mark has."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QLineF
from PySide6.QtGui import QColor, QFontMetricsF, QPainter, QPen

from spinereview.imaging.labels import Outline
from spinereview.imaging.view import View
from spinereview.ui.halo import HALO, halo_text
from spinereview.ui.theme import DARK, OVERLAY_PX, font


def draw_outlines(painter: QPainter, outlines: Sequence[Outline], view: View, width: float) -> None:
    """Draw outlines in a thin line, the name of each beside its right end, within the width of the pane."""
    face = font(OVERLAY_PX)
    for outline in outlines:
        lines = [
            QLineF(*view.to_screen(float(x1), float(y1)), *view.to_screen(float(x2), float(y2)))
            for x1, y1, x2, y2 in outline.lines
        ]
        for colour, breadth in ((HALO, 2.2), (QColor(DARK.ok), 1.0)):
            painter.setPen(QPen(colour, breadth))
            painter.drawLines(lines)
        right = max(lines, key=lambda line: (line.x2(), -line.y2()))
        room = width - QFontMetricsF(face).horizontalAdvance(outline.name) - 4
        halo_text(painter, round(min(right.x2() + 4, room)), round(right.y2()), outline.name, DARK.ok, face)
