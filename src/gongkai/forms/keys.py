"""The labels of a form, folded to the keys by which printed labels are compared."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cache

from gongkai.core.model import Field, Form, Identity
from gongkai.core.text import label_key
from gongkai.forms import editions, load_form


@cache
def item_keys(form: str, table: str) -> Mapping[str, tuple[str, ...]]:
    """Return the items that each key can name in a table; a few labels name more than one.

    Examples
    --------
    >>> item_keys("2019", "applications")["总计"]
    ('processed_total',)
    """
    found: dict[str, tuple[str, ...]] = {}
    for name in load_form(form).tables[table].items.values():
        for key in dict.fromkeys(label_key(label) for label in (name.zh, *name.aliases)):
            found[key] = (*found.get(key, ()), name.code)
    return found


@cache
def measure_keys(form: str, table: str) -> Mapping[str, str]:
    """Return the measure that each key names in a table."""
    return {label_key(label): m.code for m in load_form(form).tables[table].measures.values() for label in (m.zh, *m.aliases)}


@cache
def known_keys(form: str) -> frozenset[str]:
    """Return every key that belongs to the form at all: rows, columns, merged labels, group heads."""
    tables = load_form(form).tables.values()
    spans = {label_key(s) for t in tables for s in (*t.spans.values(), *(g.zh for g in t.groups), *(g.corner for g in t.groups))}
    names = {key for t in tables for key in (*item_keys(form, t.code), *measure_keys(form, t.code))}
    return frozenset((spans | names) - {""})


@cache
def fields_of(form: str, table: str, item: str) -> Mapping[str, Field]:
    """Return the cells of one row of a form by their measure."""
    return {f.measure: f for f in load_form(form).fields if (f.table, f.item) == (table, item)}


@cache
def title_keys(form: str) -> Mapping[str, str]:
    """Return the section that each key of a heading names."""
    return {label_key(title): code for code, titles in load_form(form).sections for title in titles}


@cache
def every_title() -> Mapping[str, str]:
    """Return the section that each key of a heading names in any edition; where two disagree, in the newest."""
    return {key: section for code in editions() for key, section in title_keys(code).items()}


def row_sums(form: Form, fields: Sequence[Field]) -> tuple[Identity, ...]:
    """Return the identities that hold within some cells."""
    known = frozenset(fields)
    return tuple(i for i in form.identities if known.issuperset(i.terms))
