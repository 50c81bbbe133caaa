"""What is asked before images become a case: who reads, the subject's code, which patient, go on or not, which visits."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import (
    QFileDialog,
    QFormLayout,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QListWidget,
    QListWidgetItem,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from spinereview.domain.imaging import Id
from spinereview.errors import SpineReviewError
from spinereview.text import sentence
from spinereview.ui.corner import count_text
from spinereview.ui.panels.fields import ChoiceBox
from spinereview.ui.panels.visits import VisitRows
from spinereview.workflow.patients import KnownCase, PatientChoice
from spinereview.workflow.protocol_files import GENERIC, carried_protocols, find_protocol, read
from spinereview.workflow.visits import VisitMatch


class OpeningPage(QWidget):
    """A form on the page, no dialog in the way."""

    confirmed = Signal()
    """Open with what stands in the fields."""
    continued = Signal(object)
    """Go on with this :class:`KnownCase`."""
    made_anew = Signal()
    """Make a new case of images that belong to one already."""
    withdrawn = Signal()
    visits_taken = Signal()
    """Go on with the visits that are chosen."""
    looked_at = Signal()
    """Say what the images are before they are opened."""
    refused = Signal(object)
    """A protocol file that cannot be used: the error."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.path: Path | None = None
        self._known: KnownCase | None = None
        self.title = QLabel(sentence("UI_OPENING_TITLE"), self)
        self.title.setProperty("role", "outcome")
        self.path_label = QLabel(self)
        self.path_label.setProperty("tone", "mid")
        self.path_label.setWordWrap(True)
        self.note = QLabel(self)
        self.note.setWordWrap(True)
        self.reader = QLineEdit(self)
        self.reader.setPlaceholderText(sentence("UI_READER_HINT"))
        self.reader.setAccessibleName(sentence("UI_READER_CODE"))
        self.reader_label = QLabel(sentence("UI_READER_CODE"), self)
        self.subject = QLineEdit(self)
        self.subject.setPlaceholderText(sentence("UI_SUBJECT_HINT"))
        self.subject.setAccessibleName(sentence("UI_SUBJECT_CODE"))
        self.subject_label = QLabel(sentence("UI_SUBJECT_CODE"), self)
        self.protocol_label = QLabel(sentence("UI_PROTOCOL"), self)
        self.protocols = ChoiceBox(self)
        self.protocols.setAccessibleName(sentence("UI_PROTOCOL"))
        for name, title in carried_protocols():
            self.protocols.addItem(title, name)
        self.protocols.addItem(sentence("UI_PROTOCOL_FILE"), "")
        self.protocols.activated.connect(self._protocol_activated)
        self.patients = QListWidget(self)
        self.patients.setObjectName("choices")
        self.patients.setAccessibleName(sentence("UI_PATIENTS"))
        self.patients.setMaximumHeight(160)
        self.visits = VisitRows(self)
        self.confirm = self._button("UI_OPEN", primary=True)
        self.take = self._button("UI_VISITS_TAKE", primary=True)
        self.go_on = self._button("UI_GO_ON", primary=True)
        self.anew = self._button("UI_NEW_CASE")
        self.look = self._button("UI_LOOK_AT_DELIVERY")
        self.cancel = self._button("UI_CANCEL")
        self.confirm.clicked.connect(self.confirmed)
        self.take.clicked.connect(self.visits_taken)
        self.reader.returnPressed.connect(self.confirm.click)
        self.subject.returnPressed.connect(self.confirm.click)
        self.go_on.clicked.connect(lambda: self.continued.emit(self._known))
        self.anew.clicked.connect(self.made_anew)
        self.look.clicked.connect(self.looked_at)
        self.cancel.clicked.connect(self.withdrawn)
        self._arrange()

    @property
    def patient(self) -> int | None:
        """Index of the patient that is chosen."""
        item = self.patients.currentItem()
        return None if item is None else int(item.data(Qt.ItemDataRole.UserRole))

    @property
    def protocol(self) -> Path | None:
        """File of the protocol that a new case is bound to; None: the generic one."""
        name = str(self.protocols.currentData() or GENERIC)
        return None if name == GENERIC else find_protocol(name)

    def choose_protocol(self, name: str) -> None:
        """Choose a protocol that the program carries, by its name, or a file, which is added to the list.

        Raises
        ------
        UsageError, ProtocolError
            There is none, or the file is in disorder.
        """
        place = self.protocols.findData(name)
        if place < 0:
            place = self.protocols.count() - 1
            self.protocols.insertItem(place, read(name).title, name)
        self.protocols.setCurrentIndex(place)

    def ask(self, path: Path, reader: str, subject: str = "", *, new: bool) -> None:
        """Ask for the codes: the reader's, and of new images the subject's."""
        self.path = path
        self._known = None
        self.path_label.setText(str(path))
        self.title.setText(sentence("UI_OPENING_TITLE" if new else "UI_OPENING_READ"))
        self.note.setText(sentence("UI_OPENING_NOTE" if new else "UI_OPENING_READER"))
        self.reader.setText(reader)
        self.subject.setText(subject)
        self.patients.clear()
        self._show()
        self._ask_codes(reader=True, subject=new)
        (self.subject if reader else self.reader).setFocus(Qt.FocusReason.OtherFocusReason)

    def ask_patient(self, choice: PatientChoice) -> None:
        """Ask which of several patients is to be read."""
        self.note.setText(sentence("UI_PATIENTS_NOTE"))
        self.patients.clear()
        for found in choice.patients:
            words = {
                "id": found.patient_id or "-",
                "birth": _born(found.birth_date),
                "dates": ", ".join(found.study_dates) or sentence("UI_PATIENT_UNDATED"),
                "images": count_text(found.image_count),
            }
            item = QListWidgetItem(sentence("UI_PATIENT", words), self.patients)
            item.setData(Qt.ItemDataRole.UserRole, found.index)
        self.patients.setCurrentRow(0)
        self._show(patients=True)
        self.patients.setFocus(Qt.FocusReason.OtherFocusReason)

    def ask_known(self, known: KnownCase) -> None:
        """Offer to go on with the case that the images belong to."""
        self._known = known
        self.note.setText(sentence("UI_KNOWN_NOTE", {"subject": known.subject_code, "folder": str(known.folder)}))
        self._show(known=True)
        self.go_on.setFocus(Qt.FocusReason.OtherFocusReason)

    def ask_visits(
        self, subject: str, found: Sequence[VisitMatch], visits: Sequence[str], days: dict[Id, int | None]
    ) -> None:
        """Ask which visit of the protocol each timepoint of a case is."""
        self.title.setText(sentence("UI_VISITS_TITLE"))
        self.path_label.setText(subject)
        self.note.setText(sentence("UI_VISITS_NOTE"))
        self._ask_codes(reader=False, subject=False)
        self._show(visits=True)
        self.visits.show_rows(found, visits, days)

    def _ask_codes(self, *, reader: bool, subject: bool) -> None:
        """Have the fields for the codes, and of new images those for the subject and the protocol."""
        of_reader: tuple[QWidget, ...] = (self.reader_label, self.reader)
        for widget in of_reader:
            widget.setVisible(reader)
        for widget in (self.subject_label, self.subject, self.protocol_label, self.protocols, self.look):
            widget.setVisible(subject)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Enter in the list of a visit goes on, as in the fields for the codes."""
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and self.take.isVisible():
            self.take.click()
            return
        super().keyPressEvent(event)

    def _show(self, *, patients: bool = False, known: bool = False, visits: bool = False) -> None:
        self.patients.setVisible(patients)
        self.visits.setVisible(visits)
        self.take.setVisible(visits)
        self.go_on.setVisible(known)
        self.anew.setVisible(known)
        self.confirm.setVisible(not known and not visits)
        self.reader.setEnabled(not known)
        self.subject.setEnabled(not known)
        self.protocols.setEnabled(not known)

    def _protocol_activated(self, place: int) -> None:
        if self.protocols.itemData(place):
            return
        words = sentence("UI_PROTOCOL_CHOOSE")
        file, _ = QFileDialog.getOpenFileName(self, words, "", sentence("UI_PROTOCOL_FILTER"))
        self.choose_protocol(GENERIC)
        if file:
            try:
                self.choose_protocol(file)
            except SpineReviewError as error:
                self.refused.emit(error)

    def _button(self, code: str, *, primary: bool = False) -> QPushButton:
        button = QPushButton(sentence(code), self)
        button.setProperty("primary", "true" if primary else "false")
        return button

    def _arrange(self) -> None:
        form = QFormLayout()
        form.addRow(self.reader_label, self.reader)
        form.addRow(self.subject_label, self.subject)
        form.addRow(self.protocol_label, self.protocols)
        buttons = QHBoxLayout()
        for button in (self.confirm, self.take, self.go_on, self.anew, self.look, self.cancel):
            buttons.addWidget(button)
        buttons.addStretch(1)
        column = QVBoxLayout()
        column.setSpacing(14)
        column.addStretch(2)
        for widget in (self.title, self.path_label, self.note):
            column.addWidget(widget)
        column.addLayout(form)
        column.addWidget(self.patients)
        column.addWidget(self.visits)
        column.addLayout(buttons)
        column.addStretch(3)
        row = QHBoxLayout(self)
        row.addStretch(1)
        row.addLayout(column, 2)
        row.addStretch(1)


def _born(stated: str) -> str:
    """Birth date of a patient, as study dates are written; as it is stated where it is no date."""
    if not stated:
        return sentence("UI_PATIENT_BIRTH_UNSTATED")
    plain = len(stated) == 8 and stated.isdecimal()
    date = f"{stated[:4]}-{stated[4:6]}-{stated[6:]}" if plain else stated
    return sentence("UI_PATIENT_BORN", {"date": date})
