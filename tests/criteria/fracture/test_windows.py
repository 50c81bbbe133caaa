"""Windows of compression fractures: cumulative, both ends of a window, death, what is missing, levels at risk."""

from __future__ import annotations

import pytest

from spinereview.criteria.fracture.settings import Settings
from spinereview.criteria.fracture.values import Flag
from spinereview.criteria.fracture.windows import FlagVisit, WindowsInput, assess_windows
from spinereview.domain.schedule import Event, EventKind, Schedule, VisitDays
from spinereview.domain.table import Table
from spinereview.errors import InvalidValue
from spinereview.text import catalogue

REGISTERED = ((91, 14), (183, 14), (365, 30))
"""Windows of NCT06120426: any event after the baseline and up to the end of each."""


def visit(name, **flags):
    return FlagVisit(timepoint=name, flags=Table({level: Flag(word) for level, word in flags.items()}))


def schedule(*, death=(), cut_off=None, start=0, **days):
    visits = {name: day if isinstance(day, VisitDays) else VisitDays(scan_days=(day,)) for name, day in days.items()}
    events = tuple(Event(kind=EventKind.DEATH, day=day) for day in death)
    anchors = Table({} if start is None else {"SURGERY": start})
    return Schedule(visits=Table(visits), events=events, cut_off=cut_off, anchors=anchors)


def windows(*visits, days, baseline="D1", listed=REGISTERED):
    given = WindowsInput(visits=visits, baseline=baseline, windows=listed, schedule=days)
    answers = assess_windows(given, Settings())
    for answer in answers.values():
        for reason in (*answer.because, *answer.warnings, *answer.missing):
            assert reason.code in catalogue(), reason.code
    return answers


def words(*visits, days, **more):
    answers = windows(*visits, days=days, **more)
    return [answers[f"vcf_window/{day}"].outcome for day, _ in more.get("listed", REGISTERED)]


def one(*visits, days, **more):
    return windows(*visits, days=days, listed=((91, 14),), **more)["vcf_window/91"]


D1 = visit("D1", T9="NO")


@pytest.mark.parametrize(
    ("day", "outcomes"),
    [
        (105, ["EVENT", "EVENT", "EVENT"]),
        (106, ["CENSORED", "EVENT", "EVENT"]),
        (197, ["CENSORED", "EVENT", "EVENT"]),
        (198, ["CENSORED", "CENSORED", "EVENT"]),
        (395, ["CENSORED", "CENSORED", "EVENT"]),
        (396, ["CENSORED", "CENSORED", "CENSORED"]),
        (2, ["EVENT", "EVENT", "EVENT"]),
    ],
)
@pytest.mark.parametrize("flag", ["NEW", "PROGRESSIVE"])
def test_an_event_counts_up_to_the_end_of_the_window_and_in_every_later_one(day, outcomes, flag):
    assert words(D1, visit("A", T9=flag), days=schedule(D1=1, A=day)) == outcomes


@pytest.mark.parametrize("flag", ["NO", "SUSPECTED", "WATCH", "PRESENT"])
@pytest.mark.parametrize(("day", "outcome"), [(76, "CENSORED"), (77, "NO_EVENT"), (400, "NO_EVENT")])
def test_without_an_event_the_subject_has_to_be_seen_from_the_windows_beginning_on(day, outcome, flag):
    found = one(visit("D1", T9=flag), visit("A", T9=flag), days=schedule(D1=1, A=day))
    assert (found.outcome, found.values["day"], found.values["end_day"]) == (outcome, day, 105)


def test_an_event_on_the_day_of_the_baseline_is_none():
    assert one(D1, visit("A", T9="NEW"), days=schedule(D1=1, A=1)).outcome == "CENSORED"


def test_a_window_may_be_one_day_or_begin_at_the_anchor():
    for window, outcome in (((91, 0), "NO_EVENT"), ((91, 91), "NO_EVENT"), ((92, 0), "CENSORED")):
        assert words(D1, visit("A", T9="NO"), days=schedule(D1=1, A=91), listed=(window,)) == [outcome]


def test_days_count_from_the_anchor():
    assert one(D1, visit("A", T9="NEW"), days=schedule(start=10, D1=11, A=115)).outcome == "EVENT"
    assert one(D1, visit("A", T9="NEW"), days=schedule(start=10, D1=11, A=116)).outcome == "CENSORED"


@pytest.mark.parametrize(
    ("death", "event", "outcome"),
    [
        (105, None, "COMPETING"),
        (106, None, "CENSORED"),
        (100, 90, "EVENT"),
        (None, 90, "EVENT"),
        (None, None, "MISSING"),
    ],
)
def test_death_competes(death, event, outcome):
    visits = [D1] if event is None else [D1, visit("A", T9="NEW")]
    days = schedule(death=(death,), D1=1) if event is None else schedule(death=(death,), D1=1, A=event)
    found = one(*visits, days=days)
    assert found.outcome == outcome
    if outcome == "MISSING":
        assert [reason.code for reason in found.missing] == ["EVENT_DAY_MISSING"]


def test_who_was_seen_after_the_window_had_not_died_in_it():
    assert one(D1, visit("A", T9="NO"), days=schedule(death=(None,), D1=1, A=106)).outcome == "NO_EVENT"
    assert one(D1, visit("A", T9="NO"), days=schedule(death=(None,), D1=1, A=105)).outcome == "MISSING"


