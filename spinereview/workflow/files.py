"""Files that are replaced whole or not at all: written beside, flushed to the disk, then renamed over the old one."""

from __future__ import annotations

import os
import sys
from pathlib import Path

BESIDE = ".part"
"""Ending of a file that is being written; one that is left over from a power cut has no meaning."""


def replace_file(path: Path, data: bytes) -> None:
    """Replace a file by new content; after a crash it has either the old content or the new, never a mixture.

    Raises
    ------
    OSError
        The old file, if there was one, is as it was.
    """
    commit_file(write_beside(path, data), path)


def write_beside(path: Path, data: bytes) -> Path:
    """Write and flush the next content of ``path`` under another name in the same folder, and return that name."""
    beside = path.with_name(path.name + BESIDE)
    try:
        with beside.open("wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
    except OSError:
        beside.unlink(missing_ok=True)
        raise
    return beside


def commit_file(beside: Path, path: Path) -> None:
    """Rename what :func:`write_beside` wrote, and flush the folder, so that the name too survives a power cut."""
    beside.replace(path)
    flush_folder(path.parent)


def flush_folder(folder: Path) -> None:
    """Flush the names in a folder; Windows does it with the rename and cannot open folders."""
    if sys.platform == "win32":
        return
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
