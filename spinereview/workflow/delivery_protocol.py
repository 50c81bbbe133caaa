"""Whether a delivery has what a protocol wants: images by modality and region for each visit, and how thick its slices are.

Which study is which visit nobody can read from the images: the day of surgery, or of the end of radiotherapy, is not in
them. The studies of a patient are taken in the order of their dates for the visits in the order of the protocol; that is a
suggestion, and is told as one.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal

from spinereview.criteria.recist.measurability import THIN_SLICE_MM, LesionFacts, effective_slice_mm
from spinereview.criteria.recist.settings import Settings
from spinereview.domain.imaging import Id, Stack, StackKind
from spinereview.domain.protocol import Anchor, Protocol, ScheduledVisit
from spinereview.domain.sequence import Role

_ALSO: dict[str, frozenset[str]] = {
    "DX": frozenset({"DX", "CR", "DR"}),
    "CR": frozenset({"DX", "CR", "DR"}),
    "PET": frozenset({"PT"}),
    "MRI": frozenset({"MR"}),
}
"""Modalities that serve for one of the protocol's words; others serve for themselves."""
_NOT_READ = frozenset({Role.LOCALIZER, Role.CAPTURE, Role.PROJECTION, Role.CALCULATED})
"""Images that are no examination by themselves: a scout of a CT is no CT."""
_THICK_MATTERS = frozenset({"CT", "MR"})


@dataclass(frozen=True, slots=True, kw_only=True)
class StudyStacks:
    """A stack of a study, as far as a protocol asks for it; ``date`` is ISO 8601 or empty."""

    date: str
    stack: Stack
    role: Role
    body_part: str


@dataclass(frozen=True, slots=True, kw_only=True)
class VisitCheck:
    """Images that were taken for those of one visit.

    Parameters
    ----------
    wanted, missing
        Words of the protocol, such as ``MR_OR_CT``.
    regions_not_told
        Regions that the protocol wants and no image names. Images name no region reliably, so this is no finding.
    """

    visit: str
    date: str
    stacks: tuple[Id, ...]
    modalities: tuple[str, ...]
    wanted: tuple[str, ...]
    missing: tuple[str, ...]
    regions_not_told: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ThickSlices:
    """A stack on which the smallest measurable size doubles (RECIST 1.1, 3.1.1)."""

    stack: Id
    slice_mm: Decimal
    limit_mm: Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class PatientCheck:
    """What a protocol finds in the images of one patient.

    Parameters
    ----------
    not_delivered
        Visits that want images and for which no study has come.
    unmatched
        Dates for which the protocol has no further visit; empty text for a study without a date.
    """

    patient: int
    visits: tuple[VisitCheck, ...]
    not_delivered: tuple[str, ...]
    unmatched: tuple[str, ...]
    thick: tuple[ThickSlices, ...]


def check_patient(patient: int, stacks: Sequence[StudyStacks], protocol: Protocol) -> PatientCheck:
    """Compare the images of one patient with a protocol."""
    dates = sorted({one.date for one in stacks if one.date})
    matched = in_order(imaging_visits(protocol), dates)
    pairs = [(visit, date) for visit, date in matched if visit is not None and date]
    unmatched = [date for visit, date in matched if visit is None]
    if any(not one.date for one in stacks):
        unmatched.append("")
    return PatientCheck(
        patient=patient,
        visits=tuple(_visit(visit, date, [one for one in stacks if one.date == date]) for visit, date in pairs),
        not_delivered=tuple(visit.name for visit, date in matched if visit is not None and not date),
        unmatched=tuple(unmatched),
        thick=_thick(stacks, protocol),
    )


def imaging_visits(protocol: Protocol) -> tuple[ScheduledVisit, ...]:
    """Visits that want images, by anchor and day."""
    anchors = list(Anchor)
    wanting = [visit for visit in protocol.visits.values() if visit.modalities]
    return tuple(sorted(wanting, key=lambda visit: (anchors.index(visit.anchor), visit.day)))


def in_order(visits: Sequence[ScheduledVisit], dates: Sequence[str]) -> tuple[tuple[ScheduledVisit | None, str], ...]:
    """The first date for the first visit, and so on; what is left over of either stands alone."""
    count = max(len(visits), len(dates))
    return tuple(
        (visits[place] if place < len(visits) else None, dates[place] if place < len(dates) else "")
        for place in range(count)
    )


def serves(modality: str, word: str) -> bool:
    """Whether images of a modality are what a word of the protocol wants.

    >>> serves("CT", "MR_OR_CT"), serves("CR", "DX"), serves("CT", "MR")
    (True, True, False)
    """
    return any(modality in _ALSO.get(one, {one}) for one in word.upper().split("_OR_"))


def _visit(visit: ScheduledVisit, date: str, stacks: Sequence[StudyStacks]) -> VisitCheck:
    there = sorted({one.stack.modality for one in stacks if one.role not in _NOT_READ})
    told = [_plain(one.body_part) for one in stacks if one.role not in _NOT_READ and one.body_part]
    return VisitCheck(
        visit=visit.name,
        date=date,
        stacks=tuple(one.stack.id for one in stacks),
        modalities=tuple(there),
        wanted=tuple(sorted(visit.modalities)),
        missing=tuple(word for word in sorted(visit.modalities) if not any(serves(one, word) for one in there)),
        regions_not_told=tuple(region for region in sorted(visit.regions) if not _named(_plain(region), told)),
    )


def _plain(region: str) -> str:
    return "".join(letter for letter in region.upper() if letter.isalnum())


def _named(region: str, told: Iterable[str]) -> bool:
    return any(region in part or part in region for part in told)


def _thick(stacks: Iterable[StudyStacks], protocol: Protocol) -> tuple[ThickSlices, ...]:
    if "recist" not in protocol.criteria:
        return ()
    settings = Settings.parse(protocol.criteria["recist"])
    found = []
    for one in stacks:
        stack = one.stack
        if stack.modality not in _THICK_MATTERS or stack.kind is StackKind.PROJECTION or one.role in _NOT_READ:
            continue
        facts = LesionFacts(
            organ="",
            size_mm=None,
            modality=stack.modality,
            slice_thickness_mm=stack.slice_thickness_mm,
            slice_interval_mm=stack.slice_interval_mm,
        )
        slice_mm = effective_slice_mm(facts, settings)
        if slice_mm is not None and slice_mm > THIN_SLICE_MM:
            found.append(ThickSlices(stack=stack.id, slice_mm=slice_mm, limit_mm=THIN_SLICE_MM))
    return tuple(found)
