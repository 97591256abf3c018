"""An indicator list of 2014 to 2018 as a sheet, and the edition that has a place for it: a list names its own rows and columns."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace

from gongkai.core.model import Form, Table
from gongkai.forms import load_form
from gongkai.forms.layout import Box, Sheet


def list_form() -> Form:
    """Return the edition of the indicator lists, with one table of no fixed rows, at the end of the report.

    Examples
    --------
    >>> list(list_form().tables)
    ['statistics']
    """
    empty = load_form("statistics")
    titles = dict(empty.sections)["statistics"]
    return replace(empty, tables={"statistics": Table("statistics", "", "", titles, False, {}, {}, (), {})})


def list_sheet(heads: Sequence[str], rows: Iterable[Sequence[str]]) -> Sheet:
    """Lay out a list: a label, its unit and the printed values in each row, the heads over the values.

    Examples
    --------
    >>> [[box.text for box in line] for line in list_sheet(("2016年度",), [("行政复议数", "件", "0")])]
    [['指标名称', '计量单位', '2016年度'], ['行政复议数', '件', '0']]
    """
    return tuple(tuple(map(Box, row)) for row in (("指标名称", "计量单位", *heads), *rows))
