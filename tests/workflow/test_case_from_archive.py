"""A case whose images lie in a ZIP archive: opened like a folder, found again at the next opening."""

from __future__ import annotations

import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from spinereview.dicom import archive
from spinereview.errors import DicomError
from spinereview.text import explain
from spinereview.workflow.case import OpenedCase, open_case
from spinereview.workflow.reads import Workstation


@pytest.fixture(autouse=True)
def nothing_unpacked() -> Iterator[None]:
    archive.forget()
    yield
    archive.forget()


@pytest.fixture
def zipped(tmp_path: Path, write_visit: Callable[..., Path]) -> Path:
    folder = write_visit(tmp_path / "visit", date="20260101")
    path = tmp_path / "site" / "visit.zip"
    path.parent.mkdir()
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as made:
        for file in sorted(folder.iterdir()):
            made.write(file, f"DICOM/{file.name}")
    return path


def closed(opened: object) -> OpenedCase:
    assert isinstance(opened, OpenedCase)
    opened.session.close()
    return opened


def test_a_case_is_made_of_an_archive_and_opened_again(zipped: Path, workstation: Workstation) -> None:
    first = closed(open_case(zipped, workstation, reader="R1", subject="S1"))
    assert first.source.missing == ()
    assert [Path(text) for text in first.file.sources] == [zipped]
    archive.forget()
    again = closed(open_case(first.folder, workstation, reader="R1"))
    (row,) = again.source.descriptions
    assert (row.present, row.image_count) == (True, 3)
    assert list(zipped.parent.iterdir()) == [zipped], "nothing is written beside the images"


def test_an_archive_that_was_damaged_since_costs_the_images_and_not_the_case(
    zipped: Path, workstation: Workstation
) -> None:
    first = closed(open_case(zipped, workstation, reader="R1", subject="S1"))
    zipped.write_bytes(zipped.read_bytes()[:-40])
    again = closed(open_case(first.folder, workstation, reader="R1"))
    assert [row.present for row in again.source.descriptions] == [False]
    with pytest.raises(DicomError) as caught:
        open_case(zipped, workstation, reader="R2", subject="S2")
    assert explain(caught.value).startswith(f"{zipped} is damaged or no honest ZIP archive")
