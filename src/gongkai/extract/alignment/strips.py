"""For each row of the form, the printed cells that it may be read from (its strip), with their labels."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from gongkai.core.model import Cell, Field, Group, Identity, Row, Table
from gongkai.extract.alignment.columns import Pattern

# One row or two may be too long or too short by mistake.
FEWEST_ODD = 3


@dataclass(frozen=True, slots=True)
class Layout:
    """How long the rows of a table are: the column in which most end, 0 where that is not known, and whether short ones are filled up."""

    end: int = 0
    padded: bool = True


@dataclass(frozen=True, slots=True)
class Strip:
    """One row of the form as the document may print it: its own cells after the label, and the values on the lines that follow.

    ``filled_up`` says that its last cell is empty, and no other row's: a cell may have been lost before. ``rest`` is how many empty cells
    a label that is merged over several columns may leave behind it; ``open_end`` says that numbers of another row may follow its own;
    ``spare`` whether there is an empty cell besides all its values, where each stands on a line of its own; ``astray`` whether many rows
    of its table print outside their columns.
    """

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
    layout: Layout = Layout()
    filled_up: bool = False
    rest: int = 0
    open_end: bool = False
    spare: bool | None = None
    astray: bool = False

    @property
    def begins_with_rest(self) -> bool:
        """Whether its first cell may be no value but what a merged label leaves, in a row that then lacks a value."""
        cells = self.own
        short = self.kind == "tabs" and not self.layout.padded and len(cells) == len(self.fields) > 1
        return short and self.rest > 0 and not cells[0].text.strip() and any(c.text.strip() for c in cells)

    @property
    def item(self) -> str:
        return self.fields[0].item

    @property
    def measures(self) -> tuple[str, ...]:
        return tuple(f.measure for f in self.fields)

    @property
    def columns(self) -> list[Cell]:
        """The cells that stand in the columns of the row's fields, or all of its cells where no columns are known."""
        places = {(c.x0, c.x1): c for c in self.own}
        return [places[p] for p in self.pattern if p in places] if self.pattern else list(self.own)

    @property
    def ends_blank(self) -> bool:
        """Whether the last cell of a row that prints something is empty, where separators part cells and short rows are filled up."""
        filled = [bool(c.text.strip()) for c in self.columns]
        whole = len(filled) == len(self.fields) > 1
        return self.kind == "tabs" and self.layout.padded and whole and any(filled) and not filled[-1]


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


def layouts_of(rows: Sequence[Row]) -> Mapping[int, Layout]:
    """Learn how long the rows of each table are; where many have another length than most, nothing was put in place of merged cells.

    One program wrote all the tables of a text, and treated them alike.
    """
    ends: dict[tuple[str, int], list[int]] = defaultdict(list)
    for row in rows:
        if row.kind in ("grid", "tabs") and len(row.cells) > 1:
            ends[row.kind, row.table].append(row.cells[-1].x1)
    most = {key: min(Counter(found).items(), key=lambda pair: (-pair[1], pair[0])) for key, found in ends.items()}
    ragged = {key for key, (_, n) in most.items() if len(ends[key]) - n >= FEWEST_ODD}
    text = any(kind == "tabs" for kind, _ in ragged)
    unpadded = {(kind, table) for kind, table in most if (text if kind == "tabs" else (kind, table) in ragged)}
    return {key[1]: Layout(0 if key in unpadded or len(ends[key]) < 2 else end, key not in unpadded) for key, (end, _) in most.items()}
