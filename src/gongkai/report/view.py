"""The official form, filled in: as a page, as text, as a DataFrame. The one renderer for Jupyter, the command line and the site."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import partial
from typing import TYPE_CHECKING

from markupsafe import Markup, escape

from gongkai.core import findings as finding_words
from gongkai.core.codes import Level, Status
from gongkai.core.errors import UsageError, refuse_language
from gongkai.core.messages import LANGUAGES, Words, aligned, number_text, place_words, say, wrapped
from gongkai.core.model import Finding, Form, Group, Reading, Table
from gongkai.core.text import MONEY_UNITS, money_unit
from gongkai.forms.layout import Box, layout
from gongkai.report.templates import fill, style

if TYPE_CHECKING:
    import pandas as pd

# A sign beside the value, so that no status is told by its colour alone.
# In the order of the legend.
SIGNS: dict[str, str] = {
    Status.PRINTED: "", Status.REALIGNED: "↔", Status.BLANK: "", Status.MARK: "", Status.ABSENT: "", Status.UNCERTAIN: "?",
    Status.UNREADABLE: "×",
}  # fmt: skip
DEDUCED, QUESTIONED = "∴", "!"
HEAD_WIDTH = 14
# A single cell is printed in at most this many words ("约 30 件"); a source row has more.
_MOST_WORDS = 3


@dataclass(frozen=True, slots=True)
class Shown:
    """One box as it is shown: ``text`` is a value, status word or label; ``signs`` beside it, ``hover`` over it; ``path`` is its cell's."""

    text: str
    kind: str
    rows: int
    columns: int
    signs: str = ""
    hover: str = ""
    path: str = ""

    @property
    def is_cell(self) -> bool:
        return self.kind in SIGNS


@dataclass(frozen=True, slots=True)
class _Sheet:
    title: str
    rows: tuple[tuple[Shown, ...], ...]


def form_html(
    form: Form, readings: Sequence[Reading], findings: Sequence[Finding], language: str = "zh", heading: str = "",
    lists_findings: bool = True,
) -> str:  # fmt: skip
    """Turn readings into the official form as HTML, every cell coloured by its status.

    Parameters
    ----------
    form : Form
        The edition.
    readings : sequence of Reading
        What its cells were read as.
    findings : sequence of Finding
        What is to be said on hover and in the list below the tables.
    language : {"zh", "en"}
        The language of labels and messages; printed characters stay as they are.
    heading : str
        What stands above the tables, such as the report's title.
    lists_findings : bool
        Whether the findings stand below the tables.

    Returns
    -------
    str
        A fragment with its own scoped style, without script and without anything to be fetched. All text is escaped.

    Examples
    --------
    >>> from gongkai.forms import load_form
    >>> form = load_form("2019")
    >>> page = form_html(form, [Reading(form.fields[0], None, "blank")], [], "en", heading="<b>")
    >>> "<b>" in page, "blank" in page
    (False, True)
    """
    refuse_language(language)
    sheets = [_sheet(form, table, readings, findings, language) for table in form.tables.values()]
    return fill(
        "form.html.j2", css=Markup(style("form.css")), sheets=sheets, heading=heading, language=language,
        legend=_legend(readings, findings, language),
        findings=_ranked_findings(form, findings, language) if lists_findings else None, say=partial(say, language=language),
    )  # fmt: skip


def form_text(form: Form, readings: Sequence[Reading], findings: Sequence[Finding], language: str = "zh") -> str:
    """Turn readings into the official tables as aligned text for a terminal, with a legend of the signs that occur.

    Examples
    --------
    >>> from gongkai.forms import load_form
    >>> form = load_form("2019")
    >>> print(form_text(form, [Reading(f, 0.0, "printed") for f in form.fields], [], "en").splitlines()[0])
    Proactive disclosure
    """
    refuse_language(language)
    blocks = [f"{getattr(t, language)}\n{aligned(_table_texts(form, t, readings, findings, language))}" for t in form.tables.values()]
    marked = [f"{sign} {text}" for _, sign, text, _ in _legend(readings, findings, language) if sign]
    return "\n\n".join([*blocks, *(["\n  ".join([say("show.legend", language) + ":", *marked])] if marked else [])])


