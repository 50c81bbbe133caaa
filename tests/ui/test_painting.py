"""The picture of a plane has the grey or the colour of each sample, and nothing else."""

from __future__ import annotations

import numpy as np
import pytest
from PySide6.QtGui import QColor, QImage, QPainter

from spinereview.ui.painting import CornerText, draw_banner, draw_corners, draw_notice, picture


@pytest.mark.parametrize("turned", [False, True], ids=["as it lies", "a view of another array"])
@pytest.mark.parametrize("columns", [1, 3, 256], ids=lambda columns: f"{columns} columns")
def test_every_grey_is_the_grey_of_its_sample(columns: int, *, turned: bool) -> None:
    shades = np.resize(np.arange(256, dtype=np.uint8), (columns, 256) if turned else (256, columns))
    shades = shades.T if turned else shades
    made = picture(shades)
    assert (made.format(), made.width(), made.height()) == (QImage.Format.Format_RGB32, columns, 256)
    for row in range(256):
        for column in {0, columns // 2, columns - 1}:
            grey = int(shades[row, column])
            assert made.pixelColor(column, row) == QColor(grey, grey, grey)


def test_every_colour_is_that_of_its_sample_and_stays_when_the_samples_change() -> None:
    colours = np.random.default_rng(5).integers(0, 256, (7, 5, 3), dtype=np.uint8)
    wanted = colours.copy()
    made = picture(colours)
    colours[:] = 0
    for row in range(7):
        for column in range(5):
            assert made.pixelColor(column, row) == QColor(*map(int, wanted[row, column]))


def test_what_is_wrong_with_the_geometry_leaves_the_text_of_the_corners_free(app: object) -> None:
    width, height = 380, 420
    long = "Ask the site for the complete series before you measure across these images. " * 4
    pair = ("lossy: JPEG, 10 : 1  moved 3 mm", "PET over it, to look at")
    corners = CornerText(upper_left=pair, upper_right=pair, lower_left=pair, lower_right=pair, warning=pair[0])
    drawn = []
    for draw in (
        lambda painter: draw_corners(painter, corners, width, height),
        lambda painter: draw_notice(painter, long, width, height),
        lambda painter: draw_banner(painter, long, width, height),
    ):
        image = QImage(width, height, QImage.Format.Format_ARGB32)
        image.fill(0)
        painter = QPainter(image)
        draw(painter)
        painter.end()
        drawn.append(np.frombuffer(image.constBits(), dtype=np.uint32).reshape(height, width).copy() != 0)
    text, notice, banner = drawn
    assert text.any()
    assert notice.any()
    assert banner.any()
    assert not (text & (notice | banner)).any()


def test_a_long_name_keeps_the_end_that_tells_it_from_others(app: object) -> None:
    def shades(visit: str, title: str) -> bytes:
        image = QImage(240, 120, QImage.Format.Format_ARGB32)
        image.fill(0)
        painter = QPainter(image)
        draw_corners(painter, CornerText(upper_left=(f"{visit}  {title}", "W 400")), 240, 120)
        painter.end()
        return bytes(image.constBits())

    five, nine = (f"a series with a name that has no room in a narrow pane (TE {echo} ms)" for echo in "59")
    assert shades("FU1 (nadir)", five) != shades("FU1 (nadir)", nine)
    assert shades("FU1 (nadir)", five) != shades("FU1 (nadiR)", five)
