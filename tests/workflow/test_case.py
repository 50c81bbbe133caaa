"""Opening an unblinded case: what is made, what is known again, what is refused, what never leaves the images."""

from __future__ import annotations

import json
import os
import queue
import shutil
import sqlite3
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import jsonschema
import pytest

from spinereview.domain.anatomy import Site
from spinereview.domain.imaging import Id, ImageRef
from spinereview.domain.lesion import LesionRole
from spinereview.domain.measurement import Measurement, MeasurementKind, OnImage
from spinereview.domain.read import Purpose
from spinereview.errors import Cancelled, CaseError, DicomError, Refused, TrailError
from spinereview.review.commands.lesions import AddLesion
from spinereview.tasks import CancelToken
from spinereview.text import catalogue
from spinereview.workflow.case import OpenedCase, Opening, open_case, open_folder, open_images, open_read
from spinereview.workflow.case_changes import add_images, arrange, verified
from spinereview.workflow.case_file import case_sha256, read_case_file
from spinereview.workflow.patients import KnownCase, PatientChoice
from spinereview.workflow.reads import Workstation, has_marks, recorded_hashes
from spinereview.workflow.timepoints import join, rename, split

Keep = Callable[[Opening], OpenedCase]
WriteVisit = Callable[..., Path]
SCHEMA = Path(__file__).parents[2] / "docs" / "case.schema.json"


def codes(opened: OpenedCase) -> list[str]:
    return [warning.code for warning in opened.warnings]


def mark(opened: OpenedCase, timepoint: str = "BL", sha256: str = "") -> Id:
    """A first lesion, as a reader draws it; the stack that it lies on."""
    point = opened.case.timepoints[timepoint]
    stack = next(iter(point.stacks.values()))
    uid, frame = stack.images[1]
    drawn = OnImage(image=ImageRef(stack=stack.id, sop_uid=uid, frame=frame), points_mpx=((1000, 1000), (15000, 1000)))
    opened.session.do(
        AddLesion(
            timepoint=point.id,
            role=LesionRole.NON_TARGET if timepoint == "BL" else LesionRole.NEW,
            nodal=False,
            site=Site(organ="BONE", location="VERTEBRA T9"),
            tissue=None,
            group=False,
            measurement=Measurement(id=Id(f"m-{timepoint}"), kind=MeasurementKind.DIAMETER, geometry=drawn),
            stack_sha256=sha256,
        )
    )
    return stack.id


def verify(opened: OpenedCase) -> OpenedCase:
    recorded = recorded_hashes(opened.session.history())
    return verified(opened, opened.source.verify(recorded, cancel=CancelToken()))


def test_the_first_opening_of_images_makes_a_case_among_the_documents(
    images: Path, workstation: Workstation, kept: Keep
) -> None:
    opened = kept(open_case(images, workstation, reader="R1", subject="K7QX"))
    assert opened.folder == workstation.documents / "K7QX"
    names = {path.name for path in opened.folder.iterdir() if not path.name.endswith(("-journal", ".open"))}
    assert names == {"case.json", "protocol.toml", "R1.srread"}
    assert [(point.id, point.label) for point in opened.case.in_order] == [("BL", "BL"), ("FU1", "FU1")]
    assert opened.file.day_of(Id("FU1")) == 91
    assert opened.protocol.sha256 == opened.case.protocol_sha256
    assert not opened.protocol.blinding.sequential
    read = opened.session.head
    assert (read.case, read.reader_code, read.purpose) == (opened.case.id, "R1", Purpose.EFFICACY)
    assert opened.session.case == opened.case
    assert codes(opened) == []
    assert workstation.settings.load()[0].reader_code == "R1"


def test_images_are_never_written_to(images: Path, workstation: Workstation, kept: Keep) -> None:
    before = {path: path.read_bytes() for path in sorted(images.rglob("*")) if path.is_file()}
    mark(verify(kept(open_case(images, workstation, reader="R1"))))
    assert {path: path.read_bytes() for path in sorted(images.rglob("*")) if path.is_file()} == before


