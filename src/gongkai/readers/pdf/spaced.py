"""Lines of a page outside of ruled tables -> rows of a table that has no rules, told by where its numbers stand, and all other lines."""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from itertools import groupby, pairwise, takewhile
from math import inf
from statistics import median

from gongkai.core.text import is_page_mark, is_value, ordinal_key
from gongkai.readers.glyphs import Glyph, Piece, piece_of, runs_of

_WIDE, _NARROW, _TIGHT, _TOUCHING, _HAIR = 1.5, 0.6, 0.25, 0.15, 0.1
_ALIGNED, _SAME, _PART, _NEARLY = 0.2, 0.6, 0.3, 1.1
_SHORT, _EARLY, _UNIT = 40, 5, 4
_FEWEST = 3
_REACH, _HIGHEST = 8, 14
_PITCH, _TALLER, _LEVEL, _NEAR = 1.9, 3.5, 0.9, 0.7
_CLOSING = "）)”"
_SECTION = re.compile(r"[一二三四五六七八九十]、")
_NUMBERING = re.compile(r"[（(][一二三四五六七八九十\d]{1,2}[）)]|\d[.．、]|[一二三四五六七八九十]、")

Column = tuple[float, float]


@dataclass(slots=True)
class SpacedLine:
    """One line: where it stands, its pieces, and whether they are cells of a row."""

    page: int
    y: float
    size: float
    pieces: list[Piece]
    row: bool = False
    glyphs: list[Glyph] = field(default_factory=list)

    @property
    def text(self) -> str:
        return " ".join(p.text for p in self.pieces)

    @property
    def values(self) -> list[Piece]:
        return [p for p in self.pieces if is_value(p.text)]

    @property
    def prose(self) -> bool:
        return any("。" in p.text for p in self.pieces) or any(len(run) > _SHORT for run in runs_of(self.glyphs, _NARROW))


def arranged(lines: Sequence[SpacedLine]) -> list[SpacedLine]:
    """Part the lines where columns are, and put together the labels and heads of a table that run over several lines."""
    found = list(lines)
    _close_up(found)
    _lift_numbers(found)
    groups, words = _groups(found), _word_columns(found)
    right = max((line.glyphs[-1].x1 for line in found), default=0.0)
    for index, line in enumerate(found):
        near = [columns for first, last, columns in groups if first - _REACH <= index <= last + _REACH]
        if (near or _ends_early(line, right)) and not line.prose:
            first, last, below = next((g for g in groups if g[0] - _HIGHEST <= index <= g[1]), (0, 0, []))
            below = below if line.values or not below else sorted(_units(found[first : last + 1], below[0]) + below)
            line.pieces = [piece for part in _cut(line, near, words) for piece in _by_column(part, below)]
            line.row = line.row or len(line.pieces) > 1
    if groups:
        whole = [(found[first], columns) for first, _, columns in _groups(found)]
        _stack_labels(found)
        _stack_heads(found, whole)
    return [line for line in found if line.pieces]


def parted(line: list[Glyph], page: int) -> SpacedLine:
    """Part one line at wide gaps; at narrow ones too where that gives a row of numbers."""
    size = max(g.size for g in line)
    spaced = SpacedLine(page, line[0].cy, size, [piece_of(run) for run in runs_of(line, _WIDE)], glyphs=line)
    if is_page_mark(spaced.text):
        return replace(spaced, pieces=[piece_of(line)])
    narrow = [piece_of(run) for run in _joined(runs_of(line, _TIGHT))]
    values = [is_value(p.text) for p in narrow]
    if values[-_FEWEST:] == [True] * _FEWEST:
        spaced.pieces, spaced.row = narrow, True
    else:
        spaced.row = len(spaced.pieces) > 1 and not spaced.prose and is_value(spaced.pieces[-1].text)
    return spaced


def _joined(runs: list[list[Glyph]]) -> list[list[Glyph]]:
    """Join the words of a label again: only a number, a wide gap or a label's numbering begins another cell."""
    joined: list[list[Glyph]] = []
    for run in runs:
        if joined and not _begins(joined[-1], run):
            joined[-1] = joined[-1] + run
        else:
            joined.append(run)
    return joined


def _begins(before: list[Glyph], run: list[Glyph]) -> bool:
    one, other = piece_of(before).text, piece_of(run).text
    gap = (run[0].x0 - before[-1].x1) / run[0].size
    if is_value(one) and is_value(other):
        return True
    return gap > _WIDE or (gap > _NARROW and (is_value(one) or is_value(other) or bool(ordinal_key(other))))


