"""Reads a stack that nobody looks at yet: one thread behind all others, only where memory is plenty, stopped at once.

What it reads lies in the shelf as the first thing to go. It says nothing: what cannot be read is told when it is asked for.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial

from spinereview.domain.imaging import Id
from spinereview.imaging.volume import Volume
from spinereview.tasks import CancelToken, Progress, step_back
from spinereview.ui.stacks import VolumeShelf
from spinereview.ui.tasks import Jobs
from spinereview.workflow.pictures import Images, begin, budget_bytes, fill

LOOK_EVERY = 32
"""After so many images it looks whether memory has become short."""


@dataclass(slots=True, kw_only=True, eq=False)
class _Fetch:
    """One stack that is being read; ``then`` is done when its thread has ended."""

    stack: Id
    token: CancelToken | None = None
    volume: Volume | None = None
    then: Callable[[], None] | None = None


class Fetcher:
    """Reads at most one stack at a time.

    Parameters
    ----------
    ended
        Called when a stack has been read, or could not be.
    budget
        Tells how many bytes a volume may take now.
    """

    def __init__(
        self,
        jobs: Jobs,
        shelf: VolumeShelf,
        images_of: Callable[[Id], Images],
        ended: Callable[[], None],
        *,
        budget: Callable[[], int] = budget_bytes,
    ) -> None:
        self._jobs = jobs
        self._shelf = shelf
        self._images_of = images_of
        self._ended = ended
        self._budget = budget
        self._now: _Fetch | None = None
        self._given_up: set[Id] = set()
        self.closed = False
        """The case is closed: nothing is read any more, and nobody is to be told."""

    @property
    def stack(self) -> Id | None:
        """What is being read."""
        return None if self._now is None else self._now.stack

    def fetch(self, wanted: Sequence[Id]) -> None:
        """Read the first stack that is not there yet; what is being read and is not among them is given up."""
        if self.closed:
            return
        if self._now is not None:
            if self._now.stack in wanted or self._now.then is not None:
                return
            self.stop()
        for stack in wanted:
            if not self._shelf.has(stack) and stack not in self._given_up:
                self._start(stack)
                return

    def make_way(self, stack: Id, then: Callable[[], None]) -> bool:
        """Somebody wants a stack: where it is the one that is being read, go on with ``then`` once its thread has ended.

        Two threads never write into one volume. Every other stack is given up, and tried again later.

        Returns
        -------
        bool
            Whether ``then`` will be called.
        """
        self._given_up.clear()
        now = self._now
        if now is None or now.token is None:
            return False
        if now.stack != stack:
            if now.then is None:
                self.stop()
            return False
        now.then = then
        now.token.cancel()
        return True

    def stop(self) -> None:
        """Give up what is being read."""
        now, self._now = self._now, None
        if now is not None and now.token is not None:
            now.token.cancel()
            self._shelf.drop(now.stack)

    def close(self) -> None:
        """Give up what is being read, and read no more: the case is closed."""
        self.closed = True
        self.stop()

    def _start(self, stack: Id) -> None:
        now = self._now = _Fetch(stack=stack)
        images, room = self._images_of(stack), min(self._shelf.room_bytes, self._budget())
        now.token = self._jobs.start(
            partial(self._read, now, images, room),
            lambda _none: self._over(now),
            lambda _error: self._over(now),
        )

    def _read(self, now: _Fetch, images: Images, room: int, cancel: CancelToken, _progress: Progress) -> None:
        step_back()
        volume = begin(images, budget_bytes=room).volume
        if volume is None:
            return
        self._jobs.dispatch(partial(self._begun, now, volume))
        seen = 0

        def ready(_index: int) -> None:
            nonlocal seen
            seen += 1
            if seen % LOOK_EVERY == 0 and self._budget() < volume.samples.nbytes * (len(volume) - seen) // len(volume):
                cancel.cancel()

        fill(images, volume, first=len(images) // 2, cancel=cancel, progress=_progress, on_ready=ready, threads=1)

    def _begun(self, now: _Fetch, volume: Volume) -> None:
        if self._now is now:
            now.volume = volume
            self._shelf.put_unused(now.stack, volume)

    def _over(self, now: _Fetch) -> None:
        if self._now is not now:
            return
        self._now = None
        if now.then is not None:
            now.then()
            return
        if now.volume is None or not now.volume.complete:
            self._shelf.drop(now.stack)
        if not self._shelf.has(now.stack):
            self._given_up.add(now.stack)
        self._ended()
