"""First page: whose read it is, what was found, and how the sums went."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from spinereview.criteria.recist.percent import mm_text, signed
from spinereview.domain.assessment import Assessment
from spinereview.domain.case import Timepoint
from spinereview.domain.lesion import LesionRole
from spinereview.report.facts import ReadFacts
from spinereview.report.markup import Markup, element, table, together
from spinereview.report.timeline import timeline
from spinereview.report.words import DASH, hidden_text, outcome_text, site_text, value_text
from spinereview.review.command import Role
from spinereview.review.labels import label
from spinereview.text import sentence

IN_A_TABLE = 8
"""Most timepoints beside one another; further ones have a table of their own."""
_CHANGES = (
    ("REPORT_CHANGE_BASELINE", "%", "change_baseline_pct"),
    ("REPORT_CHANGE_NADIR", "%", "change_nadir_pct"),
    ("REPORT_CHANGE_NADIR", "mm", "change_nadir_mm"),
)


def front(facts: ReadFacts) -> Markup:
    """Subject, protocol, reader; responses; lesions with sums and changes; the timeline."""
    drawn = timeline(facts)
    figure = () if drawn is None else (
        element("h2", sentence("REPORT_TIMELINE")),
        element("figure", drawn[0], element("figcaption", drawn[1]), class_="wide"),
    )  # fmt: skip
    return element("section", *_title(facts), *_responses(facts), *_lesions(facts), *figure, class_="front")


def day_text(facts: ReadFacts, timepoint: Timepoint) -> str:
    """Label of a timepoint, with the date of its images where that may be shown."""
    date = facts.dates.get(timepoint.id, "")
    return f"{timepoint.label}, {date}" if date else timepoint.label


def utc_text(utc: str) -> str:
    """Time of an event, to the minute: ``2026-11-24 14:02 UTC``."""
    return f"{utc[:16].replace('T', ' ')} UTC" if utc else DASH


def _title(facts: ReadFacts) -> Iterator[Markup]:
    read = facts.read
    through = facts.case.timepoints.get(read.signed_through or "")
    state = sentence("REPORT_UNSIGNED") if through is None else sentence("REPORT_SIGNED", {"timepoint": through.label})
    yield element("h1", sentence("REPORT_TITLE", {"subject": facts.subject}))
    entries = (
        ("REPORT_PROTOCOL", facts.protocol),
        ("REPORT_READER", f"{facts.reader}, {sentence(f'REPORT_PURPOSE_{read.purpose}')}"),
        ("REPORT_STATE", state),
        (
            "REPORT_AS_OF",
            f"{sentence('REPORT_EVENT', {'number': str(facts.trail.sequence)})}, {utc_text(facts.trail.utc)}",
        ),
    )
    cells = [element("div", element("dt", sentence(name)), element("dd", text)) for name, text in entries]
    yield element("dl", *cells, class_="about")


def _responses(facts: ReadFacts) -> Iterator[Markup]:
    yield element("h2", sentence("REPORT_RESPONSES"))
    names = ("REPORT_TARGET", "REPORT_NON_TARGET", "REPORT_NEW", "REPORT_OVERALL")
    dated = any(facts.dates.values())
    head = [sentence("REPORT_TIMEPOINT"), *([sentence("REPORT_DATE")] if dated else []), sentence("REPORT_LOCK")]
    rows = [_response(facts, timepoint, dated=dated) for timepoint in facts.case.in_order]
    yield table([*head, *(sentence(name) for name in names)], rows, class_="responses")


def _response(facts: ReadFacts, timepoint: Timepoint, *, dated: bool) -> list[str]:
    lock = sentence(f"REPORT_LOCK_{facts.read.lock_of(timepoint.id)}")
    first = [timepoint.label, *([facts.dates.get(timepoint.id) or DASH] if dated else []), lock]
    if not facts.seen.shows_response(timepoint.id):
        return [*first, *[hidden_text(facts)] * 4]
    answers = [facts.at(timepoint, name) for name in ("target", "non_target", "new", "overall")]
    *parts, overall = [DASH if answer is None else outcome_text(answer.outcome) for answer in answers]
    return [*first, *parts, element("strong", overall)]


def _lesions(facts: ReadFacts) -> Iterator[Markup]:
    yield element("h2", sentence("REPORT_LESIONS"))
    if not facts.lesions:
        author = facts.seen.role is Role.READER
        yield element("p", sentence("REPORT_NO_LESIONS" if author else "REPORT_NO_LESIONS_SEEN"))
        return
    timepoints = facts.case.in_order
    for start in range(0, len(timepoints), IN_A_TABLE):
        shown = timepoints[start : start + IN_A_TABLE]
        head = (sentence("REPORT_LESION"), sentence("REPORT_SITE"), *(one.label for one in shown))
        yield table(head, [*_values(facts, shown), *_sums(facts, shown)], class_="lesions")


def _values(facts: ReadFacts, shown: Sequence[Timepoint]) -> Iterator[list[str]]:
    for lesion in facts.lesions:
        role = sentence(f"REPORT_ROLE_{lesion.role}")
        yield [label(lesion), f"{site_text(lesion)}, {role}", *(value_text(facts, lesion, one) for one in shown)]


def _sums(facts: ReadFacts, shown: Sequence[Timepoint]) -> Iterator[list[str]]:
    """Sum of the targets and how it changed; a timepoint whose response is hidden says so."""
    if not any(lesion.role is LesionRole.TARGET for lesion in facts.lesions):
        return
    answers = [(one, facts.at(one, "target")) for one in shown]
    yield [
        element("strong", sentence("UI_SUM_OF_TARGETS")),
        "mm",
        *(_sum(facts, one, answer) for one, answer in answers),
    ]
    for name, unit, key in _CHANGES:
        yield [sentence(name), unit, *(_change(answer, key) for _, answer in answers)]


def _sum(facts: ReadFacts, timepoint: Timepoint, answer: Assessment | None) -> Markup:
    if answer is None and not facts.seen.shows_response(timepoint.id):
        return together(hidden_text(facts))
    value = None if answer is None else answer.values.get("sum_mm")
    return element("strong", DASH if value is None else mm_text(value))


def _change(answer: Assessment | None, key: str) -> str:
    value = None if answer is None else answer.values.get(key)
    return DASH if value is None else signed(value)