def _close_up(lines: Sequence[SpacedLine]) -> None:
    """Let each page follow the one before as if there were no margins between them."""
    shift = 0.0
    for before, line in zip([None, *lines], lines, strict=False):
        if before and line.page != before.page:
            shift = before.y + _PITCH * line.size - line.y
        line.y += shift


def _ends_early(line: SpacedLine, right: float) -> bool:
    """Say whether a line of few words, without comma, ends far from where lines of prose are broken: it may be a label and its number."""
    return right - line.glyphs[-1].x1 > _EARLY * line.size and len(line.text) <= _SHORT and not re.search("[，,；：:]", line.text)


def _lift_numbers(lines: list[SpacedLine]) -> None:
    """Put a number that stands a little lower or higher than its row back into the row."""
    for index, line in enumerate(lines):
        if len(line.values) != len(line.pieces):
            continue
        for near in (lines[i] for i in (index - 1, index + 1) if 0 <= i < len(lines)):
            level = abs(near.y - line.y) <= _LEVEL * line.size and near.row
            if level and not any(_overlap((a.x0, a.x1), (b.x0, b.x1)) for a in line.pieces for b in near.pieces):
                near.pieces = sorted(near.pieces + line.pieces, key=lambda p: p.x0)
                near.glyphs = sorted(near.glyphs + line.glyphs, key=lambda g: g.x0)
                line.pieces, line.glyphs = [], []
                break
    lines[:] = [line for line in lines if line.pieces]


def _groups(lines: Sequence[SpacedLine]) -> list[tuple[int, int, list[Column]]]:
    """Find neighbouring rows with equally many numbers, and the columns in which these stand."""
    groups: list[tuple[int, int, list[Column]]] = []
    for index, line in enumerate(lines):
        values = [(p.x0, p.x1) for p in line.values] if line.row else []
        if not values:
            continue
        last = groups[-1] if groups else None
        if (
            last
            and len(last[2]) == len(values)
            and index - last[1] <= _REACH
            and all(_overlap(a, b) for a, b in zip(last[2], values, strict=True))
        ):
            united = [(min(a[0], b[0]), max(a[1], b[1])) for a, b in zip(last[2], values, strict=True)]
            groups[-1] = (last[0], index, united)
        else:
            groups.append((index, index, values))
    return [g for g in groups if g[1] > g[0] or len(g[2]) >= _FEWEST or len(g[2]) == len(lines[g[0]].pieces) > 1]


def _overlap(one: Column, other: Column) -> bool:
    return min(one[1], other[1]) > max(one[0], other[0])


def _word_columns(lines: Sequence[SpacedLine]) -> tuple[list[float], list[float]]:
    """Return where columns of words begin: after the labels, such as those of units, and anywhere; several lines have a piece there."""
    inner = [(p.x0, line.size) for line in lines if line.row for p in line.pieces[1:] if not is_value(p.text)]
    any_ = [(p.x0, line.size) for line in lines if not line.prose for p in line.pieces if not is_value(p.text)]
    return _often(inner), _often(any_)


def _often(found: Sequence[tuple[float, float]]) -> list[float]:
    """Return each place where several of the places are, once."""
    places = sorted(x for x, _ in found)
    size = median(size for _, size in found) if found else 0.0
    often: list[float] = []
    for x in places:
        many = bisect_right(places, x + _ALIGNED * size) - bisect_left(places, x - _ALIGNED * size) >= _FEWEST
        if many and (not often or x - often[-1] > _ALIGNED * size):
            often.append(x)
    return often


def _cut(line: SpacedLine, near: Sequence[list[Column]], words: tuple[list[float], list[float]]) -> Iterator[list[Glyph]]:
    """Part a line also where a column begins and leaves a hair between two characters: cells may touch."""
    starts = [start for columns in near for start, _ in columns] + (words[0] if line.values else [])
    middles = [(a[1] + b[0]) / 2 for columns in near for a, b in pairwise(columns)]
    for run in _joined(runs_of(line.glyphs, _TIGHT if line.values else _WIDE)):
        begin = 0
        for i in range(1, len(run)):
            apart = near and run[i].x0 - run[i - 1].x1 > _NARROW * run[i].size and _meets(run[i - 1], run[i], words[1], ())
            if apart or _meets(run[i - 1], run[i], starts, middles) or _other(run[i - 1], run[i:], line):
                yield run[begin:i]
                begin = i
        yield run[begin:]


