"""Local control by each definition, its baselines, and the category of RECIST beside it."""

from __future__ import annotations

from decimal import Decimal

import pytest

from spinereview.criteria.local_control.assess import assess
from spinereview.criteria.local_control.values import Baseline, Definition, Input, Judgement, Settings, SiteVisit
from spinereview.criteria.recist.values import Fragment, TargetResponse, TargetValue
from spinereview.domain.lesion import LesionState
from spinereview.domain.schedule import Event, EventKind, Schedule, VisitDays
from spinereview.domain.table import Table
from spinereview.errors import InvalidValue

PROTOCOL, NADIR, SPINO = "LC_PROTOCOL_06120426", "LC_RECIST_NADIR", "LC_SPINO"
ABSENT, NE = LesionState.ABSENT, LesionState.NE


def site(name, entry):
    if isinstance(entry, LesionState):
        return TargetValue(lesion=name, state=entry)
    if isinstance(entry, tuple):
        parts = tuple(Fragment(mm=Decimal(mm)) for mm in entry)
        return TargetValue(lesion=name, state=LesionState.SPLIT, parts=parts)
    return TargetValue(lesion=name, state=LesionState.MEASURED, mm=Decimal(entry))


def visits(*rows, judgements=None, recist=None):
    names = ["POST", *(f"FU{at}" for at in range(1, len(rows)))]
    return tuple(
        SiteVisit(
            timepoint=name,
            sites=Table({f"S{at}": site(f"S{at}", entry) for at, entry in enumerate(row)}),
            judgement=None if judgements is None else judgements[at],
            recist=None if recist is None else recist[at],
        )
        for at, (name, row) in enumerate(zip(names, rows, strict=True))
    )


def answers(*rows, judgements=None, recist=None, schedule=None, given=None, **settings):
    wanted = Settings(lc_definition=PROTOCOL, lc_also=(NADIR, SPINO), **settings)
    listed = visits(*rows, judgements=judgements, recist=recist)
    return assess(Input(visits=listed, baseline="POST", schedule=schedule, **(given or {})), wanted)


def results(definition, *rows, **more):
    found = answers(*rows, **more)
    return [found[f"FU{at}/local_control/{definition}"].outcome for at in range(1, len(rows))]


def test_the_two_definitions_by_size_diverge():
    rows = [("50",), ("30",), ("40",)]
    assert results(PROTOCOL, *rows) == ["CONTROL", "CONTROL"]
    assert results(NADIR, *rows) == ["CONTROL", "FAILURE"]
    assert (results(PROTOCOL, ("20",), ("24",)), results(NADIR, ("20",), ("24",))) == (["FAILURE"], ["CONTROL"])


@pytest.mark.parametrize(
    ("now", "settings", "result"),
    [
        ("23.9", {}, "CONTROL"),
        ("24.0", {}, "FAILURE"),
        ("24.0", {"lc_compare": ">"}, "CONTROL"),
        ("24.1", {"lc_compare": ">"}, "FAILURE"),
        ("24.9", {"lc_abs_mm": Decimal(5)}, "CONTROL"),
        ("24.9", {"lc_abs_mm": Decimal("4.9")}, "FAILURE"),
        ("25.0", {"lc_abs_mm": Decimal(5)}, "FAILURE"),
        ("24.9", {"lc_threshold": Decimal("0.25")}, "CONTROL"),
        ("25.0", {"lc_threshold": Decimal("0.25")}, "FAILURE"),
    ],
)
def test_the_limit_of_the_protocol_from_both_sides(now, settings, result):
    assert results(PROTOCOL, ("20",), (now,), **settings) == [result]


def test_by_default_no_absolute_growth_is_asked_for():
    assert results(PROTOCOL, ("2",), ("2.4",)) == ["FAILURE"]


@pytest.mark.parametrize(("now", "result"), [("29.9", "CONTROL"), ("30.0", "FAILURE")])
def test_the_limit_of_the_nadir_from_both_sides(now, result):
    assert results(NADIR, ("30",), ("25",), (now,)) == ["CONTROL", result]


