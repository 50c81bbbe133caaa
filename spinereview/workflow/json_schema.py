"""JSON Schema (draft 2020-12) of what a criterion is given, made from the annotations of its classes."""

from __future__ import annotations

import inspect
import typing
from dataclasses import fields, is_dataclass
from decimal import Decimal
from enum import StrEnum
from fractions import Fraction

from spinereview.domain.codec import annotations_of
from spinereview.domain.settings import Check, Choice, Flag, Number, Numbers, Text, Tolerance, Whole, Words, checks_of
from spinereview.domain.table import Table
from spinereview.workflow.json_input import DIGITS, RATIO, members_of, plain, required_fields

Schema = dict[str, object]
DRAFT = "https://json-schema.org/draft/2020-12/schema"
_DECIMAL: Schema = {"anyOf": [{"type": "string", "pattern": f"^{DIGITS.pattern}$"}, {"type": "number"}]}
_RATIO: Schema = {"anyOf": [{"type": "string", "pattern": f"^{RATIO.pattern}$"}, {"type": "number"}]}
_NUMBER: Schema = {"type": "number"}
"""Beside text, where only a JSON number is one."""
_SCALARS: dict[object, Schema] = {
    type(None): {"type": "null"},
    str: {"type": "string"},
    int: {"type": "integer"},
    bool: {"type": "boolean"},
    Decimal: _DECIMAL,
    Fraction: _RATIO,
}


def schema_of(title: str, given: type, settings: type) -> Schema:
    """Schema of ``{"input": ..., "settings": ...}``; what has a default may be left out."""
    definitions: dict[type, Schema] = {}
    top = _of(given, definitions)
    needed = ["input", *(["settings"] if required_fields(settings) else [])]
    return {
        "$schema": DRAFT,
        "title": title,
        "type": "object",
        "required": needed,
        "additionalProperties": False,
        "properties": {"input": top, "settings": _settings(settings)},
        "$defs": dict(sorted((_name(kind), entry) for kind, entry in definitions.items())),
    }


def _of(annotation: object, definitions: dict[type, Schema]) -> Schema:
    annotation = plain(annotation)
    if annotation in _SCALARS:
        return _SCALARS[annotation]
    if isinstance(annotation, type) and is_dataclass(annotation):
        return _record(annotation, definitions)
    if isinstance(annotation, type) and not typing.get_args(annotation) and issubclass(annotation, StrEnum):
        return {"enum": [word.value for word in annotation]}
    members = members_of(annotation)
    if members:
        several = len([member for member in members if member is not type(None)]) > 1
        return {"anyOf": [_NUMBER if several and one is Decimal else _of(one, definitions) for one in members]}
    origin, arguments = typing.get_origin(annotation), typing.get_args(annotation)
    if origin is Table:
        return {"type": "object", "additionalProperties": _of(arguments[0], definitions)}
    if origin is frozenset:
        return {"type": "array", "items": _of(arguments[0], definitions), "uniqueItems": True}
    if origin is tuple and arguments[-1] is Ellipsis:
        return {"type": "array", "items": _of(arguments[0], definitions)}
    if origin is tuple:
        listed = [_of(argument, definitions) for argument in arguments]
        return {"type": "array", "prefixItems": listed, "minItems": len(listed), "maxItems": len(listed)}
    raise TypeError(f"no schema for {annotation!r}")


def _record(kind: type, definitions: dict[type, Schema]) -> Schema:
    if kind not in definitions:
        # Before its fields: a class may contain itself.
        definitions[kind] = {}
        definitions[kind].update(
            {
                "type": "object",
                "description": (inspect.getdoc(kind) or "").partition("\n")[0],
                "required": list(required_fields(kind)),
                "additionalProperties": False,
                "properties": {field: _of(hint, definitions) for field, hint in annotations_of(kind).items()},
            }
        )
    return {"$ref": f"#/$defs/{_name(kind)}"}


def _name(kind: type) -> str:
    """Name of a class with its module: several are called Input."""
    return f"{kind.__module__.removeprefix('spinereview.')}.{kind.__qualname__}"


def _settings(kind: type) -> Schema:
    defaults = {entry.name: entry.default for entry in fields(kind)}
    described = {key: {**_setting(check), "description": check.allowed} for key, check in checks_of(kind).items()}
    for key, entry in described.items():
        default = defaults[key]
        if isinstance(default, (bool, int, str, Decimal)):
            entry["default"] = default if not isinstance(default, Decimal) else str(default)
    needed = [name for name in required_fields(kind) if name in described]
    return {"type": "object", "required": needed, "additionalProperties": False, "properties": described}


def _setting(check: Check) -> Schema:
    if isinstance(check, Flag):
        return {"type": "boolean"}
    if isinstance(check, Whole):
        limits = {"minimum": check.minimum, "maximum": check.maximum}
        return {"type": "integer", **{key: limit for key, limit in limits.items() if limit is not None}}
    if isinstance(check, Number):
        return {"type": "number"}
    if isinstance(check, Choice):
        return {"enum": list(check.words)}
    if isinstance(check, Numbers):
        return {"type": ["number", "string"]}
    if isinstance(check, Tolerance):
        return {"type": ["integer", "string"]}
    if isinstance(check, Words):
        items: Schema = {"enum": list(check.words)} if check.words else {"type": "string"}
        return {"type": "array", "items": items, "uniqueItems": True}
    return {"type": "string"} if isinstance(check, Text) else {}
