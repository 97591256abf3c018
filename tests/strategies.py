"""Documents to be read back: consistent values of every edition of the form, and how they are printed."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property

from defacing import in_traditional
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st

from gongkai.core.model import Field, Form, Identity
from gongkai.forms import editions, load_form, one_of_each
from gongkai.synthetic import writers as render

# `GONGKAI_PROFILE=long` looks further and shrinks what fails; the normal run is short and always the same.
_COMMON = {"deadline": None, "suppress_health_check": list(HealthCheck), "print_blob": True}
LONG = os.environ.get("GONGKAI_PROFILE") == "long"
EXAMPLES = int(os.environ.get("GONGKAI_EXAMPLES", "100")) if LONG else 6
settings.register_profile("normal", max_examples=EXAMPLES, derandomize=True, phases=[Phase.explicit, Phase.generate], **_COMMON)
settings.register_profile("long", max_examples=EXAMPLES, **_COMMON)
settings.load_profile("long" if LONG else "normal")

Values = Mapping[str, float]


@dataclass(frozen=True)
class Edition:
    """One edition as a document can print it: ``kept`` with the one row that authorities kept from the edition before."""

    code: str
    kept: bool = False

    def __str__(self) -> str:
        return f"{self.code}{'-kept' if self.kept else ''}"

    @cached_property
    def full(self) -> Form:
        return load_form(self.code)

    @cached_property
    def form(self) -> Form:
        """The form without the rows that this document does not have."""
        kept = {n.code: self.kept for t in self.full.tables.values() for n in t.items.values() if n.instead}
        kept |= {i: not self.kept for t in self.full.tables.values() for n in t.items.values() for i in n.instead}
        return one_of_each(self.full, lambda table, item: kept.get(item, True))

    @cached_property
    def fields(self) -> dict[str, Field]:
        return {f.path: f for f in self.form.fields}

    @cached_property
    def rows(self) -> tuple[str, ...]:
        return tuple(dict.fromkeys(f"{f.table}/{f.item}" for f in self.form.fields))

    @cached_property
    def ends(self) -> frozenset[str]:
        """The first and the last cell of every row."""
        return self.last | frozenset(next(path for path in self.fields if path.startswith(f"{row}/")) for row in self.rows)

    @cached_property
    def last(self) -> frozenset[str]:
        """The last cell of every row."""
        return frozenset(next(path for path in reversed(self.fields) if path.startswith(f"{row}/")) for row in self.rows)

    def is_alternative(self, row: str) -> bool:
        """Say whether a row stands instead of others, so that nobody can say which of them a document without both lacks."""
        table, item = row.split("/")
        return bool(self.full.tables[table].items[item].instead) and self.kept

    @cached_property
    def results(self) -> tuple[str, ...]:
        return tuple(f.item for f in next(i for i in self.form.identities if i.code == "results").left)

    @property
    def identities(self) -> tuple[Identity, ...]:
        return self.form.identities

    @property
    def applicants(self) -> tuple[str, ...]:
        return tuple(self.form.tables["applications"].measures)[:-1]

    @property
    def years(self) -> range:
        return range(self.full.first_year, min(self.full.last_year, self.full.first_year + 4) + 1)

    def items(self, table: str) -> tuple[str, ...]:
        return tuple(i for g in self.form.tables[table].groups for i in g.items)


def _editions() -> Iterator[Edition]:
    """Give every edition that has cells, and once more with the rows kept from the one before."""
    for code in editions():
        if load_form(code).fields:
            yield from (Edition(code, kept) for kept in ((False, True) if _alternatives(load_form(code)) else (False,)))


def _alternatives(form: Form) -> list[str]:
    """Return the rows that may stand instead of others of the same edition."""
    printed = {(f.table, f.item) for f in form.fields}
    names = ((t.code, n) for t in form.tables.values() for n in t.items.values() if n.instead)
    return [n.code for table, n in names if {(table, i) for i in (n.code, *n.instead)} <= printed]


EDITIONS = tuple(_editions())


class Filled(dict[str, float]):
    """The cells of an edition; a failing example shows those that are not zero."""

    edition: Edition

    def __init__(self, edition: Edition, values: Values) -> None:
        super().__init__(values)
        self.edition = edition

    def __repr__(self) -> str:
        return f"Filled({self.edition}, { ({path: value for path, value in self.items() if value}) })"


MARKS = ("—", "/", "无", "-")
small = st.one_of(st.integers(0, 9), st.integers(0, 400))
counts = st.one_of(st.integers(1, 9), st.integers(10, 400), st.integers(1000, 30_000))
amounts = st.one_of(st.just(0), st.integers(1, 10**11)).map(lambda cents: cents / 100)


@st.composite
def applications(draw: st.DrawFn, edition: Edition) -> Values:
    """Build the table from its results upwards, so that every identity holds."""
    applicants, items = edition.applicants, edition.items("applications")
    values = {(item, who): 0 for item in items for who in applicants}
    entries = st.tuples(st.sampled_from(edition.results), st.sampled_from(applicants), counts)
    values |= {(item, who): n for item, who, n in draw(st.lists(entries, max_size=14))}
    for who in draw(st.lists(st.sampled_from(applicants), unique=True)):
        values["carried_out", who] = draw(small)
        values["carried_in", who] = draw(small)
    for who in applicants:
        values["processed_total", who] = sum(values[item, who] for item in edition.results)
        leaving = values["processed_total", who] + values["carried_out", who]
        values["carried_in", who] = min(values["carried_in", who], leaving)
        values["new_received", who] = leaving - values["carried_in", who]
    for item in items:
        values[item, "total"] = sum(values[item, who] for who in applicants)
    return {f"applications/{item}/{who}": float(n) for (item, who), n in values.items()}


@st.composite
def disclosure(draw: st.DrawFn, edition: Edition) -> Values:
    """Draw counts that no identity ties; a decrease never exceeds what was there."""
    values: dict[str, float] = {}
    for official in (f for f in edition.form.fields if f.table == "disclosure"):
        last = values.get(f"disclosure/{official.item}/items_last_year", 0)
        numbers = (
            amounts if official.unit == "yuan" else st.integers(-min(int(last), 600), 600) if official.signed else st.integers(0, 5000)
        )
        values[official.path] = float(draw(st.one_of(st.just(0), numbers)))
    return values


@st.composite
def review(draw: st.DrawFn, edition: Edition) -> Values:
    values: dict[str, float] = {}
    outcomes = tuple(edition.form.tables["review"].measures)[:-1]
    for item in edition.items("review"):
        parts = draw(st.fixed_dictionaries({outcome: st.one_of(st.just(0), small) for outcome in outcomes}))
        values |= {f"review/{item}/{name}": float(n) for name, n in (parts | {"total": sum(parts.values())}).items()}
    return values


def filled(edition: Edition) -> st.SearchStrategy[Filled]:
    """All cells of an edition, consistent."""
    return st.builds(lambda a, b, c: Filled(edition, {**a, **b, **c}), disclosure(edition), applications(edition), review(edition))


def forms() -> st.SearchStrategy[Filled]:
    """All cells of any edition, consistent."""
    return st.sampled_from(EDITIONS).flatmap(filled)


TEXTS = render.LAYOUTS
OFFICE = ("docx", "xlsx")
LAYOUTS = ("html", *OFFICE, *TEXTS)
# Where a blank cell is seen as a cell.
MARKED = ("html", *OFFICE, "tabs", "pipes", "crawled", "boxes", "chopped")
UNMARKED = tuple(layout for layout in LAYOUTS if layout not in MARKED)


@dataclass(frozen=True)
class Printing:
    """How a document is written: the layout, the page's length, the encoding, and what a page says of its encoding."""

    layout: str = "html"
    page: int = 0
    encoding: str = "utf-8"
    charset: str = "utf-8"
    style: render.Style = field(default_factory=render.Style)
    story: render.Story = field(default_factory=render.Story)
    traditional: bool = False

    def sheets(self, values: render.Values, form: Form | None = None) -> render.Sheets:
        return render.layout(form or values.edition.form, values, self.style)  # type: ignore[attr-defined]

    def of(self, edition: Edition) -> render.Story:
        """Return the story, told of a year in which authorities used the edition."""
        return self.story if self.story.year in edition.years else replace(self.story, year=edition.years[0])

    def document(self, edition: Edition, sheets: render.Sheets) -> bytes:
        story = self.of(edition)
        if self.layout == "docx":
            return render.to_docx(edition.form, sheets, story)
        if self.layout == "xlsx":
            return render.to_xlsx(edition.form, sheets, story)
        if self.layout == "html":
            return self._encoded(render.to_html(edition.form, sheets, story, self.charset))
        return self._encoded(render.to_text(edition.form, sheets, story, self.layout, self.page))

    def _encoded(self, text: str) -> bytes:
        return (in_traditional(text) if self.traditional else text).encode(self.encoding)


def printings(layouts: tuple[str, ...] = LAYOUTS, edition: Edition | None = None) -> st.SearchStrategy[Printing]:
    """Any way to print; with an ``edition`` whose heads name the unit of money, cells may leave it out."""
    encodings = st.sampled_from(("utf-8", "utf-8", "gb18030", "utf-16"))
    stories = st.builds(render.Story, st.sampled_from(("青石县", "临川市", "云溪区")), st.sampled_from((2019, 2020, 2021, 2024)))
    money = ("万元", "元", "") if edition and edition.code != "2019" else ("万元", "元")
    styles = st.builds(
        render.Style, st.sampled_from(money), st.sampled_from(("-", "减 ", "减少", "－")), st.sampled_from(("", "", "+", "增 "))
    )
    pages = st.one_of(st.just(0), st.integers(12, 60))
    return st.builds(Printing, st.sampled_from(layouts), pages, encodings, st.sampled_from(("utf-8", "gb2312", "gb18030")), styles, stories)
