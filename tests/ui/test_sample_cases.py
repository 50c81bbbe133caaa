"""Every sample case, read with mouse and keys from baseline to last visit, gives exactly what its recipe says."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from pathlib import Path

import pytest
from PySide6.QtCore import QSize, Qt

from spinereview.ui.drive_case import read_case
from spinereview.workflow.recipe_check import differences, stacks_of
from spinereview.workflow.samples import known_case, make_samples, recipes


@pytest.mark.parametrize("name", [recipe.id for recipe in recipes()])
def test_reading_a_sample_case_in_the_window_gives_what_its_recipe_says(empty, name: str, tmp_path: Path) -> None:
    (sample,) = make_samples(tmp_path / "samples", which=name)
    empty.window.resize(1600, 980)
    empty.window.open_path(sample.folder, sample.recipe.subject_code)
    said = list(read_case(empty, sample))
    assert len(said) > len(sample.recipe.timepoints)
    assert empty.window.size() == QSize(1600, 980)
    reading = empty.bench.reading
    stacks = stacks_of(sample.recipe, reading.case, empty.bench.title_of)
    assert differences(sample.recipe, reading.case, reading.assessments(), stacks) == []
    shown = empty.bench.response.shown
    assert shown.outcome == sample.recipe.expected[sample.recipe.timepoints[-1].label].overall


def test_a_reading_that_differs_is_told(empty, tmp_path: Path) -> None:
    (sample,) = make_samples(tmp_path / "samples", which="response")
    empty.window.open_path(sample.folder, sample.recipe.subject_code)
    list(read_case(empty, sample))
    reading = empty.bench.reading
    stacks = stacks_of(sample.recipe, reading.case, empty.bench.title_of)
    other = replace(sample.recipe.expected["FU1"], overall="SD", sum_mm=Decimal("71.9"))
    recipe = replace(sample.recipe, expected=sample.recipe.expected.with_("FU1", other))
    found = differences(recipe, reading.case, reading.assessments(), stacks)
    assert found == ["FU1 sum: 72.0, not 71.9", "FU1 overall: PR, not SD"]


def test_on_the_smallest_screen_the_sum_stands_below_three_lesions_and_a_head_of_two_lines(
    empty, tmp_path: Path
) -> None:
    (sample,) = make_samples(tmp_path / "samples", which="progression")
    empty.window.open_path(sample.folder, sample.recipe.subject_code)
    list(read_case(empty, sample))
    view = empty.bench.lesions.view
    model = view.model()
    assert model.rowCount() == 4
    assert "\n" in " ".join(str(model.headerData(place, Qt.Orientation.Horizontal)) for place in range(1, 4))
    assert view.visualRect(model.index(3, 0)).bottom() < view.viewport().height()


def test_a_case_is_known_again_only_by_the_images_that_it_was_made_of(empty, station, tmp_path: Path) -> None:
    (sample,) = make_samples(tmp_path / "samples", which="response")
    assert known_case(sample, station.documents) is None
    empty.window.open_path(sample.folder, sample.recipe.subject_code)
    empty.loaded()
    assert known_case(sample, station.documents) == station.documents / sample.recipe.subject_code
    later = replace(sample, recipe=replace(sample.recipe, sha256="0" * 64))
    assert known_case(later, station.documents) is None
