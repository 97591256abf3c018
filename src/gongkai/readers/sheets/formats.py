"""A number and its format -> the text that a sheet shows: rounded, scaled, with words and signs, as a date, or nothing at all."""

from __future__ import annotations

import datetime
import re
from collections.abc import Callable, Iterator, Sequence
from decimal import ROUND_HALF_UP, Decimal
from functools import lru_cache
from typing import NamedTuple

from gongkai.readers.colours import Colour, colour

# The formats that files name by number alone (ECMA-376, 18.8.30), with those of simplified Chinese.
BUILTIN = {
    0: "General", 1: "0", 2: "0.00", 3: "#,##0", 4: "#,##0.00", 9: "0%", 10: "0.00%", 11: "0.00E+00", 12: "# ?/?", 13: "# ??/??",
    14: "yyyy-mm-dd", 15: "d-mmm-yy", 16: "d-mmm", 17: "mmm-yy", 18: "h:mm AM/PM", 19: "h:mm:ss AM/PM", 20: "h:mm", 21: "h:mm:ss",
    22: "yyyy-mm-dd h:mm", 37: "#,##0;-#,##0", 38: "#,##0;-#,##0", 39: "#,##0.00;-#,##0.00", 40: "#,##0.00;-#,##0.00",
    41: '_ * #,##0_ ;_ * -#,##0_ ;_ * "-"_ ;_ @_ ', 42: '_ "¥"* #,##0_ ;_ "¥"* -#,##0_ ;_ "¥"* "-"_ ;_ @_ ',
    43: '_ * #,##0.00_ ;_ * -#,##0.00_ ;_ * "-"??_ ;_ @_ ', 44: '_ "¥"* #,##0.00_ ;_ "¥"* -#,##0.00_ ;_ "¥"* "-"??_ ;_ @_ ',
    45: "mm:ss", 46: "[h]:mm:ss", 47: "mm:ss.0", 48: "##0.0E+0", 49: "@",
    **dict.fromkeys((27, 36, 50, 52, 57), 'yyyy"年"m"月"'), **dict.fromkeys((28, 29, 51, 53, 54, 58), 'm"月"d"日"'),
    30: "m-d-yy", 31: 'yyyy"年"m"月"d"日"', 32: 'h"时"mm"分"', 33: 'h"时"mm"分"ss"秒"',
}  # fmt: skip
_GENERAL = re.compile(r"General|G/通用格式", re.I)
_PART = re.compile(
    r'"(?P<quoted>[^"]*)"?|[\\!](?P<escaped>.)|_.(?P<space>)|\*.(?P<fill>)|\[(?P<bracket>[^\]]*)\]|(?P<general>General|G/通用格式)'
    r"|(?P<noon>AM/PM|A/P|上午/下午)|(?P<power>E[+-])|(?P<date>y+|m+|d+|h+|s+|a{3,4}|e+)|(?P<digit>[0#?])|(?P<sign>[.,%/@])|(?P<other>.)",
    re.I | re.S,
)
_CONDITION = re.compile(r"(<=|>=|<>|<|>|=)(-?[\d.]+)")
_COMPARE: dict[str, Callable[[float, float], bool]] = {
    "<": float.__lt__, ">": float.__gt__, "=": float.__eq__, "<=": float.__le__, ">=": float.__ge__, "<>": float.__ne__,
}  # fmt: skip
# The colours that formats name, also by number.
_COLOURS = ("000000", "FFFFFF", "FF0000", "00FF00", "0000FF", "FFFF00", "FF00FF", "00FFFF")
_NAMES = ("black", "white", "red", "green", "blue", "yellow", "magenta", "cyan")
_INKS = {
    name: colour(c) for n, (named, c) in enumerate(zip(_NAMES, _COLOURS, strict=True), 1) for name in (named, f"color{n}", f"color {n}")
}
_LAST_DAY = 2_958_466
OVERFLOW = "#########"
_WEEKDAYS = "一二三四五六日"


class _Token(NamedTuple):
    kind: str
    text: str


class FormatSection(NamedTuple):
    """One of the parts of a format that semicolons part, the condition on which it holds, and the colour that it sets."""

    tokens: tuple[_Token, ...]
    condition: tuple[str, float] | None
    ink: Colour | None = None

    @property
    def is_date(self) -> bool:
        return any(t.kind == "date" for t in self.tokens)


