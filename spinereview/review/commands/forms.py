"""Acts on the forms of a visit: what is said of a treated site, of eligibility, of all levels without a grade at once."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import ClassVar

from spinereview.criteria.evidence.eligibility import FORM as ELIGIBILITY
from spinereview.criteria.evidence.escc import FORM as ESCC
from spinereview.criteria.evidence.escc import REST, UNREMARKABLE
from spinereview.criteria.evidence.spino import ANSWERS as SPINO_ANSWERS
from spinereview.criteria.evidence.spino import FORM as SPINO
from spinereview.criteria.evidence.spino import RELATION, SpineSite, answers_at, form_of, grows, judged_at, sites_of
from spinereview.domain.as_read import case_as_read
from spinereview.domain.case import Timepoint
from spinereview.domain.eligibility import JUDGED, VARIABLES
from spinereview.domain.imaging import Id
from spinereview.domain.read import Read
from spinereview.domain.scores import Answer
from spinereview.domain.table import Table
from spinereview.errors import Refused
from spinereview.review.command import Context
from spinereview.review.commands import guards
from spinereview.review.commands.visits import visit_of

ITEMS: dict[str, tuple[str, ...]] = {SPINO: tuple(SPINO_ANSWERS), ELIGIBILITY: JUDGED, ESCC: (REST,)}
"""Items by form; those of SPINO are answered for each treated site."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AnswerForm:
    """Answer one item of a form of the visit; None takes the answer back.

    ``site`` is a treated site where the form is about one, else empty.
    """

    NAME: ClassVar[str] = "answer_form"
    VERSION: ClassVar[int] = 1
    BARRIER: ClassVar[bool] = False

    timepoint: Id
    form: str
    site: str
    item: str
    answer: Answer | None

    def apply(self, document: Read, context: Context) -> Read:
        """Next read."""
        timepoint = guards.writable(document, context.case, self.timepoint)
        if self.item not in ITEMS.get(self.form, ()):
            raise Refused("FORM_ITEM_UNKNOWN", form=self.form, item=self.item)
        if self.answer is not None and not self._fits(self.answer):
            raise Refused("FORM_ANSWER_UNKNOWN", item=self.item, value=self.answer.value)
        key = self._key(document, context, timepoint)
        visit = visit_of(document, timepoint)
        answers = visit.patient_scores.get(key, Table[Answer]())
        if self.answer is not None:
            answers = answers.with_(self.item, self.answer)
        elif self.item in answers:
            answers = answers.without(self.item)
        else:
            return document
        forms = visit.patient_scores.with_(key, answers) if answers else visit.patient_scores.without(key)
        if forms == visit.patient_scores:
            return document
        return replace(document, visits=document.visits.with_(timepoint.id, replace(visit, patient_scores=forms)))

    def _fits(self, answer: Answer) -> bool:
        if self.form == ELIGIBILITY:
            return VARIABLES[self.item].typed(answer.value) is not None
        allowed = SPINO_ANSWERS[self.item] if self.form == SPINO else (UNREMARKABLE,)
        return answer.value in allowed

    def _key(self, document: Read, context: Context, timepoint: Timepoint) -> str:
        """Key of the form's answers; refused where it is about no site, or about one that is not judged yet."""
        sites = (
            {str(site.id): site for site in sites_of(document, case_as_read(context.case, document))}
            if self.form == SPINO
            else {}
        )
        if self.form != SPINO and not self.site:
            return self.form
        if self.site not in sites:
            raise Refused("FORM_SITE_UNKNOWN", form=self.form, site=self.site)
        if self.answer is not None:
            self._site_allows(document, context, timepoint, sites[self.site])
        return form_of(self.site)

    def _site_allows(self, document: Read, context: Context, timepoint: Timepoint, site: SpineSite) -> None:
        if not judged_at(context.case, timepoint, context.protocol):
            raise Refused("SPINO_BASELINE_JUDGED", site=site.label, timepoint=timepoint.label)
        if self.item == RELATION and not grows(answers_at(document, site, timepoint)):
            raise Refused("SPINO_RELATION_WITHOUT_GROWTH", site=site.label)
