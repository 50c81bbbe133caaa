"""Levels from the head down, where a table would list them by letters."""

from __future__ import annotations

from spinereview.domain.anatomy import Level, from_the_head
from spinereview.domain.assessment import Assessment, in_reading_order
from spinereview.domain.table import Table


def test_what_is_kept_by_level_is_listed_from_the_head_down() -> None:
    assert list(from_the_head(Table(dict.fromkeys(Level, 0)))) == list(Level)
    assert list(from_the_head({"T10": 1, "T9-T11": 2, "T9": 3, "C2": 4})) == ["C2", "T9", "T9-T11", "T10"]


def test_assessments_are_listed_by_question_and_each_question_from_the_head_down() -> None:
    keys = ["BL/new", "BL/sins", "BL/sins/C7", "BL/sins/T9", "BL/sins/T10", "BL/sins/L1", "FU1/fracture/T9/k1", "bor"]
    answers = Table({key: Assessment(criterion="x", scope=tuple(key.split("/")), outcome="-") for key in keys})
    assert list(answers) != keys
    assert [key for key, _ in in_reading_order(answers)] == keys
