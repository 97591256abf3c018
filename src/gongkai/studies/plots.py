"""Figures with Chinese and English labels, drawn with the font that the package carries."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Any

from gongkai.core.codes import State, Status
from gongkai.core.data import packaged
from gongkai.core.errors import refuse_language
from gongkai.core.messages import marked, places, said_of, wrapped
from gongkai.indicators import breaks, indicators, lead, status_word, sums_in_words
from gongkai.inference import FEW, condition, percent
from gongkai.report import Report
from gongkai.studies.canvas import INK, QUIET, WIDTH, Picture, canvas, styled
from gongkai.studies.canvas import use_font as use_font
from gongkai.studies.fragments import grouped

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes

FAINT, ACCENT = "#b4bac4", "#2b6ca3"
NO_VALUE = {"facecolor": "white", "edgecolor": QUIET, "hatch": "////"}
# In units of the tallest bar: the least room for a label, the gap between bars, the height of a zero and of a box without a value.
SLOT, GAP, ZERO, HATCHED = 0.17, 0.035, 0.012, 0.09
MIDDLE, BAR = 0.44, 0.022
FEWEST_YEARS = 7
LONGEST_AUTHORITY = 30
LABEL_PLACES = 17  # of a line beside a bar
UNREAD = "unread"


@dataclass(frozen=True, slots=True)
class FlowNode:
    """One bar of the flow: ``value`` is None if any of its cells has no value; ``part`` is the sum of the cells that have one."""

    label: str
    colour: str
    value: float | None
    part: float = 0.0
    realigned: bool = False

    def words(self, language: str) -> str:
        if self.value is None:
            text = _say("part_printed", language, part=grouped(self.part)) if self.part else _say("no_value", language)
        else:
            text = grouped(self.value)
        return text + ("*" if self.realigned else "")


def flow(report: Report, language: str = "zh") -> Picture:
    """Draw where the year's requests came from and where they went.

    Parameters
    ----------
    report : Report
        A report of any size; the column for all applicants is drawn.
    language : {"zh", "en"}
        Language of the labels.

    Returns
    -------
    Picture
        Received and carried in, the five groups of results, carried over. A zero is a thin grey line; what has no value is hatched, never
        zero. Where the printed sums disagree, both are drawn as printed and the figure says so.
    """
    refuse_language(language)
    incoming, outgoing = ([_node(report, code, language) for code in _load()["flow"][side]] for side in ("incoming", "outgoing"))
    notes = _flow_notes(report, [*incoming, *outgoing], language)
    with styled():
        picture, axes = canvas((WIDTH, 3.6 + 0.2 * len(notes)), _titled("flow_title", report, language), notes)
        axes.axis("off")
        _draw_flow(axes, incoming, outgoing, language)
        return picture.telling([f"{n.label} {n.words(language)}" for n in incoming + outgoing] + notes)


def years_strip(
    reports_by_year: Mapping[int, Report], first: int, last: int, language: str = "zh", unread: Collection[int] = ()
) -> Picture:
    """Draw one box a year: read, there but unreadable, or not in the corpus; a dashed line where law or form break the series.

    Parameters
    ----------
    reports_by_year : mapping of int to Report
        What has been read.
    first, last : int
        The years to show, both included.
    language : {"zh", "en"}
        Language of the labels.
    unread : collection of int
        The years for which a file is there that cannot be read.

    Returns
    -------
    Picture
        It says what is in the corpus, never what was published.
    """
    refuse_language(language)
    first, last = min([first, *unread]), max([last, *unread])
    notes, shown = [_say("strip_note" if reports_by_year else "strip_no_year", language)], max(last, first + FEWEST_YEARS - 1)
    with styled():
        titled = marked(_say("strip_title", language), language, any(r.simulated for r in reports_by_year.values()))
        picture, axes = canvas((WIDTH, 2.2), titled, notes)
        axes.axis("off")
        axes.set(xlim=(first - 0.5, shown + 0.5), ylim=(-0.3, 1.2))
        width = WIDTH * 72 / (shown - first + 1)
        known: dict[int, Report | str] = {**dict.fromkeys(unread, UNREAD), **reports_by_year}
        told = [_draw_year(axes, year, known.get(year), width, language) for year in range(first, last + 1)]
        told += [_draw_break(axes, entry, language) for entry in breaks().values() if first < entry["year"] <= last]
        return picture.telling(told + notes)


def indicator_figure(rows: pd.DataFrame, report: Report, language: str = "zh") -> Picture:
    """Draw indicators as dots with their Wilson intervals, the cases beside each, grey where they are fewer than 30.

    Parameters
    ----------
    rows : DataFrame
        From :func:`gongkai.indicators.table`: the main ones are drawn (:func:`gongkai.indicators.lead`).
    report : Report
        The report that they were computed from.
    language : {"zh", "en"}
        Language of the labels.

    Returns
    -------
    Picture
        An indicator without a value has no dot and says why.
    """
    refuse_language(language)
    rows = lead(rows)
    notes = [_say("indicators_note", language, condition=condition(language))]
    with styled():
        picture, axes = canvas(
            (WIDTH, 1.1 + 0.5 * len(rows)), _titled("indicators_title", report, language), notes, sides=(0.29, 0.79), foot=0.25
        )
        told = [_draw_indicator(axes, y, row, language) for y, row in enumerate(rows.to_dict("records"))]
        labels = [getattr(indicators()[code], language) for code in rows["indicator"]]
        _draw_share_axis(axes, ["\n".join(wrapped(label, 24)) for label in labels], language)
        return picture.telling([f"{label}: {words}" for label, words in zip(labels, told, strict=True)] + notes)


def _titled(key: str, report: Report, language: str) -> str:
    authority = (report.authority or _say("unknown_authority", language))[:LONGEST_AUTHORITY]
    said = _say(key, language, authority=authority, when=_say("when" if report.year else "unknown_year", language, year=report.year))
    return marked(said, language, report.simulated)


def _node(report: Report, code: str, language: str) -> FlowNode:
    """Add up the cells of one bar; a cell without a value leaves the sum without one."""
    entry = _load()["flow"]["nodes"][code]
    totals = (f for f in report.edition.fields if (f.table, f.measure) == ("applications", "total") and _belongs(f.item, entry["items"]))
    own = [report.reading(f.path) for f in totals]
    known = [r.value for r in own if r.value is not None]
    value = sum(known) if own and len(known) == len(own) else None
    return FlowNode(entry[language], entry["colour"], value, sum(known), any(r.status == Status.REALIGNED for r in own))


def _belongs(item: str, names: Sequence[str]) -> bool:
    return any(item == name or item.startswith(f"{name}.") for name in names)


def _flow_notes(report: Report, nodes: Sequence[FlowNode], language: str) -> list[str]:
    """Say how the figure is to be read, and which of the sums that it shows fail in print."""
    drawn = [c for c in report.contents.checks if c.identity.code in ("balance", "results") and c.identity.measure == "total"]
    broken = [c for c in drawn if c.state == State.BROKEN]
    notes = [_say("as_printed", language, message=sums_in_words(check, report, language)) for check in broken]
    return notes + [_say("flow_note", language)] + ([_say("realigned", language)] if any(n.realigned for n in nodes) else [])


def _draw_flow(axes: Axes, incoming: Sequence[FlowNode], outgoing: Sequence[FlowNode], language: str) -> None:
    """Draw both sides and, between them, the bar of all requests to be processed, on each side as high as that side's sum."""
    left, right = (sum(n.value or 0 for n in nodes) for nodes in (incoming, outgoing))
    unknown = [any(n.value is None for n in nodes) for nodes in (incoming, outgoing)]
    scale = 1 / max(left, right, 1)
    spots = [_stacked(nodes, scale) for nodes in (incoming, outgoing)]
    tops = [max(left, right, 1) / 2 * scale if open_ else total * scale / 2 for open_, total in zip(unknown, (left, right), strict=True)]
    _draw_bands(axes, incoming, spots[0], (MIDDLE - BAR, tops[0]), BAR, scale)
    _draw_bands(axes, outgoing, spots[1], (MIDDLE + BAR, tops[1]), 1 - BAR, scale)
    for node, spot in [*zip(incoming, spots[0], strict=True), *zip(outgoing, spots[1], strict=True)]:
        _draw_node(axes, node, spot, on_left=node in incoming, language=language)
    for x, total, top, open_ in ((MIDDLE - BAR, left, tops[0], unknown[0]), (MIDDLE, right, tops[1], unknown[1])):
        if open_:
            _draw_bar(axes, x, -top, 2 * top, **NO_VALUE)
        _draw_bar(axes, x, top - total * scale, max(total * scale, 0 if open_ else ZERO), facecolor=INK if total else FAINT)
    axes.text(MIDDLE, max(tops) + 0.05, _middle_words(left, right, unknown, language), ha="center", va="bottom")
    ends = [y for side in spots for spot in side for y in spot]
    axes.set(xlim=(-0.42, 1.46), ylim=(min([*ends, -max(tops)]) - SLOT / 2, max([*ends, max(tops) + 0.1]) + SLOT / 2))


