"""The reference of the criteria is made from the code, and leaves nothing out."""

from __future__ import annotations

import importlib
import json
import re
import sys
from collections.abc import Iterator, Mapping
from decimal import Decimal
from pathlib import Path
from types import ModuleType

import pytest

from spinereview.criteria import CRITERIA, QUESTIONS
from spinereview.criteria.escc_values import GRADES
from spinereview.criteria.sins_values import Category
from spinereview.domain.assessment import Reason
from spinereview.domain.settings import checks_of
from spinereview.resources import resource
from spinereview.text import sentence
from spinereview.workflow.criterion import answer, example_text, title_code
from spinereview.workflow.protocol_values import schema

DOCS = Path(__file__).parents[2] / "docs"
PAGE = (DOCS / "criteria-reference.md").read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def made() -> Iterator[dict[str, ModuleType]]:
    """The modules beside the page that make it."""
    sys.path.insert(0, str(DOCS))
    try:
        yield {name: importlib.import_module(name) for name in ("make_criteria", "criteria_code", "criteria_tables")}
    finally:
        sys.path.remove(str(DOCS))


@pytest.fixture(scope="module")
def parts(made: dict[str, ModuleType]) -> dict[str, str]:
    """Text of the page by criterion."""
    titles = made["make_criteria"].TITLES
    assert list(titles) == list(CRITERIA)
    heads = [f"\n## {title}\n" for title in titles.values()]
    ends = [*(PAGE.index(head) for head in heads), len(PAGE)]
    return {name: PAGE[ends[at] : ends[at + 1]] for at, name in enumerate(titles)}


def reasons_of(reason: Reason) -> Iterator[Reason]:
    yield reason
    for one in reason.because:
        yield from reasons_of(one)


def row_of(part: str, code: str) -> str:
    """The row of a reason, in the table of reasons."""
    (row,) = [line for line in part[part.index("### Reasons") :].split("\n") if line.startswith(f"| `{code}` |")]
    return row


def test_the_page_is_the_one_that_the_code_makes(made: dict[str, ModuleType]) -> None:
    assert made["make_criteria"].text() == PAGE, "run make schema"


def test_every_question_stands_there_with_its_example_and_its_answer(parts: dict[str, str]) -> None:
    for name, question in QUESTIONS.items():
        part = parts[question.criterion]
        assert f"- `{name}`: {sentence(title_code(name))}." in part
        assert f"\n**{name}** (" in part
        for key, found in answer(name, example_text(name)).items():
            assert f"\n- {key}: **{found.outcome}**\n" in part


@pytest.mark.parametrize("name", CRITERIA)
def test_every_setting_stands_there_with_what_is_allowed(parts: dict[str, str], name: str) -> None:
    rows = [line for line in parts[name].split("\n") if line.startswith("| `")]
    for key, check in checks_of(CRITERIA[name].settings).items():
        assert [row for row in rows if row.startswith(f"| `{key}` |") and f"| {check.allowed} |" in row], key


@pytest.mark.parametrize("name", CRITERIA)
def test_every_reason_that_the_source_names_stands_there_with_its_rule(
    made: dict[str, ModuleType], parts: dict[str, str], name: str
) -> None:
    found = made["criteria_code"].reasons(name)
    assert found
    for code, rules in found.items():
        row = row_of(parts[name], code)
        assert all(made["criteria_tables"].source_text(rule) in row for rule in rules), code


@pytest.mark.parametrize("name", QUESTIONS)
def test_the_source_that_an_answer_carries_is_the_one_that_the_page_gives(
    made: dict[str, ModuleType], parts: dict[str, str], name: str
) -> None:
    shown = "\n".join([parts[QUESTIONS[name].criterion], parts["best_response"] if name == "orr" else ""])
    carried = [
        one
        for found in answer(name, example_text(name)).values()
        for reason in (*found.because, *found.warnings, *found.missing)
        for one in reasons_of(reason)
        if one.rule
    ]
    assert carried
    for one in carried:
        rows = [line for line in shown.split("\n") if line.startswith(f"| `{one.code}` |")]
        assert any(made["criteria_tables"].source_text(one.rule) in row for row in rows), one.code


