"""An empty table for a clinical record, and what its columns are."""

from __future__ import annotations

from spinereview.domain.clinical import ClinicalEventKind
from spinereview.domain.clinical_items import DAY, ITEMS, QUESTIONNAIRE_ITEMS
from spinereview.report.clinical_words import allowed_words, event_name, item_name
from spinereview.text import sentence
from spinereview.workflow.clinical_rows import COLUMNS, PLACES


def heading() -> str:
    """First line of a table with every column."""
    return ",".join(COLUMNS) + "\n"


def explained() -> str:
    """Every column, with what it may be; below, the events."""
    width = max(map(len, COLUMNS)) + 2
    lines = [sentence("TEMPLATE_HEAD"), ""]
    lines += [f"{column:{width}}{sentence('COLUMN_' + column.upper())}" for column in PLACES]
    lines.append("")
    short = [item for item in ITEMS if item not in QUESTIONNAIRE_ITEMS and item != DAY]
    for item in (*short, *QUESTIONNAIRE_ITEMS):
        lines.append(f"{item.lower():{width}}{item_name(item)}: {allowed_words(item)}")
    lines += ["", sentence("TEMPLATE_EVENTS"), ""]
    lines += [f"{kind.value:{width + 4}}{event_name(kind)}" for kind in ClinicalEventKind]
    return "\n".join(lines) + "\n"
