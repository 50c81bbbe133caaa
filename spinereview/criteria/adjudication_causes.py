"""What a disagreement seems to come from, as far as two results tell; the adjudicator confirms it or says another.

The codes are those of blinded central review (Ford 2016, J Clin Trials 6(5)); how they follow from results is our reading.
"""

from __future__ import annotations

from spinereview.criteria.recist.values import OverallResponse
from spinereview.criteria.responses import PdCause
from spinereview.domain.adjudication import Cause

_BY_TARGETS = frozenset({OverallResponse.PR, OverallResponse.SD})
"""Between these two only the sums of the target lesions decide (RECIST 1.1, Table 1)."""


def of_targets(*, same_targets: bool | None) -> Cause:
    """Different targets; or the same ones measured differently; or it is not known whether they are the same."""
    if same_targets is None:
        return Cause.UNCLEAR
    return Cause.MEASUREMENT if same_targets else Cause.LESION_SELECTION


def of_pd(causes: frozenset[PdCause], *, same_targets: bool | None) -> tuple[Cause, ...]:
    """Causes of a progression that one read has and the other has not.

    >>> [cause.value for cause in of_pd(frozenset({PdCause.NEW_LESION, PdCause.TARGET}), same_targets=True)]
    ['MEASUREMENT', 'NEW_LESION']
    """
    named = {
        PdCause.TARGET: of_targets(same_targets=same_targets),
        PdCause.NON_TARGET: Cause.NON_TARGET,
        PdCause.NEW_LESION: Cause.NEW_LESION,
    }
    return tuple(named[cause] for cause in PdCause if cause in causes) or (Cause.UNCLEAR,)


def of_response(
    a: OverallResponse, b: OverallResponse, pd_causes: frozenset[PdCause], *, same_targets: bool | None
) -> tuple[Cause, ...]:
    """Of two best responses."""
    both = {a, b}
    if OverallResponse.PD in both:
        return of_pd(pd_causes, same_targets=same_targets)
    if OverallResponse.NE in both:
        return (Cause.IMAGE_QUALITY,)
    if OverallResponse.NON_CR_NON_PD in both or OverallResponse.NED in both:
        return (Cause.LESION_SELECTION,)
    return (of_targets(same_targets=same_targets),) if both <= _BY_TARGETS else (Cause.UNCLEAR,)


def of_scores(words: frozenset[str], otherwise: Cause) -> tuple[Cause, ...]:
    """Of two words of a score: not evaluable for one of them, equivocal for one of them, or what the score rests on."""
    if "NE" in words:
        return (Cause.IMAGE_QUALITY,)
    return (Cause.JUDGEMENT,) if "EQUIVOCAL" in words else (otherwise,)
