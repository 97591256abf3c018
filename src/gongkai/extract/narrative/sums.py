"""Recompute the sums and shares that the prose states about its own numbers."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from itertools import accumulate, pairwise, takewhile, zip_longest

from gongkai.core.codes import State
from gongkai.core.messages import number_text
from gongkai.core.model import Finding, Section
from gongkai.extract.narrative.numbers import Mention, fold_widths, mentions, pattern_of, prose_words
from gongkai.extract.narrative.sections import paragraphs, place_at

_CLAUSE = re.compile(r"[，。；：、,;:！？（）()]")
_STOP = re.compile(r"[。！？!?]")
_SHARE = re.compile(r"\s*[，,、]?\s*[（(]?\s*占(?P<base>[^，。；、]{0,16}?)(?:的)?(?:比例|比重)?(?:为|达到?|约)?\s*|\s*[（(]\s*")
_SHARES = ("%", "‰")
_FEWEST, _NEAR, _LONGEST = 3, 12, 5000


@dataclass(frozen=True, slots=True)
class ProseCheck:
    """A sum or share that the prose states, recomputed: ``state`` is ``holds``, ``broken`` or ``undecided``."""

    code: str
    phrase: str
    expected: float
    observed: float
    state: str
    where: str
    unit: str = ""
    rounded: bool = False


@dataclass(frozen=True, slots=True)
class _Passage:
    """One paragraph, its numbers, the depth of brackets at each character, and which numbers print their share."""

    text: str
    found: tuple[Mention, ...]
    depth: tuple[int, ...]
    shares: Mapping[Mention, tuple[Mention, str | None]]

    def clause(self, start: int, end: int) -> str:
        """Return the printed words from the beginning of the clause around ``start`` up to ``end``."""
        breaks = [m.end() for m in _CLAUSE.finditer(self.text, 0, start)]
        earlier = [m.end for m in self.found if m.end <= start]
        return self.text[max([0, *breaks[-1:], *earlier[-1:]]) : end].strip()


@dataclass(frozen=True, slots=True)
class _Breakdown:
    """A number and the parts listed after it; ``sure`` says that no other number could be the whole."""

    whole: Mention
    parts: tuple[Mention, ...]
    sure: bool


@dataclass(frozen=True, slots=True)
class _Scope:
    """A stretch of text that lists parts: where it ends, how far it may carry on, where its bracket opened, what ends it."""

    start: int
    end: int
    carried: int
    opened: int | None = None
    followed: bool = False


def check_figures(sections: Sequence[Section]) -> tuple[list[Finding], list[ProseCheck]]:
    """Recompute the sums and shares that the prose states.

    Parameters
    ----------
    sections : sequence of Section
        What :func:`gongkai.extract.narrative.sections.split_sections` returned.

    Returns
    -------
    list of Finding
        ``breakdown`` and ``percentage`` where two statements cannot both be true, ``rounded`` where the last digit was cut off.
    list of ProseCheck
        Every statement that was recomputed, whatever came of it.

    Examples
    --------
    >>> section = Section("一", "总体情况", "公开信息100条，其中动态类60条，占60%；法规类30条，占30%；其他20条，占20%。", 1, "line 3")
    >>> faults, checks = check_figures([section])
    >>> [(f.code, f.expected, f.observed) for f in faults], [c.state for c in checks]
    ([('breakdown', '110', '100')], ['broken', 'holds', 'holds', 'holds'])
    """
    checks = [
        c for section in sections for at, text in paragraphs(section) if len(text) <= _LONGEST for c in _checks(section, at, _passage(text))
    ]
    return [_finding(c) for c in checks if c.state == State.BROKEN or c.rounded], checks


def _passage(paragraph: str) -> _Passage:
    text, found = fold_widths(paragraph), mentions(paragraph)
    steps = [(c in "（(") - (text[i - 1] in "）)" if i else 0) for i, c in enumerate(text)]
    return _Passage(text, found, tuple(accumulate(steps)), _shares(text, found))


def _shares(text: str, found: Sequence[Mention]) -> dict[Mention, tuple[Mention, str | None]]:
    """Pair each number with the share printed right after it (272条，占总数的8.4%), and with the words for the whole."""
    pairs = {}
    for part, share in pairwise(found):
        between = _SHARE.fullmatch(text[part.end : share.start])
        closed = between is not None and ("占" in between.group() or text[share.end : share.end + 1] in "）)")
        if between and closed and share.unit == "%" and part.unit not in _SHARES:
            pairs[part] = (share, between["base"])
    return pairs


def _checks(section: Section, at: int, passage: _Passage) -> Iterator[ProseCheck]:
    """Recompute the sums of one paragraph, then its shares."""
    if len(passage.found) < 2:
        return
    lists = [b for b in _breakdowns(passage) if b.parts]
    for b in lists:
        place = place_at(section, at + b.whole.start)
        total = _exact_sum(b.parts)
        state = _sum_state(b, passage)
        if len(b.parts) < 2 and state == State.UNDECIDED:
            continue
        expected = b.whole.value if state == State.HOLDS else total
        yield ProseCheck("breakdown", passage.clause(b.whole.start, b.whole.end), expected, b.whole.value, state, place, b.whole.unit)
    for part, (share, base) in passage.shares.items():
        whole, sure = _whole_of(part, base, lists, passage)
        if whole is not None and whole.value:
            yield _share_check(part, share, whole, sure, passage, place_at(section, at + share.start))


def _breakdowns(passage: _Passage) -> Iterator[_Breakdown]:
    """Find the lists of parts: after 其中 and similar words, and in the brackets behind a number."""
    for scope in (*_brackets(passage), *_marked(passage)):
        before = _before(passage, scope)
        for unit in dict.fromkeys(m.unit for m in _inside(passage, scope, scope.end) if m.unit not in _SHARES):
            wholes = [m for m in before if m.unit == unit]
            if not wholes:
                continue
            longer = _chosen(wholes, _listed(passage, scope, scope.carried, unit), passage)
            whole = _exact_sum(longer.parts) == longer.whole.value or _claims_whole(longer.parts, passage)
            yield longer if whole and scope.carried > scope.end else _chosen(wholes, _listed(passage, scope, scope.end, unit), passage)


def _listed(passage: _Passage, scope: _Scope, end: int, unit: str) -> tuple[Mention, ...]:
    """Return the numbers of a list; where another list follows, the last of them is what that one breaks down."""
    parts = [m for m in _inside(passage, scope, end) if m.unit == unit and not _restates(passage, m)]
    return tuple(parts[:-1] if scope.followed else parts)


def _restates(passage: _Passage, mention: Mention) -> bool:
    """Say whether a number only sums up what stands before it (本年新增21项，总计21项)."""
    return passage.clause(mention.start, mention.start) in prose_words()["breakdown"]["totals"]


def _inside(passage: _Passage, scope: _Scope, end: int) -> list[Mention]:
    level = passage.depth[min(scope.start, len(passage.depth) - 1)]
    return [m for m in passage.found if scope.start <= m.start and m.end <= end and passage.depth[m.start] == level]


def _chosen(wholes: list[Mention], parts: tuple[Mention, ...], passage: _Passage) -> _Breakdown:
    """Take the number just before the list, unless the parts add up to another one before it."""
    whole = ([w for w in wholes if _prefix(w, _parts_of(w, parts, passage))] or wholes)[-1]
    return _Breakdown(whole, _parts_of(whole, parts, passage), len(wholes) == 1)


def _parts_of(whole: Mention, parts: Sequence[Mention], passage: _Passage) -> tuple[Mention, ...]:
    """Where parts print their shares, only those are parts; a later number larger than the whole is no part of it."""
    shared = tuple(p for p in parts if p in passage.shares)
    if len(shared) > 1:
        return shared
    return (*parts[:1], *takewhile(lambda p: p.value <= whole.value, parts[1:]))


def _brackets(passage: _Passage) -> Iterator[_Scope]:
    """Yield the brackets that can list the parts of the number before them."""
    text, depth = passage.text, passage.depth
    for opened in (i for i, c in enumerate(text) if c in "（("):
        closed = next((i for i in range(opened, len(text)) if text[i] in "）)" and depth[i] == depth[opened]), len(text))
        if not pattern_of("breakdown", "asides").match(text, opened + 1):
            yield _Scope(opened + 1, closed, closed, opened)


def _marked(passage: _Passage) -> Iterator[_Scope]:
    """Yield the text after each 其中 or similar word, unless it opens a bracket."""
    text, depth = passage.text, passage.depth
    marks = [m for m in pattern_of("breakdown", "markers").finditer(text) if text[m.start() - 1 : m.start()] not in ("（", "(")]
    for mark, following in zip_longest(marks, marks[1:]):
        end = _list_end(passage, mark.end())
        followed = following is not None and following.start() < end and depth[following.start()] == depth[mark.start()]
        if followed and following:
            yield _Scope(mark.end(), following.start(), following.start(), None, True)
        else:
            yield _Scope(mark.end(), end, _carried_end(passage, mark.end(), end))


def _list_end(passage: _Passage, start: int) -> int:
    """A list ends with its sentence or bracket, or where a clause says something new."""
    text = passage.text
    stop = _STOP.search(text, start)
    end = stop.end() if stop else len(text)
    end = next((i for i in range(start, end) if passage.depth[i] < passage.depth[start - 1]), end)
    new = pattern_of("breakdown", "ends").search(text, start, end)
    breaks = [m.start() for m in _CLAUSE.finditer(text, start, new.start())] if new else []
    return end if new is None else (breaks[-1] if breaks else new.start())


def _carried_end(passage: _Passage, start: int, end: int) -> int:
    """A list of shares goes on in the next sentences where these begin with another part and its share (各乡镇公开1638条，占47%)."""
    if not any(start <= part.start and part.end <= end for part in passage.shares):
        return end
    while passage.text[end - 1 : end] == "。":
        stop = _STOP.search(passage.text, end)
        following = next((m for m in passage.found if m.start >= end), None)
        if following is None or following not in passage.shares or (stop and stop.end() < following.start):
            return end
        end = stop.end() if stop else len(passage.text)
    return end


def _before(passage: _Passage, scope: _Scope) -> list[Mention]:
    """Return the numbers that a list may break down: the one before its bracket, or those of its sentence."""
    text, depth = passage.text, passage.depth
    if scope.opened is not None:
        earlier = [m for m in passage.found if m.end <= scope.opened and depth[m.start] == depth[scope.opened] - 1]
        near = (m for m in earlier[-1:] if scope.opened - m.end <= _NEAR)
        return [m for m in near if not re.search(r"[。；！？\d]", text[m.end : scope.opened])]
    shares = {share for share, _ in passage.shares.values()}
    opening = _sentence_start(passage, scope.start)
    earlier = [m for m in passage.found if opening <= m.start and m.end <= scope.start and depth[m.start] == depth[scope.start - 1]]
    return [m for m in earlier if m not in shares]


def _sentence_start(passage: _Passage, start: int) -> int:
    """Return where the sentence of a marker begins; one that begins with the marker goes on with the sentence before."""
    text = passage.text
    stops = [0, *(m.end() for m in _STOP.finditer(text, 0, start))]
    opening = stops[-1]
    if len(stops) > 1 and pattern_of("breakdown", "markers").match(text[opening:].lstrip("，、 ")):
        return stops[-2]
    return opening


def _prefix(whole: Mention, parts: Sequence[Mention]) -> bool:
    """Say whether the first parts add up to the whole; the sentence may then go on to count it in another way."""
    sums = list(accumulate(Decimal(str(p.value)) for p in parts))
    return Decimal(str(whole.value)) in sums[1:]


def _exact_sum(parts: Sequence[Mention]) -> float:
    return float(sum(Decimal(str(p.value)) for p in parts))


def _sum_state(b: _Breakdown, passage: _Passage) -> str:
    """Judge a sum: broken only where the text itself leaves no other reading."""
    parts = b.parts
    if b.whole.approximate or any(p.approximate for p in parts):
        return State.UNDECIDED
    if _prefix(b.whole, parts):
        return State.HOLDS
    overlaps = any(pattern_of("breakdown", "overlapping").search(passage.clause(p.start, p.start)) for p in parts)
    over = _exact_sum(parts) > b.whole.value and not overlaps
    return State.BROKEN if b.sure and (over or _claims_whole(parts, passage)) else State.UNDECIDED


def _claims_whole(parts: Sequence[Mention], passage: _Passage) -> bool:
    """A list claims to be whole when its shares make 100 %, or when it ends with 其他."""
    shares = [passage.shares[p][0] for p in parts if p in passage.shares]
    slack = sum(10.0**-s.decimals for s in shares)
    if len(shares) == len(parts) > 1 and abs(sum(s.value for s in shares) - 100) <= slack:
        return True
    if len(parts) < _FEWEST:
        return False
    last = passage.clause(parts[-1].start, parts[-1].start).lstrip("和及、与")
    known = prose_words()["breakdown"]
    return last.startswith(tuple(known["rest"])) and not re.match(known["categories"], last)


def _whole_of(part: Mention, base: str | None, lists: Sequence[_Breakdown], passage: _Passage) -> tuple[Mention | None, bool]:
    """Find the number that a share is a share of, and whether it can be no other."""
    listed = [b for b in lists if part in b.parts]
    opening = max(0, *(m.end() for m in _STOP.finditer(passage.text, 0, part.start)), 0)
    earlier = [m for m in passage.found if opening <= m.start < part.start and m.unit == part.unit and m not in passage.shares]
    if listed:
        whole, sure = listed[-1].whole, all(b.sure and b.whole == listed[-1].whole for b in listed)
    elif earlier:
        whole, sure = earlier[-1], len(earlier) == 1 and base is not None
    else:
        return None, False
    named = not base or base in prose_words()["breakdown"]["bases"] or base in passage.clause(whole.start, whole.end)
    return whole, sure and named and whole.value >= part.value


def _share_check(part: Mention, share: Mention, whole: Mention, sure: bool, passage: _Passage, where: str) -> ProseCheck:
    """Recompute a share at the precision it is printed with; one unit of the last digit may have been cut off."""
    exact = Decimal(str(part.value)) * 100 / Decimal(str(whole.value))
    unit = Decimal(1).scaleb(-share.decimals)
    off = abs(exact - Decimal(str(share.value)))
    holds, near = off <= unit / 2, off < unit
    fair = sure and not (part.approximate or share.approximate or whole.approximate)
    state = State.HOLDS if holds or (near and fair) else State.BROKEN if fair else State.UNDECIDED
    phrase = passage.clause(part.start, share.end + (passage.text[share.end : share.end + 1] in ("）", ")")))
    return ProseCheck(
        "percentage", phrase, float(round(exact, share.decimals)), share.value, state, where, "%", near and fair and not holds
    )


def _finding(check: ProseCheck) -> Finding:
    code = "rounded" if check.rounded else check.code
    said = {"phrase": check.phrase, "unit": check.unit}
    return Finding(code, expected=number_text(check.expected), observed=number_text(check.observed), where=check.where, words=said)
