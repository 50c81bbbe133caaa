"""Vertebrae by mouse: labels, heights, the score of a level, and what becomes of the read."""

from __future__ import annotations

from decimal import Decimal

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest

from spinereview.domain.anatomy import Level, Site
from spinereview.domain.lesion import Tissue
from spinereview.domain.measurement import InSpace
from spinereview.imaging.slicing import Orientation
from spinereview.ui.panels.side import WIDTH_PX

# A sagittal reformat of six images 5 mm apart: rows of 5 mm from the head down, columns of 0.75 mm from the front.
FRONT, BACK = 20_000, 60_000
TOP, BOTTOM = 1_500, 4_500


@pytest.fixture
def sagittal(desk):
    """The baseline as a sagittal reformat, large enough to hit a row."""
    desk.activate(desk.pane)
    desk.pane.set_orientation(Orientation.SAGITTAL)
    desk.breathe()
    return desk.pane


def label(desk, pane, point, name=""):
    desk.key(Qt.Key.Key_L)
    desk.click(pane, desk.at(pane, point))
    if name:
        QTest.keyClicks(desk.bench.ask.line, name)
        QTest.keyClick(desk.bench.ask.line, Qt.Key.Key_Return)
        desk.breathe()


def plates(pane):
    return {plate.level.value: plate.point for plate in pane.shown.plates}


def draw_heights(desk, pane):
    desk.key(Qt.Key.Key_H)
    desk.drag(pane, (FRONT, TOP), (BACK, TOP))
    desk.drag(pane, (FRONT, BOTTOM), (BACK, BOTTOM))


@pytest.fixture
def tall(empty, series, tmp_path):
    """A sagittal reformat of eighteen images 5 mm apart: room for three vertebrae."""
    empty.window.open_path(series(tmp_path / "tall", date="20250114", slices=18), "S-T")
    empty.loaded()
    empty.activate(empty.pane)
    empty.pane.set_orientation(Orientation.SAGITTAL)
    empty.breathe()
    return empty


def test_the_first_vertebra_is_named_and_its_neighbours_follow_with_one_click(tall):
    label(tall, tall.pane, (40_000, 9_000), "t9")
    assert list(plates(tall.pane)) == ["T9"]
    for row in (14_500, 3_500):
        tall.click(tall.pane, tall.at(tall.pane, (40_000, row)))
    assert sorted(plates(tall.pane)) == ["T10", "T8", "T9"]
    point = tall.read.level_labels[tall.pane.shown.stack.stack.id]["T10"].geometry
    assert isinstance(point, InSpace)


def test_a_vertebra_that_may_not_be_the_neighbour_is_asked_for(tall):
    label(tall, tall.pane, (40_000, 3_000), "T9")
    label(tall, tall.pane, (40_000, 15_000), "T11")
    assert sorted(plates(tall.pane)) == ["T11", "T9"]


def test_a_label_is_shown_in_the_other_planes_of_the_stack(desk, sagittal):
    label(desk, sagittal, (40_000, 2_500), "T9")
    sagittal.set_orientation(Orientation.NATIVE)
    sagittal.scroll_to(3)
    desk.breathe()
    assert list(plates(sagittal)) == ["T9"]


def test_a_word_that_is_no_vertebra_is_said_and_nothing_is_kept(desk, sagittal):
    label(desk, sagittal, (40_000, 2_500), "Q7")
    assert "Q7" in "\n".join(desk.window.messages.texts())
    assert not desk.read.level_labels


def test_heights_are_drawn_with_two_drags_and_shown_at_once(desk, sagittal):
    label(desk, sagittal, (40_000, 3_000), "T9")
    draw_heights(desk, sagittal)
    finding = desk.read.visits["BL"].levels["T9"]
    geometry = next(iter(finding.heights.values())).geometry
    assert isinstance(geometry, InSpace)
    assert len(geometry.points_um) == 6
    front, back = geometry.points_um[0], geometry.points_um[2]
    assert (front[1] < back[1], front[2] > geometry.points_um[3][2]) == (True, True)
    mark = sagittal.shown.heights[0]
    assert mark.text.startswith("T9  15.")
    desk.click(desk.bench._side.tabs, desk.bench._side.tabs.tabRect(1).center())
    assert desk.bench.spine.shown.level == "T9"
    assert "15." in desk.bench.spine.lines.text()


