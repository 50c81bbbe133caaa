"""Calipers by mouse: what is drawn, what is written beside it, and what becomes of the read."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import QEvent, QPoint, QPointF, Qt
from PySide6.QtGui import QImage, QMouseEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from spinereview.domain.lesion import LesionRole
from spinereview.domain.measurement import PointMpx
from spinereview.errors import SpineReviewError
from spinereview.imaging.view import to_mpx
from spinereview.review.overlay import Caliper, LineKind
from spinereview.ui.viewport import Viewport

ALT = Qt.KeyboardModifier.AltModifier
LEFT, NO_KEY = Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier


def caliper(pane: Viewport) -> Caliper:
    """The only caliper that is drawn, as it is at this moment."""
    assert pane.shown is not None
    (only,) = pane.tool.calipers(pane.shown.calipers)
    return only


def colourful(pane: Viewport) -> np.ndarray:
    """How much of the hue of a target is in each pixel of the screen: red without blue; images are grey."""
    image = pane.grab().toImage().convertToFormat(QImage.Format.Format_RGB888)
    assert image.devicePixelRatio() == 1
    rows = np.frombuffer(image.constBits(), dtype=np.uint8).reshape(image.height(), image.bytesPerLine())
    colours = rows[:, : image.width() * 3].reshape(image.height(), image.width(), 3).astype(int)
    return (colours[..., 0] - colours[..., 2]) / (0xF2 - 0x5C)


def drawn_ends(pane: Viewport, start: PointMpx, end: PointMpx) -> tuple[float, float, float]:
    """Where a drawn line begins and ends along the expected one, in screen pixels, and its expected length."""
    assert pane.shown is not None
    first, last = (np.array(pane.shown.view.to_screen(x / 1000, y / 1000)) for x, y in (start, end))
    length = float(np.hypot(*(last - first)))
    along = (last - first) / length
    y, x = np.nonzero(colourful(pane) > 0.3)
    offset = np.stack([x + 0.5, y + 0.5], axis=1) - first
    run, beside = offset @ along, np.abs(offset @ np.array([-along[1], along[0]]))
    near = run[(beside < 2) & (run > -15) & (run < length + 15)]
    assert near.size > length * 0.8, "the line is not drawn where it is expected"
    return float(near.min()), float(near.max()), length


def stored(pane: Viewport) -> tuple[PointMpx, ...]:
    only = caliper(pane)
    return only.handles[: only.stored]


@pytest.mark.parametrize("tool", [Qt.Key.Key_B, Qt.Key.Key_D], ids=["bidirectional", "diameter"])
def test_a_drag_is_one_act_with_its_millimetres_beside_it(desk, tool) -> None:
    desk.activate(desk.pane)
    desk.keys(tool)
    before = desk.events()
    desk.measure_disc(desk.pane, 40)
    assert desk.events() == before + 1
    assert desk.bench.reading.session.can_undo.name == "add_lesion"
    # 40 pixels of 0.75 mm; a screen pixel is a fraction of one.
    shown = float(caliper(desk.pane).text.split()[1])
    assert shown == pytest.approx(30, abs=0.4)
    assert caliper(desk.pane).text == f"T01  {shown:.1f} mm"
    assert desk.bench.lesions.cell(desk.lesion().id, desk.bench.reading.timepoint).text == f"{shown:.1f}"


@pytest.mark.parametrize(
    ("start", "end"),
    [((28_000, 48_000), (68_000, 48_000)), ((48_000, 20_000), (48_000, 70_000)), ((30_000, 35_000), (62_000, 66_000))],
    ids=["level", "upright", "slanting"],
)
def test_a_caliper_is_drawn_where_its_points_lie(desk, start, end) -> None:
    desk.activate(desk.pane)
    desk.keys(Qt.Key.Key_D)
    desk.drag(desk.pane, start, end)
    desk.bench.reading.select(None)
    for zoom in (1.0, 1.7, 0.5):
        desk.zoom(desk.pane, (48_000, 48_000), zoom)
        first, last, length = drawn_ends(desk.pane, *stored(desk.pane))
        assert first == pytest.approx(0, abs=1)
        assert last == pytest.approx(length, abs=1)


def test_a_selected_caliper_shows_handles_and_another_does_not(desk) -> None:
    desk.activate(desk.pane)
    desk.keys(Qt.Key.Key_D)
    desk.measure_disc(desk.pane)
    first, _, _ = drawn_ends(desk.pane, *stored(desk.pane))
    assert first < -2
    desk.keys(Qt.Key.Key_Escape)
    desk.click(desk.pane, QPoint(40, 200))
    assert desk.bench.reading.selected is None
    first, _, _ = drawn_ends(desk.pane, *stored(desk.pane))
    assert first == pytest.approx(0, abs=1)


def test_millimetres_follow_the_hand_and_nothing_is_kept_before_the_release(desk) -> None:
    desk.activate(desk.pane)
    desk.keys(Qt.Key.Key_B)
    start, end = desk.at(desk.pane, (28_000, 48_000)), desk.at(desk.pane, (68_000, 48_000))
    before = colourful(desk.pane).max()
    QTest.mousePress(desk.pane, LEFT, NO_KEY, start)
    QTest.mouseMove(desk.pane, (start + end) / 2)
    half = float(caliper(desk.pane).text.split()[0])
    QTest.mouseMove(desk.pane, end)
    whole = float(caliper(desk.pane).text.split()[0])
    assert (half, whole) == (pytest.approx(15, abs=0.4), pytest.approx(30, abs=0.4))
    assert before < 0.2 < colourful(desk.pane).max()
    assert not desk.read.lesions
    assert desk.bench.reading.session.can_undo is None
    QTest.mouseRelease(desk.pane, LEFT, NO_KEY, end)
    assert len(desk.read.lesions) == 1


def test_a_long_axis_alone_has_a_dashed_perpendicular_and_no_second_value(desk) -> None:
    desk.activate(desk.pane)
    desk.keys(Qt.Key.Key_B)
    desk.measure_disc(desk.pane)
    only = caliper(desk.pane)
    assert [line.kind for line in only.lines] == [LineKind.LONG, LineKind.PROPOSED]
    assert " x " not in only.text
    assert only.stored == 2
    desk.bench.reading.select(None)
    proposed = only.lines[1]
    coverage = colourful(desk.pane)
    x, top = desk.pane.shown.view.to_screen(proposed.start[0] / 1000, proposed.start[1] / 1000)
    _, bottom = desk.pane.shown.view.to_screen(proposed.end[0] / 1000, proposed.end[1] / 1000)
    top, bottom = sorted((top, bottom))
    column = coverage[int(top) : int(bottom), int(x) - 1 : int(x) + 2].max(axis=1) > 0.3
    gaps = int(np.count_nonzero(np.diff(column.astype(int)) == -1))
    assert gaps > 5, "the proposed perpendicular is not dashed"


def test_dragging_its_handle_makes_the_perpendicular_a_short_axis(desk) -> None:
    desk.activate(desk.pane)
    desk.keys(Qt.Key.Key_B)
    desk.measure_disc(desk.pane)
    handle = caliper(desk.pane).handles[2]
    desk.drag(desk.pane, handle, (48_000, 34_000 if handle[1] < 48_000 else 62_000))
    only = caliper(desk.pane)
    assert only.stored == 4
    assert [line.kind for line in only.lines] == [LineKind.LONG, LineKind.SHORT]
    assert " x " in only.text
    long_mm, short_mm = (float(word) for word in only.text.split("  ")[1].removesuffix(" mm").split(" x "))
    assert long_mm > short_mm
    # 14 pixels to one side, a quarter of the long axis to the other.
    assert short_mm == pytest.approx((14 + 10) * 0.75, abs=0.5)


@pytest.mark.parametrize(("away", "taken"), [(9, True), (12, False)])
def test_a_handle_is_taken_within_ten_pixels_at_every_zoom(desk, away, taken) -> None:
    desk.activate(desk.pane)
    desk.keys(Qt.Key.Key_D)
    desk.measure_disc(desk.pane)
    desk.keys(Qt.Key.Key_Escape)
    for zoom in (0.6, 1.7, 3.0):
        before = stored(desk.pane)
        desk.zoom(desk.pane, before[1], zoom)
        desk.pull(desk.pane, LEFT, desk.at(desk.pane, before[1]) + QPoint(away, 0), QPoint(12, 8))
        after = stored(desk.pane)
        assert (after[1] != before[1]) is taken
        assert after[0] == before[0]


def test_esc_gives_up_a_gesture_and_keeps_the_tool(desk) -> None:
    desk.activate(desk.pane)
    desk.keys(Qt.Key.Key_B)
    start, end = desk.at(desk.pane, (28_000, 48_000)), desk.at(desk.pane, (68_000, 48_000))
    QTest.mousePress(desk.pane, LEFT, NO_KEY, start)
    QTest.mouseMove(desk.pane, end)
    desk.keys(Qt.Key.Key_Escape)
    QTest.mouseRelease(desk.pane, LEFT, NO_KEY, end)
    assert not desk.read.lesions
    assert desk.window.actions_by_id["tool_bidirectional"].isChecked()
    assert colourful(desk.pane).max() < 0.2


def test_esc_while_a_handle_is_dragged_leaves_the_caliper_as_it_was(desk) -> None:
    desk.baseline_target()
    before, events = stored(desk.pane), desk.events()
    start = desk.at(desk.pane, before[1])
    QTest.mousePress(desk.pane, LEFT, NO_KEY, start)
    QTest.mouseMove(desk.pane, start + QPoint(30, 10))
    assert stored(desk.pane) != before
    desk.keys(Qt.Key.Key_Escape)
    QTest.mouseRelease(desk.pane, LEFT, NO_KEY, start + QPoint(30, 10))
    assert (stored(desk.pane), desk.events()) == (before, events)


def test_the_tool_stays_active_after_a_measurement(desk) -> None:
    desk.activate(desk.pane)
    desk.keys(Qt.Key.Key_B, Qt.Key.Key_N)
    desk.measure_disc(desk.pane, 24, row=30)
    desk.keys(Qt.Key.Key_N)
    desk.measure_disc(desk.pane, 24, row=70)
    assert list(desk.read.lesions) == ["L01", "L02"]
    assert desk.window.actions_by_id["tool_bidirectional"].isChecked()


def test_alt_and_an_arrow_moves_a_handle_by_a_tenth_of_a_millimetre(desk) -> None:
    desk.activate(desk.pane)
    desk.keys(Qt.Key.Key_D)
    desk.measure_disc(desk.pane)
    desk.click(desk.pane, desk.at(desk.pane, stored(desk.pane)[1]))
    index = desk.pane.shown.index
    # A tenth of a millimetre is 133 thousandths of a pixel of 0.75 mm.
    arrows = {"Right": (133, 0), "Left": (-133, 0), "Down": (0, 133), "Up": (0, -133)}
    for name, moved in arrows.items():
        before = stored(desk.pane)
        desk.key(Qt.Key[f"Key_{name}"], ALT)
        after = stored(desk.pane)
        assert after[0] == before[0]
        assert (after[1][0] - before[1][0], after[1][1] - before[1][1]) == moved
    assert desk.pane.shown.index == index


def test_a_drag_on_a_reformat_is_refused_with_a_sentence(desk) -> None:
    desk.activate(desk.pane)
    desk.keys(Qt.Key.Key_B)
    desk.key(Qt.Key.Key_3, Qt.KeyboardModifier.ShiftModifier)
    assert not desk.pane.shown.planes.native
    desk.pull(desk.pane, LEFT, desk.pane.rect().center() - QPoint(60, 0), QPoint(120, 0))
    assert "measured on acquired images" in desk.said()
    assert not desk.read.lesions


def test_lesson_6_without_calibration_there_are_no_millimetres(empty, series: Callable, tmp_path: Path) -> None:
    folder = series(tmp_path / "images", date="20250114", attributes={"PixelSpacing": None})
    empty.window.open_path(folder, "S-1")
    empty.loaded()
    empty.activate(empty.pane)
    empty.keys(Qt.Key.Key_B)
    empty.pull(empty.pane, LEFT, empty.pane.rect().center(), QPoint(120, 0))
    assert "no millimetres exist" in empty.said()
    assert not empty.read.lesions
    # No ruler either, and the list of series says so.
    assert "no mm" in empty.words()
    assert empty.window.status.spacing.text() == ""


def test_at_a_follow_up_nothing_is_drawn_before_a_lesion_is_chosen(desk) -> None:
    desk.baseline_target()
    desk.bench.reading.select(None)
    desk.activate(desk.follow_up)
    desk.measure_disc(desk.follow_up, 24)
    assert "Which lesion is this?" in desk.said()
    assert len(desk.read.lesions) == 1


def test_a_drag_at_the_follow_up_measures_the_selected_lesion(desk) -> None:
    desk.baseline_target()
    desk.activate(desk.follow_up)
    desk.keys(Qt.Key.Key_Space)
    desk.measure_disc(desk.follow_up, 24)
    assert len(desk.read.lesions) == 1
    assert caliper(desk.follow_up).text.startswith("T01  18.")
    assert set(desk.lesion().findings) == {timepoint.id for timepoint in desk.bench.reading.case.in_order}


def test_n_and_a_drag_at_the_follow_up_make_a_new_lesion(desk) -> None:
    desk.baseline_target()
    desk.activate(desk.follow_up)
    desk.keys(Qt.Key.Key_N)
    desk.measure_disc(desk.follow_up, 24)
    assert [lesion.role for lesion in desk.read.lesions.values()] == [LesionRole.TARGET, LesionRole.NEW]
    assert desk.lesion(1).first_seen == desk.bench.reading.timepoint


def test_a_click_without_a_drag_draws_nothing(desk) -> None:
    desk.activate(desk.pane)
    desk.keys(Qt.Key.Key_B)
    desk.click(desk.pane)
    assert not desk.read.lesions


@pytest.mark.parametrize("way", ["wheel", "key", "series"])
def test_another_image_under_the_hand_gives_the_gesture_up(desk, way) -> None:
    desk.activate(desk.pane)
    desk.keys(Qt.Key.Key_B)
    start, end = desk.at(desk.pane, (28_000, 48_000)), desk.at(desk.pane, (68_000, 48_000))
    QTest.mousePress(desk.pane, LEFT, NO_KEY, start)
    QTest.mouseMove(desk.pane, (start + end) / 2)
    if way == "wheel":
        desk.wheel(desk.pane, -1)
    else:
        desk.keys(Qt.Key.Key_Down if way == "key" else Qt.Key.Key_PageDown)
    QTest.mouseMove(desk.pane, end)
    QTest.mouseRelease(desk.pane, LEFT, NO_KEY, end)
    desk.breathe()
    assert not desk.read.lesions
    assert colourful(desk.pane).max() < 0.2


def test_undo_under_the_hand_leaves_nothing_to_change(desk) -> None:
    desk.baseline_target()
    start = desk.at(desk.pane, stored(desk.pane)[1])
    QTest.mousePress(desk.pane, LEFT, NO_KEY, start)
    QTest.mouseMove(desk.pane, start + QPoint(30, 10))
    for _ in range(2):
        desk.key(Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier)
    assert not desk.read.lesions
    QTest.mouseRelease(desk.pane, LEFT, NO_KEY, start + QPoint(30, 10))
    desk.breathe()
    assert not desk.read.lesions
    desk.key(Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.ShiftModifier)
    assert list(desk.read.lesions) == ["L01"]


def test_a_mark_can_be_drawn_beyond_the_pane_only_as_far_as_the_image_goes(desk) -> None:
    desk.activate(desk.pane)
    desk.keys(Qt.Key.Key_D)
    desk.pull(desk.pane, LEFT, desk.at(desk.pane, (48_000, 48_000)), QPoint(0, -900))
    for lesion in desk.read.lesions.values():
        for finding in lesion.findings.values():
            for part in finding.parts.values():
                assert all(0 <= value <= 96_000 for point in part.geometry.points_mpx for value in point)


class TestUnderTheHand:
    """What appears around an image while a hand draws on it moves nothing under the hand."""

    @pytest.mark.parametrize("enlarged", [False, True], ids=["whole", "enlarged"])
    def test_a_message_between_press_and_release_moves_no_point(self, desk, enlarged) -> None:
        pane = desk.pane
        desk.activate(pane)
        desk.keys(Qt.Key.Key_D)
        if enlarged:
            desk.zoom(pane, (48_000, 48_000), 4.0)
        start, end = desk.at(pane, (44_000, 48_000)), desk.at(pane, (52_000, 50_000))
        wanted = tuple(to_mpx(*pane.shown.view.to_plane(spot.x(), spot.y())) for spot in (start, end))
        before, size = [pane.mapToGlobal(spot) for spot in (start, end)], pane.size()
        QTest.mousePress(pane, LEFT, NO_KEY, start)
        desk.window.refuse(SpineReviewError("UI_IMAGE_NOT_SHOWN"))
        desk.breathe(20)
        assert pane.height() < size.height()
        QTest.mouseMove(pane, pane.mapFromGlobal(before[1]))
        QTest.mouseRelease(pane, LEFT, NO_KEY, pane.mapFromGlobal(before[1]))
        desk.breathe()
        assert stored(pane) == wanted
        # After the act the image follows the size of its pane again.
        assert (pane.shown.view.centre == (48.0, 48.0)) is not enlarged
        assert (pane.shown.view.width, pane.shown.view.height) == (pane.width(), pane.height())
        assert desk.follow_up.shown.view.scale == pane.shown.view.scale

    def test_a_release_that_goes_elsewhere_holds_nothing(self, desk) -> None:
        pane = desk.pane
        QTest.mousePress(pane, LEFT, NO_KEY, desk.at(pane, (20_000, 20_000)))
        desk.window.refuse(SpineReviewError("UI_IMAGE_NOT_SHOWN"))
        desk.breathe(20)
        assert pane.shown.view.centre != (48.0, 48.0)
        away = QPointF(pane.rect().center())
        none = Qt.MouseButton.NoButton
        QApplication.sendEvent(
            pane, QMouseEvent(QEvent.Type.MouseMove, away, pane.mapToGlobal(away), none, none, NO_KEY)
        )
        assert pane.shown.view.centre == (48.0, 48.0)

    def test_nothing_in_the_window_makes_it_larger(self, desk) -> None:
        desk.baseline_target()
        size = desk.window.size()
        desk.bench.editor.setMinimumHeight(900)
        desk.breathe(20)
        assert desk.window.size() == size
