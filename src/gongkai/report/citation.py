"""How to cite a report, or one cell of it: a text, a BibTeX entry, and the key under which the cell is found again."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Protocol

from gongkai import __version__
from gongkai.core import findings as finding_words
from gongkai.core.codes import Status
from gongkai.core.errors import refuse_language
from gongkai.core.messages import place_words, say
from gongkai.core.model import Document, Form, Reading
from gongkai.report.view import value_text

_TEX = {"\\": r"\textbackslash{}", "{": r"\{", "}": r"\}", "~": r"\textasciitilde{}", "^": r"\textasciicircum{}"} | {
    c: f"\\{c}" for c in "%#&$_"
}


class Citable(Protocol):
    """The attributes of a report that a citation needs."""

    @property
    def report_id(self) -> str: ...
    @property
    def document(self) -> Document: ...
    @property
    def edition(self) -> Form: ...
    @property
    def title(self) -> str | None: ...
    @property
    def authority(self) -> str | None: ...
    @property
    def division_code(self) -> str | None: ...
    @property
    def body(self) -> str | None: ...
    @property
    def year(self) -> int | None: ...
    @property
    def published(self) -> str | None: ...
    @property
    def source(self) -> str | None: ...
    @property
    def retrieved_at(self) -> str | None: ...
    @property
    def has_namesakes(self) -> bool: ...
    def reading(self, path: str) -> Reading: ...


@dataclass(frozen=True, slots=True)
class Citation:
    """A citation: ``text`` for a list of references, ``bibtex``, and the ``key`` of the cell."""

    text: str
    bibtex: str
    key: str

    def __str__(self) -> str:
        return self.text


def cite(report: Citable, path: str, language: str = "zh") -> Citation:
    """Cite one official cell of a report.

    Parameters
    ----------
    report : Report
        The report; what only its collector knows (body, address, day of retrieval) is told where the manifest says it.
    path : str
        The cell, such as ``applications/granted/total``.
    language : {"zh", "en"}
        Chinese follows GB/T 7714.

    Returns
    -------
    Citation
        Its ``key`` names the report by division, body and year where all three are known and no other report of the corpus has the same;
        else by its id, under which every corpus that holds the document finds it.

    Examples
    --------
    >>> from gongkai import read_corpus, read_report
    >>> print(cite(read_report("data/raw/qinxian-2019.txt"), "applications/granted/total").key)
    r2f84655cf071#applications/granted/total
    >>> print(cite(read_corpus("data/raw").read("r2f84655cf071"), "applications/granted/total").key)
    140430/government/2019#applications/granted/total
    """
    refuse_language(language)
    key = f"{_report_key(report)}#{path}"
    return Citation(_reference(report, path, key, language), _bibtex(report, path, key, language), key)


def _report_key(report: Citable) -> str:
    """Name a report so that its corpus finds it, and no other."""
    known = (report.division_code, report.body, report.year)
    return report.report_id if report.has_namesakes or None in known else "/".join(map(str, known))


def _reference(report: Citable, path: str, key: str, language: str) -> str:
    """Write the bibliographic reference, followed by the cell, its value, its place and its key."""
    retrieved = report.retrieved_at
    words = {"author": report.authority or say("cite.issuer", language), "title": _title(report, language), "year": report.year or "n.d."}
    parts = [
        say("cite.online" if report.source else "cite.offline", language, **words),
        say("cite.published", language, date=report.published or say("cite.no_date", language)),
        say("cite.retrieved", language, date=retrieved) if retrieved else "",
        f"{report.source}." if report.source else "",
        _cited_cell(report, path, language),
        _source(report, key, language),
    ]
    return " ".join(part for part in parts if part)


def _cited_cell(report: Citable, path: str, language: str) -> str:
    reading = report.reading(path)
    name = finding_words.cell_name(report.edition, reading.field, language)
    status = "" if reading.status == Status.PRINTED or reading.value is None else f" [{say(f'status.{reading.status}', language)}]"
    return say("cite.cell", language, cell=name, value=value_text(reading, language) + status, where=place_words(reading.where, language))


def _source(report: Citable, key: str, language: str) -> str:
    return say("cite.source", language, sha256=report.document.sha256, version=__version__, key=key)


def _title(report: Citable, language: str) -> str:
    return report.title or say("cite.title", language)


def _bibtex(report: Citable, path: str, key: str, language: str) -> str:
    """Write a BibTeX entry; braces and other special characters of the document are escaped so that they cannot end a field."""
    note = f"{_cited_cell(report, path, language)} {_source(report, key, language)}"
    fields = {
        "author": f"{{{_tex(report.authority or say('cite.issuer', language))}}}",
        "title": f"{{{_tex(_title(report, language))}}}",
        "institution": _tex(report.authority or say("cite.issuer", language)),
        "year": (report.published or "n.d.")[:4],
        "url": re.sub(r"[{}\\\s]", "", report.source or ""),
        "urldate": _tex(report.retrieved_at or ""),
        "note": _tex(note),
    }
    lines = ",\n".join(f"  {name} = {{{value}}}" for name, value in fields.items() if value)
    return f"@techreport{{gongkai-{_report_key(report).replace('/', '-')},\n{lines}\n}}"


def _tex(text: str) -> str:
    return "".join(_TEX.get(c, c) for c in " ".join(text.split()))
