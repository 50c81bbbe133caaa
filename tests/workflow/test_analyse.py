"""Statistics of a table from the command line: the figures of the papers, and what is wrong in one sentence."""

from __future__ import annotations

import doctest
import json
from pathlib import Path

import jsonschema
import pytest

from spinereview import cli
from spinereview.workflow import analyse

SCHEMA = json.loads((Path(__file__).parents[2] / "docs" / "analysis.schema.json").read_text(encoding="utf-8"))
PAIRS = {("SD", "SD"): 20, ("SD", "PD"): 5, ("PD", "SD"): 10, ("PD", "PD"): 15}
ROWS = [pair for pair, count in PAIRS.items() for _ in range(count)]
KAPPA = "subject,r1,r2\n" + "".join(f"S{at},{a},{b}\n" for at, (a, b) in enumerate(ROWS))
ICC = "subject,a,b,c,d\n1,9,2,5,8\n2,6,1,3,2\n3,8,4,6,8\n4,7,1,2,6\n5,10,5,6,9\n6,6,2,4,7\n"
RATES = "arm,responders,subjects\nSFRT,54,60\nCRT,20,30\n"
TIMES = "arm,days,status\nA,6,EVENT\nA,9,CENSORED\nA,12,EVENT\nB,3,COMPETING\nB,7,EVENT\nB,9,EVENT\n"


def run(tmp_path, capsys, text, *words):
    path = tmp_path / "table.csv"
    path.write_text(text, encoding="utf-8")
    code = cli.main(["analyse", str(path), *words])
    written = capsys.readouterr()
    return code, written.out, written.err


def figures(tmp_path, capsys, text, *words):
    code, out, err = run(tmp_path, capsys, text, *words, "--json")
    assert (code, err) == (0, "")
    jsonschema.validate(json.loads(out), SCHEMA)
    return {(one["group"], one["name"]): one for one in json.loads(out)["figures"]}


def test_kappa_of_two_readers_with_the_interval_of_its_seed(tmp_path, capsys):
    found = figures(tmp_path, capsys, KAPPA, "--what", "kappa", "--resamples", "300")["all", "kappa"]
    # Table of 20, 5, 10, 15: po .7, pe .5, kappa .4.
    assert (found["value"], found["parts"]["observed"]) == ("0.4", "0.7")
    again = figures(tmp_path, capsys, KAPPA, "--what", "kappa", "--resamples", "300")["all", "kappa"]
    assert again == found
    assert float(found["intervals"][0]["low"]) < 0.4 < float(found["intervals"][0]["high"])
    assert found["notes"][0]["args"] == {"resamples": "300", "seed": "1", "subjects": "50"}


def test_weighted_kappa_needs_the_order_of_its_categories(tmp_path, capsys):
    code, _, err = run(tmp_path, capsys, KAPPA, "--what", "kappa", "--weights", "linear")
    assert (code, "--categories" in err) == (2, True)
    words = ("--what", "kappa", "--weights", "linear", "--categories", "PD,SD,PR,CR")
    found = figures(tmp_path, capsys, KAPPA, *words)["all", "kappa_linear"]
    assert found["value"] == "0.4"
    assert found["notes"][0]["code"] == "KAPPA_UNSEEN"


def test_more_than_two_readers_have_the_kappa_of_fleiss(tmp_path, capsys):
    table = "subject,a,b,c\n1,SD,SD,PD\n2,PD,PD,PD\n3,SD,SD,SD\n4,SD,,SD\n"
    found = figures(tmp_path, capsys, table, "--what", "kappa")["all", "kappa_fleiss"]
    # Three rows: P 1/3, 1, 1; shares 4/9, 5/9: (7/9 - 41/81) / (1 - 41/81).
    assert float(found["value"]) == pytest.approx((7 / 9 - 41 / 81) / (40 / 81), abs=1e-6)
    assert found["notes"][0]["words"].startswith("1 rows are left out")
    code, _, err = run(tmp_path, capsys, table, "--what", "kappa", "--weights", "linear", "--categories", "PD,SD")
    assert (code, "asked of two" in err) == (1, True)


def test_the_three_coefficients_of_shrout_and_fleiss(tmp_path, capsys):
    found = figures(tmp_path, capsys, ICC, "--what", "icc", "--resamples", "200")
    assert [round(float(one["value"]), 2) for one in found.values()] == [0.17, 0.29, 0.71]


def test_limits_of_agreement_in_units_and_in_percent(tmp_path, capsys):
    found = figures(tmp_path, capsys, "subject,a,b\n1,11,9\n2,9.0,11\n3,10,10\n", "--what", "bland-altman")
    assert (found["all", "bias"]["value"], found["all", "upper_limit"]["value"]) == ("0", "3.92")
    assert found["percent", "upper_limit"]["value"] == "39.2"
    code, _, err = run(tmp_path, capsys, ICC, "--what", "bland-altman")
    assert (code, "has 4 readers" in err) == (1, True)


def test_two_arms_are_compared_as_the_protocol_of_a_trial_asks(tmp_path, capsys):
    code, out, err = run(tmp_path, capsys, RATES, "--what", "rates")
    assert (code, err) == (0, "")
    assert "SFRT rate: 0.9; 95 % " in out
    (line,) = [line for line in out.splitlines() if line.startswith("SFRT - CRT difference")]
    assert line.startswith("SFRT - CRT difference: 0.233333; 95 % ")
    assert "; 90 % " in line
    # z of the pooled test, 2.7294, has an upper tail of 0.003173.
    assert "SFRT - CRT p_one_sided: 0.00317" in out
    assert "cmh" not in out


