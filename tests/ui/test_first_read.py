"""The first read that the program drives by itself: the sample case, by mouse and keys, gives what its recipe says."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path

import pytest
from PySide6.QtGui import QImage

from spinereview.ui.drive import first_read
from spinereview.workflow.case import open_read
from spinereview.workflow.reads import Workstation
from spinereview.workflow.samples import make_samples


def test_the_first_read_gives_the_response_and_the_sums_of_its_recipe(
    windows: Callable, station: Workstation, tmp_path: Path, hand_of
) -> None:
    sample = make_samples(tmp_path / "samples", which="first-run")[0]
    recipe = sample.recipe
    desk = hand_of(windows(station, "GUEST"))
    desk.window.resize(1600, 980)
    desk.window.open_path(sample.folder, recipe.subject_code)
    lines = list(first_read(desk, sample, tmp_path / "picture.png"))
    assert [line for line in lines if line.startswith("response: PR")]
    labels = [timepoint.label for timepoint in recipe.timepoints]
    sums = desk.bench.lesions.table().rows[-1].cells
    for label, cell in zip(labels, sums, strict=True):
        assert float(cell.text) == pytest.approx(float(recipe.sum_mm[label]), abs=1.5)
    assert desk.bench.response.shown.outcome == recipe.target[labels[-1]]
    rows = desk.bench.lesions.table().rows[:-1]
    for place, lesion in enumerate(recipe.lesions):
        for cell, label in zip(rows[place].cells, labels, strict=True):
            (drawn,) = recipe.lesion_truth(lesion, label)
            expected = drawn.short_mm if lesion.nodal else drawn.long_mm
            assert abs(Decimal(cell.text) - expected) <= Decimal("1.5"), (lesion.name, label)
    picture = QImage(str(tmp_path / "picture.png"))
    assert (picture.width(), picture.height()) == (1600, 980)
    _every_act_is_in_the_trail(desk, station, len(recipe.lesions))


def _every_act_is_in_the_trail(desk, station: Workstation, lesions: int) -> None:
    told = [(entry.seq, entry.name) for entry in desk.bench.reading.session.history()]
    kept, path = desk.read, desk.window.opened.read_path
    desk.window.close()
    again = open_read(path, station)
    assert isinstance(again.session.head, type(kept))
    assert again.session.head == kept
    entries = again.session.history()
    assert [(entry.seq, entry.name) for entry in entries[: len(told)]] == told
    counted = Counter(entry.name for entry in entries)
    assert counted["add_lesion"] == lesions
    assert counted["set_site"] >= lesions
    assert counted["measure"] >= lesions
    assert (counted["undo"], counted["redo"], counted["lock_visit"]) == (1, 1, 1)
    again.session.close()
