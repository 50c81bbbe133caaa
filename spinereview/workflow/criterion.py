"""One criterion by itself, for the command line: its schema, an example, and its answer to what is given as JSON."""

from __future__ import annotations

import json
from collections.abc import Mapping
from decimal import Decimal

from spinereview import __version__
from spinereview.criteria import CRITERIA, QUESTIONS, Question
from spinereview.domain.assessment import Assessment
from spinereview.domain.codec import encode
from spinereview.domain.protocol import RawSetting
from spinereview.domain.settings import Check, checks_of, shown
from spinereview.domain.table import Table
from spinereview.errors import InvalidValue, UsageError
from spinereview.resources import resource
from spinereview.text import sentence
from spinereview.workflow.answers import lines_of
from spinereview.workflow.json_input import TOP, Twice, decode_given, object_of, parse_given
from spinereview.workflow.json_schema import schema_of

SETTINGS = "settings"
SCHEMA = 1


def listed() -> str:
    """Names of the command line, each with what it answers."""
    width = max(map(len, QUESTIONS))
    return "".join(f"{name:{width}}  {sentence(title_code(name))}\n" for name in QUESTIONS)


def title_code(name: str) -> str:
    """Code of the sentence that says what a question answers."""
    return "QUESTION_" + name.upper().replace("-", "_")


def schema_text(name: str) -> str:
    """JSON Schema of what the question is given."""
    question = _question(name)
    schema = schema_of(sentence(title_code(name)), question.input, CRITERIA[question.criterion].settings)
    return json.dumps(schema, indent=1, ensure_ascii=False) + "\n"


def example_text(name: str) -> str:
    """A small input that the question answers."""
    _question(name)
    return resource("examples", f"{name}.json").read_text(encoding="utf-8")


def answer(name: str, text: str) -> Table[Assessment]:
    """Answer to an input.

    Raises
    ------
    UsageError
        ``QUESTION_UNKNOWN``.
    InvalidValue
        ``INPUT_...`` with the path in the input; ``INPUT_WITHOUT_ANSWER`` where there is nothing in it to be answered.
    """
    question = _question(name)
    tree = parse_given(text)
    if isinstance(tree, Twice):
        raise InvalidValue("INPUT_KEY_TWICE", path="the input", name=tree.name)
    if not isinstance(tree, dict) or TOP not in tree or set(tree) - {TOP, SETTINGS}:
        raise InvalidValue("INPUT_TOP", name=name)
    settings = _settings(CRITERIA[question.criterion].settings, question, tree.get(SETTINGS, {}))
    given: object = decode_given(question.input, tree[TOP])
    try:
        answers = question.answer(given, settings)
    except InvalidValue as error:
        raise InvalidValue("INPUT_REFUSED", path=TOP, why=sentence(error.code, error.arguments)) from error
    asked = Table({key: found for key, found in answers.items() if question.asks(found)})
    if not asked:
        raise InvalidValue("INPUT_WITHOUT_ANSWER", path=TOP, name=name)
    return asked


def answer_json(name: str, text: str) -> str:
    """Answer as JSON: outcome, values, reasons as codes with arguments and source."""
    tree = {
        "schema": SCHEMA,
        "program": __version__,
        "question": name,
        "assessments": {key: encode(found, Assessment) for key, found in answer(name, text).items()},
    }
    return json.dumps(tree, indent=1) + "\n"


def answer_text(name: str, text: str) -> str:
    """Answer as lines for people."""
    return "\n".join(lines_of(answer(name, text))).strip() + "\n"


def _question(name: str) -> Question:
    if name not in QUESTIONS:
        raise UsageError("QUESTION_UNKNOWN", name=name, allowed=", ".join(QUESTIONS))
    return QUESTIONS[name]


def _settings(kind: type, question: Question, tree: object) -> object:
    entries = object_of(tree, SETTINGS)
    known = checks_of(kind)
    for name in entries:
        if name not in known:
            raise InvalidValue("INPUT_FIELD_UNKNOWN", path=SETTINGS, name=name, allowed=", ".join(known))
    raw: Mapping[str, RawSetting] = {key: _raw(key, value, known[key]) for key, value in entries.items()}
    try:
        return CRITERIA[question.criterion].parse(raw)
    except InvalidValue as error:
        key, allowed = (error.arguments.get(name) for name in ("key", "allowed"))
        if key is None or allowed is None:
            raise InvalidValue("INPUT_REFUSED", path=SETTINGS, why=sentence(error.code, error.arguments)) from error
        if key not in raw:
            raise InvalidValue("INPUT_SETTING_MISSING", path=SETTINGS, name=key, allowed=allowed) from error
        value = shown(raw[key])
        raise InvalidValue("INPUT_SETTING", path=f"{SETTINGS}.{key}", value=value, allowed=allowed) from error


def _raw(key: str, value: object, check: Check) -> RawSetting:
    """A value as a protocol file could have it; what no file has (nothing, an object, a list of no texts) is refused."""
    if isinstance(value, list) and all(isinstance(word, str) for word in value):
        return tuple(str(word) for word in value)
    if isinstance(value, (str, int, bool, Decimal)):
        return value
    given = json.dumps(value, default=str)[:80]
    raise InvalidValue("INPUT_SETTING", path=f"{SETTINGS}.{key}", value=given, allowed=check.allowed)
