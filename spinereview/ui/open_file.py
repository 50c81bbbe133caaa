"""Opens one file: a ZIP archive or a DICOMDIR of images, a single image, a read or a clinical record."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtWidgets import QFileDialog

from spinereview.text import sentence

if TYPE_CHECKING:
    from spinereview.ui.main_window import MainWindow


def choose_file(window: MainWindow) -> None:
    """Ask for a file, and open it; the dialogue for folders lets none be chosen."""
    file, _ = QFileDialog.getOpenFileName(window, sentence("UI_OPEN_FILE"), "", sentence("UI_OPEN_FILE_FILTER"))
    if file:
        window.open_path(Path(file))
