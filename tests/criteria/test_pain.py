"""Pain response of the International Consensus: every rule, both sides of every limit, what is missing, the window."""

from __future__ import annotations

from decimal import Decimal

import pytest

from spinereview.criteria.pain import Input, PainVisit, Settings, assess
from spinereview.domain.protocol import Anchor
from spinereview.domain.schedule import Event, EventKind, Schedule, VisitDays
from spinereview.domain.table import Table
from spinereview.errors import InvalidValue
from spinereview.text import sentence


def visit(name, pain, omed=None, **more):
    return PainVisit(timepoint=name, worst_pain=pain, omed_mg=None if omed is None else Decimal(omed), **more)


def answer(base, now, kind="pain", **settings):
    given = Input(visits=(visit("BL", *base), visit("FU1", *now)))
    return assess(given, Settings.parse(settings))[f"FU1/{kind}"]


@pytest.mark.parametrize(
    ("base", "now", "outcome", "code"),
    [
        ((6, "40"), (0, "40"), "CR", "PAIN_CR"),
        ((6, "40"), (0, "40.1"), "INDETERMINATE", "PAIN_INDETERMINATE"),
        ((1, "0"), (0, "0"), "CR", "PAIN_CR"),
        ((6, "40"), (4, "40"), "PR", "PAIN_PR_SCORE"),
        ((6, "40"), (5, "40"), "INDETERMINATE", "PAIN_INDETERMINATE"),
        ((6, "40"), (4, "40.1"), "INDETERMINATE", "PAIN_INDETERMINATE"),
        ((6, "40"), (6, "30"), "PR", "PAIN_PR_OPIOIDS"),
        ((6, "40"), (6, "30.1"), "INDETERMINATE", "PAIN_INDETERMINATE"),
        ((6, "0.8"), (6, "0.6"), "PR", "PAIN_PR_OPIOIDS"),
        ((6, "40"), (7, "30"), "INDETERMINATE", "PAIN_INDETERMINATE"),
        ((6, "0"), (6, "0"), "INDETERMINATE", "PAIN_INDETERMINATE"),
        ((6, "40"), (8, "40"), "PP", "PAIN_PP_SCORE"),
        ((6, "40"), (7, "40"), "INDETERMINATE", "PAIN_INDETERMINATE"),
        ((6, "40"), (8, "36"), "PP", "PAIN_PP_SCORE"),
        ((6, "40"), (8, "49.9"), "PP", "PAIN_PP_SCORE"),
        ((6, "40"), (8, "50"), "PP", "PAIN_PP_BOTH"),
        ((6, "40"), (6, "50"), "PP", "PAIN_PP_OPIOIDS"),
        ((6, "40"), (7, "50"), "PP", "PAIN_PP_OPIOIDS"),
        ((6, "40"), (6, "49.9"), "INDETERMINATE", "PAIN_INDETERMINATE"),
        ((6, "40"), (5, "50"), "INDETERMINATE", "PAIN_INDETERMINATE"),
        ((6, "0"), (6, "0.1"), "PP", "PAIN_PP_OPIOIDS"),
        ((6, "0"), (8, "0.1"), "PP", "PAIN_PP_BOTH"),
    ],
)
def test_every_rule_of_the_consensus_on_both_sides_of_its_limits(base, now, outcome, code):
    found = answer(base, now)
    assert (found.outcome, found.because[0].code, found.missing) == (outcome, code, ())
    assert "{" not in sentence(code, found.because[0].args)


@pytest.mark.parametrize(
    ("now", "outcome"),
    [((4, "49.9"), "PR"), ((4, "50"), "INDETERMINATE"), ((0, "49.9"), "CR"), ((0, "50"), "INDETERMINATE")],
)
def test_an_increase_that_is_tolerated_blocks_no_response_below_25_per_cent(now, outcome):
    assert answer((6, "40"), now, omed_tolerance_pct=25).outcome == outcome


def test_any_opioid_after_none_is_an_increase_of_25_per_cent():
    assert answer((6, "0"), (4, "1"), omed_tolerance_pct=25).outcome == "INDETERMINATE"


def test_both_worse_is_progression_unless_the_protocol_says_otherwise():
    assert answer((6, "40"), (8, "50"), pp_both_worse=False).outcome == "INDETERMINATE"
    assert answer((6, "40"), (8, "49.9"), pp_both_worse=False).outcome == "PP"
    assert answer((6, "40"), (7, "50"), pp_both_worse=False).outcome == "PP"


