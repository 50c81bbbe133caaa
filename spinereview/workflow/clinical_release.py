"""Answers of a clinical record that a reader may see: put into his case, or read from the record beside an unblinded one.

What a reader may not see is not in the files he has: only the items that the protocol shows (``clinical_shown``) are taken,
without the reason of a correction, which may tell more than the answer. Events are never among them.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

from spinereview.domain.case import Case, Timepoint
from spinereview.domain.clinical import ClinicalRecord
from spinereview.domain.protocol import Protocol
from spinereview.domain.scores import Answer
from spinereview.domain.table import Table
from spinereview.errors import CaseError, SpineReviewError
from spinereview.report.clinical_words import item_name, value_words
from spinereview.review.clinical import visible_record
from spinereview.review.clinical_shown import items_shown
from spinereview.review.command import Role
from spinereview.text import sentence
from spinereview.workflow.case_file import NAME, read_case_file, write_case_file
from spinereview.workflow.clinical_folder import RecordCase, case_in, looking_at_record
from spinereview.workflow.reads import RECORD_SUFFIX, Workstation, blinds

Released = Mapping[str, Table[Answer]]
"""Answers by timepoint, then by item."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Beside:
    """What a record beside a case tells its reader; ``problem`` says why it could not be looked at."""

    answers: Table[Table[Answer]] = field(default_factory=Table)
    problem: SpineReviewError | None = None


def release_clinical(record: Path, folder: Path, station: Workstation | None = None) -> str:
    """Put what readers may see of a record into the case of a folder, in the place of what was there; lines of it.

    Raises
    ------
    CaseError
        ``CLINICAL_NOTHING_SHOWN`` where the protocol shows readers nothing; ``RECORD_OTHER_CASE``, ``CASE_FILE_...``.
    TrailError
        The record is in use, or cannot be read.
    """
    known = case_in(folder)
    if not items_shown(known.protocol):
        raise CaseError("CLINICAL_NOTHING_SHOWN", protocol=known.protocol.id)
    with looking_at_record(record, known, station or Workstation()) as session:
        released = _released(session.head, known.case, known.protocol)
    file, _ = read_case_file(folder / NAME)
    points = {
        key: replace(one, clinical=released.get(key, Table[Answer]())) for key, one in file.case.timepoints.items()
    }
    changed = replace(file, case=replace(file.case, timepoints=Table(points)))
    if changed != file:
        write_case_file(folder / NAME, changed)
    lines = [
        f"{timepoint.label}: {item_name(item)}: {value_words(item, answer.value)}"
        for timepoint in changed.case.in_order
        for item, answer in timepoint.clinical.items()
    ]
    return "\n".join(lines or [sentence("CLINICAL_RELEASED_NONE")]) + "\n"


def clinical_beside(folder: Path, case: Case, protocol: Protocol, station: Workstation) -> Beside:
    """What the record in a case folder tells its reader; nothing under a protocol that blinds him or shows nothing."""
    path = folder / f"{case.subject_code}{RECORD_SUFFIX}"
    if blinds(protocol) or not items_shown(protocol) or not path.is_file():
        return Beside()
    try:
        with looking_at_record(path, RecordCase(case=case, protocol=protocol), station) as session:
            return Beside(answers=Table(_released(session.head, case, protocol)))
    except SpineReviewError as error:
        return Beside(problem=error)


def _released(record: ClinicalRecord, case: Case, protocol: Protocol) -> dict[str, Table[Answer]]:
    part = visible_record(record, Role.READER, protocol)
    found = {str(one.id): _bare(_of(part, one)) for one in case.in_order}
    return {key: answers for key, answers in found.items() if answers}


def _of(record: ClinicalRecord, timepoint: Timepoint) -> Table[Answer]:
    """Answers of a timepoint, recorded under its own id or under the name of its visit."""
    own = record.visits.get(timepoint.id)
    if own is not None or not timepoint.visit:
        return own or Table()
    return record.visits.get(timepoint.visit, Table())


def _bare(answers: Table[Answer]) -> Table[Answer]:
    return Table({item: Answer(value=answer.value, basis=answer.basis) for item, answer in answers.items()})
