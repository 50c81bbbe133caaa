"""SHA-256 of files and stacks."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from spinereview.dicom.digest import file_sha256, stack_sha256
from spinereview.dicom.write import write_series
from spinereview.errors import Cancelled, DicomError
from spinereview.tasks import CancelToken

SAMPLES = np.arange(3 * 4 * 4, dtype=np.int16).reshape(3, 4, 4)


@pytest.mark.parametrize("size", [0, 1, 2**20 - 1, 2**20, 2**20 + 1])
def test_a_file_is_hashed_to_its_last_byte(tmp_path: Path, size: int) -> None:
    path = tmp_path / "a"
    path.write_bytes(b"x" * size)
    assert file_sha256(path) == hashlib.sha256(b"x" * size).hexdigest()


def test_a_stack_is_hashed_over_its_sorted_images(
    tmp_path: Path, plan: Callable[..., Any], images_of: Callable[..., Any]
) -> None:
    images = images_of(*write_series(tmp_path, SAMPLES, plan()))
    lines = sorted(f"{h.sop_uid}\t1\t{hashlib.sha256(h.path.read_bytes()).hexdigest()}\n" for h, _frame in images)
    progress: list[tuple[int, int]] = []
    found = stack_sha256(images, progress=lambda done, total: progress.append((done, total)))
    assert found == hashlib.sha256("".join(lines).encode()).hexdigest()
    assert stack_sha256(images[::-1]) == found
    assert progress == [(0, 3), (1, 3), (2, 3), (3, 3)]


def test_frames_of_one_file_are_hashed_once_and_told_apart(
    tmp_path: Path, plan: Callable[..., Any], images_of: Callable[..., Any]
) -> None:
    images = images_of(*write_series(tmp_path, SAMPLES, plan(), multi_frame=True))
    progress: list[tuple[int, int]] = []
    whole = stack_sha256(images, progress=lambda done, total: progress.append((done, total)))
    assert progress == [(0, 1), (1, 1)]
    assert len({whole, stack_sha256(images[:2]), stack_sha256(images[1:])}) == 3


def test_a_changed_byte_changes_the_hash(
    tmp_path: Path, plan: Callable[..., Any], images_of: Callable[..., Any]
) -> None:
    files = write_series(tmp_path, SAMPLES, plan())
    before = stack_sha256(images_of(*files))
    data = bytearray(files[1].read_bytes())
    data[-1] ^= 1
    files[1].write_bytes(data)
    assert stack_sha256(images_of(*files)) != before


def test_hashing_can_be_cancelled(tmp_path: Path) -> None:
    (tmp_path / "a").write_bytes(b"x")
    cancel = CancelToken()
    cancel.cancel()
    with pytest.raises(Cancelled):
        file_sha256(tmp_path / "a", cancel=cancel)


def test_a_file_that_cannot_be_read_is_named(tmp_path: Path) -> None:
    with pytest.raises(DicomError) as caught:
        file_sha256(tmp_path / "gone")
    assert (caught.value.code, caught.value.arguments["file"]) == ("PIXELS_UNREADABLE", str(tmp_path / "gone"))
