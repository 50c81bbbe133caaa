"""The anatomy of the phantom: a stylised trunk from T8 to L3, listed in the order in which it is painted.

Coordinates as in :mod:`spinereview.imaging.phantom`; z = 0 lies in the body of L3. Sizes are those of an adult, heights of
vertebral bodies and discs and Hounsfield units as in an enhanced CT in the portal venous phase, rounded.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise
from math import pi

import numpy as np

from spinereview.domain.anatomy import Level
from spinereview.imaging.phantom import Ellipsoid, Outline, Shape, Tube

TOP_MM = 220.0
"""Highest plane that the anatomy fills."""
_FAT, _MUSCLE, _MARROW, _CORTEX, _DISC = -100.0, 55.0, 170.0, 620.0, 85.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Vertebra:
    """A vertebra: the middle of its body, and the body's whole height and semi-axes."""

    level: Level
    z_mm: float
    height_mm: float
    a_mm: float
    b_mm: float
    thoracic: bool

    @property
    def y_mm(self) -> float:
        """Middle of the body from front to back."""
        return spine_y_mm(self.z_mm)


def _vertebra(level: Level, z_mm: float, height_mm: float, a_mm: float, b_mm: float) -> Vertebra:
    return Vertebra(
        level=level, z_mm=z_mm, height_mm=height_mm, a_mm=a_mm, b_mm=b_mm, thoracic=level.value.startswith("T")
    )


VERTEBRAE = (
    _vertebra(Level.L3, 7, 28, 25, 17.5),
    _vertebra(Level.L2, 43, 27.5, 24, 17),
    _vertebra(Level.L1, 78, 26.5, 22.5, 16.5),
    _vertebra(Level.T12, 110.5, 25, 20.5, 16),
    _vertebra(Level.T11, 140, 23.5, 18.5, 15.5),
    _vertebra(Level.T10, 167.5, 22, 17, 15),
    _vertebra(Level.T9, 193.5, 21, 16, 14.5),
    _vertebra(Level.T8, 218.5, 20.5, 15.5, 14),
)
"""From the feet up."""


def spine_y_mm(z_mm: float) -> float:
    """Middle of the vertebral bodies from front to back: lordosis below, kyphosis above."""
    return float(np.interp(z_mm, (0, 45, 80, 140, 220), (22, 24, 29, 38, 43)))


def wall() -> tuple[tuple[Outline, float], ...]:
    """What is the same at every height, in the order of painting: couch, skin, fat, muscles, fat of the cavity."""
    return (
        (Outline(x_mm=0, y_mm=176, a_mm=260, b_mm=52, power=4), -650),
        (Outline(x_mm=0, y_mm=180, a_mm=256, b_mm=52, power=4), -985),
        (Outline(x_mm=0, y_mm=0, a_mm=166, b_mm=114, power=2.3), 25),
        (Outline(x_mm=0, y_mm=0, a_mm=164, b_mm=112, power=2.3), _FAT),
        (Outline(x_mm=0, y_mm=0, a_mm=148, b_mm=97, power=2.3), _MUSCLE),
        (Outline(x_mm=0, y_mm=-5, a_mm=138, b_mm=86, power=2.3), _FAT),
    )


def organs() -> tuple[Shape, ...]:
    """Everything within the wall but lesions, in the order of painting."""
    return (*_chest(), *_abdomen(), *_vessels(), *_muscles(), *_ribs(), *_spine())


