"""Titles, authorities, addresses and folders into a division code, the kind of author, and names of other places."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import PurePath

from gongkai.core.codes import Body
from gongkai.core.model import Finding
from gongkai.core.text import simplified, squeeze
from gongkai.places.table import (
    breaks,
    divisions,
    full_name,
    in_force,
    name_of,
    names,
    parents,
    place_kinds,
    short_name,
    shorts,
    unit_codes,
    unit_id,
)

_YEAR = re.compile(r"[(（]?(?:20\d\d|二[〇○零][〇○零一二][〇○零一二三四五六七八九])年?度?[)）]?")
_NO_NAME = re.compile(r"[\W\da-zA-Z_]+")
_CODE = re.compile(r"(?<!\d)\d{6}(?!\d)")
# Where a name ends in a text, and the codes of the divisions with that name.
Hit = tuple[int, Sequence[str]]


@dataclass(frozen=True, slots=True)
class Place:
    """Where a report belongs, and ``how`` that is known.

    ``candidates`` are what an ambiguous name may mean; ``against`` are places that a later source names and that the code is not within.
    """

    code: str | None
    how: str | None
    candidates: tuple[str, ...] = ()
    against: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class ForeignName:
    """Another place's name where a report speaks of itself. ``code`` is None where several places bear the name."""

    name: str
    code: str | None
    offset: int


def locate(
    title: str | None,
    authority: str | None = None,
    url: str | None = None,
    path: str | PurePath | None = None,
    manifest_code: str | None = None,
    year: int | None = None,
    known_sites: Mapping[str, str] | None = None,
) -> Place:
    """Tell the division that a report belongs to, by manifest, title, authority, site and folder, in this order.

    Parameters
    ----------
    title, authority, url, path : str or None
        What the report says, its address, and its path below the folder of documents; a file's own name is not read.
    manifest_code : str or None
        What the collector knows; it is kept as it is, in the table or not. What title or authority say against it is in ``against``.
    year : int or None
        The reporting year: a name that no unit bore about that year is not read.
    known_sites : mapping or None
        Codes by host, such as :func:`sites` derives.

    Returns
    -------
    Place

    Examples
    --------
    >>> locate("沁县2019年政府信息公开年度报告").code, locate("2020年年度报告", "广州市越秀区人民政府北京街道办事处").code
    ('140430', '440104')
    >>> locate("鼓楼区2019年政府信息公开年度报告").candidates
    ('320106', '320302', '350102', '410204')
    >>> place = locate("鼓楼区2019年政府信息公开年度报告", path="南京/鼓楼区/2019.html")
    >>> place.code, place.how
    ('320106', 'title+folder')
    """
    said = {"title": _codes_meant(title or "", year), "authority": _codes_meant(authority or "", year)}
    if manifest_code:
        named = next((codes for codes, _ in said.values() if codes), ())
        contradicted = named and name_of(manifest_code[:6]) and not _names_the_code(manifest_code[:6], named)
        return Place(manifest_code, "manifest", against=tuple(named) if contradicted else ())
    site = (known_sites or {}).get(host(url))
    said |= {"site": ((site,), False) if site else ((), False), "folder": _read_folder(path, year)}
    return _weighed([(how, codes, within) for how, (codes, within) in said.items() if codes])


def sites(known: Iterable[tuple[str | None, str | None]]) -> dict[str, str]:
    """Derive the code of each host from addresses whose code is known; a host with several codes says nothing.

    Examples
    --------
    >>> sites([("http://www.qinxian.gov.cn/a", "140430"), ("http://xxgk.example.cn/b", "140430"), ("http://xxgk.example.cn/c", "140421")])
    {'www.qinxian.gov.cn': '140430'}
    """
    codes: dict[str, set[str]] = defaultdict(set)
    for url, code in known:
        if url and code:
            codes[host(url)].add(code)
    return {host: min(held) for host, held in codes.items() if host and len(held) == 1}


def host(url: str | None) -> str:
    """Return the host of an address, empty where there is none.

    Examples
    --------
    >>> host("http://www.qinxian.gov.cn/a/b.html")
    'www.qinxian.gov.cn'
    """
    found = re.match(r"[a-z]+://([^/:?#]+)", url or "", re.IGNORECASE)
    return found[1].lower() if found else ""


