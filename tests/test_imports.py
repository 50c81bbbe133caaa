"""The direction of imports: the table of docs/architecture.md, kept over the source of every module."""

from __future__ import annotations

import ast
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest

PACKAGE = Path(__file__).parents[1] / "spinereview"
MODULES = sorted(PACKAGE.rglob("*.py"))
BASE = ("errors", "resources", "text", "tasks")
ALL_BUT_UI = frozenset(
    {*BASE, "domain", "criteria", "analysis", "imaging", "dicom", "review", "storage", "report", "workflow"}
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """What a package may import: own packages, third parties, and what only inside a function."""

    own: frozenset[str]
    third_party: frozenset[str] = frozenset()
    own_in_function: frozenset[str] = frozenset()
    third_party_in_function: frozenset[str] = frozenset()


def _row(own: str, third_party: str = "", *, in_function: str = "", own_in_function: str = "") -> Row:
    return Row(
        own=frozenset(own.split()),
        third_party=frozenset(third_party.split()),
        own_in_function=frozenset(own_in_function.split()),
        third_party_in_function=frozenset(in_function.split()),
    )


# Libraries that cost a second are loaded where they are used, never at the head of a module.
TABLE = {
    "__init__": _row(""),
    "errors": _row(""),
    "resources": _row("errors"),
    "text": _row("errors resources"),
    "tasks": _row("errors resources text"),
    "domain": _row("errors domain"),
    "criteria": _row("domain errors criteria"),
    "analysis": _row("domain criteria review errors analysis", "numpy", in_function="scipy statsmodels"),
    "imaging": _row("domain errors tasks imaging", "numpy", in_function="SimpleITK vtkmodules"),
    "dicom": _row(
        "domain imaging errors resources text tasks dicom",
        "pydicom imagecodecs numpy",
        in_function="highdicom pynetdicom dicomweb_client",
    ),
    "review": _row("domain criteria errors review"),
    "storage": _row(
        "domain review errors resources text tasks storage",
        "platformdirs cryptography argon2",
        in_function="sqlalchemy psycopg",
    ),
    "report": _row("domain criteria review analysis errors resources text report", in_function="matplotlib weasyprint"),
    "workflow": Row(own=ALL_BUT_UI | {"__init__"}, third_party=frozenset({"platformdirs"})),
    "ui": Row(
        own=(ALL_BUT_UI | {"ui", "__init__"}) - {"storage", "dicom"},
        third_party=frozenset({"PySide6", "numpy", "shiboken6"}),
        third_party_in_function=frozenset({"vtkmodules"}),
    ),
    "cli": _row("workflow errors resources text tasks cli __init__", own_in_function="ui"),
    "__main__": _row("workflow errors resources text tasks", own_in_function="ui cli"),
}


def _targets(node: ast.Import | ast.ImportFrom) -> list[str]:
    """Dotted names that a statement imports; ``from spinereview import x`` is an import of ``spinereview.x``."""
    if isinstance(node, ast.Import):
        return [alias.name for alias in node.names]
    if node.level:
        return ["." * node.level]
    if node.module == "spinereview":
        return [f"spinereview.{alias.name}" for alias in node.names]
    return [node.module or ""]


def _imports(tree: ast.Module) -> list[tuple[str, bool]]:
    """Every import of a module, also those for type checking, and whether it stands inside a function."""
    found: list[tuple[str, bool]] = []

    def walk(node: ast.AST, *, inside: bool) -> None:
        for child in ast.iter_child_nodes(node):
            if isinstance(child, ast.Import | ast.ImportFrom):
                found.extend((target, inside) for target in _targets(child))
            walk(child, inside=inside or isinstance(child, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda))

    walk(tree, inside=False)
    return found


def violations(package: str, source: str) -> list[str]:
    """Imports of a module that its package's row does not allow."""
    row = TABLE[package]
    wrong = []
    for target, inside in _imports(ast.parse(source)):
        top, _, rest = target.partition(".")
        if top == "":
            wrong.append("a relative import")
        elif top == "spinereview":
            name = rest.partition(".")[0]
            name = name if name in TABLE and name != "__init__" else "__init__"
            if name not in row.own and not (inside and name in row.own_in_function):
                wrong.append(target)
        elif top not in sys.stdlib_module_names | row.third_party and not (
            inside and top in row.third_party_in_function
        ):
            wrong.append(target)
    return wrong


@pytest.mark.parametrize("path", MODULES, ids=lambda path: path.relative_to(PACKAGE).as_posix())
def test_a_module_imports_only_what_its_row_allows(path: Path) -> None:
    relative = path.relative_to(PACKAGE)
    assert violations(relative.parts[0].removesuffix(".py"), path.read_text(encoding="utf-8")) == []


FORBIDDEN = [
    ("__init__", "import spinereview.errors"),
    ("errors", "from spinereview.text import sentence"),
    ("resources", "from spinereview.text import sentence"),
    ("text", "import spinereview.tasks"),
    ("tasks", "import numpy"),
    ("domain", "from spinereview.criteria import CRITERIA"),
    ("domain", "import numpy"),
    ("criteria", "from spinereview.review import session"),
    ("analysis", "import scipy.stats"),
    ("analysis", "from spinereview.storage import trailfile"),
    ("imaging", "import SimpleITK"),
    ("imaging", "import pydicom"),
    ("dicom", "from spinereview.review.session import Session"),
    ("dicom", "import highdicom"),
    ("review", "import numpy"),
    ("review", "import spinereview.storage.trailfile"),
    ("storage", "from spinereview.workflow import read"),
    ("report", "import weasyprint"),
    ("report", "def f():\n    import spinereview.storage"),
    ("workflow", "from spinereview.ui import app"),
    ("workflow", "def f():\n    import PySide6.QtCore"),
    ("workflow", "import numpy"),
    ("ui", "from spinereview.dicom.load import load"),
    ("ui", "import vtkmodules.vtkCommonCore"),
    ("cli", "from spinereview.ui.app import start"),
    ("cli", "def f():\n    from spinereview.storage import trailfile"),
    ("__main__", "import spinereview.cli"),
    ("domain", "from . import table"),
    ("domain", "from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    from spinereview.review import session"),
]


@pytest.mark.parametrize(("package", "source"), FORBIDDEN)
def test_a_forbidden_import_is_found(package: str, source: str) -> None:
    assert len(violations(package, source)) == 1


def test_every_row_has_been_seen_to_fail() -> None:
    assert {package for package, _ in FORBIDDEN} == set(TABLE)


def test_a_window_is_imported_where_it_is_started() -> None:
    assert violations("cli", "def f():\n    from spinereview.ui.app import start") == []
