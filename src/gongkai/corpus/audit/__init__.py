"""How wrong is my data: cells drawn for a blind second reading by a person, and the error rates that follow from it."""

from __future__ import annotations

import math
from collections.abc import Collection
from functools import cache
from typing import TYPE_CHECKING, Any, NamedTuple

from gongkai.core.codes import Status
from gongkai.core.errors import UsageError, refuse_language
from gongkai.core.messages import LANGUAGES, aligned, number_text, say
from gongkai.core.text import read_as_printed, read_number
from gongkai.corpus.audit.clustered import CONFIDENCE, clustered_interval
from gongkai.corpus.codebook import code_label
from gongkai.inference import percent

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd
    from numpy.typing import NDArray

# With the probability TAIL, documents that are wholly right or wrong show no error at the upper limit; above BOUND, a limit says nothing.
TAIL, BOUND = (1 - CONFIDENCE) / 2, 0.1
STRATA = ("format", "form", "status")
CELL = ["report_id", "table", "item", "measure"]
KINDS = ("wrong", "missed", "reason")
# What an auditor may answer in words; anything else is a number or a mark as it is printed.
_WORDS = (Status.BLANK, Status.MARK, Status.ABSENT, Status.UNREADABLE)


class Extent(NamedTuple):
    """How many cells were drawn, and how many reports the corpus has."""

    drawn: int
    reports: int


def draw(cells: pd.DataFrame, reports: pd.DataFrame, n: int = 200, seed: int = 0) -> pd.DataFrame:
    """Draw the cells of an audit, spread over formats, editions and statuses, small strata more densely than large ones.

    Parameters
    ----------
    cells, reports : DataFrame
        The tables of a corpus.
    n : int
        How many cells; all of them where there are no more.
    seed : int
        The same seed draws the same cells of the same corpus.

    Returns
    -------
    DataFrame
        The key: what stands in each cell drawn, and its weight, 1 over its chance of being drawn. The order is that of the documents,
        so that it tells nothing of the statuses.

    Notes
    -----
    One systematic sample from the list sorted by stratum, in random order within strata, with chances in proportion to one over the
    square root of a stratum's size: a stratum of N cells gets a share in proportion to the root of N (power allocation, Bankier 1988).

    Examples
    --------
    >>> from gongkai import read_report
    >>> report = read_report("data/raw/qinxian-2019.txt")
    >>> about = report.cells[["report_id"]].drop_duplicates().assign(path="a", format="text", form="2019")
    >>> drawn = draw(report.cells, about, 20, seed=1)
    >>> len(drawn), sorted(drawn["status"].unique())
    (20, ['blank', 'printed', 'realigned'])
    """
    import numpy as np

    about = reports.set_index("report_id")[["path", "format", "form"]]
    listed = cells.join(about, on="report_id").reset_index(drop=True)
    strata = listed.groupby(list(STRATA), dropna=False).ngroup().to_numpy()
    chances = _chances(1 / np.sqrt(np.bincount(strata))[strata], min(n, len(listed)))
    random = np.random.default_rng(seed)
    order = np.lexsort((random.random(len(strata)), strata))
    steps = np.floor(np.cumsum(chances[order]) + random.random())
    taken = np.sort(order[np.diff(steps, prepend=0) > 0])
    key = listed.loc[taken].assign(weight=1 / chances[taken], seed=seed)
    key = key.sort_values("path", kind="stable").reset_index(drop=True)
    return key.assign(number=range(1, len(key) + 1))


def _chances(sizes: NDArray[np.float64], n: int) -> NDArray[np.float64]:
    """Turn sizes into probabilities that add up to n; where one would exceed 1 it is set to 1, and the others share the rest."""
    import numpy as np

    certain = np.zeros(len(sizes), dtype=bool)
    while True:
        rest = max(n - certain.sum(), 0) / max(sizes[~certain].sum(), np.finfo(float).tiny)
        chances = np.where(certain, 1.0, sizes * rest)
        if not (chances > 1 + 1e-12).any():
            return np.minimum(chances, 1.0)
        certain |= chances > 1


