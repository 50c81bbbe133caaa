"""Drives the window with mouse and key events, as a hand would: for the first run without a screen, pictures, and tests."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from pathlib import Path

from PySide6.QtCore import QEventLoop, QPoint, QPointF, Qt, QTimer
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QComboBox, QWidget

from spinereview.domain.measurement import PointMpx
from spinereview.errors import SpineReviewError
from spinereview.imaging.phantom_lesion import LesionTruth
from spinereview.ui.main_window import MainWindow
from spinereview.ui.viewport import Viewport
from spinereview.ui.workbench import Workbench
from spinereview.workflow.samples import SampleCase

LEFT = Qt.MouseButton.LeftButton
STEPS = 6


class Hand:
    """A hand on the mouse and the keys of one window."""

    def __init__(self, window: MainWindow) -> None:
        self.window = window

    @property
    def bench(self) -> Workbench:
        """The reading page."""
        assert self.window.bench is not None
        return self.window.bench

    def wait(self, holds: Callable[[], bool], what: str, seconds: float = 60.0) -> None:
        """Let the program run until something holds.

        Raises
        ------
        SpineReviewError
            ``DRIVE_WAITED``: it did not come to hold in time.
        """
        end = time.monotonic() + seconds
        while not holds():
            if time.monotonic() > end:
                raise SpineReviewError("DRIVE_WAITED", what=what)
            self.breathe(10)

    def breathe(self, milliseconds: int = 0) -> None:
        """Let the program handle its events for a while."""
        loop = QEventLoop()
        QTimer.singleShot(milliseconds, loop.quit)
        loop.exec()

    def key(self, key: Qt.Key, modifiers: Qt.KeyboardModifier = Qt.KeyboardModifier.NoModifier) -> None:
        """Press and release a key where the focus is."""
        QTest.keyClick(self.window.focusWidget() or self.window, key, modifiers)
        self.breathe()

    def click(self, widget: QWidget, position: QPoint | None = None) -> None:
        """Click into a widget, by default in its middle."""
        QTest.mouseClick(widget, LEFT, Qt.KeyboardModifier.NoModifier, position or widget.rect().center())
        self.breathe()

    def choose(self, box: QComboBox, text: str) -> None:
        """Choose an entry of a list by typing its first letters; a space would open the list."""
        box.setFocus(Qt.FocusReason.MouseFocusReason)
        # Letters typed within this interval count as one word, those typed into the field before included.
        self.breathe(QApplication.keyboardInputInterval() + 20)
        QTest.keyClicks(box, text)
        QTest.keyClick(box, Qt.Key.Key_Return)
        self.breathe()

    def at(self, viewport: Viewport, point: PointMpx) -> QPoint:
        """Pixel of a viewport under which a point of the image lies."""
        assert viewport.shown is not None
        x, y = viewport.shown.view.to_screen(point[0] / 1000, point[1] / 1000)
        return QPointF(x, y).toPoint()

    def drag(self, viewport: Viewport, start: PointMpx, end: PointMpx) -> None:
        """Press at one point of the image, move to another, release; the hand keeps its way over the screen."""
        first, last = (viewport.mapToGlobal(self.at(viewport, point)) for point in (start, end))
        QTest.mouseMove(viewport, viewport.mapFromGlobal(first))
        QTest.mousePress(viewport, LEFT, Qt.KeyboardModifier.NoModifier, viewport.mapFromGlobal(first))
        for step in range(1, STEPS + 1):
            QTest.mouseMove(viewport, viewport.mapFromGlobal(first + (last - first) * step / STEPS))
        QTest.mouseRelease(viewport, LEFT, Qt.KeyboardModifier.NoModifier, viewport.mapFromGlobal(last))
        self.breathe()

    def activate(self, viewport: Viewport) -> None:
        """Click into an empty corner of a viewport with the pointer, so that keys act on it."""
        viewport.setFocus(Qt.FocusReason.MouseFocusReason)
        self.breathe()

    def go_to(self, viewport: Viewport, place: int) -> None:
        """Scroll with the arrow keys to an image by its place from 0."""
        self.activate(viewport)
        assert viewport.shown is not None
        steps = place - viewport.shown.index
        for _ in range(abs(steps)):
            QTest.keyClick(viewport, Qt.Key.Key_Down if steps > 0 else Qt.Key.Key_Up)
        self.breathe()

    def zoom(self, viewport: Viewport, point: PointMpx, times: float) -> None:
        """Zoom in about a point of the image; a wheel's turns cannot be sent by the test library, so the view is set."""
        assert viewport.shown is not None
        spot = self.at(viewport, point)
        viewport.set_view(viewport.shown.view.zoomed(times, spot.x(), spot.y()))
        self.breathe()

    def measure(self, viewport: Viewport, found: LesionTruth, *, node: bool) -> None:
        """Draw the long axis of a lesion; of a node pull the ends of the short one too."""
        self.go_to(viewport, found.slice_index)
        a, b, c, d = found.ends_mpx
        self.drag(viewport, a, b)
        if node:
            self.pull_short_axis(viewport, c, d)

    def pull_short_axis(self, viewport: Viewport, *ends: PointMpx) -> None:
        """Drag the two ends of the short axis of the selected caliper, each to the nearer of two points."""
        for place in (2, 3):
            shown = viewport.shown.calipers if viewport.shown is not None else ()
            caliper = next((one for one in shown if one.selected), None)
            if caliper is None:
                raise SpineReviewError("DRIVE_WAITED", what="caliper")
            handle = caliper.handles[place]
            target = min(ends, key=lambda end: (end[0] - handle[0]) ** 2 + (end[1] - handle[1]) ** 2)
            self.drag(viewport, handle, target)

    def saved(self) -> None:
        """Wait until every act is on the disk."""
        self.wait(lambda: self.bench.reading.session.saved, "saved")


