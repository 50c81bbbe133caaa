"""Program that tests run with `fault.c` preloaded: every call of a kind on the trail's folder fails once, in turn.

For each call: a trail, acts of which one meets the fault, then the fault is gone and the next act must work. Writes one
line of JSON a call to its standard output: which acts were acknowledged, what was reported as taken back, what was shown,
what is on the disk in the end.
"""

from __future__ import annotations

import ctypes
import errno
import json
import shutil
import sys
from pathlib import Path

from trail_desk import Desk, Say

from spinereview.errors import TrailError
from spinereview.review.session import Session, WriteFailure

KINDS = {"fsync": 1, "write": 2, "ftruncate": 3, "rename": 4, "unlink": 5}


def texts(session: Session) -> dict[str, str]:
    return {key: visit.comment for key, visit in session.head.visits.items()}


def one_call(folder: Path, kind: str, nth: int, times: int) -> dict[str, object]:
    preloaded = ctypes.CDLL(None)
    desk = Desk(folder, threaded=True)
    session = desk.create()
    failures: list[WriteFailure] = []
    session.watch_errors(failures.append)
    session.do(Say(timepoint="A", text="before"))
    desk.settle(session)
    preloaded.fault_arm(str(folder).encode(), KINDS[kind], nth, times, errno.EIO)
    refused = []
    for key in ("B", "C", "D"):
        try:
            session.do(Say(timepoint=key, text="during"))
        except TrailError as error:
            refused.append(error.code)
        desk.settle(session)
    met = preloaded.fault_disarm() >= nth
    shown = texts(session)
    held = session.saved and session.head is session.committed
    session.do(Say(timepoint="E", text="after"))
    desk.settle(session)
    shown_after = texts(session)
    session.close()
    again = desk.session(desk.read())
    entries = [entry for failure in failures for entry in failure.taken_back]
    return {
        "kind": kind,
        "nth": nth,
        "met": met,
        "held": held,
        "refused": refused,
        "codes": [failure.error.code for failure in failures],
        "taken_back": [entry.args["timepoint"] for entry in entries if entry.name == "say"],
        "restored": [
            entry.args["timepoint"] for failure in failures for entry in failure.restored if entry.name == "say"
        ],
        "shown": shown,
        "shown_after": shown_after,
        "on_disk": texts(again),
        "finding": again.readonly_because.code if again.readonly_because else "",
    }


def main() -> None:
    root, kind, times = Path(sys.argv[1]), sys.argv[2], int(sys.argv[3])
    for nth in range(1, 200):
        folder = root / f"{kind}-{nth}-{times}"
        folder.mkdir()
        result = one_call(folder, kind, nth, times)
        print(json.dumps(result), flush=True)
        shutil.rmtree(folder)
        if not result["met"]:
            return


if __name__ == "__main__":
    main()
