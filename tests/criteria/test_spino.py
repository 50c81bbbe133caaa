"""SPINO: judgements to responses, dating back, pseudoprogression, prompts by time, size and grade, bad input."""

from __future__ import annotations

from dataclasses import asdict
from decimal import Decimal

import pytest

from spinereview.criteria.escc_values import Grade
from spinereview.criteria.local_control.values import Judgement
from spinereview.criteria.spino import assess, judgement_of
from spinereview.criteria.spino_values import OWN_RULE, RULE, Input, Relation, Settings, SiteFinding, SpinoVisit
from spinereview.domain.schedule import Schedule, VisitDays
from spinereview.domain.table import Table
from spinereview.errors import InvalidValue
from spinereview.text import catalogue

WORDS = {"N": "NONE", "E": "EQUIVOCAL", "U": "UNEQUIVOCAL", "X": "NE", "-": None}
SHORT = {"LOCAL_CONTROL": "C", "LOCAL_PROGRESSION": "P", "INDETERMINATE": "I", "NE": "X"}


def word(letter):
    return None if WORDS[letter] is None else Judgement(WORDS[letter])


def finding(growth="N", epidural="N", site="S1", **more):
    return SiteFinding(site=site, growth=word(growth), epidural=word(epidural), ref=("sites", site), **more)


def baseline(*sites, mm=None, escc=None):
    listed = {site: SiteFinding(site=site, longest_mm=mm, escc=escc) for site in sites or ("S1",)}
    return SpinoVisit(timepoint="BL", sites=Table(listed))


def visit(at, *findings):
    return SpinoVisit(timepoint=f"FU{at}", sites=Table({one.site: one for one in findings}))


def schedule(*days, **anchors):
    visits = {"BL": -5} | {f"FU{at}": day for at, day in enumerate(days, 1)}
    listed = {name: VisitDays(scan_days=() if day is None else (day,)) for name, day in visits.items()}
    return Schedule(visits=Table(listed), anchors=Table(anchors or {"RT_END": 0}))


def follow(*findings, settings=None, days=None, start=None):
    visits = [start or baseline(), *(visit(at, one) for at, one in enumerate(findings, 1))]
    return assess(Input(visits=tuple(visits), schedule=days), settings or Settings())


def letters(found, count):
    return "".join(SHORT[found[f"FU{at}/spino/S1"].outcome] for at in range(1, count + 1))


def codes(reasons):
    for reason in reasons:
        assert reason.code in catalogue(), reason.code
    return [reason.code for reason in reasons]


@pytest.mark.parametrize(
    ("judged", "responses"),
    [
        ("N", "C"),
        ("U", "P"),
        ("E", "I"),
        ("X", "X"),
        ("-", "X"),
        ("EN", "IC"),
        ("EXN", "IXC"),
        ("EU", "PP"),
        ("EEU", "PPP"),
        ("ENU", "ICP"),
        ("ENEU", "ICPP"),
        ("UN", "PP"),
        ("UX", "PP"),
        ("NXN", "CXC"),
    ],
)
def test_responses_of_a_run_of_judgements(judged, responses):
    found = follow(*(finding(letter) for letter in judged))
    assert letters(found, len(judged)) == responses


def test_spino_two_equivocal():
    twice = follow(finding("E"), finding("E"))
    assert letters(twice, 2) == "II"
    assert "SPINO_BIOPSY" in codes(twice["FU2/spino/S1"].warnings)
    assert "SPINO_BIOPSY" not in codes(twice["FU1/spino/S1"].warnings)
    confirmed = follow(finding("E"), finding("X"), finding("U"), days=schedule(60, 120, 180))
    assert letters(confirmed, 3) == "PPP"
    assert confirmed["FU1/spino/S1"].because[0].code == "SPINO_CONFIRMED"
    assert (confirmed["spino/S1"].outcome, confirmed["spino/S1"].values["day"]) == ("LOCAL_PROGRESSION", 60)


def test_what_was_equivocal_and_is_stable_was_pseudoprogression():
    found = follow(finding("E"), finding("N"))
    assert found["FU2/spino/S1"].because[0].code == "PSEUDOPROGRESSION"
    assert found["spino/S1"].outcome == "LOCAL_CONTROL"


