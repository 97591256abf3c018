"""What a report says about itself: title, year, authority, date, scope, address; and by which of its words each is known."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from gongkai.core.model import Document, Finding, Form, Section
from gongkai.core.text import squeeze
from gongkai.extract.narrative.authority import read_authority
from gongkai.extract.narrative.dates import read_published
from gongkai.extract.narrative.numbers import fold_widths, prose_words
from gongkai.extract.narrative.titles import head_of, meta_title, statements, titles, years

_PERIOD = re.compile(r"(20\d\d)年?\d{1,2}月\d{1,2}日(?:起|开始)?(?:至|到|-|—|~)(?:(20\d\d)年?)?\d{1,2}月\d{1,2}日")
_EXPLAINED = re.compile(r"[(（]指(20\d\d)年")
_STATED = re.compile(r"(20\d\d)年度?[^。；]{0,24}?(?:信息|政务)公[开開][^。；]{0,16}?(?:报告|報告|情况)")
_SPAN = re.compile(r"(20\d\d)年1月1日(?:起|开始)?(?:至|到|-|—|~)(?:\1年)?12月31日")
_COUNTED = re.compile("统计|数据|期限|統計|數據")
_SOURCES = {
    "title": "标题/title", "period": "统计期限/period", "overview": "总体情况/overview", "preamble": "开头/preamble", "heads": "表头/heads",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Front:
    """What a report says about itself. A ``source`` names the words that were believed.

    ``year_source`` is ``title``, ``period``, ``overview`` or ``heads``; ``authority_source`` is ``title``, ``signature``, ``compiled``
    or ``meta``.
    """

    title: str | None
    year: int | None
    year_source: str | None
    authority: str | None
    authority_source: str | None
    published: str | None
    scope: str | None
    source_url: str | None
    findings: tuple[Finding, ...] = ()


def read_front(document: Document, sections: Sequence[Section], form: Form | None = None) -> Front:
    """Read what a report says about itself, never its file's name.

    Parameters
    ----------
    document : Document
        The document, with what its file says in meta tags.
    sections : sequence of Section
        Its headed sections.
    form : Form, optional
        The edition that it uses: a year before that edition was there is not the report's, whatever says so.

    Returns
    -------
    Front
        With a finding where the year is stated differently, cannot be, or is stated nowhere.

    Examples
    --------
    >>> from gongkai.forms import load_form
    >>> from gongkai.readers import read_document
    >>> from gongkai.extract.narrative.sections import split_sections
    >>> text = "沁县 2019 年政府信息公开年度报告\\n一、总体情况\\n我县认真做好公开工作。\\n沁县人民政府办公室\\n2020年2月20日"
    >>> document = read_document(text.encode())
    >>> front = read_front(document, split_sections(document, load_form("2019"), document.rows))
    >>> front.title, front.year, front.year_source, front.authority, front.authority_source, front.published
    ('沁县 2019 年政府信息公开年度报告', 2019, 'title', '沁县人民政府办公室', 'signature', '2020-02-20')
    """
    head = statements(head_of(document.rows, sections))
    printed = titles(head, document.meta)
    title = printed[0][0] if printed else meta_title(document.meta)
    said_in = [*(t for t, _ in printed), meta_title(document.meta) or ""]
    earliest = form.earliest if form else 0
    said = _years_said(said_in, sections, _year_of_heads(document), earliest)
    year, year_source, findings = _year(said, form, printed[0][1] if printed else None)
    dates = read_published(document.rows, head, document.meta)
    authority, authority_source = read_authority(title, dates.signatures, sections, head, document.meta)
    address = next((document.meta[k] for k in ("url", "canonical", "og:url") if document.meta.get(k, "").startswith("http")), None)
    return Front(
        title, year, year_source, authority, authority_source, dates.published, _scope(title), address, (*findings, *dates.findings)
    )


def _years_said(titles: Sequence[str], sections: Sequence[Section], heads: Sequence[int], earliest: int) -> list[tuple[str, int]]:
    """Return the years that are stated, in the order in which they are believed; the heads of the tables where nothing else can be."""
    said = [("title", y) for t in titles for y in ([y for y in years(t) if y >= earliest] or years(t))[:1]]
    said += [("period", y) for y in _periods(sections)[:1]]
    said += [("overview", y) for y in _majority(sections)]
    if not any(y >= earliest for _, y in said):
        said += [("preamble", y) for y in _preamble(sections)]
    return said if any(y >= earliest for _, y in said) else [*said, *(("heads", y) for y in heads)]


def _year(said: Sequence[tuple[str, int]], form: Form | None, where: str | None) -> tuple[int | None, str | None, tuple[Finding, ...]]:
    """Take the first of the years that are stated in which the edition was there, and say what was passed over and where they disagree."""
    possible = [(source, year) for source, year in said if form is None or year >= form.earliest]
    source, year = possible[0] if possible else (None, None)
    found = [] if year else [Finding("year_unknown")]
    if form and said and said[0] not in possible:
        words = {"form_zh": form.zh, "form_en": form.en}
        passed = [one for one in said if one not in possible]
        found.insert(0, Finding("impossible_year", expected=str(form.earliest), observed=_in_words(passed), where=where, words=words))
    if year and len({y for _, y in said}) > 1:
        found.append(Finding("year_conflict", expected=str(year), observed=_in_words(said), where=where))
    return year, source, tuple(found)


def _in_words(said: Sequence[tuple[str, int]]) -> str:
    return "；".join(dict.fromkeys(f"{_SOURCES[source]} {year}" for source, year in said))


def _preamble(sections: Sequence[Section]) -> list[int]:
    """Return the one year that the sentences before the first heading say the report is about."""
    text = squeeze(fold_widths("".join(s.text for s in sections[:1] if not s.level)))
    found = {int(y) for y in (*_STATED.findall(re.sub(r"《[^《》]*》|〔[^〔〕]*〕", "", text)), *_SPAN.findall(text))}
    return list(found) if len(found) == 1 else []


def _year_of_heads(document: Document) -> list[int]:
    """Return the later of the years by which heads explain themselves: 上一年项目数量（指2019年…）, 处理决定数量（指2020年…）."""
    named = [int(y) for row in document.rows if row.table for c in row.cells for y in _EXPLAINED.findall(squeeze(c.text))]
    return [max(named)] if named else []


def _periods(sections: Sequence[Section]) -> list[int]:
    """Return the years in which a period of statistics ends."""
    text = "\n".join(squeeze(fold_widths(s.text)) for s in sections)
    found = (m for m in _PERIOD.finditer(text) if _COUNTED.search(text, max(0, m.start() - 30), m.start()))
    return [int(m[2] or m[1]) for m in found]


def _majority(sections: Sequence[Section]) -> list[int]:
    """Return the year that more than half of the dates in section one name."""
    counted = Counter(y for s in _overview(sections) for y in years(re.sub(r"《[^《》]*》|〔[^〔〕]*〕", "", s.text)))
    return [year for year, n in counted.most_common(1) if 2 * n > counted.total()]


def _overview(sections: Sequence[Section]) -> Iterator[Section]:
    inside = False
    for section in sections:
        if section.level == 1:
            if inside:
                return
            inside = True
        if inside:
            yield section


def _scope(title: str | None) -> str | None:
    """Return the scope that the title prints in brackets."""
    return next((code for code, pattern in prose_words()["scopes"].items() if re.search(pattern, title or "")), None)
