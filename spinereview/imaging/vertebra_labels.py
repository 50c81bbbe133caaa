"""Vertebrae in volumes of labels: which label is which level by its name, where it lies, and what lies at a point.

A name counts as a level only where it says nothing else: ``vertebrae_L1``, ``L1``, ``L1 vertebra`` do, a disc, a rib or a
sacrum as a whole do not. Positions are micrometres, LPS.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from spinereview.domain.anatomy import Level
from spinereview.domain.measurement import PointUm
from spinereview.imaging.labels import LARGEST_LABEL, LabelLayer

_NAMED = re.compile(
    r"(?:vertebrae?[ _-]*|vert[ _-]*)?([ctls]\d{1,2})(?:[ _-]*vertebra[el]?)?(?:[ _-]*body)?", re.IGNORECASE
)


@dataclass(frozen=True, slots=True, kw_only=True)
class LabelledVertebra:
    """A vertebra of a segmentation, and the middle of its samples."""

    level: Level
    centre_um: PointUm


def level_named(name: str) -> Level | None:
    """Level that a name says.

    >>> level_named("vertebrae_T12"), level_named("L1 vertebra"), level_named("disc_L1_L2")
    (<Level.T12: 'T12'>, <Level.L1: 'L1'>, None)
    """
    found = _NAMED.fullmatch(name.strip())
    text = "" if found is None else found[1].upper()
    return Level(text) if text in set(Level) else None


def vertebrae(layers: Iterable[LabelLayer]) -> tuple[LabelledVertebra, ...]:
    """Vertebrae of a segmentation, from the head down."""
    found: dict[Level, list[tuple[int, PointUm]]] = {}
    for layer in layers:
        for label, count, centre in _centres(layer):
            found.setdefault(layer.levels[label], []).append((count, centre))
    # Of parts that bear one name the largest is the vertebra.
    return tuple(LabelledVertebra(level=level, centre_um=max(found[level])[1]) for level in Level if level in found)


def in_order(found: Sequence[LabelledVertebra]) -> bool:
    """Whether vertebrae follow each other towards the feet as their names do: z runs to the head."""
    heights = [vertebra.centre_um[2] for vertebra in found]
    return all(upper > lower for upper, lower in pairwise(heights))


def level_at(layers: Iterable[LabelLayer], point_um: PointUm) -> Level | None:
    """Level of the segment that holds a point; None where none does, or two of different names."""
    levels = set()
    for layer in layers:
        origin = layer.grid.origin_mm
        if origin is None:
            continue
        away = np.array(point_um) / 1000 - np.array(origin)
        place = np.rint(np.linalg.solve(np.array(layer.grid.along_mm).T, away)).astype(int)
        if (place >= 0).all() and (place < np.array(layer.labels.shape)).all():
            image, row, column = place
            levels.add(layer.levels.get(int(layer.labels[image, row, column])))
    levels.discard(None)
    return levels.pop() if len(levels) == 1 else None


def _centres(layer: LabelLayer) -> Iterator[tuple[int, int, PointUm]]:
    """Label, number of samples and their middle, of each vertebra of a layer."""
    if not layer.levels or layer.grid.origin_mm is None:
        return
    wanted = np.zeros(LARGEST_LABEL + 1, dtype=np.bool_)
    wanted[list(layer.levels)] = True
    places = np.flatnonzero(wanted[layer.labels])
    labels = layer.labels.ravel()[places]
    counts = np.bincount(labels)
    sums = [np.bincount(labels, weights=steps) for steps in np.unravel_index(places, layer.labels.shape)]
    for label in np.flatnonzero(counts):
        middle = np.array([one[label] for one in sums]) / counts[label]
        x, y, z = np.array(layer.grid.origin_mm) + middle @ np.array(layer.grid.along_mm)
        centre = (round(float(x) * 1000), round(float(y) * 1000), round(float(z) * 1000))
        yield int(label), int(counts[label]), centre
