from __future__ import annotations

import math
from collections.abc import Callable
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from spinereview.dicom.checks import POSITION_TOLERANCE_MM, TILT_TOLERANCE_DEG
from spinereview.dicom.geometry import gate, plane
from spinereview.dicom.header import FileHeader, FrameHeader
from spinereview.domain.imaging import Calibration, Permission, Plane, StackKind
from spinereview.text import sentence

Axial = Callable[..., tuple[FileHeader, ...]]
Header = Callable[..., FileHeader]
SECONDARY_CAPTURE = "1.2.840.10008.5.1.4.1.1.7"
ULTRASOUND = "1.2.840.10008.5.1.4.1.1.3.1"


def codes(result: object) -> list[str]:
    return [fault.code for fault in result.faults]


def test_even_parallel_images_are_a_volume_with_the_interval_of_their_positions(axial: Axial) -> None:
    (result,) = gate(axial(0, 3, 6, 9, thickness="5"))
    assert result.stack.kind is StackKind.VOLUME
    assert result.stack.slice_interval_mm == 3
    assert result.stack.slice_thickness_mm == 5
    assert result.stack.may_measure == frozenset(Permission)
    assert (result.uniform, result.tilt_deg, codes(result)) == (True, Decimal("0.00"), [])


def test_images_are_sorted_along_the_normal_whatever_their_numbers_say(axial: Axial) -> None:
    (result,) = gate(axial(6, 0, 3))
    assert [file.instance_number for file, _ in result.images] == [2, 3, 1]
    assert result.stack.images == (("1.2.3.2", 1), ("1.2.3.3", 1), ("1.2.3.1", 1))
    assert result.middle[0].instance_number == 3


@pytest.mark.parametrize(
    ("heights", "fault", "images"),
    [
        pytest.param((0, 5, 10, 20), "GAP", (3, 4), id="one image missing at the end"),
        pytest.param((0, 5, 15, 20, 25), "GAP", (2, 3), id="one image missing within"),
        pytest.param((0, 5, 10, 30, 35, 40), "GAP", (3, 4), id="three images missing"),
        pytest.param((0, 1, 2, 6.4, 10.8), "INTERVAL_UNEVEN", (3, 4), id="another interval"),
        pytest.param((0, 4, 8, 9.08, 16.08, 23.08), "INTERVAL_UNEVEN", (3, 4), id="three intervals"),
        pytest.param((0, 3, 6, 6, 9), "POSITION_REPEATED", (3, 4), id="two at one position"),
        pytest.param((0, 0, 0), "POSITION_REPEATED", (1, 3), id="all at one position"),
        pytest.param((0, 3, "3.009", 6), "POSITION_REPEATED", (2, 3), id="nearer than a hundredth"),
    ],
)
def test_lesson_10_what_is_no_even_row_is_refused_between_slices_and_names_two_images(
    axial: Axial, heights: tuple[object, ...], fault: str, images: tuple[int, int]
) -> None:
    (result,) = gate(axial(*heights))
    assert result.stack.kind is StackKind.SLICES
    assert result.stack.slice_interval_mm is None
    assert result.stack.may_measure == {Permission.IN_PLANE}
    assert (fault, images) in [(found.code, found.images) for found in result.faults]
    assert not result.uniform


def test_a_gap_says_how_wide_it_is_and_how_many_images_are_missing(axial: Axial) -> None:
    (result,) = gate(axial(0, "0.75", "1.5", "3"))
    (gap,) = result.faults
    assert dict(gap.words) == {"gap_mm": "1.5", "interval_mm": "0.75", "missing": "1", "first": "3", "last": "4"}


def test_every_gap_is_named(axial: Axial) -> None:
    (result,) = gate(axial(0, 1, 2, 4, 5, 6, 9, 10))
    assert [fault.images for fault in result.faults] == [(3, 4), (6, 7)]


@pytest.mark.parametrize(
    ("middle", "kind"),
    [
        pytest.param("5.05", StackKind.VOLUME, id="at the tolerance"),
        pytest.param("4.95", StackKind.VOLUME, id="at the tolerance below"),
        pytest.param("5.0501", StackKind.SLICES, id="beyond the tolerance"),
        pytest.param("4.9499", StackKind.SLICES, id="beyond the tolerance below"),
    ],
)
def test_an_image_may_lie_a_twentieth_of_a_millimetre_off_its_place(axial: Axial, middle: str, kind: StackKind) -> None:
    assert Decimal("0.05") == POSITION_TOLERANCE_MM
    (result,) = gate(axial(0, middle, 10))
    assert result.stack.kind is kind


