"""A named value of a written-out table: its type, its unit, and what it may be. No expression, no free name."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum

Value = Decimal | str | bool | tuple[str, ...]
"""A value of a variable; a number is never a float, a grade is its word."""


class Kind(StrEnum):
    """Type of a variable; the words of a GRADE stand in their order."""

    FLAG = "FLAG"
    NUMBER = "NUMBER"
    WORD = "WORD"
    GRADE = "GRADE"
    LIST = "LIST"


@dataclass(frozen=True, slots=True, kw_only=True)
class Variable:
    """What a variable may be.

    Parameters
    ----------
    unit
        Of a number: ``"mm"``, ``"points"``, ``"mg/day"``.
    words
        Of a WORD, a GRADE (lowest first) or the members of a LIST.
    minimum, maximum
        Of a number, both included; None: no limit.
    """

    kind: Kind
    unit: str = ""
    words: tuple[str, ...] = ()
    minimum: int | None = None
    maximum: int | None = None
    whole: bool = False

    @property
    def allowed(self) -> str:
        """What is allowed, for a message."""
        if self.kind is Kind.FLAG:
            return "true, false"
        if self.kind is not Kind.NUMBER:
            listed = ", ".join(f'"{word}"' for word in self.words)
            return f"list of: {listed}" if self.kind is Kind.LIST else listed
        number = "whole number" if self.whole else "number"
        from_ = "" if self.minimum is None else f" from {self.minimum}"
        to = "" if self.maximum is None else f" to {self.maximum}"
        return f"{number}{from_}{to}" + (f" ({self.unit})" if self.unit else "")

    def typed(self, value: object) -> Value | None:
        """The value as this variable has it; None where it cannot be one.

        A grade that is a number may be written as a number.

        >>> Variable(kind=Kind.GRADE, words=("0", "1", "2")).typed(Decimal(2))
        '2'
        >>> Variable(kind=Kind.NUMBER, whole=True).typed(Decimal("2.5")) is None
        True
        """
        if self.kind is Kind.FLAG:
            return value if isinstance(value, bool) else None
        if self.kind is Kind.NUMBER:
            return self._number(value)
        if self.kind is Kind.LIST:
            fits = isinstance(value, tuple) and all(word in self.words for word in value)
            return value if isinstance(value, tuple) and fits else None
        if self.kind is Kind.GRADE and type(value) in (int, Decimal):
            value = str(value)
        return value if isinstance(value, str) and value in self.words else None

    def _number(self, value: object) -> Decimal | None:
        if isinstance(value, bool) or not isinstance(value, (int, Decimal)):
            return None
        number = Decimal(value)
        if not number.is_finite() or (self.whole and number != number.to_integral_value()):
            return None
        below = self.minimum is not None and number < self.minimum
        above = self.maximum is not None and number > self.maximum
        return None if below or above else number


def flag() -> Variable:
    """True or false."""
    return Variable(kind=Kind.FLAG)


def count(minimum: int = 0, maximum: int | None = None, unit: str = "") -> Variable:
    """A whole number."""
    return Variable(kind=Kind.NUMBER, whole=True, minimum=minimum, maximum=maximum, unit=unit)


def number(minimum: int | None = 0, maximum: int | None = None, unit: str = "") -> Variable:
    """A decimal number."""
    return Variable(kind=Kind.NUMBER, minimum=minimum, maximum=maximum, unit=unit)


def grade(*words: str) -> Variable:
    """Ordered words, the lowest first."""
    return Variable(kind=Kind.GRADE, words=words)


def word(*words: str) -> Variable:
    """One of some words."""
    return Variable(kind=Kind.WORD, words=words)


def words(*listed: str) -> Variable:
    """Some of some words."""
    return Variable(kind=Kind.LIST, words=listed)
