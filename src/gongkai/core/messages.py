"""The one catalogue of what the project says: every text once, by its key, in Chinese and English.

``messages.toml`` holds what the command line, pages and explanations show; ``errors.toml`` and its like hold the parts of every error:
what was expected, what was found, and advice.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal
from functools import cache
from typing import Any, NamedTuple, TextIO

from gongkai.core.data import packaged
from gongkai.core.text import width

LANGUAGES = ("zh", "en")
# The catalogue, by the rooms whose errors stand there.
_FILES = ("messages.toml", "errors.toml", "errors_readers.toml", "errors_corpus.toml", "errors_studies.toml")
# Invisible characters that can change the direction in which the text after them is shown, digits included.
_TURNING = dict.fromkeys(map(ord, "\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069"))
# As many decimals as an amount is printed with; where a float shows more, they may be the noise of binary fractions.
_MOST_DECIMALS = 6
_NUMBERED = re.compile(r"\{(\w+):([^{}|]*)\|([^{}|]*)\}")
_ONE = ("1", "1.0")
_PLACE = re.compile(r"\b(par|line|sheet|p|t|r|c) ?(\d+)\b")


class Words(NamedTuple):
    """One text in Chinese and in English."""

    zh: str
    en: str

    def in_language(self, language: str) -> str:
        """Return the text in one language, ``zh`` or ``en``."""
        return self.zh if language == "zh" else self.en


@cache
def texts() -> Mapping[str, Mapping[str, Any]]:
    """Return all texts, by area and name."""
    read = [packaged(__package__, name) for name in _FILES]
    return {area: {name: text for file in read for name, text in file.get(area, {}).items()} for file in read for area in file}


def say(key: str, /, language: str, **values: Any) -> str:
    """Return one text, such as ``status.blank``, in one language.

    Parameters
    ----------
    key : str
        Area, name, and for an error its part: ``selection.no_division.found``.
    language : {"zh", "en"}
        A text that is the same in both stands in the catalogue once.
    **values
        What stands for the names in braces; of :class:`Words` the one in that language.

    Examples
    --------
    >>> say("status.blank", "zh"), say("status.blank", "en")
    ('空白', 'blank')
    """
    return said_of(texts(), key, language, values)


def said_of(table: Mapping[str, Any], key: str, language: str, values: Mapping[str, Any]) -> str:
    """Return one text of a room's own table, as :func:`say` does of the catalogue.

    Examples
    --------
    >>> said_of({"none": {"zh": "无 {n}", "en": "no {n}"}}, "none", "en", {"n": Words("表", "table")})
    'no table'
    """
    text: Any = table
    for name in key.split("."):
        text = text[name]
    own = {name: value.in_language(language) if isinstance(value, Words) else value for name, value in values.items()}
    return filled(text if isinstance(text, str) else text[language], own)


def both(key: str, /, **values: Any) -> Words:
    """Return one text in both languages.

    Examples
    --------
    >>> both("own.more", n=3)
    Words(zh='另 3 项', en='3 more')
    """
    return Words(*(say(key, language, **values) for language in LANGUAGES))


def joined(texts: Iterable[tuple[str, str]]) -> Words:
    """Set sentences one behind the other, in both languages.

    Examples
    --------
    >>> joined([Words("甲", "A"), Words("乙", "B")])
    Words(zh='甲；乙', en='A; B')
    """
    told = list(texts)
    return Words("；".join(zh for zh, _ in told), "; ".join(en for _, en in told))


def listed(names: Iterable[str | Words]) -> Words:
    """Set names one behind the other, each once, in both languages.

    Examples
    --------
    >>> listed(["csv", "excel", "csv"])
    Words(zh='csv、excel', en='csv, excel')
    """
    told = [name if isinstance(name, Words) else Words(name, name) for name in names]
    return Words("、".join(dict.fromkeys(zh for zh, _ in told)), ", ".join(dict.fromkeys(en for _, en in told)))


def filled(text: str, values: Mapping[str, Any]) -> str:
    """Fill in a text; ``{n:case|cases}`` is the first word where ``n`` is 1, else the second.

    Examples
    --------
    >>> [filled("{n} {n:case is|cases are} open", {"n": n}) for n in (0, 1, "2")]
    ['0 cases are open', '1 case is open', '2 cases are open']
    """
    chosen = _NUMBERED.sub(lambda m: m[2] if str(values[m[1]]) in _ONE else m[3], text) if "|" in text else text
    return chosen.format_map(values)


def marked(text: str, language: str, is_simulated: bool) -> str:
    """Return a title or a sentence, with the words that its data are simulated where they are.

    Examples
    --------
    >>> marked("Refusals", "en", True), marked("Refusals", "en", False)
    ('SIMULATED DATA. Refusals', 'Refusals')
    """
    return say("simulated.text", language, text=text) if is_simulated else text


def place_words(where: str | None, language: str) -> str:
    """Turn a place such as ``p2 t3 r8 c4`` into words; any other text is returned as it is.

    Examples
    --------
    >>> place_words("p2 t3 r8 c4", "zh"), place_words("line 57", "en"), place_words("par 9", "zh")
    ('第 2 页 表 3 第 8 行 第 4 格', 'line 57', '第 9 段')
    """
    if where is None:
        return say("place.none", language)
    return _PLACE.sub(lambda m: say(f"place.{m[1]}", language, n=m[2]), where)


def unturned(text: str) -> str:
    """Remove the invisible characters that reverse the direction of text, and would show 2019 as 9102.

    Examples
    --------
    >>> unturned("沁县\\u202e 2019")
    '沁县 2019'
    """
    return text.translate(_TURNING)


def number_text(value: float | Decimal) -> str:
    """Print a value exactly, as plainly as the form does: every decimal that is there and no other, no separators, no exponent.

    The only function that writes the value of a cell, a sum or an amount.

    Parameters
    ----------
    value : float, int or Decimal
        A float is the decimal number that it was read from.

    Examples
    --------
    >>> number_text(14725700.0), number_text(-16.0), number_text(0.001), number_text(0.125), number_text(0.1 + 0.2)
    ('14725700', '-16', '0.001', '0.125', '0.3')
    """
    if value == int(value):
        return str(int(value))
    shown = f"{value if isinstance(value, Decimal) else _decimal(float(value)):f}"
    return shown.rstrip("0").rstrip(".") if "." in shown else shown


def _decimal(value: float) -> Decimal:
    """Return the decimal number that a float stands for; of more decimals than are printed, those that 15 digits can hold."""
    shortest = Decimal(repr(value))
    return shortest if -int(shortest.as_tuple().exponent) <= _MOST_DECIMALS else Decimal(f"{value:.15g}")


# What moves the cursor, colours, erases, or turns the direction of a line, and what no encoding knows (half of a character).
_CONTROL = r"\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff"
_OBEYED = re.compile(f"[{_CONTROL}\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]")
_UNSTORABLE = re.compile(f"[{_CONTROL}\t\n]")
_BYTES = re.compile("[\udc80-\udcff]+")


def harmless(text: str) -> str:
    """Write out what a terminal would obey, so that it is seen; ends of lines and tabs stay.

    Examples
    --------
    >>> harmless("沁县\\x1b[2J\\u202e2019")
    '沁县\\\\x1b[2J\\\\u202e2019'
    """
    return _OBEYED.sub(_written_out, text)


def tell(*values: object, sep: str = " ", end: str = "\n", file: TextIO | None = None) -> None:
    """Print what may come from a stranger's document: all that the command line prints, and all logs, pass here.

    Examples
    --------
    >>> tell("a\\x1b[2J", 1)
    a\\x1b[2J 1
    """
    print(harmless(sep.join(map(str, values))), end=end, file=file)


def storable(name: str) -> str:
    """Write out what a table cannot hold of the name of a file: control characters, and bytes that are no UTF-8.

    Examples
    --------
    >>> storable("a\\nb"), storable("沁县.txt")
    ('a\\\\nb', '沁县.txt')
    """
    return _UNSTORABLE.sub(_written_out, _BYTES.sub(_as_utf8, name))


def _as_utf8(found: re.Match[str]) -> str:
    """Put bytes together that came one by one, where the locale knows no Chinese; they are UTF-8 all the same."""
    return found[0].encode("utf-8", "surrogateescape").decode("utf-8", "surrogateescape")


def _written_out(found: re.Match[str]) -> str:
    return found[0].encode("unicode_escape").decode()


def aligned(rows: Sequence[Sequence[str]], gap: str = "  ") -> str:
    """Set rows of texts in columns, the first to the left and the others to the right, where a Chinese character takes two places.

    Examples
    --------
    >>> print(aligned([["规章", "1"], ["a", "23"]]))
    规章   1
    a     23
    """
    size = [max(places(row[k]) for row in rows if k < len(row)) for k in range(max(map(len, rows), default=0))]
    lines = (gap.join([pad(row[0], size[0]), *(_right(t, n) for t, n in zip(row[1:], size[1:], strict=False))]) for row in rows)
    return "\n".join(line.rstrip() for line in lines)


def places(text: str) -> int:
    """Return the places that a text takes in a terminal, where a Chinese character takes two and a quotation mark one."""
    return width(text, doubtful=1)


def pad(text: str, size: int) -> str:
    """Fill a text up with spaces to the places given."""
    return text + " " * (size - places(text))


def _right(text: str, size: int) -> str:
    return " " * (size - places(text)) + text


def wrapped(text: str, size: int) -> list[str]:
    """Break a text into lines of at most ``size`` places, between words, or between characters where it is Chinese.

    Examples
    --------
    >>> wrapped("Commercial enterprise", 12), wrapped("社会公益组织", 8)
    (['Commercial', 'enterprise'], ['社会公益', '组织'])
    """
    lines = [""]
    for piece in re.findall(r"[ -~’]+? ?(?=[^ -~’]|(?<= )|$)|.", text):
        if lines[-1] and places((lines[-1] + piece).rstrip()) > size:
            lines.append("")
        lines[-1] += piece
    return [line.strip() for line in lines]
