"""The cells that a row of the form may be read from -> every reading of that row which the print allows."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import combinations, islice
from math import comb

from gongkai.core.codes import Status
from gongkai.core.model import Cell, Field, Identity, Row
from gongkai.core.text import Number, plain, read_number, squeeze, unitless
from gongkai.extract.alignment.columns import Pattern
from gongkai.extract.alignment.misfits import MOST_READINGS, SURPLUS, core_of, has_gaps, misfit, tokens_of, with_first_lost, with_one_lost
from gongkai.extract.alignment.strips import FEWEST_ODD, Found, Strip

MOST_SPREADS = 500
MOST_CUTS = 200_000
_BRACKETED = re.compile(r"\((\d[\d,]*)\)")


@dataclass(frozen=True, slots=True)
class Slot:
    """One official cell in one reading of its row; ``printed`` is None where that reading has no cell for it.

    ``options`` are what a cell can mean whose shown text cannot be told; None among them is an empty cell.
    """

    value: float | None
    status: str
    printed: str | None
    where: str
    unit: str = ""
    options: tuple[float | None, ...] = ()


Candidate = tuple[Slot, ...]


@dataclass(frozen=True, slots=True)
class Line:
    """One row of the form with its candidate readings.

    ``settled`` says that the first stands in place as printed; ``by_width`` that only the width of a gap says so. ``margin`` is by how
    much its assignment is better than the next, and ``left`` are rows behind it whose numbers no reading uses.
    """

    fields: tuple[Field, ...]
    label: str | None
    row: int
    where: str
    source: str
    candidates: tuple[Candidate, ...]
    settled: bool
    reason: str = ""
    by_width: bool = False
    margin: float | None = None
    left: tuple[int, ...] = ()


def match_table(found: Found, rows: Sequence[Row]) -> list[Line]:
    """Turn the strips of a table into lines with their candidate readings."""
    lines = _unglued([_accounted(line_of(strip, rows[strip.row]), strip) for strip in found.strips], found.strips)
    lines = _shifts(_unmoved(lines, found), found, rows)
    lines += [_open_line(strip, rows) for strip in found.open]
    return _uncut(lines, rows, {strip.fields: strip.sums for strip in found.strips})


def _unglued(lines: list[Line], strips: Sequence[Strip]) -> list[Line]:
    """Read no row of run-together numbers where many have no way to cut them: not every cell is printed there.

    Nor is a space believed that parts the numbers of a row, without a sum, where it parts them in no other: it may part digits.
    """
    failed = [strip for line, strip in zip(lines, strips, strict=True) if strip.reason == "glued" and strip.sums and not line.candidates]
    hopeless = len(failed) >= FEWEST_ODD
    words = {strip: sum(len(tokens_of(c)) for c in strip.own) for strip in strips if strip.reason == "glued" and len(strip.fields) > 1}
    together = sum(n == 1 for n in words.values())
    spaced = sum(n > 1 for n in words.values())
    odd = {strip for strip, n in words.items() if n > 1 and not strip.sums} if together >= max(FEWEST_ODD, spaced) else set()
    return [
        replace(line, candidates=(), settled=False, reason="glued") if strip in odd or (hopeless and line.reason == "glued") else line
        for line, strip in zip(lines, strips, strict=True)
    ]


def _unmoved(lines: list[Line], found: Found) -> list[Line]:
    """Read no row under columns that heads put in another order than the form's where that breaks the sums of most rows."""
    moved = {i for g in found.reordered for i in g.items}
    checked = [i for i, line in enumerate(lines) if line.settled and line.candidates and line.fields[0].item in moved]
    held = [
        _agree(identity, _row_values(lines[i])) for i in checked for identity in found.strips[i].sums if any(_row_values(lines[i]).values())
    ]
    if 2 * sum(held) >= len(held):
        return lines
    return [replace(line, candidates=(), settled=False, reason="heads") if line.fields[0].item in moved else line for line in lines]


def _row_values(line: Line) -> dict[Field, float | None]:
    return {f: s.value for f, s in zip(line.fields, line.candidates[0], strict=True)}


