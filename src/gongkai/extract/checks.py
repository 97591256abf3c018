"""Check the readings against each other: identities, numbers that no row claims, empty cells, amounts -> checks and findings."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from itertools import groupby

from gongkai.core.codes import State, Status
from gongkai.core.data import packaged
from gongkai.core.messages import number_text, texts
from gongkai.core.model import Check, Document, Field, Finding, Form, Identity, Reading, Row
from gongkai.core.text import unitless
from gongkai.extract.alignment.strips import Found
from gongkai.extract.hollow import empty_tables
from gongkai.extract.identities import Aligned, Choice, weigh
from gongkai.extract.narrative.titles import named_by
from gongkai.places import body_of, level_of, locate

_MOST_CROSSINGS = 3
_EMPTY = (Status.BLANK, Status.MARK, Status.ABSENT)


def check_identities(form: Form, aligned: Aligned) -> tuple[Check, ...]:
    """Evaluate every identity of the form; one that was used to choose a reading is no check that the authority passed."""
    values = {r.field: r.value for r in aligned.readings}
    return tuple(_check(identity, values, identity in aligned.used) for identity in form.identities)


def _check(identity: Identity, values: Mapping[Field, float | None], used: bool) -> Check:
    state, _, _ = weigh(identity, values)
    sides = [_sum(side, values) for side in (identity.left, identity.right)]
    return Check(identity, sides[0], sides[1], State.CHOSE if used and state == State.HOLDS else state)


def _sum(side: Iterable[Field], values: Mapping[Field, float | None]) -> float | None:
    terms = [values.get(f) for f in side]
    return None if any(t is None for t in terms) else sum(t for t in terms if t is not None)


def table_findings(aligned: Aligned, checks: Sequence[Check], found: Sequence[Found], rows: Sequence[Row]) -> list[Finding]:
    """Collect what a careful reader would question in the tables."""
    read = {r.field: r for r in aligned.readings}
    doubted, empty = _doubted(aligned), empty_tables(aligned)
    return [
        *_broken(checks, read, doubted),
        *_crossings([c for c in checks if doubted.isdisjoint(c.identity.terms)], read),
        *(f for choice in aligned.choices if choice.line.fields[0].table not in empty for f in _choice_findings(choice)),
        *(f for r in aligned.readings for f in _cell_findings(r)),
        *_leftovers(found, aligned.choices, rows),
        *_notes(aligned.readings),
    ]


def _doubted(aligned: Aligned) -> frozenset[Field]:
    """Return the cells that the reader itself doubted: not read as they stand, or in several ways. A person's correction is sure."""
    moved = (f for choice in aligned.choices if not choice.as_printed or choice.line.reason for f in choice.line.fields)
    return frozenset((*moved, *(r.field for r in aligned.readings if r.candidates)))


def _broken(checks: Sequence[Check], read: Mapping[Field, Reading], doubted: Collection[Field]) -> Iterator[Finding]:
    """Report each broken sum; where the reader doubted a row of it, it blames its own reading before the authority."""
    for check in checks:
        if check.state == State.BROKEN:
            identity = check.identity
            expected, observed = (_shown(side, read) for side in (identity.left, identity.right))
            where = next((read[f].where for f in (*identity.right, *identity.left) if read[f].where), None)
            code = identity.code if not any(f in doubted for f in identity.terms) else "doubted_sum"
            said = texts()["identity"][identity.code]
            words = {"identity": said["zh"], "identity_en": said["en"]}
            owner = (identity.left[0].table, identity.item, identity.measure)
            yield Finding(code, *owner, expected, observed, where, words if code == "doubted_sum" else {})


def _shown(side: Sequence[Field], read: Mapping[Field, Reading]) -> str:
    """Write the sum of one side; where a term is empty the sum is only a lower bound."""
    values = [read[f].value for f in side]
    total = number_text(sum(v for v in values if v is not None))
    return total if all(v is not None for v in values) else f"≥{total}"


def _text(value: float | None) -> str:
    return "" if value is None else number_text(value)


def _crossings(checks: Sequence[Check], read: Mapping[Field, Reading]) -> Iterator[Finding]:
    """Where a broken row and a broken column cross, name the cell: it is probably the misprint."""
    broken = [c.identity for c in checks if c.state == State.BROKEN]
    rows = [i for i in broken if i.item]
    columns = [i for i in broken if i.measure]
    cells = dict.fromkeys(f for row in rows for column in columns for f in row.terms if f in column.terms)
    if len(cells) <= _MOST_CROSSINGS:
        for f in cells:
            yield Finding("crossing", *f.key, None, _text(read[f].value), read[f].where)


