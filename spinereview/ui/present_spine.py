"""From a read and its assessments to the words of the spine panel. No Qt."""

from __future__ import annotations

from decimal import Decimal

from spinereview.criteria.evidence.sins import evidence, spine_levels
from spinereview.criteria.fracture.settings import Settings as FractureSettings
from spinereview.criteria.fracture.values import GRADES, WITHOUT_BODY
from spinereview.criteria.sins import FORM, POINTS, Item, LevelItems, Suggestion, allowed_answers, suggestions
from spinereview.criteria.sins_settings import Settings
from spinereview.domain.anatomy import Level
from spinereview.domain.assessment import Assessment, Reason
from spinereview.domain.case import Case
from spinereview.domain.imaging import Id
from spinereview.domain.read import Lock
from spinereview.domain.scores import Answer, AnswerBasis, LevelFinding
from spinereview.domain.table import Table
from spinereview.review.badges import badges
from spinereview.review.visibility import Visible
from spinereview.text import sentence
from spinereview.ui.panels.items import ItemView
from spinereview.ui.panels.spine import SpineView
from spinereview.ui.present_forms import compression_view
from spinereview.ui.present_strip import score_text

RECORD = "Clinical record of the subject"
TONES = {
    "STABLE": "ok",
    "POTENTIALLY_UNSTABLE": "warn",
    "UNSTABLE": "bad",
    "INDETERMINATE": "warn",
    "DESCRIPTIVE": "mid",
}


def levels_to_score(visible: Visible, case: Case, timepoint: Id | None) -> tuple[Level, ...]:
    """Levels of bone lesions and answers at a timepoint, from the head down."""
    visit = None if timepoint is None else case.timepoints.get(timepoint)
    return () if visit is None else spine_levels(visible.read, visit)


def spine_view(
    visible: Visible, case: Case, timepoint: Id | None, level: Level | None, assessments: Table[Assessment]
) -> SpineView:
    """One level at one timepoint; without a level the first that is to be scored."""
    asked = levels_to_score(visible, case, timepoint)
    level = level or next(iter(asked), None)
    if timepoint is None or level is None:
        return SpineView(category=sentence("UI_SPINE_NO_LEVEL"), writable=False)
    sins = assessments.get(f"{timepoint}/sins/{level}")
    fracture = assessments.get(f"{timepoint}/fracture/{level}")
    finding = visible.read.visit_at(timepoint).levels.get(level, LevelFinding())
    parts = [part for part in (sins, fracture) if part is not None]
    return SpineView(
        level=level.value,
        items=tuple(_items(visible, case, timepoint, level, finding, assessments)),
        facts=tuple((key, sentence(f"UI_FACT_{key.upper()}"), holds) for key, holds in facts_of(finding).items()),
        score="–" if sins is None else score_text(sins.values["low"], sins.values["high"]),
        category="" if sins is None else sentence(f"UI_SINS_{sins.outcome}"),
        tone="mid" if sins is None else TONES[sins.outcome],
        lines=(*_lines(fracture), *_drawn_on(case, finding)),
        warnings=tuple(dict.fromkeys(sentence(one.code, one.args) for part in parts for one in part.warnings)),
        compression=compression_view(visible, timepoint, level, assessments),
        writable=visible.read.lock_of(timepoint) is not Lock.LOCKED,
    )


def facts_of(finding: LevelFinding) -> dict[str, bool]:
    """What is known of a vertebra besides its heights, by the key of the panel."""
    return {
        "hardware": bool(finding.hardware),
        "endplates_hidden": finding.endplates_hidden,
        "resected": finding.resected,
        "fracture_line": bool(finding.fracture_line),
        "not_intact": finding.intact is False,
        "no_fracture": bool(finding.non_fracture_cause),
    }


def answer_of(value: str, suggested: str) -> Answer | None:
    """Answer to keep: what the program suggested is kept with it, taken or overridden."""
    if not value:
        return None
    if not suggested:
        return Answer(value=value, basis=AnswerBasis.JUDGED)
    taken = AnswerBasis.SUGGESTION_ACCEPTED if value == suggested else AnswerBasis.SUGGESTION_OVERRIDDEN
    return Answer(value=value, basis=taken, suggested=suggested)


