"""A real read of three visits on real DICOM: targets, a non-target, a new lesion, SINS, heights of three vertebrae."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path

import numpy as np
import pytest

from spinereview.dicom.series_plan import SeriesGeometry, SeriesPlan
from spinereview.dicom.write import write_series
from spinereview.domain.anatomy import Level, Site
from spinereview.domain.imaging import Id, ImageRef
from spinereview.domain.lesion import LesionRole, LesionState, NewStatus
from spinereview.domain.measurement import InSpace, Measurement, MeasurementKind, OnImage
from spinereview.domain.read import Read
from spinereview.domain.scores import Answer, AnswerBasis
from spinereview.report.facts import ReadFacts
from spinereview.review.command import Role
from spinereview.review.commands.findings import Measure, SetNewStatus, SetState
from spinereview.review.commands.lesions import AddLesion
from spinereview.review.commands.spine import MeasureHeights, Score
from spinereview.review.commands.visits import LockVisit
from spinereview.review.session import Session
from spinereview.tasks import CancelToken
from spinereview.workflow.answers import facts_of
from spinereview.workflow.case import OpenedCase, open_images
from spinereview.workflow.reads import Workstation
from spinereview.workflow.settings import SettingsFolder

NAME, PATIENT, BIRTH, SERIES = "Secret^Patient", "HOSPITAL-4711", "19600102", "Jane Doe axial"
"""What the images say of the patient, and what must be in nothing that comes out."""
SIDE, SLICES = 64, 40
ROW_MM, COLUMN_MM, STEP_MM = Decimal("1.5"), Decimal("1.25"), Decimal(2)
"""Pixels are oblong, so that a mix-up of rows and columns shows."""
PLACE = 'left <b>& "ilium"'
"""A location in the reader's words that must not become markup."""
DATES = {"BL": "20240101", "FU1": "20240401", "FU2": "20240701"}
LONG_PX = {"BL": 40, "FU1": 24, "FU2": 32}
"""Length of the first target along a row, in pixels: 50, 30, 40 mm."""
BLINDED = """
[trial]
id = "B"
version = "2"
title = "Blinded"
[criterion.recist]
"""


def _write(folder: Path, date: str) -> None:
    zero, one = Decimal(0), Decimal(1)
    plan = SeriesPlan(
        modality="CT",
        seed=date,
        geometry=SeriesGeometry(
            origin_mm=(zero, zero, zero),
            row_direction=(one, zero, zero),
            column_direction=(zero, one, zero),
            pixel_spacing_mm=(ROW_MM, COLUMN_MM),
            step_mm=(zero, zero, STEP_MM),
            slice_thickness_mm=STEP_MM,
        ),
        patient_id=PATIENT,
        patient_name=NAME,
        birth_date=BIRTH,
        study_date=date,
        series_description=SERIES,
    )
    ramp = np.arange(SIDE * SIDE, dtype=np.int16).reshape(1, SIDE, SIDE) % 300 - 100
    write_series(folder, np.repeat(ramp, SLICES, axis=0), plan)


@dataclass(frozen=True, slots=True, kw_only=True)
class Desk:
    """An open read with what is asked of it."""

    opened: OpenedCase
    workstation: Workstation
    images: Path

    @property
    def session(self) -> Session[Read]:
        return self.opened.session

    def facts(self, role: Role = Role.READER) -> ReadFacts:
        return facts_of(self.session, self.opened.file, role)


