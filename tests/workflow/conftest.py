"""Real DICOM of two small visits, a workstation of its own, and what closes reads that a test left open."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from decimal import Decimal
from pathlib import Path

import numpy as np
import pytest

from spinereview.dicom.series_plan import SeriesGeometry, SeriesPlan
from spinereview.dicom.write import write_series
from spinereview.workflow.case import OpenedCase, Opening
from spinereview.workflow.reads import Workstation
from spinereview.workflow.settings import SettingsFolder

WriteVisit = Callable[..., Path]


def _write_visit(
    folder: Path,
    *,
    date: str,
    patient_id: str = "HOSPITAL-4711",
    patient_name: str = "Doe^Jane",
    birth_date: str = "19600101",
    name: str = "",
) -> Path:
    """Three axial images of one study; ``name`` tells its UIDs from those of another."""
    zero, one = Decimal(0), Decimal(1)
    plan = SeriesPlan(
        modality="CT",
        seed=f"{patient_id} {date} {name}",
        geometry=SeriesGeometry(
            origin_mm=(zero, zero, zero),
            row_direction=(one, zero, zero),
            column_direction=(zero, one, zero),
            pixel_spacing_mm=(Decimal("0.8"), Decimal("0.8")),
            step_mm=(zero, zero, Decimal("2.5")),
            slice_thickness_mm=Decimal("2.5"),
        ),
        patient_id=patient_id,
        patient_name=patient_name,
        birth_date=birth_date,
        study_date=date,
        series_description="Axial",
    )
    write_series(folder, np.arange(3 * 16 * 16, dtype=np.int16).reshape(3, 16, 16), plan)
    return folder


@pytest.fixture
def workstation(tmp_path: Path) -> Workstation:
    return Workstation(settings=SettingsFolder(folder=tmp_path / "settings"), documents=tmp_path / "documents")


@pytest.fixture
def write_visit() -> WriteVisit:
    """Writes three axial images of one study into a folder."""
    return _write_visit


@pytest.fixture
def images(tmp_path: Path, write_visit: WriteVisit) -> Path:
    """Baseline and one follow-up of one patient."""
    write_visit(tmp_path / "images" / "a", date="20240101")
    write_visit(tmp_path / "images" / "b", date="20240401")
    return tmp_path / "images"


@pytest.fixture
def kept() -> Iterator[Callable[[Opening], OpenedCase]]:
    """Takes a case that was opened, says that it is one, and closes it at the end of the test."""
    opened: list[OpenedCase] = []

    def keep(opening: Opening) -> OpenedCase:
        assert isinstance(opening, OpenedCase)
        opened.append(opening)
        return opening

    yield keep
    for case in opened:
        case.session.close()
