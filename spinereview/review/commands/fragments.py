"""Acts on a lesion that has come apart: its fragments are measured one by one and add up (RECIST 1.1, 4.3.2)."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import ClassVar

from spinereview.domain.case import Timepoint
from spinereview.domain.imaging import Id
from spinereview.domain.lesion import Lesion, LesionState
from spinereview.domain.measurement import Entered, Measurement, MeasurementKind
from spinereview.domain.read import Read
from spinereview.domain.table import Table
from spinereview.errors import Refused
from spinereview.review.command import Context
from spinereview.review.commands import guards
from spinereview.review.commands.findings import NOTHING_YET, with_finding
from spinereview.review.labels import label

CRANIOCAUDAL = "cc"
"""Key of a part that is an extent along the spine and no fragment."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SplitInto:
    """Say that a lesion has come apart, with the measurements of its fragments."""

    NAME: ClassVar[str] = "split_into"
    VERSION: ClassVar[int] = 1
    BARRIER: ClassVar[bool] = False

    lesion: Id
    timepoint: Id
    parts: tuple[Measurement, ...]
    stack_sha256: str

    def apply(self, document: Read, context: Context) -> Read:
        """Next read."""
        timepoint = guards.writable(document, context.case, self.timepoint)
        lesion = guards.lesion_of(document, self.lesion)
        guards.recorded_by(lesion, context.case, timepoint)
        guards.state_fits(lesion, timepoint, LesionState.SPLIT)
        self._check_fragments(document, lesion, timepoint)
        before = lesion.findings.get(self.timepoint, NOTHING_YET)
        parts = Table({letter(index): part for index, part in enumerate(self.parts)})
        split = replace(before, state=LesionState.SPLIT, parts=parts, carrier=None, reason="", unchanged=False)
        return with_finding(document, lesion, self.timepoint, split)

    def _check_fragments(self, document: Read, lesion: Lesion, timepoint: Timepoint) -> None:
        if not 2 <= len(self.parts) <= 26 or len({part.id for part in self.parts}) < len(self.parts):
            raise Refused("SPLIT_NEEDS_PARTS", lesion=label(lesion))
        for index, part in enumerate(self.parts):
            if part.kind is MeasurementKind.ARROW:
                raise Refused("ARROW_IS_NO_LENGTH", lesion=label(lesion))
            name = letter(index)
            guards.part_fits(part, name, split=True)
            guards.marked_stack(timepoint, part)
            others = replace(document, lesions=document.lesions.with_(lesion.id, _without(lesion, timepoint.id)))
            guards.measurement_is_own(others, part, lesion.id, timepoint.id, name)


@dataclass(frozen=True, slots=True, kw_only=True)
class RemoveFragment:
    """Take one fragment away; those after it move up a letter, and one that is left alone is the lesion in one piece."""

    NAME: ClassVar[str] = "remove_fragment"
    VERSION: ClassVar[int] = 1
    BARRIER: ClassVar[bool] = False

    lesion: Id
    timepoint: Id
    part: str

    def apply(self, document: Read, context: Context) -> Read:
        """Next read."""
        timepoint = guards.writable(document, context.case, self.timepoint)
        lesion = guards.lesion_of(document, self.lesion)
        finding = lesion.findings.get(self.timepoint)
        if finding is None or finding.state is not LesionState.SPLIT or self.part not in fragments(finding.parts):
            raise Refused("FRAGMENT_UNKNOWN", lesion=label(lesion), timepoint=timepoint.label, part=self.part)
        left = [finding.parts[name] for name in fragments(finding.parts) if name != self.part]
        parts = {letter(place): part for place, part in enumerate(left)}
        state = LesionState.SPLIT if len(left) > 1 else LesionState.MEASURED
        if state is LesionState.MEASURED and isinstance(left[0].geometry, Entered):
            raise Refused("FRAGMENT_LAST_DRAWN", lesion=label(lesion), part=self.part)
        return with_finding(document, lesion, self.timepoint, replace(finding, state=state, parts=Table(parts)))


def fragments(parts: Table[Measurement]) -> tuple[str, ...]:
    """Letters of the fragments, in order."""
    return tuple(sorted(name for name in parts if name != CRANIOCAUDAL))


def letter(place: int) -> str:
    """Letter of a fragment by its place from 0."""
    return chr(ord("a") + place)


def _without(lesion: Lesion, timepoint: Id) -> Lesion:
    return replace(lesion, findings=lesion.findings.without(timepoint))