def _middle_words(left: float, right: float, unknown: Sequence[bool], language: str) -> str:
    if unknown[0]:
        return _say("to_process", language, value=_say("no_value", language))
    both = left != right and not unknown[1]
    return _say("outcomes" if both else "to_process", language, value=grouped(left), other=grouped(right))


def _stacked(nodes: Sequence[FlowNode], scale: float) -> list[tuple[float, float]]:
    """Give each bar its bottom and top, from the top down and around the middle, none nearer to the next than a label needs."""
    heights = [HATCHED if n.value is None else max(n.value * scale, ZERO) for n in nodes]
    slots = [max(height, SLOT if n.value is not None else 2 * SLOT) + GAP for n, height in zip(nodes, heights, strict=True)]
    tops = [sum(slots) / 2 - sum(slots[:n]) for n in range(len(slots))]
    middles = [top - slot / 2 for top, slot in zip(tops, slots, strict=True)]
    return [(middle - height / 2, middle + height / 2) for middle, height in zip(middles, heights, strict=True)]


def _draw_bands(
    axes: Axes, nodes: Sequence[FlowNode], spots: Sequence[tuple[float, float]], start: tuple[float, float], end: float, scale: float
) -> None:
    """Draw a band from the middle bar to each bar that has a value, in order, as high as the value."""
    x, top = start
    for node, (low, high) in zip(nodes, spots, strict=True):
        if node.value:
            _draw_band(axes, (x, top - node.value * scale, top), (end, low, high), node.colour)
            top -= node.value * scale


