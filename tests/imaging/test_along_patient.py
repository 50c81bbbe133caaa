"""Volumes that run along the axes of the patient, and the middle of a volume."""

from __future__ import annotations

from dataclasses import replace
from math import cos, radians, sin

import pytest

from spinereview.imaging.fusion import along_patient, middle_mm
from spinereview.imaging.slicing import Grid

AXIAL = Grid(
    shape=(5, 3, 4),
    origin_mm=(10.0, 20.0, 30.0),
    along_mm=((0.0, 0.0, 2.0), (0.0, 1.0, 0.0), (0.5, 0.0, 0.0)),
    calibrated=True,
    volume=True,
)


def turned(degrees):
    c, s = cos(radians(degrees)), sin(radians(degrees))
    return replace(AXIAL, along_mm=((0.0, 0.0, 2.0), (-s, c, 0.0), (0.5 * c, 0.5 * s, 0.0)))


@pytest.mark.parametrize(
    ("grid", "along"),
    [
        (AXIAL, True),
        (replace(AXIAL, along_mm=((3.0, 0.0, 0.0), (0.0, 0.0, -1.0), (0.0, 1.0, 0.0))), True),
        (replace(AXIAL, along_mm=((0.0, 0.0, -2.0), (0.0, -1.0, 0.0), (-0.5, 0.0, 0.0))), True),
        (turned(0.05), True),
        (turned(0.07), False),
        (turned(45), False),
        (turned(90), True),
        (replace(AXIAL, along_mm=((0.0, 0.6, 2.0), (0.0, 1.0, 0.0), (0.5, 0.0, 0.0))), False),
    ],
)
def test_a_volume_runs_along_the_patient_within_a_thousandth(grid, along) -> None:
    assert along_patient(grid) is along


def test_the_middle_lies_between_the_outer_samples() -> None:
    assert middle_mm(AXIAL) == (10.75, 21.0, 34.0)
    assert middle_mm(replace(AXIAL, origin_mm=None)) is None
