"""What a vertebra of the phantom is made of: body and arch in one shell of cortex, discs, and what the canal holds."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise

import numpy as np

from spinereview.domain.anatomy import Level
from spinereview.imaging.phantom_contrast import Tissue
from spinereview.imaging.phantom_grid import Point
from spinereview.imaging.phantom_shapes import Body, Organ, Rod, Shape, Solid, Tube
from spinereview.imaging.phantom_spine import RIM, Spine, Standing

_BODY_SHELL_MM, _ARCH_SHELL_MM = 1.0, 1.3
_CONUS = Level.L1
_SPINOUS = {Level.T12: (24, 4), Level.T11: (23, 6), Level.T10: (21, 13), Level.T9: (21, 20)}
"""How far thoracic spinous processes reach back and fall, where it is not as steeply as in the middle."""
_SACRAL = (Level.S1, Level.S2)
_CORD = {"a": 5.0, "b": 3.9}


def column(spine: Spine) -> Iterator[Organ]:
    """Everything of the spine, in the order of painting."""
    for lower, upper in pairwise(spine.standing):
        yield from _disc(lower, upper)
        yield from _foramina(lower, upper)
    for standing in spine.standing:
        yield _bone(standing)
        yield from _marrow(standing)
    yield from _canal(spine)


def _bone(standing: Standing) -> Organ:
    body = Body(
        frame=standing.frame,
        a_mm=standing.vertebra.a_mm,
        b_mm=standing.vertebra.b_mm,
        superior_mm=standing.superior_mm,
        inferior_mm=standing.inferior_mm,
        rim=RIM,
        waist=0.05 if standing.collapsed else 0.09,
    )
    if standing.level in _SACRAL:
        arch = list(_sacral(standing))
    else:
        arch = list(_thoracic(standing) if standing.vertebra.thoracic else _lumbar(standing))
    return Organ(
        shapes=(body, *arch),
        tissue=Tissue.CORTEX,
        core=Tissue.MARROW,
        shells_mm=(_BODY_SHELL_MM, *(_ARCH_SHELL_MM for _ in arch)),
    )


def _marrow(standing: Standing) -> Iterator[Organ]:
    """The basivertebral vein, and patches of denser trabeculae: the marrow of no vertebra is even."""
    frame, b = standing.frame, standing.vertebra.b_mm
    middle = (standing.superior_mm[1] + standing.inferior_mm[1]) / 2
    if standing.level in _SACRAL:
        return
    vein = Solid(centre_mm=frame.point(0, b * 0.62, middle), semi_mm=(3.2, b * 0.42, 1.5), axes=frame.axes)
    sides = [
        Solid(
            centre_mm=frame.point(4.5 * side, b * 0.25, middle), semi_mm=(5.5, 1.1, 1.1), axes=frame.turned(38 * side)
        )
        for side in (-1, 1)
    ]
    yield Organ(shapes=(vein, *sides), tissue=Tissue.VEIN_OF_BONE)
    random = np.random.default_rng(list(Level).index(standing.level))
    room = 0.5 * (standing.superior_mm[1] - standing.inferior_mm[1]) - 3.5
    if room < 3:
        return
    patches = []
    for _ in range(3):
        u, v = (float(random.uniform(-0.55, 0.55)) for _ in range(2))
        size = float(random.uniform(2.2, 4.0))
        at = frame.point(u * standing.vertebra.a_mm, v * b, middle + float(random.uniform(-0.5, 0.5)) * room)
        patches.append(Solid(centre_mm=at, semi_mm=(size * 1.5, size, min(size, room)), axes=frame.axes))
    yield Organ(shapes=tuple(patches), tissue=Tissue.DENSE_MARROW)


def _lumbar(standing: Standing) -> Iterator[Shape]:
    frame, back = standing.frame, standing.vertebra.b_mm
    low = standing.vertebra.heights_mm[2] / 2
    foot = -float(low)
    for side in (-1, 1):
        wide = 15.5 + (2.5 if standing.level is Level.L5 else 0)
        yield Solid(
            centre_mm=frame.point(side * wide, back + 3, 4.5),
            semi_mm=(4.4, 8, 7.2),
            axes=frame.turned(-6 * side),
            power=4,
        )
        yield Solid(centre_mm=frame.point(side * (wide + 0.5), back + 12, -1), semi_mm=(4.2, 4.4, 13), axes=frame.axes)
        yield _plate(standing, side, (6.8, back + 17.2, -4), (8.8, 2.9, 8.5), 38)
        yield Solid(
            centre_mm=frame.point(side * 19.2, back + 10.3, -foot + 1.5),
            semi_mm=(2.6, 6.4, 9.0),
            axes=frame.turned(-38 * side),
        )
        yield Solid(
            centre_mm=frame.point(side * 14.2, back + 15.6, foot - 3.5),
            semi_mm=(2.7, 6.0, 10.5),
            axes=frame.turned(-38 * side),
        )
        yield Rod(
            start_mm=frame.point(side * (wide + 1), back + 8, 4),
            end_mm=frame.point(side * 40, back + 11.5, 4.5),
            radius_mm=2.7,
            tall=1.7,
        )
    length = 13.0 if standing.level is not Level.L5 else 9.0
    yield Solid(centre_mm=frame.point(0, back + 21 + length, -8), semi_mm=(3.6, length, 9.5), axes=frame.axes, power=4)
    yield Solid(centre_mm=frame.point(0, back + 20 + 2 * length, -9), semi_mm=(4.2, 3.4, 8.0), axes=frame.axes)


def _thoracic(standing: Standing) -> Iterator[Shape]:
    frame, back = standing.frame, standing.vertebra.b_mm
    foot = -float(standing.vertebra.heights_mm[2] / 2)
    low = standing.level in {Level.T11, Level.T12}
    wide = 13.0 if low else 11.2
    for side in (-1, 1):
        yield Solid(
            centre_mm=frame.point(side * wide, back + 2.5, 4.5),
            semi_mm=(3.4, 7.5, 6.6),
            axes=frame.turned(-4 * side),
            power=4,
        )
        yield Solid(centre_mm=frame.point(side * (wide + 0.5), back + 11, -1), semi_mm=(3.8, 3.6, 11), axes=frame.axes)
        yield _plate(standing, side, (5.6, back + 15.0, -3), (7.4, 2.7, 9.5), 32)
        yield Solid(
            centre_mm=frame.point(side * 12.0, back + 10.2, -foot + 0.5),
            semi_mm=(5.2, 2.1, 6.5),
            axes=frame.turned(8 * side),
        )
        yield Solid(
            centre_mm=frame.point(side * 11.5, back + 15.3, foot - 2.5),
            semi_mm=(5.2, 2.1, 7.5),
            axes=frame.turned(8 * side),
        )
        tip = (side * 22.0, back + 17, 3.0) if low else (side * 30.0, back + 21, 5.0)
        yield Rod(start_mm=frame.point(side * wide, back + 11, 2), end_mm=frame.point(*tip), radius_mm=3.4, tall=1.4)
    length, fall = _SPINOUS.get(standing.level, (21, 24))
    start, end = frame.point(0, back + 16, -3), frame.point(0, back + 16 + length, -3 - fall)
    yield Rod(start_mm=start, end_mm=end, radius_mm=3.0, tall=2.0)


def _sacral(standing: Standing) -> Iterator[Shape]:
    frame, back = standing.frame, standing.vertebra.b_mm
    for side in (-1, 1):
        yield Solid(
            centre_mm=frame.point(side * 36, back - 6, 0), semi_mm=(19, 17, 14), axes=frame.turned(-18 * side), power=4
        )
        yield _plate(standing, side, (7.0, back + 16, -2), (9.5, 2.6, 12), 30)
        yield Solid(centre_mm=frame.point(side * 17, back + 9, 4), semi_mm=(5, 8, 11), axes=frame.axes)
    yield Solid(centre_mm=frame.point(0, back + 21, -4), semi_mm=(2.8, 5, 9), axes=frame.axes)


def _plate(standing: Standing, side: int, at: Point, semi_mm: Point, degrees: float) -> Solid:
    """A lamina: a plate that falls from the spinous process to the side and forward."""
    u, v, w = at
    return Solid(
        centre_mm=standing.frame.point(side * u, v, w),
        semi_mm=semi_mm,
        axes=standing.frame.turned(-side * degrees),
        power=4,
    )


def _disc(lower: Standing, upper: Standing) -> Iterator[Organ]:
    if upper.level in _SACRAL:
        return
    plate, floor = lower.endplate(superior=True), upper.endplate(superior=False)
    frame = type(lower.frame)(
        y_mm=(plate[1][1] + floor[1][1]) / 2,
        z_mm=(plate[1][2] + floor[1][2]) / 2,
        lean_deg=(lower.frame.lean_deg + upper.frame.lean_deg) / 2,
    )
    gap = ((plate[1][1] - floor[1][1]) ** 2 + (plate[1][2] - floor[1][2]) ** 2) ** 0.5
    half = gap / 2 + 2.5
    b = (lower.vertebra.b_mm + upper.vertebra.b_mm) / 2
    a = (lower.vertebra.a_mm + upper.vertebra.a_mm) / 2
    body = Body(
        frame=frame,
        a_mm=a - 0.3,
        b_mm=b - 0.2,
        superior_mm=(half, half, half),
        inferior_mm=(-half, -half, -half),
        rim=RIM,
        waist=-0.03,
        dish_mm=0.0,
    )
    yield Organ(shapes=(body,), tissue=Tissue.DISC)
    nucleus = Solid(centre_mm=frame.point(0, 1.0, 0), semi_mm=(0.58 * a, 0.52 * b, gap / 2), axes=frame.axes)
    yield Organ(shapes=(nucleus,), tissue=Tissue.NUCLEUS)


def _foramina(lower: Standing, upper: Standing) -> Iterator[Organ]:
    """Fat of the nerve's way out below the upper pedicle, and the nerve."""
    frame, back = upper.frame, upper.vertebra.b_mm
    foot = -float(upper.vertebra.heights_mm[2]) / 2
    wide = 13.0 if upper.vertebra.thoracic else 16.0
    fat: list[Shape] = []
    roots: list[Shape] = []
    for side in (-1, 1):
        fat.append(Solid(centre_mm=frame.point(side * wide, back + 5, foot + 1), semi_mm=(7, 5.5, 8), axes=frame.axes))
        roots.append(
            Solid(centre_mm=frame.point(side * (wide + 2), back + 5, foot + 4), semi_mm=(6, 2.4, 2.6), axes=frame.axes)
        )
    if lower.level not in _SACRAL or upper.level is Level.L5:
        yield Organ(shapes=tuple(fat), tissue=Tissue.FAT)
        yield Organ(shapes=tuple(roots), tissue=Tissue.ROOT)


