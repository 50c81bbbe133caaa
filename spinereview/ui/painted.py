"""When a window is on the screen: what is not needed for that is done afterwards."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QEvent, QObject, QTimer
from PySide6.QtWidgets import QWidget


class _Painted(QObject):
    """Waits for the first time that a window is painted."""

    def __init__(self, window: QWidget, act: Callable[[], None]) -> None:
        super().__init__(window)
        self._act = act
        window.installEventFilter(self)

    def eventFilter(self, window: QObject, event: QEvent) -> bool:
        if event.type() is QEvent.Type.Paint:
            window.removeEventFilter(self)
            # In a turn of its own: by then all of the window is painted, and the next event of a person would be handled.
            QTimer.singleShot(0, self._act)
        return False


def once_painted(window: QWidget, act: Callable[[], None]) -> None:
    """Do something as soon as a window is on the screen and handles events."""
    _Painted(window, act)
