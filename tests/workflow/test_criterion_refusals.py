"""What is wrong with an input of a criterion is refused where it stands: nothing is guessed, nothing is passed over."""

from __future__ import annotations

import json
import os
import subprocess
import sys

import pytest

from spinereview.criteria import QUESTIONS
from spinereview.errors import InvalidValue
from spinereview.text import explain
from spinereview.workflow.criterion import answer, example_text


def changed(name, path, value):
    """The example of a question with one value in another one's place; ``value`` is JSON, None leaves the entry out."""
    tree = json.loads(example_text(name))
    *above, last = (int(word) if word.isdigit() else word for word in path.split("."))
    inner = tree
    for word in above:
        inner = inner[word]
    if value is None:
        del inner[last]
        return json.dumps(tree)
    inner[last] = "@@"
    return json.dumps(tree).replace('"@@"', value)


def refusal(name, text):
    with pytest.raises(InvalidValue) as raised:
        answer(name, text)
    return explain(raised.value)


def target():
    return {"visits": [{"timepoint": "BL", "targets": {"T01": {"lesion": "T01", "state": "MEASURED", "mm": "20.0"}}}]}


MM = "input.visits.0.targets.T01.mm"
HEIGHTS = "input.visits.0.vertebrae.T12.measured.ct"


@pytest.mark.parametrize(
    "number", ["1e400", "-1e400", "1e-400", "1e999999", "1e99999999999999999999", "1" * 5000, f'"{"1" * 16}"', "1e15"]
)
@pytest.mark.parametrize(
    ("name", "path", "told"),
    [
        ("recist-target", MM, "input.visits[0].targets.T01.mm"),
        ("recist-target", "input.visits", "input.visits"),
        ("angles", "input.visits.0.angles.T9.spacing_mm.1", "input.visits[0].angles.T9.spacing_mm[1]"),
        ("best-response", "settings.min_sd_days", "settings.min_sd_days"),
    ],
)
def test_a_number_that_cannot_be_computed_with_exactly_is_refused_where_it_stands(name, path, told, number):
    assert refusal(name, changed(name, path, number)).startswith(f"{told} is ")


def test_a_number_may_have_fifteen_digits_before_the_point_and_thirty_after_it():
    value = f"{'9' * 15}.{'9' * 30}"
    exact = json.loads(changed("recist-target", MM, value), parse_float=str)
    exact["settings"] = {"value_rounding_mm": "none"}
    assert answer("recist-target", json.dumps(exact))["BL/target"].outcome == "BASELINE"
    for longer in (f"9{value}", f"{value}9"):
        assert "at most 15 digits before the point and 30 after it" in refusal(
            "recist-target", changed("recist-target", MM, longer)
        )


@pytest.mark.parametrize("value", ["1e15", "1" + "0" * 15])
def test_a_setting_that_no_sum_can_hold_is_refused(value):
    text = json.dumps({"input": target(), "settings": {"tstm_mm": "@@"}}).replace('"@@"', value)
    assert refusal("recist-target", text).startswith("settings.tstm_mm is")


@pytest.mark.parametrize("value", ["null", "{}", "[1]", "[null]"])
def test_a_setting_that_no_protocol_can_have_is_never_taken_for_text(value):
    text = json.dumps({"input": {}, "settings": {"lc_definition": "LC_SPINO", "lc_also": "@@"}}).replace('"@@"', value)
    assert refusal("local-control", text).startswith("settings.lc_also is")


@pytest.mark.parametrize("value", [r'"a\nb"', r'"\ud800"', r'"a\u0000"'])
def test_text_has_one_line_that_can_be_shown(value):
    path = "input.visits.0.vertebrae.T12.measured.ct.modality"
    assert refusal("vcf", changed("vcf", path, value)).endswith("it must be text in one line.")
    example = example_text("vcf").replace('"T12":', f"{value}:", 1)
    assert "names are text in one line" in refusal("vcf", example)


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ('{"input": {}, "input": {"visits": []}}', "In the input, input stands twice. Keep one."),
        (
            '{"input": {"visits": [{"timepoint": "A", "timepoint": "B"}]}}',
            "In input.visits[0], timepoint stands twice.",
        ),
        ('{"input": {}, "settings": {"sins_multilevel": 1, "sins_multilevel": 2}}', "In settings, sins_multilevel"),
    ],
)
def test_of_a_name_that_stands_twice_none_is_taken(text, told):
    assert refusal("sins", text).startswith(told)


@pytest.mark.parametrize("name", sorted(set(QUESTIONS) - {"local-control"}))
def test_an_input_with_nothing_in_it_is_told_and_answered_by_no_silence(name):
    told = f"input holds nothing that {name} could be said of."
    if name == "angles":
        assert refusal(name, '{"input": {"visits": []}}').startswith(told)
    else:
        assert refusal(name, '{"input": {}}').startswith(told)


@pytest.mark.parametrize("name", ["sins", "escc", "genant", "vcf"])
def test_a_visit_that_stands_twice_is_refused(name):
    tree = json.loads(example_text(name))
    tree["input"]["visits"].append(tree["input"]["visits"][0])
    assert refusal(name, json.dumps(tree)) == "input: A timepoint stands twice among the visits."


