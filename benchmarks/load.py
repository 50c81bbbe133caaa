"""Loading: how near to merely reading, how little memory, and whether every sample is right in every transfer syntax."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path

import numpy as np

from benchmarks.harness import Bench, Goal, NotRun, Result, ratio
from benchmarks.phantoms import (
    INTERCEPT,
    Images,
    Loaded,
    bench_ct,
    by_simpleitk,
    compressed_ct,
    headers,
    load_ours,
    plan,
    same_values,
    samples,
)
from spinereview.dicom.load import load
from spinereview.dicom.write import Encoding, write_series

P1_LIMIT = Goal(id="P1", what="load / limit", limit=1.7)
P1_PEER = Goal(id="P1", what="SimpleITK / load", limit=10, at_most=False)
P2_PEAK = Goal(id="P2", what="peak / volume", limit=1.15)
P4 = {
    Encoding.JPEG_LS: Goal(id="P4", what="SimpleITK / load of JPEG-LS", limit=2, at_most=False),
    Encoding.JPEG_LOSSLESS: Goal(id="P4", what="SimpleITK / load of JPEG lossless", limit=2, at_most=False),
    Encoding.JPEG_2000: Goal(id="P4", what="SimpleITK / load of JPEG 2000", limit=1.1, at_most=False),
}
P6 = Goal(id="P6", what="SimpleITK / load of 600 enhanced frames", limit=20, at_most=False)
A1_SAMPLES = Goal(id="A1", what="planes that differ over all transfer syntaxes", limit=0)
A1_PEER = Goal(id="A1", what="transfer syntaxes that differ from SimpleITK", limit=0)
A1_RESCALE = Goal(id="A1", what="real values that differ where the slope changes", limit=0)
GOALS = (P1_LIMIT, P1_PEER, P2_PEAK, *P4.values(), P6, A1_SAMPLES, A1_PEER, A1_RESCALE)

COMPRESSED_SHAPE = (60, 512, 512)
EXACT_SHAPE = (24, 40, 36)
BY_SIMPLEITK = tuple(encoding for encoding in Encoding if encoding is not Encoding.HTJ2K)


def run(bench: Bench) -> Iterator[Result]:
    yield _exact(bench)
    yield _rescaled(bench)
    yield _peak(bench)
    yield from _speed(bench)
    yield _like_simpleitk(bench)
    yield from _compressed(bench)
    yield _enhanced(bench)


def limit(images: Images) -> Loaded:
    """The least that any loader must do: the pixels of every file into one new array."""
    pixels = images[0][0].pixels
    out = np.empty((len(images), pixels.rows, pixels.columns), dtype=np.int16)
    for index, (header, _frame) in enumerate(images):
        with open(header.path, "rb", buffering=0) as file:  # noqa: PTH123 - the least work
            file.seek(header.pixels.offset)
            file.readinto(out[index].data.cast("B"))
    return out, int(INTERCEPT)


def _speed(bench: Bench) -> Iterator[Result]:
    folder = bench_ct(bench)
    images = headers(folder)
    methods = {"limit": lambda: limit(images), "load": lambda: load_ours(images)}
    missing = ""
    try:
        by_simpleitk(folder)
        methods["SimpleITK"] = lambda: by_simpleitk(folder)
    except NotRun as error:
        missing = str(error)
    seconds = bench.timed(methods, same_values)
    yield Result(goal=P1_LIMIT, value=ratio(seconds, "load", "limit"), seconds=seconds)
    if missing:
        yield Result(goal=P1_PEER, why=missing)
    else:
        yield Result(goal=P1_PEER, value=ratio(seconds, "SimpleITK", "load"), seconds=seconds)


def _peak(bench: Bench) -> Result:
    command = [sys.executable, "-m", "benchmarks.peak", str(bench_ct(bench))]
    output = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    peak, volume = (int(number) for number in output.split())
    return Result(goal=P2_PEAK, value=peak / volume, notes={"peak_bytes": peak, "volume_bytes": volume})


def _compressed(bench: Bench) -> Iterator[Result]:
    for encoding, goal in P4.items():
        folder = compressed_ct(bench, encoding, COMPRESSED_SHAPE)
        images = headers(folder)
        methods = {
            "load": lambda images=images: load_ours(images),
            "SimpleITK": lambda folder=folder: by_simpleitk(folder),
        }
        seconds = bench.timed(methods, same_values)
        yield Result(goal=goal, value=ratio(seconds, "SimpleITK", "load"), seconds=seconds)


def _enhanced(bench: Bench) -> Result:
    shape = (600, 256, 256)
    folder = bench.once("enhanced", lambda made: write_series(made, samples(shape), plan("enhanced"), multi_frame=True))
    images = headers(folder)
    methods = {"load": lambda: load_ours(images), "SimpleITK": lambda: by_simpleitk(folder)}
    seconds = bench.timed(methods, same_values)
    return Result(goal=P6, value=ratio(seconds, "SimpleITK", "load"), seconds=seconds)


def _exact(bench: Bench) -> Result:
    """Every plane in the three directions, in every transfer syntax, files of one frame and of many."""
    truth = samples(EXACT_SHAPE)
    truth[3, 5, 7], truth[4, 6, 8] = np.iinfo(np.int16).min, np.iinfo(np.int16).max
    differing = planes = 0
    for encoding in Encoding:
        for multi_frame in (False, True):
            folder = _exact_folder(bench, encoding, multi_frame=multi_frame)
            write_series(folder, truth, plan(encoding.name), encoding=encoding, multi_frame=multi_frame)
            found = load(headers(folder)).samples
            for axis in range(3):
                for index in range(truth.shape[axis]):
                    planes += 1
                    differing += not np.array_equal(found.take(index, axis), truth.take(index, axis))
    return Result(goal=A1_SAMPLES, value=float(differing), notes={"planes": planes})


def _exact_folder(bench: Bench, encoding: Encoding, *, multi_frame: bool = False) -> Path:
    return bench.folder / f"exact_{encoding.name}_{multi_frame}"


def _like_simpleitk(bench: Bench) -> Result:
    differing = [
        encoding.name
        for encoding in BY_SIMPLEITK
        if not same_values(
            load_ours(headers(_exact_folder(bench, encoding))), by_simpleitk(_exact_folder(bench, encoding))
        )
    ]
    return Result(goal=A1_PEER, value=float(len(differing)), notes={"differing": differing})


def _rescaled(bench: Bench) -> Result:
    """Stored values up to 65535, another slope from the middle on: real values in all three directions."""
    stored = samples(EXACT_SHAPE).view(np.uint16)
    stored[:, 0, 0] = 65535
    slopes = tuple(
        Decimal("0.25") if index < EXACT_SHAPE[0] // 2 else Decimal("1.5") for index in range(EXACT_SHAPE[0])
    )
    folder = bench.once(
        "rescaled",
        lambda made: write_series(made, stored, plan("rescaled", slopes=slopes)),
    )
    volume = load(headers(folder))
    truth = stored * np.array([float(slope) for slope in slopes])[:, None, None] + int(INTERCEPT)
    real = volume.with_real_values().samples
    by_slice = np.stack([volume.real_values(index) for index in range(len(volume))])
    return Result(goal=A1_RESCALE, value=float((real != truth).sum() + (by_slice != truth).sum()))
