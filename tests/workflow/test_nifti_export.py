"""A stack as NIfTI: the affine of the DICOM images, their real values, and a refusal where either is unknown."""

from __future__ import annotations

import gzip
from decimal import Decimal

import numpy as np
import pytest
from pydicom import dcmread

from spinereview.cli import main
from spinereview.dicom.series_plan import SeriesGeometry, SeriesPlan
from spinereview.dicom.write import write_series
from spinereview.errors import CaseError, NiftiError
from spinereview.imaging.nifti import read_nifti
from spinereview.workflow.nifti_export import export_nifti
from spinereview.workflow.source import scan_images

X, Y, Z = (tuple(Decimal(int(axis == place)) for axis in range(3)) for place in range(3))
UP, LOW = Decimal("0.8"), Decimal("0.6")


def minus(vector):
    return tuple(-value for value in vector)


def times(vector, length):
    return tuple(value * Decimal(length) for value in vector)


PLANES = {
    "axial": (X, Y, Z),
    "axial from the head": (X, Y, minus(Z)),
    "prone": (minus(X), minus(Y), Z),
    "sagittal": (Y, minus(Z), X),
    "sagittal from the left": (Y, minus(Z), minus(X)),
    "coronal": (X, minus(Z), Y),
    "oblique": (X, (Decimal(0), UP, LOW), (Decimal(0), -LOW, UP)),
}
POSITIONS = ("-12.5", "30.25", "-101.75")


def written(folder, plane="axial", number=4, count=3, **changed):
    across, down, normal = PLANES[plane]
    plan = SeriesPlan(
        modality=changed.pop("modality", "CT"),
        seed=f"{plane} {number} {sorted(changed)}",
        geometry=SeriesGeometry(
            origin_mm=tuple(Decimal(value) for value in POSITIONS),
            row_direction=across,
            column_direction=down,
            pixel_spacing_mm=(Decimal("0.5"), Decimal("0.75")),
            step_mm=times(normal, "3.25"),
            slice_thickness_mm=Decimal(5),
        ),
        patient_id="4711",
        study_date="20250114",
        series_number=number,
        series_description=f"{plane} {number}",
        **changed,
    )
    write_series(folder, np.arange(count * 6 * 8, dtype=np.int16).reshape(count, 6, 8), plan)
    return folder


@pytest.mark.parametrize("plane", PLANES)
def test_every_pixel_lies_in_the_file_where_the_image_says_that_it_lies(tmp_path, plane) -> None:
    """Image Position + column x spacing x direction + row x spacing x direction (PS3.3 C.7.6.2.1.1), for each file alone."""
    written(tmp_path / "images", plane)
    export_nifti(tmp_path / "images", tmp_path / "out.nii.gz")
    read = read_nifti(tmp_path / "out.nii.gz")
    origin, (image, row, column) = np.array(read.grid.origin_mm), np.array(read.grid.along_mm)
    seen = set()
    for path in (tmp_path / "images").rglob("*.dcm"):
        one = dcmread(path)
        place = np.array(one.ImagePositionPatient, dtype=float)
        across, down = np.array(one.ImageOrientationPatient, dtype=float).reshape(2, 3)
        step = round(float(np.dot(place - origin, image) / np.dot(image, image)))
        seen.add(step)
        for r, c in ((0, 0), (5, 7), (2, 3)):
            expected = place + across * 0.75 * c + down * 0.5 * r
            assert np.abs(origin + step * image + r * row + c * column - expected).max() < 1e-5
        real = one.pixel_array * float(one.RescaleSlope) + float(one.RescaleIntercept)
        assert np.array_equal(read.samples[step] * read.slope + read.intercept, real)
    assert seen == {0, 1, 2}


def test_slopes_that_differ_become_real_values(tmp_path) -> None:
    """One rescale slope for a whole PET volume."""
    written(tmp_path / "images", modality="MR", slopes=(Decimal("0.5"), Decimal(1), Decimal(2)))
    done = export_nifti(tmp_path / "images", tmp_path / "out.nii")
    read = read_nifti(tmp_path / "out.nii")
    assert (done.stored, read.samples.dtype, read.slope) == (False, np.dtype("f4"), 1.0)
    assert read.samples[:, 5, 7].tolist() == [47 * 0.5, 95, 143 * 2]


def test_a_slope_that_the_file_cannot_hold_becomes_real_values(tmp_path) -> None:
    written(tmp_path / "images", modality="MR", slopes=(Decimal("0.1"),) * 3)
    assert not export_nifti(tmp_path / "images", tmp_path / "out.nii").stored


def test_of_several_series_one_must_be_named_by_its_number(tmp_path) -> None:
    for number in (4, 5):
        written(tmp_path / "images" / str(number), number=number)
    with pytest.raises(NiftiError) as raised:
        export_nifti(tmp_path / "images", tmp_path / "out.nii")
    assert (raised.value.code, raised.value.arguments["series"]) == ("NIFTI_WHICH", "4 CT axial 4; 5 CT axial 5")
    assert export_nifti(tmp_path / "images", tmp_path / "out.nii", "5").series == "CT axial 5"


def test_what_is_there_is_not_written_over_and_what_has_no_volume_is_refused(tmp_path) -> None:
    written(tmp_path / "images")
    written(tmp_path / "single", count=1)
    (tmp_path / "there.nii").write_bytes(b"kept")
    codes = []
    for source, name in (("images", "there.nii"), ("images", "image.img"), ("single", "new.nii")):
        with pytest.raises(NiftiError) as raised:
            export_nifti(tmp_path / source, tmp_path / name)
        codes.append(raised.value.code)
    assert codes == ["NIFTI_EXISTS", "NIFTI_NAME", "NIFTI_NO_VOLUME"]
    assert (tmp_path / "there.nii").read_bytes() == b"kept"


def test_the_command_says_what_it_wrote_and_what_the_file_does_not_hold(tmp_path, capsys) -> None:
    written(tmp_path / "images")
    assert main(["nifti", "export", str(tmp_path / "images"), str(tmp_path / "out.nii.gz"), "--series", "4"]) == 0
    said = capsys.readouterr().out
    assert "CT axial 4, 8 x 6 x 3, stored values" in said
    assert "no patient" in said
    assert b"4711" not in gzip.decompress((tmp_path / "out.nii.gz").read_bytes())


def test_scan_names_a_nifti_file_with_its_size_and_why_it_is_no_series(tmp_path, capsys) -> None:
    written(tmp_path / "images")
    export_nifti(tmp_path / "images", tmp_path / "images" / "labels.nii.gz")
    (tmp_path / "images" / "bad.nii").write_bytes(b"no header")
    assert main(["scan", str(tmp_path / "images")]) == 0
    said = capsys.readouterr().out
    assert "labels.nii.gz is NIfTI: 8 x 6 x 3 samples, 0.75 x 0.5 x 3.25 mm. It names no patient" in said
    assert "bad.nii is no NIfTI-1 file" in said


def test_nifti_alone_is_no_case_and_it_is_said_why(tmp_path) -> None:
    written(tmp_path / "images")
    (tmp_path / "alone").mkdir()
    export_nifti(tmp_path / "images", tmp_path / "alone" / "image.nii")
    with pytest.raises(CaseError) as raised:
        scan_images(tmp_path / "alone", cancel=None)
    assert raised.value.code == "IMAGES_NIFTI"
