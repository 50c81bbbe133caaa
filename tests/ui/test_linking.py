"""Viewports that scroll together, by wheel and keys: by frame of reference, by labels, by an offset; else not at all."""

from __future__ import annotations

import pytest
from PySide6.QtCore import QEvent, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QToolButton

from spinereview.imaging.slicing import Orientation

CTRL, SHIFT = Qt.KeyboardModifier.ControlModifier, Qt.KeyboardModifier.ShiftModifier
SLICES = 20
NOT_LINKED = "not linked: label a level in both"
VISITS = {"20250114": 0, "20250408": 0, "20250701": -300}
"""Lowest image of each visit, mm: the first two state equal coordinates, each in a frame of reference of its own."""


@pytest.fixture
def visits(empty, series, tmp_path):
    """Three visits of 20 images, 5 mm apart; the first and the last of them side by side."""
    for date, foot_mm in VISITS.items():
        series(tmp_path / "visits" / date, date=date, slices=SLICES, foot_mm=foot_mm)
    empty.window.open_path(tmp_path / "visits", "S-1")
    empty.loaded()
    return empty


@pytest.fixture
def equal(empty, series, tmp_path):
    """Two visits whose images state equal positions, in two frames of reference."""
    for date in list(VISITS)[:2]:
        series(tmp_path / "equal" / date, date=date, slices=SLICES)
    empty.window.open_path(tmp_path / "equal", "S-1")
    empty.loaded()
    return empty


@pytest.fixture
def two_series(empty, series, tmp_path):
    """One visit with two axial series of one frame of reference, the second 20 mm higher."""
    for name, foot_mm in (("Soft", 0), ("Bone", 20)):
        series(tmp_path / "one" / name, date="20250114", name=name, slices=SLICES, foot_mm=foot_mm, study="one")
    empty.window.open_path(tmp_path / "one", "S-1")
    empty.loaded()
    bench = empty.bench
    empty.activate(empty.pane)
    empty.keys(Qt.Key.Key_C)
    stacks = {bench.title_of(stack): stack for stack in bench.series.stacks()}
    for pane, title in zip(bench.grid.visible_viewports, ("Soft", "Bone"), strict=True):
        bench.show_stack(stacks[title], pane)
        pane.set_orientation(Orientation.NATIVE)
    empty.loaded()
    return empty


def label(desk, pane, index, name):
    """Name the vertebra in the middle of an axial image."""
    desk.activate(pane)
    pane.scroll_to(index)
    desk.key(Qt.Key.Key_L)
    desk.click(pane, desk.at(pane, (48_000, 48_000)))
    if desk.bench.ask.isVisible():
        QTest.keyClicks(desk.bench.ask.line, name)
        QTest.keyClick(desk.bench.ask.line, Qt.Key.Key_Return)
        desk.breathe()
    assert name in [plate.level.value for plate in pane.shown.plates]


def scroll_alone(desk, pane, turns, steps=1):
    """Turn the wheel with Shift, then let Shift go."""
    desk.activate(pane)
    QTest.keyPress(pane, Qt.Key.Key_Shift)
    for _ in range(steps):
        desk.wheel(pane, turns, shift=True)
    QTest.keyRelease(pane, Qt.Key.Key_Shift)
    desk.breathe()


def corner(pane):
    return pane.describe(pane.shown).lower_left


def offsets(desk):
    return list(desk.read.link_offsets.values())


def test_two_visits_of_equal_coordinates_are_not_linked_by_them(equal) -> None:
    assert corner(equal.follow_up) == (NOT_LINKED, "or Shift and scroll")
    assert corner(equal.pane) == ("", "")
    before = equal.follow_up.shown.index
    equal.activate(equal.pane)
    equal.wheel(equal.pane, -1)
    equal.keys(Qt.Key.Key_Down, Qt.Key.Key_Home)
    assert (equal.pane.shown.index, equal.follow_up.shown.index) == (0, before)


