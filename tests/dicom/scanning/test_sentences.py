"""Every code that a scan can give has its sentence, and a sentence gets what it names."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import pytest

from spinereview.dicom.checks import BETWEEN_SLICES
from spinereview.dicom.geometry import gate
from spinereview.dicom.header import FileHeader
from spinereview.dicom.split import EXPLAINING
from spinereview.text import catalogue, sentence

MODULES = ("calibration", "checks", "elements", "frame_headers", "geometry", "parse", "scan", "split")
CAPITALS = re.compile(r'"([A-Z]{3,}(?:_[A-Z]+)*)"')
NO_CODES = frozenset(
    [
        "CAPTURE",
        "YES",
        "CLASH",
        "CROSS_SECTION",
        "DATASET",
        "DICM",
        "FIDUCIAL",
        "GEOMETRY",
        "HHL",
        "LOCALIZER",
        "META",
        "NONE",
        "OTHER",
        "PROJECTION",
        "ULTRASOUND",
    ]
)
"""Words in capitals that the modules compare with, or give a meaning of their own."""


def codes() -> set[str]:
    folder = Path(__file__).parents[3] / "spinereview" / "dicom"
    found = {code for name in MODULES for code in CAPITALS.findall((folder / f"{name}.py").read_text("utf-8"))}
    return (found | BETWEEN_SLICES | {code for _, code in EXPLAINING}) - NO_CODES


def test_every_code_has_a_sentence() -> None:
    known = catalogue()
    assert len(codes()) > 50
    assert {code for code in codes() if code not in known} == set()


@pytest.mark.parametrize("heights", [(0,), (0, 0), (0, 1, 3), (0, 1, 2.5), (0, 1, 2)])
@pytest.mark.parametrize("words", [{}, {"reference": None}, {"position": None}, {"orientation": None}])
def test_a_sentence_gets_everything_that_it_names(
    header: Callable[..., FileHeader], heights: tuple[float, ...], words: dict[str, None]
) -> None:
    files = [header(number, **({"position": (0, 0, height)} | words)) for number, height in enumerate(heights, 1)]
    for result in gate(files, duplicates={"1.2.3.1": 1}):
        told = [sentence(fault.code, fault.words) for fault in result.faults]
        assert told
        assert not [text for text in told if "{" in text]


def test_no_sentence_about_distances_between_images_promises_lengths_within_one() -> None:
    """An image without a pixel spacing has no lengths, whatever else is wrong with its stack."""
    promises = [code for code in BETWEEN_SLICES if "true" in sentence(code)]
    assert promises == []
