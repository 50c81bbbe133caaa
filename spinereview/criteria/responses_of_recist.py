"""From the answers of RECIST 1.1 at each visit to what the engines that need days are given."""

from __future__ import annotations

from spinereview.criteria.recist.after_cr import Flag
from spinereview.criteria.recist.values import (
    INCOMPLETE,
    Input,
    NewLesions,
    OverallResponse,
    TargetResponse,
    TargetVisit,
)
from spinereview.criteria.responses import PdCause, ResponseVisit
from spinereview.domain.assessment import Assessment
from spinereview.domain.lesion import LesionState
from spinereview.domain.table import Table

_CAUSES = {
    "PD_CAUSE_TARGET": PdCause.TARGET,
    "PD_CAUSE_NON_TARGET": PdCause.NON_TARGET,
    "PD_CAUSE_NEW": PdCause.NEW_LESION,
}
_NOT_JUDGED = frozenset({None, LesionState.NE, LesionState.TREATED_OFF})


def responses_of(given: Input, answers: Table[Assessment]) -> tuple[ResponseVisit, ...]:
    """Responses of the visits after the baseline, resolved as :func:`spinereview.criteria.recist.assess.assess` has them."""
    return tuple(_response(visit, answers) for visit in given.visits[1:])


def _response(visit: TargetVisit, answers: Table[Assessment]) -> ResponseVisit:
    overall, target, new = (answers[f"{visit.timepoint}/{of}"] for of in ("overall", "target", "new"))
    remarks = {reason.code for answer in (overall, target, new) for reason in answer.warnings}
    causes = {reason.code for top in overall.because for reason in top.because}
    return ResponseVisit(
        timepoint=visit.timepoint,
        label=visit.label,
        response=None if overall.outcome == INCOMPLETE else OverallResponse(overall.outcome),
        target=None if target.outcome == INCOMPLETE else TargetResponse(target.outcome),
        guarded=Flag.EQUIVOCAL_NODE.value in remarks,
        equivocal_new=new.outcome == NewLesions.EQUIVOCAL or "EQUIVOCAL_NEW" in remarks,
        amended=Flag.CR_AMENDED.value in remarks,
        all_targets_removed="ALL_TARGETS_REMOVED" in remarks and _non_targets_judged(visit),
        readable=not (visit.missing_regions or visit.missing_modalities or visit.unreadable_modalities),
        pd_causes=frozenset(cause for code, cause in _CAUSES.items() if code in causes),
        ref=(visit.timepoint, "overall"),
    )


def _non_targets_judged(visit: TargetVisit) -> bool:
    """Some non-target lesion was judged, or there is none: the visit says something though no target lesion is left."""
    states = [value.state for value in visit.non_targets.values() if value.state is not LesionState.TREATED_BY_PROTOCOL]
    return not states or any(state not in _NOT_JUDGED for state in states)