def test_one_frame_of_reference_scrolls_by_position(two_series) -> None:
    left, right = two_series.pane, two_series.follow_up
    two_series.activate(left)
    assert corner(right) == ("same frame", "not at this place")
    two_series.keys(Qt.Key.Key_Down)
    assert (left.shown.index, right.shown.index) == (11, 7)
    two_series.wheel(right, -1)
    assert (left.shown.index, right.shown.index) == (12, 8)
    two_series.keys(Qt.Key.Key_Home)
    assert (left.shown.index, right.shown.index) == (0, 0)
    assert corner(right) == ("same frame", "no image there")
    left.scroll_to(3)
    two_series.keys(Qt.Key.Key_Down)
    assert (left.shown.index, right.shown.index) == (4, 0)
    assert corner(right) == ("same frame", "")


def test_a_level_labelled_in_both_links_two_visits(visits) -> None:
    left, right = visits.pane, visits.follow_up
    label(visits, left, 8, "T9")
    assert corner(right)[0] == NOT_LINKED
    label(visits, right, 13, "T9")
    visits.activate(left)
    assert corner(right) == ("linked by T9", "")
    left.scroll_to(10)
    assert corner(right) == ("linked by T9", "not at this place")
    left.scroll_to(8)
    visits.keys(Qt.Key.Key_Up)
    assert (left.shown.index, right.shown.index) == (7, 12)
    visits.wheel(right, -1)
    assert (left.shown.index, right.shown.index) == (8, 13)


def test_between_two_labels_the_visit_that_is_shorter_there_takes_shorter_steps(visits) -> None:
    left, right = visits.pane, visits.follow_up
    for pane, places in ((left, (4, 16)), (right, (10, 16))):
        for place, name in zip(places, ("T10", "T9"), strict=True):
            label(visits, pane, place, name)
    visits.activate(left)
    left.scroll_to(3)
    followed = []
    for _ in range(14):
        visits.keys(Qt.Key.Key_Down)
        followed.append(right.shown.index)
    assert followed[0] == 10
    assert followed[12] == 16
    assert followed[13] == 17
    assert followed[6] == 13
    assert corner(right) == ("linked by T9", "")
    visits.keys(Qt.Key.Key_Up, Qt.Key.Key_Up)
    assert corner(right) == ("linked by T9 – T10", "")


def test_an_offset_is_set_with_shift_in_one_act_kept_and_undone(visits, reopened) -> None:
    left, right = visits.pane, visits.follow_up
    events = visits.events()
    scroll_alone(visits, right, -1, steps=3)
    assert visits.events() == events + 1
    assert (left.shown.index, right.shown.index) == (10, 13)
    assert sorted(map(abs, offsets(visits)[0])) == [0, 0, 285_000]
    visits.activate(left)
    assert corner(right) == ("linked by your offset", "")
    visits.wheel(left, 1)
    assert (left.shown.index, right.shown.index) == (9, 12)
    visits.key(Qt.Key.Key_Z, CTRL)
    assert not offsets(visits)
    assert corner(right)[0] == NOT_LINKED
    visits.wheel(left, 1)
    assert (left.shown.index, right.shown.index) == (8, 12)
    visits.key(Qt.Key.Key_Z, CTRL | SHIFT)
    visits.saved()
    later = reopened(visits)
    later.loaded()
    later.activate(later.pane)
    assert corner(later.follow_up) == ("linked by your offset", "not at this place")
    later.keys(Qt.Key.Key_Up)
    assert corner(later.follow_up) == ("linked by your offset", "")
    assert (later.pane.shown.index, later.follow_up.shown.index) == (9, 12)