def test_a_response_that_more_opioids_keep_from_counting_is_said():
    assert [one.code for one in answer((6, "40"), (0, "41")).warnings] == ["PAIN_RESPONSE_BLOCKED"]
    assert [one.code for one in answer((6, "40"), (4, "41")).warnings] == ["PAIN_RESPONSE_BLOCKED"]
    assert answer((6, "40"), (5, "41")).warnings == ()
    assert answer((6, "40"), (4, "40")).warnings == ()


@pytest.mark.parametrize(
    ("base", "now", "missing"),
    [
        ((None, "40"), (3, "40"), ["PAIN_MISSING"]),
        ((6, "40"), (None, "40"), ["PAIN_MISSING"]),
        ((6, None), (0, "40"), ["OMED_MISSING"]),
        ((6, "40"), (0, None), ["OMED_MISSING"]),
        ((None, None), (None, None), ["PAIN_MISSING", "PAIN_MISSING", "OMED_MISSING", "OMED_MISSING"]),
        ((0, "40"), (3, "40"), []),
    ],
)
def test_what_is_missing_is_not_evaluable_and_never_zero(base, now, missing):
    found = answer(base, now)
    assert (found.outcome, [one.code for one in found.missing]) == ("NE", missing)
    assert found.because[0].code == ("PAIN_BASELINE_ZERO" if base[0] == 0 else "PAIN_NE")
    assert found.warnings == ()
    # The response by the score alone asks for no opioids.
    alone = [one.code for one in answer(base, now, kind="pain_only").missing]
    assert alone == [code for code in missing if code == "PAIN_MISSING"]


def test_what_is_missing_points_at_its_visit():
    given = Input(visits=(visit("BL", 6, ref=("visits", "BL")), visit("FU1", None)))
    missing = assess(given, Settings())["FU1/pain"].missing
    assert [(one.code, one.args["visit"], one.refs) for one in missing] == [
        ("PAIN_MISSING", "FU1", ()),
        ("OMED_MISSING", "BL", (("visits", "BL"),)),
        ("OMED_MISSING", "FU1", ()),
    ]


def test_pain_and_opioids_that_both_rise_are_progression_by_our_reading_and_all_else_by_the_consensus():
    said = {code: answer((6, "40"), now).because[0].rule for code, now in (("BOTH", (8, "50")), ("SCORE", (8, "40")))}
    assert ("silent" in said["BOTH"], "silent" in said["SCORE"]) == (True, False)


@pytest.mark.parametrize(
    ("base", "now", "outcome"),
    [
        (1, 0, "COMPLETE"),
        (4, 2, "PARTIAL"),
        (4, 6, "PROGRESSION"),
        (4, 3, "NONE"),
        (4, 5, "NONE"),
        (4, 4, "NONE"),
        (0, 3, "NOT_ASSESSABLE"),
        (0, None, "NOT_ASSESSABLE"),
        (None, 3, "NE"),
        (4, None, "NE"),
    ],
)
def test_pain_only_response(base, now, outcome):
    found = answer((base, None), (now, None), kind="pain_only")
    assert found.outcome == outcome
    assert "International Consensus" in sentence(found.because[0].code, found.because[0].args)
    assert answer((4, "40"), (2, "50"), omed_tolerance_pct=25).outcome not in {"CR", "PR"}


def test_values_are_those_that_were_entered_with_the_change_in_tenths():
    found = answer((6, "30"), (4, "40")).values
    assert found == Table(
        {
            "worst_pain": Decimal(4),
            "baseline_pain": Decimal(6),
            "pain_change": Decimal(-2),
            "omed_mg": Decimal(40),
            "baseline_omed_mg": Decimal(30),
            "omed_change_pct": Decimal("33.3"),
        }
    )
    assert answer((6, "0"), (4, "40")).values["omed_change_pct"] is None
    assert answer((6, "40"), (None, None)).values["pain_change"] is None


@pytest.mark.parametrize(
    ("pain", "omed", "code"), [(11, "0", "PAIN_RANGE"), (-1, "0", "PAIN_RANGE"), (5, "-0.1", "OMED_RANGE")]
)
def test_a_number_out_of_range_is_refused_with_its_visit(pain, omed, code):
    with pytest.raises(InvalidValue) as raised:
        visit("FU1", pain, omed)
    assert (raised.value.code, raised.value.arguments["visit"]) == (code, "FU1")
    visit("FU1", 10, "0")
    visit("FU1", 0, "0")


