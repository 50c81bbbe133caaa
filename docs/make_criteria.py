"""Writes ``docs/criteria-reference.md`` from the code: settings, tables, reasons with their rules, and examples answered.

Run by ``make schema`` after a change of a criterion, a setting, a sentence or an example.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from criteria_code import answered, introductions, limits, plain, readings, reasons, rules, said_of
from criteria_tables import code, markdown, sheets, source_text, with_gaps

from spinereview.criteria import CRITERIA, QUESTIONS
from spinereview.domain.settings import shown
from spinereview.resources import resource
from spinereview.text import catalogue, sentence
from spinereview.workflow.criterion import answer, answer_text, example_text, title_code
from spinereview.workflow.protocol_files import effect_of
from spinereview.workflow.protocol_values import settings_of

TITLES = {
    "recist": "RECIST 1.1",
    "best_response": "Best overall response",
    "adjudication": "Two reads of a case",
    "endpoints": "Endpoints",
    "local_control": "Local control",
    "sins": "SINS",
    "fracture": "Vertebral compression fractures and angles",
    "escc": "Epidural compression (ESCC)",
    "spino": "Irradiated sites (SPINO)",
    "bone_response": "Bone response (MD Anderson)",
    "staging": "WBB, Tomita, Tokuhashi",
    "pain": "Pain",
    "questionnaires": "Questionnaires",
    "neurology": "Neurology and function",
    "eligibility": "Eligibility",
}
HEAD = """# Criteria reference: what the code holds

Made from the code by `make schema`; a test fails where the two differ. Why a rule is read the way it is, and how far
that was checked, stands in [criteria.md](criteria.md); the keys of a protocol together in
[protocol-settings.md](protocol-settings.md).

How to read it. A word in `this type` is one of the program's own, as in its files. In a sentence, *slanted* words are filled
in with names and numbers. The column *Origin* says how a rule came into the program:

- **source**: the paper or standard that is named; how far our reading of it was checked is the tag in criteria.md;
- **source, to be confirmed**: the paper that is named, as it is generally known; a clinician should confirm it
  before first use;
- **our reading**: the source is silent or leaves it open, and the program decides;
- **no rule**, in a table –: it refuses a drawing, or says only what was given or is missing.

