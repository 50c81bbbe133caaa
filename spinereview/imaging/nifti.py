"""NIfTI-1 files, read strictly and written plainly: samples, and where they lie in the patient.

The format is a header of 348 bytes before the samples (Cox et al. 2004, "A (sort of) new image data format standard:
NIfTI-1"). Its positions are RAS; everything here is LPS, as DICOM has it. What a header leaves open, or says in two ways
that differ, is refused: a file that lies somewhere else by a few millimetres looks right.
"""

from __future__ import annotations

import gzip
import struct
import zlib
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO, Literal, cast

import numpy as np
from numpy.typing import NDArray

from spinereview.errors import NiftiError
from spinereview.imaging.slicing import FloatVector, Grid
from spinereview.imaging.volume import Volume

SUFFIXES = (".nii", ".nii.gz")
HEADER, FIRST_SAMPLE = 348, 352
_SINGLE, _MILLIMETRES, _UNIT_BITS = b"n+1\0", 2, 0x07
_TYPES: dict[int, np.dtype[Any]] = {
    2: np.dtype("u1"),
    4: np.dtype("i2"),
    8: np.dtype("i4"),
    16: np.dtype("f4"),
    64: np.dtype("f8"),
    256: np.dtype("i1"),
    512: np.dtype("u2"),
    768: np.dtype("u4"),
    1024: np.dtype("i8"),
    1280: np.dtype("u8"),
}
_CODES: dict[np.dtype[Any], int] = {kind: code for code, kind in _TYPES.items()}
_SCANNER = 1
"""``sform_code`` of coordinates that the scanner states."""
AGREE_MM = 0.1
"""How far the two affines of one header may lie apart at its farthest corner: float32 quaternions leave a few hundredths."""
LARGEST_BYTES = 2**33
_TO_RAS = np.array([[-1.0], [-1.0], [1.0]])


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class NiftiImage:
    """Samples of a NIfTI file.

    Parameters
    ----------
    samples
        Shape (images, rows, columns): the file's third, second and first axis; stored values, native byte order.
    slope, intercept
        Real value = stored x slope + intercept.
    unit_stated
        Whether the header says that its lengths are millimetres; many files leave it open.
    """

    samples: NDArray[Any]
    grid: Grid
    slope: float
    intercept: float
    unit_stated: bool


@dataclass(frozen=True, slots=True)
class _Header:
    order: Literal["<", ">"]
    raw: bytes

    def take(self, form: str, at: int) -> tuple[Any, ...]:
        return struct.unpack_from(self.order + form, self.raw, at)


def is_nifti(path: Path) -> bool:
    """Whether a file is named like NIfTI."""
    return path.name.lower().endswith(SUFFIXES)


def stem_of(path: Path) -> str:
    """Name of a file without the ending of NIfTI."""
    suffix = next((one for one in reversed(SUFFIXES) if path.name.lower().endswith(one)), "")
    return path.name[: -len(suffix)] if suffix else path.stem


def read_nifti(path: Path) -> NiftiImage:
    """Read a file of one volume.

    Raises
    ------
    NiftiError
        ``NIFTI_NOT``, ``NIFTI_CUT``, ``NIFTI_DIMENSIONS``, ``NIFTI_TYPE``, ``NIFTI_UNIT``, ``NIFTI_NO_POSITION``,
        ``NIFTI_TWO_POSITIONS``, ``NIFTI_FLAT``, ``NIFTI_LARGE`` or ``NIFTI_UNREADABLE``.
    """
    try:
        with _opened(path) as file:
            header = _header(file.read(HEADER), path)
            shape, kind, first = _layout(header, path)
            grid, stated = _grid(header, shape, path)
            needed = int(np.prod(shape, dtype=np.int64)) * kind.itemsize
            _skip(file, first - HEADER)
            data = file.read(needed)
    except (OSError, EOFError, zlib.error) as error:
        raise NiftiError("NIFTI_UNREADABLE", file=path, error=error) from error
    if len(data) < needed:
        raise NiftiError("NIFTI_CUT", file=path, has=len(data), needs=needed)
    samples = np.frombuffer(data, dtype=kind.newbyteorder(header.order)).reshape(shape).astype(kind, copy=False)
    slope, intercept = header.take("2f", 112)
    scaled = slope != 0 and np.isfinite(slope) and np.isfinite(intercept)
    return NiftiImage(
        samples=samples,
        grid=grid,
        slope=float(slope) if scaled else 1.0,
        intercept=float(intercept) if scaled else 0.0,
        unit_stated=stated,
    )