def judge(key: pd.DataFrame, answers: pd.Series[str]) -> pd.DataFrame:
    """Compare what the program read with what the auditor read.

    Parameters
    ----------
    key : DataFrame
        What :func:`draw` returned.
    answers : Series of str
        By ``number``: the number as printed (``1,024``, ``3.5 万元``; money without a unit is in yuan), the mark, or one of the words
        空白 blank, 符号 mark, 未列 absent, 不可读 unreadable. What is empty was not audited and is left out.

    Returns
    -------
    DataFrame
        The audited rows of the key with ``answer`` and ``outcome``: ``right``; ``wrong`` (a number that does not stand there);
        ``missed`` (a number stands there, none was given); ``reason`` (rightly no number, with the wrong reason).

    Raises
    ------
    UsageError
        If an answer is neither a number nor a mark nor one of the words, or there is none.
    """
    given = answers.dropna().astype("str").str.strip()
    seen = key[key["number"].isin(given[given != ""].index)]
    if seen.empty:
        raise UsageError.of("audit.no_answer", "audit")
    texts = seen["number"].map(given)
    outcomes = [_outcome(row, text) for row, text in zip(seen.itertuples(), texts, strict=True)]
    return seen.assign(answer=texts.to_numpy(), outcome=outcomes)


def _outcome(row: Any, answer: str) -> str:
    import pandas as pd

    told = _read_answer(row, answer)
    if not pd.isna(row.value):
        return "right" if told == row.value else "wrong"
    if isinstance(told, float):
        return "missed"
    return "reason" if row.status in (Status.BLANK, Status.MARK, Status.ABSENT) and told != row.status else "right"


def _read_answer(row: Any, answer: str) -> float | str:
    """Read one answer: a value in the cell's unit, or why there is none."""
    if answer.casefold() in _statuses_by_word():
        return _statuses_by_word()[answer.casefold()]
    unit = "yuan" if row.unit == "yuan" else "count"
    free = row.table == "statistics"
    number = read_as_printed(answer, frozenset((row.unit,)), whole=False) if free else read_number(answer, unit, True, "元")
    if number.value is None and number.status != Status.MARK:
        words = "、".join(_statuses_by_word())
        raise UsageError.of("audit.no_reading", f"#{row.number}", words=words, answer=answer)
    return number.status if number.value is None else number.value


@cache
def _statuses_by_word() -> dict[str, str]:
    return {say(f"status.{status}", language): status for status in _WORDS for language in LANGUAGES}


def rates(
    judged: pd.DataFrame, confidence: float = CONFIDENCE, extent: Extent | None = None, operands: Collection[str] = ()
) -> pd.DataFrame:
    """Return error rates with intervals that allow for errors that cluster within documents.

    Parameters
    ----------
    judged : DataFrame
        What :func:`judge` returned.
    confidence : float
        Between 0 and 1.
    extent : Extent, optional
        What was drawn, and of how much. Where cells of every report were audited, intervals speak of this corpus alone, with the finite
        population correction; without it, of whatever the reports were drawn from.
    operands : collection of str
        Paths of the cells that indicators are computed from; their error rates are then given too.

    Returns
    -------
    DataFrame
        ``by``, ``group``, ``kind``, ``n`` cells and ``documents`` audited, ``errors`` among them, and ``rate``, ``low``, ``high`` weighted
        to the corpus: of each kind of error in all; of wrong numbers among cells read as a number other than 0 (``cells``, ``nonzero``);
        of wrong and missed numbers among operands (``cells``, ``operands``); and of wrong numbers by format, edition and status.
    """
    import pandas as pd

    every = extent is not None and judged["report_id"].nunique() == extent.reports
    scale = extent.drawn / len(judged) if extent else 1.0
    path = judged["table"] + "/" + judged["item"] + "/" + judged["measure"]
    nonzero, operand = (judged["value"].fillna(0) != 0).astype(bool), path.isin(list(operands))
    parts = [("all", "", kind, judged) for kind in KINDS] + [("cells", "nonzero", "wrong", judged[nonzero])]
    parts += [("cells", "operands", kind, judged[operand]) for kind in ("wrong", "missed")]
    parts += [(by, str(group), "wrong", part) for by in STRATA for group, part in judged.groupby(by)]
    rows = []
    for by, group, kind, part in (one for one in parts if len(one[3])):
        hit = (part["outcome"] == kind).to_numpy().astype(float)
        found = clustered_interval(hit, part["weight"].to_numpy() * scale, part["report_id"].to_numpy(), confidence, every)
        rows.append((by, group, kind, len(part), part["report_id"].nunique(), int(hit.sum()), *found))
    return pd.DataFrame(rows, columns=["by", "group", "kind", "n", "documents", "errors", "rate", "low", "high"])


