"""The date of a page and the date of a signature -> when a report was published, and who signed it."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cache

from gongkai.core.model import Finding, Row
from gongkai.core.numerals import in_digits, ordinal
from gongkai.core.text import squeeze
from gongkai.extract.narrative.numbers import fold_widths, prose_words
from gongkai.extract.narrative.sections import bare_line, is_furniture, is_organ, is_title
from gongkai.extract.narrative.titles import Said, statements

_ZERO, _WORD = "〇○零OＯ0", "[一二三四五六七八九十廿卅元正]"
_DAY = (
    rf"(?P<y>20\d\d|二[{_ZERO}][\d{_ZERO}一二三四五六七八九]{{2}})[年./-](?P<m>\d{{1,2}}|{_WORD}{{1,2}})"
    rf"[月./-](?P<d>\d{{1,2}}|{_WORD}{{1,3}})日?"
)
_DATE = re.compile(_DAY)
_SIGNED = re.compile(
    rf"[（(]?(?:(?:报告|填报|编制|公开)?(?:单位|机关|日期|时间)[:：])?(?P<organ>[\u4e00-\u9fff]*?)(?:[（(](?:盖章|公章|章|印章)[）)])?"
    rf"[（(]?{_DAY}(?:印发|公布|发布)?[）)]?"
)
# What a page prints without a label is its date only with the hour, or before its own credits.
_STAMP = re.compile(rf"{_DAY}(?:\s+\d{{1,2}}:\d\d(?::\d\d)?)(?=\s|$|[\u4e00-\u9fff])|20\d\d[-/.]\d{{1,2}}[-/.]\d{{1,2}}(?=\s*$)")
_SEAL = re.compile(r"[（(](?:盖章|公章|章|印章)[）)]$|^(?:报告|填报|编制|公开)?(?:单位|机关)[:：]")
_TENS = {"廿": "二十", "卅": "三十", "元": "一", "正": "一"}
_TAIL, _NEAR, _LONG, _OPENING, _AROUND = 40, 30, 90, 200, 2


@dataclass(frozen=True, slots=True)
class Dates:
    """When a report was published, which organs sign it (the likeliest first), and what is in doubt."""

    published: str | None
    signatures: tuple[str, ...]
    findings: tuple[Finding, ...] = ()


def read_published(rows: Sequence[Row], head: Sequence[Said], meta: Mapping[str, str]) -> Dates:
    """Take the date that the page prints or names in its tags, and without one the date of the signature; where they differ, say so.

    Parameters
    ----------
    rows : sequence of Row
        All rows of the document.
    head : sequence of (str, str)
        What stands before the first heading, as :func:`gongkai.extract.narrative.titles.statements` gives it.
    meta : mapping
        The tags of the file.

    Returns
    -------
    Dates

    Examples
    --------
    >>> from gongkai.core.model import Cell
    >>> lines = ["某县2020年政府信息公开年度报告", "发布时间：2021-01-25", "一、总体情况", "认真。", "某县教育局（盖章）", "2021年1月20日"]
    >>> rows = [Row((Cell(text, 0, 1, f"line {n}"),)) for n, text in enumerate(lines, 1)]
    >>> dates = read_published(rows, statements(rows[:2]), {})
    >>> dates.published, dates.signatures, [(f.code, f.observed) for f in dates.findings]
    ('2021-01-25', ('某县教育局',), [('dates_differ', '2021-01-20')])
    """
    lines = [said for said in statements([row for row in rows if row.kind in ("line", "spaces")]) if said[0].strip()]
    short = _parted(lines)
    page = _printed(head) or _tagged(meta) or _printed(lines[-_TAIL:], foot=True)
    signed = _signed(short[-_TAIL:]) or _signed(_parted(head[-_NEAR:]))
    signatures = (*_organs(short), *_organs(_parted(head)))
    differ = page is not None and signed is not None and page[0] != signed[0]
    found = [Finding("dates_differ", expected=page[0], observed=signed[0], where=signed[1])] if differ and page and signed else []
    first = page or signed
    return Dates(first[0] if first else None, tuple(dict.fromkeys(signatures)), tuple(found))


def iso_date(text: str) -> str | None:
    """Turn the first date of a text into ISO form, if it is a date of the calendar.

    Examples
    --------
    >>> iso_date("2020年2月20日"), iso_date("2020-01-20 15:22"), iso_date("二〇二〇年二月二十日"), iso_date("2020年2月30日")
    ('2020-02-20', '2020-01-20', '2020-02-20', None)
    >>> iso_date("二O二三年元月卅一日"), iso_date("2023.1.31")
    ('2023-01-31', '2023-01-31')
    """
    found = _DATE.search(fold_widths(text).replace(" ", "") if "年" in text else fold_widths(text))
    if not found:
        return None
    try:
        return date(int(in_digits(found["y"])), _small(found["m"]), _small(found["d"])).isoformat()
    except ValueError:
        return None


def _small(numeral: str) -> int:
    """Read a day or month, in digits or words."""
    for word, usual in _TENS.items():
        numeral = numeral.replace(word, usual)
    return ordinal(numeral)


def _printed(said: Sequence[Said], foot: bool = False) -> Said | None:
    """Return the date that the page prints for itself, the most telling label first; in its foot only one that says 发布."""
    titled = next((i for i, (text, _) in enumerate(said) if is_title(text)), 0)
    near = [*said[titled:], *reversed(said[:titled])]
    openings = [(text[:_OPENING].split("。")[0], where) for text, where in near]
    for label in _labels()[: 1 if foot else None]:
        for text, where in openings:
            if (found := label.search(fold_widths(text))) and (day := iso_date(found["day"])):
                return day, where
    stamped = ((iso_date(m[0]), where) for text, where in openings if not foot and (m := _STAMP.match(fold_widths(text).strip())))
    return next(((day, where) for day, where in stamped if day), None)


def _tagged(meta: Mapping[str, str]) -> Said | None:
    named = (iso_date(meta.get(key, "")) for key in prose_words()["titles"]["pubdate"])
    return next(((day, "") for day in named if day), None)


def _parted(lines: Sequence[Said]) -> list[Said]:
    """Part the last words from a line that holds the report itself, where a page stands on one line."""
    found: list[Said] = []
    for text, where in lines:
        *_, last = text.rpartition("。")
        found += [(piece, where) for piece in re.split(r"[\s|]+", last) if piece] if len(text) > _LONG else [(text, where)]
    return found


def _organs(lines: Sequence[Said]) -> Iterator[str]:
    """Yield the organs that sign: beside a date, or on the line before or after it; the last first. An organ may also end the page."""
    signed = False
    for index in reversed(range(len(lines))):
        if found := _signed_line(lines[index][0]):
            around = [t for t, _ in (*reversed(lines[max(0, index - _AROUND) : index]), *lines[index + 1 : index + 2])]
            names = [n for n in (found["organ"], *map(_name, around)) if is_organ(n)][:1]
            signed = signed or bool(names)
            yield from names
    last = _name(lines[-1][0]) if lines else ""
    if not signed and is_organ(last):
        yield last


def _name(line: str) -> str:
    return _SEAL.sub("", squeeze(fold_widths(bare_line(line))))


def _signed_line(text: str) -> re.Match[str] | None:
    return _SIGNED.fullmatch(squeeze(fold_widths(text))) if len(text) <= _LONG else None


def _signed(lines: Sequence[Said]) -> Said | None:
    """Return the last date that stands on a line of its own, or beside the name of an organ."""
    for text, where in reversed(lines):
        found = _signed_line(text)
        if found and (not found["organ"] or is_organ(found["organ"])) and not is_furniture(text) and (day := iso_date(found.group())):
            return day, where
    return None


@cache
def _labels() -> tuple[re.Pattern[str], ...]:
    """Compile the labels of dates, the most telling first; a space may stand inside a date in digits."""
    day = rf"(?P<day>20\d\d\s*[年./-]\s*\d{{1,2}}\s*[月./-]\s*\d{{1,2}}|{_DAY})"
    return tuple(re.compile(rf"(?:{label})\s*[】\]]?\s*[:：]?\s*{day}") for label in prose_words()["titles"]["dates"])
