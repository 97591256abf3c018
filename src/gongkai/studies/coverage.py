"""Coverage as a figure: a box for each division and year."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gongkai.core.data import packaged
from gongkai.core.errors import refuse_language
from gongkai.core.messages import marked, said_of
from gongkai.places import full_name, is_simulated
from gongkai.studies.canvas import INK, QUIET, Picture, canvas, drawable, styled

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes

# Inches: a row, and the room that a name and a year take. More rows than these make a picture that no page holds.
_ROW, _NAMES, _YEAR = 0.24, 3.2, 0.62
_MOST = 300


def coverage_figure(coverage: pd.DataFrame, language: str = "zh") -> Picture:
    """Draw which reports are there, which are missing, and what is known of those.

    Parameters
    ----------
    coverage : DataFrame
        From ``Corpus.coverage``.
    language : {"zh", "en"}
        Language of the labels; names of divisions are Chinese.

    Returns
    -------
    Picture
        A row for each division, a column for each year from the first to the last; the sign in a box says what its colour says.

    Examples
    --------
    >>> from gongkai import read_corpus
    >>> print(coverage_figure(read_corpus("data/raw").coverage(), "en").alt)
    · not in the corpus: 29; ● read: 11; ...
    """
    refuse_language(language)
    known = coverage.dropna(subset=["division_code", "year"])
    codes = list(dict.fromkeys(known["division_code"]))
    counts = known["status"].value_counts()
    notes = ["   ".join(_counted(str(status), int(n), language) for status, n in counts.items()), _say("note", language)]
    notes += [_say("more", language, n=len(codes) - _MOST)] if len(codes) > _MOST else []
    notes = notes if len(codes) else [_say("nothing", language)]
    shown = codes[:_MOST]
    first, last = (int(known["year"].min()), int(known["year"].max())) if len(known) else (0, 0)
    width = max(9.0, _NAMES + _YEAR * (last - first + 1))
    titled = marked(_say("title", language), language, is_simulated(*codes))
    with styled():
        size = (width, 1.1 + _ROW * max(len(shown), 1) + 0.19 * len(notes))
        picture, axes = canvas(size, titled, notes, sides=(_NAMES / width, 0.99))
        axes.axis("off")
        if shown:
            _draw(axes, known[known["division_code"].isin(shown)], shown, first, last)
        return picture.telling([_counted(str(status), int(n), language) for status, n in counts.items()] + notes[1:])


def _draw(axes: Axes, known: pd.DataFrame, codes: list[str], first: int, last: int) -> None:
    """Draw names, years and boxes, the first division on top."""
    from matplotlib.patches import Rectangle

    axes.set(xlim=(first - 0.5, last + 0.5), ylim=(len(codes), -1))
    kinds = packaged(__package__, "coverage.toml")["status"]
    for n, code in enumerate(codes):
        name = drawable(f"{full_name(code[:6], last)} {code}")
        axes.text(first - 0.6, n + 0.5, name, ha="right", va="center", fontsize=8.5, color=INK)
    for year in range(first, last + 1):
        axes.text(year, -0.4, str(year), ha="center", va="center", fontsize=8.5, color=QUIET)
    for row in known.to_dict("records"):
        kind, n, year = kinds[row["status"]], codes.index(row["division_code"]), int(row["year"])
        axes.add_patch(Rectangle((year - 0.46, n + 0.06), 0.92, 0.88, facecolor=kind["colour"], edgecolor=QUIET, linewidth=0.4))
        dark = row["status"] not in ("not_in_corpus", "not_searched")
        axes.text(year, n + 0.5, drawable(kind["sign"]), ha="center", va="center", fontsize=8, color="white" if dark else QUIET)


def _counted(status: str, n: int, language: str) -> str:
    kind = packaged(__package__, "coverage.toml")["status"][status]
    return _say("counted", language, sign=kind["sign"], name=kind[language], n=n)


def _say(key: str, language: str, **values: object) -> str:
    return said_of(packaged(__package__, "coverage.toml"), key, language, values)
