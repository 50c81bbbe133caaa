"""Whether images lost something to compression: by their own word, and by transfer syntaxes that cannot but lose."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import wild_files

from spinereview.dicom.header import FileHeader, FrameHeader
from spinereview.dicom.lossy import lossy
from spinereview.dicom.scan import scan
from spinereview.dicom.series_plan import SeriesPlan
from spinereview.dicom.write import write_series
from spinereview.tasks import CancelToken

Headers = list[tuple[FileHeader, FrameHeader]]
ImagesOf = Callable[..., Headers]


@pytest.mark.parametrize(
    ("syntax", "said"),
    [
        ("1", None),
        ("5", None),
        ("4.70", None),
        ("4.80", None),
        ("4.90", None),
        ("4.110", None),
        ("4.201", None),
        ("8.1", None),
        ("4.50", "JPEG"),
        ("4.51", "JPEG"),
        ("4.81", "JPEG-LS"),
        ("4.91", "JPEG 2000"),
        ("4.111", "JPEG"),
        ("4.112", "JPEG XL"),
        ("4.203", "HTJ2K"),
    ],
)
def test_a_transfer_syntax_tells_what_may_be_lost(
    tmp_path: Path, images_of: ImagesOf, syntax: str, said: str | None
) -> None:
    path = tmp_path / "a.dcm"
    path.write_bytes(wild_files.honest(syntax))
    found = lossy(images_of(path))
    assert (None if found is None else str(found)) == said


@pytest.mark.parametrize(
    ("syntax", "flag", "is_lossy"),
    [("4.91", b"00", False), ("4.91", b"01", True), ("4.81", b"00", False), ("4.50", b"00", True), ("1", b"01", True)],
)
def test_the_image_is_believed_where_its_syntax_leaves_it_open(
    tmp_path: Path, images_of: ImagesOf, syntax: str, flag: bytes, is_lossy: bool
) -> None:
    path = tmp_path / "a.dcm"
    data = wild_files.honest(syntax)
    path.write_bytes(data.replace(wild_files.element(0x00280103, "US", b"\0\0"), _flagged(flag)))
    assert (lossy(images_of(path)) is not None) is is_lossy


@pytest.mark.parametrize(("with_loss", "without"), [("4.50", "4.70"), ("4.81", "4.80"), ("4.91", "4.90")])
def test_of_two_copies_the_one_without_loss_is_used_though_neither_says_a_word(
    tmp_path: Path, with_loss: str, without: str
) -> None:
    (tmp_path / "a.dcm").write_bytes(wild_files.honest(with_loss))
    (tmp_path / "b.dcm").write_bytes(wild_files.honest(without))
    found = scan(tmp_path, cancel=CancelToken())
    (stack,) = found.stacks
    assert [file.path.name for file, _ in stack.images] == ["b.dcm"]
    assert [copy.name for copy, _ in found.duplicates] == ["a.dcm"]


def _flagged(flag: bytes) -> bytes:
    return wild_files.element(0x00280103, "US", b"\0\0") + wild_files.element(0x00282110, "CS", flag)


def test_ratios_and_methods_of_all_images_are_told(
    tmp_path: Path, images_of: ImagesOf, plan: Callable[..., SeriesPlan]
) -> None:
    samples = np.zeros((1, 4, 4), dtype=np.int16)
    paths = []
    for name, ratio, method in (("a", "10", "ISO_10918_1"), ("b", "7.26\\3", ""), ("c", "none", "ISO_15444_1")):
        stated = {"LossyImageCompression": "01", "LossyImageCompressionRatio": ratio}
        stated |= {"LossyImageCompressionMethod": method} if method else {}
        stated = {
            key: value.split("\\") if "\\" in value else value for key, value in stated.items() if value != "none"
        }
        paths += write_series(tmp_path / name, samples, plan(attributes=stated))
    images = images_of(*paths)
    assert str(lossy(images)) == "JPEG + JPEG 2000, 3 to 10 : 1"
    assert str(lossy(images[:1])) == "JPEG, 10 : 1"
    assert str(lossy(images[1:2])) == "3 to 7.3 : 1"
    assert str(lossy(images[2:])) == "JPEG 2000"
    assert lossy(()) is None
