"""Documents to be read back: consistent values of the form of 2019, and how they are printed."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, field

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st

from gongkai import render
from gongkai.forms import load_form

FORM = load_form("2019")
FIELDS = {f.path: f for f in FORM.fields}
ROWS = tuple(dict.fromkeys(f"{f.table}/{f.item}" for f in FORM.fields))
RESULTS = tuple(f.item for f in next(i for i in FORM.identities if i.code == "results").left)
APPLICANTS = tuple(FORM.tables["applications"].measures)[:-1]
OUTCOMES = tuple(FORM.tables["review"].measures)[:-1]

# `GONGKAI_PROFILE=long` looks further; the normal run is short and always the same.
_COMMON = {"deadline": None, "suppress_health_check": list(HealthCheck), "print_blob": True}
settings.register_profile("normal", max_examples=25, derandomize=True, **_COMMON)
settings.register_profile("long", max_examples=int(os.environ.get("GONGKAI_EXAMPLES", "500")), **_COMMON)
settings.load_profile(os.environ.get("GONGKAI_PROFILE", "normal"))

Values = Mapping[str, float]


class Filled(dict[str, float]):
    """The cells of a form; a failing example shows those that are not zero."""

    def __repr__(self) -> str:
        return f"Filled({ ({path: value for path, value in self.items() if value}) })"


MARKS = ("—", "/", "无", "-")
small = st.one_of(st.integers(0, 9), st.integers(0, 400))
counts = st.one_of(st.integers(1, 9), st.integers(10, 400), st.integers(1000, 30_000))
amounts = st.one_of(st.just(0), st.integers(1, 10**11)).map(lambda cents: cents / 100)


@st.composite
def applications(draw: st.DrawFn) -> Values:
    """Build the table from its results upwards, so that every identity holds."""
    values = {(item, who): 0 for item in FORM.tables["applications"].items for who in APPLICANTS}
    entries = st.tuples(st.sampled_from(RESULTS), st.sampled_from(APPLICANTS), counts)
    values |= {(item, who): n for item, who, n in draw(st.lists(entries, max_size=14))}
    for who in draw(st.lists(st.sampled_from(APPLICANTS), unique=True)):
        values["carried_out", who] = draw(small)
        values["carried_in", who] = draw(small)
    for who in APPLICANTS:
        values["processed_total", who] = sum(values[item, who] for item in RESULTS)
        leaving = values["processed_total", who] + values["carried_out", who]
        values["carried_in", who] = min(values["carried_in", who], leaving)
        values["new_received", who] = leaving - values["carried_in", who]
    for item in FORM.tables["applications"].items:
        values[item, "total"] = sum(values[item, who] for who in APPLICANTS)
    return {f"applications/{item}/{who}": float(n) for (item, who), n in values.items()}


@st.composite
def disclosure(draw: st.DrawFn) -> Values:
    """Draw counts that no identity ties; a decrease never exceeds what was there."""
    values: dict[str, float] = {}
    for official in (f for f in FORM.fields if f.table == "disclosure"):
        last = values.get(f"disclosure/{official.item}/items_last_year", 0)
        numbers = (
            amounts if official.unit == "yuan" else st.integers(-min(int(last), 600), 600) if official.signed else st.integers(0, 5000)
        )
        values[official.path] = float(draw(st.one_of(st.just(0), numbers)))
    return values


@st.composite
def review(draw: st.DrawFn) -> Values:
    values: dict[str, float] = {}
    for item in FORM.tables["review"].items:
        parts = draw(st.fixed_dictionaries({outcome: st.one_of(st.just(0), small) for outcome in OUTCOMES}))
        values |= {f"review/{item}/{name}": float(n) for name, n in (parts | {"total": sum(parts.values())}).items()}
    return values


def forms() -> st.SearchStrategy[Values]:
    """All 198 cells, consistent."""
    return st.builds(lambda a, b, c: Filled({**a, **b, **c}), disclosure(), applications(), review())


@dataclass(frozen=True)
class Printing:
    """How a document is written: ``html`` or a text layout, the page's length, the encoding, and what a page says of its encoding."""

    layout: str = "html"
    page: int = 0
    encoding: str = "utf-8"
    charset: str = "utf-8"
    style: render.Style = field(default_factory=render.Style)
    story: render.Story = field(default_factory=render.Story)

    def sheets(self, values: render.Values) -> render.Sheets:
        return render.layout(FORM, values, self.style)

    def document(self, sheets: render.Sheets) -> bytes:
        if self.layout == "html":
            return render.to_html(FORM, sheets, self.story, self.charset).encode(self.encoding)
        return render.to_text(FORM, sheets, self.story, self.layout, self.page).encode(self.encoding)


def printings(layouts: tuple[str, ...] = ("html", *render.LAYOUTS)) -> st.SearchStrategy[Printing]:
    encodings = st.sampled_from(("utf-8", "utf-8", "gb18030", "utf-16"))
    stories = st.builds(render.Story, st.sampled_from(("青石县", "临川市", "云溪区")), st.sampled_from((2019, 2020)))
    styles = st.builds(
        render.Style, st.sampled_from(("万元", "元")), st.sampled_from(("-", "减 ", "减少", "－")), st.sampled_from(("", "", "+", "增 "))
    )
    pages = st.one_of(st.just(0), st.integers(12, 60))
    return st.builds(Printing, st.sampled_from(layouts), pages, encodings, st.sampled_from(("utf-8", "gb2312", "gb18030")), styles, stories)


def deletions(sheets: render.Sheets) -> st.SearchStrategy[render.Damaged]:
    return st.sampled_from(ROWS).map(lambda row: render.delete_row(sheets, row))


def spills(sheets: render.Sheets) -> st.SearchStrategy[render.Damaged]:
    """One cell too many: a zero, or a copy of a neighbour."""

    def spilled(row: str) -> st.SearchStrategy[render.Damaged]:
        texts = printed(sheets, row)
        return st.builds(
            lambda at, copy: render.spill(sheets, row, at, texts[min(at, len(texts) - 1)] if copy else "0"),
            st.integers(0, len(texts)), st.booleans(),
        )  # fmt: skip

    return st.sampled_from(ROWS).flatmap(spilled)


def glued(sheets: render.Sheets, wide: st.SearchStrategy[bool]) -> st.SearchStrategy[render.Damaged]:
    def stuck(row: str) -> st.SearchStrategy[render.Damaged]:
        return st.builds(lambda at, held: render.glue(sheets, row, at, held), st.integers(0, len(printed(sheets, row)) - 2), wide)

    return st.sampled_from(ROWS).flatmap(stuck)


def printed(sheets: render.Sheets, row: str) -> list[str]:
    """Return the texts of a row's official cells."""
    return [box.text for line in sheets[row.split("/")[0]] for box in line if box.path.startswith(f"{row}/")]