def test_strata_are_added_up_for_the_rates_and_kept_apart_for_the_test(tmp_path, capsys):
    table = "arm,stratum,responders,subjects\nA,x,5,10\nB,x,3,10\nA,y,9,10\nB,y,7,10\n"
    found = figures(tmp_path, capsys, table, "--what", "rates")
    assert found["A", "rate"]["value"] == "0.7"
    # Per stratum: excess 1 and 1, variances 100*8*12/(400*19) and 100*16*4/(400*19).
    z = 2 / (100 * 8 * 12 / (400 * 19) + 100 * 16 * 4 / (400 * 19)) ** 0.5
    assert float(found["A - B", "p_one_sided_cmh"]["parts"]["z"]) == pytest.approx(z, abs=1e-5)
    # The arms are of one size everywhere, so that the weights are the same: (0.2 + 0.2) / 2.
    within = found["A - B", "difference_stratified"]
    assert within["value"] == "0.2"
    assert [(one["level_pct"], one["method"]) for one in within["intervals"]] == [
        ("95", "KLINGENBERG"),
        ("90", "KLINGENBERG"),
    ]


def test_curves_of_each_arm_are_read_on_the_days_that_are_asked(tmp_path, capsys):
    found = figures(tmp_path, capsys, TIMES, "--what", "km", "--days", "6,20")
    assert found["A", "median"]["value"] == "12"
    assert found["A, day 6", "survival"]["value"] == "0.666667"
    assert found["A, day 20", "survival"]["value"] == "0"
    assert found["B, day 6", "survival"]["parts"]["at_risk"] == "2"
    found = figures(tmp_path, capsys, TIMES, "--what", "cif", "--days", "7")
    assert found["B, day 7", "cumulative_incidence"]["value"] == "0.333333"
    assert set(figures(tmp_path, capsys, TIMES, "--what", "cif")) == {
        ("A, day 12", "cumulative_incidence"),
        ("B, day 9", "cumulative_incidence"),
    }


def test_guesses_of_the_arm_give_an_index_for_each(tmp_path, capsys):
    table = "arm,guess\nA,A\nA,A\nA,B\nA,\nB,B\nB,A\n"
    found = figures(tmp_path, capsys, table, "--what", "bang")
    assert (found["A", "bang"]["value"], found["B", "bang"]["value"]) == ("0.25", "0")


@pytest.mark.parametrize(
    ("what", "heading", "part"),
    [
        ("kappa", "subject,a,b", "at least two different categories"),
        ("icc", "subject,a,b", "needs at least two rows"),
        ("bland-altman", "subject,a,b", "at least two pairs"),
        ("km", "days,status", "no subject"),
        ("cif", "days,status", "no subject"),
    ],
)
def test_a_table_without_rows_is_told(what, heading, part, tmp_path, capsys):
    _, out, err = run(tmp_path, capsys, heading + "\n", "--what", what)
    assert part in out + err
    assert "nan" not in out.lower()


@pytest.mark.parametrize(
    ("what", "table", "part"),
    [
        ("icc", "subject,a,b\n1,2,wide\n", 'table.csv, line 2, column b: "wide" is no number'),
        ("icc", "subject,a,b\n1,2,3,4\n", "line 2, column -: the row has not as many cells"),
        ("icc", "subject,a,b\n,2,3\n", "line 2, column subject: it is empty"),
        ("icc", "a,b\n2,3\n", "has no column subject"),
        ("rates", "arm,responders,subjects\nA,3,2\n", "line 2, column responders: 3 responders among 2"),
        ("rates", "arm,responders,subjects\nA,-3,2\n", '"-3" is no whole number'),
        ("km", "days,status\n4,DEAD\n", 'line 2, column status: "DEAD" is not allowed'),
        ("bang", "arm,guess\nA,C\n", 'line 2, column guess: "C" is not allowed'),
    ],
)
def test_a_wrong_row_is_named_and_nothing_is_computed(what, table, part, tmp_path, capsys):
    code, out, err = run(tmp_path, capsys, table, "--what", what)
    assert (code, out) == (1, "")
    assert part in err


@pytest.mark.parametrize(
    ("words", "part"),
    [
        (("--what", "mean"), "There is no analysis mean. There are: kappa, icc"),
        (("--what", "km", "--days", "soon"), "soon is no day"),
    ],
)
def test_words_that_make_no_sense_are_told(words, part, tmp_path, capsys):
    code, _, err = run(tmp_path, capsys, TIMES, *words)
    assert (code, part in err) == (2, True)


def test_a_table_that_is_not_there_is_told(tmp_path, capsys):
    assert cli.main(["analyse", str(tmp_path / "none.csv"), "--what", "km"]) == 2
    assert "none.csv" in capsys.readouterr().err


def test_the_schema_names_every_analysis_and_refuses_a_float(tmp_path, capsys):
    assert SCHEMA["properties"]["what"]["enum"] == list(analyse.ANALYSES)
    _, out, _ = run(tmp_path, capsys, ICC, "--what", "icc", "--resamples", "100", "--json")
    spoilt = json.loads(out)
    spoilt["figures"][0]["value"] = 0.17
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate(spoilt, SCHEMA)


def test_examples_in_docstrings_hold():
    assert doctest.testmod(analyse).failed == 0


def test_a_table_with_a_row_for_each_rating_is_not_taken_for_one_with_columns_of_readers(tmp_path, capsys):
    code, out, err = run(tmp_path, capsys, "subject,reader,value\nS1,R1,PR\nS1,R2,PR\n", "--what", "kappa")
    assert (code, out) == (1, "")
    assert "reader, value" in err
    assert "a column for each reader" in err
