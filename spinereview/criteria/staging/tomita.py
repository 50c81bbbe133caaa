"""Tomita's surgical classification (Tomita K et al. Spine 1997) and prognostic score (Spine 2001;26:298).

Both are to be confirmed by a clinician. A missing answer leaves a range: of types the lowest and the highest that it can be,
of the score the fewest and the most points.
"""

from __future__ import annotations

from decimal import Decimal

from spinereview.criteria.staging.points import Item, Scored, scored
from spinereview.criteria.staging.values import (
    CRITERION,
    OWN_RULE,
    TOMITA_RULE,
    TOMITA_SCORE_RULE,
    StagingVisit,
    Tomita,
    TomitaSite,
)
from spinereview.domain.assessment import Assessment, Reason
from spinereview.domain.table import Table

BODY, PEDICLE, LAMINA = TomitaSite.BODY, TomitaSite.PEDICLE, TomitaSite.LAMINA
SKIP_TYPE, ADJACENT_TYPE = 7, 6
GROWTH = {"SLOW": 1, "MODERATE": 2, "RAPID": 4}
VISCERAL = {"NONE": 0, "TREATABLE": 2, "UNTREATABLE": 4}
BONE = {"SOLITARY": 1, "MULTIPLE": 2}
_STRATEGIES = ((3, "WIDE"), (5, "MARGINAL_OR_INTRALESIONAL"), (7, "PALLIATIVE"), (10, "SUPPORTIVE"))


def type_of(sites: frozenset[TomitaSite]) -> int:
    """Type 1 to 5 of the sites in one vertebra; the highest wins.

    Body and lamina without a pedicle are no type of the paper: type 3 (our reading). Epidural or paravertebral tumour alone
    has the type of its site (our reading).

    >>> [type_of(frozenset(map(TomitaSite, names.split()))) for names in ("BODY", "BODY PEDICLE", "BODY LAMINA", "EPIDURAL")]
    [1, 2, 3, 4]
    """
    if TomitaSite.PARAVERTEBRAL in sites:
        return 5
    if TomitaSite.EPIDURAL in sites:
        return 4
    if {BODY, LAMINA} <= sites:
        return 3
    return 2 if len(sites) > 1 else 1


def types_between(given: Tomita) -> tuple[int, int]:
    """Lowest and highest type that is possible."""
    low, high = (1, 5) if given.sites is None else (type_of(given.sites),) * 2
    for answer, number in ((given.adjacent, ADJACENT_TYPE), (given.multiple, SKIP_TYPE)):
        if answer is True:
            low = high = number
        elif answer is None:
            high = number
    return low, high


def assess_tomita(visit: StagingVisit) -> dict[str, Assessment]:
    """Assessment ``"BL/tomita"``: the type as its number, ``NE`` where it is a range; values ``type``, ``low``, ``high``."""
    given = visit.tomita
    if given is None:
        return {}
    low, high = types_between(given)
    args = {"low": str(low), "high": str(high), "sites": ", ".join(sorted(given.sites or ())) or "-"}
    code = f"TOMITA_TYPE_{low}" if low == high else "TOMITA_RANGE"
    missing = {
        "TOMITA_SITES_MISSING": given.sites is None,
        "TOMITA_ADJACENT_MISSING": given.adjacent is None,
        "TOMITA_MULTIPLE_MISSING": given.multiple is None,
    }
    gap = given.sites is not None and {BODY, LAMINA} <= given.sites and PEDICLE not in given.sites
    warnings = (Reason(code="NO_PEDICLE", rule=OWN_RULE, refs=(given.ref,)),) if gap else ()
    answer = Assessment(
        criterion=CRITERION,
        scope=(visit.timepoint, "tomita"),
        outcome=str(low) if low == high else "NE",
        values=Table(
            {"type": Decimal(low) if low == high else None, "low": Decimal(low), "high": Decimal(high)},
        ),
        because=(Reason(code=code, args=Table(args), rule=TOMITA_RULE, refs=(given.ref,)),),
        warnings=warnings,
        missing=tuple(
            Reason(code=word, rule=TOMITA_RULE, refs=(given.ref,))
            for word, lacks in missing.items()
            if lacks and low != high
        ),
    )
    return {f"{visit.timepoint}/tomita": answer}


def strategy(points: int) -> str:
    """Strategy of a total of 2 to 10 points.

    >>> [strategy(points) for points in (3, 4, 7, 8)]
    ['WIDE', 'MARGINAL_OR_INTRALESIONAL', 'PALLIATIVE', 'SUPPORTIVE']
    """
    return next(word for most, word in _STRATEGIES if points <= most)


def assess_tomita_score(visit: StagingVisit) -> dict[str, Assessment]:
    """Assessment ``"BL/tomita_score"``: the strategy; values ``total``, ``low``, ``high`` and the points of each item."""
    given = visit.tomita_score
    if given is None:
        return {}
    answer = scored(
        Scored(
            name="tomita_score",
            rule=TOMITA_SCORE_RULE,
            items=(
                Item(name="growth", points=None if given.growth is None else GROWTH[given.growth], possible=(1, 4)),
                Item(
                    name="visceral",
                    points=None if given.visceral is None else VISCERAL[given.visceral],
                    possible=(0, 4),
                ),
                Item(name="bone", points=None if given.bone is None else BONE[given.bone], possible=(1, 2)),
            ),
            ref=given.ref,
            word=strategy,
        ),
        visit.timepoint,
    )
    return {f"{visit.timepoint}/tomita_score": answer}
