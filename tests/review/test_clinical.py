"""Acts on a clinical record: recorded once, changed with a reason, refused by name; invariants, visibility, history."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

import pytest
from hypothesis import given as hypothesis_given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from spinereview.domain.anatomy import Site
from spinereview.domain.case import Case, TreatedSite
from spinereview.domain.clinical import ClinicalEvent, ClinicalEventKind, ClinicalRecord
from spinereview.domain.clinical_items import ITEMS
from spinereview.domain.codec import encode
from spinereview.domain.imaging import Id
from spinereview.domain.protocol import Anchor, Blinding, Protocol, ScheduledVisit
from spinereview.domain.scores import Answer, AnswerBasis
from spinereview.domain.table import Table
from spinereview.domain.variable import Kind
from spinereview.errors import InvalidValue, Refused
from spinereview.review import clinical as review_clinical
from spinereview.review.clinical import record_invariants, tell_record, visible_record
from spinereview.review.command import Context, Role
from spinereview.review.commands import clinical
from spinereview.review.commands.clinical import (
    CorrectAnswer,
    CorrectEvent,
    RecordAnswer,
    RecordEvent,
    RemoveAnswer,
    RemoveEvent,
)
from spinereview.text import catalogue, sentence

SHA = "0" * 64
E = ClinicalEventKind
SITE = TreatedSite(id=Id("S1"), site=Site(organ="BONE", location="VERTEBRA L2"))
CASE = Case(id=Id("c1"), subject_code="K7QX", protocol_sha256=SHA, treated_sites=Table({"S1": SITE}))
PROTOCOL = Protocol(
    id="p",
    version="1",
    title="Blinded",
    sha256=SHA,
    visits=Table({name: ScheduledVisit(name=name, anchor=Anchor.SURGERY, day=0) for name in ("BL", "W4")}),
    blinding=Blinding(clinical_shown=frozenset({"NRS_WORST"})),
)
EMPTY = ClinicalRecord(id=Id("cr1"), subject_code="K7QX")


def do(record, *commands, reason="", role=Role.INVESTIGATOR):
    for command in commands:
        number = 1 + max((int(key[1:]) for key in record.events), default=0)
        context = Context(
            case=CASE,
            protocol=PROTOCOL,
            role=role,
            actor="I1",
            mint=lambda prefix, number=number: Id(f"{prefix}{number:02}"),
            reason=reason,
        )
        record = command.apply(record, context)
        assert record_invariants(record, CASE, PROTOCOL) == ()
    return record


def refused(record, command, **more):
    with pytest.raises(Refused) as raised:
        do(record, command, **more)
    assert "{" not in sentence(raised.value.code, {key: str(one) for key, one in raised.value.arguments.items()})
    return raised.value.code


def record_(item, value, visit="BL"):
    return RecordAnswer(visit=Id(visit), item=item, value=value)


def event(kind, day, **more):
    return ClinicalEvent(kind=kind, day=day, **more)


@pytest.mark.parametrize(
    ("item", "value", "kept"),
    [
        ("NRS_WORST", 7, Decimal(7)),
        ("NPRS", Decimal("3.5"), Decimal("3.5")),
        ("OMED", 0, Decimal(0)),
        ("ECOG", 2, "2"),
        ("FRANKEL", "D", "D"),
        ("SINS_PAIN", "MECHANICAL", "MECHANICAL"),
        ("CNS_METASTASES", False, False),
        ("QLQ_30", 7, Decimal(7)),
    ],
)
def test_an_answer_is_kept_as_it_was_given_with_its_type(item, value, kept):
    answer = do(EMPTY, record_(item, value)).visits["BL"][item]
    assert (answer.value, type(answer.value), answer.basis) == (kept, type(kept), AnswerBasis.ENTERED)


@pytest.mark.parametrize(
    ("item", "value"),
    [
        ("NRS_WORST", 11),
        ("NRS_WORST", -1),
        ("NRS_WORST", Decimal("3.5")),
        ("NRS_WORST", "7"),
        ("NRS_WORST", None),
        ("OMED", Decimal("-0.1")),
        ("ECOG", 6),
        ("FRANKEL", "F"),
        ("CNS_METASTASES", 0),
        ("HISTOLOGY", "breast"),
    ],
)
def test_an_answer_that_the_item_cannot_have_is_refused(item, value):
    assert refused(EMPTY, record_(item, value)) == "RECORD_VALUE"


def test_unknown_items_and_visits_are_refused_by_name():
    assert refused(EMPTY, record_("QLQ_31", 1)) == "RECORD_ITEM_UNKNOWN"
    assert refused(EMPTY, record_("NRS_WORST", 1, "W99")) == "RECORD_VISIT_UNKNOWN"


@pytest.mark.parametrize("role", [role for role in Role if role is not Role.INVESTIGATOR])
def test_only_the_investigator_writes_the_record(role):
    said = do(EMPTY, record_("NRS_WORST", 7), RecordEvent(event=event(E.SURGERY, 0)))
    for command in (
        record_("OMED", 0),
        CorrectAnswer(visit=Id("BL"), item="NRS_WORST", value=6),
        RemoveAnswer(visit=Id("BL"), item="NRS_WORST"),
        RecordEvent(event=event(E.LAST_CONTACT, 5)),
        CorrectEvent(id=Id("E01"), event=event(E.SURGERY, 1)),
        RemoveEvent(id=Id("E01")),
    ):
        assert refused(said, command, role=role, reason="x") == "RECORD_NOT_YOURS"


def test_what_stands_there_is_changed_only_by_a_correction_with_a_reason():
    said = do(EMPTY, record_("NRS_WORST", 7))
    assert do(said, record_("NRS_WORST", 7)) is said
    assert refused(said, record_("NRS_WORST", 6)) == "ANSWER_THERE"
    correct = CorrectAnswer(visit=Id("BL"), item="NRS_WORST", value=6)
    assert refused(said, correct) == "RECORD_NEEDS_REASON"
    assert refused(said, correct, reason="  ") == "RECORD_NEEDS_REASON"
    after = do(said, correct, reason=" misread ")
    assert after.visits["BL"]["NRS_WORST"] == Answer(value=Decimal(6), basis=AnswerBasis.ENTERED, reason="misread")
    assert do(after, correct) is after
    assert refused(EMPTY, correct, reason="x") == "ANSWER_NOT_THERE"
    assert refused(said, replace(correct, value=11), reason="x") == "RECORD_VALUE"


def test_a_removed_answer_is_missing_and_an_empty_visit_is_gone():
    said = do(EMPTY, record_("NRS_WORST", 7), record_("OMED", 0))
    remove = RemoveAnswer(visit=Id("BL"), item="OMED")
    assert refused(said, remove) == "RECORD_NEEDS_REASON"
    left = do(said, remove, reason="of another subject")
    assert list(left.visits["BL"]) == ["NRS_WORST"]
    assert refused(left, remove, reason="x") == "ANSWER_NOT_THERE"
    assert do(left, RemoveAnswer(visit=Id("BL"), item="NRS_WORST"), reason="x") == EMPTY


def test_events_have_ids_of_their_own_and_are_corrected_and_removed_with_a_reason():
    said = do(EMPTY, RecordEvent(event=event(E.NEW_THERAPY, 40)), RecordEvent(event=event(E.NEW_THERAPY, 60)))
    assert list(said.events) == ["E01", "E02"]
    correct = CorrectEvent(id=Id("E01"), event=event(E.NEW_THERAPY, 41))
    assert refused(said, correct) == "RECORD_NEEDS_REASON"
    assert do(said, correct, reason="typed wrongly").events["E01"].day == 41
    assert do(said, replace(correct, event=event(E.NEW_THERAPY, 40))) is said
    assert refused(said, RemoveEvent(id=Id("E01"))) == "RECORD_NEEDS_REASON"
    assert list(do(said, RemoveEvent(id=Id("E01")), reason="x").events) == ["E02"]
    for gone in (RemoveEvent(id=Id("E09")), replace(correct, id=Id("E09"))):
        assert refused(said, gone, reason="x") == "EVENT_NOT_THERE"


@pytest.mark.parametrize("kind", sorted(clinical.ONCE))
def test_what_happens_once_is_not_recorded_twice(kind):
    said = do(EMPTY, RecordEvent(event=event(kind, 10)))
    assert refused(said, RecordEvent(event=event(kind, 10))) == "EVENT_HAPPENS_ONCE"
    do(said, CorrectEvent(id=Id("E01"), event=event(kind, 11)), reason="x")
    other = do(said, RecordEvent(event=event(E.LAST_CONTACT, 5)))
    assert refused(other, CorrectEvent(id=Id("E02"), event=event(kind, 5)), reason="x") == "EVENT_HAPPENS_ONCE"


def test_nothing_happens_after_a_death():
    dead = do(EMPTY, RecordEvent(event=event(E.DEATH, 100, cause="PRIMARY_DISEASE")))
    assert refused(dead, RecordEvent(event=event(E.LAST_CONTACT, 101))) == "EVENT_AFTER_DEATH"
    do(dead, RecordEvent(event=event(E.LAST_CONTACT, 100)))
    do(dead, RecordEvent(event=event(E.LAST_CONTACT, None)))
    alive = do(EMPTY, RecordEvent(event=event(E.LAST_CONTACT, 101)))
    assert refused(alive, RecordEvent(event=event(E.DEATH, 100))) == "EVENT_AFTER_DEATH"
    do(alive, RecordEvent(event=event(E.DEATH, 101)))
    do(alive, RecordEvent(event=event(E.DEATH, None)))


def test_a_treated_site_is_one_of_the_case_and_a_grade_is_of_an_adverse_event():
    do(EMPTY, RecordEvent(event=event(E.LOCAL_THERAPY, 9, related_site=Id("S1"))))
    assert refused(EMPTY, RecordEvent(event=event(E.LOCAL_THERAPY, 9, related_site=Id("S2")))) == "EVENT_SITE_UNKNOWN"
    for grade in (1, 5):
        do(EMPTY, RecordEvent(event=event(E.ADVERSE_EVENT, 9, cause="Wound dehiscence", grade=grade)))
    for kind, grade in ((E.ADVERSE_EVENT, None), (E.ADVERSE_EVENT, 0), (E.ADVERSE_EVENT, 6), (E.SURGERY, 3)):
        with pytest.raises(InvalidValue, match="EVENT_GRADE"):
            event(kind, 9, grade=grade)


def test_an_unsound_record_is_told_by_its_codes():
    wrong = replace(
        EMPTY,
        subject_code="OTHER",
        visits=Table(
            {
                "W99": Table({"NRS_WORST": Answer(value=Decimal(11), basis=AnswerBasis.ENTERED)}),
                "BL": Table({"NO_ITEM": Answer(value=None, basis=AnswerBasis.ENTERED)}),
                "W4": Table(),
            }
        ),
        events=Table(
            {
                "E01": event(E.DEATH, 5),
                "E02": event(E.DEATH, 6, related_site=Id("S2")),
            }
        ),
    )
    assert record_invariants(wrong, CASE, PROTOCOL) == (
        "EVENT_AFTER_DEATH",
        "EVENT_HAPPENS_ONCE",
        "EVENT_SITE_UNKNOWN",
        "RECORD_ITEM_UNKNOWN",
        "RECORD_VALUE",
        "RECORD_VISIT_UNKNOWN",
        "SUBJECT_DIFFERS",
        "VISIT_WITHOUT_ANSWER",
    )
    empty = replace(EMPTY, visits=Table({"BL": Table({"OMED": Answer(value=None, basis=AnswerBasis.ENTERED)})}))
    assert record_invariants(empty, CASE, PROTOCOL) == ("RECORD_VALUE",)


_VALUES = st.one_of(
    st.integers(-1, 12),
    st.booleans(),
    st.sampled_from(["A", "E", "2", "MECHANICAL"]),
    st.none(),
    st.just(Decimal("2.5")),
)
_EVENTS = st.builds(event, st.sampled_from([k for k in E if k is not E.ADVERSE_EVENT]), st.none() | st.integers(-5, 5))
_ACTS = st.one_of(
    st.builds(record_, st.sampled_from(["NRS_WORST", "ECOG", "FRANKEL", "CNS_METASTASES", "NO"]), _VALUES),
    st.builds(CorrectAnswer, visit=st.just("BL"), item=st.sampled_from(["NRS_WORST", "ECOG"]), value=_VALUES),
    st.builds(RemoveAnswer, visit=st.just("BL"), item=st.sampled_from(["NRS_WORST", "ECOG", "FRANKEL"])),
    st.builds(RecordEvent, event=_EVENTS),
    st.builds(CorrectEvent, id=st.sampled_from(["E01", "E02"]), event=_EVENTS),
    st.builds(RemoveEvent, id=st.sampled_from(["E01", "E02"])),
)


@hypothesis_settings(max_examples=60, deadline=None)
@hypothesis_given(st.lists(st.tuples(_ACTS, st.sampled_from(["", "because"])), max_size=12))
def test_whatever_is_done_the_record_stays_sound(acts):
    record = EMPTY
    for act, reason in acts:
        try:
            record = do(record, act, reason=reason)
        except Refused:
            continue
    assert record_invariants(record, CASE, PROTOCOL) == ()


def test_a_reader_sees_the_items_that_the_protocol_shows_and_no_event():
    said = do(
        EMPTY,
        record_("NRS_WORST", 7),
        record_("OMED", 20),
        record_("OMED", 5, "W4"),
        RecordEvent(event=event(E.SURGERY, 0)),
    )
    for role in (Role.READER, Role.ADJUDICATOR):
        seen = visible_record(said, role, PROTOCOL)
        assert {visit: list(answers) for visit, answers in seen.visits.items()} == {"BL": ["NRS_WORST"]}
        assert seen.events == Table()
    for role in (Role.INVESTIGATOR, Role.COORDINATOR, Role.TRIAL_LEAD):
        assert visible_record(said, role, PROTOCOL) is said


def every_command() -> list[type]:
    return [kind for kind in vars(clinical).values() if isinstance(kind, type) and hasattr(kind, "NAME")]


def test_every_act_has_a_line_of_the_history_and_none_is_a_barrier():
    assert {kind.NAME for kind in every_command()} | {"undo", "redo"} == set(review_clinical.CODES)
    assert set(review_clinical.CODES.values()) <= set(catalogue())
    assert not any(kind.BARRIER for kind in every_command())


@pytest.mark.parametrize(
    ("command", "line"),
    [
        (record_("NRS_WORST", Decimal(7)), "BL: NRS_WORST 7"),
        (record_("OMED", Decimal(0)), "BL: OMED 0"),
        (record_("CNS_METASTASES", value=False), "BL: CNS_METASTASES false"),
        (CorrectAnswer(visit=Id("BL"), item="ECOG", value="2"), "BL: correct ECOG to 2"),
        (RemoveAnswer(visit=Id("BL"), item="ECOG"), "BL: remove ECOG"),
        (RecordEvent(event=event(E.DEATH, 0)), "DEATH on day 0"),
        (RecordEvent(event=event(E.DEATH, None)), "DEATH, day not known"),
        (CorrectEvent(id=Id("E01"), event=event(E.DEATH, 3)), "Correct E01: DEATH on day 3"),
        (CorrectEvent(id=Id("E01"), event=event(E.DEATH, None)), "Correct E01: DEATH, day not known"),
        (RemoveEvent(id=Id("E01")), "Remove E01"),
    ],
)
def test_the_history_tells_what_was_done(command, line):
    args = encode(command, type(command))
    assert isinstance(args, dict)
    told = tell_record(command.NAME, args)
    assert sentence(told.code, told.args) == line


def test_the_history_tells_steps_notes_and_acts_of_later_versions():
    told = [tell_record("undo", {"of": 4}), tell_record("created", {}), tell_record("opened", {}), tell_record("x", {})]
    lines = [sentence(one.code, one.args) for one in told]
    assert lines == ["Undo step 4", "Begin the clinical record", "Open the clinical record", "x"]


def test_every_item_says_what_it_may_be():
    assert all(item.allowed for item in ITEMS.values())
    assert {item.kind for item in ITEMS.values()} == {Kind.FLAG, Kind.NUMBER, Kind.WORD, Kind.GRADE}


def test_a_day_is_shown_to_a_reader_only_where_days_are():
    record = do(
        EMPTY,
        RecordAnswer(visit=Id("BL"), item="NRS_WORST", value=7),
        RecordAnswer(visit=Id("BL"), item="DAY", value=-3),
    )
    listed = replace(PROTOCOL, blinding=replace(PROTOCOL.blinding, clinical_shown=frozenset({"NRS_WORST", "DAY"})))
    assert set(visible_record(record, Role.READER, listed).visits["BL"]) == {"NRS_WORST"}
    days = replace(listed, blinding=replace(listed.blinding, show_days=True))
    assert set(visible_record(record, Role.READER, days).visits["BL"]) == {"NRS_WORST", "DAY"}
