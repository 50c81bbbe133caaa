"""JSON from outside to the values of a criterion, by the annotations of their classes; what is wrong is named by its path.

Unlike :mod:`spinereview.domain.codec`, which reads back what the program wrote, a field that has a default may be left out,
and a decimal number may stand as text or as a JSON number; it is read digit by digit and is never a binary float.
"""

from __future__ import annotations

import json
import re
import types
import typing
from collections.abc import Mapping
from dataclasses import MISSING, dataclass, fields, is_dataclass
from decimal import Decimal, InvalidOperation
from enum import StrEnum
from fractions import Fraction

from spinereview.domain.codec import annotations_of
from spinereview.domain.table import Table
from spinereview.errors import InvalidValue
from spinereview.text import explain

T = typing.TypeVar("T")
TOP = "input"
MOST_WHOLE, MOST_DECIMAL = 15, 30
"""Digits that a number may have before and after the point: more than any length or day, and no sum of them is rounded."""

DIGITS = re.compile(rf"[+-]?[0-9]{{1,{MOST_WHOLE}}}(\.[0-9]{{1,{MOST_DECIMAL}}})?")
RATIO = re.compile(rf"[+-]?[0-9]{{1,{MOST_WHOLE}}}(/[0-9]{{1,{MOST_WHOLE}}}|\.[0-9]{{1,{MOST_DECIMAL}}})?")


class TooLong:
    """A number of JSON that is too large, or has too many digits, to be computed with exactly."""

    def __init__(self, text: str) -> None:
        self.text = text

    def __str__(self) -> str:
        return self.text


@dataclass(frozen=True, slots=True)
class Twice:
    """An object of JSON in which a name stands twice: which of the two was meant nobody knows."""

    name: str


def parse_given(text: str) -> object:
    """Tree of a JSON text; numbers with a point are ``Decimal``.

    A number that nothing can use is :class:`TooLong`, an object with a name twice :class:`Twice`; no class takes either.

    Raises
    ------
    InvalidValue
        ``INPUT_JSON``.
    """
    try:
        return json.loads(
            text, parse_int=_whole, parse_float=_decimal, parse_constant=_no_constant, object_pairs_hook=_once
        )
    except (json.JSONDecodeError, RecursionError) as error:
        raise InvalidValue("INPUT_JSON", error=error) from error


def decode_given(annotation: type[T], tree: object, path: str = TOP) -> T:
    """Value of a tree.

    Raises
    ------
    InvalidValue
        ``INPUT_TYPE``, ``INPUT_FIELD_MISSING``, ``INPUT_FIELD_UNKNOWN``, ``INPUT_KEY_TWICE``;
        ``INPUT_REFUSED`` where the value must not exist.
        Each has the ``path`` in the input, like ``input.visits[1].targets.T01.mm``.
    """
    result: T = _decode(annotation, tree, path)
    return result


def plain(annotation: object) -> object:
    """Annotation behind the names that were given to it."""
    while isinstance(annotation, typing.NewType):
        annotation = annotation.__supertype__
    return annotation


def members_of(annotation: object) -> tuple[object, ...]:
    """Members of a union, ``X | None`` among them; none where the annotation is no union.

    Of several members JSON's own types tell which one is meant: text, number, true or false, list.
    """
    if typing.get_origin(annotation) not in (types.UnionType, typing.Union):
        return ()
    members = typing.get_args(annotation)
    several = [member for member in members if member is not type(None)]
    if len(several) > 1 and any(_shape(member) is None for member in several):
        raise TypeError(f"no way to read {annotation!r}")
    return members


def required_fields(kind: type) -> tuple[str, ...]:
    """Fields of a dataclass that have no default."""
    return tuple(entry.name for entry in fields(kind) if entry.default is MISSING and entry.default_factory is MISSING)


def _whole(text: str) -> int | TooLong:
    return int(text) if len(text.lstrip("-")) <= MOST_WHOLE else TooLong(text)


def _decimal(text: str) -> Decimal | TooLong:
    """A number with a point or an exponent, where it is one with few enough digits."""
    try:
        value = Decimal(text)
    except InvalidOperation:
        return TooLong(text)
    exponent = value.as_tuple().exponent
    fits = value.adjusted() < MOST_WHOLE and isinstance(exponent, int) and exponent >= -MOST_DECIMAL
    return value if fits else TooLong(text)


def _no_constant(text: str) -> object:
    raise InvalidValue("INPUT_JSON", error=text)


def _once(pairs: list[tuple[str, object]]) -> dict[str, object] | Twice:
    entries = dict(pairs)
    if len(entries) != len(pairs):
        names = [key for key, _ in pairs]
        return Twice(next(name for name in names if names.count(name) > 1))
    return entries


