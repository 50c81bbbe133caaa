"""What suggests a deformity and posterolateral involvement: heights of two timepoints, compartments that were recorded."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from fractions import Fraction

import pytest

from spinereview.criteria.angle_values import AngleKind
from spinereview.criteria.evidence.kyphosis import bent_since
from spinereview.criteria.evidence.sins import evidence
from spinereview.criteria.fracture.settings import Settings as FractureSettings
from spinereview.criteria.sins import Input as SinsInput
from spinereview.criteria.sins import Item, LevelItems, SinsVisit, assess, suggestions
from spinereview.criteria.sins_settings import Settings
from spinereview.criteria.sins_values import Bent
from spinereview.domain.anatomy import Compartment, Laterality, Level, Site
from spinereview.domain.case import Case
from spinereview.domain.imaging import Id, Posture
from spinereview.domain.lesion import Lesion, LesionFinding, LesionRole, LesionState
from spinereview.domain.measurement import Measurement
from spinereview.domain.read import Read, Visit
from spinereview.domain.scores import LevelFinding
from spinereview.domain.table import Table
from spinereview.errors import InvalidValue
from spinereview.text import catalogue, sentence
from tests.criteria.evidence.test_alignment import AT, STACK, in_space, on_image, read_of

SUPINE = replace(STACK, posture=Posture.SUPINE)
L, R = Laterality.LEFT, Laterality.RIGHT


def case_of(first=SUPINE, second=SUPINE) -> Case:
    points = [
        replace(AT, id=Id(name), label=name, ordinal=at, stacks=Table({"k": stack}))
        for at, (name, stack) in enumerate((("BL", first), ("FU1", second)))
    ]
    return Case(
        id=Id("c"), subject_code="S", protocol_sha256="0" * 64, timepoints=Table({one.id: one for one in points})
    )


def two(before: dict[str, Measurement], after: dict[str, Measurement]) -> Read:
    visits = {
        at: Visit(levels=Table({level: LevelFinding(heights=Table({"k": mark})) for level, mark in said.items()}))
        for at, said in (("BL", before), ("FU1", after))
    }
    return replace(read_of(), visits=Table(visits))


def hollow(mark: Measurement) -> Measurement:
    """The body with endplates that are 2 mm hollow in their middle, which no angle knows of."""
    points = list(mark.geometry.points_um)
    for place, deep_um in ((1, -2000), (4, 2000)):
        x, y, z = points[place]
        points[place] = (x, y, z + deep_um)
    return replace(mark, geometry=replace(mark.geometry, points_um=tuple(points)))


def spine(tilt_mm: int) -> dict[str, Measurement]:
    """T8, T9, T10 below one another; the superior endplate of T8 rises to the back by some of its 30 mm."""
    return {"T8": hollow(in_space(60, tilt_mm=tilt_mm)), "T9": hollow(in_space(35)), "T10": hollow(in_space(10))}


def found(read: Read, case: Case, level: Level = Level.T9) -> Bent | None:
    return bent_since(read, case, case.timepoints["FU1"], level)


def test_a_segment_that_bends_forward_is_compared_with_the_earlier_timepoint() -> None:
    bent = found(two(spine(0), spine(6)), case_of())
    # atan(6 / 30) = 11.3 degrees, by hand.
    assert bent == Bent(kind=AngleKind.MSK, deg=Decimal("11.3"), since="BL")
    back = found(two(spine(6), spine(0)), case_of())
    assert back is not None
    assert back.deg == Decimal("-11.3")
    both = {"T8": in_space(60), "T10": in_space(10)}
    assert found(two(spine(0), both), case_of()) is None


def inferior(mark: Measurement, fall_mm: int) -> Measurement:
    """The body with an inferior endplate that falls to the back by some of its 30 mm."""
    points = list(mark.geometry.points_um)
    for place, share in ((4, 2), (5, 1)):
        x, y, z = points[place]
        points[place] = (x, y, z - 1000 * fall_mm // share)
    return replace(mark, geometry=replace(mark.geometry, points_um=tuple(points)))


@pytest.mark.parametrize(("bent_at", "kind"), [("T9", AngleKind.MSK), ("T10", AngleKind.BSK)])
def test_a_segment_ends_at_the_inferior_endplate_of_the_vertebra_or_of_the_one_below(bent_at: str, kind) -> None:
    now = spine(0)
    now[bent_at] = inferior(now[bent_at], 6)
    assert found(two(spine(0), now), case_of()) == Bent(kind=kind, deg=Decimal("11.3"), since="BL")
    beside = spine(0) | {"T7": inferior(in_space(85), 6), "T11": inferior(in_space(-15), 6)}
    bent = found(two(spine(0), beside), case_of())
    assert bent is not None
    assert bent.deg == 0


def test_of_several_earlier_timepoints_the_largest_increase_is_told() -> None:
    case, read = case_of(), two(spine(2), spine(0))
    later = replace(case.timepoints["FU1"], id=Id("FU2"), label="FU2", ordinal=2)
    case = replace(case, timepoints=case.timepoints.with_("FU2", later))
    levels = Table({level: LevelFinding(heights=Table({"k": mark})) for level, mark in spine(6).items()})
    read = replace(read, visits=read.visits.with_("FU2", Visit(levels=levels)))
    bent = bent_since(read, case, case.timepoints["FU2"], Level.T9)
    assert bent == Bent(kind=AngleKind.MSK, deg=Decimal("11.3"), since="FU1")


def test_a_segment_drawn_on_one_image_bends_too() -> None:
    flat = {"T8": on_image(10), "T9": on_image(60), "T10": on_image(110)}
    top = flat["T8"].geometry
    raised = tuple((x, row - 12 * x // 60) if place < 3 else (x, row) for place, (x, row) in enumerate(top.points_mpx))
    now = flat | {"T8": replace(flat["T8"], geometry=replace(top, points_mpx=raised))}
    bent = found(two(flat, now), case_of())
    # atan(12 / 60) = 11.3 degrees, by hand.
    assert bent is not None
    assert (bent.kind, abs(bent.deg)) == (AngleKind.MSK, Decimal("11.3"))
    low = flat["T10"].geometry
    fallen = tuple((x, row + 12 * x // 60) if place > 2 else (x, row) for place, (x, row) in enumerate(low.points_mpx))
    now = flat | {"T10": replace(flat["T10"], geometry=replace(low, points_mpx=fallen))}
    bent = found(two(flat, now), case_of())
    assert bent is not None
    assert (bent.kind, abs(bent.deg)) == (AngleKind.BSK, Decimal("11.3"))


@pytest.mark.parametrize(
    ("first", "second"),
    [
        pytest.param(STACK, SUPINE, id="posture not stated"),
        pytest.param(replace(SUPINE, posture=Posture.UNKNOWN), replace(SUPINE, posture=Posture.UNKNOWN), id="unknown"),
        pytest.param(SUPINE, replace(SUPINE, posture=Posture.PRONE), id="other posture"),
        pytest.param(SUPINE, replace(SUPINE, modality="MR"), id="other images"),
    ],
)
def test_unlike_images_are_not_compared(first, second) -> None:
    assert found(two(spine(0), spine(6)), case_of(first, second)) is None


def test_the_first_timepoint_and_the_ends_of_the_spine_have_nothing_to_compare_with() -> None:
    case, read = case_of(), two(spine(0), spine(6))
    assert bent_since(read, case, case.timepoints["BL"], Level.T9) is None
    assert found(read, case, Level.OCCIPUT) is None
    assert found(read, case, Level.COCCYX) is None


@pytest.mark.parametrize(("deg", "value"), [("9.9", None), ("10.0", "DE_NOVO_DEFORMITY"), ("-12.0", None)])
def test_a_deformity_is_suggested_from_ten_degrees_on(deg: str, value: str | None) -> None:
    bent = Bent(kind=AngleKind.MSK, deg=Decimal(deg), since="BL")
    one = suggestions(LevelItems(level=Level.T9, bent=bent), Settings()).get(Item.ALIGNMENT)
    assert (None if one is None else one.value) == value
    if one is not None:
        assert sentence(one.reason.code, one.reason.args).startswith(
            "T9: the segment (MSK) is 10.0° more kyphotic than"
        )


def test_a_subluxation_goes_before_a_deformity() -> None:
    bent = Bent(kind=AngleKind.MSK, deg=Decimal(12), since="BL")
    both = LevelItems(level=Level.T9, bent=bent, translation_mm=Decimal(3))
    assert suggestions(both, Settings())[Item.ALIGNMENT].value == "SUBLUXATION"


def test_the_read_is_compared_only_where_that_may_be_seen() -> None:
    case = case_of()
    read = replace(two(spine(0), spine(6)), lesions=Table({"L01": lesion((Level.T9,))}))
    plain = evidence(read, case, FractureSettings()).visits[1].levels["T9"]
    seen = evidence(read, case, FractureSettings(), compare=frozenset({Id("FU1")})).visits[1].levels["T9"]
    assert (plain.bent, seen.bent and seen.bent.deg) == (None, Decimal("11.3"))


def lesion(levels: tuple[Level, ...], *parts: Compartment, name: str = "L01") -> Lesion:
    return Lesion(
        id=Id(name),
        role=LesionRole.NON_TARGET,
        site=Site(organ="BONE", location="", levels=levels, compartments=frozenset(parts)),
        first_seen=Id("BL"),
        findings=Table({at: LesionFinding(state=LesionState.PRESENT) for at in ("BL", "FU1")}),
    )


@pytest.mark.parametrize(
    ("parts", "value"),
    [
        ((), None),
        ((Compartment.BODY, Compartment.LAMINA, Compartment.TRANSVERSE_L), None),
        ((Compartment.PEDICLE_L, Compartment.FACET_L), "UNILATERAL"),
        ((Compartment.COSTOVERTEBRAL_R,), "UNILATERAL"),
        ((Compartment.PEDICLE_L, Compartment.FACET_R), "BILATERAL"),
    ],
)
def test_recorded_sides_are_suggested_and_none_recorded_suggests_nothing(parts, value) -> None:
    read = replace(read_of(), lesions=Table({"L01": lesion((Level.T9,), *parts)}))
    items = evidence(read, case_of(), FractureSettings()).visits[0].levels["T9"]
    one = suggestions(items, Settings()).get(Item.POSTEROLATERAL)
    assert (None if one is None else one.value) == value
    assert one is None or "{" not in sentence(one.reason.code, one.reason.args)
    assert one is None or (one.reason.code == "SINS_SUGGESTS_SIDES") is (value == "BILATERAL")


def test_two_lesions_of_a_level_are_taken_together_and_one_over_several_levels_is_left_out() -> None:
    left = lesion((Level.T9,), Compartment.PEDICLE_L)
    right = lesion((Level.T9,), Compartment.PEDICLE_R, name="L02")
    wide = lesion((Level.T9, Level.T10), Compartment.PEDICLE_R, name="L02")
    for other, sides in ((right, {L, R}), (wide, {L})):
        read = replace(read_of(), lesions=Table({"L01": left, "L02": other}))
        levels = evidence(read, case_of(), FractureSettings()).visits[0].levels
        assert levels["T9"].sides == sides
        assert "T10" not in levels or levels["T10"].sides == frozenset()


@pytest.mark.parametrize(
    ("item", "answer", "doubted"),
    [
        ("POSTEROLATERAL", "NONE", True),
        ("POSTEROLATERAL", "UNILATERAL", False),
        ("POSTEROLATERAL", "BILATERAL", False),
        ("ALIGNMENT", "NORMAL", True),
        ("ALIGNMENT", "SUBLUXATION", False),
    ],
)
def test_an_answer_below_what_was_recorded_is_doubted_and_stands(item: str, answer: str, doubted: bool) -> None:
    bent = Bent(kind=AngleKind.BSK, deg=Decimal(15), since="BL")
    items = LevelItems(level=Level.T9, answers=Table({item: answer}), sides=frozenset({L}), bent=bent)
    visit = SinsVisit(timepoint=Id("FU1"), levels=Table({"T9": items}))
    told = assess(SinsInput(visits=(visit,)), Settings())["FU1/sins/T9"]
    codes = [one.code for one in told.warnings]
    assert (f"SINS_DIFFERS_{item}" in codes) is doubted
    assert set(codes) <= set(catalogue())


def test_a_side_is_left_or_right() -> None:
    with pytest.raises(InvalidValue, match="SINS_SIDES"):
        LevelItems(level=Level.T9, sides=frozenset({Laterality.MIDLINE}))
    assert LevelItems(level=Level.T9, sides=frozenset({L, R})).sides == {L, R}


@pytest.mark.parametrize(("loss", "holds"), [("0", True), ("100", True), ("-0.1", False), ("100.1", False)])
def test_a_loss_of_height_is_a_part_of_the_whole(loss: str, holds: bool) -> None:
    if holds:
        assert LevelItems(level=Level.T9, loss_pct=Fraction(loss)).loss_pct == Fraction(loss)
        return
    with pytest.raises(InvalidValue, match="SINS_LOSS"):
        LevelItems(level=Level.T9, loss_pct=Fraction(loss))
