"""Attributes that a scan reads, by the keyword of PS3.6, and the storage classes it tells apart (PS3.4 B.5)."""

from __future__ import annotations

from functools import cache

from pydicom.datadict import tag_for_keyword


@cache
def tag(keyword: str) -> int:
    """Tag of a keyword of PS3.6.

    >>> hex(tag("PixelSpacing"))
    '0x280030'
    """
    found = tag_for_keyword(keyword)
    if found is None:
        raise KeyError(keyword)
    return found


def tags(*keywords: str) -> frozenset[int]:
    """Tags of several keywords."""
    return frozenset(tag(keyword) for keyword in keywords)


META = tags("MediaStorageSOPClassUID", "MediaStorageSOPInstanceUID", "TransferSyntaxUID")

BADGES = (
    "ConvolutionKernel", "WindowCenter", "WindowWidth", "LossyImageCompression",
    "LossyImageCompressionRatio", "LossyImageCompressionMethod", "BurnedInAnnotation",
    "ContrastBolusAgent", "EchoTime", "RepetitionTime", "InversionTime", "ScanningSequence", "SequenceName",
    "PatientPosition", "Units", "ImageType", "BodyPartExamined", "ProtocolName", "DecayCorrection",
    "SequenceVariant", "ScanOptions", "FlipAngle", "AcquisitionContrast", "ViewPosition", "PatientOrientation",
    "CorrectedImage", "AttenuationCorrected", "EchoPulseSequence", "InversionRecovery",
)  # fmt: skip
"""Attributes that are kept as text for badges and suggestions."""

OVERLAY_ROWS = tuple((group << 16) | 0x0010 for group in range(0x6000, 0x6020, 2))
"""Overlay Rows of each of the sixteen overlays that an image may have (PS3.3 C.9.2)."""
OVERLAYS = "Overlays"
"""Name under which the number of an image's overlays is kept among its attributes."""

FROM_NIFTI = "NIFTI"
"""Fourth value of Image Type of images that were made of a NIfTI file."""

SPLITTING = (
    ("EchoTime", "EchoTime"), ("EchoNumbers", "EchoNumbers"), ("InversionTime", "InversionTime"),
    ("ImageType", "ImageType"), ("SequenceName", "SequenceName"), ("ContrastBolusAgent", "ContrastBolusAgent"),
    ("ConvolutionKernel", "ConvolutionKernel"), ("TemporalPositionIdentifier", "TemporalPosition"),
    ("TriggerTime", "TriggerTime"), ("AcquisitionNumber", "AcquisitionNumber"),
    ("AcquisitionTime", "AcquisitionTime"), ("ContentTime", "ContentTime"),
)  # fmt: skip
"""Attributes that may tell images of one position apart: keyword, and name in :attr:`FrameHeader.split`."""

DATASET = (
    tags(
        "SpecificCharacterSet", "SOPClassUID", "SOPInstanceUID", "StudyInstanceUID", "SeriesInstanceUID", "Modality",
        "PatientID", "PatientBirthDate", "PatientSex", "StudyDate", "StudyDescription", "SeriesDescription",
        "SeriesNumber", "InstanceNumber", "AcquisitionDate", "FrameOfReferenceUID", "Rows", "Columns",
        "NumberOfFrames", "SamplesPerPixel", "BitsAllocated", "BitsStored", "HighBit", "PixelRepresentation",
        "PhotometricInterpretation", "PlanarConfiguration", "PixelPaddingValue", "PixelPaddingRangeLimit",
        "PixelSpacing", "PixelAspectRatio", "ImagerPixelSpacing", "PixelSpacingCalibrationType",
        "EstimatedRadiographicMagnificationFactor", "SliceThickness", "ImagePositionPatient",
        "ImageOrientationPatient", "RescaleSlope", "RescaleIntercept", "DiffusionBValue",
        "SharedFunctionalGroupsSequence", "PerFrameFunctionalGroupsSequence", "DirectoryRecordSequence",
    )
    | tags(*BADGES)
    | tags(*(keyword for keyword, _ in SPLITTING))
    | frozenset(OVERLAY_ROWS)
)  # fmt: skip

GROUPS = tags(
    "PlanePositionSequence", "PlaneOrientationSequence", "PixelMeasuresSequence", "PixelValueTransformationSequence",
    "FrameContentSequence", "MRDiffusionSequence", "MREchoSequence", "MRImageFrameTypeSequence",
    "CTImageFrameTypeSequence", "PETFrameTypeSequence", "CardiacSynchronizationSequence",
    "MRModifierSequence", "CTReconstructionSequence", "TemporalPositionSequence",
)  # fmt: skip
"""Functional groups of enhanced images (PS3.3 C.7.6.16)."""

IN_GROUPS = tags(
    "ImagePositionPatient", "ImageOrientationPatient", "PixelSpacing", "SliceThickness", "RescaleSlope",
    "RescaleIntercept", "StackID", "TemporalPositionIndex", "FrameAcquisitionNumber", "DiffusionBValue",
    "DiffusionGradientDirectionSequence", "DiffusionGradientOrientation", "DiffusionDirectionality",
    "EffectiveEchoTime", "FrameType", "NominalCardiacTriggerDelayTime",
    "TemporalPositionTimeOffset", "FrameAcquisitionDateTime", "FrameReferenceDateTime", "InversionTimes",
    "ComplexImageComponent", "ConvolutionKernel",
)  # fmt: skip

PRIVATE_GROUPS = frozenset((0x0019, 0x0029, 0x0043, 0x2001))
"""Private groups in which manufacturers keep the b-value."""

_STORAGE = "1.2.840.10008.5.1.4.1.1."
CROSS_SECTIONS = frozenset(
    _STORAGE + name
    for name in ("2", "2.1", "2.2", "4", "4.1", "4.4", "128", "130", "128.1")
)  # fmt: skip
"""CT, MR and PET: plain, enhanced, and converted from plain (legacy)."""
CAPTURES = frozenset(_STORAGE + name for name in ("7", "7.1", "7.2", "7.3", "7.4"))
ULTRASOUND = frozenset(_STORAGE + name for name in ("3", "3.1", "6", "6.1", "6.2"))
SEGMENTATIONS = frozenset(_STORAGE + name for name in ("66.4", "66.5", "66.7", "66.8"))
COMPUTED_MAPS = frozenset(_STORAGE + name for name in ("30", "481.2", "66.1", "66.2", "66.3", "77.1.6"))
"""Objects with pixels that are no pictures for reading: parametric maps, dose, registrations, whole slides."""
PROJECTIONS = frozenset(
    _STORAGE + name
    for name in ("1", "1.1", "1.1.1", "1.2", "1.2.1", "1.3", "1.3.1", "12.1", "12.1.1", "12.2", "12.2.1", "20")
)  # fmt: skip
"""Radiographs, mammographs, angiographs, fluoroscopy, planar scintigraphy."""
IMAGES = CROSS_SECTIONS | CAPTURES | ULTRASOUND | PROJECTIONS
"""Classes of images that are for reading."""
PROJECTION_MODALITIES = frozenset(("CR", "DX", "XA", "RF", "MG", "PX", "IO", "RG", "RTIMAGE", "DR"))
RADIOGRAPHS = frozenset(("CR", "DX", "RG", "DR"))
"""Modalities whose images are single exposures, each with its own direction and magnification."""
ULTRASOUND_MODALITIES = frozenset(("US", "IVUS"))