@pytest.mark.parametrize(
    ("growth", "epidural", "expected"),
    [(a, b, next((c for c in "UEX-" if c in (a, b)), "N")) for a in WORDS for b in WORDS],
)
def test_the_two_judgements_together(growth, epidural, expected):
    assert judgement_of(finding(growth, epidural)) == word(expected)


@pytest.mark.parametrize(
    ("growth", "epidural", "decline", "expected"),
    [
        ("N", "E", True, "P"),
        ("E", "E", True, "P"),
        ("N", "E", False, "I"),
        ("N", "E", None, "I"),
        ("E", "N", True, "I"),
        ("N", "N", True, "C"),
    ],
)
def test_a_decline_with_an_equivocal_epidural_change_is_progression(growth, epidural, decline, expected):
    found = follow(finding(growth, epidural, neurological_decline=decline))
    answer = found["FU1/spino/S1"]
    assert SHORT[answer.outcome] == expected
    assert ("SPINO_DECLINED" in codes(answer.because)) == (expected == "P")
    asked = "SPINO_NEUROLOGY_MISSING" in codes(answer.missing)
    assert asked == (epidural == "E" and decline is None)


def test_a_decline_counts_at_its_own_visit_and_an_image_dates_back():
    late = follow(finding("N", "E", neurological_decline=False), finding("N", "E", neurological_decline=True))
    assert letters(late, 2) == "IP"
    imaged = follow(finding("N", "E"), finding("N", "E", neurological_decline=True), finding("N", "U"))
    assert letters(imaged, 3) == "PPP"
    kept = follow(finding("N", "E", neurological_decline=True), finding())
    assert letters(kept, 2) == "PP"
    assert codes(kept["FU2/spino/S1"].because) == ["SPINO_SINCE"]
    assert kept["FU2/spino/S1"].because[0].args["first"] == "FU1"
    assert [kept[f"FU{at}/spino/S1"].because[0].rule for at in (1, 2)] == [RULE, OWN_RULE]


def test_a_progression_that_is_seen_keeps_the_reason_that_shows_it():
    both = follow(finding("U", "E", neurological_decline=True))
    assert "SPINO_DECLINED" not in codes(both["FU1/spino/S1"].because)
    again = follow(finding("U"), finding("N"), finding("U"))
    assert letters(again, 3) == "PPP"
    first, since, seen = (codes(again[f"FU{at}/spino/S1"].because)[0] for at in (1, 2, 3))
    assert since == "SPINO_SINCE"
    assert seen == first != since


def test_what_is_not_judged_is_asked_for():
    assert codes(follow(finding("-", "N"))["FU1/spino/S1"].missing) == ["SPINO_GROWTH_MISSING"]
    assert codes(follow(finding("N", "-"))["FU1/spino/S1"].missing) == ["SPINO_EPIDURAL_MISSING"]
    assert follow(finding("U", "-"))["FU1/spino/S1"].missing == ()
    assert codes(follow(finding("-", "-"))["FU1/spino/S1"].because) == ["SPINO_MISSING"]


def test_growth_away_from_the_treated_volume_is_none_of_the_site():
    found = follow(finding("U", relation=Relation.DISTANT))["FU1/spino/S1"]
    assert (found.outcome, codes(found.because)) == ("LOCAL_CONTROL", ["SPINO_NONE", "SPINO_DISTANT"])
    margin = follow(finding("U", relation=Relation.MARGINAL))["FU1/spino/S1"]
    assert margin.outcome == "LOCAL_PROGRESSION"
    assert "SPINO_MARGINAL" in codes(margin.warnings)


@pytest.mark.parametrize(
    ("day", "anchors", "prompted"),
    [
        (183, {}, True),
        (184, {}, False),
        (193, {"RT_END": 10}, True),
        (194, {"RT_END": 10}, False),
        (184, {"FIRST_TREATMENT": 0, "RT_END": 1}, True),
        (184, {"FIRST_TREATMENT": 0}, False),
        (400, {"RANDOMISATION": 0}, True),
        (None, {}, True),
    ],
)
def test_soon_after_radiotherapy_growth_may_be_pseudoprogression(day, anchors, prompted):
    for letter in "EU":
        found = follow(finding(letter), days=schedule(day, **anchors))["FU1/spino/S1"]
        assert ("SPINO_MAYBE_PSEUDO" in codes(found.warnings)) == prompted
    stable = follow(finding("N"), days=schedule(day, **anchors))["FU1/spino/S1"]
    assert stable.warnings == ()


