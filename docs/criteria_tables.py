"""Tables of the criteria as the code holds them, for the reference: each is read from the value, or asked of the rule."""

from __future__ import annotations

import inspect
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction

from spinereview.criteria import (
    best_rule,
    bone_response_values,
    eligibility_values,
    escc_values,
    neurology,
    sins_values,
)
from spinereview.criteria.adjudication_values import BY_DEFAULT
from spinereview.criteria.fracture.grade import genant_grade
from spinereview.criteria.fracture.settings import Settings as FractureSettings
from spinereview.criteria.local_control.assess import RULES as DEFINITIONS
from spinereview.criteria.local_control.rules import by_judgement, by_nadir, by_protocol
from spinereview.criteria.local_control.values import Definition
from spinereview.criteria.questionnaires import assess as forms
from spinereview.criteria.questionnaires.qlq_c30 import NOT_IN_SUMMARY, SCALES
from spinereview.criteria.recist import measurability, overall, target_reasons
from spinereview.criteria.recist.values import NonTargetResponse, TargetResponse
from spinereview.criteria.staging import tokuhashi, tomita
from spinereview.domain.adjudication import Trigger
from spinereview.domain.anatomy import Level
from spinereview.domain.eligibility import VARIABLES
from spinereview.domain.lesion import STATES_OF_ROLE
from spinereview.text import catalogue

