"""Compressed and deflated data, decoded in a process of their own, which may crash, hang or be killed.

One process serves everybody; it is started by :func:`warm_up` or by the first that needs it. Whoever asks waits on a
channel of his own, so that this side has no thread. Where the process dies, each task that was under way is tried once
more alone in a fresh process: the one that made it die is then named, and the others get their samples.
"""

from __future__ import annotations

import atexit
import json
import os
import queue
import threading
from dataclasses import dataclass, replace
from functools import partial
from multiprocessing.connection import Connection, Pipe
from typing import Any

import numpy as np
from numpy.typing import NDArray

from spinereview.dicom.decode import check_stream
from spinereview.dicom.decode_worker import FORGET, READY, Answer, Task
from spinereview.dicom.decoder_start import SERVER, start
from spinereview.dicom.header import PixelLayout
from spinereview.dicom.memory import memory_budget_bytes
from spinereview.dicom.samples import sample_type
from spinereview.dicom.segment import Segment
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
_TYPES = frozenset({"u1", "i1", "u2", "i2", "u4", "i4"})
_LONGEST_ANSWER = 1 << 16
_KEPT_BYTES = 1 << 26
"""Shared memory that is kept for the next task; what is larger is given back."""
_FIRST_ROOM = 1 << 20


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """What the process may take.

    Parameters
    ----------
    seconds
        For one frame, or one deflated file.
    start_seconds
        Until it answers at all.
    memory_bytes
        Beside what it has when it starts; kept by the system on Linux. Elsewhere only sizes are checked beforehand.
    channels
        How many tasks at once: one more than cores, for files are read and samples copied meanwhile.
    """

    seconds: float = 8
    start_seconds: float = 60
    memory_bytes: int = 4 * 2**30
    channels: int = min(4, os.cpu_count() or 1) + 1


class _Gone(Exception):
    """The process ended while a task was under way, or was ended because of it: ``slow``."""

    def __init__(self, *, slow: bool = False) -> None:
        super().__init__()
        self.slow = slow


class _Channel:
    """One line to a process, with the memory that both share."""

    def __init__(self, line: Connection, process: int, limits: Limits) -> None:
        self._line = line
        self._process = process
        self._limits = limits
        self._segment: Segment | None = None
        self._ready = False

    def ask(self, task: Task, data: bytes) -> tuple[Answer, bytes]:
        """Answer, and the bytes of the result.

        Raises
        ------
        _Gone
            There is no answer, or one that cannot be.
        """
        try:
            self._await_ready()
            segment = self._with_room(task, data)
            if not self._line.poll(self._limits.seconds):
                raise _Gone(slow=True)
            answer = _read(self._line.recv_bytes(_LONGEST_ANSWER), task)
            result = segment.memory[task.start : task.start + answer["bytes"]]
            if len(segment) > _KEPT_BYTES:
                self._segment = None
                self._line.send(FORGET)
        except (EOFError, OSError, ValueError) as error:
            raise _Gone from error
        return answer, result

    def _await_ready(self) -> None:
        if not self._ready:
            if not self._line.poll(self._limits.start_seconds) or self._line.recv_bytes(len(READY)) != READY:
                raise _Gone(slow=True)
            self._ready = True

    def _with_room(self, task: Task, data: bytes) -> Segment:
        """Put the data where the process finds them, and tell it."""
        segment = self._segment
        fresh = segment is None or len(segment) < task.start + task.room
        if segment is None or fresh:
            segment = self._segment = _memory(task.start + task.room)
            task = replace(task, segment=len(segment), name=segment.name)
        segment.memory[: len(data)] = data
        self._line.send(task)
        if fresh:
            segment.send(self._line, self._process)
        return segment

    def close(self) -> None:
        self._line.close()


def _memory(size: int) -> Segment:
    no_memory = DicomError("PIXELS_NO_MEMORY", needs_mb=-(-size // 2**20))
    # Asked for at once and wholly: the system would give what it has, and then end some program.
    if size > memory_budget_bytes():
        raise no_memory
    try:
        return Segment.make(size)
    except OSError as error:
        raise no_memory from error


def _read(raw: bytes, task: Task) -> Answer:
    """An answer that fits the task, with the length of its result as ``bytes``.

    Raises
    ------
    ValueError
        It does not.
    """
    answer = json.loads(raw)
    if not isinstance(answer, dict):
        raise ValueError(raw)
    if "code" in answer:
        return {"bytes": 0, "code": answer["code"], "arguments": answer.get("arguments", {})}
    if task.layout is None:
        length = answer.get("length")
        if not isinstance(length, int) or not 0 <= length <= task.room:
            raise ValueError(raw)
        return {"bytes": length, "more": bool(answer.get("more"))}
    layout = task.layout
    shape = [layout.rows, layout.columns, *([3] if layout.samples == 3 else [])]
    if answer.get("shape") != shape or answer.get("type") not in _TYPES:
        raise ValueError(raw)
    kind = np.dtype(answer["type"])
    length = layout.rows * layout.columns * layout.samples * kind.itemsize
    if length > task.room:
        raise ValueError(raw)
    return {"bytes": length, "type": kind, "shape": shape}


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
        self._channels = [_Channel(here, self.id, limits) for here, _ in pairs]
        self._free: queue.SimpleQueue[_Channel] = queue.SimpleQueue()
        for channel in self._channels:
            self._free.put(channel)

    def ask(self, task: Task, data: bytes) -> tuple[Answer, bytes] | None:
        """Answer to a task; None where the process was gone before it was asked.

        Raises
        ------
        _Gone
            It ended meanwhile.
        """
        channel = self._free.get()
        try:
            if self.gone:
                return None
            return channel.ask(task, data)
        except _Gone:
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
            except _Gone as gone:
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
        except _Gone as gone:
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
