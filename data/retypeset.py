"""Set the figures of published reports again: run once as ``python data/retypeset.py FOLDER``, where FOLDER holds a folder for each report.

Each folder has what a person read in the published document (``truth.json``) and where that stands (``source.txt``). The figures are set
in the official form by ``gongkai.synthetic.writers``; the sentences and the page's own code are not taken over.
"""

import csv
import hashlib
import json
import re
import sys
from pathlib import Path

from gongkai.forms import load_form
from gongkai.synthetic import writers as render

RAW = Path(__file__).parent / "raw"
# Division code, folder, and the layout in which the figures are set.
SAMPLES = (
    *(("350128", f"pingtan-{year}", "html") for year in (2014, 2016, 2019, 2020, 2021, 2022, 2023)),
    ("320813", "hongze-2024", "html"),
    ("321300", "suqian-2023", "txt"),
    ("320800", "huaian-2024", "docx"),
)
COLUMNS = ("path", "division_code", "body", "scope", "year", "source_url", "retrieved_at", "sha256")
NOTE = (
    "【重排 re-typeset】本文件不是原件：数字取自该机关公布的年度报告（{zh}），按官方格式重新排版，未作任何改动；原文文字未转载。",
    "Not the original: the figures are those of the report that the authority published ({en}), set again in the official form and "
    "not changed in any way; the sentences are not reproduced.",
)
LEFT_OUT = "（原文未转载。The text is not reproduced.）"
UNKNOWN = {"zh": "原文网址未知", "en": "address not known"}


def main(folder: Path) -> None:
    """Write every document and its row of the manifest."""
    made = {f"{name}.{extension}" for _, name, extension in SAMPLES}
    rows: list[dict[str, str]] = [row for row in _manifest() if row["path"] not in made]
    for code, name, extension in SAMPLES:
        truth = json.loads((folder / name / "truth.json").read_text(encoding="utf-8"))
        address = _address(folder / name / "source.txt")
        data = document(truth, address, extension)
        path = RAW / f"{name}.{extension}"
        path.write_bytes(data)
        row = dict.fromkeys(COLUMNS, "") | {"path": path.name, "division_code": code, "body": "government", "year": truth["year"]}
        rows.append(row | {"source_url": address, "sha256": hashlib.sha256(data).hexdigest()})
    with (RAW / "manifest.csv").open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, COLUMNS, lineterminator="\n")
        writer.writeheader()
        writer.writerows(sorted(rows, key=lambda r: r["path"]))


def document(truth: dict, address: str, extension: str) -> bytes:
    """Set one report: the official tables or the indicator list, under the title that the authority gave it."""
    is_list = truth["template"] == "statistics"
    form = render.list_form() if is_list else load_form(truth["template"])
    told = [text.format(**({"zh": address, "en": address} if address else UNKNOWN)) for text in NOTE]
    prose = {code: [LEFT_OUT] for code, titles in form.sections if titles not in [t.headings for t in form.tables.values()]}
    day = re.sub(r"(\d+)-0?(\d+)-0?(\d+)", r"\1年\2月\3日", truth["published"] or "")
    signed = tuple(filter(None, (truth["authority"], day)))
    story = render.Story(year=truth["year"], title=truth["title"], prose=prose | {"overview": told}, signed=signed)
    sheets = {"statistics": _list(truth)} if is_list else render.layout(form, _values(truth), _style(truth))
    if extension == "docx":
        return render.to_docx(form, sheets, story)
    text = render.to_html(form, sheets, story) if extension == "html" else render.to_text(form, sheets, story, "pipes")
    return text.encode()


def _values(truth: dict) -> dict[str, float]:
    tables = ("disclosure", "applications", "review")
    return {f"{t}/{item}/{m}": value for t in tables for item, cells in truth[t].items() for m, value in cells.items()}


def _style(truth: dict) -> render.Style:
    """Money as these authorities print it: the form of 2019 has the unit in the cell, that of 2021 in the head."""
    return render.Style(money="元" if truth["template"] == "2019" else "")


def _list(truth: dict) -> render.Sheet:
    rows = ([row["indicator"], row["unit"], *map(str, row["values"])] for row in truth["statistics"])
    return render.list_sheet((f"{truth['year']}年度", "历年累计"), rows)


def _address(source: Path) -> str:
    found = re.search(r"https?://\S+", source.read_text(encoding="utf-8")) if source.exists() else None
    return found[0] if found else ""


def _manifest() -> list[dict[str, str]]:
    with (RAW / "manifest.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


if __name__ == "__main__":
    main(Path(sys.argv[1]))
