"""A page -> the documents that it offers as the report: links named so, embedded files, pictures of its pages."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple
from urllib.parse import parse_qs, urljoin, urlsplit

from selectolax.lexbor import LexborHTMLParser, LexborNode

from gongkai.core.text import squeeze
from gongkai.corpus.fetch.addresses import whole
from gongkai.readers.decoding import decode

LINK, EMBEDDED, PICTURE = "link", "embedded", "picture"
_ENDING = re.compile(r"(?i)\.(?:pdf|docx?|wps|xlsx?|et|ofd|rtf|zip|rar|7z|txt)\b")
_NAMED = re.compile(r"年度?报告?|年報|年度報告|nianbao|niandubaogao")
_REPORT = re.compile(r"年度报告|年度工作报告|年度報告")
_YEAR = re.compile(r"(?<!\d)(?:19|20)\d\d(?!\d)")
# Files that a page draws itself with, not pages of a report.
_ORNAMENT = re.compile(
    r"(?i)\.(?:gif|svg|ico|webp)\b|logo|icon|banner|qr|ewm|erweima|wx|weixin|weibo|gongan|beian|search|share|button|arrow"
)
# What leads nowhere else: it stands in the page itself, or runs in it.
_WITHIN = re.compile(r"(?i)(?:data|javascript|about|mailto|blob):")
_AROUND = "header, nav, footer, aside, a"
# A picture that says it is smaller than this many pixels is no page of a report.
_SMALL = 200


class Offer(NamedTuple):
    """A document that a page offers: its address, how (``link``, ``embedded``, ``picture``), and what the page calls it."""

    url: str
    how: str
    name: str


def offers(page: bytes, base: str, year: str = "") -> list[Offer]:
    """Return the documents that a page offers as the report, each once; pictures only where it offers nothing else.

    Parameters
    ----------
    page : bytes
        What the address gave; of what is no page nothing is found.
    base : str
        Its address.
    year : str
        The year of the report, where it is known: a link that names other years alone leads to another report.

    Examples
    --------
    >>> page = '<p>附件：<a href="2023.pdf">2023年政府信息公开工作年度报告.pdf</a></p><a href="/nb/">政府信息公开年度报告</a>'
    >>> offers(page.encode(), "http://www.qinxian.gov.cn/a/1.html")
    [Offer(url='http://www.qinxian.gov.cn/a/2023.pdf', how='link', name='2023年政府信息公开工作年度报告.pdf')]
    """
    tree = LexborHTMLParser(decode(page)[0])
    start = tree.css_first("base[href]")
    base = _joined(base, (start.attributes.get("href") if start else None) or "")
    found = {
        offer.url: offer
        for offer in (*_embedded(tree, base), *_links(tree, base, year))
        if offer.url not in ("", base) and not _WITHIN.match(offer.url)
    }
    if not found and not tree.css_first("table"):
        found = {offer.url: offer for offer in _pictures(tree, base) if not _WITHIN.match(offer.url)}
    return list(found.values())


def alike(name: str) -> str:
    """Return a document's name without what tells its formats apart.

    Examples
    --------
    >>> alike("附件：2023年年度报告.docx") == alike("2023年年度报告（PDF）")
    True
    """
    return re.sub(r"(?i)^附件\d*|\.?(?:pdf|docx?|wps|xlsx?|word|版|下载|ofd)|[\W_]", "", squeeze(name))


def _links(tree: LexborHTMLParser, base: str, year: str) -> Iterator[Offer]:
    """Yield links named as the report: to a file, or with its year; the column of all reports, which is named so too, is neither."""
    for node in tree.css("a[href]"):
        name, target = _name(node), node.attributes.get("href") or ""
        years = {*_YEAR.findall(name)}
        is_file = bool(_ENDING.search(target) or _ENDING.search(name))
        is_named = bool(_REPORT.search(name)) or (is_file and bool(_NAMED.search(name + target)))
        if is_named and (is_file or years) and (not year or not years or year in years):
            yield Offer(_joined(base, target), LINK, name)


def _embedded(tree: LexborHTMLParser, base: str) -> Iterator[Offer]:
    """Yield files that a page shows within itself; of a viewer that is told a file, the file."""
    for node in tree.css("iframe[src], embed[src], object[data], frame[src]"):
        target = node.attributes.get("src") or node.attributes.get("data") or ""
        told = parse_qs(urlsplit(_joined(base, target)).query).get("file", [])
        file = next((text for text in (*told, target) if _ENDING.search(text)), "")
        if file:
            yield Offer(_joined(_joined(base, target), file) if file != target else _joined(base, target), EMBEDDED, _name(node))


def _pictures(tree: LexborHTMLParser, base: str) -> Iterator[Offer]:
    around = {node.mem_id for outer in tree.css(_AROUND) for node in outer.css("img")}
    for node in tree.css("img[src]"):
        target = node.attributes.get("src") or ""
        sizes = [int(size) for name in ("width", "height") if (size := (node.attributes.get(name) or "").removesuffix("px")).isdecimal()]
        if node.mem_id in around or _ORNAMENT.search(target) or any(size < _SMALL for size in sizes):
            continue
        yield Offer(_joined(base, target), PICTURE, node.attributes.get("alt") or "")


def _name(node: LexborNode) -> str:
    said = (node.text(), node.attributes.get("title") or "", node.attributes.get("download") or "")
    return " ".join(dict.fromkeys(text for each in said if (text := squeeze(each))))


def _joined(base: str, target: str) -> str:
    try:
        return whole(urljoin(base, target.strip()))
    except ValueError:  # such as http://[
        return target.strip()
