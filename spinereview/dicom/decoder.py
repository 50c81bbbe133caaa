"""Compressed and deflated data, decoded in a process of their own, which may crash, hang or be killed.

One process serves everybody; it is started by :func:`warm_up` or by the first that needs it. Whoever asks waits on a
channel of his own, so that this side has no thread. Where the process dies, each task that was under way is tried once
more alone in a fresh process: the one that made it die is then named, and the others get their samples.
"""

from __future__ import annotations

import atexit
import queue
import threading
from collections.abc import Sequence
from dataclasses import replace
from functools import partial
from multiprocessing.connection import Pipe
from typing import Any

import numpy as np
from numpy.typing import NDArray

from spinereview.dicom.decode import check_stream
from spinereview.dicom.decode_channel import Channel, Gone, Limits
from spinereview.dicom.decode_worker import Answer, Task
from spinereview.dicom.decoder_start import SERVER, start
from spinereview.dicom.header import PixelLayout
from spinereview.dicom.samples import sample_type
from spinereview.errors import DicomError

STOPPED = frozenset({"PIXELS_DECODER_DIED", "PIXELS_DECODER_SLOW"})
"""Codes of data that stopped the process: there is no use in giving it more of the same series."""
_REFUSALS = frozenset(
    {
        "PHOTOMETRIC_UNSUPPORTED",
        "PIXELS_DECODE",
        "PIXELS_INFLATE_LIMIT",
        "PIXELS_LAYOUT",
        "PIXELS_SIZE",
        "PIXELS_TRUNCATED",
        "TRANSFER_SYNTAX_UNSUPPORTED",
    }
)
"""What the process may say; anything else is no answer of ours."""
_FIRST_ROOM = 1 << 20


class _Process:
    """One process with its channels."""

    def __init__(self, limits: Limits, server: str) -> None:
        pairs = [Pipe() for _ in range(limits.channels)]
        theirs = [there for _, there in pairs]
        try:
            self._process = start(server, theirs, limits.memory_bytes)
        except OSError as error:
            raise DicomError("PIXELS_DECODER_MISSING", error=error.strerror or error) from error
        finally:
            for there in theirs:
                there.close()
        self.gone = False
        self.id = self._process.pid
        self._lock = threading.Lock()
        self._channels = [Channel(here, self.id, limits) for here, _ in pairs]
        self._free: queue.SimpleQueue[Channel] = queue.SimpleQueue()
        for channel in self._channels:
            self._free.put(channel)

    def ask(self, task: Task, data: bytes) -> tuple[Answer, bytes] | None:
        """Answer to a task; None where the process was gone before it was asked.

        Raises
        ------
        Gone
            It ended meanwhile.
        """
        channel = self._free.get()
        try:
            if self.gone:
                return None
            return channel.ask(task, data)
        except Gone:
            self.end()
            raise
        finally:
            self._free.put(channel)

    def end(self) -> None:
        """End it now; harmless when it has ended."""
        with self._lock:
            if not self.gone:
                self.gone = True
                self._process.kill()
                self._process.wait()

    def close(self) -> None:
        """End it and let go of everything; nobody may ask it any more."""
        self.end()
        for channel in self._channels:
            channel.close()


