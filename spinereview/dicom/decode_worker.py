"""The process that decodes: it gets bytes, gives samples, and may die of them.

It reads no file and keeps nothing. Each channel has a thread of its own, for the decoders let others run beside them.
What it answers is plain JSON and samples in shared memory: whoever reads the answer trusts neither.
"""

from __future__ import annotations

import faulthandler
import json
import os
import signal
import sys
import threading
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

import numpy as np

from spinereview.dicom.decode import decode, inflate_part
from spinereview.dicom.decoder_start import opened
from spinereview.dicom.header import PixelLayout
from spinereview.dicom.segment import Segment
from spinereview.errors import DicomError

READY = b"ready"
ORPHAN_SECONDS = 60
"""A process that has been busy so long is one that nobody waits for any more: it ends itself."""

Answer = dict[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Task:
    """What to do with the bytes at the start of the shared memory.

    Parameters
    ----------
    layout
        Decode one frame of it; None: inflate.
    given
        How many bytes there are.
    room
        How many bytes the result may take; it begins at ``given`` rounded up to :data:`ALIGNMENT`.
    segment
        Size of new shared memory that follows; 0: that of before. ``name`` is its name on Windows.
    streams
        Lengths of raw deflate streams that lie one behind the other: the first ``kept`` bytes of each are wanted, after
        it was inflated up to ``limit``.
    """

    layout: PixelLayout | None
    given: int
    room: int
    segment: int = 0
    name: str = ""
    streams: tuple[int, ...] = ()
    limit: int = 0
    kept: int = 0

    @property
    def start(self) -> int:
        """Where the result begins."""
        return -(-self.given // ALIGNMENT) * ALIGNMENT


ALIGNMENT = 64
FORGET = Task(layout=None, given=0, room=0)
"""Let go of the shared memory; it has no answer."""


class _Watch:
    """Ends the process, without asking anybody, where a decoder never comes back."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._busy = 0
        self._silent = Path(os.devnull).open("w", encoding="utf-8")  # noqa: SIM115 - it lives as long as the process

    def __enter__(self) -> None:
        with self._lock:
            self._busy += 1
            faulthandler.dump_traceback_later(ORPHAN_SECONDS, exit=True, file=self._silent)

    def __exit__(self, *_exception: object) -> None:
        with self._lock:
            self._busy -= 1
            if not self._busy:
                faulthandler.cancel_dump_traceback_later()


def main(memory_bytes: int, lines: Sequence[int], work: Callable[[Task, memoryview], Answer] | None = None) -> None:
    """Answer on every line until the other side is gone.

    Parameters
    ----------
    memory_bytes
        How much the process may take beside what it has now, where the system knows such a limit (Linux).
    lines
        Descriptors, on Windows handles, that it inherited.
    work
        What is done with a task; None: :func:`decoded`.
    """
    # What ends the program at the terminal is no order to this process; it goes when its channels are closed.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    limit_memory(memory_bytes)
    watch = _Watch()
    threads = [
        threading.Thread(target=_answer, args=(opened(line), watch, work or decoded), daemon=True) for line in lines
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def limit_memory(more_bytes: int) -> None:
    """Allow this process so much more address space, and no dump of its memory, which holds images of patients."""
    if sys.platform == "linux":
        import resource  # noqa: PLC0415 - Windows has no such module

        pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[0])
        limit = pages * resource.getpagesize() + more_bytes
        _, most = resource.getrlimit(resource.RLIMIT_AS)
        resource.setrlimit(resource.RLIMIT_AS, (limit if most == resource.RLIM_INFINITY else min(limit, most), most))
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def _answer(channel: Connection, watch: _Watch, work: Callable[[Task, memoryview], Answer]) -> None:
    segment: Segment | None = None
    try:
        channel.send_bytes(READY)
        while True:
            task: Task = channel.recv()
            if task == FORGET:
                segment = None
                continue
            if task.segment:
                segment = None
                segment = Segment.receive(channel, task.segment, task.name)
            if segment is None:
                return
            with watch:
                answer = _safely(work, task, segment)
            channel.send_bytes(json.dumps(answer).encode())
    except (EOFError, OSError):
        return  # the other side is gone, or has given this process up


def _safely(work: Callable[[Task, memoryview], Answer], task: Task, segment: Segment) -> Answer:
    try:
        return work(task, memoryview(segment.memory))
    except DicomError as error:
        return {"code": error.code, "arguments": dict(error.arguments)}
    except Exception as error:  # noqa: BLE001  # whatever a decoder makes of its data, the next task is answered too
        return {"code": "PIXELS_DECODE", "arguments": {"error": f"{type(error).__name__}: {error}"}}


def decoded(task: Task, memory: memoryview) -> Answer:
    """Decode or inflate; the result lies in the memory, the answer says what it is."""
    if task.streams:
        return {"heads": list(_heads(task, memory))}
    data = bytes(memory[: task.given])
    if task.layout is None:
        inflated, more = inflate_part(data, limit=task.room)
        memory[task.start : task.start + len(inflated)] = inflated
        return {"length": len(inflated), "more": more}
    samples = decode(data, task.layout)
    if samples.nbytes > task.room:
        raise DicomError("PIXELS_SIZE", stated=f"{task.room} bytes", found=f"{samples.nbytes} bytes")
    place = np.ndarray(samples.shape, dtype=samples.dtype, buffer=memory, offset=task.start)
    place[...] = samples
    return {"type": samples.dtype.str[1:], "shape": list(samples.shape)}


def _heads(task: Task, memory: memoryview) -> Iterator[list[int] | None]:
    """Length of what is kept of each stream, and 1 where there is more of it; None where it is no such stream."""
    read, written, end = 0, task.start, task.start + task.room
    for length in task.streams:
        try:
            inflated, more = inflate_part(bytes(memory[read : read + length]), limit=task.limit)
        except (DicomError, MemoryError):
            yield None
        else:
            kept = min(len(inflated), task.kept, end - written)
            memory[written : written + kept] = inflated[:kept]
            written += kept
            yield [kept, int(more or kept < len(inflated))]
        read += length
