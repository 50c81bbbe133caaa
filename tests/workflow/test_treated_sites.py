"""Treated sites on the command line: each change is an act in the read, and the report and eligibility have them."""

from __future__ import annotations

import json
import subprocess
import sys

import pytest

from spinereview.cli import main
from spinereview.errors import Refused
from spinereview.review.commands.sites import AddTreatedSite
from spinereview.workflow.answers import looking_at
from spinereview.workflow.case import open_folder, open_images
from spinereview.workflow.case_file import NAME, read_case_file
from spinereview.workflow.protocol_files import find_protocol
from spinereview.workflow.treated_sites import SiteWords, new_site


@pytest.fixture
def closed_read(images, workstation, kept):
    """A read of trial 2's first two visits that nobody has open."""
    opened = kept(open_images(images, workstation, reader="R1", subject="S-1"))
    opened.session.close()
    return opened.read_path


def told(*words: str) -> str:
    done = subprocess.run(
        [sys.executable, "-m", "spinereview", "sites", *words], capture_output=True, text=True, timeout=120, check=False
    )
    assert (done.returncode, done.stderr) == (0, ""), done.stderr
    return done.stdout


def test_sites_are_named_changed_and_taken_away(closed_read) -> None:
    read = str(closed_read)
    assert told(read) == "No treated site is named.\n"
    added = told(read, "--add", "--levels", "T9-T10", "--treatment", "SBRT", "--adjacent", "T8,T11")
    assert added == "Treated sites, named in the read:\n  TS01: T9-T10, SBRT, beside it T8, T11\n"
    changed = told(read, "--change", "TS01", "--levels", "T9,T10", "--resected", "T10")
    assert "  TS01: T9-T10, SBRT, resected T10, beside it T8, T11\n" in changed
    with looking_at(closed_read) as looked:
        assert list(looked.facts.case.treated_sites) == ["TS01"]
        acts = [one.name for one in looked.session.history() if one.name.endswith("_site")]
        assert acts == ["add_treated_site", "change_treated_site"]
    assert told(read, "--remove", "TS01") == "No treated site is named.\n"


def test_sites_are_put_into_the_case_of_all_its_readers(closed_read, workstation, kept, tmp_path) -> None:
    read, folder = str(closed_read), closed_read.parent
    assert main(["sites", read, "--to-case", str(folder)]) == 1
    told(read, "--add", "--levels", "T9")
    assert told(read, "--to-case", str(folder)).startswith("Treated sites, named in the case:\n  TS01: T9")
    second = kept(open_folder(folder, workstation, reader="R2"))
    assert list(second.case.treated_sites) == ["TS01"]
    assert [error.code for error in second.warnings] == []
    with pytest.raises(Refused, match="SITES_OF_CASE"):
        second.session.do(AddTreatedSite(treated=SiteWords(levels="T12").applied_to(new_site())))
    lines = told(read, "--change", "TS01", "--levels", "T9-T10")
    assert lines.splitlines()[:2] == ["Treated sites, named in the case:", "  TS01: T9"]
    assert lines.splitlines()[3:] == ["  TS01: T9-T10"]
    assert "TS01: T9-T10" in told(read, "--to-case", str(folder))
    assert read_case_file(folder / NAME)[0].case.treated_sites["TS01"].site.levels == ("T9", "T10")


def test_eligibility_uses_the_index_levels_and_says_whence_they_are(images, workstation, kept, capsys) -> None:
    trial = find_protocol("nct06756087")
    opened = kept(open_images(images, workstation, reader="R1", subject="S-3", protocol=trial))
    opened.session.close()
    read = str(opened.read_path)

    def rules() -> dict[str, tuple[object, object, object]]:
        assert main(["eligibility", read, "--json"]) == 0
        listed = json.loads(capsys.readouterr().out)["rules"]
        return {one["variable"]: (one["outcome"], one["value"], one["sources"]) for one in listed}

    before = rules()
    assert (before["index_levels"][0], before["index_level_count"][0]) == ("NEEDS_INPUT", "NEEDS_INPUT")
    told(read, "--add", "--levels", "T4-T6")
    assert rules()["index_levels"] == ("FAIL", "T4, T5, T6", ["READ"])
    assert rules()["index_level_count"] == ("FAIL", "3 levels", ["READ"])
    told(read, "--change", "TS01", "--levels", "T5-T6")
    told(read, "--to-case", str(opened.folder))
    assert rules()["index_levels"] == ("PASS", "T5, T6", ["CASE"])


def test_sites_are_not_put_into_the_case_of_another_subject(closed_read, images, workstation, kept, capsys) -> None:
    told(str(closed_read), "--add", "--levels", "T9")
    other = kept(open_images(images, workstation, reader="R1", subject="S-2", again=True))
    assert main(["sites", str(closed_read), "--to-case", str(other.folder)]) == 1
    assert "is not the case of S-1" in capsys.readouterr().err
    assert not read_case_file(other.folder / NAME)[0].case.treated_sites


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        (("--add",), 1, "needs levels"),
        (("--add", "--levels", "T99"), 1, "T99"),
        (("--change", "TS04", "--levels", "T9"), 1, "no treated site TS04"),
        (("--levels", "T9"), 2, "--add or --change"),
        (("--lesion", "T01"), 2, "LESION=SITE"),
        (("--lesion", "T99=TS01"), 1, "T99"),
        (("--add", "--levels", "T9", "--author", "SOMEBODY"), 1, "TRAIL_OTHER_AUTHOR"),
    ],
)
def test_what_makes_no_sense_is_refused_in_a_sentence(closed_read, capsys, words, code, said) -> None:
    assert main(["sites", str(closed_read), *words]) == code
    assert said in capsys.readouterr().err
    assert told(str(closed_read)) == "No treated site is named.\n"
