"""P12: how long the rules take: a whole read, from its points to its assessments, and the table of a cohort.

No peer is measured; the goals are absolute. Time is the processor's: the rules run on one core and wait for nothing.
"""

from __future__ import annotations

import csv
import gc
import random
import statistics
import time
from collections.abc import Callable, Iterator
from decimal import Decimal
from functools import partial
from pathlib import Path

from benchmarks.harness import Bench, Goal, Result
from spinereview.criteria import parsers
from spinereview.domain.anatomy import Site
from spinereview.domain.case import Case, Timepoint
from spinereview.domain.imaging import Calibration, ImageRef, Plane, Stack, StackKind
from spinereview.domain.lesion import Lesion, LesionFinding, LesionRole, LesionState, NewStatus
from spinereview.domain.measurement import Measurement, MeasurementKind, OnImage
from spinereview.domain.protocol import Protocol
from spinereview.domain.read import Purpose, Read
from spinereview.domain.table import Table
from spinereview.resources import protocols
from spinereview.storage.protocols import read_protocol
from spinereview.workflow.assessments import assess_read
from spinereview.workflow.cohort import assess_cohort

LESIONS, TIMEPOINTS = 30, 12
SUBJECTS, FEW = 10_000, 1_000
COHORT_VISITS, COHORT_TARGETS = 5, 3
READ = Goal(id="P12", what=f"ms to assess a read of {LESIONS} lesions x {TIMEPOINTS} timepoints", limit=5)
ALL_TARGETS = Goal(id="P12", what="ms where all of them are targets", limit=5)
COHORT = Goal(id="P12", what=f"seconds to assess a cohort of {SUBJECTS} subjects", limit=60)
GROWTH = Goal(id="P12", what=f"time per subject, {SUBJECTS} / {FEW} subjects", limit=1.25)
GOALS = (READ, ALL_TARGETS, COHORT, GROWTH)


def run(bench: Bench) -> Iterator[Result]:
    """Assess both reads several times, and each cohort once."""
    rules = generic()
    for goal, targets in ((READ, 5), (ALL_TARGETS, LESIONS)):
        read, case = big_read(targets=targets)
        work = partial(assess_read, read, case, rules)
        taken = [_cpu_s(work) for _round in range(max(bench.rounds, 9))]
        yield Result(goal=goal, value=statistics.median(taken) * 1000, seconds={"assess": taken})
    few, many = (_cohort_s(bench.folder / f"cohort_{count}.csv", count, rules) for count in (FEW, SUBJECTS))
    seconds = {f"{FEW} subjects": [few], f"{SUBJECTS} subjects": [many]}
    yield Result(goal=COHORT, value=many, seconds=seconds)
    yield Result(goal=GROWTH, value=many / few / (SUBJECTS / FEW), seconds=seconds)


def generic() -> Protocol:
    """The protocol that comes with the program."""
    name = "generic.toml"
    return read_protocol(next(one for one in protocols() if one.name == name).read_bytes(), name, parsers())


def _cpu_s(work: Callable[[], object]) -> float:
    gc.collect()
    begun = time.process_time()
    work()
    return time.process_time() - begun


def _cohort_s(path: Path, subjects: int, rules: Protocol) -> float:
    write_cohort(path, subjects)
    answers: list[int] = []
    taken = _cpu_s(lambda: answers.append(len(assess_cohort(path, rules).answers)))
    assert answers == [subjects]
    return taken


def big_read(*, targets: int) -> tuple[Read, Case]:
    """A read whose lesions are all judged at every timepoint: targets measured, the other ones seen, five of them new."""
    names = ["BL", *(f"FU{number}" for number in range(1, TIMEPOINTS))]
    chance = random.Random(0)
    lesions = {}
    for number in range(1, LESIONS + 1):
        role = LesionRole.TARGET if number <= targets else LesionRole.NON_TARGET
        if targets < LESIONS and number > LESIONS - 5:
            role = LesionRole.NEW
        lesion = _lesion(f"L{number:02}", role, names, chance)
        lesions[lesion.id] = lesion
    made = {name: Timepoint(id=name, label=name, ordinal=at, stacks=_stacks(name)) for at, name in enumerate(names)}
    case = Case(id="c", subject_code="S1", protocol_sha256="0", timepoints=Table(made))
    read = Read(
        id="r",
        case="c",
        reader_code="R1",
        purpose=Purpose.EFFICACY,
        protocol_sha256="0",
        lesions=Table(lesions),
    )
    return read, case


def _stacks(timepoint: str) -> Table[Stack]:
    stack = Stack(
        id=f"k{timepoint}",
        series_uid="2.25.1",
        modality="CT",
        kind=StackKind.VOLUME,
        plane=Plane.AXIAL,
        pixel_spacing_mm=(Decimal("0.9765625"), Decimal("0.9765625")),
        calibration=Calibration.PATIENT,
        slice_thickness_mm=Decimal(3),
        slice_interval_mm=Decimal(3),
        images=(("1.2.3", 1),),
    )
    return Table({stack.id: stack})


def _lesion(name: str, role: LesionRole, timepoints: list[str], chance: random.Random) -> Lesion:
    seen = timepoints if role is not LesionRole.NEW else timepoints[TIMEPOINTS // 2 :]
    measured = role is not LesionRole.NON_TARGET
    findings = {
        at: LesionFinding(
            state=LesionState.MEASURED if role is LesionRole.TARGET else LesionState.PRESENT,
            new_status=NewStatus.EQUIVOCAL if role is LesionRole.NEW else None,
            parts=Table({"a": _drawn(at, chance)} if measured else {}),
        )
        for at in seen
    }
    return Lesion(
        id=name,
        role=role,
        site=Site(organ="LIVER", location="LIVER"),
        first_seen=seen[0],
        findings=Table(findings),
    )


def _drawn(timepoint: str, chance: random.Random) -> Measurement:
    start = (chance.randint(100_000, 300_000), chance.randint(100_000, 300_000))
    end = (start[0] + chance.randint(15_000, 60_000), start[1] + chance.randint(-30_000, 30_000))
    image = ImageRef(stack=f"k{timepoint}", sop_uid="1.2.3")
    return Measurement(
        id=f"m{timepoint}", kind=MeasurementKind.DIAMETER, geometry=OnImage(image=image, points_mpx=(start, end))
    )


def write_cohort(path: Path, subjects: int) -> None:
    """A long table: three targets and a non-target of each subject at five dated visits."""
    chance = random.Random(0)
    with path.open("w", encoding="utf-8", newline="") as file:
        rows = csv.writer(file)
        rows.writerow(["subject", "visit", "visit_order", "date", "lesion", "role", "nodal", "state", "mm"])
        for subject in range(subjects):
            for at in range(COHORT_VISITS):
                head = [f"S{subject:05}", f"V{at}", at, f"2024-{1 + 2 * at:02}-03"]
                for lesion in range(COHORT_TARGETS):
                    mm = f"{chance.randint(100, 500) / 10:.1f}"
                    rows.writerow([*head, f"T{lesion}", "TARGET", "false", "MEASURED", mm])
                rows.writerow([*head, "N1", "NON_TARGET", "false", "PRESENT", ""])
