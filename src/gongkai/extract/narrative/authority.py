"""Title, signature, sentences and tags -> the body that reports, and by which of its words it is known."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from functools import cache

from gongkai.core.model import Section
from gongkai.core.text import simplified, squeeze, without_readings
from gongkai.extract.narrative.numbers import fold_widths, pattern_of, prose_words
from gongkai.extract.narrative.sections import is_organ
from gongkai.extract.narrative.titles import Said, stem_of

_GOVERNS = re.compile(r"(?:政府|管委会|管理委员会|办事处|街道办|行署)$")
_OPENING, _SHORT, _LONGEST = 2, 30, 5000


def read_authority(
    title: str | None, signatures: Sequence[str], sections: Sequence[Section], head: Sequence[Said], meta: Mapping[str, str]
) -> tuple[str | None, str | None]:
    """Tell which body reports: the title, then the signature, then the sentence that says who compiled the report, then meta tags.

    One body has one name: in simplified characters, whole with its place, and without the office that compiles for it. A title that
    names a place alone is the report of those who govern it, whatever office has compiled it.

    Parameters
    ----------
    title : str or None
        The title as printed.
    signatures : sequence of str
        The organs that sign, the likeliest first.
    sections, head, meta
        The narrative, what stands before its first heading, and what the file says in its tags.

    Returns
    -------
    tuple of (str or None, str or None)
        The authority, and ``title``, ``signature``, ``compiled`` or ``meta``.

    Examples
    --------
    >>> read_authority("沁县2019年政府信息公开年度报告", ["沁县人民政府办公室"], [], [], {})
    ('沁县人民政府办公室', 'signature')
    >>> read_authority("平潭综合实验区2019年政府信息公开工作年度报告", [], [], [], {"author": "管委会办公室"})
    ('平潭综合实验区管委会', 'meta')
    >>> read_authority("合江县2022年政府信息公开工作年度报告", [], [], [], {})
    ('合江县人民政府', 'title')
    """
    stem = simplified(stem_of(without_readings(title or next(_headlines(head), ""))))
    # A name without its place, such as 县科技局, says whose report it is only if nothing says it better.
    named = is_organ(stem) and not pattern_of("organs", "alone").match(stem)
    if named:
        return stem, "title"
    place = "" if is_organ(stem) else stem
    known = _known(place, signatures, sections, head, meta)
    if known:
        return known
    governing = governing_body(place)
    return (governing or (stem if is_organ(stem) else None), "title") if governing or is_organ(stem) else (None, None)


def _headlines(head: Sequence[Said]) -> Iterator[str]:
    """Yield what a page is headed by where it is no title (宿迁市政务公开年报比对)."""
    yield from (text for text, _ in head if len(text) <= _SHORT and pattern_of("titles", "headline").search(squeeze(text)))


def governing_body(place: str) -> str | None:
    """Name who governs a place: 沁县人民政府, 桂花坪街道办事处, 平潭综合实验区管委会.

    Examples
    --------
    >>> [governing_body(p) for p in ("沁县", "龙归镇", "桂花坪街道", "合肥高新区", "全县", "文明社区")]
    ['沁县人民政府', '龙归镇人民政府', '桂花坪街道办事处', '合肥高新区管委会', None, None]
    """
    if re.match(r"[全我本各]", place):
        return None
    rows = prose_words()["organs"]["governs"]
    return next((f"{place}{row['organ']}" for row in rows if re.fullmatch(row["place"], place)), None)


def _known(
    place: str, signatures: Sequence[str], sections: Sequence[Section], head: Sequence[Said], meta: Mapping[str, str]
) -> tuple[str, str] | None:
    """Return the first body that one of the words beside the title names."""
    opening = squeeze("".join(s.text for s in sections[:_OPENING]))[:_LONGEST]
    compiled = [m["name"] for said in ("compiled", "announced") for m in pattern_of("organs", said).finditer(opening)]
    tagged = [*(meta.get(k, "") for k in ("author", "contentsource")), *_sources(head)]
    for name in map(_plain, signatures):
        if is_organ(name):
            return re.sub("(?<=管委会)办公室$", "", _whole(name, place)), "signature"
    for source, names in (("compiled", compiled), ("meta", tagged)):
        for name in map(_plain, names):
            body = _reporting(_whole(name, place)) if is_organ(name) else ""
            if is_organ(body) and (not place or (place in body and _GOVERNS.search(body))):
                return body, source
    return None


def _plain(name: str) -> str:
    return simplified(squeeze(fold_widths(name)))


def _reporting(name: str) -> str:
    """Return the body for which an office compiles (沁县人民政府办公室 does for 沁县人民政府), and its full name."""
    body = pattern_of("organs", "office").sub("", name)
    body = body if is_organ(body) else governing_body(body) or name
    return re.sub("(?<!人民)政府$", "人民政府", body)


def _whole(name: str, place: str) -> str:
    """Put the place before a name that is whole only with it: 区管委会办公室 of 平潭综合实验区."""
    bare = pattern_of("organs", "relative").sub("", name, count=1)
    return f"{place}{bare}" if place and pattern_of("organs", "relative").match(name) and not name.startswith(place) else name


def _sources(head: Sequence[Said]) -> Iterator[str]:
    """Yield who has put the page there, as it is printed (信息来源：会同县林业局)."""
    for text, _ in head:
        if found := _source().match(text):
            yield found["name"]


@cache
def _source() -> re.Pattern[str]:
    return re.compile(rf"\W?(?:{prose_words()['titles']['sources']})\s*[:：]\s*(?P<name>[\u4e00-\u9fff]+)")
