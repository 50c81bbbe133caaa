"""Pixels of a stack into one volume, from the middle image outward, without parsing any header again.

Images are given in spatial order, each as the header of its file and of its frame. An image that cannot be read is named
in :attr:`Volume.failed`; the others stay usable. Memory is asked for once, before anything is read, and only within a
stated budget.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor, as_completed
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from spinereview.dicom.header import FileHeader, FrameHeader, PixelLayout
from spinereview.dicom.memory import memory_budget_bytes
from spinereview.dicom.pixel_reader import PixelReader, pixel_layout, stored_type
from spinereview.dicom.samples import NATIVE, frame_bits
from spinereview.errors import DicomError, SpineReviewError
from spinereview.imaging.volume import Volume, no_padding
from spinereview.tasks import CancelToken, Progress, no_progress

Images = Sequence[tuple[FileHeader, FrameHeader]]
"""The images of a stack in spatial order, as :class:`spinereview.dicom.geometry.StackResult` gives them."""

SLOW_IMAGE_S = 0.002
"""An image that takes longer is worth threads: it is compressed, or comes over a network. From a cache they only cost."""
RUN_BYTES = 1 << 22
"""Frames of one file are read together up to this size: long enough for threads to pay, short enough to be cancelled."""


def load(
    images: Images,
    *,
    cancel: CancelToken | None = None,
    progress: Progress = no_progress,
    on_ready: Callable[[int], None] | None = None,
    budget_bytes: int | None = None,
) -> Volume:
    """Read a stack into a new volume; see :func:`allocate` and :func:`load_into` for the errors."""
    volume = allocate(images, budget_bytes=budget_bytes)
    load_into(images, volume, cancel=cancel, progress=progress, on_ready=on_ready, budget_bytes=budget_bytes)
    return volume


def load_one(images: Images, index: int, *, budget_bytes: int | None = None) -> Volume:
    """Read one image alone as a volume of one: for the first paint, and where the whole stack exceeds the memory.

    Raises
    ------
    DicomError
        Why the image cannot be read.
    """
    chosen = images[index : index + 1] if index >= 0 else ()
    if not chosen:
        raise IndexError(index)
    volume = allocate(chosen, budget_bytes=budget_bytes)
    load_into(chosen, volume, threads=1, budget_bytes=budget_bytes)
    if volume.failed:
        raise volume.failed[0]
    return volume


def allocate(images: Images, *, buffer: Any = None, budget_bytes: int | None = None) -> Volume:
    """An empty volume of the right size and type for a stack; nothing is read yet.

    Parameters
    ----------
    buffer
        Where the samples shall lie, e.g. shared memory: any writable buffer long enough. None: new memory.
    budget_bytes
        Most memory that it may take; None: :func:`memory_budget_bytes`.

    Raises
    ------
    DicomError
        ``MEMORY_BUDGET`` with what it needs and what there is; ``PIXELS_MIXED`` where the images do not share size, type and
        interpretation; where no image is usable, why the first one is not.
    """
    kinds: set[np.dtype[Any]] = set()
    forms: set[tuple[object, ...]] = set()
    failed: dict[int, SpineReviewError] = {}
    judged: FileHeader | None = None
    for index, (header, _frame) in enumerate(images):
        if header is judged:
            continue  # another frame of a file that is usable
        try:
            kinds.add(stored_type(header))
        except DicomError as error:
            failed[index] = error
            continue
        forms.add(_form(pixel_layout(header)))
        judged = header
    if not forms:
        raise failed[0] if failed else DicomError("STACK_WITHOUT_IMAGES")
    if len(forms) > 1:
        raise DicomError("PIXELS_MIXED", file=images[0][0].path, found="; ".join(sorted(map(_described, forms))))
    rows, columns, colour, inverted = forms.pop()
    kind = np.dtype(np.uint8) if colour else _common_type(kinds, images[0][0].path)
    shape = (len(images), rows, columns, 3) if colour else (len(images), rows, columns)
    volume = Volume(
        samples=_memory(shape, kind, buffer, budget_bytes),
        slope=_per_image(images, "slope", 1.0),
        intercept=_per_image(images, "intercept", 0.0),
        padding=_padding(images),
        inverted=bool(inverted),
        ready=np.zeros(len(images), dtype=np.bool_),
    )
    for index, why in failed.items():
        volume.mark_failed(index, why)
    return volume


def load_into(
    images: Images,
    out: Volume,
    *,
    cancel: CancelToken | None = None,
    progress: Progress = no_progress,
    on_ready: Callable[[int], None] | None = None,
    order: Sequence[int] | None = None,
    threads: int | None = None,
    budget_bytes: int | None = None,
) -> None:
    """Fill a volume that :func:`allocate` made for the same images.

    Parameters
    ----------
    on_ready
        Called with the index of each image that has become readable, on the thread that called this function.
    order
        Indices in the order of reading; None: from the middle outward. Images that are ready already are passed over.
    threads
        How many read and decode at once; None: one for each core, at most 4, where the first image was slow, else one.

    Raises
    ------
    Cancelled
        The user asked for it; images that are ready stay so.
    """
    cancel = cancel or CancelToken()
    reader = PixelReader(inflate_limit=memory_budget_bytes() if budget_bytes is None else budget_bytes)
    filling = _Filling(images=images, out=out, reader=reader, cancel=cancel)
    wanted = [
        index for index in (order or middle_outward(len(images))) if not out.ready[index] and index not in out.failed
    ]
    progress(0, len(wanted))
    for done, index in enumerate(_each(filling.read, runs(images, wanted), threads), start=1):
        cancel.check()
        if on_ready is not None and out.ready[index]:
            on_ready(index)
        progress(done, len(wanted))
    cancel.check()


@dataclass(frozen=True, slots=True, kw_only=True)
class _Filling:
    """A volume that is being filled; used by several threads at once, each for images of its own."""

    images: Images
    out: Volume
    reader: PixelReader
    cancel: CancelToken

    def read(self, run: range) -> range:
        """Read images that follow each other: at once where that is possible, else one by one."""
        if self.cancel.cancelled:
            return run
        if len(run) > 1:
            header, frame = self.images[run.start]
            if self.reader.read_run(header, frame.number, self.out.samples[run.start : run.stop]):
                self.out.ready[run.start : run.stop] = True
                return run
        for index in run:
            if not self.cancel.cancelled:
                self._read_one(index)
        return run

    def _read_one(self, index: int) -> None:
        header, frame = self.images[index]
        try:
            self.reader.read_into(header, frame.number, self.out.samples[index])
        except DicomError as error:
            self.out.mark_failed(index, error)
        else:
            self.out.ready[index] = True


def middle_outward(count: int) -> list[int]:
    """Indices from the middle one to both ends.

    >>> middle_outward(5)
    [2, 3, 1, 4, 0]
    """
    middle = count // 2
    return sorted(range(count), key=lambda index: (abs(index - middle), -index))


def runs(images: Images, wanted: Sequence[int]) -> list[range]:
    """Images to read together: frames that follow each other in one file and in the stack; every other one alone.

    The first image wanted comes alone and at once; a run comes when the first of its images is wanted.

    Parameters
    ----------
    wanted
        Indices in the order of reading.
    """
    if not wanted:
        return []
    found: list[range] = []
    for index in sorted(wanted[1:]):
        last = found[-1] if found else range(-1)
        if last.stop == index and _follows(images, index) and len(last) < _at_once(images[index][0]):
            found[-1] = range(last.start, index + 1)
        else:
            found.append(range(index, index + 1))
    rank = {index: place for place, index in enumerate(wanted)}
    found.sort(key=lambda run: min(rank[index] for index in run))
    return [range(wanted[0], wanted[0] + 1), *found]


def _follows(images: Images, index: int) -> bool:
    """Whether an image is the frame behind that of the image before it, in the same file."""
    (before, one), (header, other) = images[index - 1], images[index]
    return before is header and other.number == one.number + 1


def _at_once(header: FileHeader) -> int:
    """How many frames of a file are read at once."""
    layout = header.pixels
    if layout is None or layout.frames == 1 or layout.transfer_syntax_uid not in NATIVE:
        return 1
    return max(1, RUN_BYTES * 8 // max(1, frame_bits(layout)))


def _each(read: Callable[[range], range], wanted: Sequence[range], threads: int | None) -> Iterator[int]:
    """Images as they have been read, the first one alone; what has not begun is given up when the consumer stops."""
    if not wanted:
        return
    begun = time.perf_counter()
    first = read(wanted[0])
    slow = time.perf_counter() - begun > SLOW_IMAGE_S
    yield from first
    rest = wanted[1:]
    if threads is None:
        threads = min(4, os.cpu_count() or 1) if slow or any(len(run) > 1 for run in rest) else 1
    if threads == 1:
        for run in rest:
            yield from read(run)
        return
    executor = ThreadPoolExecutor(threads, thread_name_prefix="pixels")
    try:
        futures: list[Future[range]] = [executor.submit(read, run) for run in rest]
        for future in as_completed(futures):
            yield from future.result()
    finally:
        executor.shutdown(cancel_futures=True)


def _form(layout: PixelLayout) -> tuple[object, ...]:
    colour = layout.samples == 3 or layout.photometric == "PALETTE COLOR"
    return layout.rows, layout.columns, colour, layout.photometric == "MONOCHROME1"


def _described(form: tuple[object, ...]) -> str:
    rows, columns, colour, inverted = form
    return f"{rows} x {columns} {'colour' if colour else 'MONOCHROME1' if inverted else 'MONOCHROME2'}"


def _common_type(kinds: set[np.dtype[Any]], path: Path) -> np.dtype[Any]:
    """The one type of all images, or one wide enough for them: signed and unsigned images may share a series."""
    common = np.result_type(*kinds)
    mixed = len({kind.kind == "f" for kind in kinds}) > 1
    if mixed or (common.kind != "f" and common.itemsize > 4):
        raise DicomError("PIXELS_MIXED", file=path, found="; ".join(sorted(kind.name for kind in kinds)))
    return common


def _memory(
    shape: tuple[Any, ...],
    kind: np.dtype[Any],
    buffer: Any,
    budget_bytes: int | None,
) -> NDArray[Any]:
    needed = kind.itemsize
    for length in shape:
        needed *= int(length)
    budget = memory_budget_bytes() if budget_bytes is None else budget_bytes
    too_much = DicomError("MEMORY_BUDGET", needs_mb=-(-needed // 2**20), has_mb=budget // 2**20)
    if buffer is None and needed > budget:
        raise too_much
    if buffer is None:
        try:
            return np.zeros(shape, dtype=kind)  # costs nothing: pages are zeroed when they are first written
        except MemoryError as error:
            raise too_much from error
    return np.ndarray(shape, dtype=kind, buffer=buffer)


def _per_image(images: Images, name: str, default: float) -> NDArray[np.float64]:
    stated = (getattr(frame, name) for _header, frame in images)
    return np.array([default if value is None else float(value) for value in stated], dtype=np.float64)


def _padding(images: Images) -> NDArray[np.int64]:
    ranges = no_padding(len(images))
    for index, (header, _frame) in enumerate(images):
        layout = header.pixels
        if layout is None or layout.padding_value is None:
            continue
        value = stored_padding(layout.padding_value, layout)
        limit = value if layout.padding_limit is None else stored_padding(layout.padding_limit, layout)
        ranges[index] = (min(value, limit), max(value, limit))
    return ranges


def stored_padding(value: int, layout: PixelLayout) -> int:
    """Pixel Padding Value as a stored value, also where its Value Representation contradicts Pixel Representation.

    Found in the wild: US 63536 beside signed pixels, which means -2000 (PS3.5 6.2: the representation depends on
    (0028,0103)); the other way about, SS -2000 beside unsigned pixels.
    """
    if layout.signed and value >= 1 << (layout.bits_stored - 1):
        return value - (1 << (layout.bits_allocated if value >> layout.bits_stored else layout.bits_stored))
    if not layout.signed and value < 0:
        return value + (1 << layout.bits_allocated)
    return value
