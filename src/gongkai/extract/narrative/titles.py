"""The head and the foot of a page -> statements, and among them the titles of the report."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from functools import cache

from gongkai.core.model import Row, Section
from gongkai.core.numerals import in_digits
from gongkai.core.text import simplified, squeeze, without_readings
from gongkai.extract.narrative.numbers import fold_widths, pattern_of, prose_words
from gongkai.extract.narrative.sections import bare_line, is_furniture, is_organ, is_title, is_title_tail

# A text of the page with its place.
Said = tuple[str, str]

_YEAR = re.compile(r"(20\d\d)年|(二[〇○零OＯ0][〇○零OＯ0一二]?[〇○零OＯ0一二三四五六七八九])年")
# What parts the steps of the way to a page, and a page's name from those of its column and site.
CRUMBS = re.compile(r"[>»›→＞]+")
SITE = re.compile(r"[_|｜>»›→＞]+|\s+[-–—]+\s+|[-–—]+")
_LETTERS = re.compile(r"(?:\S[ \u3000]+){6,}\S")
# A menu of some hundred entries may stand between a page's title and its report.
_LONG, _LOOK, _HEAD, _LONGEST_HEAD = 90, 300, 12, 400
_MOST_LINES, _LONGEST_PIECE = 4, 30


def statements(rows: Sequence[Row]) -> list[Said]:
    """Turn the rows of a page's head or foot into its statements: a label goes with the cell or line that it is for.

    Examples
    --------
    >>> from gongkai.core.model import Cell
    >>> cells = [Cell(t, i, i + 1, "t1 r1") for i, t in enumerate(["标题：", "某县2019年政府信息公开年度报告", "发布日期", "2020-01-20"])]
    >>> statements([Row(tuple(cells), 1, "grid"), Row((Cell("来源：某县人民政府 时间：2020-01-20", 0, 1, "par 1"),))])
    ... # doctest: +NORMALIZE_WHITESPACE
    [('标题：某县2019年政府信息公开年度报告', 't1 r1'), ('发布日期：2020-01-20', 't1 r1'),
     ('来源：某县人民政府', 'par 1'), ('时间：2020-01-20', 'par 1')]
    """
    texts = [(text, row.where) for row in rows for text in _texts(row)]
    found: list[Said] = []
    for text, where in texts:
        if found and _label().fullmatch(squeeze(found[-1][0])) and not _label().fullmatch(squeeze(text)):
            found[-1] = (f"{found[-1][0].rstrip(' :：')}：{text}", found[-1][1])
        else:
            found.append((text, where))
    return [(part, where) for text, where in found for part in _credits().split(text) if part.strip()]


def _texts(row: Row) -> Iterator[str]:
    """Yield the texts of a row: of a table each cell, of a line the line, of which wide gaps part nothing but its words."""
    texts = [c.text for c in row.cells if c.text.strip()]
    yield from texts if row.kind not in ("line", "spaces") else [" ".join(texts)] if texts else []


def head_of(rows: Sequence[Row], sections: Sequence[Section]) -> Sequence[Row]:
    """Return the rows before the first heading; where there is none, the first rows."""
    first = next((s.where for s in sections if s.level), None)
    end = next((i for i, row in enumerate(rows) if row.where == first), _HEAD)
    return rows[max(0, end - _LONGEST_HEAD) : end]


def titles(head: Sequence[Said], meta: Mapping[str, str]) -> list[Said]:
    """Return the titles of the report, the one believed first: a page may also list the reports of other years.

    They are as printed, lines that belong to one title joined, without what only stands beside it (pinyin, the way to the page).
    """
    printed = list(_printed(head))
    found = [t for t in printed if _says_whose(t[0])] or printed or list(_on_a_long_line(head))
    named = meta_title(meta) or ""
    same = [t for t in found if squeeze(t[0]) == squeeze(named)] or [t for t in found if named and years(t[0])[:1] == years(named)[:1]]
    believed = (same or found[-1:])[:1]
    tagged = [(named, where) for _, where in believed if named]
    fuller = [t for t in (*found, *tagged) if believed and _is_fuller(t[0], believed[0][0])]
    return (sorted(fuller, key=lambda t: len(squeeze(t[0])))[-1:] or believed) + found[-1:]


def meta_title(meta: Mapping[str, str]) -> str | None:
    """Return the title that a page's own tags name, without the names of its site and column."""
    named = (meta.get(k, "") for k in prose_words()["titles"]["meta"])
    pieces = [piece.strip() for name in named for piece in SITE.split(name) if is_title(piece.strip())]
    return next((p for p in pieces if _says_whose(p)), None)


