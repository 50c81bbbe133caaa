"""Answers to the items of a form, and what was found of one vertebra at one timepoint."""

from __future__ import annotations

from dataclasses import dataclass, field
from decimal import Decimal
from enum import StrEnum

from spinereview.domain.imaging import Id
from spinereview.domain.measurement import Measurement
from spinereview.domain.table import Table

AnswerValue = str | int | bool | Decimal | None


class AnswerBasis(StrEnum):
    """How an answer came to be."""

    JUDGED = "JUDGED"
    MEASURED = "MEASURED"
    CONFIRMED_UNCHANGED = "CONFIRMED_UNCHANGED"
    SUGGESTION_ACCEPTED = "SUGGESTION_ACCEPTED"
    SUGGESTION_OVERRIDDEN = "SUGGESTION_OVERRIDDEN"
    ENTERED = "ENTERED"


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """Answer to one item: what the person says, what the program had suggested, and what it rests on."""

    value: AnswerValue
    basis: AnswerBasis
    suggested: AnswerValue = None
    evidence: tuple[Id, ...] = ()
    reason: str = ""


class Hardware(StrEnum):
    """What was put into a vertebra; any of it makes the level a treated one."""

    SCREW = "SCREW"
    ROD = "ROD"
    PLATE = "PLATE"
    CAGE = "CAGE"
    VERTEBRAL_REPLACEMENT = "VERTEBRAL_REPLACEMENT"
    CEMENT = "CEMENT"
    OTHER = "OTHER"
    HARDWARE = "HARDWARE"
    """Its kind was not said."""


class NonFractureCause(StrEnum):
    """Why a deformed vertebral body is no fracture (Genant 1993: the reader tells them apart by eye); empty: not said."""

    NONE = ""
    SCHEUERMANN = "SCHEUERMANN"
    SCHMORL = "SCHMORL"
    CUPIDS_BOW = "CUPIDS_BOW"
    PHYSIOLOGICAL_WEDGE = "PHYSIOLOGICAL_WEDGE"
    DEVELOPMENTAL = "DEVELOPMENTAL"
    DEGENERATIVE = "DEGENERATIVE"
    OTHER = "OTHER"


@dataclass(frozen=True, slots=True, kw_only=True)
class LevelFinding:
    """One vertebra at one timepoint; scores by form and item, heights and angles by stack, so by modality."""

    scores: Table[Table[Answer]] = field(default_factory=Table)
    heights: Table[Measurement] = field(default_factory=Table)
    angles: Table[Measurement] = field(default_factory=Table)
    hardware: frozenset[Hardware] = frozenset()
    endplates_hidden: bool = False
    resected: bool = False
    fracture_line: bool | None = None
    intact: bool | None = None
    non_fracture_cause: NonFractureCause = NonFractureCause.NONE
