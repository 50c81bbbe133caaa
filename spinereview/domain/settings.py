"""Settings as a protocol file gives them, and what each may be: type, range, allowed words.

A check stands beside the field it guards (:func:`must`), so that a class of settings is the table of its keys. Its
``convert`` takes the raw value of the file, its ``holds`` guards the typed value in ``__post_init__``; both refuse with
the key, the value and what is allowed, and whoever read the file adds file and line.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import Field, dataclass, fields
from decimal import Decimal
from functools import cache
from types import MappingProxyType
from typing import Any, Protocol, Self, TypeVar, cast

from spinereview.errors import InvalidValue

T = TypeVar("T")


_MOST_DIGITS = 15
_TOO_LARGE = Decimal(10) ** _MOST_DIGITS
"""No number of a protocol comes near it; below it no sum is rounded."""


class Check(Protocol):
    """What a value may be."""

    @property
    def allowed(self) -> str:
        """What is allowed, for the message: a range, or the words."""
        ...

    def convert(self, raw: object) -> object:
        """Typed value of a raw one; :class:`TypeError` where the type is wrong, :class:`ValueError` where the value is."""
        ...

    def holds(self, value: object) -> bool:
        """Whether a typed value is allowed."""
        ...


@dataclass(frozen=True, slots=True)
class Flag:
    """true or false."""

    allowed: str = "true, false"

    def convert(self, raw: object) -> bool:
        """Take a boolean only; 0 and 1 are numbers."""
        if not isinstance(raw, bool):
            raise TypeError
        return raw

    def holds(self, value: object) -> bool:
        """Whether it is a boolean."""
        return isinstance(value, bool)


@dataclass(frozen=True, slots=True)
class Whole:
    """A whole number, both limits included; None is no limit."""

    minimum: int | None = None
    maximum: int | None = None

    @property
    def allowed(self) -> str:
        """Range in words of numbers."""
        return _range("whole number", self.minimum, self.maximum)

    def convert(self, raw: object) -> int:
        """Take a whole number; no boolean, no decimal fraction."""
        if type(raw) is not int:
            raise TypeError
        return raw

    def holds(self, value: object) -> bool:
        """Whether it is a whole number within the limits."""
        return type(value) is int and _within(value, self.minimum, self.maximum)


@dataclass(frozen=True, slots=True)
class Number:
    """A decimal number, both limits included unless ``above`` shuts the lower one out."""

    minimum: Decimal | None = None
    maximum: Decimal | None = None
    above: bool = False

    @property
    def allowed(self) -> str:
        """Range in words of numbers."""
        return _range("number", self.minimum, self.maximum, above=self.above)

    def convert(self, raw: object) -> Decimal:
        """Take a whole or decimal number; no boolean, no float."""
        if isinstance(raw, bool) or not isinstance(raw, (int, Decimal)):
            raise TypeError
        return Decimal(raw)

    def holds(self, value: object) -> bool:
        """Whether it is a finite Decimal within the limits."""
        if not isinstance(value, Decimal) or not value.is_finite() or abs(value) >= _TOO_LARGE:
            return False
        return _within(value, self.minimum, self.maximum) and not (self.above and value == self.minimum)


@dataclass(frozen=True, slots=True)
class Choice:
    """One of the words; ``empty`` allows none of them, as ``""``."""

    words: tuple[str, ...]

    @property
    def allowed(self) -> str:
        """The words."""
        return ", ".join(f'"{word}"' for word in self.words)

    def convert(self, raw: object) -> str:
        """Take text."""
        if not isinstance(raw, str):
            raise TypeError
        return raw

    def holds(self, value: object) -> bool:
        """Whether it is one of the words."""
        return value in self.words


@dataclass(frozen=True, slots=True)
class Numbers:
    """One of a few numbers; ``named`` are words that stand for a number."""

    values: tuple[Decimal, ...]
    named: tuple[tuple[str, Decimal], ...] = ()

    @property
    def allowed(self) -> str:
        """The numbers and the words."""
        words = dict(self.named)
        plain = [str(value) for value in self.values if value not in words.values()]
        return ", ".join([*plain, *(f'"{word}"' for word in words)])

    def convert(self, raw: object) -> Decimal:
        """Take a number that has no word, or a word."""
        words = dict(self.named)
        if isinstance(raw, str):
            if raw not in words:
                raise ValueError
            return words[raw]
        value = Number().convert(raw)
        if value in words.values():
            raise ValueError
        return value

    def holds(self, value: object) -> bool:
        """Whether it is one of the numbers."""
        return value in self.values


@dataclass(frozen=True, slots=True)
class Text:
    """Text in one line."""

    required: bool = True

    @property
    def allowed(self) -> str:
        """What text."""
        return "text that is not empty" if self.required else "text"

    def convert(self, raw: object) -> str:
        """Take text."""
        if not isinstance(raw, str):
            raise TypeError
        return raw

    def holds(self, value: object) -> bool:
        """Whether it is printable text."""
        return isinstance(value, str) and value.isprintable() and (bool(value) or not self.required)


@dataclass(frozen=True, slots=True)
class Tolerance:
    """A number of days, or ``"visit"``; kept as text."""

    allowed: str = '"visit", or whole number of at least 0'

    def convert(self, raw: object) -> str:
        """Take the word or a whole number."""
        return raw if isinstance(raw, str) else str(Whole().convert(raw))

    def holds(self, value: object) -> bool:
        """Whether it is the word or a number that is not negative."""
        return isinstance(value, str) and (
            value == "visit" or (value.isascii() and value.isdigit() and len(value) <= _MOST_DIGITS)
        )


@dataclass(frozen=True, slots=True)
class Words:
    """A list of texts; where ``words`` is given, of these only. None stands twice.

    ``named`` says in words what they are, where there are too many to be listed.
    """

    words: tuple[str, ...] = ()
    named: str = ""

    @property
    def allowed(self) -> str:
        """The words, or that any may stand."""
        of = self.named or ", ".join(f'"{word}"' for word in self.words) or "texts that are not empty"
        return f"list, each once, of: {of}"

    def convert(self, raw: object) -> tuple[str, ...]:
        """Take a list of texts."""
        if not isinstance(raw, (list, tuple)) or not all(isinstance(word, str) for word in raw):
            raise TypeError
        return tuple(raw)

    def holds(self, value: object) -> bool:
        """Whether each word is allowed and stands once."""
        if not isinstance(value, tuple) or len(set(value)) != len(value):
            return False
        return all(word in self.words if self.words else Text().holds(word) for word in value)


def must(check: Check) -> Mapping[str, Check]:
    """Metadata of a field of a class of settings: what its value must be."""
    return {"check": check}


class Section:
    """Base of a dataclass of settings, each field with what it :func:`must` be: a section of a protocol.

    A class with a guard of its own calls this one in it by name: a dataclass with slots has no ``super()``.
    """

    __slots__ = ()

    def __post_init__(self) -> None:
        check_settings(self)

    @classmethod
    def parse(cls, raw: Mapping[str, object]) -> Self:
        """Settings from the raw values of a protocol; refuses unknown keys and wrong values, as :func:`parse_settings`."""
        return parse_settings(cls, raw)


def check_settings(settings: Any) -> None:
    """Guard for ``__post_init__``: every value of a dataclass of settings is allowed.

    Raises
    ------
    InvalidValue
        ``SETTING_NOT_ALLOWED`` with key, value and what is allowed.
    """
    for key, check in checks_of(type(settings)).items():
        value = getattr(settings, key)
        if not check.holds(value):
            raise InvalidValue("SETTING_NOT_ALLOWED", key=key, value=value, allowed=check.allowed)


def checks_of(kind: type) -> Mapping[str, Check]:
    """Keys of a class of settings and what each may be, in their order."""
    return _checks_of(kind)


@cache
def _checks_of(kind: type) -> Mapping[str, Check]:
    """Kept, since a class does not change and settings are parsed for every subject of a cohort."""
    listed: tuple[Field[Any], ...] = fields(kind)
    return MappingProxyType({entry.name: entry.metadata["check"] for entry in listed if "check" in entry.metadata})


def parse_settings(kind: type[T], raw: Mapping[str, object]) -> T:
    """Settings from the raw values of a protocol; keys that are not given have their default.

    Raises
    ------
    InvalidValue
        ``SETTING_UNKNOWN``, ``SETTING_TYPE``, ``SETTING_NOT_ALLOWED``, each with key, value and what is allowed.
    """
    checks = checks_of(kind)
    typed = {key: parse_value(key, value, checks) for key, value in raw.items()}
    settings: T = cast("Any", kind)(**typed)
    return settings


def parse_value(key: str, raw: object, checks: Mapping[str, Check]) -> object:
    """Typed value of one key.

    Raises
    ------
    InvalidValue
        As :func:`parse_settings`.
    """
    if key not in checks:
        raise InvalidValue("SETTING_UNKNOWN", key=key, allowed=", ".join(checks))
    check = checks[key]
    try:
        value = check.convert(raw)
    except TypeError as error:
        raise InvalidValue("SETTING_TYPE", key=key, value=shown(raw), allowed=check.allowed) from error
    except ValueError as error:
        raise InvalidValue("SETTING_NOT_ALLOWED", key=key, value=shown(raw), allowed=check.allowed) from error
    if not check.holds(value):
        raise InvalidValue("SETTING_NOT_ALLOWED", key=key, value=shown(raw), allowed=check.allowed)
    return value


def shown(raw: object) -> str:
    """A raw value as a protocol file would have it, so that a text is told from a number."""
    if isinstance(raw, bool):
        return str(raw).lower()
    if isinstance(raw, str):
        return f'"{raw}"'
    if isinstance(raw, (list, tuple)):
        return "[" + ", ".join(shown(entry) for entry in raw) + "]"
    if isinstance(raw, Mapping):
        return "{" + ", ".join(f"{key} = {shown(entry)}" for key, entry in raw.items()) + "}"
    return str(raw)


def _within(value: int | Decimal, minimum: int | Decimal | None, maximum: int | Decimal | None) -> bool:
    return (minimum is None or value >= minimum) and (maximum is None or value <= maximum)


def _range(kind: str, minimum: int | Decimal | None, maximum: int | Decimal | None, *, above: bool = False) -> str:
    if minimum is not None and maximum is not None:
        return f"{kind} above {minimum}, up to {maximum}" if above else f"{kind} from {minimum} to {maximum}"
    if minimum is not None:
        return f"{kind} above {minimum}" if above else f"{kind} of at least {minimum}"
    return kind if maximum is None else f"{kind} of at most {maximum}"
