"""A decoder that breaks down as real ones do, by what the data say: for tests of what then becomes of the others."""

from __future__ import annotations

import ctypes
import os
import threading
from collections.abc import Sequence

from spinereview.dicom import decode_worker
from spinereview.dicom.decode_worker import Answer, Task, decoded

CRASH = b"CRASH"
HANG = b"HANG!"
LIE = b"LIES!"
MEMORY = b"EATS!"
SLEEP = b"SLEEP"


def work(task: Task, memory: memoryview) -> Answer:
    data = bytes(memory[: task.given])
    if CRASH in data:
        ctypes.string_at(0)
    if HANG in data:
        threading.Event().wait()
    if LIE in data:
        return {"type": "u2", "shape": [1 << 20, 1 << 20]}
    if MEMORY in data:
        return {"length": len(bytearray(1 << 40)), "more": False}
    if SLEEP in data:
        threading.Event().wait(0.5)
    return decoded(task, memory)


def main(memory_bytes: int, lines: Sequence[int]) -> None:
    os.close(2)
    os.open(os.devnull, os.O_WRONLY)
    decode_worker.main(memory_bytes, lines, work)
