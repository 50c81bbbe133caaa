"""What a delivery holds: numbers that are missing, files left out, images that a protocol wants, and the tables of it."""

from __future__ import annotations

import csv
import json
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path

import numpy as np
import pytest
from jsonschema import Draft202012Validator

from spinereview import cli
from spinereview.dicom.series_plan import SeriesGeometry, SeriesPlan
from spinereview.dicom.write import write_series
from spinereview.domain.imaging import Calibration
from spinereview.domain.measurable import Quantity
from spinereview.domain.protocol import Anchor, Protocol, ScheduledVisit
from spinereview.domain.table import Table
from spinereview.tasks import CancelToken
from spinereview.workflow.delivery import Delivery, look_at
from spinereview.workflow.delivery_protocol import imaging_visits, in_order, serves
from spinereview.workflow.scan_table import STACK_HEAD

Write = Callable[..., Path]
PROTOCOL = """
[trial]
id = "T1"
version = "1"
title = "Two visits"

[[visit]]
name = "BL"
anchor = "SURGERY"
day = -1
minus = 0
plus = 0
modalities = ["CT", "MR"]
regions = ["SPINE"]

[[visit]]
name = "FU1"
anchor = "SURGERY"
day = 91
minus = 0
plus = 0
modalities = ["MR_OR_CT"]

[[visit]]
name = "FORMS"
anchor = "SURGERY"
day = 14
minus = 0
plus = 0
forms = ["NPRS"]

[[visit]]
name = "FU2"
anchor = "SURGERY"
day = 183
minus = 0
plus = 0
modalities = ["CT"]

[criterion.recist]
"""


@pytest.fixture
def protocol(tmp_path: Path) -> Path:
    path = tmp_path / "protocol.toml"
    path.write_text(PROTOCOL, encoding="utf-8")
    return path


@pytest.fixture
def write(tmp_path: Path) -> Write:
    """Writes a small series of a patient into the delivery."""

    def make(
        name: str,
        date: str = "20240101",
        *,
        modality: str = "CT",
        patient: str = "P1",
        thickness: str = "2.5",
        slices: int = 3,
        **attributes: object,
    ) -> Path:
        zero, one = Decimal(0), Decimal(1)
        folder = tmp_path / "delivery" / name
        plan = SeriesPlan(
            modality=modality,
            seed=f"{patient} {name}",
            study_uid=f"1.2.{date}.{1 if patient == 'P1' else 2}",
            geometry=SeriesGeometry(
                origin_mm=(zero, zero, zero),
                row_direction=(one, zero, zero),
                column_direction=(zero, one, zero),
                pixel_spacing_mm=(Decimal("0.5"), Decimal("0.5")),
                step_mm=(zero, zero, Decimal(thickness)),
                slice_thickness_mm=Decimal(thickness),
            ),
            patient_id=patient,
            study_date=date,
            series_description=name,
            calibration=Calibration.DETECTOR,
            attributes=attributes,
        )
        count = 1 if modality in ("CR", "DX") else slices
        write_series(folder, np.zeros((count, 8, 8), dtype=np.int16), plan)
        return folder

    return make


@pytest.fixture
def schema(pytestconfig: pytest.Config) -> Draft202012Validator:
    path = pytestconfig.rootpath / "docs" / "scan.schema.json"
    return Draft202012Validator(json.loads(path.read_text("utf-8")))


def looked(tmp_path: Path) -> Delivery:
    return look_at(tmp_path / "delivery", None, cancel=CancelToken())