def read_grid(path: Path) -> Grid:
    """Size and place of a file, from its header alone.

    Raises
    ------
    NiftiError
        As :func:`read_nifti`, but for samples that are cut off.
    """
    return _of_header(path)[0]


def states_millimetres(path: Path) -> bool:
    """Whether a header says that its lengths are millimetres; many leave it open.

    Raises
    ------
    NiftiError
        As :func:`read_grid`.
    """
    return _of_header(path)[1]


def _of_header(path: Path) -> tuple[Grid, bool]:
    try:
        with _opened(path) as file:
            header = _header(file.read(HEADER), path)
    except (OSError, EOFError, zlib.error) as error:
        raise NiftiError("NIFTI_UNREADABLE", file=path, error=error) from error
    return _grid(header, _layout(header, path)[0], path)


def _opened(path: Path) -> BinaryIO:
    return cast("BinaryIO", gzip.open(path, "rb")) if path.name.lower().endswith(".gz") else path.open("rb")


def _skip(file: BinaryIO, count: int) -> None:
    """Read past the extensions."""
    while count > 0:
        passed = len(file.read(min(count, 1 << 20)))
        if not passed:
            return
        count -= passed


def _header(raw: bytes, path: Path) -> _Header:
    orders: tuple[Literal["<", ">"], ...] = ("<", ">")
    for order in orders:
        if len(raw) == HEADER and struct.unpack(order + "i", raw[:4])[0] == HEADER and raw[344:348] == _SINGLE:
            return _Header(order, raw)
    raise NiftiError("NIFTI_NOT", file=path)


def _layout(header: _Header, path: Path) -> tuple[tuple[int, int, int], np.dtype[Any], int]:
    count, *sizes = header.take("8h", 40)
    if not 3 <= count <= 7 or min(sizes[:3]) < 1 or any(size > 1 for size in sizes[3:count]):
        raise NiftiError("NIFTI_DIMENSIONS", file=path, sizes=" x ".join(map(str, sizes[: max(0, min(count, 7))])))
    (code,) = header.take("h", 70)
    if code not in _TYPES:
        raise NiftiError("NIFTI_TYPE", file=path, type=code)
    (first,) = header.take("f", 108)
    if not (np.isfinite(first) and FIRST_SAMPLE <= first <= LARGEST_BYTES and first == int(first)):
        raise NiftiError("NIFTI_CUT", file=path, has=first, needs=FIRST_SAMPLE)
    shape = (sizes[2], sizes[1], sizes[0])
    if int(np.prod(shape, dtype=np.int64)) * _TYPES[code].itemsize > LARGEST_BYTES:
        raise NiftiError("NIFTI_LARGE", file=path, limit=LARGEST_BYTES)
    return shape, _TYPES[code], int(first)


def _grid(header: _Header, shape: tuple[int, int, int], path: Path) -> tuple[Grid, bool]:
    (units,) = header.take("B", 123)
    if units & _UNIT_BITS not in (0, _MILLIMETRES):
        raise NiftiError("NIFTI_UNIT", file=path, unit=units & _UNIT_BITS)
    by_quaternion, by_rows = header.take("2h", 252)
    found = [affine for code, affine in ((by_rows, _by_rows(header)), (by_quaternion, _by_quaternion(header))) if code]
    found = [affine for affine in found if np.isfinite(affine).all()]
    if not found:
        raise NiftiError("NIFTI_NO_POSITION", file=path)
    if len(found) == 2 and (apart := _apart(found[0], found[1], shape)) > AGREE_MM:
        raise NiftiError("NIFTI_TWO_POSITIONS", file=path, apart=f"{apart:.1f}")
    lps = found[0] * _TO_RAS
    if abs(np.linalg.det(lps[:, :3])) < 1e-9:
        raise NiftiError("NIFTI_FLAT", file=path)
    column, row, image, origin = (_vector(lps[:, place]) for place in range(4))
    grid = Grid(shape=shape, origin_mm=origin, along_mm=(image, row, column), calibrated=True, volume=True)
    return grid, units & _UNIT_BITS == _MILLIMETRES


def _by_rows(header: _Header) -> NDArray[np.float64]:
    return np.array(header.take("12f", 280), dtype=np.float64).reshape(3, 4)


