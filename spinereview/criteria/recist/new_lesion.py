"""New lesions at a visit: RECIST 1.1 (Eisenhauer 2009), 4.3.5, and the EORTC's answers to questions on it.

The reader's word decides. A lesion that was equivocal and is confirmed later was new at the first visit that showed it;
one that is withdrawn later was none. What the paper says of small nodes and of bone that heals is said beside it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal

from spinereview.criteria.recist.percent import mm_text, number_text
from spinereview.criteria.recist.settings import Settings
from spinereview.criteria.recist.sums import OWN_RULE
from spinereview.criteria.recist.values import NewLesions, NewValue, TargetVisit
from spinereview.domain.assessment import Reason
from spinereview.domain.lesion import NewStatus
from spinereview.domain.table import Table

RULE = "RECIST 1.1 (Eisenhauer 2009), 4.3.5"
NODE_RULE = "EORTC RECIST 1.1, answers to questions: new lymph node"
FLARE_RULE = "Hamaoka 2004, osteoblastic flare; reading of the program"
SMALL_RISE_MM = Decimal(5)
"""A node of 15 mm or more must be this much larger than it was before to be progression by itself (our reading)."""

NewRow = Mapping[str, NewValue]
_BACKDATED = "_BACKDATED"


@dataclass(frozen=True, slots=True, kw_only=True)
class NewFinding:
    """New lesions of one visit as they count now: ``row`` has later words dated back; ``backdated`` names those lesions."""

    status: NewLesions
    row: NewRow
    backdated: tuple[str, ...] = ()
    unsaid: tuple[str, ...] = ()
    equivocal: bool = False


def new_lesions(visits: Sequence[TargetVisit], settings: Settings) -> tuple[NewFinding, ...]:
    """What counts at each visit, with what is known from all of them.

    A lesion of which nothing is said at a later visit keeps its last word.
    """
    rows = _carried(visits)
    return tuple(_finding(visit, rows, at, settings) for at, visit in enumerate(visits))


def why_new(found: NewFinding, visit: TargetVisit) -> tuple[Reason, ...]:
    """Reasons of a status: the lesions it rests on, and regions that were not scanned."""
    reasons: list[Reason] = []
    if found.status is NewLesions.NE:
        args = Table({"regions": ", ".join(visit.missing_regions)})
        reasons.append(Reason(code="NEW_NE_REGION", args=args, rule=OWN_RULE))
    for lesion, value in found.row.items():
        if value.status is None:
            reasons.append(_reason("NEW_STATUS_MISSING", value, RULE))
        elif not value.said:
            reasons.append(_reason("NEW_CARRIED", value, OWN_RULE))
        else:
            code = f"NEW_{value.status}{_BACKDATED}" if lesion in found.backdated else f"NEW_{value.status}"
            reasons.append(_reason(code, value, RULE))
    return tuple(reasons) or (Reason(code="NEW_NONE", rule=RULE),)


def is_backdated(code: str) -> bool:
    """Whether a reason of :func:`why_new` says that a word of a later visit counts here."""
    return code.endswith(_BACKDATED)


def remarks(
    found: NewFinding, visits: Sequence[TargetVisit], at: int, settings: Settings, *, alone: bool
) -> tuple[Reason, ...]:
    """What the paper says of a new lesion that the reader should weigh.

    Parameters
    ----------
    alone
        New lesions are the only evidence of progression at this visit.
    """
    listed: list[Reason] = []
    if visits[at].unstated_regions:
        args = Table({"regions": ", ".join(visits[at].unstated_regions)})
        listed.append(Reason(code="REGION_NOT_STATED", args=args, rule=OWN_RULE))
    for lesion, value in found.row.items():
        if value.only_by_technique:
            listed.append(_reason("NEW_ONLY_BY_TECHNIQUE", value, RULE))
        elif value.status is NewStatus.EQUIVOCAL:
            listed.append(_reason("EQUIVOCAL_NEW", value, RULE))
        listed.extend(_coverage_remarks(value, settings))
        if value.status is not NewStatus.YES:
            continue
        listed.extend(_node_remarks(lesion, value, found, visits, at, settings, alone=alone))
        if value.sclerotic:
            listed.append(_reason("NEW_MAYBE_FLARE", value, FLARE_RULE))
        if value.fracture:
            listed.append(_reason("NEW_FRACTURE_ALONE", value, OWN_RULE))
    return tuple(listed)


def _coverage_remarks(value: NewValue, settings: Settings) -> list[Reason]:
    """Whether the place of a lesion was imaged at the baseline, where that decides or should be known (4.3.5)."""
    equivocal = settings.new_unscanned == "equivocal"
    if value.imaged_before is False and value.status is not NewStatus.NO:
        return [_reason("NEW_UNSCANNED" if equivocal else "NEW_UNSCANNED_COUNTS", value, RULE)]
    if value.imaged_before is None and equivocal and value.status is NewStatus.YES:
        return [_reason("NEW_COVERAGE_UNKNOWN", value, RULE)]
    return []


def _node_remarks(
    lesion: str,
    value: NewValue,
    found: NewFinding,
    visits: Sequence[TargetVisit],
    at: int,
    settings: Settings,
    *,
    alone: bool,
) -> list[Reason]:
    if not value.nodal or value.short_axis_mm is None:
        return []
    if value.short_axis_mm < settings.node_path_min:
        return [_reason("NEW_NODE_OF_NORMAL_SIZE", value, NODE_RULE, limit=number_text(settings.node_path_min))]
    only = alone and not any(
        other.status is NewStatus.YES and not other.nodal for key, other in found.row.items() if key != lesion
    )
    if not only:
        return []
    if value.short_axis_mm < settings.new_node_unequivocal_mm:
        return [
            _reason("NEW_NODE_ONLY_EVIDENCE", value, NODE_RULE, limit=number_text(settings.new_node_unequivocal_mm))
        ]
    before = [
        earlier.short_axis_mm
        for visit in visits[:at]
        if (earlier := visit.new.get(lesion)) is not None and earlier.short_axis_mm is not None
    ]
    if before and value.short_axis_mm - min(before) < SMALL_RISE_MM:
        return [_reason("NEW_NODE_SMALL_RISE", value, NODE_RULE, before=mm_text(min(before)))]
    return []


def _carried(visits: Sequence[TargetVisit]) -> list[dict[str, NewValue]]:
    rows: list[dict[str, NewValue]] = []
    for visit in visits:
        row: dict[str, NewValue] = {}
        for lesion, value in visit.new.items():
            before = rows[-1].get(lesion) if rows else None
            silent = value.status is None and before is not None
            row[lesion] = replace(value, status=before.status) if silent and before is not None else value
        rows.append(row)
    return rows


def _finding(visit: TargetVisit, rows: Sequence[Mapping[str, NewValue]], at: int, settings: Settings) -> NewFinding:
    row: dict[str, NewValue] = {}
    backdated: list[str] = []
    for lesion, value in rows[at].items():
        later = _settled_later(lesion, rows, at) if value.status is NewStatus.EQUIVOCAL else None
        if later is not None:
            backdated.append(lesion)
            value = replace(value, status=later)  # noqa: PLW2901 - the word that counts
        row[lesion] = value
    statuses = {value.status for value in row.values()}
    equivocal = NewStatus.EQUIVOCAL in statuses
    if NewStatus.YES in statuses:
        status = NewLesions.YES
    elif visit.missing_regions and settings.new_ne_policy == "NE_unless_PD":
        status = NewLesions.NE
    else:
        status = NewLesions.EQUIVOCAL if equivocal else NewLesions.NO
    unsaid = tuple(value.name for value in row.values() if value.status is None or not value.said)
    return NewFinding(status=status, row=row, backdated=tuple(backdated), unsaid=unsaid, equivocal=equivocal)


def _settled_later(lesion: str, rows: Sequence[Mapping[str, NewValue]], at: int) -> NewStatus | None:
    """The first certain word after a visit at which the lesion was equivocal."""
    words = (row[lesion].status for row in rows[at + 1 :] if lesion in row)
    return next((word for word in words if word in {NewStatus.YES, NewStatus.NO}), None)


def _reason(code: str, value: NewValue, rule: str, **more: str) -> Reason:
    args = {"lesion": value.name, **more}
    if value.short_axis_mm is not None:
        args["mm"] = mm_text(value.short_axis_mm)
    return Reason(code=code, args=Table(args), rule=rule, refs=(value.ref,) if value.ref else ())
