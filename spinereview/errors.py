"""The one tree of errors: a code with arguments, never a sentence.

Sentences are made from the code by :mod:`spinereview.text`, in the language of the user. Built-in exceptions are for
bugs; whatever a user, a file or a disk can cause is a :class:`SpineReviewError`.
"""

from __future__ import annotations

from collections.abc import Mapping


class SpineReviewError(Exception):
    """Something that a user can cause or meet, as a code of the catalogue and its arguments.

    Parameters
    ----------
    code
        Upper-case name of the sentence in the catalogue, e.g. ``"FILE_TRUNCATED"``.
    **arguments
        What the sentence names: a file, a value, a limit. Kept as text, so that an error can be logged, pickled and
        shown in any language later.
    """

    def __init__(self, code: str, **arguments: object) -> None:
        super().__init__(code, {name: str(value) for name, value in arguments.items()})

    @property
    def code(self) -> str:
        """Name of the sentence in the catalogue."""
        return str(self.args[0])

    @property
    def arguments(self) -> Mapping[str, str]:
        """What the sentence names, as text."""
        arguments: Mapping[str, str] = self.args[1]
        return arguments

    def __str__(self) -> str:
        listed = ", ".join(f"{name}={value}" for name, value in self.arguments.items())
        return f"{self.code}({listed})"

    def __reduce__(self) -> tuple[object, ...]:
        return (_rebuild, (type(self), self.code, dict(self.arguments)))


def _rebuild(kind: type[SpineReviewError], code: str, arguments: dict[str, str]) -> SpineReviewError:
    return kind(code, **arguments)


class InvalidValue(SpineReviewError):
    """A value of the domain that must not exist: raised by constructors and parsers."""


class Refused(SpineReviewError):
    """An act that the document, the protocol or the geometry does not allow; nothing has changed."""


class DicomError(SpineReviewError):
    """A file that cannot be used as DICOM, or whose pixels cannot be decoded."""


class NiftiError(SpineReviewError):
    """A NIfTI file that cannot be used, or a stack that cannot become one."""


class TrailError(SpineReviewError):
    """A trail file that was cut, altered, copied, is in use, too new, or cannot be written."""


class CaseError(SpineReviewError):
    """A case folder that is incomplete or contradicts itself."""


class ProtocolError(SpineReviewError):
    """A protocol file that is wrong, with its line."""


class ResourceError(SpineReviewError):
    """A file that the program itself carries is missing or damaged."""


class UsageError(SpineReviewError):
    """Words of the command line that make no sense together."""


class Cancelled(SpineReviewError):
    """The user cancelled; whatever was begun has been given up and nothing has changed."""

    def __init__(self, code: str = "CANCELLED", **arguments: object) -> None:
        super().__init__(code, **arguments)