@pytest.mark.parametrize("inside", [pytest.param("", id="the folder itself"), pytest.param("case", id="below it")])
def test_a_case_folder_inside_the_images_is_refused(images: Path, workstation: Workstation, inside: str) -> None:
    with pytest.raises(CaseError, match="CASE_FOLDER_IN_IMAGES"):
        open_images(images, workstation, reader="R1", case_folder=images / inside)
    with pytest.raises(CaseError, match="CASE_FOLDER_IN_IMAGES"):
        open_images(images / "a" / "IM0001.dcm", workstation, reader="R1", case_folder=images / "a" / "case")


def test_no_name_and_no_patient_id_reaches_a_file(
    tmp_path: Path, workstation: Workstation, images: Path, kept: Keep
) -> None:
    opened = verify(kept(open_case(images, workstation, reader="R1")))
    mark(opened)
    written = [
        path for folder in (opened.folder, workstation.settings.folder) for path in folder.rglob("*") if path.is_file()
    ]
    assert {"case.json", "settings.json"} <= {path.name for path in written}
    opened.session.close()
    for path in written:
        content = path.read_bytes() if path.exists() else b""
        for secret in ("Doe", "Jane", "HOSPITAL-4711", "19600101"):
            for encoding in ("utf-8", "utf-16-le"):
                assert secret.encode(encoding) not in content, path
    assert opened.read_path.is_file()


def test_without_a_subject_code_one_is_made_that_says_nothing(
    images: Path, workstation: Workstation, kept: Keep
) -> None:
    first = kept(open_images(images, workstation, reader="R1"))
    second = kept(open_images(images, workstation, reader="R1", again=True))
    assert first.case.subject_code != second.case.subject_code
    assert len(first.case.subject_code) == 5


@pytest.mark.parametrize("code", ["../x", "a b", "x" * 33, "-x", "Ä"])
def test_codes_that_are_no_names_of_files_are_refused(images: Path, workstation: Workstation, code: str) -> None:
    with pytest.raises(CaseError, match="SUBJECT_CODE_INVALID"):
        open_images(images, workstation, reader="R1", subject=code)
    with pytest.raises(CaseError, match="READER_CODE_INVALID"):
        open_images(images, workstation, reader=code)
    assert not workstation.documents.exists()


def test_who_reads_must_be_known(images: Path, workstation: Workstation) -> None:
    with pytest.raises(CaseError, match="READER_CODE_NEEDED"):
        open_images(images, workstation)


def test_a_subject_code_that_is_taken_is_refused(images: Path, workstation: Workstation, kept: Keep) -> None:
    kept(open_images(images, workstation, reader="R1", subject="K7QX"))
    with pytest.raises(CaseError, match="CASE_EXISTS"):
        open_images(images, workstation, reader="R1", subject="K7QX", again=True)


def test_images_of_a_known_case_offer_to_go_on_with_it(images: Path, workstation: Workstation, kept: Keep) -> None:
    opened = kept(open_case(images, workstation, reader="R1"))
    for path in (images, images / "b", images / "a" / "IM0002.dcm"):
        known = open_case(path, workstation)
        assert known == KnownCase(
            path=path, folder=opened.folder, subject_code=opened.case.subject_code, reads=(opened.read_path,)
        )
    shutil.rmtree(opened.folder)
    assert isinstance(kept(open_case(images, workstation)), OpenedCase)


def test_images_of_several_patients_are_a_choice_and_never_joined(
    tmp_path: Path, images: Path, workstation: Workstation, kept: Keep, write_visit: WriteVisit
) -> None:
    write_visit(images / "c", date="20240501", patient_id="HOSPITAL-0815")
    choice = open_case(images, workstation, reader="R1")
    assert isinstance(choice, PatientChoice)
    assert [(found.patient_id, found.image_count) for found in choice.patients] == [
        ("HOSPITAL-0815", 3),
        ("HOSPITAL-4711", 6),
    ]
    assert choice.patients[1].study_dates == ("2024-01-01", "2024-04-01")
    assert not workstation.documents.exists()
    opened = kept(open_case(images, workstation, reader="R1", patient=choice.patients[1].index))
    assert len(opened.case.timepoints) == 2
    opened.session.close()
    again = kept(open_case(opened.folder, workstation))
    assert codes(again) == ["CASE_OTHER_PATIENTS"]
    assert isinstance(open_case(images, workstation, reader="R1", patient=99), PatientChoice)


