"""A county's years in words: DataFrames with a row a year -> tables of a page, and the sentence that may be concluded."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cache
from typing import TYPE_CHECKING, Any

from gongkai.core import findings
from gongkai.core.data import packaged
from gongkai.core.errors import refuse_language
from gongkai.core.messages import marked, place_words, said_of, say
from gongkai.forms import editions, load_form
from gongkai.indicators import indicators, status_word
from gongkai.inference import percent
from gongkai.places import told_in
from gongkai.studies.fragments import CONCLUDED, Cell, Html, grouped, paragraph, table_html

if TYPE_CHECKING:
    import pandas as pd

    from gongkai.studies.history import History

Heads = Mapping[str, str] | None


def tell(key: str, language: str, **values: object) -> str:
    """Fill in one text of ``history.toml``.

    Examples
    --------
    >>> tell("period", "en", first=2019, last=2023)
    '2019 to 2023'
    """
    refuse_language(language)
    return said_of(load()["words"], key, language, values)


def head(code: str, language: str = "zh", heads: Heads = None) -> str:
    """Name a column: as its reader asks, else by its short word, its indicator, or its label on the newest form that has it.

    Examples
    --------
    >>> head("carried_in", "en"), head("full_grant_share", "zh"), head("denied.state_secret", "en"), head("mine", "en", {"mine": "Mine"})
    ('Carried in', '予以公开占办结总数', '3.3.1 Denied: state secret', 'Mine')
    """
    if heads and code in heads:
        return heads[code]
    if code in load()["heads"]:
        return str(load()["heads"][code][language])
    if code in indicators():
        return str(getattr(indicators()[code], language))
    names = (
        getattr(table, side).get(code) for e in editions()[::-1] for table in load_form(e).tables.values() for side in ("items", "measures")
    )
    return next((str(getattr(name, language)) for name in names if name), code)


def year_table(frame: pd.DataFrame, history: History, language: str = "zh", cell: str = "", heads: Heads = None) -> Html:
    """Show a DataFrame with a row a year; where there is no number, it says why.

    Parameters
    ----------
    frame : DataFrame
        Numbers or texts; years without a report stay in it.
    history : History
        What it was made from.
    language : {"zh", "en"}
    cell : str
        Which cells of the form the columns are, such as ``applications/{}/total``: the reason is then that cell's own status, and its
        name stands on hover. Without it the columns may be indicators, or anything else.
    heads : mapping, optional
        Names of columns in place of those that the form gives.

    Returns
    -------
    Html
        Empty where no year has a number or a reason to tell. Columns that no report has are left out.
    """
    codes = [str(code) for code in frame]
    reasons = {code: _reasons(code, history, cell, language) for code in codes}
    kept = [
        code for code in codes if frame[code].notna().any() or any(word != tell("no_cell", language) for word in reasons[code].values())
    ]
    if not kept:
        return Html("")
    newest = history.read[-1].year if history.read else None
    rows = [
        _missing_row(run, len(kept), history, language) if run[0] not in history.forms else
        [Cell(str(run[0])), *(_shown(frame.at[run[0], code], reasons[code], run[0], _path(code, cell), run[0] == newest) for code in kept)]
        for run in _rows_of(history)
    ]  # fmt: skip
    dashed = any(c.text == "—" for row in rows for c in row)
    table = table_html([Cell(tell("year", language)), *(Cell(head(code, language, heads), True) for code in kept)], rows)
    return Html(table + (paragraph(tell("dash", language)) if dashed else ""))


def rate_table(rows: pd.DataFrame, language: str = "zh") -> pd.DataFrame:
    """Write rates by year as texts: each with its interval and its n, a contradictory year as the two answers that it gives.

    Parameters
    ----------
    rows : DataFrame
        From :func:`gongkai.indicators.table`.
    """
    import pandas as pd

    told = {(row["year"], row["indicator"]): _rate(row, language) for row in rows.to_dict("records")}
    texts = (
        pd.Series(list(told.values()), pd.MultiIndex.from_tuples(told, names=["year", "indicator"]), dtype="str").unstack()
        if told
        else pd.DataFrame()
    )
    return texts[[code for code in dict.fromkeys(rows["indicator"]) if code in texts]].rename_axis(index="year")


def parts_of(parts: pd.DataFrame, wholes: pd.DataFrame, language: str = "zh") -> pd.DataFrame:
    """Write parts of wholes as texts, ``5/21``, where both have a value."""
    import pandas as pd

    def text(part: Any, whole: Any) -> str | None:
        return None if pd.isna(part) or pd.isna(whole) else tell("of", language, part=grouped(part), whole=grouped(whole))

    columns = {str(code): [text(*pair) for pair in zip(parts[code], wholes[code], strict=True)] for code in parts}
    return pd.DataFrame(columns, index=parts.index, dtype="str")


def listed_table(numbers: pd.DataFrame, language: str = "zh") -> Html:
    """Show the numbers of indicator lists: a row for each indicator as printed, a column a year; empty where a list has none.

    Parameters
    ----------
    numbers : DataFrame
        Its rows are indicator and unit.
    """
    import pandas as pd

    heads = [Cell(tell("item", language)), *(Cell(str(year), True) for year in numbers)]
    told: Any = numbers.sort_index().iterrows()
    rows = [
        [
            Cell(f"（{unit}）".join([str(item), ""]) if isinstance(unit, str) else str(item)),
            *(Cell("" if pd.isna(v) else grouped(v), True) for v in values),
        ]
        for (item, unit), values in told
    ]
    return table_html(heads, rows)


def conclude(language: str, facts: Mapping[str, Any], **words: str) -> Html:
    """Return what may be concluded: a sentence with its facts filled in; without facts, that nothing is.

    Parameters
    ----------
    language : {"zh", "en"}
    facts : mapping
        Numbers and texts by name; empty where there is nothing to conclude from. Numbers are written in groups of three, years are not.
    **words : str
        The sentence in each language, such as ``zh="{n} 件"``.

    Examples
    --------
    >>> print(conclude("en", {"n": 1234, "most_year": 2020}, zh="{most_year} 年 {n} 件", en="{n} in {most_year}."))
    <p class="concluded">1,234 in 2020.</p>
    """
    told = {name: value if isinstance(value, str) or _is_year(name) else grouped(value) for name, value in facts.items()}
    said = words[language].format_map(told) if facts else tell("nothing", language)
    return Html(paragraph(said).replace("<p>", CONCLUDED))


def gravest(history: History, language: str = "zh", most: int = 6) -> pd.DataFrame:
    """Return the gravest findings of all years: errors before warnings, each kind once before any twice, the newest year first.

    Returns
    -------
    DataFrame
        Of texts; notes are not among them. ``attrs["total"]`` says how many there are.
    """
    found = history.found[history.found["level"] != "note"]
    level = found["level"].map(findings.LEVELS.index)
    times = found.sort_values("year", ascending=False, kind="stable").groupby("code").cumcount()
    order = found.assign(level_order=level, times=times).sort_values(["level_order", "times", "year"], ascending=[True, True, False])
    shown = worded(order.head(most), language)
    shown.attrs["total"] = len(found)
    return shown


def worded(found: pd.DataFrame, language: str = "zh") -> pd.DataFrame:
    """Write findings as texts: year, level, finding and place.

    Parameters
    ----------
    found : DataFrame
        Rows of ``history.findings`` or ``history.found``.
    """
    import pandas as pd

    texts = {
        "year": [tell("no_year", language) if pd.isna(year) else str(year) for year in found["year"]],
        "level": [say(f"level.{level}", language) for level in found["level"]],
        "finding": list(found["message_zh" if language == "zh" else "message"]),
        "where": [place_words(None if pd.isna(where) else where, language) for where in found["where"]],
    }
    return pd.DataFrame({tell(name, language): column for name, column in texts.items()}, dtype="str")


def county_titled(title: str, county: str, history: History, language: str) -> str:
    """Return the title of a figure of a county, with the words that it is simulated where it is."""
    return marked(tell("titled", language, county=told_in(county, language), title=title), language, history.simulated)


@cache
def load() -> Mapping[str, Any]:
    return packaged(__package__, "history.toml")


def _is_year(name: str) -> bool:
    return name in ("first", "last") or name.endswith("year")


def _rate(row: Mapping[Any, Any], language: str) -> str | None:
    import pandas as pd

    if pd.notna(row["value_printed"]) and pd.notna(row["value_summed"]):
        answers = {name: percent(row[f"value_{name}"], row["n"], language) for name in ("printed", "summed")}
        return tell("two_answers" if answers["printed"] != answers["summed"] else "one_answer", language, **answers)
    if pd.isna(row["value"]):
        return None
    ends = {name: percent(row[name], row["n"], language) for name in ("value", "low", "high") if pd.notna(row[name])}
    return tell("rate" if "low" in ends else "bare_rate", language, n=grouped(row["n"]), **ends)


def _reasons(code: str, history: History, cell: str, language: str) -> Mapping[int, str]:
    """Say for each year that was read why a column may have no number: by the cell's status, or the indicator's."""
    none = tell("no_cell", language)
    if code in indicators():
        words = history.indicator(code, "status")
        return {y: none if words[y] == "other_form" else status_word(words[y], language) for y in history.forms}
    if cell:
        table, item, measure = cell.format(code).split("/")
        status = history.wide(table, measure=measure, what="status")[item]
        return {y: say(f"status.{s}", language) if isinstance(s := status.get(y), str) else none for y in history.forms}
    has = {y: "applications" in load_form(form).tables for y, form in history.forms.items()}
    return {y: tell("no_value", language) if here else none for y, here in has.items()}


def _rows_of(history: History) -> list[list[int]]:
    """Give each year that was read a row of its own, and neighbouring years without a report one together."""
    rows: list[list[int]] = []
    for year in history.years:
        alike = rows and not {year, rows[-1][-1]} & history.forms.keys() and (year in history.unread) == (rows[-1][-1] in history.unread)
        if alike:
            rows[-1].append(year)
        else:
            rows.append([year])
    return rows


def _missing_row(run: Sequence[int], columns: int, history: History, language: str) -> list[Cell]:
    when = str(run[0]) if len(run) == 1 else f"{run[0]}\u2060–\u2060{run[-1]}"
    return [Cell(when), Cell(tell("unread" if run[0] in history.unread else "not_here", language), span=columns)]


def _path(code: str, cell: str) -> str:
    return "" if code in indicators() else cell.format(code)


def _shown(value: Any, reasons: Mapping[int, str], year: int, path: str, is_newest: bool) -> Cell:
    """Show one number; that of a cell of the newest form leads to the cell, which stands on the same page."""
    import pandas as pd

    if pd.isna(value):
        return Cell(reasons[year], True)
    text = value if isinstance(value, str) else grouped(value)
    return Cell(text, True, f"{year} {path}" if path else "", target=path if is_newest else "")