def _draw_band(axes: Axes, start: tuple[float, float, float], end: tuple[float, float, float], colour: str) -> None:
    from matplotlib.patches import PathPatch
    from matplotlib.path import Path

    (x0, low0, high0), (x1, low1, high1) = start, end
    half = (x0 + x1) / 2
    points = [(x0, high0), (half, high0), (half, high1), (x1, high1), (x1, low1), (half, low1), (half, low0), (x0, low0), (x0, high0)]
    codes = [Path.MOVETO, *[Path.CURVE4] * 3, Path.LINETO, *[Path.CURVE4] * 3, Path.CLOSEPOLY]
    axes.add_patch(PathPatch(Path(points, codes), facecolor=colour, edgecolor=colour, linewidth=0.3, alpha=0.35))


def _draw_node(axes: Axes, node: FlowNode, spot: tuple[float, float], on_left: bool, language: str) -> None:
    """Draw one bar with its label outside: coloured, grey for a zero, hatched where there is no value."""
    looks = (
        {"facecolor": node.colour if node.value else FAINT}
        if node.value is not None
        else {"facecolor": "white", "edgecolor": QUIET, "hatch": "////"}
    )
    _draw_bar(axes, 0 if on_left else 1 - BAR, spot[0], spot[1] - spot[0], **looks)
    axes.text(
        -0.015 if on_left else 1.015, sum(spot) / 2, _label_and_value(node, language), va="center",
        ha="right" if on_left else "left", color=INK if node.value else QUIET, fontsize=9, linespacing=1.05,
    )  # fmt: skip


def _label_and_value(node: FlowNode, language: str) -> str:
    value = f"  {node.words(language)}"
    if node.value is not None and places(node.label + value) <= LABEL_PLACES:
        return node.label + value
    return "\n".join([*wrapped(node.label, LABEL_PLACES), *wrapped(value.strip(), LABEL_PLACES)])


