"""One line to the process that decodes, with the memory that both share; an answer is believed where it fits."""

from __future__ import annotations

import json
import os
from dataclasses import dataclass, replace
from multiprocessing.connection import Connection

import numpy as np

from spinereview.dicom.decode_worker import FORGET, READY, Answer, Task
from spinereview.dicom.memory import memory_budget_bytes
from spinereview.dicom.segment import Segment
from spinereview.errors import DicomError

_TYPES = frozenset({"u1", "i1", "u2", "i2", "u4", "i4"})
_LONGEST_ANSWER = 1 << 16
_KEPT_BYTES = 1 << 26
"""Shared memory that is kept for the next task; what is larger is given back."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """What the process may take.

    Parameters
    ----------
    seconds
        For one frame, or one deflated file.
    batch_seconds
        For the beginnings of several deflated files, which take some milliseconds; after that each is tried alone.
    start_seconds
        Until it answers at all.
    memory_bytes
        Beside what it has when it starts; kept by the system on Linux. Elsewhere only sizes are checked beforehand.
    channels
        How many tasks at once: one more than cores, for files are read and samples copied meanwhile.
    """

    seconds: float = 8
    batch_seconds: float = 2
    start_seconds: float = 60
    memory_bytes: int = 4 * 2**30
    channels: int = min(4, os.cpu_count() or 1) + 1


class Gone(Exception):
    """The process ended while a task was under way, or was ended because of it: ``slow``."""

    def __init__(self, *, slow: bool = False) -> None:
        super().__init__()
        self.slow = slow


class Channel:
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
        Gone
            There is no answer, or one that cannot be.
        """
        try:
            self._await_ready()
            segment = self._with_room(task, data)
            if not self._line.poll(self._limits.batch_seconds if task.streams else self._limits.seconds):
                raise Gone(slow=True)
            answer = _read(self._line.recv_bytes(_LONGEST_ANSWER), task)
            result = segment.memory[task.start : task.start + answer["bytes"]]
            if len(segment) > _KEPT_BYTES:
                self._segment = None
                self._line.send(FORGET)
        except (EOFError, OSError, ValueError) as error:
            raise Gone from error
        return answer, result

    def _await_ready(self) -> None:
        if not self._ready:
            if not self._line.poll(self._limits.start_seconds) or self._line.recv_bytes(len(READY)) != READY:
                raise Gone(slow=True)
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
        """Let go of the line; the process then ends."""
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
    if task.streams:
        return _heads(answer.get("heads"), task)
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


def _heads(told: object, task: Task) -> Answer:
    """Length of each beginning and whether there is more of it, or None; they lie one behind the other."""
    if not isinstance(told, list) or len(told) != len(task.streams):
        raise ValueError(told)
    heads: list[tuple[int, bool] | None] = []
    total = 0
    for head in told:
        if head is None:
            heads.append(None)
            continue
        if not isinstance(head, list) or len(head) != 2:
            raise ValueError(head)
        length, more = head
        if not isinstance(length, int) or not 0 <= length <= task.kept:
            raise ValueError(head)
        total += length
        heads.append((length, bool(more)))
    if total > task.room:
        raise ValueError(told)
    return {"bytes": total, "heads": heads}