def table_frame(form: Form, readings: Sequence[Reading], name: str, language: str = "zh") -> pd.DataFrame:
    """Turn readings into one table of the official form as people know it.

    Parameters
    ----------
    form : Form
        The edition.
    readings : sequence of Reading
        What its cells were read as.
    name : str
        ``disclosure``, ``applications`` or ``review``.
    language : {"zh", "en"}
        The language of the labels.

    Returns
    -------
    DataFrame
        Items as rows, measures as columns, numbers as ``Float64``; NA where no number was read or the form has no such cell. Amounts are
        in the unit that the column's head names (万元), in yuan where it names none.

    Raises
    ------
    UsageError
        If the form has no such table.

    Examples
    --------
    >>> from gongkai.forms import load_form
    >>> form = load_form("2019")
    >>> table_frame(form, [Reading(f, 0.0, "printed") for f in form.fields], "review", "en").shape
    (3, 5)
    """
    import pandas as pd

    refuse_language(language)
    table = _asked_table(form, name)
    rows = [item for group in table.groups for item in group.items]
    values = {(r.field.item, r.field.measure): r.value for r in readings if r.field.table == name}
    heads = {getattr(measure, language): measure for measure in table.measures.values()}
    columns = {
        head: pd.array([_value_under(head, values.get((item, measure.code)), measure.unit) for item in rows], dtype="Float64")
        for head, measure in heads.items()
    }
    return pd.DataFrame(columns, index=pd.Index([getattr(table.items[item], language) for item in rows], name=getattr(table, language)))


def _value_under(head: str, value: float | None, unit: str) -> float | None:
    """Return a value as it stands under a head: an amount in the unit that the head names."""
    return value if value is None or unit != "yuan" else float(_amount(value, money_unit(head)))


def _amount(yuan: float, unit: str) -> Decimal:
    """Turn yuan into a unit of money, exactly; into yuan where none is named."""
    return Decimal(number_text(yuan)) / MONEY_UNITS.get(unit, 1)


def value_text(reading: Reading, language: str, head: str = "") -> str:
    """Say what stands in a cell: its value with its unit, or the word for its status, never 0 where nothing was read.

    Parameters
    ----------
    reading : Reading
        The cell.
    language : {"zh", "en"}
        The language of unit and status.
    head : str
        The head that the value is shown under: an amount is given in the unit that it names, else in yuan.

    Examples
    --------
    >>> from gongkai.forms import load_form
    >>> field = load_form("2019").fields[0]
    >>> value_text(Reading(field, 3.0, "printed"), "zh"), value_text(Reading(field, None, "mark", "—"), "zh")
    ('3', '符号 “—”')
    """
    if reading.value is not None and reading.field.unit == "yuan":
        unit = money_unit(head)
        value = number_text(_amount(reading.value, unit))
        return f"{value} {unit}" if unit else say("unit.yuan", language, value=value)
    if reading.value is not None:
        return number_text(reading.value)
    word = say(f"status.{reading.status}", language)
    return f"{word} “{reading.printed}”" if reading.status == Status.MARK and reading.printed and not prints_row(reading) else word


def prints_row(reading: Reading) -> bool:
    """Say whether ``printed`` holds the whole source row instead of one cell: so it is for realigned rows and for uncertain ones.

    Examples
    --------
    >>> from gongkai.forms import load_form
    >>> field = load_form("2019").fields[0]
    >>> [prints_row(Reading(field, None, "mark", text)) for text in ("—", "规章\\t—\\t—\\t0")]
    [False, True]
    """
    words = (reading.printed or "").split()
    return bool(words) and (
        reading.status in (Status.REALIGNED, Status.BLANK) or (reading.status != Status.PRINTED and len(words) > _MOST_WORDS)
    )


def signs(reading: Reading, findings: Iterable[Finding]) -> str:
    """Return the signs that stand beside a cell: its status, a proof that exists, a finding of weight about this very cell."""
    own = any(_about(f, reading.field.key) == "cell" and finding_words.level(f.code) != Level.NOTE for f in findings)
    return (
        SIGNS[reading.status] + (DEDUCED if reading.deduced is not None else "") + (QUESTIONED if own and not SIGNS[reading.status] else "")
    )


def _asked_table(form: Form, name: str) -> Table:
    if name not in form.tables:
        known = ", ".join(form.tables) or "-"
        raise UsageError.of("show.no_table", name, form=Words(form.zh, form.en), known=known)
    return form.tables[name]


def _sheet(form: Form, table: Table, readings: Sequence[Reading], findings: Sequence[Finding], language: str) -> _Sheet:
    """Fill one table of the form in."""
    by_path = {r.field.path: r for r in readings}
    own = [f for f in findings if f.table == table.code]
    rows = layout(form, {})[table.code]
    shown = tuple(tuple(_box(form, table, box, by_path, own, language) for box in row) for row in rows)
    return _Sheet(getattr(table, language), tuple(row for row, boxes in zip(shown, rows, strict=True) if _is_needed(boxes, by_path)))


