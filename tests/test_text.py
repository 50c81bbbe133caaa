"""The catalogue: every code that the program uses has a sentence, and every sentence gets what it names."""

from __future__ import annotations

import ast
import re
import string
from dataclasses import dataclass
from pathlib import Path

import pytest

from spinereview import errors
from spinereview.errors import ResourceError, SpineReviewError
from spinereview.text import DEFAULT_LANGUAGE, catalogue, explain, languages, read_catalogue, sentence

PACKAGE = Path(__file__).parents[1] / "spinereview"
CODE = re.compile(r"[A-Z][A-Z0-9]*(_[A-Z0-9]+)*")
ERRORS = frozenset(
    name for name, kind in vars(errors).items() if isinstance(kind, type) and issubclass(kind, SpineReviewError)
)
CARRIERS = ERRORS | {"Reason", "Fault", "sentence"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Use:
    """A code written out in a call; arguments are None where they are not written out in it."""

    where: str
    code: str
    arguments: frozenset[str] | None


def uses(source: str, where: str) -> list[Use]:
    """Codes that stand as text in calls of errors, reasons, faults and ``sentence``."""
    found = []
    for node in ast.walk(ast.parse(source)):
        if not isinstance(node, ast.Call):
            continue
        name = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
        if name not in CARRIERS:
            continue
        keywords = {keyword.arg: keyword.value for keyword in node.keywords}
        first = node.args[0] if node.args else keywords.get("code")
        if isinstance(first, ast.Constant) and isinstance(first.value, str) and CODE.fullmatch(first.value):
            given = None if name not in ERRORS or None in keywords else frozenset(map(str, keywords))
            found.append(Use(where=f"{where}:{node.lineno}", code=first.value, arguments=given))
    return found


def placeholders(text: str) -> set[str]:
    """Names in braces."""
    return {name for _, name, _, _ in string.Formatter().parse(text) if name is not None}


# Whoever opened a file says which one and where in it, in an error from code that knows its bytes only.
ADDED_LATER = frozenset({"file", "line", "section"})
USES = [
    use
    for path in sorted(PACKAGE.rglob("*.py"))
    for use in uses(path.read_text(encoding="utf-8"), path.relative_to(PACKAGE).as_posix())
]


def test_codes_are_found_where_they_are_used() -> None:
    source = (
        'raise DicomError("PIXELS_NONE", file=path)\nReason(code="NADIR")\nFault("GAP")\nDicomError("BAD", **given)'
    )
    assert [(use.code, use.arguments) for use in uses(source, "x")] == [
        ("PIXELS_NONE", frozenset({"file"})),
        ("NADIR", None),
        ("GAP", None),
        ("BAD", None),
    ]
    assert len(USES) > 50


@pytest.mark.parametrize("language", languages())
def test_every_code_in_use_has_a_sentence(language: str) -> None:
    missing = sorted(f"{use.code} ({use.where})" for use in USES if use.code not in catalogue(language))
    assert missing == []


def test_every_error_is_given_what_its_sentence_names() -> None:
    wrong = [
        f"{use.where}: {use.code} lacks {sorted(lacks)}"
        for use in USES
        if use.arguments is not None
        and (lacks := placeholders(catalogue().get(use.code, "")) - use.arguments - ADDED_LATER)
    ]
    assert wrong == []


@pytest.mark.parametrize("language", languages())
def test_a_language_has_the_codes_and_placeholders_of_the_first(language: str) -> None:
    first, other = catalogue(DEFAULT_LANGUAGE), catalogue(language)
    assert other.keys() == first.keys()
    assert {code: placeholders(text) for code, text in other.items()} == {
        code: placeholders(text) for code, text in first.items()
    }


@pytest.mark.parametrize("language", languages())
def test_a_sentence_can_be_filled_and_its_code_is_upper_case(language: str) -> None:
    for code, text in catalogue(language).items():
        assert CODE.fullmatch(code), code
        assert text.strip() == text, code
        assert all(name.isidentifier() for name in placeholders(text)), code


def test_an_error_is_told_with_its_arguments() -> None:
    assert explain(ResourceError("RESOURCE_MISSING", name="a.toml")).startswith("The program's own file a.toml is")


@pytest.mark.parametrize(
    ("code", "arguments", "shown"),
    [
        pytest.param("NO_SUCH_CODE", {}, "NO_SUCH_CODE", id="code alone"),
        pytest.param("NO_SUCH_CODE", {"file": "a"}, "NO_SUCH_CODE (file a)", id="code with arguments"),
        pytest.param("RESOURCE_MISSING", {}, "The program's own file {name} is missing.", id="argument missing"),
    ],
)
def test_what_is_missing_is_shown_and_not_hidden(code: str, arguments: dict[str, str], shown: str) -> None:
    assert sentence(code, arguments).startswith(shown)


@pytest.mark.parametrize(
    ("files", "code"),
    [
        pytest.param({"a.toml": 'X = "x"', "b.toml": 'X = "y"'}, "CATALOGUE_DUPLICATE", id="twice"),
        pytest.param({"a.toml": "X = 1"}, "CATALOGUE_INVALID", id="no text"),
        pytest.param({"a.toml": "X"}, "CATALOGUE_INVALID", id="no TOML"),
    ],
)
def test_a_wrong_catalogue_is_refused(tmp_path: Path, files: dict[str, str], code: str) -> None:
    for name, text in files.items():
        (tmp_path / name).write_text(text, encoding="utf-8")
    with pytest.raises(ResourceError) as raised:
        read_catalogue(tmp_path)
    assert raised.value.code == code
