"""Rows of tokens -> runs: the values between two words, with the label on their own row, the words before them, or none."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from gongkai.core.model import Cell, Form, Row, Table
from gongkai.core.text import is_page_mark, is_value, label_key, ordinal_key, plain, squeeze
from gongkai.extract.alignment.tokens import key_of, until_label
from gongkai.forms.keys import item_keys, known_keys, measure_keys, title_keys

ITEM, MAYBE, FORM, FOREIGN, NOTE = "item", "maybe", "form", "foreign", "note"
_LONGEST_FOREIGN = 30
_NOTE = re.compile(r"[。；;！!？?]|^[(（]?(?:注|备注|说明|单位|附|续表|图|表)\b|^[(（]?(?:注|备注|说明)[:：]?")


@dataclass(frozen=True, slots=True)
class Word:
    """A printed word, where it stands, and what it is to the table: a row's label, perhaps one, another word of the form, or not."""

    row: int
    cell: int
    key: str
    text: str
    sort: str

    @property
    def ordinal(self) -> str:
        return ordinal_key(self.text)

    @property
    def claims(self) -> bool:
        """Whether the word names a row, of the form or not, whose numbers are to follow."""
        return self.sort in (ITEM, FOREIGN)


@dataclass(frozen=True, slots=True)
class Run:
    """Values that follow each other.

    ``own`` says that the last of its words stands in its row; it is the ``nth`` of the runs ``of`` the same words.
    """

    row: int
    words: tuple[Word, ...]
    own: bool
    cells: tuple[tuple[int, Cell], ...]
    kind: str
    more: tuple[tuple[int, Cell], ...] = ()
    nth: int = 0
    of: int = 1

    @property
    def filled(self) -> int:
        return sum(bool(c.text.strip()) for _, c in self.cells)

    @property
    def rows(self) -> frozenset[int]:
        return frozenset(r for r, _ in (*self.cells, *self.more))


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """The words of one table and of its form, by their keys."""

    items: Mapping[str, tuple[str, ...]]
    ordinals: Mapping[str, frozenset[str]]
    measures: frozenset[str]
    form: frozenset[str]
    labels: tuple[str, ...]
    printed: tuple[str, ...]
    sizes: Mapping[str, int]

    @classmethod
    def of(cls, form: Form, table: Table) -> Vocabulary:
        items = item_keys(form.code, table.code)
        ordinals = {key: frozenset(ordinal_key(table.items[i].zh) for i in found) for key, found in items.items()}
        every = frozenset(known_keys(form.code) | title_keys(form.code).keys())
        sizes = {i: len(g.measures) for g in table.groups for i in g.items}
        printed = tuple(squeeze(plain(label)) for name in table.items.values() for label in (name.zh, *name.aliases))
        return cls(items, ordinals, frozenset(measure_keys(form.code, table.code)), every, tuple(items), printed, sizes)

    def sort(self, cell: Cell, key: str) -> str:
        """Say what a word is to the table."""
        if key in self.items:
            return ITEM if key not in self.measures or ordinal_key(cell.text) in self.ordinals[key] - {""} else MAYBE
        if key in self.form:
            return FORM
        if not key or len(cell.text) > _LONGEST_FOREIGN or _NOTE.search(cell.text) or self._is_piece(key, cell.text):
            return NOTE
        return FOREIGN

    def _is_piece(self, key: str, text: str) -> bool:
        """Say whether a word may be a part of a label that was broken in two."""
        ends = any(label.startswith(key) or label.endswith(key) for label in self.labels)
        return ends or any(squeeze(plain(text)) in label for label in self.printed)

    def size(self, words: Sequence[Word]) -> int:
        """Return how many values the rows have that some words name."""
        named = [self.sizes[i] for w in words for i in self.items.get(w.key, ())]
        return named[-1] if named and len(set(named)) == 1 else max(self.sizes.values())


def find_runs(area: Sequence[Row], words: Vocabulary) -> tuple[list[Run], list[Word]]:
    """Return the runs of a stretch of rows, and the words that may be labels, in reading order."""
    runs: list[Run] = []
    printed: list[Word] = []
    pending: list[Word] = []
    loose: list[tuple[int, Row]] = []
    for r, row in enumerate(area):
        if len(row.cells) == 1 and is_page_mark(row.cells[0].text):
            continue
        found = [Word(r, c, key, cell.text, words.sort(cell, key)) for c, cell, key in _words(row)]
        if not found:
            loose.append((r, row))
            continue
        if _close(runs, pending, loose, words):
            pending = []
        loose = []
        printed += found
        own = _own_run(r, row, found, words)
        if own:
            whole = _rejoined(runs, own, words)
            runs[len(runs) - bool(whole) :] = [whole or own]
            pending = []
        else:
            pending += [w for w in found if w.sort != NOTE]
    _close(runs, pending, loose, words)
    return runs, printed


