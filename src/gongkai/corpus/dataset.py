"""Many reports as one data set: tables that load only what is asked for, the panel, and the way back from a cell to its page."""

from __future__ import annotations

import os
import warnings
from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from gongkai.core import made
from gongkai.core.errors import NoDocuments, NothingSelectedWarning, ReportWarning, SetAsideWarning
from gongkai.core.files import scratch_folder
from gongkai.core.messages import LANGUAGES
from gongkai.core.report_ids import known_as
from gongkai.corpus import selection
from gongkai.corpus.build import RECORD, build
from gongkai.corpus.ingest import NOWHERE
from gongkai.corpus.lists import Lists
from gongkai.corpus.mending import files_of
from gongkai.corpus.outputs import Skipped, is_table, only_ours, refuse_source, skipped_line
from gongkai.corpus.panel import panel
from gongkai.corpus.parts import FAILURES
from gongkai.corpus.selection import GOVERNMENT
from gongkai.corpus.settling import DUPLICATES, others, set_aside_words, settle
from gongkai.corpus.store import not_as_written
from gongkai.report.view import corpus_html, corpus_text

if TYPE_CHECKING:
    import pandas as pd

    from gongkai.places import Merged
    from gongkai.report import Report


@dataclass(frozen=True)
class Corpus(Lists):
    """A data set built from folders of documents, or the part of it that was selected.

    Attributes
    ----------
    folder : Path
        Where its tables are.
    reports, cells, findings, sections, figures, checks, failures : DataFrame
        Its tables; each is loaded when it is first asked for.
    """

    folder: Path
    codes: tuple[str, ...] = ()
    units: tuple[str, ...] = ()
    first_year: int | None = None
    last_year: int | None = None
    only_table: str | None = None
    kept_by: Any = field(default=None, repr=False)
    told: set[Any] = field(default_factory=set, repr=False, compare=False)

    @cached_property
    def reports(self) -> pd.DataFrame:
        """One row for each report."""
        return self._load("reports")

    @cached_property
    def cells(self) -> pd.DataFrame:
        """One row for every cell of every report."""
        return self._load("cells")

    @cached_property
    def findings(self) -> pd.DataFrame:
        """One row for everything that a careful reader would question, in one report or between several."""
        return self._load("findings")

    @cached_property
    def sections(self) -> pd.DataFrame:
        """One row for each headed part of a report."""
        return self._load("sections")

    @cached_property
    def figures(self) -> pd.DataFrame:
        """One row for each number in the prose."""
        return self._load("figures")

    @cached_property
    def checks(self) -> pd.DataFrame:
        """One row for every identity of every report."""
        return self._load("checks")

    @cached_property
    def failures(self) -> pd.DataFrame:
        """One row for each document that could not be read, and why."""
        found = selection.loaded(FAILURES, self._files(FAILURES), None)
        return self.inside(found, found["year"].isna()).reset_index(drop=True)

    @cached_property
    def set_aside(self) -> pd.DataFrame:
        """One row for each document that is not in the panel of governments, and why; also those that could not be read, and copies."""
        import pandas as pd

        listed = settle(self.reports, GOVERNMENT, "set_aside", self.cells_of)[1]
        return pd.concat([listed, others(self.reports, self.failures)], ignore_index=True)

    @property
    def curation(self) -> Path:
        """The folder of the corrections that it is built with, there or not."""
        return self.at(self.record["curation"])

    def cells_of(self, report_ids: Sequence[str]) -> pd.DataFrame:
        """Return the cells of some reports, without loading the others."""
        import pyarrow.compute as pc

        return selection.loaded("cells", self._files("cells"), pc.field("report_id").isin(list(report_ids)))

    def findings_of(self, report: Report) -> pd.DataFrame:
        """Return the findings of one report, without loading those of others."""
        import pyarrow.compute as pc

        near = Corpus(self.folder, codes=(report.division_code or NOWHERE,), first_year=report.year, last_year=report.year)
        return selection.loaded("findings", near._files("findings"), pc.field("report_id").isin(known_as(report.report_id)))

    def cell(self, table: str, item: str | None = None, measure: str | None = None) -> pd.DataFrame:
        """Return the rows of one official cell, of all reports, without loading the others.

        Parameters
        ----------
        table, item, measure : str
            The cell by its codes; or its path alone, such as ``applications/granted/total``.

        Raises
        ------
        UsageError
            If no form has such a cell.

        Examples
        --------
        >>> len(read_corpus("data/raw").select(division_code="140430").cell("applications", "granted", "total"))
        1
        """
        import pyarrow.compute as pc

        own = selection.cell_asked(table, item, measure)
        wanted = (pc.field("table") == own[0]) & (pc.field("item") == own[1]) & (pc.field("measure") == own[2])
        known = self._filter("cells")
        found = selection.loaded("cells", self._files("cells"), wanted if known is None else wanted & known)
        if found.empty:
            self._tell(NothingSelectedWarning.told_as("corpus.no_cell", path="/".join(own)), own)
        return found

    def select(self, division_code: Any = None, years: Any = None, table: str | None = None, unit_id: Any = None) -> Corpus:
        """Return the part of the corpus that is asked for; nothing else will be loaded. What is not named stays as it was selected before.

        Parameters
        ----------
        division_code, unit_id : str, int or several, optional
            The divisions; ``unit_id`` follows a county whose code has changed. A code of six, nine or twelve digits stands for itself, its
            first two or four digits for a province or prefecture with all within it, and so does the name of one (``福建省``, ``平潭``).
        years : int or (int, int), optional
            One year, or the first and the last, one of which may be None. Reports that state no year are then left out.
        table : {"disclosure", "applications", "review", "statistics"}, optional
            The cells, findings and checks of one table only.

        Returns
        -------
        Corpus
            Where no report is in it, a ``NothingSelectedWarning`` says what there is.

        Raises
        ------
        UsageError
            If something cannot be meant, or a name is that of several divisions; the choices are listed.

        Examples
        --------
        >>> corpus = read_corpus("data/raw").select(division_code="140430", years=(2019, 2023), table="applications")
        >>> len(corpus.reports), len(corpus.cells)
        (1, 161)
        >>> sorted(set(read_corpus("data/raw").select(division_code=["平潭", 3208], years=2024).reports["division_code"]))
        ['320800', '320813']
        """
        if table is not None:
            selection.one_of("table", table, selection.TABLES)
        first, last = (self.first_year, self.last_year) if years is None else selection.years_asked(years)
        codes = self.codes if division_code is None else selection.divisions_asked(division_code, "division_code", self._known_codes)
        units = self.units if unit_id is None else selection.units_asked(unit_id, "unit_id", self._known_codes)
        part = replace(self, codes=codes, units=units, first_year=first, last_year=last, only_table=table or self.only_table)
        if part.reports.empty:
            part._tell(NothingSelectedWarning(*selection.nothing(part, Corpus(self.folder).reports)), "select")
        return part

    def read(self, report_id: str) -> Report:
        """Read one report of the corpus again from its document, with all that the corpus knows of it.

        Raises
        ------
        UsageError
            If the corpus has no such report, or its document is gone or has changed since.
        """
        from gongkai.corpus.rereading import read

        report = read(self, report_id)
        near = Corpus(self.folder, codes=(report.division_code or NOWHERE,), first_year=report.year, last_year=report.year).reports
        return replace(report, has_namesakes=bool(((near["body"] == report.body) & (near["year"] == report.year)).sum() > 1))

    def recall(self, report_id: str) -> Report:
        """Return one report as the data set holds it, without opening its document; ``read`` opens it, and tells all that it prints.

        Raises
        ------
        UsageError
            If the corpus has no such report.

        Examples
        --------
        >>> read_corpus("data/raw").recall("r2f84655cf071").reading("applications/granted/total").value
        1.0
        """
        from gongkai.corpus.restored import restore

        return restore(self, [report_id])[0]

    def panel(
        self, body: str | None = GOVERNMENT, indicators: Sequence[str] | pd.DataFrame | None = None, duplicates: str = "refuse"
    ) -> pd.DataFrame:  # fmt: skip
        """Return one row for each division, scope and year, with every official cell by its short name and its status beside it.

        Parameters
        ----------
        body : {"government", "department", "street_or_town"} or None
            Whose reports; departments and towns are told apart by their names. None: all bodies.
        indicators : sequence of str, or DataFrame, optional
            Their codes, or what ``gongkai.indicators.table(corpus)`` gave: each becomes a column, with ``_n`` and ``_status``.
        duplicates : {"refuse", "set_aside"}
            What becomes of reports for one division, scope and year whose dates of publication do not say which is the later.

        Returns
        -------
        DataFrame
            ``attrs["set_aside"]`` lists the reports that are not in it, each with its reason: an earlier version, no year, no division.
            A ``SetAsideWarning`` counts them by reason, once.

        Raises
        ------
        UsageError
            If there are such duplicates, unless they are to be set aside; or if there is no such kind of body, or no such indicator.

        Examples
        --------
        >>> read_corpus("data/raw").select(division_code="140430").panel()[["year", "app_granted_total", "app_granted_total_status"]]
           year  app_granted_total app_granted_total_status
        0  2019                1.0                  printed
        >>> county = read_corpus("data/raw").select(division_code="140430")
        >>> county.panel(indicators=["full_grant_share"]).filter(like="full_grant_share")
           full_grant_share  full_grant_share_n full_grant_share_status
        0               1.0                 1.0               realigned
        """
        if body is not None:
            selection.one_of("body", body, selection.BODIES)
        selection.one_of("duplicates", duplicates, DUPLICATES)
        made = panel(self.reports, self.cells, body, self._indicators(indicators), duplicates)
        if aside := made.attrs["set_aside"]:
            self._tell(SetAsideWarning(*set_aside_words(aside, len(self.reports))), body)
        return made

    def _indicators(self, asked: Sequence[str] | pd.DataFrame | None) -> pd.DataFrame | None:
        """Compute the indicators whose codes are given."""
        from gongkai.indicators import table

        return table(self, codes=asked) if isinstance(asked, list | tuple) else asked  # type: ignore[return-value]

    def merge(self, table: pd.DataFrame, on: str = "division_code", year: str = "year", *, vintage: int) -> Merged:
        """Join a user's table to the panel by division, with the year of the table's codes stated.

        Parameters
        ----------
        table : DataFrame
            One row for a division, or for a division and year where it has a column ``year``.
        on, year : str
            Names of the columns with the code and the year.
        vintage : int
            The year whose codes the table uses: one-to-one recodes between it and a report's year are crossed, merges and splits refused.

        Returns
        -------
        Merged
            ``frame``, and what found no partner on either side, with the reason.

        Examples
        --------
        >>> import pandas as pd
        >>> residents = pd.DataFrame({"division_code": ["140430"], "residents": [148_000]})
        >>> merged = read_corpus("data/raw").select(division_code="140430").merge(residents, vintage=2020)
        >>> merged.frame["residents"].tolist(), len(merged.unmatched_left), len(merged.unmatched_right)
        ([148000], 0, 0)
        """
        from gongkai.places import merge

        return merge(self.panel(), table, on, year, vintage=vintage)

    def inside(self, rows: pd.DataFrame, anyway: pd.Series[bool] | bool = False) -> pd.DataFrame:
        """Return the rows of a table that are of the divisions and years that are selected; some of them whatever their year."""
        inside = selection.in_years(rows["year"], (self.first_year, self.last_year)) | anyway
        return rows[inside & selection.within(rows["division_code"], self.codes, self.units)]

    def _tell(self, warning: ReportWarning, about: Any) -> None:
        """Warn once only, however often the same is asked of the same selection."""
        said = (type(warning), self.codes, self.units, self.first_year, self.last_year, self.only_table, about)
        if said not in self.told:
            self.told.add(said)
            warnings.warn(warning, stacklevel=3)

    def _known_codes(self) -> list[str]:
        return list(Corpus(self.folder).reports["division_code"].dropna())

    def _load(self, table: str) -> pd.DataFrame:
        return selection.loaded(table, self._files(table), self._filter(table))

    def _files(self, table: str) -> list[Path]:
        return files_of(self.folder, self.record, table, (self.first_year, self.last_year), (*self.codes, *self.units))

    def _filter(self, table: str) -> Any:
        """Return the selection as a filter for Parquet files; None selects all rows."""
        return selection.as_filter(self.codes, self.units, self.only_table if table in ("cells", "findings", "checks") else None)

    def at(self, path: str) -> Path:
        """Resolve a path relative to the corpus, so that corpus and documents can be moved together."""
        return Path(os.path.normpath(self.folder / path))

    def __repr__(self) -> str:
        return f"Corpus({str(self.folder)!r}, {corpus_text(self.reports, len(self.failures))})"

    def _repr_html_(self) -> str:
        return corpus_html(self.reports, len(self.failures))

    @cached_property
    def record(self) -> dict[str, Any]:
        """What it was built from: folders, corrections, and how many documents there were."""
        record = made.recall(self.folder / RECORD)
        if not record:
            raise not_as_written(self.folder / RECORD)
        return record


