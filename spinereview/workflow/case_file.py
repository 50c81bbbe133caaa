"""``case.json`` of an unblinded case: which images make which timepoint, and where they were found.

The file holds no name and no Patient ID: the patient is recognised by a hash of the ID, salted with the id of the case.
How its timepoints come about says :mod:`spinereview.workflow.timepoints`.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

from spinereview.domain.case import Case, Schedule
from spinereview.domain.checks import require
from spinereview.domain.codec import canonical, decode, encode, parse
from spinereview.domain.imaging import Id
from spinereview.domain.table import Table
from spinereview.errors import CaseError, InvalidValue
from spinereview.workflow.files import commit_file, replace_file, write_beside

NAME = "case.json"
SCHEMA = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class StudyRecord:
    """A DICOM Study of a timepoint; ``date`` is ISO 8601 (``2024-03-31``), empty where the images state none."""

    uid: str
    date: str
    stacks: tuple[Id, ...]

    def __post_init__(self) -> None:
        require(holds=not self.date or study_date(self.date.replace("-", "")) == self.date, code="CASE_DATE")


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseFile:
    """What ``case.json`` says.

    Parameters
    ----------
    patient_sha256
        See :func:`patient_hash`.
    sources
        Folders and files in which the images were found, absolute.
    studies
        By timepoint, in the order of their dates; together they have exactly the stacks of the timepoint.
    """

    schema: int = SCHEMA
    case: Case
    patient_sha256: str
    sources: tuple[str, ...]
    studies: Table[tuple[StudyRecord, ...]] = field(default_factory=Table)

    def __post_init__(self) -> None:
        require(holds=self.schema == SCHEMA, code="CASE_SCHEMA", value=self.schema)
        require(holds=set(self.studies) == set(self.case.timepoints), code="CASE_STUDIES", name=self.case.id)
        for timepoint in self.case.timepoints.values():
            listed = [stack for study in self.studies[timepoint.id] for stack in study.stacks]
            fits = sorted(listed) == sorted(timepoint.stacks)
            require(holds=fits, code="CASE_STUDIES", name=timepoint.id)

    @property
    def study_uids(self) -> frozenset[str]:
        """Study Instance UIDs of all timepoints."""
        return frozenset(study.uid for studies in self.studies.values() for study in studies)

    def date_of(self, timepoint: Id) -> str:
        """Earliest Study Date of a timepoint, ISO 8601; empty where it has none."""
        return min((study.date for study in self.studies[timepoint] if study.date), default="")

    def day_of(self, timepoint: Id) -> int | None:
        """Days from the first timepoint; None where one of the two has no date."""
        first, this = self.date_of(self.case.in_order[0].id), self.date_of(timepoint)
        return (date.fromisoformat(this) - date.fromisoformat(first)).days if first and this else None

    def schedule(self) -> Schedule:
        """Scan days of the stacks, day 0 the date of the first timepoint; stacks without a date are left out."""
        days: dict[str, tuple[int, int]] = {}
        first = self.date_of(self.case.in_order[0].id) if self.case.timepoints else ""
        for studies in self.studies.values():
            for study in studies if first else ():
                if study.date:
                    day = (date.fromisoformat(study.date) - date.fromisoformat(first)).days
                    days.update(dict.fromkeys(study.stacks, (day, day)))
        return Schedule(scan_days=Table(days))


def study_date(text: str) -> str:
    """ISO 8601 of a Study Date (PS3.5 6.2, DA); empty where it is none. ``1994.05.06`` is the older form of ACR-NEMA.

    >>> study_date("20240331"), study_date("1994.05.06"), study_date("20240230")
    ('2024-03-31', '1994-05-06', '')
    """
    digits = text.strip().replace(".", "")
    if len(digits) != 8 or not digits.isascii() or not digits.isdigit():
        return ""
    try:
        return date(int(digits[:4]), int(digits[4:6]), int(digits[6:])).isoformat()
    except ValueError:
        return ""


def patient_hash(case: Id, patient_id: str) -> str:
    """SHA-256 by which a case recognises its patient; nobody reads the Patient ID from it without trying all of them."""
    return hashlib.sha256(f"spinereview.patient.1\n{case}\n{patient_id}".encode()).hexdigest()


def read_case_file(path: Path) -> tuple[CaseFile, str]:
    """Case file and the SHA-256 of its bytes.

    Raises
    ------
    CaseError
        ``CASE_FILE_MISSING``, ``CASE_FILE_UNREADABLE``, ``CASE_FILE_NEWER``, ``CASE_FILE_DAMAGED``.
    """
    try:
        data = path.read_bytes()
    except FileNotFoundError as error:
        raise CaseError("CASE_FILE_MISSING", file=path) from error
    except OSError as error:
        raise CaseError("CASE_FILE_UNREADABLE", file=path, error=error.strerror) from error
    try:
        tree = parse(data)
        schema = tree.get("schema") if isinstance(tree, dict) else None
        if isinstance(schema, int) and schema > SCHEMA:
            raise CaseError("CASE_FILE_NEWER", file=path, schema=schema, known=SCHEMA)
        return decode(CaseFile, tree), hashlib.sha256(data).hexdigest()
    except InvalidValue as error:
        raise CaseError("CASE_FILE_DAMAGED", file=path, error=error.code) from error


def case_bytes(file: CaseFile) -> bytes:
    """The bytes of ``case.json``, always the same for the same case."""
    return canonical(encode(file, CaseFile)) + b"\n"


def case_sha256(file: CaseFile) -> str:
    """SHA-256 of :func:`case_bytes`."""
    return hashlib.sha256(case_bytes(file)).hexdigest()


def write_case_file(path: Path, file: CaseFile) -> None:
    """Replace ``case.json`` whole.

    Raises
    ------
    CaseError
        ``CASE_FILE_NOT_WRITTEN``; the old file is as it was.
    """
    try:
        replace_file(path, case_bytes(file))
    except OSError as error:
        raise CaseError("CASE_FILE_NOT_WRITTEN", file=path, error=error.strerror) from error


@contextmanager
def replacing(path: Path, file: CaseFile) -> Iterator[None]:
    """Write the next ``case.json`` beside; it takes the place of the old one when the block has ended without an error.

    Raises
    ------
    CaseError
        ``CASE_FILE_NOT_WRITTEN``; the old file is as it was.
    """
    try:
        beside = write_beside(path, case_bytes(file))
    except OSError as error:
        raise CaseError("CASE_FILE_NOT_WRITTEN", file=path, error=error.strerror) from error
    try:
        yield
    except BaseException:
        beside.unlink(missing_ok=True)
        raise
    try:
        commit_file(beside, path)
    except OSError as error:
        raise CaseError("CASE_FILE_NOT_WRITTEN", file=path, error=error.strerror) from error