def _words(row: Row) -> Iterator[tuple[int, Cell, str]]:
    for c, cell in enumerate(row.cells):
        if not is_value(cell.text):
            yield c, cell, key_of(cell)


def _own_run(r: int, row: Row, found: Sequence[Word], words: Vocabulary) -> Run | None:
    """Return the values behind a label in its own row; a row of the form may also have cells that are all blank, or hold words."""
    whole = next((w for w in found if w.sort == ITEM and _is_whole(row, w, words)), None)
    for word in [whole] if whole else reversed(found):
        own = until_label(row.cells[word.cell + 1 :], words.form)
        valued = any(c.text.strip() and is_value(c.text) for c in own)
        whole_or_worded = len(own) >= words.size([word]) or any(c.text.strip() for c in own)  # else the values may stand elsewhere
        marked = word.sort == ITEM and row.kind in ("grid", "tabs") and own and whole_or_worded
        if valued or marked:
            return Run(r, (word,), True, tuple((r, c) for c in own), row.kind)
        if word.sort == ITEM:
            return None
    return None


def _rejoined(runs: Sequence[Run], run: Run, words: Vocabulary) -> Run | None:
    """Return one run of two whose labels a page cut in two: together they name a row that one names alone; one has only empty cells."""
    above, below = (runs[-1].words[-1] if runs and runs[-1].own else None), run.words[-1]
    if above is None or bool(runs[-1].filled) == bool(run.filled) or {above.sort, below.sort} != {ITEM, NOTE}:
        return None
    text = above.text + below.text
    whole = Word(below.row, below.cell, label_key(text), text, ITEM)
    named = {i for word in (above, below) for i in words.items.get(word.key, ())}
    same = named.intersection(words.items.get(whole.key, ()))
    return replace(run if run.filled else runs[-1], words=(whole,)) if same else None


def _is_whole(row: Row, word: Word, words: Vocabulary) -> bool:
    """Say whether a label has a cell for each of its values beside it: a word in one of them names no other row."""
    own = until_label(row.cells[word.cell + 1 :], words.form)
    valued = any(c.text.strip() and is_value(c.text) for c in own)
    return row.kind in ("grid", "tabs") and valued and len(own) == words.size([word])


def _close(runs: list[Run], pending: Sequence[Word], loose: Sequence[tuple[int, Row]], words: Vocabulary) -> bool:
    """Turn rows without a word into runs behind the words before them, or into the rest of the row that they continue."""
    if not loose:
        return False
    valued = [(r, row) for r, row in loose if any(c.text.strip() for c in row.cells)]
    claims = [w for i, w in enumerate(pending) if w.claims or (w.sort == MAYBE and i == len(pending) - 1)]
    if runs and not pending and runs[-1].own and _completed(runs, loose, words):
        return True
    if not valued and not claims:
        return False
    n = words.size(claims) if claims else words.size(runs[-1].words) if runs and runs[-1].own else max(words.sizes.values())
    whole = [sum(bool(c.text.strip()) for c in row.cells) >= max(n, 2) for _, row in valued]
    if valued and runs and not pending and runs[-1].own and runs[-1].kind == "glued" and not any(whole):
        whole, n = [], runs[-1].filled + 1  # a number that touches a label may be a part of it
    if runs and not pending and runs[-1].own and runs[-1].filled < n and not (runs[-1].filled and whole and all(whole)):
        runs[-1] = replace(runs[-1], more=tuple((r, c) for r, row in valued for c in row.cells if c.text.strip()))
        return True
    together = [(r, c) for r, row in loose for c in row.cells]
    parts = [[(r, c) for c in row.cells] for r, row in valued] if any(whole) else _parted(together, n, len(claims))
    kinds = [row.kind for _, row in valued] if any(whole) else ["line"] * len(parts)
    for k, (part, kind) in enumerate(zip(parts, kinds, strict=True)):
        runs.append(Run(part[0][0], tuple(claims), False, tuple(part), kind, nth=k, of=len(parts)))
    return True


def _completed(runs: list[Run], loose: Sequence[tuple[int, Row]], words: Vocabulary) -> bool:
    """Complete a row by the empty cells that stand on lines of their own behind it, if that makes it whole."""
    cells = (*runs[-1].cells, *((r, c) for r, row in loose for c in row.cells))
    if all(c.text.strip() for r, row in loose for c in row.cells) or len(cells) != words.size(runs[-1].words):
        return False
    runs[-1] = replace(runs[-1], cells=cells, kind="grid")
    return True


def _parted(cells: list[tuple[int, Cell]], n: int, claims: int) -> list[list[tuple[int, Cell]]]:
    """Part values that stand one on a line where they make several whole rows."""
    filled = [(r, c) for r, c in cells if c.text.strip()]
    rows, rest = divmod(len(filled), n)
    if rows > 1 and not rest and len(filled) == len(cells) and (n > 1 or rows == claims):
        return [filled[i : i + n] for i in range(0, len(filled), n)]
    return [cells]
