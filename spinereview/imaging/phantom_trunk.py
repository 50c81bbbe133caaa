"""The trunk around the spine of the phantom: wall, chest, abdomen, vessels, muscles and ribs, in the order of painting.

Nothing is measured here; it is what a lesion must be told from. Positions follow the spine as it was before any collapse.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise
from math import cos, pi, sin

import numpy as np

from spinereview.domain.anatomy import Level
from spinereview.imaging.phantom_contrast import Tissue
from spinereview.imaging.phantom_grid import Point
from spinereview.imaging.phantom_shapes import Column, Organ, Rod, Shape, Solid, Tube, turned
from spinereview.imaging.phantom_spine import Spine
from spinereview.imaging.phantom_vertebra import column

BOTTOM_MM, TOP_MM = -150.0, 330.0
"""Heights between which the anatomy is complete."""
_RIBS = tuple(Level(f"T{number}") for number in range(5, 13))


def wall() -> tuple[Organ, ...]:
    """What is the same at every height: couch, skin, fat, muscles, fat of the cavity."""

    def ring(a_mm: float, b_mm: float, tissue: Tissue, y_mm: float = 0.0) -> Organ:
        return Organ(shapes=(Column(x_mm=0, y_mm=y_mm, a_mm=a_mm, b_mm=b_mm, power=2.3),), tissue=tissue)

    return (
        Organ(shapes=(Column(x_mm=0, y_mm=181, a_mm=262, b_mm=54, power=4),), tissue=Tissue.COUCH),
        Organ(shapes=(Column(x_mm=0, y_mm=185, a_mm=258, b_mm=54, power=4),), tissue=Tissue.FOAM),
        ring(168, 119, Tissue.SKIN),
        ring(166, 117, Tissue.FAT),
        ring(149, 98, Tissue.MUSCLE),
        ring(138, 86, Tissue.FAT, -5.0),
    )


def organs(spine: Spine, usual: Spine) -> tuple[Organ, ...]:
    """Everything within the wall but lesions.

    Parameters
    ----------
    spine, usual
        The spine as it is now, and as it was before any collapse: the organs stay where they were.
    """
    return (*_chest(), *_abdomen(), *_vessels(usual), *_muscles(usual), *_ribs(spine), *_pelvis(), *column(spine))


def _one(shape: Shape, tissue: Tissue) -> Organ:
    return Organ(shapes=(shape,), tissue=tissue)


def _chest() -> Iterator[Organ]:
    def lung(side: int) -> Tube:
        heights = (118, 124, 140, 170, 210, 260, TOP_MM + 20)
        return Tube(
            path=tuple(
                (float(z), side * 72.0, 4.0, a, b)
                for z, a, b in zip(heights, (8, 38, 54, 59, 59, 57, 54), (10, 50, 68, 76, 77, 76, 72), strict=True)
            )
        )

    yield Organ(shapes=(lung(-1), lung(1)), tissue=Tissue.LUNG)
    for side in (-1, 1):
        yield Organ(shapes=tuple(_vessels_of_lung(side)), tissue=Tissue.BLOOD)
    yield _one(Solid(centre_mm=(68, -6, 98), semi_mm=(67, 79, 74)), Tissue.MUSCLE)  # left dome, then what lies below it
    yield _one(Solid(centre_mm=(68, -6, 98), semi_mm=(65, 77, 72)), Tissue.FAT)
    yield _one(Tube(path=((BOTTOM_MM - 20, 2, -5, 135, 84), (106, 2, -5, 135, 84))), Tissue.FAT)
    yield _one(Solid(centre_mm=(-66, -8, 112), semi_mm=(71, 79, 72)), Tissue.MUSCLE)
    yield _one(Tube(path=((150, 2, -22, 30, 52), (TOP_MM + 20, 2, -22, 30, 52))), Tissue.FAT)  # mediastinum
    yield _one(Solid(centre_mm=(24, -40, 240), semi_mm=(50, 37, 55), axes=turned(-20)), Tissue.MYOCARDIUM)
    yield _one(Solid(centre_mm=(34, -36, 232), semi_mm=(28, 20, 38), axes=turned(-20)), Tissue.BLOOD)
    yield _one(Solid(centre_mm=(2, -52, 246), semi_mm=(20, 14, 40), axes=turned(-20)), Tissue.BLOOD)


def _vessels_of_lung(side: int) -> Iterator[Shape]:
    random = np.random.default_rng(29 + side)
    for _ in range(46):
        angle, share = random.uniform(0, 2 * pi), random.uniform(0.1, 0.85)
        x, y = side * 72 + 52 * share * np.cos(angle), 4 + 68 * share * np.sin(angle)
        size, lean = float(random.uniform(0.8, 2.2)), random.uniform(-60, 60, size=2)
        yield Solid(
            centre_mm=(float(x), float(y), float(random.uniform(190, TOP_MM))),
            semi_mm=(size, size, float(random.uniform(8, 22))),
            axes=turned(float(lean[0]), float(lean[1])),
        )


def _abdomen() -> Iterator[Organ]:
    yield _one(Solid(centre_mm=(-66, -8, 111), semi_mm=(69, 77, 70.5)), Tissue.LIVER)
    yield Organ(
        shapes=tuple(
            Solid(centre_mm=(-56 - 5 * k, -18 + 9 * k, 128 - 6 * k), semi_mm=(3, 24, 3), axes=turned(30 * k))
            for k in range(4)
        ),
        tissue=Tissue.VEIN,
    )
    yield _one(Solid(centre_mm=(-40, -45, 72), semi_mm=(16, 22, 24)), Tissue.WATER)  # gall bladder
    yield _one(Solid(centre_mm=(98, 24, 122), semi_mm=(27, 42, 48), axes=turned(12)), Tissue.SPLEEN)
    stomach = (58.0, -38.0, 128.0)
    yield _one(Solid(centre_mm=stomach, semi_mm=(50, 36, 50)), Tissue.WALL)
    yield _one(Solid(centre_mm=stomach, semi_mm=(46, 32, 46)), Tissue.WATER)
    yield _one(Solid(centre_mm=(58, -57, 128), semi_mm=(30, 11, 34)), Tissue.AIR)
    yield _one(Solid(centre_mm=(18, -16, 86), semi_mm=(50, 9, 13), axes=turned(-12)), Tissue.PANCREAS)
    for side in (-1, 1):
        centre = (side * 60.0, 36.0, 82.0 + 4 * side)
        axes = turned(-28 * side, 8)
        yield _one(Solid(centre_mm=centre, semi_mm=(27, 24, 54), axes=axes), Tissue.KIDNEY)
        yield _one(Solid(centre_mm=centre, semi_mm=(18, 15, 42), axes=axes), Tissue.MEDULLA)
        yield _one(Solid(centre_mm=(centre[0] - 7 * side, 29, centre[2]), semi_mm=(14, 8, 26), axes=axes), Tissue.FAT)
    yield from _bowel()


def _bowel() -> Iterator[Organ]:
    random = np.random.default_rng(7)
    for place in range(36):
        x = -105 + 210 * (place % 9) / 8
        y = -56 + 27 * (place // 9 % 2) + random.uniform(-8, 8)
        z = random.uniform(8, 46) if place < 18 else random.uniform(-120, -4)
        semi = (float(random.uniform(12, 18)), float(random.uniform(10, 14)), float(random.uniform(16, 30)))
        inner = (semi[0] - 2.5, semi[1] - 2.5, semi[2] - 2.5)
        axes = turned(float(random.uniform(-40, 40)))
        yield _one(Solid(centre_mm=(x, float(y), float(z)), semi_mm=semi, axes=axes), Tissue.WALL)
        yield _one(Solid(centre_mm=(x, float(y), float(z)), semi_mm=inner, axes=axes), Tissue.WATER)
        if place % 3 == 0:
            gas = (inner[0] * 0.8, inner[1] * 0.5, inner[2] * 0.8)
            yield _one(Solid(centre_mm=(x, float(y) - inner[1] * 0.45, float(z)), semi_mm=gas), Tissue.AIR)


def _front(spine: Spine, z: float) -> float:
    """Front of the vertebral bodies."""
    return spine.y_mm(z) - float(np.interp(z, (0, 220, 320), (17.5, 14.5, 13)))


def _vessels(spine: Spine) -> Iterator[Organ]:
    def path(points: tuple[tuple[float, float, float], ...], size: float) -> Tube:
        """Rows (z, x, gap to the bodies)."""
        low, high = int(points[0][0]), int(points[-1][0])
        rows = []
        for z in range(low, high + 1, 8):
            x, gap = (float(np.interp(z, [p[0] for p in points], [p[k] for p in points])) for k in (1, 2))
            rows.append((float(z), x, _front(spine, z) - gap, size, size))
        return Tube(path=tuple(rows))

    aorta = ((-34, 4, 13), (60, 8, 13), (140, 12, 12), (210, 21, 6), (TOP_MM + 10, 27, -4))
    left, right = ((-150, 46, 22), (-80, 30, 16), (-24, 6, 13)), ((-150, -46, 22), (-80, -26, 16), (-24, 4, 13))
    tubes = ((aorta, 10.8), (left, 6.2), (right, 6.2))
    yield Organ(shapes=tuple(path(way, size) for way, size in tubes), tissue=Tissue.WALL)
    yield Organ(shapes=tuple(path(way, size - 1.2) for way, size in tubes), tissue=Tissue.ARTERY)
    veins = (((-150, 38, 12), (-48, -14, 8)), ((-150, -50, 10), (-48, -18, 8)))
    yield Organ(shapes=tuple(path(way, 6.8) for way in veins), tissue=Tissue.VEIN)
    yield _one(path(((-52, -19, 10), (100, -22, 11), (160, -25, 22), (190, -27, 30)), 10.5), Tissue.VEIN)
    plaques = tuple(
        Solid(centre_mm=(x, _front(spine, z) - gap, z), semi_mm=(1.4, 4, 8), axes=turned(20))
        for x, gap, z in ((17.5, 12.0, 30.0), (-2.5, 12.0, 4.0), (17.0, 14.0, 62.0))
    )
    yield Organ(shapes=plaques, tissue=Tissue.CALCIUM)


def _muscles(spine: Spine) -> Iterator[Organ]:
    for side in (-1, 1):
        heights = range(int(BOTTOM_MM), int(TOP_MM) + 11, 10)
        deep = {z: spine.y_mm(z) + float(np.interp(z, (-150, -60, 0, 220, 320), (36, 37, 40, 35, 33))) for z in heights}
        inner = tuple(
            (float(z), side * 13.0, deep[z], 12.0, float(np.interp(z, (-140, 0, 220), (8, 15, 12)))) for z in heights
        )
        outer = tuple(
            (float(z), side * 37.0, deep[z] - 2, 19.0, float(np.interp(z, (-140, 0, 220), (6, 18, 11))))
            for z in heights
        )
        yield Organ(shapes=(Tube(path=inner), Tube(path=outer)), tissue=Tissue.MUSCLE)
        psoas = tuple(
            (
                float(z),
                side * float(np.interp(z, (-140, 0, 100), (62, 42, 27))),
                spine.y_mm(z) + float(np.interp(z, (-140, -60, 0), (-46, -12, 4))),
                float(np.interp(z, (-140, 0, 60, 115), (19, 18, 13, 3))),
                float(np.interp(z, (-140, 0, 60, 115), (19, 21, 15, 3))),
            )
            for z in range(-140, 116, 5)
        )
        yield _one(Tube(path=psoas), Tissue.MUSCLE)
        flank = tuple(
            (
                float(z),
                side * 66.0,
                spine.y_mm(z) + 34,
                float(np.interp(z, (-70, -40, 60, 95), (2, 16, 14, 2))),
                float(np.interp(z, (-70, -40, 60, 95), (2, 8, 7, 2))),
            )
            for z in range(-70, 96, 5)
        )
        yield _one(Tube(path=flank), Tissue.MUSCLE)
        crus = tuple((float(z), side * 15.0, _front(spine, z) - 4, 3.6, 10.0) for z in range(75, 150, 5))
        yield _one(Tube(path=crus), Tissue.MUSCLE)


def _ribs(spine: Spine) -> Iterator[Organ]:
    for level in _RIBS:
        standing = spine.at(level)
        frame, vertebra = standing.frame, standing.vertebra
        top = float(vertebra.heights_mm[2]) / 2
        last = {Level.T12: 0.85, Level.T11: 1.35}.get(level, 2.45)
        for side in (-1, 1):
            head = frame.point(side * (vertebra.a_mm + 1.5), vertebra.b_mm * 0.75, top - 3)
            short = level in {Level.T11, Level.T12}
            tubercle = frame.point(side * (26 if short else 31), vertebra.b_mm + (13 if short else 16), 5)
            points = [head, tubercle, *_round(side, tubercle[2], last)]
            rods = tuple(
                Rod(start_mm=a, end_mm=b, radius_mm=2.9 if place else 3.2, tall=1.9 if place > 1 else 1.3)
                for place, (a, b) in enumerate(pairwise(points))
            )
            yield Organ(shapes=rods, tissue=Tissue.CORTEX, core=Tissue.MARROW, shells_mm=tuple(1.2 for _ in rods))
    for number, z in enumerate((318.0, 344.0, 370.0)):
        for side in (-1, 1):
            rods = tuple(
                Rod(start_mm=a, end_mm=b, radius_mm=2.9, tall=1.9)
                for a, b in pairwise(_round(side, z + 3 * number, 2.45))
            )
            yield Organ(shapes=rods, tissue=Tissue.CORTEX, core=Tissue.MARROW, shells_mm=tuple(1.2 for _ in rods))


def _round(side: int, z_mm: float, last: float) -> list[Point]:
    """Points of a rib along the chest wall, falling as it comes forward."""
    found = []
    for angle in np.arange(0.45, last + 0.01, 0.2):
        turn = float(angle)
        fall = 5 + 46 * (1 - cos(max(0.0, turn - 0.3))) if turn < 2.0 else 5 + 46 * (1 - cos(1.7))
        found.append((side * 143 * sin(turn), 91.5 * cos(turn), z_mm - fall))
    return found


def _pelvis() -> Iterator[Organ]:
    wings = tuple(
        Solid(centre_mm=(side * 92.0, 14.0, -112.0), semi_mm=(50, 5, 46), axes=turned(-51 * side)) for side in (-1, 1)
    )
    yield Organ(shapes=wings, tissue=Tissue.CORTEX, core=Tissue.MARROW, shells_mm=(1.6, 1.6))
