"""What only several reports together can show: year against year, version against version, a government against its parts.

``cross_checks.toml`` says what must agree, ``findings.toml`` how a disagreement is said.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import cache
from typing import TYPE_CHECKING, Any

from gongkai.core.codes import Body
from gongkai.core.data import packaged
from gongkai.core.findings import LEVELS, level, message, place
from gongkai.core.messages import number_text, say, texts
from gongkai.core.model import Finding, Form, Name, Table
from gongkai.core.schema import frame
from gongkai.forms import editions, load_form

if TYPE_CHECKING:
    import pandas as pd

Breaks = Callable[[str], Iterable[Any]]

KEY, SERIES = ["table", "item", "measure"], ["unit", "body", "scope", "who"]
_ONE_YEAR, _ROUNDING = 1, 1e-6


@cache
def _rules() -> Mapping[str, Any]:
    return packaged(__package__, "cross_checks.toml")


def find_between(
    reports: pd.DataFrame, cells: pd.DataFrame, *, breaks: Breaks | None = None,
) -> pd.DataFrame:  # fmt: skip
    """Find what a careful reader would question in several reports together.

    Parameters
    ----------
    reports, cells : DataFrame
        The tables of those names, for reports that belong together: all years of a county, or of a province. Reports without a
        year or a division are compared with none. A missing number is not zero: where one side is missing nothing is said.
    breaks : callable, optional
        Names the mergers and splits of a unit, each with its ``year``; what lies before one is not compared with what lies after.

    Returns
    -------
    DataFrame
        The columns of the table ``findings``, the gravest first.

    Examples
    --------
    >>> import pandas as pd
    >>> reports = pd.DataFrame({"report_id": ["a", "b"], "form": "2021", "body": "government", "unit_id": "990001", "year": [2021, 2022]})
    >>> cells = pd.DataFrame({"report_id": ["a", "b"], "table": "applications", "item": ["carried_out", "carried_in"],
    ...                       "measure": "total", "value": [3, 1], "unit": "count"})
    >>> print(find_between(reports, cells)["message"].iloc[0])
    2. Carried over from last year · Total: the report of 2021 carries 3 applications over, the report of 2022 takes 1 over; ...
    """
    listed, numbers = _reports(reports), _numbers(cells)
    doubled, chosen = _versions(listed, numbers)
    pairs = _pairs(chosen, breaks)
    both = _paired_cells(pairs, numbers)
    found = [
        doubled, *(_identity(rule, pairs, numbers) for rule in _rules()["identities"]), _restarts(both, numbers), _copies(both),
        _scales(chosen, numbers, breaks), _below_own_parts(chosen, numbers),
    ]  # fmt: skip
    forms = dict(zip(listed["report_id"], listed["form"], strict=True))
    records = (record for part in found for record in part.to_dict("records"))
    rows = [_row({str(name): value for name, value in record.items()}, forms.get(record["report_id"], "")) for record in records]
    return frame("findings", sorted(rows, key=lambda r: (LEVELS.index(r[2]), r[0])))


def _reports(reports: pd.DataFrame) -> pd.DataFrame:
    """Keep the reports that can be compared: those of which it is known whose they are, as in the panel."""
    import pandas as pd

    names = ["report_id", "path", "form", "authority", "body", "scope", "published", "division_code", "unit_id"]
    known = reports.reindex(columns=names).astype("str").fillna("")
    known["published"] = pd.to_datetime(known["published"], format="ISO8601", errors="coerce").dt.strftime("%Y-%m-%d").fillna("")
    known["year"] = pd.to_numeric(reports.reindex(columns=["year"])["year"], errors="coerce").astype("Float64")
    known["unit"] = known["unit_id"].where(known["unit_id"] != "", known["division_code"])
    known["who"] = known["authority"].where(known["body"] != Body.GOVERNMENT, "")
    named = (known["body"] == Body.GOVERNMENT) | ((known["body"] != "") & (known["who"] != ""))
    told = (known["unit"] != "") & named & known["year"].notna()
    return known[told].drop_duplicates("report_id").astype({"year": "int64"})


def _numbers(cells: pd.DataFrame) -> pd.DataFrame:
    """Give each cell an integer key for joins, and treat infinite values as missing."""
    import pandas as pd

    known = cells.reindex(columns=["report_id", *KEY, "value", "unit", "where"])
    text = known.drop(columns="value").astype("str")
    value = pd.to_numeric(known["value"], errors="coerce").astype("Float64").astype("float64")
    code = text.groupby(KEY).ngroup()
    numbers = text.fillna({"unit": ""}).assign(value=value.where(value.abs() < math.inf), cell=code)
    return numbers[code.notna() & (code >= 0)].drop_duplicates(["report_id", "cell"])


def _versions(reports: pd.DataFrame, cells: pd.DataFrame) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Find reports of one authority on one year; return what to say of them, and one of each for comparison if it can be told."""
    import numpy as np

    key = [*SERIES, "year"]
    ranked = reports.sort_values([*key, "published", "report_id"])
    latest = ranked.drop_duplicates(key, keep="last")
    rest = ranked[ranked.duplicated(key, keep="last")]
    pairs = rest.merge(latest, on=key, suffixes=("", "_latest"))
    pairs = pairs.merge(_differing(pairs[["report_id", "report_id_latest"]], cells), on=["report_id", "report_id_latest"], how="left")
    pairs[["count", "differing"]] = pairs[["count", "differing"]].fillna(0).astype("int64")
    same = (pairs["count"] > 0) & (pairs["differing"] == 0)
    dated = (pairs["published"] != "") & (pairs["published"] < pairs["published_latest"])
    pairs["code"] = np.select([same, dated], ["two_copies", "two_versions"], "versions_open")
    for side, end in (("observed", ""), ("expected", "_latest")):
        named = pairs[f"path{end}"].where(pairs[f"path{end}"] != "", pairs[f"report_id{end}"])
        pairs[side] = named + pairs[f"published{end}"].map(lambda day: f" {day}" if day else "")
    undecided = pairs.loc[pairs["code"] == "versions_open", "report_id_latest"]
    return pairs, latest[~latest["report_id"].isin(undecided)]