class Reader:
    """Reads the case through the door."""

    def __init__(self, opened: OpenedCase) -> None:
        self._opened, self._session = opened, opened.session
        self._sha256 = opened.source.verify({}, cancel=CancelToken()).sha256
        self._count = 0

    def _stack(self, timepoint: str) -> Id:
        return Id(next(iter(self._opened.case.timepoints[timepoint].stacks)))

    def _id(self) -> Id:
        self._count += 1
        return Id(f"m-{self._count}")

    def drawn(self, timepoint: str, length_px: int, *, row: int = 30, place: int = 12) -> tuple[Measurement, str]:
        """A long axis along a row, a short one of half its pixels down a column; and the hash of its images."""
        stack = self._stack(timepoint)
        uid, frame = self._opened.case.timepoints[timepoint].stacks[stack].images[place]
        half, across = length_px * 500, length_px * 250
        x, y = 32_000, row * 1000
        points = ((x - half, y), (x + half, y), (x, y - across), (x, y + across))
        geometry = OnImage(image=ImageRef(stack=stack, sop_uid=uid, frame=frame), points_mpx=points)
        mark = Measurement(id=self._id(), kind=MeasurementKind.BIDIRECTIONAL, geometry=geometry)
        return mark, self._sha256[stack]

    def lesion(self, timepoint: str, role: LesionRole, location: str, length_px: int = 0, *, row: int = 30) -> None:
        mark, sha256 = self.drawn(timepoint, length_px, row=row) if length_px else (None, "")
        self._session.do(
            AddLesion(
                timepoint=Id(timepoint), role=role, nodal=False, site=Site(organ="LIVER", location=location),
                tissue=None, group=False, measurement=mark, stack_sha256=sha256,
            )
        )  # fmt: skip

    def measure(self, lesion: str, timepoint: str, length_px: int, *, row: int = 30) -> None:
        mark, sha256 = self.drawn(timepoint, length_px, row=row)
        act = Measure(lesion=Id(lesion), timepoint=Id(timepoint), part="a", measurement=mark, stack_sha256=sha256)
        self._session.do(act)

    def state(self, lesion: str, timepoint: str, state: LesionState, reason: str = "") -> None:
        self._session.do(
            SetState(lesion=Id(lesion), timepoint=Id(timepoint), state=state, reason=reason, justification="")
        )

    def heights(self, timepoint: str, level: Level, z_mm: int, lost_mm: int = 0) -> None:
        """Six points 20 mm apart on the plane x = 40 mm, the front lower by some millimetres."""
        stack = self._stack(timepoint)
        frame = self._opened.case.timepoints[timepoint].stacks[stack].frame_of_reference_uid or ""
        top = [(40_000, y * 1000, (z_mm + 20 - lost) * 1000) for y, lost in ((30, lost_mm), (40, lost_mm), (50, 0))]
        low = [(40_000, y * 1000, z_mm * 1000) for y in (30, 40, 50)]
        plane = ((40_000, 0, 0), (0, 1_000_000, 0), (0, 0, -1_000_000))
        geometry = InSpace(stacks=(stack,), frame_of_reference_uid=frame, points_um=tuple(top + low), plane_um=plane)
        mark = Measurement(id=self._id(), kind=MeasurementKind.HEIGHTS, geometry=geometry)
        self._session.do(
            MeasureHeights(
                timepoint=Id(timepoint), level=level, stack=stack, measurement=mark, stack_sha256=self._sha256[stack]
            )
        )

    def score(self, timepoint: str, level: Level, **answers: str) -> None:
        for item, value in answers.items():
            answer = Answer(value=value, basis=AnswerBasis.JUDGED)
            self._session.do(Score(timepoint=Id(timepoint), level=level, form="SINS", item=item, answer=answer))

    def lock(self, timepoint: str) -> None:
        self._session.do(LockVisit(timepoint=Id(timepoint)))

    def new(self, lesion: str, timepoint: str, status: NewStatus) -> None:
        self._session.do(SetNewStatus(lesion=Id(lesion), timepoint=Id(timepoint), status=status, cause="FLARE"))


def _read_all(reader: Reader) -> None:
    reader.lesion("BL", LesionRole.TARGET, "segment 4", LONG_PX["BL"])
    reader.lesion("BL", LesionRole.TARGET, "segment 7", 16, row=50)
    reader.lesion("BL", LesionRole.NON_TARGET, "segment 2")
    for timepoint in ("FU1", "FU2"):
        reader.measure("L01", timepoint, LONG_PX[timepoint])
    reader.measure("L02", "FU1", 16, row=50)
    reader.state("L02", "FU2", LesionState.NE, "motion")
    reader.state("L03", "FU1", LesionState.PRESENT)
    reader.lesion("FU2", LesionRole.NEW, PLACE, 20, row=12)
    reader.new("L04", "FU2", NewStatus.EQUIVOCAL)
    reader.score("FU1", Level.T9, PAIN="MECHANICAL", BONE_LESION="LYTIC", ALIGNMENT="NORMAL")
    for timepoint, lost in (("BL", 0), ("FU1", 5)):
        for level, z_mm in ((Level.T8, 52), (Level.T9, 28), (Level.T10, 4)):
            reader.heights(timepoint, level, z_mm, lost if level is Level.T9 else 0)


def _made(folder: Path, protocol: str = "") -> Desk:
    images = folder / "images"
    for label, date in DATES.items():
        _write(images / label, date)
    file = folder / "protocol.toml"
    file.write_text(protocol, encoding="utf-8")
    station = Workstation(settings=SettingsFolder(folder=folder / "settings"), documents=folder / "documents")
    case = open_images(images, station, reader="R1", subject="S-1", protocol=file if protocol else None)
    assert isinstance(case, OpenedCase)
    _read_all(Reader(case))
    return Desk(opened=case, workstation=station, images=images)


@pytest.fixture
def make(tmp_path: Path) -> Iterator[Callable[..., Desk]]:
    """Makes the case under a protocol, the generic one where it is empty, and reads it; for a test that changes it."""
    desks: list[Desk] = []

    def made(protocol: str = "") -> Desk:
        desks.append(_made(tmp_path, protocol))
        return desks[-1]

    yield made
    for desk in desks:
        desk.session.close()


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    """The case read to its end, nothing locked, not blinded; nothing changes it."""
    made = _made(tmp_path_factory.mktemp("open"))
    yield made
    made.session.close()


@pytest.fixture(scope="module")
def blinded(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    """The same under a protocol that hides days, and responses until the lock; nothing changes it."""
    made = _made(tmp_path_factory.mktemp("blinded"), BLINDED)
    yield made
    made.session.close()


@pytest.fixture
def reader_of() -> type[Reader]:
    """Makes a reader of an opened case."""
    return Reader
