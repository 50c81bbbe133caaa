"""Translation of a vertebra from the heights of two neighbours: by hand, in space, on an image, and where there is none."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from decimal import Decimal

import pytest

from spinereview.criteria.evidence.alignment import translation_mm
from spinereview.criteria.sins import Item, LevelItems, suggestions
from spinereview.criteria.sins_settings import Settings
from spinereview.domain.anatomy import Level
from spinereview.domain.case import Timepoint
from spinereview.domain.imaging import Calibration, Id, ImageRef, Permission, Plane, Stack, StackKind
from spinereview.domain.measurement import InSpace, Measurement, MeasurementKind, OnImage
from spinereview.domain.read import Purpose, Read, Visit
from spinereview.domain.scores import LevelFinding
from spinereview.domain.table import Table
from spinereview.errors import InvalidValue
from spinereview.text import sentence

STACK = Stack(
    id=Id("k"),
    series_uid="1.2",
    modality="CT",
    kind=StackKind.VOLUME,
    plane=Plane.SAGITTAL,
    frame_of_reference_uid="2.25.99",
    pixel_spacing_mm=(Decimal("0.5"), Decimal("0.5")),
    calibration=Calibration.PATIENT,
    slice_thickness_mm=Decimal(1),
    slice_interval_mm=Decimal(1),
    images=(("1.2.3", 1), ("1.2.4", 1)),
)
AT = Timepoint(id=Id("BL"), label="BL", ordinal=0, stacks=Table({"k": STACK}))
Body = Callable[..., Measurement]


def in_space(z_mm: int, *, back_um: int = 0, tilt_mm: int = 0, frame: str = "2.25.99") -> Measurement:
    """A body 30 mm deep and 20 mm high, moved back by some micrometres, its superior endplate tilted at the back."""
    top = [(0, y * 1000 + back_um, (z_mm + 20) * 1000 + y * tilt_mm * 1000 // 30) for y in (0, 15, 30)]
    low = [(0, y * 1000 + back_um, z_mm * 1000) for y in (0, 15, 30)]
    geometry = InSpace(stacks=(Id("k"),), frame_of_reference_uid=frame, points_um=tuple(top + low))
    return Measurement(id=Id(f"h{z_mm}"), kind=MeasurementKind.HEIGHTS, geometry=geometry)


def on_image(row_px: int, *, back_px: int = 0, uid: str = "1.2.3") -> Measurement:
    top = [(1000 * (x + back_px), 1000 * row_px) for x in (0, 30, 60)]
    low = [(1000 * (x + back_px), 1000 * (row_px + 40)) for x in (0, 30, 60)]
    image = ImageRef(stack=Id("k"), sop_uid=uid)
    return Measurement(
        id=Id(f"h{row_px}"), kind=MeasurementKind.HEIGHTS, geometry=OnImage(image=image, points_mpx=tuple(top + low))
    )


def read_of(**heights: Measurement) -> Read:
    levels = {level: LevelFinding(heights=Table({"k": mark})) for level, mark in heights.items()}
    visits = Table({"BL": Visit(levels=Table(levels))})
    return Read(
        id=Id("r"), case=Id("c"), reader_code="R", purpose=Purpose.EFFICACY, protocol_sha256="0" * 64, visits=visits
    )


def test_the_offset_of_the_posterior_corners_is_measured_along_the_endplate() -> None:
    read = read_of(T9=in_space(30, back_um=2_600), T10=in_space(5))
    assert translation_mm(read, AT, Level.T10) == Decimal("2.6")
    assert translation_mm(read, AT, Level.T9) == Decimal("2.6")
    # 30 mm back and 16 mm up: the endplate is 34 mm long; the corner lies 4 mm back and 5 mm - 16 mm up of it.
    tilted = read_of(T9=in_space(30, back_um=4_000), T10=in_space(5, tilt_mm=16))
    found = translation_mm(tilted, AT, Level.T10)
    assert found is not None
    assert found.quantize(Decimal("1e-9")) == (abs(Decimal(4 * 30 + (5 - 16) * 16)) / 34).quantize(Decimal("1e-9"))


def test_the_larger_of_two_neighbours_counts_and_a_head_tilt_is_none() -> None:
    read = read_of(T8=in_space(55, back_um=-1_000), T9=in_space(30), T10=in_space(5, back_um=3_000))
    assert translation_mm(read, AT, Level.T9) == 3
    assert translation_mm(read, AT, Level.T8) == 1


def test_points_of_one_image_are_compared_in_millimetres() -> None:
    read = read_of(T9=on_image(0, back_px=6), T10=on_image(50))
    assert translation_mm(read, AT, Level.T10) == 3
    other = read_of(T9=on_image(0, back_px=6, uid="1.2.4"), T10=on_image(50))
    assert translation_mm(other, AT, Level.T10) is None


def test_on_an_image_rows_and_columns_count_by_their_own_spacing() -> None:
    oblong = replace(STACK, pixel_spacing_mm=(Decimal("0.5"), Decimal("0.25")))
    at = replace(AT, stacks=Table({"k": oblong}))

    def body(name: str, *points: tuple[int, int]) -> Measurement:
        marks = tuple((1000 * column, 1000 * row) for column, row in points)
        geometry = OnImage(image=ImageRef(stack=Id("k"), sop_uid="1.2.3"), points_mpx=marks)
        return Measurement(id=Id(name), kind=MeasurementKind.HEIGHTS, geometry=geometry)

    # The superior endplate of the lower one runs 30 mm back and 16 mm up, bent in its middle: 34 mm from end to end.
    lower = body("l", (40, 200), (100, 150), (160, 168), (40, 280), (100, 280), (160, 280))
    # The corner above lies 4 mm behind its end and 11 mm below: (4 * 30 - 11 * 16) / 34.
    upper = body("u", (40, 120), (100, 120), (160, 120), (40, 190), (100, 190), (176, 190))
    found = translation_mm(read_of(T9=upper, T10=lower), at, Level.T10)
    assert found is not None
    assert found.quantize(Decimal("1e-9")) == (Decimal(56) / 34).quantize(Decimal("1e-9"))


def test_the_first_and_the_last_level_have_one_neighbour_each() -> None:
    top = read_of(C1=in_space(30, back_um=2_000), C2=in_space(5))
    assert translation_mm(top, AT, Level.C1) == 2
    bottom = read_of(S5=in_space(30, back_um=2_000), COCCYX=in_space(5))
    assert translation_mm(bottom, AT, Level.COCCYX) == 2
    assert translation_mm(bottom, AT, Level.S5) == 2
    ends = read_of(COCCYX=in_space(30, back_um=2_000), C1=in_space(5))
    assert translation_mm(ends, AT, Level.C1) is None
    assert translation_mm(ends, AT, Level.COCCYX) is None


@pytest.mark.parametrize(
    "read",
    [
        pytest.param(read_of(T9=in_space(30)), id="no neighbour"),
        pytest.param(read_of(T8=in_space(55), T10=in_space(5)), id="not itself"),
        pytest.param(read_of(T7=in_space(80), T9=in_space(30)), id="no next neighbour"),
        pytest.param(read_of(T9=in_space(30, frame="2.25.1"), T10=in_space(5)), id="another space"),
        pytest.param(read_of(T9=on_image(0), T10=in_space(5)), id="image and space"),
    ],
)
def test_without_two_neighbours_in_one_place_there_is_none(read) -> None:
    assert translation_mm(read, AT, Level.T9) is None


def test_pixels_are_no_millimetres_and_the_occiput_has_no_place() -> None:
    plain = replace(STACK, pixel_spacing_mm=None, calibration=Calibration.NONE)
    assert Permission.IN_PLANE not in plain.may_measure
    read = read_of(T9=on_image(0, back_px=6), T10=on_image(50))
    assert translation_mm(read, replace(AT, stacks=Table({"k": plain})), Level.T10) is None
    assert translation_mm(read, AT, Level.OCCIPUT) is None


@pytest.mark.parametrize(
    ("level", "limit"), [("C5", "3.5"), ("T9", "2.5"), ("L3", "4.5")], ids=["cervical", "thoracic", "lumbar"]
)
def test_more_than_the_limit_suggests_a_subluxation_and_less_suggests_nothing(level, limit) -> None:
    def suggested(mm: Decimal) -> str | None:
        found = suggestions(LevelItems(level=Level(level), translation_mm=mm), Settings()).get(Item.ALIGNMENT)
        return None if found is None else found.value

    assert suggested(Decimal(limit)) is None
    assert suggested(Decimal(limit) + Decimal("1e-20")) == "SUBLUXATION"
    assert suggested(Decimal(0)) is None
    found = suggestions(LevelItems(level=Level(level), translation_mm=Decimal(9)), Settings())[Item.ALIGNMENT]
    words = sentence(found.reason.code, found.reason.args)
    assert f"9.00 mm apart along the endplate, more than {limit} mm" in words


def test_the_sacrum_has_no_limit_and_no_length_is_negative() -> None:
    assert suggestions(LevelItems(level=Level.S1, translation_mm=Decimal(9)), Settings()) == {}
    with pytest.raises(InvalidValue, match="SINS_TRANSLATION"):
        LevelItems(level=Level.T9, translation_mm=Decimal(-1))
