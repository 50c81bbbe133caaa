"""What hangs where in each layout, and the crosshair that points from one viewport to the others."""

from __future__ import annotations

from decimal import Decimal

import numpy as np
import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QImage
from PySide6.QtTest import QTest

from spinereview.imaging.slicing import Orientation
from spinereview.workflow.case import open_images

CTRL, SHIFT = Qt.KeyboardModifier.ControlModifier, Qt.KeyboardModifier.ShiftModifier
DATES = ("20250114", "20250408", "20250701", "20251001")
SMALL = (1366, 768)


@pytest.fixture
def four(empty, series, tmp_path):
    """Four visits, the last with other pixels."""
    for date in DATES:
        spacing = Decimal("0.5") if date == DATES[-1] else Decimal("0.75")
        series(tmp_path / "four" / date, date=date, spacing=spacing)
    empty.window.open_path(tmp_path / "four", "S-1")
    empty.loaded()
    return empty


@pytest.fixture
def two_planes(empty, series, tmp_path):
    """One visit: axial images and sagittal ones of one frame of reference, and an axial series of another visit."""
    series(tmp_path / "p" / "a", date="20250114", name="Axial", slices=20, study="one")
    series(tmp_path / "p" / "b", date="20250114", name="Sagittal", slices=14, study="one", sagittal=True)
    series(tmp_path / "p" / "c", date="20250408", name="Later", slices=20)
    empty.window.open_path(tmp_path / "p", "S-1")
    empty.loaded()
    bench = empty.bench
    stacks = {bench.title_of(stack): stack for stack in bench.series.stacks()}
    empty.activate(empty.pane)
    empty.key(Qt.Key.Key_3, CTRL)
    for pane, title in zip(bench.grid.visible_viewports, ("Axial", "Sagittal", "Later"), strict=True):
        bench.show_stack(stacks[title], pane)
    empty.loaded()
    return empty


def hung(desk):
    return [pane.shown.stack.timepoint.id for pane in desk.bench.grid.visible_viewports]


def corners(desk):
    return [pane.describe(pane.shown).upper_left[0].split("  ")[0] for pane in desk.bench.grid.visible_viewports]


def test_two_are_the_baseline_and_the_last_timepoint(four) -> None:
    assert hung(four) == ["BL", "FU3"]


def test_three_are_the_baseline_the_one_before_and_the_current_one_at_equal_scale(four) -> None:
    four.activate(four.follow_up)
    four.key(Qt.Key.Key_3, CTRL)
    assert hung(four) == ["BL", "FU2", "FU3"]
    assert corners(four) == ["BL", "FU2 (prior)", "FU3"]
    assert four.bench.reading.timepoint == "FU3"
    assert four.bench.grid.active is four.bench.grid.viewports[2]
    panes = four.bench.grid.visible_viewports
    assert all(pane.isVisible() for pane in panes)

    def equal() -> bool:
        return len({round(pane.shown.view.scale, 9) for pane in panes}) == 1

    assert equal()
    four.wheel(panes[2], 2, ctrl=True)
    assert equal()
    four.activate(panes[1])
    four.keys(Qt.Key.Key_Z)
    assert equal()
    four.window.resize(1500, 820)
    four.breathe(20)
    assert equal()


def test_the_one_that_is_read_stands_on_the_right(four) -> None:
    four.activate(four.pane)
    four.keys(Qt.Key.Key_F, Qt.Key.Key_BracketRight, Qt.Key.Key_BracketRight)
    assert hung(four) == ["FU2"]
    four.key(Qt.Key.Key_3, CTRL)
    assert corners(four) == ["BL", "FU1 (prior)", "FU2"]
    four.keys(Qt.Key.Key_C)
    assert corners(four) == ["BL", "FU2"]


def test_where_only_the_baseline_lies_before_the_next_one_follows(four) -> None:
    four.activate(four.pane)
    four.keys(Qt.Key.Key_BracketRight)
    four.key(Qt.Key.Key_3, CTRL)
    assert corners(four) == ["BL", "FU1 (prior)", "FU2"]


