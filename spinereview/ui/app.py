"""Starts the window."""

from __future__ import annotations

import sys
from pathlib import Path

from PySide6.QtWidgets import QApplication

from spinereview.ui.main_window import MainWindow
from spinereview.ui.theme import apply_theme
from spinereview.workflow.reads import Workstation


def application() -> QApplication:
    """The one application object, themed."""
    existing = QApplication.instance()
    app = existing if isinstance(existing, QApplication) else QApplication(sys.argv[:1])
    app.setApplicationName("spinereview")
    app.setDesktopFileName("spinereview")
    apply_theme(app)
    return app


def run(path: Path | None, *, reader: str = "", subject: str = "", workstation: Workstation | None = None) -> int:
    """Show the window until it is closed; the exit code of the program."""
    app = application()
    window = MainWindow(workstation or Workstation(), reader)
    window.show()
    if path is not None:
        window.open_path(path, subject)
    return app.exec()
