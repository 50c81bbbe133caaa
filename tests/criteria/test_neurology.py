"""Neurological grades and ECOG: falls that last, that imaging explains, that did neither; both sides of the limit."""

from __future__ import annotations

from decimal import Decimal

import pytest

from spinereview.criteria.neurology import FunctionVisit, Input, Settings, assess
from spinereview.domain.table import Table
from spinereview.errors import InvalidValue
from spinereview.text import sentence


def ask(grades, *, correlates="", scale="frankel", **settings):
    visits = tuple(
        FunctionVisit(
            timepoint=f"V{at}",
            imaging_correlate=str(at) in correlates,
            **{scale: None if word == "?" else word},
        )
        for at, word in enumerate(grades)
    )
    return assess(Input(visits=visits), Settings.parse(settings))


@pytest.mark.parametrize("scale", ["frankel", "ais"])
@pytest.mark.parametrize(
    ("grades", "outcomes"),
    [
        ("DD", ["STABLE"]),
        ("DE", ["IMPROVED"]),
        ("DC", ["UNCONFIRMED"]),
        ("DCC", ["WORSENED", "WORSENED"]),
        ("DCB", ["WORSENED", "WORSENED"]),
        ("DCD", ["TRANSIENT", "STABLE"]),
        ("DCDC", ["TRANSIENT", "STABLE", "UNCONFIRMED"]),
        ("DC?C", ["WORSENED", "NE", "WORSENED"]),
        ("DC?D", ["TRANSIENT", "NE", "STABLE"]),
        ("DC?", ["UNCONFIRMED", "NE"]),
        ("?CC", ["NE", "NE"]),
        ("EDDE", ["WORSENED", "WORSENED", "STABLE"]),
        ("AEA", ["IMPROVED", "STABLE"]),
    ],
)
def test_a_fall_is_a_worsening_where_it_lasts(grades, outcomes, scale):
    found = ask(grades, scale=scale)
    assert [found[f"V{at}/{scale}"].outcome for at in range(1, len(grades))] == outcomes
    assert f"V0/{scale}" not in found
    for one in found.values():
        assert "{" not in sentence(one.because[0].code, one.because[0].args)


def test_a_fall_that_imaging_explains_is_a_worsening_at_once():
    assert ask("DC", correlates="1")["V1/frankel"].outcome == "WORSENED"
    assert ask("DCD", correlates="1")["V1/frankel"].because[0].code == "NEURO_WORSENED_IMAGING"
    assert ask("DD", correlates="1")["V1/frankel"].outcome == "STABLE"
    lasts = (
        FunctionVisit(timepoint="V0", frankel="D", ref=("a",)),
        FunctionVisit(timepoint="V1", frankel="C", ref=("b",)),
    )
    found = assess(Input(visits=(*lasts, FunctionVisit(timepoint="V2", frankel="B"))), Settings())["V1/frankel"]
    reason = found.because[0]
    assert (reason.code, reason.refs) == ("NEURO_WORSENED_LASTS", (("a",), ("b",)))
    assert [reason.args[key] for key in ("base", "now", "by")] == ["D", "C", "V2"]


@pytest.mark.parametrize(
    ("grades", "outcome"), [("ECC", "WORSENED"), ("EDD", "STABLE"), ("CEE", "IMPROVED"), ("CDD", "STABLE")]
)
def test_the_number_of_grades_is_the_protocols(grades, outcome):
    assert ask(grades, neuro_drop_grades=2)["V1/frankel"].outcome == outcome


def test_a_fall_of_which_nobody_says_that_imaging_explains_it_is_not_confirmed():
    visits = (FunctionVisit(timepoint="V0", frankel="E"), FunctionVisit(timepoint="V1", frankel="C"))
    assert assess(Input(visits=visits), Settings())["V1/frankel"].outcome == "UNCONFIRMED"


def test_a_missing_grade_is_named_and_has_no_change():
    found = ask("?C?", scale="ais")
    assert found["V1/ais"].values["grade_change"] is None
    assert [one.args["visit"] for one in found["V1/ais"].missing] == ["V0"]
    assert [one.args["visit"] for one in found["V2/ais"].missing] == ["V0", "V2"]
    assert ask("EC")["V1/frankel"].values["grade_change"] == -2


def test_the_two_scales_are_never_mixed():
    visits = (FunctionVisit(timepoint="V0", frankel="E"), FunctionVisit(timepoint="V1", ais="C"))
    found = assess(Input(visits=visits), Settings())
    assert (found["V1/frankel"].outcome, found["V1/ais"].outcome) == ("NE", "NE")
    assert set(ask("DC")) == {"V1/frankel"}


def test_ecog_is_the_grade_with_its_change():
    visits = tuple(FunctionVisit(timepoint=f"V{at}", ecog=grade) for at, grade in enumerate(("1", "3", None, "0")))
    found = assess(Input(visits=visits), Settings())
    assert [found[f"V{at}/ecog"].outcome for at in range(4)] == ["1", "3", "NE", "0"]
    changes = [found[f"V{at}/ecog"].values["ecog_change"] for at in range(4)]
    assert changes == [None, Decimal(2), None, Decimal(-1)]
    assert [one.code for one in found["V2/ecog"].missing] == ["FUNCTION_MISSING"]
    assert [found[f"V{at}/ecog"].because[0].code for at in range(3)] == ["ECOG_GRADE", "ECOG_CHANGE", "ECOG_NE"]


@pytest.mark.parametrize(("scale", "value"), [("frankel", "F"), ("ais", "a"), ("ecog", "6"), ("ecog", "1.0")])
def test_a_grade_that_there_is_not_is_refused_with_its_visit(scale, value):
    with pytest.raises(InvalidValue) as raised:
        FunctionVisit(timepoint="FU1", **{scale: value})
    assert (raised.value.code, raised.value.arguments["visit"]) == ("FUNCTION_UNKNOWN", "FU1")


def test_nothing_said_is_nothing_answered_and_no_visit_stands_twice():
    assert assess(Input(visits=(FunctionVisit(timepoint="V0"), FunctionVisit(timepoint="V1"))), Settings()) == Table()
    with pytest.raises(InvalidValue, match="VISIT_TWICE"):
        Input(visits=(FunctionVisit(timepoint="V0"), FunctionVisit(timepoint="V0")))
    assert Settings.parse({"neuro_drop_grades": 4}).neuro_drop_grades == 4
    for grades in (0, 5):
        with pytest.raises(InvalidValue, match="SETTING_NOT_ALLOWED"):
            Settings.parse({"neuro_drop_grades": grades})
