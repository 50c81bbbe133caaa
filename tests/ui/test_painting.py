"""The picture of a plane has the grey or the colour of each sample, and nothing else."""

from __future__ import annotations

import numpy as np
import pytest
from PySide6.QtGui import QColor, QImage

from spinereview.ui.painting import picture


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
