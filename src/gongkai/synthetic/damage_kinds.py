"""The kinds of damage that a report can suffer on its way, in one table: simulated reports and the tests draw from it."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Collection, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from gongkai.core.model import Form
from gongkai.synthetic import damages as damage
from gongkai.synthetic import defaced, dispersed
from gongkai.synthetic.damages import Damaged
from gongkai.synthetic.history import settings
from gongkai.synthetic.writers import Sheets

if TYPE_CHECKING:
    import numpy as np

PAGE_MARKS = ("— 5 —", "第 5 页 共 9 页")
MARKS = ("—", "/", "无")
# Characters of about the shape that a bad scan puts in the place of another.
_MISREAD = "口木日容"


class Chance(ABC):
    """What is picked at random of one printed form: where a damage is done, and how."""

    form: Form
    sheets: Sheets
    notes: Sequence[str] = PAGE_MARKS

    @abstractmethod
    def one(self, choices: Sequence[Any]) -> Any:
        """Pick one of these."""

    @abstractmethod
    def two(self, choices: Sequence[Any]) -> Sequence[Any]:
        """Pick two different ones of these."""

    @abstractmethod
    def number(self, low: int, high: int) -> int:
        """Pick a whole number, both ends included."""

    @abstractmethod
    def usual(self, usual: Any, *others: Any) -> Any:
        """Pick the usual way to do a damage, or another one where all ways are wanted."""

    @abstractmethod
    def tables(self) -> Collection[str]:
        """Pick one or more tables."""

    def rows(self, kind: str) -> Sequence[str]:
        """Return the rows of a kind: ``any``; ``droppable``; ``labelled``, with a label beside it; ``summed``, whose length a sum tells.

        Rows of a table that lies on its side are columns there, and have no label beside them.
        """
        tied = {(f.table, f.item) for identity in self.form.identities for f in identity.terms}
        aside = {t.code for t in self.form.tables.values() if t.across}
        own = [f for f in self.form.fields if f.table not in aside and (kind != "summed" or (f.table, f.item) in tied)]
        return list(dict.fromkeys(f"{f.table}/{f.item}" for f in own))

    def row(self, kind: str = "labelled") -> str:
        return str(self.one(self.rows(kind)))

    def texts(self, row: str) -> list[str]:
        """Return the texts of a row's official cells."""
        return [box.text for line in self.sheets[row.split("/")[0]] for box in line if box.path.startswith(f"{row}/")]

    def letter(self, row: str) -> int:
        """Pick a character of a row's label, but the first."""
        return self.number(1, len(defaced.label_of(self.sheets, row)) - 1)

    def wrong(self, printed: str) -> str:
        """Pick another number than the one that is printed."""
        return str(int(printed) + self.number(1, 9))


class Seeded(Chance):
    """Picks with a generator of random numbers: the same seed, the same damage."""

    def __init__(self, rng: np.random.Generator, form: Form, sheets: Sheets) -> None:
        self.rng, self.form, self.sheets = rng, form, sheets

    def one(self, choices: Sequence[Any]) -> Any:
        return choices[int(self.rng.integers(len(choices)))]

    def two(self, choices: Sequence[Any]) -> Sequence[Any]:
        return [choices[at] for at in self.rng.choice(len(choices), 2, replace=False)]

    def number(self, low: int, high: int) -> int:
        return int(self.rng.integers(low, high + 1))

    def usual(self, usual: Any, *others: Any) -> Any:
        return usual

    def tables(self) -> Collection[str]:
        return [self.one(sorted(self.sheets))]


def draw_by_weight(rng: np.random.Generator, weights: Mapping[str, float]) -> str:
    """Draw a name by its weight."""
    given = list(weights.values())
    return str(rng.choice(list(weights), p=[w / sum(given) for w in given]))


def damage_or_misprint(rng: np.random.Generator, chosen: str, form: Form, sheets: Sheets) -> Damaged:
    """Leave most documents whole; damage some in a way that their layout does not hide, and let a few carry a misprint of the authority."""
    known, kinds = settings()["printing"], settings()["damages"]
    fate = rng.random()
    if fate < known["damaged"]:
        kind = draw_by_weight(rng, {name: d["weight"] for name, d in kinds.items() if chosen not in d.get("not", ())})
        return DAMAGES[kind](Seeded(rng, form, sheets))
    return misprinted(Seeded(rng, form, sheets)) if fate < known["damaged"] + known["misprinted"] else Damaged(sheets)


def misprinted(c: Chance) -> Damaged:
    """Let the authority print another number in a sum: what is printed is kept, and the sum is broken."""
    path = c.one(sorted({f.path for identity in c.form.identities for f in identity.terms}))
    table, line, at = damage.find_cell(c.sheets, path)
    return damage.misprint(c.sheets, path, c.wrong(c.sheets[table][line][at].text))


