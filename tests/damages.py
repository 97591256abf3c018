"""Every kind of damage of a printed form as hypothesis draws it: those of simulated reports, and those that only tests do."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

import defacing
from hypothesis import strategies as st
from strategies import LAYOUTS, UNMARKED, Edition, Filled, Printing, filled, printings

from gongkai.synthetic import damage_kinds
from gongkai.synthetic import damages as damage
from gongkai.synthetic.damage_kinds import DAMAGES, MARKS, PAGE_MARKS, Chance
from gongkai.synthetic.damages import Damaged
from gongkai.synthetic.defaced import drop_merged, label_of
from gongkai.synthetic.writers import Sheets

GRIDS = ("html", "docx", "xlsx")


@dataclass(frozen=True, repr=False)
class Case:
    """A printed form with one damage."""

    values: Filled
    printing: Printing
    sheets: Sheets
    damaged: Damaged

    @property
    def edition(self) -> Edition:
        return self.values.edition

    def document(self) -> bytes:
        return self.printing.document(self.edition, self.damaged.sheets)

    def __repr__(self) -> str:
        before = Counter(line for sheet in self.sheets.values() for line in sheet)
        after = Counter(line for sheet in self.damaged.sheets.values() for line in sheet)
        changed = [[box.text for box in line] for line in after - before]
        return f"{self.edition}, {self.printing.layout}, page {self.printing.page}: {changed[:4]}, in {self.values}"

    def _repr_pretty_(self, printer: object, cycle: bool) -> None:
        printer.text(repr(self))  # type: ignore[attr-defined]


@dataclass(frozen=True)
class Kind:
    """One kind of damage and the layouts in which it can be told from something else."""

    name: str
    damages: Callable[[Drawn], Damaged]
    layouts: tuple[str, ...] = LAYOUTS
    traditional: bool = False

    def __str__(self) -> str:
        return self.name


@st.composite
def cases(draw: st.DrawFn, kind: Kind, layout: str, edition: Edition) -> Case:
    values, printing = draw(filled(edition)), draw(printings((layout,), edition))
    if kind.traditional:
        printing = Printing(layout, printing.page, style=printing.style, story=printing.story, traditional=True)
    sheets = printing.sheets(values)
    return Case(values, printing, sheets, kind.damages(Drawn(draw, values, printing, sheets)))


def labelled_rows(edition: Edition) -> tuple[str, ...]:
    """Return the rows that have a label of their own."""
    return tuple(r for r in edition.rows if not edition.form.tables[r.split("/")[0]].across)


def texts_of(sheets: Sheets, row: str) -> list[str]:
    """Return the texts of a row's official cells."""
    return [box.text for line in sheets[row.split("/")[0]] for box in line if box.path.startswith(f"{row}/")]


def long_rows(values: Filled, printing: Printing, sheets: Sheets) -> list[str]:
    """Return the rows with several values; where rows end in blank fields anyway, those of which an identity knows the length."""
    tied = {f"{f.table}/{f.item}" for i in values.edition.identities for f in i.terms}
    rows = [r for r in values.edition.rows if len(texts_of(sheets, r)) > 1]
    return [r for r in rows if r in tied or printing.layout != "crawled"]


class Drawn(Chance):
    """Picks whatever hypothesis draws: every row, every way to do a damage, several tables at once."""

    notes = ("注：本表数据由县政府信息公开办公室汇总，共12项。", *PAGE_MARKS, "7")

    def __init__(self, draw: st.DrawFn, values: Filled, printing: Printing, sheets: Sheets) -> None:
        self.draw, self.values, self.printing, self.sheets = draw, values, printing, sheets
        self.form = values.edition.form

    def one(self, choices: Sequence[Any]) -> Any:
        return self.draw(st.sampled_from(choices))

    def two(self, choices: Sequence[Any]) -> Sequence[Any]:
        return self.draw(st.lists(st.sampled_from(choices), min_size=2, max_size=2, unique=True))

    def number(self, low: int, high: int) -> int:
        return self.draw(st.integers(low, high))

    def usual(self, usual: Any, *others: Any) -> Any:
        return self.one((usual, *others))

    def tables(self) -> Collection[str]:
        return self.draw(st.sets(st.sampled_from(sorted(self.sheets)), min_size=1))

    def table(self) -> str:
        return str(self.one(sorted(self.sheets)))

    def rows(self, kind: str) -> Sequence[str]:
        """Return every row, also of a table that lies on its side, unless the damage needs another kind.

        A row that others may replace is not ``droppable``: nobody can say which of them is then not there.
        """
        edition = self.values.edition
        if kind == "labelled":
            return labelled_rows(edition)
        if kind == "summed":
            return long_rows(self.values, self.printing, self.sheets)
        return [r for r in edition.rows if kind == "any" or not edition.is_alternative(r)]

    def letter(self, row: str) -> int:
        return self.number(0, len(label_of(self.sheets, row)) - 1)

    def wrong(self, printed: str) -> str:
        number = st.one_of(st.integers(0, 9), st.integers(0, 400))
        return str(self.draw(number.filter(lambda n: str(n) != printed)))


