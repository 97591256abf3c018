"""What labels lead to: for each row of the form, the printed cells that it may be read from."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from gongkai.core.model import Cell, Field, Group, Identity, Row, Table
from gongkai.core.text import is_value, label_key
from gongkai.extract.alignment.columns import Pattern

LONGEST_LABEL = 160
# One row or two may be too long or too short by mistake.
_FEWEST_ODD = 3


@dataclass(frozen=True, slots=True)
class Layout:
    """How long the rows of a table are: the column in which most end, 0 where that is not known, and whether short ones are filled up."""

    end: int = 0
    padded: bool = True


@dataclass(frozen=True, slots=True)
class Strip:
    """One row of the form as the document may print it: its own cells after the label, and the values on the lines that follow."""

    fields: tuple[Field, ...]
    label: str | None
    row: int
    kind: str
    own: tuple[Cell, ...]
    more: tuple[tuple[int, Cell], ...] = ()
    pattern: Pattern | None = None
    head_units: tuple[str, ...] = ()
    nameless: bool = False
    reason: str = ""
    sums: tuple[Identity, ...] = ()
    layout: Layout = Layout()

    @property
    def item(self) -> str:
        return self.fields[0].item


@dataclass(frozen=True, slots=True)
class Found:
    """What the document prints of one table: its strips, its span of rows, and the numbered rows that nobody claims."""

    table: Table
    strips: tuple[Strip, ...]
    span: tuple[int, int]
    reordered: tuple[Group, ...] = ()
    strays: tuple[int, ...] = ()


def layouts_of(rows: Sequence[Row]) -> Mapping[int, Layout]:
    """Learn how long the rows of each table are; where many have another length than most, nothing was put in place of merged cells."""
    ends: dict[int, list[int]] = defaultdict(list)
    for row in rows:
        if row.kind in ("grid", "tabs") and len(row.cells) > 1:
            ends[row.table].append(row.cells[-1].x1)
    most = {table: min(Counter(found).items(), key=lambda pair: (-pair[1], pair[0])) for table, found in ends.items()}
    padded = all(len(ends[table]) - n < _FEWEST_ODD for table, (_, n) in most.items())
    return {table: Layout(end if padded and len(ends[table]) > 1 else 0, padded) for table, (end, _) in most.items()}


def key_of(cell: Cell) -> str:
    """Return the key of a cell that may be a label, and nothing for a value or a sentence."""
    return "" if len(cell.text) > LONGEST_LABEL or is_value(cell.text) else label_key(cell.text)


def until_label(cells: tuple[Cell, ...], known: frozenset[str]) -> tuple[Cell, ...]:
    """Cut a row off where another label of the form begins: there its line end was lost."""
    return cells[: next((i for i, c in enumerate(cells) if key_of(c) in known), len(cells))]
