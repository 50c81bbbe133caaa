"""Pixels of real files: decoded as other readers decode them, or refused with a code.

``pixels_by_gdcm.csv`` holds SHA-256 of stored values (little endian) as pydicom 3.0.2 gives them through GDCM 3.2.6,
OpenJPEG and Pillow, for compressed grey images.
"""

from __future__ import annotations

import csv
import hashlib
import warnings
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from pydicom import FileDataset, dcmread
from pydicom.pixels import apply_rescale, convert_color_space, pixel_array

from spinereview.dicom.digest import stack_sha256
from spinereview.dicom.header import FileHeader, FrameHeader
from spinereview.dicom.load import load, load_one
from spinereview.dicom.parse import read_header
from spinereview.errors import SpineReviewError
from spinereview.imaging.volume import Volume
from spinereview.text import catalogue

Images = list[tuple[FileHeader, FrameHeader]]

TEXT = {".md", ".gz", ".json", ".nii"}
PYDICOM_DECODES = {"", "1.2.840.10008.1.2", "1.2.840.10008.1.2.1", "1.2.840.10008.1.2.2", "1.2.840.10008.1.2.1.99"}
RLE = "1.2.840.10008.1.2.5"
REFUSED = {
    # the size inside the codestream is overwritten by a sequence delimiter
    "JPEG2000-embedded-sequence-delimiter.dcm": "PIXELS_SIZE",
    "MR_truncated.dcm": "PIXELS_TRUNCATED",
}
SYNTAXES = "edge_transfer_syntaxes"
FOLDERS = {
    "ct_chest_cmb_crc_01068": False,
    "ct_pelvis_totalseg_dicom": False,
    "ct_two_timepoints_acrin_flt_001": False,
    "edge_geometry": True,
    "edge_pydicom": True,
    SYNTAXES: True,
    "mr_lumbar_sct_dicom": True,
    "mr_pelvis_prostatex_0207": False,
    "petct_acrin_nsclc_042": True,
    "xray": True,
}
"""Folders, and whether pydicom alone decodes any of their images."""


def images_of(*paths: Path) -> Images:
    headers = [header for path in paths if (header := read_header(path)) is not None]
    return [(header, frame) for header in headers for frame in header.frames]


def files(folder: Path) -> list[Path]:
    return sorted(path for path in folder.rglob("*") if path.is_file() and path.suffix not in TEXT)


def loaded(images: Images) -> Volume | str:
    """The volume, or the code of why there is none."""
    try:
        return load(images)
    except SpineReviewError as error:
        return error.code


def decoded(folder: Path) -> Iterator[tuple[Path, Volume]]:
    """Every file of a folder that has pixels, loaded alone; what is refused is refused with a code that has a sentence."""
    for path in files(folder):
        try:
            images = images_of(path)
        except SpineReviewError:
            continue
        volume = loaded(images) if images else "PIXELS_NONE"
        if isinstance(volume, str):
            assert volume in catalogue()
            continue
        codes = {error.code for error in volume.failed.values()}
        assert codes == ({REFUSED[path.name]} if path.name in REFUSED else set()), path
        if not codes:
            yield path, volume


def by_pydicom(dataset: FileDataset, volume: Volume) -> np.ndarray:
    raw = pixel_array(dataset, raw=True) if volume.colour else dataset.pixel_array
    if dataset.PhotometricInterpretation.startswith("YBR_FULL"):
        raw = convert_color_space(raw, "YBR_FULL", "RGB", per_frame=True)
    if volume.colour and raw.dtype.itemsize > 1:
        raw = raw >> (raw.dtype.itemsize * 8 - 8)
    return raw.reshape(volume.samples.shape)


