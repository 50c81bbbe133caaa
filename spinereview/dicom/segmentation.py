"""Segmentation objects (PS3.3 A.51, C.8.20): which samples of a frame of reference belong to which segment.

Read strictly, from the frames' own positions. Frames may be missing (nothing is segmented there) and segments may overlap;
what is not on one even grid is refused.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from decimal import Decimal
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from pydicom import dcmread
from pydicom.dataset import Dataset
from pydicom.errors import InvalidDicomError

from spinereview.dicom.segment_levels import level_of_segment
from spinereview.errors import DicomError
from spinereview.imaging.labels import LabelLayer
from spinereview.imaging.slicing import Grid

OFF_GRID = 0.02
"""Share of an interval by which a frame may lie beside the grid."""
MOST_SAMPLES = 2**31


@dataclass(frozen=True, slots=True, kw_only=True)
class Segmentation:
    """Segments with where they lie; each layer has one segment, or all of a label map."""

    frame_of_reference_uid: str
    study_uid: str
    title: str
    fractional: bool
    layers: tuple[LabelLayer, ...]


@dataclass(frozen=True, slots=True)
class _Frame:
    place: int
    segment: int
    position: NDArray[np.float64]


def read_segmentation(path: Path) -> Segmentation:
    """Read a Segmentation object: BINARY, LABELMAP, or FRACTIONAL from half of its greatest value on.

    Raises
    ------
    DicomError
        ``SEG_UNREADABLE``, ``SEG_KIND``, ``SEG_GEOMETRY`` (a frame without position, other orientations or spacings),
        ``SEG_OFF_GRID``, ``SEG_LARGE``.
    """
    try:
        dataset = dcmread(path)
        kind = str(dataset.SegmentationType)
        if kind not in {"BINARY", "FRACTIONAL", "LABELMAP"}:
            raise DicomError("SEG_KIND", file=path, kind=kind)
        frames, along = _frames(dataset, path, labelmap=kind == "LABELMAP")
        names = {int(item.SegmentNumber): str(item.SegmentLabel) for item in dataset.SegmentSequence}
        told = {int(item.SegmentNumber): level_of_segment(item) for item in dataset.SegmentSequence}
        levels = {number: level for number, level in told.items() if level is not None}
        rows, columns = int(dataset.Rows), int(dataset.Columns)
        if len(frames) * rows * columns > MOST_SAMPLES:
            raise DicomError("SEG_LARGE", file=path)
        pixels = np.asarray(dataset.pixel_array).reshape(len(frames), rows, columns)
        half = int(dataset.get("MaximumFractionalValue", 255)) / 2
        frame_uid, title = str(dataset.FrameOfReferenceUID), str(dataset.get("SeriesDescription", ""))
        study_uid = str(dataset.StudyInstanceUID)
    except (
        OSError,
        InvalidDicomError,
        AttributeError,
        ValueError,
        IndexError,
        RuntimeError,
        NotImplementedError,
    ) as error:
        raise DicomError("SEG_UNREADABLE", file=path, error=error) from error
    steps, grid = _grid(frames, along, (rows, columns), path)
    layers = []
    for number in sorted({frame.segment for frame in frames}):
        own = [(frame, step) for frame, step in zip(frames, steps, strict=True) if frame.segment == number]
        first = min(step for _, step in own)
        labels = np.zeros((max(step for _, step in own) - first + 1, rows, columns), np.uint16)
        for frame, step in own:
            labels[step - first] = _labels(pixels[frame.place], kind, number, half)
        layers.append(LabelLayer(grid=_moved(grid, first, len(labels)), labels=labels, names=names, levels=levels))
    return Segmentation(
        frame_of_reference_uid=frame_uid,
        study_uid=study_uid,
        title=title,
        fractional=kind == "FRACTIONAL",
        layers=tuple(layers),
    )


def _labels(frame: NDArray[Any], kind: str, number: int, half: float) -> NDArray[np.uint16]:
    if kind == "LABELMAP":
        return frame.astype(np.uint16)
    set_here = frame >= half if kind == "FRACTIONAL" else frame > 0
    return np.where(set_here, number, 0).astype(np.uint16)


def _group(dataset: Dataset, place: int, name: str) -> Dataset:
    """Functional group of a frame: its own, else the one that all share."""
    own = dataset.PerFrameFunctionalGroupsSequence[place]
    holder = own if name in own else dataset.SharedFunctionalGroupsSequence[0]
    group: Dataset = getattr(holder, name)[0]
    return group


def _frames(dataset: Dataset, path: Path, *, labelmap: bool) -> tuple[list[_Frame], tuple[Any, ...]]:
    """Frames, and what they share: directions of row and column, spacings, the stated interval."""
    count = int(dataset.NumberOfFrames)
    if len(dataset.PerFrameFunctionalGroupsSequence) != count:
        raise DicomError("SEG_GEOMETRY", file=path)
    frames, shared = [], set()
    for place in range(count):
        position = _group(dataset, place, "PlanePositionSequence").ImagePositionPatient
        directions = _group(dataset, place, "PlaneOrientationSequence").ImageOrientationPatient
        measures = _group(dataset, place, "PixelMeasuresSequence")
        stated = measures.get("SpacingBetweenSlices")
        shared.add(
            (
                tuple(Decimal(str(value)) for value in directions),
                tuple(Decimal(str(value)) for value in measures.PixelSpacing),
                None if stated is None else Decimal(str(stated)),
            )
        )
        item = None if labelmap else _group(dataset, place, "SegmentIdentificationSequence")
        number = 0 if item is None else int(item.ReferencedSegmentNumber)
        frames.append(_Frame(place, number, np.array([float(value) for value in position])))
    if len(shared) != 1:
        raise DicomError("SEG_GEOMETRY", file=path)
    return frames, shared.pop()


def _grid(frames: list[_Frame], along: tuple[Any, ...], size: tuple[int, int], path: Path) -> tuple[list[int], Grid]:
    """Step of each frame along the normal, and the grid on which all of them lie."""
    directions, spacing, stated = along
    right, down = np.array([float(value) for value in directions]).reshape(2, 3)
    normal = np.cross(right, down)
    heights = np.array([float(np.dot(frame.position, normal)) for frame in frames])
    lowest = frames[int(heights.argmin())].position
    gaps = np.diff(np.unique(np.round(heights, 4)))
    gaps = gaps[gaps > 1e-3]
    interval = float(stated) if stated else float(gaps.min()) if gaps.size else 0.0
    if interval <= 0:
        raise DicomError("SEG_GEOMETRY", file=path)
    steps = (heights - heights.min()) / interval
    aside = np.array([frame.position - lowest for frame in frames]) - (heights - heights.min())[:, None] * normal
    whole = np.rint(steps)
    if np.abs(steps - whole).max() > OFF_GRID * max(1.0, float(whole.max()) / 10) or np.abs(
        aside
    ).max() > OFF_GRID * float(min(spacing)):
        raise DicomError("SEG_OFF_GRID", file=path)
    row_mm, column_mm = (float(value) for value in spacing)
    vectors = tuple(
        (float(v[0]), float(v[1]), float(v[2])) for v in (normal * interval, down * row_mm, right * column_mm)
    )
    origin = (float(lowest[0]), float(lowest[1]), float(lowest[2]))
    grid = Grid(
        shape=(int(whole.max()) + 1, *size),
        origin_mm=origin,
        along_mm=(vectors[0], vectors[1], vectors[2]),
        calibrated=True,
        volume=True,
    )
    return [int(step) for step in whole], grid


def _moved(grid: Grid, first: int, count: int) -> Grid:
    """The part of a grid from an image on."""
    start = np.array(grid.origin_mm) + first * np.array(grid.along_mm[0])
    x, y, z = (float(value) for value in start)
    return replace(grid, shape=(count, *grid.shape[1:]), origin_mm=(x, y, z))
