"""RECIST 1.1 of one read: what is answered at each visit.

``assess`` is pure: the same input gives the same answer, so a caller may keep it by the identity of the input.
"""

from __future__ import annotations

from decimal import Decimal

from spinereview.criteria.recist.checks import check_flags
from spinereview.criteria.recist.percent import mm_text
from spinereview.criteria.recist.settings import Settings
from spinereview.criteria.recist.sums import OWN_RULE, ZERO, Row, Settled, Sums, own_sums, settled, sums_at, total
from spinereview.criteria.recist.target import Verdict, target_response
from spinereview.criteria.recist.target_reasons import (
    BASELINE_RULE,
    Changes,
    changes,
    flags,
    refs_of,
    treated_flags,
    why,
    why_value,
)
from spinereview.criteria.recist.timepoint import timepoint_answers
from spinereview.criteria.recist.values import BASELINE, INCOMPLETE, Input, TargetResponse, TargetVisit
from spinereview.domain.assessment import Assessment, Reason
from spinereview.domain.table import Table

CRITERION = "recist"
SOLITARY_RULE = "RECIST (Therasse 2000), 2.1; advice, to be confirmed by a clinician"


def assess(given: Input, settings: Settings) -> Table[Assessment]:
    """Assessments by what is answered: ``"FU1/target"``, ``"FU1/non_target"``, ``"FU1/new"``, ``"FU1/overall"``.

    Of targets: the outcome is a :class:`TargetResponse`; of the baseline ``BASELINE`` (a sum, no response), and
    ``INCOMPLETE`` while an open visit, or the open baseline, has a target lesion of which nothing usable has been said. At a
    closed visit such a lesion is not evaluable.

    Values: ``sum_mm``, ``evaluable_sum_mm`` (of the lesions that have a value), ``baseline_sum_mm``, ``nadir_mm``,
    ``change_baseline_pct``, ``change_nadir_pct`` (as shown), ``change_nadir_mm``, and, where the protocol removed lesions,
    ``original_baseline_sum_mm``, ``original_nadir_mm``.
    """
    counted = settled(given.visits)
    own = own_sums(counted.rows, settings)
    answers: dict[str, Assessment] = {}
    for at, visit in enumerate(given.visits):
        sums = sums_at(counted.rows, own, at, settings)
        answer = _follow_up(given.visits, counted, at, sums, settings) if at else _baseline(visit, sums, settings)
        answers[f"{visit.timepoint}/target"] = answer
    answers.update(timepoint_answers(given.visits, tuple(answers.values()), counted.rows, settings))
    return Table(answers)


def _baseline(visit: TargetVisit, sums: Sums, settings: Settings) -> Assessment:
    row = sums.kept
    problems = _problems(row)
    known = sums.sum_mm is not None
    code = "BASELINE_SUM" if known else "BASELINE_SUM_MISSING"
    reason = Reason(
        code=code if row else "BASELINE_NO_TARGET",
        args=Table({"count": str(len(row)), "sum": mm_text(sums.evaluable_mm)}),
        rule=BASELINE_RULE,
        refs=refs_of(row.values()),
        because=tuple(why_value(value, settings) for value in row.values()),
    )
    return Assessment(
        criterion=CRITERION,
        scope=(visit.timepoint, "target"),
        outcome=BASELINE if known or visit.closed else INCOMPLETE,
        values=Table({"sum_mm": sums.sum_mm if row else None, "evaluable_sum_mm": sums.evaluable_mm}),
        because=(reason,),
        warnings=(*visit.warnings, *_baseline_notes(row, settings)),
        missing=problems,
    )


def _baseline_notes(row: Row, settings: Settings) -> tuple[Reason, ...]:
    """What has to be known of a choice of targets that breaks no rule."""
    notes: list[Reason] = []
    if len(row) == 1:
        (only,) = row.values()
        named = Table({"lesion": only.name})
        notes.append(Reason(code="SOLITARY_TARGET", args=named, rule=SOLITARY_RULE, refs=refs_of([only])))
    if row and settings.bone_organ == "vertebra":
        limit = Table({"limit": str(settings.max_per_organ)})
        notes.append(Reason(code="BONE_ORGAN_PER_VERTEBRA", args=limit, rule=BASELINE_RULE))
    return tuple(notes)