def glued_all(c: Drawn, between: str = "") -> Damaged:
    row = c.row("summed")
    return damage.glue(c.sheets, row, 0, len(c.texts(row)), between)


def spilled_anywhere(c: Drawn) -> Damaged:
    """One cell too many in any row, also in one whose length no sum tells."""
    row = c.row("any")
    texts = c.texts(row)
    at = c.number(0, len(texts))
    return damage.spill(c.sheets, row, at, c.one(("0", texts[min(at, len(texts) - 1)])))


def columns_swapped(c: Drawn) -> Damaged:
    groups = [(t.code, g.measures) for t in c.form.tables.values() for g in t.groups if len(g.measures) > 1]
    table, measures = c.one(groups)
    moved = c.printing.sheets(c.values, defacing.swap_columns(c.form, table, *c.two(measures)))
    return Damaged(moved, codes=("column_order", "uncertain", "realigned"))


# In a sheet the cells after a glued one do not move up; elsewhere one cell as wide as two is a number beside a blank.
_MOVES = tuple(layout for layout in LAYOUTS if layout != "xlsx")
_SPANS = (*GRIDS, "boxes", *UNMARKED)
# Where a damage of the common table looks like something else in a layout, the others.
_LAYOUTS = {"glued": _MOVES, "cell_lost": tuple(x for x in _MOVES if x != "spaces"), "cell_added": _MOVES,
            "second_tables": tuple(x for x in LAYOUTS if x != "chopped")}  # fmt: skip
# New kinds stand at the end, so that the editions in which the others are tried stay the same.
_NEW = ("labels_torn", "heads_flat", "stranger_added", "second_tables", "cell_lost", "cell_added")

KINDS = (
    Kind("none", lambda c: Damaged(c.sheets)),
    *(Kind(name, make, _LAYOUTS.get(name, LAYOUTS)) for name, make in DAMAGES.items() if name not in _NEW),
    Kind("glued, wide", lambda c: damage_kinds.glued(c, wide=True), _SPANS),
    Kind("glued, space", lambda c: damage_kinds.glued(c, between=" "), _MOVES),
    *(Kind(f"zeros {mark}", partial(damage_kinds.zeros_as, mark=mark)) for mark in MARKS),
    Kind("noted inside", partial(damage_kinds.interrupted, inside=True)),
    Kind("merged labels blank", lambda c: drop_merged(c.sheets, keep_place=True)),
    Kind("all glued", glued_all, _MOVES),
    Kind("all glued, spaces", lambda c: glued_all(c, between=" "), _MOVES),
    Kind("spilled anywhere", spilled_anywhere),
    Kind("misprinted", damage_kinds.misprinted),
    Kind("columns swapped", columns_swapped, tuple(layout for layout in LAYOUTS if layout != "chopped")),
    Kind("heads skewed", lambda c: defacing.skew_heads(c.sheets, c.table(), c.number(1, 9)), GRIDS),
    Kind("foreign table", lambda c: defacing.stand_beside(c.sheets, c.table(), after=c.one((True, False)))),
    Kind("label cut", lambda c: defacing.cut_label(c.sheets, c.row(), c.number(4, 8))),
    Kind("label lost", lambda c: defacing.lose_label(c.sheets, c.row())),
    Kind("heads explained", lambda c: defacing.explain_heads(c.sheets)),
    Kind("heads upright", lambda c: defacing.set_upright(c.sheets, "review"), ("tabs", "spaces", "single", "html", "docx")),
    Kind("heads lost", lambda c: defacing.lose_heads(c.sheets, c.table())),
    Kind("traditional", lambda c: Damaged(c.sheets), tuple(x for x in LAYOUTS if x not in ("docx", "xlsx")), traditional=True),
    Kind("pinyin", lambda c: defacing.add_pinyin(c.sheets)),
    *(Kind(name, DAMAGES[name], _LAYOUTS.get(name, LAYOUTS)) for name in _NEW),
)
NAMED: Mapping[str, Kind] = {kind.name: kind for kind in KINDS}
