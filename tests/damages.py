"""Every kind of damage as a strategy: for a printed form, the ways in which that damage can befall it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from hypothesis import strategies as st
from strategies import LAYOUTS, MARKS, UNMARKED, Edition, Filled, Printing, filled, printings

from gongkai.synthetic import damages as damage
from gongkai.synthetic import defaced
from gongkai.synthetic.damages import Damaged
from gongkai.synthetic.writers import Sheets

GRIDS = ("html", "docx", "xlsx")
NOTES = ("注：本表数据由县政府信息公开办公室汇总，共12项。", "— 5 —", "第 5 页 共 9 页", "7")


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
    damages: Callable[[st.DrawFn, Filled, Printing, Sheets], Damaged]
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
    return Case(values, printing, sheets, kind.damages(draw, values, printing, sheets))


def rows_below(edition: Edition) -> tuple[str, ...]:
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


def deleted(draw: st.DrawFn, values: Filled, printing: Printing, sheets: Sheets) -> Damaged:
    """Delete any row but one that others may replace: then nobody can say which of them is not there."""
    return damage.delete_row(sheets, draw(st.sampled_from([r for r in values.edition.rows if not values.edition.is_alternative(r)])))


def doubled(draw: st.DrawFn, values: Filled, printing: Printing, sheets: Sheets) -> Damaged:
    return damage.double_row(sheets, draw(st.sampled_from(values.edition.rows)))


def swapped(draw: st.DrawFn, values: Filled, printing: Printing, sheets: Sheets) -> Damaged:
    """Swap two rows under the same heads."""
    groups = [(t.code, g.items) for t in values.edition.form.tables.values() for g in t.groups if len(g.items) > 1 and not t.across]
    table, items = draw(st.sampled_from(groups))
    one, other = draw(st.lists(st.sampled_from(items), min_size=2, max_size=2, unique=True))
    return damage.swap_rows(sheets, f"{table}/{one}", f"{table}/{other}")


def spilled(draw: st.DrawFn, values: Filled, printing: Printing, sheets: Sheets) -> Damaged:
    """One cell too many: a zero, or a copy of a neighbour."""
    row = draw(st.sampled_from(values.edition.rows))
    texts = texts_of(sheets, row)
    at = draw(st.integers(0, len(texts)))
    return damage.spill(sheets, row, at, draw(st.sampled_from(("0", texts[min(at, len(texts) - 1)]))))


def glued(draw: st.DrawFn, values: Filled, printing: Printing, sheets: Sheets, between: str = "", wide: bool = False) -> Damaged:
    row = draw(st.sampled_from(long_rows(values, printing, sheets)))
    return damage.glue(sheets, row, draw(st.integers(0, len(texts_of(sheets, row)) - 2)), 2, between, wide)


def glued_all(draw: st.DrawFn, values: Filled, printing: Printing, sheets: Sheets, between: str = "") -> Damaged:
    row = draw(st.sampled_from(long_rows(values, printing, sheets)))
    return damage.glue(sheets, row, 0, len(texts_of(sheets, row)), between)


def split(draw: st.DrawFn, values: Filled, printing: Printing, sheets: Sheets) -> Damaged:
    long = [box for box in damage.numbers(sheets) if box.text.isdigit() and len(box.text) > 1]
    if not long:
        return Damaged(sheets)
    box = draw(st.sampled_from(long))
    return damage.split_number(sheets, box.path, draw(st.integers(1, len(box.text) - 1)))


def mistaken(draw: st.DrawFn, values: Filled, printing: Printing, sheets: Sheets) -> Damaged:
    """Print a wrong part or total where an identity can tell."""
    tied = sorted({f.path for i in values.edition.identities for f in i.terms})
    path = draw(st.sampled_from(tied))
    wrong = draw(st.one_of(st.integers(0, 9), st.integers(0, 400)).filter(lambda n: n != values[path]))
    return damage.misprint(sheets, path, str(wrong))


def without_zeros(instead: str) -> Callable[[st.DrawFn, Filled, Printing, Sheets], Damaged]:
    def left(draw: st.DrawFn, values: Filled, printing: Printing, sheets: Sheets) -> Damaged:
        return damage.leave_zeros(sheets, draw(st.sets(st.sampled_from(sorted(sheets)), min_size=1)), instead)

    return left


def columns_swapped(draw: st.DrawFn, values: Filled, printing: Printing, sheets: Sheets) -> Damaged:
    form = values.edition.form
    groups = [(t.code, g.measures) for t in form.tables.values() for g in t.groups if len(g.measures) > 1]
    table, measures = draw(st.sampled_from(groups))
    one, other = draw(st.lists(st.sampled_from(measures), min_size=2, max_size=2, unique=True))
    moved = printing.sheets(values, defaced.swap_columns(form, table, one, other))
    return Damaged(moved, codes=("column_order", "uncertain", "realigned"))


def interrupted(inside: bool) -> Callable[[st.DrawFn, Filled, Printing, Sheets], Damaged]:
    def between(draw: st.DrawFn, values: Filled, printing: Printing, sheets: Sheets) -> Damaged:
        return defaced.interrupt(sheets, draw(st.sampled_from(rows_below(values.edition))), draw(st.sampled_from(NOTES)), inside)

    return between


def page_broken(draw: st.DrawFn, values: Filled, printing: Printing, sheets: Sheets) -> Damaged:
    row, mark = draw(st.sampled_from(rows_below(values.edition))), draw(st.sampled_from(NOTES[1:3]))
    return defaced.break_page(sheets, row, mark, draw(st.booleans()))


def row_broken(draw: st.DrawFn, values: Filled, printing: Printing, sheets: Sheets) -> Damaged:
    row = draw(st.sampled_from(rows_below(values.edition)))
    letters = draw(st.integers(1, len(defaced.label_of(sheets, row)) - 1))
    return defaced.break_row(sheets, row, letters, draw(st.sampled_from(NOTES[1:3])), draw(st.booleans()))


def label_cut(draw: st.DrawFn, values: Filled, printing: Printing, sheets: Sheets) -> Damaged:
    return defaced.cut_label(sheets, draw(st.sampled_from(rows_below(values.edition))), draw(st.integers(4, 8)))


def label_misprinted(draw: st.DrawFn, values: Filled, printing: Printing, sheets: Sheets) -> Damaged:
    row = draw(st.sampled_from(rows_below(values.edition)))
    at = draw(st.integers(0, len(defaced.label_of(sheets, row)) - 1))
    return defaced.misprint_label(sheets, row, at, draw(st.sampled_from("口木日容")))


def label_lost(draw: st.DrawFn, values: Filled, printing: Printing, sheets: Sheets) -> Damaged:
    return defaced.lose_label(sheets, draw(st.sampled_from(rows_below(values.edition))))


def skewed(draw: st.DrawFn, values: Filled, printing: Printing, sheets: Sheets) -> Damaged:
    return defaced.skew_heads(sheets, draw(st.sampled_from(sorted(sheets))), draw(st.integers(1, 9)))


def with_neighbour(draw: st.DrawFn, values: Filled, printing: Printing, sheets: Sheets) -> Damaged:
    return defaced.stand_beside(sheets, draw(st.sampled_from(sorted(sheets))), after=draw(st.booleans()))


def headless(draw: st.DrawFn, values: Filled, printing: Printing, sheets: Sheets) -> Damaged:
    return defaced.lose_heads(sheets, draw(st.sampled_from(sorted(sheets))))


def renumbered(draw: st.DrawFn, values: Filled, printing: Printing, sheets: Sheets) -> Damaged:
    return defaced.renumber(sheets, draw(st.sampled_from(defaced.NUMBERINGS)))


def on_sheets(change: Callable[[Sheets], Damaged]) -> Callable[[st.DrawFn, Filled, Printing, Sheets], Damaged]:
    """A damage that there is only one way to do."""
    return lambda draw, values, printing, sheets: change(sheets)


# In a sheet the cells after a glued one do not move up; elsewhere one cell as wide as two is a number beside a blank.
_MOVES = tuple(layout for layout in LAYOUTS if layout != "xlsx")
_SPANS = (*GRIDS, "boxes", *UNMARKED)

KINDS = (
    Kind("none", on_sheets(Damaged)),
    Kind("row deleted", deleted),
    Kind("row doubled", doubled),
    Kind("rows swapped", swapped),
    Kind("value spilled", spilled),
    Kind("two glued", glued, _MOVES),
    Kind("two glued, wide", lambda *given: glued(*given, wide=True), _SPANS),
    Kind("two glued, space", lambda *given: glued(*given, between=" "), _MOVES),
    Kind("all glued", glued_all, _MOVES),
    Kind("all glued, spaces", lambda *given: glued_all(*given, between=" "), _MOVES),
    Kind("number split", split),
    Kind("number wrong", mistaken),
    Kind("zeros blank", without_zeros("")),
    *(Kind(f"zeros {mark}", without_zeros(mark)) for mark in MARKS[:3]),
    Kind("columns swapped", columns_swapped, tuple(layout for layout in LAYOUTS if layout != "chopped")),
    Kind("note between", interrupted(inside=False)),
    Kind("note inside", interrupted(inside=True)),
    Kind("page broken", page_broken),
    Kind("row broken", row_broken),
    Kind("thousands", on_sheets(damage.group_thousands)),
    Kind("full width", on_sheets(damage.widen)),
    Kind("units", lambda draw, values, printing, sheets: damage.add_units(values.edition.form, sheets)),
    Kind("heads skewed", skewed, GRIDS),
    Kind("foreign table", with_neighbour),
    Kind("label cut", label_cut),
    Kind("label misprinted", label_misprinted),
    Kind("label lost", label_lost),
    Kind("merged labels gone", on_sheets(defaced.drop_merged)),
    Kind("merged labels blank", on_sheets(lambda sheets: defaced.drop_merged(sheets, keep_place=True))),
    Kind("merged labels repeated", on_sheets(defaced.repeat_merged)),
    Kind("heads explained", on_sheets(defaced.explain_heads)),
    Kind("heads upright", on_sheets(lambda sheets: defaced.set_upright(sheets, "review")), ("tabs", "spaces", "single", "html", "docx")),
    Kind("heads lost", headless),
    Kind("traditional", on_sheets(Damaged), tuple(layout for layout in LAYOUTS if layout not in ("docx", "xlsx")), traditional=True),
    Kind("pinyin", on_sheets(defaced.add_pinyin)),
    Kind("numbering", renumbered),
)
NAMED: Mapping[str, Kind] = {kind.name: kind for kind in KINDS}
