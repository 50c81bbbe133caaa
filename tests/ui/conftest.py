"""A small case on the disk, the window that reads it, and a hand with mouse and keys. What is asked for is what is shown."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from decimal import Decimal
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import QEvent, QModelIndex, QPoint, QPointF, Qt
from PySide6.QtGui import QWheelEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QCheckBox, QLabel, QLineEdit, QPushButton, QTableView, QWidget

from spinereview.dicom.series_plan import SeriesGeometry, SeriesPlan, derived_uid
from spinereview.dicom.write import write_series
from spinereview.domain.lesion import Lesion
from spinereview.domain.read import Read
from spinereview.ui.app import application
from spinereview.ui.drive import Hand
from spinereview.ui.main_window import MainWindow
from spinereview.ui.panels.series import SeriesHead
from spinereview.ui.shown_read import ShownRead
from spinereview.ui.viewport import Viewport
from spinereview.ui.workbench import Workbench
from spinereview.workflow.case import OpenedCase, open_images
from spinereview.workflow.reads import Workstation
from spinereview.workflow.settings import SettingsFolder

SIDE, SLICES, SPACING = 96, 6, Decimal("0.75")
DISC_PX = {"20250114": 40, "20250408": 24}
"""Diameter of the bright disc in the middle of the images, by date: 30 mm, then 18 mm."""
BLINDED = """
[trial]
id = "BLINDED"
version = "1"
title = "Blinded reading"

[blinding]
sequential = false
show_days = false
live_response = false
show_prior_marks = true
ask_arm_guess = false

[design]
readers = 1
adjudication = "none"

[criterion.recist]
"""


SMALLEST = (1366, 768)
"""The smallest screen that the window is made for."""
OFFSCREEN_SAYS = "This plugin does not support propagateSizeHints()"
"""Said by Qt's offscreen platform of every window; on a real screen it is not."""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if Path(__file__).parent in item.path.parents:
            item.add_marker(pytest.mark.allow_qt_message(OFFSCREEN_SAYS))


def _series(
    folder: Path,
    *,
    date: str,
    patient: str = "4711",
    slices: int = SLICES,
    name: str = "",
    spacing: Decimal = SPACING,
    foot_mm: int = 0,
    sagittal: bool = False,
    study: str = "",
    attributes: dict[str, object] | None = None,
    modality: str = "CT",
    multi_frame: bool = False,
) -> Path:
    """A disc of known size in the middle of every image of a small CT.

    Series of one ``study`` share it and its frame of reference; the lowest image lies at ``foot_mm``. Images that are
    ``sagittal`` lie beside each other from the right to the left, their upper edge 100 mm above.
    """
    zero, one = Decimal(0), Decimal(1)
    across, down, step = (
        ((zero, one, zero), (zero, zero, -one), (Decimal(5), zero, zero))
        if sagittal
        else ((one, zero, zero), (zero, one, zero), (zero, zero, Decimal(5)))
    )
    plan = SeriesPlan(
        study_uid=derived_uid(study, "study") if study else "",
        frame_of_reference_uid=derived_uid(study, "frame") if study else "",
        modality=modality,
        seed=f"{patient} {date} {name}",
        geometry=SeriesGeometry(
            origin_mm=(zero, zero, Decimal(foot_mm + 100 if sagittal else foot_mm)),
            row_direction=across,
            column_direction=down,
            pixel_spacing_mm=(spacing, spacing),
            step_mm=step,
            slice_thickness_mm=Decimal(5),
        ),
        patient_id=patient,
        study_date=date,
        series_description=name or "Axial",
        attributes=attributes or {},
    )
    row, column = np.mgrid[0:SIDE, 0:SIDE] + 0.5 - SIDE / 2
    disc = np.where(np.hypot(row, column) < DISC_PX.get(date, 30) / 2, 160, -20).astype(np.int16)
    write_series(folder, np.repeat(disc[None], slices, axis=0), plan, multi_frame=multi_frame)
    return folder


@pytest.fixture(scope="session")
def series() -> Callable[..., Path]:
    """Writes a small CT into a folder."""
    return _series


