"""Writes ``docs/read.schema.json`` from the annotations that write a read. Run by ``make schema`` after a change of them."""

from __future__ import annotations

import json
from pathlib import Path

from spinereview.domain.schema import schema_of
from spinereview.report.read_json import ReadFile

TITLE = "A whole read (spinereview report --read-json)"


def text() -> str:
    """The schema as the file has it."""
    return json.dumps(schema_of(ReadFile, TITLE), indent=1) + "\n"


if __name__ == "__main__":
    Path(__file__).with_name("read.schema.json").write_text(text(), encoding="utf-8")