def rows(path: Path) -> list[dict[str, str]]:
    with path.open(newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


def test_numbers_that_are_missing_in_a_series_are_named(tmp_path: Path, write: Write) -> None:
    folder = write("ct", slices=8)
    files = sorted(folder.iterdir())
    for number in (2, 5, 6):
        files[number - 1].unlink()
    numbers = looked(tmp_path).stacks[0].numbers
    assert numbers is not None
    assert (numbers.first, numbers.last, numbers.missing, numbers.holes) == (1, 8, ((2, 2), (5, 6)), "2, 5-6")


def test_a_whole_series_misses_no_number(tmp_path: Path, write: Write) -> None:
    write("ct")
    numbers = looked(tmp_path).stacks[0].numbers
    assert numbers is not None
    assert numbers.missing == ()


def test_what_is_no_part_of_a_stack_is_named_with_its_reason(tmp_path: Path, write: Write) -> None:
    folder = write("ct")
    first, _, last = sorted(folder.iterdir())
    (tmp_path / "delivery" / "copy.dcm").write_bytes(first.read_bytes())
    last.write_bytes(last.read_bytes()[:300])
    (tmp_path / "delivery" / "letter.txt").write_text("Dear reader")
    told = {left.file.name: (left.code, left.text) for left in looked(tmp_path).left_out}
    assert {name: code for name, (code, _) in told.items()} == {
        first.name: "FILE_COPY",
        last.name: "HEADER_CUT",
        "letter.txt": "FILE_NOT_DICOM",
    }
    assert told[first.name][1] == f"ct/{first.name} is a copy of copy.dcm. It was left out."


def test_studies_are_taken_for_visits_in_their_order_and_what_they_lack_is_told(
    tmp_path: Path, write: Write, protocol: Path, capsys: pytest.CaptureFixture[str], schema: Draft202012Validator
) -> None:
    write("ct1", "20240101", BodyPartExamined="LSPINE")
    write("mr2", "20240401", modality="MR")
    assert cli.main(["scan", str(tmp_path / "delivery"), "--protocol", str(protocol), "--json"]) == 5
    report = json.loads(capsys.readouterr().out)
    schema.validate(report)
    (patient,) = report["protocol"]["patients"]
    assert report["protocol"]["complete"] is False
    told = [(visit["visit"], visit["date"], visit["missing"]) for visit in patient["visits"]]
    assert told == [("BL", "2024-01-01", ["MR"]), ("FU1", "2024-04-01", [])]
    assert patient["visits"][0]["regions_not_told"] == []
    assert (patient["not_delivered"], patient["unmatched"], patient["thick"]) == (["FU2"], [], [])


def test_a_delivery_that_has_all_ends_with_zero_though_later_visits_have_not_come(
    tmp_path: Path, write: Write, protocol: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    write("ct1")
    write("mr1", modality="MR")
    assert cli.main(["scan", str(tmp_path / "delivery"), "--protocol", str(protocol)]) == 0
    told = capsys.readouterr().out
    assert "BL, study of 2024-01-01: CT, MR." in told
    assert "Nothing has come yet for FU1, FU2." in told
    assert "BL: no image names SPINE as the part examined." in told


def test_a_scout_is_no_ct(tmp_path: Path, write: Write, protocol: Path) -> None:
    write("scout", ImageType=["ORIGINAL", "PRIMARY", "LOCALIZER"])
    write("mr1", modality="MR")
    assert cli.main(["scan", str(tmp_path / "delivery"), "--protocol", str(protocol)]) == 5


@pytest.mark.parametrize(("thickness", "thick"), [("5", []), ("5.001", ["5.001"])])
def test_slices_above_five_millimetres_are_too_thick_for_recist(
    tmp_path: Path, write: Write, protocol: Path, capsys: pytest.CaptureFixture[str], thickness: str, thick: list[str]
) -> None:
    write("ct1", thickness=thickness)
    write("mr1", modality="MR")
    assert cli.main(["scan", str(tmp_path / "delivery"), "--protocol", str(protocol), "--json"]) == 0
    (patient,) = json.loads(capsys.readouterr().out)["protocol"]["patients"]
    assert [one["slice_mm"] for one in patient["thick"]] == thick


def test_a_date_after_the_last_visit_is_left_without_one(tmp_path: Path, write: Write, protocol: Path) -> None:
    for place, date in enumerate(("20240101", "20240401", "20240701", "20241001")):
        write(f"ct{place}", date)
        write(f"mr{place}", date, modality="MR")
    (check,) = delivery_checks(tmp_path, protocol)
    assert check.unmatched == ("2024-10-01",)
    assert [visit.visit for visit in check.visits] == ["BL", "FU1", "FU2"]


def delivery_checks(tmp_path: Path, protocol: Path) -> tuple:
    from spinereview.workflow.protocol_files import read

    return look_at(tmp_path / "delivery", read(str(protocol)), cancel=CancelToken()).checks


def test_each_patient_is_checked_alone(tmp_path: Path, write: Write, protocol: Path) -> None:
    write("ct1")
    write("other", "20240402", patient="P2", modality="MR")
    checks = delivery_checks(tmp_path, protocol)
    assert [[visit.missing for visit in check.visits] for check in checks] == [[("MR",)], [("CT",)]]


def test_visits_go_by_anchor_and_day_whatever_their_names() -> None:
    def visit(name: str, anchor: Anchor, day: int, *modalities: str) -> ScheduledVisit:
        return ScheduledVisit(name=name, anchor=anchor, day=day, modalities=frozenset(modalities))

    visits = (
        visit("A", Anchor.RT_END, 84, "CT"),
        visit("B", Anchor.RANDOMISATION, 0, "CT"),
        visit("C", Anchor.RT_END, 7),
        visit("D", Anchor.RT_END, -3, "MR"),
    )
    protocol = Protocol(id="x", version="1", title="x", sha256="0", visits=Table({one.name: one for one in visits}))
    ordered = imaging_visits(protocol)
    assert [one.name for one in ordered] == ["B", "D", "A"]
    assert [(one and one.name, date) for one, date in in_order(ordered, ["d1"])] == [("B", "d1"), ("D", ""), ("A", "")]
    assert [one for one, _ in in_order((), ["d1"])] == [None]


@pytest.mark.parametrize(
    ("modality", "word", "holds"),
    [("CR", "DX", True), ("DX", "CR", True), ("PT", "PET", True), ("CT", "MR_OR_CT", True), ("US", "MR_OR_CT", False)],
)
def test_a_word_of_a_protocol_names_modalities(modality: str, word: str, holds: bool) -> None:
    assert serves(modality, word) is holds


def test_a_table_has_a_row_for_each_stack(
    tmp_path: Path, write: Write, protocol: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    write("ct bone", ConvolutionKernel="B60s", PatientPosition="HFS", ContrastBolusAgent="Iomeron")
    write("xray", modality="DX", LossyImageCompression="01", LossyImageCompressionRatio="12.5")
    table = tmp_path / "out" / "mine.csv"
    assert cli.main(["scan", str(tmp_path / "delivery"), "--csv", str(table), "--protocol", str(protocol)]) == 5
    assert str(table) in capsys.readouterr().err
    by_series = {row["series_description"]: row for row in rows(table)}
    assert tuple(rows(table)[0]) == STACK_HEAD
    bone, film = by_series["ct bone"], by_series["xray"]
    wanted = {
        "patient": "1",
        "study_date": "2024-01-01",
        "images": "3",
        "rows": "8",
        "row_spacing_mm": "0.5",
        "slice_thickness_mm": "2.5",
        "interval_mm": "2.5",
        "orientation": "1 0 0 0 1 0",
        "tilt_deg": "0.00",
        "measurable": "LENGTHS LENGTHS_BETWEEN_SLICES HEIGHTS ANGLES HOUNSFIELD",
        "role": "CT_BONE",
        "role_source": "ATTRIBUTES",
        "role_because": "kernel B60s",
        "contrast": "GIVEN",
        "posture": "SUPINE",
        "faults": "",
        "visit": "BL",
    }
    assert {name: bone[name] for name in wanted} == wanted
    assert (film["calibration"], film["interval_mm"], film["faults"]) == ("DETECTOR", "", "CALIBRATION_DETECTOR")
    assert film["reasons"]
    assert (bone["lossy"], film["lossy"]) == ("", "12.5 : 1")


def test_a_folder_gets_the_tables_of_all(tmp_path: Path, write: Write, protocol: Path) -> None:
    write("ct1")
    (tmp_path / "delivery" / "letter.txt").write_text("Dear reader")
    out = tmp_path / "out"
    cli.main(["scan", str(tmp_path / "delivery"), "--csv", str(out), "--protocol", str(protocol)])
    assert {path.name for path in out.iterdir()} == {"stacks.csv", "left_out.csv", "visits.csv"}
    assert [row["code"] for row in rows(out / "left_out.csv")] == ["FILE_NOT_DICOM"]
    told = [(row["visit"], row["matched_by"], row["missing"]) for row in rows(out / "visits.csv")]
    assert told == [("BL", "ORDER", "MR"), ("FU1", "NOT_DELIVERED", ""), ("FU2", "NOT_DELIVERED", "")]


def test_a_protocol_that_is_none_is_wrong_words(tmp_path: Path, write: Write) -> None:
    write("ct1")
    assert cli.main(["scan", str(tmp_path / "delivery"), "--protocol", "no-such"]) == 2


def test_nothing_to_open_is_told_before_what_is_missing(tmp_path: Path, protocol: Path) -> None:
    (tmp_path / "delivery").mkdir()
    assert cli.main(["scan", str(tmp_path / "delivery"), "--protocol", str(protocol)]) == 3


def test_no_report_names_the_patient(
    tmp_path: Path, write: Write, protocol: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    write("one", patient="Hospital-4711", PatientSex="M")
    write("two", "20240402", patient="Hospital-4711", PatientSex="F")
    out = tmp_path / "out"
    for words in (["--json"], ["--csv", str(out)], []):
        cli.main(["scan", str(tmp_path / "delivery"), "--protocol", str(protocol), *words])
    told = capsys.readouterr().out + "".join(path.read_text("utf-8") for path in out.iterdir())
    assert "Images of the Patient ID (withheld) state different birth dates or sexes." in told
    assert [word for word in ("Hospital", "4711", "Phantom^Spine") if word in told] == []


def test_a_pet_says_whether_its_uptake_follows_and_why_not(
    tmp_path: Path, write: Write, capsys: pytest.CaptureFixture[str], schema: Draft202012Validator
) -> None:
    pet = {
        "Units": "BQML",
        "DecayCorrection": "START",
        "CorrectedImage": ["DECY", "ATTN"],
        "SOPClassUID": "1.2.840.10008.5.1.4.1.1.128",
        "Modality": "PT",
    }
    write("pet", **pet)
    (found,) = looked(tmp_path).stacks
    assert Quantity.SUV not in found.measurable
    assert found.no_suv.startswith("No SUV: the PET states no usable weight of the patient.")
    cli.main(["scan", str(tmp_path / "delivery"), "--json"])
    report = json.loads(capsys.readouterr().out)
    schema.validate(report)
    assert report["studies"][0]["series"][0]["stacks"][0]["no_suv"] == found.no_suv
    out = tmp_path / "out.csv"
    cli.main(["scan", str(tmp_path / "delivery"), "--csv", str(out)])
    assert found.no_suv in rows(out)[0]["reasons"]
    assert found.no_suv in capsys.readouterr().out
