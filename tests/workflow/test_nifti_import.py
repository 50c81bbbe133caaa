"""A NIfTI image as a series: every sample at its place with its value, nothing that nobody knows, and it says what it is."""

from __future__ import annotations

import struct

import numpy as np
import pytest
from pydicom import dcmread

from spinereview.cli import main
from spinereview.dicom.load import load
from spinereview.domain.imaging import Permission, StackKind
from spinereview.errors import NiftiError
from spinereview.imaging.nifti import read_nifti, write_nifti
from spinereview.imaging.slicing import Grid
from spinereview.tasks import Cancelled, CancelToken
from spinereview.workflow.case import OpenedCase, open_images
from spinereview.workflow.nifti_export import export_nifti
from spinereview.workflow.nifti_import import import_nifti
from spinereview.workflow.source import scan_images

# Steps of the file's third, second and first axis, LPS.
LAYOUTS = {
    "axial": (((0, 0, 3.25), (0, 0.5, 0), (0.75, 0, 0)), "AXIAL"),
    "axial, RAS": (((0, 0, 3.25), (0, -0.5, 0), (-0.75, 0, 0)), "AXIAL"),
    "axial from the head": (((0, 0, -3.25), (0, 0.5, 0), (0.75, 0, 0)), "AXIAL"),
    "sagittal": (((-4.5, 0, 0), (0, 0, -0.75), (0, 0.75, 0)), "SAGITTAL"),
    "sagittal from the right": (((4.5, 0, 0), (0, 0, -0.75), (0, 0.75, 0)), "SAGITTAL"),
    "sagittal images along the first axis": (((0, 0, 0.75), (0, -0.75, 0), (-4.5, 0, 0)), "SAGITTAL"),
    "coronal images along the second axis": (((0, 0, 0.75), (0, -2.5, 0), (-0.75, 0, 0)), "CORONAL"),
    "even in all directions": (((0, 0, 1), (0, -1, 0), (-1, 0, 0)), "AXIAL"),
    "oblique": (((0, -1.92, 2.56), (0, 0.6, 0.45), (0.75, 0, 0)), "AXIAL"),
}
ORIGIN = (-12.5, 30.25, 101.75)


def grid(along, shape=(3, 4, 5)):
    along = tuple(tuple(float(value) for value in step) for step in along)
    return Grid(shape=shape, origin_mm=ORIGIN, along_mm=along, calibrated=True, volume=True)


def made(folder, samples=None, along=LAYOUTS["axial"][0], name="image.nii.gz", **rescale):
    samples = np.arange(60, dtype=np.int16).reshape(3, 4, 5) if samples is None else samples
    write_nifti(folder / name, samples, grid(along, samples.shape), **rescale)
    return folder / name


def valued_places(images, volume):
    """Real value of every sample by its place in the patient, from Image Plane of each file alone (PS3.3 C.7.6.2.1.1)."""
    found = {}
    for index, (_, frame) in enumerate(images):
        across, down = (np.array(one, dtype=float) for one in frame.orientation)
        between_rows, between_columns = (float(value) for value in frame.pixel_spacing_mm)
        for row in range(volume.rows):
            for column in range(volume.columns):
                place = np.array(frame.position, dtype=float) + across * between_columns * column
                place += down * between_rows * row
                found[tuple(np.round(place, 3) + 0.0)] = volume.value_at(index, row, column)
    return found


def loaded(folder):
    (result,) = scan_images(folder, cancel=None).stacks
    return result, load(result.images, cancel=None)


@pytest.mark.parametrize("layout", LAYOUTS)
def test_every_sample_has_its_place_and_its_value(tmp_path, layout) -> None:
    along, plane = LAYOUTS[layout]
    file = made(tmp_path, along=along, slope=2.0, intercept=-1024.0)
    import_nifti(file, tmp_path / "out", "CT")
    read = read_nifti(file)
    origin, steps = np.array(read.grid.origin_mm), np.array(read.grid.along_mm)
    expected = {
        tuple(np.round(origin + np.array(at) @ steps, 3) + 0.0): float(value) * 2 - 1024
        for at, value in np.ndenumerate(read.samples)
    }
    result, volume = loaded(tmp_path / "out")
    assert valued_places(result.images, volume) == expected
    assert (result.stack.kind, result.stack.plane.value) == (StackKind.VOLUME, plane)


