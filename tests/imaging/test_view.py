"""The mapping between samples and screen: there and back, anchored zoom, oblong samples."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from spinereview.imaging.view import MAX_SCALE, View, fitted, scale_bar_mm, to_mpx

SIZES = st.floats(100, 4000)
SPACINGS = st.tuples(st.floats(0.1, 10), st.floats(0.1, 10))


@st.composite
def views(draw: st.DrawFn) -> View:
    return View(
        width=draw(SIZES),
        height=draw(SIZES),
        spacing=draw(SPACINGS),
        centre=(draw(st.floats(-100, 1000)), draw(st.floats(-100, 1000))),
        scale=draw(st.floats(0.05, 100)),
    )


@given(views(), st.floats(-50, 1100), st.floats(-50, 1100))
def test_a_point_comes_back_from_the_screen_within_a_hundredth_of_a_thousandth_pixel(
    view: View, column: float, row: float
) -> None:
    assert view.to_plane(*view.to_screen(column, row)) == pytest.approx((column, row), abs=1e-5)


@given(views(), st.floats(0.2, 5), st.floats(0, 1000), st.floats(0, 1000))
def test_zooming_keeps_what_lies_under_the_pointer(view: View, factor: float, x: float, y: float) -> None:
    before = view.to_plane(x, y)
    assert view.zoomed(factor, x, y).to_plane(x, y) == pytest.approx(before, abs=1e-3)


@given(views(), st.floats(-500, 500), st.floats(-500, 500))
def test_panning_moves_the_image_with_the_pointer(view: View, dx: float, dy: float) -> None:
    x, y = view.to_screen(10, 20)
    assert view.panned(dx, dy).to_screen(10, 20) == pytest.approx((x + dx, y + dy), abs=1e-3)


def test_a_fitted_plane_of_oblong_samples_touches_two_sides_and_is_centred() -> None:
    view = fitted((100, 512), (2.5, 0.9), 900, 600)
    assert view.to_screen(0, 0)[0] == pytest.approx(0)
    assert view.to_screen(512, 100)[0] == pytest.approx(900)
    top, bottom = view.to_screen(0, 0)[1], view.to_screen(0, 100)[1]
    assert top + bottom == pytest.approx(600)
    assert bottom - top == pytest.approx(100 * 2.5 * view.scale)


def test_a_millimetre_is_as_long_down_as_across_on_oblong_samples() -> None:
    view = fitted((100, 512), (2.5, 0.9), 900, 600)
    x, y = view.to_screen(10, 10)
    across = view.to_screen(10 + 9 / 0.9, 10)[0] - x
    down = view.to_screen(10, 10 + 9 / 2.5)[1] - y
    assert across == pytest.approx(down)


def test_zoom_ends_at_its_limits() -> None:
    view = fitted((10, 10), (1, 1), 100, 100)
    assert view.zoomed(1e9, 50, 50).scale == MAX_SCALE


def test_the_centre_of_the_first_sample_is_500_500() -> None:
    assert to_mpx(0.5, 0.5) == (500, 500)


@pytest.mark.parametrize(
    ("mm_per_pixel", "longest", "expected"), [(1.0, 120, 100), (0.1, 120, 10), (0.1, 9, None), (5.0, 90, 200)]
)
def test_the_scale_bar_is_the_longest_round_length_that_fits(
    mm_per_pixel: float, longest: float, expected: int | None
) -> None:
    assert scale_bar_mm(mm_per_pixel, longest) == expected
