"""The ordered rules written a second time, as plainly as they can be, and compared over every small combination."""

from __future__ import annotations

from dataclasses import dataclass, field
from decimal import Decimal
from itertools import product

import pytest

from spinereview.criteria.recist.after_cr import Flag, Resolving, resolve
from spinereview.criteria.recist.overall import overall_response
from spinereview.criteria.recist.settings import Settings
from spinereview.criteria.recist.target import target_response
from spinereview.criteria.recist.values import (
    AfterCr,
    Decisions,
    NewLesions,
    NonTargetResponse,
    OverallResponse,
    TargetResponse,
)
from spinereview.domain.lesion import LesionState

ABSENT, TOO_SMALL, NE, OFF = LesionState.ABSENT, LesionState.TOO_SMALL, LesionState.NE, LesionState.TREATED_OFF
ENTRIES = ("4.0", "9.9", "10.0", "31.0", ABSENT, TOO_SMALL, NE, OFF, ("9.9", None), ("12.0", "3.0"))
TENTHS = {"4.0": 40, "9.9": 99, "10.0": 100, "31.0": 310, ABSENT: 0, TOO_SMALL: 50}
TENTHS |= {("9.9", None): 149, ("12.0", "3.0"): 150}
LARGEST = TENTHS | {("9.9", None): 99, ("12.0", "3.0"): 120}


def plain_response(baseline: int, nadir: int, entries: dict, settings: Settings) -> str:
    """Target response in tenths of a millimetre, rule after rule."""
    known = {name: entry for name, entry in entries.items() if entry not in (NE, OFF)}
    if not entries:
        return "NA"
    if not known:
        return "NE"
    total = sum(TENTHS[entry] for entry in known.values())
    if nadir > 0:
        worse = 5 * total >= 6 * nadir and total - nadir >= 50
    else:
        worse = total >= 50 or (settings.nadir_zero_pd == "any" and total > 0)
    if len(known) < len(entries):
        return "PD" if worse and settings.pd_partial_sum else "NE"
    gone = all(entry is ABSENT or (name.startswith("N") and LARGEST[entry] < 100) for name, entry in known.items())
    if gone and (settings.cr_beats_pd_normal_nodes or not worse):
        return "CR"
    if worse:
        return "PD"
    return "PR" if 10 * total <= 7 * baseline else "SD"


VARIANTS = [{}, {"nadir_zero_pd": "any"}, {"pd_partial_sum": False}, {"cr_beats_pd_normal_nodes": False}]


@pytest.mark.parametrize("given", VARIANTS, ids=str)
@pytest.mark.parametrize("names", [("A", "B"), ("A", "N"), ("N", "N2")])
def test_every_pair_of_lesions_against_every_sum(build, names, given):
    settings = Settings(**given)
    for chosen in product(ENTRIES, repeat=2):
        entries = dict(zip(names, chosen, strict=True))
        row = build.row(entries)
        for baseline, nadir in ((400, 400), (400, 200), (1000, 0), (150, 150), (82, 80), (600, 99)):
            found = target_response(Decimal(baseline) / 10, Decimal(nadir) / 10, row, settings).response.value
            assert found == plain_response(baseline, nadir, entries, settings), (entries, baseline, nadir)


def test_every_three_lesions_at_one_pair_of_sums(build):
    for chosen in product(ENTRIES, repeat=3):
        entries = dict(zip(("A", "N", "N2"), chosen, strict=True))
        found = target_response(Decimal(62), Decimal(40), build.row(entries), Settings()).response.value
        assert found == plain_response(620, 400, entries, Settings()), entries


@dataclass
class Plain:
    """A visit for the plain rules after a complete response."""

    res: str
    target: str
    other: str
    new: str
    found: dict[str, bool]
    worse: frozenset[str] = frozenset()
    decided: str = ""
    reason: bool = False
    flags: set[str] = field(default_factory=set)
    arithmetic: str = ""


def plain_act(visit: Plain, before: int, settings: Settings) -> str:
    """What is done about a visit that follows so many complete responses: the reader's word, else the rules'."""
    if visit.decided == "REAPPEARED" or (visit.decided == "AMEND_CR_TO_PR" and (before == 1 or visit.reason)):
        return visit.decided
    nodes_alone = bool(visit.found) and all(visit.found.values()) and visit.new != "EQUIVOCAL"
    if settings.post_cr_node_guard and nodes_alone:
        return "NODE_GUARD"
    return "AMEND_CR_TO_PR" if settings.post_cr_policy == "amend" and before == 1 else "REAPPEARED"


def plain_amend(earlier: list[Plain]) -> None:
    for one in earlier:
        if "EQUIVOCAL_NODE" in one.flags:
            one.res = one.arithmetic
            one.flags.discard("EQUIVOCAL_NODE")
        elif one.res == "CR":
            one.res = "NON_CR_NON_PD" if one.target == "NA" else "PR"


def plain_date_back(earlier: list[Plain], causes: set[str]) -> None:
    for one in reversed(earlier):
        if one.res == "NE":
            continue
        if "EQUIVOCAL_NODE" not in one.flags or not causes & set(one.found):
            return
        one.res = "PD"


