"""The guards of tests/conftest.py can fail: each is shown the fault that it watches for."""

from __future__ import annotations

from pathlib import Path

import pytest

CONFTEST = (Path(__file__).parent / "conftest.py").read_text(encoding="utf-8")
SETTINGS = """
[pytest]
filterwarnings = error
qt_api = pyside6
addopts = --no-qt-log
"""

FAULTS = {
    "python_warning": (
        """
        import warnings

        def test_it():
            warnings.warn("old ways", stacklevel=1)
        """,
        "*UserWarning: old ways*",
    ),
    "log_record": (
        """
        import logging

        def test_it():
            logging.getLogger("somewhere").warning("a disk is slow")
        """,
        "*unexpected log records:*",
    ),
    "qt_message": (
        """
        from PySide6.QtCore import qWarning

        def test_it(qapp):
            qWarning("a slot is missing")
        """,
        "*unexpected Qt messages:*",
    ),
    "thread": (
        """
        import threading

        def test_it():
            threading.Thread(target=threading.Event().wait, name="forgotten", daemon=True).start()
        """,
        "*threads left running: forgotten*",
    ),
    "widget": (
        """
        from PySide6.QtWidgets import QWidget

        kept = []

        def test_it(qapp):
            kept.append(QWidget())
        """,
        "*top-level widgets left behind: QWidget ''*",
    ),
    "exception_in_thread": (
        """
        import threading

        def test_it():
            thread = threading.Thread(target=lambda: 1 / 0)
            thread.start()
            thread.join()
        """,
        "*ZeroDivisionError*",
    ),
    "exception_in_slot": (
        """
        from PySide6.QtCore import QTimer

        def test_it(qapp):
            QTimer.singleShot(0, lambda: 1 / 0)
            qapp.processEvents()
        """,
        "*ZeroDivisionError*",
    ),
}

ANNOUNCED = """
    import logging

    import pytest
    from PySide6.QtCore import qWarning
    from PySide6.QtWidgets import QWidget

    @pytest.mark.allow_log("disk is slow")
    def test_log():
        logging.getLogger("somewhere").warning("a disk is slow")

    @pytest.mark.allow_qt_message("slot is missing")
    def test_message(qapp):
        qWarning("a slot is missing")

    def test_info():
        logging.getLogger("somewhere").info("begun")

    def test_widget(qtbot):
        widget = QWidget()
        qtbot.addWidget(widget)
        widget.show()

    def test_cycle(qapp):
        widget = QWidget()
        widget.itself = widget
"""


def test_every_fault_fails_its_test_and_what_is_announced_passes(pytester: pytest.Pytester) -> None:
    pytester.makeini(SETTINGS)
    pytester.makeconftest(CONFTEST)
    # One process for all: it costs seconds to load Qt, and a fault must not spoil the test after it.
    pytester.makepyfile(**{f"test_{name}": source for name, (source, _) in FAULTS.items()}, test_zz_announced=ANNOUNCED)
    result = pytester.runpytest_subprocess("-p", "no:xdist", "-p", "no:cacheprovider", "-rA")
    for name, (_, said) in FAULTS.items():
        result.stdout.re_match_lines([rf"(FAILED|ERROR) test_{name}\.py::test_it\b.*"])
        result.stdout.fnmatch_lines([said])
    result.stdout.no_re_match_line(r"(FAILED|ERROR) test_zz_announced\.py.*")
    assert result.parseoutcomes()["passed"] >= ANNOUNCED.count("def test_")
