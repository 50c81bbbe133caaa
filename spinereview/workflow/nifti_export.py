"""A stack as a NIfTI file, for programs of research: real values and the place of every sample, nothing of the patient."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from spinereview.dicom.geometry import StackResult
from spinereview.dicom.load import load
from spinereview.dicom.parse import read_header
from spinereview.dicom.scan import Scan
from spinereview.dicom.segmentation import read_segmentation
from spinereview.dicom.tags import SEGMENTATIONS
from spinereview.errors import NiftiError
from spinereview.imaging.labels import merged
from spinereview.imaging.nifti import is_nifti, stem_of, storable, write_nifti
from spinereview.tasks import CancelToken, Progress, no_progress
from spinereview.workflow.pictures import grid_of
from spinereview.workflow.source import scan_images


@dataclass(frozen=True, slots=True, kw_only=True)
class Exported:
    """What was written.

    Parameters
    ----------
    stored
        The stored values with slope and intercept beside them; otherwise real values as float32.
    """

    file: Path
    series: str
    shape: tuple[int, int, int]
    stored: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class _Named:
    name: str
    title: str
    result: StackResult = field(repr=False)


def export_nifti(
    path: Path, out: Path, series: str = "", *, cancel: CancelToken | None = None, progress: Progress = no_progress
) -> Exported:
    """Write one stack of a folder or file as NIfTI; a segmentation as a label map.

    Parameters
    ----------
    series
        Number of the series as ``scan`` shows it, ``"4"``; of a series with several stacks also which, ``"4.2"``. Empty
        where the path holds one volume alone.

    Raises
    ------
    NiftiError
        ``NIFTI_NAME``, ``NIFTI_EXISTS``, ``NIFTI_WHICH``, ``NIFTI_NO_VOLUME``, ``NIFTI_COLOUR``,
        ``NIFTI_OVERLAP``, ``NIFTI_NOT_WRITTEN``.
    DicomError, CaseError
        Images that cannot be read.
    """
    if not is_nifti(out):
        raise NiftiError("NIFTI_NAME", file=out)
    if out.exists():
        raise NiftiError("NIFTI_EXISTS", file=out)
    if path.is_file() and (header := read_header(path)) is not None and header.sop_class_uid in SEGMENTATIONS:
        return _labels(path, out)
    chosen = _chosen(scan_images(path, cancel=cancel, progress=progress), series)
    images = chosen.result.images
    grid = grid_of(images, chosen.result.stack)
    if not (grid.volume and grid.placed):
        raise NiftiError("NIFTI_NO_VOLUME", file=chosen.title)
    volume = load(images, cancel=cancel, progress=progress)
    if volume.failed:
        raise next(iter(volume.failed.values()))
    if volume.colour:
        raise NiftiError("NIFTI_COLOUR", file=chosen.title)
    samples, slope, intercept = storable(volume)
    try:
        write_nifti(out, samples, grid, slope=slope, intercept=intercept)
    except OSError as error:
        raise NiftiError("NIFTI_NOT_WRITTEN", file=out, error=error.strerror) from error
    return Exported(file=out, series=chosen.title, shape=grid.shape, stored=samples is volume.samples)


def _labels(path: Path, out: Path) -> Exported:
    """A segmentation as a label map, and the names of its numbers in a JSON file beside it."""
    read = read_segmentation(path)
    whole = merged(read.layers)
    if whole is None:
        raise NiftiError("NIFTI_OVERLAP", file=path)
    names = out.with_name(stem_of(out) + ".json")
    if names.exists():
        raise NiftiError("NIFTI_EXISTS", file=names)
    try:
        write_nifti(out, whole.labels, whole.grid)
        listed = {str(label): whole.names.get(label, str(label)) for label in whole.present}
        names.write_text(json.dumps(listed, indent=1) + "\n", encoding="utf-8")
    except OSError as error:
        raise NiftiError("NIFTI_NOT_WRITTEN", file=out, error=error.strerror) from error
    return Exported(file=out, series=read.title, shape=whole.grid.shape, stored=True)


def _chosen(scanned: Scan, series: str) -> _Named:
    found = list(_named(scanned))
    matching = [one for one in found if series in (one.name, one.name.partition(".")[0])] if series else found
    if len(matching) != 1:
        listed = "; ".join(sorted(f"{one.name} {one.title}" for one in matching or found))
        raise NiftiError("NIFTI_WHICH", file=scanned.path, series=listed)
    return matching[0]


def _named(scanned: Scan) -> Iterator[_Named]:
    for patient in scanned.patients:
        for study in patient.studies:
            for series in study.series:
                number = "-" if series.number is None else str(series.number)
                for place, result in enumerate(series.stacks, 1):
                    name = number if len(series.stacks) == 1 else f"{number}.{place}"
                    yield _Named(name=name, title=f"{series.modality} {series.description}".strip(), result=result)
