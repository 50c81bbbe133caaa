"""From the assessments of a timepoint to the words of the response panel. No Qt."""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal

from spinereview.criteria.recist.after_cr import may_be_residual
from spinereview.criteria.recist.percent import mm_text, signed
from spinereview.criteria.recist.settings import Settings
from spinereview.criteria.recist.timepoint import UNDECIDED, decisions_asked
from spinereview.criteria.recist.values import BASELINE, INCOMPLETE
from spinereview.domain.assessment import Assessment, Reason
from spinereview.domain.case import Timepoint
from spinereview.domain.imaging import Id, Ref
from spinereview.domain.measurement import OnImage
from spinereview.domain.table import Table
from spinereview.review.commands.decisions import ANSWERS
from spinereview.review.timepoints import has_begun, is_final
from spinereview.review.visibility import Visible
from spinereview.text import sentence
from spinereview.ui.panels.response import Branch, Choice, Figure, Question, ResponseView, TreeLine
from spinereview.ui.present import SHORT, TONES

NONE = "–"


def response_view(
    visible: Visible, current: Id | None, assessments: Table[Assessment], settings: Settings
) -> ResponseView:
    """Response of the current timepoint, or the sentence that says why none is shown."""
    timepoint = visible.case.timepoints.get(current) if current is not None else None
    if timepoint is None:
        return ResponseView()
    if not visible.shows_response(timepoint.id):
        return ResponseView(
            outcome=NONE,
            title=sentence("UI_RESPONSE_HIDDEN_TITLE"),
            timepoint=timepoint.label,
            summary=sentence("UI_RESPONSE_HIDDEN"),
        )
    target = assessments.get(f"{timepoint.id}/target")
    overall = assessments.get(f"{timepoint.id}/overall")
    if target is None or overall is None or not has_begun(visible.read, timepoint):
        return ResponseView(outcome=NONE, title=sentence("UI_RESPONSE_NONE"), timepoint=timepoint.label)
    others = [assessments.get(f"{timepoint.id}/{part}") for part in ("non_target", "new")]
    parts = [target, *(part for part in others if part is not None), overall]
    first = BASELINE in (target.outcome, overall.outcome)
    shown = target if first else overall
    asked = _asked(visible, timepoint, overall, settings)
    headline = _headline(target, overall)
    return ResponseView(
        outcome=SHORT.get(shown.outcome, NONE),
        tone=TONES.get(shown.outcome, "mid"),
        title=_title(visible, timepoint, overall),
        timepoint=timepoint.label,
        figures=_figures(target),
        summary=" ".join(_plain(reason) for reason in headline),
        questions=asked,
        branches=tuple(_branch(visible, timepoint, part, headline) for part in (overall, *parts[:-1])),
        warnings=_said(one for part in parts for one in part.warnings),
        missing=_said(one for part in parts for one in part.missing if not asked or one.code not in UNDECIDED),
        current=timepoint.id,
    )


def _said(reasons: Iterable[Reason]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(_plain(one) for one in reasons))


def _title(visible: Visible, timepoint: Timepoint, overall: Assessment) -> str:
    name = sentence(f"UI_RESPONSE_{overall.outcome}")
    final = is_final(visible.read, visible.case, timepoint) or overall.outcome in {BASELINE, INCOMPLETE}
    return name if final else sentence("UI_RESPONSE_PROVISIONAL", {"response": name})


def _headline(target: Assessment, overall: Assessment) -> tuple[Reason, ...]:
    """What is said first: the sum and its limits; how the whole came about, where that is more than the targets."""
    if overall.outcome in {BASELINE, INCOMPLETE} or overall.outcome == target.outcome:
        return target.because
    return overall.because


def _plain(reason: Reason) -> str:
    """Sentence of a reason, with words for the outcomes that it names."""
    if not reason.code.startswith("OVERALL"):
        return sentence(reason.code, reason.args)
    return sentence(reason.code, {name: _short(value) for name, value in reason.args.items()})


def _short(outcome: str) -> str:
    return SHORT.get(outcome) or sentence(f"UI_RESPONSE_SHORT_{outcome}")


