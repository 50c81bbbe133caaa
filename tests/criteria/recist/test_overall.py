"""Overall response: Tables 1 and 2 of RECIST 1.1 written out a second time, every combination, and what wins."""

from __future__ import annotations

from itertools import product

import pytest

from spinereview.criteria.recist.overall import overall_response
from spinereview.criteria.recist.values import NewLesions, NonTargetResponse, TargetResponse

TABLE = """
CR CR            NO CR
CR NA            NO CR
CR NON_CR_NON_PD NO PR
CR NE            NO PR
PR CR            NO PR
PR NON_CR_NON_PD NO PR
PR NE            NO PR
PR NA            NO PR
SD CR            NO SD
SD NON_CR_NON_PD NO SD
SD NE            NO SD
SD NA            NO SD
NE CR            NO NE
NE NON_CR_NON_PD NO NE
NE NE            NO NE
NE NA            NO NE
NA CR            NO CR
NA NON_CR_NON_PD NO NON_CR_NON_PD
NA NE            NO NE
NA NA            NO NED
"""
ROWS = [tuple(line.split()) for line in TABLE.strip().splitlines()]


def respond(target: str, non_target: str, new: str) -> str:
    return overall_response(TargetResponse(target), NonTargetResponse(non_target), NewLesions(new))[0].value


@pytest.mark.parametrize(("target", "non_target", "new", "overall"), ROWS, ids=[" ".join(row) for row in ROWS])
def test_a_row_of_the_printed_tables(target, non_target, new, overall):
    assert respond(target, non_target, new) == overall
    assert respond(target, non_target, "EQUIVOCAL") == overall, "equivocal counts as none"
    assert respond(target, non_target, "YES") == "PD"
    assert respond(target, non_target, "NE") == "NE"


def test_progression_wins_in_every_combination():
    for target, non_target, new in product(TargetResponse, NonTargetResponse, NewLesions):
        if target == "PD" or non_target == "PD" or new == "YES":
            assert respond(target, non_target, new) == "PD"


def test_every_combination_has_an_answer():
    seen = {respond(*row) for row in product(TargetResponse, NonTargetResponse, NewLesions)}
    assert seen == {"CR", "PR", "SD", "NON_CR_NON_PD", "PD", "NE", "NED"}


@pytest.mark.parametrize(("target", "table"), [("NA", "Table 2"), ("SD", "Table 1")])
def test_the_table_is_named(target, table):
    assert overall_response(TargetResponse(target), NonTargetResponse.CR, NewLesions.NO)[1].endswith(table)
