"""A trail file: made, opened by the one who writes, or read; the :class:`~spinereview.review.session.Trail` on disk.

Opening for writing locks the file by writing an ``opened`` note into it, so that two programs never show the same read as
their own. Whatever is found wrong with a file is said with its name and the event; nothing is repaired or thrown away.
"""

from __future__ import annotations

import os
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TypeVar

from spinereview.domain.codec import Json, encode
from spinereview.errors import SpineReviewError, TrailError
from spinereview.review.audit import NOTHING, Act, Author, Event, EventKind, Head, new_event
from spinereview.review.changes import ABSENT, Change
from spinereview.review.clock import Clock, clock_findings, now
from spinereview.review.replay import CREATED, OPENED, Folded, Replay
from spinereview.review.trail import Done
from spinereview.storage.eventtable import EventTable, journal_of
from spinereview.storage.holder import this_process, write_note
from spinereview.storage.trailwriter import TrailWriter, events_of, of_file
from spinereview.storage.witness import Witness
from spinereview.tasks import SameThread, Writer

D = TypeVar("D")

READABLE_ALL_THE_SAME = frozenset(
    {"TRAIL_ALTERED", "TRAIL_CUT", "TRAIL_NEWER", "TRAIL_READ_ONLY", "TRAIL_OTHER_AUTHOR", "TRAIL_DISK_FULL"}
)
"""What keeps a trail from being written, but not from being read up to its last good event."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Binding:
    """What the first event binds a file to, for ever; ``kind`` is ``"read"``, ``author`` the one who writes it."""

    kind: str
    document: str
    case: str
    protocol_sha256: str
    author: str


def binding_of(folded: Folded) -> Binding:
    """What a trail is bound to.

    Raises
    ------
    TrailError
        ``TRAIL_ALTERED`` where the first event does not say.
    """
    args = folded.first.act.args
    names = ("kind", "document", "case", "protocol_sha256", "author")
    texts = {name: text for name in names if isinstance(text := args.get(name), str)}
    if len(texts) != len(names):
        raise TrailError("TRAIL_ALTERED", event=1, finding="FORM")
    return Binding(**texts)


class TrailFile:
    """A trail that was opened, for writing or to be read."""

    def __init__(
        self,
        path: Path,
        folded: Folded,
        *,
        author: Author,
        writer: TrailWriter | None = None,
        because: TrailError | None = None,
    ) -> None:
        self._path = path
        self._folded = folded
        self._author = author
        self._writer = writer
        self._because = because

    @property
    def path(self) -> Path:
        """Where it lies."""
        return self._path

    @property
    def binding(self) -> Binding:
        """What it is bound to."""
        return binding_of(self._folded)

    @property
    def folded(self) -> Folded:
        """What it said when it was opened."""
        return self._folded

    @property
    def author(self) -> Author:
        """Who writes."""
        return self._author

    @property
    def readonly_because(self) -> SpineReviewError | None:
        """Why nothing can be written; None where it can."""
        return self._because

    def append(self, event: Event, done: Done) -> None:
        """Commit an event, in the order of the calls; ``done`` is called on the writer's thread."""
        writer = self._writer
        if writer is None:
            done(self._because)
            return
        writer.thread.submit(lambda: done(writer.commit(event)))

    def reopen(self, after: Head) -> tuple[Event, ...]:
        """Open anew after a failure; events on the disk behind a head, though they were reported as failed."""
        writer = self._writer
        if writer is None:
            raise TrailError("TRAIL_CLOSED", file=self._path)
        return writer.thread.call(lambda: writer.reopen(after))

    def close(self) -> None:
        """Commit what is under way and let go of the file; harmless when it is closed."""
        if self._writer is None:
            return
        writer, self._writer = self._writer, None
        self._because = TrailError("TRAIL_CLOSED", file=self._path)
        try:
            writer.thread.call(writer.close)
        finally:
            writer.thread.close()


def create_trail(
    path: Path,
    document: D,
    annotation: type[D],
    *,
    binding: Binding,
    author: Author,
    clock: Clock,
    witness: Witness,
    threaded: bool = True,
) -> TrailFile:
    """Make a trail file with a document as it begins, and open it.

    The file gets its name only when it is whole, so that a crash leaves none that cannot be opened.

    Raises
    ------
    TrailError
        ``TRAIL_EXISTS``, ``TRAIL_READ_ONLY``, ``TRAIL_DISK_FULL``, ``TRAIL_WRITE_FAILED``.
    """
    if path.exists():
        raise TrailError("TRAIL_EXISTS", file=path)
    args: dict[str, Json] = {
        "kind": binding.kind,
        "document": binding.document,
        "case": binding.case,
        "protocol_sha256": binding.protocol_sha256,
        "author": binding.author,
    }
    event = new_event(
        NOTHING,
        EventKind.NOTE,
        Act(name=CREATED, v=1, args=args),
        author=replace(author, session="s-1"),
        moment=now(clock),
        changes=(Change(path=(), old=ABSENT, new=encode(document, annotation)),),
    )
    beside = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        _write_first(beside, event)
        _name(beside, path)
    except OSError as error:
        raise TrailError("TRAIL_READ_ONLY", file=path, error=error.strerror) from error
    except TrailError as error:
        raise of_file(error, path) from error
    finally:
        for left_over in (beside, journal_of(beside)):
            with suppress(OSError):
                left_over.unlink(missing_ok=True)
    return open_trail(path, author=author, clock=clock, witness=witness, threaded=threaded)


def _write_first(beside: Path, event: Event) -> None:
    beside.unlink(missing_ok=True)
    beside.touch(exist_ok=False)
    table = EventTable.create(beside)
    try:
        table.append(event.seq, event.body())
        table.commit()
    finally:
        table.close()


