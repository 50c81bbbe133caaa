"""Pure rules: an Input and Settings in, Assessments with reasons out.

Two tables, written out so that a frozen program loses nothing: what a protocol can name, and what the command line can
ask.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from spinereview.criteria import eligibility, neurology, pain
from spinereview.criteria.adjudication import assess as assess_adjudication
from spinereview.criteria.adjudication_values import Input as AdjudicationInput
from spinereview.criteria.adjudication_values import Settings as AdjudicationSettings
from spinereview.criteria.angle_values import Input as AnglesInput
from spinereview.criteria.angles import assess as assess_angles
from spinereview.criteria.best_response import Input as BestResponseInput
from spinereview.criteria.best_response import Settings as BestResponseSettings
from spinereview.criteria.best_response import assess as assess_best_response
from spinereview.criteria.bone_response import assess as assess_bone_response
from spinereview.criteria.bone_response_values import Input as BoneResponseInput
from spinereview.criteria.bone_response_values import Settings as BoneResponseSettings
from spinereview.criteria.endpoints.assess import assess as assess_endpoints
from spinereview.criteria.endpoints.rates import assess as assess_rates
from spinereview.criteria.endpoints.settings import Settings as EndpointsSettings
from spinereview.criteria.endpoints.values import GroupInput
from spinereview.criteria.endpoints.values import Input as EndpointsInput
from spinereview.criteria.entered import assess as assess_entered
from spinereview.criteria.entered import assess_heights, assess_sites
from spinereview.criteria.escc import assess as assess_escc
from spinereview.criteria.escc_values import Input as EsccInput
from spinereview.criteria.escc_values import Settings as EsccSettings
from spinereview.criteria.fracture.assess import assess as assess_fracture
from spinereview.criteria.fracture.settings import Settings as FractureSettings
from spinereview.criteria.fracture.values import Input as FractureInput
from spinereview.criteria.fracture.windows import WindowsInput, assess_windows
from spinereview.criteria.local_control.assess import assess as assess_local_control
from spinereview.criteria.local_control.values import Input as LocalControlInput
from spinereview.criteria.local_control.values import Settings as LocalControlSettings
from spinereview.criteria.measurability import Input as MeasurabilityInput
from spinereview.criteria.measurability import assess as assess_measurability
from spinereview.criteria.questionnaires.assess import assess as assess_questionnaires
from spinereview.criteria.questionnaires.values import Input as QuestionnairesInput
from spinereview.criteria.questionnaires.values import Settings as QuestionnairesSettings
from spinereview.criteria.recist.assess import assess as assess_recist
from spinereview.criteria.recist.settings import Settings as RecistSettings
from spinereview.criteria.recist.values import Input as RecistInput
from spinereview.criteria.sins import Input as SinsInput
from spinereview.criteria.sins import assess as assess_sins
from spinereview.criteria.sins_settings import Settings as SinsSettings
from spinereview.criteria.spino import assess as assess_spino
from spinereview.criteria.spino_values import Input as SpinoInput
from spinereview.criteria.spino_values import Settings as SpinoSettings
from spinereview.criteria.staging.assess import assess as assess_staging
from spinereview.criteria.staging.assess import tokuhashi, tomita, tomita_score, wbb
from spinereview.criteria.staging.values import Input as StagingInput
from spinereview.criteria.staging.values import Settings as StagingSettings
from spinereview.domain.assessment import Assessment
from spinereview.domain.protocol import RawSetting
from spinereview.domain.table import Table


@dataclass(frozen=True, slots=True, kw_only=True)
class Criterion:
    """A criterion: the settings of its section of a protocol, and its rule.

    ``assess`` takes the criterion's own ``Input`` and ``Settings``; an ``Input`` without arguments is one without visits.
    ``smallest`` is a section with nothing but the keys that it needs. ``section``: a protocol may have it; what it says of
    adjudication stands in ``[design]`` and ``[[trigger]]``.
    """

    input: type
    settings: type
    parse: Callable[[Mapping[str, RawSetting]], object]
    assess: Callable[[Any, Any], Table[Assessment]]
    smallest: Table[RawSetting] = field(default_factory=Table)
    section: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """A name of the command line: the criterion whose settings it takes, and the function that answers it.

    Parameters
    ----------
    input
        What is given; an ``Input`` without arguments is one about nobody.
    part
        Last word of the scope of the assessments that are the answer; empty: all of them.
    """

    criterion: str
    input: type
    answer: Callable[[Any, Any], Table[Assessment]]
    part: str = ""

    def asks(self, answer: Assessment) -> bool:
        """Whether an assessment belongs to the answer."""
        return not self.part or answer.scope[-1] == self.part


CRITERIA: dict[str, Criterion] = {
    "recist": Criterion(input=RecistInput, settings=RecistSettings, parse=RecistSettings.parse, assess=assess_recist),
    "best_response": Criterion(
        input=BestResponseInput,
        settings=BestResponseSettings,
        parse=BestResponseSettings.parse,
        assess=assess_best_response,
    ),
    "adjudication": Criterion(
        input=AdjudicationInput,
        settings=AdjudicationSettings,
        parse=AdjudicationSettings.parse,
        assess=assess_adjudication,
        section=False,
    ),
    "endpoints": Criterion(
        input=EndpointsInput, settings=EndpointsSettings, parse=EndpointsSettings.parse, assess=assess_endpoints
    ),
    "local_control": Criterion(
        input=LocalControlInput,
        settings=LocalControlSettings,
        parse=LocalControlSettings.parse,
        assess=assess_local_control,
        smallest=Table({"lc_definition": "LC_RECIST_NADIR"}),
    ),
    "sins": Criterion(input=SinsInput, settings=SinsSettings, parse=SinsSettings.parse, assess=assess_sins),
    "fracture": Criterion(
        input=FractureInput, settings=FractureSettings, parse=FractureSettings.parse, assess=assess_fracture
    ),
    "escc": Criterion(input=EsccInput, settings=EsccSettings, parse=EsccSettings.parse, assess=assess_escc),
    "spino": Criterion(input=SpinoInput, settings=SpinoSettings, parse=SpinoSettings.parse, assess=assess_spino),
    "bone_response": Criterion(
        input=BoneResponseInput,
        settings=BoneResponseSettings,
        parse=BoneResponseSettings.parse,
        assess=assess_bone_response,
    ),
    "staging": Criterion(
        input=StagingInput, settings=StagingSettings, parse=StagingSettings.parse, assess=assess_staging
    ),
    "pain": Criterion(input=pain.Input, settings=pain.Settings, parse=pain.Settings.parse, assess=pain.assess),
    "questionnaires": Criterion(
        input=QuestionnairesInput,
        settings=QuestionnairesSettings,
        parse=QuestionnairesSettings.parse,
        assess=assess_questionnaires,
    ),
    "neurology": Criterion(
        input=neurology.Input,
        settings=neurology.Settings,
        parse=neurology.Settings.parse,
        assess=neurology.assess,
    ),
    "eligibility": Criterion(
        input=eligibility.Input,
        settings=eligibility.Settings,
        parse=eligibility.Settings.parse,
        assess=eligibility.assess,
    ),
}
"""By the NAME of ``[criterion.NAME]`` in a protocol, where it has such a section."""

QUESTIONS: dict[str, Question] = {
    "recist-target": Question(criterion="recist", input=RecistInput, answer=assess_entered, part="target"),
    "recist-nontarget": Question(criterion="recist", input=RecistInput, answer=assess_entered, part="non_target"),
    "recist-overall": Question(criterion="recist", input=RecistInput, answer=assess_entered, part="overall"),
    "measurability": Question(criterion="recist", input=MeasurabilityInput, answer=assess_measurability),
    "best-response": Question(criterion="best_response", input=BestResponseInput, answer=assess_best_response),
    "adjudication": Question(criterion="adjudication", input=AdjudicationInput, answer=assess_adjudication),
    "local-control": Question(criterion="local_control", input=LocalControlInput, answer=assess_sites),
    "orr": Question(criterion="endpoints", input=GroupInput, answer=assess_rates),
    "pfs": Question(criterion="endpoints", input=EndpointsInput, answer=assess_endpoints),
    "sins": Question(criterion="sins", input=SinsInput, answer=assess_sins),
    "genant": Question(criterion="fracture", input=FractureInput, answer=assess_heights),
    "vcf": Question(criterion="fracture", input=FractureInput, answer=assess_heights),
    "escc": Question(criterion="escc", input=EsccInput, answer=assess_escc),
    "angles": Question(criterion="fracture", input=AnglesInput, answer=assess_angles),
    "vcf-windows": Question(criterion="fracture", input=WindowsInput, answer=assess_windows),
    "spino": Question(criterion="spino", input=SpinoInput, answer=assess_spino),
    "bone-response": Question(criterion="bone_response", input=BoneResponseInput, answer=assess_bone_response),
    "wbb": Question(criterion="staging", input=StagingInput, answer=wbb),
    "tomita": Question(criterion="staging", input=StagingInput, answer=tomita),
    "tomita-score": Question(criterion="staging", input=StagingInput, answer=tomita_score),
    "tokuhashi": Question(criterion="staging", input=StagingInput, answer=tokuhashi),
    "pain-response": Question(criterion="pain", input=pain.Input, answer=pain.assess),
    **{
        name: Question(criterion="questionnaires", input=QuestionnairesInput, answer=assess_questionnaires, part=part)
        for name, part in (("bpi", "bpi"), ("qlq-c30", "qlq_c30"), ("qlq-bm22", "bm22"), ("fact-g", "fact_g"))
    },
    "neurology": Question(criterion="neurology", input=neurology.Input, answer=neurology.assess),
    "eligibility": Question(criterion="eligibility", input=eligibility.Input, answer=eligibility.assess),
}
"""By the name on the command line."""


def parsers() -> dict[str, Callable[[Mapping[str, RawSetting]], object]]:
    """What refuses wrong settings, by the NAME of ``[criterion.NAME]``; for the reader of protocol files."""
    return {name: criterion.parse for name, criterion in CRITERIA.items() if criterion.section}
