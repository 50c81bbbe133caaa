"""What an MR stack was made for, from how it was acquired.

What decides are times: a T1 weighting needs a short repetition and a short echo, a T2 weighting a long repetition and a long
echo, a STIR an inversion time at which fat has no signal. Between the bounds nothing is told: a wrong name would hang the
wrong images beside each other.

References
----------
PS3.3 C.8.3.1 (MR Image), C.8.13.3.1 (Acquisition Contrast of enhanced images); Bernstein, King, Zhou: Handbook of MRI
Pulse Sequences (2004), 6.2, 14.1 (inversion recovery, contrast of spin and gradient echoes).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from decimal import Decimal

from spinereview.dicom.elements import decimal_of
from spinereview.domain.assessment import Reason
from spinereview.domain.sequence import Role
from spinereview.domain.table import Table

T1_LONGEST_TR_MS, T1_LONGEST_TE_MS = Decimal(1200), Decimal(30)
"""Spin echo of the spine with T1 weighting: TR 400 to 800 ms at 1.5 T, up to 1,200 ms at 3 T."""
T2_SHORTEST_TR_MS, T2_SHORTEST_TE_MS = Decimal(1500), Decimal(60)
PD_LONGEST_TE_MS = Decimal(50)
STIR_TI_MS = (Decimal(80), Decimal(300))
"""Fat has no signal at 0.69 of its T1: 130 to 190 ms at 1.5 T, to 260 ms at 3 T."""
FLAIR_SHORTEST_TI_MS = Decimal(1500)
"""Fluid has no signal at 1,700 to 2,500 ms."""
SPOILED_T1_LONGEST_TR_MS, SPOILED_T1_LONGEST_TE_MS = Decimal(60), Decimal(8)
SPOILED_T1_SMALLEST_FLIP_DEG = Decimal(8)
T2_STAR_SHORTEST_TE_MS, T2_STAR_LARGEST_FLIP_DEG = Decimal(12), Decimal(40)
T2_STAR_SHORTEST_TR_MS, T2_STAR_SMALL_FLIP_DEG = Decimal(200), Decimal(15)
"""Below this repetition time only a small flip angle keeps the T1 weighting away."""

Attributes = Mapping[str, str]
Found = tuple[Role, Reason]

_STATED: dict[str, Role] = {
    "T1": Role.T1,
    "T2": Role.T2,
    "T2_STAR": Role.T2_STAR,
    "STIR": Role.STIR,
    "FLAIR": Role.FLAIR,
    "PROTON_DENSITY": Role.PD,
    "DIFFUSION": Role.DWI,
    "FLUID_ATTENUATED": Role.FLAIR,
    "LOCALIZER": Role.LOCALIZER,
}
"""Acquisition Contrast (0008,9209) of enhanced images."""
_ADC = frozenset(("ADC", "EADC", "ADC_UNSPECIFIED"))
_DIFFUSION = frozenset(("DIFFUSION", "TRACEW", "DWI"))
_CALCULATED = frozenset(("PHASE MAP", "P", "FIELD_MAP", "SUBTRACTION", "PERFUSION", "RCBF", "RCBV", "MTT", "TTP", "FA"))
_NOT_WATER = frozenset(("F", "FAT", "FAT_ONLY", "OP", "OUT_PHASE", "OPP_PHASE"))
"""Fat and opposed-phase images of a Dixon acquisition: calculated beside the one that is read."""
_WATER = frozenset(("W", "WATER", "WATER_ONLY"))


def words_of(value: str) -> tuple[str, ...]:
    """Values of an attribute that has several, in capitals."""
    return tuple(word.strip().upper() for word in value.split("\\"))


def role_of_mr(attributes: Attributes, b_value: str, *, enhanced: bool) -> Found | None:
    """Role by the attributes; None where they do not tell.

    Parameters
    ----------
    enhanced
        The third value of Image Type is the flavour of the image, such as T1 (PS3.3 C.8.16.1.3); of a plain image it may be
        a map of relaxation times.
    """
    kind = words_of(attributes.get("ImageType", ""))[2:]
    stated = attributes.get("AcquisitionContrast", "").strip().upper()
    flavour = kind[0] if enhanced and kind else ""
    return (
        _by_image_type(kind, b_value)
        or _stated(stated, "ROLE_ACQUISITION_CONTRAST")
        or _stated(flavour, "ROLE_IMAGE_TYPE")
        or _by_times(attributes)
    )


def _by_image_type(kind: tuple[str, ...], b_value: str) -> Found | None:
    told = Table({"value": "\\".join(kind)})
    if "LOCALIZER" in kind:
        return Role.LOCALIZER, Reason(code="ROLE_IMAGE_TYPE", args=told)
    if "PROJECTION IMAGE" in kind or "MIP" in kind:
        return Role.PROJECTION, Reason(code="ROLE_IMAGE_TYPE", args=told)
    if _ADC.intersection(kind):
        return Role.ADC, Reason(code="ROLE_IMAGE_TYPE", args=told)
    if b_value:
        return Role.DWI, Reason(code="ROLE_B_VALUE", args=Table({"value": b_value}))
    if _DIFFUSION.intersection(kind):
        return Role.DWI, Reason(code="ROLE_IMAGE_TYPE", args=told)
    if (_CALCULATED | _NOT_WATER).intersection(kind):
        return Role.CALCULATED, Reason(code="ROLE_IMAGE_TYPE", args=told)
    return None


def _stated(contrast: str, code: str) -> Found | None:
    role = _STATED.get(contrast)
    return None if role is None else (role, Reason(code=code, args=Table({"value": contrast})))


class _Times:
    """Numbers of an acquisition; None where the file states none."""

    def __init__(self, attributes: Attributes) -> None:
        self._attributes = attributes
        self.tr_ms, self.te_ms = self._number("RepetitionTime"), self._number("EchoTime")
        self.ti_ms, self.flip_deg = self._number("InversionTime"), self._number("FlipAngle")
        self.sequence = frozenset(words_of(attributes.get("ScanningSequence", ""))) | _enhanced(attributes)
        self.variant = frozenset(words_of(attributes.get("SequenceVariant", "")))
        saturated = not {"FS", "WE", "SFS"}.isdisjoint(words_of(attributes.get("ScanOptions", "")))
        self.fat_sat = saturated or not _WATER.isdisjoint(words_of(attributes.get("ImageType", ""))[2:])

    def _number(self, keyword: str) -> Decimal | None:
        value = decimal_of(self._attributes.get(keyword, "").split("\\")[0])
        return value if value is not None and value > 0 else None

    def told(self) -> Table[str]:
        """The numbers as text, for a reason."""
        named = (("TR", self.tr_ms, "ms"), ("TE", self.te_ms, "ms"), ("TI", self.ti_ms, "ms"))
        listed = [f"{name} {_short(value)} {unit}" for name, value, unit in named if value is not None]
        if "GR" in self.sequence and self.flip_deg is not None:
            listed.append(f"{_short(self.flip_deg)}°")
        kind = "+".join(sorted(self.sequence - {""}))
        options = " FS" if self.fat_sat else ""
        return Table({"values": ", ".join(listed), "sequence": f"{kind}{options}"})


def _enhanced(attributes: Attributes) -> frozenset[str]:
    """The words of Scanning Sequence (0018,0020) for what an enhanced image states instead (PS3.3 C.8.13.4.1)."""
    echo = attributes.get("EchoPulseSequence", "").strip().upper()
    found = {"SPIN": {"SE"}, "GRADIENT": {"GR"}, "BOTH": {"SE", "GR"}}.get(echo, set())
    inverted = attributes.get("InversionRecovery", "").strip().upper() == "YES"
    return frozenset(found | ({"IR"} if inverted else set()))


def _short(value: Decimal) -> str:
    """At most one decimal, for the eye."""
    text = f"{value:.1f}"
    return text.removesuffix(".0")


def _by_times(attributes: Attributes) -> Found | None:
    times = _Times(attributes)
    rules: tuple[tuple[bool, Callable[[_Times], Role | None]], ...] = (
        ("IR" in times.sequence or times.ti_ms is not None, _inverted),
        ("GR" in times.sequence, _gradient_echo),
        ("SE" in times.sequence and "EP" not in times.sequence, _spin_echo),
    )
    for holds, rule in rules:
        if holds:
            role = rule(times)
            return None if role is None else (role, Reason(code="ROLE_TIMES", args=times.told()))
    return None


def _inverted(times: _Times) -> Role | None:
    """Inversion recovery: without its inversion time nobody knows what has no signal."""
    if times.ti_ms is None:
        return None
    shortest, longest = STIR_TI_MS
    gradient = "GR" in times.sequence
    if shortest <= times.ti_ms <= longest:
        return None if gradient else Role.STIR
    if times.ti_ms >= FLAIR_SHORTEST_TI_MS:
        return Role.FLAIR
    return Role.T1 if times.ti_ms > longest else None


def _spin_echo(times: _Times) -> Role | None:
    if times.tr_ms is None or times.te_ms is None:
        return None
    if times.tr_ms <= T1_LONGEST_TR_MS:
        return Role.T1 if times.te_ms <= T1_LONGEST_TE_MS else None
    if times.tr_ms < T2_SHORTEST_TR_MS:
        return None
    if times.te_ms >= T2_SHORTEST_TE_MS:
        return Role.T2_FAT_SAT if times.fat_sat else Role.T2
    return Role.PD if times.te_ms <= PD_LONGEST_TE_MS else None


def _gradient_echo(times: _Times) -> Role | None:
    if times.tr_ms is None or times.te_ms is None or times.flip_deg is None:
        return None
    short = times.tr_ms <= SPOILED_T1_LONGEST_TR_MS and times.te_ms <= SPOILED_T1_LONGEST_TE_MS
    if "SP" in times.variant and short and times.flip_deg >= SPOILED_T1_SMALLEST_FLIP_DEG:
        return Role.T1
    largest = T2_STAR_LARGEST_FLIP_DEG if times.tr_ms >= T2_STAR_SHORTEST_TR_MS else T2_STAR_SMALL_FLIP_DEG
    if times.te_ms >= T2_STAR_SHORTEST_TE_MS and times.flip_deg <= largest:
        return Role.T2_STAR
    return None
