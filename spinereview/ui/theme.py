"""The visual language in one place: tokens, type, style sheet, icons. Nothing else names a colour or a size of type."""

from __future__ import annotations

from dataclasses import dataclass, fields
from functools import cache

from PySide6.QtCore import QByteArray, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QFont, QFontDatabase, QIcon, QPainter, QPalette, QPixmap
from PySide6.QtSvg import QSvgRenderer
from PySide6.QtWidgets import QApplication

from spinereview.domain.lesion import LesionRole
from spinereview.resources import resource

OVERLAY_PX, HINT_PX, SECONDARY_PX, BODY_PX, HEADING_PX, OUTCOME_PX = 11, 11, 12, 13, 14, 22
FAMILY = "Inter"


@dataclass(frozen=True, slots=True)
class Tokens:
    """Colours by meaning; the dark theme is the default."""

    ink: str = "#000000"
    window: str = "#101316"
    panel: str = "#15191d"
    raised: str = "#1d2328"
    hover: str = "#262d34"
    line: str = "#272e35"
    hi: str = "#e7ebee"
    mid: str = "#a9b3bb"
    low: str = "#8c98a2"
    accent: str = "#58b6dc"
    accent_bg: str = "#12313f"
    target: str = "#f2dd5c"
    non_target: str = "#79c0ee"
    new: str = "#ff8a5c"
    ok: str = "#5fbf8f"
    warn: str = "#e8a33d"
    bad: str = "#f16e62"


DARK = Tokens()

HUES: dict[LesionRole, str] = {
    LesionRole.TARGET: DARK.target,
    LesionRole.NON_TARGET: DARK.non_target,
    LesionRole.NEW: DARK.new,
    LesionRole.TREATED_SITE: DARK.accent,
}
"""Hue of a lesion by its role, the same in the table and on the image."""

_TONES = ("hi", "mid", "low", "accent", "target", "non_target", "new", "ok", "warn", "bad")
TEXT_ON_SURFACE: tuple[tuple[str, str], ...] = (
    *((text, surface) for surface in ("window", "panel", "raised", "hover") for text in _TONES),
    *((text, "accent_bg") for text in _TONES),
    ("window", "accent"),
)
"""Pairs of text and surface that occur; each reaches a contrast of 4.5 : 1 (WCAG 2.2, 1.4.3), which a test checks."""


def contrast(first: str, second: str) -> float:
    """Contrast ratio of two colours (WCAG 2.2, definition of relative luminance).

    >>> round(contrast("#ffffff", "#000000"))
    21
    """
    bright, dark = sorted((_luminance(first), _luminance(second)), reverse=True)
    return (bright + 0.05) / (dark + 0.05)


def _luminance(colour: str) -> float:
    parts = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    red, green, blue = (part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def font(size_px: int, weight: QFont.Weight = QFont.Weight.Normal) -> QFont:
    """The program's type at a size, with figures of equal width; the caller's own, to be changed as he likes."""
    return QFont(_font(size_px, weight))


@cache
def _font(size_px: int, weight: QFont.Weight) -> QFont:
    chosen = QFont(FAMILY)
    chosen.setPixelSize(size_px)
    chosen.setWeight(weight)
    chosen.setFeature(QFont.Tag("tnum"), 1)
    return chosen


def apply_theme(application: QApplication) -> None:
    """Load the type; set palette and style sheet of the whole program."""
    for name in ("Regular", "Medium", "SemiBold", "Bold"):
        QFontDatabase.addApplicationFont(str(resource("fonts", f"Inter-{name}.otf")))
    application.setStyle("Fusion")
    application.setFont(font(BODY_PX))
    application.setPalette(_palette(DARK))
    application.setStyleSheet(_style_sheet(DARK))


def _palette(tokens: Tokens) -> QPalette:
    palette = QPalette()
    roles = {
        QPalette.ColorRole.Window: tokens.window,
        QPalette.ColorRole.Base: tokens.panel,
        QPalette.ColorRole.AlternateBase: tokens.raised,
        QPalette.ColorRole.Button: tokens.raised,
        QPalette.ColorRole.WindowText: tokens.hi,
        QPalette.ColorRole.Text: tokens.hi,
        QPalette.ColorRole.ButtonText: tokens.hi,
        QPalette.ColorRole.PlaceholderText: tokens.low,
        QPalette.ColorRole.ToolTipBase: tokens.raised,
        QPalette.ColorRole.ToolTipText: tokens.hi,
        QPalette.ColorRole.Highlight: tokens.accent_bg,
        QPalette.ColorRole.HighlightedText: tokens.hi,
        QPalette.ColorRole.Link: tokens.accent,
    }
    for role, colour in roles.items():
        palette.setColor(role, QColor(colour))
    for role in (QPalette.ColorRole.WindowText, QPalette.ColorRole.Text, QPalette.ColorRole.ButtonText):
        palette.setColor(QPalette.ColorGroup.Disabled, role, QColor(tokens.low))
    return palette


def _style_sheet(tokens: Tokens) -> str:
    sheet = resource("presets", "window.qss").read_text(encoding="utf-8")
    names = sorted((field.name for field in fields(tokens)), key=len, reverse=True)
    for name in names:
        sheet = sheet.replace(f"@{name}", getattr(tokens, name))
    return sheet


@cache
def _svg(name: str) -> str:
    return resource("icons", f"{name}.svg").read_text(encoding="utf-8")


def pixmap(name: str, colour: str, size: int, ratio: float = 1.0) -> QPixmap:
    """A line icon in a colour, crisp at the screen's ratio of pixels."""
    renderer = QSvgRenderer(QByteArray(_svg(name).replace("currentColor", colour).encode()))
    picture = QPixmap(QSize(round(size * ratio), round(size * ratio)))
    picture.fill(Qt.GlobalColor.transparent)
    painter = QPainter(picture)
    renderer.render(painter, QRectF(0, 0, size * ratio, size * ratio))
    painter.end()
    picture.setDevicePixelRatio(ratio)
    return picture


def icon(name: str, size: int = 18) -> QIcon:
    """A line icon with its states: middle grey, the accent when on, faint when disabled."""
    made = QIcon()
    for ratio in (1.0, 2.0):
        made.addPixmap(pixmap(name, DARK.mid, size, ratio), QIcon.Mode.Normal, QIcon.State.Off)
        made.addPixmap(pixmap(name, DARK.accent, size, ratio), QIcon.Mode.Normal, QIcon.State.On)
        made.addPixmap(pixmap(name, DARK.line, size, ratio), QIcon.Mode.Disabled, QIcon.State.Off)
    return made