def test_without_a_schedule_every_growth_is_prompted_and_no_day_is_said():
    found = follow(finding("U"))
    assert codes(found["FU1/spino/S1"].warnings) == ["SPINO_MAYBE_PSEUDO"]
    assert (found["spino/S1"].values["day"], codes(found["spino/S1"].missing)) == (None, ["SCHEDULE"])


def test_an_equivocal_image_is_repeated():
    settings = Settings(spino_repeat_days=42)
    found = follow(finding("E"), days=schedule(200), settings=settings)["FU1/spino/S1"]
    assert (codes(found.warnings), found.values["repeat_day"]) == (["SPINO_REPEAT"], 242)
    assert follow(finding("N"), days=schedule(200))["FU1/spino/S1"].values["repeat_day"] is None
    assert follow(finding("E"))["FU1/spino/S1"].values["repeat_day"] is None


@pytest.mark.parametrize(
    ("before", "now", "prompted"),
    [
        ("25.0", "30.0", True),
        ("25.0", "29.9", False),
        ("24.9", "29.9", True),
        ("40.0", "47.9", False),
        ("40.0", "48.0", True),
        ("100.0", "119.9", False),
        ("100.0", "120.0", True),
        ("20.0", "24.9", False),
        ("20.0", "25.0", True),
        ("0", "4.9", False),
        ("0", "5.0", True),
        ("0", "4.95", True),
        ("30.0", "20.0", False),
    ],
)
def test_measured_growth_prompts_and_does_not_decide(before, now, prompted):
    found = follow(finding(longest_mm=Decimal(now)), start=baseline(mm=Decimal(before)))["FU1/spino/S1"]
    assert found.outcome == "LOCAL_CONTROL"
    assert ("SPINO_SIZE_PROMPT" in codes(found.warnings)) == prompted


def test_growth_is_counted_from_the_smallest_and_only_where_both_are_known():
    sizes = [finding(longest_mm=Decimal(mm)) for mm in ("20.0", "26.0")]
    found = follow(*sizes, start=baseline(mm=Decimal(30)))["FU2/spino/S1"]
    assert (found.values["nadir_mm"], found.values["growth_mm"]) == (20, 6)
    assert codes(found.warnings) == ["SPINO_SIZE_PROMPT"]
    unknown = follow(finding(longest_mm=Decimal(30)))["FU1/spino/S1"]
    assert (unknown.values["nadir_mm"], unknown.values["growth_mm"], unknown.warnings) == (None, None, ())
    said = follow(finding("U", longest_mm=Decimal(30)), start=baseline(mm=Decimal(20)))["FU1/spino/S1"]
    assert "SPINO_SIZE_PROMPT" not in codes(said.warnings)
    unmeasured = follow(finding(), start=baseline(mm=Decimal(20)))["FU1/spino/S1"]
    assert (unmeasured.values["nadir_mm"], unmeasured.values["growth_mm"], unmeasured.warnings) == (20, None, ())
    wide = Settings(spino_prompt_pct=Decimal(50), spino_prompt_mm=Decimal(3))
    assert not follow(sizes[1], start=baseline(mm=Decimal(20)), settings=wide)["FU1/spino/S1"].warnings


@pytest.mark.parametrize(("before", "now", "prompted"), [("1a", "1b", True), ("1b", "1b", False), ("2", "1c", False)])
def test_a_higher_grade_of_compression_prompts(before, now, prompted):
    found = follow(finding(escc=Grade(now)), start=baseline(escc=Grade(before)))["FU1/spino/S1"]
    assert ("SPINO_ESCC_PROMPT" in codes(found.warnings)) == prompted
    assert follow(finding(escc=Grade.G3))["FU1/spino/S1"].warnings == ()


