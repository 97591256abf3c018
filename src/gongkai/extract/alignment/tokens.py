"""Rows of a document -> rows of tokens: the form's own words, other words, numbers, glued digits and empty cells, a row a label."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache, lru_cache
from itertools import groupby, pairwise

from gongkai.core.model import Cell, Form, Row
from gongkai.core.text import COUNT_UNITS, MONEY, is_numbering, is_page_mark, is_value, label_key, ordinal_key, plain, simplified
from gongkai.extract.alignment.stack import stack
from gongkai.forms import load_form
from gongkai.forms.keys import item_keys, known_keys, title_keys

LONGEST_LABEL = 160
_SIGN = re.compile(r"([增减減加少])\s+(?=\d)")
_MOST_WORDS = 8
_LONGEST_ROW = 120
_FEWEST = 3
_MOST_LINES = 4
_LONGEST_LINE = 40
_MOSTLY = 0.8
_TOUCHING = re.compile(r"[^\W\d_]\d|[)）”]\d")
_BETWEEN = r"[\"'“”‘’《》,，、/·:：\s]*"
_NUMBERED = re.compile(r"(?:\((?:[一二三四五六七八九十]|\d{1,2})\)[、.]?|[一二三四五六七八九十][、.:]|(\d+)\s*[.、])\s*\Z")
_EXPLAINED = re.compile(r"[\"”]?(?:\s*\([^()]{2,80}\))?")
# Letters that stand for digits in misprints; one alone behind numbers begins no row.
_MISPRINT = re.compile(r"[\dOoQlI〇○ＯｏｌＩ]{1,6}")
# What may stand between two words of the form where everything is glued: numbers, marks, or nothing.
_VALUES = re.compile(rf"(?:\s*(?:(?:增加|减少|增|减)?\s*[+-]?\d[\d,.]*(?:[万亿]?(?:{MONEY})|{COUNT_UNITS})?|-+|/|无))*\s*")


@dataclass(frozen=True, slots=True, repr=False)
class Token(Cell):
    """A cell that holds words, with the key by which they are compared; none where they are too long for a label."""

    key: str = ""


def key_of(cell: Cell) -> str:
    """Return the key of a cell of a tokenised row that may be a label, and nothing for a value or a sentence."""
    return cell.key if type(cell) is Token else ""


def until_label(cells: tuple[Cell, ...], known: frozenset[str]) -> tuple[Cell, ...]:
    """Cut a row off where another label of the form begins: there its line end was lost."""
    return cells[: next((i for i, c in enumerate(cells) if type(c) is Token and c.key in known), len(cells))]


def tokenise(rows: Sequence[Row], form: Form) -> tuple[Row, ...]:
    """Part the labels of the form from what stands beside them in the same cell, and begin a row at each label of a row.

    A grid marks its own cells; only a label and its number are parted there.
    """
    known = known_keys(form.code)
    items = frozenset(k for t in form.tables for k in item_keys(form.code, t))
    whole = _whole_labels(tuple(stack(tuple(_without_starts(rows, form)), known)), known)
    loose = (part for row in whole for part in _stretches(row, form))
    return tuple(part for row in loose for part in _parted(row, known, items))


def _token(cell: Cell) -> Cell:
    """Compare the words of a cell once and for all; a value stays what it is."""
    if is_value(cell.text):
        return cell
    key = label_key(cell.text) if len(cell.text) <= LONGEST_LABEL else ""
    return Token(cell.text, cell.x0, cell.x1, cell.where, cell.alternatives, key)


def _without_starts(rows: Sequence[Row], form: Form) -> Iterator[Row]:
    """Drop the pipes on lines of their own that only begin a cell, or a row: where they stand before words they are no empty cells."""
    blank = [row.kind == "line" and not row.cells[0].text.strip() for row in rows]
    valued = [row.kind == "line" and not b and is_value(row.cells[0].text) for row, b in zip(rows, blank, strict=True)]
    heads = known_keys(form.code) - {k for t in form.tables for k in item_keys(form.code, t)}
    named = [row.kind == "line" and not v and label_key(row.cells[0].text) in heads for row, v in zip(rows, valued, strict=True)]
    begun = [b for b, v, head in zip([False, *blank], valued, named, strict=False) if v or head]
    named_begun = [b for b, head in zip([False, *blank], named, strict=False) if head]
    each = all(len(found) > _FEWEST and sum(found) > _MOSTLY * len(found) for found in (begun, named_begun))
    row_starts = sum(a and b and not (c or v) for a, b, c, v in zip(named, blank[1:], blank[2:], valued[2:], strict=False)) > 1
    at = 0
    while at < len(rows):
        starts = blank[at] and (each or (row_starts and not any((*blank[at + 1 : at + 2], *valued[at + 1 : at + 2]))))
        at += starts
        yield from rows[at : at + 1]
        at += 1


@cache
def lexicon(code: str) -> Lexicon:
    """Compile every label and title of a form, the longest first, however it is punctuated."""
    numbered: dict[str, set[str]] = defaultdict(set)
    groups: set[str] = set()
    for table in load_form(code).tables.values():
        names = (*table.items.values(), *table.measures.values())
        for label in (label for n in names for label in (n.zh, *n.aliases)):
            numbered[label_key(label)].add(ordinal_key(label))
        groups |= {plain(g.zh) for g in table.groups if g.zh}
    by_first: dict[str, list[str]] = defaultdict(list)
    for word in sorted({*known_keys(code), *title_keys(code), *groups}, key=len, reverse=True):
        by_first[word[0]].append(re.escape(word) if word in groups else _BETWEEN.join(map(re.escape, word)))
    firsts = "".join(map(re.escape, by_first))
    words = re.compile(rf"(?=[{firsts}])(?:{'|'.join(f'(?:{chr(124).join(same)})' for same in by_first.values())})")
    digits = {key: frozenset(o for o in ordinals if o.isdigit()) for key, ordinals in numbered.items()}
    return Lexicon(words, digits, frozenset(title_keys(code)))


@dataclass(frozen=True, slots=True)
class Lexicon:
    """The words of a form, and the plain numbers that it prints before some of them."""

    words: re.Pattern[str]
    numbers: Mapping[str, frozenset[str]]
    titles: frozenset[str]

    def is_title(self, text: str) -> bool:
        """Say whether a text is a numbered heading of a section."""
        return label_key(text) in self.titles and bool(ordinal_key(text))

    def find(self, text: str) -> Iterator[tuple[int, int]]:
        """Yield where the words of the form stand, with their numbering and the explanation behind them.

        A number before a label is its own only where the form prints that number: the digits before it may be values.
        """
        at = 0
        for found in self.words.finditer(text):
            start, end = found.span()
            if start < at:
                continue
            before = _NUMBERED.search(text, max(0, start - 8), start)
            if before and (not before[1] or before[1][-1] in self.numbers.get(label_key(found[0]), ())):
                start = before.start(1) + len(before[1]) - 1 if before[1] else before.start()
            behind = None if label_key(found[0]) in self.titles else _EXPLAINED.match(text, end)
            at = behind.end() if behind else end
            yield start, at


def _stretches(row: Row, form: Form) -> Iterator[Row]:
    """Cut the stretches of glued labels and numbers out of a paragraph; a title becomes a row of its own."""
    if row.kind == "grid" or not any(_may_be_glued(c.text) for c in row.cells):
        yield row
        return
    pieces = [piece for cell in row.cells for piece in _glued(cell, form)]
    if len(pieces) == len(row.cells) and all(a.text == b.text for a, (b, *_) in zip(row.cells, pieces, strict=True)):
        yield row
        return
    held: list[Cell] = []
    kind = "glued" if any(touching for _, _, touching in pieces) else row.kind
    for cell, alone, touching in pieces:
        if alone and held:
            yield replace(row, cells=tuple(held), kind=kind)
            held = []
        held.append(cell)
        if alone:
            yield replace(row, cells=(cell,), kind="glued" if touching else "line")
            held = []
    if held:
        yield replace(row, cells=tuple(held), kind=kind)


def _glued(cell: Cell, form: Form) -> Iterator[tuple[Cell, bool, bool]]:
    """Part one cell into prose, titles and tables: each with whether it stands alone in a row, and whether its numbers touch words."""
    glued = _may_be_glued(cell.text)
    text = simplified(plain(cell.text)) if glued else cell.text
    words = lexicon(form.code)
    chains = list(_chains(text, words)) if glued and len(text) == len(cell.text) else []
    if not any(_touching(text, spans) for _, _, spans in chains):
        yield cell, False, False
        return
    at, long = 0, len(text) > _LONGEST_ROW
    for start, end, spans in chains:
        if text[at:start].strip():
            yield replace(cell, text=cell.text[at:start].strip()), True, False
        for title, parts in groupby(spans, key=lambda span: long and words.is_title(text[slice(*span)])):
            same = list(parts)
            joined = " ".join(filter(None, (text[a:b].strip() for a, b in same)))
            yield replace(cell, text=joined), long, not title and _touching(text, same)
        at = end
    if text[at:].strip():
        yield replace(cell, text=cell.text[at:].strip()), True, False


def _touching(text: str, spans: Sequence[tuple[int, int]]) -> bool:
    """Say whether a number stands right behind a word: then nothing parts the numbers from each other either."""
    return any(a and text[a].isdigit() and not text[a - 1].isspace() for a, b in spans if b > a)


def _may_be_glued(text: str) -> bool:
    """Say whether a number may touch a label in a text at all."""
    return len(text) > _FEWEST and bool(_TOUCHING.search(text)) and not is_value(text)


def _chains(text: str, words: Lexicon) -> Iterator[tuple[int, int, list[tuple[int, int]]]]:
    """Yield the stretches in which labels of the form follow each other with nothing but values between: (start, end, its parts)."""
    chain: list[tuple[int, int]] = []
    whole = len(text) - len(text.lstrip()), len(text.rstrip())
    for found in (*words.find(text), None):
        start = found[0] if found else len(text)
        between = text[chain[-1][1] : start] if chain else ""
        values = _VALUES.match(between)
        if chain and (found is None or not values or values.end() < len(between)):
            end = chain[-1][1] + _values_end(between, values)
            yield from _if_table([*chain, (chain[-1][1], end)], text, whole)
            chain = []
        elif chain and between.strip():
            chain.append((chain[-1][1], start))
        if found:
            chain.append(found)


def _values_end(between: str, values: re.Match[str] | None) -> int:
    """Return where the values behind the last label end; a number that a word continues is none of them."""
    end = values.end() if values else 0
    return end if end == len(between) or (end and not (between[end - 1].isalnum() and between[end].isalnum())) else 0


def _if_table(chain: list[tuple[int, int]], text: str, cell: tuple[int, int]) -> Iterator[tuple[int, int, list[tuple[int, int]]]]:
    """A stretch counts where values stand in it, and it is the whole cell or long enough for a table."""
    parts = [(a, b) for a, b in chain if text[a:b].strip()]
    start, end = parts[0][0], chain[-1][1]
    valued = any(is_value(p) for a, b in parts for p in text[a:b].split())
    whole = start <= cell[0] and end >= cell[1]
    if valued and (len(parts) > _FEWEST or whole) and (whole or sum(not is_value(text[a:b]) for a, b in parts) >= _FEWEST):
        yield start, end, parts


def _whole_labels(rows: Sequence[Row], known: frozenset[str]) -> Iterator[Row]:
    """Join lines that only together make a label of the form: 结果 / 维持, or a label that a page cut in two."""
    at, begun = 0, _beginnings(known)
    while at < len(rows):
        text = rows[at].cells[0].text if rows[at].kind == "line" else ""
        alone = not text or len(text) > _LONGEST_LINE or label_key(text) not in begun or is_value(text)
        size = 1 if alone else next((n for n in range(_MOST_LINES, 1, -1) if _is_label(rows[at : at + n], n, known)), 1)
        yield _joined(rows[at : at + size]) if size > 1 else rows[at]
        at += size


@lru_cache
def _beginnings(known: frozenset[str]) -> frozenset[str]:
    return frozenset(key[:n] for key in known for n in range(len(key) + 1))


def _is_label(lines: Sequence[Row], n: int, known: frozenset[str]) -> bool:
    texts = [row.cells[0].text for row in lines if row.kind == "line"]
    if len(texts) < n or max(map(len, texts)) > _LONGEST_LINE or any(is_value(t) for t in texts):
        return False
    return label_key("".join(texts)) in known


def _joined(lines: Sequence[Row]) -> Row:
    return replace(lines[0], cells=(replace(lines[0].cells[0], text="".join(row.cells[0].text for row in lines)),))


def _parted(row: Row, known: frozenset[str], items: frozenset[str]) -> Iterator[Row]:
    cells = [_token(piece) for cell in row.cells for piece in (_pieces(cell, known) if row.kind != "grid" else [cell])]
    starts: list[int] = []
    if len(cells) != len(row.cells):
        words = [type(c) is Token and not _MISPRINT.fullmatch(c.text) for c in cells]
        starts = [i for i in range(1, len(cells)) if words[i] and not words[i - 1]]
        starts += [i for i in range(1, len(cells) - 1) if key_of(cells[i]) in items and not words[i + 1]]
    for a, b in pairwise(sorted({0, *starts, len(cells)})):
        yield Row(tuple(cells[a:b]), row.table, row.kind, row.aside)


def _pieces(cell: Cell, known: frozenset[str]) -> list[Cell]:
    """Part one cell into labels of the form, numbers, and the words between them; prose stays whole."""
    texts = _texts(cell.text, known)
    return [Cell(t, cell.x0 + i, cell.x0 + i + 1, cell.where) for i, t in enumerate(texts)] if len(texts) > 1 else [cell]


@lru_cache(maxsize=65536)
def _texts(text: str, known: frozenset[str]) -> tuple[str, ...]:
    words = _SIGN.sub(r"\1", text).split()
    if len(words) < 2 or is_page_mark(text):
        return (text,)
    texts = tuple(_labels_and_values(words, known))
    values = [is_value(t) for t in texts]
    labels = sum(label_key(t) in known for t, value in zip(texts, values, strict=True) if not value)
    row_of_numbers = len(text) <= _LONGEST_ROW and values[-_FEWEST:] == [True] * _FEWEST
    return texts if row_of_numbers or labels > 1 or (labels and any(values)) else (text,)


def _labels_and_values(words: Sequence[str], known: frozenset[str]) -> Iterator[str]:
    """Yield runs of words: each number alone, each label of the form whole, other words joined."""
    other: list[str] = []
    at = 0
    while at < len(words):
        plain_value = is_value(words[at]) and not is_numbering(words[at])
        size = 0 if plain_value else _label_size(words[at : at + _MOST_WORDS], known)
        size = size or int(is_value(words[at]))
        if size and other:
            yield " ".join(other)
            other = []
        if size:
            yield " ".join(words[at : at + size])
        else:
            other.append(words[at])
        at += size or 1
    if other:
        yield " ".join(other)


def _label_size(words: Sequence[str], known: frozenset[str]) -> int:
    """Return how many words make the longest label of the form that begins here, or nothing."""
    end = next((i for i, w in enumerate(words) if i and is_value(w)), len(words))
    return next((n for n in range(end, 0, -1) if label_key("".join(words[:n])) in known), 0)
