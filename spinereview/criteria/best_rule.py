"""The rule of the best overall response: RECIST 1.1 (Eisenhauer 2009), Table 3, and admiralonco's reading of it.

Order of the responses: CR, PR, SD, NON_CR_NON_PD, PD, NE. What the paper leaves open (how many NE or SD may stand between a
response and its confirmation, which visit makes a disease stable long enough) is a parameter.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from spinereview.criteria.recist.values import OverallResponse
from spinereview.criteria.responses import Dated

R = OverallResponse

CONFIRMS: dict[OverallResponse, tuple[frozenset[OverallResponse], frozenset[OverallResponse]]] = {
    R.CR: (frozenset({R.CR}), frozenset({R.CR, R.NE})),
    R.PR: (frozenset({R.PR, R.CR}), frozenset({R.PR, R.CR, R.NE, R.SD})),
}
"""By a response to be confirmed: what confirms it later, and what may stand between."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """What is asked; days as :class:`~spinereview.criteria.responses.Dated` has them.

    Parameters
    ----------
    certain
        An unknown day counts against a response; else for it.
    reference
        Day from which the minimum of a stable disease counts; None: not known.
    end
        Last day that counts, itself included; None: no limit.
    compatible
        As admiralonco: a guarded CR confirms, a PR between a CR and the confirmation breaks a PR, NON_CR_NON_PD comes only
        from such visits.
    """

    confirm: bool
    certain: bool
    reference: int | None
    end: int | None
    min_sd_days: int
    confirm_days: int
    max_ne_between: int
    max_sd_between: int
    targets: bool
    disease: bool
    compatible: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Best:
    """Best response, why, and at which visits (indices); ``counted`` is how many visits were in scope."""

    response: OverallResponse
    code: str
    at: int | None = None
    confirmed_by: int | None = None
    first_response: int | None = None
    counted: int = 0


def best_of(visits: Sequence[Dated], ask: Question) -> Best:
    """Best overall response of visits in their order.

    References
    ----------
    RECIST 1.1 (Eisenhauer 2009), 4.4.2, 4.4.3, Table 3.
    """
    listed = _in_scope(visits, ask)
    found = _best(listed, ask)
    first = next((at for at, one in enumerate(listed) if one.visit.response in {R.CR, R.PR}), None)
    return Best(
        response=found.response,
        code=found.code,
        at=found.at,
        confirmed_by=found.confirmed_by,
        first_response=first,
        counted=len(listed),
    )


def _best(listed: Sequence[Dated], ask: Question) -> Best:
    progressed = _first(listed, {R.PD})
    if not ask.disease:
        if progressed is not None:
            return Best(response=R.PD, code="BOR_PD", at=progressed)
        return Best(response=R.NED, code="BOR_NED", at=_first(listed, {R.NED}))
    responded = _confirmed(listed, ask) if ask.confirm else _any_response(listed)
    if responded is not None:
        return responded
    stable = _stable(listed, ask)
    if stable is not None:
        return stable
    early = any(one.visit.response in {R.CR, R.PR, R.SD, R.NON_CR_NON_PD} for one in listed)
    if progressed is not None:
        return Best(response=R.PD, code="BOR_PD_SD_TOO_EARLY" if early else "BOR_PD", at=progressed)
    if not listed:
        return Best(response=R.NE, code="BOR_NE_NO_VISIT")
    return Best(response=R.NE, code="BOR_NE_TOO_EARLY" if early else "BOR_NE")


def _in_scope(visits: Sequence[Dated], ask: Question) -> Sequence[Dated]:
    """Up to the last day that counts, and up to and including the first progression."""
    listed: list[Dated] = []
    for one in visits:
        day = one.latest if ask.certain else one.earliest
        if ask.end is not None and day > ask.end:
            break
        listed.append(one)
        if one.visit.response is R.PD:
            break
    return listed


def _first(listed: Sequence[Dated], responses: Iterable[OverallResponse]) -> int | None:
    wanted = set(responses)
    return next((at for at, one in enumerate(listed) if one.visit.response in wanted), None)


def _any_response(listed: Sequence[Dated]) -> Best | None:
    for response in (R.CR, R.PR):
        at = _first(listed, {response})
        if at is not None:
            return Best(response=response, code="BOR_RESPONSE", at=at)
    return None


def _confirmed(listed: Sequence[Dated], ask: Question) -> Best | None:
    counted = [_for_confirmation(one, ask) for one in listed]
    for response in (R.CR, R.PR):
        for at, own in enumerate(counted):
            by = _confirming(listed, counted, at, response, ask) if own is response else None
            if by is not None:
                return Best(response=response, code="BOR_CONFIRMED", at=at, confirmed_by=by)
    return None


def _for_confirmation(one: Dated, ask: Question) -> OverallResponse | None:
    """A CR that was kept though a node is seen, or beside a lesion that may be new, confirms nothing (our reading)."""
    doubtful = one.visit.guarded or one.visit.equivocal_new
    return R.NE if one.visit.response is R.CR and doubtful and not ask.compatible else one.visit.response


def _confirming(
    listed: Sequence[Dated],
    counted: Sequence[OverallResponse | None],
    at: int,
    response: OverallResponse,
    ask: Question,
) -> int | None:
    """Index of the visit that confirms the response of another; None where none does."""
    confirming, between = CONFIRMS[response]
    for by in range(at + 1, len(listed)):
        middle = counted[at + 1 : by]
        if any(one not in between for one in middle):
            return None
        if middle.count(R.NE) > ask.max_ne_between or middle.count(R.SD) > _most_sd(ask):
            return None
        if counted[by] in confirming and _apart(listed[at], listed[by], ask):
            broken = ask.compatible and response is R.PR and _pr_after_cr(counted[at + 1 : by + 1])
            return None if broken else by
    return None


def _most_sd(ask: Question) -> int:
    """The R package accepts one or none."""
    return min(ask.max_sd_between, 1) if ask.compatible else ask.max_sd_between


def _pr_after_cr(period: Sequence[OverallResponse | None]) -> bool:
    return R.CR in period and R.PR in period[period.index(R.CR) :]


def _apart(first: Dated, second: Dated, ask: Question) -> bool:
    days = second.earliest - first.latest if ask.certain else second.latest - first.earliest
    return days >= ask.confirm_days


def _stable(listed: Sequence[Dated], ask: Question) -> Best | None:
    """SD of a subject with target lesions, NON_CR_NON_PD of one without, from any visit that is late enough."""
    stable = {R.CR, R.PR, R.SD}
    if ask.compatible:
        kinds = [(R.SD, stable), (R.NON_CR_NON_PD, {R.NON_CR_NON_PD})]
    elif ask.targets:
        kinds = [(R.SD, stable)]
    else:
        kinds = [(R.NON_CR_NON_PD, {R.CR, R.NON_CR_NON_PD})]
    for response, counted in kinds:
        for at, one in enumerate(listed):
            if one.visit.response in counted and _late_enough(one, ask):
                return Best(response=response, code="BOR_STABLE", at=at)
    return None


def _late_enough(one: Dated, ask: Question) -> bool:
    if ask.reference is None:
        return not ask.certain
    day = one.earliest if ask.certain else one.latest
    return day - ask.reference >= ask.min_sd_days
