"""Forms by mouse and by keys: the visits of a trial's protocol, epidural compression, treated sites, eligibility."""

from __future__ import annotations

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLabel

from spinereview.domain.anatomy import Compartment, Level, Site
from spinereview.domain.imaging import Id
from spinereview.domain.lesion import LesionRole, Tissue
from spinereview.domain.measurement import InSpace
from spinereview.ui.panels.side import Page
from spinereview.workflow.case_file import read_case_file
from spinereview.workflow.protocol_files import find_protocol, read

SMALLEST = (1366, 768)
TRIAL_2 = "nct06120426"
LIST_SAYS = pytest.mark.allow_qt_message("does not support raise()", "does not support grabbing the keyboard")


@pytest.fixture
def asked(empty, images):
    """Baseline and follow-up, opened under the protocol of trial 2 as far as the question which visits they are."""
    window = empty.window
    window.opening.choose_protocol(TRIAL_2)
    window.open_path(images, "S-1")
    empty.wait(window.opening.take.isVisible, "visits")
    empty.breathe()
    return empty


@pytest.fixture
def trial(asked):
    """The same, read as BL and POST."""
    QTest.keyClick(QApplication.focusWidget(), Qt.Key.Key_Return)
    asked.loaded()
    return asked


def bone(desk, *levels, role=None):
    """A target of bone at the baseline, by a caliper."""
    desk.baseline_target()
    reading = desk.bench.reading
    reading.set_site(Site(organ="BONE", location="", levels=levels))
    reading.set_tissue(Tissue.LYTIC, soft_tissue=True)
    if role is not None:
        reading.set_role(role)
    desk.activate(desk.pane)


def tab(desk, page):
    tabs = desk.bench.tabs
    desk.click(tabs, tabs.tabRect(page.value).center())


def answer(desk, box, value):
    """Choose an answer by its first word, as it is typed in the list."""
    desk.choose(box, box.itemText(box.findData(value)).split()[0].rstrip(":,"))
    assert box.currentData() == value


