"""Documents changed at random, in structure and in bytes, each with what it still prints: the same seed, the same changes.

A cell may come to have the number that is now printed under its label, or none; never another number.
``structural`` changes the rows and cells of a report before it is written in some layout, ``textual`` the lines of a written text,
``bytewise`` the bytes of any document; of the packed formats only what a damage may never do is known: to crash or to hang.
"""

from __future__ import annotations

import json
import random
import re
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path

from scoring import CONVERTED
from strategies import Edition
from unseen import UNSEEN, page

from gongkai import read_report
from gongkai.core.text import is_value, plain
from gongkai.forms.layout import Box, Line, Sheet, Sheets, placed
from gongkai.readers.decoding import decode
from gongkai.synthetic import writers as render
from gongkai.synthetic.damages import grown, retyped
from gongkai.synthetic.defaced import drop_merged, repeat_merged
from gongkai.synthetic.history import history

Allowed = dict[str, frozenset[float | None]]
TEXTS = ("tabs", "pipes", "crawled", "spaces", "single", "lines", "run", "boxes")
TEXT_FILES = (".txt", ".md", ".html", ".tsv", ".csv")
LINED = tuple(kind for kind in UNSEEN if not kind.startswith(("torn", "foreign", "second", "cut", "cell")))
# What a writer of the project makes, and what other programs make of a page.
WRITERS = ("html", "docx", "xlsx", "chopped", *TEXTS, *(f"unseen {kind}" for kind in LINED))
NOTES = (
    "— 5 —", "7", "第 5 页 共 9 页", "续表", "注：以上数据不含垂直管理部门，共12项。", "（单位：件）", "见附表2", "合计",
    "附件：1.统计表 2.说明", "2020年1月20日", "打印本页 关闭窗口", "上一篇：无", "来源：县政府办 浏览次数：1204",
)  # fmt: skip
STRANGERS = ("行政检查", "罚没收入", "其他主动公开文件", "重点领域信息", "数据开放申请", "依职权更正", "政务微博", "小计", "其中：涉企")


@dataclass(frozen=True)
class Mutant:
    """A changed document, how it was changed, and what each cell may be read as (nothing is said of the others)."""

    how: str
    data: bytes
    allowed: Mapping[str, Collection[float | None]]


@dataclass(frozen=True)
class Original:
    """A report of the project: its edition, what it prints, and how it is written."""

    name: str
    edition: Edition
    truth: Mapping[str, float | None]
    sheets: Sheets
    writer: str

    def document(self, sheets: Sheets | None = None) -> bytes:
        return write(self.edition, self.sheets if sheets is None else sheets, self.writer)

    @property
    def allowed(self) -> Allowed:
        return {path: frozenset({value, None}) for path, value in self.truth.items()}


def write(edition: Edition, sheets: Sheets, writer: str) -> bytes:
    """Write a report in one of the layouts."""
    form, story = edition.form, render.Story("青石县", edition.years[0])
    if writer in ("docx", "xlsx"):
        return {"docx": render.to_docx, "xlsx": render.to_xlsx}[writer](form, sheets, story)
    if writer.startswith("unseen "):
        table, joiner, _ = UNSEEN[writer.removeprefix("unseen ")]
        return page(form, sheets, story, table, joiner).encode()
    text = render.to_html(form, sheets, story, "utf-8") if writer == "html" else render.to_text(form, sheets, story, writer)
    return text.encode()


@cache
def published() -> tuple[tuple[str, Edition, dict[str, str]], ...]:
    """Return what the published reports print that the project has the figures of, by the path of the cell."""
    found = []
    for path in sorted((CONVERTED / "figures").glob("*.json")):
        facts = json.loads(path.read_text(encoding="utf-8"))
        if facts["form"] == "statistics" or not facts.get("rows"):
            continue
        rows = {row: texts for row, texts in facts["rows"].items() if "#" not in row}
        edition = Edition(facts["form"], facts["form"] == "2021" and "applications/other" in rows)
        fields: dict[str, list[str]] = {}
        for p in edition.fields:
            fields.setdefault(p.rpartition("/")[0], []).append(p)
        texts = {p: t for row, ts in rows.items() if len(fields.get(row, ())) == len(ts) for p, t in zip(fields[row], ts, strict=True)}
        if texts.keys() == edition.fields.keys():
            found.append((path.stem, edition, texts))
    return tuple(found)


