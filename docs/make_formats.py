"""Writes the table of ``docs/formats.md`` from the code: transfer syntaxes that are read, and those that are refused.

Run by ``make schema`` after a change of what is read.
"""

from __future__ import annotations

from pathlib import Path

from pydicom._uid_dict import UID_dictionary

from spinereview.dicom.transfer_syntaxes import READ, name_of

PAGE = Path(__file__).with_name("formats.md")
BEGIN, END = "<!-- table: made by docs/make_formats.py -->", "<!-- end of the table -->"


def table() -> str:
    """The table, and the sentence about all others."""
    lines = ["| transfer syntax | UID | decoder | compared, bit for bit, with |", "|---|---|---|---|"]
    lines += [f"| {row.name} | `{row.uid}` | {row.decoder} | {row.compared} |" for row in READ]
    read = {row.uid for row in READ}
    others = [str(uid) for uid, entry in UID_dictionary.items() if entry[1] == "Transfer Syntax" and uid not in read]
    refused = [f"| {name_of(uid)} | `{uid}` |" for uid in others]
    head = ["", "Refused, with name and UID in the sentence:", "", "| transfer syntax | UID |", "|---|---|"]
    return "\n".join([*lines, *head, *refused])


def text() -> str:
    """The page with its table made anew."""
    before, _, rest = PAGE.read_text(encoding="utf-8").partition(BEGIN)
    _, _, after = rest.partition(END)
    return f"{before}{BEGIN}\n{table()}\n{END}{after}"


if __name__ == "__main__":
    PAGE.write_text(text(), encoding="utf-8")