class TestVisits:
    def test_what_is_suggested_is_shown_with_its_reason_and_taken_by_enter(self, asked) -> None:
        page = asked.window.opening
        rows = page.visits
        assert rows.chosen == {Id("BL"): "BL", Id("FU1"): "POST"}
        assert QApplication.focusWidget() is rows.boxes[Id("BL")]
        assert "fits" in rows.boxes[Id("FU1")].accessibleDescription()
        assert not page.reader.isVisible()
        QTest.keyClick(QApplication.focusWidget(), Qt.Key.Key_Return)
        asked.loaded()
        assert [one.visit for one in asked.bench.reading.case.in_order] == ["BL", "POST"]

    def test_a_blinded_reader_is_told_neither_days_nor_windows(self, asked) -> None:
        shown = [label.text() for label in asked.window.opening.visits.findChildren(type(asked.window.opening.title))]
        shown += [box.itemText(at) for box in asked.window.opening.visits.boxes.values() for at in range(box.count())]
        told = " ".join(shown)
        assert "2025" not in told
        assert "day" not in told
        assert "84" not in told
        assert "6 images" in told

    def test_another_choice_by_mouse_is_kept_with_the_case_and_not_asked_again(self, asked, reopened) -> None:
        page = asked.window.opening
        asked.choose(page.visits.boxes[Id("FU1")], "Unscheduled")
        asked.click(page.take)
        asked.loaded()
        folder = asked.window.opened.folder
        assert [one.visit for one in read_case_file(folder / "case.json")[0].case.in_order] == ["BL", ""]
        again = reopened(asked)
        assert [one.visit for one in again.bench.reading.case.in_order] == ["BL", ""]

    def test_a_row_without_a_choice_and_an_impossible_order_are_said(self, asked) -> None:
        page = asked.window.opening
        asked.choose(page.visits.boxes[Id("FU1")], "Choose")
        asked.click(page.take)
        assert "Choose a visit for FU1" in asked.said()
        asked.dismiss()
        asked.choose(page.visits.boxes[Id("FU1")], "BL")
        asked.click(page.take)
        assert "a later timepoint is a later visit" in asked.said()
        assert asked.window.bench is None

    def test_who_withdraws_can_open_the_case_again(self, asked) -> None:
        asked.click(asked.window.opening.cancel)
        assert asked.window.pages.currentWidget() is asked.window.start
        folder = next(asked.window._workstation.documents.iterdir())
        asked.window.open_path(folder)
        asked.wait(asked.window.opening.take.isVisible, "visits")
        asked.click(asked.window.opening.take)
        asked.loaded()
        assert asked.bench.reading.case.timepoints["FU1"].visit == "POST"

    def test_the_forms_of_a_visit_are_demanded_on_opening(self, trial) -> None:
        bone(trial, Level.T9)
        owed = [(one.form or one.code.name, one.item) for one in trial.bench.reading.owed() if one.hard]
        forms = {form for form, _ in owed}
        assert forms == {"SINS_ITEM", "HEIGHTS", "ESCC", "ELIGIBILITY"}
        trial.keys(Qt.Key.Key_Return, modifiers=Qt.KeyboardModifier.ControlModifier)
        assert "the protocol still asks of T9 (open: 7)" in trial.said()
        assert set(read(TRIAL_2).visits["BL"].forms) >= {"SINS", "VCF", "ESCC"}

    def test_visits_of_the_command_line_are_taken_or_asked_with(self, empty, images) -> None:
        window = empty.window
        window.opening.choose_protocol(TRIAL_2)
        window.visits.give({"BL": "BL", "FU1": "BL"})
        window.open_path(images, "S-5")
        empty.wait(window.opening.take.isVisible, "visits")
        assert "a later timepoint is a later visit" in empty.said()
        assert list(window.opening.visits.chosen.values()) == ["BL", "BL"]
        empty.click(window.opening.cancel)
        window.visits.give({"BL": "BL", "FU1": ""})
        window.open_path(window._workstation.documents / "S-5")
        empty.loaded()
        assert [one.visit for one in empty.bench.reading.case.in_order] == ["BL", ""]

    def test_the_menu_asks_again_and_a_visit_can_be_corrected(self, trial) -> None:
        trial.window.actions_by_id["case_visits"].trigger()
        page = trial.window.opening
        trial.wait(page.take.isVisible, "visits")
        assert page.visits.chosen[Id("FU1")] == "POST"
        trial.choose(page.visits.boxes[Id("FU1")], "M3")
        trial.click(page.take)
        assert "no images there" not in trial.said()
        trial.loaded()
        assert trial.bench.reading.case.timepoints["FU1"].visit == "M3"

    def test_a_visit_is_no_longer_complete_while_the_protocol_demands_more(self, trial) -> None:
        bone(trial, Level.T9)
        reading = trial.bench.reading
        assert reading.progress_of(reading.case.timepoints["BL"]) == "8 open"

    def test_a_long_title_of_the_protocol_keeps_the_window_on_the_smallest_screen(self, trial) -> None:
        assert (trial.window.width(), trial.window.height()) == SMALLEST
        assert trial.window.top.protocol.toolTip() == read(TRIAL_2).title

    def test_the_generic_protocol_asks_for_no_visit_and_has_no_tab_of_forms(self, desk) -> None:
        assert not desk.bench.tabs.isTabVisible(Page.FORMS.value)


