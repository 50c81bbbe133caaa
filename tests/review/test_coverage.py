"""Coverage: what the reader says of the regions that the visit of a protocol demands."""

from __future__ import annotations

from dataclasses import replace

import pytest

from spinereview.criteria.evidence.coverage import Coverage
from spinereview.domain.case import Case
from spinereview.domain.imaging import Id
from spinereview.domain.protocol import Anchor, Protocol, ScheduledVisit
from spinereview.domain.read import Lock, Read, Visit
from spinereview.domain.scores import Answer, AnswerBasis
from spinereview.domain.table import Table
from spinereview.errors import Refused
from spinereview.review.command import Context, Role
from spinereview.review.commands.coverage import StateCoverage
from spinereview.review.obligations import Obligation, obligations
from spinereview.text import sentence

BL, FU1 = Id("BL"), Id("FU1")


@pytest.fixture
def protocol() -> Protocol:
    demanded = ScheduledVisit(name="V", anchor=Anchor.SURGERY, day=0, regions=frozenset({"Chest", "Whole spine"}))
    visits = Table({"V": demanded, "W": replace(demanded, name="W", regions=frozenset())})
    return Protocol(id="p", version="1", title="t", sha256="0" * 64, criteria=Table({"recist": Table()}), visits=visits)


@pytest.fixture
def visited(case: Case) -> Case:
    named = {BL: "V", FU1: "W"}
    made = {one.id: replace(one, visit=named.get(one.id)) for one in case.in_order}
    return replace(case, timepoints=Table(made))


@pytest.fixture
def context(visited: Case, protocol: Protocol) -> Context:
    return Context(case=visited, protocol=protocol, role=Role.READER, actor="R1", mint=Id)


def said(value: str | None, *, region: str = "Chest", at: Id = BL) -> StateCoverage:
    answer = None if value is None else Answer(value=value, basis=AnswerBasis.JUDGED)
    return StateCoverage(timepoint=at, region=region, answer=answer)


@pytest.mark.parametrize("word", Coverage)
def test_a_region_is_stated_and_taken_back(empty: Read, context: Context, word: Coverage) -> None:
    stated = said(word).apply(empty, context)
    assert stated.visits[BL].coverage["Chest"].value == word
    assert said(word).apply(stated, context) is stated
    assert said(None).apply(stated, context).visits[BL].coverage == Table()
    assert said(None).apply(empty, context) is empty


@pytest.mark.parametrize(
    ("act", "code"),
    [
        (said("COVERED", region="Pelvis"), "REGION_NOT_DEMANDED"),
        (said("COVERED", region="chest"), "REGION_NOT_DEMANDED"),
        (said("COVERED", at=FU1), "REGION_NOT_DEMANDED"),
        (said("PERHAPS"), "FORM_ANSWER_UNKNOWN"),
        (said("COVERED", at=Id("FU9")), "TIMEPOINT_UNKNOWN"),
    ],
)
def test_what_the_protocol_does_not_demand_and_other_words_are_refused(
    empty: Read, context: Context, act: StateCoverage, code: str
) -> None:
    with pytest.raises(Refused) as refused:
        act.apply(empty, context)
    assert "{" not in sentence(code, refused.value.arguments)


def test_a_locked_visit_takes_no_word_on_its_coverage(empty: Read, context: Context) -> None:
    locked = replace(empty, visits=Table({BL: Visit(lock=Lock.LOCKED)}))
    with pytest.raises(Refused, match="VISIT_LOCKED"):
        said("COVERED").apply(locked, context)


def test_a_region_that_nobody_stated_is_asked_for_and_does_not_keep_the_visit_open(
    empty: Read, context: Context, visited: Case, protocol: Protocol
) -> None:
    def asked(read: Read, case: Case) -> list[tuple[str, bool]]:
        owed = obligations(read, case, BL, None, protocol)
        return [(one.item, one.hard) for one in owed if one.code is Obligation.COVERAGE]

    assert asked(empty, visited) == [("Chest", False), ("Whole spine", False)]
    assert asked(said("PARTLY").apply(empty, context), visited) == [("Whole spine", False)]
    baseline = visited.timepoints[BL]
    stacks = Table({key: replace(one, regions=("WHOLE SPINE",)) for key, one in baseline.stacks.items()})
    covered = replace(visited, timepoints=visited.timepoints.with_(BL, replace(baseline, stacks=stacks)))
    assert asked(empty, covered) == []
