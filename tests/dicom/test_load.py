"""Loading: order, progress, cancelling, memory, damage, rescale and padding of each image."""

from __future__ import annotations

import re
import struct
import threading
from collections.abc import Callable
from dataclasses import replace
from decimal import Decimal
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from numpy.typing import NDArray
from pydicom import dcmread

from spinereview.dicom.header import FileHeader, FrameHeader, PixelLayout
from spinereview.dicom.load import (
    allocate,
    load,
    load_into,
    load_one,
    middle_outward,
    runs,
    stored_padding,
)
from spinereview.dicom.memory import UNKNOWN_MEMORY_BYTES, memory_budget_bytes
from spinereview.dicom.series_plan import SeriesPlan
from spinereview.dicom.write import Encoding, write_series
from spinereview.errors import Cancelled, DicomError
from spinereview.tasks import CancelToken

Plan = Callable[..., SeriesPlan]
Images = list[tuple[FileHeader, FrameHeader]]
ImagesOf = Callable[..., Images]


def ramp(images: int = 5, kind: str = "int16") -> NDArray[Any]:
    return np.arange(images * 6 * 8, dtype=kind).reshape(images, 6, 8)


@pytest.fixture
def series(tmp_path: Path, plan: Plan, images_of: ImagesOf) -> Callable[..., Images]:
    """Headers of a series written with what is given."""

    def make(samples: NDArray[Any], encoding: Encoding = Encoding.EXPLICIT_LITTLE, **changed: Any) -> Images:
        multi_frame = changed.pop("multi_frame", False)
        folder = tmp_path / str(len(list(tmp_path.iterdir())))
        return images_of(*write_series(folder, samples, plan(**changed), encoding=encoding, multi_frame=multi_frame))

    return make


def with_layout(images: Images, **changed: Any) -> Images:
    return [(replace(header, pixels=replace(header.pixels, **changed)), frame) for header, frame in images]


def layout(**changed: Any) -> PixelLayout:
    stated: dict[str, Any] = {
        "rows": 2,
        "columns": 2,
        "frames": 1,
        "samples": 1,
        "bits_allocated": 16,
        "bits_stored": 16,
    }
    stated |= {"high_bit": 15, "signed": True, "photometric": "MONOCHROME2", "planar": 0, "offset": 0, "length": 8}
    stated |= {"transfer_syntax_uid": "1.2.840.10008.1.2.1", "big_endian": False}
    return PixelLayout(**(stated | changed))