def swapped(c: Chance) -> Damaged:
    """Swap two rows under the same heads."""
    groups = [(t.code, g.items) for t in c.form.tables.values() for g in t.groups if len(g.items) > 1 and not t.across]
    table, items = c.one(groups)
    one, other = c.two(items)
    return damage.swap_rows(c.sheets, f"{table}/{one}", f"{table}/{other}")


def spilled(c: Chance) -> Damaged:
    """Print one cell too many: a zero, or a copy of a neighbour."""
    row = c.row("summed")
    texts = c.texts(row)
    at = c.number(0, len(texts))
    return damage.spill(c.sheets, row, at, c.usual("0", texts[min(at, len(texts) - 1)]))


def glued(c: Chance, between: str = "", wide: bool = False) -> Damaged:
    """Print two neighbouring numbers in one cell."""
    row = c.row("summed")
    return damage.glue(c.sheets, row, c.number(0, len(c.texts(row)) - 2), 2, between, wide)


def split(c: Chance) -> Damaged:
    """Print one number in two cells."""
    long = [box for box in damage.numbers(c.sheets) if box.text.isdigit() and len(box.text) > 1]
    if not long:
        return Damaged(c.sheets)
    box = c.one(long)
    return damage.split_number(c.sheets, box.path, c.usual(*range(1, len(box.text))))


def zeros_as(c: Chance, mark: str | None = None) -> Damaged:
    """Print a mark, or nothing, in the place of every zero of some tables."""
    tables = c.tables()
    return damage.leave_zeros(c.sheets, tables, c.one(MARKS) if mark is None else mark)


def interrupted(c: Chance, inside: bool | None = None) -> Damaged:
    """Let a line that is no row stand between two rows, or within a row's label."""
    row, note = c.row(), c.one(c.notes)
    return defaced.interrupt(c.sheets, row, note, c.one((True, False)) if inside is None else inside)


def page_broken(c: Chance) -> Damaged:
    return defaced.break_page(c.sheets, c.row(), c.one(PAGE_MARKS), c.one((True, False)))


def row_broken(c: Chance) -> Damaged:
    row = c.row()
    letters = c.number(1, len(defaced.label_of(c.sheets, row)) - 1)
    return defaced.break_row(c.sheets, row, letters, c.one(PAGE_MARKS), c.one((True, False)))


def label_misprinted(c: Chance) -> Damaged:
    row = c.row()
    return defaced.misprint_label(c.sheets, row, c.letter(row), c.one(_MISREAD))


def labels_torn(c: Chance) -> Damaged:
    """Part the labels of two to five rows from their numbers."""
    return dispersed.tear_labels(c.sheets, c.row(), c.number(2, 5))


def stranger_added(c: Chance) -> Damaged:
    """Print a row that is not on the form."""
    row = c.row()
    return dispersed.add_stranger(c.sheets, row, c.one(dispersed.STRANGERS), [str(c.number(0, 300)) for _ in c.texts(row)])


def cell_lost(c: Chance) -> Damaged:
    """Lose one cell of any row that has several."""
    row = c.row("summed")
    return dispersed.lose_cell(c.sheets, row, c.number(0, len(c.texts(row)) - 1))


def cell_added(c: Chance) -> Damaged:
    row = c.row()
    return dispersed.add_cell(c.sheets, row, c.number(0, len(c.texts(row))))


DAMAGES: Mapping[str, Callable[[Chance], Damaged]] = {
    "deleted": lambda c: damage.delete_row(c.sheets, c.row("droppable")),
    "doubled": lambda c: damage.double_row(c.sheets, c.row("any")),
    "swapped": swapped,
    "spilled": spilled,
    "glued": glued,
    "split": split,
    "blank_zeros": lambda c: zeros_as(c, ""),
    "dash_zeros": zeros_as,
    "noted": interrupted,
    "page_broken": page_broken,
    "row_broken": row_broken,
    "label_misprinted": label_misprinted,
    "unmerged": lambda c: defaced.drop_merged(c.sheets, c.one((True, False))),
    "repeated": lambda c: defaced.repeat_merged(c.sheets),
    "thousands": lambda c: damage.group_thousands(c.sheets),
    "wide": lambda c: damage.widen(c.sheets),
    "units": lambda c: damage.add_units(c.form, c.sheets),
    "numbered": lambda c: defaced.renumber(c.sheets, c.one(defaced.NUMBERINGS)),
    "labels_torn": labels_torn,
    "heads_flat": lambda c: dispersed.flatten_heads(c.sheets, c.one(sorted(c.sheets))),
    "stranger_added": stranger_added,
    "second_tables": lambda c: dispersed.append_tables(c.sheets),
    "cell_lost": cell_lost,
    "cell_added": cell_added,
}
