"""The samples of a stack as they were stored, and what turns them into real values.

Index order is (image, row, column), images in spatial order. Samples keep the type that the file states: nothing is
narrowed and nothing is rescaled. Rescale slope and intercept belong to each image (PS3.3 C.11.1.1.2): a PET series may
have another slope on every image, so that one slope for all would be wrong by several times.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from spinereview.domain.checks import require
from spinereview.errors import SpineReviewError

SAMPLE_TYPES = tuple(np.dtype(name) for name in ("i1", "u1", "i2", "u2", "i4", "u4", "f4", "f8"))
"""Types of samples that a volume may hold: those of PS3.3 C.7.6.3.1, native byte order; 1-bit images are 0 and 1 in u1."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Volume:
    """Stored samples of a stack, filled image by image.

    The arrays are written while the images are read: an image counts once ``ready`` is set for it. Whoever takes samples
    across images looks at ``ready`` too; before that they are zero, and blank where an image failed.

    Parameters
    ----------
    samples
        Shape (images, rows, columns), in the files' own type; colour images (images, rows, columns, 3), uint8, red, green,
        blue: to look at, without values.
    slope, intercept
        Shape (images,), float64: real value = stored x slope + intercept.
    padding
        Shape (images, 2), int64: least and greatest stored value that means "no tissue here" (Pixel Padding Value and
        Range Limit, PS3.3 C.7.5.1.1.2); greatest below least where an image has none.
    inverted
        MONOCHROME1: the least value is shown white. Display only.
    ready
        Shape (images,): the samples of this image are there.
    failed
        Why an image has no samples, by index; such an image never becomes ready.
    """

    samples: NDArray[Any]
    slope: NDArray[np.float64]
    intercept: NDArray[np.float64]
    padding: NDArray[np.int64]
    inverted: bool = False
    ready: NDArray[np.bool_]
    failed: dict[int, SpineReviewError] = field(default_factory=dict)

    def __post_init__(self) -> None:
        colour = self.samples.ndim == 4 and self.samples.shape[3] == 3 and self.samples.dtype == np.uint8
        shaped = (self.samples.ndim == 3 or colour) and min(self.samples.shape) > 0
        require(holds=shaped and self.samples.dtype in SAMPLE_TYPES, code="VOLUME_SAMPLES", value=self.samples.shape)
        count = self.samples.shape[0]
        one_each = self.slope.shape == self.intercept.shape == self.ready.shape == (count,)
        require(holds=one_each and self.padding.shape == (count, 2), code="VOLUME_PER_IMAGE", value=count)
        finite = bool(np.isfinite(self.slope).all() and np.isfinite(self.intercept).all())
        require(holds=finite, code="VOLUME_RESCALE", value=count)

    def __len__(self) -> int:
        return int(self.samples.shape[0])

    @property
    def rows(self) -> int:
        """Rows of an image."""
        return int(self.samples.shape[1])

    @property
    def columns(self) -> int:
        """Columns of an image."""
        return int(self.samples.shape[2])

    @property
    def colour(self) -> bool:
        """Whether the samples are red, green, blue: to look at, without values."""
        return self.samples.ndim == 4

    @property
    def complete(self) -> bool:
        """Whether every image is there."""
        return bool(self.ready.all())

    @property
    def uniform_rescale(self) -> bool:
        """Whether all images share one slope and one intercept, so that both may be folded into the window table."""
        return bool((self.slope == self.slope[0]).all() and (self.intercept == self.intercept[0]).all())

    def stored(self, index: int) -> NDArray[Any]:
        """Stored samples of one image, a view: shape (rows, columns) or (rows, columns, 3).

        Raises
        ------
        SpineReviewError
            Why this image could not be read; ``IMAGE_NOT_READY`` while it has not been read.
        """
        if not self.ready[index]:
            raise self.failed.get(int(index)) or SpineReviewError("IMAGE_NOT_READY", image=int(index) + 1)
        view: NDArray[Any] = self.samples[index]
        return view

    def real_values(self, index: int) -> NDArray[np.float32]:
        """Real values of one image with its own slope and intercept: shape (rows, columns), e.g. in HU or Bq/ml.

        Computed in double precision and rounded once.
        """
        self._require_values()
        return self._rescaled(self.stored(index), index).astype(np.float32)

    def value_at(self, index: int, row: int, column: int) -> float:
        """Real value of one pixel, with the slope and intercept of its own image; indices count from 0."""
        self._require_values()
        stored = self.stored(index)
        if not (0 <= row < self.rows and 0 <= column < self.columns):
            raise IndexError((index, row, column))
        return float(stored[row, column]) * float(self.slope[index]) + float(self.intercept[index])

    def padded(self, index: int) -> NDArray[np.bool_]:
        """Where an image shows no tissue but padding: left out of statistics, shown as background. Shape (rows, columns)."""
        least, greatest = (int(bound) for bound in self.padding[index])
        stored = self.stored(index)
        if greatest < least or self.colour:
            return np.zeros((self.rows, self.columns), dtype=np.bool_)
        mask: NDArray[np.bool_] = (stored >= least) & (stored <= greatest)
        return mask

    def value_range(self, index: int) -> tuple[float, float] | None:
        """Least and greatest real value of one image, padding left out; None where nothing else is left."""
        self._require_values()
        stored = self.stored(index)
        if self.padding[index, 1] >= self.padding[index, 0]:
            stored = stored[~self.padded(index)]
        if stored.dtype.kind == "f":
            stored = stored[np.isfinite(stored)]
        if stored.size == 0:
            return None
        ends = self._rescaled(np.array([stored.min(), stored.max()]), index)
        return float(ends.min()), float(ends.max())

    def with_real_values(self) -> Volume:
        """The same images with one rescale for all, so that slices across images are true.

        The volume itself where the rescale is uniform; otherwise a new one of float32 real values (slope 1, intercept 0).
        Padding of such images becomes NaN: its stored value means nothing any more. Images that are not there stay so.
        """
        if self.colour or self.uniform_rescale:
            return self
        count = len(self)
        real = np.zeros(self.samples.shape, dtype=np.float32)
        for index in self.indices_ready():
            real[index] = self.real_values(index)
            real[index][self.padded(index)] = np.nan
        return Volume(
            samples=real,
            slope=np.ones(count),
            intercept=np.zeros(count),
            padding=no_padding(count),
            inverted=self.inverted,
            ready=self.ready.copy(),
            failed=dict(self.failed),
        )

    def mark_failed(self, index: int, error: SpineReviewError) -> None:
        """Say why an image has no samples, and blank whatever part of it was read: slices across images show a gap there.

        Blank is the least value of its type; NaN for floats.
        """
        kind = self.samples.dtype
        self.samples[index] = np.nan if kind.kind == "f" else np.iinfo(kind).min
        self.ready[index] = False
        self.failed[int(index)] = error

    def indices_ready(self) -> Iterator[int]:
        """Indices of the images that are there, in order."""
        return (int(index) for index in np.flatnonzero(self.ready))

    def _rescaled(self, stored: NDArray[Any], index: int) -> NDArray[np.float64]:
        rescaled: NDArray[np.float64] = stored.astype(np.float64)
        rescaled *= self.slope[index]
        rescaled += self.intercept[index]
        return rescaled

    def _require_values(self) -> None:
        require(holds=not self.colour, code="VOLUME_COLOUR")


def no_padding(count: int) -> NDArray[np.int64]:
    """Padding of images that have none: shape (count, 2)."""
    return np.tile(np.array([1, 0], dtype=np.int64), (count, 1))
