"""Document -> headed sections: headings recognised, sentences whole again across lines and pages."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import cache, lru_cache
from operator import itemgetter

from gongkai.core.model import Document, Finding, Form, Row, Section
from gongkai.core.text import is_page_mark, label_key, ordinal_key, squeeze, width
from gongkai.extract.narrative.numbers import any_of, mentions, pattern_of, prose_words
from gongkai.forms.keys import title_keys

_TOP = re.compile(r"(?:第\s*([一二三四五六七八九十]{1,3})\s*部分\s*[、:：]?|([一二三四五六七八九十]{1,3})\s*[、.．])\s*(?=\S)")
_SECOND = re.compile(r"[（(]\s*([一二三四五六七八九十]{1,3})\s*[）)]\s*[、.．]?\s*(?=\S)")
_THIRD = re.compile(r"(\d{1,2})\s*[.．、]\s*(?=[^\d\s])")
_MARKUP = re.compile(r"#{1,6}\s+|\*\*|__")
_RUN_IN = re.compile(r"([^。！？；：:]{1,30})。\s*(.*)|([^。！？；，：:]{1,15})[：:]\s*(.+)", re.S)
_POINT = re.compile(r"[一二三四五六七八九十]{1,2}(?:是|要)|首先|其次|第[一二三四五六七八九十][，,、]|[①-⑳]|[（(]\d{1,2}[）)]")
_ROW = re.compile(r"(?:\s+[\d./,-]+){2,}$")
_DATE_ONLY = re.compile(r"[（(]?\s*(?:\d{4}|二[〇○零]\S{2})\s*[年./-]\s*\S{1,3}\s*[月./-]\s*\S{1,3}\s*日?\s*[）)]?")
_ENDS = "。！？!?；;：:…"
_CLOSERS = "”’）)》」』】\"' "
_CONTINUES = tuple("，。、；：？！,;)）”’》」』】%％")
_NUMERALS = "一二三四五六七八九十"
_TOP_TITLE, _TITLE, _BROKEN_LINE, _SHORT, _SEAM = 40, 30, 32, 90, 12
_LIKE, _ALIKE, _WIDEST, _RAGGED = 70.0, 60.0, 120, 8


@dataclass(frozen=True, slots=True)
class _Heading:
    level: int
    number: str
    title: str
    rest: str
    code: str | None


@dataclass(frozen=True, slots=True)
class _Known:
    """What a form knows: its code, the labels of the tables in each section, its rows numbered 一、, its corner notes."""

    form: str
    tables: dict[str, frozenset[str]]
    rows: dict[str, str]
    corners: frozenset[str]


@dataclass(slots=True)
class _Draft:
    """A section while its lines are gathered: each paragraph is a list of (text, place).

    ``above`` is the section that it stands in, ``last`` its last line as printed.
    """

    number: str
    title: str
    level: int
    where: str
    code: str | None
    above: _Draft | None = None
    last: str = ""
    paragraphs: list[list[tuple[str, str]]] = field(default_factory=list)


def split_sections(document: Document, form: Form, prose: Sequence[Row]) -> tuple[Section, ...]:
    """Turn the paragraphs of a document into its headed sections.

    Parameters
    ----------
    document : Document
        The document; it names the place of a text that has no line at all.
    form : Form
        The edition, whose titles are headings even without a number, and whose row labels never are.
    prose : sequence of Row
        The paragraphs that no table claimed, in reading order.

    Returns
    -------
    tuple of Section
        In reading order. What stands before the first heading has neither number nor title. Numbers are paths, such as ``一（三）``.

    Examples
    --------
    >>> from gongkai.forms import load_form
    >>> from gongkai.readers import read_document
    >>> text = "某县2019年政府信息公开年度报告\\n一、总体情况\\n（一）平台建设。我县坚持统一管理，全年公开政府信息12\\n\\n条，更新栏目3个。"
    >>> report = read_document(text.encode())
    >>> for s in split_sections(report, load_form("2019"), report.rows):
    ...     print((s.number, s.title, s.text))
    ('', '', '某县2019年政府信息公开年度报告')
    ('一', '总体情况', '')
    ('一（一）', '平台建设', '我县坚持统一管理，全年公开政府信息12条，更新栏目3个。')
    """
    lines = [(row.cells[0].text, row.where) for row in prose if row.cells and row.cells[0].text.strip()]
    lines = [(t, w) for t, w in lines if not (is_page_mark(t) or is_furniture(t))]
    known, full = _known(form), _full_width([t for t, _ in lines])
    drafts = [_Draft("", "", 0, lines[0][1] if lines else "", None)]
    for text, where in lines:
        _take(drafts, text, where, known, full)
    kept = [d for d in drafts if d.paragraphs or d.title]
    return tuple(_finished(d) for d in kept)


def section_code(title: str, form: Form) -> str | None:
    """Return the code of the official section that a title means, or None.

    Examples
    --------
    >>> from gongkai.forms import load_form
    >>> section_code("四、政府信息公开行政法复议、行政诉讼情况", load_form("2019")), section_code("（二）抓好阵地建设", load_form("2019"))
    ('review', None)
    """
    return _code(title, form.code)


def missing_sections(sections: Sequence[Section], form: Form) -> list[Finding]:
    """Report the official sections that no heading names.

    Examples
    --------
    >>> from gongkai.forms import load_form
    >>> [f.words["section"] for f in missing_sections([Section("一", "总体情况", "", 1, "line 1")], load_form("2019"))][:2]
    ['主动公开政府信息情况', '收到和处理政府信息公开申请情况']
    """
    present = {_code(s.title, form.code, _ALIKE) for s in sections if s.level == 1}
    return [
        Finding("missing_section", expected=titles[0], words={"section": titles[0]})
        for code, titles in form.sections
        if code not in present
    ]


def is_title(line: str) -> bool:
    """Say whether a line can be the title of a report.

    Examples
    --------
    >>> [is_title(t) for t in ("沁县 2019 年政府信息公开年度报告", "政府信息公开工作年度报告", "现公布沁县政府信息公开年度报告。")]
    [True, True, False]
    """
    return len(line) <= _SHORT and bool(pattern_of("titles", "pattern").fullmatch(squeeze(bare_line(line))))


def is_title_tail(line: str) -> bool:
    """Say whether a title lacks the name of the place, which then stands on the line before it."""
    return is_title(line) and bool(pattern_of("titles", "tail").fullmatch(squeeze(bare_line(line))))


def bare_line(line: str) -> str:
    """Take Markdown's marks off a line."""
    return _MARKUP.sub("", line).strip()