@pytest.fixture(scope="session")
def images(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Baseline and one follow-up of one patient; nothing ever writes here."""
    folder = tmp_path_factory.mktemp("images")
    for date in DISC_PX:
        _series(folder / date, date=date)
    return folder


@pytest.fixture
def station(tmp_path: Path) -> Workstation:
    return Workstation(settings=SettingsFolder(folder=tmp_path / "settings"), documents=tmp_path / "documents")


class Desk(Hand):
    """A hand that also knows what a test asks of the screen."""

    def wait(self, holds: Callable[[], bool], what: str, seconds: float = 20.0) -> None:
        """Let the program run until something holds; a test does not wait as long as a person."""
        super().wait(holds, what, seconds)

    @property
    def pane(self) -> Viewport:
        """The viewport of the baseline."""
        return self.bench.grid.viewports[0]

    @property
    def follow_up(self) -> Viewport:
        """The viewport of the follow-up."""
        return self.bench.grid.viewports[1]

    @property
    def read(self) -> Read:
        """The read as it is shown."""
        return self.bench.reading.session.head

    @property
    def committed(self) -> Read:
        """The read as it is on the disk."""
        return self.bench.reading.session.committed

    def lesion(self, place: int = 0) -> Lesion:
        """A lesion of the read, in the order of numbers."""
        return list(self.read.lesions.values())[place]

    def events(self) -> int:
        """How many acts, undos and redos the trail has."""
        return sum(entry.kind != "note" for entry in self.bench.reading.session.history())

    def said(self) -> str:
        """What the message bar says."""
        return "\n".join(self.window.messages.texts()) if self.window.messages.isVisible() else ""

    def dismiss(self) -> None:
        """Close what the message bar says, so that the next sentence is the only one."""
        self.window.messages.clear()

    def loaded(self) -> None:
        """Wait until every visible viewport shows its whole stack, and the images have been verified."""
        self.wait(lambda: self.window.bench is not None, "case")
        panes = self.bench.grid.visible_viewports
        self.wait(lambda: all(pane.shown and pane.shown.volume and pane.shown.volume.complete for pane in panes), "all")
        self.wait(lambda: bool(self.bench.reading.stack_hashes) or bool(self.bench.reading.closed_stacks), "verified")
        self.breathe()

    def keys(self, *keys: Qt.Key, modifiers: Qt.KeyboardModifier = Qt.KeyboardModifier.NoModifier) -> None:
        """Press keys where an image has the focus."""
        for key in keys:
            self.key(key, modifiers)

    def choose_level(self, level: str) -> None:
        """Click a level in the spine's strip, which is unfolded and scrolled first where it has to be."""
        strip = self.bench.overview.strip
        if strip.folded:
            self.click(strip.head.button)
        index = strip.table.model().index(strip.row_of(level), 0)
        strip.table.scrollTo(index)
        self.click(strip.table.viewport(), strip.table.visualRect(index).center())

    def measure_disc(self, pane: Viewport, width_px: int = 40, *, row: int = 48, column: int = 48) -> None:
        """Draw a level line of a width in pixels of the image."""
        left, right = (column - width_px / 2) * 1000, (column + width_px / 2) * 1000
        self.drag(pane, (round(left), row * 1000), (round(right), row * 1000))

    def baseline_target(self) -> None:
        """A target at the baseline, with its site: nothing is open there then."""
        self.activate(self.pane)
        self.keys(Qt.Key.Key_B)
        self.measure_disc(self.pane)
        self.choose(self.bench.editor.organ, "soft")
        self.activate(self.pane)

    def wheel(
        self,
        pane: Viewport,
        turns: int,
        *,
        ctrl: bool = False,
        shift: bool = False,
        sideways: bool = False,
        at: QPointF | None = None,
    ) -> None:
        """Turn the wheel over a viewport; upwards is positive. Some systems turn it sideways with Shift."""
        spot = at or QPointF(pane.rect().center())
        keys = Qt.KeyboardModifier.ControlModifier if ctrl else Qt.KeyboardModifier.NoModifier
        keys |= Qt.KeyboardModifier.ShiftModifier if shift else Qt.KeyboardModifier.NoModifier
        event = QWheelEvent(
            spot,
            QPointF(pane.mapToGlobal(spot.toPoint())),
            QPoint(),
            QPoint(120 * turns, 0) if sideways else QPoint(0, 120 * turns),
            Qt.MouseButton.NoButton,
            keys,
            Qt.ScrollPhase.NoScrollPhase,
            False,  # noqa: FBT003  # Qt takes it by its place alone
        )
        QApplication.sendEvent(pane, event)
        self.breathe()

    def pull(self, pane: Viewport, button: Qt.MouseButton, start: QPoint, moved: QPoint) -> None:
        """Press a button at a pixel, move, release."""
        QTest.mousePress(pane, button, Qt.KeyboardModifier.NoModifier, start)
        for step in range(1, 5):
            QTest.mouseMove(pane, start + moved * step / 4)
        QTest.mouseRelease(pane, button, Qt.KeyboardModifier.NoModifier, start + moved)
        self.breathe()

    def words(self) -> str:
        """Every word that the window has: texts, tooltips, names for screen readers, cells, lines of the lists."""
        found: list[str] = []
        for widget in [self.window, *self.window.findChildren(QWidget)]:
            found += [widget.toolTip(), widget.accessibleName(), widget.accessibleDescription(), widget.windowTitle()]
            if isinstance(widget, QLabel | QPushButton | QCheckBox | QLineEdit):
                found.append(widget.text())
        roles = (Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.ToolTipRole, Qt.ItemDataRole.AccessibleTextRole)
        found += [self.bench.overview.timeline.shown.words, self.bench.overview.timeline.shown.summary]
        lists = (self.bench.lesions.view, self.bench.history.view, self.bench.series.list)
        for view in (*lists, self.bench.overview.strip.table):
            model = view.model()
            columns = model.columnCount(QModelIndex()) if isinstance(view, QTableView) else 1
            cells = [
                model.index(row, column) for row in range(model.rowCount(QModelIndex())) for column in range(columns)
            ]
            found += [str(model.data(cell, role) or "") for cell in cells for role in roles]
        for pane in self.bench.grid.viewports:
            found += [caliper.text for caliper in pane.shown.calipers] if pane.shown is not None else []
        found += [action.text() + action.toolTip() for action in self.window.actions_by_id.values()]
        return "\n".join(text for text in found if text)


@pytest.fixture(scope="session")
def app(qapp: QApplication) -> QApplication:
    """The one application, with the program's type and style."""
    return application()


def assert_nothing_is_stale(bench: Workbench) -> None:
    """What stands on the screen is what follows from the read as it is, worked out anew with nothing kept of before."""
    shown = bench.reading
    fresh = ShownRead(shown.session, shown.role)
    for name in ("timepoint", "selected", "part", "expanded", "level", "locate"):
        setattr(fresh, name, getattr(shown, name))
    try:
        assert bench.lesions.table() == fresh.table()
        assert bench.overview.strip.shown == fresh.strip()
        assert bench.overview.timeline.shown == fresh.timeline(bench.dates)
        assert bench.response.shown == fresh.response()
        heads = [entry.detail for entry in bench.series.entries if isinstance(entry, SeriesHead)]
        assert heads == [fresh.progress_of(timepoint) for timepoint in fresh.case.in_order]
        assert shown.owed() == fresh.owed()
    finally:
        fresh.stop_watching()


@pytest.fixture
def windows(app: QApplication) -> Iterator[Callable[[Workstation, str], MainWindow]]:
    """Makes windows, and closes them at the end of the test."""
    made: list[MainWindow] = []

    def make(station: Workstation, reader: str = "R1") -> MainWindow:
        window = MainWindow(station, reader)
        made.append(window)
        window.resize(*SMALLEST)
        window.show()
        window.activateWindow()
        QApplication.processEvents()
        return window

    yield make
    stray = [widget for widget in QApplication.topLevelWidgets() if widget.isVisible() and widget not in made]
    try:
        for window in made:
            if window.bench is not None:
                assert_nothing_is_stale(window.bench)
    finally:
        for window in made:
            window.close()
            window.deleteLater()
    QApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete.value)
    QApplication.processEvents()
    # Another window takes the focus, and with it every key.
    assert stray == []


