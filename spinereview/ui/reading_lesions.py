"""What the reader says of the lesions: states, roles, where they lie and what they are made of."""

from __future__ import annotations

from spinereview.domain.anatomy import Site
from spinereview.domain.lesion import Lesion, LesionRole, LesionState, NewStatus, Tissue
from spinereview.errors import Refused
from spinereview.review.commands.finding_facts import SetPlaneVisible
from spinereview.review.commands.findings import MergeInto, SetNewStatus, SetOthersPresent, SetState
from spinereview.review.commands.lesions import SetNodal, SetRole, SetSite, SetTissue
from spinereview.review.labels import label
from spinereview.ui.reading_door import OpenRead

NODES = "LYMPH NODE"


class LesionReading(OpenRead):
    """Acts on the selected lesion."""

    def set_state(self, state: LesionState, *, reason: str = "", justification: str = "") -> bool:
        """Say what became of the selected lesion at the current timepoint."""
        if self.selected is None or self.timepoint is None:
            self.refused.emit(Refused("UI_SELECT_LESION"))
            return False
        return self.do(
            SetState(
                lesion=self.selected,
                timepoint=self.timepoint,
                state=state,
                reason=reason,
                justification=justification,
            )
        )

    def merge_into(self, named: str, *, plane_visible: bool = False) -> bool:
        """The selected lesion has merged at the current timepoint into the one of a name, ``"T02"``.

        Where a plane between them is seen it has not merged: it keeps its own diameter (RECIST 1.1, 4.3.2).
        """
        if self.selected is None or self.timepoint is None:
            self.refused.emit(Refused("UI_SELECT_LESION"))
            return False
        wanted = named.strip().upper()
        carrier = next((one for one in self.read.lesions.values() if label(one) == wanted), None)
        if carrier is None:
            self.refused.emit(Refused("UI_NO_SUCH_LESION", name=named))
            return False
        if carrier.id == self.selected:
            self.refused.emit(Refused("CARRIER_MERGED", lesion=label(carrier), carrier=label(carrier)))
            return False
        if plane_visible:
            return self.do(SetPlaneVisible(lesion=self.selected, timepoint=self.timepoint, visible=True))
        return self.do(MergeInto(lesion=self.selected, timepoint=self.timepoint, carrier=carrier.id))

    def toggle_target(self) -> None:
        """Target to non-target, or back."""
        lesion = self._selected_or_said()
        if lesion is not None:
            role = LesionRole.NON_TARGET if lesion.role is LesionRole.TARGET else LesionRole.TARGET
            self.do(SetRole(lesion=lesion.id, role=role))

    def toggle_node(self) -> None:
        """Lymph node, or not."""
        lesion = self._selected_or_said()
        if lesion is not None:
            self.do(SetNodal(lesion=lesion.id, nodal=not lesion.nodal))

    def set_role(self, role: LesionRole) -> None:
        """Say what the selected lesion counts as."""
        if self.lesion is not None:
            self.do(SetRole(lesion=self.lesion.id, role=role))

    def others_present(self) -> None:
        """All non-targets without a state at the current timepoint are present, without unequivocal progression."""
        if self.timepoint is None or self.current is None:
            return
        before = self.session.head
        if self.do(SetOthersPresent(timepoint=self.timepoint)) and self.session.head is before:
            self.refused.emit(Refused("UI_NO_OTHERS", timepoint=self.current.label))

    def set_site(self, site: Site) -> None:
        """Say where the selected lesion lies: among the lymph nodes it is a node, whose short axis counts, else none."""
        if self.lesion is not None:
            before = self.lesion.site.organ
            stated = self.do(SetSite(lesion=self.lesion.id, site=site))
            if stated and site.organ != before and NODES in (site.organ, before):
                self.do(SetNodal(lesion=self.lesion.id, nodal=site.organ == NODES))

    def set_tissue(self, tissue: Tissue | None, soft_tissue: bool) -> None:
        """Say what the selected lesion is made of, and whether a bone lesion has a soft-tissue component."""
        lesion = self.lesion
        if lesion is not None:
            self.do(
                SetTissue(
                    lesion=lesion.id,
                    tissue=tissue,
                    soft_tissue=soft_tissue,
                    predominantly_lytic=lesion.predominantly_lytic,
                    cystic=lesion.cystic,
                )
            )

    def set_new_status(self, status: NewStatus, cause: str) -> None:
        """Say how sure it is that the selected lesion is new."""
        if self.lesion is not None and self.timepoint is not None:
            self.do(SetNewStatus(lesion=self.lesion.id, timepoint=self.timepoint, status=status, cause=cause))

    def _selected_or_said(self) -> Lesion | None:
        if self.lesion is None:
            self.refused.emit(Refused("UI_SELECT_LESION"))
        return self.lesion
