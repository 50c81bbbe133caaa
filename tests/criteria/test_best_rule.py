"""The rule of the best overall response by itself: unknown days for and against a response, and its limits."""

from __future__ import annotations

import pytest

from spinereview.criteria.best_rule import Question, best_of
from spinereview.criteria.recist.values import OverallResponse
from spinereview.criteria.responses import Dated, ResponseVisit

ASK = {
    "confirm": True,
    "certain": True,
    "reference": 0,
    "end": None,
    "min_sd_days": 42,
    "confirm_days": 28,
    "max_ne_between": 1,
    "max_sd_between": 0,
    "targets": True,
    "disease": True,
    "compatible": False,
}


def best(responses, spans, **ask):
    """Best response of visits that lie between two days each, or on one."""
    visits = [
        Dated(
            visit=ResponseVisit(timepoint=f"FU{at}", response=OverallResponse(word)),
            earliest=span[0] if isinstance(span, tuple) else span,
            latest=span[1] if isinstance(span, tuple) else span,
        )
        for at, (word, span) in enumerate(zip(responses, spans, strict=True))
    ]
    return best_of(visits, Question(**{**ASK, **ask}))


def word(responses, spans, **ask):
    return best(responses, spans, **ask).response.value


@pytest.mark.parametrize(
    ("second", "against", "for_it"),
    [((77, 77), "SD", "SD"), ((77, 78), "SD", "PR"), ((78, 99), "PR", "PR")],
)
def test_an_unknown_day_of_a_confirmation_counts_against_the_response_or_for_it(second, against, for_it):
    assert word(["PR", "PR"], [50, second], certain=True) == against
    assert word(["PR", "PR"], [50, second], certain=False) == for_it
    # The same where the day of the first visit is not known.
    first = (50, 50 + second[1] - second[0])
    assert word(["PR", "PR"], [first, second[1]], certain=True) == against
    assert word(["PR", "PR"], [first, second[1]], certain=False) == for_it


@pytest.mark.parametrize(
    ("day", "against", "for_it"),
    [((40, 41), "NE", "NE"), ((41, 42), "NE", "SD"), ((42, 50), "SD", "SD")],
)
def test_an_unknown_day_of_a_stable_disease_counts_against_it_or_for_it(day, against, for_it):
    assert word(["SD"], [day], certain=True) == against
    assert word(["SD"], [day], certain=False) == for_it


def test_an_unknown_start_counts_against_a_stable_disease_or_for_it():
    assert word(["SD"], [90], reference=None, certain=True) == "NE"
    assert word(["SD"], [90], reference=None, certain=False) == "SD"


@pytest.mark.parametrize(
    ("day", "against", "for_it"),
    [((90, 100), "PR", "PR"), ((100, 101), "NE", "PR"), ((101, 110), "NE", "NE")],
)
def test_an_unknown_day_about_the_end_counts_against_the_response_or_for_it(day, against, for_it):
    ask = {"end": 100, "confirm": False}
    assert word(["PR"], [day], certain=True, **ask) == against
    assert word(["PR"], [day], certain=False, **ask) == for_it


def test_the_days_of_a_stable_disease_count_from_the_anchor():
    assert word(["SD"], [51], reference=10) == "NE"
    assert word(["SD"], [52], reference=10) == "SD"


def test_no_visit_confirms_itself_even_where_no_day_must_lie_between():
    assert word(["PR"], [50], confirm_days=0) == "SD"
    found = best(["PR", "PR"], [50, 50], confirm_days=0)
    assert (found.response.value, found.at, found.confirmed_by) == ("PR", 0, 1)


def test_admiralonco_accepts_one_stable_visit_between_at_most_and_the_paper_as_many_as_the_protocol():
    two = ["PR", "SD", "SD", "PR"], [50, 60, 70, 90]
    one = ["PR", "SD", "PR"], [50, 60, 90]
    assert word(*two, max_sd_between=2) == "PR"
    assert word(*two, max_sd_between=1) == "SD"
    assert word(*two, max_sd_between=2, compatible=True) == "SD"
    assert word(*one, max_sd_between=2, compatible=True) == "PR"
    assert word(*one, max_sd_between=0, compatible=True) == "SD"


def test_a_partial_response_after_the_confirmation_by_a_complete_one_breaks_nothing():
    for compatible in (True, False):
        found = best(["PR", "CR", "PR"], [50, 78, 100], compatible=compatible)
        assert (found.response.value, found.confirmed_by) == ("PR", 1)
    # But between the two it does, in the R package: a complete response is followed by less.
    assert word(["PR", "CR", "PR"], [50, 60, 78], compatible=True) == "SD"


def test_it_says_how_many_visits_were_in_scope():
    found = best(["SD", "PR", "PD", "SD"], [50, 60, 70, 80])
    assert (found.counted, found.first_response) == (3, 1)
    assert best([], []).counted == 0
