"""Response of the non-target lesions: RECIST 1.1 (Eisenhauer 2009), 4.3.3 and 4.3.4.

Non-target lesions are judged, not measured. A node that is still seen with a short axis below 10 mm counts as gone.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import lru_cache

from spinereview.criteria.recist.settings import Settings
from spinereview.criteria.recist.sums import OWN_RULE
from spinereview.criteria.recist.target_reasons import MISSING_RULE
from spinereview.criteria.recist.values import NonTargetResponse, NonTargetValue, TargetVisit
from spinereview.domain.assessment import Reason
from spinereview.domain.imaging import Ref
from spinereview.domain.lesion import LesionState
from spinereview.domain.table import Table

RULE = "RECIST 1.1 (Eisenhauer 2009), 4.3.3"
FLARE_RULE = "Hamaoka 2004, osteoblastic flare; reading of the program"
PROGRESSION_RULE = "RECIST 1.1 (Eisenhauer 2009), 4.3.4"

GONE = frozenset({LesionState.ABSENT, LesionState.NODE_NORMAL})
_STICKY = frozenset({LesionState.TREATED_OFF, LesionState.TREATED_BY_PROTOCOL})
_SILENT = frozenset({None, LesionState.NE, LesionState.TREATED_OFF})

_RULE_OF_STATE = {LesionState.NE: MISSING_RULE, LesionState.UNEQUIVOCAL_PD: PROGRESSION_RULE}
NonTargetRow = Mapping[str, NonTargetValue]
"""States of one visit by lesion."""


def non_target_response(row: NonTargetRow, settings: Settings) -> tuple[NonTargetResponse, str]:
    """Response at one visit, and the code that says why.

    The rules in their order: none (or all taken out by the protocol) NA; unequivocal progression of any PD; any not
    evaluable NE; all gone CR; else NON_CR_NON_PD. A lesion of which nothing has been said counts as not evaluable.

    >>> seen = NonTargetValue(lesion="L02", state=LesionState.PRESENT)
    >>> non_target_response({"L02": seen}, Settings())
    (<NonTargetResponse.NON_CR_NON_PD: 'NON_CR_NON_PD'>, 'NON_TARGET_NON_CR_NON_PD')
    """
    states = [value.state for value in row.values() if value.state is not LesionState.TREATED_BY_PROTOCOL]
    if not states:
        return NonTargetResponse.NA, "NON_TARGET_NA" if not row else "NON_TARGET_NA_ALL_REMOVED"
    if LesionState.UNEQUIVOCAL_PD in states:
        return NonTargetResponse.PD, "NON_TARGET_PD"
    if any(state in _SILENT for state in states):
        if settings.nt_present_beats_ne and LesionState.PRESENT in states:
            return NonTargetResponse.NON_CR_NON_PD, "NON_TARGET_PRESENT_BEATS_NE"
        return NonTargetResponse.NE, "NON_TARGET_NE"
    if all(state in GONE for state in states):
        if settings.tumour_markers:
            # Complete response needs normal markers (4.3.3); none are recorded, so it cannot be said.
            return NonTargetResponse.NE, "NON_TARGET_NE_MARKERS"
        return NonTargetResponse.CR, "NON_TARGET_CR"
    return NonTargetResponse.NON_CR_NON_PD, "NON_TARGET_NON_CR_NON_PD"


def settled_non_targets(
    visits: Sequence[TargetVisit],
) -> tuple[tuple[NonTargetRow, ...], tuple[tuple[Reason, ...], ...]]:
    """Rows in which a treated lesion stays treated, and by visit what was entered after the treatment.

    RECIST 1.1 is silent; our reading after the EORTC's answers on surgery and radiotherapy.
    """
    rows: list[dict[str, NonTargetValue]] = []
    late: list[tuple[Reason, ...]] = []
    for visit in visits:
        row = dict(visit.non_targets)
        flags: list[Reason] = []
        for lesion, before in rows[-1].items() if rows else ():
            if before.state in _STICKY:
                now = row[lesion]
                if now.state not in {None, before.state}:
                    args = Table({"lesion": now.name, "state": str(now.state)})
                    flags.append(Reason(code="VALUE_AFTER_TREATMENT", args=args, rule=OWN_RULE, refs=(now.ref,)))
                row[lesion] = before
        rows.append(row)
        late.append(tuple(flags))
    return tuple(rows), tuple(late)


def why_non_target(code: str, row: NonTargetRow) -> Reason:
    """Reason of a response, with the state of every lesion beneath it."""
    silent = [value.name for value in row.values() if value.state in _SILENT]
    worse = [value.name for value in row.values() if value.state is LesionState.UNEQUIVOCAL_PD]
    rule = RULE
    if code == "NON_TARGET_PD":
        rule = PROGRESSION_RULE
    elif code.startswith("NON_TARGET_NE"):
        rule = MISSING_RULE
    elif code in {"NON_TARGET_PRESENT_BEATS_NE", "NON_TARGET_NA_ALL_REMOVED"}:
        rule = OWN_RULE
    return Reason(
        code=code,
        args=Table({"count": str(len(row)), "lesions": ", ".join(worse or silent)}),
        rule=rule,
        refs=tuple(value.ref for value in row.values() if value.ref),
        because=tuple(_why_state(value.name, value.state, value.ref) for value in row.values()),
    )


def non_target_remarks(row: NonTargetRow, *, targets: bool) -> tuple[Reason, ...]:
    """What a reader who calls progression unequivocal should weigh: bone that heals; how much it takes without targets."""
    worse = [value for value in row.values() if value.state is LesionState.UNEQUIVOCAL_PD]
    listed = [
        Reason(code="NON_TARGET_MAYBE_FLARE", args=Table({"lesion": value.name}), rule=FLARE_RULE, refs=(value.ref,))
        for value in worse
        if value.sclerotic
    ]
    if worse and not targets:
        args = Table({"lesions": ", ".join(value.name for value in worse)})
        listed.append(Reason(code="NON_TARGET_ONLY_GUIDE", args=args, rule=PROGRESSION_RULE))
    return tuple(listed)


def unsaid(row: NonTargetRow) -> tuple[Reason, ...]:
    """What is missing: a state that nobody has given."""
    return tuple(
        Reason(code="STATE_MISSING", args=Table({"lesion": value.name}), rule=MISSING_RULE, refs=(value.ref,))
        for value in row.values()
        if value.state is None
    )


@lru_cache(maxsize=4096)
def _why_state(name: str, state: LesionState | None, ref: Ref) -> Reason:
    """Kept, since it is asked of every non-target at every visit whenever a caliper moves."""
    if state is None:
        return Reason(code="VALUE_NOT_ASSESSED", args=Table({"lesion": name}), rule=MISSING_RULE, refs=(ref,))
    rule = _RULE_OF_STATE.get(state, RULE)
    return Reason(code=f"NON_TARGET_STATE_{state}", args=Table({"lesion": name}), rule=rule, refs=(ref,))