def _units(rows: Sequence[SpacedLine], numbers: Column) -> list[Column]:
    """Return the column of units between the labels and the numbers, if most rows have one there."""
    units = [p for row in rows if row.row for p in row.pieces[1:2] if not is_value(p.text) and p.x1 <= numbers[0] and len(p.text) <= _UNIT]
    if 2 * len(units) <= sum(row.row for row in rows):
        return []
    column = (min(p.x0 for p in units), max(p.x1 for p in units))
    return [column] if all(_overlap(column, (p.x0, p.x1)) for p in units) else []


def _by_column(run: list[Glyph], columns: Sequence[Column]) -> list[Piece]:
    """Part heads that touch: a run over several columns whose parts, a hair apart, stand nearest to each of them in turn."""
    under = _covered(piece_of(run), columns)
    if len(under) < 2:
        return [piece_of(run)]
    parts = groupby(runs_of(run, _HAIR, _HAIR), lambda part: min(under, key=lambda c: abs(c[0] + c[1] - part[0].x0 - part[-1].x1)))
    heads = [(column, [g for part in some for g in part]) for column, some in parts]
    return [piece_of(head) for _, head in heads] if [c for c, _ in heads] == under else [piece_of(run)]


def _meets(left: Glyph, right: Glyph, starts: Sequence[float], middles: Sequence[float]) -> bool:
    """Say whether the gap between two characters is where a column begins, or a wider one in the middle between two columns."""
    gap = (right.x0 - left.x1) / right.size
    if gap > _HAIR and any(abs(right.x0 - start) <= _ALIGNED * right.size for start in starts):
        return True
    return gap > _NARROW / 2 and any(left.x1 <= middle <= right.x0 for middle in middles)


def _other(left: Glyph, rest: Sequence[Glyph], line: SpacedLine) -> bool:
    """Say whether after a hair a label with its own number begins beside the label of its group, or the first number after a label."""
    if left.text.isascii() or (not left.text.isalnum() and left.text not in _CLOSING):
        return False
    apart, text = rest[0].x0 - left.x1 > _HAIR * left.size, "".join(g.text for g in rest)
    number = text[0].isdigit() and is_value(text)
    return (apart and bool(_NUMBERING.match(text))) or ((apart or bool(line.values)) and number)


def _stack_labels(lines: Sequence[SpacedLine]) -> None:
    """Give a row of numbers the whole of its label, of which other lines may print the beginning and the end."""
    for index, line in enumerate(lines):
        for piece in [p for p in line.pieces if ordinal_key(p.text)]:
            parts, rows = _label_lines(lines, index, piece)
            if len(rows) == 1 and (len(parts) > 1 or rows[0] != index) and _beside(lines[rows[0]], lines[index].y, lines[parts[-1][0]].y):
                for at, part in parts:
                    lines[at].pieces.remove(part)
                lines[rows[0]].pieces = sorted([*lines[rows[0]].pieces, _whole([p for _, p in parts])], key=lambda p: p.x0)


def _beside(row: SpacedLine, top: float, bottom: float) -> bool:
    """Say whether a row of numbers stands beside the lines of a label, and not below or above them."""
    slack = _NEAR * row.size
    return top - slack <= row.y <= bottom + slack


def _label_lines(lines: Sequence[SpacedLine], index: int, first: Piece) -> tuple[list[tuple[int, Piece]], list[int]]:
    """Return the lines of one label, from the one with its numbering down to the next label, and the row of numbers beside it."""
    parts, rows, y = [(index, first)], [index] if lines[index].values else [], lines[index].y
    for at in range(index + 1, min(index + _REACH, len(lines))):
        line = lines[at]
        under = next((p for p in line.pieces if not is_value(p.text) and _overlap((p.x0, p.x1), (first.x0, first.x1))), None)
        if line.y - y > _PITCH * line.size or (under and ordinal_key(under.text)) or (line.values and rows) or line.prose:
            break
        if under:
            parts.append((at, under))
            y = line.y
        rows += [at] if line.values else []
    return parts, rows


