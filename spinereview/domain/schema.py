"""JSON Schema of a value, from the same annotations by which :mod:`spinereview.domain.codec` writes it."""

from __future__ import annotations

import types
import typing
from dataclasses import is_dataclass
from decimal import Decimal
from enum import StrEnum

from spinereview.domain.codec import annotations_of
from spinereview.domain.table import Table

DIALECT = "https://json-schema.org/draft/2020-12/schema"
_DECIMAL: dict[str, object] = {"type": "string", "pattern": r"^-?[0-9]+(\.[0-9]+)?([eE][-+]?[0-9]+)?$"}
_SCALARS: dict[object, dict[str, object]] = {
    str: {"type": "string"},
    int: {"type": "integer"},
    bool: {"type": "boolean"},
    type(None): {"type": "null"},
    Decimal: _DECIMAL,
}

Schema = dict[str, object]


def schema_of(kind: type, title: str) -> Schema:
    """Schema of everything that a class's value is written as; every field is required, none besides is allowed."""
    parts = _Parts()
    root = parts.of(kind)
    return {"$schema": DIALECT, "title": title, **root, "$defs": dict(sorted(parts.named.items()))}


class _Parts:
    """Schemas of the classes that were met, by name; a class may contain itself."""

    def __init__(self) -> None:
        self.named: dict[str, Schema] = {}
        self._kinds: dict[str, type] = {}

    def of(self, annotation: object) -> Schema:
        while isinstance(annotation, typing.NewType):
            annotation = annotation.__supertype__
        if annotation in _SCALARS:
            return dict(_SCALARS[annotation])
        if isinstance(annotation, type) and issubclass(annotation, StrEnum):
            return self._reference(annotation)
        if isinstance(annotation, type) and is_dataclass(annotation):
            return self._reference(annotation)
        origin, arguments = typing.get_origin(annotation), typing.get_args(annotation)
        if origin is Table:
            return {"type": "object", "additionalProperties": self.of(arguments[0])}
        if origin is frozenset:
            return {"type": "array", "items": self.of(arguments[0]), "uniqueItems": True}
        if origin is tuple:
            return self._sequence(arguments)
        if origin in (types.UnionType, typing.Union):
            return self._union(arguments)
        raise TypeError(f"no schema for {annotation!r}")

    def _reference(self, kind: type) -> Schema:
        name = kind.__name__
        if self._kinds.setdefault(name, kind) is not kind:
            raise TypeError(f"two classes are called {name}")
        if name not in self.named:
            # Its name stands before its fields are looked at: a class may contain itself.
            self.named[name] = {}
            self.named[name] = self._enum(kind) if issubclass(kind, StrEnum) else self._record(kind)
        return {"$ref": f"#/$defs/{name}"}

    @staticmethod
    def _enum(kind: type[StrEnum]) -> Schema:
        return {"enum": [member.value for member in kind]}

    def _record(self, kind: type, tag: str = "") -> Schema:
        fields = {name: self.of(annotation) for name, annotation in annotations_of(kind).items()}
        properties = {"type": {"const": tag}, **fields} if tag else fields
        return {
            "type": "object",
            "description": (kind.__doc__ or "").strip().splitlines()[0],
            "required": list(properties),
            "additionalProperties": False,
            "properties": properties,
        }

    def _sequence(self, arguments: tuple[object, ...]) -> Schema:
        if arguments[-1] is Ellipsis:
            return {"type": "array", "items": self.of(arguments[0])}
        count = len(arguments)
        return {
            "type": "array",
            "prefixItems": [self.of(argument) for argument in arguments],
            "items": False,
            "minItems": count,
        }

    def _union(self, members: tuple[object, ...]) -> Schema:
        kinds = [member for member in members if member is not type(None)]
        nothing: list[Schema] = [{"type": "null"}] if len(kinds) < len(members) else []
        records = [kind for kind in kinds if isinstance(kind, type) and is_dataclass(kind)]
        if len(kinds) > 1 and len(records) == len(kinds):
            # Where several classes could stand, an object carries its class's name.
            return {"oneOf": [*(self._tagged(kind) for kind in records), *nothing]}
        if len(kinds) > 1:
            loose = [self._loose(kind) for kind in kinds]
            return {"anyOf": [*loose, *nothing]}
        return {"anyOf": [self.of(kinds[0]), *nothing]}

    def _tagged(self, kind: type) -> Schema:
        name = f"{kind.__name__}.tagged"
        if name not in self.named:
            self.named[name] = {}
            self.named[name] = self._record(kind, kind.__name__)
        return {"$ref": f"#/$defs/{name}"}

    def _loose(self, kind: object) -> Schema:
        if kind is not Decimal:
            return self.of(kind)
        return {
            "type": "object",
            "required": ["decimal"],
            "additionalProperties": False,
            "properties": {"decimal": dict(_DECIMAL)},
        }
