"""Which answers of a clinical record a role may see: those of a case that were released, and those of the record itself."""

from __future__ import annotations

from dataclasses import replace

from spinereview.domain.case import Case, Timepoint
from spinereview.domain.clinical_items import DAY
from spinereview.domain.protocol import Protocol
from spinereview.domain.scores import Answer
from spinereview.domain.table import Table
from spinereview.review.command import Role

SEES_ALL = frozenset({Role.INVESTIGATOR, Role.COORDINATOR, Role.TRIAL_LEAD})


def items_shown(protocol: Protocol) -> frozenset[str]:
    """Items that who reads images or adjudicates may see; the day of a visit is none where days are not shown."""
    return protocol.blinding.clinical_shown - (frozenset() if protocol.blinding.show_days else {DAY})


def answers_shown(answers: Table[Answer], role: Role, protocol: Protocol) -> Table[Answer]:
    """Those of a visit that a role may see; the same ones where it may see all of them."""
    if role in SEES_ALL:
        return answers
    shown = items_shown(protocol)
    return Table({item: answer for item, answer in answers.items() if item in shown})


def clinical_case(case: Case, role: Role, protocol: Protocol) -> Case:
    """A case without the clinical answers that a role may not see; the same one where there are none."""
    if role in SEES_ALL or not any(one.clinical for one in case.timepoints.values()):
        return case
    kept = {key: _shown(one, role, protocol) for key, one in case.timepoints.items()}
    return replace(case, timepoints=Table(kept))


def _shown(timepoint: Timepoint, role: Role, protocol: Protocol) -> Timepoint:
    return replace(timepoint, clinical=answers_shown(timepoint.clinical, role, protocol))
