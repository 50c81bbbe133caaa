"""The modules that an image of a phantom must have, by SOP Class (PS3.3 A.2, A.3, A.4, A.26, A.36, A.38).

Type 1 attributes are filled, type 2 attributes are there and empty where nothing is known. The images say that they are
derived: no scanner made them.
"""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from numpy.typing import NDArray
from pydicom.dataset import Dataset

from spinereview.dicom.series_plan import SeriesPlan, decimal_string
from spinereview.domain.checks import require
from spinereview.domain.imaging import Calibration

_SOP_CLASSES = {
    "CT": "1.2.840.10008.5.1.4.1.1.2",
    "MR": "1.2.840.10008.5.1.4.1.1.4",
    "CR": "1.2.840.10008.5.1.4.1.1.1",
    "DX": "1.2.840.10008.5.1.4.1.1.1.1",
}
_ENHANCED_SOP_CLASSES = {"CT": "1.2.840.10008.5.1.4.1.1.2.1", "MR": "1.2.840.10008.5.1.4.1.1.4.1"}
_PROJECTIONS = frozenset({"CR", "DX"})

_OF_MODALITY: dict[str, dict[str, Any]] = {
    # CT Image (C.8.2.1)
    "CT": {
        "ImageType": ["DERIVED", "SECONDARY", "AXIAL"],
        "KVP": None,
        "AcquisitionNumber": "1",
        "RescaleType": "HU",
        "PatientPosition": "HFS",
    },
    # MR Image (C.8.3.1)
    "MR": {
        "ImageType": ["DERIVED", "SECONDARY", "OTHER"],
        "ScanningSequence": "SE",
        "SequenceVariant": "NONE",
        "ScanOptions": None,
        "MRAcquisitionType": "2D",
        "RepetitionTime": None,
        "EchoTime": None,
        "EchoTrainLength": None,
        "PatientPosition": "HFS",
    },
    # CR Series (C.8.1.1)
    "CR": {"ImageType": ["DERIVED", "SECONDARY"], "BodyPartExamined": "SPINE", "ViewPosition": "AP"},
    # DX Series, Anatomy Imaged, Image, Detector, Positioning (C.8.11)
    "DX": {
        "ImageType": ["DERIVED", "PRIMARY", ""],
        "PresentationIntentType": "FOR PRESENTATION",
        "ImageLaterality": "U",
        "PixelIntensityRelationship": "LOG",
        "PixelIntensityRelationshipSign": -1,
        "RescaleType": "US",
        "PresentationLUTShape": "IDENTITY",
        "LossyImageCompression": "00",
        "BurnedInAnnotation": "NO",
        "DetectorType": None,
        "PositionerType": None,
        "PatientOrientation": ["L", "F"],
    },
}


def sop_class_uid(modality: str, *, enhanced: bool) -> str:
    """SOP Class UID of a modality.

    Raises
    ------
    InvalidValue
        ``PHANTOM_MODALITY`` for one that is not written.
    """
    classes = _ENHANCED_SOP_CLASSES if enhanced else _SOP_CLASSES
    require(holds=modality in classes, code="PHANTOM_MODALITY", value=modality)
    return classes[modality]


def image_dataset(plan: SeriesPlan, samples: NDArray[Any], index: int) -> Dataset:
    """Data set of one image without its pixels."""
    dataset = _common(plan, samples, enhanced=False)
    dataset.SOPInstanceUID = plan.uid(f"series {plan.series_number} image {index + 1}")
    dataset.InstanceNumber = str(index + 1)
    for keyword, value in _OF_MODALITY[plan.modality].items():
        setattr(dataset, keyword, value)
    if plan.modality == "DX":
        dataset.AnatomicRegionSequence = [_spine()]
        dataset.AcquisitionContextSequence = []
    _place(plan, dataset, index)
    dataset.RescaleIntercept = decimal_string(_of(plan.intercepts, index))
    dataset.RescaleSlope = decimal_string(_of(plan.slopes, index))
    dataset.WindowCenter, dataset.WindowWidth = (decimal_string(value) for value in plan.window)
    return _with_attributes(plan, dataset)


