"""Words that the window and the report share: where a lesion lies, what its cell in a table says."""

from __future__ import annotations

from spinereview.criteria.recist.percent import mm_text
from spinereview.domain.anatomy import UNSTATED_ORGAN
from spinereview.domain.case import Timepoint
from spinereview.domain.lesion import Lesion, LesionState
from spinereview.report.facts import ReadFacts
from spinereview.review.command import Role
from spinereview.review.level_text import levels_text
from spinereview.text import sentence

DASH = "–"
_MEASURED = frozenset({LesionState.MEASURED, LesionState.SPLIT})


def site_text(lesion: Lesion) -> str:
    """Where a lesion lies, in a line; a question where nobody has said."""
    site = lesion.site
    levels = levels_text(site.levels)
    organ = "" if site.organ == UNSTATED_ORGAN else organ_text(site.organ)
    side = "" if site.laterality is None else sentence(f"UI_SIDE_SHORT_{site.laterality}")
    if organ.casefold() in site.location.casefold():
        organ = ""
    parts = [part for part in (levels, site.location, organ) if part]
    if lesion.nodal and site.organ != "LYMPH NODE":
        parts.append(sentence("UI_NODE"))
    words = " ".join(parts[:2]) if parts else sentence("UI_SITE_MISSING")
    return ", ".join(word for word in (words, side, sentence("UI_SEVERAL") if lesion.group else "") if word)


def organ_text(organ: str) -> str:
    """Words of an organ, a CDISC term; one that no list offers (from another program) stands as it is."""
    code = f"UI_ORGAN_{organ.replace(' ', '_')}"
    words = sentence(code)
    return organ.lower() if words == code else words


def item_name(form: str, item: str) -> str:
    """Name of an item of a form; its code where the program has no words for it."""
    if form == "VCF":
        return sentence("UI_SPINE_GRADE")
    code = f"UI_SINS_ITEM_{item}" if form in {"", "SINS"} else f"UI_ITEM_{form}_{item.upper()}"
    words = sentence(code)
    return item if words == code else words


def outcome_text(code: str) -> str:
    """Word of an outcome: ``PD``, ``Non-CR/Non-PD``, ``baseline``."""
    return sentence(f"REPORT_OUTCOME_{code}")


def hidden_text(facts: ReadFacts) -> str:
    """When what is not shown will be: to a reader after the lock, to everybody else after the signature."""
    return sentence("REPORT_HIDDEN" if facts.seen.role is Role.READER else "REPORT_HIDDEN_UNSIGNED")


def value_text(facts: ReadFacts, lesion: Lesion, timepoint: Timepoint) -> str:
    """Cell of a lesion at a timepoint: millimetres where it was measured, else its state, with the number that it counts as.

    A dash where nothing was said; that it is open stands among what could not be assessed.
    """
    finding = lesion.findings.get(timepoint.id)
    if finding is None:
        return DASH
    value = facts.value(lesion, timepoint, facts.settings)
    number = "" if value.mm is None else mm_text(value.mm)
    if finding.state in _MEASURED:
        return number or sentence("UI_CELL_NO_VALUE")
    state = sentence(f"UI_STATE_NAME_{finding.state}")
    # An absent lesion counts as 0, which its word says already.
    return state if not number or finding.state is LesionState.ABSENT else f"{state} {number}"