def _choice_findings(choice: Choice) -> Iterator[Finding]:
    """Say of each row whose reading needed choosing, or could not be chosen, what was printed and why."""
    line = choice.line
    if line.reason == "doubled":
        yield Finding("duplicate_row", *_owner(line.fields), where=line.where, words=_reason("doubled"))
    yield from _ambiguous(choice)
    if line.reason == "cut":
        last, slot = line.fields[-1], line.candidates[0][-1]
        words = {"printed": slot.printed or "", "candidates": f"{slot.printed}…", **_reason("cut")}
        yield Finding("uncertain", *last.key, where=slot.where, words=words)
    if choice.as_printed:
        return
    decided = _agreeing(choice)
    reasons = (line.reason or "short", "identities") if choice.contested and decided else (line.reason or "short",)
    words = {"printed": line.source, **_reason(*reasons)}
    if decided:
        yield Finding("realigned", *_owner(line.fields), where=line.where, words=words)
    if decided < len(line.fields):
        yield Finding("uncertain", *_owner(line.fields), where=line.where or None, words=words | {"candidates": _options(choice)})


def _ambiguous(choice: Choice) -> Iterator[Finding]:
    """Say of each cell whose shown text cannot be told what it may mean."""
    for f, slots in zip(choice.line.fields, zip(*choice.survivors, strict=True), strict=bool(choice.survivors)):
        if all(s.options for s in slots):
            printed, options = slots[0].printed or "", ["·" if v is None else number_text(v) for v in slots[0].options]
            words = {"printed": " ".join(printed.split()), "candidates": " | ".join(options)}
            yield Finding("ambiguous_cell", *f.key, None, printed, slots[0].where, words)


def _agreeing(choice: Choice) -> int:
    """Count the cells of a row on which its remaining readings agree."""
    columns = zip(*choice.survivors, strict=True) if choice.survivors else ()
    return sum(len({(s.value, s.status) for s in column}) == 1 and column[0].status != Status.UNCERTAIN for column in columns)


def _options(choice: Choice) -> str:
    """Write the rows that the cells can be read as, a few of them."""
    printed = [c for c in choice.survivors if any(s.value is not None for s in c)]
    rows = [" ".join(_text(s.value) or "·" for s in candidate) for candidate in printed[:4]]
    return (" | ".join(rows) + (" | …" if len(printed) > 4 else "")) or "—"


def _reason(*codes: str) -> dict[str, str]:
    said = [packaged(__package__, "reasons.toml")[code] for code in codes]
    return {"reason_zh": "".join(s["zh"] for s in said), "reason": "".join(s["en"] for s in said)}


def _owner(fields: Sequence[Field]) -> tuple[str, str | None, None]:
    items = {f.item for f in fields}
    return fields[0].table, (items.pop() if len(items) == 1 else None), None


def _cell_findings(r: Reading) -> Iterator[Finding]:
    f = r.field
    if r.status == Status.UNREADABLE:
        yield Finding("unreadable", *f.key, None, r.printed, r.where, {"printed": r.printed or ""})
    if r.status == Status.UNCERTAIN and f.unit == "yuan" and r.printed and r.candidates == unitless(r.printed):
        words = {"printed": r.printed, "candidates": " | ".join(map(number_text, unitless(r.printed)))}
        yield Finding("unit_missing", *f.key, None, r.printed, r.where, words)


def _leftovers(found: Sequence[Found], choices: Sequence[Choice], rows: Sequence[Row]) -> Iterator[Finding]:
    """Report every row of numbers inside a table that no row of the form claimed, and columns out of order."""
    for table in found:
        behind = (r for c in choices if c.line.fields[0].table == table.table.code for r in c.line.left)
        yield from unclaimed(table.table.code, (*table.strays, *behind), rows)
        for group in table.reordered:
            owner = group.items[0] if len(group.items) == 1 else None
            yield Finding("column_order", table.table.code, owner, None, where=rows[table.span[0]].where)


def unclaimed(table: str, strays: Iterable[int], rows: Sequence[Row]) -> Iterator[Finding]:
    """Report rows with numbers that are in no cell."""
    for r in dict.fromkeys(strays):
        text = " ".join(c.text for c in rows[r].cells if c.text.strip())
        yield Finding("unclaimed", table, None, None, None, text, rows[r].where, {"printed": text})


