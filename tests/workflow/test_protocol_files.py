"""Protocols from the command line: what holds, what differs, what a difference can change; and the table of all keys."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from spinereview.criteria import CRITERIA, parsers
from spinereview.domain.settings import checks_of
from spinereview.errors import UsageError
from spinereview.resources import protocols
from spinereview.storage import protocol_sections as sections
from spinereview.text import catalogue
from spinereview.workflow.protocol_files import differences, effect_of, find_protocol, read, schema_text
from spinereview.workflow.protocol_values import schema, values

HEAD = '[trial]\nid = "T"\nversion = "1"\ntitle = "A trial"\n'


def _file(folder: Path, name: str, text: str) -> str:
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return str(path)


def _spinereview(*words: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "spinereview", "protocol", *words]
    return subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)


def test_every_protocol_that_the_program_carries_is_found_by_its_name_and_is_in_order() -> None:
    for path in protocols():
        assert find_protocol(path.stem) == path
        done = _spinereview("check", path.stem)
        assert (done.returncode, done.stderr) == (0, "")


def test_a_protocol_that_is_not_there_is_named_with_those_that_are() -> None:
    with pytest.raises(UsageError) as refused:
        read("no-such-trial")
    assert refused.value.code == "PROTOCOL_NAME_NOT_KNOWN"
    assert "generic" in refused.value.arguments["allowed"]


def test_a_file_in_disorder_is_told_with_its_line_and_ends_with_1(tmp_path: Path) -> None:
    file = _file(tmp_path, "trial.toml", HEAD + "\n[criterion.recist]\npr_treshold = 0.3\n")
    done = _spinereview("check", file)
    assert (done.returncode, done.stdout) == (1, "")
    assert "line 7" in done.stderr
    assert "pr_treshold" in done.stderr
    assert "pr_threshold" in done.stderr


def test_the_table_of_keys_has_every_key_of_every_section_once() -> None:
    listed = [(row.section, row.key) for row in schema()]
    assert len(set(listed)) == len(listed)
    for name in parsers():
        criterion = CRITERIA[name]
        keys = [key for section, key in listed if section == f"[criterion.{name}]"]
        assert keys == list(checks_of(criterion.settings))
    for section, checks in (("[blinding]", sections.BLINDING), ("[[endpoint]]", sections.ENDPOINT)):
        assert {key for written, key in listed if written == section} == set(checks)


def test_a_default_in_the_table_is_what_a_file_without_the_key_gets(tmp_path: Path) -> None:
    sections_text = "".join(f"[criterion.{name}]\n" for name in parsers() if not _required(CRITERIA[name].settings))
    endpoint = '[[endpoint]]\nid = "E"\nmeasure = "OS"\n'
    protocol = read(_file(tmp_path, "trial.toml", HEAD + sections_text + endpoint))
    found = {(row.section, row.key): row for row in values(protocol)}
    checked = 0
    for row in schema():
        held = found.get((row.section, row.key))
        if held is not None and row.default not in ("required", ""):
            assert held.value == row.default, (row.section, row.key)
            assert not held.written
            checked += 1
    assert checked > 50


def _required(settings: type) -> bool:
    return any(row.default == "required" for row in schema() if row.key in checks_of(settings))


def test_a_value_that_is_written_is_told_from_a_default(tmp_path: Path) -> None:
    protocol = read(_file(tmp_path, "trial.toml", HEAD + "[criterion.recist]\npd_abs_mm = 6\n"))
    rows = {row.key: row for row in values(protocol) if row.section == "[criterion.recist]"}
    assert (rows["pd_abs_mm"].value, rows["pd_abs_mm"].written) == ("6", True)
    assert (rows["pd_threshold"].value, rows["pd_threshold"].written) == ("0.20", False)


def test_two_protocols_differ_in_what_changed_came_and_went(tmp_path: Path) -> None:
    visit = '[[visit]]\nname = "BL"\nanchor = "SURGERY"\nday = -1\nminus = 27\nplus = 0\n'
    before = read(_file(tmp_path, "a.toml", HEAD + "[criterion.recist]\npd_threshold = 0.20\n[criterion.sins]\n"))
    after = read(_file(tmp_path, "b.toml", HEAD + visit + "[criterion.recist]\npd_threshold = 0.25\nmax_targets = 3\n"))
    found = {(one.section, one.entry, one.key): one for one in differences(before, after)}
    changed = found["[criterion.recist]", "", "pd_threshold"]
    assert (changed.before, changed.after, changed.effect) == ("0.20", "0.25", "PROTOCOL_EFFECT_RECIST")
    assert found["[criterion.recist]", "", "max_targets"].before == "5"
    assert (found["[[visit]]", "BL", "day"].before, found["[[visit]]", "BL", "day"].after) == ("", "-1")
    gone = [one for one in found.values() if one.section == "[criterion.sins]"]
    assert gone
    assert all(one.after == "" for one in gone)
    assert set(found) == {(one.section, one.entry, one.key) for one in differences(after, before)}


def test_a_protocol_that_writes_out_its_defaults_is_no_different(tmp_path: Path) -> None:
    plain = _file(tmp_path, "a.toml", HEAD + "[criterion.recist]\n")
    written = _file(
        tmp_path, "b.toml", HEAD + "# said\n[criterion.recist]\npd_threshold = 0.20\n[design]\nreaders = 2\n"
    )
    assert differences(read(plain), read(written)) == ()
    done = _spinereview("diff", plain, written, "--json")
    assert (done.returncode, json.loads(done.stdout)) == (0, [])


def test_every_key_says_what_a_change_of_it_can_change() -> None:
    for row in schema():
        code = effect_of(row.section.replace("NAME", "LOCAL"), row.key)
        assert code in catalogue(), (row.section, row.key)


def test_shown_text_and_json_hold_the_same_values() -> None:
    text, tree = _spinereview("show", "generic").stdout, json.loads(_spinereview("show", "generic", "--json").stdout)
    for row in tree["values"]:
        assert f"  {row['key']} = {row['value']}" in text
    assert tree["sha256"] in text


def test_the_documented_table_of_keys_is_the_one_that_the_program_makes() -> None:
    documented = Path(__file__).parents[2] / "docs" / "protocol-settings.md"
    assert documented.read_text(encoding="utf-8") == schema_text(), (
        "run: spinereview protocol schema > docs/protocol-settings.md"
    )
