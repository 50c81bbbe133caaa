"""What is owed at a timepoint, as a table of situations."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest

from spinereview.criteria.recist.settings import Settings
from spinereview.domain.anatomy import UNSTATED_ORGAN, Site
from spinereview.domain.case import Case
from spinereview.domain.imaging import Id
from spinereview.domain.lesion import Lesion, LesionFinding, LesionRole, LesionState, NewStatus, Tissue
from spinereview.domain.protocol import Blinding
from spinereview.domain.read import Read
from spinereview.domain.table import Table
from spinereview.errors import Refused
from spinereview.review.commands.visits import LockVisit
from spinereview.review.obligations import Obligation, Owed, obligations
from spinereview.text import catalogue, sentence

BL, FU1, FU2 = Id("BL"), Id("FU1"), Id("FU2")
LONG = ((0, 0), (40_000, 0))
BOTH = (*LONG, (20_000, 0), (20_000, 9_000))
LIVER = Site(organ="LIVER", location="LIVER")


def lesion(role: LesionRole = LesionRole.TARGET, *, nodal: bool = False, first: Id = BL, site: Site = LIVER) -> Lesion:
    return Lesion(id=Id("L01"), role=role, nodal=nodal, site=site, first_seen=first)


def of(state: LesionState, *points: tuple, reason: str = "", status: NewStatus | None = None, cause: str = ""):
    def make(draw: Callable, at: Id) -> LesionFinding:
        parts = Table({name: draw(at, *where) for name, where in zip("abc", points, strict=False)})
        carrier = Id("L02") if state is LesionState.MERGED else None
        return LesionFinding(state=state, parts=parts, reason=reason, new_status=status, cause=cause, carrier=carrier)

    return make


S, DUE, NEW = LesionState, Obligation, LesionRole.NEW


@pytest.mark.parametrize(
    ("found", "findings", "owed"),
    [
        pytest.param(lesion(), {}, [DUE.STATE], id="a target without a state"),
        pytest.param(lesion(LesionRole.NON_TARGET), {}, [DUE.STATE], id="a non-target without a state"),
        pytest.param(lesion(), {FU1: of(S.MEASURED, LONG)}, [], id="a measured target"),
        pytest.param(lesion(), {FU1: of(S.TOO_SMALL)}, [], id="a target too small"),
        pytest.param(lesion(nodal=True), {FU1: of(S.MEASURED, LONG)}, [DUE.SHORT_AXIS], id="a node with its long axis"),
        pytest.param(lesion(nodal=True), {FU1: of(S.MEASURED, BOTH)}, [], id="a node with both axes"),
        pytest.param(lesion(nodal=True), {FU1: of(S.SPLIT, BOTH, LONG)}, [DUE.SHORT_AXIS], id="a fragment of a node"),
        pytest.param(lesion(), {FU1: of(S.SPLIT, LONG, LONG)}, [], id="a split lesion"),
        pytest.param(lesion(LesionRole.NON_TARGET, nodal=True), {FU1: of(S.PRESENT, LONG)}, [], id="a node judged by eye"),
        pytest.param(lesion(), {FU1: of(S.NE)}, [DUE.NE_REASON], id="not evaluable without a reason"),
        pytest.param(lesion(), {FU1: of(S.NE, reason="artefact")}, [], id="not evaluable with a reason"),
        pytest.param(lesion(), {FU1: of(S.MERGED)}, [DUE.CARRIER_VALUE], id="merged into what has no state"),
        pytest.param(lesion(NEW, first=FU1), {FU1: of(S.PRESENT)}, [DUE.NEW_STATUS], id="new, not said how surely"),
        pytest.param(lesion(NEW, first=FU1), {FU1: of(S.PRESENT, status=NewStatus.YES)}, [], id="surely new"),
        pytest.param(
            lesion(NEW, first=FU1), {FU1: of(S.PRESENT, status=NewStatus.EQUIVOCAL)}, [DUE.NEW_CAUSE], id="doubt, no cause"
        ),
        pytest.param(
            lesion(NEW, first=FU1), {FU1: of(S.PRESENT, status=NewStatus.EQUIVOCAL, cause="FLARE")}, [], id="doubt, cause"
        ),
        pytest.param(lesion(first=FU2), {}, [], id="a lesion of a later timepoint"),
        pytest.param(lesion(), {BL: of(S.TREATED_OFF)}, [], id="treated before off the protocol"),
        pytest.param(lesion(), {BL: of(S.TREATED_BY_PROTOCOL)}, [], id="treated before by the protocol"),
        pytest.param(lesion(), {BL: of(S.NE)}, [DUE.STATE], id="not evaluable before"),
        pytest.param(
            lesion(NEW, first=FU1, site=replace(LIVER, organ=UNSTATED_ORGAN)),
            {FU1: of(S.PRESENT, status=NewStatus.YES)},
            [DUE.SITE],
            id="nowhere",
        ),
    ],
)  # fmt: skip
def test_what_is_owed_at_a_follow_up(empty: Read, case: Case, draw, found: Lesion, findings, owed) -> None:
    made = Table({at: make(draw, at) for at, make in findings.items()})
    read = replace(empty, lesions=Table({"L01": replace(found, findings=made)}))
    assert [one.code for one in obligations(read, case, FU1)] == owed


def test_a_new_lesion_that_went_and_came_back_says_again_how_sure_it_is(empty: Read, case: Case, draw) -> None:
    made = {"FU1": of(S.ABSENT)(draw, FU1), "FU2": of(S.PRESENT)(draw, FU2)}
    back = replace(lesion(NEW, first=BL), findings=Table(made))
    read = replace(empty, lesions=Table({"L01": back}))
    assert [one.code for one in obligations(read, case, FU2)] == [DUE.NEW_STATUS]


def test_a_carrier_with_a_state_is_enough(empty: Read, case: Case, draw) -> None:
    carrier = replace(lesion(), id=Id("L02"), findings=Table({"FU1": of(S.MEASURED, LONG)(draw, FU1)}))
    partner = replace(lesion(), findings=Table({"FU1": of(S.MERGED)(draw, FU1)}))
    read = replace(empty, lesions=Table({"L01": partner, "L02": carrier}))
    assert obligations(read, case, FU1) == ()


def test_an_unknown_timepoint_owes_nothing(empty: Read, case: Case) -> None:
    assert obligations(replace(empty, lesions=Table({"L01": lesion()})), case, Id("FU9")) == ()


def test_what_is_owed_is_hard_but_for_remarks_and_has_a_word() -> None:
    assert set(Obligation) <= set(catalogue())
    assert len(Obligation) == 20


@pytest.mark.parametrize("code", list(Obligation))
def test_only_remarks_are_soft(empty: Read, case: Case, code: Obligation) -> None:
    owed = Owed(code=code, lesion=Id("L01"), timepoint=BL)
    soft = {DUE.NEW_CAUSE, DUE.SELECTION, DUE.SINS_ITEM, DUE.HEIGHTS, DUE.GRADE, DUE.ESCC_ITEM, DUE.ESCC_REST}
    soft |= {DUE.SPINO_SITE, DUE.SPINO_ITEM, DUE.ELIGIBILITY_ITEM, DUE.COVERAGE}
    assert owed.hard is (code not in soft)
    assert replace(owed, mandatory=True).hard


@pytest.mark.parametrize(
    ("far", "tissue", "organ", "why"),
    [
        pytest.param(19_900, None, "LIVER", "", id="9.95 mm is reported 10.0 mm"),
        pytest.param(19_898, None, "LIVER", "BELOW_MINIMUM", id="9.949 mm is reported 9.9 mm"),
        pytest.param(80_000, None, "BONE", "TISSUE_MISSING", id="bone of no said tissue"),
        pytest.param(80_000, Tissue.BLASTIC, "BONE", "BONE_BLASTIC", id="blastic bone"),
    ],
)
def test_a_target_that_is_not_measurable_is_owed_at_the_baseline_alone(
    empty: Read, case: Case, draw, context, far: int, tissue: Tissue | None, organ: str, why: str
) -> None:
    made = {at: of(S.MEASURED, ((0, 0), (far, 0)))(draw, Id(at)) for at in ("BL", "FU1")}
    target = replace(lesion(site=Site(organ=organ, location="x")), tissue=tissue, findings=Table(made))
    read = replace(empty, lesions=Table({"L01": target}))
    assert [one.why for one in obligations(read, case, BL, Settings())] == ([why] if why else [])
    assert obligations(read, case, FU1, Settings()) == obligations(read, case, BL) == ()
    if why:
        with pytest.raises(Refused, match="LOCK_NOT_MEASURABLE"):
            LockVisit(timepoint=BL).apply(read, context)
        assert why in catalogue()
    else:
        assert LockVisit(timepoint=BL).apply(read, context).lock_of("BL") == "LOCKED"


def test_a_larger_lesion_that_was_left_out_is_asked_about_until_there_is_a_reason(
    empty: Read, case: Case, draw, context
) -> None:
    def found(name: str, role: LesionRole, far: int, state: LesionState, reason: str = "") -> Lesion:
        made = Table({"BL": of(state, ((0, 0), (far, 0)))(draw, BL)})
        return replace(lesion(role), id=Id(name), findings=made, override_reason=reason)

    targets = [found(name, LesionRole.TARGET, far, S.MEASURED) for name, far in (("L01", 80_000), ("L02", 30_000))]
    for reason, expected in (("", [(DUE.SELECTION, "L03", "LARGER_NOT_CHOSEN")]), ("moves with breathing", [])):
        other = found("L03", LesionRole.NON_TARGET, 40_000, S.PRESENT, reason)
        read = replace(empty, lesions=Table({one.id: one for one in (*targets, other)}))
        owed = obligations(read, case, BL, Settings())
        assert [(one.code, one.lesion, one.why) for one in owed] == expected
        assert all("{" not in sentence(one.why, one.args) for one in owed)
        assert all(one.rule.startswith("RECIST 1.1") and one.refs[0] == ("lesions", "L03") for one in owed)
        assert obligations(read, case, FU1, Settings()) == obligations(read, case, FU1)
        assert LockVisit(timepoint=BL).apply(read, context).lock_of("BL") == "LOCKED"


def test_a_protocol_that_needs_a_target_keeps_a_baseline_without_one_open(empty: Read, draw, context) -> None:
    strict = replace(context.protocol, criteria=Table({"recist": Table({"allow_no_target": False})}))
    with pytest.raises(Refused, match="NO_TARGET_ALLOWED"):
        LockVisit(timepoint=BL).apply(empty, replace(context, protocol=strict))
    assert LockVisit(timepoint=BL).apply(empty, context).lock_of("BL") == "LOCKED"


def test_more_targets_than_a_protocol_allows_keep_the_baseline_open(empty: Read, draw, context) -> None:
    made = {
        name: replace(lesion(), id=Id(name), findings=Table({"BL": of(S.MEASURED, LONG)(draw, BL)}))
        for name in ("L01", "L02", "L03")
    }
    read = replace(empty, lesions=Table(made))
    with pytest.raises(Refused, match="TOO_MANY_TARGETS_OF_ORGAN"):
        LockVisit(timepoint=BL).apply(read, context)


def test_a_target_whose_mark_gives_no_millimetres_is_owed_before_the_lock(
    empty: Read, case: Case, draw, context
) -> None:
    elsewhere = of(S.MEASURED, LONG)(draw, FU1)
    finding = replace(elsewhere, parts=Table({"a": draw("FU1", (0, 0), (40_000, 0), stack="k-FU2")}))
    read = replace(empty, lesions=Table({"L01": replace(lesion(), findings=Table({"FU1": finding}))}))
    (owed,) = obligations(read, case, FU1, Settings())
    assert (owed.code, owed.why, owed.hard) == (DUE.VALUE, "VALUE_IMAGE_UNKNOWN", True)
    open_case = replace(context, protocol=replace(context.protocol, blinding=Blinding(sequential=False)))
    with pytest.raises(Refused, match="LOCK_OWES"):
        LockVisit(timepoint=FU1).apply(read, open_case)
