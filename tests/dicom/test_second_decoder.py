"""Samples against a second decoder, bit for bit, and the page that says which."""

from __future__ import annotations

import importlib.util
import io
from collections.abc import Callable
from pathlib import Path

import imagecodecs
import numpy as np
import pytest
import wild_files
from PIL import Image
from pydicom import dcmread

from spinereview.dicom.decode import _DECODERS
from spinereview.dicom.decoder import shared
from spinereview.dicom.header import PixelLayout
from spinereview.dicom.load import load
from spinereview.dicom.proof import FORBIDDEN, LIBRARIES, decoders
from spinereview.dicom.samples import DEFLATED, NATIVE
from spinereview.dicom.transfer_syntaxes import READ, name_of
from spinereview.errors import DicomError
from spinereview.text import explain

DOCS = Path(__file__).parents[2] / "docs"
NOISE = np.random.default_rng(1).integers(0, 4096, (64, 48), dtype=np.uint16)
SMALL = (NOISE >> 4).astype(np.uint8)


def layout(syntax: str, bits: int) -> PixelLayout:
    return PixelLayout(
        rows=64,
        columns=48,
        frames=1,
        samples=1,
        bits_allocated=8 if bits == 8 else 16,
        bits_stored=bits,
        high_bit=bits - 1,
        signed=False,
        photometric="MONOCHROME2",
        planar=0,
        transfer_syntax_uid=f"{wild_files.UID}{syntax}",
        big_endian=False,
        offset=0,
        length=None,
    )


def by_pillow(data: bytes) -> np.ndarray:
    return np.asarray(Image.open(io.BytesIO(data)))


@pytest.mark.parametrize(
    ("syntax", "bits", "second", "near"),
    [
        ("4.50", 8, by_pillow, 0),
        ("4.57", 12, imagecodecs.jpegsof3_decode, 0),
        ("4.70", 12, imagecodecs.jpegsof3_decode, 0),
        ("4.90", 12, by_pillow, 0),
        ("4.91", 12, by_pillow, 0),
        ("4.201", 12, imagecodecs.jpeg2k_decode, 0),
        ("4.202", 12, imagecodecs.jpeg2k_decode, 0),
        ("4.203", 12, imagecodecs.jpeg2k_decode, 1),
    ],
)
def test_a_second_decoder_gives_the_same_samples(
    syntax: str, bits: int, second: Callable[[bytes], np.ndarray], near: int
) -> None:
    data = wild_files.compressed(syntax, SMALL if bits == 8 else NOISE)
    found = shared().frame(data, layout(syntax, bits)).astype(int)
    assert np.abs(found - second(data).astype(int)).max() <= near


@pytest.mark.parametrize("syntax", ["1.98", "8.1", "4.70", "4.80", "4.90", "4.110", "4.111", "4.201", "5"])
def test_what_was_written_comes_back(syntax: str) -> None:
    data = wild_files.compressed(syntax, NOISE)
    np.testing.assert_array_equal(shared().frame(data, layout(syntax, 12)), NOISE)


def test_jpeg_xl_with_loss_is_near() -> None:
    smooth = np.add.outer(np.arange(64), np.arange(48)).astype(np.uint16) * 300
    data = wild_files.compressed("4.112", smooth)
    found = shared().frame(data, layout("4.112", 16)).astype(int)
    assert 0 < np.abs(found - smooth).max() < 1500


@pytest.mark.parametrize("syntax", ["", "1", "2", "1.99", "5"])
def test_pydicom_reads_the_same_samples(tmp_path: Path, images_of: Callable[..., list], syntax: str) -> None:
    path = tmp_path / "a.dcm"
    path.write_bytes(wild_files.honest(syntax, frames=2))
    np.testing.assert_array_equal(load(images_of(path)).samples, dcmread(path).pixel_array)


def test_the_page_lists_what_is_read() -> None:
    assert {row.uid for row in READ} == set(_DECODERS) | (NATIVE - {""}) | {DEFLATED}
    spec = importlib.util.spec_from_file_location("make_formats", DOCS / "make_formats.py")
    assert spec is not None
    assert spec.loader is not None
    made = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(made)
    assert made.text() == (DOCS / "formats.md").read_text(encoding="utf-8"), "run make schema"


@pytest.mark.parametrize(
    ("uid", "name"),
    [
        ("1.2.840.10008.1.2.4.100", "MPEG2 Main Profile / Main Level"),
        ("1.2.840.10008.1.2.4.92", "JPEG 2000 Part 2 Multi-component Image Compression (Lossless Only)"),
        ("1.2.3.4", "unknown"),
        ("no uid at all", "unknown"),
        ("1." * 31 + "8." * 40, "unknown"),
    ],
)
def test_what_is_not_read_is_refused_by_uid_and_name(
    tmp_path: Path, images_of: Callable[..., list], uid: str, name: str
) -> None:
    path = tmp_path / "a.dcm"
    other = wild_files.element(0x00020010, "UI", uid.encode())
    whole = wild_files.honest("5")
    path.write_bytes(whole.replace(wild_files.element(0x00020010, "UI", b"1.2.840.10008.1.2.5"), other))
    with pytest.raises(DicomError) as caught:
        load(images_of(path))
    assert caught.value.code == "TRANSFER_SYNTAX_UNSUPPORTED"
    assert f"{name}, {uid[:64]}" in explain(caught.value)
    assert name_of(uid) == name


def test_lesson_20_decoders_are_named_with_their_licences_and_none_is_under_the_gpl(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    page = (DOCS / "formats.md").read_text(encoding="utf-8")
    told = decoders()
    for name, (_, licence) in LIBRARIES.items():
        assert f"| {name} | {licence} |" in page
        assert f"{name} " in told
        assert "GPL" not in licence
    used = " ".join(row.decoder for row in READ)
    assert {name for name in LIBRARIES if name in used} == set(LIBRARIES)
    (tmp_path / "libjpeg.py").touch()
    monkeypatch.syspath_prepend(tmp_path)
    with pytest.raises(DicomError) as caught:
        decoders()
    assert caught.value.code == "DECODER_LICENCE"


def test_lesson_20_the_locks_and_the_frozen_program_leave_those_decoders_out() -> None:
    root = DOCS.parent
    spec = (root / "spinereview.spec").read_text(encoding="utf-8")
    assert all(f'"{name}"' in spec for name in FORBIDDEN)
    for lock in (root / ".ci" / "lock").glob("*.txt"):
        names = {line.partition("==")[0] for line in lock.read_text(encoding="utf-8").splitlines() if "==" in line}
        assert not {name for name in names if "libjpeg" in name or "pylibjpeg" in name}, lock.name
