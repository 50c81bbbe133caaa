"""Written series, and the headers that the program itself reads from files."""

from __future__ import annotations

import sys
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from spinereview.dicom.header import FileHeader, FrameHeader
from spinereview.dicom.parse import read_header
from spinereview.dicom.series_plan import SeriesGeometry, SeriesPlan

sys.path.append(str(Path(__file__).resolve().parent.parent / "support"))


@pytest.fixture
def images_of() -> Callable[..., list[tuple[FileHeader, FrameHeader]]]:
    """Headers of every frame of the given files, in the order given."""

    def images(*paths: Path) -> list[tuple[FileHeader, FrameHeader]]:
        headers = [header for path in paths if (header := read_header(path)) is not None]
        return [(header, frame) for header in headers for frame in header.frames]

    return images


@pytest.fixture
def axial() -> SeriesGeometry:
    """Axial images with pixels that are not square."""
    zero, one = Decimal(0), Decimal(1)
    return SeriesGeometry(
        origin_mm=(Decimal("-100"), Decimal("-50.5"), Decimal("7.25")),
        row_direction=(one, zero, zero),
        column_direction=(zero, one, zero),
        pixel_spacing_mm=(Decimal("0.5"), Decimal("0.75")),
        step_mm=(zero, zero, Decimal("2.5")),
        slice_thickness_mm=Decimal(3),
    )


@pytest.fixture
def plan(axial: SeriesGeometry) -> Callable[..., SeriesPlan]:
    """A plan of a CT, with what is changed."""

    def make(**changed: Any) -> SeriesPlan:
        given: dict[str, Any] = {"modality": "CT", "seed": "test", "geometry": axial, "patient_id": "P1"}
        return SeriesPlan(**(given | changed))

    return make
