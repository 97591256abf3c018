"""How much of a PDF is read at most. A file beyond a limit is refused with its name: it is no report."""

from __future__ import annotations

from typing import NamedTuple

from gongkai.readers.decoding import Unreadable


class Limit(NamedTuple):
    """The most that is read, what is counted (Chinese, English), and why the limit stands there."""

    most: int
    zh: str
    en: str
    why: str


# Each limit is far above what the longest of twenty known reports needs, and below what takes seconds or gigabytes.
LIMITS = {
    "pages": Limit(400, "{most} 页", "{most} pages", "a report has 10"),
    "characters": Limit(500_000, "{most} 个字符", "{most} characters", "a report has 5,000"),
    "drawn": Limit(
        4_000_000, "每页 {most} 字节绘图指令（表单重复嵌套或压缩数据膨胀）",
        "{most} bytes of drawing a page (forms within forms, or streams that swell)",
        "a page has 140,000; for each the library takes up to 80 bytes of memory",
    ),
    "depth": Limit(15, "{most} 层嵌套表单", "{most} forms within each other", "a report has 4"),
    "objects": Limit(50_000, "每页 {most} 个绘图对象", "{most} drawn objects a page", "a page has 2,200"),
    "rules": Limit(20_000, "每页 {most} 条线", "{most} rules a page", "a page has 900"),
    "crossings": Limit(40_000, "每页 {most} 个表格线交点", "{most} crossings of rules a page", "a page has 340"),
}  # fmt: skip


def most(what: str) -> int:
    return LIMITS[what].most


def refuse_beyond(what: str, count: int) -> None:
    """Refuse a file of which more would have to be read than is allowed."""
    limit = LIMITS[what]
    if count > limit.most:
        zh, en = (text.format(most=f"{limit.most:,}") for text in (limit.zh, limit.en))
        raise Unreadable(f"超过{zh}的 PDF", f"a PDF of more than {en}", "too_large")


def refuse_circles() -> None:
    """Refuse a form that draws itself, which no program writes and every program draws otherwise."""
    raise Unreadable("表单自我嵌套的 PDF", "a PDF with a form that draws itself", "unknown")
