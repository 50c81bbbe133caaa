"""What is said of the selected lesion, editable in place: where it lies, whether it is a node, its tissue, how new it is."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from PySide6.QtCore import QSignalBlocker, Signal
from PySide6.QtWidgets import (
    QCheckBox,
    QComboBox,
    QFrame,
    QGridLayout,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QVBoxLayout,
    QWidget,
)

from spinereview.domain.anatomy import UNSTATED_ORGAN, Level, Site
from spinereview.domain.lesion import Lesion, LesionFinding, LesionRole, NewStatus, Tissue
from spinereview.review.labels import label
from spinereview.text import sentence
from spinereview.ui.panels.fields import FieldBox

ORGANS = (
    "BONE",
    "LYMPH NODE",
    "SOFT TISSUE",
    "LUNG",
    "LIVER",
    "ADRENAL",
    "KIDNEY",
    "BRAIN",
    "PLEURA",
    "OTHER",
)


class LesionEditor(QFrame):
    """Fields of one lesion. Each change is an act; the fields show what the read then says."""

    site_edited = Signal(object)
    nodal_edited = Signal(bool)
    tissue_edited = Signal(object, object)
    """(tissue, whether it has a soft-tissue component)."""
    new_status_edited = Signal(object)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("card")
        self._lesion: Lesion | None = None
        self.title = QLabel(self)
        self.title.setProperty("role", "title")
        self.role = QLabel(self)
        self.role.setProperty("role", "secondary")
        self.organ = self._combo("UI_FIELD_ORGAN", [(sentence("UI_ORGAN_CHOOSE"), UNSTATED_ORGAN)])
        for organ in ORGANS:
            self.organ.addItem(sentence(f"UI_ORGAN_{organ.replace(' ', '_')}"), organ)
        self.level = self._combo("UI_FIELD_LEVEL", [("–", None), *((level.value, level) for level in Level)])
        self.location = QLineEdit(self)
        self.location.setPlaceholderText(sentence("UI_FIELD_LOCATION"))
        self.location.setAccessibleName(sentence("UI_FIELD_LOCATION"))
        tissues = [("–", None), *((sentence(f"UI_TISSUE_{tissue}"), tissue) for tissue in Tissue)]
        self.tissue = self._combo("UI_FIELD_TISSUE", tissues)
        self.soft_tissue = QCheckBox(sentence("UI_FIELD_SOFT_TISSUE"), self)
        self.soft_tissue.setToolTip(sentence("UI_FIELD_SOFT_TISSUE_HINT"))
        self.nodal = QCheckBox(sentence("UI_FIELD_NODAL"), self)
        statuses = [
            (sentence("UI_NEW_CHOOSE"), None),
            *((sentence(f"UI_NEW_{status}"), status) for status in NewStatus),
        ]
        self.new_status = self._combo("UI_FIELD_NEW", statuses)
        self._arrange()
        self.organ.settled.connect(self._site_changed)
        self.level.settled.connect(self._site_changed)
        self.location.editingFinished.connect(self._site_changed)
        self.nodal.clicked.connect(self.nodal_edited)
        self.tissue.settled.connect(self._tissue_changed)
        self.soft_tissue.clicked.connect(self._tissue_changed)
        self.new_status.settled.connect(self._status_changed)
        self.show_lesion(None, None, writable=False)

    def show_lesion(self, lesion: Lesion | None, finding: LesionFinding | None, *, writable: bool) -> None:
        """Show a lesion as the read has it; nothing without one. A choice that is under way stays as it is."""
        same = lesion is not None and self._lesion is not None and lesion.id == self._lesion.id
        self._lesion = lesion
        self.setVisible(lesion is not None)
        if lesion is None:
            return
        self.title.setText(label(lesion))
        self.role.setText(sentence(f"UI_ROLE_{lesion.role}").split(":", 1)[0])
        level = lesion.site.levels[0] if lesion.site.levels else None
        for box, value in ((self.organ, lesion.site.organ), (self.level, level), (self.tissue, lesion.tissue)):
            if not (same and box.unsettled):
                _choose(box, value)
        if self.location.text() != lesion.site.location and not self.location.hasFocus():
            self.location.setText(lesion.site.location)
        with QSignalBlocker(self.nodal), QSignalBlocker(self.soft_tissue):
            self.nodal.setChecked(lesion.nodal)
            self.soft_tissue.setChecked(lesion.soft_tissue is True)
        self.soft_tissue.setVisible(lesion.site.organ == "BONE" and not lesion.nodal)
        _choose(self.new_status, None if finding is None else finding.new_status)
        self.new_status.setVisible(lesion.role is LesionRole.NEW)
        for field in (
            self.organ,
            self.level,
            self.location,
            self.tissue,
            self.soft_tissue,
            self.nodal,
            self.new_status,
        ):
            field.setEnabled(writable)

    def _arrange(self) -> None:
        head = QHBoxLayout()
        head.addWidget(self.title)
        head.addWidget(self.role)
        head.addStretch(1)
        head.addWidget(self.nodal)
        grid = QGridLayout()
        grid.setHorizontalSpacing(6)
        grid.setVerticalSpacing(6)
        grid.addWidget(self.organ, 0, 0)
        grid.addWidget(self.level, 0, 1)
        grid.addWidget(self.tissue, 0, 2)
        grid.addWidget(self.location, 1, 0, 1, 3)
        grid.addWidget(self.soft_tissue, 2, 0, 1, 3)
        grid.addWidget(self.new_status, 3, 0, 1, 3)
        grid.setColumnStretch(0, 2)
        grid.setColumnStretch(1, 1)
        grid.setColumnStretch(2, 1)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(12, 8, 12, 10)
        layout.setSpacing(6)
        layout.addLayout(head)
        layout.addLayout(grid)

    def _combo(self, name: str, entries: Sequence[tuple[str, object]]) -> FieldBox:
        box = FieldBox(self)
        box.setAccessibleName(sentence(name))
        box.setToolTip(sentence(name))
        for text, value in entries:
            box.addItem(text, value)
        return box

    def _status_changed(self) -> None:
        chosen = self.new_status.currentData()
        if chosen is not None:
            self.new_status_edited.emit(NewStatus(chosen))

    def _tissue_changed(self) -> None:
        lesion = self._lesion
        # What Qt gives back of an enumeration is its text.
        chosen, soft = self.tissue.currentData(), self.soft_tissue.isChecked()
        tissue = None if chosen is None else Tissue(chosen)
        if lesion is not None and (tissue, soft) != (lesion.tissue, lesion.soft_tissue is True):
            self.tissue_edited.emit(tissue, soft)

    def _site_changed(self) -> None:
        lesion = self._lesion
        if lesion is None:
            return
        level = self.level.currentData()
        site: Site = replace(
            lesion.site,
            organ=str(self.organ.currentData()),
            location=self.location.text().strip(),
            levels=() if level is None else (Level(level),),
        )
        if site != lesion.site:
            self.site_edited.emit(site)


def _choose(box: QComboBox, value: object) -> None:
    """Select an entry without an act; an organ that an older read has and the list has not is added."""
    place = next((index for index in range(box.count()) if box.itemData(index) == value), -1)
    with QSignalBlocker(box):
        if place < 0:
            box.addItem(str(value), value)
            place = box.count() - 1
        box.setCurrentIndex(place)
