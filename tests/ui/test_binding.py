"""What the binding to Qt must not do, because one release of it did."""

from __future__ import annotations

import sys

import pytest
from PySide6.QtCore import QObject, Signal


class Sender(QObject):
    told = Signal(object)


@pytest.mark.skipif(sys.version_info >= (3, 12), reason="True is immortal from Python 3.12 on: its count says nothing")
def test_emitting_true_gives_back_no_reference_too_many(app) -> None:
    """PySide6 6.12.0 gives one back at each emission; when none is left, Python 3.11 ends with a fatal error."""
    heard: list[object] = []
    sender = Sender()
    sender.told.connect(heard.append)
    before = sys.getrefcount(True)  # noqa: FBT003  # it is the object itself that is counted
    for _ in range(1000):
        sender.told.emit(True)  # noqa: FBT003
    held = len(heard)
    assert held == 1000
    assert sys.getrefcount(True) - held >= before - 10  # noqa: FBT003
