"""Shapes of the phantom: each tells how far points lie from its surface, to first order, and the box that holds it.

A shape is asked with coordinate arrays that broadcast against one another, so that on a plane along the axes it works with
rows and columns instead of a whole image.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import cos, hypot, radians, sin
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from spinereview.imaging.phantom_contrast import Tissue
from spinereview.imaging.phantom_grid import Point

Coordinates = NDArray[np.floating[Any]]
Axes = tuple[Point, Point, Point]
Box = tuple[Point, Point]
"""Centre and half sides of a box along the axes of the phantom."""

UPRIGHT: Axes = ((1.0, 0.0, 0.0), (0.0, 1.0, 0.0), (0.0, 0.0, 1.0))
_TINY = 1e-6
EVERYWHERE_MM = 1e4


class Shape(Protocol):
    """Something with a surface."""

    @property
    def box(self) -> Box:
        """A box that holds it."""
        ...

    def distance_mm(self, x: Coordinates, y: Coordinates, z: Coordinates) -> Coordinates:
        """Signed distance of points to the surface to first order, negative inside; exact enough near the surface."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Organ:
    """Shapes that are painted as one: first all of them, then, where it has a core, what lies deeper than their shells.

    Parameters
    ----------
    shells_mm
        Thickness of the shell of each shape; empty where there is no core.
    """

    shapes: tuple[Shape, ...]
    tissue: Tissue
    core: Tissue | None = None
    shells_mm: tuple[float, ...] = ()

    def __post_init__(self) -> None:
        wanted = len(self.shapes) if self.core is not None else 0
        if len(self.shells_mm) != wanted:
            raise ValueError(self.shells_mm)


def turned(z_deg: float = 0.0, x_deg: float = 0.0) -> Axes:
    """Axes turned about z from x towards y, then about x: a positive ``x_deg`` leans the third axis forward."""
    c, s = cos(radians(z_deg)), sin(radians(z_deg))
    cx, sx = cos(radians(x_deg)), sin(radians(x_deg))
    return (c, s * cx, s * sx), (-s, c * cx, c * sx), (0.0, -sx, cx)


def along(direction: Point, x: Coordinates, y: Coordinates, z: Coordinates) -> Coordinates:
    """Component along a direction, without work for parts that are 0."""
    parts = [d * c for d, c in zip(direction, (x, y, z), strict=True) if d]
    return sum(parts[1:], parts[0])


@dataclass(frozen=True, slots=True, kw_only=True)
class Solid:
    """``|u|**power + |v|**power + |w|**power = 1``: power 2 is an ellipsoid, 4 a box with round edges."""

    centre_mm: Point
    semi_mm: Point
    axes: Axes = UPRIGHT
    power: int = 2

    @property
    def box(self) -> Box:
        """A box that holds it."""
        if self.power == 2:
            half = [sum((self.semi_mm[k] * self.axes[k][axis]) ** 2 for k in range(3)) ** 0.5 for axis in range(3)]
        else:
            half = [sum(abs(self.semi_mm[k] * self.axes[k][axis]) for k in range(3)) for axis in range(3)]
        return self.centre_mm, (half[0], half[1], half[2])

    def distance_mm(self, x: Coordinates, y: Coordinates, z: Coordinates) -> Coordinates:
        """Signed distance."""
        dx, dy, dz = x - self.centre_mm[0], y - self.centre_mm[1], z - self.centre_mm[2]
        u, v, w = (along(axis, dx, dy, dz) / semi for axis, semi in zip(self.axes, self.semi_mm, strict=True))
        a, b, c = (1 / semi for semi in self.semi_mm)
        u2, v2, w2 = u * u, v * v, w * w
        if self.power == 2:
            radius = np.sqrt(u2 + v2 + w2) + _TINY
            slope = np.sqrt(u2 * (a * a) + v2 * (b * b) + w2 * (c * c)) / radius
        else:
            radius = np.sqrt(np.sqrt(u2 * u2 + v2 * v2 + w2 * w2)) + _TINY
            cubes = u2**3 * (a * a) + v2**3 * (b * b) + w2**3 * (c * c)
            slope = np.sqrt(cubes) / radius**3
        distance: Coordinates = (radius - 1) / (slope + _TINY)
        return distance


