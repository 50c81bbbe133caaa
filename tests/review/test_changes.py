"""The walk that finds changes, and what is made of them."""

from __future__ import annotations

from dataclasses import dataclass, replace
from decimal import Decimal
from pathlib import Path

import pytest

from spinereview.domain.anatomy import Site
from spinereview.domain.imaging import Id
from spinereview.domain.lesion import Lesion, LesionFinding, LesionRole, LesionState
from spinereview.domain.measurement import Entered, Measurement, MeasurementKind
from spinereview.domain.read import Purpose, Read, Visit
from spinereview.domain.scores import Answer, AnswerBasis
from spinereview.domain.table import Table
from spinereview.errors import InvalidValue, TrailError
from spinereview.review.changes import ABSENT, Change, apply_changes, diff, patched, reversed_changes, same_tree


def _lesion(number: int) -> Lesion:
    part = Measurement(
        id=Id(f"m{number:02d}"),
        kind=MeasurementKind.DIAMETER,
        geometry=Entered(value=Decimal("12.50"), unit="mm", source="caliper"),
    )
    findings = {
        f"FU{visit}": LesionFinding(state=LesionState.MEASURED, parts=Table({"a": part})) for visit in range(1, 13)
    }
    return Lesion(
        id=Id(f"L{number:02d}"),
        role=LesionRole.TARGET,
        site=Site(organ="BONE", location="VERTEBRA L2"),
        first_seen=Id("BL"),
        findings=Table(findings),
    )


READ = Read(
    id=Id("r1"),
    case=Id("c1"),
    reader_code="R7",
    purpose=Purpose.LOCAL,
    protocol_sha256="ab",
    lesions=Table({f"L{number:02d}": _lesion(number) for number in range(1, 31)}),
)


def _with_value(read: Read, value: Decimal) -> Read:
    lesion = read.lesions["L07"]
    finding = lesion.findings["FU3"]
    part = finding.parts["a"]
    assert isinstance(part.geometry, Entered)
    part = replace(part, geometry=replace(part.geometry, value=value))
    finding = replace(finding, parts=finding.parts.with_("a", part))
    lesion = replace(lesion, findings=lesion.findings.with_("FU3", finding))
    return replace(read, lesions=read.lesions.with_("L07", lesion))


def test_a_changed_part_is_one_change_with_its_path() -> None:
    path = ("lesions", "L07", "findings", "FU3", "parts", "a", "geometry", "value")
    assert diff(READ, _with_value(READ, Decimal("12.6")), Read) == (Change(path=path, old="12.50", new="12.6"),)


def test_the_walk_looks_into_what_changed_and_into_nothing_else() -> None:
    seen: list[tuple[str, ...]] = []
    diff(READ, _with_value(READ, Decimal("12.6")), Read, visit=seen.append)
    path = ("lesions", "L07", "findings", "FU3", "parts", "a", "geometry", "value")
    assert seen == [path[:depth] for depth in range(len(path) + 1)]


def test_a_lesion_that_comes_or_goes_is_one_change() -> None:
    without = replace(READ, lesions=READ.lesions.without("L07"))
    (gone,) = diff(READ, without, Read)
    (come,) = diff(without, READ, Read)
    assert (gone.path, gone.new, come.old) == (("lesions", "L07"), ABSENT, ABSENT)
    assert come.new == gone.old


def test_another_class_in_the_same_place_is_a_leaf_with_its_name() -> None:
    answered = replace(READ, arm_guess=Answer(value=1, basis=AnswerBasis.JUDGED))
    (change,) = diff(READ, answered, Read)
    assert (change.path, change.old) == (("arm_guess",), None)
    assert isinstance(change.new, dict)


def test_what_is_equal_but_another_object_is_no_change() -> None:
    assert diff(READ, replace(READ, lesions=Table(dict(READ.lesions))), Read) == ()
    assert diff(READ, replace(READ, numbering="".join(["T", "13"])), Read) == diff(
        READ, replace(READ, numbering="T13"), Read
    )