def enhanced_dataset(plan: SeriesPlan, samples: NDArray[Any]) -> Dataset:
    """Data set of an enhanced multi-frame image without its pixels: one frame an image (PS3.3 C.7.6.16)."""
    dataset = _common(plan, samples, enhanced=True)
    dataset.SOPInstanceUID = plan.uid(f"series {plan.series_number} enhanced")
    dataset.InstanceNumber = "1"
    dataset.NumberOfFrames = str(samples.shape[0])
    dataset.ImageType = ["DERIVED", "PRIMARY", "VOLUME", "NONE"]
    dataset.PatientPosition = "HFS"
    dataset.ManufacturerModelName = "Phantom"
    dataset.DeviceSerialNumber = "1"
    dataset.SoftwareVersions = "1"
    dataset.AcquisitionContextSequence = []
    dataset.PixelPresentation = "MONOCHROME"
    dataset.VolumetricProperties = "VOLUME"
    dataset.VolumeBasedCalculationTechnique = "NONE"
    dataset.ContentQualification = "RESEARCH"
    dataset.BurnedInAnnotation = "NO"
    dataset.LossyImageCompression = "00"
    dataset.PresentationLUTShape = "IDENTITY"
    if plan.modality == "MR":
        dataset.ComplexImageComponent = "MAGNITUDE"
        dataset.AcquisitionContrast = "UNKNOWN"
    _dimensions(plan, dataset)
    dataset.SharedFunctionalGroupsSequence = [_shared_groups(plan)]
    dataset.PerFrameFunctionalGroupsSequence = [_frame_groups(plan, index) for index in range(samples.shape[0])]
    return _with_attributes(plan, dataset)


def _common(plan: SeriesPlan, samples: NDArray[Any], *, enhanced: bool) -> Dataset:
    """Patient, General Study, General Series, Frame of Reference, Equipment, Image Pixel, SOP Common."""
    signed = samples.dtype.kind == "i"
    dataset = Dataset()
    for keyword, value in {
        "SpecificCharacterSet": "ISO_IR 192",
        "SOPClassUID": sop_class_uid(plan.modality, enhanced=enhanced),
        "StudyDate": plan.study_date,
        "SeriesDate": plan.study_date,
        "ContentDate": plan.study_date,
        "AcquisitionDate": plan.study_date,
        "StudyTime": plan.study_time,
        "ContentTime": plan.study_time,
        "AccessionNumber": "",
        "Modality": plan.modality,
        "Manufacturer": "spinereview",
        "ReferringPhysicianName": "",
        "StudyDescription": plan.study_description,
        "SeriesDescription": plan.series_description,
        "PatientName": plan.patient_name,
        "PatientID": plan.patient_id,
        "PatientBirthDate": plan.birth_date,
        "PatientSex": plan.sex,
        "StudyInstanceUID": plan.uid("study", plan.study_uid),
        "SeriesInstanceUID": plan.uid(f"series {plan.series_number}", plan.series_uid),
        "StudyID": "1",
        "SeriesNumber": str(plan.series_number),
        "SamplesPerPixel": 1,
        "PhotometricInterpretation": "MONOCHROME2",
        "Rows": samples.shape[1],
        "Columns": samples.shape[2],
        "BitsAllocated": samples.dtype.itemsize * 8,
        "BitsStored": min(plan.bits_stored, samples.dtype.itemsize * 8),
        "HighBit": min(plan.bits_stored, samples.dtype.itemsize * 8) - 1,
        "PixelRepresentation": int(signed),
    }.items():
        setattr(dataset, keyword, value)
    if plan.modality not in _PROJECTIONS:
        dataset.FrameOfReferenceUID = plan.uid("frame of reference", plan.frame_of_reference_uid)
        dataset.PositionReferenceIndicator = ""
    if plan.padding_value is not None:
        dataset.add_new("PixelPaddingValue", "SS" if signed else "US", plan.padding_value)
    return dataset


def _place(plan: SeriesPlan, dataset: Dataset, index: int) -> None:
    """Image Plane of a cross-section; of a projection the spacing that it is calibrated to, or none (PS3.3 10.7.1)."""
    spacing = [decimal_string(value) for value in plan.geometry.pixel_spacing_mm]
    if plan.modality in _PROJECTIONS:
        if plan.calibration is not Calibration.NONE:
            dataset.ImagerPixelSpacing = spacing
        if plan.calibration is Calibration.FIDUCIAL:
            dataset.PixelSpacing = spacing
            dataset.PixelSpacingCalibrationType = "FIDUCIAL"
        return
    dataset.PixelSpacing = spacing
    dataset.SliceThickness = decimal_string(plan.geometry.slice_thickness_mm)
    dataset.ImagePositionPatient = [decimal_string(value) for value in plan.geometry.position_mm(index)]
    dataset.ImageOrientationPatient = _orientation(plan)