def place_at(section: Section, offset: int) -> str:
    """Return the place of a character of the section's text.

    Examples
    --------
    >>> place_at(Section("一", "总体情况", "甲。乙。", 1, "line 1", ((0, "line 2"), (2, "line 3"))), 2)
    'line 3'
    """
    index = bisect_right(section.places, offset, key=itemgetter(0)) - 1
    return section.places[index][1] if index >= 0 else section.where


def _take(drafts: list[_Draft], text: str, where: str, known: _Known, full: int) -> None:
    """Give one line its place: a heading, a label of a table, the rest of a sentence, or a new paragraph."""
    current = drafts[-1]
    before = current.last if current.paragraphs else ""
    if _is_label(text, current.code, known):
        return
    heading = _heading(text, known, _is_open(before))
    if heading:
        drafts.append(_opened(heading, where, drafts))
        if heading.rest:
            drafts[-1].paragraphs.append([(heading.rest, where)])
    elif not current.paragraphs and _completes_title(current, text, known):
        current.title += bare_line(text)
    elif before and _flows_on(before, text, full):
        current.paragraphs[-1].append((text.strip(), where))
    else:
        current.paragraphs.append([(bare_line(text), where)])
    drafts[-1].last = bare_line(text)


def _heading(text: str, known: _Known, mid_sentence: bool) -> _Heading | None:
    """Read a line as a heading, if it is one; in the middle of a sentence only an official title is."""
    line, marked = bare_line(text), text.lstrip().startswith("#")
    if _POINT.match(line) or is_title(line):
        return None
    exact = _exact(line, known.form)
    for level, pattern in enumerate((_TOP, _SECOND, _THIRD), 1):
        if found := pattern.match(line):
            number = next(g for g in found.groups() if g)
            return None if mid_sentence and not exact else _numbered(level, number, line[found.end() :], known)
    if exact and line[-1] not in _ENDS + "，、":
        return _Heading(1, "", line, "", exact)
    return _Heading(2, "", line.rstrip(_ENDS), "", None) if marked and len(line) <= _TITLE else None