def test_the_nadir_is_compared_where_the_response_may_be_seen(four) -> None:
    four.baseline_target()
    for step, width in enumerate((10, 14, 30)):
        four.bench.navigation.show_timepoint(f"FU{step + 1}")
        four.activate(four.pane)
        four.keys(Qt.Key.Key_Space)
        four.measure_disc(four.pane, width)
    assert len(four.lesion().findings) == 4
    four.key(Qt.Key.Key_3, CTRL)
    assert corners(four) == ["BL", "FU1 (nadir)", "FU3"]
    # The word follows the read, and what hangs there.
    for _ in range(2):
        four.key(Qt.Key.Key_Z, CTRL)
    four.activate(four.bench.grid.viewports[1])
    assert corners(four) == ["BL", "FU1 (nadir)", "FU3"]
    four.bench.navigation.show_timepoint("FU2")
    assert corners(four) == ["BL", "FU2 (prior)", "FU3"]
    four.activate(four.bench.grid.viewports[2])
    four.keys(Qt.Key.Key_BracketLeft)
    assert corners(four) == ["BL", "FU2", "FU2"]


def test_a_response_that_is_hidden_does_not_choose_what_hangs(
    empty, series, station, protocol_blinded, tmp_path
) -> None:
    for date in DATES:
        series(tmp_path / "four" / date, date=date)
    made = open_images(tmp_path / "four", station, reader="R1", subject="S-2", protocol=protocol_blinded)
    made.session.close()
    empty.window.open_path(made.folder)
    empty.loaded()
    empty.baseline_target()
    for step, width in enumerate((10, 14, 30)):
        empty.bench.navigation.show_timepoint(f"FU{step + 1}")
        empty.activate(empty.pane)
        empty.keys(Qt.Key.Key_Space)
        empty.measure_disc(empty.pane, width)
    empty.key(Qt.Key.Key_3, CTRL)
    assert corners(empty) == ["BL", "FU2 (prior)", "FU3"]


def test_two_rows_of_three_have_axial_above_sagittal(four) -> None:
    four.activate(four.follow_up)
    four.key(Qt.Key.Key_6, CTRL)
    assert hung(four) == ["BL", "FU2", "FU3"] * 2
    panes = four.bench.grid.visible_viewports
    assert [pane.shown.planes.orientation for pane in panes[3:]] == [Orientation.SAGITTAL] * 3
    assert {(pane.x(), pane.y()) for pane in panes} == {
        (column, row) for column in {pane.x() for pane in panes} for row in {pane.y() for pane in panes}
    }
    assert len(panes[3].shown.lines) == 0
    assert len(panes[5].shown.lines) == 3
    four.key(Qt.Key.Key_C, SHIFT)
    assert hung(four) == ["BL", "FU3"] * 2


def test_going_to_a_lesion_leaves_the_lower_row_sagittal_and_shows_the_plane_through_it(four) -> None:
    four.baseline_target()
    four.key(Qt.Key.Key_6, CTRL)
    panes = four.bench.grid.visible_viewports
    panes[0].scroll_to(0)
    panes[3].scroll_to(5)
    four.bench.navigation.jump(four.lesion().id)
    assert panes[0].shown.index == 3
    assert panes[3].shown.planes.orientation is Orientation.SAGITTAL
    # The line runs through the middle of 96 columns.
    assert panes[3].shown.index in {47, 48}


def test_what_hung_is_taken_along_into_another_layout(four) -> None:
    four.activate(four.follow_up)
    four.keys(Qt.Key.Key_Home, Qt.Key.Key_I)
    four.key(Qt.Key.Key_3, CTRL)
    shown = four.bench.grid.viewports[2].shown
    assert (shown.index, shown.inverted, shown.stack.timepoint.id) == (0, True, "FU3")


def test_one_viewport_full_is_the_active_one_and_again_all_as_they_were(four) -> None:
    four.activate(four.follow_up)
    four.keys(Qt.Key.Key_Home, Qt.Key.Key_F)
    assert (hung(four), four.follow_up.isVisible(), four.pane.isVisible()) == (["FU3"], True, False)
    four.keys(Qt.Key.Key_F)
    assert (hung(four), four.follow_up.shown.index) == (["BL", "FU3"], 0)


