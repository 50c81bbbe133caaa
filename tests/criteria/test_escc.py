"""ESCC: every grade and every contradiction, what missing answers leave open, the highest grade and the count of sites."""

from __future__ import annotations

from itertools import product

import pytest

from spinereview.criteria.escc import assess, sites_between
from spinereview.criteria.escc_values import EsccVisit, Grade, Images, Input, LevelEscc, Settings
from spinereview.domain.anatomy import Level
from spinereview.domain.table import Table
from spinereview.errors import InvalidValue
from spinereview.text import explain

FACTS = ("epidural", "sac_deformed", "cord_contact", "cord_compressed", "csf_visible")
TABLE = [
    ("0", (False, False, False, False, None)),
    ("0", (False, None, None, None, True)),
    ("1a", (True, False, False, False, True)),
    ("1b", (True, True, False, False, None)),
    ("1c", (True, True, True, False, True)),
    ("2", (True, True, True, True, True)),
    ("3", (True, True, True, True, False)),
]
CODES = {"0": 0, "1a": 1, "1b": 2, "1c": 3, "2": 4, "3": 5}


def level(name="T9", facts=(), images="T2_AXIAL", **more):
    said = dict(zip(FACTS, facts, strict=False))
    return LevelEscc(level=Level(name), images=Images(images), ref=("levels", name), **said, **more)


def graded(name, grade):
    return level(name, grade=Grade(grade))


def unknown(name):
    return level(name, images="OTHER")


def answers(*levels, settings=None, numbering="", **more):
    visit = EsccVisit(timepoint="BL", levels=Table({one.level: one for one in levels}), **more)
    return assess(Input(visits=(visit,), numbering=numbering), settings or Settings())


def visit_of(*levels, **more):
    return answers(*levels, **more)["BL/escc"]


def codes(reasons):
    return [reason.code for reason in reasons]


@pytest.mark.parametrize(("grade", "facts"), TABLE)
def test_grade_of_what_was_seen(grade, facts):
    found = answers(level(facts=facts))["BL/escc/T9"]
    assert found.outcome == grade
    assert {found.values[key] for key in ("code", "low_code", "high_code")} == {CODES[grade]}
    assert found.because[0].code == f"ESCC_GRADE_G{grade.upper()}"
    assert (found.missing, found.warnings) == ((), ())


@pytest.mark.parametrize(
    ("grade", "code"),
    [
        *((grade, "ESCC_LOW_GRADE") for grade in ("0", "1a", "1b")),
        ("1c", "ESCC_INTERMEDIATE_GRADE"),
        *((grade, "ESCC_HIGH_GRADE") for grade in ("2", "3")),
    ],
)
def test_low_and_high_grade(grade, code):
    assert codes(answers(graded("T9", grade))["BL/escc/T9"].because)[1] == code


def _allowed(facts):
    """Whether a grade can be found by hand: the answers go yes ... yes, no ... no, and fluid is gone under compression."""
    *steps, csf = facts
    return "".join("ny"[step] for step in steps) in {"nnnn", "ynnn", "yynn", "yyyn", "yyyy"} and (csf or steps[-1])


@pytest.mark.parametrize("facts", list(product((False, True), repeat=5)))
def test_every_combination_is_a_grade_or_refused(facts):
    if _allowed(facts):
        assert len(level(facts=facts).seen) == 1
        return
    with pytest.raises(InvalidValue, match="ESCC_WITHOUT_"):
        level(facts=facts)


@pytest.mark.parametrize(
    ("facts", "code"),
    [
        ((False, True), "ESCC_WITHOUT_EPIDURAL"),
        ((True, False, True), "ESCC_WITHOUT_SAC_DEFORMED"),
        ((True, True, False, True), "ESCC_WITHOUT_CORD_CONTACT"),
        ((True, True, True, False, False), "ESCC_WITHOUT_CORD_COMPRESSED"),
        ((False, None, None, None, False), "ESCC_WITHOUT_CORD_COMPRESSED"),
        ((None, False, None, True), "ESCC_WITHOUT_SAC_DEFORMED"),
    ],
)
def test_a_contradiction_is_named(facts, code):
    with pytest.raises(InvalidValue) as raised:
        level(facts=facts)
    assert raised.value.code == code
    assert explain(raised.value).startswith("T9: the ")


