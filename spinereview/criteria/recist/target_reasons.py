"""Why a target response is what it is: codes with their numbers as text, the rule, and the findings they rest on."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from decimal import Decimal

from spinereview.criteria.recist.percent import Percentage, change_pct, mm_text, number_text, signed
from spinereview.criteria.recist.settings import Settings
from spinereview.criteria.recist.sums import OWN_RULE, Row, Sums, total, value_mm
from spinereview.criteria.recist.target import Verdict, mass_is_nodal, rose_by_share
from spinereview.criteria.recist.values import TargetResponse, TargetValue, TargetVisit
from spinereview.domain.assessment import Reason
from spinereview.domain.imaging import Ref
from spinereview.domain.lesion import LesionState
from spinereview.domain.table import Table

RESPONSE_RULE = "RECIST 1.1 (Eisenhauer 2009), 4.3.1"
SPECIAL_RULE = "RECIST 1.1 (Eisenhauer 2009), 4.3.2"
MISSING_RULE = "RECIST 1.1 (Eisenhauer 2009), 4.4.2"
BASELINE_RULE = "RECIST 1.1 (Eisenhauer 2009), 4.2"

CODES: dict[int, tuple[str, str]] = {
    1: ("TARGET_NA", BASELINE_RULE),
    2: ("TARGET_NE_NONE_EVALUABLE", MISSING_RULE),
    3: ("TARGET_PD_PARTIAL", MISSING_RULE),
    4: ("TARGET_NE_PARTIAL", MISSING_RULE),
    5: ("TARGET_CR", RESPONSE_RULE),
    6: ("TARGET_PD", RESPONSE_RULE),
    7: ("TARGET_PD_NADIR_ZERO", OWN_RULE),
    8: ("TARGET_PR", RESPONSE_RULE),
    9: ("TARGET_SD", RESPONSE_RULE),
}
"""Code and source of each rule of :func:`spinereview.criteria.recist.target.target_response`."""

NOT_APPLICABLE = "n/a"


Changes = tuple[Percentage | None, Percentage | None]
"""Against the baseline, and against the nadir."""


_RULE_OF_STATE = {
    LesionState.TREATED_OFF: OWN_RULE,
    LesionState.TREATED_BY_PROTOCOL: OWN_RULE,
    LesionState.TOO_SMALL: SPECIAL_RULE,
    LesionState.SPLIT: SPECIAL_RULE,
    LesionState.MERGED: SPECIAL_RULE,
    LesionState.NE: MISSING_RULE,
}


def changes(sums: Sums, settings: Settings) -> Changes:
    """Change of the evaluable sum against baseline and against nadir, each with the badge of its own limit."""
    return (
        None
        if sums.baseline_mm is None
        else change_pct(sums.evaluable_mm, sums.baseline_mm, -100 * settings.pr_threshold),
        None if sums.nadir_mm is None else change_pct(sums.evaluable_mm, sums.nadir_mm, 100 * settings.pd_threshold),
    )


def why(verdict: Verdict, sums: Sums, shown: Changes, visits: Sequence[TargetVisit], settings: Settings) -> Reason:
    """The reason of a response, with the value of every remaining lesion beneath it."""
    code, rule = CODES[verdict.rule]
    values = tuple(sums.kept.values())
    if verdict.rule == 2 and sums.all_removed:
        code, rule = "TARGET_NE_ALL_REMOVED", OWN_RULE
    elif verdict.rule == 3 and sums.nadir_mm == 0:
        code = "TARGET_PD_PARTIAL_NADIR_ZERO"
    elif verdict.rule == 9 and sums.nadir_mm and rose_by_share(sums.evaluable_mm, sums.nadir_mm, settings):
        code = "TARGET_SD_SMALL_RISE"
    return Reason(
        code=code,
        args=Table(_arguments(sums, shown, visits, settings)),
        rule=rule,
        refs=refs_of(values),
        because=tuple(why_value(value, settings) for value in values),
    )


def why_value(value: TargetValue, settings: Settings) -> Reason:
    """What a lesion adds to the sum, and why."""
    if value.state is None:
        problem = value.problem
        return Reason(
            code="VALUE_NOT_ASSESSED",
            args=Table({"lesion": value.name}),
            rule=MISSING_RULE,
            refs=(value.ref,),
            because=() if problem is None else (problem,),
        )
    args = {"lesion": value.name}
    if value.evaluable:
        args["mm"] = mm_text(value_mm(value, settings))
    if value.carrier is not None:
        args["carrier"] = value.carrier
    if value.state is LesionState.SPLIT:
        args["fragments"] = str(len(value.parts))
    rule = _RULE_OF_STATE.get(value.state, RESPONSE_RULE)
    return Reason(code=f"VALUE_{value.state}", args=Table(args), rule=rule, refs=(value.ref,))


def flags(verdict: Verdict | None, sums: Sums, shown: Changes, settings: Settings) -> tuple[Reason, ...]:
    """What was done with the values that a reader should know."""
    listed: list[Reason] = []
    if sums.restated:
        listed.append(Reason(code="SUM_RESTATED", args=Table(_restated(sums)), rule=OWN_RULE))
    if sums.all_removed:
        listed.append(Reason(code="ALL_TARGETS_REMOVED", rule=OWN_RULE))
    if verdict is not None and verdict.response is TargetResponse.CR:
        if sums.restated:
            listed.append(Reason(code="CR_AFTER_RESTATING", rule=OWN_RULE))
        if verdict.progressed:
            listed.append(Reason(code="NODE_RISE_WITHIN_NORMAL", rule=OWN_RULE, refs=refs_of(sums.kept.values())))
    listed.extend(_mass_flags(sums.kept))
    if sums.sum_mm is not None and verdict is not None:
        listed.extend(_badges(shown, settings))
    return tuple(listed)


def treated_flags(overridden: Sequence[TargetValue]) -> tuple[Reason, ...]:
    """Values and states that were entered after a lesion had been treated; shown, not used."""
    return tuple(
        Reason(
            code="VALUE_AFTER_TREATMENT",
            args=Table({"lesion": value.name, "state": str(value.state)}),
            rule=OWN_RULE,
            refs=(value.ref,),
        )
        for value in overridden
    )


def refs_of(values: Iterable[TargetValue]) -> tuple[Ref, ...]:
    """Where values came from."""
    return tuple(value.ref for value in values if value.ref)


def _mass_flags(kept: Row) -> list[Reason]:
    listed: list[Reason] = []
    carriers = {value.carrier for value in kept.values()}
    for lesion, value in kept.items():
        if lesion not in carriers and value.state is not LesionState.SPLIT:
            continue
        args = Table({"lesion": value.name})
        mixed = (
            lesion in carriers
            and len({other.nodal for key, other in kept.items() if lesion in (key, other.carrier)}) > 1
        )
        if mixed:
            listed.append(Reason(code="NODE_NON_NODE_MERGE", args=args, rule=OWN_RULE, refs=(value.ref,)))
        if value.state is LesionState.SPLIT and mass_is_nodal(lesion, kept):
            listed.append(Reason(code="NODE_SPLIT", args=args, rule=OWN_RULE, refs=(value.ref,)))
    return listed


def _badges(shown: Changes, settings: Settings) -> list[Reason]:
    against_baseline, against_nadir = shown
    return [
        Reason(
            code=code,
            args=Table({"pct": change.text, "limit": signed_limit}),
            rule=RESPONSE_RULE,
        )
        for code, change, signed_limit in (
            ("BOUNDARY_BASELINE", against_baseline, f"−{number_text(100 * settings.pr_threshold)}"),
            ("BOUNDARY_NADIR", against_nadir, f"+{number_text(100 * settings.pd_threshold)}"),
        )
        if change is not None and change.near_limit
    ]


def _restated(sums: Sums) -> dict[str, str]:
    return {
        "baseline": _mm(sums.baseline_mm),
        "nadir": _mm(sums.nadir_mm),
        "original_baseline": _mm(sums.original_baseline_mm),
        "original_nadir": _mm(sums.original_nadir_mm),
    }


def _arguments(sums: Sums, shown: Changes, visits: Sequence[TargetVisit], settings: Settings) -> dict[str, str]:
    against_baseline, against_nadir = shown
    rise = None if sums.nadir_mm is None else total([sums.evaluable_mm, -sums.nadir_mm])
    silent = [value.name for value in sums.kept.values() if not value.evaluable]
    return {
        "sum": mm_text(sums.evaluable_mm),
        "baseline": _mm(sums.baseline_mm),
        "nadir": _mm(sums.nadir_mm),
        "at": NOT_APPLICABLE if sums.nadir_at is None else visits[sums.nadir_at].name,
        "pct_baseline": _pct(against_baseline),
        "pct_nadir": _pct(against_nadir),
        "mm_nadir": NOT_APPLICABLE if rise is None else _signed_mm(rise),
        "pr_limit": number_text(100 * settings.pr_threshold),
        "pd_limit": number_text(100 * settings.pd_threshold),
        "mm_limit": number_text(settings.pd_abs_mm),
        "node_limit": number_text(settings.node_path_min),
        "lesions": ", ".join(silent),
        "count": str(len(sums.kept)),
    }


def _mm(value: Decimal | None) -> str:
    return NOT_APPLICABLE if value is None else mm_text(value)


def _signed_mm(value: Decimal) -> str:
    return signed(value.normalize() if value else Decimal("0.0"))


def _pct(change: Percentage | None) -> str:
    return NOT_APPLICABLE if change is None else f"{change.text} %"
