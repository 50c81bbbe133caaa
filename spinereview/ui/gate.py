"""Holds back what the trail reports while a case is still being opened on another thread."""

from __future__ import annotations

import threading
from collections.abc import Callable

from spinereview.review.session import Dispatch


class DispatchGate:
    """Passes calls on to the window's thread; while it is held they wait, in their order.

    A session is made on a working thread. Until the window has taken it over, nobody else may run its callbacks.
    """

    def __init__(self, onward: Dispatch) -> None:
        self._onward = onward
        self._waiting: list[Callable[[], None]] | None = None
        self._lock = threading.Lock()

    def hold(self) -> None:
        """Let calls wait from now on."""
        with self._lock:
            self._waiting = self._waiting or []

    def release(self) -> None:
        """Pass on what has waited, and whatever comes."""
        with self._lock:
            waiting, self._waiting = self._waiting or [], None
            for callback in waiting:
                self._onward(callback)

    def dispatch(self, callback: Callable[[], None]) -> None:
        """Run something on the window's thread, now or when the gate opens."""
        with self._lock:
            if self._waiting is None:
                self._onward(callback)
            else:
                self._waiting.append(callback)
