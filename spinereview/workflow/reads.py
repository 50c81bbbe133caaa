"""Reads on disk: where they lie in a case folder, how they are made and opened, and what their trails say of images."""

from __future__ import annotations

import re
import secrets
from collections.abc import Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeVar

import platformdirs

from spinereview import __version__
from spinereview.criteria import parsers
from spinereview.domain.case import Case
from spinereview.domain.codec import Json
from spinereview.domain.imaging import Id
from spinereview.domain.protocol import Protocol
from spinereview.domain.read import Lock, Purpose, Read
from spinereview.errors import CaseError
from spinereview.resources import protocols, resource
from spinereview.review.audit import Author, EventKind
from spinereview.review.clock import Clock, SystemClock
from spinereview.review.command import Role
from spinereview.review.replay import HistoryEntry
from spinereview.review.session import Dispatch, Session
from spinereview.storage.protocols import load_protocol
from spinereview.storage.trailfile import Binding, TrailFile, create_trail, open_or_read, read_trail
from spinereview.storage.witness import Witness
from spinereview.workflow.files import replace_file
from spinereview.workflow.settings import SettingsFolder

D = TypeVar("D")

SUFFIX = ".srread"
RECORD_SUFFIX = ".srclin"
KIND = "read"
PROTOCOL = "protocol.toml"
"""Copy of the protocol in the case folder: its bytes are what the case is bound to."""
_CODE = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,31}")
_LETTERS = "ACDEFHJKMNPQRTUVWXY"
_SIGNS = _LETTERS + "34679"
"""Letters and digits that nobody takes for one another."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Workstation:
    """What opening a case needs of the machine.

    Parameters
    ----------
    documents
        Where case folders are made unless another place is named.
    dispatch
        Runs what a trail reports on the thread of the window; None: every act waits for the disk.
    """

    settings: SettingsFolder = field(default_factory=SettingsFolder)
    documents: Path = field(default_factory=lambda: platformdirs.user_documents_path() / "spinereview")
    clock: Clock = field(default_factory=SystemClock)
    dispatch: Dispatch | None = None


def reader_code(given: str, workstation: Workstation) -> str:
    """Code of who reads: the one given, else the one of the settings.

    Raises
    ------
    CaseError
        ``READER_CODE_NEEDED``, ``READER_CODE_INVALID``.
    """
    code = given or workstation.settings.load()[0].reader_code
    if not code:
        raise CaseError("READER_CODE_NEEDED")
    if not _CODE.fullmatch(code):
        raise CaseError("READER_CODE_INVALID", value=code)
    return code


def subject_code(given: str, documents: Path) -> str:
    """Code of a subject: the one given, else one that says nothing and that no case folder has.

    Raises
    ------
    CaseError
        ``SUBJECT_CODE_INVALID``.
    """
    if given:
        if not _CODE.fullmatch(given):
            raise CaseError("SUBJECT_CODE_INVALID", value=given)
        return given
    with suppress(OSError):
        taken = {path.name for path in documents.iterdir()}
        while (code := _random_code()) in taken:
            continue
        return code
    return _random_code()


def _random_code() -> str:
    return secrets.choice(_LETTERS) + "".join(secrets.choice(_SIGNS) for _ in range(4))


def new_id(prefix: str) -> Id:
    """An id that no other workstation makes."""
    return Id(f"{prefix}-{secrets.token_hex(8)}")


def reads_in(folder: Path) -> tuple[Path, ...]:
    """Reads of a case folder, sorted by name."""
    return tuple(sorted(path for path in folder.glob(f"*{SUFFIX}") if path.is_file()))


def blinds(protocol: Protocol) -> bool:
    """Whether its readers must not see a clinical record."""
    return not (protocol.blinding.show_days and protocol.blinding.live_response)


def new_protocol(folder: Path, file: Path | None) -> Protocol:
    """Protocol of a new case, its bytes copied into the case folder; the generic one unless a file is named."""
    chosen = file or resource("protocols", "generic.toml")
    protocol = load_protocol(chosen, parsers())
    replace_file(folder / PROTOCOL, chosen.read_bytes())
    return protocol


def protocol_of(folder: Path, case: Case) -> Protocol:
    """Protocol that a case is bound to: of its folder, else of the program.

    Raises
    ------
    CaseError
        ``CASE_PROTOCOL_MISSING`` where no file has its hash.
    """
    own = folder / PROTOCOL
    for file in (*([own] if own.is_file() else []), *protocols()):
        protocol = load_protocol(file, parsers())
        if protocol.sha256 == case.protocol_sha256:
            return protocol
    raise CaseError("CASE_PROTOCOL_MISSING", file=own, hash=case.protocol_sha256[:8])


def new_read(path: Path, case: Case, protocol: Protocol, reader: str, workstation: Workstation) -> Session[Read]:
    """Make the empty read of a reader, and open it.

    Raises
    ------
    CaseError
        ``READ_BESIDE_RECORD`` where a clinical record lies beside it and the protocol blinds its readers.
    TrailError
        ``TRAIL_EXISTS``, ``TRAIL_READ_ONLY``, ``TRAIL_DISK_FULL``, ``TRAIL_WRITE_FAILED``.
    """
    records = sorted(path.parent.glob(f"*{RECORD_SUFFIX}"))
    if blinds(protocol) and records:
        raise CaseError("READ_BESIDE_RECORD", file=path, record=records[0].name)
    read = Read(
        id=new_id("r"), case=case.id, reader_code=reader, purpose=Purpose.EFFICACY, protocol_sha256=protocol.sha256
    )
    trail = create_trail(
        path,
        read,
        Read,
        binding=Binding(
            kind=KIND, document=read.id, case=case.id, protocol_sha256=protocol.sha256, author=read.reader_code
        ),
        author=_author(reader),
        clock=workstation.clock,
        witness=Witness(workstation.settings.witness),
        threaded=workstation.dispatch is not None,
    )
    return session_on(trail, Read, case, protocol, workstation)


def old_read(
    path: Path, case: Case, protocol: Protocol, reader: str, workstation: Workstation, *, accept_copy: bool = False
) -> Session[Read]:
    """Open a read for its reader; for anybody else, and where nothing can be written, to be looked at.

    Parameters
    ----------
    reader
        Code of who opens it; empty: of the settings, else the one whose read it is.
    accept_copy
        Go on though the same read lies elsewhere too.

    Raises
    ------
    CaseError
        ``READ_OTHER_CASE`` where it belongs to another case.
    TrailError
        It is in use, cut, a copy, or cannot even be read.
    """
    witness = Witness(workstation.settings.witness)
    binding = read_trail(path, author=_author("-")).binding
    if binding.kind != KIND or binding.case != case.id:
        raise CaseError("READ_OTHER_CASE", file=path, case=case.subject_code)
    actor = reader or workstation.settings.load()[0].reader_code or binding.author
    trail = open_or_read(
        path,
        author=_author(actor),
        clock=workstation.clock,
        witness=witness,
        accept_copy=accept_copy,
        threaded=workstation.dispatch is not None,
    )
    return session_on(trail, Read, case, protocol, workstation)


def looked_at(path: Path, case: Case, protocol: Protocol, workstation: Workstation) -> Session[Read]:
    """Open a read that nobody has open to be looked at, without a trace in it.

    Raises
    ------
    CaseError
        ``READ_OTHER_CASE`` where it belongs to another case.
    TrailError
        It is in use, or cannot be read.
    """
    trail = read_trail(path, author=_author("-"))
    if trail.binding.kind != KIND or trail.binding.case != case.id:
        raise CaseError("READ_OTHER_CASE", file=path, case=case.subject_code)
    return session_on(trail, Read, case, protocol, workstation)


def _author(reader: str) -> Author:
    return Author(actor=reader, role=Role.READER, program=__version__)


def session_on(
    trail: TrailFile, document: type[D], case: Case, protocol: Protocol, workstation: Workstation
) -> Session[D]:
    """Session of a kind of document on an open trail, which is closed where it cannot be had."""
    try:
        return Session.open(
            trail,
            document,
            case=case,
            protocol=protocol,
            clock=workstation.clock,
            dispatch=workstation.dispatch or (lambda report: report()),
        )
    except BaseException:
        trail.close()
        raise


def has_marks(session: Session[Read]) -> bool:
    """Whether the trail has any act, undone ones included: from then on ids of timepoints mean something."""
    return any(entry.kind is EventKind.ACT for entry in session.history())


def locked_timepoints(read: Read) -> frozenset[Id]:
    """Timepoints whose visit is not open for changes."""
    return frozenset(Id(key) for key, visit in read.visits.items() if visit.lock is not Lock.OPEN)


def recorded_hashes(history: Iterable[HistoryEntry]) -> dict[Id, str]:
    """Hash of each stack as the trail has it first: of the first mark on it, or of a note ``stack_hashed``."""
    recorded: dict[Id, str] = {}
    for entry in history:
        sha256 = entry.args.get("sha256" if entry.name == "stack_hashed" else "stack_sha256")
        stacks = set(_stacks(entry.args))
        if isinstance(sha256, str) and sha256 and len(stacks) == 1:
            recorded.setdefault(stacks.pop(), sha256)
    return recorded


def _stacks(tree: Json | Mapping[str, Json]) -> Iterable[Id]:
    """Stacks that the arguments of an act name, wherever they stand in them."""
    if isinstance(tree, Mapping):
        for key, entry in tree.items():
            if key == "stack" and isinstance(entry, str):
                yield Id(entry)
            elif key == "stacks" and isinstance(entry, list):
                yield from (Id(name) for name in entry if isinstance(name, str))
            else:
                yield from _stacks(entry)
    elif isinstance(tree, list):
        for entry in tree:
            yield from _stacks(entry)
