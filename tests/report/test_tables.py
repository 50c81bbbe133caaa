"""Tables of a read: a row for each thing that was said, with the image and the points; nothing that may not be seen."""

from __future__ import annotations

import json
from collections.abc import Mapping

import pytest

from spinereview.domain.quality import Quality, QualityCause
from spinereview.report.forms import forms
from spinereview.report.tables import Sheet, sheets
from spinereview.review.commands.quality import JudgeQuality
from tests.report.conftest import BLINDED


def rows(facts, name: str) -> list[Mapping[str, str]]:
    sheet = next(one for one in sheets(facts) if one.name == name)
    assert all(len(row) == len(sheet.head) for row in sheet.rows)
    return [dict(zip(sheet.head, row, strict=True)) for row in sheet.rows]


def test_every_lesion_has_a_row_at_every_timepoint(desk) -> None:
    found = {(row["label"], row["timepoint"]): row for row in rows(desk.facts(), "lesions.csv")}
    assert set(found) == {(name, one) for name in ("T01", "T02", "N03", "NEW04") for one in ("BL", "FU1", "FU2")}
    assert [found["T01", one]["value_mm"] for one in ("BL", "FU1", "FU2")] == ["50.0", "30.0", "40.0"]
    assert (found["T02", "FU2"]["state"], found["T02", "FU2"]["value_mm"]) == ("NE", "")
    assert (found["T02", "FU2"]["no_value_code"], found["T02", "FU2"]["reason"]) == ("STATE_WITHOUT_VALUE", "motion")
    assert (found["NEW04", "BL"]["state"], found["NEW04", "BL"]["no_value_code"]) == ("", "STATE_MISSING")
    assert found["NEW04", "FU2"]["new_status"] == "EQUIVOCAL"


def test_a_measurement_names_its_image_and_its_points_as_they_are_stored(desk) -> None:
    found = {(row["of"], row["timepoint"]): row for row in rows(desk.facts(), "measurements.csv")}
    row = found["T01", "BL"]
    stored = desk.session.head.lesions["L01"].findings["BL"].parts["a"].geometry
    assert (row["stack"], row["sop_uid"], row["frame"]) == (stored.image.stack, stored.image.sop_uid, "1")
    assert json.loads(row["points"]) == [list(point) for point in stored.points_mpx]
    assert (row["unit"], row["long_mm"], row["short_mm"]) == ("mpx", "50.0", "30.0")
    heights = found["T9", "FU1"]
    assert (heights["part"], heights["unit"], len(json.loads(heights["points"]))) == ("heights", "um", 6)


def test_responses_have_sums_and_changes(desk) -> None:
    found = {row["timepoint"]: row for row in rows(desk.facts(), "responses.csv")}
    assert (found["BL"]["target"], found["BL"]["sum_mm"], found["BL"]["date"]) == ("BASELINE", "70.0", "2024-01-01")
    assert (found["FU1"]["sum_mm"], found["FU1"]["change_baseline_pct"]) == ("50.0", "-28.6")
    assert (found["FU1"]["target"], found["FU1"]["overall"], found["FU1"]["locked"]) == ("SD", "SD", "no")
    assert (found["FU2"]["sum_mm"], found["FU2"]["target"]) == ("", "NE")


def test_sins_and_fractures_are_listed_by_level(desk) -> None:
    facts = desk.facts()
    (score,) = rows(facts, "sins.csv")
    assert (score["level"], score["pain"], score["pain_points"], score["location_points"]) == (
        "T9",
        "MECHANICAL",
        "3",
        "1",
    )
    assert (score["total"], score["low"], score["high"]) == ("", "6", "12")
    found = {(row["level"], row["timepoint"]): row for row in rows(facts, "fractures.csv")}
    assert [found["T9", one]["ha_mm"] for one in ("BL", "FU1")] == ["20.0", "15.0"]
    assert (found["T9", "FU1"]["max_loss_pct"], found["T9", "FU1"]["fracture"]) == ("25.0", "NEW")


def test_a_table_of_a_blinded_read_tells_neither_response_nor_day(blinded) -> None:
    facts = blinded.facts()
    found = rows(facts, "responses.csv")
    assert {value for row in found for key, value in row.items() if key in {"date", "target", "overall", "sum_mm"}} == {
        ""
    }
    assert {row["question"].split("/")[0] for row in rows(facts, "assessments.csv")} <= {"sins", "fracture"}
    assert [row["value_mm"] for row in rows(facts, "lesions.csv") if row["label"] == "T01"] == ["50.0", "30.0", "40.0"]


def test_what_was_said_of_the_quality_has_a_row_for_each_series(make) -> None:
    desk = make(BLINDED)
    timepoint = desk.session.case.timepoints["FU1"]
    stack = next(iter(timepoint.stacks.values()))
    assert rows(desk.facts(), "quality.csv") == []
    bad = JudgeQuality(
        timepoint=timepoint.id, stack=stack.id, quality=Quality.NOT_READABLE, cause=QualityCause.THICKNESS
    )
    desk.session.do(bad)
    (row,) = rows(desk.facts(), "quality.csv")
    assert (row["timepoint"], row["stack"], row["quality"], row["cause"]) == (
        "FU1",
        stack.id,
        "NOT_READABLE",
        "THICKNESS",
    )
    assert "Not readable: thickness" in "".join(forms(desk.facts()))
    assert {row["missing_modalities"] for row in rows(desk.facts(), "visits.csv")} == {""}


@pytest.mark.parametrize(
    "name",
    ["lesions.csv", "measurements.csv", "responses.csv", "sins.csv", "fractures.csv", "quality.csv", "visits.csv"],
)
def test_a_column_stands_once(desk, name) -> None:
    sheet: Sheet = next(one for one in sheets(desk.facts()) if one.name == name)
    assert len(set(sheet.head)) == len(sheet.head)
