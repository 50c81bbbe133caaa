"""Zones and layers of a tumour in a vertebra: WBB, Boriani S et al. Spine 1997;22:1036.

The paper counts twelve zones clockwise from the spinous process; a variant counts them the other way round. The answer says
which way was counted; zones of one are never made into zones of the other. No score follows from them.
"""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal

from spinereview.criteria.staging.values import CRITERION, OWN_RULE, WBB_RULE, Settings, StagingVisit, WbbLevel
from spinereview.domain.anatomy import from_the_head
from spinereview.domain.assessment import Assessment, Reason
from spinereview.domain.table import Table

RECORDED, NE = "RECORDED", "NE"


def assess_wbb(visit: StagingVisit, settings: Settings) -> dict[str, Assessment]:
    """Assessments ``"BL/wbb/T9"`` of each level and ``"BL/wbb"`` of all.

    The outcome is ``RECORDED``, or ``NE`` where zones or layers are missing. Values: ``zones`` and ``layers``, how many
    (None where missing), and of all levels ``levels``.
    """
    own = {level: _level(visit, one, settings) for level, one in from_the_head(visit.wbb).items()}
    answers = {f"{visit.timepoint}/wbb/{level}": answer for level, answer in own.items()}
    if own:
        answers[f"{visit.timepoint}/wbb"] = _all(visit, own)
    return answers


def _level(visit: StagingVisit, one: WbbLevel, settings: Settings) -> Assessment:
    zones, layers = one.zones, one.layers
    level = one.level.value
    because: list[Reason] = []
    missing: list[Reason] = []
    if zones is None:
        missing.append(Reason(code="WBB_ZONES_MISSING", args=Table({"level": level}), rule=WBB_RULE, refs=(one.ref,)))
    else:
        args = {"level": level, "zones": _text(zones)}
        code = "WBB_ZONES_ORIGINAL" if settings.wbb_direction == "original" else "WBB_ZONES_SOSG"
        because.append(Reason(code=code, args=Table(args), rule=WBB_RULE, refs=(one.ref,)))
    if layers is None:
        missing.append(Reason(code="WBB_LAYERS_MISSING", args=Table({"level": level}), rule=WBB_RULE, refs=(one.ref,)))
    else:
        args = {"level": level, "layers": ", ".join(sorted(layers))}
        because.append(Reason(code="WBB_LAYERS", args=Table(args), rule=WBB_RULE, refs=(one.ref,)))
    return Assessment(
        criterion=CRITERION,
        scope=(visit.timepoint, "wbb", level),
        outcome=NE if missing else RECORDED,
        values=Table(
            {
                "zones": None if zones is None else Decimal(len(zones)),
                "layers": None if layers is None else Decimal(len(layers)),
            }
        ),
        because=tuple(because),
        missing=tuple(missing),
    )


def _text(zones: Iterable[int]) -> str:
    return ", ".join(map(str, sorted(zones)))


def _all(visit: StagingVisit, own: dict[str, Assessment]) -> Assessment:
    layers = sorted({layer for one in visit.wbb.values() for layer in one.layers or ()})
    zones = {zone for one in visit.wbb.values() for zone in one.zones or ()}
    missing = tuple(reason for answer in own.values() for reason in answer.missing)
    args = Table({"levels": ", ".join(own), "layers": ", ".join(layers) or "-", "zones": _text(zones) or "-"})
    refs = tuple(one.ref for one in from_the_head(visit.wbb).values())
    return Assessment(
        criterion=CRITERION,
        scope=(visit.timepoint, "wbb"),
        outcome=NE if missing else RECORDED,
        values=Table(
            {
                "levels": Decimal(len(own)),
                "zones": None if missing else Decimal(len(zones)),
                "layers": None if missing else Decimal(len(layers)),
            }
        ),
        because=(Reason(code="WBB_ALL", args=args, rule=OWN_RULE, refs=refs),),
        missing=missing,
    )
