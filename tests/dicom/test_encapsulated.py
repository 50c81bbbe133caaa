"""Fragments of encapsulated Pixel Data: which belong to which frame."""

from __future__ import annotations

import struct
from io import BytesIO

import pytest

from spinereview.dicom.encapsulated import frame_fragments
from spinereview.errors import DicomError

JPEG = b"\xff\xd8\xff\xe0"
END = struct.pack("<II", 0xE0DDFFFE, 0)


def item(value: bytes) -> bytes:
    return struct.pack("<II", 0xE000FFFE, len(value)) + value


def sequence(*fragments: bytes, table: tuple[int, ...] = (), end: bytes = END) -> bytes:
    return item(struct.pack(f"<{len(table)}I", *table)) + b"".join(map(item, fragments)) + end


def frames_of(data: bytes, frames: int) -> list[bytes]:
    before = b"header!!"
    file = BytesIO(before + data)
    found = frame_fragments(file, offset=len(before), end=len(before) + len(data), frames=frames)
    whole = file.getvalue()
    return [b"".join(whole[part.offset : part.offset + part.length] for part in parts) for parts in found]


@pytest.mark.parametrize(
    ("data", "frames", "expected"),
    [
        pytest.param(sequence(b"ab"), 1, [b"ab"], id="one frame in one fragment"),
        pytest.param(sequence(b"ab", b"cd", b"ef"), 1, [b"abcdef"], id="one frame in three fragments"),
        pytest.param(sequence(b"ab", b"cd"), 2, [b"ab", b"cd"], id="a fragment a frame, no table"),
        pytest.param(sequence(b"ab", b"cd", table=(0, 10)), 2, [b"ab", b"cd"], id="a fragment a frame, table"),
        pytest.param(sequence(b"ab", b"cd", b"ef", table=(0, 20)), 2, [b"abcd", b"ef"], id="the table tells"),
        pytest.param(
            sequence(JPEG + b"ab", b"cd", JPEG + b"ef"), 2, [JPEG + b"abcd", JPEG + b"ef"], id="the markers tell"
        ),
        pytest.param(
            sequence(JPEG, b"cd", JPEG, table=(0, 11)), 2, [JPEG + b"cd", JPEG], id="a wrong table is not believed"
        ),
        pytest.param(
            sequence(b"\xff\x4f\xff\x51ab", b"cd", b"\xff\x4f\xff\x51ef"),
            2,
            [b"\xff\x4f\xff\x51abcd", b"\xff\x4f\xff\x51ef"],
            id="JPEG 2000 markers",
        ),
        pytest.param(sequence(b"ab", b"cd", end=b""), 2, [b"ab", b"cd"], id="the end of the sequence is missing"),
        pytest.param(sequence(b"ab", b"cd", end=b""), 3, [b"ab", b"cd", b""], id="the file breaks off between frames"),
    ],
)
def test_fragments_are_assigned_to_frames(data: bytes, frames: int, expected: list[bytes]) -> None:
    assert frames_of(data, frames) == expected


@pytest.mark.parametrize(
    ("data", "frames"),
    [
        pytest.param(b"", 1, id="nothing"),
        pytest.param(b"no items here at all", 1, id="no items"),
        pytest.param(sequence(b"ab", b"cd", b"ef"), 2, id="three fragments of two frames that nobody tells apart"),
        pytest.param(sequence(b"ab"), 2, id="a whole sequence with too few fragments"),
        pytest.param(sequence(b"ab", JPEG, JPEG), 2, id="the first fragment begins no stream"),
    ],
)
def test_fragments_that_cannot_be_assigned_are_refused(data: bytes, frames: int) -> None:
    with pytest.raises(DicomError) as caught:
        frames_of(data, frames)
    assert caught.value.code == "PIXELS_FRAGMENTS"


def test_a_length_beyond_the_file_ends_the_search() -> None:
    data = item(b"") + item(b"ab") + struct.pack("<II", 0xE000FFFE, 0xFFFFFFFE)
    assert frames_of(data, 2) == [b"ab", b""]
