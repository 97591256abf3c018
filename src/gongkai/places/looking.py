"""What a person calls a place -> the divisions that it may be; what a document says -> divisions that a person may choose from."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from functools import cache

from gongkai.core.text import simplified, squeeze
from gongkai.places.table import codes_of, divisions, name_of, names, parents, short_name, shorts

_MOST, _NEAR = 8, 60
# 太平镇 is not of 太平区.
_OF_A_TOWN = re.compile("[镇乡]|街道|苏木")
_NAMED = re.compile("[\u4e00-\u9fff]{1,4}?[县市区旗州盟]")


def look_up(said: str) -> tuple[str, ...]:
    """Return the codes that a person may mean by a code, its first digits, a name or a part of one; the nearest names if there is none.

    Examples
    --------
    >>> look_up("平潭"), look_up("350128"), look_up("3501"), look_up("南京市鼓楼区"), look_up("沐阳县")[0]
    (('350128',), ('350128',), ('350100',), ('320106',), '321322')
    >>> look_up("平潭岛"), look_up("xyz")
    (('350128',), ())
    """
    plain = simplified(squeeze(said))
    if plain.isdigit():
        six = plain[:6].ljust(6, "0")
        return (six,) if name_of(six) else ()
    return codes_of(plain) or _containing(plain) or _nearest(plain)


def likely(said: Iterable[str | None], above: str | None = None) -> tuple[str, ...]:
    """Return the divisions whose names, whole or short, a title, an authority or a file begins with; failing that those named alike.

    A development zone has no code, but most bear the name of the place that it lies in. ``above`` is a division that they lie within, if
    it is known: of many that are named alike the rest are left out.

    Examples
    --------
    >>> likely(["平潭综合实验区管委会"]), likely(["沐阳县人民政府"], "321300")
    (('350128',), ('321322', '321323'))
    """
    texts = [simplified(squeeze(text)) for text in said if text]
    begun = [code for text in texts for code in _begun(text)]
    alike = [code for text in texts for found in _NAMED.findall(text)[:1] for code in _one_off(found)]
    return within(tuple(dict.fromkeys(begun or alike)), above)[:_MOST]


def mentioned(text: str, most: int = 3) -> tuple[str, ...]:
    """Return the counties and cities that a text names most often, by their whole names: a short form such as 安定 is most often a word.

    Examples
    --------
    >>> mentioned("沁县人民政府在沁县，属长治市，沁县")
    ('140430', '140400')
    """
    counts: Counter[str] = Counter()
    plain = simplified(squeeze(text))
    for name, codes in names().items():
        if len(codes) == 1 and name in plain:
            counts[codes[0]] += plain.count(name)
    provinces = {d.code for d in divisions() if d.level == "province"}
    return tuple(code for code, _ in counts.most_common() if code not in provinces)[:most]


def within(codes: Sequence[str], above: str | None) -> tuple[str, ...]:
    """Return the codes that lie within a division, or are it; all of them where none does.

    Examples
    --------
    >>> within(("320106", "350102"), "350000"), within(("320106",), "350000")
    (('350102',), ('320106',))
    """
    near = tuple(code for code in codes if above and above in (code, *parents(code)))
    return near or tuple(codes)


def _begun(text: str) -> Sequence[str]:
    """Return the codes of the longest name that a text begins with; behind the names of places above it, of the last."""
    for end in range(min(len(text), 15), 1, -1):
        name = text[:end]
        codes = names().get(name) or (() if _OF_A_TOWN.match(text[end:]) else shorts().get(name))
        if codes:
            return _begun(text[end:]) or codes
    return ()


@cache
def _containing(part: str) -> tuple[str, ...]:
    if len(part) < 2:
        return ()
    return tuple(dict.fromkeys(code for name, codes in names().items() if part in name for code in codes))[:_MOST]


def _nearest(said: str) -> tuple[str, ...]:
    from rapidfuzz import fuzz, process

    found = process.extract(said, list(names()), scorer=fuzz.ratio, limit=_MOST, score_cutoff=_NEAR)
    return tuple(dict.fromkeys([*_one_off(said), *(code for name, *_ in found for code in names()[name])]))[:_MOST]


def _one_off(said: str) -> list[str]:
    """Return the codes whose names differ in one character from what is said, those written alike first: 沐阳县 is 沭阳县.

    Characters of one radical stand together in Unicode, those of the fewest strokes first.
    """
    same = [(_distance(said, name), name) for name in names() if len(name) == len(said)]
    return [code for distance, name in sorted(same) if distance and short_name(name) for code in names()[name]]


def _distance(said: str, name: str) -> int:
    """Return how far apart two characters stand in Unicode by which two names differ; 0 where they differ in none or in several."""
    other = [(a, b) for a, b in zip(said, name, strict=True) if a != b]
    return abs(ord(other[0][0]) - ord(other[0][1])) if len(other) == 1 else 0
