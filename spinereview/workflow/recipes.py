"""Recipes of the sample cases: what is imaged of which phantom, what a reader has to say of it, and what must come out.

The truth is asked here, one clear value for each lesion, level and timepoint; it follows from the numbers of the recipe and
never from a pixel. How a recipe is read from its file stands in :mod:`spinereview.workflow.recipe_file`.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from decimal import Decimal
from enum import StrEnum

from spinereview.domain.anatomy import Level
from spinereview.domain.checks import require
from spinereview.domain.imaging import Calibration, StackKind
from spinereview.domain.lesion import LesionRole, LesionState, NewStatus, Tissue
from spinereview.domain.table import Table
from spinereview.imaging.phantom_contrast import Weighting
from spinereview.imaging.phantom_grid import PhantomGrid, Vector
from spinereview.imaging.phantom_lesion import LesionTruth, PhantomLesion, lesion_truth
from spinereview.imaging.phantom_spine import Heights, LevelTruth, Spine, level_truth, spine


class Order(StrEnum):
    """In which order the images of a series are written."""

    RISING = "RISING"
    FALLING = "FALLING"


@dataclass(frozen=True, slots=True, kw_only=True)
class SampleSeries:
    """A series that is made at a visit, and what the geometry gate must say of it.

    Parameters
    ----------
    grid
        Where its images lie in the phantom, without the offset of a visit.
    noise
        Standard deviation, in Hounsfield units or units of the signal.
    enhanced
        One file of many frames.
    calibration
        Of an X-ray: FIDUCIAL or NONE.
    kind, faults
        What the gate must make of it.
    """

    name: str
    modality: str
    weighting: Weighting
    grid: PhantomGrid
    noise: Decimal
    description: str
    order: Order = Order.RISING
    enhanced: bool = False
    calibration: Calibration = Calibration.PATIENT
    kind: StackKind = StackKind.VOLUME
    faults: tuple[str, ...] = ()

    @property
    def projection(self) -> bool:
        """Whether it is an X-ray."""
        return self.kind is StackKind.PROJECTION


@dataclass(frozen=True, slots=True, kw_only=True)
class SampleTimepoint:
    """One visit of a sample case: its study, where the subject lay, and what had become of the spine.

    Parameters
    ----------
    series
        Names of the series, in order.
    collapsed
        Heights of the bodies that have lost some, by level.
    """

    label: str
    study_date: str
    seed: int
    offset_mm: Vector
    series: tuple[str, ...]
    collapsed: Table[Heights] = field(default_factory=Table)

    @property
    def spine(self) -> Spine:
        """The spine at this visit."""
        return spine({Level(key): heights for key, heights in self.collapsed.items()})


@dataclass(frozen=True, slots=True, kw_only=True)
class SampleFinding:
    """A lesion at one visit.

    Parameters
    ----------
    state
        What the reader has to say of it.
    parts
        What is measured: one ellipsoid, or the fragments of a lesion that has come apart; none where it is not seen.
    bone
        What else of it lies in the bone and is not measured.
    new_status, cause, justification
        Of a new lesion; why equivocal; why a non-target has unequivocally progressed.
    """

    state: LesionState
    parts: tuple[PhantomLesion, ...] = ()
    bone: tuple[PhantomLesion, ...] = ()
    new_status: NewStatus | None = None
    cause: str = ""
    justification: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class SampleLesion:
    """One lesion of a sample case; ``at`` is keyed by the label of the timepoint, from the first at which it is seen."""

    name: str
    role: LesionRole
    organ: str
    location: str
    nodal: bool
    levels: tuple[Level, ...] = ()
    tissue: Tissue | None = None
    soft_tissue: bool | None = None
    at: Table[SampleFinding]

    @property
    def first_seen(self) -> str:
        """Label of the timepoint at which it is first recorded."""
        return next(iter(self.at))


@dataclass(frozen=True, slots=True, kw_only=True)
class SampleLevel:
    """What is asked of one vertebra at one visit, and what must come out.

    Parameters
    ----------
    answers
        Items of the SINS that cannot all be seen in pixels, by item.
    heights_on
        Series on which its heights are measured.
    grade
        Grade of the fracture that the reader confirms; None: none is asked.
    sins, category
        Expected total and outcome; None and empty where no SINS is asked.
    flag, deformity
        Expected outcome of the fracture criterion and shape of the deformity; empty where there is none.
    """

    level: Level
    answers: Table[str] = field(default_factory=Table)
    heights_on: tuple[str, ...] = ()
    grade: Decimal | None = None
    sins: int | None = None
    category: str = ""
    flag: str = ""
    deformity: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Expected:
    """What a timepoint must come to: sum of diameters, and the outcomes of RECIST 1.1; empty at the baseline."""

    sum_mm: Decimal
    target: str = ""
    non_target: str = ""
    new: str = ""
    overall: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Recipe:
    """A sample case and what reading it must give.

    Parameters
    ----------
    series
        Series of the case; the first one is that on which lesions are measured.
    levels
        What is asked of vertebrae, by label of the timepoint.
    expected
        By label of the timepoint.
    """

    id: str
    title: str
    subject_code: str
    first_run: bool
    sha256: str
    series: tuple[SampleSeries, ...]
    timepoints: tuple[SampleTimepoint, ...]
    lesions: tuple[SampleLesion, ...]
    levels: Table[tuple[SampleLevel, ...]]
    expected: Table[Expected]

    def __post_init__(self) -> None:
        labels = {point.label for point in self.timepoints}
        known = {series.name for series in self.series}
        named = {name for point in self.timepoints for name in point.series}
        listed = {label for lesion in self.lesions for label in lesion.at} | set(self.levels)
        fits = set(self.expected) == labels and listed <= labels and named <= known and bool(known)
        require(holds=fits, code="RECIPE_NAMES", value=", ".join(sorted((listed - labels) | (named - known))))

    @property
    def sum_mm(self) -> Table[Decimal]:
        """Expected sum of diameters, by label of the timepoint."""
        return Table({label: expected.sum_mm for label, expected in self.expected.items()})

    @property
    def target(self) -> Table[str]:
        """Expected target response of the visits after the baseline, by label."""
        return Table({label: expected.target for label, expected in self.expected.items() if expected.target})

    def timepoint(self, label: str) -> SampleTimepoint:
        """Timepoint of a label."""
        return next(point for point in self.timepoints if point.label == label)

    def series_named(self, name: str = "") -> SampleSeries:
        """Series of a name; the first one where none is named."""
        return next(series for series in self.series if series.name == name or not name)

    def series_at(self, label: str) -> tuple[SampleSeries, ...]:
        """Series of a visit, in the order in which they are written."""
        return tuple(self.series_named(name) for name in self.timepoint(label).series)

    def grid(self, label: str, series: str = "") -> PhantomGrid:
        """Where the images of a series lie at a visit."""
        return replace(self.series_named(series).grid, offset_mm=self.timepoint(label).offset_mm)

    def lesion_truth(self, lesion: SampleLesion, label: str, series: str = "") -> tuple[LesionTruth, ...]:
        """Truth of a lesion's parts at a visit on a series; empty where it is not seen there."""
        finding = lesion.at.get(label)
        grid = self.grid(label, series)
        found = [lesion_truth(grid, part) for part in (finding.parts if finding is not None else ())]
        return tuple(one for one in found if one is not None)

    def truth(self, label: str, series: str = "") -> tuple[LesionTruth, ...]:
        """Truth of the first part of each lesion that is seen at a visit, in the order of the recipe."""
        return tuple(known[0] for lesion in self.lesions if (known := self.lesion_truth(lesion, label, series)))

    def angle_deg(self, upper: Level, lower: Level, label: str) -> float:
        """Angle from one superior endplate to an inferior one at a visit, in degrees; kyphosis is positive."""
        return self.timepoint(label).spine.angle_deg(upper, lower)

    def level_truth(self, level: Level, label: str, series: str = "") -> LevelTruth:
        """Truth of a vertebra at a visit on a series."""
        return level_truth(self.grid(label, series), self.timepoint(label).spine.at(level))