def first_read(hand: Hand, sample: SampleCase, picture: Path | None = None) -> Iterator[str]:
    """Read the sample case from baseline to its last timepoint with mouse and keys; says what was done.

    Parameters
    ----------
    picture
        Where a picture of the window is left.
    """
    recipe = sample.recipe
    hand.wait(lambda: hand.window.bench is not None, "case")
    bench = hand.bench
    panes = bench.grid.visible_viewports
    hand.wait(lambda: all(pane.shown and pane.shown.volume and pane.shown.volume.complete for pane in panes), "images")
    yield f"opened {recipe.title!r}: {len(bench.series.stacks())} series, {len(panes)} viewports"
    hand.key(Qt.Key.Key_B)
    labels = [timepoint.label for timepoint in recipe.timepoints]
    for lesion, found in zip(recipe.lesions, recipe.truth(labels[0]), strict=True):
        hand.activate(panes[0])
        hand.key(Qt.Key.Key_N)
        hand.measure(panes[0], found, node=False)
        _say_site(hand, lesion.organ.lower().split()[0], lesion.location.removeprefix("VERTEBRA "))
        if lesion.nodal:
            hand.activate(panes[0])
            hand.pull_short_axis(panes[0], *found.ends_mpx[2:])
        yield f"baseline: {lesion.name}: {_cell(bench, 0)}"
    hand.activate(panes[0])
    hand.key(Qt.Key.Key_Return, Qt.KeyboardModifier.ControlModifier)
    yield f"baseline locked: {bench.reading.locked}"
    hand.activate(panes[1])
    for lesion, found in zip(recipe.lesions, recipe.truth(labels[-1]), strict=True):
        hand.key(Qt.Key.Key_Space)
        hand.measure(panes[1], found, node=lesion.nodal)
        yield f"{labels[-1]}: {lesion.name}: {_cell(bench, 1)}"
    hand.key(Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier)
    hand.key(Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.ShiftModifier)
    yield "undo and redo"
    hand.saved()
    shown = bench.response.shown
    yield f"response: {shown.outcome}; {shown.summary}"
    if picture is not None:
        hand.breathe(200)
        hand.window.grab().save(str(picture))
        yield f"picture: {picture}"


def _say_site(hand: Hand, organ: str, location: str) -> None:
    editor = hand.bench.editor
    hand.choose(editor.organ, organ)
    if location[:1] in "CTLS" and location[1:].isdigit():
        hand.choose(editor.level, location)
        hand.choose(editor.tissue, "lytic")
        hand.click(editor.soft_tissue, QPoint(10, editor.soft_tissue.height() // 2))
        return
    editor.location.setFocus(Qt.FocusReason.MouseFocusReason)
    QTest.keyClicks(editor.location, location.capitalize())
    hand.key(Qt.Key.Key_Return)


def _cell(bench: Workbench, column: int) -> str:
    table = bench.lesions.table()
    selected = bench.reading.selected
    cells = [row.cells[column].text for row in table.rows if row.lesion == selected]
    return f"{cells[0]} mm" if cells else "-"