@pytest.mark.parametrize("layout", ["axial", "sagittal", "oblique"])
def test_export_of_what_was_imported_is_the_file_again(tmp_path, layout) -> None:
    file = made(tmp_path, along=LAYOUTS[layout][0])
    import_nifti(file, tmp_path / "out", "MR")
    export_nifti(tmp_path / "out", tmp_path / "again.nii.gz")
    before, after = read_nifti(file), read_nifti(tmp_path / "again.nii.gz")
    assert np.array_equal(before.samples, after.samples)
    assert np.allclose(before.grid.along_mm, after.grid.along_mm, atol=1e-6)
    assert np.allclose(before.grid.origin_mm, after.grid.origin_mm, atol=1e-6)


def test_a_series_that_went_out_comes_back_with_equal_pixels_at_equal_places(tmp_path, write_visit) -> None:
    series = write_visit(tmp_path / "series", date="20250114")
    export_nifti(series, tmp_path / "out.nii.gz")
    import_nifti(tmp_path / "out.nii.gz", tmp_path / "back", "CT")
    (before, one), (after, other) = loaded(series), loaded(tmp_path / "back")
    assert np.array_equal(one.samples, other.samples)
    assert valued_places(before.images, one) == valued_places(after.images, other)
    # No link by position leads from the one to the other, and nobody takes them for one patient.
    assert before.stack.frame_of_reference_uid != after.stack.frame_of_reference_uid
    assert len(scan_images(tmp_path, cancel=None).patients) == 2


def test_what_the_file_does_not_say_is_empty_and_what_it_is_is_said(tmp_path) -> None:
    import_nifti(made(tmp_path), tmp_path / "out", "MR")
    one = dcmread(next((tmp_path / "out").iterdir()))
    empty = (
        "Laterality",
        "PatientPosition",
        "PatientName",
        "PatientID",
        "PatientBirthDate",
        "PatientSex",
        "StudyDate",
        "SliceThickness",
        "Manufacturer",
    )
    assert [keyword for keyword in empty if one[keyword].value] == []
    assert list(one.ImageType) == ["DERIVED", "SECONDARY", "OTHER", "NIFTI"]
    assert "image.nii.gz" in one.DerivationDescription
    result, _ = loaded(tmp_path / "out")
    assert "MADE_FROM_NIFTI" in result.stack.faults
    assert (result.stack.slice_thickness_mm, result.stack.posture) == (None, None)
    # Its lengths are the file's, and the stack is bound by its hash like any other.
    assert result.stack.may_measure == {Permission.IN_PLANE, Permission.BETWEEN_SLICES}


def test_it_opens_as_a_case_of_its_own_and_is_checked_by_its_hash(tmp_path, workstation) -> None:
    import_nifti(made(tmp_path), tmp_path / "out", "CT")
    opened = open_images(tmp_path / "out", workstation, reader="R1")
    assert isinstance(opened, OpenedCase)
    try:
        (timepoint,) = opened.case.in_order
        ((key, stack),) = timepoint.stacks.items()
        assert (stack.faults, opened.file.case.in_order[0].stacks[key]) == (("MADE_FROM_NIFTI",), stack)
        verified = opened.source.verify({key: "0" * 64}, cancel=CancelToken())
        assert dict(verified.closed) == {key: "STACK_ALTERED"}
        assert not opened.source.verify(verified.sha256, cancel=CancelToken()).closed
    finally:
        opened.session.close()


def test_equal_files_give_equal_series_and_other_files_other_ones(tmp_path) -> None:
    file = made(tmp_path)
    for out in ("a", "b"):
        import_nifti(file, tmp_path / out, "CT")
    other = made(tmp_path, np.zeros((3, 4, 5), np.int16), name="other.nii")
    import_nifti(other, tmp_path / "c", "CT")
    first, again, another = (loaded(tmp_path / name)[0].stack for name in "abc")
    assert first == again
    assert not {first.id, first.series_uid, first.frame_of_reference_uid} & {
        another.id,
        another.series_uid,
        another.frame_of_reference_uid,
    }


def test_visits_of_one_code_are_one_patient_and_without_a_code_nobody_knows(tmp_path) -> None:
    files = [made(tmp_path, np.full((3, 4, 5), value, np.int16), name=f"{value}.nii") for value in (1, 2)]
    for file in files:
        import_nifti(file, tmp_path / "coded" / file.name, "MR", subject="S01")
        import_nifti(file, tmp_path / "bare" / file.name, "MR")
    assert [len(scan_images(tmp_path / name, cancel=None).patients) for name in ("coded", "bare")] == [1, 2]


