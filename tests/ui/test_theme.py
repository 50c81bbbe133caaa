"""Colours: text can be read on every surface that it stands on, and roles stay apart for colour-blind eyes."""

from __future__ import annotations

from itertools import combinations

import numpy as np
import pytest
from PySide6.QtGui import QFont, QFontInfo

from spinereview.domain.lesion import LesionRole
from spinereview.ui.theme import BODY_PX, DARK, FAMILY, HUES, TEXT_ON_SURFACE, contrast, font

VIENOT = {
    "deuteranopia": [[0.29275, 0.70725, 0.0], [0.29275, 0.70725, 0.0], [-0.02234, 0.02234, 1.0]],
    "protanopia": [[0.11238, 0.88762, 0.0], [0.11238, 0.88762, 0.0], [0.00401, -0.00401, 1.0]],
}
"""Linear RGB as a dichromat sees it: Vienot, Brettel and Mollon 1999 (Color Res Appl 24:243-252), for sRGB primaries."""


def linear(colour: str) -> np.ndarray:
    parts = np.array([int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)])
    return np.where(parts <= 0.04045, parts / 12.92, ((parts + 0.055) / 1.055) ** 2.4)


def lab(light: np.ndarray) -> np.ndarray:
    """CIELAB of linear sRGB, white D65 (IEC 61966-2-1, CIE 15)."""
    to_xyz = np.array([[0.4124, 0.3576, 0.1805], [0.2126, 0.7152, 0.0722], [0.0193, 0.1192, 0.9505]])
    x, y, z = (to_xyz @ np.clip(light, 0, 1)) / (0.9505, 1.0, 1.089)
    fx, fy, fz = (t ** (1 / 3) if t > 216 / 24389 else (24389 / 27 * t + 16) / 116 for t in (x, y, z))
    return np.array([116 * fy - 16, 500 * (fx - fy), 200 * (fy - fz)])


@pytest.mark.parametrize(("text", "surface"), TEXT_ON_SURFACE, ids="-on-".join)
def test_text_reaches_a_contrast_of_4_5_on_its_surface(text, surface) -> None:
    assert contrast(getattr(DARK, text), getattr(DARK, surface)) >= 4.5


@pytest.mark.parametrize(
    ("first", "second", "ratio"),
    [("#ffffff", "#000000", 21.0), ("#777777", "#ffffff", 4.48), ("#123456", "#123456", 1.0)],
)
def test_contrast_is_that_of_wcag(first, second, ratio) -> None:
    assert contrast(first, second) == pytest.approx(ratio, abs=0.01)
    assert contrast(second, first) == contrast(first, second)


@pytest.mark.parametrize("eyes", ["usual", *VIENOT])
def test_the_hues_of_the_roles_stay_apart(eyes) -> None:
    seen = np.array(VIENOT.get(eyes, np.eye(3)))
    roles = (LesionRole.TARGET, LesionRole.NON_TARGET, LesionRole.NEW)
    places = {role: lab(seen @ linear(HUES[role])) for role in roles}
    distances = {(a, b): float(np.linalg.norm(places[a] - places[b])) for a, b in combinations(roles, 2)}
    # About nine times what is just noticed side by side (2.3); a letter stands beside each hue too.
    assert min(distances.values()) >= 20, distances


def test_the_type_is_the_shipped_one_and_its_figures_are_equally_wide(app) -> None:
    from PySide6.QtGui import QFontMetricsF

    face = font(BODY_PX)
    assert QFontInfo(face).family() == FAMILY
    metrics = QFontMetricsF(face)
    assert len({metrics.horizontalAdvance(figure) for figure in "0123456789"}) == 1
    assert QFontInfo(font(BODY_PX, QFont.Weight.Bold)).family() == FAMILY
