"""Decoding of one frame: what streams say about themselves, sign and depth, and what is refused."""

from __future__ import annotations

import pickle
import struct
import zlib
from typing import Any

import imagecodecs
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from spinereview.dicom.decode import decode, inflate, supported
from spinereview.dicom.header import PixelLayout
from spinereview.dicom.streams import jpeg2000_header, jpeg_header
from spinereview.dicom.write import Encoding, encode_frame
from spinereview.errors import DicomError

UID = "1.2.840.10008.1.2."
FRAME = np.arange(7 * 9, dtype=np.uint16).reshape(7, 9) * 60
CODECS = {
    Encoding.RLE: ("5",),
    Encoding.JPEG_LOSSLESS: ("4.57", "4.70"),
    Encoding.JPEG_LS: ("4.80", "4.81"),
    Encoding.JPEG_2000: ("4.90", "4.91"),
    Encoding.HTJ2K: ("4.201", "4.202", "4.203"),
}


DAMAGES = {"PIXELS_DECODE", "PIXELS_SIZE", "PIXELS_TRUNCATED", "PIXELS_INFLATE_LIMIT"}


def shape_or_code(data: bytes, stated: PixelLayout) -> tuple[int, ...] | str:
    try:
        return decode(data, stated).shape
    except DicomError as error:
        return error.code


def layout(syntax: str, **changed: Any) -> PixelLayout:
    stated: dict[str, Any] = {
        "rows": 7,
        "columns": 9,
        "frames": 1,
        "samples": 1,
        "bits_allocated": 16,
        "bits_stored": 16,
    }
    stated |= {"high_bit": 15, "signed": False, "photometric": "MONOCHROME2", "planar": 0, "offset": 0, "length": None}
    stated |= {"transfer_syntax_uid": UID + syntax, "big_endian": False}
    return PixelLayout(**(stated | changed))


@pytest.mark.parametrize(
    ("encoding", "syntax"), [(encoding, syntax) for encoding, listed in CODECS.items() for syntax in listed]
)
def test_a_frame_is_decoded_in_a_process_that_only_gets_bytes(encoding: Encoding, syntax: str) -> None:
    function, stated = pickle.loads(pickle.dumps((decode, layout(syntax))))  # noqa: S301 - our own bytes
    decoded = function(encode_frame(FRAME, encoding), stated)
    assert decoded.dtype == np.uint16
    np.testing.assert_array_equal(decoded, FRAME)


@pytest.mark.parametrize("predictor", range(1, 8))
@pytest.mark.parametrize("bits", [8, 12, 16])
def test_jpeg_lossless_is_exact_for_every_predictor(bits: int, predictor: int) -> None:
    kind = np.uint8 if bits == 8 else np.uint16
    frame = np.random.default_rng(predictor).integers(0, 1 << bits, (7, 9), dtype=kind)
    data = imagecodecs.jpeg8_encode(frame, lossless=True, predictor=predictor, bitspersample=bits)
    decoded = decode(data, layout("4.57", bits_allocated=kind().itemsize * 8, bits_stored=bits, high_bit=bits - 1))
    np.testing.assert_array_equal(decoded, frame)


