"""Marks of two lesions at one place: exact at 5 mm, within a stack and across stacks."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from decimal import Decimal

import pytest

from spinereview.domain.anatomy import Site
from spinereview.domain.case import Case
from spinereview.domain.imaging import Id, ImageRef, StackKind
from spinereview.domain.lesion import LesionRole
from spinereview.domain.measurement import Measurement, MeasurementKind, OnImage, PointMpx, PointUm
from spinereview.domain.read import Read
from spinereview.review.commands.finding_facts import SetPlaneVisible
from spinereview.review.commands.lesions import AddLesion
from spinereview.review.nearness import near_lesions

BL, L01, L02 = Id("BL"), Id("L01"), Id("L02")
K = MeasurementKind


def add(measurement: Measurement) -> AddLesion:
    return AddLesion(
        timepoint=BL, role=LesionRole.TARGET, nodal=False, site=Site(organ="LIVER", location="x"), tissue=None,
        group=False, measurement=measurement, stack_sha256="",
    )  # fmt: skip


def mark(
    draw, *points: PointMpx, place: int = 1, stack: str = "k-BL", kind: MeasurementKind = K.DIAMETER
) -> Measurement:
    drawn: Measurement = draw("BL", *points, kind=kind)
    image = ImageRef(stack=Id(stack), sop_uid=f"2.25.{stack}.{place}")
    return replace(drawn, geometry=OnImage(image=image, points_mpx=points))


@pytest.fixture
def near(case: Case, do: Callable[..., Read]):
    def ask(first: Measurement, second: Measurement, **more):
        read = do(add(first), add(second))
        return [(one.lesion, one.mm) for one in near_lesions(read, case.timepoints[BL], L02, (second,), **more)]

    return ask


@pytest.mark.parametrize(
    ("row", "found"),
    [
        (0, [(L01, Decimal("0.0"))]),
        (6_000, [(L01, Decimal("3.0"))]),
        (10_000, [(L01, Decimal("5.0"))]),
        (10_001, []),
    ],
)
def test_a_mark_is_near_up_to_five_millimetres(near, draw, row: int, found) -> None:
    # Half a millimetre a pixel: 10 pixels are 5 mm.
    level = ((10_000, 50_000), (50_000, 50_000))
    assert near(mark(draw, *level), mark(draw, *[(x, y + row) for x, y in level])) == found


def test_marks_that_cross_are_at_no_distance(near, draw) -> None:
    cross = mark(draw, (30_000, 20_000), (30_000, 80_000))
    assert near(mark(draw, (10_000, 50_000), (50_000, 50_000)), cross) == [(L01, Decimal("0.0"))]


def test_slices_apart_count_with_their_interval(near, draw) -> None:
    line = ((10_000, 50_000), (50_000, 50_000))
    assert near(mark(draw, *line), mark(draw, *line, place=3)) == [(L01, Decimal("5.0"))]
    aside = tuple((x, y + 1) for x, y in line)
    assert near(mark(draw, *line), mark(draw, *aside, place=3)) == []


def test_an_outline_is_near_by_its_edge(near, draw) -> None:
    square = ((0, 0), (40_000, 0), (40_000, 40_000), (0, 40_000))
    beside = mark(draw, (46_000, 0), (46_000, 40_000))
    assert near(mark(draw, *square, kind=K.OUTLINE), beside) == [(L01, Decimal("3.0"))]


def test_images_without_millimetres_between_them_are_not_compared(case: Case, do, draw) -> None:
    slices = replace(case.timepoints[BL].stacks["k-BL"], kind=StackKind.SLICES)
    visit = replace(case.timepoints[BL], stacks=case.timepoints[BL].stacks.with_("k-BL", slices))
    line = ((10_000, 50_000), (50_000, 50_000))
    first, other, same = mark(draw, *line), mark(draw, *line, place=2), mark(draw, *line)
    read = do(add(first))
    assert near_lesions(read, visit, None, (other,)) == ()
    assert [one.lesion for one in near_lesions(read, visit, None, (same,))] == [L01]


def test_marks_of_two_stacks_are_compared_in_the_patient_where_both_have_a_position(case: Case, do, draw) -> None:
    stacks = case.timepoints[BL].stacks
    second = replace(stacks["k-BL"], id=Id("s-BL"), images=tuple((f"2.25.s-BL.{n}", 1) for n in range(1, 4)))
    visit = replace(case.timepoints[BL], stacks=stacks.with_("s-BL", second))
    apart = replace(visit, stacks=stacks.with_("s-BL", replace(second, frame_of_reference_uid="2.25.7")))
    line = ((10_000, 50_000), (50_000, 50_000))
    read = do(add(mark(draw, *line)))
    other = mark(draw, *line, stack="s-BL")

    def locate(image: ImageRef, point: PointMpx) -> PointUm | None:
        return (point[0], point[1], 5_000 if image.stack == "s-BL" else 0)

    assert near_lesions(read, visit, None, (other,)) == ()
    assert [one.mm for one in near_lesions(read, visit, None, (other,), locate)] == [Decimal("5.0")]
    assert near_lesions(read, apart, None, (other,), locate) == ()
    assert near_lesions(read, visit, None, (other,), lambda _image, _point: None) == ()


def test_a_plane_that_the_reader_sees_between_them_answers_the_question(case: Case, do, draw) -> None:
    line = ((10_000, 50_000), (50_000, 50_000))
    first, second = mark(draw, *line), mark(draw, *line)
    for lesion in (L01, L02):
        read = do(add(first), add(second), SetPlaneVisible(lesion=lesion, timepoint=BL, visible=True))
        assert near_lesions(read, case.timepoints[BL], L02, (second,)) == ()