def _canal(spine: Spine) -> Iterator[Organ]:
    """Epidural fat, the sac, the cord down to L1, the roots below it, and the ligament behind the bodies."""

    def along(grow: float, push: float, first: Level, last: Level, size: tuple[float, float] | None = None) -> Tube:
        listed = [
            one
            for one in spine.standing
            if list(Level).index(last) <= list(Level).index(one.level) <= list(Level).index(first)
        ]
        path = []
        for one in listed:
            wide = 8.3 if one.vertebra.thoracic else 10.2
            deep = 7.4 if one.vertebra.thoracic else 8.2
            a, b = size or (wide + grow, deep + grow)
            heights = float(one.vertebra.heights_mm[2])
            for w in (-heights * 0.4, heights * 0.4):
                x, y, z = one.frame.point(0, one.vertebra.b_mm + 9.3 + push, w)
                path.append((z, x, y, a, b))
        return Tube(path=tuple(path))

    top = spine.standing[-1].level
    yield Organ(shapes=(along(0.6, 0, Level.S2, top),), tissue=Tissue.EPIDURAL_FAT)
    yield Organ(shapes=(along(-1.6, -1.0, Level.S2, top),), tissue=Tissue.FLUID)
    yield Organ(shapes=(along(0, -1.2, _CONUS, top, (_CORD["a"], _CORD["b"])),), tissue=Tissue.CORD)
    conus = spine.at(_CONUS)
    x, y, z = conus.frame.point(0, conus.vertebra.b_mm + 8.1, -float(conus.vertebra.heights_mm[2]) * 0.4)
    tip = Solid(centre_mm=(x, y, z), semi_mm=(4.6, 3.6, 17))
    yield Organ(shapes=(tip,), tissue=Tissue.CORD)
    roots: list[Shape] = []
    lumbar = [one for one in spine.standing if not one.vertebra.thoracic]
    for number in range(12):
        angle = np.pi * (number / 11)
        u, v = 6.6 * float(np.cos(angle)), 2.6 + 2.6 * float(np.sin(angle))
        points = []
        for one in lumbar:
            px, py, pz = one.frame.point(u, one.vertebra.b_mm + 8.3 + v, 0)
            points.append((pz, px, py, 0.75, 0.75))
        roots.append(Tube(path=tuple(points)))
    yield Organ(shapes=tuple(roots), tissue=Tissue.ROOT)