def test_lc_zero_base():
    assert results(NADIR, (ABSENT,), ("6",)) == ["FAILURE"]
    assert results(PROTOCOL, (ABSENT,), ("6",)) == ["CONTROL"]
    assert results(PROTOCOL, (ABSENT,), ("9.9",)) == ["CONTROL"]
    assert results(NADIR, (ABSENT,), ("10",)) == results(PROTOCOL, (ABSENT,), ("10",)) == ["FAILURE"]
    assert results(PROTOCOL, (ABSENT,), ("4",), ("6",)) == ["FAILURE", "FAILURE"]
    assert results(PROTOCOL, (ABSENT,), ("4",), ("4",), ("5",)) == ["CONTROL"] * 3
    assert results(PROTOCOL, (ABSENT,), ("4",), (NE,), ("6",)) == ["FAILURE", "NE", "FAILURE"]
    assert results(NADIR, (ABSENT,), ("4.9",)) == ["CONTROL"]
    found = answers((ABSENT,), ("4",), ("6",))
    assert found["FU1/local_control/LC_PROTOCOL_06120426"].because[0].code == "LC_GREW_TWICE"
    assert found["FU1/local_control/LC_PROTOCOL_06120426"].values["change_baseline_pct"] is None


def test_over_a_zero_baseline_one_lesion_or_fragment_must_reach_the_limit_by_itself():
    both = (ABSENT, ABSENT)
    assert results(PROTOCOL, both, ("9.9", "9.9")) == ["CONTROL"]
    assert results(PROTOCOL, both, ("4", "10")) == results(PROTOCOL, both, ("10", "4")) == ["FAILURE"]
    assert results(PROTOCOL, (ABSENT,), (("9.9", "9.9"),)) == ["CONTROL"]
    assert results(PROTOCOL, (ABSENT,), (("4", "10"),)) == results(PROTOCOL, (ABSENT,), (("10", "4"),)) == ["FAILURE"]


def test_growth_from_a_zero_baseline_begins_at_nothing():
    assert results(PROTOCOL, (ABSENT,), (ABSENT,), ("4",)) == ["CONTROL", "CONTROL"]
    assert results(PROTOCOL, (ABSENT,), ("1",), ("2",)) == ["FAILURE", "FAILURE"]


def test_a_site_without_a_value_can_only_add():
    rows = [("20", "20"), ("30", NE), ("48", NE), (NE, NE)]
    assert results(PROTOCOL, *rows) == ["NE", "FAILURE", "NE"]
    assert results(NADIR, *rows) == ["NE", "FAILURE", "NE"]
    assert results(NADIR, (NE,), ("30",)) == ["NE"]
    assert results(PROTOCOL, (NE,), ("30",)) == ["NE"]


E, U, S = Judgement.EQUIVOCAL, Judgement.UNEQUIVOCAL, Judgement.NONE


@pytest.mark.parametrize(
    ("judged", "expected", "code"),
    [
        ((U,), ["FAILURE"], "LC_SPINO_UNEQUIVOCAL"),
        ((E,), ["EQUIVOCAL"], "LC_SPINO_EQUIVOCAL"),
        ((E, U), ["FAILURE", "FAILURE"], "LC_SPINO_UNEQUIVOCAL"),
        ((E, Judgement.NE, U), ["FAILURE", "NE", "FAILURE"], "LC_SPINO_UNEQUIVOCAL"),
        ((E, E, U), ["FAILURE", "EQUIVOCAL", "FAILURE"], "LC_SPINO_UNEQUIVOCAL"),
        ((E, E), ["EQUIVOCAL", "EQUIVOCAL"], "LC_SPINO_EQUIVOCAL_AGAIN"),
        ((E, S), ["EQUIVOCAL", "CONTROL"], "LC_SPINO_PSEUDOPROGRESSION"),
        ((E, S, U), ["EQUIVOCAL", "CONTROL", "FAILURE"], "LC_SPINO_UNEQUIVOCAL"),
        ((S, S), ["CONTROL", "CONTROL"], "LC_SPINO_NONE"),
        ((None,), ["NE"], "LC_JUDGEMENT_MISSING"),
    ],
)
def test_spino_two_equivocal(judged, expected, code):
    rows = [("20",)] * (len(judged) + 1)
    found = answers(*rows, judgements=[S, *judged])
    names = [f"FU{at}/local_control/{SPINO}" for at in range(1, len(rows))]
    assert [found[name].outcome for name in names] == expected
    assert found[names[-1]].because[0].code == code


def test_the_category_of_recist_stands_beside_every_result():
    found = answers(("50",), ("30",), ("40",), recist=[None, TargetResponse.PR, TargetResponse.PD])
    protocol, nadir = (found[f"FU2/local_control/{definition}"] for definition in (PROTOCOL, NADIR))
    assert protocol.because[0].args["recist"] == "PD"
    assert [reason.code for reason in protocol.warnings] == ["LC_DIFFERS_FROM_RECIST"]
    assert nadir.warnings == ()
    assert (protocol.values["sum_mm"], protocol.values["change_baseline_pct"]) == (40, -20)
    assert nadir.values["change_nadir_pct"] == Decimal("33.3")


