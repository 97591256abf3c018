"""The data that all packages pass to each other: documents, forms, readings, findings. Frozen dataclasses without behaviour."""

from __future__ import annotations

from collections.abc import Mapping, Set
from dataclasses import dataclass, field, fields
from typing import Any

# A line of a terminal holds a few texts of this length.
_LONGEST = 60


def brief(thing: Any) -> str:
    """Return a dataclass that holds data as one line: short facts as they are, long texts cut, and of collections how many.

    Examples
    --------
    >>> Document("a.txt", "0123", 1, "text", "utf-8", (Row((Cell("0", 0, 1, "line 1"),)),) * 1000)
    Document(name='a.txt', sha256='0123', size=1, format='text', reader='utf-8', rows=<1000>, meta={}, damage=())
    """
    return f"{type(thing).__name__}({', '.join(f'{f.name}={_short(getattr(thing, f.name))}' for f in fields(thing))})"


def _short(value: Any) -> str:
    if isinstance(shape := getattr(value, "shape", None), tuple):
        return f"<{type(value).__name__} {' x '.join(map(str, shape))}>"
    if isinstance(value, tuple | list | Mapping | Set) and len(value):
        return f"<{len(value)}>"
    text = value.path if isinstance(value, Field) else repr(value)
    return text if len(text) <= _LONGEST else f"{text[:_LONGEST]}…{text[0] if isinstance(value, str) else ''}"


@dataclass(frozen=True, slots=True)
class Cell:
    """One printed cell, or one line of prose: its characters, the columns [x0, x1) it covers, its place.

    ``alternatives`` are other texts that the shown page may mean, where it cannot be told; ``text`` is the likeliest.
    """

    text: str
    x0: int
    x1: int
    where: str
    alternatives: tuple[str, ...] = ()

    __repr__ = brief


@dataclass(frozen=True, slots=True)
class Row:
    """One row of a grid, or one paragraph (``table`` is 0). Cells stand where they start; a merged cell is there once.

    ``kind`` says what parted the cells: ``grid`` (the document marks each cell itself), ``tabs``, ``spaces`` (a blank cell leaves
    no trace but its width), or ``line`` (nothing: the row is one cell). ``aside`` says that it stands beside the report: a page's
    navigation, its foot.
    """

    cells: tuple[Cell, ...]
    table: int = 0
    kind: str = "line"
    aside: bool = False

    __repr__ = brief

    @property
    def where(self) -> str:
        return self.cells[0].where if self.cells else ""


@dataclass(frozen=True, slots=True)
class Document:
    """A document as its reader found it: rows and paragraphs in reading order, and what the file says about itself."""

    name: str
    sha256: str
    size: int
    format: str
    reader: str
    rows: tuple[Row, ...]
    meta: Mapping[str, str] = field(default_factory=dict)
    damage: tuple[str, ...] = ()

    __repr__ = brief


@dataclass(frozen=True, slots=True)
class Name:
    """A row or column of an official form: code, printed label, other spellings; and ``instead`` of which rows it may stand."""

    code: str
    zh: str
    en: str
    short: str
    aliases: tuple[str, ...] = ()
    unit: str = "count"
    signed: bool = False
    under: tuple[str, ...] = ()
    instead: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Field:
    """One cell of the official form."""

    table: str
    item: str
    measure: str
    unit: str
    signed: bool
    short: str

    @property
    def key(self) -> tuple[str, str, str]:
        return self.table, self.item, self.measure

    @property
    def path(self) -> str:
        return f"{self.table}/{self.item}/{self.measure}"


@dataclass(frozen=True, slots=True)
class Group:
    """Rows of a table that share their columns."""

    items: tuple[str, ...]
    measures: tuple[str, ...]
    zh: str = ""
    corner: str = ""


@dataclass(frozen=True, slots=True)
class Table:
    """One table of the form. ``across`` says that its items stand side by side in one row."""

    code: str
    zh: str
    en: str
    headings: tuple[str, ...]
    across: bool
    items: Mapping[str, Name]
    measures: Mapping[str, Name]
    groups: tuple[Group, ...]
    spans: Mapping[str, str]
    english: Mapping[str, str] = field(default_factory=dict)
    ignored: tuple[str, ...] = ()

    __repr__ = brief


@dataclass(frozen=True, slots=True)
class Identity:
    """Two sides of a sum that must agree; it belongs to a row (``item``) or a column (``measure``)."""

    code: str
    left: tuple[Field, ...]
    right: tuple[Field, ...]
    item: str | None
    measure: str | None

    __repr__ = brief

    @property
    def terms(self) -> tuple[Field, ...]:
        return self.left + self.right


@dataclass(frozen=True, slots=True)
class Form:
    """One edition of the official form. ``earliest`` is the first reporting year for which a document can use it."""

    code: str
    zh: str
    en: str
    first_year: int
    last_year: int
    tables: Mapping[str, Table]
    sections: tuple[tuple[str, tuple[str, ...]], ...]
    fields: tuple[Field, ...]
    identities: tuple[Identity, ...]
    earliest: int = 0

    __repr__ = brief


@dataclass(frozen=True, slots=True)
class Reading:
    """What one official cell was read as, and from what; ``margin`` is by how much its row was assigned, where it was not by its label."""

    field: Field
    value: float | None
    status: str
    printed: str | None = None
    where: str | None = None
    label: str | None = None
    deduced: float | None = None
    candidates: tuple[float | None, ...] = ()
    margin: float | None = None

    __repr__ = brief


@dataclass(frozen=True, slots=True)
class Check:
    """One identity, evaluated: ``holds``, ``broken``, ``undecided``, or ``chose`` where it was used to choose a reading."""

    identity: Identity
    left: float | None
    right: float | None
    state: str

    __repr__ = brief


@dataclass(frozen=True, slots=True)
class Finding:
    """Something a careful reader would question. Its words and level stand in ``findings.toml`` under ``code``."""

    code: str
    table: str | None = None
    item: str | None = None
    measure: str | None = None
    expected: str | None = None
    observed: str | None = None
    where: str | None = None
    words: Mapping[str, str] = field(default_factory=dict)

    __repr__ = brief


@dataclass(frozen=True, slots=True)
class Section:
    """One headed part of the narrative, its sentences whole again. ``places`` says where each line of its text began: (offset, place)."""

    number: str
    title: str
    text: str
    level: int
    where: str
    places: tuple[tuple[int, str], ...] = ()

    __repr__ = brief


@dataclass(frozen=True, slots=True)
class Figure:
    """One number in the prose."""

    phrase: str
    value: float
    unit: str
    section: str
    approximate: bool
    where: str
    sentence: str = ""

    __repr__ = brief


@dataclass(frozen=True, slots=True)
class Contents:
    """What was read from a document besides its cells; the tables of the same names are made from it, as ``Report.findings`` is."""

    checks: tuple[Check, ...]
    findings: tuple[Finding, ...]
    sections: tuple[Section, ...]
    figures: tuple[Figure, ...]

    __repr__ = brief