def original(chance: random.Random) -> Original:
    """Pick a report, published or simulated, and a way to write it."""
    writer = chance.choice(WRITERS)
    if chance.random() < 0.5:
        name, edition, texts = chance.choice(published())
        values = {p: _number(edition, p, t) for p, t in texts.items()}
    else:
        number, last = chance.randrange(40), chance.choice((2019, 2020, 2021, 2023))
        *_, year = history(3, number, last)
        name, edition, values = f"simulated {number} {last}", Edition(year.form.code), dict(year.values)
    filled = {p: 0 if v is None else v for p, v in values.items()}
    sheets: Sheets = render.layout(edition.form, filled, render.Style(chance.choice(("万元", "元"))))
    blank = {p: "" for p, v in values.items() if v is None}
    sheets = {code: retyped(sheet, blank) for code, sheet in sheets.items()}
    merged = chance.choice((None, None, drop_merged, repeat_merged))
    sheets = merged(sheets).sheets if merged and writer != "chopped" else sheets
    return Original(f"{name}, {writer}{', ' + merged.__name__ if merged else ''}", edition, values, sheets, writer)


def _number(edition: Edition, path: str, text: str) -> float | None:
    """Return a printed figure as a number that the writers can print again."""
    found = re.fullmatch(r"[-+]?\d+(?:\.\d+)?", text)
    if not found:
        return None
    return float(text) if edition.fields[path].unit != "yuan" else round(float(text) * 10_000, 2)


# --- structure


Change = tuple[Sheets, Allowed]


def structural(chance: random.Random, of: Original) -> Mutant:
    """Change the rows and cells of a report once or twice, and write it."""
    sheets, allowed, hows = of.sheets, of.allowed, []
    for code in chance.sample(sorted(sheets), chance.choice((1, 1, 1, 2))):
        how = chance.choice(list(STRUCTURAL))
        sheet, changed = STRUCTURAL[how](chance, sheets[code])
        allowed |= {p: frozenset({*values, None}) for p, values in changed.items()}
        if of.writer in ("xlsx", "spaces") or how == "column_dropped":
            allowed |= {p: allowed[p] | values for p, values in _shown(sheets[code], sheet).items()}
        sheets, hows = {**sheets, code: sheet}, [*hows, f"{how} in {code}"]
    return Mutant(f"{of.name}: {'; '.join(hows)}", of.document(sheets), allowed)


def _shown(before: Sheet, after: Sheet) -> dict[str, set[float | None]]:
    """Say what stands in the place of each cell where the cells behind a lost one move up, and none shows that they did."""
    if len(before) != len(after):
        return {}
    found: dict[str, set[float | None]] = {}
    for old, new in zip(placed(before), placed(after), strict=True):
        at = {x: box for x, box in new}
        found |= {box.path: {_read(replace(at[x], path=box.path))} for x, box in old if box.path and x in at}
    return found


def _valued(sheet: Sheet) -> list[int]:
    return [i for i, line in enumerate(sheet) if any(box.path for box in line)]


def _paths(*lines: Line) -> list[str]:
    return [box.path for line in lines for box in line if box.path]


def _read(box: Box) -> float | None:
    """Return the number that a box prints, in the unit of its cell; where none is printed, money is in the head's."""
    text = plain(box.text).replace(",", "").replace("减少", "-").replace("减 ", "-")
    found = re.fullmatch(r"([-+]?\d+(?:\.\d+)?)(万元|元)?", text)
    if not found:
        return None
    return round(float(found[1]) * (1 if found[2] == "元" or not box.path.endswith("_yuan") else 10_000), 2)


def _truth(*lines: Line) -> dict[str, set[float | None]]:
    return {box.path: {_read(box)} for line in lines for box in line if box.path}


Structural = Callable[[random.Random, Sheet], tuple[Sheet, Mapping[str, Collection[float | None]]]]


