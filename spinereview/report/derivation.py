"""Why: the reasons of every answer with the rule that they follow; what is to be looked at; what could not be said."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from spinereview.criteria.evidence.spino import sites_of
from spinereview.domain.assessment import Assessment, Reason
from spinereview.domain.case import Timepoint
from spinereview.report.facts import ReadFacts
from spinereview.report.forms import grade_text
from spinereview.report.front import day_text
from spinereview.report.key_images import Strip
from spinereview.report.markup import Markup, element, table, together
from spinereview.report.tables import reasons_of, words
from spinereview.report.words import item_name, outcome_text
from spinereview.review.command import Role
from spinereview.review.labels import label
from spinereview.review.obligations import Obligation, Owed, obligations
from spinereview.text import explain, sentence

_DEEPEST = 4
_SAID_BY_RULES = frozenset(
    {Obligation.STATE, Obligation.SINS_ITEM, Obligation.HEIGHTS, Obligation.GRADE, Obligation.SPINO_ITEM}
)
_RECIST = ("target", "non_target", "new", "overall")


def derivation(facts: ReadFacts) -> Markup:
    """Tree of reasons of every timepoint, each with its rule and source."""
    parts = []
    for timepoint in facts.case.in_order:
        bodies = [_body(answer) for answer in _answers(facts, timepoint) if answer.because]
        if bodies:
            heads = [element("th", sentence(name), scope="col") for name in ("REPORT_REASON", "REPORT_RULE")]
            head = element("thead", element("tr", *heads))
            parts.append(element("h3", day_text(facts, timepoint)))
            parts.append(element("table", head, *bodies, class_="reasons"))
    said = parts or [element("p", sentence("REPORT_NOTHING_DERIVED"))]
    return element("section", element("h2", sentence("REPORT_DERIVATION")), *said)


def _answers(facts: ReadFacts, timepoint: Timepoint) -> Iterator[Assessment]:
    for name in _RECIST:
        answer = facts.at(timepoint, name)
        if answer is not None:
            yield answer
    for name in ("sins", "fracture", "escc"):
        yield from (answer for _, answer in facts.levels_at(timepoint, name))
    whole = facts.at(timepoint, "escc")
    if whole is not None:
        yield whole
    for site in sites_of(facts.read, facts.case):
        judged = facts.assessments.get(f"{timepoint.id}/spino/{site.label}")
        if judged is not None:
            yield judged


def _body(answer: Assessment) -> Markup:
    title = element("tr", element("th", _question(answer), colspan="2", scope="rowgroup"))
    rows = [
        element("tr", element("td", said(reason), class_=f"d{min(depth, _DEEPEST)}"), element("td", reason.rule))
        for depth, kind, reason in reasons_of(answer)
        if kind == "because"
    ]
    return element("tbody", title, *rows)


def said(reason: Reason) -> str:
    """Sentence of a reason, outcomes in it as the tables have them."""
    if not reason.code.startswith("OVERALL"):
        return words(reason)
    return sentence(reason.code, {name: outcome_text(value) for name, value in reason.args.items()})


def _question(answer: Assessment) -> str:
    """Question and outcome: ``Overall response: PR``, ``SINS T9: unstable``."""
    name, *level = answer.scope[1:]
    if answer.criterion == "sins":
        outcome = sentence(f"REPORT_SINS_{answer.outcome}")
    elif answer.criterion == "fracture":
        outcome = sentence(f"UI_FRACTURE_{answer.outcome}")
    elif answer.criterion == "escc":
        outcome = grade_text(answer)
    elif answer.criterion == "spino":
        outcome = sentence(f"UI_SPINO_{answer.outcome}")
    else:
        outcome = outcome_text(answer.outcome)
    return f"{' '.join((sentence(f'REPORT_QUESTION_{name.upper()}'), *level))}: {outcome}"


def warnings(facts: ReadFacts) -> Markup:
    """What the reader is asked to look at."""
    found = [
        (timepoint.label, (said(warning), warning.rule))
        for timepoint in facts.case.in_order
        for answer in _answers(facts, timepoint)
        for warning in answer.warnings
    ]
    rows = [[text, rule, labels] for (text, rule), labels in _grouped(found)]
    head = [sentence(name) for name in ("REPORT_WARNING", "REPORT_RULE", "REPORT_TIMEPOINTS")]
    return _section("REPORT_WARNINGS", head, rows, "REPORT_NO_WARNINGS", "warnings")


def not_assessed(facts: ReadFacts, strips: tuple[Strip, ...]) -> Markup:
    """What could not be assessed, is open, or cannot be shown, and why."""
    rows = [[text, labels] for (text,), labels in _grouped([*_open(facts), *_not_shown(strips)])]
    head = [sentence(name) for name in ("REPORT_WHY", "REPORT_TIMEPOINTS")]
    return _section("REPORT_NOT_ASSESSED", head, rows, "REPORT_ALL_ASSESSED", "missing")


def _grouped(found: Iterable[tuple[str, tuple[str, ...]]]) -> Iterator[tuple[tuple[str, ...], str]]:
    """Each thing once, with the timepoints of which it is said."""
    labels: dict[tuple[str, ...], list[str]] = {}
    for timepoint, what in found:
        labels.setdefault(what, []).append(timepoint)
    for what, listed in labels.items():
        yield what, ", ".join(dict.fromkeys(listed))


def _section(title: str, head: list[str], rows: list[list[str]], nothing: str, class_: str) -> Markup:
    body = table(head, rows, class_=f"notes {class_}") if rows else element("p", sentence(nothing))
    return element("section", element("h2", sentence(title)), body)


def _open(facts: ReadFacts) -> Iterator[tuple[str, tuple[str, ...]]]:
    for timepoint in facts.case.in_order:
        if not facts.seen.shows_response(timepoint.id):
            author = facts.seen.role is Role.READER
            yield timepoint.label, (sentence("UI_RESPONSE_HIDDEN" if author else "REPORT_UNSIGNED_HIDDEN"),)
        named: set[str] = set()
        for answer in _answers(facts, timepoint):
            for reason in answer.missing:
                named |= {reason.args.get(key, "") for key in ("lesion", "level", "site")}
                yield timepoint.label, (said(reason),)
        for owed in obligations(facts.read, facts.case, timepoint.id, facts.settings, facts.seen.protocol):
            name = label(facts.read.lesions[owed.lesion]) if owed.lesion is not None else str(owed.level or owed.site)
            # What has no value is said once, by the rule that misses it; of levels only what the protocol demands.
            if (owed.level is None or owed.mandatory) and (owed.code not in _SAID_BY_RULES or name not in named):
                yield timepoint.label, (_owed_text(owed, name),)


def _owed_text(owed: Owed, name: str) -> str:
    if owed.why:
        return sentence(owed.why, owed.args)
    item = item_name(owed.form, owed.item) if owed.item else ""
    what = sentence(owed.code, {"level": name, "item": item, "site": owed.site})
    return what if owed.lesion is None else sentence("REPORT_OWED", {"lesion": name, "what": what})


def _not_shown(strips: tuple[Strip, ...]) -> Iterator[tuple[str, tuple[str, ...]]]:
    for strip in strips:
        about = sentence("REPORT_SPINE") if strip.lesion is None else label(strip.lesion)
        for figure in strip.figures:
            if figure.missing is not None:
                args = {"name": about, "why": explain(figure.missing)}
                yield figure.timepoint.label, (sentence("REPORT_NO_PICTURE", args),)


def provenance(facts: ReadFacts, used: frozenset[str]) -> Markup:
    """Versions and hashes: what this report was made from; of the images, those that anything was drawn on."""
    protocol = facts.seen.protocol
    rows = [
        [sentence("REPORT_PROGRAM"), f"spinereview {facts.program}"],
        [sentence("REPORT_PROTOCOL"), together(f"{protocol.id} {protocol.version}, ", _hash(protocol.sha256))],
        [sentence("REPORT_CASE"), together(f"{facts.case.id}, ", _hash(facts.case_sha256))],
        [sentence("REPORT_READ"), facts.read.id],
        [
            sentence("REPORT_TRAIL"),
            together(f"{sentence('REPORT_EVENT', {'number': str(facts.trail.sequence)})}, ", _hash(facts.trail.sha256)),
        ],
    ]
    for timepoint in facts.case.in_order:
        for key, stack in timepoint.stacks.items():
            if key in used:
                plane = sentence(f"UI_PLANE_NAME_{stack.plane}")
                name = sentence(
                    "REPORT_IMAGES_OF", {"timepoint": timepoint.label, "modality": stack.modality, "plane": plane}
                )
                sha256 = facts.stack_sha256.get(key)
                rows.append([name.strip(), sentence("REPORT_NO_HASH") if sha256 is None else _hash(sha256)])
    head = (sentence("REPORT_PART"), sentence("REPORT_VERSION"))
    return element("section", element("h2", sentence("REPORT_PROVENANCE")), table(head, rows, class_="hashes"))


def _hash(sha256: str) -> Markup:
    return element("code", sha256)
