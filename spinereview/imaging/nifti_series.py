"""A NIfTI image as the images of a series: which of its axes are images, rows and columns, and its values in 16 bits.

Samples are only put in another order, never between two places; each keeps its place in the patient. NIfTI does not say in
which plane was acquired: images are taken along the axis whose step differs from the other two.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from spinereview.errors import NiftiError
from spinereview.imaging.nifti import NiftiImage
from spinereview.imaging.slicing import FloatVector

RIGHT_ANGLE = 0.001
"""Cosine up to which two axes count as at right angles (0.06 degree), as for direction cosines of DICOM images."""
SAME_STEP = 1.05
"""Ratio up to which two steps count as equal when the axis of the images is looked for."""
_X, _Y, _Z = range(3)
_SHOWN = {_X: ((_Y, 1), (_Z, -1)), _Y: ((_X, 1), (_Z, -1)), _Z: ((_X, 1), (_Y, 1))}
"""By the patient's axis across the images: axis and sense in which columns, then rows, are usually counted (LPS)."""
_MOST = 65535
_EXACT = 2**53
"""Whole numbers up to which float64 holds each."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Arranged:
    """Samples in the order of a series.

    Parameters
    ----------
    samples
        Shape (images, rows, columns).
    origin_mm
        Centre of the first sample, LPS.
    along_mm
        Step, in millimetres LPS, from one image, row, column to the next.
    """

    samples: NDArray[Any]
    origin_mm: FloatVector
    along_mm: tuple[FloatVector, FloatVector, FloatVector]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Sixteen:
    """Values in 16 bits: real value = stored x slope + intercept.

    Parameters
    ----------
    stored
        int16 or uint16, as the samples they were made of.
    padding
        Stored value of samples that hold no number; None where all of them do.
    step
        Distance of two neighbouring real values where real numbers had to be rounded; 0 where nothing was rounded.
    """

    stored: NDArray[Any]
    slope: float
    intercept: float
    padding: int | None
    step: float = 0.0


def arranged(image: NiftiImage, name: str) -> Arranged:
    """Put the axes of a file in the order of a series, by its affine alone.

    Raises
    ------
    NiftiError
        ``NIFTI_SHEARED`` where the axes are not at right angles; ``NIFTI_NO_POSITION``.
    """
    if image.grid.origin_mm is None:
        raise NiftiError("NIFTI_NO_POSITION", file=name)
    steps = np.array(image.grid.along_mm, dtype=np.float64)
    sizes = np.linalg.norm(steps, axis=1)
    units = steps / sizes[:, None]
    cosines = np.abs(units @ units.T - np.eye(3)).max()
    if cosines > RIGHT_ANGLE:
        raise NiftiError("NIFTI_SHEARED", file=name, angle=f"{np.degrees(np.arccos(min(cosines, 1.0))):.1f}")
    across = _image_axis(sizes)
    (column_axis, column_sense), (row_axis, row_sense) = _SHOWN[int(np.abs(units[across]).argmax())]
    first, second = (axis for axis in range(3) if axis != across)
    columns, rows = (
        (first, second) if abs(units[first, column_axis]) > abs(units[second, column_axis]) else (second, first)
    )
    samples = image.samples.transpose(across, rows, columns)
    origin, along = np.array(image.grid.origin_mm), steps[[across, rows, columns]]
    for place, (axis, sense) in ((1, (row_axis, row_sense)), (2, (column_axis, column_sense))):
        if along[place, axis] * sense < 0:
            origin = origin + (samples.shape[place] - 1) * along[place]
            along[place] = -along[place]
            samples = np.flip(samples, place)
    image_step, row_step, column_step = (_vector(step) for step in along)
    return Arranged(samples=samples, origin_mm=_vector(origin), along_mm=(image_step, row_step, column_step))


def _image_axis(sizes: NDArray[np.float64]) -> int:
    """Axis from one image to the next: the one whose step differs where the other two agree; else the file's third axis."""

    def agree(one: int, other: int) -> bool:
        return bool(max(sizes[one], sizes[other]) <= SAME_STEP * min(sizes[one], sizes[other]))

    alone = [axis for axis in range(3) if agree(*(other for other in range(3) if other != axis))]
    if len(alone) == 1:
        return alone[0]
    return 0 if alone else int(sizes.argmax())


def in_sixteen_bits(samples: NDArray[Any], slope: float, intercept: float, name: str) -> Sixteen:
    """Values as DICOM images of CT and MR hold them; whole numbers are kept, real numbers rounded in even steps.

    Raises
    ------
    NiftiError
        ``NIFTI_NO_VALUES`` where no sample is a number.
    """
    finite = np.isfinite(samples)
    numbers = samples[finite]
    if not numbers.size:
        raise NiftiError("NIFTI_NO_VALUES", file=name)
    low, high = numbers.min(), numbers.max()
    gaps = numbers.size < samples.size
    least, most = int(low), int(high)
    whole_numbers = samples.dtype.kind in "iu" or bool((numbers == np.rint(numbers)).all())
    if whole_numbers and most <= _EXACT:
        if least - gaps >= -32768 and most <= 32767:
            stored = np.where(finite, samples, -32768).astype(np.int16)
            return Sixteen(stored=stored, slope=slope, intercept=intercept, padding=-32768 if gaps else None)
        if most - least + gaps <= _MOST:
            base = least - int(gaps) if gaps or least < 0 or most > _MOST else 0
            moved = (np.where(finite, samples, base).astype(np.int64) - base).astype(np.uint16)
            padding = 0 if gaps else None
            return Sixteen(stored=moved, slope=slope, intercept=intercept + slope * base, padding=padding)
    rounded = _rounded(samples, finite, slope, intercept)
    if not np.isfinite([rounded.slope, rounded.intercept]).all():
        raise NiftiError("NIFTI_NO_VALUES", file=name)
    return rounded


def _rounded(samples: NDArray[Any], finite: NDArray[np.bool_], slope: float, intercept: float) -> Sixteen:
    """Real numbers in even steps from the least to the greatest; stored 0 is left for samples without a number."""
    values = np.where(finite, samples, 0).astype(np.float64)
    low, high = float(samples[finite].min()), float(samples[finite].max())
    step = (high - low) / (_MOST - 1) or 1.0
    stored = np.where(finite, np.rint((values - low) / step) + 1, 0).astype(np.uint16)
    return Sixteen(
        stored=stored,
        slope=slope * step,
        intercept=intercept + slope * (low - step),
        padding=None if finite.all() else 0,
        step=abs(slope * step),
    )


def _vector(values: NDArray[np.float64]) -> FloatVector:
    return (float(values[0]), float(values[1]), float(values[2]))
