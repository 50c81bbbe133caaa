"""Every sample case, read with mouse and keys from baseline to last visit, gives exactly what its recipe says."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from spinereview.domain.table import Table
from spinereview.ui.drive_case import differences, read_case
from spinereview.workflow.samples import make_samples, recipes


@pytest.mark.parametrize("name", [recipe.id for recipe in recipes()])
def test_reading_a_sample_case_in_the_window_gives_what_its_recipe_says(
    empty, name: str, tmp_path: Path, reopened: Callable
) -> None:
    (sample,) = make_samples(tmp_path / "samples", which=name)
    empty.window.resize(1600, 980)
    empty.window.open_path(sample.folder, sample.recipe.subject_code)
    said = list(read_case(empty, sample))
    assert len(said) > len(sample.recipe.timepoints)
    reading = empty.bench.reading
    labels = Table({point.label: point.id for point in reading.case.in_order})
    assert differences(sample.recipe, reading.assessments(), labels) == []
    shown = empty.bench.response.shown
    assert shown.outcome == sample.recipe.expected[sample.recipe.timepoints[-1].label].overall