def plain_resolve(visits: list[Plain], settings: Settings) -> None:
    """What follows a complete response, as the rules are worded."""
    for visit in visits:
        visit.arithmetic = visit.res
    complete = False
    for at, visit in enumerate(visits):
        causes = set(visit.worse) | ({"T"} if visit.target == "PD" else set())
        found_nothing = visit.target in ("CR", "NA") and visit.other == "NE" and visit.new in ("NO", "NE")
        if complete and found_nothing and visit.res != "PD":
            visit.res = "NE"
            visit.flags.add("CR_NOT_CONFIRMABLE")
        if complete and visit.res not in ("CR", "NE", "PD"):
            before = [one for one in visits[:at] if one.res == "CR" and "EQUIVOCAL_NODE" not in one.flags]
            act = plain_act(visit, len(before), settings)
            if act == "REAPPEARED":
                visit.res, causes = "PD", set(visit.found)
            elif act == "NODE_GUARD":
                visit.res = "CR"
                visit.flags.add("EQUIVOCAL_NODE")
            else:
                plain_amend(visits[:at])
        if visit.res == "PD":
            plain_date_back(visits[:at], causes)
            return
        if visit.res != "NE":
            complete = visit.res == "CR"


SEEN = {
    "complete": ("CR", "CR", "NO", {}, ()),
    "complete, no non-target": ("CR", "NA", "NO", {}, ()),
    "nothing evaluable beside it": ("CR", "NE", "NO", {}, ()),
    "node again": ("SD", "CR", "NO", {"T": True}, ()),
    "lesion again": ("PR", "CR", "NO", {"T": False}, ()),
    "non-target node": ("CR", "NON_CR_NON_PD", "NO", {"N": True}, ()),
    "non-target": ("CR", "NON_CR_NON_PD", "NO", {"M": False}, ()),
    "node and equivocal": ("SD", "CR", "EQUIVOCAL", {"T": True}, ()),
    "progression of the node": ("PD", "CR", "NO", {"T": True}, ()),
    "progression of the non-target node": ("CR", "PD", "NO", {"N": True}, ("N",)),
    "new": ("CR", "CR", "YES", {}, ()),
    "not evaluable": ("NE", "NE", "NO", {}, ()),
}
SAID = [("", False), ("REAPPEARED", False), ("AMEND_CR_TO_PR", False), ("AMEND_CR_TO_PR", True)]


def both(sequence: tuple[tuple[str, tuple[str, bool]], ...], settings: Settings) -> None:
    plain, real = [], []
    for name, (decided, reason) in sequence:
        target, other, new, found, worse = SEEN[name]
        overall = overall_response(TargetResponse(target), NonTargetResponse(other), NewLesions(new))[0]
        plain.append(
            Plain(
                res=overall.value,
                target=target,
                other=other,
                new=new,
                found=dict(found),
                worse=frozenset(worse),
                decided=decided,
                reason=reason,
            )
        )
        real.append(
            Resolving(
                arithmetic=overall,
                target=TargetResponse(target),
                non_target=NonTargetResponse(other),
                new=NewLesions(new),
                # A complete response with an equivocal lesion is a question of its own and not of these rules.
                equivocal=new == "EQUIVOCAL",
                decisions=Decisions(
                    after_cr=AfterCr(decided) if decided else None, after_cr_reason="why" if reason else ""
                ),
                findings=dict(found),
                targets_found=frozenset({"T"} & set(found)),
                worse=frozenset(worse),
            )
        )
    plain_resolve(plain, settings)
    resolve(real, settings)
    assert [visit.resolved for visit in real] == [OverallResponse(visit.res) for visit in plain], sequence
    for one, other in zip(real, plain, strict=True):
        for flag in (Flag.EQUIVOCAL_NODE, Flag.CR_NOT_CONFIRMABLE):
            assert (flag in one.flags) == (flag.value in other.flags), sequence


@pytest.mark.parametrize(
    "given", [{}, {"post_cr_policy": "amend"}, {"post_cr_policy": "auto_pd"}, {"post_cr_node_guard": False}], ids=str
)
def test_every_three_visits_after_a_complete_response(given):
    settings = Settings(**given)
    silent = SAID[0]
    for second, third, fourth in product(SEEN, repeat=3):
        for said in SAID:
            both((("complete", silent), (second, silent), (third, said), (fourth, silent)), settings)
            both((("complete", silent), (second, said), (third, silent), (fourth, said)), settings)


def test_without_targets_a_correction_is_non_cr_non_pd():
    """The one word that depends on the baseline: the table above has targets only."""
    first = Resolving(
        arithmetic=OverallResponse.CR, target=TargetResponse.NA, non_target=NonTargetResponse.CR, new=NewLesions.NO
    )
    again = Resolving(
        arithmetic=OverallResponse.NON_CR_NON_PD,
        target=TargetResponse.NA,
        non_target=NonTargetResponse.NON_CR_NON_PD,
        new=NewLesions.NO,
        decisions=Decisions(after_cr=AfterCr.AMEND_CR_TO_PR),
        findings={"M": False},
    )
    resolve([first, again], Settings())
    assert [first.resolved, again.resolved] == [OverallResponse.NON_CR_NON_PD] * 2
