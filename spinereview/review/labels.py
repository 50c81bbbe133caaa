"""The name by which a lesion is shown: its number, which never changes, after the letters of its role (``T01``)."""

from __future__ import annotations

from spinereview.criteria.evidence.labels import lesion_label as label

__all__ = ["label"]