def _without(sheet: Sheet, at: int) -> Sheet:
    """Leave a line out; a merged label that began in it begins in the next, where it stands in print."""
    rows = placed(sheet)
    tall = [(x, replace(box, rows=box.rows - 1)) for x, box in rows[at] if box.rows > 1]
    below = [tuple(box for _, box in sorted([*tall, *rows[at + 1]], key=lambda found: found[0]))] if at + 1 < len(sheet) else []
    return (*grown(sheet[:at], at, -1), *below, *sheet[at + 2 :])


def _with(sheet: Sheet, at: int, line: Line) -> Sheet:
    """Put a line in; the merged labels that reach below it reach over it."""
    return (*grown(sheet[:at], at, 1), line, *sheet[at:])


def _own(line: Line) -> Line:
    return tuple(box for box in line if box.rows == 1)


def row_dropped(chance: random.Random, sheet: Sheet) -> tuple[Sheet, dict[str, set[float | None]]]:
    at = chance.choice(_valued(sheet))
    return _without(sheet, at), {p: set() for p in _paths(sheet[at])}


def row_doubled(chance: random.Random, sheet: Sheet) -> tuple[Sheet, dict[str, set[float | None]]]:
    at = chance.choice(_valued(sheet))
    again = _own(sheet[at])
    other = tuple(replace(b, text=str(chance.randrange(300))) if b.path and chance.random() < 0.2 else b for b in again)
    truth = _truth(sheet[at])
    return _with(sheet, at + 1, other), {p: truth[p] | values for p, values in _truth(other).items()}


def rows_swapped(chance: random.Random, sheet: Sheet) -> tuple[Sheet, dict[str, set[float | None]]]:
    a = chance.choice(_valued(sheet))
    alike = [i for i in _valued(sheet) if _measures(sheet[i]) == _measures(sheet[a])]
    b = chance.choice(alike)
    lines = list(sheet)
    lines[a] = (*(x for x in sheet[a] if x.rows > 1), *_own(sheet[b]))
    lines[b] = (*(x for x in sheet[b] if x.rows > 1), *_own(sheet[a]))
    return (tuple(lines) if a != b else sheet), {}


def row_moved(chance: random.Random, sheet: Sheet) -> tuple[Sheet, dict[str, set[float | None]]]:
    a = chance.choice(_valued(sheet))
    alike = [i for i in _valued(sheet) if _measures(sheet[i]) == _measures(sheet[a])]
    line = _own(sheet[a])
    rest = _without(sheet, a)
    return _with(rest, min(chance.choice(alike), len(rest)), line), {}


def _measures(line: Line) -> list[str]:
    return [p.rpartition("/")[2] for p in _paths(line)]


def cell_inserted(chance: random.Random, sheet: Sheet) -> tuple[Sheet, dict[str, set[float | None]]]:
    at = chance.choice(_valued(sheet))
    line = sheet[at]
    places = [k for k, box in enumerate(line) if box.path]
    k = chance.choice([*places, places[-1] + 1])
    numbers = ("0", str(chance.randrange(1, 400)), line[min(k, len(line) - 1)].text)
    whole = all(line[k].text for k in places)  # beside a blank cell that leaves no trace the new number is as good as its own
    text = chance.choice(("", "—", *(numbers if whole else ())))
    return _lined(sheet, at, (*line[:k], Box(text), *line[k:])), {}


def cell_dropped(chance: random.Random, sheet: Sheet) -> tuple[Sheet, dict[str, set[float | None]]]:
    at = chance.choice(_valued(sheet))
    k = chance.choice([k for k, box in enumerate(sheet[at]) if box.path])
    gone = sheet[at][k]
    return _lined(sheet, at, (*sheet[at][:k], *sheet[at][k + 1 :])), {gone.path: set()}


def cell_emptied(chance: random.Random, sheet: Sheet) -> tuple[Sheet, dict[str, set[float | None]]]:
    at = chance.choice(_valued(sheet))
    many = chance.choice((1, 1, 2, 9))
    gone = set(chance.sample(_paths(sheet[at]), min(many, len(_paths(sheet[at])))))
    text = chance.choice(("", "", "—", "/", "无", "NaN"))
    line = tuple(replace(box, text=text) if box.path in gone else box for box in sheet[at])
    return _lined(sheet, at, line), {p: set() for p in gone}


