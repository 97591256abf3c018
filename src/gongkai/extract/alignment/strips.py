"""For each row of the form, the printed cells that it may be read from (its strip), with their labels."""

from __future__ import annotations

from dataclasses import dataclass

from gongkai.core.model import Cell, Field, Group, Identity, Table
from gongkai.core.text import is_value, label_key
from gongkai.extract.alignment.columns import Pattern

LONGEST_LABEL = 160


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


def key_of(cell: Cell) -> str:
    """Return the key of a cell that may be a label, and nothing for a value or a sentence."""
    return "" if len(cell.text) > LONGEST_LABEL or is_value(cell.text) else label_key(cell.text)


def until_label(cells: tuple[Cell, ...], known: frozenset[str]) -> tuple[Cell, ...]:
    """Cut a row off where another label of the form begins: there its line end was lost."""
    return cells[: next((i for i, c in enumerate(cells) if key_of(c) in known), len(cells))]
