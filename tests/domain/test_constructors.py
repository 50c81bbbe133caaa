"""Values that must not exist: each refusal, and the value beside it that is allowed."""

from __future__ import annotations

from dataclasses import FrozenInstanceError, replace
from decimal import Decimal

import pytest

from spinereview.domain.anatomy import Site
from spinereview.domain.imaging import Id, ImageRef
from spinereview.domain.lesion import STATES_OF_ROLE, Lesion, LesionFinding, LesionRole, LesionState
from spinereview.domain.measurement import POINT_COUNTS, Entered, InSpace, Measurement, MeasurementKind, OnImage
from spinereview.domain.protocol import Anchor, Design, Protocol, ScheduledVisit
from spinereview.domain.read import Lock, Purpose, Read, Visit
from spinereview.domain.table import Table
from spinereview.errors import InvalidValue

IMAGE = ImageRef(stack=Id("k1"), sop_uid="1.2")
SITE = Site(organ="BONE", location="VERTEBRA L2")
K, S = MeasurementKind, LesionState


def refused(code: str, make, *args: object, **fields: object) -> None:
    with pytest.raises(InvalidValue) as caught:
        make(*args, **fields)
    assert caught.value.code == code


def mark(kind: MeasurementKind, count: int) -> Measurement:
    points = tuple((index * 1000, index * 700) for index in range(count))
    return Measurement(id=Id("m"), kind=kind, geometry=OnImage(image=IMAGE, points_mpx=points))


@pytest.mark.parametrize("kind", list(MeasurementKind))
def test_a_kind_has_its_number_of_points(kind: MeasurementKind) -> None:
    allowed = POINT_COUNTS.get(kind, frozenset(range(3, 9)))
    for count in range(9):
        if count in allowed:
            assert mark(kind, count).kind is kind
        else:
            refused("POINT_COUNT", mark, kind, count)


@pytest.mark.parametrize(
    ("points", "code"),
    [
        (((0, 0), (1.0, 0)), "VALUE_NOT_INTEGER"),
        (((0, 0), (True, 0)), "VALUE_NOT_INTEGER"),
        (((0, 0), (Decimal(1), 0)), "VALUE_NOT_INTEGER"),
        (((0, 0, 0), (1, 0, 0)), "POINTS_NOT_2D"),
    ],
)
def test_points_on_an_image_are_pairs_of_integers(points, code: str) -> None:
    refused(code, OnImage, image=IMAGE, points_mpx=points)


@pytest.mark.parametrize(
    ("fields", "code"),
    [
        ({"points_um": ((0, 0), (1, 0))}, "POINTS_NOT_3D"),
        ({"points_um": ((0, 0, 0.5),)}, "VALUE_NOT_INTEGER"),
        ({"plane_um": ((0, 0, 0), (1, 0, 0))}, "POINTS_NOT_3D"),
        ({"plane_um": ((0, 0, 0), (1, 0, 0), (0, 1.5, 0))}, "VALUE_NOT_INTEGER"),
        ({"frame_of_reference_uid": ""}, "VALUE_EMPTY"),
    ],
)
def test_points_in_space_are_triples_of_integers_in_one_frame(fields, code: str) -> None:
    sound = {"stacks": (Id("k1"),), "frame_of_reference_uid": "1.9", "points_um": ((0, 0, 0), (1, 0, 0))}
    assert InSpace(**sound)
    refused(code, InSpace, **{**sound, **fields})


@pytest.mark.parametrize(
    ("value", "unit", "code"),
    [("-0.1", "mm", "VALUE_NEGATIVE"), ("NaN", "mm", "VALUE_NEGATIVE"), ("Infinity", "mm", "VALUE_NEGATIVE"),
     ("1", "", "VALUE_EMPTY")],
)  # fmt: skip
def test_an_entered_number_is_a_length_with_a_unit(value: str, unit: str, code: str) -> None:
    assert Entered(value=Decimal(0), unit="mm", source="")
    refused(code, Entered, value=Decimal(value), unit=unit, source="")


def test_a_measurement_has_a_name_and_a_length() -> None:
    same = OnImage(image=IMAGE, points_mpx=((5, 5), (5, 5)))
    refused("LENGTH_ZERO", Measurement, id=Id("m"), kind=K.DIAMETER, geometry=same)
    refused("VALUE_EMPTY", replace, mark(K.DIAMETER, 2), id="")
    refused("VALUE_EMPTY", replace, mark(K.DIAMETER, 2), id="a\nb")
    assert mark(K.LEVEL, 1)


PART = mark(K.DIAMETER, 2)


