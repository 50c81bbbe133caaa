"""A lateral projection without a calibration."""

from __future__ import annotations

import pytest

from spinereview.domain.imaging import Calibration, Plane, Stack, StackKind


@pytest.fixture
def uncalibrated() -> Stack:
    return Stack(
        id="kX",
        series_uid="2.25.1",
        modality="DX",
        kind=StackKind.PROJECTION,
        plane=Plane.UNKNOWN,
        pixel_spacing_mm=None,
        calibration=Calibration.NONE,
        images=(("1.2.3", 1),),
    )
