"""Series that several topics measure on: CT-like samples in files, and the readers that others would use for them."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from benchmarks.harness import Bench, peer
from spinereview.dicom.header import FileHeader, FrameHeader
from spinereview.dicom.load import load
from spinereview.dicom.parse import read_header
from spinereview.dicom.series_plan import SeriesGeometry, SeriesPlan
from spinereview.dicom.write import Encoding, write_series

Images = list[tuple[FileHeader, FrameHeader]]
Loaded = tuple[NDArray[Any], int]
"""Samples of a volume, and what must be added to them to have real values."""
BENCH_SHAPE = (600, 512, 512)
INTERCEPT = Decimal(-1024)
"""Of every CT here, as scanners write it."""
_ZERO, _ONE = Decimal(0), Decimal(1)


def plan(seed: str, **changed: Any) -> SeriesPlan:
    """An axial CT of 0.7 mm pixels every 1 mm."""
    geometry = SeriesGeometry(
        origin_mm=(Decimal(-180), Decimal(-180), Decimal(-300)),
        row_direction=(_ONE, _ZERO, _ZERO),
        column_direction=(_ZERO, _ONE, _ZERO),
        pixel_spacing_mm=(Decimal("0.7"), Decimal("0.7")),
        step_mm=(_ZERO, _ZERO, _ONE),
        slice_thickness_mm=_ONE,
    )
    given = {"modality": "CT", "seed": seed, "geometry": geometry, "patient_id": "BENCH", "intercepts": (INTERCEPT,)}
    return SeriesPlan(**(given | changed))


def samples(shape: tuple[int, int, int]) -> NDArray[np.int16]:
    """A body with noise of 20 HU in air: it compresses as a CT does, and no two slices are equal."""
    images, rows, columns = shape
    y, x = np.mgrid[-1 : 1 : rows * 1j, -1 : 1 : columns * 1j]
    body = np.where(x**2 / 0.7 + y**2 / 0.4 < 1, 40, -1000) + np.where(x**2 + (y - 0.3) ** 2 < 0.02, 600, 0)
    noise = np.random.default_rng(11).normal(0, 20, (16, rows, columns))
    slices = (body + noise).astype(np.int16)
    made = slices[np.arange(images) % 16]
    made += (np.arange(images, dtype=np.int16) // 16)[:, None, None]
    return made


def bench_ct(bench: Bench) -> Path:
    """Folder of the uncompressed CT of 600 x 512 x 512."""
    return bench.once("ct", lambda folder: write_series(folder, samples(BENCH_SHAPE), plan("bench")))


def compressed_ct(bench: Bench, encoding: Encoding, shape: tuple[int, int, int]) -> Path:
    """Folder of a CT in another transfer syntax."""
    make = lambda folder: write_series(folder, samples(shape), plan(encoding.name), encoding=encoding)  # noqa: E731 - one use
    return bench.once(f"ct_{encoding.name}_{shape[0]}", make)


def load_ours(images: Images) -> Loaded:
    """The program's own loader: stored values."""
    return load(images).samples, int(INTERCEPT)


def same_values(one: Loaded, other: Loaded) -> bool:
    """Whether two volumes have the same real values, whichever of them has been rescaled already."""
    pairs = zip(one[0], other[0], strict=True)
    return one[0].shape == other[0].shape and all(
        np.array_equal(a.astype(np.int32) + one[1], b.astype(np.int32) + other[1]) for a, b in pairs
    )


def headers(folder: Path) -> Images:
    """Headers of every frame, in the order of the file names, which is that of space."""
    found = [header for path in sorted(folder.iterdir()) if (header := read_header(path)) is not None]
    return [(header, frame) for header in found for frame in header.frames]


def by_simpleitk(folder: Path) -> Loaded:
    """SimpleITK's series reader, spared the search and the sorting of files and the copy to NumPy: real values.

    Raises
    ------
    NotRun
        SimpleITK is not installed.
    """
    sitk = peer("SimpleITK")
    reader = sitk.ImageSeriesReader()
    names = [str(path) for path in sorted(folder.iterdir())]
    reader.SetFileNames(names)
    image = reader.Execute() if len(names) > 1 else sitk.ReadImage(names[0])
    return sitk.GetArrayViewFromImage(image).view(_Kept).keep(image), 0


def by_simpleitk_unknown(folder: Path) -> Loaded:
    """SimpleITK's documented way to read a series from a folder that it has not seen: search and sort, read, convert.

    Raises
    ------
    NotRun
        SimpleITK is not installed.
    """
    sitk = peer("SimpleITK")
    reader = sitk.ImageSeriesReader()
    reader.SetFileNames(sitk.ImageSeriesReader.GetGDCMSeriesFileNames(str(folder)))
    return sitk.GetArrayFromImage(reader.Execute()), 0


class _Kept(np.ndarray):
    """A view that keeps the image alive whose memory it shows."""

    def keep(self, owner: object) -> NDArray[Any]:
        self._owner = owner
        return self
