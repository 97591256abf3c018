"""Two builds of a corpus -> what differs between them, cell by cell, and by what it was caused."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pandas as pd

    from gongkai.corpus.dataset import Corpus

CELL = ["path", "table", "item", "measure"]
CAUSES = ("new_file", "file_removed", "new_version", "curation", "form", "reader", "manifest")
KINDS = ("gained", "lost", "changed")


def compare(old: Corpus, new: Corpus) -> pd.DataFrame:
    """Return every cell whose value or status differs between two builds.

    Parameters
    ----------
    old, new : Corpus
        Two builds, of the same folders or not; a document is the same one if its path is.

    Returns
    -------
    DataFrame
        path, division_code, year, table, item, measure, the old and new value and status, ``change`` (``gained``: it now has a value and
        had none; ``lost``; ``changed``), and ``cause``: a new or removed file, a new version of a document, a correction, a form, the
        reader, or what the manifest says. The first that applies is named.

    Examples
    --------
    >>> from gongkai import read_corpus
    >>> corpus = read_corpus("data/raw")
    >>> compare(corpus, corpus).empty
    True
    """
    import pandas as pd

    reports = old.reports.merge(new.reports, on="path", how="outer", suffixes=("_old", "_new"))
    touched = reports[~_alike(reports, _corrected(old) ^ _corrected(new))]
    found = [_differences(_wanted_cells(old, group), _wanted_cells(new, group)) for group in _groups(touched)]
    whole = pd.concat(found, ignore_index=True) if found else _differences(_wanted_cells(old, touched), _wanted_cells(new, touched))
    return _with_causes(whole, reports, _corrected(old) | _corrected(new))


def _alike(reports: pd.DataFrame, corrected: set[tuple[str, ...]]) -> pd.Series:
    """Mark the documents whose readings must be equal: same bytes, reader, form, facts and corrections; their cells need no comparison."""
    made_from = ("sha256", "version", "form_version", "year", "division_code", "scope")
    same = [reports[f"{c}_old"].fillna("") == reports[f"{c}_new"].fillna("") if reports[f"{c}_old"].dtype == "str" else
            reports[f"{c}_old"].fillna(0) == reports[f"{c}_new"].fillna(0) for c in made_from]  # fmt: skip
    alike = ~reports["path"].isin({path for path, *_ in corrected})
    for one in same:
        alike &= one
    return alike


def _groups(reports: pd.DataFrame) -> list[pd.DataFrame]:
    """Part reports by year, so that few are in memory at once; those whose year has changed stand apart."""
    stays = (reports["year_old"] == reports["year_new"]).fillna(False)
    apart = reports[~stays]
    return [group for _, group in reports[stays].groupby("year_old")] + ([apart] if len(apart) else [])


def summary(differences: pd.DataFrame) -> pd.DataFrame:
    """Count differing cells by cause and change."""
    import pandas as pd

    counts = pd.crosstab(differences["cause"], differences["change"])
    return counts.reindex(index=[c for c in CAUSES if c in counts.index], columns=list(KINDS), fill_value=0)


def _wanted_cells(corpus: Corpus, wanted: pd.DataFrame) -> pd.DataFrame:
    """Load the cells of the reports that are wanted, with their paths."""
    years = {*wanted["year_old"].dropna(), *wanted["year_new"].dropna()}
    dated = wanted["year_old"].notna() & wanted["year_new"].notna()
    near = replace(corpus, first_year=min(years), last_year=max(years)) if len(years) and dated.all() else corpus
    own = near.reports[near.reports["path"].isin(wanted["path"])]
    return near.cells.merge(own[["report_id", "path"]], on="report_id")[[*CELL, "value", "status"]]


def _differences(old: pd.DataFrame, new: pd.DataFrame) -> pd.DataFrame:
    both = old.merge(new, on=CELL, how="outer", suffixes=("_old", "_new"))
    had, has = both["value_old"].notna(), both["value_new"].notna()
    unlike = (had & has & (both["value_old"] != both["value_new"]).fillna(False)) | (had != has)
    restated = both["status_old"].fillna("") != both["status_new"].fillna("")
    both["change"] = "changed"
    both["change"] = both["change"].mask(has & ~had, "gained").mask(had & ~has, "lost")
    return both[unlike | restated].reset_index(drop=True)


def _with_causes(cells: pd.DataFrame, reports: pd.DataFrame, corrected: set[tuple[str, ...]]) -> pd.DataFrame:
    """Name the cause of each difference, the plainest first."""
    import pandas as pd

    both = cells.merge(reports, on="path", how="left")
    keys = pd.Series([*zip(both["path"], both["table"], both["item"], both["measure"], strict=True)], both.index, dtype="object")
    causes = {
        "new_file": both["sha256_old"].isna(), "file_removed": both["sha256_new"].isna(),
        "new_version": both["sha256_old"] != both["sha256_new"], "curation": keys.isin(corrected),
        "reader": both["version_old"] != both["version_new"], "form": both["form_version_old"] != both["form_version_new"],
    }  # fmt: skip
    cause = pd.Series("manifest", both.index)
    for name, holds in reversed(causes.items()):
        cause = cause.mask(holds.fillna(True).astype(bool), name)
    known = {c: both[f"{c}_new"].fillna(both[f"{c}_old"]) for c in ("division_code", "year")}
    kept = cells.assign(**known, cause=cause)
    kept = kept[~cause.isin(["new_file", "file_removed"]) | (kept["change"] != "changed")]
    return kept[["path", "division_code", "year", *CELL[1:], "value_old", "value_new", "status_old", "status_new", "change", "cause"]]


def _corrected(corpus: Corpus) -> set[tuple[str, ...]]:
    found = corpus.findings[corpus.findings["code"] == "corrected"].merge(corpus.reports[["report_id", "path"]], on="report_id")
    return set(zip(found["path"], found["table"], found["item"], found["measure"], strict=True))
