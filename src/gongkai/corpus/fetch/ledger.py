"""What came of every address that was asked for: ``fetched.csv``, a row a visit, by which a killed run goes on and a later one compares."""

from __future__ import annotations

import csv
import hashlib
import io
import os
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from urllib.parse import unquote, urlsplit

from gongkai.core.files import write
from gongkai.core.messages import storable
from gongkai.core.tables import csv_of, rows_of
from gongkai.corpus.export import harmless
from gongkai.corpus.fetch.addresses import FACTS
from gongkai.readers.decoding import HEAD, decode, is_text
from gongkai.readers.zipped import members

LEDGER, WARC = "fetched.csv", "fetched.warc.gz"
FETCHED, CHANGED, UNCHANGED, NOT_ASKED, FAILED = OUTCOMES = ("fetched", "changed", "unchanged", "not_asked", "failed")
LISTED = "list"
COLUMNS = (
    "source_url", "outcome", "status", "found_by", "page", "name", *FACTS, "path", "sha256", "bytes", "content_type", "final_url",
    "retrieved_at", "why", "reason", "reason_zh", "etag", "last_modified", "run", "warc_bytes",
)  # fmt: skip
Row = dict[str, str]
_THEIRS = ("name", "content_type")  # what a page or a server says, and no program compares
_PAGE = re.compile(r"(?i)<(?:!doctype\s+html|html|head|body|table|div|p|meta|script)\b")
# What files begin with, and how their names may end; the first unless the address has another of them.
_STARTS = (
    (b"%PDF", (".pdf",)), (b"\xd0\xcf\x11\xe0", (".doc", ".xls", ".wps", ".et", ".ppt")), (b"{\\rtf", (".rtf", ".doc")),
    (b"\xff\xd8\xff", (".jpg", ".jpeg")), (b"\x89PNG", (".png",)), (b"GIF8", (".gif",)), (b"BM", (".bmp",)), (b"II*\0", (".tif", ".tiff")),
    (b"MM\0*", (".tif", ".tiff")), (b"Rar!", (".rar",)), (b"7z\xbc\xaf", (".7z",)),
)  # fmt: skip
_ZIPPED = (("word/", ".docx"), ("xl/", ".xlsx"), ("OFD.xml", ".ofd"))
_TEXTS = (".txt", ".csv", ".xml", ".json")
_LONGEST, _KEY = 60, 8
# The key in a file's name has no digits, which could be taken for a year.
_LETTERS = str.maketrans("0123456789abcdef", "ghjkmnpqrsabcdef")


class Ledger:
    """The rows of a folder's ``fetched.csv``; each is on the disk before the next address is asked for."""

    def __init__(self, folder: Path) -> None:
        self._folder, self._path = folder, folder / LEDGER
        self.rows = list(self._read())
        write(self._path, csv_of(COLUMNS, self.rows))
        self.last = {row["source_url"]: row for row in self.rows}
        self._held: dict[str, list[Row]] = {}
        for row in self.rows:
            self._held.setdefault(row["source_url"], []).append(row)

    def _read(self) -> Iterator[Row]:
        """Yield the rows; the last is none if a killed run has not written it to its end."""
        if not self._path.is_file():
            return
        data = self._path.read_bytes()
        if not data.endswith(b"\n"):
            write(self._path, data[: data.rfind(b"\n") + 1])
        for _, row in rows_of(self._path):
            yield {name: row.get(name, "") for name in COLUMNS}

    @property
    def warc_bytes(self) -> int:
        """How long the archive was when the last row was written."""
        return max((int(row["warc_bytes"]) for row in self.rows if row["warc_bytes"].isdecimal()), default=0)

    @property
    def run(self) -> int:
        """The number of the last run; 0 where there was none."""
        return max((int(row["run"]) for row in self.rows if row["run"].isdecimal()), default=0)

    def document(self, url: str) -> Row | None:
        """Return the last row of an address of which a document is there, with the bytes that were fetched."""
        for row in reversed(self._held.get(url, ())):
            if row["path"]:
                file = self._folder / row["path"]
                is_whole = file.is_file() and hashlib.sha256(file.read_bytes()).hexdigest() == row["sha256"]
                return row if is_whole else None
        return None

    def versions(self, url: str) -> set[str]:
        """Return the paths of all versions of a document."""
        return {row["path"] for row in self._held.get(url, ())} - {""}

    def add(self, row: Mapping[str, str]) -> Row:
        """Add a row."""
        made = {name: storable(row.get(name, "")) for name in COLUMNS} | {name: harmless(storable(row.get(name, ""))) for name in _THEIRS}
        line = io.StringIO(newline="")
        csv.DictWriter(line, COLUMNS, lineterminator="\r\n").writerow(made)
        with self._path.open("ab") as file:
            file.write(line.getvalue().encode())
            file.flush()
            os.fsync(file.fileno())
        self.rows.append(made)
        self.last[made["source_url"]] = made
        self._held.setdefault(made["source_url"], []).append(made)
        return made

    def place(self, url: str, content: bytes, page: str = "") -> str:
        """Return the path of a document within the folder: a name of its own for each version, beside those before.

        ``page`` is the path of the page whose picture it is: pictures stand beside it as browsers keep them.
        """
        parts = urlsplit(url)
        stem, _, _ = unquote(parts.path).rstrip("/").rpartition("/")[2].partition(".")
        key = hashlib.sha256(url.encode()).hexdigest()[:_KEY].translate(_LETTERS)
        where = f"{page.rpartition('.')[0]}_files" if page else _plain(parts.netloc)
        name, end = f"{where}/{_plain(stem)[:_LONGEST] or 'index'}-{key}", ending(content, url)
        before = self._held.get(url, ())
        for row in before:
            if row["sha256"] == hashlib.sha256(content).hexdigest() and not os.path.lexists(self._folder / row["path"]):
                return row["path"]  # it was removed, and is put back
        taken, number = self.versions(url), 1
        while (path := f"{name}{f'.v{number}' if number > 1 else ''}{end}") in taken or self._is_other(path, content):
            number += 1
        return path

    def _is_other(self, path: str, content: bytes) -> bool:
        file = self._folder / path
        return os.path.lexists(file) and not (file.is_file() and file.read_bytes() == content)


def ending(content: bytes, url: str) -> str:
    """Return how a file's name should end: what its bytes say counts, not what the server or the address say.

    Examples
    --------
    >>> ending(b"%PDF-1.7", "http://www.qinxian.gov.cn/down.jsp?id=3"), ending(b"<html>", "http://www.qinxian.gov.cn/2023.pdf")
    ('.pdf', '.html')
    """
    said = Path(urlsplit(url).path).suffix.lower()
    for start, ends in _STARTS:
        if content.startswith(start):
            return said if said in ends else ends[0]
    if content.startswith(b"PK"):
        held = members(content)
        return next((end for name, end in _ZIPPED if any(member.startswith(name) for member in held)), ".zip")
    if not is_text(content[:HEAD]):
        return ".bin"
    return ".html" if _PAGE.search(decode(content[:HEAD])[0]) else said if said in _TEXTS else ".txt"


def _plain(text: str) -> str:
    """Return a text as part of a file's name on any system."""
    return re.sub(r"[^\w.-]+", "_", text).strip("._")