def test_a_pet_with_wider_bed_joins_is_a_volume(axial: Axial) -> None:
    heights, height = [], Decimal(0)
    for number in range(135):
        heights.append(height)
        height += Decimal("3.29") if number in (46, 91) else Decimal("3.27")
    (result,) = gate(axial(*heights))
    assert result.stack.kind is StackKind.VOLUME
    assert result.stack.slice_interval_mm == Decimal("3.270299")


def tilted(header: Header, degrees: float, count: int = 4, interval: int = 5) -> tuple[FileHeader, ...]:
    shift = math.tan(math.radians(degrees)) * interval
    return tuple(
        header(number, position=(0, f"{number * shift:.9f}", number * interval)) for number in range(1, count + 1)
    )


@pytest.mark.parametrize(
    ("degrees", "kind"),
    [
        pytest.param(0.09, StackKind.VOLUME, id="below"),
        pytest.param(0.12, StackKind.SLICES, id="above"),
        pytest.param(18.5, StackKind.SLICES, id="gantry"),
        pytest.param(-18.5, StackKind.SLICES, id="gantry the other way"),
    ],
)
def test_a_tilt_above_a_tenth_of_a_degree_leaves_no_millimetres_between_slices(
    header: Header, degrees: float, kind: StackKind
) -> None:
    assert Decimal("0.1") == TILT_TOLERANCE_DEG
    (result,) = gate(tilted(header, degrees, count=21))
    assert result.stack.kind is kind
    assert result.tilt_deg == Decimal(str(abs(degrees))).quantize(Decimal("0.01"))
    assert ("TILT" in codes(result)) is (kind is StackKind.SLICES)
    assert Permission.IN_PLANE in result.stack.may_measure
    assert result.uniform


def test_of_a_tilted_stack_with_a_gap_one_sentence_alone_speaks_of_reformats(header: Header) -> None:
    images = tilted(header, 14, count=6)
    (result,) = gate((*images[:3], *images[4:]))
    assert codes(result) == ["GAP", "TILT"]
    said = [sentence(fault.code, fault.words) for fault in result.faults]
    assert ["no reformats" in text for text in said] == [True, False]
    assert "eformat" not in said[1]
    assert "14°" in said[1]


def test_rounded_origins_of_a_thin_pair_are_no_tilt(header: Header) -> None:
    (result,) = gate((header(1, position=(0, 0, 0)), header(2, position=(0, "0.002", "0.5"))))
    assert result.stack.kind is StackKind.VOLUME


def test_an_image_that_is_shifted_sideways_is_no_volume(header: Header) -> None:
    places = [(0, 0, 0), (0, 0, 5), ("0.2", 0, 10), (0, 0, 15)]
    (result,) = gate(tuple(header(number, position=place) for number, place in enumerate(places, 1)))
    assert result.stack.kind is StackKind.SLICES
    assert ("ORIGIN_SHIFTED", (2, 3)) in [(fault.code, fault.images) for fault in result.faults]


@pytest.mark.parametrize(("x", "y", "shifted"), [("0.03", "0.04", False), ("0.03", "0.0401", True)])
def test_an_origin_may_lie_as_far_off_the_straight_row_as_the_tolerance(
    header: Header, x: str, y: str, *, shifted: bool
) -> None:
    assert Decimal("0.05") == POSITION_TOLERANCE_MM
    (result,) = gate((header(1, position=(0, 0, 0)), header(2, position=(x, y, 5)), header(3, position=(0, 0, 10))))
    assert ("ORIGIN_SHIFTED" in codes(result)) is shifted


@pytest.mark.parametrize(
    ("words", "fault"),
    [
        pytest.param({"orientation": None}, "ORIENTATION_MISSING", id="no orientation"),
        pytest.param({"orientation": (0, 0, 0, 0, 0, 0)}, "ORIENTATION_INVALID", id="zero"),
        pytest.param({"orientation": (1, 0, 0, 1, 0, 0)}, "ORIENTATION_INVALID", id="parallel"),
        pytest.param({"orientation": (2, 0, 0, 0, 1, 0)}, "ORIENTATION_INVALID", id="not unit"),
        pytest.param({"orientation": (1, 0, 0, "0.0011", 1, 0)}, "ORIENTATION_INVALID", id="just not at right angles"),
        pytest.param({"position": None}, "POSITION_MISSING", id="no position"),
        pytest.param({"position": None, "faults": ("POSITION_INVALID",)}, "POSITION_INVALID", id="position NaN"),
    ],
)
def test_without_position_or_orientation_each_image_is_still_true(
    header: Header, words: dict[str, object], fault: str
) -> None:
    (result,) = gate((header(2, **words), header(1, **words)))
    assert result.stack.kind is StackKind.SLICES
    assert fault in codes(result)
    assert result.stack.may_measure == {Permission.IN_PLANE}
    assert [file.instance_number for file, _ in result.images] == [1, 2]
    assert (result.tilt_deg, result.uniform) == (None, False)


