"""Gestures of calipers on square and oblong pixels: perpendicular in millimetres, one caliper at the end."""

from decimal import Decimal
from math import hypot

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from spinereview.domain.measurement import MeasurementKind
from spinereview.imaging.calipers import Draw, MoveHandle, finished, nudged

SQUARE = (Decimal("0.7"), Decimal("0.7"))
OBLONG = (Decimal("2.5"), Decimal("0.4"))
KIND = MeasurementKind.BIDIRECTIONAL
COORDINATE = st.integers(0, 512_000)
POINT = st.tuples(COORDINATE, COORDINATE)


def mm(point: tuple[int, int], spacing: tuple[Decimal, Decimal]) -> tuple[float, float]:
    return point[0] * float(spacing[1]) / 1000, point[1] * float(spacing[0]) / 1000


def length(a: tuple[int, int], b: tuple[int, int], spacing: tuple[Decimal, Decimal]) -> float:
    (ax, ay), (bx, by) = mm(a, spacing), mm(b, spacing)
    return hypot(bx - ax, by - ay)


def cosine(points: tuple[tuple[int, int], ...], spacing: tuple[Decimal, Decimal]) -> float:
    (ax, ay), (bx, by), (cx, cy), (dx, dy) = (mm(point, spacing) for point in points)
    dot = (bx - ax) * (dx - cx) + (by - ay) * (dy - cy)
    return dot / (hypot(bx - ax, by - ay) * hypot(dx - cx, dy - cy))


def cross(spacing: tuple[Decimal, Decimal]) -> tuple[tuple[int, int], ...]:
    """A caliper of 40 by 20 mm about (100, 100) mm, its long axis along the rows."""

    def at(x: float, y: float) -> tuple[int, int]:
        return round(x * 1000 / float(spacing[1])), round(y * 1000 / float(spacing[0]))

    return (at(80, 100), at(120, 100), at(100, 90), at(100, 110))


def move(spacing: tuple[Decimal, Decimal], handle: int, x: float, y: float) -> tuple[tuple[int, int], ...]:
    target = round(x * 1000 / float(spacing[1])), round(y * 1000 / float(spacing[0]))
    original = cross(spacing)
    return MoveHandle(kind=KIND, original=original, handle=handle, spacing_mm=spacing, target=target).points


def test_a_drag_gives_its_two_ends() -> None:
    gesture = Draw(kind=KIND, start=(1, 2), end=(1, 2)).moved((30_000, 40_000))
    assert gesture.points == ((1, 2), (30_000, 40_000))


@pytest.mark.parametrize("spacing", [SQUARE, OBLONG], ids=["square", "oblong"])
@pytest.mark.parametrize("handle", [0, 1, 2, 3])
@pytest.mark.parametrize(("x", "y"), [(75, 80), (130, 131), (101, 95), (100, 112), (60, 100)])
def test_the_axes_stay_perpendicular_in_millimetres(
    spacing: tuple[Decimal, Decimal], handle: int, x: float, y: float
) -> None:
    # An end of the short axis that is dragged across the other one has no length to be perpendicular with.
    mirrored = y if handle < 2 or (y > 100) == (handle == 3) else 200 - y
    points = move(spacing, handle, x, mirrored)
    assert abs(cosine(points, spacing)) < 2e-4


@pytest.mark.parametrize("spacing", [SQUARE, OBLONG], ids=["square", "oblong"])
def test_a_long_axis_that_is_dragged_keeps_the_short_one_s_length_and_share(spacing: tuple[Decimal, Decimal]) -> None:
    points = move(spacing, 1, 80 + 60, 100)
    assert length(points[2], points[3], spacing) == pytest.approx(20, abs=0.01)
    assert mm(points[2], spacing)[0] == pytest.approx(110, abs=0.01)
    assert points[0] == cross(spacing)[0]


@pytest.mark.parametrize("spacing", [SQUARE, OBLONG], ids=["square", "oblong"])
def test_an_end_of_the_short_axis_takes_the_crossing_along_and_leaves_the_other_reach(
    spacing: tuple[Decimal, Decimal],
) -> None:
    points = move(spacing, 3, 110, 125)
    assert points[:2] == cross(spacing)[:2]
    assert mm(points[3], spacing) == pytest.approx((110, 125), abs=0.01)
    assert mm(points[2], spacing) == pytest.approx((110, 90), abs=0.01)


def test_an_end_of_the_short_axis_never_passes_the_other() -> None:
    points = move(SQUARE, 3, 100, 60)
    assert length(points[2], points[3], SQUARE) == pytest.approx(0, abs=0.01)


def test_the_crossing_stays_on_the_long_axis() -> None:
    points = move(SQUARE, 3, 500, 110)
    assert mm(points[3], SQUARE)[0] == pytest.approx(120, abs=0.01)


def test_a_short_axis_that_became_the_longer_one_comes_first() -> None:
    points = cross(SQUARE)
    longer = MoveHandle(kind=KIND, original=points, handle=3, spacing_mm=SQUARE, target=(points[3][0], 300_000)).points
    kept = finished(KIND, longer, SQUARE)
    assert kept is not None
    assert kept[:2] == longer[2:]
    assert length(kept[0], kept[1], SQUARE) > length(kept[2], kept[3], SQUARE)


def test_on_oblong_pixels_the_longer_axis_is_the_one_longer_in_millimetres() -> None:
    points = ((0, 0), (100_000, 0), (50_000, -20_000), (50_000, 20_000))
    kept = finished(KIND, points, OBLONG)
    assert kept is not None
    assert kept[:2] == points[2:]


def test_a_click_without_a_drag_is_no_caliper() -> None:
    assert finished(MeasurementKind.DIAMETER, ((5, 5), (5, 400)), SQUARE) is None


def test_a_short_axis_of_no_length_is_left_away() -> None:
    points = ((0, 0), (9000, 0), (4000, 0), (4000, 0))
    assert finished(KIND, points, SQUARE) == points[:2]


@given(POINT, POINT, POINT, st.integers(0, 1))
def test_the_end_that_is_not_dragged_stays_to_the_last_integer(
    start: tuple[int, int], end: tuple[int, int], target: tuple[int, int], handle: int
) -> None:
    assume(start != end)
    for original in ((start, end), (start, end, *cross(SQUARE)[2:])):
        gesture = MoveHandle(kind=KIND, original=original, handle=handle, spacing_mm=SQUARE, target=target)
        assert gesture.points[1 - handle] == original[1 - handle]


def test_a_step_of_a_key_is_a_tenth_of_a_millimetre_in_both_directions() -> None:
    assert nudged((1000, 1000), 1, 0, OBLONG) == (1250, 1000)
    assert nudged((1000, 1000), 0, -1, OBLONG) == (1000, 960)
