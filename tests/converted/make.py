"""Set the figures of published reports with programs that are not the package: ``python tests/converted/make.py [DOCUMENT ...]``.

``figures/*.json`` has what a person read, ``form.toml`` the official labels. From both a plain page is made, and each converter of
``DOCUMENTS`` makes a document of it: pandas, LibreOffice (``soffice``) and chromium. Only this script needs them (and tabulate, openpyxl
and fonts-wqy-microhei); the tests read the documents that it leaves in ``documents/``. Without names all of them are made anew.
"""

from __future__ import annotations

import html
import io
import json
import subprocess
import sys
import tempfile
import tomllib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

HERE = Path(__file__).resolve().parent
FORM = tomllib.loads((HERE / "form.toml").read_text(encoding="utf-8"))
Facts = dict[str, Any]
Cell = tuple[str, int, int]  # text, rows, columns


@dataclass(frozen=True)
class Table:
    """Rows of cells, of which the first are its head; a table without one head has none."""

    rows: list[list[Cell]]
    heads: int = 0


Pieces = list[str | Table]  # paragraphs and tables; a heading begins with "#"


def pieces(facts: Facts) -> Pieces:
    """Put a report together: the official headings, the tables, and sentences of our own."""
    first, *rest = FORM[facts["form"]]["sections"]
    listed = facts["form"] == "statistics"
    tables = [indicators(facts)] if listed else [t for t in (disclosure(facts), applications(facts), review(facts)) if t.rows]
    found: Pieces = ["# " + facts["title"], "## " + first, "本文件的数字取自已公布的年度报告，文字另拟。", *sentence(facts)]
    for heading, table in zip(rest, tables, strict=False):
        found += ["## " + heading, table]
    if not listed and len(tables) == 3:
        found += ["## " + rest[3], "略。", "## " + rest[4], "无。"]
    year, month, day = (facts["published"] or "--").split("-")
    return [*found, *filter(None, [facts["authority"], year and f"{year}年{int(month)}月{int(day)}日"])]


def sentence(facts: Facts) -> list[str]:
    """Say one printed number in words, as the prose of a report does; ``prose`` of the facts has the number and its unit."""
    said = "全年主动公开政府信息{}{}。" if facts["form"] == "statistics" else "本年新收政府信息公开申请{}{}。"
    return [said.format(*facts["prose"])] if "prose" in facts else []


def disclosure(facts: Facts) -> Table:
    rows: list[list[Cell]] = []
    for group in FORM[facts["form"]]["disclosure"]:
        printed = [
            [label, *facts["rows"][f"disclosure/{code}"]] for code, label in group["rows"].items() if f"disclosure/{code}" in facts["rows"]
        ]
        if printed:
            heads = [facts.get("heads", {}).get(label, label) for label in group["columns"].values()]
            rows += [[(group["head"], 1, 4)], *(stretched(row) for row in (["信息内容", *heads], *printed))]
    return Table(rows)


def stretched(texts: Sequence[str], width: int = 4) -> list[Cell]:
    """Set a row over the width of the table: its last cell takes what is left."""
    return [*((text, 1, 1) for text in texts[:-1]), (texts[-1], 1, width - len(texts) + 1)]


def applications(facts: Facts) -> Table:
    form = FORM["applications"]
    printed = [(labels, facts["rows"][f"applications/{code}"]) for code, *labels in form["rows"] if f"applications/{code}" in facts["rows"]]
    person, *organisations, total = form["columns"].values()
    head: list[list[Cell]] = [
        [(form["corner"], 3, 3), ("申请人情况", 1, 7)],
        [(person, 2, 1), ("法人或其他组织", 1, 5), (total, 2, 1)],
        [(label, 1, 1) for label in organisations],
    ]
    beside = [labels for labels, _ in printed]
    rows = [[*labelled(beside, i), *((value, 1, 1) for value in values)] for i, (_, values) in enumerate(printed)]
    return Table(head + rows, len(head)) if rows else Table([])


