"""The written-out tables, the direction of imports, the examples in docstrings, and sentences for every code."""

from __future__ import annotations

import ast
import doctest
import importlib
import pkgutil
import re
from pathlib import Path

import pytest

import spinereview.criteria
from spinereview.criteria import CRITERIA, QUESTIONS, parsers
from spinereview.criteria.bone_response_values import BoneFinding
from spinereview.criteria.entered import assess as assess_entered
from spinereview.criteria.recist.settings import Settings
from spinereview.criteria.recist.values import Input
from spinereview.domain import eligibility, exact, variable
from spinereview.domain import settings as domain_settings
from spinereview.domain.assessment import Assessment
from spinereview.domain.clinical_items import ITEMS
from spinereview.domain.table import Table
from spinereview.storage import toml_lines
from spinereview.text import catalogue

MODULES = sorted(name for _, name, _ in pkgutil.walk_packages(spinereview.criteria.__path__, "spinereview.criteria."))
ROOT = Path(spinereview.criteria.__file__).parent
VOCABULARY = frozenset(
    {"BONE_LESION", "POTENTIALLY_UNSTABLE", "NOT_MECHANICAL", "PAIN_FREE", "DE_NOVO_DEFORMITY"}
    | {"NO_ADJUDICATION"}
    | {"OVER_50", "UNDER_50", "INVOLVED_OVER_50"}
    | {"NEW_LESION", "FIRST_TREATMENT", "NON_MEASURABLE", "NOT_APPLICABLE", "NON_RESPONDER", "PRIMARY_DISEASE"}
    | {"TREATED_SEGMENT", "LC_PROTOCOL_06120426", "LC_RECIST_NADIR", "LC_SPINO", "NEEDS_INPUT"}
    | {"FIRST_POST_PROCEDURE_SCAN", "PRE_RT"}
    | {"T2_AXIAL", "CT_MYELOGRAM", "LOCAL_CONTROL", "LOCAL_PROGRESSION", "IN_FIELD"}
    | {word.value for word in BoneFinding}
    | {"WITHIN_ERROR", "NO_EVENT"}
    | {"MARGINAL_OR_INTRALESIONAL", "UNDER_6_MONTHS", "FROM_6_MONTHS", "FROM_12_MONTHS"}
    | {"NOT_ASSESSABLE", "BPI_WORST", "NOT_IN"}
    | set(ITEMS)
)
"""Words of the criteria's own closed sets, and the items of a clinical record."""


@pytest.mark.parametrize("name", MODULES)
def test_examples_in_docstrings_hold(name):
    module = importlib.import_module(name)
    assert doctest.testmod(module).failed == 0


@pytest.mark.parametrize(
    "module", [domain_settings, eligibility, exact, toml_lines, variable], ids=lambda module: module.__name__
)
def test_examples_of_what_criteria_rest_on_hold(module):
    assert doctest.testmod(module).failed == 0


@pytest.mark.parametrize("file", sorted(ROOT.rglob("*.py")), ids=lambda file: str(file.relative_to(ROOT)))
def test_criteria_import_only_domain_and_errors(file):
    allowed = ("spinereview.domain", "spinereview.errors", "spinereview.criteria")
    for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
        names = [node.module or ""] if isinstance(node, ast.ImportFrom) else []
        names += [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
        for name in names:
            assert not name.startswith("spinereview") or name.startswith(allowed), name
            assert name.split(".")[0] not in {"numpy", "PySide6", "datetime", "time", "random", "os"}, name


@pytest.mark.parametrize("file", sorted(ROOT.rglob("*.py")), ids=lambda file: str(file.relative_to(ROOT)))
def test_every_code_has_a_sentence(file):
    tree = ast.parse(file.read_text(encoding="utf-8"))
    codes = {
        node.value
        for node in ast.walk(tree)
        if isinstance(node, ast.Constant)
        and isinstance(node.value, str)
        and re.fullmatch(r"[A-Z]{2,}(_[A-Z0-9]+)+", node.value)
    }
    # Marks in the read and words of vocabularies, not shown.
    words = {"TOO_SMALL", "PRE_PROCEDURE", "NON_CR_NON_PD", "AMEND_CR_TO_PR", "NOT_CR", "NOT_SCANNED", "AFTER_CR"}
    words |= {"EQUIVOCAL_CR", "NON_TARGET", "RESIDUAL_CR"} | VOCABULARY
    assert codes - words <= set(catalogue()), codes - words - set(catalogue())


def test_criteria_of_the_table_can_be_parsed_and_asked():
    days = {"best_response", "local_control", "endpoints"}
    forms = {"sins", "fracture", "escc", "spino", "bone_response", "staging"}
    clinical = {"pain", "questionnaires", "neurology", "eligibility"}
    assert set(CRITERIA) == {"recist", "adjudication", *days, *forms, *clinical}
    assert CRITERIA["recist"].parse({}) == Settings()
    assert CRITERIA["recist"].settings is Settings
    assert CRITERIA["recist"].assess(Input(), Settings()) == Table()
    assert set(parsers()) == set(CRITERIA) - {"adjudication"}


def test_a_question_takes_the_answers_of_its_part():
    answers = {
        part: Assessment(criterion="recist", scope=("FU1", part), outcome="PR") for part in ("target", "overall")
    }
    asked = QUESTIONS["recist-target"]
    assert [part for part, answer in answers.items() if asked.asks(answer)] == ["target"]
    longer = Assessment(criterion="recist", scope=("target", "FU1", "overall"), outcome="PR")
    assert not asked.asks(longer)
    assert QUESTIONS["recist-overall"].asks(longer)
    assert all(QUESTIONS["sins"].asks(answer) for answer in answers.values())


def test_every_question_is_of_a_criterion_and_every_criterion_has_one():
    assert {question.criterion for question in QUESTIONS.values()} == set(CRITERIA)
    assert set(QUESTIONS) == {
        *("recist-target", "recist-nontarget", "recist-overall", "measurability", "best-response", "adjudication"),
        *("local-control", "orr", "pfs"),
        *("sins", "genant", "vcf"),
        *("escc", "spino", "bone-response", "wbb", "tomita", "tomita-score", "tokuhashi", "angles", "vcf-windows"),
        *("pain-response", "bpi", "qlq-c30", "qlq-bm22", "fact-g", "neurology", "eligibility"),
    }
    assert QUESTIONS["recist-target"].answer is assess_entered
