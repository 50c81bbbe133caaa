"""Text and rulers with a halo over images: painted once, then copied, for they stand on every image of a scroll."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Hashable
from math import ceil, floor

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QFont, QFontMetricsF, QPainter, QPainterPath, QPainterPathStroker, QPen, QPixmap

HALO = QColor(0, 0, 0, 220)
_HALO_PX = 3.0
_KEPT = 512
"""Stamps that are kept: those of the panes, and the slice numbers that were scrolled past last."""
_stamps: OrderedDict[Hashable, tuple[QPixmap, int, int]] = OrderedDict()


def halo_text(painter: QPainter, x: float, baseline: float, text: str, colour: str, face: QFont) -> None:
    """Text with a dark halo, readable on white bone and black lung."""

    def bounds() -> QRectF:
        return QFontMetricsF(face).boundingRect(text).adjusted(-4, -4, 4, 4)

    key = (text, colour, face.toString())
    stamped(painter, QPointF(x, baseline), bounds, key, lambda over: _paint(over, text, colour, face))


def stamped(
    painter: QPainter,
    at: QPointF,
    bounds: Callable[[], QRectF],
    key: Hashable,
    paint: Callable[[QPainter], None],
) -> None:
    """Copy a picture to a place; it is painted where there is none yet for this key. The painter has no transform.

    Parameters
    ----------
    bounds
        What is painted, around the origin that comes to lie at the place.
    """
    ratio = painter.device().devicePixelRatioF()
    x, y = at.x() * ratio, at.y() * ratio
    # A picture belongs to its place within a pixel, so that it is copied and never resampled.
    whole = (key, x - floor(x), y - floor(y), ratio)
    found = _stamps.get(whole)
    if found is None:
        room = bounds()
        left, top = floor(room.left() * ratio), floor(room.top() * ratio)
        stamp = QPixmap(ceil(room.right() * ratio) + 1 - left, ceil(room.bottom() * ratio) + 1 - top)
        stamp.setDevicePixelRatio(ratio)
        stamp.fill(Qt.GlobalColor.transparent)
        over = QPainter(stamp)
        over.setRenderHint(QPainter.RenderHint.Antialiasing)
        over.translate((x - floor(x) - left) / ratio, (y - floor(y) - top) / ratio)
        paint(over)
        over.end()
        found = _stamps[whole] = (stamp, left, top)
        if len(_stamps) > _KEPT:
            _stamps.popitem(last=False)
    else:
        _stamps.move_to_end(whole)
    painter.drawPixmap(QPointF((floor(x) + found[1]) / ratio, (floor(y) + found[2]) / ratio), found[0])


def _paint(painter: QPainter, text: str, colour: str, face: QFont) -> None:
    letters = QPainterPath()
    letters.addText(QPointF(0, 0), face, text)
    stroker = QPainterPathStroker(QPen(HALO, _HALO_PX))
    stroker.setJoinStyle(Qt.PenJoinStyle.RoundJoin)
    halo = stroker.createStroke(letters)
    halo.setFillRule(Qt.FillRule.WindingFill)
    painter.fillPath(halo, HALO)
    painter.fillPath(letters, QColor(colour))
