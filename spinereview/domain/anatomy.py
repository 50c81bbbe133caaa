"""Where something lies: vertebral levels, compartments of a vertebra, sites for the count per organ."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import TypeVar

from spinereview.domain.checks import require_text

V = TypeVar("V")


class Level(StrEnum):
    """Vertebral levels from the head down, with the common variants T13 and L6."""

    OCCIPUT = "OCCIPUT"
    C1 = "C1"
    C2 = "C2"
    C3 = "C3"
    C4 = "C4"
    C5 = "C5"
    C6 = "C6"
    C7 = "C7"
    T1 = "T1"
    T2 = "T2"
    T3 = "T3"
    T4 = "T4"
    T5 = "T5"
    T6 = "T6"
    T7 = "T7"
    T8 = "T8"
    T9 = "T9"
    T10 = "T10"
    T11 = "T11"
    T12 = "T12"
    T13 = "T13"
    L1 = "L1"
    L2 = "L2"
    L3 = "L3"
    L4 = "L4"
    L5 = "L5"
    L6 = "L6"
    S1 = "S1"
    S2 = "S2"
    S3 = "S3"
    S4 = "S4"
    S5 = "S5"
    COCCYX = "COCCYX"


_PLACES = {level.value: place for place, level in enumerate(Level)}


def level_place(levels: str) -> tuple[int, int]:
    """Place of a level, or of several in a row, from the head down; a single one before those that begin with it.

    Words that name no level come first.

    >>> sorted(["T10", "T9-T11", "L1", "T9"], key=level_place)
    ['T9', 'T9-T11', 'T10', 'L1']
    """
    first, _, last = levels.partition("-")
    return _PLACES.get(first, -1), _PLACES.get(last or first, -1)


def from_the_head(by_level: Mapping[str, V]) -> dict[str, V]:
    """What is kept by level, or by several in a row, from the head down: a table lists T10 before T9."""
    return {level: by_level[level] for level in sorted(by_level, key=level_place)}


class Compartment(StrEnum):
    """Part of a vertebra, or of its surroundings, that a lesion occupies."""

    BODY = "BODY"
    PEDICLE_L = "PEDICLE_L"
    PEDICLE_R = "PEDICLE_R"
    FACET_L = "FACET_L"
    FACET_R = "FACET_R"
    COSTOVERTEBRAL_L = "COSTOVERTEBRAL_L"
    COSTOVERTEBRAL_R = "COSTOVERTEBRAL_R"
    TRANSVERSE_L = "TRANSVERSE_L"
    TRANSVERSE_R = "TRANSVERSE_R"
    LAMINA = "LAMINA"
    SPINOUS = "SPINOUS"
    EPIDURAL = "EPIDURAL"
    PARAVERTEBRAL = "PARAVERTEBRAL"


class Laterality(StrEnum):
    """Side of the body; as in CDISC's LAT."""

    LEFT = "LEFT"
    RIGHT = "RIGHT"
    BILATERAL = "BILATERAL"
    MIDLINE = "MIDLINE"


UNSTATED_ORGAN = "UNSTATED"
"""Organ of a lesion whose site nobody has stated yet; it counts for no organ."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Site:
    """Where a lesion lies.

    Parameters
    ----------
    organ
        Organ for the count of two targets per organ, e.g. ``"BONE"``, ``"LYMPH NODE"``, ``"LIVER"``; upper case.
    location
        The finer place in the words of the reader or of CDISC's LOC, e.g. ``"VERTEBRA L2"``.
    levels
        Vertebral levels, from the head down; empty for what is no vertebra.
    """

    organ: str
    location: str
    laterality: Laterality | None = None
    levels: tuple[Level, ...] = ()
    compartments: frozenset[Compartment] = frozenset()

    def __post_init__(self) -> None:
        require_text("organ", self.organ)