def _by_quaternion(header: _Header) -> NDArray[np.float64]:
    """Affine (3, 4), RAS, of the quaternion: nifti1.h, method 2."""
    b, c, d, *offset = (float(value) for value in header.take("6f", 256))
    a = max(0.0, 1.0 - b * b - c * c - d * d) ** 0.5
    turn = np.array(
        [
            [a * a + b * b - c * c - d * d, 2 * (b * c - a * d), 2 * (b * d + a * c)],
            [2 * (b * c + a * d), a * a + c * c - b * b - d * d, 2 * (c * d - a * b)],
            [2 * (b * d - a * c), 2 * (c * d + a * b), a * a + d * d - c * c - b * b],
        ]
    )
    factor, *sizes = header.take("4f", 76)
    turn = turn * np.abs(np.array(sizes, dtype=np.float64))
    turn[:, 2] *= -1.0 if factor < 0 else 1.0
    return np.column_stack([turn, np.array(offset, dtype=np.float64)])


def _apart(first: NDArray[np.float64], second: NDArray[np.float64], shape: tuple[int, int, int]) -> float:
    """Distance of two affines at the corner of the volume where they differ most."""
    last = [size - 1 for size in reversed(shape)]
    corners = np.array([(x, y, z, 1) for x in (0, last[0]) for y in (0, last[1]) for z in (0, last[2])], dtype=float)
    return float(np.linalg.norm((first - second) @ corners.T, axis=0).max())


def write_nifti(path: Path, samples: NDArray[Any], grid: Grid, *, slope: float = 1.0, intercept: float = 0.0) -> None:
    """Write a volume; the same volume gives the same bytes.

    The affine goes into the ``sform``, whose numbers are float32: a position of 1000 mm is kept to 0.00006 mm.

    Parameters
    ----------
    samples
        Shape (images, rows, columns), of a type that NIfTI has.
    slope, intercept
        Kept as float32; the caller sees to it that they are float32 numbers.

    Raises
    ------
    NiftiError
        ``NIFTI_NO_VOLUME`` where the samples have no place in the patient, or no even distances; ``NIFTI_TYPE``.
    """
    if not (grid.volume and grid.placed) or grid.origin_mm is None:
        raise NiftiError("NIFTI_NO_VOLUME", file=path)
    if samples.dtype not in _CODES:
        raise NiftiError("NIFTI_TYPE", file=path, type=samples.dtype)
    image, row, column = grid.along_mm
    lps = np.column_stack([column, row, image, grid.origin_mm])
    sizes = [float(np.linalg.norm(lps[:, place])) for place in range(3)]
    raw = bytearray(FIRST_SAMPLE)
    struct.pack_into("<i", raw, 0, HEADER)
    struct.pack_into("<8h", raw, 40, 3, *reversed(samples.shape), 1, 1, 1, 1)
    struct.pack_into("<2h", raw, 70, _CODES[samples.dtype], samples.dtype.itemsize * 8)
    struct.pack_into("<8f", raw, 76, 1.0, *sizes, 1.0, 1.0, 1.0, 1.0)
    struct.pack_into("<3fxxxB", raw, 108, float(FIRST_SAMPLE), slope, intercept, _MILLIMETRES)
    struct.pack_into("<2h", raw, 252, 0, _SCANNER)
    struct.pack_into("<12f", raw, 280, *(lps * _TO_RAS).ravel())
    raw[344:348] = _SINGLE
    data = bytes(raw) + np.ascontiguousarray(samples).astype(samples.dtype.newbyteorder("<"), copy=False).tobytes()
    path.write_bytes(gzip.compress(data, 6, mtime=0) if path.name.lower().endswith(".gz") else data)


def storable(volume: Volume) -> tuple[NDArray[Any], float, float]:
    """Samples, slope, intercept of a volume: as stored where a file can hold both numbers exactly, else real values."""
    slope, intercept = float(volume.slope[0]), float(volume.intercept[0])
    exact = float(np.float32(slope)) == slope and float(np.float32(intercept)) == intercept
    if volume.uniform_rescale and exact:
        return volume.samples, slope, intercept
    return np.stack([volume.real_values(place) for place in range(len(volume))]), 1.0, 0.0


def _vector(values: NDArray[np.float64]) -> FloatVector:
    return (float(values[0]), float(values[1]), float(values[2]))
