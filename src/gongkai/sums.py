"""What the prose states about its own numbers: sums of parts and shares, recomputed."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import cache
from itertools import accumulate, pairwise, takewhile

from gongkai.model import Finding, Section
from gongkai.prose import Mention, any_of, fold, mentions, shown, words
from gongkai.sections import paragraphs, place_at

_CLAUSE = re.compile(r"[，。；：、,;:！？（）()]")
_STOP = re.compile(r"[。！？!?]")
_SHARE = re.compile(r"\s*[，,、]?\s*[（(]?\s*占(?P<base>[^，。；、]{0,16}?)(?:的)?(?:比例|比重)?(?:为|达到?|约)?\s*|\s*[（(]\s*")
_NEAR, _LONGEST = 12, 5000


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


def check_figures(sections: Sequence[Section]) -> tuple[list[Finding], list[ProseCheck]]:
    """Recompute the sums and shares that the prose states.

    Parameters
    ----------
    sections : sequence of Section
        What :func:`gongkai.sections.split_sections` returned.

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
    return [_finding(c) for c in checks if c.state == "broken" or c.rounded], checks


def _passage(paragraph: str) -> _Passage:
    text, found = fold(paragraph), mentions(paragraph)
    steps = [(c in "（(") - (text[i - 1] in "）)" if i else 0) for i, c in enumerate(text)]
    return _Passage(text, found, tuple(accumulate(steps)), _shares(text, found))


def _shares(text: str, found: Sequence[Mention]) -> dict[Mention, tuple[Mention, str | None]]:
    """Pair each number with the share printed right after it (272条，占总数的8.4%), and with the words for the whole."""
    pairs = {}
    for part, share in pairwise(found):
        between = _SHARE.fullmatch(text[part.end : share.start])
        closed = between is not None and ("占" in between.group() or text[share.end : share.end + 1] in "）)")
        if between and closed and share.unit == "%" and part.unit not in ("%", "‰"):
            pairs[part] = (share, between["base"])
    return pairs


def _parts_of(whole: Mention, parts: Sequence[Mention], passage: _Passage) -> tuple[Mention, ...]:
    """Where parts print their shares, only those are parts; a later number larger than the whole is no part of it."""
    shared = tuple(p for p in parts if p in passage.shares)
    if len(shared) > 1:
        return shared
    return (*parts[:1], *takewhile(lambda p: p.value <= whole.value, parts[1:]))


def _checks(section: Section, at: int, passage: _Passage) -> Iterator[ProseCheck]:
    """Recompute the sums of one paragraph, then its shares."""
    if len(passage.found) < 2:
        return
    lists = [b for b in _breakdowns(passage) if b.parts]
    for b in lists:
        place = place_at(section, at + b.whole.start)
        total = _exact_sum(b.parts)
        state = _sum_state(b, passage)
        if len(b.parts) < 2 and state == "undecided":
            continue
        expected = b.whole.value if state == "holds" else total
        yield ProseCheck("breakdown", passage.clause(b.whole.start, b.whole.end), expected, b.whole.value, state, place, b.whole.unit)
    for part, (share, base) in passage.shares.items():
        whole, sure = _whole_of(part, base, lists, passage)
        if whole is not None and whole.value:
            yield _share_check(part, share, whole, sure, passage, place_at(section, at + share.start))


def _breakdowns(passage: _Passage) -> Iterator[_Breakdown]:
    """Find the lists of parts: after 其中 and its like, and in the brackets behind a number."""
    for start, end, opened, marked in _scopes(passage):
        level = passage.depth[start] if start < len(passage.depth) else 0
        inside = [
            m for m in passage.found if start <= m.start and m.end <= end and passage.depth[m.start] == level and m.unit not in ("%", "‰")
        ]
        for unit in dict.fromkeys(m.unit for m in inside):
            parts = [m for m in inside if m.unit == unit]
            wholes = [m for m in _before(passage, opened if opened is not None else start, opened is not None) if m.unit == unit]
            if marked == "next":
                parts = parts[:-1]
            if wholes and unit:
                yield _chosen(wholes, tuple(parts), passage)


def _chosen(wholes: list[Mention], parts: tuple[Mention, ...], passage: _Passage) -> _Breakdown:
    """Take the number just before the list, unless the parts add up to another one before it."""
    whole = ([w for w in wholes if _prefix(w, _parts_of(w, parts, passage))] or wholes)[-1]
    return _Breakdown(whole, _parts_of(whole, parts, passage), len(wholes) == 1)


def _scopes(passage: _Passage) -> Iterator[tuple[int, int, int | None, str]]:
    """Yield each stretch of text that lists parts: its start and end, where its bracket opened, and how it ended."""
    text, marks = passage.text, list(_markers().finditer(passage.text))
    for opened in (i for i, c in enumerate(text) if c in "（("):
        closed = next((i for i in range(opened, len(text)) if text[i] in "）)" and passage.depth[i] == passage.depth[opened]), len(text))
        if not _aside().match(text, opened + 1):
            yield opened + 1, closed, opened, "bracket"
    for index, mark in enumerate(marks):
        if text[mark.start() - 1 : mark.start()] in ("（", "("):
            continue
        end = _list_end(passage, mark.end())
        following = next(
            (m.start() for m in marks[index + 1 :] if m.start() < end and passage.depth[m.start()] == passage.depth[mark.start()]), None
        )
        yield mark.end(), end if following is None else following, None, "end" if following is None else "next"


