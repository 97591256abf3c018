"""What modules need of a corpus that the corpus itself asks for something: its tables and its folder."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    import pandas as pd

    from gongkai.report import Report

Record = Mapping[str, Any]


class Held(Protocol):
    """A corpus, or the part of it that is selected."""

    @property
    def folder(self) -> Path: ...
    @property
    def reports(self) -> pd.DataFrame: ...
    @property
    def cells(self) -> pd.DataFrame: ...
    @property
    def findings(self) -> pd.DataFrame: ...
    @property
    def sections(self) -> pd.DataFrame: ...
    @property
    def figures(self) -> pd.DataFrame: ...
    @property
    def checks(self) -> pd.DataFrame: ...
    @property
    def failures(self) -> pd.DataFrame: ...
    @property
    def set_aside(self) -> pd.DataFrame: ...
    @property
    def record(self) -> Mapping[str, Any]: ...
    @property
    def curation(self) -> Path: ...

    def inside(self, rows: pd.DataFrame, anyway: pd.Series[bool] | bool = False) -> pd.DataFrame:
        """Return the rows of the divisions and years that are selected."""

    def at(self, path: str) -> Path:
        """Resolve a path relative to the corpus."""

    def cells_of(self, report_ids: Sequence[str]) -> pd.DataFrame:
        """Return the cells of some reports."""

    def findings_of(self, report: Report) -> pd.DataFrame:
        """Return the findings of one report."""

    def read(self, report_id: str) -> Report:
        """Read one report again."""


def records(frame: pd.DataFrame) -> tuple[Record, ...]:
    """Return the rows of a table as mappings, with None where a value is missing.

    Examples
    --------
    >>> import pandas as pd
    >>> records(pd.DataFrame({"year": pd.array([2019, None], "Int64")}))
    ({'year': 2019}, {'year': None})
    """
    found: Iterable[Any] = frame.astype("object").where(frame.notna(), None).to_dict("records")
    return tuple(found)
