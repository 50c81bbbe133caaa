"""What the window shows before a case is open: what to do next, and the cases read last."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QLabel, QListWidget, QListWidgetItem, QPushButton, QVBoxLayout, QWidget

from spinereview.text import sentence
from spinereview.ui.theme import DARK, pixmap


class StartPage(QWidget):
    """Open a folder, the sample case, or a recent case; a folder may be dropped anywhere on the window."""

    open_folder = Signal()
    open_file = Signal()
    open_sample = Signal()
    open_recent = Signal(object)
    check_delivery = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        picture = QLabel(self)
        picture.setPixmap(pixmap("layers-2", DARK.accent, 44, 2.0))
        title = QLabel(sentence("UI_START_TITLE"), self)
        title.setProperty("role", "outcome")
        hint = QLabel(sentence("UI_START_HINT"), self)
        hint.setProperty("tone", "mid")
        hint.setWordWrap(True)
        self.folder_button = QPushButton(sentence("UI_OPEN_FOLDER"), self)
        self.folder_button.setProperty("primary", "true")
        self.folder_button.clicked.connect(self.open_folder)
        self.file_button = QPushButton(sentence("UI_OPEN_FILE"), self)
        self.file_button.clicked.connect(self.open_file)
        self.sample_button = QPushButton(sentence("UI_OPEN_SAMPLE"), self)
        self.sample_button.clicked.connect(self.open_sample)
        self.check_button = QPushButton(sentence("UI_CHECK_DELIVERY"), self)
        self.check_button.clicked.connect(self.check_delivery)
        self.recent_label = QLabel(sentence("UI_RECENT_CASES"), self)
        self.recent_label.setProperty("role", "heading")
        self.recent = QListWidget(self)
        self.recent.setObjectName("choices")
        self.recent.setAccessibleName(sentence("UI_RECENT_CASES"))
        self.recent.setMaximumHeight(220)
        self.recent.itemActivated.connect(self._activated)
        self.recent.itemClicked.connect(self._activated)
        buttons = QHBoxLayout()
        buttons.addWidget(self.folder_button)
        buttons.addWidget(self.file_button)
        buttons.addWidget(self.sample_button)
        buttons.addWidget(self.check_button)
        buttons.addStretch(1)
        column = QVBoxLayout()
        column.setSpacing(12)
        column.addStretch(2)
        for widget in (picture, title, hint):
            column.addWidget(widget)
        column.addLayout(buttons)
        column.addSpacing(20)
        column.addWidget(self.recent_label)
        column.addWidget(self.recent)
        column.addStretch(3)
        row = QHBoxLayout(self)
        row.addStretch(1)
        row.addLayout(column, 2)
        row.addStretch(1)

    def show_recent(self, cases: tuple[tuple[Path, str], ...]) -> None:
        """Show the cases read last: path and what they are called."""
        self.recent.clear()
        for path, name in cases:
            item = QListWidgetItem(f"{name}    {path}", self.recent)
            item.setData(Qt.ItemDataRole.UserRole, path)
            item.setToolTip(str(path))
        self.recent.setVisible(bool(cases))
        self.recent_label.setVisible(bool(cases))

    def _activated(self, item: QListWidgetItem) -> None:
        self.open_recent.emit(item.data(Qt.ItemDataRole.UserRole))
