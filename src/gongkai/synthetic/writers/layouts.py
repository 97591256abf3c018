"""Boxes and a story -> text, in each of the layouts in which reports are found flattened."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import reduce

from gongkai.core.model import Form
from gongkai.core.text import width
from gongkai.forms.layout import Box, Sheet, Sheets, placed, reach
from gongkai.synthetic.writers.chopped import chop
from gongkai.synthetic.writers.drawn import draw
from gongkai.synthetic.writers.story import NEUTRAL, Story, blocks


def to_text(form: Form, sheets: Sheets, story: Story = NEUTRAL, layout: str = "tabs", page: int = 0) -> str:
    """Write a document flattened to text.

    Parameters
    ----------
    form : Form
        The edition, whose sections give the headings.
    sheets : mapping of str to tuple
        What :func:`layout` returned, or a damage made of it.
    story : Story
        Title, prose and signature.
    layout : str
        One of ``LAYOUTS``:

        - ``tabs``: a row a line, a tab between cells; a merged cell leaves its further fields empty.
        - ``pipes``: the same as a Markdown table.
        - ``crawled``: a row a line, its own cells only, `` | `` between them, and the fields of merged cells at the end.
        - ``spaces``: columns aligned by runs of spaces, where a blank cell cannot be seen.
        - ``single``: a row a line, one space between cells, where a blank cell leaves nothing.
        - ``lines``: each cell that is not blank on a line of its own.
        - ``run``: a whole table in one line, one space between cells.
        - ``boxes``: drawn with lines, as text browsers do, long labels broken inside their cells.
        - ``chopped``: as Markdown, each group of rows a table of its own under an invented head.

        Or one of ``ON_ONE_LINE``, where the whole document is one line: ``spaced``, one space between cells, and ``glued``, nothing.
    page : int
        Lines on a page; a blank line marks its end, in the middle of a table or a sentence. 0 for one endless page.

    Returns
    -------
    str
        The text.

    Examples
    --------
    >>> from gongkai.forms import load_form
    >>> from gongkai.synthetic.writers import layout
    >>> form = load_form("2019")
    >>> sheets = layout(form, {"applications/granted/total": 7})
    >>> next(line for line in to_text(form, sheets).splitlines() if "予以公开" in line)
    '三、本年度办理结果\\t（一）予以公开\\t\\t\\t\\t\\t\\t\\t\\t7'
    >>> next(line for line in to_text(form, sheets, layout="crawled").splitlines() if "予以公开" in line)
    '三、本年度办理结果 | （一）予以公开 |  |  |  |  |  |  | 7 |'
    """
    if layout in ON_ONE_LINE:
        return ON_ONE_LINE[layout].join(_every_text([*blocks(form, sheets, story), *story.signature])) + "\n"
    if layout == "chopped":
        sheets = {code: chop(form.tables[code], sheet) for code, sheet in sheets.items()}
    found = [*blocks(form, sheets, story), *story.signature]
    parts = [(_wrapped(block), "") if isinstance(block, str) else (_ROWS[layout](block), "\n") for block in found]
    return "\n\n".join(_cut_at_pages(parts, page)) + "\n"


def _every_text(found: Sequence[str | Sheet]) -> Iterator[str]:
    for block in found:
        yield from [block] if isinstance(block, str) else _all_texts(block)


def _wrapped(paragraph: str) -> list[str]:
    """Cut a paragraph into lines, never inside a number or a Latin word."""
    return re.findall(r".{1,40}(?![0-9A-Za-z.])", paragraph)


def _cut_at_pages(parts: Sequence[tuple[list[str], str]], page: int) -> Iterator[str]:
    """Cut blocks of lines where a page ends."""
    used = 0
    for lines, joiner in parts:
        while page and used + len(lines) > page:
            if used < page:
                yield joiner.join(lines[: page - used])
            lines, used = lines[page - used :], 0
        used += len(lines)
        yield joiner.join(lines)


def _one_box_a_column(sheet: Sheet) -> Iterator[list[str]]:
    """Give each row a field for every column that it reaches."""
    for row, columns in zip(placed(sheet), reach(sheet), strict=True):
        at = {x: box.text for x, box in row}
        yield [at.get(x, "") for x in range(columns)]


def _tabs(sheet: Sheet) -> list[str]:
    return ["\t".join(fields) for fields in _one_box_a_column(sheet)]


def _pipes(sheet: Sheet) -> list[str]:
    rows = [f"| {' | '.join(fields)} |" for fields in _one_box_a_column(sheet)]
    return [rows[0], "|" + "---|" * reach(sheet)[0], *rows[1:]]


def _crawled(sheet: Sheet) -> list[str]:
    most = max(reach(sheet))
    return [" | ".join(box.text for box in line) + (" " + "|" * (most - len(line)) if len(line) < most else "") for line in sheet]


def _spaces(sheet: Sheet) -> list[str]:
    rows = placed(sheet)
    boxes = [at for row in rows for at in row]
    starts = [0]
    for end in range(1, max(reach(sheet)) + 1):
        ends = [starts[x] + width(box.text) + 2 for x, box in boxes if x + box.columns == end]
        starts.append(max([starts[-1] + 4, *ends]))
    return [_aligned([(starts[x], box.text) for x, box in row if box.text]) for row in rows]


def _aligned(texts: Sequence[tuple[int, str]]) -> str:
    return reduce(lambda line, at: line + " " * (at[0] - width(line)) + at[1], texts, "")


def _line_texts(line: Sequence[Box]) -> list[str]:
    return [box.text for box in line if box.text]


def _single(sheet: Sheet) -> list[str]:
    return [" ".join(_line_texts(line)) for line in sheet]


def _all_texts(sheet: Sheet) -> list[str]:
    return [text for line in sheet for text in _line_texts(line)]


def _run(sheet: Sheet) -> list[str]:
    return [" ".join(_all_texts(sheet))]


_ROWS: Mapping[str, Callable[[Sheet], list[str]]] = {
    "tabs": _tabs, "pipes": _pipes, "crawled": _crawled, "spaces": _spaces, "single": _single, "lines": _all_texts, "run": _run,
    "boxes": draw, "chopped": _pipes,
}  # fmt: skip
LAYOUTS = tuple(_ROWS)
ON_ONE_LINE: Mapping[str, str] = {"spaced": " ", "glued": ""}