@dataclass(frozen=True, slots=True, kw_only=True)
class Column:
    """A superellipse in the axial plane that is the same at every height."""

    x_mm: float
    y_mm: float
    a_mm: float
    b_mm: float
    power: float = 2.0

    @property
    def box(self) -> Box:
        """A box that holds it."""
        return (self.x_mm, self.y_mm, 0.0), (self.a_mm, self.b_mm, EVERYWHERE_MM)

    def distance_mm(self, x: Coordinates, y: Coordinates, z: Coordinates) -> Coordinates:
        """Signed distance."""
        u, v = np.abs(x - self.x_mm) / self.a_mm, np.abs(y - self.y_mm) / self.b_mm
        p = self.power
        radius = (u**p + v**p) ** (1 / p) + _TINY
        slope = np.sqrt((u ** (p - 1) / self.a_mm) ** 2 + (v ** (p - 1) / self.b_mm) ** 2) / radius ** (p - 1)
        distance: Coordinates = (radius - 1) / (slope + _TINY) + 0 * z
        return distance


@dataclass(frozen=True, slots=True, kw_only=True)
class Tube:
    """Ellipses along a path: rows (z, x, y, a, b) in millimetres with z rising, interpolated between."""

    path: tuple[tuple[float, float, float, float, float], ...]

    @property
    def box(self) -> Box:
        """A box that holds it."""
        low = [min(p[1] - p[3] for p in self.path), min(p[2] - p[4] for p in self.path), self.path[0][0]]
        high = [max(p[1] + p[3] for p in self.path), max(p[2] + p[4] for p in self.path), self.path[-1][0]]
        centre = [(a + b) / 2 for a, b in zip(low, high, strict=True)]
        half = [(b - a) / 2 for a, b in zip(low, high, strict=True)]
        return (centre[0], centre[1], centre[2]), (half[0], half[1], half[2])

    def distance_mm(self, x: Coordinates, y: Coordinates, z: Coordinates) -> Coordinates:
        """Signed distance in the axial plane, and to the ends."""
        heights = [point[0] for point in self.path]
        at = [np.interp(z, heights, [point[k] for point in self.path]).astype(np.float32) for k in range(1, 5)]
        u, v = (x - at[0]) / at[2], (y - at[1]) / at[3]
        radius = np.sqrt(u * u + v * v) + _TINY
        slope = np.sqrt((u / at[2]) ** 2 + (v / at[3]) ** 2) / radius
        sides = (radius - 1) / (slope + _TINY)
        distance: Coordinates = np.maximum(sides, np.maximum(heights[0] - z, z - heights[-1]))
        return distance


@dataclass(frozen=True, slots=True, kw_only=True)
class Rod:
    """A straight rod with round ends, ``tall`` times as wide along z as across."""

    start_mm: Point
    end_mm: Point
    radius_mm: float
    tall: float = 1.0

    @property
    def box(self) -> Box:
        """A box that holds it."""
        centre = [(a + b) / 2 for a, b in zip(self.start_mm, self.end_mm, strict=True)]
        half = [abs(b - a) / 2 + self.radius_mm * self.tall for a, b in zip(self.start_mm, self.end_mm, strict=True)]
        return (centre[0], centre[1], centre[2]), (half[0], half[1], half[2])

    def distance_mm(self, x: Coordinates, y: Coordinates, z: Coordinates) -> Coordinates:
        """Signed distance."""
        way = [b - a for a, b in zip(self.start_mm, self.end_mm, strict=True)]
        dx, dy, dz = x - self.start_mm[0], y - self.start_mm[1], z - self.start_mm[2]
        length2 = sum(w * w for w in way) or 1.0
        t = np.clip((dx * way[0] + dy * way[1] + dz * way[2]) / length2, 0, 1)
        rx, ry, rz = dx - t * way[0], dy - t * way[1], (dz - t * way[2]) / self.tall
        distance: Coordinates = np.sqrt(rx * rx + ry * ry + rz * rz) - self.radius_mm
        return distance


