"""The words that the ends of the house show, each once in ``messages.toml`` in both languages."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping, Sequence
from functools import cache
from typing import Any

from gongkai.core.errors import UsageError
from gongkai.core.files import packaged

LANGUAGES = ("zh", "en")
# Invisible characters that turn what follows them around, the digits of its numbers included.
_TURNING = dict.fromkeys(map(ord, "\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069"))
_PLACE = re.compile(r"\b(par|line|sheet|p|t|r|c) ?(\d+)\b")


@cache
def texts() -> Mapping[str, Mapping[str, Mapping[str, str]]]:
    """Return all texts, by area and name."""
    table: Mapping[str, Mapping[str, Mapping[str, str]]] = packaged(__package__, "messages.toml")
    return table


def say(key: str, /, language: str, **values: Any) -> str:
    """Return one text, such as ``status.blank``, in one language.

    Examples
    --------
    >>> say("status.blank", "zh"), say("status.blank", "en")
    ('空白', 'blank')
    """
    area, name = key.split(".", 1)
    return texts()[area][name][language].format(**values)


def refuse_language(language: str) -> None:
    """Raise a :class:`UsageError` unless the language is ``zh`` or ``en``.

    Examples
    --------
    >>> refuse_language("en")
    """
    if language not in LANGUAGES:
        raise UsageError(str(language), ("zh 或 en", "zh or en"), ("别的语言", "another language"), ("改为 zh 或 en", "give zh or en"))


def place_words(where: str | None, language: str) -> str:
    """Say a place of the fixed grammar in words; what is no place of the grammar is said as it is.

    Examples
    --------
    >>> place_words("p2 t3 r8 c4", "zh"), place_words("line 57", "en"), place_words("par 9", "zh")
    ('第 2 页 表 3 第 8 行 第 4 格', 'line 57', '第 9 段')
    """
    if where is None:
        return say("place.none", language)
    return _PLACE.sub(lambda m: say(f"place.{m[1]}", language, n=m[2]), where)


def unturned(text: str) -> str:
    """Leave out the invisible characters that would show 2019 as 9102.

    Examples
    --------
    >>> unturned("沁县\\u202e 2019")
    '沁县 2019'
    """
    return text.translate(_TURNING)


def number_text(value: float) -> str:
    """Print a value as plainly as the form does: no separators, no decimals that are not there.

    Examples
    --------
    >>> number_text(14725700.0), number_text(-16.0), number_text(477.35)
    ('14725700', '-16', '477.35')
    """
    return str(int(value)) if value == int(value) else f"{value:.2f}".rstrip("0").rstrip(".")


def aligned(rows: Sequence[Sequence[str]], gap: str = "  ") -> str:
    """Set rows of texts in columns, the first to the left and the others to the right, where a Chinese character takes two places.

    Examples
    --------
    >>> print(aligned([["规章", "1"], ["a", "23"]]))
    规章   1
    a     23
    """
    size = [max(width(row[k]) for row in rows if k < len(row)) for k in range(max(map(len, rows), default=0))]
    lines = (gap.join([pad(row[0], size[0]), *(_right(t, n) for t, n in zip(row[1:], size[1:], strict=False))]) for row in rows)
    return "\n".join(line.rstrip() for line in lines)


def width(text: str) -> int:
    """Return the places that a text takes in a terminal, where a Chinese character takes two and a quotation mark one."""
    return sum(2 if unicodedata.east_asian_width(c) in "WF" else 1 for c in text)


def pad(text: str, size: int) -> str:
    """Fill a text up with spaces to the places given."""
    return text + " " * (size - width(text))


def _right(text: str, size: int) -> str:
    return " " * (size - width(text)) + text


def wrapped(text: str, size: int) -> list[str]:
    """Break a text into lines of at most ``size`` places, between words, or between characters where it is Chinese.

    Examples
    --------
    >>> wrapped("Commercial enterprise", 12), wrapped("社会公益组织", 8)
    (['Commercial', 'enterprise'], ['社会公益', '组织'])
    """
    lines = [""]
    for piece in re.findall(r"[ -~’]+? ?(?=[^ -~’]|(?<= )|$)|.", text):
        if lines[-1] and width((lines[-1] + piece).rstrip()) > size:
            lines.append("")
        lines[-1] += piece
    return [line.strip() for line in lines]
