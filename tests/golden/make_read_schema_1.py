"""Wrote `read-schema-1.srread` once, with a clock that stands still; run again only for a new schema, under a new name.

The file must open and say the same for ever: it stands for every read that was written in the field.
"""

from __future__ import annotations

import json
import sys
import tempfile
from pathlib import Path

sys.path.append(str(Path(__file__).resolve().parent.parent / "support"))

from trail_desk import Add, Desk, Drop, Move, Say, Seal

from spinereview.domain.codec import canonical


def main() -> None:
    here = Path(__file__).parent
    target = here / "read-schema-1.srread"
    if target.exists():
        raise SystemExit(f"{target.name} exists and is never written again")
    with tempfile.TemporaryDirectory() as folder:
        desk = Desk(Path(folder))
        session = desk.create()
        session.do(Add(organ="BONE"))
        session.do(Add(organ="LIVER"))
        session.do(Move(lesion="L01", column_mpx=271_125))
        session.undo()
        session.redo()
        session.do(Drop(lesion="L02"), reason="not a lesion")
        session.do(Say(timepoint="BL", text="größer als zuvor ≥ 20 %"))
        session.do(Seal(text="locked"))
        session.note("exported", {"format": "csv"})
        session.close()
        desk.clock.time -= desk.clock.time - desk.clock.time.replace(hour=8)
        session = desk.open()
        session.do(Say(timepoint="FU1", text="one"))
        session.do(Say(timepoint="FU1", text="two"))
        session.undo()
        session.close()
        folded = desk.read().folded
        expected = {
            "tree": folded.tree,
            "seq": folded.head.seq,
            "hash": folded.head.hash,
            "history": [[entry.seq, entry.kind.value, entry.name, dict(entry.args)] for entry in folded.history],
        }
        target.write_bytes(desk.path.read_bytes())
        text = json.dumps(json.loads(canonical(expected)), indent=1, sort_keys=True, ensure_ascii=False)
        target.with_suffix(".json").write_text(text + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