def digits_replaced(chance: random.Random, sheet: Sheet) -> tuple[Sheet, dict[str, set[float | None]]]:
    at = chance.choice(_valued(sheet))
    k = chance.choice([k for k, box in enumerate(sheet[at]) if box.path])
    box = sheet[at][k]
    new = replace(
        box, text=re.sub(r"\d", lambda d: str(chance.randrange(10)), box.text) if chance.random() < 0.5 else str(chance.randrange(2000))
    )
    new = new if not re.match(r"[-+]?0\d", new.text) else replace(new, text="5")
    return _lined(sheet, at, (*sheet[at][:k], new, *sheet[at][k + 1 :])), {box.path: {_read(new)}}


def numbers_exchanged(chance: random.Random, sheet: Sheet) -> tuple[Sheet, dict[str, set[float | None]]]:
    at = chance.choice(_valued(sheet))
    places = [k for k, box in enumerate(sheet[at]) if box.path and not box.path.endswith("_yuan")]
    if len(places) < 2:
        return sheet, {}
    a, b = sorted(chance.sample(places, 2))
    line = list(sheet[at])
    line[a], line[b] = replace(line[a], text=sheet[at][b].text), replace(line[b], text=sheet[at][a].text)
    return _lined(sheet, at, tuple(line)), _truth((line[a], line[b]))


def letters_in_number(chance: random.Random, sheet: Sheet) -> tuple[Sheet, dict[str, set[float | None]]]:
    at = chance.choice(_valued(sheet))
    k = chance.choice([k for k, box in enumerate(sheet[at]) if box.path])
    box = sheet[at][k]
    new = replace(box, text=chance.choice(("O", "l", "1O", "?", "数", "12件9", "1 2", "约", "1.2.3", "(3)", "12/7")))
    return _lined(sheet, at, (*sheet[at][:k], new, *sheet[at][k + 1 :])), _meant(new)


def _meant(box: Box) -> dict[str, set[float | None]]:
    """Say what a reader may make of a number with a space in it, or in brackets."""
    texts = {"1 2": ("12", "1", "2"), "(3)": ("3", "-3")}.get(box.text, ())
    return {box.path: {_read(replace(box, text=text)) for text in texts}}


def cells_glued(chance: random.Random, sheet: Sheet) -> tuple[Sheet, dict[str, set[float | None]]]:
    at = chance.choice(_valued(sheet))
    items = [box.path.rpartition("/")[0] for box in sheet[at]]
    places = [k for k, item in enumerate(items[:-1]) if item and item == items[k + 1]]
    if not places:
        return sheet, {}
    k = chance.choice(places)
    a, b = sheet[at][k : k + 2]
    return _lined(
        sheet, at, (*sheet[at][:k], replace(a, text=a.text + chance.choice(("", " ")) + b.text, path=""), *sheet[at][k + 2 :])
    ), {}


def cell_split(chance: random.Random, sheet: Sheet) -> tuple[Sheet, dict[str, set[float | None]]]:
    whole = [i for i in _valued(sheet) if all(box.text for box in sheet[i])]  # beside a blank one of two parts is as good as a cell
    long = [(i, k) for i in whole for k, box in enumerate(sheet[i]) if box.path and re.fullmatch(r"\d{2,}", box.text)]
    if not long:
        return sheet, {}
    at, k = chance.choice(long)
    box = sheet[at][k]
    cut = chance.randrange(1, len(box.text))
    return _lined(sheet, at, (*sheet[at][:k], Box(box.text[:cut]), Box(box.text[cut:]), *sheet[at][k + 1 :])), {}


def text_between(chance: random.Random, sheet: Sheet) -> tuple[Sheet, dict[str, set[float | None]]]:
    at = chance.choice(_valued(sheet))
    wide = sum(box.columns for box in sheet[0]) if chance.random() < 0.5 else 0
    return _with(sheet, at, (Box(chance.choice(NOTES), 1, wide),)) if wide else _apart(sheet, at, chance.choice(NOTES)), {}


def _apart(sheet: Sheet, at: int, text: str) -> Sheet:
    """Put a paragraph between two lines of a table; merged labels end there."""
    above = tuple(tuple(replace(b, rows=min(b.rows, at - i)) for b in line) for i, line in enumerate(sheet[:at]))
    return (*above, (Box(text, columns=0),), *sheet[at:])