def place_findings(place: Place, found: Iterable[ForeignName] = ()) -> tuple[Finding, ...]:
    """Return the findings of a place that is not known or is contradicted, and of other places' names.

    Examples
    --------
    >>> [f.code for f in place_findings(Place(None, "title", ("320106", "320302")))], place_findings(Place("140430", "title"))
    (['ambiguous_place'], ())
    """
    copied = (Finding("foreign_place", observed=m.name) for m in found)
    if place.code and place.against:
        return (Finding("place_conflict", expected=_codes_with_names([place.code]), observed=_codes_with_names(place.against)), *copied)
    if place.code:
        return tuple(copied)
    if not place.candidates:
        return (Finding("place_unknown"), *copied)
    ambiguous = Finding("ambiguous_place", observed=name_of(place.candidates[0]), words={"candidates": _codes_with_names(place.candidates)})
    return (ambiguous, *copied)


def _codes_with_names(codes: Iterable[str]) -> str:
    return "、".join(f"{full_name(c)} {c}" for c in codes)


def body_of(authority: str | None, title: str | None = None) -> str | None:
    """Tell who publishes: ``government``, ``department``, ``street_or_town``, or None; what a title names outranks who signs.

    Examples
    --------
    >>> body_of("沁县人民政府办公室"), body_of("沁县教育局"), body_of("微山县两城镇人民政府"), body_of("沁县人民")
    ('government', 'department', 'street_or_town', None)
    >>> body_of("沁县大数据局", "沁县2019年政府信息公开年度报告")
    'government'
    """
    for text in (_stem(title or ""), simplified(squeeze(authority or ""))):
        if any(end == len(text) for end, _ in _hits(text)):
            return Body.GOVERNMENT
        if found := _endings().search(text):
            return found.lastgroup
    return None


def foreign_names(text: str, own_code: str | None) -> list[ForeignName]:
    """Find names of other places where a report speaks of itself, as in a title copied from a neighbour.

    Divisions that contain the own one, lie within it, or are its former names are not reported.

    Examples
    --------
    >>> foreign_names("襄垣县人民政府2019年政府信息公开工作年度报告", "140430")
    [ForeignName(name='襄垣县', code='140423', offset=0)]
    >>> foreign_names("沁县人民政府2019年政府信息公开工作年度报告，可在长治市人民政府网站下载", "140430")
    []
    """
    if own_code is None:
        return []
    found = {(at, name): names()[name] for name, at in (*_names_before(text), *_names_after(text))}
    foreign = {key: codes for key, codes in found.items() if not any(_akin(c, own_code) for c in codes)}
    return [ForeignName(name, codes[0] if len(codes) == 1 else None, at) for (at, name), codes in sorted(foreign.items())]


def _weighed(said: Sequence[tuple[str, Sequence[str], bool]]) -> Place:
    """Take the first source that names a place; if it leaves several candidates, narrow them by the other sources."""
    if not said:
        return Place(None, None)
    (how, codes, within), *others = said
    if len(codes) == 1 and not within:
        return Place(codes[0], how, (), tuple(c for _, named, _ in others if not _names_the_code(codes[0], named) for c in named))
    kept = () if within else tuple(codes)
    for other, context, vague in others:
        near = (
            [c for c in context if {*parents(c)} & {*codes}]
            if within
            else _within_any(codes, context) or [c for c in codes if c in context]
        )
        if len(near) == 1 and not (within and vague):
            return Place(near[0], f"{how}+{other}", kept)
    return Place(None, how, kept)


def _names_the_code(code: str, named: Iterable[str]) -> bool:
    """Say whether one of the named places is the division of the code or contains it."""
    return bool({unit_id(c) for c in named} & {unit_id(c) for x in unit_codes(unit_id(code)) for c in (x, *parents(x))})


def _codes_meant(text: str, year: int | None) -> tuple[tuple[str, ...], bool]:
    """Read the codes that a text may mean, and whether it names a place within that the table lacks."""
    bare = _stem(text)
    return _meant(list(_hits(bare)), bare, year)


def _read_folder(path: str | PurePath | None, year: int | None) -> tuple[tuple[str, ...], bool]:
    folders = PurePath(path or "").parts[:-1]
    for part in reversed(folders):
        if found := [c for c in _CODE.findall(part) if name_of(c)]:
            return (found[-1],), False
    text, hits = "", list[Hit]()
    for part in (_NO_NAME.sub("", simplified(f)) for f in folders):
        whole = [(len(part), shorts()[part])] if part in shorts() else _hits(part)
        hits += [(len(text) + end, codes) for end, codes in whole]
        text += part
    return _meant(hits, text, year)


