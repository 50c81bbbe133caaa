"""The engines against a second implementation written from the tables, over random histories."""

from __future__ import annotations

import os
from decimal import Decimal
from random import Random

import pytest
from second_reading import best, best_of_package, progression_free, targets

from spinereview.criteria.best_response import Input as Responses
from spinereview.criteria.best_response import Settings as BestSettings
from spinereview.criteria.best_response import assess as assess_best
from spinereview.criteria.endpoints.assess import assess as assess_times
from spinereview.criteria.endpoints.settings import Settings as EndpointSettings
from spinereview.criteria.endpoints.values import Input as EndpointInput
from spinereview.criteria.recist.assess import assess
from spinereview.criteria.recist.settings import Settings
from spinereview.criteria.recist.values import Fragment, Input, OverallResponse, TargetValue, TargetVisit
from spinereview.criteria.responses import ResponseVisit
from spinereview.domain.lesion import LesionState
from spinereview.domain.schedule import Event, EventKind, PlannedVisit, Schedule, VisitDays
from spinereview.domain.table import Table

ORDINARY, NIGHTLY = 2_000, 100_000
STATES = {
    "absent": LesionState.ABSENT,
    "small": LesionState.TOO_SMALL,
    "ne": LesionState.NE,
    "off": LesionState.TREATED_OFF,
    "protocol": LesionState.TREATED_BY_PROTOCOL,
}


def row(random, names, base):
    """Targets of a visit; sizes stay near the limits of -30 %, +20 %, 5 mm and 10 mm."""
    made = {}
    for name in names:
        kind = random.choices(
            ["mm", "absent", "small", "ne", "split", "off", "protocol"], weights=[60, 15, 6, 5, 5, 2, 3]
        )[0]
        made[name] = (kind,)
        if kind == "mm":
            near = [7, 8, 9, 10, 11, 12, 13]
            size = base[name] * random.choice(near) // 10 + random.choice([-1, 0, 0, 1])
            made[name] = ("mm", max(1, random.choice([size, size, random.choice([49, 50, 51, 98, 99, 100, 101])])))
        elif kind == "split":
            made[name] = ("split", [random.choice([None, 40, 99, 100, 120]) for _ in range(random.randint(2, 3))])
    carriers = [name for name in names if made[name][0] in {"mm", "absent", "small", "split"}]
    for name in names:
        if len(carriers) > 1 and random.random() < 0.08 and name in carriers:
            others = [one for one in carriers if one != name and not any(made[x] == ("in", name) for x in names)]
            others = [one for one in others if made[one][0] != "in"]
            if others and not any(made[x] == ("in", name) for x in names):
                made[name] = ("in", random.choice(others))
    return made


def history(random):
    names = [f"T{number}" for number in range(random.randint(1, 4))]
    nodes = {name for name in names if random.random() < 0.4}
    base = {name: random.choice([50, 100, 150, 200, 250, 400]) for name in names}
    rows = [{name: ("mm", base[name]) for name in names}]
    rows += [row(random, names, base) for _ in range(random.randint(1, 4))]
    return rows, nodes


def value(name, target, nodes):
    given = {"lesion": name, "nodal": name in nodes}
    if target[0] == "mm":
        return TargetValue(state=LesionState.MEASURED, mm=Decimal(target[1]) / 10, **given)
    if target[0] == "in":
        return TargetValue(state=LesionState.MERGED, carrier=target[1], **given)
    if target[0] == "split":
        parts = tuple(
            Fragment(too_small=True) if part is None else Fragment(mm=Decimal(part) / 10) for part in target[1]
        )
        return TargetValue(state=LesionState.SPLIT, parts=parts, **given)
    return TargetValue(state=STATES[target[0]], **given)


def compare_targets(count, seed):
    random = Random(seed)
    seen = set()
    for number in range(count):
        rows, nodes = history(random)
        partial, zero_any, first, restate = (random.random() < share for share in (0.9, 0.2, 0.8, 0.8))
        settings = Settings(
            pd_partial_sum=partial,
            nadir_zero_pd="any" if zero_any else "abs_mm",
            cr_beats_pd_normal_nodes=first,
            study_resection_target="restate" if restate else "ne",
        )
        visits = tuple(
            TargetVisit(
                timepoint=f"V{at}", targets=Table({name: value(name, one, nodes) for name, one in entries.items()})
            )
            for at, entries in enumerate(rows)
        )
        found = assess(Input(visits=visits), settings)
        ours = [found[f"V{at}/target"].outcome for at in range(1, len(rows))]
        theirs = targets(rows, nodes, partial=partial, zero_any=zero_any, normal_nodes_first=first, restate=restate)
        assert ours == theirs, (seed, number, rows, nodes, settings)
        seen.update(ours)
    assert seen == {"CR", "PR", "SD", "PD", "NE"}


def responses(random, with_targets):
    words = ["CR", "PR", "SD", "PD", "NE"] if with_targets else ["CR", "NON_CR_NON_PD", "PD", "NE"]
    weights = [4, 5, 4, 1, 3] if with_targets else [4, 5, 1, 3]
    day, listed = 0, []
    for _ in range(random.randint(0, 7)):
        day += random.choice([7, 13, 14, 15, 27, 28, 29, 42])
        listed.append((random.choices(words, weights)[0], day))
    return listed


