"""The tab of clinical answers: what the protocol shows and nothing else; canaries in every other answer tell a leak."""

from __future__ import annotations

import json
import shutil
from dataclasses import replace

import pytest

from spinereview.domain.clinical import ClinicalEvent, ClinicalEventKind
from spinereview.domain.imaging import Id
from spinereview.domain.scores import Answer, AnswerBasis
from spinereview.domain.table import Table
from spinereview.errors import CaseError
from spinereview.report.read_json import read_json
from spinereview.report.tables import sheets
from spinereview.review.command import Role
from spinereview.review.commands.clinical import CorrectAnswer, RecordAnswer, RecordEvent
from spinereview.ui.panels.side import Page
from spinereview.workflow.answers import facts_of
from spinereview.workflow.case import open_images
from spinereview.workflow.case_file import NAME, read_case_file, write_case_file
from spinereview.workflow.clinical_folder import begin_record, writing
from spinereview.workflow.clinical_release import release_clinical

CANARY = "CANARY-arm-B"
CANARIES = (CANARY, "SARCOMA", "4242", "91.5", "Sarcoma")
"""In a reason, a cause, a histology, a day, a dose: none of them is shown under any of these protocols."""
BLINDED = """
[trial]
id = "B"
version = "1"
title = "Blinded"

[blinding]
sequential = false
{shown}

[criterion.recist]
"""
OPEN = BLINDED.replace("sequential = false", "sequential = false\nshow_days = true\nlive_response = true")


def pain(item: str = "NRS_WORST", value: object = 7) -> RecordAnswer:
    return RecordAnswer(visit=Id("BL"), item=item, value=value)


@pytest.fixture
def made(images, station, tmp_path):
    """Makes a case under a protocol, and the record of its subject with a canary in every answer but the pain."""

    def make(text: str):
        protocol = tmp_path / "p.toml"
        protocol.write_text(text, encoding="utf-8")
        opened = open_images(images, station, reader="R1", subject="S-1", protocol=protocol)
        opened.session.close()
        record = begin_record(opened.folder, "I1", None, station)
        with writing(record, None, "I1", station) as session:
            for act in (pain(value=6), pain("HISTOLOGY", "SARCOMA"), pain("DAY", 4242)):
                session.do(act)
            session.do(CorrectAnswer(visit=Id("BL"), item="NRS_WORST", value=7), reason=CANARY)
            session.do(RecordEvent(event=ClinicalEvent(kind=ClinicalEventKind.NEW_THERAPY, day=4242, cause=CANARY)))
        return opened, record

    return make


@pytest.fixture
def read(empty):
    """Opens a case folder in the window."""

    def open_it(opened):
        empty.window.open_path(opened.folder)
        empty.loaded()
        return empty

    return open_it


def leaks(desk) -> list[str]:
    """Canaries in the window, in what it would export, and in the reader's own files that are text."""
    opened = desk.window.opened
    facts = facts_of(opened.session, opened.file, Role.READER)
    told = [desk.words(), json.dumps(read_json(facts)), *(str(sheet.rows) for sheet in sheets(facts))]
    return [word for word in CANARIES if any(word in text for text in told)]


def tab(desk) -> list[tuple[str, str]]:
    desk.click(desk.bench.tabs, desk.bench.tabs.tabRect(Page.CLINICAL.value).center())
    cells = desk.bench._side.clinical.cells
    return [(name.text(), value.text()) for name, value in cells if name.isVisible()]


def test_a_blinded_reader_sees_what_was_released_and_nothing_else(made, read, station) -> None:
    opened, record = made(BLINDED.format(shown='clinical_shown = ["NRS_WORST", "DAY"]'))
    assert record.parent != opened.folder
    told = release_clinical(record, opened.folder, station)
    assert told == "BL: Worst pain (NRS): 7 points\n"
    assert not any(word.encode() in (opened.folder / NAME).read_bytes() for word in CANARIES)
    desk = read(opened)
    assert desk.bench.tabs.isTabVisible(Page.CLINICAL.value)
    assert tab(desk) == [("Worst pain (NRS)", "7 points")]
    assert leaks(desk) == []
    desk.bench.navigation.show_timepoint(Id("FU1"))
    desk.breathe()
    assert tab(desk) == []
    assert "Nothing of the clinical record is known here of FU1" in desk.bench._side.clinical.note.text()