@pytest.mark.parametrize("which", ["folder", "case.json", "read"])
def test_a_case_is_opened_again_by_its_folder_its_file_or_its_read(
    images: Path, workstation: Workstation, kept: Keep, which: str
) -> None:
    first = kept(open_case(images, workstation, reader="R1"))
    mark(first)
    first.session.close()
    path = {"folder": first.folder, "case.json": first.folder / "case.json", "read": first.read_path}[which]
    again = kept(open_case(path, workstation))
    assert again.case == first.case
    assert again.session.head == first.session.head
    assert again.read_path == first.read_path
    assert codes(again) == []
    assert [row.present for row in again.source.descriptions] == [True, True]


def test_a_read_that_is_open_elsewhere_is_refused(images: Path, workstation: Workstation, kept: Keep) -> None:
    opened = kept(open_case(images, workstation, reader="R1"))
    with pytest.raises(TrailError, match="TRAIL_IN_USE"):
        open_case(opened.folder, workstation)


def test_each_reader_has_a_read_of_his_own(images: Path, workstation: Workstation, kept: Keep) -> None:
    first = kept(open_case(images, workstation, reader="R1"))
    first.session.close()
    second = kept(open_case(first.folder, workstation, reader="R2"))
    assert second.read_path.name == "R2.srread"
    second.session.close()
    assert kept(open_case(first.folder, workstation)).read_path.name == "R1.srread"
    with pytest.raises(Refused, match="CASE_OTHER_READS"):
        arrange(second, rename(second.file, Id("BL"), "Baseline"))


def test_several_reads_and_none_of_mine_are_named(images: Path, workstation: Workstation, kept: Keep) -> None:
    first = kept(open_case(images, workstation, reader="R1"))
    kept(open_case(first.folder, workstation, reader="R2"))
    settings, _ = workstation.settings.load()
    workstation.settings.save(type(settings)(reader_code="R9"))
    with pytest.raises(CaseError, match=r"CASE_READS_SEVERAL.*R1.srread, R2.srread"):
        open_case(first.folder, workstation)


def test_the_read_of_another_reader_can_only_be_looked_at(images: Path, workstation: Workstation, kept: Keep) -> None:
    first = kept(open_case(images, workstation, reader="R1"))
    first.session.close()
    other = kept(open_read(first.read_path, workstation, reader="R2"))
    assert other.read_only
    assert codes(other) == ["TRAIL_OTHER_AUTHOR"]
    with pytest.raises(Refused, match="SESSION_READ_ONLY"):
        mark(other)


def test_a_read_of_another_case_is_refused(images: Path, workstation: Workstation, kept: Keep) -> None:
    first = kept(open_images(images, workstation, reader="R1"))
    second = kept(open_images(images, workstation, reader="R1", again=True))
    first.session.close()
    second.session.close()
    shutil.copy(first.read_path, second.folder / "R3.srread")
    with pytest.raises(CaseError, match="READ_OTHER_CASE"):
        open_case(second.folder / "R3.srread", workstation)


def run_without_privileges(script: str, *arguments: Path) -> list[str]:
    """Words that a script prints, run by somebody for whom modes of files hold: root stands above them.

    It stays the same user, who can read the program wherever it lies.
    """
    command = [sys.executable, "-c", script, *map(str, arguments)]
    if hasattr(os, "geteuid") and os.geteuid() == 0:
        if shutil.which("setpriv") is None:
            pytest.skip("root stands above modes of files; needs setpriv")
        above = "-dac_override,-dac_read_search"
        command = ["setpriv", "--bounding-set", above, "--inh-caps", above, *command]
    ran = subprocess.run(command, capture_output=True, text=True, check=False)
    assert ran.returncode == 0, ran.stderr
    return ran.stdout.split()


