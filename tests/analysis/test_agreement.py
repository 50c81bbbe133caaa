"""Kappas against published tables and statsmodels, and what has no kappa."""

from __future__ import annotations

import numpy as np
import pytest
from statsmodels.stats.inter_rater import aggregate_raters, cohens_kappa
from statsmodels.stats.inter_rater import fleiss_kappa as of_statsmodels

from spinereview.analysis.agreement import RESPONSE_ORDER, Weights, cohen_kappa, fleiss_kappa
from spinereview.analysis.bootstrap import Resampling
from spinereview.errors import InvalidValue


def pairs_of(table, categories):
    rows = enumerate(table)
    return [(categories[i], categories[j]) for i, row in rows for j, count in enumerate(row) for _ in range(count)]


def codes(figure):
    return [reason.code for reason in (*figure.missing, *figure.notes)]


# Fleiss, Levin, Paik 2003, Statistical Methods for Rates and Proportions, Table 18.1: diagnoses of 100 subjects.
DIAGNOSES = [[75, 1, 4], [5, 4, 1], [0, 0, 10]]
KINDS = ("psychotic", "neurotic", "organic")


def test_kappa_of_the_diagnoses_of_fleiss_levin_and_paik():
    figure = cohen_kappa(pairs_of(DIAGNOSES, KINDS), KINDS)
    assert figure.value == pytest.approx(0.68, abs=0.005)
    assert figure.parts["observed"] == pytest.approx(0.89)
    assert figure.parts["expected"] == pytest.approx(0.66)
    assert figure.value == pytest.approx((0.89 - 0.66) / (1 - 0.66))


@pytest.mark.parametrize("weights", Weights)
def test_kappas_are_those_of_statsmodels(weights):
    random = np.random.default_rng(1)
    for _ in range(20):
        table = random.integers(0, 9, size=(4, 4))
        wanted = cohens_kappa(table, wt=None if weights is Weights.NONE else weights.value.lower()).kappa
        figure = cohen_kappa(pairs_of(table, RESPONSE_ORDER), RESPONSE_ORDER, weights=weights)
        assert figure.value == pytest.approx(wanted, abs=1e-12)


def test_quadratic_weights_by_hand():
    pairs = [("PD", "SD"), ("SD", "SD"), ("PR", "CR"), ("CR", "PD")]
    # Distances 1/9, 0, 1/9, 1 observed; expected from the margins over all 16 pairings.
    a, b = [0, 1, 2, 3], [1, 1, 3, 0]
    chance = sum((i - j) ** 2 / 9 for i in a for j in b) / 16
    figure = cohen_kappa(pairs, RESPONSE_ORDER, weights=Weights.QUADRATIC)
    assert figure.value == pytest.approx(1 - (11 / 9 / 4) / chance)


# Fleiss' method on ten subjects and fourteen readers, a table widely used to check programs: kappa 0.210.
FOURTEEN = [
    [0, 0, 0, 0, 14], [0, 2, 6, 4, 2], [0, 0, 3, 5, 6], [0, 3, 9, 2, 0], [2, 2, 8, 1, 1],
    [7, 7, 0, 0, 0], [3, 2, 6, 3, 0], [2, 5, 3, 2, 2], [6, 5, 2, 1, 0], [0, 2, 2, 3, 7],
]  # fmt: skip


def test_fleiss_kappa_of_ten_subjects_and_fourteen_readers():
    ratings = [[str(kind) for kind, count in enumerate(row) for _ in range(count)] for row in FOURTEEN]
    figure = fleiss_kappa(ratings, [str(kind) for kind in range(5)])
    assert figure.value == pytest.approx(0.210, abs=0.0005)
    assert figure.parts["observed"] == pytest.approx(0.378, abs=0.0005)
    assert figure.parts["expected"] == pytest.approx(0.213, abs=0.0005)


def test_fleiss_kappa_is_that_of_statsmodels():
    random = np.random.default_rng(2)
    for readers in (2, 3, 5):
        rows = random.integers(0, 3, size=(12, readers))
        wanted = of_statsmodels(aggregate_raters(rows, n_cat=3)[0])
        assert fleiss_kappa([list(map(str, row)) for row in rows], ["0", "1", "2"]).value == pytest.approx(wanted)


def test_two_categories_say_how_far_prevalence_and_bias_lower_kappa():
    # Byrt, Bishop, Carlin 1993: PI = (a - d) / n, BI = (b - c) / n, PABAK = 2 po - 1.
    figure = cohen_kappa(pairs_of([[80, 10], [5, 5]], ("NO", "YES")), ("NO", "YES"))
    assert figure.parts["prevalence_index"] == pytest.approx(0.75)
    assert figure.parts["bias_index"] == pytest.approx(0.05)
    assert figure.parts["pabak"] == pytest.approx(0.70)
    assert codes(figure) == ["KAPPA_PREVALENCE"]
    assert dict(figure.notes[0].args) == {"category": "NO", "share_pct": "87.5"}


