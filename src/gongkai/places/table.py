"""The divisions of China since 2008, and how they changed: codes, names, parents, and the unit that a code stands for."""

from __future__ import annotations

import csv
import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import Any

from gongkai.core.data import packaged
from gongkai.core.text import simplified, squeeze

# The table begins with the list at the end of 2007.
FIRST, OPEN = 2007, 9999
_SAME = ("recode", "rename")


@dataclass(frozen=True, slots=True)
class Division:
    """A code with the name that it had at the end of each year from ``first_year`` to ``last_year``."""

    code: str
    name: str
    first_year: int
    last_year: int

    @property
    def level(self) -> str:
        """``province``, ``prefecture`` or ``county``."""
        return level_of(self.code)


@dataclass(frozen=True, slots=True)
class Change:
    """What happened to codes in a year: ``recode`` and ``rename`` keep the unit, every other kind begins or ends one."""

    year: int
    kind: str
    old: tuple[str, ...]
    new: tuple[str, ...]
    document: str
    seen: str
    basis: str


def level_of(code: str | None) -> str:
    """Tell the level of a division by its code; what has none is taken for a county.

    Examples
    --------
    >>> level_of("140000"), level_of("140400"), level_of("140430"), level_of(None)
    ('province', 'prefecture', 'county', 'county')
    """
    six = (code or "")[:6]
    return "province" if six.endswith("0000") else "prefecture" if six.endswith("00") else "county"


def divisions(year: int | None = None) -> tuple[Division, ...]:
    """Return the divisions in force at the end of a year; without one, every code and name since 2008.

    Examples
    --------
    >>> [d.name for d in divisions(2017) if d.code.startswith("1404") and d.name[:2] in ("长治", "上党")]
    ['长治市', '长治县']
    >>> [d.name for d in divisions(2018) if d.code.startswith("1404") and d.name[:2] in ("长治", "上党")]
    ['长治市', '上党区']
    """
    return tuple(d for held in _divisions_by_code().values() for d in held if year is None or d.first_year <= year <= d.last_year)


def name_of(code: str, year: int | None = None) -> str | None:
    """Return the name of a code at the end of a year; by default, or where it was not in force, its last.

    Examples
    --------
    >>> name_of("320803", 2010), name_of("320803"), name_of("999999")
    ('楚州区', '淮安区', None)
    """
    held = _divisions_by_code().get(code, ())
    now = [d.name for d in held if year is not None and d.first_year <= year <= d.last_year]
    return now[0] if now else held[-1].name if held else invented().get(code)


def full_name(code: str, year: int | None = None) -> str:
    """Return the name of a code with those of its parents; the code itself where it is unknown.

    Examples
    --------
    >>> full_name("320106"), full_name("419001")
    ('江苏省南京市鼓楼区', '河南省济源市')
    """
    return "".join(name_of(c, year) or c for c in (*parents(code), code))


@cache
def parents(code: str) -> tuple[str, ...]:
    """Return the codes above one, the province first.

    Examples
    --------
    >>> parents("320106"), parents("110101"), parents("320000")
    (('320000', '320100'), ('110000',), ())
    """
    above = (f"{code[:2]}0000", f"{code[:4]}00")
    return tuple(c for c in above if c != code and c in _divisions_by_code()) if code in _divisions_by_code() else ()


def in_force(code: str, year: int) -> bool:
    """Say whether a code was in force at the end of a year, or of the year before or after: an approval and its effect may be a year apart.

    Examples
    --------
    >>> in_force("140421", 2018), in_force("140421", 2020)
    (True, False)
    """
    return code in invented() or any(d.first_year - 1 <= year <= d.last_year + 1 for d in _divisions_by_code().get(code, ()))


def find(name: str, parent: str | None = None, year: int | None = None) -> tuple[str, ...]:
    """Return the codes that bear a name, whole or short, below a parent given by code or name, in force about a year.

    Examples
    --------
    >>> find("鼓楼区"), find("鼓楼区", parent="南京市"), find("南京")
    (('320106', '320302', '350102', '410204'), ('320106',), ('320100',))
    >>> find("上党区"), find("长治县", year=2020)
    (('140404',), ())
    """
    above = {parent, *names().get(parent, ()), *shorts().get(parent, ())} if parent else set()
    codes = names().get(name) or shorts().get(name, ())
    return tuple(c for c in codes if (not parent or above & {*parents(c)}) and (year is None or in_force(c, year)))


def codes_of(name: str) -> tuple[str, ...]:
    """Return the codes that a name may stand for, as people write it: whole, short, or with the names of its parents before it.

    Examples
    --------
    >>> codes_of("平潭"), codes_of("南京市鼓楼区"), codes_of("福建省福州市鼓樓區"), codes_of("平潭岛")
    (('350128',), ('320106',), ('350102',), ())
    """
    plain = simplified(squeeze(name))
    ends = (find(plain[at:]) for at in range(len(plain) - 1))
    meant = (tuple(code for code in codes if any(_ends(code, plain, d.name) for d in _divisions_by_code().get(code, ()))) for codes in ends)
    return next(filter(None, meant), ())


def _ends(code: str, text: str, name: str) -> bool:
    """Say whether a text is the full or short name of a division, preceded by nothing but names of its parents."""
    above = [form for p in parents(code) for form in (name_of(p) or "", short_name(name_of(p) or "")) if form]
    own = "|".join(map(re.escape, {name, _plain_form(name), short_name(name)} - {""}))
    return bool(re.fullmatch(f"(?:{'|'.join(map(re.escape, above)) or '(?!)'})*(?:{own})", text))


