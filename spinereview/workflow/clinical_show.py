"""What a clinical record holds, for the command line: visits, events, scores with reasons; as lines and as JSON."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from spinereview import __version__
from spinereview.domain.assessment import Assessment, Reason
from spinereview.domain.clinical import ClinicalRecord
from spinereview.domain.clinical_items import ITEMS
from spinereview.domain.codec import Json, encode
from spinereview.domain.imaging import Id
from spinereview.domain.table import Table
from spinereview.report.clinical_words import answer_words, event_words
from spinereview.report.facts import Trail
from spinereview.report.read_json import ProtocolNamed
from spinereview.report.tables import words
from spinereview.review.clinical import visible_record
from spinereview.review.command import Role
from spinereview.text import sentence
from spinereview.workflow.answers import lines_of
from spinereview.workflow.clinical import record_author
from spinereview.workflow.clinical_folder import case_in, looking_at_record
from spinereview.workflow.clinical_scores import Derived, derived
from spinereview.workflow.reads import Workstation

SCHEMA = 1
"""Of ``docs/clinical.schema.json``."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ClinicalFile:
    """All of a clinical record, and what follows from it alone.

    Parameters
    ----------
    baseline
        Visit that the others are compared with.
    order
        Visits that were compared, in their order.
    problem
        Why no score is derived; None where they are.
    """

    schema: int
    program: str
    investigator: str
    protocol: ProtocolNamed
    trail: Trail
    record: ClinicalRecord
    baseline: str
    order: tuple[Id, ...]
    problem: Reason | None
    assessments: Table[Assessment]


def show_record(path: Path, case: Path | None = None, workstation: Workstation | None = None) -> ClinicalFile:
    """Look at a record; the file is not changed.

    Raises
    ------
    CaseError, TrailError
        It belongs to another case, is in use, or cannot be read.
    """
    known = case_in(case or path.absolute().parent)
    with looking_at_record(path, known, workstation or Workstation()) as session:
        record = visible_record(session.head, Role.INVESTIGATOR, known.protocol)
        history = session.history()
        head = session.trail_head
    found: Derived = derived(record, known.case, known.protocol)
    protocol = known.protocol
    return ClinicalFile(
        schema=SCHEMA,
        program=__version__,
        investigator=record_author(path),
        protocol=ProtocolNamed(id=protocol.id, version=protocol.version, title=protocol.title, sha256=protocol.sha256),
        trail=Trail(sequence=head.seq, sha256=head.hash, utc=history[-1].utc if history else ""),
        record=record,
        baseline=found.baseline,
        order=found.visits,
        problem=found.problem,
        assessments=found.assessments,
    )


def as_json(file: ClinicalFile) -> Json:
    """Tree for JSON, by ``docs/clinical.schema.json``."""
    return encode(file, ClinicalFile)


def as_text(file: ClinicalFile) -> str:
    """Lines for people."""
    named = file.protocol
    lines = [
        f"{file.record.subject_code}, investigator {file.investigator}, {named.title} {named.version} ({named.sha256[:16]})",
        f"trail {file.trail.sha256[:8]}, spinereview {file.program}. Research use only.",
    ]
    for visit in _listed(file):
        head = sentence("VISIT_BASELINE", {"visit": visit}) if visit == file.baseline else visit
        answers = file.record.visits[visit]
        lines += ["", head, *(f"  {answer_words(item, answers[item])}" for item in ITEMS if item in answers)]
    if file.record.events:
        lines += ["", sentence("EVENTS")]
        lines += [f"  {key}: {event_words(event)}" for key, event in file.record.events.items()]
    if not file.record.visits and not file.record.events:
        lines += ["", sentence("RECORD_EMPTY")]
    if file.problem is not None:
        lines += ["", sentence("RECORD_NOT_DERIVED", {"why": words(file.problem)})]
    return "\n".join([*lines, *lines_of(file.assessments)]) + "\n"


def _listed(file: ClinicalFile) -> list[Id]:
    """Visits with answers: in their order where it is known, then the others."""
    known = [visit for visit in file.order if visit in file.record.visits]
    return [*known, *(Id(visit) for visit in file.record.visits if visit not in file.order)]
