"""PDF with a text layer -> rows and lines."""

from __future__ import annotations

from threading import Lock
from typing import Any

from gongkai.readers.decoding import Content, Unreadable, damage
from gongkai.readers.pdf.pages import Page, rows_of

FORMAT = "pdf"
PRIORITY = 0
MOST_PAGES, MOST_GLYPHS = 400, 500_000
_MAGIC, _HEAD = b"%PDF-", 1024
_META = ("Title", "Author", "Subject", "Keywords", "Creator", "Producer")
# The library keeps one state for the whole process.
_ONE_AT_A_TIME = Lock()


def recognises(data: bytes) -> bool:
    """Say whether a file begins as a PDF does; some begin with a few bytes of another kind."""
    return _MAGIC in data[:_HEAD] and not data.lstrip().startswith(b"<")


def read(data: bytes) -> Content:
    """Turn a PDF with a text layer into rows and lines in reading order."""
    import pypdfium2

    with _ONE_AT_A_TIME:
        document = _opened(data)
        try:
            if len(document) > MOST_PAGES:
                raise Unreadable(f"超过 {MOST_PAGES} 页的 PDF", f"a PDF of more than {MOST_PAGES} pages")
            pages = _pages(document)
            meta = {k.lower(): v for k in _META if (v := document.get_metadata_value(k).strip())}
        finally:
            document.close()
    rows = tuple(rows_of(pages))
    text = "".join(g.text for page in pages for g in page.glyphs)
    return Content(rows, f"pdfium {pypdfium2.PDFIUM_INFO.build}", meta, damage(text))


def _opened(data: bytes) -> Any:
    from pypdfium2 import PdfDocument, PdfiumError
    from pypdfium2.raw import FPDF_ERR_PASSWORD, FPDF_ERR_SECURITY

    try:
        return PdfDocument(data)
    except PdfiumError as error:
        if error.err_code in (FPDF_ERR_PASSWORD, FPDF_ERR_SECURITY):
            raise Unreadable("加密的 PDF（需要密码）", "an encrypted PDF (it needs a password)") from error
        raise Unreadable("损坏的 PDF", "a damaged PDF") from error


def _pages(document: Any) -> list[Page]:
    """Read all pages; a document none of whose pages prints a character is a scan."""
    from pypdfium2 import PdfiumError

    from gongkai.readers.pdf._pdfium import page_of

    pages: list[Page] = []
    for index in range(len(document)):
        try:
            page = document[index]
        except PdfiumError as error:
            raise Unreadable(f"损坏的 PDF（第 {index + 1} 页）", f"a damaged PDF (page {index + 1})") from error
        pages.append(page_of(page))
        page.close()
        if sum(len(p.glyphs) for p in pages) > MOST_GLYPHS:
            raise Unreadable(f"超过 {MOST_GLYPHS} 个字符的 PDF", f"a PDF of more than {MOST_GLYPHS} characters")
    if not any(p.glyphs for p in pages):
        raise Unreadable("没有文字层的 PDF（扫描件）", "a PDF without printed text (a scan)", "picture")
    return pages
