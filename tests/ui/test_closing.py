"""A case that is closed leaves nothing behind: neither its page nor its images, neither a thread nor an open file."""

from __future__ import annotations

import gc
import sys
import threading
import weakref
from pathlib import Path

import pytest
from PySide6.QtCore import QEvent, QObject
from PySide6.QtWidgets import QApplication
from shiboken6 import isValid

from spinereview.tasks import step_back


def close(desk) -> None:
    desk.window.close_case()
    desk.wait(lambda: not [one for one in threading.enumerate() if one.name.startswith("job")], "the last thread")
    QApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete.value)
    desk.breathe()


def objects() -> int:
    gc.collect()
    return sum(isinstance(one, QObject) and isValid(one) for one in gc.get_objects())


def test_the_images_go_at_once_and_the_page_with_the_read(empty, images: Path) -> None:
    empty.window.open_path(images, "S-1")
    empty.loaded()
    volume = weakref.ref(empty.pane.shown.volume.samples)
    page, reading = weakref.ref(empty.bench), weakref.ref(empty.bench.reading)
    gc.disable()
    try:
        close(empty)
        assert volume() is None
    finally:
        gc.enable()
    gc.collect()
    assert (page(), reading()) == (None, None)


def test_after_many_cases_there_are_as_many_objects_as_after_few(empty, images: Path) -> None:
    counts = []
    path = images
    for _time in range(4):
        empty.window.open_path(path, "" if counts else "S-1")
        empty.loaded()
        path = empty.window.opened.read_path
        close(empty)
        counts.append((objects(), threading.active_count()))
    assert len(set(counts[1:])) == 1


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux has a priority for each thread")
def test_a_thread_that_steps_back_leaves_the_others_where_they_are() -> None:
    import os

    told: list[int] = []

    def work() -> None:
        step_back()
        told.append(os.getpriority(os.PRIO_PROCESS, threading.get_native_id()))

    before = os.getpriority(os.PRIO_PROCESS, threading.get_native_id())
    thread = threading.Thread(target=work)
    thread.start()
    thread.join()
    assert told == [max(5, before)]
    assert os.getpriority(os.PRIO_PROCESS, threading.get_native_id()) == before


def test_pictures_of_the_series_that_come_too_late_are_let_go(desk) -> None:
    desk.bench.start()
    # All that the threads have to say waits in the queue of the window when the page goes.
    for thread in threading.enumerate():
        if thread.name.startswith("job"):
            thread.join()
    close(desk)
    assert desk.window.bench is None
