"""Segmentations that lie among the images of a case, to be shown as outlines: found, read, and checked against a stack.

Only files among the case's own images are offered, in blinded reads too: nobody brings an outline from elsewhere. They are
no part of the read: nothing of them is kept, and nothing is measured on them.
"""

from __future__ import annotations

import csv
import json
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from os.path import commonpath
from pathlib import Path

from spinereview.dicom.scan import PatientGroup, Scan
from spinereview.dicom.segmentation import read_segmentation
from spinereview.domain.imaging import Id, Stack
from spinereview.errors import NiftiError, Refused, SpineReviewError
from spinereview.imaging.labels import LabelLayer, label_samples, mismatch
from spinereview.imaging.nifti import is_nifti, read_nifti, stem_of
from spinereview.imaging.slicing import Grid
from spinereview.imaging.vertebra_labels import LabelledVertebra, in_order, level_named, vertebrae
from spinereview.text import explain, sentence
from spinereview.workflow.source import CaseSource

_SEGMENTATION = "SEGMENTATION"
_TPTBOX = re.compile(r"(^|_)seg-vert(_|$)")
"""BIDS name of a mask of whole vertebrae."""
_VERTEBRAE = {
    **{number: f"C{number}" for number in range(1, 8)},
    **{number: f"T{number - 7}" for number in range(8, 20)},
    **{number: f"L{number - 19}" for number in range(20, 26)},
    26: "sacrum",
    28: "T13",
}
"""Numbers of vertebrae in masks named ``seg-vert``: 1 to 26 from C1 to the sacrum, 25 an L6, 28 a T13."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Outlines:
    """A file's outlines for one stack.

    Parameters
    ----------
    notice
        What is to be known of them, as a sentence; empty where their geometry leaves nothing open.
    vertebrae
        Segments that are one vertebra each, from the head down: suggestions for labels, nothing more.
    """

    file: Path
    title: str
    layers: tuple[LabelLayer, ...]
    notice: str = ""
    vertebrae: tuple[LabelledVertebra, ...] = ()

    @property
    def names(self) -> Mapping[tuple[int, int], str]:
        """Name of each segment by layer and label."""
        return {
            (place, label): layer.names.get(label, str(label))
            for place, layer in enumerate(self.layers)
            for label in layer.present
        }


def beside(scans: Sequence[Scan], own: Iterable[PatientGroup]) -> tuple[Path, ...]:
    """Segmentations of a patient, and NIfTI files where the images are of nobody else."""
    found = [
        file.path
        for patient in own
        for study in patient.studies
        for series in study.series
        for file in series.not_shown
        if file.code == _SEGMENTATION
    ]
    for scan in scans:
        # A NIfTI file names nobody: among the images of several people it is nobody's.
        if len(scan.patients) == 1:
            found += [path for path in scan.not_dicom if is_nifti(path)]
    return tuple(sorted(set(found)))


def outlines_for(source: CaseSource, stack: Stack, grid: Grid) -> tuple[tuple[Outlines, ...], tuple[str, ...]]:
    """Outlines of the files among a case's images that lie on a stack, and a sentence for each that does not."""
    found, refused = [], []
    for file in source.beside:
        try:
            if is_nifti(file):
                _require_visit(file, source, stack)
                found.append(_of_nifti(file, grid))
            else:
                found.append(_of_segmentation(file, source, stack))
        except SpineReviewError as error:
            refused.append(explain(error))
    return tuple(found), tuple(refused)


def _require_visit(file: Path, source: CaseSource, stack: Stack) -> None:
    """Refuse a NIfTI file that lies nearer to the images of another visit: two visits may have one grid by chance."""
    depths: dict[str, int] = {}
    for timepoint in source.case.in_order:
        folders = {image[0].path.parent for key in timepoint.stacks for image in source.images(Id(key))[:1]}
        if folders:
            depths[timepoint.id] = max(len(Path(commonpath((file.parent, folder))).parts) for folder in folders)
    nearest = {timepoint for timepoint, depth in depths.items() if depth == max(depths.values())}
    own = next((one.id for one in source.case.in_order if stack.id in one.stacks), None)
    if own not in nearest:
        raise Refused("OUTLINE_OTHER_VISIT", file=file.name)
    if len(nearest) > 1:
        raise Refused("OUTLINE_WHICH_VISIT", file=file.name)