def test_what_comes_after_the_cut_off_does_not_count():
    assert one(D1, visit("A", T9="NEW"), days=schedule(cut_off=89, D1=1, A=90)).outcome == "CENSORED"
    assert one(D1, visit("A", T9="NEW"), days=schedule(cut_off=90, D1=1, A=90)).outcome == "EVENT"
    assert one(D1, days=schedule(cut_off=89, death=(90,), D1=1)).outcome == "CENSORED"
    assert one(D1, days=schedule(cut_off=90, death=(90,), D1=1)).outcome == "COMPETING"


@pytest.mark.parametrize(
    ("days", "outcome"),
    [
        (VisitDays(), "MISSING"),
        (VisitDays(earliest=80, latest=105), "EVENT"),
        (VisitDays(earliest=80, latest=106), "MISSING"),
        (VisitDays(earliest=105, latest=120), "MISSING"),
        (VisitDays(earliest=106, latest=120), "CENSORED"),
    ],
)
def test_an_unknown_day_leaves_open_only_what_it_decides(days, outcome):
    found = one(D1, visit("A", T9="NEW"), days=schedule(D1=1, A=days))
    assert (found.outcome, found.values["day"]) == (outcome, None)


def test_a_level_that_was_taken_out_or_could_not_be_judged_is_not_at_risk():
    start = visit("D1", T8="RESECTED", T9="NO", T10="NE")
    found = one(start, visit("A", T9="NO", T10="NEW"), days=schedule(D1=1, A=91))
    assert (found.outcome, found.warnings[0].args["levels"]) == ("NO_EVENT", "T8, T10")
    nobody = one(visit("D1", T9="RESECTED"), visit("A"), days=schedule(D1=1, A=91))
    assert nobody.outcome == "NOT_APPLICABLE"


@pytest.mark.parametrize(
    ("flags", "outcome"),
    [
        ({"T8": "NO", "T9": "NO"}, "NO_EVENT"),
        ({"T8": "NO", "T9": "NE"}, "CENSORED"),
        ({"T8": "NO"}, "CENSORED"),
        ({"T8": "NO", "T9": "RESECTED"}, "NO_EVENT"),
        ({"T8": "NEW", "T9": "NE"}, "EVENT"),
    ],
)
def test_a_level_that_is_not_judged_is_not_free_of_fracture(flags, outcome):
    start = visit("D1", T8="NO", T9="NO")
    assert one(start, visit("A", **flags), days=schedule(D1=1, A=91)).outcome == outcome


def test_the_first_event_dates_it():
    found = one(
        D1, visit("A", T9="NO"), visit("B", T9="NEW"), visit("C", T9="NEW"), days=schedule(D1=1, A=30, B=60, C=90)
    )
    assert (found.outcome, found.values["day"], found.because[0].args["visit"]) == ("EVENT", 60, "B")


def test_of_several_events_the_one_that_is_certain_first_dates_it():
    unknown = VisitDays(earliest=50, latest=100)
    found = one(D1, visit("A", T9="NEW"), visit("B", T9="NEW"), days=schedule(D1=1, A=unknown, B=60))
    assert (found.outcome, found.values["day"], found.because[0].args["visit"]) == ("EVENT", 60, "B")


@pytest.mark.parametrize(
    ("first", "second", "outcome", "day", "name"),
    [(91, 200, "NO_EVENT", 91, "A"), (30, 60, "CENSORED", 60, "B"), (30, 91, "NO_EVENT", 91, "B")],
)
def test_the_first_judgement_from_the_windows_beginning_on_shows_it_and_else_the_last_is_said(
    first, second, outcome, day, name
):
    found = one(D1, visit("A", T9="NO"), visit("B", T9="NO"), days=schedule(D1=1, A=first, B=second))
    assert (found.outcome, found.values["day"], found.because[0].args["visit"]) == (outcome, day, name)


def test_a_visit_that_the_schedule_does_not_know_may_be_on_any_day():
    found = one(D1, visit("A", T9="NEW"), days=schedule(D1=1))
    assert (found.outcome, [reason.code for reason in found.missing]) == ("MISSING", ["VISIT_DAY_MISSING"])


@pytest.mark.parametrize(("cut_off", "outcome"), [(79, "CENSORED"), (80, "MISSING"), (100, "MISSING")])
def test_a_visit_that_may_come_before_the_cut_off_leaves_it_open(cut_off, outcome):
    days = schedule(cut_off=cut_off, D1=1, A=VisitDays(earliest=80, latest=120))
    assert one(D1, visit("A", T9="NEW"), days=days).outcome == outcome


@pytest.mark.parametrize(
    ("days", "baseline", "code"),
    [
        (None, "D1", "SCHEDULE"),
        (schedule(D1=1), None, "VCF_BASELINE_MISSING"),
        (schedule(start=None, D1=1), "D1", "ANCHOR_MISSING"),
        (schedule(), "D1", "VISIT_DAY_MISSING"),
    ],
)
def test_what_is_missing_is_named(days, baseline, code):
    found = one(D1, days=days, baseline=baseline)
    assert (found.outcome, [reason.code for reason in found.missing]) == ("MISSING", [code])


@pytest.mark.parametrize(
    ("make", "code"),
    [
        (lambda: WindowsInput(visits=(D1, D1)), "VISIT_TWICE"),
        (lambda: WindowsInput(visits=(D1,), baseline="D2"), "VCF_BASELINE_UNKNOWN"),
        (lambda: WindowsInput(windows=((91, -1),)), "VCF_WINDOW"),
        (lambda: WindowsInput(windows=((91, 92),)), "VCF_WINDOW"),
        (lambda: visit("D1", X9="NO"), "VCF_LEVEL_UNKNOWN"),
    ],
)
def test_bad_input_is_refused_by_name(make, code):
    with pytest.raises(InvalidValue) as raised:
        make()
    assert raised.value.code == code
