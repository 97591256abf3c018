"""How to cite a report, or one cell of it: a text, a BibTeX entry, and the key under which the cell is found again."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from gongkai import __version__
from gongkai.core import findings as words
from gongkai.core.messages import place_words, refuse_language, say
from gongkai.report.view import value_text

if TYPE_CHECKING:
    from gongkai.report.report import Report

_TEX = {"\\": r"\textbackslash{}", "{": r"\{", "}": r"\}", "~": r"\textasciitilde{}", "^": r"\textasciicircum{}"} | {
    c: f"\\{c}" for c in "%#&$_"
}


@dataclass(frozen=True, slots=True)
class Citation:
    """A citation: ``text`` for a list of references, ``bibtex``, and the ``key`` of the cell."""

    text: str
    bibtex: str
    key: str

    def __str__(self) -> str:
        return self.text


def cite(report: Report, path: str, language: str = "zh") -> Citation:
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

    Examples
    --------
    >>> from gongkai import read_report
    >>> print(cite(read_report("data/raw/qinxian-2019.txt", division_code="140430"), "applications/granted/total").key)
    140430/na/2019#applications/granted/total
    """
    refuse_language(language)
    key = f"{report.division_code or 'na'}/{report.body or 'na'}/{report.year or 'na'}#{path}"
    return Citation(_text(report, path, key, language), _bibtex(report, path, key, language), key)


def _text(report: Report, path: str, key: str, language: str) -> str:
    """Write the reference as a reader expects it, and behind it what puts a finger on the cell."""
    retrieved = report.retrieved_at
    words = {"author": report.authority or say("cite.issuer", language), "title": _title(report, language), "year": report.year or "n.d."}
    parts = [
        say("cite.online" if report.source else "cite.offline", language, **words),
        say("cite.published", language, date=report.published or say("cite.no_date", language)),
        say("cite.retrieved", language, date=retrieved) if retrieved else "",
        f"{report.source}." if report.source else "",
        _cell(report, path, language),
        _source(report, key, language),
    ]
    return " ".join(part for part in parts if part)


def _cell(report: Report, path: str, language: str) -> str:
    reading = report.reading(path)
    name = words.cell_name(report.edition, reading.field, language)
    status = "" if reading.status == "printed" or reading.value is None else f" [{say(f'status.{reading.status}', language)}]"
    return say("cite.cell", language, cell=name, value=value_text(reading, language) + status, where=place_words(reading.where, language))


def _source(report: Report, key: str, language: str) -> str:
    return say("cite.source", language, sha256=report.document.sha256, version=__version__, key=key)


def _title(report: Report, language: str) -> str:
    return report.title or say("cite.title", language)


def _bibtex(report: Report, path: str, key: str, language: str) -> str:
    """Write a BibTeX entry in which nothing that the document prints can end a field."""
    body = report.body or "na"
    note = f"{_cell(report, path, language)} {_source(report, key, language)}"
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
    return f"@techreport{{gongkai-{report.division_code or 'na'}-{body}-{report.year or 'na'},\n{lines}\n}}"


def _tex(text: str) -> str:
    return "".join(_TEX.get(c, c) for c in " ".join(text.split()))
