"""Clinical records that were opened from the main window: each in a window of its own, none beside a blinded read."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtWidgets import QFileDialog

from spinereview.domain.protocol import Protocol
from spinereview.errors import Refused, SpineReviewError
from spinereview.text import sentence
from spinereview.ui.panels.messages import MessageLevel
from spinereview.workflow.reads import Workstation, blinds

if TYPE_CHECKING:
    from spinereview.ui.clinical_window import ClinicalWindow
    from spinereview.ui.main_window import MainWindow


class RecordWindows:
    """Windows of records; they are closed with the main window."""

    def __init__(self, window: MainWindow, workstation: Workstation) -> None:
        self._window, self._workstation = window, workstation
        self._made: list[ClinicalWindow] = []

    @property
    def open_ones(self) -> tuple[ClinicalWindow, ...]:
        """Windows that are on the screen."""
        return tuple(one for one in self._made if one.isVisible())

    def choose(self) -> None:
        """Ask for a record."""
        if self._is_blinded():
            return
        file, _ = QFileDialog.getOpenFileName(
            self._window, sentence("UI_OPEN_RECORD"), "", sentence("UI_RECORD_FILTER")
        )
        if file:
            self.open(Path(file))

    def begin(self) -> None:
        """Ask for a case folder, make the empty record of its subject, and open it."""
        from spinereview.workflow.clinical_folder import begin_record  # noqa: PLC0415  # not before a record is asked for

        if self._is_blinded():
            return
        chosen = QFileDialog.getExistingDirectory(self._window, sentence("UI_RECORD_CASE"))
        if not chosen:
            return
        try:
            path = begin_record(Path(chosen), self._window.reader, None, self._workstation)
        except SpineReviewError as error:
            self._window.say(error)
            return
        self.open(path)

    def open(self, path: Path) -> None:
        """Open a record in a window of its own, as the investigator whose record it is."""
        from spinereview.ui.clinical_window import ClinicalWindow  # noqa: PLC0415  # not before a record is asked for

        if self._is_blinded():
            return
        try:
            record = ClinicalWindow(path, self._workstation)
        except SpineReviewError as error:
            self._window.say(error)
            return
        self._made.append(record)
        record.show()
        record.activateWindow()

    def make_way(self, protocol: Protocol) -> None:
        """Close every record before a blinded read is shown."""
        if blinds(protocol) and self.open_ones:
            self.close()
            self._window.messages.show_message(MessageLevel.INFO, sentence("CLINICAL_CLOSED"))

    def close(self) -> None:
        """Close every record; what was entered is saved."""
        made, self._made = self._made, []
        for one in made:
            one.close()
            one.deleteLater()

    def _is_blinded(self) -> bool:
        opened = self._window.opened
        blinded = opened is not None and blinds(opened.protocol)
        if blinded:
            self._window.refuse(Refused("CLINICAL_BESIDE_READ"))
        return blinded
