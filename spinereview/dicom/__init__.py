"""DICOM: from files to stacks and pixels, or to a reason why not."""
