"""The SQLite file under a trail: one table of events, one writer, nothing lost that was acknowledged.

Acknowledged means that ``COMMIT`` returned: with a rollback journal that is truncated, and ``synchronous=EXTRA``, the
events, the end of the journal and its folder entry are then on the disk (SQLite, "PRAGMA synchronous", "Atomic Commit In
SQLite"). The file is never opened by any other means while it is in use: closing a second descriptor of it would drop
SQLite's lock (POSIX fcntl(2)).
"""

from __future__ import annotations

import shutil
import sqlite3
from collections.abc import Iterator
from pathlib import Path

from spinereview.errors import TrailError

APPLICATION_ID = 0x53525452
"""``SRTR``: tells the file from other SQLite files ("PRAGMA application_id")."""

FILE_VERSION = 1
_SCHEMA = "CREATE TABLE event(seq INTEGER PRIMARY KEY, body TEXT NOT NULL) STRICT"
_PRAGMAS = (
    "journal_mode=TRUNCATE",
    "synchronous=EXTRA",
    "secure_delete=ON",
    "trusted_schema=OFF",
    "cell_size_check=ON",
    "mmap_size=0",
    "temp_store=MEMORY",
)
_PATIENCE_S = 0.5
"""Of those who want a file at the same moment one gets it; so long the others look whether it is given back."""
_FULL_BYTES = 64 * 1024
"""With less room than this beside it, a failed write is called a full disk, whatever call it failed in."""

_CODES = {
    sqlite3.SQLITE_BUSY: "TRAIL_IN_USE",
    sqlite3.SQLITE_LOCKED: "TRAIL_IN_USE",
    sqlite3.SQLITE_READONLY: "TRAIL_READ_ONLY",
    sqlite3.SQLITE_PERM: "TRAIL_READ_ONLY",
    sqlite3.SQLITE_CANTOPEN: "TRAIL_READ_ONLY",
    sqlite3.SQLITE_FULL: "TRAIL_DISK_FULL",
    sqlite3.SQLITE_NOTADB: "TRAIL_NOT_A_TRAIL",
    sqlite3.SQLITE_CORRUPT: "TRAIL_ALTERED",
}


def journal_of(path: Path) -> Path:
    """SQLite's rollback journal of a file."""
    return path.with_name(path.name + "-journal")