def labelled(beside: Sequence[Sequence[str]], i: int) -> Iterator[Cell]:
    """Yield the labels of row i in their three columns; an outer label is one merged cell beside all its rows."""
    *outer, own = beside[i]
    for depth in range(len(outer)):
        shared = outer[: depth + 1]
        if i == 0 or beside[i - 1][: depth + 1] != shared:
            yield outer[depth], sum(row[: depth + 1] == shared for row in beside), 1
    yield own, 1, 3 - len(outer)


def review(facts: Facts) -> Table:
    items, columns = FORM["review"]["rows"], FORM["review"]["columns"].values()
    if f"review/{next(iter(items))}" not in facts["rows"]:
        return Table([])
    first, *courts = items.values()
    head: list[list[Cell]] = [
        [(first, 1, 5), ("行政诉讼", 1, 10)],
        [*((label, 2, 1) for label in columns), *((court, 1, 5) for court in courts)],
        [(label, 1, 1) for _ in courts for label in columns],
    ]
    return Table([*head, [(value, 1, 1) for code in items for value in facts["rows"][f"review/{code}"]]], len(head))


def indicators(facts: Facts) -> Table:
    return Table([[(text, 1, 1) for text in row] for row in (["指标名称", "单位", *facts["columns"]], *facts["indicators"])], 1)


# The plain page from which the other programs start.

# A TrueType font, and one weight of it, so that a printed page stays small.
FONT = "body { font-family: 'WenQuanYi Micro Hei' } h1, h2, th { font-weight: normal } "
RULED = FONT + "table { border-collapse: collapse } td, th { border: 1px solid; padding: 2px 4px }"
OPEN = FONT + "td, th { border: none; padding: 3px 8px }"
CENTRED = RULED + " td { text-align: center }"
WIDE = "@page { size: A4 landscape } " + RULED
SMALL = "@page { size: A5; margin: 10mm } body { font-size: 10px } tr { break-inside: avoid } " + RULED


def page(facts: Facts, style: str = RULED, thead: bool = False) -> str:
    """Return the report as a page, with the heads of its tables marked where that is asked for."""
    body = "\n".join(markup(piece, thead) if isinstance(piece, Table) else paragraph(piece) for piece in pieces(facts))
    head = f'<meta charset="utf-8"><title>{html.escape(facts["title"])}</title><style>{style}</style>'
    return f'<!DOCTYPE html>\n<html lang="zh"><head>{head}</head>\n<body>\n{body}\n</body></html>\n'


def paragraph(text: str) -> str:
    level = len(text) - len(text.lstrip("#"))
    return f"<h{level}>{html.escape(text.lstrip('# '))}</h{level}>" if level else f"<p>{html.escape(text)}</p>"


def markup(table: Table, thead: bool = False) -> str:
    heads = table.heads if thead else 0
    rows = [f"<tr>{''.join(box('th' if i < heads else 'td', *cell) for cell in row)}</tr>" for i, row in enumerate(table.rows)]
    head = ["<thead>", *rows[:heads], "</thead>"] if heads else []
    return "\n".join(['<table border="1">', *head, "<tbody>", *rows[heads:], "</tbody>", "</table>"])


def box(tag: str, text: str, high: int, wide: int) -> str:
    spans = "".join(f' {name}="{n}"' for name, n in (("rowspan", high), ("colspan", wide)) if n > 1)
    return f"<{tag}{spans}>{html.escape(text)}</{tag}>"


# pandas: every table is read from the page and written again, merged cells repeated, as pandas does both.


def frame(table: Table, thead: bool = False, keep_default_na: bool = False) -> Any:
    """Return a table as pandas reads it; where its head is marked and blanks are missing values, columns are numbers, 0 is 0.0."""
    import pandas as pd

    return pd.read_html(io.StringIO(markup(table, thead)), keep_default_na=keep_default_na)[0]


BARE = {"index": False, "header": False}
numbers = partial(frame, thead=True, keep_default_na=True)


