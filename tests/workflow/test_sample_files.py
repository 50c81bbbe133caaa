"""Files of the sample cases: the geometry gate says of each series what its recipe says, on images with few pixels."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from pathlib import Path

import pydicom
import pytest

from spinereview.dicom.scan import scan
from spinereview.domain.imaging import Calibration, Plane
from spinereview.imaging.phantom_grid import GridPlane
from spinereview.tasks import CancelToken, no_progress
from spinereview.workflow.recipes import Order, Recipe, SampleSeries
from spinereview.workflow.sample_images import Painter
from spinereview.workflow.samples import recipes

_FEW = 16
RECIPES = {recipe.id: recipe for recipe in recipes()}
VISITS = [
    *((recipe.id, recipe.timepoints[0].label) for recipe in RECIPES.values()),
    ("fracture", "FU2"),
]


def coarse(recipe: Recipe) -> Recipe:
    """The same images of the same places with few pixels."""

    def few(series: SampleSeries) -> SampleSeries:
        grid = series.grid
        row_mm, column_mm = grid.pixel_spacing_mm
        spacing = (row_mm * grid.rows / _FEW, column_mm * grid.columns / _FEW)
        return replace(series, grid=replace(grid, rows=_FEW, columns=_FEW, pixel_spacing_mm=spacing))

    return replace(recipe, series=tuple(few(series) for series in recipe.series))


@pytest.mark.parametrize(("name", "label"), VISITS)
def test_the_gate_says_of_each_series_what_its_recipe_says(name: str, label: str, tmp_path: Path) -> None:
    recipe = coarse(RECIPES[name])
    Painter(recipe, CancelToken()).write(tmp_path, recipe.timepoint(label), no_progress)
    found = scan(tmp_path, cancel=CancelToken())
    assert (found.faults, found.not_dicom, found.duplicates) == ((), (), ())
    ((study,),) = (patient.studies for patient in found.patients)
    assert study.date == recipe.timepoint(label).study_date
    expected = recipe.series_at(label)
    assert [group.description for group in study.series] == [series.description for series in expected]
    for group, series in zip(study.series, expected, strict=True):
        (result,) = group.stacks
        stack = result.stack
        assert (stack.modality, stack.kind) == (series.modality, series.kind)
        assert tuple(fault.code for fault in result.faults) == series.faults
        assert stack.calibration is series.calibration
        spacing = series.grid.pixel_spacing_mm
        assert stack.pixel_spacing_mm == (None if series.calibration is Calibration.NONE else spacing)
        assert len(stack.images) == series.grid.slices
        if series.projection:
            continue
        assert stack.plane is Plane(series.grid.plane.value)
        grid = recipe.grid(label, series.name)
        for index in (0, grid.slices // 2, grid.slices - 1):
            position = result.images[index][1].position
            assert position is not None
            assert all(abs(a - b) < Decimal("1E-6") for a, b in zip(position, grid.position_mm(index), strict=True))


def test_a_series_may_be_written_from_the_head_down_and_as_one_file_of_many_frames(tmp_path: Path) -> None:
    falling, framed = coarse(RECIPES["complete"]), coarse(RECIPES["nodes"])
    assert falling.series[0].order is Order.FALLING
    Painter(falling, CancelToken()).write(tmp_path / "a", falling.timepoint("BL"), no_progress)
    heights = [
        float(pydicom.dcmread(path).ImagePositionPatient[2]) for path in sorted((tmp_path / "a" / "CT").iterdir())
    ]
    assert heights == sorted(heights, reverse=True)
    Painter(framed, CancelToken()).write(tmp_path / "b", framed.timepoint("BL"), no_progress)
    (file,) = (tmp_path / "b" / "CT").iterdir()
    assert pydicom.dcmread(file).NumberOfFrames == framed.series[0].grid.slices


def test_an_oblique_series_is_accepted_as_a_volume_of_its_own_plane(tmp_path: Path) -> None:
    """Turned by 16.26 degrees about the left-right axis: its cosines are exact decimals."""
    recipe = coarse(RECIPES["response"])
    grid = replace(recipe.series[0].grid, plane=GridPlane.OBLIQUE, slices=5)
    recipe = replace(recipe, series=(replace(recipe.series[0], grid=grid),))
    Painter(recipe, CancelToken()).write(tmp_path, recipe.timepoint("BL"), no_progress)
    ((((result,),),),) = (
        tuple(tuple(group.stacks for group in study.series) for study in patient.studies)
        for patient in scan(tmp_path, cancel=CancelToken()).patients
    )
    assert result.faults == ()
    assert (result.stack.kind, result.stack.slice_interval_mm) == ("VOLUME", Decimal("2.5"))


def test_a_film_without_a_spacing_says_none_and_a_calibrated_one_says_by_what(tmp_path: Path) -> None:
    recipe = coarse(RECIPES["fracture"])
    films = replace(
        recipe, timepoints=tuple(replace(p, series=("X-ray calibrated", "X-ray")) for p in recipe.timepoints)
    )
    Painter(films, CancelToken()).write(tmp_path, films.timepoint("FU2"), no_progress)
    calibrated, bare = (pydicom.dcmread(tmp_path / name / "IM0001.dcm") for name in ("X-ray calibrated", "X-ray"))
    assert calibrated.PixelSpacingCalibrationType == "FIDUCIAL"
    assert "PixelSpacing" not in bare
    assert "ImagerPixelSpacing" not in bare
    assert list(bare.PatientOrientation) == ["P", "F"]