OPEN_AND_SAY = """
import sys
from pathlib import Path
from spinereview.errors import SpineReviewError
from spinereview.workflow.case import open_case
from spinereview.workflow.reads import Workstation
from spinereview.workflow.settings import SettingsFolder
folder, settings = map(Path, sys.argv[1:])
try:
    opened = open_case(folder, Workstation(settings=SettingsFolder(folder=settings), documents=settings / 'd'), reader="R1")
except SpineReviewError as error:
    print(error.code)
else:
    print(opened.read_only, len(opened.session.head.lesions), *(said.code for said in opened.warnings))
"""


@pytest.fixture
def public() -> Iterator[Path]:
    """A folder whose modes a test changes."""
    with tempfile.TemporaryDirectory() as name:
        Path(name).chmod(0o755)
        yield Path(name)


def test_a_folder_that_cannot_be_written_is_opened_to_be_looked_at(
    images: Path, workstation: Workstation, kept: Keep, public: Path
) -> None:
    images = images.rename(public / "images")
    opened = kept(open_images(images, workstation, reader="R1", case_folder=public / "case"))
    mark(opened)
    opened.session.close()
    opened.read_path.chmod(0o444)
    opened.folder.chmod(0o555)
    (public / "settings").mkdir()
    (public / "settings").chmod(0o777)
    assert run_without_privileges(OPEN_AND_SAY, opened.folder, public / "settings") == ["True", "1", "CASE_READ_ONLY"]
    opened.folder.chmod(0o755)


def test_documents_that_may_not_be_entered_are_said(images: Path, public: Path) -> None:
    images = images.rename(public / "images")
    (public / "settings").mkdir(mode=0o000)
    said = run_without_privileges(OPEN_AND_SAY, images, public / "settings")
    (public / "settings").chmod(0o700)
    assert said == ["CASE_FOLDER_NOT_WRITTEN"]


def test_images_that_may_not_be_read_are_said(images: Path, public: Path) -> None:
    closed = public / "closed"
    images.rename(closed)
    closed.chmod(0o000)
    said = run_without_privileges(OPEN_AND_SAY, closed / "a", public / "settings")
    closed.chmod(0o755)
    assert said == ["IMAGES_FORBIDDEN"]


def test_documents_that_cannot_be_written_are_said(tmp_path: Path, images: Path, workstation: Workstation) -> None:
    workstation.documents.write_text("a file in the way")
    with pytest.raises(CaseError, match="CASE_FOLDER_NOT_WRITTEN"):
        open_images(images, workstation, reader="R1", subject="K7QX")


@pytest.mark.parametrize(
    ("content", "code"),
    [
        pytest.param({}, "IMAGES_NONE", id="empty"),
        pytest.param({"notes.txt": b"hello", "more/x.bin": b"\0" * 200}, "IMAGES_NO_DICOM", id="no DICOM"),
    ],
)
def test_folders_without_images_are_said(
    tmp_path: Path, workstation: Workstation, content: dict[str, bytes], code: str
) -> None:
    folder = tmp_path / "folder"
    folder.mkdir()
    for name, data in content.items():
        (folder / name).parent.mkdir(exist_ok=True)
        (folder / name).write_bytes(data)
    with pytest.raises(CaseError) as caught:
        open_case(folder, workstation, reader="R1")
    assert caught.value.code == code
    assert not workstation.documents.exists()


def test_dicom_without_an_image_is_said(tmp_path: Path, images: Path, workstation: Workstation) -> None:
    import pydicom

    dataset = pydicom.dcmread(images / "a" / "IM0001.dcm")
    del dataset.PixelData
    for name in ("Rows", "Columns", "BitsAllocated"):
        delattr(dataset, name)
    (tmp_path / "report").mkdir()
    dataset.save_as(tmp_path / "report" / "x.dcm")
    with pytest.raises(CaseError, match="IMAGES_NO_STACK"):
        open_case(tmp_path / "report", workstation, reader="R1")


def test_a_path_that_is_missing_is_said(tmp_path: Path, workstation: Workstation) -> None:
    with pytest.raises(DicomError, match="PATH_MISSING"):
        open_case(tmp_path / "nothing", workstation, reader="R1")
    with pytest.raises(CaseError, match="CASE_FILE_MISSING"):
        open_case(tmp_path / "nothing.srread", workstation, reader="R1")