@dataclass(frozen=True, slots=True, kw_only=True)
class Frame:
    """A frame that stands in the mid-sagittal plane and leans forward: u to the left, v to the back, w up.

    Parameters
    ----------
    y_mm, z_mm
        Its origin.
    lean_deg
        By how much w leans forward.
    """

    y_mm: float
    z_mm: float
    lean_deg: float

    @property
    def axes(self) -> Axes:
        """Directions of u, v and w."""
        return turned(x_deg=self.lean_deg)

    def point(self, u: float, v: float, w: float) -> Point:
        """Point of the phantom."""
        c, s = cos(radians(self.lean_deg)), sin(radians(self.lean_deg))
        return u, self.y_mm + v * c - w * s, self.z_mm + v * s + w * c

    def turned(self, degrees: float) -> Axes:
        """Axes turned about w, from u towards v."""
        return turned(z_deg=degrees, x_deg=self.lean_deg)


@dataclass(frozen=True, slots=True, kw_only=True)
class Body:
    """A vertebral body or a disc: between two curved plates, round in front, flat at the back, with a waist.

    Parameters
    ----------
    a_mm, b_mm
        Half of its width and of its depth.
    superior_mm, inferior_mm
        Heights w of the two plates on the mid-sagittal plane: in front, in the middle, at the back.
    rim
        Where front and back heights are given, in parts of ``b_mm`` from the middle.
    waist
        By which part it is narrower half-way up; negative: it bulges.
    dish_mm
        By how much the plates rise from the mid-sagittal plane to the sides.
    """

    frame: Frame
    a_mm: float
    b_mm: float
    superior_mm: Point
    inferior_mm: Point
    rim: float
    waist: float = 0.08
    dish_mm: float = 1.2

    @property
    def box(self) -> Box:
        """A box that holds it."""
        tall = max(map(abs, (*self.superior_mm, *self.inferior_mm))) + 2 + abs(self.dish_mm)
        half = hypot(self.b_mm * 1.2, tall)
        return (0.0, self.frame.y_mm, self.frame.z_mm), (self.a_mm * 1.2, half, half)

    def distance_mm(self, x: Coordinates, y: Coordinates, z: Coordinates) -> Coordinates:
        """Signed distance."""
        dy, dz = y - self.frame.y_mm, z - self.frame.z_mm
        _, back_axis, up_axis = self.frame.axes
        v, w = along(back_axis, x, dy, dz), along(up_axis, x, dy, dz)
        top, bottom = (self._plate(v, heights) for heights in (self.superior_mm, self.inferior_mm))
        dish = self.dish_mm / self.a_mm**2 * (x * x)
        plates = np.maximum(w - top - dish, bottom - dish - w)
        place = np.clip((2 * w - top - bottom) / np.maximum(top - bottom, 1), -1, 1)
        shrink = 1 / (1 - self.waist * (1 - place * place))
        u, back = x * shrink, v * shrink
        a, b = self.a_mm, 1.25 * self.b_mm
        p, q = u / a, (back - 0.25 * self.b_mm) / b
        radius = np.sqrt(p * p + q * q) + _TINY
        slope = np.sqrt((p / a) ** 2 + (q / b) ** 2) / radius
        wall = np.maximum((radius - 1) / (slope + _TINY), back - self.b_mm + 0.8 - 0.8 / a**2 * (u * u))
        distance: Coordinates = np.maximum(wall, plates)
        return distance

    def _plate(self, v: Coordinates, heights_mm: Point) -> Coordinates:
        """Height of a plate: the parabola through its three heights."""
        front, middle, back = heights_mm
        reach = self.rim * self.b_mm
        t = v / reach
        plate: Coordinates = middle + (back - front) / 2 * t + ((front + back) / 2 - middle) * t * t
        return plate
