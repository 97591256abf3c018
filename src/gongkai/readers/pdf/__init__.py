"""PDF with a text layer -> rows and lines."""

from __future__ import annotations

from threading import Lock
from typing import Any

from gongkai.readers.decoding import Content, Unreadable, damage
from gongkai.readers.limits import within
from gongkai.readers.pdf.pages import Page, rows_of
from gongkai.readers.pdf.weight import Traits, weigh

FORMAT = "pdf"
PRIORITY = 0
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

    traits = weigh(data)
    with _ONE_AT_A_TIME:
        document = _opened(data)
        try:
            within("pdf_pages", len(document))
            pages = _pages(document, traits)
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
            raise Unreadable("locked_pdf") from error
        raise Unreadable("pdf") from error


def _pages(document: Any, traits: Traits) -> list[Page]:
    """Read all pages; a document of which nearly all characters are laid unseen, or that has none, is a scan."""
    from pypdfium2 import PdfiumError

    from gongkai.readers.pdf._pdfium import page_of
    from gongkai.readers.pdf.annotations import settled

    if document.get_formtype():
        document.init_forms()
    pages: list[Page] = []
    for index in range(len(document)):
        try:
            page, added = settled(document, index)
        except PdfiumError as error:
            raise Unreadable("pdf_page", n=index + 1) from error
        pages.append(page_of(page, added, traits))
        page.close()
        within("pdf_characters", sum(len(p.glyphs) for p in pages))
    shown, unseen = sum(len(p.glyphs) for p in pages), sum(p.unseen for p in pages)
    if unseen > shown:
        raise Unreadable("scan")
    if not shown:
        raise Unreadable("pdf_without_text")
    return pages