def _accounted(line: Line, strip: Strip) -> Line:
    """Keep by how much a row was assigned, and which of the numbers behind it are in none of its readings."""
    used = {s.where for c in line.candidates for s in c}
    left = (r for r, c in strip.more if c.where not in used and any(ch.isdigit() for ch in c.text)) if line.candidates else ()
    return replace(line, margin=strip.margin, left=tuple(dict.fromkeys(left)))


def _open_line(strip: Strip, rows: Sequence[Row]) -> Line:
    """Say what a row may be read as whose values may be another's: them or nothing; no identity chooses."""
    cells = [c for c in (*strip.own, *(c for _, c in strip.more)) if c.text.strip()]
    whole = len(cells) == len(strip.fields)
    candidates = (_slots(strip, [[c] for c in cells]), _slots(strip, [[]] * len(cells))) if whole else ()
    source = " ".join(c.text for c in cells)
    return Line(
        strip.fields, None, strip.row, rows[strip.row].where if cells else "", source, candidates, False, strip.reason, False, strip.margin
    )


def _uncut(lines: list[Line], rows: Sequence[Row], sums: Mapping[tuple[Field, ...], tuple[Identity, ...]]) -> list[Line]:
    """Mark the last number of a text that ends within a table as uncertain, unless a sum of its row confirms it: digits may be cut off."""
    last = next((row.cells[-1] for row in reversed(rows) if any(c.text.strip() for c in row.cells)), None)
    if last is None or not last.text[-1:].isdigit() or not rows or any(row.kind == "grid" for row in rows):
        return lines
    return [_with_cut(line, last, sums[line.fields]) if line.settled and line.candidates else line for line in lines]


def _with_cut(line: Line, last: Cell, sums: Sequence[Identity]) -> Line:
    first = line.candidates[0]
    if first[-1].where != last.where or first[-1].printed != last.text or any(_agree(i, _row_values(line)) for i in sums):
        return line
    cut = (*first[:-1], replace(first[-1], value=None, status=Status.UNCERTAIN))
    return replace(line, candidates=(cut,), reason="cut")


def _agree(identity: Identity, values: Mapping[Field, float | None]) -> bool:
    """Say whether a sum holds among what is printed of it."""
    left, right = (sum(values[f] or 0 for f in side) for side in (identity.left, identity.right))
    return left == right


def line_of(strip: Strip, row: Row) -> Line:
    """Enumerate what one row can be read as: as it stands in place, or by every way in which cells can have been lost, split or glued."""
    n, cells = len(strip.fields), list(strip.own)
    source = " ".join(c.text for c in row.cells if c.text.strip())
    if strip.reason in ("heads", "torn", "surplus"):
        return Line(strip.fields, strip.label, strip.row, row.where, source, (), False, strip.reason)
    if strip.reason == "glued":
        return _glued(strip, row, source)
    misfits, reason = misfit(strip, cells)
    if misfits:
        candidates = tuple(dict.fromkeys(_slots(strip, [[c] for c in kept]) for kept in misfits))
        return Line(strip.fields, strip.label, strip.row, row.where, source, candidates, False, reason)
    placed = _in_place(strip, cells)
    if placed and strip.nameless:
        nothing = _slots(strip, [[]] * n)
        return Line(strip.fields, None, strip.row, row.where, source, (_slots(strip, [[c] for c in placed]), nothing), False, "unlabelled")
    blank = placed is not None and not any(c.text.strip() for c in placed)
    if placed and not _doubtful(strip, placed) and not (blank and strip.more):
        return Line(strip.fields, strip.label, strip.row, row.where, source, (_slots(strip, [[c] for c in placed]),), True, strip.reason)
    tokens = [t for c in cells for t in tokens_of(c)]
    if placed is None and cells and not tokens and not strip.more and strip.kind in ("grid", "tabs"):
        empty = _slots(strip, [[c] for c in [*cells, *cells[-1:] * n][:n]])
        return Line(strip.fields, strip.label, strip.row, row.where, source, (empty,), True)
    below = [t for _, c in strip.more[: n + SURPLUS] for t in tokens_of(c)] if len(tokens) < n else []
    moved = with_one_lost if strip.filled_up else with_first_lost if strip.begins_with_rest else lambda found: [found]
    stands = _windows(strip, cells) if placed is None else moved(placed)
    if (len(tokens) == n and has_gaps(cells)) or (strip.kind != "grid" and len(tokens) < n and any(map(_is_run, tokens))):
        stands = []
    readings: list[list[list[Cell]]] = [[[c] for c in w] for w in stands]
    if tokens or not below:
        readings += spreads(tokens, n)
    if below:
        readings += spreads(tokens + below, n)
    candidates = tuple(dict.fromkeys(_slots(strip, r) for r in readings))
    plainly = len(candidates) == 1 and all(s.printed is not None for s in candidates[0]) and len(tokens + below) == n
    reason = strip.reason if plainly else _reason(len(tokens + below), n, bool(below and (tokens or blank)))
    settled = plainly or (placed is not None and len(stands) == 1 and not blank and not strip.astray)
    source = " ".join([source, *(c.text for _, c in strip.more if below)])
    by_width = strip.kind == "spaces" and len(tokens) < n
    return Line(strip.fields, strip.label, strip.row, row.where, source, candidates, settled, reason, by_width)


