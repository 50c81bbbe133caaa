"""Non-target lesions, new lesions and the overall response of every visit, each with its reasons.

The target response of a visit is an input here; what needs days (best response, confirmation) is derived elsewhere.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from spinereview.criteria.recist.after_cr import Flag, Resolving, resolve
from spinereview.criteria.recist.new_lesion import NewFinding, new_lesions, remarks, why_new
from spinereview.criteria.recist.non_target import (
    NonTargetRow,
    non_target_remarks,
    non_target_response,
    settled_non_targets,
    unsaid,
    why_non_target,
)
from spinereview.criteria.recist.overall import TABLE_1, overall_response
from spinereview.criteria.recist.settings import Settings
from spinereview.criteria.recist.sums import OWN_RULE, Row
from spinereview.criteria.recist.target import mass_is_nodal, supports_cr
from spinereview.criteria.recist.target_reasons import BASELINE_RULE
from spinereview.criteria.recist.values import (
    BASELINE,
    INCOMPLETE,
    NewLesions,
    NonTargetResponse,
    OverallResponse,
    TargetResponse,
    TargetVisit,
)
from spinereview.domain.assessment import Assessment, Reason
from spinereview.domain.lesion import LesionState
from spinereview.domain.table import Table

CRITERION = "recist"
AFTER_CR_RULE = "RECIST 1.1 (Eisenhauer 2009), Table 3, footnote"
NODE_RULE = "EORTC RECIST 1.1, answers to questions: abnormal lymph node"
PERSISTENCE_RULE = "EORTC RECIST 1.1, answers to questions: partial response"

RULES: dict[Flag, str] = {
    Flag.CR_NOT_CONFIRMABLE: OWN_RULE,
    Flag.EQUIVOCAL_NODE: NODE_RULE,
    Flag.REAPPEARED: AFTER_CR_RULE,
    Flag.REAPPEARED_UNDECIDED: AFTER_CR_RULE,
    Flag.AMENDED_BY_READER: AFTER_CR_RULE,
    Flag.CR_AMENDED: AFTER_CR_RULE,
    Flag.PD_DATED_BACK: NODE_RULE,
    Flag.AMENDS_SEVERAL_CR: AFTER_CR_RULE,
    Flag.EQUIVOCAL_CR_UNDECIDED: OWN_RULE,
    Flag.EQUIVOCAL_NOT_CR: OWN_RULE,
    Flag.RESIDUAL_CR: "RECIST 1.1 (Eisenhauer 2009), 4.3.1 and 4.4.2",
}

UNDECIDED: dict[Flag, str] = {
    Flag.REAPPEARED_UNDECIDED: "AFTER_CR",
    Flag.AMENDS_SEVERAL_CR: "AFTER_CR",
    Flag.EQUIVOCAL_CR_UNDECIDED: "EQUIVOCAL_CR",
}
"""Key of ``Visit.decisions`` that each open question asks for; a read is not signed before it is answered."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Seen:
    """What is known of one follow-up visit besides its targets."""

    row: NonTargetRow
    response: NonTargetResponse | None
    code: str
    new: NewFinding


def timepoint_answers(
    visits: Sequence[TargetVisit],
    targets: Sequence[Assessment],
    rows: Sequence[Row],
    settings: Settings,
) -> dict[str, Assessment]:
    """Assessments ``"FU1/non_target"``, ``"FU1/new"`` and ``"FU1/overall"`` by visit.

    Parameters
    ----------
    targets
        Target assessment of each visit, the baseline first.
    rows
        Values of the target lesions of each visit as they count.
    """
    kept, late = settled_non_targets(visits)
    found = new_lesions(visits, settings)
    seen = [_seen(visit, row, new, settings) for visit, row, new in zip(visits, kept, found, strict=True)]
    resolving = [
        _resolving(visit, target, row, one, settings)
        for visit, target, row, one in zip(visits[1:], targets[1:], rows[1:], seen[1:], strict=True)
    ]
    resolve(resolving, settings)
    answers: dict[str, Assessment] = {}
    responded = False
    for at, visit in enumerate(visits):
        answers[f"{visit.timepoint}/non_target"] = _non_target(visit, seen[at], late[at], first=at == 0)
        if at == 0:
            answers[f"{visit.timepoint}/overall"] = _baseline(visit, targets[0])
            continue
        one = resolving[at - 1]
        others = targets[at].outcome == TargetResponse.PD or seen[at].response is NonTargetResponse.PD
        notes = remarks(seen[at].new, visits, at, settings, alone=not others)
        answers[f"{visit.timepoint}/new"] = _new(visit, seen[at].new, notes)
        answers[f"{visit.timepoint}/overall"] = _overall(visits, at, resolving, seen[at], settings, responded=responded)
        responded = responded or one.resolved is OverallResponse.PR
    return answers


