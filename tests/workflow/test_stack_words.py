"""What a person says of a stack: it is kept with the case, noted in the read, and no scan changes it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from spinereview.domain.imaging import Id, Plane, Posture
from spinereview.domain.sequence import Contrast, Role, Source, source_of
from spinereview.errors import Refused
from spinereview.review.commands.visits import LockVisit
from spinereview.review.history import tell
from spinereview.text import sentence
from spinereview.workflow.case import OpenedCase, Opening, open_case, open_read
from spinereview.workflow.case_file import case_sha256, read_case_file
from spinereview.workflow.reads import Workstation
from spinereview.workflow.stack_words import StackWords, describe, words_of

Keep = Callable[[Opening], OpenedCase]


@pytest.fixture
def opened(images: Path, workstation: Workstation, kept: Keep) -> OpenedCase:
    return kept(open_case(images, workstation, reader="R1", subject="K7QX"))


def stack_of(opened: OpenedCase, timepoint: str = "BL") -> Id:
    return Id(next(iter(opened.case.timepoints[timepoint].stacks)))


def description(opened: OpenedCase, stack: Id):
    return next(one for one in opened.source.descriptions if one.stack.id == stack)


SAID = StackWords(role=Role.CT_BONE, plane=Plane.SAGITTAL, contrast=Contrast.GIVEN, posture=Posture.PRONE)


def test_what_is_said_wins_over_the_images_and_stays_when_they_are_scanned_again(
    opened: OpenedCase, workstation: Workstation, kept: Keep
) -> None:
    stack = stack_of(opened)
    assert description(opened, stack).role is Role.CT
    after = describe(opened, stack, SAID)
    row = description(after, stack)
    assert (row.role, row.stack.plane, row.stack.contrast, row.stack.posture) == (
        *(Role.CT_BONE, Plane.SAGITTAL, "GIVEN"),
        Posture.PRONE,
    )
    assert source_of(row.stack, row.suggestion) is Source.PERSON
    assert (row.suggestion.role, row.suggested_plane) == (Role.CT, Plane.AXIAL), "what the images suggest is still told"
    after.session.close()
    again = kept(open_read(after.read_path, workstation))
    assert [warning.code for warning in again.warnings] == []
    assert words_of(description(again, stack).stack) == SAID
    assert again.case.timepoints["BL"].stacks[stack] == after.case.timepoints["BL"].stacks[stack]


def test_each_word_is_noted_with_what_stood_there_before(opened: OpenedCase) -> None:
    stack = stack_of(opened)
    before = case_sha256(opened.file)
    after = describe(opened, stack, replace(words_of(opened.case.timepoints["BL"].stacks[stack]), role=Role.CT_SOFT))
    *_, said, written = after.session.history()
    assert (said.name, dict(said.args)) == (
        "stack_described",
        {"stack": stack, "item": "role", "value": "CT_SOFT", "was": "AS_SUGGESTED"},
    )
    assert dict(written.args) == {"before": before, "after": case_sha256(after.file)}
    assert read_case_file(after.folder / "case.json")[1] == case_sha256(after.file)
    told = tell(said.name, said.args, after.session.head, after.case)
    assert sentence(told.code, told.args).endswith(": role CT_SOFT")


def test_a_word_can_be_taken_back(opened: OpenedCase) -> None:
    stack = stack_of(opened)
    said = describe(opened, stack, SAID)
    back = describe(said, stack, words_of(opened.case.timepoints["BL"].stacks[stack]))
    assert back.file == opened.file
    assert description(back, stack).role is Role.CT


def test_the_same_words_change_nothing_and_note_nothing(opened: OpenedCase) -> None:
    stack = stack_of(opened)
    count = len(opened.session.history())
    assert describe(opened, stack, words_of(opened.case.timepoints["BL"].stacks[stack])) is opened
    assert len(opened.session.history()) == count


def test_the_name_of_an_agent_stays_where_only_something_else_is_said(opened: OpenedCase) -> None:
    stack = stack_of(opened)
    point = opened.case.timepoints["BL"]
    named = replace(point.stacks[stack], contrast="Iomeron 350")
    case = replace(
        opened.case,
        timepoints=opened.case.timepoints.with_("BL", replace(point, stacks=point.stacks.with_(stack, named))),
    )
    opened.session.case = case
    opened = replace(opened, file=replace(opened.file, case=case))
    after = describe(opened, stack, replace(words_of(named), role=Role.CT_BONE))
    assert after.case.timepoints["BL"].stacks[stack].contrast == "Iomeron 350"
    none = describe(after, stack, replace(words_of(named), contrast=Contrast.NONE))
    assert none.case.timepoints["BL"].stacks[stack].contrast == "NONE"


def test_what_cannot_be_said_is_refused_and_nothing_changes(opened: OpenedCase) -> None:
    stack = stack_of(opened)
    with pytest.raises(Refused, match="CASE_STACK_UNKNOWN"):
        describe(opened, Id("k0"), SAID)
    with pytest.raises(Refused, match="CASE_ROLE_OF_OTHER_MODALITY"):
        describe(opened, stack, replace(SAID, role=Role.T2))
    opened.session.do(LockVisit(timepoint=Id("BL")))
    with pytest.raises(Refused, match="CASE_DESCRIBE_LOCKED"):
        describe(opened, stack, SAID)
    describe(opened, stack_of(opened, "FU1"), SAID)
    assert read_case_file(opened.folder / "case.json")[0].case.timepoints["BL"] == opened.case.timepoints["BL"]
