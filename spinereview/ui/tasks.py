"""Long work beside the window: threads that report back to the thread of the window, with progress and cancelling."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable
from functools import partial
from typing import Any, TypeVar

from PySide6.QtCore import QObject, Qt, Signal, Slot

from spinereview.errors import Cancelled, SpineReviewError
from spinereview.tasks import CancelToken, Progress

R = TypeVar("R")
Work = Callable[[CancelToken, Progress], R]

_LOG = logging.getLogger(__name__)
_PROGRESS_S = 0.04


class Jobs(QObject):
    """Runs work on threads and calls back on the window's thread.

    The callbacks of a job that was cancelled are not called, but for ``failed`` with :class:`Cancelled`.
    """

    _posted = Signal(object)
    busy_changed = Signal(object)
    """Emitted with the title, done and total of the youngest visible job, or None."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._running: dict[threading.Thread, CancelToken] = {}
        self._titles: dict[threading.Thread, tuple[str, int, int]] = {}
        self._closed = False
        self._posted.connect(self._run_posted, Qt.ConnectionType.QueuedConnection)

    def dispatch(self, callback: Callable[[], None]) -> None:
        """Call something on the window's thread, soon; may be called on any thread."""
        self._posted.emit(callback)

    def start(
        self,
        work: Work[R],
        done: Callable[[R], None],
        failed: Callable[[SpineReviewError], None],
        progress: Progress | None = None,
        title: str = "",
    ) -> CancelToken:
        """Start work on a thread of its own.

        Parameters
        ----------
        title
            Shown with the progress; work without a title stays unseen.
        """
        token = CancelToken()
        thread: threading.Thread
        last = 0.0

        def report(count: int, total: int) -> None:
            nonlocal last
            now = time.monotonic()
            if count >= total or now - last >= _PROGRESS_S:
                last = now
                self.dispatch(lambda: self._progressed(thread, progress, count, total))

        def run() -> None:
            try:
                result = work(token, report)
            except SpineReviewError as error:
                self._finish(thread, partial(failed, error))
            except Exception as error:  # noqa: BLE001  # the border of a thread: nothing may be swallowed there
                _LOG.exception("work %r failed", title)
                internal = SpineReviewError("INTERNAL_ERROR", error=repr(error))
                self._finish(thread, partial(failed, internal))
            else:
                self._finish(thread, lambda: failed(Cancelled()) if token.cancelled else done(result))

        thread = threading.Thread(target=run, name=f"job {title}")
        self._running[thread] = token
        if title:
            self._titles[thread] = (title, 0, 0)
            self._show_busy()
        thread.start()
        return token

    def close(self) -> None:
        """Cancel everything and wait for it."""
        self._closed = True
        for token in self._running.values():
            token.cancel()
        for thread in list(self._running):
            thread.join()
        self._running.clear()

    def cancel_titled(self) -> None:
        """Cancel the work that the user sees."""
        for thread in self._titles:
            self._running[thread].cancel()

    def _finish(self, thread: threading.Thread, callback: Callable[[], Any]) -> None:
        def ended() -> None:
            self._running.pop(thread, None)
            if self._titles.pop(thread, None) is not None:
                self._show_busy()
            thread.join()
            if not self._closed:
                callback()

        self.dispatch(ended)

    def _progressed(self, thread: threading.Thread, progress: Progress | None, count: int, total: int) -> None:
        if thread in self._titles:
            self._titles[thread] = (self._titles[thread][0], count, total)
            self._show_busy()
        if progress is not None and thread in self._running and not self._closed:
            progress(count, total)

    def _show_busy(self) -> None:
        self.busy_changed.emit(next(reversed(self._titles.values()), None))

    @Slot(object)
    def _run_posted(self, callback: Callable[[], None]) -> None:
        callback()
