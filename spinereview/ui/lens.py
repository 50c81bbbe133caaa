"""The lens that is shown while an end of a caliper is dragged: the place under the pointer, larger, away from the hand."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from PySide6.QtCore import QPointF, QRectF
from PySide6.QtGui import QColor, QImage, QPainter, QPen

from spinereview.imaging.view import View
from spinereview.review.overlay import Caliper
from spinereview.ui.halo import halo_text
from spinereview.ui.overlay import draw_calipers
from spinereview.ui.painting import draw_picture
from spinereview.ui.theme import DARK, OVERLAY_PX, font

SIDE_PX, TIMES = 140.0, 3.0


def draw_lens(painter: QPainter, image: QImage, calipers: Sequence[Caliper], view: View, pointer: QPointF) -> None:
    """Draw the lens in the lower corner that is farther from the pointer.

    Parameters
    ----------
    view
        Of the whole pane.
    """
    left = 12.0 if pointer.x() > view.width / 2 else view.width - SIDE_PX - 12
    lens = QRectF(left, view.height - SIDE_PX - 44, SIDE_PX, SIDE_PX)
    centre = view.to_plane(pointer.x(), pointer.y())
    inside = replace(view, width=SIDE_PX, height=SIDE_PX, centre=centre, scale=view.scale * TIMES)
    painter.save()
    painter.setClipRect(lens)
    painter.translate(lens.topLeft())
    painter.fillRect(QRectF(0, 0, SIDE_PX, SIDE_PX), QColor(DARK.ink))
    draw_picture(painter, image, inside)
    draw_calipers(painter, calipers, inside, QRectF(0, 0, SIDE_PX, SIDE_PX), labels=False)
    painter.restore()
    painter.setPen(QPen(QColor(DARK.accent), 1))
    painter.drawRect(lens)
    halo_text(painter, lens.left() + 6, lens.bottom() - 6, f"{TIMES:.0f}×", DARK.mid, font(OVERLAY_PX))
