"""One year of a county -> a document as it may reach a reader, and the truth of what it prints."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from gongkai import render
from gongkai.model import Form
from gongkai.render import Box, Sheets, damage, defaced
from gongkai.render.boxes import reach
from gongkai.render.damage import Damaged
from gongkai.simulate.history import Year, settings

if TYPE_CHECKING:
    import numpy as np

NOTES = ("— 5 —", "第 5 页 共 9 页")
_EXTENSIONS = {"html": "html", "docx": "docx", "xlsx": "xlsx"}


@dataclass(frozen=True, slots=True)
class Printed:
    """A document, the ending of its name, and what stands in it."""

    data: bytes
    extension: str
    truth: Mapping[str, object]


def print_year(place: str, year: Year, rng: np.random.Generator, plain: bool = False) -> Printed:
    """Print one year in a layout drawn from the mix, some with one damage or one misprint; ``plain``: pages and text, whole.

    Examples
    --------
    >>> import numpy as np
    >>> from gongkai.simulate.history import history
    >>> *_, year = history(1, 0, 2021)
    >>> made = print_year("模拟青石县", year, np.random.default_rng(1), plain=True)
    >>> made.extension, made.truth["year"], made.truth["template"]
    ('html', 2021, '2021')
    """
    chosen = _drawn(rng, settings()["plain" if plain else "layouts"])
    known = settings()["printing"]
    style = render.Style(money=str(rng.choice(settings()["money"].get(year.form.code, [""]))))
    sheets: Sheets = {"statistics": _list_sheet(year)} if year.listed else render.layout(year.form, year.values, style)
    damaged = Damaged(sheets)
    if not (plain or year.listed):
        fate = rng.random()
        if fate < known["damaged"]:
            damaged = _damaged(rng, chosen, year.form, sheets)
        elif fate < known["damaged"] + known["misprinted"]:
            damaged = _misprinted(rng, year.form, sheets)
    story, told = _story(place, year, rng)
    encoding = "gb18030" if rng.random() < known["gb18030"] else "utf-8"
    data = _written(chosen, year.form, {code: _marked(sheet) for code, sheet in damaged.sheets.items()}, story, encoding)
    return Printed(data, _EXTENSIONS.get(chosen, "txt"), told | _truth(year, damaged))


def _drawn(rng: np.random.Generator, weights: Mapping[str, float]) -> str:
    given = list(weights.values())
    return str(rng.choice(list(weights), p=[w / sum(given) for w in given]))


def _list_sheet(year: Year) -> render.Sheet:
    heads = [head.format(year=year.year) for head in settings()["list"]["heads"]]
    return render.list_sheet(heads, ([label, unit, *map(str, numbers)] for label, unit, *numbers in year.listed))


def _marked(sheet: render.Sheet) -> render.Sheet:
    """Say in the table itself that it is simulated, in a row as wide as the table."""
    return ((Box(settings()["texts"]["caption"], 1, max(reach(sheet))),), *sheet)


def _story(place: str, year: Year, rng: np.random.Generator) -> tuple[render.Story, dict[str, object]]:
    """Return what stands around the tables, and the truth of it."""
    texts = settings()["texts"]
    months, days = int(rng.integers(1, 4)), int(rng.integers(1, 29))
    title, office = texts["title"].format(place=place, year=year.year), texts["office"].format(place=place)
    prose = {"overview": [text.format(year=year.year, received=year.received) for text in texts["overview"]]}
    story = render.Story(place, year.year, title, prose=prose, signed=(office, f"{year.year + 1}年{months}月{days}日"))
    figure = {"what": texts["figure"], "value": year.received, "unit": "件"}
    return story, {
        "title": title, "authority": office, "year": year.year, "published": f"{year.year + 1}-{months:02}-{days:02}",
        "template": year.form.code, "narrative_figures": [figure],
    }  # fmt: skip


def _written(chosen: str, form: Form, sheets: Sheets, story: render.Story, encoding: str) -> bytes:
    if chosen == "docx":
        return render.to_docx(form, sheets, story)
    if chosen == "xlsx":
        return render.to_xlsx(form, sheets, story)
    page = chosen == "html"
    text = render.to_html(form, sheets, story, encoding) if page else render.to_text(form, sheets, story, chosen)
    return text.encode(encoding)


def _truth(year: Year, damaged: Damaged) -> dict[str, object]:
    """Say what is printed of each cell: a damage that leaves a number out of its place leaves its value, one that takes it leaves none."""
    if year.listed:
        return {"statistics": [{"indicator": label, "unit": unit, "values": numbers} for label, unit, *numbers in year.listed]}
    tables: dict[str, dict[str, dict[str, float | None]]] = {}
    statuses: dict[str, str] = {}
    for path, value in year.values.items():
        table, item, measure = path.split("/")
        text = damaged.truth.get(path, str(value))
        number: float | None = value
        if text is None or (damaged.clean and not text[-1:].isdigit()):
            number = None
            if text is not None:
                statuses[f"{table}.{item}.{measure}"] = "mark" if text else "blank"
        elif damaged.clean and path in damaged.truth:
            number = float(text)
        tables.setdefault(table, {}).setdefault(item, {})[measure] = number
    return {**tables, **({"status": statuses} if statuses else {})}


def _misprinted(rng: np.random.Generator, form: Form, sheets: Sheets) -> Damaged:
    """Let the authority print another number in a sum; it is kept."""
    tied = sorted({f.path for identity in form.identities for f in identity.terms})
    path = tied[rng.integers(len(tied))]
    table, line, at = damage.find_cell(sheets, path)
    return damage.misprint(sheets, path, str(int(sheets[table][line][at].text) + int(rng.integers(1, 10))))


def _damaged(rng: np.random.Generator, chosen: str, form: Form, sheets: Sheets) -> Damaged:
    """Befall a document with one damage that its layout does not hide."""
    known = settings()["damages"]
    kind = _drawn(rng, {name: d["weight"] for name, d in known.items() if chosen not in d.get("not", ())})
    return _DAMAGES[kind](_Chance(rng, form, sheets))


class _Chance:
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


def _swapped(c: _Chance) -> Damaged:
    groups = [(t.code, g.items) for t in c.form.tables.values() for g in t.groups if len(g.items) > 1 and not t.across]
    table, items = c.one(groups)
    one, other = c.rng.choice(len(items), 2, replace=False)
    return damage.swap_rows(c.sheets, f"{table}/{items[one]}", f"{table}/{items[other]}")


def _glued(c: _Chance) -> Damaged:
    row = c.row(summed=True)
    return damage.glue(c.sheets, row, int(c.rng.integers(c.width(row) - 1)))


def _split(c: _Chance) -> Damaged:
    long = [box for box in damage.numbers(c.sheets) if box.text.isdigit() and len(box.text) > 1]
    return damage.split_number(c.sheets, c.one(long).path) if long else Damaged(c.sheets)


def _spilled(c: _Chance) -> Damaged:
    row = c.row(summed=True)
    return damage.spill(c.sheets, row, int(c.rng.integers(c.width(row) + 1)))


def _row_broken(c: _Chance) -> Damaged:
    row = c.row()
    return defaced.break_row(c.sheets, row, c.label(row), c.one(NOTES), c.one((True, False)))


def _label_misprinted(c: _Chance) -> Damaged:
    row = c.row()
    return defaced.misprint_label(c.sheets, row, c.label(row), c.one("口木日容"))


_DAMAGES: Mapping[str, Callable[[_Chance], Damaged]] = {
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
