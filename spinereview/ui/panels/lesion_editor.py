"""What is said of the selected lesion, editable in place: what it counts as, where it lies, its tissue, how new it is.

The everyday fields are always there; what is asked only sometimes appears when it is asked; the rest is behind "More".
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QFrame, QGridLayout, QHBoxLayout, QLabel, QToolButton, QVBoxLayout, QWidget

from spinereview.domain.anatomy import UNSTATED_ORGAN, Level, Site
from spinereview.domain.imaging import Id
from spinereview.domain.lesion import (
    Comparability,
    EquivocalCause,
    Lesion,
    LesionFinding,
    LesionRole,
    NewStatus,
    Tissue,
)
from spinereview.report.words import organ_text
from spinereview.review.commands.finding_facts import JudgeTechnique
from spinereview.review.commands.lesion_facts import SetOverrideReason
from spinereview.review.labels import label
from spinereview.review.level_text import levels_text
from spinereview.text import sentence
from spinereview.ui.panels.fields import FieldBox, FieldCheck, FieldLine, field_box
from spinereview.ui.theme import icon

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


@dataclass(frozen=True, slots=True, kw_only=True)
class EditorView:
    """What the fields show.

    Parameters
    ----------
    timepoint
        The current one; ``finding`` is that of the lesion there.
    site_writable
        Whether the visit at which the lesion was found is open; ``writable``: the current one is.
    asks_new
        The lesion is new, or back after it had gone.
    technique
        How it was imaged first, in words; ``changes`` what is different now.
    sites
        Words and id of the treated sites of the case.
    problems
        (tone, words): rules that its choice breaks; ``asks_reason``: one of them may be departed from with a reason.
    """

    lesion: Lesion
    finding: LesionFinding | None = None
    timepoint: Id | None = None
    site_writable: bool = False
    writable: bool = False
    asks_new: bool = False
    technique: str = ""
    changes: tuple[str, ...] = ()
    asks_comparable: bool = False
    problems: tuple[tuple[str, str], ...] = ()
    asks_reason: bool = False
    sites: tuple[tuple[str, str], ...] = ()


class LesionEditor(QFrame):
    """Everyday fields of one lesion. Each change is an act; the fields show what the read then says."""

    site_edited = Signal(object)
    role_edited = Signal(object)
    nodal_edited = Signal(bool)
    tissue_edited = Signal(object, object)
    """(tissue, whether it has a soft-tissue component)."""
    new_status_edited = Signal(object, str)
    """(status, cause)."""
    acted = Signal(object)
    """A command."""
    left = Signal()
    """The keys go back to the image."""
    more_toggled = Signal(bool)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("card")
        self.view: EditorView | None = None
        self.title = QLabel(self)
        self.title.setProperty("role", "title")
        self.role = self._box("UI_FIELD_ROLE", [(sentence(f"UI_ROLE_SHORT_{role}"), role) for role in LesionRole])
        self.nodal = FieldCheck(sentence("UI_FIELD_NODAL"), self)
        self.more = QToolButton(self)
        self.more.setText(sentence("UI_MORE"))
        self.more.setAccessibleName(sentence("UI_MORE_HINT"))
        self.more.setToolTip(sentence("UI_MORE_HINT"))
        self.more.setCheckable(True)
        self.more.setIcon(icon("chevron-down", 14))
        self.more.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        organs = [(organ_text(organ), organ) for organ in ORGANS]
        self.organ = self._box("UI_FIELD_ORGAN", [(sentence("UI_ORGAN_CHOOSE"), UNSTATED_ORGAN), *organs])
        self.level = self._box("UI_FIELD_LEVEL", [("–", None), *((level.value, level) for level in Level)])
        tissues = [(sentence(f"UI_TISSUE_{tissue}"), tissue) for tissue in Tissue]
        self.tissue = self._box("UI_FIELD_TISSUE", [("–", None), *tissues])
        self.location = FieldLine(self)
        self.location.setPlaceholderText(sentence("UI_FIELD_LOCATION"))
        self.location.setAccessibleName(sentence("UI_FIELD_LOCATION"))
        self.soft_tissue = FieldCheck(sentence("UI_FIELD_SOFT_TISSUE"), self)
        self.soft_tissue.setToolTip(sentence("UI_FIELD_SOFT_TISSUE_HINT"))
        statuses = [(sentence(f"UI_NEW_{status}"), status) for status in NewStatus]
        self.new_status = self._box("UI_FIELD_NEW", [(sentence("UI_NEW_CHOOSE"), None), *statuses])
        causes = [(sentence(f"UI_CAUSE_{cause}"), cause.value) for cause in EquivocalCause]
        self.cause = self._box("UI_FIELD_CAUSE", [(sentence("UI_CAUSE_CHOOSE"), ""), *causes])
        self.changes = self._lines()
        judged = [(sentence(f"UI_{word}"), word) for word in Comparability]
        self.comparable = self._box("UI_FIELD_COMPARABLE", [(sentence("UI_COMPARABLE_CHOOSE"), None), *judged])
        self.why_technique = FieldLine(self)
        self.why_technique.setPlaceholderText(sentence("UI_FIELD_WHY_TECHNIQUE"))
        self.why_technique.setAccessibleName(sentence("UI_FIELD_WHY_TECHNIQUE"))
        self.problems = self._lines()
        self.reason = FieldLine(self)
        self.reason.setPlaceholderText(sentence("UI_FIELD_REASON"))
        self.reason.setAccessibleName(sentence("UI_FIELD_REASON"))
        self._arrange()
        self._connect()
        self.show_view(None)

    def show_view(self, view: EditorView | None) -> None:
        """Show a lesion as the read has it; nothing without one. A choice that is under way stays as it is."""
        same = view is not None and self.view is not None and view.lesion.id == self.view.lesion.id
        self.view = view
        self.setVisible(view is not None)
        if view is None:
            return
        lesion, finding = view.lesion, view.finding
        if self.organ.findData(lesion.site.organ) < 0:
            # Said by another program: it is kept, and can be chosen again.
            self.organ.addItem(organ_text(lesion.site.organ), lesion.site.organ)
        self.title.setText(label(lesion))
        status = None if finding is None else finding.new_status
        cause = "" if finding is None else finding.cause
        values: tuple[tuple[FieldBox, object], ...] = (
            (self.role, lesion.role),
            (self.organ, lesion.site.organ),
            (self.level, levels_text(lesion.site.levels) or None),
            (self.tissue, lesion.tissue),
            (self.new_status, status),
            (self.cause, cause),
            (self.comparable, None if finding is None else finding.comparability),
        )
        for box, value in values:
            if not (same and box.unsettled):
                box.choose(value)
        self.location.show_text(lesion.site.location)
        self.reason.show_text(lesion.override_reason)
        self.why_technique.show_text("" if finding is None else finding.reason)
        self.nodal.show_ticked(ticked=lesion.nodal)
        self.soft_tissue.show_ticked(ticked=lesion.soft_tissue is True)
        self.changes.setText("\n".join(view.changes))
        self.problems.setText("\n".join(words for _, words in view.problems))
        hard = any(tone == "bad" for tone, _ in view.problems)
        self.problems.setStyleSheet("")
        self.problems.setProperty("tone", "bad" if hard else "warn")
        self.problems.style().polish(self.problems)
        self._show_asked(view, equivocal=status is NewStatus.EQUIVOCAL)

    def _show_asked(self, view: EditorView, *, equivocal: bool) -> None:
        """Fields that are there only when they are asked for, and which may be written."""
        lesion = view.lesion
        self.soft_tissue.setVisible(lesion.site.organ == "BONE" and not lesion.nodal)
        self.new_status.setVisible(view.asks_new)
        self.cause.setVisible(view.asks_new and equivocal)
        self.changes.setVisible(bool(view.changes))
        self.comparable.setVisible(view.asks_comparable)
        self.why_technique.setVisible(bool(view.changes) and not view.asks_comparable)
        self.problems.setVisible(bool(view.problems))
        self.reason.setVisible(view.asks_reason or bool(lesion.override_reason))
        for field in (
            *(self.role, self.organ, self.level, self.location, self.tissue, self.soft_tissue, self.nodal, self.reason),
        ):
            field.setEnabled(view.site_writable)
        for box in (self.new_status, self.cause, self.comparable, self.why_technique):
            box.setEnabled(view.writable)

    def fields(self) -> tuple[QWidget, ...]:
        """Fields in the order of Tab."""
        return (
            *(self.role, self.nodal, self.more, self.organ, self.level, self.tissue, self.location, self.soft_tissue),
            *(self.new_status, self.cause, self.comparable, self.why_technique, self.reason),
        )

    def _arrange(self) -> None:
        head = QHBoxLayout()
        head.setSpacing(6)
        head.addWidget(self.title)
        head.addWidget(self.role)
        head.addStretch(1)
        head.addWidget(self.nodal)
        head.addWidget(self.more)
        grid = QGridLayout()
        grid.setHorizontalSpacing(6)
        grid.setVerticalSpacing(6)
        grid.addWidget(self.organ, 0, 0, 1, 2)
        grid.addWidget(self.level, 0, 2)
        grid.addWidget(self.tissue, 0, 3)
        grid.addWidget(self.location, 1, 0, 1, 4)
        grid.addWidget(self.soft_tissue, 2, 0, 1, 4)
        grid.addWidget(self.new_status, 3, 0, 1, 2)
        grid.addWidget(self.cause, 3, 2, 1, 2)
        grid.addWidget(self.changes, 4, 0, 1, 4)
        grid.addWidget(self.comparable, 5, 0, 1, 4)
        grid.addWidget(self.why_technique, 6, 0, 1, 4)
        grid.addWidget(self.problems, 7, 0, 1, 4)
        grid.addWidget(self.reason, 8, 0, 1, 4)
        for column in range(4):
            grid.setColumnStretch(column, 1)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(12, 8, 12, 10)
        layout.setSpacing(6)
        layout.addLayout(head)
        layout.addLayout(grid)
        fields = self.fields()
        for before, after in pairwise(fields):
            QWidget.setTabOrder(before, after)

    def _connect(self) -> None:
        self.role.settled.connect(lambda: self.role_edited.emit(LesionRole(self.role.currentData())))
        self.organ.settled.connect(self._site_changed)
        self.level.settled.connect(self._site_changed)
        self.location.settled.connect(self._site_changed)
        self.nodal.clicked.connect(self.nodal_edited)
        self.tissue.settled.connect(self._tissue_changed)
        self.soft_tissue.clicked.connect(self._tissue_changed)
        self.new_status.settled.connect(self._status_changed)
        self.cause.settled.connect(self._status_changed)
        self.comparable.settled.connect(self._judged)
        self.why_technique.settled.connect(self._judged)
        self.reason.settled.connect(self._reasoned)
        self.more.toggled.connect(self.more_toggled)
        for field in self.fields():
            if isinstance(field, FieldBox | FieldLine | FieldCheck):
                field.left.connect(self.left)

    def _lines(self) -> QLabel:
        lines = QLabel(self)
        lines.setWordWrap(True)
        lines.setProperty("tone", "warn")
        return lines

    def _box(self, name: str, entries: Sequence[tuple[str, object]]) -> FieldBox:
        return field_box(self, name, entries)

    def _status_changed(self) -> None:
        chosen = self.new_status.currentData()
        if chosen is not None:
            status = NewStatus(chosen)
            cause = str(self.cause.currentData() or "") if status is NewStatus.EQUIVOCAL else ""
            self.new_status_edited.emit(status, cause)

    def _tissue_changed(self) -> None:
        # What Qt gives back of an enumeration is its text.
        chosen, soft = self.tissue.currentData(), self.soft_tissue.isChecked()
        tissue = None if chosen is None else Tissue(chosen)
        if self.view is not None and (tissue, soft) != (self.view.lesion.tissue, self.view.lesion.soft_tissue is True):
            self.tissue_edited.emit(tissue, soft)

    def _judged(self) -> None:
        view, chosen = self.view, self.comparable.currentData()
        if view is not None and view.timepoint is not None:
            only = view.finding is not None and view.finding.only_by_new_technique
            self.acted.emit(
                JudgeTechnique(
                    lesion=view.lesion.id,
                    timepoint=view.timepoint,
                    comparability=None if chosen is None else Comparability(chosen),
                    only_by_new_technique=only,
                    reason=self.why_technique.text(),
                )
            )

    def _reasoned(self) -> None:
        if self.view is not None:
            self.acted.emit(SetOverrideReason(lesion=self.view.lesion.id, reason=self.reason.text()))

    def _site_changed(self) -> None:
        if self.view is None:
            return
        site: Site = self.view.lesion.site
        level = self.level.currentData()
        kept = level == (levels_text(site.levels) or None)
        changed = replace(
            site,
            organ=str(self.organ.currentData()),
            location=self.location.text().strip(),
            levels=site.levels if kept else () if level is None else (Level(level),),
        )
        if changed != site:
            self.site_edited.emit(changed)
