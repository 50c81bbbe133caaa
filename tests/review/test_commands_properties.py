"""Random acts: what is applied keeps the invariants, what is refused changes nothing and says so in a sentence."""

from __future__ import annotations

from dataclasses import replace
from itertools import count

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from spinereview.domain.anatomy import Site
from spinereview.domain.codec import decode, encode
from spinereview.domain.imaging import Id, ImageRef
from spinereview.domain.lesion import (
    Comparability,
    LesionRole,
    LesionState,
    LocalTherapy,
    MarginHidden,
    NewStatus,
    Pet,
    PriorTherapy,
    Scope,
)
from spinereview.domain.measurement import Measurement, MeasurementKind, OnImage
from spinereview.domain.read import Read
from spinereview.domain.table import Table
from spinereview.errors import Refused
from spinereview.review.command import Command, Context
from spinereview.review.commands.finding_facts import JudgeTechnique, SetMarginHidden, SetPet, SetPlaneVisible
from spinereview.review.commands.findings import (
    Measure,
    MergeInto,
    RemoveMeasurement,
    SetNewStatus,
    SetOthersPresent,
    SetState,
)
from spinereview.review.commands.fragments import RemoveFragment, SplitInto
from spinereview.review.commands.lesion_facts import SetGroup, SetOverrideReason, SetPriorTherapy, SetScope
from spinereview.review.commands.lesions import AddLesion, RemoveLesion, SetComment, SetNodal, SetRole, SetSite
from spinereview.review.commands.linking import SetLinkOffset
from spinereview.review.commands.visits import LockVisit, SetVisitComment, UnlockVisit
from spinereview.review.invariants import invariants
from spinereview.review.obligations import obligations
from spinereview.text import catalogue

TIMEPOINTS = st.sampled_from([Id("BL"), Id("FU1"), Id("FU2")])
LESIONS = st.sampled_from([Id(f"L{number:02}") for number in range(1, 5)])
ROLES = st.sampled_from(LesionRole)
SITES = st.builds(Site, organ=st.sampled_from(["LIVER", "BONE", "LUNG"]), location=st.just("x"))


@st.composite
def measurements(draw: st.DrawFn) -> Measurement:
    kind, points = draw(
        st.sampled_from(
            [
                (MeasurementKind.DIAMETER, ((0, 0), (30_000, 40_000))),
                (MeasurementKind.BIDIRECTIONAL, ((0, 0), (40_000, 0))),
                (MeasurementKind.BIDIRECTIONAL, ((0, 0), (40_000, 0), (20_000, 0), (20_000, 9_000))),
                (MeasurementKind.BIDIRECTIONAL, ((0, 0), (40_000, 0), (20_000, 0), (20_000, 90_000))),
                (MeasurementKind.ARROW, ((0, 0), (1, 1))),
                (MeasurementKind.CRANIOCAUDAL, ((0, 0), (0, 9_000))),
            ]
        )
    )
    stack = Id(f"{draw(st.sampled_from('kkkx'))}-{draw(TIMEPOINTS)}")
    image = ImageRef(stack=stack, sop_uid=f"2.25.{stack}.1")
    name = Id(f"m-{draw(st.integers(1, 30))}")
    return Measurement(id=name, kind=kind, geometry=OnImage(image=image, points_mpx=points))