@pytest.mark.parametrize("bits", [8, 12])
@pytest.mark.parametrize("allocated", [8, 16])
def test_lossy_jpeg_of_8_and_12_bits_is_near(bits: int, allocated: int) -> None:
    if bits > allocated:
        with pytest.raises(DicomError) as caught:
            decode(imagecodecs.jpeg8_encode(FRAME, level=95, bitspersample=bits), layout("4.51", **depth(8, allocated)))
        assert caught.value.code == "PIXELS_SIZE"
        return
    frame = (FRAME // 60).astype(np.uint8) if bits == 8 else FRAME
    data = imagecodecs.jpeg8_encode(frame, level=95, bitspersample=bits)
    decoded = decode(data, layout("4.51", **depth(bits, allocated)))
    assert decoded.dtype == np.dtype(f"u{allocated // 8}")
    assert np.abs(decoded.astype(int) - frame).max() <= (4 if bits == 8 else 40)


def depth(bits: int, allocated: int) -> dict[str, int]:
    return {"bits_allocated": allocated, "bits_stored": bits, "high_bit": bits - 1}


def test_a_signed_frame_in_a_stream_that_knows_no_sign_keeps_its_values() -> None:
    values = np.linspace(-2048, 2047, 63).astype(np.int16).reshape(7, 9)
    cut = (values & 0x0FFF).view(np.uint16)
    data = bytes(imagecodecs.jpegls_encode(cut))
    np.testing.assert_array_equal(decode(data, layout("4.80", signed=True, **depth(12, 16))), values)
    data = bytes(imagecodecs.jpeg2k_encode(cut, codecformat="j2k", reversible=True))
    np.testing.assert_array_equal(decode(data, layout("4.90", signed=True, **depth(12, 16))), values)


def test_a_signed_stream_under_an_unsigned_header_gives_the_stored_bits() -> None:
    values = np.linspace(-2048, 2047, 63).astype(np.int16).reshape(7, 9)
    data = bytes(imagecodecs.jpeg2k_encode(values, codecformat="j2k", reversible=True))
    np.testing.assert_array_equal(decode(data, layout("4.90", **depth(12, 16))), values & 0x0FFF)


@pytest.mark.parametrize("photometric", ["RGB", "YBR_FULL_422"])
def test_colours_of_lossy_jpeg_follow_the_photometric_interpretation(photometric: str) -> None:
    rgb = np.full((16, 16, 3), (200, 30, 90), dtype=np.uint8)
    inside = "RGB" if photometric == "RGB" else "YCbCr"
    data = imagecodecs.jpeg8_encode(rgb, level=100, colorspace="RGB", outcolorspace=inside)
    stated = layout("4.50", rows=16, columns=16, samples=3, photometric=photometric, **depth(8, 8))
    assert np.abs(decode(data, stated).astype(int) - rgb).max() <= 3


@pytest.mark.parametrize(
    ("encoding", "syntax"), [(Encoding.JPEG_LS, "4.80"), (Encoding.JPEG_LOSSLESS, "4.70"), (Encoding.JPEG_2000, "4.90")]
)
@pytest.mark.parametrize(
    "changed", [{"rows": 8}, {"columns": 8}, {"samples": 3, "photometric": "RGB"}, depth(8, 8)], ids=str
)
def test_a_stream_of_another_size_than_the_header_is_refused(
    encoding: Encoding, syntax: str, changed: dict[str, Any]
) -> None:
    with pytest.raises(DicomError) as caught:
        decode(encode_frame(FRAME, encoding), layout(syntax, **changed))
    assert caught.value.code == "PIXELS_SIZE"


@pytest.mark.parametrize(
    "syntax", [syntax for listed in CODECS.values() for syntax in listed] + ["4.50", "4.51", "8.1"]
)
@settings(max_examples=30)
@given(data=st.binary(max_size=200), cut=st.integers(0, 60))
def test_damaged_data_are_refused_with_a_code(syntax: str, data: bytes, cut: int) -> None:
    whole = next((encode_frame(FRAME, encoding) for encoding, listed in CODECS.items() if syntax in listed), b"")
    for damaged in (data, whole[:cut], whole[:cut] + data):
        assert shape_or_code(damaged, layout(syntax)) in {(7, 9), *DAMAGES}


def lossy(bits: int) -> bytes:
    frame = np.random.default_rng(1).integers(0, 1 << bits, (64, 64)).astype(np.uint8 if bits == 8 else np.uint16)
    return bytes(imagecodecs.jpeg8_encode(frame, level=95, bitspersample=bits))


NOISE = np.random.default_rng(0).integers(0, 65536, (64, 64), dtype=np.uint16)
STREAMS = {syntax: encode_frame(NOISE, encoding) for encoding, listed in CODECS.items() for syntax in listed}


@pytest.mark.parametrize("part", [0.5, 0.9, 0.99])
@pytest.mark.parametrize(
    ("syntax", "data", "bits"),
    [(syntax, data, 16) for syntax, data in STREAMS.items()] + [("4.50", lossy(8), 8), ("4.51", lossy(12), 12)],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_a_stream_that_breaks_off_never_shows_a_made_up_image(syntax: str, data: bytes, bits: int, part: float) -> None:
    stated = layout(syntax, rows=64, columns=64, **depth(bits, 8 if bits == 8 else 16))
    assert decode(data, stated).shape == (64, 64)
    assert shape_or_code(data[: int(len(data) * part)], stated) in DAMAGES


def test_an_unknown_transfer_syntax_is_refused() -> None:
    assert not supported(UID + "4.100")
    with pytest.raises(DicomError) as caught:
        decode(b"", layout("4.100"))
    assert caught.value.code == "TRANSFER_SYNTAX_UNSUPPORTED"


@pytest.mark.parametrize(
    "changed",
    [
        {"photometric": "CMYK", "samples": 3},
        {"photometric": "RGB"},
        {"photometric": "MONOCHROME2", "samples": 3},
        {"photometric": "RGB", "samples": 3, "signed": True},
        {"photometric": ""},
    ],
    ids=str,
)
def test_colours_that_cannot_be_shown_rightly_are_refused(changed: dict[str, Any]) -> None:
    with pytest.raises(DicomError) as caught:
        decode(bytes(7 * 9 * 6), layout("1", **changed))
    assert caught.value.code == "PHOTOMETRIC_UNSUPPORTED"


def test_rle_with_another_number_of_segments_is_refused() -> None:
    data = bytearray(encode_frame(FRAME, Encoding.RLE))
    struct.pack_into("<I", data, 0, 3)
    with pytest.raises(DicomError) as caught:
        decode(bytes(data), layout("5"))
    assert (caught.value.code, caught.value.arguments["error"]) == ("PIXELS_DECODE", "3 segments instead of 2")


@pytest.mark.parametrize("spare", [0, 1])
def test_inflating_stops_at_the_limit(spare: int) -> None:
    stream = zlib.compressobj(wbits=-15)
    data = stream.compress(bytes(100_000)) + stream.flush()
    if spare:
        with pytest.raises(DicomError) as caught:
            inflate(data, limit=100_000 - spare)
        assert caught.value.code == "PIXELS_INFLATE_LIMIT"
    else:
        assert inflate(data, limit=100_000) == bytes(100_000)


def test_a_frame_of_its_own_deflate_stream_is_read() -> None:
    stream = zlib.compressobj(wbits=-15)
    data = stream.compress(FRAME.tobytes()) + stream.flush()
    np.testing.assert_array_equal(decode(data, layout("8.1")), FRAME)


def test_a_stream_tells_its_size_before_it_is_decoded() -> None:
    header = jpeg_header(encode_frame(FRAME, Encoding.JPEG_LS))
    assert (header.rows, header.columns, header.components, header.precision, header.process) == (7, 9, 1, 16, 0xF7)
    signed = jpeg2000_header(encode_frame(FRAME.astype(np.int16), Encoding.JPEG_2000))
    assert (signed.rows, signed.columns, signed.components, signed.precision, signed.signed) == (7, 9, 1, 16, True)
    assert not jpeg2000_header(encode_frame(FRAME, Encoding.HTJ2K)).signed
