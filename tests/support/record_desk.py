"""An investigator's desk for tests: a clinical record, made and opened by the program itself, on a steady clock."""

from __future__ import annotations

from pathlib import Path

from trail_desk import SHA, SteadyClock

from spinereview.domain.anatomy import Site
from spinereview.domain.case import Case, TreatedSite
from spinereview.domain.clinical import ClinicalRecord
from spinereview.domain.imaging import Id
from spinereview.domain.protocol import Anchor, Protocol, ScheduledVisit
from spinereview.domain.table import Table
from spinereview.review.audit import Author
from spinereview.review.command import Role
from spinereview.review.session import Session
from spinereview.storage.trailfile import TrailFile, read_trail
from spinereview.workflow.clinical import new_record, old_record
from spinereview.workflow.reads import Workstation
from spinereview.workflow.settings import SettingsFolder

SITE = TreatedSite(id=Id("S1"), site=Site(organ="BONE", location="VERTEBRA L2"))
CASE = Case(id=Id("c-1"), subject_code="K7QX", protocol_sha256=SHA, treated_sites=Table({"S1": SITE}))
DAYS = {"BL": -1, "M3": 91, "M6": 183}
VISITS = {name: ScheduledVisit(name=name, anchor=Anchor.SURGERY, day=day) for name, day in DAYS.items()}
PROTOCOL = Protocol(id="trial", version="1", title="Trial", sha256=SHA, visits=Table(VISITS))


class RecordDesk:
    """Makes, opens and reads the record of one folder."""

    def __init__(self, folder: Path) -> None:
        self.path = folder / "K7QX.srclin"
        self.clock = SteadyClock()
        settings = SettingsFolder(folder=folder / "settings")
        self.station = Workstation(settings=settings, documents=folder / "documents", clock=self.clock)

    def create(self) -> Session[ClinicalRecord]:
        return new_record(self.path, CASE, PROTOCOL, "I1", self.station)

    def open(self, investigator: str = "I1") -> Session[ClinicalRecord]:
        return old_record(self.path, CASE, PROTOCOL, investigator, self.station)

    def read(self) -> TrailFile:
        return read_trail(self.path, author=Author(actor="-", role=Role.INVESTIGATOR, program="-"))