@pytest.mark.parametrize(("agreed", "told"), [(79, False), (80, True)])
def test_prevalence_is_told_from_four_fifths_on(agreed, told):
    figure = cohen_kappa(pairs_of([[agreed, 0], [0, 100 - agreed]], ("NO", "YES")), ("NO", "YES"))
    assert (codes(figure) == ["KAPPA_PREVALENCE"]) is told


def test_one_category_alone_is_full_agreement_with_a_flag():
    figure = cohen_kappa([("SD", "SD")] * 4, RESPONSE_ORDER)
    assert (figure.value, codes(figure)) == (1.0, ["KAPPA_ONE_CATEGORY"])
    figure = fleiss_kappa([["SD", "SD", "SD"]] * 4, RESPONSE_ORDER)
    assert (figure.value, codes(figure)) == (1.0, ["KAPPA_ONE_CATEGORY"])


def test_a_category_that_nobody_used_is_named():
    figure = cohen_kappa([("SD", "SD"), ("PD", "SD"), ("PD", "PD")], RESPONSE_ORDER)
    assert codes(figure) == ["KAPPA_UNSEEN"]
    assert figure.notes[0].args["categories"] == "PR, CR"


@pytest.mark.parametrize("pairs", [[], [("SD", None)], [(None, None), (None, "SD")]])
def test_without_rows_there_is_no_kappa_and_a_reason(pairs):
    for figure in (cohen_kappa(pairs, RESPONSE_ORDER), fleiss_kappa(pairs, RESPONSE_ORDER)):
        assert figure.value is None
        assert codes(figure)[0] == "AGREEMENT_NO_ROWS"
        assert ("AGREEMENT_LEFT_OUT" in codes(figure)) is bool(pairs)


def test_rows_that_lack_a_rating_are_left_out_and_counted():
    whole, lacking = [("SD", "SD"), ("PD", "SD"), ("PD", "PD")], [("PR", None), (None, "CR")]
    figure = cohen_kappa(whole + lacking, RESPONSE_ORDER)
    assert figure.value == cohen_kappa(whole, RESPONSE_ORDER).value
    assert dict(figure.notes[0].args) == {"count": "2"}


def test_one_reader_agrees_with_nobody():
    assert codes(fleiss_kappa([["SD"], ["PD"]], RESPONSE_ORDER)) == ["AGREEMENT_ONE_READER"]


@pytest.mark.parametrize(
    ("rate", "code"),
    [
        (lambda: cohen_kappa([("SD", "NE")], RESPONSE_ORDER), "RATING_UNKNOWN"),
        (lambda: fleiss_kappa([["SD", "NE"]], RESPONSE_ORDER), "RATING_UNKNOWN"),
        (lambda: fleiss_kappa([["SD", "SD"], ["SD"]], RESPONSE_ORDER), "RATERS_DIFFER"),
        (lambda: cohen_kappa([("SD", "SD")], ["SD"]), "CATEGORIES_TOO_FEW"),
        (lambda: cohen_kappa([("SD", "SD")], ["SD", "SD"]), "CATEGORIES_TOO_FEW"),
        (lambda: cohen_kappa([("SD", "SD")], RESPONSE_ORDER, subjects=["a", "b"]), "SUBJECTS_NOT_ROWS"),
    ],
)
def test_what_cannot_be_rated_is_refused(rate, code):
    with pytest.raises(InvalidValue) as raised:
        rate()
    assert raised.value.code == code


def test_an_interval_is_the_same_for_the_same_seed_and_wider_for_clustered_rows():
    random = np.random.default_rng(3)
    subjects = [f"S{at // 4}" for at in range(80)]
    shift = random.integers(0, 4, size=20)
    a = [RESPONSE_ORDER[shift[at // 4]] for at in range(80)]
    slip = random.integers(0, 2, size=20)
    b = [RESPONSE_ORDER[(shift[at // 4] + slip[at // 4]) % 4] for at in range(80)]
    pairs = list(zip(a, b, strict=True))
    how = Resampling(seed=7, resamples=500)
    alone = cohen_kappa(pairs, RESPONSE_ORDER, how=how).interval
    clustered = cohen_kappa(pairs, RESPONSE_ORDER, subjects=subjects, how=how).interval
    again = cohen_kappa(pairs, RESPONSE_ORDER, subjects=subjects, how=how).interval
    assert clustered == again
    # Four equal rows a subject: the standard error is twice as large.
    assert clustered.high - clustered.low > 1.6 * (alone.high - alone.low)
    figure = fleiss_kappa([list(pair) for pair in pairs], RESPONSE_ORDER, subjects=subjects, how=how)
    assert figure.interval.low < figure.value < figure.interval.high
    assert dict(figure.notes[-1].args) == {"resamples": "500", "seed": "7", "subjects": "20"}
