"""ZIP archives of images: checked wholly before anything is written, then unpacked into a folder of this session.

An archive is untrusted: its list of entries is looked at before it is read into memory, and one bad entry refuses the whole
(APPNOTE 4.3 - 4.5). The folder is the user's alone, is removed at the end, and what a killed program left is removed by
the next.
"""

from __future__ import annotations

import atexit
import os
import re
import shutil
import stat
import struct
import sys
import tempfile
import threading
import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import BinaryIO

from spinereview.errors import DicomError
from spinereview.tasks import CancelToken, Progress, no_progress

MOST_ENTRIES = 20_000
MOST_BYTES = 20 * 10**9
MOST_RATIO = 200
"""Unpacked bytes to those of the archive; images reach 10, empty ones together with others less than 100."""
_LONGEST_LIST = 1 << 24
"""Bytes of the list of entries: 20,000 of the longest names that a medium has take less."""
_BLOCK = 1 << 20
_SPARE_DISK = 10**9
_PREFIX = "spinereview-archive-"
_LOCK = "in-use"
_METHODS = frozenset({zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED})
_FORBIDDEN = re.compile(r'[<>:"|?*\x00-\x1f]')
"""Characters that no name may have on some system."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Entry:
    info: zipfile.ZipInfo
    place: tuple[str, ...]


def is_archive(path: Path) -> bool:
    """Whether a file is a ZIP archive; DICOM that begins like one is DICOM."""
    try:
        with path.open("rb") as file:
            head = file.read(132)
    except OSError:
        return False
    return head[:4] in {b"PK\x03\x04", b"PK\x05\x06"} and head[128:132] != b"DICM"


def unpacked(path: Path, *, cancel: CancelToken, progress: Progress = no_progress) -> Path:
    """Folder of this session that holds what is in an archive; it is unpacked once as long as it does not change.

    Raises
    ------
    DicomError
        Why it is not unpacked: ``ARCHIVE_...``; nothing of it is then left.
    Cancelled
        The token asked for it; likewise.
    """
    with _lock:
        try:
            told = path.stat()
            key = (path.resolve(), told.st_size, told.st_mtime_ns)
            if key not in _known:
                place = _session() / str(len(_known) + 1)
                unpack(path, place, cancel=cancel, progress=progress)
                _known[key] = place
            return _known[key]
        except OSError as error:
            raise DicomError("ARCHIVE_UNREADABLE", file=path, error=error.strerror or error) from error


def unpack(path: Path, folder: Path, *, cancel: CancelToken, progress: Progress = no_progress) -> None:
    """Unpack an archive into a new folder, wholly or not at all; raises as :func:`unpacked` does."""
    try:
        with path.open("rb") as file:
            _check_list(file)
            with zipfile.ZipFile(file) as archive:
                entries = _checked(archive.infolist(), path.stat().st_size)
                _check_disk(folder.parent, entries)
                folder.mkdir()
                for done, entry in enumerate(entries):
                    progress(done, len(entries))
                    _write(archive, entry, folder, cancel)
    except DicomError as error:
        shutil.rmtree(folder, ignore_errors=True)
        raise DicomError(error.code, **{**error.arguments, "file": path}) from error
    except (zipfile.BadZipFile, zlib.error, EOFError, struct.error, ValueError, NotImplementedError) as error:
        shutil.rmtree(folder, ignore_errors=True)
        raise DicomError("ARCHIVE_DAMAGED", file=path, error=error) from error
    except BaseException:
        shutil.rmtree(folder, ignore_errors=True)
        raise


def _check_list(file: BinaryIO) -> None:
    """Refuse an archive whose list of entries is too long to be read (APPNOTE 4.3.14, 4.3.16)."""
    size = file.seek(0, os.SEEK_END)
    start = max(0, size - 65557)
    file.seek(start)
    tail = file.read()
    at = tail.rfind(b"PK\x05\x06")
    if at < 0 or at + 22 > len(tail):
        raise DicomError("ARCHIVE_DAMAGED", error="no list of entries")
    entries, length = struct.unpack_from("<HI", tail, at + 10)
    if at >= 20 and tail[at - 20 : at - 16] == b"PK\x06\x07":
        file.seek(struct.unpack_from("<Q", tail, at - 12)[0])
        wide = file.read(56)
        if wide[:4] != b"PK\x06\x06" or len(wide) < 56:
            raise DicomError("ARCHIVE_DAMAGED", error="no list of entries")
        entries, length = struct.unpack_from("<QQ", wide, 32)
    if entries > MOST_ENTRIES or length > _LONGEST_LIST:
        raise DicomError("ARCHIVE_ENTRIES", count=entries, most=MOST_ENTRIES)
    file.seek(0)


def _checked(infos: list[zipfile.ZipInfo], size: int) -> list[_Entry]:
    """Entries with where each goes, or the reason to refuse all of them."""
    if len(infos) > MOST_ENTRIES:
        raise DicomError("ARCHIVE_ENTRIES", count=len(infos), most=MOST_ENTRIES)
    total = sum(info.file_size for info in infos)
    if total > MOST_BYTES:
        raise DicomError("ARCHIVE_SIZE", gb=total // 10**9, most=MOST_BYTES // 10**9)
    if total > MOST_RATIO * size:
        raise DicomError("ARCHIVE_RATIO", ratio=total // max(1, size), most=MOST_RATIO)
    in_order = sorted(infos, key=lambda info: info.header_offset)
    if any(one.header_offset + 30 + one.compress_size > two.header_offset for one, two in pairwise(in_order)):
        raise DicomError("ARCHIVE_DAMAGED", error="entries overlap")
    entries = [_Entry(info=info, place=_place(info)) for info in infos]
    files = [tuple(map(str.casefold, entry.place)) for entry in entries if not entry.info.is_dir()]
    inner = {place[:depth] for place in files for depth in range(1, len(place))}
    if len(set(files)) < len(files) or inner & set(files):
        raise DicomError("ARCHIVE_DAMAGED", error="two entries of one name")
    return entries


def _place(info: zipfile.ZipInfo) -> tuple[str, ...]:
    """Folders and name of an entry below the folder that it is unpacked into."""
    kind = stat.S_IFMT(info.external_attr >> 16)
    if kind not in {0, stat.S_IFREG, stat.S_IFDIR}:
        raise DicomError("ARCHIVE_LINK", name=_shown(info))
    if info.flag_bits & 0x1:
        raise DicomError("ARCHIVE_ENCRYPTED", name=_shown(info))
    if info.compress_type not in _METHODS:
        raise DicomError("ARCHIVE_METHOD", name=_shown(info))
    name = info.orig_filename.replace("\\", "/")
    parts = name.split("/")
    if name.startswith("/") or ".." in parts or re.match(r"[A-Za-z]:", name) or "\0" in name:
        raise DicomError("ARCHIVE_PATH", name=_shown(info))
    place = tuple(_FORBIDDEN.sub("_", part).rstrip(". ") or "_" for part in parts if part not in {"", "."})
    if not place and not info.is_dir():
        raise DicomError("ARCHIVE_PATH", name=_shown(info))
    return place


def _shown(info: zipfile.ZipInfo) -> str:
    return _FORBIDDEN.sub("_", info.orig_filename)[:100]


def _check_disk(folder: Path, entries: list[_Entry]) -> None:
    needed = sum(entry.info.file_size for entry in entries) + _SPARE_DISK
    free = shutil.disk_usage(folder).free
    if needed > free:
        raise DicomError("ARCHIVE_DISK", folder=folder, needs_mb=needed // 10**6, has_mb=free // 10**6)


def _write(archive: zipfile.ZipFile, entry: _Entry, folder: Path, cancel: CancelToken) -> None:
    target = folder.joinpath(*entry.place)
    if entry.info.is_dir():
        target.mkdir(parents=True, exist_ok=True)
        return
    target.parent.mkdir(parents=True, exist_ok=True)
    # A new file each: nothing that is there already is written into. Never more comes than the entry states.
    with archive.open(entry.info) as source, target.open("xb") as out:
        while block := source.read(_BLOCK):
            cancel.check()
            out.write(block)


_lock = threading.Lock()
_known: dict[tuple[Path, int, int], Path] = {}
_kept: list[tuple[Path, BinaryIO]] = []


def _session() -> Path:
    """Folder of this session, made at the first archive."""
    if not _kept:
        for left in _left_behind():
            shutil.rmtree(left, ignore_errors=True)
        folder = Path(tempfile.mkdtemp(prefix=_PREFIX))
        lock = (folder / _LOCK).open("wb")
        _try_lock(lock)
        _kept.append((folder, lock))
        atexit.register(forget)
    return _kept[0][0]


def forget() -> None:
    """Remove what was unpacked in this session."""
    _known.clear()
    while _kept:
        folder, lock = _kept.pop()
        lock.close()
        shutil.rmtree(folder, ignore_errors=True)


def _left_behind() -> Iterator[Path]:
    """Folders of sessions that were killed: their lock is held by nobody."""
    for folder in Path(tempfile.gettempdir()).glob(f"{_PREFIX}*"):
        try:
            own = sys.platform == "win32" or folder.lstat().st_uid == os.getuid()
            if not own or folder.is_symlink() or not folder.is_dir():
                continue
            with (folder / _LOCK).open("r+b") as lock:
                free = _try_lock(lock)
        except OSError:
            continue
        if free:
            yield folder


def _try_lock(file: BinaryIO) -> bool:
    """Take the lock of a folder as long as the file is open; False where another program has it."""
    try:
        if sys.platform == "win32":
            import msvcrt  # noqa: PLC0415 - no other system has it

            msvcrt.locking(file.fileno(), msvcrt.LK_NBLCK, 1)
        else:
            import fcntl  # noqa: PLC0415 - Windows does not have it

            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        return False
    return True
