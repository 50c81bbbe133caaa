"""What the images suggest of a stack, on both sides of every bound, and what they leave open."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest

from spinereview.dicom.geometry import gate
from spinereview.dicom.header import FileHeader
from spinereview.dicom.kernels import role_of_kernel
from spinereview.dicom.roles import suggest
from spinereview.domain.imaging import Posture
from spinereview.domain.sequence import (
    Contrast,
    Role,
    Source,
    Suggestion,
    contrast_of,
    role_of,
    roles_of,
    source_of,
)
from spinereview.text import catalogue, sentence

Axial = Callable[..., tuple[FileHeader, ...]]
MR, ENHANCED_MR, CR, CAPTURE = (f"1.2.840.10008.5.1.4.1.1.{name}" for name in ("4", "4.1", "1", "7"))
IMAGE_TYPE = "ORIGINAL\\PRIMARY\\M"


@pytest.fixture(scope="session")
def suggested(axial: Axial) -> Callable[..., Suggestion]:
    def of(modality: str, description: str = "", sop_class: str = "", **attributes: str) -> Suggestion:
        named = {"ImageType": IMAGE_TYPE} | attributes
        chosen = sop_class or {"MR": MR, "CR": CR}.get(modality, "1.2.840.10008.5.1.4.1.1.2")
        split = {"BValue": named.pop("BValue")} if "BValue" in named else {}
        # Each radiograph is a stack of its own.
        result, *_ = gate(axial(0, 5, modality=modality, sop_class=chosen, attributes=named, split=split))
        return suggest(result, description)

    return of


def times(sequence: str, tr: str, te: str, **more: str) -> dict[str, str]:
    return {"ScanningSequence": sequence, "RepetitionTime": tr, "EchoTime": te, **more}


@pytest.mark.parametrize(
    ("attributes", "role"),
    [
        (times("SE", "600", "12"), Role.T1),
        (times("SE", "1200", "30"), Role.T1),
        (times("SE", "1200.1", "30"), Role.UNKNOWN),
        (times("SE", "1200", "30.1"), Role.UNKNOWN),
        (times("SE", "1500", "60"), Role.T2),
        (times("SE", "1499.9", "60"), Role.UNKNOWN),
        (times("SE", "3500", "100"), Role.T2),
        (times("SE", "3500", "100", ScanOptions="SAT1\\FS"), Role.T2_FAT_SAT),
        (times("SE", "3500", "100", ScanOptions="SAT1"), Role.T2),
        (times("SE", "3500", "100", ImageType="DERIVED\\PRIMARY\\DIXON\\WATER"), Role.T2_FAT_SAT),
        (times("SE", "3500", "100", ImageType="DERIVED\\PRIMARY\\DIXON\\FAT"), Role.CALCULATED),
        (times("SE", "600", "12", ImageType="DERIVED\\PRIMARY\\OPP_PHASE"), Role.CALCULATED),
        (times("SE", "3500", "59.9"), Role.UNKNOWN),
        (times("SE", "3500", "50.1"), Role.UNKNOWN),
        (times("SE", "3500", "50"), Role.PD),
        (times("SE\\IR", "4000", "40", InversionTime="80"), Role.STIR),
        (times("SE\\IR", "4000", "40", InversionTime="79.9"), Role.UNKNOWN),
        (times("SE\\IR", "4000", "40", InversionTime="300"), Role.STIR),
        (times("SE\\IR", "2000", "10", InversionTime="300.1"), Role.T1),
        (times("SE\\IR", "9000", "100", InversionTime="1499"), Role.T1),
        (times("SE\\IR", "9000", "100", InversionTime="1500"), Role.FLAIR),
        (times("IR", "4000", "40"), Role.UNKNOWN),
        (times("GR\\IR", "2300", "3", InversionTime="200"), Role.UNKNOWN),
        (times("GR", "36", "1.4", SequenceVariant="SK\\SP", FlipAngle="14"), Role.T1),
        (times("GR", "60", "8", SequenceVariant="SP", FlipAngle="8"), Role.T1),
        (times("GR", "60.1", "8", SequenceVariant="SP", FlipAngle="8"), Role.UNKNOWN),
        (times("GR", "60", "8.1", SequenceVariant="SP", FlipAngle="8"), Role.UNKNOWN),
        (times("GR", "60", "8", SequenceVariant="SP", FlipAngle="7.9"), Role.UNKNOWN),
        (times("GR", "60", "8", SequenceVariant="SS", FlipAngle="50"), Role.UNKNOWN),
        (times("GR", "500", "12", FlipAngle="40"), Role.T2_STAR),
        (times("GR", "500", "11.9", FlipAngle="40"), Role.UNKNOWN),
        (times("GR", "500", "12", FlipAngle="40.1"), Role.UNKNOWN),
        (times("GR", "200", "12", FlipAngle="40"), Role.T2_STAR),
        (times("GR", "199.9", "12", FlipAngle="15"), Role.T2_STAR),
        (times("GR", "199.9", "12", FlipAngle="15.1"), Role.UNKNOWN),
        ({"EchoPulseSequence": "SPIN", "RepetitionTime": "600", "EchoTime": "12"}, Role.T1),
        ({"EchoPulseSequence": "SPIN", "InversionRecovery": "YES", "EchoTime": "12"}, Role.UNKNOWN),
        ({"EchoPulseSequence": "GRADIENT", "RepetitionTime": "500", "EchoTime": "15", "FlipAngle": "30"}, Role.T2_STAR),
        (times("SE", "600", ""), Role.UNKNOWN),
        (times("SE", "0", "12"), Role.UNKNOWN),
        (times("SE\\EP", "3000", "80"), Role.UNKNOWN),
        ({"ImageType": "DERIVED\\PRIMARY\\DIFFUSION\\ADC", "BValue": "800"}, Role.ADC),
        ({"ImageType": "DERIVED\\PRIMARY\\DIFFUSION\\TRACEW"}, Role.DWI),
        ({"BValue": "0"}, Role.DWI),
        ({"ImageType": "ORIGINAL\\PRIMARY\\LOCALIZER"}, Role.LOCALIZER),
        ({"ImageType": "DERIVED\\SECONDARY\\PROJECTION IMAGE"}, Role.PROJECTION),
        ({"ImageType": "DERIVED\\PRIMARY\\SUBTRACTION"}, Role.CALCULATED),
        ({"AcquisitionContrast": "STIR"}, Role.STIR),
        ({"ImageType": "ORIGINAL\\PRIMARY\\T1"}, Role.UNKNOWN),
        ({}, Role.UNKNOWN),
    ],
)
def test_an_mr_is_named_by_how_it_was_acquired_or_not_at_all(
    suggested: Callable[..., Suggestion], attributes: dict[str, str], role: Role
) -> None:
    found = suggested("MR", **attributes)
    assert found.role is role
    assert found.source is (Source.NOTHING if role is Role.UNKNOWN else Source.ATTRIBUTES)


def test_an_enhanced_image_states_its_flavour_in_its_image_type(suggested: Callable[..., Suggestion]) -> None:
    assert suggested("MR", sop_class=ENHANCED_MR, ImageType="ORIGINAL\\PRIMARY\\T2").role is Role.T2


def test_the_reason_names_the_numbers(suggested: Callable[..., Suggestion]) -> None:
    (reason,) = suggested("MR", **times("SE", "3500.4", "100.04", ScanOptions="FS")).because
    assert sentence(reason.code, reason.args) == "SE FS: TR 3500.4 ms, TE 100 ms"
    (gradient,) = suggested("MR", **times("GR", "500", "12", FlipAngle="30")).because
    assert sentence(gradient.code, gradient.args) == "GR: TR 500 ms, TE 12 ms, 30°"


@pytest.mark.parametrize(
    ("agent", "description", "role", "source", "contrast"),
    [
        ("", "T1 sag", Role.T1, Source.ATTRIBUTES, Contrast.NOT_TOLD),
        ("Dotarem", "T1 sag", Role.T1_CONTRAST, Source.ATTRIBUTES, Contrast.GIVEN),
        ("NONE", "T1 sag +C", Role.T1, Source.ATTRIBUTES, Contrast.NONE),
        ("", "T1 sag +C", Role.T1_CONTRAST, Source.DESCRIPTION, Contrast.NOT_TOLD),
        ("", "t1_tse_sag_KM", Role.T1_CONTRAST, Source.DESCRIPTION, Contrast.NOT_TOLD),
        ("", "T1 posterior", Role.T1, Source.ATTRIBUTES, Contrast.NOT_TOLD),
    ],
)
def test_contrast_makes_another_t1_and_the_description_only_where_nothing_else_tells(
    suggested: Callable[..., Suggestion], agent: str, description: str, role: Role, source: Source, contrast: Contrast
) -> None:
    found = suggested("MR", description, ContrastBolusAgent=agent, **times("SE", "600", "12"))
    assert (found.role, found.source, found.contrast) == (role, source, contrast)


def test_attributes_win_over_a_description_and_the_contradiction_is_said(
    suggested: Callable[..., Suggestion],
) -> None:
    found = suggested("MR", "T2 sag", **times("SE", "600", "12"))
    assert (found.role, found.source) == (Role.T1, Source.ATTRIBUTES)
    assert [reason.code for reason in found.because] == ["ROLE_TIMES", "ROLE_DESCRIPTION_DIFFERS"]
    assert [reason.code for reason in suggested("MR", "T1 sag", **times("SE", "600", "12")).because] == ["ROLE_TIMES"]


@pytest.mark.parametrize(
    ("modality", "description", "role"),
    [
        ("MR", "t2_tse_sag", Role.T2),
        ("MR", "T2 STIR sag", Role.STIR),
        ("MR", "T2* axial", Role.T2_STAR),
        ("MR", "T1 and T2", Role.UNKNOWN),
        ("MR", "at12 sag", Role.UNKNOWN),
        ("MR", "3-plane localizer", Role.LOCALIZER),
        ("MR", "DWI ADC", Role.ADC),
        ("CT", "Spine bone", Role.CT_BONE),
        ("CT", "2.5mm stnd Disc", Role.CT_SOFT),
        ("CT", "Spine", Role.CT),
    ],
)
def test_a_description_speaks_last_and_only_where_it_is_plain(
    suggested: Callable[..., Suggestion], modality: str, description: str, role: Role
) -> None:
    found = suggested(modality, description)
    by_description = role not in (Role.UNKNOWN, Role.CT)
    assert found.role is role
    assert (found.source is Source.DESCRIPTION) == by_description


@pytest.mark.parametrize(
    ("kernel", "role"),
    [
        *((name, Role.CT_SOFT) for name in ("B31f", "Br45d", "STANDARD", "SOFT", "FC13", "FC01", "FC27", "B", "STD+")),
        *((name, Role.CT_BONE) for name in ("B60s", "I70f", "Br64d", "BONEPLUS", "EDGE", "FC30", "FC35", "D")),
        *((name, Role.CT_LUNG) for name in ("Bl57d", "LUNG", "FC50", "FC59", "L")),
        *((name, None) for name in ("B46f", "B59f", "DETAIL", "FC28", "FC36", "FC49", "FC60", "C", "")),
    ],
)
def test_a_kernel_is_soft_bone_lung_or_not_told(kernel: str, role: Role | None) -> None:
    assert role_of_kernel(kernel) is role


@pytest.mark.parametrize(
    ("attributes", "description", "role"),
    [
        ({"ViewPosition": "AP"}, "", Role.XRAY_FRONTAL),
        ({"ViewPosition": "LL"}, "", Role.XRAY_LATERAL),
        ({"ViewPosition": "RLO"}, "", Role.XRAY_OBLIQUE),
        *(
            ({"ViewPosition": view}, "", Role.XRAY_OBLIQUE)
            for view in ("OBL", "OBLI", "Oblique", "RT OBL", "AP OBLIQUE")
        ),
        ({"ViewPosition": "OBLI", "PatientOrientation": "L\\F"}, "Spine AP", Role.XRAY_OBLIQUE),
        ({"PatientOrientation": "LA\\F"}, "", Role.XRAY_OBLIQUE),
        ({"PatientOrientation": "PR\\F"}, "", Role.XRAY_OBLIQUE),
        ({"PatientOrientation": "LF\\FR"}, "", Role.XRAY_FRONTAL),
        ({"PatientOrientation": "A\\F"}, "", Role.XRAY_LATERAL),
        ({"PatientOrientation": "L\\F"}, "", Role.XRAY_FRONTAL),
        ({}, "Spine lat standing", Role.XRAY_LATERAL),
        ({}, "Spine AP and lat", Role.UNKNOWN),
        ({}, "", Role.UNKNOWN),
    ],
)
def test_a_radiograph_is_named_by_its_view(
    suggested: Callable[..., Suggestion], attributes: dict[str, str], description: str, role: Role
) -> None:
    assert suggested("CR", description, **attributes).role is role


def test_an_oblique_film_is_suggested_by_its_view_whatever_its_rows_lead_to(
    suggested: Callable[..., Suggestion],
) -> None:
    found = suggested("CR", "Spine AP", ViewPosition="OBLI", PatientOrientation="L\\F")
    assert [(reason.code, reason.args["value"]) for reason in found.because] == [("ROLE_VIEW", "OBLI")]


def test_a_radiograph_that_was_stored_as_a_capture_keeps_its_view(suggested: Callable[..., Suggestion]) -> None:
    assert suggested("CR", sop_class=CAPTURE, ViewPosition="PA").role is Role.XRAY_FRONTAL
    assert suggested("OT", sop_class=CAPTURE, ViewPosition="PA").role is Role.CAPTURE


@pytest.mark.parametrize(
    ("modality", "attributes", "role"),
    [
        ("CT", {"ImageType": "ORIGINAL\\PRIMARY\\LOCALIZER"}, Role.LOCALIZER),
        ("CT", {"ImageType": "DERIVED\\PRIMARY\\PERFUSION\\RCBF", "ConvolutionKernel": "B31f"}, Role.CALCULATED),
        ("PT", {"CorrectedImage": "DECY\\ATTN\\SCAT"}, Role.PET),
        ("PT", {"CorrectedImage": "DECY\\SCAT"}, Role.PET_NOT_CORRECTED),
        ("PT", {"AttenuationCorrected": "NO"}, Role.PET_NOT_CORRECTED),
        ("PT", {"AttenuationCorrected": "YES"}, Role.PET),
        ("PT", {}, Role.PET),
    ],
)
def test_scouts_maps_and_uncorrected_pet_are_told_apart(
    suggested: Callable[..., Suggestion], modality: str, attributes: dict[str, str], role: Role
) -> None:
    assert suggested(modality, **attributes).role is role


@pytest.mark.parametrize(
    ("position", "description", "posture", "source"),
    [
        ("HFS", "", Posture.SUPINE, Source.ATTRIBUTES),
        ("FFP", "", Posture.PRONE, Source.ATTRIBUTES),
        ("HFDR", "", None, Source.NOTHING),
        ("", "Spine lat standing", Posture.STANDING, Source.DESCRIPTION),
        ("HFS", "standing", Posture.SUPINE, Source.ATTRIBUTES),
        ("", "understand", None, Source.NOTHING),
    ],
)
def test_posture_comes_from_the_position_and_from_the_description_last(
    suggested: Callable[..., Suggestion], position: str, description: str, posture: Posture | None, source: Source
) -> None:
    found = suggested("CT", description, PatientPosition=position)
    assert (found.posture, found.posture_source) == (posture, source)


def test_the_coordinators_word_wins(axial: Axial, suggested: Callable[..., Suggestion]) -> None:
    (result,) = gate(axial(0, 5))
    found = suggested("CT", ConvolutionKernel="B31f")
    assert (role_of(result.stack, found), source_of(result.stack, found)) == (Role.CT_SOFT, Source.ATTRIBUTES)
    said = replace(result.stack, role="CT_BONE")
    assert (role_of(said, found), source_of(said, found)) == (Role.CT_BONE, Source.PERSON)
    other = replace(result.stack, role="my own word")
    assert (role_of(other, found), source_of(other, found)) == (Role.UNKNOWN, Source.PERSON)


def test_an_agent_that_says_none_is_none() -> None:
    assert [contrast_of(agent) for agent in ("", " none ", "11 ml Omniscan")] == [
        Contrast.NOT_TOLD,
        Contrast.NONE,
        Contrast.GIVEN,
    ]


def test_every_word_has_a_name() -> None:
    names = [f"ROLE_{role}" for role in Role] + [f"ROLE_SOURCE_{source}" for source in Source]
    names += [f"CONTRAST_{word}" for word in Contrast] + [f"POSTURE_{word}" for word in Posture]
    assert [name for name in names if name not in catalogue()] == []
    assert Role.T2 in roles_of("MR")
    assert Role.T2 not in roles_of("CT")
    assert Role.XRAY_LATERAL in roles_of("DX")
    assert set(roles_of("OT")) == set(Role)
