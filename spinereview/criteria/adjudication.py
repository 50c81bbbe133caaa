"""Whether two reads of a case disagree in what the protocol lists, and where: blinded review by two and an adjudicator.

Ford 2016 (J Clin Trials 6(5)) for the workflow; which difference counts is our reading, in docs/criteria.md. Only outcomes
are compared. Where one of two outcomes is not there, nothing is said of the pair, least of all that it agrees.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from enum import StrEnum

from spinereview.criteria.adjudication_causes import of_pd, of_response, of_scores
from spinereview.criteria.adjudication_values import (
    BY_VISIT,
    Escc,
    Input,
    LocalOutcome,
    Moment,
    ReadResult,
    Settings,
    VcfEvent,
)
from spinereview.criteria.eligibility import Outcome
from spinereview.criteria.recist.values import OverallResponse
from spinereview.criteria.responses import MISSING
from spinereview.criteria.sins_values import Category
from spinereview.domain.adjudication import Cause, Trigger
from spinereview.domain.assessment import Assessment, Reason
from spinereview.domain.table import Table

CRITERION = "adjudication"
RULE = "Ford 2016, J Clin Trials 6(5); reading of the program, docs/criteria.md"
CASE = "CASE"
AGREE, DISAGREE, NOT_APPLICABLE = "AGREE", "DISAGREE", "NOT_APPLICABLE"
ADJUDICATE, NO_ADJUDICATION = "ADJUDICATE", "NO_ADJUDICATION"

__all__ = ["Input", "Settings", "assess"]


@dataclass(slots=True, kw_only=True)
class Compared:
    """What came of one trigger, collected while pairs are compared."""

    trigger: Trigger
    pairs: int = 0
    differ: list[Reason] = field(default_factory=list)
    missing: list[Reason] = field(default_factory=list)
    notes: list[Reason] = field(default_factory=list)
    values: dict[str, Decimal | None] = field(default_factory=dict)

    def compare(self, where: str, a: str, b: str, causes: tuple[Cause, ...]) -> None:
        """Note a pair; a difference with its place, both values, and what it seems to come from."""
        self.pairs += 1
        if a != b:
            args = Table({"where": where, "a": a, "b": b, "cause": ", ".join(causes)})
            self.differ.append(Reason(code=self.trigger.value, args=args, rule=RULE))

    def lacks(self, code: str, where: str, a: str, b: str) -> None:
        """Note a pair of which nothing can be said."""
        args = Table({"where": where, "a": a, "b": b})
        self.missing.append(Reason(code=code, args=args, rule=RULE))

    def answer(self) -> Assessment:
        """Assessment of the trigger; a difference stands whatever else is missing."""
        if self.differ:
            outcome = DISAGREE
        elif self.missing:
            outcome = MISSING
        else:
            outcome = AGREE if self.pairs else NOT_APPLICABLE
        plain = Reason(code=f"ADJ_{outcome}", args=Table({"pairs": str(self.pairs)}), rule=RULE)
        stated = () if outcome == MISSING else (plain,)
        return Assessment(
            criterion=CRITERION,
            scope=(CRITERION, self.trigger.value),
            outcome=outcome,
            values=Table(self.values),
            because=(*self.differ, *self.notes) if self.differ else (*stated, *self.notes),
            missing=tuple(self.missing),
        )


def assess(given: Input, settings: Settings) -> Table[Assessment]:
    """Assessments ``"adjudication"`` and ``"adjudication/ADJ_BOR"`` of each trigger that is on.

    The outcome of the case is ``ADJUDICATE``, ``NO_ADJUDICATION``, or ``MISSING`` where no trigger fired and one could not
    be asked; of a trigger ``DISAGREE``, ``AGREE``, ``NOT_APPLICABLE`` or ``MISSING``. Each difference is a reason with
    ``where``, ``a`` and ``b`` (first and second read) and ``cause``, words of :class:`Cause` that the adjudicator confirms.

    Values: ``differences``; of ADJ_PD_DATE and ADJ_LC ``day``, which the case takes where both saw it at one visit.
    """
    first, second = given.first, given.second
    if first is None and second is None:
        return Table()
    if first is None or second is None or not (first.signed and second.signed):
        missing = (Reason(code="ADJ_NOT_SIGNED", rule=RULE),)
        return Table({CRITERION: Assessment(criterion=CRITERION, scope=(CRITERION,), outcome=MISSING, missing=missing)})
    pair = Pair(a=first, b=second, same_targets=given.same_targets, settings=settings)
    answers: dict[str, Assessment] = {}
    for trigger in Trigger:
        if trigger.value in settings.triggers:
            compared = Compared(trigger=trigger)
            _COMPARE[trigger](pair, compared)
            answers[f"{CRITERION}/{trigger.value}"] = compared.answer()
    return Table({CRITERION: _case(answers), **answers})


@dataclass(frozen=True, slots=True, kw_only=True)
class Pair:
    """Two signed reads and how they are compared."""

    a: ReadResult
    b: ReadResult
    same_targets: bool | None
    settings: Settings


def _case(answers: Mapping[str, Assessment]) -> Assessment:
    fired = [answer for answer in answers.values() if answer.outcome == DISAGREE]
    missing = tuple(reason for answer in answers.values() for reason in answer.missing)
    differ = tuple(reason for answer in fired for reason in answer.because if reason.code in set(Trigger))
    because: tuple[Reason, ...]
    if fired:
        outcome = ADJUDICATE
        names = ", ".join(answer.scope[-1] for answer in fired)
        because = (Reason(code="ADJ_NEEDED", args=Table({"triggers": names}), rule=RULE, because=differ),)
    else:
        outcome = MISSING if missing else NO_ADJUDICATION
        because = () if missing else (Reason(code="ADJ_NOT_NEEDED", rule=RULE),)
    return Assessment(
        criterion=CRITERION,
        scope=(CRITERION,),
        outcome=outcome,
        values=Table[Decimal | None]({"differences": Decimal(len(differ))}),
        because=because,
        missing=missing,
    )


def _word(value: StrEnum | bool | None) -> str:
    if value is None:
        return "-"
    if isinstance(value, bool):
        return "YES" if value else "NO"
    return value.value


def _best_response(pair: Pair, found: Compared) -> None:
    a, b = pair.a.best_response, pair.b.best_response
    if a is None or b is None:
        return found.lacks("ADJ_RESULT_MISSING", CASE, _word(a), _word(b))
    causes = of_response(a, b, pair.a.pd_causes | pair.b.pd_causes, same_targets=pair.same_targets)
    return found.compare(CASE, a.value, b.value, causes)


def _pd_status(pair: Pair, found: Compared) -> None:
    a, b = pair.a.progressed, pair.b.progressed
    if a is None or b is None:
        return found.lacks("ADJ_RESULT_MISSING", CASE, _word(a), _word(b))
    causes = of_pd(pair.a.pd_causes | pair.b.pd_causes, same_targets=pair.same_targets)
    return found.compare(CASE, _word(a), _word(b), causes)


def _pd_date(pair: Pair, found: Compared) -> None:
    a, b = pair.a, pair.b
    if a.progressed is None or b.progressed is None:
        return found.lacks("ADJ_RESULT_MISSING", CASE, _word(a.progressed), _word(b.progressed))
    if a.progression is None or b.progression is None:
        return None
    causes = of_pd(a.pd_causes ^ b.pd_causes or a.pd_causes, same_targets=pair.same_targets)
    return _moments(pair, found, CASE, (a.progression, b.progression), pair.settings.pd_date_tol_days, causes)


def _moments(
    pair: Pair,
    found: Compared,
    where: str,
    both: tuple[Moment, Moment],
    tolerance: str,
    causes: tuple[Cause, ...],
) -> None:
    """Compare two moments by visit, or by days; those that count as one are logged where their days differ."""
    a, b = both
    shown = _moment(a), _moment(b)
    if tolerance == BY_VISIT:
        differ = a.visit != b.visit
    elif a.day is None or b.day is None:
        return found.lacks("ADJ_DAY_MISSING", where, *shown)
    else:
        differ = abs(a.day - b.day) > int(tolerance)
    if differ:
        return found.compare(where, *shown, causes)
    found.compare(where, shown[0], shown[0], causes)
    if a.day is not None and b.day is not None:
        day = (min if pair.settings.pd_date_same_visit == "earlier" else max)(a.day, b.day)
        if found.trigger is Trigger.ADJ_PD_DATE:
            found.values["day"] = Decimal(day)
        if a.day != b.day:
            args = Table({"where": where, "a": shown[0], "b": shown[1], "day": str(day)})
            found.notes.append(Reason(code="ADJ_SAME_MOMENT", args=args, rule=RULE))
    return None


def _moment(moment: Moment) -> str:
    return moment.visit if moment.day is None else f"{moment.visit} ({moment.day})"


def _response_date(pair: Pair, found: Compared) -> None:
    responses = {OverallResponse.CR, OverallResponse.PR}
    a, b = pair.a, pair.b
    if a.best_response is None or b.best_response is None:
        return found.lacks("ADJ_RESULT_MISSING", CASE, _word(a.best_response), _word(b.best_response))
    if a.best_response not in responses or b.best_response not in responses:
        return None
    if a.first_response is None or b.first_response is None:
        shown = ["-" if one is None else _moment(one) for one in (a.first_response, b.first_response)]
        return found.lacks("ADJ_RESULT_MISSING", CASE, *shown)
    causes = of_response(a.best_response, b.best_response, frozenset(), same_targets=pair.same_targets)
    return found.compare(CASE, a.first_response.visit, b.first_response.visit, causes)


def _keyed(
    a: Mapping[str, StrEnum | LocalOutcome], b: Mapping[str, StrEnum | LocalOutcome], found: Compared
) -> list[str]:
    """Keys that both have; one that only one has is missing."""
    for key in sorted(set(a) ^ set(b)):
        found.lacks("ADJ_ONE_SIDED", key, _there(a.get(key)), _there(b.get(key)))
    return sorted(set(a) & set(b))


def _there(value: StrEnum | LocalOutcome | None) -> str:
    return value.status.value if isinstance(value, LocalOutcome) else _word(value)


def _local(pair: Pair, found: Compared) -> None:
    for key in _keyed(pair.a.local, pair.b.local, found):
        a, b = pair.a.local[key], pair.b.local[key]
        causes = of_scores(frozenset({a.status, b.status}), Cause.MEASUREMENT)
        if a.failed is not None and b.failed is not None:
            _moments(pair, found, key, (a.failed, b.failed), pair.settings.lc_tol_days, causes)
        else:
            found.compare(key, a.status.value, b.status.value, causes)


def _sins(pair: Pair, found: Compared) -> None:
    for key in _keyed(pair.a.sins, pair.b.sins, found):
        a, b = pair.a.sins[key], pair.b.sins[key]
        if Category.INDETERMINATE in {a, b}:
            found.lacks("ADJ_NOT_DETERMINED", key, a.value, b.value)
        else:
            found.compare(key, a.value, b.value, (Cause.JUDGEMENT,))


def _eligible(pair: Pair, found: Compared) -> None:
    a, b = pair.a.eligible, pair.b.eligible
    if a is None and b is None:
        return None
    if a is None or b is None or Outcome.NEEDS_INPUT in {a, b}:
        return found.lacks("ADJ_NOT_DETERMINED", CASE, _word(a), _word(b))
    return found.compare(CASE, a.value, b.value, (Cause.UNCLEAR,))


def _escc(pair: Pair, found: Compared) -> None:
    for key in _keyed(pair.a.escc, pair.b.escc, found):
        a, b = pair.a.escc[key], pair.b.escc[key]
        if a is not b and Escc.NE in {a, b}:
            found.lacks("ADJ_NOT_DETERMINED", key, a.value, b.value)
        else:
            found.compare(key, a.value, b.value, (Cause.JUDGEMENT,))


def _vcf(pair: Pair, found: Compared) -> None:
    for key in _keyed(pair.a.vcf, pair.b.vcf, found):
        a, b = pair.a.vcf[key], pair.b.vcf[key]
        if a is not b and VcfEvent.NE in {a, b}:
            found.lacks("ADJ_NOT_DETERMINED", key, a.value, b.value)
        else:
            found.compare(key, a.value, b.value, (Cause.MEASUREMENT,))


def _baseline(pair: Pair, found: Compared) -> None:
    a, b = pair.a.measurable, pair.b.measurable
    if a is None or b is None:
        return found.lacks("ADJ_RESULT_MISSING", CASE, _word(a), _word(b))
    return found.compare(CASE, _word(a), _word(b), (Cause.LESION_SELECTION,))


_COMPARE: dict[Trigger, Callable[[Pair, Compared], None]] = {
    Trigger.ADJ_BOR: _best_response,
    Trigger.ADJ_PD_STATUS: _pd_status,
    Trigger.ADJ_PD_DATE: _pd_date,
    Trigger.ADJ_RESP_DATE: _response_date,
    Trigger.ADJ_LC: _local,
    Trigger.ADJ_SINS: _sins,
    Trigger.ADJ_ELIG: _eligible,
    Trigger.ADJ_ESCC: _escc,
    Trigger.ADJ_VCF: _vcf,
    Trigger.ADJ_BASELINE: _baseline,
}
