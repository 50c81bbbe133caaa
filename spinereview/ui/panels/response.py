"""The response of a timepoint with its reasons, and what the reader should look at."""

from __future__ import annotations

from dataclasses import dataclass

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QVBoxLayout, QWidget

from spinereview.ui.theme import DARK, pixmap


@dataclass(frozen=True, slots=True)
class ResponseView:
    """What the panel shows of one timepoint.

    Parameters
    ----------
    outcome
        ``PD``, ``PR`` ...; ``–`` where there is none.
    tone
        Tone of the outcome: ``ok``, ``warn``, ``bad`` or ``mid``.
    reasons
        One sentence each, with the rule's source; an indented one by its depth.
    """

    outcome: str = ""
    tone: str = "mid"
    title: str = ""
    timepoint: str = ""
    summary: str = ""
    reasons: tuple[tuple[int, str], ...] = ()
    warnings: tuple[str, ...] = ()
    missing: tuple[str, ...] = ()


class ResponsePanel(QWidget):
    """Outcome, summary, reasons, warnings."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAccessibleName("Response")
        self._layout = QVBoxLayout(self)
        self._layout.setContentsMargins(8, 8, 8, 8)
        self._layout.setSpacing(8)
        self._shown = ResponseView()
        self._layout.addStretch(1)

    @property
    def shown(self) -> ResponseView:
        """What is shown."""
        return self._shown

    def words(self) -> str:
        """All words that the panel shows, top to bottom, as a reader would."""
        return "\n".join(label.text() for label in self.findChildren(QLabel) if label.text())

    def show_response(self, view: ResponseView) -> None:
        """Show another response."""
        if view == self._shown:
            return
        self._shown = view
        while self._layout.count():
            item = self._layout.takeAt(0)
            widget = item.widget() if item is not None else None
            if widget is not None:
                # Hidden by word: a layout shows its widgets a moment later, and one without a parent would be a window.
                widget.hide()
                widget.setParent(None)
                widget.deleteLater()
        self._layout.addWidget(self._outcome_card(view))
        for name, colour, texts in (("triangle-alert", DARK.warn, view.missing), ("info", DARK.accent, view.warnings)):
            for text in texts:
                self._layout.addWidget(_note(name, colour, text))
        self._layout.addStretch(1)

    @staticmethod
    def _outcome_card(view: ResponseView) -> QFrame:
        card = QFrame()
        card.setObjectName("card")
        head = QHBoxLayout()
        outcome = _label(view.outcome, role="outcome", tone=view.tone)
        head.addWidget(outcome)
        head.addWidget(_label(view.title, role="title"), 1)
        head.addWidget(_label(view.timepoint, role="secondary"))
        layout = QVBoxLayout(card)
        layout.setContentsMargins(14, 12, 14, 12)
        layout.setSpacing(6)
        layout.addLayout(head)
        if view.summary:
            layout.addWidget(_label(view.summary))
        for depth, text in view.reasons:
            line = QHBoxLayout()
            line.setSpacing(6)
            line.addSpacing(12 * depth)
            arrow = QLabel()
            arrow.setPixmap(pixmap("chevron-right", DARK.low, 12, 2.0))
            line.addWidget(arrow, 0, Qt.AlignmentFlag.AlignTop)
            line.addWidget(_label(text, tone="mid"), 1)
            layout.addLayout(line)
        return card


def _label(text: str, *, role: str = "", tone: str = "") -> QLabel:
    label = QLabel(text)
    label.setWordWrap(role not in {"outcome", "secondary"})
    label.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
    label.setFocusPolicy(Qt.FocusPolicy.NoFocus)
    if role:
        label.setProperty("role", role)
    if tone:
        label.setProperty("tone", tone)
    return label


def _note(icon_name: str, colour: str, text: str) -> QFrame:
    frame = QFrame()
    frame.setObjectName("card")
    layout = QHBoxLayout(frame)
    layout.setContentsMargins(14, 10, 14, 10)
    layout.setSpacing(10)
    picture = QLabel()
    picture.setPixmap(pixmap(icon_name, colour, 16, 2.0))
    layout.addWidget(picture, 0, Qt.AlignmentFlag.AlignTop)
    layout.addWidget(_label(text), 1)
    return frame