class TestCompression:
    def test_a_level_is_graded_by_mouse_and_the_sites_are_counted(self, trial) -> None:
        bone(trial, Level.T9)
        tab(trial, Page.SPINE)
        panel = trial.bench.spine
        boxes = panel.compression.rows.boxes
        assert boxes["ESCC", "GRADE"].property("missing")
        answer(trial, boxes["ESCC", "GRADE"], "2")
        assert "Say what it was graded on" in panel.compression.lines.text()
        assert panel.compression.outcome.text() == ""
        answer(trial, boxes["ESCC", "IMAGES"], "T2_AXIAL")
        assert panel.compression.outcome.text() == "2"
        assert "the cord is compressed, fluid is seen" in panel.compression.lines.text()
        assert "Sites with grade 2 or more: 1." in panel.compression.lines.text()
        strip = trial.bench.overview.strip
        assert strip.shown.columns == ("SINS", "ESCC", "VCF", "LES.")
        cell = strip.shown.rows[strip.row_of("T9")].cells[1]
        assert (cell.text, cell.tone) == ("2", "bad")
        answer(trial, boxes["ESCC", "REST"], "UNREMARKABLE")
        assert trial.read.visits["BL"].patient_scores["ESCC"]["REST"].value == "UNREMARKABLE"
        assert "BELOW_CONUS" not in {item.item for item in panel.shown.compression.items}
        assert trial.bench.history.texts()[0].startswith("BL: Other levels answered")

    def test_digits_answer_and_the_images_of_another_level_are_suggested(self, trial) -> None:
        bone(trial, Level.T9, Level.L3)
        tab(trial, Page.SPINE)
        panel = trial.bench.spine
        boxes = panel.compression.rows.boxes
        for item, keys in (("IMAGES", "ax"), ("GRADE", "1b")):
            boxes["ESCC", item].setFocus()
            QTest.keyClicks(boxes["ESCC", item], keys)
            QTest.keyClick(boxes["ESCC", item], Qt.Key.Key_Return)
            assert QApplication.focusWidget() is trial.bench.grid.active
        scores = trial.read.visits["BL"].levels[Level.T9].scores["ESCC"]
        assert (scores["IMAGES"].value, scores["GRADE"].value) == ("T2_AXIAL", "1b")
        trial.choose_level("L3")
        accept = panel.compression.rows.accepts["ESCC", "IMAGES"]
        assert accept.isVisible()
        trial.click(accept)
        taken = trial.read.visits["BL"].levels[Level.L3].scores["ESCC"]["IMAGES"]
        assert (taken.value, taken.basis) == ("T2_AXIAL", "SUGGESTION_ACCEPTED")
        answer(trial, boxes["ESCC", "BELOW_CONUS"], "YES")
        assert "cauda equina" in panel.compression.notes.text()

    def test_a_vertebra_without_a_body_has_no_choice_of_a_collapse_it_cannot_have(self, trial) -> None:
        tab(trial, Page.SPINE)
        trial.choose_level("C1")
        box = trial.bench.spine.boxes["SINS", "COLLAPSE"]
        assert [box.itemData(at) for at in range(box.count())] == ["", "NONE"]
        assert (
            not trial.bench.spine.boxes.get(("VCF", "GRADE")) or not trial.bench.spine.boxes["VCF", "GRADE"].isVisible()
        )
        trial.choose_level("T9")
        assert box.count() == 5
        assert trial.bench.spine.boxes["VCF", "GRADE"].isVisible()


def test_a_subluxation_is_suggested_from_heights_and_never_set(trial) -> None:
    bone(trial, Level.T9)
    reading, stack = trial.bench.reading, trial.pane.shown.stack.stack
    for level, z_mm, back_um in ((Level.T9, 30, 4_000), (Level.T10, 5, 0)):
        points = [(0, y * 1000 + back_um, (z_mm + up) * 1000) for up in (20, 0) for y in (0, 15, 30)]
        assert reading.measure_heights(
            stack.id,
            level,
            InSpace(stacks=(stack.id,), frame_of_reference_uid=stack.frame_of_reference_uid, points_um=tuple(points)),
        )
    tab(trial, Page.SPINE)
    trial.choose_level("T9")
    accept = trial.bench.spine.accepts["SINS", "ALIGNMENT"]
    assert "4.00 mm apart" in accept.toolTip()
    assert trial.bench.spine.boxes["SINS", "ALIGNMENT"].currentData() == ""
    trial.click(accept)
    assert trial.read.visits["BL"].levels[Level.T9].scores["SINS"]["ALIGNMENT"].value == "SUBLUXATION"


def test_a_recorded_pedicle_is_suggested_for_the_posterolateral_item_and_never_set(trial) -> None:
    bone(trial, Level.T9)
    where = Site(organ="BONE", location="", levels=(Level.T9,), compartments=frozenset({Compartment.PEDICLE_L}))
    trial.bench.reading.set_site(where)
    tab(trial, Page.SPINE)
    trial.choose_level("T9")
    accept = trial.bench.spine.accepts["SINS", "POSTEROLATERAL"]
    assert "of the left side" in accept.toolTip()
    assert trial.bench.spine.boxes["SINS", "POSTEROLATERAL"].currentData() == ""
    trial.click(accept)
    kept = trial.read.visits["BL"].levels[Level.T9].scores["SINS"]["POSTEROLATERAL"]
    assert (kept.value, kept.basis) == ("UNILATERAL", "SUGGESTION_ACCEPTED")


