"""NIfTI files: what is written is read back in every orientation, and what a header leaves open is refused."""

from __future__ import annotations

import gzip
import struct

import numpy as np
import pytest

from spinereview.errors import NiftiError
from spinereview.imaging.nifti import read_nifti, write_nifti
from spinereview.imaging.slicing import Grid

AXIAL = ((0.0, 0.0, 3.25), (0.0, 0.5, 0.0), (0.75, 0.0, 0.0))
SAGITTAL = ((4.5, 0.0, 0.0), (0.0, 0.0, -0.5), (0.0, 0.75, 0.0))
CORONAL = ((0.0, 2.5, 0.0), (0.0, 0.0, -0.5), (0.75, 0.0, 0.0))
FROM_THE_HEAD = ((0.0, 0.0, -3.25), (0.0, 0.5, 0.0), (0.75, 0.0, 0.0))
PRONE = ((0.0, 0.0, 3.25), (0.0, -0.5, 0.0), (-0.75, 0.0, 0.0))
OBLIQUE = ((0.0, -2.0, 3.0), (0.0, 0.75, 0.5), (0.5, 0.0, 0.0))


def grid(along=AXIAL, shape=(3, 4, 5)):
    return Grid(shape=shape, origin_mm=(-12.5, 30.25, 101.75), along_mm=along, calibrated=True, volume=True)


def counted(shape=(3, 4, 5), kind=np.int16):
    return np.arange(np.prod(shape), dtype=kind).reshape(shape)


def changed(path, at, form, *values):
    """The file with other numbers at a place of its header."""
    raw = bytearray(path.read_bytes())
    struct.pack_into("<" + form, raw, at, *values)
    path.write_bytes(bytes(raw))
    return path


@pytest.fixture
def written(tmp_path):
    path = tmp_path / "image.nii"
    write_nifti(path, counted(), grid())
    return path


def code_of(path):
    with pytest.raises(NiftiError) as raised:
        read_nifti(path)
    return raised.value.code


@pytest.mark.parametrize("along", [AXIAL, SAGITTAL, CORONAL, FROM_THE_HEAD, PRONE, OBLIQUE])
@pytest.mark.parametrize("name", ["a.nii", "a.nii.gz"])
def test_every_orientation_comes_back_as_it_was(tmp_path, along, name) -> None:
    write_nifti(tmp_path / name, counted(), grid(along), slope=2.0, intercept=-1024.0)
    read = read_nifti(tmp_path / name)
    assert read.grid == grid(along)
    assert (read.slope, read.intercept, read.unit_stated) == (2.0, -1024.0, True)
    assert np.array_equal(read.samples, counted())


def test_positions_in_the_file_are_ras_and_its_first_axis_runs_along_the_columns(written) -> None:
    raw = written.read_bytes()
    assert struct.unpack_from("<4h", raw, 40) == (3, 5, 4, 3)
    rows = np.array(struct.unpack_from("<12f", raw, 280)).reshape(3, 4)
    assert rows.tolist() == [[-0.75, 0, 0, 12.5], [0, -0.5, 0, -30.25], [0, 0, 3.25, 101.75]]
    assert struct.unpack_from("<5h", raw, 352) == (0, 1, 2, 3, 4)


@pytest.mark.parametrize("kind", ["u1", "i1", "i2", "u2", "i4", "u4", "f4", "f8"])
def test_every_type_of_samples_is_kept(tmp_path, kind) -> None:
    write_nifti(tmp_path / "a.nii", counted(kind=kind), grid())
    assert read_nifti(tmp_path / "a.nii").samples.dtype == np.dtype(kind)


def test_the_same_volume_gives_the_same_bytes(tmp_path) -> None:
    for name in ("a.nii.gz", "b.nii.gz"):
        write_nifti(tmp_path / name, counted(), grid())
    assert (tmp_path / "a.nii.gz").read_bytes() == (tmp_path / "b.nii.gz").read_bytes()


def test_the_quaternion_alone_gives_the_same_place(written) -> None:
    """Half a turn about the axis to the head: the directions of LPS, seen in RAS."""
    changed(written, 252, "2h", 1, 0)
    changed(written, 256, "6f", 0.0, 0.0, 1.0, 12.5, -30.25, 101.75)
    assert read_nifti(written).grid == grid()


