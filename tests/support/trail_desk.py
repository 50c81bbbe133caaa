"""A reader's desk for tests of the door and the trail file: a few small acts, an author, a clock, files in one folder.

Also imported by the programs that tests start and kill, so it imports nothing that is slow.
"""

from __future__ import annotations

import queue
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import ClassVar

from spinereview.domain.anatomy import Site
from spinereview.domain.case import Case
from spinereview.domain.imaging import Id, ImageRef
from spinereview.domain.lesion import Lesion, LesionFinding, LesionRole, LesionState
from spinereview.domain.measurement import Measurement, MeasurementKind, OnImage
from spinereview.domain.protocol import Protocol
from spinereview.domain.read import Purpose, Read, Visit
from spinereview.domain.table import Table
from spinereview.errors import Refused
from spinereview.review.audit import Author
from spinereview.review.clock import Clock
from spinereview.review.command import Context, Role
from spinereview.review.session import Session
from spinereview.storage.trailfile import Binding, TrailFile, create_trail, open_trail, read_trail
from spinereview.storage.witness import Witness

SHA = "ab" * 32
AUTHOR = Author(actor="R7K2", role=Role.READER, program="0.1.0")
READ = Read(id=Id("r-1"), case=Id("c-1"), reader_code="R7K2", purpose=Purpose.LOCAL, protocol_sha256=SHA)
BINDING = Binding(kind="read", document="r-1", case="c-1", protocol_sha256=SHA, author="R7K2")
CASE = Case(id=Id("c-1"), subject_code="S-001", protocol_sha256=SHA)
PROTOCOL = Protocol(id="generic", version="1", title="generic", sha256=SHA)


@dataclass(frozen=True, slots=True, kw_only=True)
class Say:
    """Comment on a timepoint; refused where it says so."""

    NAME: ClassVar[str] = "say"
    VERSION: ClassVar[int] = 1
    BARRIER: ClassVar[bool] = False
    timepoint: str
    text: str

    def apply(self, document: Read, _context: Context) -> Read:
        visit = document.visits.get(self.timepoint) or Visit()
        if self.text == "refuse":
            raise Refused("LOCK_OWES")
        if visit.comment == self.text:
            return document
        return replace(document, visits=document.visits.with_(self.timepoint, replace(visit, comment=self.text)))


@dataclass(frozen=True, slots=True, kw_only=True)
class Add:
    """New lesion with one diameter; ids are minted, also where it is then refused."""

    NAME: ClassVar[str] = "add"
    VERSION: ClassVar[int] = 1
    BARRIER: ClassVar[bool] = False
    organ: str
    refuse: bool = False

    def apply(self, document: Read, context: Context) -> Read:
        lesion, mark = context.mint("L"), context.mint("m")
        if self.refuse:
            raise Refused("LOCK_OWES")
        image = ImageRef(stack=Id("k1"), sop_uid="2.25.1187")
        drawn = OnImage(image=image, points_mpx=((250_500, 198_250), (291_750, 198_250)))
        part = Measurement(id=mark, kind=MeasurementKind.DIAMETER, geometry=drawn)
        finding = LesionFinding(state=LesionState.MEASURED, parts=Table({"a": part}))
        added = Lesion(
            id=lesion,
            role=LesionRole.TARGET,
            site=Site(organ=self.organ, location="VERTEBRA L2"),
            first_seen=Id("BL"),
            findings=Table({"BL": finding}),
        )
        return replace(document, lesions=document.lesions.with_(lesion, added))


@dataclass(frozen=True, slots=True, kw_only=True)
class Move:
    """Second end of a lesion's diameter to another column."""

    NAME: ClassVar[str] = "move"
    VERSION: ClassVar[int] = 1
    BARRIER: ClassVar[bool] = False
    lesion: str
    column_mpx: int

    def apply(self, document: Read, _context: Context) -> Read:
        lesion = document.lesions.get(self.lesion)
        if lesion is None:
            raise Refused("LOCK_OWES")
        finding = lesion.findings["BL"]
        part = finding.parts["a"]
        assert isinstance(part.geometry, OnImage)
        points = (part.geometry.points_mpx[0], (self.column_mpx, 198_250))
        moved = replace(part, geometry=replace(part.geometry, points_mpx=points))
        finding = replace(finding, parts=finding.parts.with_("a", moved))
        lesion = replace(lesion, findings=lesion.findings.with_("BL", finding))
        return replace(document, lesions=document.lesions.with_(lesion.id, lesion))


@dataclass(frozen=True, slots=True, kw_only=True)
class Drop:
    """Lesion away."""

    NAME: ClassVar[str] = "drop"
    VERSION: ClassVar[int] = 1
    BARRIER: ClassVar[bool] = False
    lesion: str

    def apply(self, document: Read, _context: Context) -> Read:
        return replace(document, lesions=document.lesions.without(self.lesion))


@dataclass(frozen=True, slots=True, kw_only=True)
class Seal:
    """Act that cannot be undone."""

    NAME: ClassVar[str] = "seal"
    VERSION: ClassVar[int] = 2
    BARRIER: ClassVar[bool] = True
    text: str

    def apply(self, document: Read, _context: Context) -> Read:
        return replace(document, amendments=(*document.amendments, self.text))


class SteadyClock:
    """A clock that goes on by 10 ms whenever it is asked, and that can be set."""

    def __init__(self) -> None:
        self.time = datetime(2027, 3, 4, 9, 0, 0, tzinfo=UTC)
        self.offset_min = 480
        self.mono = 1000

    def utc(self) -> datetime:
        self.time += timedelta(milliseconds=10)
        self.mono += 10
        return self.time

    def utc_offset_min(self) -> int:
        return self.offset_min

    def mono_ms(self) -> int:
        return self.mono


class Desk:
    """Makes, opens and reads the trail files of one folder, on one workstation."""

    def __init__(self, folder: Path, *, threaded: bool = False, clock: Clock | None = None) -> None:
        self.folder = folder
        self.path = folder / "R7K2.srread"
        self.witness = Witness(folder / "settings" / "witness")
        self.clock = clock or SteadyClock()
        self.threaded = threaded
        self.done: queue.SimpleQueue[Callable[[], None]] = queue.SimpleQueue()

    def create(self, path: Path | None = None) -> Session[Read]:
        return self.session(
            create_trail(
                path or self.path,
                READ,
                Read,
                binding=BINDING,
                author=AUTHOR,
                clock=self.clock,
                witness=self.witness,
                threaded=self.threaded,
            )
        )

    def open(self, path: Path | None = None, *, accept_copy: bool = False) -> Session[Read]:
        return self.session(
            open_trail(
                path or self.path,
                author=AUTHOR,
                clock=self.clock,
                witness=self.witness,
                accept_copy=accept_copy,
                threaded=self.threaded,
            )
        )

    def read(self, path: Path | None = None) -> TrailFile:
        return read_trail(path or self.path, author=AUTHOR, witness=self.witness)

    def session(self, trail: TrailFile) -> Session[Read]:
        dispatch = self.done.put if self.threaded else _at_once
        return Session.open(trail, Read, case=CASE, protocol=PROTOCOL, clock=self.clock, dispatch=dispatch)

    def settle(self, session: Session[Read]) -> None:
        """Wait until everything is on the disk, or has failed."""
        while session.state.pending:
            self.done.get(timeout=30)()


def _at_once(work: Callable[[], None]) -> None:
    work()
