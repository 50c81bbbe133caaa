"""Who sees what of a read, under a blinded and under the generic protocol."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

import pytest

from spinereview.domain.anatomy import Site
from spinereview.domain.imaging import Id
from spinereview.domain.lesion import Lesion, LesionFinding, LesionRole, LesionState
from spinereview.domain.read import Lock, Purpose, Query, Read, Visit
from spinereview.domain.scores import Answer, AnswerBasis
from spinereview.domain.table import Table
from spinereview.review.command import Role
from spinereview.review.visibility import visible, visible_history

BL, FU1 = Id("BL"), Id("FU1")


@pytest.fixture
def full(empty: Read) -> Read:
    present = LesionFinding(state=LesionState.PRESENT)
    first = Lesion(
        id=Id("L01"),
        role=LesionRole.NON_TARGET,
        site=Site(organ="BONE", location="x"),
        first_seen=BL,
        findings=Table({"BL": present, "FU1": present}),
    )
    later = replace(first, id=Id("L02"), role=LesionRole.NEW, first_seen=FU1, findings=Table({"FU1": present}))
    return replace(
        empty,
        lesions=Table({"L01": first, "L02": later}),
        visits=Table({"BL": Visit(lock=Lock.LOCKED), "FU1": Visit()}),
        queries=Table({"q": Query(about=(), text="which side?")}),
        arm_guess=Answer(value="A", basis=AnswerBasis.JUDGED),
    )


def locked(read: Read, **locks: Lock) -> Read:
    return replace(read, visits=Table({name: Visit(lock=lock) for name, lock in locks.items()}))


def test_a_reader_sees_the_document_itself(full: Read, case, protocol) -> None:
    assert visible(full, Role.READER, protocol, case).read is full


@pytest.mark.parametrize(
    ("locks", "shown"),
    [
        ({}, ()),
        ({"BL": Lock.OPEN}, ()),
        ({"BL": Lock.LOCKED}, ("BL",)),
        ({"BL": Lock.LOCKED, "FU1": Lock.LOCKED}, ("BL", "FU1")),
        ({"BL": Lock.LOCKED, "FU1": Lock.AMENDING}, ("BL",)),
        ({"BL": Lock.AMENDING, "FU1": Lock.LOCKED}, ()),
        ({"FU1": Lock.LOCKED}, ()),
    ],
)
def test_a_blinded_reader_sees_a_response_once_all_it_rests_on_is_locked(full, case, protocol, locks, shown) -> None:
    seen = visible(locked(full, **locks), Role.READER, protocol, case)
    assert tuple(name for name in case.timepoints if seen.shows_response(name)) == shown
    assert tuple(name for name in case.timepoints if seen.shows_change(name)) == shown


def test_the_generic_protocol_and_a_local_read_show_all_at_once(full, case, protocol, generic) -> None:
    local = replace(full, purpose=Purpose.LOCAL)
    for seen in (visible(full, Role.READER, generic, case), visible(local, Role.INVESTIGATOR, protocol, case)):
        assert all(seen.shows_response(name) for name in case.timepoints)
        assert not seen.shows_response("FU9")


@pytest.mark.parametrize("role", [role for role in Role if role is not Role.READER])
def test_nobody_else_sees_a_mark_before_signing(full, case, protocol, generic, role: Role) -> None:
    for chosen in (protocol, generic):
        seen = visible(full, role, chosen, case)
        assert (len(seen.read.lesions), len(seen.read.visits), seen.read.arm_guess) == (0, 0, None)
        assert not any(seen.shows_response(name) for name in case.timepoints)
        assert len(seen.read.queries) == (1 if role is Role.COORDINATOR else 0)


@pytest.mark.parametrize("role", [role for role in Role if role is not Role.READER])
def test_everybody_else_sees_what_was_signed_and_nothing_later(full, case, protocol, role: Role) -> None:
    seen = visible(replace(full, signed_through=BL), role, protocol, case)
    assert list(seen.read.lesions) == ["L01"]
    assert list(seen.read.lesions["L01"].findings) == ["BL"]
    assert list(seen.read.visits) == ["BL"]
    assert (seen.shows_response("BL"), seen.shows_response("FU1")) == (True, False)
    assert (seen.read.arm_guess is not None) is (role in {Role.COORDINATOR, Role.TRIAL_LEAD})


@pytest.mark.parametrize("role", list(Role))
def test_days_are_shown_where_the_protocol_or_the_role_says(full, case, protocol, generic, role: Role) -> None:
    blinded = role in {Role.READER, Role.ADJUDICATOR}
    assert visible(full, role, protocol, case).shows_days is not blinded
    assert visible(full, role, generic, case).shows_days


def test_marks_of_before_come_after_the_readers_own(full, case, protocol, generic, draw) -> None:
    seen = visible(full, Role.READER, protocol, case)
    assert not seen.shows_prior_mark(Id("L01"), "FU1")
    assert not seen.shows_prior_mark(Id("L09"), "FU1")
    assert visible(full, Role.READER, generic, case).shows_prior_mark(Id("L01"), "FU1")
    own = replace(full.lesions["L01"].findings["FU1"], parts=Table({"a": draw("FU1")}))
    lesion = replace(full.lesions["L01"], findings=full.lesions["L01"].findings.with_("FU1", own))
    drawn = replace(full, lesions=full.lesions.with_("L01", lesion))
    assert visible(drawn, Role.READER, protocol, case).shows_prior_mark(Id("L01"), "FU1")


@dataclass(frozen=True, kw_only=True)
class Line:
    name: str
    args: dict = field(default_factory=dict)


LINES = (
    Line(name="measure", args={"lesion": "L01", "timepoint": "BL"}),
    Line(name="response_shown", args={"timepoint": "BL", "outcome": "SD"}),
    Line(name="measure", args={"lesion": "L01", "timepoint": "FU1"}),
    Line(name="derived", args={"timepoint": "FU1"}),
    Line(name="derived"),
    Line(name="measure", args={"lesion": "L02", "timepoint": "BL"}),
    Line(name="opened"),
)


def test_the_history_tells_no_response_before_the_lock(full, case, protocol, generic) -> None:
    told = visible_history(visible(full, Role.READER, protocol, case), LINES)
    assert told == (LINES[0], LINES[1], LINES[2], LINES[5], LINES[6])
    at_once = visible_history(visible(full, Role.READER, generic, case), LINES)
    assert at_once == tuple(line for line in LINES if line != Line(name="derived"))


def test_the_history_tells_others_what_was_signed(full, case, protocol) -> None:
    assert visible_history(visible(full, Role.TRIAL_LEAD, protocol, case), LINES) == ()
    signed = visible(replace(full, signed_through=BL), Role.TRIAL_LEAD, protocol, case)
    assert visible_history(signed, LINES) == LINES[:2]
