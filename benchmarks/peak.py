"""Peak memory of loading a folder, beyond what the process had before: run in a process of its own."""

from __future__ import annotations

import resource
import sys
from pathlib import Path

from benchmarks.phantoms import headers
from spinereview.dicom.load import load, load_one


def peak_bytes() -> int:
    """Most memory that this process has had.

    Linux: VmHWM; ru_maxrss there begins with the peak of the process that started this one.
    """
    status = Path("/proc/self/status")
    if status.exists():
        lines = dict(line.split(":", 1) for line in status.read_text(encoding="ascii").splitlines() if ":" in line)
        return int(lines["VmHWM"].split()[0]) * 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss


def main() -> None:
    images = headers(Path(sys.argv[1]))
    load_one(images, 0)
    before = peak_bytes()
    volume = load(images)
    print(peak_bytes() - before, volume.samples.nbytes)


if __name__ == "__main__":
    main()
