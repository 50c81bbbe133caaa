"""A pane that is black, or white, for its window alone: said in its middle, with the key that helps."""

from __future__ import annotations

from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QColor, QFontMetricsF, QPainter

from spinereview.text import sentence
from spinereview.ui.shown import Shown, place_in_volume
from spinereview.ui.theme import DARK, OVERLAY_PX, font

_WIDEST_PX = 420.0


def outside_text(shown: Shown) -> str:
    """That the window leaves out all values of the shown plane, whose picture is flat; empty where it does not."""
    values = _range(shown)
    if values is None:
        return ""
    low, high = values
    centre, width = shown.window.centre, max(shown.window.width, 1.0)
    # The ends of the linear function, which are black and white themselves (PS3.3 C.11.2.1.2.1).
    if high > centre - width / 2 and low < centre - 1 + width / 2:
        return ""
    if not shown.stack.valued:
        return sentence("UI_OUTSIDE_WINDOW_UNTOLD")
    said = {"low": _told(shown, low), "high": _told(shown, high), "unit": _unit(shown)}
    return sentence("UI_OUTSIDE_WINDOW" if low < high else "UI_OUTSIDE_WINDOW_ONE", said)


def draw_outside(painter: QPainter, text: str, width: float, height: float) -> None:
    """Text in the middle of a pane, on a plate that can be read over black and over white."""
    face = font(OVERLAY_PX)
    wrap = int(Qt.TextFlag.TextWordWrap | Qt.AlignmentFlag.AlignHCenter)
    words = QFontMetricsF(face).boundingRect(QRectF(0, 0, min(width - 80, _WIDEST_PX), height), wrap, text)
    plate = QRectF(
        (width - words.width()) / 2 - 10, (height - words.height()) / 2 - 5, words.width() + 20, words.height() + 10
    )
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(QColor(16, 19, 22, 217))
    painter.drawRoundedRect(plate, 4, 4)
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.setFont(face)
    painter.setPen(QColor(DARK.hi))
    painter.drawText(plate.adjusted(10, 5, -10, -5), wrap, text)


def _range(shown: Shown) -> tuple[float, float] | None:
    """Least and greatest real value of the shown plane, padding of an acquired image left out."""
    volume = shown.volume
    if volume is None or volume.colour:
        return None
    if shown.planes.axes[0] == 0:
        return volume.value_range(place_in_volume(shown))
    if not (volume.uniform_rescale and volume.complete):
        return None
    plane = shown.planes.cut(volume.samples, shown.index)
    ends = sorted(
        float(end) * float(volume.slope[0]) + float(volume.intercept[0]) for end in (plane.min(), plane.max())
    )
    return ends[0], ends[1]


def _told(shown: Shown, value: float) -> str:
    pet = shown.stack.pet
    if pet is not None:
        value *= pet.to_unit if pet.suv is None else pet.suv
    return f"{value:.0f}" if abs(value) >= 100 or value == round(value) else f"{value:.3g}"


def _unit(shown: Shown) -> str:
    pet = shown.stack.pet
    if pet is not None:
        return f" {pet.unit}" if pet.suv is None else " SUVbw"
    return " HU" if shown.stack.hounsfield else ""
