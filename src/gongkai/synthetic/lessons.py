"""What the lessons draw for each student from a seed: invented counties and a province, with their truth. None of it is real."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from gongkai.core.codes import Status
from gongkai.core.files import scratch_folder
from gongkai.core.messages import number_text
from gongkai.corpus import Corpus, read_corpus
from gongkai.synthetic import invented_county, simulate

if TYPE_CHECKING:
    import pandas as pd

SHARE = 0.45
SHARE_CODE = "full_grant_share"
YEARS = (2022, 2023)


def two_years(seed: int) -> tuple[tuple[int, int], tuple[int, int]]:
    """Draw what one invented county granted of what it processed, in two years between which nothing has changed.

    Examples
    --------
    >>> two_years(1) == two_years(1), all(0 <= k <= n for k, n in two_years(1))
    (True, True)
    """
    import numpy as np

    rng = np.random.default_rng(seed)
    first, second = ((int(rng.binomial(n, SHARE)), int(n)) for n in rng.integers(15, 60, 2))
    return first, second


def disputes(seed: int) -> dict[str, int]:
    """Draw the reconsiderations of one invented city: upheld, corrected, other, pending.

    Examples
    --------
    >>> sorted(disputes(1))
    ['corrected', 'other', 'pending', 'upheld']
    """
    import numpy as np

    rng = np.random.default_rng(seed)
    parts = rng.multinomial(int(rng.integers(80, 300)), (0.25, 0.2, 0.42, 0.13))
    return dict(zip(("upheld", "corrected", "other", "pending"), map(int, parts), strict=True))


def invented_counties(seed: int, number: int = 30, spread: float = 0.0) -> pd.DataFrame:
    """Draw invented counties twice, in 2022 and in 2023, as rows that ``gongkai.studies.comparison`` takes.

    Parameters
    ----------
    seed : int
    number : int
        Of counties.
    spread : float
        Share of the variance of a single case that lies between counties; 0: all are identical.

    Returns
    -------
    DataFrame
        ``division_code``, ``name``, ``year``, ``indicator``, ``numerator``, ``denominator``, ``value``, ``n``, ``status``, and ``truth``,
        the share that each was drawn with.

    Examples
    --------
    >>> rows = invented_counties(1)
    >>> len(rows), rows["truth"].nunique()
    (60, 1)
    """
    import numpy as np
    import pandas as pd

    rng = np.random.default_rng(seed)
    size = (1 - spread) / spread if spread else 0
    truth = rng.beta(SHARE * size, (1 - SHARE) * size, number) if spread else np.full(number, SHARE)
    n = rng.lognormal(3.3, 0.9, number).round().astype(int) + 5
    about = {"division_code": [invented_county(k).code for k in range(number)], "name": [invented_county(k).name for k in range(number)]}
    years = [
        pd.DataFrame(
            {**about, "year": year, "indicator": SHARE_CODE, "numerator": rng.binomial(n, truth), "denominator": n, "truth": truth}
        )
        for year in YEARS
    ]
    rows = pd.concat(years, ignore_index=True).astype({"numerator": "Float64", "denominator": "Float64", "year": "Int64"})
    return rows.assign(value=rows["numerator"] / rows["denominator"], n=rows["denominator"], status=Status.PRINTED)


def province(seed: int, number: int, years: tuple[int, int]) -> tuple[Corpus, dict[str, Any]]:
    """Simulate the reports of a province that does not exist, read them, and return them with the truth of each by its id.

    Parameters
    ----------
    seed : int
    number : int
        Of counties.
    years : (int, int)

    Examples
    --------
    >>> corpus, truths = province(1, 1, (2022, 2022))
    >>> len(corpus.reports), len(truths)
    (1, 1)
    """
    with scratch_folder() as folder:
        simulate(folder / "documents", number, years, seed, plain=True)
        corpus = read_corpus(folder / "documents")
        paths = corpus.reports.set_index("report_id")["path"]
        truths = {at: (folder / "documents" / path).with_name("truth.json") for at, path in paths.items()}
        return corpus, {str(at): json.loads(path.read_text(encoding="utf-8")) for at, path in truths.items()}


def misread(cells: pd.DataFrame, seed: int, documents: int = 3) -> pd.DataFrame:
    """Return cells with errors planted in a few documents: some numbers changed a little, others lost.

    Examples
    --------
    >>> from gongkai import read_report
    >>> cells = read_report("data/raw/qinxian-2019.txt").cells
    >>> bool((misread(cells, 1)["value"] != cells["value"]).any())
    True
    """
    import numpy as np
    import pandas as pd

    rng = np.random.default_rng(seed)
    ids = list(cells["report_id"].unique())
    bad = cells["report_id"].isin(rng.choice(ids, min(documents, len(ids)), replace=False)) & cells["value"].notna()
    fate = rng.random(len(cells))
    off = cells["value"] + rng.integers(1, 10, len(cells))
    value = cells["value"].mask(bad & (fate < 0.3), off).mask(bad & (fate > 0.95), pd.NA)
    return cells.assign(value=value, status=cells["status"].mask(bad & (fate > 0.95), "unreadable"))


def answers(key: pd.DataFrame, truths: dict[str, Any]) -> pd.Series[str]:
    """Fill in an audit as a person would who reads every cell rightly: with what the pages print.

    Parameters
    ----------
    key : DataFrame
        From :func:`gongkai.corpus.audit.draw`.
    truths : dict
        From :func:`province`.
    """
    import pandas as pd

    rows = key[["number", "report_id", "table", "item", "measure"]].itertuples(index=False, name=None)
    true = {number: truths[at][table].get(item, {}).get(measure) for number, at, table, item, measure in rows}
    return pd.Series({number: "absent" if value is None else number_text(value) for number, value in true.items()}, dtype="str")