def stranger_between(chance: random.Random, sheet: Sheet) -> tuple[Sheet, dict[str, set[float | None]]]:
    at = chance.choice(_valued(sheet))
    numbers = [Box(chance.choice(("", str(chance.randrange(300)))), 1, b.columns) for b in sheet[at] if b.path]
    labels = [b for b in _own(sheet[at]) if not b.path]
    if not labels:  # under heads alone a second row of numbers is as good as the first
        return sheet, {}
    label = (*labels[:-1], replace(labels[-1], text=chance.choice(STRANGERS))) if labels else ()
    return _with(sheet, at + 1, (*label, *numbers[: chance.choice((len(numbers), len(numbers), 1, 3))])), {}


def label_damaged(chance: random.Random, sheet: Sheet) -> tuple[Sheet, dict[str, set[float | None]]]:
    labels = [(i, k) for i in _valued(sheet) for k, b in enumerate(sheet[i]) if not b.path and b.text]
    if not labels:
        return sheet, {}
    at, k = chance.choice(labels)
    text = sheet[at][k].text
    j = chance.randrange(len(text))
    note = text + "5" * all(b.text for b in sheet[at] if b.path)  # beside a blank cell it is as good as its number
    new = chance.choice(
        (text[:j] + "口" + text[j + 1 :], text[:j], text[j:], "", note, chance.choice(STRANGERS), text[:j] + " " + text[j:])
    )
    line = tuple(replace(b, text=new) if n == k else b for n, b in enumerate(sheet[at]))
    return _lined(sheet, at, line), {}


def _texts(sheet: Sheet, at: int, texts: list[str]) -> Sheet:
    each = iter(texts)
    return _lined(sheet, at, tuple(replace(b, text=next(each)) if b.path else b for b in sheet[at]))


def values_swapped(chance: random.Random, sheet: Sheet) -> tuple[Sheet, dict[str, set[float | None]]]:
    """Exchange the numbers of two rows: what stands under a label now is what the cell is."""
    a = chance.choice(_valued(sheet))
    b = chance.choice([i for i in _valued(sheet) if _measures(sheet[i]) == _measures(sheet[a])])
    texts_a, texts_b = ([x.text for x in sheet[i] if x.path] for i in (a, b))
    new = _texts(_texts(sheet, a, texts_b), b, texts_a)
    return new, _truth(new[a], new[b])


def head_dropped(chance: random.Random, sheet: Sheet) -> tuple[Sheet, dict[str, set[float | None]]]:
    heads = [i for i in range(len(sheet)) if i not in _valued(sheet)]
    if not heads:
        return sheet, {}
    return _without(sheet, chance.choice(heads)), {}


def block_dropped(chance: random.Random, sheet: Sheet) -> tuple[Sheet, dict[str, set[float | None]]]:
    at = chance.choice(_valued(sheet))
    size = chance.randrange(2, 9)
    gone = [line for line in sheet[at : at + size]]
    for _ in gone:
        sheet = _without(sheet, at)
    return sheet, {p: set() for p in _paths(*gone)}


def column_emptied(chance: random.Random, sheet: Sheet) -> tuple[Sheet, dict[str, set[float | None]]]:
    measure = chance.choice(_measures(sheet[chance.choice(_valued(sheet))]))
    gone = {p for p in _paths(*sheet) if p.rpartition("/")[2] == measure}
    return retyped(sheet, dict.fromkeys(gone, "")), {p: set() for p in gone}


def column_dropped(chance: random.Random, sheet: Sheet) -> tuple[Sheet, dict[str, set[float | None]]]:
    """Drop the numbers of a column, not its head."""
    measure = chance.choice(_measures(sheet[chance.choice(_valued(sheet))]))
    gone = {p for p in _paths(*sheet) if p.rpartition("/")[2] == measure}
    return tuple(tuple(b for b in line if b.path not in gone) for line in sheet), {p: set() for p in gone}


