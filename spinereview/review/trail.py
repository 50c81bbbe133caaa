"""The port behind which the disk lies: what a session needs of a trail."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

from spinereview.errors import SpineReviewError
from spinereview.review.audit import Author, Event, Head
from spinereview.review.replay import Folded

Done = Callable[[SpineReviewError | None], None]
"""Called once an event is on disk, or with the reason why it is not; on any thread."""


class Trail(Protocol):
    """Where events go; :class:`spinereview.storage.trailfile.TrailFile` is the one on disk."""

    @property
    def author(self) -> Author:
        """Who writes."""
        ...

    @property
    def folded(self) -> Folded:
        """What the trail said when it was opened."""
        ...

    @property
    def readonly_because(self) -> SpineReviewError | None:
        """Why nothing can be written; None where it can."""
        ...

    def append(self, event: Event, done: Done) -> None:
        """Commit an event, in the order of the calls. After a failure every further event fails until `reopen`."""
        ...

    def reopen(self, after: Head) -> tuple[Event, ...]:
        """Open anew after a failure; events that are on disk behind a head, though they were reported as failed.

        Raises
        ------
        TrailError
            It still cannot be written.
        """
        ...

    def close(self) -> None:
        """Commit what is under way, and let go of the file."""
        ...