@pytest.mark.parametrize(
    ("facts", "low", "high", "missing"),
    [
        ((), "0", "3", "ESCC_FACTS_MISSING"),
        ((True,), "1a", "3", "ESCC_FACTS_MISSING"),
        ((True, True), "1b", "3", "ESCC_FACTS_MISSING"),
        ((True, None, False), "1a", "1b", "ESCC_FACTS_MISSING"),
        ((None, None, None, False), "0", "1c", "ESCC_FACTS_MISSING"),
        ((True, True, True, True), "2", "3", "ESCC_CSF_MISSING"),
    ],
)
def test_a_missing_answer_is_a_range_and_not_grade_0(facts, low, high, missing):
    found = answers(level(facts=facts))["BL/escc/T9"]
    assert (found.outcome, found.values["code"]) == ("NE", None)
    assert (found.values["low_code"], found.values["high_code"]) == (CODES[low], CODES[high])
    assert (codes(found.because), codes(found.missing)) == (["ESCC_RANGE"], [missing])


def test_without_axial_t2_a_level_is_not_evaluable():
    found = answers(level(facts=TABLE[2][1], images="OTHER"))["BL/escc/T9"]
    assert (found.outcome, codes(found.missing)) == ("NE", ["ESCC_NO_AXIAL_T2"])
    assert (found.values["low_code"], found.values["high_code"]) == (0, 5)
    seen = answers(level(facts=TABLE[2][1], images="CT_MYELOGRAM"))["BL/escc/T9"]
    assert (seen.outcome, codes(seen.warnings)) == ("1a", ["ESCC_MYELOGRAM"])


def test_the_readers_grade_counts_and_a_difference_is_said():
    found = answers(level(facts=TABLE[3][1], grade=Grade.G1C))["BL/escc/T9"]
    assert (found.outcome, codes(found.warnings)) == ("1c", ["ESCC_DIFFERS"])
    assert found.warnings[0].args["seen"] == "1b"
    agreed = answers(level(facts=(True, True), grade=Grade.G1C))["BL/escc/T9"]
    assert agreed.warnings == ()


def test_below_the_conus_the_level_is_graded_and_flagged():
    found = answers(level("L3", TABLE[5][1], below_conus=True))["BL/escc/L3"]
    assert (found.outcome, codes(found.warnings)) == ("2", ["BELOW_CONUS"])
    unsaid = answers(graded("L3", "2"), graded("L2", "2"))
    assert codes(unsaid["BL/escc/L3"].warnings) == ["ESCC_CONUS_NOT_SAID"]
    assert unsaid["BL/escc/L2"].warnings == ()


def test_below_the_conus_a_protocol_may_grade_nothing():
    settings = Settings(escc_below_conus="not_applicable")
    both = answers(graded("L1", "1a"), level("L3", grade=Grade.G3, below_conus=True), settings=settings)
    assert (both["BL/escc/L3"].outcome, both["BL/escc/L3"].values["code"]) == ("NOT_APPLICABLE", None)
    assert (both["BL/escc"].values["low_code"], both["BL/escc"].values["sites_low"]) == (1, 0)
    alone = answers(level("L3", grade=Grade.G3, below_conus=True), settings=settings)["BL/escc"]
    assert (alone.outcome, codes(alone.because)) == ("NOT_APPLICABLE", ["ESCC_NO_LEVEL_APPLIES"])


def test_escc_range():
    two = visit_of(graded("T8", "2"), unknown("T9"), graded("T10", "2"))
    assert [two.values[key] for key in ("sites", "sites_low", "sites_high")] == [None, 1, 2]
    assert codes(two.because) == ["ESCC_WORST_RANGE", "ESCC_SITES_RANGE"]
    one = visit_of(graded("T8", "2"), unknown("T9"))
    assert (one.values["low_code"], one.values["high_code"], one.outcome) == (CODES["2"], CODES["3"], "NE")
    open_low = visit_of(graded("T8", "1a"), unknown("T9"))
    assert (open_low.values["low_code"], open_low.values["high_code"]) == (CODES["1a"], CODES["3"])