def labels_torn(chance: random.Random, sheet: Sheet) -> tuple[Sheet, dict[str, set[float | None]]]:
    """Part some rows: first their labels, then their numbers, each on a line."""
    at = chance.choice(_valued(sheet))
    block = [i for i in range(at, min(at + chance.randrange(2, 6), len(sheet))) if i in _valued(sheet)]
    lines = [sheet[i] for i in block]
    labels = [tuple(replace(b, rows=1) for b in line if not b.path) for line in lines]
    values = [tuple(b for b in line if b.path) for line in lines]
    above = tuple(tuple(replace(b, rows=min(b.rows, at - i)) for b in line) for i, line in enumerate(sheet[:at]))
    return (*above, *filter(None, labels), *values, *sheet[block[-1] + 1 :]), {}


def _lined(sheet: Sheet, at: int, line: Line) -> Sheet:
    return (*sheet[:at], line, *sheet[at + 1 :])


STRUCTURAL: Mapping[str, Structural] = {
    f.__name__: f
    for f in (
        row_dropped, row_doubled, rows_swapped, row_moved, cell_inserted, cell_dropped, cell_emptied, digits_replaced, numbers_exchanged,
        letters_in_number, cells_glued, cell_split, text_between, stranger_between, label_damaged, values_swapped, head_dropped,
        block_dropped, column_emptied, column_dropped, labels_torn,
    )
}  # fmt: skip


# --- lines of a text


def _documents() -> list[Path]:
    """Return the project's own documents that are text."""
    folders = (CONVERTED / "documents", CONVERTED.parents[1] / "data" / "raw")
    return sorted(p for folder in folders for p in folder.iterdir() if p.suffix in TEXT_FILES and p.stem != "manifest")


@cache
def read(path: Path) -> tuple[bytes, Mapping[str, tuple[float | None, str]]]:
    """Return a document and what it says, as it is read and as the floor holds that it is right: each cell's number and its place."""
    data = path.read_bytes()
    return data, placed_values(data)


def placed_values(data: bytes) -> Mapping[str, tuple[float | None, str]]:
    return {r.field.path: (r.value, r.where or "") for r in read_report(data).readings if r.field.table != "statistics"}


def _a_text(chance: random.Random) -> tuple[str, str, Mapping[str, tuple[float | None, str]]]:
    """Pick a text, of the project's own documents or written anew, in which each cell stands alone in its line or with its row."""
    own = [p for p in _documents() if p.suffix in (".txt", ".md", ".tsv")]
    if chance.random() < 0.4:
        path = chance.choice(own)
        data, values = read(path)
        return path.name, decode(data)[0], values
    of = original(chance)
    while of.writer in ("html", "docx", "xlsx", "unseen glued", "unseen spaced"):
        of = original(chance)
    data = of.document()
    return of.name, data.decode(), placed_values(data)


def _line_of(where: str) -> int:
    found = re.match(r"line (\d+)", where)
    return int(found[1]) - 1 if found else -1