def _shared_groups(plan: SeriesPlan) -> Dataset:
    """Functional groups that all frames share: pixel measures, orientation, anatomy, frame type, window."""
    measures = Dataset()
    measures.PixelSpacing = [decimal_string(value) for value in plan.geometry.pixel_spacing_mm]
    measures.SliceThickness = decimal_string(plan.geometry.slice_thickness_mm)
    orientation = Dataset()
    orientation.ImageOrientationPatient = _orientation(plan)
    anatomy = Dataset()
    anatomy.FrameLaterality = "U"
    anatomy.AnatomicRegionSequence = [_spine()]
    window = Dataset()
    window.WindowCenter, window.WindowWidth = (decimal_string(value) for value in plan.window)
    frame_type = Dataset()
    frame_type.FrameType = ["DERIVED", "PRIMARY", "VOLUME", "NONE"]
    frame_type.PixelPresentation = "MONOCHROME"
    frame_type.VolumetricProperties = "VOLUME"
    frame_type.VolumeBasedCalculationTechnique = "NONE"
    shared = Dataset()
    shared.PixelMeasuresSequence = [measures]
    shared.PlaneOrientationSequence = [orientation]
    shared.FrameAnatomySequence = [anatomy]
    shared.FrameVOILUTSequence = [window]
    if plan.modality == "CT":
        shared.CTImageFrameTypeSequence = [frame_type]
    else:
        frame_type.ComplexImageComponent = "MAGNITUDE"
        frame_type.AcquisitionContrast = "UNKNOWN"
        shared.MRImageFrameTypeSequence = [frame_type]
    return shared


def _frame_groups(plan: SeriesPlan, index: int) -> Dataset:
    """Functional groups of one frame: content, position, rescale."""
    content = Dataset()
    content.StackID = "1"
    content.InStackPositionNumber = index + 1
    content.DimensionIndexValues = [1, index + 1]
    position = Dataset()
    position.ImagePositionPatient = [decimal_string(value) for value in plan.geometry.position_mm(index)]
    rescale = Dataset()
    rescale.RescaleIntercept = decimal_string(_of(plan.intercepts, index))
    rescale.RescaleSlope = decimal_string(_of(plan.slopes, index))
    rescale.RescaleType = "HU" if plan.modality == "CT" else "US"
    frame = Dataset()
    frame.FrameContentSequence = [content]
    frame.PlanePositionSequence = [position]
    frame.PixelValueTransformationSequence = [rescale]
    return frame


def _dimensions(plan: SeriesPlan, dataset: Dataset) -> None:
    """Multi-frame Dimension: stack, then position in the stack (PS3.3 C.7.6.17)."""
    organization = Dataset()
    organization.DimensionOrganizationUID = plan.uid(f"series {plan.series_number} dimensions")
    dataset.DimensionOrganizationSequence = [organization]
    indices = []
    for pointer in (0x00209056, 0x00209057):  # Stack ID, In-Stack Position Number
        index = Dataset()
        index.DimensionOrganizationUID = organization.DimensionOrganizationUID
        index.DimensionIndexPointer = pointer
        index.FunctionalGroupPointer = 0x00209111  # Frame Content Sequence
        indices.append(index)
    dataset.DimensionIndexSequence = indices


def _spine() -> Dataset:
    code = Dataset()
    code.CodeValue, code.CodingSchemeDesignator, code.CodeMeaning = "421060004", "SCT", "Spine"
    return code


def _orientation(plan: SeriesPlan) -> list[str]:
    return [decimal_string(value) for value in (*plan.geometry.row_direction, *plan.geometry.column_direction)]


def _of(values: tuple[Decimal, ...], index: int) -> Decimal:
    return values[0] if len(values) == 1 else values[index]


def _with_attributes(plan: SeriesPlan, dataset: Dataset) -> Dataset:
    for keyword, value in plan.attributes.items():
        setattr(dataset, keyword, value)
    return dataset
