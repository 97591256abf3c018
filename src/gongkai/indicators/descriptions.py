"""Indicators in words: their formulas, their codebook, and why an operand has no value."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cache
from typing import TYPE_CHECKING, Any

from gongkai.core import findings
from gongkai.core.codes import Status
from gongkai.core.errors import refuse_language
from gongkai.core.messages import LANGUAGES, Words, joined, listed, number_text, said_of, say
from gongkai.core.model import Check, Finding, Form
from gongkai.forms import editions, load_form
from gongkai.indicators.definitions import FREE, Indicator, Term, breaks, cells_of, chosen, indicators, load
from gongkai.indicators.wide import CODE, NOWHERE, WORST_FIRST
from gongkai.report import Report

if TYPE_CHECKING:
    import pandas as pd


def formula(indicator: Indicator, form: Form, language: str = "zh") -> tuple[str, str]:
    """Write numerator and denominator with the labels of the official form, or of the newest that has them.

    Examples
    --------
    >>> from gongkai.forms import editions, load_form
    >>> from gongkai.indicators import indicators
    >>> formula(indicators()["reconsideration_corrected_share"], load_form("2019"), "en")[1]
    'Administrative reconsideration · Total − Administrative reconsideration · Pending'
    >>> formula(indicators()["refusal_share"], load_form("2021"), "zh")[0]
    '（三）不予公开 · 总计'
    """
    edition = form.code if form.code in indicator.forms else indicator.forms[-1]
    return _terms_in_words(indicator.numerator, edition, language), _terms_in_words(indicator.denominator, edition, language)


def codebook(language: str = "zh", extra: Any = None) -> pd.DataFrame:
    """Return one row for each indicator: what it is, what it is computed from, and how it must be read.

    Parameters
    ----------
    language : {"zh", "en"}
        Language of the words.
    extra : optional
        A user's own indicators, as in :func:`table`.

    Returns
    -------
    DataFrame
        ``indicator``, ``family``, ``label``, ``kind``, ``numerator``, ``denominator``, ``scale``, ``editions``, ``series`` (across which
        breaks its numbers are not comparable), ``caution``, ``source``, ``default`` (whether :func:`table` computes it unasked) and
        ``off`` (why it does not).

    Examples
    --------
    >>> codebook("en").set_index("indicator").loc["clearance_ratio", ["kind", "editions", "series"]].to_list()
    ['ratio', '2019, 2021', 'comparable throughout']
    """
    import pandas as pd

    refuse_language(language)
    return pd.DataFrame([_codebook_row(one, language) for one in chosen(extra).values()])


def _codebook_row(one: Indicator, language: str) -> dict[str, object]:
    top, bottom = formula(one, load_form(one.forms[-1]), language)
    broken = say("explain.comma", language).join(f"{breaks()[code]['year']} {breaks()[code][language]}" for code in one.breaks)
    return {
        "indicator": one.code, "family": one.family, "label": getattr(one, language), "kind": one.kind, "numerator": top,
        "denominator": bottom, "scale": one.scale, "editions": ", ".join(one.forms),
        "series": phrase("series.broken" if broken else "series.whole", language, breaks=broken),
        "caution": getattr(one, f"caution_{language}"), "source": one.source if language == "zh" else one.source_en,
        "default": not one.off_zh + one.off_en, "off": getattr(one, f"off_{language}"),
    }  # fmt: skip


def status_word(status: str, language: str = "zh") -> str:
    """Return the word for a status of :func:`table`.

    Examples
    --------
    >>> status_word("nothing_to_divide", "en"), status_word("blank", "zh")
    ('nothing to divide by', '空白')
    """
    own = load("reasons")["status"].get(status)
    return str(own[language]) if own else say(f"status.{status}", language)


def sums_in_words(check: Check, report: Report, language: str = "zh") -> str:
    """Say both sums of an identity that fails in print, in the words of its finding."""
    identity = check.identity
    left, right = ("?" if side is None else number_text(side) for side in (check.left, check.right))
    own = Finding(identity.code, identity.left[0].table, identity.item, identity.measure, left, right)
    same = (f for f in report.contents.findings if (f.code, f.table, f.item, f.measure) == (own.code, own.table, own.item, own.measure))
    return findings.message(next(same, own), report.edition, language)


def phrase(key: str, language: str, **values: object) -> str:
    """Return one text of this room, its placeholders filled in."""
    return said_of(load("reasons"), key, language, values)


def both(key: str, **values: Words | str) -> Words:
    """Return one text in Chinese and in English, each with the words of its language."""
    return Words(*(phrase(key, language, **values) for language in LANGUAGES))


def reasons_without_value(indicator: Indicator, codes: Mapping[str, int], valued: Sequence[str], form: str) -> tuple[str, str]:
    """Say why operands have no value, grouped by reason."""
    alike: dict[str, list[tuple[str, ...]]] = {}
    edition = form if form in indicator.forms else indicator.forms[-1]
    for cells in (_alternative(term, codes, edition) for term in indicator.terms):
        for status in dict.fromkeys(_status(codes[cell]) for cell in cells):
            if status not in valued:
                same = tuple(cell for cell in cells if _status(codes[cell]) == status)
                kind = "unknown" if same[0].startswith("report/") else status
                alike.setdefault(kind, []).extend([same] if len(same) == len(cells) else [(cell,) for cell in same])
    return joined(
        both(f"operand.{status}", cells=listed(Words(*(_name(c, edition, la) for la in LANGUAGES)) for c in cells))
        for status, cells in alike.items()
    )


def _status(code: int) -> str:
    return Status.ABSENT if code == NOWHERE else WORST_FIRST[code]


def _alternative(term: Term, codes: Mapping[str, int], edition: str) -> tuple[str, ...]:
    """Return the cells of the first alternative that the document prints; else of the first that its edition defines."""
    for missing in ((NOWHERE, CODE[Status.ABSENT]), (NOWHERE,)):
        for path in term.paths:
            if any(codes[cell] not in missing for cell in cells_of(path)):
                return tuple(cell for cell in cells_of(path) if codes[cell] != NOWHERE)
    return _printed(term, edition)[:1]


def _terms_in_words(terms: Sequence[Term], edition: str, language: str) -> str:
    names = [(" − " if t.sign < 0 else " + ") + _name(_printed(t, edition), edition, language) for t in terms]
    return "".join(names).removeprefix(" + ")


def _printed(term: Term, edition: str) -> tuple[str, ...]:
    """Return the cells of the first alternative that an edition has."""
    own = {f.path for f in load_form(edition).fields}
    return next(
        (cells for cells in map(cells_of, term.paths) if own.intersection(cells) or cells[0].split("/")[0] in FREE), cells_of(term.paths[0])
    )


@cache
def _name(cells: tuple[str, ...], edition: str, language: str) -> str:
    """Name a cell as its reader knows it, or a whole group of the form by the label that stands over it."""
    table, item, measure = cells[0].split("/")
    if table == "statistics":
        return item
    if table == "report":
        own = load("reasons")["counted"]
        return str((own.get(measure) or own[item])[language]).format(name=measure)
    form = _form_of(cells[0], edition)
    if len(cells) == 1 or not form.tables[table].items[item].under:
        return findings.place(form, table, item, measure, language)
    body = form.tables[table]
    label = body.spans[body.items[item].under[-1]]
    return f"{label if language == 'zh' else body.english.get(label, label)} · {getattr(body.measures[measure], language)}"


def _form_of(cell: str, edition: str) -> Form:
    """Return the edition itself where it has a cell, else the newest that has: a document may print an indicator list beside a form."""
    return next(form for form in map(load_form, (edition, *reversed(editions()))) if any(f.path == cell for f in form.fields))


def lead(rows: pd.DataFrame) -> pd.DataFrame:
    """Return the rows of the few indicators that a study shows, without those of another edition unless there are no others.

    Examples
    --------
    >>> from gongkai import indicators, read_report
    >>> lead(indicators.table(read_report("data/raw/qinxian-2019.txt")))["indicator"].to_list()[:2]
    ['full_grant_share', 'refusal_share']
    """
    few = rows[rows["indicator"].isin([code for code, one in indicators().items() if one.lead])]
    own = few[few["status"] != "other_form"]
    return few if own.empty else own