def _numbered(level: int, number: str, body: str, known: _Known) -> _Heading | None:
    code = _code(body, known.form) if level == 1 and len(body) <= _TOP_TITLE else None
    if code is None and (found := _RUN_IN.fullmatch(body)) and not (level == 3 and (found[2] or found[4])):
        title, rest = (found[1], found[2]) if found[1] else (found[3], found[4])
        return None if re.search(r"\d", title) else _Heading(level, number, title, rest, _code(title, known.form) if level == 1 else None)
    if _ROW.search(body):
        return None
    longest = _TOP_TITLE if level == 1 else _TITLE
    if len(body) > longest or body[-1] in _ENDS + "，、," or (level > 1 and re.search(r"\d.*[，,]|[；;]", body)):
        return None
    return _Heading(level, number, body.strip(), "", code)


def _opened(heading: _Heading, where: str, drafts: list[_Draft]) -> _Draft:
    """Set a heading under the headings before it; a numbering that starts anew inside a section is one level lower."""
    chain = list(_upwards(drafts[-1]))
    top = next((d for d in chain if d.level == 1), None)
    level, number = heading.level, heading.number
    if level == 1 and not heading.code and top and top.code and 0 <= _NUMERALS.find(number) <= _NUMERALS.find(top.number):
        level, number = 2, f"{number}、"
    elif level == 2 and number:
        number = f"（{number}）"
    above = next((d for d in chain if 0 < d.level < level), None)
    path = above.number + number if above and number else number
    return _Draft(path, heading.title, level, where, heading.code or (above.code if above else None), above)


def _upwards(draft: _Draft | None) -> Iterator[_Draft]:
    """Yield a section and those it stands in."""
    while draft is not None:
        yield draft
        draft = draft.above


def _is_label(text: str, code: str | None, known: _Known) -> bool:
    """A label of the form is no heading: the rows numbered 一、 to 四、 nowhere, the others in the sections that hold tables."""
    if len(text) > _SHORT:
        return False
    key = label_key(text)
    if key in known.rows and ordinal_key(bare_line(text)) == known.rows[key]:
        return True
    return code in known.tables and (key in known.tables[code] or _letters(text) in known.corners)


def _known(form: Form) -> _Known:
    tables: dict[str, frozenset[str]] = {}
    rows: dict[str, str] = {}
    for table in form.tables.values():
        code = next(c for c, titles in form.sections if titles == table.headings)
        names = [*table.items.values(), *table.measures.values()]
        printed = [p for n in names for p in (n.zh, *n.aliases)] + list(table.spans.values()) + [g.zh for g in table.groups if g.zh]
        tables[code] = tables.get(code, frozenset()) | {label_key(p) for p in printed}
        rows |= {label_key(p): ordinal_key(p) for p in printed if _TOP.match(p)}
    corners = frozenset(_letters(g.corner) for t in form.tables.values() for g in t.groups if g.corner)
    return _Known(form.code, tables, rows, corners)


def _letters(text: str) -> str:
    return re.sub(r"[\W_]", "", text)


def _exact(line: str, form: str) -> str | None:
    return title_keys(form).get(label_key(line)) if len(line) <= _TOP_TITLE else None


@lru_cache(maxsize=4096)
def _code(title: str, form: str, alike: float = _LIKE) -> str | None:
    """Misprints and local wording keep most of the official title."""
    from rapidfuzz import fuzz, process

    titles = title_keys(form)
    found = process.extractOne(label_key(title), titles.keys(), scorer=fuzz.ratio, score_cutoff=alike)
    return titles[found[0]] if found else None