@pytest.mark.parametrize(
    ("one", "other"), [(1, True), (0, False), ([1], [True]), ({"a": 1}, {"a": True}), (None, ABSENT), ("1", 1)]
)
def test_values_that_python_calls_equal_may_be_written_differently(one: object, other: object) -> None:
    assert not same_tree(one, other)
    assert same_tree(one, one)


def test_yes_instead_of_one_is_a_change() -> None:
    one = replace(READ, arm_guess=Answer(value=1, basis=AnswerBasis.JUDGED))
    yes = replace(READ, arm_guess=Answer(value=True, basis=AnswerBasis.JUDGED))
    assert diff(one, yes, Read) == (Change(path=("arm_guess", "value"), old=1, new=True),)


def test_a_float_is_an_error() -> None:
    with pytest.raises(InvalidValue, match="TREE_INVALID"):
        diff(READ, replace(READ, link_offsets=Table({"A|B": (1, 2, 0.5)})), Read)


def test_changes_are_applied_to_a_tree_and_leave_the_given_one_alone() -> None:
    tree = {"visits": {"BL": {"comment": "old"}}, "numbering": ""}
    changes = (
        Change(path=("visits", "BL", "comment"), old="old", new="new"),
        Change(path=("visits", "FU1"), old=ABSENT, new={"comment": ""}),
    )
    after = apply_changes(tree, changes)
    assert after == {"visits": {"BL": {"comment": "new"}, "FU1": {"comment": ""}}, "numbering": ""}
    assert tree == {"visits": {"BL": {"comment": "old"}}, "numbering": ""}
    assert apply_changes(after, reversed_changes(changes)) == tree


@pytest.mark.parametrize(
    "change",
    [
        Change(path=("numbering",), old="T13", new="L6"),
        Change(path=("numbering",), old=ABSENT, new="L6"),
        Change(path=("nowhere", "at", "all"), old="a", new="b"),
        Change(path=("numbering", "deeper"), old=ABSENT, new="b"),
    ],
    ids=["another old value", "something was there", "no such place", "below a text"],
)
def test_a_change_that_does_not_fit_is_refused(change: Change) -> None:
    with pytest.raises(TrailError, match="REPLAY_MISMATCH"):
        apply_changes({"numbering": ""}, [change])
    with pytest.raises(TrailError, match="REPLAY_MISMATCH"):
        patched(READ, Read, [change])


def test_changes_of_one_part_are_put_in_together() -> None:
    lesion = READ.lesions["L07"]
    merged = LesionFinding(state=LesionState.MERGED, carrier=Id("L01"))
    after = replace(
        READ, lesions=READ.lesions.with_("L07", replace(lesion, findings=lesion.findings.with_("FU3", merged)))
    )
    changes = diff(READ, after, Read)
    assert len(changes) == 3
    assert patched(READ, Read, changes) == after
    assert patched(after, Read, reversed_changes(changes)) == READ


def test_what_changes_do_not_touch_stays_the_same_object() -> None:
    after = patched(READ, Read, diff(READ, _with_value(READ, Decimal(9)), Read))
    assert after.lesions["L08"] is READ.lesions["L08"]
    assert after.lesions["L07"].findings["FU4"] is READ.lesions["L07"].findings["FU4"]
    assert after.visits is READ.visits


@dataclass(frozen=True, slots=True, kw_only=True)
class _Holder:
    visits: Table[Visit] | None


def test_a_table_that_may_be_missing_is_walked_where_it_is_there() -> None:
    before = _Holder(visits=Table({"BL": Visit(comment="a")}))
    after = _Holder(visits=Table({"BL": Visit(comment="b")}))
    assert diff(before, after, _Holder) == (Change(path=("visits", "BL", "comment"), old="a", new="b"),)


def test_the_door_knows_neither_qt_nor_the_disk() -> None:
    folder = Path(__file__).resolve().parents[2] / "spinereview" / "review"
    for name in ("audit", "changes", "clock", "observers", "replay", "session", "trail"):
        text = (folder / f"{name}.py").read_text(encoding="utf-8")
        assert not any(word in text for word in ("import sqlite3", "PySide6", "import threading", "pathlib"))
