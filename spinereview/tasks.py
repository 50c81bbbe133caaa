"""Long work without Qt: progress, cancelling, worker threads, the one writer thread.

Nothing here knows what it runs: it is given functions. A function that takes long accepts a :class:`CancelToken` and a
:data:`Progress` and calls both often enough (at least every 50 ms of work).
"""

from __future__ import annotations

import threading
from collections.abc import Callable

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
