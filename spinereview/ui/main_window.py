"""The main window: pages, bars, the table of actions, opening and closing. What is read is in the workbench."""

from __future__ import annotations

import gc
import os
from collections.abc import Callable
from functools import partial
from pathlib import Path

from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtGui import QCloseEvent, QDragEnterEvent, QDropEvent
from PySide6.QtWidgets import QFileDialog, QMainWindow, QStackedWidget, QVBoxLayout, QWidget

from spinereview.errors import Cancelled, SpineReviewError
from spinereview.review.session import SessionState, WriteFailure
from spinereview.tasks import CancelToken, Progress
from spinereview.text import explain, sentence
from spinereview.ui.action_menu import made_action, made_menu
from spinereview.ui.actions import ACTIONS, WITHOUT_CASE
from spinereview.ui.acts import Acts
from spinereview.ui.building import TURN_MS, PageBuilding
from spinereview.ui.describing import describe_series
from spinereview.ui.gate import DispatchGate
from spinereview.ui.nifti_open import opens_nifti
from spinereview.ui.panels.messages import MessageBar, MessageLevel
from spinereview.ui.panels.opening import OpeningPage
from spinereview.ui.panels.start import StartPage
from spinereview.ui.record_work import RecordWindows
from spinereview.ui.shown_read import failure_text
from spinereview.ui.status_bar import StatusBar
from spinereview.ui.tasks import Jobs
from spinereview.ui.top_bar import TopBar
from spinereview.ui.verifying import verify_images
from spinereview.ui.visit_step import VisitStep
from spinereview.ui.workbench import Workbench
from spinereview.workflow.case import OpenedCase, Opening, open_case, open_images, open_read
from spinereview.workflow.case_file import NAME
from spinereview.workflow.patients import PatientChoice
from spinereview.workflow.reads import RECORD_SUFFIX, SUFFIX, Workstation


