"""The whole read as JSON, by ``docs/read.schema.json``: the document, what was derived from it, and the hashes of both.

Every field of every value is written, defaults too; there is no float in it. The schema is made from the same annotations
that write the values, so that neither can forget a field of the other.
"""

from __future__ import annotations

from dataclasses import dataclass

from spinereview.domain.assessment import Assessment, Reason
from spinereview.domain.case import Case
from spinereview.domain.codec import Json, encode
from spinereview.domain.imaging import Id
from spinereview.domain.read import Read
from spinereview.domain.table import Table
from spinereview.report.facts import ReadFacts, Trail
from spinereview.report.tables import number

SCHEMA = 1
"""Of ``docs/read.schema.json``."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LesionValue:
    """Reported value of a lesion at a timepoint in millimetres; None, with the problem, where there is none."""

    lesion: Id
    timepoint: Id
    value_mm: str | None
    problem: Reason | None
    warnings: tuple[Reason, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ProtocolNamed:
    """Which protocol a read follows."""

    id: str
    version: str
    title: str
    sha256: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadFile:
    """All of a read as far as it may be seen.

    Parameters
    ----------
    stack_sha256
        Hash of each stack of images as the trail has it: SHA-256 over its sorted lines of UID, frame and file hash.
    """

    schema: int
    program: str
    role: str
    protocol: ProtocolNamed
    case_sha256: str
    trail: Trail
    stack_sha256: Table[str]
    case: Case
    read: Read
    values: tuple[LesionValue, ...]
    assessments: Table[Assessment]


def read_file(facts: ReadFacts) -> ReadFile:
    """What is written of a read."""
    protocol, settings = facts.seen.protocol, facts.settings
    values = []
    for lesion in facts.lesions:
        for timepoint in facts.case.in_order:
            found = facts.value(lesion, timepoint, settings)
            values.append(
                LesionValue(
                    lesion=lesion.id,
                    timepoint=timepoint.id,
                    value_mm=number("value_mm", found.mm) or None,
                    problem=found.problem,
                    warnings=found.warnings,
                )
            )
    return ReadFile(
        schema=SCHEMA,
        program=facts.program,
        role=facts.seen.role.value,
        protocol=ProtocolNamed(id=protocol.id, version=protocol.version, title=protocol.title, sha256=protocol.sha256),
        case_sha256=facts.case_sha256,
        trail=facts.trail,
        stack_sha256=facts.stack_sha256,
        case=facts.case,
        read=facts.read,
        values=tuple(values),
        assessments=facts.assessments,
    )


def read_json(facts: ReadFacts) -> Json:
    """Tree for JSON."""
    return encode(read_file(facts), ReadFile)