@pytest.mark.parametrize("folder", FOLDERS)
@pytest.mark.allow_log("")
def test_every_file_is_decoded_as_pydicom_does_or_refused_with_a_code(shared_images: Path, folder: str) -> None:
    compared = 0
    for path, volume in decoded(shared_images / folder):
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            dataset = dcmread(path, force=True)
            syntax = str(getattr(dataset.file_meta, "TransferSyntaxUID", ""))
            one_bit_rle = syntax == RLE and dataset.BitsAllocated == 1
            if syntax not in PYDICOM_DECODES | {RLE} or one_bit_rle or "PixelData" not in dataset:
                continue
            if dataset.PhotometricInterpretation == "PALETTE COLOR" or path.name == "badVR.dcm":
                continue
            dataset.file_meta.TransferSyntaxUID = syntax or "1.2.840.10008.1.2"
            expected = by_pydicom(dataset, volume)
        np.testing.assert_array_equal(volume.samples, expected, err_msg=str(path))
        compared += 1
    assert (compared > 0) == FOLDERS[folder]


def listed() -> list[tuple[str, str, str]]:
    with (Path(__file__).parent / "pixels_by_gdcm.csv").open(encoding="utf-8", newline="") as file:
        return [(row["file"], row["type"], row["sha256"]) for row in csv.DictReader(file)]


def test_compressed_pixels_are_those_of_gdcm(shared_images: Path) -> None:
    unequal = []
    for name, kind, sha256 in listed():
        images = images_of(shared_images / name)
        if not images:
            continue
        samples = load(images).samples
        stored = samples.astype(samples.dtype.newbyteorder("<")).tobytes()
        if samples.dtype != np.dtype(kind) or hashlib.sha256(stored).hexdigest() != sha256:
            unequal.append(name)
    assert unequal == []


def test_the_retired_jpeg_processes_equal_the_extended_one(shared_images: Path) -> None:
    names = {
        "51": "CTImage.dcm_JPEGProcess2_4TransferSyntax_1.2.840.10008.1.2.4.51.dcm",
        "53": "CTImage.dcm_JPEGProcess6_8TransferSyntax_1.2.840.10008.1.2.4.53.dcm",
        "55": "CTImage.dcm_JPEGProcess10_12TransferSyntax_1.2.840.10008.1.2.4.55.dcm",
    }
    samples = {key: load(images_of(shared_images / SYNTAXES / name)).samples for key, name in names.items()}
    assert samples["51"].max() > 2000
    np.testing.assert_array_equal(samples["53"], samples["51"])
    np.testing.assert_array_equal(samples["55"], samples["51"])


def test_lossless_transfer_syntaxes_hold_the_same_slice(shared_images: Path) -> None:
    original = load(images_of(shared_images / SYNTAXES / "CTImage.dcm")).samples
    equal = [
        path.name.removeprefix("CTImage.dcm_").split("TransferSyntax")[0]
        for path in files(shared_images / SYNTAXES)
        if path.name.startswith("CTImage.dcm_") and np.array_equal(load(images_of(path)).samples, original)
    ]
    assert equal == [
        "BigEndianExplicit",
        "DeflatedExplicitVRLittleEndian",
        "JPEG2000LosslessOnly",
        "JPEGLSLossless",
        "JPEGProcess14SV1",
        "JPEGProcess14",
        "LittleEndianExplicit",
        "LittleEndianImplicit",
        "RLELossless",
    ]


def test_fragments_without_an_offset_table_are_two_frames(shared_images: Path) -> None:
    volume = load(images_of(shared_images / SYNTAXES / "CT0012.fragmented_no_bot_jpeg_baseline.51.dcm"))
    assert volume.samples.shape == (2, 512, 512)
    assert volume.complete
    assert volume.samples[0].max() > 1000


