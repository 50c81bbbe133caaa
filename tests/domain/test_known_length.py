"""Millimetres from a known length, by whole numbers alone."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from spinereview.domain.exact import reported_entered, reported_mm, squared_mm_on_image
from spinereview.domain.imaging import Calibration, Id, ImageRef, Plane, Stack, StackKind
from spinereview.domain.known_length import KnownLength, obstacle
from spinereview.errors import InvalidValue

IMAGE = ImageRef(stack=Id("x"), sop_uid="2.25.1")
FILM = Stack(
    id=Id("x"),
    series_uid="2.25.9",
    modality="CR",
    kind=StackKind.PROJECTION,
    plane=Plane.UNKNOWN,
    images=(("2.25.1", 1),),
)
HALF = (Decimal("0.5"), Decimal("0.5"))


def known(start: tuple[int, int], end: tuple[int, int], length: str) -> KnownLength:
    return KnownLength(image=IMAGE, points_mpx=(start, end), length_mm=Decimal(length))


def test_a_ball_of_25_mm_on_100_pixels_gives_a_quarter_of_a_millimetre_each() -> None:
    assert known((0, 0), (100_000, 0), "25").spacing_mm(None) == (Decimal("0.25"), Decimal("0.25"))
    assert known((0, 0), (60_000, 80_000), "25").spacing_mm(None) == (Decimal("0.25"), Decimal("0.25"))


def test_oblong_pixels_of_a_detector_keep_their_ratio() -> None:
    """Non-square pixels measured wrongly, lengths doubled: the ratio that the file states is kept."""
    detector = (Decimal("0.2"), Decimal("0.1"))
    down = known((0, 0), (0, 100_000), "10").spacing_mm(detector)
    across = known((0, 0), (200_000, 0), "10").spacing_mm(detector)
    assert down == across == (Decimal("0.1"), Decimal("0.05"))


points = st.tuples(st.integers(0, 4_000_000), st.integers(0, 4_000_000))
spacings = st.none() | st.tuples(*[st.decimals("0.01", "3", places=4)] * 2)


@given(points, points, st.integers(500, 200_000), spacings)
def test_the_marked_line_itself_measures_its_length_ties_included(start, end, hundredths, stated) -> None:
    if sum((a - b) ** 2 for a, b in zip(start, end, strict=True)) < 20_000**2:
        return
    length = Decimal(hundredths) / 100
    spacing = known(start, end, str(length)).spacing_mm(stated)
    squared = squared_mm_on_image(start, end, spacing)
    assert reported_mm(squared) == reported_entered(length)
    assert Fraction(length) ** 2 <= squared < (Fraction(length) + Fraction(1, 10**6)) ** 2


@pytest.mark.parametrize(
    ("length", "refused"),
    [("4.99", True), ("5", False), ("2000", False), ("2000.01", True), ("25.001", True), ("NaN", True), ("-25", True)],
)
def test_a_known_length_is_one_of_a_body(length: str, *, refused: bool) -> None:
    if refused:
        with pytest.raises(InvalidValue, match="KNOWN_LENGTH_INVALID"):
            known((0, 0), (100_000, 0), length)
    else:
        assert known((0, 0), (100_000, 0), length).length_mm == Decimal(length)


@pytest.mark.parametrize(("end", "refused"), [((19_999, 0), True), ((20_000, 0), False), ((12_000, 16_000), False)])
def test_a_line_of_less_than_20_pixels_calibrates_nothing(end: tuple[int, int], *, refused: bool) -> None:
    if refused:
        with pytest.raises(InvalidValue, match="KNOWN_LENGTH_SHORT"):
            known((0, 0), end, "25")
    else:
        assert known((0, 0), end, "25").spacing_mm(None)[0] > 0


@pytest.mark.parametrize(
    ("stack", "because"),
    [
        (FILM, ""),
        (replace(FILM, pixel_spacing_mm=HALF, calibration=Calibration.DETECTOR), ""),
        (replace(FILM, pixel_spacing_mm=HALF, calibration=Calibration.UNSTATED), ""),
        (replace(FILM, pixel_spacing_mm=HALF, calibration=Calibration.MAGNIFICATION), ""),
        (replace(FILM, pixel_spacing_mm=HALF, calibration=Calibration.FIDUCIAL), "CALIBRATED_ALREADY"),
        (replace(FILM, pixel_spacing_mm=HALF, calibration=Calibration.GEOMETRY), "CALIBRATED_ALREADY"),
        (replace(FILM, kind=StackKind.SLICES), "CALIBRATE_PROJECTIONS"),
        (replace(FILM, images=(("2.25.1", 1), ("2.25.2", 1))), "CALIBRATE_ONE_IMAGE"),
        (replace(FILM, faults=(Id("PIXELS_NOT_SQUARE"),)), "CALIBRATE_NOT_SQUARE"),
        (replace(FILM, faults=(Id("UID_CLASH"),)), "CALIBRATE_NOT_SQUARE"),
    ],
)
def test_what_may_be_calibrated_by_hand(stack: Stack, because: str) -> None:
    assert obstacle(stack) == because
