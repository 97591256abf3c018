"""Why a cell has the value it has: what is printed where, which readings were weighed, what the identities say."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence

from gongkai.core import findings as finding_words
from gongkai.core.codes import State, Status
from gongkai.core.errors import refuse_language
from gongkai.core.messages import number_text, pad, place_words, places, say, texts
from gongkai.core.model import Check, Contents, Document, Field, Finding, Form, Identity, Reading
from gongkai.report.view import finding_text, prints_row, value_text

_NAMED = 3


def explain(form: Form, reading: Reading, readings: Sequence[Reading], contents: Contents, document: Document, language: str = "zh") -> str:
    """Say why one official cell has its value, or why it has none.

    Parameters
    ----------
    form : Form
        The edition.
    reading : Reading
        The cell.
    readings : sequence of Reading
        All cells: the terms of the identities.
    contents : Contents
        Every identity, evaluated, and every finding; those that touch the cell are told.
    document : Document
        The file that was read.
    language : {"zh", "en"}
        The language of the explanation; printed characters stay as they are.

    Returns
    -------
    str
        Lines of plain text.

    Examples
    --------
    >>> from gongkai.core.model import Contents
    >>> from gongkai.forms import load_form
    >>> form = load_form("2019")
    >>> one = Reading(form.fields[0], 3.0, "printed", "3", "line 12 c2", "规章")
    >>> print(explain(form, one, [one], Contents((), (), (), ()), Document("a.txt", "ab" * 32, 9, "text", "plain", ()), "en"))
    Regulations · Newly made this year: 3
      cell        disclosure/regulations/newly_made
      file        a.txt (text), SHA-256 abababababababababababababababababababababababababababababababab
      status      printed: the number stands in the cell
      place       line 12 cell 2 (line 12 c2)
      row label   规章
      printed     “3”
      readings    only one reading
      identities  the form has no identity that touches this cell
      findings    none touches this cell
    """
    refuse_language(language)
    facts = [
        *_source(form, reading, document, language),
        *_printed(reading, language),
        *_proof(reading, language),
        *_identity_facts(form, reading, readings, contents.checks, language),
        *_finding_facts(form, reading, contents.findings, language),
    ]
    title = finding_words.cell_name(form, reading.field, language) + say("explain.colon", language) + value_text(reading, language)
    return "\n".join([title, *_set(facts, language)])


def _set(facts: Sequence[tuple[str, str]], language: str) -> Iterator[str]:
    """Set names and facts in two columns; a name that repeats is said once."""
    size = max(places(say(f"explain.{name}", language)) for name, _ in facts)
    before = ""
    for name, fact in facts:
        yield f"  {pad('' if name == before else say(f'explain.{name}', language), size)}  {fact}"
        before = name


def _source(form: Form, reading: Reading, document: Document, language: str) -> Iterator[tuple[str, str]]:
    yield "cell", reading.field.path
    yield "file", say("explain.file_is", language, name=document.name, format=document.format, sha256=document.sha256)
    meaning = say(f"meaning.{reading.status}", language)
    yield "status", say("explain.status_is", language, status=say(f"status.{reading.status}", language), meaning=meaning)


def _printed(reading: Reading, language: str) -> Iterator[tuple[str, str]]:
    """Tell the place, the characters there and the readings that were weighed."""
    if reading.where:
        yield "where", say("explain.where_is", language, words=place_words(reading.where, language), where=reading.where)
    if reading.label:
        yield "label", reading.label
    if reading.printed is not None:
        characters = " ".join(reading.printed.replace("\t", " | ").split())
        yield "row" if prints_row(reading) else "printed", f"“{characters}”" if characters else say("explain.nothing", language)
    if reading.status != Status.ABSENT:
        yield "weighed", _weighed(reading, language)
    if reading.margin is not None:
        yield "margin", say("explain.margin_is", language, margin=number_text(round(reading.margin, 2)))


def _weighed(reading: Reading, language: str) -> str:
    if not reading.candidates:
        return say("explain.weighed_row" if prints_row(reading) else "explain.weighed_one", language)
    candidates = say("explain.comma", language).join(_side_text(c, language) for c in dict.fromkeys(reading.candidates))
    if reading.status == Status.UNCERTAIN:
        return say("explain.weighed_open", language, candidates=candidates)
    return say("explain.weighed_chosen", language, candidates=candidates, value=value_text(reading, language))


def _side_text(value: float | None, language: str) -> str:
    return say("explain.no_value", language) if value is None else number_text(value)


def _proof(reading: Reading, language: str) -> Iterator[tuple[str, str]]:
    if reading.deduced is not None:
        yield "deduced", say("explain.deduced_is", language, value=number_text(reading.deduced))


def _identity_facts(
    form: Form, reading: Reading, readings: Sequence[Reading], checks: Sequence[Check], language: str
) -> Iterator[tuple[str, str]]:
    """Tell every identity that the cell is a term of, with both sides and its state."""
    read = {r.field: r for r in readings}
    touching = [c for c in checks if reading.field in c.identity.terms]
    for check in touching:
        identity = check.identity
        owner = finding_words.place(form, reading.field.table, identity.item, identity.measure, language)
        left, right = (_side(form, identity, side, read, language) for side in (identity.left, identity.right))
        name = texts()["identity"].get(identity.code, {}).get(language, identity.code)
        sign = "=" if check.state in (State.HOLDS, State.CHOSE) else "≠" if check.state == State.BROKEN else "?"
        yield "checks", f"{name} [{owner}]{say('explain.colon', language)}{left} {sign} {right} — {say(f'state.{check.state}', language)}"
    if not touching:
        yield "checks", say("explain.no_checks", language)


def _side(form: Form, identity: Identity, side: Iterable[Field], read: Mapping[Field, Reading], language: str) -> str:
    """Add one side up; where terms have no number, say which, and that the sum is only a lower bound."""
    values = {f: read[f].value if f in read else None for f in side}
    total = number_text(sum(v for v in values.values() if v is not None))
    missing = [
        finding_words.place(form, f.table, None if identity.item else f.item, f.measure if identity.item else None, language)
        for f, v in values.items() if v is None
    ]  # fmt: skip
    if not missing:
        return total
    rest = say("explain.more", language, n=len(missing)) if len(missing) > _NAMED else ""
    return say("explain.at_least", language, sum=total, missing=say("explain.comma", language).join(missing[:_NAMED]) + rest)


def _finding_facts(form: Form, reading: Reading, findings: Sequence[Finding], language: str) -> Iterator[tuple[str, str]]:
    """Tell the findings about the cell, its row or its column."""
    field = reading.field
    about = [
        f for f in findings
        if f.table == field.table and (f.item or f.measure) and f.item in (None, field.item) and f.measure in (None, field.measure)
    ]  # fmt: skip
    for f in about:
        yield "findings", finding_text(form, f, language)
    if not about:
        yield "findings", say("explain.no_findings", language)