def test_three_planes_of_one_series_and_back(four) -> None:
    four.activate(four.follow_up)
    four.keys(Qt.Key.Key_2, Qt.Key.Key_M)
    panes = four.bench.grid.visible_viewports
    assert hung(four) == ["FU3"] * 3
    assert [pane.shown.planes.orientation for pane in panes] == [
        Orientation.NATIVE,
        Orientation.SAGITTAL,
        Orientation.CORONAL,
    ]
    assert len({pane.shown.window for pane in panes}) == 1
    assert panes[0].height() > panes[1].height() + 100
    assert len(panes[1].shown.lines) == 3
    four.keys(Qt.Key.Key_M)
    assert hung(four) == ["BL", "FU3"]


def test_the_viewports_fit_the_smallest_screen(four) -> None:
    four.window.resize(*SMALL)
    for key in (Qt.Key.Key_3, Qt.Key.Key_6):
        four.activate(four.bench.grid.active)
        four.key(key, CTRL)
        four.breathe(20)
        assert (four.window.width(), four.window.height()) == SMALL
        right = max(pane.geometry().right() for pane in four.bench.grid.visible_viewports)
        assert right <= four.bench.grid.width()


def test_the_same_vertebra_is_found_in_every_series_of_the_frame_of_reference(two_planes) -> None:
    axial, sagittal, later = two_planes.bench.grid.visible_viewports
    two_planes.activate(axial)
    axial.scroll_to(12)
    two_planes.key(Qt.Key.Key_L)
    two_planes.click(axial, two_planes.at(axial, (53_833, 40_500)))
    QTest.keyClicks(two_planes.bench.ask.line, "T9")
    QTest.keyClick(two_planes.bench.ask.line, Qt.Key.Key_Return)
    two_planes.activate(axial)
    axial.scroll_to(0)
    places = later.shown.index
    two_planes.keys(Qt.Key.Key_V)
    assert (axial.shown.index, sagittal.shown.index, later.shown.index) == (12, 5, places)
    assert "Later" in two_planes.said()
    assert "Sagittal" not in two_planes.said()


def test_a_vertebra_that_is_labelled_on_an_image_without_a_position_is_shown_on_that_image(
    empty, series, tmp_path
) -> None:
    for date in DATES[:2]:
        series(tmp_path / "x" / date, date=date, attributes={"FrameOfReferenceUID": ""})
    empty.window.open_path(tmp_path / "x", "S-1")
    empty.loaded()
    empty.activate(empty.pane)
    empty.keys(Qt.Key.Key_Home, Qt.Key.Key_L)
    empty.click(empty.pane, empty.at(empty.pane, (48_000, 48_000)))
    QTest.keyClicks(empty.bench.ask.line, "T9")
    QTest.keyClick(empty.bench.ask.line, Qt.Key.Key_Return)
    empty.activate(empty.pane)
    empty.keys(Qt.Key.Key_End, Qt.Key.Key_V)
    assert empty.pane.shown.index == 0
    assert "FU1" in empty.said()
    assert "BL" not in empty.said()


