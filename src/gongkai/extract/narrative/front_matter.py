"""What a report says about itself: title, year, authority, date, scope, address; and by which of its words each is known."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cache

from gongkai.core.model import Document, Finding, Form, Row, Section
from gongkai.core.text import squeeze
from gongkai.extract.narrative.numbers import fold_widths, prose_words
from gongkai.extract.narrative.sections import bare_line, is_furniture, is_organ, is_title, is_title_tail

_YEAR = re.compile(r"(20\d\d)年|(二[〇○零][〇○零一二]?[〇○零一二三四五六七八九])年")
_PERIOD = re.compile(r"(20\d\d)年?\d{1,2}月\d{1,2}日(?:起|开始)?(?:至|到|-|—|~)(?:(20\d\d)年?)?\d{1,2}月\d{1,2}日")
_WORD = "[一二三四五六七八九十]"
_DAY = rf"(?P<y>20\d\d|二[〇○零]\S{{2}})[年./-](?P<m>\d{{1,2}}|{_WORD}{{1,2}})[月./-](?P<d>\d{{1,2}}|{_WORD}{{1,3}})日?"
_DATE, _SIGNED = re.compile(_DAY), re.compile(rf"(?P<organ>[\u4e00-\u9fff]*?)[（(]?{_DAY}[）)]?")
_CREDITS = re.compile(r"\s+(?=(?:来源|信息来源|发布时间|发布日期|时间|日期|作者)[:：])")
_EXPLAINED = re.compile(r"[(（]指(20\d\d)年")
_STATED = re.compile(r"(20\d\d)年度?[^。；]{0,24}?(?:信息|政务)公[开開][^。；]{0,16}?(?:报告|報告|情况)")
_SPAN = re.compile(r"(20\d\d)年1月1日(?:起|开始)?(?:至|到|-|—|~)(?:\1年)?12月31日")
_LABELLED = re.compile(r"(?:标题|名称|標題|名稱)[:：]\s*\|?\s*")
_COUNTED = re.compile("统计|数据|期限|統計|數據")
_DIGITS = str.maketrans("〇○零一二三四五六七八九", "000123456789")
_HEAD, _TAIL, _LONGEST_PLACE = 12, 40, 30
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
    lines = [(_text_of(row), row.where) for row in document.rows if len(row.cells) <= 2 or _LABELLED.match(row.cells[0].text)]
    lines = [(part, where) for text, where in lines for part in _CREDITS.split(text) if part.strip()]
    head, tail = _head(lines, sections), lines[-_TAIL:]
    printed = _titles(head, document.meta)
    title = printed[0][0] if printed else _meta_title(document.meta)
    titles = [*(t for t, _ in printed), _meta_title(document.meta) or ""]
    earliest = form.earliest if form else 0
    said = _years_said(titles, sections, _year_of_heads(document), earliest)
    year, year_source, findings = _year(said, form, printed[0][1] if printed else None)
    head = head[-_HEAD:]
    authority, authority_source = _authority(title, (*_signature(tail), *_signature(head)), sections, document.meta)
    dates = (_signed_date(tail), _iso(document.meta.get("pubdate", "")), _signed_date(head), _page_date(head))
    address = next((document.meta[k] for k in ("url", "canonical", "og:url") if document.meta.get(k, "").startswith("http")), None)
    published = next((d for d in dates if d), None)
    return Front(title, year, year_source, authority, authority_source, published, _scope(title), address, findings)


def _text_of(row: Row) -> str:
    """Return the text of a line; in a table of metadata the title stands behind the word for it."""
    return _LABELLED.sub("", "".join(c.text for c in row.cells), count=1)


def _head(lines: Sequence[tuple[str, str]], sections: Sequence[Section]) -> Sequence[tuple[str, str]]:
    """Return the lines before the first heading."""
    first = next((s.where for s in sections if s.level), None)
    return lines[: next((i for i, (_, where) in enumerate(lines) if where == first), _HEAD)]


def _titles(head: Sequence[tuple[str, str]], meta: Mapping[str, str]) -> list[tuple[str, str]]:
    """Return the titles of the report, the one believed first: a page may also list the reports of other years.

    They are as printed, the place on the line before joined to a title that lacks it.
    """
    found: list[tuple[str, str]] = []
    for index, (text, where) in enumerate(head):
        if is_title(text):
            before = bare_line(head[index - 1][0]) if index and is_title_tail(text) else ""
            fits = len(before) <= _LONGEST_PLACE and not (is_furniture(before) or is_title(before) or re.search(r"[。：，:,]", before))
            found.append((f"{before if fits else ''}{bare_line(text)}", where))
    named = _meta_title(meta) or ""
    same = [t for t in found if squeeze(t[0]) == squeeze(named)] or [t for t in found if named and _years(t[0])[:1] == _years(named)[:1]]
    return (same or found[-1:])[:1] + found[-1:]


def _meta_title(meta: Mapping[str, str]) -> str | None:
    """Return the report's title from the page's title, without the names of the site and its column."""
    named = (meta.get(k, "") for k in ("articletitle", "og:title", "title"))
    pieces = (piece.strip() for name in named for piece in re.split(r"[_|｜]|\s[-–—]+\s|-(?=[^-]*$)", name))
    return next((p for p in pieces if is_title(p)), None)


def _years_said(titles: Sequence[str], sections: Sequence[Section], heads: Sequence[int], earliest: int) -> list[tuple[str, int]]:
    """Return the years that are stated, in the order in which they are believed; the heads of the tables where nothing else can be."""
    said = [("title", y) for t in titles for y in ([y for y in _years(t) if y >= earliest] or _years(t))[:1]]
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


def _years(text: str) -> list[int]:
    return [int((a or b).translate(_DIGITS)) for a, b in _YEAR.findall(squeeze(fold_widths(text)))]


def _periods(sections: Sequence[Section]) -> list[int]:
    """Return the years in which a period of statistics ends."""
    text = "\n".join(squeeze(fold_widths(s.text)) for s in sections)
    found = (m for m in _PERIOD.finditer(text) if _COUNTED.search(text, max(0, m.start() - 30), m.start()))
    return [int(m[2] or m[1]) for m in found]


def _majority(sections: Sequence[Section]) -> list[int]:
    """Return the year that more than half of the dates in section one name."""
    counted = Counter(y for s in _overview(sections) for y in _years(re.sub(r"《[^《》]*》|〔[^〔〕]*〕", "", s.text)))
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


def _authority(
    title: str | None, signatures: Sequence[str], sections: Sequence[Section], meta: Mapping[str, str]
) -> tuple[str | None, str | None]:
    """Take the authority from the title, then the signature, then the sentence that says who compiled the report, then meta tags."""
    stem = _stem(title or "")
    opening = squeeze("".join(s.text for s in sections[:2]))
    compiled = [m["name"] for m in _compiled().finditer(opening)]
    tagged = [meta.get(k, "") for k in ("author", "contentsource")]
    place = "" if is_organ(stem) else stem
    for source, names in (("title", [stem]), ("signature", signatures), ("compiled", compiled), ("meta", tagged)):
        for name in names:
            if is_organ(name):
                return (name if source == "title" else _whole_name(name, place)), source
    return None, None


def _stem(title: str) -> str:
    """Return what a title names before what it is: 沁县 of 沁县2019年政府信息公开年度报告."""
    bare = re.sub(r"[（(][^）)]*[）)]|关于|(?:20\d\d|二[〇○零]..)年?度?", "", squeeze(fold_widths(title)))
    stem = re.split(r"政府信息公[开開]|政[务務](?:信息)?公[开開]|信息公[开開]", bare)[0]
    return stem + "政府" if stem.endswith("人民") else stem


def _whole_name(name: str, place: str) -> str:
    """Put the place before a name that is whole only with it: 区管委会办公室 of 平潭综合实验区."""
    bare = _relative().sub("", name, count=1)
    return f"{place}{bare}" if place and _relative().match(name) and not name.startswith(place) else name


@cache
def _relative() -> re.Pattern[str]:
    return re.compile(f"^(?:{prose_words()['organs']['relative']})")


@cache
def _compiled() -> re.Pattern[str]:
    return re.compile(prose_words()["organs"]["compiled"])


def _signature(lines: Sequence[tuple[str, str]]) -> list[str]:
    """Return the organs that sign: beside a date, or on the line before or after it; the last first."""
    found = []
    for index in reversed(range(len(lines))):
        if signed := _SIGNED.fullmatch(squeeze(fold_widths(lines[index][0]))):
            around = [t for t, _ in (*reversed(lines[max(0, index - 2) : index]), *lines[index + 1 : index + 2])]
            found += [n for n in (signed["organ"], *(squeeze(bare_line(t)) for t in around)) if is_organ(n)][:1]
    last = squeeze(lines[-1][0]) if lines else ""
    return found or ([last] if is_organ(last) else [])


def _signed_date(lines: Sequence[tuple[str, str]]) -> str | None:
    """Return the last date that stands on a line of its own, or beside the name of an organ."""
    signed = (_SIGNED.fullmatch(squeeze(fold_widths(text))) for text, _ in reversed(lines))
    return next((_iso(m.group()) for m in signed if m and (not m["organ"] or is_organ(m["organ"])) and _iso(m.group())), None)


def _page_date(head: Sequence[tuple[str, str]]) -> str | None:
    """Return the date that the page prints under its title (时间：2020-01-20)."""
    return next((_iso(text) for text, _ in head if is_furniture(text) and _iso(text)), None)


def _iso(text: str) -> str | None:
    """Turn the first date of a text into ISO form, if it is a date of the calendar.

    Examples
    --------
    >>> _iso("2020年2月20日"), _iso("2020-01-20 15:22"), _iso("二〇二〇年二月二十日"), _iso("2020年2月30日")
    ('2020-02-20', '2020-01-20', '2020-02-20', None)
    """
    found = _DATE.search(fold_widths(text).replace(" ", "") if "年" in text else fold_widths(text))
    if not found:
        return None
    try:
        return date(int(found["y"].translate(_DIGITS)), _small(found["m"]), _small(found["d"])).isoformat()
    except ValueError:
        return None


def _small(numeral: str) -> int:
    """Read a day or month, in digits or words."""
    if numeral.isdigit():
        return int(numeral)
    tens, ten, ones = numeral.rpartition("十")
    return (int(tens.translate(_DIGITS) or 1) * 10 if ten else 0) + int(ones.translate(_DIGITS) or 0)


def _scope(title: str | None) -> str | None:
    """Return the scope that the title prints in brackets."""
    return next((code for code, pattern in prose_words()["scopes"].items() if re.search(pattern, title or "")), None)