def _differing(pairs: pd.DataFrame, cells: pd.DataFrame) -> pd.DataFrame:
    """Count the cells that two reports have, and those whose numbers differ; a number that is missing in one differs."""
    names = list(pairs.columns)
    one, other = (pairs.merge(cells[["report_id", "cell", "value"]].rename(columns={"report_id": n}), on=n) for n in names)
    both = one.merge(other, on=[*names, "cell"], how="outer")
    alike = (both["value_x"] == both["value_y"]) | (both["value_x"].isna() & both["value_y"].isna())
    return both.assign(count=True, differing=~alike).groupby(names)[["count", "differing"]].sum().reset_index()


def _pairs(reports: pd.DataFrame, breaks: Breaks | None) -> pd.DataFrame:
    """Pair each report with the one before it of the same series."""
    ordered = reports.sort_values([*SERIES, "year"])
    earlier = ordered.groupby(SERIES)[["report_id", "year"]].shift().set_axis(["before", "year_before"], axis=1)
    pairs = ordered[["report_id", "unit", "year"]].join(earlier).dropna().astype({"year_before": "int64"})
    spans = zip(pairs["unit"], pairs["year_before"], pairs["year"], strict=True)
    whole = [_unbroken(*span, breaks) for span in spans]
    return pairs.loc[whole, ["report_id", "before", "year", "year_before"]]


def _paired_cells(pairs: pd.DataFrame, cells: pd.DataFrame) -> pd.DataFrame:
    """Join what two reports print in the same cell in the same unit."""
    printed = cells.dropna(subset="value")
    earlier = printed[["report_id", "cell", "value", "unit"]].set_axis(["before", "cell", "value_before", "unit"], axis=1)
    return pairs.merge(printed, on="report_id").merge(earlier, on=["before", "cell", "unit"])


