"""Properties of the target response, and a second implementation in whole tenths of a millimetre."""

from __future__ import annotations

from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from spinereview.criteria.recist.assess import assess
from spinereview.criteria.recist.settings import Settings
from spinereview.criteria.recist.target import target_response
from spinereview.criteria.recist.values import Input, TargetVisit
from spinereview.domain.lesion import LesionState
from spinereview.domain.table import Table

ORDER = {"CR": 0, "PR": 1, "SD": 2, "PD": 3}
STATES = {"absent": LesionState.ABSENT, "too small": LesionState.TOO_SMALL, "ne": LesionState.NE}

tenths = st.integers(1, 1500)
near_limits = st.one_of(tenths, st.sampled_from([50, 98, 99, 100, 101, 149, 150]))
entry = st.one_of(near_limits, st.sampled_from(["absent", "too small", "ne"]))
lesions = st.lists(st.booleans(), min_size=1, max_size=5)


@st.composite
def histories(draw):
    """Nodal or not of each lesion, its baseline in tenths, and its entries at one to five visits."""
    nodal = draw(lesions)
    baseline = draw(st.lists(near_limits, min_size=len(nodal), max_size=len(nodal)))
    row = st.lists(entry, min_size=len(nodal), max_size=len(nodal))
    return nodal, baseline, draw(st.lists(row, min_size=1, max_size=5))


def by_tenths(nodal, baseline, rows):
    """Responses by whole numbers only, written from the text of the rules; not from the program."""
    add = {"absent": 0, "too small": 50}
    base = sum(baseline)
    nadir = base
    answers = []
    for row in rows:
        known = [add.get(value, value) for value in row if value != "ne"]
        total = sum(known)
        by_share = nadir == 0 or 5 * total >= 6 * nadir
        progressed = by_share and total - nadir >= 50
        complete = all(
            value == "absent" or (node and value != "ne" and add.get(value, value) < 100)
            for node, value in zip(nodal, row, strict=True)
        )
        if not known:
            answers.append("NE")
        elif len(known) < len(row):
            answers.append("PD" if progressed else "NE")
        elif complete:
            answers.append("CR")
        elif progressed:
            answers.append("PD")
        else:
            answers.append("PR" if 10 * total <= 7 * base else "SD")
        if len(known) == len(row):
            nadir = min(nadir, total)
    return answers


def entries(names, row):
    return {
        name: STATES[value] if value in STATES else Decimal(value) / 10 for name, value in zip(names, row, strict=True)
    }


def names_of(nodal):
    return [f"N{place}" if node else f"A{place}" for place, node in enumerate(nodal)]


@given(histories())
def test_whole_tenths_give_the_same_responses(build, history):
    nodal, baseline, rows = history
    names = names_of(nodal)
    given_rows = [entries(names, row) for row in [baseline, *rows]]
    assert build.outcomes(*given_rows) == by_tenths(nodal, baseline, rows)


@given(histories(), st.randoms(use_true_random=False))
def test_the_order_of_lesions_changes_nothing(build, history, random):
    nodal, baseline, rows = history
    names = names_of(nodal)
    shuffled = names.copy()
    random.shuffle(shuffled)
    given_rows = [entries(names, row) for row in [baseline, *rows]]
    reordered = [{name: row[name] for name in shuffled} for row in given_rows]
    assert build.answers(*given_rows) == build.answers(*reordered)
    renamed = {name: f"{name[0]}{9 - place}" for place, name in enumerate(names)}
    given_names = [{renamed[name]: value for name, value in row.items()} for row in given_rows]
    assert build.outcomes(*given_rows) == build.outcomes(*given_names)


@given(
    st.lists(st.tuples(st.booleans(), near_limits), min_size=1, max_size=5),
    st.integers(0, 4),
    st.integers(1, 400),
    tenths,
    tenths,
)
def test_enlarging_a_target_never_improves_the_response(build, values, place, more, baseline, nadir):
    place %= len(values)
    low = min(baseline, nadir)
    names = names_of([node for node, _ in values])

    def order(sizes):
        row = build.row(entries(names, sizes))
        verdict = target_response(Decimal(baseline) / 10, Decimal(low) / 10, row, Settings())
        return ORDER[verdict.response]

    sizes = [mm for _, mm in values]
    larger = [mm + more if index == place else mm for index, mm in enumerate(sizes)]
    assert order(larger) >= order(sizes)


@given(st.lists(tenths, min_size=1, max_size=5), st.lists(tenths, min_size=5, max_size=5), st.integers(2, 9))
def test_scaling_changes_nothing_where_no_limit_in_millimetres_bites(build, baseline, now, factor):
    # Above 25 mm of nadir the relative limit decides alone, and no lesion that is not nodal has a limit of its own.
    baseline = [mm + 2500 for mm in baseline]
    now = [mm + 1 for mm in now[: len(baseline)]]
    names = names_of([False] * len(baseline))
    rows = [entries(names, baseline), entries(names, now)]
    scaled = [entries(names, [mm * factor for mm in row]) for row in (baseline, now)]
    assert build.outcomes(*rows) == build.outcomes(*scaled)


@given(histories())
def test_the_same_input_gives_the_same_answer_and_no_float(build, history):
    nodal, baseline, rows = history
    names = names_of(nodal)
    given_input = build.input(*[entries(names, row) for row in [baseline, *rows]])
    answered = assess(given_input, Settings())
    assert answered == assess(given_input, Settings())
    for answer in answered.values():
        assert all(value is None or type(value) is Decimal for value in answer.values.values())


@given(histories())
def test_a_later_visit_never_changes_an_earlier_answer(build, history):
    nodal, baseline, rows = history
    names = names_of(nodal)
    given_rows = [entries(names, row) for row in [baseline, *rows]]
    assert build.answers(*given_rows)[:-1] == build.answers(*given_rows[:-1])


STICKY = [None, *LesionState, "in A0"]


@given(st.lists(st.lists(st.sampled_from(STICKY), min_size=3, max_size=3), min_size=1, max_size=4), st.booleans())
def test_no_mixture_of_states_is_without_an_answer(build, rows, closed):
    """Also of states that no reader could enter in that order: an answer, never an exception."""
    allowed = {None, *(state for state in LesionState if state.value in TARGET_STATES)}
    names = ["A0", "N1", "A2"]
    visits = [build.visit("BL", {"A0": 30, "N1": 20, "A2": 25})]
    for number, row in enumerate(rows):
        cells = [cell if cell in allowed or cell == "in A0" else LesionState.ABSENT for cell in row]
        cells[0] = LesionState.NE if cells[0] == "in A0" else cells[0]
        visits.append(build.visit(f"FU{number + 1}", dict(zip(names, cells, strict=True)), closed=closed))
    answered = assess(Input(visits=tuple(visits)), Settings())
    outcomes = {"BASELINE", "CR", "PR", "SD", "PD", "NE"} | ({"INCOMPLETE"} if not closed else set())
    assert {answer.outcome for key, answer in answered.items() if key.endswith("/target")} <= outcomes


TARGET_STATES = {"ABSENT", "TOO_SMALL", "NE", "TREATED_OFF", "TREATED_BY_PROTOCOL"}


def test_an_input_without_visits_has_no_answer():
    assert assess(Input(), Settings()) == Table()


def test_a_visit_without_targets_is_a_visit(build):
    visit = TargetVisit(timepoint="BL", targets=Table())
    assert assess(Input(visits=(visit,)), Settings())["BL/target"].because[0].code == "BASELINE_NO_TARGET"
