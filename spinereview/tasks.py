"""Long work without Qt: progress, cancelling, worker threads, the one writer thread.

Nothing here knows what it runs: it is given functions. A function that takes long accepts a :class:`CancelToken` and a
:data:`Progress` and calls both often enough (at least every 50 ms of work).
"""

from __future__ import annotations

import contextlib
import ctypes
import os
import sys
import threading
from collections.abc import Callable
from concurrent.futures import Future
from queue import SimpleQueue
from typing import TypeVar

from spinereview.errors import Cancelled

Progress = Callable[[int, int], None]
"""Called with how much is done and how much there is; the total may grow, and is 0 while unknown."""


def no_progress(done: int, total: int) -> None:
    """Progress that nobody watches."""


class CancelToken:
    """Asks running work to stop; checked by the work itself.

    >>> token = CancelToken()
    >>> token.cancelled
    False
    """

    __slots__ = ("_event",)

    def __init__(self) -> None:
        self._event = threading.Event()

    @property
    def cancelled(self) -> bool:
        """Whether the work should stop."""
        return self._event.is_set()

    def cancel(self) -> None:
        """Ask the work to stop; harmless when it has ended."""
        self._event.set()

    def check(self) -> None:
        """Raise where the work should stop.

        Raises
        ------
        Cancelled
            The user asked for it.
        """
        if self._event.is_set():
            raise Cancelled


def step_back() -> None:
    """Let this thread run behind the others, where the system knows a priority of one thread.

    Not behind everything: it holds the interpreter's lock now and then, and whoever waits for that would wait for all that
    a busy machine does.
    """
    if sys.platform == "linux":
        thread = threading.get_native_id()
        with contextlib.suppress(OSError):
            os.setpriority(os.PRIO_PROCESS, thread, max(os.getpriority(os.PRIO_PROCESS, thread), _LESS_URGENT))


def share_one_heap() -> None:
    """Let all threads take small memory from one heap, where the system's library would give each a heap of its own.

    Work runs on threads that come and go; glibc keeps a heap for up to eight of them a core, each with holes that nobody
    else fills, so that a program that opens one case after the other would grow by each. Call it before the first thread.
    """
    if sys.platform == "linux":
        mallopt = getattr(ctypes.CDLL(None), "mallopt", None)  # musl has none, and one heap
        if mallopt is not None:
            mallopt(_M_ARENA_MAX, 1)


_M_ARENA_MAX = -8
"""Of malloc.h of glibc."""
_LESS_URGENT = 5
T = TypeVar("T")
_Work = Callable[[], object]


class Writer:
    """One thread that does one piece of work after the other, in the order given.

    Work that is submitted reports for itself and does not raise; where it does, that is a bug, it reaches
    :data:`threading.excepthook`, and the work behind it is done all the same.
    """

    def __init__(self, name: str) -> None:
        self._queue: SimpleQueue[_Work | None] = SimpleQueue()
        self._thread = threading.Thread(target=self._run, name=name, daemon=False)
        self._closed = False
        self._thread.start()

    def submit(self, work: _Work) -> None:
        """Do something behind all that was submitted before."""
        if self._closed:
            raise RuntimeError("the writer is closed")
        self._queue.put(work)

    def call(self, work: Callable[[], T]) -> T:
        """Do something behind all that was submitted, and wait for its result or its error."""
        future: Future[T] = Future()

        def run() -> None:
            try:
                future.set_result(work())
            except BaseException as error:  # noqa: BLE001  # whatever it is, it is raised where it was asked for
                future.set_exception(error)

        self.submit(run)
        return future.result()

    def close(self) -> None:
        """Do what was submitted, then end the thread; harmless when it has ended."""
        if not self._closed:
            self._closed = True
            self._queue.put(None)
            self._thread.join()

    def _run(self) -> None:
        while (work := self._queue.get()) is not None:
            try:
                work()
            except Exception:  # noqa: BLE001  # the hook shows it; acts behind it must still reach the disk
                threading.excepthook(threading.ExceptHookArgs((*sys.exc_info(), self._thread)))


class SameThread:
    """A :class:`Writer` without a thread: for the command line, where nobody waits beside it."""

    def submit(self, work: _Work) -> None:
        """Do something at once."""
        work()

    def call(self, work: Callable[[], T]) -> T:
        """Do something at once."""
        return work()

    def close(self) -> None:
        """Nothing is under way."""