@lru_cache(maxsize=4096)
def sections(code: str) -> tuple[FormatSection, ...]:
    """Part a format into its sections."""
    tokens = [_Token(str(m.lastgroup), m[m.lastgroup] or "") for m in _PART.finditer(code) if m.lastgroup]
    parts: list[list[_Token]] = [[]]
    for token in tokens:
        if token == _Token("other", ";"):
            parts.append([])
        else:
            parts[-1].append(token)
    return tuple(FormatSection(tuple(_plain(part)), _condition(part), _ink(part)) for part in parts)


def _condition(part: Sequence[_Token]) -> tuple[str, float] | None:
    found = (_CONDITION.fullmatch(t.text) for t in part if t.kind == "bracket")
    return next(((m[1], float(m[2])) for m in found if m), None)


def _ink(part: Sequence[_Token]) -> Colour | None:
    return next((_INKS[t.text.lower()] for t in part if t.kind == "bracket" and t.text.lower() in _INKS), None)


def ink_of(value: float, code: str) -> Colour | None:
    """Return the colour in which a format shows a number, None where it leaves that of the cell.

    Examples
    --------
    >>> ink_of(0.0, "0;-0;[White]0"), ink_of(5.0, "0;-0;[White]0")
    ((1.0, 1.0, 1.0), None)
    """
    found = _section(sections(code), value) if "[" in code else None
    return found[0].ink if found else None


def _plain(part: Sequence[_Token]) -> Iterator[_Token]:
    """Turn what is shown as it stands into literals, and drop colours, conditions and fillings."""
    for kind, text in part:
        if kind in ("quoted", "escaped", "other"):
            yield _Token("literal", text)
        elif kind == "space":
            yield _Token("literal", " ")
        elif kind == "bracket" and text.startswith("$"):
            yield _Token("literal", text[1:].partition("-")[0])
        elif kind == "bracket" and re.fullmatch(r"h+|m+|s+", text, re.I):
            yield _Token("elapsed", text)
        elif kind not in ("fill", "bracket"):
            yield _Token(kind, text)


def general(value: float) -> str:
    """Return a number as it is: without a point where it is whole, without an exponent, without the noise of binary fractions.

    Examples
    --------
    >>> general(3.0), general(0.1 + 0.2), general(1e-7)
    ('3', '0.3', '0.0000001')
    """
    return str(int(value)) if value.is_integer() else format(Decimal(format(value, ".15g")), "f")


def shown(value: float, code: str, date1904: bool = False) -> str | None:
    """Return what a cell shows of a number, None where that cannot be told.

    Examples
    --------
    >>> shown(12345000.0, '0!.0,"万元"'), shown(12345000.0, '0.00,'), shown(0.0, ";;;"), shown(1234.5, "#,##0.00_ ")
    ('1234.5万元', '12345.00', '', '1,234.50')
    >>> shown(-16.0, "0;(0)"), shown(5.0, "[>=100]0;[<100]#"), shown(21574.0, 'yyyy"年"m"月"d"日"'), shown(1e300, "yyyy-mm-dd")
    ('(16)', '5', '1959年1月24日', '#########')
    >>> shown(0.5, "# ?/?") is None
    True
    """
    if not code or _GENERAL.fullmatch(code):
        return general(value)
    found = _section(sections(code), value)
    if found is None:
        return OVERFLOW
    section, signed = found
    if any(t.kind in ("elapsed", "power", "noon") for t in section.tokens):
        return None
    if section.is_date:
        return _date(section, value, date1904)
    text = _number(section, value)
    return text if text is None else ("-" if signed and re.search(r"[1-9]", text) else "") + text.strip()


def shown_words(text: str, code: str) -> str:
    """Return what a cell shows of words: they have a section of their own, behind three others.

    Examples
    --------
    >>> shown_words("无", "0"), shown_words("无", ";;;"), shown_words("无", '0;0;0;"（"@"）"')
    ('无', '', '（无）')
    """
    parts = sections(code)
    if len(parts) < 4:
        return text
    return "".join(text if t.text == "@" or t.kind == "general" else t.text for t in parts[3].tokens)


def _section(parts: Sequence[FormatSection], value: float) -> tuple[FormatSection, bool] | None:
    """Choose the section that holds for a number, and say whether it needs a minus before it."""
    if any(p.condition for p in parts):
        for part in parts:
            if part.condition is None or _COMPARE[part.condition[0]](value, part.condition[1]):
                return part, value < 0 and not (part.condition and part.condition[0].startswith("<") and part.condition[1] <= 0)
        return None
    if value < 0 and len(parts) > 1:
        return parts[1], False
    return (parts[2], False) if value == 0 and len(parts) > 2 else (parts[0], value < 0)


