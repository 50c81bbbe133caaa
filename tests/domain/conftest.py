"""Hypothesis strategies that build whole documents of valid values."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import strategies as st

from spinereview.domain.alignment import FARTHEST_UM, Alignment
from spinereview.domain.anatomy import Compartment, Laterality, Level, Site
from spinereview.domain.assessment import Assessment, Reason
from spinereview.domain.case import Case, Timepoint, TreatedSite
from spinereview.domain.imaging import Calibration, ImageRef, Plane, Posture, Stack, StackKind
from spinereview.domain.known_length import KnownLength
from spinereview.domain.lesion import (
    STATES_OF_ROLE,
    Lesion,
    LesionFinding,
    LesionRole,
    LesionState,
    NewStatus,
    PriorTherapy,
    Scope,
    Technique,
    Tissue,
)
from spinereview.domain.measurement import Basis, Entered, InSpace, Measurement, MeasurementKind, OnImage
from spinereview.domain.protocol import Anchor, Blinding, Design, Protocol, Rule, ScheduledVisit
from spinereview.domain.read import Lock, Purpose, Query, Read, Visit
from spinereview.domain.scores import Answer, AnswerBasis, Hardware, LevelFinding, NonFractureCause
from spinereview.domain.table import Table

NAMES = st.text("abcXYZ019-_ é胸", min_size=1, max_size=5)
TEXTS = st.text(max_size=6)
WHOLE = st.integers(-(2**40), 2**40)
DECIMALS = st.decimals(allow_nan=False, allow_infinity=False, places=4, min_value=-9999, max_value=9999)
POSITIVE = st.decimals(min_value="0.001", max_value=50, places=3)
VALUES = st.none() | TEXTS | WHOLE | st.booleans() | DECIMALS


def tables(values: st.SearchStrategy, keys: st.SearchStrategy[str] = NAMES, largest: int = 2) -> st.SearchStrategy:
    return st.dictionaries(keys, values, max_size=largest).map(Table)


def keyed(values: st.SearchStrategy, largest: int = 2) -> st.SearchStrategy:
    listed = st.lists(values, max_size=largest, unique_by=lambda value: value.id)
    return listed.map(lambda found: Table({value.id: value for value in found}))


IMAGES = st.builds(ImageRef, stack=NAMES, sop_uid=NAMES, frame=st.integers(1, 999))


@st.composite
def measurements(draw: st.DrawFn) -> Measurement:
    points = [(0, 0), (draw(st.integers(1, 10**6)), draw(WHOLE)), (5, 5), (7, draw(WHOLE))]
    geometry = draw(
        st.one_of(
            st.builds(OnImage, image=IMAGES, points_mpx=st.just(tuple(points))),
            st.builds(
                InSpace,
                stacks=st.lists(NAMES, max_size=2).map(tuple),
                frame_of_reference_uid=NAMES,
                points_um=st.just(tuple((*point, 1) for point in points)),
                plane_um=st.none() | st.just(((0, 0, 0), (1, 0, 0), (0, 1, 0))),
            ),
            st.builds(Entered, value=DECIMALS.map(abs), unit=st.just("mm"), source=TEXTS),
        )
    )
    kind = draw(st.sampled_from([MeasurementKind.BIDIRECTIONAL, MeasurementKind.COBB, MeasurementKind.OUTLINE]))
    return Measurement(
        id=draw(NAMES), kind=kind, geometry=geometry, basis=draw(st.sampled_from(Basis)), author=draw(TEXTS)
    )


MARKS = measurements()
ANSWERS = st.builds(
    Answer,
    value=VALUES,
    basis=st.sampled_from(AnswerBasis),
    suggested=VALUES,
    evidence=st.lists(NAMES, max_size=2).map(tuple),
    reason=TEXTS,
)
SITES = st.builds(
    Site,
    organ=NAMES,
    location=TEXTS,
    laterality=st.none() | st.sampled_from(Laterality),
    levels=st.lists(st.sampled_from(Level), max_size=2).map(tuple),
    compartments=st.frozensets(st.sampled_from(Compartment), max_size=3),
)


@st.composite
def found(draw: st.DrawFn, role: LesionRole) -> LesionFinding:
    state = draw(st.sampled_from(sorted(STATES_OF_ROLE[role])))
    keys = {LesionState.MEASURED: ["a"], LesionState.SPLIT: ["a", "b"]}.get(state, [])
    return LesionFinding(
        state=state,
        parts=Table({key: draw(MARKS) for key in keys}),
        carrier=draw(NAMES) if state is LesionState.MERGED else None,
        justification="x" if state is LesionState.UNEQUIVOCAL_PD else draw(TEXTS),
        plane_visible=draw(st.none() | st.booleans()),
        new_status=draw(st.none() | st.sampled_from(NewStatus)),
    )


@st.composite
def lesions(draw: st.DrawFn) -> Lesion:
    role = draw(st.sampled_from(LesionRole))
    return Lesion(
        id=draw(NAMES),
        role=role,
        nodal=draw(st.booleans()),
        site=draw(SITES),
        tissue=draw(st.none() | st.sampled_from(Tissue)),
        scope=draw(st.sampled_from(Scope)),
        first_seen=draw(NAMES),
        technique=draw(st.none() | st.builds(Technique)),
        prior_therapy=draw(st.none() | st.builds(PriorTherapy, over_two_years=st.none() | st.booleans())),
        findings=draw(tables(found(role))),
        comment=draw(TEXTS),
    )


VISITS = st.builds(
    Visit,
    manifest_sha256=TEXTS,
    lock=st.sampled_from(Lock),
    quality=tables(ANSWERS),
    coverage=tables(ANSWERS),
    patient_scores=tables(tables(ANSWERS)),
    decisions=tables(ANSWERS),
    levels=tables(
        st.builds(
            LevelFinding,
            scores=tables(tables(ANSWERS)),
            heights=tables(MARKS),
            angles=tables(MARKS),
            hardware=st.frozensets(st.sampled_from(Hardware), max_size=2),
            non_fracture_cause=st.sampled_from(NonFractureCause),
        )
    ),
    comment=TEXTS,
)
WAYS = st.integers(-FARTHEST_UM, FARTHEST_UM)
READS = st.builds(
    Read,
    id=NAMES,
    case=NAMES,
    reader_code=NAMES,
    purpose=st.sampled_from(Purpose),
    protocol_sha256=NAMES,
    visits=tables(VISITS),
    lesions=keyed(lesions()),
    level_labels=tables(tables(MARKS)),
    link_offsets=tables(st.tuples(WHOLE, WHOLE, WHOLE)),
    key_images=tables(IMAGES),
    queries=tables(st.builds(Query, about=st.lists(NAMES, max_size=2).map(tuple), text=TEXTS)),
    arm_guess=st.none() | ANSWERS,
    signed_through=st.none() | NAMES,
    amendments=st.lists(NAMES, max_size=2).map(tuple),
    calibrations=tables(
        st.builds(
            KnownLength,
            image=IMAGES,
            points_mpx=st.tuples(st.tuples(WHOLE, WHOLE), st.just((2**42, 2**42))),
            length_mm=st.decimals(5, 2000, places=2),
            marked=TEXTS,
        )
    ),
    alignments=tables(tables(st.builds(Alignment, move_um=st.tuples(WAYS, WAYS, WAYS), author=TEXTS))),
)
STACKS = st.builds(
    Stack,
    id=NAMES,
    series_uid=TEXTS,
    modality=NAMES,
    kind=st.sampled_from(StackKind),
    plane=st.sampled_from(Plane),
    posture=st.none() | st.sampled_from(Posture),
    pixel_spacing_mm=st.tuples(POSITIVE, POSITIVE),
    calibration=st.sampled_from([one for one in Calibration if one is not Calibration.NONE]),
    slice_thickness_mm=st.none() | POSITIVE,
    slice_interval_mm=POSITIVE,
    images=st.lists(st.tuples(NAMES, st.integers(1, 9)), min_size=1, max_size=3).map(tuple),
    faults=st.lists(NAMES, max_size=1).map(tuple),
    regions=st.lists(NAMES, max_size=1).map(tuple),
)


@st.composite
def cases(draw: st.DrawFn) -> Case:
    ids = draw(st.lists(NAMES, max_size=3, unique=True))
    timepoints = {
        name: Timepoint(
            id=name,
            label=draw(NAMES),
            ordinal=ordinal,
            visit=draw(st.none() | NAMES),
            baseline_for=draw(st.frozensets(NAMES, max_size=2)),
            stacks=draw(keyed(STACKS)),
            clinical=draw(tables(ANSWERS)),
        )
        for ordinal, name in enumerate(ids)
    }
    treated = draw(keyed(st.builds(TreatedSite, id=NAMES, site=SITES, intent=TEXTS)))
    return Case(
        id=draw(NAMES),
        subject_code=draw(NAMES),
        protocol_sha256="0",
        timepoints=Table(timepoints),
        treated_sites=treated,
    )


RAW = TEXTS | WHOLE | st.booleans() | DECIMALS | st.lists(TEXTS, max_size=2).map(tuple)
PROTOCOLS = st.builds(
    Protocol,
    id=NAMES,
    version=NAMES,
    title=NAMES,
    sha256=NAMES,
    amends=TEXTS,
    visits=tables(
        st.builds(
            ScheduledVisit, name=NAMES, anchor=st.sampled_from(Anchor), minus=st.integers(0, 9), plus=st.integers(0, 9)
        )
    ),
    baselines=tables(RAW),
    blinding=st.builds(Blinding),
    design=st.builds(
        Design, readers=st.integers(1, 3), triggers=tables(tables(TEXTS)), repeat_share=st.decimals(0, 1, places=2)
    ),
    purposes=tables(tables(RAW)),
    criteria=tables(tables(RAW)),
    eligibility=tables(st.builds(Rule, value=DECIMALS | TEXTS | st.lists(TEXTS, max_size=2).map(tuple))),
    endpoints=tables(tables(RAW)),
)
REFS = st.lists(NAMES, max_size=2).map(tuple)
REASONS = st.recursive(
    st.builds(Reason, code=NAMES, args=tables(TEXTS), rule=TEXTS, refs=st.lists(REFS, max_size=2).map(tuple)),
    lambda deeper: st.builds(Reason, code=NAMES, because=st.lists(deeper, max_size=2).map(tuple)),
    max_leaves=4,
)
WHYS = st.lists(REASONS, max_size=2).map(tuple)
ASSESSMENTS = st.builds(
    Assessment,
    criterion=NAMES,
    scope=REFS,
    outcome=NAMES,
    values=tables(st.none() | DECIMALS),
    because=WHYS,
    warnings=WHYS,
    missing=WHYS,
)


@pytest.fixture
def half() -> Decimal:
    return Decimal("0.5")


@pytest.fixture(scope="session")
def documents() -> dict[type, st.SearchStrategy]:
    """Strategy of each kind of document."""
    return {Read: READS, Case: cases(), Protocol: PROTOCOLS, Assessment: ASSESSMENTS}