class MainWindow(QMainWindow):
    """One window, one case at a time."""

    case_shown = Signal()
    """A case has been opened and is on the screen."""

    def __init__(self, workstation: Workstation, reader: str = "") -> None:
        super().__init__()
        self.setWindowTitle("spinereview")
        self.setAcceptDrops(True)
        self.setMinimumSize(1280, 640)  # said, or what is in the window enlarges it, and images move under the hand
        self.jobs = Jobs(self)
        self._gate = DispatchGate(self.jobs.dispatch)
        self._workstation = Workstation(
            settings=workstation.settings,
            documents=workstation.documents,
            clock=workstation.clock,
            dispatch=self._gate.dispatch,
        )
        self._reader = reader or workstation.settings.load()[0].reader_code
        self.opened: OpenedCase | None = None
        self.bench: Workbench | None = None
        self.records = RecordWindows(self, workstation)
        self.actions_by_id = {row.id: made_action(row, self) for row in ACTIONS}
        self.menu = made_menu(self.actions_by_id, self)
        self.top = TopBar(self.actions_by_id, self.menu, self)
        self.messages = MessageBar(self)
        self.status = StatusBar(self)
        self.start = StartPage(self)
        self.opening = OpeningPage(self)
        self.visits = VisitStep(self.opening, ask=self._bring, show=self._show_case, refused=self.refuse)
        self.pages = QStackedWidget(self)
        self._building = PageBuilding(self, self._workstation, made=self._listen, built=self._present)
        self.acts = Acts(self)
        self._arrange()
        self._connect()
        self.resize(1600, 980)
        self.close_case()

    # Opening and closing

    def open_path(self, path: Path, subject: str = "") -> None:
        """Open images, a case folder, a read or a clinical record; images that are no case ask for the subject's code."""
        if path.suffix == RECORD_SUFFIX:
            self.records.open(path)
            return
        if opens_nifti(self, path, self._workstation.documents):
            return
        is_case = path.suffix == SUFFIX or path.name == NAME or os.path.isfile(path / NAME)  # noqa: PTH113 - raises nothing
        self.messages.clear()
        # Asked or not, the page knows what is opened: of several patients, or of a known case, it asks later.
        self.opening.ask(path.absolute(), self._reader, subject, new=not is_case)
        if self._reader and (is_case or subject):
            self._open(path, subject, None)
        else:
            self.pages.setCurrentWidget(self.opening)

    @property
    def reader(self) -> str:
        """Code of who sits here; empty before it was given."""
        return self._reader

    def close_case(self) -> None:
        """Close the read, if one is open, and show the start page."""
        self.visits.forget()
        waiting = self._building.abandon()
        gc.unfreeze()
        bench, self.bench, self.opened = self.bench or waiting, None, None
        if bench is not None:
            bench.close_read()
            self.pages.removeWidget(bench)
            bench.deleteLater()
            QTimer.singleShot(TURN_MS, gc.collect)
        recent = self._workstation.settings.load()[0].recent
        self.start.show_recent(tuple((Path(folder), Path(folder).name) for folder in recent if Path(folder).is_dir()))
        self.pages.setCurrentWidget(self.start)
        self.top.show_case("", "", "")
        self.status.show_probe("", "")
        self.status.show_geometry("", "")
        self.status.show_trail("")
        self.setWindowTitle("spinereview")
        self._enable()

    def say(self, error: SpineReviewError, level: MessageLevel = MessageLevel.ERROR) -> None:
        """Say an error in the bar; what the user cancelled himself is a hint."""
        self.messages.show_message(MessageLevel.INFO if isinstance(error, Cancelled) else level, explain(error))

    def refuse(self, error: SpineReviewError) -> None:
        """Say why an act was refused; nothing has changed."""
        self.say(error, MessageLevel.WARNING)

    def _open(self, path: Path, subject: str, patient: int | None, *, again: bool = False) -> None:
        self._gate.hold()
        protocol = self.opening.protocol

        def work(cancel: CancelToken, progress: Progress) -> Opening:
            shared = {"reader": self._reader, "subject": subject, "patient": patient, "protocol": protocol}
            if again:
                return open_images(path, self._workstation, **shared, again=True, cancel=cancel, progress=progress)  # type: ignore[arg-type]  # a dict of mixed values
            return open_case(path, self._workstation, **shared, cancel=cancel, progress=progress)  # type: ignore[arg-type]  # a dict of mixed values

        self.jobs.start(work, self._opening_answered, self._not_opened, title=sentence("UI_SCANNING"))

    def _open_copy(self, read: Path) -> None:
        """Go on with a copy of a read: the person has said that it is the one to go on with."""
        self._gate.hold()

        def work(cancel: CancelToken, progress: Progress) -> Opening:
            return open_read(read, self._workstation, accept_copy=True, cancel=cancel, progress=progress)

        self.jobs.start(work, self._opening_answered, self._not_opened, title=sentence("UI_SCANNING"))

    def _opening_answered(self, answer: Opening) -> None:
        if isinstance(answer, OpenedCase):
            self.visits.take(answer)
            return
        self._bring()
        if isinstance(answer, PatientChoice):
            self.opening.ask_patient(answer)
        else:
            self.opening.ask_known(answer)

    def _bring(self) -> None:
        """Bring the page that asks to the front; what the trail reports is no longer held back."""
        self._gate.release()
        self.pages.setCurrentWidget(self.opening)

    def _not_opened(self, error: SpineReviewError) -> None:
        self._gate.release()
        if error.code == "TRAIL_COPIED":
            go_on = (sentence("UI_OPEN_COPY"), partial(self._open_copy, Path(error.arguments["file"])))
            self.messages.show_message(MessageLevel.WARNING, explain(error), go_on)
            return
        self.say(error)

    def _show_case(self, opened: OpenedCase) -> None:
        if self.bench is not None or self._building.under_way:
            self.close_case()
        self._building.begin(opened)

    def _present(self, opened: OpenedCase, bench: Workbench) -> None:
        """Put the page that has been built on the screen."""
        self.records.make_way(opened.protocol)
        self.opened, self.bench = opened, bench
        self.pages.addWidget(bench)
        self.pages.setCurrentWidget(bench)
        self.top.show_case(opened.case.subject_code, opened.protocol.title, opened.session.author.actor)
        self.setWindowTitle(f"{opened.case.subject_code} – spinereview")
        opened.session.watch_state(self._show_state)
        bench.set_tool(self.acts.tool)
        bench.linking.switch(on=self.actions_by_id["link"].isChecked())
        for warning in opened.warnings:
            self.say(warning, MessageLevel.WARNING)
        # Headers, modules and the trail stay as long as the case: the collector need not look through them at every turn.
        gc.freeze()
        self._enable()
        bench.grid.active.setFocus(Qt.FocusReason.OtherFocusReason)
        self.case_shown.emit()
        QTimer.singleShot(TURN_MS, self._start_work)

    def _listen(self, bench: Workbench) -> None:
        """Hear what a page says of itself, from when it is built."""
        self._gate.release()
        reading = bench.reading
        reading.refused.connect(self.refuse)
        reading.warned.connect(partial(self.messages.show_message, MessageLevel.WARNING))
        reading.taken_back.connect(self._taken_back)
        reading.changed.connect(self._enable)
        bench.failed.connect(self.say)
        bench.said.connect(partial(self.messages.show_message, MessageLevel.INFO))
        bench.describe_asked.connect(partial(describe_series, self))
        bench.probed.connect(self.status.show_probe)
        bench.geometry_shown.connect(self.status.show_geometry)
        bench.forms.name_series(bench.title_of)

    def _start_work(self) -> None:
        """Read and check the images, when the page is painted."""
        if self.bench is not None and self.opened is not None:
            self.bench.start()
            # In a turn of its own: every thread that begins holds the window up for a moment.
            QTimer.singleShot(TURN_MS, self._check_images)

    def _check_images(self) -> None:
        if self.opened is not None:
            verify_images(self, self.opened)

    def _show_state(self, state: SessionState) -> None:
        opened = self.opened
        if opened is None or self.bench is None:
            return
        self.top.show_saved(saved=state.saved, writable=not opened.read_only)
        self.status.show_trail(opened.session.head_hash)
        undo, redo = self.actions_by_id["undo"], self.actions_by_id["redo"]
        undo.setEnabled(state.can_undo is not None)
        redo.setEnabled(state.can_redo is not None)

    def _taken_back(self, failure: WriteFailure) -> None:
        if self.bench is not None:
            reading = self.bench.reading
            self.messages.show_message(MessageLevel.ERROR, failure_text(failure, reading.read, reading.case))

    # Bars and actions

    def _enable(self) -> None:
        """Actions that need an open case are off without one; the lock says which timepoint it is about."""
        opened = self.opened
        for row in ACTIONS:
            if row.id not in WITHOUT_CASE | {"undo", "redo"}:
                self.actions_by_id[row.id].setEnabled(opened is not None)
        self.actions_by_id["check_delivery"].setEnabled(True)
        if opened is None or self.bench is None:
            self.actions_by_id["undo"].setEnabled(False)
            self.actions_by_id["redo"].setEnabled(False)
            return
        reading = self.bench.reading
        # A delivery tells its dates, which this read may have to do without.
        self.actions_by_id["check_delivery"].setEnabled(reading.visible.shows_days)
        timepoint = reading.current
        if timepoint is not None:
            code = "UI_UNLOCK_TIMEPOINT" if reading.locked else "UI_LOCK_TIMEPOINT"
            text = sentence(code, {"timepoint": timepoint.label})
            self.actions_by_id["lock"].setText(text)
            self.top.show_lock(text, enabled=not opened.read_only)

    def _arrange(self) -> None:
        for page in (self.start, self.opening):
            self.pages.addWidget(page)
        centre = QWidget(self)
        layout = QVBoxLayout(centre)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(1)
        for widget in (self.top, self.messages):
            layout.addWidget(widget)
        layout.addWidget(self.pages, 1)
        layout.addWidget(self.status)
        self.setCentralWidget(centre)

    def _connect(self) -> None:
        slots: dict[str, Callable[[], object]] = self.acts.slots()
        for name, slot in slots.items():
            self.actions_by_id[name].triggered.connect(lambda _checked=False, slot=slot: slot())
        for row in ACTIONS:
            # Keys of images live on the page of viewports; the others on the window.
            (self.pages if row.image_only else self).addAction(self.actions_by_id[row.id])
        self.start.open_folder.connect(self.choose_folder)
        self.start.open_file.connect(self.actions_by_id["open_file"].trigger)
        self.start.open_sample.connect(self.open_sample)
        self.start.open_recent.connect(self.open_path)
        self.opening.confirmed.connect(self._confirmed)
        self.opening.continued.connect(lambda known: self._open(known.folder, "", None))
        self.opening.made_anew.connect(self._made_anew)
        self.opening.refused.connect(self.refuse)
        self.start.check_delivery.connect(self.acts.delivery.choose)
        self.opening.looked_at.connect(self.acts.delivery.check_what_is_opened)
        self.opening.withdrawn.connect(lambda: self.pages.setCurrentWidget(self.bench or self.start))
        self.status.cancelled.connect(self.jobs.cancel_titled)
        self.jobs.busy_changed.connect(self.status.show_work)

    def _confirmed(self) -> None:
        if self.opening.path is not None:
            self._reader = self.opening.reader.text().strip() or self._reader
            self._open(self.opening.path, self.opening.subject.text().strip(), self.opening.patient)

    def _made_anew(self) -> None:
        if self.opening.path is not None:
            self._open(self.opening.path, self.opening.subject.text().strip(), self.opening.patient, again=True)

    def choose_folder(self) -> None:
        """Ask for a folder."""
        chosen = QFileDialog.getExistingDirectory(self, sentence("UI_OPEN_FOLDER"))
        if chosen:
            self.open_path(Path(chosen))

    def open_sample(self) -> None:
        """Make the sample case, if it is not there, and open it."""
        folder = self._workstation.documents / "samples"

        def work(cancel: CancelToken, progress: Progress) -> Path:
            from spinereview.workflow.samples import make_samples  # noqa: PLC0415  # phantoms, which no start needs

            return make_samples(folder, which="first-run", cancel=cancel, progress=progress)[0].folder

        self.jobs.start(work, self.open_path, self.say, title=sentence("UI_MAKING_SAMPLE"))

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        """A folder or a file may be dropped."""
        if any(url.isLocalFile() for url in event.mimeData().urls()):
            event.acceptProposedAction()

    def dropEvent(self, event: QDropEvent) -> None:
        """Open what was dropped."""
        local = [Path(url.toLocalFile()) for url in event.mimeData().urls() if url.isLocalFile()]
        if local:
            event.acceptProposedAction()
            self.open_path(local[0])

    def closeEvent(self, event: QCloseEvent) -> None:
        """Commit what is under way, end all threads."""
        self.close_case()
        self.records.close()
        self.jobs.close()
        event.accept()