def test_a_result_by_size_is_said_with_its_numbers_and_a_judgement_without():
    found = answers(("50",), ("30",), ("40",), judgements=[None, S, S])
    assert dict(found[f"FU2/local_control/{PROTOCOL}"].because[0].args) == {
        "visit": "FU2",
        "result": "CONTROL",
        "recist": "-",
        "sum": "40.0",
        "baseline": "50.0",
        "nadir": "30.0",
        "pct_baseline": "−20.0 %",
        "pct_nadir": "+33.3 %",
        "limit": "20",
        "recurrence": "10",
    }
    assert set(found[f"FU2/local_control/{SPINO}"].because[0].args) == {"visit", "result", "recist"}
    # Two decimals where the limit of RECIST is near, and no change against nothing.
    near = answers(("100",), ("120",))[f"FU1/local_control/{PROTOCOL}"]
    assert near.because[0].args["pct_baseline"] == "+20.00 %"
    none = answers((NE,), ("120",))[f"FU1/local_control/{PROTOCOL}"]
    assert (none.because[0].args["baseline"], none.because[0].args["pct_baseline"]) == ("n/a", "n/a")


def test_of_no_visit_nothing_is_answered():
    assert assess(Input(), Settings(lc_definition=NADIR)) == Table()


def test_a_visit_is_named_by_its_label_where_it_has_one():
    assert (SiteVisit(timepoint="FU1").name, SiteVisit(timepoint="FU1", label="Month 3").name) == ("FU1", "Month 3")


def schedule(*events, days=(5, 91, 183), **more):
    names = ["POST", "FU1", "FU2"]
    known = {name: VisitDays(scan_days=(day,)) for name, day in zip(names, days, strict=True) if day is not None}
    return Schedule(visits=Table(known), events=events, **more)


def first(definition=PROTOCOL, *rows, plan=None):
    found = answers(*(rows or [("20",), ("24",), ("30",)]), schedule=plan)[f"local_control/{definition}"]
    day = found.values.get("day")
    return found.outcome, None if day is None else int(day)


def test_a_failure_is_dated_at_the_first_scan_that_failed():
    assert first(plan=schedule()) == ("FAILURE", 91)
    assert first(PROTOCOL, ("20",), ("20",), ("24",), plan=schedule()) == ("FAILURE", 183)
    assert first(PROTOCOL, ("20",), ("20",), (NE,), plan=schedule()) == ("CONTROL", 91)
    assert first(PROTOCOL, ("20",), (NE,), (NE,), plan=schedule()) == ("NE", None)
    assert first(PROTOCOL, ("20",), ("20",), ("24",), plan=schedule(cut_off=182)) == ("CONTROL", 91)
    assert first(PROTOCOL, ("20",), ("20",), ("24",), plan=schedule(cut_off=183)) == ("FAILURE", 183)
    # A failure on a day that nobody knows is one all the same.
    assert first(plan=schedule(days=(5, None, 183), cut_off=300)) == ("FAILURE", None)


def test_only_a_treatment_of_a_treated_site_ends_its_follow_up():
    for treated, expected in ((False, ("FAILURE", 183)), (True, ("CONTROL", 91))):
        event = Event(kind=EventKind.LOCAL_THERAPY, day=100, treated_site=treated)
        assert first(PROTOCOL, ("20",), ("20",), ("24",), plan=schedule(event)) == expected


def test_death_without_local_failure_competes():
    died = Event(kind=EventKind.DEATH, day=200)
    assert first(PROTOCOL, ("20",), ("20",), ("20",), plan=schedule(died)) == ("COMPETING", 200)
    assert first(plan=schedule(died)) == ("FAILURE", 91)
    assert first(PROTOCOL, ("20",), ("20",), ("20",), plan=schedule(died, cut_off=199)) == ("CONTROL", 183)
    assert first(PROTOCOL, ("20",), ("20",), ("20",), plan=schedule(died, cut_off=200)) == ("COMPETING", 200)


def test_without_a_schedule_the_result_stands_and_its_day_is_missing():
    found = answers(("20",), ("24",))["local_control/LC_PROTOCOL_06120426"]
    assert (found.outcome, found.values["day"], [reason.code for reason in found.missing]) == (
        "FAILURE",
        None,
        ["SCHEDULE"],
    )


