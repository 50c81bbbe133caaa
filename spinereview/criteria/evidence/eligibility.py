"""From a read, its results, a clinical record and a schedule to the variables of eligibility.

What a source does not say is left out and is then missing; what two sources say differently is refused by its name.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from decimal import Decimal

from spinereview.criteria.eligibility_values import Extent, Input, Known
from spinereview.criteria.evidence.clinical import answers_of
from spinereview.criteria.evidence.diameters import Place, diameter
from spinereview.criteria.evidence.labels import lesion_label
from spinereview.criteria.evidence.sins import BONE
from spinereview.criteria.evidence.targets import lesion_facts
from spinereview.criteria.measurability import Input as MeasurabilityInput
from spinereview.criteria.measurability import assess as assess_measurability
from spinereview.criteria.recist.settings import Settings as RecistSettings
from spinereview.criteria.sins import POINTS, Item
from spinereview.domain.anatomy import Level
from spinereview.domain.assessment import Assessment
from spinereview.domain.case import Case, Timepoint
from spinereview.domain.clinical import ClinicalRecord
from spinereview.domain.diameter import diameters
from spinereview.domain.eligibility import ESCC, VARIABLES
from spinereview.domain.imaging import Id
from spinereview.domain.lesion import Lesion, LesionRole, LocalTherapy, Tissue
from spinereview.domain.measurement import Entered
from spinereview.domain.protocol import Anchor, Rule
from spinereview.domain.read import Read
from spinereview.domain.schedule import Schedule
from spinereview.domain.table import Table
from spinereview.errors import InvalidValue

FORM = "ELIGIBILITY"
"""Form of a read whose items are variables that only a reader can judge: the posterior wall, a fracture of the target."""

LYTIC_MIN_MM = Decimal(10)
Variables = Mapping[str, Known]


def gathered(rules: Iterable[Rule], *sources: Variables, read: Input | None = None) -> Input:
    """What eligibility is given, of several sources; ``read`` gives measurable lesions and the extents of targets.

    Raises
    ------
    InvalidValue
        ``VARIABLE_CONTRADICTED`` where two sources say different things; ``VARIABLE_TWICE`` where one says what follows
        from the read as well.
    """
    joined: dict[str, Known] = {}
    for source in sources:
        for name, known in source.items():
            there = joined.setdefault(name, known)
            if (there.value, there.highest) != (known.value, known.highest):
                raise InvalidValue("VARIABLE_CONTRADICTED", name=name, first=there.shown, second=known.shown)
    base = read or Input()
    return Input(rules=tuple(rules), variables=Table(joined), measurable=base.measurable, extents=base.extents)


def recorded(record: ClinicalRecord, visit: Id) -> dict[str, Known]:
    """Variables that a visit of the record answers: an item has the name of its variable, in capitals."""
    answers = answers_of(record, visit)
    return {
        name: Known(value=answers[name.upper()], ref=("visits", visit, name.upper()))
        for name in VARIABLES
        if name.upper() in answers
    }


def of_sins(answers: Mapping[str, Assessment], timepoint: Id) -> dict[str, Known]:
    """The worst total, and the worst posterolateral item over the scored levels; ranges where items are missing."""
    found: dict[str, Known] = {}
    whole = answers.get(f"{timepoint}/sins")
    if whole is not None:
        low, high = whole.values.get("low"), whole.values.get("high")
        if low is not None and high is not None:
            found["sins_total_max"] = Known(value=low, upper=high)
    points = POINTS[Item.POSTEROLATERAL].values()
    ranges = [
        (own, own) if own is not None else (Decimal(min(points)), Decimal(max(points)))
        for answer in answers.values()
        if answer.scope[:2] == (timepoint, "sins") and len(answer.scope) == 3 and answer.scope[2] in set(Level)
        for own in (answer.values.get("posterolateral_points"),)
    ]
    if ranges:
        low, high = (max(ends) for ends in zip(*ranges, strict=True))
        found["sins_posterolateral"] = Known(value=low, upper=high)
    return found


def of_escc(answers: Mapping[str, Assessment], timepoint: Id) -> dict[str, Known]:
    """The highest grade, and the number of compressed sites; ranges where levels have no grade."""
    whole = answers.get(f"{timepoint}/escc")
    if whole is None:
        return {}
    found: dict[str, Known] = {}
    low, high = whole.values.get("low_code"), whole.values.get("high_code")
    if low is not None and high is not None:
        found["escc_max"] = Known(value=ESCC[int(low)], upper=ESCC[int(high)])
    fewest, most = whole.values.get("sites_low"), whole.values.get("sites_high")
    if fewest is not None and most is not None:
        found["escc_site_count"] = Known(value=fewest, upper=most)
    return found


def of_case(case: Case) -> dict[str, Known]:
    """Levels of the sites that are to be treated; missing where the case names none."""
    if not case.treated_sites:
        return {}
    listed = {level for site in case.treated_sites.values() for level in site.site.levels}
    levels = tuple(level.value for level in Level if level in listed)
    return {"index_levels": Known(value=levels), "index_level_count": Known(value=Decimal(len(levels)))}


def of_schedule(schedule: Schedule, timepoint: Id, anchor: Anchor = Anchor.RANDOMISATION) -> dict[str, Known]:
    """Age of the scans on the day of an anchor; of several scan days a range, the newest first."""
    start = schedule.anchors.get(anchor.value)
    days = schedule.visits[timepoint].scan_days if timepoint in schedule.visits else ()
    if start is None or not days:
        return {}
    return {"scan_age_days": Known(value=Decimal(start - max(days)), upper=Decimal(start - min(days)))}


def answered(read: Read, timepoint: Id) -> dict[str, Known]:
    """What the reader answered in the form of eligibility: an item has the name of its variable.

    Raises
    ------
    InvalidValue
        ``READ_ANSWER`` where an item does not exist or cannot have its answer.
    """
    found: dict[str, Known] = {}
    for item, answer in read.visit_at(timepoint).patient_scores.get(FORM, Table()).items():
        typed = VARIABLES[item].typed(answer.value) if item in VARIABLES else None
        if typed is None:
            raise InvalidValue("READ_ANSWER", timepoint=timepoint, item=item, value=answer.value)
        found[item] = Known(value=typed, ref=("visits", timepoint, "patient_scores", FORM, item))
    return found


def of_lesions(read: Read) -> dict[str, Known]:
    """What the reader said of the lesions of treated sites, and of the targets: lytic, irradiated before.

    That a target was irradiated before is known from one; that none was, only where the record says so.
    """
    found: dict[str, Known] = {}
    treated = [lesion for lesion in read.lesions.values() if lesion.treated_site is not None]
    bone = [lesion for lesion in treated if lesion.tissue is not Tissue.SOFT]
    lytic = [_predominantly_lytic(lesion) for lesion in bone]
    if False in lytic:
        found["predominantly_lytic"] = Known(value=False)
    elif lytic and None not in lytic:
        found["predominantly_lytic"] = Known(value=True)
    irradiated = [
        lesion.prior_therapy
        for lesion in [*_targets(read), *treated]
        if lesion.prior_therapy is not None
        and lesion.prior_therapy.kind is LocalTherapy.RT
        and not lesion.prior_therapy.study_treatment
    ]
    if irradiated:
        found["prior_rt_target"] = Known(value=True)
    if any(therapy.over_two_years is False for therapy in irradiated):
        found["target_rt_within_2_years"] = Known(value=True)
    return found


def of_targets(read: Read, case: Case, timepoint: Timepoint, settings: RecistSettings) -> Input:
    """Measurable lesions by each definition, and the extents of targets with a soft-tissue mass."""
    extents = tuple(
        _extent(lesion, timepoint, settings)
        for lesion in _targets(read)
        if lesion.soft_tissue and timepoint.id in lesion.findings
    )
    return Input(measurable=Table(_measurable(read, case, timepoint, settings)), extents=extents)


def _targets(read: Read) -> list[Lesion]:
    return [lesion for lesion in read.lesions.values() if lesion.role is LesionRole.TARGET]


def _is_bone(lesion: Lesion) -> bool:
    return not lesion.nodal and lesion.site.organ.strip().upper() == BONE


def _predominantly_lytic(lesion: Lesion) -> bool | None:
    if lesion.tissue is Tissue.LYTIC:
        return True
    return False if lesion.tissue in (Tissue.BLASTIC, Tissue.SOFT) else lesion.predominantly_lytic


def _measurable(read: Read, case: Case, timepoint: Timepoint, settings: RecistSettings) -> dict[str, bool]:
    seen = [lesion for lesion in read.lesions.values() if timepoint.id in lesion.findings]
    facts = {str(lesion.id): lesion_facts(read, case, lesion, timepoint.id, settings) for lesion in seen}
    answers = assess_measurability(MeasurabilityInput(lesions=Table(facts)), settings)
    by_recist: list[bool | None] = [
        None if answer.missing else answer.outcome == "MEASURABLE" for answer in answers.values()
    ]
    sizes = [(_predominantly_lytic(lesion), facts[lesion.id].size_mm) for lesion in seen if _is_bone(lesion)]
    lytic = [
        False if kind is False else None if kind is None or size is None else size >= LYTIC_MIN_MM
        for kind, size in sizes
    ]
    found: dict[str, bool] = {}
    for name, listed in (("RECIST_anywhere", by_recist), ("lytic_ge_10mm", lytic)):
        if True in listed:
            found[name] = True
        elif listed and None not in listed:
            found[name] = False
    return found


def _extent(lesion: Lesion, timepoint: Timepoint, settings: RecistSettings) -> Extent:
    finding = lesion.findings[timepoint.id]
    ref = ("lesions", lesion.id, "findings", timepoint.id)
    unit = settings.value_rounding_mm
    drawn, along = finding.parts.get("a"), finding.parts.get("cc")
    short = None
    # An entered number is the longest diameter of a mass, never its short axis.
    if drawn is not None and not isinstance(drawn.geometry, Entered):
        place = Place(lesion=lesion_label(lesion), ref=ref)
        short = diameter(drawn, timepoint.stacks, unit, place, short_axis=True)
    length = None if along is None else diameters(along, None, unit).long_mm
    return Extent(
        lesion=lesion.id,
        short_axis_mm=None if short is None else short.mm,
        craniocaudal_mm=length or None,
        ref=ref,
    )
