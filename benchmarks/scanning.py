"""Scanning: 5,000 mixed files and 60 that are no DICOM, to patients, studies, series and checked stacks.

The peer is gdcm's Scanner, which finds values of named attributes and sorts nothing. Both have to find the same DICOM files
and the same values in them before the clock starts.
"""

from __future__ import annotations

import random
from collections.abc import Iterator, Mapping
from decimal import Decimal
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.harness import Bench, Goal, Result, peer, ratio
from benchmarks.phantoms import plan
from spinereview.dicom.scan import Scan, scan
from spinereview.dicom.write import Encoding, write_series
from spinereview.tasks import CancelToken

P5 = Goal(id="P5", what="gdcm.Scanner / scan of 5,000 mixed files and 60 others", limit=1, at_most=False)
P5_STRETCH = Goal(id="P5", what="the same, stretch", limit=2.5, at_most=False)
GOALS = (P5, P5_STRETCH)

SERIES, IMAGES, OTHERS = 50, 100, 60
_MODALITIES = (("CT", Decimal(-1024)), ("MR", Decimal(0)), ("CT", Decimal(-1000)), ("DX", Decimal(0)))
_SIDES = (16, 24, 32, 48)
_ATTRIBUTES = {
    "InstitutionName": "General Hospital",
    "InstitutionAddress": "1 Main Street",
    "ReferringPhysicianName": "Nobody^At^All",
    "StationName": "CT99",
    "ProtocolName": "SPINE_ROUTINE",
    "BodyPartExamined": "SPINE",
    "DeviceSerialNumber": "0815",
    "SoftwareVersions": "VA1",
    "PatientWeight": "70",
    "KVP": "120",
    "ExposureTime": "500",
}

KEYWORDS = {
    "sop": (0x0008, 0x0018),
    "sop class": (0x0008, 0x0016),
    "study": (0x0020, 0x000D),
    "series": (0x0020, 0x000E),
    "patient": (0x0010, 0x0020),
    "modality": (0x0008, 0x0060),
    "number": (0x0020, 0x0013),
    "position": (0x0020, 0x0032),
    "orientation": (0x0020, 0x0037),
    "spacing": (0x0028, 0x0030),
    "rows": (0x0028, 0x0010),
    "columns": (0x0028, 0x0011),
    "slope": (0x0028, 0x1053),
    "intercept": (0x0028, 0x1052),
}
"""Attributes that both read; the scan reads some forty more."""

Values = Mapping[str, tuple[str, ...]]


def run(bench: Bench) -> Iterator[Result]:
    peer("gdcm")
    folder = bench.once("mixed", _make)
    seconds = bench.timed({"scan": lambda: _ours(folder), "gdcm": lambda: _by_gdcm(folder)}, _same)
    value = ratio(seconds, "gdcm", "scan")
    yield Result(goal=P5, value=value, seconds=seconds)
    yield Result(goal=P5_STRETCH, value=value, seconds=seconds)


def _make(folder: Path) -> None:
    """Series of several modalities, sizes and transfer syntaxes, and among them texts, archives, pictures, nothing."""
    noise = np.random.default_rng(5)
    encodings = tuple(Encoding)
    for number in range(SERIES):
        modality, intercept = _MODALITIES[number % len(_MODALITIES)]
        side = _SIDES[number % len(_SIDES)]
        made = plan(
            f"mixed-{number}",
            modality=modality,
            intercepts=(intercept,),
            patient_id=f"P{number // 10}",
            series_number=number,
            attributes=_ATTRIBUTES,
        )
        stored = noise.integers(0, 1000, (IMAGES, side, side), dtype=np.int16)
        # Half are explicit little endian, as most archives send them; the others are all syntaxes in turn.
        encoding = Encoding.EXPLICIT_LITTLE if number % 2 else encodings[number // 2 % len(encodings)]
        write_series(folder / f"patient{number // 10}" / f"series{number:02d}", stored, made, encoding=encoding)
    order = random.Random(5)
    contents = (
        b"",
        b"notes\n" * 400,
        b"PK\x03\x04" + order.randbytes(3000),
        b"\x89PNG\r\n\x1a\n" + order.randbytes(5000),
    )
    for number in range(OTHERS):
        place = folder / f"patient{number % 5}" / f"series{number % 50:02d}"
        place.mkdir(parents=True, exist_ok=True)
        (place / f"other{number}").write_bytes(contents[number % len(contents)])


def _ours(folder: Path) -> Scan:
    return scan(folder, cancel=CancelToken())


def _by_gdcm(folder: Path) -> tuple[Any, Any]:
    """The pointer to the scanner, and the files that it was given; values are asked for afterwards."""
    gdcm = peer("gdcm")
    directory = gdcm.Directory()
    directory.Load(str(folder), True)
    # Whoever lets go of the pointer frees the scanner.
    pointer = gdcm.Scanner.New()
    scanner = pointer.__ref__()
    for group, element in KEYWORDS.values():
        scanner.AddTag(gdcm.Tag(group, element))
    if not scanner.Scan(directory.GetFilenames()):
        raise AssertionError("gdcm did not scan the folder")
    return pointer, directory


def _same(ours: Scan, theirs: tuple[Any, Any]) -> bool:
    return len(ours.not_dicom) == OTHERS and not ours.unreadable and _values_of(ours) == _values_by_gdcm(*theirs)


def _values_of(found: Scan) -> dict[str, Values]:
    values: dict[str, Values] = {}
    for stack in found.stacks:
        for header, frame in stack.images:
            pixels = header.pixels
            assert pixels is not None
            given: dict[str, tuple[object, ...] | None] = {
                "sop": (header.sop_uid,),
                "sop class": (header.sop_class_uid,),
                "study": (header.study_uid,),
                "series": (header.series_uid,),
                "patient": (header.patient_id,),
                "modality": (header.modality,),
                "number": (header.instance_number,),
                "position": frame.position,
                "orientation": None if frame.orientation is None else sum(frame.orientation, ()),
                # A projection has Imager Pixel Spacing, another attribute.
                "spacing": None if frame.position is None else frame.pixel_spacing_mm,
                "rows": (pixels.rows,),
                "columns": (pixels.columns,),
                "slope": (frame.slope,),
                "intercept": (frame.intercept,),
            }
            values[str(header.path)] = {name: tuple(map(_plain, value or ())) for name, value in given.items()}
    return values


def _values_by_gdcm(pointer: Any, directory: Any) -> dict[str, Values]:
    gdcm = peer("gdcm")
    values: dict[str, Values] = {}
    scanner = pointer.__ref__()
    for file in directory.GetFilenames():
        if scanner.IsKey(file):
            texts = {name: scanner.GetValue(file, gdcm.Tag(*tag)) or "" for name, tag in KEYWORDS.items()}
            values[str(file)] = {
                name: tuple(_plain(part.strip(" \0")) for part in text.split("\\") if part.strip(" \0"))
                for name, text in texts.items()
            }
    return values


def _plain(value: object) -> str:
    """Numbers by their value, however they are written."""
    text = str(value)
    try:
        return str(Decimal(text).normalize()) if "." not in text.strip("-").partition(".")[2] else text
    except ArithmeticError:
        return text
