"""Writes the report of the read that is open, beside the window; the folder is asked for, and said when it is done."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QFileDialog

from spinereview.domain.read import Read
from spinereview.errors import Refused
from spinereview.review.session import Session, SessionState
from spinereview.tasks import CancelToken, Progress
from spinereview.text import explain, sentence
from spinereview.ui.panels.messages import MessageLevel
from spinereview.workflow.answers import facts_of
from spinereview.workflow.case import OpenedCase
from spinereview.workflow.reporting import Kind, Written, write_report

if TYPE_CHECKING:
    from spinereview.ui.main_window import MainWindow

PATIENCE_MS = 5000
"""How long an act may be on its way to the disk before the report is refused."""


def report(window: MainWindow) -> None:
    """Ask for a folder, and write everything that comes out of the read into one of its own there.

    The report is of what is on the disk: the head of the trail that it prints must not be taken back later.
    """
    opened = window.opened
    if opened is None or window.bench is None:
        return
    chosen = QFileDialog.getExistingDirectory(window, sentence("UI_REPORT_FOLDER"), str(opened.folder))
    if not chosen or window.opened is None or window.bench is None:
        return
    opened = window.opened
    _once_saved(
        opened.session, partial(_write, window, opened, chosen), lambda: window.refuse(Refused("UI_REPORT_NOT_SAVED"))
    )


def _once_saved(session: Session[Read], go_on: Callable[[], None], give_up: Callable[[], None]) -> None:
    """Go on as soon as the last act is on the disk, in a turn of its own; give up where the disk takes too long."""
    waiting = QTimer()
    waiting.setSingleShot(True)

    def look(state: SessionState) -> None:
        if state.saved and waiting.isActive():
            waiting.stop()
            QTimer.singleShot(0, end)

    def end(act: Callable[[], None] = go_on) -> None:
        leave()
        act()

    waiting.timeout.connect(lambda: end(give_up))
    waiting.start(PATIENCE_MS)
    leave = session.watch_state(look)


def _write(window: MainWindow, opened: OpenedCase, chosen: str) -> None:
    if window.opened is not opened or window.bench is None:
        return
    facts = facts_of(opened.session, opened.file, window.bench.reading.role)
    folder = Path(chosen) / f"{facts.subject}-{facts.reader}-report"

    def work(cancel: CancelToken, progress: Progress) -> Written:
        return write_report(facts, opened.source, folder, frozenset(Kind), cancel=cancel, progress=progress)

    def done(written: Written) -> None:
        for _, error in written.refused:
            window.messages.show_message(MessageLevel.WARNING, explain(error))
        words = {"folder": str(written.folder), "trail": facts.trail_head}
        window.messages.show_message(MessageLevel.INFO, sentence("UI_REPORT_WRITTEN", words))

    window.jobs.start(work, done, window.say, title=sentence("UI_WRITING_REPORT"))
