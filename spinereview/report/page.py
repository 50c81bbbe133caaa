"""The report as one HTML file that needs nothing else: type, pictures and drawings are in it.

The same file is the screen's, the printer's and the source of the PDF. Black on white, A4, readable in grey.
"""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Iterator, Sequence

from spinereview.report.derivation import derivation, not_assessed, provenance, warnings
from spinereview.report.drawing import drawing
from spinereview.report.facts import ReadFacts
from spinereview.report.front import day_text, front
from spinereview.report.key_images import Figure, PlaneOf, Strip, stacks_drawn_on, strips
from spinereview.report.markup import Markup, element
from spinereview.report.spine import spine
from spinereview.report.words import site_text
from spinereview.resources import resource
from spinereview.review.badges import badges
from spinereview.review.labels import label
from spinereview.text import sentence

WEIGHTS = (("Regular", 400), ("SemiBold", 600))
_COUNTED = "\0"
"""Stands for a number that only the printed page knows."""


def report_html(facts: ReadFacts, plane_of: PlaneOf) -> str:
    """Report of a read.

    Parameters
    ----------
    plane_of
        Reads a plane of the images; what it cannot read is named in the report.
    """
    found = strips(facts, plane_of)
    spinal = spine(facts)
    body = element(
        "body",
        element("p", " · ".join((*_top(facts), *_bottom(facts))), class_="screen"),
        front(facts),
        *_pictures(facts, found),
        *(() if spinal is None else (spinal,)),
        derivation(facts),
        warnings(facts),
        not_assessed(facts, found),
        provenance(facts, stacks_drawn_on(facts)),
    )
    return f"<!DOCTYPE html>\n{element('html', _head(facts), body, lang='en')}\n"


def _head(facts: ReadFacts) -> Markup:
    title = sentence("REPORT_DOCUMENT", {"subject": facts.subject, "reader": facts.reader})
    metas = [element("meta", charset="utf-8"), element("title", title)]
    named = {"generator": f"spinereview {facts.program}", "author": facts.reader, "description": facts.protocol}
    when = f"{facts.trail.utc[:19]}Z"
    if facts.trail.utc:
        named |= {"dcterms.created": when, "dcterms.modified": when}
    metas += [element("meta", name=name, content=text) for name, text in named.items()]
    return element("head", *metas, element("style", Markup(_style(facts))))


def _top(facts: ReadFacts) -> tuple[str, str]:
    return sentence("REPORT_OF", {"subject": facts.subject, "reader": facts.reader}), facts.protocol


def _bottom(facts: ReadFacts) -> tuple[str, str]:
    words = {"program": facts.program, "protocol": facts.protocol_sha256[:8], "trail": facts.trail_head}
    return sentence("UI_RESEARCH_USE"), sentence("REPORT_MADE_FROM", words)


def _style(facts: ReadFacts) -> str:
    """Style sheet with the type in it and what stands at the edges of every page."""
    sheet = resource("presets", "report.css").read_text(encoding="utf-8")
    faces = []
    for name, weight in WEIGHTS:
        data = b64encode(resource("fonts", f"Inter-{name}.otf").read_bytes()).decode()
        source = f'url("data:font/otf;base64,{data}") format("opentype")'
        faces.append(f'@font-face {{ font-family: "Inter"; font-weight: {weight}; src: {source}; }}')
    before, between, after = sentence("REPORT_PAGE", {"page": _COUNTED, "pages": _COUNTED}).split(_COUNTED)
    edges = {
        "top-left": _quoted(_top(facts)[0]),
        "top-right": _quoted(_top(facts)[1]),
        "bottom-left": _quoted("\n".join(_bottom(facts))),
        "page-before": _quoted(before),
        "page-between": _quoted(between),
        "page-after": _quoted(after),
    }
    for name, text in edges.items():
        sheet = sheet.replace(f'"@{name}"', text)
    return "\n".join((*faces, sheet))


def _quoted(text: str) -> str:
    """Text as a string of CSS; what could end the string or the style sheet is written as its code point."""
    safe = "".join(char if char not in '"\\<\n' and char.isprintable() else f"\\{ord(char):x} " for char in text)
    return f'"{safe}"'


def _pictures(facts: ReadFacts, found: Sequence[Strip]) -> Iterator[Markup]:
    parts = []
    for strip in found:
        shown = [figure for figure in strip.figures if figure.plane is not None]
        if shown:
            heading = element("h3", _strip_title(strip))
            # The title stays with the first row of its pictures.
            parts.append(element("div", heading, *(_figure(facts, figure) for figure in shown), class_="strip"))
    if parts:
        yield element("section", element("h2", sentence("REPORT_IMAGES")), *parts)


def _strip_title(strip: Strip) -> str:
    lesion = strip.lesion
    return sentence("REPORT_HEIGHTS_DRAWN") if lesion is None else f"{label(lesion)}  {site_text(lesion)}"


def _figure(facts: ReadFacts, figure: Figure) -> Markup:
    what = [caliper.text for caliper in figure.calipers if figure.about in {None, caliper.lesion}]
    what += [mark.text for mark in figure.heights]
    what = [" ".join(text.split()) for text in what]
    title = day_text(facts, figure.timepoint)
    caption = element(
        "figcaption",
        element("strong", title),
        *(element("span", text) for text in (*what, _where(figure))),
    )
    return element("figure", drawing(figure, f"{title}: {'; '.join(what)}"), caption)


def _where(figure: Figure) -> str:
    """What kind of image, which one of how many, how it is windowed, and what makes its millimetres trustworthy."""
    plane, stack = figure.plane, figure.stack
    if plane is None or stack is None:
        return ""
    number, count = plane.number
    words = {"modality": stack.modality, "number": str(number), "count": str(count)}
    trust = [sentence(note.code, note.args) for note in badges(stack)]
    if plane.orientation == "NATIVE":
        what = sentence("REPORT_IMAGE", words)
    else:
        # The plane of the badges is that of the acquired images; here it is another one.
        acquired, *trust = trust
        kind = sentence(f"UI_PLANE_NAME_{plane.orientation}")
        what = sentence("REPORT_REFORMAT", {**words, "plane": kind, "acquired": acquired})
    parts = [what, ", ".join(trust), *([sentence("REPORT_WINDOW", {"window": plane.window})] if plane.window else [])]
    return "; ".join(parts)
