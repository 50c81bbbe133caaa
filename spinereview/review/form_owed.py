"""What is still missing in the forms of a visit: treated sites, eligibility, the levels that nobody graded."""

from __future__ import annotations

from collections.abc import Iterator

from spinereview.criteria.evidence.coverage import FORM as COVERAGE_FORM
from spinereview.criteria.evidence.coverage import coverage_said, covered_by, states_all
from spinereview.criteria.evidence.eligibility import FORM as ELIGIBILITY_FORM
from spinereview.criteria.evidence.escc import FORM as ESCC_FORM
from spinereview.criteria.evidence.escc import REST, graded_levels, rest_unremarkable, said
from spinereview.criteria.evidence.spino import (
    EPIDURAL,
    GROWTH,
    NEUROLOGY,
    RELATION,
    SpineSite,
    answers_at,
    grows,
    judged_at,
    sites_of,
)
from spinereview.criteria.evidence.spino import FORM as SPINO_FORM
from spinereview.criteria.local_control.values import Judgement
from spinereview.domain.case import Case, Timepoint
from spinereview.domain.protocol import Protocol
from spinereview.domain.read import Read
from spinereview.domain.table import Table
from spinereview.review.clinical_shown import items_shown
from spinereview.review.forms_asked import asked, demanded_regions, eligibility_items
from spinereview.review.owed import Obligation, Owed

FUNCTION = ("FRANKEL", "AIS")
"""Items of the clinical record that tell a neurological decline."""


def form_obligations(read: Read, case: Case, timepoint: Timepoint, protocol: Protocol) -> tuple[Owed, ...]:
    """What the forms of a visit lack: what the protocol lists for it is mandatory, all else is offered."""
    return (
        *_rest(read, timepoint, protocol),
        *_sites(read, case, timepoint, protocol),
        *_eligibility(read, case, timepoint, protocol),
        *_coverage(read, timepoint, protocol),
    )


def site_items(read: Read, site: SpineSite, timepoint: Timepoint, protocol: Protocol) -> tuple[str, ...]:
    """Items that are asked of a treated site as it was answered so far.

    Where growth lies is asked of growth only; a neurological decline, which no image shows, of an equivocal epidural change
    and of a reader to whom the protocol tells it.
    """
    answers = answers_at(read, site, timepoint)
    items = [GROWTH, EPIDURAL]
    if tells_clinical(protocol, *FUNCTION) and said(answers, EPIDURAL) == Judgement.EQUIVOCAL:
        items.append(NEUROLOGY)
    return (*items, RELATION) if grows(answers) else tuple(items)


def tells_clinical(protocol: Protocol, *items: str) -> bool:
    """Whether a reader may know one of these items of the record: nothing is withheld from him, or it is shown."""
    return protocol.blinding.show_days or bool(items_shown(protocol) & set(items))


def _rest(read: Read, timepoint: Timepoint, protocol: Protocol) -> Iterator[Owed]:
    wanted, _ = asked(protocol, timepoint, ESCC_FORM)
    graded = graded_levels(read, timepoint) if wanted else ()
    if graded and not rest_unremarkable(read, timepoint):
        yield Owed(code=Obligation.ESCC_REST, level=graded[0], timepoint=timepoint.id, form=ESCC_FORM, item=REST)


def _sites(read: Read, case: Case, timepoint: Timepoint, protocol: Protocol) -> Iterator[Owed]:
    wanted, mandatory = asked(protocol, timepoint, SPINO_FORM)
    if not wanted or not judged_at(case, timepoint, protocol):
        return
    sites = sites_of(read, case)
    if not sites and mandatory:
        yield Owed(code=Obligation.SPINO_SITE, timepoint=timepoint.id, form=SPINO_FORM, mandatory=True)
    for site in sites:
        answers = answers_at(read, site, timepoint)
        for item in site_items(read, site, timepoint, protocol):
            if item not in answers:
                yield Owed(
                    code=Obligation.SPINO_ITEM,
                    timepoint=timepoint.id,
                    form=SPINO_FORM,
                    site=site.label,
                    item=item,
                    mandatory=mandatory and item in {GROWTH, EPIDURAL},
                )


def _eligibility(read: Read, case: Case, timepoint: Timepoint, protocol: Protocol) -> Iterator[Owed]:
    items, mandatory = eligibility_items(protocol, case, timepoint)
    answers = read.visit_at(timepoint.id).patient_scores.get(ELIGIBILITY_FORM, Table())
    for item in items:
        if item not in answers:
            yield Owed(
                code=Obligation.ELIGIBILITY_ITEM,
                timepoint=timepoint.id,
                form=ELIGIBILITY_FORM,
                item=item,
                mandatory=mandatory,
            )


def _coverage(read: Read, timepoint: Timepoint, protocol: Protocol) -> Iterator[Owed]:
    """Regions of which neither the images nor the reader say whether they were scanned."""
    if states_all(timepoint):
        return
    said, covered = coverage_said(read, timepoint), covered_by(timepoint)
    for region in demanded_regions(protocol, timepoint):
        if region not in said and region.upper() not in covered:
            yield Owed(code=Obligation.COVERAGE, timepoint=timepoint.id, form=COVERAGE_FORM, item=region)
