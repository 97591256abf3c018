"""Texts and tables -> fragments of a page that Jupyter shows: escaped, an address of the web a link."""

from __future__ import annotations

import re
from collections.abc import Sequence
from html import escape, unescape
from typing import TYPE_CHECKING

from gongkai.report.templates import style

if TYPE_CHECKING:
    import pandas as pd

NO_BREAK = "\u00a0"
_TAGS = re.compile(r"(?s)<style>.*?</style>|<[^>]*>")
# In escaped text an address ends where Chinese marks, quotes or markup begin, and before the stop of a sentence. No other scheme is a link.
_ADDRESS = re.compile(r"""(?i)(?<![\w.])https?://(?:(?!&(?:lt|gt|quot|\#x27);)[^\s<>"'“”‘’，。；：！？、（）《》])+(?<![.,;:!?)])""")

_CELL = re.compile(r"""(?i)(?<=<td>)https?://(?:(?!&[lg]t;)[^\s<>"'])+(?=</td>)""")


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
    return Html(f"<p>{_ADDRESS.sub(_link, escape(text)).replace(' %', NO_BREAK + '%')}</p>")


def lead(text: str) -> Html:
    """Return a text as the lead paragraph of a page."""
    return Html(paragraph(text).replace("<p>", '<p style="font-size: 1.15em">'))


def as_table(frame: pd.DataFrame, few: Sequence[bool] = ()) -> Html:
    """Return a table of texts as HTML, whole and escaped, grey where a row stands on ``few`` cases; a cell that is an address is a link."""
    import pandas as pd

    with pd.option_context("display.max_colwidth", None):
        head, *lines = frame.to_html(index=False, border=0, na_rep="").split("<tr>")
    body = head + "".join(f"<tr{' class=few' if n < len(few) and few[n] else ''}>{_CELL.sub(_link, line)}" for n, line in enumerate(lines))
    return Html(f'<div class="gongkai-study"><style>{style("study.css")}</style>{body}</div>')


def _link(found: re.Match[str]) -> str:
    return f'<a href="{found[0]}" rel="noopener">{found[0]}</a>'
