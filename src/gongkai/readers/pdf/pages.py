"""Pages of characters and rules -> rows and lines in reading order."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import chain, groupby

from gongkai.core.model import Cell, Row
from gongkai.core.text import is_page_mark
from gongkai.readers.glyphs import Glyph, lines_of, noted
from gongkai.readers.limits import Tally
from gongkai.readers.pdf.lattice import Rule, find_tables
from gongkai.readers.pdf.ruled import Part, continues, parts_of, table_rows
from gongkai.readers.pdf.spaced import SpacedLine, arranged, parted
from gongkai.readers.pdf.struck import struck

_SNAP, _SNAP_EM = 2.0, 0.35
_SHORT = 40
_UNITS = 2
_MARGIN, _OFTEN, _LEVEL = 3, 0.6, 3.0


@dataclass(frozen=True, slots=True)
class Page:
    """One page: its characters, its horizontal and vertical rules and slanted lines, in points from its upper left corner.

    ``unseen`` counts the characters that it writes without paint.
    """

    glyphs: tuple[Glyph, ...]
    across: tuple[Rule, ...]
    down: tuple[Rule, ...]
    slanted: tuple[tuple[float, float, float, float], ...] = ()
    unseen: int = 0


Block = Part | SpacedLine


def rows_of(pages: Sequence[Page]) -> Iterator[Row]:
    """Turn pages into rows and lines in reading order."""
    crossings = Tally("pdf_all_crossings")
    blocks = _without_running([_blocks(page, number, crossings) for number, page in enumerate(pages, 1)])
    chains = _chains(blocks)
    tables = 0
    lines: Counter[int] = Counter()
    for block in _arranged(chain.from_iterable(blocks)):
        if isinstance(block, SpacedLine):
            lines[block.page] += 1
            yield _line_row(block, f"p{block.page} line {lines[block.page]}")
        elif id(block) in chains:
            tables += 1
            yield from table_rows(chains[id(block)], tables)


def _blocks(page: Page, number: int, crossings: Tally) -> list[Block]:
    """Return the tables and lines of a page from top to bottom."""
    sizes = sorted(g.size for g in page.glyphs)
    snap = max(_SNAP, _SNAP_EM * sizes[len(sizes) // 2]) if sizes else _SNAP
    glyphs, across = struck(list(noted(page.glyphs)), page.across, page.slanted)
    parts, outside = parts_of(number, find_tables(across, page.down, snap, crossings), glyphs)
    lines = (parted(line, number) for line in lines_of(outside))
    found: list[Block] = [*parts, *(line for line in lines if line.pieces)]
    return sorted(found, key=lambda b: b.y if isinstance(b, SpacedLine) else b.lattice.ys[0])


def _arranged(blocks: Iterable[Block]) -> Iterator[Block]:
    """Read the lines between ruled tables together, over page breaks too: a table without rules does not end there."""
    for ruled, some in groupby(blocks, key=lambda block: isinstance(block, Part)):
        if ruled:
            yield from some
        else:
            lines = [block for block in some if isinstance(block, SpacedLine)]
            marks = [line for line in lines if is_page_mark(line.text)]
            yield from sorted([*arranged([line for line in lines if not is_page_mark(line.text)]), *marks], key=lambda line: line.page)


def _without_running(pages: list[list[Block]]) -> list[list[Block]]:
    """Leave out the heads and feet that most pages repeat; they would stand in the middle of a sentence."""

    def key(line: SpacedLine) -> tuple[str, int]:
        return re.sub(r"\d+", "0", line.text), round(line.y / _LEVEL)

    edges = [[b for b in (*page[:_MARGIN], *page[-_MARGIN:]) if isinstance(b, SpacedLine) and not b.values] for page in pages]
    counted = Counter(k for edge in edges for k in {key(b) for b in edge})
    often = {k for k, n in counted.items() if n > 1 and n >= _OFTEN * len(pages) and not is_page_mark(k[0])}
    return [[b for b in page if not (isinstance(b, SpacedLine) and key(b) in often)] for page in pages]


def _chains(pages: Sequence[Sequence[Block]]) -> dict[int, list[Part]]:
    """Put together the parts of each table, under its first: a part that ends one page and one that begins the next."""
    chains: dict[int, list[Part]] = {}
    unfinished: list[Part] | None = None
    for page in pages:
        body = [b for b in page if isinstance(b, Part) or not is_page_mark(b.text)]
        parts: list[Part] | None = None
        for index, block in enumerate(body):
            parts = None
            if isinstance(block, Part) and index == 0 and unfinished and continues(unfinished[-1], block):
                parts = unfinished
                parts.append(block)
            elif isinstance(block, Part):
                parts = chains[id(block)] = [block]
        unfinished = parts
    return chains


def _line_row(line: SpacedLine, where: str) -> Row:
    """Turn a line into one cell, or into cells that wide gaps part, where they are no words of a sentence."""
    short = all(len(p.text) <= _SHORT and "。" not in p.text for p in line.pieces)
    if len(line.pieces) > 1 and (line.row or (short and len(line.pieces) > 2)):
        cells = (
            Cell(p.text, round(p.x0 * _UNITS), round(p.x1 * _UNITS), f"{where} c{i}", p.alternatives) for i, p in enumerate(line.pieces, 1)
        )
        return Row(tuple(cells), 0, "spaces")
    return Row((Cell(line.text, 0, 1, where),))