def _chest() -> Iterator[Shape]:
    for side in (-1, 1):
        lung = Ellipsoid(centre_mm=(side * 74, 2, 240), semi_mm=(58, 76, 125), hu=-850, flatness=10)
        yield lung
        yield from _vessels_of_lung(side)
    yield Ellipsoid(centre_mm=(70, -6, 100), semi_mm=(66, 78, 74), hu=50)
    yield Ellipsoid(centre_mm=(70, -6, 100), semi_mm=(64, 76, 72), hu=_FAT)
    yield Tube(path=((-10, 0, -5, 134, 83), (98, 0, -5, 134, 83)), hu=_FAT)  # below the left dome
    yield Ellipsoid(centre_mm=(-66, -8, 112), semi_mm=(71, 79, 72), hu=50)
    yield Tube(path=((150, 0, -8, 26, 60), (TOP_MM + 10, 0, -8, 26, 60)), hu=_FAT)  # mediastinum
    yield Ellipsoid(centre_mm=(22, -38, 235), semi_mm=(50, 37, 55), hu=40)
    yield Ellipsoid(centre_mm=(22, -38, 235), semi_mm=(46, 33, 51), hu=135)


def _vessels_of_lung(side: int) -> Iterator[Shape]:
    random = np.random.default_rng(29 + side)
    for _ in range(34):
        angle, share = random.uniform(0, 2 * pi), random.uniform(0.1, 0.85)
        x, y = side * 74 + 52 * share * np.cos(angle), 2 + 70 * share * np.sin(angle)
        size = random.uniform(1.0, 2.6)
        yield Ellipsoid(
            centre_mm=(float(x), float(y), float(random.uniform(135, 220))),
            semi_mm=(size, size, float(random.uniform(8, 25))),
            hu=30,
            lean=(float(random.uniform(-0.5, 0.5)), float(random.uniform(-0.5, 0.5))),
        )


def _abdomen() -> Iterator[Shape]:
    yield Ellipsoid(centre_mm=(-66, -8, 111), semi_mm=(69, 77, 70.5), hu=108)  # liver
    yield Ellipsoid(centre_mm=(-40, -45, 72), semi_mm=(16, 22, 24), hu=12)  # gall bladder
    yield Ellipsoid(centre_mm=(98, 24, 122), semi_mm=(27, 42, 48), hu=120, angle_deg=12)  # spleen
    yield Ellipsoid(centre_mm=(58, -38, 128), semi_mm=(50, 36, 50), hu=60)  # stomach, its content, its gas
    yield Ellipsoid(centre_mm=(58, -38, 128), semi_mm=(46, 32, 46), hu=22)
    yield Ellipsoid(centre_mm=(58, -58, 128), semi_mm=(30, 11, 34), hu=-930)
    yield Ellipsoid(centre_mm=(18, -12, 84), semi_mm=(52, 10, 14), hu=100, lean=(0.6, 0))  # pancreas
    for side in (-1, 1):
        centre = (side * 58, 34, 82 + 4 * side)
        yield Ellipsoid(centre_mm=centre, semi_mm=(27, 24, 54), hu=185, angle_deg=-25 * side, lean=(-0.12 * side, 0))
        yield Ellipsoid(centre_mm=centre, semi_mm=(18, 15, 42), hu=150, angle_deg=-25 * side, lean=(-0.12 * side, 0))
        inner = (centre[0] - 6 * side, centre[1] - 6, centre[2])
        yield Ellipsoid(centre_mm=inner, semi_mm=(13, 8, 26), hu=-90, angle_deg=-25 * side, lean=(-0.12 * side, 0))
    yield from _bowel()