def test_a_visit_is_compared_with_the_visits_before_it_and_with_the_lowest_of_them():
    sizes = [finding(longest_mm=Decimal(mm), escc=Grade(grade)) for mm, grade in (("24", "1c"), ("10", "1b"))]
    found = follow(*sizes, start=baseline(mm=Decimal(20), escc=Grade.G1A))
    assert [found[f"FU{at}/spino/S1"].values["nadir_mm"] for at in (1, 2)] == [20, 20]
    assert [found[f"FU{at}/spino/S1"].values["longest_mm"] for at in (1, 2)] == [24, 10]
    for at, grade in ((1, "1c"), (2, "1b")):
        (warning,) = found[f"FU{at}/spino/S1"].warnings
        assert (warning.code, warning.args["now"], warning.args["lowest"]) == ("SPINO_ESCC_PROMPT", grade, "1a")
    relieved = follow(finding(escc=Grade.G1B), finding(escc=Grade.G1C), start=baseline(escc=Grade.G2))
    assert [codes(relieved[f"FU{at}/spino/S1"].warnings) for at in (1, 2)] == [[], ["SPINO_ESCC_PROMPT"]]


@pytest.mark.parametrize(
    ("judged", "outcome", "sites"),
    [
        ("NN", "LOCAL_CONTROL", "S1, S2"),
        ("NX", "NE", "S2"),
        ("EX", "INDETERMINATE", "S1"),
        ("EU", "LOCAL_PROGRESSION", "S2"),
    ],
)
def test_all_sites_together_are_as_the_worst(judged, outcome, sites):
    findings = [finding(letter, site=f"S{at}") for at, letter in enumerate(judged, 1)]
    found = assess(Input(visits=(baseline("S1", "S2"), visit(1, *findings))), Settings())["FU1/spino"]
    assert (found.outcome, codes(found.because)) == (outcome, [f"SPINO_ALL_{outcome}"])
    assert found.because[0].args["sites"] == sites


@pytest.mark.parametrize(
    ("judged", "outcome", "day"),
    [("NNX", "LOCAL_CONTROL", 120), ("NE", "INDETERMINATE", 120), ("X", "NE", None), ("NU", "LOCAL_PROGRESSION", 120)],
)
def test_the_follow_up_of_a_site(judged, outcome, day):
    found = follow(*(finding(letter) for letter in judged), days=schedule(60, 120, 180))["spino/S1"]
    assert (found.outcome, found.values["day"], found.missing) == (outcome, day, ())
    assert codes(found.because) == [f"SPINO_FIRST_{outcome}"]


def test_bad_input_is_refused_by_name():
    with pytest.raises(InvalidValue, match="SPINO_LENGTH"):
        finding(longest_mm=Decimal("-0.1"))
    with pytest.raises(InvalidValue, match="SPINO_LENGTH"):
        finding(longest_mm=Decimal("NaN"))
    with pytest.raises(InvalidValue, match="SPINO_RELATION_WITHOUT_GROWTH"):
        finding(relation=Relation.IN_FIELD)
    with pytest.raises(InvalidValue, match="SPINO_BASELINE_JUDGED"):
        Input(visits=(visit(1, finding()),))
    with pytest.raises(InvalidValue, match="SITES_DIFFER"):
        Input(visits=(baseline("S2"), visit(1, finding())))
    with pytest.raises(InvalidValue, match="VISIT_TWICE"):
        Input(visits=(baseline(), baseline()))
    with pytest.raises(InvalidValue, match="KEY_NOT_ID"):
        SpinoVisit(timepoint="BL", sites=Table({"S2": finding()}))
    with pytest.raises(InvalidValue, match="SETTING_NOT_ALLOWED"):
        Settings.parse({"spino_repeat_days": 0})


def test_what_a_protocol_does_not_say_and_what_it_can_say():
    assert asdict(Settings()) == {
        "spino_repeat_days": 56,
        "spino_pseudo_days": 183,
        "spino_prompt_pct": 20,
        "spino_prompt_mm": 5,
    }
    least = {"spino_repeat_days": 1, "spino_pseudo_days": 0, "spino_prompt_pct": 1, "spino_prompt_mm": 1}
    assert asdict(Settings.parse(least)) == least
    for key, value in least.items():
        with pytest.raises(InvalidValue, match="SETTING_NOT_ALLOWED"):
            Settings.parse({key: value - 1})


def test_nothing_is_answered_of_a_baseline_alone():
    assert assess(Input(visits=(baseline(),)), Settings()) == Table()
