"""The writer's side of a trail file: commits events in order on one thread, and says why one is not on the disk."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import pairwise
from pathlib import Path

from spinereview.errors import TrailError
from spinereview.review.audit import Event, Head, read_event
from spinereview.storage.eventtable import EventTable
from spinereview.storage.holder import in_use, remove_note
from spinereview.storage.witness import Witness
from spinereview.tasks import SameThread, Writer


def of_file(error: TrailError, path: Path) -> TrailError:
    """The error with the file that it is about; who holds it, where that is the error."""
    if error.code == "TRAIL_IN_USE" and "host" not in error.arguments:
        return in_use(path)
    return TrailError(error.code, **{**error.arguments, "file": str(path)})


def events_of(rows: Iterable[tuple[int, object]]) -> Iterator[Event]:
    """Events of rows; the number in the table and the one in the line must agree.

    Raises
    ------
    TrailError
        ``TRAIL_ALTERED``, ``TRAIL_NEWER``: at the row that it is about, after the ones before it.
    """
    for seq, body in rows:
        try:
            event = read_event(body if isinstance(body, bytes) else b"")
        except TrailError as error:
            raise TrailError(error.code, **{**error.arguments, "event": str(seq)}) from error
        if event.seq != seq:
            raise TrailError("TRAIL_ALTERED", event=seq, finding="ORDER")
        yield event


class TrailWriter:
    """What the writer's thread owns; only ``submit`` and ``call`` of ``thread`` may reach it."""

    def __init__(
        self, path: Path, table: EventTable, *, document: str, witness: Witness, thread: Writer | SameThread
    ) -> None:
        self.thread = thread
        self._path = path
        self._table: EventTable | None = table
        self._document = document
        self._witness = witness
        self._failed: TrailError | None = None

    def commit(self, event: Event) -> TrailError | None:
        """Bring an event to the disk; None once it is there, else why it is not."""
        if self._failed is not None or self._table is None:
            return self._failed or TrailError("TRAIL_CLOSED", file=self._path)
        try:
            self._table.append(event.seq, event.body())
            self._table.commit()
        except TrailError as error:
            self._failed = of_file(error, self._path)
            # Closing rolls the half-written transaction back, so that what was committed is safe from now on.
            self._let_go()
            return self._failed
        self.remember(event.head)
        return None

    def reopen(self, after: Head) -> tuple[Event, ...]:
        """Open and lock the file anew; events behind a head, which were reported as failed and are there all the same.

        Raises
        ------
        TrailError
            It still cannot be opened, or does not hold the head any more.
        """
        self._let_go()
        try:
            table = EventTable.open(self._path)
        except TrailError as error:
            raise of_file(error, self._path) from error
        try:
            events = list(events_of(table.bodies_from(after.seq)))
            chained = all(one.head.hash == other.prev for one, other in pairwise(events))
            if not events or events[0].head != after or not chained:
                raise TrailError("TRAIL_ALTERED", event=after.seq, finding="CHAIN")
            table.commit()
        except TrailError as error:
            table.close()
            raise of_file(error, self._path) from error
        self._table, self._failed = table, None
        return tuple(events[1:])

    def close(self) -> None:
        """Let go of the file."""
        self._failed = TrailError("TRAIL_CLOSED", file=self._path)
        # First the note, which is about the lock, while it is still true.
        remove_note(self._path)
        self._let_go()

    def remember(self, head: Head) -> None:
        """Let the witness know."""
        try:
            self._witness.remember(self._document, self._path, head)
        except TrailError:
            # The act is safe on the disk. Until the next one a cut tail would be noticed a little later, no more.
            return

    def _let_go(self) -> None:
        if self._table is not None:
            table, self._table = self._table, None
            table.close()
