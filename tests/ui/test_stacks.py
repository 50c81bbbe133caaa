"""Images that were altered or removed after they were measured: named, closed for new marks, and the old numbers stay."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from PySide6.QtCore import QPoint, Qt


@pytest.fixture
def own_images(images: Path, tmp_path: Path) -> Path:
    """Images that the test may alter."""
    folder = tmp_path / "own"
    shutil.copytree(images, folder)
    return folder


@pytest.fixture
def measured(empty, own_images: Path):
    empty.window.open_path(own_images, "S-1")
    empty.loaded()
    empty.baseline_target()
    empty.saved()
    return empty


def alter(folder: Path) -> None:
    file = sorted(folder.rglob("*.dcm"))[1]
    data = bytearray(file.read_bytes())
    data[-1] ^= 1
    file.write_bytes(bytes(data))


def closed(desk) -> bool:
    return "No new marks can be made on it" in desk.said()


def test_an_altered_stack_is_named_and_closed_and_its_numbers_stay(
    measured, own_images: Path, reopened: Callable
) -> None:
    value = measured.bench.lesions.table().rows[0].cells[0].text
    alter(own_images)
    desk = reopened(measured)
    desk.wait(lambda: closed(desk), "sentence")
    desk.loaded()
    assert "a file was altered" in desk.said()
    assert "closed" in desk.words()
    assert desk.bench.lesions.table().rows[0].cells[0].text == value
    assert len(desk.pane.shown.calipers) == 1
    kept = desk.read
    desk.dismiss()
    desk.activate(desk.pane)
    desk.keys(Qt.Key.Key_B, Qt.Key.Key_N)
    desk.measure_disc(desk.pane, 24, row=20)
    assert "No new marks on these images" in desk.said()
    assert desk.read == kept
    # Nor can the mark that is there be moved over other images.
    desk.dismiss()
    handle = desk.at(desk.pane, desk.pane.shown.calipers[0].handles[1])
    desk.pull(desk.pane, Qt.MouseButton.LeftButton, handle, QPoint(20, 10))
    assert "No new marks on these images" in desk.said()
    assert desk.read == kept


def test_the_other_stack_of_the_case_stays_open(measured, own_images: Path, reopened: Callable) -> None:
    alter(own_images)
    desk = reopened(measured)
    desk.wait(lambda: closed(desk), "sentence")
    desk.loaded()
    desk.activate(desk.follow_up)
    desk.keys(Qt.Key.Key_B, Qt.Key.Key_Space)
    desk.measure_disc(desk.follow_up, 24)
    assert len(desk.lesion().findings) == 2


def test_a_stack_that_is_gone_keeps_its_numbers_and_says_where_to_look(
    measured, own_images: Path, reopened: Callable
) -> None:
    value = measured.bench.lesions.table().rows[0].cells[0].text
    shutil.rmtree(own_images / "20250114")
    desk = reopened(measured)
    assert "The images of 1 series were not found" in desk.said()
    assert "images missing" in desk.words()
    row = desk.bench.lesions.table().rows[0]
    assert row.cells[0].text == value
    view = desk.bench.lesions.view
    desk.click(view.viewport(), view.visualRect(view.model().index(0, 1)).center())
    assert desk.bench.reading.selected == "L01"


def test_with_one_file_missing_the_stack_is_no_longer_the_one_that_was_measured(
    measured, own_images: Path, reopened: Callable
) -> None:
    sorted(own_images.rglob("*.dcm"))[0].unlink()
    desk = reopened(measured)
    assert "images missing" in desk.words()
    assert desk.bench.lesions.table().rows[0].cells[0].text.startswith("30.")


def test_a_case_without_any_images_can_be_looked_at(measured, own_images: Path, reopened: Callable) -> None:
    shutil.rmtree(own_images)
    desk = reopened(measured)
    assert "connect the folder or disk" in desk.pane.empty_text
    assert desk.bench.lesions.table().rows[0].label == "T01"
    desk.keys(Qt.Key.Key_I, Qt.Key.Key_Z, Qt.Key.Key_R, Qt.Key.Key_Home, Qt.Key.Key_PageDown, Qt.Key.Key_C)
    desk.wheel(desk.pane, 1)
    desk.click(desk.pane)
