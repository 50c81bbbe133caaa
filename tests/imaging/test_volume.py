"""Volumes: stored samples, real values with the rescale of each image, padding, images that are not there."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from spinereview.errors import DicomError, InvalidValue, SpineReviewError
from spinereview.imaging.volume import SAMPLE_TYPES, Volume, no_padding


def volume(samples: NDArray[Any], **changed: Any) -> Volume:
    count = samples.shape[0]
    given: dict[str, Any] = {
        "slope": np.ones(count),
        "intercept": np.zeros(count),
        "padding": no_padding(count),
        "ready": np.ones(count, dtype=np.bool_),
    }
    return Volume(samples=samples, **(given | changed))


def ramp(kind: str = "i2", images: int = 3) -> NDArray[Any]:
    return np.arange(images * 4 * 5, dtype=kind).reshape(images, 4, 5)


@pytest.mark.parametrize("kind", [kind.str for kind in SAMPLE_TYPES])
def test_samples_keep_the_type_of_the_file(kind: str) -> None:
    assert volume(ramp(kind)).samples.dtype == np.dtype(kind)


@pytest.mark.parametrize(
    ("samples", "code"),
    [
        pytest.param(np.zeros((4, 5), dtype="i2"), "VOLUME_SAMPLES", id="one image without an index"),
        pytest.param(np.zeros((1, 0, 5), dtype="i2"), "VOLUME_SAMPLES", id="no rows"),
        pytest.param(np.zeros((1, 4, 5), dtype="i8"), "VOLUME_SAMPLES", id="64-bit integers"),
        pytest.param(np.zeros((1, 4, 5), dtype=">i2"), "VOLUME_SAMPLES", id="foreign byte order"),
        pytest.param(np.zeros((1, 4, 5, 3), dtype="u2"), "VOLUME_SAMPLES", id="16-bit colour"),
        pytest.param(np.zeros((1, 4, 5, 4), dtype="u1"), "VOLUME_SAMPLES", id="four colours"),
    ],
)
def test_samples_of_no_dicom_form_are_refused(samples: NDArray[Any], code: str) -> None:
    with pytest.raises(InvalidValue) as caught:
        volume(samples)
    assert caught.value.code == code


@pytest.mark.parametrize(
    ("changed", "code"),
    [
        ({"slope": np.ones(2)}, "VOLUME_PER_IMAGE"),
        ({"intercept": np.zeros(4)}, "VOLUME_PER_IMAGE"),
        ({"padding": no_padding(2)}, "VOLUME_PER_IMAGE"),
        ({"ready": np.ones(2, dtype=np.bool_)}, "VOLUME_PER_IMAGE"),
        ({"slope": np.array([1.0, np.nan, 1.0])}, "VOLUME_RESCALE"),
        ({"intercept": np.array([1.0, np.inf, 1.0])}, "VOLUME_RESCALE"),
    ],
)
def test_what_belongs_to_each_image_is_given_for_each(changed: dict[str, Any], code: str) -> None:
    with pytest.raises(InvalidValue) as caught:
        volume(ramp(), **changed)
    assert caught.value.code == code


def test_each_image_has_its_own_slope_and_intercept() -> None:
    made = volume(ramp(), slope=np.array([1.0, 2.0, 0.5]), intercept=np.array([0.0, -10.0, 3.0]))
    assert not made.uniform_rescale
    assert made.value_at(1, 0, 0) == 20 * 2.0 - 10.0
    assert made.value_at(2, 3, 4) == 59 * 0.5 + 3.0
    np.testing.assert_array_equal(made.real_values(1), (ramp()[1] * 2.0 - 10.0).astype(np.float32))


def test_one_rescale_for_all_is_recognised() -> None:
    assert volume(ramp(), slope=np.full(3, 2.0), intercept=np.full(3, -1024.0)).uniform_rescale


def test_the_whole_range_of_16_bits_is_rescaled_without_wrapping() -> None:
    samples = np.array([[[0, 65535]]], dtype=np.uint16)
    made = volume(samples, slope=np.array([1.5]), intercept=np.array([-1024.0]))
    assert made.real_values(0).tolist() == [[-1024.0, 97278.5]]


def test_real_values_have_one_rescale_for_slices_across_images() -> None:
    slope, intercept = np.array([1.0, 2.0, 0.5]), np.array([0.0, -10.0, 3.0])
    made = volume(ramp(), slope=slope, intercept=intercept)
    real = made.with_real_values()
    assert real.uniform_rescale
    assert real.samples.dtype == np.float32
    np.testing.assert_array_equal(real.samples, ramp() * slope[:, None, None] + intercept[:, None, None])
    assert real.value_at(1, 2, 3) == made.value_at(1, 2, 3)


def test_a_uniform_volume_is_its_own_real_volume() -> None:
    made = volume(ramp())
    assert made.with_real_values() is made


def test_real_values_keep_which_images_are_missing_and_lose_padding() -> None:
    error = DicomError("PIXELS_TRUNCATED", file="a")
    made = volume(
        ramp(),
        slope=np.array([1.0, 2.0, 3.0]),
        padding=np.array([[1, 0], [21, 22], [1, 0]]),
        ready=np.array([True, True, False]),
        failed={2: error},
    )
    real = made.with_real_values()
    assert real.ready.tolist() == [True, True, False]
    assert real.failed == {2: error}
    assert np.isnan(real.samples[1]).sum() == 2
    assert real.value_range(1) == (40.0, 78.0)


@pytest.mark.parametrize(
    ("padding", "expected"),
    [
        pytest.param([1, 0], 0, id="none"),
        pytest.param([7, 7], 1, id="one value"),
        pytest.param([7, 9], 3, id="a range, both ends included"),
        pytest.param([100, 200], 0, id="values that do not occur"),
    ],
)
def test_padding_is_a_mask(padding: list[int], expected: int) -> None:
    made = volume(ramp(images=1), padding=np.array([padding]))
    assert int(made.padded(0).sum()) == expected


def test_the_range_of_values_leaves_padding_out() -> None:
    samples = np.array([[[-2000, -1000, 30, 3000]]], dtype=np.int16)
    made = volume(samples, slope=np.array([2.0]), intercept=np.array([5.0]), padding=np.array([[-2000, -2000]]))
    assert made.value_range(0) == (-1995.0, 6005.0)


def test_the_range_of_an_image_of_padding_alone_is_none() -> None:
    assert volume(np.full((1, 2, 2), -2000, dtype=np.int16), padding=np.array([[-2000, -2000]])).value_range(0) is None


def test_the_range_leaves_out_what_is_no_number() -> None:
    samples = np.array([[[np.nan, -np.inf, 1.0, 2.0]]], dtype=np.float32)
    assert volume(samples).value_range(0) == (1.0, 2.0)


def test_an_image_that_is_not_read_yet_is_not_shown() -> None:
    made = volume(ramp(), ready=np.array([False, True, True]))
    assert not made.complete
    assert list(made.indices_ready()) == [1, 2]
    with pytest.raises(SpineReviewError) as caught:
        made.real_values(0)
    assert (caught.value.code, caught.value.arguments["image"]) == ("IMAGE_NOT_READY", "1")


def test_an_image_that_failed_tells_why() -> None:
    error = DicomError("PIXELS_TRUNCATED", file="a", needs=2, has=1)
    made = volume(ramp(), ready=np.array([True, False, True]), failed={1: error})
    with pytest.raises(DicomError) as caught:
        made.value_at(1, 0, 0)
    assert caught.value is error


@pytest.mark.parametrize(("kind", "blank"), [("i2", -32768), ("u2", 0), ("u1", 0), ("f4", None)])
def test_an_image_that_fails_late_is_blanked(kind: str, blank: int | None) -> None:
    made = volume(ramp(kind))
    error = DicomError("PIXELS_TRUNCATED", file="a", needs=2, has=1)
    made.mark_failed(1, error)
    assert made.ready.tolist() == [True, False, True]
    assert made.failed == {1: error}
    assert bool(np.isnan(made.samples[1]).all()) if blank is None else set(made.samples[1].flat) == {blank}
    np.testing.assert_array_equal(made.samples[[0, 2]], ramp(kind)[[0, 2]])


@pytest.mark.parametrize(("row", "column"), [(-1, 0), (4, 0), (0, -1), (0, 5)])
def test_there_is_no_value_beside_the_image(row: int, column: int) -> None:
    with pytest.raises(IndexError):
        volume(ramp()).value_at(0, row, column)


def test_colour_is_to_look_at() -> None:
    made = volume(np.full((1, 4, 5, 3), 200, dtype=np.uint8))
    assert made.colour
    assert (made.rows, made.columns, len(made)) == (4, 5, 1)
    assert made.stored(0).shape == (4, 5, 3)
    assert not made.padded(0).any()
    for ask in (lambda: made.value_at(0, 0, 0), lambda: made.real_values(0), lambda: made.value_range(0)):
        with pytest.raises(InvalidValue) as caught:
            ask()
        assert caught.value.code == "VOLUME_COLOUR"
