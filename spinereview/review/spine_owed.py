"""What is still missing of the spine at a timepoint: items of SINS, heights, grades of fracture and of compression.

A form that the protocol lists for the visit is mandatory. Elsewhere a criterion that the protocol has is offered. Pain is
never mandatory: it is not to be seen on images, and a reader to whom nobody tells it is not asked.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from spinereview.criteria.escc_values import Images
from spinereview.criteria.evidence.escc import FORM as ESCC_FORM
from spinereview.criteria.evidence.escc import GRADE as GRADE_OF_CORD
from spinereview.criteria.evidence.escc import IMAGES, given_of, said
from spinereview.criteria.evidence.fracture import FORM as HEIGHTS_FORM
from spinereview.criteria.evidence.fracture import GRADE, operated
from spinereview.criteria.evidence.sins import lesion_levels, spine_levels
from spinereview.criteria.fracture.values import WITHOUT_BODY
from spinereview.criteria.sins import FORM as SINS_FORM
from spinereview.criteria.sins import Item, allowed_answers
from spinereview.domain.anatomy import Level
from spinereview.domain.case import Case, Timepoint
from spinereview.domain.protocol import Protocol
from spinereview.domain.read import Read
from spinereview.domain.scores import LevelFinding
from spinereview.domain.table import Table
from spinereview.review.form_owed import tells_clinical
from spinereview.review.forms_asked import asked
from spinereview.review.owed import Obligation, Owed
from spinereview.review.timepoints import earlier


def spine_obligations(read: Read, case: Case, timepoint: Timepoint, protocol: Protocol) -> tuple[Owed, ...]:
    """What is missing of the levels of a timepoint, from the head down.

    SINS is asked of levels with a bone lesion that is seen, and of labelled levels of a treated site. Heights are asked of
    the same levels where the form is mandatory, else of those that had heights before; a grade of those that have them.
    Compression is asked of the same levels, and of a level that has one of its answers.
    """
    followed = _followed(read, case, timepoint)
    before = _with_heights(read, case, timepoint)
    seen = lesion_levels(read, timepoint)
    scored = followed | frozenset(spine_levels(read, timepoint))
    findings = read.visit_at(timepoint.id).levels
    asked_of = scored | before | seen | frozenset(Level(key) for key in findings)
    owed: list[Owed] = []
    for level in Level if asked_of else ():
        if level not in asked_of:
            continue
        finding = findings.get(level, LevelFinding())
        hardware, resected = operated(read, case, timepoint, level)
        if resected:
            continue
        finding = replace(finding, hardware=hardware)
        own, had = level in followed | seen, level in before
        if level in scored:
            owed.extend(_sins_items(timepoint, level, finding, protocol))
        owed.extend(_heights(timepoint, level, finding, protocol, own=own, had=had))
        owed.extend(_compression(timepoint, level, finding, protocol, followed=own))
    return tuple(owed)


def _sins_items(timepoint: Timepoint, level: Level, finding: LevelFinding, protocol: Protocol) -> Iterator[Owed]:
    wanted, mandatory = asked(protocol, timepoint, SINS_FORM)
    # After an operation the score only describes: nobody has to give it.
    if not wanted or finding.hardware:
        return
    given = finding.scores.get(SINS_FORM, Table())
    for item in Item:
        told = item is not Item.PAIN or tells_clinical(protocol, "SINS_PAIN")
        answered = item in given and given[item].value is not None
        if told and not answered and len(allowed_answers(level, item)) > 1:
            yield Owed(
                code=Obligation.SINS_ITEM,
                level=level,
                timepoint=timepoint.id,
                item=item.value,
                mandatory=mandatory and item is not Item.PAIN,
            )


def _heights(
    timepoint: Timepoint, level: Level, finding: LevelFinding, protocol: Protocol, *, own: bool, had: bool
) -> Iterator[Owed]:
    wanted, mandatory = asked(protocol, timepoint, HEIGHTS_FORM)
    if not wanted or level in WITHOUT_BODY or finding.endplates_hidden or not (own or had):
        return
    answer = finding.scores.get(HEIGHTS_FORM, Table()).get(GRADE)
    graded = answer is not None and answer.value is not None
    if not finding.heights and not graded and (mandatory or had):
        yield Owed(code=Obligation.HEIGHTS, level=level, timepoint=timepoint.id, mandatory=mandatory and own)
    elif finding.heights and not graded and own:
        yield Owed(code=Obligation.GRADE, level=level, timepoint=timepoint.id, item=GRADE, mandatory=mandatory)


def _compression(
    timepoint: Timepoint, level: Level, finding: LevelFinding, protocol: Protocol, *, followed: bool
) -> Iterator[Owed]:
    """On which images a level was graded, and its grade: of what no image shows well there is none."""
    wanted, mandatory = asked(protocol, timepoint, ESCC_FORM)
    answers = given_of(finding)
    if not wanted or level is Level.OCCIPUT or not (followed or answers):
        return
    items = (IMAGES,) if said(answers, IMAGES) == Images.OTHER else (IMAGES, GRADE_OF_CORD)
    for item in items:
        if not said(answers, item):
            yield Owed(
                code=Obligation.ESCC_ITEM,
                level=level,
                timepoint=timepoint.id,
                form=ESCC_FORM,
                item=item,
                mandatory=mandatory,
            )


def _followed(read: Read, case: Case, timepoint: Timepoint) -> frozenset[Level]:
    """Labelled levels that the protocol follows: of a treated site, or beside it."""
    labelled = {Level(key) for stack in timepoint.stacks for key in read.level_labels.get(stack, Table())}
    followed: set[Level] = set()
    for site in case.treated_sites.values():
        followed |= {*site.site.levels, *site.instrumented, *site.adjacent} - site.resected
    return frozenset(labelled & followed)


def _with_heights(read: Read, case: Case, timepoint: Timepoint) -> frozenset[Level]:
    """Levels whose heights were measured at an earlier timepoint."""
    visits = [read.visit_at(visit.id) for visit in earlier(case, timepoint)]
    return frozenset(Level(key) for visit in visits for key, finding in visit.levels.items() if finding.heights)
