"""What the spine owes at a timepoint: of which levels, which items, and what the protocol demands."""

from __future__ import annotations

from dataclasses import replace

import pytest

from spinereview.criteria.sins import Item
from spinereview.domain.anatomy import Level, Site
from spinereview.domain.case import Case, TreatedSite
from spinereview.domain.imaging import Id
from spinereview.domain.lesion import Lesion, LesionFinding, LesionRole, LesionState
from spinereview.domain.measurement import InSpace, Measurement, MeasurementKind
from spinereview.domain.protocol import Anchor, Protocol, ScheduledVisit
from spinereview.domain.read import Read, Visit
from spinereview.domain.scores import Answer, AnswerBasis, Hardware, LevelFinding
from spinereview.domain.table import Table
from spinereview.errors import Refused
from spinereview.review.commands.visits import LockVisit
from spinereview.review.obligations import obligations
from spinereview.text import sentence

BL, FU1, SHA = Id("BL"), Id("FU1"), "0" * 64
ALL = [item.value for item in Item]


def offered(**criteria: Table) -> Protocol:
    listed = criteria or {"sins": Table(), "fracture": Table()}
    return Protocol(id="p", version="1", title="t", sha256=SHA, criteria=Table(listed))


@pytest.fixture
def open_protocol() -> Protocol:
    plain = offered()
    return replace(plain, blinding=replace(plain.blinding, show_days=True))


def demanding(case: Case, *forms: str) -> tuple[Case, Protocol]:
    visit = ScheduledVisit(name="V1", anchor=Anchor.SURGERY, day=0, forms=frozenset(forms))
    timepoint = replace(case.timepoints[BL], visit="V1")
    return replace(case, timepoints=case.timepoints.with_(BL, timepoint)), replace(
        offered(), visits=Table({"V1": visit})
    )


def bone(*levels: Level, state: LesionState = LesionState.PRESENT, organ: str = "BONE") -> Lesion:
    findings = {at: LesionFinding(state=state) for at in (BL, FU1)}
    return Lesion(
        id=Id("L01"),
        role=LesionRole.NON_TARGET,
        site=Site(organ=organ, location="", levels=levels),
        first_seen=BL,
        findings=Table(findings),
    )


def of(empty: Read, *lesions: Lesion, **levels: LevelFinding) -> Read:
    table = Table({lesion.id: lesion for lesion in lesions})
    return replace(empty, lesions=table, visits=Table({BL: Visit(levels=Table(levels))}))


def answered(form: str = "SINS", **answers: str) -> LevelFinding:
    given = {key: Answer(value=value, basis=AnswerBasis.JUDGED) for key, value in answers.items()}
    return LevelFinding(scores=Table({form: Table(given)}))


def heights() -> Table[Measurement]:
    points = tuple((0, 1000 * y, 1000 * z) for z in (30, 5) for y in (0, 15, 30))
    geometry = InSpace(stacks=(Id("k-BL"),), frame_of_reference_uid="2.25.99", points_um=points)
    return Table({"k-BL": Measurement(id=Id("h"), kind=MeasurementKind.HEIGHTS, geometry=geometry)})


def owed(read: Read, case: Case, protocol: Protocol, at: Id = BL) -> list[tuple[str, str, str, bool]]:
    found = obligations(read, case, at, None, protocol)
    for one in found:
        words = {"level": str(one.level), "item": one.item}
        assert "{" not in sentence(one.code, words)
    return [(one.code.name, str(one.level), one.item, one.hard) for one in found if one.level is not None]


def test_every_level_of_a_lesion_owes_its_items_from_the_head_down(empty, case, open_protocol) -> None:
    found = owed(of(empty, bone(Level.T9, Level.T8)), case, open_protocol)
    assert found == [("SINS_ITEM", level, item, False) for level in ("T8", "T9") for item in ALL]


def test_what_was_answered_is_not_owed(empty, case, open_protocol) -> None:
    read = of(empty, bone(Level.T9), T9=answered(PAIN="MECHANICAL", COLLAPSE="NONE"))
    assert [item for *_, item, _ in owed(read, case, open_protocol)] == ["BONE_LESION", "ALIGNMENT", "POSTEROLATERAL"]


def test_a_level_without_a_body_owes_no_collapse(empty, case, open_protocol) -> None:
    found = owed(of(empty, bone(Level.C1)), case, open_protocol)
    assert [item for *_, item, _ in found] == [item for item in ALL if item != "COLLAPSE"]


@pytest.mark.parametrize(
    ("lesion", "finding"),
    [
        pytest.param(bone(Level.T9, state=LesionState.ABSENT), LevelFinding(), id="gone"),
        pytest.param(bone(Level.T9, organ="LIVER"), LevelFinding(), id="no bone"),
        pytest.param(bone(), LevelFinding(), id="no vertebra"),
        pytest.param(bone(Level.T9), LevelFinding(resected=True), id="resected"),
        pytest.param(bone(Level.T9), LevelFinding(hardware=frozenset({Hardware.CEMENT})), id="treated"),
    ],
)
def test_some_levels_owe_nothing(empty, case, open_protocol, lesion, finding) -> None:
    assert owed(of(empty, lesion, T9=finding), case, open_protocol) == []