def _glued(strip: Strip, row: Row, source: str) -> Line:
    """Read a row in which nothing parts the numbers: every cell has one, and where the row has a sum it holds."""
    n, tokens = len(strip.fields), [t for c in (*strip.own, *(c for _, c in strip.more)) for t in tokens_of(c)]
    if strip.open_end or (not strip.sums and (strip.more or sum(map(_fewest_pieces, tokens)) < n)):
        tokens = []  # a cell may be empty, or the number that touches the label a part of it, and no sum says which
    few = comb(sum(len(t.text) for t in tokens), max(n - len(tokens), 0)) <= MOST_CUTS
    cut = [tokens] if len(tokens) == n else _parted(tokens, n) if 0 < len(tokens) < n and few else []
    holding = (r for r in cut if len(tokens) == n or all(_holds(i, strip.fields, r) for i in strip.sums))
    candidates = tuple(dict.fromkeys(_slots(strip, [[t] for t in reading]) for reading in islice(holding, MOST_READINGS + 1)))
    candidates = candidates if len(candidates) <= MOST_READINGS else ()
    one = len(candidates) == 1
    apart = one and len(tokens) == n
    return Line(strip.fields, strip.label, strip.row, row.where, source, candidates, one, "" if apart else "glued")


def _fewest_pieces(cell: Cell) -> int:
    """Return how many numbers run-together digits are at least: a zero before other digits is one of its own."""
    zeros = len(cell.text) - len(cell.text.lstrip("0"))
    return zeros + (zeros < len(cell.text)) if cell.text.isdigit() else 1


def _holds(identity: Identity, fields: Sequence[Field], reading: Sequence[Cell]) -> bool:
    """Say whether a sum within the row holds in one way to cut its digits."""
    values = dict(zip(fields, (int(t.text) if t.text.isdigit() else 0 for t in reading), strict=True))
    return sum(values[f] for f in identity.left) == sum(values[f] for f in identity.right)


def _is_run(cell: Cell) -> bool:
    """Say whether digits can only be several numbers run together."""
    return bool(re.fullmatch(r"0\d+|\d{13,}", cell.text))


def _reason(printed: int, n: int, continued: bool) -> str:
    if printed > n:
        return "surplus"
    if continued:
        return "continued"
    return "short" if printed else "no_cells"


def _in_place(strip: Strip, cells: Sequence[Cell]) -> list[Cell] | None:
    """Read a row by where its cells stand, if they stand where they should."""
    n = len(strip.fields)
    if len(cells) == n and (strip.kind == "grid" or (strip.kind == "tabs" and not strip.layout.padded)):
        return list(cells)
    if strip.pattern and (strip.kind in ("grid", "spaces") or (strip.kind == "tabs" and strip.layout.padded)):
        return _under_heads(strip.pattern, strip.kind, cells)
    if len(cells) == n:
        return list(cells)
    core = core_of(cells)
    return core if len(core) == n and (strip.kind == "tabs" or all(c.text.strip() for c in core)) else None