def test_what_is_missing_of_a_level_is_missing_of_the_patient():
    found = visit_of(graded("T8", "2"), unknown("T9"), level("T10", facts=(True,)), covered=(Level.T11,))
    assert codes(found.missing) == ["ESCC_NO_AXIAL_T2", "ESCC_FACTS_MISSING", "ESCC_UNGRADED"]


def test_the_highest_grade_of_a_patient_is_the_highest_of_the_levels():
    found = visit_of(graded("T8", "1b"), graded("T9", "3"), graded("T10", "2"))
    assert (found.outcome, found.values["code"], found.because[0].args["levels"]) == ("3", 5, "T9")
    certain = visit_of(graded("T8", "3"), unknown("T9"))
    assert (certain.outcome, certain.values["sites"]) == ("3", 1)


@pytest.mark.parametrize(
    ("threshold", "sites"),
    [("1a", 1), ("1b", 2), ("1c", 2), ("2", 2), ("3", 1)],
)
def test_a_site_is_a_run_of_levels_from_the_threshold_on(threshold, sites):
    levels = [graded("T7", "2"), graded("T8", "1c"), graded("T9", "1a"), graded("T10", "3"), graded("T11", "1a")]
    found = visit_of(*levels, settings=Settings(escc_site_threshold=threshold))
    assert found.values["sites"] == sites


def test_a_level_that_may_just_reach_the_threshold_may_be_a_site():
    found = visit_of(level(facts=(True, True, True, None, True)))
    assert [found.values[key] for key in ("low_code", "high_code", "sites_low", "sites_high")] == [3, 4, 0, 1]


def test_a_level_without_a_grade_is_open_and_the_rest_may_be_called_unremarkable():
    apart = (graded("T7", "2"), graded("T9", "2"))
    found = visit_of(*apart)
    assert (found.values["sites_low"], found.values["sites_high"]) == (1, 2)
    assert codes(found.missing) == ["ESCC_UNGRADED"]
    told = visit_of(*apart, rest_unremarkable=True)
    assert (told.values["sites"], told.outcome, told.missing) == (2, "2", ())
    wider = visit_of(*apart, covered=(Level.T5, Level.T11))
    assert (wider.values["sites_low"], wider.values["sites_high"]) == (1, 4)
    assert [reason.args["level"] for reason in wider.missing] == ["T5", "T6", "T8", "T10", "T11"]


def test_a_spine_that_is_unremarkable_has_grade_0_and_no_site():
    found = visit_of(rest_unremarkable=True)
    assert (found.outcome, found.values["sites"]) == ("0", 0)
    assert answers() == Table()
    assert visit_of(covered=(Level.T9,)).outcome == "NE"


def test_the_count_of_sites_is_that_of_all_ways_to_fill_the_gaps():
    for states in product((False, True, None), repeat=6):
        ways = product(*((False, True) if state is None else (state,) for state in states))
        counts = [len("".join(" y"[one] for one in way).split()) for way in ways]
        assert sites_between(states) == (min(counts), max(counts)), states


def test_a_level_of_another_numbering_is_refused():
    with pytest.raises(InvalidValue, match="ESCC_LEVEL_NOT_IN_SPINE"):
        answers(graded("T13", "2"))
    assert visit_of(graded("T12", "2"), graded("T13", "2"), graded("L1", "2"), numbering="T13").values["sites"] == 1
    with pytest.raises(InvalidValue, match="NUMBERING_UNKNOWN"):
        answers(numbering="L7")
    with pytest.raises(InvalidValue, match="KEY_NOT_ID"):
        EsccVisit(timepoint="BL", levels=Table({"T8": graded("T9", "2")}))


def test_settings_are_read_and_refused():
    assert Settings.parse({"escc_site_threshold": "1c"}).escc_site_threshold == "1c"
    with pytest.raises(InvalidValue, match="SETTING_NOT_ALLOWED"):
        Settings.parse({"escc_site_threshold": "0"})