def test_cancelling_makes_nothing(images: Path, workstation: Workstation) -> None:
    token = CancelToken()
    token.cancel()
    with pytest.raises(Cancelled):
        open_case(images, workstation, reader="R1", cancel=token)
    assert not workstation.documents.exists()


@pytest.mark.parametrize(("content", "code"), [(b"{", "CASE_FILE_DAMAGED"), (b'{"schema":9}', "CASE_FILE_NEWER")])
def test_a_case_file_that_cannot_be_used_is_said(
    images: Path, workstation: Workstation, kept: Keep, content: bytes, code: str
) -> None:
    opened = kept(open_case(images, workstation, reader="R1"))
    opened.session.close()
    (opened.folder / "case.json").write_bytes(content)
    for path in (opened.folder, opened.read_path):
        with pytest.raises(CaseError, match=code):
            open_case(path, workstation)


def test_a_missing_protocol_is_said(images: Path, workstation: Workstation, kept: Keep, tmp_path: Path) -> None:
    own = tmp_path / "own.toml"
    own.write_text('[trial]\nid = "X"\nversion = "1"\ntitle = "Own"\n[design]\nadjudication = "none"\n')
    opened = kept(open_images(images, workstation, reader="R1", protocol=own))
    assert opened.protocol.title == "Own"
    opened.session.close()
    own.unlink()
    kept(open_case(opened.folder, workstation)).session.close()
    (opened.folder / "protocol.toml").unlink()
    with pytest.raises(CaseError, match="CASE_PROTOCOL_MISSING"):
        open_case(opened.folder, workstation)


def test_missing_images_close_their_stacks_and_keep_the_numbers(
    images: Path, workstation: Workstation, kept: Keep, tmp_path: Path
) -> None:
    first = verify(kept(open_case(images, workstation, reader="R1")))
    stack = mark(first)
    first.session.close()
    images.rename(tmp_path / "moved")
    again = kept(open_case(first.folder, workstation))
    assert codes(again) == ["CASE_IMAGES_MISSING"]
    assert again.closed_stacks[stack] == "STACK_MISSING"
    assert len(again.closed_stacks) == 2
    assert again.session.head.lesions == first.session.head.lesions
    assert again.source.images(stack) == ()
    assert [row.present for row in again.source.descriptions] == [False, False]
    assert set(verify(again).closed_stacks.values()) == {"STACK_MISSING"}
    again.session.close()
    found = kept(open_folder(first.folder, workstation, images=[tmp_path / "moved"]))
    assert not found.closed_stacks
    assert add_images(found, tmp_path / "moved").file.sources == (str(images), str(tmp_path / "moved"))


def test_an_altered_image_closes_its_stack(images: Path, workstation: Workstation, kept: Keep) -> None:
    opened = verify(kept(open_case(images, workstation, reader="R1")))
    assert not opened.closed_stacks
    stack = mark(opened)
    opened.session.close()
    file = images / "a" / "IM0002.dcm"
    data = bytearray(file.read_bytes())
    data[-1] ^= 1
    file.write_bytes(data)
    again = verify(kept(open_case(opened.folder, workstation)))
    assert dict(again.closed_stacks) == {stack: "STACK_ALTERED"}
    assert again.session.history()[-1].args == {"stack": stack, "code": "STACK_ALTERED"}


def test_the_hash_of_the_first_mark_binds_a_stack_too(images: Path, workstation: Workstation, kept: Keep) -> None:
    opened = kept(open_case(images, workstation, reader="R1"))
    stack = mark(opened, sha256="f" * 64)
    assert recorded_hashes(opened.session.history()) == {stack: "f" * 64}
    assert dict(verify(opened).closed_stacks) == {stack: "STACK_ALTERED"}


