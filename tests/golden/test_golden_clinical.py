"""Clinical records of every version that was ever in the field open, say what they said, and stay as they are."""

from __future__ import annotations

import hashlib
import json
import shutil
from decimal import Decimal
from pathlib import Path

import pytest
from record_desk import CASE, PROTOCOL, RecordDesk

from spinereview.domain.clinical import ClinicalEventKind
from spinereview.domain.imaging import Id
from spinereview.review.clinical import record_invariants, tell_record
from spinereview.review.commands.clinical import RecordAnswer
from spinereview.text import sentence
from spinereview.workflow.clinical import record_looked_at
from spinereview.workflow.clinical_scores import derived

HERE = Path(__file__).parent
FILES = sorted(HERE.glob("*.srclin"))


@pytest.fixture(params=FILES, ids=[path.stem for path in FILES])
def golden(request):
    return request.param


@pytest.fixture
def desk(golden, tmp_path):
    found = RecordDesk(tmp_path)
    shutil.copyfile(golden, found.path)
    return found


def test_there_is_a_golden_record():
    assert [path.name for path in FILES] == ["clinical-schema-1.srclin"]


def test_a_golden_record_says_what_it_said(golden, desk):
    before = hashlib.sha256(desk.path.read_bytes()).hexdigest()
    folded = desk.read().folded
    expected = json.loads(golden.with_suffix(".json").read_text(encoding="utf-8"))
    assert folded.tree == expected["tree"]
    assert (folded.head.seq, folded.head.hash) == (expected["seq"], expected["hash"])
    history = [[entry.seq, entry.kind.value, entry.name, dict(entry.args)] for entry in folded.history]
    assert history == expected["history"]
    assert hashlib.sha256(desk.path.read_bytes()).hexdigest() == before


def test_its_values_are_those_that_were_entered(desk):
    session = record_looked_at(desk.path, CASE, PROTOCOL, desk.station)
    record = session.head
    assert record_invariants(record, CASE, PROTOCOL) == ()
    assert {item: answer.value for item, answer in record.visits["BL"].items()} == {
        "DAY": Decimal(-1),
        "NRS_WORST": Decimal(8),
        "OMED": Decimal("40.5"),
        "FRANKEL": "D",
        "ECOG": "1",
        "SECOND_PRIMARY": False,
    }
    assert record.visits["BL"]["NRS_WORST"].reason == "verlesen ≥ 7"
    assert set(record.visits["M3"]) == {"NRS_WORST", "OMED", "FRANKEL", "QLQ_29"}
    assert {key: (event.kind, event.day) for key, event in record.events.items()} == {
        "E01": (ClinicalEventKind.SURGERY, 0),
        "E03": (ClinicalEventKind.LAST_CONTACT, None),
    }
    lines = [sentence(one.code, one.args) for one in (tell_record(e.name, e.args) for e in session.history())]
    assert not [line for line in lines if "{" in line or "ACT_" in line or "NOTE_" in line]
    assert "Count days from a date (kept as a hash)" in lines


def test_its_scores_are_those_that_follow(desk):
    record = record_looked_at(desk.path, CASE, PROTOCOL, desk.station).head
    found = derived(record, CASE, PROTOCOL)
    outcomes = {key: answer.outcome for key, answer in found.assessments.items()}
    assert outcomes["M3/pain"] == "PR"
    assert outcomes["M3/frankel"] == "IMPROVED"
    assert found.assessments["M3/pain"].values["omed_change_pct"] == Decimal("-25.9")
    assert found.assessments["M3/qlq_c30"].values["ql"] == Decimal("83.3")


def test_a_golden_record_goes_on_where_it_ended(desk):
    session = desk.open()
    assert session.redo().visits["M3"]["BPI_WORST"].value == 3
    session.do(RecordAnswer(visit=Id("M6"), item="NRS_WORST", value=0))
    said = session.head
    session.close()
    again = desk.open()
    assert again.head == said
    again.close()
