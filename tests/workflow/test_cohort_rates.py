"""Rates are told with their exact interval, or not at all."""

from __future__ import annotations

from decimal import Decimal

import pytest

from spinereview.domain.assessment import Assessment
from spinereview.domain.table import Table
from spinereview.workflow.cohort_rates import ToldRate, told_rate


def counted(responders: int, subjects: int, undetermined: int = 0) -> Assessment:
    values = {"responders": responders, "subjects": subjects, "undetermined": undetermined}
    table = Table({name: Decimal(value) for name, value in values.items()})
    return Assessment(criterion="endpoints", scope=("orr",), outcome="RATE", values=table)


@pytest.mark.parametrize(
    ("responders", "subjects", "told"),
    [
        pytest.param(0, 10, ("0.0", "0.0", "30.8"), id="none of ten: 1 - 0.025 ** (1 / 10) is 30.85 %"),
        pytest.param(10, 10, ("100.0", "69.2", "100.0"), id="all of ten"),
        pytest.param(7, 12, ("58.3", "27.7", "84.8"), id="seven of twelve"),
    ],
)
def test_a_rate_has_its_exact_interval(responders: int, subjects: int, told: tuple[str, str, str]) -> None:
    found = told_rate(counted(responders, subjects))
    assert (found.rate_pct, found.low_pct, found.high_pct) == told
    assert found.as_values()["interval"] == "95 % CLOPPER_PEARSON"


@pytest.mark.parametrize("answer", [counted(0, 0), counted(3, 9, 1)], ids=["nobody", "one is undetermined"])
def test_without_a_whole_count_there_is_no_rate(answer: Assessment) -> None:
    assert told_rate(answer) == ToldRate()
