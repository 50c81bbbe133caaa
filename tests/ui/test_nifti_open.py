"""A NIfTI image is opened by the mouse: what the file does not say is asked, and what is opened says what it was made of."""

from __future__ import annotations

import struct

import numpy as np
import pytest
from PySide6.QtWidgets import QApplication

from spinereview.imaging.nifti import write_nifti
from spinereview.imaging.slicing import Grid
from spinereview.ui.nifti_open import NiftiDialog

ALONG = ((0.0, 0.0, 5.0), (0.0, -0.75, 0.0), (-0.75, 0.0, 0.0))


@pytest.fixture
def image(tmp_path):
    """A disc in every image, as other programs write it: the first sample at the back on the right is the last one here."""
    row, column = np.mgrid[0:96, 0:96] + 0.5 - 48
    disc = np.where(np.hypot(row, column) < 20, 160, -20).astype(np.int16)
    grid = Grid(shape=(6, 96, 96), origin_mm=(70.0, 70.0, 0.0), along_mm=ALONG, calibrated=True, volume=True)
    path = tmp_path / "image.nii"
    write_nifti(path, np.repeat(disc[None], 6, axis=0), grid)
    return path


def dialog():
    return next(one for one in QApplication.topLevelWidgets() if isinstance(one, NiftiDialog) and one.isVisible())


def opened(desk, button):
    """Give the answer, then the subject's code on the page that asks for it."""
    desk.click(button)
    desk.wait(lambda: desk.window.pages.currentWidget() is desk.window.opening, "page of opening")
    desk.window.open_path(desk.window.opening.path, "S-N")
    desk.loaded()
    desk.activate(desk.pane)


def test_a_nifti_image_becomes_a_series_of_the_chosen_kind_and_is_measured(empty, image) -> None:
    empty.window.open_path(image)
    assert not dialog().millimetres.isVisible()
    opened(empty, dialog().ct)
    shown = empty.pane.shown
    assert (shown.stack.stack.modality, shown.stack.hounsfield, shown.planes.count) == ("CT", True, 6)
    assert "made of a NIfTI file" in shown.stack.notices[0]
    empty.baseline_target()
    (finding,) = empty.lesion().findings.values()
    assert set(finding.parts) == {"a"}


def test_the_same_file_is_made_into_a_series_once(empty, image, station) -> None:
    for _ in range(2):
        empty.window.open_path(image)
        opened(empty, dialog().mr)
    assert len(list((station.documents / "nifti").iterdir())) == 1
    empty.window.open_path(image)
    opened(empty, dialog().ct)
    assert len(list((station.documents / "nifti").iterdir())) == 2


def test_a_unit_that_is_not_stated_is_asked_for_before_anything_is_made(empty, image, station) -> None:
    raw = bytearray(image.read_bytes())
    struct.pack_into("<B", raw, 123, 0)
    image.write_bytes(bytes(raw))
    empty.window.open_path(image)
    asked = dialog()
    assert (asked.millimetres.isVisible(), asked.ct.isEnabled(), asked.mr.isEnabled()) == (True, False, False)
    assert not (station.documents / "nifti").exists()
    empty.click(asked.millimetres)
    opened(empty, asked.mr)
    assert empty.pane.shown.stack.stack.modality == "MR"


def test_without_an_answer_nothing_is_made(empty, image, station) -> None:
    empty.window.open_path(image)
    empty.click(dialog().cancel)
    assert empty.window.pages.currentWidget() is empty.window.start
    assert not (station.documents / "nifti").exists()


def test_a_file_that_is_no_nifti_says_so(empty, tmp_path) -> None:
    (tmp_path / "bad.nii").write_bytes(b"no header")
    empty.window.open_path(tmp_path / "bad.nii")
    assert "is no NIfTI-1 file" in empty.said()
