"""For each row of the form, the printed cells that it may be read from (its strip), with their labels."""

from __future__ import annotations

from dataclasses import dataclass

from gongkai.core.model import Cell, Field, Group, Identity, Table
from gongkai.extract.alignment.columns import Pattern


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
    margin: float | None = None

    @property
    def item(self) -> str:
        return self.fields[0].item


@dataclass(frozen=True, slots=True)
class Found:
    """What the document prints of one table: its strips, its span of rows, and the numbered rows that nobody claims.

    ``open`` are rows of the form to which values may belong that are not read as theirs.
    """

    table: Table
    strips: tuple[Strip, ...]
    span: tuple[int, int]
    reordered: tuple[Group, ...] = ()
    strays: tuple[int, ...] = ()
    open: tuple[Strip, ...] = ()
