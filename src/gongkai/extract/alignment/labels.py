"""Rows of a document + a form -> for each row of the form, the printed cells that it may be read from."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from rapidfuzz import fuzz, process

from gongkai.core.model import Cell, Form, Name, Row, Table
from gongkai.core.text import is_numbering, is_page_mark, is_value, label_key, ordinal_key, squeeze
from gongkai.extract.alignment.across import find_across
from gongkai.extract.alignment.columns import Heads, Pattern, read_heads, united
from gongkai.extract.alignment.strips import Found, Strip, key_of, until_label
from gongkai.forms.keys import fields_of, item_keys, known_keys, measure_keys, title_keys

_LONGEST_HEADING = 45
_ALIKE = 70
_ALIKE_HEADING = 88
_MARGIN = 8
_TAIL = 4
_PATIENCE = 8
_NEAR = 3


@dataclass(frozen=True, slots=True)
class _Mention:
    row: int
    cell: int
    key: str
    ordinal: str
    text: str


def find_headings(rows: Sequence[Row], form: Form) -> dict[int, str]:
    """Return the rows that print a section title of the form, with the section's code."""
    return {i: code for i, row in enumerate(rows) if (code := _heading(row, form))}


def _heading(row: Row, form: Form) -> str | None:
    filled = [c.text for c in row.cells if c.text.strip()]
    if len(filled) != 1 or not 2 < len(filled[0]) <= _LONGEST_HEADING:
        return None
    key, titles = label_key(filled[0]), title_keys(form.code)
    if key in titles:
        return titles[key]
    if len(key) < 8:
        return None
    best = process.extractOne(key, titles.keys(), scorer=fuzz.ratio, score_cutoff=_ALIKE_HEADING)
    return titles[best[0]] if best else None


def find_table(rows: Sequence[Row], headings: Mapping[int, str], form: Form, table: Table) -> Found:
    """Find one table of the form in a document, wherever its headings allow it."""
    start, end = _region(rows, headings, form, table)
    area = rows[start:end]
    if table.across:
        return find_across(area, start, form, table)
    placed = _placed_items(area, form, table)
    strips, reordered = [], []
    for group in table.groups:
        first = min((m.row for i in group.items for m in placed.get(i, ())), default=0)
        above = max((m.row for i, found in placed.items() if i not in group.items for m in found if m.row < first), default=-1)
        heads = read_heads(area[above + 1 : first], area[first], form, table, group) if area else Heads(group.measures, {}, None)
        if heads.order != tuple(m for m in group.measures if m in heads.order):
            reordered.append(group)
        strips += [_strip(area, m, form, table, i, heads, start) for i in group.items for m in placed.get(i, ())]
    strips = _with_patterns(strips)
    strays = _strays(area, placed, strips, table)
    strips = [_with_numbers_beside(s, area, strays, start) for s in strips]
    nameless = _nameless(area, placed, strips, strays, form, table, start)
    left = tuple(start + r for r in strays if start + r not in {s.row for s in nameless})
    strips += nameless
    return Found(table, tuple(strips), _span(area, strips, start, known_keys(form.code)), tuple(reordered), left)


def _region(rows: Sequence[Row], headings: Mapping[int, str], form: Form, table: Table) -> tuple[int, int]:
    """Choose the stretch of rows, from one of the table's own headings to the next heading, that names most of its labels."""
    own = {code for code, titles in form.sections if titles == table.headings}
    ends = [*(i for i, c in headings.items() if c not in own), len(rows)]
    spans = [(h, min(e for e in ends if e > h)) for h, c in headings.items() if c in own]
    keys = (measure_keys if table.across else item_keys)(form.code, table.code).keys()

    def named(span: tuple[int, int]) -> int:
        return len({k for row in rows[span[0] : span[1]] for c in row.cells if (k := key_of(c)) in keys})

    best = max(spans, key=named, default=(0, len(rows)))
    whole = (0, len(rows))
    return best if named(best) * 2 >= named(whole) else whole


def _mentions(area: Sequence[Row]) -> Iterator[_Mention]:
    """Yield every cell that may be a label."""
    for r, row in enumerate(area):
        for c, cell in enumerate(row.cells):
            key = key_of(cell)
            if key:
                yield _Mention(r, c, key, ordinal_key(cell.text), cell.text)


