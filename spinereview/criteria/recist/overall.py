"""Overall response of a timepoint: RECIST 1.1 (Eisenhauer 2009), Tables 1 and 2, row by row.

What follows a complete response is resolved in :mod:`spinereview.criteria.recist.after_cr`.
"""

from __future__ import annotations

from spinereview.criteria.recist.values import NewLesions, NonTargetResponse, OverallResponse, TargetResponse

TABLE_1 = "RECIST 1.1 (Eisenhauer 2009), Table 1"
TABLE_2 = "RECIST 1.1 (Eisenhauer 2009), Table 2"

T, N, R = TargetResponse, NonTargetResponse, OverallResponse

WITH_TARGETS: dict[tuple[TargetResponse, NonTargetResponse], OverallResponse] = {
    (T.CR, N.CR): R.CR,
    (T.CR, N.NA): R.CR,
    (T.CR, N.NON_CR_NON_PD): R.PR,
    (T.CR, N.NE): R.PR,
    (T.PR, N.CR): R.PR,
    (T.PR, N.NON_CR_NON_PD): R.PR,
    (T.PR, N.NE): R.PR,
    (T.PR, N.NA): R.PR,
    (T.SD, N.CR): R.SD,
    (T.SD, N.NON_CR_NON_PD): R.SD,
    (T.SD, N.NE): R.SD,
    (T.SD, N.NA): R.SD,
    (T.NE, N.CR): R.NE,
    (T.NE, N.NON_CR_NON_PD): R.NE,
    (T.NE, N.NE): R.NE,
    (T.NE, N.NA): R.NE,
}
"""Table 1, without progression and without new lesions; a patient with target lesions at baseline."""

WITHOUT_TARGETS: dict[NonTargetResponse, OverallResponse] = {
    N.CR: R.CR,
    N.NON_CR_NON_PD: R.NON_CR_NON_PD,
    N.NE: R.NE,
    N.NA: R.NED,
}
"""Table 2, without progression and without new lesions; the last row is ours: the paper has none."""


def overall_response(
    target: TargetResponse, non_target: NonTargetResponse, new: NewLesions
) -> tuple[OverallResponse, str]:
    """Response of a timepoint, and the table that it stands in.

    An equivocal new lesion counts as none at this visit. ``NE`` of the new lesions says that a region which the protocol
    demands was not scanned: whether there are any cannot be said, unless there is progression (our reading).

    >>> overall_response(TargetResponse.CR, NonTargetResponse.NE, NewLesions.NO)
    (<OverallResponse.PR: 'PR'>, 'RECIST 1.1 (Eisenhauer 2009), Table 1')
    """
    table = TABLE_2 if target is T.NA else TABLE_1
    if new is NewLesions.YES or target is T.PD or non_target is N.PD:
        return R.PD, table
    if new is NewLesions.NE:
        return R.NE, table
    return (WITHOUT_TARGETS[non_target] if target is T.NA else WITH_TARGETS[target, non_target]), table
