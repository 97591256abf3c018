"""One invented year -> a document in one of the layouts in which reports are found, and the truth of what it prints."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from gongkai.core.model import Form
from gongkai.forms.layout import reach
from gongkai.synthetic import writers as render
from gongkai.synthetic.damage_kinds import damage_or_misprint, draw_by_weight
from gongkai.synthetic.damages import Damaged
from gongkai.synthetic.history import Year, settings
from gongkai.synthetic.writers import Box, Sheets

if TYPE_CHECKING:
    import numpy as np


@dataclass(frozen=True, slots=True)
class PrintedReport:
    """A document, the ending of its name, and what stands in it."""

    data: bytes
    extension: str
    truth: Mapping[str, object]


def draw_year(place: str, year: Year, rng: np.random.Generator, plain: bool = False) -> PrintedReport:
    """Print one year in a layout drawn from the mix, some with one damage or one misprint; ``plain``: pages and text, whole.

    Examples
    --------
    >>> import numpy as np
    >>> from gongkai.synthetic.history import history
    >>> *_, year = history(1, 0, 2021)
    >>> made = draw_year("模拟甲乾县", year, np.random.default_rng(1), plain=True)
    >>> made.extension, made.truth["year"], made.truth["template"]
    ('html', 2021, '2021')
    """
    chosen = draw_by_weight(rng, settings()["plain" if plain else "layouts"])
    style = render.Style(money=str(rng.choice(settings()["money"].get(year.form.code, [""]))))
    sheets: Sheets = {"statistics": _list_sheet(year)} if year.listed else render.layout(year.form, year.values, style)
    whole = plain or bool(year.listed)
    return print_year(place, year, rng, chosen, Damaged(sheets) if whole else damage_or_misprint(rng, chosen, year.form, sheets))


def print_year(place: str, year: Year, rng: np.random.Generator, chosen: str, damaged: Damaged) -> PrintedReport:
    """Print the sheets of one year in one layout, each table marked as simulated."""
    story, told = _story(place, year, rng)
    encoding = "gb18030" if rng.random() < settings()["printing"]["gb18030"] else "utf-8"
    data = _to_bytes(chosen, year.form, {code: _with_notice_row(sheet) for code, sheet in damaged.sheets.items()}, story, encoding)
    return PrintedReport(data, chosen if chosen in ("html", "docx", "xlsx") else "txt", told | _truth(year, damaged))


def _list_sheet(year: Year) -> render.Sheet:
    heads = [head.format(year=year.year) for head in settings()["list"]["heads"]]
    return render.list_sheet(heads, ([label, unit, *map(str, numbers)] for label, unit, *numbers in year.listed))


def _with_notice_row(sheet: render.Sheet) -> render.Sheet:
    """Say in the table itself that it is simulated, in a row as wide as the table."""
    return ((Box(settings()["texts"]["caption"], 1, max(reach(sheet))),), *sheet)


def _story(place: str, year: Year, rng: np.random.Generator) -> tuple[render.Story, dict[str, object]]:
    """Return what stands around the tables, and the truth of it."""
    texts = settings()["texts"]
    months, days = int(rng.integers(1, 4)), int(rng.integers(1, 29))
    title, office = texts["title"].format(place=place, year=year.year), texts["office"].format(place=place)
    prose = {"overview": [text.format(year=year.year, received=year.received) for text in texts["overview"]]}
    story = render.Story(place, year.year, title, prose=prose, signed=(office, f"{year.year + 1}年{months}月{days}日"))
    figure = {"what": texts["figure"], "value": year.received, "unit": "件"}
    return story, {
        "title": title, "authority": office, "year": year.year, "published": f"{year.year + 1}-{months:02}-{days:02}",
        "template": year.form.code, "narrative_figures": [figure],
    }  # fmt: skip


def _to_bytes(chosen: str, form: Form, sheets: Sheets, story: render.Story, encoding: str) -> bytes:
    if chosen == "docx":
        return render.to_docx(form, sheets, story)
    if chosen == "xlsx":
        return render.to_xlsx(form, sheets, story)
    page = chosen == "html"
    text = render.to_html(form, sheets, story, encoding) if page else render.to_text(form, sheets, story, chosen)
    return text.encode(encoding)


def _truth(year: Year, damaged: Damaged) -> dict[str, object]:
    """Return the true value of each cell: None if a damage has removed the number, unchanged if it only stands in the wrong place."""
    if year.listed:
        return {"statistics": [{"indicator": label, "unit": unit, "values": numbers} for label, unit, *numbers in year.listed]}
    tables: dict[str, dict[str, dict[str, float | None]]] = {}
    statuses: dict[str, str] = {}
    for path, value in year.values.items():
        table, item, measure = path.split("/")
        text = damaged.truth.get(path, str(value))
        number: float | None = value
        if text is None or (damaged.clean and not text[-1:].isdigit()):
            number = None
            if text is not None:
                statuses[f"{table}.{item}.{measure}"] = "mark" if text else "blank"
        elif damaged.clean and path in damaged.truth:
            number = float(text)
        tables.setdefault(table, {}).setdefault(item, {})[measure] = number
    return {**tables, **({"status": statuses} if statuses else {})}