def _identity(rule: Mapping[str, Any], pairs: pd.DataFrame, cells: pd.DataFrame) -> pd.DataFrame:
    """Find identities between two consecutive years that do not hold."""
    free, fixed = ("measure", "item") if rule["each"] == "measure" else ("item", "measure")
    own = cells[cells["table"] == rule["table"]].dropna(subset="value")
    rows = pairs[pairs["year"] - pairs["year_before"] == _ONE_YEAR]
    rows = rows.merge(own[own[fixed] == rule["equals"]], on="report_id").rename(columns={"value": "observed"}).assign(expected=0.0)
    for side, report in (("before", "before"), ("after", "report_id")):
        for name, sign in rule[side].items():
            term = own.loc[own[fixed] == name, ["report_id", free, "value"]].set_axis([report, free, f"{side}_{name}"], axis=1)
            rows = rows.merge(term, on=[report, free])
            rows["expected"] += sign * rows[f"{side}_{name}"]
    return rows[(rows["expected"] - rows["observed"]).abs() > _ROUNDING].assign(code=rule["code"])


def _restarts(both: pd.DataFrame, cells: pd.DataFrame) -> pd.DataFrame:
    """Find cumulative numbers that fall from one year to the next, unless both lists count only from January on."""
    rows = both[both["measure"].isin(_rules()["cumulative"]["measures"]) & (both["value"] < both["value_before"])]
    listed = cells[cells["table"] == "statistics"]
    columns = (listed.loc[listed["measure"] == name, ["report_id", "item", "value"]] for name in ("cumulative", "year"))
    beside = next(columns).merge(next(columns), on=["report_id", "item"]).dropna()
    alike = beside["value_x"].eq(beside["value_y"]).groupby(beside["report_id"]).all()
    yearly = alike.index[alike]
    rows = rows[~((rows["table"] == "statistics") & rows["report_id"].isin(yearly) & rows["before"].isin(yearly))]
    return _before_and_after(rows, "cumulative_restart")


def _scales(reports: pd.DataFrame, cells: pd.DataFrame, breaks: Breaks | None) -> pd.DataFrame:
    """Find amounts about 10,000 times apart from the last one that the same authority printed before."""
    rule = _rules()["money"]
    printed = cells[(cells["unit"] == rule["unit"]) & (cells["value"] > 0)].rename(columns={"unit": "money"})
    rows = reports[["report_id", *SERIES, "year"]].merge(printed, on="report_id").sort_values([*SERIES, "cell", "year"])
    rows[["year_before", "value_before"]] = rows.groupby([*SERIES, "cell"])[["year", "value"]].shift()
    ratio = rows[["value", "value_before"]].max(axis=1) / rows[["value", "value_before"]].min(axis=1)
    far = rows[rows["year_before"].notna() & ratio.between(rule["least"], rule["most"])]
    spans = zip(far["unit"], far["year_before"].astype("int64"), far["year"], strict=True)
    far = far.loc[[_unbroken(*span, breaks) for span in spans]]
    return _before_and_after(far.assign(unit=far["money"], year_before=far["year_before"].astype("int64")), "money_scale")


def _unbroken(unit: str, before: int, year: int, breaks: Breaks | None) -> bool:
    """Say whether a unit was neither merged nor split between two years."""
    return not any(before < change.year <= year for change in (breaks(unit) if breaks else ()))


def _copies(both: pd.DataFrame) -> pd.DataFrame:
    """Find tables that repeat many numbers of the year before; sums and zeros are not counted, since they prove nothing more."""
    rule = _rules()["copied"]
    near = both[both["year"] - both["year_before"] == _ONE_YEAR]
    near = near[~_sums(near) & ((near["value"] != 0) | (near["value_before"] != 0))]
    group = ["report_id", "table", "year", "year_before"]
    rows = near.assign(same=near["value"] == near["value_before"]).groupby(group)["same"].agg(["sum", "size"]).reset_index()
    rows = rows[(rows["sum"] >= rule["least"]) & (rows["sum"] >= rule["share"] * rows["size"])]
    rows = rows.rename(columns={"sum": "observed", "size": "expected"}).assign(code="copied_figures")
    alike = near[near["value"] == near["value_before"]].merge(rows[["report_id", "table"]], on=["report_id", "table"])
    shown = alike.groupby(["report_id", "table"]).head(rule["examples"]).groupby(["report_id", "table"])
    examples = [shown.get_group(key).to_dict("records") for key in zip(rows["report_id"], rows["table"], strict=True)]
    told: pd.DataFrame = rows.assign(examples=examples)
    return told


