"""How well a series can be read, in the reader's words; what cannot be read says why."""

from __future__ import annotations

from enum import StrEnum


class Quality(StrEnum):
    """What a reader says of a series."""

    OPTIMAL = "OPTIMAL"
    READABLE = "READABLE"
    NOT_READABLE = "NOT_READABLE"


class QualityCause(StrEnum):
    """Why a series cannot be read."""

    MOTION = "MOTION"
    METAL = "METAL"
    COVERAGE = "COVERAGE"
    CONTRAST = "CONTRAST"
    THICKNESS = "THICKNESS"
    OTHER = "OTHER"
