"""Where a report belongs, who published it, and whose name it carries by mistake."""

from __future__ import annotations

import json
import time
from pathlib import Path

import pytest

from gongkai.core.findings import codes, message
from gongkai.places import ForeignName, Place, body_of, foreign_names, locate, place_findings, sites
from gongkai.readers import read_document

# title, authority, path, year -> code, by what
LOCATED = [
    ("沁县 2019 年政府信息公开年度报告", None, None, 2019, "140430", "title"),
    ("关于沁县2022年度政府信息公开情况的报告", None, None, 2022, "140430", "title"),
    (None, "沁县人民政府办公室", None, 2019, "140430", "authority"),
    (None, "沁县教育局", None, 2019, "140430", "authority"),
    (None, "沁县定昌镇人民政府", None, 2019, "140430", "authority"),
    (None, "广州市越秀区人民政府北京街道办事处", None, 2020, "440104", "authority"),
    (None, "微山县两城镇人民政府", None, None, "370826", "authority"),
    ("淮安市人民政府2024年政府信息公开工作年度报告", "淮安市人民政府办公室", None, 2024, "320800", "title"),
    ("淮安市洪泽区人民政府2024年政府信息公开工作年度报告", None, None, 2024, "320813", "title"),
    ("淮安市淮安区2012年政府信息公开年度报告", None, None, 2012, "320803", "title"),
    ("淮安市淮阴区2012年政府信息公开年度报告", None, None, 2012, "320804", "title"),
    ("淮安市楚州区2009年政府信息公开年度报告", None, None, 2009, "320803", "title"),
    ("武漢市生態環境局2020年政府信息公開工作年度報告", None, None, 2020, "420100", "title"),
    ("山西省市场监督管理局2020年政府信息公开工作年度报告", None, None, 2020, "140000", "title"),
    ("苏州市城市管理局2020年政府信息公开工作年度报告", None, None, 2020, "320500", "title"),
    ("延边州敦化市2015年政府信息公开年度报告", None, None, 2015, "222403", "title"),
    ("吉林省吉林市2020年政府信息公开年度报告", None, None, 2020, "220200", "title"),
    ("长沙市长沙县2020年政府信息公开年度报告", None, None, 2020, "430121", "title"),
    ("2020年广州市增城区教育局政府信息公开年度报告", None, None, 2020, "440118", "title"),
    ("黄石经济技术开发区·铁山区教育局2020年政府信息公开年度报告", None, None, 2020, "420205", "title"),
    ("上海城市管理行政执法局2020年政府信息公开年度报告", None, None, 2020, None, None),  # 海城市 is elsewhere
    ("宿迁市中心城区管理局2020年政府信息公开年度报告", None, None, 2020, "321300", "title"),
    # one unit, several codes: the code of the year, else the newest; a page renamed later is still that place
    ("无为县2009年政府信息公开年度报告", None, None, 2009, "341422", "title"),
    ("无为县2015年政府信息公开年度报告", None, None, 2015, "340225", "title"),
    ("无为县政府信息公开年度报告", None, None, None, "340225", "title"),
    ("长治县2015年政府信息公开年度报告", None, None, 2015, "140421", "title"),
    ("上党区2015年政府信息公开年度报告", None, None, 2015, "140404", "title"),
    ("巢湖市2019年政府信息公开年度报告", None, None, 2019, "340181", "title"),
    # four cities have a 鼓楼区
    ("鼓楼区2019年政府信息公开年度报告", "南京市鼓楼区人民政府办公室", None, 2019, "320106", "title+authority"),
    ("鼓楼区2019年政府信息公开年度报告", None, "福建/福州/鼓楼区/a.html", 2019, "350102", "title+folder"),
    ("徐州鼓楼区2019年政府信息公开年度报告", None, None, 2019, "320302", "title"),
    ("鼓楼区2019年政府信息公开年度报告", "鼓楼区教育局", "410204/a.html", 2019, "410204", "title+folder"),
    ("鼓楼区（南京市）2019年政府信息公开年度报告", None, None, 2019, None, "title"),  # brackets are cut
    ("鼓楼区2019年政府信息公开年度报告", None, None, 2019, None, "title"),
    ("桥东区2018年政府信息公开年度报告", None, "邢台市/2018.html", 2018, "130502", "title+folder"),
    # folders, and the title before them
    (None, None, "山西/长治/沁县/2022.htm", 2022, "140430", "folder"),
    (None, None, "沁县-140430/2022.htm", 2022, "140430", "folder"),
    (None, None, "140421/202001/2019.htm", 2019, "140421", "folder"),
    ("沁县2019年政府信息公开年度报告", None, "襄垣县/2019.htm", 2019, "140430", "title"),
    (None, None, "沁县2019.htm", 2019, None, None),  # a file's own name is not read
    # what the table does not have is never taken for what lies around it
    ("平潭综合实验区2019年度政府信息公开工作年度报告", "平潭综合实验区管委会", None, 2019, None, None),
    ("福州市平潭综合实验区2019年度政府信息公开工作年度报告", None, None, 2019, None, "title"),
    ("福州市平潭综合实验区2019年度政府信息公开工作年度报告", None, "350128-平潭/a.html", 2019, "350128", "title+folder"),
    ("宿迁市沐阳县2025年政府信息公开工作年度报告", None, None, 2025, None, "title"),
    ("宿迁市沐阳县2025年政府信息公开工作年度报告", None, "沭阳/a.html", 2025, "321322", "title+folder"),
    ("重庆市两江新区管委会2015年政府信息公开年度报告", None, None, 2015, None, "title"),
    ("苏州工业园区管委会2020年政府信息公开工作年度报告", None, None, 2020, None, None),
    ("省教育厅2020年政府信息公开工作年度报告", None, None, 2020, None, None),
    ("2020年政府信息公开县级报告", None, None, 2020, None, None),  # 开县 is no name here
]  # fmt: skip