def test_a_visit_that_stands_twice_is_refused():
    with pytest.raises(InvalidValue, match="VISIT_TWICE"):
        Input(visits=(visit("BL", 5), visit("BL", 4)))


def primary(days, *, pains=(6, 4, 2, 0), anchor=100, more=None, **settings):
    names = ("BL", "A", "B", "C")
    known = {name: VisitDays(scan_days=(day,)) for name, day in zip(names, days, strict=False) if day is not None}
    schedule = Schedule(
        anchors=Table({} if anchor is None else {"RT_END": anchor}), visits=Table(known), **(more or {})
    )
    visits = tuple(visit(name, pain, "10") for name, pain in zip(names, pains[: len(days)], strict=False))
    return assess(Input(visits=visits, schedule=schedule), Settings.parse(settings))["pain/primary"]


@pytest.mark.parametrize(
    ("days", "day"),
    [
        ((90, 170), 170),
        ((90, 169), None),
        ((90, 198), 198),
        ((90, 199), None),
        ((90, 174, 190), 190),
        ((90, 174, 194), 194),
        ((90, 173, 196), 173),
        ((90, 174, 195), 174),
        ((90, 184, 184), 184),
    ],
)
def test_the_primary_assessment_is_the_nearest_visit_of_its_window_of_two_the_later(days, day):
    found = primary(days)
    assert found.values.get("day") == (None if day is None else Decimal(day))
    assert (found.outcome == "NE") == (day is None)
    assert found.because[0].code == ("PAIN_PRIMARY_NO_VISIT" if day is None else "PAIN_PRIMARY")


def test_the_window_is_the_one_of_the_protocol_and_the_baseline_is_in_none():
    assert primary((90, 130), pain_primary_day=30, pain_primary_tol_days=0).outcome == "PR"
    assert primary((90, 131), pain_primary_day=30, pain_primary_tol_days=0).outcome == "NE"
    assert primary((184, 300)).outcome == "NE"


def test_days_that_are_needed_are_asked_for():
    visits = (visit("BL", 6, "10"), visit("A", 4, "10"))
    without = assess(Input(visits=visits), Settings())["pain/primary"]
    assert (without.outcome, [one.code for one in without.missing]) == ("MISSING", ["SCHEDULE"])
    assert [one.code for one in primary((90, 184), anchor=None).missing] == ["ANCHOR_MISSING"]
    assert [one.code for one in primary((90, None)).missing] == ["VISIT_DAY_MISSING"]
    # Before a visit that comes before the window, a day that nobody knows decides nothing.
    assert primary((90, None, 169)).missing == ()
    assert [one.code for one in primary((90, None, 170)).missing] == ["VISIT_DAY_MISSING"]
    # The same behind it.
    assert [one.code for one in primary((90, 198, None)).missing] == ["VISIT_DAY_MISSING"]
    assert primary((90, 199, None)).missing == ()


def test_the_day_of_the_primary_assessment_may_be_the_anchor_and_not_before_it():
    assert primary((90, 100), pain_primary_day=0, pain_primary_tol_days=0).outcome == "PR"
    for key in ("pain_primary_day", "pain_primary_tol_days"):
        with pytest.raises(InvalidValue, match="SETTING_NOT_ALLOWED"):
            Settings.parse({key: -1})


def test_a_visit_after_the_cut_off_is_not_used():
    assert primary((90, 184), more={"cut_off": 184}).outcome == "PR"
    assert primary((90, 184), more={"cut_off": 183}).outcome == "NE"


@pytest.mark.parametrize(
    ("days", "warned"),
    [((183,), True), ((184,), False), ((None,), True), ((183, 300), True), ((184, None), True), ((184, 300), False)],
)
def test_another_therapy_before_the_primary_assessment_is_said(days, warned):
    events = tuple(Event(kind=EventKind.NEW_THERAPY, day=day) for day in days)
    found = primary((90, 184), more={"events": events})
    assert [one.code for one in found.warnings] == (["PAIN_AFTER_THERAPY"] if warned else [])


def test_the_anchor_is_the_one_that_is_named():
    visits = (visit("BL", 6, "10"), visit("A", 4, "10"))
    schedule = Schedule(anchors=Table({"PROCEDURE": 0}), visits=Table({"A": VisitDays(scan_days=(84,))}))
    found = assess(Input(visits=visits, schedule=schedule, anchor=Anchor.PROCEDURE), Settings())["pain/primary"]
    assert found.outcome == "PR"
    assert assess(Input(), Settings()) == Table()
