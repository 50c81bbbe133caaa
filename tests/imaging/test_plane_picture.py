"""Windowed planes and their PNG: what another program reads from it is what was put in."""

from __future__ import annotations

import numpy as np
import pytest
from PySide6.QtGui import QImage

from spinereview.imaging.plane_picture import png_bytes, windowed
from spinereview.imaging.slicing import Grid, Orientation, place_on_plane, plane_set
from spinereview.imaging.volume import Volume, no_padding
from spinereview.imaging.window import Window


def read(png: bytes) -> np.ndarray:
    image = QImage.fromData(png, "PNG")
    assert not image.isNull()
    colour = image.format() not in {QImage.Format.Format_Grayscale8, QImage.Format.Format_Indexed8}
    kind = QImage.Format.Format_RGB888 if colour else QImage.Format.Format_Grayscale8
    image = image.convertToFormat(kind)
    count = 3 if colour else 1
    # A copy: the bits belong to the image.
    rows = np.array(image.constBits(), dtype=np.uint8).reshape(image.height(), image.bytesPerLine())
    found = rows[:, : image.width() * count]
    return found.reshape(image.height(), image.width(), 3) if colour else found


@pytest.mark.parametrize("shape", [(1, 1), (5, 7), (64, 33), (3, 4, 3), (40, 1, 3)])
def test_a_png_holds_the_greys_or_colours_that_were_put_in(shape) -> None:
    shades = np.random.default_rng(7).integers(0, 256, shape, dtype=np.uint8)
    assert np.array_equal(read(png_bytes(shades)), shades)


def test_a_part_of_a_picture_is_that_part() -> None:
    shades = np.arange(48, dtype=np.uint8).reshape(6, 8)
    assert np.array_equal(read(png_bytes(shades[1:4, 2:7])), shades[1:4, 2:7])


def test_equal_greys_give_equal_bytes() -> None:
    shades = np.arange(256, dtype=np.uint8).reshape(16, 16)
    assert png_bytes(shades) == png_bytes(shades.copy())


GRID = Grid(
    shape=(3, 4, 5),
    origin_mm=(0.0, 0.0, 0.0),
    along_mm=((0.0, 0.0, 2.0), (0.0, 1.5, 0.0), (1.25, 0.0, 0.0)),
    calibrated=True,
    volume=True,
)


def volume() -> Volume:
    samples = np.arange(60, dtype=np.int16).reshape(3, 4, 5)
    return Volume(
        samples=samples,
        slope=np.ones(3),
        intercept=np.zeros(3),
        padding=no_padding(3),
        ready=np.ones(3, dtype=np.bool_),
    )


def test_a_plane_without_a_window_gets_that_of_its_own_values() -> None:
    planes = plane_set(GRID, Orientation.NATIVE)
    shades, window = windowed(volume(), planes, 1, None)
    assert window is not None
    assert 20 < window.centre < 40
    assert shades.shape == (4, 5)
    given = Window(centre=30, width=10)
    assert windowed(volume(), planes, 1, given)[1] is given


@pytest.mark.parametrize("orientation", list(Orientation))
def test_a_point_lies_on_its_plane_at_the_centre_of_its_sample(orientation) -> None:
    planes = plane_set(GRID, orientation)
    # Sample (image 2, row 1, column 3): its centre in the patient, in micrometres.
    found = [place_on_plane(planes, index, (3_750, 1_500, 4_000)) for index in range(planes.count)]
    assert min(one[1] for one in found if one is not None) == 0
    index = next(number for number, one in enumerate(found) if one is not None and one[1] == 0)
    column, row = (value // 1000 for value in found[index][0])
    assert planes.cut(volume().samples, index)[row, column] == 2 * 20 + 1 * 5 + 3


def test_without_a_position_a_point_lies_nowhere() -> None:
    bare = Grid(shape=(1, 4, 5), origin_mm=None, along_mm=GRID.along_mm, calibrated=True, volume=False)
    assert place_on_plane(plane_set(bare, Orientation.NATIVE), 0, (0, 0, 0)) is None