class TestSites:
    @pytest.fixture
    def followed(self, empty, series, tmp_path):
        """Baseline, POST and M3 of trial 2 by their kinds of images, with a treated site of T9 at the baseline."""
        folder = tmp_path / "three"
        for date, kind in (("20250114", "CT"), ("20250214", "CT"), ("20250508", "MR")):
            series(folder / date, date=date, modality=kind)
        empty.window.opening.choose_protocol(TRIAL_2)
        empty.window.open_path(folder, "S-3")
        empty.wait(empty.window.opening.take.isVisible, "visits")
        assert list(empty.window.opening.visits.chosen.values()) == ["BL", "POST", "M3"]
        empty.click(empty.window.opening.take)
        empty.loaded()
        bone(empty, Level.T9, role=LesionRole.TREATED_SITE)
        return empty

    def test_a_site_is_judged_after_its_baseline_and_answered_by_keys(self, followed) -> None:
        bench = followed.bench
        tab(followed, Page.FORMS)
        bench.navigation.show_timepoint(Id("FU1"))
        followed.breathe()
        card = bench.forms.cards["SPINO/L01"]
        assert "S01 (T9)" in card.title.text()
        assert "judged from the next one on" in card.lines.text()
        bench.navigation.show_timepoint(Id("FU2"))
        followed.breathe()
        growth = bench.forms.box("SPINO/L01", "GROWTH")
        assert growth.property("missing")
        growth.setFocus()
        QTest.keyClick(growth, Qt.Key.Key_1)
        QTest.keyClick(growth, Qt.Key.Key_Return)
        answers = followed.read.visits["FU2"].patient_scores["SPINO/L01"]
        assert answers["GROWTH"].value == "EQUIVOCAL"
        answer(followed, bench.forms.box("SPINO/L01", "EPIDURAL"), "NONE")
        answer(followed, bench.forms.box("SPINO/L01", "RELATION"), "IN_FIELD")
        assert card.outcome.text() == ""
        assert "shown when the timepoint is locked" in card.lines.text()
        assert "Indeterminate" not in followed.words()
        assert bench.history.texts()[0].startswith("S01 at FU2: Where it grows answered")

    def test_space_goes_to_the_form_and_its_open_item_takes_the_keys(self, followed) -> None:
        bench = followed.bench
        bench.navigation.show_timepoint(Id("FU2"))
        followed.activate(bench.grid.active)
        for _ in range(4):
            if bench._side.page is Page.FORMS:
                break
            followed.key(Qt.Key.Key_Space)
        assert bench._side.page is Page.FORMS
        assert QApplication.focusWidget() is bench.forms.box("SPINO/L01", "GROWTH")
        QTest.keyClick(QApplication.focusWidget(), Qt.Key.Key_0)
        QTest.keyClick(QApplication.focusWidget(), Qt.Key.Key_Return)
        assert followed.read.visits["FU2"].patient_scores["SPINO/L01"]["GROWTH"].value == "NONE"

    def test_without_a_site_the_form_says_how_one_is_recorded(self, trial) -> None:
        tab(trial, Page.FORMS)
        trial.bench.navigation.show_timepoint(Id("FU1"))
        trial.breathe()
        assert "give it the role treated site" in trial.bench.forms.cards["SPINO"].lines.text()