def test_endplates_drawn_the_other_way_round_give_the_same_heights(desk, sagittal):
    label(desk, sagittal, (40_000, 3_000), "T9")
    desk.key(Qt.Key.Key_H)
    desk.drag(sagittal, (BACK, BOTTOM), (FRONT, BOTTOM))
    desk.drag(sagittal, (BACK, TOP), (FRONT, TOP))
    points = next(iter(desk.read.visits["BL"].levels["T9"].heights.values())).geometry.points_um
    assert points[0][1] < points[2][1]
    assert points[0][2] > points[3][2]


def test_a_point_can_be_pulled(desk, sagittal):
    label(desk, sagittal, (40_000, 3_000), "T9")
    draw_heights(desk, sagittal)
    before = next(iter(desk.read.visits["BL"].levels["T9"].heights.values())).geometry.points_um
    desk.drag(sagittal, sagittal.shown.heights[0].points[0], (FRONT, 2_500))
    after = next(iter(desk.read.visits["BL"].levels["T9"].heights.values())).geometry.points_um
    assert after[0][2] < before[0][2]
    assert after[1:] == before[1:]


def test_heights_off_the_sagittal_plane_are_refused_with_a_sentence(desk):
    desk.activate(desk.pane)
    desk.key(Qt.Key.Key_H)
    desk.drag(desk.pane, (20_000, 20_000), (60_000, 20_000))
    assert "sagittal" in "\n".join(desk.window.messages.texts())
    assert not desk.read.visits


def test_heights_without_a_label_ask_for_one(desk, sagittal):
    draw_heights(desk, sagittal)
    assert "Label" in "\n".join(desk.window.messages.texts())


def test_undo_takes_a_label_away(desk, sagittal):
    label(desk, sagittal, (40_000, 2_500), "T9")
    desk.activate(sagittal)
    desk.key(Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier)
    assert not plates(sagittal)


