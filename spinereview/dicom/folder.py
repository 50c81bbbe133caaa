"""Which files a scan looks at: those below a folder, one file alone, or those that a DICOMDIR lists."""

from __future__ import annotations

import os
from pathlib import Path

from spinereview.dicom.file_elements import read_elements
from spinereview.dicom.tags import tag, tags
from spinereview.errors import DicomError
from spinereview.tasks import CancelToken

_RECORDS = tag("DirectoryRecordSequence")
_FILE_ID = tag("ReferencedFileID")


def files_of(path: Path, cancel: CancelToken) -> tuple[list[Path], list[tuple[Path, str]]]:
    """Files to look at, in a fixed order, and those that cannot be looked at."""
    if path.is_dir():
        return _below(path, cancel)
    listed = _listed(path)
    if listed is None:
        return [path], []
    missing = [(file, "FILE_MISSING") for file in listed if not file.is_file()]
    return [file for file in listed if file.is_file()], missing


def _below(folder: Path, cancel: CancelToken) -> tuple[list[Path], list[tuple[Path, str]]]:
    """Files in the order of their paths, name by name; links to folders are not followed, for they may lead round."""
    files: list[Path] = []
    unreadable: list[tuple[Path, str]] = []
    waiting = [(folder, True)]
    while waiting:
        place, is_folder = waiting.pop()
        if not is_folder:
            files.append(place)
            continue
        cancel.check()
        try:
            with os.scandir(place) as found:
                entries = sorted(found, key=lambda entry: entry.name, reverse=True)
        except OSError:
            unreadable.append((place, "FILE_UNREADABLE"))
            continue
        for entry in entries:
            kind = _kind(entry)
            if kind is None:
                unreadable.append((place / entry.name, "FILE_UNREADABLE"))
            elif kind != "LINK":
                waiting.append((place / entry.name, kind == "FOLDER"))
    return files, unreadable


def _kind(entry: os.DirEntry[str]) -> str | None:
    """``FILE``, ``FOLDER``, ``LINK`` to a folder, or None: a pipe or a device would block the scan for ever."""
    try:
        if entry.is_file():
            return "FILE"
        if entry.is_dir():
            return "LINK" if entry.is_symlink() else "FOLDER"
    except OSError:
        return None
    return None


def _listed(path: Path) -> list[Path] | None:
    """Files that a DICOMDIR lists (PS3.3 F.3), below its own folder only; None where the file is no DICOMDIR."""
    try:
        found = read_elements(path)
    except DicomError:
        return None
    if found is None or _RECORDS not in found[0]:
        return None
    root = path.resolve().parent
    files = set()
    for record in found[0].items(_RECORDS, tags("ReferencedFileID")):
        parts = [part for part in record.codes(_FILE_ID) if part]
        file = path.parent.joinpath(*parts)
        if not file.exists():
            # File IDs are upper case (PS3.10 8.5); some systems show the names of a medium in lower case.
            lower = path.parent.joinpath(*(part.lower() for part in parts))
            file = lower if lower.exists() else file
        if parts and file.resolve().is_relative_to(root):
            files.add(file)
    return sorted(files)
