"""Opens a NIfTI image: asks what nobody but a person can say of it, makes a series of it, and opens that."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QCheckBox, QDialog, QHBoxLayout, QLabel, QPushButton, QVBoxLayout, QWidget

from spinereview.errors import SpineReviewError
from spinereview.imaging.nifti import is_nifti, states_millimetres
from spinereview.tasks import CancelToken, Progress
from spinereview.text import sentence
from spinereview.workflow.nifti_import import series_of

if TYPE_CHECKING:
    from spinereview.ui.main_window import MainWindow


class NiftiDialog(QDialog):
    """What the file does not say: its modality, and its unit where the header leaves it open. Neither has a default."""

    taken = Signal(str)
    """Modality that was chosen."""

    def __init__(self, path: Path, *, unit_stated: bool, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle(sentence("UI_NIFTI_TITLE"))
        title = QLabel(path.name, self)
        title.setProperty("role", "title")
        title.setWordWrap(True)
        note = QLabel(sentence("UI_NIFTI_NOTE"), self)
        note.setProperty("role", "secondary")
        note.setWordWrap(True)
        self.millimetres = QCheckBox(sentence("UI_NIFTI_MILLIMETRES"), self)
        self.millimetres.setVisible(not unit_stated)
        self.ct = QPushButton(sentence("UI_NIFTI_CT"), self)
        self.mr = QPushButton(sentence("UI_NIFTI_MR"), self)
        self.cancel = QPushButton(sentence("UI_CANCEL"), self)
        buttons = QHBoxLayout()
        buttons.addStretch(1)
        for button in (self.ct, self.mr, self.cancel):
            button.setAutoDefault(False)
            buttons.addWidget(button)
        for button, modality in ((self.ct, "CT"), (self.mr, "MR")):
            button.setEnabled(unit_stated)
            self.millimetres.toggled.connect(button.setEnabled)
            button.clicked.connect(partial(self._take, modality))
        self.cancel.clicked.connect(self.reject)
        column = QVBoxLayout(self)
        column.setContentsMargins(24, 20, 24, 16)
        column.setSpacing(16)
        for widget in (title, note, self.millimetres):
            column.addWidget(widget)
        column.addLayout(buttons)
        self.setMinimumWidth(460)

    def _take(self, modality: str) -> None:
        self.accept()
        self.taken.emit(modality)


def opens_nifti(window: MainWindow, path: Path, documents: Path) -> bool:
    """Whether a path is a NIfTI file; then the dialog is shown, or what is wrong with the file is said."""
    if not (is_nifti(path) and path.is_file()):
        return False
    try:
        stated = states_millimetres(path)
    except SpineReviewError as error:
        window.say(error)
        return True
    dialog = NiftiDialog(path, unit_stated=stated, parent=window)
    dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
    dialog.taken.connect(partial(_import, window, path, documents))
    dialog.open()
    return True


def _import(window: MainWindow, path: Path, documents: Path, modality: str) -> None:
    def work(cancel: CancelToken, progress: Progress) -> Path:
        # The buttons are there only once the unit is stated, by the file or by the person.
        return series_of(path, documents, modality, cancel=cancel, progress=progress)

    window.jobs.start(work, window.open_path, window.say, title=sentence("UI_NIFTI_MAKING"))