def _completes_title(current: _Draft, text: str, known: _Known) -> bool:
    """A long official title may run over two lines."""
    return current.level == 1 and current.code is None and len(text) <= _TITLE and bool(_exact(current.title + bare_line(text), known.form))


def _full_width(texts: list[str]) -> int:
    """Return the width of a full line where the document is cut into lines, 0 where its lines are paragraphs."""
    widths = sorted(width(t) for t in texts)
    widest = widths[-1] if widths else 0
    full = [w for w in widths if w >= widest - _RAGGED]
    return widest - _RAGGED if 40 <= widest <= _WIDEST and len(full) >= max(4, len(widths) // 4) else 0


def _is_open(line: str) -> bool:
    """Say whether a line plainly stops in the middle of a sentence."""
    return bool(line) and (line[-1] in "，、,（(《“‘〔" or any(line.count(a) > line.count(b) for a, b in ("“”", "《》", "（）")))


def _flows_on(before: str, after: str, full: int) -> bool:
    """Say whether a line goes on with the sentence of the line before it."""
    if is_title_tail(after):
        return width(before) <= _BROKEN_LINE and not re.search(r"[：:。，；]", before) and not is_title(before)
    if is_title(before) or _ROW.search(before):
        return False
    if _is_open(before) or after.startswith(_CONTINUES) or _parts_a_number(before[-_SEAM:], after[:_SEAM]):
        return True
    if _POINT.match(after):
        return False
    broken = before.rstrip(_CLOSERS)[-1:] not in _ENDS and width(before) >= _BROKEN_LINE
    signed = _DATE_ONLY.fullmatch(after) or is_organ(after)
    return broken or bool(full and width(before) >= full and not signed)


def _parts_a_number(before: str, after: str) -> bool:
    """Say whether a number and its unit stand on either side of the break."""
    return not before.endswith("。") and any(m.start < len(before) < m.end for m in mentions(before + after))


def is_furniture(line: str) -> bool:
    """Say whether a line belongs to the page and not to the report (来源：…, 时间：…).

    Examples
    --------
    >>> is_furniture("来源：平潭县人民政府 时间：2020-01-20 15:22"), is_furniture("附件下载"), is_furniture("时间紧，任务重。")
    (True, True, False)
    """
    return len(line) <= _SHORT and bool(pattern_of("titles", "furniture").match(line))


def is_organ(line: str) -> bool:
    """Say whether a line is the name of an organ and nothing else.

    Examples
    --------
    >>> [is_organ(t) for t in ("沁县人民政府办公室", "沁县", "请与沁县人民政府信息中心联系", "来源：平潭县人民政府")]
    [True, False, False, False]
    """
    return len(line) <= _SHORT and bool(_organ().fullmatch(squeeze(bare_line(line))))


@cache
def _organ() -> re.Pattern[str]:
    known = prose_words()["organs"]
    return re.compile(rf"(?!.*(?:{any_of(known['never'])}))[\u4e00-\u9fff（）()]{{1,28}}(?:{any_of(known['suffixes'])})")


def _finished(draft: _Draft) -> Section:
    """Join the lines of each paragraph, and remember where each line began."""
    places: list[tuple[int, str]] = []
    parts, at = [""], 0
    for paragraph in draft.paragraphs:
        for k, (part, where) in enumerate(paragraph):
            between = "\n" if at and not k else " " if re.fullmatch("[A-Za-z]{2}", parts[-1][-1:] + part[:1]) else ""
            places.append((at + len(between), where))
            parts.append(between + part)
            at += len(parts[-1])
    return Section(draft.number, draft.title, "".join(parts), draft.level, draft.where, tuple(places))


def paragraphs(section: Section) -> Iterator[tuple[int, str]]:
    """Yield the paragraphs of a section with their offset in its text."""
    at = 0
    for paragraph in section.text.split("\n"):
        yield at, paragraph
        at += len(paragraph) + 1