def _placed_items(area: Sequence[Row], form: Form, table: Table) -> dict[str, list[_Mention]]:
    """Give each item of the table the rows that print its label; the order of the form settles what the words do not."""
    items, measures, known = item_keys(form.code, table.code), measure_keys(form.code, table.code), known_keys(form.code)
    mentions = list(_mentions(area))
    exact: dict[str, list[_Mention]] = defaultdict(list)
    for m in mentions:
        for item in items.get(m.key, ()):
            if m.key not in measures or m.ordinal == ordinal_key(table.items[item].zh):
                exact[item].append(m)
    placed = {item: _with_values(area, found, known) for item, found in exact.items()}
    placed = {item: found for item, found in placed.items() if _is_row(area, found[0], table.items[item], exact)}
    for item in table.items if placed else ():
        if item not in placed:
            low, high = _gap(placed, table, item, len(area))
            near = [m for m in mentions if low < m.row < high]
            found = [m for m in near if item in items.get(m.key, ()) and _values_after(area, m, known)]
            found = found or _alike(area, near, table, item, placed, known)
            if found:
                placed[item] = found[:1]
    return {item: found for item, found in placed.items() if not any(i in placed for i in table.items[item].instead)}


def _with_values(area: Sequence[Row], found: list[_Mention], known: frozenset[str]) -> list[_Mention]:
    """Keep the mentions that values follow; a heading that repeats a label has none."""
    kept = [m for m in found if _values_after(area, m, known)] or found[:1]
    first_of_row: dict[int, _Mention] = {}
    for m in kept:
        first_of_row.setdefault(m.row, m)
    return list(first_of_row.values())


def _is_row(area: Sequence[Row], m: _Mention, name: Name, exact: Mapping[str, list[_Mention]]) -> bool:
    """Say whether a label that may be merged over other rows is that of a row: none of those is there, and only values beside it."""
    if not name.instead:
        return True
    beside = [c.text for c in area[m.row].cells[m.cell + 1 :]]
    return not any(i in exact for i in name.instead) and all(is_value(t) for t in beside)


def _values_after(area: Sequence[Row], m: _Mention, known: frozenset[str]) -> bool:
    own = until_label(area[m.row].cells[m.cell + 1 :], known)
    if any(c.text.strip() for c in own):
        return any(c.text.strip() and is_value(c.text) for c in own)
    if len(own) < len(area[m.row].cells) - m.cell - 1:
        return False
    return bool(_following(area, m, known, 1))


def _gap(placed: Mapping[str, list[_Mention]], table: Table, item: str, end: int) -> tuple[int, int]:
    """Return the rows between which an item must stand, by the order of the form."""
    order = list(table.items)
    at = order.index(item)
    low = max((m.row for i in order[:at] if i in placed for m in placed[i]), default=-1)
    high = min((m.row for i in order[at + 1 :] if i in placed for m in placed[i]), default=end)
    return low, high


def _alike(
    area: Sequence[Row], near: Sequence[_Mention], table: Table, item: str, placed: Mapping[str, list[_Mention]], known: frozenset[str]
) -> list[_Mention]:
    """Find a misprinted or cut label: like this item's, unlike any other item's that is still to be placed, and followed by values."""
    ignored = {label_key(t) for t in table.ignored}
    open_items = [n for n in table.items.values() if n.code not in placed]
    best: list[tuple[float, _Mention]] = []
    for m in near:
        if m.key in known or m.key in ignored or len(m.key) < 3:
            continue
        score = _likeness(m.key, label_key(table.items[item].zh))
        if score < _ALIKE or not _values_after(area, m, known):
            continue
        rival = max((_likeness(m.key, label_key(n.zh)) for n in open_items if n.code != item), default=0.0)
        if score >= rival + _MARGIN:
            best.append((score, m))
    return [max(best, key=lambda pair: pair[0])[1]] if best else []


def _likeness(printed: str, official: str) -> float:
    """Compare two labels; a label of which only the last line survived is like the whole."""
    if len(printed) >= _TAIL and official.endswith(printed):
        return 90.0
    return fuzz.ratio(printed, official)


def _following(area: Sequence[Row], m: _Mention, known: frozenset[str], most: int) -> list[tuple[int, Cell]]:
    """Collect the values that stand below a label, up to the next label of the form."""
    found: list[tuple[int, Cell]] = []
    last = m.row
    for r in range(m.row + 1, len(area)):
        filled = [c for c in area[r].cells if c.text.strip()]
        if any(key_of(c) in known for c in filled) or len(found) > most or r > last + _PATIENCE:
            break
        if filled and all(is_value(c.text) for c in filled) and not any(is_page_mark(c.text) for c in filled):
            found += [(r, c) for c in filled]
            last = r
    return found


def _strip(area: Sequence[Row], m: _Mention, form: Form, table: Table, item: str, heads: Heads, start: int) -> Strip:
    """Collect the cells of one row of the form."""
    fields = fields_of(form.code, table.code, item)
    known = known_keys(form.code)
    own = until_label(area[m.row].cells[m.cell + 1 :], known)
    more = tuple((start + r, c) for r, c in _following(area, m, known, len(heads.order) + 1))
    row = area[m.row]
    ordered = tuple(fields[code] for code in heads.order)
    units = tuple(heads.units.get(code, "") for code in heads.order)
    reason = "heads" if heads.doubtful else ""
    return Strip(ordered, squeeze(m.text), start + m.row, row.kind, own, more, heads.pattern, units, reason=reason)