class Decoder:
    """Decodes in another process. May be used by several threads at once.

    Parameters
    ----------
    server
        Module whose ``main`` the process runs.
    """

    def __init__(self, limits: Limits | None = None, server: str = SERVER) -> None:
        self._start = partial(_Process, server=server)
        self._limits = limits or Limits()
        self._lock = threading.Lock()
        self._process: _Process | None = None

    @property
    def process(self) -> int | None:
        """Number of the process; None where none is running."""
        process = self._process
        return None if process is None or process.gone else process.id

    def warm_up(self) -> None:
        """Start the process, if it is not running; it gets ready by itself.

        Raises
        ------
        DicomError
            ``PIXELS_DECODER_MISSING``.
        """
        self._running()

    def frame(self, data: bytes, layout: PixelLayout) -> NDArray[Any]:
        """Stored samples of one frame; see :func:`~spinereview.dicom.decode.decode` for what comes back.

        Raises
        ------
        DicomError
            As of ``decode``; ``PIXELS_DECODER_DIED`` and ``PIXELS_DECODER_SLOW`` where the data stopped the process,
            ``PIXELS_DECODER_MISSING`` where there is none, ``PIXELS_NO_MEMORY``.
        """
        check_stream(data, layout)
        room = layout.rows * layout.columns * layout.samples * sample_type(layout).itemsize
        if room > self._limits.memory_bytes // 4:
            raise DicomError("PIXELS_NO_MEMORY", needs_mb=-(-room // 2**20))
        answer, samples = self._ask(Task(layout=layout, given=len(data), room=room), data)
        return np.frombuffer(samples, dtype=answer["type"]).reshape(answer["shape"])

    def inflated(self, data: bytes, *, limit: int) -> tuple[bytes, bool]:
        """First bytes of a raw deflate stream (RFC 1951), at most so many, and whether there are more.

        Raises
        ------
        DicomError
            ``PIXELS_DECODE`` where it is no such stream; as :meth:`frame`.
        """
        room = min(limit, max(_FIRST_ROOM, 8 * len(data)))
        while True:
            answer, inflated = self._ask(Task(layout=None, given=len(data), room=max(1, room)), data)
            if not answer["more"] or room >= limit:
                return inflated, answer["more"]
            room = min(limit, 8 * room)

    def heads(self, streams: Sequence[bytes], *, limit: int, kept: int) -> list[tuple[bytes, bool] | None]:
        """First ``kept`` bytes of several raw deflate streams at once, and whether there are more.

        Each stream is inflated up to ``limit`` bytes, so that damage shows that lies behind what is kept. None stands for
        a stream that has to be asked for alone, by :meth:`inflated`: that tells what is wrong with it, and with it alone.
        """
        if not streams:
            return []
        lengths = tuple(map(len, streams))
        room = len(streams) * kept
        task = Task(layout=None, given=sum(lengths), room=room, streams=lengths, limit=limit, kept=kept)
        try:
            answered = self._running().ask(task, b"".join(streams))
        except (Gone, DicomError):
            answered = None
        if answered is None or "code" in answered[0]:
            return [None] * len(streams)
        found: list[tuple[bytes, bool] | None] = []
        at = 0
        for head in answered[0]["heads"]:
            found.append(None if head is None else (answered[1][at : at + head[0]], head[1]))
            at += 0 if head is None else head[0]
        return found

    def close(self) -> None:
        """End the process; the next that needs one starts another."""
        with self._lock:
            process, self._process = self._process, None
        if process is not None:
            process.close()

    def _running(self) -> _Process:
        with self._lock:
            if self._process is None or self._process.gone:
                self._process = self._start(self._limits)
            return self._process

    def _ask(self, task: Task, data: bytes) -> tuple[Answer, bytes]:
        answered = None
        while answered is None:
            try:
                answered = self._running().ask(task, data)
            except Gone as gone:
                if gone.slow:
                    raise self._too_slow() from gone
                answered = self._alone(task, data)
        answer, result = answered
        if "code" in answer:
            raise _refusal(answer)
        return answer, result

    def _alone(self, task: Task, data: bytes) -> tuple[Answer, bytes]:
        """Ask a process that does nothing else: it tells whether this task was the one that ended the other."""
        process = self._start(replace(self._limits, channels=1))
        try:
            answered = process.ask(task, data)
        except Gone as gone:
            raise (self._too_slow() if gone.slow else DicomError("PIXELS_DECODER_DIED")) from gone
        finally:
            process.close()
        if answered is None:
            raise DicomError("PIXELS_DECODER_DIED")
        return answered

    def _too_slow(self) -> DicomError:
        return DicomError("PIXELS_DECODER_SLOW", seconds=f"{self._limits.seconds:g}")


def _refusal(answer: Answer) -> DicomError:
    code, arguments = answer["code"], answer["arguments"]
    if code not in _REFUSALS or not isinstance(arguments, dict):
        return DicomError("PIXELS_DECODE", error=str(code)[:100])
    return DicomError(code, **{str(name): str(value)[:300] for name, value in arguments.items()})


_shared = Decoder()
atexit.register(_shared.close)


def shared() -> Decoder:
    """The one decoder of the program."""
    return _shared


def warm_up() -> None:
    """Start the process before somebody waits for it; whatever keeps it from starting is said to who needs it."""
    try:
        _shared.warm_up()
    except DicomError:
        return
