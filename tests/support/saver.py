"""Program that tests start and kill: forks a child for each line on its standard input, and each child saves acts.

A line is the path of a trail file. The parent answers with the number of the child; the child opens the trail with a
writer thread, does acts without end, and writes the number of each event that the trail acknowledged to its standard
output as ``+<number>``. Only then is an act acknowledged.
"""

from __future__ import annotations

import os
import sys
from itertools import count
from pathlib import Path

from trail_desk import AUTHOR, Desk, Move

from spinereview.review.audit import Event
from spinereview.review.clock import SystemClock
from spinereview.storage.trailfile import TrailFile


def say(text: str) -> None:
    os.write(1, f"{text}\n".encode())


class TellingTrail(TrailFile):
    """A trail file that tells the parent of every acknowledged event, at the moment of the acknowledgement."""

    @classmethod
    def of(cls, trail: TrailFile) -> TellingTrail:
        return cls(trail.path, trail.folded, author=trail.author, writer=trail._writer)

    def append(self, event: Event, done) -> None:
        def told(error) -> None:
            if error is None:
                say(f"+{event.seq}")
            done(error)

        super().append(event, told)


def save_for_ever(path: Path) -> None:
    desk = Desk(path.parent, threaded=True, clock=SystemClock())
    from spinereview.storage.trailfile import open_trail

    opened = open_trail(path, author=AUTHOR, clock=desk.clock, witness=desk.witness)
    session = desk.session(TellingTrail.of(opened))
    say(f"+{session.trail_head.seq}")
    for number in count():
        session.do(Move(lesion="L01", column_mpx=260_000 + (session.trail_head.seq * 7 + number) % 50_000))
        if session.state.pending > 3:
            desk.done.get()()


def main() -> None:
    for line in sys.stdin:
        child = os.fork()
        if child == 0:
            try:
                save_for_ever(Path(line.strip()))
            finally:
                os._exit(70)
        say(f"pid {child}")
        os.waitpid(child, 0)
        say("gone")


if __name__ == "__main__":
    main()