BODIES = {
    "government": """
        沁县人民政府 沁县人民政府办公室 山西省人民政府办公厅 淮安市洪泽区人民政府 平潭综合实验区管委会
        平潭综合实验区管委会办公室 淮安经济技术开发区管理委员会 大兴安岭地区行政公署 延边朝鲜族自治州人民政府 县政府办
        南京市鼓楼区 景德镇市人民政府 新乡市人民政府办公室 海南省洋浦经济开发区管委会
    """,
    "department": """
        沁县教育局 武汉市生态环境局 武漢市生態環境局 山西省发展和改革委员会 江苏省教育厅 国家税务总局沁县税务局
        长治市人力资源和社会保障局 上海市国有资产监督管理委员会 沁县政务服务中心 沁县公安局交通警察大队 前进区教育局
        黄石经济技术开发区·铁山区教育局 沁县人民政府信访局 北京市城市管理委员会 沁县档案馆 沁县残疾人联合会 天津市卫生健康委
        沁县退役军人事务局 广州市增城区教育局 北京市人民政府国有资产监督管理委员会 沁县地方志研究室 广州市公安局交警支队 沁县中学
        沁县第一人民医院 沁县自来水有限公司 沁县人民法院
    """,
    "street_or_town": """
        微山县两城镇人民政府 广州市越秀区人民政府北京街道办事处 沁县定昌镇 沙塘镇党政综合办公室 五常市民意乡 张家湾镇人民政府
        榆盘镇 西城区德胜街道 石头河子镇人民政府 大东坝镇人民政府党政办公室 新桥镇人民政府 阿鲁科尔沁旗巴彦温都尔苏木
        北京市朝阳区小红门地区办事处
    """,
}
NOBODY = ("沁县人民", "平潭综合实验区", "如下", "", None)


@pytest.mark.parametrize("title, authority, path, year, code, how", LOCATED)
def test_a_report_is_located(
    title: str | None, authority: str | None, path: str | None, year: int | None, code: str | None, how: str | None
) -> None:
    found = locate(title, authority, None, path, year=year)
    assert (found.code, found.how) == (code, how)


