"""Eligibility: each rule of a protocol is met, not met or not assessed, with the value that was used.

A rule compares one variable of a written-out table with one value. What is known only as a range is asked for every value
in it: where the answers differ the rule is not assessed. Rules of one group are joined by *or*, all else by *and*.
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal
from enum import StrEnum
from typing import Any

from spinereview.criteria.eligibility_values import CRITERION, OWN, Derived, Input, Known, Settings, derived
from spinereview.domain.assessment import Assessment, Reason
from spinereview.domain.eligibility import LISTED, VARIABLES, limit_of, shown_value
from spinereview.domain.protocol import Rule
from spinereview.domain.table import Table
from spinereview.domain.variable import Kind, Value

__all__ = ["Input", "Known", "Outcome", "Settings", "assess", "holds"]

_COMPARE: dict[str, Callable[[Any, Any], bool]] = {
    "<": operator.lt,
    "<=": operator.le,
    "==": operator.eq,
    ">=": operator.ge,
    ">": operator.gt,
}


class Outcome(StrEnum):
    """Met, not met, not assessed."""

    PASS = "PASS"  # noqa: S105  # a word of eligibility, no password
    FAIL = "FAIL"
    NEEDS_INPUT = "NEEDS_INPUT"


def assess(given: Input, settings: Settings) -> Table[Assessment]:
    """Assessments ``"eligibility/ID"`` of each rule, ``"eligibility/group/NAME"`` of each group, and ``"eligibility"``.

    The outcome is an :class:`Outcome`. Values of a rule over a number: ``low`` and ``high``, equal where it is known
    exactly; of the whole: ``met``, ``not_met``, ``not_assessed``, the number of rules and groups that had to hold.
    """
    if not given.rules:
        return Table()
    found = derived(given, settings)
    rules = {rule.id: _rule(rule, found) for rule in given.rules}
    groups: dict[str, list[Assessment]] = {}
    for rule in given.rules:
        if rule.group:
            groups.setdefault(rule.group, []).append(rules[rule.id])
    joined = {name: _group(name, members) for name, members in groups.items()}
    alone = [rules[rule.id] for rule in given.rules if not rule.group]
    answers = {f"{CRITERION}/{name}": answer for name, answer in rules.items()}
    answers |= {f"{CRITERION}/group/{name}": answer for name, answer in joined.items()}
    return Table({CRITERION: _whole([*alone, *joined.values()]), **answers})


def holds(rule: Rule, known: Known) -> bool | None:
    """Whether a rule holds for every value that the variable can have; None where for some it does and for others not."""
    limit = limit_of(rule)
    if VARIABLES[rule.variable].kind is Kind.LIST:
        return isinstance(known.value, tuple) and isinstance(limit, tuple) and set(known.value) <= set(limit)
    if VARIABLES[rule.variable].kind is Kind.NUMBER and rule.op == "==":
        return _equals(known, limit)
    answers = {_one(rule, value, limit) for value in _possible(rule, known)}
    return answers.pop() if len(answers) == 1 else None


def _equals(known: Known, limit: Value | None) -> bool | None:
    low, high = known.value, known.highest
    if low == high:
        return low == limit
    inside = (
        isinstance(low, Decimal) and isinstance(high, Decimal) and isinstance(limit, Decimal) and low <= limit <= high
    )
    return None if inside else False


def _possible(rule: Rule, known: Known) -> Sequence[Value]:
    """Every grade of a range; of a number its ends, between which no order changes its answer twice."""
    variable = VARIABLES[rule.variable]
    if variable.kind is Kind.GRADE:
        words = variable.words
        return words[words.index(str(known.value)) : words.index(str(known.highest)) + 1]
    return (known.value, known.highest)


def _one(rule: Rule, value: Value, limit: Value | None) -> bool:
    if rule.op in LISTED:
        listed = isinstance(limit, tuple) and value in limit
        return listed if rule.op == "IN" else not listed
    if VARIABLES[rule.variable].kind is Kind.GRADE:
        words = VARIABLES[rule.variable].words
        return _COMPARE[rule.op](words.index(str(value)), words.index(str(limit)))
    return _COMPARE[rule.op](value, limit)


def _rule(rule: Rule, found: Derived) -> Assessment:
    known = found.variables.get(rule.variable)
    args = {
        "rule": rule.id,
        "variable": rule.variable,
        "op": rule.op,
        "limit": shown_value(rule.value),
    }
    missing: tuple[Reason, ...] = ()
    if known is None:
        fails = rule.on_missing == "FAIL"
        outcome, code = (Outcome.FAIL, "RULE_MISSING_FAILS") if fails else (Outcome.NEEDS_INPUT, "RULE_MISSING")
        missing = (Reason(code="VARIABLE_MISSING", args=Table({"variable": rule.variable}), rule=OWN),)
    else:
        args["value"] = f"{known.shown} {VARIABLES[rule.variable].unit}".strip()
        answer = holds(rule, known)
        if answer is None:
            outcome, code = Outcome.NEEDS_INPUT, "RULE_OPEN"
        else:
            outcome, code = (Outcome.PASS, "RULE_MET") if answer else (Outcome.FAIL, "RULE_NOT_MET")
    refs = (known.ref,) if known is not None and known.ref else ()
    return Assessment(
        criterion=CRITERION,
        scope=(CRITERION, rule.id),
        outcome=outcome.value,
        values=_values(rule, known),
        because=(Reason(code=code, args=Table(args), rule=OWN, refs=refs),),
        warnings=found.warnings.get(rule.variable, ()),
        missing=missing,
    )


def _values(rule: Rule, known: Known | None) -> Table[Decimal | None]:
    if VARIABLES[rule.variable].kind is not Kind.NUMBER:
        return Table()
    ends = {"low": None, "high": None} if known is None else {"low": known.value, "high": known.highest}
    return Table({name: end if isinstance(end, Decimal) and end.is_finite() else None for name, end in ends.items()})


def _group(name: str, members: Sequence[Assessment]) -> Assessment:
    outcomes = {member.outcome for member in members}
    if Outcome.PASS in outcomes:
        outcome, code = Outcome.PASS, "GROUP_MET"
    elif outcomes == {Outcome.FAIL}:
        outcome, code = Outcome.FAIL, "GROUP_NOT_MET"
    else:
        outcome, code = Outcome.NEEDS_INPUT, "GROUP_OPEN"
    because = tuple(reason for member in members for reason in member.because)
    return Assessment(
        criterion=CRITERION,
        scope=(CRITERION, "group", name),
        outcome=outcome.value,
        because=(Reason(code=code, args=Table({"group": name}), rule=OWN, because=because),),
        missing=tuple(reason for member in members for reason in member.missing),
    )


def _whole(members: Sequence[Assessment]) -> Assessment:
    counts: Mapping[Outcome, int] = {word: sum(one.outcome == word for one in members) for word in Outcome}
    if counts[Outcome.FAIL]:
        outcome, code = Outcome.FAIL, "NOT_ELIGIBLE"
    elif counts[Outcome.NEEDS_INPUT]:
        outcome, code = Outcome.NEEDS_INPUT, "ELIGIBILITY_OPEN"
    else:
        outcome, code = Outcome.PASS, "ELIGIBLE"
    names = {"met": Outcome.PASS, "not_met": Outcome.FAIL, "not_assessed": Outcome.NEEDS_INPUT}
    args = Table({name: str(counts[word]) for name, word in names.items()})
    because = tuple(reason for one in members if one.outcome == outcome for reason in one.because)
    return Assessment(
        criterion=CRITERION,
        scope=(CRITERION,),
        outcome=outcome.value,
        values=Table({name: Decimal(counts[word]) for name, word in names.items()}),
        because=(Reason(code=code, args=args, rule=OWN, because=because),),
        warnings=tuple(reason for one in members for reason in one.warnings),
        missing=tuple(reason for one in members for reason in one.missing),
    )
