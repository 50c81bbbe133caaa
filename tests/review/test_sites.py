"""Treated sites that a read names: what is refused, what follows from them, and that undo takes all of it back."""

from __future__ import annotations

from dataclasses import replace

import pytest

from spinereview.criteria.evidence.eligibility import of_case
from spinereview.domain.anatomy import Level, Site
from spinereview.domain.as_read import case_as_read
from spinereview.domain.case import TreatedSite
from spinereview.domain.codec import decode, encode
from spinereview.domain.imaging import Id
from spinereview.domain.lesion import LesionRole
from spinereview.domain.protocol import Anchor, ScheduledVisit
from spinereview.domain.read import Lock, Read, Visit
from spinereview.domain.scores import Answer, AnswerBasis
from spinereview.domain.table import Table
from spinereview.errors import Refused
from spinereview.review.changes import apply_in_place, diff, reversed_changes
from spinereview.review.command import Role
from spinereview.review.commands.forms import AnswerForm
from spinereview.review.commands.lesions import AddLesion
from spinereview.review.commands.sites import (
    AddTreatedSite,
    ChangeTreatedSite,
    RemoveTreatedSite,
    SetLesionSite,
)
from spinereview.review.history import tell
from spinereview.review.obligations import obligations
from spinereview.review.visibility import visible
from spinereview.text import sentence
from spinereview.workflow.assessments import assess_read

BL, FU1 = Id("BL"), Id("FU1")
NO_ID = Id("")


def place(*levels: Level, site: Id = NO_ID, **more) -> TreatedSite:
    return TreatedSite(id=site, site=Site(organ="BONE", location="", levels=levels), **more)


def add(*levels: Level, **more) -> AddTreatedSite:
    return AddTreatedSite(treated=place(*levels, **more))


@pytest.fixture
def found(draw):
    def make(*levels: Level, role=LesionRole.TARGET) -> AddLesion:
        return AddLesion(
            timepoint=BL,
            role=role,
            nodal=False,
            site=Site(organ="BONE", location="", levels=levels),
            tissue=None,
            group=False,
            measurement=draw("BL"),
            stack_sha256="",
            window="",
        )

    return make


@pytest.fixture
def named(do) -> Read:
    return do(add(Level.T9, Level.T10, adjacent=frozenset({Level.T8, Level.T11})))


def test_a_site_is_named_changed_and_taken_away(do, named) -> None:
    (key,) = named.treated_sites
    assert (key, named.treated_sites[key].site.levels) == ("TS01", (Level.T9, Level.T10))
    fewer = do(ChangeTreatedSite(treated=place(Level.T9, site=key)), on=named)
    assert fewer.treated_sites[key].site.levels == (Level.T9,)
    assert do(RemoveTreatedSite(treated=key), on=fewer).treated_sites == Table()


def test_what_is_done_goes_back_and_forth_through_the_trail(empty, named) -> None:
    changes = diff(empty, named, Read)
    tree = encode(named, Read)
    apply_in_place(tree, reversed_changes(changes))
    assert decode(Read, tree) == empty
    apply_in_place(tree, changes)
    assert decode(Read, tree) == named


@pytest.mark.parametrize(
    ("act", "code"),
    [
        pytest.param(add(), "SITE_WITHOUT_PLACE", id="nowhere"),
        pytest.param(add(Level.T10), "SITE_LEVEL_TWICE", id="level of another site"),
        pytest.param(add(Level.L6), "LEVEL_NOT_NUMBERED", id="level that the subject has not"),
        pytest.param(add(Level.L1, resected=frozenset({Level.L2})), "SITE_RESECTED_OUTSIDE", id="resected outside"),
        pytest.param(add(Level.L1, adjacent=frozenset({Level.L1})), "SITE_ADJACENT_INSIDE", id="beside itself"),
        pytest.param(ChangeTreatedSite(treated=place(Level.L1, site=Id("TS07"))), "SITE_UNKNOWN", id="no site"),
        pytest.param(RemoveTreatedSite(treated=Id("TS07")), "SITE_UNKNOWN", id="nothing to take away"),
        pytest.param(SetLesionSite(lesion=Id("L01"), treated=Id("TS07")), "SITE_UNKNOWN", id="lesion in no site"),
        pytest.param(SetLesionSite(lesion=Id("L02"), treated=Id("TS01")), "SITE_ELSEWHERE", id="lesion elsewhere"),
    ],
)
def test_what_makes_no_sense_is_refused_with_a_sentence(do, found, named, act, code) -> None:
    read = do(found(Level.T9), found(Level.L3), on=named)
    with pytest.raises(Refused, match=code) as refused:
        do(act, on=read)
    assert "{" not in sentence(code, refused.value.arguments)


def test_a_place_in_words_is_enough_where_it_is_no_vertebra(do) -> None:
    femur = TreatedSite(id=NO_ID, site=Site(organ="BONE", location="left femur"))
    assert next(iter(do(AddTreatedSite(treated=femur)).treated_sites.values())).site.location == "left femur"


def test_sites_of_the_coordinator_are_not_changed_in_a_read_and_win(empty, named, case, context) -> None:
    given = replace(case, treated_sites=Table({"A": place(Level.L1, site=Id("A"))}))
    with pytest.raises(Refused, match="SITES_OF_CASE"):
        add(Level.T5).apply(empty, replace(context, case=given))
    # Who named the sites of the case himself goes on with his own; they count once they are put into the case.
    more = add(Level.T5).apply(named, replace(context, case=given))
    assert list(case_as_read(given, more).treated_sites) == ["A"]
    assert list(case_as_read(given, named).treated_sites) == ["A"]
    assert list(case_as_read(case, named).treated_sites) == ["TS01"]