def pandas_html(facts: Facts, read: Callable[[Table], Any] = frame, **options: Any) -> bytes:
    body = "\n".join(read(p).to_html(**options) if isinstance(p, Table) else paragraph(p) for p in pieces(facts))
    return f'<html><head><meta charset="utf-8"></head><body>\n{body}\n</body></html>\n'.encode()


def pandas_text(facts: Facts, method: str, read: Callable[[Table], Any] = frame, encoding: str = "utf-8", **options: Any) -> bytes:
    """Write the tables by one of the methods of pandas that give text, with the prose between them."""
    marked = method == "to_markdown"
    parts = [getattr(read(p), method)(**options) if isinstance(p, Table) else p if marked else p.lstrip("# ") for p in pieces(facts)]
    return ("\n\n".join(part.rstrip("\n") for part in parts) + "\n").encode(encoding)


def pandas_excel(facts: Facts, read: Callable[[Table], Any] = frame, apart: bool = False, **options: Any) -> bytes:
    """Write everything below each other on one sheet, or each table on a sheet of its own."""
    import pandas as pd

    out, row = io.BytesIO(), 0
    with pd.ExcelWriter(out, engine="openpyxl") as writer:
        for n, piece in enumerate(pieces(facts)):
            if isinstance(piece, Table) and apart:
                read(piece).to_excel(writer, sheet_name=f"表{n}", **options)
                continue
            if isinstance(piece, Table):
                read(piece).to_excel(writer, sheet_name="年报", startrow=row, **options)
            else:
                pd.DataFrame([[piece.lstrip("# ")]]).to_excel(writer, sheet_name="年报", startrow=row, **BARE)
            row = writer.sheets["年报"].max_row
    return out.getvalue()


# A browser prints the page, or copies a selection of it.

COPY = """<script>addEventListener("load", () => { getSelection().selectAllChildren(document.body); const text = getSelection().toString();
document.body.innerHTML = "<pre></pre>"; document.querySelector("pre").textContent = text; });</script>"""


def chromium(facts: Facts, style: str = RULED, thead: bool = False) -> bytes:
    """Print the page."""
    with tempfile.TemporaryDirectory() as folder:
        browse(folder, page(facts, style, thead), "--no-pdf-header-footer", f"--print-to-pdf={folder}/page.pdf")
        return (Path(folder) / "page.pdf").read_bytes()


def copied(facts: Facts, thead: bool = False) -> bytes:
    """Select the whole page and copy it as text."""
    with tempfile.TemporaryDirectory() as folder:
        dumped = browse(folder, page(facts, thead=thead).replace("</head>", COPY + "</head>"), "--dump-dom").decode()
    return html.unescape(dumped[dumped.index("<body><pre>") + 11 : dumped.rindex("</pre>")]).encode()


def browse(folder: str, source: str, *options: str) -> bytes:
    (Path(folder) / "page.html").write_text(source, encoding="utf-8")
    command = ["chromium", "--headless", "--no-sandbox", "--disable-gpu", f"--user-data-dir={folder}/profile", *options]
    return subprocess.run([*command, f"{folder}/page.html"], check=True, capture_output=True, timeout=120).stdout


# LibreOffice opens the page in its word processor or its spreadsheet and saves it, in one step or in several.

WRITER, CALC = "HTML (StarWriter)", "HTML (StarCalc)"


def office(facts: Facts, kinds: Sequence[str], opened_by: str = WRITER) -> bytes:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "report.html"
        path.write_text(page(facts), encoding="utf-8")
        for step, kind in enumerate(kinds):
            out = Path(folder) / str(step)
            command = [
                "soffice",
                "--headless",
                f"-env:UserInstallation=file://{folder}/office",
                *([] if step else [f"--infilter={opened_by}"]),
            ]
            subprocess.run([*command, "--convert-to", kind, "--outdir", str(out), str(path)], check=True, capture_output=True, timeout=240)
            path = out / f"report.{kind.partition(':')[0]}"
        return path.read_bytes()