@pytest.fixture
def hand_of() -> type[Desk]:
    """Makes a hand of a window."""
    return Desk


@pytest.fixture
def empty(windows: Callable[..., MainWindow], station: Workstation) -> Desk:
    """A window without a case, of the reader R1."""
    return Desk(windows(station))


@pytest.fixture
def desk(empty: Desk, images: Path) -> Desk:
    """The small case, open: the baseline left, the follow-up right."""
    empty.window.open_path(images, "S-1")
    empty.loaded()
    return empty


@pytest.fixture
def reopened(windows: Callable[..., MainWindow], station: Workstation) -> Callable[[Desk], Desk]:
    """Closes a window and opens its read in another one."""

    def again(desk: Desk, path: Path | None = None) -> Desk:
        assert desk.window.opened is not None
        path = path or desk.window.opened.read_path
        desk.window.close()
        later = Desk(windows(station))
        later.window.open_path(path)
        later.wait(lambda: later.window.bench is not None, "case")
        return later

    return again


@pytest.fixture
def protocol_blinded(tmp_path: Path) -> Path:
    """A protocol that hides the response until the lock."""
    protocol = tmp_path / "blinded.toml"
    protocol.write_text(BLINDED, encoding="utf-8")
    return protocol


@pytest.fixture
def blinded(empty: Desk, images: Path, station: Workstation, protocol_blinded: Path) -> Desk:
    """The small case under a protocol that hides the response until the lock."""
    made = open_images(images, station, reader="R1", subject="S-2", protocol=protocol_blinded)
    assert isinstance(made, OpenedCase)
    made.session.close()
    empty.window.open_path(made.folder)
    empty.loaded()
    return empty