def _follow_up(
    visits: tuple[TargetVisit, ...], counted: Settled, at: int, sums: Sums, settings: Settings
) -> Assessment:
    visit = visits[at]
    problems = _problems(sums.kept)
    unknown = bool(sums.kept) and sums.baseline_mm is None
    waiting = bool(problems and not visit.closed) or (unknown and not visits[0].closed)
    if unknown and not waiting:
        # While it waits, this is the reason and not repeated as what is missing.
        problems += (Reason(code="BASELINE_SUM_MISSING", rule=BASELINE_RULE),)
    verdict = None if waiting or unknown else _verdict(sums, settings)
    shown = changes(sums, settings)
    return Assessment(
        criterion=CRITERION,
        scope=(visit.timepoint, "target"),
        outcome=_outcome(verdict, waiting=waiting),
        values=_values(sums, shown),
        because=_because(verdict, sums, shown, visits, settings, waiting=waiting),
        warnings=(
            *visit.warnings,
            *flags(verdict, sums, shown, settings),
            *treated_flags(counted.overridden[at]),
            *_earlier_incomplete(visits, counted, at),
            *check_flags(counted.rows, at, settings),
        ),
        missing=problems,
    )


def _verdict(sums: Sums, settings: Settings) -> Verdict:
    return target_response(
        ZERO if sums.baseline_mm is None else sums.baseline_mm,
        ZERO if sums.nadir_mm is None else sums.nadir_mm,
        sums.kept,
        settings,
        all_removed=sums.all_removed,
    )


def _outcome(verdict: Verdict | None, *, waiting: bool) -> str:
    if verdict is not None:
        return verdict.response.value
    return INCOMPLETE if waiting else TargetResponse.NE.value


def _because(
    verdict: Verdict | None,
    sums: Sums,
    shown: Changes,
    visits: tuple[TargetVisit, ...],
    settings: Settings,
    *,
    waiting: bool,
) -> tuple[Reason, ...]:
    if verdict is not None:
        return (why(verdict, sums, shown, visits, settings),)
    if not waiting:
        return (Reason(code="TARGET_NE_NO_BASELINE", rule=BASELINE_RULE),)
    if sums.baseline_mm is None:
        return (Reason(code="BASELINE_SUM_MISSING", rule=BASELINE_RULE),)
    open_ones = [value for value in sums.kept.values() if value.state is None]
    args = Table({"lesions": ", ".join(value.name for value in open_ones), "count": str(len(open_ones))})
    return (Reason(code="TARGET_INCOMPLETE", args=args, rule=BASELINE_RULE, refs=refs_of(open_ones)),)


def _values(sums: Sums, shown: Changes) -> Table[Decimal | None]:
    known = sums.sum_mm is not None and bool(sums.kept)
    against_baseline, against_nadir = shown if known else (None, None)
    rise = total([sums.evaluable_mm, -sums.nadir_mm]) if known and sums.nadir_mm is not None else None
    return Table(
        {
            "sum_mm": sums.sum_mm if known else None,
            "evaluable_sum_mm": sums.evaluable_mm if sums.kept else None,
            "baseline_sum_mm": sums.baseline_mm if sums.kept else None,
            "nadir_mm": sums.nadir_mm if sums.kept else None,
            "change_baseline_pct": None if against_baseline is None else against_baseline.value,
            "change_nadir_pct": None if against_nadir is None else against_nadir.value,
            "change_nadir_mm": rise,
            "original_baseline_sum_mm": sums.original_baseline_mm if sums.restated else None,
            "original_nadir_mm": sums.original_nadir_mm if sums.restated else None,
        }
    )


def _problems(row: Row) -> tuple[Reason, ...]:
    return tuple(value.problem for value in row.values() if value.problem is not None)


def _earlier_incomplete(visits: tuple[TargetVisit, ...], counted: Settled, at: int) -> tuple[Reason, ...]:
    """An open earlier visit with something unsaid may yet set the nadir."""
    names = [
        visit.name
        for visit, row in zip(visits[1:at], counted.rows[1:at], strict=True)
        if not visit.closed and any(value.state is None for value in row.values())
    ]
    if not names:
        return ()
    return (Reason(code="EARLIER_VISIT_INCOMPLETE", args=Table({"visits": ", ".join(names)}), rule=OWN_RULE),)
