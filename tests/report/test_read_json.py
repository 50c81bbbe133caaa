"""The whole read as JSON: by its schema, complete, and back again."""

from __future__ import annotations

import json
import runpy
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path

import jsonschema
import pytest

from spinereview.domain.codec import decode, parse
from spinereview.domain.schema import schema_of
from spinereview.report.read_json import ReadFile, read_file, read_json
from spinereview.workflow.reporting import read_bytes

SCHEMA = Path(__file__).parents[2] / "docs" / "read.schema.json"


def validator() -> jsonschema.Draft202012Validator:
    schema = json.loads(SCHEMA.read_text(encoding="utf-8"))
    jsonschema.Draft202012Validator.check_schema(schema)
    return jsonschema.Draft202012Validator(schema)


def test_the_published_schema_is_the_one_that_the_code_makes() -> None:
    script = runpy.run_path(str(SCHEMA.with_name("make_read_schema.py")))
    assert SCHEMA.read_text(encoding="utf-8") == script["text"](), "run make schema"


def test_a_real_read_follows_the_schema(desk) -> None:
    validator().validate(read_json(desk.facts()))


def test_a_blinded_read_follows_the_schema_and_tells_no_response(blinded) -> None:
    tree = read_json(blinded.facts())
    validator().validate(tree)
    assert not [key for key in tree["assessments"] if "target" in key or "overall" in key]


def test_nothing_is_lost_on_the_way_to_the_file_and_back(desk) -> None:
    facts = desk.facts()
    back = decode(ReadFile, parse(read_bytes(facts)))
    assert back == read_file(facts)
    assert back.read == desk.session.head
    assert (back.case, back.assessments) == (desk.opened.case, facts.assessments)


def test_values_points_and_hashes_are_there(desk) -> None:
    tree = read_json(desk.facts())
    mark = tree["read"]["lesions"]["L01"]["findings"]["BL"]["parts"]["a"]["geometry"]
    assert mark["points_mpx"] == [[12000, 30000], [52000, 30000], [32000, 20000], [32000, 40000]]
    values = {(one["lesion"], one["timepoint"]): one for one in tree["values"]}
    assert values["L01", "BL"]["value_mm"] == "50.0"
    assert values["L02", "FU2"]["value_mm"] is None
    assert values["L02", "FU2"]["problem"]["code"] == "STATE_WITHOUT_VALUE"
    assert tree["trail"]["sha256"] == desk.session.trail_head.hash
    assert set(tree["stack_sha256"]) == {stack for one in desk.opened.case.in_order for stack in one.stacks}


@pytest.mark.parametrize(
    "spoil",
    [
        pytest.param(lambda tree: tree.pop("trail"), id="a field is missing"),
        pytest.param(lambda tree: tree.update(extra=1), id="a field too many"),
        pytest.param(lambda tree: tree["read"]["lesions"]["L01"].update(role="OTHER"), id="a word that is none"),
        pytest.param(
            lambda tree: tree["read"]["lesions"]["L01"]["findings"]["BL"]["parts"]["a"]["geometry"].update(
                points_mpx=[[1.5, 2]]
            ),
            id="a point that is no whole number",
        ),
        pytest.param(lambda tree: tree["values"][0].update(value_mm=50), id="a value that is no text"),
    ],
)
def test_the_schema_refuses_what_is_no_read(desk, spoil) -> None:
    tree = json.loads(read_bytes(desk.facts()))
    spoil(tree)
    assert not validator().is_valid(tree)


@dataclass(frozen=True)
class Sized:
    """A size that may be missing."""

    size: Decimal | None


@pytest.mark.parametrize(
    ("value", "valid"), [("1.5", True), ("-3", True), ("1E+2", True), (None, True), ("x", False), (1.5, False)]
)
def test_a_decimal_is_text(value, valid) -> None:
    assert jsonschema.Draft202012Validator(schema_of(Sized, "x")).is_valid({"size": value}) is valid


def test_what_the_codec_cannot_write_has_no_schema() -> None:
    with pytest.raises(TypeError, match="no schema"):
        schema_of(float, "x")
