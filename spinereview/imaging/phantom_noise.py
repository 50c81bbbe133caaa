"""Noise of the phantom's images: the same for the same seed, whatever the number of threads that make it."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import numpy as np
from numpy.typing import NDArray

from spinereview.imaging.phantom_grid import Image

_THREADS = 2
_KERNEL = 0.6
_NEAREST_CM = 9.0
_LIGHTEST, _HEAVIEST = -1024, 3071


def with_noise(volume: Image, *, seed: int, sd_hu: float) -> NDArray[np.int16]:
    """Stored values of a CT: Hounsfield units with noise, rounded, -1024 to 3071; shape (slices, rows, columns).

    The noise of neighbouring pixels is correlated, as a reconstruction leaves it; its standard deviation is ``sd_hu``.
    """

    def noisy(image: Image, random: np.random.Generator) -> Image:
        made: Image = image + _correlated(random, image.shape) * np.float32(sd_hu)
        return made

    return _each(volume, seed, noisy, _LIGHTEST, _HEAVIEST)


def with_mr_noise(volume: Image, *, seed: int, sd: float, depth: Image) -> NDArray[np.int16]:
    """Stored values of an MR: signal that falls off from the coil at the back, with Rician noise, 0 to 4095.

    Parameters
    ----------
    sd
        Standard deviation of the noise of each channel, in units of the signal.
    depth
        Part of the signal that the coil takes up at each pixel, broadcasting to (rows, columns).
    """

    def noisy(image: Image, random: np.random.Generator) -> Image:
        real, imaginary = (_correlated(random, image.shape) * np.float32(sd) for _ in range(2))
        made: Image = np.hypot(image * depth + real, imaginary)
        return made

    return _each(volume, seed, noisy, 0, 4095)


def coil(back_mm: Image) -> Image:
    """Part of the signal that a coil below the patient takes up, by the place from front to back in millimetres."""
    away_cm = np.maximum(0, (110 - back_mm) / 10)
    taken: Image = (0.7 + 0.4 / (1 + (away_cm / _NEAREST_CM) ** 2)).astype(np.float32)
    return taken


def _correlated(random: np.random.Generator, shape: tuple[int, ...]) -> Image:
    noise = random.standard_normal(shape, dtype=np.float32)
    for axis in (0, 1):
        noise = noise + np.float32(_KERNEL) * (np.roll(noise, 1, axis) + np.roll(noise, -1, axis))
    noise /= np.float32(1 + 2 * _KERNEL**2)
    return noise


def _each(
    volume: Image, seed: int, noisy: Callable[[Image, np.random.Generator], Image], lowest: int, highest: int
) -> NDArray[np.int16]:
    result = np.empty(volume.shape, dtype=np.int16)

    def one(index: int) -> None:
        made = noisy(volume[index], np.random.default_rng((seed, index)))
        np.clip(np.rint(made, out=made), lowest, highest, out=made)
        result[index] = made

    with ThreadPoolExecutor(_THREADS, thread_name_prefix="noise") as executor:
        list(executor.map(one, range(len(volume))))
    return result