def test_once_every_visit_is_locked_no_site_is_named(do, empty, case) -> None:
    locked = replace(empty, visits=Table({key: Visit(lock=Lock.LOCKED) for key in case.timepoints}))
    with pytest.raises(Refused, match="READ_LOCKED"):
        do(add(Level.T9), on=locked)


class TestWhatFollows:
    def test_index_levels_of_eligibility(self, named, case) -> None:
        known = of_case(case_as_read(case, named))
        assert known["index_levels"].value == ("T9", "T10")
        assert known["index_level_count"].value == 2
        assert of_case(case) == {}

    def test_a_visit_judges_the_site_which_then_stays(self, do, named, case, protocol) -> None:
        spino = replace(protocol, criteria=Table({"recist": Table(), "spino": Table()}))
        judged = AnswerForm(
            timepoint=FU1,
            form="SPINO",
            site="TS01",
            item="GROWTH",
            answer=Answer(value="NONE", basis=AnswerBasis.JUDGED),
        )
        read = do(judged, replace(judged, item="EPIDURAL"), on=named)
        assert assess_read(read, case, spino)["FU1/spino/TS01"].outcome == "LOCAL_CONTROL"
        assert "FU1/spino/TS01" not in assess_read(do(), case, spino)
        with pytest.raises(Refused, match="SITE_IS_JUDGED") as refused:
            do(RemoveTreatedSite(treated=Id("TS01")), on=read)
        assert refused.value.arguments["timepoints"] == "FU1"
        locked = replace(read, visits=read.visits.with_("FU1", replace(read.visits["FU1"], lock=Lock.LOCKED)))
        with pytest.raises(Refused, match="SITE_JUDGED_AND_LOCKED"):
            do(ChangeTreatedSite(treated=place(Level.T9, site=Id("TS01"))), on=locked)

    def test_a_lesion_lies_in_a_site_until_that_is_taken_back(self, do, named, found) -> None:
        read = do(found(Level.T9), SetLesionSite(lesion=Id("L01"), treated=Id("TS01")), on=named)
        assert read.lesions["L01"].treated_site == "TS01"
        with pytest.raises(Refused, match="SITE_HAS_LESIONS"):
            do(RemoveTreatedSite(treated=Id("TS01")), on=read)
        with pytest.raises(Refused, match="SITE_ELSEWHERE"):
            do(ChangeTreatedSite(treated=place(Level.L1, site=Id("TS01"))), on=read)
        free = do(SetLesionSite(lesion=Id("L01"), treated=None), RemoveTreatedSite(treated=Id("TS01")), on=read)
        assert free.treated_sites == Table()

    def test_one_lesion_of_that_role_stands_for_a_site(self, do, named, found) -> None:
        role = LesionRole.TREATED_SITE
        read = do(found(Level.T9, role=role), found(Level.T10, role=role), on=named)
        read = do(SetLesionSite(lesion=Id("L01"), treated=Id("TS01")), on=read)
        with pytest.raises(Refused, match="SITE_TAKEN"):
            do(SetLesionSite(lesion=Id("L02"), treated=Id("TS01")), on=read)

    def test_a_visit_that_judges_sites_asks_about_the_one_that_was_named(self, do, named, case, protocol) -> None:
        visit = ScheduledVisit(name="V", anchor=Anchor.SURGERY, day=0, forms=frozenset({"SPINO"}))
        timed = replace(case, timepoints=Table({key: replace(one, visit="V") for key, one in case.timepoints.items()}))
        asked = replace(protocol, visits=Table({"V": visit}), criteria=Table({"spino": Table()}))
        owed = [one.site for one in obligations(named, case_as_read(timed, named), FU1, None, asked) if one.site]
        assert owed == ["TS01", "TS01"]
        assert [one.code.name for one in obligations(do(), timed, FU1, None, asked)] == ["SPINO_SITE"]

    def test_scores_and_heights_are_asked_at_labelled_index_levels(self, do, named, case, protocol, draw) -> None:
        visit = ScheduledVisit(name="V", anchor=Anchor.SURGERY, day=0, forms=frozenset({"SINS", "VCF"}))
        timed = replace(case, timepoints=case.timepoints.with_(BL, replace(case.timepoints[BL], visit="V")))
        criteria = Table({"sins": Table(), "fracture": Table()})
        asked = replace(protocol, visits=Table({"V": visit}), criteria=criteria)
        labels = Table({"k-BL": Table({"T9": draw("BL"), "L3": draw("BL")})})

        def owed(read: Read) -> set[tuple[str, str]]:
            found = obligations(read, case_as_read(timed, read), BL, None, asked)
            return {(one.level, one.code.name) for one in found if one.hard}

        assert owed(replace(named, level_labels=labels)) == {("T9", "SINS_ITEM"), ("T9", "HEIGHTS")}
        assert owed(replace(do(), level_labels=labels)) == set()

    def test_everybody_but_the_reader_sees_them_once_something_is_signed(self, named, case, protocol) -> None:
        assert visible(named, Role.READER, protocol, case).case.treated_sites == named.treated_sites
        assert visible(named, Role.TRIAL_LEAD, protocol, case).case.treated_sites == Table()
        signed = replace(named, signed_through=BL)
        assert visible(signed, Role.TRIAL_LEAD, protocol, case).case.treated_sites == named.treated_sites

    def test_the_history_names_the_levels(self, named, case) -> None:
        act = add(Level.T9, Level.T10)
        told = tell(act.NAME, encode(act, AddTreatedSite), named, case)
        assert sentence(told.code, told.args) == "Name a treated site: T9-T10"
