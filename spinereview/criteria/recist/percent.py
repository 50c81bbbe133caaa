"""Changes as they are shown: percentages from exact ratios, and a badge where a limit is near.

What is shown is never what is tested: 19.96 % must not print as "20.0 %, SD". Millimetres are shown exactly.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

_NEAR_PARTS = 10
"""A change is near its limit within one such part of a percentage point."""

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
    # Whole numbers, not fractions: this runs for every visit whenever a caliper moves.
    now, now_by = now_mm.as_integer_ratio()
    base, base_by = base_mm.as_integer_ratio()
    limit, limit_by = limit_pct.as_integer_ratio()
    change, by = 100 * (now * base_by - base * now_by), now_by * base
    apart = abs(change * limit_by - limit * by)
    if _NEAR_PARTS * apart > by * limit_by:
        return Percentage(value=rounded(change, by, 1), near_limit=False)
    digits = 2
    while apart and rounded(change, by, digits) == limit_pct and digits < _MOST_DIGITS:
        digits += 1
    return Percentage(value=rounded(change, by, digits), near_limit=True)


def rounded(numerator: int, denominator: int, digits: int) -> Decimal:
    """Decimal of a ratio with a denominator above zero, rounded half-up (away from zero).

    >>> rounded(-1, 8, 2), rounded(1, 3, 1)
    (Decimal('-0.13'), Decimal('0.3'))
    """
    units = (2 * abs(numerator) * 10**digits + denominator) // (2 * denominator)
    return Decimal(-units if numerator < 0 else units).scaleb(-digits)


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
