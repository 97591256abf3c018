"""A list on one line, its cells glued or parted by single spaces -> the prose before it, its head and its rows, each a row of cells."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from functools import cache
from itertools import islice

from gongkai.core.model import Cell, Row
from gongkai.extract.alignment.match import cuts
from gongkai.extract.lists.kinds import knowledge, units

_FEWEST = 2
# A list may leave some of its numbered rows out.
_MOST_SKIPPED = 2
_MOST_DIGITS = 40
# What stands right behind the last number of a list and may belong to it: a date, a share.
_GOES_ON = tuple("年月日%％:：/万亿")
_NUMBER = re.compile(r"\D{0,6}?(\d{1,2})[.、．]")
_INNER = re.compile(r"(?<=[^\s:：(（])(?=其中[:：]|[（(][一二三四五六七八九十]{1,3}[)）]|[一二三四五六七八九十]{1,3}、)")


def part_lists(rows: Sequence[Row]) -> tuple[Row, ...]:
    """Part each line that holds a whole list; other rows stay as they are.

    Examples
    --------
    >>> text = "附表 指标名称计量单位2011年度历年累计收到申请数件07其中：1.当面申请数件032.传真申请数件04"
    >>> [[c.text for c in row.cells] for row in part_lists([Row((Cell(text, 0, 1, "line 1"),))])]  # doctest: +NORMALIZE_WHITESPACE
    [['附表'], ['指标名称', '计量单位', '2011年度', '历年累计'], ['收到申请数', '件', '0', '7'],
     ['其中：1.当面申请数', '件', '0', '3'], ['2.传真申请数', '件', '0', '4']]
    """
    return tuple(part for row in rows for part in _parted(row))


def _parted(row: Row) -> Iterator[Row]:
    text = row.cells[0].text if len(row.cells) == 1 and row.kind != "grid" else ""
    head = _head().search(text) if text else None
    values = [v for v in _value().findall(head["values"]) if v] if head else []
    entries, end = _entries(text, head.end(), len(values)) if head else ([], 0)
    if head is None or len(entries) < _FEWEST:
        yield row
        return
    if text[: head.start()].strip():
        yield _row(row, [text[: head.start()].strip()], "line")
    yield _row(row, [head["label"], head["unit"], *values])
    yield from (_row(row, entry) for entry in entries)
    if text[end:].strip():
        yield _row(row, [text[end:].strip()], "line")


def _row(row: Row, texts: Sequence[str], kind: str = "glued") -> Row:
    return replace(row, cells=tuple(Cell(t, i, i + 1, row.where) for i, t in enumerate(texts)), kind=kind)


@cache
def _value() -> re.Pattern[str]:
    heads = knowledge()["heads"]
    return re.compile(rf"(?:{heads['year']}|{heads['cumulative']})")


@cache
def _head() -> re.Pattern[str]:
    heads = knowledge()["heads"]
    return re.compile(rf"(?P<label>{heads['label']})\s*(?P<unit>{heads['unit']})\s*(?P<values>(?:{_value().pattern}\s*)+)")


@cache
def _entry() -> re.Pattern[str]:
    unit = "|".join(sorted(units(), key=len, reverse=True))
    label = r"(?:(?:其中[:：,，]?)?[（(]?\d{1,2}[)）.、．])?\D{2,80}?"
    return re.compile(rf"\s*(?P<label>{label})\s*(?P<unit>{unit})\s*(?P<digits>\d[\d,]*(?:\s+\d[\d,]*(?![\d,]*年))*)")


def _entries(text: str, at: int, n: int) -> tuple[list[list[str]], int]:
    """Read rows as long as they follow each other: label, unit, numbers; what numbers the next label is none of them.

    Where that cannot be told, the row has no number.
    """
    entries: list[list[str]] = []
    number = ""
    while found := _entry().match(text, at):
        label, digits, at = (number + found["label"]).lstrip(".．、"), found["digits"], found.end()
        counted, number = _NUMBER.match(label), ""
        if text[at : at + 1] in (".", "．", "、"):
            following = [int(counted[1]) + k for k in range(1, _MOST_SKIPPED + 2)] if counted else []
            number = next((str(k) for k in (*following, 1) if digits.endswith(str(k))), "")
            digits = digits[: len(digits) - len(number)].strip() if number else ""
        elif text[at : at + 1] in _GOES_ON:
            digits = ""
        *above, label = _INNER.split(label)
        entries += [[heading, *[""] * (n + 1)] for heading in above]
        entries.append([label, found["unit"], *_numbers(digits, n)])
    return entries, at


def _numbers(digits: str, n: int) -> list[str]:
    """Part digits into the numbers of a row where they can be parted in one way only."""
    groups = digits.split()
    ways = list(islice(cuts(groups[0], n), 2)) if len(groups) == 1 and 1 < n <= len(digits) <= _MOST_DIGITS else []
    return ways[0] if len(ways) == 1 else groups
