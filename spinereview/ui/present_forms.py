"""From a read and its assessments to the words of its forms: epidural compression, treated sites, eligibility. No Qt."""

from __future__ import annotations

from collections.abc import Iterable

from spinereview.criteria.escc_values import Grade
from spinereview.criteria.evidence.eligibility import FORM as ELIGIBILITY
from spinereview.criteria.evidence.escc import ANSWERS as ESCC_ANSWERS
from spinereview.criteria.evidence.escc import BELOW_CONUS, IMAGES, REST, UNREMARKABLE, given_of, graded_levels, said
from spinereview.criteria.evidence.escc import FORM as ESCC
from spinereview.criteria.evidence.escc import GRADE as ESCC_GRADE
from spinereview.criteria.evidence.spino import ANSWERS as SPINO_ANSWERS
from spinereview.criteria.evidence.spino import FORM as SPINO
from spinereview.criteria.evidence.spino import SpineSite, answers_at, form_of, judged_at, sites_of
from spinereview.domain.anatomy import Level
from spinereview.domain.assessment import Assessment, Reason
from spinereview.domain.case import Timepoint
from spinereview.domain.imaging import Id
from spinereview.domain.read import Lock
from spinereview.domain.scores import Answer, LevelFinding
from spinereview.domain.table import Table
from spinereview.report.words import item_name
from spinereview.review.form_owed import site_items
from spinereview.review.form_suggestions import Suggested, eligibility_suggestions
from spinereview.review.forms_asked import asked, demanded_modalities, demanded_regions, eligibility_items
from spinereview.review.visibility import Visible
from spinereview.text import sentence
from spinereview.ui.panels.forms import FormsView, FormView
from spinereview.ui.panels.items import ItemView
from spinereview.ui.present_coverage import coverage_form
from spinereview.ui.present_quality import quality_form
from spinereview.ui.present_strip import ESCC_TONES

YES, NO = "true", "false"
"""Values of the answers to an item of eligibility, as the panel has them."""
_SPINO_TONES = {"LOCAL_CONTROL": "ok", "LOCAL_PROGRESSION": "bad", "INDETERMINATE": "warn"}
_CONUS = tuple(Level)[tuple(Level).index(Level.L1) :]
"""From here down the reader may say that a level lies below the conus."""


def offers_forms(visible: Visible) -> bool:
    """Whether the protocol has a form of the visit at all."""
    case, protocol = visible.case, visible.protocol
    items = (eligibility_items(protocol, case, timepoint)[0] for timepoint in case.in_order)
    images = any(demanded_regions(protocol, one) or demanded_modalities(protocol, one) for one in case.in_order)
    return images or any(asked(protocol, one, SPINO)[0] for one in case.in_order) or any(items)


def compression_view(visible: Visible, timepoint: Id, level: Level, assessments: Table[Assessment]) -> FormView | None:
    """Compression at a level, with the highest grade and the count of sites; None where nobody asks for it."""
    visit = visible.case.timepoints[timepoint]
    wanted, _ = asked(visible.protocol, visit, ESCC)
    graded = graded_levels(visible.read, visit)
    if level is Level.OCCIPUT or not (wanted or graded):
        return None
    answers = given_of(visible.read.visit_at(timepoint).levels.get(level, LevelFinding()))
    own = assessments.get(f"{timepoint}/escc/{level}")
    all_levels = assessments.get(f"{timepoint}/escc")
    parts = [part for part in (own, all_levels) if part is not None]
    lines = [*_words_of(part.because for part in parts), *_words_of([() if own is None else own.missing])]
    if said(answers, ESCC_GRADE) and not said(answers, IMAGES):
        lines.insert(0, sentence("UI_ESCC_IMAGES_FIRST"))
    outcome = "" if own is None or not said(answers, IMAGES) else _escc_outcome(own)
    return FormView(
        key=ESCC,
        title=sentence("UI_FORM_ESCC"),
        items=tuple(_compression_items(visible, visit, level, answers, any_graded=bool(graded))),
        outcome=outcome,
        tone=ESCC_TONES[Grade(outcome)] if outcome in set(Grade) else "mid",
        lines=tuple(lines),
        warnings=_words_of(part.warnings for part in parts),
    )


def forms_view(visible: Visible, timepoint: Id | None, assessments: Table[Assessment]) -> FormsView:
    """The forms of a visit."""
    visit = None if timepoint is None else visible.case.timepoints.get(timepoint)
    if visit is None:
        return FormsView(empty=sentence("UI_FORMS_NONE"), writable=False)
    forms = (
        *_sites(visible, visit, assessments),
        *_eligibility(visible, visit, assessments),
        *coverage_form(visible, visit),
        *quality_form(visible, visit),
    )
    return FormsView(
        forms=forms,
        visit=_visit_words(visit),
        empty="" if forms else sentence("UI_FORMS_NONE"),
        writable=visible.read.lock_of(visit.id) is not Lock.LOCKED,
    )


def _visit_words(timepoint: Timepoint) -> str:
    """Which visit a timepoint is; nothing where nobody has said."""
    if timepoint.visit is None:
        return ""
    return (
        sentence("UI_FORMS_VISIT", {"visit": timepoint.visit}) if timepoint.visit else sentence("UI_FORMS_UNSCHEDULED")
    )


