"""The command that writes a report: what it leaves, what it answers, what it refuses."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import subprocess
import sys
from decimal import Decimal
from pathlib import Path

import jsonschema
import pytest

from spinereview.domain.anatomy import Site
from spinereview.domain.imaging import ImageRef
from spinereview.domain.lesion import LesionRole
from spinereview.domain.measurement import Measurement, MeasurementKind, OnImage
from spinereview.errors import Cancelled, CaseError
from spinereview.review.commands.lesions import AddLesion
from spinereview.tasks import CancelToken
from spinereview.workflow.case import open_images, open_read
from spinereview.workflow.reporting import Kind, report_file, report_folder

DOCS = Path(__file__).parents[2] / "docs"
TABLES = {
    *("lesions.csv", "measurements.csv", "responses.csv", "sins.csv", "fractures.csv"),
    *("quality.csv", "visits.csv", "assessments.csv", "reasons.csv"),
}


@pytest.fixture
def read(images, workstation, kept) -> Path:
    """A read with one target that was drawn on the baseline."""
    opened = kept(open_images(images, workstation, reader="R1", subject="S-1"))
    stack = next(iter(opened.case.timepoints["BL"].stacks.values()))
    uid, frame = stack.images[1]
    points = ((2_000, 8_000), (14_500, 8_000), (8_000, 4_000), (8_000, 12_000))
    geometry = OnImage(image=ImageRef(stack=stack.id, sop_uid=uid, frame=frame), points_mpx=points)
    opened.session.do(
        AddLesion(
            timepoint="BL",
            role=LesionRole.TARGET,
            nodal=False,
            site=Site(organ="LIVER", location="segment 4"),
            tissue=None,
            group=False,
            measurement=Measurement(id="m1", kind=MeasurementKind.BIDIRECTIONAL, geometry=geometry),
            stack_sha256="",
        )
    )
    opened.session.close()
    return opened.read_path


def run(*words: object, **environment: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "spinereview", "report", *map(str, words)]
    return subprocess.run(
        command, capture_output=True, text=True, timeout=120, check=False, env={**os.environ, **environment}
    )


def test_html_and_pdf_are_written_beside_the_read_unless_told_otherwise(read) -> None:
    before = read.read_bytes()
    done = run(read)
    folder = report_folder(read)
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.split() == [str(folder / "report.html"), str(folder / "report.pdf")]
    assert {path.name for path in folder.iterdir()} == {"report.html", "report.pdf"}
    assert "T01 10.0 x 6.4 mm" in (folder / "report.html").read_text(encoding="utf-8")
    assert read.read_bytes() == before


def test_everything_can_be_asked_for_and_is_answered_as_json(read, tmp_path) -> None:
    out = tmp_path / "new" / "folder"
    done = run(read, "--out", out, "--html", "--pdf", "--csv", "--read-json", "--json")
    assert (done.returncode, done.stderr) == (0, "")
    answer = json.loads(done.stdout)
    jsonschema.validate(answer, json.loads((DOCS / "report.schema.json").read_text(encoding="utf-8")))
    assert answer["refused"] == []
    assert {path.name for path in out.iterdir()} == {"report.html", "report.pdf", "read.json", *TABLES}
    assert {Path(one["file"]).name for one in answer["written"]} == {path.name for path in out.iterdir()}
    for one in answer["written"]:
        assert hashlib.sha256(Path(one["file"]).read_bytes()).hexdigest() == one["sha256"]


def test_the_same_read_gives_the_same_files(read, tmp_path) -> None:
    kinds = frozenset(Kind)
    first = report_file(read, tmp_path / "a", kinds)
    second = report_file(read, tmp_path / "b", kinds)
    assert [path.name for _, path in first.files] == [path.name for _, path in second.files]
    for (_, one), (_, other) in zip(first.files, second.files, strict=True):
        assert one.read_bytes() == other.read_bytes()


@pytest.mark.skipif(sys.platform != "linux", reason="a broken library is put before the system's own one")
def test_without_pango_the_pdf_is_refused_and_the_rest_is_written(read, tmp_path) -> None:
    broken = tmp_path / "broken"
    broken.mkdir()
    (broken / "libpango-1.0.so.0").write_bytes(b"")
    done = run(read, "--out", tmp_path / "out", "--html", "--pdf", "--csv", "--json", LD_LIBRARY_PATH=str(broken))
    assert done.returncode == 1
    assert "Install Pango" in done.stderr
    assert len(done.stderr.strip().splitlines()) == 1
    answer = json.loads(done.stdout)
    assert [one["code"] for one in answer["refused"]] == ["REPORT_PDF_LIBRARY"]
    assert {path.name for path in (tmp_path / "out").iterdir()} == {"report.html", *TABLES}


def test_a_read_that_is_open_elsewhere_is_refused(read, workstation, kept) -> None:
    kept(open_read(read, workstation))
    refused = run(read)
    assert (refused.returncode, refused.stdout) == (1, "")
    assert str(read) in refused.stderr
    assert not report_folder(read).exists()


def test_what_is_not_there_is_a_word_that_cannot_be_used(tmp_path) -> None:
    assert run(tmp_path / "none.srread").returncode == 2
    assert run().returncode == 2


def test_a_folder_that_cannot_be_written_is_said(read, tmp_path) -> None:
    (tmp_path / "file").write_text("x", encoding="utf-8")
    refused = run(read, "--out", tmp_path / "file", "--html")
    assert refused.returncode == 1
    assert "could not be written" in refused.stderr
    with pytest.raises(CaseError, match="TABLE_NOT_WRITTEN"):
        report_file(read, tmp_path / "file", frozenset({Kind.CSV}))


def test_without_the_images_the_report_is_made_and_names_them(read, images, tmp_path) -> None:
    shutil.rmtree(images)
    written = report_file(read, tmp_path / "out", frozenset({Kind.HTML}))
    html = written.files[0][1].read_text(encoding="utf-8")
    assert "T01: no picture. The images of this series were not found." in html
    assert "segment 4" in html
    assert str(Decimal("10.0")) in html


def test_a_report_can_be_cancelled_and_tells_how_far_it_is(read, tmp_path) -> None:
    told: list[tuple[int, int]] = []
    report_file(read, tmp_path / "a", frozenset({Kind.HTML}), progress=lambda done, total: told.append((done, total)))
    assert told[-1] == (1, 1)
    cancel = CancelToken()
    cancel.cancel()
    with pytest.raises(Cancelled):
        report_file(read, tmp_path / "b", frozenset({Kind.HTML}), cancel=cancel)
    assert not (tmp_path / "b").exists()


def test_the_help_names_what_can_be_written() -> None:
    told = run("--help").stdout
    for name in ("--out DIR", "--html", "--pdf", "--csv", "--read-json", "--json", "The read is not changed"):
        assert name in " ".join(told.split())
