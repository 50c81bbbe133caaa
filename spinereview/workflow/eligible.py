"""Eligibility of a subject on a whole case: each rule of the protocol, the value that was used, and where it came from."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from spinereview import __version__
from spinereview.criteria.eligibility import Settings, assess
from spinereview.criteria.eligibility_values import Known
from spinereview.criteria.evidence.clinical import answers_of
from spinereview.criteria.evidence.eligibility import (
    answered,
    gathered,
    of_case,
    of_escc,
    of_lesions,
    of_schedule,
    of_sins,
    of_targets,
    recorded,
)
from spinereview.criteria.evidence.recist import baseline_of
from spinereview.domain.assessment import Assessment
from spinereview.domain.codec import Json, encode
from spinereview.domain.eligibility import shown_value
from spinereview.domain.imaging import Id
from spinereview.domain.protocol import Rule
from spinereview.domain.table import Table
from spinereview.errors import CaseError
from spinereview.report.clinical_words import item_name, value_words
from spinereview.report.facts import ReadFacts
from spinereview.report.read_json import ProtocolNamed
from spinereview.report.tables import words
from spinereview.text import sentence
from spinereview.workflow.clinical_scores import baseline_visit
from spinereview.workflow.whole_case import WholeCase, sins_of

SCHEMA = 1
"""Of ``docs/eligibility.schema.json``."""
DISPLAYED = ("AGE", "SURVIVAL_ESTIMATE")
"""Items of the record that no rule asks for; a person judges them."""

_FIRST = ("FAIL", "NEEDS_INPUT", "PASS")
"""What a person has to look at stands first."""


class Source(StrEnum):
    """Where the value of a variable came from."""

    READ = "READ"
    CASE = "CASE"
    CLINICAL_RECORD = "CLINICAL_RECORD"
    SCHEDULE = "SCHEDULE"


@dataclass(frozen=True, slots=True, kw_only=True)
class RuleAnswer:
    """One rule: met (PASS), not met (FAIL) or not assessed (NEEDS_INPUT).

    Parameters
    ----------
    limit, value
        As text; the value is a range where it is known only so, and None where it is missing.
    sources
        Of the value; none where it is missing.
    """

    rule: str
    group: str
    variable: str
    op: str
    limit: str
    value: str | None
    sources: tuple[Source, ...]
    outcome: str


@dataclass(frozen=True, slots=True, kw_only=True)
class EligibilityFile:
    """Eligibility of a subject.

    Parameters
    ----------
    timepoint
        Of the read that was asked.
    investigator, record_head
        Of the clinical record; empty where there was none.
    day_zero
        Date of day 0 of the schedule; empty where there was none.
    displayed
        Items of the record that no rule asks for.
    faults
        Sentences of the rows of the schedule that are wrong.
    """

    schema: int
    program: str
    subject: str
    reader: str
    trail_head: str
    investigator: str
    record_head: str
    protocol: ProtocolNamed
    timepoint: Id
    day_zero: str
    outcome: str
    rules: tuple[RuleAnswer, ...]
    displayed: Table[str]
    faults: tuple[str, ...]
    assessments: Table[Assessment]


def eligibility_of(whole: WholeCase) -> EligibilityFile:
    """Answer every rule of the protocol.

    Raises
    ------
    CaseError
        ``PROTOCOL_WITHOUT_RULES``; ``CASE_WITHOUT_TIMEPOINT``.
    InvalidValue
        ``VARIABLE_CONTRADICTED`` where two sources say different things.
    """
    facts = whole.facts
    protocol, baseline = facts.seen.protocol, baseline_of(facts.case)
    if not protocol.eligibility:
        raise CaseError("PROTOCOL_WITHOUT_RULES", protocol=protocol.id)
    if baseline is None:
        raise CaseError("CASE_WITHOUT_TIMEPOINT", case=facts.subject)
    known = _sources(whole, baseline.id)
    given = gathered(
        protocol.eligibility.values(),
        *(found for _, found in known),
        read=of_targets(facts.read, facts.case, baseline, facts.settings),
    )
    answers = assess(given, Settings.parse(protocol.criteria.get("eligibility", Table())))
    named = ProtocolNamed(id=protocol.id, version=protocol.version, title=protocol.title, sha256=protocol.sha256)
    return EligibilityFile(
        schema=SCHEMA,
        program=__version__,
        subject=facts.subject,
        reader=facts.reader,
        trail_head=facts.trail_head,
        investigator="" if whole.seen is None else whole.seen.investigator,
        record_head="" if whole.seen is None else whole.seen.trail_head,
        protocol=named,
        timepoint=baseline.id,
        day_zero=whole.day_zero,
        outcome=answers["eligibility"].outcome,
        rules=tuple(_rule(rule, answers, known) for rule in protocol.eligibility.values()),
        displayed=_displayed(whole),
        faults=tuple(fault.words for fault in whole.faults),
        assessments=answers,
    )


def as_json(file: EligibilityFile) -> Json:
    """Tree for JSON, by ``docs/eligibility.schema.json``."""
    return encode(file, EligibilityFile)


def as_text(file: EligibilityFile) -> str:
    """Lines for people: the whole, then each rule with its value and where it came from."""
    named = file.protocol
    whole = file.assessments["eligibility"]
    lines = [
        f"{file.subject}, reader {file.reader}, {named.title} {named.version} ({named.sha256[:16]})",
        f"trail {file.trail_head}, {_record_line(file)}, spinereview {file.program}. Research use only.",
        "",
        f"{sentence('ELIGIBILITY_' + file.outcome)}: {words(whole.because[0])}",
        "",
    ]
    for rule in sorted(file.rules, key=lambda one: _FIRST.index(one.outcome)):
        answer = file.assessments[f"eligibility/{rule.rule}"]
        joined = [] if not rule.group else [sentence("RULE_IN_GROUP", {"group": rule.group})]
        source = " + ".join(sentence(f"SOURCE_{one.value}") for one in rule.sources)
        told = [words(answer.because[0]), *([sentence("RULE_SOURCE", {"source": source})] if source else []), *joined]
        lines.append(" ".join(told))
        lines += [f"  {words(reason)}" for reason in answer.warnings]
    groups = [answer for answer in file.assessments.values() if answer.scope[:2] == ("eligibility", "group")]
    lines += [words(one.because[0]) for one in groups]
    if file.displayed:
        lines += ["", sentence("RULES_DISPLAYED"), *(f"  {name}: {value}" for name, value in file.displayed.items())]
    return "\n".join(lines) + "\n"


def _record_line(file: EligibilityFile) -> str:
    if not file.investigator:
        return sentence("RECORD_NONE")
    return sentence("RECORD_OF", {"investigator": file.investigator, "head": file.record_head})


def _sources(whole: WholeCase, timepoint: Id) -> list[tuple[tuple[Source, ...], Mapping[str, Known]]]:
    """What each source says; an item of the record that a score rests on makes the record a source of it."""
    facts, seen = whole.facts, whole.seen
    found: list[tuple[tuple[Source, ...], Mapping[str, Known]]] = [
        ((Source.READ,), of_escc(whole.assessments, timepoint)),
        ((_namer(facts),), of_case(facts.case)),
        ((Source.READ,), answered(facts.read, timepoint)),
        ((Source.READ,), of_lesions(facts.read)),
    ]
    told = of_sins(sins_of(whole), timepoint)
    alone = of_sins(sins_of(WholeCase(facts=facts)), timepoint)
    for name, one in told.items():
        with_record = (one.value, one.highest) != (alone[name].value, alone[name].highest)
        found.append(((Source.READ, Source.CLINICAL_RECORD) if with_record else (Source.READ,), {name: one}))
    if seen is not None:
        visit = baseline_visit(seen.record, facts.case, facts.seen.protocol)
        if visit in seen.record.visits:
            found.append(((Source.CLINICAL_RECORD,), recorded(seen.record, Id(visit))))
    if whole.schedule is not None:
        found.append(((Source.SCHEDULE,), of_schedule(whole.schedule, timepoint)))
    return found


def _namer(facts: ReadFacts) -> Source:
    """Who named the treated sites: a read's count only where the case names none, and are then the read's very own."""
    return Source.READ if facts.case.treated_sites is facts.read.treated_sites else Source.CASE


def _rule(
    rule: Rule,
    answers: Mapping[str, Assessment],
    known: list[tuple[tuple[Source, ...], Mapping[str, Known]]],
) -> RuleAnswer:
    answer = answers[f"eligibility/{rule.id}"]
    value = answer.because[0].args.get("value")
    sources = [one for own, said in known if rule.variable in said for one in own]
    if not sources and value is not None:
        sources = [Source.READ]
    return RuleAnswer(
        rule=rule.id,
        group=rule.group,
        variable=rule.variable,
        op=rule.op,
        limit=shown_value(rule.value),
        value=value,
        sources=tuple(one for one in Source if one in sources) if value is not None else (),
        outcome=answer.outcome,
    )


def _displayed(whole: WholeCase) -> Table[str]:
    seen = whole.seen
    if seen is None:
        return Table()
    visit = baseline_visit(seen.record, whole.facts.case, whole.facts.seen.protocol)
    answers = answers_of(seen.record, visit)
    shown = {item: answers[item] for item in DISPLAYED if item in answers}
    return Table(
        {item_name(item): value_words(item, value) for item, value in shown.items() if not isinstance(value, tuple)}
    )
