"""Outlines over the images: shown by a key, chosen from a list, no part of the read."""

from __future__ import annotations

import json
from dataclasses import replace

import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from spinereview.dicom.scan import scan
from spinereview.imaging.nifti import write_nifti
from spinereview.tasks import CancelToken
from spinereview.ui.outline_work import OutlineDialog
from spinereview.workflow.outlines import beside
from spinereview.workflow.pictures import grid_of

SHIFT = Qt.KeyboardModifier.ShiftModifier
BOX = (slice(1, 5), slice(30, 60), slice(20, 50))


@pytest.fixture
def labelled(empty, series, tmp_path):
    """Opens a CT with a label map beside it: a box with label 20, on the grid of the images unless it is changed."""

    def opened(name="sub-1_seg-vert_msk.nii.gz", change=lambda grid: grid):
        series(tmp_path / "case" / "ct", date="20250114", name="CT")
        (found,) = scan(tmp_path / "case", cancel=CancelToken()).stacks
        grid = grid_of(found.images, found.stack)
        labels = np.zeros(grid.shape, np.uint8)
        labels[BOX] = 20
        write_nifti(tmp_path / "case" / name, labels, change(grid))
        empty.window.open_path(tmp_path / "case", "S-O")
        empty.loaded()
        empty.activate(empty.pane)
        return empty

    return opened


def outlined(desk):
    desk.keys(Qt.Key.Key_O)
    desk.wait(lambda: bool(desk.pane.shown.outlines), "outlines")


def test_a_key_shows_the_outline_with_its_name_where_the_label_lies(labelled) -> None:
    desk = labelled()
    desk.go_to(desk.pane, 2)
    outlined(desk)
    (outline,) = desk.pane.shown.outlines
    assert outline.name == "L1"
    assert {tuple(line) for line in outline.lines.tolist()} == {
        (20, 30, 50, 30),
        (20, 60, 50, 60),
        (20, 30, 20, 60),
        (50, 30, 50, 60),
    }
    seen = desk.pane.grab().toImage().pixelColor(desk.at(desk.pane, (20_000, 45_000)))
    assert seen.green() > seen.red() + 20
    assert "outlines, not measurements" in desk.pane.describe(desk.pane.shown).lower_right[1]
    assert "rests on its position alone" in desk.said()


def test_an_outline_follows_scrolling_and_other_planes_and_goes_with_the_key(labelled) -> None:
    desk = labelled()
    desk.go_to(desk.pane, 2)
    outlined(desk)
    desk.keys(Qt.Key.Key_Home)
    assert desk.pane.shown.outlines == ()
    desk.keys(Qt.Key.Key_4, modifiers=SHIFT)
    (outline,) = desk.pane.shown.outlines
    assert (outline.lines[:, 0].min(), outline.lines[:, 0].max()) == (20, 50)
    desk.keys(Qt.Key.Key_O)
    assert desk.pane.shown.outlines == ()


def test_the_read_knows_nothing_of_outlines(labelled) -> None:
    desk = labelled()
    before = desk.events()
    desk.go_to(desk.pane, 2)
    outlined(desk)
    desk.saved()
    assert desk.events() == before
    assert desk.read == desk.committed
    assert desk.pane.shown.calipers == ()


def test_a_segment_is_hidden_from_the_list(labelled) -> None:
    desk = labelled()
    desk.go_to(desk.pane, 2)
    outlined(desk)
    desk.keys(Qt.Key.Key_O, modifiers=SHIFT)
    dialog = next(one for one in QApplication.topLevelWidgets() if isinstance(one, OutlineDialog) and one.isVisible())
    assert dialog.list.item(0).text() == "L1  (sub-1_seg-vert_msk)"
    dialog.list.setCurrentRow(0)
    QTest.keyClick(dialog.list, Qt.Key.Key_Space)
    assert desk.pane.shown.outlines == ()
    QTest.keyClick(dialog.list, Qt.Key.Key_Space)
    assert len(desk.pane.shown.outlines) == 1
    dialog.close()


def test_names_come_from_a_list_beside_the_file(labelled, tmp_path) -> None:
    (tmp_path / "case").mkdir()
    (tmp_path / "case" / "labels.json").write_text(json.dumps({"20": "vertebrae_T4"}), encoding="utf-8")
    desk = labelled("labels.nii")
    desk.go_to(desk.pane, 2)
    outlined(desk)
    assert [one.name for one in desk.pane.shown.outlines] == ["vertebrae_T4"]


@pytest.mark.parametrize(
    ("change", "because"),
    [
        (lambda grid: replace(grid, origin_mm=(7.3, 0.0, 0.0)), "its labels lie elsewhere"),
        (
            lambda grid: replace(grid, along_mm=((0.0, -1.0, 4.9), (0.0, 0.73, 0.15), grid.along_mm[2])),
            "axes are turned",
        ),
    ],
)
def test_labels_that_belong_to_other_images_are_refused_with_the_reason(labelled, change, because) -> None:
    desk = labelled(change=change)
    desk.go_to(desk.pane, 2)
    desk.keys(Qt.Key.Key_O)
    desk.wait(lambda: because in desk.said(), "reason")
    assert desk.pane.shown.outlines == ()


def test_a_case_without_segmentations_says_so(empty, series, tmp_path) -> None:
    series(tmp_path / "ct", date="20250114", name="CT")
    empty.window.open_path(tmp_path / "ct", "S-N")
    empty.loaded()
    empty.activate(empty.pane)
    empty.keys(Qt.Key.Key_O)
    assert "No segmentation lies among the images" in empty.said()


def test_among_the_images_of_several_people_a_label_map_is_nobodys(series, tmp_path) -> None:
    for patient in ("1", "2"):
        series(tmp_path / patient, date="20250114", patient=patient, study=patient)
    (tmp_path / "labels.nii").write_bytes(b"")
    found = scan(tmp_path, cancel=CancelToken())
    assert beside((found,), found.patients[:1]) == ()


@pytest.mark.parametrize(
    ("place", "shown"),
    [("one/labels.nii", ["1"]), ("two/labels.nii", []), ("labels.nii", None)],
    ids=["own", "other", "between"],
)
def test_a_label_map_belongs_to_the_visit_whose_images_it_lies_among(empty, series, tmp_path, place, shown) -> None:
    """Two visits are never joined by coordinates, though both were imaged on one grid."""
    desk = empty
    for name, date in (("one", "20250114"), ("two", "20250408")):
        series(tmp_path / "case" / name, date=date)
    stacks = scan(tmp_path / "case", cancel=CancelToken()).stacks
    grid = grid_of(stacks[0].images, stacks[0].stack)
    labels = np.zeros(grid.shape, np.uint8)
    labels[BOX] = 1
    labels[0, 0, 0] = 2
    write_nifti(tmp_path / "case" / place, labels, grid)
    desk.window.open_path(tmp_path / "case", "S-V")
    desk.loaded()
    desk.activate(desk.pane)
    assert desk.pane.shown.stack.timepoint.ordinal < desk.follow_up.shown.stack.timepoint.ordinal
    desk.go_to(desk.pane, 2)
    desk.keys(Qt.Key.Key_O)
    desk.wait(lambda: len(desk.bench.outlines.known) == 2, "outlines")
    assert [one.name for one in desk.pane.shown.outlines] == (shown or [])
    follow_up = [one.name for one in desk.follow_up.shown.outlines]
    assert (follow_up != []) is (shown == [])
    assert ("as near to the images of one visit as of another" in desk.said()) is (shown is None)
