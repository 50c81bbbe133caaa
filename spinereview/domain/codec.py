"""Values to a tree of JSON and back, by the annotations of their classes. No float passes in either direction.

Every field is written, defaults too. ``Decimal`` is text, a set is a sorted list, a tuple is a list, a :class:`Table` is
an object. Where several classes could stand (:data:`~spinereview.domain.measurement.Geometry`) an object carries its
class's name as ``"type"``; where text and ``Decimal`` could, a ``Decimal`` is ``{"decimal": "1.5"}``.
"""

from __future__ import annotations

import json
import types
import typing
from collections.abc import Callable
from dataclasses import fields, is_dataclass
from decimal import Decimal, InvalidOperation
from enum import StrEnum
from functools import cache

from spinereview.domain.table import Table
from spinereview.errors import InvalidValue

Json = None | bool | int | str | list["Json"] | dict[str, "Json"]
_Convert = Callable[[typing.Any], typing.Any]
T = typing.TypeVar("T")


def encode(value: object, annotation: object) -> Json:
    """Tree of a value, as the annotation of its place says."""
    result: Json = _codec(annotation)[0](value)
    return result


def decode(annotation: type[T], tree: Json) -> T:
    """Value of a tree.

    Raises
    ------
    InvalidValue
        ``TREE_INVALID`` where the tree is not what the annotation says: another type, a field missing or unknown.
    """
    result: T = _codec(typing.cast("object", annotation))[1](tree)
    return result


def canonical(tree: Json) -> bytes:
    """The one way to write a tree: UTF-8, sorted keys, no spaces. Whole numbers only.

    >>> canonical({"b": 1, "a": ["x", None]})
    b'{"a":["x",null],"b":1}'
    """
    return json.dumps(tree, sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False).encode()


def parse(text: str | bytes) -> Json:
    """Read JSON that has no floats and no repeated keys.

    Raises
    ------
    InvalidValue
        ``JSON_INVALID``, ``JSON_FLOAT``, ``JSON_KEY_TWICE``.
    """
    try:
        tree: Json = json.loads(text, parse_float=_no_float, parse_constant=_no_float, object_pairs_hook=_once)
    except (json.JSONDecodeError, UnicodeDecodeError, RecursionError) as error:
        raise InvalidValue("JSON_INVALID", error=error) from error
    return tree


def annotations_of(kind: type) -> dict[str, object]:
    """Resolved annotations of a dataclass's fields, in their order."""
    return dict(_annotations_of(kind))


@cache
def _annotations_of(kind: type) -> tuple[tuple[str, object], ...]:
    hints = typing.get_type_hints(kind)
    return tuple((field.name, hints[field.name]) for field in fields(kind))


def _no_float(text: str) -> object:
    raise InvalidValue("JSON_FLOAT", value=text)


def _once(pairs: list[tuple[str, object]]) -> dict[str, object]:
    entries = dict(pairs)
    if len(entries) != len(pairs):
        repeated = next(key for key, _ in pairs if sum(other == key for other, _ in pairs) > 1)
        raise InvalidValue("JSON_KEY_TWICE", name=repeated)
    return entries


def _wrong(wanted: object, tree: object) -> InvalidValue:
    return InvalidValue("TREE_INVALID", wanted=getattr(wanted, "__name__", wanted), value=repr(tree)[:80])


@cache
def _codec(annotation: object) -> tuple[_Convert, _Convert]:
    """Encoder and decoder of an annotation."""
    while isinstance(annotation, typing.NewType):
        annotation = annotation.__supertype__
    if annotation in (str, int, bool, type(None)):
        return _scalar(typing.cast("type", annotation))
    if annotation is Decimal:
        return _decimal()
    if isinstance(annotation, type) and issubclass(annotation, StrEnum):
        return _enum(annotation)
    if isinstance(annotation, type) and is_dataclass(annotation):
        return _record(annotation)
    origin, arguments = typing.get_origin(annotation), typing.get_args(annotation)
    if origin is Table:
        return _table(arguments[0])
    if origin is frozenset:
        return _set(arguments[0])
    if origin is tuple:
        return _many(arguments[0]) if arguments[-1] is Ellipsis else _fixed(arguments)
    if origin in (types.UnionType, typing.Union):
        return _union(arguments)
    raise TypeError(f"no codec for {annotation!r}")


def _scalar(kind: type) -> tuple[_Convert, _Convert]:
    def check(value: object) -> object:
        if type(value) is not kind:
            raise _wrong(kind, value)
        return value

    return check, check


def _decimal() -> tuple[_Convert, _Convert]:
    def write(value: object) -> str:
        if not isinstance(value, Decimal) or not value.is_finite():
            raise _wrong(Decimal, value)
        return str(value)

    def read(tree: object) -> Decimal:
        if not isinstance(tree, str):
            raise _wrong(Decimal, tree)
        try:
            value = Decimal(tree)
        except InvalidOperation as error:
            raise _wrong(Decimal, tree) from error
        if not value.is_finite():
            raise _wrong(Decimal, tree)
        return value

    return write, read


def _enum(kind: type[StrEnum]) -> tuple[_Convert, _Convert]:
    def write(value: object) -> str:
        if not isinstance(value, kind):
            raise _wrong(kind, value)
        return value.value

    def read(tree: object) -> StrEnum:
        try:
            return kind(str(tree))
        except ValueError as error:
            raise _wrong(kind, tree) from error

    return write, read


