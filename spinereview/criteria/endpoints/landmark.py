"""Response at a landmark: the visit nearest to a nominal day after an anchor, its window included at both ends.

Our reading of "objective response at 3, 6, 9 and 12 months"; the nearest visit counts, of two equally near the later one.
"""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

from spinereview.criteria.endpoints.settings import Endpoint, ResponseOf
from spinereview.criteria.endpoints.values import CRITERION, OWN
from spinereview.criteria.responses import MISSING, Dated, events_without_day, scope_end, therapy_events, undated
from spinereview.domain.assessment import Assessment, Reason
from spinereview.domain.schedule import Schedule
from spinereview.domain.table import Table

RESPONDER, NON_RESPONDER = "RESPONDER", "NON_RESPONDER"
_RESPONSES = frozenset({"CR", "PR"})


def landmark_answers(
    visits: Sequence[Dated], schedule: Schedule, endpoint: Endpoint, start: int
) -> dict[str, Assessment]:
    """Assessments ``"landmark/84"``; ``RESPONDER`` or ``NON_RESPONDER``, ``MISSING`` where a visit may lie in the window.

    A subject without a visit in the window, with progression before it, or whose visit comes after new therapy or the
    cut-off, is no responder. Values: ``landmark_day``, ``day`` of the visit that was used.
    """
    return {f"landmark/{day}": _answer(visits, schedule, endpoint, start, day) for day in endpoint.landmarks}


def _answer(visits: Sequence[Dated], schedule: Schedule, endpoint: Endpoint, start: int, day: int) -> Assessment:
    nominal, scope = start + day, ("landmark", str(day))
    first, last = nominal - endpoint.landmark_tol_days, nominal + endpoint.landmark_tol_days
    doubtful = [one for one in visits if one.day is None and one.earliest <= last and one.latest >= first]
    lacking = (*undated(doubtful), *events_without_day(therapy_events(schedule)))
    unsaid = endpoint.orr_response is ResponseOf.TARGET and any(one.visit.target is None for one in visits)
    if unsaid:
        lacking = (*lacking, Reason(code="TARGET_RESPONSE_MISSING", rule=OWN))
    if lacking:
        return Assessment(criterion=CRITERION, scope=scope, outcome=MISSING, missing=lacking)
    near = [
        (abs(one.day - nominal), -at)
        for at, one in enumerate(visits)
        if one.day is not None and first <= one.day <= last
    ]
    used = -min(near)[1] if near else None
    code = _code(visits, used, endpoint, scope_end(schedule))
    args = {"day": str(day), "tolerance": str(endpoint.landmark_tol_days), "anchor": endpoint.anchor.value}
    values: dict[str, Decimal | None] = {"landmark_day": Decimal(nominal), "day": None}
    if used is not None:
        own = visits[used]
        args |= {"visit": own.visit.name, "response": _response(own, endpoint)}
        values["day"] = None if own.day is None else Decimal(own.day)
    late = schedule.cut_off is not None and nominal > schedule.cut_off
    return Assessment(
        criterion=CRITERION,
        scope=scope,
        outcome=RESPONDER if code == "LANDMARK_RESPONSE" else NON_RESPONDER,
        values=Table(values),
        because=(Reason(code=code, args=Table(args), rule=OWN),),
        warnings=(Reason(code="LANDMARK_AFTER_CUT_OFF", args=Table(args), rule=OWN),) if late else (),
    )


def _code(visits: Sequence[Dated], used: int | None, endpoint: Endpoint, end: int | None) -> str:
    if used is None:
        return "LANDMARK_NO_VISIT"
    own = visits[used]
    if end is not None and own.day is not None and own.day > end:
        return "LANDMARK_OUT_OF_SCOPE"
    if any(_response(one, endpoint) == "PD" for one in visits[:used]):
        return "LANDMARK_PROGRESSED"
    return "LANDMARK_RESPONSE" if _response(own, endpoint) in _RESPONSES else "LANDMARK_NO_RESPONSE"


def _response(one: Dated, endpoint: Endpoint) -> str:
    response = one.visit.target if endpoint.orr_response is ResponseOf.TARGET else one.visit.response
    return "NE" if response is None else response.value
