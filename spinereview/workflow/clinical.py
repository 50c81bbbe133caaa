"""Clinical records on disk: a trail file of the investigator, by the code that keeps reads; it never lies beside a read."""

from __future__ import annotations

from pathlib import Path

from spinereview import __version__
from spinereview.domain.case import Case
from spinereview.domain.clinical import ClinicalRecord
from spinereview.domain.protocol import Protocol
from spinereview.errors import CaseError
from spinereview.review.audit import Author
from spinereview.review.command import Role
from spinereview.review.session import Session
from spinereview.storage.trailfile import Binding, create_trail, open_or_read, read_trail
from spinereview.storage.witness import Witness
from spinereview.workflow.reads import RECORD_SUFFIX, Workstation, blinds, new_id, reads_in, session_on

KIND = "clinical"


def new_record(
    path: Path, case: Case, protocol: Protocol, investigator: str, workstation: Workstation
) -> Session[ClinicalRecord]:
    """Make the empty clinical record of a subject, and open it.

    Raises
    ------
    CaseError
        ``RECORD_BESIDE_READ`` where the folder has a read that is blinded by the protocol; ``RECORD_SUFFIX``.
    TrailError
        ``TRAIL_EXISTS``, ``TRAIL_READ_ONLY``, ``TRAIL_DISK_FULL``, ``TRAIL_WRITE_FAILED``.
    """
    if path.suffix != RECORD_SUFFIX:
        raise CaseError("RECORD_SUFFIX", file=path, suffix=RECORD_SUFFIX)
    if blinds(protocol) and reads_in(path.parent):
        raise CaseError("RECORD_BESIDE_READ", file=path, read=reads_in(path.parent)[0].name)
    record = ClinicalRecord(id=new_id("cr"), subject_code=case.subject_code)
    trail = create_trail(
        path,
        record,
        ClinicalRecord,
        binding=Binding(
            kind=KIND, document=record.id, case=case.id, protocol_sha256=protocol.sha256, author=investigator
        ),
        author=_author(investigator),
        clock=workstation.clock,
        witness=Witness(workstation.settings.witness),
        threaded=workstation.dispatch is not None,
    )
    return session_on(trail, ClinicalRecord, case, protocol, workstation)


def old_record(
    path: Path,
    case: Case,
    protocol: Protocol,
    investigator: str,
    workstation: Workstation,
    *,
    accept_copy: bool = False,
) -> Session[ClinicalRecord]:
    """Open a record for its investigator; for anybody else, and where nothing can be written, to be looked at.

    Raises
    ------
    CaseError
        ``RECORD_OTHER_CASE`` where it is of another case, or no clinical record.
    TrailError
        It is in use, cut, a copy, or cannot even be read.
    """
    _is_of(path, case)
    trail = open_or_read(
        path,
        author=_author(investigator),
        clock=workstation.clock,
        witness=Witness(workstation.settings.witness),
        accept_copy=accept_copy,
        threaded=workstation.dispatch is not None,
    )
    return session_on(trail, ClinicalRecord, case, protocol, workstation)


def record_looked_at(path: Path, case: Case, protocol: Protocol, workstation: Workstation) -> Session[ClinicalRecord]:
    """Open a record that nobody has open to be looked at, without a trace in it.

    Raises
    ------
    CaseError
        ``RECORD_OTHER_CASE``.
    TrailError
        It is in use, or cannot be read.
    """
    _is_of(path, case)
    return session_on(read_trail(path, author=_author("-")), ClinicalRecord, case, protocol, workstation)


def record_author(path: Path) -> str:
    """Code of the investigator whose record it is.

    Raises
    ------
    TrailError
        It is in use, or cannot be read.
    """
    return read_trail(path, author=_author("-")).binding.author


def _is_of(path: Path, case: Case) -> None:
    binding = read_trail(path, author=_author("-")).binding
    if binding.kind != KIND or binding.case != case.id:
        raise CaseError("RECORD_OTHER_CASE", file=path, case=case.subject_code)


def _author(investigator: str) -> Author:
    return Author(actor=investigator, role=Role.INVESTIGATOR, program=__version__)
