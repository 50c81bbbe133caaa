"""What a reader is likely to look at next, so that it is there when he does: read behind everything else, and never shown.

Only what may be hung already is read: of a timepoint that is not open to this reader nothing is touched, so that no list, no
waiting time and no trace of a file says that there is one.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from spinereview.domain.imaging import Id

if TYPE_CHECKING:
    from spinereview.ui.workbench import Workbench


class Ahead:
    """Has the loader read the stack that the next timepoint is shown by, then the one below in the list."""

    def __init__(self, bench: Workbench) -> None:
        self._bench = bench
        self._begun = False
        bench.loader.settled.connect(self._begin)
        bench.grid.active_changed.connect(lambda _viewport: self.look())
        bench.reading.changed.connect(self.look)

    def look(self) -> None:
        """Begin with what is likely now; what is no longer likely is given up."""
        if self._begun:
            self._bench.loader.fetch_ahead(self.likely)

    def _begin(self) -> None:
        # Not before what is on the screen has been read.
        self._begun = True
        self.look()

    @property
    def likely(self) -> tuple[Id, ...]:
        """Stacks, the likeliest first."""
        bench = self._bench
        shown = bench.grid.active.shown
        if shown is None:
            return ()
        found = (self._of_next_timepoint(shown.stack.timepoint.ordinal), bench.stack_below(shown.stack.stack.id))
        closed = bench.reading.closed_stacks
        return tuple(stack for stack in found if stack is not None and stack not in closed)

    def _of_next_timepoint(self, ordinal: int) -> Id | None:
        bench = self._bench
        seen = bench.reading.visible
        later = (one.id for one in bench.reading.case.in_order if one.ordinal > ordinal)
        following = next(later, None)
        return bench.main_stack(following) if following is not None and seen.opens_next(following) else None