def test_every_pet_slice_has_its_own_slope(shared_images: Path) -> None:
    """One rescale slope for a whole PET volume is wrong by several times."""
    paths = files(shared_images / "petct_acrin_nsclc_042" / "PT_PET_AC_1015")
    images = images_of(*paths)
    volume = load(images)
    assert len(set(volume.slope.tolist())) == 135
    real = volume.with_real_values()
    for index, path in enumerate(paths):
        expected = apply_rescale(volume.stored(index), dcmread(path, stop_before_pixels=True)).astype(np.float32)
        np.testing.assert_array_equal(volume.real_values(index), expected)
        np.testing.assert_array_equal(real.samples[index], expected)
        row, column = divmod(int(np.argmax(expected)), 128)
        assert volume.value_at(index, row, column) == pytest.approx(float(expected[row, column]), rel=1e-6)


def test_a_chest_ct_has_air_tissue_and_padding_where_they_belong(shared_images: Path) -> None:
    """The stream decodes as unsigned, and Pixel Padding Value is written US 63536: both mean signed values."""
    volume = load(images_of(*files(shared_images / "ct_chest_cmb_crc_01068")))
    assert volume.samples.dtype == np.int16
    assert set(map(tuple, volume.padding.tolist())) == {(-2000, -2000)}
    assert volume.uniform_rescale
    middle = len(volume) // 2
    assert volume.padded(middle)[0, 0]
    values = volume.real_values(middle)[~volume.padded(middle)]
    least, greatest = volume.value_range(middle)
    assert (-1100 < least < -900, 300 < greatest < 4000) == (True, True)
    counts, edges = np.histogram(values, bins=np.arange(-1100, 400, 20))
    air = edges[np.argmax(counts[:20])]
    tissue = edges[35 + np.argmax(counts[35:])]
    assert -1020 <= air <= -800
    assert -120 <= tissue <= 80


@pytest.mark.parametrize(
    "name",
    [
        "edge_geometry/siemens_multiframe/anatomical/001/IM-0001-0001-0001.dcm",
        "edge_geometry/philips_enhanced/anatomical/001/IM-0001-0170-0001.dcm",
        "edge_geometry/philips_enhanced/anatomical/001_implicit/IM1.dcm",
    ],
)
def test_enhanced_frames_are_the_right_ones(shared_images: Path, name: str) -> None:
    images = images_of(shared_images / name)
    frames = dcmread(shared_images / name).pixel_array
    assert len(images) == 8
    assert len({frame.tobytes() for frame in frames}) == 8
    for header, frame in images:
        np.testing.assert_array_equal(load_one([(header, frame)], 0).stored(0), frames[frame.number - 1])


def test_inverted_x_rays_say_so(shared_images: Path) -> None:
    plain = load(images_of(shared_images / "xray" / "CR_chest_PA_rsna.dcm"))
    inverted = load(images_of(shared_images / "xray" / "CR_chest_PA_rsna_MONOCHROME1_fake.dcm"))
    assert (plain.inverted, inverted.inverted, plain.samples.dtype) == (False, True, np.uint8)


def test_single_bits_are_equal_in_every_encoding(shared_images: Path) -> None:
    folder = shared_images / "edge_pydicom" / "pydicom-data"
    for stem, rest in {
        "liver": ("deflate", "expb", "j2k", "rle"),
        "liver_nonbyte_aligned": ("deflate", "j2k", "rle"),
    }.items():
        original = images_of(folder / f"{stem}.dcm")
        if not original:
            pytest.skip("segmentations are not listed as images")
        expected = load(original).samples
        assert set(np.unique(expected).tolist()) == {0, 1}
        for name in rest:
            np.testing.assert_array_equal(load(images_of(folder / f"{stem}_{name}.dcm")).samples, expected)


def test_the_hash_of_a_stack_is_that_of_its_files(shared_images: Path) -> None:
    paths = files(shared_images / "edge_geometry" / "multiecho_one_series")
    images = images_of(*paths)
    lines = sorted(f"{h.sop_uid}\t1\t{hashlib.sha256(h.path.read_bytes()).hexdigest()}\n" for h, _f in images)
    assert stack_sha256(images) == stack_sha256(images[::-1]) == hashlib.sha256("".join(lines).encode()).hexdigest()
