"""Rows of tokens + a form -> for each row of a table, the printed cells that it may be read from."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

from rapidfuzz import fuzz, process

from gongkai.core.model import Cell, Form, Row, Table
from gongkai.core.text import is_numbering, is_page_mark, is_value, label_key, squeeze
from gongkai.extract.alignment.across import find_across
from gongkai.extract.alignment.columns import Heads, Pattern, apart, read_heads, united
from gongkai.extract.alignment.misfits import SURPLUS
from gongkai.extract.alignment.rows import ALIKE, Assigned, alike, assign
from gongkai.extract.alignment.runs import FOREIGN, FORM, NOTE, Run, Vocabulary, find_runs
from gongkai.extract.alignment.strips import FEWEST_ODD, Found, Layout, Strip, layouts_of
from gongkai.extract.alignment.tokens import key_of, until_label
from gongkai.forms.keys import fields_of, item_keys, known_keys, measure_keys, row_sums, title_keys

_LONGEST_HEADING = 45
_ALIKE_HEADING = 88
_NEAR = 3
_PATIENCE = 8


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
    (start, end), others = _region(rows, headings, form, table)
    area = rows[start:end]
    named = item_keys(form.code, table.code).keys() | measure_keys(form.code, table.code).keys()
    if not any(key_of(c) in named for row in area for c in row.cells):
        return Found(table, (), (start, start), (), tuple(others))
    layouts = layouts_of(rows)
    found = find_across(area, start, form, table, layouts) if table.across else _find_down(area, start, form, table, layouts)
    found = replace(found, strays=(*found.strays, *others))
    return replace(found, open=(*found.open, *_unnamed(found, rows, form)))


def _unnamed(found: Found, rows: Sequence[Row], form: Form) -> Iterator[Strip]:
    """Yield the rows that the document does not name, where numbers without a label could be theirs; others are absent."""
    spare = sum(is_value(c.text) and bool(c.text.strip()) for r in found.strays for c in rows[r].cells)
    longest = max((sum(bool(c.text.strip()) for c in s.own) - len(s.fields) for s in found.strips), default=0)
    there = {f.item for s in (*found.strips, *found.open) for f in s.fields}
    for group in found.table.groups:
        n = len(group.measures)
        if longest >= n or spare >= min(n, 2):
            missing = (fields_of(form.code, found.table.code, i) for i in group.items if i not in there)
            yield from (Strip(tuple(fields.values()), None, found.span[0], "line", (), reason="unnamed") for fields in missing)


def _find_down(area: Sequence[Row], start: int, form: Form, table: Table, layouts: Mapping[int, Layout]) -> Found:
    """Find a table whose items stand below each other."""
    words = Vocabulary.of(form, table)
    runs, printed = find_runs(area, words)
    assigned = assign(runs, printed, table, words)
    strips, reordered, disputed = [], [], []
    deepest = max(len(name.under) for name in table.items.values())
    for group in table.groups:
        heads = _heads(area, assigned, form, table, group.items)
        if heads.order != tuple(m for m in group.measures if m in heads.order):
            reordered.append(group)
        for item in group.items:
            fields = tuple(fields_of(form.code, table.code, item)[code] for code in heads.order)
            units = tuple(heads.units.get(code, "") for code in heads.order)
            sums = row_sums(form, fields)
            reason = "torn" if item in assigned.torn else "heads" if heads.doubtful else ""
            margin = assigned.margins.get(item)
            rest = deepest - len(table.items[item].under)
            blank = Strip(fields, None, 0, "line", (), (), heads.pattern, units, reason=reason, sums=sums, margin=margin, rest=rest)
            blank = replace(blank, open_end=_is_open(item, assigned, table))
            strips += [_strip(blank, run, area, table) for run in assigned.rows.get(item, ())]
            strips += [_empty(blank, assigned, area, words)] if item in assigned.empty else []
            disputed += [replace(_strip(blank, run, area, table), reason="disputed") for run in assigned.disputed.get(item, ())]
    strays = _strays(area, strips, assigned, table)
    strips = _without_spare(strips)
    strips = [replace(s, layout=layouts.get(area[s.row].table, Layout())) for s in strips]
    strips = _with_patterns(strips if _leave_rests(strips) else [replace(s, rest=0) for s in strips])
    ending = Counter(s.measures for s in strips if s.ends_blank)
    strips = [replace(s, filled_up=s.ends_blank and ending[s.measures] == 1) for s in strips]
    strips = [_moved(s, start) for s in _with_numbers_beside(strips, area, strays)]
    span = _span(area, strips, start, known_keys(form.code))
    open_ = tuple(_moved(s, start) for s in disputed)
    return Found(table, tuple(strips), span, tuple(reordered), tuple(start + r for r in strays), open_)


def _heads(area: Sequence[Row], assigned: Assigned, form: Form, table: Table, items: Sequence[str]) -> Heads:
    """Read the heads of a group of rows: what stands between its first row and the rows of other groups above."""
    places = {i: [_label_row(run) for run in found] for i, found in assigned.rows.items()} | {i: [w.row] for i, w in assigned.empty.items()}
    first = min((r for i in items for r in places.get(i, ())), default=0)
    above = max((r for i, found in places.items() if i not in items for r in found if r < first), default=-1)
    group = next(g for g in table.groups if g.items == tuple(items))
    return read_heads(area[above + 1 : first], area[first], form, table, group) if area else Heads(group.measures, {}, None)


def _is_open(item: str, assigned: Assigned, table: Table) -> bool:
    """Say whether the row behind one is not printed with its label: where nothing parts numbers, its own would follow at once."""
    there = assigned.rows.keys() | assigned.empty.keys()
    instead = {i for name in table.items.values() for i in (name.instead if name.code in there else (name.code,) * bool(name.instead))}
    behind = [i for i in table.items if i not in instead or i == item]
    return behind[-1] != item and behind[behind.index(item) + 1] not in there


def _label_row(run: Run) -> int:
    return run.words[-1].row if run.words else run.row


def _strip(blank: Strip, run: Run, area: Sequence[Row], table: Table) -> Strip:
    """Give one row of the form the cells of its run."""
    word = run.words[-1] if run.words else None
    label = squeeze(word.text) if word else None
    item = table.items[blank.fields[0].item]
    named = word is not None and (word.sort not in (FORM, NOTE) or alike(word.key, label_key(item.zh)) >= ALIKE)
    if run.own and named:
        own = tuple(c for _, c in run.cells)
        reason = blank.reason or ("glued" if run.kind == "glued" else "")
        return replace(blank, label=label, row=run.row, kind=run.kind, own=own, more=run.more, reason=reason)
    cells = [c for _, c in run.cells]
    if word is None or not named or run.own:
        return replace(blank, row=run.row, kind=run.kind, own=tuple(c for c in cells if is_value(c.text)), nameless=True)
    behind = replace(blank, label=label, row=word.row, kind=area[word.row].kind)
    if run.kind == "line" and any(not c.text.strip() for c in cells):
        counted, kind = _with_blanks(cells, len(blank.fields))
        return replace(behind, own=tuple(counted), kind=kind, spare=run.filled == len(counted) < len(cells))
    if run.kind == "line" and run.filled == len(blank.fields):
        behind = replace(behind, spare=False)
    by_order = run.nth > 0 or run.of > 1
    more = tuple((r, c) for r, c in run.cells if c.text.strip())
    torn = "torn" if _is_by_columns(run, blank, more) else ""
    return replace(behind, more=more, reason=blank.reason or torn or ("by_order" if by_order else ""))


def _is_by_columns(run: Run, blank: Strip, more: Sequence[tuple[int, Cell]]) -> bool:
    """Say whether values one on a line may stand column by column: behind several labels where no sum tells, or more than a row has."""
    n, lines, printed = len(blank.fields), len({r for r, _ in more}), sum(len(c.text.split()) for _, c in more)
    several = len({w.key for w in run.words}) > 1 and run.of > 1 and lines == len(more) and not blank.sums
    surplus = run.of == 1 and lines > n and printed > n + SURPLUS and printed % n > 0
    return n > 1 and (several or surplus)


def _without_spare(strips: list[Strip]) -> list[Strip]:
    """Doubt a row with an empty cell besides all its values, on lines of their own, where the others have none: any may be too many."""
    whole = [s for s in strips if s.spare is not None]
    if sum(not s.spare for s in whole) < FEWEST_ODD or sum(bool(s.spare) for s in whole) != 1:
        return strips
    return [replace(s, reason=s.reason or "surplus") if s.spare and len(s.fields) > 1 else s for s in strips]


def _with_blanks(cells: list[Cell], n: int) -> tuple[list[Cell], str]:
    """Count the empty cells that a separator proves on lines of their own; those at one end may part the row from the next."""
    filled = [c for c in cells if c.text.strip()]
    if len(filled) == n:
        return filled, "grid"
    spare = len(cells) - n
    ends = [i for i in (0, spare) if spare >= 0 and not any(c.text.strip() for c in (*cells[:i], *cells[i + n :]))]
    return (cells[ends[0] : ends[0] + n], "grid") if len(ends) == 1 else (cells, "tabs")


def _empty(blank: Strip, assigned: Assigned, area: Sequence[Row], words: Vocabulary) -> Strip:
    """Give a row that is printed without values what stands behind its label."""
    word = assigned.empty[blank.fields[0].item]
    row = area[word.row]
    own = until_label(row.cells[word.cell + 1 :], words.form)
    if row.kind not in ("grid", "tabs"):  # where nothing parts cells, a word that names another row stands in none
        own = own[: next((i for i, c in enumerate(own) if words.sort(c, key_of(c)) == FOREIGN and not is_value(c.text)), len(own))]
    return replace(blank, label=squeeze(word.text), row=word.row, kind=row.kind, own=own)


def _moved(strip: Strip, by: int) -> Strip:
    return replace(strip, row=strip.row + by, more=tuple((r + by, c) for r, c in strip.more))


def _region(rows: Sequence[Row], headings: Mapping[int, str], form: Form, table: Table) -> tuple[tuple[int, int], list[int]]:
    """Choose the stretch of rows, from one of the table's own headings to the next heading, that names most of its labels.

    The other headings under which the table stands again are returned beside it.
    """
    own = {code for code, titles in form.sections if titles == table.headings}
    ends = [*(i for i, c in headings.items() if c not in own), len(rows)]
    spans: dict[int, int] = {}
    for h, c in headings.items():
        if c in own:  # of two headings with the same end, the first sees more
            spans.setdefault(ends[bisect_right(ends, h)], h)
    keys = (measure_keys if table.across else item_keys)(form.code, table.code).keys()

    def named(part: Sequence[Row]) -> int:
        return len({k for row in part for c in row.cells if (k := key_of(c)) in keys})

    headed = [(h, e) for e, h in spans.items()]
    best = max(headed, key=lambda span: named(rows[slice(*span)]), default=(0, len(rows)))
    most = named(rows[slice(*best)])
    if 2 * most < named(rows):
        return (0, len(rows)), []
    again = [h for h, e in headed if (h, e) != best and 2 * named(rows[h:e]) > most and _valued(rows[h:e])]
    taken = {r for span in headed for r in range(*span)}
    free = [r for r in range(len(rows)) if r not in taken]
    first = next((r for r in free if key_of(rows[r].cells[0]) in keys), 0) if headed else 0
    unheaded = [rows[r] for r in free if r >= first]
    return best, [*again, *([first] if first and 2 * named(unheaded) > most and _valued(unheaded) else [])]


def _valued(rows: Sequence[Row]) -> bool:
    """Say whether rows print numbers."""
    return any(c.text.strip() and is_value(c.text) for row in rows for c in row.cells)


def _with_patterns(strips: list[Strip]) -> list[Strip]:
    """Learn where each column stands from the rows that print all of its values; the heads say it where no row does."""
    learned: dict[tuple[str, ...], Pattern | None] = {}
    for measures in {s.measures for s in strips}:
        alike = [s for s in strips if s.measures == measures]
        printed = [[(c.x0, c.x1) for c in s.own if c.text.strip()] for s in alike if s.kind != "line"]
        full = [tuple(p) for p in printed if len(p) == len(measures)]
        if alike[0].kind == "tabs" and _are_elsewhere(full):
            learned[measures] = None
            continue
        learned[measures] = (_usual(full) if len(full) > 1 or not alike[0].pattern else None) or alike[0].pattern
    strips = [replace(s, pattern=learned[s.measures]) for s in strips]
    astray = Counter(s.measures for s in strips if _is_astray(s))
    return [replace(s, astray=s.kind == "grid" and astray[s.measures] >= FEWEST_ODD) for s in strips]


def _is_astray(strip: Strip) -> bool:
    """Say whether a row of a grid prints in its columns and outside of them."""
    places = {(c.x0, c.x1) for c in strip.own if c.text.strip()}
    return strip.kind == "grid" and 0 < len(places & {*(strip.pattern or ())}) < len(places)


def _leave_rests(strips: Sequence[Strip]) -> bool:
    """Say whether labels that are merged over several columns may leave empty cells behind: no value stands right behind one."""
    return not any(s.rest and len(s.own) == len(s.fields) and s.own[0].text.strip() for s in strips)


def _are_elsewhere(places: Sequence[Pattern]) -> bool:
    """Say whether several rows print their columns elsewhere than most: then nothing was put in the place of merged labels."""
    return bool(places) and len(places) - max(Counter(places).values()) >= FEWEST_ODD


def _usual(places: Sequence[Pattern]) -> Pattern | None:
    """Return where most rows print their columns; where no place is that of most, what several columns take together."""
    (most, n), *_ = Counter(places).most_common(1) or [((), 0)]
    if 2 * n > len(places) and apart(most):
        return most
    return united(places) if len(most) > 1 else None


def _span(area: Sequence[Row], strips: Sequence[Strip], start: int, known: frozenset[str]) -> tuple[int, int]:
    """Return the rows that the table takes, its heads included."""
    if not strips:
        return start, start
    first = next((r for r, row in enumerate(area) if any(key_of(c) in known for c in row.cells)), 0)
    return start + first, max([s.row for s in strips] + [r for s in strips for r, _ in s.more[: len(s.fields)]]) + 1


def _strays(area: Sequence[Row], strips: Sequence[Strip], assigned: Assigned, table: Table) -> list[int]:
    """Name the rows inside the table that print numbers and belong to no row of the form."""
    if not strips:
        return []
    taken = {r for found in assigned.rows.values() for run in found for r in run.rows}
    ignored = {label_key(t) for t in table.ignored}
    places = [s.row for s in strips]
    last = max([*places, *taken]) + (2 if list(table.items)[-1] in {s.item for s in strips} else _PATIENCE)
    free = (r for r in range(max(min(places) - _NEAR, 0), min(last, len(area))) if r not in taken)
    return [r for r in free if _numbers(area[r]) and not any(key_of(c) in ignored for c in area[r].cells)]


def _with_numbers_beside(strips: Sequence[Strip], area: Sequence[Row], strays: Sequence[int]) -> list[Strip]:
    """Offer a row that is wholly blank the numbers that stand close to it without a label: a page may have parted them.

    Where several rows are blank, or several rows of numbers stand there, labels and numbers were torn apart, and no place says which
    belong together.
    """
    offers = {i: _beside(strip, area, strays) for i, strip in enumerate(strips) if _is_blank(strip)}
    takers = Counter(r for found in offers.values() for r in found)
    made = list(strips)
    for i, found in offers.items():
        if len(found) == 1 and all(takers[r] == 1 for r in found):
            made[i] = replace(strips[i], more=tuple(*found.values()))
        elif found and any(_is_block(r, found) or takers[r] > 1 for r in found):
            made[i] = replace(strips[i], reason="torn")
    return made


def _is_blank(strip: Strip) -> bool:
    return not strip.more and bool(strip.own) and not any(c.text.strip() for c in strip.own)


def _is_block(row: int, found: Mapping[int, object]) -> bool:
    return row + 1 in found or row - 1 in found


def _beside(strip: Strip, area: Sequence[Row], strays: Sequence[int]) -> dict[int, list[tuple[int, Cell]]]:
    """Return the rows near a blank one that print its number of values without a label; one may have come loose from a label."""
    near = strays[bisect_left(strays, strip.row - _NEAR) : bisect_right(strays, strip.row + _NEAR)]
    offers = {r: [(r, c) for c in area[r].cells if c.text.strip() and is_value(c.text) and not is_numbering(c.text)] for r in near}
    return {r: offer for r, offer in offers.items() if 0 <= len(offer) - len(strip.fields) <= 1}


def _numbers(row: Row) -> bool:
    """Say whether a row prints values of its own: a paragraph with a number in it does not."""
    filled = [c for c in row.cells if c.text.strip()]
    values = [c for c in filled if is_value(c.text) and any(ch.isdigit() for ch in c.text) and not is_page_mark(c.text)]
    return bool(values) and len(values) >= len(filled) - 3
