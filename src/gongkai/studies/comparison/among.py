"""One county among its peers: its intervals beside the shrunken shares of the others."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from gongkai import indicators
from gongkai.core.messages import number_text, wrapped
from gongkai.inference import FEW, condition, percent, shrunken
from gongkai.studies.canvas import INK, QUIET, Picture, canvas, drawable, styled
from gongkai.studies.comparison.figures import BAND, interval_line, note_lines, share_axis
from gongkai.studies.comparison.selection import FEWEST, LEAD, one_year, peers
from gongkai.studies.comparison.words import label_of, marked, tell, where
from gongkai.studies.study import Html
from gongkai.studies.units import county_name

if TYPE_CHECKING:
    import pandas as pd

    from gongkai.corpus import Corpus
    from gongkai.report import Report


def among_peers(report: Report, corpus: Corpus | None, language: str = "zh") -> tuple[Html | Picture, ...]:
    """Show a county's shares beside the shrunken shares of the other counties of its prefecture or province.

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
    about = {"county": county_name(report), "where": where(parent, language), "year": report.year}
    said = tell("peers_title", language, n=others["division_code"].nunique(), **about)
    said = marked(said, others["division_code"], language)
    notes, told = note_lines("peers_note", language) + note_lines("condition", language, condition=condition(language)), []
    with styled():
        picture, axes = canvas((9, 1.2 + 0.62 * len(codes)), said, notes, sides=(0.26, 0.88), foot=0.25)
        for y, code in enumerate(codes):
            cases = one_year(others, code, report.year or 0)
            told.append(
                _draw_among(axes, y, own.loc[code], shrunken(cases["numerator"], cases["denominator"], confidence=None)["mean"], language)
            )
        labels = [label_of(code, language) for code in codes]
        axes.set_yticks(range(len(codes)), ["\n".join(wrapped(label, 30)) for label in labels])
        axes.set_ylim(len(codes) - 0.45, -0.55)
        share_axis(axes, "x", language)
        return picture.telling([said, *(f"{label}: {words}" for label, words in zip(labels, told, strict=True)), *notes])


def _draw_among(axes: Any, y: float, own: Any, means: pd.Series, language: str) -> str:
    """Draw one share: the others below, the county above; and return its words."""
    import pandas as pd

    first, third = (float(means.quantile(q)) for q in (0.25, 0.75))
    axes.barh(y + 0.16, third - first, 0.22, first, color=BAND)
    axes.vlines(means.dropna().astype(float), y + 0.05, y + 0.27, color=QUIET, linewidth=0.8)
    if pd.isna(own["value"]):
        words = tell("no_value", language, reason=indicators.status_word(own["status"], language))
        axes.text(0.01, y - 0.16, drawable(words), va="center", color=QUIET, fontsize=9)
        return words
    few = own["n"] < FEW
    interval_line(axes, y - 0.16, own["low"], own["high"], own["value"], few)
    cases = {"count": number_text(own["numerator"]), "n": number_text(own["n"])}
    axes.text(1.03, y - 0.16, tell("of", language, numerator=cases["count"], n=cases["n"]), va="center", color=QUIET if few else INK)
    ends = {name: percent(own[name], own["n"], language) for name in ("low", "high")}
    return tell("peers_words", language, first=percent(first, 1, language), third=percent(third, 1, language), **cases, **ends)
