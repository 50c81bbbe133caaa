"""The way of every act of the window to the session's door: done, or refused with a sentence."""

from __future__ import annotations

import secrets
from collections.abc import Callable

from spinereview.domain.imaging import Id
from spinereview.domain.read import Read
from spinereview.errors import Refused, SpineReviewError
from spinereview.review.command import Command
from spinereview.review.commands.decisions import Decide
from spinereview.review.commands.visits import LockVisit, UnlockVisit
from spinereview.text import sentence
from spinereview.ui.shown_read import ShownRead


class OpenRead(ShownRead):
    """One open read, and what leads to its door."""

    def do(self, command: Command[Read], reason: str = "") -> bool:
        """Apply an act; whether it was done. Where it is refused, that is said and nothing has changed."""
        try:
            self.session.do(command, reason)
        except SpineReviewError as error:
            self.refused.emit(error)
            return False
        return True

    def say_select(self) -> None:
        """Say that a lesion is to be selected first."""
        self.refused.emit(Refused("UI_SELECT_LESION"))

    def undo(self) -> None:
        """Take the last act back."""
        self._step(self.session.undo)

    def redo(self) -> None:
        """Do the last undone act again."""
        self._step(self.session.redo)

    def decide(self, key: str, value: str, reason: str = "") -> bool:
        """Answer a question that the current timepoint's response asks."""
        return self.timepoint is not None and self.do(Decide(timepoint=self.timepoint, key=key, value=value), reason)

    def lock(self) -> bool:
        """Lock the current timepoint."""
        return self.timepoint is not None and self.do(LockVisit(timepoint=self.timepoint))

    def unlock(self, reason: str) -> bool:
        """Open the current timepoint for an amendment."""
        return self.timepoint is not None and self.do(UnlockVisit(timepoint=self.timepoint), reason)

    def _step(self, step: Callable[[], Read]) -> None:
        try:
            step()
        except SpineReviewError as error:
            self.refused.emit(error)

    def _is_closed(self, stack: Id) -> bool:
        """Whether the images are not the ones that were measured: their marks stay as they were made; that is said."""
        because = self.closed_stacks.get(stack)
        if because is not None:
            self.refused.emit(Refused("UI_STACK_CLOSED", because=sentence(because)))
        return because is not None

    def _hash_to_record(self, stack: Id) -> str:
        return self.stack_hashes.get(stack, "")


def new_id() -> Id:
    """Id of a measurement that is not in the read yet."""
    return Id(f"m-{secrets.token_hex(6)}")
