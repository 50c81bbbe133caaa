"""What the window of a clinical record shows: visits, sections of a form, scores. No widget is known here."""

from __future__ import annotations

from dataclasses import dataclass

from spinereview.domain.assessment import Assessment
from spinereview.domain.case import Case
from spinereview.domain.clinical import ClinicalRecord
from spinereview.domain.clinical_items import BM22, BPI_INTERFERENCE, BPI_SEVERITY, DAY, FACT_G_TOTAL, ITEMS, QLQ
from spinereview.domain.imaging import Id
from spinereview.domain.protocol import Protocol
from spinereview.domain.scores import Answer, AnswerValue
from spinereview.domain.table import Table
from spinereview.domain.variable import Kind
from spinereview.report.clinical_words import allowed_words, item_name
from spinereview.report.tables import reasons_of, words
from spinereview.text import sentence
from spinereview.workflow.clinical_scores import Derived

_NOW = (DAY, "NRS_WORST", "NPRS", "OMED", "SINS_PAIN", "FRANKEL", "AIS", "ECOG")
_FORMS = (*BPI_SEVERITY, *BPI_INTERFERENCE, *QLQ, *BM22, FACT_G_TOTAL)


@dataclass(frozen=True, slots=True, kw_only=True)
class Section:
    """Items that are asked together; ``open``: they are in sight without being asked for."""

    code: str
    items: tuple[str, ...]
    open: bool = False


SECTIONS: tuple[Section, ...] = (
    Section(code="CLINICAL_DAY", items=_NOW[:1], open=True),
    Section(code="CLINICAL_PAIN", items=_NOW[1:5], open=True),
    Section(code="CLINICAL_FUNCTION", items=_NOW[5:], open=True),
    Section(code="CLINICAL_BEFORE", items=tuple(item for item in ITEMS if item not in (*_NOW, *_FORMS))),
    Section(code="CLINICAL_BPI", items=(*BPI_SEVERITY, *BPI_INTERFERENCE)),
    Section(code="CLINICAL_QLQ", items=QLQ),
    Section(code="CLINICAL_BM22", items=BM22),
    Section(code="CLINICAL_FACTG", items=(FACT_G_TOTAL,)),
)
"""Every item stands in one of them; a test keeps it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class VisitLine:
    """A visit in the list, and how many answers it has."""

    visit: Id
    words: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ScoreView:
    """One score: what it is called, its outcome, why."""

    title: str
    outcome: str
    sentences: tuple[str, ...]


def visits_of(record: ClinicalRecord, case: Case, protocol: Protocol, baseline: str) -> tuple[VisitLine, ...]:
    """Visits that can have answers: of the protocol in their order, and timepoints of the case that are none of them."""
    planned = [Id(visit.name) for visit in protocol.visits_in_order]
    others = [one.id for one in case.in_order if one.id not in planned and one.visit not in planned]
    return tuple(_line(record, visit, baseline) for visit in (*planned, *others))


def choices_of(item: str) -> tuple[tuple[str, AnswerValue], ...]:
    """Words and values of an item that is chosen; none where it is written."""
    variable = ITEMS[item]
    if variable.kind is Kind.FLAG:
        return ((sentence("WORD_YES"), True), (sentence("WORD_NO"), False))
    known = (f"CHOICE_{item}_{word}" for word in variable.words)
    if item in _WORDED:
        return tuple((sentence(code), word) for code, word in zip(known, variable.words, strict=True))
    return tuple((word, word) for word in variable.words)


_WORDED = frozenset({"SINS_PAIN", "FRANKEL", "AIS", "ECOG"})
"""Items whose words need a meaning beside them."""


def hint_of(item: str) -> str:
    """What may be written."""
    if item == DAY:
        return sentence("CLINICAL_DAY_HINT")
    return "" if choices_of(item) else allowed_words(item)


def field_text(answer: Answer | None) -> str:
    """Text of the field of an item that is written."""
    return "" if answer is None else str(answer.value)


def answered(record: ClinicalRecord, visit: str, section: Section) -> str:
    """How many items of a section are answered, for its head."""
    answers = record.visits.get(visit, Table())
    return sentence(
        "CLINICAL_ANSWERED",
        {"count": str(sum(item in answers for item in section.items)), "items": str(len(section.items))},
    )


def why_question(item: str, before: Answer, after: AnswerValue) -> str:
    """What is asked before an answer is changed or removed."""
    args = {"item": item_name(item), "before": str(before.value), "after": str(after)}
    return sentence("CLINICAL_WHY_REMOVE" if after is None else "CLINICAL_WHY", args)


def scores_of(found: Derived, visit: str) -> tuple[ScoreView, ...]:
    """Scores of a visit, and those of the whole follow-up behind them."""
    if found.problem is not None:
        why = sentence("RECORD_NOT_DERIVED", {"why": words(found.problem)})
        return (ScoreView(title=why, outcome="", sentences=()),)
    own = [one for one in found.assessments.values() if one.scope[0] == visit]
    whole = [one for one in found.assessments.values() if one.scope[0] not in found.visits]
    return tuple(_score(one) for one in (*own, *whole))


def _line(record: ClinicalRecord, visit: Id, baseline: str) -> VisitLine:
    name = sentence("VISIT_BASELINE", {"visit": visit}) if visit == baseline else visit
    answers = record.visits.get(visit, Table())
    args = {"visit": name, "count": str(len(answers))}
    return VisitLine(visit=visit, words=sentence("CLINICAL_VISIT", args) if answers else name)


def _score(one: Assessment) -> ScoreView:
    name = "/".join(one.scope) if one.scope[0] == "pain" else one.scope[1]
    told = dict.fromkeys(words(reason) for depth, _, reason in reasons_of(one) if depth == 0)
    title = sentence("SCORE_" + name.upper().replace("/", "_"))
    if one.criterion != "questionnaires":
        return ScoreView(title=title, outcome=one.outcome, sentences=tuple(told))
    # Of a form with fifteen scales a line for each would hide all else.
    return ScoreView(title=title, outcome=sentence("SCORE_OF_" + one.outcome), sentences=(" ".join(told),))
