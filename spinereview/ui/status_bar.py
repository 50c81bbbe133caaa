"""The bar below the images: where the pointer is, what it lies on, long work, the head of the trail."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QLabel, QProgressBar, QSizePolicy, QToolButton, QWidget

from spinereview.text import sentence
from spinereview.ui.theme import HINT_PX, font, icon


class StatusBar(QWidget):
    """Fixed places, so that nothing jumps while values change."""

    cancelled = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("status")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.setFixedHeight(28)
        self.position = self._label(190)
        self.value = self._label(90)
        self.spacing = self._label(140)
        self.geometry_note = self._label(100)
        self.work = self._label(0)
        # Words of long work take the room that is left and never widen the window.
        self.work.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
        self.work.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        self.bar = QProgressBar(self)
        self.bar.setFixedWidth(140)
        self.bar.setTextVisible(False)
        self.cancel = QToolButton(self)
        self.cancel.setIcon(icon("x", 12))
        self.cancel.setAccessibleName(sentence("UI_CANCEL"))
        self.cancel.setToolTip(sentence("UI_CANCEL"))
        self.cancel.clicked.connect(self.cancelled)
        self.trail = self._label(0)
        self.notice = self._label(0)
        self.notice.setText(sentence("UI_RESEARCH_USE"))
        row = QHBoxLayout(self)
        row.setContentsMargins(12, 0, 12, 0)
        row.setSpacing(14)
        for widget in (self.position, self.value, self.spacing, self.geometry_note):
            row.addWidget(widget)
        row.addWidget(self.work, 1)
        for last in (self.bar, self.cancel, self.trail, self.notice):
            row.addWidget(last)
        self.show_work(None)

    def show_work(self, work: tuple[str, int, int] | None) -> None:
        """Name long work with how far it is; None: there is none."""
        for widget in (self.bar, self.cancel):
            widget.setVisible(work is not None)
        if work is None:
            self.work.clear()
        else:
            title, done, total = work
            self.work.setText(f"{title} {done} / {total}" if total else title)
            self.bar.setRange(0, total)
            self.bar.setValue(done)

    def show_probe(self, position: str, value: str) -> None:
        """Where the pointer is in the patient, and the value there."""
        self.position.setText(position)
        self.value.setText(value)

    def show_geometry(self, spacing: str, note: str) -> None:
        """Size of a voxel, and what the plane is."""
        self.spacing.setText(spacing)
        self.geometry_note.setText(note)

    def show_trail(self, head: str) -> None:
        """First signs of the hash of the trail's last event; its place is as wide as the widest, whatever they are."""
        if head:
            signs = max("0123456789abcdef", key=self.trail.fontMetrics().horizontalAdvance)
            widest = sentence("UI_TRAIL", {"hash": signs * len(head)})
            # Of a fixed size: another text lays nothing out anew, though there is one after every act.
            self.trail.setFixedSize(self.trail.fontMetrics().horizontalAdvance(widest) + 2, self.height())
        self.trail.setText(sentence("UI_TRAIL", {"hash": head}) if head else "")

    def _label(self, width: int) -> QLabel:
        label = QLabel(self)
        label.setFont(font(HINT_PX))
        label.setProperty("tone", "low")
        if width:
            label.setMinimumWidth(width)
        return label
