"""An organ that no list offers, as another program may have said it, stays what it is."""

from __future__ import annotations

from dataclasses import replace

from PySide6.QtCore import Qt
from PySide6.QtTest import QTest


def test_an_organ_that_the_list_does_not_offer_is_shown_and_kept(desk) -> None:
    desk.baseline_target()
    desk.bench.reading.set_site(replace(desk.lesion().site, organ="SPLEEN"))
    desk.breathe()
    editor = desk.bench.editor
    assert editor.organ.currentText() == "spleen"
    row = desk.bench.lesions.table().rows[0]
    assert "spleen" in (row.site, row.detail)
    editor.location.setFocus(Qt.FocusReason.MouseFocusReason)
    QTest.keyClicks(editor.location, "hilum")
    desk.key(Qt.Key.Key_Return)
    assert (desk.lesion().site.organ, desk.lesion().site.location) == ("SPLEEN", "hilum")