@pytest.mark.parametrize(
    "title, authority, path, against",
    [
        ("沁县2019年", "襄垣县人民政府办公室", None, ("140423",)),
        ("山西省2019年", "沁县人民政府办公室", None, ("140430",)),
        ("沁县2019年", None, "襄垣县/2019.htm", ("140423",)),
        ("沁县2019年", "长治市人民政府", "山西/140400/2019.htm", ()),
        ("上党区2019年", "长治县人民政府", "长治县/2019.htm", ()),
        ("海淀区2019年", "朝阳区人民政府", None, ("110105", "220104")),
    ],
)
def test_a_later_source_that_names_another_place_is_a_finding(
    title: str, authority: str | None, path: str | None, against: tuple[str, ...]
) -> None:
    place = locate(title, authority, None, path, year=2019)
    assert (place.how, place.against) == ("title", against)
    found = place_findings(place)
    assert [f.code for f in found] == (["place_conflict"] if against else [])
    assert all(name in message(f, None, "zh") for f in found for name in against)


def test_what_the_collector_knows_comes_first_and_is_kept() -> None:
    assert locate("沁县2019年", manifest_code="912345") == Place("912345", "manifest")


def test_a_site_counts_after_the_authority_and_before_the_folder() -> None:
    known = sites([("http://www.njgl.gov.cn/a", "320106"), ("http://www.njgl.gov.cn/b", "320106"), (None, "1"), ("http://x", None)])
    url = "http://www.njgl.gov.cn/c"
    assert locate("鼓楼区2019年", None, url, "徐州/a.htm", known_sites=known) == Place(
        "320106", "title+site", ("320106", "320302", "350102", "410204")
    )
    assert locate(None, None, url, "沁县/a.htm", known_sites=known) == Place("320106", "site", (), ("140430",))
    assert locate("沁县2019年", None, url, known_sites=known).code == "140430"


def test_a_place_that_is_not_known_is_a_finding() -> None:
    ambiguous, unknown = (place_findings(locate(t)) for t in ("鼓楼区2019年", "平潭综合实验区2019年"))
    assert [f.code for f in (*ambiguous, *unknown)] == ["ambiguous_place", "place_unknown"]
    assert [codes()[f.code]["level"] for f in (*ambiguous, *unknown)] == ["warning", "note"]
    for language in ("zh", "en"):
        assert "江苏省南京市鼓楼区 320106、江苏省徐州市鼓楼区 320302" in message(ambiguous[0], None, language)
        assert message(unknown[0], None, language)
    assert place_findings(locate("沁县2019年")) == ()
    copied = place_findings(locate("沁县2019年"), foreign_names("我襄垣县", "140430"))
    assert [(f.code, f.observed) for f in copied] == [("foreign_place", "襄垣县")] and "襄垣县" in message(copied[0], None, "en")


@pytest.mark.parametrize("body, name", [(body, name) for body, names in BODIES.items() for name in names.split()])
def test_an_author_is_told_by_the_end_of_its_name(body: str, name: str) -> None:
    assert body_of(name) == body


@pytest.mark.parametrize("name", NOBODY)
def test_what_names_no_body_is_none(name: str | None) -> None:
    assert body_of(name) is None


@pytest.mark.parametrize(
    "authority, title, body",
    [
        ("沁县大数据局", "沁县2019年政府信息公开年度报告", "government"),
        ("政务公开办公室", "淮安市人民政府2024年政府信息公开工作年度报告", "government"),
        (None, "延边州敦化市2015年政府信息公开年度报告", "government"),
        ("沁县人民政府", "沁县教育局2019年政府信息公开年度报告", "department"),
        ("周湾镇人民政府", "2021年政府信息公开工作年度报告", "street_or_town"),
    ],
)
def test_what_a_title_names_outranks_who_signs(authority: str | None, title: str, body: str) -> None:
    assert body_of(authority, title) == body


