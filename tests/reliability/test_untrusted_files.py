"""Files from outside: whatever is in them, the program says what is wrong, soon, within its memory, and goes on."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import zipfile
from pathlib import Path
from typing import Any

import pytest

if sys.platform == "win32":
    pytest.skip("the memory of a process cannot be limited here", allow_module_level=True)

import mutants
import wild_files
from bombs import BOMBS

VERDICT_S = 10
PEAK_MB = 1200
SUPPORT = Path(__file__).parents[1] / "support"
CRASHING = 2705
"""Seed of a file that makes the decoder of HTJ2K read beyond its memory: mostly a segmentation fault."""
SOUND = {"ONE_IMAGE", "POSITION_REPEATED"}
"""What is said of honest files of one image, or of two at one place."""

Verdicts = dict[str, dict[str, Any]]


def verdicts(folder: Path) -> Verdicts:
    """Verdict on each file of a folder, from one process that none of them may end."""
    found: Verdicts = {}
    command = [sys.executable, str(SUPPORT / "verdicts.py"), str(folder)]
    ran = subprocess.run(command, capture_output=True, text=True, check=False)
    for line in ran.stdout.splitlines():
        told = json.loads(line)
        found[told["file"]] = told
    names = [line for line in ran.stderr.splitlines() if line.endswith((".dcm", ".zip"))]
    assert ran.returncode == 0, f"{names[-1]} ended the program ({ran.returncode}): {ran.stderr[-2000:]}"
    assert sorted(found) == sorted(path.name for path in folder.iterdir())
    return found


def file_name(name: str) -> str:
    return name.replace(" ", "_").replace(",", "") + (".zip" if BOMBS[name].zip else ".dcm")


QUICK = tuple(name for name, bomb in BOMBS.items() if not bomb.slow)
SLOW = tuple(name for name, bomb in BOMBS.items() if bomb.slow)


@pytest.fixture(scope="module")
def of_bombs(tmp_path_factory: pytest.TempPathFactory) -> Verdicts:
    return exploded(tmp_path_factory.mktemp("bombs"), QUICK)


def exploded(folder: Path, names: tuple[str, ...]) -> Verdicts:
    for name in names:
        (folder / file_name(name)).write_bytes(BOMBS[name].make())
    found = verdicts(folder)
    for path in folder.iterdir():
        path.unlink()
    return found


@pytest.mark.parametrize("name", QUICK)
def test_a_bomb_is_refused_with_its_reason(of_bombs: Verdicts, name: str) -> None:
    judge(of_bombs, name)


@pytest.mark.nightly
@pytest.mark.parametrize("name", SLOW)
def test_a_bomb_of_millions_of_parts_is_refused_with_its_reason(tmp_path: Path, name: str) -> None:
    judge(exploded(tmp_path, (name,)), name)


def judge(found: Verdicts, name: str) -> None:
    told = found[file_name(name)]
    assert BOMBS[name].said in told["codes"]
    assert told["seconds"] < VERDICT_S
    assert told["peak_mb"] < PEAK_MB
    assert all(file_name(name) in said for said in told["sentences"] if not said.startswith("The images need"))


def test_there_are_bombs_enough() -> None:
    assert len(QUICK) >= 30
    assert sum(BOMBS[name].zip for name in QUICK) >= 10


def test_an_honest_file_of_every_transfer_syntax_is_shown(tmp_path: Path) -> None:
    for syntax in mutants.SYNTAXES:
        for frames in (1, 2):
            (tmp_path / f"{syntax or 'none'}_{frames}.dcm").write_bytes(wild_files.honest(syntax, frames=frames))
    for name, told in verdicts(tmp_path).items():
        assert set(told["codes"]) <= SOUND, name
        assert told["images"] in {1, 2}, name


def examined(folder: Path, seeds: range) -> Verdicts:
    mutants.write_mutants(folder, seeds)
    found = verdicts(folder)
    late = {name: told["seconds"] for name, told in found.items() if told["seconds"] >= VERDICT_S}
    large = {name: told["peak_mb"] for name, told in found.items() if told["peak_mb"] >= PEAK_MB}
    assert (late, large) == ({}, {})
    return found


def test_500_mutants_end_nothing(tmp_path: Path) -> None:
    found = examined(tmp_path / "mutants", range(500))
    # Damage is not there to pass unseen: most of it is noticed, and not all of it refuses the image.
    unnoticed = sum(set(told["codes"]) <= SOUND for told in found.values())
    assert 50 < unnoticed < 400


def test_a_mutant_that_crashes_its_decoder_is_refused_and_the_next_is_read(tmp_path: Path) -> None:
    found = examined(tmp_path / "mutants", range(CRASHING, CRASHING + 2))
    assert {"PIXELS_DECODER_DIED", "PIXELS_DECODE"} & set(found[f"{CRASHING:07d}.dcm"]["codes"])
    assert not {"PIXELS_DECODER_DIED"} & set(found[f"{CRASHING + 1:07d}.dcm"]["codes"])


@pytest.mark.nightly
@pytest.mark.parametrize("first", range(500, 5500, 1000))
def test_5000_mutants_end_nothing(tmp_path: Path, first: int) -> None:
    assert len(examined(tmp_path / "mutants", range(first, first + 1000))) == 1000


def test_equal_seeds_give_equal_mutants() -> None:
    assert [mutants.mutant(seed) for seed in range(40)] == [mutants.mutant(seed) for seed in range(40)]
    assert len({mutants.mutant(seed)[0] for seed in range(len(mutants.SYNTAXES))}) == len(mutants.SYNTAXES)


def test_links_that_lead_round_or_outside_and_pipes_do_not_hold_up_a_scan(tmp_path: Path) -> None:
    folder = tmp_path / "images"
    folder.mkdir()
    (folder / "a.dcm").write_bytes(wild_files.honest("1"))
    (folder / "round").symlink_to(folder, target_is_directory=True)
    (folder / "nowhere").symlink_to(tmp_path / "nothing")
    os.mkfifo(folder / "pipe")
    from spinereview.dicom.scan import scan
    from spinereview.tasks import CancelToken

    found = scan(folder, cancel=CancelToken())
    assert found.files_dicom == 1
    assert {path.name for path, _ in found.unreadable} == {"nowhere", "pipe"}


@pytest.fixture
def session() -> Any:
    from spinereview.dicom import archive

    archive.forget()
    yield archive
    archive.forget()


def zipped(path: Path, files: dict[str, bytes]) -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as made:
        for name, data in files.items():
            made.writestr(name, data)
    return path


def test_the_images_of_an_archive_are_scanned_and_loaded(tmp_path: Path, session: Any) -> None:
    from spinereview.dicom.load import load
    from spinereview.dicom.scan import scan
    from spinereview.tasks import CancelToken

    files = {f"study/series/{number}.dcm": wild_files.honest("4.80", number=number) for number in (1, 2, 3)}
    path = zipped(tmp_path / "images.zip", {**files, "study/readme.txt": b"words", "study/empty/": b""})
    found = scan(path, cancel=CancelToken())
    assert (found.path, found.files_dicom, len(found.not_dicom)) == (path, 3, 1)
    (stack,) = found.stacks
    volume = load(stack.images)
    assert (volume.samples.shape, volume.complete) == ((3, 16, 16), True)
    place = stack.images[0][0].path.parents[2]
    assert scan(path, cancel=CancelToken()).stacks[0].images[0][0].path.parents[2] == place
    assert place.parent.stat().st_mode & 0o077 == 0
    session.forget()
    assert not place.parent.exists()


def test_what_a_killed_program_unpacked_is_removed_by_the_next(tmp_path: Path, session: Any) -> None:
    path = zipped(tmp_path / "images.zip", {"a.dcm": wild_files.honest("1")})
    program = (
        "import os, sys, signal, pathlib\n"
        "from spinereview.dicom.archive import unpacked\nfrom spinereview.tasks import CancelToken\n"
        "print(unpacked(pathlib.Path(sys.argv[1]), cancel=CancelToken()), flush=True)\n"
        "os.kill(os.getpid(), signal.SIGKILL)\n"
    )
    environment = {**os.environ, "TMPDIR": str(tmp_path)}
    ran = subprocess.run(
        [sys.executable, "-c", program, str(path)], capture_output=True, text=True, check=False, env=environment
    )
    left = Path(ran.stdout.strip()).parent
    assert left.is_dir()
    again = subprocess.run(
        [sys.executable, "-c", program, str(path)], capture_output=True, text=True, check=False, env=environment
    )
    assert Path(again.stdout.strip()).parent != left
    assert not left.exists()


def test_an_archive_that_is_stopped_midway_leaves_nothing(tmp_path: Path, session: Any) -> None:
    from spinereview.errors import Cancelled
    from spinereview.tasks import CancelToken

    path = zipped(tmp_path / "images.zip", {f"{number}.dcm": wild_files.honest("1") for number in range(9)})
    cancel = CancelToken()

    def stop(done: int, _total: int) -> None:
        if done == 4:
            cancel.cancel()

    with pytest.raises(Cancelled):
        session.unpack(path, tmp_path / "out", cancel=cancel, progress=stop)
    assert not (tmp_path / "out").exists()


def test_dicom_that_begins_like_an_archive_is_dicom(tmp_path: Path, session: Any) -> None:
    path = tmp_path / "two.dcm"
    path.write_bytes(b"PK\x03\x04" + wild_files.honest("1")[4:])
    assert not session.is_archive(path)
