"""What a delivery holds, on the page: found, refused, left out, and why; by mouse from the first page and from opening."""

from __future__ import annotations

import shutil
from decimal import Decimal
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import Qt, QTimer
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QFileDialog, QLineEdit

from spinereview.dicom.series_plan import SeriesGeometry, SeriesPlan
from spinereview.dicom.write import write_series
from spinereview.ui.delivery_lines import HeadLine, StackLine, TextLine

ZERO, ONE = Decimal(0), Decimal(1)


def write(
    folder: Path, name: str, modality: str = "CT", tilt_mm: int = 0, slices: int = 4, **attributes: object
) -> None:
    plan = SeriesPlan(
        modality=modality,
        seed=name,
        study_uid="1.2.3.4",
        geometry=SeriesGeometry(
            origin_mm=(ZERO, ZERO, ZERO),
            row_direction=(ONE, ZERO, ZERO),
            column_direction=(ZERO, ONE, ZERO),
            pixel_spacing_mm=(Decimal("0.5"), Decimal("0.5")),
            step_mm=(ZERO, Decimal(tilt_mm), Decimal(4)),
            slice_thickness_mm=Decimal(4),
        ),
        patient_id="4711",
        study_date="20250114",
        series_description=name,
        attributes=attributes,
    )
    shades = np.tile(np.arange(32, dtype=np.int16) * 10, (slices, 32, 1))
    write_series(folder / name, shades, plan)


