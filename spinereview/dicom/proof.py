"""Proof on the spot that a compressed series is written, found, decoded in its own process and exact."""

from __future__ import annotations

import tempfile
from decimal import Decimal
from pathlib import Path

import numpy as np

from spinereview.dicom.decoder import shared
from spinereview.dicom.load import load
from spinereview.dicom.scan import scan
from spinereview.dicom.series_plan import SeriesGeometry, SeriesPlan
from spinereview.dicom.write import Encoding, write_series
from spinereview.errors import DicomError
from spinereview.tasks import CancelToken

_SHAPE = (3, 32, 24)


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
