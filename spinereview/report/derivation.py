"""Why: the reasons of every answer with the rule that they follow; what is to be looked at; what could not be said."""

from __future__ import annotations

from collections.abc import Iterator

from spinereview.domain.assessment import Assessment
from spinereview.domain.case import Timepoint
from spinereview.report.facts import ReadFacts
from spinereview.report.front import day_text
from spinereview.report.key_images import Strip
from spinereview.report.markup import Markup, element, table, together
from spinereview.report.tables import reasons_of, words
from spinereview.report.words import outcome_text
from spinereview.review.labels import label
from spinereview.review.obligations import Obligation, obligations
from spinereview.text import explain, sentence

_DEEPEST = 4
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
    for name in ("sins", "fracture"):
        yield from (answer for _, answer in facts.levels_at(timepoint, name))


def _body(answer: Assessment) -> Markup:
    title = element("tr", element("th", _question(answer), colspan="2", scope="rowgroup"))
    rows = [
        element("tr", element("td", words(reason), class_=f"d{min(depth, _DEEPEST)}"), element("td", reason.rule))
        for depth, kind, reason in reasons_of(answer)
        if kind == "because"
    ]
    return element("tbody", title, *rows)


def _question(answer: Assessment) -> str:
    """Question and outcome: ``Overall response: PR``, ``SINS T9: unstable``."""
    name, *level = answer.scope[1:]
    if answer.criterion == "sins":
        outcome = sentence(f"REPORT_SINS_{answer.outcome}")
    elif answer.criterion == "fracture":
        outcome = sentence(f"UI_FRACTURE_{answer.outcome}")
    else:
        outcome = outcome_text(answer.outcome)
    return f"{' '.join((sentence(f'REPORT_QUESTION_{name.upper()}'), *level))}: {outcome}"


def warnings(facts: ReadFacts) -> Markup:
    """What the reader is asked to look at."""
    rows: dict[tuple[str, str], str] = {}
    for timepoint in facts.case.in_order:
        for answer in _answers(facts, timepoint):
            for warning in answer.warnings:
                rows.setdefault((timepoint.label, words(warning)), warning.rule)
    said = (
        table(
            [sentence(name) for name in ("REPORT_TIMEPOINT", "REPORT_WARNING", "REPORT_RULE")],
            [[label, text, rule] for (label, text), rule in rows.items()],
            class_="notes",
        )
        if rows
        else element("p", sentence("REPORT_NO_WARNINGS"))
    )
    return element("section", element("h2", sentence("REPORT_WARNINGS")), said)


def not_assessed(facts: ReadFacts, strips: tuple[Strip, ...]) -> Markup:
    """What could not be assessed, is open, or cannot be shown, and why."""
    rows = list(dict.fromkeys((*_open(facts), *_not_shown(strips))))
    said = (
        table([sentence("REPORT_TIMEPOINT"), sentence("REPORT_WHY")], [list(row) for row in rows], class_="notes")
        if rows
        else element("p", sentence("REPORT_ALL_ASSESSED"))
    )
    return element("section", element("h2", sentence("REPORT_NOT_ASSESSED")), said)


def _open(facts: ReadFacts) -> Iterator[tuple[str, str]]:
    for timepoint in facts.case.in_order:
        if not facts.seen.shows_response(timepoint.id):
            yield timepoint.label, sentence("UI_RESPONSE_HIDDEN")
        said: set[str] = set()
        for answer in _answers(facts, timepoint):
            for reason in answer.missing:
                said.add(reason.args.get("lesion", ""))
                yield timepoint.label, words(reason)
        for owed in obligations(facts.read, facts.case, timepoint.id, facts.settings):
            name = label(facts.read.lesions[owed.lesion])
            # That a lesion has no value is said once, by the rule that misses it.
            if owed.code is not Obligation.STATE or name not in said:
                yield timepoint.label, sentence(owed.why or owed.code, {"lesion": name, "timepoint": timepoint.label})


def _not_shown(strips: tuple[Strip, ...]) -> Iterator[tuple[str, str]]:
    for strip in strips:
        about = sentence("REPORT_SPINE") if strip.lesion is None else label(strip.lesion)
        for figure in strip.figures:
            if figure.missing is not None:
                args = {"name": about, "why": explain(figure.missing)}
                yield figure.timepoint.label, sentence("REPORT_NO_PICTURE", args)


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