def _meant(hits: Sequence[Hit], text: str, year: int | None) -> tuple[tuple[str, ...], bool]:
    """Follow names from the first down to the last that lies within it; a parent elsewhere in the text settles what is left."""
    codes, end = list[str](), 0
    for at, borne in hits:
        here = [c for c in borne if year is None or any(in_force(x, year) for x in unit_codes(unit_id(c)))]
        if not codes or _within_any(here, codes):
            codes, end = (_within_any(here, codes) if codes else here), at
        else:
            codes = _within_any(codes, here) or codes
    if len(codes) > 1:
        codes = [c for c in codes if any((short_name(name_of(p) or "") or "-") in text for p in parents(c))] or codes
    return _one_of_each(codes, year), bool(codes and _within().match(text, end))


def _within_any(codes: Iterable[str], above: Iterable[str]) -> list[str]:
    held = {*above}
    return [c for c in codes if held & {*parents(c)}]


def _one_of_each(codes: Sequence[str], year: int | None) -> tuple[str, ...]:
    """Keep one code of each unit: the one in force in the year, or about it, else its newest."""
    units: dict[str, list[str]] = defaultdict(list)
    for code in codes:
        units[unit_id(code)].append(code)
    return tuple(max(held, key=lambda c: (year is not None and (c in _codes_of(year), in_force(c, year)), unit_codes(unit_id(c)).index(c)))
                 for held in units.values())  # fmt: skip


@cache
def _codes_of(year: int) -> frozenset[str]:
    return frozenset(d.code for d in divisions(year))


def _stem(text: str) -> str:
    """Return the name in a title or an authority, without the year and without words such as 政府信息公开年度报告."""
    bare = _YEAR.sub("", squeeze(simplified(text)))
    return re.sub(r"[(（][^)）]*[)）]|关于", "", _never().split(bare)[0])


@cache
def _never() -> re.Pattern[str]:
    return re.compile("|".join(place_kinds()["names"]["never"]))


@cache
def _within() -> re.Pattern[str]:
    return re.compile(place_kinds()["names"]["within"])


@cache
def _endings() -> re.Pattern[str]:
    kinds = (f"(?P<{body}>{'|'.join(endings)})" for body, endings in place_kinds()["bodies"].items())
    return re.compile(f"(?:{'|'.join(kinds)})$")


@cache
def _names_by_beginning() -> Mapping[str, list[str]]:
    """Return the names by their first two characters, the longest first; with cities in short, as 上海城市管理局 holds no 海城市."""
    cities = {short_name(d.name) for d in divisions() if d.level != "county"} - {""}
    held: dict[str, list[str]] = defaultdict(list)
    for name in sorted({*names(), *cities}, key=len, reverse=True):
        held[name[:2]].append(name)
    return held


def _hits(text: str) -> Iterator[Hit]:
    at = 0
    while at < len(text) - 1:
        name = _name_at(text, at)
        at += len(name) or 1
        if name in names():
            yield at, names()[name]


def _name_at(text: str, at: int) -> str:
    return next((n for n in _names_by_beginning().get(text[at : at + 2], ()) if text.startswith(n, at)), "")


def _names_before(text: str) -> Iterator[tuple[str, int]]:
    """Yield the place names that stand directly before words such as 人民政府 or 年度报告, and do not begin in the middle of a word."""
    for found in re.finditer(place_kinds()["mentions"]["after"], text):
        end = found.start()
        name = next((text[end - n : end] for n in range(min(15, end), 1, -1) if text[end - n : end] in names()), "")
        if name and _begins(text, end - len(name)):
            yield name, end - len(name)


def _names_after(text: str) -> Iterator[tuple[str, int]]:
    found = ((_name_at(text, m.end()), m.end()) for m in re.finditer(place_kinds()["mentions"]["before"], text))
    return ((name, at) for name, at in found if len(name) > 2 and name in names())


def _begins(text: str, at: int) -> bool:
    before = text[max(0, at - 15) : at]
    return (
        not re.search(r"[\u4e00-\u9fff]$", before) or before[-1] in place_kinds()["mentions"]["boundary"] or before.endswith(tuple(names()))
    )


def _akin(code: str, own: str) -> bool:
    """Say whether a report of one place may well name the other: one contains the other, or both were once parts of one division."""
    mine, its = unit_codes(unit_id(own)), unit_codes(unit_id(code))
    line = {p for c in mine for p in (c, *parents(c))}
    shared = {c for b in breaks(own) for c in (*b.old, *b.new)}
    return bool({*its} & (line | shared) or any({*parents(c)} & {*mine} for c in its))
