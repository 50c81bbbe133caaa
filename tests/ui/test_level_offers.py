"""Names of vertebrae from segmentations: offered while labels are set, taken by a click, no marks by themselves."""

from __future__ import annotations

import json

import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest

from spinereview.dicom.scan import scan
from spinereview.domain.measurement import Basis
from spinereview.imaging.nifti import write_nifti
from spinereview.imaging.slicing import Orientation
from spinereview.tasks import CancelToken
from spinereview.ui.theme import DARK
from spinereview.workflow.pictures import grid_of

NAMES = {"1": "vertebrae_L2", "2": "vertebrae_L1", "3": "vertebrae_T12", "4": "aorta"}
# Rows of the sagittal reformat count from the head: eighteen images 5 mm apart, three vertebrae of four images.
ROWS = {"T12": 3_000, "L1": 9_000, "L2": 15_000}
COLUMN = 40_000


@pytest.fixture
def segmented(empty, series, tmp_path):
    """A sagittal reformat with three vertebrae in a label map beside the images."""

    def opened(names=NAMES):
        series(tmp_path / "case" / "ct", date="20250114", name="CT", slices=18)
        (found,) = scan(tmp_path / "case", cancel=CancelToken()).stacks
        grid = grid_of(found.images, found.stack)
        labels = np.zeros(grid.shape, np.uint8)
        for label, first in ((1, 1), (2, 7), (3, 13)):
            labels[first : first + 4, 30:50, 20:70] = label
        labels[:, 60:64, 46:50] = 4
        write_nifti(tmp_path / "case" / "spine.nii.gz", labels, grid)
        (tmp_path / "case" / "spine.json").write_text(json.dumps(names), encoding="utf-8")
        empty.window.open_path(tmp_path / "case", "S-V")
        empty.loaded()
        empty.activate(empty.pane)
        empty.pane.set_orientation(Orientation.SAGITTAL)
        empty.breathe()
        return empty

    return opened


def offered(pane):
    return {offer.level.value: offer.point for offer in pane.shown.offers}


def labelled(desk):
    return desk.read.level_labels.get(desk.pane.shown.stack.stack.id, {})


def take_tool(desk):
    desk.key(Qt.Key.Key_L)
    desk.wait(lambda: bool(desk.pane.shown.offers), "offers")


def test_names_are_offered_with_the_tool_in_hand_and_nothing_is_marked(segmented) -> None:
    desk = segmented()
    before = desk.events()
    assert offered(desk.pane) == {}
    take_tool(desk)
    assert list(offered(desk.pane)) == ["T12", "L1", "L2"]
    assert [abs(point[1] - ROWS[level]) <= 500 for level, point in offered(desk.pane).items()] == [True] * 3
    assert {offer.title for offer in desk.pane.shown.offers} == {"spine"}
    spot = desk.at(desk.pane, offered(desk.pane)["L1"])
    seen = desk.pane.grab().toImage()
    near = [seen.pixelColor(spot.x() + dx, spot.y() + dy).name() for dx in range(-12, 13) for dy in range(-6, 7)]
    assert DARK.ok in near
    assert labelled(desk) == {}
    desk.key(Qt.Key.Key_Escape)
    assert offered(desk.pane) == {}
    desk.saved()
    assert desk.events() == before


def test_a_click_within_a_vertebra_takes_its_name_and_the_read_says_that_it_was_proposed(segmented) -> None:
    desk = segmented()
    take_tool(desk)
    middle = desk.pane.shown.offers[1].point
    desk.click(desk.pane, desk.at(desk.pane, (COLUMN, 8_500)))
    (level,), (mark,) = labelled(desk).keys(), labelled(desk).values()
    assert (level, mark.basis) == ("L1", Basis.PROPOSED_CONFIRMED)
    # The label lies where the reader clicked; what was proposed is the middle of the segment.
    assert abs(mark.geometry.points_um[0][1] - COLUMN * 0.75) < 750
    assert abs(mark.proposal.points_um[0][1] - middle[0] * 0.75) < 750
    assert list(offered(desk.pane)) == ["T12", "L2"]
    desk.drag(desk.pane, (COLUMN, 8_500), (COLUMN + 3_000, 8_500))
    assert labelled(desk)["L1"].basis is Basis.PROPOSED_EDITED
    assert not desk.bench.ask.isVisible()


def test_a_segmentation_that_numbers_otherwise_than_the_reader_offers_nothing(segmented) -> None:
    desk = segmented()
    desk.key(Qt.Key.Key_L)
    desk.wait(lambda: bool(desk.pane.shown.offers), "offers")
    desk.click(desk.pane, desk.at(desk.pane, (10_000, ROWS["L1"])))
    QTest.keyClicks(desk.bench.ask.line, "L1")
    QTest.keyClick(desk.bench.ask.line, Qt.Key.Key_Return)
    desk.breathe()
    assert list(offered(desk.pane)) == ["T12", "L2"]
    # The reader moves his label into what the segmentation calls L2: they contradict each other.
    desk.drag(desk.pane, (10_000, ROWS["L1"]), (COLUMN, ROWS["L2"] - 1_000))
    assert offered(desk.pane) == {}


def test_a_name_that_is_labelled_already_is_asked_for(segmented) -> None:
    desk = segmented()
    take_tool(desk)
    desk.click(desk.pane, desk.at(desk.pane, (COLUMN, 7_500)))
    desk.click(desk.pane, desk.at(desk.pane, (COLUMN + 12_000, 10_500)))
    assert desk.bench.ask.isVisible()
    assert list(labelled(desk)) == ["L1"]


def test_vertebrae_out_of_order_are_not_offered_and_it_is_said_with_the_outlines(segmented) -> None:
    desk = segmented({"1": "vertebrae_T12", "2": "vertebrae_L1", "3": "vertebrae_L2"})
    desk.key(Qt.Key.Key_L)
    desk.wait(lambda: desk.pane.shown.stack.stack.id in desk.bench.outlines.known, "segmentation")
    desk.breathe()
    assert offered(desk.pane) == {}
    desk.key(Qt.Key.Key_Escape)
    desk.keys(Qt.Key.Key_O)
    desk.wait(lambda: "do not follow each other" in desk.said(), "reason")


def test_a_level_that_the_subject_is_not_numbered_to_have_is_not_offered(segmented) -> None:
    desk = segmented({**NAMES, "3": "T13"})
    take_tool(desk)
    assert list(offered(desk.pane)) == ["L1", "L2"]