def _notes(readings: Sequence[Reading]) -> Iterator[Finding]:
    """Say once a row what is empty in it and why, and once a table that it is not there or what the identities prove in it."""
    for table, group in groupby(readings, lambda r: r.field.table):
        cells = list(group)
        if all(r.status == Status.ABSENT for r in cells):
            yield Finding("absent_table", table)
        else:
            gone = _gone_columns(cells)
            yield from (Finding("absent", table, None, measure) for measure in gone)
            shown = (r for r in cells if r.field.measure not in gone)
            for item, row in groupby(shown, lambda r: r.field.item):
                yield from _row_notes(table, item, list(row))
        proven = [r for r in cells if r.deduced is not None]
        if proven:
            yield Finding("deduced", table, where=proven[0].where, words={"count": str(len(proven))})


def _gone_columns(cells: Sequence[Reading]) -> list[str]:
    """Return the measures of which no row prints a cell, though the rows are there."""
    there = {r.field.item for r in cells if r.status != Status.ABSENT}
    printed = {r.field.measure for r in cells if r.status != Status.ABSENT}
    return [m for m in dict.fromkeys(r.field.measure for r in cells if r.field.item in there) if m not in printed]


def _row_notes(table: str, item: str, cells: Sequence[Reading]) -> Iterator[Finding]:
    """Say what is empty in a row; a blank total beside printed parts is more than a note."""
    for status in _EMPTY:
        same = [r for r in cells if r.status == status]
        if same:
            words = {"count": str(len(same)), "printed": same[0].printed or ""}
            yield Finding(status, table, item, same[0].field.measure if len(same) == 1 else None, where=same[0].where, words=words)
    yield from _blank_totals(cells)


def _blank_totals(cells: Sequence[Reading]) -> Iterator[Finding]:
    total = next((r for r in cells if r.field.measure == "total" and r.status == Status.BLANK), None)
    if total and any(r.value for r in cells):
        yield Finding("blank_total", total.field.table, total.field.item, "total", where=total.where)


def document_findings(document: Document, form: Form, year: int | None) -> list[Finding]:
    """Report doubts that the file itself gives: lost characters, a form of another year."""
    found = [Finding("encoding_damage", observed=n) for n in document.damage]
    if year is not None and not form.first_year <= year <= form.last_year:
        tables = "yes" if form.tables else "no"
        found.append(Finding("foreign_year", words={"year": str(year), "form_zh": form.zh, "form_en": form.en, "tables": tables}))
    return found


def implausible_amounts(readings: Sequence[Reading], level: Callable[[], str]) -> Iterator[Finding]:
    """Find printed amounts beyond what an authority of its level has in a year; the level is asked for only where one may be.

    The limits stand in ``amounts.toml``.

    Examples
    --------
    >>> from gongkai.forms import load_form
    >>> fees = next(f for f in load_form("2021").fields if f.item == "fees")
    >>> [f.expected for f in implausible_amounts([Reading(fees, 4e11, "printed")], lambda: "county")]
    ['2000000000']
    >>> list(implausible_amounts([Reading(fees, 4e7, "printed")], lambda: "county"))
    []
    """
    limits = packaged(__package__, "amounts.toml")
    for r in readings:
        known = limits.get(r.field.item, {}) if r.field.unit == "yuan" else {}
        if known and r.value is not None and r.value > min(known.values()) and r.value > known[name := level()]:
            words = {f"level_{code}": text for code, text in limits["names"][name].items()}
            yield Finding("implausible_amount", *r.field.key, number_text(known[name]), number_text(r.value), r.where, words)


def authority_level(title: str | None, authority: str | None, code: str | None = None, year: int | None = None) -> str:
    """Return the level of an authority: that of its division, or below it; where that is in no table, the one that its name ends like.

    What cannot be told is taken for a province, which no amount is too large for.

    Examples
    --------
    >>> [authority_level(title, None) for title in ("沁县2019年政府信息公开年度报告", "淮安市2024年政府信息公开年度报告", None)]
    ['county', 'prefecture', 'province']
    """
    code = code or locate(title, authority, year=year).code
    if body_of(authority, title) == "street_or_town":
        return "street_or_town"
    if code is None:
        place = named_by(title or authority or "")[1]
        endings = packaged(__package__, "amounts.toml")["endings"]
        return next((name for name, ending in endings.items() if re.search(f"{ending}(?:人民政府.*)?$", place)), "province")
    return level_of(code)
