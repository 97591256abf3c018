"""Figures of many counties: each names its year and number of counties, greys values from few cases, and says if data are simulated."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from gongkai.core.messages import number_text, wrapped
from gongkai.indicators import breaks, codebook
from gongkai.inference import FEW, FEWEST, condition, funnel, percent, ranked, wilson
from gongkai.studies.canvas import INK, QUIET, WIDTH, Picture, canvas, drawable, styled
from gongkai.studies.comparison.labels import label_of, marked, tell
from gongkai.studies.comparison.selection import one_year
from gongkai.studies.comparison.wild import FEW_CLUSTERS, clusters_in_words
from gongkai.studies.plots import ACCENT, FAINT

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes

NOTE_WIDTH = 1000  # as far as a figure is wide: the canvas breaks the lines
BAND = "#dbe5f1"
MOST_NAMED = 8
ABOVE = 1.1  # height above 100 % for the labels of breaks
GOLDEN = 0.618034  # golden ratio: spreads the dots of one year evenly, and the same way each time


def funnel_figure(rows: pd.DataFrame, code: str, year: int, language: str = "zh") -> Picture:
    """Draw the shares of counties over their denominators, each between the limits within which the others would put it.

    Parameters
    ----------
    rows : DataFrame
        From :func:`gongkai.studies.comparison.compared`.
    code : str
        Of a share.
    year : int
    language : {"zh", "en"}

    Returns
    -------
    Picture
        It says that there are too few where fewer than five counties have a value.
    """
    own, title = _rows_and_title(rows, code, year, "funnel_title", language)
    if len(own) < FEWEST:
        return _too_few(title, len(own), language)
    found = funnel(own["numerator"], own["denominator"]).join(own["name"]).query("n > 0").astype({"n": float}).sort_values("n")
    notes = note_lines("funnel_note", language)
    with styled():
        picture, axes = canvas((WIDTH, 4.3), title, notes, sides=(0.1, 0.97), foot=0.45)
        _draw_limits(axes, found)
        axes.scatter(found["n"], found["value"].astype(float), s=26, c=_colours(found["few"]), zorder=3, clip_on=False)
        flagged = found[found["outside"] != ""].head(MOST_NAMED)
        for row in flagged.to_dict("records"):
            axes.annotate(drawable(row["name"]), (row["n"], row["value"]), (6, 3), textcoords="offset points", fontsize=8.5)
        axes.set_xscale("log")
        ticks = [t for t in (1, 3, 10, 30, 100, 300, 1000, 3000, 10000) if found["n"].min() / 3 <= t <= found["n"].max() * 3]
        axes.set_xticks(ticks, [number_text(t) for t in ticks])
        axes.minorticks_off()
        axes.set_xlabel(drawable(tell("axis_cases", language)))
        share_axis(axes, "y", language)
        names = ", ".join(flagged["name"]) or tell("nobody", language)
        return picture.telling([title, tell("outside", language, names=names), *notes])


def ranks_figure(rows: pd.DataFrame, code: str, year: int, language: str = "zh") -> Picture:
    """Draw shrunken shares with their intervals, the interval of each rank beside them.

    Parameters and return value are those of :func:`funnel_figure`.
    """
    own, title = _rows_and_title(rows, code, year, "ranks_title", language)
    if len(own) < FEWEST:
        return _too_few(title, len(own), language)
    found = ranked(own["numerator"], own["denominator"]).join(own["name"]).dropna(subset=["mean"]).sort_values("mean", ascending=False)
    notes, told = note_lines("ranks_note", language), []
    with styled():
        picture, axes = canvas((WIDTH, 1.3 + 0.2 * len(found)), title, notes, sides=(0.24, 0.87), foot=0.25)
        for y, row in enumerate(found.to_dict("records")):
            words = tell("range", language, low=row["rank_low"], high=row["rank_high"])
            interval_line(axes, y, row["low"], row["high"], row["mean"], row["few"])
            axes.plot(row["value"], y, "o", color="none", markeredgecolor=QUIET, markersize=6, clip_on=False)
            axes.text(1.035, y, words, va="center", fontsize=8.5, color=QUIET if row["few"] else INK)
            told.append(f"{row['name']} {words}")
        axes.set_yticks(range(len(found)), [drawable(name) for name in found["name"]], fontsize=8.5)
        axes.set_ylim(len(found) - 0.4, -0.6)
        share_axis(axes, "x", language)
        return picture.telling([title, *told, *notes])


def distribution_figure(rows: pd.DataFrame, code: str, language: str = "zh") -> Picture:
    """Draw the share of every county in every year, with lines where law or form changed; nothing is joined across years."""
    valued = rows[(rows["indicator"] == code) & rows["value"].notna()]
    title = marked(tell("years_title", language, label=label_of(code, language)), valued["division_code"], language)
    if valued["division_code"].nunique() < FEWEST:
        return _too_few(title, valued["division_code"].nunique(), language)
    series = codebook(language).set_index("indicator").loc[code, "series"]
    first, last = int(valued["year"].min()), int(valued["year"].max())
    notes, told = note_lines("years_note", language, series=series), []
    with styled():
        picture, axes = canvas((WIDTH, 4.4), title, notes, sides=(0.1, 0.97), foot=0.25)
        for year in sorted(valued["year"].unique()):
            own = valued[valued["year"] == year]
            told.append(tell("years_counties", language, year=year, n=len(own)))
            _year_of_dots(axes, float(year), own)
        _break_lines(axes, first, last, language)
        axes.set(xlim=(first - 0.55, last + 0.55))
        axes.set_xticks(range(first, last + 1))
        share_axis(axes, "y", language)
        axes.set_ylim(-0.02, ABOVE)
        return picture.telling([title, *told, *notes])


def intervals_figure(title: str, cases: Mapping[str, tuple[float, float]], language: str = "zh", codes: Sequence[str] = ()) -> Picture:
    """Draw shares with their Wilson intervals: ``cases`` gives count and n of each label, ``codes`` the divisions that they are of."""
    notes, told, title = note_lines("intervals_note", language, condition=condition(language)), [], marked(title, codes, language)
    with styled():
        picture, axes = canvas((WIDTH, 1.15 + 0.34 * len(cases)), title, notes, sides=(0.3, 0.87), foot=0.25)
        for y, (label, (count, n)) in enumerate(cases.items()):
            words = tell("of", language, numerator=number_text(count), n=number_text(n))
            interval_line(axes, y, *wilson(count, n), count / n, n < FEW)
            axes.text(1.03, y, words, va="center", color=QUIET if n < FEW else INK)
            told.append(f"{label} {words}")
        axes.set_yticks(range(len(cases)), ["\n".join(wrapped(drawable(label), 38)) for label in cases])
        axes.set_ylim(len(cases) - 0.5, -0.5)
        share_axis(axes, "x", language)
        return picture.telling([title, *told, *notes])


def twice_figure(first: pd.DataFrame, second: pd.DataFrame, language: str = "zh") -> Picture:
    """Draw the ranks of the same counties by the raw shares of two draws (``numerator``, ``denominator``), each county a line."""
    ranks = [(-one["numerator"] / one["denominator"]).astype(float).rank(method="first") for one in (first, second)]
    top, again = ({*rank[rank <= FEWEST].index} for rank in ranks)
    title = marked(tell("twice_title", language, n=len(first)), first.index, language)
    words = tell("twice_words", language, moved=f"{(ranks[0] - ranks[1]).abs().mean():.1f}", stayed=len(top & again))
    notes = [words, *note_lines("twice_note", language)]
    with styled():
        picture, axes = canvas((WIDTH, 4.6), title, notes, sides=(0.3, 0.7), foot=0.25)
        for code in first.index:
            leads = code in top
            axes.plot(
                [0, 1], [r[code] for r in ranks], "o-", color=ACCENT if leads else FAINT, markersize=4, linewidth=1.8 if leads else 0.9
            )
        axes.set(xlim=(-0.05, 1.05), ylim=(len(first) + 0.8, 0.2))
        axes.set_xticks([0, 1], [tell("twice_first", language), tell("twice_second", language)])
        axes.set_yticks([1, *range(5, len(first) + 1, 5)])
        _without_frame(axes)
        return picture.telling([title, *notes])


def profile_figure(label: str, ratios: pd.DataFrame, base: int, codes: Sequence[str] = (), language: str = "zh") -> Picture:
    """Draw the ratios of :func:`gongkai.studies.comparison.year_ratios` over the years, with the lines of the breaks."""
    title = marked(tell("profile_title", language, label=label, base=base), codes, language)
    notes, told = note_lines("profile_note", language), []
    if 0 < len({*codes}) < FEW_CLUSTERS:
        notes += wrapped(clusters_in_words(codes, language), NOTE_WIDTH)
    with styled():
        picture, axes = canvas((WIDTH, 3.6), title, notes, sides=(0.1, 0.97), foot=0.25)
        axes.axhline(1, color=FAINT, linewidth=0.9)
        for year, row in zip(map(int, ratios.index), ratios.to_dict("records"), strict=True):
            axes.plot([year, year], [row["low"], row["high"]], color=ACCENT, linewidth=2.2, solid_capstyle="butt")
            axes.plot(year, row["ratio"], "o", color=ACCENT if year != base else "white", markeredgecolor=ACCENT, markersize=7)
            told.append(tell("profile_words", language, year=year, **{name: f"{row[name]:.2f}" for name in ("ratio", "low", "high")}))
        top = max(2.0, float(ratios["high"].max()) * 1.2)
        axes.set(xlim=(ratios.index.min() - 0.5, ratios.index.max() + 0.5), ylim=(0, top))
        _break_lines(axes, int(ratios.index.min()), int(ratios.index.max()), language, top)
        axes.set_xticks(list(ratios.index))
        _without_frame(axes)
        return picture.telling([title, *told, *notes])


def _rows_and_title(rows: pd.DataFrame, code: str, year: int, key: str, language: str) -> tuple[pd.DataFrame, str]:
    own = one_year(rows, code, year)
    return own, marked(tell(key, language, label=label_of(code, language), year=year, n=len(own)), own.index, language)


def _too_few(title: str, n: int, language: str) -> Picture:
    said = tell("few", language, n=n, fewest=FEWEST)
    with styled():
        picture, axes = canvas((WIDTH, 0.9), title, [said])
        axes.axis("off")
        return picture.telling([title, said])


def note_lines(key: str, language: str, **values: object) -> list[str]:
    """Return a note below a figure, in lines."""
    return wrapped(tell(key, language, **values), NOTE_WIDTH)


def _colours(few: pd.Series[bool]) -> list[str]:
    return [FAINT if one else ACCENT for one in few]


def _draw_limits(axes: Axes, found: pd.DataFrame) -> None:
    """Draw the limits of each county; they differ by county, since each is predicted from all the others."""
    ends = found[["low_95", "high_95", "low_998", "high_998", "centre"]].astype(float)
    axes.vlines(found["n"], ends["low_998"], ends["high_998"], color=FAINT, linewidth=0.7)
    axes.vlines(found["n"], ends["low_95"], ends["high_95"], color=BAND, linewidth=6)
    axes.plot(found["n"], ends["centre"], "_", color=QUIET, markersize=6)


def interval_line(axes: Axes, y: float, low: float, high: float, value: float, few: bool) -> None:
    """Draw an interval with its value, grey on few cases."""
    colour = FAINT if few else ACCENT
    axes.plot([low, high], [y, y], color=colour, linewidth=2.2, solid_capstyle="butt")
    axes.plot(value, y, "o", color=colour, markersize=6, clip_on=False)


def _year_of_dots(axes: Axes, year: float, own: pd.DataFrame) -> None:
    """Spread one year's counties over its width, and draw the median of those that stand on enough cases."""
    ordered = own.sort_values("value")
    many = ordered["n"] >= FEW
    places = [year - 0.3 + 0.6 * (k * GOLDEN % 1) for k in range(len(ordered))]
    axes.scatter(places, ordered["value"].astype(float), s=16, c=_colours(~many), zorder=2, clip_on=False)
    if many.sum() >= FEWEST:
        middle = float(ordered.loc[many, "value"].median())
        axes.plot([year - 0.36, year + 0.36], [middle, middle], color=INK, linewidth=1.6, zorder=3)


def _break_lines(axes: Axes, first: int, last: int, language: str, top: float = ABOVE) -> None:
    for entry in breaks().values():
        if first < entry["year"] <= last:
            axes.axvline(entry["year"] - 0.5, color=INK, linewidth=0.9, linestyle=(0, (3, 2)))
            axes.text(entry["year"] - 0.47, top, "\n".join(wrapped(entry[language], 14)), va="top", fontsize=7.5, linespacing=1.05)


def share_axis(axes: Axes, which: str, language: str) -> None:
    """Give the axis ``x`` or ``y`` a scale from none to all."""
    ticks = (0, 0.25, 0.5, 0.75, 1)
    axes.set(**{f"{which}lim": (-0.02, 1.02)})
    getattr(axes, f"set_{which}ticks")(ticks, [percent(t, 1, language) for t in ticks])
    getattr(axes, f"{which}axis").grid(True, color="#e6e9ee", linewidth=0.8)
    _without_frame(axes)


def _without_frame(axes: Axes) -> None:
    import seaborn as sns

    axes.set_axisbelow(True)
    sns.despine(ax=axes, left=True, bottom=True)
    axes.tick_params(length=0, labelsize=9)