def _figures(target: Assessment) -> tuple[Figure, ...]:
    """Sum, baseline and nadir with the changes against them, each line whether or not it has a number; at first the sum."""
    values = target.values
    summed = Figure(sentence("UI_RESPONSE_SUM"), (_mm(values.get("sum_mm")), "", ""))
    if "nadir_mm" not in values:
        return (summed,)
    at = target.because[0].args.get("at", "") if target.because else ""
    near = {one.code for one in target.warnings}
    nadir = sentence("UI_RESPONSE_NADIR_AT", {"visit": at}) if at and values.get("nadir_mm") is not None else ""
    rise = values.get("change_nadir_mm")
    return (
        summed,
        Figure(
            sentence("UI_RESPONSE_BASELINE_SUM"),
            (_mm(values.get("baseline_sum_mm")), _pct(values, "change_baseline_pct", "baseline_sum_mm"), ""),
            "warn" if "BOUNDARY_BASELINE" in near else "hi",
        ),
        Figure(
            nadir or sentence("UI_RESPONSE_NADIR"),
            (
                _mm(values.get("nadir_mm")),
                _pct(values, "change_nadir_pct", "nadir_mm"),
                NONE if rise is None else f"{signed(rise.normalize())} mm",
            ),
            "warn" if "BOUNDARY_NADIR" in near else "hi",
        ),
    )


def _mm(value: Decimal | None) -> str:
    return NONE if value is None else f"{mm_text(value)} mm"


def _pct(values: Table[Decimal | None], change: str, base: str) -> str:
    found = values.get(change)
    if found is not None:
        return f"{signed(found)} %"
    return sentence("UI_RESPONSE_NOT_APPLICABLE") if values.get(base) == 0 else NONE


def _branch(visible: Visible, timepoint: Timepoint, part: Assessment, said: tuple[Reason, ...]) -> Branch:
    """A part: why, unless that has been said, its lesions, its rules."""
    kind = part.scope[1]
    lines: list[TreeLine] = []
    for reason in part.because:
        if kind == "new":
            lines.append(_line(visible, timepoint, reason))
            continue
        if reason not in said:
            lines.append(TreeLine(_plain(reason)))
        lines.extend(_line(visible, timepoint, below) for below in reason.because)
    rules = [reason.rule for reason in part.because] + [one.rule for reason in part.because for one in reason.because]
    return Branch(
        name=sentence(f"UI_RESPONSE_PART_{kind.upper()}"),
        outcome=_outcome(part),
        tone=TONES.get(part.outcome, "bad" if part.outcome == "YES" else "mid"),
        lines=tuple(lines),
        rules=tuple(dict.fromkeys(rule for rule in rules if rule)),
    )


def _outcome(part: Assessment) -> str:
    if part.outcome in {BASELINE, "NA"}:
        return ""
    return _short(part.outcome)


def _line(visible: Visible, timepoint: Timepoint, reason: Reason) -> TreeLine:
    text = sentence(reason.code, reason.args)
    lesion = _lesion_of(reason.refs)
    if lesion is None or lesion not in visible.read.lesions:
        return TreeLine(text)
    return TreeLine(text, lesion, _image_text(visible, timepoint, lesion))


def _lesion_of(refs: tuple[Ref, ...]) -> Id | None:
    ref = refs[0] if len(refs) == 1 else ()
    return Id(ref[1]) if len(ref) > 1 and ref[0] == "lesions" else None


def _image_text(visible: Visible, timepoint: Timepoint, lesion: Id) -> str:
    """Modality and number of the image that a lesion was measured on; empty where it was not drawn."""
    finding = visible.read.lesions[lesion].findings.get(timepoint.id)
    for measurement in () if finding is None else finding.parts.values():
        geometry = measurement.geometry
        if isinstance(geometry, OnImage) and geometry.image.stack in timepoint.stacks:
            stack = timepoint.stacks[geometry.image.stack]
            drawn_on = (geometry.image.sop_uid, geometry.image.frame)
            if drawn_on in stack.images:
                words = {"modality": stack.modality, "number": str(stack.images.index(drawn_on) + 1)}
                return sentence("UI_RESPONSE_IMAGE", words)
    return ""


def _asked(visible: Visible, timepoint: Timepoint, overall: Assessment, settings: Settings) -> tuple[Question, ...]:
    """Questions of the response that are open, with the answers and what follows from each."""
    signed_through = visible.read.signed_through
    if signed_through is not None and timepoint.ordinal <= visible.case.timepoints[signed_through].ordinal:
        return ()
    listed = [
        Question(sentence(reason.code, reason.args), _choices(key, timepoint))
        for key, reason in decisions_asked(overall)
    ]
    decided = visible.read.visit_at(timepoint.id).decisions
    if may_be_residual(overall.outcome, settings) and "RESIDUAL_CR" not in decided:
        listed.append(Question(sentence("UI_ASK_RESIDUAL_CR"), _choices("RESIDUAL_CR", timepoint)))
    return tuple(listed)


def _choices(key: str, timepoint: Timepoint) -> tuple[Choice, ...]:
    words = {"timepoint": timepoint.label}
    return tuple(
        Choice(
            key,
            value,
            sentence(f"UI_CHOICE_{key}_{value}"),
            sentence(f"UI_CONSEQUENCE_{key}_{value}", words),
        )
        for value in sorted(ANSWERS[key], reverse=True)
    )
