"""Changes as they are shown: percentages from exact ratios, and a badge where a limit is near.

What is shown is never what is tested: 19.96 % must not print as "20.0 %, SD". Millimetres are shown exactly.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction

_NEAR = Fraction(1, 10)
_MOST_DIGITS = 12


@dataclass(frozen=True, slots=True, kw_only=True)
class Percentage:
    """A change in per cent as it is shown; ``near_limit`` asks for the boundary badge."""

    value: Decimal
    near_limit: bool

    @property
    def text(self) -> str:
        """Number with its sign, without the unit."""
        return signed(self.value)


def change_pct(now_mm: Decimal, base_mm: Decimal, limit_pct: Decimal) -> Percentage | None:
    """Change against a base, shown half-up; None where the base is zero.

    One decimal; within 0.1 percentage points (inclusive) of the limit two decimals, or as many as tell it from the limit.

    >>> change_pct(Decimal("47.9"), Decimal(40), Decimal(20))
    Percentage(value=Decimal('19.8'), near_limit=False)
    >>> change_pct(Decimal("119.96"), Decimal(100), Decimal(20)).text
    '+19.96'
    """
    if base_mm == 0:
        return None
    exact = 100 * (Fraction(now_mm) - Fraction(base_mm)) / Fraction(base_mm)
    limit = Fraction(limit_pct)
    if abs(exact - limit) > _NEAR:
        return Percentage(value=rounded(exact, 1), near_limit=False)
    digits = 2
    while exact != limit and Fraction(rounded(exact, digits)) == limit and digits < _MOST_DIGITS:
        digits += 1
    return Percentage(value=rounded(exact, digits), near_limit=True)


def rounded(value: Fraction, digits: int) -> Decimal:
    """Decimal of a fraction, rounded half-up (away from zero).

    >>> rounded(Fraction(-1, 8), 2), rounded(Fraction(1, 3), 1)
    (Decimal('-0.13'), Decimal('0.3'))
    """
    scaled = abs(value) * 10**digits
    units = (2 * scaled.numerator + scaled.denominator) // (2 * scaled.denominator)
    return Decimal((1 if value < 0 and units else 0, tuple(int(digit) for digit in str(units)), -digits))


def mm_text(value: Decimal) -> str:
    """Millimetres with one decimal, or with all that there are.

    >>> mm_text(Decimal("61")), mm_text(Decimal("10.125")), mm_text(Decimal("61.000"))
    ('61.0', '10.125', '61.0')
    """
    whole, _, part = f"{value:f}".partition(".")
    return f"{whole}.{part.rstrip('0') or '0'}"


def number_text(value: Decimal) -> str:
    """A limit without needless zeros.

    >>> number_text(Decimal("20.00")), number_text(Decimal("12.50"))
    ('20', '12.5')
    """
    return mm_text(value).removesuffix(".0")


def signed(value: Decimal) -> str:
    """Number with its sign, as text; one decimal at least, U+2212 as minus.

    >>> signed(Decimal("11")), signed(Decimal("-30.00")), signed(Decimal("0.0"))
    ('+11.0', '−30.00', '0.0')
    """
    text = f"{abs(value):f}"
    text = text if "." in text else f"{text}.0"
    if value == 0:
        return text
    return ("−" if value < 0 else "+") + text
