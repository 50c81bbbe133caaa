"""The words of the form on the quality of the images: one row a series, and what the visit lacks. No Qt."""

from __future__ import annotations

from spinereview.criteria.evidence.quality import FORM as QUALITY
from spinereview.criteria.evidence.quality import missing_modalities, quality_said, unreadable_modalities
from spinereview.domain.case import Timepoint
from spinereview.domain.quality import Quality, QualityCause
from spinereview.domain.read import Read
from spinereview.report.quality import series_name
from spinereview.review.forms_asked import demanded_modalities
from spinereview.review.visibility import Visible
from spinereview.text import sentence
from spinereview.ui.panels.forms import FormView
from spinereview.ui.panels.items import ItemView

CHOICES = (
    *((one.value, f"QUALITY_{one}") for one in (Quality.OPTIMAL, Quality.READABLE)),
    *((f"{Quality.NOT_READABLE}/{cause}", f"QUALITY_NOT_READABLE_{cause}") for cause in QualityCause),
)


def quality_form(visible: Visible, visit: Timepoint) -> tuple[FormView, ...]:
    """How well each series can be read, which nobody has to say, and which demanded images are missing."""
    demanded = demanded_modalities(visible.protocol, visit)
    missing = missing_modalities(visit, demanded)
    unreadable = unreadable_modalities(visible.read, visit, demanded)
    if not visit.stacks and not missing:
        return ()
    items = tuple(
        ItemView(
            form=QUALITY,
            item=key,
            name=series_name(stack),
            choices=tuple((value, sentence(code)) for value, code in CHOICES),
            answer=choice_of(visible.read, visit, key),
            optional=True,
            stack=key,
        )
        for key, stack in visit.stacks.items()
    )
    lines = [
        sentence(code, {"modalities": ", ".join(words)})
        for code, words in (("UI_QUALITY_MISSING", missing), ("UI_QUALITY_UNREADABLE", unreadable))
        if words
    ]
    return (FormView(key=QUALITY, title=sentence("UI_FORM_QUALITY"), items=items, warnings=tuple(lines)),)


def choice_of(read: Read, timepoint: Timepoint, stack: str) -> str:
    """Value of the choice of a series; empty where nobody has said how well it can be read."""
    said = quality_said(read, timepoint)
    return choice(said[stack], read.visit_at(timepoint.id).quality[stack].reason) if stack in said else ""


def choice(quality: Quality, cause: str) -> str:
    """Value of a choice of the list.

    >>> choice(Quality.NOT_READABLE, "METAL"), choice(Quality.OPTIMAL, "")
    ('NOT_READABLE/METAL', 'OPTIMAL')
    """
    return f"{quality}/{cause}" if quality is Quality.NOT_READABLE else quality.value


def chosen(value: str) -> tuple[Quality | None, QualityCause | None]:
    """What a choice says; nothing for an empty one."""
    quality, _, cause = value.partition("/")
    return Quality(quality) if quality else None, QualityCause(cause) if cause else None
