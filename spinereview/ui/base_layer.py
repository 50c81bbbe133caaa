"""What lies under the calipers: the windowed image with its letters, painted once and copied while a caliper moves."""

from __future__ import annotations

from PySide6.QtCore import QRect, QSize, Qt
from PySide6.QtGui import QColor, QPainter, QPixmap

from spinereview.ui.painting import (
    CornerText,
    draw_corners,
    draw_notice,
    draw_orientation,
    draw_picture,
    draw_scale_bar,
)
from spinereview.ui.shown import PictureCache, Shown, missing
from spinereview.ui.theme import DARK

NOTICES = 3
"""How many sentences about the geometry stand on the image; the list of series has all of them."""


class BaseLayer:
    """The layer of one viewport."""

    def __init__(self, pictures: PictureCache) -> None:
        self._pictures = pictures
        self._kept: tuple[tuple[object, ...], QPixmap] | None = None

    def forget(self) -> None:
        """The samples have changed."""
        self._kept = None

    def of(self, shown: Shown, size: QSize, ratio: float, words: CornerText | None) -> QPixmap:
        """Layer for a viewport of a size, at the screen's ratio of pixels.

        Parameters
        ----------
        words
            Text of the corners; None hides all text and the scale bar.
        """
        reason = missing(shown)
        image = None if reason else self._pictures.of(shown)
        picture = None if image is None else image.cacheKey()
        key = (
            picture,
            reason,
            shown.view,
            size.width(),
            size.height(),
            ratio,
            words,
            shown.stack.stack.id,
            shown.planes,
        )
        if self._kept is None or self._kept[0] != key:
            layer = QPixmap(size * ratio)
            layer.setDevicePixelRatio(ratio)
            layer.fill(QColor(DARK.ink))
            painter = QPainter(layer)
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            if image is not None:
                draw_picture(painter, image, shown.view)
            else:
                _draw_reason(painter, reason, QRect(0, 0, size.width(), size.height()))
            if words is not None:
                _draw_words(painter, shown, words, size)
            painter.end()
            self._kept = (key, layer)
        return self._kept[1]


def _draw_reason(painter: QPainter, reason: str, pane: QRect) -> None:
    """Why there is no picture."""
    painter.setPen(QColor(DARK.mid))
    wrapped = int(Qt.AlignmentFlag.AlignCenter) | int(Qt.TextFlag.TextWordWrap)
    painter.drawText(pane.adjusted(40, 40, -40, -40), wrapped, reason)


def _draw_words(painter: QPainter, shown: Shown, words: CornerText, size: QSize) -> None:
    width, height = size.width(), size.height()
    draw_corners(painter, words, width, height)
    draw_orientation(painter, shown.planes, width, height)
    if shown.stack.notices:
        draw_notice(painter, "\n".join(shown.stack.notices[:NOTICES]), width, height)
    if shown.stack.grid.calibrated:
        draw_scale_bar(painter, shown.view, width, height)
