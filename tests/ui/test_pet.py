"""PET on the screen: the pixel under the pointer as SUV, or the reason why there is none."""

from __future__ import annotations

from decimal import Decimal

import numpy as np
import pytest
from pydicom.dataset import Dataset
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest

from spinereview.dicom.series_plan import SeriesGeometry, SeriesPlan, derived_uid
from spinereview.dicom.write import write_series
from spinereview.imaging.slicing import Orientation

SIDE, STORED = 32, 100
ACTIVITY = (1000, 2000, 4000)
"""Bq/ml of the three slices: the same stored value, each with its own slope."""


def pet(folder, **changed):
    """70 kg and 350 MBq, decay-corrected to the injection: 1000 Bq/ml are an SUV of 0.20."""
    zero, one = Decimal(0), Decimal(1)
    injected = Dataset()
    injected.RadionuclideTotalDose, injected.RadionuclideHalfLife = "350000000", "6586.2"
    plan = SeriesPlan(
        modality="MR",
        seed=f"pet {sorted(changed)}",
        geometry=SeriesGeometry(
            origin_mm=(zero, zero, zero),
            row_direction=(one, zero, zero),
            column_direction=(zero, one, zero),
            pixel_spacing_mm=(Decimal(4), Decimal(4)),
            step_mm=(zero, zero, Decimal(3)),
            slice_thickness_mm=Decimal(3),
        ),
        patient_id="4711",
        study_date="20250114",
        series_description="PET",
        slopes=tuple(Decimal(value) / STORED for value in ACTIVITY),
        attributes={
            "SOPClassUID": "1.2.840.10008.5.1.4.1.1.128",
            "Modality": "PT",
            "ImageType": ["ORIGINAL", "PRIMARY"],
            "Units": "BQML",
            "DecayCorrection": "ADMIN",
            "CorrectedImage": ["DECY", "ATTN"],
            "PatientWeight": "70",
            "RadiopharmaceuticalInformationSequence": [injected],
            **changed,
        },
    )
    write_series(folder, np.full((3, SIDE, SIDE), STORED, np.uint16), plan)
    return folder


def value_under_the_pointer(desk, slice_number):
    desk.activate(desk.pane)
    desk.pane.scroll_to(slice_number)
    # A pointer that is there already sends no event.
    for column in (20_500, 10_500):
        QTest.mouseMove(desk.pane, desk.at(desk.pane, (column, 10_500)))
    desk.breathe()
    return desk.window.status.value.text()


def test_the_pixel_under_the_pointer_is_an_suv_with_the_slope_of_its_own_slice(empty, tmp_path) -> None:
    empty.window.open_path(pet(tmp_path / "pet"), "S-P")
    empty.loaded()
    read = [value_under_the_pointer(empty, number) for number in range(3)]
    assert read == ["SUVbw 0.20", "SUVbw 0.40", "SUVbw 0.80"]
    assert empty.pane.shown.stack.notices == ()


@pytest.mark.parametrize(
    ("changed", "text"),
    [({}, "W 2.00  L 1.00 SUVbw"), ({"PatientWeight": ""}, "W 10000  L 5000 Bq/ml")],
    ids=["SUV", "activity"],
)
def test_the_window_is_told_in_the_unit_of_the_values(empty, tmp_path, changed, text) -> None:
    """1000 Bq/ml are an SUV of 0.20."""
    window = {"WindowCenter": "5000", "WindowWidth": "10000"}
    empty.window.open_path(pet(tmp_path / "pet", **window, **changed), "S-P")
    empty.loaded()
    assert empty.pane.describe(empty.pane.shown).upper_left[1] == text


@pytest.mark.parametrize(
    ("changed", "value", "because"),
    [
        ({"PatientWeight": ""}, "2000 Bq/ml", "No SUV: the PET states no usable weight"),
        ({"DecayCorrection": "NONE"}, "2000 Bq/ml", "No SUV: the PET does not say that it is corrected for decay"),
        ({"CorrectedImage": "DECY"}, "2000 Bq/ml", "No SUV: the PET is not corrected for attenuation"),
        ({"Units": "GML", "SUVType": "LBM"}, "2000 g/ml", "No SUV by body weight"),
    ],
)
def test_without_an_suv_the_value_has_its_own_unit_and_the_reason_stands_on_the_image(
    empty, tmp_path, changed, value, because
) -> None:
    """Blank without weight: SUV only when derivable, else Bq/ml, said so."""
    empty.window.open_path(pet(tmp_path / "pet", **changed), "S-P")
    empty.loaded()
    assert value_under_the_pointer(empty, 1) == value
    assert because in empty.pane.shown.stack.notices[-1]


@pytest.mark.parametrize(("frame", "joined"), [("one", True), ("two", False)])
def test_a_pet_and_a_ct_of_different_frames_of_reference_are_never_joined_and_it_is_said(
    empty, series, tmp_path, frame, joined
) -> None:
    """PET and CT of different frames of reference fused silently: said, and never joined by their coordinates."""
    desk = empty
    series(tmp_path / "both" / "ct", date="20250114", name="CT", study="one")
    pet(
        tmp_path / "both" / "pet",
        FrameOfReferenceUID=derived_uid(frame, "frame"),
        StudyInstanceUID=derived_uid("one", "study"),
    )
    desk.window.open_path(tmp_path / "both", "S-B")
    desk.loaded()
    desk.activate(desk.pane)
    desk.keys(Qt.Key.Key_C)
    stacks = {desk.bench.title_of(stack): stack for stack in desk.bench.series.stacks()}
    for pane, title in zip(desk.bench.grid.visible_viewports, ("CT", "PET"), strict=True):
        desk.bench.show_stack(stacks[title], pane)
        pane.set_orientation(Orientation.NATIVE)
    desk.loaded()
    desk.activate(desk.pane)
    before = desk.follow_up.shown.index
    desk.keys(Qt.Key.Key_Home)
    assert (desk.follow_up.shown.index != before) is joined
    said = desk.follow_up.describe(desk.follow_up.shown).lower_left[0]
    assert said == ("same frame" if joined else "not linked: label a level in both")
