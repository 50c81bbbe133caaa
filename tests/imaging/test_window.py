"""Window and level follow the printed function of the standard, for every sample type."""

import numpy as np
import pytest

from spinereview.imaging.window import PRESETS, Window, grey, grey_of_stored, suggested


def printed(x: float, centre: float, width: float) -> float:
    """PS3.3 C.11.2.1.2.1 as pseudo-code prints it, y from 0 to 255."""
    if x <= centre - 0.5 - (width - 1) / 2:
        return 0.0
    if x > centre - 0.5 + (width - 1) / 2:
        return 255.0
    return ((x - (centre - 0.5)) / (width - 1) + 0.5) * 255.0


@pytest.mark.parametrize(
    "window", [window for _, window in PRESETS] + [Window(centre=2048, width=4096), Window(centre=0, width=2)]
)
def test_grey_is_the_function_that_the_standard_prints(window: Window) -> None:
    values = np.arange(-3000, 5000, 7)
    expected = [round(printed(float(value), window.centre, window.width)) for value in values]
    assert np.abs(grey(values, window).astype(int) - expected).max() <= 1


def test_a_window_of_one_is_a_threshold() -> None:
    assert grey(np.array([9, 10, 11]), Window(centre=10.5, width=1)).tolist() == [0, 0, 255]


@pytest.mark.parametrize("kind", ["i1", "u1", "i2", "u2", "i4", "f4"])
@pytest.mark.parametrize("inverted", [False, True])
def test_stored_values_of_every_type_look_as_their_real_values(kind: str, inverted: bool) -> None:
    low, high = (-100, 100) if kind[0] in "if" else (0, 200)
    stored = np.linspace(low, high, 97).astype(kind)
    window = Window(centre=20, width=300)
    expected = grey(stored.astype(np.float64) * 2.5 - 31, window, inverted=inverted)
    assert np.array_equal(grey_of_stored(stored, 2.5, -31, window, inverted=inverted), expected)


def test_the_full_range_of_unsigned_16_bit_is_not_cut() -> None:
    stored = np.array([0, 32767, 32768, 65535], dtype=np.uint16)
    assert grey_of_stored(stored, 1, 0, Window(centre=32768, width=65536)).tolist() == [0, 127, 128, 255]


def test_a_value_that_is_none_is_black() -> None:
    assert grey(np.array([np.nan]), Window(centre=0, width=10)).tolist() == [0]


def test_a_drag_widens_and_raises_and_never_empties_the_window() -> None:
    window = Window(centre=40, width=400)
    assert window.dragged(10, 5, 2) == Window(centre=50, width=420)
    assert window.dragged(-1000, 0, 2).width == 1


def test_a_suggested_window_ignores_what_is_no_number() -> None:
    values = np.concatenate([np.linspace(0, 100, 1001), [np.nan, np.inf]])
    window = suggested(values)
    assert (window.centre, window.width) == pytest.approx((50, 98), abs=0.5)
    assert suggested(np.array([np.nan])).width == 1


@pytest.mark.parametrize("kind", ["f4", "f8", "i2", "u1"])
@pytest.mark.parametrize("size", [1, 2, 3, 50, 51, 100, 101, 512 * 512])
def test_a_suggested_window_goes_from_percentile_to_percentile(kind: str, size: int) -> None:
    values = (np.random.default_rng(size).normal(100, 40, size) % 200).astype(kind)
    low, high = np.percentile(values.astype(np.float64), (1, 99))
    assert suggested(values) == Window(centre=(low + high) / 2, width=max(1.0, high - low))
    assert suggested(values.reshape(-1, 1)) == suggested(values)
