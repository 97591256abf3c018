"""The official forms: one TOML file an edition, loaded and checked here."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from functools import cache
from importlib import resources
from typing import Any

from gongkai.core.data import packaged
from gongkai.core.errors import FormError
from gongkai.core.model import Field, Form, Group, Identity, Name, Table

MAX_SHORT = 24
OPEN_END = 9999


@cache
def editions() -> tuple[str, ...]:
    """Return the codes of the known editions, oldest first.

    Examples
    --------
    >>> "2019" in editions()
    True
    """
    return tuple(sorted(f.name[:-5] for f in resources.files("gongkai.forms").iterdir() if f.name.endswith(".toml")))


@cache
def load_form(code: str) -> Form:
    """Return one edition of the official form.

    Parameters
    ----------
    code : str
        A code from :func:`editions`, such as ``"2019"``.

    Returns
    -------
    Form
        Its tables, its cells in form order and its identities.

    Raises
    ------
    FormError
        If the file contradicts itself.

    Examples
    --------
    >>> form = load_form("2019")
    >>> len(form.fields), len(form.identities)
    (198, 40)
    >>> form.fields[-1].path, form.fields[-1].short
    ('review/litigation_after_reconsideration/total', 'rev_after_total')
    """
    return build_form(packaged(__package__, f"{code}.toml"))


def in_force(year: int | None) -> Form | None:
    """Return the edition with tables that is prescribed for a year, or None where none is or no year is known.

    Examples
    --------
    >>> [form and form.code for form in map(in_force, (2018, 2020, 2024, None))]
    [None, '2019', '2021', None]
    """
    known = (form for form in map(load_form, editions()) if form.tables)
    return next((form for form in known if year is not None and form.first_year <= year <= form.last_year), None)


def build_form(raw: Mapping[str, Any]) -> Form:
    """Turn the parsed file of an edition into a checked Form; an edition need not have tables of its own."""
    tables = {code: _read_table(code, body, raw) for code, body in raw.get("tables", {}).items()}
    fields = tuple(f for t in tables.values() for f in _official_cells(t, raw["prefixes"][t.code]))
    sections = tuple((code, tuple(titles)) for code, titles in raw["sections"].items())
    identities = tuple(i for body in raw.get("identities", ()) for i in _read_identity(body, tables[body["table"]], fields))
    first, last = raw["first_year"], raw.get("last_year", OPEN_END)
    names, earliest = (raw["code"], raw["zh"], raw["en"]), raw.get("earliest", first)
    form = Form(*names, first, last, tables, sections, fields, identities, earliest)
    _refuse_contradictions(form)
    return form


def one_of_each(form: Form, printed: Callable[[str, str], bool]) -> Form:
    """Return the form with one of each alternative: the row that authorities kept, or the rows that replaced it.

    Parameters
    ----------
    form : Form
    printed : callable
        Says of a table and an item whether the document prints that row.

    Returns
    -------
    Form
        Without the rows that the document cannot have, in its groups, cells and identities; their names stay known.

    Examples
    --------
    >>> form = load_form("2021")
    >>> len(form.fields), len(one_of_each(form, lambda table, item: item != "other").fields)
    (207, 200)
    """
    gone: set[tuple[str, str]] = set()
    for table in form.tables.values():
        listed = {i for g in table.groups for i in g.items}
        for name in table.items.values():
            if not name.instead or not {name.code, *name.instead} <= listed:
                continue
            kept = printed(table.code, name.code) and not any(printed(table.code, i) for i in name.instead)
            gone |= {(table.code, i) for i in name.instead} if kept else {(table.code, name.code)}
    return _drop_rows(form, gone) if gone else form


def _drop_rows(form: Form, rows: set[tuple[str, str]]) -> Form:
    """Drop rows from a form's groups, cells and identities."""

    def kept(fields: tuple[Field, ...]) -> tuple[Field, ...]:
        return tuple(f for f in fields if (f.table, f.item) not in rows)

    def table(body: Table) -> Table:
        return replace(body, groups=tuple(replace(g, items=tuple(i for i in g.items if (body.code, i) not in rows)) for g in body.groups))

    sides = ((i, kept(i.left), kept(i.right)) for i in form.identities)
    identities = tuple(replace(i, left=left, right=right) for i, left, right in sides if left and right)
    tables = {code: table(body) for code, body in form.tables.items()}
    return replace(form, tables=tables, fields=kept(form.fields), identities=identities)


def _read_table(code: str, body: Mapping[str, Any], raw: Mapping[str, Any]) -> Table:
    groups = tuple(Group(tuple(g["items"]), tuple(g["measures"]), g.get("zh", ""), g.get("corner", "")) for g in body["groups"])
    return Table(
        code=code, zh=body["zh"], en=body["en"], headings=tuple(raw["sections"][body["section"]]), across=body.get("across", False),
        items=_read_names(body["items"]), measures=_read_names(body["measures"]), groups=groups,
        spans=dict(body.get("spans", {})), english=dict(raw.get("english", {})), ignored=tuple(body.get("ignored", ())),
    )  # fmt: skip


def _read_names(body: Mapping[str, Mapping[str, Any]]) -> dict[str, Name]:
    def name(code: str, entry: Mapping[str, Any]) -> Name:
        lists = {key: tuple(entry.get(key, ())) for key in ("aliases", "under", "instead")}
        return Name(code, **{**entry, **lists})

    return {code: name(code, entry) for code, entry in body.items()}


def _official_cells(table: Table, prefix: str) -> Iterator[Field]:
    for group in table.groups:
        for item in group.items:
            for measure in group.measures:
                m = table.measures[measure]
                yield Field(table.code, item, measure, m.unit, m.signed, f"{prefix}_{table.items[item].short}_{m.short}")


def _read_identity(body: Mapping[str, Any], table: Table, fields: tuple[Field, ...]) -> Iterator[Identity]:
    """Turn one identity of the file into one for each row or column in which it holds."""
    by_item = body["each"] == "item"
    for owner in table.items if by_item else table.measures:

        def side(names: list[str], owner: str = owner) -> tuple[Field, ...]:
            def named(f: Field) -> bool:
                own, other = (f.item, f.measure) if by_item else (f.measure, f.item)
                return own == owner and any(other.startswith(n) if n.endswith(".") else other == n for n in names)

            return tuple(f for f in fields if f.table == table.code and named(f))

        yield Identity(body["code"], side(body["left"]), side(body["right"]), owner if by_item else None, None if by_item else owner)


def _refuse_contradictions(form: Form) -> None:
    shorts = [f.short for f in form.fields]
    faults = [f"short name {s!r} is longer than {MAX_SHORT}" for s in shorts if len(s) > MAX_SHORT]
    faults += [f"short name {s!r} is given twice" for s in {s for s in shorts if shorts.count(s) > 1}]
    faults += [f"identity {i.code} has an empty side" for i in form.identities if not (i.left and i.right)]
    if faults:
        found = "; ".join(sorted(faults))
        raise FormError.of("forms.contradiction", f"forms/{form.code}.toml", found=found)
