"""Elements of HTML and SVG: text is escaped when it is put into one, so that no word of a read can become markup."""

from __future__ import annotations

from collections.abc import Iterable
from html import escape

VOID = frozenset({"meta", "img", "br", "line", "circle", "rect", "image", "polyline"})
"""Elements without content; those of SVG are closed at once."""


class Markup(str):
    """Text that is markup already."""

    __slots__ = ()


def element(name: str, /, *inside: str, **attributes: str) -> Markup:
    """One element.

    Parameters
    ----------
    inside
        Text, which is escaped, or :class:`Markup`, which is not.
    attributes
        ``class_`` stands for ``class``, other underscores for hyphens; one with an empty value is left out.

    >>> element("td", "a < b", class_="value")
    '<td class="value">a &lt; b</td>'
    """
    listed = "".join(
        f' {key.rstrip("_").replace("_", "-")}="{escape(value)}"' for key, value in attributes.items() if value
    )
    if name in VOID:
        return Markup(f"<{name}{listed}/>")
    return Markup(f"<{name}{listed}>{together(*inside)}</{name}>")


def together(*parts: str) -> Markup:
    """Parts one after the other; text is escaped."""
    return Markup("".join(part if isinstance(part, Markup) else escape(part) for part in parts))


def table(head: Iterable[str], rows: Iterable[Iterable[str]], caption: str = "", class_: str = "") -> Markup:
    """Table whose first column names the row; its head is repeated on every page."""
    heads = element("tr", *(element("th", text, scope="col") for text in head))
    lines = [element("tr", *_cells(row)) for row in rows]
    named = [element("caption", caption)] if caption else []
    return element("table", *named, element("thead", heads), element("tbody", *lines), class_=class_)


def _cells(row: Iterable[str]) -> list[Markup]:
    first, *rest = row
    return [element("th", first, scope="row"), *(element("td", text) for text in rest)]
