"""The catalogue: every code that the program uses has a sentence, and every sentence gets what it names."""

from __future__ import annotations

import ast
import re
import string
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

from spinereview import errors
from spinereview.criteria import parsers
from spinereview.dicom.parse import read_header
from spinereview.dicom.pixel_reader import file_error
from spinereview.errors import DicomError, ResourceError, SpineReviewError, TrailError
from spinereview.resources import protocols
from spinereview.storage.protocols import read_protocol
from spinereview.storage.trailwriter import of_file
from spinereview.text import DEFAULT_LANGUAGE, catalogue, explain, languages, read_catalogue, sentence

PACKAGE = Path(__file__).parents[1] / "spinereview"
CODE = re.compile(r"[A-Z][A-Z0-9]*(_[A-Z0-9]+)*")
ERRORS = frozenset(
    name for name, kind in vars(errors).items() if isinstance(kind, type) and issubclass(kind, SpineReviewError)
)
CARRIERS = ERRORS | {"Reason", "Fault", "sentence", "require"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Use:
    """A code written out in a call; arguments are None where they are not written out in it."""

    where: str
    code: str
    arguments: frozenset[str] | None


def _written(node: ast.expr | None) -> frozenset[str] | None:
    """Keys of ``{"a": x}``, ``Table({"a": x})`` or ``named(a=x)``; None where they are not written out."""
    if node is None:
        return frozenset()
    if isinstance(node, ast.Call) and getattr(node.func, "id", "") == "Table":
        return _written(node.args[0] if node.args else None)
    if isinstance(node, ast.Call) and getattr(node.func, "id", "") == "named":
        names = [keyword.arg for keyword in node.keywords]
        return None if None in names else frozenset(names)
    if isinstance(node, ast.Dict) and all(isinstance(key, ast.Constant) for key in node.keys):
        return frozenset(str(key.value) for key in node.keys)
    return None


def _given(name: str, node: ast.Call, keywords: dict[str | None, ast.expr]) -> frozenset[str] | None:
    """Arguments that a call gives to the sentence of its code."""
    if name in {"Reason", "Fault", "sentence"}:
        second = node.args[1] if len(node.args) > 1 else None
        written = _written(keywords.get("args", keywords.get("arguments", second)))
        # A fault of some images says which ones.
        return (
            written | {"first", "last"} if written is not None and name == "Fault" and "images" in keywords else written
        )
    return None if None in keywords else frozenset(map(str, keywords)) - {"code", "holds"}


def uses(source: str, where: str) -> list[Use]:
    """Codes that stand as text in calls of errors, ``require``, reasons, faults and ``sentence``."""
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
            given = _given(name, node, keywords)
            found.append(Use(where=f"{where}:{node.lineno}", code=first.value, arguments=given))
    return found


def placeholders(text: str) -> set[str]:
    """Names in braces."""
    return {name for _, name, _, _ in string.Formatter().parse(text) if name is not None}


_FILE = frozenset({"file"})
_PLACE = frozenset({"file", "line", "section"})
# Code that knows only the bytes of a file, or a value of it: whoever opened the file says which one and where in it.
# By module: what is added to its errors, and the function that every one of them passes on its way up.
ADDED_LATER: dict[str, tuple[frozenset[str], str]] = {
    "criteria/local_control/values.py": (_PLACE, "storage.protocols._Reader.error"),
    "dicom/elements.py": (_FILE, "dicom.file_elements.open_file"),
    "dicom/file_elements.py": (_FILE, "dicom.file_elements.open_file"),
    "dicom/decode.py": (_FILE, "dicom.pixel_reader.file_error"),
    "dicom/archive.py": (_FILE, "dicom.archive.unpack"),
    "dicom/decode_worker.py": (_FILE, "dicom.pixel_reader.file_error"),
    "dicom/decode_channel.py": (_FILE, "dicom.pixel_reader.file_error"),
    "dicom/decoder.py": (_FILE, "dicom.pixel_reader.file_error"),
    "dicom/encapsulated.py": (_FILE, "dicom.pixel_reader.file_error"),
    "dicom/palette.py": (_FILE, "dicom.pixel_reader.file_error"),
    "dicom/pixel_reader.py": (_FILE, "dicom.pixel_reader.file_error"),
    "dicom/samples.py": (_FILE, "dicom.pixel_reader.file_error"),
    "dicom/streams.py": (_FILE, "dicom.pixel_reader.file_error"),
    "domain/settings.py": (_PLACE, "storage.protocols._Reader.error"),
    "review/audit.py": (_FILE, "storage.trailwriter.of_file"),
    "review/replay.py": (_FILE, "storage.trailwriter.of_file"),
    "storage/trailfile.py": (_FILE, "storage.trailwriter.of_file"),
    "storage/trailwriter.py": (_FILE, "storage.trailwriter.of_file"),
}
USES = [
    use
    for path in sorted(PACKAGE.rglob("*.py"))
    for use in uses(path.read_text(encoding="utf-8"), path.relative_to(PACKAGE).as_posix())
]


def test_codes_are_found_where_they_are_used() -> None:
    source = """
raise DicomError("PIXELS_NONE", file=path)
Reason(code="NADIR")
Reason(code="SUM", args=Table({"sum": "1"}))
Fault("GAP", arguments=named(mm=1))
Fault("TILT", arguments=others)
require(holds=True, code="NEGATIVE", value=1)
sentence("UI_ZOOM", {"zoom": "2"})
DicomError("BAD", **given)
"""
    assert [(use.code, use.arguments) for use in uses(source, "x")] == [
        ("PIXELS_NONE", frozenset({"file"})),
        ("NADIR", frozenset()),
        ("SUM", frozenset({"sum"})),
        ("GAP", frozenset({"mm"})),
        ("TILT", None),
        ("NEGATIVE", frozenset({"value"})),
        ("UI_ZOOM", frozenset({"zoom"})),
        ("BAD", None),
    ]
    assert len(USES) > 50


@pytest.mark.parametrize("language", languages())
def test_every_code_in_use_has_a_sentence(language: str) -> None:
    missing = sorted(f"{use.code} ({use.where})" for use in USES if use.code not in catalogue(language))
    assert missing == []


def _added(where: str) -> frozenset[str]:
    names, _ = ADDED_LATER.get(where.partition(":")[0], (frozenset(), ""))
    return names


def test_every_error_is_given_what_its_sentence_names() -> None:
    wrong = [
        f"{use.where}: {use.code} lacks {sorted(lacks)}"
        for use in USES
        if use.arguments is not None
        and (lacks := placeholders(catalogue().get(use.code, "")) - use.arguments - _added(use.where))
    ]
    assert wrong == []


def test_every_module_whose_arguments_are_added_later_needs_it() -> None:
    needing = {
        use.where.partition(":")[0]
        for use in USES
        if use.arguments is not None and placeholders(catalogue().get(use.code, "")) - use.arguments
    }
    assert needing == set(ADDED_LATER)


def _bad_header(folder: Path) -> None:
    path = folder / "image.dcm"
    meta = b"\x02\x00\x10\x00UI\x14\x001.2.840.10008.1.2.1\0"
    modality = b"\x08\x00\x60\x00CS\x02\x00CT"
    # A sequence in which something else stands than an item.
    sequence = b"\x40\x00\x75\x02SQ\x00\x00\xff\xff\xff\xff" + b"\x08\x00" * 8
    path.write_bytes(bytes(128) + b"DICM" + meta + modality + sequence)
    read_header(path)


def _bad_pixels(folder: Path) -> None:
    raise file_error(DicomError("PIXELS_TRUNCATED", has=1, needs=2), folder / "image.dcm")


def _bad_trail(folder: Path) -> None:
    raise of_file(TrailError("TRAIL_ALTERED", event=2, finding="CHAIN"), folder / "read.srread")


def _bad_setting(_folder: Path) -> None:
    text = (protocols()[0]).read_text(encoding="utf-8")
    head, section, rest = text.partition("[criterion.recist]\n")
    assert section
    read_protocol(f"{head}{section}max_targets = 0\n{rest}".encode(), "own.toml", parsers())


@pytest.mark.parametrize("fail", [_bad_header, _bad_pixels, _bad_trail, _bad_setting])
def test_what_is_added_later_stands_in_the_sentence(tmp_path: Path, fail: Callable[[Path], None]) -> None:
    with pytest.raises(SpineReviewError) as raised:
        fail(tmp_path)
    assert "file" in placeholders(catalogue()[raised.value.code])
    assert "{" not in explain(raised.value)


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
