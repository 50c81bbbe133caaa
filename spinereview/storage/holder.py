"""Who holds a trail file: a note beside it, for people. It tells who; SQLite's lock decides."""

from __future__ import annotations

import getpass
import os
import socket
from dataclasses import dataclass
from pathlib import Path

from spinereview.domain.codec import canonical, decode, encode, parse
from spinereview.errors import InvalidValue, TrailError


@dataclass(frozen=True, slots=True, kw_only=True)
class Holder:
    """Who has a file open."""

    host: str
    user: str
    process: int
    since: str


def note_of(path: Path) -> Path:
    """File beside a trail file that tells who has it open."""
    return path.with_name(path.name + ".open")


def this_process(since: str) -> Holder:
    """Holder that is the running process, since a time."""
    try:
        user = getpass.getuser()
    except (KeyError, OSError):
        # A user without a name, as in a container.
        user = str(os.getuid()) if hasattr(os, "getuid") else "?"
    return Holder(host=socket.gethostname(), user=user, process=os.getpid(), since=since)


def write_note(path: Path, holder: Holder) -> None:
    """Say who holds a file; harmless where it cannot be said, because the note decides nothing."""
    try:
        note_of(path).write_bytes(canonical(encode(holder, Holder)))
    except OSError:
        return


def remove_note(path: Path) -> None:
    """Say no longer who holds a file."""
    try:
        note_of(path).unlink(missing_ok=True)
    except OSError:
        return


def in_use(path: Path) -> TrailError:
    """That somebody else has a file open, with who, where the note tells."""
    try:
        holder = decode(Holder, parse(note_of(path).read_bytes()))
    except (OSError, InvalidValue):
        return TrailError("TRAIL_IN_USE_BY_UNKNOWN", file=path)
    return TrailError(
        "TRAIL_IN_USE", file=path, host=holder.host, user=holder.user, process=holder.process, since=holder.since
    )
