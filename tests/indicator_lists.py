"""Indicator lists to be read back: the national list, a local one, and how a document prints them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from hypothesis import strategies as st
from strategies import counts, small

from gongkai.synthetic import writers as render
from gongkai.synthetic.writers import Box

# A label, and its unit; a heading has none.
NATIONAL = (
    ("一、主动公开情况", ""),
    ("（一）主动公开政府信息数（不同渠道和方式公开相同信息计1条）", "条"),
    ("其中：主动公开规范性文件数", "条"),
    ("制发规范性文件总数", "件"),
    ("（二）通过不同渠道和方式公开政府信息的情况", ""),
    ("1.政府公报公开政府信息数", "条"),
    ("2.政府网站公开政府信息数", "条"),
    ("二、回应解读情况", ""),
    ("（一）回应公众关注热点或重大舆情数（不同方式回应同一热点或舆情计1次）", "次"),
    ("3.政策解读稿件发布数", "篇"),
    ("三、依申请公开情况", ""),
    ("（一）收到申请数", "件"),
    ("1.当面申请数", "件"),
    ("2.传真申请数", "件"),
    ("3.网络申请数", "件"),
    ("4.信函申请数", "件"),
    ("（二）申请办结数", "件"),
    ("1.按时办结数", "件"),
    ("2.延期办结数", "件"),
    ("（三）申请答复数", "件"),
    ("1.属于已主动公开范围数", "件"),
    ("4.不同意公开答复数", "件"),
    ("其中：1.涉及国家秘密", "件"),
    ("2.涉及商业秘密", "件"),
    ("4.危及国家安全、公共安全、经济安全和社会稳定", "件"),
    ("5.不是《条例》所指政府信息", "件"),
    ("5.不属于本行政机关公开数", "件"),
    ("四、行政复议数量", "件"),
    ("（一）维持具体行政行为数", "件"),
    ("（二）被依法纠错数", "件"),
    ("（三）其他情形数", "件"),
    ("五、行政诉讼数量", "件"),
    ("（一）维持具体行政行为或者驳回原告诉讼请求数", "件"),
    ("（二）被依法纠错数", "件"),
    ("（三）其他情形数", "件"),
    ("六、举报投诉数量", "件"),
    ("七、依申请公开信息收取的费用", "万元"),
    ("八、机构建设和保障经费情况", ""),
    ("（一）政府信息公开工作专门机构数", "个"),
    ("1.专职人员数（不包括政府公报及政府网站工作人员数）", "人"),
    ("（三）接受培训人员数", "人次"),
)
LOCAL = (
    ("主动公开文件数", "条"),
    ("其中：1、政府网站公开数", "条"),
    ("2、政府公报公开数", "条"),
    ("受理依申请公开信息总数", "条"),
    ("其中：1、当面申请数", "条"),
    ("2、网上申请数", "条"),
    ("3、信函、传真申请数", "条"),
    ("政府信息公开收费减免金额", "元"),
    ("行政复议数", "件"),
    ("行政诉讼数", "件"),
)
HEADS = {
    ("统计数",): ("year",),
    ("2016年度",): ("year",),
    ("2016年度", "历年累计"): ("year", "cumulative"),
    ("本期实际", "本年累计"): ("year", "cumulative"),
    ("区政府统计数", "区直单位统计数", "乡镇街道统计数"): ("区政府统计数", "区直单位统计数", "乡镇街道统计数"),
}
LAYOUTS = ("html", *render.LAYOUTS, "words", "pipes")


@dataclass(frozen=True)
class Printed:
    """One list: its heads and its rows, each a label, a unit and the values as they are printed."""

    heads: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]

    @property
    def truth(self) -> Mapping[tuple[str, str], list[str]]:
        found: dict[tuple[str, str], list[str]] = {}
        for label, unit, *values in self.rows:
            for measure, value in zip(HEADS[self.heads], values if unit else (), strict=False):
                found.setdefault((label, measure), []).append(value)
        return found

    @property
    def sheet(self) -> render.Sheet:
        return tuple(tuple(map(Box, row)) for row in (("统计指标", "单位", *self.heads), *self.rows))

    @property
    def indicators(self) -> list[int]:
        """The rows of the sheet that print an indicator."""
        return [i for i, row in enumerate(self.rows, 1) if row[1]]


def document(sheet: render.Sheet, layout: str) -> bytes:
    """Print a list at the end of a report."""
    edition, sheets, story = render.list_form(), {"statistics": sheet}, render.Story(year=2016)
    if layout == "html":
        return render.to_html(edition, sheets, story).encode()
    if layout in render.LAYOUTS:
        return render.to_text(edition, sheets, story, layout).encode()
    before, after = render.to_text(edition, {"statistics": ((Box("HERE"),),)}, story).split("HERE")
    parting = " " if layout == "words" else " | "
    lines = [parting.join(box.text for box in row if box.text or layout == "pipes") for row in sheet]
    return (before + "\n".join(lines) + after).encode()


numbers = st.one_of(small.map(str), counts.map(str), st.integers(1000, 9_999_999).map("{:,}".format))


@st.composite
def printed(draw: st.DrawFn, values: st.SearchStrategy[str] = numbers) -> Printed:
    """Draw some rows of a list, in its order, with their numbers."""
    rows = draw(st.sampled_from((NATIONAL, LOCAL)))
    heads = draw(st.sampled_from(tuple(HEADS)))
    kept = draw(st.lists(st.booleans(), min_size=len(rows), max_size=len(rows)))
    chosen: Sequence[tuple[str, str]] = [row for row, keep in zip(rows, kept, strict=True) if keep or not row[1] or row[0][1] == "、"]
    while chosen and not chosen[-1][1]:
        chosen = chosen[:-1]
    if sum(bool(unit) for _, unit in chosen) < 3:
        chosen = rows
    return Printed(heads, tuple((label, unit, *(draw(values) if unit else "" for _ in heads)) for label, unit in chosen))
