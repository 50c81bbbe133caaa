"""What must not change the answers of a cohort, and the worked examples of RECIST as tables."""

from __future__ import annotations

import csv
import json
from random import Random

import pytest

from spinereview.resources import resource
from spinereview.workflow.cohort import assess_cohort
from spinereview.workflow.protocol_files import read

HEADING = ("subject", "visit", "visit_order", "date", "lesion", "role", "nodal", "state", "mm")
WORKED = json.loads(resource("examples", "worked.json").read_text(encoding="utf-8"))["recist-target"]
EXAMPLES = [
    (example["visits"][0]["A"], example["visits"][-2]["A"], example["visits"][-1]["A"], example["outcome"])
    for example in WORKED
    if set(example["visits"][0]) == {"A"}
]
"""Baseline, nadir before, now: worked examples, at the limits and from EORTC's answers."""


@pytest.fixture
def outcomes(tmp_path):
    """Outcomes by question of a table of {visit: (order, date, {lesion: mm or None})}."""

    def run(visits, *, shuffle=None, factor=1, names=None):
        rows = [
            ("S1", visit, order, date, (names or {}).get(lesion, lesion), "TARGET", "false", *_cells(mm, factor))
            for visit, (order, date, row) in visits.items()
            for lesion, mm in row.items()
        ]
        if shuffle is not None:
            shuffle.shuffle(rows)
        table, events = tmp_path / "cohort.csv", tmp_path / "events.csv"
        with table.open("w", encoding="utf-8", newline="") as file:
            csv.writer(file).writerows([HEADING, *rows])
        events.write_text("subject,event,date\nS1,REFERENCE,2024-01-01\n", encoding="utf-8")
        cohort = assess_cohort(table, read("generic"), events)
        assert cohort.faults == ()
        return {key: answer.outcome for key, answer in cohort.answers[0].assessments.items()}

    return run


def _cells(mm, factor):
    return ("ABSENT", "") if mm is None else ("MEASURED", f"{mm * factor / 10:.1f}")


def history(random, *, gone=True):
    """Visits eight weeks apart; lengths in tenths of a millimetre, all well above the limits in millimetres."""
    lesions = [f"T{number}" for number in range(random.randint(1, 4))]
    visits = {}
    for at in range(random.randint(2, 6)):
        row = {lesion: random.randint(300, 900) for lesion in lesions}
        if gone and at and random.random() < 0.2:
            row = dict.fromkeys(lesions)
        visits[f"V{at}"] = (10 * at, f"2024-{2 * at + 1:02}-15", row)
    return visits


@pytest.mark.parametrize("seed", range(30))
def test_the_order_of_rows_and_the_names_of_lesions_change_nothing(outcomes, seed):
    visits = history(Random(seed))
    names = {lesion: f"X{9 - number}" for number, lesion in enumerate(visits["V0"][2])}
    assert outcomes(visits) == outcomes(visits, shuffle=Random(seed), names=names)


@pytest.mark.parametrize("seed", range(30))
def test_scaling_changes_nothing_where_no_limit_in_millimetres_bites(outcomes, seed):
    visits = history(Random(seed))
    assert outcomes(visits) == outcomes(visits, factor=3)


@pytest.mark.parametrize("seed", range(30))
def test_an_unscheduled_visit_like_the_one_before_it_changes_no_other_response(outcomes, seed):
    random = Random(seed)
    visits = history(random, gone=False)
    at = random.randrange(1, len(visits))
    order, date, row = visits[f"V{at}"]
    more = {**visits, "UNSCHEDULED": (order + 5, date.replace("-15", "-25"), row)}
    before, after = outcomes(visits), outcomes(more)
    responses = [key for key in before if key.startswith("V")]
    assert [before[key] for key in responses] == [after[key] for key in responses]
    assert after["best_response/unconfirmed"] == before["best_response/unconfirmed"]
    assert after["pfs_alt"] == before["pfs_alt"]


@pytest.mark.parametrize(("baseline", "nadir", "now", "response"), EXAMPLES)
def test_a_worked_example_of_recist(outcomes, baseline, nadir, now, response):
    lengths = [baseline, *([nadir] if nadir != baseline else []), now]
    visits = {
        f"V{at}": (at, f"2024-{2 * at + 1:02}-15", {"T1": int(mm.replace(".", ""))}) for at, mm in enumerate(lengths)
    }
    assert outcomes(visits)[f"V{len(lengths) - 1}/target"] == response


def test_the_published_example_with_a_lesion_that_is_not_evaluable(outcomes):
    base = {"T1": 200, "T2": 200, "T3": 100}
    now = {"T1": 500, "T2": 300}
    visits = {"V0": (0, "2024-01-15", base), "V1": (1, "2024-03-15", now)}
    assert outcomes(visits)["V1/target"] == "PD"