@given(count=st.integers(0, 60))
def test_reading_begins_in_the_middle_and_reaches_every_image_once(count: int) -> None:
    order = middle_outward(count)
    assert sorted(order) == list(range(count))
    distances = [abs(index - count // 2) for index in order]
    assert distances == sorted(distances)


@pytest.mark.parametrize("threads", [1, 3, None])
@pytest.mark.parametrize("encoding", [Encoding.EXPLICIT_LITTLE, Encoding.JPEG_LS])
def test_the_first_image_ready_is_the_middle_one_and_each_is_told_once(
    series: Callable[..., Images], encoding: Encoding, threads: int | None
) -> None:
    images = series(ramp(), encoding)
    volume = allocate(images)
    told: list[int] = []
    states: list[bool] = []
    progress: list[tuple[int, int]] = []
    on_threads: set[int] = set()

    def on_ready(index: int) -> None:
        told.append(index)
        states.append(bool((volume.stored(index) == ramp()[index]).all()))
        on_threads.add(threading.get_ident())

    load_into(
        images,
        volume,
        on_ready=on_ready,
        threads=threads,
        progress=lambda done, total: progress.append((done, total)),
    )
    assert told[0] == 2
    assert sorted(told) == [0, 1, 2, 3, 4]
    assert all(states)
    assert on_threads == {threading.get_ident()}
    assert progress == [(done, 5) for done in range(6)]
    assert volume.complete


def test_images_are_read_in_the_order_asked_for(series: Callable[..., Images]) -> None:
    images = series(ramp())
    volume = allocate(images)
    told: list[int] = []
    load_into(images, volume, order=[4, 1], on_ready=told.append)
    assert told == [4, 1]
    assert volume.ready.tolist() == [False, True, False, False, True]
    load_into(images, volume, on_ready=told.append)
    assert told == [4, 1, 2, 3, 0]


@pytest.mark.parametrize("threads", [1, 2])
def test_cancelling_keeps_what_is_ready_and_reads_no_more(series: Callable[..., Images], threads: int) -> None:
    images = series(ramp(images=40))
    volume = allocate(images)
    cancel = CancelToken()
    with pytest.raises(Cancelled):
        load_into(images, volume, cancel=cancel, on_ready=lambda _index: cancel.cancel(), threads=threads)
    ready = list(volume.indices_ready())
    assert 1 <= len(ready) < 40
    assert all((volume.stored(index) == ramp(images=40)[index]).all() for index in ready)
    load_into(images, volume)
    np.testing.assert_array_equal(volume.samples, ramp(images=40))


def test_a_buffer_that_is_given_is_filled(series: Callable[..., Images]) -> None:
    images = series(ramp())
    buffer = bytearray(ramp().nbytes)
    volume = allocate(images, buffer=buffer)
    load_into(images, volume)
    assert bytes(buffer) == ramp().tobytes()


@pytest.mark.parametrize("multi_frame", [False, True])
def test_one_image_alone_has_its_own_values(series: Callable[..., Images], *, multi_frame: bool) -> None:
    slopes = tuple(Decimal(number) for number in (1, 2, 3, 4, 5))
    images = series(ramp(), slopes=slopes, multi_frame=multi_frame)
    for index in range(5):
        volume = load_one(images, index)
        assert len(volume) == 1
        np.testing.assert_array_equal(volume.real_values(0), ramp()[index] * np.float32(index + 1))


@pytest.mark.parametrize("index", [-1, 5])
def test_one_image_that_does_not_exist_is_no_image(series: Callable[..., Images], index: int) -> None:
    with pytest.raises(IndexError):
        load_one(series(ramp()), index)


def test_lesson_19_a_slope_that_changes_in_the_middle_stays_with_its_images(series: Callable[..., Images]) -> None:
    slopes = tuple(Decimal(text) for text in ("1", "1", "0.5", "0.5", "0.5"))
    volume = load(series(np.full((5, 6, 8), 65535, dtype=np.uint16), slopes=slopes, intercepts=(Decimal(-1024),)))
    assert not volume.uniform_rescale
    sagittal = volume.with_real_values().samples[:, :, 3]
    np.testing.assert_array_equal(sagittal[:, 0], np.float32([64511, 64511, 31743.5, 31743.5, 31743.5]))


def test_frames_are_addressed_by_their_number_in_any_order(series: Callable[..., Images]) -> None:
    for encoding in (
        Encoding.EXPLICIT_LITTLE,
        Encoding.EXPLICIT_BIG,
        Encoding.DEFLATED,
        Encoding.RLE,
        Encoding.JPEG_LS,
    ):
        images = series(ramp(), encoding, multi_frame=True)[::-1]
        np.testing.assert_array_equal(load(images).samples, ramp()[::-1])


@pytest.mark.parametrize("encoding", [Encoding.IMPLICIT_LITTLE, Encoding.EXPLICIT_LITTLE, Encoding.EXPLICIT_BIG])
@pytest.mark.parametrize("at_once", [1, 3, 100], ids=lambda frames: f"{frames} frames at once")
@pytest.mark.parametrize(
    "order", [range(12), range(11, -1, -1), [0, 1, 2, 7, 6, 8, 9, 10, 3, 4, 5, 11]], ids=["as stored", "back", "mixed"]
)
def test_frames_read_together_are_the_frames_read_alone(
    series: Callable[..., Images],
    monkeypatch: pytest.MonkeyPatch,
    encoding: Encoding,
    at_once: int,
    order: list[int],
) -> None:
    stored = series(ramp(12), encoding, multi_frame=True)
    images = [stored[place] for place in order]
    monkeypatch.setattr("spinereview.dicom.load.RUN_BYTES", at_once * 6 * 8 * 2)
    told: list[int] = []
    volume = allocate(images)
    load_into(images, volume, on_ready=told.append)
    assert (told[0], sorted(told), volume.complete) == (6, list(range(12)), True)
    np.testing.assert_array_equal(volume.samples, ramp(12)[list(order)])
    for index in range(12):
        np.testing.assert_array_equal(load_one(images, index).samples[0], volume.samples[index])


@given(count=st.integers(1, 60), parts=st.lists(st.booleans(), min_size=60, max_size=60), at=st.integers(0, 59))
@example(count=2, parts=[False] * 60, at=1)
def test_every_image_wanted_is_in_one_run_of_frames_that_follow_each_other(
    count: int, parts: list[bool], at: int
) -> None:
    header = FileHeader(**dict.fromkeys(FileHeader.__dataclass_fields__) | {"pixels": layout(frames=60)})  # type: ignore[arg-type]  # only the layout counts
    frame = FrameHeader(**dict.fromkeys(FrameHeader.__dataclass_fields__))  # type: ignore[arg-type]  # only the number counts
    images = [(header, replace(frame, number=place + 1 if parts[place] else 60 - place)) for place in range(count)]
    wanted = sorted(range(count), key=lambda index: abs(index - at))
    found = runs(images, wanted)
    assert found[0] == range(wanted[0], wanted[0] + 1)
    assert sorted(index for run in found for index in run) == list(range(count))
    assert all(images[index][1].number + 1 == images[index + 1][1].number for run in found for index in list(run)[:-1])


def test_a_file_of_many_frames_that_was_cut_gives_those_that_it_holds(series: Callable[..., Images]) -> None:
    images = series(ramp(12), multi_frame=True)
    path = images[0][0].path
    path.write_bytes(path.read_bytes()[: -3 * 96 + 10])
    volume = load(images)
    assert volume.ready.tolist() == [True] * 9 + [False] * 3
    assert {error.code for error in volume.failed.values()} == {"PIXELS_TRUNCATED"}
    np.testing.assert_array_equal(volume.samples[:9], ramp(12)[:9])


def test_a_frame_that_the_file_does_not_have_is_named(series: Callable[..., Images]) -> None:
    header, frame = series(ramp(), multi_frame=True)[0]
    volume = load([(header, replace(frame, number=6)), (header, frame)])
    assert (volume.failed[0].code, volume.failed[0].arguments["frame"]) == ("PIXELS_FRAME", "6")
    assert volume.ready.tolist() == [False, True]


@pytest.mark.parametrize("encoding", list(Encoding), ids=lambda encoding: encoding.name)
def test_a_truncated_file_fails_alone(tmp_path: Path, plan: Plan, images_of: ImagesOf, encoding: Encoding) -> None:
    noise = np.random.default_rng(3).integers(-1000, 3000, (3, 32, 32), dtype=np.int16)
    files = write_series(tmp_path, noise, plan(), encoding=encoding)
    images = images_of(*files)
    data = files[1].read_bytes()
    files[1].write_bytes(data[: len(data) - 900])
    volume = load(images)
    assert volume.ready.tolist() == [True, False, True]
    assert (volume.samples[1] == -32768).all()
    assert volume.failed[1].code in {"PIXELS_TRUNCATED", "PIXELS_DECODE"}
    assert volume.failed[1].arguments["file"] == str(files[1])
    np.testing.assert_array_equal(volume.samples[[0, 2]], noise[[0, 2]])
    with pytest.raises(DicomError):
        load_one(images, 1)


def test_a_file_that_went_away_is_named(series: Callable[..., Images]) -> None:
    images = series(ramp())
    images[0][0].path.unlink()
    volume = load(images)
    assert (volume.failed[0].code, volume.ready.sum()) == ("PIXELS_UNREADABLE", 4)


def test_a_file_that_changed_since_the_scan_is_refused(series: Callable[..., Images]) -> None:
    images = series(ramp())
    path = images[0][0].path
    dataset = dcmread(path)
    dataset.StudyDescription = "A much longer description"
    dataset.save_as(path)
    volume = load(images)
    assert (volume.failed[0].code, volume.ready.sum()) == ("PIXELS_MOVED", 4)


def test_an_unknown_transfer_syntax_is_named(series: Callable[..., Images]) -> None:
    images = series(ramp())
    unknown = with_layout(images[:1], transfer_syntax_uid="1.2.840.10008.1.2.4.100")
    volume = load(unknown + images[1:])
    assert volume.failed[0].code == "TRANSFER_SYNTAX_UNSUPPORTED"
    assert volume.failed[0].arguments["uid"] == "1.2.840.10008.1.2.4.100"
    with pytest.raises(DicomError) as caught:
        load(unknown)
    assert caught.value.code == "TRANSFER_SYNTAX_UNSUPPORTED"


def test_a_file_without_pixels_is_named(series: Callable[..., Images]) -> None:
    images = series(ramp())
    without = [(replace(images[0][0], pixels=None), images[0][1])]
    assert load(without + images[1:]).failed[0].code == "PIXELS_NONE"


@pytest.mark.parametrize(
    "changed",
    [
        pytest.param({"rows": 0}, id="no rows"),
        pytest.param({"columns": 65536}, id="columns beyond 16 bits"),
        pytest.param({"frames": 0}, id="no frames"),
        pytest.param({"samples": 4}, id="four samples"),
        pytest.param({"bits_allocated": 12, "bits_stored": 12, "high_bit": 11}, id="packed 12 bits"),
        pytest.param({"bits_allocated": 64}, id="64-bit integers"),
        pytest.param({"bits_stored": 17}, id="more bits stored than allocated"),
        pytest.param({"bits_stored": 0}, id="no bits stored"),
        pytest.param({"high_bit": 16}, id="high bit outside"),
        pytest.param({"bits_stored": 12, "high_bit": 10}, id="high bit below the bits stored"),
    ],
)
def test_an_impossible_layout_is_refused(series: Callable[..., Images], changed: dict[str, Any]) -> None:
    with pytest.raises(DicomError) as caught:
        load(with_layout(series(ramp()), **changed))
    assert caught.value.code == "PIXELS_LAYOUT"


def test_a_size_that_exceeds_the_memory_is_refused_before_anything_is_read(series: Callable[..., Images]) -> None:
    """1,000 to 3,500 slices: crash or black, no message. Memory has a budget, and what it needs is said."""
    images = with_layout(series(ramp()), rows=60000, columns=60000)
    with pytest.raises(DicomError) as caught:
        load(images, budget_bytes=2**30)
    assert (caught.value.code, caught.value.arguments) == ("MEMORY_BUDGET", {"needs_mb": "34333", "has_mb": "1024"})


@pytest.mark.parametrize(("spare", "refused"), [(0, False), (-1, True)])
def test_the_budget_holds_to_the_byte(series: Callable[..., Images], spare: int, *, refused: bool) -> None:
    images = series(ramp())
    if refused:
        with pytest.raises(DicomError):
            allocate(images, budget_bytes=ramp().nbytes + spare)
    else:
        assert allocate(images, budget_bytes=ramp().nbytes + spare).samples.nbytes == ramp().nbytes


def test_images_can_be_read_one_by_one_where_the_stack_exceeds_the_memory(series: Callable[..., Images]) -> None:
    images = series(ramp())
    budget = ramp()[0].nbytes
    with pytest.raises(DicomError):
        load(images, budget_bytes=budget)
    assert load_one(images, 3, budget_bytes=budget).complete


def test_the_budget_is_a_share_of_what_is_free() -> None:
    budget = memory_budget_bytes()
    assert budget > 0
    meminfo = Path("/proc/meminfo")
    if meminfo.exists():
        total_kb = int(re.search(r"MemTotal:\s+(\d+)", meminfo.read_text(encoding="ascii")).group(1))
        assert budget <= total_kb * 1024 * 60 // 100
    assert UNKNOWN_MEMORY_BYTES == 2 * 2**30


def test_a_size_that_the_file_cannot_hold_fails_as_truncated(series: Callable[..., Images]) -> None:
    volume = load(with_layout(series(ramp()), rows=600, length=None))
    assert {error.code for error in volume.failed.values()} == {"PIXELS_TRUNCATED"}
    assert not volume.ready.any()


def test_a_deflated_file_that_inflates_beyond_the_budget_is_refused(series: Callable[..., Images]) -> None:
    images = series(np.zeros((1, 512, 512), dtype=np.int16), Encoding.DEFLATED)
    volume = allocate(images)
    load_into(images, volume, budget_bytes=100_000)
    assert volume.failed[0].code == "PIXELS_INFLATE_LIMIT"


@pytest.mark.parametrize(
    "changed",
    [
        pytest.param({"rows": 5}, id="another size"),
        pytest.param({"photometric": "MONOCHROME1"}, id="inverted"),
        pytest.param({"photometric": "PALETTE COLOR"}, id="colour"),
    ],
)
def test_images_of_unlike_form_make_no_volume(series: Callable[..., Images], changed: dict[str, Any]) -> None:
    images = series(ramp())
    with pytest.raises(DicomError) as caught:
        allocate(with_layout(images[:1], **changed) + images[1:])
    assert caught.value.code == "PIXELS_MIXED"


def test_signed_and_unsigned_images_share_a_type_that_holds_both(series: Callable[..., Images]) -> None:
    signed = series(np.full((1, 6, 8), -2000, dtype=np.int16))
    unsigned = series(np.full((1, 6, 8), 65535, dtype=np.uint16))
    volume = load(signed + unsigned)
    assert volume.samples.dtype == np.int32
    assert [int(volume.stored(index)[0, 0]) for index in range(2)] == [-2000, 65535]


def test_monochrome1_inverts_the_display_and_no_value(series: Callable[..., Images]) -> None:
    volume = load(with_layout(series(ramp()), photometric="MONOCHROME1"))
    assert volume.inverted
    np.testing.assert_array_equal(volume.real_values(1), ramp()[1].astype(np.float32))


def test_no_image_gives_no_volume() -> None:
    with pytest.raises(DicomError) as caught:
        load([])
    assert caught.value.code == "STACK_WITHOUT_IMAGES"


def test_bits_that_are_no_part_of_the_value_are_taken_out(series: Callable[..., Images]) -> None:
    """Lesson of older files: overlays lie in the unused bits (PS3.5 8.1.1)."""
    values = np.array([[[-2048, -1, 0, 2047]]], dtype=np.int16)
    stored = (values & 0x0FFF) | np.array([[[0x1000, 0x8000, 0xF000, 0x3000]]]).astype(np.uint16).view(np.int16)
    for encoding in (Encoding.EXPLICIT_LITTLE, Encoding.EXPLICIT_BIG, Encoding.DEFLATED, Encoding.RLE):
        assert load(series(stored, encoding, bits_stored=12)).samples.tolist() == values.tolist()


def test_a_value_in_the_upper_bits_is_shifted_down(series: Callable[..., Images]) -> None:
    values = np.array([[[0, 1, 2047, 4095]]], dtype=np.uint16)
    images = with_layout(series((values << 4) | 0x000F), bits_stored=12, high_bit=15)
    assert load(images).samples.tolist() == values.tolist()


@pytest.mark.parametrize(
    ("value", "bits", "signed", "expected"),
    [
        pytest.param(63536, 16, True, -2000, id="US beside signed pixels, found in a real chest CT"),
        pytest.param(-2000, 16, True, -2000, id="SS as it should be"),
        pytest.param(32767, 16, True, 32767, id="the greatest signed value"),
        pytest.param(32768, 16, True, -32768, id="one beyond"),
        pytest.param(2096, 12, True, -2000, id="US of 12 bits beside signed pixels"),
        pytest.param(63536, 12, True, -2000, id="US of 16 bits beside 12 signed bits"),
        pytest.param(2047, 12, True, 2047, id="the greatest value of 12 signed bits"),
        pytest.param(0, 12, False, 0, id="zero"),
        pytest.param(65535, 16, False, 65535, id="the greatest unsigned value"),
        pytest.param(-2000, 16, False, 63536, id="SS beside unsigned pixels"),
    ],
)
def test_padding_is_read_in_the_representation_of_the_pixels(
    value: int, bits: int, expected: int, *, signed: bool
) -> None:
    assert stored_padding(value, layout(signed=signed, bits_stored=bits, high_bit=bits - 1)) == expected


def test_padding_with_a_limit_is_a_range_in_either_order(series: Callable[..., Images]) -> None:
    images = with_layout(series(ramp()), padding_value=63536, padding_limit=63530)
    assert load(images).padding.tolist() == [[-2006, -2000]] * 5


@pytest.mark.parametrize(
    ("kind", "keyword", "representation"), [("f4", "FloatPixelData", b"OF"), ("f8", "DoubleFloatPixelData", b"OD")]
)
def test_float_pixels_are_never_narrowed(
    series: Callable[..., Images], kind: str, keyword: str, representation: bytes
) -> None:
    values = np.array([[0.1, -1e30, 3.0], [1 / 3, 7.0, 2.5e-30]], dtype=kind)
    ((header, frame),) = series(ramp(images=1))
    dataset = dcmread(header.path)
    del dataset.PixelData
    setattr(dataset, keyword, values.tobytes())
    dataset.save_as(header.path)
    stated = layout(
        rows=2, columns=3, bits_allocated=values.itemsize * 8, offset=_value_of(header.path, representation)
    )
    volume = load([(replace(header, pixels=stated), frame)])
    assert volume.samples.dtype == np.dtype(kind)
    np.testing.assert_array_equal(volume.samples[0], values)


def _value_of(path: Path, representation: bytes) -> int:
    return path.read_bytes().rindex(representation + b"\0\0") + 8


def test_32_bit_integers_are_read_as_such(tmp_path: Path, series: Callable[..., Images], images_of: ImagesOf) -> None:
    dataset = dcmread(series(ramp(images=1))[0][0].path)
    values = np.array([[-(2**31), 2**31 - 1], [70000, -70000]], dtype="<i4")
    dataset.Rows = dataset.Columns = 2
    dataset.BitsAllocated, dataset.BitsStored, dataset.HighBit = 32, 32, 31
    dataset.PixelData = values.tobytes()
    dataset.save_as(tmp_path / "a.dcm")
    volume = load(images_of(tmp_path / "a.dcm"))
    assert (volume.samples.dtype, volume.samples[0].tolist()) == (np.dtype("i4"), values.tolist())


def coloured(path: Path, template: Path, pixels: bytes, **changed: Any) -> Path:
    dataset = dcmread(template)
    dataset.SamplesPerPixel = 3
    dataset.PhotometricInterpretation = "RGB"
    dataset.PlanarConfiguration = 0
    dataset.BitsAllocated, dataset.BitsStored, dataset.HighBit, dataset.PixelRepresentation = 8, 8, 7, 0
    dataset.Rows, dataset.Columns = 2, 2
    for keyword, value in changed.items():
        setattr(dataset, keyword, value)
    dataset.PixelData = pixels
    dataset["PixelData"].VR = "OB"
    dataset.save_as(path)
    return path


RGB = [[[255, 0, 0], [0, 255, 0]], [[0, 0, 255], [1, 2, 3]]]


@pytest.mark.parametrize(
    ("pixels", "changed"),
    [
        pytest.param(bytes(np.uint8(RGB).tobytes()), {}, id="by pixel"),
        pytest.param(np.uint8(RGB).transpose(2, 0, 1).tobytes(), {"PlanarConfiguration": 1}, id="by plane"),
        pytest.param(
            (np.uint16(RGB) << 8).tobytes(), {"BitsAllocated": 16, "BitsStored": 16, "HighBit": 15}, id="of 16 bits"
        ),
    ],
)
def test_colour_is_red_green_blue_to_look_at(
    tmp_path: Path, series: Callable[..., Images], images_of: ImagesOf, pixels: bytes, changed: dict[str, Any]
) -> None:
    template = series(ramp(images=1))[0][0].path
    volume = load(images_of(coloured(tmp_path / "a.dcm", template, pixels, **changed)))
    assert volume.colour
    assert volume.samples[0].tolist() == RGB


def test_luminance_and_chrominance_become_colours(
    tmp_path: Path, series: Callable[..., Images], images_of: ImagesOf
) -> None:
    """PS3.3 C.7.6.3.1.2: red is Y 76, Cb 85, Cr 255; grey has Cb and Cr 128."""
    template = series(ramp(images=1))[0][0].path
    full = bytes([76, 85, 255, 200, 128, 128, 0, 128, 128, 255, 128, 128])
    shared = bytes([200, 100, 128, 128, 0, 255, 128, 128])
    first = load(images_of(coloured(tmp_path / "a.dcm", template, full, PhotometricInterpretation="YBR_FULL")))
    second = load(images_of(coloured(tmp_path / "b.dcm", template, shared, PhotometricInterpretation="YBR_FULL_422")))
    assert np.abs(first.samples[0, 0, 0].astype(int) - [255, 0, 0]).max() <= 1
    assert first.samples[0].tolist()[1] == [[0, 0, 0], [255, 255, 255]]
    assert second.samples[0].tolist() == [[[200] * 3, [100] * 3], [[0] * 3, [255] * 3]]


def test_a_palette_becomes_colours_and_a_missing_one_is_named(
    tmp_path: Path, series: Callable[..., Images], images_of: ImagesOf
) -> None:
    dataset = dcmread(series(np.uint8([[[0, 1], [2, 1]]]), bits_stored=8)[0][0].path)
    dataset.PhotometricInterpretation = "PALETTE COLOR"
    dataset.save_as(tmp_path / "without.dcm")
    for colour, table in (("Red", [0, 255, 10, 0]), ("Green", [0, 128, 20, 0]), ("Blue", [0, 1, 30, 0])):
        dataset.add_new(f"{colour}PaletteColorLookupTableDescriptor", "US", [4, 0, 8])
        setattr(dataset, f"{colour}PaletteColorLookupTableData", bytes(table))
    dataset.save_as(tmp_path / "with.dcm")
    assert load(images_of(tmp_path / "with.dcm")).samples[0].tolist() == [
        [[0, 0, 0], [255, 128, 1]],
        [[10, 20, 30], [255, 128, 1]],
    ]
    assert load(images_of(tmp_path / "without.dcm")).failed[0].code == "PIXELS_PALETTE"


def test_single_bits_may_begin_within_a_byte(
    tmp_path: Path, series: Callable[..., Images], images_of: ImagesOf
) -> None:
    bits = np.random.default_rng(5).integers(0, 2, (4, 3, 5), dtype=np.uint8)
    dataset = dcmread(series(ramp(images=1))[0][0].path)
    dataset.Rows, dataset.Columns, dataset.NumberOfFrames = 3, 5, 4
    dataset.BitsAllocated, dataset.BitsStored, dataset.HighBit, dataset.PixelRepresentation = 1, 1, 0, 0
    dataset.PixelData = np.packbits(bits.reshape(-1), bitorder="little").tobytes()
    dataset.save_as(tmp_path / "a.dcm")
    (header, frame), *_ = images_of(tmp_path / "a.dcm")
    images = [(header, replace(frame, number=number)) for number in (1, 2, 3, 4)]
    np.testing.assert_array_equal(load(images).samples, bits)


def test_eight_bits_in_swapped_words_are_put_in_order(series: Callable[..., Images]) -> None:
    """PS3.5 annex A.3: in big endian OW the two bytes of a word change places, so do two 8-bit samples."""
    images = series(np.uint8([[[1, 2, 3, 4]]]), Encoding.EXPLICIT_BIG, bits_stored=8)
    path = images[0][0].path
    data = path.read_bytes()
    tag = struct.pack(">HH", 0x7FE0, 0x0010)
    path.write_bytes(data.replace(tag + b"OB", tag + b"OW"))
    assert load(images).samples.tolist() == [[[2, 1, 4, 3]]]
