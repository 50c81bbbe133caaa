"""Which visit of the protocol a timepoint is: by order, modalities and windows; what is certain, and what is asked."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from spinereview.domain.case import Case, Timepoint
from spinereview.domain.imaging import Calibration, Id, Plane, Stack, StackKind
from spinereview.domain.protocol import Anchor, Protocol, ScheduledVisit
from spinereview.domain.table import Table
from spinereview.errors import Refused
from spinereview.review.commands.visits import LockVisit, UnlockVisit
from spinereview.text import sentence
from spinereview.workflow.case import open_images
from spinereview.workflow.case_changes import name_visits, visit_matches, with_certain_visits
from spinereview.workflow.case_file import read_case_file
from spinereview.workflow.protocol_files import read
from spinereview.workflow.visits import UNSCHEDULED, matches, visits_with_images

SHA = "0" * 64


def case_of(*modalities: str) -> Case:
    """A timepoint for each, with these modalities, separated by blanks."""
    timepoints: dict[str, Timepoint] = {}
    for place, kinds in enumerate(modalities):
        name = "BL" if place == 0 else f"FU{place}"
        stacks = {
            f"{name}-{kind}": Stack(
                id=Id(f"{name}-{kind}"),
                series_uid="1.2",
                modality=kind,
                kind=StackKind.VOLUME,
                plane=Plane.AXIAL,
                frame_of_reference_uid="2.25.99",
                pixel_spacing_mm=(Decimal(1), Decimal(1)),
                calibration=Calibration.PATIENT,
                slice_thickness_mm=Decimal(1),
                slice_interval_mm=Decimal(1),
                images=(("1.2.3", 1),),
            )
            for kind in kinds.split()
        }
        timepoints[name] = Timepoint(id=Id(name), label=name, ordinal=place, stacks=Table(stacks))
    return Case(id=Id("c"), subject_code="S", protocol_sha256=SHA, timepoints=Table(timepoints))


def suggested(case: Case, protocol: Protocol, days: Sequence[int] | None = None) -> list[tuple[str, str, bool]]:
    known = None if days is None else {one.id: day for one, day in zip(case.in_order, days, strict=True)}
    found = matches(case, protocol, known)
    assert all("{" not in sentence(one.code, one.args) for one in found)
    return [(one.suggested, one.code, one.certain) for one in found]


@pytest.fixture(scope="module")
def trial() -> Protocol:
    return read("nct06120426")


def test_visits_come_in_the_order_of_their_days_and_without_those_of_forms_alone(trial) -> None:
    assert [visit.name for visit in visits_with_images(trial)] == ["BL", "D1", "POST", "M3", "M6", "M12"]
    assert visits_with_images(read("generic")) == ()
    assert matches(case_of("CT"), read("generic")) == ()


def test_without_days_the_order_and_the_kind_of_images_suggest_and_decide_nothing(trial) -> None:
    assert suggested(case_of("MR CT", "CT"), trial) == [
        ("BL", "VISIT_BY_ORDER", False),
        ("POST", "VISIT_BY_ORDER", False),
    ]
    assert suggested(case_of("MR CT", "MR"), trial) == [
        ("BL", "VISIT_BY_ORDER_SEVERAL", False),
        ("POST", "VISIT_BY_ORDER_SEVERAL", False),
    ]
    assert suggested(case_of("MR CT", "DX", "MR CT"), trial)[1][0] == "D1"
    # Computed radiography is an X-ray as well.
    assert suggested(case_of("MR CT", "CR", "MR CT"), trial)[1][0] == "D1"


@pytest.mark.parametrize("kind", ["CT", "MR"])
def test_a_visit_that_wants_one_of_two_kinds_takes_either(kind) -> None:
    trial_3 = read("nct06756087")
    assert [one[0] for one in suggested(case_of(kind, kind), trial_3)] == ["BL", "POST"]
    assert suggested(case_of("DX"), trial_3)[0][0] == UNSCHEDULED


def test_more_studies_than_visits_suggest_nothing(trial) -> None:
    assert suggested(case_of(*["CT"] * 3), trial) == [(UNSCHEDULED, "VISIT_NONE_FITS", False)] * 3


@pytest.mark.parametrize(
    ("days", "expected"),
    [
        pytest.param((0, 2), "POST", id="first day after the window of the baseline"),
        pytest.param((0, 56), "POST", id="last day"),
        pytest.param((0, 78), "M3", id="first day of the third month"),
        pytest.param((0, 133), "M3", id="last day of the third month"),
    ],
)
def test_days_between_the_studies_decide_though_nobody_knows_the_day_of_the_operation(trial, days, expected) -> None:
    first, second = suggested(case_of("MR CT PT", "MR CT"), trial, days)
    assert (first[0], second[0]) == ("BL", expected)


def test_what_only_one_order_of_windows_fits_is_certain() -> None:
    visits = {
        name: ScheduledVisit(name=name, anchor=anchor, day=day, minus=minus, plus=7, modalities=frozenset({"CT"}))
        for name, anchor, day, minus in (
            ("BL", Anchor.RANDOMISATION, 0, 28),
            ("W12", Anchor.RT_END, 84, 7),
            ("W24", Anchor.RT_END, 168, 7),
        )
    }
    protocol = Protocol(id="p", version="1", title="t", sha256=SHA, visits=Table(visits))
    found = suggested(case_of("CT", "CT", "CT"), protocol, (0, 120, 200))
    assert found == [(name, "VISIT_BY_DAYS", True) for name in ("BL", "W12", "W24")]
    # From the end of radiotherapy, which may lie anywhere, the one study can be either visit.
    either = suggested(case_of("CT", "CT"), protocol, (0, 120))
    assert [one[0] for one in either] == ["BL", "W12"]
    assert not any(certain for *_, certain in either)
    # 60 days lie between no two visits after radiotherapy: the order alone suggests, and decides nothing.
    assert suggested(case_of("CT", "CT", "CT"), protocol, (0, 120, 180))[2] == ("W24", "VISIT_BY_ORDER", False)


def _by_trying(case: Case, protocol: Protocol, days: Sequence[int]) -> set[tuple[str, ...]]:
    """All assignments, by trying every day of the anchor."""
    visits = visits_with_images(protocol)
    found: set[tuple[str, ...]] = set()
    for anchor in range(-60, 120):
        rows: list[tuple[int, ...]] = [()]
        for timepoint, day in zip(case.in_order, days, strict=True):
            kinds = {stack.modality for stack in timepoint.stacks.values()}
            rows = [
                (*row, at)
                for row in rows
                for at, visit in enumerate(visits)
                if (not row or at > row[-1])
                and visit.day - visit.minus <= day - anchor <= visit.day + visit.plus
                and kinds & visit.modalities
            ]
        found |= {tuple(visits[at].name for at in row) for row in rows}
    return found


@settings(max_examples=60, deadline=None)
@given(
    windows=st.lists(
        st.tuples(st.integers(-20, 40), st.integers(0, 9), st.integers(0, 9), st.booleans()), min_size=1, max_size=4
    ),
    gaps=st.lists(st.tuples(st.integers(0, 25), st.booleans()), min_size=1, max_size=3),
)
def test_the_windows_give_what_trying_every_day_of_the_operation_gives(windows, gaps) -> None:
    visits = {
        f"V{place}": ScheduledVisit(
            name=f"V{place}",
            anchor=Anchor.SURGERY,
            day=day,
            minus=minus,
            plus=plus,
            modalities=frozenset({"CT"} if ct else {"MR"}),
        )
        for place, (day, minus, plus, ct) in enumerate(windows)
    }
    protocol = Protocol(id="p", version="1", title="t", sha256=SHA, visits=Table(visits))
    case = case_of(*("CT" if ct else "MR" for _, ct in gaps))
    days = [sum(gap for gap, _ in gaps[: place + 1]) for place in range(len(gaps))]
    expected = _by_trying(case, protocol, days)
    found = matches(case, protocol, {one.id: day for one, day in zip(case.in_order, days, strict=True)})
    if expected:
        assert tuple(one.suggested for one in found) in expected
        assert found[0].certain is (len(expected) == 1)
    else:
        assert not any(one.code.startswith("VISIT_BY_DAYS") or one.certain for one in found)


class TestKept:
    def opened(self, images, workstation, kept, tmp_path, trial: str):
        file = tmp_path / "trial.toml"
        file.write_text(trial, encoding="utf-8")
        return kept(open_images(images, workstation, reader="R1", subject="S-1", protocol=file))

    def test_what_days_decide_is_named_on_opening_and_noted(self, images, workstation, kept, tmp_path) -> None:
        opened = self.opened(images, workstation, kept, tmp_path, DAYS)
        named, asked = with_certain_visits(opened)
        assert asked == ()
        assert [one.visit for one in named.case.in_order] == ["BL", "M3"]
        assert [one.visit for one in read_case_file(opened.folder / "case.json")[0].case.in_order] == ["BL", "M3"]
        assert opened.session.history()[-1].name == "case_changed"
        assert with_certain_visits(named) == (named, ())

    def test_a_protocol_that_hides_the_days_asks(self, images, workstation, kept, tmp_path) -> None:
        opened = self.opened(images, workstation, kept, tmp_path, DAYS.replace("show_days = true", "show_days = false"))
        same, asked = with_certain_visits(opened)
        assert same is opened
        assert [(one.suggested, one.code) for one in asked] == [("BL", "VISIT_BY_ORDER"), ("M3", "VISIT_BY_ORDER")]
        named = name_visits(opened, {Id("BL"): "BL", Id("FU1"): UNSCHEDULED})
        assert [one.visit for one in named.case.in_order] == ["BL", ""]
        assert [one.said for one in visit_matches(named)] == ["BL", ""]
        assert with_certain_visits(named)[1] == ()
        assert named.session.case.timepoints["BL"].visit == "BL"

    @pytest.mark.parametrize(
        ("visits", "code"),
        [
            pytest.param({"BL": "M9"}, "CASE_VISIT_UNKNOWN", id="no visit"),
            pytest.param({"FU7": "BL"}, "CASE_TIMEPOINT_UNKNOWN", id="no timepoint"),
            pytest.param({"BL": "M3", "FU1": "BL"}, "CASE_VISIT_ORDER", id="the other way round"),
            pytest.param({"BL": "BL", "FU1": "BL"}, "CASE_VISIT_ORDER", id="twice"),
        ],
    )
    def test_what_cannot_be_is_refused_and_nothing_is_written(
        self, images, workstation, kept, tmp_path, visits, code
    ) -> None:
        opened = self.opened(images, workstation, kept, tmp_path, DAYS)
        before = (opened.folder / "case.json").read_bytes()
        with pytest.raises(Refused, match=code) as refused:
            name_visits(opened, {Id(key): visit for key, visit in visits.items()})
        assert "{" not in sentence(code, refused.value.arguments)
        assert (opened.folder / "case.json").read_bytes() == before

    def test_a_locked_timepoint_is_named_once_and_stays(self, images, workstation, kept, tmp_path) -> None:
        opened = self.opened(images, workstation, kept, tmp_path, DAYS)
        opened.session.do(LockVisit(timepoint=Id("BL")))
        named = name_visits(opened, {Id("BL"): "BL"})
        assert name_visits(named, {Id("BL"): "BL", Id("FU1"): "M3"}).case.timepoints["FU1"].visit == "M3"
        with pytest.raises(Refused, match="CASE_VISIT_LOCKED"):
            name_visits(named, {Id("BL"): UNSCHEDULED})
        opened.session.do(UnlockVisit(timepoint=Id("BL")), "wrong visit")
        assert name_visits(named, {Id("BL"): UNSCHEDULED}).case.timepoints["BL"].visit == ""

    def test_beside_another_read_a_visit_is_named_and_not_changed(self, images, workstation, kept, tmp_path) -> None:
        opened = self.opened(images, workstation, kept, tmp_path, DAYS)
        (opened.folder / "R2.srread").write_bytes(b"")
        named = name_visits(opened, {Id("BL"): "BL"})
        with pytest.raises(Refused, match="CASE_VISIT_OTHER_READS"):
            name_visits(named, {Id("BL"): UNSCHEDULED})


DAYS = """
[trial]
id = "T"
version = "1"
title = "Trial"

[[visit]]
name = "BL"
anchor = "SURGERY"
day = -1
minus = 6
plus = 0
modalities = ["CT"]
forms = ["SINS"]

[[visit]]
name = "M3"
anchor = "SURGERY"
day = 91
minus = 14
plus = 14
modalities = ["CT"]
forms = ["SINS"]

[blinding]
show_days = true

[criterion.recist]

[criterion.sins]
"""
