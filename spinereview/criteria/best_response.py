"""Best overall response of a subject: RECIST 1.1 (Eisenhauer 2009), 4.4 and Table 3.

Both the best response and the confirmed one are answered; the protocol says which one counts. Where a visit's day is not
known the answer stands only if it is the same wherever that day lies.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from decimal import Decimal
from enum import StrEnum

from spinereview.criteria.best_rule import Best, Question, best_of
from spinereview.criteria.recist.values import OverallResponse
from spinereview.criteria.responses import (
    MISSING,
    Dated,
    ResponseVisit,
    dated,
    events_without_day,
    no_anchor,
    no_schedule,
    reference,
    resolved,
    scope_end,
    therapy_events,
    undated,
)
from spinereview.domain.assessment import Assessment, Reason
from spinereview.domain.checks import require
from spinereview.domain.protocol import Anchor
from spinereview.domain.schedule import Schedule
from spinereview.domain.settings import Choice, Flag, Section, Whole, must
from spinereview.domain.table import Table

CRITERION = "best_response"
TABLE_3 = "RECIST 1.1 (Eisenhauer 2009), Table 3"
RULE = "RECIST 1.1 (Eisenhauer 2009), 4.4"
PERSISTENCE_RULE = "EORTC RECIST 1.1, answers to questions: partial response"
COMPATIBLE = "R package admiralonco, derive_param_confirmed_bor"

PR, CR, SD, PD = OverallResponse.PR, OverallResponse.CR, OverallResponse.SD, OverallResponse.PD


class Persistence(StrEnum):
    """Where a visit that is SD by itself is printed as PR; a label only (EORTC's answers)."""

    NEVER = "never"
    AFTER_CONFIRMED = "after_confirmed"
    AFTER_ANY = "after_any"


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings(Section):
    """Keys of ``[criterion.best_response]``.

    ``confirm`` names the answer that counts. ``rules = "admiralonco"`` answers as that R package does, so that a
    statistician can compare: disease after a complete response is no progression there.

    >>> Settings.parse({"min_sd_days": 77}).min_sd_days
    77
    """

    confirm: bool = field(default=False, metadata=must(Flag()))
    confirm_days: int = field(default=28, metadata=must(Whole(0)))
    max_ne_between: int = field(default=1, metadata=must(Whole(0)))
    max_sd_between: int = field(default=0, metadata=must(Whole(0)))
    min_sd_days: int = field(default=42, metadata=must(Whole(0)))
    sd_anchor: str = field(default="RANDOMISATION", metadata=must(Choice(("RANDOMISATION", "FIRST_TREATMENT"))))
    rules: str = field(default="strict", metadata=must(Choice(("strict", "admiralonco"))))
    missing_as_ne: bool = field(default=False, metadata=must(Flag()))


@dataclass(frozen=True, slots=True, kw_only=True)
class Input:
    """Visits after the baseline, in order.

    Parameters
    ----------
    targets_at_baseline, disease_at_baseline
        There was a target lesion, there was any lesion, at baseline; fixed for good.
    pr_persistence
        Where to print PR for SD; changes no best response.
    """

    visits: tuple[ResponseVisit, ...] = ()
    targets_at_baseline: bool = True
    disease_at_baseline: bool = True
    schedule: Schedule | None = None
    pr_persistence: Persistence = Persistence.NEVER

    def __post_init__(self) -> None:
        names = [visit.timepoint for visit in self.visits]
        require(holds=len(set(names)) == len(names), code="VISIT_TWICE")


def assess(given: Input, settings: Settings) -> Table[Assessment]:
    """Assessments ``"best_response"`` (the one that counts), ``"best_response/confirmed"`` and ``".../unconfirmed"``.

    The outcome is an :class:`OverallResponse`; ``MISSING`` where days are needed that are not there. With the rules of
    admiralonco ``MISSING`` is also the word for a subject without visits.

    Values: ``day`` (of the first visit with the winning response), ``confirmed_day``, ``first_response_day``.
    ``"FU1/label"`` is the printed response of each visit where the protocol lets PR persist.
    """
    if given.schedule is None and not given.visits:
        return Table()
    visits, reappeared = (given.visits, frozenset[str]()) if settings.rules == "admiralonco" else resolved(given.visits)
    answers = {
        word: _answer(given, visits, settings, confirm=confirm, reappeared=reappeared)
        for word, confirm in (("unconfirmed", False), ("confirmed", True))
    }
    chosen = answers["confirmed" if settings.confirm else "unconfirmed"]
    listed = {f"{CRITERION}/{word}": answer for word, answer in answers.items()}
    return Table({CRITERION: replace(chosen, scope=(CRITERION,)), **listed, **_labels(given, visits, settings)})


def best(visits: Sequence[Dated], given: Input, settings: Settings, *, confirm: bool, certain: bool) -> Best:
    """Best response of visits in order; ``certain`` counts an unknown day against a response, else for it."""
    schedule = given.schedule or Schedule()
    return best_of(
        visits,
        Question(
            confirm=confirm,
            certain=certain,
            reference=reference(Anchor(settings.sd_anchor), schedule),
            end=scope_end(schedule),
            min_sd_days=settings.min_sd_days,
            confirm_days=settings.confirm_days,
            max_ne_between=settings.max_ne_between,
            max_sd_between=settings.max_sd_between,
            targets=given.targets_at_baseline,
            disease=given.disease_at_baseline,
            compatible=settings.rules == "admiralonco",
        ),
    )


def _answer(
    given: Input,
    visits: tuple[ResponseVisit, ...],
    settings: Settings,
    *,
    confirm: bool,
    reappeared: frozenset[str],
) -> Assessment:
    scope = (CRITERION, "confirmed" if confirm else "unconfirmed")
    if given.schedule is None:
        return Assessment(criterion=CRITERION, scope=scope, outcome=MISSING, missing=(no_schedule(),))
    listed = dated(visits, given.schedule)
    lower = best(listed, given, settings, confirm=confirm, certain=True)
    upper = best(listed, given, settings, confirm=confirm, certain=False)
    lacking = _lacking(listed, given, settings)
    unsettled = tuple(
        Reason(code="VISIT_UNSETTLED", args=Table({"visit": visit.name}), rule=RULE)
        for visit in _until_pd(visits)
        if visit.response is None
    )
    if unsettled or lower.response is not upper.response or (visits and _therapy_lacks(given)):
        return Assessment(criterion=CRITERION, scope=scope, outcome=MISSING, missing=(*unsettled, *lacking))
    outcome = lower.response.value
    if not visits and settings.rules == "admiralonco" and not settings.missing_as_ne:
        outcome = MISSING
    return Assessment(
        criterion=CRITERION,
        scope=scope,
        outcome=outcome,
        values=_values(listed, lower, upper),
        because=(_why(listed, lower, settings, confirm=confirm),),
        warnings=_warnings(listed, lower, settings, reappeared),
    )


def _until_pd(visits: Sequence[ResponseVisit]) -> Sequence[ResponseVisit]:
    first = next((at for at, visit in enumerate(visits) if visit.response is PD), len(visits))
    return visits[: first + 1]


def _therapy_lacks(given: Input) -> bool:
    return bool(given.schedule and events_without_day(therapy_events(given.schedule)))


def _lacking(listed: Sequence[Dated], given: Input, settings: Settings) -> tuple[Reason, ...]:
    schedule = given.schedule or Schedule()
    anchor = Anchor(settings.sd_anchor)
    without = () if reference(anchor, schedule) is not None else (no_anchor(anchor),)
    return (*undated(listed), *without, *events_without_day(therapy_events(schedule)))


def _values(listed: Sequence[Dated], lower: Best, upper: Best) -> Table[Decimal | None]:
    """Days only where they are the same wherever an unknown day lies."""

    def day(at: int | None, other: int | None) -> Decimal | None:
        known = None if at is None or at != other else listed[at].day
        return None if known is None else Decimal(known)

    return Table(
        {
            "day": day(lower.at, upper.at),
            "confirmed_day": day(lower.confirmed_by, upper.confirmed_by),
            "first_response_day": day(lower.first_response, upper.first_response),
        }
    )


def _why(listed: Sequence[Dated], found: Best, settings: Settings, *, confirm: bool) -> Reason:
    args = {
        "outcome": found.response.value,
        "visit": "" if found.at is None else listed[found.at].visit.name,
        "days": str(settings.confirm_days),
        "min_sd_days": str(settings.min_sd_days),
        "anchor": settings.sd_anchor,
    }
    if found.confirmed_by is not None:
        args["by"] = listed[found.confirmed_by].visit.name
    rule = COMPATIBLE if settings.rules == "admiralonco" else TABLE_3 if confirm else RULE
    refs = tuple(
        listed[at].visit.ref for at in (found.at, found.confirmed_by) if at is not None and listed[at].visit.ref
    )
    return Reason(code=found.code, args=Table(args), rule=rule, refs=refs)


def _warnings(
    listed: Sequence[Dated], found: Best, settings: Settings, reappeared: frozenset[str]
) -> tuple[Reason, ...]:
    warnings = [
        Reason(code="BOR_REAPPEARED", args=Table({"visit": one.visit.name}), rule=TABLE_3 + ", footnote")
        for one in listed
        if one.visit.timepoint in reappeared
    ]
    amended = [one for one in listed if one.visit.amended]
    apart = [
        (first, second)
        for index, first in enumerate(amended)
        for second in amended[index + 1 :]
        if first.day is not None and second.day is not None and second.day - first.day >= settings.confirm_days
    ]
    if apart:
        args = Table({"first": apart[0][0].visit.name, "second": apart[0][1].visit.name})
        warnings.append(Reason(code="AMENDED_CONFIRMED_CR", args=args, rule=TABLE_3 + ", footnote"))
    if found.code == "BOR_NED" and not any(one.visit.response is OverallResponse.NED for one in listed):
        warnings.append(Reason(code="BOR_NED_NOT_SEEN", rule=RULE))
    left_out = len(listed) - found.counted
    if left_out:
        args = Table({"count": str(left_out)})
        warnings.append(Reason(code="BOR_VISITS_LEFT_OUT", args=args, rule=RULE))
    return tuple(warnings)


def _labels(given: Input, visits: tuple[ResponseVisit, ...], settings: Settings) -> dict[str, Assessment]:
    """Printed responses where PR persists: after any PR, or after a confirmed one; never after progression."""
    if given.pr_persistence is Persistence.NEVER:
        return {}
    listed = dated(visits, given.schedule or Schedule())
    labels: dict[str, Assessment] = {}
    for at, visit in enumerate(_until_pd(visits)):
        kept = visit.response is SD and _responded_before(listed[:at], given, settings)
        labels[f"{visit.timepoint}/label"] = Assessment(
            criterion=CRITERION,
            scope=(visit.timepoint, "label"),
            outcome=MISSING if visit.response is None else PR.value if kept else visit.response.value,
            because=(Reason(code="PR_MAINTAINED", rule=PERSISTENCE_RULE),) if kept else (),
        )
    return labels


def _responded_before(earlier: Sequence[Dated], given: Input, settings: Settings) -> bool:
    if given.pr_persistence is Persistence.AFTER_ANY:
        return any(one.visit.response is PR for one in earlier)
    found = best(earlier, given, settings, confirm=True, certain=True)
    return given.schedule is not None and found.response in {PR, CR}
