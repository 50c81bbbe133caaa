"""A CT with a tilted gantry in the window: straight to look at, measured on the acquired images alone, and said so."""

from __future__ import annotations

from decimal import Decimal

import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest

from spinereview.dicom.series_plan import SeriesGeometry, SeriesPlan
from spinereview.dicom.write import write_series
from spinereview.imaging.slicing import Orientation
from spinereview.ui.corner import corner_text

SIDE, SLICES = 96, 24
ZERO, ONE = Decimal(0), Decimal(1)
SHIFT = Qt.KeyboardModifier.ShiftModifier


def rod(folder):
    """A rod that stands upright in the patient; the images are tilted by 26.6 degrees and meet it further in front each."""
    plan = SeriesPlan(
        modality="CT",
        seed="tilted",
        geometry=SeriesGeometry(
            origin_mm=(ZERO, ZERO, ZERO),
            row_direction=(ONE, ZERO, ZERO),
            column_direction=(ZERO, ONE, ZERO),
            pixel_spacing_mm=(ONE, ONE),
            step_mm=(ZERO, ONE, Decimal(2)),
            slice_thickness_mm=Decimal(2),
        ),
        patient_id="4711",
        study_date="20250114",
        series_description="Tilted",
    )
    row, column = np.mgrid[0:SIDE, 0:SIDE]
    samples = np.full((SLICES, SIDE, SIDE), -100, np.int16)
    for image in range(SLICES):
        samples[image][(abs(row - (60 - image)) < 8) & (abs(column - 48) < 8)] = 300
    write_series(folder, samples, plan)
    return folder


@pytest.fixture
def tilted(empty, tmp_path):
    empty.window.open_path(rod(tmp_path / "tilted"), "S-T")
    empty.loaded()
    empty.activate(empty.pane)
    return empty


def test_the_sagittal_of_a_tilted_ct_is_straight_and_the_banner_says_so(tilted) -> None:
    """Gantry tilt shears the sagittal: shear-corrected, with a banner."""
    assert any("The gantry was tilted by 26.57°" in notice for notice in tilted.pane.shown.stack.notices)
    tilted.key(Qt.Key.Key_3, SHIFT)
    shown = tilted.pane.shown
    assert shown.planes.orientation is Orientation.SAGITTAL
    assert corner_text(shown).upper_right[1] == "reformat, tilt taken out"
    cut = shown.planes.cut(shown.volume.samples, shown.index)
    fronts = [int(np.flatnonzero(line == 300)[0]) for line in cut]
    assert len(set(fronts)) == 1


def test_nothing_is_measured_on_the_straightened_plane(tilted) -> None:
    tilted.key(Qt.Key.Key_3, SHIFT)
    tilted.keys(Qt.Key.Key_D)
    tilted.drag(tilted.pane, (30_000, 5_000), (60_000, 5_000))
    assert not tilted.read.lesions
    assert "acquired" in tilted.said()
    tilted.dismiss()
    # A label is a point of the patient and may be set there; heights across the images may not.
    tilted.key(Qt.Key.Key_L)
    tilted.click(tilted.pane, tilted.at(tilted.pane, (60_000, 12_000)))
    QTest.keyClicks(tilted.bench.ask.line, "L1")
    QTest.keyClick(tilted.bench.ask.line, Qt.Key.Key_Return)
    tilted.breathe()
    tilted.key(Qt.Key.Key_H)
    tilted.drag(tilted.pane, (50_000, 10_500), (70_000, 10_500))
    tilted.drag(tilted.pane, (50_000, 14_500), (70_000, 14_500))
    assert not any(finding.heights for visit in tilted.read.visits.values() for finding in visit.levels.values())
    assert "no length across them is true" in tilted.said()


def test_the_acquired_images_are_measured_as_ever(tilted) -> None:
    tilted.keys(Qt.Key.Key_D)
    tilted.drag(tilted.pane, (30_000, 48_000), (60_000, 48_000))
    (caliper,) = tilted.pane.shown.calipers
    assert abs(Decimal(caliper.text.split()[-2]) - 30) <= Decimal("0.5")
    assert "tilted gantry" in tilted.words() or any(badge.code == "BADGE_TILT" for badge in caliper.badges)
