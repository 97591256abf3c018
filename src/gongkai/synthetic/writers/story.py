"""What stands around the tables: title, headings, prose and signature, in reading order."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import groupby

from gongkai.core.model import Form
from gongkai.core.numerals import numeral
from gongkai.forms.layout import Line, Sheet, Sheets


@dataclass(frozen=True, slots=True)
class Story:
    """What stands around the tables.

    ``prose`` gives the paragraphs of a section by its code; other sections get a neutral sentence. ``signed`` are the lines at the end,
    where they are not those of a county's office.
    """

    place: str = "青石县"
    year: int = 2019
    title: str = ""
    published: str = ""
    prose: Mapping[str, Sequence[str]] = field(default_factory=dict)
    signed: tuple[str, ...] = ()

    @property
    def heading(self) -> str:
        return self.title or f"{self.place}{self.year}年政府信息公开工作年度报告"

    @property
    def signature(self) -> tuple[str, ...]:
        return self.signed or (f"{self.place}人民政府办公室", self.published or f"{self.year + 1}年1月20日")


NEUTRAL = Story()


def blocks(form: Form, sheets: Sheets, story: Story) -> Iterator[str | Sheet]:
    """Give the document in reading order, without its signature: title, headings, paragraphs and tables."""
    yield story.heading
    for n, (code, titles) in enumerate(form.sections, 1):
        yield f"{numeral(n)}、{titles[0]}"
        tables = [sheets[t.code] for t in form.tables.values() if t.headings == titles]
        yield from story.prose.get(code, () if tables else (_neutral(code, story),))
        for sheet in tables:
            yield from _parts(sheet)


def _parts(sheet: Sheet) -> Iterator[str | Sheet]:
    """Part a sheet where a box stands outside of it."""
    for outside, lines in groupby(sheet, key=_is_outside):
        if outside:
            yield from (line[0].text for line in lines)
        else:
            yield tuple(lines)


def _is_outside(line: Line) -> bool:
    return len(line) == 1 and not line[0].columns


def _neutral(code: str, story: Story) -> str:
    if code == "overview":
        period = f"自{story.year}年1月1日起至{story.year}年12月31日止"
        return f"{story.place}按照《中华人民共和国政府信息公开条例》的规定编制本年度报告，所列数据的统计期限{period}，欢迎社会各界监督。"
    if code == "problems":
        return "公开的内容还不够全面，公开的形式还不够丰富，下一步将加强培训，规范程序，及时回应群众关切，不断提高公开工作的质量和实效。"
    return "无其他需要报告的事项。"
