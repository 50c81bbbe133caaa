"""Rules of eligibility: every operator on every type, ranges that straddle a limit, groups, what is missing."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

import pytest
from hypothesis import given as hypothesis_given
from hypothesis import strategies as st

from spinereview.criteria.eligibility import Input, Known, Settings, assess, holds
from spinereview.criteria.eligibility_values import Extent
from spinereview.domain.eligibility import ESCC, OPERATORS, ORDER, VARIABLES, rule_fault
from spinereview.domain.protocol import Rule
from spinereview.domain.table import Table
from spinereview.domain.variable import Kind
from spinereview.errors import InvalidValue
from spinereview.text import explain, sentence

YES, NO = True, False


def value(given):
    return Decimal(given) if isinstance(given, int) and not isinstance(given, bool) else given


def rule(variable, op, limit, *, name="a", on_missing="NEEDS_INPUT", group=""):
    return Rule(id=name, variable=variable, op=op, value=value(limit), on_missing=on_missing, group=group)


def known(low, high=None):
    return Known(value=value(low), upper=None if high is None else value(high))


def ask(*rules, settings=None, measurable=None, extents=(), **variables):
    given = Input(
        rules=rules,
        variables=Table({name: one if isinstance(one, Known) else known(one) for name, one in variables.items()}),
        measurable=Table(measurable or {}),
        extents=extents,
    )
    return assess(given, Settings.parse(settings or {}))


def one(variable, op, limit, *span, **more):
    return ask(rule(variable, op, limit, **more), **({variable: known(*span)} if span else {}))["eligibility/a"]


@pytest.mark.parametrize(
    ("variable", "op", "limit", "span", "outcome"),
    [
        ("sins_total_max", ">=", 13, (12,), "FAIL"),
        ("sins_total_max", ">=", 13, (13,), "PASS"),
        ("sins_total_max", ">=", 13, (11, 12), "FAIL"),
        ("sins_total_max", ">=", 13, (12, 13), "NEEDS_INPUT"),
        ("sins_total_max", ">=", 13, (13, 16), "PASS"),
        ("sins_total_max", ">=", 7, (6,), "FAIL"),
        ("sins_total_max", ">=", 7, (7,), "PASS"),
        ("nprs", ">", 3, (3,), "FAIL"),
        ("nprs", ">", 3, (Decimal("3.1"),), "PASS"),
        ("metastatic_organs", "<=", 3, (3,), "PASS"),
        ("metastatic_organs", "<=", 3, (4,), "FAIL"),
        ("metastatic_organs", "<", 3, (3,), "FAIL"),
        ("metastatic_organs", "<", 3, (2,), "PASS"),
        ("escc_site_count", "==", 1, (1,), "PASS"),
        ("escc_site_count", "==", 1, (0,), "FAIL"),
        ("escc_site_count", "==", 1, (2,), "FAIL"),
        ("escc_site_count", "==", 1, (1, 2), "NEEDS_INPUT"),
        ("escc_site_count", "==", 1, (0, 1), "NEEDS_INPUT"),
        ("escc_site_count", "==", 1, (0, 2), "NEEDS_INPUT"),
        ("escc_site_count", "==", 1, (2, 3), "FAIL"),
        ("escc_max", ">=", "1c", ("2", "3"), "PASS"),
        ("escc_max", "<=", "1a", ("2", "3"), "FAIL"),
        ("escc_max", "<=", "1a", ("1a", "3"), "NEEDS_INPUT"),
        ("escc_max", ">=", "1c", ("1b",), "FAIL"),
        ("escc_max", ">=", "1c", ("1c",), "PASS"),
        ("escc_max", "==", "1b", ("1a", "1c"), "NEEDS_INPUT"),
        ("escc_max", "IN", ("1a", "1b", "1c"), ("1a", "1c"), "PASS"),
        ("escc_max", "IN", ("1a", "1c"), ("1a", "1c"), "NEEDS_INPUT"),
        ("escc_max", "NOT_IN", ("2", "3"), ("0", "1c"), "PASS"),
        ("ecog", "<=", 2, ("2",), "PASS"),
        ("ecog", "<=", 2, ("3",), "FAIL"),
        ("ecog", "<=", "2", (2,), "PASS"),
        ("cns_metastases", "==", False, (False,), "PASS"),
        ("cns_metastases", "==", False, (True,), "FAIL"),
        ("histology", "NOT_IN", ("LYMPHOMA", "EWING"), ("BREAST",), "PASS"),
        ("histology", "NOT_IN", ("LYMPHOMA", "EWING"), ("EWING",), "FAIL"),
        ("histology", "IN", ("LYMPHOMA",), ("LYMPHOMA",), "PASS"),
        ("histology", "==", "LYMPHOMA", ("EWING",), "FAIL"),
        ("index_levels", "IN", ("T5", "T6"), (("T6",),), "PASS"),
        ("index_levels", "IN", ("T5", "T6"), (("T5", "T6"),), "PASS"),
        ("index_levels", "IN", ("T5", "T6"), (("T4", "T5"),), "FAIL"),
        ("index_levels", "IN", ("T5", "T6"), ((),), "NEEDS_INPUT"),
        ("scan_age_days", ">=", 0, (-1,), "FAIL"),
        ("scan_age_days", ">=", 0, (0,), "PASS"),
        ("scan_age_days", "<=", 42, (42,), "PASS"),
        ("scan_age_days", "<=", 42, (43,), "FAIL"),
    ],
)
def test_every_operator_on_both_sides_of_its_limit(variable, op, limit, span, outcome):
    found = one(variable, op, limit, *span)
    assert found.outcome == outcome
    told = sentence(found.because[0].code, found.because[0].args)
    assert "{" not in told
    assert "  " not in told


def test_the_value_that_was_used_is_said_with_its_unit():
    found = one("target_shortest_mm", ">", 30, Decimal("30.1"))
    assert sentence(found.because[0].code, found.because[0].args) == (
        "a: met. target_shortest_mm is 30.1 mm and has to be > 30."
    )
    assert found.values == Table({"low": Decimal("30.1"), "high": Decimal("30.1")})
    ranged = one("sins_total_max", ">=", 13, 11, 14)
    assert "is known as 11–14 points only" in sentence(ranged.because[0].code, ranged.because[0].args)
    assert one("cns_metastases", "==", NO, NO).values == Table()


def test_what_is_missing_needs_input_unless_the_protocol_says_that_it_fails():
    found = one("nprs", ">", 3)
    assert (found.outcome, [reason.code for reason in found.missing]) == ("NEEDS_INPUT", ["VARIABLE_MISSING"])
    assert found.values == Table({"low": None, "high": None})
    assert one("nprs", ">", 3, on_missing="FAIL").outcome == "FAIL"
    # Known in part is not missing.
    assert one("sins_total_max", ">=", 13, 12, 13, on_missing="FAIL").outcome == "NEEDS_INPUT"


@pytest.mark.parametrize(
    ("pain", "escc", "group", "whole"),
    [
        (True, None, "PASS", "PASS"),
        (False, "1c", "PASS", "PASS"),
        (False, "1b", "FAIL", "FAIL"),
        (False, None, "NEEDS_INPUT", "NEEDS_INPUT"),
        (None, None, "NEEDS_INPUT", "NEEDS_INPUT"),
        (None, "1b", "NEEDS_INPUT", "NEEDS_INPUT"),
    ],
)
def test_rules_of_one_group_are_joined_by_or_and_all_else_by_and(pain, escc, group, whole):
    rules = (
        rule("uncontrolled_pain", "==", YES, name="pain", group="reason"),
        rule("escc_max", ">=", "1c", name="cord", group="reason"),
        rule("cns_metastases", "==", NO, name="cns"),
    )
    given = {"uncontrolled_pain": pain, "escc_max": escc, "cns_metastases": False}
    found = ask(*rules, **{name: answer for name, answer in given.items() if answer is not None})
    assert (found["eligibility/group/reason"].outcome, found["eligibility"].outcome) == (group, whole)
    assert ask(*rules, **{**{k: v for k, v in given.items() if v is not None}, "cns_metastases": True})[
        "eligibility"
    ].outcome == ("FAIL")


def test_two_groups_must_both_hold_and_one_rule_that_fails_decides_over_one_that_is_open():
    rules = (
        rule("uncontrolled_pain", "==", YES, name="p", group="one"),
        rule("progression_conservative", "==", YES, name="q", group="two"),
    )
    assert ask(*rules, uncontrolled_pain=True, progression_conservative=False)["eligibility"].outcome == "FAIL"
    assert ask(*rules, uncontrolled_pain=True)["eligibility"].outcome == "NEEDS_INPUT"
    assert ask(*rules, uncontrolled_pain=False)["eligibility"].outcome == "FAIL"
    found = ask(*rules, uncontrolled_pain=True, progression_conservative=True)["eligibility"]
    assert (found.outcome, found.values["met"], found.values["not_met"]) == ("PASS", Decimal(2), Decimal(0))


@pytest.mark.parametrize("chosen", ["lytic_ge_10mm", "RECIST_anywhere"])
@pytest.mark.parametrize(("lytic", "recist"), [(True, False), (False, True), (True, True), (False, False)])
def test_measurable_def_decides(chosen, lytic, recist):
    answers = {"lytic_ge_10mm": lytic, "RECIST_anywhere": recist}
    found = ask(rule("measurable_lesion", "==", YES), settings={"measurable_def": chosen}, measurable=answers)[
        "eligibility/a"
    ]
    assert found.outcome == ("PASS" if answers[chosen] else "FAIL")
    assert [reason.code for reason in found.warnings] == ([] if lytic is recist else ["MEASURABLE_DEFINITIONS_DIFFER"])


def test_the_other_definition_does_not_answer_for_the_chosen_one():
    found = ask(rule("measurable_lesion", "==", YES), measurable={"RECIST_anywhere": True})["eligibility/a"]
    assert found.outcome == "NEEDS_INPUT"


def extent(name, short, cc):
    return Extent(
        lesion=name,
        short_axis_mm=None if short is None else Decimal(short),
        craniocaudal_mm=None if cc is None else Decimal(cc),
    )


@pytest.mark.parametrize(
    ("extents", "both", "in_plane"),
    [
        ([("30.0", "60.0")], "FAIL", "FAIL"),
        ([("30.1", "60.0")], "PASS", "PASS"),
        ([("60.0", "30.0")], "FAIL", "PASS"),
        ([("60.0", "30.1")], "PASS", "PASS"),
        ([("60.0", None)], "NEEDS_INPUT", "PASS"),
        ([("30.0", None)], "FAIL", "FAIL"),
        ([(None, "30.0")], "FAIL", "NEEDS_INPUT"),
        ([(None, None)], "NEEDS_INPUT", "NEEDS_INPUT"),
        ([("20.0", "20.0"), ("31.0", "31.0")], "PASS", "PASS"),
        ([("40.0", "40.0"), (None, None)], "PASS", "PASS"),
        ([("20.0", "20.0"), (None, None)], "NEEDS_INPUT", "NEEDS_INPUT"),
        ([("20.0", "20.0"), ("60.0", None)], "NEEDS_INPUT", "PASS"),
        ([], "NEEDS_INPUT", "NEEDS_INPUT"),
    ],
)
def test_the_shortest_diameter_is_the_largest_over_the_targets(extents, both, in_plane):
    listed = tuple(extent(f"T{at}", *ends) for at, ends in enumerate(extents))
    asked = rule("target_shortest_mm", ">", 30)
    assert ask(asked, extents=listed)["eligibility/a"].outcome == both
    assert ask(asked, extents=listed, settings={"shortest_diameter": "in_plane"})["eligibility/a"].outcome == in_plane


def test_a_target_that_was_measured_in_part_leaves_a_range_and_one_that_was_not_is_missing():
    asked = rule("target_shortest_mm", ">", 30)
    in_part = ask(asked, extents=(extent("T1", "60.0", None),))["eligibility/a"]
    assert in_part.values == Table({"low": Decimal(0), "high": Decimal("60.0")})
    assert [one.code for one in in_part.because] == ["RULE_OPEN"]
    assert [one.code for one in ask(asked, extents=(extent("T1", None, None),))["eligibility/a"].because] == [
        "RULE_MISSING"
    ]


@pytest.mark.parametrize(
    ("extents", "low", "high", "decisive"),
    [
        ([("20.0", "20.0"), ("31.0", "31.0")], "31.0", "31.0", "T1"),
        ([("31.0", "31.0"), ("20.0", "20.0")], "31.0", "31.0", "T0"),
        ([("20.0", "20.0"), ("60.0", None)], "20.0", "60.0", "T0"),
    ],
)
def test_the_target_that_decides_is_pointed_at(extents, low, high, decisive):
    listed = tuple(replace(extent(f"T{at}", *ends), ref=(f"T{at}",)) for at, ends in enumerate(extents))
    found = ask(rule("target_shortest_mm", ">", 30), extents=listed)["eligibility/a"]
    assert found.values == Table({"low": Decimal(low), "high": Decimal(high)})
    assert found.because[0].refs == ((decisive,),)


def test_a_number_is_used_as_its_variable_has_it():
    found = ask(rule("escc_site_count", "==", 1), escc_site_count=Known(value=1, upper=2))["eligibility/a"]
    assert found.values == Table({"low": Decimal(1), "high": Decimal(2)})
    assert {type(end) for end in found.values.values()} == {Decimal}
    whole = ask(rule("escc_site_count", "==", 1), escc_site_count=Known(value=1))["eligibility/a"]
    assert (whole.outcome, whole.values) == ("PASS", Table({"low": Decimal(1), "high": Decimal(1)}))


def test_the_whole_says_the_rules_that_decide_it_and_no_others():
    rules = (
        rule("cns_metastases", "==", NO, name="met"),
        rule("nprs", ">", 3, name="open"),
        rule("ecog", "<=", 2, name="failed"),
    )
    for ecog, words in (("3", ["failed"]), ("2", ["open"])):
        found = ask(*rules, cns_metastases=NO, ecog=ecog)["eligibility"]
        assert [reason.args["rule"] for reason in found.because[0].because] == words


def test_escc_range():
    sites = rule("escc_site_count", "==", 1)
    assert ask(sites, escc_site_count=known(1, 2))["eligibility"].outcome == "NEEDS_INPUT"
    for op, grade, span, outcome in (
        (">=", "1c", ("2", "3"), "PASS"),
        ("<=", "1a", ("2", "3"), "FAIL"),
        ("<=", "1a", ("1a", "3"), "NEEDS_INPUT"),
    ):
        assert one("escc_max", op, grade, *span).outcome == outcome


def test_a_rule_that_does_not_fit_its_variable_is_refused_by_name():
    with pytest.raises(InvalidValue) as raised:
        ask(rule("cns_metastases", "<", YES, name="brain"))
    assert explain(raised.value) == 'The rule brain cannot be used: its op is <. Allowed: "==".'
    for wrong in (rule("sins", ">", 3), rule("nprs", ">", "3"), rule("nprs", ">", 3, on_missing="PASS")):
        with pytest.raises(InvalidValue, match="RULE_REFUSED"):
            ask(wrong)
    with pytest.raises(InvalidValue, match="RULE_TWICE"):
        ask(rule("nprs", ">", 3), rule("nprs", "<", 3))


@pytest.mark.parametrize(
    ("name", "given", "code"),
    [
        ("sins", known(3), "VARIABLE_UNKNOWN"),
        ("sins_total_max", known(19), "VARIABLE_VALUE"),
        ("sins_total_max", known(8, 19), "VARIABLE_VALUE"),
        ("sins_total_max", known("8"), "VARIABLE_VALUE"),
        ("sins_total_max", known(8, 7), "VARIABLE_RANGE"),
        ("sins_total_max", Known(value=Decimal("Infinity")), "VARIABLE_VALUE"),
        ("escc_max", known("1d"), "VARIABLE_VALUE"),
        ("escc_max", known("2", "1a"), "VARIABLE_RANGE"),
        ("cns_metastases", known(1), "VARIABLE_VALUE"),
        ("cns_metastases", Known(value=False, upper=True), "VARIABLE_RANGE"),
        ("histology", known("breast"), "VARIABLE_VALUE"),
        ("index_levels", known(("T99",)), "VARIABLE_VALUE"),
    ],
)
def test_a_value_that_does_not_fit_its_variable_is_refused_by_name(name, given, code):
    with pytest.raises(InvalidValue) as raised:
        Input(variables=Table({name: given}))
    assert (raised.value.code, raised.value.arguments["name"]) == (code, name)


def test_what_a_variable_follows_from_is_not_given_beside_it():
    for name, more in (("measurable_lesion", {"measurable": {"lytic_ge_10mm": True}}), ("target_shortest_mm", {})):
        given = {name: True if more else known(31)}
        extents = () if more else (extent("T1", "40", "40"),)
        with pytest.raises(InvalidValue, match="VARIABLE_TWICE"):
            ask(rule("nprs", ">", 3), extents=extents, **more, **given)
    with pytest.raises(InvalidValue, match="DEFINITION_UNKNOWN"):
        ask(rule("nprs", ">", 3), measurable={"any": True})


def test_every_variable_has_an_operator_and_every_operator_is_one_of_the_protocols():
    assert {variable.kind for variable in VARIABLES.values()} == set(Kind) == set(OPERATORS)
    assert {op for ops in OPERATORS.values() for op in ops} == {*ORDER, "IN", "NOT_IN"}
    assert all(variable.unit for variable in VARIABLES.values() if variable.kind is Kind.NUMBER)
    assert ask() == Table()


@hypothesis_given(st.integers(0, 18), st.integers(0, 18), st.integers(0, 18), st.sampled_from(ORDER))
def test_a_range_holds_exactly_where_each_of_its_values_does(low, width, limit, op):
    high = min(low + width, 18)
    asked = rule("sins_total_max", op, limit)
    each = {holds(asked, known(number)) for number in range(low, high + 1)}
    assert holds(asked, known(low, high)) == (each.pop() if len(each) == 1 else None)


@hypothesis_given(st.integers(0, 5), st.integers(0, 5), st.integers(0, 5), st.sampled_from(ORDER))
def test_a_range_of_grades_holds_exactly_where_each_of_them_does(low, high, limit, op):
    low, high = min(low, high), max(low, high)
    asked = rule("escc_max", op, ESCC[limit])
    each = {holds(asked, known(ESCC[at])) for at in range(low, high + 1)}
    assert holds(asked, known(ESCC[low], ESCC[high])) == (each.pop() if len(each) == 1 else None)
    assert rule_fault(asked) is None
