"""What is said of pictures that are to look at: localizers, captures, overlays, burnt-in text."""

from __future__ import annotations

import pytest
from pydicom import dcmread

from spinereview.dicom.geometry import gate
from spinereview.dicom.parse import read_header
from spinereview.dicom.scan import scan
from spinereview.dicom.tags import OVERLAYS
from spinereview.domain.imaging import StackKind
from spinereview.tasks import CancelToken

CAPTURE = "1.2.840.10008.5.1.4.1.1.7"


def codes(path) -> list[str]:
    (result,) = gate([read_header(path)])
    return [fault.code for fault in result.faults]


def with_overlay(path, group: int):
    dataset = dcmread(path)
    dataset.add_new((group << 16) | 0x0010, "US", 4)
    dataset.add_new((group << 16) | 0x0011, "US", 4)
    dataset.add_new((group << 16) | 0x3000, "OW", bytes(2))
    dataset.save_as(path)
    return path


@pytest.mark.parametrize("group", [0x6000, 0x6004, 0x601E])
def test_an_overlay_is_said_and_not_drawn(write, group: int) -> None:
    path = with_overlay(write(), group)
    assert dict(read_header(path).attributes)[OVERLAYS] == "1"
    assert "OVERLAYS_LEFT_OUT" in codes(path)
    assert "OVERLAYS_LEFT_OUT" not in codes(write("plain.dcm"))


def test_burnt_in_text_is_said_where_the_file_says_yes(write) -> None:
    assert "BURNED_IN" in codes(write("yes.dcm", BurnedInAnnotation="YES"))
    assert "BURNED_IN" not in codes(write("no.dcm", BurnedInAnnotation="NO"))
    assert "BURNED_IN" not in codes(write("silent.dcm"))


def test_a_localizer_is_named_and_is_no_slice(write) -> None:
    path = write(ImageType=["ORIGINAL", "PRIMARY", "LOCALIZER"])
    (result,) = gate([read_header(path)])
    assert result.stack.kind is StackKind.PROJECTION
    assert "LOCALIZER" in [fault.code for fault in result.faults]
    assert result.stack.slice_interval_mm is None


def test_a_colour_capture_is_to_look_at_and_not_to_measure(write) -> None:
    colour = {"SamplesPerPixel": 3, "PhotometricInterpretation": "RGB", "PlanarConfiguration": 0}
    bits = {"BitsAllocated": 8, "BitsStored": 8, "HighBit": 7, "PixelRepresentation": 0, "PixelData": bytes(48)}
    path = write(SOPClassUID=CAPTURE, Modality="OT", PixelSpacing=["0.2", "0.2"], **colour, **bits)
    (result,) = gate([read_header(path)])
    assert [fault.code for fault in result.faults] == ["CALIBRATION_CAPTURE"]
    assert (result.stack.kind, result.stack.pixel_spacing_mm) == (StackKind.SLICES, None)
    assert result.stack.may_measure == frozenset()


def test_overlays_and_burnt_in_text_are_said_of_a_series_read_by_comparison(write, tmp_path) -> None:
    for number in range(1, 13):
        place = {"SOPInstanceUID": f"1.2.3.{number}", "InstanceNumber": number, "ImagePositionPatient": [0, 0, number]}
        with_overlay(write(f"series/{number}.dcm", BurnedInAnnotation="YES", WindowCenter=number, **place), 0x6002)
    (result,) = scan(tmp_path / "series", cancel=CancelToken()).stacks
    told = {fault.code: fault.images for fault in result.faults}
    assert (told["OVERLAYS_LEFT_OUT"], told["BURNED_IN"]) == ((1, 12), (1, 12))
    assert result.stack.kind is StackKind.VOLUME
