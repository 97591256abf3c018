"""Small PDFs for the tests, drawn mark by mark: texts and rules in points from the upper left corner of a page."""

from __future__ import annotations

import io
import re
from collections.abc import Sequence
from importlib.resources import files
from typing import NamedTuple

WIDTH, HEIGHT = 595, 842
FONT = files("gongkai.studies") / "fonts" / "GongkaiSansSC-Regular.otf"


class Text(NamedTuple):
    x: float
    y: float
    text: str
    size: float = 10
    turn: int = 0


class Rule(NamedTuple):
    x0: float
    y0: float
    x1: float
    y1: float


Mark = Text | Rule
Cell = str | tuple[str, int, int]


def pdf(*pages: Sequence[Mark]) -> bytes:
    """Draw pages of marks."""
    import matplotlib
    from matplotlib.backends.backend_pdf import PdfPages
    from matplotlib.figure import Figure
    from matplotlib.font_manager import FontProperties
    from matplotlib.lines import Line2D

    out, font = io.BytesIO(), FontProperties(fname=str(FONT))
    with matplotlib.rc_context({"pdf.fonttype": 3}), PdfPages(out) as book:
        for marks in pages:
            figure = Figure(figsize=(WIDTH / 72, HEIGHT / 72))
            for mark in marks:
                if isinstance(mark, Text):
                    at = (mark.x / WIDTH, 1 - mark.y / HEIGHT)
                    figure.text(*at, mark.text, fontproperties=font, size=mark.size, rotation=mark.turn, ha="left", va="baseline")
                else:
                    xs, ys = (mark.x0 / WIDTH, mark.x1 / WIDTH), (1 - mark.y0 / HEIGHT, 1 - mark.y1 / HEIGHT)
                    figure.add_artist(Line2D(xs, ys, linewidth=0.5, color="black", solid_capstyle="butt"))
            book.savefig(figure)
    return out.getvalue()


def table(lines: Sequence[Sequence[Cell]], widths: Sequence[float], x: float = 60, y: float = 100, height: float = 20) -> list[Mark]:
    """Draw a ruled table; a cell is its text, or (text, columns, rows), and ``\\n`` begins another line in it."""
    edges = [x + sum(widths[:i]) for i in range(len(widths) + 1)]
    tall = [max(height, max((12 * _text(c).count("\n") + 20 for c in line if _rows(c) == 1), default=0)) for line in lines]
    tops = [y + sum(tall[:i]) for i in range(len(lines) + 1)]
    marks: list[Mark] = []
    taken: set[tuple[int, int]] = set()
    for r, line in enumerate(lines):
        at = 0
        for cell in line:
            while (r, at) in taken:
                at += 1
            columns, rows = (1, 1) if isinstance(cell, str) else cell[1:]
            taken |= {(r + j, at + i) for j in range(rows) for i in range(columns)}
            marks += _box(edges[at], tops[r], edges[at + columns], tops[r + rows])
            marks += [Text(edges[at] + 2, tops[r] + 14 + 12 * n, t) for n, t in enumerate(_text(cell).split("\n")) if t]
    return marks


def _text(cell: Cell) -> str:
    return cell if isinstance(cell, str) else cell[0]


def _rows(cell: Cell) -> int:
    return 1 if isinstance(cell, str) else cell[2]


def _box(x0: float, y0: float, x1: float, y1: float) -> list[Mark]:
    return [Rule(x0, y0, x1, y0), Rule(x0, y1, x1, y1), Rule(x0, y0, x0, y1), Rule(x1, y0, x1, y1)]


# What locks a PDF with a password that nobody knows.
LOCKED = b"/ID[<00><00>]/Encrypt<</Filter/Standard/V 1/R 2/P -4/O(" + b"o" * 32 + b")/U(" + b"u" * 32 + b")>>"


def bare_pdf(content: bytes = b"", trailer: bytes = b"") -> bytes:
    """Write the smallest PDF of one page, with what stands on it as it is."""
    font = b"4 0 obj<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>endobj "
    page = b"3 0 obj<</Type/Page/Parent 2 0 R/MediaBox[0 0 300 300]/Contents 5 0 R/Resources<</Font<</F 4 0 R>>>>>>endobj "
    stream = b"5 0 obj<</Length %d>>stream\n%s\nendstream endobj " % (len(content), content)
    head = b"%PDF-1.4\n1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj 2 0 obj<</Type/Pages/Kids[3 0 R]/Count 1>>endobj "
    return head + page + font + stream + b"trailer<</Root 1 0 R" + trailer + b">>"