def answered(listed, settings, *, confirm, with_targets=True, doubtful=frozenset(), end=None):
    given = Responses(
        visits=tuple(
            ResponseVisit(
                timepoint=f"V{at}",
                response=OverallResponse(word),
                guarded=at in doubtful and at % 2 == 0,
                equivocal_new=at in doubtful and at % 2 == 1,
            )
            for at, (word, _) in enumerate(listed)
        ),
        targets_at_baseline=with_targets,
        schedule=Schedule(
            anchors=Table({"RANDOMISATION": 0}),
            visits=Table({f"V{at}": VisitDays(scan_days=(day,)) for at, (_, day) in enumerate(listed)}),
            events=() if end is None else (Event(kind=EventKind.NEW_THERAPY, day=end),),
        ),
    )
    return assess_best(given, settings)[f"best_response/{'confirmed' if confirm else 'unconfirmed'}"].outcome


def compare_best(count, seed):
    random = Random(seed)
    seen = set()
    for number in range(count):
        with_targets, confirm = random.random() < 0.8, random.random() < 0.7
        listed = responses(random, with_targets)
        doubtful = frozenset(at for at in range(len(listed)) if random.random() < 0.15)
        end = random.choice([None, None, 60, 84, 100])
        most_ne, most_sd, min_sd = random.choice([0, 1, 1, 2]), random.choice([0, 0, 1]), random.choice([28, 42, 77])
        settings = BestSettings(max_ne_between=most_ne, max_sd_between=most_sd, min_sd_days=min_sd)
        ours = answered(listed, settings, confirm=confirm, with_targets=with_targets, doubtful=doubtful, end=end)
        theirs = best(
            listed,
            confirm=confirm,
            with_targets=with_targets,
            doubtful=doubtful,
            min_sd=min_sd,
            most_ne=most_ne,
            most_sd=most_sd,
            end=end,
        )
        assert ours == theirs, (seed, number, listed, doubtful, end, settings)
        seen.add(ours)
    assert seen == {"CR", "PR", "SD", "PD", "NE", "NON_CR_NON_PD"}


def compare_package(count, seed):
    random = Random(seed)
    for number in range(count):
        listed = responses(random, with_targets=random.random() < 0.8)
        most_ne, accept_sd, min_sd = random.choice([0, 1, 2]), random.random() < 0.5, random.choice([28, 42])
        missing_as_ne = random.random() < 0.5
        settings = BestSettings(
            rules="admiralonco",
            max_ne_between=most_ne,
            max_sd_between=int(accept_sd),
            min_sd_days=min_sd,
            missing_as_ne=missing_as_ne,
        )
        theirs = best_of_package(
            listed, min_sd=min_sd, apart=28, most_ne=most_ne, accept_sd=accept_sd, missing_as_ne=missing_as_ne
        )
        assert answered(listed, settings, confirm=True) == theirs, (seed, number, listed, settings)


def compare_times(count, seed):
    random = Random(seed)
    for number in range(count):
        listed = [one for one in responses(random, with_targets=True) if one[0] != "CR"]
        planned = [(day - 7, day + 7) for day in range(28, 200, random.choice([28, 42, 56]))]
        last = max((day for _, day in listed), default=0)
        death, therapy, cut_off = (random.choice([None, None, last + random.randint(0, 120)]) for _ in range(3))
        if therapy is not None and death is not None and death < therapy:
            therapy = None
        missed_max = random.choice([0, 1, 1, 2])
        events = [(EventKind.DEATH, death), (EventKind.NEW_THERAPY, therapy)]
        given = Responses(
            visits=tuple(
                ResponseVisit(timepoint=f"V{at}", response=OverallResponse(word)) for at, (word, _) in enumerate(listed)
            ),
            schedule=Schedule(
                anchors=Table({"RANDOMISATION": 0}),
                visits=Table({f"V{at}": VisitDays(scan_days=(day,)) for at, (_, day) in enumerate(listed)}),
                planned=tuple(PlannedVisit(name=str(a), day=a + 7, minus=7, plus=7) for a, _ in planned),
                events=tuple(Event(kind=kind, day=day) for kind, day in events if day is not None),
                cut_off=cut_off,
            ),
        )
        found = assess_times(EndpointInput(subject=given), EndpointSettings(missed_max=missed_max))
        for name, every_event in (("pfs", False), ("pfs_alt", True)):
            theirs = progression_free(
                listed,
                planned,
                death=death,
                therapy=therapy,
                cut_off=cut_off,
                missed_max=missed_max,
                every_event=every_event,
            )
            ours = (int(found[name].values["day"]), found[name].outcome)
            assert ours == theirs, (seed, number, name, listed, planned, events, cut_off, missed_max)


COMPARISONS = [compare_targets, compare_best, compare_package, compare_times]


@pytest.mark.parametrize("compare", COMPARISONS, ids=lambda compare: compare.__name__)
def test_both_implementations_agree_on_2000_random_histories(compare):
    compare(ORDINARY, 20261129)


@pytest.mark.nightly
@pytest.mark.parametrize("compare", COMPARISONS, ids=lambda compare: compare.__name__)
def test_both_implementations_agree_on_100000_random_histories(compare):
    compare(NIGHTLY, int.from_bytes(os.urandom(4)))


def test_every_short_history_has_the_same_best_response():
    from itertools import product

    for length in range(5):
        for words in product(["CR", "PR", "SD", "PD", "NE"], repeat=length):
            listed = [(word, 21 * number) for number, word in enumerate(words, start=1)]
            for confirm in (True, False):
                assert answered(listed, BestSettings(), confirm=confirm) == best(listed, confirm=confirm), words