def _is_needed(boxes: Sequence[Box], by_path: Mapping[str, Reading]) -> bool:
    """Say whether to show a row: one of whose cells none has a reading in this edition is left out."""
    paths = [box.path for box in boxes if box.path]
    return not paths or any(path in by_path for path in paths)


def _box(form: Form, table: Table, box: Box, by_path: Mapping[str, Reading], findings: Sequence[Finding], language: str) -> Shown:
    reading = by_path.get(box.path)
    if reading:
        about = [f for f in findings if _about(f, reading.field.key)]
        hover = _hover(form, reading, about, language)
        value = value_text(reading, language, getattr(table.measures[reading.field.measure], language))
        return Shown(value, reading.status, box.rows, box.columns, signs(reading, about), hover, box.path)
    about = _about_line(findings, *_named_by_labels(table).get(box.text, (None, None)))
    hover = "\n".join(finding_text(form, f, language) for f in about)
    return Shown(_label(table, box.text, language), _label_kind(table, box), box.rows, box.columns, QUESTIONED if about else "", hover)


def _about_line(findings: Iterable[Finding], item: str | None, measure: str | None) -> list[Finding]:
    """Return the findings of weight about a whole row or a whole column."""
    return [
        f for f in findings if (item or measure) and (f.item, f.measure) == (item, measure) and finding_words.level(f.code) != Level.NOTE
    ]


def _label_kind(table: Table, box: Box) -> str:
    """Say how a label stands on the sheet: a corner, a row's own label, a merged label beside several rows, or a head."""
    if box.text in {g.corner for g in table.groups}:
        return "corner"
    if not table.across and box.text in {n.zh for n in table.items.values()}:
        return "left"
    return "narrow" if box.rows > 1 and box.text in table.spans.values() else "head"


def _named_by_labels(table: Table) -> dict[str, tuple[str | None, str | None]]:
    """Return, for each printed label, the item or the measure that it names; one that names both names neither."""
    items = {n.zh: (n.code, None) for n in table.items.values()}
    measures = {n.zh: (None, n.code) for n in table.measures.values()}
    return {zh: name for zh, name in {**items, **measures}.items() if not (zh in items and zh in measures)}


def _label(table: Table, zh: str, language: str) -> str:
    if language == "zh":
        return zh
    names = {n.zh: n.en for n in (*table.measures.values(), *table.items.values())}
    return names.get(zh) or table.english.get(zh, zh)


def _about(finding: Finding, key: tuple[str, str, str]) -> str:
    """Say how a finding touches a cell: ``cell``, ``row``, ``column``, or not at all."""
    table, item, measure = key
    if finding.table != table or finding.item not in (None, item) or finding.measure not in (None, measure):
        return ""
    return {(True, True): "cell", (True, False): "row", (False, True): "column"}.get((bool(finding.item), bool(finding.measure)), "")


def _hover(form: Form, reading: Reading, findings: Sequence[Finding], language: str) -> str:
    """Say what a pointer over a cell shows: path, status, printed characters, place, proof, findings."""
    status = say(
        "show.status", language, status=say(f"status.{reading.status}", language), meaning=say(f"meaning.{reading.status}", language)
    )
    lines = [reading.field.path, status]
    if reading.printed:
        lines.append(say("show.row" if prints_row(reading) else "show.printed", language, printed=" ".join(reading.printed.split())))
    if reading.where:
        lines.append(say("show.where", language, place=place_words(reading.where, language)))
    if reading.deduced is not None:
        lines.append(say("show.deduced", language, value=number_text(reading.deduced)))
    return "\n".join([*lines, *(finding_text(form, f, language) for f in findings)])


def finding_text(form: Form, finding: Finding, language: str) -> str:
    """Say a finding on one line, its level before it; the tabs of a source row are shown as spaces."""
    message = " ".join(finding_words.message(finding, form, language).split())
    return f"[{say(f'level.{finding_words.level(finding.code)}', language)}] {message}"