def test_without_the_criterion_nothing_is_asked(empty, case) -> None:
    read = of(empty, bone(Level.T9))
    assert owed(read, case, offered(recist=Table())) == []
    assert obligations(read, case, BL) == ()


def test_a_reader_to_whom_nobody_tells_the_pain_is_not_asked_for_it(empty, case) -> None:
    read, blinded = of(empty, bone(Level.T9)), offered()
    assert [item for *_, item, _ in owed(read, case, blinded)] == ALL[1:]
    told = replace(blinded, blinding=replace(blinded.blinding, clinical_shown=frozenset({"SINS_PAIN"})))
    assert [item for *_, item, _ in owed(read, case, told)] == ALL
    other = replace(blinded, blinding=replace(blinded.blinding, clinical_shown=frozenset({"NRS_WORST", "ECOG"})))
    assert [item for *_, item, _ in owed(read, case, other)] == ALL[1:]


def test_a_form_of_the_visit_is_demanded_and_keeps_it_from_being_locked(empty, case, context) -> None:
    read = of(empty, bone(Level.T9))
    asked, protocol = demanding(case, "SINS")
    assert owed(read, asked, protocol) == [("SINS_ITEM", "T9", item, True) for item in ALL[1:]]
    strict = replace(context, case=asked, protocol=protocol)
    with pytest.raises(Refused, match="LOCK_OWES_LEVELS") as refused:
        LockVisit(timepoint=BL).apply(read, strict)
    assert (refused.value.arguments["count"], refused.value.arguments["levels"]) == ("4", "T9")
    complete = of(
        empty,
        bone(Level.T9),
        T9=answered(BONE_LESION="LYTIC", ALIGNMENT="NORMAL", COLLAPSE="NONE", POSTEROLATERAL="NONE"),
    )
    assert LockVisit(timepoint=BL).apply(complete, strict).lock_of(BL) == "LOCKED"


def test_pain_is_offered_and_never_demanded(empty, case) -> None:
    asked, protocol = demanding(case, "SINS")
    told = replace(protocol, blinding=replace(protocol.blinding, clinical_shown=frozenset({"SINS_PAIN"})))
    found = owed(of(empty, bone(Level.T9)), asked, told)
    assert [(item, hard) for *_, item, hard in found] == [(item, item != "PAIN") for item in ALL]


def test_a_form_that_the_visit_does_not_list_is_not_asked_there(empty, case) -> None:
    asked, protocol = demanding(case, "FACT_G")
    assert owed(of(empty, bone(Level.T9)), asked, protocol) == []


def test_what_is_only_offered_does_not_keep_a_visit_from_being_locked(empty, context, open_protocol) -> None:
    read = of(empty, bone(Level.T9))
    assert LockVisit(timepoint=BL).apply(read, replace(context, protocol=open_protocol)).lock_of(BL) == "LOCKED"


def test_heights_are_demanded_of_the_levels_of_lesions(empty, case) -> None:
    asked, protocol = demanding(case, "VCF")
    assert owed(of(empty, bone(Level.T9, Level.S2)), asked, protocol) == [("HEIGHTS", "T9", "", True)]
    measured = of(empty, bone(Level.T9), T9=LevelFinding(heights=heights()))
    assert owed(measured, asked, protocol) == [("GRADE", "T9", "GRADE", True)]
    graded = of(empty, bone(Level.T9), T9=answered("VCF", GRADE="0"))
    assert owed(graded, asked, protocol) == []
    hidden = of(empty, bone(Level.T9), T9=LevelFinding(endplates_hidden=True))
    assert owed(hidden, asked, protocol) == []


def test_heights_are_offered_where_they_were_measured_before(empty, case) -> None:
    fracture = offered(fracture=Table())
    read = of(empty, bone(Level.T9), T9=LevelFinding(heights=heights()), T8=LevelFinding(heights=heights()))
    assert owed(read, case, fracture, FU1) == [("HEIGHTS", "T8", "", False), ("HEIGHTS", "T9", "", False)]
    assert owed(read, case, fracture) == [("GRADE", "T9", "GRADE", False)]


def test_a_labelled_level_of_a_treated_site_is_followed(empty, case, open_protocol) -> None:
    site = TreatedSite(
        id=Id("S1"),
        site=Site(organ="BONE", location="", levels=(Level.T9, Level.T10)),
        resected=frozenset({Level.T10}),
        adjacent=frozenset({Level.T8}),
    )
    followed = replace(case, treated_sites=Table({"S1": site}))
    marks = {level: Measurement(id=Id(level), kind=MeasurementKind.LEVEL, geometry=InSpace(
        stacks=(Id("k-BL"),), frame_of_reference_uid="2.25.99", points_um=((0, 0, 0),)
    )) for level in ("T9", "T10", "T11")}  # fmt: skip
    labelled = replace(empty, level_labels=Table({"k-BL": Table(marks)}))
    assert {level for _, level, _, _ in owed(labelled, followed, open_protocol)} == {"T9"}
    assert owed(empty, followed, open_protocol) == []