def _under_heads(pattern: Pattern, kind: str, cells: Sequence[Cell]) -> list[Cell] | None:
    """Give each column the one cell that stands in it; None where a printed cell stands elsewhere or a column has none."""
    if kind == "spaces":
        return _by_width(pattern, cells)
    at = {(c.x0, c.x1): c for c in cells}
    chosen = [at.get(place) for place in pattern]
    left = [c for c in cells if c.text.strip() and (c.x0, c.x1) not in pattern]
    if left:
        core = core_of(cells)
        return core if len(core) == len(pattern) else None
    return [c for c in chosen if c is not None] if all(chosen) else None


def _by_width(pattern: Pattern, cells: Sequence[Cell]) -> list[Cell] | None:
    """Where spaces part the columns, a blank cell is seen only by its width."""
    chosen: dict[int, Cell] = {}
    for cell in cells:
        overlaps = [min(cell.x1, b) - max(cell.x0, a) for a, b in pattern]
        best = max(range(len(pattern)), key=overlaps.__getitem__)
        if overlaps[best] <= 0 or best in chosen:
            return list(cells) if len(cells) == len(pattern) else None
        chosen[best] = cell
    if not cells:
        return None
    return [chosen.get(i) or Cell("", a, b, cells[0].where) for i, (a, b) in enumerate(pattern)]


def _doubtful(strip: Strip, placed: Sequence[Cell]) -> bool:
    """Doubt a number with a gap in it, a blank known only by its width, and a blank at either end of a row, which may be padding."""
    if has_gaps(placed) or strip.begins_with_rest:
        return True
    if strip.astray and any(c.text.strip() for c in placed):
        return not (placed[0].text.strip() and placed[-1].text.strip())
    whole = strip.kind == "tabs" and not strip.layout.padded
    if strip.kind == "grid" or whole or not any(c.text.strip() for c in placed):
        return False
    return not placed[-1].text.strip() or (strip.kind == "spaces" and not all(c.text.strip() for c in placed))


def _windows(strip: Strip, cells: Sequence[Cell]) -> list[list[Cell]]:
    """Read a row with blanks to spare: every choice of cells that holds all that is printed."""
    n = len(strip.fields)
    if strip.kind == "line" or (strip.kind == "spaces"):
        return []
    surplus = len(cells) - n
    windows = [list(cells[i : i + n]) for i in range(surplus + 1)]
    if 0 < surplus <= SURPLUS and len(core_of(cells)) >= n:  # a blank within the row may be the rest of a merged cell
        windows = [list(kept) for kept in combinations(cells, n)]
    printed = sum(bool(c.text.strip()) for c in cells)
    return [w for w in windows if sum(bool(c.text.strip()) for c in w) == printed]


def spreads(tokens: Sequence[Cell], n: int) -> list[list[list[Cell]]]:
    """Return every way to spread printed numbers over n cells; where there are too many to weigh, none: some would choose falsely."""
    if len(tokens) < n and (comb(n, len(tokens)) > MOST_SPREADS or comb(sum(len(t.text) for t in tokens), n - len(tokens)) > MOST_CUTS):
        return []
    found = list(islice(_spread(tokens, n), MOST_READINGS + 1))
    return found if len(found) <= MOST_READINGS else []


def _spread(tokens: Sequence[Cell], n: int) -> Iterator[list[list[Cell]]]:
    """Yield the ways to spread printed numbers over n cells: as they are, some lost, glued ones parted, surplus ones dropped or joined."""
    q = len(tokens)
    if q == n:
        yield [[t] for t in tokens]
    elif q < n:
        for spots in combinations(range(n), q):
            held = dict(zip(spots, tokens, strict=True))
            yield [[held[i]] if i in held else [] for i in range(n)]
        yield from ([[t] for t in parted] for parted in _parted(tokens, n))
    elif q <= n + SURPLUS:
        yield from ([[t] for t in kept] for kept in combinations(tokens, n))
        yield from _joined(tokens, n)


def _parted(tokens: Sequence[Cell], n: int) -> Iterator[list[Cell]]:
    """Yield the ways to part glued digits so that n numbers result."""
    if not tokens:
        if n == 0:
            yield []
        return
    digits = tokens[0].text
    most = n - len(tokens) + 1 if re.fullmatch(r"\d+", digits) else 1
    for pieces in range(1, most + 1):
        for head in cuts(digits, pieces) if pieces > 1 else [[digits]]:
            for rest in _parted(tokens[1:], n - pieces):
                yield [*(replace(tokens[0], text=p) for p in head), *rest]