def test_a_mirrored_quaternion_runs_from_the_head(written) -> None:
    changed(written, 252, "2h", 1, 0)
    changed(written, 256, "6f", 0.0, 0.0, 1.0, 12.5, -30.25, 101.75)
    changed(written, 76, "f", -1.0)
    assert read_nifti(written).grid == grid(FROM_THE_HEAD)


@pytest.mark.parametrize(("apart", "refused"), [(0.05, False), (0.2, True)])
def test_two_affines_that_differ_are_refused(written, apart, refused) -> None:
    changed(written, 252, "2h", 1, 1)
    changed(written, 256, "6f", 0.0, 0.0, 1.0, 12.5 + apart, -30.25, 101.75)
    if refused:
        assert code_of(written) == "NIFTI_TWO_POSITIONS"
    else:
        assert read_nifti(written).grid == grid()


@pytest.mark.parametrize(
    ("at", "form", "values", "code"),
    [
        (0, "i", (540,), "NIFTI_NOT"),
        (344, "4s", (b"ni1\0",), "NIFTI_NOT"),
        (40, "5h", (4, 5, 4, 3, 2), "NIFTI_DIMENSIONS"),
        (40, "h", (2,), "NIFTI_DIMENSIONS"),
        (70, "h", (128,), "NIFTI_TYPE"),
        (108, "f", (12.0,), "NIFTI_CUT"),
        (42, "h", (50,), "NIFTI_CUT"),
        (42, "3h", (32000, 32000, 32000), "NIFTI_LARGE"),
        (123, "B", (1,), "NIFTI_UNIT"),
        (252, "2h", (0, 0), "NIFTI_NO_POSITION"),
        (280, "4f", (0.0, 0.0, 0.0, 0.0), "NIFTI_FLAT"),
        (280, "f", (float("nan"),), "NIFTI_NO_POSITION"),
    ],
)
def test_what_a_header_leaves_open_or_says_wrongly_is_refused(written, at, form, values, code) -> None:
    assert code_of(changed(written, at, form, *values)) == code


def test_a_unit_that_is_not_stated_is_said(written) -> None:
    assert read_nifti(changed(written, 123, "B", 0)).unit_stated is False


def test_a_slope_of_zero_means_that_there_is_none(written) -> None:
    read = read_nifti(changed(written, 112, "2f", 0.0, 7.0))
    assert (read.slope, read.intercept) == (1.0, 0.0)


def test_extensions_before_the_samples_are_passed(written) -> None:
    raw = written.read_bytes()
    written.write_bytes(raw[:352] + bytes(64) + raw[352:])
    changed(written, 108, "f", 416.0)
    assert np.array_equal(read_nifti(written).samples, counted())


def test_the_other_byte_order_is_read(tmp_path) -> None:
    raw = bytearray(352)
    struct.pack_into(">i", raw, 0, 348)
    struct.pack_into(">8h", raw, 40, 3, 5, 4, 3, 1, 1, 1, 1)
    struct.pack_into(">2h", raw, 70, 4, 16)
    struct.pack_into(">f", raw, 108, 352.0)
    struct.pack_into(">2h", raw, 252, 0, 1)
    struct.pack_into(">12f", raw, 280, -0.75, 0, 0, 12.5, 0, -0.5, 0, -30.25, 0, 0, 3.25, 101.75)
    raw[344:348] = b"n+1\0"
    (tmp_path / "a.nii").write_bytes(bytes(raw) + counted().astype(">i2").tobytes())
    read = read_nifti(tmp_path / "a.nii")
    assert read.grid == grid()
    assert np.array_equal(read.samples, counted())


def test_a_damaged_archive_is_named(tmp_path, written) -> None:
    packed = gzip.compress(written.read_bytes())
    (tmp_path / "cut.nii.gz").write_bytes(packed[: len(packed) // 2])
    assert code_of(tmp_path / "cut.nii.gz") == "NIFTI_UNREADABLE"
    assert code_of(tmp_path / "gone.nii") == "NIFTI_UNREADABLE"


def test_what_has_no_place_is_not_written(tmp_path) -> None:
    nowhere = Grid(shape=(3, 4, 5), origin_mm=None, along_mm=AXIAL, calibrated=True, volume=True)
    with pytest.raises(NiftiError) as raised:
        write_nifti(tmp_path / "a.nii", counted(), nowhere)
    assert raised.value.code == "NIFTI_NO_VOLUME"
    assert not (tmp_path / "a.nii").exists()
