"""What is known of a lesion besides its state: each act where it is allowed, and where it is not."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest

from spinereview.domain.anatomy import Site
from spinereview.domain.case import Case
from spinereview.domain.imaging import Id
from spinereview.domain.lesion import (
    Comparability,
    LesionRole,
    LesionState,
    LocalTherapy,
    MarginHidden,
    NewStatus,
    Pet,
    PriorTherapy,
    Scope,
)
from spinereview.domain.measurement import Measurement
from spinereview.domain.read import Read
from spinereview.errors import Refused
from spinereview.review.commands.finding_facts import JudgeTechnique, SetMarginHidden, SetPet, SetPlaneVisible
from spinereview.review.commands.findings import Measure, MergeInto, SetNewStatus, SetState
from spinereview.review.commands.fragments import RemoveFragment, SplitInto
from spinereview.review.commands.lesion_facts import SetGroup, SetOverrideReason, SetPriorTherapy, SetScope
from spinereview.review.commands.lesions import AddLesion, SetRole
from spinereview.review.commands.visits import LockVisit
from spinereview.review.obligations import Obligation, obligations

Do = Callable[..., Read]
BL, FU1, FU2, L01, L02 = (Id(name) for name in ("BL", "FU1", "FU2", "L01", "L02"))
TARGET, NON_TARGET, NEW = LesionRole.TARGET, LesionRole.NON_TARGET, LesionRole.NEW
LIVER = Site(organ="LIVER", location="LIVER")
RT = PriorTherapy(kind=LocalTherapy.RT, study_treatment=False, over_two_years=None, progressed_since=True)


def add(measurement: Measurement | None, role: LesionRole = TARGET, at: Id = BL, window: str = "") -> AddLesion:
    return AddLesion(
        timepoint=at, role=role, nodal=False, site=LIVER, tissue=None, group=False, measurement=measurement,
        stack_sha256="", window=window,
    )  # fmt: skip


def measure(measurement: Measurement, at: Id = FU1, part: str = "a", window: str = "") -> Measure:
    return Measure(lesion=L01, timepoint=at, part=part, measurement=measurement, stack_sha256="", window=window)


def split(*parts: Measurement) -> SplitInto:
    return SplitInto(lesion=L01, timepoint=FU1, parts=parts, stack_sha256="")


def judged(how: Comparability | None, *, only: bool = False, at: Id = FU1, reason: str = "") -> JudgeTechnique:
    return JudgeTechnique(lesion=L01, timepoint=at, comparability=how, only_by_new_technique=only, reason=reason)


def refused(code: str, act: Callable[[], object]) -> None:
    with pytest.raises(Refused) as raised:
        act()
    assert raised.value.code == code


def test_scope_group_therapy_and_reason_are_kept(do: Do, draw) -> None:
    read = do(
        add(draw("BL")),
        SetScope(lesion=L01, scope=Scope.WHOLE_LESION),
        SetPriorTherapy(lesion=L01, therapy=RT),
        SetOverrideReason(lesion=L01, reason=" the larger one cannot be reproduced "),
        add(None, NON_TARGET),
        SetGroup(lesion=L02, group=True),
    )
    lesion = read.lesions[L01]
    assert (lesion.scope, lesion.prior_therapy) == (Scope.WHOLE_LESION, RT)
    assert lesion.override_reason == "the larger one cannot be reproduced"
    assert read.lesions[L02].group
    assert do(SetPriorTherapy(lesion=L01, therapy=None), on=read).lesions[L01].prior_therapy is None
    assert do(SetGroup(lesion=L02, group=True), on=read) is read


def test_facts_of_a_lesion_are_fixed_with_its_first_visit(do: Do, draw) -> None:
    locked = do(add(draw("BL")), LockVisit(timepoint=BL))
    for act in (
        SetScope(lesion=L01, scope=Scope.WHOLE_LESION),
        SetPriorTherapy(lesion=L01, therapy=RT),
        SetOverrideReason(lesion=L01, reason="x"),
        SetGroup(lesion=L01, group=False),
    ):
        refused("VISIT_LOCKED", lambda act=act: do(act, on=locked))
    followed = do(add(draw("BL")), measure(draw("FU1")))
    refused("ROLE_FIXED", lambda: do(SetScope(lesion=L01, scope=Scope.WHOLE_LESION), on=followed))


def test_only_non_targets_stand_for_several_and_no_longer_when_they_become_targets(do: Do, draw) -> None:
    refused("GROUP_OF_NON_TARGETS", lambda: do(add(draw("BL")), SetGroup(lesion=L01, group=True)))
    group = do(add(draw("BL"), NON_TARGET), SetGroup(lesion=L01, group=True))
    assert not do(SetRole(lesion=L01, role=TARGET), on=group).lesions[L01].group


def test_the_technique_keeps_the_window_of_the_first_mark(do: Do, draw) -> None:
    read = do(add(draw("BL"), window="W400 L40"))
    technique = read.lesions[L01].technique
    assert technique is not None
    assert (technique.modality, technique.window) == ("CT", "W400 L40")
    moved = do(measure(draw("BL", name="m-1"), BL), on=read).lesions[L01].technique
    assert moved is not None
    assert moved.window == "W400 L40"


def test_margin_pet_and_plane_are_kept_and_taken_back(do: Do, draw) -> None:
    read = do(
        add(draw("BL")),
        measure(draw("FU1")),
        SetMarginHidden(lesion=L01, timepoint=FU1, hidden_by=MarginHidden.HARDWARE),
        SetPet(lesion=L01, timepoint=FU1, pet=Pet.POSITIVE),
        SetPlaneVisible(lesion=L01, timepoint=FU1, visible=True),
    )
    finding = read.lesions[L01].findings[FU1]
    assert (finding.margin_hidden_by, finding.pet, finding.plane_visible) == ("HARDWARE", Pet.POSITIVE, True)
    assert finding.state is LesionState.MEASURED
    back = (
        do(
            SetMarginHidden(lesion=L01, timepoint=FU1, hidden_by=None),
            SetPet(lesion=L01, timepoint=FU1, pet=None),
            SetPlaneVisible(lesion=L01, timepoint=FU1, visible=False),
            on=read,
        )
        .lesions[L01]
        .findings[FU1]
    )
    assert (back.margin_hidden_by, back.pet, back.plane_visible) == (None, None, None)


@pytest.mark.parametrize(
    "act",
    [
        SetMarginHidden(lesion=L01, timepoint=FU1, hidden_by=MarginHidden.CEMENT),
        SetPet(lesion=L01, timepoint=FU1, pet=Pet.NEGATIVE),
        SetPlaneVisible(lesion=L01, timepoint=FU1, visible=True),
        judged(Comparability.COMPARABLE),
    ],
    ids=lambda act: act.NAME,
)
def test_facts_of_a_finding_need_a_state_first_and_an_open_visit(do: Do, draw, act) -> None:
    refused("STATE_FIRST", lambda: do(add(draw("BL")), act))
    locked = do(add(draw("BL")), measure(draw("FU1")), LockVisit(timepoint=BL), LockVisit(timepoint=FU1))
    refused("VISIT_LOCKED", lambda: do(act, on=locked))


def test_a_merged_lesion_has_no_visible_plane_and_one_that_is_measured_again_may_have(do: Do, draw) -> None:
    merged = do(add(draw("BL")), add(draw("BL")), MergeInto(lesion=L01, timepoint=FU1, carrier=L02))
    assert merged.lesions[L01].findings[FU1].plane_visible is False
    plane = SetPlaneVisible(lesion=L01, timepoint=FU1, visible=True)
    refused("PLANE_OF_MERGED", lambda: do(plane, on=merged))
    parted = do(measure(draw("FU1")), plane, on=merged).lesions[L01].findings[FU1]
    assert (parted.state, parted.plane_visible, parted.carrier) == (LesionState.MEASURED, True, None)
    again = do(measure(draw("FU1")), on=merged).lesions[L01].findings[FU1]
    assert again.plane_visible is None


def test_another_technique_is_judged_at_follow_up_only(do: Do, draw) -> None:
    read = do(add(draw("BL")), measure(draw("FU1")), judged(Comparability.NOT_COMPARABLE))
    assert read.lesions[L01].findings[FU1].comparability is Comparability.NOT_COMPARABLE
    refused("NOTHING_TO_COMPARE", lambda: do(judged(Comparability.COMPARABLE, at=BL), on=read))
    refused("ONLY_NEW_BY_TECHNIQUE", lambda: do(judged(None, only=True), on=read))
    new = do(add(draw("FU1"), NEW, FU1), judged(None, only=True)).lesions[L01].findings[FU1]
    assert new.only_by_new_technique


def test_another_plane_has_a_reason_and_what_is_not_evaluable_keeps_its_own(do: Do, draw) -> None:
    read = do(add(draw("BL")), measure(draw("FU1")), judged(None, reason=" no axial images "))
    assert read.lesions[L01].findings[FU1].reason == "no axial images"
    ne = SetState(lesion=L01, timepoint=FU1, state=LesionState.NE, reason="motion", justification="")
    kept = do(ne, judged(Comparability.NOT_COMPARABLE, reason="x"), on=read).lesions[L01].findings[FU1]
    assert (kept.reason, kept.comparability) == ("motion", Comparability.NOT_COMPARABLE)


def test_another_modality_owes_a_word_on_whether_it_can_be_compared(case: Case, do: Do, draw, context) -> None:
    mr = replace(case.timepoints[FU1].stacks["k-FU1"], modality="MR")
    visit = replace(case.timepoints[FU1], stacks=case.timepoints[FU1].stacks.with_("k-FU1", mr))
    changed = replace(case, timepoints=case.timepoints.with_(FU1, visit))
    read = do(add(draw("BL")), measure(draw("FU1")))
    assert obligations(read, case, FU1) == ()
    (owed,) = obligations(read, changed, FU1)
    assert (owed.code, owed.hard) == (Obligation.COMPARABLE, True)
    asked = replace(context, case=changed)
    with pytest.raises(Refused, match="LOCK_OWES"):
        LockVisit(timepoint=FU1).apply(LockVisit(timepoint=BL).apply(read, asked), asked)
    assert obligations(do(judged(Comparability.COMPARABLE), on=read), changed, FU1) == ()
    absent = SetState(lesion=L01, timepoint=FU1, state=LesionState.ABSENT, reason="", justification="")
    assert obligations(do(absent, on=read), changed, FU1) == ()


def test_a_cause_is_one_of_the_known_ones(do: Do, draw) -> None:
    odd = SetNewStatus(lesion=L01, timepoint=FU1, status=NewStatus.EQUIVOCAL, cause="moon")
    refused("CAUSE_UNKNOWN", lambda: do(add(draw("FU1"), NEW, FU1), odd))


def test_a_fragment_goes_and_those_after_it_move_up(do: Do, draw) -> None:
    marks = [draw("FU1", name=f"m-{name}") for name in "xyz"]
    read = do(add(draw("BL")), split(*marks), RemoveFragment(lesion=L01, timepoint=FU1, part="a"))
    finding = read.lesions[L01].findings[FU1]
    assert {name: part.id for name, part in finding.parts.items()} == {"a": "m-y", "b": "m-z"}
    assert finding.state is LesionState.SPLIT
    whole = do(RemoveFragment(lesion=L01, timepoint=FU1, part="b"), on=read).lesions[L01].findings[FU1]
    assert (whole.state, whole.parts["a"].id, len(whole.parts)) == (LesionState.MEASURED, "m-y", 1)


def test_a_fragment_that_is_not_there_is_not_removed(do: Do, draw) -> None:
    read = do(add(draw("BL")), split(draw("FU1"), draw("FU1")))
    refused("FRAGMENT_UNKNOWN", lambda: do(RemoveFragment(lesion=L01, timepoint=FU1, part="c"), on=read))
    refused("FRAGMENT_UNKNOWN", lambda: do(RemoveFragment(lesion=L01, timepoint=BL, part="a"), on=read))
    refused("FRAGMENT_UNKNOWN", lambda: do(RemoveFragment(lesion=L01, timepoint=FU2, part="a"), on=read))
    locked = do(LockVisit(timepoint=BL), LockVisit(timepoint=FU1), on=read)
    refused("VISIT_LOCKED", lambda: do(RemoveFragment(lesion=L01, timepoint=FU1, part="a"), on=locked))
