"""The head of an indicator list: which column holds labels, units, codes, and what each column of numbers counts."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cache, lru_cache

from gongkai.core.model import Cell, Row
from gongkai.core.text import plain, squeeze
from gongkai.extract.lists.kinds import bracketed_unit, kind_of, knowledge, told_apart

_MOST_JOINED = 4
# Several lists stand beside each other in some pages; no page is this wide.
_MOST_COLUMNS = 60
_MOST_LINES = 12
_LONGEST_HEAD = 30
_BRACKETS = re.compile(r"[（(\[【].*[）)\]】]?$")


@dataclass(frozen=True, slots=True)
class Column:
    """One column of a list: its role (``label``, ``unit``, ``code``, ``over``, ``note``, ``value``), its printed head, where it stands."""

    role: str
    head: str
    x0: int
    x1: int
    measure: str = ""
    unit: str = ""
    over: str = ""


@dataclass(frozen=True, slots=True)
class Head:
    """The head of one list. ``panel`` says that another list stands beside it in the same rows."""

    columns: tuple[Column, ...]
    start: int
    end: int
    kind: str
    panel: bool = False

    @property
    def label(self) -> int:
        return next(i for i, c in enumerate(self.columns) if c.role == "label")

    @property
    def x0(self) -> int:
        return self.columns[0].x0

    @property
    def x1(self) -> int:
        return self.columns[-1].x1


def read_head(rows: Sequence[Row], r: int) -> tuple[Head, ...]:
    """Return the head that begins in a row: none, one, or one for each list that stands beside another."""
    row = rows[r]
    if len(row.cells) > _MOST_COLUMNS or not any(_may_lead(c.text) for c in row.cells):
        return ()
    if row.kind in ("grid", "tabs", "glued"):
        return _head_of_cells(rows, r)
    head = _head_of_words(rows, r)
    return (head,) if head else ()


def _may_lead(text: str) -> bool:
    return len(text) <= 4 * _LONGEST_HEAD and bool(re.match(_leading(), squeeze(text)))


@cache
def _leading() -> str:
    heads = knowledge()["heads"]
    return rf"(?:{heads['code']})?(?:{heads['label']}|{heads['weak_label']})|(?:{heads['code']})$"


@lru_cache(maxsize=4096)
def _role(text: str, alone: bool = True) -> tuple[str, str] | None:
    """Return the role of a head and the measure that it names; ``other`` heads only where they are one piece."""
    bare = _BRACKETS.sub("", squeeze(plain(text)))
    for name in ("label", "unit", "code", "note", "cumulative", "year", "weak_label", "other"):
        if bare and re.fullmatch(knowledge()["heads"][name], bare) and (alone or name not in ("other", "weak_label")):
            value = name in ("cumulative", "year", "other")
            return ("value", name) if value else (name, "")
    return None


def _head_of_cells(rows: Sequence[Row], r: int) -> tuple[Head, ...]:
    columns = [_column(c) for c in rows[r].cells]
    columns = _widened(columns) if rows[r].kind == "tabs" else columns
    end = r + 1
    if end < len(rows) and (below := _under(columns, rows[end])):
        columns, end = below, end + 1
    panels = list(_panels(columns))
    if not panels or not all(map(_is_head, panels)):
        return ()
    while end < len(rows) and _numbers_columns(rows[end]):
        end += 1
    return tuple(Head(_measured(p), r, end, rows[r].kind, len(panels) > 1) for p in panels)


def _column(cell: Cell) -> Column:
    text = squeeze(cell.text)
    role = _role(text)
    if role is None:
        role = ("" if not text else "none" if kind_of(text) == "number" else "value"), ""
    return _named(text, role, cell.x0, cell.x1)


def _named(text: str, role: tuple[str, str], x0: int = 0, x1: int = 1) -> Column:
    return Column(role[0], text, x0, x1, role[1], bracketed_unit(text))


def _widened(columns: Sequence[Column]) -> list[Column]:
    """Give a merged head the blank fields after it, which it leaves where a row is flattened to text."""
    wide: list[Column] = []
    for column in columns:
        if not column.role and wide:
            wide[-1] = replace(wide[-1], x1=column.x1)
        else:
            wide.append(column)
    return wide


def _under(columns: Sequence[Column], row: Row) -> list[Column] | None:
    """Part the merged heads over several columns of numbers by the row of heads below them."""
    filled = [c for c in row.cells if c.text.strip()]
    if not filled or any(kind_of(c.text) != "text" or _role(c.text) == ("label", "") for c in filled):
        return None
    parted: list[Column] = []
    for column in columns:
        own = [c for c in filled if column.x0 <= c.x0 and c.x1 <= column.x1]
        if own and (column.role != "value" or column.x1 - column.x0 < 2):
            return None
        parted += [_below(column, c, own) for c in own] or [column]
    if len([c for c in parted if c not in columns]) != len(filled):
        return None
    heads = [c.head for c in parted]
    return [replace(c, head=c.over + c.head, measure="") if heads.count(c.head) > 1 else c for c in parted]


def _below(column: Column, cell: Cell, own: Sequence[Cell]) -> Column:
    """Name one of the columns under a merged head; the merged head comes before its own only where that repeats."""
    end = min((c.x0 for c in own if c.x0 > cell.x0), default=column.x1)
    named = _column(cell)
    return replace(named, role="value", x1=end, unit=named.unit or column.unit, over=column.head)


def _panels(columns: Sequence[Column]) -> Iterator[list[Column]]:
    """Part the columns of lists that stand side by side: each begins with its labels, or what leads to them."""
    labels = [i for i, c in enumerate(columns) if c.role == "label"]
    labels = labels or [i for i, c in enumerate(columns) if c.role == "weak_label"]
    starts = [0, *(i - (columns[i - 1].role == "code") for i in labels[1:])]
    for a, b, label in zip(starts, [*starts[1:], len(columns)], labels, strict=False):
        before = [c if c.role == "code" else replace(c, role="over") for c in columns[a:label] if c.role]
        yield [*before, replace(columns[label], role="label"), *(c for c in columns[label + 1 : b] if c.role)]


def _is_head(columns: Sequence[Column]) -> bool:
    """A head has labels and values; words that head other tables too need a column of units beside them."""
    roles = [c.role for c in columns]
    known = any(c.measure for c in columns)
    strong = any(c.role == "label" and re.fullmatch(knowledge()["heads"]["label"], _BRACKETS.sub("", c.head)) for c in columns)
    return "value" in roles and "none" not in roles and roles.count("label") == 1 and ("unit" in roles or (known and strong))


def _numbers_columns(row: Row) -> bool:
    """Say whether a row only numbers the columns (甲 乙 丙 1 2)."""
    words = [w for c in row.cells for w in c.text.split()]
    return bool(words) and bool(re.fullmatch(knowledge()["heads"]["ordinals"], words[0])) and all(len(w) == 1 for w in words)


def _measured(columns: Sequence[Column]) -> tuple[Column, ...]:
    """Name what each column counts: ``year``, ``cumulative``, or its printed head; heads that mean the same are told apart as printed."""
    meant = [c.measure for c in columns if c.role == "value"]
    known = {m for m in ("year", "cumulative") if meant.count(m) == 1}
    unique = told_apart([c.measure if c.measure in known else c.head for c in columns if c.role == "value"])
    return tuple(replace(c, measure=next(unique)) if c.role == "value" else c for c in columns)


def _head_of_words(rows: Sequence[Row], r: int) -> Head | None:
    """Read a head of which white space or line ends part the words, some of them spaced out."""
    columns: list[Column] = []
    at = end = r
    while at < min(len(rows), r + _MOST_LINES) and rows[at].kind in ("spaces", "line"):
        size, found = _columns_of_lines(rows, at, whole=at == r)
        if not size and not _is_blank(rows[at]):
            break
        columns += found
        at += size or 1
        end = at if size else end
    while columns and at < len(rows) and (_is_blank(rows[at]) or _numbers_line(rows, at, r)):
        at += 1
        end = at
    columns = [replace(c, role="label" if c.role == "weak_label" else c.role, x0=i, x1=i + 1) for i, c in enumerate(columns)]
    return Head(_measured(columns), r, end, rows[r].kind) if _is_head(columns) else None


def _is_blank(row: Row) -> bool:
    return not any(c.text.strip() for c in row.cells)


def _columns_of_lines(rows: Sequence[Row], at: int, whole: bool) -> tuple[int, list[Column]]:
    """Read the heads that one line holds, or one head broken over a few lines; return how many lines they take."""
    found = _columns_of(_pieces(rows[at]), unknown=whole)
    if found:
        return 1, found
    joined = squeeze(rows[at].cells[0].text)
    for size in range(2, _MOST_JOINED + 1):
        if at + size > len(rows) or rows[at + size - 1].kind != "line":
            break
        joined += squeeze(rows[at + size - 1].cells[0].text)
        if len(joined) <= _LONGEST_HEAD and (role := _role(joined, alone=False)):
            return size, [_named(joined, role)]
    return 0, []


def _pieces(row: Row) -> list[str]:
    return [squeeze(c.text) for c in row.cells] if len(row.cells) > 2 else [w for c in row.cells for w in c.text.split()]


def _columns_of(words: Sequence[str], unknown: bool) -> list[Column]:
    """Turn the words of a line into heads, or nothing; an ``unknown`` word is a head only between others of one line."""
    columns: list[Column] = []
    at = 0
    while at < len(words):
        sizes = range(min(_MOST_JOINED, len(words) - at), 0, -1)
        size, role = next(((n, role) for n in sizes if (role := _role("".join(words[at : at + n]), n == 1))), (1, None))
        text = "".join(words[at : at + size])
        if role is None and not (unknown and columns and kind_of(text) == "text" and len(text) <= _LONGEST_HEAD // 2):
            return []
        columns.append(_named(text, role or ("value", "")))
        at += size
    return columns


def _numbers_line(rows: Sequence[Row], at: int, start: int) -> bool:
    """Say whether a line numbers the columns, alone or with the lines before it."""
    if rows[at].kind == "line" and len(squeeze(rows[at].cells[0].text)) == 1 and at > start:
        ordinal = re.compile(knowledge()["heads"]["ordinals"])
        text = squeeze(rows[at].cells[0].text)
        before = [squeeze(rows[k].cells[0].text) for k in range(max(start, at - 5), at) if rows[k].cells]
        return bool(ordinal.fullmatch(text)) or (text.isdigit() and any(ordinal.fullmatch(b) for b in before))
    return _numbers_columns(rows[at])
