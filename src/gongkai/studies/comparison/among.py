"""One county among its peers: what it reports beside what counties like the others would report on as many cases."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from gongkai import indicators
from gongkai.core import messages as texts
from gongkai.core.messages import wrapped
from gongkai.inference import FEW, FEWEST, condition, percent, predicted
from gongkai.places import is_simulated, told_in
from gongkai.studies.canvas import INK, QUIET, WIDTH, Picture, canvas, drawable, styled
from gongkai.studies.comparison.figures import BAND, note_lines, share_axis
from gongkai.studies.comparison.labels import label_of, tell, where
from gongkai.studies.comparison.selection import LEAD, one_year, peers
from gongkai.studies.fragments import Html, grouped
from gongkai.studies.plots import ACCENT, FAINT
from gongkai.studies.units import county_name

MIDDLE = "#a9c1e0"

if TYPE_CHECKING:
    import pandas as pd

    from gongkai.corpus import Corpus
    from gongkai.report import Report


def among_peers(report: Report, corpus: Corpus | None, language: str = "zh") -> tuple[Html | Picture, ...]:
    """Show a county's shares beside those that counties like the others of its prefecture or province would report on as many cases.

    Returns
    -------
    tuple
        A heading and a figure, or nothing where the corpus holds fewer than five others for the year.
    """
    parent, others = ("", None) if corpus is None else peers(corpus, report)
    shown = [] if others is None or others.empty else [code for code in LEAD if len(one_year(others, code, report.year or 0)) >= FEWEST]
    if not shown or others is None:
        return ()
    heading = Html(f"<h2>{tell('peers_heading', language)}</h2>")
    return heading, _peers_figure(report, others, shown, parent, language)


def _peers_figure(report: Report, others: pd.DataFrame, codes: Sequence[str], parent: str, language: str) -> Picture:
    own = indicators.table(report, codes=codes).set_index("indicator")
    about = {"county": told_in(county_name(report), language), "where": where(parent, language), "year": report.year}
    said = tell("peers_title", language, n=others["division_code"].nunique(), **about)
    said = texts.marked(said, language, report.simulated or is_simulated(*others["division_code"]))
    notes, told = note_lines("peers_note", language) + note_lines("condition", language, condition=condition(language)), []
    with styled():
        picture, axes = canvas((WIDTH, 1.2 + 0.62 * len(codes)), said, notes, sides=(0.29, 0.82), foot=0.25)
        for y, code in enumerate(codes):
            cases = one_year(others, code, report.year or 0)
            told.append(_draw_among(axes, y, own.loc[code], cases, language))
        labels = [label_of(code, language) for code in codes]
        axes.set_yticks(range(len(codes)), ["\n".join(wrapped(label, 24)) for label in labels], fontsize=8.5)
        axes.set_ylim(len(codes) - 0.45, -0.55)
        share_axis(axes, "x", language)
        return picture.telling([said, *(f"{label}: {words}" for label, words in zip(labels, told, strict=True)), *notes])


def _draw_among(axes: Any, y: float, own: Any, cases: pd.DataFrame, language: str) -> str:
    """Draw one share: the range predicted from the other counties below, the county's own value above; return the alternative text."""
    import pandas as pd

    shares, few = (cases["numerator"] / cases["denominator"]).astype(float), cases["denominator"] < FEW
    for some, colour in ((shares[few], FAINT), (shares[~few], QUIET)):
        axes.vlines(some.dropna(), y + 0.05, y + 0.27, color=colour, linewidth=0.8, zorder=3)
    if pd.isna(own["value"]):
        words = tell("no_value", language, reason=indicators.status_word(own["status"], language))
        axes.text(0.01, y - 0.16, drawable(words), va="center", color=QUIET, fontsize=9)
        return words
    n, colour = own["n"], FAINT if own["n"] < FEW else ACCENT
    ends = predicted(cases["numerator"], cases["denominator"], n).astype(float)
    for low, high, shade in ((0.025, 0.975, BAND), (0.25, 0.75, MIDDLE)):
        axes.barh(y + 0.16, ends[high] - ends[low], 0.22, ends[low], color=shade)
    axes.plot(own["value"], y - 0.16, "o", color=colour, markersize=6, clip_on=False)
    counted = {"count": grouped(own["numerator"]), "n": grouped(n)}
    axes.text(
        1.03,
        y - 0.16,
        tell("of", language, numerator=counted["count"], n=counted["n"]),
        va="center",
        fontsize=9,
        color=QUIET if n < FEW else INK,
    )
    told = {"value": own["value"], "low": ends[0.025], "first": ends[0.25], "third": ends[0.75], "high": ends[0.975]}
    return tell("peers_words", language, **counted, **{name: percent(share, n, language) for name, share in told.items()})