def _name(beside: Path, path: Path) -> None:
    """Give a file its name, unless another has it by now."""
    try:
        path.hardlink_to(beside)
    except FileExistsError as error:
        raise TrailError("TRAIL_EXISTS", file=path) from error
    except OSError:
        # A file system without links.
        beside.rename(path)
    if os.name == "posix":
        folder = os.open(path.parent, os.O_RDONLY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)


def open_trail(
    path: Path,
    *,
    author: Author,
    clock: Clock,
    witness: Witness,
    accept_copy: bool = False,
    threaded: bool = True,
) -> TrailFile:
    """Open a trail file for its author.

    Parameters
    ----------
    accept_copy
        The person was told that the same read lies elsewhere too, and goes on with this one.
    threaded
        Commit on a thread of its own; else every act waits for the disk.

    Raises
    ------
    TrailError
        ``TRAIL_MISSING``, ``TRAIL_IN_USE``, ``TRAIL_IN_USE_BY_UNKNOWN``, ``TRAIL_READ_ONLY``, ``TRAIL_NOT_A_TRAIL``,
        ``TRAIL_ALTERED``, ``TRAIL_CUT``, ``TRAIL_COPIED``, ``TRAIL_NEWER``, ``TRAIL_OTHER_AUTHOR``, ``TRAIL_DISK_FULL``,
        ``TRAIL_WRITE_FAILED``; nothing was written.
    """
    path = path.resolve()
    try:
        table = EventTable.open(path)
    except TrailError as error:
        raise of_file(error, path) from error
    try:
        replay = Replay()
        replay.add_all(events_of(table.bodies()))
        folded = replay.result()
        binding = binding_of(folded)
        copied = _contradiction(witness, binding, path, replay, accept_copy=accept_copy)
        if binding.author != author.actor:
            raise TrailError("TRAIL_OTHER_AUTHOR", file=path, author=binding.author, actor=author.actor)
        author = replace(author, session=f"s-{folded.sessions + 1}")
        for event in _opening(folded, author, clock, copied=copied):
            table.append(event.seq, event.body())
            replay.add(event)
        table.commit()
    except TrailError as error:
        table.close()
        raise of_file(error, path) from error
    folded = replay.result()
    write_note(path, this_process(folded.last.utc))
    thread = Writer(f"trail {path.name}") if threaded else SameThread()
    writer = TrailWriter(path, table, document=binding.document, witness=witness, thread=thread)
    writer.remember(folded.head)
    return TrailFile(path, folded, author=author, writer=writer)


def _contradiction(witness: Witness, binding: Binding, path: Path, replay: Replay, *, accept_copy: bool) -> bool:
    """Raise what contradicts the witness; whether it was a copy that was accepted."""
    found = witness.check(binding.document, path, replay)
    if found is None:
        return False
    if found.code == "TRAIL_COPIED" and accept_copy:
        return True
    raise found


def _opening(folded: Folded, author: Author, clock: Clock, *, copied: bool) -> list[Event]:
    """Notes that open a trail: what the clock shows, then that it was opened."""
    moment = now(clock)
    notes = [*clock_findings(folded.last.moment, moment, one_session=False)]
    opened: dict[str, Json] = {"copy_accepted": copied}
    events: list[Event] = []
    head = folded.head
    for name, args in (*notes, (OPENED, opened)):
        event = new_event(head, EventKind.NOTE, Act(name=name, v=1, args=args), author=author, moment=moment)
        events.append(event)
        head = event.head
    return events


def read_trail(
    path: Path, *, author: Author, witness: Witness | None = None, because: TrailError | None = None
) -> TrailFile:
    """Open a trail file to read it, without a trace in it.

    What is wrong with it stands in ``readonly_because``; the document is the one of the last good event.

    Parameters
    ----------
    because
        Why it is not opened for writing, where that is known already.

    Raises
    ------
    TrailError
        ``TRAIL_MISSING``, ``TRAIL_IN_USE``, ``TRAIL_IN_USE_BY_UNKNOWN``, ``TRAIL_NOT_A_TRAIL``, ``TRAIL_HOT_JOURNAL``,
        ``TRAIL_EMPTY``; ``TRAIL_ALTERED`` or ``TRAIL_NEWER`` where not even its first event is good.
    """
    path = path.resolve()
    replay = Replay()
    found: TrailError | None = None
    try:
        table = EventTable.read_only(path)
    except TrailError as error:
        raise of_file(error, path) from error
    try:
        replay.add_all(events_of(table.bodies()))
    except TrailError as error:
        found = of_file(error, path)
    finally:
        table.close()
    try:
        folded = replay.result()
        binding = binding_of(folded)
    except TrailError as error:
        raise found or of_file(error, path) from error
    if found is None and witness is not None:
        found = witness.check(binding.document, path, replay)
    reason = found or because or TrailError("TRAIL_TO_READ", file=path)
    return TrailFile(path, folded, author=author, because=reason)


def open_or_read(
    path: Path,
    *,
    author: Author,
    clock: Clock,
    witness: Witness,
    accept_copy: bool = False,
    threaded: bool = True,
) -> TrailFile:
    """Open a trail file for its author; where it cannot be written, to read it, with the reason.

    Raises
    ------
    TrailError
        As :func:`open_trail` where it cannot be read either, is in use, or is a copy that was not accepted.
    """
    try:
        return open_trail(path, author=author, clock=clock, witness=witness, accept_copy=accept_copy, threaded=threaded)
    except TrailError as error:
        if error.code not in READABLE_ALL_THE_SAME:
            raise
        return read_trail(path, author=author, witness=witness, because=error)
