"""Prose -> the numbers that it mentions: digits and numerals with the units they count, and nothing that only looks like one."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from functools import cache, lru_cache
from typing import Any

from gongkai.core.data import packaged
from gongkai.core.numerals import number_in_words
from gongkai.core.text import GROUPED, PLAIN, leads_with_zero

# One character for one, so that places in the folded text are places in the printed text. 。 and ， stay what they are.
_FOLD = {ord("０") + i: ord("0") + i for i in range(10)} | str.maketrans(
    dict(zip("．％﹪－～", ".%%-~", strict=True)) | dict.fromkeys("\u3000\u00a0\u2002\u2003\u2009\u200b\ufeff", " ")
)
_QUOTED = re.compile(r"“[^“”]{0,16}”|《[^《》]*》|〈[^〈〉]*〉|「[^「」]{0,16}」|‘[^‘’]{0,16}’")
_DIGITS = rf"{GROUPED}(?![\d,])|{PLAIN}"
_NESTED = 4
_WORDS = "两兩一二三四五六七八九十百千万零"


@dataclass(frozen=True, slots=True)
class Mention:
    """One number in a sentence: where it stands in it, its value, its unit, and the decimals it is printed with."""

    start: int
    end: int
    value: float
    unit: str
    approximate: bool
    decimals: int = 0


@cache
def prose_words() -> Mapping[str, Any]:
    """Return what ``numbers.toml`` knows.

    Examples
    --------
    >>> prose_words()["scales"]["万"]
    10000
    """
    return packaged(__package__, "numbers.toml")


def fold_widths(text: str) -> str:
    """Fold full-width digits and spaces, character for character.

    Examples
    --------
    >>> fold_widths("８.４％，１２　件")
    '8.4%，12 件'
    """
    return text if text.isascii() else text.translate(_FOLD)


def any_of(names: list[str]) -> str:
    """Return a pattern for any of these words, the longest first.

    Examples
    --------
    >>> any_of(["个", "个百分点", "."])
    '个百分点|个|\\\\.'
    """
    return "|".join(re.escape(n) for n in sorted(names, key=len, reverse=True))


@cache
def pattern_of(table: str, name: str) -> re.Pattern[str]:
    """Compile what ``numbers.toml`` has under a name: a pattern, or a list of words.

    Examples
    --------
    >>> pattern_of("titles", "rest").pattern == prose_words()["titles"]["rest"]
    True
    """
    known = prose_words()[table][name]
    return re.compile(known if isinstance(known, str) else any_of(known))


@lru_cache(maxsize=16384)
def mentions(sentence: str) -> tuple[Mention, ...]:
    """Find the numbers that count something.

    Parameters
    ----------
    sentence : str
        Any stretch of prose.

    Returns
    -------
    tuple of Mention
        In reading order. Dates, document numbers, telephone numbers, ordinals and numbers inside names are none.

    Examples
    --------
    >>> [(m.value, m.unit, m.approximate) for m in mentions("2019年公开信息18万余条，占8.4%，12345热线办件１,234 件。")]
    [(180000.0, '条', True), (8.4, '%', False), (1234.0, '件', False)]
    >>> [(m.value, m.unit) for m in mentions("由五个部分组成，一是开展三次培训，依据第二十条和〔2021〕30号文，电话0355-7021371。")]
    [(5.0, '个'), (3.0, '次')]
    """
    text = fold_widths(sentence)
    names = sorted([m.span() for m in _QUOTED.finditer(text)] + [m.span() for m in _patterns()["names"].finditer(text)])
    starts = [a for a, _ in names]
    found: list[Mention] = []
    for mention in sorted((m for kind in (_in_digits, _in_words, _bare) for m in kind(text)), key=lambda m: m.start):
        upto = bisect_right(starts, mention.start)
        named = any(mention.end <= b for _, b in names[max(0, upto - _NESTED) : upto])
        if not named and (not found or found[-1].end <= mention.start):
            found.append(mention)
    return tuple(found)


def _in_digits(text: str) -> Iterator[Mention]:
    for found in _patterns()["digits"].finditer(text):
        digits = found["digits"].replace(",", "")
        if leads_with_zero(digits):
            continue
        scale = prose_words()["scales"].get(found["scale"] or "", 1)
        yield _mention(found, Decimal(digits) * scale, len(digits.partition(".")[2]))


def _in_words(text: str) -> Iterator[Mention]:
    for name in ("words", "percent"):
        for found in _patterns()[name].finditer(text):
            value = number_in_words(found["digits"])
            if value is not None:
                yield _mention(found, value, 0, "%" if name == "percent" else "")


def _bare(text: str) -> Iterator[Mention]:
    """A quantity may stand without a unit where a word says that it is one (访问量达69598, 粉丝3.2万)."""
    for found in _patterns()["bare"].finditer(text):
        scale = prose_words()["scales"].get(found["scale"] or "", 1)
        if found["cue"] or found["scale"]:
            yield _mention(found, Decimal(found["digits"].replace(",", "")) * scale, 0)


def _mention(found: re.Match[str], value: Decimal, decimals: int, unit: str = "") -> Mention:
    parts = found.groupdict()
    printed = unit or "".join(prose_words()["spellings"].get(c, c) for c in parts.get("unit") or "")
    approximate = any(parts.get(name) for name in ("about", "more", "inner", "rough"))
    return Mention(found.start("digits"), found.end("last"), float(value), printed, approximate, decimals)


@cache
def _patterns() -> Mapping[str, re.Pattern[str]]:
    """Build the patterns once from ``numbers.toml``."""
    known, about = prose_words(), prose_words()["approximate"]
    before, inside, after = (any_of(about[k]) for k in ("before", "inside", "after"))
    variants = {v: k for k, v in known["spellings"].items()}
    listed = {u: f"(?!{no})" if no else "" for u, no in known["units"].items()}
    listed |= {"".join(variants.get(c, c) for c in u): no for u, no in listed.items()}
    unit = "|".join(re.escape(u) + no for u, no in sorted(listed.items(), key=lambda pair: -len(pair[0])))
    few = "|".join(re.escape(u) + listed[u] for u in sorted(known["numerals"]["units"], key=len, reverse=True))
    said = "(?:分别|累计|共|总)?计?(?:为|达到?|[:：])?"
    scale, cue = any_of(list(known["scales"])), any_of(known["phrases"]["quantity"])
    lead, last = rf"(?:(?P<about>{before})\s*)?", rf"(?P<last>(?:\s*(?P<rough>{after})(?!元))?)"
    more = rf"\s*(?P<inner>{inside})?\s*(?P<scale>{scale})?\s*(?P<more>{inside})?\s*"
    amount = rf"(?<![\d.,A-Za-z\-~/第+百千万萬亿億])(?<!第 )(?<!\d )(?<!\d[至到—–])(?P<digits>{_DIGITS})"
    numeral = rf"(?<![{_WORDS}第〔几数上○〇》])(?P<digits>[{_WORDS}]{{2,}}|[两兩三四五六七八九十])"
    return {
        "digits": re.compile(rf"{lead}{amount}{more}(?P<unit>{unit}){last}"),
        "words": re.compile(rf"{lead}{numeral}\s*(?P<more>余|多)?\s*(?P<unit>{few}){last}"),
        "percent": re.compile(rf"{lead}百分之(?P<digits>[{_WORDS}点]+){last}"),
        "bare": re.compile(rf"(?P<cue>(?:{cue})(?:{said})?\s*)?{lead}{amount}{more}{last}(?=[，。；、,;)）]|$)"),
        "names": re.compile(any_of(known["numerals"]["names"])),
    }  # fmt: skip
