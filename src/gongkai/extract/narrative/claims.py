"""Compare what the prose says about applications and reviews with the tables."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from itertools import groupby

from gongkai.core.messages import number_text
from gongkai.core.model import Figure, Finding
from gongkai.core.text import squeeze
from gongkai.extract.narrative.numbers import fold_widths, mentions, pattern_of, prose_words

_YEAR = re.compile(r"(20\d\d)\s*年")
_CLAUSE = re.compile(r"[，。；：,;:（(]")
_ASIDE = re.compile(r"（[^（）]*）|\([^()]*\)")
_LONGEST = 2000
_END = re.compile(r"[，。；：、,;:（(）)！？]")


@dataclass(frozen=True, slots=True)
class _Claim:
    """A clause that a table can contradict, with N for its number, and the sums of cells that it may equal."""

    clause: re.Pattern[str]
    about: re.Pattern[str]
    equals: tuple[tuple[str, ...], ...]


def compare_with_tables(figures: Sequence[Figure], value_of: Callable[[str], float | None], year: int | None = None) -> list[Finding]:
    """Hold what the prose says about applications and reviews against the tables.

    Parameters
    ----------
    figures : sequence of Figure
        What :func:`gongkai.extract.narrative.figures.read_figures` returned.
    value_of : callable
        Gives the printed value of an official cell by its path, or None where it has none.
    year : int, optional
        The reporting year; a sentence about another year is not compared.

    Returns
    -------
    list of Finding
        ``text_table`` for each statement about the whole report that no reading of the table agrees with. A statement limited to one
        body, channel, kind or period is not compared, nor is one for which the table prints no value.

    Examples
    --------
    >>> from gongkai.extract.narrative.figures import read_figures
    >>> from gongkai.core.model import Section
    >>> section = Section("一", "总体情况", "全年共收到政府信息公开申请25件。", 1, "line 3")
    >>> [(f.observed, f.where) for f in compare_with_tables(read_figures([section]), {"applications/new_received/total": 23.0,
    ...     "applications/carried_in/total": 0.0}.get)]
    [('23', 'line 3')]
    """
    found: list[Finding] = []
    for (_, sentence), group in groupby(figures, key=lambda f: (f.section, f.sentence)):
        if len(sentence) > _LONGEST:
            continue
        for (meant, phrase), figure in zip(_claims(sentence, year), group, strict=False):
            sums = {claim: [_sum(paths, value_of) for paths in claim.equals] for claim in meant}
            known = next((c for c, told in sums.items() if all(s is not None for s in told)), None)
            if known and figure.value not in sums[known]:
                found.append(_finding(known, phrase, figure, value_of))
    return found


def _claims(sentence: str, year: int | None) -> Iterator[tuple[Sequence[_Claim], str]]:
    """Give for each number of a sentence what it claims about a table, if anything that can be compared, and its printed clause."""
    text, found = fold_widths(sentence), mentions(sentence)
    years = {int(y) for y in _YEAR.findall(text)}
    foreign = len(years) > 1 or (year is not None and bool(years - {year}))
    for index, mention in enumerate(found):
        start = max([0, *(m.end() for m in _CLAUSE.finditer(text, 0, mention.start)), *(m.end for m in found[:index])])
        stop = _END.search(text, mention.end)
        end = stop.start() if stop else len(text)
        clause = f"{text[start : mention.start]}N{text[mention.end : end]}"
        countable = mention.unit in prose_words()["statements"]["units"] and not mention.approximate
        meant = _meant(clause, text[:start], f"{text[:end]}N{text[end:]}") if countable and not foreign else ()
        yield meant, _joined().sub("", sentence[start:end]).strip()


def _meant(clause: str, lead: str, said: str) -> Sequence[_Claim]:
    """Read a clause, unless it or what leads up to it is about less than the whole report; each edition may have a claim of its own."""
    bare = _joined().sub("", _plainly(clause))
    before = _ASIDE.sub("", _plainly(lead))
    if any(pattern_of("statements", limit).search(bare) for limit in ("bodies", "kinds", "periods")):
        return ()
    of_a_body = pattern_of("statements", "bodies").search(before) and not pattern_of("statements", "whole").search(bare)
    if of_a_body or pattern_of("statements", "periods").search(before):
        return ()
    found = [c for c in _known_claims() if c.clause.fullmatch(bare) and c.about.search(said)]
    return [c for c in found if c.clause == found[0].clause]


@cache
def _joined() -> re.Pattern[str]:
    return re.compile(rf"^(?:\s|、|{prose_words()['phrases']['joins']})+")


def _plainly(text: str) -> str:
    return pattern_of("statements", "whole_year").sub("", squeeze(text))


@cache
def _known_claims() -> tuple[_Claim, ...]:
    known = prose_words()["statements"]["claims"]
    return tuple(_Claim(re.compile(c["clause"]), re.compile(c["about"]), tuple(map(tuple, c["equals"]))) for c in known)


def _sum(paths: Sequence[str], value_of: Callable[[str], float | None]) -> float | None:
    """Add up cells, or take away those whose path begins with a minus; one cell without a value leaves no sum."""
    values = [value_of(p.removeprefix("-")) for p in paths]
    if any(v is None for v in values):
        return None
    return sum(-(v or 0) if p.startswith("-") else (v or 0) for p, v in zip(paths, values, strict=True))


def _finding(claim: _Claim, phrase: str, figure: Figure, value_of: Callable[[str], float | None]) -> Finding:
    """Name the cell that the clause means; where it means several, their table."""
    paths = claim.equals[0]
    table, item, measure = paths[0].split("/")
    values = [value_of(p) or 0 for p in paths]
    total, parts = number_text(sum(values)), " + ".join(number_text(v) for v in values if v)
    printed = total if len(values) == 1 else f"{parts} = {total}"
    owner: tuple[str, str | None, str | None] = (table, item, measure) if len(paths) == 1 else (table, None, None)
    return Finding("text_table", *owner, number_text(figure.value), printed, figure.where, {"phrase": phrase})
