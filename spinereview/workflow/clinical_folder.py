"""Folders of clinical records: a record lies with a copy of its case and its protocol, apart from blinded reads."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from spinereview.domain.case import Case
from spinereview.domain.clinical import ClinicalRecord
from spinereview.domain.protocol import Protocol
from spinereview.errors import CaseError
from spinereview.review.session import Session
from spinereview.workflow.case_file import NAME, read_case_file
from spinereview.workflow.clinical import new_record, old_record, record_author, record_looked_at
from spinereview.workflow.files import replace_file
from spinereview.workflow.reads import PROTOCOL, RECORD_SUFFIX, Workstation, blinds, protocol_of, reader_code, reads_in

APART = "-clinical"
"""Ending of the folder that is made beside the case folder where the protocol blinds its readers."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordCase:
    """The case of a record, and the protocol that it is bound to."""

    case: Case
    protocol: Protocol


def case_in(folder: Path) -> RecordCase:
    """Case and protocol of a folder.

    Raises
    ------
    CaseError
        ``CASE_FILE_MISSING`` or the like; ``CASE_PROTOCOL_MISSING``.
    """
    file, _ = read_case_file(folder / NAME)
    return RecordCase(case=file.case, protocol=protocol_of(folder, file.case))


def begin_record(folder: Path, investigator: str, out: Path | None, workstation: Workstation) -> Path:
    """Make the empty record of a case, with copies of the case and of its protocol beside it.

    Parameters
    ----------
    folder
        The case folder.
    out
        Folder of the record. None: the case folder, or one beside it where the protocol blinds its readers.

    Raises
    ------
    CaseError
        ``READER_CODE_NEEDED``, ``READER_CODE_INVALID``; ``RECORD_BESIDE_READ``; ``RECORD_FOLDER_OF_OTHER_CASE``;
        ``RECORD_FOLDER_NOT_WRITTEN``.
    TrailError
        ``TRAIL_EXISTS``, or it cannot be written.
    """
    author = reader_code(investigator, workstation)
    folder = folder.absolute()
    known = case_in(folder)
    apart = folder.with_name(folder.name + APART) if blinds(known.protocol) else folder
    target = (out or apart).absolute()
    path = target / f"{known.case.subject_code}{RECORD_SUFFIX}"
    if blinds(known.protocol) and reads_in(target):
        raise CaseError("RECORD_BESIDE_READ", file=path, read=reads_in(target)[0].name)
    if target != folder:
        _copy(folder, target, known)
    new_record(path, known.case, known.protocol, author, workstation).close()
    return path


def open_record(
    path: Path, investigator: str, workstation: Workstation, case: Path | None = None
) -> Session[ClinicalRecord]:
    """Open a record for its investigator; for anybody else to be looked at.

    Parameters
    ----------
    investigator
        Code of who writes; empty: the one whose record it is.
    case
        Case folder; None: the record's own folder.

    Raises
    ------
    CaseError, TrailError
        As :func:`~spinereview.workflow.clinical.old_record`.
    """
    path = path.absolute()
    known = case_in(case or path.parent)
    return old_record(path, known.case, known.protocol, investigator or record_author(path), workstation)


@contextmanager
def writing(
    path: Path, case: Path | None, investigator: str, workstation: Workstation
) -> Iterator[Session[ClinicalRecord]]:
    """Open a record for its investigator, and close it.

    Parameters
    ----------
    case
        Case folder; None: the record's own folder.
    investigator
        Code of who writes; empty: the one whose record it is.

    Raises
    ------
    CaseError, TrailError
        As :func:`~spinereview.workflow.clinical.old_record`.
    """
    session = open_record(path, investigator, workstation, case)
    try:
        yield session
    finally:
        session.close()


@contextmanager
def looking_at_record(path: Path, known: RecordCase, workstation: Workstation) -> Iterator[Session[ClinicalRecord]]:
    """Look at a record; the file is not changed."""
    session = record_looked_at(path.absolute(), known.case, known.protocol, workstation)
    try:
        yield session
    finally:
        session.close()


def _copy(folder: Path, target: Path, known: RecordCase) -> None:
    """Copy the files of the case, unless they are there; those of another case are left as they are."""
    own = target / NAME
    if own.exists() and read_case_file(own)[0].case.id != known.case.id:
        raise CaseError("RECORD_FOLDER_OF_OTHER_CASE", folder=target, case=known.case.subject_code)
    try:
        target.mkdir(parents=True, exist_ok=True)
        for name in (NAME, PROTOCOL):
            if (folder / name).is_file():
                replace_file(target / name, (folder / name).read_bytes())
    except OSError as error:
        raise CaseError("RECORD_FOLDER_NOT_WRITTEN", folder=target, why=error.strerror or "") from error
