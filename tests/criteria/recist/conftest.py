"""Rows of target values in short: a number is measured, a state is a state, a text names the carrier of a merged mass."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal

import pytest

from spinereview.criteria.recist.assess import assess
from spinereview.criteria.recist.settings import Settings
from spinereview.criteria.recist.values import Fragment, Input, TargetValue, TargetVisit
from spinereview.domain.assessment import Assessment, Reason
from spinereview.domain.imaging import Id
from spinereview.domain.lesion import LesionState
from spinereview.domain.table import Table

Entry = Decimal | int | str | LesionState | tuple[str | None, ...] | None


class Build:
    """Makes inputs; a lesion whose name begins with N is a node."""

    def value(self, lesion: str, entry: Entry) -> TargetValue:
        given = {"lesion": Id(lesion), "nodal": lesion.startswith("N"), "ref": ("lesions", lesion)}
        if entry is None:
            return TargetValue(state=None, problem=Reason(code="STATE_MISSING"), **given)
        if isinstance(entry, LesionState):
            return TargetValue(state=entry, **given)
        if isinstance(entry, tuple):
            parts = tuple(Fragment(too_small=True) if mm is None else Fragment(mm=Decimal(mm)) for mm in entry)
            return TargetValue(state=LesionState.SPLIT, parts=parts, **given)
        if isinstance(entry, str) and entry.startswith("in "):
            return TargetValue(state=LesionState.MERGED, carrier=Id(entry[3:]), **given)
        return TargetValue(state=LesionState.MEASURED, mm=Decimal(entry), **given)

    def row(self, entries: Mapping[str, Entry]) -> dict[str, TargetValue]:
        return {lesion: self.value(lesion, entry) for lesion, entry in entries.items()}

    def visit(self, timepoint: str, entries: Mapping[str, Entry], *, closed: bool = True) -> TargetVisit:
        return TargetVisit(timepoint=Id(timepoint), targets=Table(self.row(entries)), closed=closed)

    def input(self, *rows: Mapping[str, Entry], open_visits: tuple[str, ...] = ()) -> Input:
        names = ["BL", *(f"FU{number}" for number in range(1, len(rows)))]
        visits = [self.visit(name, row, closed=name not in open_visits) for name, row in zip(names, rows, strict=True)]
        return Input(visits=tuple(visits))

    def answers(
        self, *rows: Mapping[str, Entry], settings: Settings | None = None, open_visits: tuple[str, ...] = ()
    ) -> list[Assessment]:
        given = self.input(*rows, open_visits=open_visits)
        answered = assess(given, settings or Settings())
        return [answered[f"{visit.timepoint}/target"] for visit in given.visits]

    def outcomes(self, *rows: Mapping[str, Entry], settings: Settings | None = None) -> list[str]:
        """Outcomes after the baseline."""
        return [answer.outcome for answer in self.answers(*rows, settings=settings)[1:]]

    def codes(self, answer: Assessment) -> set[str]:
        return {reason.code for reason in answer.warnings}


@pytest.fixture(scope="session")
def build() -> Build:
    return Build()