@pytest.fixture(scope="session")
def delivery(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A CT, a tilted CT, a radiograph, a series that is refused for its spacing, one with a hole, and a letter."""
    folder = tmp_path_factory.mktemp("delivery")
    write(folder, "Spine bone", ConvolutionKernel="B60s")
    write(folder, "tilted", tilt_mm=1)
    write(folder, "lateral", "DX", slices=1, ViewPosition="LL", LossyImageCompression="01")
    write(folder, "refused", PixelSpacing=["0", "0"])
    write(folder, "hole", slices=5)
    sorted((folder / "hole").iterdir())[2].unlink()
    (folder / "letter.txt").write_text("Dear reader", encoding="utf-8")
    return folder


@pytest.fixture
def chosen(delivery: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The dialogue of the system for folders answers with the delivery: it cannot be driven by events."""
    monkeypatch.setattr(QFileDialog, "getExistingDirectory", lambda *_: str(delivery))
    return delivery


@pytest.fixture
def checked(empty, chosen):
    """The delivery, checked from the first page by the mouse."""
    empty.click(empty.window.start.check_button)
    page = empty.window.acts.delivery.page
    empty.wait(lambda: empty.window.pages.currentWidget() is page, "page")
    return empty


def page_of(desk):
    return desk.window.acts.delivery.page


def stack_lines(desk) -> dict[str, StackLine]:
    return {line.title: line for line in page_of(desk).lines() if isinstance(line, StackLine)}


def texts(desk) -> list[str]:
    return [line.note.text for line in page_of(desk).lines() if isinstance(line, TextLine)]


def warned(line: StackLine) -> str:
    return " ".join(note.text for note in (line.measurable, *line.notes) if note.warns)


def test_each_series_says_what_it_is_for_and_what_may_be_measured(checked) -> None:
    lines = stack_lines(checked)
    bone = lines["Spine bone"]
    assert (bone.role, bone.because) == ("CT bone", "suggested by the attributes: kernel B60s")
    assert bone.facts == "CT · axial · 4 images · 32 × 32 · 0.5 × 0.5 × 4 mm"
    assert bone.measurable.text == "May be measured: lengths, lengths across slices, vertebral heights, angles, HU."
    assert warned(bone) == ""
    assert lines["lateral"].role == "X-ray lateral"
    assert lines["lateral"].facts == "DX · 1 image · 32 × 32 · 0.5 × 0.5 mm · lossy"


def test_what_is_refused_says_why_and_what_to_do(checked) -> None:
    lines = stack_lines(checked)
    assert lines["refused"].measurable.text == "May be measured: HU."
    assert "lengths cannot be measured" in warned(lines["refused"])
    assert "The gantry was tilted by 14.04°" in warned(lines["tilted"])
    assert lines["tilted"].measurable.text == "May be measured: lengths, angles, HU."
    assert "images with these numbers are not here: 3. Ask the site" in warned(lines["hole"])
    assert texts(checked)[-1] == "letter.txt is no DICOM file. It was left out."
    assert page_of(checked).summary.text() == "17 DICOM files · 5 series for reading · patients: 1 · files left out: 1"


def test_every_series_has_its_picture(checked) -> None:
    page = page_of(checked)
    stacks = [line.stack for line in stack_lines(checked).values()]
    checked.wait(lambda: all(page.thumbnail(stack) is not None for stack in stacks), "pictures")
    image = page.thumbnail(stacks[0])
    assert image.pixelColor(0, 0).value() < image.pixelColor(image.width() - 1, 0).value()


def test_no_sentence_is_cut_off_whatever_the_width(checked) -> None:
    page = page_of(checked)
    place = next(
        place for place, line in enumerate(page.lines()) if isinstance(line, StackLine) and line.title == "hole"
    )

    def height() -> int:
        return page.list.visualItemRect(page.list.item(place)).height()

    checked.window.resize(2400, 900)
    checked.breathe(20)
    wide = height()
    page.setFixedWidth(900)
    checked.breathe(20)
    assert height() > wide


def test_another_protocol_is_compared_without_another_scan(checked) -> None:
    page = page_of(checked)
    assert not [line for line in page.lines() if isinstance(line, HeadLine) and line.label.startswith("Visits of")]
    checked.choose(page.protocols, "En")
    told = texts(checked)
    assert "BL, study of 2025-01-14: CT, DX." in told
    assert "BL lacks MR, PT. Ask the site for what is missing." in told
    heads = [line for line in page.lines() if isinstance(line, HeadLine)]
    assert heads[0].label == "Visits of En bloc resection or separation surgery with radiotherapy"
    assert "suggestion" in heads[0].detail


def test_from_the_page_it_is_opened_for_reading_and_back(checked, delivery: Path) -> None:
    page = page_of(checked)
    checked.click(page.open_button)
    opening = checked.window.opening
    assert checked.window.pages.currentWidget() is opening
    assert opening.path == delivery
    checked.click(opening.look)
    checked.wait(lambda: checked.window.pages.currentWidget() is page, "page again")
    checked.click(page.close_button)
    assert checked.window.pages.currentWidget() is checked.window.start


def test_a_case_that_is_open_stays_open_behind_the_page(desk, chosen: Path) -> None:
    desk.window.actions_by_id["check_delivery"].trigger()
    page = page_of(desk)
    desk.wait(lambda: desk.window.pages.currentWidget() is page, "page")
    desk.click(page.close_button)
    assert desk.window.pages.currentWidget() is desk.bench


def test_a_reader_who_may_not_see_days_checks_no_delivery(blinded) -> None:
    action = blinded.window.actions_by_id["check_delivery"]
    assert not action.isEnabled()
    blinded.window.close_case()
    assert action.isEnabled()


def test_a_folder_in_which_nothing_can_be_read_says_so(empty, tmp_path: Path) -> None:
    (tmp_path / "letter.txt").write_text("Dear reader", encoding="utf-8")
    empty.window.acts.delivery.check(tmp_path)
    page = page_of(empty)
    empty.wait(lambda: empty.window.pages.currentWidget() is page, "page")
    assert texts(empty)[0].startswith("There is no series here that can be read.")
    assert not page.open_button.isEnabled()


def choose(file: Path) -> None:
    """Type a file into the dialog that is open, and take it; again, while there is none yet."""
    box = QApplication.activeModalWidget()
    if not isinstance(box, QFileDialog):
        QTimer.singleShot(20, lambda: choose(file))
        return
    line = box.findChild(QLineEdit)
    # Set at once: the list of completions would open over the dialog while letters come.
    line.setText(str(file))
    QTest.keyClick(line, Qt.Key.Key_Return)


@pytest.mark.allow_qt_message("does not support raise()", "does not support grabbing the keyboard")
def test_from_the_page_an_archive_is_chosen_as_well_as_a_folder(checked, delivery: Path, tmp_path: Path) -> None:
    archive = Path(shutil.make_archive(str(tmp_path / "sent"), "zip", delivery / "lateral"))
    page = page_of(checked)
    assert "Spine bone" in stack_lines(checked)
    QTimer.singleShot(0, lambda: choose(archive))
    checked.click(page.file_button)
    checked.wait(lambda: page.path_label.text() == str(archive), "archive")
    assert list(stack_lines(checked)) == ["lateral"]
    assert page.open_button.isEnabled()


@pytest.mark.allow_qt_message("does not support raise()", "does not support grabbing the keyboard")
def test_an_archive_is_chosen_on_the_first_page_and_what_it_holds_is_shown(
    empty, delivery: Path, tmp_path: Path
) -> None:
    archive = Path(shutil.make_archive(str(tmp_path / "sent"), "zip", delivery))
    QTimer.singleShot(0, lambda: choose(archive))
    empty.click(empty.window.start.file_button)
    opening = empty.window.opening
    assert empty.window.pages.currentWidget() is opening
    assert opening.path == archive
    empty.click(opening.look)
    page = page_of(empty)
    empty.wait(lambda: empty.window.pages.currentWidget() is page, "page")
    assert any(isinstance(line, StackLine) and line.title == "Spine bone" for line in page.lines())
