"""Volumes of labels, and their outlines on a shown plane: to look at, never marks and never measured."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from spinereview.domain.anatomy import Level
from spinereview.imaging.onto_plane import nearest, steps_on
from spinereview.imaging.slicing import Grid, PlaneSet

Lines = NDArray[np.int32]
"""Shape (lines, 4): column and row where each begins and ends; (0, 0) is the outer corner of the plane's first sample."""
LARGEST_LABEL = 65535
PARALLEL = 0.9999
"""Cosine of the angle (0.8 degrees) within which two axes count as parallel."""
SAME_STEP = 0.02
"""Share of a sample by which two grids may differ at any corner and still be one."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class LabelLayer:
    """Labels of one grid; 0 is nothing.

    Parameters
    ----------
    labels
        Shape (images, rows, columns), uint16.
    names
        What each label is.
    levels
        Labels that are one vertebra each.
    """

    grid: Grid
    labels: NDArray[np.uint16]
    names: Mapping[int, str]
    levels: Mapping[int, Level] = field(default_factory=dict)

    @property
    def present(self) -> tuple[int, ...]:
        """Labels that occur."""
        return _occurring(self.labels)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Outline:
    """Outline of one label on one plane."""

    name: str
    lines: Lines


def outlines_on(layer: LabelLayer, planes: PlaneSet, index: int, hidden: frozenset[int]) -> tuple[Outline, ...]:
    """Outlines of all labels that a plane cuts, along the edges of its samples."""
    steps = steps_on(planes, index, layer.grid)
    if steps is None:
        return ()
    plane = nearest(layer.labels, steps)
    found = [label for label in _occurring(plane) if label not in hidden]
    return tuple(Outline(name=layer.names.get(label, str(label)), lines=border(plane == label)) for label in found)


def _occurring(labels: NDArray[np.uint16]) -> tuple[int, ...]:
    """Labels that occur, 0 left out; counted, which is faster than sorting them."""
    return tuple(int(label) for label in np.flatnonzero(np.bincount(labels.ravel())) if label)


def label_samples(samples: NDArray[Any], *, rescaled: bool) -> NDArray[np.uint16] | None:
    """Samples as labels; None where they are no whole numbers from 0 on, or are rescaled."""
    whole = samples.dtype.kind in "iu" or bool((samples == np.rint(samples)).all())
    if rescaled or not whole or samples.min() < 0 or samples.max() > LARGEST_LABEL:
        return None
    return samples.astype(np.uint16)


def merged(layers: Sequence[LabelLayer]) -> LabelLayer | None:
    """All layers of one lattice as one; None where two labels share a sample, which one number cannot tell."""
    starts = np.array([layer.grid.origin_mm for layer in layers], dtype=np.float64)
    along = np.array(layers[0].grid.along_mm)
    places = np.rint((starts - starts[0]) @ np.linalg.inv(along)).astype(int)[:, 0]
    first = int(places.argmin())
    ends = [place + len(layer.labels) for place, layer in zip(places, layers, strict=True)]
    labels = np.zeros((max(ends) - int(places.min()), *layers[0].labels.shape[1:]), np.uint16)
    for place, layer in zip(places - places.min(), layers, strict=True):
        part = labels[place : place + len(layer.labels)]
        if ((part != 0) & (layer.labels != 0)).any():
            return None
        part += layer.labels
    return replace(layers[first], grid=replace(layers[first].grid, shape=labels.shape), labels=labels)


def border(mask: NDArray[np.bool_]) -> Lines:
    """Lines around what is set, each as long as it runs straight; upright ones last."""
    padded = np.pad(mask, 1)
    across = padded[1:, 1:-1] != padded[:-1, 1:-1]
    down = (padded[1:-1, 1:] != padded[1:-1, :-1]).T
    row, first, last = _runs(across)
    column, top, bottom = _runs(down)
    flat = np.stack([first, row, last, row], axis=1)
    upright = np.stack([column, top, column, bottom], axis=1)
    return np.concatenate([flat, upright]).astype(np.int32)


def _runs(edges: NDArray[np.bool_]) -> tuple[NDArray[np.intp], NDArray[np.intp], NDArray[np.intp]]:
    """Line, first and last place of every run of set samples."""
    turns = np.diff(np.pad(edges, ((0, 0), (1, 1))).astype(np.int8), axis=1)
    line, first = np.nonzero(turns == 1)
    _, last = np.nonzero(turns == -1)
    return line, first, last


def mismatch(labels: Grid, images: Grid) -> str:
    """How labels that name no frame of reference lie to images.

    Returns
    -------
    ``"OUTLINE_SAME_GRID"``; ``"OUTLINE_RESAMPLED"``: a part cut out of the images, or the same box with samples of another
    size; or why they are not laid over them:
    ``"OUTLINE_OTHER_ORIENTATION"``, ``"OUTLINE_ELSEWHERE"``, ``"OUTLINE_NO_POSITION"``.
    """
    if labels.origin_mm is None or images.origin_mm is None or not images.placed:
        return "OUTLINE_NO_POSITION"
    own, other = np.array(images.along_mm), np.array(labels.along_mm)
    cosines = np.abs(_units(other) @ _units(own).T)
    if (cosines.max(axis=1) < PARALLEL).any() or len(set(cosines.argmax(axis=1))) < 3:
        return "OUTLINE_OTHER_ORIENTATION"
    ends = np.array([(a, b, c) for a in (0, 1) for b in (0, 1) for c in (0, 1)])
    corners = np.array(labels.origin_mm) + (ends * (np.array(labels.shape) - 1)) @ other
    steps = (corners - np.array(images.origin_mm)) @ np.linalg.inv(own)
    low, high, last = steps.min(axis=0), steps.max(axis=0), np.array(images.shape) - 1
    # How large a sample of the labels is along each axis of the images, in samples of the images.
    size = np.abs(other @ np.linalg.inv(own)).max(axis=0)
    if (np.abs(size - 1) * np.maximum(high - low, 1) <= SAME_STEP).all():
        if max(np.abs(low).max(), np.abs(high - last).max()) <= SAME_STEP:
            return "OUTLINE_SAME_GRID"
        cut_out = (low >= -SAME_STEP).all() and (high <= last + SAME_STEP).all()
        on_samples = np.abs(low - np.rint(low)).max() <= SAME_STEP
        return "OUTLINE_RESAMPLED" if cut_out and on_samples else "OUTLINE_ELSEWHERE"
    before, after = np.abs(low - size / 2 + 0.5), np.abs(high + size / 2 - last - 0.5)
    same_box = (np.maximum(before, after) <= np.maximum(size, 1)).all()
    return "OUTLINE_RESAMPLED" if same_box else "OUTLINE_ELSEWHERE"


def _units(vectors: NDArray[np.float64]) -> NDArray[np.float64]:
    lengths: NDArray[np.float64] = np.linalg.norm(vectors, axis=1, keepdims=True)
    units: NDArray[np.float64] = vectors / lengths
    return units
