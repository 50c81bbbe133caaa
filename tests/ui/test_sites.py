"""Treated sites by mouse and keys: named beside the images, what follows at once, undo, the lesion in a site."""

from __future__ import annotations

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication
from shiboken6 import isValid

from spinereview.domain.anatomy import Level, Site
from spinereview.domain.case import TreatedSite
from spinereview.domain.imaging import Id
from spinereview.ui.panels.side import Page
from spinereview.ui.panels.sites import SitesDialog
from spinereview.ui.present_editor import editor_view
from spinereview.ui.site_work import sites_view


@pytest.fixture
def trial(empty, images):
    """Baseline and follow-up of trial 2."""
    empty.window.opening.choose_protocol("nct06120426")
    empty.window.open_path(images, "S-1")
    empty.wait(empty.window.opening.take.isVisible, "visits")
    empty.click(empty.window.opening.take)
    empty.loaded()
    return empty


@pytest.fixture
def dialog(trial):
    trial.window.actions_by_id["treated_sites"].trigger()
    found = trial.bench.findChild(SitesDialog)
    trial.wait(found.isVisible, "list of sites")
    yield found
    if isValid(found):
        found.close()


def write(dialog, name, text):
    field = dialog.fields[name]
    field.setFocus()
    field.selectAll()
    QTest.keyClick(field, Qt.Key.Key_Delete)
    QTest.keyClicks(field, text)


def test_a_site_is_named_by_keys_and_the_forms_ask_about_it(trial, dialog) -> None:
    assert dialog.list.count() == 0
    write(dialog, "levels", "t9-t10")
    write(dialog, "treatment", "SBRT")
    QTest.keyClick(dialog.fields["treatment"], Qt.Key.Key_Return)
    (site,) = trial.read.treated_sites.values()
    assert (site.site.levels, site.intent) == ((Level.T9, Level.T10), "SBRT")
    assert dialog.list.item(0).text() == "TS01: T9-T10, SBRT"
    assert dialog.site == "TS01"
    tabs = trial.bench.tabs
    trial.click(tabs, tabs.tabRect(Page.FORMS.value).center())
    trial.bench.navigation.show_timepoint(Id("FU1"))
    trial.breathe()
    assert "SPINO/TS01" in trial.bench.forms.cards
    assert trial.bench.history.texts()[0] == "Name a treated site: T9-T10"


def test_what_cannot_be_is_said_in_the_list_and_changes_nothing(trial, dialog) -> None:
    trial.click(dialog.keep)
    assert "needs levels" in dialog.said.text()
    write(dialog, "levels", "X4")
    trial.click(dialog.keep)
    assert "X4" in dialog.said.text()
    assert not trial.read.treated_sites
    write(dialog, "levels", "T9")
    trial.click(dialog.keep)
    assert dialog.said.text() == ""


def test_a_site_is_changed_removed_and_every_step_undone(trial, dialog) -> None:
    write(dialog, "levels", "T9")
    trial.click(dialog.keep)
    write(dialog, "levels", "T9, T10")
    write(dialog, "adjacent", "T8")
    trial.click(dialog.keep)
    assert dialog.list.item(0).text() == "TS01: T9-T10, beside it T8"
    trial.click(dialog.new)
    assert dialog.fields["levels"].text() == ""
    write(dialog, "levels", "L3")
    trial.click(dialog.keep)
    assert [dialog.list.item(place).text() for place in range(2)] == ["TS01: T9-T10, beside it T8", "TS02: L3"]
    trial.click(dialog.remove)
    assert list(trial.read.treated_sites) == ["TS01"]
    for left in (2, 1, 1, 0):
        QTest.keyClick(dialog.list, Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier)
        assert dialog.list.count() == left
    assert not trial.read.treated_sites


def test_a_lesion_is_put_into_a_site_among_its_details(trial, dialog) -> None:
    write(dialog, "levels", "T9")
    trial.click(dialog.keep)
    trial.click(dialog.close_it)
    trial.baseline_target()
    trial.bench.reading.set_site(Site(organ="BONE", location="", levels=(Level.T9,)))
    trial.bench.tabs.setCurrentIndex(Page.LESIONS.value)
    side = trial.bench._side
    trial.click(side.editor.more)
    trial.breathe()
    box = side.details.treated
    assert [box.itemText(place) for place in range(box.count())] == ["in none", "TS01: T9"]
    box.setFocus()
    QTest.keyClicks(box, "TS")
    QTest.keyClick(box, Qt.Key.Key_Return)
    assert trial.read.lesions["L01"].treated_site == "TS01"
    # Without a window manager nobody gives the keys back when a window of its own closes.
    trial.window.activateWindow()
    trial.activate(trial.pane)
    trial.keys(Qt.Key.Key_Z, modifiers=Qt.KeyboardModifier.ControlModifier)
    assert trial.read.lesions["L01"].treated_site is None
    assert box.currentData() is None


def test_without_a_site_no_lesion_is_asked_for_one(desk) -> None:
    desk.baseline_target()
    reading = desk.bench.reading
    view = editor_view(reading.read, reading.case, reading.settings, reading.lesion, reading.timepoint, ())
    assert view.sites == ()
    assert not desk.bench._side.details.treated.isVisible()


def test_sites_of_the_coordinator_are_shown_and_not_changed(trial, dialog) -> None:
    reading = trial.bench.reading
    given = TreatedSite(id=Id("A"), site=Site(organ="BONE", location="", levels=(Level.L1,)))
    case = reading.session.case
    reading.session.case = type(case)(
        id=case.id,
        subject_code=case.subject_code,
        protocol_sha256=case.protocol_sha256,
        timepoints=case.timepoints,
        treated_sites=case.treated_sites.with_("A", given),
    )
    dialog.show_view(sites_view(reading), select=Id("A"))
    assert dialog.list.item(0).text() == "A: L1"
    assert "coordinator" in dialog.note.text()
    assert not dialog.keep.isEnabled()
    assert not dialog.new.isEnabled()
    assert dialog.fields["levels"].isReadOnly()


def test_the_list_goes_with_the_case(trial, dialog) -> None:
    trial.window.close_case()
    QApplication.processEvents()
    trial.wait(lambda: trial.window.findChild(SitesDialog) is None, "no list of sites")
