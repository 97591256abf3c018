"""Headed sections -> the numbers of the prose, each with the words that it counts."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from functools import cache

from gongkai.core.model import Figure, Section
from gongkai.extract.narrative.numbers import Mention, any_of, mentions, prose_words
from gongkai.extract.narrative.sections import paragraphs, place_at

_SENTENCE = re.compile(r"[^。！？!?]*[。！？!?]?[”’）)》]*")
_BREAK = re.compile(r"[，。；：、,;:（）()！？《》\[\]]")
_NOUN = re.compile(r"(?:《[^《》]*》)?[^，。；：、,;:（）()！？《》\[\]]*")
_SHARES = ("%", "‰")
_LONGEST, _NOUN_LENGTH, _SIDE_BY_SIDE = 30, 20, 3


def read_figures(sections: Sequence[Section]) -> tuple[Figure, ...]:
    """Read every number of the prose.

    Parameters
    ----------
    sections : sequence of Section
        What :func:`gongkai.extract.narrative.sections.split_sections` returned.

    Returns
    -------
    tuple of Figure
        In reading order. Money is in yuan, percentages are as printed; ``section`` is the section's number, or its title where it has none.

    Examples
    --------
    >>> text = "全年公开信息18万余条，其中：动态类信息272条，占总数的8.4%；收取费用2.02万元。"
    >>> section = Section("一（三）", "主动公开情况", text, 2, "line 23")
    >>> for f in read_figures([section]):
    ...     print(f.phrase, f.value, f.unit, f.approximate)
    全年公开信息 180000.0 条 True
    动态类信息 272.0 条 False
    动态类信息占总数 8.4 % False
    收取费用 20200.0 元 False
    """
    return tuple(figure for section in sections for figure in _figures(section))


def _figures(section: Section) -> Iterator[Figure]:
    label = section.number or section.title
    for m, phrase in _phrased(section.title):
        yield Figure(phrase, m.value, m.unit, label, m.approximate, section.where, section.title)
    for offset, sentence in _sentences(section):
        for m, phrase in _phrased(sentence):
            yield Figure(phrase, m.value, m.unit, label, m.approximate, place_at(section, offset + m.start), sentence.strip())


def _sentences(section: Section) -> Iterator[tuple[int, str]]:
    """Yield each sentence of a section with its offset in the section's text."""
    for at, paragraph in paragraphs(section):
        for found in _SENTENCE.finditer(paragraph):
            if found.group().strip():
                yield at + found.start(), found.group()


def _phrased(sentence: str) -> Iterator[tuple[Mention, str]]:
    """Yield the numbers of a sentence with the words that each counts."""
    found = mentions(sentence)
    last = ""
    for index, mention in enumerate(found):
        phrase = _counted(sentence[found[index - 1].end if index else 0 : mention.start], _after(sentence, found, index))
        if not phrase or (mention.unit in _SHARES and phrase.startswith("占")):
            phrase = last + phrase
        elif mention.unit not in _SHARES:
            last = phrase
        yield mention, phrase


def _after(sentence: str, found: Sequence[Mention], index: int) -> str:
    """Return the words between a number and the next; numbers side by side (8大类348项事项) share what follows them."""
    end = found[index].end
    for following in found[index + 1 : index + 1 + _SIDE_BY_SIDE]:
        if sentence[end : following.start].strip():
            return sentence[end : following.start] + "…"
        end = following.end
    beyond = index + 1 + _SIDE_BY_SIDE
    return sentence[end : found[beyond].start if beyond < len(found) else len(sentence)]


def _counted(before: str, after: str) -> str:
    """Turn the words around a number into what it counts: the clause up to it, and the noun that follows it."""
    pieces = [_trimmed(piece) for piece in _BREAK.split(before)]
    noun = _NOUN.match(after.strip())[0]  # type: ignore[index]
    cut = noun.endswith("…")
    noun = _trimmed(noun.rstrip("…"))[:_NOUN_LENGTH]
    if pieces[-1]:
        long = len(pieces[-1]) > _NOUN_LENGTH
        return _shortened(pieces[-1]) if cut or not noun else noun if long else pieces[-1] + noun
    return noun or _shortened(next((p for p in reversed(pieces) if p), ""))


def _shortened(clause: str) -> str:
    """A long clause keeps its end, from behind a name where one stands in it."""
    behind = _trimmed(re.split(r"[”》]", clause)[-1])
    return clause if len(clause) <= _LONGEST else (behind if len(behind) > 1 else clause)[-_LONGEST:]


def _trimmed(clause: str) -> str:
    lead, tail = _trims()
    return str(tail.sub("", lead.sub("", re.sub(r"\s+", " ", clause.strip()))).strip())


@cache
def _trims() -> tuple[re.Pattern[str], re.Pattern[str]]:
    known = prose_words()["phrases"]
    return re.compile(rf"^(?:{known['joins']}|{any_of(known['lead'])})+"), re.compile(rf"(?:{any_of(known['tail'])})+$")
