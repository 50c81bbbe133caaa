"""Wrote `clinical-schema-1.srclin` once, with a clock that stands still; run again only for a new schema, under a new name.

The file must open and say the same for ever: it stands for every clinical record that was written in the field.
"""

from __future__ import annotations

import json
import sys
import tempfile
from decimal import Decimal
from pathlib import Path

sys.path.append(str(Path(__file__).resolve().parent.parent / "support"))

from record_desk import RecordDesk

from spinereview.domain.clinical import ClinicalEvent, ClinicalEventKind
from spinereview.domain.codec import canonical
from spinereview.domain.imaging import Id
from spinereview.review.commands.clinical import (
    CorrectAnswer,
    CorrectEvent,
    RecordAnswer,
    RecordEvent,
    RemoveAnswer,
    RemoveEvent,
)
from spinereview.review.session import Session

BASELINE = {"DAY": -1, "NRS_WORST": 7, "OMED": Decimal("40.5"), "FRANKEL": "D", "ECOG": "1", "SECOND_PRIMARY": False}


def fill(desk: RecordDesk) -> None:
    """Write every act there is, an undo and a redo, in two sessions."""
    session = desk.create()
    for item, value in BASELINE.items():
        session.do(RecordAnswer(visit=Id("BL"), item=item, value=value))
    session.do(CorrectAnswer(visit=Id("BL"), item="NRS_WORST", value=8), reason="verlesen ≥ 7")
    session.do(RecordEvent(event=ClinicalEvent(kind=ClinicalEventKind.SURGERY, day=0)))
    fall = ClinicalEvent(kind=ClinicalEventKind.ADVERSE_EVENT, day=12, cause="Fall", grade=2, related_site=Id("S1"))
    session.do(RecordEvent(event=fall))
    session.do(RecordEvent(event=ClinicalEvent(kind=ClinicalEventKind.LAST_CONTACT, day=None, confirmed_by="letter")))
    session.do(CorrectEvent(id=Id("E02"), event=fall), reason="nothing changes")
    session.do(RemoveEvent(id=Id("E02")), reason="of another subject")
    session.undo()
    session.redo()
    session.close()
    session = desk.open()
    _second(session)
    session.close()


def _second(session: Session) -> None:
    session.note("days_counted", {"sha256": "0" * 64})
    for item, value in {"NRS_WORST": 2, "OMED": 30, "FRANKEL": "E", "QLQ_29": 6, "ECOG": "0"}.items():
        session.do(RecordAnswer(visit=Id("M3"), item=item, value=value))
    session.do(RemoveAnswer(visit=Id("M3"), item="ECOG"), reason="not asked")
    session.do(RecordAnswer(visit=Id("M3"), item="BPI_WORST", value=3))
    session.undo()


def main() -> None:
    target = Path(__file__).parent / "clinical-schema-1.srclin"
    if target.exists():
        raise SystemExit(f"{target.name} exists and is never written again")
    with tempfile.TemporaryDirectory() as folder:
        desk = RecordDesk(Path(folder))
        fill(desk)
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