def _bowel() -> Iterator[Shape]:
    random = np.random.default_rng(7)
    for place in range(16):
        x = -105 + 210 * (place % 8) / 7
        y = -52 + 24 * (place // 8) + random.uniform(-8, 8)
        z = random.uniform(0, 46)
        semi = (float(random.uniform(12, 18)), float(random.uniform(10, 14)), float(random.uniform(16, 30)))
        centre = (x, float(y), float(z))
        inner = (semi[0] - 2.5, semi[1] - 2.5, semi[2] - 2.5)
        yield Ellipsoid(centre_mm=centre, semi_mm=semi, hu=85)
        yield Ellipsoid(centre_mm=centre, semi_mm=inner, hu=18)
        if place % 3 == 0:
            gas = (inner[0] * 0.8, inner[1] * 0.5, inner[2] * 0.8)
            yield Ellipsoid(centre_mm=(x, float(y) - inner[1] * 0.45, float(z)), semi_mm=gas, hu=-900)


def _vessels() -> Iterator[Shape]:
    def along(x: float, gap: float, size: float, hu: float) -> Tube:
        path = []
        for z in range(-10, int(TOP_MM) + 11, 10):
            front = float(np.interp(z, (0, 220), (17.5, 14)))
            path.append((float(z), x, spine_y_mm(z) - front - gap, size, size))
        return Tube(path=tuple(path), hu=hu)

    yield along(9, 13, 11.2, 60)  # wall of the aorta, its lumen
    yield along(9, 13, 10, 175)
    yield along(-20, 11, 11, 150)  # inferior vena cava
    for z in (30.0, 55.0):
        y = spine_y_mm(z) - 17.5 - 13
        yield Ellipsoid(centre_mm=(19, y + 2, z), semi_mm=(2, 5, 9), hu=700, angle_deg=20)  # plaques


def _muscles() -> Iterator[Shape]:
    for side in (-1, 1):
        erector = tuple(
            (float(z), side * 32.0, spine_y_mm(z) + 42, 25.0, float(np.interp(z, (0, 220), (21, 15))))
            for z in range(-10, int(TOP_MM) + 11, 10)
        )
        yield Tube(path=erector, hu=_MUSCLE + 5, power=2.6)
        psoas = tuple(
            (
                float(z),
                side * float(np.interp(z, (0, 100), (40, 27))),
                spine_y_mm(z) + 4,
                float(np.interp(z, (0, 60, 115), (18, 13, 3))),
                float(np.interp(z, (0, 60, 115), (20, 15, 3))),
            )
            for z in range(-10, 116, 5)
        )
        yield Tube(path=psoas, hu=_MUSCLE + 5)
        crus = tuple((float(z), side * 15.0, spine_y_mm(z) - 20, 4.0, 11.0) for z in range(75, 150, 5))
        yield Tube(path=crus, hu=_MUSCLE)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Rib:
    """A piece of a rib: an ellipse that moves forward along the chest wall as it descends."""

    side: int
    z_mm: float
    start: float
    hu: float
    size_mm: float

    def outline(self, z_mm: float) -> Outline | None:
        fall = self.z_mm - z_mm
        if not 0 <= fall <= 60:
            return None
        angle = self.start + fall / 60 * 1.9
        x, y = 141 * np.sin(angle), 92 * np.cos(angle)
        direction = float(np.degrees(np.arctan2(-92 * np.sin(angle), 141 * np.cos(angle))))
        return Outline(
            x_mm=self.side * float(x),
            y_mm=float(y),
            a_mm=self.size_mm + 8,
            b_mm=self.size_mm,
            angle_deg=self.side * direction,
        )


def _ribs() -> Iterator[Shape]:
    for vertebra in VERTEBRAE:
        if not vertebra.thoracic:
            continue
        for side in (-1, 1):
            yield _Rib(side=side, z_mm=vertebra.z_mm + 6, start=0.42, hu=_CORTEX, size_mm=4.2)
            yield _Rib(side=side, z_mm=vertebra.z_mm + 6, start=0.42, hu=_MARROW, size_mm=2.4)
            neck = (side * 36.0, vertebra.y_mm + vertebra.b_mm + 10, vertebra.z_mm + 8)
            for shrink, hu in ((0.0, _CORTEX), (1.6, _MARROW)):
                yield Ellipsoid(
                    centre_mm=neck, semi_mm=(24 - shrink, 5 - shrink, 6 - shrink), hu=hu, angle_deg=side * 34
                )
    for z in (150.0, 176.0, 202.0, 228.0, 254.0, 280.0):
        for side in (-1, 1):
            yield _Rib(side=side, z_mm=z, start=2.1, hu=_CORTEX - 250, size_mm=4.2)


def _spine() -> Iterator[Shape]:
    for lower, upper in pairwise(VERTEBRAE):
        z = (lower.z_mm + lower.height_mm / 2 + upper.z_mm - upper.height_mm / 2) / 2
        yield Ellipsoid(
            centre_mm=(0, spine_y_mm(z), z),
            semi_mm=(lower.a_mm - 0.5, lower.b_mm - 0.5, upper.z_mm - upper.height_mm / 2 - z + 1),
            hu=_DISC,
            flatness=6,
            power=2.4,
        )
    for vertebra in VERTEBRAE:
        yield from _posterior(vertebra)
        yield from _body(vertebra)
    yield from _canal()


def _body(vertebra: Vertebra) -> Iterator[Shape]:
    half = vertebra.height_mm / 2
    for shrink, hu in ((0.0, _CORTEX), (1.5, _MARROW)):
        yield Ellipsoid(
            centre_mm=(0, vertebra.y_mm, vertebra.z_mm),
            semi_mm=(vertebra.a_mm - shrink, vertebra.b_mm - shrink, half - shrink),
            hu=hu,
            flatness=9,
            power=2.4,
        )
    # The basivertebral vein, and a patch of denser trabeculae: the marrow of no vertebra is even.
    yield Ellipsoid(centre_mm=(0, vertebra.y_mm + 8, vertebra.z_mm), semi_mm=(2, 9, 3), hu=100)
    yield Ellipsoid(
        centre_mm=(-6, vertebra.y_mm - 4, vertebra.z_mm + 3), semi_mm=(7, 6, 6), hu=_MARROW + 45, angle_deg=30
    )


def _posterior(vertebra: Vertebra) -> Iterator[Shape]:
    """Neural arch, pedicles, articular, transverse and spinous processes: cortex, then marrow."""
    back = vertebra.y_mm + vertebra.b_mm
    z, reach = vertebra.z_mm, (30.0 if vertebra.thoracic else 34.0)
    drop = 1.1 if vertebra.thoracic else 0.15
    for shrink, hu in ((0.0, _CORTEX), (1.6, _MARROW + 60)):
        arch = 7 if vertebra.thoracic else 8
        yield Ellipsoid(
            centre_mm=(0, back + 7, z - 3), semi_mm=(17 - shrink, 14 - shrink, arch + 5 - shrink), hu=hu, flatness=4
        )
        yield Ellipsoid(
            centre_mm=(0, back + 34, z - 7 - 6 * drop),
            semi_mm=(3.4 - shrink, reach / 2 + 3 - shrink, 8 - shrink),
            hu=hu,
            flatness=4,
            lean=(0, -drop),
        )
        for side in (-1, 1):
            yield Ellipsoid(
                centre_mm=(side * (vertebra.a_mm * 0.62), back + 1, z + 5),
                semi_mm=(4.6 - shrink, 11 - shrink, 6.5 - shrink),
                hu=hu,
                flatness=4,
                angle_deg=side * 8,
            )
            yield Ellipsoid(
                centre_mm=(side * 17, back + 13, z), semi_mm=(7 - shrink, 7 - shrink, 14 - shrink), hu=hu, flatness=4
            )
            yield Ellipsoid(
                centre_mm=(side * 31, back + 12, z + 3),
                semi_mm=(15 - shrink, 4.5 - shrink, 5.5 - shrink),
                hu=hu,
                angle_deg=side * (30 if vertebra.thoracic else -6),
            )


def _canal() -> Iterator[Shape]:
    def along(a: float, b: float, hu: float, first: float, push: float) -> Tube:
        path = []
        for z in (first, *range(int(first) // 10 * 10 + 10, int(TOP_MM) + 11, 10)):
            depth = float(np.interp(z, (0, 220), (17.5, 14)))
            path.append((float(z), 0.0, spine_y_mm(z) + depth + 8 + push, a, b))
        return Tube(path=tuple(path), hu=hu)

    yield along(10.5, 8.5, -60, -10, 0)  # epidural fat, the sac, the cord down to L1
    yield along(8.5, 7, 18, -10, -0.5)
    yield along(4.6, 3.6, 42, 78, -0.5)
