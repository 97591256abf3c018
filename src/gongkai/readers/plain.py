"""Text -> rows and paragraphs: cells parted by tabs, by pipes, by runs of spaces, or one cell a line."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import groupby

from gongkai.core.model import Cell, Row
from gongkai.core.text import is_value, width
from gongkai.readers.converted import comma_records, printed, restored, without_leftovers, without_rests
from gongkai.readers.copied import closed_pipes, copied_rows, is_copied, joined_pipes
from gongkai.readers.decoding import HEAD, Content, damage, decode, is_text
from gongkai.readers.drawn import drawn_rows, is_drawn
from gongkai.readers.limits import counted, within
from gongkai.readers.padded import padded_cells

FORMAT = "text"
PRIORITY = 9
# What parts cells, and what draws them.
_PARTING = "\t|│┃║┬┼┴+"
_RUN = re.compile(r"(?:[ \u00a0]{2,}|[ \u00a0]*\u3000[ \u00a0\u3000]*)")
_RULE = re.compile(r"[\s|+:=─━═┌┬┐├┼┤└┴┘-]+")
# Markdown's escape before a point.
_ESCAPED = re.compile(r"(?<=\d)\\(?=\.)")
_SHORT = 40


def recognises(data: bytes) -> bool:
    """Say whether a file can be text."""
    return is_text(data[:HEAD])


def read(data: bytes) -> Content:
    """Turn text into rows and paragraphs; places are numbers of lines, as an editor shows them."""
    text, encoding = decode(data)
    _refuse_bombs(text)
    return Content(tuple(counted(_rows(text))), encoding, {}, damage(text))


def _refuse_bombs(text: str) -> None:
    """Refuse a text of too many characters, lines or columns: rows are compared with each other, and columns in each of them."""
    within("text", len(text))
    lines = [line for line in re.split(r"[\r\n]", text) if line.strip()]
    within("rows", len(lines))
    within("columns", max((max(map(line.count, _PARTING)) for line in lines), default=0))


def _rows(text: str) -> Iterator[Row]:
    """Number the grids: rows of several cells belong together until a line of one cell parts them."""
    parts = (_ESCAPED.sub("", part.replace("\f", " ").replace("\v", " ")) for part in re.split(r"\r\n|\n|\r", text))
    lines = closed_pipes(joined_pipes(without_rests(list(enumerate(parts, 1)))))
    rows = copied_rows(lines, row_of) if is_copied(lines) else _lines(lines)
    if "NaN" in text or "Unnamed:" in text:
        rows = without_leftovers(list(rows))
    return restored(_numbered(rows))


def _numbered(rows: Iterable[Row]) -> Iterator[Row]:
    table, inside = 0, False
    for row in rows:
        table += row.kind != "line" and not inside
        inside = row.kind != "line"
        yield Row(row.cells, table if inside else 0, row.kind)


def _lines(lines: Sequence[tuple[int, str]]) -> Iterator[Row]:
    """Read line by line, but drawn tables whole, and a record whose cells commas part as one row."""
    commas = comma_records(lines) if any("," in line for _, line in lines) else {}
    padded = padded_cells(lines)
    skipped = {number + i for number, (size, _) in commas.items() for i in range(1, size)} | {n for n, cells in padded.items() if not cells}
    for drawn, part in groupby((line for line in lines if line[0] not in skipped), key=lambda line: is_drawn(line[1])):
        some = list(part)
        yield from _drawn(some) if drawn else (row for line in some for row in _line(line, commas, padded))


def _line(line: tuple[int, str], commas: Mapping[int, tuple[int, list[str]]], padded: Mapping[int, list[str]]) -> Iterator[Row]:
    number, text = line
    if number in padded:
        yield _parted(padded[number], f"line {number}", "grid")
    elif number in commas:
        yield _parted(commas[number][1], f"line {number}", "tabs")
    else:
        yield from row_of(text, f"line {number}")


def _drawn(lines: list[tuple[int, str]]) -> Iterator[Row]:
    """Read a drawn table by its lines; where only vertical ones are left, each line is a row."""
    if any(_RULE.fullmatch(line) for _, line in lines):
        yield from drawn_rows(lines)
    else:
        yield from (row for number, line in lines for row in row_of(line, f"line {number}"))


def row_of(line: str, where: str) -> Iterator[Row]:
    """Turn one line into one row, unless it is blank or only a rule; several tabs alone part cells of which each is blank."""
    if (not line.strip() and line.count("\t") < 2) or (_RULE.fullmatch(line) and re.search(r"[-=─]{2}", line)):
        return
    if "\t" in line and not _is_prose(line):
        yield _parted(line.split("\t"), where, "tabs")
    elif ("|" in line or "│" in line) and not _is_prose(line):
        yield _parted(re.sub(r"^\s*\||\|\s*$", "", line.replace("│", "|")).split("|"), where, "tabs")
    elif _RUN.search(line.strip()) and len(pieces := _pieces(line)) > 1:
        yield Row(tuple(Cell(printed(t), x, x + width(t), f"{where} c{i}") for i, (t, x) in enumerate(pieces, 1)), 0, "spaces")
    else:
        text, bare = " ".join(line.split()), line.lstrip()
        indent = width(line[: len(line) - len(bare)])
        yield Row((Cell(text, indent, indent + width(text[:_SHORT]), where),))


def _parted(texts: Sequence[str], where: str, kind: str) -> Row:
    cells = tuple(Cell(printed(" ".join(t.split())), x, x + 1, f"{where} c{x + 1}") for x, t in enumerate(texts))
    return Row(cells, 0, kind if len(cells) > 1 else "line")


def _is_prose(line: str) -> bool:
    """A single run of text with a full stop is a sentence, however it is indented."""
    filled = [t for t in re.split(r"[\t|│]", line) if t.strip()]
    return len(filled) <= 1 and (len(line.strip()) > _SHORT and "。" in line)


def _pieces(line: str) -> list[tuple[str, int]]:
    """Part a line at runs of spaces into (text, display column), where that gives cells and not the words of a sentence."""
    pieces, at = [], 0
    for part in re.split(f"({_RUN.pattern})", line):
        if part.strip():
            pieces.append((part.strip(), at + width(part[: len(part) - len(part.lstrip())])))
        at += width(part)
    cells = [t for t, _ in pieces]
    row = "。" not in line and (any(is_value(t) for t in cells) or all(len(t) <= _SHORT for t in cells))
    return pieces if row else [(line, 0)]