DOCUMENTS: dict[str, Callable[[Facts], bytes]] = {
    "pingtan-2020.pandas.html": pandas_html,  # as it comes: columns and rows numbered
    "shuyang-2025.pandas.html": partial(pandas_html, **BARE),
    "pingtan-2023.pandas-heads.html": partial(pandas_html, read=partial(frame, thead=True), index=False),
    "liwan-ndrc-2020.pandas-numbers.html": partial(pandas_html, read=numbers, index=False),  # 25.0 and NaN
    "pingtan-2016.pandas.html": partial(pandas_html, **BARE),
    "huaian-2024.pandas.md": partial(pandas_text, method="to_markdown", index=False),
    "gaoling-approval-2021.pandas.md": partial(pandas_text, method="to_markdown", index=False),
    "liwan-ndrc-2020.pandas.md": partial(pandas_text, method="to_markdown", index=False, headers=()),
    "pingtan-2014.pandas.txt": partial(pandas_text, method="to_string", **BARE),
    "pingtan-2021.pandas.csv": partial(pandas_text, method="to_csv", encoding="utf-8-sig", **BARE),
    "pingtan-2020.pandas.tsv": partial(pandas_text, method="to_csv", encoding="gb18030", sep="\t", **BARE),
    "hongze-2024.pandas.xlsx": partial(pandas_excel, **BARE),
    "suqian-2023.pandas.xlsx": partial(pandas_excel, read=numbers, apart=True),  # with pandas' own index and heads of three rows
    "jiaxian-xizhen-2022.pandas.xlsx": partial(pandas_excel, **BARE),
    "pingtan-county-2011.pandas.xlsx": partial(pandas_excel, read=partial(frame, thead=True), index=False),
    "pingtan-2019.office.docx": partial(office, kinds=("docx",)),
    "pingtan-2014.office.docx": partial(office, kinds=("docx",)),
    "wuhan-ecology-2020.office.docx": partial(office, kinds=("odt", "docx")),
    "template-2021-blank.office.docx": partial(office, kinds=("docx",)),
    "suqian-2023.office.pdf": partial(office, kinds=("odt", "pdf")),
    "gaoling-approval-2021.office.pdf": partial(office, kinds=("pdf",)),
    "huaian-2024.office.html": partial(office, kinds=("docx", "html")),
    "shuyang-2025.office.txt": partial(office, kinds=("txt:Text (encoded):UTF8",)),
    "pingtan-2020.office.xls": partial(office, opened_by=CALC, kinds=("xls:MS Excel 97",)),
    "qinxian-2019.office.xlsx": partial(office, opened_by=CALC, kinds=("xlsx:Calc MS Excel 2007 XML",)),
    "wuhan-ecology-2020.office.html": partial(office, opened_by=CALC, kinds=("ods", "html")),
    "shuyang-2025.chromium.pdf": partial(chromium, style=WIDE),
    "pingtan-2020.chromium.pdf": chromium,
    "pingtan-2023.chromium-open.pdf": partial(chromium, style=OPEN),
    "liwan-ndrc-2020.chromium.pdf": partial(chromium, style=CENTRED),
    "hongze-2024.chromium-small.pdf": partial(chromium, style=SMALL, thead=True),  # heads repeated on every page
    "pingtan-county-2011.chromium.pdf": chromium,
    "qinxian-2019.copied.txt": copied,
    "pingtan-2021.copied.txt": partial(copied, thead=True),
    "pingtan-2016.copied.txt": copied,
    "jiaxian-xizhen-2022.copied.txt": copied,
    "suijiang-huiyi-2021.copied.txt": copied,
    "guangzhou-beijingjie-2020.copied.txt": copied,
}


def main(names: Sequence[str]) -> None:
    """Make the named documents, or all."""
    for name in names or DOCUMENTS:
        facts = json.loads((HERE / "figures" / f"{name.split('.')[0]}.json").read_text(encoding="utf-8"))
        data = DOCUMENTS[name](facts)
        (HERE / "documents").mkdir(exist_ok=True)
        (HERE / "documents" / name).write_bytes(data)
        print(f"{name}: {len(data):,} bytes")


if __name__ == "__main__":
    main(sys.argv[1:])