def test_the_authorities_of_the_real_reports(shared: Path) -> None:
    truth = [json.loads(p.read_text(encoding="utf-8")) for p in sorted((shared / "reports").glob("*/truth.json"))]
    named = {t["authority"]: body_of(t["authority"], t["title"]) for t in truth if t["authority"]}
    endings = {"街道办事处": "street_or_town", "镇人民政府": "street_or_town", "局": "department"}
    others = {name: kind for ending, kind in endings.items() for name in named if name.endswith(ending)}
    assert named == {name: others.get(name, "government") for name in named} and len(named) > len(others) > 12


@pytest.mark.parametrize(
    "text, own, found",
    [
        ("襄垣县人民政府2019年政府信息公开工作年度报告", "140430", [("襄垣县", "140423", 0)]),
        ("本报告电子版在襄垣县人民政府门户网站下载", "140430", [("襄垣县", "140423", 7)]),
        ("现公布沁县及襄垣县2019年政府信息公开年度报告", "140430", [("襄垣县", "140423", 6)]),
        ("我襄垣县认真贯彻条例", "140430", [("襄垣县", "140423", 1)]),
        ("在鼓楼区人民政府网站公布", "140430", [("鼓楼区", None, 1)]),
        # its own name, old or new, what lies above and within
        ("沁县2019年政府信息公开年度报告，见长治市人民政府网站、山西省人民政府网站", "140430", []),
        ("长治县人民政府2017年政府信息公开工作年度报告", "140404", []),
        ("在沁县人民政府网站公布", "140400", []),
        ("下城区人民政府2020年政府信息公开工作年度报告", "330105", []),
        ("在南京市鼓楼区人民政府网站公布", "320106", []),
        # others may be named where the report does not speak of itself
        ("赴襄垣县学习考察，与襄垣县人民政府签订协议，转发襄垣县教育局文件", "140430", []),
        # a name within a longer word is no name
        ("我市北区、我城区、我市中区的学校", "140430", []),
        ("在省、市和县人民政府网站公布，由兼任县人民政府网站编辑的人员传达县人民政府网站通知", "140430", []),
        ("在东淮安县人民政府网站公布", "140430", []),
        ("襄垣县人民政府2019年政府信息公开工作年度报告", None, []),
    ],
)
def test_another_place_is_noticed_where_a_report_speaks_of_itself(
    text: str, own: str | None, found: list[tuple[str, str | None, int]]
) -> None:
    assert foreign_names(text, own) == [ForeignName(*f) for f in found]


OWN = {
    "guangzhou-beijingjie-2020": "440104", "hongze-2024": "320813", "huaian-2024": "320800", "qinxian-2019": "140430",
    "shuyang-2025": "321322", "suqian-2023": "321300", "weishan-liangcheng-2020": "370826", "wuhan-ecology-2020": "420100",
    **{f"pingtan-{year}": "350128" for year in (2014, 2016, 2019, 2020, 2021, 2022, 2023)},
}  # fmt: skip


@pytest.mark.parametrize("case", OWN)
def test_no_real_report_raises_a_false_alarm(case: str, shared: Path) -> None:
    document = read_document(next((shared / "reports" / case).glob("report.*")))
    text = "\n".join("".join(c.text for c in row.cells) for row in document.rows)
    assert foreign_names(text, OWN[case]) == []


def test_the_sample_read_as_a_neighbour_would_be_noticed(sample: Path) -> None:
    text = sample.read_text(encoding="utf-8")
    assert foreign_names(text, "140430") == []
    assert {m.name for m in foreign_names(text, "140431")} == {"沁县"}


def test_thirty_thousand_reports_are_located_in_seconds() -> None:
    start = time.process_time()
    for _ in range(10):
        for title, authority, path, year, *_ in LOCATED:
            locate(title, authority, None, path, year=year)
    assert (time.process_time() - start) / (10 * len(LOCATED)) < 0.001
