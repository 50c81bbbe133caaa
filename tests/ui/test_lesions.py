"""The lesion panel: what its cells say, its fields by mouse and keys, fragments, masses, doubts; with real events."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from spinereview.domain.anatomy import Compartment, Laterality, Level
from spinereview.domain.lesion import (
    LesionRole,
    LesionState,
    LocalTherapy,
    NewStatus,
    Pet,
    PriorTherapy,
    Scope,
)

SHIFT = Qt.KeyboardModifier.ShiftModifier
DATES = ("20250114", "20250408", "20250701", "20250923", "20251216", "20260310")


@pytest.fixture
def many(empty, series: Callable[..., Path], tmp_path: Path):
    """Six timepoints of one patient."""
    for date in DATES:
        series(tmp_path / "images" / date, date=date, slices=3)
    empty.window.open_path(tmp_path / "images", "S-6")
    empty.loaded()
    return empty


def follow(desk, *, target: bool = True) -> None:
    """A lesion at the baseline; the follow-up is the current timepoint and the lesion selected."""
    desk.baseline_target()
    if not target:
        desk.keys(Qt.Key.Key_T)
    desk.activate(desk.follow_up)
    desk.keys(Qt.Key.Key_Space)


def two_targets(desk) -> None:
    """Two targets at the baseline; the second is selected at the follow-up."""
    for row, organ in ((20, "soft"), (76, "liver")):
        desk.activate(desk.pane)
        desk.keys(Qt.Key.Key_N)
        desk.measure_disc(desk.pane, 30, row=row)
        desk.choose(desk.bench.editor.organ, organ)
    desk.activate(desk.follow_up)
    desk.keys(Qt.Key.Key_Space)


def new_lesion(desk) -> None:
    """A lesion that is first seen at the follow-up, beside one of the baseline."""
    follow(desk)
    desk.keys(Qt.Key.Key_N)
    desk.measure_disc(desk.follow_up, 20, row=80)
    desk.choose(desk.bench.editor.organ, "lung")


def finding(desk, place: int = 0):
    return desk.lesion(place).findings.get(desk.bench.reading.timepoint)


def cell(desk, place: int = 0, part: str = ""):
    return desk.bench.lesions.cell(desk.lesion(place).id, desk.bench.reading.timepoint, part)


def act(desk, name: str) -> None:
    """An action from the menu."""
    desk.window.actions_by_id[name].trigger()
    desk.breathe()


# Splitting


def split_in_two(desk) -> None:
    follow(desk)
    desk.keys(Qt.Key.Key_J)
    desk.measure_disc(desk.follow_up, 20, row=20)
    desk.measure_disc(desk.follow_up, 16, row=80)


def test_each_caliper_after_j_is_a_further_fragment_until_esc(desk) -> None:
    follow(desk)
    before = desk.events()
    desk.keys(Qt.Key.Key_J)
    assert "draw fragment a" in desk.bench._side.hint.text()
    desk.measure_disc(desk.follow_up, 20, row=20)
    assert finding(desk).state is LesionState.MEASURED
    desk.measure_disc(desk.follow_up, 16, row=80)
    desk.measure_disc(desk.follow_up, 8, row=60)
    assert "draw fragment d" in desk.bench._side.hint.text()
    assert desk.events() == before + 3
    assert finding(desk).state is LesionState.SPLIT
    assert list(finding(desk).parts) == ["a", "b", "c"]
    fragments = [float(cell(desk, part=part).text) for part in "abc"]
    assert fragments == [pytest.approx(width * 0.75, abs=0.4) for width in (20, 16, 8)]
    assert float(cell(desk).text) == pytest.approx(sum(fragments), abs=0.01)
    assert cell(desk).sub == "3 parts"
    desk.keys(Qt.Key.Key_Escape)
    assert not desk.bench._side.hint.isVisible()
    desk.measure_disc(desk.follow_up, 8, row=40)
    assert list(finding(desk).parts) == ["a", "b", "c"]
    assert "Which lesion is this?" in desk.said()


def test_a_whole_measurement_becomes_the_first_fragment_and_undo_takes_one_act_back(desk) -> None:
    follow(desk)
    desk.measure_disc(desk.follow_up, 20, row=20)
    whole = finding(desk)
    desk.keys(Qt.Key.Key_J)
    assert "draw fragment b" in desk.bench._side.hint.text()
    desk.measure_disc(desk.follow_up, 16, row=80)
    split = finding(desk)
    assert split.parts["a"] == whole.parts["a"]
    desk.measure_disc(desk.follow_up, 8, row=60)
    desk.key(Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier)
    assert finding(desk) == split
    desk.key(Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier)
    assert finding(desk) == whole


def test_a_fragment_too_small_to_measure_counts_five_millimetres(desk) -> None:
    follow(desk)
    desk.keys(Qt.Key.Key_J, Qt.Key.Key_S)
    assert "Draw the first fragment" in desk.said()
    assert finding(desk) is None
    desk.measure_disc(desk.follow_up, 20, row=20)
    desk.keys(Qt.Key.Key_S)
    assert cell(desk, part="b").text == "5.0"
    assert float(cell(desk).text) == pytest.approx(float(cell(desk, part="a").text) + 5, abs=0.01)


def test_a_fragment_is_selected_moved_and_removed(desk) -> None:
    split_in_two(desk)
    desk.keys(Qt.Key.Key_Escape)
    marks = {one.part: one for one in desk.follow_up.shown.calipers}
    start, end = marks["a"].handles[:2]
    desk.drag(desk.follow_up, end, (end[0] + 6_000, end[1]))
    assert desk.bench.reading.part == "a"
    moved = finding(desk)
    assert moved.parts["a"].geometry.points_mpx[0] == start
    assert moved.parts["a"].geometry.points_mpx[1] != end
    assert moved.parts["b"].geometry.points_mpx == marks["b"].handles[:2]
    view = desk.bench.lesions.view
    rows = desk.bench.lesions.table().rows
    place = next(place for place, row in enumerate(rows) if row.part == "b")
    desk.click(view.viewport(), view.visualRect(view.model().index(place, 0)).center())
    assert desk.bench.reading.part == "b"
    desk.activate(desk.follow_up)
    desk.keys(Qt.Key.Key_Delete)
    assert (finding(desk).state, list(finding(desk).parts)) == (LesionState.MEASURED, ["a"])
    assert finding(desk).parts["a"] == moved.parts["a"]


def test_the_chevron_closes_and_opens_the_fragments(desk) -> None:
    split_in_two(desk)
    view = desk.bench.lesions.view
    spot = view.visualRect(view.model().index(0, 0)).topLeft() + QPoint(56, 12)
    for shown in ([""], ["", "a", "b"]):
        desk.click(view.viewport(), spot)
        assert [row.part for row in desk.bench.lesions.table().rows if row.lesion] == shown


@pytest.mark.parametrize("target", [True, False], ids=["at the baseline", "a non-target"])
def test_what_cannot_split_says_why(desk, target) -> None:
    if target:
        desk.baseline_target()
    else:
        follow(desk, target=False)
    kept = desk.read
    desk.keys(Qt.Key.Key_J)
    assert not desk.bench.reading.splitting
    assert "01" in desk.said()
    assert desk.read == kept


def test_going_on_to_another_lesion_ends_the_split(desk) -> None:
    two_targets(desk)
    desk.keys(Qt.Key.Key_J)
    assert desk.bench.reading.splitting
    desk.keys(Qt.Key.Key_Space)
    assert not desk.bench.reading.splitting


# Merging


def test_a_mass_is_named_in_the_cell_of_its_partner_and_beside_its_own_value(desk) -> None:
    two_targets(desk)
    desk.measure_disc(desk.follow_up, 30, row=20)
    first = desk.bench.reading.lesion
    other = next(one for one in desk.read.lesions.values() if one.id != first.id)
    desk.keys(Qt.Key.Key_Space, Qt.Key.Key_G)
    QTest.keyClicks(desk.bench.ask.line, f"t{first.id[1:]}")
    desk.key(Qt.Key.Key_Return)
    timepoint = desk.bench.reading.timepoint
    merged = desk.bench.lesions.cell(other.id, timepoint)
    assert (merged.text, "carries the diameter" in merged.note) == (f"in T{first.id[1:]}", True)
    assert desk.bench.lesions.cell(first.id, timepoint).sub == f"+ T{other.id[1:]}"
    assert QApplication.focusWidget() is desk.follow_up


def test_where_a_plane_is_visible_both_keep_their_diameter(desk) -> None:
    two_targets(desk)
    desk.measure_disc(desk.follow_up, 30, row=20)
    first = desk.bench.reading.lesion
    other = next(one for one in desk.read.lesions.values() if one.id != first.id)
    desk.keys(Qt.Key.Key_G)
    QTest.keyClicks(desk.bench.ask.line, f"T{other.id[1:]}")
    desk.key(Qt.Key.Key_Tab)
    assert QApplication.focusWidget() is desk.bench.ask.option
    desk.key(Qt.Key.Key_Space)
    desk.bench.ask.line.setFocus()
    desk.key(Qt.Key.Key_Return)
    found = desk.read.lesions[first.id].findings[desk.bench.reading.timepoint]
    assert (found.state, found.plane_visible, found.carrier) == (LesionState.MEASURED, True, None)


def test_a_lesion_does_not_merge_into_itself_and_the_question_can_be_withdrawn(desk) -> None:
    two_targets(desk)
    kept = desk.read
    name = f"T{desk.bench.reading.selected[1:]}"
    desk.keys(Qt.Key.Key_G)
    QTest.keyClicks(desk.bench.ask.line, name)
    desk.key(Qt.Key.Key_Return)
    assert f"{name} cannot merge into {name}" in desk.said()
    desk.keys(Qt.Key.Key_G)
    QTest.keyClicks(desk.bench.ask.line, "T0")
    desk.key(Qt.Key.Key_Escape)
    assert not desk.bench.ask.isVisible()
    assert QApplication.focusWidget() is desk.follow_up
    assert desk.read == kept


# States


@pytest.mark.parametrize(
    ("action", "target", "shown"),
    [
        ("state_treated_off", True, ("treated", "off study")),
        ("state_treated_by_protocol", True, ("removed", "")),
        ("state_treated_off", False, ("treated", "off study")),
    ],
)
def test_treatment_is_said_from_the_menu_and_explained(desk, action, target, shown) -> None:
    follow(desk, target=target)
    act(desk, action)
    found = cell(desk)
    assert (found.text, found.sub) == shown
    assert "never 0" in found.note or "leaves the sum" in found.note


def test_a_node_of_normal_size_is_a_state_of_nodes(desk) -> None:
    follow(desk, target=False)
    act(desk, "state_node_normal")
    assert finding(desk) is None
    assert "no lymph node" in desk.said()
    desk.activate(desk.pane)
    desk.choose(desk.bench.editor.organ, "lymph")
    desk.activate(desk.follow_up)
    act(desk, "state_node_normal")
    assert cell(desk).text == "normal"


def test_all_other_non_targets_are_said_present_by_one_key(desk) -> None:
    for row in (20, 50, 80):
        desk.activate(desk.pane)
        desk.keys(Qt.Key.Key_N)
        desk.measure_disc(desk.pane, 20, row=row)
        desk.choose(desk.bench.editor.organ, "liver")
        desk.choose(desk.bench.editor.role, "non")
    desk.activate(desk.follow_up)
    desk.keys(Qt.Key.Key_Space, Qt.Key.Key_X)
    before = desk.events()
    desk.key(Qt.Key.Key_Y, SHIFT)
    assert desk.events() == before + 1
    states = sorted(lesion.findings[desk.bench.reading.timepoint].state for lesion in desk.read.lesions.values())
    assert states == [LesionState.ABSENT, LesionState.PRESENT, LesionState.PRESENT]
    desk.key(Qt.Key.Key_Y, SHIFT)
    assert desk.events() == before + 1
    assert "has a state at FU1" in desk.said()


def test_a_new_lesion_says_how_sure_it_is_and_why_not_surer(desk) -> None:
    new_lesion(desk)
    editor = desk.bench.editor
    assert cell(desk, 1).text == "new?"
    assert editor.new_status.isVisible()
    assert not editor.cause.isVisible()
    desk.choose(editor.new_status, "equi")
    assert editor.cause.isVisible()
    assert cell(desk, 1).text == "cause?"
    desk.choose(editor.cause, "flare")
    assert (finding(desk, 1).new_status, finding(desk, 1).cause) == (NewStatus.EQUIVOCAL, "FLARE")
    assert cell(desk, 1).sub == "equivocal"
    desk.choose(editor.new_status, "unequi")
    assert (finding(desk, 1).new_status, finding(desk, 1).cause) == (NewStatus.YES, "")
    assert cell(desk, 1).sub == "new"


# Fields


def test_everyday_fields_are_there_and_the_others_behind_more(desk) -> None:
    desk.baseline_target()
    side = desk.bench._side
    assert side.response.isVisible()
    assert not side.details.isVisible()
    table = side.lesions.geometry()
    desk.click(side.editor.more)
    assert side.details.isVisible()
    assert not side.response.isVisible()
    assert side.lesions.geometry() == table
    desk.click(side.editor.more)
    assert side.response.isVisible()


def test_the_details_of_a_lesion_are_acts(desk) -> None:
    desk.baseline_target()
    desk.choose(desk.bench.editor.organ, "bone")
    desk.click(desk.bench.editor.more)
    details = desk.bench._side.details
    before = desk.events()
    desk.choose(details.side, "left")
    QTest.keyClicks(details.levels, "t9-t11, l2")
    QTest.keyClick(details.levels, Qt.Key.Key_Return)
    for compartment in (Compartment.BODY, Compartment.PEDICLE_L):
        desk.click(details.compartments[compartment], QPoint(8, 8))
    desk.choose(details.lytic, "yes")
    desk.choose(details.scope, "whole")
    desk.choose(details.therapy, "irradiation")
    desk.choose(details.progressed, "yes")
    desk.choose(details.margin, "hard")
    desk.choose(details.pet, "posi")
    QTest.keyClicks(details.comment, "close to the cord")
    QTest.keyClick(details.comment, Qt.Key.Key_Return)
    lesion = desk.lesion()
    assert lesion.site.laterality is Laterality.LEFT
    assert lesion.site.levels == (Level.T9, Level.T10, Level.T11, Level.L2)
    assert lesion.site.compartments == {Compartment.BODY, Compartment.PEDICLE_L}
    assert (lesion.predominantly_lytic, lesion.scope) == (True, Scope.WHOLE_LESION)
    therapy = PriorTherapy(kind=LocalTherapy.RT, study_treatment=False, over_two_years=None, progressed_since=True)
    assert lesion.prior_therapy == therapy
    assert (finding(desk).margin_hidden_by, finding(desk).pet) == ("HARDWARE", Pet.POSITIVE)
    assert lesion.comment == "close to the cord"
    assert desk.events() == before + 11
    assert "T9-T11, L2" in desk.bench.lesions.table().rows[0].site + desk.bench.lesions.table().rows[0].detail
    assert desk.bench.editor.level.currentText() == "T9-T11, L2"
    for _ in range(11):
        desk.key(Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier)
    assert desk.lesion().site.compartments == frozenset()
    assert desk.lesion().prior_therapy is None


def test_levels_that_make_no_sense_are_refused_and_stay_to_be_mended(desk) -> None:
    desk.baseline_target()
    desk.click(desk.bench.editor.more)
    details = desk.bench._side.details
    kept = desk.read
    details.levels.setFocus()
    QTest.keyClicks(details.levels, "T99")
    QTest.keyClick(details.levels, Qt.Key.Key_Tab)
    desk.breathe()
    assert "'T99' is no list of vertebrae" in desk.said()
    assert desk.read == kept
    assert details.levels.text() == "T99"


def test_several_levels_are_kept_when_another_field_of_the_site_changes(desk) -> None:
    desk.baseline_target()
    desk.choose(desk.bench.editor.organ, "bone")
    desk.click(desk.bench.editor.more)
    levels = desk.bench._side.details.levels
    QTest.keyClicks(levels, "T9-T10")
    QTest.keyClick(levels, Qt.Key.Key_Return)
    desk.bench.editor.location.setFocus()
    QTest.keyClicks(desk.bench.editor.location, "left pedicle")
    desk.key(Qt.Key.Key_Return)
    assert desk.lesion().site.levels == (Level.T9, Level.T10)
    assert desk.lesion().site.location == "left pedicle"


def test_a_bone_lesion_treated_before_asks_whether_it_progressed(desk) -> None:
    desk.baseline_target()
    desk.click(desk.bench.editor.more)
    details = desk.bench._side.details
    assert not details.progressed.isVisible()
    desk.choose(details.therapy, "surgery")
    assert details.progressed.isVisible()
    row = desk.bench.lesions.table().rows[0]
    assert (row.mark, "treated locally" in row.detail) == ("bad", True)
    assert "RECIST 1.1" in row.note
    desk.activate(desk.pane)
    desk.key(Qt.Key.Key_Return, Qt.KeyboardModifier.ControlModifier)
    assert not desk.bench.reading.locked
    desk.choose(details.progressed, "yes")
    assert desk.bench.lesions.table().rows[0].mark == ""


def test_a_soft_rule_asks_for_a_reason_in_place_and_is_answered_by_it(desk) -> None:
    two_targets(desk)
    desk.activate(desk.pane)
    desk.choose(desk.bench.editor.role, "non")
    editor = desk.bench.editor
    lesion = desk.bench.reading.selected
    row = next(row for row in desk.bench.lesions.table().rows if row.lesion == lesion)
    assert row.mark == "warn"
    assert editor.problems.isVisible()
    assert "4.2" in editor.problems.text()
    editor.reason.setFocus()
    QTest.keyClicks(editor.reason, "not reproducible")
    QTest.keyClick(editor.reason, Qt.Key.Key_Return)
    assert desk.read.lesions[lesion].override_reason == "not reproducible"
    row = next(row for row in desk.bench.lesions.table().rows if row.lesion == lesion)
    assert (row.mark, "not reproducible" in row.note) == ("", True)
    assert QApplication.focusWidget() is desk.pane


def test_tab_goes_through_the_fields_enter_commits_and_esc_takes_back(desk) -> None:
    desk.baseline_target()
    desk.keys(Qt.Key.Key_F2)
    editor = desk.bench.editor
    order = [field for field in editor.fields() if field.isVisible()]
    assert QApplication.focusWidget() is editor.organ
    seen = []
    for _ in order[order.index(editor.organ) :]:
        seen.append(QApplication.focusWidget())
        desk.key(Qt.Key.Key_Tab)
    assert seen == order[order.index(editor.organ) :]
    before = desk.events()
    editor.location.setFocus()
    QTest.keyClicks(editor.location, "xyz")
    desk.key(Qt.Key.Key_Escape)
    assert (editor.location.text(), desk.events()) == ("", before)
    assert QApplication.focusWidget() is desk.pane
    desk.keys(Qt.Key.Key_F2)
    QTest.keyClicks(editor.organ, "liv")
    desk.key(Qt.Key.Key_Escape)
    assert editor.organ.currentText() == "soft tissue"
    assert desk.events() == before
    desk.keys(Qt.Key.Key_F2)
    desk.breathe(QApplication.keyboardInputInterval() + 20)
    QTest.keyClicks(editor.organ, "liv")
    desk.key(Qt.Key.Key_Return)
    assert desk.lesion().site.organ == "LIVER"
    assert QApplication.focusWidget() is desk.pane


def test_f2_without_a_lesion_says_what_to_do(desk) -> None:
    desk.activate(desk.pane)
    desk.keys(Qt.Key.Key_F2)
    assert "No lesion is selected" in desk.said()


def test_a_space_in_a_box_to_tick_ticks_it_and_does_not_go_on(desk) -> None:
    follow(desk)
    selected = desk.bench.reading.selected
    timepoint = desk.bench.reading.timepoint
    desk.bench.editor.nodal.setFocus()
    desk.key(Qt.Key.Key_Space)
    assert desk.lesion().nodal
    assert (desk.bench.reading.selected, desk.bench.reading.timepoint) == (selected, timepoint)
    desk.key(Qt.Key.Key_Return)
    assert QApplication.focusWidget() is desk.follow_up


# Doubts


def test_a_mark_at_the_place_of_another_lesion_is_said_and_kept(desk) -> None:
    desk.baseline_target()
    desk.keys(Qt.Key.Key_N)
    desk.measure_disc(desk.pane, 30, row=54)
    assert len(desk.read.lesions) == 2
    # Six pixels of 0.75 mm; a screen pixel is a fraction of one.
    assert re.search(r"T02 lies 4\.[3-7] mm from T01 at BL", desk.said())
    row = desk.bench.lesions.table().rows[1]
    assert (row.mark, "mm from T01" in row.note) == ("warn", True)


def test_marks_more_than_five_millimetres_apart_are_not_asked_about(desk) -> None:
    desk.baseline_target()
    desk.keys(Qt.Key.Key_N)
    desk.measure_disc(desk.pane, 30, row=57)
    assert "the same lesion" not in desk.said()


def test_the_technique_of_the_first_mark_is_kept_with_its_window_and_shown(desk) -> None:
    desk.activate(desk.pane)
    desk.keys(Qt.Key.Key_2)
    desk.baseline_target()
    technique = desk.lesion().technique
    assert (technique.modality, technique.plane, technique.window) == ("CT", "AXIAL", "W1800 L400")
    desk.click(desk.bench.editor.more)
    assert desk.bench._side.details.technique.text() == "CT, axial, W1800 L400"


def test_another_modality_is_flagged_and_judged_in_place(empty, series: Callable[..., Path], tmp_path: Path) -> None:
    series(tmp_path / "images" / "bl", date=DATES[0])
    mr = series(tmp_path / "images" / "fu", date=DATES[1], modality="MR")
    assert mr.exists()
    empty.window.open_path(tmp_path / "images", "S-9")
    empty.loaded()
    desk = empty
    follow(desk)
    desk.measure_disc(desk.follow_up, 24)
    assert "MR instead of CT" in desk.said()
    assert cell(desk).text == "same?"
    editor = desk.bench.editor
    assert editor.comparable.isVisible()
    desk.choose(editor.comparable, "comp")
    assert float(cell(desk).text) == pytest.approx(18, abs=0.4)
    assert cell(desk).sub == "modality"
    desk.choose(editor.comparable, "not")
    assert cell(desk).text == "NE"
    assert "not comparable" in cell(desk).note


def test_another_plane_asks_why_and_keeps_the_answer(empty, series: Callable[..., Path], tmp_path: Path) -> None:
    series(tmp_path / "images" / "bl", date=DATES[0])
    series(tmp_path / "images" / "fu", date=DATES[1], sagittal=True)
    empty.window.open_path(tmp_path / "images", "S-9")
    empty.loaded()
    desk = empty
    follow(desk)
    desk.measure_disc(desk.follow_up, 24)
    assert "SAGITTAL instead of AXIAL" in desk.said()
    assert cell(desk).sub == "plane"
    why = desk.bench.editor.why_technique
    assert why.isVisible()
    why.setFocus()
    QTest.keyClicks(why, "no axial images")
    QTest.keyClick(why, Qt.Key.Key_Return)
    assert finding(desk).reason == "no axial images"
    assert "no axial images" in cell(desk).note


def test_an_equivocal_lesion_that_is_confirmed_later_says_so_at_its_first_timepoint(many) -> None:
    desk = many
    desk.baseline_target()
    listed = [timepoint.id for timepoint in desk.bench.reading.case.in_order]
    for place, status in ((1, "equi"), (2, "unequi")):
        desk.bench.navigation.show_timepoint(listed[place])
        desk.breathe()
        pane = desk.bench.grid.active
        desk.wait(lambda pane=pane: pane.shown.volume is not None and pane.shown.volume.complete, "volume")
        desk.activate(pane)
        if place == 1:
            desk.keys(Qt.Key.Key_N)
            desk.measure_disc(pane, 16, row=80)
            desk.choose(desk.bench.editor.organ, "lung")
        else:
            desk.keys(Qt.Key.Key_Y)
        desk.choose(desk.bench.editor.new_status, status)
        if place == 1:
            desk.choose(desk.bench.editor.cause, "ben")
    first = desk.bench.lesions.cell(desk.lesion(1).id, listed[1])
    assert (first.sub, first.sub_tone) == ("confirmed", "bad")
    assert "new since the first visit" in first.note


def test_ticking_a_box_with_the_mouse_leaves_the_keys_with_the_image(desk) -> None:
    desk.baseline_target()
    desk.click(desk.bench.editor.nodal, QPoint(8, 8))
    assert desk.lesion().nodal
    assert QApplication.focusWidget() is desk.pane
    desk.keys(Qt.Key.Key_T)
    assert desk.lesion().role is LesionRole.NON_TARGET


# Many timepoints


def test_baseline_nadir_prior_and_current_stay_in_sight_and_the_others_scroll(many) -> None:
    desk = many
    desk.baseline_target()
    widths = {1: 20, 2: 10, 3: 24, 4: 26}
    listed = [timepoint.id for timepoint in desk.bench.reading.case.in_order]
    for place, width in widths.items():
        desk.bench.navigation.show_timepoint(listed[place])
        desk.bench.reading.select(desk.lesion().id)
        desk.breathe()
        pane = desk.bench.grid.active
        desk.wait(lambda pane=pane: pane.shown.volume is not None and pane.shown.volume.complete, "volume")
        desk.measure_disc(pane, width)
    desk.bench.navigation.show_timepoint(listed[5])
    panel = desk.bench.lesions
    wanted = {listed[0], listed[2], listed[4], listed[5]}
    assert panel.table().pinned == wanted
    assert wanted <= set(panel.in_sight())
    assert panel.others.isVisible()
    assert "nadir" in str(panel.view.model().headerData(3, Qt.Orientation.Horizontal))
    seen = set(panel.in_sight())
    for _ in range(panel.others.maximum()):
        desk.click(panel.others, QPoint(1, panel.others.height() // 2))
        seen |= set(panel.in_sight())
        assert wanted <= set(panel.in_sight())
    assert seen == set(listed)
    right = panel.view.viewport().width()
    assert panel.view.horizontalHeader().length() <= right


def test_what_was_treated_stays_treated_at_later_timepoints(many) -> None:
    desk = many
    desk.baseline_target()
    listed = [timepoint.id for timepoint in desk.bench.reading.case.in_order]
    desk.bench.navigation.show_timepoint(listed[1])
    desk.bench.reading.select(desk.lesion().id)
    act(desk, "state_treated_off")
    later = desk.bench.lesions.cell(desk.lesion().id, listed[2])
    assert (later.text, later.tone) == ("treated", "EMPTY")
    desk.bench.navigation.show_timepoint(listed[2])
    desk.breathe()
    desk.keys(Qt.Key.Key_X)
    later = desk.bench.lesions.cell(desk.lesion().id, listed[2])
    assert (later.text, later.sub, "not used" in later.note) == ("absent", "treated", True)


# Effort


def test_three_lesions_are_followed_with_two_acts_each(desk) -> None:
    for row in (20, 50, 80):
        desk.activate(desk.pane)
        desk.keys(Qt.Key.Key_N)
        desk.measure_disc(desk.pane, 20, row=row)
        desk.choose(desk.bench.editor.organ, "liver" if row < 60 else "lung")
    desk.activate(desk.follow_up)
    acts = 0
    for row in (20, 50, 80):
        desk.keys(Qt.Key.Key_Space)
        desk.measure_disc(desk.follow_up, 16, row=row)
        acts += 2
    assert not desk.bench.reading.owed()
    assert all(lesion.role is LesionRole.TARGET for lesion in desk.read.lesions.values())
    assert acts / 3 <= 6


def test_the_same_place_on_another_series_of_the_visit_is_asked_about(
    empty, series: Callable[..., Path], tmp_path: Path
) -> None:
    for name in ("Axial 1", "Axial 2"):
        series(tmp_path / "images" / name, date=DATES[0], study="s1", name=name)
    empty.window.open_path(tmp_path / "images", "S-9")
    empty.loaded()
    desk = empty
    desk.activate(desk.pane)
    desk.keys(Qt.Key.Key_B)
    desk.measure_disc(desk.pane, 30)
    first = desk.pane.shown.stack.stack.id
    other = next(stack for stack in desk.bench.series.stacks() if stack != first)
    desk.bench.show_stack(other, desk.pane, desk.pane.shown.index)
    desk.wait(lambda: desk.pane.shown.volume is not None and desk.pane.shown.volume.complete, "volume")
    desk.keys(Qt.Key.Key_N)
    desk.measure_disc(desk.pane, 20, column=60)
    assert len(desk.read.lesions) == 2
    assert "T02 lies 0.0 mm from T01 at BL" in desk.said()