def _list_end(passage: _Passage, start: int) -> int:
    """A list ends with its sentence or bracket, or where a clause says something new; shares carry it into the next sentence."""
    text = passage.text
    stops = [m.end() for m in _STOP.finditer(text, start)] + [len(text)]
    end = stops[0]
    for stop in stops[1:]:
        shared = [s.end for p, (s, _) in passage.shares.items() if end <= p.start and s.end <= stop]
        if not shared:
            break
        end = shared[-1]
        if end < stop - 1:
            break
    closing = next((i for i in range(start, end) if passage.depth[i] < passage.depth[start - 1]), end)
    new = _ends().search(text, start, min(end, closing))
    breaks = [m.start() for m in _CLAUSE.finditer(text, start, new.start())] if new else []
    return min(end, closing) if new is None else (breaks[-1] if breaks else new.start())


def _before(passage: _Passage, start: int, bracket: bool) -> list[Mention]:
    """Return the numbers that a list starting here may break down: the one before its bracket, or those of its sentence."""
    level = passage.depth[start - 1] if start and not bracket else passage.depth[start] - 1 if bracket else 0
    earlier = [m for m in passage.found if m.end <= start and passage.depth[m.start] == level]
    if bracket:
        near = [m for m in earlier[-1:] if start - m.end <= _NEAR and not re.search(r"[。；！？\d]", passage.text[m.end : start])]
        return near
    stops = [m.end() for m in _STOP.finditer(passage.text, 0, start)]
    first = next((m.start() for m in reversed(list(_markers().finditer(passage.text, 0, start)))), start)
    opening = stops[-1] if stops else 0
    if not passage.text[opening:first].strip("，、 ") and stops:
        opening = stops[-2] if len(stops) > 1 else 0
    shares = {share for share, _ in passage.shares.values()}
    return [m for m in earlier if m.start >= opening and m not in shares]


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
        return "undecided"
    if _prefix(b.whole, parts):
        return "holds"
    total, overlaps = _exact_sum(parts), any(re.search(_overlap(), passage.clause(p.start, p.start)) for p in parts)
    over = parts[0].value > b.whole.value or (total > b.whole.value and len(parts) > 1 and not overlaps)
    return "broken" if b.sure and (over or _claims_whole(parts, passage)) else "undecided"


def _claims_whole(parts: Sequence[Mention], passage: _Passage) -> bool:
    """A list claims to be whole when its shares make 100 %, or when it ends with 其他."""
    shares = [passage.shares[p][0] for p in parts if p in passage.shares]
    slack = sum(10.0**-s.decimals for s in shares)
    if len(shares) == len(parts) > 1 and abs(sum(s.value for s in shares) - 100) <= slack:
        return True
    last = passage.clause(parts[-1].start, parts[-1].start).lstrip("和及、与")
    known = words()["breakdown"]
    return len(parts) > 2 and last.startswith(tuple(known["rest"])) and not re.match(known["categories"], last)


def _whole_of(part: Mention, base: str | None, lists: Sequence[_Breakdown], passage: _Passage) -> tuple[Mention | None, bool]:
    """Find the number that a share is a share of, and whether it can be no other."""
    listed = [b for b in lists if part in b.parts] or [b for b in lists if b.whole.unit == part.unit and b.whole.end <= part.start]
    if listed:
        whole, sure = listed[-1].whole, listed[-1].sure and len({b.whole for b in listed}) == 1
    else:
        opening = max([0, *(m.end() for m in _STOP.finditer(passage.text, 0, part.start))])
        earlier = [m for m in passage.found if opening <= m.start < part.start and m.unit == part.unit and m not in passage.shares]
        if not earlier:
            return None, False
        whole, sure = earlier[-1], len(earlier) == 1 and base is not None
    named = not base or base in words()["breakdown"]["bases"] or base in passage.clause(whole.start, whole.end)
    return whole, sure and named and whole.value >= part.value


def _share_check(part: Mention, share: Mention, whole: Mention, sure: bool, passage: _Passage, where: str) -> ProseCheck:
    """Recompute a share at the precision it is printed with; one unit of the last digit may have been cut off."""
    exact = Decimal(str(part.value)) * 100 / Decimal(str(whole.value))
    unit = Decimal(1).scaleb(-share.decimals)
    off = abs(exact - Decimal(str(share.value)))
    holds, near = off <= unit / 2, off < unit
    fair = sure and not (part.approximate or share.approximate or whole.approximate)
    state = "holds" if holds or (near and fair) else "broken" if fair else "undecided"
    phrase = passage.clause(part.start, share.end + (passage.text[share.end : share.end + 1] in ("）", ")")))
    return ProseCheck(
        "percentage", phrase, float(round(exact, share.decimals)), share.value, state, where, "%", near and fair and not holds
    )


def _finding(check: ProseCheck) -> Finding:
    code = "rounded" if check.rounded else check.code
    said = {"phrase": check.phrase, "unit": check.unit}
    return Finding(code, expected=shown(check.expected), observed=shown(check.observed), where=check.where, words=said)


@cache
def _markers() -> re.Pattern[str]:
    return re.compile(any_of(words()["breakdown"]["markers"]))


@cache
def _aside() -> re.Pattern[str]:
    return re.compile(any_of(words()["breakdown"]["asides"]))


@cache
def _ends() -> re.Pattern[str]:
    return re.compile(any_of(words()["breakdown"]["ends"]))


@cache
def _overlap() -> re.Pattern[str]:
    return re.compile(any_of(words()["breakdown"]["overlapping"]))
