"""What lies under the calipers: the windowed image with its letters, painted once and copied while a caliper moves."""

from __future__ import annotations

from PySide6.QtCore import QRect, QSize, Qt
from PySide6.QtGui import QColor, QImage, QPainter, QPixmap

from spinereview.text import sentence
from spinereview.ui.fused import FusedPicture, block_of, draw_bar, draw_fused
from spinereview.ui.outside_window import draw_outside, outside_text
from spinereview.ui.painting import (
    CornerText,
    draw_banner,
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
        self._fused = FusedPicture()
        self._kept: QPixmap | None = None
        self._last: tuple[object, ...] = ()

    def forget(self) -> None:
        """The samples have changed."""
        self._kept = None
        self._last = ()

    def draw(self, painter: QPainter, shown: Shown, size: QSize, words: CornerText | None) -> None:
        """Draw the layer of a viewport of a size; kept from the second time on, for in a scroll there is none.

        Parameters
        ----------
        words
            Text of the corners; None hides all text and the scale bar.
        """
        ratio = painter.device().devicePixelRatioF()
        reason = missing(shown)
        image = None if reason else self._pictures.of(shown)
        picture = None if image is None else image.cacheKey()
        over = None if image is None or shown.fused is None else self._fused.of(shown.fused, shown.planes, shown.index)
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
            None if over is None else over.cacheKey(),
        )
        flat = image is not None and self._pictures.flat
        if key != self._last:
            self._last, self._kept = key, None
            _paint(painter, shown, size, words, (image, over), reason)
            _draw_outside(painter, shown, size, flat=flat)
            return
        if self._kept is None:
            layer = QPixmap(size * ratio)
            layer.setDevicePixelRatio(ratio)
            painting = QPainter(layer)
            painting.setRenderHint(QPainter.RenderHint.Antialiasing)
            _paint(painting, shown, size, words, (image, over), reason)
            _draw_outside(painting, shown, size, flat=flat)
            painting.end()
            self._kept = layer
        painter.drawPixmap(0, 0, self._kept)


def _paint(
    painter: QPainter,
    shown: Shown,
    size: QSize,
    words: CornerText | None,
    images: tuple[QImage | None, QImage | None],
    reason: str,
) -> None:
    pane = QRect(0, 0, size.width(), size.height())
    painter.fillRect(pane, QColor(DARK.ink))
    if images[0] is None:
        _draw_reason(painter, reason, pane)
    else:
        draw_picture(painter, images[0], shown.view)
    if images[1] is not None and shown.fused is not None:
        draw_fused(painter, images[1], block_of(shown.planes, shown.fused.stack.grid), shown.view)
        # What the colours mean stays, even without the text of the corners.
        draw_bar(painter, shown.fused, size.height())
        if shown.fused.moved is not None and shown.fused.moved.draft:
            draw_banner(
                painter, sentence("UI_ALIGN_BANNER", {"way": shown.fused.moved.way}), size.width(), size.height()
            )
    if words is not None:
        _draw_words(painter, shown, words, size)


def _draw_outside(painter: QPainter, shown: Shown, size: QSize, *, flat: bool) -> None:
    """Why a pane is black or white, even without the text of the corners."""
    text = outside_text(shown) if flat and shown.fused is None else ""
    if text:
        draw_outside(painter, text, size.width(), size.height())


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
