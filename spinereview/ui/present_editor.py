"""What the fields of a lesion show, and which of them may be written. No Qt."""

from __future__ import annotations

from collections.abc import Sequence

from spinereview.criteria.recist.settings import Settings
from spinereview.domain.case import Case
from spinereview.domain.imaging import Id
from spinereview.domain.lesion import Lesion, Technique
from spinereview.domain.read import Lock, Read
from spinereview.report.site_words import words_of_site
from spinereview.review.commands.findings import is_new_or_back
from spinereview.review.obligations import other_modality
from spinereview.text import sentence
from spinereview.ui.lesion_rules import Problem, technique_words
from spinereview.ui.panels.lesion_editor import EditorView


def editor_view(
    read: Read, case: Case, settings: Settings, lesion: Lesion, current: Id | None, problems: Sequence[Problem]
) -> EditorView:
    """What is shown of a lesion at the current timepoint, as far as the locks of the visits allow."""
    timepoint = case.timepoints.get(current) if current is not None else None
    finding = lesion.findings.get(current) if current is not None else None
    changes = () if timepoint is None else technique_words(read, case, lesion, timepoint.id, settings)
    other = timepoint is not None and finding is not None and other_modality(lesion, finding, timepoint)
    judged = finding is not None and finding.comparability is not None
    return EditorView(
        lesion=lesion,
        finding=finding,
        timepoint=current,
        site_writable=read.lock_of(lesion.first_seen) is not Lock.LOCKED,
        writable=current is not None and read.lock_of(current) is not Lock.LOCKED,
        asks_new=timepoint is not None and finding is not None and is_new_or_back(lesion, case, timepoint),
        technique="" if lesion.technique is None else technique_text(lesion.technique),
        changes=changes,
        asks_comparable=other or judged,
        problems=tuple(("bad" if one.hard else "warn", one.with_source) for one in problems),
        asks_reason=any(one.asks for one in problems),
        sites=tuple((words_of_site(site), site.id) for site in case.treated_sites.values()),
    )


def technique_text(technique: Technique) -> str:
    """How a lesion was imaged when it was first measured, in a line."""
    plane = sentence(f"UI_PLANE_NAME_{technique.plane}") if technique.plane else ""
    contrast = sentence("UI_CONTRAST", {"contrast": technique.contrast}) if technique.contrast else ""
    words = (technique.modality, technique.role, plane, contrast, technique.window)
    return ", ".join(word for word in dict.fromkeys(words) if word)