class EventTable:
    """The one table of a trail file, open."""

    def __init__(self, path: Path, connection: sqlite3.Connection) -> None:
        self._path = path
        self._connection = connection
        self._reading: sqlite3.Cursor | None = None
        self._identity = _identity(path)

    @classmethod
    def create(cls, path: Path) -> EventTable:
        """Open a file of no bytes and give it an empty table, in a transaction that :meth:`commit` ends.

        Raises
        ------
        TrailError
            ``TRAIL_READ_ONLY``, ``TRAIL_DISK_FULL``, ``TRAIL_WRITE_FAILED``.
        """
        table = cls._connect(path, "rw")
        try:
            for pragma in (*_PRAGMAS, f"application_id={APPLICATION_ID}", f"user_version={FILE_VERSION}"):
                table.run(f"PRAGMA {pragma}")
            table.run("BEGIN EXCLUSIVE")
            # Only now: a lock to read that is never given up would keep everybody out who wants the file at the same time.
            table.run("PRAGMA locking_mode=EXCLUSIVE")
            table.run(_SCHEMA)
        except TrailError:
            table.close()
            raise
        return table

    @classmethod
    def open(cls, path: Path) -> EventTable:
        """Open and lock the file; a transaction is under way, which :meth:`append` and :meth:`commit` go on with.

        Raises
        ------
        TrailError
            ``TRAIL_MISSING``, ``TRAIL_IN_USE``, ``TRAIL_READ_ONLY``, ``TRAIL_NOT_A_TRAIL``, ``TRAIL_ALTERED``,
            ``TRAIL_NEWER``.
        """
        table = cls._connect(path, "rw")
        try:
            for pragma in _PRAGMAS:
                table.run(f"PRAGMA {pragma}")
            table.run("BEGIN EXCLUSIVE")
            # Only now: a lock to read that is never given up would keep everybody out who wants the file at the same time.
            table.run("PRAGMA locking_mode=EXCLUSIVE")
            table.check()
        except TrailError:
            table.close()
            raise
        return table

    @classmethod
    def read_only(cls, path: Path) -> EventTable:
        """Open the file to read it, without a trace.

        Raises
        ------
        TrailError
            As :meth:`open`; ``TRAIL_HOT_JOURNAL`` where saving was interrupted and only a writer can put it right.
        """
        table = cls._connect(path, "ro")
        try:
            for pragma in ("trusted_schema=OFF", "cell_size_check=ON", "mmap_size=0"):
                table.run(f"PRAGMA {pragma}")
            table.run("BEGIN")
            table.check()
        except TrailError as error:
            table.close()
            if error.code != "TRAIL_IN_USE" and _is_hot(path):
                raise TrailError("TRAIL_HOT_JOURNAL", file=path) from error
            raise
        return table

    @classmethod
    def _connect(cls, path: Path, mode: str) -> EventTable:
        if not path.is_file():
            raise TrailError("TRAIL_MISSING", file=path)
        try:
            # Used by one thread at a time: the one that opens hands it to the writer.
            connection = sqlite3.connect(
                f"{path.absolute().as_uri()}?mode={mode}",
                uri=True,
                timeout=_PATIENCE_S,
                isolation_level=None,
                check_same_thread=False,
            )
        except sqlite3.Error as error:
            raise _translated(error, path) from error
        connection.text_factory = bytes
        return cls(path, connection)

    def bodies(self) -> Iterator[tuple[int, object]]:
        """Number and line of every event, in their order.

        Raises
        ------
        TrailError
            ``TRAIL_ALTERED`` where the file cannot be read to its end.
        """
        try:
            self._reading = self._connection.execute("SELECT seq, body FROM event ORDER BY seq")
            while (row := self._reading.fetchone()) is not None:
                yield row
        except (sqlite3.Error, UnicodeDecodeError) as error:
            raise _translated(error, self._path) from error

    def bodies_from(self, seq: int) -> tuple[tuple[int, object], ...]:
        """Number and line of the events from a number on."""
        rows = self.run("SELECT seq, body FROM event WHERE seq >= ? ORDER BY seq", seq)
        return tuple((found, body) for found, body in rows if isinstance(found, int))

    def append(self, seq: int, body: str) -> None:
        """Add an event to the transaction; begins one where none is under way."""
        if _identity(self._path) != self._identity:
            raise TrailError("TRAIL_MOVED", file=self._path)
        if not self._connection.in_transaction:
            self.run("BEGIN EXCLUSIVE")
        self.run("INSERT INTO event(seq, body) VALUES (?, ?)", seq, body)

    def commit(self) -> None:
        """End the transaction; when this returns, its events are on the disk."""
        if self._connection.in_transaction:
            self.run("COMMIT")

    def close(self) -> None:
        """Let go of the file; a transaction that was not committed is gone."""
        try:
            if self._reading is not None:
                # A statement that was given up halfway would keep the file locked after the connection is closed.
                self._reading.close()
            self._connection.close()
        except (sqlite3.Error, UnicodeDecodeError) as error:
            raise _translated(error, self._path) from error

    def check(self) -> None:
        """Check that the file is what it should be, before anything in it is believed."""
        if self._one("PRAGMA application_id") != APPLICATION_ID:
            raise TrailError("TRAIL_NOT_A_TRAIL", file=self._path)
        version = self._one("PRAGMA user_version")
        if not isinstance(version, int) or version > FILE_VERSION:
            raise TrailError("TRAIL_NEWER", file=self._path, version=version, known=FILE_VERSION)
        found = self.run("SELECT sql FROM sqlite_schema")
        if found != [(_SCHEMA.encode(),)]:
            # A trigger or a view would be somebody else's code in the file.
            raise TrailError("TRAIL_ALTERED", file=self._path, event="?", finding="TABLE")

    def _one(self, statement: str) -> object:
        return self.run(statement)[0][0]

    def run(self, statement: str, *arguments: object) -> list[tuple[object, ...]]:
        """Run a statement and fetch all that it gives."""
        try:
            return self._connection.execute(statement, arguments).fetchall()
        except (sqlite3.Error, UnicodeDecodeError) as error:
            raise _translated(error, self._path) from error


def _identity(path: Path) -> tuple[int, int] | None:
    """What a name stands for now; None where nothing has it."""
    try:
        status = path.stat()
    except OSError:
        return None
    return status.st_dev, status.st_ino


def _is_hot(path: Path) -> bool:
    """Whether a transaction that was interrupted waits to be rolled back."""
    try:
        return journal_of(path).stat().st_size > 0
    except OSError:
        return False


def _translated(error: sqlite3.Error | UnicodeDecodeError, path: Path) -> TrailError:
    """What an error of SQLite means to the person in front of it; text that is none is a damaged file."""
    if isinstance(error, UnicodeDecodeError):
        return TrailError("TRAIL_ALTERED", file=path, event="?", finding="FILE")
    code = getattr(error, "sqlite_errorcode", 0)
    known = _CODES.get(code & 0xFF, "TRAIL_WRITE_FAILED")
    if code == sqlite3.SQLITE_READONLY_DBMOVED:
        known = "TRAIL_MOVED"
    if known == "TRAIL_WRITE_FAILED" and _is_full(path):
        known = "TRAIL_DISK_FULL"
    if known == "TRAIL_ALTERED":
        return TrailError(known, file=path, event="?", finding="FILE")
    return TrailError(known, file=path, error=error)


def _is_full(path: Path) -> bool:
    try:
        return shutil.disk_usage(path.parent).free < _FULL_BYTES
    except OSError:
        return False