@pytest.mark.parametrize(
    ("start", "scan", "refused"), [(4, 5, True), (5, 5, False), (6, 5, False), (None, 5, True), (4, None, True)]
)
def test_a_scan_after_radiotherapy_began_is_not_the_first_after_the_procedure(start, scan, refused):
    plan = schedule(Event(kind=EventKind.POST_PROCEDURE_RT, day=start), days=(scan, 91, 183))
    rows = [("20",), ("24",), ("30",)]
    found = answers(*rows, schedule=plan)
    assert (found["local_control/LC_RECIST_NADIR"].outcome == "NEEDS_INPUT") == refused
    if refused:
        assert found["local_control/LC_RECIST_NADIR"].missing[0].args["visit"] == "POST"
    assert ("FU1/local_control/LC_RECIST_NADIR" in found) != refused
    before = answers(*rows, schedule=plan, given={"baseline_kind": Baseline.PRE_RT})
    assert before["local_control/LC_RECIST_NADIR"].outcome == "FAILURE"


def test_a_further_baseline_is_compared_beside_it():
    listed = (SiteVisit(timepoint="PRE", sites=Table({"S0": site("S0", "50")})), *visits(("20",), ("59",), ("60",)))
    given = Input(visits=listed, baseline="POST", also=Table({"pre_procedure": "PRE"}))
    found = assess(given, Settings(lc_definition=PROTOCOL, lc_also=(SPINO,)))
    assert found[f"FU1/local_control/{PROTOCOL}"].outcome == "FAILURE"
    assert found[f"FU1/local_control/{PROTOCOL}/pre_procedure"].outcome == "CONTROL"
    assert found[f"FU2/local_control/{PROTOCOL}/pre_procedure"].outcome == "FAILURE"
    assert not [key for key in found if key.endswith(f"{SPINO}/pre_procedure")]


def test_without_a_baseline_nothing_is_said():
    found = assess(Input(visits=visits(("20",), ("30",))), Settings(lc_definition=NADIR))
    assert {key: [reason.code for reason in one.missing] for key, one in found.items()} == {
        f"local_control/{NADIR}": ["LC_BASELINE_MISSING"]
    }


def test_every_definition_has_a_source_and_only_the_named_ones_are_answered():
    found = answers(("20",), ("20",), judgements=[S, S])
    assert {one.because[0].rule for key, one in found.items() if key.startswith("FU1")} == {
        one.because[0].rule for key, one in found.items() if not key.startswith("FU1")
    }
    assert len({one.because[0].rule for one in found.values()}) == len(Definition)
    alone = assess(Input(visits=visits(("20",), ("20",)), baseline="POST"), Settings(lc_definition=NADIR))
    assert set(alone) == {f"local_control/{NADIR}", f"FU1/local_control/{NADIR}"}


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"baseline": "BL"}, "LC_BASELINE_NOT_A_VISIT"),
        ({"also": Table({"pre_procedure": "BL"})}, "LC_BASELINE_NOT_A_VISIT"),
        ({"also": Table({"earlier": "POST"})}, "LC_BASELINE_UNKNOWN"),
        ({"visits": (*visits(("20",)), SiteVisit(timepoint="FU1"))}, "SITES_DIFFER"),
        ({"visits": visits(("20",)) * 2}, "VISIT_TWICE"),
    ],
)
def test_an_input_that_contradicts_itself_is_refused(change, code):
    with pytest.raises(InvalidValue) as raised:
        Input(**{"visits": visits(("20",)), **change})
    assert raised.value.code == code


def test_the_definition_has_no_default():
    with pytest.raises(InvalidValue) as raised:
        Settings.parse({"lc_also": (SPINO,)})
    assert (raised.value.code, raised.value.arguments["key"]) == ("SETTING_REQUIRED", "lc_definition")


def test_the_limits_of_the_definition_are_read_and_none_is_below_zero():
    given = {"lc_definition": PROTOCOL, "lc_threshold": Decimal("0.01"), "lc_abs_mm": 0, "lc_recurrence_mm": 0}
    found = Settings.parse(given)
    assert (found.lc_threshold, found.lc_abs_mm, found.lc_recurrence_mm) == (Decimal("0.01"), 0, 0)
    for key, value in (("lc_threshold", 0), ("lc_threshold", Decimal("-0.5")), ("lc_abs_mm", Decimal("-0.1"))):
        with pytest.raises(InvalidValue):
            Settings.parse({**given, key: value})
