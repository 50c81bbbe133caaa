"""Objective response and disease control of many subjects: counts, members and days; intervals belong to the analysis.

RECIST 1.1 (Eisenhauer 2009), 4.4: every subject that was included is accounted for; who cannot be evaluated is no responder.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from decimal import Decimal

from spinereview.criteria.best_response import assess as assess_best
from spinereview.criteria.endpoints.assess import assess as assess_times
from spinereview.criteria.endpoints.landmark import RESPONDER
from spinereview.criteria.endpoints.settings import Population, Settings
from spinereview.criteria.endpoints.values import CRITERION, GroupInput, Input
from spinereview.criteria.responses import MISSING, reference
from spinereview.domain.assessment import Assessment, Reason
from spinereview.domain.table import Table

RULE = "RECIST 1.1 (Eisenhauer 2009), 4.4"
COUNTED = "COUNTED"
_RESPONSE = frozenset({"CR", "PR"})
_CONTROL = _RESPONSE | {"SD", "NON_CR_NON_PD"}

Answers = Mapping[str, Assessment]


@dataclass(frozen=True, slots=True, kw_only=True)
class Member:
    """One subject's answer to a rate; ``start`` is the day of the anchor, None where it is not known."""

    answer: Assessment
    counts: bool
    start: int | None


def assess(given: GroupInput, settings: Settings) -> Table[Assessment]:
    """Assessments ``"orr"`` and ``"dcr"`` by the best response, and ``"orr/84"`` by each landmark.

    The outcome is ``COUNTED``; ``MISSING`` while it cannot be said of some subject whether it counts. Values:
    ``responders``, ``subjects``, ``undetermined``. Each subject is a reason of its own, with its visit and day.
    """
    counted = {
        code: one
        for code, one in given.subjects.items()
        if given.endpoint.population is Population.ITT or one.targets_at_baseline
    }
    if not counted:
        return Table()
    best = {code: assess_best(one, given.best_response).get("best_response") for code, one in counted.items()}
    known = {code: _no_visits() if answer is None else answer for code, answer in best.items()}
    rates = {
        "orr": _rate("orr", known, given, lambda answer: answer.outcome in _RESPONSE),
        "dcr": _rate("dcr", known, given, lambda answer: answer.outcome in _CONTROL),
    }
    if given.endpoint.landmarks:
        inputs = {
            code: Input(subject=one, endpoint=given.endpoint, best_response=given.best_response)
            for code, one in counted.items()
        }
        times = {code: assess_times(one, settings) for code, one in inputs.items()}
        for day in given.endpoint.landmarks:
            there = {code: answers.get(f"landmark/{day}", _no_visits()) for code, answers in times.items()}
            rates[f"orr/{day}"] = _rate(f"orr/{day}", there, given, lambda answer: answer.outcome == RESPONDER)
    return Table(rates)


def _no_visits() -> Assessment:
    """Of a subject of whom there is nothing but the code: it was included and is no responder."""
    reason = Reason(code="BOR_NE_NO_VISIT", args=Table({"outcome": "NE"}), rule=RULE)
    return Assessment(criterion=CRITERION, scope=("best_response",), outcome="NE", because=(reason,))


def _rate(name: str, answers: Answers, given: GroupInput, counts: Callable[[Assessment], bool]) -> Assessment:
    members = {
        code: Member(answer=answer, counts=counts(answer), start=_start(given, code))
        for code, answer in answers.items()
    }
    responders = [code for code, member in members.items() if member.counts]
    unknown = [code for code, member in members.items() if member.answer.outcome == MISSING]
    args = {"count": str(len(responders)), "subjects": str(len(members)), "members": ", ".join(responders) or "-"}
    return Assessment(
        criterion=CRITERION,
        scope=tuple(name.split("/")),
        outcome=MISSING if unknown else COUNTED,
        values=Table[Decimal | None](
            {
                "responders": Decimal(len(responders)),
                "subjects": Decimal(len(members)),
                "undetermined": Decimal(len(unknown)),
            }
        ),
        because=(
            Reason(
                code="RATE",
                args=Table(args),
                rule=RULE,
                because=tuple(_member(code, member, given) for code, member in members.items()),
            ),
        ),
        missing=tuple(
            Reason(
                code="RATE_SUBJECT_MISSING",
                args=Table({"subject": code}),
                rule=RULE,
                because=members[code].answer.missing,
            )
            for code in unknown
        ),
    )


def _start(given: GroupInput, code: str) -> int | None:
    schedule = given.subjects[code].schedule
    return None if schedule is None else reference(given.endpoint.anchor, schedule)


def _member(code: str, member: Member, given: GroupInput) -> Reason:
    """A subject; of one that counts also the day of its response after the anchor."""
    day = member.answer.values.get("day")
    args = {"subject": code, "outcome": member.answer.outcome}
    name = "RATE_MEMBER" if member.counts else "RATE_OTHER"
    if member.counts and day is not None and member.start is not None:
        args |= {"day": str(day - member.start), "anchor": given.endpoint.anchor.value}
        name = "RATE_MEMBER_ON_DAY"
    return Reason(code=name, args=Table(args), rule=RULE, because=member.answer.because)