def test_direction_cosines_of_six_digits_are_unit_vectors(header: Header) -> None:
    words = {"orientation": ("0.948324", "0.317305", 0, "-0.317305", "0.948324", "0.0009")}
    assert codes(gate((header(**words),))[0]) == ["ONE_IMAGE"]


def test_one_image_is_true_in_its_plane_only(axial: Axial) -> None:
    (result,) = gate(axial(0))
    assert (result.stack.kind, codes(result)) == (StackKind.SLICES, ["ONE_IMAGE"])
    assert result.stack.may_measure == {Permission.IN_PLANE}


@pytest.mark.parametrize("code", ["SPACING_ZERO", "SPACING_NEGATIVE", "SPACING_NOT_A_NUMBER", "SPACING_MISSING"])
def test_without_a_pixel_spacing_there_are_no_millimetres_in_any_direction(axial: Axial, code: str) -> None:
    (result,) = gate(axial(0, 3, 6, spacing=None, faults=(code,)))
    assert result.stack.kind is StackKind.SLICES
    assert result.stack.may_measure == frozenset()
    assert result.stack.slice_interval_mm is None
    assert codes(result) == [code]


def test_two_frames_of_reference_are_never_one_stack(header: Header) -> None:
    files = tuple(header(n, position=(0, 0, n), reference="1.2.9" if n < 4 else "1.2.8") for n in range(1, 7))
    results = gate(files)
    assert [len(result.images) for result in results] == [3, 3]
    assert all("FRAMES_OF_REFERENCE_MIXED" in codes(result) for result in results)


def test_a_stack_without_frame_of_reference_is_a_volume_that_says_so(axial: Axial) -> None:
    (result,) = gate(axial(0, 1, 2, reference=None))
    assert (result.stack.kind, codes(result)) == (StackKind.VOLUME, ["FRAME_OF_REFERENCE_MISSING"])


@pytest.mark.parametrize(
    ("degrees", "name"),
    [(0, Plane.AXIAL), (39.9, Plane.AXIAL), (40.1, Plane.OBLIQUE), (49.9, Plane.OBLIQUE), (50.1, Plane.CORONAL)],
)
def test_a_plane_is_named_by_the_axis_within_forty_degrees(degrees: float, name: Plane) -> None:
    angle = math.radians(degrees)
    normal = (Decimal(0), Decimal(repr(math.sin(angle))), Decimal(repr(math.cos(angle))))
    assert plane(normal) is name
    assert plane(tuple(-value for value in normal)) is name


def test_a_plane_without_orientation_is_unknown() -> None:
    assert plane(None) is Plane.UNKNOWN


def test_projections_stay_projections_however_many_there_are(axial: Axial) -> None:
    words = {"calibration": Calibration.UNSTATED, "faults": ("CALIBRATION_UNSTATED",)}
    (result,) = gate(axial(0, 0, 7, modality="XA", sop_class="1.2.840.10008.5.1.4.1.1.12.1", **words))
    assert (result.stack.kind, codes(result)) == (StackKind.PROJECTION, ["CALIBRATION_UNSTATED"])
    assert result.stack.may_measure == {Permission.IN_PLANE}
    assert result.stack.slice_interval_mm is None


def test_each_radiograph_of_a_series_stands_for_itself(axial: Axial) -> None:
    words = {"spacing": None, "calibration": Calibration.NONE, "faults": ("SPACING_MISSING",)}
    results = gate(axial(0, 0, 0, modality="CR", sop_class="1.2.840.10008.5.1.4.1.1.1", **words))
    assert [len(result.stack.images) for result in results] == [1, 1, 1]
    assert [result.distinguished_by for result in results] == [(("InstanceNumber", name),) for name in "123"]
    assert all(codes(result) == ["SPACING_MISSING"] for result in results)


def test_a_ct_localizer_among_axial_images_is_a_projection_apart(header: Header) -> None:
    scout = header(1, orientation=(1, 0, 0, 0, 0, -1), split={"ImageType": "ORIGINAL\\PRIMARY\\LOCALIZER"})
    slices = [header(n, position=(0, 0, n), split={"ImageType": "ORIGINAL\\PRIMARY\\AXIAL"}) for n in range(2, 6)]
    results = gate((*slices, scout))
    assert [result.stack.kind for result in results] == [StackKind.PROJECTION, StackKind.VOLUME]
    assert all("SPLIT_KIND" in codes(result) for result in results)


def test_a_capture_is_never_a_volume(axial: Axial) -> None:
    words = {"spacing": None, "faults": ("CALIBRATION_CAPTURE",), "sop_class": SECONDARY_CAPTURE}
    (result,) = gate(axial(0, 1, 2, **words))
    assert (result.stack.kind, codes(result)) == (StackKind.SLICES, ["CALIBRATION_CAPTURE"])


