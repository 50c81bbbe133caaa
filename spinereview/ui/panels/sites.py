"""The treated sites of a case: a list, and the fields of one site. Every change is an act; undo takes it back."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from PySide6.QtCore import QSignalBlocker, Qt, Signal
from PySide6.QtGui import QKeySequence, QShortcut
from PySide6.QtWidgets import (
    QDialog,
    QGridLayout,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QListWidget,
    QListWidgetItem,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from spinereview.domain.case import TreatedSite
from spinereview.domain.imaging import Id
from spinereview.report.site_words import words_of_site
from spinereview.review.level_text import levels_text
from spinereview.text import sentence
from spinereview.workflow.treated_sites import SiteWords

LIST_PX, FIELDS_PX = 260, 380
_FIELDS = ("levels", "place", "treatment", "resected", "instrumented", "adjacent")


@dataclass(frozen=True, slots=True, kw_only=True)
class SitesView:
    """Sites to be shown; ``note`` says whose they are, and why they cannot be changed where that is so."""

    sites: tuple[TreatedSite, ...] = ()
    writable: bool = True
    note: str = ""


class SitesDialog(QDialog):
    """Names treated sites and says what they are; stays open beside the images."""

    kept = Signal(str, object)
    """(id, :class:`SiteWords`): of a new site the id is empty."""
    removed = Signal(str)
    undone = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle(sentence("UI_TREATED_SITES").removesuffix(" ..."))
        self._view = SitesView()
        self.note = self._label("secondary")
        self.list = QListWidget(self)
        self.list.setAccessibleName(sentence("UI_TREATED_SITES").removesuffix(" ..."))
        self.list.setFixedWidth(LIST_PX)
        self.list.setWordWrap(True)
        self.list.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.fields = {name: self._line(name) for name in _FIELDS}
        self.said = self._label("")
        self.said.setProperty("tone", "warn")
        self.new = self._button("UI_SITE_NEW", self.begin)
        self.remove = self._button("UI_SITE_REMOVE", self._remove)
        self.keep = self._button("UI_KEEP", self._keep)
        self.keep.setProperty("primary", "true")
        self.close_it = self._button("UI_CLOSE", self.close)
        self._arrange()
        self.list.currentItemChanged.connect(self._show_fields)
        QShortcut(QKeySequence(QKeySequence.StandardKey.Undo), self, self.undone.emit)

    @property
    def site(self) -> Id:
        """The site that the fields are about; empty where they are about a new one."""
        item = self.list.currentItem()
        return Id("" if item is None else str(item.data(Qt.ItemDataRole.UserRole)))

    def show_view(self, view: SitesView, select: Id | None = None) -> None:
        """Show the sites as they are now; the one in front stays in front unless another is named."""
        wanted = self.site if select is None else select
        changed = view != self._view
        self._view = view
        self.note.setText(view.note)
        if changed or wanted != self.site:
            self._fill(wanted)
        for field in self.fields.values():
            field.setReadOnly(not view.writable)
        for button in (self.new, self.keep):
            button.setEnabled(view.writable)

    def say(self, words: str) -> None:
        """Say why something was refused; nothing is said with an empty text."""
        self.said.setText(words)

    def begin(self, _on: bool = False) -> None:
        """Take empty fields for a new site."""
        self.list.setCurrentRow(-1)
        self._show_fields()
        self.fields["levels"].setFocus()

    def _fill(self, wanted: Id) -> None:
        with QSignalBlocker(self.list):
            self.list.clear()
            for site in self._view.sites:
                item = QListWidgetItem(words_of_site(site))
                item.setToolTip(words_of_site(site))
                item.setData(Qt.ItemDataRole.UserRole, site.id)
                self.list.addItem(item)
                if site.id == wanted:
                    self.list.setCurrentItem(item)
        self._show_fields()

    def _show_fields(self, *_items: object) -> None:
        site = next((one for one in self._view.sites if one.id == self.site), None)
        shown = dict.fromkeys(_FIELDS, "")
        if site is not None:
            levels = {name: levels_text(tuple(getattr(site, name))) for name in _FIELDS[3:]}
            shown = {
                "levels": levels_text(site.site.levels),
                "place": site.site.location,
                "treatment": site.intent,
                **levels,
            }
        for name, text in shown.items():
            self.fields[name].setText(text)
        self.remove.setEnabled(site is not None and self._view.writable)
        self.say("")

    def _keep(self, _on: bool = False) -> None:
        self.say("")
        words = {name: field.text() for name, field in self.fields.items()}
        self.kept.emit(self.site, SiteWords(**words))

    def _remove(self, _on: bool = False) -> None:
        self.say("")
        self.removed.emit(self.site)

    def _label(self, role: str) -> QLabel:
        label = QLabel(self)
        label.setWordWrap(True)
        if role:
            label.setProperty("role", role)
        return label

    def _line(self, name: str) -> QLineEdit:
        line = QLineEdit(self)
        line.setAccessibleName(sentence(f"UI_SITE_{name.upper()}"))
        line.setPlaceholderText(sentence(f"UI_SITE_{name.upper()}_HINT"))
        line.returnPressed.connect(self._keep)
        return line

    def _button(self, code: str, do: Callable[..., object]) -> QPushButton:
        button = QPushButton(sentence(code), self)
        # Return in a field keeps the site; it must press no other button.
        button.setAutoDefault(False)
        button.clicked.connect(do)
        return button

    def _arrange(self) -> None:
        grid = QGridLayout()
        grid.setHorizontalSpacing(16)
        grid.setVerticalSpacing(8)
        for row, (name, field) in enumerate(self.fields.items()):
            words = QLabel(sentence(f"UI_SITE_{name.upper()}"), self)
            words.setProperty("tone", "mid")
            words.setBuddy(field)
            grid.addWidget(words, row, 0)
            grid.addWidget(field, row, 1)
        grid.setRowStretch(len(self.fields), 1)
        grid.setColumnMinimumWidth(1, FIELDS_PX - 120)
        left = QVBoxLayout()
        left.setSpacing(8)
        left.addWidget(self.list, 1)
        listed = QHBoxLayout()
        for button in (self.new, self.remove):
            listed.addWidget(button)
        left.addLayout(listed)
        right = QVBoxLayout()
        right.setSpacing(8)
        right.addLayout(grid, 1)
        right.addWidget(self.said)
        buttons = QHBoxLayout()
        buttons.addStretch(1)
        for button in (self.keep, self.close_it):
            buttons.addWidget(button)
        right.addLayout(buttons)
        middle = QHBoxLayout()
        middle.setSpacing(24)
        middle.addLayout(left)
        middle.addLayout(right, 1)
        whole = QVBoxLayout(self)
        whole.setContentsMargins(24, 20, 24, 16)
        whole.setSpacing(16)
        whole.addWidget(self.note)
        whole.addLayout(middle, 1)
