"""The draft of a manifest, and what a person has written into one before -> the manifest; no word of theirs is overwritten or lost."""

from __future__ import annotations

import io
import os
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from gongkai.core.data import packaged
from gongkai.core.errors import UsageError
from gongkai.core.messages import LANGUAGES, joined
from gongkai.core.tables import EXCEL, columns_of, csv_of, rows_of
from gongkai.corpus.draft import Row
from gongkai.corpus.export import harmless
from gongkai.corpus.manifest import refuse_columns, row_faults
from gongkai.corpus.said import columns

SHEET, EXPLAINED = "manifest", "columns"
_OURS = "read_title"  # a manifest that has this column was drafted before
_WIDTHS = {"path": 40, "read_title": 48, "read_authority": 28, "read_candidates": 48, "read_division": 28, "reason": 40}


@dataclass(frozen=True, slots=True)
class Words:
    """What a person has written: rows by path, and the columns of their own; ``drafted`` says whether the table was drafted before."""

    rows: Mapping[str, Row]
    own: tuple[str, ...]
    drafted: bool


@dataclass(frozen=True, slots=True)
class Redrafted:
    """A manifest: its columns and rows, how many rows are ``new``, ``gone`` or ``moved``, and the words that a sheet has ``changed``."""

    columns: tuple[str, ...]
    rows: tuple[Row, ...]
    changed: tuple[tuple[str, str, str, str], ...]

    def paths(self, state: str) -> list[str]:
        """Return the documents of one state: ``new``, ``gone``, ``moved``, ``unreadable``."""
        return [row["path"] for row in self.rows if row["document"] == state]

    def undecided(self) -> dict[str, list[Row]]:
        """Return the rows in which a person must fill in a column, by that column."""
        found: dict[str, list[Row]] = {}
        for row in self.rows:
            for name in filter(None, row["decide"].split("; ")):
                found.setdefault(name, []).append(row)
        return found


def read_words(path: Path) -> Words:
    """Read what a person has written into a manifest, each value as it stands; a manifest that is not there says nothing.

    Raises
    ------
    UsageError
        If a line cannot mean anything, or a value stands under no heading: on writing, it would be lost.
    """
    if not path.is_file():
        return Words({}, (), drafted=False)
    refuse_columns(path)
    header, rows, found = columns_of(path), dict[str, Row](), []
    drafted = _OURS in header
    if not drafted and (taken := [name for name in header if name in columns("drafted")]):
        raise UsageError.of("manifest.taken", path, taken=", ".join(taken))
    own = tuple(name for name in header if name not in (*columns("person"), *columns("drafted")))
    for number, row in rows_of(path):
        name = os.path.normpath(row["path"]).replace(os.sep, "/")
        found += [*row_faults(number, row, name in rows)]
        rows[name] = row
    if found:
        raise UsageError.of("manifest.faults", path, faults=joined(found))
    return Words(rows, own, drafted)


def redraft(folder: Path, facts: Mapping[str, Row], before: Words, sheets: Sequence[Words] = ()) -> Redrafted:
    """Put what was read of each document beside what a person has written of it.

    Parameters
    ----------
    folder : Path
        The folder of documents.
    facts : mapping
        The drafted columns by path within the folder.
    before : Words
        The manifest as it is.
    sheets : sequence of Words
        What is given back filled in: a word that stands there is taken, an empty field takes none away.
    """
    words, changed = {path: dict(row) for path, row in before.rows.items()}, list[tuple[str, str, str, str]]()
    own = tuple(dict.fromkeys(name for table in (before, *sheets) for name in table.own))
    for sheet in sheets:
        for path, row in sheet.rows.items():
            changed += _filled(words.setdefault(path, {"path": row["path"]}), path, row, (*columns("person")[1:], *own))
    here = {path: row for path, row in facts.items() if os.path.lexists(folder / path)}
    moves = _moves(words, here, before.drafted)
    written = [{**words[path], **_state(here.get(path), words[path], "")} for path in words if path not in moves]
    for path in (path for path in here if path not in words):
        old = next((gone for gone, to in moves.items() if to == path), None)
        kept = words[old] if old else {}
        written.append({**kept, "path": path, **_state(here[path], kept, "moved" if old else "new")})
    order = (*columns("person"), *columns("drafted"), *own)
    return Redrafted(order, tuple({name: row.get(name, "") for name in order} for row in written), tuple(changed))


