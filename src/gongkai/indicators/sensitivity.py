"""How much an indicator depends on the treatment of blank, uncertain and other cells without a plain number."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from itertools import product
from typing import TYPE_CHECKING, Any

from gongkai import indicators
from gongkai.core.codes import Status
from gongkai.core.messages import say
from gongkai.indicators.definitions import chosen
from gongkai.report import Report

if TYPE_CHECKING:
    import pandas as pd

    from gongkai.core.model import Reading

CASES: dict[str, dict[str, Any]] = {
    "strict": {"accept": ("printed",)},
    "default": {},
    "deduced": {"accept": ("printed", "realigned", "deduced")},
    "blank_as_zero": {"blank_as_zero": True},
}
EXTREMES = ("lowest", "highest")
MOST = 8  # at most this many uncertain operands: their candidates are combined, and more make a range that says nothing


def sensitivity(report: Report, code: str, extra: Any = None) -> pd.DataFrame:
    """Compute one indicator of one report under every way of taking its cells.

    Other denominators: :func:`gongkai.indicators.by_denominator`; reports of other scope: :func:`gongkai.indicators.by_scope`.

    Parameters
    ----------
    report : Report
        A report that has been read.
    code : str
        Of the indicator.
    extra : path, Indicator or several, optional
        As in :func:`gongkai.indicators.table`.

    Returns
    -------
    DataFrame
        The rows of :func:`gongkai.indicators.table`, with ``case`` in front and its words (``meaning_zh``, ``meaning``) behind: ``strict``
        (printed cells alone), ``default``, ``deduced`` (with what the identities prove), ``blank_as_zero``, and ``lowest`` and ``highest``
        over the candidates of uncertain operands. Those two are ``default``'s where no operand is uncertain, and without a value where a
        candidate is no number, since then nothing bounds the cell. ``operands`` and ``status`` of the two call a chosen candidate
        ``realigned``.

    Examples
    --------
    >>> import gongkai
    >>> found = sensitivity(gongkai.read_report("data/raw/qinxian-2019.txt"), "any_grant_share")
    >>> found[["case", "value", "status"]].values.tolist()[:2]
    [['strict', <NA>, 'realigned'], ['default', 1.0, 'realigned']]
    """
    import pandas as pd

    def row(source: Report, **how: Any) -> pd.DataFrame:
        return indicators.table(source, codes=[code], extra=extra, **how)

    rows = {case: row(report, **how) for case, how in CASES.items()}
    operands = chosen(extra)[code].operands
    open_cells = [r for r in report.readings if r.field.path in operands and r.status == Status.UNCERTAIN]
    bounded = len(open_cells) <= MOST and all(r.candidates and None not in r.candidates for r in open_cells)
    found = [row(one) for one in _extreme_readings(report, open_cells)] if open_cells and bounded else [rows["default"]]
    valued = [one for one in found if one["value"].notna().all()] or [rows["default"]]
    for case, extreme in zip(EXTREMES, (min, max), strict=True):
        rows[case] = extreme(valued, key=lambda one: one["value"].fillna(0).iloc[0])
    meant = {
        column: [say(f"sensitivity.{case}", language) for case in rows] for column, language in (("meaning_zh", "zh"), ("meaning", "en"))
    }
    table = pd.concat(rows.values(), ignore_index=True).assign(**meant)
    table.insert(0, "case", list(rows))
    return table


def _extreme_readings(report: Report, open_cells: list[Reading]) -> Iterator[Report]:
    """Take each uncertain cell for its smallest and its largest candidate, in every combination: a quotient is extreme at such a corner."""
    corners = [sorted({min(c), max(c)}) for c in ([v for v in r.candidates if v is not None] for r in open_cells)]
    for values in product(*corners):
        taken = {r.field.path: replace(r, value=v, status=Status.REALIGNED) for r, v in zip(open_cells, values, strict=True)}
        yield replace(report, readings=tuple(taken.get(r.field.path, r) for r in report.readings))
