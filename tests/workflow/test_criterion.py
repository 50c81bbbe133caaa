"""A criterion by itself: its example works when piped back, its schema holds, and what is wrong is named by its path."""

from __future__ import annotations

import json
import subprocess
import sys
from decimal import Decimal

import jsonschema
import pytest

from spinereview import cli
from spinereview.criteria import QUESTIONS
from spinereview.errors import InvalidValue, UsageError
from spinereview.text import catalogue, explain
from spinereview.workflow.criterion import answer, example_text, listed, schema_text, title_code


def run(*words: str, given: str = "") -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "spinereview", "criterion", *words]
    return subprocess.run(command, input=given, capture_output=True, text=True, timeout=120, check=False)


@pytest.mark.parametrize("name", QUESTIONS)
def test_the_example_of_a_criterion_works_when_piped_back(name, capsys, monkeypatch):
    assert cli.main(["criterion", name, "--example"]) == 0
    example = capsys.readouterr().out
    monkeypatch.setattr(sys, "stdin", _Text(example))
    assert cli.main(["criterion", name]) == 0
    tree = json.loads(capsys.readouterr().out)
    assert tree["question"] == name
    assert tree["assessments"]
    for found in tree["assessments"].values():
        assert found["outcome"] not in {"INCOMPLETE", "MISSING"}
        assert found["because"], found


class _Text:
    def __init__(self, text: str) -> None:
        self.text = text

    def read(self) -> str:
        return self.text


@pytest.mark.parametrize("name", QUESTIONS)
def test_the_example_of_a_criterion_is_what_its_schema_says(name):
    schema = json.loads(schema_text(name))
    jsonschema.Draft202012Validator.check_schema(schema)
    example = json.loads(example_text(name))
    jsonschema.validate(example, schema)
    for spoilt in ({}, {**example, "more": 1}, {"input": {**example["input"], "more": 1}}):
        with pytest.raises(jsonschema.ValidationError):
            jsonschema.validate(spoilt, schema)


@pytest.mark.parametrize("name", QUESTIONS)
def test_an_example_with_a_word_that_nothing_reads_is_refused(name):
    example = json.loads(example_text(name))
    example["input"]["more"] = 1
    with pytest.raises(InvalidValue) as raised:
        answer(name, json.dumps(example))
    assert raised.value.code == "INPUT_FIELD_UNKNOWN"


def test_every_criterion_is_listed_with_what_it_answers():
    assert {title_code(name) for name in QUESTIONS} <= set(catalogue())
    assert [line.split()[0] for line in listed().splitlines()] == list(QUESTIONS)


def test_as_a_process_the_command_reads_and_writes_pipes():
    example = run("best-response", "--example")
    done = run("best-response", given=example.stdout)
    assert (example.returncode, done.returncode, done.stderr) == (0, 0, "")
    assert json.loads(done.stdout)["assessments"]["best_response"]["outcome"] == "PR"
    told = run("recist-target", "--text", given=run("recist-target", "--example").stdout)
    assert "FU1/target: PR\n  PR: 35.0 mm, baseline 50.0 mm (−30.00 %)." in told.stdout


@pytest.mark.parametrize(
    ("words", "given", "code", "part"),
    [
        ((), "", 2, "Give a name"),
        (("no-such",), "{}", 2, "There is no criterion no-such. There are: recist-target"),
        (("sins",), "{", 1, "not readable as JSON"),
        (("sins",), "[]", 1, "spinereview criterion sins --example"),
    ],
)
def test_what_cannot_be_used_is_told_in_one_sentence(words, given, code, part):
    done = run(*words, given=given)
    assert (done.returncode, done.stdout) == (code, "")
    assert part in done.stderr
    assert done.stderr.count("\n") == 1


def target(**change):
    value = {"lesion": "T01", "state": "MEASURED", "mm": "20.0", **change}
    return {"visits": [{"timepoint": "BL", "targets": {"T01": value}}]}


@pytest.mark.parametrize(
    ("given", "settings", "path", "part"),
    [
        (target(mm="wide"), {}, "input.visits[0].targets.T01.mm", 'it must be a number, like "12.5"'),
        (target(mm=True), {}, "input.visits[0].targets.T01.mm", "is true"),
        (target(mm="NaN"), {}, "input.visits[0].targets.T01.mm", "NaN"),
        (target(state="HUGE"), {}, "input.visits[0].targets.T01.state", "one of MEASURED, ABSENT"),
        (target(nodal="yes"), {}, "input.visits[0].targets.T01.nodal", "true or false"),
        (target(mm="-1"), {}, "input.visits[0].targets.T01", "not a length"),
        (target(size=1), {}, "input.visits[0].targets.T01", '"size", which nothing reads'),
        ({"visits": [{"timepoint": "BL"}]}, {}, "input.visits[0]", 'lacks "targets"'),
        ({"visits": {}}, {}, "input.visits", "a list"),
        ({"visits": [3]}, {}, "input.visits[0]", "an object in braces"),
        (target(lesion="T02"), {}, "input.visits[0]", "does not carry its own name"),
        (target(), {"pd_abs": 5}, "settings", '"pd_abs", which nothing reads'),
        (target(), {"pd_abs_mm": "5"}, "settings.pd_abs_mm", "number of at least 0"),
        (target(), {"pr_threshold": 30}, "settings.pr_threshold", "up to 1"),
        (target(), [], "settings", "an object in braces"),
    ],
)
def test_what_is_wrong_is_named_by_its_path(given, settings, path, part):
    with pytest.raises(InvalidValue) as raised:
        answer("recist-target", json.dumps({"input": given, "settings": settings}))
    told = explain(raised.value)
    assert raised.value.arguments["path"] == path
    assert told.startswith(path)
    assert part in told
    assert "{" not in told.replace("{}", "")


def test_a_setting_that_is_needed_is_asked_for():
    with pytest.raises(InvalidValue) as raised:
        answer("local-control", '{"input": {}}')
    assert explain(raised.value).startswith('settings lacks "lc_definition". Allowed: "LC_PROTOCOL_06120426"')


def test_a_name_that_stands_twice_is_refused():
    with pytest.raises(InvalidValue) as raised:
        answer("sins", '{"input": {"visits": [], "visits": []}}')
    assert raised.value.code == "INPUT_KEY_TWICE"
    with pytest.raises(UsageError):
        answer("no-such", "{}")


@pytest.mark.parametrize("mm", ['"19.95"', "19.95", '"19.950"', "19.95000000000000000000000001"])
def test_a_number_is_read_digit_by_digit_and_reported_to_a_tenth(mm):
    text = json.dumps({"input": target()}).replace('"20.0"', mm)
    assert answer("recist-target", text)["BL/target"].values["sum_mm"] == Decimal("20.0")
    exact = text[:-1] + ', "settings": {"value_rounding_mm": "none"}}'
    assert answer("recist-target", exact)["BL/target"].values["sum_mm"] == Decimal("19.950")


def test_a_diameter_that_is_reported_as_zero_has_no_value():
    found = answer("recist-target", json.dumps({"input": target(mm="0.04")}))["BL/target"]
    assert [reason.code for reason in found.missing] == ["DIAMETER_ZERO"]


def test_entered_heights_are_rounded_like_drawn_ones():
    text = example_text("vcf").replace('"17.0"', '"17.04"')
    assert answer("vcf", text)["FU1/fracture/T12"].values["ha_mm"] == Decimal("17.0")
