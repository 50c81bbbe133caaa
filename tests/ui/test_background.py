"""Work beside the window: answers come on its thread, failures are sentences, nothing is left running."""

from __future__ import annotations

import threading
from collections.abc import Iterator

import numpy as np
import pytest

from spinereview.domain.imaging import Id
from spinereview.errors import Cancelled, SpineReviewError
from spinereview.imaging.volume import Volume, no_padding
from spinereview.ui.gate import DispatchGate
from spinereview.ui.stacks import VolumeShelf
from spinereview.ui.tasks import Jobs


@pytest.fixture
def jobs(app) -> Iterator[Jobs]:
    made = Jobs()
    yield made
    made.close()


def test_the_answer_comes_on_the_thread_of_the_window(jobs: Jobs, qtbot) -> None:
    heard: list[tuple[object, bool]] = []
    here = threading.current_thread()
    jobs.start(
        lambda _cancel, _progress: 42, lambda it: heard.append((it, threading.current_thread() is here)), heard.append
    )
    qtbot.waitUntil(lambda: bool(heard))
    assert heard == [(42, True)]


def test_an_error_of_the_program_itself_becomes_a_sentence_and_is_logged(jobs: Jobs, qtbot) -> None:
    failed: list[SpineReviewError] = []

    def work(_cancel, _progress) -> None:
        raise SpineReviewError("IMAGES_NONE", file="x")

    jobs.start(work, failed.append, failed.append)
    qtbot.waitUntil(lambda: bool(failed))
    assert failed[0].code == "IMAGES_NONE"


@pytest.mark.allow_log("work 'x' failed")
def test_an_unforeseen_error_does_not_end_the_program(jobs: Jobs, qtbot) -> None:
    failed: list[SpineReviewError] = []
    jobs.start(lambda _cancel, _progress: 1 // 0, failed.append, failed.append, title="x")
    qtbot.waitUntil(lambda: bool(failed))
    assert failed[0].code == "INTERNAL_ERROR"
    assert "ZeroDivisionError" in str(failed[0].arguments)


def test_cancelled_work_says_so_and_gives_no_answer(jobs: Jobs, qtbot) -> None:
    done: list[object] = []
    failed: list[SpineReviewError] = []
    going = threading.Event()

    def work(cancel, progress) -> None:
        going.set()
        while not cancel.cancelled:
            progress(1, 2)
        cancel.check()

    jobs.start(work, done.append, failed.append, title="long")
    assert going.wait(10)
    jobs.cancel_titled()
    qtbot.waitUntil(lambda: bool(failed))
    assert isinstance(failed[0], Cancelled)
    assert done == []


def test_closing_ends_what_is_running_and_calls_nothing_back(app) -> None:
    jobs, called = Jobs(), []

    def work(cancel, _progress) -> None:
        while not cancel.cancelled:
            pass
        cancel.check()

    jobs.start(work, called.append, called.append)
    jobs.close()
    app.processEvents()
    assert called == []


def test_the_gate_keeps_the_order_of_what_waited() -> None:
    ran: list[int] = []
    gate = DispatchGate(lambda call: call())
    gate.dispatch(lambda: ran.append(0))
    gate.hold()
    for number in (1, 2):
        gate.dispatch(lambda number=number: ran.append(number))
    assert ran == [0]
    gate.release()
    gate.dispatch(lambda: ran.append(3))
    assert ran == [0, 1, 2, 3]


def volume(kilobytes: int) -> Volume:
    return Volume(
        samples=np.zeros((1, 1, kilobytes * 512), dtype=np.int16),
        slope=np.ones(1),
        intercept=np.zeros(1),
        padding=no_padding(1),
        inverted=False,
        ready=np.ones(1, dtype=np.bool_),
    )


def test_the_shelf_lets_go_of_the_volume_not_used_for_longest() -> None:
    shelf = VolumeShelf(3 * 1024)
    for name in "abc":
        shelf.put(Id(name), volume(1))
    assert shelf.get(Id("a")) is not None
    shelf.put(Id("d"), volume(1))
    assert [name for name in "abcd" if shelf.get(Id(name)) is not None] == ["a", "c", "d"]
    shelf.put(Id("big"), volume(9))
    assert [name for name in ("a", "c", "d", "big") if shelf.get(Id(name)) is not None] == ["big"]
