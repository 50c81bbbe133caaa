"""What is said of a lesion only sometimes: side, compartments, earlier therapy, technique, margin, PET, comment."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import partial

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QGridLayout, QLabel, QVBoxLayout, QWidget

from spinereview.domain.anatomy import Compartment, Laterality
from spinereview.domain.imaging import Id
from spinereview.domain.lesion import (
    Lesion,
    LesionFinding,
    LesionRole,
    LocalTherapy,
    MarginHidden,
    Pet,
    PriorTherapy,
    Scope,
)
from spinereview.domain.read import Read
from spinereview.errors import Refused
from spinereview.review.command import Command
from spinereview.review.commands.finding_facts import JudgeTechnique, SetMarginHidden, SetPet, SetPlaneVisible
from spinereview.review.commands.lesion_facts import SetGroup, SetPriorTherapy, SetScope
from spinereview.review.commands.lesions import SetComment, SetTissue
from spinereview.review.commands.sites import SetLesionSite
from spinereview.review.level_text import levels_of, levels_text
from spinereview.text import sentence
from spinereview.ui.panels.fields import FieldBox, FieldCheck, FieldLine, field_box
from spinereview.ui.panels.lesion_editor import EditorView

_SAID: tuple[tuple[str, bool | None], ...] = (("UI_NOT_SAID", None), ("UI_YES", True), ("UI_NO", False))

_IN_PAIRS = (
    *(Compartment.BODY, Compartment.EPIDURAL, Compartment.PARAVERTEBRAL, Compartment.LAMINA),
    *(Compartment.PEDICLE_L, Compartment.PEDICLE_R, Compartment.FACET_L, Compartment.FACET_R),
    *(Compartment.COSTOVERTEBRAL_L, Compartment.COSTOVERTEBRAL_R, Compartment.TRANSVERSE_L, Compartment.TRANSVERSE_R),
    Compartment.SPINOUS,
)
"""Left and right side by side."""


class LesionDetails(QWidget):
    """The fields behind "More". Each change is an act; the fields show what the read then says."""

    site_edited = Signal(object)
    acted = Signal(object)
    """A command."""
    refused = Signal(object)
    """What was written makes no sense."""
    left = Signal()
    """The keys go back to the image."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAccessibleName(sentence("UI_MORE_HINT"))
        self._view: EditorView | None = None
        said = [(sentence(code), value) for code, value in _SAID]
        self.levels = self._line("UI_FIELD_LEVELS", "UI_FIELD_LEVELS_HINT")
        self.side = self._box("UI_FIELD_SIDE", "UI_SIDE", tuple(Laterality))
        self.treated = field_box(self, "UI_FIELD_TREATED", ())
        self.compartments = {one: FieldCheck(sentence(f"UI_COMPARTMENT_{one}"), self) for one in _IN_PAIRS}
        self.lytic = field_box(self, "UI_FIELD_LYTIC", said)
        self.cystic = FieldCheck(sentence("UI_FIELD_CYSTIC"), self)
        self.scope = field_box(self, "UI_FIELD_SCOPE", [(sentence(f"UI_SCOPE_{one}"), one) for one in Scope])
        self.group = FieldCheck(sentence("UI_FIELD_GROUP"), self)
        self.therapy = self._box("UI_FIELD_THERAPY", "UI_THERAPY", tuple(LocalTherapy), none="UI_THERAPY_NONE")
        self.study = FieldCheck(sentence("UI_FIELD_STUDY"), self)
        self.two_years = field_box(self, "UI_FIELD_TWO_YEARS", said)
        self.progressed = field_box(self, "UI_FIELD_PROGRESSED", said)
        self.technique = QLabel(self)
        self.technique.setWordWrap(True)
        self.technique.setProperty("tone", "mid")
        self.only_new = FieldCheck(sentence("UI_FIELD_ONLY_NEW"), self)
        self.margin = self._box("UI_FIELD_MARGIN", "UI_MARGIN", tuple(MarginHidden), none="UI_MARGIN_FREE")
        self.plane = FieldCheck(sentence("UI_FIELD_PLANE"), self)
        self.pet = self._box("UI_FIELD_PET", "UI_PET", tuple(Pet))
        self.comment = self._line("UI_FIELD_COMMENT", "UI_FIELD_COMMENT")
        self._labels: dict[QWidget, QLabel] = {}
        self._arrange()
        self._connect()

    def show_view(self, view: EditorView | None) -> None:
        """Show a lesion as the read has it. A choice that is under way stays as it is."""
        same = view is not None and self._view is not None and view.lesion.id == self._view.lesion.id
        self._view = view
        if view is None:
            return
        lesion, finding, therapy = view.lesion, view.finding, view.lesion.prior_therapy
        values: tuple[tuple[FieldBox, object], ...] = (
            (self.side, lesion.site.laterality),
            (self.treated, lesion.treated_site),
            (self.lytic, lesion.predominantly_lytic),
            (self.scope, lesion.scope),
            (self.therapy, None if therapy is None else therapy.kind),
            (self.two_years, None if therapy is None else therapy.over_two_years),
            (self.progressed, None if therapy is None else therapy.progressed_since),
            (self.margin, None if finding is None else finding.margin_hidden_by),
            (self.pet, None if finding is None else finding.pet),
        )
        if not (same and self.treated.unsettled):
            self.treated.offer([(sentence("UI_SITE_OF_NONE"), None), *view.sites])
        for box, value in values:
            if not (same and box.unsettled):
                box.choose(value)
        self.levels.show_text(levels_text(lesion.site.levels))
        self.comment.show_text(lesion.comment)
        for compartment, check in self.compartments.items():
            check.show_ticked(ticked=compartment in lesion.site.compartments)
        self.cystic.show_ticked(ticked=lesion.cystic)
        self.group.show_ticked(ticked=lesion.group)
        self.study.show_ticked(ticked=therapy is not None and therapy.study_treatment)
        self.only_new.show_ticked(ticked=finding is not None and finding.only_by_new_technique)
        self.plane.show_ticked(ticked=finding is not None and finding.plane_visible is True)
        self.technique.setText("\n".join((view.technique or sentence("UI_TECHNIQUE_NONE"), *view.changes)))
        self._show_asked(view, lesion, finding)

    def fields(self) -> tuple[QWidget, ...]:
        """Fields in the order of Tab."""
        return (
            *(
                self.levels,
                self.side,
                self.treated,
                *self.compartments.values(),
                self.lytic,
                self.cystic,
                self.scope,
                self.group,
            ),
            *(self.therapy, self.study, self.two_years, self.progressed, self.only_new),
            *(self.margin, self.plane, self.pet, self.comment),
        )

    def _show_asked(self, view: EditorView, lesion: Lesion, finding: LesionFinding | None) -> None:
        bone = lesion.site.organ == "BONE" and not lesion.nodal
        shown: dict[QWidget, bool] = {
            self.treated: bool(view.sites) or lesion.treated_site is not None,
            self.lytic: bone,
            self.scope: bone,
            self.group: lesion.role is LesionRole.NON_TARGET,
            self.study: lesion.prior_therapy is not None,
            self.two_years: lesion.prior_therapy is not None,
            self.progressed: lesion.prior_therapy is not None,
            self.only_new: lesion.role is LesionRole.NEW,
        }
        shown.update((check, bone or bool(lesion.site.levels)) for check in self.compartments.values())
        at_timepoint = (self.only_new, self.margin, self.plane, self.pet)
        for field in self.fields():
            field.setVisible(shown.get(field, True))
            if field in self._labels:
                self._labels[field].setVisible(shown.get(field, True))
            here = view.writable and finding is not None
            field.setEnabled(here if field in at_timepoint else view.site_writable or field is self.comment)

    def _arrange(self) -> None:
        column = QVBoxLayout(self)
        column.setContentsMargins(12, 4, 12, 8)
        column.setSpacing(4)
        self._section(column, "UI_SECTION_SITE", (self.levels, self.side, self.treated))
        grid = QGridLayout()
        grid.setContentsMargins(0, 0, 0, 0)
        grid.setVerticalSpacing(2)
        for place, compartment in enumerate(_IN_PAIRS):
            grid.addWidget(self.compartments[compartment], *divmod(place, 2))
        column.addLayout(grid)
        self._section(column, "UI_SECTION_TISSUE", (self.lytic, self.scope, self.cystic, self.group))
        self._section(column, "UI_SECTION_THERAPY", (self.therapy, self.study, self.two_years, self.progressed))
        self._section(column, "UI_SECTION_TECHNIQUE", ())
        column.addWidget(self.technique)
        column.addWidget(self.only_new)
        self._section(column, "UI_SECTION_TIMEPOINT", (self.margin, self.pet, self.plane))
        self._section(column, "UI_SECTION_COMMENT", ())
        column.addWidget(self.comment)
        column.addStretch(1)

    def _section(self, column: QVBoxLayout, name: str, fields: Sequence[QWidget]) -> None:
        heading = QLabel(sentence(name), self)
        heading.setProperty("role", "heading")
        heading.setContentsMargins(0, 6, 0, 0)
        column.addWidget(heading)
        grid = QGridLayout()
        grid.setContentsMargins(0, 0, 0, 0)
        grid.setSpacing(4)
        grid.setColumnStretch(1, 1)
        for place, field in enumerate(fields):
            if isinstance(field, FieldCheck):
                grid.addWidget(field, place, 0, 1, 2)
                continue
            words = QLabel(field.accessibleName(), self)
            words.setProperty("role", "secondary")
            words.setBuddy(field)
            self._labels[field] = words
            grid.addWidget(words, place, 0)
            grid.addWidget(field, place, 1)
        column.addLayout(grid)

    def _connect(self) -> None:
        self.levels.settled.connect(self._levels_changed)
        self.side.settled.connect(self._side_changed)
        for compartment, check in self.compartments.items():
            check.clicked.connect(partial(self._compartment_clicked, compartment))
        self.lytic.settled.connect(self._tissue_changed)
        self.cystic.clicked.connect(self._tissue_changed)
        self._acts(self.scope, lambda one: SetScope(lesion=one.lesion.id, scope=Scope(self.scope.currentData())))
        self._acts(self.group, lambda one: SetGroup(lesion=one.lesion.id, group=self.group.isChecked()))
        for field in (self.therapy, self.study, self.two_years, self.progressed):
            self._acts(field, lambda one: SetPriorTherapy(lesion=one.lesion.id, therapy=self._therapy()))
        self._acts(self.only_new, self._only_new)
        self._acts(self.margin, self._margin)
        self._acts(self.plane, self._plane)
        self._acts(self.pet, self._pet)
        self._acts(self.treated, self._treated)
        self._acts(self.comment, lambda one: SetComment(lesion=one.lesion.id, comment=self.comment.text()))
        for one in self.fields():
            if isinstance(one, FieldBox | FieldLine | FieldCheck):
                one.left.connect(self.left)

    def _acts(self, field: QWidget, command: Callable[[EditorView], Command[Read] | None]) -> None:
        """Make a change of a field an act."""

        def act() -> None:
            made = None if self._view is None else command(self._view)
            if made is not None:
                self.acted.emit(made)

        if isinstance(field, FieldCheck):
            field.clicked.connect(lambda _on: act())
        elif isinstance(field, FieldBox | FieldLine):
            field.settled.connect(act)

    def _box(self, name: str, prefix: str, values: Sequence[str], none: str = "UI_NOT_SAID") -> FieldBox:
        entries = [(sentence(f"{prefix}_{value}"), value) for value in values]
        return field_box(self, name, [(sentence(none), None), *entries])

    def _line(self, name: str, hint: str) -> FieldLine:
        line = FieldLine(self)
        line.setAccessibleName(sentence(name))
        line.setPlaceholderText(sentence(hint))
        return line

    def _levels_changed(self) -> None:
        if self._view is None:
            return
        try:
            levels = levels_of(self.levels.text())
        except Refused as error:
            # What was typed stays in the field: it is to be mended, not lost.
            self.refused.emit(error)
            return
        self.site_edited.emit(replace(self._view.lesion.site, levels=levels))

    def _side_changed(self) -> None:
        if self._view is not None:
            chosen = self.side.currentData()
            side = None if chosen is None else Laterality(chosen)
            self.site_edited.emit(replace(self._view.lesion.site, laterality=side))

    def _compartment_clicked(self, compartment: Compartment, _on: bool = False) -> None:
        if self._view is not None:
            before = self._view.lesion.site.compartments
            on = self.compartments[compartment].isChecked()
            after = before | {compartment} if on else before - {compartment}
            self.site_edited.emit(replace(self._view.lesion.site, compartments=after))

    def _tissue_changed(self) -> None:
        if self._view is not None:
            lesion = self._view.lesion
            self.acted.emit(
                SetTissue(
                    lesion=lesion.id,
                    tissue=lesion.tissue,
                    soft_tissue=lesion.soft_tissue,
                    predominantly_lytic=self.lytic.currentData(),
                    cystic=self.cystic.isChecked(),
                )
            )

    def _therapy(self) -> PriorTherapy | None:
        chosen = self.therapy.currentData()
        if chosen is None:
            return None
        return PriorTherapy(
            kind=LocalTherapy(chosen),
            study_treatment=self.study.isChecked(),
            over_two_years=self.two_years.currentData(),
            progressed_since=self.progressed.currentData(),
        )

    def _treated(self, view: EditorView) -> SetLesionSite:
        chosen = self.treated.currentData()
        return SetLesionSite(lesion=view.lesion.id, treated=None if chosen is None else Id(chosen))

    def _only_new(self, view: EditorView) -> JudgeTechnique | None:
        if view.timepoint is None or view.finding is None:
            return None
        return JudgeTechnique(
            lesion=view.lesion.id,
            timepoint=view.timepoint,
            comparability=view.finding.comparability,
            only_by_new_technique=self.only_new.isChecked(),
            reason=view.finding.reason,
        )

    def _margin(self, view: EditorView) -> SetMarginHidden | None:
        chosen = self.margin.currentData()
        hidden = None if chosen is None else MarginHidden(chosen)
        if view.timepoint is None:
            return None
        return SetMarginHidden(lesion=view.lesion.id, timepoint=view.timepoint, hidden_by=hidden)

    def _plane(self, view: EditorView) -> SetPlaneVisible | None:
        if view.timepoint is None:
            return None
        return SetPlaneVisible(lesion=view.lesion.id, timepoint=view.timepoint, visible=self.plane.isChecked())

    def _pet(self, view: EditorView) -> SetPet | None:
        chosen = self.pet.currentData()
        if view.timepoint is None:
            return None
        return SetPet(lesion=view.lesion.id, timepoint=view.timepoint, pet=None if chosen is None else Pet(chosen))
