"""Questionnaires: scales item by item, the rule of missing items on both sides, exact transformations, what is refused."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given as hypothesis_given
from hypothesis import strategies as st

from spinereview.criteria.questionnaires import bpi, qlq_c30
from spinereview.criteria.questionnaires.assess import assess
from spinereview.criteria.questionnaires.qlq_c30 import SCALES, scores, summary
from spinereview.criteria.questionnaires.values import FormVisit, Input, Settings
from spinereview.domain.clinical_items import BM22, BPI_INTERFERENCE, BPI_SEVERITY, QLQ, QUESTIONNAIRE_ITEMS
from spinereview.domain.table import Table
from spinereview.errors import InvalidValue
from spinereview.text import explain, sentence


def form(name="BL", **answers):
    return FormVisit(timepoint=name, answers=Table({item: Decimal(value) for item, value in answers.items()}))


def ask(*visits):
    return assess(Input(visits=visits), Settings())


def items(prefix, values):
    return {f"{prefix}_{number}": value for number, value in enumerate(values, start=1)}


ALL_ONE = dict.fromkeys(QLQ, 1)


def test_the_scales_are_those_of_the_manual_and_hold_every_item_once():
    assert sorted(item for scale in SCALES.values() for item in scale.items) == list(range(1, 31))
    assert {name: scale.items for name, scale in SCALES.items()} == {
        "QL": (29, 30),
        "PF": (1, 2, 3, 4, 5),
        "RF": (6, 7),
        "EF": (21, 22, 23, 24),
        "CF": (20, 25),
        "SF": (26, 27),
        "FA": (10, 12, 18),
        "NV": (14, 15),
        "PA": (9, 19),
        "DY": (8,),
        "SL": (11,),
        "AP": (13,),
        "CO": (16,),
        "DI": (17,),
        "FI": (28,),
    }
    assert {name for name, scale in SCALES.items() if scale.function} == {"PF", "RF", "EF", "CF", "SF"}


@pytest.mark.parametrize(("answer", "function", "symptom"), [(1, 100, 0), (4, 0, 100)])
def test_the_ends_of_the_answers_are_the_ends_of_the_scores(answer, function, symptom):
    given = {item: Decimal(answer) for item in QLQ} | {
        item: Decimal(7 if answer == 4 else 1) for item in ("QLQ_29", "QLQ_30")
    }
    found = scores(given)
    for name, scale in SCALES.items():
        assert found[name] == (function if scale.function else symptom), name
    assert summary(found) == (100 if answer == 1 else 0)


@pytest.mark.parametrize(
    ("scale", "given", "score"),
    [
        ("PF", {"QLQ_1": 2, "QLQ_2": 3, "QLQ_3": 2}, Fraction(500, 9)),
        ("PF", {"QLQ_1": 2, "QLQ_2": 3}, None),
        ("EF", {"QLQ_21": 2, "QLQ_22": 3}, Fraction(50)),
        ("EF", {"QLQ_21": 2}, None),
        ("FA", {"QLQ_10": 2, "QLQ_12": 3}, Fraction(50)),
        ("FA", {"QLQ_10": 2}, None),
        ("CF", {"QLQ_20": 2}, Fraction(200, 3)),
        ("CF", {}, None),
        ("QL", {"QLQ_29": 5}, Fraction(200, 3)),
        ("QL", {"QLQ_29": 5, "QLQ_30": 6}, Fraction(75)),
        ("DY", {"QLQ_8": 2}, Fraction(100, 3)),
        ("DY", {}, None),
    ],
)
def test_a_scale_needs_at_least_half_of_its_items_and_is_exact(scale, given, score):
    found = scores({item: Decimal(value) for item, value in given.items()})
    assert found[scale] == score
    assert all(other is None for name, other in found.items() if name != scale)


def test_a_score_is_printed_in_tenths_half_up_and_a_missing_one_is_no_zero():
    found = ask(form(QLQ_8=2, QLQ_6=2))["BL/qlq_c30"]
    assert (found.values["dy"], found.values["rf"], found.values["ap"]) == (Decimal("33.3"), Decimal("66.7"), None)
    assert found.values["summary"] is None
    assert found.outcome == "PARTLY"
    assert {one.args["scale"] for one in found.warnings} == {"RF"}
    assert {one.args.get("scale") for one in found.missing} == {None, *SCALES} - {"DY", "RF"}


def test_the_summary_is_the_mean_of_thirteen_scales_and_needs_all_of_them():
    answers = {**ALL_ONE, "QLQ_8": 4}
    assert ask(form(**answers))["BL/qlq_c30"].values["summary"] == Decimal("92.3")
    assert ask(form(**answers))["BL/qlq_c30"].outcome == "SCORED"
    for without, there in (("QLQ_8", False), ("QLQ_28", True), ("QLQ_6", True)):
        left = {item: value for item, value in answers.items() if item != without}
        assert (ask(form(**left))["BL/qlq_c30"].values["summary"] is not None) == there, without
    left = {item: value for item, value in answers.items() if item not in {"QLQ_29", "QLQ_30"}}
    assert ask(form(**left))["BL/qlq_c30"].values["summary"] == Decimal("92.3")


@hypothesis_given(st.fixed_dictionaries({}, optional={item: st.integers(1, 4) for item in QLQ}))
def test_a_score_lies_between_0_and_100_and_a_worse_symptom_never_lowers_it(given):
    answers = {item: Decimal(value) for item, value in given.items()}
    found = scores(answers)
    assert all(score is None or 0 <= score <= 100 for score in found.values())
    worse = scores({item: min(value + 1, Decimal(4)) for item, value in answers.items()})
    for name, score in found.items():
        after = worse[name]
        assert (score is None) == (after is None)
        if score is not None and after is not None:
            assert after <= score if SCALES[name].function else after >= score


@pytest.mark.parametrize(
    ("answered", "severity", "interference"),
    [
        ((8, 3, 6, 5), Fraction(11, 2), None),
        ((8, 3, 6, None), None, None),
        ((None, 3, 6, 5), None, None),
    ],
)
def test_severity_needs_all_four_items(answered, severity, interference):
    given = {item: Decimal(value) for item, value in zip(BPI_SEVERITY, answered, strict=True) if value is not None}
    assert bpi.scores(given) == {"severity": severity, "interference": interference}


@pytest.mark.parametrize(("count", "interference"), [(7, Fraction(4)), (4, Fraction(5, 2)), (3, None), (0, None)])
def test_interference_needs_more_than_half_of_seven_items(count, interference):
    given = {item: Decimal(number) for number, item in enumerate(BPI_INTERFERENCE[:count], start=1)}
    assert bpi.scores(given)["interference"] == interference


def test_the_worst_pain_stands_alone_where_the_severity_is_missing():
    found = ask(form(BPI_WORST=8))["BL/bpi"]
    assert (found.outcome, found.values["worst"], found.values["severity"]) == ("NE", Decimal(8), None)
    assert [one.code for one in found.missing] == ["BPI_INTERFERENCE_MISSING", "BPI_SEVERITY_MISSING"][::-1]


@pytest.mark.parametrize(
    ("base", "now", "code"),
    [
        (8, 6, "POINTS"),
        (8, 5, "BOTH"),
        (6, 4, "BOTH"),
        (3, 2, "PCT"),
        (1, 0, "PCT"),
        (4, 3, "NEITHER"),
        (10, 7, "BOTH"),
        (10, 8, "POINTS"),
        (2, 4, "BOTH"),
        (0, 2, "POINTS"),
        (0, 1, "NEITHER"),
    ],
)
def test_a_change_of_the_worst_pain_is_compared_with_2_points_and_with_30_per_cent(base, now, code):
    found = ask(form("BL", BPI_WORST=base), form("W4", BPI_WORST=now))
    assert found["W4/bpi"].because[1].code == f"BPI_IMPORTANT_{code}"
    assert found["W4/bpi"].values["worst_change"] == now - base
    assert len(found["BL/bpi"].because) == 1


def test_a_change_needs_a_worst_pain_at_both_visits():
    found = ask(form("BL", BPI_NOW=3), form("W4", BPI_WORST=4))
    assert found["W4/bpi"].values["worst_change"] is None
    assert len(found["W4/bpi"].because) == 1


def test_bm22_keeps_its_items_and_answers_that_the_rule_is_missing():
    found = ask(form(**dict.fromkeys(BM22[:6], 2)))["BL/bm22"]
    assert (found.outcome, found.values, [one.code for one in found.missing]) == ("RAW", Table(), ["RULE"])
    assert sentence(found.because[0].code, found.because[0].args).startswith(
        "Items answered: painful sites 5 of 5, pain characteristics 1 of 3, functional interference 0 of 8"
    )


@pytest.mark.parametrize(
    ("number", "scale"),
    [
        *((number, "painful_sites") for number in range(1, 6)),
        *((number, "pain_characteristics") for number in range(6, 9)),
        *((number, "functional_interference") for number in range(9, 17)),
        *((number, "psychosocial") for number in range(17, 23)),
    ],
)
def test_every_item_of_bm22_belongs_to_the_scale_of_its_number(number, scale):
    counts = ask(form(**{f"BM22_{number}": 1}))["BL/bm22"].because[0].args
    assert {name: count for name, count in counts.items() if count != "0"} == {scale: "1"}


@pytest.mark.parametrize("ref", [(), ("visits", "BL")])
def test_what_was_answered_points_at_its_visit(ref):
    answers = {**dict.fromkeys((*BM22, *BPI_SEVERITY), 1), "QLQ_1": 1, "FACTG_TOTAL": 5}
    first, second = (replace(form(name, **answers), ref=ref) for name in ("BL", "W4"))
    for found in ask(first, second).values():
        for reason in (found.because[0], *(one for one in found.because if one.code.startswith("BPI_IMPORTANT"))):
            assert reason.refs == ((ref,) if ref else ())


@pytest.mark.parametrize("total", ["0", "71.5", "108"])
def test_the_total_of_fact_g_is_kept_as_entered(total):
    found = ask(form(FACTG_TOTAL=total))["BL/fact_g"]
    assert found.values["total"] == Decimal(total)
    assert sentence(found.because[0].code, found.because[0].args).startswith(f"FACT-G total {total} of 108")


@pytest.mark.parametrize(
    ("item", "value"),
    [
        ("QLQ_1", "0"),
        ("QLQ_1", "5"),
        ("QLQ_1", "1.5"),
        ("QLQ_29", "8"),
        ("QLQ_28", "5"),
        ("BPI_WORST", "11"),
        ("BPI_WORST", "-1"),
        ("BM22_22", "5"),
        ("FACTG_TOTAL", "108.1"),
        ("FACTG_TOTAL", "-1"),
    ],
)
def test_an_answer_out_of_range_is_refused_with_visit_item_and_what_is_allowed(item, value):
    with pytest.raises(InvalidValue) as raised:
        form(**{item: value})
    assert raised.value.code == "FORM_ITEM_RANGE"
    assert explain(raised.value).startswith(f"BL: {item} is {value}, which is not allowed. Allowed: ")


@pytest.mark.parametrize("item", ["QLQ_0", "QLQ_31", "BM22_23", "BPI_3", "qlq_1", "FACTG_1"])
def test_an_item_that_no_form_has_is_refused_by_name(item):
    with pytest.raises(InvalidValue) as raised:
        form(**{item: 1})
    assert (raised.value.code, raised.value.arguments["item"]) == ("FORM_ITEM_NAME", item)


def test_both_ends_of_every_item_are_allowed():
    for item, known in QUESTIONNAIRE_ITEMS.items():
        form(**{item: known.minimum})
        form(**{item: known.maximum})


def test_only_forms_with_an_answer_are_assessed_and_no_visit_stands_twice():
    assert list(ask(form("BL", FACTG_TOTAL=70), form("W4"))) == ["BL/fact_g"]
    assert set(ask(form(FACTG_TOTAL=70, QLQ_1=1, BM22_1=1, BPI_NOW=1))) == {
        "BL/bm22",
        "BL/bpi",
        "BL/fact_g",
        "BL/qlq_c30",
    }
    with pytest.raises(InvalidValue, match="VISIT_TWICE"):
        Input(visits=(form(), form()))


def test_settings_have_no_keys():
    assert Settings.parse({}) == Settings()
    with pytest.raises(InvalidValue, match="SETTING_UNKNOWN"):
        Settings.parse({"half": 1})


def test_every_reason_fills_its_sentence():
    answers = {**ALL_ONE, **dict.fromkeys(BM22, 1), **dict.fromkeys(BPI_SEVERITY, 3), "FACTG_TOTAL": 5}
    for found in [*ask(form(**answers)).values(), *ask(form(QLQ_1=1, QLQ_2=1, QLQ_3=1)).values()]:
        for one in (*found.because, *found.warnings, *found.missing):
            assert "{" not in sentence(one.code, one.args), one
    assert qlq_c30.answer(form()).outcome == "NE"