class Overlay(NamedTuple):
    """What is drawn onto a page in the language of PDF: ``F`` is Helvetica, ``Z`` ZapfDingbats, ``X…`` the further objects by number.

    ``annotations`` and ``objects`` are bodies of objects; a body may name another as ``X7``, its number among ``objects``.
    """

    content: str
    annotations: tuple[str, ...] = ()
    objects: tuple[str | bytes, ...] = ()
    resources: str = ""
    catalog: str = ""


def stream(content: str | bytes, head: str = "") -> bytes:
    body = content.encode() if isinstance(content, str) else content
    return f"<<{head}/Length {len(body)}>>stream\n".encode() + body + b"\nendstream"


def form(content: str, box: str = "0 0 595 842", resources: str = "") -> bytes:
    """Return a form that draws something."""
    return stream(content, f"/Type/XObject/Subtype/Form/BBox[{box}]/Resources<<{FONTS}{resources}>>")


FONTS = (
    "/Font<</F<</Type/Font/Subtype/Type1/BaseFont/Helvetica/Encoding/WinAnsiEncoding>>"
    "/Z<</Type/Font/Subtype/Type1/BaseFont/ZapfDingbats>>>>"
)


def overlaid(data: bytes, over: Overlay) -> bytes:
    """Draw onto the first page of a book made by ``pdf``, as a program does that changes a file: behind its end."""
    page, catalog = (re.search(rb"(\d+) 0 obj\n<<(?=[^>]*?/Type /%s\b).*?\nendobj" % kind, data, re.S) for kind in (b"Page", b"Catalog"))
    assert page and catalog
    size = int(re.findall(rb"/Size (\d+)", data)[-1])
    first = size + 1 + len(over.annotations)
    numbers = {f"X{i}": first + i for i in range(len(over.objects))}
    annotations = " ".join(f"{size + 1 + i} 0 R" for i in range(len(over.annotations)))
    contents = re.search(rb"/Contents (\d+) 0 R", page[0])
    resources = re.search(rb"/Resources (\d+) 0 R", page[0])
    assert contents and resources
    head = page[0].partition(b" 0 obj\n")[2].removesuffix(b"\nendobj")
    head = re.sub(rb"/Annots \[[^\]]*\]|/Annots \d+ 0 R|/Group <<.*?>>|/Group \d+ 0 R", b"", head, flags=re.S)
    head = head.replace(contents[0], b"/Contents [%s 0 R %d 0 R]/Annots[%s]" % (contents[1], size, annotations.encode()))
    old = re.search(rb"\n%s 0 obj\n<<(.*?)>>\nendobj" % resources[1], data, re.S)
    assert old
    fonts = re.search(rb"/Font (\d+) 0 R", old[1])
    assert fonts
    theirs = re.search(rb"\n%s 0 obj\n<<(.*?)>>\nendobj" % fonts[1], data, re.S)
    assert theirs
    ours = FONTS.removeprefix("/Font<<").encode() + over.resources.encode()
    whole = old[1].replace(fonts[0], b"/Font<<" + theirs[1] + ours)
    for key in re.findall(r"/(?:XObject|ExtGState|Properties)\b(?=<<)", over.resources):
        whole = re.sub(key.encode() + rb" \d+ 0 R", b"", whole)
    head = head.replace(resources[0], b"/Resources<<" + whole + b">>")
    root = catalog[0].partition(b" 0 obj\n")[2].removesuffix(b"\nendobj")
    bodies = {
        int(page[1]): head,
        int(catalog[1]): b"<<" + over.catalog.encode() + root.removeprefix(b"<<"),
        size: stream(over.content),
        **{size + 1 + i: a.encode() for i, a in enumerate(over.annotations)},
        **{first + i: o if isinstance(o, bytes) else o.encode() for i, o in enumerate(over.objects)},
    }
    named = {n: re.sub(rb"(?<!/)\bX(\d+)\b", lambda m: b"%d 0 R" % numbers[m[0].decode()], b) for n, b in bodies.items()}
    return _appended(data, named, int(catalog[1]))


def _appended(data: bytes, bodies: dict[int, bytes], root: int) -> bytes:
    out, table = bytearray(data), [b"xref\n"]
    for number, body in sorted(bodies.items()):
        table.append(b"%d 1\n%010d 00000 n \n" % (number, len(out)))
        out += b"%d 0 obj\n%s\nendobj\n" % (number, body)
    before = int(re.findall(rb"startxref\s+(\d+)", data)[-1])
    start = len(out)
    trailer = b"trailer\n<</Size %d/Root %d 0 R/Prev %d>>\nstartxref\n%d\n%%%%EOF" % (max(bodies) + 1, root, before, start)
    return bytes(out) + b"".join(table) + trailer