def manifest_csv(made: Redrafted) -> bytes:
    """Return a manifest as CSV that Excel opens in Chinese; what a document says begins no formula."""
    return csv_of(made.columns, [{n: harmless(t) if n.startswith("read_") else t for n, t in row.items()} for row in made.rows])


def manifest_book(made: Redrafted) -> bytes:
    """Return a manifest as an Excel workbook: the table, a person's columns coloured, and what each column means."""
    meanings = {n: m for part in ("person", "drafted") for n, m in packaged(__package__, "draft.toml")[part].items()}
    return book(SHEET, made.columns, made.rows, meanings, lambda name: name not in columns("drafted") and name != "path", _WIDTHS)


def book(
    sheet: str, order: Sequence[str], rows: Sequence[Mapping[str, Any]], meanings: Mapping[str, Mapping[str, str]],
    is_open: Callable[[str], bool],
    widths: Mapping[str, int],
) -> bytes:  # fmt: skip
    """Return a table to be filled in as a workbook: the open columns coloured, and a second sheet with what each column means."""
    import xlsxwriter

    made = io.BytesIO()
    options = {"strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
    with xlsxwriter.Workbook(made, options) as workbook:
        table, explained = workbook.add_worksheet(sheet), workbook.add_worksheet(EXPLAINED)
        plain = workbook.add_format({"bold": True, "bg_color": "#F2F5F8", "border": 1})
        yours = workbook.add_format({"bold": True, "bg_color": "#FFF8DC", "border": 1})
        text = workbook.add_format({"num_format": "@"})  # else Excel turns 12 digits into 1.40E+11
        table.freeze_panes(1, 1)
        for n, name in enumerate(order):
            table.write_string(0, n, name, yours if is_open(name) else plain)
            table.set_column(n, n, widths.get(name, 14), text)
        for line, row in enumerate(rows, 1):
            for n, name in enumerate(order):
                if isinstance(row.get(name), int):
                    table.write_number(line, n, row[name])
                elif row.get(name):
                    table.write_string(line, n, row[name], text)
        table.autofilter(0, 0, max(len(rows), 1), len(order) - 1)
        explained.set_column(0, 0, 22)
        explained.set_column(1, 2, 70)
        for line, (name, words) in enumerate(meanings.items()):
            for n, told in enumerate((name, *(words[language] for language in LANGUAGES))):
                explained.write_string(line, n, told, yours if n == 0 and is_open(name) else None)
    return made.getvalue()


def write_to(path: Path, made: Redrafted) -> bytes:
    """Return a manifest in the format of a file's name."""
    return manifest_book(made) if path.suffix.lower() == EXCEL else manifest_csv(made)


def _state(facts: Row | None, words: Mapping[str, str], state: str) -> Row:
    """Return the drafted columns of one row; of a document that is gone, what was read of it stays. What is said is decided."""
    if facts is None:
        return {"document": "gone", "decide": "", "reason": ""}
    left = [name for name in facts["decide"].split("; ") if not words.get(name)]
    return {**facts, "document": facts["document"] or state, "decide": "; ".join(left)}


def _filled(words: Row, path: str, row: Row, open_columns: Iterable[str]) -> Iterator[tuple[str, str, str, str]]:
    """Take what a sheet says of one document, and yield the words that it changes: path, column, before, now."""
    for name in open_columns:
        said, was = row.get(name, ""), words.get(name, "")
        if said and said != was:
            words[name] = said
            if was:
                yield path, name, was, said


def _moves(words: Mapping[str, Row], here: Mapping[str, Row], drafted: bool) -> Mapping[str, str]:
    """Return where documents have gone that the manifest lists elsewhere: the only new path with the same bytes."""
    if not drafted:
        return {}
    new: dict[str, list[str]] = {}
    for path in (path for path in here if path not in words):
        new.setdefault(here[path]["report_id"], []).append(path)
    gone = {path: row.get("report_id", "") for path, row in words.items() if path not in here}
    return {
        path: new[report_id][0]
        for path, report_id in gone.items()
        if len(new.get(report_id, ())) == 1 and list(gone.values()).count(report_id) == 1
    }