def test_a_moving_ultrasound_is_a_time_series_without_millimetres(
    header: Header, frame: Callable[..., FrameHeader]
) -> None:
    words = {"position": None, "orientation": None, "spacing": None, "faults": ("CALIBRATION_ULTRASOUND",)}
    frames = tuple(frame(number, **words) for number in range(1, 31))
    (result,) = gate((header(modality="US", sop_class=ULTRASOUND, frames=frames),))
    assert result.stack.kind is StackKind.TIME_SERIES
    assert result.stack.may_measure == frozenset()
    assert [number for _, number in result.stack.images] == list(range(1, 31))


def test_one_position_imaged_again_and_again_is_a_time_series(header: Header) -> None:
    files = tuple(header(n, split={"AcquisitionNumber": str(20 - n)}) for n in range(1, 5))
    (result,) = gate(files)
    assert (result.stack.kind, codes(result)) == (StackKind.TIME_SERIES, ["ONE_POSITION"])
    assert result.stack.may_measure == {Permission.IN_PLANE}


def test_nothing_is_measured_on_an_image_without_identity(axial: Axial) -> None:
    (result,) = gate(axial(0, 1, 2, uid="", uid_source="NONE"))
    assert result.stack.may_measure == frozenset()
    assert result.stack.calibration is Calibration.NONE
    assert codes(result) == ["NO_IDENTITY"]
    assert len(set(result.stack.images)) == 3


def test_copies_that_were_left_out_are_counted(axial: Axial) -> None:
    (result,) = gate(axial(0, 1, 2), duplicates={"1.2.3.1": 1, "1.2.3.3": 2, "9": 7})
    assert [(fault.code, dict(fault.arguments)) for fault in result.faults] == [("DUPLICATE", {"count": "3"})]
    assert result.stack.kind is StackKind.VOLUME


def test_a_series_without_images_has_no_stack() -> None:
    assert gate(()) == ()


def test_frame_numbers_survive_sorting(header: Header, frame: Callable[..., FrameHeader]) -> None:
    """Multi-frame z-spacing wrong, marks jump to frame 1: geometry comes from the frames, and a frame keeps its number."""
    heights = (4, 0, 6, 2)
    frames = tuple(frame(number, position=(0, 0, height)) for number, height in enumerate(heights, 1))
    (result,) = gate((header(frames=frames),))
    assert [number for _, number in result.stack.images] == [2, 4, 1, 3]
    assert (result.stack.kind, result.stack.slice_interval_mm) == (StackKind.VOLUME, Decimal(2))


files = st.lists(
    st.tuples(
        st.integers(0, 4),  # height
        st.sampled_from(((1, 0, 0, 0, 1, 0), (0, 1, 0, 0, 0, -1))),
        st.sampled_from(("1.2.9", "1.2.8")),
        st.sampled_from(("10", "20")),  # echo
        st.sampled_from(("1", "2", "3")),  # time
        st.booleans(),  # with a position
    ),
    min_size=1,
    max_size=12,
)


@given(entries=files, order=st.randoms(use_true_random=False))
def test_the_order_of_files_never_changes_stacks_or_ids(header: Header, entries: list[tuple], order: object) -> None:
    made = [
        header(
            number,
            position=(height, height, height) if placed else None,
            orientation=orientation,
            reference=reference,
            split={"EchoTime": echo, "TemporalPosition": time},
        )
        for number, (height, orientation, reference, echo, time, placed) in enumerate(entries, 1)
    ]
    shuffled = list(made)
    order.shuffle(shuffled)
    expected, found = gate(made), gate(shuffled)
    assert [result.stack for result in found] == [result.stack for result in expected]
    assert [result.faults for result in found] == [result.faults for result in expected]
    shown = sorted(image for result in found for image in result.stack.images)
    assert shown == sorted((file.sop_uid, 1) for file in made)


@given(heights=st.lists(st.integers(-500, 500), min_size=2, max_size=10, unique=True))
def test_a_volume_has_each_image_at_its_place(axial: Axial, heights: list[int]) -> None:
    (result,) = gate(axial(*(Decimal(height) / 10 for height in heights)))
    if result.stack.kind is StackKind.VOLUME:
        interval, first = result.stack.slice_interval_mm, result.images[0][1].position[2]
        for number, (_, frame) in enumerate(result.images):
            assert abs(frame.position[2] - first - interval * number) <= POSITION_TOLERANCE_MM + Decimal("0.0001")
    else:
        assert {fault.code for fault in result.faults} & {"GAP", "INTERVAL_UNEVEN"}
