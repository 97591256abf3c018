"""A table whose items stand side by side: heads in one block or in several, each with its values below."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import groupby

from gongkai.core.model import Cell, Field, Form, Row, Table
from gongkai.core.text import is_page_mark, plain, squeeze
from gongkai.extract.alignment.columns import apart
from gongkai.extract.alignment.misfits import tokens_of
from gongkai.extract.alignment.strips import Found, Layout, Strip
from gongkai.extract.alignment.tokens import Token, key_of, until_label
from gongkai.forms.keys import known_keys, measure_keys, row_sums

_FEWEST_HEADS = 3
_SHORT = 8
# Heads whose letters stand apart are some hundred words; what stands further above is none of them.
_MOST_WORDS = 200


@dataclass(slots=True)
class _Block:
    """Heads that follow each other, the words before them, and the rows of values below."""

    words: list[str] = field(default_factory=list)
    heads: list[tuple[int, Cell]] = field(default_factory=list)
    values: list[tuple[int, Cell]] = field(default_factory=list)


def find_across(area: Sequence[Row], start: int, form: Form, table: Table, layouts: Mapping[int, Layout]) -> Found:
    """Find the values below the heads of a table whose items stand side by side.

    The authority prints one row of values under all heads, or a table for each item, its name above the heads.
    """
    blocks = [b for b in _blocks(area, form, table) if len(b.heads) >= _FEWEST_HEADS or _scrambled(b, table)]
    named = _items_of(blocks, table)
    parted = [(one, items) for b, items in zip(blocks, named, strict=True) for one in _rows_of(b)]
    found = [s for block, items in parted if (s := _strip(block, items, area, form, table, start))]
    strips = [_laid_out(s, layouts.get(area[s.row - start].table, Layout())) for s in found]
    rows = [r for b in blocks for r, _ in (*b.heads, *b.values)]
    unread = {r for block, items in parted if not items for r, c in block.values if c.text.strip()}
    moved = [s for s in strips if [f.measure for f in s.fields[: len(table.measures)]] != list(table.measures)]
    span = (start + min(rows), start + max(rows) + 1) if rows else (start, start)
    return Found(table, tuple(strips), span, table.groups[:1] if moved else (), tuple(start + r for r in sorted(unread)))


def _blocks(area: Sequence[Row], form: Form, table: Table) -> Iterator[_Block]:
    """Part the rows where heads or words follow values."""
    measures = measure_keys(form.code, table.code)
    block, filled = _Block(), False
    for r, row in enumerate(area):
        heads = [c for c in row.cells if measures.get(key_of(c))]
        words = [c.text for c in row.cells if type(c) is Token and c.key not in measures]
        beside = _beside(row, heads, form)
        foreign = heads and block.heads and len(block.heads) < _FEWEST_HEADS and area[block.heads[-1][0]].table != row.table
        if foreign or (filled and (heads or words)):
            yield block
            block, filled = _Block(), False
        block.words += words
        block.heads += [(r, c) for c in heads]
        values = not words and not heads and not any(is_page_mark(c.text) for c in row.cells)
        if values and (block.heads or (len(row.cells) > len(table.measures) and _scrambled(block, table))):
            beside = row.cells
        block.values += [(r, c) for c in beside]
        filled = filled or any(c.text.strip() for c in beside)
    yield block


def _beside(row: Row, heads: Sequence[Cell], form: Form) -> tuple[Cell, ...]:
    """Return the values that follow the last head in its own row, where a line has lost its end."""
    if not heads or row.kind == "grid":
        return ()
    after = until_label(row.cells[row.cells.index(heads[-1]) + 1 :], known_keys(form.code))
    return after if any(c.text.strip() and type(c) is not Token for c in after) else ()


def _rows_of(block: _Block) -> list[_Block]:
    """Part a block whose row of values is printed more than once."""
    texts: dict[int, list[str]] = defaultdict(list)
    for r, c in block.values:
        texts[r].append(c.text.strip())
    first = next((t for t in texts.values() if any(t)), [])
    again = [r for r, t in texts.items() if t == first]
    if len(first) < _FEWEST_HEADS or len(again) < 2:
        return [block]
    return [replace(block, values=[(r, c) for r, c in block.values if r == row]) for row in again]


def _items_of(blocks: Sequence[_Block], table: Table) -> list[tuple[str, ...]]:
    """Name the items of each block: all of them under a full head, else those that the words above name, else by order."""
    size = len(table.measures)
    every = tuple(table.items)
    full = [every if len(b.heads) == size * len(every) else _named(b, table) or (every if _scrambled(b, table) else ()) for b in blocks]
    if len(blocks) == len(table.items) and not any(full):
        return [(item,) for item in table.items]
    return full


def _scrambled(block: _Block, table: Table) -> bool:
    """Say whether every letter of the official heads is there, though not in their order: heads set upright, copied line by line."""
    if len(block.heads) == len(table.measures) * len(table.items):
        return False
    printed = Counter("".join(w for w in block.words[-_MOST_WORDS:] if len(w) <= _SHORT) + "".join(c.text for _, c in block.heads))
    needed = Counter("".join(m.zh for m in table.measures.values()) * len(table.items))
    return all(printed[letter] >= n for letter, n in needed.items())


def _named(block: _Block, table: Table) -> tuple[str, ...]:
    words = squeeze(plain("".join(block.words[-_MOST_WORDS:])))
    named = [(words.rfind(label), code) for code, n in table.items.items() for label in (n.zh, *n.aliases) if label in words]
    last = sorted(named)[-(len(block.heads) // len(table.measures) or 1) :]
    return tuple(code for _, code in last) if len(block.heads) == len(last) * len(table.measures) else ()


def _strip(block: _Block, items: tuple[str, ...], area: Sequence[Row], form: Form, table: Table, start: int) -> Strip | None:
    """Collect the values of one block; a row that is wholly blank below others is a row of the layout."""
    fields = tuple(f for item in items for f in form.fields if (f.table, f.item) == (table.code, item))
    filled = dict.fromkeys(r for r, c in block.values if c.text.strip())
    rows = list(filled or dict.fromkeys(r for r, _ in block.values))
    if not fields or not rows:
        return None
    places = sorted((c.x0, c.x1) for _, c in block.heads)
    row, pattern = area[rows[0]], tuple(places) if len(places) == len(fields) and apart(places) else None
    first = tuple(c for r, c in block.values if r == rows[0])
    kind = row.kind if first == row.cells else "line"
    glued = any(area[r].kind == "glued" for r in rows)
    own: tuple[Cell, ...] = first if len(first) > 1 or kind != "line" else ()
    more = tuple((start + r, c) for r, c in block.values if c.text.strip() and not (own and r == rows[0]))
    if kind == "line" and len(block.values) == len(fields) and not all(c.text.strip() for _, c in block.values):
        own, more, kind = tuple(c for _, c in block.values), (), "grid"
    many = sum(len(tokens_of(c)) for _, c in more) > len(fields) + 1  # one may have been spilled; more are of another row
    reason = "torn" if many else "scrambled" if items == tuple(table.items) and _scrambled(block, table) else "glued" if glued else ""
    ordered = _in_order(block, fields, kind, form, table)
    return Strip(ordered, None, start + rows[0], kind, own, more, pattern, reason=reason, sums=row_sums(form, fields))


def _laid_out(strip: Strip, layout: Layout) -> Strip:
    """Tell a row how long its table is. No other row says whether its last cell is left empty by habit: the other items do."""
    strip = replace(strip, layout=layout)
    own = [[bool(c.text.strip()) for _, c in cells] for _, cells in groupby(zip(strip.fields, strip.columns, strict=False), _item)]
    return replace(strip, filled_up=strip.ends_blank and sum(any(filled) and not filled[-1] for filled in own) == 1)


def _item(pair: tuple[Field, Cell]) -> str:
    return pair[0].item


def _in_order(block: _Block, fields: tuple[Field, ...], kind: str, form: Form, table: Table) -> tuple[Field, ...]:
    """Put the measures of each item in the order of its heads, where each item has all of them."""
    measures, size = measure_keys(form.code, table.code), len(table.measures)
    aligned = kind == "grid" or (kind == "spaces" and apart(sorted((c.x0, c.x1) for _, c in block.heads)))
    heads = sorted(block.heads, key=lambda head: head[1].x0) if aligned else block.heads
    ordered: list[Field] = []
    if len(heads) != len(fields):
        return fields
    for i in range(0, len(fields), size):
        named = {f.measure: f for f in fields[i : i + size]}
        own = heads[i : i + size]
        order = [measures[key_of(c)] for _, c in own]
        level = aligned or kind != "spaces" or len({r for r, _ in own}) == 1
        if sorted(order) != sorted(named) or not level:
            return fields
        ordered += [named[m] for m in order]
    return tuple(ordered)
