"""Rows of a document -> the indicator lists in it: their heads, and for each printed row its label, its unit and its cells.

Where cells stand in place they are taken as they stand. Elsewhere a row is read by what its cells are: words, a unit, numbers.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from gongkai.core.model import Cell, Row
from gongkai.core.text import is_page_mark, plain, squeeze
from gongkai.extract.lists.heads import Column, Head, read_head
from gongkai.extract.lists.kinds import Run, kind_of, matches, runs_of, unit_of, words_of

_PATIENCE = 10
_LONGEST_LABEL, _LONGEST_LINE = 90, 40
_FEWEST = 2
_SHORTEST_LABEL = 4
_GRID = ("grid", "tabs", "glued")
_NUMBERED = re.compile(r"(?:其中[:：,，]?)?(?:[（(]?(?:[一二三四五六七八九十]{1,3}|\d{1,2})[)）、.．]|[①-⑳])|其中")
_INDEX = re.compile(r"[（(]?(?:[一二三四五六七八九十]{1,3}|\d{1,3})[)）、.．]?")
_DASHES = re.compile("--+")
_GLUED = re.compile(r"(?P<label>.*[^\d.,])[:：]?(?P<number>\d[\d,]*(?:\.\d+)?)(?P<unit>\D{0,3})")


@dataclass(slots=True)
class Entry:
    """One printed row of a list. ``over`` are merged labels before its own.

    ``doubt`` says why its cells do not stand as they should; the first of them may then be ``codes``.
    """

    words: list[tuple[str, int]]
    row: int
    kind: str
    index: str = ""
    over: tuple[str, ...] = ()
    unit: str = ""
    cells: list[Cell] = field(default_factory=list)
    doubt: str = ""
    codes: int = 0
    last: int = 0
    open: bool = False

    @property
    def label(self) -> str:
        return "".join(squeeze(text) for text, _ in self.words)

    @property
    def filled(self) -> list[Cell]:
        return [c for c in self.cells if c.text.strip()]


@dataclass(frozen=True, slots=True)
class Listing:
    """One indicator list, or the part of it under one head: columns, entries, rows with numbers that nobody claims, rows taken."""

    title: str
    corner: str
    columns: tuple[Column, ...]
    has_units: bool
    entries: tuple[Entry, ...]
    strays: tuple[int, ...]
    spans: tuple[tuple[int, int], ...]

    @property
    def measures(self) -> tuple[str, ...]:
        return tuple(c.measure for c in self.columns)

    def joined(self, part: Listing) -> Listing:
        """Return the list with what a page break parted from it."""
        return replace(self, entries=self.entries + part.entries, strays=self.strays + part.strays, spans=self.spans + part.spans)


def find_listings(rows: Sequence[Row]) -> tuple[Listing, ...]:
    """Find every indicator list of a document that speaks of the disclosure of information."""
    found: list[Listing] = []
    at = 0
    while at < len(rows):
        heads = read_head(rows, at)
        parts = [_Reader(rows, head).listing() for head in heads]
        found += [part for part in parts if len(part.entries) >= _FEWEST and _on_topic(part)]
        at = max([at + 1, *(part.spans[-1][1] for part in parts)])
    return tuple(found)


def _on_topic(part: Listing) -> bool:
    """Say whether a list is about disclosure: lists on other matters (a budget, a grain harvest) have other labels."""
    return 4 * sum(matches("topics", e.label) for e in part.entries) >= len(part.entries)


class _Reader:
    """Reads the rows below one head, until something else begins."""

    def __init__(self, rows: Sequence[Row], head: Head) -> None:
        self.rows, self.head = rows, head
        self.values = tuple(c for c in head.columns if c.role == "value")
        self.has_units = any(c.role == "unit" for c in head.columns)
        self.indexed = any(c.role == "code" for c in head.columns[: head.label])
        self.codes = sum(c.role == "code" for c in head.columns[head.label + 1 :])
        self.entries: list[Entry] = []
        self.strays: list[int] = []
        self.index = ""
        self.last = head.end - 1

    def listing(self) -> Listing:
        for r in range(self.head.end, len(self.rows)):
            if self._ends(r):
                break
            self._take(r)
        self._close()
        kept = [e for e in self.entries if e.row <= self.last]
        for entry in kept:
            entry.words = [(text, r) for text, r in entry.words if r <= self.last]
        strays = tuple(r for r in self.strays if r <= self.last)
        title, corner = _title(self.rows, self.head.start), self.head.columns[self.head.label].head
        return Listing(title, corner, self.values, self.has_units, tuple(kept), strays, ((self.head.start, self.last + 1),))

    def _ends(self, r: int) -> bool:
        """Say whether a row belongs to the list no more."""
        row, text = self.rows[r], " ".join(c.text for c in self.rows[r].cells)
        if (
            row.aside != self.rows[self.head.start].aside
            or r > self.last + _PATIENCE
            or matches("stops", squeeze(text))
            or read_head(self.rows, r)
            or self._is_foreign()
        ):
            return True
        if self.head.kind == "grid":
            return self._leaves_the_grid(r)
        prose = "。" in text and not matches("notes", squeeze(text)) and not any(kind_of(c.text) == "number" for c in row.cells[1:])
        return row.kind == "grid" or prose or self._heads_another(row)

    def _is_foreign(self) -> bool:
        """Say whether a row belongs to another table: it has more numbers than two rows of the list together."""
        if not self.entries or len(self.entries[-1].filled) <= 2 * (len(self.values) + self.codes) + 1:
            return False
        self.entries.pop()
        self.last = max((e.last for e in self.entries if e.unit or e.filled), default=self.head.end - 1)
        return True

    def _leaves_the_grid(self, r: int) -> bool:
        """A table goes on in the next one where the page ends, if its first rows fit under the same head; prose between parts them."""
        row = self.rows[r]
        if row.kind != "grid":
            after = next((self.rows[k].table for k in range(r, len(self.rows)) if self.rows[k].kind == "grid"), 0)
            return after != self.rows[self.last].table and ("。" in row.cells[0].text or len(row.cells[0].text) > _LONGEST_LINE)
        first = [p for p in self.rows[r : r + 3] if p.kind == "grid" and p.table == row.table]
        fits = (self._in_place(p.cells) for p in first)
        return row.table != self.rows[r - 1].table and not any(e and e.unit and e.filled for e in fits)

    def _heads_another(self, row: Row) -> bool:
        kinds = [kind_of(c.text) for c in row.cells if c.text.strip()]
        return len(kinds) > 2 and set(kinds) == {"text"}

    def _take(self, r: int) -> None:
        row, text = self.rows[r], squeeze("".join(c.text for c in self.rows[r].cells))
        if not text or is_page_mark(" ".join(c.text for c in row.cells)) or matches("notes", text):
            return
        if self.head.kind == "grid" and row.kind != "grid":
            return
        if row.kind in _GRID:
            self._take_cells(r, row)
        else:
            self._take_words(r, list(words_of(row)))

    def _take_cells(self, r: int, row: Row) -> None:
        """Take a row whose cells the document marks: by where they stand, else by what they are."""
        cells = tuple(c for c in row.cells if self.head.x0 <= c.x0 < self.head.x1) if self.head.panel else row.cells
        entry = self._in_place(cells) or self._by_kind(cells)
        if entry is None:
            self._stray(r, cells)
        elif not (entry.unit or entry.filled) and self._continues(entry.label, r):
            self.entries[-1].words.append((entry.label, r))
        else:
            self._close()
            self._add(replace(entry, row=r, last=r, kind=row.kind, words=[(text, r) for text, _ in entry.words]), r)

    def _stray(self, r: int, cells: Sequence[Cell]) -> None:
        if any(kind_of(c.text) == "number" for c in cells):
            self.strays.append(r)

    def _add(self, entry: Entry, r: int) -> None:
        """Add a row, and before it as a heading the merged label beside it, unless that is the heading already."""
        for text in entry.over:
            heading = next((e.label for e in reversed(self.entries) if not (e.unit or e.cells)), None)
            if heading != squeeze(text):
                self.entries.append(Entry([(text, r)], r, entry.kind, last=r))
        self.entries.append(entry)
        if entry.unit or entry.filled or entry.kind == "grid":
            self.last = r

    def _in_place(self, cells: Sequence[Cell]) -> Entry | None:
        """Read a row by the positions of its cells, if under each head stands a cell of the kind that belongs there."""
        entry = Entry([], 0, "")
        under = [[c for c in cells if column.x0 <= c.x0 and c.x1 <= column.x1] for column in self.head.columns]
        claimed = sum(bool(c.text.strip()) for column in under for c in column)
        fits = claimed == sum(bool(c.text.strip()) for c in cells)
        return entry if fits and all(_place(entry, column, own) for column, own in zip(self.head.columns, under, strict=True)) else None

    def _by_kind(self, cells: Sequence[Cell]) -> Entry | None:
        """Read a row by what its cells are; the number of its values must be that of the heads, or it is in doubt."""
        kinds = [kind_of(c.text) for c in cells]
        at = next((i for i, k in enumerate(kinds) if k == "text"), None)
        if at is None:
            return None
        while at + 1 < len(cells) and kinds[at + 1] == "text" and any(k != "text" for k in kinds[at + 1 :]):
            at += 1
        before, after = cells[:at], cells[at + 1 :]
        over = tuple(c.text for c in before if kind_of(c.text) == "text")
        entry = Entry([(cells[at].text, 0)], 0, "", over=over)
        units = [c.text for c in after if kind_of(c.text) == "unit"]
        entry.unit = squeeze(units[0]) if units else ""
        entry.cells = [c for c in after if kind_of(c.text) != "unit"]
        ahead = [c for c in before if kind_of(c.text) == "number"]
        if ahead and not (self.indexed and len(ahead) == 1):
            entry.cells, entry.doubt = [*ahead, *entry.cells], "surplus"
        return self._counted(entry, len(set(units)) > 1)

    def _counted(self, entry: Entry, torn: bool = False) -> Entry:
        """Compare the number of values in a row with the heads; a code column counts as one more."""
        n, filled = len(self.values) + self.codes, entry.filled
        if not filled:
            entry.cells = entry.cells[:n] if len(entry.cells) >= n else []
        elif len(entry.cells) != n and len(filled) == n:
            entry.cells = filled
        if filled and (len(entry.cells) != n or torn or entry.doubt == "surplus"):
            entry.doubt, entry.codes = entry.doubt or ("surplus" if len(filled) > n else "short"), self.codes
        else:
            entry.cells = entry.cells[self.codes :]
        return entry

    def _take_words(self, r: int, words: list[Cell]) -> None:
        """Take a row whose cells only white space parts, or the line ends: words, then a unit, then numbers."""
        parts = list(runs_of(self._without_index(words)))
        if len(parts) > 1 and not self._all_whole(parts):
            self._close()
            self._stray(r, words)
            return
        for part in parts:
            self._take_run(r, part)

    def _without_index(self, words: list[Cell]) -> list[Cell]:
        """Remove the row's number if the list has a column of numbers; on a line of its own it is recognised by the number before it."""
        lead = squeeze(words[0].text)
        if not self.indexed or not _INDEX.fullmatch(lead):
            return words
        waits = bool(self.entries) and self.entries[-1].open and (bool(self.entries[-1].unit) or not self.has_units)
        if kind_of(words[1].text) == "text" if len(words) > 1 else not (lead.isdecimal() and waits):
            self.index = lead
            return words[1:]
        return words

    def _all_whole(self, parts: Sequence[Run]) -> bool:
        """Say whether a line that joins several rows holds complete rows only; otherwise it is not split."""
        n = len(self.values) + self.codes
        rest = parts[1:] if not parts[0][0] else parts
        return all(len(cells) == n and (units or not self.has_units) for _, units, cells in rest)

    def _take_run(self, r: int, part: Run) -> None:
        words, units, cells = part
        text = "".join(squeeze(w.text) for w in words)
        last = self.entries[-1] if self.entries else None
        if self._is_odd_value(words, text):
            words, cells = [], words
        if words and last and (last.open or not (units or cells)) and self._continues(text, r):
            last.words.append((text, r))
        elif words:
            if self.indexed and not self.index and last and last.open and last.last > last.row and last.cells:
                self.index = last.cells.pop().text
            self._close()
            last = Entry([(text, r)], r, self.rows[r].kind, self.index, last=r, open=True)
            self.index = ""
            self.entries.append(last)
        if units or cells:
            self._attach(r, last, units, cells)

    def _is_odd_value(self, words: Sequence[Cell], text: str) -> bool:
        """A short word where a row still waits for a number (两次) stands for one; it is no label."""
        last = self.entries[-1] if self.entries else None
        waits = last is not None and last.open and bool(last.unit or last.cells) and len(last.cells) < len(self.values) + self.codes
        return waits and len(words) == 1 and len(text) <= _SHORTEST_LABEL and not (matches("ends", text) or _NUMBERED.match(text))

    def _attach(self, r: int, entry: Entry | None, units: Sequence[Cell], cells: Sequence[Cell]) -> None:
        """Give an open row its unit and numbers; those that no row waits for are claimed by none."""
        n = len(self.values) + self.codes
        full = entry is not None and len(entry.cells) >= n and entry.last == entry.row and r > entry.row
        if entry is None or not entry.open or full or (r > entry.words[-1][1] and matches("headings", entry.label)):
            self.strays.append(r)
            return
        if units and cells and r > entry.words[-1][1]:
            entry.doubt = "continued"
        if units and (entry.unit or len({squeeze(u.text) for u in units}) > 1):
            entry.doubt = "surplus"
        entry.unit = entry.unit or (squeeze(units[0].text) if units else "")
        entry.cells += cells
        entry.last = r
        self.last = max(self.last, r)

    def _close(self) -> None:
        """Count the values of the row that was open."""
        if self.entries and self.entries[-1].open:
            entry = self.entries[-1]
            entry.open = False
            if not entry.unit and entry.filled and all(_DASHES.fullmatch(squeeze(plain(c.text))) for c in entry.filled):
                entry.unit, entry.cells = squeeze(entry.filled[0].text), []
            self._counted(entry)
            if entry.filled and not entry.doubt and self.has_units and not entry.unit:
                entry.doubt = "no_unit"

    def _continues(self, text: str, r: int) -> bool:
        """Say whether words go on with the label above: it stops in the middle, and they begin no row of their own."""
        if not self.entries or _NUMBERED.match(text) or r - self.entries[-1].last > 2:
            return False
        last = self.entries[-1]
        label = re.sub(r"[（(][^（）()]*[）)]$", "", last.label)
        unclosed = label.count("（") + label.count("(") > label.count("）") + label.count(")")
        apart = last.kind == "grid" and not unclosed and self.rows[last.row].table == self.rows[r].table
        begun = last.open if not (last.unit or last.cells) else last.last == last.row and not apart
        stops = matches("ends", label) and len(text) > 2
        return begun and len(label) < _LONGEST_LABEL and (unclosed or text[0] in "（(" or not stops)


