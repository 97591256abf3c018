"""What crawlers, converters and copied pages make of a report, in ways that share none of the reader's assumptions."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby

from hypothesis import strategies as st
from strategies import Edition, Filled, filled
from truth import Expected

from gongkai.core.model import Form
from gongkai.forms.layout import Box, Line, Sheet, Sheets
from gongkai.synthetic import damages as damage
from gongkai.synthetic import writers as render
from gongkai.synthetic.writers.story import blocks

FOREIGN = {
    "regulations": ("其他主动公开文件", 3), "normative_documents": ("其他主动公开文件", 3),
    "permits": ("行政确认", 1), "penalties": ("行政检查", 1),
    "coercive_measures": ("行政检查", 1), "fees": ("罚没收入", 1),
}  # fmt: skip


@dataclass(frozen=True)
class Unseen:
    """A document as a crawler left it, and what is printed in it of each cell."""

    values: Filled
    text: str
    blank: frozenset[str] = frozenset()
    unsure: frozenset[str] = frozenset()

    def document(self) -> bytes:
        return self.text.encode()

    def expected(self) -> Mapping[str, Expected]:
        """An ``unsure`` cell may be flagged without blame; a blank one has no value."""
        return {
            path: Expected(None, "blank", True) if path in self.blank else Expected(v, "printed", path in self.unsure)
            for path, v in self.values.items()
        }


def texts(line: Line, blanks: bool = False) -> list[str]:
    return [box.text for box in line if box.text or (blanks and box.path)]


def page(form: Form, sheets: Sheets, story: render.Story, table: Callable[[Sheet], Sequence[str]], joiner: str = "\n") -> str:
    """Print the whole document, each table as ``table`` prints it."""
    parts = [block if isinstance(block, str) else joiner.join(table(block)) for block in blocks(form, sheets, story)]
    return joiner.join([*parts, *story.signature]) + "\n"


def tab_lines(sheet: Sheet) -> list[str]:
    """Each cell on a line of its own, a tab on a line of its own between two."""
    return ["\n\t\n".join(texts(line, blanks=True)) for line in sheet]


def pipe_lines(sheet: Sheet) -> list[str]:
    """A pipe behind each cell; an empty one is a pipe on a line of its own."""
    return ["".join(f" {t} |" if t else "\n|\n" for t in texts(line, blanks=True)).strip().replace("\n\n", "\n") for line in sheet]


def pipe_each(sheet: Sheet) -> list[str]:
    """Each cell on a line of its own, a pipe behind it."""
    return [f"{t} |" if t else "|" for line in sheet for t in texts(line, blanks=True)]


def pipe_before(sheet: Sheet) -> list[str]:
    return [part for line in sheet for t in texts(line, blanks=True) for part in ("|", f" {t} |" if t else " |")]


def far_lines(sheet: Sheet) -> list[str]:
    return [part for line in sheet for t in texts(line) for part in (t, "")]


def cells(sheet: Sheet) -> list[str]:
    return [t for line in sheet for t in texts(line)]


def rows(sheet: Sheet) -> list[str]:
    return ["  ".join(texts(line)) for line in sheet]


def flat_heads(between: str) -> Callable[[Sheet], list[str]]:
    """The heads in one line in reading order, each row of values in its own."""

    def flat(sheet: Sheet) -> list[str]:
        out = []
        for values, group in groupby(sheet, key=lambda line: any(box.path for box in line)):
            lines = [texts(line) for line in group]
            out += [between.join(line) for line in (lines if values else [[t for line in lines for t in line]])]
        return out

    return flat


def torn(size: int, own: bool = False) -> Callable[[Sheet], list[str]]:
    """The labels of some rows in a block, then their rows of numbers; or all but the first row under its ``own`` label."""

    def tear(sheet: Sheet) -> list[str]:
        out: list[str] = []
        block: list[tuple[str, str]] = []

        def close() -> Iterator[str]:
            yield from (label for label, _ in block)
            yield from (numbers for _, numbers in block)
            block.clear()

        for line in sheet:
            labels = " ".join(b.text for b in line if not b.path and b.text)
            numbers = " ".join(b.text for b in line if b.path)
            if numbers:
                block.append((labels, numbers))
            if not numbers or len(block) == size:
                out += close()
                if not numbers:
                    out.append(labels)
        return [*out, *close()]

    return tear


def with_foreign(sheets: Sheets, item: str, number: str) -> Sheets:
    """Put a row that is not on the form behind one that is."""
    label, n = FOREIGN[item]
    _, index, _ = damage.find_row(sheets, f"disclosure/{item}")
    sheet = sheets["disclosure"]
    row = (Box(label), *(Box(number) for _ in range(n)))
    return {**sheets, "disclosure": (*sheet[: index + 1], row, *sheet[index + 1 :])}


UNSEEN: dict[str, tuple[Callable[[Sheet], Sequence[str]], str, bool]] = {
    "tab lines": (tab_lines, "\n", True), "pipe lines": (pipe_lines, "\n", True), "pipe each": (pipe_each, "\n", True),
    "pipe before": (pipe_before, "\n", True), "far lines": (far_lines, "\n", False),
    "glued": (cells, "", False), "spaced": (cells, " ", False), "flat heads": (flat_heads("  "), "\n", False),
    "flat heads single": (flat_heads(" "), "\n", False), "flat heads tabs": (flat_heads("\t"), "\n", False),
    "torn 2": (torn(2), "\n", False), "torn 3": (torn(3), "\n", False), "torn all": (torn(99), "\n", False),
    "foreign lines": (cells, "\n", False), "foreign pipes": (pipe_each, "\n", True), "foreign rows": (rows, "\n", False),
    "second": (rows, "\n", False), "cut": (cells, "\n", False), "cell lost lines": (cells, "\n", False),
}  # fmt: skip


@st.composite
def unseen_cases(draw: st.DrawFn, kind: str, edition: Edition) -> Unseen:
    table, joiner, blanks = UNSEEN[kind]
    values = draw(filled(edition))
    style = render.Style(draw(st.sampled_from(("万元", "元"))), "-")
    story = render.Story("青石县", edition.years[0])
    sheets = render.layout(edition.form, values, style)
    blank: frozenset[str] = frozenset()
    if blanks and draw(st.booleans()):
        done = damage.leave_zeros(sheets, sorted(sheets), "")
        sheets, blank = done.sheets, frozenset(done.truth)
    if kind.startswith("foreign"):
        item = draw(st.sampled_from(sorted({f.item for f in edition.form.fields if f.table == "disclosure"} & FOREIGN.keys())))
        if draw(st.booleans()) and not blank:
            paths = {p: "" for p in values if p.startswith(f"disclosure/{item}/")}
            sheets = {**sheets, "disclosure": damage.retyped(sheets["disclosure"], paths)}
            blank = frozenset(paths)
        sheets = with_foreign(sheets, item, str(draw(st.integers(1, 300))))
    unsure = frozenset(values) if kind in ("glued", "torn 2", "torn 3", "torn all") else frozenset()
    if kind == "cell lost lines":
        row = draw(st.sampled_from([r for r in edition.rows if not r.startswith("review")]))
        paths = [p for p in values if p.startswith(f"{row}/")]
        gone = draw(st.sampled_from(paths))
        sheets = {**sheets, row.split("/")[0]: damage.retyped(sheets[row.split("/")[0]], {gone: ""})}
        blank, unsure = frozenset([gone]), frozenset(paths)
    text = page(edition.form, sheets, story, table, joiner)
    if kind == "second":
        again = render.layout(edition.form, draw(filled(edition)), style)
        text += "附件：青石县各部门汇总\n" + page(edition.form, again, story, table, joiner)
    if kind == "cut":
        text = text[: draw(st.integers(500, len(text)))]
        unsure = frozenset(values)
    return Unseen(values, text, blank, unsure)
