"""What is said of the disk: the saved mark, a read that may not be written, a second writer, a write that fails."""

from __future__ import annotations

import resource
from collections.abc import Callable, Iterator

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest

from spinereview.review.session import SessionState
from spinereview.ui.theme import DARK


@pytest.fixture
def full_disk() -> Iterator[Callable[..., None]]:
    """Lets this process write no file any more, as on a full disk; called with False there is room again."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)

    def fill(full: bool = True) -> None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (1 if full else soft, hard))

    yield fill
    fill(full=False)


def _checked(desk) -> None:
    """Wait until the images have been checked and all is saved, so that nothing but the next act meets the full disk."""
    desk.wait(lambda: bool(desk.bench.reading.stack_hashes), "checksums")
    desk.saved()


def dot(desk) -> str:
    """Colour in the middle of the mark, or an empty text where it is hollow."""
    colour = desk.window.top.dot.grab().toImage().pixelColor(6, 6).name()
    return colour if colour in (DARK.ok, DARK.warn) else ""


def test_the_mark_is_hollow_while_an_act_is_on_its_way_and_filled_when_it_is_on_the_disk(desk) -> None:
    desk.saved()
    assert (dot(desk), desk.window.top.saved.text()) == (DARK.ok, "Saved")
    states: list[SessionState] = []
    desk.bench.reading.session.watch_state(states.append)
    desk.activate(desk.pane)
    desk.keys(Qt.Key.Key_D)
    start, end = desk.at(desk.pane, (28_000, 48_000)), desk.at(desk.pane, (68_000, 48_000))
    left, none = Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier
    QTest.mousePress(desk.pane, left, none, start)
    QTest.mouseMove(desk.pane, end)
    QTest.mouseRelease(desk.pane, left, none, end)
    # What the disk answers comes with the events, and none has been handled yet.
    assert (dot(desk), desk.window.top.saved.text()) == ("", "Saving")
    desk.saved()
    desk.breathe()
    assert (dot(desk), desk.window.top.saved.text()) == (DARK.ok, "Saved")
    assert [state.saved for state in states[:2]] == [True, False]
    assert states[-1].saved
    assert desk.committed == desk.read


def test_lesson_16_everything_committed_is_there_after_opening_again(desk, reopened: Callable) -> None:
    desk.baseline_target()
    desk.saved()
    kept = desk.read
    later = reopened(desk)
    assert later.read == kept


def test_lesson_4_a_mark_on_a_frame_of_many_is_on_that_frame_after_opening_again(
    empty, series: Callable, reopened: Callable, tmp_path
) -> None:
    series(tmp_path / "images", date="20250114", multi_frame=True)
    empty.window.open_path(tmp_path / "images", "S-4")
    empty.loaded()
    empty.keys(Qt.Key.Key_B)
    empty.go_to(empty.pane, 4)
    empty.measure_disc(empty.pane)
    empty.saved()
    (part,) = empty.lesion().findings["BL"].parts.values()
    assert part.geometry.image == empty.pane.image()
    assert part.geometry.image.frame == 5
    later = reopened(empty)
    later.loaded()
    assert next(iter(later.lesion().findings["BL"].parts.values())).geometry == part.geometry
    later.go_to(later.pane, 0)
    assert later.pane.shown.calipers == ()
    later.bench.navigation.jump(later.lesion().id)
    later.breathe()
    assert (later.pane.shown.index, len(later.pane.shown.calipers)) == (4, 1)


def test_what_was_just_done_is_saved_when_the_window_is_closed(desk, reopened: Callable) -> None:
    desk.activate(desk.pane)
    desk.keys(Qt.Key.Key_D)
    desk.measure_disc(desk.pane)
    kept = desk.read
    assert reopened(desk).read == kept


def test_the_read_of_somebody_else_is_shown_and_refuses_every_act(desk, windows: Callable, station, hand_of) -> None:
    desk.baseline_target()
    path = desk.window.opened.read_path
    desk.window.close()
    other = hand_of(windows(station, "R2"))
    other.window.open_path(path)
    other.loaded()
    assert other.window.top.saved.text() == "Read only"
    assert not other.window.top.lock_button.isEnabled()
    assert "R1" in other.said()
    other.dismiss()
    kept = other.read
    other.activate(other.pane)
    other.keys(Qt.Key.Key_B, Qt.Key.Key_N)
    other.measure_disc(other.pane, 24, row=20)
    assert "cannot be changed" in other.said()
    other.click(other.pane, other.at(other.pane, (48_000, 48_000)))
    other.keys(Qt.Key.Key_T, Qt.Key.Key_X, Qt.Key.Key_Delete)
    other.key(Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier)
    assert other.read == kept
    assert len(other.pane.shown.calipers) == 1
    assert not other.bench.editor.organ.isEnabled()


def test_a_second_window_does_not_get_the_same_read(desk, windows: Callable, station, hand_of) -> None:
    desk.baseline_target()
    second = hand_of(windows(station))
    second.window.open_path(desk.window.opened.read_path)
    second.wait(lambda: bool(second.said()), "sentence")
    assert "is open" in second.said()
    assert second.window.bench is None
    assert second.window.pages.currentWidget() is second.window.start
    # The first one is not disturbed.
    desk.window.activateWindow()
    desk.activate(desk.pane)
    desk.keys(Qt.Key.Key_T)
    desk.saved()
    assert desk.lesion().role == "NON_TARGET"


def test_lesson_3_a_failed_write_takes_the_screen_back_to_the_disk_and_names_what_is_gone(
    desk, full_disk: Callable, reopened: Callable
) -> None:
    desk.baseline_target()
    _checked(desk)
    kept, drawn = desk.read, desk.pane.shown.calipers
    full_disk()
    desk.keys(Qt.Key.Key_N)
    desk.measure_disc(desk.pane, 24, row=20)
    desk.wait(lambda: bool(desk.said()), "sentence")
    desk.breathe()
    assert "have been taken back: Record a lesion at BL" in desk.said()
    assert desk.read == desk.committed == kept
    assert [caliper.handles for caliper in desk.pane.shown.calipers] == [caliper.handles for caliper in drawn]
    assert [row.label for row in desk.bench.lesions.table().rows][:-1] == ["T01"]


def test_after_a_failed_write_the_reader_goes_on_when_there_is_room_again(
    desk, full_disk: Callable, reopened: Callable
) -> None:
    desk.baseline_target()
    _checked(desk)
    full_disk()
    desk.keys(Qt.Key.Key_T)
    desk.wait(lambda: bool(desk.said()), "sentence")
    full_disk(full=False)
    desk.dismiss()
    desk.activate(desk.pane)
    desk.keys(Qt.Key.Key_T)
    desk.saved()
    desk.breathe()
    assert desk.said() == ""
    assert desk.lesion().role == "NON_TARGET"
    kept = desk.read
    assert reopened(desk).read == kept
