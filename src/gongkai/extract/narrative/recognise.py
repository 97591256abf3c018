"""A document without tables -> a report all the same, or what it is instead."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from itertools import pairwise
from typing import Any

from gongkai.core.data import packaged
from gongkai.core.errors import NotAReport
from gongkai.core.messages import LANGUAGES, Words
from gongkai.core.model import Document, Row
from gongkai.core.text import is_value, label_key, squeeze
from gongkai.extract.narrative.numbers import prose_words
from gongkai.extract.narrative.sections import bare_line, is_furniture, is_organ, is_title
from gongkai.extract.narrative.titles import CRUMBS, SITE, stem_of, unlabelled, years
from gongkai.forms.keys import every_title

FEWEST_HEADINGS = 2
# Two short sentences are something told.
_HEAD, _NAME, _SHORT, _PROSE = 12, 60, 600, 40
_FEWEST_LISTED = 3
_PART = re.compile(r"(?:^|[。；:：\s\u4e00-\u9fff])([一二三四五六七八]|[1-8])、")
# The head of an indicator list that runs into its rows: there is a list, and what it says is lost.
_LOST_LIST = re.compile("统计表.{0,4}指标")
_ASIDE = re.compile(r"[（(][^（）()]*[）)]")
_DATED = re.compile(r"\s*[\[（(]?20\d\d[-./年]\d{1,2}[-./月]\d{1,2}日?[\]）)]?$")


def is_narrative(document: Document, rows: Sequence[Row]) -> bool:
    """Say whether paragraphs are a report, of whatever headings: by its official headings, its title, or a sentence that says so.

    Parameters
    ----------
    document : Document
        For the title that a page gives itself in its tags.
    rows : sequence of Row
        Its rows without those of an indicator list.

    Returns
    -------
    bool
        False for what is only about a report: its interpretation, a notice, the news, a list of reports.

    Examples
    --------
    >>> from gongkai.readers import read_document
    >>> told = "某县水务局2012年政府信息公开年度报告\\n2012年，我局主动公开信息32条，未收到公开申请。公开还不够及时，将在今后改进。"
    >>> for text in (told, "《某县2012年政府信息公开年度报告》解读\\n" + told):
    ...     document = read_document(text.encode())
    ...     print(is_narrative(document, document.rows))
    True
    False
    """
    lines = [_joined(row) for row in rows if len(row.cells) == 1 and not row.aside]
    named = list(_names(document, rows))
    text = squeeze("".join(lines))
    if _kind_named(*named, level="strong"):
        return False
    if sum(label_key(line) in every_title() for line in lines) >= FEWEST_HEADINGS:
        return True
    titles = _report_titles(lines)
    if len({y for t in titles for y in years(t)}) > 1 or len(titles) >= _FEWEST_LISTED or _LOST_LIST.search(text):
        return False
    # One mention of disclosure is not enough, but a short report of a small office has few.
    told = text.count("公开") > FEWEST_HEADINGS and (len(set(_PART.findall(text))) > FEWEST_HEADINGS or _is_prose(lines))
    if any(years(t) for t in titles):
        return told and not _kind_of_text(text)
    own_words = any(re.search(_strangers()["sentences"]["own"], squeeze(line)) for line in lines)
    return told and own_words and not _kind_named(*named[:1]) and not _kind_of_text(text)


def not_a_report(document: Document) -> NotAReport:
    """Return the error that tells what a document is instead of a report, and what helps.

    Examples
    --------
    >>> from gongkai.readers import read_document
    >>> not_a_report(read_document("某县政府信息公开指南\\n为方便公民获取信息，编制本指南。".encode())).found[1]
    'a guide to information disclosure (it begins “某县政府信息公开指南”)'
    """
    kind = _kind(document)
    count = str(len(_report_titles([_joined(row) for row in document.rows])))
    line = next((c.text for row in document.rows for c in row.cells if c.text.strip()), "")[:40]
    first = "".join(c if c.isprintable() else "·" for c in line)
    what = Words(*(kind[language].replace("{count}", count) for language in LANGUAGES))
    return NotAReport.of("edition.none", document.name, what=what, first=first, advice=Words(kind["do_zh"], kind["do_en"]))


def only_encloses_a_form(document: Document, rows: Sequence[Row]) -> bool:
    """Say whether a document is a notice, a guide or the like and holds the official form without a single number."""
    if any(re.search(r"\d", c.text) and is_value(c.text) for row in rows if row.table for c in row.cells):
        return False
    return _kind_named(*_names(document, rows), level="strong") is not None


def _kind(document: Document) -> Mapping[str, str]:
    """Tell what a document is: by the name that it gives itself, by what it says, by what it lists."""
    lines = [_joined(row) for row in document.rows]
    text, named = squeeze("".join(lines)), list(_names(document, document.rows))
    titles, told = _report_titles(lines), _is_prose(lines)
    if titles and _LOST_LIST.search(text):
        code = "lost_list"
    elif strong := _kind_named(*named, level="strong") or (_kind_of_text(text) if len(text) <= _SHORT else None):
        return strong
    elif titles and not told:
        code = "contents" if len(titles) >= _FEWEST_LISTED else "bare"
    elif weak := _kind_named(*named) or _kind_of_text(text):
        return weak
    else:
        code = "unknown"
    kind: Mapping[str, str] = _strangers()[code]
    return kind


def _kind_named(*names: str, level: str = "title") -> Mapping[str, str] | None:
    kinds: Sequence[Mapping[str, str]] = _strangers()["kinds"]
    return next((k for name in names for k in kinds if level in k and re.search(k[level], name)), None)


def _kind_of_text(text: str) -> Mapping[str, str] | None:
    """Tell a page by what it says, which only a short one says of itself; news says it at the beginning."""
    short = len(text) <= _SHORT
    kinds: Sequence[Mapping[str, str]] = _strangers()["kinds"]
    said = (k for k in kinds if "text" in k and (short or k["text"].startswith("^")))
    return next((k for k in said if re.search(k["text"], text[:_SHORT])), None)


def _names(document: Document, rows: Sequence[Row]) -> Iterator[str]:
    """Yield the names that a page gives itself: in its tags, then in its first lines, those of the report's part of the page first."""
    tagged = (document.meta.get(key, "") for key in prose_words()["titles"]["meta"])
    yield from (squeeze(piece) for name in tagged for piece in SITE.split(name)[:1] if piece.strip())
    lines = [(row.aside, squeeze(bare_line(_joined(row)))) for row in rows]
    short = [(aside, line) for aside, line in lines if line and len(line) <= _NAME and not is_furniture(line)][:_HEAD]
    yield from (CRUMBS.split(line)[-1] for aside, line in sorted(short, key=lambda s: s[0]))


def _report_titles(lines: Sequence[str]) -> set[str]:
    """Return the titles of reports that stand on a line, or on two, and say whose they are."""
    bare = [_DATED.sub("", unlabelled(bare_line(line))).strip() for line in lines]
    two = (f"{a}{b}" for a, b in pairwise(bare[:_HEAD]) if not is_title(a) and not is_title(b) and len(a) <= _NAME)
    titles = {squeeze(t) for t in (*(t for t in bare if is_title(t)), *(t for t in two if is_title(t) and years(t))) if not is_furniture(t)}
    return {t for t in titles if (years(t) or is_organ(stem_of(t))) and not _kind_named(t)}


def _is_prose(lines: Sequence[str]) -> bool:
    """Say whether something is told: whole sentences, and not only what stands in brackets."""
    return sum(len(_ASIDE.sub("", line)) for line in lines if "。" in line) >= _PROSE


def _joined(row: Row) -> str:
    return "".join(c.text for c in row.cells)


def _strangers() -> Mapping[str, Any]:
    """Return what is known of documents that are no report: the words of ``strangers.toml``."""
    return packaged(__package__, "strangers.toml")
