"""What joins the panels of lesions with the read: the table, the fields of the selected lesion, the hint of a split."""

from __future__ import annotations

from typing import TYPE_CHECKING

from spinereview.domain.imaging import Id, ImageRef
from spinereview.domain.measurement import PointMpx, PointUm
from spinereview.imaging.slicing import Orientation
from spinereview.ui.present_editor import editor_view

if TYPE_CHECKING:
    from spinereview.ui.panels.side import SidePanel
    from spinereview.ui.workbench import Workbench


class LesionWork:
    """Shows the lesions of the read, and carries what is said of them to it."""

    def __init__(self, bench: Workbench, side: SidePanel) -> None:
        self._bench, self._side = bench, side
        reading, editor, details = bench.reading, side.editor, side.details
        reading.locate = self._position
        side.lesions.jumped.connect(bench.navigation.jump)
        side.lesions.part_chosen.connect(reading.select)
        side.lesions.expanded.connect(reading.toggle_expanded)
        side.lesions.edited.connect(lambda _lesion: self.edit())
        editor.role_edited.connect(reading.set_role)
        editor.nodal_edited.connect(lambda _on: reading.toggle_node())
        editor.tissue_edited.connect(reading.set_tissue)
        editor.new_status_edited.connect(reading.set_new_status)
        for panel in (editor, details):
            panel.site_edited.connect(reading.set_site)
            panel.acted.connect(self._do)
            panel.left.connect(self._to_image)
        details.refused.connect(reading.refused)

    def refresh(self) -> None:
        """Show table and fields as the read has them."""
        reading = self._bench.reading
        self._side.lesions.show_table(reading.table(), reading.selected, reading.part)
        lesion = reading.lesion
        view = None
        if lesion is not None:
            problems = reading.problems().get(lesion.id, ())
            view = editor_view(reading.read, reading.case, reading.settings, lesion, reading.timepoint, problems)
        self._side.show_lesion(view, read_only=reading.session.readonly_because is not None)
        self._side.show_hint(reading.hint())

    def edit(self) -> None:
        """Go to the fields of the selected lesion by key."""
        if self._bench.reading.lesion is None:
            self._bench.reading.say_select()
        else:
            self._side.tabs.setCurrentIndex(0)
            self._side.editor.organ.setFocus()

    def _do(self, command: object) -> None:
        self._bench.reading.do(command)  # type: ignore[arg-type]  # a signal carries any object; the fields emit commands
        # A field whose act was refused shows what the read says.
        self.refresh()

    def _to_image(self) -> None:
        self._bench.grid.active.setFocus()

    def _position(self, image: ImageRef, point: PointMpx) -> PointUm | None:
        """Position in the patient of a point of an acquired image; None where the images have none."""
        shown = self._bench.stack_shown(Id(image.stack))
        place = None if shown is None else shown.place_of(image)
        if shown is None or place is None:
            return None
        found = shown.planes(Orientation.NATIVE).to_patient(place, point[0] / 1000, point[1] / 1000)
        return None if found is None else (round(found[0] * 1000), round(found[1] * 1000), round(found[2] * 1000))
