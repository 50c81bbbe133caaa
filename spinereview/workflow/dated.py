"""Results that need days, of one subject: best response, and the endpoints of the protocol."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from spinereview.criteria.best_response import Input as Responses
from spinereview.criteria.best_response import Settings as BestSettings
from spinereview.criteria.best_response import assess as assess_best
from spinereview.criteria.endpoints.assess import assess as assess_times
from spinereview.criteria.endpoints.settings import Settings as EndpointSettings
from spinereview.criteria.endpoints.settings import endpoint_of
from spinereview.criteria.endpoints.values import Input as EndpointInput
from spinereview.domain.assessment import Assessment
from spinereview.domain.protocol import Protocol, RawSetting
from spinereview.domain.table import Table

MEASURES = {
    "PFS": frozenset({"progression", "pfs", "pfs_alt", "pfs_recist"}),
    "PFS_ALT": frozenset({"pfs_alt"}),
    "OS": frozenset({"os", "os_disease"}),
    "DOR": frozenset({"dor"}),
    "ORR": frozenset({"landmark"}),
    "DCR": frozenset[str](),
    "LCR": frozenset[str](),
    "VCF_INCIDENCE": frozenset[str](),
    "PAIN_RESPONSE": frozenset[str](),
    "SCORE_CHANGE": frozenset[str](),
}
"""By the measure of an endpoint: what is said of each subject; a rate is said of the group."""


def dated_answers(given: Responses, by_visit: Mapping[str, Assessment], protocol: Protocol) -> dict[str, Assessment]:
    """Best response, and what each endpoint says of a subject; their keys begin with the endpoint's id."""
    best = BestSettings.parse(protocol.criteria.get("best_response", Table()))
    times = EndpointSettings.parse(protocol.criteria.get("endpoints", Table()))
    found = dict(assess_best(given, best))
    for name, values in endpoints_of(protocol).items():
        one = EndpointInput(
            subject=given,
            baseline_assessed=_baseline_assessed(by_visit),
            endpoint=endpoint_of(values),
            best_response=best,
        )
        wanted = MEASURES.get(str(values.get("measure", "")))
        for key, answer in assess_times(one, times).items():
            if wanted is None or answer.scope[0] in wanted:
                found["/".join(filter(None, [name, key]))] = replace(
                    answer, scope=(*filter(None, [name]), *answer.scope)
                )
    return found


def endpoints_of(protocol: Protocol) -> Mapping[str, Table[RawSetting]]:
    """Endpoints of the protocol by id; where it has none, one with the defaults and without a name."""
    return protocol.endpoints or {"": Table()}


def _baseline_assessed(by_visit: Mapping[str, Assessment]) -> bool:
    """Whether every target lesion has a value at baseline."""
    return not any(reason.code == "BASELINE_SUM_MISSING" for one in by_visit.values() for reason in one.because)