def _record(kind: type) -> tuple[_Convert, _Convert]:
    codecs: list[tuple[str, _Convert, _Convert]] = []

    def prepared() -> list[tuple[str, _Convert, _Convert]]:
        # On first use, not at once: a class may contain itself.
        if not codecs:
            codecs.extend((name, *_codec(hint)) for name, hint in _annotations_of(kind))
        return codecs

    def write(value: object) -> dict[str, object]:
        if type(value) is not kind:
            raise _wrong(kind, value)
        return {name: to_tree(getattr(value, name)) for name, to_tree, _ in prepared()}

    # A file that was written before a field came does not have it; every other field must be there.
    later = frozenset(field.name for field in fields(kind) if field.metadata.get("later"))

    def read(tree: object) -> object:
        listed = prepared()
        names = {name for name, *_ in listed}
        if not isinstance(tree, dict) or not names - later <= tree.keys() <= names:
            raise _wrong(kind, tree)
        return kind(**{name: from_tree(tree[name]) for name, _, from_tree in listed if name in tree})

    return write, read


def _table(entry: object) -> tuple[_Convert, _Convert]:
    to_tree, from_tree = _codec(entry)

    def write(value: object) -> dict[str, object]:
        if not isinstance(value, Table):
            raise _wrong(Table, value)
        return {key: to_tree(item) for key, item in value.items()}

    def read(tree: object) -> Table[typing.Any]:
        if not isinstance(tree, dict):
            raise _wrong(Table, tree)
        return Table({key: from_tree(item) for key, item in tree.items()})

    return write, read


def _set(entry: object) -> tuple[_Convert, _Convert]:
    to_tree, from_tree = _codec(entry)

    def read(tree: object) -> frozenset[object]:
        if not isinstance(tree, list):
            raise _wrong(frozenset, tree)
        return frozenset(from_tree(item) for item in tree)

    return (lambda value: sorted(to_tree(item) for item in value)), read


def _many(entry: object) -> tuple[_Convert, _Convert]:
    to_tree, from_tree = _codec(entry)

    def read(tree: object) -> tuple[object, ...]:
        if not isinstance(tree, list):
            raise _wrong(tuple, tree)
        return tuple(from_tree(item) for item in tree)

    return (lambda value: [to_tree(item) for item in value]), read


def _fixed(entries: tuple[object, ...]) -> tuple[_Convert, _Convert]:
    codecs = [_codec(entry) for entry in entries]

    def write(value: tuple[object, ...]) -> list[object]:
        if len(value) != len(codecs):
            raise _wrong(tuple, value)
        return [to_tree(item) for (to_tree, _), item in zip(codecs, value, strict=True)]

    def read(tree: object) -> tuple[object, ...]:
        if not isinstance(tree, list) or len(tree) != len(codecs):
            raise _wrong(tuple, tree)
        return tuple(from_tree(item) for (_, from_tree), item in zip(codecs, tree, strict=True))

    return write, read


def _union(members: tuple[object, ...]) -> tuple[_Convert, _Convert]:
    kinds = [member for member in members if member is not type(None)]
    records = {kind.__name__: kind for kind in kinds if isinstance(kind, type) and is_dataclass(kind)}
    if len(kinds) == 1:
        return _optional(kinds[0])
    if len(records) == len(kinds):
        return _tagged(records)
    return _loose(kinds)


def _optional(kind: object) -> tuple[_Convert, _Convert]:
    to_tree, from_tree = _codec(kind)
    return (
        (lambda value: None if value is None else to_tree(value)),
        (lambda tree: None if tree is None else from_tree(tree)),
    )


def _tagged(records: dict[str, type]) -> tuple[_Convert, _Convert]:
    def write(value: object) -> object:
        if value is None:
            return None
        name = type(value).__name__
        if name not in records:
            raise _wrong(name, value)
        return {"type": name, **_codec(records[name])[0](value)}

    def read(tree: object) -> object:
        if tree is None:
            return None
        if not isinstance(tree, dict) or tree.get("type") not in records:
            raise _wrong("type", tree)
        return _codec(records[tree["type"]])[1]({key: item for key, item in tree.items() if key != "type"})

    return write, read


def _loose(kinds: list[object]) -> tuple[_Convert, _Convert]:
    """Union of scalars, text, whole numbers, ``Decimal`` and lists of text."""
    sequences = [kind for kind in kinds if typing.get_origin(kind) is tuple]

    def write(value: object) -> object:
        if isinstance(value, Decimal):
            return {"decimal": _decimal()[0](value)}
        if isinstance(value, tuple) and sequences:
            return _codec(sequences[0])[0](value)
        if value is None or type(value) in kinds:
            return value
        raise _wrong("scalar", value)

    def read(tree: object) -> object:
        if isinstance(tree, dict) and set(tree) == {"decimal"}:
            return _decimal()[1](tree["decimal"])
        if isinstance(tree, list) and sequences:
            return _codec(sequences[0])[1](tree)
        if tree is None or type(tree) in kinds:
            return tree
        raise _wrong("scalar", tree)

    return write, read
