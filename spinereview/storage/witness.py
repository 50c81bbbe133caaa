"""What this workstation remembers of a trail, so that a cut tail or an old copy is noticed.

A trail whose end was cut off is a good trail, and one that somebody chained anew with this very program is too; only a
memory outside the file tells them. One small file a document lies in the local settings: path, last number, hash. It may
lag behind the trail, never be ahead of it: it is written after the commit.
"""

from __future__ import annotations

import hashlib
import os
from dataclasses import dataclass
from pathlib import Path

from spinereview.domain.codec import canonical, parse
from spinereview.errors import InvalidValue, TrailError
from spinereview.review.audit import Head
from spinereview.review.replay import Replay


@dataclass(frozen=True, slots=True, kw_only=True)
class Memory:
    """Where a trail lay and how it ended when it was last written here."""

    path: Path
    head: Head


class Witness:
    """The memory of one workstation.

    Parameters
    ----------
    folder
        In the local settings; made when first needed.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def _file(self, document: str) -> Path:
        return self._folder / f"{hashlib.sha256(document.encode()).hexdigest()[:32]}.json"

    def recall(self, document: str) -> Memory | None:
        """What is remembered of a document; None where nothing is, or where it cannot be read."""
        try:
            tree = parse(self._file(document).read_bytes())
        except (OSError, InvalidValue):
            return None
        if not isinstance(tree, dict):
            return None
        path, seq, digest = tree.get("path"), tree.get("seq"), tree.get("hash")
        if not isinstance(path, str) or not isinstance(seq, int) or not isinstance(digest, str):
            return None
        return Memory(path=Path(path), head=Head(seq=seq, hash=digest))

    def remember(self, document: str, path: Path, head: Head) -> None:
        """Keep where a trail lies and how it ends.

        Raises
        ------
        TrailError
            ``WITNESS_FAILED``.
        """
        file = self._file(document)
        beside = file.with_suffix(f".{os.getpid()}")
        tree = canonical({"document": document, "path": str(path), "seq": head.seq, "hash": head.hash})
        try:
            self._folder.mkdir(parents=True, exist_ok=True)
            beside.write_bytes(tree)
            beside.replace(file)
        except OSError as error:
            raise TrailError("WITNESS_FAILED", file=file, error=error.strerror) from error

    def check(self, document: str, path: Path, replay: Replay) -> TrailError | None:
        """What contradicts the memory.

        Returns
        -------
        TrailError or None
            ``TRAIL_CUT``: shorter than it was. ``TRAIL_ALTERED``: another event where the last one was.
            ``TRAIL_COPIED``: as it should be, but the file that was written here still lies elsewhere.
        """
        memory = self.recall(document)
        if memory is None:
            return None
        if replay.head.seq < memory.head.seq:
            return TrailError("TRAIL_CUT", file=path, found=replay.head.seq, known=memory.head.seq)
        if replay.hash_at(memory.head.seq) != memory.head.hash:
            return TrailError("TRAIL_ALTERED", file=path, event=memory.head.seq, finding="WITNESS")
        if memory.path != path and memory.path.is_file():
            return TrailError("TRAIL_COPIED", file=path, other=memory.path)
        return None
