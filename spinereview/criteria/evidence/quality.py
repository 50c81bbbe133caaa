"""Whether the images that a visit of the protocol demands are there and can be read.

A visit without them still has its response: the tables of RECIST 1.1 know no images. It is no adequate assessment, from
which progression-free survival could be counted (FDA 2018, table A: no or incomplete assessment; reading of the program).
"""

from __future__ import annotations

from dataclasses import replace

from spinereview.criteria.recist.values import Input
from spinereview.domain.case import Case, Timepoint
from spinereview.domain.imaging import Stack
from spinereview.domain.protocol import ScheduledVisit
from spinereview.domain.quality import Quality
from spinereview.domain.read import Read
from spinereview.domain.table import Table

FORM = "QUALITY"
_SAME = {"CR": "DX", "DR": "DX"}
"""Computed and digital radiography are X-rays as well."""


def with_demanded_modalities(given: Input, read: Read, case: Case, visits: Table[ScheduledVisit]) -> Input:
    """The input with the kinds of images that are missing at each timepoint, or cannot be read there."""
    if not any(visit.modalities for visit in visits.values()):
        return given
    made = []
    for visit in given.visits:
        timepoint = case.timepoints[visit.timepoint]
        scheduled = visits.get(timepoint.visit or "")
        demanded = frozenset[str]() if scheduled is None else scheduled.modalities
        made.append(
            replace(
                visit,
                missing_modalities=missing_modalities(timepoint, demanded),
                unreadable_modalities=unreadable_modalities(read, timepoint, demanded),
            )
        )
    return Input(visits=tuple(made))


def missing_modalities(timepoint: Timepoint, demanded: frozenset[str]) -> tuple[str, ...]:
    """Kinds of images that are demanded and not there, in the words of the protocol."""
    return tuple(sorted(word for word in demanded if not shows(timepoint, word)))


def unreadable_modalities(read: Read, timepoint: Timepoint, demanded: frozenset[str]) -> tuple[str, ...]:
    """Kinds of images that are demanded and there, of which the reader called every series not readable."""
    said = quality_said(read, timepoint)
    left = {key: stack for key, stack in timepoint.stacks.items() if said.get(key) is not Quality.NOT_READABLE}
    readable = replace(timepoint, stacks=Table(left))
    return tuple(sorted(word for word in demanded if shows(timepoint, word) and not shows(readable, word)))


def quality_said(read: Read, timepoint: Timepoint) -> dict[str, Quality]:
    """What the reader said of the series of a timepoint, by stack; a word that is not of the vocabulary is not said."""
    said = read.visit_at(timepoint.id).quality
    known = {key: str(answer.value) for key, answer in said.items() if answer.value in set(Quality)}
    return {key: Quality(word) for key, word in known.items() if key in timepoint.stacks}


def shows(timepoint: Timepoint, modality: str) -> bool:
    """Whether a timepoint has images of a kind that a visit wants: every X-ray is ``DX``, ``MR_OR_CT`` is either."""
    return any(_kind(stack) in modality.split("_OR_") for stack in timepoint.stacks.values())


def _kind(stack: Stack) -> str:
    return _SAME.get(stack.modality, stack.modality)
