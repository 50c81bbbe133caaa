"""A PET over a CT: in one frame of reference, on request, and nothing can be measured on it."""

from __future__ import annotations

from decimal import Decimal

import pytest
from pydicom.dataset import Dataset
from PySide6.QtCore import Qt
from PySide6.QtGui import QColor
from PySide6.QtTest import QTest

from spinereview.dicom.series_plan import derived_uid
from spinereview.imaging.slicing import Orientation

SHIFT = Qt.KeyboardModifier.ShiftModifier
MIDDLE, BESIDE = (48_500, 48_500), (8_500, 48_500)
BANNER_PX = 100
"""What a draft says of itself ends above this; its letters are as warm as the PET."""
WARM = 60
"""How much redder than blue a pixel is that the PET colours."""


def pet(
    series, folder, *, frame="one", dose="1400000", date="20250114", study="one", turned=None, name="PET", **placed
):
    """70 kg and 1.4 MBq at the injection: the 160 Bq/ml of the disc are an SUV of 8.0."""
    injected = Dataset()
    injected.RadionuclideTotalDose, injected.RadionuclideHalfLife = dose, "6586.2"
    return series(
        folder,
        date=date,
        name=name,
        study=study,
        modality="MR",
        **placed,
        attributes={
            "SOPClassUID": "1.2.840.10008.5.1.4.1.1.128",
            "Modality": "PT",
            "ImageType": ["ORIGINAL", "PRIMARY"],
            "Units": "BQML",
            "DecayCorrection": "ADMIN",
            "CorrectedImage": ["DECY", "ATTN"],
            "PatientWeight": "70",
            "RadiopharmaceuticalInformationSequence": [injected] if dose else [],
            "FrameOfReferenceUID": derived_uid(frame, "frame"),
            **(turned or {}),
        },
    )


@pytest.fixture
def both(empty, series, tmp_path):
    """Opens a CT and a PET of one visit, the CT active, one pane."""

    def opened(**changed):
        series(tmp_path / "both" / "ct", date="20250114", name="CT", study="one")
        pet(series, tmp_path / "both" / "pet", **changed)
        empty.window.open_path(tmp_path / "both", "S-F")
        empty.loaded()
        empty.activate(empty.pane)
        empty.bench.show_stack(stack_named(empty, "CT"), empty.pane)
        empty.loaded()
        return empty

    return opened


def stack_named(desk, title):
    return next(stack for stack in desk.bench.series.stacks() if desk.bench.title_of(stack) == title)


def colour(desk, point):
    return QColor(desk.pane.grab().toImage().pixel(desk.at(desk.pane, point)))


def warmth(desk, point):
    """How much redder than blue the screen is over a point of the image."""
    seen = colour(desk, point)
    return seen.red() - seen.blue()


def fused(desk):
    desk.keys(Qt.Key.Key_P)
    desk.wait(lambda: desk.pane.shown.fused is not None and desk.pane.shown.fused.volume.complete, "PET")
    desk.breathe()