def _place(entry: Entry, column: Column, cells: list[Cell]) -> bool:
    """Put the cells under one head into an entry, unless they are not what belongs there."""
    filled = [c for c in cells if c.text.strip()]
    kinds = [kind_of(c.text) for c in filled]
    if column.role == "label":
        entry.words, entry.over = [(c.text, 0) for c in filled[-1:]], (*entry.over, *(c.text for c in filled[:-1]))
        return bool(filled) and "number" not in kinds and "unit" not in kinds[1:]
    if column.role == "value":
        entry.cells += (filled or cells)[:1]
        return bool(cells) and len(filled) < 2 and "unit" not in kinds
    if column.role == "unit":
        entry.unit = squeeze("".join(c.text for c in filled))
        return "number" not in kinds
    if column.role == "over":
        entry.over = tuple(c.text for c in filled)
    elif column.role == "code" and not entry.words:
        entry.index = squeeze("".join(c.text for c in filled))
    return True


def _title(rows: Sequence[Row], start: int) -> str:
    """Return the words directly above a list, where they are short enough to be its name."""
    above = [row.cells[0].text for row in rows[max(0, start - 3) : start] if len(row.cells) == 1]
    return next((squeeze(t) for t in reversed(above) if re.search(r"表(?:[（(].*)?$", t.strip()) and len(t) < 60), "")


def glued(entry: Entry) -> tuple[str, Cell] | None:
    """Return label and number where both stand in one cell (当面申请数：5件)."""
    found = _GLUED.fullmatch(entry.label)
    if not found or entry.filled or not matches("counts", found["label"].rstrip(":：")) or (found["unit"] and not unit_of(found["unit"])):
        return None
    return found["label"].rstrip(":："), Cell(found["number"] + found["unit"], 0, 1, "")