def test_verifying_shows_progress_over_all_stacks_and_can_be_cancelled(
    images: Path, workstation: Workstation, kept: Keep
) -> None:
    opened = kept(open_case(images, workstation, reader="R1"))
    shown: list[tuple[int, int]] = []
    opened.source.verify({}, cancel=CancelToken(), progress=lambda done, total: shown.append((done, total)))
    assert shown[0] == (0, 6)
    assert shown[-1] == (6, 6)
    assert [done for done, _ in shown] == sorted(done for done, _ in shown)
    token = CancelToken()
    token.cancel()
    with pytest.raises(Cancelled):
        opened.source.verify({}, cancel=token)


def test_timepoints_are_arranged_before_the_first_mark_and_noted(
    images: Path, workstation: Workstation, kept: Keep
) -> None:
    opened = kept(open_case(images, workstation, reader="R1"))
    before = case_sha256(opened.file)
    joined = arrange(opened, join(opened.file, Id("BL"), Id("FU1")))
    assert list(joined.case.timepoints) == ["BL"]
    assert joined.session.case == joined.source.case == joined.case
    assert read_case_file(opened.folder / "case.json") == (joined.file, case_sha256(joined.file))
    noted = opened.session.history()[-1]
    assert (noted.name, noted.args) == ("case_changed", {"before": before, "after": case_sha256(joined.file)})
    apart = arrange(joined, split(joined.file, Id("BL"), joined.file.studies["BL"][1].uid))
    assert apart.file == opened.file
    apart.session.close()
    assert codes(kept(open_case(opened.folder, workstation))) == []


@pytest.mark.parametrize("undone", [False, True])
def test_after_the_first_mark_timepoints_stay_also_where_it_was_undone(
    images: Path, workstation: Workstation, kept: Keep, undone: bool
) -> None:
    opened = kept(open_case(images, workstation, reader="R1"))
    assert not has_marks(opened.session)
    mark(opened)
    if undone:
        opened.session.undo()
    with pytest.raises(Refused, match="CASE_HAS_MARKS"):
        arrange(opened, join(opened.file, Id("BL"), Id("FU1")))
    assert read_case_file(opened.folder / "case.json")[0] == opened.file


def test_images_that_appear_later_are_offered_and_added(
    images: Path, workstation: Workstation, kept: Keep, write_visit: WriteVisit
) -> None:
    opened = kept(open_case(images, workstation, reader="R1"))
    mark(opened)
    opened.session.close()
    write_visit(images / "c", date="20240701")
    again = kept(open_case(opened.folder, workstation))
    assert codes(again) == ["CASE_IMAGES_NEW"]
    assert [study.date for study in again.further] == ["2024-07-01"]
    assert len(again.case.timepoints) == 2
    more = add_images(again)
    assert [point.label for point in more.case.in_order] == ["BL", "FU1", "FU2"]
    stack = next(iter(more.case.timepoints["FU2"].stacks))
    assert len(more.source.images(Id(stack))) == 3
    assert more.session.case == more.case
    mark(more, "FU2")
    assert more.further == ()
    more.session.close()
    assert codes(kept(open_case(opened.folder, workstation))) == []


def test_images_of_another_patient_are_not_added(
    tmp_path: Path, images: Path, workstation: Workstation, kept: Keep, write_visit: WriteVisit
) -> None:
    opened = kept(open_case(images, workstation, reader="R1"))
    other = write_visit(tmp_path / "other", date="20240701", patient_id="HOSPITAL-0815")
    with pytest.raises(Refused, match="CASE_OTHER_PATIENT"):
        add_images(opened, other)
    assert read_case_file(opened.folder / "case.json")[0] == opened.file


def test_two_people_with_one_patient_id_are_kept_apart(
    tmp_path: Path, images: Path, workstation: Workstation, kept: Keep, write_visit: WriteVisit
) -> None:
    write_visit(images / "c", date="20240501", birth_date="19900101")
    choice = open_case(images, workstation, reader="R1")
    assert isinstance(choice, PatientChoice)
    assert [fault.code for fault in choice.faults] == ["PATIENTS_SEVERAL", "PATIENT_CONTRADICTS"]
    elder = next(found for found in choice.patients if found.birth_date == "19600101")
    opened = kept(open_case(images, workstation, reader="R1", patient=elder.index))
    assert len(opened.case.timepoints) == 2
    assert opened.further == ()
    assert codes(opened) == ["CASE_OTHER_PATIENTS"]
    with pytest.raises(Refused, match="CASE_OTHER_PATIENT"):
        add_images(opened, images / "c")
    shutil.move(images / "c", tmp_path / "c")
    opened.session.close()
    with pytest.raises(Refused, match="CASE_OTHER_PATIENT"):
        add_images(kept(open_case(opened.folder, workstation)), tmp_path / "c")


