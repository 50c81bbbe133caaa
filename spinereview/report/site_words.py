"""Treated sites as people read them: in the list of the window, on the command line, in the report."""

from __future__ import annotations

from spinereview.domain.case import TreatedSite
from spinereview.review.level_text import levels_text
from spinereview.text import sentence


def words_of_site(site: TreatedSite) -> str:
    """A treated site in a line: id, where it lies, what is done there."""
    parts = [
        levels_text(site.site.levels),
        site.site.location,
        site.intent,
        *(
            sentence(code, {"levels": levels_text(tuple(levels))})
            for code, levels in (
                ("SITE_RESECTED", site.resected),
                ("SITE_INSTRUMENTED", site.instrumented),
                ("SITE_ADJACENT", site.adjacent),
            )
            if levels
        ),
    ]
    return f"{site.id}: {', '.join(part for part in parts if part)}"
