"""Epidural compression by level, treated sites by timepoint, what the reader answered for eligibility and coverage."""

from __future__ import annotations

from collections.abc import Iterator

from spinereview.criteria.escc_values import GRADES
from spinereview.criteria.evidence.coverage import coverage_said
from spinereview.criteria.evidence.eligibility import FORM as ELIGIBILITY
from spinereview.criteria.evidence.spino import EPIDURAL, GROWTH, answers_at, sites_of
from spinereview.criteria.evidence.spino import FORM as SPINO
from spinereview.domain.anatomy import level_place
from spinereview.domain.assessment import Assessment
from spinereview.domain.case import Timepoint
from spinereview.domain.eligibility import JUDGED
from spinereview.domain.scores import Answer
from spinereview.domain.table import Table
from spinereview.report.facts import ReadFacts
from spinereview.report.markup import Markup, element, table
from spinereview.report.quality import quality
from spinereview.report.words import DASH, item_name
from spinereview.review.labels import label
from spinereview.review.level_text import levels_text
from spinereview.text import sentence


def forms(facts: ReadFacts) -> Iterator[Markup]:
    """The treated sites, and a table for each form that has an answer."""
    yield from _named_sites(facts)
    yield from _compression(facts)
    yield from _sites(facts)
    yield from _eligibility(facts)
    yield from _coverage(facts)
    yield from quality(facts)


def grade_text(answer: Assessment) -> str:
    """Grade of a level or of all of them, or the range of what it can be."""
    low, high = answer.values.get("low_code"), answer.values.get("high_code")
    if low is None or high is None:
        return sentence("REPORT_ESCC_NOT_APPLICABLE")
    first, last = GRADES[int(low)].value, GRADES[int(high)].value
    return first if first == last else f"{first}–{last}"


def _compression(facts: ReadFacts) -> Iterator[Markup]:
    rows = [
        (level_place(level), timepoint.ordinal, [level, timepoint.label, grade_text(answer)])
        for timepoint in facts.case.in_order
        for level, answer in facts.levels_at(timepoint, "escc")
    ]
    if not rows:
        return
    head = [sentence(f"REPORT_{name}") for name in ("LEVEL", "TIMEPOINT", "ESCC_GRADE")]
    yield table(head, [row for _, _, row in sorted(rows)], sentence("REPORT_ESCC_TABLE"), "escc")
    for timepoint in facts.case.in_order:
        whole = facts.at(timepoint, "escc")
        if whole is not None:
            told = " ".join(sentence(one.code, one.args) for one in whole.because)
            yield element("p", f"{timepoint.label}: {told}")


def _named_sites(facts: ReadFacts) -> Iterator[Markup]:
    """Sites of the case, of whatever way they were named, with the lesions in them."""
    rows = [
        [
            site.id,
            levels_text(site.site.levels) or site.site.location or DASH,
            site.intent or DASH,
            *(levels_text(tuple(one)) or DASH for one in (site.resected, site.instrumented, site.adjacent)),
            ", ".join(label(one) for one in facts.lesions if one.treated_site == site.id) or DASH,
        ]
        for site in facts.case.treated_sites.values()
    ]
    if rows:
        names = ("SITE", "LEVELS", "TREATMENT", "RESECTED", "INSTRUMENTED", "ADJACENT", "SITE_LESIONS")
        yield table([sentence(f"REPORT_{name}") for name in names], rows, sentence("REPORT_SITES_TABLE"), "sites")


def _sites(facts: ReadFacts) -> Iterator[Markup]:
    rows = [
        [site.label, timepoint.label, *_judged(answers_at(facts.read, site, timepoint)), response]
        for site in sites_of(facts.read, facts.case)
        for timepoint in facts.case.in_order
        for response in _response(facts, timepoint, site.label)
    ]
    if rows:
        names = ("SITE", "TIMEPOINT", "SPINO_GROWTH", "SPINO_EPIDURAL", "SPINO_RESPONSE")
        yield table([sentence(f"REPORT_{name}") for name in names], rows, sentence("REPORT_SPINO_TABLE"), "spino")


def _judged(answers: Table[Answer]) -> list[str]:
    return [_word(answers.get(item), f"UI_CHOICE_{SPINO}_{item}") for item in (GROWTH, EPIDURAL)]


def _response(facts: ReadFacts, timepoint: Timepoint, site: str) -> Iterator[str]:
    answer = facts.assessments.get(f"{timepoint.id}/spino/{site}")
    if answer is not None:
        yield sentence(f"UI_SPINO_{answer.outcome}")


def _eligibility(facts: ReadFacts) -> Iterator[Markup]:
    rows = [
        [timepoint.label, item_name(ELIGIBILITY, item), sentence("UI_YES" if answers[item].value is True else "UI_NO")]
        for timepoint in facts.case.in_order
        for answers in (facts.read.visit_at(timepoint.id).patient_scores.get(ELIGIBILITY, Table()),)
        for item in JUDGED
        if item in answers
    ]
    if rows:
        names = ("TIMEPOINT", "ITEM", "ANSWER")
        head = [sentence(f"REPORT_{name}") for name in names]
        yield table(head, rows, sentence("REPORT_ELIGIBILITY_TABLE"), "eligibility")


def _coverage(facts: ReadFacts) -> Iterator[Markup]:
    rows = [
        [timepoint.label, region, sentence(f"UI_CHOICE_COVERAGE_{said}")]
        for timepoint in facts.case.in_order
        for region, said in coverage_said(facts.read, timepoint).items()
    ]
    if rows:
        head = [sentence(f"REPORT_{name}") for name in ("TIMEPOINT", "REGION", "ANSWER")]
        yield table(head, rows, sentence("REPORT_COVERAGE_TABLE"), "coverage")


def _word(answer: Answer | None, code: str) -> str:
    return DASH if answer is None else sentence(f"{code}_{answer.value}")
