"""Texts and tables -> fragments of a page that Jupyter shows: escaped, an address of the web a link."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from html import escape, unescape
from typing import TYPE_CHECKING, Any, NamedTuple

from gongkai.core.files import scratch_folder
from gongkai.core.messages import number_text
from gongkai.report.templates import style

if TYPE_CHECKING:
    import pandas as pd

NO_BREAK = "\u00a0"
LONG = 40  # characters of a text that needs a broad column
CONCLUDED = '<p class="concluded">'
_TAGS = re.compile(r"(?s)<style>.*?</style>|<[^>]*>")
# In escaped text an address ends where Chinese marks, quotes or markup begin, and before the stop of a sentence. No other scheme is a link.
_ADDRESS = re.compile(r"""(?i)(?<![\w.])https?://(?:(?!&(?:lt|gt|quot|\#x27);)[^\s<>"'“”‘’，。；：！？、（）《》])+(?<![.,;:!?)])""")

_CELL = re.compile(r"""(?i)\Ahttps?://(?:(?!&(?:lt|gt|quot|\#x27);)[^\s<>"'])+\Z""")
_NUMBER = r"[-–+]?\d[\d,.]*(?: ?%)?"
_NUMBER_OR_NONE = rf"(?:{_NUMBER})?|—"


class Html(str):
    """Text that Jupyter shows as HTML; whatever a document printed is escaped in it."""

    __slots__ = ()

    def _repr_html_(self) -> str:
        return str(self)

    def __repr__(self) -> str:
        return " ".join(unescape(_TAGS.sub(" ", self)).split())


def paragraph(text: str) -> Html:
    """Return a text as an HTML paragraph, escaped, with no line break between a number and its percent sign.

    Examples
    --------
    >>> print(paragraph("1 < 2: http://a.cn/b?c=1&d=2, javascript:x"))
    <p>1 &lt; 2: <a href="http://a.cn/b?c=1&amp;d=2" rel="noopener">http://a.cn/b?c=1&amp;d=2</a>, javascript:x</p>
    """
    return Html(f"<p>{_ADDRESS.sub(_link, _unbroken(escape(text)))}</p>")


def lead(text: str) -> Html:
    """Return a text as the lead paragraph of a page."""
    return Html(paragraph(text).replace("<p>", '<p style="font-size: 1.15em">'))


def as_table(frame: pd.DataFrame, few: Sequence[bool] = ()) -> Html:
    """Return a table of texts as HTML, whole and escaped, grey where a row stands on ``few`` cases.

    A cell that is an address is a link; a column of numbers stands to the right.
    """
    texts = frame.astype("object").where(frame.notna(), "").astype("str")
    aligned = [
        bool(texts.iloc[:, n].str.fullmatch(_NUMBER).any() & texts.iloc[:, n].str.fullmatch(_NUMBER_OR_NONE).all())
        for n in range(len(texts.columns))
    ]
    rows = [[Cell(text, is_number) for text, is_number in zip(row, aligned, strict=True)] for row in texts.itertuples(index=False)]
    return table_html([Cell(str(name), is_number) for name, is_number in zip(texts.columns, aligned, strict=True)], rows, few)


def as_list(frame: pd.DataFrame) -> Html:
    """Return a table of one row as HTML, a line for each column, so that it fits a narrow screen.

    Examples
    --------
    >>> import pandas as pd
    >>> "<td>2019</td>" in as_list(pd.DataFrame({"Year": ["2019"]}))
    True
    """
    return table_html((), [[Cell(str(name)), Cell(str(frame[name].iloc[0]))] for name in frame])


def linked(text: str, numbers: Mapping[str, str], cells: Mapping[str, str]) -> Html:
    """Return a lead paragraph in which each number, named in braces, leads to its cell of the form on the page.

    Examples
    --------
    >>> print(linked("{a} < {b}", {"a": "1", "b": "2"}, {"a": "applications/granted/total"}))
    <p style="font-size: 1.15em"><a href="#applications/granted/total">1</a> &lt; 2</p>
    """
    told = {name: _within(cells.get(name, ""), escape(number)) for name, number in numbers.items()}
    return Html(f'<p style="font-size: 1.15em">{_unbroken(escape(text, quote=False)).format_map(told)}</p>')