@pytest.mark.parametrize(
    ("fields", "code"),
    [
        ({"state": S.MERGED}, "FINDING_CARRIER"),
        ({"state": S.ABSENT, "carrier": Id("L02")}, "FINDING_CARRIER"),
        ({"state": S.UNEQUIVOCAL_PD}, "FINDING_JUSTIFICATION"),
        ({"state": S.UNEQUIVOCAL_PD, "justification": " "}, "FINDING_JUSTIFICATION"),
        ({"state": S.SPLIT, "parts": Table({"a": PART})}, "FINDING_SPLIT_PARTS"),
        ({"state": S.MEASURED}, "FINDING_WITHOUT_MEASUREMENT"),
    ],
)
def test_a_finding_that_contradicts_itself_does_not_exist(fields, code: str) -> None:
    refused(code, LesionFinding, **fields)


@pytest.mark.parametrize(
    "fields",
    [
        {"state": S.MERGED, "carrier": Id("L02")},
        {"state": S.UNEQUIVOCAL_PD, "justification": "twice as large"},
        {"state": S.SPLIT, "parts": Table({"a": PART, "b": PART})},
        {"state": S.MEASURED, "parts": Table({"a": PART})},
        {"state": S.NE},
    ],
)
def test_a_finding_with_what_its_state_needs_exists(fields) -> None:
    assert LesionFinding(**fields).state is fields["state"]


def sound(state: LesionState) -> LesionFinding:
    parts = Table({"a": PART, "b": PART}) if state in {S.MEASURED, S.SPLIT} else Table()
    return LesionFinding(
        state=state, parts=parts, carrier=Id("L02") if state is S.MERGED else None, justification="in words"
    )


@pytest.mark.parametrize("state", list(LesionState))
@pytest.mark.parametrize("role", list(LesionRole))
def test_a_lesion_has_the_states_of_its_role(role: LesionRole, state: LesionState) -> None:
    def make() -> Lesion:
        findings = Table({"FU1": sound(state)})
        return Lesion(id=Id("L01"), role=role, site=SITE, first_seen=Id("BL"), findings=findings)

    if state in STATES_OF_ROLE[role]:
        assert make().findings["FU1"].state is state
    else:
        refused("STATE_NOT_OF_ROLE", make)


def test_the_states_are_those_of_the_paper() -> None:
    treated = {S.NE, S.TREATED_OFF, S.TREATED_BY_PROTOCOL}
    assert STATES_OF_ROLE[LesionRole.TARGET] == treated | {S.MEASURED, S.ABSENT, S.TOO_SMALL, S.MERGED, S.SPLIT}
    assert STATES_OF_ROLE[LesionRole.NON_TARGET] == treated | {S.ABSENT, S.NODE_NORMAL, S.PRESENT, S.UNEQUIVOCAL_PD}


def test_names_are_not_empty_and_entries_carry_theirs() -> None:
    lesion = Lesion(id=Id("L01"), role=LesionRole.TARGET, site=SITE, first_seen=Id("BL"))
    refused("VALUE_EMPTY", replace, lesion, id="")
    refused("VALUE_EMPTY", replace, lesion, first_seen="")
    refused("VALUE_EMPTY", Site, organ="", location="")
    read = Read(id=Id("r"), case=Id("c"), reader_code="R", purpose=Purpose.EFFICACY, protocol_sha256="0")
    refused("KEY_NOT_ID", replace, read, lesions=Table({"L02": lesion}))
    refused("VALUE_EMPTY", replace, read, reader_code="")
    refused("VALUE_EMPTY", Protocol, id="p", version="", title="t", sha256="0")


def test_a_protocol_has_sensible_numbers() -> None:
    refused("VISIT_WINDOW_NEGATIVE", ScheduledVisit, name="V1", anchor=Anchor.SURGERY, day=0, minus=-1)
    refused("VALUE_NOT_POSITIVE", Design, readers=0)
    refused("VALUE_NOT_FRACTION", Design, repeat_share=Decimal("1.01"))
    assert Design(readers=1, repeat_share=Decimal(1))


def test_a_value_cannot_be_changed() -> None:
    with pytest.raises(FrozenInstanceError):
        IMAGE.frame = 2  # type: ignore[misc]


def test_a_visit_that_nobody_spoke_of_is_open() -> None:
    read = Read(id=Id("r"), case=Id("c"), reader_code="R", purpose=Purpose.EFFICACY, protocol_sha256="0")
    assert read.lock_of("BL") is Lock.OPEN
    assert replace(read, visits=Table({"BL": Visit(lock=Lock.LOCKED)})).lock_of("BL") is Lock.LOCKED
