"""The response of a timepoint: outcome, numbers, why, what the reader is asked, and the tree down to lesions and images."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import partial
from itertools import pairwise

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QFrame, QGridLayout, QHBoxLayout, QLabel, QPushButton, QSizePolicy, QVBoxLayout, QWidget

from spinereview.domain.imaging import Id
from spinereview.text import sentence
from spinereview.ui.panels.fields import KeyButton
from spinereview.ui.theme import BODY_PX, DARK, pixmap

SUMMARY_PX = 3 * (BODY_PX + 4)
"""Room for three lines of reasons is kept, so that nothing jumps while a caliper moves."""


@dataclass(frozen=True, slots=True)
class Figure:
    """A line of numbers that stand below one another: what it is, millimetres, change in per cent, change in mm."""

    name: str
    values: tuple[str, str, str]
    tone: str = "hi"


@dataclass(frozen=True, slots=True)
class TreeLine:
    """A line of a branch; with a lesion it is a link to its measurement, ``image`` says on which image that is."""

    text: str
    lesion: Id | None = None
    image: str = ""


@dataclass(frozen=True, slots=True)
class Branch:
    """A part of the response: its name and outcome, what it rests on, the rules that it follows."""

    name: str
    outcome: str = ""
    tone: str = "mid"
    lines: tuple[TreeLine, ...] = ()
    rules: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Choice:
    """An answer that can be given to a question of the response, and what follows from it."""

    key: str
    value: str
    name: str
    consequence: str


@dataclass(frozen=True, slots=True)
class Question:
    """What the response asks the reader."""

    text: str
    choices: tuple[Choice, ...]


@dataclass(frozen=True, slots=True)
class ResponseView:
    """What the panel shows of one timepoint.

    Parameters
    ----------
    outcome
        ``PD``, ``PR`` ...; ``–`` where there is none.
    tone
        Tone of the outcome: ``ok``, ``warn``, ``bad`` or ``mid``.
    summary
        Why, in a sentence or two.
    current
        Timepoint that the links lead to.
    """

    outcome: str = ""
    tone: str = "mid"
    title: str = ""
    timepoint: str = ""
    figures: tuple[Figure, ...] = ()
    summary: str = ""
    questions: tuple[Question, ...] = ()
    branches: tuple[Branch, ...] = ()
    warnings: tuple[str, ...] = ()
    missing: tuple[str, ...] = ()
    current: Id | None = None


@dataclass(slots=True, eq=False)
class _Part:
    """A part of the panel from top to bottom: its widgets, and those of them that have words, in the order of the words."""

    form: tuple[object, ...] | None = None
    widgets: list[QWidget] = field(default_factory=list)
    labels: list[QLabel | QPushButton] = field(default_factory=list)


class ResponsePanel(QWidget):
    """Widgets are built anew only in the part where there are others; else their words change."""

    jumped = Signal(object, object)
    """(lesion, timepoint): the reader wants to see what a line rests on."""
    decided = Signal(str, str)
    """(key, value): the answer to a question."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAccessibleName("Response")
        self._layout = QVBoxLayout(self)
        self._layout.setContentsMargins(8, 8, 8, 8)
        self._layout.setSpacing(8)
        self._shown = ResponseView()
        self._parts = {
            self._outcome: _Part(),
            self._questions: _Part(),
            self._missing: _Part(),
            self._tree: _Part(),
            self._warnings: _Part(),
        }
        self._labels: list[QLabel | QPushButton] = []
        """Of the part that is being built."""
        self.links: list[QPushButton] = []
        self.choices: dict[tuple[str, str], QPushButton] = {}
        self._layout.addStretch(1)

    @property
    def shown(self) -> ResponseView:
        """What is shown."""
        return self._shown

    def words(self) -> str:
        """All words that the panel shows, top to bottom, as a reader would."""
        return "\n".join(label.text() for label in self.labels() if label.text())

    def labels(self) -> tuple[QLabel | QPushButton, ...]:
        """All that has words, top to bottom."""
        return tuple(label for part in self._parts.values() for label in part.labels)

    def show_response(self, view: ResponseView) -> None:
        """Show another response."""
        if view == self._shown:
            return
        self._shown = view
        place = 0
        for (build, part), form, words in zip(self._parts.items(), _forms(view), _words(view), strict=True):
            if form != part.form:
                self._renew(part, build(view), place)
                part.form = form
            for label, text in zip(part.labels, words, strict=True):
                if label.text() != text:
                    label.setText(text)
            place += len(part.widgets)
        for before, after in pairwise([*self.choices.values(), *self.links]):
            # What is built anew would come last when somebody goes on with the tabulator.
            self.setTabOrder(before, after)

    def _renew(self, part: _Part, widgets: list[QWidget], place: int) -> None:
        """Put other widgets where those of a part are."""
        for old in part.widgets:
            # Hidden by word: a layout shows its widgets a moment later, and one without a parent would be a window.
            old.hide()
            self._layout.removeWidget(old)
            old.setParent(None)
            old.deleteLater()
        for step, new in enumerate(widgets):
            self._layout.insertWidget(place + step, new)
        part.widgets = widgets
        part.labels, self._labels = self._labels, []

    def _outcome(self, view: ResponseView) -> list[QWidget]:
        return [self._outcome_card(view)]

    def _questions(self, view: ResponseView) -> list[QWidget]:
        self.choices = {}
        return [self._question_card(question) for question in view.questions]

    def _missing(self, view: ResponseView) -> list[QWidget]:
        return [self._note("triangle-alert", DARK.warn, text) for text in view.missing]

    def _tree(self, view: ResponseView) -> list[QWidget]:
        self.links = []
        return [self._tree_card(view)] if view.branches else []

    def _warnings(self, view: ResponseView) -> list[QWidget]:
        return [self._note("info", DARK.accent, text) for text in view.warnings]

    def _kept(self, label: QLabel) -> QLabel:
        self._labels.append(label)
        return label

    def _outcome_card(self, view: ResponseView) -> QFrame:
        card, layout = _card()
        head = QHBoxLayout()
        head.addWidget(self._kept(_label(view.outcome, role="outcome", tone=view.tone)))
        head.addWidget(self._kept(_label(view.title, role="title")), 1)
        head.addWidget(self._kept(_label(view.timepoint, role="secondary")))
        layout.addLayout(head)
        if view.figures:
            grid = QGridLayout()
            grid.setHorizontalSpacing(12)
            grid.setVerticalSpacing(2)
            grid.setColumnStretch(0, 1)
            for row, figure in enumerate(view.figures):
                grid.addWidget(self._kept(_label(figure.name, tone="mid")), row, 0)
                for place, value in enumerate(figure.values, start=1):
                    number = self._kept(_label(value, tone=figure.tone))
                    number.setWordWrap(False)
                    grid.addWidget(number, row, place, Qt.AlignmentFlag.AlignRight)
                    grid.setColumnMinimumWidth(place, 64)
            layout.addLayout(grid)
        if view.summary:
            summary = self._kept(_label(view.summary))
            summary.setMinimumHeight(SUMMARY_PX if view.figures else 0)
            summary.setAlignment(Qt.AlignmentFlag.AlignTop)
            layout.addWidget(summary)
        return card

    def _question_card(self, question: Question) -> QFrame:
        card, layout = _card()
        layout.addWidget(self._kept(_label(question.text, tone="warn")))
        for choice in question.choices:
            button = KeyButton(choice.name, card)
            button.setAccessibleDescription(choice.consequence)
            button.clicked.connect(partial(self._choose, choice))
            self.choices[choice.key, choice.value] = button
            self._labels.append(button)
            layout.addWidget(button)
            layout.addWidget(self._kept(_label(choice.consequence, role="secondary", wrap=True)))
        return card

    def _tree_card(self, view: ResponseView) -> QFrame:
        card, layout = _card()
        layout.setSpacing(2)
        for place, branch in enumerate(view.branches):
            if place:
                layout.addSpacing(8)
            head = QHBoxLayout()
            name = self._kept(_label(branch.name))
            name.setStyleSheet("font-weight: 600")
            head.addWidget(name, 1)
            head.addWidget(self._kept(_label(branch.outcome, tone=branch.tone, wrap=False)))
            layout.addLayout(head)
            for line in branch.lines:
                layout.addLayout(self._line(line))
            for rule in branch.rules:
                layout.addWidget(self._kept(_label(rule, role="secondary", wrap=True)))
        return card

    def _line(self, line: TreeLine) -> QHBoxLayout:
        row = QHBoxLayout()
        row.setSpacing(6)
        if line.lesion is None:
            row.addWidget(self._kept(_label(line.text, tone="mid")), 1)
            return row
        link = KeyButton(line.text)
        link.setProperty("link", True)  # noqa: FBT003  # Qt takes it by its place alone
        link.setCursor(Qt.CursorShape.PointingHandCursor)
        link.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        link.setToolTip(sentence("UI_RESPONSE_LINK"))
        link.clicked.connect(partial(self._follow, len(self.links)))
        self.links.append(link)
        self._labels.append(link)
        row.addWidget(link, 1)
        row.addWidget(self._kept(_label(line.image, role="secondary")))
        return row

    def _note(self, icon_name: str, colour: str, text: str) -> QFrame:
        frame = QFrame()
        frame.setObjectName("card")
        layout = QHBoxLayout(frame)
        layout.setContentsMargins(14, 10, 14, 10)
        layout.setSpacing(10)
        picture = QLabel()
        picture.setPixmap(pixmap(icon_name, colour, 16, 2.0))
        layout.addWidget(picture, 0, Qt.AlignmentFlag.AlignTop)
        layout.addWidget(self._kept(_label(text)), 1)
        return frame

    def _follow(self, place: int, _checked: bool = False) -> None:
        lines = [line for branch in self._shown.branches for line in branch.lines if line.lesion is not None]
        self.jumped.emit(lines[place].lesion, self._shown.current)

    def _choose(self, choice: Choice, _checked: bool = False) -> None:
        self.decided.emit(choice.key, choice.value)