def _draw_bar(axes: Axes, x: float, bottom: float, height: float, **looks: Any) -> None:
    from matplotlib.patches import Rectangle

    axes.add_patch(Rectangle((x, bottom), BAR, height, **{"linewidth": 0.6 if "hatch" in looks else 0, **looks}))


def _draw_year(axes: Axes, year: int, report: Report | str | None, width: float, language: str) -> str:
    """Draw the box of one year, ``width`` points wide, and return its text for the figure's description."""
    from matplotlib.patches import Rectangle

    size = 9.0 if width > 70 else 7.0
    looks, words, colour = _year_looks(report, language)
    axes.add_patch(Rectangle((year - 0.45, 0), 0.9, 0.6, **looks))
    lines = wrapped(words, max(6, int(width * 0.8 / (size * 0.52))))
    axes.text(year, 0.3, "\n".join(lines), ha="center", va="center", fontsize=size, color=colour, linespacing=1.1)
    axes.text(year, -0.08, str(year), ha="center", va="top", fontsize=size + 1)
    return f"{year} {words}"


def _year_looks(report: Report | str | None, language: str) -> tuple[dict[str, Any], str, str]:
    """Return how the box of a year looks, its words and their colour."""
    if isinstance(report, str):
        return {"facecolor": "#fdf0ee", "edgecolor": "#8a1f11"}, _say("unread", language), INK
    if report:
        return {"facecolor": "#dbe5f1", "edgecolor": ACCENT}, _read_words(report.form, language), INK
    return {"facecolor": "white", "edgecolor": FAINT, "linestyle": ":"}, _say("not_here", language), QUIET


def _read_words(form: str, language: str) -> str:
    """Say that a report was read, and by which form if it is not one of the yearly editions."""
    own = f"read_{form}"
    return _say(own if own in _load()["words"] else "read", language, form=form)


def _draw_break(axes: Axes, entry: Mapping[str, Any], language: str) -> str:
    """Draw the line before a year in which law or form changed, and return its label."""
    x, words = entry["year"] - 0.5, entry[language]
    axes.plot([x, x], [-0.25, 0.78], color=INK, linewidth=0.9, linestyle=(0, (3, 2)))
    axes.text(x, 0.82, "\n".join(wrapped(words, 17)), ha="center", va="bottom", fontsize=8, linespacing=1.1)
    return f"{entry['year'] - 1} | {entry['year']} {words}"


def _draw_indicator(axes: Axes, y: int, row: Mapping[Any, Any], language: str) -> str:
    """Draw one indicator, and return its words."""
    import pandas as pd

    if pd.isna(row["value"]):
        words = _say("undefined", language, status=status_word(row["status"], language))
        axes.text(0.01, y, words, va="center", color=QUIET)
        return words
    colour, interval = (FAINT if row["n"] < FEW else ACCENT), row["method"] == "wilson"
    if interval:
        axes.plot([row["low"], row["high"]], [y, y], color=colour, linewidth=2.2, solid_capstyle="butt")
    axes.plot(
        row["value"],
        y,
        "o" if interval else "D",
        color=colour if interval else "white",
        markeredgecolor=colour,
        markersize=7,
        clip_on=False,
    )
    words = _say("cases", language, numerator=grouped(row["numerator"]), n=grouped(row["n"]))
    axes.text(1.03, y, words, va="center", fontsize=9, color=QUIET if row["n"] < FEW else INK)
    return words


def _draw_share_axis(axes: Axes, labels: Sequence[str], language: str) -> None:
    """Give the indicators their labels and a scale from none to all."""
    import seaborn as sns

    ticks = (0, 0.25, 0.5, 0.75, 1)
    axes.set(xlim=(0, 1), ylim=(len(labels) - 0.5, -0.5))
    axes.set_xticks(ticks, [percent(t, 1, language) for t in ticks], fontsize=9)
    axes.set_yticks(range(len(labels)), labels, fontsize=8.5)
    axes.xaxis.grid(True, color="#e6e9ee", linewidth=0.8)
    axes.set_axisbelow(True)
    sns.despine(ax=axes, left=True)
    axes.tick_params(length=0)
    axes.tick_params(axis="y", pad=10)


def _say(key: str, language: str, **values: object) -> str:
    return said_of(_load()["words"], key, language, values)


@cache
def _load() -> Mapping[str, Any]:
    return packaged(__package__, "plots.toml")