def _sums(rows: pd.DataFrame) -> pd.Series[bool]:
    """Say of each cell whether an edition of the form makes it the sum of others."""
    import pandas as pd

    sums = {i.right[0].key for code in editions() for i in load_form(code).identities if len(i.right) == 1}
    cells = rows[["cell", *KEY]].drop_duplicates("cell")
    held = [cell for cell, *key in cells.itertuples(index=False) if tuple(key) in sums]
    return pd.Series(rows["cell"].isin(held))


def _below_own_parts(reports: pd.DataFrame, cells: pd.DataFrame) -> pd.DataFrame:
    """Find governments whose printed sums are below those of one of their departments or towns."""
    rule = _rules()["below"]
    named = reports.assign(division=reports["division_code"].str[:6])[["report_id", "authority", "body", "scope", "year", "division"]]
    whole = named[(named["body"] == Body.GOVERNMENT) & named["scope"].isin(rule["wholes"]) & (named["division"] != "")]
    parts = named[named["body"].isin(rule["parts"])].rename(columns={"report_id": "before"})
    pairs = whole[["report_id", "year", "division"]].merge(parts[["before", "authority", "year", "division"]], on=["year", "division"])
    own = cells[(cells["table"] == rule["table"]) & cells["item"].isin(rule["items"]) & (cells["measure"] == rule["measure"])]
    rows = _paired_cells(pairs, own)
    return _before_and_after(rows[rows["value"] < rows["value_before"]], "below_department")


def _before_and_after(rows: pd.DataFrame, code: str) -> pd.DataFrame:
    return rows.assign(code=code, expected=rows["value_before"], observed=rows["value"])


def _row(record: Mapping[str, Any], edition: str) -> tuple[Any, ...]:
    """Turn one row of a rule's frame into a row of the table of findings; every column is a word for the message."""
    keys: list[str | None] = [_printed_value(record.get(name)) for name in (*KEY, "expected", "observed", "where")]
    table, item, measure, expected, observed, where = keys
    words = {name: _printed_value(value) or "" for name, value in record.items() if name not in ("expected", "observed")}
    for language in ("zh", "en"):
        for side in ("expected", "observed"):
            words[f"{side}_{language}"] = _quantity(record.get(side), record.get("unit"), language)
        words[f"examples_{language}"] = _examples(record.get("examples", ()), edition, language)
    finding = Finding(record["code"], table, item, measure, expected, observed, where, words)
    form = _form(edition, table, item, measure)
    said = message(finding, form, "en"), message(finding, form, "zh")
    return record["report_id"], finding.code, level(finding.code), table, item, measure, expected, observed, *said, where


def _printed_value(value: Any) -> str | None:
    import pandas as pd

    known = not isinstance(value, list) and not pd.isna(value)
    return None if not known else number_text(value) if isinstance(value, int | float) else str(value)


def _quantity(value: Any, unit: Any, language: str) -> str:
    """Say a number with its unit: in words where it is one of ours, as printed where it is one of a list."""
    number, unit = _printed_value(value) or "", _printed_value(unit) or ""
    return say(f"unit.{unit}", language, value=number) if unit in texts()["unit"] else f"{number} {unit}".strip()


def _examples(records: Sequence[Mapping[str, Any]], edition: str, language: str) -> str:
    cells = ((r["table"], r["item"], r["measure"], _quantity(r["value"], r["unit"], language)) for r in records)
    said = (f"{place(_form(edition, t, i, m), t, i, m, language)} {quantity}" for t, i, m, quantity in cells)
    return say("explain.comma", language).join(said)


@cache
def _form(edition: str, table: str | None, item: str | None, measure: str | None) -> Form | None:
    """Return the edition that names a cell; a row or column that no form has is named by its code."""
    form = load_form(edition if edition in editions() else "narrative")
    known = form.tables.get(table or "")
    if table is None or (known and (not item or item in known.items) and (not measure or measure in known.measures)):
        return form
    words = _rules()["names"].get(measure, {"zh": measure, "en": measure})
    items = {item: Name(item, item, item, "")} if item else {}
    measures = {measure: Name(measure, **words, short="")} if measure else {}
    title = load_form("statistics").sections[-1][1][0] if table == "statistics" else table
    named = Table(table, title, table, (), across=False, items=items, measures=measures, groups=(), spans={})
    return Form(edition, edition, edition, 0, 0, {table: named}, (), (), ())