def test_arrows_with_shift_move_one_alone_until_shift_is_released_or_the_pane_is_left(visits) -> None:
    left, right = visits.pane, visits.follow_up
    visits.activate(left)
    for _ in range(2):
        # Pressed with Shift, which stays down.
        QTest.keyPress(left, Qt.Key.Key_Down, SHIFT)
    assert (left.shown.index, right.shown.index, offsets(visits)) == (12, 10, [])
    QTest.keyRelease(left, Qt.Key.Key_Shift)
    assert sorted(map(abs, offsets(visits)[0])) == [0, 0, 310_000]
    events = visits.events()
    visits.wheel(left, 1, shift=True)
    assert visits.events() == events
    QApplication.sendEvent(left, QEvent(QEvent.Type.Leave))
    visits.breathe()
    assert visits.events() == events + 1
    assert sorted(map(abs, offsets(visits)[0])) == [0, 0, 305_000]


def test_shift_is_released_wherever_the_focus_is(visits) -> None:
    right = visits.follow_up
    field = visits.bench.series.list
    field.setFocus(Qt.FocusReason.MouseFocusReason)
    visits.breathe()
    visits.wheel(right, -1, shift=True)
    assert not offsets(visits)
    QTest.keyRelease(field, Qt.Key.Key_Shift)
    assert len(offsets(visits)) == 1


def test_what_was_scrolled_alone_is_kept_when_the_case_is_closed(visits, reopened) -> None:
    visits.wheel(visits.follow_up, -1, shift=True)
    later = reopened(visits)
    assert len(offsets(later)) == 1


def test_a_wheel_that_shift_turns_sideways_scrolls_alone_all_the_same(visits) -> None:
    left, right = visits.pane, visits.follow_up
    visits.wheel(right, -1, sideways=True)
    assert right.shown.index == 10
    visits.wheel(right, -1, shift=True, sideways=True)
    visits.wheel(left, -1)
    assert (left.shown.index, right.shown.index, len(offsets(visits))) == (11, 12, 1)


def test_images_that_are_no_volume_are_not_linked_and_that_is_said(empty, series, tmp_path) -> None:
    for date in list(VISITS)[:2]:
        series(tmp_path / "v" / date, date=date, slices=SLICES)
    gone = sorted((tmp_path / "v" / "20250408").glob("*.dcm"))
    for file in gone[6:9]:
        file.unlink()
    empty.window.open_path(tmp_path / "v", "S-1")
    empty.loaded()
    empty.activate(empty.pane)
    assert corner(empty.follow_up) == ("not linked: no common position", "")
    scroll_alone(empty, empty.pane, -1)
    assert not offsets(empty)


def test_scrolling_another_one_ends_what_was_scrolled_alone(visits) -> None:
    left, right = visits.pane, visits.follow_up
    visits.activate(left)
    visits.wheel(left, -1, shift=True)
    visits.wheel(right, -1)
    assert len(offsets(visits)) == 1
    assert (left.shown.index, right.shown.index) == (12, 11)


def test_a_label_goes_before_an_offset_and_shift_keeps_none_there(visits) -> None:
    left, right = visits.pane, visits.follow_up
    label(visits, left, 8, "T9")
    label(visits, right, 8, "T9")
    scroll_alone(visits, right, -1, steps=2)
    assert not offsets(visits)
    visits.activate(left)
    visits.keys(Qt.Key.Key_Up)
    assert left.shown.index == right.shown.index


def test_an_offset_of_axial_images_does_not_link_sagittal_planes(visits) -> None:
    left, right = visits.pane, visits.follow_up
    scroll_alone(visits, right, -1)
    for pane in (left, right):
        pane.set_orientation(Orientation.SAGITTAL)
    visits.activate(left)
    assert corner(right)[0] == NOT_LINKED
    before = right.shown.index
    visits.keys(Qt.Key.Key_Down)
    assert right.shown.index == before
    right.set_orientation(Orientation.NATIVE)
    visits.breathe()
    # Planes that cross have no link to speak of.
    assert corner(right) == ("", "")


