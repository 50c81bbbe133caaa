"""What decodes, by library and licence; and proof that a compressed series is found, decoded elsewhere, and exact."""

from __future__ import annotations

import tempfile
import zlib
from decimal import Decimal
from importlib.util import find_spec
from pathlib import Path

import imagecodecs
import numpy as np

from spinereview.dicom.decoder import shared
from spinereview.dicom.load import load
from spinereview.dicom.scan import scan
from spinereview.dicom.series_plan import SeriesGeometry, SeriesPlan
from spinereview.dicom.write import Encoding, write_series
from spinereview.errors import DicomError
from spinereview.tasks import CancelToken

_SHAPE = (3, 32, 24)
LIBRARIES = {
    "CharLS": ("jpegls", "BSD-3-Clause"),
    "OpenJPEG": ("jpeg2k", "BSD-2-Clause"),
    "OpenJPH": ("htj2k", "BSD-2-Clause"),
    "jpegsof3": ("jpegsof3", "BSD-3-Clause, as part of imagecodecs"),
    "libjpeg-turbo": ("jpeg8", "BSD-3-Clause and IJG"),
    "libjxl": ("jpegxl", "BSD-3-Clause"),
    "zlib": ("", "Zlib"),
}
"""Libraries that decode: the codec of imagecodecs that says their version, and their licence."""
FORBIDDEN = ("libjpeg", "pylibjpeg")
"""Modules of decoders that pydicom would take by itself: the first is under GPL-3, which must not be shipped."""


def decoders() -> str:
    """Libraries that decode, with version and licence.

    Raises
    ------
    DicomError
        ``DECODER_LICENCE`` where one is there that must not be.
    """
    for name in FORBIDDEN:
        if find_spec(name) is not None:
            raise DicomError("DECODER_LICENCE", name=name)
    return "; ".join(f"{name} {_version(codec)} ({licence})" for name, (codec, licence) in LIBRARIES.items())


def _version(codec: str) -> str:
    if not codec:
        return zlib.ZLIB_RUNTIME_VERSION
    return str(getattr(imagecodecs, f"{codec}_version")()).split()[-1].split("/")[0]


def compressed_series() -> str:
    """How many images of which encodings came back exactly.

    Raises
    ------
    DicomError
        ``CODEC_WRONG`` with the encoding; why a series cannot be loaded.
    """
    zero, one = Decimal(0), Decimal(1)
    geometry = SeriesGeometry(
        origin_mm=(zero, zero, zero),
        row_direction=(one, zero, zero),
        column_direction=(zero, one, zero),
        pixel_spacing_mm=(one, one),
        step_mm=(zero, zero, one),
        slice_thickness_mm=one,
    )
    samples = np.random.default_rng(0).integers(-1024, 3072, _SHAPE, dtype=np.int16)
    encodings = (Encoding.JPEG_2000, Encoding.JPEG_LS, Encoding.DEFLATED)
    with tempfile.TemporaryDirectory(prefix="spinereview-") as folder:
        for encoding in encodings:
            place = Path(folder, encoding.name)
            plan = SeriesPlan(modality="CT", seed=encoding.name, geometry=geometry, patient_id="P")
            write_series(place, samples, plan, encoding=encoding)
            stacks = scan(place, cancel=CancelToken()).stacks
            if len(stacks) != 1 or not np.array_equal(load(stacks[0].images).samples, samples):
                raise DicomError("CODEC_WRONG", name=encoding.name)
    if shared().process is None:
        raise DicomError("CODEC_WRONG", name="decoder")
    return f"{len(encodings)} of {_SHAPE[0]} images, in a process of its own"