def cuts(digits: str, pieces: int) -> Iterator[list[str]]:
    """Yield the ways to cut a run of digits into whole numbers that do not begin with zero."""
    for cut in combinations(range(1, len(digits)), pieces - 1):
        parts = [digits[a:b] for a, b in zip((0, *cut), (*cut, len(digits)), strict=True)]
        if all(p == "0" or p[0] != "0" for p in parts):
            yield parts


def _joined(tokens: Sequence[Cell], n: int) -> Iterator[list[list[Cell]]]:
    """Yield the ways to join neighbouring digits, where a number was split over two cells."""
    for cut in combinations(range(1, len(tokens)), n - 1):
        groups = [list(tokens[a:b]) for a, b in zip((0, *cut), (*cut, len(tokens)), strict=True)]
        if all(len(g) == 1 or (all(re.fullmatch(r"\d+", t.text) for t in g) and g[0].text[0] != "0") for g in groups):
            yield groups


def _slots(strip: Strip, reading: list[list[Cell]]) -> Candidate:
    """Read each cell of one reading as a number of its field."""
    units = strip.head_units or ("",) * len(strip.fields)
    return tuple(_slot(f, cells, unit) for f, cells, unit in zip(strip.fields, reading, units, strict=True))


def _slot(field: Field, cells: list[Cell], head_unit: str) -> Slot:
    if not cells:
        return Slot(None, Status.UNCERTAIN, None, "")
    text = "".join(c.text for c in cells)
    number: Number = read_number(text, field.unit, field.signed, head_unit)
    texts = cells[0].alternatives if len(cells) == 1 else ()
    if field.signed and (bracketed := _BRACKETED.fullmatch(plain(text).strip())):  # bookkeepers write what is less so
        texts = (*texts, f"-{bracketed[1]}")
    others = [read_number(t, field.unit, field.signed, head_unit) for t in texts]
    return open_slot(cells[0], (number, *others)) or Slot(number.value, number.status, text, cells[0].where, number.unit)


def open_slot(cell: Cell, numbers: Sequence[Number]) -> Slot | None:
    """Read a cell whose shown text cannot be told as uncertain, with all that it can mean; None where all its texts say the same."""
    if len({(n.value, n.status) for n in numbers}) == 1:
        return None
    texts = zip((cell.text, *cell.alternatives, *[cell.text] * len(numbers)), numbers, strict=False)
    meant = [
        v for t, n in texts for v in (unitless(t) if n.status == Status.UNCERTAIN else () if n.status == Status.UNREADABLE else (n.value,))
    ]
    return Slot(None, Status.UNCERTAIN, cell.text, cell.where, "", tuple(dict.fromkeys(meant)) or (None,))


def _shifts(lines: list[Line], found: Found, rows: Sequence[Row]) -> list[Line]:
    """Mark the settled rows that stand where neither the heads nor any other row stands: they were read by order, not by place."""
    places = {i: tuple(map(_column, line.candidates[0])) for i, line in enumerate(lines) if line.settled and not line.reason}
    counts = Counter(places.values())
    if found.table.across or not counts or counts.most_common(1)[0][1] == 1:
        return lines
    heads = {tuple(x0 + 1 for x0, _ in s.pattern) for s in found.strips if s.pattern}
    alone = {i for i, p in places.items() if counts[p] == 1 and p not in heads and _leads(lines[i], rows[lines[i].row])}
    return [replace(line, reason="shifted") if i in alone else line for i, line in enumerate(lines)]


def _leads(line: Line, row: Row) -> bool:
    """Say whether a row parted by tabs begins with its own label; a merged label before it explains another place."""
    first = next((c.text for c in row.cells if c.text.strip()), "")
    return row.kind == "tabs" and squeeze(first) == line.label


def _column(slot: Slot) -> int:
    """Return the number of the column that a place names."""
    named = re.search(r" c(\d+)$", slot.where)
    return int(named.group(1)) if named else 0
