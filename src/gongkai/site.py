"""Notebooks -> pages, and the page that lists them: self-contained, without script, asking no other host for anything."""

from __future__ import annotations

import base64
import html
import io
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import Any

from markupsafe import Markup

from gongkai import __version__
from gongkai.findings import LEVELS
from gongkai.report import STATUSES
from gongkai.templates import fill, style
from gongkai.texts import refuse_language, say

FONT = "GongkaiSansSC-Regular.otf"
# The last character that a page takes from the reader's own fonts: quotation marks are wide in Chinese and narrow in English.
LATIN = {"zh": "\u007f", "en": "\u206f"}
FONT_PLACE = "/* font */\n"
_ANSI = re.compile(r"\x1b\[[0-9;?]*[ -/]*[@-~]")


@dataclass(frozen=True, slots=True)
class Output:
    """One thing that a cell shows: ``html``, ``prose``, ``image``, ``text``, ``stderr``, ``error``; an image's ``body`` is its address."""

    kind: str
    body: str
    alt: str = ""
    width: int | None = None


@dataclass(frozen=True, slots=True)
class PageCell:
    """One cell of a notebook as a page shows it."""

    outputs: tuple[Output, ...]
    code: str = ""


@dataclass(frozen=True, slots=True)
class IndexRow:
    """One county of the list."""

    name: str
    code: str
    years: str
    received: str
    levels: tuple[str, ...]
    statuses: tuple[str, ...]
    links: tuple[tuple[str, str], ...]
    failure: str = ""


def study_page(notebook: Mapping[str, Any], title: str, language: str = "zh", links: Sequence[tuple[str, str]] = ()) -> str:
    """Turn an executed notebook into a page.

    Parameters
    ----------
    notebook : mapping
        A notebook of format 4, such as ``nbformat.read`` returns.
    title : str
        The page's title.
    language : {"zh", "en"}
        The language of what the page itself says.
    links : sequence of (str, str)
        Text and target of the links above the page.

    Returns
    -------
    str
        A page with its figures and the characters of its font inside. Prose, code and plain outputs are escaped; the HTML that cells
        put out is taken as it is, since the library that makes it escapes what documents print.

    Examples
    --------
    >>> page = study_page({"cells": [{"cell_type": "markdown", "source": "# 沁县 <script>"}]}, "沁县")
    >>> "<h1>沁县 &lt;script&gt;</h1>" in page, "default-src 'none'" in page
    (True, True)
    """
    refuse_language(language)
    cells = _with_silent_code([page_cell(cell) for cell in notebook["cells"]])
    return _page("study.html.j2", title, language, links, cells=cells, code_word=say("page.code", language))


def index_page(title: str, summary: Sequence[str], rows: Iterable[IndexRow]) -> str:
    """Make the page that lists all counties, in both languages at once."""
    keys = [
        *(f"index.{k}" for k in ("name", "pages", "code", "years", "received")), *(f"level.{k}" for k in LEVELS),
        *(f"status.{k}" for k in STATUSES),
    ]  # fmt: skip
    heads = [(say(key, "zh"), say(key, "en")) for key in keys]
    return _page("index.html.j2", title, "zh", (), summary=summary, heads=heads, rows=list(rows))


def page_cell(cell: Mapping[str, Any]) -> PageCell:
    """Turn one cell of a notebook into what a page shows of it."""
    source = _joined(cell["source"])
    if cell["cell_type"] == "markdown":
        return PageCell((Output("prose", prose(source)),) if source.strip() else ())
    if cell["cell_type"] == "code":
        return PageCell(tuple(_outputs(cell.get("outputs", ()))), source)
    return PageCell((Output("text", source),))


