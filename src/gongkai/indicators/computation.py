"""The table of indicators: operands -> value with its interval, or the reason why there is none, for one report or many alike."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from gongkai.core.codes import Status
from gongkai.core.errors import UsageError
from gongkai.core.messages import Words, joined, listed, number_text
from gongkai.core.schema import NUMBER, TEXT
from gongkai.forms import load_form
from gongkai.indicators.contradictions import Contradiction, FailedIdentity, contradiction, failures, with_totals, withdraw
from gongkai.indicators.counted import CARRIED, with_counts
from gongkai.indicators.definitions import Indicator, breaks, chosen
from gongkai.indicators.descriptions import both, reasons_without_value
from gongkai.indicators.wide import NOWHERE, WORST_FIRST, Codes, Flags, Floats, Frames, Texts, Wide, widen
from gongkai.inference import CONFIDENCE
from gongkai.inference.clustering import Effect, design_effect, resolved
from gongkai.inference.intervals import share_ends

if TYPE_CHECKING:
    import pandas as pd

COLUMNS = {
    "report_id": TEXT, "division_code": TEXT, "scope": TEXT, "year": "Int64", "indicator": TEXT, "numerator": NUMBER,
    "denominator": NUMBER, "value": NUMBER, "low": NUMBER, "high": NUMBER, "method": TEXT, "deff": NUMBER, "n": NUMBER,
    "value_printed": NUMBER, "value_summed": NUMBER,
    "operands": TEXT, "status": TEXT, "reason": TEXT, "reason_zh": TEXT, "form": TEXT, "series": TEXT,
}  # fmt: skip
OF_REPORT = ("report_id", "division_code", "scope", "year", "form")
ACCEPTED = (Status.PRINTED, Status.REALIGNED)
ACCEPTABLE = (*ACCEPTED, "deduced")
PROVEN = ("blank_as_zero",)
THROUGHOUT = "all"
METHODS = {"share": "wilson", "rate": "poisson"}


def table(
    source: Any,
    accept: Sequence[str] = ACCEPTED,
    blank_as_zero: bool = False,
    extra: Any = None,
    codes: Sequence[str] | None = None,
    deff: Effect = 1,
) -> pd.DataFrame:
    """Compute indicators of one report or of a corpus.

    Parameters
    ----------
    source : Report or Corpus
        Or anything with its DataFrames ``reports``, ``cells``, ``checks`` and ``findings``.
    accept : sequence of {"printed", "realigned", "deduced"}
        Which cells count: as printed, put back in place, or without a value but proven by the identities.
    blank_as_zero : bool
        Take a blank as zero where the sums of the report admit no other value (``blank_as_zero``). Elsewhere it stays without a value:
        ``not_contradicted`` where nothing speaks against zero, which proves nothing.
    extra : path, Indicator or several, optional
        A user's own indicators: a TOML file, or what :func:`define` returned.
    codes : sequence of str, optional
        Which indicators; by default all but those that :func:`codebook` gives a reason to leave out.
    deff : float, DesignEffect or "estimated"
        The design effect that intervals allow for: how many requests tell as much as an independent one. ``"estimated"``: that of each
        share, from the years of the units in ``source`` (:func:`gongkai.inference.design_effect`).

    Returns
    -------
    DataFrame
        A row for each report and indicator, always the same rows. ``value``, ``low`` and ``high`` are shares from 0 to 1, or ratios, or
        counts. ``operands`` is the worst status among the operands, and so is ``status`` where there is a value; else ``status`` says why
        there is none: an operand's status, ``inconsistent``, ``nothing_to_divide`` or ``other_form``, in words under ``reason`` and
        ``reason_zh``. Where any sum that has an operand as a term fails in print, ``value`` is NA, ``value_printed`` is what the operands
        give as printed, and ``value_summed`` what they give if the other side of the sum is right: over the summed rows in place of a
        printed total, over what a printed total leaves in place of some of its rows. ``series`` changes where numbers stop being
        comparable. Intervals (``method``: ``wilson`` for a share, exact ``poisson`` for a rate) hold if the requests were independent
        draws from a stable process, or every ``deff`` of them told as much as one. ``deff`` is NA where it was to be estimated and could
        not be (for a rate, or with too few units that have two years or more): the interval then takes requests for independent. All
        figures are as reported by the authority.

    Raises
    ------
    UsageError
        If an entry, a status or a code is unknown.

    Examples
    --------
    >>> import gongkai
    >>> rows = table(gongkai.read_report("data/raw/qinxian-2019.txt"), codes=["any_grant_share", "reconsideration_rate"])
    >>> rows[["numerator", "denominator", "status"]].values.tolist()
    [[1.0, 1.0, 'realigned'], [<NA>, 1.0, 'blank']]
    """
    entries = chosen(extra)
    _refuse_unknown("accept", accept, ACCEPTABLE)
    _refuse_unknown("codes", codes or (), entries)
    wanted = [one for one in entries.values() if (one.code in codes if codes is not None else not one.off_zh + one.off_en)]
    return _table(Frames.of(source), wanted, accept, blank_as_zero, deff)


def _table(frames: Frames, wanted: Sequence[Indicator], accept: Sequence[str], blank_as_zero: bool, deff: Effect) -> pd.DataFrame:
    """Compute these indicators of all reports."""
    paths = dict.fromkeys((*CARRIED, *with_totals([path for one in wanted for path in one.operands])))
    wide = with_counts(widen(frames, list(paths), accept, blank_as_zero), frames)
    failing, listed = failures(frames, wide), frames.listed()
    withdraw(failing, wide)
    stretches = {broken: _series(broken, frames.reports) for broken in {one.breaks for one in wanted}}
    columns = [_computed(one, Operands(one, frames, wide, listed), failing, (*accept, *PROVEN)) for one in wanted]
    for own, one in zip(columns, wanted, strict=True):
        own["series"] = stretches[one.breaks]
        own |= _interval(one, own, _effect(one, own, frames, deff))
    return _frame(frames, columns)


class Operands:
    """The operands of one indicator in all reports: both sums, the worst status, and whether the edition defines it."""

    def __init__(self, one: Indicator, frames: Frames, wide: Wide, listed: Flags) -> None:
        read = {term: wide.term(term) for term in one.terms}
        self.wide = wide
        parts = np.array([read[term][0] for term in one.numerator])
        self.forms: Texts = frames.reports["form"].to_numpy(object)
        self.codes: Codes = wide.codes[:, [wide.column[path] for path in one.operands]]
        self.top: Floats = (parts * (parts - 1) if one.kind == "concentration" else parts).sum(axis=0)
        self.bottom: Floats = np.sum([read[term][0] for term in one.denominator], axis=0) if one.denominator else np.ones(len(listed))
        self.worst: Codes = np.min([worst for _, worst in read.values()], axis=0)
        self.defined: Flags = np.isin(self.forms.astype(str), one.forms) | (listed & ("statistics" in one.forms))


def _computed(one: Indicator, operands: Operands, failing: Sequence[FailedIdentity], valued: Sequence[str]) -> dict[str, Any]:
    """Compute one indicator of all reports, a column at a time."""
    top, bottom, divided = operands.top, operands.bottom, bool(one.denominator)
    against = contradiction(one, failing, operands.wide, top, bottom)
    status = _reason_without_value(one, operands, against)
    worst = np.array([*WORST_FIRST, None], object)[np.where(operands.defined, operands.worst, NOWHERE)]
    printed, summed = _by_kind(one, top, bottom), _by_kind(one, against.top, against.bottom)
    value = np.where(status == "", printed, np.nan)
    reason_zh, reason = _reasons(one, operands, against, status, valued)
    tied = (status == "inconsistent") & against.hit
    return {
        "indicator": np.full(len(top), one.code, object), "numerator": top,
        "denominator": np.where(divided, _denominator(one, bottom), np.nan), "value": value,
        "n": np.where(divided, bottom, np.nan), "value_printed": np.where(tied, printed, np.nan),
        "value_summed": np.where(tied & against.moved, summed, np.nan), "operands": worst,
        "status": np.where((status == "") | (status == "operand"), worst, status), "reason": reason, "reason_zh": reason_zh,
    }  # fmt: skip


def _reason_without_value(one: Indicator, operands: Operands, against: Contradiction) -> Texts:
    """Say of each report why there is no value, the first reason that applies; empty where there is one."""
    top, bottom = operands.top, operands.bottom
    beyond = (top < 0) | (bottom < 0) | ((top > bottom) & (one.kind == "share"))
    reasons = [
        ("other_form", ~operands.defined), ("operand", np.isnan(top) | np.isnan(bottom)), ("inconsistent", against.hit),
        ("nothing_to_divide", _denominator(one, bottom) == 0), ("inconsistent", beyond & bool(one.denominator)),
    ]  # fmt: skip
    return np.select([where for _, where in reasons], [name for name, _ in reasons], default="").astype(object)


def _denominator(one: Indicator, bottom: Floats) -> Floats:
    """Return the divisor: the denominator, or for a concentration the number of ordered pairs of cases in it."""
    return bottom * (bottom - 1) if one.kind == "concentration" else bottom


def _by_kind(one: Indicator, top: Floats, bottom: Floats) -> Floats:
    """Compute the indicator of these sums, by its kind."""
    if one.kind == "flag":
        return np.where(np.isnan(top), np.nan, top == 0)
    below = _denominator(one, bottom)
    value: Floats = one.scale * np.divide(top, below, out=np.full(len(top), np.nan), where=below != 0)
    return value


def _interval(one: Indicator, own: Mapping[str, Any], deff: float) -> dict[str, Any]:
    """Give each share of whole cases its Wilson interval and each rate its exact Poisson interval, as gongkai.inference does for one."""
    from statsmodels.stats.rates import confint_poisson

    top, bottom = own["numerator"], own["denominator"]
    low, high, used = np.full((3, len(top)), np.nan)
    method, fit = METHODS.get(one.kind), _has_interval(one, own)
    if fit.any():
        k, n, risk = (*(side[fit] / (1 if np.isnan(deff) else deff) for side in (top, bottom)), 1 - CONFIDENCE)
        ends = share_ends(k, n, CONFIDENCE) if method == "wilson" else confint_poisson(k, n, method="exact-c", alpha=risk)
        low[fit], high[fit] = (one.scale * end for end in ends)
        used[fit] = deff
    return {"low": low, "high": high, "deff": used, "method": np.array([None, method], object)[fit.astype(int)]}


def _has_interval(one: Indicator, own: Mapping[str, Any]) -> Flags:
    whole = (own["numerator"] % 1 == 0) & ((one.kind != "share") | (own["denominator"] % 1 == 0))
    return np.asarray(~np.isnan(own["value"]) & (one.kind in METHODS) & whole)


def _effect(one: Indicator, own: Mapping[str, Any], frames: Frames, deff: Effect) -> float:
    """Return the design effect given, or that of one share over the years of its units; NaN where it cannot be estimated."""
    import pandas as pd

    if deff != "estimated":
        return resolved(deff)
    if one.kind != "share":
        return np.nan
    keys = frames.reports[["division_code", "unit_id", "body", "scope"]]
    about = {"unit": keys.astype(object).fillna("").agg("|".join, axis=1), "year": frames.reports["year"], "series": own["series"]}
    years = pd.DataFrame({**about, "count": own["numerator"], "n": own["denominator"]})
    known = keys["division_code"].notna() & years["year"].notna() & _has_interval(one, own) & years["series"].notna()
    found = design_effect(years[known & ~years.duplicated(["unit", "year"], keep=False)])
    return np.nan if found.why == "none" else found.used


def _reasons(one: Indicator, operands: Operands, against: Contradiction, status: Texts, valued: Sequence[str]) -> tuple[Texts, Texts]:
    """Say in both languages why there is no value; the text is composed once for all reports with the same reason."""
    reasons, forms = np.full((len(status), 2), None, object), operands.forms
    for form in set(forms[status == "other_form"]):
        name = Words(load_form(form).zh, load_form(form).en)
        reasons[(status == "other_form") & (forms == form)] = both("why.other_form", form=name)
    for form in set(forms[status == "operand"]):
        rows = np.flatnonzero((status == "operand") & (forms == form))
        patterns, same = np.unique(operands.codes[rows], axis=0, return_inverse=True)
        told = [reasons_without_value(one, dict(zip(one.operands, map(int, pattern), strict=True)), valued, form) for pattern in patterns]
        reasons[rows] = np.array(told, object)[same.ravel()]
    reasons[status == "nothing_to_divide"] = both("why.nothing_to_divide")
    for row in np.flatnonzero(status == "inconsistent"):
        reasons[row] = _contradicted(one, operands, against, int(row))
    return reasons[:, 0], reasons[:, 1]


def _contradicted(one: Indicator, operands: Operands, against: Contradiction, row: int) -> Words:
    """Say which sums fail and what the indicator is by each; or that a part exceeds its whole, where no sum can say so."""
    top, bottom = number_text(operands.top[row]), number_text(operands.bottom[row])
    if row not in against.told:
        return both("why.part_exceeds_whole", numerator=top, denominator=bottom)
    sums = joined(against.told[row])
    if not against.moved[row] or one.kind == "concentration":
        return both("why.inconsistent", sums=sums)
    summed = number_text(against.top[row]), number_text(against.bottom[row])
    told = ("/".join(answer[: 1 + bool(one.denominator)]) for answer in ((top, bottom), summed))
    return both("why.two_answers", sums=sums, **dict(zip(("printed", "summed"), told, strict=True)))


def _series(codes: Sequence[str], reports: pd.DataFrame) -> Texts:
    """Name the series of each report, that is the years between two breaks of comparability; none where the year is needed and unknown."""
    if not codes:
        return np.full(len(reports), THROUGHOUT, object)
    years = reports["year"].to_numpy(float, na_value=np.nan)
    of_form = reports["form"].map(lambda form: load_form(form).first_year).to_numpy(float)
    dates = np.column_stack([of_form if "form" in breaks()[code] else years for code in codes])
    starts = [int(breaks()[code]["year"]) for code in codes]
    patterns, same = np.unique(dates >= np.array(starts), axis=0, return_inverse=True)
    names: Texts = np.array([_stretch(starts, pattern) for pattern in patterns], object)[same.ravel()]
    names[np.isnan(dates).any(axis=1)] = None
    return names


def _stretch(starts: Sequence[int], past: Sequence[bool]) -> str:
    """Name a series by the breaks after and before which it lies.

    Examples
    --------
    >>> _stretch([2019, 2024], [True, False]), _stretch([2024], [True]), _stretch([2021, 2024], [False, True])
    ('2019-2023', '2024-', '-2020, 2024-')
    """
    before = [start for start, gone in zip(starts, past, strict=True) if not gone]
    behind = [start for start, gone in zip(starts, past, strict=True) if gone]
    if not behind or not before or max(behind) < min(before):
        return f"{max(behind, default='')}-{min(before) - 1 if before else ''}"
    return ", ".join(f"{start}-" if gone else f"-{start - 1}" for start, gone in zip(starts, past, strict=True))


def _frame(frames: Frames, columns: Sequence[dict[str, Any]]) -> pd.DataFrame:
    """Arrange the results in long form: all indicators of the first report, then of the next."""
    import pandas as pd

    def series(name: str) -> Any:
        if name in OF_REPORT:
            return frames.reports[name].repeat(len(columns)).reset_index(drop=True)
        return np.stack([column[name] for column in columns], axis=1).ravel() if columns else []

    return pd.DataFrame({name: pd.Series(series(name), dtype=kind) for name, kind in COLUMNS.items()})


def _refuse_unknown(name: str, asked: Iterable[str], known: Iterable[str]) -> None:
    unknown = "、".join(str(one) for one in asked if one not in known)
    if unknown:
        raise UsageError.of("indicators.unknown", name, known=listed(known), unknown=unknown)
