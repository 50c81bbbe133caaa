from __future__ import annotations

from collections.abc import Callable

import pytest

from spinereview.dicom.header import FileHeader, FrameHeader
from spinereview.dicom.split import split

Header = Callable[..., FileHeader]


def crossed(header: Header, heights: int, **values: tuple[str, ...]) -> tuple[FileHeader, ...]:
    """Each height with each value of one attribute."""
    ((name, listed),) = values.items()
    return tuple(
        header(1 + place * len(listed) + number, position=(0, 0, place), split={name: value})
        for place in range(heights)
        for number, value in enumerate(listed)
    )


@pytest.mark.parametrize(
    ("attribute", "values", "code"),
    [
        ("BValue", ("50", "400", "800"), "SPLIT_B_VALUE"),
        ("DiffusionDirection", ("1\\0\\0", "0\\1\\0"), "SPLIT_DIRECTION"),
        ("EchoTime", ("5.19", "7.65"), "SPLIT_ECHO"),
        ("EchoNumbers", ("1", "2"), "SPLIT_ECHO"),
        ("InversionTime", ("100", "900"), "SPLIT_INVERSION"),
        ("ImageType", ("DERIVED\\PRIMARY\\W", "DERIVED\\PRIMARY\\F"), "SPLIT_IMAGE_TYPE"),
        ("SequenceName", ("*ep_b50t", "*ep_b800t"), "SPLIT_IMAGE_TYPE"),
        ("ContrastBolusAgent", ("", "GD"), "SPLIT_CONTRAST"),
        ("ConvolutionKernel", ("STANDARD", "BONE"), "SPLIT_KERNEL"),
        ("TemporalPosition", ("1", "2", "3"), "SPLIT_TIME"),
        ("TriggerTime", ("0", "40"), "SPLIT_TIME"),
        ("AcquisitionNumber", ("1", "2"), "SPLIT_TIME"),
        ("AcquisitionTime", ("101500", "101600"), "SPLIT_TIME"),
    ],
)
def test_an_attribute_that_explains_repeated_positions_splits_the_series(
    header: Header, attribute: str, values: tuple[str, ...], code: str
) -> None:
    parts = split(crossed(header, 6, **{attribute: values}))
    assert [len(part.images) for part in parts] == [6] * len(values)
    assert [part.distinguished_by for part in parts] == [((attribute, value),) for value in values]
    assert all([fault.code for fault in part.because] == [code] for part in parts)


@pytest.mark.parametrize("attribute", ["AcquisitionNumber", "ImageType", "EchoTime", "ContrastBolusAgent"])
def test_an_attribute_that_varies_without_repeated_positions_splits_nothing(header: Header, attribute: str) -> None:
    files = [header(number, position=(0, 0, number), split={attribute: f"V{number // 2}"}) for number in range(1, 11)]
    assert [len(part.images) for part in split(files)] == [10]