def unit_id(code: str) -> str:
    """Return the newest code of the unit that a code stands for: recodes are followed, merges and splits never.

    Examples
    --------
    >>> unit_id("140421"), unit_id("140404"), unit_id("140430"), unit_id("330103")
    ('140404', '140404', '140430', '330103')
    """
    while code in _recodes():
        code = _recodes()[code]
    return code


@cache
def unit_codes(unit: str) -> tuple[str, ...]:
    """Return the codes that a unit has had, the oldest first.

    Examples
    --------
    >>> unit_codes("140404")
    ('140421', '140404')
    """
    older = [c for old, new in _recodes().items() if new == unit for c in unit_codes(old)]
    return (*older, unit)


@cache
def breaks(code: str) -> tuple[Change, ...]:
    """Return the changes that began, ended or redrew a division; figures before and after such a change are not comparable.

    Examples
    --------
    >>> [(b.year, b.kind, b.old, b.new) for b in breaks("330105")]
    [(2021, 'merge', ('330103', '330105'), ('330105',))]
    >>> breaks("140421")
    ()
    """
    codes = {*unit_codes(unit_id(code))}
    return tuple(c for c in changes() if c.kind not in _SAME and codes & {*c.old, *c.new})


@cache
def changes() -> tuple[Change, ...]:
    """Return all changes since 2008, the first year first."""
    rows = _csv_rows("changes.csv")
    return tuple(
        Change(int(r["year"]), r["kind"], _split_codes(r["old"]), _split_codes(r["new"]), r["document"], r["seen"], r["basis"])
        for r in rows
    )


@cache
def invented() -> Mapping[str, str]:
    """Return the counties that do not exist, by code: codes that no real place has, and names that say so.

    Examples
    --------
    >>> len(invented()), invented()["900101"]
    (3000, '模拟甲乾区')
    """
    said = place_kinds()["invented"]
    stems, branches, kinds = said["stems"], said["branches"], said["kinds"]
    held: dict[str, str] = {}
    for number in range(said["provinces"] * said["prefectures"] * said["counties"]):
        rest, county = divmod(number, said["counties"])
        province, prefecture = divmod(rest, said["prefectures"])
        lap, start = divmod(number, len(stems))
        name = f"{said['prefix']}{stems[start]}{branches[(lap + start) % len(branches)]}{kinds[county]}"
        held[f"{said['first'] + province}{prefecture + 1:02}{county + 1:02}"] = name
    return held


def is_simulated(*codes: str | None) -> bool:
    """Say whether one of these division codes, whole or their first digits, is of the provinces that do not exist.

    Examples
    --------
    >>> is_simulated("900101"), is_simulated("90"), is_simulated("140430", None)
    (True, True, False)
    """
    said = place_kinds()["invented"]
    none = {str(said["first"] + province) for province in range(said["provinces"])}
    return any(code[:2] in none for code in codes if code)


@cache
def place_kinds() -> Mapping[str, Any]:
    """Return the words of ``places.toml``."""
    return packaged(__package__, "places.toml")


@cache
def names() -> Mapping[str, tuple[str, ...]]:
    """Return the codes that have borne each name; an autonomous county also answers to its short form (玉屏县)."""
    held = ((d.name, d.code) for d in divisions())
    real = ((name, code) for whole, code in held for name in (whole, _plain_form(whole)))
    # A text is read in simplified characters, in which 乾 is 干.
    return _gathered((*real, *((simplified(name), code) for code, name in invented().items())))


@cache
def shorts() -> Mapping[str, tuple[str, ...]]:
    """Return the codes by names without their ending: 南京, 延边, 上党."""
    return _gathered((short, d.code) for d in divisions() if (short := short_name(d.name)))


@cache
def short_name(name: str) -> str:
    """Return a name without its ending, or nothing where less than two characters are left.

    Examples
    --------
    >>> short_name("南京市"), short_name("延边朝鲜族自治州"), short_name("内蒙古自治区"), short_name("沁县")
    ('南京', '延边', '内蒙古', '')
    """
    ending, peoples = _endings()
    bare = ending.sub("", name)
    bare = peoples.sub("", bare) if "自治" in name else bare
    return bare if len(bare) > 1 else ""


def _plain_form(name: str) -> str:
    return short_name(name) + name[-1] if re.search("自治[县州旗]$", name) else name


@cache
def _endings() -> tuple[re.Pattern[str], re.Pattern[str]]:
    said = place_kinds()["names"]
    return re.compile(f"(?:{'|'.join(said['endings'])})$"), re.compile(f"(?<=[^内])(?:{'|'.join(said['peoples'])})+$")


def _gathered(pairs: Iterable[tuple[str, str]]) -> Mapping[str, tuple[str, ...]]:
    found: dict[str, dict[str, None]] = defaultdict(dict)
    for name, code in pairs:
        found[name][code] = None
    return {name: tuple(codes) for name, codes in found.items()}


@cache
def _divisions_by_code() -> Mapping[str, tuple[Division, ...]]:
    held: dict[str, tuple[Division, ...]] = {}
    for r in _csv_rows("divisions.csv"):
        division = Division(r["code"], r["name"], int(r["first_year"] or FIRST), int(r["last_year"] or OPEN))
        held[division.code] = (*held.get(division.code, ()), division)
    return held


@cache
def _recodes() -> Mapping[str, str]:
    return {c.old[0]: c.new[0] for c in changes() if c.kind == "recode"}


def _split_codes(text: str) -> tuple[str, ...]:
    return tuple(text.split(";")) if text else ()


def _csv_rows(name: str) -> Iterator[dict[str, str]]:
    return csv.DictReader(resources.files("gongkai.places").joinpath(name).read_text(encoding="utf-8").splitlines())
