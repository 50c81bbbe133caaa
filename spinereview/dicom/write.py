"""Files of phantoms: honest, valid DICOM of samples and a geometry that are known exactly.

Equal input gives equal bytes: UIDs and dates come from the plan, nothing is taken from a clock.
"""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import Any

import imagecodecs
import numpy as np
from numpy.typing import NDArray
from pydicom import FileDataset
from pydicom.dataset import Dataset, FileMetaDataset
from pydicom.encaps import encapsulate
from pydicom.uid import UID

from spinereview.dicom.series_plan import SeriesPlan
from spinereview.dicom.write_modules import enhanced_dataset, image_dataset
from spinereview.domain.checks import require

IMPLEMENTATION_CLASS_UID = "2.25.97183504817620943185420913317541228"
_KINDS = (np.dtype(np.int16), np.dtype(np.uint16), np.dtype(np.uint8))


class Encoding(StrEnum):
    """Transfer syntaxes that can be written, by UID (PS3.6 annex A)."""

    IMPLICIT_LITTLE = "1.2.840.10008.1.2"
    EXPLICIT_LITTLE = "1.2.840.10008.1.2.1"
    EXPLICIT_BIG = "1.2.840.10008.1.2.2"
    DEFLATED = "1.2.840.10008.1.2.1.99"
    RLE = "1.2.840.10008.1.2.5"
    JPEG_LOSSLESS = "1.2.840.10008.1.2.4.70"
    JPEG_LS = "1.2.840.10008.1.2.4.80"
    JPEG_2000 = "1.2.840.10008.1.2.4.90"
    HTJ2K = "1.2.840.10008.1.2.4.201"

    @property
    def encapsulated(self) -> bool:
        """Whether each frame is a compressed stream of its own."""
        return self not in {self.IMPLICIT_LITTLE, self.EXPLICIT_LITTLE, self.EXPLICIT_BIG, self.DEFLATED}


def write_series(
    folder: Path,
    samples: NDArray[Any],
    plan: SeriesPlan,
    *,
    encoding: Encoding = Encoding.EXPLICIT_LITTLE,
    multi_frame: bool = False,
) -> tuple[Path, ...]:
    """Write a series: one file an image, or one enhanced file of many frames (CT and MR).

    Parameters
    ----------
    samples
        Stored values, shape (images, rows, columns), int16, uint16 or uint8.

    Returns
    -------
    The files, in the order of the images.

    Raises
    ------
    InvalidValue
        ``PHANTOM_SAMPLES`` where samples and plan do not fit.
    """
    count = samples.shape[0] if samples.ndim == 3 else 0
    fits = samples.dtype in _KINDS and plan.bits_stored <= samples.dtype.itemsize * 8
    each = {len(plan.slopes), len(plan.intercepts)} <= {1, count}
    require(holds=count > 0 and fits and each, code="PHANTOM_SAMPLES", value=f"{samples.shape} {samples.dtype}")
    folder.mkdir(parents=True, exist_ok=True)
    if multi_frame:
        return (write_file(folder / "IM0001.dcm", enhanced_dataset(plan, samples), list(samples), encoding),)
    return tuple(
        write_file(folder / f"IM{index + 1:04d}.dcm", image_dataset(plan, samples, index), [samples[index]], encoding)
        for index in range(count)
    )


def write_file(path: Path, dataset: Dataset, frames: list[NDArray[Any]], encoding: Encoding) -> Path:
    """Write one file: a data set without its pixels, and its frames of stored values."""
    meta = FileMetaDataset()
    meta.MediaStorageSOPClassUID = dataset.SOPClassUID
    meta.MediaStorageSOPInstanceUID = dataset.SOPInstanceUID
    meta.TransferSyntaxUID = UID(encoding.value)
    meta.ImplementationClassUID = UID(IMPLEMENTATION_CLASS_UID)
    meta.ImplementationVersionName = "SPINEREVIEW"
    big_endian = encoding is Encoding.EXPLICIT_BIG
    if encoding.encapsulated:
        dataset.PixelData = encapsulate([_even(encode_frame(frame, encoding)) for frame in frames])
        dataset["PixelData"].is_undefined_length = True
        dataset["PixelData"].VR = "OB"
    else:
        data = b"".join(
            frame.astype(frame.dtype.newbyteorder(">" if big_endian else "<")).tobytes() for frame in frames
        )
        dataset.PixelData = _even(data)
        dataset["PixelData"].VR = (
            "OB" if frames[0].dtype.itemsize == 1 and encoding is not Encoding.IMPLICIT_LITTLE else "OW"
        )
    implicit = encoding is Encoding.IMPLICIT_LITTLE
    file = FileDataset(path, dataset, b"\0" * 128, meta, is_implicit_VR=implicit, is_little_endian=not big_endian)
    file.save_as(path, enforce_file_format=True)
    return path


def encode_frame(frame: NDArray[Any], encoding: Encoding) -> bytes:
    """One frame as a lossless compressed stream; signed samples go in as their two's complement but for JPEG 2000."""
    if encoding is Encoding.JPEG_2000:
        return bytes(imagecodecs.jpeg2k_encode(frame, codecformat="j2k", reversible=True, level=0))
    if encoding is Encoding.HTJ2K:
        return bytes(imagecodecs.htj2k_encode(frame, reversible=True))
    unsigned = np.ascontiguousarray(frame).view(frame.dtype.str.replace("i", "u"))
    if encoding is Encoding.JPEG_LS:
        return bytes(imagecodecs.jpegls_encode(unsigned))
    if encoding is Encoding.JPEG_LOSSLESS:
        bits = frame.dtype.itemsize * 8
        return bytes(imagecodecs.jpeg8_encode(unsigned, lossless=True, predictor=1, bitspersample=bits))
    return _rle_frame(unsigned)


def _rle_frame(unsigned: NDArray[Any]) -> bytes:
    """RLE Lossless: header of 16 lengths, a PackBits segment for each byte, rows apart (PS3.5 G.3.1, G.5)."""
    planes = unsigned.astype(unsigned.dtype.newbyteorder(">")).view(np.uint8)
    planes = planes.reshape(*unsigned.shape, unsigned.dtype.itemsize)
    segments = []
    for plane in range(unsigned.dtype.itemsize):
        rows = np.ascontiguousarray(planes[:, :, plane])
        segments.append(_even(b"".join(bytes(imagecodecs.packbits_encode(row.tobytes())) for row in rows)))
    offsets = [64 + sum(map(len, segments[:index])) for index in range(len(segments))]
    header = np.zeros(16, dtype="<u4")
    header[: len(offsets) + 1] = [len(segments), *offsets]
    return header.tobytes() + b"".join(segments)


def _even(data: bytes) -> bytes:
    return data + b"\0" if len(data) % 2 else data
