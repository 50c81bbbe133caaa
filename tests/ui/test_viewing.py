"""Looking at images by wheel, buttons and keys: what is shown, and that keys of images act on images alone."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtGui import QImage, QPainter
from PySide6.QtTest import QTest

from spinereview.imaging.slicing import Orientation
from spinereview.imaging.window import PRESETS, Window, suggested
from spinereview.ui.outside_window import outside_text
from spinereview.ui.painting import CornerText, draw_corners

SHIFT = Qt.KeyboardModifier.ShiftModifier
HU_DISC, HU_AROUND = 160, -20


def greys(pane) -> np.ndarray:
    image = pane.grab().toImage().convertToFormat(QImage.Format.Format_Grayscale8)
    rows = np.frombuffer(image.constBits(), dtype=np.uint8).reshape(image.height(), image.bytesPerLine())
    return rows[:, : image.width()].astype(int)


def middle(pane) -> int:
    shades = greys(pane)
    return int(shades[shades.shape[0] // 2, shades.shape[1] // 2])


def test_the_wheel_and_the_arrows_scroll(desk) -> None:
    desk.activate(desk.pane)
    shown = desk.pane.shown
    assert shown.index == 3
    desk.wheel(desk.pane, -1)
    assert shown.index == 4
    desk.wheel(desk.pane, 1)
    desk.wheel(desk.pane, 1)
    assert shown.index == 2
    desk.keys(Qt.Key.Key_Down)
    assert shown.index == 3
    desk.keys(Qt.Key.Key_Up, Qt.Key.Key_Up)
    assert shown.index == 1
    desk.keys(Qt.Key.Key_Home)
    assert shown.index == 0
    desk.keys(Qt.Key.Key_Up)
    assert shown.index == 0
    desk.keys(Qt.Key.Key_End)
    assert shown.index == 5
    desk.wheel(desk.pane, -1)
    assert shown.index == 5
    # The other viewport stays where it was.
    assert desk.follow_up.shown.index == 3


def test_the_corner_says_which_image_is_shown(desk) -> None:
    desk.activate(desk.pane)
    desk.keys(Qt.Key.Key_End)
    texts = desk.pane.describe(desk.pane.shown)
    assert texts.upper_left[0].startswith("BL")
    assert texts.upper_right == ("slice 6 / 6", "5 mm")
    with_text = greys(desk.pane)
    desk.key(Qt.Key.Key_T, Qt.KeyboardModifier.ControlModifier)
    assert (greys(desk.pane) != with_text).any()


def test_a_corner_warns_of_images_compressed_with_loss(desk) -> None:
    shown = desk.pane.shown
    plain = desk.pane.describe(shown)
    assert (plain.warning, plain.lower_right[1]) == ("", "")
    lost = replace(shown, stack=replace(shown.stack, lossy="lossy: JPEG 2000, 10 : 1"))
    texts = desk.pane.describe(lost)
    assert texts.lower_right == ("lossy: JPEG 2000, 10 : 1", plain.lower_right[0])
    picture = QImage(400, 300, QImage.Format.Format_RGB32)
    colours = []
    for words in (plain, texts):
        picture.fill(0)
        painter = QPainter(picture)
        draw_corners(painter, words, 400, 300)
        painter.end()
        found = [picture.pixelColor(x, y) for x in range(200, 400) for y in range(250, 300)]
        colours.append(any(one.red() > 2 * one.blue() and one.red() > 100 for one in found))
    assert colours == [False, True]


def test_the_right_button_windows_and_the_picture_follows(desk) -> None:
    desk.activate(desk.pane)
    before, shade = desk.pane.shown.window, middle(desk.pane)
    desk.pull(desk.pane, Qt.MouseButton.RightButton, QPoint(100, 100), QPoint(0, 60))
    after = desk.pane.shown.window
    assert after.centre > before.centre
    assert after.width == pytest.approx(before.width)
    assert middle(desk.pane) < shade
    desk.pull(desk.pane, Qt.MouseButton.RightButton, QPoint(100, 100), QPoint(60, 0))
    assert desk.pane.shown.window.width > after.width
    assert desk.follow_up.shown.window == before


def test_the_middle_button_pans_by_as_many_pixels(desk) -> None:
    view = desk.pane.shown.view
    there = view.to_screen(48, 48)
    desk.pull(desk.pane, Qt.MouseButton.MiddleButton, QPoint(100, 100), QPoint(40, 24))
    moved = desk.pane.shown.view.to_screen(48, 48)
    assert (moved[0] - there[0], moved[1] - there[1]) == pytest.approx((40, 24))


def test_ctrl_and_the_wheel_zooms_at_the_pointer(desk) -> None:
    at, before = QPointF(120, 150), desk.pane.shown.view
    point = before.to_plane(at.x(), at.y())
    desk.wheel(desk.pane, 2, ctrl=True, at=at)
    after = desk.pane.shown.view
    assert after.scale > before.scale * 1.2
    assert after.to_plane(at.x(), at.y()) == pytest.approx(point)
    assert desk.pane.shown.index == 3


def test_presets_come_by_digit(desk) -> None:
    desk.activate(desk.pane)
    for number, key in enumerate((Qt.Key.Key_1, Qt.Key.Key_2, Qt.Key.Key_3)):
        desk.keys(key)
        assert desk.pane.shown.window == PRESETS[number][1]
    desk.keys(Qt.Key.Key_4)
    volume = desk.pane.shown.volume
    assert desk.pane.shown.window == suggested(volume.real_values(desk.pane.shown.index))
    before = desk.pane.shown.window
    desk.keys(Qt.Key.Key_5)
    assert desk.pane.shown.window == (desk.pane.shown.stack.window or before)
    assert bool(desk.said()) == (desk.pane.shown.stack.window is None)


def test_a_window_in_hounsfield_units_is_not_put_on_mr(empty, series: Callable, tmp_path: Path) -> None:
    folder = series(tmp_path / "mr", date="20250114", attributes={"Modality": "MR"})
    empty.window.open_path(folder, "S-MR")
    empty.loaded()
    empty.activate(empty.pane)
    before = empty.pane.shown.window
    empty.keys(Qt.Key.Key_2)
    assert empty.pane.shown.window == before
    assert "Hounsfield" in empty.said()
    empty.keys(Qt.Key.Key_4)
    shown = empty.pane.shown
    assert shown.window == suggested(shown.volume.real_values(shown.index))


@pytest.mark.parametrize(("centre", "background"), [(2000, 0), (-2000, 255)], ids=["black", "white"])
def test_a_window_that_leaves_out_every_value_is_said_and_a_key_helps(
    empty, series: Callable, tmp_path: Path, centre: int, background: int
) -> None:
    stated = {"WindowCenter": str(centre), "WindowWidth": "100"}
    series(tmp_path / "images", date="20250114", name="CT", attributes=stated)
    empty.window.open_path(tmp_path / "images", "S-W")
    empty.loaded()
    empty.activate(empty.pane)
    said = "All values (-20 to 160 HU) lie outside the window. Press 4 to take a window from this image."
    assert outside_text(empty.pane.shown) == said
    height, width = (length // 2 for length in greys(empty.pane).shape)
    plate = (slice(height - 8, height + 8), slice(width - 120, width + 120))
    assert greys(empty.pane)[height + 60, width] == background
    assert greys(empty.pane)[plate].max() > 150
    assert greys(empty.pane)[plate].min() < 80
    # In a reformat, and with the text of the corners away, it is said too.
    empty.keys(Qt.Key.Key_4, modifiers=SHIFT)
    assert not empty.pane.shown.planes.native
    assert outside_text(empty.pane.shown) == said
    empty.keys(Qt.Key.Key_4)
    assert outside_text(empty.pane.shown) == ""
    assert len(np.unique(greys(empty.pane)[plate])) <= 2


@pytest.mark.parametrize(("centre", "said"), [(209, False), (210, True), (-68, False), (-69, True)])
def test_a_window_whose_end_is_the_last_value_shows_none_of_them(desk, centre: int, said: bool) -> None:
    """Of a window 100 wide the ends are centre - 50 and centre + 49, and show black and white (PS3.3 C.11.2.1.2.1)."""
    desk.pane.set_window(Window(centre=centre, width=100))
    assert bool(outside_text(desk.pane.shown)) is said


def test_invert_and_reset(desk) -> None:
    desk.activate(desk.pane)
    window, view, shade = desk.pane.shown.window, desk.pane.shown.view, middle(desk.pane)
    desk.keys(Qt.Key.Key_I)
    assert middle(desk.pane) == 255 - shade
    desk.keys(Qt.Key.Key_2)
    desk.wheel(desk.pane, 3, ctrl=True)
    desk.keys(Qt.Key.Key_R)
    assert (desk.pane.shown.window, desk.pane.shown.inverted) == (window, False)
    assert desk.pane.shown.view.centre == view.centre
    assert desk.pane.shown.view.scale == pytest.approx(view.scale)
    assert middle(desk.pane) == shade


def test_one_to_one_shows_a_sample_as_a_pixel(desk) -> None:
    desk.activate(desk.pane)
    desk.keys(Qt.Key.Key_Z)
    view = desk.pane.shown.view
    assert view.spacing[1] * view.scale == pytest.approx(1)
    # The disc of 40 samples is 40 pixels wide on the screen.
    row = greys(desk.pane)[desk.pane.height() // 2]
    bright = np.nonzero(row[20:-60] > (middle(desk.pane) // 2))[0]
    assert np.ptp(bright) + 1 == pytest.approx(40, abs=2)


def test_compared_viewports_show_a_millimetre_equally_long(
    windows: Callable, station, series, tmp_path, hand_of
) -> None:
    from decimal import Decimal

    series(tmp_path / "images" / "a", date="20250114")
    series(tmp_path / "images" / "b", date="20250408", spacing=Decimal("0.5"))
    desk = hand_of(windows(station))
    desk.window.open_path(tmp_path / "images", "S-1")
    desk.loaded()
    left, right = desk.pane, desk.follow_up

    def equal() -> bool:
        return left.shown.view.scale == pytest.approx(right.shown.view.scale)

    assert equal()
    desk.activate(left)
    desk.wheel(left, 3, ctrl=True)
    assert equal()
    desk.activate(right)
    desk.keys(Qt.Key.Key_Z)
    assert equal()
    desk.keys(Qt.Key.Key_R)
    assert equal()
    desk.window.resize(1500, 800)
    desk.breathe(20)
    assert equal()


def test_layouts_and_timepoints_and_series_by_keys(desk) -> None:
    grid, reading = desk.bench.grid, desk.bench.reading
    assert grid.count == 2
    desk.activate(desk.pane)
    desk.keys(Qt.Key.Key_F)
    assert grid.count == 1
    desk.keys(Qt.Key.Key_BracketRight)
    assert reading.current.label == "FU1"
    assert desk.pane.shown.stack.timepoint.label == "FU1"
    desk.keys(Qt.Key.Key_BracketLeft)
    assert desk.pane.shown.stack.timepoint.label == "BL"
    desk.keys(Qt.Key.Key_PageDown)
    assert desk.pane.shown.stack.timepoint.label == "FU1"
    desk.keys(Qt.Key.Key_PageUp)
    assert desk.pane.shown.stack.timepoint.label == "BL"
    desk.keys(Qt.Key.Key_C)
    assert grid.count == 2
    assert desk.follow_up.isVisible()
    desk.keys(Qt.Key.Key_F, Qt.Key.Key_F)
    assert grid.count == 2


def test_a_click_into_a_viewport_makes_it_the_one_that_keys_act_on(desk) -> None:
    desk.click(desk.follow_up, QPoint(30, 200))
    assert desk.bench.grid.active is desk.follow_up
    assert desk.bench.reading.current.label == "FU1"
    assert desk.window.top.lock_button.text() == "Lock FU1"
    desk.keys(Qt.Key.Key_I)
    assert (desk.pane.shown.inverted, desk.follow_up.shown.inverted) == (False, True)


def test_a_click_in_the_list_of_series_shows_the_series_in_the_active_viewport(desk) -> None:
    desk.activate(desk.pane)
    panel = desk.bench.series
    other = panel.stacks()[1]
    desk.click(panel.list.viewport(), panel.row_of(other).center())
    assert desk.pane.shown.stack.stack.id == other


def test_reformats_show_other_planes_of_the_same_volume(desk) -> None:
    desk.activate(desk.pane)
    desk.key(Qt.Key.Key_3, SHIFT)
    assert desk.pane.shown.planes.orientation is Orientation.SAGITTAL
    assert desk.pane.shown.planes.count == 96
    assert middle(desk.pane) > 150
    assert desk.window.status.geometry_note.text() == "reformat"
    desk.key(Qt.Key.Key_1, SHIFT)
    assert desk.pane.shown.planes.native
    assert desk.window.status.geometry_note.text() == "acquired image"


def test_the_pointer_tells_where_it_is_and_the_value_there(desk) -> None:
    QTest.mouseMove(desk.pane, desk.at(desk.pane, (48_500, 48_500)))
    desk.breathe()
    assert desk.window.status.value.text() == f"{HU_DISC} HU"
    # Column 48 of 0.75 mm from the first sample's centre, slice 4 of 5 mm.
    x, y, z = desk.window.status.position.text().removesuffix(" mm").split("  ")
    assert float(x.split()[1]) == pytest.approx(48 * 0.75, abs=0.2)
    assert float(y.split()[1]) == pytest.approx(48 * 0.75, abs=0.2)
    assert z == "z 15.0"
    QTest.mouseMove(desk.pane, desk.at(desk.pane, (10_500, 48_500)))
    desk.breathe()
    assert desk.window.status.value.text() == f"{HU_AROUND} HU"


def test_what_lies_under_a_resting_pointer_is_told_anew_when_the_image_changes(desk) -> None:
    """Where the pointer rests the baseline has its disc and the follow-up, whose disc is smaller, has none."""
    desk.activate(desk.pane)
    QTest.mouseMove(desk.pane, desk.at(desk.pane, (64_500, 48_500)))
    desk.breathe()
    value, position = desk.window.status.value, desk.window.status.position
    assert (value.text(), position.text().split("z ")[1]) == (f"{HU_DISC} HU", "15.0 mm")
    desk.key(Qt.Key.Key_Down)
    assert position.text().split("z ")[1] != "15.0 mm"
    desk.wheel(desk.pane, -1)
    assert position.text().split("z ")[1] not in {"15.0 mm", ""}
    view = desk.pane.shown.view
    desk.pane.set_view(view.panned(-15 * view.scale, 0))
    assert value.text() == f"{HU_AROUND} HU"
    desk.pane.set_view(view)
    assert value.text() == f"{HU_DISC} HU"
    desk.bench.show_stack(desk.follow_up.shown.stack.stack.id, desk.pane)
    assert value.text() == f"{HU_AROUND} HU"
    desk.pane.show_nothing("")
    assert (value.text(), position.text()) == ("", "")


@pytest.mark.parametrize("tool", ["tool_window", "tool_zoom", "tool_pan"])
def test_the_left_button_does_what_the_tool_says(desk, tool: str) -> None:
    button = next(
        one for one in desk.window.top.findChildren(_tool_button()) if one.defaultAction() is _action(desk, tool)
    )
    desk.click(button)
    before = desk.pane.shown.window, desk.pane.shown.view
    desk.pull(desk.pane, Qt.MouseButton.LeftButton, QPoint(150, 250), QPoint(40, -50))
    after = desk.pane.shown.window, desk.pane.shown.view
    assert (after[0] != before[0], after[1] != before[1]) == (tool == "tool_window", tool != "tool_window")
    assert (after[1].scale != before[1].scale) == (tool == "tool_zoom")
    assert not desk.read.lesions


def _tool_button() -> type:
    from PySide6.QtWidgets import QToolButton

    return QToolButton


def _action(desk, name: str):
    return desk.window.actions_by_id[name]


def test_lesson_18_beyond_the_memory_images_are_read_one_by_one_and_it_is_said(
    empty, images: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """1,000 to 3,500 slices: crash or black, no message. A plain message, and 2D reading still works."""
    one = 96 * 96 * 2
    monkeypatch.setattr("spinereview.dicom.load.memory_budget_bytes", lambda: 2 * one)
    empty.window.open_path(images, "S-1")
    empty.wait(lambda: empty.window.bench is not None, "case")
    panes = empty.bench.grid.visible_viewports
    empty.wait(lambda: all(pane.shown and pane.shown.single is not None for pane in panes), "one image")
    assert "memory" in empty.said().lower()
    assert middle(empty.pane) > 150
    empty.activate(empty.pane)
    for _ in range(3):
        empty.keys(Qt.Key.Key_Up)
        index = empty.pane.shown.index
        empty.wait(lambda index=index: empty.pane.shown.single == index, "one image")
    assert empty.pane.shown.index == 0
    assert middle(empty.pane) > 150
    empty.keys(Qt.Key.Key_B)
    empty.measure_disc(empty.pane)
    assert list(empty.read.lesions) == ["L01"]


def test_a_long_title_leaves_room_for_the_letter_of_orientation(desk) -> None:
    pane = desk.pane
    side = pane.width() // 2
    free = slice(side - 13, side + 14)
    plain = greys(pane)[:40, free]
    pane.describe = lambda _shown: CornerText(upper_left=("A title much longer than half of the pane " * 4, ""))
    pane.update()
    assert (greys(pane)[:40, free] == plain).all()
    assert not (greys(pane)[:40, : side - 13] == 0).all()
