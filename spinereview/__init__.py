"""spinereview: a reading workstation for trials of spine metastases."""

__version__ = "0.1.0"