Where a reason has several sources, the case decides which one it carries. The program gives the source with every answer.
"""
LONGEST = 12


def text() -> str:
    """The reference as the file has it."""
    contents = "".join(f"- [{title}](#{_anchor(title)})\n" for title in TITLES.values())
    return "\n".join([HEAD, contents, *("\n".join(_criterion(name)) for name in CRITERIA)]).rstrip() + "\n"


def origin(rule: str) -> str:
    """How a rule came into the program, from its own words."""
    if not rule:
        return "no rule"
    if "to be confirmed" in rule or "as known" in rule:
        return "source, to be confirmed"
    ours = re.search(r"reading of the program|check of the program|scoring manual not at hand", rule, re.IGNORECASE)
    return "our reading" if ours else "source"


def _criterion(name: str) -> Iterator[str]:
    yield f"## {TITLES[name]}\n"
    asked = [question for question, one in QUESTIONS.items() if one.criterion == name]
    yield "".join(f"- {code(question)}: {sentence(title_code(question))}.\n" for question in asked)
    yield "### What it does\n"
    yield "".join(f"- {one}\n" for one in introductions(name))
    said = answered(name)
    if said:
        yield "### What is answered\n"
        yield "".join(f"- {one}\n" for one in said)
    yield from _settings(name)
    numbers = limits(name)
    if numbers:
        yield "### Numbers that no protocol changes\n"
        yield markdown(("Number", "Value", "What the code says"), numbers)
    for sheet in sheets(name):
        yield f"### {sheet.title}\n"
        yield markdown(sheet.head, sheet.rows)
        yield from (f"{said_of(one)}\n" for one in sheet.of if said_of(one))
    own = readings(name)
    if own:
        yield "### Our reading, as the code says it\n"
        yield "".join(f"- {said}\n" for said in own)
    yield "### Sources\n"
    yield markdown(("Source", "Origin"), [(source_text(rule), origin(rule)) for rule in rules(name)])
    yield "### Reasons\n"
    yield markdown(("Code", "Sentence", "Source"), list(_reasons(name)))
    yield "### Examples\n"
    if name == "recist":
        yield from _worked()
    yield from _examples(asked)


def _settings(name: str) -> Iterator[str]:
    section = f"[criterion.{name}]" if CRITERIA[name].section else "[[trigger]]"
    effects = {key: catalogue()[effect_of(section, key)] for key, _, _ in settings_of(CRITERIA[name].settings)}
    yield "### Settings\n"
    if not effects:
        yield "None.\n"
        return
    usual = max(effects.values(), key=list(effects.values()).count)
    yield plain((CRITERIA[name].settings.__doc__ or "").split(">>>")[0]) + "\n"
    yield f"A change of one of them: {usual[0].lower()}{usual[1:]}" + (
        " Those with a mark: see below the table.\n" if len(set(effects.values())) > 1 else "\n"
    )
    others = [effect for effect in dict.fromkeys(effects.values()) if effect != usual]
    rows = [
        (
            code(key),
            code(default),
            check.allowed,
            "" if effects[key] == usual else f"({others.index(effects[key]) + 1})",
        )
        for key, default, check in settings_of(CRITERIA[name].settings)
    ]
    yield (
        markdown(("Key", "Default", "Allowed", "Mark"), rows)
        if others
        else markdown(("Key", "Default", "Allowed"), [row[:3] for row in rows])
    )
    if others:
        yield "".join(f"- ({number}) {effect}\n" for number, effect in enumerate(others, 1))


def _reasons(name: str) -> Iterator[tuple[str, str, str]]:
    for found, carried in reasons(name).items():
        yield code(found), with_gaps(catalogue()[found]), "; or ".join(map(source_text, carried)) or "–"


def _examples(questions: list[str]) -> Iterator[str]:
    """Example of each question with its answer; what was shown before is named."""
    inputs: dict[str, str] = {}
    answers: dict[str, str] = {}
    for question in questions:
        text = example_text(question)
        given = json.loads(text)
        first = inputs.setdefault(text, question)
        yield f"**{question}** ({code(f'spinereview criterion {question} --example')})\n"
        if first != question:
            yield f"Given: as for {first}.\n"
        else:
            yield "Given:\n"
            yield "".join(f"{line}\n" for line in _told(given["input"]))
        if given.get("settings"):
            yield (
                "Settings: "
                + ", ".join(code(f"{key} = {shown(value)}") for key, value in given["settings"].items())
                + ".\n"
            )
        said = "\n".join(_quoted(answer_text(question, text).rstrip().split("\n")))
        same = answers.setdefault(said, question)
        yield f"Answer: {'' if same == question else f'that of {same}.'}".rstrip() + "\n"
        if same == question:
            yield said + "\n"


def _quoted(lines: list[str]) -> Iterator[str]:
    """Lines of an answer as a list: what was asked with its outcome, below it the sentences."""
    for line in lines:
        if line:
            depth = (len(line) - len(line.lstrip())) // 2
            scope, _, outcome = line.partition(": ")
            yield f"- {scope}: **{outcome}**" if not depth else f"{'  ' * depth}- {line.strip()}"


def _told(given: Mapping[str, Any]) -> Iterator[str]:
    """An input in words: an entry for each visit or part, below it what belongs to it."""
    for key, value in given.items():
        if isinstance(value, list) and value and isinstance(value[0], dict):
            for entry in value:
                below = {name: part for name, part in entry.items() if _is_table(part)}
                yield f"- {_spaced(key)}: {_flat({name: part for name, part in entry.items() if name not in below})}"
                for name, part in below.items():
                    for one, of in part.items():
                        yield f"  - {_spaced(name)}, {one}: {_flat({at: to for at, to in of.items() if to != one})}"
        else:
            yield f"- {_spaced(key)}: {_flat(value)}"


def _is_table(value: object) -> bool:
    return isinstance(value, dict) and bool(value) and all(isinstance(one, dict) for one in value.values())


def _flat(value: Any) -> str:
    if isinstance(value, Mapping):
        return "; ".join(f"{_spaced(key)} {_nested(entry)}" for key, entry in value.items())
    if isinstance(value, list):
        if len(value) > LONGEST:
            return f"{len(value)} values"
        return ", ".join(_nested(entry) for entry in value)
    if value is None or isinstance(value, bool):
        return "nothing" if value is None else "yes" if value else "no"
    return str(value)


def _nested(value: Any) -> str:
    return f"({_flat(value)})" if isinstance(value, (Mapping, list)) else _flat(value)


def _spaced(key: str) -> str:
    return key.replace("_", " ") if key.islower() else key


def _worked() -> Iterator[str]:
    """The worked examples of the target response, answered now."""
    rows = []
    for example in json.loads(resource("examples", "worked.json").read_text(encoding="utf-8"))["recist-target"]:
        *before, last = answer("recist-target", worked_input(example["visits"])).values()
        sums = [str(one.values["sum_mm"]) for one in before]
        now = last.because[0]
        if last.outcome != example["outcome"]:
            raise ValueError(example["note"])
        rows.append(
            (sums[0], sums[-1], now.args["sum"], code(last.outcome), sentence(now.code, now.args), example["note"])
        )
    yield "Worked examples of the target response: sums of diameters in mm.\n"
    yield markdown(("Baseline", "Before", "Now", "Response", "Sentence", "What it shows"), rows)


def worked_input(visits: list[dict[str, str | None]]) -> str:
    """Input of the command line of target lesions by visit; null cannot be evaluated."""
    listed = [
        {
            "timepoint": "BL" if at == 0 else f"FU{at}",
            "targets": {
                lesion: {
                    "lesion": lesion,
                    "state": "NE" if mm is None else "MEASURED",
                    **({} if mm is None else {"mm": mm}),
                }
                for lesion, mm in visit.items()
            },
        }
        for at, visit in enumerate(visits)
    ]
    return json.dumps({"input": {"visits": listed}})


def _anchor(title: str) -> str:
    return re.sub(r"[^\w -]", "", title.lower()).replace(" ", "-")


if __name__ == "__main__":
    Path(__file__).with_name("criteria-reference.md").write_text(text(), encoding="utf-8")
