"""Timepoints of an unblinded case: proposed by date, arranged before the first mark, only added to afterwards."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from spinereview.domain.case import Case
from spinereview.domain.imaging import Calibration, Id, Plane, Stack, StackKind, stack_id
from spinereview.errors import CaseError, InvalidValue, Refused
from spinereview.text import catalogue
from spinereview.workflow.case_file import (
    CaseFile,
    case_bytes,
    case_sha256,
    patient_hash,
    read_case_file,
    study_date,
    write_case_file,
)
from spinereview.workflow.timepoints import FoundStudy, add, join, propose, rename, split

CASE = Case(id=Id("c-1"), subject_code="K7QX", protocol_sha256="0" * 64)


def stack(name: str) -> Stack:
    images = ((f"1.2.{name}", 1),)
    return Stack(
        id=stack_id(images),
        series_uid=f"1.2.9.{name}",
        modality="CT",
        kind=StackKind.SLICES,
        plane=Plane.AXIAL,
        pixel_spacing_mm=(Decimal("0.5"), Decimal("0.5")),
        calibration=Calibration.PATIENT,
        images=images,
    )


def study(uid: str, date: str, *stacks: str) -> FoundStudy:
    return FoundStudy(uid=uid, date=date, stacks=tuple(stack(name) for name in stacks or (uid,)))


def proposed(*found: FoundStudy) -> CaseFile:
    return propose(CASE, patient_hash(CASE.id, "P-1"), ["images"], found)


def laid_out(file: CaseFile) -> list[tuple[str, str, list[str]]]:
    return [(point.id, point.label, [item.uid for item in file.studies[point.id]]) for point in file.case.in_order]


@pytest.fixture
def three() -> CaseFile:
    return proposed(study("3", "2024-07-01"), study("1", "2024-01-01"), study("2", "2024-04-01"))


def test_one_timepoint_a_study_date_is_proposed_in_order(three: CaseFile) -> None:
    assert laid_out(three) == [("BL", "BL", ["1"]), ("FU1", "FU1", ["2"]), ("FU2", "FU2", ["3"])]
    assert [point.ordinal for point in three.case.in_order] == [0, 1, 2]
    assert [three.day_of(point.id) for point in three.case.in_order] == [0, 91, 182]
    assert three.date_of(Id("FU1")) == "2024-04-01"


def test_studies_of_one_date_are_one_timepoint() -> None:
    file = proposed(study("1", "2024-01-01", "a"), study("2", "2024-01-01", "b"))
    assert laid_out(file) == [("BL", "BL", ["1", "2"])]
    assert len(file.case.timepoints["BL"].stacks) == 2


def test_studies_without_a_date_come_last_each_alone_and_have_no_day() -> None:
    file = proposed(study("x", ""), study("y", ""), study("1", "2024-01-01"))
    assert laid_out(file) == [("BL", "BL", ["1"]), ("FU1", "FU1", ["x"]), ("FU2", "FU2", ["y"])]
    assert file.day_of(Id("FU1")) is None
    assert set(file.schedule().scan_days) == {stack("1").id}


def test_the_schedule_counts_days_from_the_first_timepoint(three: CaseFile) -> None:
    days = three.schedule().scan_days
    assert [days[stack(uid).id] for uid in "123"] == [(0, 0), (91, 91), (182, 182)]


def test_neighbours_join_and_their_ids_follow_the_order(three: CaseFile) -> None:
    joined = join(three, Id("FU1"), Id("BL"))
    assert laid_out(joined) == [("BL", "BL", ["1", "2"]), ("FU1", "FU1", ["3"])]
    assert joined.date_of(Id("BL")) == "2024-01-01"


def test_timepoints_with_another_between_do_not_join(three: CaseFile) -> None:
    with pytest.raises(Refused, match="CASE_JOIN_NOT_NEIGHBOURS"):
        join(three, Id("BL"), Id("FU2"))


def test_a_split_takes_a_study_out(three: CaseFile) -> None:
    assert split(join(three, Id("BL"), Id("FU1")), Id("BL"), "2") == three


@pytest.mark.parametrize("uid", [pytest.param("1", id="the only study"), pytest.param("9", id="a study of elsewhere")])
def test_a_split_that_leaves_nothing_or_takes_nothing_is_refused(three: CaseFile, uid: str) -> None:
    with pytest.raises(Refused, match="CASE_SPLIT_ONE_STUDY"):
        split(three, Id("BL"), uid)


def test_a_new_label_keeps_the_id_and_survives_a_join(three: CaseFile) -> None:
    named = rename(three, Id("FU2"), " 6 months ")
    assert laid_out(named)[2] == ("FU2", "6 months", ["3"])
    assert laid_out(join(named, Id("BL"), Id("FU1")))[1] == ("FU1", "6 months", ["3"])


def test_a_label_of_another_timepoint_is_refused(three: CaseFile) -> None:
    with pytest.raises(Refused, match="CASE_LABEL_TAKEN"):
        rename(three, Id("FU2"), "BL")
    assert rename(three, Id("BL"), "BL") == three
    with pytest.raises(InvalidValue, match="VALUE_EMPTY"):
        rename(three, Id("BL"), "  ")


def test_labels_stay_apart_where_a_chosen_one_is_the_next_in_order(three: CaseFile) -> None:
    file = add(rename(three, Id("FU2"), "FU3"), [study("4", "2024-10-01")], marked=False)
    labels = [point.label for point in file.case.in_order]
    assert len(set(labels)) == 4


@pytest.mark.parametrize("act", [rename, split, join])
def test_an_unknown_timepoint_is_refused(three: CaseFile, act: object) -> None:
    with pytest.raises(Refused, match="CASE_TIMEPOINT_UNKNOWN"):
        act(three, Id("FU9"), "BL")  # type: ignore[operator] # one of three functions of the same shape


def test_images_of_a_known_study_join_its_timepoint_even_after_marks(three: CaseFile) -> None:
    file = add(three, [study("2", "2024-04-01", "2", "new")], marked=True)
    assert set(file.case.timepoints["FU1"].stacks) == {stack("2").id, stack("new").id}
    assert file.case.timepoints["BL"] is not None
    assert laid_out(file) == laid_out(three)


def test_images_between_two_visits_keep_the_ids_once_there_are_marks(three: CaseFile) -> None:
    between = study("5", "2024-05-01")
    assert laid_out(add(three, [between], marked=True)) == [
        ("BL", "BL", ["1"]),
        ("FU1", "FU1", ["2"]),
        ("FU3", "FU3", ["5"]),
        ("FU2", "FU2", ["3"]),
    ]
    assert laid_out(add(three, [between], marked=False))[2:] == [("FU2", "FU2", ["5"]), ("FU3", "FU3", ["3"])]


def test_images_older_than_the_baseline_are_refused_once_there_are_marks(three: CaseFile) -> None:
    older = study("0", "2023-12-01")
    assert laid_out(add(three, [older], marked=False))[0] == ("BL", "BL", ["0"])
    with pytest.raises(Refused, match="CASE_BEFORE_BASELINE"):
        add(three, [older], marked=True)


@pytest.mark.parametrize(
    ("locked", "date", "refused"),
    [
        pytest.param({"FU1"}, "2024-04-01", True, id="into the locked one"),
        pytest.param({"FU2"}, "2024-05-01", True, id="before the locked one"),
        pytest.param({"FU1"}, "2024-05-01", False, id="after the locked one"),
    ],
)
def test_nothing_is_added_to_or_before_a_locked_timepoint(
    three: CaseFile, locked: set[Id], date: str, refused: bool
) -> None:
    if refused:
        with pytest.raises(Refused, match="CASE_TIMEPOINT_LOCKED"):
            add(three, [study("5", date)], marked=True, locked=locked)
    else:
        assert len(add(three, [study("5", date)], marked=True, locked=locked).case.timepoints) == 4


def test_images_that_the_case_has_change_nothing_but_the_sources(three: CaseFile) -> None:
    same = add(three, [study("2", "2024-04-01")], sources=["elsewhere", "images"], marked=True, locked={Id("FU1")})
    assert same.case == three.case
    assert same.sources == ("images", "elsewhere")


@given(
    st.lists(st.tuples(st.integers(0, 5), st.booleans()), min_size=1, max_size=6),
    st.lists(st.tuples(st.sampled_from(["join", "split"]), st.integers(0, 5), st.integers(0, 5)), max_size=6),
)
def test_no_image_is_lost_or_doubled_whatever_is_arranged(
    months: list[tuple[int, bool]], acts: list[tuple[str, int, int]]
) -> None:
    found = [
        study(str(number), f"2024-0{month + 1}-01" if dated else "") for number, (month, dated) in enumerate(months)
    ]
    file = proposed(*found)
    for act, first, second in acts:
        ids = [point.id for point in file.case.in_order]
        try:
            if act == "join":
                file = join(file, ids[first % len(ids)], ids[second % len(ids)])
            else:
                file = split(file, ids[first % len(ids)], str(second))
        except Refused:
            continue
    listed = sorted(key for point in file.case.timepoints.values() for key in point.stacks)
    assert listed == sorted(item.id for each in found for item in each.stacks)
    assert [point.id for point in file.case.in_order] == ["BL", *(f"FU{n}" for n in range(1, len(file.studies)))]
    dates = [file.date_of(point.id) or "9" for point in file.case.in_order]
    assert dates == sorted(dates)


def test_the_case_file_comes_back_as_it_was_written(three: CaseFile, tmp_path: Path) -> None:
    path = tmp_path / "case.json"
    write_case_file(path, three)
    assert read_case_file(path) == (three, case_sha256(three))
    assert [file.name for file in tmp_path.iterdir()] == ["case.json"]
    write_case_file(path, rename(three, Id("BL"), "Baseline"))
    assert read_case_file(path)[0].case.timepoints["BL"].label == "Baseline"


def test_the_case_file_holds_no_patient_id(three: CaseFile) -> None:
    assert b"P-1" not in case_bytes(three)
    assert patient_hash(Id("c-1"), "P-1") != patient_hash(Id("c-2"), "P-1")


@pytest.mark.parametrize(
    ("change", "code"),
    [
        pytest.param(lambda data: data[:0], "CASE_FILE_DAMAGED", id="empty"),
        pytest.param(lambda data: data[: len(data) // 2], "CASE_FILE_DAMAGED", id="cut"),
        pytest.param(lambda data: data.replace(b'"schema":1', b'"schema":1.0'), "CASE_FILE_DAMAGED", id="float"),
        pytest.param(lambda data: data.replace(b'"schema":1', b'"schema":0'), "CASE_FILE_DAMAGED", id="older schema"),
        pytest.param(lambda data: data.replace(b'"schema":1', b'"schema":2'), "CASE_FILE_NEWER", id="newer schema"),
        pytest.param(lambda data: data.replace(b'"ordinal":2', b'"ordinal":1'), "CASE_FILE_DAMAGED", id="same place"),
        pytest.param(lambda data: data.replace(b'"uid":"3"', b'"uid":3'), "CASE_FILE_DAMAGED", id="wrong type"),
        pytest.param(lambda data: data.replace(b"2024-04-01", b"2024-04-31"), "CASE_FILE_DAMAGED", id="no date"),
    ],
)
def test_a_case_file_that_is_wrong_is_refused(three: CaseFile, tmp_path: Path, change: object, code: str) -> None:
    path = tmp_path / "case.json"
    altered = change(case_bytes(three))  # type: ignore[operator] # a function of the table above
    assert altered != case_bytes(three)
    path.write_bytes(altered)
    with pytest.raises(CaseError) as caught:
        read_case_file(path)
    assert caught.value.code == code


def test_a_case_file_that_lists_a_stack_under_no_study_is_refused(three: CaseFile) -> None:
    with pytest.raises(InvalidValue, match="CASE_STUDIES"):
        CaseFile(case=three.case, patient_sha256="", sources=(), studies=three.studies.without("FU2"))
    with pytest.raises(InvalidValue, match="CASE_STUDIES"):
        CaseFile(case=three.case, patient_sha256="", sources=(), studies=three.studies.with_("FU2", ()))


def test_a_missing_case_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(CaseError, match="CASE_FILE_MISSING"):
        read_case_file(tmp_path / "case.json")


def test_a_case_file_that_cannot_be_written_leaves_the_old_one(three: CaseFile, tmp_path: Path) -> None:
    path = tmp_path / "case.json"
    write_case_file(path, three)
    (tmp_path / "case.json.part").mkdir()
    with pytest.raises(CaseError, match="CASE_FILE_NOT_WRITTEN"):
        write_case_file(path, rename(three, Id("BL"), "other"))
    assert read_case_file(path)[0] == three


@pytest.mark.parametrize("text", ["", "2024", "20240230", "2024-03-31", "abcdefgh", "20240331-20240401", "٢٠٢٤٠٣٣١"])
def test_what_is_no_study_date_gives_none(text: str) -> None:
    assert study_date(text) == ""


def test_every_code_of_the_case_file_has_a_sentence() -> None:
    codes = {"CASE_SCHEMA", "CASE_STUDIES", "CASE_DATE", "CASE_FILE_MISSING", "CASE_FILE_UNREADABLE", "CASE_FILE_NEWER"}
    codes |= {"CASE_FILE_DAMAGED", "CASE_FILE_NOT_WRITTEN", "CASE_TIMEPOINT_UNKNOWN", "CASE_TIMEPOINT_LOCKED"}
    codes |= {"CASE_JOIN_NOT_NEIGHBOURS", "CASE_SPLIT_ONE_STUDY", "CASE_LABEL_TAKEN", "CASE_BEFORE_BASELINE"}
    assert codes <= set(catalogue())