def _decode(annotation: object, tree: object, path: str) -> typing.Any:
    annotation = plain(annotation)
    if isinstance(annotation, type) and not typing.get_args(annotation):
        return _value(annotation, tree, path)
    listed = members_of(annotation)
    if listed:
        return _alternative(listed, tree, path)
    origin, arguments = typing.get_origin(annotation), typing.get_args(annotation)
    if origin is Table:
        return _table(arguments[0], object_of(tree, path), path)
    if origin in (tuple, frozenset):
        return _many(typing.cast("type", origin), arguments, tree, path)
    raise TypeError(f"no way to read {annotation!r}")


def _table(annotation: object, entries: Mapping[str, object], path: str) -> Table[object]:
    for key in entries:
        if not key.isprintable():
            raise _wrong(path, "an object whose names are text in one line", key)
    return Table({key: _decode(annotation, item, f"{path}.{key}") for key, item in entries.items()})


_SHAPES: dict[object, tuple[type, ...]] = {str: (str,), bool: (bool,), Decimal: (int, Decimal), tuple: (list,)}


def _shape(member: object) -> tuple[type, ...] | None:
    """Types of the trees that are a member of a union of several; None where the tree does not tell."""
    return _SHAPES.get(typing.get_origin(member) or member)


def _alternative(members: tuple[object, ...], tree: object, path: str) -> object:
    several = [member for member in members if member is not type(None)]
    if tree is None and len(several) < len(members):
        return None
    if len(several) == 1:
        return _decode(several[0], tree, path)
    for member in several:
        if type(tree) in (_shape(member) or ()):
            return _decode(member, tree, path)
    raise _wrong(path, "text, a number, true or false, or a list of texts", tree)


def _value(kind: type, tree: object, path: str) -> object:
    if is_dataclass(kind):
        return _record(kind, tree, path)
    if issubclass(kind, StrEnum):
        return _word(kind, tree, path)
    if kind in (Decimal, Fraction):
        return _number(kind, tree, path)
    if type(tree) is not kind:
        raise _wrong(path, _NAMES.get(kind, kind.__name__), tree)
    if isinstance(tree, str) and tree and not tree.isprintable():
        raise _wrong(path, "text in one line", tree)
    return tree


_NUMBER_WANTED = f'a number, like "12.5", with at most {MOST_WHOLE} digits before the point and {MOST_DECIMAL} after it'
_NAMES: dict[type, str] = {str: "text", int: "a whole number", bool: "true or false"}


def _record(kind: type, tree: object, path: str) -> object:
    entries = object_of(tree, path)
    annotations = annotations_of(kind)
    for name in entries:
        if name not in annotations:
            raise InvalidValue("INPUT_FIELD_UNKNOWN", path=path, name=name, allowed=", ".join(annotations))
    for name in required_fields(kind):
        if name not in entries:
            raise InvalidValue("INPUT_FIELD_MISSING", path=path, name=name)
    given = {name: _decode(annotations[name], item, f"{path}.{name}") for name, item in entries.items()}
    try:
        return kind(**given)
    except InvalidValue as error:
        raise InvalidValue("INPUT_REFUSED", path=path, why=explain(error)) from error


def _word(kind: type[StrEnum], tree: object, path: str) -> StrEnum:
    words = [word.value for word in kind]
    if not isinstance(tree, str) or tree not in words:
        raise _wrong(path, "one of " + ", ".join(words), tree)
    return kind(tree)


def _number(kind: type, tree: object, path: str) -> Decimal | Fraction:
    written = isinstance(tree, str) and (RATIO if kind is Fraction else DIGITS).fullmatch(tree)
    if written or (isinstance(tree, (Decimal, int)) and not isinstance(tree, bool)):
        try:
            value: Decimal | Fraction = kind(tree)
        except ZeroDivisionError:
            pass
        else:
            return value
    raise _wrong(path, _NUMBER_WANTED, tree)


def _many(origin: type, arguments: tuple[object, ...], tree: object, path: str) -> object:
    if not isinstance(tree, list):
        raise _wrong(path, "a list", tree)
    if origin is frozenset or arguments[-1] is Ellipsis:
        return origin(_decode(arguments[0], item, f"{path}[{at}]") for at, item in enumerate(tree))
    if len(tree) != len(arguments):
        raise _wrong(path, f"a list of {len(arguments)}", tree)
    pairs = zip(arguments, tree, strict=True)
    return tuple(_decode(argument, item, f"{path}[{at}]") for at, (argument, item) in enumerate(pairs))


def object_of(tree: object, path: str) -> Mapping[str, object]:
    """The entries of an object.

    Raises
    ------
    InvalidValue
        ``INPUT_TYPE``; ``INPUT_KEY_TWICE``.
    """
    if isinstance(tree, Twice):
        raise InvalidValue("INPUT_KEY_TWICE", path=path, name=tree.name)
    if not isinstance(tree, dict):
        raise _wrong(path, "an object in braces", tree)
    return tree


def _wrong(path: str, wanted: str, tree: object) -> InvalidValue:
    shown = json.dumps(tree, default=str, ensure_ascii=False)
    return InvalidValue("INPUT_TYPE", path=path, wanted=wanted, value=shown[:80])
