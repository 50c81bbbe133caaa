"""Exact lengths, areas and angles, each against an independent computation."""

from __future__ import annotations

import math
import random
from decimal import ROUND_HALF_UP, Decimal, localcontext
from fractions import Fraction
from itertools import pairwise
from math import isqrt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from spinereview.domain.diameter import diameters, half_perpendicular
from spinereview.domain.exact import (
    angle_deg,
    area_mm2_on_image,
    direction_on_image,
    reported_deg,
    reported_entered,
    reported_mm,
    squared_mm_in_space,
    squared_mm_on_image,
)
from spinereview.domain.imaging import Calibration, Id, ImageRef, Plane, Stack, StackKind
from spinereview.domain.measurement import Entered, InSpace, Measurement, MeasurementKind, OnImage
from spinereview.errors import InvalidValue

MPX = st.integers(0, 2_000_000)
POINTS = st.tuples(MPX, MPX)
UM = st.integers(-2_000_000, 2_000_000)
IN_SPACE = st.tuples(UM, UM, UM)
SPACINGS = st.tuples(*[st.decimals(Decimal("0.05"), Decimal(5), places=7)] * 2)
TENTH = Decimal("0.1")


def oblique_ties(count: int):
    """Points in space at an odd multiple of 50 um: Lebesgue's parametrisation of a² + b² + c² = d², scaled."""
    chance = random.Random(6)
    while count:
        m, n, p, q = (chance.randint(0, 9) for _ in range(4))
        d = m * m + n * n + p * p + q * q
        if d % 2 and d < 300:
            scale = 50 * (2 * chance.randint(0, 150 // d) + 1)
            step = (m * m + n * n - p * p - q * q, 2 * (m * q + n * p), 2 * (n * q - m * p))
            start = tuple(chance.randint(-(10**6), 10**6) for _ in range(3))
            yield start, tuple(a + b * scale for a, b in zip(start, step, strict=True)), d * scale
            count -= 1


def test_a6_twenty_thousand_exact_ties_on_oblique_planes_are_reported_alike_by_two_routes() -> None:
    different = 0
    for a, b, length_um in oblique_ties(20_000):
        squared = squared_mm_in_space(a, b)
        told = reported_mm(squared)
        whole = isqrt(sum((after - before) ** 2 for before, after in zip(a, b, strict=True)))
        tenths = int(told * 10)
        by_squares = (2 * tenths - 1) ** 2 <= 400 * squared < (2 * tenths + 1) ** 2
        different += not by_squares or tenths != (whole + 50) // 100 or tenths * 100 != length_um + 50
    assert different == 0


@given(IN_SPACE, IN_SPACE)
def test_a_length_is_reported_as_sixty_digits_round_it(a, b) -> None:
    with localcontext() as context:
        context.prec = 60
        root = Decimal(sum((after - before) ** 2 for before, after in zip(a, b, strict=True))).sqrt() / 1000
        assert reported_mm(squared_mm_in_space(a, b)) == root.quantize(TENTH, rounding=ROUND_HALF_UP)


@given(POINTS, POINTS, SPACINGS)
def test_a_length_on_oblong_pixels_is_that_of_its_millimetres(a, b, spacing) -> None:
    row_mm, column_mm = spacing
    with localcontext() as context:
        context.prec = 80
        across, down = (b[0] - a[0]) * column_mm / 1000, (b[1] - a[1]) * row_mm / 1000
        squared = across * across + down * down
        assert squared_mm_on_image(a, b, spacing) == Fraction(squared)
        assert reported_mm(Fraction(squared)) == squared.sqrt().quantize(TENTH, rounding=ROUND_HALF_UP)
    assert squared_mm_on_image(a, b, spacing) == squared_mm_on_image(b, a, spacing)


def test_lesson_8_rows_and_columns_of_oblong_pixels_are_not_exchanged() -> None:
    spacing = (Decimal("5.0"), Decimal("0.3"))
    assert reported_mm(squared_mm_on_image((0, 0), (10_000, 0), spacing)) == Decimal("3.0")
    assert reported_mm(squared_mm_on_image((0, 0), (0, 10_000), spacing)) == Decimal("50.0")


def test_the_worked_example_of_the_trail() -> None:
    spacing = (Decimal("0.9765625"), Decimal("0.9765625"))
    squared = squared_mm_on_image((250_500, 198_250), (291_750, 198_250), spacing)
    assert squared == Fraction("40.283203125") ** 2
    assert reported_mm(squared) == Decimal("40.3")


def test_the_half_pixel_from_the_outer_corner_to_the_centre_of_the_first_pixel() -> None:
    spacing = (Decimal("0.8"), Decimal("0.6"))
    corner, centre, next_centre = (0, 0), (500, 500), (1500, 500)
    assert squared_mm_on_image(corner, centre, spacing) == Fraction("0.3") ** 2 + Fraction("0.4") ** 2
    assert squared_mm_on_image(centre, next_centre, spacing) == Fraction("0.6") ** 2


@pytest.mark.parametrize(
    ("length", "unit", "told"),
    [
        ("0", "0.1", "0.0"),
        ("0.0499999", "0.1", "0.0"),
        ("0.05", "0.1", "0.1"),
        ("9.9499999", "0.1", "9.9"),
        ("9.95", "0.1", "10.0"),
        ("14.95", "0.1", "15.0"),
        ("9.4999999", "1.0", "9.0"),
        ("9.5", "1.0", "10.0"),
        ("9.9995", "0.001", "10.000"),
        ("9.9994999", "0.001", "9.999"),
    ],
)
def test_drawn_and_entered_lengths_round_half_up_by_one_rule(length: str, unit: str, told: str) -> None:
    assert reported_mm(Fraction(length) ** 2, Decimal(unit)) == Decimal(told)
    assert reported_entered(Decimal(length), Decimal(unit)) == Decimal(told)


@pytest.mark.parametrize("unit", ["0", "-0.1", "NaN"])
def test_the_unit_of_rounding_is_above_zero(unit: str) -> None:
    with pytest.raises(InvalidValue):
        reported_mm(Fraction(1), Decimal(unit))


@given(st.integers(3, 40), st.integers(1, 10**5), SPACINGS)
def test_the_area_of_a_polygon_is_the_sum_of_its_triangles(corners: int, radius: int, spacing) -> None:
    around = [2 * math.pi * index / corners for index in range(corners)]
    points = tuple((round(radius * math.cos(turn)) + radius, round(radius * math.sin(turn))) for turn in around)
    twice = Fraction(0)
    ax, ay = direction_on_image((0, 0), points[0], spacing)
    for one, other in pairwise(points[1:]):
        bx, by = direction_on_image((0, 0), one, spacing)
        cx, cy = direction_on_image((0, 0), other, spacing)
        twice += (bx - ax) * (cy - ay) - (cx - ax) * (by - ay)
    assert area_mm2_on_image(points, spacing) == abs(twice) / 2
    assert area_mm2_on_image(points[::-1], spacing) == abs(twice) / 2


def test_the_area_of_a_rectangle_is_width_times_height() -> None:
    points = ((0, 0), (10_000, 0), (10_000, 20_000), (0, 20_000))
    assert area_mm2_on_image(points, (Decimal("2.0"), Decimal("0.5"))) == 5 * 40


@given(IN_SPACE.filter(any), IN_SPACE.filter(any))
def test_an_angle_is_that_of_the_cosine_rule(u, v) -> None:
    dot = sum(a * b for a, b in zip(u, v, strict=True))
    lengths = math.hypot(*u) * math.hypot(*v)
    cross = math.sqrt(max(0, sum(a * a for a in u) * sum(b * b for b in v) - dot * dot))
    expected = math.degrees(math.atan2(cross, dot))
    assert lengths > 0
    found = angle_deg(tuple(map(Fraction, u)), tuple(map(Fraction, v)))
    assert abs(float(found) - expected) < 1e-6


@pytest.mark.parametrize(
    ("u", "v", "degrees"),
    [
        ((1, 0), (1, 0), "0.0"),
        ((1, 0), (-2, 0), "180.0"),
        ((1, 0), (0, 3), "90.0"),
        ((1, 0), (1, 1), "45.0"),
        ((1, 0), (-1, 1), "135.0"),
        ((1, 1, 0), (0, 1, 1), "60.0"),
        ((1, 0), (1000, 1), "0.1"),
        ((1, 0), (-1000, 1), "179.9"),
    ],
)
def test_known_angles(u, v, degrees: str) -> None:
    assert reported_deg(angle_deg(tuple(map(Fraction, u)), tuple(map(Fraction, v)))) == Decimal(degrees)


@given(POINTS, POINTS, SPACINGS)
def test_the_proposed_perpendicular_is_at_right_angles_and_half_as_long(a, b, spacing) -> None:
    first, second = half_perpendicular(a, b, spacing)
    u, v = direction_on_image(a, b, spacing), direction_on_image(first, second, spacing)
    # Each end is rounded by at most half a thousandth of a pixel in each direction.
    slack = Fraction(max(spacing)) / 1000 * 2
    length = Fraction(math.isqrt(int((u[0] ** 2 + u[1] ** 2) * 10**12)) + 1, 10**6)
    assert abs(u[0] * v[0] + u[1] * v[1]) <= slack * length
    assert abs(v[0] + u[1] / 2) <= slack or abs(v[0] - u[1] / 2) <= slack
    assert abs(v[1] - u[0] / 2) <= slack or abs(v[1] + u[0] / 2) <= slack
    assert abs(first[0] + second[0] - a[0] - b[0]) <= 2
    assert abs(first[1] + second[1] - a[1] - b[1]) <= 2


STACK = Stack(
    id=Id("k1"),
    series_uid="",
    modality="CT",
    kind=StackKind.SLICES,
    plane=Plane.AXIAL,
    pixel_spacing_mm=(Decimal("2.0"), Decimal("0.5")),
    calibration=Calibration.PATIENT,
    images=(("1.2", 1),),
)
IMAGE = ImageRef(stack=Id("k1"), sop_uid="1.2")
BLANK = Stack(
    id=Id("k2"), series_uid="", modality="DX", kind=StackKind.PROJECTION, plane=Plane.UNKNOWN, images=(("1.2", 1),)
)


@pytest.mark.parametrize(
    ("kind", "points", "stack", "told"),
    [
        (MeasurementKind.DIAMETER, ((0, 0), (0, 10_000)), STACK, ("20.0", None)),
        (MeasurementKind.BIDIRECTIONAL, ((0, 0), (0, 10_000)), STACK, ("20.0", None)),
        (MeasurementKind.BIDIRECTIONAL, ((0, 0), (0, 10_000), (0, 0), (10_000, 0)), STACK, ("20.0", "5.0")),
        (MeasurementKind.OUTLINE, ((0, 0), (10_000, 0), (10_000, 6_000), (0, 6_000)), STACK, ("13.0", None)),
        (MeasurementKind.ARROW, ((0, 0), (0, 10_000)), STACK, (None, None)),
        (MeasurementKind.REGION, ((0, 0), (0, 10_000), (9, 9)), STACK, (None, None)),
        (MeasurementKind.DIAMETER, ((0, 0), (0, 10_000)), BLANK, (None, None)),
        (MeasurementKind.DIAMETER, ((0, 0), (0, 10_000)), None, (None, None)),
    ],
)
def test_diameters_of_what_was_drawn(kind, points, stack, told) -> None:
    drawn = Measurement(id=Id("m"), kind=kind, geometry=OnImage(image=IMAGE, points_mpx=points))
    found = diameters(drawn, stack)
    assert (found.long_mm, found.short_mm) == tuple(None if value is None else Decimal(value) for value in told)


def test_diameters_in_space_and_entered() -> None:
    points = ((0, 0, 0), (3000, 4000, 12_000), (0, 0, 0), (0, 0, 2050))
    space = InSpace(stacks=(Id("k1"),), frame_of_reference_uid="1.9", points_um=points)
    found = diameters(Measurement(id=Id("m"), kind=MeasurementKind.BIDIRECTIONAL, geometry=space), None)
    assert (found.long_mm, found.short_mm) == (Decimal("13.0"), Decimal("2.1"))
    for unit, told in (("mm", Decimal("12.3")), ("cm", None)):
        entered = Entered(value=Decimal("12.25"), unit=unit, source="table")
        mark = Measurement(id=Id("m"), kind=MeasurementKind.DIAMETER, geometry=entered)
        assert diameters(mark, None).long_mm == told
