"""The one catalogue that turns codes into sentences.

A catalogue is a folder ``resources/locale/<language>/`` of TOML files, ``CODE = "Sentence with {argument}."``; which
file a code stands in does not matter, each code stands once. A further language is a further folder with the same codes.
Codes without a sentence are a failed test, and are shown as the code with its arguments rather than hidden.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from functools import cache
from pathlib import Path

from spinereview.errors import ResourceError, SpineReviewError
from spinereview.resources import resource

DEFAULT_LANGUAGE = "en"


class _Kept(dict[str, str]):
    """Arguments of a sentence; one that is missing stays visible as its name in braces."""

    def __missing__(self, key: str) -> str:
        return "{" + key + "}"


def read_catalogue(folder: Path) -> dict[str, str]:
    """Codes and sentences of one language.

    Raises
    ------
    ResourceError
        ``CATALOGUE_DUPLICATE`` where two files define one code, ``CATALOGUE_INVALID`` where a file is no TOML of texts.
    """
    sentences: dict[str, str] = {}
    for file in sorted(folder.glob("*.toml")):
        try:
            entries = tomllib.loads(file.read_text(encoding="utf-8"))
        except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
            raise ResourceError("CATALOGUE_INVALID", file=file.name, error=error) from error
        for code, sentence in entries.items():
            if code in sentences:
                raise ResourceError("CATALOGUE_DUPLICATE", file=file.name, name=code)
            if not isinstance(sentence, str):
                raise ResourceError("CATALOGUE_INVALID", file=file.name, error=code)
            sentences[code] = sentence
    return sentences


@cache
def catalogue(language: str = DEFAULT_LANGUAGE) -> Mapping[str, str]:
    """Codes and sentences of a language, read once."""
    return read_catalogue(resource("locale", language))


def languages() -> tuple[str, ...]:
    """Languages that the program carries."""
    return tuple(sorted(path.name for path in resource("locale").iterdir() if path.is_dir()))


def sentence(code: str, arguments: Mapping[str, str] | None = None, *, language: str = DEFAULT_LANGUAGE) -> str:
    """Sentence of a code, its arguments put in.

    >>> sentence("CANCELLED")
    'Cancelled. Nothing was changed.'
    """
    arguments = arguments or {}
    template = catalogue(language).get(code)
    if template is None:
        listed = ", ".join(f"{name} {value}" for name, value in arguments.items())
        return f"{code} ({listed})" if listed else code
    return template.format_map(_Kept(arguments))


def explain(error: SpineReviewError, *, language: str = DEFAULT_LANGUAGE) -> str:
    """Sentence of an error: what, which file, what to do."""
    return sentence(error.code, error.arguments, language=language)
