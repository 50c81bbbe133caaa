"""Writes the report of the read that is open, beside the window; the folder is asked for, and said when it is done."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtWidgets import QFileDialog

from spinereview.errors import Refused
from spinereview.tasks import CancelToken, Progress
from spinereview.text import explain, sentence
from spinereview.ui.panels.messages import MessageLevel
from spinereview.workflow.answers import facts_of
from spinereview.workflow.reporting import Kind, Written, write_report

if TYPE_CHECKING:
    from spinereview.ui.main_window import MainWindow


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
    if not window.opened.session.saved:
        window.refuse(Refused("UI_REPORT_NOT_SAVED"))
        return
    opened = window.opened
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