@pytest.mark.parametrize("plane", [Qt.Key.Key_1, Qt.Key.Key_3, Qt.Key.Key_4])
def test_a_key_lays_the_pet_over_the_ct_in_every_plane_and_takes_it_away(both, plane) -> None:
    desk = both()
    desk.keys(plane, modifiers=SHIFT)
    middle = tuple(1000 * size // 2 + 300 for size in reversed(desk.pane.shown.planes.size))
    beside = (2_500, middle[1])
    assert warmth(desk, middle) == 0
    fused(desk)
    assert warmth(desk, middle) > WARM
    assert warmth(desk, beside) == 0
    desk.keys(Qt.Key.Key_P)
    assert warmth(desk, middle) == 0


def test_the_overlay_says_what_it_is_and_how_strong(both) -> None:
    desk = both()
    fused(desk)
    assert (desk.pane.shown.fused.unit, desk.pane.shown.fused.top) == ("SUVbw", 10)
    assert desk.pane.describe(desk.pane.shown).lower_right[1] == "PET over it, 50 %, to look at"
    weak = warmth(desk, MIDDLE)
    desk.keys(Qt.Key.Key_P, modifiers=SHIFT)
    assert desk.pane.describe(desk.pane.shown).lower_right[1] == "PET over it, 75 %, to look at"
    assert warmth(desk, MIDDLE) > weak + 30


def test_without_an_suv_the_bar_has_the_unit_of_the_activity(both) -> None:
    desk = both(dose="")
    fused(desk)
    assert (desk.pane.shown.fused.unit, desk.pane.shown.fused.top) == ("Bq/ml", 160)


def test_lesson_13_pet_and_ct_of_different_frames_of_reference_are_refused_with_both_frames(both) -> None:
    """PET and CT of different frames of reference fused silently."""
    desk = both(frame="two")
    desk.keys(Qt.Key.Key_P)
    assert "PET is not laid over CT" in desk.said()
    assert derived_uid("one", "frame") in desk.said()
    assert derived_uid("two", "frame") in desk.said()
    desk.breathe(50)
    assert desk.pane.shown.fused is None
    assert warmth(desk, MIDDLE) == 0


def test_a_pet_of_another_visit_is_not_laid_over_a_ct(empty, series, tmp_path) -> None:
    """Two visits are never joined by coordinates, though a file may claim one frame for both."""
    series(tmp_path / "both" / "ct", date="20250114", name="CT", study="one")
    pet(series, tmp_path / "both" / "pet", date="20250408", study="another")
    empty.window.open_path(tmp_path / "both", "S-F")
    empty.loaded()
    empty.activate(empty.pane)
    empty.bench.show_stack(stack_named(empty, "CT"), empty.pane)
    empty.keys(Qt.Key.Key_P)
    assert empty.pane.shown.fused is None
    assert "has no PET" in empty.said()


def test_nothing_can_be_measured_while_a_pet_lies_over_the_image_and_the_read_knows_nothing_of_it(both) -> None:
    desk = both()
    before = desk.events()
    fused(desk)
    desk.keys(Qt.Key.Key_B)
    desk.measure_disc(desk.pane)
    assert "nothing can be measured on it" in desk.said()
    assert desk.events() == before
    desk.keys(Qt.Key.Key_P)
    desk.measure_disc(desk.pane)
    assert desk.events() == before + 1


def test_labels_and_known_lengths_wait_until_the_pet_is_taken_away(both) -> None:
    desk = both()
    before = desk.events()
    fused(desk)
    for key, modifiers in ((Qt.Key.Key_L, Qt.KeyboardModifier.NoModifier), (Qt.Key.Key_D, SHIFT)):
        desk.dismiss()
        desk.keys(key, modifiers=modifiers)
        desk.drag(desk.pane, (30_000, 30_000), (40_000, 40_000))
        assert "nothing can be measured on it" in desk.said()
        assert not desk.bench.ask.isVisible()
    assert desk.events() == before
    desk.keys(Qt.Key.Key_P)
    desk.keys(Qt.Key.Key_L)
    desk.click(desk.pane, desk.at(desk.pane, (30_000, 30_000)))
    assert desk.bench.ask.isVisible()


def test_a_label_and_a_caliper_are_not_moved_under_a_pet(both) -> None:
    desk = both()
    desk.keys(Qt.Key.Key_B)
    desk.measure_disc(desk.pane)
    desk.keys(Qt.Key.Key_L)
    desk.click(desk.pane, desk.at(desk.pane, (30_000, 30_000)))
    QTest.keyClicks(desk.bench.ask.line, "T9")
    QTest.keyClick(desk.bench.ask.line, Qt.Key.Key_Return)
    desk.breathe()
    before, events = desk.read, desk.events()
    fused(desk)
    desk.drag(desk.pane, (30_000, 30_000), (40_000, 30_000))
    assert "nothing can be measured on it" in desk.said()
    desk.dismiss()
    desk.keys(Qt.Key.Key_Escape)
    caliper = desk.pane.shown.calipers[0].handles[0]
    desk.drag(desk.pane, caliper, (caliper[0] + 6_000, caliper[1]))
    assert "nothing can be measured on it" in desk.said()
    desk.key(Qt.Key.Key_Left, Qt.KeyboardModifier.AltModifier)
    assert (desk.read, desk.events()) == (before, events)
    desk.keys(Qt.Key.Key_P)
    desk.drag(desk.pane, caliper, (caliper[0] + 6_000, caliper[1]))
    assert desk.events() == events + 1


@pytest.fixture
def two(both, series, tmp_path):
    """Two PETs of the visit: the first in the list is not corrected for attenuation."""

    def opened(**changed):
        pet(series, tmp_path / "both" / "a", name="NAC", turned={"CorrectedImage": ["DECY"]}, **changed)
        return both()

    return opened


def next_pet(desk):
    desk.window.actions_by_id["fuse_next"].trigger()
    desk.breathe()


def test_of_several_pets_the_corrected_one_comes_first_and_the_next_by_an_action(two) -> None:
    desk = two()
    fused(desk)
    assert desk.pane.describe(desk.pane.shown).lower_right[1] == "PET (1/2) over it, 50 %, to look at"
    next_pet(desk)
    desk.wait(lambda: desk.pane.shown.fused is not None and desk.pane.shown.fused.volume.complete, "PET")
    assert desk.pane.describe(desk.pane.shown).lower_right[1] == "NAC (2/2) over it, 50 %, to look at"
    assert desk.pane.shown.fused.unit == "Bq/ml"
    # The choice stays, however often the PET is taken away.
    desk.keys(Qt.Key.Key_P, Qt.Key.Key_P)
    assert "NAC" in desk.pane.shown.fused.words
    next_pet(desk)
    assert "PET (1/2)" in desk.pane.shown.fused.words


def test_a_chosen_pet_of_another_frame_is_refused_and_it_is_the_one_that_is_aligned(two) -> None:
    desk = two(frame="two")
    fused(desk)
    next_pet(desk)
    assert "NAC is not laid over CT" in desk.said()
    assert desk.pane.shown.fused is None
    align(desk)
    desk.wait(lambda: desk.pane.shown.fused is not None, "PET")
    assert desk.pane.shown.fused.stack.title == "NAC"
    assert desk.pane.shown.fused.moved.draft


def test_where_there_is_one_pet_no_other_is_laid(both) -> None:
    desk = both()
    fused(desk)
    next_pet(desk)
    assert "has no other PET than PET" in desk.said()
    assert desk.pane.shown.fused is not None


def test_the_pet_itself_is_refused_as_what_lies_below(both) -> None:
    desk = both()
    desk.bench.show_stack(stack_named(desk, "PET"), desk.pane)
    desk.loaded()
    desk.keys(Qt.Key.Key_P)
    assert "This is the PET itself" in desk.said()


def test_an_overlay_stays_through_scrolling_and_other_planes(both) -> None:
    desk = both()
    fused(desk)
    desk.keys(Qt.Key.Key_Home)
    assert desk.pane.shown.fused is not None
    desk.keys(Qt.Key.Key_4, modifiers=SHIFT)
    assert desk.pane.shown.planes.orientation is Orientation.CORONAL
    assert desk.pane.shown.fused is not None
    assert Decimal(desk.pane.shown.fused.factor) > 0


@pytest.fixture
def apart(both):
    """The PET in a frame of its own, 400 mm higher and with smaller samples; refused, then begun to be aligned."""

    def begun():
        desk = both(frame="two", foot_mm=400, spacing=Decimal("0.6"), slices=8)
        desk.keys(Qt.Key.Key_P)
        assert "Align the PET to the image by hand" in desk.said()
        desk.dismiss()
        align(desk)
        desk.wait(lambda: desk.pane.shown.fused is not None and desk.pane.shown.fused.volume.complete, "PET")
        desk.breathe()
        return desk

    return begun


def align(desk):
    desk.window.actions_by_id["tool_align_pet"].trigger()
    desk.breathe()


def hot_spot(desk):
    """Middle of what the PET colours, in thousandths of a pixel of the image below."""
    image = desk.pane.grab().toImage()
    rows, columns = desk.pane.shown.planes.size
    found = []
    for row in range(rows):
        for column in range(columns):
            place = (column * 1000 + 500, row * 1000 + 500)
            spot = desk.at(desk.pane, place)
            seen = QColor(image.pixel(spot))
            if spot.y() > BANNER_PX and seen.red() - seen.blue() > WARM:
                found.append(place)
    return tuple(sum(axis) / len(found) for axis in zip(*found, strict=True))


def lies_at(desk, point, *, within=1000):
    return all(abs(seen - there) <= within for seen, there in zip(hot_spot(desk), point, strict=True))


def aligned(desk):
    """What is kept of the one PET."""
    ((_, frames),) = desk.read.alignments.items()
    assert list(frames) == [derived_uid("one", "frame")]
    return frames[derived_uid("one", "frame")]


def test_a_draft_begins_centre_on_centre_and_says_that_it_is_none(apart) -> None:
    desk = apart()
    assert lies_at(desk, (48_000, 48_000))
    # Centre on centre: 96 samples of 0.75 and of 0.6 mm; 6 and 8 images 5 mm apart, the PET 400 mm higher.
    assert desk.pane.shown.fused.moved.way == "L 7.1, P 7.1, F 405.0 mm"
    assert desk.pane.describe(desk.pane.shown).lower_right[1] == "PET over it, 50 %, not aligned"
    assert not desk.read.alignments
    assert desk.events() == 0


def test_a_hot_spot_lies_where_the_mouse_has_put_it_once_that_is_confirmed(apart) -> None:
    desk = apart()
    there = (58_000, 40_000)
    desk.drag(desk.pane, (48_000, 48_000), there)
    assert lies_at(desk, there)
    assert not desk.read.alignments
    desk.key(Qt.Key.Key_Return)
    assert lies_at(desk, there)
    way, told = desk.pane.shown.fused.moved.way, desk.pane.describe(desk.pane.shown).lower_right
    assert told[1] == "PET over it, 50 %, aligned by hand by R1"
    assert told[0].startswith(f"moved {way}  zoom")
    assert way.endswith("F 405.0 mm")
    # Centre on centre: 96 samples of 0.75 and of 0.6 mm; 6 and 8 images 5 mm apart, the PET 400 mm higher.
    centre = (7_125, 7_125, -405_000)
    moved = [now - then for now, then in zip(aligned(desk).move_um, centre, strict=True)]
    assert abs(moved[0] - 7_500) <= 400
    assert abs(moved[1] + 6_000) <= 400
    assert moved[2] == 0
    assert aligned(desk).author == "R1"
    assert desk.events() == 1
    # It is laid over the image on request, like any other.
    desk.keys(Qt.Key.Key_P)
    assert warmth(desk, there) == 0
    fused(desk)
    assert lies_at(desk, there)


@pytest.mark.parametrize(("plane", "moved"), [(Qt.Key.Key_3, (0, -3_000, 2_000)), (Qt.Key.Key_4, (-3_000, 0, 2_000))])
def test_arrows_move_it_by_a_millimetre_in_the_shown_plane(apart, plane, moved) -> None:
    desk = apart()
    before = desk.pane.shown.fused.moved.by_um
    desk.keys(plane, modifiers=SHIFT)
    place = desk.pane.shown.index
    desk.keys(Qt.Key.Key_Left, Qt.Key.Key_Left, Qt.Key.Key_Left, Qt.Key.Key_Up, Qt.Key.Key_Up)
    desk.key(Qt.Key.Key_Return)
    assert desk.pane.shown.index == place
    assert tuple(now - then for now, then in zip(aligned(desk).move_um, before, strict=True)) == moved


def test_the_keys_scroll_again_once_it_is_confirmed(apart) -> None:
    desk = apart()
    desk.key(Qt.Key.Key_Return)
    place = desk.pane.shown.index
    desk.keys(Qt.Key.Key_Down)
    assert desk.pane.shown.index == place + 1
    assert aligned(desk).move_um == (7_125, 7_125, -405_000)
    desk.keys(Qt.Key.Key_B)
    desk.measure_disc(desk.pane)
    assert "nothing can be measured on it" in desk.said()


def test_esc_drops_the_draft_and_the_refusal_stays(apart) -> None:
    desk = apart()
    tool = desk.window.acts.tool
    desk.drag(desk.pane, (48_000, 48_000), (58_000, 40_000))
    desk.key(Qt.Key.Key_Escape)
    assert not desk.read.alignments
    assert desk.pane.shown.fused is None
    assert desk.window.actions_by_id[tool].isChecked()
    desk.keys(Qt.Key.Key_P)
    desk.keys(Qt.Key.Key_P)
    assert "belong to different frames of reference" in desk.said()
    assert warmth(desk, MIDDLE) == 0


@pytest.mark.parametrize("key", [Qt.Key.Key_W, Qt.Key.Key_N], ids=["window", "new lesion"])
def test_another_tool_drops_the_draft(apart, key) -> None:
    desk = apart()
    desk.keys(key)
    assert desk.pane.shown.fused is None
    desk.key(Qt.Key.Key_Return)
    assert not desk.read.alignments


def test_a_draft_that_is_hidden_is_neither_moved_nor_confirmed(apart) -> None:
    desk = apart()
    desk.keys(Qt.Key.Key_P)
    assert warmth(desk, MIDDLE) == 0
    desk.drag(desk.pane, (48_000, 48_000), (58_000, 40_000))
    desk.key(Qt.Key.Key_Return)
    assert "not shown in this pane" in desk.said()
    assert not desk.read.alignments
    desk.keys(Qt.Key.Key_P)
    assert lies_at(desk, (48_000, 48_000))


def test_what_was_confirmed_is_undone_and_done_again(apart) -> None:
    desk = apart()
    desk.key(Qt.Key.Key_Return)
    desk.key(Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier)
    assert not desk.read.alignments
    assert desk.pane.shown.fused is None
    desk.key(Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier | SHIFT)
    assert desk.pane.shown.fused is not None
    assert "align_pet" in [entry.name for entry in desk.bench.reading.session.history()]


def test_what_was_confirmed_is_begun_from_and_taken_away_with_del(apart) -> None:
    desk = apart()
    desk.drag(desk.pane, (48_000, 48_000), (58_000, 40_000))
    desk.key(Qt.Key.Key_Return)
    align(desk)
    assert desk.pane.shown.fused.moved.draft
    assert lies_at(desk, (58_000, 40_000))
    desk.key(Qt.Key.Key_Delete)
    assert not desk.read.alignments
    assert desk.pane.shown.fused is None
    align(desk)
    desk.key(Qt.Key.Key_Delete)
    assert "nothing to take away" in desk.said()


def test_what_was_confirmed_is_there_after_reopening(apart, reopened) -> None:
    desk = apart()
    desk.key(Qt.Key.Key_Return)
    again = reopened(desk)
    again.loaded()
    again.activate(again.pane)
    again.bench.show_stack(stack_named(again, "CT"), again.pane)
    again.loaded()
    fused(again)
    assert "aligned by hand by R1" in again.pane.describe(again.pane.shown).lower_right[1]


def test_an_alignment_joins_nothing_that_scrolls(apart) -> None:
    desk = apart()
    desk.key(Qt.Key.Key_Return)
    assert not desk.read.link_offsets
    desk.keys(Qt.Key.Key_C)
    desk.bench.show_stack(stack_named(desk, "PET"), desk.follow_up)
    desk.loaded()
    place = desk.follow_up.shown.index
    desk.activate(desk.pane)
    desk.keys(Qt.Key.Key_Down, Qt.Key.Key_Down)
    assert desk.follow_up.shown.index == place


def test_in_one_frame_there_is_nothing_to_align(both) -> None:
    desk = both()
    align(desk)
    assert "share one frame of reference" in desk.said()
    assert desk.pane.shown.fused is None


def test_a_locked_visit_is_not_aligned(both) -> None:
    desk = both(frame="two")
    desk.keys(Qt.Key.Key_Return, modifiers=Qt.KeyboardModifier.ControlModifier)
    assert desk.bench.reading.locked
    align(desk)
    assert "is locked" in desk.said()
    assert desk.pane.shown.fused is None


def test_images_that_are_turned_are_refused_since_nothing_is_turned(empty, series, tmp_path) -> None:
    series(tmp_path / "both" / "ct", date="20250114", name="CT", study="one")
    cosine, sine = "0.99998", "0.00632"
    turned = {"ImageOrientationPatient": [cosine, sine, "0", f"-{sine}", cosine, "0"]}
    pet(series, tmp_path / "both" / "pet", frame="two", turned=turned)
    empty.window.open_path(tmp_path / "both", "S-F")
    empty.loaded()
    empty.activate(empty.pane)
    empty.bench.show_stack(stack_named(empty, "CT"), empty.pane)
    align(empty)
    assert "only moving is offered, no turning" in empty.said()
    assert empty.pane.shown.fused is None


def test_a_case_that_is_closed_takes_its_draft_along(apart, images) -> None:
    desk = apart()
    tool = desk.window.acts.tool
    desk.drag(desk.pane, (48_000, 48_000), (58_000, 40_000))
    desk.key(Qt.Key.Key_W, Qt.KeyboardModifier.ControlModifier)
    assert desk.window.actions_by_id[tool].isChecked()
    desk.window.open_path(images, "S-1")
    desk.loaded()
    assert not desk.read.alignments
    assert desk.bench.grid.viewports[0].shown.fused is None


def test_a_draft_is_shown_in_every_plane_and_the_banner_on_each_pane(apart) -> None:
    desk = apart()
    desk.keys(Qt.Key.Key_C)
    desk.bench.show_stack(stack_named(desk, "CT"), desk.follow_up)
    desk.loaded()
    desk.activate(desk.follow_up)
    desk.keys(Qt.Key.Key_4, modifiers=SHIFT)
    desk.breathe()
    for pane in (desk.pane, desk.follow_up):
        assert pane.shown.fused.moved.draft
        image = pane.grab().toImage()
        seen = [QColor(image.pixel(x, y)) for y in range(54, 90) for x in range(40, pane.width() - 40)]
        assert any(colour.red() - colour.blue() > WARM for colour in seen)
    desk.key(Qt.Key.Key_Escape)
    image = desk.follow_up.grab().toImage()
    seen = [QColor(image.pixel(x, y)) for y in range(54, 90) for x in range(40, desk.follow_up.width() - 40)]
    assert not any(colour.red() - colour.blue() > WARM for colour in seen)
