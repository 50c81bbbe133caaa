"""Paints the organs of a phantom over one another into images of any orientation, with the partial volume of each pixel.

A pixel on the edge of a shape is mixed by how much of it is covered; an image is the mean of thin sheets through its
thickness. Several weightings are painted at once, because where things lie is worked out only once.
"""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from itertools import groupby
from operator import attrgetter

import numpy as np
from numpy.typing import NDArray

from spinereview.imaging.phantom_contrast import Tissue, Weighting, values
from spinereview.imaging.phantom_grid import GridPlane, Image, PhantomGrid, Point
from spinereview.imaging.phantom_shapes import Coordinates, Organ
from spinereview.tasks import CancelToken, Progress, no_progress

_Places = NDArray[np.float64]
_THREADS = 2
_SHEET_MM = 1.3
"""Greatest distance of the sheets that an image is the mean of."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Sheet:
    """A plane of pixels without thickness.

    Parameters
    ----------
    middle_mm
        Point of the phantom in its middle.
    rows_mm, columns_mm
        Place of each row and column from there.
    """

    middle_mm: Point
    across: Point
    down: Point
    normal: Point
    rows_mm: Image
    columns_mm: Image

    @property
    def pixel_mm(self) -> float:
        """Mean side of a pixel."""
        return float(self.rows_mm[1] - self.rows_mm[0] + self.columns_mm[1] - self.columns_mm[0]) / 2

    def coordinates(self, rows: slice, columns: slice) -> tuple[Coordinates, Coordinates, Coordinates]:
        """Coordinates of a patch of pixels that broadcast to (rows, columns)."""
        found = []
        for axis in range(3):
            at: Coordinates = np.full((1, 1), self.middle_mm[axis], dtype=np.float32)
            if self.down[axis]:
                at = at + np.float32(self.down[axis]) * self.rows_mm[rows, None]
            if self.across[axis]:
                at = at + np.float32(self.across[axis]) * self.columns_mm[None, columns]
            found.append(at)
        return found[0], found[1], found[2]


@dataclass(frozen=True, slots=True, kw_only=True)
class Met:
    """A shape that a sheet may meet: its organ, its number in it, and the pixels of its box."""

    organ: int
    shape: int
    rows: slice
    columns: slice


class Scene:
    """Organs in the order of painting, with the boxes of all their shapes, so that a sheet asks them at once."""

    def __init__(self, organs: Sequence[Organ]) -> None:
        self.organs = tuple(organs)
        self._names = [(place, k) for place, organ in enumerate(self.organs) for k in range(len(organ.shapes))]
        boxes = [shape.box for organ in self.organs for shape in organ.shapes]
        self._centre = np.array([centre for centre, _ in boxes]).reshape(-1, 3)
        self._half = np.array([half for _, half in boxes]).reshape(-1, 3)

    def met(self, sheet: Sheet) -> list[Met]:
        """Shapes whose box meets a sheet, in the order of painting."""
        axes = np.array([sheet.across, sheet.down, sheet.normal]).T
        place, reach = (self._centre - np.array(sheet.middle_mm)) @ axes, self._half @ np.abs(axes)
        pad = 2 * sheet.pixel_mm
        first_column, last_column = _within(sheet.columns_mm, place[:, 0], reach[:, 0] + pad)
        first_row, last_row = _within(sheet.rows_mm, place[:, 1], reach[:, 1] + pad)
        near = (np.abs(place[:, 2]) <= reach[:, 2]) & (first_column < last_column) & (first_row < last_row)
        return [
            Met(
                organ=self._names[k][0],
                shape=self._names[k][1],
                rows=slice(int(first_row[k]), int(last_row[k])),
                columns=slice(int(first_column[k]), int(last_column[k])),
            )
            for k in np.flatnonzero(near)
        ]


def sheets(grid: PhantomGrid, index: int) -> list[Sheet]:
    """Sheets that an image is the mean of."""
    slab = float(grid.slab_mm)
    count = max(2, round(slab / _SHEET_MM))
    normal, middle = _floats(grid.normal), _floats(grid.middle_of(index))
    rows, columns = grid.rows_mm(), grid.columns_mm()
    made = []
    for number in range(count):
        depth = slab * ((number + 0.5) / count - 0.5)
        x, y, z = (m + depth * n for m, n in zip(middle, normal, strict=True))
        made.append(
            Sheet(
                middle_mm=(x, y, z),
                across=_floats(grid.row_direction),
                down=_floats(grid.column_direction),
                normal=normal,
                rows_mm=rows,
                columns_mm=columns,
            )
        )
    return made


def paint(image: Image, sheet: Sheet, scene: Scene, weightings: tuple[Weighting, ...]) -> None:
    """Paint organs over a sheet in place, shape (weightings, rows, columns)."""
    pixel = sheet.pixel_mm
    for place, group in groupby(scene.met(sheet), key=attrgetter("organ")):
        organ = scene.organs[place]
        outer, found = values(organ.tissue, weightings), []
        for met in group:
            part = image[:, met.rows, met.columns]
            distance = organ.shapes[met.shape].distance_mm(*sheet.coordinates(met.rows, met.columns))
            _mix(part, distance, pixel, outer)
            if organ.core is not None:
                found.append((part, distance + organ.shells_mm[met.shape]))
        if organ.core is not None:
            inner = values(organ.core, weightings)
            for part, deep in found:
                _mix(part, deep, pixel, inner)


def _mix(part: Image, distance: Coordinates, pixel: float, brightness: NDArray[np.float32]) -> None:
    covered = np.clip(0.5 - distance / pixel, 0, 1)
    part += covered * (brightness - part)


def render(
    grid: PhantomGrid,
    backdrop: Sequence[Organ],
    organs: Sequence[Organ],
    weightings: tuple[Weighting, ...] = (Weighting.CT,),
    *,
    cancel: CancelToken | None = None,
    progress: Progress = no_progress,
) -> Image:
    """Images without noise: shape (weightings, slices, rows, columns).

    Parameters
    ----------
    backdrop
        What is the same at every height, painted before the organs.

    Raises
    ------
    Cancelled
        The user asked for it.
    """
    volume = np.zeros((len(weightings), grid.slices, grid.rows, grid.columns), dtype=np.float32)
    air = np.empty((len(weightings), grid.rows, grid.columns), dtype=np.float32)
    air[:] = values(Tissue.AIR, weightings)
    same = grid.plane is GridPlane.AXIAL and not grid.tilt_mm
    behind, scene = Scene(backdrop), Scene(organs)
    if same:
        paint(air, sheets(grid, 0)[0], behind, weightings)

    def one(index: int) -> None:
        if cancel is not None and cancel.cancelled:
            return
        cut = sheets(grid, index)
        for sheet in cut:
            layer = air.copy()
            if not same:
                paint(layer, sheet, behind, weightings)
            paint(layer, sheet, scene, weightings)
            volume[:, index] += layer
        volume[:, index] /= len(cut)

    with ThreadPoolExecutor(_THREADS, thread_name_prefix="phantom") as executor:
        for done, _ in enumerate(executor.map(one, range(grid.slices)), start=1):
            progress(done, grid.slices)
    if cancel is not None:
        cancel.check()
    return volume


def add(volume: Image, grid: PhantomGrid, organs: Sequence[Organ], weightings: tuple[Weighting, ...]) -> None:
    """Paint organs over images in place, as if they had been painted last; shape (weightings, slices, rows, columns)."""
    scene = Scene(organs)

    def one(index: int) -> None:
        cut = sheets(grid, index)
        touched = [met for sheet in cut for met in scene.met(sheet)]
        if not touched:
            return
        rows = slice(min(met.rows.start for met in touched), max(met.rows.stop for met in touched))
        columns = slice(min(met.columns.start for met in touched), max(met.columns.stop for met in touched))
        before = volume[:, index].copy()
        total = np.zeros_like(before[:, rows, columns])
        for sheet in cut:
            layer = before.copy()
            paint(layer, sheet, scene, weightings)
            total += layer[:, rows, columns]
        volume[:, index, rows, columns] = total / len(cut)

    with ThreadPoolExecutor(_THREADS, thread_name_prefix="phantom") as executor:
        list(executor.map(one, range(grid.slices)))


def _within(centres: Image, middle: _Places, reach: _Places) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """First pixel within reach of each place, and the first one beyond."""
    return np.searchsorted(centres, middle - reach), np.searchsorted(centres, middle + reach)


def _floats(vector: tuple[object, object, object]) -> Point:
    x, y, z = (float(str(part)) for part in vector)
    return x, y, z
