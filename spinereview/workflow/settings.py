"""Local settings of one person on one workstation: nothing in them is part of a read, and losing them loses no mark.

They lie in one folder: ``settings.json`` (reader code, recent cases, which images belong to which case), ``views/`` (what
was on the screen, by read) and ``witness/`` (kept by the trail file: how long each read was when it was last open).
A damaged file is set aside under another name and said; it never keeps the program from starting.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from pathlib import Path

import platformdirs

from spinereview.domain.checks import require
from spinereview.domain.codec import Json, canonical, decode, encode, parse
from spinereview.domain.imaging import Id
from spinereview.domain.table import Table
from spinereview.errors import CaseError, InvalidValue, SpineReviewError
from spinereview.workflow.files import replace_file

ENVIRONMENT = "SPINEREVIEW_SETTINGS"
"""Folder of the settings, where it is not the platform's own."""
SCHEMA = 1
RECENT_LIMIT = 12
KNOWN_LIMIT = 2000
"""How many studies are remembered; the oldest are forgotten first, which costs no more than an offer not made."""
ASIDE = ".damaged"


@dataclass(frozen=True, slots=True, kw_only=True)
class KnownStudy:
    """A study that has been opened as part of a case; the newest come last."""

    study_uid: str
    case_folder: str


@dataclass(frozen=True, slots=True, kw_only=True)
class LocalSettings:
    """What is kept between two starts.

    Parameters
    ----------
    recent
        Case folders, the last one first.
    known
        Which studies belong to which case folder, the newest last.
    preferences
        Choices of the person, by name, as text: theme, language, layout.
    """

    schema: int = SCHEMA
    reader_code: str = ""
    recent: tuple[str, ...] = ()
    known: tuple[KnownStudy, ...] = ()
    preferences: Table[str] = field(default_factory=Table)

    def __post_init__(self) -> None:
        require(holds=self.schema == SCHEMA, code="SETTINGS_SCHEMA", value=self.schema)

    def with_case(self, folder: Path, study_uids: Iterable[str]) -> LocalSettings:
        """Settings in which a case is the most recent one and owns these studies."""
        text = str(folder)
        recent = (text, *(other for other in self.recent if other != text))[:RECENT_LIMIT]
        uids = sorted(set(study_uids) - {""})
        kept = [known for known in self.known if known.study_uid not in uids or known.case_folder != text]
        added = [KnownStudy(study_uid=uid, case_folder=text) for uid in uids]
        return replace(self, recent=recent, known=tuple([*kept, *added][-KNOWN_LIMIT:]))

    def cases_of(self, study_uids: Iterable[str]) -> tuple[Path, ...]:
        """Folders of the cases that own any of these studies, the newest first."""
        wanted = set(study_uids) - {""}
        folders = [known.case_folder for known in reversed(self.known) if known.study_uid in wanted]
        return tuple(Path(folder) for folder in dict.fromkeys(folders))


def settings_folder() -> Path:
    """Folder of the settings: what ``SPINEREVIEW_SETTINGS`` names, else the platform's own place."""
    named = os.environ.get(ENVIRONMENT)
    return Path(named) if named else platformdirs.user_config_path("spinereview", appauthor=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class SettingsFolder:
    """The settings on disk. Everything is read when it is asked for, so two windows do not undo each other's changes."""

    folder: Path = field(default_factory=settings_folder)

    @property
    def witness(self) -> Path:
        """Folder that keeps the last number and hash of each read; written by the trail file."""
        return self.folder / "witness"

    def load(self) -> tuple[LocalSettings, tuple[SpineReviewError, ...]]:
        """Settings, and what is to be said: that a damaged file was set aside."""
        tree, said = self._read(self.folder / "settings.json")
        if tree is None:
            return LocalSettings(), said
        try:
            return decode(LocalSettings, tree), said
        except InvalidValue as error:
            return LocalSettings(), (*said, _set_aside(self.folder / "settings.json", error))

    def save(self, settings: LocalSettings) -> None:
        """Replace the settings.

        Raises
        ------
        CaseError
            ``SETTINGS_NOT_WRITTEN``: the case itself is not touched by it.
        """
        self._write(self.folder / "settings.json", encode(settings, LocalSettings))

    def load_view(self, read: Id) -> tuple[Json, tuple[SpineReviewError, ...]]:
        """What was on the screen when a read was last open; None where nothing is known."""
        return self._read(self._view(read))

    def save_view(self, read: Id, state: Json) -> None:
        """Keep what is on the screen: layout, slices, window, selection. Whole numbers and text only.

        Raises
        ------
        CaseError
            ``SETTINGS_NOT_WRITTEN``.
        InvalidValue
            ``JSON_FLOAT`` where the state holds a float.
        """
        parse(canonical(state))
        self._write(self._view(read), state)

    def _view(self, read: Id) -> Path:
        # The id comes from a file; its hash can be no path.
        return self.folder / "views" / f"{hashlib.sha256(read.encode()).hexdigest()[:24]}.json"

    def _read(self, path: Path) -> tuple[Json, tuple[SpineReviewError, ...]]:
        try:
            return parse(path.read_bytes()), ()
        except FileNotFoundError:
            return None, ()
        except OSError as error:
            return None, (CaseError("SETTINGS_NOT_READ", file=path, error=error.strerror),)
        except InvalidValue as error:
            return None, (_set_aside(path, error),)

    def _write(self, path: Path, tree: Json) -> None:
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            replace_file(path, canonical(tree) + b"\n")
        except OSError as error:
            raise CaseError("SETTINGS_NOT_WRITTEN", file=path, error=error.strerror) from error


def _set_aside(path: Path, error: InvalidValue) -> SpineReviewError:
    """Rename a damaged file, and return what is to be said of it."""
    aside = path.with_name(path.name + ASIDE)
    try:
        path.replace(aside)
    except OSError:
        return CaseError("SETTINGS_NOT_READ", file=path, error=error.code)
    return CaseError("SETTINGS_DAMAGED", file=path, aside=aside.name)
