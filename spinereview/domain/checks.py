"""Guards that the constructors of the values share."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from types import MappingProxyType

from spinereview.errors import InvalidValue

LATER: Mapping[str, bool] = MappingProxyType({"later": True})
"""Metadata of a dataclass field that files written before it do not have: there its default holds."""


def require(*, holds: bool, code: str, **arguments: object) -> None:
    """Raise :class:`InvalidValue` where a condition does not hold."""
    if not holds:
        raise InvalidValue(code, **arguments)


def require_text(name: str, value: str) -> None:
    """Refuse an empty identifier, and one with control characters."""
    if not (value and value.isprintable()):
        raise InvalidValue("VALUE_EMPTY", name=name)


def require_integers(name: str, points: tuple[tuple[int, ...], ...]) -> None:
    """Refuse a coordinate that is no integer: a float that crept in would round twice."""
    for point in points:
        for coordinate in point:
            require(holds=type(coordinate) is int, code="VALUE_NOT_INTEGER", name=name, value=coordinate)


def require_positive(name: str, value: Decimal | None) -> None:
    """Refuse zero, negative and non-finite lengths; None says that there is no value."""
    if value is not None:
        require(holds=value.is_finite() and value > 0, code="VALUE_NOT_POSITIVE", name=name, value=value)