MARKS = measurements()
SHA = st.just("")
COMMANDS: st.SearchStrategy[Command[Read]] = st.one_of(
    st.builds(
        AddLesion, timepoint=TIMEPOINTS, role=ROLES, nodal=st.booleans(), site=SITES, tissue=st.none(),
        group=st.booleans(), measurement=st.none() | MARKS, stack_sha256=SHA,
    ),
    st.builds(
        Measure, lesion=LESIONS, timepoint=TIMEPOINTS, part=st.sampled_from(["a", "a", "b", "cc"]), measurement=MARKS,
        stack_sha256=SHA,
    ),
    st.builds(RemoveMeasurement, lesion=LESIONS, timepoint=TIMEPOINTS),
    st.builds(RemoveLesion, lesion=LESIONS),
    st.builds(
        SetState, lesion=LESIONS, timepoint=TIMEPOINTS, state=st.sampled_from(LesionState), reason=st.just("r"),
        justification=st.sampled_from(["", "j"]),
    ),
    st.builds(MergeInto, lesion=LESIONS, timepoint=TIMEPOINTS, carrier=LESIONS),
    st.builds(
        SplitInto, lesion=LESIONS, timepoint=TIMEPOINTS, parts=st.lists(MARKS, max_size=3).map(tuple), stack_sha256=SHA
    ),
    st.builds(
        SetNewStatus, lesion=LESIONS, timepoint=TIMEPOINTS, status=st.sampled_from(NewStatus), cause=st.just("FLARE")
    ),
    st.builds(RemoveFragment, lesion=LESIONS, timepoint=TIMEPOINTS, part=st.sampled_from("abc")),
    st.builds(
        JudgeTechnique, lesion=LESIONS, timepoint=TIMEPOINTS, comparability=st.none() | st.sampled_from(Comparability),
        only_by_new_technique=st.booleans(), reason=st.just("r"),
    ),
    st.builds(SetPlaneVisible, lesion=LESIONS, timepoint=TIMEPOINTS, visible=st.booleans()),
    st.builds(
        SetMarginHidden, lesion=LESIONS, timepoint=TIMEPOINTS, hidden_by=st.none() | st.sampled_from(MarginHidden)
    ),
    st.builds(SetPet, lesion=LESIONS, timepoint=TIMEPOINTS, pet=st.none() | st.sampled_from(Pet)),
    st.builds(SetScope, lesion=LESIONS, scope=st.sampled_from(Scope)),
    st.builds(SetGroup, lesion=LESIONS, group=st.booleans()),
    st.builds(SetPriorTherapy, lesion=LESIONS, therapy=st.none() | st.builds(
        PriorTherapy, kind=st.sampled_from(LocalTherapy), study_treatment=st.booleans(),
        progressed_since=st.none() | st.booleans(),
    )),
    st.builds(SetOverrideReason, lesion=LESIONS, reason=st.just("r")),
    st.builds(
        SetLinkOffset,
        offsets_um=st.dictionaries(
            st.sampled_from(["k-BL|k-FU1", "k-BL|k-FU2", "k-FU1|k-BL", "k-BL|x-BL", "k-BL"]),
            st.tuples(*[st.integers(-9, 9)] * 3),
            max_size=2,
        ).map(Table),
    ),
    st.builds(SetOthersPresent, timepoint=TIMEPOINTS),
    st.builds(SetRole, lesion=LESIONS, role=ROLES),
    st.builds(SetNodal, lesion=LESIONS, nodal=st.booleans()),
    st.builds(SetSite, lesion=LESIONS, site=SITES),
    st.builds(SetComment, lesion=LESIONS, comment=st.just("c")),
    st.builds(SetVisitComment, timepoint=TIMEPOINTS, comment=st.just("c")),
    st.builds(LockVisit, timepoint=TIMEPOINTS),
    st.builds(UnlockVisit, timepoint=TIMEPOINTS),
)  # fmt: skip


def _applied(command: Command[Read], read: Read, context: Context) -> Read | None:
    """Next read; None where the act was refused, in a sentence that lacks no argument."""
    refusal: Refused | None = None
    try:
        return command.apply(read, context)
    except Refused as refused:
        refusal = refused
    assert "{" not in catalogue()[refusal.code].format(**refusal.arguments)
    return None


@settings(max_examples=150, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(commands=st.lists(COMMANDS, min_size=10, max_size=40))
def test_random_acts_keep_the_invariants(empty: Read, context: Context, commands: list[Command[Read]]) -> None:
    numbers = count(1)
    asked = replace(context, reason="r", mint=lambda prefix: Id(f"{prefix}{next(numbers):02}"))
    read = empty
    for command in commands:
        before = encode(read, Read)
        locked = {key for key in read.visits if read.lock_of(key) == "LOCKED"}
        after = _applied(command, read, asked)
        if after is None:
            assert encode(read, Read) == before
            continue
        assert invariants(after, asked.case) == ()
        assert decode(Read, encode(after, Read)) == after
        assert (after is read) == (after == read)
        for timepoint in locked:
            was = {key: lesion.findings.get(timepoint) for key, lesion in read.lesions.items()}
            now = {key: lesion.findings.get(timepoint) for key, lesion in after.lesions.items()}
            assert {key: found for key, found in was.items() if found} == {
                k: found for k, found in now.items() if found
            }
        read = after
    for timepoint in asked.case.timepoints:
        if read.lock_of(timepoint) == "LOCKED":
            assert not [owed for owed in obligations(read, asked.case, Id(timepoint)) if owed.hard]


@given(command=COMMANDS)
def test_an_act_is_kept_and_read_back_as_it_was(command: Command[Read]) -> None:
    assert decode(type(command), encode(command, type(command))) == command