def _compression_items(
    visible: Visible, visit: Timepoint, level: Level, answers: Table[Answer], *, any_graded: bool
) -> Iterable[ItemView]:
    suggested = _images_before(visible, visit, level)
    for item in (IMAGES, ESCC_GRADE, BELOW_CONUS):
        if item == BELOW_CONUS and level not in _CONUS:
            continue
        yield ItemView(
            form=ESCC,
            item=item,
            name=item_name(ESCC, item),
            choices=_choices(ESCC, item, ESCC_ANSWERS[item]),
            answer=said(answers, item),
            suggested=suggested if item == IMAGES else "",
            because=sentence("UI_ESCC_IMAGES_BEFORE") if item == IMAGES and suggested else "",
            optional=item == BELOW_CONUS or (item == ESCC_GRADE and said(answers, IMAGES) == "OTHER"),
        )
    if any_graded:
        rest = visible.read.visits[visit.id].patient_scores.get(ESCC, Table[Answer]())
        yield ItemView(
            form=ESCC,
            item=REST,
            name=item_name(ESCC, REST),
            choices=((UNREMARKABLE, sentence("UI_CHOICE_ESCC_REST_UNREMARKABLE")),),
            answer=said(rest, REST),
        )


def _images_before(visible: Visible, visit: Timepoint, level: Level) -> str:
    """Images on which another level of the visit was graded."""
    levels = visible.read.visit_at(visit.id).levels
    others = (given_of(finding) for key, finding in levels.items() if key != level)
    return next((said(answers, IMAGES) for answers in others if said(answers, IMAGES)), "")


def _escc_outcome(own: Assessment) -> str:
    return sentence("UI_ESCC_NE") if own.outcome == "NE" else own.outcome


def _sites(visible: Visible, visit: Timepoint, assessments: Table[Assessment]) -> tuple[FormView, ...]:
    wanted, _ = asked(visible.protocol, visit, SPINO)
    sites = sites_of(visible.read, visible.case)
    if not wanted:
        return ()
    if not sites:
        return (FormView(key=SPINO, title=sentence("UI_FORM_SPINO_NONE"), lines=(sentence("UI_SPINO_NO_SITE"),)),)
    return tuple(_site(visible, visit, site, assessments) for site in sites)


def _site(visible: Visible, visit: Timepoint, site: SpineSite, assessments: Table[Assessment]) -> FormView:
    key = form_of(site.id)
    levels = f" ({', '.join(site.levels)})" if site.levels else ""
    title = sentence("UI_FORM_SPINO", {"site": f"{site.label}{levels}"})
    if not judged_at(visible.case, visit, visible.protocol):
        return FormView(key=key, title=title, lines=(sentence("UI_SPINO_BASELINE"),))
    answers = answers_at(visible.read, site, visit)
    items = tuple(
        ItemView(
            form=key,
            item=item,
            name=item_name(SPINO, item),
            choices=_choices(SPINO, item, SPINO_ANSWERS[item]),
            answer=said(answers, item),
        )
        for item in site_items(visible.read, site, visit, visible.protocol)
    )
    answer = assessments.get(f"{visit.id}/spino/{site.label}")
    if answer is None:
        return FormView(key=key, title=title, items=items, lines=(sentence("UI_SPINO_HIDDEN"),))
    unsaid = answer.outcome == "NE" and bool(answer.missing)
    return FormView(
        key=key,
        title=title,
        items=items,
        outcome="–" if unsaid else sentence(f"UI_SPINO_{answer.outcome}"),
        tone=_SPINO_TONES.get(answer.outcome, "mid"),
        lines=(*_words_of([answer.because]), *_words_of([answer.missing])),
        warnings=_words_of([answer.warnings]),
    )


def _eligibility(visible: Visible, visit: Timepoint, assessments: Table[Assessment]) -> tuple[FormView, ...]:
    items, _ = eligibility_items(visible.protocol, visible.case, visit)
    answers = visible.read.visit_at(visit.id).patient_scores.get(ELIGIBILITY, Table[Answer]())
    if not items:
        return ()
    suggested = eligibility_suggestions(visible.read, visit, visible.protocol, assessments)
    views = tuple(_eligibility_item(item, answers.get(item), suggested.get(item)) for item in items)
    count = sum(bool(view.answer) for view in views)
    args = {"count": str(count), "all": str(len(views))}
    unsaid = [view.name for view in views if not view.answer]
    lines = (sentence("UI_NOT_ASSESSED", {"items": "; ".join(unsaid)}),) if unsaid else ()
    return (
        FormView(
            key=ELIGIBILITY,
            title=sentence("UI_FORM_ELIGIBILITY"),
            items=views,
            outcome=sentence("UI_FORM_ANSWERED", args),
            tone="warn" if unsaid else "ok",
            lines=lines,
        ),
    )


def _eligibility_item(item: str, answer: Answer | None, found: Suggested | None) -> ItemView:
    return ItemView(
        form=ELIGIBILITY,
        item=item,
        name=item_name(ELIGIBILITY, item),
        choices=((YES, sentence("UI_YES")), (NO, sentence("UI_NO"))),
        answer="" if answer is None else _flag(answer.value is True),
        suggested="" if found is None else _flag(found.value),
        because="" if found is None else sentence(found.code, found.args),
    )


def _flag(value: bool) -> str:
    return YES if value else NO


def _choices(form: str, item: str, values: Iterable[str]) -> tuple[tuple[str, str], ...]:
    return tuple((str(value), sentence(f"UI_CHOICE_{form}_{item}_{str(value).upper()}")) for value in values)


def _words_of(listed: Iterable[Iterable[Reason]]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(sentence(one.code, one.args) for reasons in listed for one in reasons))