Row = Sequence[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Sheet:
    """A table of the reference; ``of`` are the names in the code that it prints."""

    title: str
    head: Row
    rows: tuple[Row, ...]
    of: tuple[str, ...] = ()


NOT_PRINTED = {
    "recist.timepoint.RULES": "sources of remarks; they stand beside the reasons",
    "questionnaires.values.QUESTIONNAIRE_ITEMS": "items of a clinical record, each with its range",
    "evidence.escc.ANSWERS": "items of a form of a read, each with its answers",
    "evidence.spino.ANSWERS": "items of a form of a read, each with its answers",
    "recist.timepoint.UNDECIDED": "which act answers an open question; no result",
}
"""Tables of the code that are no part of a rule."""


def sheets(criterion: str) -> tuple[Sheet, ...]:
    """Tables of one criterion."""
    return _SHEETS[criterion]() if criterion in _SHEETS else ()


def markdown(head: Row, rows: Iterable[Row]) -> str:
    """A table of Markdown."""
    return "".join(f"| {' | '.join(_cell(text) for text in row)} |\n" for row in (head, ["---"] * len(head), *rows))


def _cell(text: str) -> str:
    return " ".join(text.replace("|", "\\|").split())


def code(word: object) -> str:
    """A word of the program, as such."""
    return f"`{word}`"


def with_gaps(text: str) -> str:
    """A sentence whose gaps are named in italics."""
    return re.sub(r"\{(\w+)\}", lambda match: f"*{match[1].replace('_', ' ')}*", text)


def source_text(rule: str) -> str:
    """A source as a cell has it."""
    return rule.replace(", docs/criteria.md", "")


def _words(many: Iterable[object]) -> str:
    return ", ".join(sorted(code(one) for one in many))


def _runs(word_of: Callable[[int], str], numbers: range) -> tuple[Row, ...]:
    """Words of numbers in a row, neighbours with one word together."""
    rows: list[list[str]] = []
    first = numbers.start
    for number in numbers:
        if number + 1 == numbers.stop or word_of(number + 1) != word_of(number):
            rows.append([str(first) if first == number else f"{first} to {number}", code(word_of(number))])
            first = number + 1
    return tuple(rows)


def _points(items: Mapping[str, Mapping[str, int]]) -> tuple[Row, ...]:
    return tuple((item, code(word), str(number)) for item, points in items.items() for word, number in points.items())


def _recist() -> tuple[Sheet, ...]:
    targets = [one for one in TargetResponse if any(one is of for of, _ in overall.WITH_TARGETS)]
    others = [one for one in NonTargetResponse if any(one is of for _, of in overall.WITH_TARGETS)]
    text = catalogue()
    return (
        Sheet(
            title="Target response: the first rule that holds decides",
            head=("Rule", "Code", "Sentence", "Source"),
            rows=tuple(
                (str(number), code(name), with_gaps(text[name]), source_text(rule))
                for number, (name, rule) in target_reasons.CODES.items()
            ),
            of=("recist.target_reasons.CODES",),
        ),
        Sheet(
            title="Overall response with target lesions (Table 1), without progression and without new lesions",
            head=("Target", *(f"non-target {code(one)}" for one in others)),
            rows=tuple((code(one), *(code(overall.WITH_TARGETS[one, other]) for other in others)) for one in targets),
            of=("recist.overall.WITH_TARGETS",),
        ),
        Sheet(
            title="Overall response without target lesions (Table 2), without progression and without new lesions",
            head=("Non-target", "Overall"),
            rows=tuple((code(one), code(found)) for one, found in overall.WITHOUT_TARGETS.items()),
            of=("recist.overall.WITHOUT_TARGETS",),
        ),
        Sheet(
            title="States that a lesion can have at a visit",
            head=("Lesion", "States"),
            rows=tuple((code(role), _words(states)) for role, states in STATES_OF_ROLE.items()),
        ),
        Sheet(
            title="Never measurable, whatever the size",
            head=("Site",),
            rows=tuple((code(site),) for site in sorted(measurability.NEVER_MEASURABLE)),
        ),
    )


def _best_response() -> tuple[Sheet, ...]:
    return (
        Sheet(
            title="What confirms a response later, and what may stand between; how many of it is a setting",
            head=("Response", "Confirmed by", "Between"),
            rows=tuple((code(one), _words(by), _words(gap)) for one, (by, gap) in best_rule.CONFIRMS.items()),
            of=("best_rule.CONFIRMS",),
        ),
    )


def _adjudication() -> tuple[Sheet, ...]:
    rows = tuple((code(one.value), "yes" if one.value in BY_DEFAULT else "only by name") for one in Trigger)
    return (
        Sheet(
            title="What is compared of two reads", head=("Trigger", "Compared where a protocol names none"), rows=rows
        ),
    )


_DEFINED = {
    Definition.LC_PROTOCOL_06120426: inspect.getdoc(by_protocol) or "",
    Definition.LC_RECIST_NADIR: inspect.getdoc(by_nadir) or "",
    Definition.LC_SPINO: inspect.getdoc(by_judgement) or "",
}


def _local_control() -> tuple[Sheet, ...]:
    return (
        Sheet(
            title="Definitions of local control",
            head=("Definition", "Rule", "Source"),
            rows=tuple((code(one.value), _DEFINED[one], source_text(rule)) for one, rule in DEFINITIONS.items()),
            of=("local_control.assess.RULES",),
        ),
    )


def _sins() -> tuple[Sheet, ...]:
    by_points: dict[int, list[str]] = {}
    for level in Level:
        by_points.setdefault(sins_values.location_points(level), []).append(level.value)
    by_limit: dict[str, list[str]] = {}
    for level, limit in sins_values.TRANSLATION_MM.items():
        by_limit.setdefault(str(limit), []).append(level.value)
    return (
        Sheet(
            title="Points of the location",
            head=("Levels", "Points"),
            rows=tuple((", ".join(by_points[points]), str(points)) for points in sorted(by_points, reverse=True)),
            of=("sins_values.LOCATION",),
        ),
        Sheet(
            title="Points of the answers",
            head=("Item", "Answer", "Points"),
            rows=_points({code(item): points for item, points in sins_values.POINTS.items()}),
            of=("sins_values.POINTS",),
        ),
        Sheet(
            title="Translation above which a subluxation is suggested",
            head=("Levels", "mm"),
            rows=tuple((", ".join(levels), limit) for limit, levels in by_limit.items()),
            of=("sins_values.TRANSLATION_MM",),
        ),
        Sheet(
            title="Category of a total",
            head=("Points", "Category"),
            rows=_runs(lambda points: sins_values.category(points).value, range(19)),
        ),
    )


def _fracture() -> tuple[Sheet, ...]:
    losses = [Fraction(text) for text in ("19.9", "20", "24.9", "25", "25.1", "40", "40.1")]
    ways = [FractureSettings(genant_edges=edges) for edges in ("upper_inclusive", "lower_inclusive")]
    return (
        Sheet(
            title="Grade of the largest loss of height (Genant), at its edges",
            head=("Loss of height, %", *(code(f"genant_edges = {way.genant_edges}") for way in ways)),
            rows=tuple((f"{float(loss):g}", *(str(genant_grade(loss, way)) for way in ways)) for loss in losses),
        ),
    )


def _escc() -> tuple[Sheet, ...]:
    rows = tuple(
        (code(grade.value), str(at), catalogue()[f"ESCC_GRADE_{grade.name}"].format(level="T9"))
        for at, grade in enumerate(escc_values.GRADES)
    )
    return (Sheet(title="Grades, with the sentence of level T9", head=("Grade", "Code", "What is seen"), rows=rows),)


def _bone_response() -> tuple[Sheet, ...]:
    return (
        Sheet(
            title="Response of each finding, and the images that can show it",
            head=("Finding", "Response", "Images", "Can be healing bone (flare)"),
            rows=tuple(
                (code(one), code(found), _words(images), "yes" if one in bone_response_values.MAYBE_FLARE else "")
                for one, (found, images) in bone_response_values.FINDINGS.items()
            ),
            of=("bone_response_values.FINDINGS",),
        ),
    )


def _staging() -> tuple[Sheet, ...]:
    scores = {"growth": tomita.GROWTH, "viscera": tomita.VISCERAL, "bone": tomita.BONE}
    counts: tuple[tuple[str, Callable[[int], int], range], ...] = (
        ("performance status (KPS)", tokuhashi.kps_points, range(10, 101)),
        ("bone metastases outside the spine", tokuhashi.bone_points, range(5)),
        ("vertebral metastases", tokuhashi.vertebra_points, range(1, 5)),
    )
    counted = [
        (name, span.replace("to 4", "and more") if rule is not tokuhashi.kps_points else span, points.strip("`"))
        for name, rule, numbers in counts
        for span, points in _runs(lambda number, rule=rule: str(rule(number)), numbers)
    ]
    answered = _points({"metastases to internal organs": tokuhashi.VISCERA, "palsy (Frankel)": tokuhashi.PALSY})
    return (
        Sheet(
            title="Tomita's score: points",
            head=("Item", "Answer", "Points"),
            rows=_points(scores),
            of=("staging.tomita.GROWTH", "staging.tomita.VISCERAL", "staging.tomita.BONE"),
        ),
        Sheet(title="Tomita's score: strategy", head=("Points", "Strategy"), rows=_runs(tomita.strategy, range(2, 11))),
        Sheet(
            title="Tokuhashi's score: points; those of the primary site are entered, 0 to 5",
            head=("Item", "Answer", "Points"),
            rows=(*counted, *answered),
            of=("staging.tokuhashi.VISCERA", "staging.tokuhashi.PALSY"),
        ),
        Sheet(
            title="Tokuhashi's score: survival", head=("Points", "Expected"), rows=_runs(tokuhashi.prognosis, range(16))
        ),
    )


def _questionnaires() -> tuple[Sheet, ...]:
    return (
        Sheet(
            title="Scales of the QLQ-C30; a scale needs that many of its items",
            head=("Scale", "Items", "Needed", "Range", "Kind", "In the summary score"),
            rows=tuple(
                (
                    code(name),
                    ", ".join(map(str, scale.items)),
                    str(scale.needed),
                    str(scale.range),
                    "function" if scale.function else "global" if name in NOT_IN_SUMMARY - {"FI"} else "symptom",
                    "no" if name in NOT_IN_SUMMARY else "yes",
                )
                for name, scale in SCALES.items()
            ),
            of=("questionnaires.qlq_c30.SCALES",),
        ),
        Sheet(
            title="Groups of items of the QLQ-BM22; they are counted, not scored",
            head=("Group", "Items"),
            rows=tuple((name.replace("_", " "), ", ".join(items)) for name, items in forms.BM22_SCALES.items()),
            of=("questionnaires.assess.BM22_SCALES",),
        ),
    )


def _neurology() -> tuple[Sheet, ...]:
    rows = tuple((code(name), shown) for name, shown in neurology.SCALES.items())
    return (Sheet(title="Scales", head=("Answer", "Scale"), rows=rows, of=("neurology.SCALES",)),)


def _eligibility() -> tuple[Sheet, ...]:
    rows = []
    for name, one in VARIABLES.items():
        limits = [str(limit) for limit in (one.minimum, one.maximum)]
        span = " to ".join(limits) if "None" not in limits else f"from {limits[0]}" if limits[0] != "None" else ""
        rows.append((code(name), one.kind.value, ", ".join(map(code, one.words)) or span, one.unit))
    return (
        Sheet(
            title="Variables that a rule can name",
            head=("Variable", "Kind", "Values", "Unit"),
            rows=tuple(rows),
            of=("eligibility.VARIABLES", "eligibility_values.VARIABLES"),
        ),
        Sheet(
            title="Definitions of measurable disease",
            head=("Definition",),
            rows=tuple((code(one),) for one in eligibility_values.DEFINITIONS),
        ),
    )


_SHEETS: dict[str, Callable[[], tuple[Sheet, ...]]] = {
    "recist": _recist,
    "best_response": _best_response,
    "adjudication": _adjudication,
    "local_control": _local_control,
    "sins": _sins,
    "fracture": _fracture,
    "escc": _escc,
    "bone_response": _bone_response,
    "staging": _staging,
    "questionnaires": _questionnaires,
    "neurology": _neurology,
    "eligibility": _eligibility,
}
