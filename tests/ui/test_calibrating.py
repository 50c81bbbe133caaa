"""An X-ray by mouse: no millimetres, a known length, millimetres that say where they come from."""

from __future__ import annotations

from decimal import Decimal

import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLabel

from spinereview.dicom.series_plan import SeriesGeometry, SeriesPlan
from spinereview.dicom.write import write_series
from spinereview.domain.imaging import Calibration
from spinereview.ui.corner import corner_text

SIDE = 200


def film(folder, *, calibration=Calibration.NONE, **attributes):
    """A film with a ball of 50 pixels in the upper left corner and a bright vertebra, 60 pixels high."""
    zero, one = Decimal(0), Decimal(1)
    plan = SeriesPlan(
        modality="CR",
        seed=f"film {sorted(attributes.items())} {calibration}",
        geometry=SeriesGeometry(
            origin_mm=(zero, zero, zero),
            row_direction=(one, zero, zero),
            column_direction=(zero, one, zero),
            pixel_spacing_mm=(Decimal("0.6"), Decimal("0.6")),
            step_mm=(zero, zero, one),
            slice_thickness_mm=one,
        ),
        patient_id="4711",
        study_date="20250114",
        series_description="Lateral",
        calibration=calibration,
        attributes=attributes,
        window=(Decimal(500), Decimal(1000)),
    )
    row, column = np.mgrid[0:SIDE, 0:SIDE] + 0.5
    samples = np.full((SIDE, SIDE), 200, np.uint16)
    samples[np.hypot(row - 40, column - 40) < 25] = 950
    samples[(abs(row - 120) < 30) & (abs(column - 110) < 40)] = 650
    write_series(folder, samples[None], plan)
    return folder


@pytest.fixture
def xray(empty, tmp_path):
    empty.window.open_path(film(tmp_path / "film"), "S-X")
    empty.loaded()
    empty.activate(empty.pane)
    return empty


def calibrate(desk, answer="25 marker ball"):
    desk.key(Qt.Key.Key_D, Qt.KeyboardModifier.ShiftModifier)
    desk.drag(desk.pane, (15_000, 40_000), (65_000, 40_000))
    QTest.keyClicks(desk.bench.ask.line, answer)
    QTest.keyClick(desk.bench.ask.line, Qt.Key.Key_Return)
    desk.breathe()


def trust(desk):
    return corner_text(desk.pane.shown).upper_right[1]


def diameter(desk):
    desk.activate(desk.pane)
    desk.keys(Qt.Key.Key_D)
    desk.drag(desk.pane, (70_000, 120_000), (150_000, 120_000))


def test_on_an_uncalibrated_film_nothing_is_drawn_and_it_says_what_to_do(xray) -> None:
    """Pixel counts labelled mm on X-ray: no calibration, no mm: blocked, not warned."""
    assert trust(xray) == "uncalibrated: pixels, no millimetres"
    diameter(xray)
    assert not xray.read.lesions
    assert "no millimetres exist" in xray.said()
    assert "calibrate an X-ray by a known length (the tool Calibrate, Shift+D)" in xray.said()


def test_the_notice_of_a_film_without_spacing_names_the_tool_until_it_is_calibrated(xray) -> None:
    hint = "the tool Calibrate, key Shift+D"
    assert hint in " ".join(xray.pane.shown.stack.notices)
    calibrate(xray)
    assert hint not in " ".join(xray.pane.shown.stack.notices)


def test_a_line_and_its_length_calibrate_the_film_and_undo_takes_it_back(xray) -> None:
    calibrate(xray)
    assert trust(xray) == "calibrated by hand on 25 mm (marker ball)"
    known = next(iter(xray.read.calibrations.values()))
    assert (known.length_mm, known.marked, known.author) == (Decimal(25), "marker ball", "R1")
    diameter(xray)
    (caliper,) = xray.pane.shown.calipers
    assert abs(Decimal(caliper.text.split()[-2]) - 40) <= Decimal("0.5")
    assert "by hand" in xray.words()
    xray.key(Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier)
    xray.key(Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier)
    assert not xray.read.calibrations
    assert trust(xray) == "uncalibrated: pixels, no millimetres"
    assert xray.pane.shown.stack.stack.pixel_spacing_mm is None
    xray.key(Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.ShiftModifier)
    assert trust(xray) == "calibrated by hand on 25 mm (marker ball)"


def test_without_the_calibration_what_was_drawn_has_no_millimetres(xray) -> None:
    calibrate(xray)
    diameter(xray)
    xray.activate(xray.pane)
    xray.key(Qt.Key.Key_D, Qt.KeyboardModifier.ShiftModifier)
    xray.key(Qt.Key.Key_Delete)
    assert not xray.read.calibrations
    assert len(xray.read.lesions) == 1
    (caliper,) = xray.pane.shown.calipers
    assert "mm" not in caliper.text


