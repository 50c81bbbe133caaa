"""One folder opened as the window does, in a process of its own: scan, first image painted, all images, peak of memory.

``python -m benchmarks.opening FOLDER [MOST]`` prints what came out as JSON; ``MOST`` is the most memory in bytes that the
volume may take, by default what the program allows itself. Where the volume does not fit, images are read one by one, as
the window then does.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from dataclasses import asdict, dataclass
from pathlib import Path

from benchmarks.peak import peak_bytes
from spinereview.dicom.memory import memory_budget_bytes
from spinereview.dicom.pixel_reader import pixel_layout
from spinereview.dicom.scan import scan
from spinereview.tasks import CancelToken, no_progress
from spinereview.text import explain
from spinereview.workflow.pictures import Images, Loading, begin, fill, one_image


@dataclass(frozen=True, slots=True, kw_only=True)
class Opened:
    """What opening one folder took.

    Parameters
    ----------
    images
        How many images the stack has.
    first_s, load_s
        From the choice of the folder to the first image painted; from then to the last image.
    peak_bytes
        Most memory beyond what the process had before.
    budget_bytes
        Most that the volume might take.
    whole
        Whether it was read into one volume; ``said`` is what the person is told where it was not.
    """

    images: int
    scan_s: float
    first_s: float
    load_s: float
    peak_bytes: int
    volume_bytes: int
    budget_bytes: int
    whole: bool
    said: str


def opened(folder: Path, most: int | None = None) -> Opened:
    """Open a folder in a process of its own."""
    command = [sys.executable, "-m", "benchmarks.opening", str(folder), *([] if most is None else [str(most)])]
    output = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    return Opened(**json.loads(output.splitlines()[-1]))


def main() -> None:
    os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    folder, most = Path(sys.argv[1]), int(sys.argv[2]) if len(sys.argv) > 2 else None
    print(json.dumps(asdict(_measured(folder, most))))


def _measured(folder: Path, most: int | None) -> Opened:
    from benchmarks.window import first_painter  # Qt, only in the process that paints

    paint = first_painter()
    budget = memory_budget_bytes() if most is None else most
    before, begun = peak_bytes(), time.perf_counter()
    found = scan(folder, cancel=CancelToken())
    scanned = time.perf_counter()
    images = found.stacks[0].images
    paint(found)
    painted = time.perf_counter()
    loading = begin(images, budget_bytes=budget)
    _read(images, loading)
    loaded = time.perf_counter()
    layout = pixel_layout(images[0][0])
    return Opened(
        images=len(images),
        scan_s=scanned - begun,
        first_s=painted - begun,
        load_s=loaded - painted,
        peak_bytes=peak_bytes() - before,
        volume_bytes=len(images) * layout.rows * layout.columns * layout.bits_allocated // 8,
        budget_bytes=budget,
        whole=loading.whole,
        said="" if loading.error is None else explain(loading.error),
    )


def _read(images: Images, loading: Loading) -> None:
    """Read every image, into the volume or alone; each has to be its own."""
    volume = loading.volume
    if volume is not None:
        fill(
            images,
            volume,
            first=len(images) // 2,
            cancel=CancelToken(),
            progress=no_progress,
            on_ready=lambda _index: None,
        )
    for place in range(len(images)):
        samples = one_image(images, place).samples[0] if volume is None else volume.samples[place]
        if samples[0, 0] != place + 1:
            raise AssertionError("an image is not there, or is another")


if __name__ == "__main__":
    main()
