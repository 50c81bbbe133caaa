"""What follows from a read, for the command line: as lines, as JSON and as tables. What may not be seen is left out.

A blinded reader gets no more here than in the window: the same visibility decides.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from spinereview import __version__
from spinereview.domain.assessment import Assessment, in_reading_order
from spinereview.domain.codec import encode
from spinereview.domain.read import Read
from spinereview.domain.table import Table
from spinereview.errors import CaseError
from spinereview.report.facts import ReadFacts, Trail
from spinereview.report.tables import reasons_of, sheets, words
from spinereview.review.command import Role
from spinereview.review.session import Session
from spinereview.review.visibility import visible
from spinereview.workflow import reads
from spinereview.workflow.assessments import assess_read, shown
from spinereview.workflow.case_file import NAME, CaseFile, case_sha256, read_case_file
from spinereview.workflow.files import replace_file
from spinereview.workflow.reads import Workstation

SCHEMA = 1
"""Of ``docs/assessment.schema.json``."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LookedAt:
    """A read in its case folder, open to be looked at: the file is not changed."""

    file: CaseFile
    session: Session[Read]
    facts: ReadFacts


@contextmanager
def looking_at(path: Path, workstation: Workstation | None = None) -> Iterator[LookedAt]:
    """Look at a read that lies in its case folder.

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
        yield LookedAt(file=file, session=session, facts=facts_of(session, file, Role.READER, sha256))
    finally:
        session.close()


def facts_of(session: Session[Read], file: CaseFile, role: Role, sha256: str = "") -> ReadFacts:
    """What a role may see of an open read, with all that follows from it.

    Parameters
    ----------
    sha256
        Of the bytes of the case file; without it, of those that the program would write.
    """
    seen = visible(session.head, role, session.protocol, session.case)
    history = session.history()
    days = seen.shows_days
    return ReadFacts(
        seen=seen,
        assessments=shown(assess_read(seen.read, session.case, session.protocol), seen),
        program=__version__,
        case_sha256=sha256 or case_sha256(file),
        trail=Trail(
            sequence=session.trail_head.seq, sha256=session.trail_head.hash, utc=history[-1].utc if history else ""
        ),
        dates=Table({str(one.id): file.date_of(one.id) for one in session.case.in_order} if days else {}),
        stack_sha256=Table({str(stack): found for stack, found in reads.recorded_hashes(history).items()}),
    )


def assess_file(path: Path, workstation: Workstation | None = None) -> ReadFacts:
    """Assess a read that lies in its case folder; the file is not changed.

    Raises
    ------
    CaseError, TrailError
        As :func:`looking_at`.
    """
    with looking_at(path, workstation) as looked:
        return looked.facts


def as_json(facts: ReadFacts) -> dict[str, object]:
    """Tree for JSON; numbers are text, as everywhere."""
    return {
        "schema": SCHEMA,
        "program": facts.program,
        "subject": facts.subject,
        "reader": facts.reader,
        "protocol": facts.protocol,
        "protocol_sha256": facts.protocol_sha256,
        "trail_head": facts.trail_head,
        "case_sha256": facts.case_sha256,
        "assessments": {key: encode(answer, Assessment) for key, answer in facts.assessments.items()},
    }


def as_text(facts: ReadFacts, *joined: str) -> str:
    """Lines for people: each outcome with its sentences; ``joined`` says what else than the read they rest on."""
    lines = [
        f"{facts.subject}, reader {facts.reader}, {facts.protocol} ({facts.protocol_sha256[:16]})",
        f"trail {facts.trail_head}, spinereview {facts.program}. Research use only.",
        *joined,
    ]
    return "\n".join([*lines, *lines_of(facts.assessments)]) + "\n"


def lines_of(assessments: Table[Assessment]) -> list[str]:
    """Lines of assessments, an empty one before each: its outcome, below it its sentences."""
    lines: list[str] = []
    for key, answer in in_reading_order(assessments):
        lines += ["", f"{key}: {answer.outcome}"]
        lines += [f"  {'  ' * depth}{words(reason)}" for depth, _, reason in reasons_of(answer)]
    return lines


def as_csv(facts: ReadFacts, folder: Path) -> tuple[Path, ...]:
    """Leave the tables of a read in a folder: lesions, measurements, responses, SINS, fractures, assessments, reasons.

    Raises
    ------
    CaseError
        ``TABLE_NOT_WRITTEN``.
    """
    return tuple(write_table(folder, sheet.name, sheet.head, sheet.rows) for sheet in sheets(facts))


def write_table(folder: Path, name: str, head: Sequence[str], rows: Sequence[Sequence[str]]) -> Path:
    """Leave one table in a folder, which is made where it is missing.

    Raises
    ------
    CaseError
        ``TABLE_NOT_WRITTEN``.
    """
    path = folder / name
    text = io.StringIO(newline="")
    csv.writer(text).writerows([head, *rows])
    try:
        folder.mkdir(parents=True, exist_ok=True)
        replace_file(path, text.getvalue().encode())
    except OSError as error:
        raise CaseError("TABLE_NOT_WRITTEN", file=path, why=error.strerror or "") from error
    return path