class TestEligibility:
    def test_items_are_answered_yes_or_no_and_open_ones_are_not_assessed(self, trial) -> None:
        tab(trial, Page.FORMS)
        panel = trial.bench.forms
        card = panel.cards["ELIGIBILITY"]
        box = panel.box("ELIGIBILITY", "modalities_complete")
        assert (card.outcome.text(), card.lines.text()) == ("0 of 1", "Not assessed: All required images there.")
        accept = card.rows.accepts["ELIGIBILITY", "modalities_complete"]
        assert "without images: DX, MR, PT" in accept.toolTip()
        trial.click(accept)
        kept = trial.read.visits["BL"].patient_scores["ELIGIBILITY"]["modalities_complete"]
        assert (kept.value, kept.suggested, kept.basis) == (False, False, "SUGGESTION_ACCEPTED")
        assert card.outcome.text() == "1 of 1"
        box.setFocus()
        QTest.keyClicks(box, "y")
        QTest.keyClick(box, Qt.Key.Key_Return)
        kept = trial.read.visits["BL"].patient_scores["ELIGIBILITY"]["modalities_complete"]
        assert (kept.value, kept.basis) == (True, "SUGGESTION_OVERRIDDEN")
        answer(trial, box, "")
        assert "ELIGIBILITY" not in trial.read.visits["BL"].patient_scores

    def test_the_rules_of_trial_3_ask_for_the_posterior_wall(self, empty, images) -> None:
        empty.window.opening.choose_protocol("nct06756087")
        empty.window.open_path(images, "S-4")
        empty.wait(empty.window.opening.take.isVisible, "visits")
        empty.click(empty.window.opening.take)
        empty.loaded()
        tab(empty, Page.FORMS)
        items = [
            item.item for form in empty.bench.forms.shown.forms for item in form.items if form.key == "ELIGIBILITY"
        ]
        assert items == ["posterior_elements_involved", "posterior_wall_destroyed"]
        assert find_protocol("nct06756087").is_file()

    def test_a_visit_without_its_answers_is_not_locked_and_a_locked_one_takes_none(self, trial) -> None:
        tab(trial, Page.FORMS)
        trial.keys(Qt.Key.Key_Return, modifiers=Qt.KeyboardModifier.ControlModifier)
        assert "the protocol still asks in the tab Forms for ELIGIBILITY (open: 1)" in trial.said()
        answer(trial, trial.bench.forms.box("ELIGIBILITY", "modalities_complete"), "false")
        trial.keys(Qt.Key.Key_Return, modifiers=Qt.KeyboardModifier.ControlModifier)
        assert trial.bench.reading.locked
        assert not trial.bench.forms.box("ELIGIBILITY", "modalities_complete").isEnabled()