def paragraph(judged: pd.DataFrame, drawn: int, cells: int, reports: int, language: str = "zh", operands: Collection[str] = ()) -> str:
    """Write the paragraph on the audit that a paper's section on data needs, in one language."""
    refuse_language(language)
    ends: dict[str, str] = {}
    found: Any
    table = rates(judged, CONFIDENCE, Extent(drawn, reports), operands)
    for found in table.query("by == 'all'").itertuples():
        ends |= {f"{found.kind}_{name}": percent(share, found.n, language) for name, share in _shares(found).items()}
    facts = {"drawn": drawn, "n": len(judged), "documents": judged["report_id"].nunique(), "cells": cells, "reports": reports}
    groups = [_group(one, language) for one in table.query("by == 'cells' and kind == 'wrong'").itertuples()]
    every = facts["documents"] == reports
    method = say("audit.every_report" if every else "audit.by_report", language)
    bound = "" if every else unbounded(facts["documents"], language)
    told = {"groups": "".join(groups), "method": method, "bound": bound}
    return say("audit.paragraph", language, seed=int(judged["seed"].iloc[0]), **told, **facts, **ends)


def _group(row: Any, language: str) -> str:
    shares = {name: percent(share, row.n, language) for name, share in _shares(row).items()}
    return say("audit.groups", language, name=say(f"audit.{row.group}", language), n=row.n, **shares)


def unbounded(documents: int, language: str = "zh") -> str:
    """Say that so few documents cannot bound an error rate, whatever was found in them; nothing where they can.

    Examples
    --------
    >>> print(unbounded(12, "en").split(":")[0])
     With only 12 reports, the upper limit would be 27 % even without a single error, should errors come in whole reports
    >>> unbounded(36)
    ''
    """
    limit = 1 - TAIL ** (1 / documents)
    if limit < BOUND:
        return ""
    needed = math.ceil(math.log(TAIL) / math.log(1 - BOUND))
    shown = percent(math.ceil(100 * limit) / 100, documents, language)  # an upper limit is rounded up
    return say("audit.bound", language, documents=documents, limit=shown, needed=needed)


def _shares(row: Any) -> dict[str, float]:
    return {"rate": row.rate, "low": row.low, "high": row.high}


def changed(key: pd.DataFrame, cells: pd.DataFrame) -> int:
    """Count the audited cells that the corpus has meanwhile read differently; error rates describe the data as they were drawn."""
    now = key[CELL].merge(cells[[*CELL, "value", "status"]], on=CELL, how="left")
    same = (now["status"].to_numpy() == key["status"].to_numpy()) & (
        now["value"].fillna(-1).to_numpy() == key["value"].fillna(-1).to_numpy()
    )
    return int((~same).sum())


def summary(judged: pd.DataFrame, language: str = "zh", extent: Extent | None = None, operands: Collection[str] = ()) -> str:
    """Set the error rates in a table, and list below it every cell that differs.

    Parameters
    ----------
    judged : DataFrame
        What :func:`judge` returned.
    language : {"zh", "en"}
        The language of the table.
    extent, operands
        As in :func:`rates`.
    """
    heads = ("", "", "answer", "errors", "rate", "interval")
    lines = [[say(f"audit.{h}", language) if h else "" for h in heads]]
    r: Any
    for r in rates(judged, CONFIDENCE, extent, operands).itertuples():
        group = code_label(r.by, r.group, language) if r.by in ("form", "status") else r.group
        name = say(f"audit.{group}", language) if r.by == "cells" else f"{say(f'audit.{r.by}', language)} {group}".strip()
        shares = [percent(share, r.n, language) for share in _shares(r).values()]
        lines.append([name, say(f"audit.{r.kind}", language), str(r.n), str(r.errors), shares[0], f"{shares[1]} – {shares[2]}"])
    return "\n".join([aligned(lines), *(_differs(row, language) for row in judged[judged["outcome"] != "right"].itertuples())])


def _differs(row: Any, language: str) -> str:
    import pandas as pd

    value = say(f"status.{row.status}", language) if pd.isna(row.value) else number_text(row.value)
    cell, kind = f"{row.table}/{row.item}/{row.measure}", say(f"audit.{row.outcome}", language)
    return say("audit.differs", language, number=row.number, path=row.path, cell=cell, kind=kind, value=value, answer=row.answer)
