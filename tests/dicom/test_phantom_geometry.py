"""Phantoms for what no collection of images has: bad geometry, tilt in each direction, slopes that change, all 16 bits."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from decimal import Decimal
from pathlib import Path

import numpy as np
import pytest
from pydicom import Dataset, dcmread

from spinereview.dicom.load import load
from spinereview.dicom.scan import scan
from spinereview.dicom.series_plan import SeriesPlan
from spinereview.dicom.write import write_series
from spinereview.domain.case import Timepoint
from spinereview.domain.diameter import diameters
from spinereview.domain.exact import reported_mm, squared_mm_on_image
from spinereview.domain.imaging import Calibration, Id, ImageRef, Permission, StackKind
from spinereview.domain.known_length import KnownLength, calibrated_timepoint
from spinereview.domain.measurement import Measurement, MeasurementKind, OnImage
from spinereview.domain.table import Table
from spinereview.imaging.slicing import Orientation, plane_set
from spinereview.imaging.volume import Volume
from spinereview.tasks import CancelToken
from spinereview.workflow.pictures import grid_of

Plan = Callable[..., SeriesPlan]
COUNT = 7


def written(folder: Path, plan: SeriesPlan, samples: np.ndarray | None = None) -> list[Path]:
    made = np.arange(COUNT * 6 * 5, dtype=np.int16).reshape(COUNT, 6, 5) if samples is None else samples
    return list(write_series(folder, made, plan))


def changed(path: Path, act: Callable[[Dataset], object]) -> None:
    dataset = dcmread(path)
    act(dataset)
    dataset.save_as(path)


def stacks(folder: Path):
    return scan(folder, cancel=CancelToken()).stacks


# Bad geometry: refused, parted or corrected, each with its reason.


def _drop(paths: list[Path]) -> None:
    paths[3].unlink()


def _move(paths: list[Path]) -> None:
    changed(paths[3], lambda one: setattr(one, "ImagePositionPatient", ["-100", "-50.5", "15.4"]))


def _repeat(paths: list[Path]) -> None:
    place = dcmread(paths[2]).ImagePositionPatient
    changed(paths[3], lambda one: setattr(one, "ImagePositionPatient", place))


def _aside(paths: list[Path]) -> None:
    place = dcmread(paths[3]).ImagePositionPatient
    changed(paths[3], lambda one: setattr(one, "ImagePositionPatient", [place[0] + 2, place[1], place[2]]))


def _of_all(keyword: str, value: object) -> Callable[[list[Path]], None]:
    def act(paths: list[Path]) -> None:
        for path in paths:
            changed(path, lambda one: setattr(one, keyword, value))

    return act


def _of_one(keyword: str, value: object) -> Callable[[list[Path]], None]:
    return lambda paths: changed(paths[3], lambda one: setattr(one, keyword, value))


def _two_echoes(paths: list[Path]) -> None:
    for number, path in enumerate(paths[:6]):
        place = ["-100", "-50.5", str(number // 2 * 3)]
        changed(path, lambda one, place=place: setattr(one, "ImagePositionPatient", place))
        changed(path, lambda one, number=number: setattr(one, "EchoTime", "5" if number % 2 else "9"))
    paths[6].unlink()


def _all_at_one_place(paths: list[Path]) -> None:
    place = dcmread(paths[0]).ImagePositionPatient
    for path in paths:
        changed(path, lambda one: setattr(one, "ImagePositionPatient", place))


def _spacing_text(text: bytes) -> Callable[[list[Path]], None]:
    def act(paths: list[Path]) -> None:
        for path in paths:
            data = path.read_bytes()
            assert data.count(b"0.5\\0.75") == 1
            path.write_bytes(data.replace(b"0.5\\0.75", text.ljust(8)))

    return act


REFUSED = {
    "missing slice": (_drop, "GAP"),
    "slice beside its place": (_move, "INTERVAL_UNEVEN"),
    "position repeated": (_repeat, "POSITION_REPEATED"),
    "field of view moves": (_aside, "ORIGIN_SHIFTED"),
    "position of one missing": (_of_one("ImagePositionPatient", None), "POSITION_MISSING"),
    "orientation missing": (_of_all("ImageOrientationPatient", None), "ORIENTATION_MISSING"),
    "orientation not at right angles": (
        _of_all("ImageOrientationPatient", ["1", "0", "0", "0.1", "1", "0"]),
        "ORIENTATION_INVALID",
    ),
    "one image": (lambda paths: [path.unlink() for path in paths[1:]], "ONE_IMAGE"),
    "zero spacing": (_spacing_text(b"0\\0"), "SPACING_ZERO"),
    "negative spacing": (_spacing_text(b"-1\\-1"), "SPACING_NEGATIVE"),
    "NaN spacing": (_spacing_text(b"nan\\nan"), "SPACING_NOT_A_NUMBER"),
    "half a spacing": (_spacing_text(b"0.5"), "SPACING_NOT_A_NUMBER"),
    "all at one position": (_all_at_one_place, "POSITION_REPEATED"),
}
PARTED = {
    "two echoes": (_two_echoes, "SPLIT_ECHO"),
    "mixed frames of reference": (_of_one("FrameOfReferenceUID", "1.2.3.4"), "FRAMES_OF_REFERENCE_MIXED"),
    "mixed planes": (_of_one("ImageOrientationPatient", ["0", "1", "0", "0", "0", "-1"]), "SPLIT_ORIENTATION"),
    "mixed spacing": (_of_one("PixelSpacing", ["0.6", "0.6"]), "SPLIT_SPACING"),
    "localizer among slices": (_of_one("ImageType", ["ORIGINAL", "PRIMARY", "LOCALIZER"]), "SPLIT_KIND"),
}


@pytest.mark.parametrize("name", list(REFUSED))
def test_bad_geometry_has_no_lengths_between_images_and_its_reason(tmp_path: Path, plan: Plan, name: str) -> None:
    """Tilt, missing slice, one position: a wrong volume and no error. Each is refused, with the reason."""
    damage, code = REFUSED[name]
    damage(written(tmp_path, plan()))
    (result,) = stacks(tmp_path)
    assert code in result.stack.faults
    assert Permission.BETWEEN_SLICES not in result.stack.may_measure
    assert result.stack.kind is not StackKind.VOLUME
    assert not grid_of(result.images, result.stack).placed
    assert (result.stack.pixel_spacing_mm is None) == code.startswith("SPACING")


@pytest.mark.parametrize("name", list(PARTED))
def test_a_mixed_series_is_parted_with_its_reason(tmp_path: Path, plan: Plan, name: str) -> None:
    """Two echoes, mixed planes: a wrong volume and no error. Each is split, with the reason."""
    damage, code = PARTED[name]
    damage(written(tmp_path, plan(modality="MR" if "echo" in name else "CT")))
    results = stacks(tmp_path)
    assert len(results) == 2
    assert all(code in result.stack.faults for result in results)


def test_an_even_series_is_a_volume_without_any_fault(tmp_path: Path, plan: Plan) -> None:
    written(tmp_path, plan())
    (result,) = stacks(tmp_path)
    assert (result.stack.kind, result.stack.faults) == (StackKind.VOLUME, ())


def test_slice_thickness_and_spacing_between_slices_are_no_distances(tmp_path: Path, plan: Plan) -> None:
    """Positions 2.5 mm apart, thickness 3 and 9, Spacing Between Slices 5: the positions are right."""
    paths = written(tmp_path, plan())
    _of_all("SpacingBetweenSlices", "5")(paths)
    _of_one("SliceThickness", "9")(paths)
    (result,) = stacks(tmp_path)
    assert (result.stack.slice_interval_mm, result.stack.slice_thickness_mm) == (Decimal("2.5"), 9)
    planes = plane_set(grid_of(result.images, result.stack), Orientation.SAGITTAL)
    top, bottom = (planes.to_patient(2, 1, row) for row in (0, 6))
    assert top[2] - bottom[2] == pytest.approx(15)


# Spacings that disagree, on projections.


@pytest.mark.parametrize(
    ("stated", "spacing", "calibration"),
    [
        ({"ImagerPixelSpacing": ["0.2", "0.1"]}, ("0.2", "0.1"), Calibration.DETECTOR),
        (
            {"ImagerPixelSpacing": ["0.2", "0.1"], "EstimatedRadiographicMagnificationFactor": "1.25"},
            ("0.16", "0.08"),
            Calibration.MAGNIFICATION,
        ),
        (
            {
                "ImagerPixelSpacing": ["0.2", "0.2"],
                "PixelSpacing": ["0.15", "0.15"],
                "PixelSpacingCalibrationType": "FIDUCIAL",
            },
            ("0.15", "0.15"),
            Calibration.FIDUCIAL,
        ),
        (
            {
                "ImagerPixelSpacing": ["0.2", "0.2"],
                "PixelSpacing": ["0.18", "0.18"],
                "PixelSpacingCalibrationType": "GEOMETRY",
            },
            ("0.18", "0.18"),
            Calibration.GEOMETRY,
        ),
        (
            {"ImagerPixelSpacing": ["0.2", "0.2"], "PixelSpacing": ["0.2", "0.2"]},
            ("0.2", "0.2"),
            Calibration.DETECTOR,
        ),
        (
            {"ImagerPixelSpacing": ["0.2", "0.2"], "PixelSpacing": ["0.15", "0.15"]},
            ("0.15", "0.15"),
            Calibration.UNSTATED,
        ),
        ({}, None, Calibration.NONE),
    ],
)
def test_the_spacings_of_a_radiograph_are_kept_apart(tmp_path: Path, plan: Plan, stated, spacing, calibration) -> None:
    """ImagerPixelSpacing taken for PixelSpacing: detector, corrected for magnification, calibrated, none."""
    film = np.zeros((1, 6, 5), dtype=np.uint16)
    written(tmp_path, plan(modality="CR", calibration=Calibration.NONE, attributes=stated), film)
    (result,) = stacks(tmp_path)
    expected = None if spacing is None else tuple(Decimal(value) for value in spacing)
    assert (result.stack.pixel_spacing_mm, result.stack.calibration) == (expected, calibration)
    points = ((0, 0), (3000, 4000))
    drawn = OnImage(image=ImageRef(stack=result.stack.id, sop_uid=result.stack.images[0][0]), points_mpx=points)
    found = diameters(Measurement(id=Id("m"), kind=MeasurementKind.DIAMETER, geometry=drawn), result.stack)
    assert (found.long_mm is None) == (spacing is None)
    if expected is not None:
        assert found.long_mm == reported_mm(squared_mm_on_image(*points, expected))


@pytest.mark.parametrize(
    ("stated", "long_mm"),
    [
        ({"ImagerPixelSpacing": ["0.2", "0.2"]}, "36.0"),
        ({"ImagerPixelSpacing": ["0.2", "0.2"], "EstimatedRadiographicMagnificationFactor": "1.2"}, "30.0"),
        ({}, None),
    ],
)
def test_a_rod_magnified_by_a_fifth_measures_what_the_film_knows_of_it(
    tmp_path: Path, plan: Plan, stated, long_mm
) -> None:
    """30 mm in the patient cover 180 pixels of 0.2 mm; a ball of 25 mm beside it covers 150 and settles it by hand."""
    film = np.zeros((1, 200, 200), dtype=np.uint16)
    film[0, 50, 10:190], film[0, 100, 20:170] = 900, 700
    written(tmp_path, plan(modality="DX", calibration=Calibration.NONE, attributes=stated), film)
    (result,) = stacks(tmp_path)
    image = ImageRef(stack=result.stack.id, sop_uid=result.stack.images[0][0])
    shown = load(result.images).stored(0)
    rod, ball = (
        tuple((int(column) * 1000, line * 1000 + 500) for column in (on[0], on[-1] + 1))
        for line in (50, 100)
        for on in [np.flatnonzero(shown[line])]
    )
    drawn = Measurement(id=Id("m"), kind=MeasurementKind.DIAMETER, geometry=OnImage(image=image, points_mpx=rod))
    assert diameters(drawn, result.stack).long_mm == (None if long_mm is None else Decimal(long_mm))
    by_hand = KnownLength(image=image, points_mpx=ball, length_mm=Decimal(25))
    visit = Timepoint(id=Id("BL"), label="BL", ordinal=0, stacks=Table({result.stack.id: result.stack}))
    stack = calibrated_timepoint(visit, {result.stack.id: by_hand}).stacks[result.stack.id]
    assert diameters(drawn, stack).long_mm == Decimal("30.0")


@pytest.mark.parametrize(("rows", "columns"), [("0.3", "5"), ("5", "0.3"), ("0.5", "1.0"), ("0.7", "0.7")])
def test_a_disc_on_oblong_pixels_has_one_diameter(tmp_path: Path, plan: Plan, rows: str, columns: str) -> None:
    """Non-square pixels measured wrongly; lengths doubled: 15 mm across, down and along the diagonal."""
    spacing = (Decimal(rows), Decimal(columns))
    given = plan()
    written(tmp_path, replace(given, geometry=replace(given.geometry, pixel_spacing_mm=spacing)))
    (result,) = stacks(tmp_path)
    assert result.stack.pixel_spacing_mm == spacing
    for across, down in ((15, 0), (0, 15), (9, 12), (-12, 9)):
        end = (round(Decimal(1000 * across) / spacing[1]), round(Decimal(1000 * down) / spacing[0]))
        squared = squared_mm_on_image((0, 0), end, result.stack.pixel_spacing_mm)
        assert abs(float(squared) ** 0.5 - 15) <= 0.01


# Tilt in every direction, from files.


TILTS = [(x, y) for x in ("-0.7", "0", "1.1") for y in ("-0.9", "0", "0.6") if x != "0" or y != "0"]


@pytest.mark.parametrize("up", [True, False])
@pytest.mark.parametrize("tilt", TILTS)
def test_a_tilted_ct_is_straight_to_look_at_and_has_no_lengths_between_images(
    tmp_path: Path, plan: Plan, tilt: tuple[str, str], *, up: bool
) -> None:
    """Gantry tilt shears the sagittal: shear-corrected, with a banner, in every direction and order of files."""
    given = plan(slopes=(Decimal("0.001"),))
    step = (Decimal(tilt[0]), Decimal(tilt[1]), Decimal("2.5") if up else Decimal("-2.5"))
    geometry = replace(given.geometry, step_mm=step)
    # A body that rises linearly in the patient: between samples it is what interpolation says.
    k, row, column = np.indices((COUNT, 12, 10))
    origin = [float(value) for value in geometry.origin_mm]
    x = origin[0] + 0.75 * column + float(step[0]) * k
    y = origin[1] + 0.5 * row + float(step[1]) * k
    z = origin[2] + float(step[2]) * k
    body = x + 2 * y + 3 * z
    slope, intercept = 0.01, -200
    samples = np.rint((body - intercept) / slope).astype(np.int16)
    given = replace(given, geometry=geometry, slopes=(Decimal("0.01"),), intercepts=(Decimal(-200),))
    written(tmp_path, given, samples)
    (result,) = stacks(tmp_path)
    assert result.stack.faults == ("TILT",)
    assert result.stack.may_measure == {Permission.IN_PLANE}
    volume, grid = load(result.images), grid_of(result.images, result.stack)
    seen = 0
    for orientation in (Orientation.SAGITTAL, Orientation.CORONAL):
        planes = plane_set(grid, orientation)
        for index in range(planes.count):
            cut = planes.cut(volume.samples, index)
            for at, across in zip(*np.nonzero(cut != np.iinfo(np.int16).min), strict=True):
                px, py, pz = planes.to_patient(index, across + 0.5, at + 0.5)
                assert cut[at, across] * slope + intercept == pytest.approx(px + 2 * py + 3 * pz, abs=0.021)
                seen += 1
    assert seen > COUNT * 11 * 9


# Values: each slice its own slope, the whole of 16 bits.


def real_values(volume: Volume, slopes: list[float]) -> None:
    """Equal slice by slice, across slices in each plane, and in the mean of a slab."""
    truth = np.stack([volume.samples[place].astype(np.float64) * slope for place, slope in enumerate(slopes)]) - 1024
    for place in range(len(volume)):
        assert np.array_equal(volume.real_values(place), truth[place].astype(np.float32))
        assert volume.value_at(place, 1, 2) == truth[place, 1, 2]
    across = volume.with_real_values()
    rescaled = across.samples * across.slope[0] + across.intercept[0]
    for axis in (1, 2):
        for index in range(truth.shape[axis]):
            assert np.allclose(rescaled.take(index, axis), truth.take(index, axis), rtol=1e-6, atol=1e-3)
    assert np.allclose(rescaled[2:5].mean(axis=0), truth[2:5].mean(axis=0), rtol=1e-6, atol=1e-3)
    diagonal = [(place, place % truth.shape[1], place % truth.shape[2]) for place in range(len(volume))]
    assert np.allclose([rescaled[at] for at in diagonal], [truth[at] for at in diagonal], rtol=1e-6, atol=1e-3)


def test_a_slope_that_changes_in_the_middle_of_a_ct_keeps_every_value_in_every_plane(
    tmp_path: Path, plan: Plan
) -> None:
    """One rescale slope for a whole volume: slope and intercept are those of each slice."""
    slopes = [1.0] * 3 + [2.5] * 4
    given = plan(slopes=tuple(Decimal(repr(slope)) for slope in slopes), intercepts=(Decimal(-1024),))
    written(tmp_path, given)
    (result,) = stacks(tmp_path)
    assert result.stack.faults == ()
    real_values(load(result.images), slopes)


@pytest.mark.parametrize("kind", ["uint16", "int16"])
@pytest.mark.parametrize("slopes", [[1.0] * COUNT, [1.0, 1.0, 0.5, 0.5, 3.25, 3.25, 1.0]], ids=["one slope", "slopes"])
def test_the_whole_range_of_16_bits_keeps_its_values(
    tmp_path: Path, plan: Plan, kind: str, slopes: list[float]
) -> None:
    ends = np.iinfo(kind)
    samples = np.linspace(ends.min, ends.max, COUNT * 30).astype(kind).reshape(COUNT, 6, 5)
    samples[:, 0, 0], samples[:, 0, 1] = ends.min, ends.max
    given = plan(slopes=tuple(Decimal(repr(slope)) for slope in slopes), intercepts=(Decimal(-1024),))
    written(tmp_path, given, samples)
    (result,) = stacks(tmp_path)
    volume = load(result.images)
    assert volume.samples.dtype == samples.dtype
    assert np.array_equal(volume.samples, samples)
    real_values(volume, slopes)
