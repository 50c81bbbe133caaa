"""What lies around the images: the spine's strip, the timeline, the response with its links and questions."""

from __future__ import annotations

import pytest
from PySide6.QtCore import QEvent, QPoint, QSize, Qt
from PySide6.QtGui import QHelpEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QToolTip

from spinereview.domain.lesion import NewStatus
from spinereview.imaging.slicing import Orientation

CTRL = Qt.KeyboardModifier.ControlModifier
TALL, LOW = QSize(1600, 980), QSize(1366, 768)


def name_level(desk, pane, row, name):
    """Label a vertebra on the sagittal plane of a pane, then show the axial one again."""
    desk.activate(pane)
    pane.set_orientation(Orientation.SAGITTAL)
    desk.breathe()
    desk.key(Qt.Key.Key_L)
    desk.click(pane, desk.at(pane, (40_000, row)))
    if desk.bench.ask.isVisible():
        QTest.keyClicks(desk.bench.ask.line, name)
        QTest.keyClick(desk.bench.ask.line, Qt.Key.Key_Return)
    desk.breathe()
    pane.set_orientation(Orientation.NATIVE)
    pane.scroll_to(0)
    desk.breathe()


def write(desk, text):
    QTest.keyClicks(desk.bench.ask.line, text)
    QTest.keyClick(desk.bench.ask.line, Qt.Key.Key_Return)
    desk.breathe()


def lock(desk, *panes):
    for pane in panes:
        desk.activate(pane)
        desk.key(Qt.Key.Key_Return, CTRL)


def follow(desk, width=24):
    desk.baseline_target()
    desk.activate(desk.follow_up)
    desk.keys(Qt.Key.Key_Space)
    desk.measure_disc(desk.follow_up, width)


