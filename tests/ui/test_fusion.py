"""A PET over a CT: in one frame of reference, on request, and nothing can be measured on it."""

from __future__ import annotations

from decimal import Decimal

import pytest
from pydicom.dataset import Dataset
from PySide6.QtCore import Qt
from PySide6.QtGui import QColor

from spinereview.dicom.series_plan import derived_uid
from spinereview.imaging.slicing import Orientation

SHIFT = Qt.KeyboardModifier.ShiftModifier
MIDDLE, BESIDE = (48_500, 48_500), (8_500, 48_500)
WARM = 60
"""How much redder than blue a pixel is that the PET colours."""


def pet(series, folder, *, frame="one", dose="1400000", date="20250114", study="one"):
    """70 kg and 1.4 MBq at the injection: the 160 Bq/ml of the disc are an SUV of 8.0."""
    injected = Dataset()
    injected.RadionuclideTotalDose, injected.RadionuclideHalfLife = dose, "6586.2"
    return series(
        folder,
        date=date,
        name="PET",
        study=study,
        modality="MR",
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
