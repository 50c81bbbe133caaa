"""The response that each visit had by itself and what went before, beside the one that later visits make of it.

A lesion that was equivocal and is confirmed later was new at the first scan that showed it, and progression has the date of
that scan (RECIST 1.1, 4.3.5); a complete response may turn out to have been partial (Table 3, footnote). The response that
a blinded reader locked stays what it was: what changed is said beside it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from spinereview.criteria.recist.after_cr import Flag
from spinereview.criteria.recist.assess import assess
from spinereview.criteria.recist.new_lesion import RULE, is_backdated
from spinereview.criteria.recist.settings import Settings
from spinereview.criteria.recist.values import Input
from spinereview.domain.assessment import Assessment, Reason
from spinereview.domain.table import Table

_CHANGED = frozenset({Flag.CR_AMENDED.value, Flag.PD_DATED_BACK.value})


def looks_ahead(answers: Mapping[str, Assessment]) -> bool:
    """Whether an answer of :func:`assess` rests on a later visit; else each is the one of its own time."""
    return any(_later_words(answer) for answer in answers.values())


def assess_as_locked(given: Input, settings: Settings) -> Table[Assessment]:
    """Answers of :func:`assess`, of each visit as they are without the later ones.

    Where a later visit changes the overall response, the warning ``OVERALL_CHANGED_LATER`` names both, the next ones why.
    What the reader is still asked is asked with all that is known.
    """
    now = assess(given, settings)
    if not looks_ahead(now):
        return now
    answers: dict[str, Assessment] = {}
    for at, visit in enumerate(given.visits, start=1):
        then = assess(Input(visits=given.visits[:at]), settings)
        own = {key: answer for key, answer in then.items() if answer.scope[0] == visit.timepoint}
        words = tuple(word for key in own for word in _later_words(now[key]))
        answers |= {key: _noted(answer, now[key], words) for key, answer in own.items()}
    return Table(answers)


def _later_words(answer: Assessment) -> tuple[Reason, ...]:
    """What says in an answer that a later visit made it what it is."""
    return tuple(
        reason for reason in (*answer.because, *answer.warnings) if reason.code in _CHANGED or is_backdated(reason.code)
    )


def _noted(then: Assessment, now: Assessment, words: tuple[Reason, ...]) -> Assessment:
    if then.scope[1] != "overall":
        return then
    then = replace(then, missing=now.missing)
    if then.outcome == now.outcome:
        return then
    args = Table({"outcome": then.outcome, "now": now.outcome})
    changed = Reason(code="OVERALL_CHANGED_LATER", args=args, rule=RULE)
    return replace(then, warnings=(*then.warnings, changed, *words))
