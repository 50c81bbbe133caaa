"""What the command line says of a read: lines, JSON by its schema, tables; nothing that may not be seen."""

from __future__ import annotations

import csv
import json
import subprocess
import sys
from decimal import Decimal
from pathlib import Path

import jsonschema
import pytest

from spinereview.domain.anatomy import Level, Site
from spinereview.domain.lesion import LesionRole
from spinereview.domain.measurement import Entered, InSpace, Measurement, MeasurementKind
from spinereview.domain.scores import Answer, AnswerBasis
from spinereview.errors import CaseError
from spinereview.review.commands.findings import Measure
from spinereview.review.commands.lesions import AddLesion
from spinereview.review.commands.spine import MeasureHeights, Score
from spinereview.workflow.answers import as_csv, as_json, as_text, assess_file
from spinereview.workflow.case import open_images, open_read

ROOT = Path(__file__).parents[2]


def entered(name, mm):
    return Measurement(id=name, kind=MeasurementKind.DIAMETER, geometry=Entered(value=mm, unit="mm", source="table"))


@pytest.fixture
def read(images, workstation, kept):
    """A read with one target of 50 mm, then 30 mm, and two SINS answers."""
    opened = kept(open_images(images, workstation, reader="R1", subject="S-1"))
    session = opened.session
    session.do(
        AddLesion(
            timepoint="BL",
            role=LesionRole.TARGET,
            nodal=False,
            site=Site(organ="LIVER", location="LIVER"),
            tissue=None,
            group=False,
            measurement=entered("m1", Decimal(50)),
            stack_sha256="",
        )
    )
    session.do(
        Measure(lesion="L01", timepoint="FU1", part="a", measurement=entered("m2", Decimal(30)), stack_sha256="")
    )
    for item, value in (("PAIN", "MECHANICAL"), ("BONE_LESION", "LYTIC")):
        answer = Answer(value=value, basis=AnswerBasis.JUDGED)
        session.do(Score(timepoint="FU1", level=Level.T9, form="SINS", item=item, answer=answer))
    head = session.head_hash
    session.close()
    return opened, head


def test_everything_that_follows_is_there(read, workstation):
    opened, head = read
    answers = assess_file(opened.read_path, workstation)
    assert answers.assessments["FU1/overall"].outcome == "PR"
    assert answers.assessments["FU1/sins/T9"].values["low"] == 6
    assert answers.trail_head == head
    told = as_text(answers)
    assert "FU1/overall: PR" in told
    assert "Mechanical pain: 3." in told


def test_heights_follow_the_schema_too(read, workstation, kept):
    opened = kept(open_read(read[0].read_path, workstation))
    stack = next(iter(opened.case.timepoints["FU1"].stacks.values()))
    points = tuple((x, y, z) for z in (5_000, 0) for x, y in ((4_000, 1_000), (4_000, 4_000), (4_000, 8_000)))
    geometry = InSpace(
        stacks=(stack.id,),
        frame_of_reference_uid=stack.frame_of_reference_uid,
        points_um=points,
        plane_um=((4_000, 0, 0), (0, 1_000_000, 0), (0, 0, -1_000_000)),
    )
    mark = Measurement(id="h1", kind=MeasurementKind.HEIGHTS, geometry=geometry)
    opened.session.do(
        MeasureHeights(timepoint="FU1", level=Level.T9, stack=stack.id, measurement=mark, stack_sha256="")
    )
    opened.session.close()
    schema = json.loads((ROOT / "docs" / "assessment.schema.json").read_text(encoding="utf-8"))
    tree = as_json(assess_file(read[0].read_path, workstation))
    jsonschema.validate(tree, schema)
    assert tree["assessments"]["FU1/fracture/T9"]["values"]["ha_mm"] == "5.0"


def test_the_json_follows_its_schema_and_is_the_same_each_time(read, workstation):
    schema = json.loads((ROOT / "docs" / "assessment.schema.json").read_text(encoding="utf-8"))
    path = read[0].read_path
    tree = as_json(assess_file(path, workstation))
    jsonschema.validate(tree, schema)
    assert json.dumps(tree) == json.dumps(as_json(assess_file(path, workstation)))
    assert tree["assessments"]["FU1/target"]["values"]["sum_mm"] == "30"


def test_tables_have_a_row_for_each_answer_and_each_reason(read, workstation, tmp_path):
    answers = assess_file(read[0].read_path, workstation)
    written = {path.name: path for path in as_csv(answers, tmp_path / "tables")}
    first, second = written["assessments.csv"], written["reasons.csv"]
    with first.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert len(rows) == len(answers.assessments)
    target = next(row for row in rows if (row["timepoint"], row["question"]) == ("FU1", "target"))
    assert (target["outcome"], target["sum_mm"], target["baseline_sum_mm"]) == ("PR", "30.0", "50.0")
    with second.open(encoding="utf-8", newline="") as file:
        reasons = list(csv.DictReader(file))
    assert any(row["code"] == "TARGET_PR" and "4.3.1" in row["rule"] for row in reasons)
    assert any(row["refs"] == "lesions/L01/findings/FU1" for row in reasons)


def test_a_folder_that_cannot_be_written_is_said(read, workstation, tmp_path):
    (tmp_path / "file").write_text("x", encoding="utf-8")
    with pytest.raises(CaseError, match="TABLE_NOT_WRITTEN"):
        as_csv(assess_file(read[0].read_path, workstation), tmp_path / "file")


def test_the_command_answers_and_says_what_hinders_it(read, workstation, kept):
    path = read[0].read_path

    def run(*words):
        command = [sys.executable, "-m", "spinereview", "assess", *words]
        return subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)

    done = run(str(path), "--json")
    assert (done.returncode, done.stderr) == (0, "")
    assert json.loads(done.stdout)["assessments"]["FU1/overall"]["outcome"] == "PR"
    assert run(f"{path}x").returncode == 2
    kept(open_read(path, workstation))
    refused = run(str(path))
    assert (refused.returncode, refused.stdout) == (1, "")
    assert str(path) in refused.stderr


def test_a_blinded_read_tells_no_response_before_the_lock(images, workstation, kept, tmp_path):
    protocol = tmp_path / "blinded.toml"
    lines = ["[trial]", 'id = "B"', 'version = "1"', 'title = "Blinded"', "[criterion.recist]"]
    protocol.write_text("\n".join(lines), encoding="utf-8")
    opened = kept(open_images(images, workstation, reader="R1", subject="S-2", protocol=protocol))
    opened.session.close()
    answers = assess_file(opened.read_path, workstation)
    assert not [key for key in answers.assessments if "target" in key or "overall" in key]
