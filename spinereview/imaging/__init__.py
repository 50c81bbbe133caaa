"""Volumes of stored samples, slices through them, and gestures on them. NumPy; no DICOM, no files, no Qt."""
