"""A case of one CT with three timepoints, and a context to apply acts in."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from decimal import Decimal
from itertools import count
from typing import Protocol as Shape

import pytest

from spinereview.domain.case import Case, Timepoint
from spinereview.domain.imaging import Calibration, Id, ImageRef, Plane, Stack, StackKind
from spinereview.domain.measurement import Measurement, MeasurementKind, OnImage, PointMpx
from spinereview.domain.protocol import Blinding, Design, Protocol
from spinereview.domain.read import Purpose, Read
from spinereview.domain.table import Table
from spinereview.review.command import Command, Context, Role

SHA = "0" * 64


def _stack(name: str, modality: str, spacing: tuple[Decimal, Decimal] | None) -> Stack:
    return Stack(
        id=Id(name),
        series_uid=f"2.25.{name}",
        modality=modality,
        kind=StackKind.VOLUME,
        plane=Plane.AXIAL,
        frame_of_reference_uid="2.25.99",
        pixel_spacing_mm=spacing,
        calibration=Calibration.NONE if spacing is None else Calibration.PATIENT,
        slice_thickness_mm=Decimal("2.5"),
        slice_interval_mm=Decimal("2.5"),
        images=tuple((f"2.25.{name}.{index}", 1) for index in range(1, 4)),
    )


def _timepoint(name: str, ordinal: int) -> Timepoint:
    ct = _stack(f"k-{name}", "CT", (Decimal("0.5"), Decimal("0.5")))
    xray = replace(_stack(f"x-{name}", "DX", None), kind=StackKind.PROJECTION)
    return Timepoint(
        id=Id(name),
        label=name,
        ordinal=ordinal,
        stacks=Table({ct.id: ct, xray.id: xray}),
        manifest_sha256=f"manifest of {name}",
    )


@pytest.fixture
def case() -> Case:
    timepoints = [_timepoint(name, ordinal) for ordinal, name in enumerate(("BL", "FU1", "FU2"))]
    return Case(
        id=Id("c1"),
        subject_code="K7QX",
        protocol_sha256=SHA,
        timepoints=Table({timepoint.id: timepoint for timepoint in timepoints}),
    )


@pytest.fixture
def protocol() -> Protocol:
    return Protocol(id="p", version="1", title="Blinded", sha256=SHA)


@pytest.fixture
def generic() -> Protocol:
    blinding = Blinding(sequential=False, show_days=True, live_response=True, show_prior_marks=True)
    return Protocol(id="g", version="1", title="Generic", sha256=SHA, blinding=blinding, design=Design(readers=1))


@pytest.fixture
def empty(case: Case) -> Read:
    return Read(id=Id("r1"), case=case.id, reader_code="R7K2", purpose=Purpose.EFFICACY, protocol_sha256=SHA)


class Draw(Shape):
    def __call__(
        self,
        timepoint: str,
        *points: PointMpx,
        kind: MeasurementKind = MeasurementKind.BIDIRECTIONAL,
        name: str = "",
        stack: str = "",
    ) -> Measurement: ...


@pytest.fixture
def draw() -> Draw:
    """Draws on the first image of a timepoint's CT: 20.0 x 10.0 mm unless points are given; every mark its own id."""
    numbers = count(1)

    def make(
        timepoint: str,
        *points: PointMpx,
        kind: MeasurementKind = MeasurementKind.BIDIRECTIONAL,
        name: str = "",
        stack: str = "",
    ) -> Measurement:
        on = stack or f"k-{timepoint}"
        drawn = points or ((10_000, 50_000), (50_000, 50_000), (30_000, 40_000), (30_000, 60_000))
        image = ImageRef(stack=Id(on), sop_uid=f"2.25.{on}.1")
        return Measurement(
            id=Id(name or f"m-{next(numbers)}"), kind=kind, geometry=OnImage(image=image, points_mpx=drawn)
        )

    return make


@pytest.fixture
def context(case: Case, protocol: Protocol) -> Context:
    numbers = count(1)
    return Context(
        case=case,
        protocol=protocol,
        role=Role.READER,
        actor="R7K2",
        mint=lambda prefix: Id(f"{prefix}{next(numbers):02}"),
    )


@pytest.fixture
def do(context: Context, empty: Read) -> Callable[..., Read]:
    """Applies acts one after the other, to the empty read or to ``on``."""

    def apply(*commands: Command[Read], on: Read | None = None, reason: str = "") -> Read:
        read = empty if on is None else on
        numbers = count(1 + max((int(key[1:]) for key in read.lesions), default=0))
        asked = replace(context, reason=reason, mint=lambda prefix: Id(f"{prefix}{next(numbers):02}"))
        for command in commands:
            read = command.apply(read, asked)
        return read

    return apply
