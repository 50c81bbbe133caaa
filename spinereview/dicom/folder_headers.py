"""Headers of all files of a folder: the deflated ones are inflated several at a time while the others are read.

Every file has the outcome that it would have alone. Where several at once cannot be inflated, because one of them is
damaged, or makes the decoder stop or wait, each is read alone: that finds the one, and says what is wrong with it.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from types import TracebackType
from typing import Self

from spinereview.dicom.decoder import shared
from spinereview.dicom.file_elements import INFLATED_BYTES
from spinereview.dicom.header import FileHeader
from spinereview.dicom.series_headers import HeaderReader, Waiting
from spinereview.errors import DicomError
from spinereview.tasks import CancelToken, Progress, no_progress

_FILES_AT_ONCE = 64
_BYTES_AT_ONCE = 1 << 22
"""Files and bytes that are inflated together: enough to make the way to the decoder cheap, and soon done."""
_UNDER_WAY = 2
"""How many times that may be in memory beside what is being collected."""
_KEPT_BYTES = 1 << 14
"""Beginning of a data set that comes back; the few headers that are longer are read alone."""

Outcome = FileHeader | DicomError | None
"""Header of a file, why it cannot be read, or None where it is no DICOM."""


def read_headers(files: Sequence[Path], *, cancel: CancelToken, progress: Progress = no_progress) -> list[Outcome]:
    """Outcome of each file, in their order.

    Raises
    ------
    Cancelled
        The token asked for it.
    """
    reader = HeaderReader()
    found: list[Outcome] = []
    with _Inflating(reader, found, cancel) as inflating:
        for done, file in enumerate(files):
            cancel.check()
            progress(done, len(files))
            try:
                header = reader.begin(file)
            except DicomError as error:
                found.append(error)
                continue
            if isinstance(header, Waiting):
                found.append(None)
                inflating.add(done, header)
            else:
                found.append(header)
        inflating.finish()
    progress(len(files), len(files))
    return found


class _Inflating:
    """Deflated files that wait for their beginning, by their numbers in the list of outcomes."""

    def __init__(self, reader: HeaderReader, found: list[Outcome], cancel: CancelToken) -> None:
        self._reader = reader
        self._found = found
        self._cancel = cancel
        self._collected: list[tuple[int, Waiting]] = []
        self._bytes = 0
        self._under_way: deque[tuple[list[tuple[int, Waiting]], Future[list[tuple[bytes, bool] | None]]]] = deque()
        self._threads: ThreadPoolExecutor | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, _kind: type[BaseException] | None, _error: BaseException | None, _at: TracebackType | None
    ) -> None:
        if self._threads is not None:
            self._threads.shutdown(cancel_futures=True)

    def add(self, number: int, file: Waiting) -> None:
        """Take a file; where enough are together they are sent, and the oldest of those under way are waited for."""
        self._collected.append((number, file))
        self._bytes += len(file.file.stream)
        if len(self._collected) >= _FILES_AT_ONCE or self._bytes >= _BYTES_AT_ONCE:
            if len(self._under_way) >= _UNDER_WAY:
                self._take()
            self._send()

    def finish(self) -> None:
        """Wait for all."""
        if self._collected:
            self._send()
        while self._under_way:
            self._take()

    def _send(self) -> None:
        files, self._collected, self._bytes = self._collected, [], 0
        if self._threads is None:
            self._threads = ThreadPoolExecutor(_UNDER_WAY, thread_name_prefix="headers")
        streams = [waiting.file.stream for _, waiting in files]
        answer = self._threads.submit(shared().heads, streams, limit=INFLATED_BYTES[0], kept=_KEPT_BYTES)
        self._under_way.append((files, answer))

    def _take(self) -> None:
        files, answer = self._under_way.popleft()
        for (number, waiting), head in zip(files, answer.result(), strict=True):
            self._cancel.check()
            self._found[number] = _outcome(self._reader, waiting, head)


def _outcome(reader: HeaderReader, waiting: Waiting, head: tuple[bytes, bool] | None) -> Outcome:
    try:
        return reader.read(waiting.path) if head is None else reader.end(waiting, head[0], more=head[1])
    except DicomError as error:
        return error
