"""Compares the images of an open case with what its read says they were, after the first paint."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from spinereview.domain.imaging import Id
from spinereview.errors import SpineReviewError
from spinereview.tasks import CancelToken, Progress
from spinereview.text import sentence
from spinereview.ui.panels.messages import MessageLevel
from spinereview.workflow.case import OpenedCase
from spinereview.workflow.case_changes import verified
from spinereview.workflow.reads import recorded_hashes
from spinereview.workflow.source import Verification

if TYPE_CHECKING:
    from spinereview.ui.main_window import MainWindow


def verify_images(window: MainWindow, opened: OpenedCase) -> None:
    """Hash the images of a case in the background; a stack that is not what it was is closed and named."""
    recorded = recorded_hashes(opened.session.history())

    def work(cancel: CancelToken, progress: Progress) -> Verification:
        return opened.source.verify(recorded, cancel=cancel, progress=progress)

    window.jobs.start(work, partial(_verified, window, opened), lambda _error: None)


def _verified(window: MainWindow, opened: OpenedCase, verification: Verification) -> None:
    if window.opened is not opened or window.bench is None:
        return
    try:
        window.opened = verified(opened, verification)
    except SpineReviewError as error:
        window.say(error)
        return
    reading = window.bench.reading
    reading.stack_hashes = verification.sha256
    fresh = [stack for stack in window.opened.closed_stacks if stack not in reading.closed_stacks]
    reading.close_stacks(window.opened.closed_stacks)
    for stack in fresh:
        words = {"stack": window.bench.title_of(Id(stack))}
        window.messages.show_message(MessageLevel.WARNING, sentence(window.opened.closed_stacks[stack], words))
