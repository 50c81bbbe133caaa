"""What the fracture criteria are given: heights and facts of vertebrae by visit."""

from __future__ import annotations

from dataclasses import dataclass, field
from decimal import Decimal
from enum import StrEnum

from spinereview.criteria.fracture.heights import Heights
from spinereview.domain.anatomy import Level
from spinereview.domain.checks import require, require_positive, require_text
from spinereview.domain.imaging import Id, Ref
from spinereview.domain.scores import Hardware, NonFractureCause
from spinereview.domain.table import Table

WITHOUT_BODY = frozenset({Level.OCCIPUT, Level.C1, Level.S1, Level.S2, Level.S3, Level.S4, Level.S5, Level.COCCYX})
"""Levels without a vertebral body between two discs: no heights, no grade."""

GRADES = (Decimal(0), Decimal("0.5"), Decimal(1), Decimal(2), Decimal(3))
"""Genant's grades; 0.5 is suspected, and only a reader gives it."""


class Flag(StrEnum):
    """What is said of a vertebra at a visit."""

    NO = "NO"
    SUSPECTED = "SUSPECTED"
    PRESENT = "PRESENT"
    NEW = "NEW"
    PROGRESSIVE = "PROGRESSIVE"
    WATCH = "WATCH"
    RESECTED = "RESECTED"
    NE = "NE"


@dataclass(frozen=True, slots=True, kw_only=True)
class Measured:
    """Heights of one vertebra on one stack.

    ``coarse_mm`` is the distance of the slices that the heights run across, where it is more than 3 mm.
    """

    stack: Id
    modality: str
    heights: Heights
    coarse_mm: Decimal | None = None
    ref: Ref = ()

    def __post_init__(self) -> None:
        require_positive("coarse_mm", self.coarse_mm)


@dataclass(frozen=True, slots=True, kw_only=True)
class Vertebra:
    """One vertebra at one visit.

    Parameters
    ----------
    measured
        Heights by stack.
    grade
        The reader's grade; None: not given.
    intact
        The reader's word; None: not said.
    progressing
        What the reader calls the lesions of this vertebra that he judged to have progressed, or to be new.
    """

    level: Level
    measured: Table[Measured] = field(default_factory=Table)
    grade: Decimal | None = None
    intact: bool | None = None
    hardware: frozenset[Hardware] = frozenset()
    endplates_hidden: bool = False
    resected: bool = False
    fracture_line: bool = False
    collapse_seen: bool = False
    non_fracture_cause: NonFractureCause = NonFractureCause.NONE
    progressing: tuple[str, ...] = ()
    ref: Ref = ()

    def __post_init__(self) -> None:
        require(holds=self.grade is None or self.grade in GRADES, code="GENANT_GRADE", value=self.grade)
        for key, one in self.measured.items():
            require(holds=key == one.stack, code="KEY_NOT_ID", name=key)


@dataclass(frozen=True, slots=True, kw_only=True)
class SpineVisit:
    """Vertebrae of one timepoint."""

    timepoint: Id
    label: str = ""
    vertebrae: Table[Vertebra] = field(default_factory=Table)

    def __post_init__(self) -> None:
        require_text("timepoint", self.timepoint)
        for key, vertebra in self.vertebrae.items():
            require(holds=key == vertebra.level, code="KEY_NOT_ID", name=key)


def levels_in_order(numbering: str = "") -> tuple[Level, ...]:
    """Levels of a subject from C1 to the coccyx; T13 and L6 only where the numbering says so."""
    variants = {Level.T13, Level.L6} - ({Level(numbering)} if numbering in {"T13", "L6"} else set())
    return tuple(level for level in Level if level not in variants and level is not Level.OCCIPUT)


@dataclass(frozen=True, slots=True, kw_only=True)
class Input:
    """Visits in order; new loss is counted from ``baseline``; ``order`` has the subject's levels from C1 down."""

    visits: tuple[SpineVisit, ...] = ()
    baseline: Id | None = None
    order: tuple[Level, ...] = field(default_factory=levels_in_order)

    def __post_init__(self) -> None:
        names = [visit.timepoint for visit in self.visits]
        require(holds=len(set(names)) == len(names), code="VISIT_TWICE")
        known = self.baseline is None or self.baseline in names
        require(holds=known, code="VCF_BASELINE_UNKNOWN", timepoint=self.baseline)
        in_order = self.order == tuple(level for level in Level if level in self.order)
        require(holds=in_order, code="LEVELS_NOT_IN_ORDER", levels=", ".join(self.order))
