"""What a corpus asks of a person, and says of what it lacks: lists and tables of it, each made by the module that knows how."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

from gongkai.corpus.held import Held

if TYPE_CHECKING:
    import pandas as pd


class Lists:
    """The lists of a corpus: documents to be placed, cells to be decided, reports that are there or missing."""

    def unplaced(self: Held, everything: bool = False) -> pd.DataFrame:
        """Return the documents of which a person must decide where they belong, as ``gongkai manifest`` drafts them.

        One row for each, with ``everything`` also of those of which nothing is left to decide; texts throughout: what the manifest
        says, ``decide`` (the columns still to be filled in), what was read, the candidates, and what path and name propose.

        Examples
        --------
        >>> from gongkai import read_corpus
        >>> len(read_corpus("data/raw").unplaced())
        0
        """
        from gongkai.corpus.draft import unplaced

        return unplaced(self, everything)

    def worklist(self: Held, language: str = "zh", everything: bool = False) -> pd.DataFrame:
        """Return the cells that a person should decide, the most consequential first.

        Parameters
        ----------
        language : {"zh", "en"}
            The language of names and findings.
        everything : bool
            Also the cells that were put back in place (``realigned``).

        Returns
        -------
        DataFrame
            One row for each cell that is uncertain or unreadable, or whose number a finding questions: the printed row, the
            ``candidates``, the sums that each of them ``breaks``, how many sums are ``open`` for want of it; ``decision``, ``reason`` and
            ``decided_by`` are empty. Those of reports that stand in the panel come first, then by sums left open and by how far
            the candidates are apart. The documents are read again for it.

        Examples
        --------
        >>> from gongkai import read_corpus
        >>> read_corpus("data/raw").worklist("en").columns[-3:].tolist()
        ['decision', 'reason', 'decided_by']
        """
        from gongkai.corpus.worklist import worklist

        return worklist(self, language, everything)

    def coverage(self: Held, frame: str | Path | pd.DataFrame | None = None) -> pd.DataFrame:
        """Say of each division and year whether its report is there, and if not, what is known of it.

        Parameters
        ----------
        frame : path or DataFrame, optional
            The list of who should have published; ``frame.csv`` in the folder of documents unless given. Without one, a missing report is
            ``not_in_corpus``, which says nothing about the authority.
        """
        from gongkai.corpus.coverage import coverage, frame_of, read_frame

        known = frame if frame is not None else frame_of(self)
        listed = read_frame(known) if known is not None else None
        return coverage(self.reports, self.failures, None if listed is None else self.inside(listed))

    def roster(
        self: Held, frame: str | Path | pd.DataFrame | None = None, on: date | str | None = None, years: Sequence[int] = ()
    ) -> pd.DataFrame:
        """Say of each report that should be there what is there on a day: in time, late by how many days, replaced, unreadable, missing.

        Parameters
        ----------
        frame : path or DataFrame, optional
            Who should have published, departments and towns included; ``frame.csv`` or ``frame.xlsx`` in the folder of documents unless
            given. Its columns are those of :func:`gongkai.corpus.units.read_units`.
        on : date or str, optional
            The day asked for, such as ``2025-04-01``; today unless given. What was published or fetched later was not there.
        years : sequence of int, optional
            These years only; of a list without years, each of these.

        Returns
        -------
        DataFrame
            One row for each report that should be there; ``roster.toml`` says what its columns mean. ``missing`` and ``late`` rest on the
            corpus and on printed dates: neither proves that an authority did not publish in time.

        Raises
        ------
        UsageError
            If there is no such list, or it is faulty; all faulty lines are named.

        Examples
        --------
        >>> import pandas as pd
        >>> from gongkai import read_corpus
        >>> units = pd.DataFrame({"division_code": ["350128", "140430"], "year": [2022, 2022]})
        >>> read_corpus("data/raw").roster(units, "2023-04-10")[["place", "state", "days_late"]].values.tolist()
        [['福建省福州市平潭县', 'in_time', 0], ['山西省长治市沁县', 'missing', 10]]
        """
        from gongkai.corpus.coverage import folders_of, units_of
        from gongkai.corpus.fetch.outcomes import unfetched
        from gongkai.corpus.roster import roster

        return roster(self, units_of(self, frame, years), on, unfetched(folders_of(self)))
