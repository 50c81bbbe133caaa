"""What follows from a read, for the command line: as lines, as JSON and as tables. What may not be seen is left out.

A blinded reader gets no more here than in the window: the same visibility decides.
"""

from __future__ import annotations

import csv
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path

from spinereview import __version__
from spinereview.criteria.recist.percent import mm_text
from spinereview.domain.assessment import Assessment, Reason
from spinereview.domain.codec import encode
from spinereview.domain.table import Table
from spinereview.errors import CaseError
from spinereview.review.command import Role
from spinereview.review.visibility import visible
from spinereview.text import sentence
from spinereview.workflow import reads
from spinereview.workflow.assessments import assess_read, shown
from spinereview.workflow.case_file import NAME, read_case_file
from spinereview.workflow.reads import Workstation

SCHEMA = 1
"""Of ``docs/assessment.schema.json``."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Answers:
    """Assessments of a read, and what they were made from."""

    subject: str
    reader: str
    protocol: str
    protocol_sha256: str
    trail_head: str
    case_sha256: str
    assessments: Table[Assessment]


def assess_file(path: Path, workstation: Workstation | None = None) -> Answers:
    """Assess a read that lies in its case folder; the file is not changed.

    Raises
    ------
    CaseError
        ``CASE_FILE_MISSING`` or the like where the case is not beside it; ``READ_OTHER_CASE``.
    TrailError
        The read is in use, or cannot be read.
    """
    path = path.absolute()
    file, sha256 = read_case_file(path.parent / NAME)
    protocol = reads.protocol_of(path.parent, file.case)
    session = reads.looked_at(path, file.case, protocol, workstation or Workstation())
    try:
        seen = visible(session.head, Role.READER, protocol, session.case)
        return Answers(
            subject=file.case.subject_code,
            reader=session.head.reader_code,
            protocol=f"{protocol.title} {protocol.version}",
            protocol_sha256=protocol.sha256,
            trail_head=session.head_hash,
            case_sha256=sha256,
            assessments=shown(assess_read(seen.read, session.case, protocol), seen),
        )
    finally:
        session.close()


def as_json(answers: Answers) -> dict[str, object]:
    """Tree for JSON; numbers are text, as everywhere."""
    return {
        "schema": SCHEMA,
        "program": __version__,
        "subject": answers.subject,
        "reader": answers.reader,
        "protocol": answers.protocol,
        "protocol_sha256": answers.protocol_sha256,
        "trail_head": answers.trail_head,
        "case_sha256": answers.case_sha256,
        "assessments": {key: encode(answer, Assessment) for key, answer in answers.assessments.items()},
    }


def as_text(answers: Answers) -> str:
    """Lines for people: each outcome with its sentences."""
    lines = [
        f"{answers.subject}, reader {answers.reader}, {answers.protocol} ({answers.protocol_sha256[:16]})",
        f"trail {answers.trail_head}, spinereview {__version__}. Research use only.",
    ]
    return "\n".join([*lines, *lines_of(answers.assessments)]) + "\n"


def lines_of(assessments: Table[Assessment]) -> list[str]:
    """Lines of assessments, an empty one before each: its outcome, below it its sentences."""
    lines: list[str] = []
    for key, answer in assessments.items():
        lines += ["", f"{key}: {answer.outcome}"]
        lines += [f"  {'  ' * depth}{words(reason)}" for depth, _, reason in _reasons(answer)]
    return lines


def as_csv(answers: Answers, folder: Path) -> tuple[Path, Path]:
    """Leave two tables in a folder: a row for each assessment with its values, and a row for each reason.

    Raises
    ------
    CaseError
        ``TABLE_NOT_WRITTEN``.
    """
    head = ("subject", "reader", "timepoint", "criterion", "question", "outcome")
    names = sorted({name for answer in answers.assessments.values() for name in answer.values})
    rows = [
        (*_about(answers, answer), *(number(name, answer.values.get(name)) for name in names))
        for answer in answers.assessments.values()
    ]
    reasons = [
        (
            *_about(answers, answer),
            kind,
            reason.code,
            reason.rule,
            words(reason),
            "; ".join("/".join(r) for r in reason.refs),
        )
        for answer in answers.assessments.values()
        for _, kind, reason in _reasons(answer)
    ]
    tables = (
        ("assessments.csv", (*head, *names), rows),
        ("reasons.csv", (*head, "kind", "code", "rule", "sentence", "refs"), reasons),
    )
    return write_table(folder, *tables[0]), write_table(folder, *tables[1])


def words(reason: Reason) -> str:
    """Sentence of a reason."""
    return sentence(reason.code, reason.args)


def number(name: str, value: Decimal | None) -> str:
    """As it is shown: millimetres to a tenth."""
    if value is None:
        return ""
    return mm_text(value) if name.endswith("_mm") else str(value)


def _refs(reason: Reason) -> str:
    return "; ".join("/".join(ref) for ref in reason.refs)


def _about(answers: Answers, answer: Assessment) -> tuple[str, ...]:
    timepoint, *question = answer.scope
    return answers.subject, answers.reader, timepoint, answer.criterion, "/".join(question), answer.outcome


def _reasons(answer: Assessment) -> Iterator[tuple[int, str, Reason]]:
    """Depth, kind and reason, from the top down."""
    for kind, listed in (("because", answer.because), ("warning", answer.warnings), ("missing", answer.missing)):
        yield from _below(listed, kind, 0)


def _below(listed: Sequence[Reason], kind: str, depth: int) -> Iterator[tuple[int, str, Reason]]:
    for reason in listed:
        yield depth, kind, reason
        yield from _below(reason.because, kind, depth + 1)


def write_table(folder: Path, name: str, head: Sequence[str], rows: Sequence[Sequence[str]]) -> Path:
    """Leave one table in a folder, which is made where it is missing.

    Raises
    ------
    CaseError
        ``TABLE_NOT_WRITTEN``.
    """
    path = folder / name
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with path.open("w", encoding="utf-8", newline="") as file:
            csv.writer(file).writerows([head, *rows])
    except OSError as error:
        raise CaseError("TABLE_NOT_WRITTEN", file=path, why=error.strerror or "") from error
    return path
