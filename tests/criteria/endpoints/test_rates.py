"""Landmarks and rates: the visit that counts, who counts, and who cannot be told."""

from __future__ import annotations

import pytest

from spinereview.criteria.best_response import Input as Responses
from spinereview.criteria.best_response import Settings as BestSettings
from spinereview.criteria.endpoints.assess import assess as assess_times
from spinereview.criteria.endpoints.rates import assess
from spinereview.criteria.endpoints.settings import Endpoint, Population, ResponseOf, Settings
from spinereview.criteria.endpoints.values import GroupInput, Input
from spinereview.criteria.recist.values import OverallResponse, TargetResponse
from spinereview.criteria.responses import ResponseVisit
from spinereview.domain.schedule import Event, EventKind, Schedule, VisitDays
from spinereview.domain.table import Table
from spinereview.errors import InvalidValue


def subject(responses, days, *events, targets=None, cut_off=None, anchor=0, **more):
    visits = tuple(
        ResponseVisit(
            timepoint=f"FU{at}",
            response=OverallResponse(word),
            target=None if targets is None or targets[at - 1] is None else TargetResponse(targets[at - 1]),
        )
        for at, word in enumerate(responses, start=1)
    )
    known = {f"FU{at}": VisitDays(scan_days=(day,)) for at, day in enumerate(days, start=1) if day is not None}
    anchors = Table({"RANDOMISATION": anchor})
    schedule = Schedule(anchors=anchors, visits=Table(known), events=events, cut_off=cut_off)
    return Responses(visits=visits, schedule=schedule, **more)


def landmark(given, day=84, *, target=False, tolerance=7):
    of = ResponseOf.TARGET if target else ResponseOf.OVERALL
    endpoint = Endpoint(landmarks=(day,), landmark_tol_days=tolerance, orr_response=of)
    found = assess_times(Input(subject=given, endpoint=endpoint), Settings())[f"landmark/{day}"]
    return found.outcome, [reason.code for reason in (*found.because, *found.missing)]


YES = ("RESPONDER", ["LANDMARK_RESPONSE"])


@pytest.mark.parametrize(("day", "inside"), [(76, False), (77, True), (84, True), (91, True), (92, False)])
def test_a_window_has_both_its_ends(day, inside):
    assert landmark(subject(["PR"], [day])) == (YES if inside else ("NON_RESPONDER", ["LANDMARK_NO_VISIT"]))


def test_landmark_scope_and_tie():
    new_lesion = subject(["PD"], [84], targets=["PR"])
    assert landmark(new_lesion, target=True) == YES
    assert landmark(new_lesion) == ("NON_RESPONDER", ["LANDMARK_NO_RESPONSE"])
    assert landmark(subject(["NE", "PR"], [80, 88])) == YES
    assert landmark(subject(["PR", "NE"], [80, 88]))[0] == "NON_RESPONDER"
    assert landmark(subject(["PR", "NE"], [81, 88])) == YES
    found = assess_times(Input(subject=subject(["PR", "PD"], [84, 168])), Settings())["dor"]
    assert found.values["days"] == 85


def test_progression_before_the_landmark_is_the_one_of_the_response_that_is_asked_for():
    given = subject(["PD", "PR"], [40, 84], targets=["SD", "PR"])
    assert landmark(given) == ("NON_RESPONDER", ["LANDMARK_PROGRESSED"])
    assert landmark(given, target=True) == YES
    after = subject(["PR", "PD"], [84, 90], targets=["PR", "PD"])
    assert landmark(after) == YES


def test_new_therapy_on_visit_day():
    for day, expected in ((84, YES), (83, ("NON_RESPONDER", ["LANDMARK_OUT_OF_SCOPE"]))):
        assert landmark(subject(["PR"], [84], Event(kind=EventKind.NEW_THERAPY, day=day))) == expected


def test_a_landmark_after_the_cut_off_is_said():
    endpoint = Endpoint(landmarks=(84,))
    for cut_off, warned in ((84, []), (83, ["LANDMARK_AFTER_CUT_OFF"])):
        given = Input(subject=subject(["PR"], [80], cut_off=cut_off), endpoint=endpoint)
        found = assess_times(given, Settings())["landmark/84"]
        assert (found.outcome, [reason.code for reason in found.warnings]) == ("RESPONDER", warned)


def test_a_visit_that_may_lie_in_the_window_leaves_the_landmark_open():
    assert landmark(subject(["PR", "PR"], [None, 168])) == ("MISSING", ["VISIT_DAY_MISSING"])
    assert landmark(subject(["SD", "PR", "PR"], [60, None, 70])) == ("NON_RESPONDER", ["LANDMARK_NO_VISIT"])
    assert landmark(subject(["PR"], [84], Event(kind=EventKind.NEW_THERAPY, day=None)))[0] == "MISSING"
    assert landmark(subject(["PR"], [84]), target=True) == ("MISSING", ["TARGET_RESPONSE_MISSING"])
    half = subject(["SD", "PR"], [40, 84], targets=[None, "PR"])
    assert landmark(half, target=True) == ("MISSING", ["TARGET_RESPONSE_MISSING"])