@pytest.mark.parametrize(
    ("name", "path", "value", "told"),
    [
        ("vcf", f"{HEIGHTS}.heights.middle", "-5", "input.visits[0].vertebrae.T12.measured.ct.heights: The entered"),
        ("vcf", f"{HEIGHTS}.heights.middle", "0", "input: T12: a height on ct is reported as 0"),
        ("vcf", f"{HEIGHTS}.heights.middle", "0.04", "input: T12: a height on ct is reported as 0"),
        ("vcf", f"{HEIGHTS}.coarse_mm", "-1", "input.visits[0].vertebrae.T12.measured.ct: coarse_mm is -1"),
        ("vcf", f"{HEIGHTS}.stack", '"mr"', "input.visits[0].vertebrae.T12: The entry ct"),
        ("vcf", "input.baseline", '"FU9"', "input: FU9 is called the baseline of fractures"),
        ("vcf", "input.order", '["L1", "T12", "T11"]', "input: The levels L1, T12, T11 do not stand in their order"),
        ("vcf", "input.order", '["T11", "T12", "T12", "L1"]', "input: The levels T11, T12, T12, L1 do not stand"),
        ("vcf", "input.order", '["T11", "L1"]', "input: T12 at BL is none of the levels"),
        ("sins", "input.numbering", '"T14"', "input: The vertebrae are numbered as usual"),
        ("sins", "input.visits.0.levels.L1.loss_pct", "101", "input.visits[0].levels.L1: A loss of height is"),
        ("sins", "input.visits.0.levels.L1.loss_pct", "-1", "input.visits[0].levels.L1: A loss of height is"),
        ("measurability", "input.lesions.T01.size_mm", "-20", "input: The entered value -20 is not a length"),
        ("measurability", "input.lesions.T01.slice_thickness_mm", "0", "input: T01: slice is 0"),
        ("measurability", "input.lesions.T01.slice_interval_mm", "-3", "input: T01: slice is -3"),
        ("measurability", "input.lesions.T01.modality", '"MRI"', "input: T01: the modality is 'MRI', which is none of"),
        ("measurability", "input.lesions.T01.modality", '""', "input: T01: the modality is ''"),
        ("measurability", "input.lesions.T01.organ", '" "', "input: T01: the organ is empty"),
        ("orr", "input.endpoint.landmarks", "[-5, 84]", "input.endpoint: The landmarks -5, 84 have to lie after"),
        ("pfs", "input.endpoint.landmarks", "[0]", "input.endpoint: The landmarks 0 have to lie after"),
        ("eligibility", "input.rules.0.id", '""', "input: The id of a rule is empty"),
    ],
)
def test_what_would_give_a_silent_wrong_answer_is_refused(name, path, value, told):
    assert refusal(name, changed(name, path, value)).startswith(told)


@pytest.mark.parametrize(
    ("name", "visit"),
    [
        ("spino", "FU1"),
        ("local-control", "FU2"),
        ("bone-response", "FU1"),
        ("vcf-windows", "M3"),
        ("pain-response", "W4"),
        ("best-response", "FU2"),
    ],
)
def test_a_visit_that_was_scanned_before_the_one_that_it_follows_is_refused(name, visit):
    text = changed(name, f"input.schedule.visits.{visit}.scan_days", "[-5000]")
    assert refusal(name, text) == (
        f"input: {visit} was scanned before the visit that it follows. Correct the order or the days."
    )


@pytest.mark.parametrize(("level", "allowed"), [("C1", False), ("OCCIPUT", False), ("C2", True)])
def test_a_collapse_is_no_answer_where_there_is_no_body(level, allowed):
    items = {"level": level, "answers": {"COLLAPSE": "OVER_50"}}
    text = json.dumps({"input": {"visits": [{"timepoint": "BL", "levels": {level: items}}]}})
    if allowed:
        assert answer("sins", text)[f"BL/sins/{level}"].values["collapse_points"] == 3
    else:
        told = (
            f"input.visits[0].levels.{level}: {level}: the SINS item COLLAPSE cannot be 'OVER_50' there. Allowed: NONE."
        )
        assert refusal("sins", text) == told


def test_the_levels_of_a_subject_are_the_usual_ones_where_none_are_given():
    with_order, without = answer("vcf", example_text("vcf")), answer("vcf", changed("vcf", "input.order", None))
    assert with_order == without


def test_a_level_without_a_body_has_no_grade():
    given = {"visits": [{"timepoint": "BL", "vertebrae": {"S1": {"level": "S1", "grade": 2}}}]}
    told = "input: S1 has no vertebral body that could lose height."
    assert refusal("genant", json.dumps({"input": given})) == told
    del given["visits"][0]["vertebrae"]["S1"]["grade"]
    assert answer("genant", json.dumps({"input": given}))["BL/fracture/S1"].outcome == "NE"


def test_an_organ_counts_in_small_letters_too():
    facts = {"organ": "bone", "size_mm": "20", "modality": "CT", "tissue": "BLASTIC"}
    found = answer("measurability", json.dumps({"input": {"lesions": {"T01": facts}}}))["T01/measurability"]
    assert (found.outcome, found.because[0].code) == ("NON_MEASURABLE", "BONE_BLASTIC")


def test_bytes_that_are_no_text_are_told_in_one_sentence():
    command = [sys.executable, "-m", "spinereview", "criterion", "sins"]
    strict = {**os.environ, "PYTHONIOENCODING": "utf-8:strict"}
    done = subprocess.run(
        command, input=b'\xff{"input": {}}', capture_output=True, env=strict, timeout=120, check=False
    )
    assert (done.returncode, done.stdout) == (1, b"")
    assert done.stderr.startswith(b"The input is not readable as JSON: ")
    assert done.stderr.count(b"\n") == 1
