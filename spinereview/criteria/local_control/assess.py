"""Local control of a subject: each definition at each visit, and when it failed first."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from spinereview.criteria.local_control.rules import Found, by_judgement, by_nadir, by_protocol
from spinereview.criteria.local_control.values import (
    CRITERION,
    Baseline,
    Definition,
    Input,
    Settings,
    SiteVisit,
)
from spinereview.criteria.recist.percent import change_pct, mm_text, number_text, signed
from spinereview.criteria.recist.sums import Sums, own_sums, settled, sums_at
from spinereview.criteria.recist.values import TargetResponse, TargetVisit
from spinereview.criteria.responses import MISSING, LocalResult, no_schedule, scope_end
from spinereview.domain.assessment import Assessment, Reason
from spinereview.domain.imaging import Id
from spinereview.domain.schedule import EventKind, Schedule
from spinereview.domain.table import Table

RULES: dict[Definition, str] = {
    Definition.LC_PROTOCOL_06120426: "Registry NCT06120426; details a reading of the program, docs/criteria.md",
    Definition.LC_RECIST_NADIR: "RECIST 1.1 (Eisenhauer 2009), 4.3.1, at the treated sites",
    Definition.LC_SPINO: "SPINO (Thibault 2015, Lancet Oncol 16:e595); to be confirmed by a clinician",
}
OWN = "Reading of the program, docs/criteria.md"
NEEDS_INPUT = "NEEDS_INPUT"


@dataclass(frozen=True, slots=True, kw_only=True)
class Series:
    """Visits from a baseline on, with their sums and the results of one definition."""

    definition: Definition
    visits: Sequence[SiteVisit]
    sums: Sequence[Sums]
    found: Sequence[Found]


def assess(given: Input, settings: Settings) -> Table[Assessment]:
    """Assessments ``"FU1/local_control/LC_SPINO"`` of each visit after the baseline, and ``"local_control/LC_SPINO"``.

    For a further baseline the key ends with its name: ``"FU1/local_control/LC_RECIST_NADIR/pre_procedure"``. The outcome of
    a visit is a :class:`LocalResult`, that of the subject ``FAILURE``, ``CONTROL``, ``EQUIVOCAL``, ``NE``, or
    ``COMPETING`` (death without failure); ``NEEDS_INPUT`` where the baseline was scanned after radiotherapy had begun.

    Values: ``sum_mm``, ``baseline_sum_mm``, ``nadir_mm``, ``change_baseline_pct``, ``change_nadir_pct``; of the subject
    ``day`` (of the first scan that failed, of the death, or of the last that was controlled).
    """
    if not given.visits:
        return Table()
    answers: dict[str, Assessment] = {}
    starts: dict[str, Id | None] = {"": given.baseline, **given.also}
    for name, timepoint in starts.items():
        ending = (name,) if name else ()
        kind = Baseline(name) if name else given.baseline_kind
        for definition in settings.definitions:
            if name and definition is Definition.LC_SPINO:
                continue  # a judgement is compared with no sum
            scope = (CRITERION, definition.value, *ending)
            refused = _refused(given, timepoint, kind, scope)
            if refused is not None or timepoint is None:
                answers["/".join(scope)] = _no_baseline(scope) if refused is None else refused
                continue
            series = _series(given, timepoint, definition, settings)
            for at, visit in enumerate(series.visits):
                own = (visit.timepoint, *scope)
                answers["/".join(own)] = _visit(series, at, own, settings, given)
            answers["/".join(scope)] = _subject(series, scope, given.schedule)
    return Table(answers)


def _no_baseline(scope: tuple[str, ...]) -> Assessment:
    missing = (Reason(code="LC_BASELINE_MISSING", rule=OWN),)
    return Assessment(criterion=CRITERION, scope=scope, outcome=MISSING, missing=missing)


def _refused(given: Input, timepoint: Id | None, kind: Baseline, scope: tuple[str, ...]) -> Assessment | None:
    """A first scan after the procedure that was made after radiotherapy had begun is no baseline: a person decides."""
    if timepoint is None or given.schedule is None or kind is not Baseline.FIRST_POST_PROCEDURE_SCAN:
        return None
    started = given.schedule.of_kind(EventKind.POST_PROCEDURE_RT)
    day = given.schedule.day_of(timepoint)
    if not any(event.day is None or day is None or event.day < day for event in started):
        return None
    name = next(visit.name for visit in given.visits if visit.timepoint == timepoint)
    missing = (Reason(code="LC_BASELINE_AFTER_RT", args=Table({"visit": name}), rule=OWN),)
    return Assessment(criterion=CRITERION, scope=scope, outcome=NEEDS_INPUT, missing=missing)


def _series(given: Input, timepoint: Id, definition: Definition, settings: Settings) -> Series:
    start = next(at for at, visit in enumerate(given.visits) if visit.timepoint == timepoint)
    visits = given.visits[start:]
    rows = settled([TargetVisit(timepoint=visit.timepoint, targets=visit.sites) for visit in visits]).rows
    own = own_sums(rows, given.recist)
    sums = [sums_at(rows, own, at, given.recist) for at in range(1, len(rows))]
    if definition is Definition.LC_SPINO:
        found = by_judgement([visit.judgement for visit in visits[1:]])
    elif definition is Definition.LC_RECIST_NADIR:
        found = by_nadir(sums, given.recist)
    else:
        found = by_protocol(sums, settings, given.recist)
    return Series(definition=definition, visits=visits[1:], sums=sums, found=found)


def _visit(series: Series, at: int, scope: tuple[str, ...], settings: Settings, given: Input) -> Assessment:
    visit, sums, found = series.visits[at], series.sums[at], series.found[at]
    by_size = series.definition is not Definition.LC_SPINO
    args = {
        "visit": visit.name,
        "result": found.result.value,
        "recist": "-" if visit.recist is None else visit.recist.value,
    }
    if by_size:
        args |= _size_args(sums, settings, given)
    return Assessment(
        criterion=CRITERION,
        scope=scope,
        outcome=found.result.value,
        values=_values(sums, given) if by_size else Table(),
        because=(Reason(code=found.code, args=Table(args), rule=RULES[series.definition]),),
        warnings=_differs(visit, found, series.definition),
    )


def _size_args(sums: Sums, settings: Settings, given: Input) -> dict[str, str]:
    def mm(value: Decimal | None) -> str:
        return "n/a" if value is None else mm_text(value)

    change = _change(sums.evaluable_mm, sums.baseline_mm, given)
    over = _change(sums.evaluable_mm, sums.nadir_mm, given)
    return {
        "sum": mm(sums.evaluable_mm),
        "baseline": mm(sums.baseline_mm),
        "nadir": mm(sums.nadir_mm),
        "pct_baseline": "n/a" if change is None else f"{signed(change)} %",
        "pct_nadir": "n/a" if over is None else f"{signed(over)} %",
        "limit": number_text(100 * settings.lc_threshold),
        "recurrence": number_text(settings.lc_recurrence_mm),
    }


def _change(now_mm: Decimal, base_mm: Decimal | None, given: Input) -> Decimal | None:
    found = None if base_mm is None else change_pct(now_mm, base_mm, 100 * given.recist.pd_threshold)
    return None if found is None else found.value


def _values(sums: Sums, given: Input) -> Table[Decimal | None]:
    known = sums.sum_mm is not None
    return Table(
        {
            "sum_mm": sums.sum_mm,
            "baseline_sum_mm": sums.baseline_mm,
            "nadir_mm": sums.nadir_mm,
            "change_baseline_pct": _change(sums.evaluable_mm, sums.baseline_mm, given) if known else None,
            "change_nadir_pct": _change(sums.evaluable_mm, sums.nadir_mm, given) if known else None,
        }
    )


def _differs(visit: SiteVisit, found: Found, definition: Definition) -> tuple[Reason, ...]:
    """That the category of RECIST says otherwise; both stand, neither corrects the other."""
    said = visit.recist not in {None, TargetResponse.NE, TargetResponse.NA}
    judged = found.result in {LocalResult.CONTROL, LocalResult.FAILURE}
    if not said or not judged or (visit.recist is TargetResponse.PD) == (found.result is LocalResult.FAILURE):
        return ()
    args = Table({"visit": visit.name, "recist": str(visit.recist), "result": found.result.value})
    return (Reason(code="LC_DIFFERS_FROM_RECIST", args=args, rule=RULES[definition]),)


def _subject(series: Series, scope: tuple[str, ...], schedule: Schedule | None) -> Assessment:
    """The first failure; else death without one, which competes; else the last visit that could be judged."""
    listed = [
        (one.result, visit, None if schedule is None else schedule.day_of(visit.timepoint))
        for one, visit in zip(series.found, series.visits, strict=True)
    ]
    end = None if schedule is None else scope_end(schedule, local=True)
    judged = [
        one for one in listed if one[0] is not LocalResult.NE and (end is None or one[2] is None or one[2] <= end)
    ]
    failures = [one for one in judged if one[0] is LocalResult.FAILURE]
    nothing: tuple[LocalResult, SiteVisit | None, int | None] = (LocalResult.NE, None, None)
    result, visit, day = next(iter(failures), judged[-1] if judged else nothing)
    word, code = result.value, f"LC_FIRST_{result.value}"
    died = None if schedule is None else next(iter(schedule.of_kind(EventKind.DEATH)), None)
    known = died is not None and (end is None or died.day is None or died.day <= end)
    if died is not None and known and not failures:
        word, code, day = "COMPETING", "LC_COMPETING", died.day
    return Assessment(
        criterion=CRITERION,
        scope=scope,
        outcome=word,
        values=Table[Decimal | None]({"day": None if day is None else Decimal(day)}),
        because=(
            Reason(
                code=code,
                args=Table({} if visit is None else {"visit": visit.name}),
                rule=RULES[series.definition],
            ),
        ),
        missing=(no_schedule(),) if schedule is None else (),
    )
