"""Opening whatever a person may choose or drop: what the window asks, what it says, and that it stays usable."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from PySide6.QtCore import QMimeData, QPoint, QPointF, Qt, QUrl
from PySide6.QtGui import QDragEnterEvent, QDropEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QPushButton

from spinereview.errors import ProtocolError
from spinereview.ui.shown import missing
from spinereview.workflow.case_file import NAME

SLICES = 6


def type_in(text: str) -> None:
    focus = QApplication.focusWidget()
    assert focus is not None
    QTest.keyClicks(focus, text)


def drop(desk, *paths: Path) -> None:
    """Drag files over the window and let them go."""
    mime = QMimeData()
    mime.setUrls([QUrl.fromLocalFile(str(path)) for path in paths])
    left, keys, action = Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier, Qt.DropAction.CopyAction
    entered = QDragEnterEvent(QPoint(300, 300), action, mime, left, keys)
    QApplication.sendEvent(desk.window, entered)
    if entered.isAccepted():
        QApplication.sendEvent(desk.window, QDropEvent(QPointF(300, 300), action, mime, left, keys))


def answered(desk) -> None:
    """Wait until the window has said something."""
    desk.wait(lambda: bool(desk.said()), "sentence")
    desk.breathe()


def grey_in_the_disc(desk) -> int:
    # Within the disc, below where a sentence would stand.
    return desk.pane.grab().toImage().pixelColor(desk.pane.rect().center() + QPoint(0, 50)).value()


def test_without_a_case_the_window_says_what_to_do(empty) -> None:
    assert empty.window.pages.currentWidget() is empty.window.start
    hint = "Choose a folder or a ZIP archive with DICOM images, a case folder or a read (.srread), or drop it on this"
    labels = [label.text() for label in empty.window.start.findChildren(type(empty.window.start.recent_label))]
    assert any(text.startswith(hint) for text in labels)
    assert empty.window.start.folder_button.isVisible()
    assert empty.window.start.file_button.isVisible()
    assert empty.window.start.sample_button.isVisible()
    assert not empty.window.start.recent.isVisible()
    assert not empty.window.actions_by_id["lock"].isEnabled()
    assert not empty.window.top.saved.isVisible()


def test_a_folder_of_images_is_opened_by_keyboard_alone(windows: Callable, station, images: Path, hand_of) -> None:
    desk = hand_of(windows(station, ""))
    desk.window.open_path(images)
    page = desk.window.opening
    assert desk.window.pages.currentWidget() is page
    assert QApplication.focusWidget() is page.reader
    type_in("R7K2")
    desk.key(Qt.Key.Key_Tab)
    assert QApplication.focusWidget() is page.subject
    type_in("S-014")
    desk.key(Qt.Key.Key_Return)
    desk.loaded()
    assert desk.window.windowTitle().startswith("S-014")
    assert desk.window.top.subject.text() == "S-014"
    assert desk.window.top.reader.text() == "Reader R7K2"
    assert (station.documents / "S-014" / NAME).is_file()
    assert QApplication.focusWidget() is desk.bench.grid.active


def test_a_subject_code_left_empty_becomes_one_that_says_nothing(empty, images: Path) -> None:
    empty.window.open_path(images)
    assert QApplication.focusWidget() is empty.window.opening.subject
    empty.key(Qt.Key.Key_Return)
    empty.loaded()
    assert len(empty.window.top.subject.text()) == 5


@pytest.mark.parametrize(
    ("reader", "subject", "sentence"),
    [
        ("", "S-1", "does not know who reads"),
        ("R 1", "S-1", "R 1 is no reader code"),
        ("R1", "Jane Doe", "Jane Doe is no"),
    ],
    ids=["no reader", "reader", "subject"],
)
def test_a_code_that_is_none_is_said_and_can_be_typed_again(
    windows: Callable, station, images: Path, hand_of, reader, subject, sentence
) -> None:
    desk = hand_of(windows(station, ""))
    desk.window.open_path(images)
    type_in(reader)
    desk.window.opening.subject.setFocus()
    type_in(subject)
    desk.key(Qt.Key.Key_Return)
    answered(desk)
    assert sentence in desk.said()
    page = desk.window.opening
    assert desk.window.pages.currentWidget() is page
    for field, text in ((page.reader, "R1"), (page.subject, "S-1")):
        field.setFocus()
        field.selectAll()
        type_in(text)
    desk.key(Qt.Key.Key_Return)
    desk.loaded()
    assert desk.window.top.subject.text() == "S-1"


def wrong_empty(folder: Path, images: Path) -> Path:
    folder.mkdir()
    return folder


def wrong_other_files(folder: Path, images: Path) -> Path:
    folder.mkdir()
    (folder / "letter.txt").write_text("Dear colleague", encoding="utf-8")
    return folder


def wrong_truncated(folder: Path, images: Path) -> Path:
    folder.mkdir()
    whole = next(images.rglob("*.dcm")).read_bytes()
    (folder / "IM0001.dcm").write_bytes(whole[:300])
    return folder


def wrong_absent(folder: Path, images: Path) -> Path:
    return folder


def wrong_case(folder: Path, images: Path) -> Path:
    folder.mkdir()
    (folder / NAME).write_text("{", encoding="utf-8")
    return folder


def wrong_read(folder: Path, images: Path) -> Path:
    folder.mkdir()
    (folder / "R1.srread").write_bytes(b"nothing of ours")
    return folder / "R1.srread"


@pytest.mark.parametrize(
    ("make", "sentence"),
    [
        (wrong_empty, "is an empty folder"),
        (wrong_other_files, "None of the 1 files in"),
        (wrong_truncated, "Files that are damaged or cannot be read: 1."),
        (wrong_absent, "chosen"),
        (wrong_case, "is damaged"),
        (wrong_read, "case.json is missing"),
    ],
    ids=lambda value: value.__name__.removeprefix("wrong_") if callable(value) else "",
)
def test_what_cannot_be_opened_is_one_sentence_and_the_window_stays_usable(
    empty, images: Path, tmp_path: Path, make, sentence
) -> None:
    empty.window.open_path(make(tmp_path / "chosen", images), "S-1")
    answered(empty)
    assert sentence in empty.said()
    assert empty.said().endswith(".")
    assert "Error" not in empty.said()
    empty.window.open_path(images, "S-1")
    empty.loaded()
    assert empty.said() == ""


def test_the_first_slice_is_shown_before_the_rest_of_its_series_is_there(empty, images: Path) -> None:
    told: list[str] = []

    def listen() -> None:
        loader = empty.bench.loader
        loader.arrived.connect(lambda _stack, _volume: told.append("arrived"))
        loader.grew.connect(lambda _stack: told.append("whole"))

    empty.window.case_shown.connect(listen)
    empty.window.open_path(images, "S-1")
    empty.loaded()
    empty.wait(lambda: "whole" in told, "end")
    # Once with the first image, and once more with the last.
    assert told[: told.index("whole")].count("arrived") >= 2


def test_a_file_cut_off_in_its_pixels_is_said_in_its_place_and_takes_no_mark(
    empty, images: Path, tmp_path: Path
) -> None:
    folder = tmp_path / "cut"
    shutil.copytree(images, folder)
    cut = sorted(folder.rglob("*.dcm"))[3]
    cut.write_bytes(cut.read_bytes()[:-5000])
    empty.window.open_path(folder, "S-1")
    empty.wait(lambda: empty.window.bench is not None, "case")
    empty.wait(lambda: bool(empty.pane.shown and empty.pane.shown.volume), "images")
    empty.wait(lambda: int(empty.pane.shown.volume.ready.sum()) + len(empty.pane.shown.volume.failed) == SLICES, "end")
    empty.go_to(empty.pane, 3)
    assert missing(empty.pane.shown).endswith("Copy the file again from its source.")
    assert "IM0004.dcm breaks off" in missing(empty.pane.shown)
    assert grey_in_the_disc(empty) == 0
    empty.keys(Qt.Key.Key_B)
    empty.measure_disc(empty.pane)
    assert not empty.read.lesions
    assert "not shown" in empty.said()
    empty.go_to(empty.pane, 2)
    assert grey_in_the_disc(empty) > 150
    empty.measure_disc(empty.pane)
    assert list(empty.read.lesions) == ["L01"]


def test_a_series_of_one_image_can_be_read(empty, series: Callable, tmp_path: Path) -> None:
    empty.window.open_path(series(tmp_path / "one", date="20250114", slices=1), "S-1")
    empty.loaded()
    assert empty.bench.grid.count == 1
    empty.baseline_target()
    assert list(empty.read.lesions) == ["L01"]


@pytest.mark.parametrize("which", ["folder", "case.json", "read"])
def test_a_case_is_opened_again_by_its_folder_its_file_or_its_read(desk, reopened: Callable, which) -> None:
    desk.baseline_target()
    folder = desk.window.opened.folder
    later = reopened(desk, {"folder": folder, "case.json": folder / NAME, "read": folder / "R1.srread"}[which])
    assert list(later.read.lesions) == ["L01"]
    assert later.bench.lesions.table().rows[0].label == "T01"


def test_images_that_belong_to_a_case_offer_to_go_on_with_it(desk, images: Path) -> None:
    desk.baseline_target()
    desk.window.close_case()
    desk.window.open_path(images, "S-2")
    page = desk.window.opening
    desk.wait(page.go_on.isVisible, "offer")
    assert "S-1" in page.note.text()
    assert QApplication.focusWidget() is page.go_on
    desk.key(Qt.Key.Key_Space)
    desk.loaded()
    assert desk.window.top.subject.text() == "S-1"
    assert list(desk.read.lesions) == ["L01"]


def test_a_new_case_can_be_made_of_images_that_have_one(desk, images: Path, station) -> None:
    desk.window.close_case()
    desk.window.open_path(images)
    type_in("S-2")
    desk.key(Qt.Key.Key_Return)
    page = desk.window.opening
    desk.wait(page.anew.isVisible, "offer")
    desk.click(page.anew)
    desk.loaded()
    assert desk.window.top.subject.text() == "S-2"
    assert (station.documents / "S-1" / NAME).is_file()


def test_of_two_patients_one_is_chosen(empty, series: Callable, tmp_path: Path) -> None:
    folder = tmp_path / "two"
    series(folder / "a", date="20250114", patient="1111")
    series(folder / "b", date="20250408", patient="2222", slices=3)
    empty.window.open_path(folder, "S-1")
    page = empty.window.opening
    empty.wait(page.patients.isVisible, "choice")
    assert page.patients.count() == 2
    assert QApplication.focusWidget() is page.patients
    empty.key(Qt.Key.Key_Down)
    assert page.patients.currentItem().text() == "ID 2222, born 1960-01-01: 3 images of 2025-04-08"
    empty.click(page.confirm)
    empty.loaded()
    assert empty.pane.shown.planes.count == 3
    assert "2222" not in empty.words()


def test_cancelling_the_question_goes_back(empty, images: Path) -> None:
    empty.window.open_path(images)
    empty.click(empty.window.opening.cancel)
    assert empty.window.pages.currentWidget() is empty.window.start


def test_a_folder_dropped_on_the_window_is_opened(empty, images: Path) -> None:
    drop(empty, images)
    assert empty.window.pages.currentWidget() is empty.window.opening
    assert empty.window.opening.path == images


def test_words_dropped_on_the_window_are_not_taken(empty) -> None:
    mime = QMimeData()
    mime.setText("words")
    left, keys = Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier
    event = QDragEnterEvent(QPoint(300, 300), Qt.DropAction.CopyAction, mime, left, keys)
    event.ignore()
    QApplication.sendEvent(empty.window, event)
    assert not event.isAccepted()


def test_a_recent_case_is_opened_from_the_start_page(desk) -> None:
    desk.window.close_case()
    recent = desk.window.start.recent
    assert recent.isVisible()
    desk.click(recent.viewport(), recent.visualItemRect(recent.item(0)).center())
    desk.loaded()
    assert desk.window.top.subject.text() == "S-1"


def test_nothing_is_written_beside_the_images(desk, images: Path) -> None:
    before = sorted(path.name for path in images.rglob("*"))
    desk.baseline_target()
    desk.saved()
    assert sorted(path.name for path in images.rglob("*")) == before
    assert all(path.suffix in ("", ".dcm") for path in images.rglob("*"))


def test_a_copy_of_a_read_is_named_and_opened_only_when_told(desk) -> None:
    desk.baseline_target()
    desk.saved()
    opened = desk.window.opened
    kept = desk.read
    folder = opened.folder.with_name("COPY")
    desk.window.close_case()
    shutil.copytree(opened.folder, folder)
    desk.window.open_path(folder)
    desk.wait(lambda: bool(desk.said()), "sentence")
    assert "is a copy" in desk.said()
    assert desk.window.bench is None
    button = next(one for one in desk.window.messages.findChildren(QPushButton))
    desk.click(button)
    desk.wait(lambda: desk.window.bench is not None, "case")
    assert desk.read == kept


def test_a_new_case_is_bound_to_the_protocol_that_is_chosen(empty, images: Path) -> None:
    page = empty.window.opening
    empty.window.open_path(images)
    titles = [page.protocols.itemText(place) for place in range(page.protocols.count())]
    assert titles[0] == "RECIST 1.1, not blinded"
    page.protocols.setFocus()
    QTest.keyClicks(page.protocols, "Spatially")
    page.subject.setText("S-P")
    empty.click(page.confirm)
    empty.wait(page.take.isVisible, "visits")
    empty.click(page.take)
    empty.loaded()
    assert empty.window.opened.protocol.id == "NCT06987370"
    assert (empty.window.opened.folder / "protocol.toml").read_bytes() == page.protocol.read_bytes()
    # Blinded: days are hidden, and what an open timepoint comes to.
    assert "2025" not in empty.words()
    empty.baseline_target()
    assert empty.bench.response.shown.outcome not in {"PR", "SD", "PD", "CR"}


def test_a_protocol_file_joins_the_list_and_one_in_disorder_is_refused_by_line(
    empty, images: Path, tmp_path: Path
) -> None:
    page = empty.window.opening
    empty.window.open_path(images)
    fine, wrong = tmp_path / "fifth.toml", tmp_path / "wrong.toml"
    fine.write_text(
        '[trial]\nid = "T5"\nversion = "1"\ntitle = "A fifth trial"\n[criterion.recist]\n', encoding="utf-8"
    )
    wrong.write_text('[trial]\nid = "T6"\nversion = "1"\ntitle = "T"\n[criterion.recist]\nx = 1\n', encoding="utf-8")
    page.choose_protocol(str(fine))
    assert page.protocols.currentText() == "A fifth trial"
    assert page.protocol == fine
    with pytest.raises(ProtocolError) as refused:
        page.choose_protocol(str(wrong))
    assert refused.value.arguments["line"] == "6"
    assert page.protocol == fine
