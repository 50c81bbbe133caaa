"""All that is derived from a read: one table of assessments, for the window, the report and the files alike."""

from __future__ import annotations

from collections.abc import Set as AbstractSet
from dataclasses import replace

from spinereview.criteria.escc import assess as assess_escc
from spinereview.criteria.escc_values import Settings as EsccSettings
from spinereview.criteria.evidence.coverage import with_demanded_regions
from spinereview.criteria.evidence.escc import evidence as escc_evidence
from spinereview.criteria.evidence.fracture import evidence as fracture_evidence
from spinereview.criteria.evidence.quality import with_demanded_modalities
from spinereview.criteria.evidence.recist import evidence as recist_evidence
from spinereview.criteria.evidence.sins import evidence as sins_evidence
from spinereview.criteria.evidence.spino import evidence as spino_evidence
from spinereview.criteria.fracture.assess import assess as assess_fracture
from spinereview.criteria.fracture.settings import Settings as FractureSettings
from spinereview.criteria.recist.assess import assess as assess_recist
from spinereview.criteria.recist.at_lock import assess_as_locked, looks_ahead
from spinereview.criteria.recist.settings import Settings as RecistSettings
from spinereview.criteria.recist.values import Input
from spinereview.criteria.sins import assess as assess_sins
from spinereview.criteria.sins_settings import Settings as SinsSettings
from spinereview.criteria.spino import assess as assess_spino
from spinereview.criteria.spino_values import Settings as SpinoSettings
from spinereview.domain.as_read import case_as_read
from spinereview.domain.assessment import Assessment
from spinereview.domain.case import Case
from spinereview.domain.imaging import Id
from spinereview.domain.protocol import Protocol
from spinereview.domain.read import Read
from spinereview.domain.table import Table
from spinereview.review.visibility import Visible


def assess_read(read: Read, case: Case, protocol: Protocol) -> Table[Assessment]:
    """Assessments by what they answer: ``"FU1/overall"``, ``"FU1/sins/T9"``, ``"FU1/fracture/T9"``.

    Epidural compression and the response of treated sites are assessed where the protocol has the criterion.

    A pure function of values that do not change: who asks often keeps the answer by their identity.
    """
    case = case_as_read(case, read)
    recist = RecistSettings.parse(protocol.criteria.get("recist", Table()))
    fracture = FractureSettings.parse(protocol.criteria.get("fracture", Table()))
    sins = SinsSettings.parse(protocol.criteria.get("sins", Table()))
    measured = fracture_evidence(read, case)
    fractures = assess_fracture(measured, fracture)
    return Table(
        {
            **assess_recist(recist_input(read, case, protocol, recist), recist),
            **assess_sins(sins_evidence(read, case, fracture, measured), sins),
            **fractures,
            **_compression(read, case, protocol),
            **_treated_sites(read, case, protocol),
        }
    )


def shown(assessments: Table[Assessment], visible: Visible) -> Table[Assessment]:
    """Those that may be seen.

    The items of a vertebra and its heights against its neighbours are the reader's own and always shown; where a timepoint's
    response is hidden, so is every comparison with another timepoint: those fractures are assessed without a baseline.
    A response that is shown rests on nothing that is hidden, and where a blinded reader locked it, on nothing later.
    """
    hidden = {timepoint.id for timepoint in visible.case.in_order if not visible.shows_change(timepoint.id)}
    if visible.keeps_response and looks_ahead(assessments):
        assessments = Table({**assessments, **_as_locked(visible, hidden)})
    if not hidden:
        return assessments
    settings = FractureSettings.parse(visible.protocol.criteria.get("fracture", Table()))
    alone = assess_fracture(replace(fracture_evidence(visible.read, visible.case), baseline=None), settings)
    kept = {
        key: alone[key] if answer.criterion == "fracture" and answer.scope[0] in hidden else answer
        for key, answer in assessments.items()
        if (answer.scope[0] not in hidden or answer.criterion in _OWN) and answer.criterion != "spino"
    }
    return Table({**kept, **_treated_sites(visible.read, visible.case, visible.protocol, hidden)})


_OWN = frozenset({"sins", "fracture", "escc"})
"""Criteria whose answers, as far as one timepoint gives them, are the reader's own word."""


def _compression(read: Read, case: Case, protocol: Protocol) -> Table[Assessment]:
    if "escc" not in protocol.criteria:
        return Table()
    return assess_escc(escc_evidence(read, case), EsccSettings.parse(protocol.criteria["escc"]))


def _treated_sites(
    read: Read, case: Case, protocol: Protocol, hidden: AbstractSet[Id] = frozenset()
) -> Table[Assessment]:
    """Response of the treated sites; of hidden timepoints nothing is known, so that no earlier one tells of them."""
    if "spino" not in protocol.criteria:
        return Table()
    given = spino_evidence(read, case, protocol)
    seen = tuple(visit for visit in given.visits if visit.timepoint not in hidden)
    return assess_spino(replace(given, visits=seen), SpinoSettings.parse(protocol.criteria["spino"]))


def _as_locked(visible: Visible, hidden: set[Id]) -> Table[Assessment]:
    settings = RecistSettings.parse(visible.protocol.criteria.get("recist", Table()))
    given = recist_input(visible.read, visible.case, visible.protocol, settings)
    known = tuple(visit for visit in given.visits if visit.timepoint not in hidden)
    return assess_as_locked(Input(visits=known), settings)


def recist_input(read: Read, case: Case, protocol: Protocol, settings: RecistSettings) -> Input:
    """What RECIST 1.1 is asked of a read, with the regions and the kinds of images that the protocol demands."""
    given = with_demanded_regions(recist_evidence(read, case, settings), read, case, protocol.visits)
    return with_demanded_modalities(given, read, case, protocol.visits)
