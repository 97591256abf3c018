"""Tables and sentences of many counties."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from html import escape
from typing import TYPE_CHECKING, Any

from gongkai.core.messages import number_text, say
from gongkai.indicators import status_word
from gongkai.inference import FEWEST, design_effect, design_sentence, funnel, funnel_sentence, percent, ranked, ranks_sentence
from gongkai.places import name_of
from gongkai.studies.comparison.labels import label_of, marked, tell, where
from gongkai.studies.comparison.selection import digits, one_year
from gongkai.studies.fragments import Html, as_table, paragraph
from gongkai.studies.units import NAMED_BY, named

if TYPE_CHECKING:
    import pandas as pd

    from gongkai.corpus import Corpus

MOST_NAMED = 12


def title(parent: str, years: tuple[int, int], language: str = "zh", codes: Iterable[str] = ()) -> Html:
    """Return the title of a comparison of the divisions of some ``codes``, and what it does not hold.

    Examples
    --------
    >>> print(title("3208", (2019, 2024), "en").split("<p>")[0])
    <h1>Counties of Huai&#x27;an, Jiangsu (江苏省淮安市), 2019 to 2024</h1>
    """
    when = tell("years", language, first=years[0], last=years[1])
    said = marked(tell("title", language, where=where(parent, language), when=when), [digits(parent), *codes], language)
    return Html(f"<h1>{escape(said)}</h1>" + paragraph(tell("standing", language)))


def heading(key: str, language: str = "zh", code: str = "", year: int | None = None) -> Html:
    """Return one of the comparison's headings, of one indicator and year where they are given.

    Examples
    --------
    >>> print(heading("table", "en", "refusal_share", 2024))
    <h2>Denied, of all processed, 2024: shrunken shares and rank intervals</h2>
    """
    label = label_of(code, language) if code else ""
    return Html(f"<h2>{tell(f'heading_{key}', language, label=label, year=year)}</h2>")


def presence_table(corpus: Corpus, parent: str, years: tuple[int, int], language: str = "zh") -> pd.DataFrame:
    """Count the counties below a division by year and by what is known of their reports, and name those that are missing.

    Parameters
    ----------
    corpus : Corpus
    parent : str
        As in :func:`gongkai.studies.comparison.compared`.
    years : (int, int)
    language : {"zh", "en"}

    Returns
    -------
    DataFrame
        Of texts. Without a list of who should have published (``frame.csv``), a missing report says nothing about the authority.
    """
    import pandas as pd

    known = corpus.select(years=years).coverage()
    code = known["division_code"]
    about = corpus.select(years=years).reports
    names = dict(zip(about["division_code"], (named(*own) for own in about[[*NAMED_BY]].itertuples(index=False, name=None)), strict=True))
    known = known[code.str.startswith(digits(parent)) & ~code.str.endswith("00") & known["year"].between(*years)]
    statuses = [status for status in _STATUSES if (known["status"] == status).any()]
    rows = []
    for year in sorted(known["year"].unique()):
        own = known[known["year"] == year]
        gone = [name_of(c, int(year)) or names.get(c, c) for c in own.loc[own["status"] != "in_corpus", "division_code"]]
        counts = [str((own["status"] == status).sum()) for status in statuses]
        rows.append([str(year), str(len(own)), *counts, _named_few(gone, language)])
    return pd.DataFrame(rows, columns=[tell(key, language) for key in ("year", "expected", *statuses, "missing")], dtype="str")


def aside_table(rows: pd.DataFrame, language: str = "zh") -> Html:
    """List the reports that are not compared, each with the reason."""
    import pandas as pd

    told = [(str(a["year"]), a["name"], a["division_code"], tell(a["why"], language)) for a in rows.attrs.get("set_aside", [])]
    columns = [tell(key, language) for key in ("year", "county", "code", "why")]
    return as_table(pd.DataFrame(told, columns=columns, dtype="str")) if told else paragraph(tell("none", language))


def ranked_table(rows: pd.DataFrame, code: str, year: int, language: str = "zh") -> Html:
    """Set out, in the order of codes, what counties report, their shrunken shares, and the interval of each rank; grey under 30 cases.

    Beside them, how many counties each lies above and below with enough posterior probability, since intervals show no order.
    Where fewer than five counties have a value there are neither.
    """
    import pandas as pd

    own = one_year(rows, code, year)
    if len(own) < FEWEST:
        return paragraph(tell("few", language, n=len(own), fewest=FEWEST))
    found = ranked(own["numerator"], own["denominator"]).join(own["name"])
    texts = [_ranked_row(str(at), row, language) for at, row in found.iterrows()]
    columns = [tell(key, language) for key in ("county", "code", "cases", "value", "mean", "interval", "rank", "order")]
    return Html(as_table(pd.DataFrame(texts, columns=columns, dtype="str"), list(found["few"])) + paragraph(tell("order_note", language)))


def conclusions(rows: pd.DataFrame, code: str, year: int, language: str = "zh") -> Html:
    """Say how many counties fall outside the funnel, what may be said of an order, and how many reports give no value."""
    own = one_year(rows, code, year)
    if len(own) < FEWEST:
        return paragraph(tell("few", language, n=len(own), fewest=FEWEST))
    cases = own["numerator"], own["denominator"]
    effect = design_effect(years_of(rows, code))
    told = (
        funnel_sentence(funnel(*cases), language),
        ranks_sentence(ranked(*cases), language),
        design_sentence(effect, language),
        *_at_the_effect(cases, effect.used, language),
        *_reasons_without_value(rows, code, year, language),
    )
    said = (tell("said", language, label=label_of(code, language), year=year, sentence=one) for one in told)
    return Html("".join(paragraph(marked(one, own.index, language)) for one in said))


def years_of(rows: pd.DataFrame, code: str) -> pd.DataFrame:
    """Return what :func:`gongkai.inference.design_effect` is estimated from: one share of each county through its years.

    A series ends where the indicator's definition changes.
    """
    own = rows[(rows["indicator"] == code) & rows["value"].notna()]
    own = own.filter(["division_code", "year", "numerator", "denominator", "series"]).drop_duplicates(["division_code", "year"])
    return own.rename(columns={"division_code": "unit", "numerator": "count", "denominator": "n"})


def _at_the_effect(cases: tuple[pd.Series[float], pd.Series[float]], deff: float, language: str) -> tuple[str, ...]:
    """Say the same of limits and order where requests count for less; nothing where the design effect is 1."""
    if deff == 1:
        return ()
    return funnel_sentence(funnel(*cases, deff=deff), language, deff), ranks_sentence(ranked(*cases, deff=deff), language, deff)


def _reasons_without_value(rows: pd.DataFrame, code: str, year: int, language: str) -> list[str]:
    """Count the counties whose report gives no value, by the reason."""
    own = rows[(rows["indicator"] == code) & (rows["year"] == year) & rows["value"].isna()]
    counts = own["status"].value_counts().items()
    reasons = (tell("reason", language, reason=status_word(str(status), language), n=n) for status, n in counts)
    return [tell("without", language, n=len(own), reasons=say("explain.comma", language).join(reasons))] if len(own) else []


def year_ratios(fit: Any, base: int, name: str = "year") -> pd.DataFrame:
    """Return the ratio of each year to the base year from a fitted model of counts, with 95 % intervals.

    Parameters
    ----------
    fit : statsmodels results
        Of a formula with ``C(year, Treatment(base))`` and a logarithmic link.
    base : int
    name : str
        Of the column of years.

    Returns
    -------
    DataFrame
        ``ratio``, ``low``, ``high`` by year; the base year is 1 by definition.
    """
    import pandas as pd

    ends = fit.conf_int().set_axis(["low", "high"], axis=1).assign(ratio=fit.params)
    own = ends[ends.index.str.startswith(f"C({name},")]
    own.index = own.index.str.extract(r"T\.(\d+)", expand=False).astype(int)
    ratios = own[["ratio", "low", "high"]].map(math.exp)
    ratios.loc[base] = 1.0
    return pd.DataFrame(ratios).sort_index()


def _ranked_row(code: str, row: Any, language: str) -> tuple[str, ...]:
    import pandas as pd

    n = row["n"]
    cases = tell("of", language, numerator=number_text(row["count"]), n=number_text(n))
    if pd.isna(row["value"]):
        return row["name"], code, cases, "—", "—", "—", "—", "—"
    value, mean, low, high = (percent(row[name], n, language) for name in ("value", "mean", "low", "high"))
    ranks = tell("range", language, low=row["rank_low"], high=row["rank_high"])
    order = tell("above_below", language, above=row["above"], below=row["below"])
    return row["name"], code, cases, value, mean, tell("range", language, low=low, high=high), ranks, order


def _named_few(names: Sequence[str], language: str) -> str:
    shown = say("explain.comma", language).join(names[:MOST_NAMED]) or tell("none", language)
    return shown if len(names) <= MOST_NAMED else tell("more", language, names=shown, n=len(names))


_STATUSES = ("in_corpus", "unreadable", "found_not_in_corpus", "searched_not_found", "not_searched", "removed", "not_in_corpus")
