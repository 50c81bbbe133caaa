"""Each act where it is allowed: what it leaves in the read."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal

import pytest

from spinereview.domain.anatomy import Level, Site
from spinereview.domain.imaging import Id
from spinereview.domain.lesion import (
    Comparability,
    LesionRole,
    LesionState,
    NewStatus,
    Tissue,
)
from spinereview.domain.measurement import Entered, Measurement, MeasurementKind
from spinereview.domain.read import Lock, Read
from spinereview.review.commands.finding_facts import JudgeTechnique
from spinereview.review.commands.findings import (
    Measure,
    MergeInto,
    RemoveMeasurement,
    SetNewStatus,
    SetOthersPresent,
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

Do = Callable[..., Read]
BL, FU1, FU2, L01, L02 = (Id(name) for name in ("BL", "FU1", "FU2", "L01", "L02"))
LIVER = Site(organ="LIVER", location="LIVER")


def add(
    measurement: Measurement | None,
    role: LesionRole = LesionRole.TARGET,
    *,
    timepoint: Id = BL,
    nodal: bool = False,
    site: Site = LIVER,
) -> AddLesion:
    return AddLesion(
        timepoint=timepoint,
        role=role,
        nodal=nodal,
        site=site,
        tissue=None,
        group=False,
        measurement=measurement,
        stack_sha256="",
    )


def say(state: LesionState, *, timepoint: Id = FU1, lesion: Id = L01, reason: str = "", words: str = "") -> SetState:
    return SetState(lesion=lesion, timepoint=timepoint, state=state, reason=reason, justification=words)


def measure(measurement: Measurement, *, timepoint: Id = FU1, lesion: Id = L01, part: str = "a") -> Measure:
    return Measure(lesion=lesion, timepoint=timepoint, part=part, measurement=measurement, stack_sha256="")


@pytest.mark.parametrize(
    ("role", "timepoint", "state"),
    [
        (LesionRole.TARGET, BL, LesionState.MEASURED),
        (LesionRole.NON_TARGET, BL, LesionState.PRESENT),
        (LesionRole.NEW, FU1, LesionState.MEASURED),
        (LesionRole.TREATED_SITE, BL, LesionState.MEASURED),
        (LesionRole.TREATED_SITE, FU1, LesionState.MEASURED),
    ],
)
def test_a_lesion_is_measured_at_once(do: Do, draw, role: LesionRole, timepoint: Id, state: LesionState) -> None:
    lesion = do(add(draw(timepoint), role, timepoint=timepoint)).lesions[L01]
    assert lesion.findings[timepoint].state is state
    assert list(lesion.findings[timepoint].parts) == ["a"]
    assert lesion.first_seen == timepoint
    assert lesion.technique is not None
    assert (lesion.technique.modality, lesion.technique.plane) == ("CT", "AXIAL")


@pytest.mark.parametrize(
    ("role", "timepoint", "states"),
    [
        (LesionRole.TARGET, BL, []),
        (LesionRole.NON_TARGET, BL, [LesionState.PRESENT]),
        (LesionRole.NEW, FU1, [LesionState.PRESENT]),
        (LesionRole.TREATED_SITE, BL, []),
    ],
)
def test_a_lesion_without_a_mark_is_present_or_owes_its_state(do: Do, role, timepoint: Id, states) -> None:
    lesion = do(add(None, role, timepoint=timepoint)).lesions[L01]
    assert [finding.state for finding in lesion.findings.values()] == states


def test_a_number_is_not_given_twice(do: Do, draw) -> None:
    read = do(add(draw("BL")), RemoveLesion(lesion=L01), add(draw("BL")))
    assert list(read.lesions) == ["L02"]


def test_an_arrow_marks_a_non_target_on_an_image_without_millimetres(do: Do, draw) -> None:
    arrow = draw("BL", (0, 0), (9, 9), kind=MeasurementKind.ARROW, stack="x-BL")
    assert do(add(arrow, LesionRole.NON_TARGET)).lesions[L01].findings["BL"].state is LesionState.PRESENT


def test_moving_a_handle_replaces_the_part(do: Do, draw) -> None:
    moved = draw("BL", (10_000, 50_000), (60_000, 50_000), name="m-1")
    read = do(add(draw("BL")), measure(moved, timepoint=BL))
    assert read.lesions[L01].findings["BL"].parts["a"] is moved


def test_an_act_that_changes_nothing_gives_the_same_read(do: Do, draw) -> None:
    mark = draw("BL")
    read = do(add(mark))
    assert do(measure(mark, timepoint=BL), on=read) is read
    assert do(SetRole(lesion=L01, role=LesionRole.TARGET), on=read) is read
    assert do(SetSite(lesion=L01, site=LIVER), SetComment(lesion=L01, comment=" "), on=read) is read
    assert do(SetNodal(lesion=L01, nodal=False), SetVisitComment(timepoint=BL, comment=""), on=read) is read


def test_a_measurement_follows_a_state_at_which_the_lesion_was_not_seen(do: Do, draw) -> None:
    read = do(add(draw("BL")), say(LesionState.NE, reason="artefact"), measure(draw("FU1")))
    finding = read.lesions[L01].findings["FU1"]
    assert (finding.state, finding.reason) == (LesionState.MEASURED, "")


def test_a_state_at_which_nothing_is_seen_takes_the_measurement_away(do: Do, draw) -> None:
    read = do(add(draw("BL")), measure(draw("FU1")), say(LesionState.ABSENT))
    assert not read.lesions[L01].findings["FU1"].parts


@pytest.mark.parametrize("state", [LesionState.PRESENT, LesionState.UNEQUIVOCAL_PD])
def test_a_non_target_keeps_its_mark_and_its_state(do: Do, draw, state: LesionState) -> None:
    read = do(
        add(draw("BL"), LesionRole.NON_TARGET),
        say(state, words="much larger"),
        measure(draw("FU1")),
        say(state, words="x"),
    )
    finding = read.lesions[L01].findings["FU1"]
    assert (finding.state, len(finding.parts), finding.justification) == (state, 1, "x")


def test_a_new_lesion_of_an_arrow_becomes_measured_and_present_again(do: Do, draw) -> None:
    arrow = draw("FU1", (0, 0), (9, 9), kind=MeasurementKind.ARROW)
    read = do(add(arrow, LesionRole.NEW, timepoint=FU1), measure(draw("FU1")))
    assert read.lesions[L01].findings["FU1"].state is LesionState.MEASURED
    again = do(measure(arrow), on=read)
    assert again.lesions[L01].findings["FU1"].state is LesionState.PRESENT


def test_removing_a_measurement_leaves_a_target_without_a_state(do: Do, draw) -> None:
    read = do(add(draw("BL")), RemoveMeasurement(lesion=L01, timepoint=BL))
    assert (len(read.lesions[L01].findings), read.lesions[L01].technique) == (0, None)


@pytest.mark.parametrize(("role", "timepoint"), [(LesionRole.NON_TARGET, BL), (LesionRole.NEW, FU1)])
def test_removing_a_measurement_leaves_what_is_judged_present(do: Do, draw, role: LesionRole, timepoint: Id) -> None:
    read = do(add(draw(timepoint), role, timepoint=timepoint), RemoveMeasurement(lesion=L01, timepoint=timepoint))
    finding = read.lesions[L01].findings[timepoint]
    assert (finding.state, len(finding.parts)) == (LesionState.PRESENT, 0)


def test_merging_keeps_one_diameter_on_the_carrier(do: Do, draw) -> None:
    read = do(
        add(draw("BL")), add(draw("BL")), measure(draw("FU1"), lesion=L02), measure(draw("FU1")),
        MergeInto(lesion=L02, timepoint=FU1, carrier=L01),
    )  # fmt: skip
    finding = read.lesions[L02].findings["FU1"]
    assert (finding.state, finding.carrier, len(finding.parts)) == (LesionState.MERGED, L01, 0)
    apart = do(measure(draw("FU1"), lesion=L02), on=read).lesions[L02].findings["FU1"]
    assert (apart.state, apart.carrier) == (LesionState.MEASURED, None)


def test_a_non_target_in_the_mass_of_a_target_is_judged_and_not_measured(do: Do, draw) -> None:
    merged = MergeInto(lesion=L02, timepoint=FU1, carrier=L01)
    read = do(add(draw("BL")), add(None, LesionRole.NON_TARGET), measure(draw("FU1")), merged)
    finding = read.lesions[L02].findings["FU1"]
    assert (finding.state, finding.carrier) == (LesionState.PRESENT, L01)
    worse = do(say(LesionState.UNEQUIVOCAL_PD, lesion=L02, words="doubled"), merged, on=read)
    assert worse.lesions[L02].findings["FU1"].state is LesionState.UNEQUIVOCAL_PD
    gone = do(say(LesionState.ABSENT, lesion=L02), on=read).lesions[L02].findings["FU1"]
    assert (gone.state, gone.carrier) == (LesionState.ABSENT, None)


def test_another_technique_is_judged_until_it_is_measured_on_another_stack(do: Do, draw) -> None:
    judged = JudgeTechnique(
        lesion=L01, timepoint=FU1, comparability=Comparability.NOT_COMPARABLE, only_by_new_technique=False, reason=""
    )
    read = do(add(draw("BL")), measure(draw("FU1")), judged)
    finding = read.lesions[L01].findings["FU1"]
    assert finding.comparability is Comparability.NOT_COMPARABLE
    moved = do(measure(draw("FU1", (0, 0), (9_000, 0))), on=read).lesions[L01].findings["FU1"]
    assert moved.comparability is Comparability.NOT_COMPARABLE
    entered = Measurement(
        id=Id("m-e"), kind=MeasurementKind.DIAMETER, geometry=Entered(value=Decimal(9), unit="mm", source="table")
    )
    assert do(measure(entered), on=read).lesions[L01].findings["FU1"].comparability is None


def test_a_split_lesion_has_a_part_for_each_fragment(do: Do, draw) -> None:
    split = SplitInto(lesion=L01, timepoint=FU1, parts=(draw("FU1"), draw("FU1")), stack_sha256="")
    read = do(add(draw("BL")), split, measure(draw("FU1"), part="c"))
    finding = read.lesions[L01].findings["FU1"]
    assert (finding.state, list(finding.parts)) == (LesionState.SPLIT, ["a", "b", "c"])
    again = do(split, on=read).lesions[L01].findings["FU1"]
    assert (again.state, list(again.parts)) == (LesionState.SPLIT, ["a", "b"])


def test_the_extent_along_the_spine_is_a_part_of_its_own(do: Do, draw) -> None:
    along = draw("BL", (0, 0), (0, 9_000), kind=MeasurementKind.CRANIOCAUDAL)
    read = do(add(draw("BL")), measure(along, timepoint=BL, part="cc"))
    assert list(read.lesions[L01].findings["BL"].parts) == ["a", "cc"]


def test_an_entered_number_needs_no_image(do: Do) -> None:
    entered = Entered(value=Decimal("12.5"), unit="mm", source="caliper on the skin")
    mark = Measurement(id=Id("m-e"), kind=MeasurementKind.DIAMETER, geometry=entered)
    lesion = do(add(mark)).lesions[L01]
    assert (lesion.findings["BL"].state, lesion.technique) == (LesionState.MEASURED, None)


def test_a_role_changes_with_its_state_before_the_lesion_is_followed(do: Do, draw) -> None:
    read = do(add(draw("BL")), SetRole(lesion=L01, role=LesionRole.NON_TARGET))
    finding = read.lesions[L01].findings["BL"]
    assert (finding.state, list(finding.parts)) == (LesionState.PRESENT, ["a"])
    back = do(SetRole(lesion=L01, role=LesionRole.TARGET), on=read).lesions[L01].findings["BL"]
    assert (back.state, list(back.parts)) == (LesionState.MEASURED, ["a"])


def test_a_non_target_without_a_length_becomes_a_target_that_owes_its_measurement(do: Do, draw) -> None:
    arrow = draw("BL", (0, 0), (9, 9), kind=MeasurementKind.ARROW)
    read = do(add(arrow, LesionRole.NON_TARGET), SetRole(lesion=L01, role=LesionRole.TARGET))
    assert not read.lesions[L01].findings


@pytest.mark.parametrize("role", [LesionRole.TARGET, LesionRole.NON_TARGET])
def test_a_treated_site_that_split_changes_its_role_without_its_fragments(do: Do, draw, role: LesionRole) -> None:
    split = SplitInto(lesion=L01, timepoint=BL, parts=(draw("BL"), draw("BL")), stack_sha256="")
    read = do(add(None, LesionRole.TREATED_SITE), split, SetRole(lesion=L01, role=role))
    assert all(not finding.parts for finding in read.lesions[L01].findings.values())


def test_site_tissue_node_and_comments_are_kept(do: Do, draw) -> None:
    spine = Site(organ="BONE", location="VERTEBRA L2", levels=(Level.L2,))
    read = do(
        add(draw("BL")),
        SetSite(lesion=L01, site=spine),
        SetTissue(lesion=L01, tissue=Tissue.LYTIC, soft_tissue=True, predominantly_lytic=None, cystic=False),
        SetNodal(lesion=L01, nodal=True),
        SetComment(lesion=L01, comment=" faint edge "),
        SetVisitComment(timepoint=BL, comment="motion"),
    )
    lesion = read.lesions[L01]
    assert (lesion.site, lesion.tissue, lesion.soft_tissue, lesion.nodal) == (spine, Tissue.LYTIC, True, True)
    assert (lesion.comment, read.visits["BL"].comment) == ("faint edge", "motion")


def test_a_new_lesion_says_how_sure_it_is(do: Do, draw) -> None:
    equivocal = SetNewStatus(lesion=L01, timepoint=FU1, status=NewStatus.EQUIVOCAL, cause="FLARE")
    finding = do(add(draw("FU1"), LesionRole.NEW, timepoint=FU1), equivocal).lesions[L01].findings["FU1"]
    assert (finding.new_status, finding.cause) == (NewStatus.EQUIVOCAL, "FLARE")


def test_a_lesion_that_is_back_says_how_sure_it_is(do: Do, draw) -> None:
    sure = SetNewStatus(lesion=L01, timepoint=FU2, status=NewStatus.YES, cause="")
    read = do(add(draw("BL")), say(LesionState.ABSENT), measure(draw("FU2"), timepoint=FU2), sure)
    assert read.lesions[L01].findings["FU2"].new_status is NewStatus.YES


def test_one_act_says_present_of_all_other_non_targets(do: Do, draw) -> None:
    others = SetOthersPresent(timepoint=FU1)
    read = do(
        add(draw("BL")), add(None, LesionRole.NON_TARGET), add(None, LesionRole.NON_TARGET),
        say(LesionState.ABSENT, lesion=L02), others,
    )  # fmt: skip
    found = {name: lesion.findings["FU1"] for name, lesion in read.lesions.items() if "FU1" in lesion.findings}
    assert {name: finding.state for name, finding in found.items()} == {
        "L02": LesionState.ABSENT,
        "L03": LesionState.PRESENT,
    }
    assert found["L03"].unchanged
    assert do(others, on=read) is read


def test_what_was_treated_before_is_left_out_of_the_others(do: Do) -> None:
    treated = say(LesionState.TREATED_OFF)
    read = do(add(None, LesionRole.NON_TARGET), treated, SetOthersPresent(timepoint=FU2))
    assert "FU2" not in read.lesions[L01].findings


def test_a_visit_is_locked_opened_with_a_reason_and_locked_again(do: Do, draw) -> None:
    locked = do(add(draw("BL")), LockVisit(timepoint=BL))
    assert (locked.lock_of("BL"), locked.visits["BL"].manifest_sha256) == (Lock.LOCKED, "manifest of BL")
    opened = do(UnlockVisit(timepoint=BL), on=locked, reason="wrong edge")
    assert opened.lock_of("BL") is Lock.AMENDING
    amended = do(measure(draw("BL", (0, 0), (60_000, 0)), timepoint=BL), LockVisit(timepoint=BL), on=opened)
    assert amended.lock_of("BL") is Lock.LOCKED
