"""What follows from a clinical record at one visit: each score with its outcome and why."""

from __future__ import annotations

from PySide6.QtWidgets import QLabel, QVBoxLayout, QWidget

from spinereview.text import sentence
from spinereview.ui.present_clinical import ScoreView


class ClinicalScores(QWidget):
    """Made anew whenever it changes: nothing in it takes input."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(16, 12, 16, 12)
        self._column.setSpacing(4)
        self.shown: tuple[ScoreView, ...] | None = None

    def show_scores(self, scores: tuple[ScoreView, ...]) -> None:
        """Show scores; without one, what would make some."""
        if scores == self.shown:
            return
        self.shown = scores
        while (item := self._column.takeAt(0)) is not None:
            widget = item.widget()
            if widget is not None:
                widget.hide()
                widget.deleteLater()
        self._add(sentence("CLINICAL_SCORES"), "role", "heading")
        if not scores:
            self._add(sentence("CLINICAL_NO_SCORE"), "role", "secondary")
        for score in scores:
            self._column.addSpacing(8)
            self._add(score.title, "tone", "mid")
            if score.outcome:
                self._add(score.outcome, "role", "title")
            for told in score.sentences:
                self._add(told, "role", "secondary")
        self._column.addStretch(1)

    def _add(self, text: str, name: str, value: str) -> None:
        label = QLabel(text, self)
        label.setWordWrap(True)
        label.setProperty(name, value)
        self._column.addWidget(label)