def _of_segmentation(file: Path, source: CaseSource, stack: Stack) -> Outlines:
    read = read_segmentation(file)
    if read.frame_of_reference_uid != stack.frame_of_reference_uid:
        frames = {"frame": stack.frame_of_reference_uid or "-", "other": read.frame_of_reference_uid}
        raise Refused("OUTLINE_OTHER_FRAME", file=file.name, **frames)
    if any(header.study_uid != read.study_uid for header, _ in source.images(stack.id)[:1]):
        raise Refused("OUTLINE_OTHER_VISIT", file=file.name)
    notice = sentence("OUTLINE_FRACTIONAL", {"file": file.name}) if read.fractional else ""
    return _outlines(file, read.title or file.stem, read.layers, notice)


def _of_nifti(file: Path, grid: Grid) -> Outlines:
    read = read_nifti(file)
    labels = label_samples(read.samples, rescaled=(read.slope, read.intercept) != (1, 0))
    if labels is None:
        raise NiftiError("OUTLINE_NO_LABELS", file=file.name)
    lies = mismatch(read.grid, grid)
    if lies not in ("OUTLINE_SAME_GRID", "OUTLINE_RESAMPLED"):
        raise Refused(lies, file=file.name)
    bare = LabelLayer(grid=read.grid, labels=labels, names={})
    names = label_names(file, set(bare.present))
    levels = {label: level for label, name in names.items() if (level := level_named(name)) is not None}
    layer = replace(bare, names=names, levels=levels)
    return _outlines(file, stem_of(file), (layer,), sentence(lies, {"file": file.name}))


def _outlines(file: Path, title: str, layers: tuple[LabelLayer, ...], notice: str) -> Outlines:
    """Outlines with the vertebrae among them, unless those do not follow each other as their names do."""
    found = vertebrae(layers)
    if not in_order(found):
        found = ()
        notice = " ".join(text for text in (notice, sentence("OUTLINE_LEVELS_MIXED", {"file": file.name})) if text)
    return Outlines(file=file, title=title, layers=layers, notice=notice, vertebrae=found)


def label_names(file: Path, labels: set[int]) -> dict[int, str]:
    """Names of the labels of a file: from a JSON or CSV beside it, from its own name, else their numbers.

    Numbers of TotalSegmentator have changed between its versions, so that they name nothing without a list.
    """
    stem = stem_of(file)
    for suffix, read in ((".json", _of_json), (".csv", _of_csv)):
        listed = file.with_name(stem + suffix)
        if listed.is_file():
            try:
                names = read(listed.read_text(encoding="utf-8"))
            except (OSError, ValueError):
                names = {}
            if names:
                return names
    if _TPTBOX.search(stem):
        return {label: _VERTEBRAE[label] for label in labels if label in _VERTEBRAE}
    return {1: stem} if labels == {1} else {}


def _of_json(text: str) -> dict[int, str]:
    """``{"1": "name"}`` or ``{"name": 1}``."""
    tree = json.loads(text)
    pairs = tree.items() if isinstance(tree, dict) else ()
    numbered = {int(key): value for key, value in pairs if key.isdecimal() and isinstance(value, str)}
    return numbered or {value: key for key, value in pairs if isinstance(value, int)}


def _of_csv(text: str) -> dict[int, str]:
    """A number and a name in each row."""
    rows = (row for row in csv.reader(text.splitlines()) if len(row) >= 2)
    return {int(row[0]): row[1].strip() for row in rows if row[0].strip().isdecimal()}
