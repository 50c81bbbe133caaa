"""What is likely to be looked at next is read before it is asked for: unseen, only where it may be, and never in the way."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import Qt

from spinereview.dicom.parse import read_header
from spinereview.domain.imaging import Id
from spinereview.ui.fetching import Fetcher
from spinereview.ui.stacks import VolumeShelf
from spinereview.ui.tasks import Jobs
from spinereview.workflow.pictures import Images

CTRL = Qt.KeyboardModifier.ControlModifier
DATES = ("20250114", "20250214", "20250408")
A, B = Id("a"), Id("b")
PLENTY = 1 << 30


@pytest.fixture(scope="module")
def three(tmp_path_factory: pytest.TempPathFactory, series: Callable[..., Path]) -> Path:
    """Three timepoints; the first has two series."""
    folder = tmp_path_factory.mktemp("three")
    for date in DATES:
        series(folder / date, date=date, study=date)
    series(folder / "second", date=DATES[0], study=DATES[0], name="Lower", foot_mm=200)
    return folder


def there(desk, stack: Id) -> bool:
    volume = desk.bench.loader.volume(stack) if desk.bench.loader.ahead.stack is None else None
    return volume is not None and volume.complete


def likely(desk) -> tuple[Id, ...]:
    return desk.bench.ahead.likely


def test_the_next_timepoint_and_the_series_below_are_read_and_nothing_on_the_screen_changes(empty, three: Path) -> None:
    empty.window.open_path(three, "S-1")
    empty.loaded()
    told: list[object] = []
    empty.window.jobs.busy_changed.connect(told.append)
    case = empty.bench.reading.case.in_order
    main = [empty.bench.main_stack(one.id) for one in case]
    shown = [pane.shown.stack.stack.id for pane in empty.bench.grid.visible_viewports]
    assert shown == [main[0], main[2]]
    below = next(stack.id for stack in case[0].stacks.values() if stack.id != main[0])
    assert likely(empty) == (main[1], below)
    before = empty.bench.grid.grab().toImage(), empty.events()
    empty.wait(lambda: all(there(empty, stack) for stack in (main[1], below)), "ahead")
    assert (empty.bench.grid.grab().toImage(), empty.events()) == before
    assert empty.said() == ""
    assert [work for work in told if work is not None] == []


def test_what_was_read_ahead_is_shown_at_once(empty, three: Path) -> None:
    empty.window.open_path(three, "S-1")
    empty.loaded()
    following = likely(empty)[0]
    empty.wait(lambda: there(empty, following), "ahead")
    kept = empty.bench.loader.volume(following)
    field = empty.bench.series
    empty.click(field.list.viewport(), field.row_of(following).center())
    shown = empty.bench.grid.active.shown
    assert shown.stack.stack.id == following
    assert shown.volume is kept


def test_no_timepoint_is_read_ahead_before_those_before_it_are_locked(
    empty, three: Path, tmp_path: Path, protocol_blinded: Path
) -> None:
    trial = tmp_path / "trial.toml"
    blinded = protocol_blinded.read_text(encoding="utf-8")
    trial.write_text(blinded.replace("sequential = false", "sequential = true"), encoding="utf-8")
    empty.window.opening.choose_protocol(trial)
    empty.window.open_path(three, "S-1")
    empty.loaded()
    case = empty.bench.reading.case.in_order
    second = empty.bench.main_stack(case[1].id)
    assert second not in likely(empty)
    assert len(likely(empty)) == 1
    empty.wait(lambda: there(empty, likely(empty)[0]), "the series below")
    assert not there(empty, second)
    empty.baseline_target()
    empty.activate(empty.pane)
    empty.key(Qt.Key.Key_Return, CTRL)
    assert likely(empty)[0] == second
    empty.wait(lambda: there(empty, second), "ahead")


def test_after_a_case_is_closed_nothing_more_is_read(empty, three: Path) -> None:
    empty.window.open_path(three, "S-1")
    empty.loaded()
    loader = empty.bench.loader
    empty.window.close_case()
    loader.settled.emit()
    loader.fetch_ahead([Id("anything")])
    assert loader.ahead.stack is None


# What reads ahead, by itself


@pytest.fixture
def jobs(app) -> Iterator[Jobs]:
    made = Jobs()
    yield made
    made.close()


@pytest.fixture
def images(tmp_path: Path, series: Callable[..., Path]) -> Images:
    """A stack of 80 images."""
    folder = series(tmp_path / "many", date=DATES[0], slices=80)
    found = [read_header(path) for path in sorted(folder.iterdir())]
    return [(header, header.frames[0]) for header in found if header is not None]


class Asked:
    """A fetcher with its shelf; counts how often it has ended, and on how many threads work is left."""

    def __init__(self, jobs: Jobs, images: Images, budget: Callable[[], int] = lambda: PLENTY) -> None:
        self.shelf = VolumeShelf(PLENTY)
        self.ends = 0
        self.fetcher = Fetcher(jobs, self.shelf, lambda _stack: images, self._ended, budget=budget)

    def _ended(self) -> None:
        self.ends += 1


def no_job() -> bool:
    return not [thread for thread in threading.enumerate() if thread.name.startswith("job")]


def test_it_is_given_up_at_once_when_another_stack_is_wanted(jobs: Jobs, images: Images, qtbot) -> None:
    asked = Asked(jobs, images)
    asked.fetcher.fetch([A])
    assert asked.fetcher.stack == A
    assert asked.fetcher.make_way(B, lambda: None) is False
    assert asked.fetcher.stack is None
    qtbot.waitUntil(no_job)
    assert not asked.shelf.has(A)
    asked.fetcher.fetch([A])
    qtbot.waitUntil(lambda: asked.ends == 1)
    assert asked.shelf.has(A)


def test_the_stack_that_is_being_read_is_handed_over_when_its_thread_has_ended(
    jobs: Jobs, images: Images, qtbot
) -> None:
    asked = Asked(jobs, images)
    handed: list[bool] = []
    asked.fetcher.fetch([A])
    assert asked.fetcher.make_way(A, lambda: handed.append(asked.shelf.has(A)))
    assert handed == []
    assert asked.fetcher.make_way(B, lambda: None) is False
    qtbot.waitUntil(lambda: bool(handed))
    assert asked.fetcher.stack is None
    assert asked.ends == 0
    volume = asked.shelf.get(A)
    if volume is not None:
        # What is there is whole; the rest is for whoever wanted it.
        assert all(volume.samples[index].any() for index in np.flatnonzero(volume.ready))


def test_without_room_nothing_is_read_and_it_is_not_tried_again_and_again(jobs: Jobs, images: Images, qtbot) -> None:
    asked = Asked(jobs, images, budget=lambda: 1000)
    asked.fetcher.fetch([A])
    qtbot.waitUntil(lambda: asked.ends == 1)
    assert not asked.shelf.has(A)
    asked.fetcher.fetch([A])
    assert asked.fetcher.stack is None
    asked.fetcher.make_way(B, lambda: None)
    asked.fetcher.fetch([A])
    assert asked.fetcher.stack == A


def test_when_memory_becomes_short_it_stops(jobs: Jobs, images: Images, qtbot) -> None:
    told = iter([PLENTY, 0])
    asked = Asked(jobs, images, budget=lambda: next(told))
    asked.fetcher.fetch([A])
    qtbot.waitUntil(lambda: asked.ends == 1)
    assert not asked.shelf.has(A)
    assert next(told, None) is None


def test_what_was_read_ahead_goes_before_everything_that_was_asked_for(jobs: Jobs, images: Images, qtbot) -> None:
    asked = Asked(jobs, images)
    asked.fetcher.fetch([A])
    qtbot.waitUntil(lambda: asked.ends == 1)
    ahead = asked.shelf.get(A)
    assert ahead is not None
    shelf = VolumeShelf(2 * ahead.samples.nbytes)
    shelf.put(B, ahead)
    shelf.put_unused(A, ahead)
    assert shelf.has(A)
    shelf.put(Id("c"), ahead)
    assert (shelf.has(A), shelf.has(B)) == (False, True)
    shelf.put_unused(A, ahead)
    assert not shelf.has(A)