def test_two_echoes_at_three_times_are_six_stacks(header: Header) -> None:
    files = [
        header(1 + number, position=(0, 0, number // 6), split={"EchoTime": echo, "TemporalPosition": time})
        for number, (echo, time) in enumerate([(e, t) for _ in range(5) for e in ("5", "7") for t in ("1", "2", "3")])
    ]
    parts = split(files)
    assert [len(part.images) for part in parts] == [5] * 6
    assert {part.distinguished_by for part in parts} == {
        (("EchoTime", echo), ("TemporalPosition", time)) for echo in ("5", "7") for time in ("1", "2", "3")
    }


def test_a_counter_that_would_shatter_the_series_explains_nothing(header: Header) -> None:
    heights = [0, 1, 2, 3, 4, 5, 6, 7, 7]
    files = [
        header(number, position=(0, 0, height), split={"AcquisitionNumber": str(number)})
        for number, height in enumerate(heights, 1)
    ]
    assert [len(part.images) for part in split(files)] == [9]


def test_overlapping_acquisitions_are_stacks_of_their_own(header: Header) -> None:
    ranges = {"1": range(10), "2": range(8, 18), "3": range(16, 26)}
    files = [
        header(int(acquisition) * 100 + height, position=(0, 0, height), split={"AcquisitionNumber": acquisition})
        for acquisition, heights in ranges.items()
        for height in heights
    ]
    assert [len(part.images) for part in split(files)] == [10, 10, 10]


@pytest.mark.parametrize(
    ("other", "code"),
    [
        ({"orientation": (0, 1, 0, 0, 0, -1)}, "SPLIT_ORIENTATION"),
        ({"orientation": (1, 0, 0, 0, "0.9999995", "0.0011")}, "SPLIT_ORIENTATION"),
        ({"size": (8, 4)}, "SPLIT_SIZE"),
        ({"spacing": ("0.5", "0.6")}, "SPLIT_SPACING"),
        ({"reference": None}, "FRAMES_OF_REFERENCE_MIXED"),
        ({"split": {"StackID": "2"}}, "SPLIT_STACK"),
        ({"sop_class": "1.2.840.10008.5.1.4.1.1.7"}, "SPLIT_KIND"),
    ],
    ids=["plane", "a little turned", "size", "spacing", "frame of reference", "stack", "capture"],
)
def test_another_kind_of_image_is_parted_even_where_no_position_repeats(
    header: Header, other: dict[str, object], code: str
) -> None:
    files = [header(number, position=(0, 0, number)) for number in (1, 2, 3)]
    files += [header(number, position=(0, 0, number), **other) for number in (4, 5)]
    parts = split(files)
    assert [len(part.images) for part in parts] == [3, 2]
    assert all([fault.code for fault in part.because] == [code] for part in parts)


def test_orientations_that_differ_by_rounding_are_one(header: Header) -> None:
    files = [header(1), header(2, position=(0, 0, 1), orientation=(1, 0, 0, 0, "0.9999995", "0.001"))]
    assert len(split(files)) == 1


def test_each_moving_image_is_a_part_of_its_own(header: Header, frame: Callable[..., FrameHeader]) -> None:
    words = {"position": None, "orientation": None, "spacing": None}
    frames = tuple(frame(number, **words) for number in (1, 2, 3))
    parts = split([header(number, modality="US", frames=frames) for number in (1, 2)])
    assert [len(part.images) for part in parts] == [3, 3]
    assert all(part.because[0].code == "SPLIT_FILE" for part in parts)


def test_one_position_of_several_echoes_is_parted_by_echo_and_not_by_time(header: Header) -> None:
    files = [
        header(number, split={"EchoTime": echo, "AcquisitionTime": f"10150{number}"})
        for number, echo in enumerate(("10", "20", "30"), 1)
    ]
    assert [part.distinguished_by for part in split(files)] == [(("EchoTime", echo),) for echo in ("10", "20", "30")]


def test_the_stations_of_a_whole_spine_are_stacks_of_their_own(header: Header) -> None:
    """Sagittal images of two stations lie at the same places along their normal, side by side in the plane."""
    files = [
        header(10 * station + number, orientation=(0, 1, 0, 0, 0, -1), position=(number * 4, 0, -250 * station))
        for number in range(1, 8)
        for station in (0, 1)
    ]
    parts = split(files)
    assert [len(part.images) for part in parts] == [7, 7]
    assert [[fault.code for fault in part.because] for part in parts] == [["SPLIT_STATION"]] * 2


@pytest.mark.parametrize(("apart", "stacks"), [("1", 1), ("1.001", 2)])
def test_stations_lie_more_than_a_millimetre_apart(header: Header, apart: str, stacks: int) -> None:
    files = [
        header(10 * station + number, position=(apart if station else 0, 0, number))
        for number in range(1, 5)
        for station in (0, 1)
    ]
    assert len(split(files)) == stacks
