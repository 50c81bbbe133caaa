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
        self._labels: list[QLabel] = []
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
        if _form(view) == _form(self._shown) and self._labels:
            # Only the words change while a caliper is moved: nothing is built, nothing jumps.
            for label, text in zip(self._labels, _words(view), strict=True):
                label.setText(text)
            self._shown = view
            return
        self._shown = view
        self._labels = []
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
                self._layout.addWidget(self._note(name, colour, text))
        self._layout.addStretch(1)

    def _kept(self, label: QLabel) -> QLabel:
        self._labels.append(label)
        return label

    def _outcome_card(self, view: ResponseView) -> QFrame:
        card = QFrame()
        card.setObjectName("card")
        head = QHBoxLayout()
        head.addWidget(self._kept(_label(view.outcome, role="outcome", tone=view.tone)))
        head.addWidget(self._kept(_label(view.title, role="title")), 1)
        head.addWidget(self._kept(_label(view.timepoint, role="secondary")))
        layout = QVBoxLayout(card)
        layout.setContentsMargins(14, 12, 14, 12)
        layout.setSpacing(6)
        layout.addLayout(head)
        if view.summary:
            layout.addWidget(self._kept(_label(view.summary)))
        for depth, text in view.reasons:
            line = QHBoxLayout()
            line.setSpacing(6)
            line.addSpacing(12 * depth)
            arrow = QLabel()
            arrow.setPixmap(pixmap("chevron-right", DARK.low, 12, 2.0))
            line.addWidget(arrow, 0, Qt.AlignmentFlag.AlignTop)
            line.addWidget(self._kept(_label(text, tone="mid")), 1)
            layout.addLayout(line)
        return card

    def _note(self, icon_name: str, colour: str, text: str) -> QFrame:
        frame = QFrame()
        frame.setObjectName("card")
        layout = QHBoxLayout(frame)
        layout.setContentsMargins(14, 10, 14, 10)
        layout.setSpacing(10)
        picture = QLabel()
        picture.setPixmap(pixmap(icon_name, colour, 16, 2.0))
        layout.addWidget(picture, 0, Qt.AlignmentFlag.AlignTop)
        layout.addWidget(self._kept(_label(text)), 1)
        return frame


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


def _form(view: ResponseView) -> tuple[object, ...]:
    """What of a view decides which widgets there are."""
    depths = tuple(depth for depth, _ in view.reasons)
    return view.tone, bool(view.summary), depths, len(view.missing), len(view.warnings)


def _words(view: ResponseView) -> tuple[str, ...]:
    """Texts of a view in the order of its labels."""
    summary = (view.summary,) if view.summary else ()
    reasons = tuple(text for _, text in view.reasons)
    return (view.outcome, view.title, view.timepoint, *summary, *reasons, *view.missing, *view.warnings)