def _legend(readings: Sequence[Reading], findings: Sequence[Finding], language: str) -> list[tuple[str, str, str, str]]:
    """Return class, sign, words and meaning of every status and sign that occurs, with how many cells have it."""
    counts = Counter(r.status for r in readings)
    found = [(s, SIGNS[s], f"{say(f'status.{s}', language)} {counts[s]}", say(f"meaning.{s}", language)) for s in SIGNS if counts[s]]
    marked = "".join(signs(r, findings) for r in readings)
    beside = any(f.table and bool(f.item) != bool(f.measure) and finding_words.level(f.code) != Level.NOTE for f in findings)
    extra = [("deducible", DEDUCED, DEDUCED in marked), ("question", QUESTIONED, QUESTIONED in marked or beside)]
    return found + [("", sign, say(f"show.{name}", language), "") for name, sign, is_there in extra if is_there]


def _ranked_findings(form: Form, findings: Sequence[Finding], language: str) -> list[tuple[str, str, str, str]]:
    """Return level, its word, message and place of each finding, the gravest first."""
    ranked = sorted(((finding_words.level(f.code), f) for f in findings), key=lambda pair: finding_words.LEVELS.index(pair[0]))
    return [
        (
            level,
            say(f"level.{level}", language),
            finding_words.message(f, form, language),
            place_words(f.where, language) if f.where else "",
        )
        for level, f in ranked
    ]


def corpus_text(reports: pd.DataFrame, failures: int) -> str:
    """Say in one line what a corpus holds: reports, years, failures, cells by status."""
    cells = {name.removeprefix("cells_"): int(reports[name].sum()) for name in map(str, reports.columns) if name.startswith("cells_")}
    counts = ", ".join(f"{status} {n}" for status, n in cells.items() if n) or "—"
    years = reports["year"].dropna()
    span = f"{years.min()}—{years.max()}" if len(years) else "—"
    return f"reports={len(reports)}, years={span}, failures={failures}, {sum(cells.values())} cells: {counts}"


def corpus_html(reports: pd.DataFrame, failures: int) -> str:
    """Turn the reports of a corpus into HTML: how many there are in both languages, and their cells by year and status."""
    counted = {"reports": len(reports), "failures": failures, "units": int(reports["unit_id"].nunique())}
    by_year = reports.groupby("year", dropna=False)
    table = by_year[[f"cells_{status}" for status in SIGNS]].sum()
    table.insert(0, "reports", by_year.size())
    html: str = table.rename(columns=lambda c: c.removeprefix("cells_")).to_html(border=0, na_rep="—")
    return "".join(f"<p>{escape(say('corpus.held', language, **counted))}</p>" for language in LANGUAGES) + html


def _table_texts(form: Form, table: Table, readings: Sequence[Reading], findings: Sequence[Finding], language: str) -> list[list[str]]:
    """Turn one table into rows of texts: each group's heads, then its labels and values with their signs."""
    by_path = {r.field.path: r for r in readings}
    own = [f for f in findings if f.table == table.code]
    rows: list[list[str]] = []
    for group in table.groups:
        rows += _head_lines(table, group, own, language)
        above: tuple[str, ...] = ()
        for item in group.items:
            read = [by_path[path] for m in group.measures if (path := f"{table.code}/{item}/{m}") in by_path]
            heads = (getattr(table.measures[r.field.measure], language) for r in read)
            values = [value_text(r, language, head) + signs(r, own) for r, head in zip(read, heads, strict=True)]
            if read:
                label, above = _stub_lines(table, item, above, language)
                label[-1] += QUESTIONED if _about_line(own, item, None) else ""
                rows += [*([text] for text in label[:-1]), [label[-1], *values]]
    return rows


def _head_lines(table: Table, group: Group, findings: Sequence[Finding], language: str) -> list[list[str]]:
    heads = [getattr(table.measures[m], language) + (QUESTIONED if _about_line(findings, None, m) else "") for m in group.measures]
    lines = [wrapped(head, HEAD_WIDTH) for head in heads]
    depth = max(map(len, lines))
    title = _label(table, group.zh, language)
    return [[title if not k else "", *(line[k] if k < len(line) else "" for line in lines)] for k in range(depth)]


def _stub_lines(table: Table, item: str, above: tuple[str, ...], language: str) -> tuple[list[str], tuple[str, ...]]:
    """Return the lines of a row's label: first the merged labels that begin here, indented; the explanation in brackets is cut off."""
    under = table.items[item].under
    fresh = [k for k in range(len(under)) if under[: k + 1] != above[: k + 1]]
    merged = ["  " * k + _label(table, table.spans[under[k]], language) for k in fresh]
    own: str = getattr(table.items[item], language)
    return [*merged, "  " * len(under) + re.sub(r"(?<=.)（[^（）]{8,}）$", "", own)], under