def test_every_module_of_the_criteria_belongs_to_a_criterion(made: dict[str, ModuleType]) -> None:
    source = made["criteria_code"]
    claimed = {module.name for name in CRITERIA for module in source.modules_of(name)}
    assert {module.name for module in source.modules()} - claimed == set(source.SHARED)


def test_every_table_of_the_code_is_printed(made: dict[str, ModuleType]) -> None:
    tables = made["criteria_tables"]
    printed = {name for criterion in CRITERIA for sheet in tables.sheets(criterion) for name in sheet.of}
    objects = [_table(made, name) for name in printed]
    left = {
        f"{module.name}.{name}"
        for module in made["criteria_code"].modules()
        for name, value in vars(module.live).items()
        if name.isupper() and name[0] != "_" and isinstance(value, Mapping) and not any(value is one for one in objects)
        if "clinical" not in module.name
    }
    assert {name for name in left if not name.endswith(".STATES_OF_ROLE")} == set(tables.NOT_PRINTED)


def _table(made: dict[str, ModuleType], name: str) -> object:
    module, _, attribute = name.rpartition(".")
    (found,) = [one for one in made["criteria_code"].modules() if one.name == module]
    return vars(found.live)[attribute]


def test_every_rule_that_is_told_by_code_belongs_to_a_reason(made: dict[str, ModuleType]) -> None:
    source = made["criteria_code"]
    codes = {code for name in CRITERIA for code in source.reasons(name)}
    told = importlib.import_module("criteria_rules").TOLD
    assert [pattern for pattern, _ in told if not any(re.fullmatch(pattern, code) for code in codes)] == []


def test_what_the_code_says_of_a_table_stands_below_it(parts: dict[str, str]) -> None:
    table = parts["sins"].split("### Points of the location")[1].split("###")[0]
    assert "The paper does not list the coccyx, T13 and L6" in table


def test_what_is_answered_has_the_words_of_its_closed_set(parts: dict[str, str]) -> None:
    assert "The outcome is one of " + ", ".join(f"`{grade.value}`" for grade in GRADES) in parts["escc"]
    assert "one of " + ", ".join(f"`{word.value}`" for word in Category) in parts["sins"]


def test_a_number_of_an_example_is_never_shown_as_yes_or_no(made: dict[str, ModuleType]) -> None:
    told = made["make_criteria"]._told({"anchors": {"SURGERY": 0, "RT_END": 1}, "nodal": True, "closed": False})
    assert list(told) == ["- anchors: SURGERY 0; RT_END 1", "- nodal: yes", "- closed: no"]


def test_every_worked_example_stands_there(parts: dict[str, str]) -> None:
    examples = json.loads(resource("examples", "worked.json").read_text(encoding="utf-8"))["recist-target"]
    for example in examples:
        (row,) = [line for line in parts["recist"].split("\n") if line.endswith(f"| {example['note']} |")]
        assert f"| `{example['outcome']}` |" in row


def test_what_a_clinician_has_to_confirm_is_said(made: dict[str, ModuleType]) -> None:
    origin = made["make_criteria"].origin
    assert origin("Tomita 1997, surgical classification; to be confirmed by a clinician") == "source, to be confirmed"
    assert origin("SINS is silent; reading of the program, docs/criteria.md") == "our reading"
    assert origin("Reading of the program, docs/criteria.md") == "our reading"
    assert origin("SINS (Fisher 2010), Table 4") == "source"
    assert origin("") == "no rule"


def _named_defaults() -> Iterator[tuple[str, str]]:
    """Keys of the explanation with the default that stands beside each, in the columns of keys."""
    column = None
    for line in (DOCS / "criteria.md").read_text(encoding="utf-8").split("\n"):
        cells = [cell.strip() for cell in line.strip("|").split("|")] if line.startswith("|") else []
        if not cells:
            column = None
        elif "Key and default" in cells:
            column = cells.index("Key and default")
        elif column is not None and column < len(cells):
            plain = re.sub(r"\([^)]*\)", "", cells[column])
            yield from re.findall(r"`(\w+)` ([\w.]+)", plain)


def test_the_explanation_names_the_defaults_of_the_code() -> None:
    defaults = {row.key: row.default.strip('"') for row in schema()}
    named = list(_named_defaults())
    assert len(named) > 40
    for key, value in named:
        assert defaults[key] == value or Decimal(defaults[key]) == Decimal(value), key