def _items(
    visible: Visible,
    case: Case,
    timepoint: Id,
    level: Level,
    finding: LevelFinding,
    assessments: Table[Assessment],
) -> list[ItemView]:
    fracture = FractureSettings.parse(visible.protocol.criteria.get("fracture", Table()))
    compare = frozenset({timepoint} if visible.shows_change(timepoint) else ())
    given = evidence(visible.read, case, fracture, compare=compare)
    visit = next((one for one in given.visits if one.timepoint == timepoint), None)
    items = (None if visit is None else visit.levels.get(level)) or LevelItems(level=level)
    settings = Settings.parse(visible.protocol.criteria.get("sins", Table()))
    proposed = {**suggestions(items, settings), **_pain(visible, timepoint)}
    views = []
    for item in Item:
        found = proposed.get(item)
        views.append(
            ItemView(
                form=FORM,
                item=item.value,
                name=sentence(f"UI_SINS_ITEM_{item}"),
                choices=tuple(
                    (value, _words(f"UI_SINS_{item}_{value}", POINTS[item][value]))
                    for value in allowed_answers(level, item)
                ),
                answer=items.answers.get(item, ""),
                suggested="" if found is None else found.value,
                because="" if found is None else sentence(found.reason.code, found.reason.args),
            )
        )
    if level not in WITHOUT_BODY:
        views.append(_grade(finding, assessments.get(f"{timepoint}/fracture/{level}")))
    return views


def _pain(visible: Visible, timepoint: Id) -> dict[Item, Suggestion]:
    """What the clinical record says of the pain, where the protocol shows it and the case has it."""
    visit = visible.case.timepoints.get(timepoint)
    said = None if visit is None else visit.clinical.get("SINS_PAIN")
    if said is None or said.value not in POINTS[Item.PAIN]:
        return {}
    reason = Reason(code="SINS_SUGGESTS_PAIN", args=Table({"value": str(said.value)}), rule=RECORD)
    return {Item.PAIN: Suggestion(value=str(said.value), reason=reason)}


def _words(code: str, points: int) -> str:
    return f"{points}  {sentence(code)}"


def _grade(finding: LevelFinding, fracture: Assessment | None) -> ItemView:
    answer = finding.scores.get("VCF", Table[Answer]()).get("GRADE")
    value: Decimal | None = None if fracture is None else fracture.values.get("suggested_grade")
    because = "" if fracture is None else " ".join(sentence(one.code, one.args) for one in fracture.because)
    return ItemView(
        form="VCF",
        item="GRADE",
        name=sentence("UI_SPINE_GRADE"),
        choices=tuple((str(grade), sentence(f"UI_GENANT_{str(grade).replace('.', '_')}")) for grade in GRADES),
        answer="" if answer is None else str(answer.value),
        suggested="" if value is None else str(value),
        because=because,
    )


def _drawn_on(case: Case, finding: LevelFinding) -> tuple[str, ...]:
    """What kind of image the heights were drawn on, and where its millimetres come from."""
    stacks = [found[1] for key in finding.heights if (found := case.find_stack(Id(key))) is not None]
    words = (", ".join(sentence(note.code, note.args) for note in badges(stack)) for stack in stacks)
    geometry = "; ".join(dict.fromkeys(words))
    return (sentence("UI_SPINE_DRAWN_ON", {"geometry": geometry}),) if geometry else ()


def _lines(fracture: Assessment | None) -> tuple[str, ...]:
    if fracture is None:
        return ()
    values = fracture.values
    lines = [sentence("UI_SPINE_FLAG", {"flag": sentence(f"UI_FRACTURE_{fracture.outcome}")})]
    if values.get("ha_mm") is not None:
        heights = " / ".join(str(values[key]) for key in ("ha_mm", "hm_mm", "hp_mm"))
        lines.append(sentence("UI_SPINE_HEIGHTS", {"heights": heights}))
    lines.extend(sentence(one.code, one.args) for one in fracture.because)
    lines.extend(sentence(one.code, one.args) for one in fracture.missing)
    return tuple(dict.fromkeys(lines))