def _with_silent_code(cells: Iterable[PageCell]) -> list[PageCell]:
    """Put the code of cells that show nothing before the code of the next that does."""
    kept: list[PageCell] = []
    waiting: list[str] = []
    for cell in cells:
        if cell.outputs and (cell.code or not waiting):
            kept.append(PageCell(cell.outputs, "\n\n".join([*waiting, cell.code]).strip("\n")))
            waiting = []
        elif cell.outputs:
            kept.append(cell)
        elif cell.code.strip():
            waiting.append(cell.code)
    return [*kept, PageCell((), "\n\n".join(waiting))] if waiting else kept


def prose(source: str) -> Markup:
    """Turn Markdown into HTML; HTML inside it stays text.

    Examples
    --------
    >>> print(prose("**沁县** <b>"))
    <p><strong>沁县</strong> &lt;b&gt;</p>
    """
    return Markup(str(_markdown()(source)).strip())


@cache
def _markdown() -> Any:
    import mistune

    return mistune.create_markdown(escape=True, plugins=["table", "strikethrough"])


def _outputs(outputs: Iterable[Mapping[str, Any]]) -> Iterator[Output]:
    for output in outputs:
        if output["output_type"] == "stream":
            yield Output("stderr" if output["name"] == "stderr" else "text", _plain(output["text"]))
        elif output["output_type"] == "error":
            yield Output("error", _plain("\n".join(output["traceback"]) or f"{output['ename']}: {output['evalue']}"))
        else:
            yield _displayed(output["data"], output.get("metadata", {}))


def _displayed(data: Mapping[str, Any], about: Mapping[str, Any]) -> Output:
    """Choose the richest form of an output that a page without scripts can show."""
    for kind in ("image/png", "image/svg+xml"):
        if kind in data:
            return _image(kind, data, about.get(kind, {}))
    if "text/html" in data:
        return Output("html", Markup(_joined(data["text/html"])))
    if "text/markdown" in data:
        return Output("prose", prose(_joined(data["text/markdown"])))
    return Output("text", _plain(data.get("text/plain", "")))


def _image(kind: str, data: Mapping[str, Any], about: Mapping[str, Any]) -> Output:
    raw = _joined(data[kind])
    packed = "".join(raw.split()) if kind == "image/png" else base64.b64encode(raw.encode()).decode()
    width = about.get("width")
    alt = str(about.get("alt") or _joined(data.get("text/plain", "")))
    return Output("image", f"data:{kind};base64,{packed}", alt, width if isinstance(width, int) else None)


def _joined(text: str | Sequence[str]) -> str:
    return text if isinstance(text, str) else "".join(text)


def _plain(text: str | Sequence[str]) -> str:
    return _ANSI.sub("", _joined(text)).rstrip("\n")


def _page(template: str, title: str, language: str, links: Sequence[tuple[str, str]], **values: Any) -> str:
    """Fill a template, then put into it the characters of the font that it needs: on a machine without Chinese fonts it is read too."""
    css = style("page.css") + FONT_PLACE
    footer = say("page.footer", language, version=__version__)
    page = fill(template, title=title, language=language, links=links, css=Markup(css), footer=footer, **values)
    needed = {c for c in html.unescape(page) if c > LATIN[language]}
    return page.replace(FONT_PLACE, font_face(needed), 1)


def font_face(characters: Iterable[str]) -> str:
    """Return a style rule with the part of the package's font that has these characters."""
    from fontTools import subset  # type: ignore[import-untyped]
    from fontTools.ttLib import TTFont  # type: ignore[import-untyped]

    with resources.as_file(resources.files("gongkai").joinpath("fonts", FONT)) as path:
        font = TTFont(path, recalcTimestamp=False, lazy=True)
        cutter = subset.Subsetter(subset.Options(layout_features=[], hinting=False, notdef_outline=True, desubroutinize=True))
        cutter.populate(unicodes=sorted(map(ord, characters)))
        cutter.subset(font)
        font.flavor = "woff"
        stream = io.BytesIO()
        font.save(stream)
    packed = base64.b64encode(stream.getvalue()).decode()
    return f'@font-face {{ font-family: "Gongkai Sans SC"; src: url(data:font/woff;base64,{packed}) format("woff"); }}\n'
