"""Each act where it is not allowed: refused with its code, which has a sentence."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from decimal import Decimal

import pytest

from spinereview.domain.anatomy import UNSTATED_ORGAN, Level, Site
from spinereview.domain.imaging import Calibration, Id, ImageRef, StackKind
from spinereview.domain.lesion import LesionRole, LesionState, NewStatus
from spinereview.domain.measurement import Entered, InSpace, Measurement, MeasurementKind, OnImage
from spinereview.domain.protocol import Design
from spinereview.domain.read import Read
from spinereview.domain.table import Table
from spinereview.errors import InvalidValue, Refused
from spinereview.review.command import Context
from spinereview.review.commands.findings import (
    Measure,
    MergeInto,
    RemoveMeasurement,
    SetNewStatus,
    SetState,
)
from spinereview.review.commands.fragments import SplitInto
from spinereview.review.commands.lesions import (
    AddLesion,
    RemoveLesion,
    SetComment,
    SetNodal,
    SetRole,
    SetSite,
    SetTissue,
)
from spinereview.review.commands.visits import LockVisit, SetVisitComment, UnlockVisit
from spinereview.text import catalogue

Do = Callable[..., Read]
BL, FU1, FU2, L01, L02 = (Id(name) for name in ("BL", "FU1", "FU2", "L01", "L02"))
TARGET, NON_TARGET, NEW, SITE = LesionRole.TARGET, LesionRole.NON_TARGET, LesionRole.NEW, LesionRole.TREATED_SITE
K = MeasurementKind


def site(organ: str = "LIVER", *levels: Level) -> Site:
    return Site(organ=organ, location="somewhere", levels=levels)


def add(measurement: Measurement | None = None, role: LesionRole = TARGET, at: Id = BL, where: Site | None = None):
    return AddLesion(
        timepoint=at, role=role, nodal=False, site=where or site(), tissue=None, group=False, measurement=measurement,
        stack_sha256="",
    )  # fmt: skip


def say(state: LesionState, at: Id = FU1, lesion: Id = L01, words: str = "") -> SetState:
    return SetState(lesion=lesion, timepoint=at, state=state, reason="", justification=words)


def measure(measurement: Measurement, at: Id = FU1, lesion: Id = L01, part: str = "a") -> Measure:
    return Measure(lesion=lesion, timepoint=at, part=part, measurement=measurement, stack_sha256="")


def split(at: Id, *parts: Measurement) -> SplitInto:
    return SplitInto(lesion=L01, timepoint=at, parts=parts, stack_sha256="")


def merge(lesion: Id, carrier: Id, at: Id = FU1) -> MergeInto:
    return MergeInto(lesion=lesion, timepoint=at, carrier=carrier)


def refused(code: str, act: Callable[[], object]) -> None:
    with pytest.raises(Refused) as caught:
        act()
    assert caught.value.code == code
    arguments = caught.value.arguments
    assert "{" not in catalogue()[code].format(**arguments)


@pytest.mark.parametrize(
    ("code", "role", "at"),
    [
        ("TARGET_AFTER_BASELINE", TARGET, FU1),
        ("NON_TARGET_AFTER_BASELINE", NON_TARGET, FU1),
        ("NEW_AT_BASELINE", NEW, BL),
        ("TIMEPOINT_UNKNOWN", TARGET, Id("FU9")),
    ],
)
def test_a_role_belongs_to_its_timepoint(do: Do, code: str, role: LesionRole, at: Id) -> None:
    refused(code, lambda: do(add(None, role, at)))


def test_nothing_is_recorded_before_the_flagged_baseline(empty: Read, context: Context) -> None:
    flagged = replace(context.case.timepoints["FU1"], baseline_for=frozenset({"RECIST"}))
    case = replace(context.case, timepoints=context.case.timepoints.with_("FU1", flagged))
    refused("BEFORE_BASELINE", lambda: add().apply(empty, replace(context, case=case)))
    assert add(None, TARGET, FU1).apply(empty, replace(context, case=case)).lesions
    assert add(None, SITE, BL).apply(empty, replace(context, case=case)).lesions


def test_the_third_target_of_an_organ_is_refused_and_the_second_is_not(do: Do, draw) -> None:
    two = do(add(draw("BL")), add(draw("BL")))
    refused("TARGETS_OF_ORGAN_FULL", lambda: do(add(draw("BL")), on=two))
    other = do(add(draw("BL"), where=site("LUNG")), add(draw("BL"), NON_TARGET), on=two)
    refused("TARGETS_OF_ORGAN_FULL", lambda: do(SetRole(lesion=Id("L04"), role=TARGET), on=other))
    refused("TARGETS_OF_ORGAN_FULL", lambda: do(SetSite(lesion=Id("L03"), site=site("LIVER")), on=other))
    assert do(SetSite(lesion=Id("L03"), site=site("BRAIN")), on=other).lesions["L03"].site.organ == "BRAIN"


def test_the_sixth_target_is_refused_and_the_fifth_is_not(do: Do, draw) -> None:
    five = do(*(add(draw("BL"), where=site(organ)) for organ in ("LIVER", "LUNG", "BRAIN", "BONE", "SPLEEN")))
    assert len(five.lesions) == 5
    refused("TARGETS_FULL", lambda: do(add(draw("BL"), where=site("KIDNEY")), on=five))


@pytest.mark.parametrize(("bone_organ", "allowed"), [("skeleton", False), ("spine_vs_other", True), ("vertebra", True)])
def test_the_skeleton_is_one_organ_unless_the_protocol_divides_it(
    empty: Read, context: Context, bone_organ: str, *, allowed: bool
) -> None:
    protocol = replace(context.protocol, criteria=Table({"recist": Table({"bone_organ": bone_organ})}))
    context = replace(context, protocol=protocol)
    read = empty
    for where in (site("BONE", Level.L2), site("BONE", Level.L3)):
        read = add(where=where).apply(read, context)
    third = add(where=site("BONE"))
    if allowed:
        assert len(third.apply(read, context).lesions) == 3
    else:
        refused("TARGETS_OF_ORGAN_FULL", lambda: third.apply(read, context))


def test_all_lymph_nodes_are_one_organ(do: Do, draw) -> None:
    nodes = [replace(add(draw("BL"), where=site(organ)), nodal=True) for organ in ("LUNG", "LIVER", "BONE")]
    two = do(*nodes[:2])
    refused("TARGETS_OF_ORGAN_FULL", lambda: do(nodes[2], on=two))
    plain = do(add(draw("BL"), where=site("BONE")), on=two)
    refused("TARGETS_OF_ORGAN_FULL", lambda: do(SetNodal(lesion=Id("L03"), nodal=True), on=plain))


def test_a_target_of_no_stated_organ_is_counted_when_its_site_is_stated(do: Do, draw) -> None:
    unstated = [add(draw("BL"), where=site(UNSTATED_ORGAN)) for _ in range(3)]
    read = do(add(draw("BL")), add(draw("BL")), *unstated)
    refused("TARGETS_OF_ORGAN_FULL", lambda: do(SetSite(lesion=Id("L03"), site=site("LIVER")), on=read))
    refused("TARGETS_FULL", lambda: do(add(draw("BL"), where=site(UNSTATED_ORGAN)), on=read))
    refused("LOCK_OWES", lambda: do(LockVisit(timepoint=BL), on=read))
    stated = do(
        *(SetSite(lesion=Id(f"L0{n}"), site=site(o)) for n, o in ((3, "LUNG"), (4, "LUNG"), (5, "BRAIN"))), on=read
    )
    assert do(LockVisit(timepoint=BL), on=stated).visits


def test_a_locked_visit_refuses_every_act_on_it(do: Do, draw) -> None:
    read = do(add(draw("BL")), LockVisit(timepoint=BL))
    acts = (
        add(draw("BL")),
        measure(draw("BL"), BL),
        RemoveMeasurement(lesion=L01, timepoint=BL),
        RemoveLesion(lesion=L01),
        say(LesionState.MEASURED, BL),
        SetRole(lesion=L01, role=NON_TARGET),
        SetNodal(lesion=L01, nodal=True),
        SetSite(lesion=L01, site=site("LUNG")),
        SetTissue(lesion=L01, tissue=None, soft_tissue=None, predominantly_lytic=None, cystic=True),
        SetVisitComment(timepoint=BL, comment="x"),
        LockVisit(timepoint=BL),
    )
    for act in acts:
        refused("VISIT_LOCKED", lambda act=act: do(act, on=read))
    assert do(SetComment(lesion=L01, comment="x"), on=read).lesions[L01].comment == "x"
    locked = do(
        measure(draw("FU1")), LockVisit(timepoint=FU1), measure(draw("FU2"), FU2), LockVisit(timepoint=FU2), on=read
    )
    refused("READ_LOCKED", lambda: do(SetComment(lesion=L01, comment="x"), on=locked))
    amended = do(UnlockVisit(timepoint=BL), on=locked, reason="wrong edge")
    assert do(SetVisitComment(timepoint=BL, comment="x"), on=amended).visits["BL"].comment == "x"
    refused("VISIT_LOCKED", lambda: do(RemoveLesion(lesion=L01), on=amended))


def test_an_unknown_lesion_is_refused(do: Do, draw) -> None:
    for act in (measure(draw("BL"), BL), say(LesionState.NE), RemoveLesion(lesion=L01), merge(L01, L02)):
        refused("LESION_UNKNOWN", lambda act=act: do(act))


def test_a_finding_before_the_lesion_was_recorded_is_refused(do: Do, draw) -> None:
    read = do(add(draw("FU2"), NEW, FU2))
    refused("BEFORE_FIRST_SEEN", lambda: do(measure(draw("FU1")), on=read))
    refused("BEFORE_FIRST_SEEN", lambda: do(say(LesionState.NE), on=read))


def test_a_followed_lesion_keeps_its_role(do: Do, draw) -> None:
    read = do(add(draw("BL"), NON_TARGET), say(LesionState.PRESENT))
    refused("ROLE_FIXED", lambda: do(SetRole(lesion=L01, role=TARGET), on=read))
    refused("ROLE_FIXED", lambda: do(SetNodal(lesion=L01, nodal=True), on=read))


def test_an_image_belongs_to_its_timepoint(do: Do, draw) -> None:
    foreign = draw("BL")
    assert isinstance(foreign.geometry, OnImage)
    absent = replace(foreign.geometry, image=ImageRef(stack=Id("k-BL"), sop_uid="2.25.7"))
    frame = replace(foreign.geometry, image=replace(foreign.geometry.image, frame=2))
    refused("IMAGE_NOT_OF_TIMEPOINT", lambda: do(add(draw("FU1"))))
    refused("IMAGE_NOT_OF_TIMEPOINT", lambda: do(add(replace(foreign, geometry=absent))))
    refused("IMAGE_NOT_OF_TIMEPOINT", lambda: do(add(replace(foreign, geometry=frame))))
    assert do(add(foreign)).lesions


def test_lesson_6_without_calibration_there_are_no_millimetres(do: Do, draw) -> None:
    for kind, points in ((K.DIAMETER, ((0, 0), (9, 9))), (K.BIDIRECTIONAL, ()), (K.OUTLINE, ((0, 0), (9, 0), (0, 9)))):
        mark = draw("BL", *points, kind=kind, stack="x-BL")
        refused("NO_MILLIMETRES", lambda mark=mark: do(add(mark, NON_TARGET)))


def test_no_lesion_is_measured_on_a_localizer(context: Context, empty: Read, draw) -> None:
    timepoint = context.case.timepoints["BL"]
    scout = replace(
        timepoint.stacks["k-BL"],
        kind=StackKind.PROJECTION,
        calibration=Calibration.UNSTATED,
        slice_interval_mm=None,
        faults=("CALIBRATION_UNSTATED", "LOCALIZER"),
    )
    timepoint = replace(timepoint, stacks=timepoint.stacks.with_("k-BL", scout))
    case = replace(context.case, timepoints=context.case.timepoints.with_("BL", timepoint))
    refused("LESION_ON_LOCALIZER", lambda: add(draw("BL")).apply(empty, replace(context, case=case)))
    film = replace(scout, faults=("CALIBRATION_UNSTATED",))
    timepoint = replace(timepoint, stacks=timepoint.stacks.with_("k-BL", film))
    case = replace(context.case, timepoints=context.case.timepoints.with_("BL", timepoint))
    assert add(draw("BL")).apply(empty, replace(context, case=case)).lesions


def in_space(*stacks: str, frame: str = "2.25.99") -> Measurement:
    geometry = InSpace(
        stacks=tuple(Id(stack) for stack in stacks), frame_of_reference_uid=frame, points_um=((0, 0, 0), (0, 0, 9000))
    )
    return Measurement(id=Id("m-s"), kind=K.DIAMETER, geometry=geometry)


def test_a_length_in_space_needs_a_volume_of_the_same_frame(context: Context, empty: Read, do: Do) -> None:
    assert do(add(in_space("k-BL"))).lesions
    refused("IMAGE_NOT_OF_TIMEPOINT", lambda: do(add(in_space("k-FU1"))))
    refused("IMAGE_NOT_OF_TIMEPOINT", lambda: do(add(in_space())))
    refused("FRAME_OF_REFERENCE_DIFFERS", lambda: do(add(in_space("k-BL", frame="2.25.98"))))
    timepoint = context.case.timepoints["BL"]
    slices = replace(timepoint.stacks["k-BL"], kind=StackKind.SLICES, calibration=Calibration.PATIENT)
    timepoint = replace(timepoint, stacks=timepoint.stacks.with_("k-BL", slices))
    case = replace(context.case, timepoints=context.case.timepoints.with_("BL", timepoint))
    refused("NO_MILLIMETRES_BETWEEN", lambda: add(in_space("k-BL")).apply(empty, replace(context, case=case)))


def test_an_entered_number_is_in_millimetres(do: Do) -> None:
    entered = Entered(value=Decimal("1.2"), unit="cm", source="table")
    mark = Measurement(id=Id("m-e"), kind=K.DIAMETER, geometry=entered)
    refused("ENTERED_NOT_MM", lambda: do(add(mark)))


def test_the_short_axis_is_not_longer_than_the_long_one(do: Do, draw) -> None:
    long_axis = ((0, 0), (20_000, 0))
    equal = draw("BL", *long_axis, (10_000, -10_000), (10_000, 10_000))
    longer = draw("BL", *long_axis, (10_000, -10_000), (10_000, 10_200))
    assert do(add(equal)).lesions
    refused("SHORT_AXIS_LONGER", lambda: do(add(longer)))


def test_the_id_of_a_measurement_is_used_once(do: Do, draw) -> None:
    read = do(add(draw("BL", name="m-x")), add(draw("BL")))
    refused("MEASUREMENT_ID_TAKEN", lambda: do(measure(draw("FU1", name="m-x"), FU1), on=read))
    refused("MEASUREMENT_ID_TAKEN", lambda: do(add(draw("BL", name="m-x"), NON_TARGET), on=read))
    assert do(measure(draw("BL", name="m-x"), BL), on=read).lesions


def test_only_lengths_and_arrows_are_measurements_of_a_lesion(do: Do, draw) -> None:
    refused("KIND_NOT_OF_LESION", lambda: do(add(draw("BL", (1, 1), kind=K.LEVEL))))


@pytest.mark.parametrize(
    ("part", "kind"), [("b", K.DIAMETER), ("", K.DIAMETER), ("cc", K.DIAMETER), ("a", K.CRANIOCAUDAL), ("A", K.OUTLINE)]
)
def test_a_whole_lesion_has_no_fragment(do: Do, draw, part: str, kind: MeasurementKind) -> None:
    points = ((0, 0), (9, 0), (0, 9)) if kind is K.OUTLINE else ((0, 0), (9, 0))
    read = do(add(draw("BL")))
    refused("PART_UNKNOWN", lambda: do(measure(draw("FU1", *points, kind=kind), part=part), on=read))


def test_the_extent_along_the_spine_comes_after_the_diameter(do: Do, draw) -> None:
    along = draw("FU1", (0, 0), (0, 9_000), kind=K.CRANIOCAUDAL)
    refused("DIAMETER_FIRST", lambda: do(add(draw("BL")), measure(along, part="cc")))


def test_an_arrow_is_no_length_of_a_target_or_of_a_fragment(do: Do, draw) -> None:
    arrow = draw("BL", (0, 0), (9, 9), kind=K.ARROW)
    refused("ARROW_IS_NO_LENGTH", lambda: do(add(arrow)))
    apart = do(add(draw("BL")), split(FU1, draw("FU1"), draw("FU1")))
    pointing = draw("FU1", (0, 0), (9, 9), kind=K.ARROW)
    refused("ARROW_IS_NO_LENGTH", lambda: do(measure(pointing, part="b"), on=apart))
    refused("ARROW_IS_NO_LENGTH", lambda: do(split(FU1, draw("FU1"), pointing), on=apart))


def test_nothing_that_was_not_measured_is_removed(do: Do, draw) -> None:
    read = do(add(draw("BL")), say(LesionState.ABSENT))
    refused("NOTHING_MEASURED", lambda: do(RemoveMeasurement(lesion=L01, timepoint=FU1), on=read))
    refused("NOTHING_MEASURED", lambda: do(RemoveMeasurement(lesion=L01, timepoint=FU2), on=read))


@pytest.mark.parametrize(
    ("role", "at", "state", "code"),
    [
        (TARGET, FU1, LesionState.PRESENT, "STATE_REFUSED_BY_ROLE"),
        (NON_TARGET, FU1, LesionState.TOO_SMALL, "STATE_REFUSED_BY_ROLE"),
        (TARGET, BL, LesionState.ABSENT, "STATE_WHEN_FOUND"),
        (TARGET, BL, LesionState.NE, "STATE_WHEN_FOUND"),
        (NON_TARGET, BL, LesionState.ABSENT, "STATE_WHEN_FOUND"),
        (TARGET, FU1, LesionState.MERGED, "MERGE_NEEDS_CARRIER"),
        (TARGET, FU1, LesionState.SPLIT, "SPLIT_NEEDS_PARTS"),
        (TARGET, FU1, LesionState.MEASURED, "MEASURED_NEEDS_LENGTH"),
        (NON_TARGET, FU1, LesionState.UNEQUIVOCAL_PD, "UNEQUIVOCAL_NEEDS_JUSTIFICATION"),
        (NON_TARGET, FU1, LesionState.NODE_NORMAL, "NODE_NORMAL_OF_NODE"),
    ],
)
def test_a_state_that_cannot_be_is_refused(do: Do, draw, role, at: Id, state: LesionState, code: str) -> None:
    refused(code, lambda: do(add(draw("BL"), role), say(state, at, words=" ")))


def test_a_split_lesion_has_two_fragments_with_marks_of_their_own(do: Do, draw) -> None:
    read = do(add(draw("BL", name="m-x")))
    same = draw("FU1", name="m-y")
    refused("SPLIT_NEEDS_PARTS", lambda: do(split(FU1, draw("FU1")), on=read))
    refused("SPLIT_NEEDS_PARTS", lambda: do(split(FU1, same, same), on=read))
    refused("MEASUREMENT_ID_TAKEN", lambda: do(split(FU1, same, draw("FU1", name="m-x")), on=read))
    refused("STATE_WHEN_FOUND", lambda: do(split(BL, draw("BL"), draw("BL")), on=read))
    refused("IMAGE_NOT_OF_TIMEPOINT", lambda: do(split(FU1, same, draw("FU2")), on=read))


@pytest.mark.parametrize(
    ("mm", "code"), [("0", "LENGTH_REPORTED_ZERO"), ("0.049", "LENGTH_REPORTED_ZERO"), ("0.05", "")]
)
def test_an_entered_diameter_of_nothing_is_refused(do: Do, mm: str, code: str) -> None:
    geometry = Entered(value=Decimal(mm), unit="mm", source="table")
    mark = Measurement(id=Id("m-e"), kind=K.DIAMETER, geometry=geometry)
    if code:
        refused(code, lambda: do(add(mark)))
    else:
        assert do(add(mark)).lesions[L01].findings["BL"].state is LesionState.MEASURED


def test_a_negative_diameter_does_not_exist() -> None:
    with pytest.raises(InvalidValue, match="VALUE_NEGATIVE"):
        Entered(value=Decimal("-1"), unit="mm", source="table")


@pytest.mark.parametrize(("far", "code"), [(99, "LENGTH_REPORTED_ZERO"), (100, "")])
def test_a_drawn_diameter_that_is_reported_0_is_refused(do: Do, draw, far: int, code: str) -> None:
    # 0.5 mm a pixel: 0.0495 mm are reported 0.0 and 0.05 mm 0.1.
    mark = draw("BL", (0, 0), (far, 0), kind=K.DIAMETER)
    if code:
        refused(code, lambda: do(add(mark)))
    else:
        assert do(add(mark)).lesions


def test_only_a_fragment_is_too_small_by_a_mark(do: Do) -> None:
    geometry = Entered(value=Decimal(5), unit="mm", source="TOO_SMALL")
    refused("TOO_SMALL_IS_A_STATE", lambda: do(add(Measurement(id=Id("m-e"), kind=K.DIAMETER, geometry=geometry))))


def test_a_mass_has_one_carrier_of_the_same_role(do: Do, draw) -> None:
    read = do(add(draw("BL")), add(draw("BL")), add(None, NON_TARGET), add(draw("BL"), where=site("LUNG")))
    refused("CARRIER_MERGED", lambda: do(merge(L01, L01), on=read))
    refused("CARRIER_OF_OTHER_ROLE", lambda: do(merge(L01, Id("L03")), on=read))
    refused("MERGED_WHEN_FOUND", lambda: do(merge(Id("L03"), L01, BL), on=read))
    non_targets = do(add(None, NON_TARGET), on=read)
    refused("STATE_REFUSED_BY_ROLE", lambda: do(merge(Id("L03"), Id("L05")), on=non_targets))
    refused("STATE_WHEN_FOUND", lambda: do(merge(L01, L02, BL), on=read))
    merged = do(merge(L02, L01), on=read)
    refused("LESION_IS_CARRIER", lambda: do(merge(L01, Id("L04")), on=merged))
    refused("LESION_IS_CARRIER", lambda: do(RemoveLesion(lesion=L01), on=merged))
    refused("CARRIER_MERGED", lambda: do(merge(Id("L04"), L02), on=merged))
    assert do(merge(L01, Id("L04"), FU2), on=merged).lesions[L01].findings["FU2"].carrier == "L04"


def test_only_what_is_new_or_back_is_called_new(do: Do, draw) -> None:
    sure = SetNewStatus(lesion=L01, timepoint=FU1, status=NewStatus.YES, cause="")
    refused("STATE_FIRST", lambda: do(add(draw("BL")), sure))
    refused("NEITHER_NEW_NOR_BACK", lambda: do(add(draw("BL")), measure(draw("FU1")), sure))


def test_a_visit_is_locked_when_nothing_hard_is_owed(do: Do, draw) -> None:
    read = do(add(draw("BL")), add(None, where=site("LUNG")))
    refused("LOCK_OWES", lambda: do(LockVisit(timepoint=BL), on=read))
    assert do(measure(draw("BL"), BL, L02), LockVisit(timepoint=BL), on=read).visits


def test_visits_are_locked_in_order_where_the_protocol_is_sequential(
    empty: Read, context: Context, generic, do: Do
) -> None:
    refused("EARLIER_VISIT_OPEN", lambda: do(LockVisit(timepoint=FU1)))
    assert do(LockVisit(timepoint=BL), LockVisit(timepoint=FU1)).visits
    assert LockVisit(timepoint=FU1).apply(empty, replace(context, protocol=generic)).visits


def test_a_visit_is_opened_again_with_a_reason_where_the_protocol_lets_one_person(do: Do, empty: Read, context) -> None:
    opened = UnlockVisit(timepoint=BL)
    refused("VISIT_NOT_LOCKED", lambda: do(opened, reason="x"))
    locked = do(LockVisit(timepoint=BL))
    refused("UNLOCK_NEEDS_REASON", lambda: do(opened, on=locked, reason=" "))
    two = replace(context.protocol, design=Design(unlock_needs="SECOND_PERSON"))
    with_reason = replace(context, protocol=two, reason="x")
    refused("UNLOCK_NEEDS_SECOND_PERSON", lambda: opened.apply(locked, with_reason))
    assert opened.apply(locked, replace(context, reason="x")).visits["BL"].lock == "AMENDING"