def textual(chance: random.Random) -> Mutant:
    """Drop, double, exchange, join, part or add lines of a text."""
    name, text, values = _a_text(chance)
    lines = text.split("\n")
    allowed = {p: frozenset({v, None}) for p, (v, _) in values.items()}
    filled = [i for i, line in enumerate(lines) if line.strip() and len(line) < 500]
    at = chance.choice(filled[len(filled) // 5 :])
    how = chance.choice(("dropped", "doubled", "exchanged", "joined", "parted", "added", "spaced", "ended"))
    gone: set[str] = set()
    if how == "dropped":
        gone = {p for p, (_, where) in values.items() if _line_of(where) == at}
        lines[at : at + 1] = []
    elif how == "doubled":
        lines.insert(at, lines[at])
    elif how == "exchanged":
        other = chance.choice([i for i in filled if abs(i - at) < 12 and _is_alike(lines[i], lines[at])])
        _exchange(values, at, other, lines, allowed)
    elif how == "joined":
        after = next((i for i in filled if i > at), at)
        if after > at:
            lines[at : after + 1] = [lines[at] + " " + lines[after]]
    elif how == "parted":
        spots = [m.start() for m in re.finditer(r"\s|\|", lines[at])]
        k = chance.choice(spots) if spots else len(lines[at])
        lines[at : at + 1] = [lines[at][:k], lines[at][k:]]
    elif how == "added":
        notes = [n for n in NOTES if n != "7" or all(v is not None for v in values.values())]  # under a label alone it would be its own
        lines.insert(at, chance.choice((*notes, *(f"{s} {chance.randrange(300)}" for s in STRANGERS))))
    elif how == "spaced":
        lines[at] = re.sub(r"\s+", chance.choice((" ", "  ", "\t", "\u3000")), lines[at])
    else:
        lines = [line + "\r" for line in lines]
    return Mutant(f"{name}: line {at + 1} {how}", "\n".join(lines).encode(), {p: {None} if p in gone else v for p, v in allowed.items()})


def _is_alike(one: str, other: str) -> bool:
    """Say whether two lines are both rows with a label and numbers, or both a number alone."""
    alone, other_alone = (is_value(line.strip(" |\t")) for line in (one, other))
    rows = [bool(re.search(r"[\u4e00-\u9fff]", line) and re.search(r"\d\s*\|?\s*$", line)) for line in (one, other)]
    return one == other or (alone and other_alone) or all(rows)


def _exchange(
    values: Mapping[str, tuple[float | None, str]], a: int, b: int, lines: list[str], allowed: dict[str, frozenset[float | None]]
) -> None:
    """Exchange two lines; where they are numbers alone, each now stands under the other's label."""
    for p, (_, where) in values.items():
        if _line_of(where) in (a, b):
            moved = {v for v, other in values.values() if _line_of(other) == (b if _line_of(where) == a else a)}
            allowed[p] = allowed[p] | moved if is_value(lines[a].strip(" |\t")) else allowed[p]
    lines[a], lines[b] = lines[b], lines[a]


# --- bytes


# How far a changed byte may move a number: a row of a page has some hundred bytes, and joins another when a tag between them is gone.
_NEAR = 800


def _numbers(text: str) -> set[float]:
    """Return every number of a piece of a page, whether tags part digits or do not."""
    shown = (re.sub(r"<[^<>]*>?", between, plain(text)) for between in (" ", ""))
    return {sign * float(n) for one in shown for n in re.findall(r"\d+(?:\.\d+)?", one) for sign in (1, -1)}


def bytewise(chance: random.Random) -> Mutant:
    """Change bytes of a text or a page, or drop a tag; a number that is hit may come to be any that is near it now."""
    path = chance.choice(_documents())
    data, values = read(path)
    at = chance.randrange(len(data))
    how = chance.choice(("flipped", "dropped", "inserted", "cut", "tag dropped", "block dropped", "block doubled"))
    size = 1
    new = b""
    if how == "flipped":
        new = bytes([data[at] ^ (1 << chance.randrange(8))])
    elif how == "inserted":
        size, new = 0, bytes([chance.choice(b"0159 \t|<>&;\"'\n\x00\xff-.")])
    elif how == "cut":
        size = len(data) - at
    elif how == "tag dropped":
        tags = [m.span() for m in re.finditer(rb"<[^<>]*>", data)]
        at, end = chance.choice(tags) if tags else (at, at)
        size = end - at
    elif how.startswith("block"):
        size = chance.randrange(2, 400)
        new = data[at : at + size] * 2 if "doubled" in how else b""
    made = data[:at] + new + data[at + size :]
    before, after = (b[max(0, at - _NEAR) : at + n + _NEAR].decode("utf-8", "replace") for b, n in ((data, size), (made, len(new))))
    hit, now = _numbers(before), _numbers(after)
    now |= {n * 10_000 for n in now}  # in yuan under a head that says so
    allowed = {p: {v, None} | (now if v is None or {v, (v or 0) / 10_000} & hit else set()) for p, (v, _) in values.items()}
    return Mutant(f"{path.name}: byte {at} {how} ({size})", made, allowed)


def packed(chance: random.Random) -> Mutant:
    """Flip, drop or cut bytes of a packed document, of which nothing is known but that it may not crash nor hang."""
    folders = (CONVERTED / "documents", CONVERTED.parents[1] / "data" / "raw")
    path = chance.choice(sorted(p for folder in folders for p in folder.iterdir() if p.suffix in (".pdf", ".docx", ".xlsx", ".xls")))
    data = bytearray(path.read_bytes())
    for _ in range(chance.choice((1, 3, 20))):
        data[chance.randrange(len(data))] = chance.randrange(256)
    if chance.random() < 0.2:
        del data[chance.randrange(len(data)) :]
    return Mutant(f"{path.name}: bytes", bytes(data), {})
