"""Pictures of text over images are copied to their place and never resampled."""

from __future__ import annotations

import numpy as np
import pytest
from PySide6.QtCore import QPointF
from PySide6.QtGui import QColor, QImage, QPainter, QPainterPath

from spinereview.ui.halo import halo_text
from spinereview.ui.theme import font

FACE_PX, SIDE = 13, 120


def _painted(x: float, y: float, ratio: float) -> np.ndarray:
    image = QImage(round(SIDE * ratio), round(SIDE * ratio), QImage.Format.Format_RGB32)
    image.setDevicePixelRatio(ratio)
    image.fill(QColor(90, 90, 90))
    painter = QPainter(image)
    halo_text(painter, x, y, "AP 12", "#ffffff", font(FACE_PX))
    painter.end()
    return np.frombuffer(image.constBits(), np.uint8).reshape(image.height(), image.width(), 4)[:, :, 0].copy()


def _letters(x: float, y: float, ratio: float) -> np.ndarray:
    """Coverage of the letters alone, painted straight to their place."""
    image = QImage(round(SIDE * ratio), round(SIDE * ratio), QImage.Format.Format_RGB32)
    image.setDevicePixelRatio(ratio)
    image.fill(QColor(0, 0, 0))
    path = QPainterPath()
    path.addText(QPointF(x, y), font(FACE_PX), "AP 12")
    painter = QPainter(image)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.fillPath(path, QColor(255, 255, 255))
    painter.end()
    return np.frombuffer(image.constBits(), np.uint8).reshape(image.height(), image.width(), 4)[:, :, 0].copy()


@pytest.mark.parametrize("ratio", [1.0, 1.25, 2.0])
@pytest.mark.parametrize(("x", "y"), [(10.0, 40.0), (10.3, 40.7), (-6.4, 5.2)])
def test_a_copied_text_lies_where_it_was_asked_for(qapp: object, x: float, y: float, ratio: float) -> None:
    first = _painted(x, y, ratio)
    assert np.array_equal(_painted(x, y, ratio), first)
    letters = _letters(x, y, ratio)
    # Within letters white, just outside the dark halo, farther away what was there; whole pixels later the same text.
    assert (first[letters > 250] > 245).all()
    assert first[letters == 0].min() < 30
    assert (first == 90).mean() > 0.8
    moved = _painted(x + 40 / ratio, y + 20 / ratio, ratio)
    assert np.array_equal(moved[20:, 40:], first[:-20, :-40])
