"""Clinical answers of a case: a role has those that the protocol shows it, and a case without any stays the same."""

from __future__ import annotations

from dataclasses import replace

import pytest

from spinereview.domain.case import Case
from spinereview.domain.protocol import Protocol
from spinereview.domain.read import Read
from spinereview.domain.scores import Answer, AnswerBasis
from spinereview.domain.table import Table
from spinereview.review.clinical_shown import items_shown
from spinereview.review.command import Role
from spinereview.review.visibility import visible


@pytest.fixture
def told(case: Case) -> Case:
    answers = Table({item: Answer(value=1, basis=AnswerBasis.ENTERED) for item in ("NRS_WORST", "DAY", "ECOG")})
    return replace(
        case, timepoints=Table({key: replace(one, clinical=answers) for key, one in case.timepoints.items()})
    )


@pytest.mark.parametrize(
    ("shown", "days", "role", "seen"),
    [
        ((), False, Role.READER, set()),
        ((), True, Role.READER, set()),
        (("NRS_WORST",), False, Role.READER, {"NRS_WORST"}),
        (("NRS_WORST", "DAY"), False, Role.READER, {"NRS_WORST"}),
        (("NRS_WORST", "DAY"), True, Role.READER, {"NRS_WORST", "DAY"}),
        (("ECOG",), False, Role.ADJUDICATOR, {"ECOG"}),
        ((), False, Role.COORDINATOR, {"NRS_WORST", "DAY", "ECOG"}),
        ((), False, Role.INVESTIGATOR, {"NRS_WORST", "DAY", "ECOG"}),
    ],
)
def test_a_role_has_the_items_that_the_protocol_shows(
    told: Case, empty: Read, protocol: Protocol, shown, days, role, seen
) -> None:
    says = replace(protocol, blinding=replace(protocol.blinding, clinical_shown=frozenset(shown), show_days=days))
    case = visible(empty, role, says, told).case
    assert {frozenset(one.clinical) for one in case.timepoints.values()} == {frozenset(seen)}
    assert ("DAY" in items_shown(says)) is ("DAY" in shown and days)


def test_a_case_without_answers_stays_the_same(case: Case, empty: Read, protocol: Protocol) -> None:
    assert visible(empty, Role.READER, protocol, case).case is case
