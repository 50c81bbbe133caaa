"""Guards around every test: what goes wrong quietly fails the test in which it happened.

Watched are log records, Qt's messages, threads and top-level widgets left behind, and exceptions that nobody caught.
Python's own warnings are errors by ``filterwarnings`` in pyproject.toml. A test that provokes one of these says so:
``@pytest.mark.allow_log("part of the text")`` or ``@pytest.mark.allow_qt_message("part of the text")``.
Nothing here loads Qt: where a test did not, its widgets are not asked for.
"""

from __future__ import annotations

import gc
import logging
import os
import sys
import threading
import time
from collections.abc import Iterator

import hypothesis
import pytest

pytest_plugins = ["pytester"]

THREAD_PATIENCE_S = 2.0
"""How long, all together, threads that are ending may take."""
_QT_GRAVE = frozenset({"QtWarningMsg", "QtCriticalMsg", "QtFatalMsg"})

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

# On a busy machine time says nothing about a test; under CI=true the same examples come every time.
_calm = hypothesis.settings(
    deadline=None,
    suppress_health_check=[hypothesis.HealthCheck.too_slow],
    derandomize=os.environ.get("CI") == "true",
)
hypothesis.settings.register_profile("default", _calm)
hypothesis.settings.register_profile("nightly", _calm, max_examples=2000, derandomize=False)
hypothesis.settings.load_profile("nightly" if os.environ.get("SPINEREVIEW_NIGHTLY") == "1" else "default")


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line("markers", "allow_log(*parts): log records that contain one of the parts are expected")
    config.addinivalue_line(
        "markers", "allow_qt_message(*parts): Qt messages that contain one of the parts are expected"
    )


def _allowed(request: pytest.FixtureRequest, marker: str) -> tuple[str, ...]:
    return tuple(part for mark in request.node.iter_markers(marker) for part in mark.args)


def _unexpected(messages: list[str], allowed: tuple[str, ...]) -> list[str]:
    return [message for message in messages if not any(part in message for part in allowed)]


class _Kept(logging.Handler):
    """Keeps the text of every record of at least WARNING."""

    def __init__(self) -> None:
        super().__init__(logging.WARNING)
        self.texts: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.texts.append(f"{record.levelname} {record.name}: {record.getMessage()}")


@pytest.fixture(autouse=True)
def no_unexpected_log_records(request: pytest.FixtureRequest) -> Iterator[None]:
    """Fail a test that logs a warning or worse which it did not announce."""
    kept = _Kept()
    root = logging.getLogger()
    root.addHandler(kept)
    try:
        yield
    finally:
        root.removeHandler(kept)
    texts = _unexpected(kept.texts, _allowed(request, "allow_log"))
    if texts:
        pytest.fail("unexpected log records:\n" + "\n".join(texts), pytrace=False)


@pytest.fixture(autouse=True)
def no_unexpected_qt_messages(request: pytest.FixtureRequest) -> Iterator[None]:
    """Fail a test in which Qt warns, from before its fixtures until after its widgets are gone.

    pytest-qt's own capture ends with the test's body and is switched off in pyproject.toml (``--no-qt-log``).
    """
    core = sys.modules.get("PySide6.QtCore")
    if core is None:
        yield
        return
    texts: list[str] = []

    def keep(kind: object, context: object, message: str) -> None:
        if kind.name in _QT_GRAVE:
            texts.append(f"{kind.name}: {message}")

    previous = core.qInstallMessageHandler(keep)
    try:
        yield
    finally:
        core.qInstallMessageHandler(previous)
    texts = _unexpected(texts, _allowed(request, "allow_qt_message"))
    if texts:
        pytest.fail("unexpected Qt messages:\n" + "\n".join(texts), pytrace=False)


@pytest.fixture(autouse=True)
def no_leaked_threads() -> Iterator[None]:
    """Fail a test that leaves a thread running."""
    before = set(threading.enumerate())
    yield
    until = time.monotonic() + THREAD_PATIENCE_S
    # A dummy thread stands for one that Qt or a library runs; it cannot be joined and ends with its owner.
    left = [thread for thread in threading.enumerate() if thread not in before]
    left = [thread for thread in left if not isinstance(thread, threading._DummyThread)]
    for thread in left:
        thread.join(max(0.0, until - time.monotonic()))
    names = sorted(thread.name for thread in left if thread.is_alive())
    if names:
        pytest.fail(f"threads left running: {', '.join(names)}", pytrace=False)


def _top_level_widgets() -> dict[int, str]:
    """Address and description of every top-level widget that Qt knows; nothing where no application was made."""
    widgets = sys.modules.get("PySide6.QtWidgets")
    if widgets is None or widgets.QApplication.instance() is None:
        return {}
    pointers = sys.modules["shiboken6"]
    return {
        pointers.getCppPointer(widget)[0]: f"{type(widget).__name__} {widget.objectName()!r}"
        for widget in widgets.QApplication.topLevelWidgets()
    }


def _delete_what_waits_for_it() -> None:
    core = sys.modules["PySide6.QtCore"]
    core.QCoreApplication.sendPostedEvents(None, core.QEvent.Type.DeferredDelete.value)


@pytest.fixture(autouse=True)
def no_leaked_widgets() -> Iterator[None]:
    """Fail a test that leaves a window, dialog or menu behind."""
    before = _top_level_widgets()
    yield
    left = _top_level_widgets().keys() - before.keys()
    if left:
        # Only now: both cost time. Widgets that nothing but a cycle holds are no leak.
        gc.collect()
        _delete_what_waits_for_it()
        after = _top_level_widgets()
        names = sorted(after[pointer] for pointer in after.keys() - before.keys())
        if names:
            pytest.fail(f"top-level widgets left behind: {', '.join(names)}", pytrace=False)