def test_a_protocol_that_hides_it_has_no_tab_whatever_the_case_holds(made, read, station) -> None:
    opened, record = made(BLINDED.format(shown=""))
    with pytest.raises(CaseError, match="CLINICAL_NOTHING_SHOWN"):
        release_clinical(record, opened.folder, station)
    file, _ = read_case_file(opened.folder / NAME)
    given = {"HISTOLOGY": "SARCOMA", "NRS_WORST": 4242}
    answers = Table({item: Answer(value=value, basis=AnswerBasis.ENTERED) for item, value in given.items()})
    points = {key: replace(one, clinical=answers) for key, one in file.case.timepoints.items()}
    write_case_file(opened.folder / NAME, replace(file, case=replace(file.case, timepoints=Table(points))))
    desk = read(opened)
    assert not desk.bench.tabs.isTabVisible(Page.CLINICAL.value)
    assert leaks(desk) == []


def test_a_record_that_somebody_put_beside_a_blinded_read_is_not_looked_at(made, read) -> None:
    opened, record = made(BLINDED.format(shown='clinical_shown = ["NRS_WORST"]'))
    shutil.copy(record, opened.folder / record.name)
    desk = read(opened)
    assert tab(desk) == []
    assert leaks(desk) == []


def test_an_unblinded_reader_sees_the_record_beside_his_case_as_far_as_the_protocol_says(made, read) -> None:
    opened, record = made(OPEN.format(shown='clinical_shown = ["NRS_WORST"]'))
    assert record.parent == opened.folder
    desk = read(opened)
    assert tab(desk) == [("Worst pain (NRS)", "7 points")]
    assert leaks(desk) == []


def test_the_pain_of_the_record_is_suggested_for_sins_where_it_is_shown_and_never_set(made, read, station) -> None:
    for shown, suggested in (('clinical_shown = ["SINS_PAIN"]', True), ('clinical_shown = ["NRS_WORST"]', False)):
        opened, record = made(BLINDED.format(shown=shown) + "\n[criterion.sins]\n")
        with writing(record, None, "I1", station) as session:
            session.do(pain("SINS_PAIN", "MECHANICAL"))
        release_clinical(record, opened.folder, station)
        desk = read(opened)
        desk.click(desk.bench.tabs, desk.bench.tabs.tabRect(Page.SPINE.value).center())
        desk.choose_level("T9")
        accept = desk.bench.spine.accepts["SINS", "PAIN"]
        assert accept.isVisible() is suggested
        assert desk.bench.spine.boxes["SINS", "PAIN"].currentData() == ""
        if suggested:
            assert "clinical record" in accept.toolTip()
            assert tab(desk) == [("Pain for SINS", "mechanical")]
        desk.window.close_case()
        shutil.rmtree(opened.folder)
        shutil.rmtree(record.parent)


def test_the_generic_protocol_shows_none(desk) -> None:
    assert not desk.bench.tabs.isTabVisible(Page.CLINICAL.value)


def test_what_is_taken_back_in_the_record_goes_with_the_next_release(made, station) -> None:
    opened, record = made(BLINDED.format(shown='clinical_shown = ["NRS_WORST"]'))
    release_clinical(record, opened.folder, station)
    with writing(record, None, "I1", station) as session:
        for _ in range(5):
            session.undo()
    assert "holds none" in release_clinical(record, opened.folder, station)
    assert not any(one.clinical for one in read_case_file(opened.folder / NAME)[0].case.timepoints.values())