class TestCoverage:
    @pytest.fixture
    def demanding(self, empty, images, tmp_path):
        """Baseline and follow-up under a protocol whose visits demand regions; the images do not say what they cover."""
        visits = "".join(
            f'[[visit]]\nname = "{name}"\nanchor = "SURGERY"\nday = {day}\nminus = 28\nplus = 60\n'
            'modalities = ["CT"]\nregions = ["CHEST", "WHOLE SPINE"]\n\n'
            for name, day in (("BL", -1), ("W12", 84))
        )
        file = tmp_path / "regions.toml"
        file.write_text(
            f'[trial]\nid = "R"\nversion = "1"\ntitle = "Regions"\n\n{visits}'
            "[blinding]\nlive_response = true\n\n[criterion.recist]\n",
            encoding="utf-8",
        )
        empty.window.opening.choose_protocol(str(file))
        empty.window.open_path(images, "S-1")
        empty.wait(empty.window.opening.take.isVisible, "visits")
        empty.click(empty.window.opening.take)
        empty.loaded()
        return empty

    def test_a_demanded_region_is_stated_by_mouse_and_the_response_follows(self, demanding) -> None:
        demanding.baseline_target()
        bench = demanding.bench
        tab(demanding, Page.FORMS)
        bench.navigation.show_timepoint(Id("FU1"))
        demanding.breathe()
        card = bench.forms.cards["COVERAGE"]
        assert (card.title.text(), card.outcome.text()) == ("Coverage of the images", "0 of 2")
        assert "Not stated: CHEST; WHOLE SPINE." in card.lines.text()
        assert bench.reading.assessments()["FU1/new"].outcome == "NO"
        box = bench.forms.box("COVERAGE", "CHEST")
        assert box.property("missing")
        demanding.choose(box, "Not covered")
        said = demanding.read.visits["FU1"].coverage["CHEST"]
        assert (said.value, said.basis) == ("NOT_SCANNED", "JUDGED")
        assert card.outcome.text() == "1 of 2"
        assert bench.reading.assessments()["FU1/new"].outcome == "NE"
        assert bench.history.texts()[0] == "FU1: whether CHEST was scanned"
        demanding.choose(bench.forms.box("COVERAGE", "WHOLE SPINE"), "Covered")
        assert (card.outcome.text(), card.lines.isVisible()) == ("2 of 2", False)
        for _ in range(2):
            demanding.key(Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier)
        assert not demanding.read.visit_at("FU1").coverage
        assert box.property("missing")

    def test_keys_answer_it_and_space_goes_to_what_is_open(self, demanding) -> None:
        demanding.baseline_target()
        bench = demanding.bench
        demanding.activate(bench.grid.active)
        for _ in range(40):
            if bench._side.page is Page.FORMS:
                break
            demanding.key(Qt.Key.Key_Space)
        box = bench.forms.box("COVERAGE", "CHEST")
        assert QApplication.focusWidget() is box
        QTest.keyClicks(box, "p")
        QTest.keyClick(box, Qt.Key.Key_Return)
        assert demanding.read.visits["BL"].coverage["CHEST"].value == "PARTLY"

    @LIST_SAYS
    def test_a_space_within_a_word_is_typed_and_one_before_it_opens_the_list(self, demanding) -> None:
        tab(demanding, Page.FORMS)
        box = demanding.bench.forms.box("COVERAGE", "CHEST")
        demanding.choose(box, "Not covered")
        assert demanding.read.visits["BL"].coverage["CHEST"].value == "NOT_SCANNED"
        assert not box.view().isVisible()
        box.setFocus()
        QTest.keyClick(demanding.window.windowHandle(), Qt.Key.Key_Space)
        demanding.wait(box.view().isVisible, "list")
        demanding.breathe(QApplication.keyboardInputInterval() + 20)
        QTest.keyClicks(box, "partly")
        QTest.keyClick(box, Qt.Key.Key_Return)
        demanding.wait(lambda: not box.view().isVisible(), "closed list")
        assert demanding.read.visits["BL"].coverage["CHEST"].value == "PARTLY"
        box.setFocus()
        QTest.keyClick(demanding.window.windowHandle(), Qt.Key.Key_Space)
        demanding.wait(box.view().isVisible, "list")
        QTest.keyClick(box, Qt.Key.Key_Up)
        QTest.keyClick(box, Qt.Key.Key_Escape)
        demanding.wait(lambda: not box.view().isVisible(), "closed list")
        assert demanding.read.visits["BL"].coverage["CHEST"].value == "PARTLY"

    @LIST_SAYS
    def test_an_entry_of_the_open_list_is_clicked(self, demanding) -> None:
        tab(demanding, Page.FORMS)
        box = demanding.bench.forms.box("COVERAGE", "WHOLE SPINE")
        demanding.click(box)
        demanding.wait(box.view().isVisible, "list")
        place = box.model().index(box.findData("COVERED"), 0)
        # Qt takes a release this soon after the press that opened the list for the same click.
        demanding.breathe(QApplication.doubleClickInterval() + 20)
        QTest.mouseMove(box.view().viewport(), box.view().visualRect(place).center())
        demanding.click(box.view().viewport(), box.view().visualRect(place).center())
        demanding.wait(lambda: not box.view().isVisible(), "closed list")
        assert demanding.read.visits["BL"].coverage["WHOLE SPINE"].value == "COVERED"
        assert QApplication.focusWidget() is demanding.bench.grid.active


class TestQuality:
    def test_a_series_is_judged_by_keys_and_what_the_visit_lacks_is_said(self, trial) -> None:
        tab(trial, Page.FORMS)
        card = trial.bench.forms.cards["QUALITY"]
        assert "demands DX, MR, PT at this visit" in card.notes.text()
        stack = next(iter(trial.bench.reading.case.timepoints["BL"].stacks))
        box = trial.bench.forms.box("QUALITY", stack)
        # As the list of series calls it, for several often were made alike; how it was made is told too.
        assert box.accessibleName() == "Axial, CT axial, 5 mm, 6 images"
        assert trial.bench.title_of(stack) in [name.text() for name in card.findChildren(QLabel)]
        assert not box.property("missing")
        box.setFocus()
        QTest.keyClicks(box, "Not readable: me")
        QTest.keyClick(box, Qt.Key.Key_Return)
        said = trial.read.visits["BL"].quality[stack]
        assert (said.value, said.reason) == ("NOT_READABLE", "METAL")
        assert "demands CT at this visit, and every such series was called not readable" in card.notes.text()
        assert trial.bench.history.texts()[0].startswith("BL: how well series")
        trial.activate(trial.pane)
        trial.keys(Qt.Key.Key_Z, modifiers=Qt.KeyboardModifier.ControlModifier)
        assert not trial.read.visit_at("BL").quality
        assert box.currentData() == ""
