"""The door: how long an act keeps the window, how long until it is on the disk, and how fast a long trail opens."""

from __future__ import annotations

import queue
import statistics
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import ClassVar

from benchmarks.harness import Bench, Goal, Result
from spinereview.domain.anatomy import Site
from spinereview.domain.case import Case
from spinereview.domain.imaging import Id, ImageRef
from spinereview.domain.lesion import Lesion, LesionFinding, LesionRole, LesionState
from spinereview.domain.measurement import Measurement, MeasurementKind, OnImage
from spinereview.domain.protocol import Protocol
from spinereview.domain.read import Purpose, Read
from spinereview.domain.table import Table
from spinereview.review.audit import Author, Event
from spinereview.review.clock import SystemClock
from spinereview.review.command import Context, Role
from spinereview.review.replay import fold
from spinereview.review.session import Session
from spinereview.storage.eventtable import EventTable
from spinereview.storage.trailfile import Binding, TrailFile, create_trail, open_trail, read_trail
from spinereview.storage.trailwriter import events_of
from spinereview.storage.witness import Witness

P11_BLOCKED = Goal(id="P11", what="an act keeps the window, p99 of logic, ms", limit=16)
P11_COMMIT = Goal(id="P11", what="an act to the disk, p99 of a commit, ms", limit=50)
P11_FLAT = Goal(id="P11", what="last 1,000 of 10,000 acts / first 1,000", limit=1.5)
P11_REPLAY = Goal(id="P11", what="replay of 10,000 events with chain and old values, s", limit=0.5)
P11_OPEN = Goal(id="P11", what="open a read of 10,000 acts, s", limit=1)
GOALS = (P11_BLOCKED, P11_COMMIT, P11_FLAT, P11_REPLAY, P11_OPEN)

ACTS = 10_000
LESIONS = 30
SHA = "ab" * 32
AUTHOR = Author(actor="R7K2", role=Role.READER, program="bench")


@dataclass(frozen=True, slots=True, kw_only=True)
class Drag:
    """One end of a lesion's caliper to another column."""

    NAME: ClassVar[str] = "drag"
    VERSION: ClassVar[int] = 1
    BARRIER: ClassVar[bool] = False
    lesion: Id
    column_mpx: int

    def apply(self, document: Read, _context: Context) -> Read:
        """Next read."""
        lesion = document.lesions[self.lesion]
        findings = lesion.findings.with_("FU1", _finding(self.column_mpx))
        return replace(document, lesions=document.lesions.with_(self.lesion, replace(lesion, findings=findings)))


def _finding(column_mpx: int) -> LesionFinding:
    image = ImageRef(stack=Id("k3"), sop_uid="2.25.1187")
    drawn = OnImage(image=image, points_mpx=((250_500, 198_250), (column_mpx, 198_250)))
    part = Measurement(id=Id("m-7f3a"), kind=MeasurementKind.DIAMETER, geometry=drawn)
    return LesionFinding(state=LesionState.MEASURED, parts=Table({"a": part}))


def _lesion(name: str) -> Lesion:
    site = Site(organ="BONE", location="VERTEBRA L2")
    findings = Table({f"FU{visit}": _finding(291_750) for visit in range(1, 13)})
    return Lesion(id=Id(name), role=LesionRole.TARGET, site=site, first_seen=Id("BL"), findings=findings)


def _read() -> Read:
    lesions = {f"L{number:02d}": _lesion(f"L{number:02d}") for number in range(1, LESIONS + 1)}
    return Read(
        id=Id("r-1"),
        case=Id("c-1"),
        reader_code="R7K2",
        purpose=Purpose.LOCAL,
        protocol_sha256=SHA,
        lesions=Table(lesions),
    )


class _Timed(TrailFile):
    """A trail file that notes how long every commit took."""

    def __init__(self, trail: TrailFile) -> None:
        super().__init__(trail.path, trail.folded, author=trail.author, writer=trail._writer)  # noqa: SLF001  # timed from inside
        self.commit_s: list[float] = []

    def append(self, event: Event, done: Callable[..., None]) -> None:
        begun = time.perf_counter()

        def timed(error: object) -> None:
            self.commit_s.append(time.perf_counter() - begun)
            done(error)

        super().append(event, timed)


def run(bench: Bench) -> Iterator[Result]:
    folder = bench.folder / "door"
    folder.mkdir(exist_ok=True)
    logic_s, commit_s = _acts(folder)
    yield Result(goal=P11_BLOCKED, value=_p99(logic_s) * 1000, seconds={"act": logic_s})
    yield Result(goal=P11_COMMIT, value=_p99(commit_s) * 1000, seconds={"commit": commit_s})
    yield Result(goal=P11_FLAT, value=statistics.median(logic_s[-1000:]) / statistics.median(logic_s[:1000]))
    path = folder / "long.srread"
    replayed = bench.timed({"replay": lambda: _replay(path)}, lambda one, other: one == other)
    yield Result(goal=P11_REPLAY, value=statistics.median(replayed["replay"]), seconds=replayed)
    opened = bench.timed({"open": lambda: _open(path)}, lambda one, other: one == other)
    yield Result(goal=P11_OPEN, value=statistics.median(opened["open"]), seconds=opened)


def _acts(folder: Path) -> tuple[list[float], list[float]]:
    """Seconds of logic and of commit of every act, one act at a time as a person makes them."""
    trail = _Timed(
        create_trail(
            folder / "long.srread",
            _read(),
            Read,
            binding=Binding(kind="read", document="r-1", case="c-1", protocol_sha256=SHA, author="R7K2"),
            author=AUTHOR,
            clock=SystemClock(),
            witness=Witness(folder / "witness"),
        )
    )
    reported: queue.SimpleQueue[Callable[[], None]] = queue.SimpleQueue()
    session = Session.open(
        trail,
        Read,
        case=Case(id=Id("c-1"), subject_code="S", protocol_sha256=SHA),
        protocol=Protocol(id="generic", version="1", title="generic", sha256=SHA),
        clock=SystemClock(),
        dispatch=reported.put,
    )
    logic_s: list[float] = []
    for number in range(ACTS):
        act = Drag(lesion=Id(f"L{1 + number % LESIONS:02d}"), column_mpx=300_000 + number)
        begun = time.perf_counter()
        session.do(act)
        logic_s.append(time.perf_counter() - begun)
        reported.get()()
    session.close()
    replayed = Session.open(
        read_trail(trail.path, author=AUTHOR),
        Read,
        case=session.case,
        protocol=session.protocol,
        clock=SystemClock(),
        dispatch=reported.put,
    )
    assert replayed.head == session.head
    return logic_s, trail.commit_s


def _replay(path: Path) -> int:
    table = EventTable.read_only(path)
    try:
        return len(fold(events_of(table.bodies())).tree["lesions"])
    finally:
        table.close()


def _open(path: Path) -> int:
    trail = open_trail(path, author=AUTHOR, clock=SystemClock(), witness=Witness(path.parent / "witness"))
    trail.close()
    return len(trail.folded.tree["lesions"])


def _p99(seconds: list[float]) -> float:
    return sorted(seconds)[len(seconds) * 99 // 100]