def test_images_without_a_date_and_files_that_cannot_be_read_are_said(
    images: Path, workstation: Workstation, kept: Keep, write_visit: WriteVisit
) -> None:
    write_visit(images / "c", date="")
    (images / "c" / "cut.dcm").write_bytes((images / "c" / "IM0001.dcm").read_bytes()[:600])
    opened = kept(open_case(images, workstation, reader="R1"))
    assert codes(opened) == ["IMAGES_SOME_UNREADABLE", "CASE_NO_DATE"]
    assert opened.warnings[1].arguments["timepoints"] == "FU2"


def test_a_case_folder_may_be_moved(images: Path, workstation: Workstation, kept: Keep, tmp_path: Path) -> None:
    first = kept(open_case(images, workstation, reader="R1"))
    mark(first)
    first.session.close()
    first.folder.rename(tmp_path / "elsewhere")
    again = kept(open_case(tmp_path / "elsewhere", workstation))
    assert codes(again) == []
    assert again.session.head == first.session.head


def test_a_copy_of_a_read_is_taken_only_when_the_reader_says_so(
    images: Path, workstation: Workstation, kept: Keep, tmp_path: Path
) -> None:
    first = kept(open_case(images, workstation, reader="R1"))
    mark(first)
    first.session.close()
    shutil.copytree(first.folder, tmp_path / "copy")
    with pytest.raises(TrailError, match="TRAIL_COPIED"):
        open_case(tmp_path / "copy", workstation)
    again = kept(open_read(tmp_path / "copy" / "R1.srread", workstation, accept_copy=True))
    assert again.session.head == first.session.head


def test_opening_that_is_cancelled_lets_go_of_the_read(images: Path, workstation: Workstation, kept: Keep) -> None:
    first = kept(open_case(images, workstation, reader="R1"))
    first.session.close()
    token = CancelToken()
    token.cancel()
    for reader in ("", "R2"):
        with pytest.raises(Cancelled):
            open_case(first.folder, workstation, reader=reader, cancel=token)
    kept(open_read(first.read_path, workstation))
    kept(open_read(first.folder / "R2.srread", workstation, reader="R2"))


def test_with_a_window_the_disk_is_not_waited_for(
    images: Path, tmp_path: Path, workstation: Workstation, kept: Keep
) -> None:
    reports: queue.SimpleQueue[Callable[[], None]] = queue.SimpleQueue()
    windowed = replace(workstation, dispatch=reports.put)
    opened = kept(open_case(images, windowed, reader="R1"))
    mark(opened)
    assert not opened.session.saved
    opened.session.close()
    while not reports.empty():
        reports.get()()
    assert opened.session.saved
    assert opened.session.committed == opened.session.head


def test_a_case_file_changed_by_somebody_else_is_said_once(images: Path, workstation: Workstation, kept: Keep) -> None:
    opened = kept(open_case(images, workstation, reader="R1"))
    opened.session.close()
    path = opened.folder / "case.json"
    path.write_bytes(path.read_bytes().replace(b'"label":"BL"', b'"label":"xx"'))
    again = kept(open_case(opened.folder, workstation))
    assert codes(again) == ["CASE_FILE_ALTERED"]
    again.session.close()
    assert codes(kept(open_case(opened.folder, workstation))) == []


def test_a_change_that_was_broken_off_between_note_and_file_is_no_finding(
    images: Path, workstation: Workstation, kept: Keep
) -> None:
    opened = kept(open_case(images, workstation, reader="R1"))
    old = (opened.folder / "case.json").read_bytes()
    arrange(opened, rename(opened.file, Id("BL"), "Baseline")).session.close()
    (opened.folder / "case.json").write_bytes(old)
    again = kept(open_case(opened.folder, workstation))
    assert codes(again) == []
    assert again.case.timepoints["BL"].label == "BL"


