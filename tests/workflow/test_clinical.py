"""A clinical record on a real SQLite file: made, kept, reopened, undone, looked at; what is refused."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path

import pytest

from spinereview.domain.case import Case
from spinereview.domain.clinical import ClinicalEvent, ClinicalEventKind
from spinereview.domain.imaging import Id
from spinereview.domain.protocol import Anchor, Blinding, Protocol, ScheduledVisit
from spinereview.domain.table import Table
from spinereview.errors import CaseError, Refused, SpineReviewError, TrailError
from spinereview.review.clinical import tell_record
from spinereview.review.commands.clinical import CorrectAnswer, RecordAnswer, RecordEvent, RemoveAnswer, RemoveEvent
from spinereview.text import explain, sentence
from spinereview.workflow import reads
from spinereview.workflow.clinical import new_record, old_record, record_looked_at
from spinereview.workflow.reads import Workstation, new_read
from spinereview.workflow.settings import SettingsFolder

SHA = "0" * 64
CASE = Case(id=Id("c1"), subject_code="K7QX", protocol_sha256=SHA)
VISITS = Table({name: ScheduledVisit(name=name, anchor=Anchor.SURGERY, day=0) for name in ("BL", "W4")})
BLINDED = Protocol(id="p", version="1", title="Blinded", sha256=SHA, visits=VISITS)
OPEN = Protocol(
    id="g",
    version="1",
    title="Open",
    sha256=SHA,
    visits=VISITS,
    blinding=Blinding(sequential=False, show_days=True, live_response=True),
)


@pytest.fixture
def station(tmp_path: Path) -> Workstation:
    return Workstation(settings=SettingsFolder(folder=tmp_path / "settings"), documents=tmp_path / "documents")


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "K7QX.srclin"


def answer(item, value, visit="BL"):
    return RecordAnswer(visit=Id(visit), item=item, value=value)


def lines(session):
    told = [tell_record(entry.name, entry.args) for entry in session.history()]
    return [sentence(one.code, one.args) for one in told]


def test_a_record_is_kept_in_its_file_with_its_history_and_its_undo(path, station):
    session = new_record(path, CASE, BLINDED, "I1", station)
    session.do(answer("NRS_WORST", 7))
    session.do(answer("OMED", Decimal("40.5")))
    session.do(CorrectAnswer(visit=Id("BL"), item="NRS_WORST", value=6), reason="misread")
    session.do(RecordEvent(event=ClinicalEvent(kind=ClinicalEventKind.SURGERY, day=0)))
    said = session.head
    assert session.saved
    session.close()
    again = old_record(path, CASE, BLINDED, "I1", station)
    assert again.head == said
    assert again.head.visits["BL"]["NRS_WORST"].reason == "misread"
    assert again.head.visits["BL"]["OMED"].value == Decimal("40.5")
    assert lines(again) == [
        "Begin the clinical record",
        "Open the clinical record",
        "BL: NRS_WORST 7",
        "BL: OMED 40.5",
        "BL: correct NRS_WORST to 6",
        "SURGERY on day 0",
        "Open the clinical record",
    ]
    again.undo()
    again.undo()
    assert again.head.visits["BL"]["NRS_WORST"].value == 7
    assert again.head.events == Table()
    again.redo()
    again.redo()
    assert again.head == said
    again.close()
    assert record_looked_at(path, CASE, BLINDED, station).head == said


def test_an_event_that_was_removed_never_gives_its_id_to_another(path, station):
    session = new_record(path, CASE, BLINDED, "I1", station)
    therapy = RecordEvent(event=ClinicalEvent(kind=ClinicalEventKind.NEW_THERAPY, day=9))
    session.do(therapy)
    session.do(RemoveEvent(id=Id("E01")), reason="of another subject")
    session.do(therapy)
    assert list(session.head.events) == ["E02"]
    session.undo()
    session.undo()
    assert list(session.head.events) == ["E01"]
    session.close()


def test_a_refused_act_leaves_no_event(path, station):
    session = new_record(path, CASE, BLINDED, "I1", station)
    count = len(session.history())
    for command in (answer("NRS_WORST", 11), answer("NRS_WORST", 1, "W99"), RemoveAnswer(visit=Id("BL"), item="OMED")):
        with pytest.raises(Refused):
            session.do(command, reason="x")
    assert len(session.history()) == count
    session.close()


def test_another_person_may_look_and_not_write(path, station):
    new_record(path, CASE, BLINDED, "I1", station).close()
    other = old_record(path, CASE, BLINDED, "I2", station)
    with pytest.raises(Refused) as raised:
        other.do(answer("NRS_WORST", 7))
    assert raised.value.arguments["because"] == "TRAIL_OTHER_AUTHOR"
    other.close()


def test_a_record_lies_under_its_own_suffix_and_never_beside_a_blinded_read(tmp_path, path, station):
    def told(make):
        with pytest.raises(SpineReviewError) as raised:
            make()
        assert "{" not in explain(raised.value)
        return raised.value.code

    assert told(lambda: new_record(tmp_path / "x.srread", CASE, BLINDED, "I1", station)) == "RECORD_SUFFIX"
    new_read(tmp_path / "R1.srread", CASE, BLINDED, "R1", station).close()
    assert told(lambda: new_record(path, CASE, BLINDED, "I1", station)) == "RECORD_BESIDE_READ"
    assert not path.exists()
    new_record(path, CASE, OPEN, "I1", station).close()
    assert told(lambda: new_record(path, CASE, OPEN, "I1", station)) == "TRAIL_EXISTS"
    assert told(lambda: new_read(tmp_path / "R2.srread", CASE, BLINDED, "R2", station)) == "READ_BESIDE_RECORD"
    new_read(tmp_path / "R2.srread", CASE, OPEN, "R2", station).close()


def test_a_read_is_no_record_and_a_record_no_read(tmp_path, path, station):
    new_read(tmp_path / "R1.srread", CASE, OPEN, "R1", station).close()
    new_record(path, CASE, OPEN, "I1", station).close()
    for open_it in (
        lambda: old_record(tmp_path / "R1.srread", CASE, OPEN, "I1", station),
        lambda: record_looked_at(tmp_path / "R1.srread", CASE, OPEN, station),
        lambda: old_record(path, Case(id=Id("c2"), subject_code="X", protocol_sha256=SHA), OPEN, "I1", station),
        lambda: reads.old_read(path, CASE, OPEN, "I1", station),
    ):
        with pytest.raises(CaseError, match="OTHER_CASE"):
            open_it()


def test_a_record_in_use_is_not_opened_twice(path, station):
    session = new_record(path, CASE, BLINDED, "I1", station)
    with pytest.raises(TrailError, match="TRAIL_IN_USE"):
        old_record(path, CASE, BLINDED, "I1", station)
    session.close()