def _seen(visit: TargetVisit, row: NonTargetRow, new: NewFinding, settings: Settings) -> _Seen:
    response, code = non_target_response(row, settings)
    waiting = not visit.closed and any(value.state is None for value in row.values())
    # What is unequivocal stays so whatever is said of the others.
    known = response is NonTargetResponse.PD or not waiting
    return _Seen(
        row=row, response=response if known else None, code=code if known else "NON_TARGET_INCOMPLETE", new=new
    )


def _resolving(visit: TargetVisit, target: Assessment, row: Row, seen: _Seen, settings: Settings) -> Resolving:
    known = target.outcome not in {INCOMPLETE, BASELINE}
    response = TargetResponse(target.outcome) if known else TargetResponse.NE
    non_target = seen.response or NonTargetResponse.NE
    overall, _ = overall_response(response, non_target, seen.new.status)
    incomplete = not known or seen.response is None or (bool(seen.new.unsaid) and not visit.closed)
    remaining = {key: value for key, value in row.items() if value.state is not LesionState.TREATED_BY_PROTOCOL}
    shown = frozenset(
        lesion
        for lesion, value in remaining.items()
        if value.evaluable and not supports_cr(lesion, remaining, settings)
    )
    findings = {
        lesion: mass_is_nodal(carrier, remaining)
        for lesion in shown
        for carrier in [remaining[lesion].carrier or lesion]
    }
    worse = {key for key, value in seen.row.items() if value.state is LesionState.UNEQUIVOCAL_PD}
    findings |= {
        key: value.nodal for key, value in seen.row.items() if value.state is LesionState.PRESENT or key in worse
    }
    return Resolving(
        # Progression stands whatever is still to be said.
        arithmetic=overall if not incomplete or overall is OverallResponse.PD else None,
        target=response,
        non_target=non_target,
        new=seen.new.status,
        equivocal=seen.new.equivocal,
        decisions=visit.decisions,
        findings=findings,
        targets_found=shown,
        worse=frozenset(worse),
    )


def _non_target(visit: TargetVisit, seen: _Seen, late: tuple[Reason, ...], *, first: bool) -> Assessment:
    outcome = INCOMPLETE if seen.response is None else seen.response.value
    reason = why_non_target(seen.code, seen.row)
    if first:
        outcome = BASELINE
        reason = Reason(
            code="BASELINE_NON_TARGETS", args=Table({"count": str(len(seen.row))}), rule=BASELINE_RULE, refs=reason.refs
        )
    return Assessment(
        criterion=CRITERION,
        scope=(visit.timepoint, "non_target"),
        outcome=outcome,
        because=(reason,),
        warnings=(*late, *(() if first else non_target_remarks(seen.row, targets=bool(visit.targets)))),
        missing=unsaid(seen.row),
    )


def _new(visit: TargetVisit, found: NewFinding, notes: tuple[Reason, ...]) -> Assessment:
    waiting = bool(found.unsaid) and not visit.closed and found.status is not NewLesions.YES
    because = why_new(found, visit)
    missing = tuple(reason for reason in because if reason.code in {"NEW_STATUS_MISSING", "NEW_CARRIED"})
    return Assessment(
        criterion=CRITERION,
        scope=(visit.timepoint, "new"),
        outcome=INCOMPLETE if waiting else found.status.value,
        because=because,
        warnings=notes,
        missing=missing,
    )


