"""What befalls a printed report: a misprint of the authority, or one damage on the way, drawn from the mix."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from gongkai.core.model import Form
from gongkai.synthetic import damages as damage
from gongkai.synthetic import defaced
from gongkai.synthetic.damages import Damaged
from gongkai.synthetic.history import settings
from gongkai.synthetic.writers import Sheets

if TYPE_CHECKING:
    import numpy as np

NOTES = ("— 5 —", "第 5 页 共 9 页")


def drawn(rng: np.random.Generator, weights: Mapping[str, float]) -> str:
    """Draw a name by its weight."""
    given = list(weights.values())
    return str(rng.choice(list(weights), p=[w / sum(given) for w in given]))


def befall(rng: np.random.Generator, chosen: str, form: Form, sheets: Sheets) -> Damaged:
    """Let most documents be whole, some suffer a damage that their layout does not hide, and a few carry the authority's own misprint."""
    known, kinds = settings()["printing"], settings()["damages"]
    fate = rng.random()
    if fate < known["damaged"]:
        kind = drawn(rng, {name: d["weight"] for name, d in kinds.items() if chosen not in d.get("not", ())})
        return DAMAGES[kind](Chance(rng, form, sheets))
    return _misprinted(rng, form, sheets) if fate < known["damaged"] + known["misprinted"] else Damaged(sheets)


def _misprinted(rng: np.random.Generator, form: Form, sheets: Sheets) -> Damaged:
    """Let the authority print another number in a sum; it is kept."""
    tied = sorted({f.path for identity in form.identities for f in identity.terms})
    path = tied[rng.integers(len(tied))]
    table, line, at = damage.find_cell(sheets, path)
    return damage.misprint(sheets, path, str(int(sheets[table][line][at].text) + int(rng.integers(1, 10))))


class Chance:
    """What chance picks of one form."""

    def __init__(self, rng: np.random.Generator, form: Form, sheets: Sheets) -> None:
        self.rng, self.form, self.sheets = rng, form, sheets

    def one(self, choices: Sequence[Any]) -> Any:
        return choices[int(self.rng.integers(len(choices)))]

    def row(self, summed: bool = False) -> str:
        """A row with a label of its own; ``summed``: one whose length its sums know."""
        tied = {(f.table, f.item) for identity in self.form.identities for f in identity.terms}
        across = {t.code for t in self.form.tables.values() if t.across}
        rows = {
            f"{f.table}/{f.item}": None for f in self.form.fields if f.table not in across and (not summed or (f.table, f.item) in tied)
        }
        return str(self.one(list(rows)))

    def width(self, row: str) -> int:
        return sum(f"{f.table}/{f.item}" == row for f in self.form.fields)

    def label(self, row: str) -> int:
        return int(self.rng.integers(1, len(defaced.label_of(self.sheets, row))))


def _swapped(c: Chance) -> Damaged:
    groups = [(t.code, g.items) for t in c.form.tables.values() for g in t.groups if len(g.items) > 1 and not t.across]
    table, items = c.one(groups)
    one, other = c.rng.choice(len(items), 2, replace=False)
    return damage.swap_rows(c.sheets, f"{table}/{items[one]}", f"{table}/{items[other]}")


def _glued(c: Chance) -> Damaged:
    row = c.row(summed=True)
    return damage.glue(c.sheets, row, int(c.rng.integers(c.width(row) - 1)))


def _split(c: Chance) -> Damaged:
    long = [box for box in damage.numbers(c.sheets) if box.text.isdigit() and len(box.text) > 1]
    return damage.split_number(c.sheets, c.one(long).path) if long else Damaged(c.sheets)


def _spilled(c: Chance) -> Damaged:
    row = c.row(summed=True)
    return damage.spill(c.sheets, row, int(c.rng.integers(c.width(row) + 1)))


def _row_broken(c: Chance) -> Damaged:
    row = c.row()
    return defaced.break_row(c.sheets, row, c.label(row), c.one(NOTES), c.one((True, False)))


def _label_misprinted(c: Chance) -> Damaged:
    row = c.row()
    return defaced.misprint_label(c.sheets, row, c.label(row), c.one("口木日容"))


DAMAGES: Mapping[str, Callable[[Chance], Damaged]] = {
    "deleted": lambda c: damage.delete_row(c.sheets, c.row()),
    "doubled": lambda c: damage.double_row(c.sheets, c.row()),
    "swapped": _swapped,
    "spilled": _spilled,
    "glued": _glued,
    "split": _split,
    "blank_zeros": lambda c: damage.leave_zeros(c.sheets, [c.one(sorted(c.sheets))]),
    "dash_zeros": lambda c: damage.leave_zeros(c.sheets, [c.one(sorted(c.sheets))], c.one(("—", "/", "无"))),
    "noted": lambda c: defaced.interrupt(c.sheets, c.row(), c.one(NOTES), c.one((True, False))),
    "page_broken": lambda c: defaced.break_page(c.sheets, c.row(), c.one(NOTES), c.one((True, False))),
    "row_broken": _row_broken,
    "label_misprinted": _label_misprinted,
    "unmerged": lambda c: defaced.drop_merged(c.sheets, c.one((True, False))),
    "repeated": lambda c: defaced.repeat_merged(c.sheets),
    "thousands": lambda c: damage.group_thousands(c.sheets),
    "wide": lambda c: damage.widen(c.sheets),
    "units": lambda c: damage.add_units(c.form, c.sheets),
    "numbered": lambda c: defaced.renumber(c.sheets, c.one(defaced.NUMBERINGS)),
}
