"""Lets a person say what a series is, and shows the case with it."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt

from spinereview.domain.imaging import Id
from spinereview.errors import SpineReviewError
from spinereview.ui.present_quality import choice_of
from spinereview.ui.stack_dialog import StackDialog
from spinereview.workflow.stack_words import StackWords, describe

if TYPE_CHECKING:
    from spinereview.ui.main_window import MainWindow


def describe_active(window: MainWindow) -> None:
    """Ask about the series of the active viewport."""
    bench = window.bench
    shown = None if bench is None else bench.grid.active.shown
    if shown is not None:
        describe_series(window, shown.stack.stack.id)


def describe_series(window: MainWindow, stack: Id) -> None:
    """Ask about a series."""
    bench = window.bench
    description = None if bench is None else bench.description_of(stack)
    if bench is None or description is None:
        return
    reading = bench.reading
    found = reading.case.find_stack(stack)
    dialog = StackDialog(description, "" if found is None else choice_of(reading.read, found[0], stack), window)
    dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
    dialog.kept.connect(partial(_keep, window, stack, dialog))
    dialog.open()


def _keep(window: MainWindow, stack: Id, dialog: StackDialog, words: StackWords) -> None:
    if window.opened is None or window.bench is None:
        return
    if not window.bench.reading.judge_quality(stack, str(dialog.quality.currentData())):
        return
    try:
        opened = describe(window.opened, stack, words)
    except SpineReviewError as error:
        window.refuse(error)
        return
    window.opened = opened
    window.bench.take_source(opened.source)
