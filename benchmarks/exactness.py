"""A6: lengths that lie exactly between two tenths of a millimetre, on oblique planes, reported by independent routes."""

from __future__ import annotations

import random
from collections.abc import Iterator
from decimal import ROUND_HALF_UP, Decimal, localcontext
from math import dist, isqrt

from benchmarks.harness import Bench, Goal, Result
from spinereview.domain.exact import reported_mm, squared_mm_in_space
from spinereview.domain.measurement import PointUm

COUNT = 20_000
GOALS = (
    Goal(id="A6", what="ties reported otherwise by the integer root", limit=0),
    Goal(id="A6", what="ties reported otherwise by 60 digits", limit=0),
    Goal(id="A6", what="corner or centre of the first pixel displaced", limit=0),
)


def ties(count: int, seed: int = 0) -> Iterator[tuple[PointUm, PointUm, int]]:
    """Two points in space whose distance is an odd multiple of 50 um, and that distance in um.

    The differences are Lebesgue's parametrisation of a² + b² + c² = d², times a factor.
    """
    chance = random.Random(seed)
    made = 0
    while made < count:
        m, n, p, q = (chance.randint(0, 9) for _ in range(4))
        d = m * m + n * n + p * p + q * q
        if d % 2 == 0 or d > 300:
            continue
        scale = 50 * (2 * chance.randint(0, 150 // d) + 1)
        step = (m * m + n * n - p * p - q * q, 2 * (m * q + n * p), 2 * (n * q - m * p))
        start = (chance.randint(-(10**6), 10**6), chance.randint(-(10**6), 10**6), chance.randint(-(10**6), 10**6))
        end = (start[0] + step[0] * scale, start[1] + step[1] * scale, start[2] + step[2] * scale)
        made += 1
        yield start, end, d * scale


def by_integer_root(a: PointUm, b: PointUm) -> Decimal:
    """Tenths of a millimetre by the integer square root, half-up."""
    squared = sum((after - before) ** 2 for before, after in zip(a, b, strict=True))
    return Decimal((isqrt(squared) + 50) // 100) / 10


def by_digits(a: PointUm, b: PointUm) -> Decimal:
    """Tenths of a millimetre by a root of 60 digits, half-up."""
    with localcontext() as context:
        context.prec = 60
        squared = sum((after - before) ** 2 for before, after in zip(a, b, strict=True))
        return (Decimal(squared).sqrt() / 1000).quantize(Decimal("0.1"), rounding=ROUND_HALF_UP)


def by_float(a: PointUm, b: PointUm) -> Decimal:
    """What is lost with millimetres as binary floats: for comparison only."""
    length = dist([value / 1000 for value in a], [value / 1000 for value in b])
    return Decimal(str(round(length, 1)))


def run(bench: Bench) -> Iterator[Result]:
    """Count differences; a float's are a note."""
    del bench
    root = digits = floats = 0
    for a, b, length_um in ties(COUNT):
        squared = squared_mm_in_space(a, b)
        assert squared * 10**6 == length_um**2
        told = reported_mm(squared)
        assert told == Decimal(length_um + 50) / 1000
        root += told != by_integer_root(a, b)
        digits += told != by_digits(a, b)
        floats += told != by_float(a, b)
    yield Result(goal=GOALS[0], value=root, notes={"ties": COUNT, "differences_of_floats": floats})
    yield Result(goal=GOALS[1], value=digits, notes={"ties": COUNT})
    yield Result(goal=GOALS[2], value=half_pixel_differences())


def half_pixel_differences() -> int:
    """How many of (0, 0) = outer corner and (500, 500) = centre of the first pixel the view puts elsewhere."""
    from spinereview.imaging.view import to_mpx

    return sum((to_mpx(0.0, 0.0) != (0, 0), to_mpx(0.5, 0.5) != (500, 500)))