def stem_of(title: str) -> str:
    """Return what a title names before what it is.

    Examples
    --------
    >>> stem_of("沁县人民政府关于2019年政府信息公开年度报告"), stem_of("2021年沁县教育局信息公开年报")
    ('沁县人民政府', '沁县教育局')
    """
    bare = re.sub(r"[（(][^）)]*[）)]|关于|(?:20\d\d|二[〇○零OＯ0]..)年?度?", "", squeeze(fold_widths(title)))
    stem = re.split(r"政府信息公[开開]|政[务務](?:信息)?公[开開]|信息公[开開]", bare)[0]
    return stem + "政府" if stem.endswith("人民") else stem


def named_by(title: str) -> tuple[int | None, str]:
    """Return the year and the place that a title names; an empty place where it names none.

    Examples
    --------
    >>> named_by("沁县 2019 年政府信息公开年度报告"), named_by("政府信息公开工作年度报告")
    ((2019, '沁县'), (None, ''))
    """
    return next(iter(years(title)), None), stem_of(title)


def years(text: str) -> list[int]:
    """Return the years that a text names, in digits or in words."""
    return [int(in_digits(a or b)) for a, b in _YEAR.findall(squeeze(fold_widths(text)))]


def _says_whose(title: str) -> bool:
    """A column of a site is called 政府信息公开年报, too: a report's title names a year or a body."""
    return bool(years(title)) or len(stem_of(title)) > 1


def _is_fuller(title: str, than: str) -> bool:
    """Say whether a title names the same year and more of the same body."""
    mine, its = stem_of(title), stem_of(than)
    whose = mine != its and its in mine and (bool(its) or is_organ(mine))
    return whose and years(title)[:1] == years(than)[:1] and not CRUMBS.search(title)


def _printed(head: Sequence[Said]) -> Iterator[Said]:
    lines = [_line(text) for text, _ in head]
    for index, (_, where) in enumerate(head):
        found = _joined(lines, index)
        if found:
            yield found, where


def _line(text: str) -> str:
    """Take off a line what is no part of a title: the label, Markdown, pinyin behind characters, the way to the page."""
    bare = bare_line(unlabelled(text))
    plain = without_readings(bare)
    # Only a mirror's machine prints pinyin behind characters; it has turned simplified characters into traditional ones before.
    bare = simplified(plain) if plain != bare else bare
    bare = CRUMBS.split(bare)[-1].strip()
    return squeeze(bare) if _LETTERS.fullmatch(bare) or re.search(r"\s{2,}", bare) else bare


def _joined(lines: Sequence[str], index: int) -> str | None:
    """Return the title that ends on a line, with the lines before it that belong to it."""
    text, first = lines[index], index
    if pattern_of("titles", "rest").fullmatch(squeeze(text)):
        while not is_title(text) and index - first < _MOST_LINES - 1 and first and _is_piece(lines[first - 1]):
            first -= 1
            text = lines[first] + text
    if not is_title(text):
        return None
    while is_title_tail(text) and index - first < _MOST_LINES - 1 and first and _leads(lines[first - 1]):
        first -= 1
        text = lines[first] + text
    return text


def _is_piece(line: str) -> bool:
    return 0 < len(line) <= _LONGEST_PIECE and not (is_furniture(line) or is_title(line) or re.search(r"[。：，:,;；]", line))


def _leads(line: str) -> bool:
    """Say whether a line can be the beginning of a title: whose report it is, or of which year."""
    return _is_piece(line) and (is_organ(line) or bool(pattern_of("titles", "lead").search(squeeze(line))))


def _on_a_long_line(head: Sequence[Said]) -> Iterator[Said]:
    """Yield the titles with which a line begins that goes on with the report itself."""
    for text, where in head:
        if len(text) > _LONG:
            opening = text[:_LOOK].split("。")[0]
            pieces = opening.split()
            spaced = [p for p in pieces if is_title(p) and _says_whose(p)]
            glued = pattern_of("titles", "glued").match(squeeze(opening))
            yield from ((t, where) for t in spaced[-1:] or ([glued[1]] if glued and is_title(glued[1]) else []))


def unlabelled(line: str) -> str:
    """Take the word for a title off a line.

    Examples
    --------
    >>> unlabelled("标题：沁县2019年政府信息公开年度报告")
    '沁县2019年政府信息公开年度报告'
    """
    return re.sub(rf"^\W{{0,2}}(?:{prose_words()['titles']['named']})\s*[:：]\s*\|?\s*", "", line, count=1)


@cache
def _label() -> re.Pattern[str]:
    known = prose_words()["titles"]
    return re.compile(rf"(?:{known['named']}|{'|'.join(known['dates'])}|{known['sources']})[:：]?")


@cache
def _credits() -> re.Pattern[str]:
    known = prose_words()["titles"]
    labels = "|".join([known["sources"], *known["dates"], "作者", "编辑", "浏览(?:次数|量)?", "字体", "字号"])
    # It begins only where a run of marks does: else a long run would be searched from each of its characters.
    return re.compile(rf"(?<![\s|【】\[\]（）()])[\s|【】\[\]（）()]+(?=(?:{labels})\s*[:：])")