@pytest.mark.parametrize(
    ("samples", "kind"),
    [
        ([-32768, 0, 32767], "i2"),
        ([0, 40000, 65535], "u2"),
        ([-1024, 0, 70000 - 10000], "i4"),
        ([1_000_000, 1_000_001, 1_065_535], "i4"),
        ([-3, 7, 12000], "f4"),
    ],
    ids=["int16", "uint16", "int32 within 16 bits", "int32 far from 0", "whole float32"],
)
def test_whole_numbers_are_kept(tmp_path, samples, kind) -> None:
    file = made(tmp_path, np.array(samples, dtype=kind).reshape(3, 1, 1))
    assert import_nifti(file, tmp_path / "out", "MR").step == 0
    _, volume = loaded(tmp_path / "out")
    assert [volume.value_at(index, 0, 0) for index in range(3)] == samples


@pytest.mark.parametrize("values", [[0.5, 1.25, 1e-6], [-1e5, 0.5, 3e5], [0, 0, 65536], [0.5, 0.5, 0.5]])
def test_other_numbers_are_rounded_within_half_a_step_which_is_said(tmp_path, capsys, values) -> None:
    file = made(tmp_path, np.array(values, dtype="f8").reshape(3, 1, 1))
    assert main(["nifti", "import", str(file), str(tmp_path / "out"), "--modality", "MR"]) == 0
    assert "rounded to steps of" in capsys.readouterr().out
    step = (max(values) - min(values)) / 65534
    _, volume = loaded(tmp_path / "out")
    for index, value in enumerate(values):
        assert volume.value_at(index, 0, 0) == pytest.approx(value, abs=step / 2 * 1.001 + 1e-9 * abs(value))


def test_samples_that_are_no_number_are_padding(tmp_path) -> None:
    file = made(tmp_path, np.array([[[-5, np.nan]], [[np.inf, 4]]], dtype="f4"))
    import_nifti(file, tmp_path / "out", "MR")
    _, volume = loaded(tmp_path / "out")
    assert [volume.padded(index).tolist() for index in (0, 1)] == [[[False, True]], [[True, False]]]
    assert (volume.value_at(0, 0, 0), volume.value_at(1, 0, 1)) == (-5, 4)


def test_an_axis_that_leans_by_more_than_the_tolerance_is_refused(tmp_path) -> None:
    """0.001 is the cosine up to which two axes count as at right angles."""
    for lean, refused in ((0.0009, False), (0.0011, True)):
        file = made(tmp_path, along=((0, 0, 1), (lean, 1, 0), (1, 0, 0)), name=f"{lean}.nii")
        if not refused:
            import_nifti(file, tmp_path / "out", "CT")
            continue
        with pytest.raises(NiftiError) as raised:
            import_nifti(file, tmp_path / "sheared", "CT")
        assert raised.value.code == "NIFTI_SHEARED"
        assert not (tmp_path / "sheared").exists()


def test_a_unit_that_is_not_stated_takes_a_persons_word(tmp_path) -> None:
    file = made(tmp_path, name="image.nii")
    raw = bytearray(file.read_bytes())
    struct.pack_into("<B", raw, 123, 0)
    file.write_bytes(bytes(raw))
    with pytest.raises(NiftiError) as raised:
        import_nifti(file, tmp_path / "out", "CT")
    assert raised.value.code == "NIFTI_UNIT_OPEN"
    assert import_nifti(file, tmp_path / "out", "CT", millimetres=True).shape == (3, 4, 5)


def test_what_cannot_become_a_series_leaves_nothing(tmp_path) -> None:
    file = made(tmp_path)
    nothing = made(tmp_path, np.full((2, 2, 2), np.nan, "f4"), name="nothing.nii")
    (tmp_path / "there").mkdir()
    codes = []
    for source, out, modality, subject in (
        (file, "there", "CT", ""),
        (file, "new", "PT", ""),
        (file, "new", "CT", "Doe^John"),
        (nothing, "new", "CT", ""),
        (tmp_path / "image.img", "new", "CT", ""),
    ):
        with pytest.raises(NiftiError) as raised:
            import_nifti(source, tmp_path / out, modality, subject=subject)
        codes.append(raised.value.code)
    assert codes == ["NIFTI_EXISTS", "NIFTI_MODALITY", "NIFTI_SUBJECT", "NIFTI_NO_VALUES", "NIFTI_NAME"]
    assert sorted(path.name for path in tmp_path.iterdir()) == ["image.nii.gz", "nothing.nii", "there"]


def test_stopped_half_way_there_is_no_series(tmp_path) -> None:
    cancel = CancelToken()
    with pytest.raises(Cancelled):
        import_nifti(
            made(tmp_path),
            tmp_path / "out",
            "CT",
            cancel=cancel,
            progress=lambda done, _: cancel.cancel() if done else None,
        )
    assert [path.name for path in tmp_path.iterdir()] == ["image.nii.gz"]