def test_the_spine_panel_says_what_the_heights_were_drawn_on(xray) -> None:
    """Uncalibrated gives pixels only; with a known length the same six points have millimetres, and say on what."""
    xray.key(Qt.Key.Key_L)
    xray.click(xray.pane, xray.at(xray.pane, (110_000, 120_000)))
    QTest.keyClicks(xray.bench.ask.line, "L1")
    QTest.keyClick(xray.bench.ask.line, Qt.Key.Key_Return)
    xray.breathe()
    xray.activate(xray.pane)
    xray.key(Qt.Key.Key_H)
    xray.drag(xray.pane, (70_000, 90_000), (150_000, 90_000))
    xray.drag(xray.pane, (70_000, 150_000), (150_000, 150_000))
    lines = xray.bench.reading.spine().lines
    assert "Drawn on: projection, uncalibrated: pixels, no millimetres" in lines
    assert not any("mm" in mark.text for mark in xray.pane.shown.heights)
    calibrate(xray)
    assert "Drawn on: projection, calibrated by hand on 25 mm (marker ball)" in xray.bench.reading.spine().lines
    (mark,) = xray.pane.shown.heights
    heights = [Decimal(word) for word in mark.text.removesuffix(" mm").split("  ")[1].split(" / ")]
    assert all(abs(height - 30) <= Decimal("0.5") for height in heights)


def test_the_history_says_who_calibrated_on_what(xray) -> None:
    calibrate(xray)
    lines = [entry for entry in xray.bench.reading.session.history() if entry.name == "calibrate"]
    assert [(entry.args["length_mm"], entry.args["marked"], entry.actor) for entry in lines] == [
        ("25", "marker ball", "R1")
    ]
    assert "by hand on 25 mm" in xray.words()


@pytest.mark.parametrize("answer", ["ball", "-3", "2.5.1", "1", "5000"])
def test_an_answer_that_is_no_length_calibrates_nothing(xray, answer) -> None:
    calibrate(xray, answer)
    assert not xray.read.calibrations
    assert xray.said()


def test_a_visit_with_a_target_on_a_calibrated_film_is_locked(xray) -> None:
    calibrate(xray)
    diameter(xray)
    xray.choose(xray.bench.editor.organ, "lung")
    xray.activate(xray.pane)
    xray.key(Qt.Key.Key_Return, Qt.KeyboardModifier.ControlModifier)
    assert xray.said() == ""
    assert xray.bench.reading.locked
    # What was locked keeps its millimetres.
    xray.key(Qt.Key.Key_D, Qt.KeyboardModifier.ShiftModifier)
    xray.key(Qt.Key.Key_Delete)
    assert "is locked" in xray.said()
    assert trust(xray) == "calibrated by hand on 25 mm (marker ball)"


def test_the_film_is_calibrated_after_reopening(xray, reopened) -> None:
    calibrate(xray)
    again = reopened(xray)
    again.loaded()
    assert trust(again) == "calibrated by hand on 25 mm (marker ball)"
    assert again.pane.shown.stack.grid.calibrated


@pytest.mark.parametrize(
    ("calibration", "attributes", "words"),
    [
        (Calibration.DETECTOR, {}, "detector plane"),
        (Calibration.FIDUCIAL, {}, "calibrated by a fiducial"),
        (Calibration.DETECTOR, {"EstimatedRadiographicMagnificationFactor": "1.2"}, "magnification estimated"),
        (Calibration.NONE, {"PixelSpacing": ["0.5", "0.5"]}, "calibration not stated"),
    ],
)
def test_where_the_millimetres_come_from_stands_on_the_film(empty, tmp_path, calibration, attributes, words) -> None:
    """ImagerPixelSpacing taken for PixelSpacing: the two are kept apart and shown."""
    empty.window.open_path(film(tmp_path / "film", calibration=calibration, **attributes), "S-X")
    empty.loaded()
    assert trust(empty) == words


def test_a_ct_is_not_calibrated_by_hand(desk) -> None:
    desk.activate(desk.pane)
    desk.key(Qt.Key.Key_D, Qt.KeyboardModifier.ShiftModifier)
    desk.drag(desk.pane, (10_000, 48_000), (60_000, 48_000))
    assert "Only an X-ray as it was acquired is calibrated" in desk.said()
    assert not desk.bench.ask.isVisible()


def test_one_image_is_told_as_one_where_the_visits_are_asked_for(empty, tmp_path) -> None:
    empty.window.opening.choose_protocol("nct06120426")
    empty.window.open_path(film(tmp_path / "film"), "S-X")
    empty.wait(empty.window.opening.take.isVisible, "visits")
    told = [label.text() for label in empty.window.opening.visits.findChildren(QLabel)]
    assert "CR, 1 image" in told
    empty.click(empty.window.opening.take)
    empty.loaded()
    assert not any("1 images" in line for line in [*told, empty.words()])
