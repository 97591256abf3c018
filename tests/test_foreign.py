"""What is not read is refused by its right name, whatever its file is called, with advice that works."""

from __future__ import annotations

import io
import zipfile

import pytest

from gongkai import ReportError, read_report
from gongkai.readers import read_document
from gongkai.readers.foreign import foreign

NOISE = bytes(range(256)) * 20
OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + NOISE
MSO, OASIS = "schemas.microsoft.com/office", "urn:oasis:names:tc:opendocument:xmlns:office:1.0"
XML = '<?xml version="1.0"?>\n'
WORDML = f'{XML}<?mso-application progid="Word.Document"?><w:wordDocument xmlns:w="http://{MSO}/word/2003/wordml"/>'
SHEETML = f'{XML}<Workbook xmlns="urn:schemas-microsoft-com:office:spreadsheet"><Table><Row/></Table></Workbook>'
FLAT = f'{XML}<pkg:package xmlns:pkg="http://{MSO}/2006/xmlPackage"><w:p/></pkg:package>'
FODT = XML + f'<office:document xmlns:office="{OASIS}" office:mimetype="application/vnd.%s"/>'
MHTML = "From: <Saved by Blink>\r\nMIME-Version: 1.0\r\nContent-Type: multipart/related;\r\n\ttype=x\r\n\r\n\r\n--x\r\n<html><p>"


def archive(**members: str) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as made:
        for name, text in members.items():
            made.writestr(name.replace("__", "/").replace("_xml", ".xml"), text)
    return out.getvalue()


FOREIGN = {
    "Word 97-2003": (OLE + "WordDocument".encode("utf-16-le"), "word"),
    "PowerPoint 97-2003": (OLE + "PowerPoint Document".encode("utf-16-le"), "slides"),
    "OLE file": (OLE, "word"),
    "RTF": (b"{\\rtf1\\ansi <table> ...}", "word"),
    "RTF ": (b"\xef\xbb\xbf \r\n{\\rtf1\\ansi ...}"[3:], "word"),
    "OpenDocument text": (archive(mimetype="application/vnd.oasis.opendocument.text", content_xml="x"), "word"),
    "OpenDocument spreadsheet": (archive(mimetype="application/vnd.oasis.opendocument.spreadsheet"), "sheet"),
    "OFD": (archive(OFD_xml="x", Doc_0__Document_xml="x"), "layout"),
    "PowerPoint presentation": (archive(ppt__presentation_xml="x"), "slides"),
    "EPUB": (archive(mimetype="application/epub+zip"), "archive"),
    "ZIP": (archive(a="x"), "archive"),
    "SpreadsheetML 2003": (SHEETML.encode(), "sheet"),
    "SpreadsheetML 2003 ": (SHEETML.encode("utf-16"), "sheet"),
    "Word 2003 XML": (WORDML.encode(), "word"),
    "Flat OPC": (FLAT.encode(), "word"),
    "OpenDocument text as flat XML": ((FODT % "oasis.opendocument.text").encode(), "word"),
    "OpenDocument spreadsheet as flat XML": ((FODT % "oasis.opendocument.spreadsheet").encode(), "sheet"),
    "MHTML": (MHTML.encode(), "archived_page"),
    "shortcut": (b"[InternetShortcut]\r\nURL=http://a/", "shortcut"),
    "PNG": (b"\x89PNG\r\n\x1a\n" + NOISE, "picture"),
    "JPEG": (b"\xff\xd8\xff\xe0" + NOISE, "picture"),
    "TIFF": (b"II*\0" + NOISE, "picture"),
    "TIFF ": (b"MM\0*" + NOISE, "picture"),
    "GIF": (b"GIF89a" + NOISE, "picture"),
    "BMP": (b"BM" + NOISE, "picture"),
    "WebP": (b"RIFF\0\0\0\0WEBP" + NOISE, "picture"),
    "HEIF": (b"\0\0\0\x18ftypheic" + NOISE, "picture"),
    "SVG": (b'<?xml version="1.0"?><!DOCTYPE svg><svg xmlns="http://www.w3.org/2000/svg"><text>1</text></svg>', "picture"),
    "DjVu": (b"AT&TFORM" + NOISE, "picture"),
    "CEB": (b"Founder CEB 2.50f\0" + NOISE, "layout"),
    "CAJ": (b"CAJ\0" + NOISE, "layout"),
    "CAJ ": (b"HN\0\0" + NOISE, "layout"),
    "gzip": (b"\x1f\x8b\x08" + NOISE, "archive"),
    "RAR": (b"Rar!\x1a\x07\x01\0" + NOISE, "archive"),
    "7z": (b"7z\xbc\xaf\x27\x1c" + NOISE, "archive"),
    "tar": (b"a" * 257 + b"ustar\0" + NOISE, "archive"),
    "program": (b"MZ" + NOISE, "saved_again"),
}


@pytest.mark.parametrize("kind", FOREIGN)
def test_a_format_that_is_not_read_is_named(kind: str) -> None:
    data, advice = FOREIGN[kind]
    found = foreign(data)
    assert found and found[1] == advice
    with pytest.raises(ReportError) as caught:
        read_report(data)
    assert kind.strip() in caught.value.in_language("en") and found[0][0] in caught.value.in_language("zh")


PAGES = {
    "a page that holds an SVG picture": '<?xml version="1.0"?><!DOCTYPE html><html><body><svg></svg><p>规章</p>',
    "a page that Excel made": '<html xmlns="urn:schemas-microsoft-com:office:spreadsheet"><p>规章</p>',
    "text that begins as a bitmap": "BM市2019年报告",
    "text that begins as a program": "MZ市2019年报告",
    "text with a line of metadata": "标题: 报告\nMIME-Version: 1.0\n规章",
}


@pytest.mark.parametrize("kind", PAGES)
def test_what_only_mentions_a_format_is_read(kind: str) -> None:
    assert read_document(PAGES[kind].encode()).rows