def _with_patterns(strips: list[Strip]) -> list[Strip]:
    """Learn where each column stands from the rows that print all of its values; the heads say it where no row does."""
    learned: dict[tuple[str, ...], Pattern | None] = {}
    for measures in {tuple(f.measure for f in s.fields) for s in strips}:
        alike = [s for s in strips if tuple(f.measure for f in s.fields) == measures]
        printed = [[(c.x0, c.x1) for c in s.own if c.text.strip()] for s in alike if s.kind != "line"]
        full = [p for p in printed if len(p) == len(measures)]
        learned[measures] = united(full) if full else alike[0].pattern
    return [replace(s, pattern=learned[tuple(f.measure for f in s.fields)]) for s in strips]


def _span(area: Sequence[Row], strips: Sequence[Strip], start: int, known: frozenset[str]) -> tuple[int, int]:
    """Return the rows that the table takes, its heads included."""
    if not strips:
        return start, start
    first = next((r for r, row in enumerate(area) if any(key_of(c) in known for c in row.cells)), 0)
    return start + first, max([s.row for s in strips] + [r for s in strips for r, _ in s.more[: len(s.fields)]]) + 1


def _strays(area: Sequence[Row], placed: Mapping[str, list[_Mention]], strips: Sequence[Strip], table: Table) -> list[int]:
    """Name the rows inside the table that print numbers and belong to no row of the form."""
    start = min((s.row for s in strips), default=0) - min((m.row for found in placed.values() for m in found), default=0)
    taken = {m.row for found in placed.values() for m in found} | {
        r - start for s in strips if sum(bool(c.text.strip()) for c in s.own) < len(s.fields) for r, _ in s.more[: len(s.fields)]
    }
    ignored = {label_key(t) for t in table.ignored}
    rows = [m.row for found in placed.values() for m in found]
    if not rows:
        return []
    last = max(rows, default=-1) + (2 if list(table.items)[-1] in placed else _PATIENCE)
    inside = range(max(min(rows) - _NEAR, 0), last)
    free = (r for r in inside if r < len(area) and r not in taken)
    return [r for r in free if _numbers(area[r]) and not any(key_of(c) in ignored for c in area[r].cells)]


def _nameless(
    area: Sequence[Row], placed: Mapping[str, list[_Mention]], strips: Sequence[Strip], strays: Sequence[int], form: Form, table: Table,
    start: int,
) -> list[Strip]:  # fmt: skip
    """Where one row of the form is missing, and one row of numbers without a label stands in its place, it may be that row."""
    found = []
    missing = [i for i, name in table.items.items() if i not in placed and not name.instead]
    gaps = {item: _gap(placed, table, item, len(area)) for item in missing} if strays else {}
    for item, (low, high) in gaps.items():
        rows = [r for r in strays if low < r < high]
        alike = next((s for s in strips if _same_columns(table, s.item, item)), None)
        if list(gaps.values()).count((low, high)) != 1 or len(rows) != 1 or alike is None:
            continue
        named = fields_of(form.code, table.code, item)
        fields, row = tuple(named[f.measure] for f in alike.fields), area[rows[0]]
        values = tuple(c for c in row.cells if is_value(c.text))
        strip = Strip(fields, None, start + rows[0], row.kind, values, (), alike.pattern, alike.head_units, nameless=True)
        found.append(strip)
    return found


def _same_columns(table: Table, one: str, other: str) -> bool:
    return any(one in g.items and other in g.items for g in table.groups)


def _with_numbers_beside(strip: Strip, area: Sequence[Row], strays: Sequence[int], start: int) -> Strip:
    """Offer a row that is wholly blank the numbers that stand close to it without a label: a page may have parted them."""
    if strip.more or not strip.own or any(c.text.strip() for c in strip.own):
        return strip
    near = [r for r in strays if abs(strip.row - start - r) <= _NEAR]
    offers = [[(start + r, c) for c in area[r].cells if c.text.strip() and is_value(c.text) and not is_numbering(c.text)] for r in near]
    whole = [offer for offer in offers if len(offer) == len(strip.fields)]
    return replace(strip, more=tuple(whole[0])) if len(whole) == 1 else strip


def _numbers(row: Row) -> bool:
    """Say whether a row prints values of its own: a paragraph with a number in it does not."""
    filled = [c for c in row.cells if c.text.strip()]
    values = [c for c in filled if is_value(c.text) and any(ch.isdigit() for ch in c.text) and not is_page_mark(c.text)]
    return bool(values) and len(values) >= len(filled) - 3
