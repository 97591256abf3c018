"""The id of a report: the letter ``r`` and the first 12 hex digits of its document's SHA-256, so the same bytes are the same report.

Without the letter an id of digits alone, or one such as ``12e456789012``, would pass for a number in spreadsheets and other programs.
"""

from __future__ import annotations

import re

_LETTER = "r"
_DIGITS = 12
_KNOWN = re.compile(rf"{_LETTER}?([0-9a-f]{{{_DIGITS}}})(?:[0-9a-f]{{{64 - _DIGITS}}})?", re.IGNORECASE)


def report_id_of(sha256: str) -> str:
    """Return the id of the report whose document has this SHA-256.

    Examples
    --------
    >>> report_id_of("2f84655cf071ec9b4c3c0f1300b7f7edcf06a16d5c0787cdd643e4ffd342a374")
    'r2f84655cf071'
    """
    return _LETTER + sha256[:_DIGITS]


def as_report_id(said: object) -> str:
    """Return an id as the tables have it: of an id with or without its letter, or of a whole SHA-256; other text is returned as it is.

    Earlier versions wrote ids without the letter; files that quote them are still read.

    Examples
    --------
    >>> as_report_id("2f84655cf071"), as_report_id(" R2F84655CF071 "), as_report_id("2f84655cf071" + "0" * 52), as_report_id("沁县")
    ('r2f84655cf071', 'r2f84655cf071', 'r2f84655cf071', '沁县')
    """
    found = _KNOWN.fullmatch(str(said).strip())
    return report_id_of(found[1].lower()) if found else str(said)


def known_as(report_id: str) -> tuple[str, str]:
    """Return an id in both of its forms, as files of this version and of earlier ones have it.

    Examples
    --------
    >>> known_as("r2f84655cf071")
    ('r2f84655cf071', '2f84655cf071')
    """
    return report_id, report_id.removeprefix(_LETTER)
