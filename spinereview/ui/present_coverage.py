"""The words of the form on coverage: each region that the visit demands, and whether it was scanned. No Qt."""

from __future__ import annotations

from spinereview.criteria.evidence.coverage import FORM as COVERAGE
from spinereview.criteria.evidence.coverage import Coverage, coverage_said, covered_by, states_all
from spinereview.domain.case import Timepoint
from spinereview.domain.read import Read
from spinereview.review.forms_asked import demanded_regions
from spinereview.review.visibility import Visible
from spinereview.text import sentence
from spinereview.ui.panels.forms import FormView
from spinereview.ui.panels.items import ItemView

_CHOICES = tuple((one.value, f"UI_CHOICE_COVERAGE_{one}") for one in Coverage)


def coverage_form(visible: Visible, visit: Timepoint) -> tuple[FormView, ...]:
    """One row a demanded region; no form where the visit demands none.

    What every stack states needs no answer: the row then shows what follows from it, and the reader may say otherwise.
    """
    regions = demanded_regions(visible.protocol, visit)
    if not regions:
        return ()
    items = tuple(_region(visible.read, visit, region) for region in regions)
    unsaid = [one.name for one in items if not one.answer and not one.optional]
    args = {"count": str(len(items) - len(unsaid)), "all": str(len(items))}
    return (
        FormView(
            key=COVERAGE,
            title=sentence("UI_FORM_COVERAGE"),
            items=items,
            outcome=sentence("UI_FORM_ANSWERED", args),
            tone="warn" if unsaid else "ok",
            lines=(sentence("UI_COVERAGE_UNSAID", {"items": "; ".join(unsaid)}),) if unsaid else (),
        ),
    )


def _region(read: Read, visit: Timepoint, region: str) -> ItemView:
    said = coverage_said(read, visit).get(region)
    covered = region.upper() in covered_by(visit)
    known = covered or states_all(visit)
    found = Coverage.COVERED if covered else Coverage.NOT_SCANNED
    return ItemView(
        form=COVERAGE,
        item=region,
        name=region,
        choices=tuple((value, sentence(code)) for value, code in _CHOICES),
        answer="" if said is None else said.value,
        suggested=found.value if known else "",
        because=sentence(f"UI_COVERAGE_STATED_{found}") if known else "",
        optional=known,
    )
