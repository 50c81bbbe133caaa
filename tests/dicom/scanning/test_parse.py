from __future__ import annotations

import struct
import zlib
from collections.abc import Callable
from contextlib import suppress
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydicom import dcmread
from pydicom.dataset import Dataset
from pydicom.sequence import Sequence
from pydicom.uid import DeflatedExplicitVRLittleEndian, ExplicitVRBigEndian, ImplicitVRLittleEndian

from spinereview.dicom.diffusion import csa_value
from spinereview.dicom.elements import Elements, Encoding, decode, walk
from spinereview.dicom.parse import read_header
from spinereview.domain.imaging import Calibration
from spinereview.errors import DicomError

Write = Callable[..., Path]
ENHANCED_MR = "1.2.840.10008.5.1.4.1.1.4.1"
RADIOGRAPH = "1.2.840.10008.5.1.4.1.1.1.1"


def test_a_plain_file_gives_its_header_with_decimals_as_written(write: Write) -> None:
    header = read_header(write(PixelSpacing=["0.9765625", "0.50"], ImagePositionPatient=["-1.5", "2", "3E1"]))
    assert header is not None
    (frame,) = header.frames
    assert frame.pixel_spacing_mm == (Decimal("0.9765625"), Decimal("0.50"))
    assert frame.position == (Decimal("-1.5"), 2, 30)
    assert (frame.calibration, frame.faults) == (Calibration.PATIENT, ())
    assert (header.sop_uid, header.uid_source, header.patient_id) == ("1.2.3.1", "DATASET", "P1")
    assert "Secret" not in repr(header)


@pytest.mark.parametrize("syntax", [ImplicitVRLittleEndian, ExplicitVRBigEndian, "1.2.840.10008.1.2.1"])
def test_the_place_of_the_pixels_is_found_in_each_encoding(write: Write, syntax: str) -> None:
    path = write(syntax=str(syntax), PixelData=bytes(range(32)))
    header = read_header(path)
    assert header is not None
    assert header.pixels is not None
    assert header.pixels.length == 32
    assert path.read_bytes()[header.pixels.offset :][:32] == bytes(range(32))
    assert header.pixels.big_endian is (syntax == ExplicitVRBigEndian)


def test_a_deflated_file_is_read_and_has_no_offset(write: Write) -> None:
    header = read_header(write(syntax=str(DeflatedExplicitVRLittleEndian)))
    assert header is not None
    assert header.pixels is not None
    assert (header.pixels.offset, header.frames[0].pixel_spacing_mm) == (None, (Decimal("0.5"), Decimal("0.5")))


def test_a_deflated_bomb_is_not_inflated_beyond_a_header(write: Write, monkeypatch: pytest.MonkeyPatch) -> None:
    path = write(syntax=str(DeflatedExplicitVRLittleEndian))
    data = path.read_bytes()
    end = data.index(b"1.2.840.10008.1.2.1.99") + 22
    bomb = zlib.compressobj(wbits=-zlib.MAX_WBITS)
    monkeypatch.setattr("spinereview.dicom.file_elements.INFLATED_BYTES", (1 << 10, 1 << 20))
    path.write_bytes(data[:end] + bomb.compress(bytes(1 << 24)) + bomb.flush())
    header = read_header(path)
    assert header is not None
    assert header.pixels is None


def test_a_header_longer_than_the_first_read_is_read_on(write: Write) -> None:
    header = read_header(write(SeriesDescription="x", ImageComments="c" * 9000, TextValue="t" * 600_000))
    assert header is not None
    assert header.pixels is not None
    assert header.pixels.rows == 4


def test_an_identity_missing_from_the_data_set_is_taken_from_the_meta_information(write: Write) -> None:
    header = read_header(write(SOPInstanceUID="", SOPClassUID=""))
    assert header is not None
    assert (header.sop_uid, header.uid_source) == ("1.2.3.1", "META")
    assert header.frames[0].calibration is Calibration.PATIENT


@pytest.mark.parametrize("implicit", [False, True])
def test_a_data_set_without_preamble_and_meta_information_is_dicom(
    write: Write, tmp_path: Path, *, implicit: bool
) -> None:
    dataset = dcmread(write())
    del dataset.file_meta
    del dataset.preamble
    dataset.save_as(tmp_path / "bare", implicit_vr=implicit, little_endian=True, enforce_file_format=False)
    header = read_header(tmp_path / "bare")
    assert header is not None
    assert (header.sop_uid, header.frames[0].calibration) == ("1.2.3.1", Calibration.PATIENT)


