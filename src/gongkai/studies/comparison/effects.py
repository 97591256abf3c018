"""What a county's shares say where a few people file most requests: the design effect of its province, and both intervals."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gongkai import indicators
from gongkai.inference import design_effect, design_sentence, share_sentence
from gongkai.studies.comparison.labels import label_of, tell
from gongkai.studies.comparison.selection import LEAD, compared
from gongkai.studies.comparison.tables import years_of
from gongkai.studies.fragments import Html, paragraph

if TYPE_CHECKING:
    from gongkai.corpus import Corpus
    from gongkai.report import Report

YEARS = 5  # the newest so many are looked at: older ones say less of the clusters of today, and a province's are many


def at_design_effects(report: Report, corpus: Corpus | None, language: str = "zh") -> tuple[Html, ...]:
    """Say the main shares of a report at the design effect that the counties of its province show, beside independent requests.

    Returns
    -------
    tuple of Html
        A paragraph for each share that has a design effect above 1; one sentence in all where none can be estimated or none is above 1;
        nothing without a corpus, a division, a year or a share. It is estimated from five years.

    Examples
    --------
    >>> from gongkai import read_corpus
    >>> corpus = read_corpus("data/raw")
    >>> print(at_design_effects(corpus.read("r2f84655cf071"), corpus, "en")[0])
    <p>Granted in full, of all processed: no design effect can be estimated from 0 units with two years or more, so it is not
    known how far intervals that take requests for independent are too narrow.</p>
    """
    if corpus is None or not report.division_code or report.year is None:
        return ()
    own = {row["indicator"]: row for row in indicators.table(report, codes=LEAD).dropna(subset=["value"]).to_dict("records")}
    if not own:
        return ()
    rows = compared(corpus, report.division_code[:2], (report.year - YEARS + 1, report.year), table="applications")
    effects = {code: design_effect(years_of(rows, code)) for code in own}
    counts = {code: (row["numerator"], row["denominator"]) for code, row in own.items()}
    told = {code: share_sentence(*counts[code], effect, language) for code, effect in effects.items() if effect.used > 1}
    if not told:
        first = next(iter(effects))
        told = {first: design_sentence(effects[first], language)}
    return tuple(paragraph(tell("design", language, label=label_of(code, language), sentence=one)) for code, one in told.items())