def click_visit(desk, place):
    drawing = desk.bench.overview.timeline.drawing
    desk.click(drawing, QPoint(drawing.plot().columns[place].x, drawing.height() // 2))


class TestStrip:
    def test_it_is_folded_while_there_is_nothing_of_the_spine_and_opens_with_the_first_label(self, desk):
        strip = desk.bench.overview.strip
        assert strip.folded
        assert not strip.table.isVisible()
        name_level(desk, desk.pane, 2_500, "T9")
        assert not strip.folded
        assert strip.table.isVisible()
        row = strip.table.visualRect(strip.table.model().index(strip.row_of("T9"), 0))
        assert strip.table.viewport().rect().contains(row)
        desk.activate(desk.pane)
        desk.key(Qt.Key.Key_Z, CTRL)
        assert strip.folded

    def test_a_hand_that_folds_or_unfolds_it_is_obeyed(self, desk):
        strip = desk.bench.overview.strip
        desk.click(strip.head)
        assert not strip.folded
        assert strip.shown.empty
        strip.head.button.setFocus(Qt.FocusReason.TabFocusReason)
        desk.key(Qt.Key.Key_Space)
        name_level(desk, desk.pane, 2_500, "T9")
        assert strip.folded

    def test_a_click_on_a_level_takes_every_viewport_there_and_the_spine_panel_too(self, desk):
        for pane in (desk.pane, desk.follow_up):
            name_level(desk, pane, 2_500, "T9")
            name_level(desk, pane, 4_500, "T10")
        bench = desk.bench
        desk.click(bench._side.tabs, bench._side.tabs.tabRect(1).center())
        places = {}
        for level in ("T10", "T9"):
            desk.choose_level(level)
            panes = (desk.pane, desk.follow_up)
            assert all(min(pane.shown.plates, key=lambda one: one.distance_um).level == level for pane in panes)
            places[level] = [pane.shown.index for pane in panes]
            assert bench.spine.shown.level == bench.overview.strip.shown.chosen == level
            assert bench.spine.level.text() == level
        assert places["T10"][0] == places["T10"][1] != places["T9"][0] == places["T9"][1]

    def test_a_level_without_a_label_is_chosen_without_a_word_and_one_labelled_elsewhere_says_where_not(self, desk):
        desk.choose_level("T9")
        assert (desk.bench.reading.level, desk.said()) == ("T9", "")
        name_level(desk, desk.pane, 2_500, "T9")
        desk.dismiss()
        desk.choose_level("T9")
        assert "FU1" in desk.said()
        assert "BL" not in desk.said()

    def test_its_values_are_those_of_the_current_timepoint(self, desk):
        name_level(desk, desk.pane, 2_500, "T9")
        strip = desk.bench.overview.strip
        assert [row.level for row in strip.shown.rows if row.carries] == ["T9"]
        desk.bench.reading.score("SINS", "PAIN", "MECHANICAL")
        assert strip.shown.chosen == desk.bench.reading.spine().level == "T9"
        desk.activate(desk.follow_up)
        assert (strip.shown.timepoint, strip.shown.empty) == ("FU1", True)
        assert strip.head.line.text() == "FU1"

    def test_a_level_says_in_words_what_its_colours_mean(self, desk):
        desk.choose_level("T9")
        desk.bench.reading.score("SINS", "BONE_LESION", "LYTIC")
        desk.breathe()
        strip = desk.bench.overview.strip
        model, row = strip.table.model(), strip.row_of("T9")
        assert model.index(row, 1).data() == "3–16"
        said = model.data(model.index(row, 0), Qt.ItemDataRole.AccessibleTextRole)
        assert said == "T9: SINS: what is missing decides on the category, 3–16"

    def test_a_level_can_be_chosen_by_the_keyboard(self, desk):
        desk.choose_level("T9")
        table = desk.bench.overview.strip.table
        table.setFocus(Qt.FocusReason.TabFocusReason)
        place = desk.pane.shown.index
        desk.keys(Qt.Key.Key_Down, Qt.Key.Key_Down, Qt.Key.Key_Up, Qt.Key.Key_Return)
        assert desk.bench.reading.level == "T10"
        assert desk.pane.shown.index == place


class TestTimeline:
    @pytest.fixture
    def tall(self, desk):
        desk.window.resize(TALL)
        desk.breathe()
        return desk

    def test_it_opens_when_a_timepoint_is_locked_and_never_while_a_hand_draws(self, tall):
        line = tall.bench.overview.timeline
        assert line.folded
        size = tall.pane.size()
        follow(tall)
        assert line.folded
        assert tall.pane.size() == size
        assert line.head.line.text() == "BL 30.0  ·  FU1 18.0 PR"
        lock(tall, tall.pane)
        assert not line.folded

    def test_on_a_low_screen_it_waits_until_it_is_asked_for(self, desk):
        desk.window.resize(LOW)
        follow(desk)
        lock(desk, desk.pane, desk.follow_up)
        line = desk.bench.overview.timeline
        assert line.folded
        desk.click(line.head)
        assert not line.folded
        desk.click(line.head.button)
        assert line.folded

    def test_a_click_on_a_visit_makes_it_the_current_timepoint(self, tall):
        follow(tall)
        lock(tall, tall.pane)
        for place, label in ((1, "FU1"), (0, "BL")):
            click_visit(tall, place)
            assert tall.bench.reading.current.label == label
            assert tall.bench.overview.timeline.shown.current == tall.bench.reading.timepoint
            assert tall.bench.grid.active.shown.stack.timepoint.label == label

    def test_it_tells_in_words_what_it_draws(self, tall):
        follow(tall)
        lock(tall, tall.pane)
        words = tall.bench.overview.timeline.drawing.accessibleDescription()
        for told in ("FU1 2025-04-08", "Sum of diameters 18.0 mm", "Partial response, provisional"):
            assert told in words
        assert "−30 % of baseline: 21.0 mm" in words
        assert "+20 % over nadir: 36.0 mm" in words
        lock(tall, tall.follow_up)
        assert "provisional" not in tall.bench.overview.timeline.drawing.accessibleDescription()

    @pytest.mark.allow_qt_message("This plugin does not support raise()")
    def test_the_pointer_over_a_visit_tells_it(self, tall):
        follow(tall)
        lock(tall, tall.pane)
        drawing = tall.bench.overview.timeline.drawing
        spot = QPoint(drawing.plot().columns[1].x, 40)
        QApplication.sendEvent(drawing, QHelpEvent(QEvent.Type.ToolTip, spot, drawing.mapToGlobal(spot)))
        assert QToolTip.text().startswith("FU1 2025-04-08\nSum of diameters 18.0 mm")
        QToolTip.hideText()
        tall.breathe(400)

    def test_the_sum_is_drawn_where_it_lies(self, tall):
        follow(tall)
        lock(tall, tall.pane)
        drawing = tall.bench.overview.timeline.drawing
        picture = drawing.grab().toImage()
        for point in drawing.plot().points:
            ring = picture.pixelColor(point.x + 3, point.y)
            assert ring.red() > 150
            assert ring.green() > 140


class TestBlinded:
    def test_nothing_of_an_open_timepoint_is_on_the_timeline(self, blinded):
        blinded.window.resize(TALL)
        follow(blinded)
        line = blinded.bench.overview.timeline
        assert line.shown.line.empty
        assert line.folded
        blinded.click(line.head)
        assert line.plot().points == line.plot().limits == line.plot().ticks == ()
        assert line.shown.words == "BL\nFU1"
        assert "locked" in line.shown.notice
        lock(blinded, blinded.pane)
        assert [visit.sum for visit in line.shown.visits] == ["30.0", ""]
        assert line.shown.limits == ()
        assert line.shown.words == "BL\nSum of diameters 30.0 mm\nFU1"
        lock(blinded, blinded.follow_up)
        assert [visit.badge for visit in line.shown.visits] == ["", "PR"]
        assert "2025" not in line.shown.words

    def test_a_fracture_is_not_called_new_before_the_lock(self, blinded):
        for pane, bottom in ((blinded.pane, 4_500), (blinded.follow_up, 3_000)):
            name_level(blinded, pane, 2_500, "T9")
            pane.set_orientation(Orientation.SAGITTAL)
            blinded.breathe()
            blinded.key(Qt.Key.Key_H)
            blinded.drag(pane, (20_000, 1_500), (60_000, 1_500))
            blinded.drag(pane, (20_000, bottom), (60_000, bottom))
        strip = blinded.bench.overview.strip
        told = blinded.words()
        assert blinded.bench.reading.current.label == "FU1"
        assert "new" not in strip.shown.rows[strip.row_of("T9")].cells[1].words
        assert "New fracture" not in told
        lock(blinded, blinded.pane, blinded.follow_up)
        assert blinded.bench.reading.locked
        assert "New fracture of T9" in blinded.words()
        assert "new" in strip.shown.rows[strip.row_of("T9")].cells[1].words
        assert ("F", "bad") in blinded.bench.overview.timeline.shown.visits[1].marks


class TestResponse:
    def test_numbers_stand_in_lines_and_provisional_is_said_until_the_lock(self, desk):
        follow(desk)
        shown = desk.bench.response.shown
        assert (shown.outcome, shown.title) == ("PR", "Partial response, provisional")
        assert [(figure.name, figure.values) for figure in shown.figures] == [
            ("Sum", ("18.0 mm", "", "")),
            ("Baseline", ("30.0 mm", "−40.0 %", "")),
            ("Nadir, BL", ("30.0 mm", "−40.0 %", "−12.0 mm")),
        ]
        lock(desk, desk.pane, desk.follow_up)
        assert desk.bench.response.shown.title == "Partial response"

    def test_what_made_the_whole_other_than_the_targets_is_said_first_and_the_sum_in_the_tree(self, desk):
        follow(desk)
        desk.keys(Qt.Key.Key_N)
        desk.measure_disc(desk.follow_up, 20, row=70)
        desk.bench.reading.set_new_status(NewStatus.YES, "")
        desk.breathe()
        shown = desk.bench.response.shown
        assert shown.outcome == "PD"
        assert shown.summary == "PD: target PR, non-target none at baseline, new lesions yes."
        target = next(branch for branch in shown.branches if branch.name == "Target lesions")
        assert (target.outcome, target.lines[0].text[:12]) == ("PR", "PR: 18.0 mm,")
        assert [branch.outcome for branch in shown.branches] == ["PD", "PR", "", "yes"]
        assert all(branch.rules for branch in shown.branches)

    def test_before_anything_is_recorded_there_is_no_response(self, desk):
        desk.activate(desk.follow_up)
        assert desk.bench.response.shown.title == "No response yet"

    def test_a_line_of_the_tree_leads_to_its_measurement_in_every_viewport(self, desk):
        desk.baseline_target()
        place = desk.pane.shown.index
        desk.activate(desk.follow_up)
        desk.keys(Qt.Key.Key_Space)
        desk.go_to(desk.follow_up, 4)
        desk.measure_disc(desk.follow_up, 24)
        desk.go_to(desk.pane, 0)
        desk.go_to(desk.follow_up, 0)
        panel = desk.bench.response
        lines = [line for branch in panel.shown.branches for line in branch.lines if line.lesion]
        assert [(line.text, line.image) for line in lines] == [("T01: 18.0 mm.", "CT, image 5")]
        for press in (lambda: desk.click(panel.links[0]), lambda: desk.key(Qt.Key.Key_Space)):
            desk.go_to(desk.pane, 0)
            panel.links[0].setFocus(Qt.FocusReason.TabFocusReason)
            press()
            assert (desk.pane.shown.index, desk.follow_up.shown.index) == (place, 4)
        desk.go_to(desk.pane, 0)
        panel.links[0].setFocus(Qt.FocusReason.TabFocusReason)
        desk.key(Qt.Key.Key_Return)
        assert (desk.pane.shown.index, desk.follow_up.shown.index) == (place, 4)

    def test_the_panel_keeps_its_widgets_and_its_size_while_a_caliper_moves(self, desk):
        follow(desk, 38)
        panel = desk.bench.response
        before = [(label, label.geometry()) for label in panel.labels()]
        desk.drag(desk.follow_up, desk.follow_up.shown.calipers[0].handles[1], (66_000, 48_000))
        assert panel.shown.figures[0].values[0] != "28.5 mm"
        after = [(label, label.geometry()) for label in panel.labels()]
        assert [one for one, _ in after] == [one for one, _ in before]
        tops = [(one.y(), two.y()) for (_, one), (_, two) in zip(before, after, strict=True)]
        assert all(one == two for one, two in tops)

    @pytest.fixture
    def three(self, empty, series, tmp_path):
        """Baseline and two follow-ups; a target that is gone at the first and there again at the second."""
        for date in ("20250114", "20250408", "20250701"):
            series(tmp_path / "three" / date, date=date)
        empty.window.open_path(tmp_path / "three", "S-3")
        empty.loaded()
        empty.baseline_target()
        return empty

    def at(self, desk, step, *keys):
        desk.keys(*([Qt.Key.Key_BracketRight] * step))
        desk.breathe()
        desk.keys(Qt.Key.Key_Space, *keys)

    def test_disease_after_a_complete_response_is_asked_about_with_its_consequences(self, three):
        self.at(three, 1, Qt.Key.Key_X)
        assert three.bench.response.shown.outcome == "CR"
        assert three.bench.response.choices == {}
        self.at(three, 1)
        three.loaded()
        # Below 5 mm, so that the sum alone is no progression.
        three.measure_disc(three.bench.grid.active, 6)
        panel = three.bench.response
        assert three.bench.reading.current.label == "FU2"
        assert list(panel.choices) == [("AFTER_CR", "REAPPEARED"), ("AFTER_CR", "AMEND_CR_TO_PR")]
        assert "FU2 is progression (PD)" in panel.words()
        three.click(panel.choices["AFTER_CR", "AMEND_CR_TO_PR"])
        write(three, "it was there, but hidden")
        answer = three.read.visits["FU2"].decisions["AFTER_CR"]
        assert (answer.value, answer.reason) == ("AMEND_CR_TO_PR", "it was there, but hidden")
        assert panel.choices == {}
        assert three.bench.reading.assessments()["FU1/overall"].outcome == "PR"

    def test_a_complete_response_with_an_equivocal_lesion_is_asked_about(self, desk):
        desk.baseline_target()
        desk.activate(desk.follow_up)
        desk.keys(Qt.Key.Key_Space, Qt.Key.Key_X, Qt.Key.Key_N)
        desk.measure_disc(desk.follow_up, 20, row=70)
        desk.bench.reading.set_new_status(NewStatus.EQUIVOCAL, "FLARE")
        desk.breathe()
        panel = desk.bench.response
        assert set(panel.choices) == {("EQUIVOCAL_CR", "CONFIRMED"), ("EQUIVOCAL_CR", "NOT_CR")}
        button = panel.choices["EQUIVOCAL_CR", "NOT_CR"]
        assert button.accessibleDescription() == "FU1 becomes PR, without target lesions Non-CR/Non-PD."
        desk.click(button)
        assert desk.read.visits["FU1"].decisions["EQUIVOCAL_CR"].value == "NOT_CR"
        assert desk.bench.response.shown.outcome == "PR"
        assert panel.choices == {}

    def test_under_a_blinded_protocol_nothing_is_asked_before_the_lock(self, blinded):
        blinded.baseline_target()
        blinded.activate(blinded.follow_up)
        blinded.keys(Qt.Key.Key_Space, Qt.Key.Key_X, Qt.Key.Key_N)
        blinded.measure_disc(blinded.follow_up, 20, row=70)
        blinded.bench.reading.set_new_status(NewStatus.EQUIVOCAL, "FLARE")
        blinded.breathe()
        panel = blinded.bench.response
        assert (panel.choices, panel.links, panel.shown.figures) == ({}, [], ())

    def test_what_is_left_can_count_as_complete_only_where_the_protocol_said_so(self, desk, images, tmp_path):
        desk.baseline_target()
        desk.activate(desk.follow_up)
        desk.keys(Qt.Key.Key_Space)
        desk.measure_disc(desk.follow_up, 24)
        assert desk.bench.response.shown.outcome == "PR"
        assert desk.bench.response.choices == {}
        file = tmp_path / "residual.toml"
        blinding = "[blinding]\nsequential = false\nshow_days = true\nlive_response = true\n"
        trial = '[trial]\nid = "R"\nversion = "1"\ntitle = "Residual"\n'
        file.write_text(trial + blinding + "[criterion.recist]\nresidual_cr = true\n", encoding="utf-8")
        desk.window.close_case()
        desk.window.open_path(images)
        desk.window.opening.choose_protocol(str(file))
        desk.window.opening.subject.setText("S-R")
        desk.click(desk.window.opening.confirm)
        desk.breathe(200)
        if desk.window.bench is None:
            desk.wait(desk.window.opening.anew.isVisible, "question")
            desk.click(desk.window.opening.anew)
        desk.loaded()
        desk.baseline_target()
        desk.activate(desk.follow_up)
        desk.keys(Qt.Key.Key_Space)
        desk.measure_disc(desk.follow_up, 24)
        panel = desk.bench.response
        assert list(panel.choices) == [("RESIDUAL_CR", "CR")]
        desk.click(panel.choices["RESIDUAL_CR", "CR"])
        write(desk, "biopsy without tumour")
        assert panel.shown.outcome == "CR"
        assert panel.choices == {}