class TestScore:
    ANSWERS = (
        ("PAIN", "MECHANICAL"),
        ("BONE_LESION", "LYTIC"),
        ("ALIGNMENT", "DE_NOVO_DEFORMITY"),
        ("COLLAPSE", "OVER_50"),
        ("POSTEROLATERAL", "BILATERAL"),
    )

    def open_panel(self, desk):
        bench = desk.bench
        bench.grid.activate(desk.pane)
        tabs = bench._side.tabs
        desk.click(tabs, tabs.tabRect(1).center())
        desk.choose_level("T9")
        return bench.spine

    def test_a_missing_item_is_a_range_and_the_last_one_makes_the_total(self, desk):
        panel = self.open_panel(desk)
        for item, value in self.ANSWERS[1:]:
            box = panel.boxes["SINS", item]
            desk.choose(box, box.itemText(box.findData(value)).split()[0].rstrip(":,"))
            assert box.currentData() == value, [box.itemText(k) for k in range(box.count())]
        assert (panel.score.text(), panel.category.text()) == ("11–14", "SINS: what is missing decides on the category")
        box = panel.boxes["SINS", "PAIN"]
        desk.choose(box, "3")
        assert desk.bench.history.texts()[0].startswith("T9 at BL: Pain answered")
        assert (panel.score.text(), panel.category.text()) == ("14", "SINS: unstable")
        strip = desk.bench.overview.strip
        row = strip.shown.rows[strip.row_of("T9")]
        assert (panel.level.text(), row.cells[0].text, row.cells[0].tone) == ("T9", "14", "bad")
        assert desk.read.visits["BL"].levels[Level.T9].scores["SINS"]["PAIN"].value == "MECHANICAL"

    def test_space_goes_to_the_levels_after_the_lesions_and_past_those_that_are_answered(self, desk):
        desk.baseline_target()
        reading = desk.bench.reading
        reading.set_site(Site(organ="BONE", location="", levels=(Level.T8, Level.T9)))
        reading.set_tissue(Tissue.LYTIC, soft_tissue=True)
        desk.activate(desk.pane)
        seen = []
        for _ in range(3):
            desk.key(Qt.Key.Key_Space)
            seen.append((reading.level, desk.bench.spine.isVisible()))
        assert seen == [(Level.T8, True), (Level.T9, True), (Level.T8, True)]
        for item, value in self.ANSWERS:
            reading.score("SINS", item, value)
        desk.activate(desk.pane)
        for _ in range(2):
            desk.key(Qt.Key.Key_Space)
            assert reading.level is Level.T9
        for item, value in self.ANSWERS:
            reading.score("SINS", item, value)
        desk.activate(desk.pane)
        desk.key(Qt.Key.Key_Space)
        assert "Nothing is open at BL" in desk.said()

    def test_a_suggestion_is_taken_only_by_a_click_and_kept_as_one(self, desk, sagittal):
        label(desk, sagittal, (40_000, 3_000), "T9")
        draw_heights(desk, sagittal)
        desk.drag(sagittal, sagittal.shown.heights[0].points[0], (FRONT, 3_500))
        panel = self.open_panel(desk)
        accept = panel.accepts["VCF", "GRADE"]
        assert panel.boxes["VCF", "GRADE"].currentData() == ""
        assert not accept.isHidden()
        suggested = Decimal(next(one.suggested for one in panel.shown.items if one.item == "GRADE"))
        assert suggested >= 2
        desk.click(accept)
        answer = desk.read.visits["BL"].levels[Level.T9].scores["VCF"]["GRADE"]
        assert (answer.basis, answer.suggested) == ("SUGGESTION_ACCEPTED", str(suggested))
        assert accept.isHidden()

    def test_facts_of_a_vertebra_are_said_by_a_click_and_unsaid(self, desk):
        panel = self.open_panel(desk)
        for key in panel.facts:
            desk.click(panel.facts[key], QPoint(8, panel.facts[key].height() // 2))
            if key == "resected":
                assert "resected" in panel.lines.text()
        finding = desk.read.visits["BL"].levels[Level.T9]
        assert (finding.endplates_hidden, finding.resected, finding.fracture_line, finding.intact) == (
            *[True] * 3,
            False,
        )
        assert finding.hardware
        assert finding.non_fracture_cause
        for key in panel.facts:
            desk.click(panel.facts[key], QPoint(8, panel.facts[key].height() // 2))
        assert Level.T9 not in desk.read.visits["BL"].levels

    def test_a_blinded_reader_sees_the_score_of_his_own_answers(self, blinded):
        panel = self.open_panel(blinded)
        for item, value in self.ANSWERS:
            box = panel.boxes["SINS", item]
            blinded.choose(box, box.itemText(box.findData(value)).split()[0].rstrip(":,"))
        assert panel.score.text() == "14"

    def test_a_locked_visit_takes_no_answer(self, desk):
        desk.baseline_target()
        desk.keys(Qt.Key.Key_Return, modifiers=Qt.KeyboardModifier.ControlModifier)
        panel = self.open_panel(desk)
        assert not any(box.isEnabled() for box in panel.boxes.values())


def write(desk, text):
    QTest.keyClicks(desk.bench.ask.line, text)
    QTest.keyClick(desk.bench.ask.line, Qt.Key.Key_Return)
    desk.breathe()


def test_a_lesion_is_merged_into_another_by_its_name(desk):
    desk.baseline_target()
    desk.keys(Qt.Key.Key_N)
    desk.measure_disc(desk.pane, 30, row=60)
    desk.choose(desk.bench.editor.organ, "soft")
    desk.activate(desk.follow_up)
    desk.keys(Qt.Key.Key_Space)
    first = desk.bench.reading.selected
    other = next(one for one in desk.read.lesions if one != first)
    desk.keys(Qt.Key.Key_G)
    write(desk, "T09")
    assert "T09" in desk.said()
    desk.activate(desk.follow_up)
    desk.keys(Qt.Key.Key_G)
    write(desk, "t" + other[1:])
    assert desk.read.lesions[first].findings["FU1"].carrier == other


def test_a_lesion_is_not_merged_into_itself(desk):
    desk.baseline_target()
    desk.activate(desk.follow_up)
    desk.keys(Qt.Key.Key_Space, Qt.Key.Key_G)
    write(desk, "T01")
    assert desk.said()
    assert "FU1" not in desk.read.lesions["L01"].findings


def test_a_decision_of_the_reader_is_kept_with_its_reason(desk):
    desk.activate(desk.follow_up)
    desk.window.actions_by_id["decide_amend"].trigger()
    write(desk, "seen before")
    answer = desk.read.visits["FU1"].decisions["AFTER_CR"]
    assert (answer.value, answer.reason) == ("AMEND_CR_TO_PR", "seen before")
    desk.window.actions_by_id["decide_reappeared"].trigger()
    assert desk.read.visits["FU1"].decisions["AFTER_CR"].value == "REAPPEARED"


def test_the_plane_of_the_active_pane_is_a_line_in_the_other_one_of_its_timepoint(desk):
    desk.bench.show_stack(desk.pane.shown.stack.stack.id, desk.follow_up)
    desk.follow_up.set_orientation(Orientation.SAGITTAL)
    desk.activate(desk.pane)
    desk.pane.scroll_to(1)
    desk.breathe()
    lines = desk.follow_up.shown.lines
    assert [dashed for _, dashed in lines] == [True, True, False]
    assert {round(row, 3) for _, row in lines[2][0]} == {4.5}
    assert not desk.pane.shown.lines
    desk.keys(Qt.Key.Key_K)
    assert not desk.follow_up.shown.lines


def test_nothing_joins_two_visits_by_their_coordinates(desk):
    desk.follow_up.set_orientation(Orientation.SAGITTAL)
    desk.activate(desk.pane)
    desk.pane.scroll_to(1)
    desk.breathe()
    assert not desk.follow_up.shown.lines


def test_two_rows_show_both_timepoints_axial_and_sagittal(desk):
    desk.activate(desk.pane)
    desk.keys(Qt.Key.Key_C, modifiers=Qt.KeyboardModifier.ShiftModifier)
    panes = desk.bench.grid.visible_viewports
    assert [pane.shown.stack.timepoint.id for pane in panes] == ["BL", "FU1", "BL", "FU1"]
    assert [pane.shown.planes.orientation for pane in panes] == [Orientation.NATIVE] * 2 + [Orientation.SAGITTAL] * 2
    assert len(panes[2].shown.lines) == 3
    assert not panes[3].shown.lines
    scales = {round(pane.shown.view.scale, 6) for pane in panes}
    assert len(scales) == 1
    desk.keys(Qt.Key.Key_C)
    assert desk.bench.grid.count == 2


def test_one_stack_alone_is_hung_in_planes_that_differ(empty, series, tmp_path):
    series(tmp_path / "one", date="20250114")
    empty.window.open_path(tmp_path / "one", "S-1")
    empty.loaded()
    empty.activate(empty.pane)
    empty.keys(Qt.Key.Key_C, modifiers=Qt.KeyboardModifier.ShiftModifier)
    shown = [pane.shown.planes.orientation for pane in empty.bench.grid.visible_viewports]
    assert len(set(shown[:3])) == 3


def test_del_takes_away_what_the_active_tool_makes(desk, sagittal):
    label(desk, sagittal, (40_000, 3_000), "T9")
    draw_heights(desk, sagittal)
    desk.keys(Qt.Key.Key_Delete)
    assert "T9" not in desk.read.visits["BL"].levels
    desk.keys(Qt.Key.Key_L, Qt.Key.Key_Delete)
    assert not plates(sagittal)


def test_a_locked_timepoint_refuses_before_anything_is_drawn(desk, sagittal):
    sagittal.set_orientation(Orientation.NATIVE)
    desk.baseline_target()
    desk.keys(Qt.Key.Key_Return, modifiers=Qt.KeyboardModifier.ControlModifier)
    sagittal.set_orientation(Orientation.SAGITTAL)
    desk.keys(Qt.Key.Key_H)
    desk.drag(sagittal, (FRONT, TOP), (BACK, TOP))
    assert not sagittal.tool.draft(sagittal)
    assert "locked" in desk.said()
    desk.keys(Qt.Key.Key_L)
    desk.click(sagittal, desk.at(sagittal, (40_000, 2_500)))
    assert not desk.bench.ask.isVisible()


def test_a_thirteenth_thoracic_vertebra_is_said_before_it_is_labelled(desk, sagittal):
    label(desk, sagittal, (40_000, 2_500), "T13")
    assert "T13" in desk.said()
    assert not plates(sagittal)
    desk.window.actions_by_id["numbering_t13"].trigger()
    label(desk, sagittal, (40_000, 2_500), "T13")
    assert list(plates(sagittal)) == ["T13"]


def test_the_panel_is_never_wider_than_its_room(desk, sagittal):
    label(desk, sagittal, (40_000, 3_000), "T9")
    draw_heights(desk, sagittal)
    desk.drag(sagittal, sagittal.shown.heights[0].points[0], (FRONT, 3_500))
    bench = desk.bench
    desk.click(bench._side.tabs, bench._side.tabs.tabRect(1).center())
    assert not bench.spine.accepts["VCF", "GRADE"].isHidden()
    assert bench.spine.width() <= bench.spine.parentWidget().width()
    assert bench.spine.minimumSizeHint().width() <= WIDTH_PX
