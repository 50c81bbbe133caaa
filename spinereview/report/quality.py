"""How well the series can be read, and whether each visit has the images that the protocol demands."""

from __future__ import annotations

from collections.abc import Iterator

from spinereview.criteria.evidence.coverage import missing_regions
from spinereview.criteria.evidence.quality import missing_modalities, quality_said, unreadable_modalities
from spinereview.domain.case import Timepoint
from spinereview.domain.imaging import Stack
from spinereview.report.facts import ReadFacts
from spinereview.report.markup import Markup, element, table
from spinereview.review.forms_asked import demanded_modalities, demanded_regions
from spinereview.text import sentence


def series_name(stack: Stack) -> str:
    """What a series is, without the words of its description, which may name a hospital."""
    plane = sentence(f"UI_PLANE_NAME_{stack.plane}") if stack.plane else ""
    distance = "" if stack.slice_interval_mm is None else f"{stack.slice_interval_mm.normalize():f} mm"
    count = sentence("SERIES_IMAGES" if len(stack.images) > 1 else "SERIES_IMAGE", {"count": str(len(stack.images))})
    parts = (f"{stack.modality} {plane}".strip(), stack.role, distance, count)
    return ", ".join(part for part in parts if part)


def quality_rows(facts: ReadFacts) -> Iterator[tuple[Timepoint, Stack, str, str]]:
    """Timepoint, series, quality and cause of each series that was judged, in the order of the case."""
    for timepoint in facts.case.in_order:
        answers = facts.read.visit_at(timepoint.id).quality
        for key, said in quality_said(facts.read, timepoint).items():
            yield timepoint, timepoint.stacks[key], said.value, answers[key].reason


def lacking(facts: ReadFacts, timepoint: Timepoint) -> tuple[tuple[str, ...], tuple[str, ...], tuple[str, ...]]:
    """Of what the protocol demands at a visit: kinds of images that are missing, or not readable; regions not scanned."""
    protocol = facts.seen.protocol
    demanded, places = demanded_modalities(protocol, timepoint), demanded_regions(protocol, timepoint)
    regions = tuple(one for one in missing_regions(facts.read, timepoint) if one in places)
    missing = missing_modalities(timepoint, demanded)
    return missing, unreadable_modalities(facts.read, timepoint, demanded), regions


def quality(facts: ReadFacts) -> Iterator[Markup]:
    """A table of the series that were judged, and a line for each visit that lacks demanded images."""
    rows = [
        [
            timepoint.label,
            series_name(stack),
            sentence(f"QUALITY_{said}_{cause}" if cause else f"QUALITY_{said}"),
        ]
        for timepoint, stack, said, cause in quality_rows(facts)
    ]
    if rows:
        head = [sentence(f"REPORT_{name}") for name in ("TIMEPOINT", "SERIES", "QUALITY")]
        yield table(head, rows, sentence("REPORT_QUALITY_TABLE"), "quality")
    for timepoint in facts.case.in_order:
        missing, unreadable, _ = lacking(facts, timepoint)
        for code, words in (("REPORT_KINDS_MISSING", missing), ("REPORT_KINDS_UNREADABLE", unreadable)):
            if words:
                yield element("p", sentence(code, {"timepoint": timepoint.label, "modalities": ", ".join(words)}))
