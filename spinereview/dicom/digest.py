"""SHA-256 of files and of stacks: what a read binds its marks to."""

from __future__ import annotations

import hashlib
from pathlib import Path

from spinereview.dicom.load import Images
from spinereview.dicom.pixel_reader import file_error
from spinereview.tasks import CancelToken, Progress, no_progress

_BLOCK_BYTES = 2**20


def file_sha256(path: Path, *, cancel: CancelToken | None = None) -> str:
    """SHA-256 of a file's bytes, in hexadecimal.

    Raises
    ------
    DicomError
        ``PIXELS_UNREADABLE``.
    Cancelled
        The user asked for it.
    """
    digest = hashlib.sha256()
    block = memoryview(bytearray(_BLOCK_BYTES))
    try:
        with path.open("rb", buffering=0) as file:
            while count := file.readinto(block):
                digest.update(block[:count])
                if cancel is not None:
                    cancel.check()
    except OSError as error:
        raise file_error(error, path) from error
    return digest.hexdigest()


def stack_sha256(images: Images, *, cancel: CancelToken | None = None, progress: Progress = no_progress) -> str:
    """SHA-256 of a stack: over the sorted lines ``sop_uid <tab> frame <tab> SHA-256 of the file``.

    Every file is read once. The order of the images does not matter.

    Raises
    ------
    DicomError
        ``PIXELS_UNREADABLE``.
    Cancelled
        The user asked for it.
    """
    paths = sorted({header.path for header, _frame in images})
    hashes: dict[Path, str] = {}
    for done, path in enumerate(paths):
        progress(done, len(paths))
        hashes[path] = file_sha256(path, cancel=cancel)
    progress(len(paths), len(paths))
    lines = sorted(f"{header.sop_uid}\t{frame.number}\t{hashes[header.path]}\n" for header, frame in images)
    return hashlib.sha256("".join(lines).encode()).hexdigest()