def _number(section: FormatSection, value: float) -> str | None:
    """Set the digits of a number into the places that a section holds for them."""
    if any(t.kind == "general" or t == ("sign", "@") for t in section.tokens):
        whole = general(abs(value))
        return "".join(whole if t.kind == "general" or t.text == "@" else t.text for t in section.tokens)
    tokens = list(section.tokens)
    digits = [i for i, t in enumerate(tokens) if t.kind == "digit"]
    if not digits:
        return "".join(t.text for t in tokens)
    if any(t == ("sign", "/") for t in tokens):
        return general(abs(value)) if value.is_integer() else None
    point = next((i for i, t in enumerate(tokens) if t == ("sign", ".")), len(tokens))
    whole_places = [i for i in digits if i < point]
    last = {max(whole_places, default=-1), digits[-1]}
    scaling = [i for i, t in enumerate(tokens) if t == ("sign", ",") and any(_follows(tokens, end, i) for end in last)]
    grouped = any(t == ("sign", ",") and i not in scaling and i < point for i, t in enumerate(tokens))
    amount = Decimal(format(abs(value), ".15g")) * 100 ** sum(t.text == "%" for t in tokens) / 1000 ** len(scaling)
    fractions = [i for i in digits if i > point]
    if amount >= 10**20:
        return OVERFLOW
    whole, _, fraction = format(amount.quantize(Decimal(1).scaleb(-len(fractions)), ROUND_HALF_UP), "f").partition(".")
    texts = _whole(tokens, whole_places, whole, grouped) | _fraction(tokens, fractions, fraction)
    return "".join("" if t == ("sign", ",") else texts.get(i, "" if t.kind == "digit" else t.text) for i, t in enumerate(tokens))


def _follows(tokens: Sequence[_Token], end: int, i: int) -> bool:
    """Say whether only commas stand between the last digit of a part and a comma."""
    return i > end >= 0 and all(t == ("sign", ",") for t in tokens[end + 1 : i])


def _whole(tokens: Sequence[_Token], places: Sequence[int], digits: str, grouped: bool) -> dict[int, str]:
    """Set whole digits from the right; those for which there is no place stand in the first."""
    least = max((len(places) - n for n, i in enumerate(places) if tokens[i].text == "0"), default=0)
    digits = digits.lstrip("0").rjust(least, "0")
    marked = [d + ("," if grouped and n and n % 3 == 0 else "") for n, d in enumerate(reversed(digits))]
    texts: dict[int, str] = {}
    for n, i in enumerate(reversed(places)):
        rest = marked[n:] if i == places[0] else marked[n : n + 1]
        texts[i] = "".join(reversed(rest))
    return texts


def _fraction(tokens: Sequence[_Token], places: Sequence[int], digits: str) -> dict[int, str]:
    """Set the digits behind the point; zeros at the end only where the format asks for them."""
    kept = len(digits.rstrip("0"))
    asked = max((n for n, i in enumerate(places, 1) if tokens[i].text == "0"), default=0)
    return {i: digits[n] if n < max(kept, asked) else "" for n, i in enumerate(places)}


def _date(section: FormatSection, value: float, date1904: bool) -> str:
    """Show a number as the day that many days after the calendar's beginning."""
    if not 0 <= value < _LAST_DAY:
        return OVERFLOW
    # The calendar of 1900 has a 29 February that there never was.
    start = datetime.datetime(1904, 1, 1) if date1904 else datetime.datetime(1899, 12, 31 if value < 60 else 30)
    try:
        day = start + datetime.timedelta(seconds=round(value * 86400))
    except OverflowError:
        return OVERFLOW
    tokens = [t for t in section.tokens if t.kind != "noon"]
    return "".join(_date_part(tokens, i, day) for i in range(len(tokens))).strip()


def _date_part(tokens: Sequence[_Token], i: int, day: datetime.datetime) -> str:
    kind, text = tokens[i]
    if kind != "date":
        return text if kind in ("literal", "sign") else f"{day.microsecond // 100_000}" if kind == "digit" else ""
    letter = text[0].lower()
    if letter == "m":
        before, after = ([t.text[0].lower() for t in part if t.kind == "date"] for part in (tokens[:i], tokens[i + 1 :]))
        letter = "n" if before[-1:] == ["h"] or after[:1] == ["s"] else "m"
    if letter == "a" or (letter == "d" and len(text) > 2):
        return ("星期" if len(text) == 4 else "周") + _WEEKDAYS[day.weekday()]
    if letter in "ye":
        return f"{day.year:04}" if letter == "e" or len(text) > 2 else f"{day.year % 100:02}"
    number = {"m": day.month, "d": day.day, "h": day.hour, "n": day.minute, "s": day.second}[letter]
    return f"{number:02}" if len(text) == 2 else str(number)
