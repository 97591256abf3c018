"""Figures of a county through the years, narrow enough for a telephone: missing years are shown, nothing is joined across a break."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from gongkai.core.messages import wrapped
from gongkai.indicators import breaks, indicators, lead
from gongkai.inference import FEW, condition, percent
from gongkai.studies.canvas import INK, QUIET, WIDTH, Picture, canvas, drawable, styled
from gongkai.studies.fragments import Html, grouped
from gongkai.studies.plots import ACCENT, FAINT, NO_VALUE
from gongkai.studies.yearly import Heads, county_titled, head, load, tell

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes

    from gongkai.studies.history import History

LINES = (ACCENT, "#b0603f", "#6f8582", "#8a5a83", "#b99b5b")
MARKERS = ("o", "s", "D", "^", "v")
MOST_UPRIGHT = 13  # years whose figures fit side by side under an axis
GONE = "#eef0f3"  # the ground of a year without a report
LABELLED = 0.07  # of the highest bar: the least height of a part that has its number in it


def lines_figure(
    panels: Mapping[str, pd.DataFrame], history: History, county: str, title: str, language: str = "zh", heads: Heads = None
) -> Picture | Html:
    """Draw counts through the years as lines, each panel with its own scale.

    Parameters
    ----------
    panels : mapping of str to DataFrame
        By the heading of the panel: a row a year, a column a line.
    history : History
    county, title : str
        What the figure is titled.
    language : {"zh", "en"}
    heads : mapping, optional
        Names of columns, as in :func:`gongkai.studies.yearly.year_table`.

    Returns
    -------
    Picture or Html
        empty where there is no number to draw.
    """
    return _panels(panels, history, county, title, language, [tell("note", language), tell("joined", language)], _draw_lines, heads)


def stacked_figure(
    panels: Mapping[str, pd.DataFrame], history: History, county: str, title: str, language: str = "zh",
    totals: Mapping[str, pd.Series[Any]] | None = None,
) -> Picture | Html:  # fmt: skip
    """Draw counts through the years as stacked bars, the printed total of each as a black line across.

    Parameters
    ----------
    panels : mapping of str to DataFrame
        As in :func:`lines_figure`; the first column stands below.
    totals : mapping of str to Series, optional
        The printed totals of each panel. Where the parts of a bar add up to another, the figure says so.

    Returns
    -------
    Picture or Html
        A part without a value is a hatched box, and says so; empty where there is no number to draw.
    """
    given = totals or {}

    def draw(axes: Axes, frame: pd.DataFrame, name: str, language: str, heads: Heads) -> list[str]:
        return _draw_bars(axes, frame, given.get(name), language)

    return _panels(panels, history, county, title, language, [tell("note", language), tell("stacked_note", language)], draw, None, True)


def rates_figure(rows: pd.DataFrame, history: History, county: str, title: str, language: str = "zh") -> Picture | Html:
    """Draw rates through the years, each in a panel of its own, with their intervals.

    Parameters
    ----------
    rows : DataFrame
        From :func:`gongkai.indicators.table`; the main ones are drawn (:func:`gongkai.indicators.lead`), of which one has any answer.

    Returns
    -------
    Picture or Html
        A year whose report contradicts itself is shown as the two answers that it gives; empty where there is nothing to draw.
    """
    answered = rows[rows["value"].notna() | rows["value_printed"].notna()]
    codes = [code for code in dict.fromkeys(lead(rows)["indicator"]) if code in {*answered["indicator"]}]
    panels = {str(getattr(indicators()[code], language)): answered[answered["indicator"] == code].set_index("year") for code in codes}
    notes = [tell("note", language), tell("rates_note", language, condition=condition(language))]

    def draw(axes: Axes, own: pd.DataFrame, name: str, language: str, heads: Heads) -> list[str]:
        return _draw_rates(axes, own, history, language)

    return _panels(panels, history, county, title, language, notes, draw, None, False, 1.25)


def _panels(
    panels: Mapping[str, pd.DataFrame], history: History, county: str, title: str, language: str, notes: Sequence[str], draw: Any,
    heads: Heads = None, has_legend: bool = True, each: float = 0,
) -> Picture | Html:  # fmt: skip
    """Draw panels one below the other over the same years; what ``draw`` returns becomes the text for those who cannot see them."""
    import pandas as pd

    shown = {name: frame for name, frame in panels.items() if frame.apply(pd.to_numeric, errors="coerce").notna().any(axis=None)}
    if not shown or not history.years:
        return Html("")
    titled = county_titled(title, county, history, language)
    with styled():
        height = 0.75 + (each or (1.75 if len(shown) > 1 else 2.5)) * len(shown) + 0.19 * len(notes)
        picture, whole = canvas((WIDTH, height), titled, notes, sides=(0.01, 0.99))
        whole.axis("off")
        told, box = [titled], whole.get_position()
        for n, (name, frame) in enumerate(shown.items()):
            axes = picture.add_axes(_place(box, n, len(shown), picture.get_figheight(), has_legend))
            _draw_years(axes, history, language, is_first=n == 0, is_last=n == len(shown) - 1)
            told += [name, *draw(axes, frame, name, language, heads)] if name else draw(axes, frame, name, language, heads)
            if name:
                axes.set_title("\n".join(wrapped(drawable(name), 80)), fontsize=9.5, loc="left", pad=4 if n else 30)
        return picture.telling([*told, *notes])


def _place(box: Any, n: int, of: int, height: float, has_legend: bool) -> tuple[float, float, float, float]:
    """Return left, bottom, width and height of a panel: room for its title above and its legend below."""
    top, above, below = box.y1 - 0.3 / height, 0.3 / height, (0.42 if has_legend else 0.12) / height
    each = (top - box.y0 - 0.2 / height) / of
    return 0.09, top - each * (n + 1) + below, 0.89, each - above * (0.85 if n else 0.6) - below


def _draw_years(axes: Axes, history: History, language: str, is_first: bool, is_last: bool) -> None:
    """Draw the years: grey where there is no report, a dashed line where law or form changed, named above the first panel."""
    import seaborn as sns
    from matplotlib.ticker import MaxNLocator

    for year in history.years:
        if year not in history.forms:
            axes.axvspan(year - 0.5, year + 0.5, color=GONE, linewidth=0, zorder=0)
    for entry in breaks().values():
        if history.first < entry["year"] <= history.last:
            axes.axvline(entry["year"] - 0.5, color=INK, linewidth=0.8, linestyle=(0, (3, 2)), zorder=1)
            if is_first:
                words = "\n".join(wrapped(entry[language], 12))
                axes.annotate(
                    words,
                    (entry["year"] - 0.5, 1.02),
                    xycoords=("data", "axes fraction"),
                    ha="center",
                    fontsize=7,
                    color=QUIET,
                    linespacing=1.0,
                )
    axes.set_xlim(history.first - 0.5, history.last + 0.5)
    labels = [str(year) if len(history.years) <= MOST_UPRIGHT or (history.last - year) % 2 == 0 else "" for year in history.years]
    axes.set_xticks(list(history.years), labels, fontsize=8.5)
    sns.despine(ax=axes)
    axes.tick_params(length=2, pad=2)
    axes.tick_params(axis="y", labelsize=8)
    axes.yaxis.set_major_locator(MaxNLocator(4, integer=True))
    axes.yaxis.set_major_formatter(lambda value, _: grouped(value))


def _draw_lines(axes: Axes, frame: Any, name: str, language: str, heads: Heads) -> list[str]:
    from gongkai.studies.history import History

    told, top = [], float(frame.max(axis=None, numeric_only=True) or 1) or 1.0
    for n, code in enumerate(code for code in frame if frame[code].notna().any()):
        known, colour = frame[code].dropna(), LINES[n % len(LINES)]
        for run in History((), 0, -1).joined([int(y) for y in known.index]):
            axes.plot(run, [float(known[y]) for y in run], color=colour, linewidth=1.6, zorder=2)
        years = [int(y) for y in known.index]
        axes.plot(
            years,
            known.astype(float),
            MARKERS[n % len(MARKERS)],
            color=colour,
            markersize=5,
            zorder=3,
            label=drawable(head(code, language, heads)),
            clip_on=False,
        )
        for year, value in zip(years, known, strict=True) if n == 0 or len(frame.columns) < 3 else ():
            axes.annotate(grouped(value), (year, float(value)), (0, 5), textcoords="offset points", ha="center", fontsize=8, color=colour)
        told.append(f"{head(code, language, heads)}: " + ", ".join(f"{y} {grouped(known[y])}" for y in years))
    axes.set_ylim(0, top * 1.25)
    _legend(axes)
    return told


def _draw_bars(axes: Axes, frame: Any, totals: pd.Series[Any] | None, language: str) -> list[str]:
    import pandas as pd

    tall = max(
        float(frame.astype("Float64").sum(axis=1).max()), float(totals.max()) if totals is not None and totals.notna().any() else 0, 1.0
    )
    colours, told = load()["colours"], []
    for code in frame:
        axes.bar([0], [0], color=colours.get(code, FAINT), label=drawable(head(code, language)))
    for year, values in frame.iterrows():
        base, words = 0.0, []
        if values.isna().all():
            continue
        for code, value in values.items():
            size = tall * LABELLED if pd.isna(value) else float(value)
            looks = NO_VALUE if pd.isna(value) else {"color": colours.get(code, FAINT)}
            axes.bar([year], [size], 0.68, bottom=base, zorder=2, **{"linewidth": 0.5 if pd.isna(value) else 0, **looks})
            text = tell("no_value", language) if pd.isna(value) else grouped(value)
            words.append(f"{head(str(code), language)} {text}")
            if size >= tall * LABELLED:
                dark = pd.notna(value) and code in (
                    "granted",
                    "denied",
                    "natural_person",
                    "upheld",
                    "corrected",
                    "rest",
                    "legal_service_organization",
                )
                axes.text(
                    float(str(year)),
                    base + size / 2,
                    text,
                    ha="center",
                    va="center",
                    fontsize=7.5,
                    color="white" if dark else INK,
                    zorder=4,
                )
            base += size
        words += _draw_total(axes, int(str(year)), base, values, totals)
        told.append(f"{year}: " + ", ".join(words))
    axes.set_ylim(0, tall * 1.2)
    _legend(axes)
    return told


def _draw_total(axes: Axes, year: int, base: float, values: pd.Series[Any], totals: pd.Series[Any] | None) -> list[str]:
    """Draw the printed total across a bar and write it above; where the parts add up to another sum, both."""
    import pandas as pd

    printed = totals.get(year) if totals is not None else None
    if printed is None or pd.isna(printed):
        return []
    whole = None if values.isna().any() else float(values.sum())
    axes.plot([year - 0.4, year + 0.4], [float(printed)] * 2, color=INK, linewidth=1.3, zorder=5)
    text = grouped(printed) if whole is None or whole == float(printed) else f"{grouped(whole)} ≠ {grouped(printed)}"
    axes.annotate(text, (year, max(base, float(printed))), (0, 3), textcoords="offset points", ha="center", fontsize=8)
    return [text]


def _draw_rates(axes: Axes, own: Any, history: History, language: str) -> list[str]:
    import pandas as pd

    told, valued = [], own[own["value"].notna()]
    for run in history.joined([int(y) for y in valued.index]):
        axes.plot(run, [float(valued.loc[y, "value"]) for y in run], color=FAINT, linewidth=1, zorder=1)
    for year, row in own.iterrows():
        x, colour = int(str(year)), FAINT if row["n"] < FEW else ACCENT
        if pd.notna(row["value"]):
            if pd.notna(row["low"]):
                axes.plot([x, x], [row["low"], row["high"]], color=colour, linewidth=2.4, solid_capstyle="butt", zorder=2)
            axes.plot(x, row["value"], "o", color=colour, markersize=5, zorder=3, clip_on=False)
            answers = [row["value"]]
        else:
            answers = [row[name] for name in ("value_printed", "value_summed") if pd.notna(row[name])]
            axes.plot([x] * len(answers), answers, "D", color="white", markeredgecolor=INK, markersize=5, zorder=3, clip_on=False)
        texts = list(dict.fromkeys(percent(a, row["n"], language) for a in answers))
        top = max([*answers, *([row["high"]] if pd.notna(row["value"]) and pd.notna(row["high"]) else [])])
        axes.annotate("\n".join(texts), (x, top), (0, 6), textcoords="offset points", ha="center", fontsize=7.5, linespacing=0.95, zorder=5)
        told.append(f"{year} {' / '.join(texts)}")
    top = max(1.0, float(own[["value", "high", "value_printed", "value_summed"]].max(axis=None)))
    axes.set_ylim(0, top * 1.3)
    axes.set_yticks([0, top / 2, top], [percent(t, 1, language) for t in (0, top / 2, top)])
    axes.yaxis.grid(True, color="#e6e9ee", linewidth=0.7)
    axes.set_axisbelow(True)
    return [", ".join(told)]


def _legend(axes: Axes) -> None:
    axes.legend(
        loc="upper center", bbox_to_anchor=(0.5, -0.14), ncol=3, frameon=False, fontsize=8, handlelength=1.1, columnspacing=1.2, borderpad=0
    )