def _baseline(visit: TargetVisit, target: Assessment) -> Assessment:
    disease = bool(visit.targets) or bool(visit.non_targets)
    if not disease:
        code = "BASELINE_NO_DISEASE"
    else:
        code = "BASELINE_WITH_TARGETS" if visit.targets else "BASELINE_NON_TARGETS_ONLY"
    args = Table({"targets": str(len(visit.targets)), "non_targets": str(len(visit.non_targets))})
    return Assessment(
        criterion=CRITERION,
        scope=(visit.timepoint, "overall"),
        outcome=target.outcome,
        because=(Reason(code=code, args=args, rule=BASELINE_RULE),),
        warnings=_lacking_images(visit),
        missing=target.missing,
    )


def _lacking_images(visit: TargetVisit) -> tuple[Reason, ...]:
    """That demanded images are missing or cannot be read: the response stands, and the visit is no adequate assessment."""
    lacking = (("MODALITY_MISSING", visit.missing_modalities), ("MODALITY_UNREADABLE", visit.unreadable_modalities))
    return tuple(
        Reason(code=code, args=Table({"modalities": ", ".join(words)}), rule=OWN_RULE)
        for code, words in lacking
        if words
    )


def _overall(
    visits: Sequence[TargetVisit],
    at: int,
    resolving: Sequence[Resolving],
    seen: _Seen,
    settings: Settings,
    *,
    responded: bool,
) -> Assessment:
    visit, one = visits[at], resolving[at - 1]
    outcome = INCOMPLETE if one.resolved is None else one.resolved.value
    label = outcome
    warnings = [_flagged(flag, visits, one) for flag in sorted(one.flags) if flag not in UNDECIDED]
    after_pd = any(other.resolved is OverallResponse.PD for other in resolving[: at - 1])
    if one.resolved is OverallResponse.SD and responded and not after_pd:
        if settings.pr_persistence == "after_any":
            label = OverallResponse.PR.value
        warnings.append(Reason(code="PR_MAINTAINED", rule=PERSISTENCE_RULE))
    if after_pd:
        warnings.append(Reason(code="AFTER_PD", rule=OWN_RULE))
    args = {
        "target": one.target.value,
        "non_target": INCOMPLETE if seen.response is None else seen.response.value,
        "new": one.new.value,
        "arithmetic": INCOMPLETE if one.arithmetic is None else one.arithmetic.value,
        "outcome": outcome,
        "label": label,
    }
    return Assessment(
        criterion=CRITERION,
        scope=(visit.timepoint, "overall"),
        outcome=outcome,
        because=_overall_because(one, args),
        warnings=(*warnings, *_lacking_images(visit)),
        missing=tuple(_flagged(flag, visits, one) for flag in sorted(one.flags) if flag in UNDECIDED),
    )


def _overall_because(one: Resolving, args: Mapping[str, str]) -> tuple[Reason, ...]:
    if one.arithmetic is None:
        return (Reason(code="OVERALL_INCOMPLETE", args=Table(args), rule=TABLE_1),)
    _, table = overall_response(one.target, one.non_target, one.new)
    causes = tuple(
        Reason(code=code, rule=table)
        for code, holds in (
            ("PD_CAUSE_TARGET", one.target is TargetResponse.PD),
            ("PD_CAUSE_NON_TARGET", one.non_target is NonTargetResponse.PD),
            ("PD_CAUSE_NEW", one.new is NewLesions.YES),
        )
        if holds
    )
    changed = one.resolved is not one.arithmetic
    code = "OVERALL_RESOLVED" if changed else "OVERALL_NED" if one.resolved is OverallResponse.NED else "OVERALL"
    return (Reason(code=code, args=Table(args), rule=table, because=causes),)


def _flagged(flag: Flag, visits: Sequence[TargetVisit], one: Resolving) -> Reason:
    args: dict[str, str] = {}
    if flag in {Flag.AMENDED_BY_READER, Flag.AMENDS_SEVERAL_CR}:
        args["visits"] = ", ".join(visits[index + 1].name for index in one.amends)
    return Reason(code=flag.value, args=Table(args), rule=RULES[flag])


def decisions_asked(overall: Assessment) -> tuple[tuple[str, Reason], ...]:
    """(key of ``Visit.decisions``, why) of each decision that an overall response still asks the reader for."""
    return tuple((UNDECIDED[Flag(one.code)], one) for one in overall.missing if one.code in UNDECIDED)