class TestCrosshair:
    def point(self, desk, pane, at):
        desk.activate(pane)
        desk.key(Qt.Key.Key_K, SHIFT)
        desk.click(pane, desk.at(pane, at))

    def test_a_click_moves_the_others_of_its_frame_to_the_point_and_marks_it(self, two_planes) -> None:
        axial, sagittal, later = two_planes.bench.grid.visible_viewports
        before = later.shown.index
        axial.scroll_to(12)
        # Column 54 lies 40 mm to the left, row 40 at 30 mm to the back, image 12 60 mm up.
        self.point(two_planes, axial, (53_833, 40_500))
        # The sagittal images run from the left to the right: 65 mm, 60 mm, ...
        assert sagittal.shown.index == 5
        column, row = sagittal.shown.pointed
        assert column == pytest.approx(30 / 0.75 + 0.5, abs=1)
        assert row == pytest.approx((100 - 60) / 0.75 + 0.5, abs=0.01)
        assert axial.shown.pointed is not None
        assert (later.shown.index, later.shown.pointed) == (before, None)
        assert not two_planes.read.level_labels
        assert not two_planes.read.lesions

    def test_a_drag_takes_the_others_along(self, two_planes) -> None:
        axial, sagittal, _ = two_planes.bench.grid.visible_viewports
        two_planes.activate(sagittal)
        two_planes.key(Qt.Key.Key_K, SHIFT)
        rows = [(100 - z) / 0.75 + 0.5 for z in (35, 70)]
        two_planes.drag(sagittal, (40_000, round(1000 * rows[0])), (40_000, round(1000 * rows[1])))
        assert axial.shown.index == 14

    def test_the_mark_is_drawn_with_a_halo_and_goes_with_the_plane(self, two_planes) -> None:
        axial, sagittal, _ = two_planes.bench.grid.visible_viewports
        plain = greys(sagittal)
        self.point(two_planes, axial, (53_833, 40_500))
        index = sagittal.shown.index
        marked = greys(sagittal)
        assert marked.shape == plain.shape
        x, y = sagittal.shown.view.to_screen(*sagittal.shown.pointed)
        near = marked[round(y) - 2 : round(y) + 3, round(x) + 8 : round(x) + 18]
        assert (near.min() < 60, near.max() > 120) == (True, True)
        two_planes.wheel(sagittal, 1)
        assert sagittal.shown.index == index - 1
        assert sagittal.shown.pointed is None
        assert axial.shown.pointed is not None
        two_planes.activate(axial)
        two_planes.keys(Qt.Key.Key_Escape)
        assert axial.shown.pointed is None

    def test_images_without_a_frame_of_reference_point_nowhere_and_that_is_said(self, empty, series, tmp_path) -> None:
        series(tmp_path / "x", date=DATES[0], attributes={"FrameOfReferenceUID": ""})
        empty.window.open_path(tmp_path / "x", "S-1")
        empty.loaded()
        empty.activate(empty.pane)
        empty.keys(Qt.Key.Key_C)
        self.point(empty, empty.pane, (20_500, 40_500))
        assert (empty.pane.shown.pointed, empty.follow_up.shown.pointed) == (None, None)
        assert "crosshair" in empty.said()

    def test_what_was_not_imaged_there_does_not_move(self, two_planes) -> None:
        axial, sagittal, _ = two_planes.bench.grid.visible_viewports
        before = sagittal.shown.index
        # 71 mm to the left: the last sagittal image lies at 65 mm.
        self.point(two_planes, axial, (95_000, 40_500))
        assert (sagittal.shown.index, sagittal.shown.pointed) == (before, None)

    def test_beside_the_image_nothing_is_pointed_to(self, two_planes) -> None:
        axial, sagittal, _ = two_planes.bench.grid.visible_viewports
        two_planes.activate(axial)
        two_planes.key(Qt.Key.Key_K, SHIFT)
        QTest.mouseClick(axial, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier, QPoint(3, 3))
        assert (axial.shown.pointed, sagittal.shown.pointed) == (None, None)

    def test_in_three_planes_the_other_two_follow(self, two_planes) -> None:
        two_planes.activate(two_planes.pane)
        two_planes.keys(Qt.Key.Key_M)
        axial, sagittal, coronal = two_planes.bench.grid.visible_viewports
        self.point(two_planes, axial, (20_500, 70_500))
        assert (sagittal.shown.index, coronal.shown.index) in {(20, 70), (75, 70), (20, 25), (75, 25)}
        for pane in (sagittal, coronal):
            assert pane.shown.planes.to_patient(pane.shown.index, *pane.shown.pointed) == pytest.approx(
                axial.shown.planes.to_patient(axial.shown.index, *axial.shown.pointed), abs=0.8
            )


def greys(pane) -> np.ndarray:
    image = pane.grab().toImage().convertToFormat(QImage.Format.Format_Grayscale8)
    rows = np.frombuffer(image.constBits(), dtype=np.uint8).reshape(image.height(), image.bytesPerLine())
    return rows[:, : image.width()].astype(int)