def test_a_case_file_that_cannot_be_replaced_changes_nothing(
    images: Path, workstation: Workstation, kept: Keep
) -> None:
    opened = kept(open_case(images, workstation, reader="R1"))
    (opened.folder / "case.json.part").mkdir()
    events = len(opened.session.history())
    with pytest.raises(CaseError, match="CASE_FILE_NOT_WRITTEN"):
        arrange(opened, rename(opened.file, Id("BL"), "Baseline"))
    assert len(opened.session.history()) == events
    assert opened.session.case == opened.file.case


def test_settings_that_cannot_be_written_keep_no_case_from_opening(
    images: Path, workstation: Workstation, kept: Keep
) -> None:
    workstation.settings.folder.mkdir()
    (workstation.settings.folder / "settings.json").mkdir()
    opened = kept(open_case(images, workstation, reader="R1"))
    assert set(codes(opened)) == {"SETTINGS_NOT_READ", "SETTINGS_NOT_WRITTEN"}


def test_the_case_file_fits_its_published_schema(images: Path, workstation: Workstation, kept: Keep) -> None:
    opened = kept(open_case(images, workstation, reader="R1"))
    schema = json.loads(SCHEMA.read_text(encoding="utf-8"))
    jsonschema.Draft202012Validator.check_schema(schema)
    tree = json.loads((opened.folder / "case.json").read_bytes())
    validator = jsonschema.Draft202012Validator(schema)
    assert list(validator.iter_errors(tree)) == []
    for broken in ({**tree, "name": "Doe"}, {**tree, "schema": 2}, {**tree, "sources": [1]}):
        assert not validator.is_valid(broken)


def test_descriptions_name_the_series_and_its_spacing(images: Path, workstation: Workstation, kept: Keep) -> None:
    opened = kept(open_case(images, workstation, reader="R1"))
    rows = opened.source.descriptions
    assert [(row.timepoint, row.series_description, row.image_count) for row in rows] == [
        ("BL", "Axial", 3),
        ("FU1", "Axial", 3),
    ]
    assert rows[0].spacing == "0.8 × 0.8 × 2.5"
    assert opened.source.faults(rows[0].stack.id) == ()
    assert opened.source.faults(Id("k-none")) == ()


def test_the_read_is_one_table_that_holds_the_making_of_the_case(
    images: Path, workstation: Workstation, kept: Keep
) -> None:
    opened = kept(open_case(images, workstation, reader="R1"))
    opened.session.close()
    connection = sqlite3.connect(f"{opened.read_path.as_uri()}?mode=ro", uri=True)
    bodies = [body for (body,) in connection.execute("SELECT body FROM event ORDER BY seq")]
    connection.close()
    assert json.loads(bodies[-1])["act"] == {
        "args": {"sha256": case_sha256(opened.file)},
        "name": "case_made",
        "v": 1,
    }


def test_every_code_of_opening_has_a_sentence() -> None:
    wanted = {
        "READER_CODE_NEEDED", "READER_CODE_INVALID", "SUBJECT_CODE_INVALID", "CASE_HAS_MARKS", "CASE_OTHER_READS",
        "CASE_PROTOCOL_MISSING", "CASE_FOLDER_IN_IMAGES", "CASE_FOLDER_NOT_WRITTEN", "CASE_EXISTS",
        "CASE_READS_SEVERAL", "CASE_READ_ONLY", "CASE_OTHER_PATIENTS", "CASE_OTHER_PATIENT", "CASE_IMAGES_MISSING",
        "CASE_IMAGES_NEW", "CASE_FILE_ALTERED", "READ_OTHER_CASE", "IMAGES_NONE", "IMAGES_NO_DICOM",
        "IMAGES_NO_STACK", "IMAGES_DAMAGED", "IMAGES_FORBIDDEN",
        "IMAGES_SOME_UNREADABLE", "CASE_NO_DATE", "STACK_MISSING", "STACK_ALTERED", "STACK_UNREADABLE",
    }  # fmt: skip
    assert wanted <= set(catalogue())
