"""The response of a visit at its lock stays; what a later visit makes of it is said beside it."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from spinereview.criteria.recist.assess import assess
from spinereview.criteria.recist.at_lock import assess_as_locked, looks_ahead
from spinereview.criteria.recist.settings import Settings
from spinereview.criteria.recist.values import (
    AfterCr,
    Decisions,
    EquivocalCr,
    Input,
    NewValue,
    NonTargetValue,
    TargetVisit,
)
from spinereview.domain.lesion import LesionState, NewStatus
from spinereview.domain.table import Table
from spinereview.text import sentence
from spinereview.workflow import whole_case

YES, NO, EQUIVOCAL = NewStatus.YES, NewStatus.NO, NewStatus.EQUIVOCAL
PRESENT, ABSENT, WORSE = LesionState.PRESENT, LesionState.ABSENT, LesionState.UNEQUIVOCAL_PD


@pytest.fixture
def read(build):
    """Makes an input of one target: each visit is (size, word on a lesion that may be new, decisions)."""

    def visits(*rows):
        made = []
        for at, (size, status, decisions) in enumerate((*row, None, None)[:3] for row in rows):
            new = {} if status is None else {"X": NewValue(lesion="X", status=status)}
            made.append(
                TargetVisit(
                    timepoint="BL" if at == 0 else f"FU{at}",
                    targets=Table(build.row({"A": size})),
                    new=Table(new),
                    decisions=decisions or Decisions(),
                )
            )
        return Input(visits=tuple(made))

    return visits


def told(answers, at):
    """Overall response at a visit, and what a later one changed."""
    answer = answers[f"FU{at}/overall"]
    codes = [reason.code for reason in answer.warnings]
    if "OVERALL_CHANGED_LATER" not in codes:
        return answer.outcome, []
    place = codes.index("OVERALL_CHANGED_LATER")
    return answer.outcome, [(answer.warnings[place].args["now"], codes[place + 1 :])]


def test_a_lesion_that_is_confirmed_later_leaves_the_locked_response_and_dates_the_progression_back(read):
    asked = read((50,), (50, EQUIVOCAL), (50, YES))
    answers = assess_as_locked(asked, Settings())
    assert told(answers, 1) == ("SD", [("PD", ["NEW_YES_BACKDATED"])])
    assert answers["FU1/new"].outcome == "EQUIVOCAL"
    assert told(answers, 2) == ("PD", [])
    # What is derived from the responses goes by the later word.
    assert assess(asked, Settings())["FU1/overall"].outcome == "PD"
    (reason,) = [one for one in answers["FU1/overall"].warnings if one.code == "OVERALL_CHANGED_LATER"]
    words = sentence(reason.code, reason.args)
    assert words.startswith("SD when this visit was locked; with what was said at a later visit it is PD.")


def test_a_lesion_that_is_withdrawn_changes_no_response_and_nothing_is_said_beside_it(read):
    answers = assess_as_locked(read((50,), (50, EQUIVOCAL), (50, NO)), Settings())
    assert told(answers, 1) == ("SD", [])
    assert answers["FU1/new"].outcome == "EQUIVOCAL"


def test_a_complete_response_that_is_corrected_later_stays_as_it_was_locked(read):
    amend = Decisions(after_cr=AfterCr.AMEND_CR_TO_PR)
    answers = assess_as_locked(read((50,), (ABSENT,), (4, None, amend)), Settings())
    assert told(answers, 1) == ("CR", [("PR", ["CR_AMENDED"])])
    assert told(answers, 2) == ("PR", [])


def test_a_question_that_a_later_visit_has_settled_is_not_asked_any_more(read):
    asked = read((50,), (ABSENT, EQUIVOCAL), (ABSENT, NO))
    first = assess_as_locked(Input(visits=asked.visits[:2]), Settings())
    assert [reason.code for reason in first["FU1/overall"].missing] == ["EQUIVOCAL_CR_UNDECIDED"]
    assert assess_as_locked(asked, Settings())["FU1/overall"].missing == ()


def test_where_nothing_is_dated_back_the_answers_are_those_of_all_visits(read):
    asked = read((50,), (30,), (61,))
    assert assess_as_locked(asked, Settings()) == assess(asked, Settings())
    assert not looks_ahead(assess(asked, Settings()))


@st.composite
def histories(draw):
    """A target, a non-target, a node and a lesion that may be new, over up to five visits, with the reader's decisions."""
    made = []
    for at in range(draw(st.integers(2, 5))):
        size = draw(st.sampled_from([ABSENT, 10, 20, 40])) if at else 40
        other = draw(st.sampled_from([ABSENT, PRESENT, LesionState.NE, WORSE])) if at else PRESENT
        node = draw(st.sampled_from([LesionState.NODE_NORMAL, PRESENT, WORSE])) if at else PRESENT
        status = draw(st.sampled_from([None, YES, NO, EQUIVOCAL])) if at else None
        made.append((size, other, node, status, draw(st.sampled_from([None, *AfterCr])), draw(st.booleans())))
    return made


@given(rows=histories(), policy=st.sampled_from(["query", "auto_pd", "amend"]))
@settings(max_examples=300, deadline=None)
def test_an_answer_that_does_not_look_ahead_is_the_one_without_the_later_visits(build, rows, policy):
    visits = tuple(
        TargetVisit(
            timepoint="BL" if at == 0 else f"FU{at}",
            targets=Table(build.row({"A": size if isinstance(size, LesionState) else Decimal(size)})),
            non_targets=Table(
                {
                    "B": NonTargetValue(lesion="B", state=other),
                    "N": NonTargetValue(lesion="N", state=node, nodal=True),
                }
            ),
            new=Table({"X": NewValue(lesion="X", status=status)} if at else {}),
            decisions=Decisions(
                after_cr=after, after_cr_reason="Seen again.", equivocal_cr=EquivocalCr.CONFIRMED if sure else None
            ),
        )
        for at, (size, other, node, status, after, sure) in enumerate(rows)
    )
    asked = Settings(post_cr_policy=policy)
    now = assess(Input(visits=visits), asked)
    locked = assess_as_locked(Input(visits=visits), asked)
    for at, visit in enumerate(visits, start=1):
        then = assess(Input(visits=visits[:at]), asked)[f"{visit.timepoint}/overall"]
        assert locked[f"{visit.timepoint}/overall"].outcome == then.outcome
        if then.outcome != now[f"{visit.timepoint}/overall"].outcome:
            assert looks_ahead(now)
            assert told(locked, at - 1)[1]


@pytest.mark.parametrize(
    ("hidden", "responses"),
    [(frozenset(), ["PD", "PD"]), (frozenset({"FU2"}), ["SD", None])],
    ids=["the later visit is locked", "it is open"],
)
def test_dates_of_progression_follow_the_later_word_once_it_may_be_known(read, hidden, responses):
    asked = read((50,), (50, EQUIVOCAL), (50, YES))
    found = whole_case._responses(asked, hidden, Settings())
    assert [visit.response for visit in found] == responses