def _card() -> tuple[QFrame, QVBoxLayout]:
    card = QFrame()
    card.setObjectName("card")
    layout = QVBoxLayout(card)
    layout.setContentsMargins(14, 12, 14, 12)
    layout.setSpacing(6)
    return card, layout


def _label(text: str, *, role: str = "", tone: str = "", wrap: bool | None = None) -> QLabel:
    label = QLabel(text)
    label.setWordWrap(role not in {"outcome", "secondary"} if wrap is None else wrap)
    label.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
    label.setFocusPolicy(Qt.FocusPolicy.NoFocus)
    if role:
        label.setProperty("role", role)
    if tone:
        label.setProperty("tone", tone)
    return label


def _forms(view: ResponseView) -> tuple[tuple[object, ...], ...]:
    """What of a view decides which widgets each part has, and how they look."""
    return (
        (view.tone, bool(view.summary), tuple(figure.tone for figure in view.figures)),
        tuple(tuple((one.key, one.value) for one in question.choices) for question in view.questions),
        (len(view.missing),),
        tuple(
            (branch.tone, tuple(line.lesion is not None for line in branch.lines), len(branch.rules))
            for branch in view.branches
        ),
        (len(view.warnings),),
    )


def _words(view: ResponseView) -> tuple[tuple[str, ...], ...]:
    """Texts of each part in the order of its widgets."""
    outcome = [view.outcome, view.title, view.timepoint]
    for figure in view.figures:
        outcome += [figure.name, *figure.values]
    outcome += [view.summary] if view.summary else []
    questions: list[str] = []
    for question in view.questions:
        questions.append(question.text)
        questions += [text for one in question.choices for text in (one.name, one.consequence)]
    tree: list[str] = []
    for branch in view.branches:
        tree += [branch.name, branch.outcome]
        for line in branch.lines:
            tree += [line.text] if line.lesion is None else [line.text, line.image]
        tree += branch.rules
    return tuple(outcome), tuple(questions), view.missing, tuple(tree), view.warnings