def read_corpus(source: str | Path) -> Corpus:
    """Open a corpus that was built before, or read a folder of documents, or one document, as one.

    Parameters
    ----------
    source : path
        What ``gongkai corpus`` has built, or a folder of documents, or one of them, which makes a corpus of one; documents are read now,
        into a folder that goes with the object. What ``manifest.csv`` beside a document says of it holds as it does for the folder.

    Raises
    ------
    UsageError
        If there is nothing to read, or the corpus is half built.

    Examples
    --------
    >>> set(read_corpus("data/raw").reports["form"]) <= {"2019", "2021", "narrative", "statistics"}
    True
    >>> read_corpus("data/raw/qinxian-2019.txt").reports["division_code"].to_list()
    ['140430']
    """
    folder = Path(source)
    if os.path.isfile(folder / RECORD):  # a folder without rights is no corpus, and told so below
        return Corpus(folder)
    refuse_source(folder)
    is_one = folder.is_file()
    if is_one and is_table(folder):
        raise only_ours(str(folder), [Skipped(folder.name, "table")])
    scratch = ExitStack()
    root, only = (folder.parent, folder.name) if is_one else (folder, "")
    built = build([root], scratch.enter_context(scratch_folder()), jobs=1, quiet=True, only=only)
    if built.skipped:
        warnings.warn("\n".join(skipped_line(built.skipped, language) for language in LANGUAGES), stacklevel=2)
    corpus = Corpus(built.folder, kept_by=scratch)
    if is_one and corpus.reports.empty:
        raise NoDocuments.of("corpus.no_report", folder)
    return corpus
