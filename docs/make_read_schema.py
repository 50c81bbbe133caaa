"""Writes the JSON schemas that are made from annotations. Run by ``make schema`` after a change of them."""

from __future__ import annotations

import json
from pathlib import Path

from spinereview.domain.schema import schema_of
from spinereview.report.read_json import ReadFile
from spinereview.workflow.clinical_show import ClinicalFile
from spinereview.workflow.eligible import EligibilityFile

TITLE = "A whole read (spinereview report --read-json)"
SCHEMAS: dict[str, tuple[type, str]] = {
    "read.schema.json": (ReadFile, TITLE),
    "eligibility.schema.json": (EligibilityFile, "Eligibility of a subject (spinereview eligibility --json)"),
    "clinical.schema.json": (ClinicalFile, "A clinical record (spinereview clinical show --json)"),
}


def text(name: str = "read.schema.json") -> str:
    """A schema as its file has it."""
    return json.dumps(schema_of(*SCHEMAS[name]), indent=1) + "\n"


if __name__ == "__main__":
    for name in SCHEMAS:
        Path(__file__).with_name(name).write_text(text(name), encoding="utf-8")