def test_the_link_is_switched_off_and_on_by_key_and_the_bar_shows_it(visits) -> None:
    left, right = visits.pane, visits.follow_up
    scroll_alone(visits, right, -1)
    visits.activate(left)
    action = visits.window.actions_by_id["link"]
    button = next(one for one in visits.window.top.findChildren(QToolButton) if one.defaultAction() is action)
    assert button.isChecked()
    visits.key(Qt.Key.Key_K, CTRL)
    assert (button.isChecked(), corner(right)) == (False, ("", ""))
    visits.keys(Qt.Key.Key_Down)
    assert (left.shown.index, right.shown.index) == (11, 11)
    visits.click(button)
    visits.activate(left)
    visits.keys(Qt.Key.Key_Down)
    assert (left.shown.index, right.shown.index) == (12, 13)


def test_with_three_timepoints_each_says_its_own_link(visits) -> None:
    visits.activate(visits.pane)
    visits.key(Qt.Key.Key_3, CTRL)
    first, second, third = visits.bench.grid.visible_viewports
    label(visits, first, 8, "T9")
    label(visits, second, 9, "T9")
    visits.activate(first)
    assert [corner(pane)[0] for pane in (first, second, third)] == ["", "linked by T9", NOT_LINKED]
    scroll_alone(visits, third, -1)
    # Beside both of the others, in one act; between those two the label holds.
    assert len(offsets(visits)) == 2
    visits.activate(first)
    places = [pane.shown.index for pane in (first, second, third)]
    visits.keys(Qt.Key.Key_Down)
    assert [pane.shown.index for pane in (first, third)] == [places[0] + 1, places[2] + 1]
    assert second.shown.index == first.shown.index + 1


def test_once_all_is_locked_no_offset_is_kept_and_that_is_said(visits) -> None:
    for pane in (visits.pane, visits.follow_up):
        visits.activate(pane)
        visits.bench.reading.lock()
    visits.bench.reading.show_timepoint("FU1")
    visits.bench.reading.lock()
    visits.dismiss()
    scroll_alone(visits, visits.follow_up, -1)
    assert not offsets(visits)
    assert "locked" in visits.said()


def test_scrolling_together_shows_no_panel_anew(visits, monkeypatch: pytest.MonkeyPatch) -> None:
    scroll_alone(visits, visits.follow_up, -1)
    visits.activate(visits.pane)
    reading, asked = visits.bench.reading, []
    reading.changed.connect(lambda: asked.append("panels"))
    monkeypatch.setattr(reading, "table", lambda: asked.append("table"))
    for _ in range(3):
        visits.wheel(visits.pane, -1)
    assert visits.pane.shown.index == visits.follow_up.shown.index - 1
    assert asked == []


def test_the_same_vertebra_in_all_and_where_it_has_no_label_that_is_said(visits) -> None:
    left, right = visits.pane, visits.follow_up
    label(visits, left, 8, "T9")
    visits.activate(left)
    left.scroll_to(2)
    visits.dismiss()
    visits.keys(Qt.Key.Key_V)
    assert left.shown.index == 8
    assert "T9" in visits.said()
    assert "FU2" in visits.said()
    assert "BL" not in visits.said()
    label(visits, right, 5, "T9")
    visits.dismiss()
    left.scroll_to(2)
    right.scroll_to(2)
    visits.keys(Qt.Key.Key_V)
    assert (left.shown.index, right.shown.index, visits.said()) == (8, 5, "")


def test_where_a_lesion_is_not_measured_yet_the_viewport_follows_to_it(visits) -> None:
    left, right = visits.pane, visits.follow_up
    label(visits, left, 8, "T9")
    label(visits, right, 13, "T9")
    left.scroll_to(10)
    visits.baseline_target()
    for pane in (left, right):
        pane.scroll_to(0)
    visits.activate(right)
    visits.keys(Qt.Key.Key_Space)
    assert (left.shown.index, right.shown.index) == (10, 15)
    visits.measure_disc(right, 24)
    right.scroll_to(0)
    visits.bench.navigation.jump(visits.lesion().id)
    assert (left.shown.index, right.shown.index) == (10, 15)


def test_without_a_vertebra_chosen_the_key_says_so(visits) -> None:
    visits.activate(visits.pane)
    visits.keys(Qt.Key.Key_V)
    assert "level" in visits.said()
