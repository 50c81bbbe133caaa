"""Local settings: kept between starts, forgotten in order, never fatal."""

from __future__ import annotations

from pathlib import Path

import pytest

from spinereview.domain.imaging import Id
from spinereview.errors import CaseError, InvalidValue
from spinereview.text import catalogue
from spinereview.workflow import settings as settings_module
from spinereview.workflow.settings import KNOWN_LIMIT, RECENT_LIMIT, LocalSettings, SettingsFolder, settings_folder


@pytest.fixture
def folder(tmp_path: Path) -> SettingsFolder:
    return SettingsFolder(folder=tmp_path / "settings")


def test_the_environment_names_the_folder(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("SPINEREVIEW_SETTINGS", str(tmp_path / "mine"))
    assert settings_folder() == tmp_path / "mine"
    assert SettingsFolder().witness == tmp_path / "mine" / "witness"


def test_without_the_environment_the_platform_names_the_folder(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("SPINEREVIEW_SETTINGS", raising=False)
    assert settings_folder().name == "spinereview"


def test_a_first_start_has_the_defaults_and_nothing_to_say(folder: SettingsFolder) -> None:
    assert folder.load() == (LocalSettings(), ())


def test_what_was_saved_is_loaded(folder: SettingsFolder, tmp_path: Path) -> None:
    saved = LocalSettings(reader_code="R1").with_case(tmp_path / "A", ["1.2", "1.3"])
    folder.save(saved)
    assert folder.load() == (saved, ())
    assert saved.cases_of(["1.3"]) == (tmp_path / "A",)
    assert saved.cases_of(["1.9", ""]) == ()


def test_the_case_opened_last_comes_first_and_once(tmp_path: Path) -> None:
    settings = LocalSettings()
    for name in ("A", "B", "A"):
        settings = settings.with_case(tmp_path / name, ["1.2"])
    assert [Path(text).name for text in settings.recent] == ["A", "B"]
    assert [path.name for path in settings.cases_of(["1.2"])] == ["A", "B"]
    assert len(settings.known) == 2


def test_the_oldest_are_forgotten_first(tmp_path: Path) -> None:
    settings = LocalSettings()
    for number in range(RECENT_LIMIT + 1):
        settings = settings.with_case(tmp_path / str(number), [])
    assert len(settings.recent) == RECENT_LIMIT
    assert str(tmp_path / "0") not in settings.recent
    settings = settings.with_case(tmp_path / "first", ["0"])
    settings = settings.with_case(tmp_path / "many", [f"1.{n}" for n in range(KNOWN_LIMIT)])
    assert len(settings.known) == KNOWN_LIMIT
    assert settings.cases_of(["0"]) == ()


@pytest.mark.parametrize(
    "content",
    [
        pytest.param(b"", id="empty"),
        pytest.param(b"{", id="cut"),
        pytest.param(b"\xff\xfe", id="no text"),
        pytest.param(b"[]", id="another shape"),
        pytest.param(b'{"schema":2}', id="fields missing"),
        pytest.param(
            b'{"known":[],"preferences":{},"reader_code":"","recent":[],"schema":2}', id="schema of another version"
        ),
    ],
)
def test_damaged_settings_are_set_aside_and_said(folder: SettingsFolder, content: bytes) -> None:
    folder.folder.mkdir()
    file = folder.folder / "settings.json"
    file.write_bytes(content)
    loaded, said = folder.load()
    assert loaded == LocalSettings()
    assert [error.code for error in said] == ["SETTINGS_DAMAGED"]
    assert not file.exists()
    assert file.with_name("settings.json.damaged").read_bytes() == content
    assert folder.load() == (LocalSettings(), ())


def test_settings_that_are_a_folder_are_said_and_never_fatal(folder: SettingsFolder) -> None:
    (folder.folder / "settings.json").mkdir(parents=True)
    loaded, said = folder.load()
    assert loaded == LocalSettings()
    assert [error.code for error in said] == ["SETTINGS_NOT_READ"]


def test_settings_that_cannot_be_written_are_said(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(CaseError) as caught:
        SettingsFolder(folder=tmp_path / "file").save(LocalSettings())
    assert caught.value.code == "SETTINGS_NOT_WRITTEN"


def test_a_failed_write_leaves_the_old_settings(folder: SettingsFolder, monkeypatch: pytest.MonkeyPatch) -> None:
    folder.save(LocalSettings(reader_code="R1"))

    def full(_path: Path, _data: bytes) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(settings_module, "replace_file", full)
    with pytest.raises(CaseError, match="No space left"):
        folder.save(LocalSettings(reader_code="R2"))
    assert folder.load()[0].reader_code == "R1"


def test_the_view_of_each_read_is_kept_apart(folder: SettingsFolder) -> None:
    folder.save_view(Id("r-1"), {"slice": 12, "stack": "k1"})
    folder.save_view(Id("../r-2"), {"slice": 7})
    assert folder.load_view(Id("r-1")) == ({"slice": 12, "stack": "k1"}, ())
    assert folder.load_view(Id("../r-2")) == ({"slice": 7}, ())
    assert folder.load_view(Id("r-3")) == (None, ())
    assert {path.parent.name for path in folder.folder.rglob("*.json")} == {"views"}


def test_a_view_with_a_float_is_refused(folder: SettingsFolder) -> None:
    with pytest.raises(InvalidValue, match="JSON_FLOAT"):
        folder.save_view(Id("r-1"), {"zoom": 1.5})  # type: ignore[dict-item] # the type forbids it too
    assert folder.load_view(Id("r-1")) == (None, ())


def test_every_code_of_the_settings_has_a_sentence() -> None:
    codes = {"SETTINGS_SCHEMA", "SETTINGS_DAMAGED", "SETTINGS_NOT_READ", "SETTINGS_NOT_WRITTEN"}
    assert codes <= set(catalogue())