class Cell(NamedTuple):
    """One cell of a table: its text, whether it stands to the right as numbers do, what is said of it on hover, how many columns it takes,
    and which cell of the form on the page it leads to."""

    text: str
    is_number: bool = False
    about: str = ""
    span: int = 1
    target: str = ""


def table_html(heads: Sequence[Cell], rows: Iterable[Sequence[Cell]], few: Sequence[bool] = ()) -> Html:
    """Return a table as HTML, every text escaped.

    Examples
    --------
    >>> "<td class=n>12</td>" in table_html([Cell("<n>", True)], [[Cell("12", True)]])
    True
    """
    head = f"<thead><tr>{''.join(_cell('th', cell) for cell in heads)}</tr></thead>\n" if heads else ""
    body = "\n".join(
        f"<tr{' class=few' if n < len(few) and few[n] else ''}>{''.join(_cell('td', cell) for cell in row)}</tr>"
        for n, row in enumerate(rows)
    )
    table = f'<table class="dataframe">\n{head}<tbody>\n{body}\n</tbody>\n</table>'
    return Html(f'<div class="gongkai-study"><style>{style("study.css")}</style>{table}</div>')


def subheading(text: str, content: Html) -> Html:
    """Return a part under a smaller heading; empty if it is.

    Examples
    --------
    >>> print(subheading("A", Html("<p>1</p>")) + subheading("B", Html("")))
    <h3>A</h3><p>1</p>
    """
    return Html(f"<h3>{escape(text)}</h3>{content}" if content else "")


def grouped(value: float) -> str:
    """Write a number exactly, its digits in groups of three.

    Examples
    --------
    >>> grouped(1234567.0), grouped(-16), grouped(14725.57)
    ('1,234,567', '-16', '14,725.57')
    """
    whole, point, decimals = number_text(value).partition(".")
    return f"{int(whole):,}{point}{decimals}" if int(whole) else f"{whole}{point}{decimals}"


def _cell(tag: str, cell: Cell) -> str:
    about = (f' title="{escape(cell.about)}"' if cell.about else "") + (f" colspan={cell.span} class=none" if cell.span > 1 else "")
    kind = " class=n" if cell.is_number else " class=long" if len(cell.text) > LONG else ""
    text = _CELL.sub(_link, _unbroken(escape(cell.text)))
    return f"<{tag}{kind}{about}>{_within(cell.target, text)}</{tag}>"


def _within(target: str, text: str) -> str:
    return f'<a href="#{escape(target)}">{text}</a>' if target else text


def _unbroken(text: str) -> str:
    """Keep a number on one line with its percent sign, and with what it is the number of."""
    return text.replace(" %", f"{NO_BREAK}%").replace(" = ", f"{NO_BREAK}={NO_BREAK}")


class Download:
    """A table to download from a page, written as the exports write CSV; Jupyter says what it holds.

    Examples
    --------
    >>> import pandas as pd
    >>> Download(pd.DataFrame({"a": [1.0], "b": ["=1+1"]}), "Data")._repr_mimebundle_()["text/csv"]
    "a,b\\r\\n1,'=1+1\\r\\n"
    """

    def __init__(self, table: pd.DataFrame, words: str) -> None:
        self.table, self.words = table, words

    def _repr_mimebundle_(self, **_: Any) -> dict[str, str]:
        from gongkai.corpus.export import export

        with scratch_folder() as folder:
            (path,) = export({"data": self.table}, "csv", folder / "data.csv")
            return {"text/csv": path.read_bytes().decode("utf-8-sig"), "text/plain": self.words}


def _link(found: re.Match[str]) -> str:
    return f'<a href="{found[0]}" rel="noopener">{found[0]}</a>'