def test_meta_information_without_preamble_is_dicom(write: Write) -> None:
    path = write()
    path.write_bytes(path.read_bytes()[132:])
    header = read_header(path)
    assert header is not None
    assert header.pixels is not None
    assert header.sop_uid == "1.2.3.1"


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"\x08",
        b'{"a": [1, 2]}',
        b"\x89PNG\r\n\x1a\n" + bytes(64),
        b"Notes about the patient.\n" * 20,
        bytes(400),
        b"\x08\x00\x05\x00CS\x0a\x00ISO_IR 100",
        b"PK\x03\x04" + bytes(200),
        b"\x02\x00" + bytes(200),
        b"\x02\x00\x10\x00UI\x04\x00abcd" + bytes(60),
        b"\x08\x00\x40\x11SQ\0\0\xff\xff\xff\xff" + b"no item " * 9,
    ],
    ids=[
        "empty",
        "one byte",
        "JSON",
        "PNG",
        "text",
        "zeros",
        "one element",
        "zip",
        "group 2",
        "meta of nothing",
        "a sequence of nothing",
    ],
)
def test_what_is_no_dicom_is_told_so(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "file"
    path.write_bytes(content)
    assert read_header(path) is None


@given(content=st.binary(max_size=300))
def test_random_bytes_are_no_dicom(tmp_path_factory: pytest.TempPathFactory, content: bytes) -> None:
    path = tmp_path_factory.getbasetemp() / "random"
    path.write_bytes(content)
    assert read_header(path) is None


@given(where=st.integers(132, 900), byte=st.integers(0, 255), cut=st.integers(132, 2000))
def test_a_damaged_file_gives_a_header_or_a_reason(
    tmp_path_factory: pytest.TempPathFactory, damaged: bytes, where: int, byte: int, cut: int
) -> None:
    content = bytearray(damaged)
    content[min(where, len(content) - 1)] = byte
    path = tmp_path_factory.getbasetemp() / "damaged"
    path.write_bytes(bytes(content[:cut]))
    with suppress(DicomError):
        header = read_header(path)
        assert header is None or header.path == path


@pytest.fixture(scope="session")
def damaged(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    dataset = enhanced([(0, 0, 0), (0, 0, 2)])
    dataset.file_meta = Dataset()
    path = tmp_path_factory.mktemp("whole") / "a.dcm"
    dataset.SOPInstanceUID, dataset.SOPClassUID = "1.2.3.1", ENHANCED_MR
    dataset.Rows = dataset.Columns = 2
    dataset.BitsAllocated, dataset.PixelData = 16, bytes(16)
    dataset["PixelData"].VR = "OW"
    dataset.save_as(path, implicit_vr=False, little_endian=True)
    return bytes(128) + b"DICM" + path.read_bytes()


def test_a_file_that_breaks_off_before_its_image_is_named(write: Write) -> None:
    path = write(WindowCenterWidthExplanation="x" * 60)
    path.write_bytes(path.read_bytes()[:-80])
    with pytest.raises(DicomError) as caught:
        read_header(path)
    assert caught.value.code == "HEADER_CUT"
    assert caught.value.arguments["file"] == "a.dcm"


def test_wherever_a_file_breaks_off_within_an_element_it_is_not_taken_for_one_without_an_image(write: Write) -> None:
    path = write()
    whole = path.read_bytes()
    told = set()
    for end in range(133, len(whole) - 1):
        path.write_bytes(whole[:end])
        try:
            header = read_header(path)
        except DicomError as error:
            told.add(error.code)
            continue
        # Between two elements nothing shows that there was more.
        assert header is not None
        told.add("BETWEEN_ELEMENTS" if header.pixels is None else "PIXELS_CUT")
    assert "HEADER_CUT" in told
    path.write_bytes(whole[: whole.index(b"1.2.840.10008.5.1.4.1.1") + 8])
    with pytest.raises(DicomError) as caught:
        read_header(path)
    assert (caught.value.code, caught.value.arguments["file"]) == ("HEADER_CUT", "a.dcm")


def test_pixels_that_break_off_are_said(write: Write) -> None:
    path = write()
    path.write_bytes(path.read_bytes()[:-1])
    header = read_header(path)
    assert header is not None
    assert header.frames[0].faults == ("PIXELS_CUT",)


@pytest.mark.parametrize("frames", ["0", "-1", "1.5", "1A", "2000000000"])
def test_a_number_of_frames_that_cannot_be_is_named(write: Write, frames: str) -> None:
    path = write(NumberOfFrames="11111")
    path.write_bytes(path.read_bytes().replace(b"IS\x06\x0011111 ", b"IS\x06\x00" + frames.encode()[:6].ljust(6)))
    with pytest.raises(DicomError) as caught:
        read_header(path)
    assert caught.value.code == "FRAMES_INVALID"


def test_sequences_nested_without_end_are_refused(write: Write) -> None:
    path = write()
    data = path.read_bytes()
    nest = b"\x40\x00\x75\x02SQ\x00\x00\xff\xff\xff\xff" + b"\xfe\xff\x00\xe0\xff\xff\xff\xff"
    start = data.index(b"\x08\x00\x08\x00CS")
    path.write_bytes(data[:start] + nest * 5000 + data[start:])
    with pytest.raises(DicomError) as caught:
        read_header(path)
    assert caught.value.code == "HEADER_NESTED"


@pytest.mark.parametrize(
    ("attributes", "fault"),
    [
        ({"ImagePositionPatient": None}, None),
        ({"ImagePositionPatient": ["0", "0"]}, "POSITION_INVALID"),
        ({"ImageOrientationPatient": ["1", "0", "0"]}, "ORIENTATION_INVALID"),
        ({"PixelSpacing": None}, "SPACING_MISSING"),
        ({"PixelSpacing": ["0", "0"]}, "SPACING_ZERO"),
        ({"PixelSpacing": ["0.5", "-0.5"]}, "SPACING_NEGATIVE"),
    ],
)
def test_a_wrong_value_is_a_fault_of_its_frame(write: Write, attributes: dict[str, object], fault: str | None) -> None:
    header = read_header(write(**attributes))
    assert header is not None
    assert header.frames[0].faults == (() if fault is None else (fault,))


@pytest.mark.parametrize("text", [b"NaN ", b"inf ", b"0,5 ", b"1E99", b"  \\ "])
def test_a_spacing_that_is_no_number_is_said(write: Write, text: bytes) -> None:
    path = write(PixelSpacing=["0.51", "0.51"])
    path.write_bytes(path.read_bytes().replace(b"0.51\\0.51 ", text + b"\\0.51 "))
    header = read_header(path)
    assert header is not None
    assert header.frames[0].faults == ("SPACING_NOT_A_NUMBER",)
    assert header.frames[0].pixel_spacing_mm is None


@pytest.mark.parametrize(
    ("slope", "intercept", "faults"),
    [("2", "-1024", ()), ("0", "0", ("RESCALE_INVALID",)), (None, None, ()), ("2", "", ())],
    ids=["numbers", "zero", "absent", "intercept empty"],
)
def test_a_rescale_that_gives_no_values_is_said(
    write: Write, slope: str | None, intercept: str | None, faults: tuple[str, ...]
) -> None:
    header = read_header(write(RescaleSlope=slope, RescaleIntercept=intercept))
    assert header is not None
    assert header.frames[0].faults == faults


def test_a_rescale_slope_that_is_no_number_is_said(write: Write) -> None:
    path = write(RescaleSlope="2.75")
    path.write_bytes(path.read_bytes().replace(b"2.75", b"NaN "))
    header = read_header(path)
    assert header is not None
    assert (header.frames[0].slope, header.frames[0].faults) == (None, ("RESCALE_INVALID",))


def test_imager_pixel_spacing_and_pixel_spacing_are_kept_apart(write: Write) -> None:
    words = {"SOPClassUID": RADIOGRAPH, "Modality": "DX", "ImagerPixelSpacing": ["0.15", "0.15"]}
    header = read_header(write(PixelSpacing=None, EstimatedRadiographicMagnificationFactor="1.2", **words))
    assert header is not None
    assert header.frames[0].calibration is Calibration.MAGNIFICATION
    assert header.frames[0].pixel_spacing_mm == (Decimal("0.125"), Decimal("0.125"))


def group(**words: object) -> Dataset:
    dataset = Dataset()
    for keyword, value in words.items():
        if isinstance(value, Dataset):
            setattr(dataset, keyword, Sequence([value]))
        else:
            setattr(dataset, keyword, value)
    return dataset


def enhanced(positions: list[tuple[int, int, int]]) -> Dataset:
    shared = group(
        PlaneOrientationSequence=group(ImageOrientationPatient=[1, 0, 0, 0, 1, 0]),
        PixelMeasuresSequence=group(PixelSpacing=["0.7", "0.8"], SliceThickness="3"),
        PixelValueTransformationSequence=group(RescaleSlope="2", RescaleIntercept="-1"),
        MREchoSequence=group(EffectiveEchoTime=12.5),
    )
    frames = [
        group(
            PlanePositionSequence=group(ImagePositionPatient=list(position)),
            FrameContentSequence=group(StackID="1", TemporalPositionIndex=number, FrameAcquisitionNumber=4),
            MRDiffusionSequence=group(DiffusionBValue=float(number * 400)),
        )
        for number, position in enumerate(positions)
    ]
    frames[-1].PixelMeasuresSequence = Sequence([group(PixelSpacing=["0.9", "0.9"], SliceThickness="3")])
    dataset = Dataset()
    dataset.NumberOfFrames = len(frames)
    dataset.SharedFunctionalGroupsSequence = Sequence([shared])
    dataset.PerFrameFunctionalGroupsSequence = Sequence(frames)
    return dataset


@pytest.mark.parametrize("syntax", [ImplicitVRLittleEndian, ExplicitVRBigEndian, "1.2.840.10008.1.2.1"])
@pytest.mark.parametrize("undefined", [False, True], ids=["stated lengths", "undefined lengths"])
def test_lesson_9_functional_groups_give_each_frame_its_geometry(write: Write, syntax: str, *, undefined: bool) -> None:
    """Multi-frame z-spacing wrong: enhanced geometry comes from the per-frame groups."""
    made = enhanced([(0, 0, 6), (0, 0, 0), (0, 0, 3)])
    for keyword in ("SharedFunctionalGroupsSequence", "PerFrameFunctionalGroupsSequence"):
        made[keyword].is_undefined_length = undefined
        for item in made[keyword].value:
            item.is_undefined_length_sequence_item = undefined
    header = read_header(
        write(
            syntax=str(syntax),
            SOPClassUID=ENHANCED_MR,
            Modality="MR",
            ImagePositionPatient=None,
            ImageOrientationPatient=None,
            PixelSpacing=None,
            PixelData=bytes(96),
            **{element.keyword: element.value for element in made},
        )
    )
    assert header is not None
    first, second, third = header.frames
    assert [frame.position[2] for frame in header.frames if frame.position] == [6, 0, 3]
    assert first.pixel_spacing_mm == second.pixel_spacing_mm == (Decimal("0.7"), Decimal("0.8"))
    assert third.pixel_spacing_mm == (Decimal("0.9"), Decimal("0.9")), "a frame's own group wins over the shared one"
    assert (first.slope, first.intercept, first.slice_thickness_mm) == (2, -1, 3)
    assert dict(second.split) == {
        "AcquisitionNumber": "4",
        "BValue": "400",
        "EchoTime": "12.5",
        "StackID": "1",
        "TemporalPosition": "1",
    }


def test_badges_of_an_enhanced_file_are_those_of_its_first_frame(write: Write) -> None:
    made = enhanced([(0, 0, 0), (0, 0, 2)])
    first = made.PerFrameFunctionalGroupsSequence[0]
    first.FrameVOILUTSequence = Sequence([group(WindowCenter="40", WindowWidth="400")])
    words = {element.keyword: element.value for element in made}
    header = read_header(write(SOPClassUID=ENHANCED_MR, Modality="MR", PixelData=bytes(64), **words))
    assert header is not None
    attributes = dict(header.attributes)
    assert (attributes["WindowCenter"], attributes["WindowWidth"], attributes["EchoTime"]) == ("40", "400", "12.5")


@pytest.mark.parametrize(
    ("group_number", "creator", "element", "vr", "value", "expected"),
    [
        (0x0019, "SIEMENS MR HEADER", 0x0C, "IS", "800", "800"),
        (0x0043, "GEMS_PARM_01", 0x39, "IS", [1000000800, 8, 0, 0], "800"),
        (0x0043, "GEMS_PARM_01", 0x39, "IS", [50, 8, 0, 0], "50"),
        (0x2001, "Philips Imaging DD 001", 0x03, "FL", 1000.0, "1000"),
    ],
    ids=["Siemens", "GE computed", "GE", "Philips"],
)
def test_the_b_value_of_each_manufacturer_is_found(
    write: Write, group_number: int, creator: str, element: int, vr: str, value: object, expected: str
) -> None:
    path = write(Modality="MR")
    dataset = dcmread(path)
    dataset.private_block(group_number, creator, create=True).add_new(element, vr, value)
    dataset.save_as(path)
    header = read_header(path)
    assert header is not None
    assert dict(header.frames[0].split)["BValue"] == expected


def csa(**fields: str) -> bytes:
    made = b"SV10\x04\x03\x02\x01" + struct.pack("<II", len(fields), 77)
    for name, text in fields.items():
        value = text.encode() + b"\0"
        made += name.encode().ljust(64, b"\0") + struct.pack("<I4sIII", 1, b"IS\0\0", 6, 2, 77)
        made += struct.pack("<4I", len(value), len(value), 77, len(value)) + value + bytes(-len(value) % 4)
        made += struct.pack("<4I", 0, 0, 77, 0)
    return made


def test_a_siemens_header_gives_its_b_value() -> None:
    header = csa(NumberOfImagesInMosaic="12", B_value="750", Other="1")
    assert csa_value(header, "B_value") == "750"
    assert csa_value(header, "Missing") == ""


@given(cut=st.integers(0, 300))
def test_a_siemens_header_that_breaks_off_gives_a_value_or_none(cut: int) -> None:
    header = csa(NumberOfImagesInMosaic="12", B_value="750")
    assert csa_value(header[:cut], "B_value") in ("", "750", "75", "7")
    assert csa_value(b"no header", "B_value") == ""


def test_equal_numbers_and_padded_codes_are_equal_in_a_split(write: Write) -> None:
    one = read_header(write("a.dcm", EchoTime="12.50", ImageType=["DERIVED ", "PRIMARY", "W"]))
    two = read_header(write("b.dcm", EchoTime="1.25E1", ImageType=["DERIVED", "PRIMARY", "W"]))
    assert one is not None
    assert two is not None
    assert one.frames[0].split == two.frames[0].split


@pytest.mark.parametrize(
    ("raw", "encodings", "text"),
    [
        (b"T\xfcr", ("iso8859",), "Tür"),
        ("腰椎".encode(), ("utf8",), "腰椎"),
        (b"\xff\xfe", ("utf8",), "\ufffd\ufffd"),
        (b"Spine \x1b$B9x\x1b(B", ("ascii", "iso2022_jp"), "Spine 腰"),
    ],
    ids=["Latin", "UTF-8", "not its character set", "escaped"],
)
def test_text_is_decoded_without_failing(raw: bytes, encodings: tuple[str, ...], text: str) -> None:
    assert decode(raw, encodings) == text


def test_elements_after_a_sequence_of_undefined_length_are_found() -> None:
    sequence = b"\x08\x00\x40\x11SQ\x00\x00\xff\xff\xff\xff\xfe\xff\x00\xe0\xff\xff\xff\xff"
    sequence += b"\x08\x00\x50\x11UI\x02\x001\x00\xfe\xff\x0d\xe0\0\0\0\0\xfe\xff\xdd\xe0\0\0\0\0"
    rows = b"\x28\x00\x10\x00US\x02\x00\x04\x00"
    buffer = sequence + rows
    found = walk(buffer, 0, len(buffer), Encoding(implicit=False), frozenset({0x00280010}))
    assert list(found.entries) == [0x00280010]
    assert not found.cut


@pytest.mark.parametrize(
    ("raw", "number"),
    [
        (b"12", 12),
        (b" 007 ", 7),
        (b"-3", -3),
        (b"+5", 5),
        (b"1.0", 1),
        (b"1.5", None),
        (b"1E2", 100),
        (b"4\\5", 4),
        (b"", None),
        (b"\xb2", None),
        (b"1" * 12, 111111111111),
        (b"1" * 31, int("1" * 31)),
        (b"1" * 32, None),
        (b"NaN", None),
    ],
    ids=lambda value: repr(value)[:20],
)
def test_an_integer_string_is_the_number_that_it_means_or_none(raw: bytes, number: int | None) -> None:
    instance = 0x00200013
    elements = Elements(raw, {instance: (b"IS", 0, len(raw), len(raw))}, Encoding(implicit=False))
    assert elements.integer(instance) == number
