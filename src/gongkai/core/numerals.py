"""Chinese numerals -> numbers, and back."""

from __future__ import annotations

import re
from decimal import Decimal
from functools import cache

# Some printers set a letter O for the zero of a year.
_DIGITS = str.maketrans("〇○零OＯ一二三四五六七八九", "00000123456789")
_RUN = re.compile(r"[一二两三四五六七八九]{2}")


@cache
def number_in_words(numeral: str) -> Decimal | None:
    """Turn a Chinese numeral into its value, or nothing where it is none (百, 三四).

    Examples
    --------
    >>> number_in_words("一百二十"), number_in_words("两"), number_in_words("三四"), number_in_words("十十")
    (Decimal('120'), Decimal('2'), None, None)
    """
    import cn2an

    folded = numeral.replace("兩", "两").replace("○", "零").replace("〇", "零")
    if _RUN.search(folded):
        return None
    try:
        return Decimal(str(cn2an.cn2an("一" + folded if folded[:1] == "百" else folded, "normal")))
    except (ValueError, KeyError):  # the library looks up what it does not know
        return None


def ordinal(text: str) -> int:
    """Read the number before a heading or a row, in digits, circled or in words; 0 where it is none.

    Examples
    --------
    >>> [ordinal(t) for t in ("7", "十", "十二", "二十一", "③", "一一")]
    [7, 10, 12, 21, 3, 0]
    """
    if text.isdecimal():
        return int(text)
    if len(text) == 1 and "①" <= text <= "⑳":
        return ord(text) - ord("①") + 1
    return int(number_in_words(text) or 0)


def in_digits(text: str) -> str:
    """Write out a numeral that is read digit by digit, as years are.

    Examples
    --------
    >>> in_digits("二〇一九")
    '2019'
    """
    return text.translate(_DIGITS)


def numeral(number: int) -> str:
    """Write a whole number in words, as headings are numbered.

    Examples
    --------
    >>> [numeral(n) for n in (1, 10, 12, 20, 35)]
    ['一', '十', '十二', '二十', '三十五']
    """
    import cn2an

    return str(cn2an.an2cn(number))