def _stack_heads(lines: list[SpacedLine], groups: Sequence[tuple[SpacedLine, list[Column]]]) -> None:
    """Make one row of the heads above a group of rows: they stand at different heights, and narrow ones print a character a line."""
    for first, columns in groups:
        at = next(i for i, line in enumerate(lines) if line is first)
        above = takewhile(lambda line: not (line.values or line.prose or _is_heading(line)), reversed(lines[max(at - _HIGHEST, 0) : at]))
        zone = [(line, _finer(line, columns)) for line in above]
        stacks = _stacks(zone, columns, -inf if len(columns) == len(first.pieces) else columns[0][0])
        taken = {id(p) for stack in stacks for p in stack}
        alone = next((line for line, pieces in zone if taken <= {id(p) for p in pieces}), None)
        for line, pieces in zone if sum(map(bool, stacks)) > 1 else ():
            line.row = line.row or line is alone
            line.pieces = pieces if alone else [p for p in pieces if id(p) not in taken]
        if sum(map(bool, stacks)) > 1 and not alone:
            heads = sorted((_whole(stack[::-1]) for stack in stacks if stack), key=lambda p: p.x0)
            lines.insert(at, SpacedLine(first.page, first.y, first.size, heads, True))


def _finer(line: SpacedLine, columns: Sequence[Column]) -> list[Piece]:
    """Split the heads of a line also at small gaps; the parts above one column are one head."""
    parts = [part for p in line.pieces for part in runs_of(p.run, _TOUCHING)]
    under = [tuple(i for i, c in enumerate(columns) if _over(piece_of(part), c)) for part in parts]
    joined = groupby(range(len(parts)), lambda i: under[i] if len(under[i]) == 1 else (-1, i))
    return [piece_of([g for i in some for g in parts[i]]) for _, some in joined]


def _is_heading(line: SpacedLine) -> bool:
    return len(line.pieces) == 1 and bool(_SECTION.match(line.text))


def _whole(parts: Sequence[Piece]) -> Piece:
    return Piece("\n".join(p.text for p in parts), min(p.x0 for p in parts), max(p.x1 for p in parts))


def _stacks(zone: Sequence[tuple[SpacedLine, list[Piece]]], columns: Sequence[Column], left: float) -> list[list[Piece]]:
    """Return what stands above each column and above no other, from below; a head above no number makes a column of its own.

    What ends ``left`` of the heads is a label. Few pieces on a line that stand above other heads are heads over several columns,
    unless they are as near as the lines of one head are.
    """
    _, rises = _piled(zone, columns, left, 0.0)
    return _piled(zone, columns, left, min(rises, default=0.0))[0]


def _piled(
    zone: Sequence[tuple[SpacedLine, list[Piece]]], columns: Sequence[Column], left: float, pitch: float
) -> tuple[list[list[Piece]], list[float]]:
    """Pile up the pieces above each column; return also how far apart the lines of one head stand."""
    places, rises = list(columns), list[float]()
    stacks: list[list[tuple[Piece, float]]] = [[] for _ in columns]
    most = max((len(pieces) for _, pieces in zone), default=0)
    for line, pieces in zone:
        many = 2 * len(pieces) >= most
        for piece in pieces:
            over = [i for i, place in enumerate(places) if _over(piece, place)]
            if not over and piece.x1 > left:
                places, stacks = [*places, (piece.x0, piece.x1)], [*stacks, [(piece, line.y)]]
            elif len(over) == 1 and _fits(piece, stacks[over[0]], line, _TALLER * line.size if many else _NEARLY * pitch):
                stack = stacks[over[0]]
                rises += [stack[-1][1] - line.y] if stack else []
                stack.append((piece, line.y))
                places[over[0]] = (min(places[over[0]][0], piece.x0), max(places[over[0]][1], piece.x1))
    return [[piece for piece, _ in stack] for stack in stacks], rises


def _fits(piece: Piece, stack: Sequence[tuple[Piece, float]], line: SpacedLine, rise: float) -> bool:
    """Say whether a piece is the line above what stands in a stack."""
    return not stack or (stack[-1][1] - line.y <= rise and _aligned(piece, stack[-1][0], line.size))


def _over(piece: Piece, column: Column) -> bool:
    """Say whether a piece stands over a column, with a good part of either; long numbers reach into the next column."""
    (a, b), width = column, piece.x1 - piece.x0
    return min(b, piece.x1) - max(a, piece.x0) > _PART * min(b - a, width)


def _covered(piece: Piece, columns: Sequence[Column]) -> list[Column]:
    return [c for c in columns if _over(piece, c)]


def _aligned(one: Piece, other: Piece, size: float) -> bool:
    left, middle = abs(one.x0 - other.x0), abs(one.x0 + one.x1 - other.x0 - other.x1) / 2
    return min(left, middle) <= _SAME * size
