"""What eligibility is given: the rules, what is known of their variables, and what two settings decide between."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal

from spinereview.domain.assessment import Reason
from spinereview.domain.checks import require, require_positive, require_text
from spinereview.domain.eligibility import VARIABLES, rule_fault, shown_value
from spinereview.domain.imaging import Id, Ref
from spinereview.domain.protocol import Rule
from spinereview.domain.settings import Choice, Section, must
from spinereview.domain.table import Table
from spinereview.domain.variable import Kind, Value

CRITERION = "eligibility"
OWN = "Rules of eligibility of the protocol; reading of the program, docs/criteria.md"
DEFINITIONS = ("lytic_ge_10mm", "RECIST_anywhere")
"""What makes a lesion measurable for eligibility: lytic and at least 10 mm, or measurable by RECIST 1.1 anywhere."""

_UNBOUNDED = Decimal("Infinity")


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings(Section):
    """Keys of ``[criterion.eligibility]``: which lesion is measurable, and which diameters make the shortest one.

    >>> Settings.parse({"shortest_diameter": "in_plane"}).measurable_def
    'lytic_ge_10mm'
    """

    measurable_def: str = field(default="lytic_ge_10mm", metadata=must(Choice(DEFINITIONS)))
    shortest_diameter: str = field(default="in_plane_and_cc", metadata=must(Choice(("in_plane_and_cc", "in_plane"))))


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """What is known of a variable: a value, or for a number or a grade the smallest and the largest that it can be.

    ``upper`` is the largest; None: the value is known exactly.
    """

    value: Value
    upper: Value | None = None
    ref: Ref = ()

    @property
    def highest(self) -> Value:
        """The largest value; the value itself where it is known exactly."""
        return self.value if self.upper is None else self.upper

    @property
    def shown(self) -> str:
        """The value, or the range with a dash."""
        low = shown_value(self.value)
        if self.highest == self.value:
            return low
        return f"≥ {low}" if self.highest == _UNBOUNDED else f"{low}–{shown_value(self.highest)}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Extent:
    """Reported diameters of one target with a soft-tissue mass; None: not measured."""

    lesion: Id
    short_axis_mm: Decimal | None = None
    craniocaudal_mm: Decimal | None = None
    ref: Ref = ()

    def __post_init__(self) -> None:
        require_text("lesion", self.lesion)
        require_positive("short_axis_mm", self.short_axis_mm)
        require_positive("craniocaudal_mm", self.craniocaudal_mm)


@dataclass(frozen=True, slots=True, kw_only=True)
class Input:
    """Rules and what is known.

    Parameters
    ----------
    variables
        By name; a variable that is not there is missing. An empty list is missing too.
    measurable
        Whether there is a measurable lesion, by definition; gives ``measurable_lesion``.
    extents
        Of the targets; give ``target_shortest_mm``.
    """

    rules: tuple[Rule, ...] = ()
    variables: Table[Known] = field(default_factory=Table)
    measurable: Table[bool] = field(default_factory=Table)
    extents: tuple[Extent, ...] = ()

    def __post_init__(self) -> None:
        names = [rule.id for rule in self.rules]
        require(holds=len(set(names)) == len(names), code="RULE_TWICE")
        for rule in self.rules:
            require_text("id of a rule", rule.id)
            fault = rule_fault(rule)
            if fault is not None:
                args = {"rule": rule.id, "key": fault.key, "value": fault.given, "allowed": fault.allowed}
                require(holds=False, code="RULE_REFUSED", **args)
            known = rule.on_missing in ("NEEDS_INPUT", "FAIL")
            allowed = '"NEEDS_INPUT", "FAIL"'
            args = {"rule": rule.id, "key": "on_missing", "value": rule.on_missing, "allowed": allowed}
            require(holds=known, code="RULE_REFUSED", **args)
        for name, one in self.variables.items():
            _check(name, one)
        for definition in self.measurable:
            allowed = ", ".join(DEFINITIONS)
            require(holds=definition in DEFINITIONS, code="DEFINITION_UNKNOWN", name=definition, allowed=allowed)
        for name, other in (("measurable_lesion", self.measurable), ("target_shortest_mm", self.extents)):
            require(holds=not (other and name in self.variables), code="VARIABLE_TWICE", name=name)


@dataclass(frozen=True, slots=True, kw_only=True)
class Derived:
    """Variables with those that settings decide, and what is to be said about them."""

    variables: Mapping[str, Known]
    warnings: Mapping[str, tuple[Reason, ...]]


def derived(given: Input, settings: Settings) -> Derived:
    """What is known, typed, with the variables that follow from measurable lesions and from the targets."""
    variables = {name: _typed(name, one) for name, one in given.variables.items() if one.value != ()}
    warnings: dict[str, tuple[Reason, ...]] = {}
    if settings.measurable_def in given.measurable:
        chosen = given.measurable[settings.measurable_def]
        variables["measurable_lesion"] = Known(value=chosen)
        other = next(name for name in DEFINITIONS if name != settings.measurable_def)
        if given.measurable.get(other, chosen) is not chosen:
            args = Table({"chosen": settings.measurable_def, "answer": shown_value(chosen), "other": other})
            warnings["measurable_lesion"] = (Reason(code="MEASURABLE_DEFINITIONS_DIFFER", args=args, rule=OWN),)
    shortest = _shortest(given.extents, settings)
    if shortest is not None:
        variables["target_shortest_mm"] = shortest
    return Derived(variables=variables, warnings=warnings)


def _shortest(extents: Sequence[Extent], settings: Settings) -> Known | None:
    """The largest over the targets of the shortest diameter of each.

    A diameter that is missing can only make the shortest one shorter, so that what is known is an upper limit.
    """
    ranges = [_range(extent, settings) for extent in extents]
    if not ranges or all(high == _UNBOUNDED for _, high in ranges):
        return None
    low, high = max(low for low, _ in ranges), max(high for _, high in ranges)
    decisive = max(extents, key=lambda extent: _range(extent, settings))
    return Known(value=low, upper=high, ref=decisive.ref)


def _range(extent: Extent, settings: Settings) -> tuple[Decimal, Decimal]:
    wanted = [extent.short_axis_mm]
    if settings.shortest_diameter == "in_plane_and_cc":
        wanted.append(extent.craniocaudal_mm)
    there = [one for one in wanted if one is not None]
    high = min(there, default=_UNBOUNDED)
    return (high if len(there) == len(wanted) else Decimal(0)), high


def _check(name: str, one: Known) -> None:
    variable = VARIABLES.get(name)
    if variable is None:
        require(holds=False, code="VARIABLE_UNKNOWN", name=name, allowed=", ".join(VARIABLES))
        return
    for value in (one.value, one.highest):
        allowed = variable.allowed
        fits = variable.typed(value) is not None
        require(holds=fits, code="VARIABLE_VALUE", name=name, value=shown_value(value), allowed=allowed)
    ranged = variable.kind in (Kind.NUMBER, Kind.GRADE)
    require(holds=ranged or one.upper is None, code="VARIABLE_RANGE", name=name, value=one.shown)
    typed = _typed(name, one)
    ends = (typed.value, typed.highest)
    places: list[Decimal] = (
        [Decimal(variable.words.index(str(end))) for end in ends]
        if variable.kind is Kind.GRADE
        else [end for end in ends if isinstance(end, Decimal)]
    )
    require(holds=places == sorted(places), code="VARIABLE_RANGE", name=name, value=one.shown)


def _typed(name: str, one: Known) -> Known:
    variable = VARIABLES[name]
    value, upper = variable.typed(one.value), variable.typed(one.highest)
    return one if value is None or upper is None else Known(value=value, upper=upper, ref=one.ref)