@pytest.mark.parametrize(
    ("earliest", "latest", "open_"), [(91, 99, True), (92, 99, False), (70, 77, True), (70, 76, False)]
)
def test_a_day_known_in_part_is_held_against_both_ends_of_the_window(earliest, latest, open_):
    visit = ResponseVisit(timepoint="FU1", response=OverallResponse.PR)
    days = Table({"FU1": VisitDays(earliest=earliest, latest=latest)})
    given = Responses(visits=(visit,), schedule=Schedule(anchors=Table({"RANDOMISATION": 0}), visits=days))
    assert landmark(given)[0] == ("MISSING" if open_ else "NON_RESPONDER")


def rates(population=Population.ITT, confirm=False, **subjects):
    endpoint = Endpoint(landmarks=(84,), population=population)
    given = GroupInput(subjects=Table(subjects), endpoint=endpoint, best_response=BestSettings(confirm=confirm))
    return assess(given, Settings())


def counts(found):
    return tuple(int(found.values[name]) for name in ("responders", "subjects", "undetermined"))


def test_everybody_who_was_included_is_counted():
    found = rates(
        A=subject(["PR", "PR"], [84, 168]),
        B=subject(["SD"], [84]),
        C=subject(["NE"], [84]),
        D=subject([], []),
        E=Responses(),
        F=subject(["NON_CR_NON_PD"], [84], targets_at_baseline=False),
        G=subject(["PD"], [84]),
    )
    assert {name: counts(one) for name, one in found.items()} == {
        "orr": (1, 7, 0),
        "dcr": (3, 7, 0),
        "orr/84": (1, 7, 0),
    }
    assert {one.outcome for one in found.values()} == {"COUNTED"}
    members = found["orr"].because[0].because
    assert [(one.args["subject"], one.code) for one in members] == [
        ("A", "RATE_MEMBER_ON_DAY"),
        *((code, "RATE_OTHER") for code in "BCDEFG"),
    ]
    assert members[0].args["day"] == "84"
    assert (found["orr"].because[0].args["members"], found["dcr"].because[0].args["members"]) == ("A", "A, B, F")


def test_the_day_of_a_response_counts_from_the_anchor():
    (member,) = rates(A=subject(["PR"], [94], anchor=10))["orr"].because[0].because
    assert member.args["day"] == "84"


def test_a_rate_without_a_responder_names_nobody():
    assert rates(A=subject(["SD"], [84]))["orr"].because[0].args["members"] == "-"


def test_only_those_with_a_target_lesion_are_counted_in_the_sensitivity_set():
    found = rates(
        Population.ITT_MEASURABLE,
        A=subject(["PR"], [84]),
        F=subject(["NON_CR_NON_PD"], [84], targets_at_baseline=False),
    )
    assert counts(found["orr"]) == (1, 1, 0)


def test_confirmation_is_asked_for_where_the_protocol_does():
    one = {"A": subject(["PR"], [84]), "B": subject(["PR", "PR"], [84, 112])}
    assert counts(rates(**one)["orr"]) == (2, 2, 0)
    assert counts(rates(confirm=True, **one)["orr"]) == (1, 2, 0)


def test_a_subject_of_whom_it_cannot_be_said_leaves_the_rate_open():
    visit = ResponseVisit(timepoint="FU1", response=OverallResponse.PR)
    found = rates(A=subject(["PR"], [84]), B=Responses(visits=(visit,)))["orr"]
    assert (found.outcome, counts(found)) == ("MISSING", (1, 2, 1))
    assert [(one.args["subject"], one.because[0].code) for one in found.missing] == [("B", "SCHEDULE")]


def test_a_group_of_nobody_has_no_rate():
    assert rates() == Table()


def test_a_landmark_says_which_visit_on_which_day_was_used():
    endpoint = Endpoint(landmarks=(84,))
    given = Input(subject=subject(["SD", "PR", "SD"], [40, 95, 168], anchor=10), endpoint=endpoint)
    found = assess_times(given, Settings())["landmark/84"]
    assert (found.outcome, dict(found.values)) == ("RESPONDER", {"landmark_day": 94, "day": 95})
    assert (found.because[0].args["visit"], found.because[0].args["response"]) == ("FU2", "PR")


@pytest.mark.parametrize(
    ("days", "code"),
    [
        ((1,), None),
        ((84, 168), None),
        ((0,), "LANDMARK_BEFORE_ANCHOR"),
        ((-84,), "LANDMARK_BEFORE_ANCHOR"),
        ((84, 0), "LANDMARK_BEFORE_ANCHOR"),
        ((84, 84), "LANDMARKS_NOT_IN_ORDER"),
        ((168, 84), "LANDMARKS_NOT_IN_ORDER"),
    ],
)
def test_landmarks_lie_after_the_anchor_and_one_after_the_other(days, code):
    if code is None:
        assert Endpoint(landmarks=days).landmarks == days
        return
    with pytest.raises(InvalidValue, match=code):
        Endpoint(landmarks=days)
