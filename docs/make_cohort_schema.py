"""Writes ``docs/cohort.schema.json``: its assessments from the annotations that write them. Run by ``make schema``."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, cast

from spinereview.domain.assessment import Assessment
from spinereview.domain.schema import DIALECT, schema_of
from spinereview.workflow.cohort_output import SCHEMA
from spinereview.workflow.cohort_rates import ToldRate

TITLE = "What is said of a cohort (spinereview assess TABLE --json)"
Schema = dict[str, Any]
TEXT: Schema = {"type": "string"}
NULL: Schema = {"type": "null"}
DATE: Schema = {"type": "string", "pattern": "^[0-9]{4}-[0-9]{2}-[0-9]{2}$"}


def text() -> str:
    """The schema as the file has it."""
    parts = cast("Schema", schema_of(Assessment, TITLE)["$defs"])
    assessment = parts["Assessment"]
    value = assessment["properties"]["values"]["additionalProperties"]
    # Of a subject days are dates, as in the table that was read.
    dated = {
        **assessment,
        "description": "Answer of one criterion about one subject; a value whose name ends with date is a date.",
        "properties": {
            **assessment["properties"],
            "values": {
                "type": "object",
                "patternProperties": {"(^|_)date$": {"anyOf": [DATE, NULL]}},
                "additionalProperties": value,
            },
        },
    }
    properties = {
        "schema": {"const": SCHEMA},
        "program": TEXT,
        "protocol": TEXT,
        "protocol_sha256": {"type": "string", "pattern": "^[0-9a-f]{64}$"},
        "subjects": {"type": "array", "items": {"$ref": "#/$defs/Subject"}},
        "rates": _by_reader(
            {"$ref": "#/$defs/Assessment"}, "Rates by reader, then by endpoint; without a reader: empty."
        ),
        "intervals": _by_reader({"$ref": "#/$defs/Interval"}, "Of the same rates; empty texts where there is no rate."),
        "faults": {"type": "array", "items": {"$ref": "#/$defs/Fault"}},
    }
    named = {**parts, "SubjectAssessment": dated, "Subject": _subject(), "Interval": _interval(), "Fault": _fault()}
    tree = {"$schema": DIALECT, "title": TITLE, **_record(properties), "$defs": dict(sorted(named.items()))}
    return json.dumps(tree, indent=1) + "\n"


def _record(properties: Schema) -> Schema:
    return {
        "type": "object",
        "required": list(properties),
        "additionalProperties": False,
        "properties": properties,
    }


def _by_reader(one: Schema, description: str) -> Schema:
    inner = {"type": "object", "additionalProperties": one}
    return {"type": "object", "description": description, "additionalProperties": inner}


def _subject() -> Schema:
    visit = _record({"visit": TEXT, "date": {"anyOf": [DATE, NULL]}})
    return {
        "description": "One reader's answers about one subject; refused: the wrong row without which nothing true is said.",
        **_record(
            {
                "subject": TEXT,
                "reader": TEXT,
                "refused": {"anyOf": [TEXT, NULL]},
                "visits": {"type": "array", "items": visit},
                "assessments": {
                    "type": "object",
                    "additionalProperties": {"$ref": "#/$defs/SubjectAssessment"},
                },
            }
        ),
    }


def _interval() -> Schema:
    return _record(dict.fromkeys(ToldRate().as_values(), TEXT))


def _fault() -> Schema:
    return _record({"file": TEXT, "line": {"type": "integer"}, "column": TEXT, "code": TEXT, "words": TEXT})


if __name__ == "__main__":
    Path(__file__).with_name("cohort.schema.json").write_text(text(), encoding="utf-8")
