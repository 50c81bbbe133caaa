"""Asks what a series was made for, its plane, contrast agent, posture and quality; says what the images suggest."""

from __future__ import annotations

from collections.abc import Iterable
from enum import StrEnum

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QDialog, QGridLayout, QHBoxLayout, QLabel, QPushButton, QVBoxLayout, QWidget

from spinereview.domain.imaging import Plane, Posture
from spinereview.domain.sequence import Contrast, Role, roles_of
from spinereview.text import sentence
from spinereview.ui.corner import because_text, stack_title
from spinereview.ui.panels.fields import ChoiceBox
from spinereview.ui.present_quality import CHOICES
from spinereview.workflow.source import StackDescription
from spinereview.workflow.stack_words import StackWords, words_of

_SUGGESTED = ""


class StackDialog(QDialog):
    """What a person says of one series; nothing is changed before it is kept."""

    kept = Signal(object)
    """A :class:`~spinereview.workflow.stack_words.StackWords`."""

    def __init__(self, description: StackDescription, quality: str = "", parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.description = description
        suggestion = description.suggestion
        said = words_of(description.stack)
        self.setWindowTitle(sentence("UI_DESCRIBE_SERIES").removesuffix(" ..."))
        title = QLabel(stack_title(description), self)
        title.setProperty("role", "title")
        title.setWordWrap(True)
        suggested = sentence("UI_AS_SUGGESTED", {"value": sentence(f"ROLE_{suggestion.role}")})
        self.role = self._box(
            "UI_STACK_ROLE", [(_SUGGESTED, suggested), *_named("ROLE", roles_of(description.stack.modality))]
        )
        self.plane = self._box("UI_STACK_PLANE", [(plane.value, _plane_name(plane)) for plane in Plane])
        self.contrast = self._box("UI_STACK_CONTRAST", _named("CONTRAST", Contrast))
        self.posture = self._box("UI_STACK_POSTURE", _named("POSTURE", Posture))
        choices = [(value, sentence(code)) for value, code in CHOICES]
        self.quality = self._box("UI_STACK_QUALITY", [("", sentence("UI_SPINE_NOT_SAID")), *choices])
        for box, value in (
            (self.quality, quality),
            (self.role, said.role or _SUGGESTED),
            (self.plane, said.plane),
            (self.contrast, said.contrast),
            (self.posture, said.posture or Posture.UNKNOWN),
        ):
            box.setCurrentIndex(box.findData(str(value)))
        self.keep = QPushButton(sentence("UI_KEEP"), self)
        self.keep.setProperty("primary", "true")
        self.cancel = QPushButton(sentence("UI_CANCEL"), self)
        buttons = QHBoxLayout()
        buttons.addStretch(1)
        for button in (self.keep, self.cancel):
            # Return chooses in a list; it must not keep what stands there by the way.
            button.setAutoDefault(False)
            buttons.addWidget(button)
        self.keep.clicked.connect(self._accepted)
        self.cancel.clicked.connect(self.reject)
        note = QLabel(sentence("UI_DESCRIBE_NOTE"), self)
        note.setProperty("role", "secondary")
        note.setWordWrap(True)
        column = QVBoxLayout(self)
        column.setContentsMargins(24, 20, 24, 16)
        column.setSpacing(16)
        column.addWidget(title)
        column.addLayout(self._fields())
        column.addWidget(note)
        column.addLayout(buttons)
        self.setMinimumWidth(460)

    def words(self) -> StackWords:
        """What stands in the fields."""
        role, posture = self.role.currentData(), Posture(self.posture.currentData())
        return StackWords(
            role=Role(role) if role else None,
            plane=Plane(self.plane.currentData()),
            contrast=Contrast(self.contrast.currentData()),
            posture=None if posture is Posture.UNKNOWN else posture,
        )

    def _fields(self) -> QGridLayout:
        """The fields, below each what the images say; of the quality only who reads can say it."""
        suggestion, description = self.description.suggestion, self.description
        posture = sentence(f"POSTURE_{suggestion.posture or Posture.UNKNOWN}")
        if suggestion.posture is not None:
            posture = f"{posture}, {sentence(f'ROLE_SOURCE_{suggestion.posture_source}')}"
        hints = (
            f"{sentence(f'ROLE_SOURCE_{suggestion.source}')}: {because_text(suggestion)}",
            sentence("UI_IMAGES_SAY", {"value": _plane_name(description.suggested_plane)}),
            sentence("UI_IMAGES_SAY", {"value": sentence(f"CONTRAST_{suggestion.contrast}")}),
            sentence("UI_IMAGES_SAY", {"value": posture}),
            sentence("UI_QUALITY_HINT"),
        )
        grid = QGridLayout()
        grid.setHorizontalSpacing(16)
        grid.setVerticalSpacing(4)
        boxes = (self.role, self.plane, self.contrast, self.posture, self.quality)
        for row, (box, hint) in enumerate(zip(boxes, hints, strict=True)):
            name = QLabel(box.accessibleName(), self)
            name.setProperty("tone", "mid")
            grid.addWidget(name, 2 * row, 0)
            grid.addWidget(box, 2 * row, 1)
            told = QLabel(hint, self)
            told.setProperty("role", "secondary")
            told.setWordWrap(True)
            told.setContentsMargins(0, 0, 0, 10)
            grid.addWidget(told, 2 * row + 1, 1)
        grid.setColumnStretch(1, 1)
        return grid

    def _box(self, code: str, entries: Iterable[tuple[str, str]]) -> ChoiceBox:
        box = ChoiceBox(self)
        box.setAccessibleName(sentence(code))
        for value, name in entries:
            box.addItem(name, value)
        return box

    def _accepted(self) -> None:
        self.kept.emit(self.words())
        self.accept()


def _named(kind: str, words: Iterable[StrEnum]) -> list[tuple[str, str]]:
    return [(word.value, sentence(f"{kind}_{word}")) for word in words]


def _plane_name(plane: Plane) -> str:
    return sentence(f"UI_PLANE_NAME_{plane}") or sentence("ROLE_UNKNOWN").lower()
