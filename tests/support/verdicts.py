"""What the program says of files, each looked at alone: a line of JSON a file. Run as a program, with little memory.

Its own end, by whatever signal or exception, is a finding: nothing in a file may bring that about.
"""

from __future__ import annotations

import json
import resource
import sys
import time
import warnings
from pathlib import Path

from spinereview.dicom.load import load
from spinereview.dicom.scan import Scan
from spinereview.errors import SpineReviewError
from spinereview.tasks import CancelToken
from spinereview.text import explain, sentence
from spinereview.workflow.delivery import look_at
from spinereview.workflow.scan_report import report_of
from spinereview.workflow.scan_text import scan_text

MEMORY_BYTES = 3 * 2**30
BUDGET_BYTES = 2**28


def of_pixels(found: Scan) -> list[SpineReviewError]:
    errors: list[SpineReviewError] = []
    for stack in found.stacks:
        try:
            volume = load(stack.images, budget_bytes=BUDGET_BYTES)
        except SpineReviewError as error:
            errors.append(error)
            continue
        errors.extend(volume.failed.values())
    return errors


def verdict(path: Path) -> dict[str, object]:
    """Codes of everything that is said; none where the image is shown as if nothing were wrong."""
    begun = time.process_time()
    codes: set[str] = set()
    sentences: set[str] = set()
    shown = 0
    try:
        delivery = look_at(path, None, cancel=CancelToken())
        found = delivery.found
        report_of(delivery)
        scan_text(delivery)
        codes |= {code for _, code in found.unreadable}
        sentences |= {sentence(code, {"file": file.name}) for file, code in found.unreadable}
        codes |= {"NO_DICOM" for _ in found.not_dicom} | {file.code for file in found.not_shown}
        codes |= {fault.code for stack in found.stacks for fault in stack.faults}
        shown = sum(len(stack.images) for stack in found.stacks)
        for error in of_pixels(found):
            codes.add(error.code)
            sentences.add(explain(error))
    except SpineReviewError as error:
        codes.add(error.code)
        sentences.add(explain(error))
    # Not by the clock on the wall: other programs take their share, and what waits for the decoder waits 8 s at most.
    seconds = time.process_time() - begun
    return {
        "file": path.name,
        "codes": sorted(codes),
        "sentences": sorted(sentences),
        "images": shown,
        "seconds": seconds,
        "peak_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss >> 10,
    }


def main() -> None:
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY_BYTES, resource.RLIM_INFINITY))
    warnings.simplefilter("error")
    for path in sorted(Path(sys.argv[1]).iterdir()):
        print(path.name, flush=True, file=sys.stderr)
        print(json.dumps(verdict(path)), flush=True)


if __name__ == "__main__":
    main()
