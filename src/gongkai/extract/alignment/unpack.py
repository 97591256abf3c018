"""Rows of text in which only single spaces part labels and numbers, or whose line ends are lost -> one row a label."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import pairwise

from gongkai.core.model import Cell, Form, Row
from gongkai.core.text import is_numbering, is_page_mark, is_value, label_key
from gongkai.extract.alignment.stack import stack
from gongkai.forms.keys import item_keys, known_keys

_SIGN = re.compile(r"([增减減加少])\s+(?=\d)")
_MOST_WORDS = 8
_LONGEST_ROW = 120
_FEWEST = 3
_MOST_LINES = 4
_LONGEST_LINE = 40


def unpack(rows: Sequence[Row], form: Form) -> tuple[Row, ...]:
    """Part the labels of the form from what stands beside them in the same cell, and begin a row at each label of a row.

    A grid marks its own cells and is left alone.
    """
    known, items = known_keys(form.code), frozenset(k for t in form.tables for k in item_keys(form.code, t))
    return tuple(part for row in _whole_labels(tuple(stack(rows, known)), known) for part in _unpacked(row, known, items))


def _whole_labels(rows: Sequence[Row], known: frozenset[str]) -> Iterator[Row]:
    """Join lines that only together make a label of the form: 结果 / 维持, or a label that a page cut in two."""
    at = 0
    while at < len(rows):
        alone = rows[at].kind != "line" or len(rows[at].cells[0].text) > _LONGEST_LINE or is_value(rows[at].cells[0].text)
        size = 1 if alone else next((n for n in range(_MOST_LINES, 1, -1) if _is_label(rows[at : at + n], n, known)), 1)
        yield _joined(rows[at : at + size]) if size > 1 else rows[at]
        at += size


def _is_label(lines: Sequence[Row], n: int, known: frozenset[str]) -> bool:
    texts = [row.cells[0].text for row in lines if row.kind == "line"]
    if len(texts) < n or max(map(len, texts)) > _LONGEST_LINE or any(is_value(t) for t in texts):
        return False
    return label_key("".join(texts)) in known


def _joined(lines: Sequence[Row]) -> Row:
    return replace(lines[0], cells=(replace(lines[0].cells[0], text="".join(row.cells[0].text for row in lines)),))


def _unpacked(row: Row, known: frozenset[str], items: frozenset[str]) -> Iterator[Row]:
    if row.kind == "grid":
        yield row
        return
    cells = [piece for cell in row.cells for piece in _pieces(cell, known)]
    if len(cells) == len(row.cells):
        yield row
        return
    starts = [i for i, c in enumerate(cells) if label_key(c.text) in items and i + 1 < len(cells) and is_value(cells[i + 1].text)]
    starts += [i for i in range(1, len(cells)) if is_value(cells[i - 1].text) and not is_value(cells[i].text)]
    cuts = sorted({0, *starts, len(cells)})
    for a, b in pairwise(cuts):
        yield replace(row, cells=tuple(cells[a:b]))


def _pieces(cell: Cell, known: frozenset[str]) -> list[Cell]:
    """Part one cell into labels of the form, numbers, and the words between them; prose stays whole."""
    words = _SIGN.sub(r"\1", cell.text).split()
    if len(words) < 2 or is_page_mark(cell.text):
        return [cell]
    texts = list(_labels_and_values(words, known))
    values = [is_value(t) for t in texts]
    labels = sum(label_key(t) in known for t, value in zip(texts, values, strict=True) if not value)
    row_of_numbers = len(cell.text) <= _LONGEST_ROW and values[-_FEWEST:] == [True] * _FEWEST
    if len(texts) == 1 or not (row_of_numbers or labels > 1 or (labels and any(values))):
        return [cell]
    return [replace(cell, text=t, x0=cell.x0 + i, x1=cell.x0 + i + 1) for i, t in enumerate(texts)]


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
