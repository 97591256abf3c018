"""Character folding, and the only code that turns text into numbers (signs in words, units, full width)."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from decimal import Decimal
from functools import cache, lru_cache
from typing import TYPE_CHECKING

from gongkai.core.codes import Status
from gongkai.core.numerals import ordinal

if TYPE_CHECKING:
    from opencc import OpenCC

# Full-width ASCII, dashes and spaces only. NFKC would also turn a footnote's ² or ① into a digit beside the number.
_FULL_WIDTH = {0xFF01 + i: 0x21 + i for i in range(94)}
_DASHES = dict.fromkeys(map(ord, "‐‑‒–—―−－﹣─"), "-")
_SPACES: dict[int, str | None] = dict.fromkeys(map(ord, "\u3000\u00a0\u2002\u2003\u2009\ue5e5"), " ")
_JOINERS = "\u200b\u200c\u200d\ufeff\u2060\u00ad\u180e\ufe0e\ufe0f"
# Marks of direction that reverse no digits, and are dropped. U+202D and U+202E stay, so that such a text is not read as a number.
_DIRECTIONS = "\u061c\u200e\u200f\u202a\u202b\u202c\u2066\u2067\u2068\u2069"
_UNSEEN: dict[int, str | None] = dict.fromkeys(map(ord, _JOINERS + _DIRECTIONS), None)
_PLAIN: dict[int, int | str | None] = {**_FULL_WIDTH, **_DASHES, **_SPACES, **_UNSEEN, ord("〇"): "0", ord("。"): "."}

_READING = re.compile(r"[(（][a-zA-Z\u00c0-\u024f\u1e00-\u1eff]{1,6}[)）]")
# No authority counts higher than this; more digits are several numbers printed without a gap.
_MOST_DIGITS = 12
MARKS = frozenset(("-", "--", "---", "----", "/", "//", "\\", "无", "無", "暂无", "不适用", "不涉及", "*", "N/A", "n/a", "NA", "、", "."))
COUNT_UNITS = "人次|件次|件|条|項|项|个|個|宗|起|次|份|部|家|人|例|笔|批"
MONEY_UNITS = {"元": 1, "万元": 10_000, "萬元": 10_000, "亿元": 100_000_000, "億元": 100_000_000, "千元": 1_000, "百万元": 1_000_000}
MONEY = "|".join(sorted(MONEY_UNITS, key=len, reverse=True))
_MONEY_UNIT = re.compile(MONEY)
# What a unit of money is read from: the unit, and the sign before it, by which 百元, 美元 and ?元 are other units than 元.
_MONEY_SAID = re.compile(rf"(?:^|(?P<before>.))(?P<unit>{MONEY})")
_BEFORE_MONEY = frozenset("()[]【】{}<>《》:;,、/-\"“”'额額位币幣计計为為以按数數总總价價款费費金")
UNKNOWN_UNIT = "?"
_MONEY_OTHERWISE = re.compile(rf"(?P<digits>\d[\d,]*(?:\.\d+)?)(?!(?:{MONEY})$)(?:[^\d\s,.]{{1,3}}元|元\([^()\d]{{0,3}}元\))")
_MORE, _LESS = "增加|增长|新增|增|加|上升", "减少|减|減少|減|下降|降低|负|負"

# The digits of a number: parted by commas in threes, or not; and what looks like digits, whatever their commas and points are.
GROUPED, PLAIN, ANY = r"\d{1,3}(?:,\d{3})+(?:\.\d+)?", r"\d+(?:\.\d+)?", r"\d[\d,.]*"
_TIMES = {"万": 10_000, "萬": 10_000, "亿": 100_000_000, "億": 100_000_000}
_NUMBER = re.compile(
    rf"(?P<word>{_MORE}|{_LESS})?(?:了)?[:]?(?P<sign>[+-])?(?P<digits>{GROUPED}|{PLAIN})"
    rf"(?P<times>[{''.join(_TIMES)}])?(?P<unit>{MONEY}|{COUNT_UNITS})?"
)  # fmt: skip
_BARE = re.compile(rf"(?P<digits>(?a:{GROUPED}|{PLAIN}))\s*(?P<unit>\D*)")


_NOT = "(?:未|无|不|没有)"
_LAST_YEAR = "(?:[与和同比较]?(?:上一?年度?|去年)(?:同期)?(?:相比)?)"
_UNCHANGED = re.compile(rf"{_LAST_YEAR}?(?:{_NOT}增加?[,、]?也?{_NOT}?减少?|{_NOT}有?变化|未变|不变|持平)")
_WHO = "[本我](?:单位|机关|部门|级|年度?|[省市区县乡镇局委办]+)"
# What is not there is told in words without a number: 本单位未制作规章, but not 未办结三件.
_NOTHING = re.compile(rf"(?:{_WHO})*(?:暂?(?:未|无|没有)|不(?:涉及|产生|发生|属于?|适用))[^\W\d_一二三四五六七八九十百千万两几]{{0,12}}")


@dataclass(frozen=True, slots=True)
class Number:
    """One printed cell read alone: its value in canonical unit, its status, and the unit printed with it."""

    value: float | None
    status: str
    unit: str = ""


def plain(text: str) -> str:
    """Fold full-width characters, dashes and spaces, and nothing else: every Chinese character stays.

    Examples
    --------
    >>> plain("１２ 件—")
    '12 件-'
    """
    return text.translate(_PLAIN) if not text.isascii() else text


def without_readings(text: str) -> str:
    """Drop the reading aids that some sites print behind each character.

    Examples
    --------
    >>> without_readings("万(wàn)元(yuán)")
    '万元'
    """
    return _READING.sub("", text)


def squeeze(text: str) -> str:
    """Remove all white space."""
    return "".join(text.split())


@lru_cache(maxsize=65536)
def label_key(text: str) -> str:
    """Fold a printed label to what labels are compared by: no space, no bracketed explanation, no numbering, no punctuation.

    Examples
    --------
    >>> label_key("（二） 部分公开（区分处理的，只计这一情形，不计其他情形）")
    '部分公开'
    >>> label_key("3.危及“三安全一稳定”") == label_key("③ 危及三安全一稳定")
    True
    >>> label_key("本年增/减(指2020年增加或减少的事项数,减用负值表示,如-8)")
    '本年增减'
    >>> label_key("政(zhèng)府(fǔ)集中採購")
    '政府集中采购'
    """
    text = compatible(text)
    text = _NUMBERING.sub("", text, count=1)
    text = _BRACKETS.sub("", text)
    return _PUNCTUATION.sub("", _simplifier().convert(text))


def simplified(text: str) -> str:
    """Turn traditional characters into simplified ones.

    Examples
    --------
    >>> simplified("武漢市生態環境局")
    '武汉市生态环境局'
    """
    return text if text.isascii() else _simplifier().convert(text)


@cache
def _simplifier() -> OpenCC:
    from opencc import OpenCC

    return OpenCC("t2s")


def compatible(text: str) -> str:
    """Fold a label as far as its words stay: full-width, circled and raised characters into plain ones, without spaces.

    Examples
    --------
    >>> compatible("① 规章²")
    '1规章2'
    """
    return squeeze(unicodedata.normalize("NFKC", plain(text)))


def leads_with_zero(digits: str) -> bool:
    """Say whether digits begin with a zero that no number has: 05, but not 0 or 0.5."""
    return digits[:1] == "0" and digits[1:2].isdigit()


def ordinal_key(text: str) -> str:
    """Return the numbering that leads a label, folded: ``(7)`` for （七）, ``4`` for 四、 and ``4.``, or nothing."""
    found = _NUMBERING.match(compatible(text))
    if not found or not found.group():
        return ""
    core = found.group().strip("()、.．:# ")
    digits = str(ordinal(core)) if core and not core.isdigit() else core
    return f"({digits})" if "(" in found.group() else digits


_NUMBERING = re.compile(
    r"^#*(?:\((?:[一二三四五六七八九十]|\d{1,2})\)[、.]?|[一二三四五六七八九十][、.:]|\d{1,2}[、.:]?(?=\D)|[一二三四五六七八九十](?=\())?"
)
_BRACKETS = re.compile(r"\([^()]*(?:\([^()]*\)[^()]*)*\)?|\[[^\]]*\]")
_PUNCTUATION = re.compile(r"[\"'“”‘’《》〈〉「」『』,，.。、:：;；/·|*_#-]")


@lru_cache(maxsize=65536)
def read_number(printed: str, unit: str = "count", signed: bool = False, head_unit: str = "") -> Number:
    """Read one printed cell; what is not plainly one number is not guessed.

    Parameters
    ----------
    printed : str
        The characters in the cell.
    unit : {"count", "yuan"}
        The canonical unit of the official cell.
    signed : bool
        Whether the cell is a change, which may be negative and may say so in words (减 16).
    head_unit : str
        The unit that the column's head prints (``万元``), used where the cell has none.

    Returns
    -------
    Number
        ``status`` is ``printed``, ``blank``, ``mark`` or ``unreadable``; or ``uncertain`` for an amount whose unit stands nowhere or is
        none that is known.

    Examples
    --------
    >>> read_number("1,024").value, read_number("１２ 件").value, read_number("减 16", signed=True).value
    (1024.0, 12.0, -16.0)
    >>> read_number("1472.57 万元", unit="yuan").value
    14725700.0
    >>> [read_number(t).status for t in ("", "—", "约30", "3²", "05", "2.5")]
    ['blank', 'mark', 'unreadable', 'unreadable', 'unreadable', 'unreadable']
    >>> [read_number(t, signed=True).status for t in ("未增未减", "本单位未制作规章", "详见附件")]
    ['printed', 'mark', 'unreadable']
    >>> read_number("477.35", unit="yuan")
    Number(value=None, status='uncertain', unit='')
    """
    text = without_readings(plain(printed)).strip()
    if not text:
        return Number(None, Status.BLANK)
    if squeeze(text) in MARKS:
        return Number(None, Status.MARK)
    found = _NUMBER.fullmatch(_inner_spaces(text))
    if not found and unit == "yuan" and _MONEY_OTHERWISE.fullmatch(_inner_spaces(text)):
        return Number(None, Status.UNCERTAIN)
    return _valued(found, unit, signed, head_unit) if found else _in_words(squeeze(text), signed)


def _in_words(text: str, signed: bool) -> Number:
    """Read a cell of words: 零 and a change of nothing are 0; that there is nothing to count is a mark; whatever else is no number."""
    if text == "零" or (signed and _UNCHANGED.fullmatch(text)):
        return Number(0.0, Status.PRINTED)
    return Number(None, Status.MARK if _NOTHING.fullmatch(text) else Status.UNREADABLE)


def unitless(printed: str) -> tuple[float, ...]:
    """Return what an amount can mean that prints no unit, or one that nobody knows: yuan, or ten thousand yuan.

    Examples
    --------
    >>> unitless("477.35"), unitless("3?元"), unitless("约30")
    ((477.35, 4773500.0), (3.0, 30000.0), ())
    """
    otherwise = _MONEY_OTHERWISE.fullmatch(_inner_spaces(plain(printed).strip()))
    digits = otherwise["digits"] if otherwise else printed
    return tuple(v for u in ("元", "万元") if (v := read_number(digits, "yuan", head_unit=u).value) is not None)


def _inner_spaces(text: str) -> str:
    """Drop the spaces beside words and signs, and keep those between two digits: they may part two numbers."""
    return re.sub(r"(?<=[^\d\s])\s+|\s+(?=[^\d\s])", "", re.sub(r"^[(](.*)[)]$", r"\1", text))


def _valued(found: re.Match[str], unit: str, signed: bool, head_unit: str) -> Number:
    """Turn the parts of a number into its value in canonical unit."""
    digits, word, printed_unit = found["digits"].replace(",", ""), found["word"] or "", found["unit"] or ""
    negative = found["sign"] == "-" or bool(re.fullmatch(_LESS, word))
    if leads_with_zero(digits) or ((word or negative) and not signed) or (word and found["sign"]):
        return Number(None, Status.UNREADABLE)
    scale = _TIMES.get(found["times"] or "", 1)
    if unit == "yuan":
        if printed_unit and printed_unit not in MONEY_UNITS:
            return Number(None, Status.UNREADABLE)
        shown = printed_unit or ("" if found["times"] else head_unit)
        scale *= MONEY_UNITS.get(shown, 1)
        value = _float_shown_as(Decimal(digits) * scale)
        if value is None:
            return Number(None, Status.UNREADABLE)
        told = (shown and shown != UNKNOWN_UNIT) or found["times"] or not value
        return Number(value, Status.PRINTED, shown) if told else Number(None, Status.UNCERTAIN)
    value = _float_shown_as(Decimal(digits) * scale)
    if value is None or len(digits.split(".")[0]) > _MOST_DIGITS:
        return Number(None, Status.UNREADABLE)
    if printed_unit in MONEY_UNITS or value != int(value):
        return Number(None, Status.UNREADABLE)
    return Number(-value if negative else value, Status.PRINTED, printed_unit)


def money_unit(label: str) -> str:
    """Return the unit of money that a head names, or nothing; ``?`` where it names one that is not known, or two.

    Examples
    --------
    >>> money_unit("本年收费金额（单位：万元）"), money_unit("采购总金额")
    ('万元', '')
    >>> [money_unit(f"本年收费金额（单位：{unit}）") for unit in ("?元", "百元", "美元", "元（万元）")]
    ['?', '?', '?', '?']
    """
    said = list(_MONEY_SAID.finditer(squeeze(plain(label))))
    known = {m["unit"] for m in said if not m["before"] or m["before"] in _BEFORE_MONEY}
    if not said:
        return ""
    return known.pop() if len(known) == 1 and len(said) == 1 else UNKNOWN_UNIT


def in_yuan(label: str) -> str:
    """Name in a head the unit in which amounts are kept, for a sentence or a table that gives them in yuan.

    Examples
    --------
    >>> in_yuan("本年收费金额（单位：万元）")
    '本年收费金额（单位：元）'
    """
    return _MONEY_UNIT.sub("元", label)


def _float_shown_as(exact: Decimal) -> float | None:
    """Return a printed number as the float that shows it back digit for digit; None where no float does."""
    value = float(exact)
    return value if Decimal(repr(value)) == exact else None


@lru_cache(maxsize=65536)
def read_as_printed(printed: str, units: frozenset[str], whole: bool = True) -> Number:
    """Read one printed cell without converting anything: the number that stands there, and the unit printed with it.

    Parameters
    ----------
    printed : str
        The characters in the cell.
    units : frozenset of str
        The units that may stand behind the number.
    whole : bool
        Whether only a whole number can be meant, since people or documents are counted.

    Examples
    --------
    >>> units = frozenset(("条", "万元"))
    >>> read_as_printed("78,967 条", units), read_as_printed("1.5万元", units, whole=False)
    (Number(value=78967.0, status='printed', unit='条'), Number(value=1.5, status='printed', unit='万元'))
    >>> [read_as_printed(t, units).status for t in ("", "—", "1.5", "约30", "05", "5万", "-5")]
    ['blank', 'mark', 'unreadable', 'unreadable', 'unreadable', 'unreadable', 'unreadable']
    """
    text = plain(printed).strip()
    if not text:
        return Number(None, Status.BLANK)
    if squeeze(text) in MARKS:
        return Number(None, Status.MARK)
    found = _BARE.fullmatch(text)
    digits, unit = (found["digits"].replace(",", ""), found["unit"]) if found else ("", "")
    if not digits or leads_with_zero(digits) or (unit and unit not in units):
        return Number(None, Status.UNREADABLE)
    value = _float_shown_as(Decimal(digits))
    told = value is not None and (value == int(value) or not whole)
    return Number(value, Status.PRINTED, unit) if told else Number(None, Status.UNREADABLE)


@lru_cache(maxsize=65536)
def is_value(text: str) -> bool:
    """Say whether a cell holds a number, a mark or nothing, in contrast to a label or prose."""
    bare = squeeze(plain(text))
    return not bare or bare in MARKS or (bool(_VALUE.fullmatch(bare)) and bare.count("(") == bare.count(")"))


_VALUE = re.compile(
    rf"(?:约|近)?(?:{_MORE}|{_LESS})?了?[:]?[(]?[+-]?{ANY}[余多]?[{''.join(_TIMES)}]?(?:{MONEY}|{COUNT_UNITS}|[^\d\s,.]{{1,2}}元)?"
    r"(?:\([^()\d]{0,3}元\))?[)]?[²³¹]?"
)
PAGE_MARK = re.compile(
    r"-+\s*\d{1,3}\s*-+|[Pp](?:age)?\.?\s*\d{1,3}(?:\s*(?:-|of|/).*)?"
    r"|第\s*\d{1,3}\s*页(?:[,，/ ]*共\s*\d{1,3}\s*页)?|\d{1,3}\s*/\s*\d{1,3}"
)


def is_page_mark(text: str) -> bool:
    """Say whether a line is only a page number.

    Examples
    --------
    >>> [is_page_mark(t) for t in ("— 5 —", "第 5 页 共 9 页", "Page 9 - …", "5")]
    [True, True, True, False]
    """
    return bool(PAGE_MARK.fullmatch(plain(text).strip()))


def is_numbering(text: str) -> bool:
    """Say whether a number only numbers the label that follows.

    Examples
    --------
    >>> [is_numbering(t) for t in ("8.", "（8）", "8", "8.5")]
    [True, True, False, False]
    """
    return bool(re.fullmatch(r"[(（]?\d{1,2}[)）.．、]", text))


def width(text: str, doubtful: int = 2) -> int:
    """Return the columns that a text takes in a fixed-width font, where a Chinese character takes two.

    Characters such as quotation marks and dashes are ``doubtful``: two in the font of a Chinese page, one in most terminals.

    Examples
    --------
    >>> width("“沁县”"), width("“沁县”", doubtful=1)
    (8, 6)
    """
    if text.isascii():
        return len(text)
    columns = {"W": 2, "F": 2, "A": doubtful}
    return sum(columns.get(unicodedata.east_asian_width(c), 1) for c in text)
